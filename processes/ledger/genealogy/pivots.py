"""Where a trace begins when no lot is named: a serial number, an order, a gauge, a person (4.6).

Each pivot is a question that gives lots; trace and scope go on from there. A steriliser's load is a
lot of its own and needs none.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Connection, Executable, and_, bindparam, or_, select, union

from processes.ledger import items
from processes.ledger.distribution.tables import consignee, shipment, shipment_line
from processes.ledger.lot_numbers import normalised
from processes.ledger.production.tables import work_order
from processes.ledger.purchasing.tables import order_receipt, purchase_order
from processes.ledger.refusals import NotInLedger
from processes.ledger.tables import (
    characteristic_result,
    inspection_lot,
    instrument,
    item,
    lot,
    receipt_line,
    serial_unit,
    stock_movement,
    supplier,
)

_VALUE: BindParameter[str] = bindparam("value")
_tenant: BindParameter[str] = bindparam("tenant_id")

_SERIAL = (
    select(serial_unit.c.lot_id)
    .where(serial_unit.c.tenant_id == _tenant)
    .where(serial_unit.c.serial_number == _VALUE)
)
_SUPPLIER_LOT = (
    select(lot.c.lot_id)
    .where(lot.c.tenant_id == _tenant)
    .where(or_(lot.c.supplier_lot == _VALUE, lot.c.supplier_lot_raw == _VALUE))
)
_SUPPLIER = (
    select(lot.c.lot_id)
    .join(
        supplier,
        and_(supplier.c.tenant_id == lot.c.tenant_id, supplier.c.supplier_id == lot.c.supplier_id),
    )
    .where(lot.c.tenant_id == _tenant)
    .where(supplier.c.supplier_number == _VALUE)
)
_PURCHASE_ORDER = (
    select(receipt_line.c.lot_id)
    .join(
        order_receipt,
        and_(
            order_receipt.c.tenant_id == receipt_line.c.tenant_id,
            order_receipt.c.receipt_line_id == receipt_line.c.receipt_line_id,
        ),
    )
    .join(
        purchase_order,
        and_(
            purchase_order.c.tenant_id == order_receipt.c.tenant_id,
            purchase_order.c.purchase_order_id == order_receipt.c.purchase_order_id,
        ),
    )
    .where(receipt_line.c.tenant_id == _tenant)
    .where(purchase_order.c.order_number == _VALUE)
)
_WORK_ORDER = (
    select(work_order.c.lot_id)
    .where(work_order.c.tenant_id == _tenant)
    .where(work_order.c.work_order_number == _VALUE)
)
_read_with = (
    select(inspection_lot.c.lot_id)
    .join(
        characteristic_result,
        and_(
            characteristic_result.c.tenant_id == inspection_lot.c.tenant_id,
            characteristic_result.c.inspection_lot_id == inspection_lot.c.inspection_lot_id,
        ),
    )
    .where(inspection_lot.c.tenant_id == _tenant)
)
_INSTRUMENT = _read_with.join(
    instrument,
    and_(
        instrument.c.tenant_id == characteristic_result.c.tenant_id,
        instrument.c.instrument_id == characteristic_result.c.instrument_id,
    ),
).where(instrument.c.instrument_number == _VALUE)
_OPERATOR = union(
    select(stock_movement.c.lot_id)
    .where(stock_movement.c.tenant_id == _tenant)
    .where(stock_movement.c.actor == _VALUE),
    _read_with.where(characteristic_result.c.actor == _VALUE),
)
_REVISION = (
    select(lot.c.lot_id)
    .join(item, and_(item.c.tenant_id == lot.c.tenant_id, item.c.item_id == lot.c.item_id))
    .where(lot.c.tenant_id == _tenant)
    .where((item.c.item_number + "@" + lot.c.item_revision) == _VALUE)
)
_ITEM = (
    select(lot.c.lot_id)
    .where(lot.c.tenant_id == _tenant)
    .where(lot.c.item_id.in_(bindparam("same_items", expanding=True)))
)
_CONSIGNEE = (
    select(shipment_line.c.lot_id)
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
    .where(shipment_line.c.tenant_id == _tenant)
    .where(consignee.c.consignee_number == _VALUE)
)
PIVOTS: Mapping[str, Executable] = {
    "serial": _SERIAL,
    "supplier-lot": _SUPPLIER_LOT,
    "supplier": _SUPPLIER,
    "purchase-order": _PURCHASE_ORDER,
    "work-order": _WORK_ORDER,
    "instrument": _INSTRUMENT,
    "operator": _OPERATOR,
    "item": _ITEM,
    "revision": _REVISION,
    "consignee": _CONSIGNEE,
}
"""The pivots by name; a revision is written ITEM@REVISION and is one number's own, while an item is
meant under every number that it has or had."""
_TYPED = ("serial", "supplier-lot")
"""What people read off labels: compared as it is kept, without full-width digits and blanks."""


def lots_of(db: Connection, tenant_id: str, pivot: str, value: str) -> list[UUID]:
    """Give the lots that a pivot stands for, oldest first; NotInLedger when there are none."""
    statement = PIVOTS.get(pivot)
    if statement is None:
        raise NotInLedger("pivot", "追溯入口", pivot)
    asked = normalised(value) if pivot in _TYPED else value.strip()
    key: dict[str, Any] = {"tenant_id": tenant_id, "value": asked}
    if pivot == "item":  # several numbers that were merged are one item (edge case 13)
        key = {"tenant_id": tenant_id, "same_items": items.same_items(db, tenant_id, asked)}
    found: list[UUID] = sorted(set(db.execute(statement, key).scalars()))
    if not found:
        raise NotInLedger(f"lot of {pivot}", "相关批次", value)
    return found
