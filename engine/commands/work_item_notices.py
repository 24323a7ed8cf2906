"""Tell people of work that waits: a reminder to those who can do it, then to whom it is escalated.

Nothing is decided by waiting: who may do the work stays as it is, and nobody approves by default.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from engine.canonical import instant_text
from engine.commands import due, notices
from engine.commands import instance as instances
from engine.commands.base import Command
from engine.commands.context import CommandContext
from engine.commands.due import Due
from engine.commands.work_item_id import WorkItemId
from engine.store.base import AnyRow
from engine.store.tables import work_item
from engine.working_time import working_days

_WAITING = (
    select(
        work_item.c.activity_id,
        work_item.c.role,
        work_item.c.opened_at,
        work_item.c.due_at,
        work_item.c.notice_at,
        work_item.c.told_first,
    )
    .where(work_item.c.tenant_id == bindparam("tenant_id"))
    .where(work_item.c.process_instance_id == bindparam("process_instance_id"))
    .where(work_item.c.task_ref == bindparam("task_ref"))
    .where(work_item.c.status == "open")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeWorkItem(Command):
    """Tell whoever is to be told by now that a work item waits."""

    work_item_id: WorkItemId


def notice(context: CommandContext, command: NoticeWorkItem) -> Mapping[str, Any]:
    """Put on the record who is told, and when the next one is."""
    item_id = command.work_item_id
    key = {
        "tenant_id": context.tenant_id,
        "process_instance_id": item_id.process_instance_id,
        "task_ref": item_id.task_ref,
    }
    row = context.db.execute(_WAITING, key).one_or_none()
    if row is None or row.notice_at is None or row.notice_at > context.at:
        return {"told": None}
    found = instances.load(context, item_id.process_instance_id)
    waiting = found.open_activity(item_id.task_ref)
    if waiting is None:
        return {"told": None}
    described = found.activity(waiting)
    roles = described.escalate_to
    value = instances.due_value(context, found, waiting, described.due or "")
    limit = Due(row.due_at, working_days(value))
    level = _level(context, row, roles, limit)
    told = row.role if level == 0 else roles[level - 1]
    event: dict[str, Any] = {
        "event": "work_item.reminded" if level == 0 else "work_item.escalated",
        "task_ref": item_id.task_ref,
        "activity": row.activity_id,
        "level": level,
        "to": told,
    }
    if level < min(len(roles), len(notices.LEVELS) - 1):
        following = due.at_level(context, level + 1, row.opened_at, limit)
        event["next_at"] = instant_text(following)
    found.record(event)
    return {"told": told}


def _level(context: CommandContext, row: AnyRow, roles: Sequence[str], limit: Due) -> int:
    """Say who is to be told now: nobody beyond those whom the diagram names.

    A reminder comes before the work is late, whatever shares the customer chose meanwhile, and
    before the first role is told: where both fall at one instant the reminder has no use.
    """
    if row.told_first is not None:
        return min(2, len(roles))
    escalated = due.at_level(context, 1, row.opened_at, limit)
    reminds = row.notice_at < row.due_at and row.notice_at < escalated
    return 0 if reminds else min(1, len(roles))
