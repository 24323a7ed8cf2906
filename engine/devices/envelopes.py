"""An envelope: what a device hands in for one command, read from the very bytes that were signed.

`{"chain": …, "record": …, "sigs": […]}` in RFC 8785 form: the record is what the person did, the
signatures are theirs, the chain says where in the device's history it stands. Numbers are text in
it, but for the small counts of a form's record, as in every record (engine/canonical.py): a
reader's floating point could change others under the signature. What differs from that is not
repaired but refused, because what would be repaired is not what was signed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

import msgspec
import orjson

from engine.canonical import canonical_bytes, domain_hash

ENVELOPE_DOMAIN = "countersign-envelope-v1"
COMMAND_DOMAIN = b"countersign-command-v1\0"
RECORD_DOMAIN = "countersign-device-record-v1"
CHAIN_DOMAIN = "countersign-chain-v1"

VERSION = "1"
LIMIT = 256 * 1024
"""Bytes of an envelope; photographs travel beside it, by their hash."""
DEPTH = 32
_LARGEST_COUNT = 2**53 - 1

Kind = Literal["work_item.complete", "process_instance.start"]
Count = str
"""A whole number as text."""


class Malformed(ValueError):
    """These bytes are no envelope; says what is wrong with them. Nothing can be taken in."""


class UpgradeRequired(ValueError):
    """The envelope is of a version that this server does not know (yet)."""


class Target(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What the command is about: a logical address, which a device can name before the server."""

    process_instance: UUID
    process: str | None = None
    activity: str | None = None
    visit: Count | None = None
    index: Count | None = None
    task_ref: Count | None = None
    revision: Count | None = None


class DefinitionUsed(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The definition and the form that the device worked by."""

    process: str
    hash: str
    version: Count | None = None
    form: str | None = None


class Attached(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A file that the record names."""

    sha256: str
    size: Count
    media_type: str
    field: str | None = None


class DeviceTime(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What the device knew of the time: its clock, and the last time that the server told it."""

    wall: str
    zone: str
    monotonic: str | None = None
    life: str | None = None
    token: str | None = None


class Record(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What the person did; what they sign."""

    v: str
    id: UUID
    kind: Kind
    tenant: str
    actor: str
    target: Target
    definition: DefinitionUsed
    time: DeviceTime
    data: Mapping[str, Any] = {}
    base: Mapping[str, Any] = {}
    attachments: Sequence[Attached] = ()
    lease: UUID | None = None
    depends: Sequence[UUID] = ()
    next: Sequence[str] | None = None
    why: str | None = None
    station: str | None = None


class Proof(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How a person proved who they are: method, and what it gives."""

    method: Literal["passkey", "key", "password"]
    credential: str | None = None
    signature: str | None = None
    client_data: str | None = None
    authenticator_data: str | None = None


class PersonSignature(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A person's signature of the record, and the sentence that they were shown."""

    meaning: str
    statement: str
    language: Literal["en", "zh"]
    signer: str
    at: str
    auth: Proof


class Chain(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where the envelope stands in its device's history."""

    device: UUID
    epoch: Count
    seq: Count
    prev: str


class _Envelope(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    chain: Chain
    record: Record
    sigs: Sequence[PersonSignature]


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope that reads well. `hash` is what the next one in the chain names as `prev`;
    `record_hash` is what people sign."""

    text: bytes
    hash: bytes
    record: Record
    record_hash: str
    signatures: tuple[PersonSignature, ...]
    device_id: UUID
    epoch: int
    seq: int
    previous: bytes

    @property
    def signed_message(self) -> bytes:
        """What the device's signature is over."""
        return COMMAND_DOMAIN + self.hash


@lru_cache(maxsize=256)
def read(text: bytes) -> Envelope:
    """Read an envelope from the bytes as they were received. Raises Malformed, UpgradeRequired.

    What was read is remembered for a while: a round reads each when it takes it in, and again when
    it is decided.
    """
    found = _shape(_canonical(text))
    raw = orjson.loads(text)["record"]
    chain = found.chain
    return Envelope(
        text=text,
        hash=domain_hash(ENVELOPE_DOMAIN, text),
        record=found.record,
        record_hash=domain_hash(RECORD_DOMAIN, canonical_bytes(raw)).hex(),
        signatures=tuple(found.sigs),
        device_id=chain.device,
        epoch=count(chain.epoch),
        seq=count(chain.seq),
        previous=digest(chain.prev),
    )


def genesis(device_id: UUID, epoch: int, nonce: str) -> bytes:
    """Give what the first envelope of an epoch names as the one before it."""
    begun = {"device": str(device_id), "epoch": str(epoch), "nonce": nonce}
    return domain_hash(CHAIN_DOMAIN, canonical_bytes(begun))


def count(text: str) -> int:
    """Read a whole number that is written as people write it. Raises Malformed."""
    if not text.isascii() or not text.isdigit() or (text[0] == "0" and text != "0"):
        message = f"{text[:20]!r} is no count"
        raise Malformed(message)
    if len(text) > 15:
        message = "a count is too large"
        raise Malformed(message)
    return int(text)


def digest(text: str) -> bytes:
    """Read a hash as it is written in records. Raises Malformed."""
    try:
        read_ = bytes.fromhex(text)
    except (TypeError, ValueError) as failure:
        raise Malformed(str(failure)) from failure
    if len(read_) != 32 or read_.hex() != text:
        message = "a hash is 64 hexadecimal digits"
        raise Malformed(message)
    return read_


def _canonical(text: bytes) -> Any:
    """Decode, and insist on canonical bytes: a name that stands twice does not survive that."""
    if len(text) > LIMIT:
        message = f"an envelope has at most {LIMIT} bytes"
        raise Malformed(message)
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as failure:
        raise Malformed(str(failure)) from failure
    _require_exact(document, DEPTH)
    if canonical_bytes(document) != text:
        message = "the bytes are not in canonical form (RFC 8785)"
        raise Malformed(message)
    return document


def _require_exact(value: Any, depth: int) -> None:
    if depth == 0:
        message = f"an envelope is at most {DEPTH} levels deep"
        raise Malformed(message)
    if value is None or isinstance(value, str | bool):
        return
    if isinstance(value, int) and abs(value) <= _LARGEST_COUNT:
        return
    if isinstance(value, dict):
        for item in value.values():
            _require_exact(item, depth - 1)
    elif isinstance(value, list):
        for item in value:
            _require_exact(item, depth - 1)
    else:
        message = "a number that not every reader holds exactly is written as text"
        raise Malformed(message)


def _shape(document: Any) -> _Envelope:
    record = document.get("record") if isinstance(document, dict) else None
    if isinstance(record, dict) and record.get("v") not in (None, VERSION):
        raise UpgradeRequired(str(record["v"])[:20])
    try:
        return msgspec.convert(document, _Envelope)
    except msgspec.ValidationError as failure:
        raise Malformed(str(failure)) from failure


def encoded(value: Any) -> str:
    """Write a value of a record as canonical text."""
    return canonical_bytes(value).decode()


def decoded(written: bytes) -> Any:
    """Read what was written as canonical text."""
    return orjson.loads(written)
