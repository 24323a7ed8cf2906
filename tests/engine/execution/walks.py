"""Walk a random process and its reference side by side, comparing everything after every step.

After each step the instance is saved and restored, as between two commands of the product, and what
waits for people (with visits, item indexes and local variables), the messages, timers, thrown
messages, the case document and the end are compared exactly.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from engine.execution import NothingCanContinue, OpenActivity, Runtime, load_program
from engine.execution.program import Program
from tests.engine.execution.compile import compile_normal
from tests.engine.execution.host import NOON, TestHost
from tests.engine.execution.random_bpmn import PROCESS, Writer
from tests.engine.execution.random_processes import Block, random_process
from tests.engine.execution.reference import Reference, Wait

MAX_STEPS = 60
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER = msgspec.json.Decoder(float_hook=Decimal)


class Mismatch(AssertionError):
    """The instance and the reference differ; the message names seed, step and both."""


@dataclass(slots=True)
class Walk:
    """One walk; `runtime` is another object after every step."""

    seed: int
    family: str
    process: Block
    program: Program
    host: TestHost
    runtime: Runtime
    reference: Reference
    choices: random.Random
    thrown: list[tuple[str, Any]]


def walk(seed: int, family: str, depth: int = 3) -> int:
    """Walk the process of a seed to its end or for MAX_STEPS; gives the steps made.

    Mismatch for a difference; an error of the execution core goes through.
    """
    started = _start(seed, family, random_process(seed, family, depth))
    for step in range(MAX_STEPS):
        if started is None:
            return step
        _compare(started, step)
        if started.reference.finished or not _act(started, step):
            return step
    return MAX_STEPS


def _start(seed: int, family: str, process: Block) -> Walk | None:
    writer = Writer()
    definition = compile_normal(writer.process(process), PROCESS)
    called = {name: compile_normal(xml, name) for name, xml in writer.called.items()}
    program = load_program(definition, called)
    choices = random.Random(f"walk/{family}/{seed}")  # noqa: S311 - repeatable, not secret
    variables = {"r": choices.randrange(7)}
    host = TestHost()
    reference = Reference(NOON)
    reference.start(process, dict(variables))
    made: list[Runtime] = []
    if not _runs(reference, lambda: made.append(Runtime.start(program, variables, host))):
        return None
    return Walk(seed, family, process, program, host, made[0], reference, choices, [])


def _runs(reference: Reference, step: Callable[[], object]) -> bool:
    """Run a step; False where it is told, as it must be, that nothing can continue."""
    try:
        step()
    except NothingCanContinue:
        if reference.is_stuck:
            return False
        raise
    if reference.is_stuck:
        raise Mismatch("nothing can continue, and nobody is told")
    return True


def _act(walk: Walk, step: int) -> bool:
    """Choose one thing that can happen and let it happen on both sides; False when none can."""
    waits = walk.reference.alive()
    people = [wait for wait in waits if wait.kind == "user"]
    messages = [wait for wait in waits if wait.kind == "message"]
    timers = sorted(wait.due for wait in waits if wait.due is not None)
    options: list[Wait | datetime] = [*people * 3, *messages]
    if timers:
        options += [timers[0], walk.choices.choice(timers)]
    chosen = walk.choices.choice(options)
    if isinstance(chosen, datetime):
        walk.host.time = chosen
        walk.reference.advance(chosen)
        return _runs(walk.reference, lambda: walk.runtime.fire_timers(chosen))
    data: dict[str, Any] = {"r": walk.choices.randrange(7)}
    if chosen.kind == "user":
        data[f"v_{chosen.name}"] = step
    # several waits of one name are in the same order on both sides: that in which they began
    place = [wait for wait in waits if _is_same(wait, chosen)].index(chosen)
    walk.reference.now = walk.host.time
    walk.reference.act(chosen, data)
    if chosen.kind == "user":
        task_ref = _people(walk, chosen)[place].task_ref
        return _runs(walk.reference, lambda: walk.runtime.complete(task_ref, data))
    task_ref = _messages(walk, chosen.name)[place]
    return _runs(walk.reference, lambda: walk.runtime.deliver(task_ref, data))


def _is_same(wait: Wait, other: Wait) -> bool:
    mine, others = ((w.kind, w.name, w.visit, w.index) for w in (wait, other))
    return mine == others


def _people(walk: Walk, wait: Wait) -> list[OpenActivity]:
    return [
        found
        for found in walk.runtime.open_activities()
        if (found.activity_id, found.visit, found.item_index) == (wait.name, wait.visit, wait.index)
    ]


def _messages(walk: Walk, name: str) -> list[int]:
    return [found.task_ref for found in walk.runtime.subscriptions() if found.name == name]


def _compare(walk: Walk, step: int) -> None:
    """Save, restore and compare."""
    walk.thrown += [(thrown.name, thrown.payload["r"]) for thrown in walk.runtime.take_thrown()]
    state = walk.runtime.save()
    variables = _DECODER.decode(_ENCODER.encode(walk.runtime.variables))
    walk.runtime = Runtime.restore(walk.program, state, variables, walk.host)
    if walk.runtime.save() != state:
        raise Mismatch(f"{walk.family} {walk.seed} step {step}: saving again gives other bytes")
    wanted, found = _wanted(walk), _found(walk)
    for what, expected in wanted.items():
        if expected != found[what]:
            raise Mismatch(
                f"{walk.family} {walk.seed} step {step}, {what}:\n"
                f"  wanted {expected}\n  found  {found[what]}\n  in {walk.process}"
            )


def _wanted(walk: Walk) -> dict[str, Any]:
    waits = walk.reference.alive()
    return {
        "open": sorted(
            [(w.name, w.visit, w.index, w.layer.locals()) for w in waits if w.kind == "user"],
            key=_key,
        ),
        "messages": sorted(wait.name for wait in waits if wait.kind == "message"),
        "timers": sorted((wait.name, wait.due) for wait in waits if wait.due is not None),
        "variables": walk.reference.case.values,
        "thrown": sorted(walk.reference.thrown, key=str),
        "finished": walk.reference.finished,
    }


def _found(walk: Walk) -> dict[str, Any]:
    runtime = walk.runtime
    return {
        "open": sorted(
            [(o.activity_id, o.visit, o.item_index, o.locals) for o in runtime.open_activities()],
            key=_key,
        ),
        "messages": sorted(found.name for found in runtime.subscriptions()),
        "timers": sorted((found.activity_id, found.due_at) for found in runtime.timers()),
        "variables": runtime.variables,
        "thrown": sorted(walk.thrown, key=str),
        "finished": runtime.finished == "completed",
    }


def _key(found: tuple[str, int, int | None, Any]) -> tuple[str, int, int, str]:
    name, visit, index, locals_ = found
    numbers = {key: str(value) for key, value in locals_.items()}
    return name, visit, -1 if index is None else index, str(sorted(numbers.items()))
