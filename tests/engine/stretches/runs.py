"""Run a random diagram in the engine, let the device say each step, and compare.

Of every step the device is asked twice: from what it had itself after the step before, and from
what the engine exports (engine/execution/ahead.py), as after a new pack. Where it says that the
server goes on, nothing is compared and the next step begins from the export.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

from engine.execution import Runtime, compare, device_state, load_program, resolve
from engine.execution.ahead import exact
from tests.engine.execution.host import TestHost
from tests.engine.execution.random_bpmn import PROCESS
from tests.engine.stretches.device import Device
from tests.engine.stretches.random_diagrams import START, random_diagram

MAX_STEPS = 25
LATER = {"": None}
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER = msgspec.json.Decoder(float_hook=Decimal)


@dataclass(slots=True)
class Run:
    """One run in the engine: what the device is asked, and what the engine says to each step."""

    family: str
    seed: int
    asked: dict[str, Any]
    wanted: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Found:
    """What a number of runs came to; `foretold` are the steps that the device said whole."""

    runs: int
    steps: int
    foretold: int
    differences: list[str]


def run_in_engine(seed: int, family: str) -> Run:
    """Run the diagram of a seed with random answers, saved and restored between steps."""
    definition, called = random_diagram(seed, family)
    program = load_program(definition, called)
    choices = random.Random(f"answers/{family}/{seed}")  # noqa: S311 - repeatable, not secret
    host = TestHost({"file": lambda inputs: {"ok": len(inputs) == 0, "no": Decimal(1)}})
    values = _answer(choices, "start", 0)
    runtime = Runtime.start(program, {}, host, payload=values)
    steps: list[dict[str, Any]] = [{"start": START, "values": exact(values)}]
    run = Run(family, seed, {"machine": definition.stretches, "steps": steps})
    run.wanted.append(_said(runtime, []))
    for number in range(1, MAX_STEPS):
        state, variables = runtime.save(), _DECODER.decode(_ENCODER.encode(runtime.variables))
        runtime = Runtime.restore(program, state, variables, host)
        before = runtime.open_activities()
        own = [waiting for waiting in before if waiting.process_id == PROCESS]
        if not before:
            break
        chosen = choices.choice(own or before)
        values = _answer(choices, chosen.activity_id, number)
        address = {
            "activity": chosen.activity_id,
            "visit": chosen.visit,
            "index": chosen.item_index,
        }
        if own:
            assert chosen.task_ref == resolve(
                runtime, PROCESS, chosen.activity_id, chosen.visit, chosen.item_index
            )
            given = device_state(runtime)
            steps.append({"address": address, "values": exact(values), "state": given})
        runtime.complete(chosen.task_ref, values)
        if own:
            run.wanted.append(_said(runtime, before))
        else:
            steps[-1]["ends"] = True  # the device does not see what was done in a called process
    return run


def _answer(choices: random.Random, activity_id: str, number: int) -> dict[str, Any]:
    """Give what a person enters; numbers as forms give them."""
    values: dict[str, Any] = {
        "r": Decimal(choices.randrange(7)),
        "s": choices.choice(["a", "b", "ü"]),
        "n": Decimal(choices.choice(["0.1", "2.50", "-7", "1234567890.12345678901234"])),
        "rows": [{"a": Decimal(a)} for a in range(choices.randrange(4))],
        f"v_{activity_id}": Decimal(number),
    }
    return {name: value for name, value in values.items() if choices.random() < 0.8}


def _said(runtime: Runtime, before: Iterable[Any]) -> dict[str, Any]:
    after = runtime.open_activities()
    return {
        "open": [
            [w.activity_id, w.visit, w.item_index, exact(dict(w.locals))]
            for w in after
            if w.process_id == PROCESS
        ],
        "variables": exact(runtime.variables),
        "finished": runtime.finished == "completed",
        "before": list(before),
        "after": after,
    }


def differences(device: Device, runs: list[Run]) -> Iterator[tuple[Run, int, str]]:
    """Give each step on which device and engine differ, with what differs."""
    answers = device.answers([run.asked for run in runs])
    for run, said in zip(runs, answers, strict=True):
        for number, (wanted, found) in enumerate(zip(run.wanted, said, strict=True)):
            what = _difference(wanted, found)
            if what is not None:
                yield run, number, what
                break


def _difference(wanted: dict[str, Any], found: dict[str, Any]) -> str | None:
    if "error" in found:
        return f"error: {found['error']}"
    if found["drifted"]:
        return f"its own state leads elsewhere than the engine's: {found['drifted']}"
    if found["server"]:
        return None
    prediction = compare(
        [a["activity"] for a in found["opened"]], wanted["before"], wanted["after"]
    )
    if not prediction.came_true:
        return f"opened {prediction}"
    for what in ("open", "variables", "finished"):
        mine, theirs = wanted[what], found[what]
        if what == "open":
            mine, theirs = sorted(mine, key=_place), sorted(theirs, key=_place)
        if not is_same(mine, theirs):
            return f"{what}:\n  engine {mine}\n  device {theirs}"
    return None


def _place(found: list[Any]) -> tuple[str, int, int]:
    return found[0], found[1], -1 if found[2] is None else found[2]


def is_same(wanted: Any, found: Any) -> bool:
    """Compare values exactly, numbers by what they are; what a device does not know yet is any."""
    if found == LATER:
        return True
    if isinstance(wanted, dict) and isinstance(found, dict):
        if wanted.keys() != found.keys():
            return False
        if wanted.keys() == {""} and isinstance(wanted[""], str) and isinstance(found[""], str):
            return Decimal(wanted[""]) == Decimal(found[""])
        return all(is_same(wanted[key], found[key]) for key in wanted)
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(map(is_same, wanted, found))
    return type(wanted) is type(found) and bool(wanted == found)


def compare_runs(device: Device, family: str, seeds: Iterable[int]) -> Found:
    """Run and compare the diagrams of many seeds."""
    runs = [run_in_engine(seed, family) for seed in seeds]
    said = [
        f"{run.family}:{run.seed} step {n}, {what}" for run, n, what in differences(device, runs)
    ]
    steps = [step for answers in device.answers([r.asked for r in runs]) for step in answers]
    foretold = sum(not step.get("server", True) for step in steps)
    return Found(len(runs), len(steps), foretold, said)
