"""Start a process instance; cancel one, with reason and signature."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from engine import authorisation
from engine.commands import instance as instances
from engine.commands.base import Command
from engine.commands.context import CommandContext
from engine.commands.instance import Instance
from engine.commands.submissions import as_variables, validated
from engine.definitions.catalogue import Deployed
from engine.definitions.model import CompiledDefinition
from engine.identities import signing
from engine.identities.signing import SignatureRequest, Verified
from engine.outcomes import Reason, Rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class StartProcessInstance(Command):
    """Start the version in force of a process, with the data of its start form if it has one.

    The instance takes the command's own id, so that a device can name it before the server has
    heard of it.
    """

    process_id: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelProcessInstance(Command):
    """End a running instance; `why` and a signature are required (domain rule 7)."""

    process_instance_id: UUID
    signature: SignatureRequest | None = None


CANCEL_MEANING = "CLOS"


def start(context: CommandContext, command: StartProcessInstance) -> Mapping[str, Any]:
    deployed = context.catalogue.active_of(context.db, context.tenant_id, command.process_id)
    if deployed is None:
        raise Rejection(
            Reason.NOT_FOUND,
            {
                "en": "This process is not deployed. Choose another one from the list.",
                "zh": "该流程尚未部署，请从列表中选择其他流程。",
            },
            found=command.process_id,
        )
    require_starter(context, deployed.definition)
    started = _started(context, deployed, command)
    return {
        "process_instance_id": str(started.stream_id),
        "work_items": instances.work_item_ids(started),
    }


def _started(
    context: CommandContext, deployed: Deployed, command: StartProcessInstance
) -> Instance:
    """Start it, with what the start form brings; that is on the record with the start."""
    form = deployed.definition.start_form
    if form is None:
        if command.data:
            raise Rejection(
                Reason.INVALID_DATA,
                {
                    "en": "This process is started without data; its first step asks for it.",
                    "zh": "启动该流程时无需填写数据，第一步会要求填写。",
                },
            )
        return instances.start(context, deployed, command.command_id, cause={"by": "person"})
    record, values = validated(context, form, command.data, known={})
    cause = {"by": "person", "activity": form.id, "form": form.form_hash, "data": record}
    if form.result is not None:
        cause["into"] = form.result
    return instances.start(
        context,
        deployed,
        command.command_id,
        start_event=form.id,
        payload=values,
        submitted=as_variables(form, record),
        cause=cause,
    )


def require_starter(context: CommandContext, definition: CompiledDefinition) -> None:
    """Refuse who may not start this process."""
    if definition.started_as(context.actor.roles) is not None:
        return
    wanted = ", ".join(definition.starters) or "a message"
    raise Rejection(
        Reason.NOT_ALLOWED,
        {
            "en": f"This process is started by: {wanted}.",
            "zh": f"该流程只能由以下角色启动：{wanted}。",
        },
        expected=wanted,
        found=", ".join(sorted(context.actor.roles)),
    )


def prepare_cancel(preparation: Any, command: CancelProcessInstance) -> Verified:
    if command.signature is None or not (command.why or "").strip():
        raise Rejection(
            Reason.SIGNATURE_REQUIRED,
            {
                "en": "Cancelling takes a reason and your signature.",
                "zh": "取消流程需要填写原因并签名。",
            },
            expected=CANCEL_MEANING,
        )
    if command.signature.meaning != CANCEL_MEANING:
        raise Rejection(
            Reason.SIGNATURE_REQUIRED,
            {
                "en": f"Cancelling is signed as {CANCEL_MEANING}. Open it again and sign.",
                "zh": f"取消流程需要以“{CANCEL_MEANING}”含义签名，请重新打开后签名。",
            },
            expected=CANCEL_MEANING,
            found=command.signature.meaning,
        )
    return signing.authenticate(preparation, command.signature)


def cancel(context: CommandContext, command: CancelProcessInstance) -> Mapping[str, Any]:
    found = instances.load(context, command.process_instance_id)
    instances.require_running(found)
    authorisation.require(
        context.documents["permissions"],
        type(command).__name__,
        context.actor,
        process_id=found.deployed.definition.process_id,
    )
    verified: Verified = context.prepared
    event = {
        "event": "process_instance.cancelled",
        "definition": found.deployed.definition.hash,
    }
    record = {
        "v": "1",
        "kind": event["event"],
        "tenant": context.tenant_id,
        "process_instance": str(found.stream_id),
        "definition": found.deployed.definition.hash,
        **_signed_part(context, verified, command.why),
    }
    found.record(event)
    found.record(sign(context, verified, record))
    _tell_the_process(context, found, command.why)
    found.runtime.cancel()
    instances.settle(context, found)
    return {"process_instance_id": str(found.stream_id)}


def _tell_the_process(context: CommandContext, found: Instance, why: str | None) -> None:
    """Let the process put its books in order: its handler "<process>.cancelled", if it has one."""
    handler = f"{found.deployed.definition.process_id}.cancelled"
    if handler in context.resources.services.names():
        inputs = {**found.runtime.variables, "why": why}
        found.runtime.host.call_service(handler, "", inputs)


def _signed_part(context: CommandContext, verified: Verified, why: str | None) -> dict[str, Any]:
    meaning = context.configuration("signature_meanings")[verified.meaning]
    return {
        "meaning": verified.meaning,
        "statement": meaning["statement"][verified.language],
        "language": verified.language,
        "signer": verified.signer.username,
        "why": why,
    }


def sign(context: CommandContext, verified: Verified, record: Mapping[str, Any]) -> dict[str, Any]:
    """Bind a person's signature to a record; refused when the device showed another record.

    Gives the event that keeps it. With the entry's actor, time and zone that is all of 21 CFR 11.50
    as it was at that moment; the record can be built again from the entry (audit/signatures.py).
    """
    digest = signing.record_hash(record)
    if digest != verified.shown_hash:
        raise Rejection(
            Reason.RECORD_DIFFERS,
            {
                "en": "What you were shown is not what would be signed. Open the step again.",
                "zh": "您看到的内容与将要签名的内容不一致，请重新打开该步骤。",
            },
            expected=digest,
            found=verified.shown_hash,
        )
    meaning = context.configuration("signature_meanings")[verified.meaning]
    signing.clear_failures(context, verified.signer)
    return {
        "event": "signature.made",
        "meaning": verified.meaning,
        "meaning_names": meaning["names"],
        "statement": record["statement"],
        "language": verified.language,
        "factors": ["username", "password"],
        "record_hash": digest,
    }
