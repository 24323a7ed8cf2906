"""Incidents as an administrator sees them: what failed, what is still held, what may be done."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from engine.problems import Text
from engine.store.base import AnyRow
from engine.store.tables import incident, outbox, process_instance

PAGE = 50

_OPEN = (
    select(incident, process_instance.c.title, outbox.c.name)
    .select_from(
        incident.outerjoin(
            process_instance,
            (process_instance.c.tenant_id == incident.c.tenant_id)
            & (process_instance.c.process_instance_id == incident.c.process_instance_id),
        ).outerjoin(
            outbox,
            (outbox.c.tenant_id == incident.c.tenant_id)
            & (outbox.c.outbox_id == incident.c.outbox_id),
        )
    )
    .where(incident.c.tenant_id == bindparam("tenant_id"))
    .where(incident.c.resolved_at.is_(None))
    .where(incident.c.incident_id < bindparam("before"))
    .order_by(incident.c.incident_id.desc())
    .limit(PAGE + 1)
)
_LAST = UUID(int=2**128 - 1)

_COMMAND: Text = {
    "en": "Nothing was changed. Find out why with the person who tried, mend it, then close the"
    " incident and say what was done.",
    "zh": "未作任何更改。请与操作人员查明原因并修复，然后关闭此事件并说明处理情况。",
}
_TRIED_AGAIN: Text = {
    "en": "It is held and tried again by itself. Mend what the message says; then retry now, or"
    " skip it if it must not happen any more. Both take a reason.",
    "zh": "已暂停，系统会自动重试。请按消息内容修复后立即重试；若不应再执行，则跳过。"
    "两者均需填写理由。",
}
_WAITS: Text = {
    "en": "It was tried several times and now waits for you. Mend what the message says, then"
    " retry; skip it if it must not happen any more. Both take a reason.",
    "zh": "已多次重试，现等待您处理。请按消息内容修复后重试；若不应再执行，则跳过。"
    "两者均需填写理由。",
}


def open_incidents(
    db: Connection, tenant_id: str, *, before: UUID = _LAST
) -> tuple[list[AnyRow], UUID | None]:
    """Give a page of the open incidents, the newest first, and where the next page begins."""
    rows = db.execute(_OPEN, {"tenant_id": tenant_id, "before": before}).all()
    page = list(rows[:PAGE])
    return page, page[-1].incident_id if len(rows) > PAGE else None


def choices(row: AnyRow) -> tuple[str, ...]:
    """Name the commands that settle an incident."""
    return ("resolve-incident",) if row.delivery is None else ("retry-delivery", "skip-delivery")


def what_to_do(row: Any) -> Text:
    """Say what an administrator does about an incident."""
    if row.delivery is None:
        return _COMMAND
    return _WAITS if row.retry_at is None else _TRIED_AGAIN
