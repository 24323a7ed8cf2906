"""Change the status of stock where it lies: a movement of type STAT, allowed by the matrix."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select

from engine.services import ServiceContext
from processes.ledger import movements, status
from processes.ledger.balances import Place
from processes.ledger.changes import first_articles
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement, SerialRequired
from processes.ledger.nonconformity import nonconformities
from processes.ledger.tables import serial_position, serial_unit

_RELEASED = ("RELEASED", "RELEASED_CONDITIONAL")
_SERIALS = (
    select(serial_unit.c.serial_unit_id)
    .join(
        serial_position,
        (serial_position.c.tenant_id == serial_unit.c.tenant_id)
        & (serial_position.c.serial_unit_id == serial_unit.c.serial_unit_id),
    )
    .where(serial_unit.c.tenant_id == bindparam("tenant_id"))
    .where(serial_unit.c.lot_id == bindparam("lot_id"))
    .where(serial_position.c.location_id == bindparam("location_id"))
    .where(serial_position.c.status == bindparam("status"))
    .order_by(serial_unit.c.serial_number)
)


def change(
    context: ServiceContext,
    lot: Lot,
    place: Place,
    new_status: str,
    quantity: int,
    *,
    reason: str,
    document: Document,
    serial_unit_ids: Sequence[UUID] | None = None,
) -> None:
    """Give some of a lot at a place another status, with reason and, where asked, signature.

    A lot with serial numbers changes unit by unit: the units named, or all of them when `quantity`
    is all that lies there. Nothing is released while a nonconformity affects the lot (INV-11), and
    nothing of a new revision before its first article has passed (CHG-62).
    """
    if new_status in _RELEASED:
        nonconformities.require_none_open(context.db, context.tenant_id, lot.lot_id, lot.number)
        if place.status == "QUARANTINE":
            first_articles.require_passed(context.db, context.tenant_id, lot)
    meaning = status.require_transition(context, place.status, new_status)
    movement = Movement(
        movement_type="STAT",
        lot_id=lot.lot_id,
        quantity=quantity,
        document=document,
        source=place,
        target=Place(place.location_id, new_status),
        reason=reason,
        signature_meaning=meaning,
    )
    if not lot.has_serials:
        movements.post(context, movement)
        return
    units = serial_unit_ids or serials_at(context, lot, place)
    if len(units) * 10**lot.unit.decimals != quantity:
        raise SerialRequired(lot.number)
    movements.post_serials(context, movement, units)


def serials_at(context: ServiceContext, lot: Lot, place: Place) -> list[UUID]:
    """List the units of a lot that lie at a place."""
    key = {
        "tenant_id": context.tenant_id,
        "lot_id": lot.lot_id,
        "location_id": place.location_id,
        "status": place.status,
    }
    return list(context.db.execute(_SERIALS, key).scalars())
