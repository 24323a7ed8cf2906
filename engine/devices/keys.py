"""Public keys of devices and people, and whether something was signed with one.

The algorithm belongs to the key that was enrolled, never to a message: a message cannot choose a
weaker one. Keys come as SubjectPublicKeyInfo, as WebCrypto exports them.
"""

from functools import lru_cache
from typing import Literal, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from engine.canonical import domain_hash

Algorithm = Literal["Ed25519", "ES256"]
ALGORITHMS: tuple[Algorithm, ...] = ("Ed25519", "ES256")

_HALF = 32
"""Bytes of r and of s in a P-256 signature as WebCrypto gives it (IEEE P1363)."""


class KeyRefused(ValueError):
    """These bytes are no public key of this algorithm."""


def message_of(domain: str, content: bytes) -> bytes:
    """Give what is signed for `content` in a domain: the domain's name, then the hash in it."""
    return domain.encode() + b"\0" + domain_hash(domain, content)


def require_key(algorithm: str, public_key: bytes) -> Algorithm:
    """Give the algorithm when `public_key` is a key of it. Raises KeyRefused."""
    if algorithm not in ALGORITHMS:
        message = f"{algorithm} is none of {', '.join(ALGORITHMS)}"
        raise KeyRefused(message)
    _read(algorithm, public_key)
    return algorithm


def is_signed(
    algorithm: str, public_key: bytes, signature: bytes, message: bytes, *, der: bool = False
) -> bool:
    """Tell whether `signature` is the key's over `message`.

    P-256 signatures are r and s one after the other (WebCrypto), or DER (`der`, WebAuthn).
    """
    try:
        key = _read(algorithm, public_key)
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, message)
        else:
            key.verify(signature if der else _as_der(signature), message, ECDSA(SHA256()))
    except (InvalidSignature, KeyRefused):
        return False
    return True


def _as_der(signature: bytes) -> bytes:
    if len(signature) != 2 * _HALF:
        raise InvalidSignature
    halves = signature[:_HALF], signature[_HALF:]
    return encode_dss_signature(*(int.from_bytes(half) for half in halves))


@lru_cache(maxsize=4096)
def _read(algorithm: str, public_key: bytes) -> Ed25519PublicKey | EllipticCurvePublicKey:
    """Read a key once: that takes as long as verifying with it."""
    try:
        key = load_der_public_key(public_key)
    except (ValueError, TypeError) as failure:
        raise KeyRefused(str(failure)) from failure
    if algorithm == "Ed25519" and isinstance(key, Ed25519PublicKey):
        return key
    is_p256 = isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)
    if algorithm == "ES256" and is_p256:
        return cast("EllipticCurvePublicKey", key)
    message = f"the key is none of {algorithm}"
    raise KeyRefused(message)
