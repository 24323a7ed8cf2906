"""Write tests/vectors/offline: what a device sends and what it is answered, byte by byte.

    python tools/make_offline_vectors.py            writes the files
    python tools/make_offline_vectors.py --check    fails when they are not what it would write

`envelopes.json`: commands of one device and epoch, for an Ed25519 and for a P-256 key: the
canonical bytes, their hashes, the chain, the device's signatures; and bytes that must not be taken.
`people.json`: what a person signs for a record, with a wrapped key and with passkeys (assertions as
an authenticator makes them), good ones and forged ones. `server.json`: marks, leases, receipts.

The keys are made from fixed seeds and are worth nothing. ECDSA signs with RFC 6979 numbers, so that
the files stay the same; readers must verify signatures, never compare them.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TARGET = Path(__file__).resolve().parent.parent / "tests" / "vectors" / "offline"

COMMAND = "countersign-command-v1"
DEVICE_RECORD = "countersign-device-record-v1"
ENVELOPE = "countersign-envelope-v1"
GENESIS = "countersign-genesis-v1"
LEASE = "countersign-lease-v1"
MARK = "countersign-mark-v1"
PERSON = "countersign-person-v1"
RECEIPT = "countersign-receipt-v1"
SIGN = "countersign-sign-v1"

DEVICE = "0193f7a2-0d00-7000-8000-00000000000d"
TENANT = "main"
INSTANCE = "0193f7a2-1111-7000-8000-000000000001"
LEASE_ID = "0193f7a2-2222-7000-8000-000000000002"
KEY_CREDENTIAL = "0193f7a2-3333-7000-8000-000000000003"
RP_ID = "localhost"
ORIGIN = "http://localhost:8000"
STATEMENTS = {
    "en": "I performed this step as recorded here.",
    "zh": "本人已按此处记录执行该步骤。",
}


def jcs(value: Any) -> bytes:
    """Write a value as RFC 8785 asks."""
    written: bytes = rfc8785.dumps(value)
    return written


def domain_hash(domain: str, content: bytes) -> bytes:
    """Hash for one purpose only."""
    return hashlib.sha256(domain.encode() + b"\0" + content).digest()


def b64url(content: bytes) -> str:
    """Write bytes as base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass(frozen=True)
class Key:
    """A signing key of either algorithm."""

    algorithm: str
    private: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey

    def described(self) -> dict[str, str]:
        """Give what others know of it."""
        spki = self.private.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        return {"algorithm": self.algorithm, "public_key": b64url(spki)}

    def sign(self, message: bytes) -> bytes:
        """Sign as WebCrypto does: 64 bytes, of either algorithm."""
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(message)
        r, s = utils.decode_dss_signature(self.sign_der(message))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def sign_der(self, message: bytes) -> bytes:
        """Sign as an authenticator does: ES256 in DER."""
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(message)
        return self.private.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))


def edwards(seed: int) -> Key:
    """Make an Ed25519 key of 32 equal bytes."""
    return Key("Ed25519", ed25519.Ed25519PrivateKey.from_private_bytes(bytes([seed] * 32)))


def p256(seed: int) -> Key:
    """Make a P-256 key of a small number."""
    return Key("ES256", ec.derive_private_key(10**6 + seed, ec.SECP256R1()))


def signed(key: Key, domain: str, digest: bytes) -> str:
    """Sign a digest in its domain, as devices, people's keys and the server do."""
    return b64url(key.sign(domain.encode() + b"\0" + digest))


def record(number: int, kind: str, **more: Any) -> dict[str, Any]:
    """Make a record as a device does."""
    return {
        "v": "1",
        "id": f"0193f7a2-aaaa-7000-8000-{number:012d}",
        "kind": kind,
        "tenant": TENANT,
        "actor": "ben",
        "target": {
            "process_instance": INSTANCE,
            "activity": "Documents",
            "visit": "1",
            "index": None,
            "task_ref": "7",
            "revision": "3",
        },
        "definition": {"process": "inspection", "version": "3", "hash": "a" * 64, "form": "b" * 64},
        "data": {},
        "base": {},
        "attachments": [],
        "lease": LEASE_ID,
        "depends": [],
        "next": None,
        "why": None,
        "station": None,
        "time": {
            "wall": "2026-11-23T10:00:00.123Z",
            "zone": "Asia/Shanghai",
            "monotonic": "83123.4",
            "life": "AAECAwQFBgcICQoLDA0ODw",
            "token": None,
        },
        **more,
    }


RECORDS: tuple[dict[str, Any], ...] = (
    record(
        1,
        "work_item.complete",
        data={"certificate": "COC-2026-8841", "lot_matches": True, "quantity": "12.50"},
        base={"certificate": None, "lot_matches": None, "quantity": "12.5"},
    ),
    record(
        2,
        "process_instance.start",
        target={
            "process_instance": "0193f7a2-4444-7000-8000-000000000004",
            "process": "receiving",
        },
        definition={"process": "receiving", "version": "1", "hash": "c" * 64, "form": None},
        data={
            "supplier": "华新精密",
            "note": "Ø 2.66 mm 😀",
            "boxes": 10,
            "\ue000": "b",
            "😀": "a",
        },
        why="来料提前到货",
        station="仓库手持机 2",
        lease=None,
    ),
    record(
        3,
        "work_item.complete",
        data={
            "photos": [{"sha256": "d" * 64, "name": "外箱.jpg", "mime": "image/jpeg", "size": "9"}]
        },
        attachments=[
            {
                "sha256": "d" * 64,
                "size": "9",
                "media_type": "image/jpeg",
                "field": "/photos/0",
            }
        ],
        depends=["0193f7a2-aaaa-7000-8000-000000000001"],
        next=["Review"],
        time={
            "wall": "2026-11-23T10:00:01.000Z",
            "zone": "Asia/Shanghai",
            "monotonic": "84000.4",
            "life": "AAECAwQFBgcICQoLDA0ODw",
            "token": "eyJ0IjoiMSJ9",
        },
    ),
)


def record_hash(made: Mapping[str, Any]) -> str:
    """Hash a record as it is signed by people."""
    return domain_hash(DEVICE_RECORD, jcs(made)).hex()


def chain_of(key: Key, genesis: str) -> list[dict[str, Any]]:
    """Give the envelopes of one device, each with the hash of the one before."""
    entries: list[dict[str, Any]] = []
    prev = genesis
    for seq, made in enumerate(RECORDS, start=1):
        sigs: list[dict[str, Any]] = []
        if seq == 1:
            sigs = [signature_by_key(edwards(3), record_hash(made))["signature"]]
        envelope = {
            "chain": {"device": DEVICE, "epoch": "1", "seq": str(seq), "prev": prev},
            "record": made,
            "sigs": sigs,
        }
        written = jcs(envelope)
        digest = domain_hash(ENVELOPE, written)
        entries.append(
            {
                "parts": envelope,
                "record_hash": record_hash(made),
                "envelope": written.decode(),
                "hash": digest.hex(),
                "signature": signed(key, COMMAND, digest),
            }
        )
        prev = digest.hex()
    return entries


def statement_of(made_hash: str, language: str = "en") -> dict[str, str]:
    """Say what a person signs for a record."""
    return {
        "v": "1",
        "record": made_hash,
        "meaning": "PERF",
        "statement": STATEMENTS[language],
        "language": language,
        "signer": "ben",
        "at": "2026-11-23T10:00:05.000Z",
        "device": DEVICE,
    }


def in_envelope(said: Mapping[str, str], auth: Mapping[str, str]) -> dict[str, Any]:
    """Write a signature as it stands in an envelope."""
    shown = {name: said[name] for name in ("meaning", "statement", "language", "signer", "at")}
    return {**shown, "auth": dict(auth)}


def signature_by_key(key: Key, made_hash: str, language: str = "en") -> dict[str, Any]:
    """Sign a record with a person's wrapped key."""
    said = statement_of(made_hash, language)
    challenge = domain_hash(SIGN, jcs(said))
    auth = {
        "method": "key",
        "credential": KEY_CREDENTIAL,
        "signature": signed(key, PERSON, challenge),
    }
    return {
        "said": said,
        "canonical": jcs(said).decode(),
        "challenge": challenge.hex(),
        "credential": {"id": KEY_CREDENTIAL, "method": "key", **key.described()},
        "signature": in_envelope(said, auth),
    }


def assertion(key: Key, challenge: bytes, **forged: Any) -> dict[str, str]:
    """Make an assertion as an authenticator does; `forged` changes one thing of it."""
    client = {
        "type": forged.get("type", "webauthn.get"),
        "challenge": b64url(forged.get("asked", challenge)),
        "origin": forged.get("origin", ORIGIN),
        "crossOrigin": False,
    }
    client_data = json.dumps(client, separators=(",", ":")).encode()
    flags = forged.get("flags", 0x05)  # the person is present, and verified
    rp_hash = hashlib.sha256(forged.get("rp_id", RP_ID).encode()).digest()
    authenticator_data = rp_hash + bytes([flags]) + (7).to_bytes(4, "big")
    message = authenticator_data + hashlib.sha256(client_data).digest()
    return {
        "client_data": b64url(client_data),
        "authenticator_data": b64url(authenticator_data),
        "signature": b64url(key.sign_der(message)),
    }


def passkey_case(name: str, key: Key, *, good: bool = True, **forged: Any) -> dict[str, Any]:
    """Sign the first record with a passkey; the case says whether that holds."""
    said = statement_of(record_hash(RECORDS[0]), "zh")
    challenge = domain_hash(SIGN, jcs(said))
    credential = b64url(hashlib.sha256(key.algorithm.encode()).digest())
    auth = {
        "method": "passkey",
        "credential": credential,
        **assertion(forged.pop("by", key), challenge, **forged),
    }
    return {
        "name": name,
        "valid": good,
        "said": said,
        "canonical": jcs(said).decode(),
        "challenge": challenge.hex(),
        "credential": {"id": credential, "method": "passkey", **key.described()},
        "signature": in_envelope(said, auth),
    }


def people() -> dict[str, Any]:
    """Write people's signatures."""
    first = record_hash(RECORDS[0])
    forged = signature_by_key(edwards(3), first)
    forged["signature"] = {**forged["signature"], "meaning": "REL"}
    return {
        "description": "What a person signs for a record. canonical = JCS(said), challenge = "
        "SHA-256(domain, zero byte, canonical); a reader makes `said` of record_hash, device and "
        "what stands in signature. key: the signature is over person_domain, zero byte, raw "
        "challenge. passkey: a WebAuthn assertion over that challenge (ES256 in DER), user "
        "verified.",
        "sign_domain": SIGN,
        "person_domain": PERSON,
        "rp_id": RP_ID,
        "origin": ORIGIN,
        "device": DEVICE,
        "record": RECORDS[0],
        "record_hash": first,
        "keys": [
            {"name": "Ed25519", "valid": True, **signature_by_key(edwards(3), first)},
            {"name": "ES256, in Chinese", "valid": True, **signature_by_key(p256(3), first, "zh")},
            {"name": "another meaning than was signed", "valid": False, **forged},
            {
                "name": "another record than was signed",
                "valid": False,
                **signature_by_key(edwards(3), record_hash(RECORDS[1])),
            },
        ],
        "passkeys": [
            passkey_case("ES256", p256(4)),
            passkey_case("Ed25519", edwards(4)),
            passkey_case("synchronised passkey (BE and BS)", p256(4), flags=0x1D),
            passkey_case("the person was not verified", p256(4), good=False, flags=0x01),
            passkey_case("nobody was present", p256(4), good=False, flags=0x04),
            passkey_case("of another site", p256(4), good=False, origin="https://evil.example"),
            passkey_case("for another site's id", p256(4), good=False, rp_id="evil.example"),
            passkey_case("of another challenge", p256(4), good=False, asked=bytes(32)),
            passkey_case("made at registration", p256(4), good=False, type="webauthn.create"),
            passkey_case("by another key", p256(4), good=False, by=p256(5)),
        ],
    }


def refused_envelopes(good: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Give bytes that are no envelope, though some mean the same."""
    first: str = good[0]["envelope"]
    return [
        {"name": "a space", "envelope": first.replace(":", ": ", 1)},
        {"name": "members in another order", "envelope": _reordered(first)},
        {"name": "a JSON number", "envelope": first.replace('"12.50"', "12.50")},
        {"name": "a small JSON number", "envelope": first.replace('"seq":"1"', '"seq":1')},
        {
            "name": "a member twice",
            "envelope": first.replace(
                '"quantity":"12.50"', '"quantity":"12.50","quantity":"12.50"'
            ),
        },
        {"name": "an escape that is not needed", "envelope": first.replace("COC", "\\u0043OC")},
        {"name": "half a pair of surrogates", "envelope": first.replace("COC", "\\ud800")},
        {"name": "a member that nobody knows", "envelope": first[:-1] + ',"zzz":null}'},
        {"name": "broken off", "envelope": first[:-2]},
        {"name": "too deep", "envelope": _deep(first)},
        {"name": "not JSON", "envelope": "<!doctype html>"},
    ]


def _reordered(envelope: str) -> str:
    parts = json.loads(envelope)
    return json.dumps(dict(reversed(parts.items())), separators=(",", ":"), ensure_ascii=False)


def _deep(envelope: str) -> str:
    return envelope.replace('"12.50"', "[" * 40 + "]" * 40)


def envelopes() -> dict[str, Any]:
    """Write the chains of the two keys."""
    nonce = "AAAAAAAAAAAAAAAAAAAAAA"
    beginning = {"device": DEVICE, "epoch": "1", "nonce": nonce}
    genesis = domain_hash(GENESIS, jcs(beginning)).hex()
    chains = [
        {"key": key.described(), "entries": chain_of(key, genesis)} for key in (edwards(1), p256(1))
    ]
    return {
        "description": "Envelopes of one device. envelope = JCS(parts); hash = hex(SHA-256(domain, "
        "zero byte, envelope)); the device signs command_domain, zero byte, raw hash; the next "
        "entry's prev is the hash; the first prev is the genesis that the server gave (how it was "
        "made is the server's own affair; this one is the hash of `beginning`). refused: bytes "
        "that must not be taken, signed or not.",
        "record_domain": DEVICE_RECORD,
        "envelope_domain": ENVELOPE,
        "command_domain": COMMAND,
        "genesis_domain": GENESIS,
        "beginning": beginning,
        "genesis": genesis,
        "chains": chains,
        "refused": refused_envelopes(chains[0]["entries"]),  # type: ignore[arg-type]
    }


def receipt(number: int, outcome: str, **more: Any) -> dict[str, Any]:
    """Make the body of a receipt."""
    return {
        "v": "1",
        "id": RECORDS[number - 1]["id"],
        "device": DEVICE,
        "epoch": "1",
        "seq": str(number),
        "envelope": f"{number}" * 64,
        "outcome": outcome,
        "reason": None,
        "message": None,
        "result": None,
        "conflict": None,
        "at": "2026-11-23T10:01:00.000Z",
        "final": "yes",
        **more,
    }


RECEIPTS: tuple[dict[str, Any], ...] = (
    receipt(1, "accepted", result={"process_instance_id": INSTANCE, "next_work_items": []}),
    receipt(2, "held", reason="proof_missing", final="no"),
    receipt(
        3,
        "parked",
        reason="cancelled",
        final="no",
        conflict=INSTANCE,
        message={
            "en": "The process was cancelled meanwhile. The supervisor decides.",
            "zh": "流程在此期间已取消，由主管决定。",
        },
    ),
)


def server() -> dict[str, Any]:
    """Write what goes to and fro beside the envelopes."""
    mark = {
        "v": "1",
        "device": DEVICE,
        "epoch": "1",
        "head_seq": "3",
        "head_hash": "e" * 64,
        "waiting": "2",
        "oldest": "2026-11-23T10:00:00.123Z",
        "persisted": "yes",
        "app": "0.1.0",
        "free": "1000000000",
        "at": "2026-11-23T10:01:00.000Z",
    }
    lease = {
        "command_id": "0193f7a2-bbbb-7000-8000-000000000001",
        "device": DEVICE,
        "username": "ben",
    }
    return {
        "description": "body = JCS(parts); what is signed is domain, zero byte, raw "
        "SHA-256(domain, zero byte, body).",
        "mark_domain": MARK,
        "lease_domain": LEASE,
        "receipt_domain": RECEIPT,
        "marks": [_signed_body(key, MARK, mark) for key in (edwards(1), p256(1))],
        "leases": [_signed_body(key, LEASE, lease) for key in (edwards(1), p256(1))],
        "receipts": [
            _signed_body(key, RECEIPT, body) for key in (edwards(9), p256(9)) for body in RECEIPTS
        ],
    }


def _signed_body(key: Key, domain: str, parts: Mapping[str, Any]) -> dict[str, Any]:
    body = jcs(parts)
    return {
        "parts": dict(parts),
        "body": body.decode(),
        "key": key.described(),
        "signature": signed(key, domain, domain_hash(domain, body)),
    }


FILES = {"envelopes.json": envelopes, "people.json": people, "server.json": server}


def main() -> int:
    """Write the files, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, made in FILES.items():
        text = json.dumps(made(), ensure_ascii=False, indent=1) + "\n"
        path = TARGET / name
        if not check:
            path.write_text(text, encoding="utf-8")
        elif path.read_text(encoding="utf-8") != text:
            sys.stdout.write(f"{path} is not what this would write.\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
