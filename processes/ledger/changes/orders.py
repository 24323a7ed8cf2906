"""Change orders: opened, decided on, carried out, closed; each cycle is a row of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, insert, select, update

from engine.services import ServiceContext
from processes.ledger import numbers, words
from processes.ledger.changes.tables import change_decision, change_order
from processes.ledger.columns import AnyRow, rows_of
from processes.ledger.refusals import LedgerRefusal, NotInLedger

FINAL = ("closed", "rejected", "withdrawn", "lapsed")
IN_FORCE = ("released", "effective", "closed")
"""A change in one of these was released by quality and engineering."""

_ORDERS = select(change_order).where(change_order.c.tenant_id == bindparam("tenant_id"))
_BY_ID = _ORDERS.where(change_order.c.change_id == bindparam("change_id"))
_BY_NUMBER = (
    _ORDERS.where(change_order.c.change_number == bindparam("change_number"))
    .order_by(change_order.c.cycle.desc())
    .limit(1)
)
_RECENT = (
    _ORDERS.where(change_order.c.change_id < bindparam("before"))
    .order_by(change_order.c.change_id.desc())
    .limit(bindparam("limit"))
)
_RECENT_OF = _RECENT.where(change_order.c.requested_by == bindparam("requested_by"))
_INSERT = insert(change_order)
_THIS = (
    update(change_order)
    .where(change_order.c.tenant_id == bindparam("key_tenant_id"))
    .where(change_order.c.change_id == bindparam("key_change_id"))
)
_SET_STATUS = _THIS.values(status=bindparam("status"))
_CLOSE = _THIS.values(
    status=bindparam("status"),
    closed_at=bindparam("closed_at"),
    closing_reason=bindparam("closing_reason"),
)
_CLASSIFY = _THIS.values(change_class=bindparam("change_class"), aspects=bindparam("aspects"))
_NEXT_ROUND = _THIS.values(round=change_order.c.round + 1, status="open")
_SET_DAY = _THIS.values(effective_from=bindparam("effective_from"), status=bindparam("status"))
_DECISIONS = rows_of(change_decision, "change_id", "decision_number")
_LAST_DECISION = (
    select(func.max(change_decision.c.decision_number))
    .where(change_decision.c.tenant_id == bindparam("tenant_id"))
    .where(change_decision.c.change_id == bindparam("change_id"))
)
_DECIDE = insert(change_decision)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChange:
    """A change as it is requested. `earlier` is the number of a finished change that is reopened:
    then this is its next cycle."""

    kind: str
    title: str
    problem: str
    proposal: str
    reason: str
    urgency: str
    source_kind: str = "person"
    source_number: str | None = None
    earlier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One cycle of a change order as it stands now."""

    change_id: UUID
    number: str
    cycle: int
    kind: str
    title: str
    reason: str
    source_kind: str
    source_number: str | None
    aspects: tuple[str, ...]
    change_class: str | None
    status: str
    round: int
    requested_by: str
    effective_from: date | None
    process_instance_id: UUID

    @property
    def is_over(self) -> bool:
        return self.status in FINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody decided at a step: screening, board, approval, appeal, release, check."""

    step: str
    decision: str
    role: str
    reason: str | None
    signature_meaning: str | None
    actor: str


class StillRunning(LedgerRefusal):
    """A change is reopened when it is over, not beside itself."""

    def __init__(self, found: Change) -> None:
        state = words.said("state", found.status)
        super().__init__(
            f"{found.number} is still {state.en}; work on it instead of reopening it.",
            f"{found.number} 的状态为“{state.zh}”，尚未结束，请继续处理，不要重新打开。",
            found=found.status,
        )


def find(db: Connection, tenant_id: str, change_id: UUID) -> Change:
    """Give a cycle of a change by its id."""
    row = db.execute(_BY_ID, {"tenant_id": tenant_id, "change_id": change_id}).one_or_none()
    if row is None:
        raise NotInLedger("change", "变更单", change_id)
    return _read(row)


def by_number(db: Connection, tenant_id: str, number: str) -> Change:
    """Give the newest cycle of a change by its number."""
    row = db.execute(_BY_NUMBER, {"tenant_id": tenant_id, "change_number": number}).one_or_none()
    if row is None:
        raise NotInLedger("change", "变更单", number)
    return _read(row)


def recent(
    db: Connection, tenant_id: str, *, before: UUID, limit: int, requested_by: str | None = None
) -> list[Change]:
    """List so many changes, the newest first, from before this one on; those that one account
    requested where one is named."""
    key = {"tenant_id": tenant_id, "before": before, "limit": limit}
    if requested_by is None:
        return [_read(row) for row in db.execute(_RECENT, key)]
    return [_read(row) for row in db.execute(_RECENT_OF, {**key, "requested_by": requested_by})]


def decisions(db: Connection, tenant_id: str, change_id: UUID) -> list[Decision]:
    """List what was decided about a change, in order."""
    rows = db.execute(_DECISIONS, {"tenant_id": tenant_id, "change_id": change_id})
    return [
        Decision(
            step=row.step,
            decision=row.decision,
            role=row.role,
            reason=row.reason,
            signature_meaning=row.signature_meaning,
            actor=row.actor,
        )
        for row in rows
    ]


def request(context: ServiceContext, new: NewChange) -> Change:
    """Open a change order, or the next cycle of a finished one; its number has no gaps."""
    number, cycle = _numbered(context, new)
    assert context.process_instance_id is not None  # a change is requested in its process
    change_id = context.new_id()
    row = {
        "tenant_id": context.tenant_id,
        "change_id": change_id,
        "change_number": number,
        "cycle": cycle,
        "kind": new.kind,
        "title": new.title,
        "problem": new.problem,
        "proposal": new.proposal,
        "reason": new.reason,
        "urgency": new.urgency,
        "source_kind": new.source_kind,
        "source_number": new.source_number,
        "aspects": [],
        "change_class": None,
        "status": "open",
        "round": 1,
        "requested_by": context.actor.username,
        "requested_at": context.now,
        "effective_from": None,
        "closed_at": None,
        "closing_reason": None,
        "process_instance_id": context.process_instance_id,
    }
    context.db.execute(_INSERT, row)
    context.record(
        {
            "event": "change.requested",
            "change": number,
            "cycle": cycle,
            "kind": new.kind,
            "reason": new.reason,
            "source": {"kind": new.source_kind, "number": new.source_number},
        }
    )
    return find(context.db, context.tenant_id, change_id)


def _numbered(context: ServiceContext, new: NewChange) -> tuple[str, int]:
    if new.earlier is None:
        return numbers.next_number(context, "CHG"), 1
    before = by_number(context.db, context.tenant_id, new.earlier)
    if not before.is_over:
        raise StillRunning(before)
    return before.number, before.cycle + 1


def decide(
    context: ServiceContext,
    change: Change,
    step: str,
    decision: str,
    *,
    role: str,
    reason: str | None = None,
) -> None:
    """Keep what somebody decided at a step, with the meaning it was signed with."""
    key = {"tenant_id": context.tenant_id, "change_id": change.change_id}
    last = context.db.execute(_LAST_DECISION, key).scalar_one() or 0
    row = {
        **key,
        "decision_number": last + 1,
        "round": change.round,
        "step": step,
        "decision": decision,
        "role": role,
        "reason": reason,
        "signature_meaning": ", ".join(context.signatures) or None,
        "actor": context.actor.username,
        "decided_at": context.now,
    }
    context.db.execute(_DECIDE, row)
    context.record(
        {
            "event": "change.decided",
            "change": change.number,
            "step": step,
            "decision": decision,
            "role": role,
            "reason": reason,
        }
    )


def classify(context: ServiceContext, change: Change, change_class: str, aspects: Any) -> None:
    """Fix the class of a change (CC-01) and the aspects it follows from."""
    row = {**_key(context, change), "change_class": change_class, "aspects": list(aspects)}
    context.db.execute(_CLASSIFY, row)
    context.record(
        {
            "event": "change.classified",
            "change": change.number,
            "class": {"old": change.change_class, "new": change_class},
            "aspects": list(aspects),
        }
    )


def assess_again(context: ServiceContext, change: Change, reason: str) -> int:
    """Begin another round of assessment; what was said in the rounds before stays."""
    context.db.execute(_NEXT_ROUND, _key(context, change))
    context.record(
        {
            "event": "change.assessed_again",
            "change": change.number,
            "round": {"old": change.round, "new": change.round + 1},
            "reason": reason,
        }
    )
    return change.round + 1


def set_status(
    context: ServiceContext, change: Change, status: str, *, on: date | None = None
) -> None:
    """Move a change on; `on` is the day from which it counts, where that is decided with it."""
    row: dict[str, Any] = {**_key(context, change), "status": status}
    if on is None:
        context.db.execute(_SET_STATUS, row)
    else:
        context.db.execute(_SET_DAY, {**row, "effective_from": on})
    context.record(_moved(change, status))


def close(context: ServiceContext, change: Change, status: str, reason: str) -> None:
    """End a cycle: closed, rejected, withdrawn or lapsed, with the reason."""
    row = {
        **_key(context, change),
        "status": status,
        "closed_at": context.now,
        "closing_reason": reason,
    }
    context.db.execute(_CLOSE, row)
    context.record({**_moved(change, status), "reason": reason})


def _moved(change: Change, status: str) -> dict[str, Any]:
    return {
        "event": "change.status_changed",
        "change": change.number,
        "status": {"old": change.status, "new": status},
    }


def _key(context: ServiceContext, change: Change) -> Mapping[str, Any]:
    return {"key_tenant_id": context.tenant_id, "key_change_id": change.change_id}


def _read(row: AnyRow) -> Change:
    return Change(
        change_id=row.change_id,
        number=row.change_number,
        cycle=row.cycle,
        kind=row.kind,
        title=row.title,
        reason=row.reason,
        source_kind=row.source_kind,
        source_number=row.source_number,
        aspects=tuple(row.aspects),
        change_class=row.change_class,
        status=row.status,
        round=row.round,
        requested_by=row.requested_by,
        effective_from=row.effective_from,
        process_instance_id=row.process_instance_id,
    )
