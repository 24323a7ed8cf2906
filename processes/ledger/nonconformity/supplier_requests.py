"""SCAR: a supplier is asked for an 8D report, step by step, each answer kept as it was given."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, insert, select, update

from engine.services import ServiceContext
from processes.ledger import words
from processes.ledger.clocks import working_time
from processes.ledger.columns import AnyRow
from processes.ledger.nonconformity.tables import supplier_answer, supplier_request
from processes.ledger.numbers import next_number
from processes.ledger.refusals import LedgerRefusal, NotInLedger

_BY_NUMBER = (
    select(supplier_request)
    .where(supplier_request.c.tenant_id == bindparam("tenant_id"))
    .where(supplier_request.c.request_number == bindparam("request_number"))
)
_OPEN_OF_SUPPLIER = (
    select(supplier_request)
    .where(supplier_request.c.tenant_id == bindparam("tenant_id"))
    .where(supplier_request.c.supplier_id == bindparam("supplier_id"))
    .where(supplier_request.c.status == "open")
    .order_by(supplier_request.c.issued_at)
)
_CONTINUES = (
    select(supplier_request.c.request_number)
    .where(supplier_request.c.tenant_id == bindparam("tenant_id"))
    .where(supplier_request.c.reopens == bindparam("reopens"))
)
_ATTEMPTS = (
    select(func.count())
    .select_from(supplier_answer)
    .where(supplier_answer.c.tenant_id == bindparam("tenant_id"))
    .where(supplier_answer.c.supplier_request_id == bindparam("supplier_request_id"))
    .where(supplier_answer.c.step == bindparam("step"))
)
_ACCEPTED = (
    select(supplier_answer.c.step)
    .where(supplier_answer.c.tenant_id == bindparam("tenant_id"))
    .where(supplier_answer.c.supplier_request_id == bindparam("supplier_request_id"))
    .where(supplier_answer.c.accepted.is_(True))
)
_INSERT = insert(supplier_request)
_ANSWER = insert(supplier_answer)
_STOPS_NO_MORE = (
    update(supplier_request)
    .where(supplier_request.c.tenant_id == bindparam("key_tenant_id"))
    .where(supplier_request.c.supplier_request_id == bindparam("key_supplier_request_id"))
    .values(stops_receipts=False)
)
_CLOSE = (
    update(supplier_request)
    .where(supplier_request.c.tenant_id == bindparam("key_tenant_id"))
    .where(supplier_request.c.supplier_request_id == bindparam("key_supplier_request_id"))
    .where(supplier_request.c.status == "open")
    .values(
        status=bindparam("status"),
        effective=bindparam("effective"),
        closed_by=bindparam("closed_by"),
        closed_at=bindparam("closed_at"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """What a supplier is asked to answer for; with the reason where one is opened again.

    `problem` is what somebody wrote; where the product writes it, in English, with `problem_zh`.
    `stops_receipts`: nothing of the item is received until it is closed (`supply_stops.py`).
    """

    supplier_id: UUID
    problem: str
    critical: bool
    nonconformity_id: UUID | None = None
    item_id: UUID | None = None
    reopens: str | None = None
    reopen_reason: str | None = None
    stops_receipts: bool = False
    problem_zh: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierRequest:
    """A request as it stands now."""

    supplier_request_id: UUID
    number: str
    supplier_id: UUID
    nonconformity_id: UUID | None
    item_id: UUID | None
    problem: str
    critical: bool
    status: str
    effective: bool | None
    issued_at: datetime
    reopens: str | None = None
    stops_receipts: bool = False
    problem_zh: str | None = None

    @property
    def problem_said(self) -> str | dict[str, str]:
        """The problem as people read it: as somebody wrote it, or in the reader's language."""
        zh = self.problem_zh
        return self.problem if zh is None else {"en": self.problem, "zh": zh}


class RequestClosed(LedgerRefusal):
    """A closed request takes no more answers."""

    def __init__(self, number: str, found: str) -> None:
        state = words.said("state", found)
        super().__init__(
            f"Request {number} is {state.en}. Issue a new one.",
            f"整改要求 {number} 已结束（{state.zh}），如有需要请另行发出。",
            expected="open",
            found=found,
        )


class RequestNotOver(LedgerRefusal):
    """A request is opened again once it is over, and once."""

    def __init__(self, number: str, found: str) -> None:
        state = words.said("state", found)
        super().__init__(
            f"Request {number} cannot be opened again: {state.en}. Go on with that one.",
            f"整改要求 {number} 不能重新打开（{state.zh}），请在该要求中继续处理。",
            expected="closed",
            found=found,
        )


def reopen(
    context: ServiceContext, number: str, *, problem: str, critical: bool, reason: str
) -> SupplierRequest:
    """Open a request again as its next cycle: a number of its own, the earlier one stays frozen.

    What the earlier one stops at the dock, the next one stops from now on.
    """
    before = by_number(context.db, context.tenant_id, number)
    if before.status == "open":
        raise RequestNotOver(number, before.status)
    key = {"tenant_id": context.tenant_id, "reopens": number}
    continued = context.db.execute(_CONTINUES, key).scalar_one_or_none()
    if continued is not None:
        raise RequestNotOver(number, continued)
    row = {
        "key_tenant_id": context.tenant_id,
        "key_supplier_request_id": before.supplier_request_id,
    }
    context.db.execute(_STOPS_NO_MORE, row)
    return issue(
        context,
        NewRequest(
            supplier_id=before.supplier_id,
            problem=problem,
            critical=critical,
            nonconformity_id=before.nonconformity_id,
            item_id=before.item_id,
            reopens=number,
            reopen_reason=reason,
            stops_receipts=before.stops_receipts,
        ),
    )


def issue(context: ServiceContext, new: NewRequest) -> SupplierRequest:
    """Number and keep a request to a supplier."""
    number = next_number(context, "SCAR")
    row = {
        "tenant_id": context.tenant_id,
        "supplier_request_id": context.new_id(),
        "request_number": number,
        "supplier_id": new.supplier_id,
        "nonconformity_id": new.nonconformity_id,
        "item_id": new.item_id,
        "problem": new.problem,
        "problem_zh": new.problem_zh,
        "critical": new.critical,
        "stops_receipts": new.stops_receipts,
        "reopens": new.reopens,
        "reopen_reason": new.reopen_reason,
        "status": "open",
        "issued_by": context.actor.username,
        "issued_at": context.now,
    }
    context.db.execute(_INSERT, row)
    event = {"event": "supplier_request.issued", "request": number, "problem": new.problem}
    more = {"reopens": new.reopens, "reason": new.reopen_reason}
    context.record({**event, **more, "stops_receipts": new.stops_receipts})
    return by_number(context.db, context.tenant_id, number)


def by_number(db: Connection, tenant_id: str, number: str) -> SupplierRequest:
    """Give a request by its number; NotInLedger when there is none."""
    key = {"tenant_id": tenant_id, "request_number": number}
    row = db.execute(_BY_NUMBER, key).one_or_none()
    if row is None:
        raise NotInLedger("supplier request", "供应商整改要求", number)
    return _read(row)


def open_of_supplier(db: Connection, tenant_id: str, supplier_id: UUID) -> list[SupplierRequest]:
    """List what a supplier has still to answer, oldest first."""
    key = {"tenant_id": tenant_id, "supplier_id": supplier_id}
    return [_read(row) for row in db.execute(_OPEN_OF_SUPPLIER, key)]


def answer(
    context: ServiceContext,
    request: SupplierRequest,
    step: str,
    given: Mapping[str, Any],
    *,
    accepted: bool,
    remark: str | None,
    due_at: datetime,
    answered_at: datetime,
) -> int:
    """Keep an answer of the supplier and what we think of it; gives which attempt it was."""
    _require_open(request)
    key = {
        "tenant_id": context.tenant_id,
        "supplier_request_id": request.supplier_request_id,
        "step": step,
    }
    attempt = int(context.db.execute(_ATTEMPTS, key).scalar_one()) + 1
    row = {
        **key,
        "attempt": attempt,
        "answer": given,
        "accepted": accepted,
        "remark": remark,
        "due_at": due_at,
        "answered_at": answered_at,
        "reviewed_by": context.actor.username,
    }
    context.db.execute(_ANSWER, row)
    context.record(
        {
            "event": "supplier_request.answered",
            "request": request.number,
            "step": step,
            "attempt": attempt,
            "accepted": accepted,
            "late": answered_at > due_at,
            "remark": remark,
        }
    )
    return attempt


def accepted_steps(db: Connection, tenant_id: str, request: SupplierRequest) -> set[str]:
    """Name the steps whose answer was accepted."""
    key = {"tenant_id": tenant_id, "supplier_request_id": request.supplier_request_id}
    return set(db.execute(_ACCEPTED, key).scalars())


def due_at(context: ServiceContext, request: SupplierRequest, length: str) -> datetime:
    """Say when a step is due: every step counts from the issue, in working days or ISO 8601."""
    return working_time.later(context.configuration, request.issued_at, length)


def close(
    context: ServiceContext, request: SupplierRequest, *, effective: bool | None, reason: str
) -> None:
    """Close a request with its verdict; without one it is cancelled."""
    _require_open(request)
    status = "cancelled" if effective is None else "closed"
    row = {
        "key_tenant_id": context.tenant_id,
        "key_supplier_request_id": request.supplier_request_id,
        "status": status,
        "effective": effective,
        "closed_by": context.actor.username,
        "closed_at": context.now,
    }
    context.db.execute(_CLOSE, row)
    context.record(
        {
            "event": f"supplier_request.{status}",
            "request": request.number,
            "effective": effective,
            "reason": reason,
        }
    )


def _require_open(request: SupplierRequest) -> None:
    if request.status != "open":
        raise RequestClosed(request.number, request.status)


def _read(row: AnyRow) -> SupplierRequest:
    return SupplierRequest(
        supplier_request_id=row.supplier_request_id,
        number=row.request_number,
        supplier_id=row.supplier_id,
        nonconformity_id=row.nonconformity_id,
        item_id=row.item_id,
        problem=row.problem,
        problem_zh=row.problem_zh,
        critical=row.critical,
        status=row.status,
        effective=row.effective,
        issued_at=row.issued_at,
        reopens=row.reopens,
        stops_receipts=row.stops_receipts,
    )
