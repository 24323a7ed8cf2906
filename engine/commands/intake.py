"""Take in what a device hands over: proven, stored as it came, in its place in its history.

Whether the business accepts it is another matter and another command (`device_commands.py`): what
was done was done, and is evidence even where it cannot be applied. Nothing that verifies is turned
away, one bad envelope keeps no other from its turn, and a batch that comes twice changes nothing.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from engine.commands.base import Command
from engine.commands.context import CommandContext
from engine.commands.devices import POLICY, REGISTER
from engine.devices import envelopes, registry
from engine.devices.envelopes import Envelope, Malformed, UpgradeRequired
from engine.devices.keys import is_signed, message_of
from engine.devices.registry import DeviceKey
from engine.devices.signatures import unbase64
from engine.outcomes import Reason, Rejection
from engine.store.base import AnyRow
from engine.store.device_tables import (
    device_chain,
    device_dead_letter,
    device_envelope,
    device_pending,
)

MARK_DOMAIN = "countersign-mark-v1"
MARK_LIMIT = 4096
FARTHEST = 100_000
"""So many records more than we have a device may say that it holds; more is not believed."""
LOOKED_AT_AFTER = timedelta(minutes=1)
"""So long the round that took an envelope in has for its decision, before others look at it."""

_KNOWN = (
    select(
        device_envelope.c.command_id,
        device_envelope.c.envelope_hash,
        device_envelope.c.intake,
    )
    .where(device_envelope.c.tenant_id == bindparam("tenant_id"))
    .where(device_envelope.c.command_id.in_(bindparam("ids", expanding=True)))
)
_BRANCH = (
    select(device_envelope.c.seq)
    .where(device_envelope.c.tenant_id == bindparam("tenant_id"))
    .where(device_envelope.c.envelope_hash == bindparam("envelope_hash"))
    .where(device_envelope.c.device_id == bindparam("device_id"))
    .where(device_envelope.c.epoch == bindparam("epoch"))
    .where(device_envelope.c.intake == "fork")
)
_STORE = insert(device_envelope)
_PENDING = insert(device_pending)
_MOVE = (
    update(device_chain)
    .where(device_chain.c.tenant_id == bindparam("key_tenant_id"))
    .where(device_chain.c.device_id == bindparam("key_device_id"))
    .where(device_chain.c.epoch == bindparam("key_epoch"))
    .values(
        received_seq=bindparam("received_seq"),
        received_head=bindparam("received_head"),
        known_seq=bindparam("known_seq"),
        heard_at=bindparam("heard_at"),
        told=bindparam("told"),
    )
)
_LETTER = insert(device_dead_letter)
_LETTERS = (
    select(device_dead_letter.c.letter_id)
    .where(device_dead_letter.c.tenant_id == bindparam("tenant_id"))
    .order_by(device_dead_letter.c.letter_id.desc())
    .offset(bindparam("kept"))
    .limit(1)
)
_FORGET = (
    delete(device_dead_letter)
    .where(device_dead_letter.c.tenant_id == bindparam("tenant_id"))
    .where(device_dead_letter.c.letter_id <= bindparam("letter_id"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """One envelope as it came over the wire, with the device's signature (base64url)."""

    envelope: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeIn(Command):
    """Take in a batch of a device, in its order; the mark says which device, and what it has."""

    mark: str
    mark_signature: str
    items: Sequence[Handed] = ()


@dataclass(frozen=True, slots=True)
class _Item:
    """An envelope of the batch, read and proven before the transaction; or what is wrong."""

    text: str
    envelope: Envelope | None
    signature: bytes
    fault: str | None
    upgrade: bool = False


@dataclass(slots=True)
class _Prepared:
    device_id: UUID
    epoch: int
    keys: Mapping[int, DeviceKey]
    mark: Mapping[str, Any]
    items: list[_Item] = field(default_factory=list)


def prepare(preparation: Any, command: TakeIn) -> _Prepared:
    """Read and verify everything while nothing is locked."""
    with preparation.database.reading() as db:
        found = recognise(db, preparation.actor.tenant_id, command)
    found.items = [_read(item, found) for item in command.items]
    return found


def recognise(db: Connection, tenant_id: str, command: TakeIn) -> _Prepared:
    """Tell which device it is by its signed mark. Rejection when it is none of ours: asked before
    the door as well, for what strangers send is not kept."""
    mark = _mark(command.mark)
    device_id, epoch = UUID(mark["device"]), envelopes.count(mark["epoch"])
    keys = registry.keys_of(db, tenant_id, device_id)
    _require_known(keys.get(epoch), command, device_id)
    return _Prepared(device_id, epoch, keys, mark)


def _mark(text: str) -> dict[str, Any]:
    """Read what a device says of itself. Rejection when it cannot be read."""
    try:
        body = text.encode()
        mark = orjson.loads(body) if len(body) <= MARK_LIMIT else None
        if isinstance(mark, dict):
            UUID(mark["device"])
            for name in ("epoch", "head_seq", "waiting"):
                envelopes.count(mark[name])
            if mark.get("head_hash") is not None:
                envelopes.digest(mark["head_hash"])
            return mark
    except (KeyError, TypeError, ValueError):
        pass
    raise Rejection(
        Reason.INVALID_DATA,
        {
            "en": "The device's mark cannot be read. Reload the page.",
            "zh": "无法读取设备标记，请刷新页面。",
        },
    )


def _require_known(key: DeviceKey | None, command: TakeIn, device_id: UUID) -> None:
    body = command.mark.encode()
    signature = unbase64(command.mark_signature)
    message = message_of(MARK_DOMAIN, body)
    if key is not None and is_signed(key.algorithm, key.public_key, signature, message):
        return
    raise Rejection(
        Reason.NOT_FOUND if key is None else Reason.SIGNATURE_REFUSED,
        {
            "en": "This device is not known here. Sign in and enrol it; what it holds stays in it.",
            "zh": "系统中没有该设备。请登录后登记设备；设备中的记录不会丢失。",
        },
        found=str(device_id),
    )


def _read(item: Handed, prepared: _Prepared) -> _Item:
    signature = unbase64(item.signature)
    try:
        envelope = envelopes.read(item.envelope.encode())
    except UpgradeRequired as newer:
        return _Item(item.envelope, None, signature, f"version {newer}", upgrade=True)
    except (Malformed, UnicodeEncodeError) as wrong:
        return _Item(item.envelope, None, signature, str(wrong)[:200])
    key = prepared.keys.get(envelope.epoch)
    fault = None
    if envelope.device_id != prepared.device_id:
        fault = "another device's"
    elif key is None:
        fault = "no such epoch"
    elif not is_signed(key.algorithm, key.public_key, signature, envelope.signed_message):
        fault = "not signed by the device"
    return _Item(item.envelope, envelope if fault is None else None, signature, fault)


def take_in(context: CommandContext, _command: TakeIn) -> Mapping[str, Any]:
    prepared: _Prepared = context.prepared
    revoked = prepared.keys[prepared.epoch].revoked_at is not None
    return {"answers": list(_Intake(context, prepared).answers()), "revoked": revoked}


class _Intake:
    """The batch of one device, in one transaction."""

    def __init__(self, context: CommandContext, prepared: _Prepared) -> None:
        self.context = context
        self.prepared = prepared
        self.known = self._known()
        self.chains: dict[int, AnyRow] = {}
        self.ends: dict[int, tuple[int, bytes]] = {}
        self.rows: list[dict[str, Any]] = []
        self.pending: list[dict[str, Any]] = []

    def answers(self) -> Iterator[dict[str, Any]]:
        """Answer each envelope, and write what came."""
        epochs = {item.envelope.epoch for item in self.prepared.items if item.envelope}
        for epoch in sorted(epochs | {self.prepared.epoch}):
            self._lock(epoch)
        yield from [self._answer(item) for item in self.prepared.items]
        if self.rows:
            self.context.db.execute(_STORE, self.rows)
        if self.pending:
            self.context.db.execute(_PENDING, self.pending)
        for epoch, chain in self.chains.items():
            self._move(epoch, chain)

    def _lock(self, epoch: int) -> None:
        db, tenant_id = self.context.db, self.context.tenant_id
        chain = registry.chain_of(db, tenant_id, self.prepared.device_id, epoch)
        assert chain is not None  # made with the key
        self.chains[epoch] = chain
        self.ends[epoch] = (chain.received_seq, chain.received_head)

    def _known(self) -> dict[UUID, list[tuple[bytes, str]]]:
        """Give what is stored under the ids of this batch."""
        ids = {item.envelope.record.id for item in self.prepared.items if item.envelope}
        found: dict[UUID, list[tuple[bytes, str]]] = {}
        if ids:
            asked = {"tenant_id": self.context.tenant_id, "ids": sorted(ids)}
            for command_id, envelope_hash, intake in self.context.db.execute(_KNOWN, asked):
                found.setdefault(command_id, []).append((envelope_hash, intake))
        return found

    def _answer(self, item: _Item) -> dict[str, Any]:
        if item.envelope is None:
            return self._bury(item)
        envelope = item.envelope
        answer = {
            "id": str(envelope.record.id),
            "seq": str(envelope.seq),
            "envelope": envelope.hash.hex(),
        }
        others = self.known.get(envelope.record.id, [])
        if any(digest == envelope.hash for digest, _ in others):
            return {**answer, "intake": "duplicate"}
        seq, head = self.ends[envelope.epoch]
        if envelope.seq > seq + 1 and not self._is_on_a_branch(envelope):
            return {**answer, "intake": "gap", "need": str(seq + 1)}
        follows = envelope.seq == seq + 1 and envelope.previous == head
        intake = self._judged(envelope, follows=follows, reused=bool(others))
        self._store(item, envelope, intake)
        if follows:  # also of what is not applied: the chain goes on behind it
            self.ends[envelope.epoch] = (envelope.seq, envelope.hash)
        said = "fork" if intake == "fork" else "stored" if intake == "stored" else "quarantined"
        return {**answer, "intake": said}

    def _is_on_a_branch(self, envelope: Envelope) -> bool:
        """Tell whether it follows what was put aside as a fork. A branch that grew longer than
        what we have is put aside to its end: what it lacks will never come, so it cannot wait."""
        chain = {"device_id": envelope.device_id, "epoch": envelope.epoch, "intake": "fork"}
        follows = {**chain, "envelope_hash": envelope.previous, "seq": envelope.seq - 1}
        if any(follows.items() <= row.items() for row in self.rows):
            return True
        key = {"tenant_id": self.context.tenant_id, **follows}
        found = self.context.db.execute(_BRANCH, key).scalar_one_or_none()
        return found == envelope.seq - 1

    def _judged(self, envelope: Envelope, *, follows: bool, reused: bool) -> str:
        """Say how it is kept. What a closed history still lacks is taken in up to its end, and
        counts once the end is the one that was known (`device_commands.py`)."""
        if not follows:
            return "fork"
        if reused:
            return "id_reuse"
        key = self.prepared.keys[envelope.epoch]
        if key.closed_at is None:
            return "stored" if key.revoked_at is None else "revoked"
        return "stored" if envelope.seq <= (key.closed_seq or 0) else "revoked"

    def _store(self, item: _Item, envelope: Envelope, intake: str) -> None:
        self.known.setdefault(envelope.record.id, []).append((envelope.hash, intake))
        self.rows.append(
            {
                "tenant_id": self.context.tenant_id,
                "envelope_hash": envelope.hash,
                "command_id": envelope.record.id,
                "device_id": envelope.device_id,
                "epoch": envelope.epoch,
                "seq": envelope.seq,
                "intake": intake,
                "process_instance_id": envelope.record.target.process_instance,
                "actor": envelope.record.actor[:200],
                "lease_id": envelope.record.lease,
                "envelope": zlib.compress(envelope.text, 1),
                "signature": item.signature,
                "received_at": self.context.at,
            }
        )
        if intake == "stored":
            self.pending.append(
                {
                    "tenant_id": self.context.tenant_id,
                    "envelope_hash": envelope.hash,
                    "device_id": envelope.device_id,
                    "due_at": self.context.at + LOOKED_AT_AFTER,
                }
            )
            return
        self.context.record(
            REGISTER,
            {
                "event": "device_command.answered",
                "envelope": envelope.hash,
                "device": envelope.device_id,
                "outcome": "quarantined",
                "reason": intake,
                "attempt": 0,
                "final": True,
            },
        )

    def _bury(self, item: _Item) -> dict[str, Any]:
        """Keep what is no envelope of this device among the dead letters, as many as are wanted."""
        kept = int(self.context.configuration(POLICY)["dead_letters"])
        self.context.db.execute(
            _LETTER,
            {
                "tenant_id": self.context.tenant_id,
                "letter_id": self.context.new_id(),
                "received_at": self.context.at,
                "device_id": self.prepared.device_id,
                "fault": item.fault,
                "text": item.text.encode(errors="replace")[: envelopes.LIMIT],
            },
        )
        oldest = self.context.db.execute(
            _LETTERS, {"tenant_id": self.context.tenant_id, "kept": kept}
        ).scalar_one_or_none()
        if oldest is not None:
            key = {"tenant_id": self.context.tenant_id, "letter_id": oldest}
            self.context.db.execute(_FORGET, key)
        intake = "upgrade_required" if item.upgrade else "malformed"
        return {"id": None, "seq": None, "intake": intake, "fault": item.fault}

    def _move(self, epoch: int, chain: AnyRow) -> None:
        """Write how far the history is known by now."""
        seq, head = self.ends[epoch]
        present = epoch == self.prepared.epoch
        said = envelopes.count(self.prepared.mark["head_seq"]) if present else 0
        if said > seq + FARTHEST:
            said = 0
        key = {"tenant_id": self.context.tenant_id, "device_id": chain.device_id, "epoch": epoch}
        self.context.db.execute(
            _MOVE,
            {
                **{f"key_{name}": value for name, value in key.items()},
                "received_seq": seq,
                "received_head": head,
                "known_seq": max(chain.known_seq, seq, said),
                "heard_at": self.context.at,
                "told": orjson.dumps(self.prepared.mark) if present else chain.told,
            },
        )
