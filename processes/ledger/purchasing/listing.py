"""The list of purchase orders (screens: Registers, 台账); what came, was confirmed, invoiced."""

from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, select

from processes.ledger.columns import AnyRow, rows_of
from processes.ledger.purchasing.orders import Order
from processes.ledger.purchasing.tables import (
    order_acceptance,
    order_confirmation,
    order_performance,
    order_receipt,
    purchase_order,
    purchase_order_line,
    purchase_order_version,
    purchase_waiver,
    supplier_invoice,
)
from processes.ledger.tables import lot, receipt, receipt_line, supplier

_supplier = and_(
    supplier.c.tenant_id == purchase_order.c.tenant_id,
    supplier.c.supplier_id == purchase_order.c.supplier_id,
)
_LATEST = (
    select(
        purchase_order.c.purchase_order_id,
        purchase_order.c.order_number,
        purchase_order.c.status,
        purchase_order.c.version,
        purchase_order.c.currency,
        purchase_order.c.site,
        purchase_order.c.emergency,
        purchase_order.c.created_at,
        supplier.c.supplier_number,
        supplier.c.name_en,
        supplier.c.name_zh,
        purchase_order_version.c.total,
    )
    .join(supplier, _supplier)
    .outerjoin(
        purchase_order_version,
        and_(
            purchase_order_version.c.tenant_id == purchase_order.c.tenant_id,
            purchase_order_version.c.purchase_order_id == purchase_order.c.purchase_order_id,
            purchase_order_version.c.version == purchase_order.c.version,
        ),
    )
    .where(purchase_order.c.tenant_id == bindparam("tenant_id"))
    .where(purchase_order.c.purchase_order_id < bindparam("before"))
    .order_by(purchase_order.c.purchase_order_id.desc())
    .limit(bindparam("limit"))
)
_CAME = (
    select(
        order_receipt.c.receipt_line_id,
        order_receipt.c.line,
        order_receipt.c.quantity,
        receipt.c.receipt_number,
        receipt.c.delivery_note,
        receipt.c.received_at,
        receipt.c.actor,
        lot.c.lot_id,
        lot.c.lot_number,
    )
    .join(
        receipt_line,
        and_(
            receipt_line.c.tenant_id == order_receipt.c.tenant_id,
            receipt_line.c.receipt_line_id == order_receipt.c.receipt_line_id,
        ),
    )
    .join(
        receipt,
        and_(
            receipt.c.tenant_id == receipt_line.c.tenant_id,
            receipt.c.receipt_id == receipt_line.c.receipt_id,
        ),
    )
    .join(
        lot,
        and_(lot.c.tenant_id == receipt_line.c.tenant_id, lot.c.lot_id == receipt_line.c.lot_id),
    )
    .where(order_receipt.c.tenant_id == bindparam("tenant_id"))
    .where(order_receipt.c.purchase_order_id == bindparam("purchase_order_id"))
    .order_by(order_receipt.c.recorded_at, order_receipt.c.receipt_line_id)
)
_DECIDED = (
    select(order_acceptance)
    .join(
        order_receipt,
        and_(
            order_receipt.c.tenant_id == order_acceptance.c.tenant_id,
            order_receipt.c.receipt_line_id == order_acceptance.c.receipt_line_id,
        ),
    )
    .where(order_acceptance.c.tenant_id == bindparam("tenant_id"))
    .where(order_receipt.c.purchase_order_id == bindparam("purchase_order_id"))
    .order_by(order_acceptance.c.recorded_at, order_acceptance.c.receipt_line_id)
)
_CONFIRMED = rows_of(
    order_confirmation, "purchase_order_id", "recorded_at", "order_confirmation_id"
)
_PERFORMED = rows_of(order_performance, "purchase_order_id", "recorded_at", "order_performance_id")
_INVOICED = rows_of(supplier_invoice, "purchase_order_id", "recorded_at", "supplier_invoice_id")
_WAIVED = (
    select(purchase_waiver)
    .where(purchase_waiver.c.tenant_id == bindparam("tenant_id"))
    .where(
        (purchase_waiver.c.requisition_id == bindparam("requisition_id"))
        | purchase_waiver.c.requisition_id.in_(
            select(purchase_order_line.c.requisition_id)
            .where(purchase_order_line.c.tenant_id == bindparam("tenant_id"))
            .where(purchase_order_line.c.purchase_order_id == bindparam("purchase_order_id"))
        )
    )
    .order_by(purchase_waiver.c.granted_at)
)


def latest(db: Connection, tenant_id: str, *, before: UUID, limit: int) -> list[AnyRow]:
    """List orders begun before the one with this id, the newest first."""
    key = {"tenant_id": tenant_id, "before": before, "limit": limit}
    return list(db.execute(_LATEST, key))


def receipts_of(db: Connection, tenant_id: str, order: Order) -> list[AnyRow]:
    """List what came against an order, with receipt and lot, oldest first."""
    return list(db.execute(_CAME, _key(tenant_id, order)))


def decisions_of(db: Connection, tenant_id: str, order: Order) -> list[AnyRow]:
    """List what was decided about what came, oldest first."""
    return list(db.execute(_DECIDED, _key(tenant_id, order)))


def confirmations_of(db: Connection, tenant_id: str, order: Order) -> list[AnyRow]:
    """List what the supplier answered, oldest first."""
    return list(db.execute(_CONFIRMED, _key(tenant_id, order)))


def performances_of(db: Connection, tenant_id: str, order: Order) -> list[AnyRow]:
    """List what was done or handed over without a dock, oldest first."""
    return list(db.execute(_PERFORMED, _key(tenant_id, order)))


def invoices_of(db: Connection, tenant_id: str, order: Order) -> list[AnyRow]:
    """List the invoices for an order with what the comparison said, oldest first."""
    return list(db.execute(_INVOICED, _key(tenant_id, order)))


def waivers_of(db: Connection, tenant_id: str, order: Order) -> list[AnyRow]:
    """List the waivers under which the order was placed."""
    key = {**_key(tenant_id, order), "requisition_id": order.requisition_id}
    return list(db.execute(_WAIVED, key))


def _key(tenant_id: str, order: Order) -> dict[str, object]:
    return {"tenant_id": tenant_id, "purchase_order_id": order.purchase_order_id}
