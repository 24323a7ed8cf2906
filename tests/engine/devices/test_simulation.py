"""Devices, their network and the server do anything they can do; the protocol holds. And seven
faults planted in the server, each of which the simulation has to find."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from engine.commands import device_commands, intake
from engine.devices import envelopes, sync
from engine.devices.server_key import RECEIPT_DOMAIN
from engine.store.base import AnyRow
from engine.store.database import Database
from tests.databases import Databases
from tests.engine.devices.dock import SERVER_KEY, Crash, Dock
from tests.engine.devices.simulation import WORKERS, Simulation
from tests.handheld import Handheld

USUAL = 8
RUNS = int(os.environ.get("COUNTERSIGN_DEVICE_RUNS", USUAL))
"""How many runs; `make fuzz` goes on for longer, and on PostgreSQL too."""
ENOUGH = 200
"""Runs in which a planted fault has to be found; it is in the first few."""
Machine = type[Simulation]


def fill(database: Database) -> list[Handheld]:
    """Put up a dock and enrol a device for each of three people."""
    dock = Dock(database)
    devices = [Handheld(dock, person) for person in WORKERS]
    for device in devices:
        device.give_key(device.person)
    return devices


def machine(
    opened: Callable[[], AbstractContextManager[Database]], devices: list[Handheld]
) -> Machine:
    return type("Devices", (Simulation,), {"fresh": staticmethod(opened), "devices": devices})


@pytest.fixture(scope="module")
def simulated(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """The simulation on SQLite: each run has a copy of one dock."""
    folder = tmp_path_factory.mktemp("docks")
    first = folder / "dock.sqlite3"
    shutil.copy(sqlite_template, first)
    database = Database(f"sqlite:///{first}")
    devices = fill(database)
    database.dispose()

    @contextmanager
    def opened() -> Iterator[Database]:
        path = folder / f"{uuid4().hex}.sqlite3"
        shutil.copy(first, path)
        copied = Database(f"sqlite:///{path}")
        yield copied
        copied.dispose()
        for each in folder.glob(f"{path.name}*"):
            each.unlink()

    return machine(opened, devices)


def run(simulation: Machine, runs: int, steps: int = 30) -> None:
    run_state_machine_as_test(
        simulation,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),  # shrinking takes minutes; a failure prints its steps
        ),
    )


def test_whatever_happens_everything_is_on_the_record_once(simulated: Machine) -> None:
    run(simulated, RUNS)


@pytest.mark.postgresql
@pytest.mark.skipif(RUNS <= USUAL, reason="each run fills a database: `make fuzz`")
def test_whatever_happens_it_does_so_on_postgresql_too(databases: Databases) -> None:
    devices: list[Handheld] = []

    def filled(database: Database) -> None:
        devices[:] = fill(database)

    with databases.kept(filled):
        pass  # filled once, and put back to that after each run
    run(machine(lambda: databases.kept(filled), devices), RUNS // 10)


# --- faults that it has to find ---


def early(batch: sync.Batch, answer: dict[str, Any], *, every: bool) -> dict[str, Any]:
    """Answer with receipts that say accepted, whatever became of it."""
    answers = []
    for item, told in zip(batch.items, answer["answers"], strict=True):
        envelope = envelopes.read(item.envelope.encode())
        body = {
            "v": "1",
            "id": str(envelope.record.id),
            "device": str(envelope.device_id),
            "epoch": str(envelope.epoch),
            "seq": str(envelope.seq),
            "envelope": envelope.hash.hex(),
            "outcome": "accepted",
            "reason": None,
            "message": None,
            "result": None,
            "conflict": None,
            "at": "2026-11-23T01:00:00.000000Z",
            "final": "yes",
        }
        signed = SERVER_KEY.sign(RECEIPT_DOMAIN, body)
        receipt = {"body": signed.body, "key": signed.key, "signature": signed.signature}
        given = told["receipt"] is None or every
        answers.append({**told, "receipt": receipt if given else told["receipt"], "need": None})
    return {**answer, "answers": answers}


def no_idempotency(patch: pytest.MonkeyPatch) -> None:
    """What was decided is decided again when it comes again."""
    handing = device_commands._handing

    def forgetful(*given: Any) -> Any:
        found = handing(*given)
        found.stored = cast("AnyRow", _Forgotten(found.stored))
        return found

    patch.setattr(device_commands, "_handing", forgetful)
    patch.setattr(sync._Round, "decide_again", sync._Round.decide)


class _Forgotten:
    """A row that says of its last answer that it was not final."""

    final = False
    outcome = None

    def __init__(self, row: Any) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


def no_chain_check(patch: pytest.MonkeyPatch) -> None:
    """Whatever comes counts as the next in its chain."""
    answer = intake._Intake._answer

    def trusting(self: Any, item: Any) -> Any:
        if item.envelope is not None:
            before = item.envelope.seq - 1, item.envelope.previous
            self.ends[item.envelope.epoch] = before
        return answer(self, item)

    patch.setattr(intake._Intake, "_answer", trusting)


def double_completion(patch: pytest.MonkeyPatch) -> None:
    """Who comes second is told that they completed it, too."""

    def accept(handing: Any, _item_id: Any) -> None:
        raise _Accepted(handing)

    complete = device_commands._complete

    def completed(handing: Any) -> Any:
        try:
            return complete(handing)
        except _Accepted:
            return device_commands._answer(handing, "accepted", reason="again")

    patch.setattr(device_commands, "_compare_with_done", accept)
    patch.setattr(device_commands, "_complete", completed)


class _Accepted(Exception):
    pass


def overwrite(patch: pytest.MonkeyPatch) -> None:
    """Who comes last has the last word."""
    patch.setattr(device_commands, "conflicts", lambda **_: [])


def receipt_before_commit(patch: pytest.MonkeyPatch) -> None:
    """The answer leaves before anything is written."""
    synchronise = sync.synchronise

    def hasty(dispatcher: Any, tenant_id: str, batch: sync.Batch) -> dict[str, Any]:
        try:
            return synchronise(dispatcher, tenant_id, batch)
        except Crash:
            told = [{"intake": "stored", "need": None, "receipt": None} for _ in batch.items]
            answer = {"device": "enrolled", "token": None, "answers": told, "receipts": []}
            return early(batch, answer, every=True)

    patch.setattr(sync, "synchronise", hasty)


def everything_acknowledged(patch: pytest.MonkeyPatch) -> None:
    """What was not taken in is receipted like what was."""
    synchronise = sync.synchronise

    def polite(dispatcher: Any, tenant_id: str, batch: sync.Batch) -> dict[str, Any]:
        return early(batch, synchronise(dispatcher, tenant_id, batch), every=False)

    patch.setattr(sync, "synchronise", polite)


def decision_lost(patch: pytest.MonkeyPatch) -> None:
    """What is known counts as decided, and nobody looks for what is not."""
    answers = intake._Intake.answers

    def careless(self: Any) -> Any:
        for told in answers(self):
            self.pending.clear()
            yield {**told, "intake": "known"} if told["intake"] == "duplicate" else told

    patch.setattr(intake._Intake, "answers", careless)
    store = intake._Intake._store

    def kept(self: Any, *given: Any) -> None:
        store(self, *given)
        self.pending.clear()

    patch.setattr(intake._Intake, "_store", kept)


Plant = Callable[[pytest.MonkeyPatch], None]
FAULTS: tuple[Plant, ...] = (
    no_idempotency,
    no_chain_check,
    double_completion,
    overwrite,
    receipt_before_commit,
    everything_acknowledged,
    decision_lost,
)
RARE = (no_chain_check, receipt_before_commit)
"""These take a minute to be found: `make fuzz`."""


@pytest.mark.parametrize("plant", FAULTS, ids=lambda plant: plant.__name__)
def test_a_planted_fault_is_found(
    plant: Plant, simulated: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A simulation that finds nothing in a server that is wrong is worth nothing itself.

    Which invariant is hurt first depends on what was drawn."""
    if plant in RARE and RUNS <= USUAL:
        pytest.skip("takes a minute to be found: `make fuzz`")
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        run(simulated, ENOUGH)
