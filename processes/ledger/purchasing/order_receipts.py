"""What comes in against an order: received, then accepted or rejected.

Mostly inspection decides, once. What it holds is decided by the nonconformity that follows, in
parts where that disposes of parts; and rejected goods that are used after all are accepted then.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Connection, ScalarSelect, and_, bindparam, func, insert, select

from engine.services import ServiceContext
from processes.ledger.columns import AnyRow
from processes.ledger.purchasing.tables import order_acceptance, order_receipt, purchase_order
from processes.ledger.receipts import ReceiptLine
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.tables import receipt_line

if TYPE_CHECKING:  # orders asks here what was decided of its lines
    from processes.ledger.purchasing.orders import Line, Order

_INSERT = insert(order_receipt)
_INSERT_ACCEPTANCE = insert(order_acceptance)


def _decided(of: Any) -> ScalarSelect[Any]:
    """Give a sum over the decisions about the order_receipt of the query around it."""
    return (
        select(func.coalesce(of, 0))
        .where(order_acceptance.c.tenant_id == order_receipt.c.tenant_id)
        .where(order_acceptance.c.receipt_line_id == order_receipt.c.receipt_line_id)
        .correlate(order_receipt)
        .scalar_subquery()
    )


ACCEPTED = _decided(func.sum(order_acceptance.c.accepted)).label("accepted")
REJECTED = _decided(func.sum(order_acceptance.c.rejected)).label("rejected")
WITHDRAWN = _decided(func.sum(order_acceptance.c.withdrawn)).label("withdrawn")

_RECEIVED = (
    select(
        order_receipt.c.receipt_line_id,
        order_receipt.c.quantity,
        order_receipt.c.line,
        purchase_order.c.order_number,
        ACCEPTED,
        REJECTED,
        WITHDRAWN,
        _decided(func.count()).label("decisions"),
    )
    .join(
        purchase_order,
        and_(
            purchase_order.c.tenant_id == order_receipt.c.tenant_id,
            purchase_order.c.purchase_order_id == order_receipt.c.purchase_order_id,
        ),
    )
    .where(order_receipt.c.tenant_id == bindparam("tenant_id"))
)
_ONE = _RECEIVED.where(order_receipt.c.receipt_line_id == bindparam("receipt_line_id"))
_OF_LOT = (
    _RECEIVED.join(
        receipt_line,
        and_(
            receipt_line.c.tenant_id == order_receipt.c.tenant_id,
            receipt_line.c.receipt_line_id == order_receipt.c.receipt_line_id,
        ),
    )
    .where(receipt_line.c.lot_id == bindparam("lot_id"))
    .order_by(order_receipt.c.recorded_at, order_receipt.c.receipt_line_id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReceipt:
    """What came against a line of an order and what was decided of it, as stored integers."""

    receipt_line_id: UUID
    order: str
    line: int
    quantity: int
    accepted: int
    rejected: int
    withdrawn: int
    decisions: int

    @property
    def undecided(self) -> int:
        return self.quantity - self.accepted - self.rejected - self.withdrawn


class NotOnThisLine(LedgerRefusal):
    """Goods are received against the line that ordered them."""

    def __init__(self, order: str, line: int) -> None:
        super().__init__(
            f"Line {line} of {order} is for another item or another supplier. "
            "Choose the right line, or receive without an order.",
            f"{order} 第 {line} 行的物料或供应商与到货不符，请选择正确的订单行，或不关联订单收货。",
            found=f"{order}/{line}",
        )


def require_same(order: "Order", line: "Line", *, supplier_id: UUID, item_id: UUID) -> None:
    """Refuse a delivery that is not what the line ordered."""
    if order.supplier_id != supplier_id or line.item_id != item_id:
        raise NotOnThisLine(order.number, line.line)


def record(context: ServiceContext, order: "Order", line: "Line", came: ReceiptLine) -> None:
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


def of_lot(db: Connection, tenant_id: str, lot_id: UUID) -> list[OrderReceipt]:
    """List what of a lot came against orders, in the order of receipt."""
    key = {"tenant_id": tenant_id, "lot_id": lot_id}
    return [_read(row) for row in db.execute(_OF_LOT, key)]


def find(db: Connection, tenant_id: str, receipt_line_id: UUID) -> OrderReceipt | None:
    """Give what a receipt line was for; None for one that nobody ordered."""
    key = {"tenant_id": tenant_id, "receipt_line_id": receipt_line_id}
    row = db.execute(_ONE, key).one_or_none()
    return None if row is None else _read(row)


def decide(
    context: ServiceContext,
    receipt_line_id: UUID,
    *,
    decision: str,
    accepted: int,
    rejected: int,
) -> None:
    """Write down what was decided about a receipt line, as far as it was not decided before.

    ACCEPT and REJECT (of inspection) decide all that is left: samples that were used up go with
    it. DISPOSED (of a nonconformity) adds its quantities; `rejected` is below zero where rejected
    goods are used after all. HOLD and SORT decide nothing: the line stays open.
    """
    found = find(context.db, context.tenant_id, receipt_line_id)
    if found is None:
        return
    match decision:
        case "ACCEPT":
            rejected = min(rejected, found.undecided)
            accepted = found.undecided - rejected
        case "REJECT":
            accepted, rejected = 0, found.undecided
        case "DISPOSED" if rejected < 0:
            accepted = min(accepted, -rejected, found.rejected)
            rejected = -accepted
        case "DISPOSED":
            rejected = min(rejected, found.undecided)
            accepted = min(accepted, found.undecided - rejected)
        case _:
            return
    if accepted or rejected:
        _write(context, found, decision, accepted=accepted, rejected=rejected)


def withdraw(context: ServiceContext, receipt_line_id: UUID) -> OrderReceipt | None:
    """Take a cancelled receipt off its order: it is still to come; None for one nobody ordered."""
    found = find(context.db, context.tenant_id, receipt_line_id)
    if found is not None and found.undecided:
        _write(context, found, "CANCELLED", withdrawn=found.undecided)
    return found


def _write(
    context: ServiceContext,
    found: OrderReceipt,
    decision: str,
    *,
    accepted: int = 0,
    rejected: int = 0,
    withdrawn: int = 0,
) -> None:
    row = {
        "tenant_id": context.tenant_id,
        "receipt_line_id": found.receipt_line_id,
        "place": found.decisions + 1,
        "decision": decision,
        "accepted": accepted,
        "rejected": rejected,
        "withdrawn": withdrawn,
        "recorded_at": context.now,
    }
    context.db.execute(_INSERT_ACCEPTANCE, row)
    context.record(
        {
            "event": "purchase_order.decided",
            "order": found.order,
            "line": found.line,
            "receipt_line": str(found.receipt_line_id),
            "decision": decision,
            "accepted": accepted,
            "rejected": rejected,
            "withdrawn": withdrawn,
        }
    )


def _read(row: AnyRow) -> OrderReceipt:
    return OrderReceipt(
        receipt_line_id=row.receipt_line_id,
        order=row.order_number,
        line=row.line,
        quantity=row.quantity,
        accepted=int(row.accepted),
        rejected=int(row.rejected),
        withdrawn=int(row.withdrawn),
        decisions=row.decisions,
    )
