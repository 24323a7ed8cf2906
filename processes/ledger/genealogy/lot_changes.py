"""Lots that become other lots: split, merge, rework, repack, relabel.

The stock leaves one lot and enters a new one by two movements of the same type, with an edge
between them. What was open against the old lot stays open against the new one: a split washes
nothing off. Units with serial numbers keep the lot that they were made in; they are told apart by
their serial number and need no split.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select

from engine.services import ServiceContext
from processes.ledger import items, lots, movements, own_lots, ownership, site_days, status
from processes.ledger.balances import Place
from processes.ledger.genealogy import edges
from processes.ledger.genealogy.edges import Edge
from processes.ledger.genealogy.tables import genealogy_edge
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement
from processes.ledger.own_lots import OwnLot
from processes.ledger.parts import NUMBER_LENGTH
from processes.ledger.refusals import LedgerRefusal, listed

_MOVED_AS = {
    "split": "SPLIT",
    "merge": "MERGE",
    "rework": "SPLIT",
    "repack": "REPACK",
    "relabel": "RELABEL",
}
_SUFFIX = {"split": "S", "rework": "R", "repack": "P", "relabel": "B"}
_CHILDREN = (
    select(func.count(func.distinct(genealogy_edge.c.to_lot_id)))
    .where(genealogy_edge.c.tenant_id == bindparam("tenant_id"))
    .where(genealogy_edge.c.from_lot_id == bindparam("lot_id"))
    .where(genealogy_edge.c.kind == bindparam("kind"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of a lot at a place; `quantity` is a stored integer."""

    lot_id: UUID
    place: Place
    quantity: int


class LotsDiffer(LedgerRefusal):
    """Only what is the same goods becomes one lot."""

    def __init__(self, found: Sequence[str]) -> None:
        super().__init__(
            f"{listed(found)} are not the same item at the same revision. Keep them apart.",
            f"{listed(found)} 并非同一物料同一版本，不能合并，请分开存放。",
            found=listed(found),
        )


class OwnersDiffer(LedgerRefusal):
    """Goods of different owners are not put together."""

    def __init__(self, found: Sequence[str]) -> None:
        super().__init__(
            f"{listed(found)} belong to different owners. Keep them apart, or take "
            "them over first.",
            f"{listed(found)} 归属不同货主，不能合并，请分开存放或先办理买断。",
            found=listed(found),
        )


class SerialsStay(LedgerRefusal):
    """A unit belongs to the lot that it was made in, for ever (INV-05)."""

    def __init__(self, lot_number: str) -> None:
        super().__init__(
            f"Lot {lot_number} has serial numbers: its units are told apart already. "
            "Name the units instead of splitting the lot.",
            f"批次 {lot_number} 按序列号管理，各件已可区分，请直接指定序列号，无须拆批。",
            found=lot_number,
        )


def split(
    context: ServiceContext,
    part: Part,
    *,
    reason: str,
    document: Document,
    kind: str = "split",
    lasts_until: date | None = None,
) -> Lot:
    """Make some of a lot a lot of its own, at the same place and in the same status.

    `lasts_until` shortens the life of what was opened; it never makes it longer.
    """
    return _derive(
        context,
        part,
        kind,
        part.place,
        reason=reason,
        document=document,
        lasts_until=lasts_until,
    )


def rework(
    context: ServiceContext, part: Part, *, to: Place, reason: str, document: Document
) -> Lot:
    """Make what was reworked a lot of its own in quarantine, to be inspected anew."""
    status.require_transition(context, part.place.status, to.status)
    return _derive(context, part, "rework", to, reason=reason, document=document)


def relabel(
    context: ServiceContext,
    part: Part,
    *,
    item_number: str,
    to: Place,
    reason: str,
    document: Document,
) -> Lot:
    """Make some of a lot a lot of another item: the same goods labelled for another market."""
    found = items.by_number(context.db, context.tenant_id, item_number)
    items.require_released(found)
    today = site_days.today_at(context, to.location_id)
    old = lots.find(context.db, context.tenant_id, part.lot_id)
    revision = items.effective_revision(
        context.db, context.tenant_id, found, today, lot_number=old.supplier_lot or old.number
    )
    if found.unit_code != old.unit.code or found.has_serials:
        raise LotsDiffer([old.item_number, found.number])
    return _derive(
        context,
        part,
        "relabel",
        to,
        reason=reason,
        document=document,
        item=(found.item_id, revision),
    )


def relabel_units(
    context: ServiceContext,
    part: Part,
    serial_numbers: Sequence[str],
    *,
    item_number: str,
    to: Place,
    reason: str,
    document: Document,
) -> Lot:
    """Make units of a lot units of another item, for another market: new DI, same serial numbers.

    Each new unit has an edge from the one that it was, whose identity is kept for ever.
    """
    db, tenant_id = context.db, context.tenant_id
    old = lots.find(db, tenant_id, part.lot_id)
    found = items.by_number(db, tenant_id, item_number)
    items.require_released(found)
    if found.unit_code != old.unit.code or not found.has_serials or not old.has_serials:
        raise LotsDiffer([old.item_number, found.number])
    if len(serial_numbers) * 10**old.unit.decimals != part.quantity:
        raise movements.SerialRequired(old.number)
    before = [lots.unit_of(db, tenant_id, old, number) for number in serial_numbers]
    made = own_lots.create(
        context,
        OwnLot(
            item_id=found.item_id,
            item_revision=items.effective_revision(
                db,
                tenant_id,
                found,
                site_days.today_at(context, to.location_id),
                lot_number=old.supplier_lot or old.number,
                serials=serial_numbers,
            ),
            origin="split",
            number=_number(db, tenant_id, old, "relabel"),
            manufacturer=old.manufacturer,
            produced_on=old.produced_on,
            expiry=old.expiry,
            expiry_precision=old.expiry_precision,
            owner_id=_owner_after(context, old, "relabel"),
        ),
    )
    after = lots.register_serials(context, made, serial_numbers)
    out = Movement(
        movement_type="RELABEL",
        lot_id=old.lot_id,
        quantity=part.quantity,
        document=document,
        source=part.place,
        outcome="CONSUMED",
        reason=reason,
    )
    into = replace(out, lot_id=made.lot_id, source=None, target=to, outcome=None)
    booked = movements.post_serials(context, out, before)
    for movement_id, unit in zip(booked, after.values(), strict=True):
        there = _still_theirs(context, movement_id, made)
        movements.post_serials(context, replace(into, consigned=there), [unit])
    for movement_id, one, other in zip(booked, before, after.values(), strict=True):
        edges.add(
            context,
            Edge(
                kind="relabel",
                from_lot_id=old.lot_id,
                to_lot_id=made.lot_id,
                quantity=10**old.unit.decimals,
                unit_code=old.unit.code,
                document=document,
                from_serial_id=one,
                to_serial_id=other,
                movement_id=movement_id,
            ),
        )
    _keep_holds(context, old, made)
    return made


def merge(
    context: ServiceContext, parts: Sequence[Part], *, to: Place, reason: str, document: Document
) -> Lot:
    """Make one lot of some; it expires with the first of them and is held with any of them."""
    old = [lots.find(context.db, context.tenant_id, part.lot_id) for part in parts]
    kinds = {(each.item_id, each.item_revision) for each in old}
    numbers = [each.number for each in old]
    statuses = {part.place.status for part in parts}
    if len(kinds) != 1 or len(set(numbers)) < 2 or statuses != {to.status}:
        raise LotsDiffer(numbers)
    if len({each.owner_id for each in old}) != 1:
        raise OwnersDiffer(numbers)
    _require_no_serials(old[0])
    first = min(old, key=lambda each: each.expiry or date.max)
    made = own_lots.create(
        context,
        OwnLot(
            item_id=first.item_id,
            item_revision=first.item_revision,
            origin="merge",
            manufacturer=first.manufacturer,
            expiry=first.expiry,
            expiry_precision=first.expiry_precision,
            owner_id=first.owner_id,
        ),
    )
    for part, each in zip(parts, old, strict=True):
        _transfer(context, part, each, made, to, "merge", reason, document)
    for each in {lot.lot_id: lot for lot in old}.values():
        _keep_holds(context, each, made)
    return made


def _derive(
    context: ServiceContext,
    part: Part,
    kind: str,
    to: Place,
    *,
    reason: str,
    document: Document,
    item: tuple[UUID, str] | None = None,
    lasts_until: date | None = None,
) -> Lot:
    old = lots.find(context.db, context.tenant_id, part.lot_id)
    _require_no_serials(old)
    shorter = lasts_until is not None and lasts_until < (old.expiry or date.max)
    item_id, revision = item or (old.item_id, old.item_revision)
    made = own_lots.create(
        context,
        OwnLot(
            item_id=item_id,
            item_revision=revision,
            origin="rework" if kind == "rework" else "split",
            number=_number(context.db, context.tenant_id, old, kind),
            supplier_lot_raw=old.supplier_lot_raw,
            supplier_lot=old.supplier_lot,
            manufacturer=old.manufacturer,
            produced_on=old.produced_on,
            expiry=lasts_until if shorter else old.expiry,
            expiry_precision="day" if shorter else old.expiry_precision,
            owner_id=_owner_after(context, old, kind),
        ),
    )
    _transfer(context, part, old, made, to, kind, reason, document)
    _keep_holds(context, old, made)
    return made


def _transfer(
    context: ServiceContext,
    part: Part,
    old: Lot,
    made: Lot,
    to: Place,
    kind: str,
    reason: str,
    document: Document,
) -> None:
    movement_type = _MOVED_AS[kind]
    out = Movement(
        movement_type=movement_type,
        lot_id=old.lot_id,
        quantity=part.quantity,
        document=document,
        source=part.place,
        outcome="CONSUMED",
        reason=reason,
    )
    into = Movement(
        movement_type=movement_type,
        lot_id=made.lot_id,
        quantity=part.quantity,
        document=document,
        target=to,
        reason=reason,
    )
    movement_id = movements.post(context, out)
    movements.post(context, replace(into, consigned=_still_theirs(context, movement_id, made)))
    edges.add(
        context,
        Edge(
            kind=kind,
            from_lot_id=old.lot_id,
            to_lot_id=made.lot_id,
            quantity=part.quantity,
            unit_code=old.unit.code,
            document=document,
            movement_id=movement_id,
        ),
    )


def _owner_after(context: ServiceContext, old: Lot, kind: str) -> UUID | None:
    """Give whose the new lot is: the old one's, unless it becomes another item by our doing."""
    if old.owner_id is None or kind != "relabel":
        return old.owner_id
    owner = ownership.find(context.db, context.tenant_id, old.owner_id)
    return None if owner.kind == "supplier" else old.owner_id


def _still_theirs(context: ServiceContext, movement_id: UUID, made: Lot) -> int | None:
    """Give how much of what left the old lot was still its owner's: so much of the new one is."""
    if made.owner_id is None:
        return None
    row = movements.find(context.db, context.tenant_id, movement_id)
    return int(row.from_consigned)


def _keep_holds(context: ServiceContext, old: Lot, made: Lot) -> None:
    """Place what is open against the old lot on the new one too."""
    for held in status.open_holds(context.db, context.tenant_id, old.lot_id):
        kind, _, number = held.document.partition(" ")
        status.place_hold(
            context,
            made,
            kind=held.kind,
            reason=held.reason,
            owner_role=held.owner_role,
            document_kind=kind,
            document_id=number,
        )


def _number(db: Connection, tenant_id: str, old: Lot, kind: str) -> str | None:
    """Give the old number with a suffix, L-2026-00042-S1; the next own number when too long."""
    key = {"tenant_id": tenant_id, "lot_id": old.lot_id, "kind": kind}
    count = db.execute(_CHILDREN, key).scalar_one()
    number = f"{old.number}-{_SUFFIX[kind]}{count + 1}"
    return number if len(number) <= NUMBER_LENGTH else None


def _require_no_serials(old: Lot) -> None:
    if old.has_serials:
        raise SerialsStay(old.number)
