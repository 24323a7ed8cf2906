"""A device in a test: it has a key and a chain, keeps what its person does, and hands it in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from engine.canonical import canonical_bytes, domain_hash, instant_text
from engine.commands.devices import EnrolDevice, RegisterCredential, RenewLease
from engine.devices import envelopes, signatures
from engine.devices.signatures import base64
from engine.devices.sync import Batch, Item, synchronise
from engine.identifiers import new_id
from engine.identities.signing import SignatureRequest, record_hash
from engine.reading.worklist import WorkItemView
from tests.people import Person
from tests.scenario import TENANT, Scenario


def public_half(key: Ed25519PrivateKey) -> str:
    return base64(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


@dataclass
class Written:
    """An entry of the outbox."""

    id: UUID
    seq: int
    text: str
    hash: bytes
    signature: str
    password: tuple[str, str] | None = None
    attended: bool = False

    def handed(self) -> Item:
        return Item(
            envelope=self.text,
            signature=self.signature,
            attended=self.attended,
            username=None if self.password is None else self.password[0],
            password=None if self.password is None else self.password[1],
        )


@dataclass
class Handheld:
    """A device of the company's, with its outbox."""

    scenario: Scenario
    person: Person
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    device_id: UUID = field(default_factory=new_id)
    epoch: int = 0
    seq: int = 0
    head: bytes = b""
    token: str | None = None
    leases: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, tuple[str, Ed25519PrivateKey]] = field(default_factory=dict)
    outbox: list[Written] = field(default_factory=list)
    tenant: str = TENANT

    def __post_init__(self) -> None:
        self.enrol(self.person)

    def enrol(self, by: Person, *, kept: bool = True) -> None:
        """Enrol it, or enrol it again with the key that it has; or with a new one, where its
        storage was lost and it has `kept` nothing that could prove it."""
        if not kept:
            self.key = Ed25519PrivateKey.generate()
        result = self.scenario.must(self.scenario.ask(self.enrolment(kept=kept), by))
        self.epoch, self.seq = int(result["epoch"]), 0
        self.head = bytes.fromhex(result["genesis"])
        self.leases = {by.username: result["lease"]["id"]}
        self.token = result["token"]

    def enrolment(self, *, kept: bool = True) -> EnrolDevice:
        command_id = new_id()
        asked = {
            "command_id": str(command_id),
            "device": str(self.device_id),
            "public_key": public_half(self.key),
        }
        domain = "countersign-enrol-v1"
        message = domain.encode() + b"\0" + domain_hash(domain, canonical_bytes(asked))
        return EnrolDevice(
            command_id=command_id,
            previous_signature=base64(self.key.sign(message)) if kept and self.epoch else None,
            device_id=self.device_id,
            name="Handheld 1",
            kind="handheld",
            algorithm="Ed25519",
            public_key=public_half(self.key),
        )

    def sign_in(self, person: Person) -> None:
        """Renew the lease of a person who is at the device, with a network."""
        command_id = new_id()
        asked = {
            "command_id": str(command_id),
            "device": str(self.device_id),
            "username": person.username,
        }
        domain = "countersign-lease-v1"
        message = domain.encode() + b"\0" + domain_hash(domain, canonical_bytes(asked))
        command = RenewLease(
            command_id=command_id,
            device_id=self.device_id,
            device_signature=base64(self.key.sign(message)),
        )
        result = self.scenario.must(self.scenario.ask(command, person))
        self.leases[person.username], self.token = result["lease"]["id"], result["token"]

    def give_key(self, person: Person) -> None:
        """Register a key that the person signs with on this device."""
        own = Ed25519PrivateKey.generate()
        credential = str(new_id())
        statement = self.scenario.dispatcher.documents(self.tenant)["signature_meanings"]["CRED"]
        record = {
            "v": "1",
            "kind": "credential.registered",
            "tenant": self.tenant,
            "method": "key",
            "credential": credential,
            "algorithm": "Ed25519",
            "public_key": public_half(own),
            "device": str(self.device_id),
            "meaning": "CRED",
            "statement": statement["statement"]["en"],
            "language": "en",
            "signer": person.username,
        }
        command = RegisterCredential(
            command_id=new_id(),
            method="key",
            credential_id=credential,
            algorithm="Ed25519",
            public_key=public_half(own),
            label="PIN",
            registered_on=self.device_id,
            signature=SignatureRequest(
                username=person.username,
                password=person.password,
                meaning="CRED",
                shown_hash=record_hash(record),
            ),
        )
        self.scenario.must(self.scenario.ask(command, person))
        self.secrets[person.username] = credential, own

    # --- what a person does on it ---

    def complete(
        self, item: WorkItemView, person: Person, data: Mapping[str, Any], **more: Any
    ) -> Written:
        """Complete a work item that the device took along."""
        target = {
            "process_instance": str(item.work_item_id.process_instance_id),
            "activity": item.activity_id,
            "visit": str(item.visit),
            "index": None,
            "task_ref": str(item.work_item_id.task_ref),
            "revision": str(item.revision),
        }
        record = {
            "kind": "work_item.complete",
            "target": target,
            "definition": self.definition(item),
            "data": dict(data),
            "base": more.pop("base", {}),
        }
        meaning = more.pop("meaning", item.activity.signature)
        return self.write(record, person, meaning=meaning, **more)

    def definition(self, item: WorkItemView) -> dict[str, Any]:
        return {
            "process": item.drawn_in.process_id,
            "version": "1",
            "hash": item.drawn_in.hash,
            "form": item.activity.form_hash,
        }

    def write(
        self,
        record: Mapping[str, Any],
        person: Person,
        *,
        meaning: str | None = None,
        by_password: bool = False,
        attended: bool = False,
        **replaced: Any,
    ) -> Written:
        """Append a record to the chain, signed by person and device."""
        command_id = new_id()
        whole = {
            "v": "1",
            "id": str(command_id),
            "tenant": self.tenant,
            "actor": person.username,
            "base": {},
            "attachments": [],
            "lease": self.leases.get(person.username),
            "depends": [],
            "next": None,
            "why": None,
            "station": None,
            "time": {
                "wall": instant_text(self.scenario.clock()),
                "zone": "Asia/Shanghai",
                "monotonic": None,
                "life": None,
                "token": self.token,
            },
            **record,
            **replaced,
        }
        sigs = (
            [] if meaning is None else [self.sign(whole, person, meaning, by_password=by_password)]
        )
        written = self.seal(whole, sigs)
        if by_password:
            written.password = person.username, person.password
        written.attended = attended
        self.outbox.append(written)
        return written

    def sign(
        self,
        record: Mapping[str, Any],
        person: Person,
        meaning: str,
        *,
        by_password: bool,
        **replaced: str,
    ) -> dict[str, Any]:
        meanings = self.scenario.dispatcher.documents(self.tenant)["signature_meanings"]
        said = {
            "meaning": meaning,
            "statement": meanings[meaning]["statement"]["en"],
            "language": "en",
            "signer": person.username,
            "at": instant_text(self.scenario.clock()),
            **replaced,
        }
        if by_password:
            return {**said, "auth": {"method": "password"}}
        digest = domain_hash(envelopes.RECORD_DOMAIN, canonical_bytes(record)).hex()
        asked = {**said, "v": "1", "record": digest, "device": str(self.device_id)}
        challenge = domain_hash(signatures.SIGN_DOMAIN, canonical_bytes(asked))
        credential, own = self.secrets[person.username]
        proof = base64(own.sign(signatures.PERSON_DOMAIN + challenge))
        return {**said, "auth": {"method": "key", "credential": credential, "signature": proof}}

    def seal(self, record: Mapping[str, Any], sigs: Sequence[Any]) -> Written:
        chain = {
            "device": str(self.device_id),
            "epoch": str(self.epoch),
            "seq": str(self.seq + 1),
            "prev": self.head.hex(),
        }
        text = canonical_bytes({"record": record, "sigs": list(sigs), "chain": chain})
        digest = domain_hash(envelopes.ENVELOPE_DOMAIN, text)
        self.seq, self.head = self.seq + 1, digest
        signature = base64(self.key.sign(envelopes.COMMAND_DOMAIN + digest))
        return Written(UUID(str(record["id"])), self.seq, text.decode(), digest, signature)

    # --- handing in ---

    def mark(self) -> tuple[str, str]:
        body = canonical_bytes(
            {
                "v": "1",
                "device": str(self.device_id),
                "epoch": str(self.epoch),
                "head_seq": str(self.seq),
                "head_hash": self.head.hex(),
                "waiting": str(len(self.outbox)),
                "oldest": None,
                "persisted": "yes",
                "app": "test",
                "free": None,
                "at": instant_text(self.scenario.clock()),
            }
        )
        domain = "countersign-mark-v1"
        message = domain.encode() + b"\0" + domain_hash(domain, body)
        return body.decode(), base64(self.key.sign(message))

    def hand_in(self, *entries: Written, ask: Sequence[UUID] = ()) -> dict[str, Any]:
        """Hand in these entries, or all that is in the outbox; give the server's answer."""
        mark, signature = self.mark()
        batch = Batch(
            mark=mark,
            mark_signature=signature,
            items=[each.handed() for each in entries or self.outbox],
            ask=ask,
        )
        answer = synchronise(self.scenario.dispatcher, self.tenant, batch)
        self.token = answer["token"] or self.token
        self.scenario.background.run_until_idle()
        return answer

    def outcomes(self, *entries: Written) -> list[str]:
        """Hand in; give the outcome of each as its receipt says it."""
        return [said["outcome"] for said in receipts(self.hand_in(*entries))]


def receipts(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Read the receipts of an answer."""
    return [
        envelopes.decoded(one["receipt"]["body"].encode())
        for one in answer["answers"]
        if one["receipt"] is not None
    ]
