"""What comes in against an order: received, then accepted or rejected by inspection."""

from uuid import UUID

from sqlalchemy import bindparam, insert, select

from engine.services import ServiceContext
from processes.ledger.purchasing.orders import Line, Order
from processes.ledger.purchasing.tables import order_acceptance, order_receipt
from processes.ledger.receipts import ReceiptLine
from processes.ledger.refusals import LedgerRefusal

_INSERT = insert(order_receipt)
_INSERT_ACCEPTANCE = insert(order_acceptance)
_ONE = (
    select(order_receipt.c.quantity)
    .where(order_receipt.c.tenant_id == bindparam("tenant_id"))
    .where(order_receipt.c.receipt_line_id == bindparam("receipt_line_id"))
)
_DECIDED = (
    select(order_acceptance.c.decision)
    .where(order_acceptance.c.tenant_id == bindparam("tenant_id"))
    .where(order_acceptance.c.receipt_line_id == bindparam("receipt_line_id"))
)


class NotOnThisLine(LedgerRefusal):
    """Goods are received against the line that ordered them."""

    def __init__(self, order: str, line: int) -> None:
        super().__init__(
            f"Line {line} of {order} is for another item or another supplier. "
            "Choose the right line, or receive without an order.",
            f"{order} 第 {line} 行的物料或供应商与到货不符，请选择正确的订单行，或不关联订单收货。",
            found=f"{order}/{line}",
        )


def require_same(order: Order, line: Line, *, supplier_id: UUID, item_id: UUID) -> None:
    """Refuse a delivery that is not what the line ordered."""
    if order.supplier_id != supplier_id or line.item_id != item_id:
        raise NotOnThisLine(order.number, line.line)


def record(context: ServiceContext, order: Order, line: Line, came: ReceiptLine) -> None:
    """Write down that a booked receipt line came against a line, in the same transaction."""
    context.db.execute(
        _INSERT,
        {
            "tenant_id": context.tenant_id,
            "receipt_line_id": came.receipt_line_id,
            "purchase_order_id": order.purchase_order_id,
            "line": line.line,
            "quantity": came.quantity,
            "recorded_at": context.now,
        },
    )
    context.record(
        {
            "event": "purchase_order.received",
            "order": order.number,
            "line": line.line,
            "receipt": came.receipt_number,
            "lot": came.lot.number,
            "quantity": came.quantity,
        }
    )


def decide(
    context: ServiceContext,
    receipt_line_id: UUID,
    *,
    decision: str,
    accepted: int,
    rejected: int,
) -> None:
    """Write down once what inspection decided; samples that were used up count as accepted.

    A lot that was held instead (HOLD, SORT) is neither accepted nor rejected yet: nothing is
    written, and its line stays open.
    """
    key = {"tenant_id": context.tenant_id, "receipt_line_id": receipt_line_id}
    received = context.db.execute(_ONE, key).scalar_one_or_none()
    known = context.db.execute(_DECIDED, key).scalar_one_or_none()
    if received is None or known is not None or decision not in ("ACCEPT", "REJECT"):
        return
    used_up = max(received - accepted - rejected, 0) if decision == "ACCEPT" else 0
    row = {
        **key,
        "decision": decision,
        "accepted": accepted + used_up,
        "rejected": rejected,
        "recorded_at": context.now,
    }
    context.db.execute(_INSERT_ACCEPTANCE, row)
    context.record(
        {
            "event": "purchase_order.decided",
            "receipt_line": str(receipt_line_id),
            "decision": decision,
            "accepted": row["accepted"],
            "rejected": rejected,
        }
    )
