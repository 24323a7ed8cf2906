"""Three devices, a network that loses, doubles and reorders, and a server that crashes: whatever
happens in between, at the end everything is on the record once and every device has its answer.

The engine is the real one. What a device does with an answer is here as the contract says it: an
entry leaves the outbox against a receipt that the server signed, a hole is filled from what the
device keeps, and after a fork it is enrolled again.
"""

import copy
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sqlalchemy import select

from engine.canonical import domain_hash, record_value
from engine.commands.devices import RevokeDevice
from engine.commands.identities import ChangeAccount
from engine.devices import envelopes, sync
from engine.devices.keys import is_signed
from engine.devices.server_key import RECEIPT_DOMAIN
from engine.devices.signatures import unbase64
from engine.devices.sync import Batch
from engine.identifiers import new_id
from engine.outcomes import Accepted, Rejected
from engine.reading.worklist import WorkItemView
from engine.store.base import AnyRow
from engine.store.database import Database
from engine.store.device_tables import device_answer, device_envelope
from engine.store.tables import process_instance
from tests.engine.devices.dock import SERVER_KEY, Crash, Dock
from tests.handheld import Handheld, Written
from tests.people import ADA, BEA, BEN, CLEO, DORA, Person
from tests.scenario import TENANT

SHELVES = ("upper", "middle", "lower")
WORKERS = (BEN, BEA, CLEO)
FIELDS = ("note", "scrap", "highest", "tags")
DONE = frozenset({"accepted", "merged", "flagged"})


@dataclass(frozen=True)
class Taken:
    """A work item that a device took along, and what its case said then."""

    item: WorkItemView
    base: Mapping[str, Any]


@dataclass
class Disk:
    """What a device keeps; a backup is a copy of it."""

    seq: int
    epoch: int
    head: bytes
    outbox: list[Written] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    answers: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    forked: bool = False


@dataclass
class Pocket:
    """A device in somebody's pocket."""

    handheld: Handheld
    person: Person
    disk: Disk
    revoked: bool = False

    def write(self, write: Callable[[Handheld], Written]) -> Written:
        """Have an entry written, in the chain as it stands on the disk."""
        held = self.handheld
        held.seq, held.head, held.epoch = self.disk.seq, self.disk.head, self.disk.epoch
        held.outbox = []
        entry = write(held)
        self.disk.seq, self.disk.head = held.seq, held.head
        self.disk.outbox.append(entry)
        self.disk.written.append(entry)
        return entry

    def batch(self, entries: Sequence[Written], ask: Sequence[UUID] = ()) -> Batch:
        """Put entries into a request."""
        held = self.handheld
        held.seq, held.head, held.epoch = self.disk.seq, self.disk.head, self.disk.epoch
        mark, signature = held.mark()
        return Batch(
            mark=mark, mark_signature=signature, items=[one.handed() for one in entries], ask=ask
        )

    def read(self, answer: Mapping[str, Any]) -> None:
        """Take up an answer: what has a receipt leaves the outbox, a hole is filled."""
        assert answer["device"] != "unknown", "the server turned an enrolled device away"
        self.handheld.token = answer["token"]
        for one in answer["answers"]:
            if one["receipt"] is not None:
                self._receive(one["receipt"])
            if one["intake"] == "fork":
                self.disk.forked = True
            if one["need"] is not None:
                self._fill(int(one["need"]), UUID(one["id"]))
        for receipt in answer["receipts"]:
            self._receive(receipt)

    def _receive(self, receipt: Mapping[str, str]) -> None:
        body = receipt["body"].encode()
        message = RECEIPT_DOMAIN.encode() + b"\0" + domain_hash(RECEIPT_DOMAIN, body)
        known = SERVER_KEY.described("Ed25519")
        public_key = unbase64(known["public_key"])
        signed = is_signed("Ed25519", public_key, unbase64(receipt["signature"]), message)
        assert signed, "a receipt that the server did not sign"
        said = envelopes.decoded(body)
        written = self.disk.written
        entry = next((each for each in written if said["envelope"] == each.hash.hex()), None)
        if entry is None:
            return  # of what a restored backup knows nothing
        before = self.disk.answers.get(entry.id)
        if before is not None and before["final"] == "yes":
            assert before == said, "a final receipt changed"
        self.disk.answers[entry.id] = said
        self.disk.outbox = [each for each in self.disk.outbox if each.hash != entry.hash]

    def _fill(self, need: int, asked: UUID) -> None:
        """Hand in again what the server says that it does not have."""
        asked_text = next(each.text for each in self.disk.written if each.id == asked)
        epoch = envelopes.decoded(asked_text.encode())["chain"]["epoch"]
        waiting = {each.hash for each in self.disk.outbox}
        again = [
            each
            for each in self.disk.written
            if each.hash in waiting
            or (each.seq >= need and f'"epoch":"{epoch}"' in each.text and each.seq < need + 5)
        ]
        self.disk.outbox = again

    def open_questions(self) -> list[UUID]:
        """List the commands whose receipt is not final yet."""
        return [key for key, said in self.disk.answers.items() if said["final"] == "no"]


class Simulation(RuleBasedStateMachine):
    """Anything that can happen to devices, in any order."""

    fresh: ClassVar[Callable[[], AbstractContextManager[Database]]]
    devices: ClassVar[Sequence[Handheld]]

    def __init__(self) -> None:
        super().__init__()
        self.closing = ExitStack()
        self.dock = Dock(self.closing.enter_context(type(self).fresh()), standing=True)
        self.pockets = [self._pocket(each) for each in self.devices]
        self.cases: list[UUID] = []
        self.backups: dict[int, Disk] = {}
        self.in_flight: list[tuple[Pocket, Batch]] = []
        self.made: list[Written] = []

    def _pocket(self, enrolled: Handheld) -> Pocket:
        held = copy.copy(enrolled)
        held.scenario, held.leases = self.dock, dict(enrolled.leases)
        return Pocket(held, held.person, Disk(held.seq, held.epoch, held.head))

    # --- what people do ---

    DEVICE = st.integers(0, 2)
    PICK = st.integers(0, 11)
    GIVEN = st.fixed_dictionaries(
        {
            "note": st.sampled_from(["x", "y"]),
            "scrap": st.sampled_from(["0", "3"]),
            "highest": st.sampled_from(["7.0", "9.5"]),
            "tags": st.lists(
                st.sampled_from(["seal", "label", "box"]), unique=True, min_size=1, max_size=2
            ),
        }
    )

    @initialize()
    def begin(self) -> None:
        self.start_online()
        for number in range(3):
            self.take_along(number)

    @precondition(lambda self: len(self.cases) < 4)
    @rule()
    def start_online(self) -> None:
        self.cases.append(self.dock.start("toy_shelf", by=BEN))

    @rule(device=DEVICE)
    def take_along(self, device: int) -> None:
        """Fetch all that is open."""
        taken = []
        for case in filter(self._is_known, self.cases):
            known = self.dock.variables(case)
            base = {name: record_value(known.get(name)) for name in FIELDS}
            taken += [Taken(item, base) for item in self._shelves(case)]
        self.pockets[device].disk.taken = taken

    @rule(device=DEVICE, pick=PICK, given=GIVEN)
    def complete(self, device: int, pick: int, given: dict[str, Any]) -> None:
        pocket = self.pockets[device]
        if pocket.disk.forked or not pocket.disk.taken:
            return
        taken = pocket.disk.taken.pop(pick % len(pocket.disk.taken))
        entry = pocket.write(
            lambda held: held.complete(taken.item, pocket.person, given, base=dict(taken.base))
        )
        self.made.append(entry)

    @rule(device=DEVICE, given=GIVEN)
    def begin_without_a_network(self, device: int, given: dict[str, Any]) -> None:
        """Start a case and do its first step, before the server has heard of it."""
        pocket = self.pockets[device]
        shelf = next((each for each in pocket.disk.taken), None)
        if pocket.disk.forked or shelf is None or len(self.cases) > 6:
            return
        case, held = new_id(), pocket.handheld
        definition = {**held.definition(shelf.item), "process": "toy_shelf"}
        target = {"process_instance": str(case)}
        start = pocket.write(
            lambda held: held.write(
                {
                    "kind": "process_instance.start",
                    "target": {**target, "process": "toy_shelf"},
                    "definition": {**definition, "form": None},
                    "data": {},
                },
                pocket.person,
            )
        )
        place = {"activity": "upper", "visit": "1", "index": None, "task_ref": None}
        step = pocket.write(
            lambda held: held.write(
                {
                    "kind": "work_item.complete",
                    "target": {**target, **place, "revision": None},
                    "definition": definition,
                    "data": given,
                    "depends": [str(start.id)],
                },
                pocket.person,
                meaning="PERF",
            )
        )
        self.made += [start, step]
        self.cases.append(case)

    @rule(pick=PICK, given=GIVEN, who=st.sampled_from([BEN, BEA]))
    def complete_online(self, pick: int, given: dict[str, Any], who: Person) -> None:
        """Somebody at a desk does the work that devices have with them."""
        found = [item for case in self.cases for item in self._shelves(case)]
        if found:
            item = found[pick % len(found)]
            outcome = self.dock.attempt(item.activity_id, who, item=item, **given)
            assert isinstance(outcome, Accepted), outcome

    def _shelves(self, case: UUID) -> list[WorkItemView]:
        """List what is open of a case and done with a form."""
        items = self.dock.items(case)
        return [each for each in items if each.activity_id in SHELVES and each.status == "open"]

    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        """End a case; what devices still hand in for it is somebody's decision."""
        if self.dock.clock.now.minute % 3 == 0 and self.cases:
            case = self.cases[pick % len(self.cases)]
            if self._shelves(case):
                self.dock.cancel(case, DORA)

    @rule(minutes=st.sampled_from([1, 7, 90]))
    def wait(self, minutes: int) -> None:
        self.dock.clock.advance(minutes=minutes)
        self.dock.background.run_until_idle()

    @precondition(lambda self: not self.pockets[1].revoked and len(self.made) > 3)
    @rule()
    def revoke_a_device(self) -> None:
        pocket = self.pockets[1]
        command = RevokeDevice(
            command_id=new_id(), device_id=pocket.handheld.device_id, why="left in a taxi"
        )
        self.dock.must(self.dock.ask(command, ADA))
        pocket.revoked = True

    @precondition(lambda self: len(self.made) > 4)
    @rule()
    def close_an_account(self) -> None:
        account_id = self.dock.actor(CLEO).account_id
        assert account_id is not None
        command = ChangeAccount(
            command_id=new_id(), account_id=account_id, roles=(), active=False, why="left"
        )
        assert isinstance(self.dock.ask(command, ADA), Accepted | Rejected)

    # --- what the network, the server and the device's storage do ---

    @rule(
        device=DEVICE,
        skip=st.sampled_from([0, 0, 0, 1]),
        length=st.integers(1, 4),
        backwards=st.sampled_from([False, False, True]),
        way=st.sampled_from(["well", "well", "lost", "answer lost", "twice", "late", "crash"]),
        when=st.sampled_from(["before", "after"]),
        number=st.integers(1, 4),
    )
    def hand_in(
        self,
        device: int,
        skip: int,
        length: int,
        backwards: bool,  # noqa: FBT001  # drawn by name
        way: str,
        when: str,
        number: int,
    ) -> None:
        pocket = self.pockets[device]
        entries = pocket.disk.outbox[skip : skip + length]
        batch = pocket.batch(entries[::-1] if backwards else entries, pocket.open_questions())
        if way == "lost":
            return
        if way == "late":
            self.in_flight.append((pocket, batch))
        elif way == "crash":
            self._hand_in_crashing(pocket, batch, when, number)
        elif way == "answer lost":
            self._carry(batch)
        else:
            if way == "twice":
                self._carry(batch)
            pocket.read(self._carry(batch))

    def _carry(self, batch: Batch) -> dict[str, Any]:
        return sync.synchronise(self.dock.dispatcher, TENANT, batch)

    def _hand_in_crashing(self, pocket: Pocket, batch: Batch, when: str, number: int) -> None:
        try:
            with self.dock.crashing(when, number):
                answer = self._carry(batch)
        except Crash:
            return
        pocket.read(answer)

    @precondition(lambda self: self.in_flight)
    @rule(pick=PICK)
    def arrive_late(self, pick: int) -> None:
        """A request that was long on its way arrives; nobody waits for its answer any more."""
        _, batch = self.in_flight.pop(pick % len(self.in_flight))
        self._carry(batch)

    @rule(device=DEVICE)
    def back_up(self, device: int) -> None:
        self.backups[device] = copy.deepcopy(self.pockets[device].disk)

    @precondition(lambda self: self.backups)
    @rule(pick=PICK)
    def restore(self, pick: int) -> None:
        """Put an old copy of a device's storage back: what was only on the newer one is gone."""
        number = sorted(self.backups)[pick % len(self.backups)]
        pocket = self.pockets[number]
        if self.backups[number].epoch != pocket.disk.epoch:
            return
        pocket.disk = copy.deepcopy(self.backups[number])
        self._forget_what_is_gone()

    def _forget_what_is_gone(self) -> None:
        there = {bytes(row.envelope_hash) for row in self._stored()}
        there |= {each.hash for pocket in self.pockets for each in pocket.disk.written}
        travelling = {item.envelope for _, batch in self.in_flight for item in batch.items}
        self.made = [one for one in self.made if one.hash in there or one.text in travelling]

    # --- the end: the network is whole again ---

    def teardown(self) -> None:
        try:
            if self.cases:
                self._settle()
                self.check()
        finally:
            self.closing.close()

    def _settle(self) -> None:
        """Let everything arrive and be decided, as long as it takes."""
        for _, batch in self.in_flight:
            self._carry(batch)
        for number in range(12):
            for pocket in self.pockets:
                self._heal(pocket)
            self.dock.clock.advance(minutes=2)
            self.dock.background.run_until_idle()
            self.dock.decide("apply" if number < 2 else "keep")
            if not any(each.disk.outbox or each.open_questions() for each in self.pockets):
                break

    def _heal(self, pocket: Pocket) -> None:
        if pocket.disk.forked and not pocket.revoked:
            pocket.handheld.enrol(BEN)
            held = pocket.handheld
            pocket.disk.seq, pocket.disk.epoch, pocket.disk.head = held.seq, held.epoch, held.head
            pocket.disk.forked = False
        batch = pocket.batch(pocket.disk.outbox[:20], pocket.open_questions())
        pocket.read(self._carry(batch))

    def _stored(self) -> Sequence[AnyRow]:
        with self.dock.database.reading() as db:
            return db.execute(select(device_envelope)).all()

    def check(self) -> None:
        """The invariants of the offline protocol, as far as a server can keep them."""
        stored = {bytes(row.envelope_hash): row for row in self._stored()}
        self._check_nothing_lost(stored)
        self._check_chains(stored)
        said = self._check_answers(stored)
        self._check_effects(said)
        report = self.dock.verify()
        assert report.differences == [], report.differences
        assert report.checked["envelopes"] == len(stored)

    def _check_nothing_lost(self, stored: Mapping[bytes, AnyRow]) -> None:
        for pocket in self.pockets:
            assert not pocket.disk.outbox, "an outbox does not drain"
            assert not pocket.open_questions(), "a device never hears what became of its work"
        for entry in self.made:
            assert entry.hash in stored, "what was saved is lost"
            kept = zlib.decompress(stored[entry.hash].envelope)
            assert kept == entry.text.encode(), "what was handed in is kept otherwise"

    def _check_chains(self, stored: Mapping[bytes, AnyRow]) -> None:
        """Each command is taken in once, and a device's history has no hole and no branch."""
        taken = Counter(row.command_id for row in stored.values() if row.intake == "stored")
        assert set(taken.values()) <= {1}, "a command was taken in twice"
        chains: dict[tuple[UUID, int], list[int]] = {}
        for row in stored.values():
            if row.intake != "fork":
                chains.setdefault((row.device_id, row.epoch), []).append(row.seq)
        for seqs in chains.values():
            assert sorted(seqs) == list(range(1, len(seqs) + 1)), "a chain has a hole"

    def _check_answers(self, stored: Mapping[bytes, AnyRow]) -> dict[str, dict[str, Any]]:
        """Exactly one final answer to each, and it is the one that the device has."""
        with self.dock.database.reading() as db:
            answers = db.execute(select(device_answer).where(device_answer.c.final)).all()
        finals = Counter(bytes(row.envelope_hash) for row in answers)
        assert finals == dict.fromkeys(stored, 1), "not exactly one final answer to each"
        outcomes = {bytes(row.envelope_hash).hex(): row.outcome for row in answers}
        for pocket in self.pockets:
            for said in pocket.disk.answers.values():
                assert outcomes.get(said["envelope"]) == said["outcome"], "told otherwise"
        return {
            bytes(row.envelope_hash).hex(): {
                "outcome": row.outcome,
                **(envelopes.decoded(row.result) or {}),
            }
            for row in answers
        }

    def _check_effects(self, said: Mapping[str, Mapping[str, Any]]) -> None:
        """What was accepted had its effect once, and nothing else had one."""
        effects: Counter[str] = Counter()
        for case in self.cases:
            events = self.dock.events(case) if self._is_known(case) else []
            places: Counter[int] = Counter()
            known: dict[str, Any] = {}
            for event in events:
                if "performed" in event or "performed" in event.get("cause", {}):
                    cause = event if "performed" in event else event["cause"]
                    effects[cause["performed"]["envelope"]] += 1
                if event["event"] == "work_item.completed":
                    places[event["task_ref"]] += 1
                    self._check_merge(event, known, said)
            assert set(places.values()) <= {1}, "a step was completed twice"
        accepted = [key for key, answer in said.items() if answer["outcome"] in DONE]
        assert effects == dict.fromkeys(accepted, 1), "effects and answers differ"

    def _is_known(self, case: UUID) -> bool:
        with self.dock.database.reading() as db:
            row = db.execute(
                select(process_instance.c.process_instance_id).where(
                    process_instance.c.process_instance_id == case
                )
            ).one_or_none()
        return row is not None

    def _check_merge(
        self,
        event: Mapping[str, Any],
        known: dict[str, Any],
        said: Mapping[str, Mapping[str, Any]],
    ) -> None:
        """Whatever somebody else changed meanwhile was merged by the form's word, or decided."""
        data = dict(event.get("data", {}))
        merges: dict[str, Any] = {}
        if "performed" in event:
            envelope = event["performed"]["envelope"]
            merges = {one["field"]: one for one in said[envelope].get("merged", [])}
            base = self._base_of(envelope)
            for name, saw in base.items():
                theirs = known.get(name)
                if theirs not in (saw, data.get(name)):
                    assert name in merges, "somebody's value was overwritten without a conflict"
                    assert merges[name]["theirs"] == theirs, "another value was merged"
        known |= data | {name: one["value"] for name, one in merges.items()}

    def _base_of(self, envelope: str) -> dict[str, Any]:
        text = next(each.text for each in self.made if each.hash.hex() == envelope)
        base: dict[str, Any] = envelopes.decoded(text.encode())["record"]["base"]
        return base
