"""What a field action reaches, and its freeze: traced, held and written down in one action.

A mock recall traces and writes down alike, and holds nothing: goods of good standing go on being
shipped while the exercise measures how fast the trace is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, insert, select

from engine.services import ServiceContext
from processes.ledger import holds, locations, lots, many
from processes.ledger.columns import AnyRow, rows_of
from processes.ledger.distribution import consignees, deliveries
from processes.ledger.distribution.containers import InReach
from processes.ledger.distribution.tables import shipment_line
from processes.ledger.field_actions import actions
from processes.ledger.field_actions.actions import FieldAction
from processes.ledger.field_actions.tables import (
    field_action_consignee,
    field_action_extension,
    field_action_line,
    field_action_lot,
    field_action_unit,
)
from processes.ledger.genealogy import scope as genealogy
from processes.ledger.genealogy import units
from processes.ledger.genealogy.scope import Scope, ShippedLine, StockPosition
from processes.ledger.genealogy.units import LyingUnits, Units
from processes.ledger.lots import Lot
from processes.ledger.many import among, slices
from processes.ledger.movements import Document
from processes.ledger.production.tables import work_order
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.tables import inspection_lot, item, lot, unit_of_measure

_EXTENSIONS = rows_of(field_action_extension, "field_action_id", "extension")
_LOTS = (
    select(
        field_action_lot,
        item.c.name_en,
        item.c.name_zh,
        item.c.model,
        lot.c.produced_on,
        lot.c.expiry,
        unit_of_measure.c.unit_code,
        unit_of_measure.c.decimals,
    )
    .join(
        lot,
        (lot.c.tenant_id == field_action_lot.c.tenant_id)
        & (lot.c.lot_id == field_action_lot.c.lot_id),
    )
    .join(item, (item.c.tenant_id == lot.c.tenant_id) & (item.c.item_id == lot.c.item_id))
    .join(
        unit_of_measure,
        (unit_of_measure.c.tenant_id == item.c.tenant_id)
        & (unit_of_measure.c.unit_code == item.c.unit_code),
    )
    .where(field_action_lot.c.tenant_id == bindparam("tenant_id"))
    .where(field_action_lot.c.field_action_id == bindparam("field_action_id"))
    .order_by(field_action_lot.c.depth, field_action_lot.c.lot_number)
)
_UNITS = rows_of(field_action_unit, "field_action_id", "serial_number")
_CONSIGNEES = rows_of(field_action_consignee, "field_action_id", "consignee_number")
_LINES = (
    select(field_action_line, field_action_lot.c.lot_number, field_action_lot.c.item_number)
    .join(
        field_action_lot,
        (field_action_lot.c.tenant_id == field_action_line.c.tenant_id)
        & (field_action_lot.c.field_action_id == field_action_line.c.field_action_id)
        & (field_action_lot.c.lot_id == field_action_line.c.lot_id),
    )
    .where(field_action_line.c.tenant_id == bindparam("tenant_id"))
    .where(field_action_line.c.field_action_id == bindparam("field_action_id"))
    .order_by(
        field_action_lot.c.lot_number,
        field_action_line.c.delivered_at,
        field_action_line.c.line_id,
    )
)
_UDI = (
    select(shipment_line.c.shipment_line_id, shipment_line.c.udi, shipment_line.c.serial_number)
    .where(shipment_line.c.tenant_id == bindparam("tenant_id"))
    .where(among(shipment_line.c.shipment_line_id, "line_ids"))
)
_UNDER_INSPECTION = (
    select(inspection_lot.c.lot_id)
    .where(inspection_lot.c.tenant_id == bindparam("tenant_id"))
    .where(inspection_lot.c.status == "open")
)
_IN_PRODUCTION = (
    select(work_order.c.lot_id)
    .where(work_order.c.tenant_id == bindparam("tenant_id"))
    .where(work_order.c.status == "released")
)
_COUNT_LINES = (
    select(func.count())
    .select_from(field_action_line)
    .where(field_action_line.c.tenant_id == bindparam("tenant_id"))
    .where(field_action_line.c.field_action_id == bindparam("field_action_id"))
)
_INSERT = insert(field_action_extension)
_INSERT_CONSIGNEE = insert(field_action_consignee)
_INSERT_LINE = insert(field_action_line)

DOCUMENT_KIND = "field_action"
IN_TRANSIT = "IN_TRANSIT"
"""What the list of frozen stock says of goods on their way; its place is the shipment."""
FIRST_TIER = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """What one freeze or extension came to: only what was not in reach before is counted."""

    extension: int
    lots: tuple[str, ...]
    holds: int
    stock: tuple[Mapping[str, Any], ...]
    consignees: tuple[str, ...]  # with goods of these lots, also those known before
    markets: tuple[str, ...]
    lines: int
    in_use: tuple[
        str, ...
    ]  # inspected, being made, at the dock or on their way: whoever has them is told


class NothingNew(LedgerRefusal):
    """An extension adds lots; what is in reach already needs none."""

    def __init__(self, number: str, named: Sequence[str]) -> None:
        shown = ", ".join(named)
        super().__init__(
            f"{number} reaches {shown} already. Name the lots that it does not reach yet.",
            f"{number} 的范围已包含 {shown}，请填写尚未包含的批次。",
            found=shown,
        )


@dataclass(frozen=True, slots=True)
class Named:
    """What somebody says is affected: a lot, or some of its units by serial number.

    With neither serial number the whole lot is meant, with one of them that unit, with both the
    units from one to the other.
    """

    lot: str
    serial_from: str | None = None
    serial_to: str | None = None

    def __str__(self) -> str:
        given = [each for each in (self.serial_from, self.serial_to) if each]
        return f"{self.lot} ({' – '.join(given)})" if given else self.lot


@dataclass(frozen=True, slots=True)
class _Fresh:
    """What a freeze or an extension adds: whole lots, and units of others by lot."""

    lots: frozenset[UUID]
    units: Mapping[UUID, Units]

    def __contains__(self, line: ShippedLine) -> bool:
        some = self.units.get(line.lot_id, {})
        return line.lot_id in self.lots or line.serial_unit_id in some

    @property
    def touched(self) -> set[UUID]:
        return {*self.lots, *self.units}


def freeze(
    context: ServiceContext,
    action: FieldAction,
    affected: Sequence[Named | str],
    *,
    reason: str,
    initiated_at: datetime,
) -> Frozen:
    """Trace these lots and units, hold everything in reach, and write down who has it: one
    transaction. A plain number names a whole lot.

    The first call is the freeze; each later one is an extension of the scope.
    """
    named = [Named(each) if isinstance(each, str) else each for each in affected]
    reach = _trace(context, named)
    known = {row.lot_id for row in lots_of(context.db, context.tenant_id, action)}
    fresh = _fresh(context, action, reach, known)
    extension = len(extensions_of(context.db, context.tenant_id, action))
    if extension and not fresh.touched:
        raise NothingNew(action.number, [str(each) for each in named])
    new = [each for each in reach.lots if each.lot_id not in known]
    held = [] if action.is_mock else _hold(context, action, fresh, reason)
    numbers = {each.lot_id: each.lot_number for each in reach.lots}
    moving = _in_transit(context, reach, fresh)
    lying = [each for each in reach.stock if each.lot_id in fresh.lots]
    of_units = [unit_id for some in fresh.units.values() for unit_id in some]
    places: list[StockPosition | LyingUnits] = [
        *lying,
        *units.lying(context.db, context.tenant_id, of_units),
    ]
    boxes = genealogy.containers_in(context.db, context.tenant_id, reach)
    stock = [*_shown(places, numbers, boxes), *_on_the_road(moving)]
    roots = [str(each) for each in named]
    key = {"tenant_id": context.tenant_id, "field_action_id": action.field_action_id}
    context.db.execute(
        _INSERT,
        {
            **key,
            "extension": extension,
            "reason": reason,
            "root_lots": roots,
            "initiated_at": initiated_at,
            "lots": len(new),
            "holds": len(held),
            "stock": stock,
            "actor": context.actor.username,
            "traced_at": context.now,
        },
    )
    rows = [
        {
            **key,
            "lot_id": each.lot_id,
            "extension": extension,
            "lot_number": each.lot_number,
            "item_number": each.item_number,
            "depth": each.depth,
            "via": "" if each.via is None else numbers[each.via],
        }
        for each in new
    ]
    many.add(context.db, field_action_lot, rows)
    _write_units(context, action, extension, fresh)
    reached = _write_consignees(context, action, extension, reach, fresh)
    if extension == 0:
        actions.change(context, action, frozen_at=context.now)
    told = _in_use(context, places, fresh, moving)
    frozen = Frozen(
        extension=extension,
        lots=tuple(each.lot_number for each in new),
        holds=len(held),
        stock=tuple(stock),
        consignees=tuple(each.consignee_number for each in reached),
        markets=tuple(sorted({each.market for each in reached})),
        lines=sum(1 for each in reach.shipped if each in fresh),
        in_use=tuple(sorted(numbers[lot_id] for lot_id in told)),
    )
    context.record(
        {
            "event": "field_action.scope_frozen" if extension == 0 else "field_action.extended",
            "field_action": action.number,
            "extension": extension,
            "reason": reason,
            "roots": roots,
            "lots": len(new),
            "units": len(of_units),
            "holds": len(held),
            "consignees": list(frozen.consignees),
            "lines": frozen.lines,
        }
    )
    return frozen


def _trace(context: ServiceContext, named: Sequence[Named]) -> Scope:
    """Find what is named in the book, and all that it reaches."""
    db, tenant_id = context.db, context.tenant_id
    whole: list[UUID] = []
    single: list[UUID] = []
    for each in named:
        found = lots.by_number(db, tenant_id, each.lot)
        if each.serial_from or each.serial_to:
            units.require_serials(found)
            single += units.named(db, tenant_id, found, each.serial_from, each.serial_to)
        else:
            whole.append(found.lot_id)
    return genealogy.recall_scope(db, tenant_id, whole, single)


def _fresh(context: ServiceContext, action: FieldAction, reach: Scope, known: set[UUID]) -> _Fresh:
    """Tell what is new: a lot of which some units were in reach gets the others, one by one."""
    db, tenant_id = context.db, context.tenant_id
    had = {
        lot_id: {row.serial_unit_id for row in some}
        for lot_id, some in units_of(db, tenant_id, action).items()
    }
    added: dict[UUID, Units] = {}
    for each in reach.lots:
        if each.lot_id in reach.units:
            now = reach.units[each.lot_id]
        elif each.lot_id in had:
            now = units.of_lot(db, tenant_id, each.lot_id)
        else:
            continue
        if each.lot_id in known and each.lot_id not in had:
            continue  # the whole of it is in reach already
        before = had.get(each.lot_id, set())
        new = {unit_id: serial for unit_id, serial in now.items() if unit_id not in before}
        if new:
            added[each.lot_id] = new
    whole = (each.lot_id for each in reach.lots if each.lot_id not in reach.units)
    return _Fresh(frozenset(lot_id for lot_id in whole if lot_id not in known), added)


def _write_units(
    context: ServiceContext, action: FieldAction, extension: int, fresh: _Fresh
) -> None:
    rows = [
        {
            "tenant_id": context.tenant_id,
            "field_action_id": action.field_action_id,
            "serial_unit_id": unit_id,
            "extension": extension,
            "lot_id": lot_id,
            "serial_number": serial,
        }
        for lot_id, some in fresh.units.items()
        for unit_id, serial in some.items()
    ]
    many.add(context.db, field_action_unit, rows)


def _shown(
    places: Iterable[StockPosition | LyingUnits],
    numbers: Mapping[UUID, str],
    boxes: Iterable[InReach],
) -> Iterator[dict[str, Any]]:
    """Give where stock lies as it is written down, with the boxes that it lies in there."""
    codes: dict[tuple[UUID, str, str], list[str]] = {}
    for box in boxes:
        codes.setdefault((box.lot_id, box.location_code, box.status), []).append(box.sscc)
    for each in places:
        row = {
            "lot_number": numbers[each.lot_id],
            "location": each.location_code,
            "status": each.status,
            "quantity": each.quantity,
        }
        held = codes.get((each.lot_id, each.location_code, each.status))
        yield row if held is None else {**row, "containers": held}


def _on_the_road(moving: Iterable[ShippedLine]) -> Iterator[dict[str, Any]]:
    for each in moving:
        yield {
            "lot_number": each.lot_number,
            "location": each.shipment_number,
            "status": IN_TRANSIT,
            "quantity": each.quantity,
        }


def _in_transit(context: ServiceContext, reach: Scope, fresh: _Fresh) -> list[ShippedLine]:
    """Give what left lately and is not proven to have arrived: it can still be turned back."""
    days = context.configuration("shipping_rules")["in_transit_days"]
    since = context.now - timedelta(days=days)
    late = [each for each in reach.shipped if each in fresh and each.shipped_at >= since]
    numbers = {each.shipment_number for each in late}
    arrived = deliveries.delivered(context.db, context.tenant_id, numbers)
    return [each for each in late if each.shipment_number not in arrived]


def _in_use(
    context: ServiceContext,
    places: Iterable[StockPosition | LyingUnits],
    fresh: _Fresh,
    moving: Sequence[ShippedLine],
) -> set[UUID]:
    """Give the lots that somebody works with now: inspects, makes, picks, has on the road."""
    key = {"tenant_id": context.tenant_id}
    inspected = context.db.execute(_UNDER_INSPECTION, key).scalars()
    produced = context.db.execute(_IN_PRODUCTION, key).scalars()  # what went in is in reach of it
    docks = {
        each.location_id
        for each in locations.every(context.db, context.tenant_id)
        if each.zone == "shipping"
    }
    at_dock = {each.lot_id for each in places if each.location_id in docks}
    on_road = {each.lot_id for each in moving}
    return (set(inspected) | set(produced) | at_dock | on_road) & fresh.touched


def _hold(context: ServiceContext, action: FieldAction, fresh: _Fresh, reason: str) -> list[UUID]:
    document = Document(DOCUMENT_KIND, action.number)
    why = f"{action.number}: {reason}"
    whole = holds.place_many(
        context,
        list(fresh.lots),
        kind="RECALLED",
        reason=why,
        owner_role="RCC",
        document=document,
        # What is made of these lots from now on may not leave either (INV-13).
        with_descendants=True,
    )
    single = holds.place_on_units(
        context, fresh.units, kind="RECALLED", reason=why, owner_role="RCC", document=document
    )
    return whole + single


def release_holds(context: ServiceContext, action: FieldAction, *, reason: str) -> int:
    """Give the lots back, signed in this command, when it was decided that nothing is wrong."""
    reached = [row.lot_id for row in lots_of(context.db, context.tenant_id, action)]
    document = Document(DOCUMENT_KIND, action.number)
    return holds.release_many(context, reached, document=document, reason=reason)


def under_inspection(db: Connection, tenant_id: str, action: FieldAction) -> list[str]:
    """Name the lots of an action that are being inspected, whose inspections are told."""
    reached = {row.lot_id: row.lot_number for row in lots_of(db, tenant_id, action)}
    inspected = db.execute(_UNDER_INSPECTION, {"tenant_id": tenant_id}).scalars()
    return sorted({reached[lot_id] for lot_id in inspected if lot_id in reached})


def _write_consignees(
    context: ServiceContext, action: FieldAction, extension: int, reach: Scope, fresh: _Fresh
) -> list[AnyRow]:
    """Write down who was shipped what of the lots that are new; give those consignees."""
    shipped = [each for each in reach.shipped if each in fresh]
    known = {row.consignee_id for row in consignees_of(context.db, context.tenant_id, action)}
    wanted = list(dict.fromkeys(each.consignee_id for each in shipped))
    for consignee_id in wanted:
        if consignee_id not in known:
            found = consignees.find(context.db, context.tenant_id, consignee_id)
            add_consignee(context, action, found, extension=extension, parent=None)
    udi = _identifiers(context.db, context.tenant_id, [e.shipment_line_id for e in shipped])
    rows = [
        {
            "tenant_id": context.tenant_id,
            "line_id": context.new_id(),
            "field_action_id": action.field_action_id,
            "consignee_id": each.consignee_id,
            "lot_id": each.lot_id,
            "serial_number": udi[each.shipment_line_id].serial_number,
            "udi": udi[each.shipment_line_id].udi,
            "document": each.shipment_number,
            "shipment_line_id": each.shipment_line_id,
            "quantity": each.quantity,
            "delivered_at": each.shipped_at,
        }
        for each in shipped
    ]
    many.add(context.db, field_action_line, rows)
    having = set(wanted)
    return [
        row
        for row in consignees_of(context.db, context.tenant_id, action)
        if row.consignee_id in having
    ]


def add_consignee(
    context: ServiceContext,
    action: FieldAction,
    found: consignees.Consignee,
    *,
    extension: int,
    parent: AnyRow | None,
) -> None:
    """Copy a consignee into the action as it is today; `parent` is who sold to it."""
    row = {
        "tenant_id": context.tenant_id,
        "field_action_id": action.field_action_id,
        "consignee_id": found.consignee_id,
        "consignee_number": found.number,
        "extension": extension,
        "name": found.name,
        "address": found.address,
        "country": found.country,
        "market": found.market,
        "language": found.language,
        "contact": found.recall_contact,
        "phone": found.recall_phone,
        "email": found.recall_email,
        "tier": FIRST_TIER if parent is None else parent.tier + 1,
        "parent_id": None if parent is None else parent.consignee_id,
    }
    context.db.execute(_INSERT_CONSIGNEE, row)


def add_line(
    context: ServiceContext,
    action: FieldAction,
    consignee_id: UUID,
    lot_found: Lot,
    *,
    quantity: int,
    document: str,
    delivered_at: datetime,
) -> UUID:
    """Write down what a consignee of a lower tier was sold of a lot."""
    line_id = context.new_id()
    row = {
        "tenant_id": context.tenant_id,
        "line_id": line_id,
        "field_action_id": action.field_action_id,
        "consignee_id": consignee_id,
        "lot_id": lot_found.lot_id,
        "serial_number": None,
        "udi": None,
        "document": document,
        "shipment_line_id": None,
        "quantity": quantity,
        "delivered_at": delivered_at,
    }
    context.db.execute(_INSERT_LINE, row)
    return line_id


def _identifiers(db: Connection, tenant_id: str, line_ids: Iterable[UUID]) -> dict[UUID, AnyRow]:
    found: dict[UUID, AnyRow] = {}
    for some in slices(line_ids):
        key = {"tenant_id": tenant_id, "line_ids": some}
        found |= {row.shipment_line_id: row for row in db.execute(_UDI, key)}
    return found


def extensions_of(db: Connection, tenant_id: str, action: FieldAction) -> list[AnyRow]:
    """List the scopes of an action: the first, then its extensions."""
    return list(db.execute(_EXTENSIONS, _key(tenant_id, action)))


def lots_of(db: Connection, tenant_id: str, action: FieldAction) -> list[AnyRow]:
    """List the lots in reach with item, unit and dates, the named ones first."""
    return list(db.execute(_LOTS, _key(tenant_id, action)))


def units_of(db: Connection, tenant_id: str, action: FieldAction) -> dict[UUID, list[AnyRow]]:
    """List the units in reach, by lot, of lots of which no other units are."""
    found: dict[UUID, list[AnyRow]] = {}
    for row in db.execute(_UNITS, _key(tenant_id, action)):
        found.setdefault(row.lot_id, []).append(row)
    return found


def consignees_of(db: Connection, tenant_id: str, action: FieldAction) -> list[AnyRow]:
    """List the consignees in reach, by number."""
    return list(db.execute(_CONSIGNEES, _key(tenant_id, action)))


def consignee_of(db: Connection, tenant_id: str, action: FieldAction, number: str) -> AnyRow:
    """Give a consignee of the action by number; refused when the action does not reach it."""
    for row in consignees_of(db, tenant_id, action):
        if row.consignee_number == number:
            return row
    raise NotReached(action.number, number)


def lines_of(
    db: Connection, tenant_id: str, action: FieldAction, consignee_id: UUID | None = None
) -> list[AnyRow]:
    """List who has what, by lot; of one consignee when it is named."""
    rows = db.execute(_LINES, _key(tenant_id, action))
    return [row for row in rows if consignee_id in (None, row.consignee_id)]


def line_count(db: Connection, tenant_id: str, action: FieldAction) -> int:
    """Count the lines of an action."""
    return int(db.execute(_COUNT_LINES, _key(tenant_id, action)).scalar_one())


class NotReached(LedgerRefusal):
    """What is named is not part of the action."""

    def __init__(self, action_number: str, found: str) -> None:
        super().__init__(
            f"{found} is not part of {action_number}. Check the number, or extend the scope.",
            f"{found} 不在 {action_number} 的范围内，请核对编号，或扩大范围。",
            found=found,
        )


def _key(tenant_id: str, action: FieldAction) -> dict[str, object]:
    return {"tenant_id": tenant_id, "field_action_id": action.field_action_id}
