"""CAPA: from a problem to proof that it does not come back (ISO 13485, 8.5.2 and 8.5.3).

The criterion of effectiveness is set with the plan, before anything is done. An action that proves
ineffective is planned again; the rounds are counted, and there are only so many.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, insert, select, update

from engine.services import ServiceContext
from processes.ledger import words
from processes.ledger.columns import AnyRow
from processes.ledger.nonconformity.tables import (
    corrective_action,
    corrective_action_check,
    corrective_action_task,
)
from processes.ledger.numbers import next_number
from processes.ledger.refusals import LedgerRefusal, NotInLedger

_BY_NUMBER = (
    select(corrective_action)
    .where(corrective_action.c.tenant_id == bindparam("tenant_id"))
    .where(corrective_action.c.corrective_action_number == bindparam("number"))
)
_OF_SOURCE = (
    select(corrective_action.c.corrective_action_number)
    .where(corrective_action.c.tenant_id == bindparam("tenant_id"))
    .where(corrective_action.c.source_kind == bindparam("source_kind"))
    .where(corrective_action.c.source_number == bindparam("source_number"))
    .order_by(corrective_action.c.corrective_action_number)
)
_INSERT = insert(corrective_action)
_INSERT_TASK = insert(corrective_action_task)
_INSERT_CHECK = insert(corrective_action_check)
_KEY = (corrective_action.c.tenant_id == bindparam("key_tenant_id")) & (
    corrective_action.c.corrective_action_id == bindparam("key_corrective_action_id")
)
_SET_SCALE = update(corrective_action).where(_KEY).values(scale=bindparam("scale"))
_SET_CAUSE = update(corrective_action).where(_KEY).values(cause=bindparam("cause"))
_SET_CRITERION = update(corrective_action).where(_KEY).values(criterion=bindparam("criterion"))
_CLOSE = (
    update(corrective_action)
    .where(_KEY)
    .where(corrective_action.c.status == "open")
    .values(
        status=bindparam("status"),
        effective=bindparam("effective"),
        outcome_reason=bindparam("outcome_reason"),
        closed_by=bindparam("closed_by"),
        closed_at=bindparam("closed_at"),
    )
)
_PLANS = (
    select(func.coalesce(func.max(corrective_action_task.c.plan), 0))
    .where(corrective_action_task.c.tenant_id == bindparam("tenant_id"))
    .where(corrective_action_task.c.corrective_action_id == bindparam("corrective_action_id"))
)
_CHECKS = (
    select(func.count())
    .select_from(corrective_action_check)
    .where(corrective_action_check.c.tenant_id == bindparam("tenant_id"))
    .where(corrective_action_check.c.corrective_action_id == bindparam("corrective_action_id"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAction:
    """One action of a plan, with its owner and what it may do to safety and conformity."""

    kind: str
    description: str
    owner_role: str
    due_on: date
    adverse_effect: str
    change_needed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectiveAction:
    """A CAPA as it stands now."""

    corrective_action_id: UUID
    number: str
    source_kind: str
    source_number: str
    trigger: str
    problem: str
    scale: str
    status: str
    cause: str | None
    criterion: Mapping[str, Any] | None
    effective: bool | None
    opened_at: datetime
    reopens: str | None


class CorrectiveActionClosed(LedgerRefusal):
    """A closed CAPA stays as it was signed."""

    def __init__(self, number: str, found: str) -> None:
        state = words.said("state", found)
        super().__init__(
            f"{number} is {state.en}. Open a new corrective action that names it.",
            f"{number} 已结束（{state.zh}），如有需要请新建并引用该编号。",
            expected="open",
            found=found,
        )


class CorrectiveActionOpen(LedgerRefusal):
    """What is still open is not opened again."""

    def __init__(self, found: CorrectiveAction) -> None:
        super().__init__(
            f"{found.number} is still open. Go on with it.",
            f"{found.number} 尚未关闭，请在原记录中继续处理。",
            expected="closed",
            found=found.status,
        )


class TooManyExtensions(LedgerRefusal):
    """A plan is extended so often and then decided anew."""

    def __init__(self, number: str, most: int) -> None:
        super().__init__(
            f"{number} has been extended {most} times already. Carry it out or plan it anew.",
            f"{number} 已延期 {most} 次，请完成实施或重新策划。",
            expected=f"at most {most}",
        )


class NothingPlanned(LedgerRefusal):
    """A plan has actions, and says by what its effect will be judged."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"The plan of {number} needs at least one action and a criterion of effectiveness.",
            f"{number} 的计划至少应有一项措施，并写明有效性判定准则。",
        )


def open_new(
    context: ServiceContext,
    *,
    source_kind: str,
    source_number: str,
    trigger: str,
    problem: str,
    reopens: str | None = None,
) -> CorrectiveAction:
    """Open a CAPA for a source; whether it is warranted is decided by its screening.

    One that `reopens` a closed one is its next cycle, under a number of its own.
    """
    if reopens is not None:
        before = by_number(context.db, context.tenant_id, reopens)
        if before.status == "open":
            raise CorrectiveActionOpen(before)
    number = next_number(context, "CAPA")
    row = {
        "tenant_id": context.tenant_id,
        "corrective_action_id": context.new_id(),
        "corrective_action_number": number,
        "source_kind": source_kind,
        "source_number": source_number or number,
        "trigger": trigger,
        "problem": problem,
        "reopens": reopens,
        "scale": "undecided",
        "status": "open",
        "opened_by": context.actor.username,
        "opened_at": context.now,
    }
    context.db.execute(_INSERT, row)
    context.record(
        {
            "event": "corrective_action.opened",
            "corrective_action": number,
            "source": f"{source_kind} {row['source_number']}",
            "trigger": trigger,
            "problem": problem,
            "reopens": reopens,
        }
    )
    return by_number(context.db, context.tenant_id, number)


def by_number(db: Connection, tenant_id: str, number: str) -> CorrectiveAction:
    """Give a CAPA by its number; NotInLedger when there is none."""
    row = db.execute(_BY_NUMBER, {"tenant_id": tenant_id, "number": number}).one_or_none()
    if row is None:
        raise NotInLedger("corrective action", "纠正预防措施", number)
    return _read(row)


def of_source(db: Connection, tenant_id: str, source_kind: str, source_number: str) -> list[str]:
    """Name the CAPAs that a record has led to."""
    key = {"tenant_id": tenant_id, "source_kind": source_kind, "source_number": source_number}
    return list(db.execute(_OF_SOURCE, key).scalars())


def set_scale(context: ServiceContext, found: CorrectiveAction, scale: str) -> None:
    """Keep how much of a CAPA it takes (rule CP-01)."""
    _require_open(found)
    context.db.execute(_SET_SCALE, _key(context, found) | {"scale": scale})
    _record(context, found, "scaled", scale=scale)


def set_cause(context: ServiceContext, found: CorrectiveAction, cause: str) -> None:
    """Keep the root cause that was verified."""
    _require_open(found)
    context.db.execute(_SET_CAUSE, _key(context, found) | {"cause": cause})
    _record(context, found, "cause_found", cause=cause)


def plan(
    context: ServiceContext,
    found: CorrectiveAction,
    actions: Sequence[PlannedAction],
    criterion: Mapping[str, Any],
) -> int:
    """Keep a plan and its criterion of effectiveness; gives the number of the plan."""
    _require_open(found)
    if not actions or not criterion:
        raise NothingPlanned(found.number)
    key = _id(context, found)
    number = int(context.db.execute(_PLANS, key).scalar_one()) + 1
    rows = [
        {
            **key,
            "plan": number,
            "task": place,
            "kind": each.kind,
            "description": each.description,
            "owner_role": each.owner_role,
            "due_on": each.due_on,
            "adverse_effect": each.adverse_effect,
            "change_needed": each.change_needed,
        }
        for place, each in enumerate(actions, start=1)
    ]
    context.db.execute(_INSERT_TASK, rows)
    context.db.execute(_SET_CRITERION, _key(context, found) | {"criterion": dict(criterion)})
    _record(context, found, "planned", plan=number, actions=len(rows), criterion=dict(criterion))
    return number


def check(
    context: ServiceContext,
    found: CorrectiveAction,
    *,
    measured: str,
    effective: bool,
    evidence: str,
) -> int:
    """Keep an effectiveness check; gives how many there have been."""
    _require_open(found)
    key = _id(context, found)
    number = int(context.db.execute(_CHECKS, key).scalar_one()) + 1
    row = {
        **key,
        "check_number": number,
        "measured": measured,
        "effective": effective,
        "evidence": evidence,
        "checked_by": context.actor.username,
        "checked_at": context.now,
    }
    context.db.execute(_INSERT_CHECK, row)
    _record(context, found, "checked", check=number, effective=effective, measured=measured)
    return number


def close(
    context: ServiceContext,
    found: CorrectiveAction,
    status: str,
    *,
    effective: bool | None,
    reason: str,
) -> None:
    """End it: closed, not warranted or cancelled, with the reason."""
    _require_open(found)
    row = {
        "status": status,
        "effective": effective,
        "outcome_reason": reason,
        "closed_by": context.actor.username,
        "closed_at": context.now,
    }
    context.db.execute(_CLOSE, _key(context, found) | row)
    _record(context, found, status, effective=effective, reason=reason)


def _record(context: ServiceContext, found: CorrectiveAction, what: str, **more: Any) -> None:
    context.record(
        {"event": f"corrective_action.{what}", "corrective_action": found.number, **more}
    )


def _require_open(found: CorrectiveAction) -> None:
    if found.status != "open":
        raise CorrectiveActionClosed(found.number, found.status)


def _id(context: ServiceContext, found: CorrectiveAction) -> dict[str, Any]:
    return {
        "tenant_id": context.tenant_id,
        "corrective_action_id": found.corrective_action_id,
    }


def _key(context: ServiceContext, found: CorrectiveAction) -> dict[str, Any]:
    return {
        "key_tenant_id": context.tenant_id,
        "key_corrective_action_id": found.corrective_action_id,
    }


def _read(row: AnyRow) -> CorrectiveAction:
    return CorrectiveAction(
        corrective_action_id=row.corrective_action_id,
        number=row.corrective_action_number,
        source_kind=row.source_kind,
        source_number=row.source_number,
        trigger=row.trigger,
        problem=row.problem,
        scale=row.scale,
        status=row.status,
        cause=row.cause,
        criterion=row.criterion,
        effective=row.effective,
        opened_at=row.opened_at,
        reopens=row.reopens,
    )
