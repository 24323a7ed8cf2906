"""Cancel a receipt: goods booked by mistake leave the book by the opposite of their movements.

Only what nobody has decided on or used: all of it still lies in quarantine where it was received.
Receipt, lot and both movements stay.
"""

from sqlalchemy import bindparam, select

from engine.services import ServiceContext
from processes.ledger import balances, movements, receipts
from processes.ledger.balances import Place
from processes.ledger.lots import Lot
from processes.ledger.movements import Document
from processes.ledger.quantities import amount_of
from processes.ledger.receipts import ReceiptLine
from processes.ledger.refusals import LedgerRefusal, NotInLedger, listed
from processes.ledger.status import SignatureMissing
from processes.ledger.tables import inspection_lot, receipt, receipt_line
from processes.ledger.words import Said

_LINES = (
    select(receipt_line.c.receipt_line_id)
    .join(
        receipt,
        (receipt.c.tenant_id == receipt_line.c.tenant_id)
        & (receipt.c.receipt_id == receipt_line.c.receipt_id),
    )
    .where(receipt_line.c.tenant_id == bindparam("tenant_id"))
    .where(receipt_line.c.lot_id == bindparam("lot_id"))
    .order_by(receipt.c.received_at, receipt_line.c.line)
)
_DECIDED = (
    select(inspection_lot.c.inspection_number)
    .where(inspection_lot.c.tenant_id == bindparam("tenant_id"))
    .where(inspection_lot.c.receipt_line_id == bindparam("receipt_line_id"))
    .where(inspection_lot.c.status == "decided")
)


class ReceiptNotNamed(LedgerRefusal):
    """A lot that came more than once says nothing about which receipt is meant."""

    def __init__(self, lot_number: str, numbers: list[str]) -> None:
        super().__init__(
            f"Lot {lot_number} came more than once. Name the receipt: {listed(numbers)}.",
            f"批次 {lot_number} 多次到货，请指明收货单：{listed(numbers)}。",
            expected=listed(numbers),
        )


class ReceiptInUse(LedgerRefusal):
    """What was decided on, sampled or moved has happened and is not cancelled."""

    def __init__(self, line: ReceiptLine, found: Said) -> None:
        super().__init__(
            f"Receipt {line.name} cannot be cancelled any more: {found.en}. Return the "
            "goods to the supplier, or report a nonconformity.",
            f"收货 {line.name} 已不能取消（{found.zh}），请办理退货或上报不合格。",
            found=found.en,
        )


def line_of(context: ServiceContext, lot: Lot, number: str | None) -> ReceiptLine:
    """Give the receipt line of a lot, by its name (RCV-1, RCV-1/2) where there are several."""
    key = {"tenant_id": context.tenant_id, "lot_id": lot.lot_id}
    lines = [
        receipts.find_line(context.db, context.tenant_id, row.receipt_line_id)
        for row in context.db.execute(_LINES, key).all()
    ]
    meant = [line for line in lines if number in (None, line.name)]
    if number is not None and not meant:  # the receipt of a lot that has one line of it
        meant = [line for line in lines if number == line.receipt_number]
    if not meant:
        raise NotInLedger("receipt of the lot", "该批次的收货", number or lot.number)
    if len(meant) > 1:
        raise ReceiptNotNamed(lot.number, [line.name for line in meant])
    return meant[0]


def cancel(context: ServiceContext, line: ReceiptLine, reason: str) -> None:
    """Reverse the movements of a receipt, signed REJ in this command."""
    if "REJ" not in context.signatures:
        raise SignatureMissing(["REJ"])
    db, tenant_id, lot = context.db, context.tenant_id, line.lot
    key = {"tenant_id": tenant_id, "receipt_line_id": line.receipt_line_id}
    decided = list(db.execute(_DECIDED, key).scalars())
    if decided:
        shown = listed(decided)
        raise ReceiptInUse(line, Said(f"{shown} is decided", f"{shown} 已作决定"))
    there = balances.at(db, tenant_id, lot.lot_id, Place(line.location_id, "QUARANTINE"))
    if there < line.quantity:
        left, came = (amount_of(each, lot.unit) for each in (there, line.quantity))
        raise ReceiptInUse(
            line,
            Said(
                f"only {left} of {came} {lot.unit.names['en']} are still there",
                f"原处仅剩 {left} / {came} {lot.unit.names['zh']}",
            ),
        )
    document = Document("receipt", line.name)
    for movement in movements.of_lot(db, tenant_id, lot.lot_id):
        if (movement.movement_type, movement.document_id) == ("RCV", line.name):
            movements.reverse(context, movement.movement_id, reason=reason, document=document)
    context.record(
        {
            "event": "receipt.cancelled",
            "receipt": line.name,
            "lot": lot.number,
            "reason": reason,
        }
    )
