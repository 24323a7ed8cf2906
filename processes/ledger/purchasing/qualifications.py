"""Qualifications of suppliers as records: opened, decided, ended, opened again as the next cycle.

What was found and decided on the way are assessments (assessments.py); this says which run they
belong to, and how it ended: refused, suspended or cancelled.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from engine.services import ServiceContext
from processes.ledger import suppliers, words
from processes.ledger.columns import AnyRow
from processes.ledger.items import Item
from processes.ledger.numbers import next_number
from processes.ledger.purchasing.tables import supplier_qualification
from processes.ledger.refusals import LedgerRefusal, NotInLedger
from processes.ledger.suppliers import Supplier

_ENDED = ("rejected", "suspended", "cancelled")
_QUALIFICATIONS = select(supplier_qualification).where(
    supplier_qualification.c.tenant_id == bindparam("tenant_id")
)
_BY_NUMBER = _QUALIFICATIONS.where(
    supplier_qualification.c.qualification_number == bindparam("qualification_number")
)
_CONTINUES = _QUALIFICATIONS.where(supplier_qualification.c.reopens == bindparam("reopens"))
_INSERT = insert(supplier_qualification)
_SET_STATUS = (
    update(supplier_qualification)
    .where(supplier_qualification.c.tenant_id == bindparam("key_tenant_id"))
    .where(supplier_qualification.c.qualification_number == bindparam("key_number"))
    .values(status=bindparam("status"), reason=bindparam("reason"), ended_at=bindparam("ended_at"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualification:
    """One run through the qualification of a supplier for an item and a site."""

    number: str
    reopens: str | None
    supplier_id: UUID
    item_id: UUID
    site: str
    status: str
    reason: str | None


class QualificationNotOver(LedgerRefusal):
    """A qualification is opened again once it is over, and once."""

    def __init__(self, number: str, found: str) -> None:
        state = words.said("state", found)
        super().__init__(
            f"Qualification {number} cannot be opened again: {state.en}. Go on with that one.",
            f"供应商评审 {number} 不能重新打开（{state.zh}），请在该评审中继续处理。",
            expected="ended",
            found=found,
        )


class AnotherSource(LedgerRefusal):
    """The next cycle is about the same supplier, item and site."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Qualification {number} was for another supplier, item or site. "
            "Begin a new one without a number.",
            f"供应商评审 {number} 针对其他供应商、物料或工厂，请新建评审（不填编号）。",
            found=number,
        )


def open_new(
    context: ServiceContext,
    source: Supplier,
    item: Item,
    *,
    site: str,
    purpose: str,
    reopens: str | None = None,
) -> Qualification:
    """Write a qualification down; one that `reopens` an ended one is its next cycle."""
    if reopens is not None:
        _require_over(context, reopens, (source.supplier_id, item.item_id, site))
    number = next_number(context, "SU")
    row = {
        "tenant_id": context.tenant_id,
        "qualification_number": number,
        "reopens": reopens,
        "supplier_id": source.supplier_id,
        "item_id": item.item_id,
        "site": site,
        "purpose": purpose,
        "status": "open",
        "reason": None,
        "process_instance_id": context.process_instance_id,
        "opened_by": context.actor.username,
        "opened_at": context.now,
        "ended_at": None,
    }
    context.db.execute(_INSERT, row)
    event = {"event": "supplier.qualification_opened", "supplier": source.number, "number": number}
    context.record({**event, "reopens": reopens, "reason": purpose})
    return by_number(context.db, context.tenant_id, number)


def set_status(context: ServiceContext, number: str, status: str, reason: str) -> None:
    """Say what a qualification came to; what has ended stays as it ended."""
    found = by_number(context.db, context.tenant_id, number)
    if found.status in _ENDED:
        return
    key = {"key_tenant_id": context.tenant_id, "key_number": number}
    ended = context.now if status in _ENDED else None
    context.db.execute(_SET_STATUS, {**key, "status": status, "reason": reason, "ended_at": ended})
    source = suppliers.find(context.db, context.tenant_id, found.supplier_id)
    event: dict[str, Any] = {"event": f"supplier.qualification_{status}", "number": number}
    context.record({**event, "supplier": source.number, "reason": reason})


def by_number(db: Connection, tenant_id: str, number: str) -> Qualification:
    """Give a qualification by its number; NotInLedger when there is none."""
    key = {"tenant_id": tenant_id, "qualification_number": number}
    row = db.execute(_BY_NUMBER, key).one_or_none()
    if row is None:
        raise NotInLedger("supplier qualification", "供应商评审", number)
    return _read(row)


def _require_over(context: ServiceContext, number: str, of: tuple[UUID, UUID, str]) -> None:
    before = by_number(context.db, context.tenant_id, number)
    if before.status not in _ENDED:
        raise QualificationNotOver(number, before.status)
    if (before.supplier_id, before.item_id, before.site) != of:
        raise AnotherSource(number)
    key = {"tenant_id": context.tenant_id, "reopens": number}
    continued = context.db.execute(_CONTINUES, key).one_or_none()
    if continued is not None:
        raise QualificationNotOver(number, continued.qualification_number)


def _read(row: AnyRow) -> Qualification:
    return Qualification(
        number=row.qualification_number,
        reopens=row.reopens,
        supplier_id=row.supplier_id,
        item_id=row.item_id,
        site=row.site,
        status=row.status,
        reason=row.reason,
    )
