"""One process instance, loaded for the length of a command, stepped, and written back whole.

Everything an instance does in a command becomes events of one entry in its chain: work items
opened and closed, timers, subscriptions, changed variables, the way taken through the diagram.
"""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, bindparam, exists, insert, select

from engine.actors import Actor
from engine.audit.entries import GENESIS, SealedEntry
from engine.canonical import instant_text, record_value
from engine.commands import due
from engine.commands.context import CommandContext
from engine.commands.work_item_id import WorkItemId
from engine.definitions.catalogue import Catalogue, Deployed
from engine.definitions.model import Activity, CompiledDefinition
from engine.execution import OpenActivity, Runtime, Subscription, load_program
from engine.identities.delegations import Delegation
from engine.outcomes import Reason, Rejection
from engine.services import ServiceContext
from engine.store.base import AnyRow
from engine.store.tables import draft, outbox, process_instance, work_item
from engine.working_time import WorkingDays
from forms.feel import evaluate

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER = msgspec.json.Decoder(float_hook=Decimal)

_INSTANCE = select(
    process_instance.c.process_instance_id,
    process_instance.c.definition_hash,
    process_instance.c.status,
    process_instance.c.title,
    process_instance.c.started_at,
    process_instance.c.state,
    process_instance.c.variables,
    process_instance.c.audit_seq,
    process_instance.c.audit_head,
    work_item.c.task_ref,
    work_item.c.activity_id,
    work_item.c.visit,
    work_item.c.item_index,
    work_item.c.role,
    work_item.c.assignee_id,
    work_item.c.status.label("item_status"),
    work_item.c.revision,
    exists()
    .where(draft.c.tenant_id == work_item.c.tenant_id)
    .where(draft.c.process_instance_id == work_item.c.process_instance_id)
    .where(draft.c.task_ref == work_item.c.task_ref)
    .label("has_draft"),
).select_from(
    process_instance.outerjoin(
        work_item,
        (work_item.c.tenant_id == process_instance.c.tenant_id)
        & (work_item.c.process_instance_id == process_instance.c.process_instance_id)
        & (work_item.c.task_ref == bindparam("task_ref")),
    )
)
_ONE = _INSTANCE.where(process_instance.c.tenant_id == bindparam("tenant_id")).where(
    process_instance.c.process_instance_id == bindparam("process_instance_id")
)
_PERFORMERS = (
    select(work_item.c.activity_id, work_item.c.completed_by)
    .where(work_item.c.tenant_id == bindparam("tenant_id"))
    .where(work_item.c.process_instance_id == bindparam("process_instance_id"))
    .where(work_item.c.activity_id.in_(bindparam("activities", expanding=True)))
    .where(work_item.c.status == "completed")
)
_SEND = insert(outbox)


def encode_variables(variables: Mapping[str, Any]) -> bytes:
    """Write a case document: JSON with exact decimals, compressed."""
    return zlib.compress(_ENCODER.encode(variables), 6)


def encode_json(value: Any) -> bytes:
    """Write JSON in which a decimal is a number with its digits."""
    return _ENCODER.encode(value)


def decode_variables(stored: bytes) -> dict[str, Any]:
    """Read a stored case document; decimals come back with their digits."""
    read: dict[str, Any] = _DECODER.decode(zlib.decompress(stored))
    return read


@dataclass(slots=True, kw_only=True)
class Instance:
    """A process instance within a command; also its chain in the trail (see context.Stream)."""

    stream_id: UUID
    deployed: Deployed
    definitions: Mapping[str, CompiledDefinition]
    status: str
    title: str
    started_at: datetime
    audit_seq: int
    audit_head: bytes
    runtime: Runtime
    item: AnyRow | None = None
    is_new: bool = False
    events: list[dict[str, Any]] = field(default_factory=list)
    role: str | None = None
    on_behalf_of: Delegation | None = None  # the role is another person's, for a time
    definition: str | None = None
    finished_at: datetime | None = None
    written: tuple[bytes | None, bytes] = (None, b"")
    _before: "_Picture | None" = None
    started_as: str | None = None  # while it is started by a person: the role by which

    def record(self, event: dict[str, Any]) -> None:
        self.events.append(record_value(event))

    def acting(self, context: CommandContext) -> Actor:
        """Give who acts, with the role that a delegation lends for this command."""
        lent = self.on_behalf_of
        if lent is None:
            return context.actor
        return replace(context.actor, roles=context.actor.roles | {lent.role})

    def activity(self, waiting: OpenActivity) -> Activity:
        """Give what the diagram says about an open task, be it in a called process."""
        return self.definitions[waiting.process_id].activities[waiting.activity_id]

    def open_activity(self, task_ref: int) -> OpenActivity | None:
        """Give an open task of the instance by its reference, or None."""
        before = self._before
        return None if before is None else before.open.get(task_ref)

    def write_head(self, context: CommandContext, sealed: SealedEntry) -> None:
        state, variables = self.written
        row = {
            "status": self.status,
            "title": self.title,
            "finished_at": self.finished_at,
            "state": state,
            "variables": variables,
            "audit_seq": sealed.seq,
            "audit_head": sealed.hash,
        }
        key = {"tenant_id": context.tenant_id, "process_instance_id": self.stream_id}
        if not self.is_new:
            key["audit_seq"] = self.audit_seq
            context.writes.add(process_instance, "move", key, row)
            return
        made = {
            "process_id": self.deployed.definition.process_id,
            "definition_hash": bytes.fromhex(self.deployed.definition.hash),
            "started_at": self.started_at,
        }
        context.writes.add(process_instance, "insert", key, {**made, **row})


@dataclass(frozen=True, slots=True)
class _Picture:
    """What an instance waits for at one moment, to be compared with the moment after."""

    open: Mapping[int, OpenActivity]
    timers: Mapping[int, tuple[str, datetime]]
    subscriptions: Mapping[tuple[int, str, str], Subscription]
    variables: Mapping[str, Any]

    @classmethod
    def of(cls, runtime: Runtime) -> "_Picture":
        return cls(
            open={a.task_ref: a for a in runtime.open_activities()},
            timers={t.task_ref: (t.activity_id, t.due_at) for t in runtime.timers()},
            subscriptions={(s.task_ref, s.kind, s.name): s for s in runtime.subscriptions()},
            variables=record_value(runtime.variables),
        )


EMPTY = _Picture({}, {}, {}, {})


@dataclass(slots=True)
class _InstanceHost:
    """Answers what the execution core asks, in the name of one command."""

    context: CommandContext
    instance: Instance | None = None
    left: list[str] = field(default_factory=list)

    def now(self) -> datetime:
        return self.context.at

    def after_working_days(self, limit: WorkingDays) -> datetime:
        working, days = self.context.working_time, Decimal(limit.days)
        return working.after(self.context.documents, self.context.at, days, limit.calendar)

    def call_service(
        self, handler: str, activity_id: str, inputs: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        context, instance = self.context, self.instance
        assert instance is not None  # set before the first step
        service = ServiceContext(
            db=context.db,
            tenant_id=context.tenant_id,
            now=context.at,
            actor=instance.acting(context),
            command_id=context.command.command_id,
            process_instance_id=instance.stream_id,
            activity_id=activity_id,
            record=instance.record,
            configuration=context.configuration,
            new_id=context.new_id,
            signatures=tuple(
                e["meaning"] for e in instance.events if e["event"] == "signature.made"
            ),
            performed_at=context.performed_at,
        )
        return context.resources.services[handler](service, inputs)

    def activity_completed(self, activity_id: str, visit: int) -> None:
        del visit
        self.left.append(activity_id)


def load(context: CommandContext, process_instance_id: UUID, task_ref: int = -1) -> Instance:
    """Load a running instance, with one of its work items; refused when there is none."""
    key = {
        "tenant_id": context.tenant_id,
        "process_instance_id": process_instance_id,
        "task_ref": task_ref,
    }
    row = context.db.execute(_ONE, key).one_or_none()
    if row is None:
        raise Rejection(
            Reason.NOT_FOUND,
            {
                "en": "This process instance does not exist. Go back to your worklist.",
                "zh": "该流程实例不存在，请返回工作列表。",
            },
            found=str(process_instance_id),
        )
    return _restored(context, row)


def require_running(instance: Instance) -> None:
    """Refuse to go on with an instance that is over."""
    if instance.status == "running":
        return
    ended = {"completed": ("is completed", "已完成"), "cancelled": ("was cancelled", "已取消")}
    english, chinese = ended[instance.status]
    raise Rejection(
        Reason.INVALID_STATE,
        {
            "en": f"This process {english}; nothing can be done in it any more.",
            "zh": f"该流程{chinese}，不能再进行操作。",
        },
        expected="running",
        found=instance.status,
    )


def _restored(context: CommandContext, row: AnyRow) -> Instance:
    deployed = context.catalogue.deployed(context.db, context.tenant_id, row.definition_hash)
    host = _InstanceHost(context)
    variables = decode_variables(row.variables)
    definitions = definitions_of(context.db, context.catalogue, context.tenant_id, deployed)
    program = load_program(deployed.definition, called=called_by(definitions, deployed))
    runtime = Runtime.restore(program, row.state, variables, host) if row.state else None
    instance = Instance(
        stream_id=row.process_instance_id,
        deployed=deployed,
        definitions=definitions,
        status=row.status,
        title=row.title,
        started_at=row.started_at,
        audit_seq=row.audit_seq,
        audit_head=row.audit_head,
        runtime=runtime,  # type: ignore[arg-type]  # none when over: see require_running
        item=row if row.task_ref is not None else None,
        definition=deployed.label,
    )
    host.instance = instance
    instance.written = (row.state, row.variables)
    instance._before = EMPTY if runtime is None else _Picture.of(runtime)  # noqa: SLF001
    context.add_stream(instance)
    return instance


def start(
    context: CommandContext,
    deployed: Deployed,
    process_instance_id: UUID,
    *,
    start_event: str | None = None,
    payload: Mapping[str, Any] | None = None,
    submitted: Mapping[str, Any] | None = None,
    cause: Mapping[str, Any],
) -> Instance:
    """Start an instance and run it to its first wait states; `cause` is kept on the record.

    `payload` is that of the message that starts it, or what its start form gave; `submitted` are
    the variables that stand in `cause` already (see settle).
    """
    host = _InstanceHost(context)
    instance = Instance(
        stream_id=process_instance_id,
        deployed=deployed,
        definitions=definitions_of(context.db, context.catalogue, context.tenant_id, deployed),
        status="running",
        title="",
        started_at=context.at,
        audit_seq=0,
        audit_head=GENESIS,
        runtime=None,  # type: ignore[arg-type]  # the runtime's first step needs the instance
        is_new=True,
        definition=deployed.label,
    )
    host.instance = instance
    context.add_stream(instance)
    definition = deployed.definition
    instance.record(
        {
            "event": "process_instance.started",
            "process": definition.process_id,
            "definition": definition.hash,
            "version": deployed.version,
            **cause,
        }
    )
    program = load_program(definition, called=called_by(instance.definitions, deployed))
    instance.runtime = Runtime.start(program, {}, host, start_event=start_event, payload=payload)
    instance._before = EMPTY  # noqa: SLF001
    if context.actor.is_person and cause.get("by") == "person":
        instance.started_as = definition.started_as(context.actor.roles)
    settle(context, instance, submitted)
    return instance


def definitions_of(
    db: Connection, catalogue: Catalogue, tenant_id: str, deployed: Deployed
) -> dict[str, CompiledDefinition]:
    """Give the instance's definition and those that its call activities reach, by process id,
    each in the version that was pinned at deployment."""
    found = {deployed.definition.process_id: deployed.definition}
    waiting = dict(deployed.called)
    while waiting:
        process_id, definition_hash = waiting.popitem()
        if process_id not in found:
            called = catalogue.deployed(db, tenant_id, bytes.fromhex(definition_hash))
            found[process_id] = called.definition
            waiting.update(called.called)
    return found


def called_by(
    definitions: Mapping[str, CompiledDefinition], deployed: Deployed
) -> dict[str, CompiledDefinition]:
    """Give the called definitions alone."""
    own = deployed.definition.process_id
    return {process_id: d for process_id, d in definitions.items() if process_id != own}


def settle(
    context: CommandContext, instance: Instance, submitted: Mapping[str, Any] | None = None
) -> None:
    """Record what became of the instance in this command, and what is to be written of it.

    `submitted` are the fields a person gave in this command: they are on the record with the
    completed work item or the start, so only what they replaced is recorded again.
    """
    runtime, before = instance.runtime, instance._before  # noqa: SLF001
    assert before is not None  # set where the runtime is
    after = _Picture.of(runtime)
    _record_closed(instance, before, after)
    _record_opened(context, instance, before, after)
    _record_waiting(instance, before, after)
    _send(context, instance)
    _record_variables(instance, before.variables, after.variables, submitted or {})
    state = runtime.save()
    host = runtime.host
    left = list(host.left) if isinstance(host, _InstanceHost) else []
    instance.record(
        {
            "event": "process_instance.advanced",
            "left": left,
            "state": hashlib.sha256(state).digest(),
        }
    )
    _finish(context, instance)
    _retitle(context, instance)
    finished = instance.status != "running"
    instance.written = (None if finished else state, encode_variables(runtime.variables))
    instance._before = after  # noqa: SLF001


def _record_closed(instance: Instance, before: _Picture, after: _Picture) -> None:
    completed = {e["task_ref"] for e in instance.events if e["event"] == "work_item.completed"}
    for task_ref, activity in before.open.items():
        if task_ref not in after.open and task_ref not in completed:
            event = {"event": "work_item.cancelled", "task_ref": task_ref}
            instance.record({**event, "activity": activity.activity_id})


def _record_opened(
    context: CommandContext, instance: Instance, before: _Picture, after: _Picture
) -> None:
    for task_ref, activity in after.open.items():
        if task_ref in before.open:
            continue
        described = instance.activity(activity)
        event: dict[str, Any] = {
            "event": "work_item.opened",
            "task_ref": task_ref,
            "activity": activity.activity_id,
            "visit": activity.visit,
            "role": _role_of(instance, activity, described),
            "priority": described.priority,
        }
        if activity.item_index is not None:
            event["item_index"] = activity.item_index
        if described.due is not None:
            found = due.due(context, due_value(context, instance, activity, described.due))
            event["due_at"] = None if found is None else instant_text(found.at)
            if found is not None:
                event["notice_at"] = instant_text(due.at_level(context, 0, context.at, found))
        instance.record(event)


def _role_of(instance: Instance, waiting: OpenActivity, described: Activity) -> str:
    """Give whose work it is: its lane's, and the starter's as far as starting goes."""
    definition = instance.deployed.definition
    begins = (
        waiting.process_id == definition.process_id
        and waiting.activity_id in definition.first_steps
    )
    return (instance.started_as if begins else None) or described.role or ""


def due_value(
    context: CommandContext, instance: Instance, activity: OpenActivity, text: str
) -> str | None:
    """Give the limit of a task as its diagram says it, with the variables as they are now."""
    scope = {**instance.runtime.variables, **activity.locals}
    return due.value_of(instance.definitions[activity.process_id], text, scope, context.at)


def _record_waiting(instance: Instance, before: _Picture, after: _Picture) -> None:
    for task_ref in before.timers:
        if task_ref not in after.timers:
            instance.record({"event": "timer.cleared", "task_ref": task_ref})
    for task_ref, (activity_id, due_at) in after.timers.items():
        known = before.timers.get(task_ref)
        if known is not None and known[1] == due_at:
            continue
        event = "timer.set" if known is None else "timer.moved"
        due = instant_text(due_at)
        instance.record(
            {"event": event, "task_ref": task_ref, "activity": activity_id, "due_at": due}
        )
    for key in before.subscriptions:
        if key not in after.subscriptions:
            instance.record(_subscription_event("subscription.closed", before.subscriptions[key]))
    for key, waiting in after.subscriptions.items():
        if key not in before.subscriptions:
            instance.record(_subscription_event("subscription.opened", waiting))


def _subscription_event(event: str, waiting: Subscription) -> dict[str, Any]:
    return {
        "event": event,
        "task_ref": waiting.task_ref,
        "kind": waiting.kind,
        "name": waiting.name,
        "correlation": waiting.correlation or "",
        "activity": waiting.activity_id,
    }


def _send(context: CommandContext, instance: Instance) -> None:
    """Put what the instance threw into the outbox, in the same transaction."""
    rows = []
    for thrown in instance.runtime.take_thrown():
        outbox_id = context.new_id()
        instance.record(
            {
                "event": f"{thrown.kind}.thrown",
                "outbox": outbox_id,
                "name": thrown.name,
                "correlation": thrown.correlation or "",
                "payload": record_value(thrown.payload),
            }
        )
        rows.append(
            {
                "tenant_id": context.tenant_id,
                "outbox_id": outbox_id,
                "kind": thrown.kind,
                "name": thrown.name,
                "correlation": thrown.correlation or "",
                "payload": encode_variables(thrown.payload),
                "source_instance_id": instance.stream_id,
                "status": "pending",
                "attempts": 0,
                "due_at": context.at,
                "created_at": context.at,
            }
        )
    if rows:
        context.db.execute(_SEND, rows)


def _record_variables(
    instance: Instance,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    submitted: Mapping[str, Any],
) -> None:
    """Record field, old and new of every variable that changed. A new variable that took the
    value a person gave in this command is named only: its value stands with the work item."""
    taken, changed = [], []
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue  # a variable without a value is the same as none
        if name not in before and name in submitted and submitted[name] == new:
            taken.append(name)
            continue
        change = {"field": name, "old": old, "new": new}
        changed.append(change if name in after else {**change, "removed": True})
    if taken:
        instance.record({"event": "variables.submitted", "fields": taken})
    if changed:
        instance.record({"event": "variables.changed", "changes": changed})


def _finish(context: CommandContext, instance: Instance) -> None:
    finished = instance.runtime.finished
    if finished is None:
        return
    instance.status = finished
    instance.finished_at = context.at
    instance.record({"event": "process_instance.finished", "status": finished})


def _retitle(context: CommandContext, instance: Instance) -> None:
    definition = instance.deployed.definition
    if definition.title is None:
        return
    tree = definition.expressions[definition.title]
    title = evaluate(tree, instance.runtime.variables, now=context.at)
    text = title[:200] if isinstance(title, str) else ""
    if text and text != instance.title:
        instance.title = text
        instance.record({"event": "process_instance.titled", "title": text})


def performers(
    db: Connection, tenant_id: str, process_instance_id: UUID, activities: Sequence[str]
) -> dict[str, set[UUID]]:
    """Tell who completed the named activities of an instance."""
    key = {
        "tenant_id": tenant_id,
        "process_instance_id": process_instance_id,
        "activities": list(activities),
    }
    found: dict[str, set[UUID]] = {}
    for activity_id, account_id in db.execute(_PERFORMERS, key):
        if account_id is not None:
            found.setdefault(activity_id, set()).add(account_id)
    return found


def work_item_ids(instance: Instance) -> list[str]:
    """Name the open work items of an instance."""
    return [
        str(WorkItemId(instance.stream_id, activity.task_ref))
        for activity in instance.runtime.open_activities()
    ]
