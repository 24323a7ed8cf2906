"""One round of synchronisation: take in what a device hands over, have each envelope decided, and
answer with receipts that the server signs.

Intake and decision are two things. What is taken in is kept whatever the business says to it; each
decision is a command of its own, so that one bad envelope keeps no other from its turn, and a crash
in between is made good by the next round or by the background work (`apply_left`).
"""

import logging
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select, update

from engine.actors import Actor, engine_actor
from engine.canonical import instant_text
from engine.commands.device_commands import ApplyEnvelope, ParkEnvelope, due_again, waits_for
from engine.commands.intake import Handed, TakeIn, recognise
from engine.devices import envelopes
from engine.devices.envelopes import Envelope
from engine.devices.server_key import RECEIPT_DOMAIN, ServerKey, Signed
from engine.dispatcher import Dispatcher
from engine.identifiers import derived_id, new_id
from engine.identities import accounts
from engine.identities.accounts import Account
from engine.identities.signing import SignatureRequest
from engine.outcomes import (
    Accepted,
    ActorChanged,
    ConcurrentChange,
    Outcome,
    Reason,
    Rejected,
    Rejection,
)
from engine.problems import Text
from engine.store.base import AnyRow
from engine.store.device_tables import (
    ANSWERED,
    device_answer,
    device_envelope,
    device_key,
    device_pending,
    lease,
)

_LOG = logging.getLogger(__name__)

BATCH = 100
"""Envelopes of one request."""
_DONE = frozenset({"accepted", "merged", "flagged"})
_UNDECIDED = frozenset({Reason.INCIDENT, Reason.NOT_ALLOWED, Reason.ID_REUSED})
_RETRIED = ("depends", "files_missing", "unfinished", "ruled")
_WAITS = frozenset({"proof_missing", "depends", "files_missing", "unfinished"})

_ANSWERS = (
    select(
        device_envelope.c.command_id,
        device_envelope.c.envelope_hash,
        device_envelope.c.device_id,
        device_envelope.c.epoch,
        device_envelope.c.seq,
        device_envelope.c.intake,
        device_envelope.c.received_at,
        device_answer.c.outcome,
        device_answer.c.reason,
        device_answer.c.final,
        device_answer.c.attempt,
        device_answer.c.answered_at,
        device_answer.c.result,
    )
    .select_from(ANSWERED)
    .where(device_envelope.c.tenant_id == bindparam("tenant_id"))
    .where(device_envelope.c.device_id == bindparam("device_id"))
    .where(device_envelope.c.command_id.in_(bindparam("ids", expanding=True)))
)
_ALGORITHM = (
    select(device_key.c.algorithm)
    .where(device_key.c.tenant_id == bindparam("tenant_id"))
    .where(device_key.c.device_id == bindparam("device_id"))
    .order_by(device_key.c.epoch.desc())
    .limit(1)
)
_WAITING = (
    select(
        device_pending.c.tenant_id,
        device_envelope.c.envelope_hash,
        device_envelope.c.envelope,
        device_envelope.c.received_at,
        device_answer.c.attempt,
        device_answer.c.reason,
    )
    .select_from(
        device_pending.join(
            ANSWERED,
            (device_envelope.c.tenant_id == device_pending.c.tenant_id)
            & (device_envelope.c.envelope_hash == device_pending.c.envelope_hash),
        )
    )
    .order_by(device_envelope.c.device_id, device_envelope.c.epoch, device_envelope.c.seq)
)
_WAITING_HERE = (
    _WAITING.where(device_pending.c.tenant_id == bindparam("tenant_id"))
    .where(device_pending.c.device_id == bindparam("device_id"))
    .where(device_answer.c.reason.in_(_RETRIED))
)
_HEARD = (
    select(lease.c.opened_at, device_key.c.enrolled_at)
    .select_from(
        device_envelope.join(
            device_key,
            (device_key.c.tenant_id == device_envelope.c.tenant_id)
            & (device_key.c.device_id == device_envelope.c.device_id)
            & (device_key.c.epoch == device_envelope.c.epoch),
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
_AWAITED = (
    select(device_answer.c.reason, device_answer.c.attempt, device_answer.c.outcome)
    .select_from(ANSWERED)
    .where(device_envelope.c.tenant_id == bindparam("tenant_id"))
    .where(device_envelope.c.envelope_hash == bindparam("envelope_hash"))
)
_LATER = (
    update(device_pending)
    .where(device_pending.c.tenant_id == bindparam("key_tenant_id"))
    .where(device_pending.c.envelope_hash == bindparam("key_envelope_hash"))
    .values(due_at=bindparam("due_at"))
)
_DUE = _WAITING.where(device_pending.c.due_at <= bindparam("now")).limit(BATCH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One envelope of a request. `attended`: its person waits; `username` and `password` prove a
    signature that is made by password, and are kept nowhere."""

    envelope: str
    signature: str
    attended: bool = False
    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A request: the device's mark of itself, what it hands over, and whose later receipts it
    asks for."""

    mark: str
    mark_signature: str
    items: Sequence[Item] = ()
    ask: Sequence[UUID] = ()


def synchronise(dispatcher: Dispatcher, tenant_id: str, batch: Batch) -> dict[str, Any]:
    """Take in and decide a batch; give the answer as it goes over the wire."""
    command = TakeIn(
        command_id=new_id(),
        mark=batch.mark,
        mark_signature=batch.mark_signature,
        items=[Handed(envelope=one.envelope, signature=one.signature) for one in batch.items],
    )
    at = instant_text(dispatcher.clock())
    try:
        with dispatcher.database.reading() as db:
            device_id = recognise(db, tenant_id, command).device_id
    except Rejection as stranger:
        return _turned_away(stranger.message, at)
    taken = dispatcher.dispatch(command, engine_actor(tenant_id, "devices"))
    if isinstance(taken, Rejected):
        return _turned_away(taken.message, at)
    round_ = _Round(dispatcher, tenant_id, device_id)
    answers = taken.result["answers"]
    for item, answer in zip(batch.items, answers, strict=True):
        if answer["intake"] == "stored":
            round_.decide(envelopes.read(item.envelope.encode()), item)
        elif answer["intake"] == "duplicate":
            round_.decide_again(envelopes.read(item.envelope.encode()), item)
    round_.decide_held()
    asked = {UUID(answer["id"]) for answer in answers if answer["id"]}
    receipts = round_.receipts(asked | set(batch.ask))
    key = dispatcher.resources.server_key
    return {
        "server_time": at,
        "device": "revoked" if taken.result["revoked"] else "enrolled",
        "token": key.time_token(device_id, dispatcher.clock()),
        "answers": [
            {
                "id": answer["id"],
                "seq": answer["seq"],
                "intake": answer["intake"],
                "need": answer.get("need"),
                "receipt": receipts.get((answer["id"], answer.get("envelope"))),
            }
            for answer in answers
        ],
        "receipts": [
            receipt for (asked_id, _), receipt in receipts.items() if UUID(asked_id) not in asked
        ],
    }


def _turned_away(why: Text, at: str) -> dict[str, Any]:
    """Say that this is no device of ours; what it holds stays in it."""
    return {
        "server_time": at,
        "device": "unknown",
        "token": None,
        "message": dict(why),
        "answers": [],
        "receipts": [],
    }


@dataclass(slots=True)
class _Round:
    """Decides the envelopes of one device, in its order."""

    dispatcher: Dispatcher
    tenant_id: str
    device_id: UUID
    people: dict[str, Account | None] = field(default_factory=dict)
    settled: set[UUID] = field(default_factory=set)  # carried out in this round

    def decide(self, envelope: Envelope, item: Item | None = None, attempt: int = 0) -> None:
        """Have an envelope decided. Each time is a command of its own: that it counts once is seen
        in what was answered before."""
        proof = None if item is None else _proof(envelope, item)
        for _ in range(2):
            actor, flags = self._person(envelope)
            command = ApplyEnvelope(
                command_id=new_id(),
                device=envelope.record.station,
                why=envelope.record.why,
                envelope=envelope.hash.hex(),
                attempt=attempt,
                attended=item is not None and item.attended,
                follows=self.settled.issuperset(envelope.record.depends),
                signature=proof,
                flags=flags,
            )
            try:
                outcome = self.dispatcher.dispatch(command, actor)
            except ActorChanged:
                self.people.clear()  # read anew, once
            except ConcurrentChange:
                return  # others were faster each time: the background work decides it
            else:
                if isinstance(outcome, Accepted) and outcome.result["outcome"] in _DONE:
                    self.settled.add(envelope.record.id)
                self._park_failed(envelope, outcome)
                return

    def _park_failed(self, envelope: Envelope, outcome: Outcome) -> None:
        """Have a person look at what failed, or what the door did not even let in."""
        if isinstance(outcome, Rejected) and outcome.reason in _UNDECIDED:
            command = ParkEnvelope(
                command_id=derived_id("park", outcome.command_id),
                envelope=envelope.hash.hex(),
                reason=outcome.reason.value,
                message=dict(outcome.message),
            )
            self.dispatcher.dispatch(command, engine_actor(self.tenant_id, "devices"))

    def decide_again(self, envelope: Envelope, item: Item) -> None:
        """Have decided what came before, where no answer is there yet, or where what it waited for
        may have come with it."""
        key = {"tenant_id": self.tenant_id, "envelope_hash": envelope.hash}
        with self.dispatcher.database.reading() as db:
            row = db.execute(_AWAITED, key).one()
        if row.outcome is None:
            self.decide(envelope, item)
        elif row.outcome == "held" and not self._still_waits(envelope, row.reason, item):
            self.decide(envelope, item, row.attempt + 1)

    def decide_held(self) -> None:
        """Have decided again what waited for something that may be there now."""
        key = {"tenant_id": self.tenant_id, "device_id": self.device_id}
        with self.dispatcher.database.reading() as db:
            rows = db.execute(_WAITING_HERE, key).all()
        for row in rows:
            self.decide_left(row)

    def decide_left(self, row: AnyRow) -> None:
        """Have an envelope of the waiting ones decided, if what it waits for has come."""
        envelope = envelopes.read(zlib.decompress(row.envelope))
        if not self._still_waits(envelope, row.reason, None):
            self.decide(envelope, None, 0 if row.attempt is None else row.attempt + 1)

    def _still_waits(self, envelope: Envelope, reason: str | None, item: Item | None) -> bool:
        """Tell, before a command is made of it, whether it would be held for the same again."""
        if reason not in _WAITS:
            return False
        with self.dispatcher.database.reading() as db:
            waits = waits_for(
                db,
                self.tenant_id,
                envelope,
                proven=item is not None and _proof(envelope, item) is not None,
                follows=self.settled.issuperset(envelope.record.depends),
            )
        return waits == reason

    def _person(self, envelope: Envelope) -> tuple[Actor, tuple[str, ...]]:
        username = envelope.record.actor
        if username not in self.people:
            with self.dispatcher.database.reading() as db:
                self.people[username] = accounts.find_by_username(db, self.tenant_id, username)
        account = self.people[username]
        if account is None:
            return engine_actor(self.tenant_id, "devices"), ()
        if account.changed_at is None:
            return acting(account, None, envelope.record.time.wall)
        return acting(account, self._told(envelope), envelope.record.time.wall)

    def _told(self, envelope: Envelope) -> datetime | None:
        """Give the latest time that the device is known to have been told of us before it was
        done: by its token, by the lease that it names, by its key. What the device leaves out it
        cannot be younger by."""
        server_key = self.dispatcher.resources.server_key
        key = {"tenant_id": self.tenant_id, "envelope_hash": envelope.hash}
        with self.dispatcher.database.reading() as db:
            row = db.execute(_HEARD, key).one()
        token = server_key.told_time(envelope.record.time.token, envelope.device_id)
        known = [each for each in (token, row.opened_at, row.enrolled_at) if each is not None]
        return max(known, default=None)

    def receipts(self, ids: Iterable[UUID]) -> dict[tuple[str, str], dict[str, str]]:
        """Give the receipts of these commands, by id and envelope."""
        wanted = sorted(ids)
        if not wanted:
            return {}
        key = {"tenant_id": self.tenant_id, "device_id": self.device_id}
        with self.dispatcher.database.reading() as db:
            rows = db.execute(_ANSWERS, {**key, "ids": wanted}).all()
            algorithm = db.execute(_ALGORITHM, key).scalar_one()
        server_key = self.dispatcher.resources.server_key
        return {
            (str(row.command_id), row.envelope_hash.hex()): _wire(
                receipt(server_key, row, algorithm)
            )
            for row in rows
        }


def acting(account: Account, told: datetime | None, wall: str) -> tuple[Actor, tuple[str, ...]]:
    """Give the person as they were when something was done, and marks of what changed since.

    Done before the account was changed counts by the roles of then: when the device had last heard
    of us before the change, and its clock says so too. What came after counts by the roles of now,
    and nothing counts that came after the account was closed.
    """
    changed = account.changed_at
    if changed is None:
        return account.actor(remembered=True), ()
    before = _before(changed, told, wall)
    if before:
        then = replace(account, roles=account.roles_before, active=True)
        return replace(then.actor(), credential=account.actor().credential), (
            "account_changed_since",
        )
    return account.actor(remembered=True), () if account.active else ("account_closed",)


def _before(changed: datetime, told: datetime | None, wall: str) -> bool:
    if told is not None and told >= changed:
        return False
    try:
        return datetime.fromisoformat(wall) < changed
    except (TypeError, ValueError):
        return False


def _proof(envelope: Envelope, item: Item) -> SignatureRequest | None:
    """Give the password that came beside the envelope, for the signature that asks for one."""
    if item.password is None:
        return None
    asked = next((one for one in envelope.signatures if one.auth.method == "password"), None)
    if asked is None:
        return None
    return SignatureRequest(
        username=item.username or "",
        password=item.password,
        meaning=asked.meaning,
        shown_hash=envelope.record_hash,
        language=asked.language,
    )


def receipt(key: ServerKey, row: AnyRow, algorithm: str = "Ed25519") -> Signed:
    """Write and sign what became of an envelope. The same row gives the same body, always."""
    kept = {} if row.result is None else envelopes.decoded(row.result)
    message, conflict = kept.pop("message", None), kept.pop("conflict", None)
    decided = row.outcome is not None
    body = {
        "v": "1",
        "id": str(row.command_id),
        "device": str(row.device_id),
        "epoch": str(row.epoch),
        "seq": str(row.seq),
        "envelope": row.envelope_hash.hex(),
        "outcome": row.outcome if decided else "held",
        "reason": row.reason if decided else "undecided",
        "message": message,
        "result": kept or None,
        "conflict": conflict,
        "at": instant_text(row.answered_at if decided else row.received_at),
        "final": "yes" if row.final else "no",
    }
    return key.sign(RECEIPT_DOMAIN, body, algorithm)


def _wire(signed: Signed) -> dict[str, str]:
    return {"body": signed.body, "key": signed.key, "signature": signed.signature}


def take_left(db: Connection, now: datetime) -> Sequence[AnyRow]:
    """Give what was taken in and not decided (a crash between the two), and what was held; it is
    looked at again later whatever comes of it. For the background work, which commits that before
    it decides: what fails each time keeps no other from its turn."""
    rows = db.execute(_DUE, {"now": now}).all()
    if rows:
        later = [
            {
                "key_tenant_id": row.tenant_id,
                "key_envelope_hash": row.envelope_hash,
                "due_at": due_again(now, row.received_at),
            }
            for row in rows
        ]
        db.execute(_LATER, later)
    return rows


def apply_left(dispatcher: Dispatcher, rows: Iterable[AnyRow]) -> None:
    """Decide of what was left what has what it waited for."""
    for row in rows:
        envelope = envelopes.read(zlib.decompress(row.envelope))
        try:
            _Round(dispatcher, row.tenant_id, envelope.device_id).decide_left(row)
        except Exception:  # noqa: BLE001  # one that fails keeps no other from its turn
            _LOG.exception("envelope %s could not be decided", row.envelope_hash.hex())
