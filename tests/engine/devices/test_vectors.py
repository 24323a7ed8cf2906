"""The server reads, hashes and verifies what devices make as the vectors of the protocol say.

tests/vectors/offline/*.json are written by tools/make_offline_vectors.py apart from the engine; the
device is held to the same files (web/test/device).
"""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import orjson
import pytest

from engine.canonical import canonical_bytes, domain_hash
from engine.commands.devices import LEASE_DOMAIN
from engine.commands.intake import MARK_DOMAIN, _mark
from engine.devices import envelopes, sync
from engine.devices.envelopes import Envelope, Malformed
from engine.devices.keys import is_signed, require_key
from engine.devices.server_key import RECEIPT_DOMAIN, ServerKey
from engine.devices.signatures import Credential, challenge, examine, unbase64
from engine.store.base import AnyRow

FOLDER = Path(__file__).parents[3] / "tests" / "vectors" / "offline"
ENVELOPES, PEOPLE, SERVER = (
    orjson.loads((FOLDER / f"{name}.json").read_bytes())
    for name in ("envelopes", "people", "server")
)
ENTRIES = [
    pytest.param(chain["key"], entry, id=f"{chain['key']['algorithm']}-{number}")
    for chain in ENVELOPES["chains"]
    for number, entry in enumerate(chain["entries"], 1)
]
FAULTS = {
    "another meaning than was signed": "bad_signature",
    "another record than was signed": "bad_signature",
    "the person was not verified": "not_verified",
    "nobody was present": "not_present",
    "of another site": "other_origin",
    "for another site's id": "other_site",
    "of another challenge": "other_challenge",
    "made at registration": "client_data",
    "by another key": "bad_signature",
}
"""What the server calls the fault of each forgery. One that is not here is a gap of this test."""


def is_signed_in(domain: str, told: dict[str, Any]) -> bool:
    """Tell whether a document of a vector is signed in that domain, as its key says."""
    message = domain.encode() + b"\0" + domain_hash(domain, told["body"].encode())
    public_key = unbase64(told["key"]["public_key"])
    return is_signed(told["key"]["algorithm"], public_key, unbase64(told["signature"]), message)


# --- envelopes ---


@pytest.mark.parametrize(("key", "entry"), ENTRIES)
def test_an_envelope_is_read_hashed_and_proven(key: dict[str, str], entry: dict[str, Any]) -> None:
    read = envelopes.read(entry["envelope"].encode())
    assert canonical_bytes(entry["parts"]) == read.text
    assert (read.hash.hex(), read.record_hash) == (entry["hash"], entry["record_hash"])
    record, chain = entry["parts"]["record"], entry["parts"]["chain"]
    assert (str(read.record.id), read.record.kind) == (record["id"], record["kind"])
    assert dict(read.record.data) == record["data"]
    assert (str(read.device_id), str(read.epoch), str(read.seq)) == (
        chain["device"],
        chain["epoch"],
        chain["seq"],
    )
    public_key = unbase64(key["public_key"])
    assert require_key(key["algorithm"], public_key) == key["algorithm"]
    signature = unbase64(entry["signature"])
    assert is_signed(key["algorithm"], public_key, signature, read.signed_message)
    flipped = bytes([signature[0] ^ 1]) + signature[1:]
    assert not is_signed(key["algorithm"], public_key, flipped, read.signed_message)


@pytest.mark.parametrize("chain", ENVELOPES["chains"], ids=lambda chain: chain["key"]["algorithm"])
def test_entries_follow_one_another_from_the_beginning(chain: dict[str, Any]) -> None:
    head = bytes.fromhex(ENVELOPES["genesis"])
    for number, entry in enumerate(chain["entries"], 1):
        read = envelopes.read(entry["envelope"].encode())
        assert (read.seq, read.previous) == (number, head)
        head = read.hash


def test_the_domains_are_the_servers() -> None:
    assert ENVELOPES["envelope_domain"] == envelopes.ENVELOPE_DOMAIN
    assert ENVELOPES["record_domain"] == envelopes.RECORD_DOMAIN
    assert ENVELOPES["command_domain"].encode() + b"\0" == envelopes.COMMAND_DOMAIN
    assert SERVER["mark_domain"] == MARK_DOMAIN
    assert SERVER["lease_domain"] == LEASE_DOMAIN
    assert SERVER["receipt_domain"] == RECEIPT_DOMAIN


@pytest.mark.parametrize(
    "refused", [pytest.param(each, id=each["name"]) for each in ENVELOPES["refused"]]
)
def test_bytes_that_must_be_refused_are(refused: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        envelopes.read(refused["envelope"].encode())


# --- people ---


def signed_by(told: dict[str, Any]) -> Envelope:
    """Put the signature of a vector into an envelope of the record, as a device sends it."""
    chain = {"device": PEOPLE["device"], "epoch": "1", "seq": "1", "prev": "00" * 32}
    whole = {"record": PEOPLE["record"], "sigs": [told["signature"]], "chain": chain}
    return envelopes.read(canonical_bytes(whole))


def credential_of(told: dict[str, Any]) -> Credential:
    """Give the credential of a vector as it was registered."""
    passkey = told["credential"]["method"] == "passkey"
    return Credential(
        credential_id=told["credential"]["id"],
        account_id=UUID(int=1),
        method=told["credential"]["method"],
        algorithm=told["credential"]["algorithm"],
        public_key=unbase64(told["credential"]["public_key"]),
        site=PEOPLE["rp_id"] if passkey else None,
        origins=(PEOPLE["origin"],) if passkey else (),
    )


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(each, id=f"{method}-{each['name']}")
        for method in ("keys", "passkeys")
        for each in PEOPLE[method]
    ],
)
def test_a_persons_signature_is_proven_or_refused_with_its_fault(told: dict[str, Any]) -> None:
    envelope = signed_by(told)
    assert envelope.record_hash == PEOPLE["record_hash"]
    (signature,) = envelope.signatures
    evidence = examine(envelope, signature, credential_of(told))
    if told["valid"]:
        assert challenge(envelope, signature).hex() == told["challenge"]
        assert evidence.fault is None
    else:
        assert evidence.fault == FAULTS[told["name"]]


def test_a_synchronised_passkey_is_told_from_one_that_stays_in_its_device() -> None:
    bound = {
        told["name"]: examine(
            envelope := signed_by(told), envelope.signatures[0], credential_of(told)
        ).device_bound
        for told in PEOPLE["passkeys"]
        if told["valid"]
    }
    assert bound == {"ES256": True, "Ed25519": True, "synchronised passkey (BE and BS)": False}


def test_a_signature_by_another_method_than_the_credentials_is_refused() -> None:
    key, passkey = PEOPLE["keys"][0], PEOPLE["passkeys"][0]
    envelope = signed_by(key)
    evidence = examine(envelope, envelope.signatures[0], credential_of(passkey))
    assert evidence.fault == "other_method"


# --- marks, leases, receipts ---


@pytest.mark.parametrize("told", SERVER["marks"], ids=lambda told: told["key"]["algorithm"])
def test_a_mark_is_read_and_proven(told: dict[str, Any]) -> None:
    assert _mark(told["body"]) == told["parts"]
    assert is_signed_in(MARK_DOMAIN, told)
    changed = told["body"].replace('"head_seq":"3"', '"head_seq":"2"')
    assert changed != told["body"]
    assert not is_signed_in(MARK_DOMAIN, {**told, "body": changed})


@pytest.mark.parametrize("told", SERVER["leases"], ids=lambda told: told["key"]["algorithm"])
def test_a_device_proves_itself_for_a_lease(told: dict[str, Any]) -> None:
    assert canonical_bytes(told["parts"]).decode() == told["body"]
    assert is_signed_in(LEASE_DOMAIN, told)


RECEIPTS = [
    pytest.param(told, id=f"{told['key']['algorithm']}-{told['parts']['outcome']}")
    for told in SERVER["receipts"]
]


@pytest.mark.parametrize("told", RECEIPTS)
def test_the_server_writes_receipts_as_the_device_reads_them(told: dict[str, Any]) -> None:
    """The key of the vectors is not ours, so the body is compared and the signature verified."""
    assert is_signed_in(RECEIPT_DOMAIN, told)
    server_key, algorithm = ServerKey.new(), told["key"]["algorithm"]
    signed = sync.receipt(server_key, row_of(told["parts"]), algorithm)
    theirs, ours = orjson.loads(told["body"]), orjson.loads(signed.body)
    assert ours.keys() == theirs.keys()
    assert {**ours, "at": None} == {**theirs, "at": None}
    assert datetime.fromisoformat(ours["at"]) == datetime.fromisoformat(theirs["at"])
    described = server_key.described(algorithm)
    assert described["id"] == signed.key
    whole = {"body": signed.body, "key": described, "signature": signed.signature}
    assert is_signed_in(RECEIPT_DOMAIN, whole)


def row_of(parts: dict[str, Any]) -> AnyRow:
    """Give what the server keeps of an answer that reads so."""
    at = datetime.fromisoformat(parts["at"]).astimezone(UTC)
    kept = {**(parts["result"] or {}), "message": parts["message"], "conflict": parts["conflict"]}
    row = SimpleNamespace(
        command_id=UUID(parts["id"]),
        device_id=UUID(parts["device"]),
        epoch=int(parts["epoch"]),
        seq=int(parts["seq"]),
        envelope_hash=bytes.fromhex(parts["envelope"]),
        outcome=parts["outcome"],
        reason=parts["reason"],
        final=parts["final"] == "yes",
        answered_at=at,
        received_at=at,
        result=canonical_bytes({name: value for name, value in kept.items() if value is not None}),
    )
    return cast("AnyRow", row)
