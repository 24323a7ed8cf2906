"""One entry of the audit trail: who did what, when, why, on which device; and its hash.

An entry answers for one accepted command in one stream (a process instance or a register). Its
hash covers the canonical bytes, which name the hash of the entry before: a chain per stream.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from engine.actors import Actor
from engine.audit.dictionary import compress, decompress
from engine.canonical import canonical_bytes, domain_hash, instant_text

GENESIS = bytes(32)
"""What the first entry of a stream names as the entry before."""

ENTRY_DOMAIN = "countersign-trail-v1"


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """An entry as it is stored: its place, its hash and its compressed canonical bytes."""

    stream_id: UUID
    seq: int
    hash: bytes
    body: bytes


def seal(
    *,
    actor: Actor,
    stream_id: UUID,
    seq: int,
    previous: bytes,
    at: datetime,
    command_id: UUID,
    command_name: str,
    device: str | None,
    why: str | None,
    role: str | None,
    definition: str | None,
    events: list[dict[str, Any]],
) -> tuple[SealedEntry, dict[str, Any]]:
    """Write the entry; give it as stored, and as the document that the projections read."""
    document = {
        "v": 1,
        "tenant": actor.tenant_id,
        "stream": str(stream_id),
        "seq": seq,
        "prev": previous.hex(),
        "at": instant_text(at),
        "zone": actor.zone,
        "actor": {
            "id": None if actor.account_id is None else str(actor.account_id),
            "username": actor.username,
            "name": dict(actor.names),
            "role": role,
        },
        "device": device,
        "command": {"id": str(command_id), "name": command_name},
        "why": why,
        "definition": definition,
        "events": events,
    }
    written = canonical_bytes(document)
    entry_hash = domain_hash(ENTRY_DOMAIN, written)
    return SealedEntry(stream_id, seq, entry_hash, compress(written)), document


def canonical_of(body: bytes) -> bytes:
    """Give the canonical bytes of a stored entry."""
    return decompress(body)


def document_of(body: bytes) -> Mapping[str, Any]:
    """Give a stored entry as a document."""
    document: dict[str, Any] = orjson.loads(decompress(body))
    return document


def hash_of(body: bytes) -> bytes:
    """Compute the hash that a stored entry should have."""
    return domain_hash(ENTRY_DOMAIN, decompress(body))
