"""Devices and what people sign with: enrol, renew a lease, register and revoke.

A device is enrolled by who is signed in on it. Its key stays in it; here is the public half. The
same device with another key begins a new epoch. Whose device it is proves the key that it had: what
it wrote with that one is still taken in. Without it its storage was lost: who enrolled it, or who
the policy names, may begin anew; nothing more of the earlier epochs counts than was known of them,
and what the device had written and never handed in is on the record as lost, for a person to look
into.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import insert

from engine.audit.signatures import credential_record
from engine.canonical import canonical_bytes, instant_text
from engine.commands import messages
from engine.commands.base import Command
from engine.commands.context import CommandContext
from engine.commands.process_instances import sign
from engine.devices import registry
from engine.devices.envelopes import genesis
from engine.devices.keys import KeyRefused, is_signed, message_of, require_key
from engine.devices.registry import DeviceKey
from engine.devices.signatures import base64, unbase64
from engine.identities import signing
from engine.identities.signing import SignatureRequest, Verified
from engine.outcomes import Reason, Rejection
from engine.store.base import AnyRow
from engine.store.device_tables import device_chain

REGISTER = "devices"
POLICY = "device_policy"
MEANING = "CRED"
"""What registering a credential is signed as."""
KINDS = ("phone", "tablet", "handheld", "desktop", "wall")
LEASE_DOMAIN = "countersign-lease-v1"
ENROL_DOMAIN = "countersign-enrol-v1"
_NEW_CHAIN = insert(device_chain)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolDevice(Command):
    """Make a device known by its public key; who is signed in there may work on it at once.

    `previous_signature`: by a key that it had before, over this command, where it still has one.
    """

    device_id: UUID
    name: str
    kind: str
    algorithm: str
    public_key: str
    replaces: UUID | None = None
    previous_signature: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewLease(Command):
    """Let who is signed in on a device go on there without a network; the device proves itself."""

    device_id: UUID
    device_signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeDevice(Command):
    """Take nothing more from a device (lost, stolen, given away) than was known of it by now."""

    device_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCredential(Command):
    """Make known what a person signs with from now on; signed with their password."""

    method: str
    credential_id: str
    algorithm: str
    public_key: str
    label: str
    signature: SignatureRequest | None = None
    site: str | None = None
    origin: str | None = None
    backed_up: bool | None = None
    registered_on: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeCredential(Command):
    """Sign no more with a credential: one's own, or anybody's by who administers accounts."""

    credential_id: str


def enrol(context: CommandContext, command: EnrolDevice) -> Mapping[str, Any]:
    _require_enroller(context)
    public_key = _key(command.algorithm, command.public_key)
    if command.kind not in KINDS or not command.name.strip():
        raise Rejection(
            Reason.INVALID_DATA,
            {"en": "Give the device a name and a kind.", "zh": "请填写设备名称和类别。"},
            expected=", ".join(KINDS),
            found=command.kind,
        )
    known = registry.find(context.db, context.tenant_id, command.device_id)
    closed: list[dict[str, Any]] = []
    if known is not None:
        _require_not_revoked(known)
        if not _is_proven(context, command):
            _require_may_begin_anew(context, known)
            _record_loss(context, known)
            closed = _ends(context, command.device_id)
    elif command.replaces is not None:
        replaced = registry.find(context.db, context.tenant_id, command.replaces)
        if replaced is not None:
            _record_loss(context, replaced)
    epoch = 1 if known is None else known.epoch + 1
    nonce = context.new_id().hex
    begun = genesis(command.device_id, epoch, nonce)
    context.record(
        REGISTER,
        {
            "event": "device.enrolled",
            "device": command.device_id,
            "name": command.name.strip(),
            "kind": command.kind,
            "epoch": epoch,
            "algorithm": command.algorithm,
            "public_key": base64(public_key),
            "nonce": nonce,
            "genesis": begun,
            "replaces": command.replaces,
            "closed": closed,
        },
    )
    context.db.execute(
        _NEW_CHAIN,
        {
            "tenant_id": context.tenant_id,
            "device_id": command.device_id,
            "epoch": epoch,
            "received_seq": 0,
            "received_head": begun,
            "known_seq": 0,
            "heard_at": context.at,
            "told": None,
        },
    )
    return {
        "device": str(command.device_id),
        "epoch": str(epoch),
        "genesis": begun.hex(),
        **_leased(context, command.device_id, epoch, command.algorithm),
    }


def _is_proven(context: CommandContext, command: EnrolDevice) -> bool:
    """Tell whether a key that the device had before, and that still counts, signed the command."""
    if command.previous_signature is None:
        return False
    asked = {
        "command_id": str(command.command_id),
        "device": str(command.device_id),
        "public_key": command.public_key,
    }
    message = message_of(ENROL_DOMAIN, canonical_bytes(asked))
    signature = unbase64(command.previous_signature)
    keys = registry.keys_of(context.db, context.tenant_id, command.device_id)
    return any(
        key.closed_at is None and is_signed(key.algorithm, key.public_key, signature, message)
        for key in keys.values()
    )


def _require_may_begin_anew(context: CommandContext, known: AnyRow) -> None:
    """Let nobody take over another's device by its number alone."""
    allowed = context.configuration(POLICY).get("begun_anew_by", [])
    actor = context.actor
    if known.enrolled_by == actor.account_id or not actor.roles.isdisjoint(allowed):
        return
    raise Rejection(
        Reason.NOT_YOURS,
        {
            "en": "This device is enrolled with another key. Enrol it as a new device, or ask who "
            f"enrolled it, or one of: {', '.join(allowed)}.",
            "zh": "该设备已使用其他密钥登记。请作为新设备登记，或联系原登记人员，"
            f"或以下角色：{'、'.join(allowed)}。",
        },
        expected=", ".join(allowed),
    )


def _ends(context: CommandContext, device_id: UUID) -> list[dict[str, Any]]:
    """Give of every epoch that is open how far its history is known: by what was received, or by
    the hash that the device told of what it still holds."""
    keys = registry.keys_of(context.db, context.tenant_id, device_id)
    ends = []
    for epoch in sorted(epoch for epoch, key in keys.items() if key.closed_at is None):
        chain = registry.chain_of(context.db, context.tenant_id, device_id, epoch)
        assert chain is not None  # made with the key
        told = {} if chain.told is None else orjson.loads(chain.told)
        seq, head = chain.received_seq, chain.received_head.hex()
        told_head = told.get("head_hash")
        if chain.known_seq > seq and told_head and told.get("head_seq") == str(chain.known_seq):
            seq, head = chain.known_seq, told_head
        ends.append({"epoch": epoch, "seq": seq, "head": head})
    return ends


def _leased(context: CommandContext, device_id: UUID, epoch: int, algorithm: str) -> dict[str, Any]:
    """Open a lease; with it comes what a device has to know to work by it."""
    return {
        "lease": _open_lease(context, device_id, epoch),
        "server_key": context.resources.server_key.described(algorithm),
        "token": context.resources.server_key.time_token(device_id, context.at),
        "policy": _secret_rules(context),
        "meaning": {"code": MEANING, **context.configuration("signature_meanings")[MEANING]},
    }


def _secret_rules(context: CommandContext) -> dict[str, str]:
    """Give the rules for a person's secret on a shared device, as texts."""
    rules = context.configuration(POLICY)["secret"]
    return {
        "secret_length": str(rules["least_characters"]),
        "tries": str(rules["tries"]),
        "lock_minutes": str(rules["lock_minutes"]),
        "iterations": str(rules["iterations"]),
    }


def _require_enroller(context: CommandContext) -> None:
    allowed = context.configuration(POLICY)["enrolled_by"]
    if "*" in allowed or not context.actor.roles.isdisjoint(allowed):
        return
    raise Rejection(
        Reason.NOT_ALLOWED,
        {
            "en": f"Devices are enrolled by: {', '.join(allowed)}. Ask one of them.",
            "zh": f"设备须由以下角色登记：{'、'.join(allowed)}。请联系相关人员。",
        },
        expected=", ".join(allowed),
    )


def _key(algorithm: str, public_key: str) -> bytes:
    written = unbase64(public_key)
    try:
        require_key(algorithm, written)
    except KeyRefused as refused:
        raise Rejection(
            Reason.INVALID_DATA,
            {
                "en": "This device's key cannot be used. Reload the page and enrol it again.",
                "zh": "该设备的密钥无法使用，请刷新页面后重新登记。",
            },
            found=str(refused)[:200],
        ) from refused
    return written


def _require_not_revoked(known: AnyRow) -> None:
    if known.revoked_at is None:
        return
    raise Rejection(
        Reason.NOT_ALLOWED,
        {
            "en": "This device was revoked. Enrol it as a new one, or ask your administrator.",
            "zh": "该设备已被吊销，请作为新设备登记，或联系管理员。",
        },
        found=instant_text(known.revoked_at),
    )


def _record_loss(context: CommandContext, known: AnyRow) -> None:
    """Say what a device had written and never handed in, now that its storage is gone."""
    chain = registry.chain_of(context.db, context.tenant_id, known.device_id, known.epoch)
    if chain is None or chain.known_seq <= chain.received_seq:
        return
    lost = {"epoch": known.epoch, "from": chain.received_seq + 1, "to": chain.known_seq}
    context.record(REGISTER, {"event": "device.records_lost", "device": known.device_id, **lost})
    span = f"{lost['from']}–{lost['to']}"
    messages.publish(
        context,
        REGISTER,
        "offline.conflict",
        str(known.device_id),
        {
            "kind": "loss",
            "envelope": None,
            "device": str(known.device_id),
            "device_name": known.name,
            "decided_by": context.configuration(POLICY)["decided_by"]["loss"],
            "reason": "records_lost",
            "reason_en": f"Records {span} were made on this device and never arrived: its storage "
            "was erased before. Ask who worked on it what they did, and have it entered again.",
            "reason_zh": f"该设备上产生的第 {span} 条记录从未送达：其存储此前已被清除。"
            "请向使用人员核实当时的操作，并补录相关记录。",
        },
    )


def prepare_lease(preparation: Any, command: RenewLease) -> DeviceKey:
    """Give the device's key; refused is what it did not sign."""
    actor = preparation.actor
    with preparation.database.reading() as db:
        keys = registry.keys_of(db, actor.tenant_id, command.device_id)
    key = max(keys.values(), key=lambda each: each.epoch, default=None)
    asked = {
        "command_id": str(command.command_id),
        "device": str(command.device_id),
        "username": actor.username,
    }
    message = message_of(LEASE_DOMAIN, canonical_bytes(asked))
    signature = unbase64(command.device_signature)
    if key is None or not is_signed(key.algorithm, key.public_key, signature, message):
        raise _not_the_device()
    return key


def renew_lease(context: CommandContext, command: RenewLease) -> Mapping[str, Any]:
    known = registry.find(context.db, context.tenant_id, command.device_id)
    assert known is not None  # prepare_lease found its key
    _require_not_revoked(known)
    key: DeviceKey = context.prepared
    if key.epoch != known.epoch:
        raise _not_the_device()
    return _leased(context, command.device_id, key.epoch, key.algorithm)


def _not_the_device() -> Rejection:
    return Rejection(
        Reason.SIGNATURE_REFUSED,
        {
            "en": "This device is not the one that was enrolled. Enrol it again.",
            "zh": "该设备与登记的设备不符，请重新登记。",
        },
    )


def _open_lease(context: CommandContext, device_id: UUID, epoch: int) -> dict[str, str]:
    lease_id = context.new_id()
    hours = float(context.configuration(POLICY)["lease_hours"])
    ends_at = context.at + timedelta(hours=hours)
    context.record(
        REGISTER,
        {
            "event": "lease.opened",
            "lease": lease_id,
            "device": device_id,
            "account": context.actor.account_id,
            "epoch": epoch,
            "ends_at": ends_at,
        },
    )
    return {"id": str(lease_id), "until": instant_text(ends_at)}


def revoke_device(context: CommandContext, command: RevokeDevice) -> Mapping[str, Any]:
    known = registry.find(context.db, context.tenant_id, command.device_id)
    if known is None:
        raise Rejection(
            Reason.NOT_FOUND, {"en": "There is no such device.", "zh": "该设备不存在。"}
        )
    _require_reason(command.why)
    if known.revoked_at is not None:
        return {"known": str(known.revoked_seq)}
    closed = _ends(context, command.device_id)
    known_seq = next(end["seq"] for end in closed if end["epoch"] == known.epoch)
    event = {"event": "device.revoked", "device": command.device_id, "known_seq": known_seq}
    context.record(REGISTER, {**event, "closed": closed})
    return {"known": str(known_seq)}


def _require_reason(why: str | None) -> None:
    if not (why or "").strip():
        raise Rejection(
            Reason.INVALID_DATA, {"en": "Say why.", "zh": "请填写原因。"}, expected="why"
        )


def prepare_credential(preparation: Any, command: RegisterCredential) -> Verified:
    """Have the person prove who they are before a new key speaks for them."""
    if command.signature is None or command.signature.meaning != MEANING:
        raise Rejection(
            Reason.SIGNATURE_REQUIRED,
            {
                "en": "Registering what you sign with takes your signature.",
                "zh": "登记签名凭据需要您签名。",
            },
            expected=MEANING,
        )
    return signing.authenticate(preparation, command.signature)


def register_credential(context: CommandContext, command: RegisterCredential) -> Mapping[str, Any]:
    public_key = _key(command.algorithm, command.public_key)
    passkey = command.method == "passkey"
    if command.method not in ("passkey", "key") or (passkey and not command.origin):
        raise Rejection(
            Reason.INVALID_DATA,
            {"en": "This cannot be signed with.", "zh": "无法使用该方式签名。"},
            expected="passkey, key",
            found=command.method,
        )
    if registry.credential_row(context.db, context.tenant_id, command.credential_id) is not None:
        raise Rejection(
            Reason.INVALID_STATE,
            {"en": "This is registered already.", "zh": "该凭据已登记。"},
            found=command.credential_id,
        )
    event = {
        "event": "credential.registered",
        "credential": command.credential_id,
        "account": context.actor.account_id,
        "method": command.method,
        "algorithm": command.algorithm,
        "public_key": base64(public_key),
        "site": command.site if passkey else None,
        "origin": command.origin if passkey else None,
        "backed_up": command.backed_up,
        "device": None if command.registered_on is None else str(command.registered_on),
        "label": command.label.strip(),
    }
    context.record(REGISTER, event)
    verified: Verified = context.prepared
    statement = context.configuration("signature_meanings")[MEANING]["statement"]
    record = credential_record(
        tenant=context.tenant_id,
        registered=event,
        meaning=MEANING,
        statement=statement[verified.language],
        language=verified.language,
        signer=verified.signer.username,
    )
    context.record(REGISTER, sign(context, verified, record))
    return {"credential": command.credential_id}


def revoke_credential(context: CommandContext, command: RevokeCredential) -> Mapping[str, Any]:
    row = registry.credential_row(context.db, context.tenant_id, command.credential_id)
    if row is None:
        raise Rejection(
            Reason.NOT_FOUND, {"en": "There is no such credential.", "zh": "该凭据不存在。"}
        )
    others = context.configuration(POLICY)["credentials_revoked_by"]
    may = row.account_id == context.actor.account_id or bool(context.actor.roles & set(others))
    if not may:
        raise Rejection(
            Reason.NOT_YOURS,
            {"en": "This belongs to another person.", "zh": "该凭据属于他人。"},
        )
    if row.revoked_at is None:
        event = {"event": "credential.revoked", "credential": command.credential_id}
        context.record(REGISTER, event)
    return {}
