"""How a change is carried out: from when and with what becomes of old stock, tasks, training."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from engine.services import ServiceContext
from processes.ledger.changes import assessments
from processes.ledger.changes.orders import Change
from processes.ledger.changes.tables import change_task, change_training, effectivity
from processes.ledger.refusals import LedgerRefusal

_EFFECTIVITY = insert(effectivity)
_EFFECTIVITY_OF = (
    select(effectivity)
    .where(effectivity.c.tenant_id == bindparam("tenant_id"))
    .where(effectivity.c.change_id == bindparam("change_id"))
    .where(effectivity.c.round == bindparam("round"))
)
_NEW_TASK = insert(change_task)
_TASKS = (
    select(change_task)
    .where(change_task.c.tenant_id == bindparam("tenant_id"))
    .where(change_task.c.change_id == bindparam("change_id"))
    .where(change_task.c.round == bindparam("round"))
    .order_by(change_task.c.task_number)
)
_FINISH = (
    update(change_task)
    .where(change_task.c.tenant_id == bindparam("key_tenant_id"))
    .where(change_task.c.change_id == bindparam("key_change_id"))
    .where(change_task.c.round == bindparam("key_round"))
    .where(change_task.c.task_number == bindparam("key_task_number"))
    .where(change_task.c.state == "open")
    .values(
        state=bindparam("state"),
        evidence=bindparam("evidence"),
        result=bindparam("result"),
        done_by=bindparam("done_by"),
        done_at=bindparam("done_at"),
    )
)
_TRAINING = insert(change_training)
_TRAINED = (
    select(change_training)
    .where(change_training.c.tenant_id == bindparam("tenant_id"))
    .where(change_training.c.change_id == bindparam("change_id"))
    .where(change_training.c.round == bindparam("round"))
    .order_by(change_training.c.training_number)
)
_LAST_TRAINING = (
    select(func.max(change_training.c.training_number))
    .where(change_training.c.tenant_id == bindparam("tenant_id"))
    .where(change_training.c.change_id == bindparam("change_id"))
    .where(change_training.c.round == bindparam("round"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effectivity:
    """From when the new counts, and what becomes of the old (CC-04)."""

    kind: str
    effective_from: date
    from_number: str | None
    stock: str
    wip: str
    open_orders: str
    shipped: str
    interchangeable: bool
    owner_role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing to be done before a change is released."""

    number: int
    kind: str
    description: str
    owner_role: str
    due_on: date
    evidence_wanted: str
    state: str = "open"
    evidence: str | None = None
    result: str | None = None


class MixedNeedsInterchangeable(LedgerRefusal):
    """Old and new lie side by side only where either fits."""

    def __init__(self) -> None:
        super().__init__(
            "Old and new may be mixed only where form, fit and function are the same. Choose "
            "another effectivity, or confirm that they are interchangeable.",
            "仅当外形、配合、功能可互换时，新旧版本才可混用。请选择其他切换方式，或确认可互换。",
            expected="interchangeable",
            found="mixed",
        )


class AlreadyDone(LedgerRefusal):
    """A task is finished once."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"Task {number} is finished already. Load the step again.",
            f"任务 {number} 已完成，请重新打开该步骤。",
            found=str(number),
        )


def plan(
    context: ServiceContext, change: Change, effective: Effectivity, tasks: Sequence[Task]
) -> None:
    """Keep the plan of the current round: effectivity and tasks."""
    if effective.kind == "mixed" and not effective.interchangeable:
        raise MixedNeedsInterchangeable
    key = _round(context, change)
    context.db.execute(
        _EFFECTIVITY,
        {
            **key,
            "kind": effective.kind,
            "effective_from": effective.effective_from,
            "from_number": effective.from_number,
            "stock_treatment": effective.stock,
            "wip_treatment": effective.wip,
            "open_orders_treatment": effective.open_orders,
            "shipped_product": effective.shipped,
            "interchangeable": effective.interchangeable,
            "owner_role": effective.owner_role,
            "actor": context.actor.username,
            "recorded_at": context.now,
        },
    )
    rows = [
        {
            **key,
            "task_number": task.number,
            "kind": task.kind,
            "description": task.description,
            "owner_role": task.owner_role,
            "due_on": task.due_on,
            "evidence_wanted": task.evidence_wanted,
            "state": "open",
        }
        for task in tasks
    ]
    context.db.execute(_NEW_TASK, rows)
    context.record(
        {
            "event": "change.planned",
            "change": change.number,
            "round": change.round,
            "effectivity": effective.kind,
            "effective_from": effective.effective_from.isoformat(),
            "stock": effective.stock,
            "tasks": [
                {"number": t.number, "owner": t.owner_role, "what": t.description} for t in tasks
            ],
        }
    )


def effectivity_of(db: Connection, tenant_id: str, change: Change) -> Effectivity | None:
    """Give the effectivity planned in the current round; None before the plan."""
    row = db.execute(_EFFECTIVITY_OF, _asked(tenant_id, change)).one_or_none()
    if row is None:
        return None
    return Effectivity(
        kind=row.kind,
        effective_from=row.effective_from,
        from_number=row.from_number,
        stock=row.stock_treatment,
        wip=row.wip_treatment,
        open_orders=row.open_orders_treatment,
        shipped=row.shipped_product,
        interchangeable=row.interchangeable,
        owner_role=row.owner_role,
    )


def tasks_of(db: Connection, tenant_id: str, change: Change) -> list[Task]:
    """List the tasks of the current round."""
    return [
        Task(
            number=row.task_number,
            kind=row.kind,
            description=row.description,
            owner_role=row.owner_role,
            due_on=row.due_on,
            evidence_wanted=row.evidence_wanted,
            state=row.state,
            evidence=row.evidence,
            result=row.result,
        )
        for row in db.execute(_TASKS, _asked(tenant_id, change))
    ]


def finish_task(
    context: ServiceContext,
    change: Change,
    number: int,
    state: str,
    *,
    evidence: str,
    result: str | None,
    done_by: str,
) -> None:
    """Record a task as done or failed, with its evidence."""
    key = _round(context, change)
    row = {
        **{f"key_{name}": value for name, value in key.items()},
        "key_task_number": number,
        "state": state,
        "evidence": evidence,
        "result": result,
        "done_by": done_by,
        "done_at": context.now,
    }
    if context.db.execute(_FINISH, row).rowcount != 1:
        raise AlreadyDone(number)
    context.record(
        {
            "event": "change.task_finished",
            "change": change.number,
            "task": number,
            "state": state,
            "evidence": evidence,
        }
    )


def record_training(
    context: ServiceContext, change: Change, role: str, people: int, trained: int, reference: str
) -> None:
    """Record how many of those who must know the new way have been trained."""
    last = context.db.execute(_LAST_TRAINING, _round(context, change)).scalar_one() or 0
    row = {
        **_round(context, change),
        "training_number": last + 1,
        "role": role,
        "people": people,
        "trained": trained,
        "reference": reference,
        "recorded_at": context.now,
    }
    context.db.execute(_TRAINING, row)
    context.record(
        {
            "event": "change.training_recorded",
            "change": change.number,
            "role": role,
            "people": people,
            "trained": trained,
        }
    )


def gaps(
    db: Connection,
    tenant_id: str,
    change: Change,
    confirmed: dict[str, bool],
    *,
    training_asked: bool = False,
    untrained: Collection[str] = (),
) -> list[dict[str, str]]:
    """List what is missing before a change may be released (the readiness gate, CHG-52).

    With `training_asked` every function that saw an impact on training has a record, and there is
    one in any case; `untrained` are functions of which the book of trainings knows better.
    """
    open_tasks = [task for task in tasks_of(db, tenant_id, change) if task.state != "done"]
    # the last record of a role counts
    trained = {row.role: row for row in db.execute(_TRAINED, _asked(tenant_id, change))}
    short = {row.role for row in trained.values() if row.trained < row.people}
    affected = to_be_trained(db, tenant_id, change) if training_asked else []
    short |= {role for role in affected if role not in trained or trained[role].people == 0}
    short |= set(untrained)
    unnamed = training_asked and not affected and not any(r.people for r in trained.values())
    waiting = assessments.waiting_for(db, tenant_id, change, only_before_release=True)
    return [
        *(_gap("task", str(task.number)) for task in open_tasks),
        *(_gap("training", role) for role in sorted(short)),
        *([_gap("training_unnamed", "")] if unnamed else []),
        *(_gap("registration", market) for market in waiting),
        *(_gap(name, "") for name, yes in sorted(confirmed.items()) if not yes),
    ]


def to_be_trained(db: Connection, tenant_id: str, change: Change) -> list[str]:
    """Name the functions whose assessment of the current round saw an impact on training."""
    return [
        each.role
        for each in assessments.impacts(db, tenant_id, change)
        if each.answer == "impact" and "training" in each.topics
    ]


_GAPS = {
    "task": ("Task {} is not done", "任务 {} 未完成"),
    "training": ("Training of {} is not complete", "{} 的培训未完成"),
    "training_unnamed": (
        "Training is needed and nobody is recorded as trained",
        "需要培训，但尚无培训记录",
    ),
    "registration": ("{} has not approved", "{} 尚未批准"),
    "documents_effective": ("New documents are not in force", "新文件尚未生效"),
    "old_documents_withdrawn": ("Old documents are not withdrawn", "旧文件未收回"),
    "orders_and_wip_decided": (
        "Open orders and work in progress are not decided",
        "未结订单和在制品未处理",
    ),
}


def _gap(kind: str, what: str) -> dict[str, str]:
    en, zh = _GAPS[kind]
    return {"kind": kind, "en": en.format(what), "zh": zh.format(what)}


def _round(context: ServiceContext, change: Change) -> dict[str, Any]:
    return _asked(context.tenant_id, change)


def _asked(tenant_id: str, change: Change) -> dict[str, Any]:
    return {"tenant_id": tenant_id, "change_id": change.change_id, "round": change.round}
