"""Three-way match: what was ordered, what was accepted, what is invoiced (PRC-62).

Only accepted goods are paid: what waits in quarantine or was rejected blocks the invoice. Of goods
on consignment only what was used is paid. An invoice is for one receipt, or for all that may be
invoiced so far; it is compared line by line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, select

from engine.services import ServiceContext
from processes.ledger.columns import rows_of
from processes.ledger.purchasing import orders, rows
from processes.ledger.purchasing.order_receipts import ACCEPTED
from processes.ledger.purchasing.orders import Line, Order
from processes.ledger.purchasing.tables import (
    order_receipt,
    order_settlement,
    supplier_invoice,
)
from processes.ledger.quantities import amount_of, scaled
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.tables import receipt, receipt_line
from processes.ledger.units import Unit

_INSERT = insert(supplier_invoice)
_OF_ORDER = rows_of(supplier_invoice, "purchase_order_id", "recorded_at", "supplier_invoice_id")
_used = (
    select(func.coalesce(func.sum(order_settlement.c.quantity), 0))
    .where(order_settlement.c.tenant_id == order_receipt.c.tenant_id)
    .where(order_settlement.c.receipt_line_id == order_receipt.c.receipt_line_id)
    .where(order_settlement.c.kind == "used")
    .correlate(order_receipt)
    .scalar_subquery()
)
_OF_RECEIPTS = (
    select(receipt.c.receipt_number, order_receipt.c.line, ACCEPTED, _used.label("used"))
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
    .where(order_receipt.c.tenant_id == bindparam("tenant_id"))
    .where(order_receipt.c.purchase_order_id == bindparam("purchase_order_id"))
    .order_by(receipt.c.received_at, receipt.c.receipt_number)
)
_PAID = (
    select(supplier_invoice.c.purchase_order_id)
    .where(supplier_invoice.c.tenant_id == bindparam("tenant_id"))
    .where(supplier_invoice.c.supplier_id == bindparam("supplier_id"))
    .where(supplier_invoice.c.invoice_number == bindparam("invoice_number"))
    .where(supplier_invoice.c.outcome != "blocked")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """What an invoice asks for a line; `quantity` in the unit of the line."""

    line: int
    quantity: Decimal
    unit_price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice as it came; `amount` is what it asks for in the order's currency.

    `receipt` is the number of the receipt that it is for; None for all that was accepted.
    """

    number: str
    on: date
    amount: Decimal
    lines: Sequence[InvoiceLine]
    receipt: str | None = None


class NotOurReceipt(LedgerRefusal):
    """An invoice names a receipt of its own order."""

    def __init__(self, order: str, number: str) -> None:
        super().__init__(
            f"Nothing of {order} came with receipt {number}. Choose another receipt.",
            f"收货 {number} 中没有 {order} 的货物，请选择其他收货单。",
            found=number,
        )


class InvoicePaid(LedgerRefusal):
    """An invoice is paid once."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Invoice {number} of this supplier has been matched already. Check its number.",
            f"该供应商的发票 {number} 已经匹配过，请核对发票号。",
            found=number,
        )


def match(
    context: ServiceContext,
    order: Order,
    invoice: Invoice,
    units: Mapping[int, Unit],
    *,
    accept_because: str | None = None,
) -> dict[str, Any]:
    """Compare an invoice with order and accepted receipts, and write the outcome down.

    Gives `outcome`, its `differences`, and whether all that was accepted is invoiced now
    (`complete`). With a reason, differences are accepted and the invoice counts.
    """
    _require_new(context, order, invoice)
    lines = {line.line: line for line in orders.lines_of(context.db, context.tenant_id, order)}
    invoiced = invoiced_so_far(context.db, context.tenant_id, order)
    came = _came_with(context, order, invoice, lines)
    found: list[dict[str, Any]] = []
    for asked in invoice.lines:
        line = lines.get(asked.line)
        if line is None:
            raise orders.NoSuchLine(order.number, asked.line)
        before = invoiced.get(asked.line, Decimal(0))
        found.extend(_compare(context, asked, line, units[asked.line], before))
        if came is not None:
            found.extend(_beyond_receipt(asked, units[asked.line], came))
    listed = sum((each.quantity * each.unit_price for each in invoice.lines), Decimal(0))
    if abs(invoice.amount - listed) > _tolerated(context):
        found.append({"line": None, "field": "amount", "expected": listed, "found": invoice.amount})
    outcome = "matched" if not found else "blocked"
    if found and accept_because is not None:
        outcome = "accepted_with_difference"
    _write(context, order, invoice, outcome, found, accept_because)
    complete = not to_invoice(context.db, context.tenant_id, order, units)
    return {"outcome": outcome, "differences": found, "complete": complete}


def to_invoice(
    db: Connection, tenant_id: str, order: Order, units: Mapping[int, Unit]
) -> dict[int, Decimal]:
    """Give what may be invoiced and is not on a matched invoice yet, by line; empty when none is.

    That is what was accepted; of a line on consignment, what was used.
    """
    now = invoiced_so_far(db, tenant_id, order)
    left = {
        line.line: amount_of(line.payable, units[line.line]) - now.get(line.line, Decimal(0))
        for line in orders.lines_of(db, tenant_id, order)
    }
    return {line: quantity for line, quantity in left.items() if quantity > 0}


def receipts_to_invoice(db: Connection, tenant_id: str, order: Order) -> list[str]:
    """List the receipts of an order with goods to be paid that no invoice names yet.

    What came on consignment is used bit by bit: its receipts are named as long as they are used.
    """
    consigned = {line.line for line in orders.lines_of(db, tenant_id, order) if line.consigned}
    key = {"tenant_id": tenant_id, "purchase_order_id": order.purchase_order_id}
    named = {row.receipt_number for row in db.execute(_OF_ORDER, key) if row.outcome != "blocked"}
    payable = {
        row.receipt_number: row.line in consigned
        for row in db.execute(_OF_RECEIPTS, key)
        if (row.used if row.line in consigned else row.accepted) > 0
    }
    return [number for number, again in payable.items() if again or number not in named]


def invoiced_so_far(db: Connection, tenant_id: str, order: Order) -> dict[int, Decimal]:
    """Give what matched invoices have asked for already, by line."""
    key = {"tenant_id": tenant_id, "purchase_order_id": order.purchase_order_id}
    sums: dict[int, Decimal] = {}
    for row in db.execute(_OF_ORDER, key):
        if row.outcome == "blocked":
            continue
        for line in row.lines:
            sums[line["line"]] = sums.get(line["line"], Decimal(0)) + Decimal(line["quantity"])
    return sums


def _came_with(
    context: ServiceContext, order: Order, invoice: Invoice, lines: Mapping[int, Line]
) -> dict[int, int] | None:
    """Give what of the receipt that an invoice names may be paid, by line."""
    if invoice.receipt is None:
        return None
    key = {"tenant_id": context.tenant_id, "purchase_order_id": order.purchase_order_id}
    sums: dict[int, int] = {}
    for row in context.db.execute(_OF_RECEIPTS, key):
        if row.receipt_number == invoice.receipt:
            payable = row.used if lines[row.line].consigned else row.accepted
            sums[row.line] = sums.get(row.line, 0) + int(payable)
    if not sums:
        raise NotOurReceipt(order.number, invoice.receipt)
    return sums


def _beyond_receipt(
    asked: InvoiceLine, unit: Unit, came: Mapping[int, int]
) -> list[dict[str, Any]]:
    """Give where an invoice asks for more of a line than was accepted of its receipt."""
    accepted = amount_of(came.get(asked.line, 0), unit)
    if asked.quantity <= accepted:
        return []
    difference = {"expected": accepted, "found": asked.quantity}
    return [{"line": asked.line, "field": "receipt", **difference}]


def _require_new(context: ServiceContext, order: Order, invoice: Invoice) -> None:
    key = {
        "tenant_id": context.tenant_id,
        "supplier_id": order.supplier_id,
        "invoice_number": invoice.number,
    }
    if context.db.execute(_PAID, key).first() is not None:
        raise InvoicePaid(invoice.number)


def _compare(
    context: ServiceContext, asked: InvoiceLine, line: Line, unit: Unit, before: Decimal
) -> list[dict[str, Any]]:
    """Give where a line of the invoice goes beyond what may be paid, or beyond the price."""
    found: list[dict[str, Any]] = []
    payable = amount_of(line.payable, unit)
    scaled(asked.quantity, unit)  # refuses what the unit cannot hold
    if before + asked.quantity > payable:
        field = "not_accepted" if line.undecided else "quantity"
        if line.consigned:
            field = "not_used"
        wanted = before + asked.quantity
        found.append({"line": line.line, "field": field, "expected": payable, "found": wanted})
    if abs(asked.unit_price - line.unit_price) > _tolerated(context):
        price = {"expected": line.unit_price, "found": asked.unit_price}
        found.append({"line": line.line, "field": "price", **price})
    return found


def _tolerated(context: ServiceContext) -> Decimal:
    return Decimal(rows.rules(context)["match"]["tolerated_difference"])


def _write(
    context: ServiceContext,
    order: Order,
    invoice: Invoice,
    outcome: str,
    found: Sequence[Mapping[str, Any]],
    reason: str | None,
) -> None:
    row = {
        **rows.stamped(context, "recorded_at"),
        "supplier_invoice_id": context.new_id(),
        "supplier_id": order.supplier_id,
        "invoice_number": invoice.number,
        "purchase_order_id": order.purchase_order_id,
        "invoice_date": invoice.on,
        "receipt_number": invoice.receipt,
        "amount": invoice.amount,
        "lines": [
            {"line": each.line, "quantity": each.quantity, "unit_price": each.unit_price}
            for each in invoice.lines
        ],
        "outcome": outcome,
        "differences": list(found),
        "reason": reason if outcome == "accepted_with_difference" else None,
    }
    context.db.execute(_INSERT, row)
    context.record(
        {
            "event": f"invoice.{outcome}",
            "order": order.number,
            "invoice": invoice.number,
            "receipt": invoice.receipt,
            "amount": invoice.amount,
            "differences": list(found),
        }
    )
