"""What a recall reaches: every lot downstream, where it still lies, and who was sent it.

Where single units are named, they and what they went into are in reach, and the rest of their lot
is not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, select

from processes.ledger import balances, lots
from processes.ledger.balances import Lying
from processes.ledger.columns import AnyRow
from processes.ledger.distribution import containers
from processes.ledger.distribution.containers import InReach
from processes.ledger.distribution.tables import consignee, container, shipment, shipment_line
from processes.ledger.genealogy import units as unit_reach
from processes.ledger.genealogy.trace import TracedLot, forward
from processes.ledger.many import among, slices

_SHIPPED = (
    select(
        consignee.c.consignee_id,
        consignee.c.consignee_number,
        shipment_line.c.shipment_line_id,
        shipment.c.shipment_number,
        shipment_line.c.line,
        shipment_line.c.lot_id,
        shipment_line.c.serial_unit_id,
        shipment_line.c.quantity,
        shipment.c.shipped_at,
        container.c.sscc,
    )
    .select_from(shipment_line)
    .join(
        shipment,
        and_(
            shipment.c.tenant_id == shipment_line.c.tenant_id,
            shipment.c.shipment_id == shipment_line.c.shipment_id,
        ),
    )
    .join(
        consignee,
        and_(
            consignee.c.tenant_id == shipment.c.tenant_id,
            consignee.c.consignee_id == shipment.c.consignee_id,
        ),
    )
    .outerjoin(
        container,
        and_(
            container.c.tenant_id == shipment_line.c.tenant_id,
            container.c.container_id == shipment_line.c.container_id,
        ),
    )
    .where(shipment_line.c.tenant_id == bindparam("tenant_id"))
    .where(among(shipment_line.c.lot_id, "lot_ids"))
)


class StockPosition(NamedTuple):
    """Stock of a lot in reach that lies with us; `quantity` is a stored integer."""

    lot_id: UUID
    lot_number: str
    location_id: UUID
    location_code: str
    status: str
    quantity: int


class ShippedLine(NamedTuple):
    """A line that was shipped of a lot in reach; `quantity` is a stored integer."""

    consignee_id: UUID
    consignee_number: str
    shipment_line_id: UUID
    shipment_number: str
    lot_id: UUID
    lot_number: str
    serial_unit_id: UUID | None
    quantity: int
    shipped_at: datetime
    sscc: str | None = None  # of the container that it left in


class Scope(NamedTuple):
    """The lots in reach, nearest first, the stock of them and the lines that left.

    `units` are the serial numbers, by unit, of lots of which only these units are in reach.
    """

    lots: tuple[TracedLot, ...]
    stock: tuple[StockPosition, ...]
    shipped: tuple[ShippedLine, ...]
    units: Mapping[UUID, unit_reach.Units] = MappingProxyType({})


def recall_scope(
    db: Connection, tenant_id: str, lot_ids: Sequence[UUID], unit_ids: Sequence[UUID] = ()
) -> Scope:
    """Give all that a recall of these lots, and of these units of others, reaches."""
    if not unit_ids:
        return _scope(db, tenant_id, forward(db, tenant_id, lot_ids).lots, {})
    onward = unit_reach.onward(db, tenant_id, unit_ids)
    found = {each.lot_id: each for each in forward(db, tenant_id, lot_ids).lots}
    for depth in sorted({depth for depth, _ in onward.lots.values()}):
        begun = {far: near for far, (at, near) in onward.lots.items() if at == depth}
        for each in forward(db, tenant_id, list(begun)).lots:
            via = begun.get(each.lot_id, each.via)
            found.setdefault(each.lot_id, each._replace(depth=each.depth + depth, via=via))
    single = {lot_id: some for lot_id, some in onward.units.items() if lot_id not in found}
    for lot_id in single:
        lot = lots.find(db, tenant_id, lot_id)
        found[lot_id] = TracedLot(
            lot_id,
            lot.number,
            lot.item_id,
            lot.item_number,
            onward.depth[lot_id],
            onward.via[lot_id],
        )
    ordered = sorted(found.values(), key=attrgetter("depth"))
    return _scope(db, tenant_id, tuple(ordered), single)


def containers_in(db: Connection, tenant_id: str, reached: Scope) -> list[InReach]:
    """List the containers with us in which stock in reach lies; shipped ones name their lines."""
    whole = [each.lot_id for each in reached.lots if each.lot_id not in reached.units]
    single = [unit_id for some in reached.units.values() for unit_id in some]
    found = [
        *containers.of_lots(db, tenant_id, whole),
        *containers.of_units(db, tenant_id, single),
    ]
    return sorted(found, key=attrgetter("sscc", "lot_number", "status"))


def _scope(
    db: Connection,
    tenant_id: str,
    reached: tuple[TracedLot, ...],
    single: Mapping[UUID, unit_reach.Units],
) -> Scope:
    numbers = {each.lot_id: each.lot_number for each in reached}
    whole = [lot_id for lot_id in numbers if lot_id not in single]
    places: list[Lying | unit_reach.LyingUnits] = [
        *balances.of_lots(db, tenant_id, whole),
        *unit_reach.lying(db, tenant_id, [unit_id for some in single.values() for unit_id in some]),
    ]
    stock = (
        StockPosition(
            lot_id=row.lot_id,
            lot_number=numbers[row.lot_id],
            location_id=row.location_id,
            location_code=row.location_code,
            status=row.status,
            quantity=row.quantity,
        )
        for row in places
    )
    lines = sorted(
        (
            row
            for row in _shipped(db, tenant_id, numbers)
            if row.lot_id not in single or row.serial_unit_id in single[row.lot_id]
        ),
        key=lambda row: (row.consignee_number, row.shipment_number, row.line),
    )
    return Scope(
        reached,
        tuple(sorted(stock, key=attrgetter("lot_number", "location_code", "status"))),
        tuple(
            ShippedLine(
                consignee_id=row.consignee_id,
                consignee_number=row.consignee_number,
                shipment_line_id=row.shipment_line_id,
                shipment_number=row.shipment_number,
                lot_id=row.lot_id,
                lot_number=numbers[row.lot_id],
                serial_unit_id=row.serial_unit_id,
                quantity=row.quantity,
                shipped_at=row.shipped_at,
                sscc=row.sscc,
            )
            for row in lines
        ),
        single,
    )


def _shipped(db: Connection, tenant_id: str, lot_ids: Iterable[UUID]) -> Iterator[AnyRow]:
    """Ask for lots that are known: from within the trace the database may begin at the other end,
    with all that was ever shipped."""
    for some in slices(lot_ids):
        yield from db.execute(_SHIPPED, {"tenant_id": tenant_id, "lot_ids": some})
