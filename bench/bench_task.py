"""One completed and signed task, request parsed to response written, against SpiffWorkflow's own
cycle in the same run; and the database that a finished instance takes."""

import json
from collections.abc import Callable
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.util.task import TaskState

from bench.measuring import Figures, cpu, exact, quietly, ratios
from bench.product import (
    FOLDER,
    STEPS,
    Product,
    counted,
    embedded,
    step_data,
    without_password_hash,
)
from engine.store.database import Database
from tests import postgresql

ROUNDS = 60
INSTANCES_SIZED = 400


class Naive:
    """SpiffWorkflow's own cycle: from_dict, run the task, engine steps, to_dict, JSON both ways."""

    def __init__(self) -> None:
        parser = SpiffBpmnParser()
        parser.add_bpmn_file(str(FOLDER / "process.bpmn"))
        self._spec = parser.get_spec("five_tasks")
        self._serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(SPIFF_CONFIG))
        self.state = ""

    def start(self) -> None:
        workflow = BpmnWorkflow(self._spec)
        workflow.do_engine_steps()
        self.state = json.dumps(self._serializer.to_dict(workflow))

    def step(self, data: dict[str, Any]) -> None:
        workflow = self._serializer.from_dict(json.loads(self.state))
        task = workflow.get_tasks(state=TaskState.READY, manual=True)[0]
        task.set_data(**data)
        task.run()
        workflow.do_engine_steps()
        self.state = json.dumps(self._serializer.to_dict(workflow))


def measure() -> Figures:
    """Measure on both databases."""
    figures: Figures = {}
    with without_password_hash():
        with embedded() as database:
            product = Product(database)
            figures |= _counts(product)
            figures["task_vs_naive_sqlite"] = _against_naive(product)
        with embedded() as database:
            figures["kb_per_instance"] = exact(_size_per_instance(database), "KB")
        with postgresql.server() as url:
            database = Database(url)
            figures["task_vs_naive_postgresql"] = _against_naive(Product(database))
            database.dispose()
    return figures


def _counts(product: Product) -> Figures:
    """Count statements and commits of one completed and signed task in the middle."""
    product.run_through(0)
    item = product.start()
    item = product.complete(product.completion(item, STEPS[0], 1)) or ""
    request = product.completion(item, STEPS[1], 1)
    with counted(product.database) as counts:
        product.complete(request)
    return {
        "task_commits": exact(counts["commits"], "commits"),
        "task_statements": exact(counts["statements"], "statements"),
    }


def _against_naive(product: Product) -> Any:
    ours: list[float] = []
    theirs: list[float] = []
    naive = Naive()
    for number in range(10):
        product.run_through(number)

    def run() -> None:
        for number in range(ROUNDS):
            item: str | None = product.start()
            naive.start()
            for step in STEPS:
                request = product.completion(item or "", step, number)
                following: list[str | None] = []
                ours.append(cpu(lambda r=request, f=following: f.append(product.complete(r))))  # type: ignore[misc]
                item = following[0]
                data = step_data(step, number)
                theirs.append(cpu(lambda d=data: naive.step(d)))  # type: ignore[misc]

    quietly(run)
    return ratios(ours, theirs)


def _size_per_instance(database: Database) -> float:
    """Give the kilobytes by which the database grows for a finished instance, indexes included."""
    product = Product(database)
    for number in range(20):
        product.run_through(number)
    before = _size(database)
    for number in range(INSTANCES_SIZED):
        product.run_through(number)
    return (_size(database) - before) / INSTANCES_SIZED / 1024


def _size(database: Database) -> int:
    """Give the bytes of all tables and indexes that hold something."""
    with database.engine.connect() as connection:
        connection.info["writes"] = None
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        ask: Callable[[str], int] = lambda name: int(  # noqa: E731
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
        )
        return (ask("page_count") - ask("freelist_count")) * ask("page_size")
