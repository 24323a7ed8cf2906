"""What a recall reaches: every lot downstream, where it still lies, and who was sent it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, select

from processes.ledger import balances
from processes.ledger.columns import AnyRow
from processes.ledger.distribution.tables import consignee, shipment, shipment_line
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


class Scope(NamedTuple):
    """The lots in reach, nearest first, the stock of them and the lines that left."""

    lots: tuple[TracedLot, ...]
    stock: tuple[StockPosition, ...]
    shipped: tuple[ShippedLine, ...]


def recall_scope(db: Connection, tenant_id: str, lot_ids: Sequence[UUID]) -> Scope:
    """Give all that a recall of these lots reaches."""
    lots = forward(db, tenant_id, lot_ids).lots
    numbers = {each.lot_id: each.lot_number for each in lots}
    stock = (
        StockPosition(
            lot_id=row.lot_id,
            lot_number=numbers[row.lot_id],
            location_id=row.location_id,
            location_code=row.location_code,
            status=row.status,
            quantity=row.quantity,
        )
        for row in balances.of_lots(db, tenant_id, numbers)
    )
    lines = sorted(
        _shipped(db, tenant_id, numbers),
        key=lambda row: (row.consignee_number, row.shipment_number, row.line),
    )
    return Scope(
        lots,
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
            )
            for row in lines
        ),
    )


def _shipped(db: Connection, tenant_id: str, lot_ids: Iterable[UUID]) -> Iterator[AnyRow]:
    """Ask for lots that are known: from within the trace the database may begin at the other end,
    with all that was ever shipped."""
    for some in slices(lot_ids):
        yield from db.execute(_SHIPPED, {"tenant_id": tenant_id, "lot_ids": some})
