"""What a person signs without a network, and whether they did: a passkey's assertion or a key of
theirs, over the record's hash, the meaning and the sentence that they were shown.

Sources: W3C Web Authentication Level 2, 7.2 (verifying an assertion); 21 CFR 11.50, 11.70, 11.200.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import orjson

from engine.canonical import canonical_bytes, domain_hash
from engine.devices.envelopes import Envelope, PersonSignature
from engine.devices.keys import is_signed

SIGN_DOMAIN = "countersign-sign-v1"
PERSON_DOMAIN = b"countersign-person-v1\0"

_USER_PRESENT, _USER_VERIFIED = 0x01, 0x04
_BACKUP_ELIGIBLE, _BACKED_UP = 0x08, 0x10
_FLAGS_AT = 32
_LEAST = 37
"""Bytes of authenticator data: the hash of the site, flags, and a counter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a person signs with, as it was registered."""

    credential_id: str
    account_id: UUID
    method: str
    algorithm: str
    public_key: bytes
    site: str | None
    """Of a passkey: the host that it was made for (relying party)."""
    origins: Collection[str]
    """Of a passkey: the addresses of the client that it may be used at."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How a signature was proven: `factors` as the record names them, and what is wrong if it is
    not (`fault`, a code)."""

    factors: tuple[str, ...]
    fault: str | None = None
    device_bound: bool | None = None


def challenge(envelope: Envelope, signature: PersonSignature) -> bytes:
    """Give the 32 bytes that stand for all that is signed."""
    statement = {
        "at": signature.at,
        "device": str(envelope.device_id),
        "language": signature.language,
        "meaning": signature.meaning,
        "record": envelope.record_hash,
        "signer": signature.signer,
        "statement": signature.statement,
        "v": "1",
    }
    return domain_hash(SIGN_DOMAIN, canonical_bytes(statement))


def examine(envelope: Envelope, signature: PersonSignature, credential: Credential) -> Evidence:
    """Say how a signature was proven, or what is wrong with it."""
    if signature.auth.method != credential.method:
        return Evidence((), "other_method")
    if credential.method == "key":
        return _by_key(challenge(envelope, signature), signature, credential)
    return _by_passkey(challenge(envelope, signature), signature, credential)


def _by_key(asked: bytes, signature: PersonSignature, credential: Credential) -> Evidence:
    proven = unbase64(signature.auth.signature)
    signed = is_signed(credential.algorithm, credential.public_key, proven, PERSON_DOMAIN + asked)
    return Evidence(("key", "secret"), None if signed else "bad_signature")


def _by_passkey(asked: bytes, signature: PersonSignature, credential: Credential) -> Evidence:
    """Verify an assertion: its type, challenge, origin, site, flags, and then the signature."""
    client, data = unbase64(signature.auth.client_data), unbase64(signature.auth.authenticator_data)
    fault = _client_fault(client, asked, credential) or _data_fault(data, credential)
    if fault is not None:
        return Evidence((), fault)
    signed = is_signed(
        credential.algorithm,
        credential.public_key,
        unbase64(signature.auth.signature),
        data + hashlib.sha256(client).digest(),
        der=True,
    )
    bound = not data[_FLAGS_AT] & _BACKUP_ELIGIBLE
    return Evidence(("passkey", "user verification"), None if signed else "bad_signature", bound)


def _client_fault(client: bytes, asked: bytes, credential: Credential) -> str | None:
    try:
        said = orjson.loads(client)
    except orjson.JSONDecodeError:
        return "client_data"
    if not isinstance(said, dict) or said.get("type") != "webauthn.get":
        return "client_data"
    if said.get("challenge") != base64(asked):
        return "other_challenge"
    return None if said.get("origin") in credential.origins else "other_origin"


def _data_fault(data: bytes, credential: Credential) -> str | None:
    if len(data) < _LEAST or credential.site is None:
        return "authenticator_data"
    if data[:_FLAGS_AT] != hashlib.sha256(credential.site.encode()).digest():
        return "other_site"
    flags = data[_FLAGS_AT]
    if not flags & _USER_PRESENT:
        return "not_present"
    return None if flags & _USER_VERIFIED else "not_verified"


def base64(data: bytes) -> str:
    """Write bytes as base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unbase64(text: str | None) -> bytes:
    """Read base64url without padding; what is none is empty."""
    try:
        return urlsafe_b64decode((text or "") + "=" * (-len(text or "") % 4))
    except (NotBase64, ValueError):
        return b""
