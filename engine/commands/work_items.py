"""Claim, release and complete work items; keep drafts of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import bindparam, delete, insert

from engine.audit.signatures import completion_record
from engine.canonical import instant_text
from engine.commands import fitness
from engine.commands import instance as instances
from engine.commands.base import Command
from engine.commands.context import CommandContext
from engine.commands.instance import Instance
from engine.commands.process_instances import sign
from engine.commands.submissions import as_variables, validated
from engine.commands.work_item_id import WorkItemId
from engine.definitions.model import Activity
from engine.execution import OpenActivity
from engine.identities import delegations, signing
from engine.identities.signing import SignatureRequest, Verified
from engine.outcomes import Reason, Rejection
from engine.store.tables import draft

DRAFT_LIMIT = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimWorkItem(Command):
    """Take a work item, so that others see it is being done."""

    work_item_id: WorkItemId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseWorkItem(Command):
    """Give a claimed work item back to its role."""

    work_item_id: WorkItemId


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteWorkItem(Command):
    """Finish a work item with the data of its form, signed where the diagram asks for it.

    `revision` is the one the person saw: a work item that changed meanwhile is not completed.
    """

    work_item_id: WorkItemId
    revision: int
    data: Mapping[str, Any] = field(default_factory=dict)
    signature: SignatureRequest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveDraft(Command):
    """Keep what a person has typed so far. A draft is not a record: it is not on the trail."""

    work_item_id: WorkItemId
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardDraft(Command):
    """Throw the person's own draft away."""

    work_item_id: WorkItemId


_DRAFT_KEY = (
    (draft.c.tenant_id == bindparam("tenant_id"))
    & (draft.c.process_instance_id == bindparam("process_instance_id"))
    & (draft.c.task_ref == bindparam("task_ref"))
)
_DELETE_DRAFTS = delete(draft).where(_DRAFT_KEY)
_DELETE_OWN_DRAFT = _DELETE_DRAFTS.where(draft.c.account_id == bindparam("account_id"))
_INSERT_DRAFT = insert(draft)


def claim(context: CommandContext, command: ClaimWorkItem) -> Mapping[str, Any]:
    found, waiting, activity = open_item(context, command.work_item_id)
    item = found.item
    assert item is not None  # open_item found it
    require_role(context, found, activity)
    if item.assignee_id == context.actor.account_id:
        return {"revision": item.revision}
    _require_unclaimed(context, found)
    require_segregation(context, found, waiting)
    require_fit(context, activity)
    revision = item.revision + 1
    found.record(
        {
            "event": "work_item.claimed",
            "task_ref": waiting.task_ref,
            "activity": waiting.activity_id,
            "assignee": context.actor.account_id,
            "revision": revision,
        }
    )
    return {"revision": revision}


def release(context: CommandContext, command: ReleaseWorkItem) -> Mapping[str, Any]:
    found, waiting, _activity = open_item(context, command.work_item_id)
    item = found.item
    assert item is not None  # open_item found it
    if item.assignee_id != context.actor.account_id:
        _require_unclaimed(context, found)
        return {"revision": item.revision}
    revision = item.revision + 1
    found.record(
        {
            "event": "work_item.released",
            "task_ref": waiting.task_ref,
            "activity": waiting.activity_id,
            "revision": revision,
        }
    )
    return {"revision": revision}


def prepare_complete(preparation: Any, command: CompleteWorkItem) -> Verified | None:
    """Check the signer's password before the transaction opens."""
    if command.signature is None:
        return None
    return signing.authenticate(preparation, command.signature)


def complete(context: CommandContext, command: CompleteWorkItem) -> Mapping[str, Any]:
    found, waiting, activity = open_item(context, command.work_item_id)
    item = found.item
    assert item is not None  # open_item found it
    require_role(context, found, activity)
    _require_unclaimed(context, found)
    if item.revision != command.revision:
        raise Rejection(
            Reason.STALE,
            {
                "en": "This work item changed while you had it open. Open it again; "
                "your entries are kept as a draft.",
                "zh": "您打开后该工作项已发生变化。请重新打开，您填写的内容已保存为草稿。",
            },
            expected=str(item.revision),
            found=str(command.revision),
        )
    require_segregation(context, found, waiting)
    require_fit(context, activity)
    known = {**found.runtime.variables, **waiting.locals}
    record, values = validated(context, activity, command.data, known=known)
    _record_completion(context, found, waiting, activity, record, command)
    found.runtime.complete(waiting.task_ref, values)
    instances.settle(context, found, as_variables(activity, record))
    if item.has_draft:
        discard_drafts(context, command.work_item_id)
    return {
        "process_instance_id": str(found.stream_id),
        "next_work_items": next_for(context, found),
        "status": found.status,
    }


def open_item(
    context: CommandContext, item_id: WorkItemId
) -> tuple[Instance, OpenActivity, Activity]:
    """Load the instance of an open work item; refused when it is done, cancelled or unknown."""
    found = instances.load(context, item_id.process_instance_id, item_id.task_ref)
    if found.item is None:
        raise Rejection(
            Reason.NOT_FOUND,
            {
                "en": "This work item does not exist. Go back to your worklist.",
                "zh": "该工作项不存在，请返回工作列表。",
            },
            found=str(item_id),
        )
    waiting = found.open_activity(item_id.task_ref)
    if waiting is None:
        _refuse_closed(found)
        raise AssertionError
    found.role = found.item.role
    return found, waiting, found.activity(waiting)


def _refuse_closed(found: Instance) -> None:
    status = "cancelled" if found.item is None else found.item.item_status
    if status == "completed":
        raise Rejection(
            Reason.ALREADY_COMPLETED,
            {
                "en": "This work item is done already. Your entries were not used.",
                "zh": "该工作项已完成，您填写的内容未被采用。",
            },
            expected="open",
            found=status,
        )
    raise Rejection(
        Reason.INVALID_STATE,
        {
            "en": "This work item was cancelled; nobody needs to do it any more.",
            "zh": "该工作项已取消，无需再处理。",
        },
        expected="open",
        found=status,
    )


def require_role(context: CommandContext, found: Instance, activity: Activity) -> None:
    """Refuse whose role this work is not, be it by a delegation."""
    role = activity.role if found.item is None else found.item.role
    if role in context.actor.roles:
        found.role = role
        return
    if context.actor.account_id is not None and role is not None:
        held = delegations.in_force(
            context.db, context.tenant_id, context.actor.account_id, context.at
        )
        if role in held:
            found.role = role
            found.on_behalf_of = held[role]
            return
    raise Rejection(
        Reason.NOT_YOURS,
        {
            "en": f"This work belongs to role {role}, which you do not have.",
            "zh": f"该工作属于角色 {role}，您不具备该角色。",
        },
        expected=role,
        found=", ".join(sorted(context.actor.roles)),
    )


def _require_unclaimed(context: CommandContext, found: Instance) -> None:
    """Refuse what someone else has claimed."""
    item = found.item
    if item is None or item.assignee_id in (None, context.actor.account_id):
        return
    raise Rejection(
        Reason.NOT_YOURS,
        {
            "en": "Someone else has claimed this work item. Ask them to release it.",
            "zh": "该工作项已被他人领取，请先请对方释放。",
        },
        expected="unclaimed",
        found=str(item.assignee_id),
    )


def require_fit(context: CommandContext, activity: Activity) -> None:
    """Refuse who is not trained for the step, or not at a device that it is done at."""
    fitness.require_trained(context, activity)
    fitness.require_device(context, activity)


def require_segregation(context: CommandContext, found: Instance, waiting: OpenActivity) -> None:
    """Refuse a person who did a step that must be separate from this one, be it before or beside
    this one in the diagram."""
    definition = found.definitions[waiting.process_id]
    others = [
        other
        for other in definition.separated_from(waiting.activity_id)
        if found.runtime.visited(waiting.process_id, other)
    ]
    if not others:
        return
    done = instances.performers(context.db, context.tenant_id, found.stream_id, others)
    for other, people in done.items():
        _require_apart_from_giver(found, definition.activities[other].names, people)
        if context.actor.account_id in people:
            described = definition.activities[other]
            raise Rejection(
                Reason.SEGREGATION_OF_DUTIES,
                {
                    "en": f"You did “{described.names.get('en', other)}” in this process; "
                    "another person has to do this step.",
                    "zh": f"您已完成本流程中的“{described.names.get('zh', other)}”，"
                    "此步骤必须由其他人完成。",
                },
                expected=f"not a performer of {other}",
                found=context.actor.username,
            )


def _require_apart_from_giver(
    found: Instance, names: Mapping[str, str], people: Collection[UUID]
) -> None:
    """Refuse what is done for a person who did a step that must be separate from this one."""
    giver = found.on_behalf_of
    if giver is None or giver.from_account_id not in people:
        return
    raise Rejection(
        Reason.SEGREGATION_OF_DUTIES,
        {
            "en": f"{giver.from_names['en']}, for whom you act, did “{names.get('en')}” in this "
            "process; another person has to do this step.",
            "zh": f"委托人{giver.from_names['zh']}已完成本流程中的“{names.get('zh')}”，"
            "此步骤必须由其他人完成。",
        },
        expected="another giver",
        found=giver.from_username,
    )


def _record_completion(
    context: CommandContext,
    found: Instance,
    waiting: OpenActivity,
    activity: Activity,
    record: Mapping[str, Any],
    command: CompleteWorkItem,
) -> None:
    found.record(completed_event(found, waiting, activity, record))
    if activity.signature is None:
        return
    verified: Verified | None = context.prepared
    if verified is None or verified.meaning != activity.signature:
        raise Rejection(
            Reason.SIGNATURE_REQUIRED,
            {
                "en": f"This step is signed as {activity.signature}. Sign to complete it.",
                "zh": f"此步骤需要以“{activity.signature}”含义签名后才能完成。",
            },
            expected=activity.signature,
            found=None if verified is None else verified.meaning,
        )
    meaning = context.configuration("signature_meanings")[activity.signature]
    signed = sign(
        context,
        verified,
        completion_record(
            tenant=context.tenant_id,
            process_instance=str(found.stream_id),
            completed=found.events[-1],
            meaning=activity.signature,
            statement=meaning["statement"][verified.language],
            language=verified.language,
            signer=verified.signer.username,
            why=command.why,
        ),
    )
    if found.on_behalf_of is not None:
        signed["for"] = found.on_behalf_of.mark()
    found.record(signed)


def completed_event(
    found: Instance, waiting: OpenActivity, activity: Activity, record: Mapping[str, Any]
) -> dict[str, Any]:
    """Give the event of a completed work item: what was done there, and by which form."""
    completed = {
        "event": "work_item.completed",
        "task_ref": waiting.task_ref,
        "activity": waiting.activity_id,
        "visit": waiting.visit,
        "definition": found.definitions[waiting.process_id].hash,
        "form": activity.form_hash,
        "data": record,
    }
    if activity.result is not None:
        completed["into"] = activity.result
    if found.on_behalf_of is not None:
        completed["for"] = found.on_behalf_of.mark()
    return completed


def next_for(context: CommandContext, found: Instance) -> list[dict[str, Any]]:
    """Name the open work items of the instance that the same person could go on with."""
    return [
        {
            "work_item_id": str(WorkItemId(found.stream_id, waiting.task_ref)),
            "activity_names": described.names,
        }
        for waiting in found.runtime.open_activities()
        if (described := found.activity(waiting)).role in context.actor.roles
    ]


def _draft_key(context: CommandContext, item_id: WorkItemId) -> dict[str, Any]:
    return {
        "tenant_id": context.tenant_id,
        "process_instance_id": item_id.process_instance_id,
        "task_ref": item_id.task_ref,
    }


def save_draft(context: CommandContext, command: SaveDraft) -> Mapping[str, Any]:
    found, _waiting, activity = open_item(context, command.work_item_id)
    require_role(context, found, activity)
    data = orjson.dumps(command.data)
    if len(data) > DRAFT_LIMIT:
        raise Rejection(
            Reason.TOO_LARGE,
            {"en": "The draft is too large to be kept.", "zh": "草稿过大，无法保存。"},
            expected=f"at most {DRAFT_LIMIT} bytes",
            found=str(len(data)),
        )
    key = {**_draft_key(context, command.work_item_id), "account_id": context.actor.account_id}
    context.db.execute(_DELETE_OWN_DRAFT, key)
    context.db.execute(_INSERT_DRAFT, {**key, "saved_at": context.at, "data": data})
    return {"saved_at": instant_text(context.at)}


def discard_drafts(context: CommandContext, item_id: WorkItemId) -> None:
    """Throw away what people typed for a work item that is done."""
    context.db.execute(_DELETE_DRAFTS, _draft_key(context, item_id))


def discard_draft(context: CommandContext, command: DiscardDraft) -> Mapping[str, Any]:
    key = {**_draft_key(context, command.work_item_id), "account_id": context.actor.account_id}
    context.db.execute(_DELETE_OWN_DRAFT, key)
    return {}
