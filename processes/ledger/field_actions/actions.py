"""Field actions as records: opened, decided, completed, closed, reopened as a new cycle.

Three class fields stand side by side, for China, the FDA and the EU, with what each authority
assigned beside them. None is ever copied into another: the laws ask different questions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from engine.services import ServiceContext
from processes.ledger.columns import AnyRow
from processes.ledger.field_actions.tables import field_action
from processes.ledger.numbers import next_number
from processes.ledger.refusals import LedgerRefusal, NotInLedger

_ACTIONS = select(field_action).where(field_action.c.tenant_id == bindparam("tenant_id"))
_BY_ID = _ACTIONS.where(field_action.c.field_action_id == bindparam("field_action_id"))
_BY_NUMBER = _ACTIONS.where(field_action.c.field_action_number == bindparam("number"))
_LATEST = (
    _ACTIONS.where(field_action.c.field_action_id < bindparam("before"))
    .order_by(field_action.c.field_action_id.desc())
    .limit(bindparam("limit"))
)
_INSERT = insert(field_action)
_KEY = (field_action.c.tenant_id == bindparam("key_tenant_id")) & (
    field_action.c.field_action_id == bindparam("key_field_action_id")
)
REGIONS = ("china", "fda", "eu")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAction:
    """A potential field issue, as it is opened."""

    mode: str
    title: str
    description: str
    aware_at: datetime
    aware_evidence: str
    source_kind: str | None = None
    source_number: str | None = None
    reopens: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldAction:
    """A field action as it stands now."""

    field_action_id: UUID
    number: str
    mode: str
    cycle: int
    reopens: str | None
    status: str
    title: str
    description: str
    source_kind: str | None
    source_number: str | None
    aware_at: datetime
    aware_evidence: str
    frozen_at: datetime | None
    action_type: str | None
    decision_reason: str | None
    decided_at: datetime | None
    initiated_at: datetime | None
    classes: Mapping[str, str | None]
    assigned: Mapping[str, str | None]
    depth: str | None
    level: str | None
    plan: Mapping[str, Any]
    completed_at: datetime | None
    closed_at: datetime | None
    process_instance_id: UUID

    @property
    def is_mock(self) -> bool:
        return self.mode == "mock"

    def class_in_force(self, region: str) -> str | None:
        """Give the authority's class where it has spoken, else the one that we propose."""
        return self.assigned[region] or self.classes[region]


class NotOver(LedgerRefusal):
    """Only what is over is reopened: as a new cycle, while the old one stays as it was."""

    def __init__(self, number: str, status: str) -> None:
        super().__init__(
            f"{number} is still open. Extend its scope instead of reopening it.",
            f"{number} 尚未关闭，请在原记录中扩大范围，而不是重新打开。",
            expected="closed, not_reported or cancelled",
            found=status,
        )


def open_action(context: ServiceContext, new: NewAction) -> FieldAction:
    """Open a field action; a reopened one takes the next cycle of the record that it names."""
    cycle = 1
    if new.reopens is not None:
        before = by_number(context.db, context.tenant_id, new.reopens)
        if before.status not in ("closed", "not_reported", "cancelled"):
            raise NotOver(before.number, before.status)
        cycle = before.cycle + 1
    # Exercises are counted by themselves, so that the numbers of real actions have no gaps.
    number = next_number(context, "MOCK" if new.mode == "mock" else "FA")
    field_action_id = context.new_id()
    row: dict[str, Any] = dict.fromkeys(column.name for column in field_action.columns)
    row |= {
        "tenant_id": context.tenant_id,
        "field_action_id": field_action_id,
        "field_action_number": number,
        "mode": new.mode,
        "cycle": cycle,
        "reopens": new.reopens,
        "status": "assessing",
        "title": new.title,
        "description": new.description,
        "source_kind": new.source_kind,
        "source_number": new.source_number,
        "aware_at": new.aware_at,
        "aware_evidence": new.aware_evidence,
        "process_instance_id": context.process_instance_id,
        "actor": context.actor.username,
        "created_at": context.now,
    }
    context.db.execute(_INSERT, row)
    context.record(
        {
            "event": "field_action.opened",
            "field_action": number,
            "mode": new.mode,
            "cycle": cycle,
            "reopens": new.reopens,
            "aware_at": new.aware_at,
        }
    )
    return find(context.db, context.tenant_id, field_action_id)


def find(db: Connection, tenant_id: str, field_action_id: UUID) -> FieldAction:
    """Give a field action by id; NotInLedger when there is none."""
    key = {"tenant_id": tenant_id, "field_action_id": field_action_id}
    row = db.execute(_BY_ID, key).one_or_none()
    if row is None:
        raise NotInLedger("field action", "现场措施", field_action_id)
    return _read(row)


def by_number(db: Connection, tenant_id: str, number: str) -> FieldAction:
    """Give a field action by number; NotInLedger when there is none."""
    row = db.execute(_BY_NUMBER, {"tenant_id": tenant_id, "number": number}).one_or_none()
    if row is None:
        raise NotInLedger("field action", "现场措施", number)
    return _read(row)


def latest(db: Connection, tenant_id: str, *, before: UUID, limit: int) -> list[FieldAction]:
    """List so many field actions, the newest first, from before this one on."""
    key = {"tenant_id": tenant_id, "before": before, "limit": limit}
    return [_read(row) for row in db.execute(_LATEST, key)]


def change(context: ServiceContext, action: FieldAction, **values: Any) -> FieldAction:
    """Write where the action stands now; the trail keeps what was there before."""
    key = {"key_tenant_id": context.tenant_id, "key_field_action_id": action.field_action_id}
    context.db.execute(update(field_action).where(_KEY).values(values), key)
    context.record(
        {"event": "field_action.changed", "field_action": action.number, "values": values}
    )
    return find(context.db, context.tenant_id, action.field_action_id)


def _read(row: AnyRow) -> FieldAction:
    return FieldAction(
        field_action_id=row.field_action_id,
        number=row.field_action_number,
        mode=row.mode,
        cycle=row.cycle,
        reopens=row.reopens,
        status=row.status,
        title=row.title,
        description=row.description,
        source_kind=row.source_kind,
        source_number=row.source_number,
        aware_at=row.aware_at,
        aware_evidence=row.aware_evidence,
        frozen_at=row.frozen_at,
        action_type=row.action_type,
        decision_reason=row.decision_reason,
        decided_at=row.decided_at,
        initiated_at=row.initiated_at,
        classes={"china": row.class_china, "fda": row.class_fda, "eu": row.class_eu},
        assigned={"china": row.assigned_china, "fda": row.assigned_fda, "eu": row.assigned_eu},
        depth=row.depth,
        level=row.level,
        plan=row.plan or {},
        completed_at=row.completed_at,
        closed_at=row.closed_at,
        process_instance_id=row.process_instance_id,
    )
