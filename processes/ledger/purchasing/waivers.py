"""Waivers: quality lets a purchase happen once, with limits, where the approved list does not."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select

from engine.services import ServiceContext
from processes.ledger.numbers import next_number
from processes.ledger.purchasing import rows
from processes.ledger.purchasing.tables import purchase_waiver
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.status import SignatureMissing

_INSERT = insert(purchase_waiver)
_OF_REQUISITION = (
    select(purchase_waiver)
    .where(purchase_waiver.c.tenant_id == bindparam("tenant_id"))
    .where(purchase_waiver.c.requisition_id == bindparam("requisition_id"))
    .where(purchase_waiver.c.supplier_id == bindparam("supplier_id"))
    .order_by(purchase_waiver.c.granted_at.desc())
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """What quality granted; `quantity_limit` is the stored integer in the stock unit."""

    number: str
    quantity_limit: int
    valid_to: date
    controls: str


class BeyondWaiver(LedgerRefusal):
    """A waiver holds for what it was granted for, and no longer."""

    def __init__(self, waiver: Waiver) -> None:
        super().__init__(
            f"Waiver {waiver.number} does not cover this: it ends on {waiver.valid_to} and is "
            "limited in quantity. Order less, or ask quality for another waiver.",
            f"例外采购批准 {waiver.number} 不覆盖本次采购（有效期至 {waiver.valid_to}，数量受限），"
            "请减少数量或请质量部另行批准。",
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
        "quantity_limit": quantity_limit,
        "valid_to": valid_to,
    }
    context.db.execute(_INSERT, row)
    context.record({"event": "purchase_waiver.granted", "waiver": number, "reason": reason})
    return Waiver(
        number=number, quantity_limit=quantity_limit, valid_to=valid_to, controls=controls
    )


def of_requisition(
    db: Connection, tenant_id: str, requisition_id: UUID, supplier_id: UUID
) -> Waiver | None:
    """Give the newest waiver for a requisition and a supplier; None without one."""
    key = {
        "tenant_id": tenant_id,
        "requisition_id": requisition_id,
        "supplier_id": supplier_id,
    }
    row = db.execute(_OF_REQUISITION, key).first()
    if row is None:
        return None
    return Waiver(
        number=row.waiver_number,
        quantity_limit=row.quantity_limit,
        valid_to=row.valid_to,
        controls=row.controls,
    )


def require_covered(waiver: Waiver | None, quantity: int, on: date) -> None:
    """Refuse an order that goes beyond its waiver; without one there is nothing to check."""
    if waiver is not None and (quantity > waiver.quantity_limit or on > waiver.valid_to):
        raise BeyondWaiver(waiver)
