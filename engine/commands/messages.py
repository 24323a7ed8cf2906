"""Deliver what instances threw: a message to the one that waits for it or to a new instance, a
signal to each that waits for it. Each delivery is one transaction and happens once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from engine.commands import instance as instances
from engine.commands.base import Command
from engine.commands.context import CommandContext
from engine.commands.instance import Instance
from engine.outcomes import Reason, Rejection
from engine.store.base import FAR_FUTURE, AnyRow
from engine.store.tables import outbox, subscription

_THIS = (
    select(outbox)
    .where(outbox.c.tenant_id == bindparam("tenant_id"))
    .where(outbox.c.outbox_id == bindparam("outbox_id"))
    .with_for_update()
)
_SUBSCRIBERS = (
    select(subscription.c.process_instance_id, subscription.c.task_ref)
    .where(subscription.c.tenant_id == bindparam("tenant_id"))
    .where(subscription.c.kind == bindparam("kind"))
    .where(subscription.c.name == bindparam("name"))
    .where(subscription.c.correlation.in_(bindparam("correlations", expanding=True)))
    .order_by(subscription.c.process_instance_id, subscription.c.task_ref)
)
_SETTLE = (
    update(outbox)
    .where(outbox.c.tenant_id == bindparam("key_tenant_id"))
    .where(outbox.c.outbox_id == bindparam("key_outbox_id"))
    .values(status=bindparam("status"), due_at=bindparam("due_at"), attempts=outbox.c.attempts + 1)
)
_PUBLISH = insert(outbox)
DEFAULT_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverMessage(Command):
    """Deliver one message of the outbox."""

    outbox_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverSignal(Command):
    """Deliver one signal to one instance that waits for it."""

    outbox_id: UUID
    process_instance_id: UUID


def publish(
    context: CommandContext,
    register: str,
    name: str,
    correlation: str,
    payload: Mapping[str, Any],
    *,
    outbox_id: UUID | None = None,
) -> UUID:
    """Put a message from outside any instance into the outbox, within the command that brings it.

    It is on the record in the named register, as `message.thrown` is in an instance's chain; it is
    then delivered like any other: once, and kept while nobody waits for it. Gives its id, which may
    be given where the matter itself makes it.
    """
    outbox_id = outbox_id or context.new_id()
    said = send(
        context.db,
        tenant_id=context.tenant_id,
        outbox_id=outbox_id,
        name=name,
        correlation=correlation,
        payload=payload,
        at=context.at,
    )
    context.record(register, {"event": "message.published", **said})
    return outbox_id


def send(
    db: Connection,
    *,
    tenant_id: str,
    outbox_id: UUID,
    name: str,
    correlation: str,
    payload: Mapping[str, Any],
    at: datetime,
    kind: Literal["message", "signal"] = "message",
) -> dict[str, Any]:
    """Put a message that no diagram throws into the outbox; give what the record has to say of it:
    `outbox`, `name`, `correlation`, `payload`. For handlers; a command calls `publish`. A signal
    goes to everybody who waits when it is delivered; its correlation is empty."""
    row = {
        "tenant_id": tenant_id,
        "outbox_id": outbox_id,
        "kind": kind,
        "name": name,
        "correlation": correlation,
        "payload": instances.encode_variables(payload),
        "source_instance_id": None,
        "status": "pending",
        "attempts": 0,
        "due_at": at,
        "created_at": at,
    }
    db.execute(_PUBLISH, row)
    return {
        "outbox": outbox_id,
        "name": name,
        "correlation": correlation,
        "payload": dict(payload),
    }


def deliver(context: CommandContext, command: DeliverMessage) -> Mapping[str, Any]:
    """A waiting instance first, else a new one; else the message waits for its receiver."""
    message = _pending(context, command.outbox_id)
    if message is None:
        return {"delivered": False}
    key = {
        "tenant_id": context.tenant_id,
        "kind": "message",
        "name": message.name,
        "correlations": [message.correlation, ""],
    }
    receiver = context.db.execute(_SUBSCRIBERS, key).first()
    if receiver is not None:
        _hand_over(context, message, receiver.process_instance_id, [receiver.task_ref])
        return _settle(context, message, "delivered", to=receiver.process_instance_id)
    starts = context.catalogue.started_by_message(context.db, context.tenant_id, message.name)
    if starts:
        deployed = starts[0]
        instances.start(
            context,
            deployed,
            command.command_id,
            payload=instances.decode_variables(message.payload),
            start_event=deployed.definition.start_messages[message.name],
            cause={"by": "message", "message": message.name, "outbox": str(message.outbox_id)},
        )
        return _settle(context, message, "delivered", to=command.command_id)
    kept = DEFAULT_KEPT
    expired = message.created_at + kept <= context.at
    return _settle(context, message, "expired" if expired else "waiting", to=None)


def _pending(context: CommandContext, outbox_id: UUID) -> AnyRow | None:
    key = {"tenant_id": context.tenant_id, "outbox_id": outbox_id}
    row = context.db.execute(_THIS, key).one_or_none()
    if row is None:
        raise Rejection(
            Reason.NOT_FOUND, {"en": "There is no such message.", "zh": "该消息不存在。"}
        )
    return row if row.status in ("pending", "waiting") else None


def _hand_over(
    context: CommandContext, message: AnyRow, process_instance_id: UUID, task_refs: list[int]
) -> None:
    """Give it to each of the tasks that still waits when its turn comes."""
    found = instances.load(context, process_instance_id)
    instances.require_running(found)
    payload = instances.decode_variables(message.payload)
    for task_ref in task_refs:
        if found.runtime.finished or not _waits(found, task_ref):
            continue  # what another of them did has disarmed it
        found.record(
            {
                "event": f"{message.kind}.received",
                "outbox": message.outbox_id,
                "name": message.name,
                "correlation": message.correlation,
                "source": message.source_instance_id,
                "task_ref": task_ref,
                "payload": payload,
            }
        )
        found.runtime.deliver(task_ref, payload)
    instances.settle(context, found)


def _waits(found: Instance, task_ref: int) -> bool:
    return any(waiting.task_ref == task_ref for waiting in found.runtime.subscriptions())


def _settle(
    context: CommandContext, message: AnyRow, status: str, *, to: UUID | None
) -> Mapping[str, Any]:
    row = {
        "key_tenant_id": context.tenant_id,
        "key_outbox_id": message.outbox_id,
        "status": status,
        "due_at": FAR_FUTURE if status == "waiting" else context.at,
    }
    context.db.execute(_SETTLE, row)
    return {"delivered": status == "delivered", "to": None if to is None else str(to)}


def deliver_signal(context: CommandContext, command: DeliverSignal) -> Mapping[str, Any]:
    """Hand a signal to every catch event of one instance that still waits for it."""
    key = {"tenant_id": context.tenant_id, "outbox_id": command.outbox_id}
    signal = context.db.execute(_THIS, key).one()
    subscribers = {
        **key,
        "kind": "signal",
        "name": signal.name,
        "correlations": [""],
    }
    waiting = [
        row.task_ref
        for row in context.db.execute(_SUBSCRIBERS, subscribers)
        if row.process_instance_id == command.process_instance_id
    ]
    if waiting:
        _hand_over(context, signal, command.process_instance_id, waiting)
    return {"delivered": bool(waiting)}


def signal_receivers(context: Any, signal: AnyRow) -> list[UUID]:
    """Name the instances that wait for a signal, but the one that threw it."""
    key = {
        "tenant_id": signal.tenant_id,
        "kind": "signal",
        "name": signal.name,
        "correlations": [""],
    }
    rows = context.execute(_SUBSCRIBERS, key)
    found = {row.process_instance_id for row in rows}
    return sorted(found - {signal.source_instance_id})
