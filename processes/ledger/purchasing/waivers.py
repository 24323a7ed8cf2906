"""Waivers: quality lets a purchase happen once, with limits, where the approved list does not.

The limits hold at the dock as well, and what comes under a waiver is inspected tightened; where the
waiver says so it is held from the receipt until quality has decided on its inspection.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, and_, bindparam, insert, select

from engine.services import ServiceContext
from processes.ledger import status
from processes.ledger.lots import Lot
from processes.ledger.numbers import next_number
from processes.ledger.purchasing import rows
from processes.ledger.purchasing.tables import (
    order_receipt,
    purchase_order,
    purchase_order_line,
    purchase_waiver,
)
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.status import SignatureMissing

DOCUMENT_KIND = "purchase_waiver"

_INSERT = insert(purchase_waiver)
_OF_REQUISITION = (
    select(purchase_waiver)
    .where(purchase_waiver.c.tenant_id == bindparam("tenant_id"))
    .where(purchase_waiver.c.requisition_id == bindparam("requisition_id"))
    .where(purchase_waiver.c.supplier_id == bindparam("supplier_id"))
    .where(purchase_waiver.c.item_id == bindparam("item_id"))
    .order_by(purchase_waiver.c.granted_at.desc(), purchase_waiver.c.waiver_number.desc())
)
_OF_RECEIPT = (
    select(purchase_waiver)
    .join(
        purchase_order_line,
        and_(
            purchase_order_line.c.tenant_id == purchase_waiver.c.tenant_id,
            purchase_order_line.c.requisition_id == purchase_waiver.c.requisition_id,
            purchase_order_line.c.item_id == purchase_waiver.c.item_id,
        ),
    )
    .join(
        purchase_order,
        and_(
            purchase_order.c.tenant_id == purchase_order_line.c.tenant_id,
            purchase_order.c.purchase_order_id == purchase_order_line.c.purchase_order_id,
            purchase_order.c.version == purchase_order_line.c.version,
            purchase_order.c.supplier_id == purchase_waiver.c.supplier_id,
        ),
    )
    .join(
        order_receipt,
        and_(
            order_receipt.c.tenant_id == purchase_order.c.tenant_id,
            order_receipt.c.purchase_order_id == purchase_order.c.purchase_order_id,
            order_receipt.c.line == purchase_order_line.c.line,
        ),
    )
    .where(order_receipt.c.tenant_id == bindparam("tenant_id"))
    .where(order_receipt.c.receipt_line_id == bindparam("receipt_line_id"))
    .order_by(purchase_waiver.c.granted_at.desc(), purchase_waiver.c.waiver_number.desc())
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """What quality granted; `quantity_limit` is the stored integer in the stock unit."""

    number: str
    quantity_limit: int
    valid_to: date
    controls: str
    hold: bool = False


class BeyondWaiver(LedgerRefusal):
    """A waiver holds for what it was granted for, and no longer."""

    def __init__(self, waiver: Waiver) -> None:
        super().__init__(
            f"Waiver {waiver.number} does not cover this: it ends on {waiver.valid_to} and is "
            "limited in quantity. Take less, or ask quality for another waiver.",
            f"例外采购批准 {waiver.number} 不覆盖本次数量或日期（有效期至 {waiver.valid_to}，"
            "数量受限），请减少数量或请质量部另行批准。",
            found=waiver.number,
        )


def grant(
    context: ServiceContext,
    *,
    requisition_id: UUID,
    supplier_id: UUID,
    item_id: UUID,
    reason: str,
    controls: str,
    quantity_limit: int,
    valid_to: date,
    hold: bool = False,
) -> Waiver:
    """Write a waiver down, signed CONC in this command."""
    if "CONC" not in context.signatures:
        raise SignatureMissing(["CONC"])
    number = next_number(context, "PW")
    row = {
        **rows.stamped(context, "granted_at"),
        "purchase_waiver_id": context.new_id(),
        "waiver_number": number,
        "requisition_id": requisition_id,
        "supplier_id": supplier_id,
        "item_id": item_id,
        "reason": reason,
        "controls": controls,
        "hold": hold,
        "quantity_limit": quantity_limit,
        "valid_to": valid_to,
    }
    context.db.execute(_INSERT, row)
    context.record({"event": "purchase_waiver.granted", "waiver": number, "reason": reason})
    return Waiver(
        number=number,
        quantity_limit=quantity_limit,
        valid_to=valid_to,
        controls=controls,
        hold=hold,
    )


def of_requisition(
    db: Connection, tenant_id: str, requisition_id: UUID, supplier_id: UUID, item_id: UUID
) -> Waiver | None:
    """Give the newest waiver for an item of a requisition and a supplier; None without one."""
    key = {
        "tenant_id": tenant_id,
        "requisition_id": requisition_id,
        "supplier_id": supplier_id,
        "item_id": item_id,
    }
    return _read(db.execute(_OF_REQUISITION, key).first())


def of_receipt(db: Connection, tenant_id: str, receipt_line_id: UUID) -> Waiver | None:
    """Give the waiver under which a receipt line was bought; None where it needed none."""
    key = {"tenant_id": tenant_id, "receipt_line_id": receipt_line_id}
    return _read(db.execute(_OF_RECEIPT, key).first())


def require_covered(waiver: Waiver | None, quantity: int, on: date) -> None:
    """Refuse an order that goes beyond its waiver; without one there is nothing to check."""
    if waiver is not None and (quantity > waiver.quantity_limit or on > waiver.valid_to):
        raise BeyondWaiver(waiver)


def hold_goods(context: ServiceContext, waiver: Waiver, lot: Lot) -> None:
    """Hold what came under a waiver, where the waiver says so."""
    if waiver.hold:
        status.place_hold(
            context,
            lot,
            reason=f"{waiver.number}: {waiver.controls}"[:400],
            owner_role="QA",
            document_kind=DOCUMENT_KIND,
            document_id=waiver.number,
        )


def free_goods(context: ServiceContext, lot: Lot, reason: str) -> None:
    """Release what only a waiver held, signed by quality in this command with the decision."""
    for hold in status.open_holds(context.db, context.tenant_id, lot.lot_id):
        if hold.document.startswith(f"{DOCUMENT_KIND} "):
            status.release_hold(context, lot, hold.hold_id, reason=reason)


def _read(row: Row[Any] | None) -> Waiver | None:
    if row is None:
        return None
    return Waiver(
        number=row.waiver_number,
        quantity_limit=row.quantity_limit,
        valid_to=row.valid_to,
        controls=row.controls,
        hold=row.hold,
    )
