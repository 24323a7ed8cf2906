"""A thousand commands that ten devices made without a network, handed in, against the same work
done online: processor time, server's side whole (request parsed to response written, signatures and
chains proven, receipts signed). The devices ran ahead: of each instance they did five steps, and
name all but the first by address. Left out on both sides is the hash of passwords, which the online
way needs at each signature and the devices' way at none.

How many a second is another question, asked of two cores: on PostgreSQL two processes serve one
database, as `countersign serve --server granian --workers 2` does, each half of the devices at the
same time; SQLite has one owner, so there two threads of one process do.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, cast
from uuid import UUID

from bench import workers
from bench.measuring import Figures, cpu, exact, median, quietly, ratios
from bench.product import STEPS, TENANT, Product, embedded, step_data, without_password_hash
from bench.workers import Answering
from engine.actors import Actor, engine_actor
from engine.commands.base import Command
from engine.commands.configuration import ChangeConfiguration
from engine.identifiers import new_id
from engine.identities import accounts
from engine.outcomes import Accepted, Outcome
from engine.store.database import Database
from tests import postgresql
from tests.handheld import Handheld, Written
from tests.people import Person
from tests.scenario import Scenario

DEVICES = 10
INSTANCES = 2
"""Of each device in a round: ten commands."""
ROUNDS = 10
CORES = 2
WORKER = Person("bench", "Ben Li", "李本", ("IQC",))
MEANINGS = {"review": "VERF", "release": "REL"}


class _Company:
    """What a device in a test needs of the installation that it belongs to."""

    def __init__(self, product: Product) -> None:
        self.dispatcher = product.dispatcher
        self.clock = product.dispatcher.clock
        with product.database.reading() as db:
            found = accounts.find_by_username(db, TENANT, WORKER.username)
        assert found is not None
        self.worker: Actor = found.actor()

    def ask(self, command: Command, _by: Person) -> Outcome:
        return self.dispatcher.dispatch(command, self.worker)

    def must(self, outcome: Outcome) -> Mapping[str, Any]:
        assert isinstance(outcome, Accepted), outcome
        return outcome.result


def measure() -> Figures:
    """Measure on both databases."""
    figures: Figures = {}
    with without_password_hash():
        with embedded() as database:
            product = Product(database)
            with workers.threads(product, CORES) as answering:
                figures |= _figures(product, answering, "")
        with postgresql.server() as url:
            database = Database(url)
            product = Product(database)
            with workers.processes(url, CORES) as answering:
                figures |= _figures(product, answering, "_postgresql")
            database.dispose()
    return figures


def _figures(product: Product, answering: Answering, suffix: str) -> Figures:
    _let_everything_be_signed(product)
    devices = [_device(product) for _ in range(DEVICES)]
    online: list[float] = []
    handed: list[float] = []
    per_second: list[float] = []
    count = DEVICES * INSTANCES * len(STEPS)

    def run() -> None:
        for number in range(ROUNDS + 1):
            theirs = _online(product, number)
            requests = [_ahead(product, device, number) for device in devices]
            ours = sum(cpu(partial(workers.answer, product, request)) for request in requests)
            requests = [_ahead(product, device, number) for device in devices]
            spent = answering(requests)
            if number:  # the first round reads definitions and statements in
                online.append(theirs)
                handed.append(ours)
                per_second.append(count / spent)

    quietly(run)
    return {
        f"sync_vs_online{suffix}": ratios(handed, online),
        f"sync{suffix}_per_s": median(per_second, "a second"),
        f"sync{suffix}_commands": exact(count * ROUNDS, "commands"),
    }


def _let_everything_be_signed(product: Product) -> None:
    """Let a release be signed without a connection, which as shipped is not: the same five steps
    are compared."""
    policy = dict(product.documents["offline_policy"])
    policy["signed_offline"] = [*policy["signed_offline"], "REL"]
    command = ChangeConfiguration(
        command_id=new_id(),
        key="offline_policy",
        document=policy,
        why="the bench compares the same steps",
    )
    outcome = product.dispatcher.dispatch(command, engine_actor(TENANT, "bench"))
    assert isinstance(outcome, Accepted), outcome


def _device(product: Product) -> Handheld:
    company = cast("Scenario", _Company(product))  # as much of one as a device asks of it
    device = Handheld(company, WORKER, tenant=TENANT)
    device.give_key(WORKER)
    return device


def _online(product: Product, number: int) -> float:
    """Give the processor time of the same completions, one request each."""
    spent = 0.0
    for _ in range(DEVICES * INSTANCES):
        item: str | None = product.start()
        for step in STEPS:
            request = product.completion(item or "", step, number)
            following: list[str | None] = []
            spent += cpu(lambda r=request, f=following: f.append(product.complete(r)))  # type: ignore[misc]
            item = following[0]
    return spent


def _ahead(product: Product, device: Handheld, number: int) -> dict[str, Any]:
    """Have a device do its instances whole, without a network; give the request that hands them
    in."""
    device.outbox.clear()
    for _ in range(INSTANCES):
        item = product.start()
        detail = product.send("GET", f"/api/work-items/{item}")
        instance, task_ref = item.split(".")
        before: list[UUID] = []
        for step in STEPS:
            written = _write(device, detail, instance, step, task_ref, number, before)
            before.append(written.id)
    mark, signature = device.mark()
    items = [{"envelope": each.text, "signature": each.signature} for each in device.outbox]
    body = {"mark": {"body": mark, "signature": signature}, "items": items}
    return product.environ("POST", "/api/sync", body)


def _write(
    device: Handheld,
    detail: Mapping[str, Any],
    instance: str,
    step: str,
    task_ref: str,
    number: int,
    before: list[UUID],
) -> Written:
    forms = device.scenario.dispatcher.resources.catalogue
    with device.scenario.dispatcher.database.reading() as db:
        deployed = forms.deployed(db, TENANT, bytes.fromhex(detail["definition_hash"]))
    record = {
        "kind": "work_item.complete",
        "target": {
            "process_instance": instance,
            "activity": step,
            "visit": "1",
            "index": None,
            "task_ref": None if before else task_ref,
            "revision": None,
        },
        "definition": {
            "process": "five_tasks",
            "version": "1",
            "hash": detail["definition_hash"],
            "form": deployed.definition.activities[step].form_hash,
        },
        "data": step_data(step, number),
        "depends": [str(each) for each in before],
    }
    return device.write(record, WORKER, meaning=MEANINGS.get(step, "PERF"))
