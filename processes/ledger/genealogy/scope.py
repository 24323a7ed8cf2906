"""What a recall reaches: every lot downstream, where it still lies, and who was sent it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, select

from processes.ledger.distribution.tables import consignee, shipment, shipment_line
from processes.ledger.genealogy.trace import DOWN, TracedLot, forward
from processes.ledger.tables import location, lot, stock_balance

_of_lot = and_(lot.c.tenant_id == bindparam("tenant_id"), lot.c.lot_id == DOWN.c.lot_id)
_STOCK = (
    select(
        lot.c.lot_id,
        lot.c.lot_number,
        location.c.location_id,
        location.c.code,
        stock_balance.c.status,
        stock_balance.c.quantity,
    )
    .select_from(DOWN)
    .join(lot, _of_lot)
    .join(
        stock_balance,
        and_(stock_balance.c.tenant_id == lot.c.tenant_id, stock_balance.c.lot_id == lot.c.lot_id),
    )
    .join(
        location,
        and_(
            location.c.tenant_id == lot.c.tenant_id,
            location.c.location_id == stock_balance.c.location_id,
        ),
    )
    .where(stock_balance.c.quantity > 0)
    .order_by(lot.c.lot_number, location.c.code, stock_balance.c.status)
)
_SHIPPED = (
    select(
        consignee.c.consignee_id,
        consignee.c.consignee_number,
        shipment_line.c.shipment_line_id,
        shipment.c.shipment_number,
        lot.c.lot_id,
        lot.c.lot_number,
        shipment_line.c.serial_unit_id,
        shipment_line.c.quantity,
        shipment.c.shipped_at,
    )
    .select_from(DOWN)
    .join(lot, _of_lot)
    .join(
        shipment_line,
        and_(shipment_line.c.tenant_id == lot.c.tenant_id, shipment_line.c.lot_id == lot.c.lot_id),
    )
    .join(
        shipment,
        and_(
            shipment.c.tenant_id == lot.c.tenant_id,
            shipment.c.shipment_id == shipment_line.c.shipment_id,
        ),
    )
    .join(
        consignee,
        and_(
            consignee.c.tenant_id == lot.c.tenant_id,
            consignee.c.consignee_id == shipment.c.consignee_id,
        ),
    )
    .order_by(consignee.c.consignee_number, shipment.c.shipment_number, shipment_line.c.line)
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
    key = {"tenant_id": tenant_id, "lot_ids": list(lot_ids)}
    return Scope(
        forward(db, tenant_id, lot_ids).lots,
        tuple(StockPosition(*row) for row in db.execute(_STOCK, key)),
        tuple(ShippedLine(*row) for row in db.execute(_SHIPPED, key)),
    )
