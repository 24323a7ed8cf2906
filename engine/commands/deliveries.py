"""Deliveries without a person (timer, message, signal) that failed: tried again, then decided.

The first failure is an incident that an administrator sees; what failed is held, so that nothing
else waits behind it. The background tries it again after growing delays. After the last one it
waits for a person, who has it tried again or skips it, with a reason on the record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import bindparam, select, update

from engine.canonical import instant_text
from engine.commands import instance as instances
from engine.commands import messages, timers
from engine.commands.base import Command
from engine.commands.context import CommandContext
from engine.commands.messages import DeliverMessage, DeliverSignal
from engine.commands.timers import FireTimers
from engine.outcomes import Reason, Rejection
from engine.problems import Text
from engine.store.base import FAR_FUTURE, AnyRow
from engine.store.tables import incident, outbox

Kind = Literal["timer", "message", "signal"]

DELAYS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
)
"""After which time a failed delivery is tried again; then it waits for a person."""

_THIS = (
    select(incident)
    .where(incident.c.tenant_id == bindparam("tenant_id"))
    .where(incident.c.incident_id == bindparam("incident_id"))
    .with_for_update()
)
_SET = (
    update(outbox)
    .where(outbox.c.tenant_id == bindparam("key_tenant_id"))
    .where(outbox.c.outbox_id == bindparam("key_outbox_id"))
    .where(outbox.c.status == "pending")
)
_HOLD = _SET.values(due_at=bindparam("due_at"))
_GIVE_UP = _SET.values(status="expired")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFailedDelivery(Command):
    """Record that a delivery failed, hold it, and say when it is tried again.

    `incident_id` is the delivery's incident where it failed before. `fault` is the incident that an
    unexpected failure left already; None when a handler refused.
    """

    kind: Kind
    outbox_id: UUID | None = None
    process_instance_id: UUID | None = None
    task_ref: int | None = None
    incident_id: UUID | None = None
    fault: UUID | None = None
    refusal: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptDelivery(Command):
    """Try a failed delivery again; when it succeeds its incident is resolved with it."""

    incident_id: UUID
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryDelivery(Command):
    """Have a failed delivery tried again now; `why` says what was mended."""

    incident_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipDelivery(Command):
    """Give a failed delivery up for good; `why` says what is done instead."""

    incident_id: UUID


def record_failed(context: CommandContext, command: RecordFailedDelivery) -> Mapping[str, Any]:
    known = None if command.incident_id is None else _read(context, command.incident_id)
    attempts = 1 if known is None else known.attempts + 1
    incident_id = command.incident_id or command.fault or context.new_id()
    if command.incident_id is None and command.fault is None:
        context.record(
            "incidents",
            {
                "event": "incident.raised",
                "incident": incident_id,
                "process_instance": command.process_instance_id,
                "error": _error_of(command.refusal),
            },
        )
    retry_at = None if attempts > len(DELAYS) else context.at + DELAYS[attempts - 1]
    context.record(
        "incidents",
        {
            "event": "delivery.failed",
            "incident": incident_id,
            "kind": command.kind,
            "outbox": command.outbox_id,
            "process_instance": command.process_instance_id,
            "task_ref": command.task_ref,
            "attempts": attempts,
            "refusal": command.refusal,
            "retry_at": _at(retry_at),
        },
    )
    if command.incident_id is not None and command.fault is not None:
        _resolve(context, command.fault, "repeated", of=incident_id)
    if known is None:
        _hold(context, command)
    return {"incident_id": str(incident_id), "attempts": attempts, "retry_at": _at(retry_at)}


def _hold(context: CommandContext, command: RecordFailedDelivery) -> None:
    """Take what failed out of what is due: from now on its incident says when it is tried."""
    if command.kind == "message":
        row = {
            "key_tenant_id": context.tenant_id,
            "key_outbox_id": command.outbox_id,
            "due_at": FAR_FUTURE,
        }
        context.db.execute(_HOLD, row)
    if command.kind == "timer":
        assert command.process_instance_id is not None  # a timer is an instance's
        found = instances.load(context, command.process_instance_id)
        for timer in [] if found.status != "running" else found.runtime.timers():
            if timer.task_ref == command.task_ref:
                event = {"event": "timer.held", "task_ref": timer.task_ref}
                found.record({**event, "activity": timer.activity_id})


def attempt(context: CommandContext, command: AttemptDelivery) -> Mapping[str, Any]:
    row = _read(context, command.incident_id)
    if row.resolved_at is not None or row.attempts != command.attempt:
        return {"delivered": False}
    command_id = command.command_id
    match row.delivery:
        case "timer":
            fired = FireTimers(
                command_id=command_id,
                process_instance_id=row.process_instance_id,
                task_ref=row.task_ref,
            )
            result = timers.fire(context, fired)
        case "message":
            message = DeliverMessage(command_id=command_id, outbox_id=row.outbox_id)
            result = messages.deliver(context, message)
        case _:
            signal = DeliverSignal(
                command_id=command_id,
                outbox_id=row.outbox_id,
                process_instance_id=row.process_instance_id,
            )
            result = messages.deliver_signal(context, signal)
    _resolve(context, row.incident_id, "delivered")
    return result


def retry(context: CommandContext, command: RetryDelivery) -> Mapping[str, Any]:
    row = _open_delivery(context, command.incident_id)
    _require_reason(command.why)
    event = {"event": "delivery.retry_asked", "incident": row.incident_id}
    context.record("incidents", {**event, "retry_at": context.at})
    return {"retry_at": _at(context.at)}


def skip(context: CommandContext, command: SkipDelivery) -> Mapping[str, Any]:
    row = _open_delivery(context, command.incident_id)
    _require_reason(command.why)
    if row.delivery == "message":
        key = {"key_tenant_id": context.tenant_id, "key_outbox_id": row.outbox_id}
        context.db.execute(_GIVE_UP, key)
    if row.delivery == "timer":
        found = instances.load(context, row.process_instance_id)
        event = {"event": "timer.skipped", "task_ref": row.task_ref}
        found.record({**event, "incident": row.incident_id})
    _resolve(context, row.incident_id, "skipped")
    return {}


def _read(context: CommandContext, incident_id: UUID) -> AnyRow:
    key = {"tenant_id": context.tenant_id, "incident_id": incident_id}
    row = context.db.execute(_THIS, key).one_or_none()
    if row is None or row.delivery is None:
        raise Rejection(
            Reason.NOT_FOUND,
            {
                "en": "There is no such failed delivery. Open the list of incidents again.",
                "zh": "没有该投递失败事件，请重新打开事件列表。",
            },
            found=str(incident_id),
        )
    return row


def _open_delivery(context: CommandContext, incident_id: UUID) -> AnyRow:
    row = _read(context, incident_id)
    if row.resolved_at is not None:
        raise Rejection(
            Reason.INVALID_STATE,
            {
                "en": "This delivery was settled meanwhile; nothing is left to do.",
                "zh": "该投递已处理完毕，无需再操作。",
            },
            expected="open",
            found="resolved",
        )
    return row


def _require_reason(why: str | None) -> None:
    if not (why or "").strip():
        raise Rejection(
            Reason.INVALID_DATA,
            {
                "en": "Say why: what was mended, or what is done instead.",
                "zh": "请填写理由：已修复的内容，或改用的处理方式。",
            },
        )


def _resolve(
    context: CommandContext, incident_id: UUID, ending: str, *, of: UUID | None = None
) -> None:
    event = {"event": "incident.resolved", "incident": incident_id, "ending": ending}
    context.record("incidents", event if of is None else {**event, "of": of})


def _error_of(refusal: Text) -> str:
    return f"{refusal.get('en', '')} · {refusal.get('zh', '')}"


def _at(moment: datetime | None) -> str | None:
    return None if moment is None else instant_text(moment)
