"""Move some of a lot, wherever it lies in a status: what every disposition is made of.

A disposition names a lot and a quantity, not shelves: the quantity is taken from the places where
it lies in the status that the movement starts from, in the order of their codes. Units with serial
numbers are named and taken one by one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select

from engine.services import ServiceContext
from processes.ledger import balances, locations, movements, status, words
from processes.ledger.balances import InsufficientStock, Place
from processes.ledger.locations import StatusDoesNotFit
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement, SerialRequired
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.tables import location, serial_position, serial_unit

_UNITS = (
    select(
        serial_unit.c.serial_unit_id,
        serial_unit.c.serial_number,
        serial_position.c.location_id,
        location.c.code,
    )
    .join(
        serial_position,
        (serial_position.c.tenant_id == serial_unit.c.tenant_id)
        & (serial_position.c.serial_unit_id == serial_unit.c.serial_unit_id),
    )
    .join(
        location,
        (location.c.tenant_id == serial_unit.c.tenant_id)
        & (location.c.location_id == serial_position.c.location_id),
    )
    .where(serial_unit.c.tenant_id == bindparam("tenant_id"))
    .where(serial_unit.c.lot_id == bindparam("lot_id"))
    .where(serial_position.c.status == bindparam("status"))
    .order_by(location.c.code, serial_unit.c.serial_number)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """Some of a lot, with the units where it has serial numbers; `quantity` as stored."""

    lot: Lot
    quantity: int
    serials: Sequence[str] = ()


class NowhereToLie(LedgerRefusal):
    """Stock of a status lies only where that status is allowed."""

    def __init__(self, code: str, new_status: str) -> None:
        stock = words.said("status", new_status)
        super().__init__(
            f"Stock that is {stock.en} may not lie at {code}. Name the place that it is taken to.",
            f"{code} 不允许存放状态为“{stock.zh}”的库存，请指定移至的货位。",
            expected=new_status,
            found=code,
        )


def lying(context: ServiceContext, portion: Portion, in_status: str) -> Iterator[tuple[Place, int]]:
    """Give where a portion is taken from, place by place; refused when there is less."""
    found = balances.of_lot(context.db, context.tenant_id, portion.lot.lot_id)
    left = portion.quantity
    for each in found:
        if each.status == in_status and left > 0:
            taken = min(left, each.quantity)
            left -= taken
            yield Place(each.location_id, in_status), taken
    if left > 0:
        there = sum(each.quantity for each in found if each.status == in_status)
        raise InsufficientStock(
            portion.lot.number, in_status, portion.quantity, there, portion.lot.unit
        )


def leave(
    context: ServiceContext,
    portion: Portion,
    *,
    movement_type: str,
    in_status: str,
    outcome: str,
    reason: str,
    document: Document,
    meaning: str | None = None,
) -> None:
    """Book a portion out of the stock: scrapped, returned to the supplier."""
    for place, quantity, units in _portions(context, portion, in_status):
        movement = Movement(
            movement_type=movement_type,
            lot_id=portion.lot.lot_id,
            quantity=quantity,
            document=document,
            source=place,
            outcome=outcome,
            reason=reason,
            signature_meaning=meaning,
        )
        _post(context, movement, portion.lot, units)


def restate(
    context: ServiceContext,
    portion: Portion,
    old: str,
    new: str,
    *,
    reason: str,
    document: Document,
    location_id: UUID | None = None,
    always_moved: bool = False,
) -> None:
    """Give a portion another status, along the matrix and with its signature (INV-17).

    It stays where it lies when the new status may lie there, unless it is `always_moved`; else it
    goes to `location_id`.
    """
    meaning = status.require_transition(context, old, new)
    for place, quantity, units in _portions(context, portion, old):
        movement = Movement(
            movement_type="STAT",
            lot_id=portion.lot.lot_id,
            quantity=quantity,
            document=document,
            source=place,
            target=Place(
                location_id
                if always_moved and location_id is not None
                else _where(context, place, new, location_id),
                new,
            ),
            reason=reason,
            signature_meaning=meaning,
        )
        _post(context, movement, portion.lot, units)


def transfer(
    context: ServiceContext,
    portion: Portion,
    source: Place,
    location_id: UUID,
    *,
    document: Document,
    meaning: str | None = None,
) -> None:
    """Move a portion that lies at one place to another, its status unchanged (XFR)."""
    for place, quantity, units in _portions(context, portion, source.status):
        if place == source:
            movement = Movement(
                movement_type="XFR",
                lot_id=portion.lot.lot_id,
                quantity=quantity,
                document=document,
                source=place,
                target=Place(location_id, source.status),
                signature_meaning=meaning,
            )
            _post(context, movement, portion.lot, units)


def retain(
    context: ServiceContext,
    portion: Portion,
    *,
    location_id: UUID,
    reason: str,
    document: Document,
) -> None:
    """Keep a portion as a retained sample: it never becomes usable stock again."""
    for place, quantity, units in _portions(context, portion, "REJECTED"):
        movement = Movement(
            movement_type="RETAIN",
            lot_id=portion.lot.lot_id,
            quantity=quantity,
            document=document,
            source=place,
            target=Place(location_id, "SAMPLE"),
            reason=reason,
        )
        _post(context, movement, portion.lot, units)


def _where(
    context: ServiceContext, place: Place, new_status: str, location_id: UUID | None
) -> UUID:
    db, tenant_id = context.db, context.tenant_id
    here = locations.find(db, tenant_id, place.location_id)
    try:
        locations.require_status(db, tenant_id, here, new_status)
    except StatusDoesNotFit:
        if location_id is None:
            raise NowhereToLie(here.code, new_status) from None
        return location_id
    return here.location_id


def _portions(
    context: ServiceContext, portion: Portion, in_status: str
) -> Iterator[tuple[Place, int, list[UUID]]]:
    if not portion.lot.has_serials:
        for place, quantity in lying(context, portion, in_status):
            yield place, quantity, []
        return
    one = 10**portion.lot.unit.decimals
    key = {
        "tenant_id": context.tenant_id,
        "lot_id": portion.lot.lot_id,
        "status": in_status,
    }
    there = context.db.execute(_UNITS, key).all()
    named = set(portion.serials)
    chosen = [row for row in there if not named or row.serial_number in named]
    if len(chosen) * one != portion.quantity or (named and len(named) != len(chosen)):
        raise SerialRequired(portion.lot.number)
    by_place: dict[UUID, list[UUID]] = {}
    for row in chosen:
        by_place.setdefault(row.location_id, []).append(row.serial_unit_id)
    for location_id, units in by_place.items():
        yield Place(location_id, in_status), len(units) * one, units


def _post(context: ServiceContext, movement: Movement, moved: Lot, units: Sequence[UUID]) -> None:
    if moved.has_serials:
        movements.post_serials(context, movement, units)
    else:
        movements.post(context, movement)
