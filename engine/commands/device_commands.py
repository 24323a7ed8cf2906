"""Have the business decide what a device handed in: carry it out as the person meant it, or say why
not and have a person decide.

What is carried out is the work item's completion (or the start of an instance) by the same rules as
online; what differs is that it was done earlier. So who was meanwhile reassigned, which definition
and form were in force, what others changed in the same fields is looked at here. What cannot be
carried out is never lost: its envelope is kept as it was signed, the answer says so, and a message
`offline.conflict` makes a task of it.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, insert, select

from engine.audit import trail
from engine.audit.entries import document_of
from engine.canonical import instant_text, is_instant
from engine.commands import instance as instances
from engine.commands import messages, work_items
from engine.commands.base import Command
from engine.commands.context import CommandContext
from engine.commands.devices import POLICY, REGISTER
from engine.commands.instance import Instance
from engine.commands.intake import LOOKED_AT_AFTER
from engine.commands.process_instances import require_starter
from engine.commands.submissions import as_variables, validated
from engine.commands.work_item_id import WorkItemId
from engine.configuration.documents import versions
from engine.definitions.catalogue import Deployed
from engine.definitions.model import Activity, CompiledDefinition
from engine.definitions.offline_class import (
    OFFLINE_POLICY,
    Policy,
    may_complete_offline,
    may_start_offline,
)
from engine.devices import envelopes, registry
from engine.devices.envelopes import Envelope, PersonSignature
from engine.devices.merging import ASKS, CannotMerge, FieldConflict, Strategy, conflicts, merged
from engine.devices.signatures import examine
from engine.execution import OpenActivity
from engine.execution.addresses import compare
from engine.identities import signing
from engine.identities.signing import SignatureRequest, Verified
from engine.outcomes import Consequence, Reason, Rejection
from engine.services import ServiceContext
from engine.store import contents
from engine.store.base import AnyRow
from engine.store.device_tables import (
    ANSWERED,
    device,
    device_answer,
    device_envelope,
    device_key,
    device_pending,
    lease,
)
from engine.store.tables import work_item
from forms.errors import FormErrors

_STORED = (
    select(
        device_envelope.c.envelope,
        device_envelope.c.received_at,
        device_envelope.c.intake,
        device.c.name.label("device_name"),
        device.c.enrolled_at,
        device_answer.c.outcome,
        device_answer.c.reason,
        device_answer.c.final,
        device_answer.c.attempt,
        device_answer.c.result,
        lease.c.account_id.label("lease_account_id"),
        lease.c.opened_at,
        lease.c.ends_at,
        device.c.revoked_at,
        device.c.epoch.label("present_epoch"),
    )
    .select_from(
        ANSWERED.join(
            device,
            (device.c.tenant_id == device_envelope.c.tenant_id)
            & (device.c.device_id == device_envelope.c.device_id),
        ).outerjoin(
            lease,
            (lease.c.tenant_id == device_envelope.c.tenant_id)
            & (lease.c.lease_id == device_envelope.c.lease_id)
            & (lease.c.device_id == device_envelope.c.device_id)
            & (lease.c.epoch == device_envelope.c.epoch),
        )
    )
    .where(device_envelope.c.tenant_id == bindparam("tenant_id"))
    .where(device_envelope.c.envelope_hash == bindparam("envelope_hash"))
)
_EARLIER = (
    select(device_envelope.c.command_id)
    .select_from(ANSWERED)
    .where(device_envelope.c.tenant_id == bindparam("tenant_id"))
    .where(device_envelope.c.device_id == bindparam("device_id"))
    .where(device_envelope.c.process_instance_id == bindparam("process_instance_id"))
    .where(device_envelope.c.intake == "stored")
    .where(
        (device_envelope.c.epoch < bindparam("epoch"))
        | (
            (device_envelope.c.epoch == bindparam("epoch"))
            & (device_envelope.c.seq < bindparam("seq"))
        )
    )
    .where(device_answer.c.final.is_(None) | device_answer.c.final.is_(False))
    .limit(1)
)
_CLOSED = (
    select(device_key.c.closed_at, device_key.c.closed_seq, device_key.c.closed_head)
    .where(device_key.c.tenant_id == bindparam("tenant_id"))
    .where(device_key.c.device_id == bindparam("device_id"))
    .where(device_key.c.epoch == bindparam("epoch"))
)
_AT = (
    select(device_envelope.c.envelope_hash)
    .where(device_envelope.c.tenant_id == bindparam("tenant_id"))
    .where(device_envelope.c.device_id == bindparam("device_id"))
    .where(device_envelope.c.epoch == bindparam("epoch"))
    .where(device_envelope.c.seq == bindparam("seq"))
    .where(device_envelope.c.intake == "stored")
)
_ADDRESSED = (
    select(work_item.c.task_ref)
    .where(work_item.c.tenant_id == bindparam("tenant_id"))
    .where(work_item.c.process_instance_id == bindparam("process_instance_id"))
    .where(work_item.c.activity_id == bindparam("activity_id"))
    .where(work_item.c.visit == bindparam("visit"))
    .where(work_item.c.item_index.is_not_distinct_from(bindparam("item_index")))
    .order_by(work_item.c.task_ref.desc())
    .limit(1)
)
_AGAIN = insert(device_pending)
LOOKED_AT_LATEST = timedelta(days=1)
_SECURITY = frozenset(
    {"signature", "account_closed", "no_lease", "lease_expired", "other_tenant", "other_history"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyEnvelope(Command):
    """Carry out what an envelope says, in the name of the person who did it.

    `attended`: the person waits for the answer, and corrects what is wrong themselves; nobody else
    has to decide. `follows`: all that it depends on was decided in this round. `signature` is the
    proof by password that travelled beside the envelope. `flags` is what the asker found of the
    person's account: who was let go later may have done it before.
    """

    envelope: str
    attempt: int = 0
    attended: bool = False
    follows: bool = False
    signature: SignatureRequest | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkEnvelope(Command):
    """Have a person decide of an envelope that the door itself turned away, or that failed."""

    envelope: str
    reason: str
    message: Mapping[str, str]


@dataclass(slots=True)
class _Handing:
    """An envelope on its way through the business."""

    context: CommandContext
    command: ApplyEnvelope
    stored: AnyRow
    envelope: Envelope
    flags: list[str] = field(default_factory=list)
    merges: list[dict[str, Any]] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def not_before(self) -> datetime:
        """The latest time that the device is known to have been told before this was done."""
        key, record = self.context.resources.server_key, self.envelope.record
        told = key.told_time(record.time.token, self.envelope.device_id)
        known: list[datetime | None] = [self.stored.enrolled_at, self.stored.opened_at, told]
        return max(each for each in known if each is not None)

    @property
    def done_at(self) -> datetime:
        """When it was done: by the device's clock, within what we know; unreadable, on receipt."""
        received: datetime = self.stored.received_at
        try:
            said = datetime.fromisoformat(self.envelope.record.time.wall)
            return max(self.not_before, min(said, received))
        except (ValueError, TypeError, OverflowError):
            return received

    def performed(self) -> dict[str, Any]:
        """Say when it was done: the device's clock, and between which times of ours."""
        time = self.envelope.record.time
        return {
            "at": time.wall[:40],
            "zone": time.zone[:60],
            "not_before": instant_text(self.not_before),
            "not_after": instant_text(self.stored.received_at),
            "device": str(self.envelope.device_id),
            "envelope": self.envelope.hash.hex(),
        }


class _Parked(Exception):
    """It cannot be carried out as it is: a person decides. `reason` is a code of the protocol."""

    def __init__(self, reason: str, english: str, chinese: str) -> None:
        super().__init__(english)
        self.reason = reason
        self.message = {"en": english, "zh": chinese}


def prepare(preparation: Any, command: ApplyEnvelope) -> Verified | None:
    """Check the password that came beside the envelope, where there is one and it is this
    person's turn to give it: a device may try no password of who does not work on it."""
    if command.signature is None:
        return None
    actor = preparation.actor
    key = {"tenant_id": actor.tenant_id, "envelope_hash": bytes.fromhex(command.envelope)}
    with preparation.database.reading() as db:
        stored = db.execute(_STORED, key).one_or_none()
    if stored is None or stored.final or stored.intake != "stored":
        return None
    envelope = envelopes.read(zlib.decompress(stored.envelope))
    own = all(each.signer == actor.username for each in envelope.signatures)
    if (
        not own
        or not actor.is_person
        or stored.lease_account_id != actor.account_id
        or stored.ends_at <= stored.received_at
        or "account_closed" in command.flags
    ):
        return None
    return signing.authenticate(preparation, command.signature)


def apply(context: CommandContext, command: ApplyEnvelope) -> Mapping[str, Any]:
    handing = _handing(context, command)
    stored = handing.stored
    if stored.final or stored.outcome == "parked":
        return {"outcome": stored.outcome, "again": True}
    held = _held(handing)
    if held is not None:
        return _answer(handing, "held", reason=held)
    context.performed_at = handing.done_at
    try:
        _require_here(handing)
        _require_person(handing)
        if handing.envelope.record.kind == "process_instance.start":
            return _start(handing)
        return _complete(handing)
    except _Superseded as superseded:
        return _answer(handing, "superseded", reason=superseded.reason)
    except _Parked as parked:
        raise _refused(handing, parked.reason, parked.message) from parked
    except Rejection as refused:
        reason = _reason_of(refused)
        raise _refused(handing, reason, refused.message, refused) from refused


def park(context: CommandContext, command: ParkEnvelope) -> Mapping[str, Any]:
    asked = ApplyEnvelope(command_id=command.command_id, envelope=command.envelope)
    handing = _handing(context, asked)
    if handing.stored.final or handing.stored.outcome == "parked":
        return {"outcome": handing.stored.outcome, "again": True}
    _parking(handing, command.reason, command.message, None, None)(context)
    return {"outcome": "parked", "reason": command.reason}


def _handing(context: CommandContext, command: ApplyEnvelope) -> _Handing:
    key = {"tenant_id": context.tenant_id, "envelope_hash": bytes.fromhex(command.envelope)}
    stored = context.db.execute(_STORED, key).one()
    envelope = envelopes.read(zlib.decompress(stored.envelope))
    return _Handing(context, command, stored, envelope, list(command.flags))


# --- what has to be there first ----------------------------------------------------------------


def _held(handing: _Handing) -> str | None:
    """Tell what the envelope waits for, in this transaction."""
    command = handing.command
    return waits_for(
        handing.context.db,
        handing.context.tenant_id,
        handing.envelope,
        proven=command.signature is not None,
        follows=command.follows,
        stored=handing.stored,
    )


def waits_for(
    db: Connection,
    tenant_id: str,
    envelope: Envelope,
    *,
    proven: bool,
    follows: bool,
    stored: AnyRow | None = None,
) -> str | None:
    """Tell what an envelope waits for: a password, the end of a history that was closed, files,
    earlier work of the same case. `proven`: a password came with it; `follows`: all that it
    depends on was decided in this round."""
    by_password = any(each.auth.method == "password" for each in envelope.signatures)
    if by_password and not proven:
        return "proof_missing"
    if stored is None:
        key = {"tenant_id": tenant_id, "envelope_hash": envelope.hash}
        stored = db.execute(_STORED, key).one()
    closed = _closed_before(db, tenant_id, envelope, stored)
    if closed is not None and _at(db, tenant_id, envelope, closed.closed_seq) is None:
        return "unfinished"  # its history was closed, and its end has not come yet
    missing = (
        not contents.is_stored(db, tenant_id, _digest(each.sha256))
        for each in envelope.record.attachments
    )
    if any(missing):
        return "files_missing"
    if follows or not envelope.record.depends:
        return None
    earlier = {
        "tenant_id": tenant_id,
        "device_id": envelope.device_id,
        "process_instance_id": envelope.record.target.process_instance,
        "epoch": envelope.epoch,
        "seq": envelope.seq,
    }
    return "depends" if db.execute(_EARLIER, earlier).first() else None


def _closed_before(
    db: Connection, tenant_id: str, envelope: Envelope, stored: AnyRow
) -> AnyRow | None:
    """Give how the history that it belongs to was known to end, if it was closed before it came."""
    if stored.revoked_at is None and stored.present_epoch == envelope.epoch:
        return None  # nearly always, and nothing is asked
    key = {"device_id": envelope.device_id, "epoch": envelope.epoch}
    found = db.execute(_CLOSED, {"tenant_id": tenant_id, **key}).one()
    came_after = found.closed_at is not None and stored.received_at >= found.closed_at
    return found if came_after else None


def _at(db: Connection, tenant_id: str, envelope: Envelope, seq: int) -> bytes | None:
    """Give the hash of what stands at a place of the envelope's history."""
    key = {"device_id": envelope.device_id, "epoch": envelope.epoch, "seq": seq}
    found: bytes | None = db.execute(_AT, {"tenant_id": tenant_id, **key}).scalar_one_or_none()
    return found


def _digest(sha256: str) -> bytes:
    try:
        return bytes.fromhex(sha256)
    except ValueError:
        return b""


# --- who did it, and when ----------------------------------------------------------------------


def _require_here(handing: _Handing) -> None:
    """Look at whether it was made for this company, in the history that was known of the device.
    Nobody can decide otherwise."""
    context, envelope, stored = handing.context, handing.envelope, handing.stored
    if envelope.record.tenant != context.tenant_id:
        raise _Parked(
            "other_tenant",
            "This was made for another company. Nothing of it is carried out here.",
            "该记录属于其他公司，不在此执行。",
        )
    closed = _closed_before(context.db, context.tenant_id, envelope, stored)
    if closed is None:
        return
    if _at(context.db, context.tenant_id, envelope, closed.closed_seq) != closed.closed_head:
        raise _Parked(
            "other_history",
            "The device was revoked or enrolled anew before this came, and this is not what it "
            "had told of then.",
            "该记录送达前设备已被吊销或重新登记，且与当时设备所报的记录不一致。",
        )


def _require_person(handing: _Handing) -> None:
    """Look at lease and clock: whether this person could work on this device at that time."""
    if _ruling(handing):
        handing.flags.append("ruled")  # somebody answers for it with a signature
        return
    stored, record = handing.stored, handing.envelope.record
    if stored.lease_account_id is None or stored.lease_account_id != (
        handing.context.actor.account_id
    ):
        raise _Parked(
            "no_lease",
            f"{record.actor} had no leave to work on this device without a network.",
            f"{record.actor} 没有在该设备上离线工作的授权。",
        )
    if stored.ends_at < handing.not_before:
        raise _Parked(
            "lease_expired",
            "The leave to work without a network had ended when this was done.",
            "执行该操作时，离线工作授权已过期。",
        )
    if stored.ends_at < stored.received_at:
        handing.flags.append("lease_ended_since")
    if _is_skewed(handing):
        handing.flags.append("clock")
    if "account_closed" in handing.flags:
        raise _Parked(
            "account_closed",
            f"The account of {record.actor} was closed or changed before this was done, or it "
            "cannot be told that it was done before.",
            f"{record.actor} 的账户在该操作之前已关闭或变更，或无法确认操作在此之前完成。",
        )


def _is_skewed(handing: _Handing) -> bool:
    """Tell whether the device's clock says what cannot have been."""
    allowed = _allowed_skew(handing)
    try:
        wall = datetime.fromisoformat(handing.envelope.record.time.wall)
        return not handing.not_before - allowed <= wall <= handing.stored.received_at + allowed
    except (TypeError, ValueError):
        return True


def _allowed_skew(handing: _Handing) -> timedelta:
    return timedelta(minutes=float(handing.context.configuration(POLICY)["clock_skew_minutes"]))


# --- completing ----------------------------------------------------------------------------------


class _Superseded(Exception):
    """Somebody did the same already, with the same data: nothing is left to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _complete(handing: _Handing) -> Mapping[str, Any]:
    context, record = handing.context, handing.envelope.record
    item_id = _address(handing)
    try:
        found, waiting, activity = work_items.open_item(context, item_id)
    except Rejection as refused:
        if refused.reason is Reason.ALREADY_COMPLETED:
            _compare_with_done(handing, item_id)
        raise
    handing.details["activity_names"] = dict(activity.names)
    _require_class(handing, offline=may_complete_offline(activity, _policy(handing)))
    handing.details["title"] = found.title
    _require_same_place(handing, waiting)
    work_items.require_role(context, found, activity)
    item = found.item
    assert item is not None  # open_item found it
    if item.assignee_id not in (None, context.actor.account_id):
        handing.flags.append("reassigned")
    work_items.require_segregation(context, found, waiting)
    work_items.require_fit(context, activity)
    activity = _as_signed(handing, found, waiting, activity)
    known = {**found.runtime.variables, **waiting.locals}
    data, values = validated(context, activity, record.data, known=known)
    _require_same_record(record.data, data)
    values = _merge(handing, activity, known, data, values)
    completed = work_items.completed_event(found, waiting, activity, data)
    found.record({**completed, "performed": handing.performed()})
    _sign(handing, found, activity)
    answered = _answer_in(handing, found)
    before = list(found.runtime.open_activities())
    found.runtime.complete(waiting.task_ref, values)
    instances.settle(context, found, as_variables(activity, data))
    if item.has_draft:
        work_items.discard_drafts(context, item_id)
    _compare_prediction(handing, before, found)
    result = {
        "process_instance_id": str(found.stream_id),
        "next_work_items": work_items.next_for(context, found),
        "status": found.status,
    }
    return _settled(handing, found, answered, result)


def _policy(handing: _Handing) -> Policy:
    policy: Policy = handing.context.documents.get(OFFLINE_POLICY, {})
    return policy


def _require_class(handing: _Handing, *, offline: bool) -> None:
    """Refuse what was done without a connection where the diagram, or the customer's policy for
    its signature, wants one. Who waits for the answer has a connection."""
    if offline or _is_done_now(handing) or _ruling(handing):
        return
    raise _Parked(
        "not_offline",
        "This is not done without a connection: it may be prepared, and is completed online.",
        "该步骤不得离线完成：可离线准备，须联机后提交。",
    )


def _is_done_now(handing: _Handing) -> bool:
    """Tell whether its person waits for the answer. That they do is said beside the envelope and
    signed by nobody: a password that comes with it proves it; else the time we told the device
    before it was done, or the time its clock said then, has to be about now."""
    if not handing.command.attended:
        return False
    if handing.command.signature is not None:
        return True
    now: datetime = handing.stored.received_at
    about = _allowed_skew(handing)
    if now - handing.not_before <= about:
        return True
    try:
        done_at = datetime.fromisoformat(handing.envelope.record.time.wall)
        return -about <= now - done_at <= about
    except (ValueError, TypeError, OverflowError):
        return False


def _address(handing: _Handing) -> WorkItemId:
    """Find the work item that a logical address means."""
    target = handing.envelope.record.target
    if target.task_ref is not None:
        return WorkItemId(target.process_instance, envelopes.count(target.task_ref))
    key = {
        "tenant_id": handing.context.tenant_id,
        "process_instance_id": target.process_instance,
        "activity_id": target.activity,
        "visit": envelopes.count(target.visit or "1"),
        "item_index": None if target.index is None else envelopes.count(target.index),
    }
    task_ref = handing.context.db.execute(_ADDRESSED, key).scalar_one_or_none()
    if task_ref is None:
        raise _Parked(
            "diverged",
            "The process did not come to this step: it took another way than the device expected.",
            "流程未到达该步骤：实际路径与设备预计的不同。",
        )
    return WorkItemId(target.process_instance, task_ref)


def _require_same_place(handing: _Handing, waiting: OpenActivity) -> None:
    target = handing.envelope.record.target
    index = None if waiting.item_index is None else str(waiting.item_index)
    if (waiting.activity_id, str(waiting.visit), index) == (
        target.activity,
        target.visit,
        target.index,
    ):
        return
    raise _Parked(
        "diverged",
        "The step that is open there is another one than the device named.",
        "该处待办步骤与设备记录的步骤不一致。",
    )


def _as_signed(
    handing: _Handing, found: Instance, waiting: OpenActivity, activity: Activity
) -> Activity:
    """Take the form that the person saw, be it an older one: forms are kept for ever."""
    used = handing.envelope.record.definition
    present = found.definitions[waiting.process_id]
    if used.hash != present.hash:
        handing.flags.append("definition_changed")
    if used.form == activity.form_hash:
        return activity
    handing.flags.append("form_changed")
    shown = _form_of(handing, waiting.process_id, activity.id)
    if used.form is None or activity.form_hash is None or used.form != shown:
        raise _Parked(
            "form_changed",
            "The step has another form by now than the one that was filled in.",
            "该步骤的表单已变更，与填写时的表单不同。",
        )
    return msgspec.structs.replace(activity, form_hash=used.form)


def _form_of(handing: _Handing, process_id: str, activity_id: str) -> str | None:
    """Give the form that the step has in the definition that the device names; None where that
    was never deployed, or is another process's."""
    used = handing.envelope.record.definition
    if used.process != process_id:
        return None
    deployed = _deployed(handing, used.hash)
    activity = None if deployed is None else deployed.definition.activities.get(activity_id)
    return None if activity is None else activity.form_hash


def _deployed(handing: _Handing, definition_hash: str) -> Deployed | None:
    context = handing.context
    try:
        return context.catalogue.deployed(context.db, context.tenant_id, _digest(definition_hash))
    except LookupError:
        return None


def _require_same_record(given: Mapping[str, Any], validated_data: Mapping[str, Any]) -> None:
    if dict(given) == validated_data:
        return
    raise Rejection(
        Reason.RECORD_DIFFERS,
        {
            "en": "The record that was made is not the one that the form gives by now.",
            "zh": "设备上形成的记录与系统按表单得到的记录不一致。",
        },
    )


def _merge(
    handing: _Handing,
    activity: Activity,
    known: Mapping[str, Any],
    data: Mapping[str, Any],
    values: dict[str, Any],
) -> dict[str, Any]:
    """Decide fields that others changed meanwhile as the form says; or have a person decide."""
    base = handing.envelope.record.base
    if activity.form_hash is None or activity.result is not None or not base:
        return values
    context = handing.context
    form = context.catalogue.form(context.db, context.tenant_id, activity.form_hash)
    properties = form.schema.get("properties", {})

    def strategy_of(name: str) -> Strategy:
        strategy: Strategy = properties.get(name, {}).get("x-merge", "ask")
        return strategy

    found = conflicts(base=base, current=known, mine=data, strategy_of=strategy_of)
    if not found:
        return values
    resolved = dict(data)
    for conflict in found:
        resolved[conflict.name] = _resolved(handing, conflict)
    try:
        return dict(form.validate(resolved, context=known, now=context.at).values)
    except FormErrors as wrong:
        if _ruling(handing):  # decided: what was signed counts
            handing.merges[:] = [{**each, "value": each["mine"]} for each in handing.merges]
            return values
        handing.details["fields"] = list(handing.merges)
        names = ", ".join(each["field"] for each in handing.merges)
        raise _Parked(
            "field_conflict",
            f"Others changed {names} meanwhile, and what the two give together is not allowed: "
            f"{_told(wrong, 'en')}",
            f"期间他人已修改 {names}，合并后的值不符合要求：{_told(wrong, 'zh')}",
        ) from wrong


def _told(wrong: FormErrors, language: str) -> str:
    return " ".join(each.message[language] for each in wrong.errors)


def _resolved(handing: _Handing, conflict: FieldConflict) -> Any:
    shown = {
        "field": conflict.name,
        "base": conflict.base,
        "theirs": conflict.theirs,
        "mine": conflict.mine,
        "strategy": conflict.strategy,
    }
    if conflict.strategy in ASKS and _ruling(handing):
        handing.merges.append({**shown, "value": conflict.mine})
        return conflict.mine
    try:
        value = merged(conflict)
    except CannotMerge as cannot:
        handing.details.setdefault("fields", []).append(shown)
        raise _Parked(
            "field_conflict",
            f"Somebody else changed “{conflict.name}” meanwhile.",
            f"期间他人已修改“{conflict.name}”。",
        ) from cannot
    handing.merges.append({**shown, "value": value})
    return value


def _ruling(handing: _Handing) -> Mapping[str, Any]:
    """Give what a person decided of this envelope, where somebody has."""
    if handing.stored.result is None:
        return {}
    ruling: Mapping[str, Any] = document(handing.stored.result).get("ruling", {})
    return ruling


def document(written: bytes) -> dict[str, Any]:
    """Read what an answer keeps."""
    found: dict[str, Any] = envelopes.decoded(written)
    return found


def rule(context: ServiceContext, envelope: str, *, apply_it: bool, reason: str) -> None:
    """Record what a person decided of an envelope that was parked: it is carried out after all, by
    the next round, or kept as evidence and nothing more. For handlers; refused once it is decided.
    """
    key = {"tenant_id": context.tenant_id, "envelope_hash": bytes.fromhex(envelope)}
    stored = context.db.execute(_STORED, key).one_or_none()
    if stored is None or stored.outcome != "parked":
        raise Rejection(
            Reason.INVALID_STATE,
            {"en": "This was decided already.", "zh": "该记录已有裁决。"},
            expected="parked",
            found=None if stored is None else stored.outcome,
        )
    by = context.actor.username
    ruling = {"by": by, "reason": reason, "case": str(context.process_instance_id)}
    said = {
        "en": f"{by} decided: {'carry it out' if apply_it else 'kept as evidence'}. {reason}",
        "zh": f"{by} 裁决：{'执行本记录' if apply_it else '留作证据'}。{reason}",
    }
    device_id = envelopes.read(zlib.decompress(stored.envelope)).device_id
    if apply_it:
        context.db.execute(_AGAIN, {**key, "device_id": device_id, "due_at": context.now})
    context.record(
        {
            "event": "device_command.answered",
            "envelope": envelope,
            "device": str(device_id),
            "outcome": "held" if apply_it else "superseded",
            "reason": "ruled" if apply_it else "kept",
            "attempt": stored.attempt + 1,
            "final": not apply_it,
            "result": {"ruling": ruling, "message": said},
        }
    )


def _compare_with_done(handing: _Handing, item_id: WorkItemId) -> None:
    """The step was done by somebody else: the same again is a confirmation, other data a conflict
    that a person decides."""
    done = _done(handing.context, item_id)
    if done is None:
        return
    handing.details |= {"theirs": done["data"], "theirs_by": done["by"], "theirs_at": done["at"]}
    if done["data"] == dict(handing.envelope.record.data):
        raise _Superseded("same_data")
    raise _Parked(
        "already_completed",
        f"{done['by']} has completed this step already, with other data.",
        f"{done['by']} 已完成该步骤，且数据不同。",
    )


def _done(context: CommandContext, item_id: WorkItemId) -> dict[str, Any] | None:
    entries = trail.entries_of(context.db, context.tenant_id, item_id.process_instance_id)
    for entry in entries:
        told = document_of(entry.body)
        for event in told["events"]:
            is_it = event["event"] == "work_item.completed"
            if is_it and event["task_ref"] == item_id.task_ref:
                by = told["actor"]["username"]
                return {"data": event["data"], "by": by, "at": told["at"]}
    return None


def _compare_prediction(handing: _Handing, before: Sequence[OpenActivity], found: Instance) -> None:
    """Mark what went on otherwise than the device expected (it may have gone on from there)."""
    after = found.runtime.open_activities()
    if not compare(handing.envelope.record.next, before, after).came_true:
        handing.flags.append("diverged")


# --- signing ---------------------------------------------------------------------------------


def _sign(handing: _Handing, found: Instance, activity: Activity) -> None:
    """Keep the signature of the record when it is proven and the one that the step asks for."""
    signatures = handing.envelope.signatures
    if len(signatures) > 1:
        raise _unproven("several")
    made = [_signed(handing, each) for each in signatures]
    meanings = {each["meaning"] for each in made}
    if activity.signature is not None and activity.signature not in meanings:
        raise Rejection(
            Reason.SIGNATURE_REQUIRED,
            {
                "en": f"This step is signed as {activity.signature}. Sign to complete it.",
                "zh": f"此步骤需要以“{activity.signature}”含义签名后才能完成。",
            },
            expected=activity.signature,
        )
    for each in made:
        found.record(each)


def _signed(handing: _Handing, signature: PersonSignature) -> dict[str, Any]:
    """Give the event that keeps a signature. Its record is the envelope's, as it was shown."""
    context = handing.context
    meanings = context.configuration("signature_meanings")
    meaning = meanings.get(signature.meaning)
    if meaning is None or signature.signer != context.actor.username:
        raise _unproven("other_signer")
    if not _is_statement(context, signature):
        raise _unproven("other_statement")
    if not is_instant(signature.at):
        raise _unproven("time")
    factors = _factors(handing, signature)
    return {
        "event": "signature.made",
        "meaning": signature.meaning,
        "meaning_names": meaning["names"],
        "statement": signature.statement,
        "language": signature.language,
        "factors": list(factors),
        "record_hash": handing.envelope.record_hash,
        "envelope": handing.envelope.hash.hex(),
        "signed_at": signature.at[:40],
    }


def _is_statement(context: CommandContext, signature: PersonSignature) -> bool:
    """Tell whether the sentence is one that the company has, or had, for the meaning."""
    in_force = context.configuration("signature_meanings")
    if in_force[signature.meaning]["statement"].get(signature.language) == signature.statement:
        return True
    earlier = versions(context.db, context.tenant_id, "signature_meanings")
    return signature.statement in (
        each.get(signature.meaning, {}).get("statement", {}).get(signature.language)
        for each in earlier
    )


def _factors(handing: _Handing, signature: PersonSignature) -> tuple[str, ...]:
    context = handing.context
    if signature.auth.method == "password":
        verified: Verified | None = context.prepared
        if verified is None or verified.meaning != signature.meaning:
            raise _unproven("password")
        signing.clear_failures(context, verified.signer)
        return ("username", "password")
    row = registry.credential_row(context.db, context.tenant_id, signature.auth.credential or "")
    if row is None or row.account_id != context.actor.account_id:
        raise _unproven("other_credential")
    if row.revoked_at is not None and row.revoked_at <= handing.stored.received_at:
        raise _unproven("credential_revoked")
    evidence = examine(handing.envelope, signature, registry.as_credential(row))
    if evidence.fault is not None:
        raise _unproven(evidence.fault)
    bound = handing.context.configuration(POLICY)["device_bound_for"]
    if evidence.device_bound is False and signature.meaning in bound:
        raise _unproven("not_device_bound")
    return evidence.factors


def _unproven(fault: str) -> _Parked:
    return _Parked(
        "signature",
        f"The signature is not proven ({fault}). Have the person sign the same record again.",
        f"签名未能通过验证（{fault}）。请本人对同一记录重新签名。",
    )


# --- starting ----------------------------------------------------------------------------------


def _start(handing: _Handing) -> Mapping[str, Any]:
    """Start an instance under the id that the device gave it, by the version it was started by."""
    context, record = handing.context, handing.envelope.record
    deployed = _deployed(handing, record.definition.hash)
    if deployed is None or deployed.definition.process_id != record.definition.process:
        raise _Parked(
            "unknown_definition",
            "The process was never in force here as it was started.",
            "所用的流程版本从未在系统中生效。",
        )
    active = context.catalogue.active_of(context.db, context.tenant_id, record.definition.process)
    if active is None or active.definition.hash != record.definition.hash:
        handing.flags.append("definition_changed")
    require_starter(context, deployed.definition)
    begins = _start_of(deployed.definition)
    allowed = begins is not None and may_start_offline(begins, _policy(handing))
    _require_class(handing, offline=allowed)
    form = deployed.definition.start_form
    if form is not None and record.definition.form not in (None, form.form_hash):
        raise _Parked(
            "form_changed",
            "The process starts with another form than the one that was filled in.",
            "该流程的启动表单与填写时的表单不同。",
        )
    cause: dict[str, Any] = {"by": "person", "performed": handing.performed()}
    values: dict[str, Any] = {}
    submitted: Mapping[str, Any] = {}
    if form is not None:
        data, values = validated(context, form, record.data, known={})
        _require_same_record(record.data, data)
        cause |= {"activity": form.id, "form": form.form_hash, "data": data}
        if form.result is not None:
            cause["into"] = form.result
        submitted = as_variables(form, data)
    started = instances.start(
        context,
        deployed,
        record.target.process_instance,
        start_event=None if form is None else form.id,
        payload=values or None,
        submitted=submitted,
        cause=cause,
    )
    answered = _answer_in(handing, started)
    _compare_prediction(handing, [], started)
    result = {
        "process_instance_id": str(started.stream_id),
        "work_items": instances.work_item_ids(started),
    }
    return _settled(handing, started, answered, result)


def _start_of(definition: CompiledDefinition) -> Activity | None:
    """Give the event by which people start a process."""
    if definition.start_form is not None:
        return definition.start_form
    told = set(definition.start_messages.values())
    starts = (each for each in definition.activities.values() if each.kind == "startEvent")
    return next((each for each in starts if each.id not in told), None)


# --- answers -----------------------------------------------------------------------------------


def _event(handing: _Handing, outcome: str, reason: str | None) -> dict[str, Any]:
    return {
        "event": "device_command.answered",
        "envelope": handing.envelope.hash.hex(),
        "device": str(handing.envelope.device_id),
        "outcome": outcome,
        "reason": reason,
        "attempt": 0 if handing.stored.attempt is None else handing.stored.attempt + 1,
        "final": outcome not in ("held", "parked"),
    }


def _answer(handing: _Handing, outcome: str, *, reason: str) -> Mapping[str, Any]:
    """Answer what changed nothing in its case; what is still held for the same is said once."""
    _put_off(handing.context, handing.envelope, outcome, handing.stored.received_at)
    if outcome == "held" and (handing.stored.outcome, handing.stored.reason) == (outcome, reason):
        return {"outcome": outcome, "reason": reason}
    event = _event(handing, outcome, reason)
    if "theirs" in handing.details:
        event["result"] = {"by": handing.details["theirs_by"]}
    handing.context.record(REGISTER, event)
    return {"outcome": outcome, "reason": reason}


def _put_off(
    context: CommandContext, envelope: Envelope, outcome: str, received_at: datetime | None = None
) -> None:
    """Look at what is held again in a while, and at what is decided no more."""
    key = {"tenant_id": context.tenant_id, "envelope_hash": envelope.hash}
    if outcome == "held" and received_at is not None:
        context.writes.add(
            device_pending, "update", key, {"due_at": due_again(context.at, received_at)}
        )
    else:
        context.writes.add(device_pending, "delete", key, {})


def due_again(at: datetime, received_at: datetime) -> datetime:
    """Tell when to look again at what is held: after as long again as it has waited, so that what
    never comes costs next to nothing; at the latest after a day."""
    return at + min(max(at - received_at, LOOKED_AT_AFTER), LOOKED_AT_LATEST)


def _answer_in(handing: _Handing, found: Instance) -> dict[str, Any]:
    """Record the answer in the case's own chain; what it says is filled in at the end."""
    _put_off(handing.context, handing.envelope, "accepted")
    found.record(_event(handing, "accepted", None))
    return found.events[-1]


def _settled(
    handing: _Handing, found: Instance, event: dict[str, Any], result: dict[str, Any]
) -> Mapping[str, Any]:
    """Say how it was accepted: as it was, merged with what others did, or marked to look at."""
    del found
    outcome = "merged" if handing.merges else "flagged" if handing.flags else "accepted"
    event["outcome"] = outcome
    event["reason"] = handing.flags[0] if handing.flags else None
    event["result"] = {
        **result,
        **({"flags": handing.flags} if handing.flags else {}),
        **({"merged": handing.merges} if handing.merges else {}),
    }
    return {"outcome": outcome, "reason": event["reason"], **event["result"]}


def _reason_of(refused: Rejection) -> str:
    """Give the protocol's word for a refusal of the business."""
    return {
        Reason.ALREADY_COMPLETED: "already_completed",
        Reason.SIGNATURE_REFUSED: "signature",
        Reason.SIGNING_LOCKED: "signature",
        Reason.SIGNATURE_REQUIRED: "signature",
        Reason.RECORD_DIFFERS: "record_differs",
    }.get(refused.reason, refused.reason.value)


def _refused(
    handing: _Handing,
    reason: str,
    message: Mapping[str, str],
    refused: Rejection | None = None,
) -> Rejection:
    """Give the refusal; in its own small transaction the envelope is parked, and a person asked."""
    first = None if refused is None else refused.consequence
    return Rejection(
        Reason.INVALID_STATE if refused is None else refused.reason,
        message,
        expected=None if refused is None else refused.expected,
        found=None if refused is None else refused.found,
        errors=() if refused is None else refused.errors,
        consequence=_parking(handing, reason, message, refused, first),
    )


def _parking(
    handing: _Handing,
    reason: str,
    message: Mapping[str, str],
    refused: Rejection | None,
    first: Consequence | None,
) -> Consequence:
    attended = handing.command.attended

    def parked(context: CommandContext) -> None:
        if first is not None:
            first(context)
        key = {"tenant_id": context.tenant_id, "envelope_hash": handing.envelope.hash}
        if context.db.execute(_STORED, key).one().attempt != handing.stored.attempt:
            return  # another round has answered meanwhile
        _put_off(context, handing.envelope, "parked")
        event = _event(handing, "refused" if attended else "parked", reason)
        event["result"] = {"message": dict(message)}
        if refused is not None and refused.errors:
            event["result"]["errors"] = [
                {"path": each.path, "code": each.code, "message": dict(each.message)}
                for each in refused.errors
            ]
        context.record(REGISTER, event)
        if not attended:
            messages.publish(
                context,
                REGISTER,
                "offline.conflict",
                handing.envelope.hash.hex(),
                _conflict(handing, reason, message),
            )

    return parked


def _conflict(handing: _Handing, reason: str, message: Mapping[str, str]) -> dict[str, Any]:
    """Give what a person needs to decide: what was there, what others did, what this one did."""
    record, details = handing.envelope.record, handing.details
    deciders = handing.context.configuration(POLICY)["decided_by"]
    kind = "security" if reason in _SECURITY else "usual"
    names = details.get("activity_names", {})
    author = handing.context.actor
    unnamed = {"en": record.actor, "zh": record.actor}
    names_of_person = author.names if author.is_person else unnamed
    return {
        "kind": kind,
        "reason": reason,
        "reason_en": message["en"],
        "reason_zh": message["zh"],
        "envelope": handing.envelope.hash.hex(),
        "command": str(record.id),
        "device": str(handing.envelope.device_id),
        "device_name": handing.stored.device_name,
        "decided_by": deciders.get(kind, deciders["usual"]),
        "person": record.actor,
        "person_en": names_of_person["en"],
        "person_zh": names_of_person["zh"],
        "process": record.definition.process,
        "process_instance": str(record.target.process_instance),
        "activity": record.target.activity,
        "activity_en": names.get("en", record.target.activity),
        "activity_zh": names.get("zh", record.target.activity),
        "title": details.get("title", ""),
        "performed_at": record.time.wall,
        "received_at": instant_text(handing.stored.received_at),
        "fields": compared(
            dict(record.base), details.get("theirs", {}), dict(record.data), details
        ),
    }


def compared(
    base: Mapping[str, Any],
    theirs: Mapping[str, Any],
    mine: Mapping[str, Any],
    details: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Set base, theirs and mine side by side, field by field, as texts."""
    now = {each["field"]: each["theirs"] for each in details.get("fields", [])}
    names = sorted({*mine, *theirs, *now})
    return [
        {
            "field": name,
            "base": _shown(base.get(name)),
            "theirs": _shown(now.get(name, theirs.get(name))),
            "mine": _shown(mine.get(name)),
        }
        for name in names
    ]


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else envelopes.encoded(value)
