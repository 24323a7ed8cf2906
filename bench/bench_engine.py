"""One human step in the engine against SpiffWorkflow's own cycle, and after 500 loop-backs.

Ours: restore, complete, run, prune, save, the case document as JSON both ways. SpiffWorkflow's:
from_dict, run the task, engine steps, to_dict, JSON both ways. The same purchase with the same
entries in both, case by case in turns; CPU time.
"""

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.util.task import TaskState

from bench.measuring import Figure, Figures, cpu, exact, quietly, ratios
from bench.purchasing import DISPOSITION, RISK, Dialect, decision, diagram, entered
from engine.decisions import read_decisions
from engine.execution import Program, Runtime, load_program
from tests.engine.execution.compile import compile_drawn
from tests.engine.execution.host import TestHost

CASES = 60
LOOPS = 500
PAIRS = 200
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("create", {}),
    ("approve", {}),
    ("revise", {}),
    ("approve", {"approved": True}),
    ("count", {}),
    ("label", {}),
    ("papers", {}),
    ("measure", {"dim_ok": True}),
    ("stock", {}),
)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER = msgspec.json.Decoder(float_hook=Decimal)


@dataclass(frozen=True, slots=True)
class Saved:
    """An instance at rest, as it lies in the database."""

    state: bytes
    variables: bytes


class Ours:
    """The execution core."""

    def __init__(self) -> None:
        dialect = Dialect(ours=True)
        models = {
            f"{name}.dmn": read_decisions(
                decision(name, inputs, rules, dialect).encode(), file=f"{name}.dmn"
            ).to_json()
            for name, inputs, rules in (RISK, DISPOSITION)
        }
        content = diagram(dialect).encode()
        self.program: Program = load_program(compile_drawn(content, decisions=models))
        self.host = TestHost(time=NOW)

    def start(self) -> Saved:
        runtime = Runtime.start(self.program, {}, self.host)
        return Saved(runtime.save(), _ENCODER.encode(runtime.variables))

    def step(self, saved: Saved, activity: str, data: dict[str, Any]) -> Saved:
        self.host.left.clear()
        variables = _DECODER.decode(saved.variables)
        runtime = Runtime.restore(self.program, saved.state, variables, self.host)
        task_ref = next(a.task_ref for a in runtime.open_activities() if a.activity_id == activity)
        runtime.complete(task_ref, data)
        return Saved(runtime.save(), _ENCODER.encode(runtime.variables))


class Naive:
    """SpiffWorkflow by itself, as its documentation shows it."""

    def __init__(self) -> None:
        logging.getLogger("spiff").setLevel(logging.ERROR)
        dialect = Dialect(ours=False)
        parser = SpiffBpmnParser()
        for name, inputs, rules in (RISK, DISPOSITION):
            parser.add_dmn_str(decision(name, inputs, rules, dialect).encode())
        parser.add_bpmn_str(diagram(dialect).encode())
        self._spec = parser.get_spec("purchasing")
        self._inner = parser.get_subprocess_specs("purchasing")
        self._serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(SPIFF_CONFIG))

    def start(self) -> str:
        workflow = BpmnWorkflow(self._spec, self._inner)
        workflow.do_engine_steps()
        return json.dumps(self._serializer.to_dict(workflow))

    def step(self, saved: str, activity: str, data: dict[str, Any]) -> str:
        workflow = self._serializer.from_dict(json.loads(saved))
        task = workflow.get_next_task(state=TaskState.READY, spec_name=activity)
        task.set_data(**data)
        task.run()
        workflow.do_engine_steps()
        return json.dumps(self._serializer.to_dict(workflow))


def measure() -> Figures:
    """Measure everything of the engine."""
    ours, naive = Ours(), Naive()
    figures: Figures = {}
    quietly(lambda: figures.update(step_vs_naive(ours, naive)))
    quietly(lambda: figures.update(step_after_500_loops(ours)))
    return figures


def step_vs_naive(ours: Ours, naive: Naive) -> Figures:
    """Give the ratio of the CPU time of a whole case's steps, ours to SpiffWorkflow's."""
    mine, theirs, states = [], [], []
    for case in range(CASES + 1):
        saved, naive_saved = ours.start(), naive.start()
        our_time = their_time = 0.0
        for activity, answers in STEPS:
            data = {**entered(activity, case), **answers}
            before, naive_before = saved, naive_saved
            our_time += cpu(lambda s=before, a=activity, d=data: ours.step(s, a, d), 3)  # type: ignore[misc]
            their_time += cpu(lambda s=naive_before, a=activity, d=data: naive.step(s, a, d))  # type: ignore[misc]
            saved = ours.step(before, activity, data)
            naive_saved = naive.step(naive_before, activity, data)
            states.append(len(saved.state))
        if case:  # the first case warms up
            mine.append(our_time / len(STEPS))
            theirs.append(their_time / len(STEPS))
    return {
        "step_vs_naive": ratios(mine, theirs),
        "step_ms": _milliseconds(mine),
        "step_naive_ms": _milliseconds(theirs),
        "step_state_bytes": exact(sorted(states)[len(states) // 2], "bytes"),
    }


def step_after_500_loops(ours: Ours) -> Figures:
    """Give the ratio of a step's cost after 500 loop-backs to its cost at the first.

    Through both loops of the process: one of single tasks, and one with a fork and join inside.
    """
    measured: list[tuple[Saved, Saved, str, dict[str, Any]]] = []
    saved = ours.step(ours.start(), "create", entered("create", 0))
    first = saved
    for number in range(LOOPS):
        saved = ours.step(saved, "approve", entered("approve", number))
        saved = ours.step(saved, "revise", entered("revise", number))
    measured.append((first, saved, "approve", entered("approve", LOOPS)))
    saved = ours.step(saved, "approve", {**entered("approve", LOOPS), "approved": True})
    for activity in ("count", "label"):
        saved = ours.step(saved, activity, entered(activity, LOOPS))
    first = ours.step(saved, "papers", entered("papers", LOOPS))
    for number in range(LOOPS):
        saved = ours.step(saved, "papers", entered("papers", LOOPS))
        saved = ours.step(saved, "measure", entered("measure", number))
    late = ours.step(saved, "papers", entered("papers", LOOPS))
    measured.append((first, late, "measure", entered("measure", LOOPS)))

    before, after = [], []
    for pair in range(PAIRS + 10):
        for early, later, activity, data in measured:
            at_first = cpu(lambda s=early, a=activity, d=data: ours.step(s, a, d), 5)  # type: ignore[misc]
            at_last = cpu(lambda s=later, a=activity, d=data: ours.step(s, a, d), 5)  # type: ignore[misc]
            if pair >= 10:
                before.append(at_first)
                after.append(at_last)
    return {"step_after_500_loops": ratios(after, before)}


def _milliseconds(seconds: list[float]) -> Figure:
    ordered = sorted(1000 * value for value in seconds)
    quarter = len(ordered) // 4
    return {
        "value": ordered[len(ordered) // 2],
        "low": ordered[quarter],
        "high": ordered[-1 - quarter],
        "unit": "ms",
    }
