"""The key by which this server signs: receipts, times, packs. Devices are given its public half
when they are enrolled, and let nothing go against anything but a receipt that it signed."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from engine.canonical import canonical_bytes, domain_hash, instant_text
from engine.devices.keys import is_signed, message_of
from engine.devices.signatures import base64, unbase64

RECEIPT_DOMAIN, TIME_DOMAIN, PACK_DOMAIN = (
    "countersign-receipt-v1",
    "countersign-time-v1",
    "countersign-pack-v1",
)
_KEY_DOMAIN = "countersign-server-key-v1"
_NEXT = b"-----END PRIVATE KEY-----\n"


@dataclass(frozen=True, slots=True)
class Signed:
    """Canonical JSON as text, the key's id, and the signature (base64url)."""

    body: str
    key: str
    signature: str


class ServerKey:
    """The keys of an installation; all servers of one installation use the same.

    There are two: Ed25519, and P-256 for devices whose browser has no other. A device is given the
    one of its own algorithm.
    """

    def __init__(self, ed25519: Ed25519PrivateKey, p256: EllipticCurvePrivateKey) -> None:
        self._ed25519, self._p256 = ed25519, p256
        self._public = {
            "Ed25519": _public(ed25519.public_key()),
            "ES256": _public(p256.public_key()),
        }
        self._ids = {
            algorithm: domain_hash(_KEY_DOMAIN, key).hex()[:16]
            for algorithm, key in self._public.items()
        }
        # A device writes the same token into all it makes until it hears of us again.
        self._told = lru_cache(maxsize=1024)(self._token)

    @classmethod
    def new(cls) -> "ServerKey":
        return cls(Ed25519PrivateKey.generate(), generate_private_key(SECP256R1()))

    @classmethod
    def read(cls, pem: bytes) -> "ServerKey":
        """Read both keys from PEM text, one after the other. Raises ValueError."""
        first, _, second = pem.partition(_NEXT)
        ed25519 = load_pem_private_key(first + _NEXT, password=None)
        p256 = load_pem_private_key(second.lstrip(), password=None)
        if not isinstance(ed25519, Ed25519PrivateKey) or not isinstance(
            p256, EllipticCurvePrivateKey
        ):
            message = "the server's keys are an Ed25519 and a P-256 key"
            raise ValueError(message)  # noqa: TRY004  # the text is wrong, not its type
        return cls(ed25519, p256)

    def written(self) -> bytes:
        """Give both keys as PEM text, to be kept where only the server reads it."""
        return b"".join(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            for key in (self._ed25519, self._p256)
        )

    def described(self, algorithm: str) -> dict[str, str]:
        """Give what a device with a key of this algorithm needs to know of ours."""
        return {
            "id": self._ids[algorithm],
            "algorithm": algorithm,
            "public_key": base64(self._public[algorithm]),
        }

    def sign(self, domain: str, document: Any, algorithm: str = "Ed25519") -> Signed:
        """Sign a document in its own domain, in canonical form."""
        return self.sign_text(domain, canonical_bytes(document), algorithm)

    def sign_text(self, domain: str, body: bytes, algorithm: str = "Ed25519") -> Signed:
        """Sign text as it is."""
        message = message_of(domain, body)
        if algorithm == "Ed25519":
            signature = self._ed25519.sign(message)
        else:
            signature = _halves(self._p256.sign(message, ECDSA(SHA256())))
        return Signed(body.decode(), self._ids[algorithm], base64(signature))

    def is_own(self, domain: str, body: bytes, signature: bytes) -> bool:
        """Tell whether the Ed25519 key signed `body` in that domain."""
        message = message_of(domain, body)
        return is_signed("Ed25519", self._public["Ed25519"], signature, message)

    def time_token(self, device_id: object, at: datetime) -> str:
        """Give a device the time as the server has it, so that it can prove later that what it
        did came after. Only servers read it."""
        told = self.sign(TIME_DOMAIN, {"v": "1", "device": str(device_id), "at": instant_text(at)})
        return f"{base64(told.body.encode())}.{told.signature}"

    def told_time(self, token: str | None, device_id: object) -> datetime | None:
        """Give the time in a token that this key made for that device; None for any other."""
        told = None if token is None else self._told(token)
        return told[1] if told is not None and told[0] == str(device_id) else None

    def _token(self, token: str) -> tuple[str, datetime] | None:
        """Read a token of ours: whose it is, and the time."""
        body, _, signature = token.partition(".")
        written = unbase64(body)
        if not signature or not self.is_own(TIME_DOMAIN, written, unbase64(signature)):
            return None
        said = orjson.loads(written)
        return said["device"], datetime.fromisoformat(said["at"])


def _public(key: Ed25519PublicKey | EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _halves(der: bytes) -> bytes:
    """Give r and s one after the other, as WebCrypto verifies them."""
    return b"".join(part.to_bytes(32) for part in decode_dss_signature(der))
