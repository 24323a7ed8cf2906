"""Resolve an incident that someone has looked into."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from engine.commands.base import Command
from engine.commands.context import CommandContext
from engine.outcomes import Reason, Rejection
from engine.store.tables import incident

_THIS = (
    select(incident.c.resolved_at, incident.c.delivery)
    .where(incident.c.tenant_id == bindparam("tenant_id"))
    .where(incident.c.incident_id == bindparam("incident_id"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveIncident(Command):
    """Close an incident; `why` says what was found and done."""

    incident_id: UUID


def resolve(context: CommandContext, command: ResolveIncident) -> Mapping[str, Any]:
    key = {"tenant_id": context.tenant_id, "incident_id": command.incident_id}
    row = context.db.execute(_THIS, key).one_or_none()
    if row is None or row.resolved_at is not None:
        raise Rejection(
            Reason.NOT_FOUND,
            {"en": "There is no such open incident.", "zh": "没有该未解决的事件。"},
        )
    if row.delivery is not None:
        raise Rejection(
            Reason.INVALID_STATE,
            {
                "en": "A delivery failed here and is still held: have it tried again, or skip it.",
                "zh": "此处有投递失败并被暂停：请重试或跳过该投递。",
            },
            expected="RetryDelivery or SkipDelivery",
        )
    if not (command.why or "").strip():
        raise Rejection(
            Reason.INVALID_DATA,
            {"en": "Say what was found and done.", "zh": "请说明查明的原因和处理措施。"},
        )
    context.record("incidents", {"event": "incident.resolved", "incident": command.incident_id})
    return {}
