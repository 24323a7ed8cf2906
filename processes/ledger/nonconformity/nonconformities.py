"""Nonconformities: one record with cycles, from the report to the signed closure (8.3).

A lot in the scope of an open one is not released by anything but that nonconformity's own
disposition (INV-11). What was closed stays as it was closed; reopening adds a cycle.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, insert, select, update

from engine.services import ServiceContext
from processes.ledger import supplier_history
from processes.ledger.columns import AnyRow
from processes.ledger.nonconformity.tables import (
    nonconformity,
    nonconformity_closure,
    nonconformity_cycle,
    nonconformity_lot,
)
from processes.ledger.numbers import next_number
from processes.ledger.refusals import LedgerRefusal, NotInLedger, listed

_AND_CLOSURE = (
    select(
        nonconformity,
        nonconformity_closure.c.outcome,
        nonconformity_closure.c.closed_by,
        nonconformity_closure.c.closed_at,
    )
    .outerjoin(
        nonconformity_closure,
        and_(
            nonconformity_closure.c.tenant_id == nonconformity.c.tenant_id,
            nonconformity_closure.c.nonconformity_id == nonconformity.c.nonconformity_id,
            nonconformity_closure.c.cycle == nonconformity.c.cycle,
        ),
    )
    .where(nonconformity.c.tenant_id == bindparam("tenant_id"))
)
_BY_ID = _AND_CLOSURE.where(nonconformity.c.nonconformity_id == bindparam("nonconformity_id"))
_BY_NUMBER = _AND_CLOSURE.where(
    nonconformity.c.nonconformity_number == bindparam("nonconformity_number")
)
_OPEN = _AND_CLOSURE.where(nonconformity_closure.c.cycle.is_(None)).order_by(
    nonconformity.c.reported_at, nonconformity.c.nonconformity_id
)
_OPEN_OF_LOT = (
    select(nonconformity.c.nonconformity_number)
    .join(
        nonconformity_lot,
        and_(
            nonconformity_lot.c.tenant_id == nonconformity.c.tenant_id,
            nonconformity_lot.c.nonconformity_id == nonconformity.c.nonconformity_id,
            nonconformity_lot.c.cycle == nonconformity.c.cycle,
        ),
    )
    .outerjoin(
        nonconformity_closure,
        and_(
            nonconformity_closure.c.tenant_id == nonconformity.c.tenant_id,
            nonconformity_closure.c.nonconformity_id == nonconformity.c.nonconformity_id,
            nonconformity_closure.c.cycle == nonconformity.c.cycle,
        ),
    )
    .where(nonconformity_lot.c.tenant_id == bindparam("tenant_id"))
    .where(nonconformity_lot.c.lot_id == bindparam("lot_id"))
    .where(nonconformity_lot.c.finding != "clear")
    .where(nonconformity_closure.c.cycle.is_(None))
    .order_by(nonconformity.c.nonconformity_number)
)
_INSERT = insert(nonconformity)
_INSERT_CYCLE = insert(nonconformity_cycle)
_CLOSE = insert(nonconformity_closure)
_THIS = (nonconformity.c.tenant_id == bindparam("key_tenant_id")) & (
    nonconformity.c.nonconformity_id == bindparam("key_nonconformity_id")
)
_CLASSIFY = (
    update(nonconformity)
    .where(_THIS)
    .values(
        stage=bindparam("stage"),
        requirement=bindparam("requirement"),
        severity=bindparam("severity"),
        probability=bindparam("probability"),
        risk_score=bindparam("risk_score"),
        nonconformity_class=bindparam("nonconformity_class"),
        revision=nonconformity.c.revision + 1,
    )
)
_SET_CAUSE = (
    update(nonconformity)
    .where(_THIS)
    .values(cause_code=bindparam("cause_code"), revision=nonconformity.c.revision + 1)
)
_NEXT_CYCLE = (
    update(nonconformity)
    .where(_THIS)
    .values(
        cycle=nonconformity.c.cycle + 1,
        nonconformity_class=None,
        revision=nonconformity.c.revision + 1,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What somebody saw: enough to contain it, nothing that needs an investigation."""

    source_kind: str
    source_number: str
    stage: str
    description: str
    item_id: UUID | None = None
    supplier_id: UUID | None = None
    lot_id: UUID | None = None
    immediate_action: str | None = None
    severity: str | None = None
    aware_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """What triage and the rules made of it; `risk_score` is severity × probability × extent."""

    stage: str
    requirement: str
    severity: str
    probability: int
    risk_score: int
    nonconformity_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nonconformity:
    """A nonconformity in its latest cycle."""

    nonconformity_id: UUID
    number: str
    cycle: int
    source_kind: str
    source_number: str
    stage: str
    item_id: UUID | None
    supplier_id: UUID | None
    description: str
    requirement: str | None
    severity: str | None
    nonconformity_class: str | None
    cause_code: str | None
    aware_at: datetime
    reported_by: str
    reported_at: datetime
    outcome: str | None

    @property
    def is_open(self) -> bool:
        return self.outcome is None


class NonconformityClosed(LedgerRefusal):
    """A closed cycle stays as it was signed."""

    def __init__(self, number: str, outcome: str | None) -> None:
        super().__init__(
            f"Nonconformity {number} is not open ({outcome}). Open it again as a new cycle.",
            f"不合格品记录 {number} 已结束（{outcome}），如需继续请重新打开新的处理周期。",
            expected="open",
            found=outcome,
        )


class NonconformityOpen(LedgerRefusal):
    """What is still open is not opened again."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Nonconformity {number} is still open. Add what you found to it.",
            f"不合格品记录 {number} 尚未关闭，请在原记录中补充。",
            expected="closed",
            found="open",
        )


class OpenNonconformity(LedgerRefusal):
    """INV-11: a lot is not released while a nonconformity that affects it is open."""

    def __init__(self, lot_number: str, numbers: list[str]) -> None:
        super().__init__(
            f"Lot {lot_number} is affected by the open nonconformity {listed(numbers)}. "
            "Its disposition decides what becomes of the lot.",
            f"批次 {lot_number} 涉及未关闭的不合格品记录 {listed(numbers)}，须先完成处置。",
            expected="no open nonconformity",
            found=listed(numbers),
        )


def open_new(context: ServiceContext, report: Report) -> Nonconformity:
    """Open a nonconformity with its first cycle."""
    nonconformity_id = context.new_id()
    number = next_number(context, "NC")
    row = {
        "tenant_id": context.tenant_id,
        "nonconformity_id": nonconformity_id,
        "nonconformity_number": number,
        "cycle": 1,
        "source_kind": report.source_kind,
        "source_number": report.source_number or number,
        "stage": report.stage,
        "item_id": report.item_id,
        "supplier_id": report.supplier_id,
        "description": report.description,
        "immediate_action": report.immediate_action,
        "severity": report.severity,
        "aware_at": report.aware_at or context.now,
        "reported_by": context.actor.username,
        "reported_at": context.now,
        "revision": 1,
    }
    context.db.execute(_INSERT, row)
    _open_cycle(context, nonconformity_id, 1, None)
    supplier_history.record_nonconformity(
        context, number, report.supplier_id, report.item_id, lot_id=report.lot_id
    )
    context.record(
        {
            "event": "nonconformity.opened",
            "nonconformity": number,
            "source": f"{report.source_kind} {row['source_number']}",
            "stage": report.stage,
            "description": report.description,
        }
    )
    return find(context.db, context.tenant_id, nonconformity_id)


def reopen(context: ServiceContext, number: str, reason: str) -> Nonconformity:
    """Open a closed nonconformity again as a new cycle; the earlier ones stay as they are."""
    found = by_number(context.db, context.tenant_id, number)
    if found.is_open:
        raise NonconformityOpen(number)
    context.db.execute(_NEXT_CYCLE, _key(context, found.nonconformity_id))
    _open_cycle(context, found.nonconformity_id, found.cycle + 1, reason)
    if found.outcome == "void":
        supplier_history.record_nonconformity(context, number, found.supplier_id, found.item_id)
    context.record(
        {
            "event": "nonconformity.reopened",
            "nonconformity": number,
            "cycle": found.cycle + 1,
            "reason": reason,
        }
    )
    return find(context.db, context.tenant_id, found.nonconformity_id)


def find(db: Connection, tenant_id: str, nonconformity_id: UUID) -> Nonconformity:
    """Give a nonconformity by id; NotInLedger when there is none."""
    key = {"tenant_id": tenant_id, "nonconformity_id": nonconformity_id}
    row = db.execute(_BY_ID, key).one_or_none()
    if row is None:
        raise NotInLedger("nonconformity", "不合格品记录", nonconformity_id)
    return _read(row)


def by_number(db: Connection, tenant_id: str, number: str) -> Nonconformity:
    """Give a nonconformity by its number; NotInLedger when there is none."""
    key = {"tenant_id": tenant_id, "nonconformity_number": number.strip().upper()}
    row = db.execute(_BY_NUMBER, key).one_or_none()
    if row is None:
        raise NotInLedger("nonconformity", "不合格品记录", number)
    return _read(row)


def every_open(db: Connection, tenant_id: str) -> list[Nonconformity]:
    """List what is open, oldest first: the ageing list."""
    return [_read(row) for row in db.execute(_OPEN, {"tenant_id": tenant_id})]


def open_of_lot(db: Connection, tenant_id: str, lot_id: UUID) -> list[str]:
    """Name the open nonconformities that affect a lot, or are suspected to."""
    key = {"tenant_id": tenant_id, "lot_id": lot_id}
    return list(db.execute(_OPEN_OF_LOT, key).scalars())


def require_none_open(
    db: Connection, tenant_id: str, lot_id: UUID, lot_number: str, *, but: str | None = None
) -> None:
    """Refuse a release that INV-11 does not allow; `but` is the nonconformity that decides it."""
    numbers = [number for number in open_of_lot(db, tenant_id, lot_id) if number != but]
    if numbers:
        raise OpenNonconformity(lot_number, numbers)


def require_open(found: Nonconformity) -> None:
    """Refuse to write to what is closed."""
    if not found.is_open:
        raise NonconformityClosed(found.number, found.outcome)


def classify(context: ServiceContext, found: Nonconformity, made: Classification) -> None:
    """Keep what triage and the rules made of it (NC-01)."""
    require_open(found)
    values = {
        "stage": made.stage,
        "requirement": made.requirement,
        "severity": made.severity,
        "probability": made.probability,
        "risk_score": made.risk_score,
        "nonconformity_class": made.nonconformity_class,
    }
    context.db.execute(_CLASSIFY, _key(context, found.nonconformity_id) | values)
    context.record({"event": "nonconformity.classified", "nonconformity": found.number, **values})


def set_cause(context: ServiceContext, found: Nonconformity, cause_code: str) -> None:
    """Keep the cause that the investigation found; repeated causes ask for a CAPA (NC-04)."""
    require_open(found)
    context.db.execute(
        _SET_CAUSE, _key(context, found.nonconformity_id) | {"cause_code": cause_code}
    )
    context.record(
        {"event": "nonconformity.cause_found", "nonconformity": found.number, "cause": cause_code}
    )


def end_cycle(
    context: ServiceContext,
    found: Nonconformity,
    outcome: str,
    reason: str,
    *,
    signature_meaning: str | None,
) -> None:
    """End the open cycle: closed, void or cancelled; nothing of it changes any more."""
    require_open(found)
    row = {
        "tenant_id": context.tenant_id,
        "nonconformity_id": found.nonconformity_id,
        "cycle": found.cycle,
        "outcome": outcome,
        "reason": reason,
        "signature_meaning": signature_meaning,
        "closed_by": context.actor.username,
        "closed_at": context.now,
    }
    context.db.execute(_CLOSE, row)
    if outcome == "void":
        supplier_history.withdraw_nonconformity(
            context, found.number, found.supplier_id, found.item_id, reason=reason
        )
    context.record(
        {
            "event": f"nonconformity.{outcome}",
            "nonconformity": found.number,
            "cycle": found.cycle,
            "reason": reason,
        }
    )


def _open_cycle(
    context: ServiceContext, nonconformity_id: UUID, cycle: int, reason: str | None
) -> None:
    row = {
        "tenant_id": context.tenant_id,
        "nonconformity_id": nonconformity_id,
        "cycle": cycle,
        "process_instance_id": context.process_instance_id,
        "reason": reason,
        "opened_by": context.actor.username,
        "opened_at": context.now,
    }
    context.db.execute(_INSERT_CYCLE, row)


def _key(context: ServiceContext, nonconformity_id: UUID) -> dict[str, Any]:
    return {"key_tenant_id": context.tenant_id, "key_nonconformity_id": nonconformity_id}


def _read(row: AnyRow) -> Nonconformity:
    return Nonconformity(
        nonconformity_id=row.nonconformity_id,
        number=row.nonconformity_number,
        cycle=row.cycle,
        source_kind=row.source_kind,
        source_number=row.source_number,
        stage=row.stage,
        item_id=row.item_id,
        supplier_id=row.supplier_id,
        description=row.description,
        requirement=row.requirement,
        severity=row.severity,
        nonconformity_class=row.nonconformity_class,
        cause_code=row.cause_code,
        aware_at=row.aware_at,
        reported_by=row.reported_by,
        reported_at=row.reported_at,
        outcome=row.outcome,
    )
