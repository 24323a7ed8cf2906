"""Holds on many lots at once: what a freeze of a recall scope does, in one transaction."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from engine.services import ServiceContext
from processes.ledger import many
from processes.ledger.genealogy.tables import hold_reach
from processes.ledger.many import among, slices
from processes.ledger.movements import Document
from processes.ledger.refusals import NotInLedger
from processes.ledger.status import SignatureMissing
from processes.ledger.tables import hold, hold_release, lot

_NUMBERS = (
    select(lot.c.lot_id, lot.c.lot_number)
    .where(lot.c.tenant_id == bindparam("tenant_id"))
    .where(among(lot.c.lot_id, "lot_ids"))
)
_OPEN = (
    select(hold.c.hold_id, hold.c.lot_id)
    .outerjoin(
        hold_release,
        (hold_release.c.tenant_id == hold.c.tenant_id) & (hold_release.c.hold_id == hold.c.hold_id),
    )
    .where(hold.c.tenant_id == bindparam("tenant_id"))
    .where(hold.c.document_kind == bindparam("document_kind"))
    .where(hold.c.document_id == bindparam("document_id"))
    .where(among(hold.c.lot_id, "lot_ids"))
    .where(hold_release.c.hold_id.is_(None))
)


def place_many(
    context: ServiceContext,
    lot_ids: Sequence[UUID],
    *,
    kind: str = "HOLD",
    reason: str,
    owner_role: str,
    document: Document,
    with_descendants: bool = False,
) -> list[UUID]:
    """Put a hold on each of these lots; give the holds' ids in the order of the lots.

    A lot named twice is held once. `with_descendants` flags the holds: what the lots went into, and
    what they will go into, may then be neither used nor shipped (INV-13).
    """
    unique = list(dict.fromkeys(lot_ids))
    numbers = _numbers(context.db, context.tenant_id, unique)
    for lot_id in unique:
        if lot_id not in numbers:
            raise NotInLedger("lot", "批次", lot_id)
    if not unique:
        return []
    common = {
        "tenant_id": context.tenant_id,
        "serial_unit_id": None,
        "kind": kind,
        "reason": reason,
        "owner_role": owner_role,
        "document_kind": document.kind,
        "document_id": document.id,
        "actor": context.actor.username,
        "placed_at": context.now,
    }
    made = {lot_id: context.new_id() for lot_id in unique}
    rows = [{**common, "hold_id": hold_id, "lot_id": lot_id} for lot_id, hold_id in made.items()]
    many.add(context.db, hold, rows)
    if with_descendants:
        key = {"tenant_id": context.tenant_id}
        many.add(context.db, hold_reach, [{**key, "hold_id": hold_id} for hold_id in made.values()])
    context.record(
        {
            "event": "lots.held",
            "kind": kind,
            "reason": reason,
            "owner": owner_role,
            "document": f"{document.kind} {document.id}",
            "with_descendants": with_descendants,
            "lots": [numbers[lot_id] for lot_id in unique],
        }
    )
    return list(made.values())


def place_on_units(
    context: ServiceContext,
    units: Mapping[UUID, Mapping[UUID, str]],
    *,
    kind: str = "HOLD",
    reason: str,
    owner_role: str,
    document: Document,
) -> list[UUID]:
    """Put a hold on each of these units, given by lot with their serial numbers; give its ids.

    The rest of the lot goes on being used. What a unit went into is held by itself: from a held
    unit nothing more is made.
    """
    if not units:
        return []
    numbers = _numbers(context.db, context.tenant_id, list(units))
    common = {
        "tenant_id": context.tenant_id,
        "kind": kind,
        "reason": reason,
        "owner_role": owner_role,
        "document_kind": document.kind,
        "document_id": document.id,
        "actor": context.actor.username,
        "placed_at": context.now,
    }
    made = {unit_id: context.new_id() for some in units.values() for unit_id in some}
    rows = [
        {**common, "hold_id": made[unit_id], "lot_id": lot_id, "serial_unit_id": unit_id}
        for lot_id, some in units.items()
        for unit_id in some
    ]
    many.add(context.db, hold, rows)
    context.record(
        {
            "event": "units.held",
            "kind": kind,
            "reason": reason,
            "owner": owner_role,
            "document": f"{document.kind} {document.id}",
            "units": {numbers[lot_id]: list(some.values()) for lot_id, some in units.items()},
        }
    )
    return list(made.values())


def release_many(
    context: ServiceContext, lot_ids: Sequence[UUID], *, document: Document, reason: str
) -> int:
    """Release the holds that a document placed on these lots, signed in this command.

    Gives how many were released; holds of other documents stay.
    """
    if "REL" not in context.signatures:
        raise SignatureMissing(["REL"])
    unique = list(dict.fromkeys(lot_ids))
    named = {"document_kind": document.kind, "document_id": document.id}
    found = [
        (hold_id, lot_id)
        for some in slices(unique)
        for hold_id, lot_id in context.db.execute(
            _OPEN, {"tenant_id": context.tenant_id, "lot_ids": some, **named}
        )
    ]
    if not found:
        return 0
    common = {
        "tenant_id": context.tenant_id,
        "reason": reason,
        "signature_meaning": "REL",
        "actor": context.actor.username,
        "released_at": context.now,
    }
    many.add(context.db, hold_release, [{**common, "hold_id": hold_id} for hold_id, _ in found])
    released = list(dict.fromkeys(lot_id for _, lot_id in found))
    numbers = _numbers(context.db, context.tenant_id, released)
    context.record(
        {
            "event": "lots.hold_released",
            "document": f"{document.kind} {document.id}",
            "reason": reason,
            "lots": [numbers[lot_id] for lot_id in released],
        }
    )
    return len(found)


def _numbers(db: Connection, tenant_id: str, lot_ids: Sequence[UUID]) -> dict[UUID, str]:
    return {
        lot_id: number
        for some in slices(lot_ids)
        for lot_id, number in db.execute(_NUMBERS, {"tenant_id": tenant_id, "lot_ids": some})
    }
