"""What the service task of cancelling a receipt does; the rules live in ledger/receipt_reversal."""

from collections.abc import Mapping
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import lots, receipt_reversal
from processes.ledger.purchasing import order_receipts
from processes.ledger.quantities import case_number
from processes.values import context_of, text

SERVICES = ServiceRegistry()


@SERVICES.service("receipt.cancel")
def cancel(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take a receipt out of the book, signed in this command; its order waits for it again."""
    entered = context_of(inputs["cancellation"])
    lot = lots.by_number(context.db, context.tenant_id, str(entered["lot_number"]))
    line = receipt_reversal.line_of(context, lot, text(entered.get("receipt_number")))
    receipt_reversal.cancel(context, line, str(entered["reason"]))
    ordered = order_receipts.withdraw(context, line.receipt_line_id)
    return {
        "line_id": str(line.receipt_line_id),
        "number": line.receipt_number,
        "lot_number": lot.number,
        "quantity": case_number(line.quantity, lot.unit),
        "unit": lot.unit.code,
        "purchase_order": None if ordered is None else ordered.order,
        "purchase_order_line": None if ordered is None else ordered.line,
    }
