"""What a device says comes next is what the engine does, and the comparison would tell."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

import pytest

from engine.definitions import stretches
from engine.definitions.diagram import FlowNode
from engine.execution import ahead
from engine.execution.tree_task import TreeTask
from tests.engine.stretches.device import WEB, WORKER, Device
from tests.engine.stretches.runs import Run, differences, run_in_engine

ALONE = 300
MIXED = 150
CHUNK = 25
ENOUGH = 300


@pytest.fixture(scope="module")
def device() -> Iterator[Device]:
    with Device() as running:
        yield running


@pytest.fixture(scope="module")
def alone() -> list[Run]:
    """Diagrams that a device can run by itself, run in the engine."""
    return [run_in_engine(seed, "alone") for seed in range(ALONE)]


@pytest.fixture(scope="module")
def mixed() -> list[Run]:
    """Diagrams with much that only the server can do."""
    return [run_in_engine(seed, "mixed") for seed in range(MIXED)]


def test_a_device_foretells_what_the_engine_does(device: Device, alone: list[Run]) -> None:
    assert list(differences(device, alone)) == []


def test_a_device_stops_where_only_the_server_can_go_on(device: Device, mixed: list[Run]) -> None:
    assert list(differences(device, mixed)) == []


def test_the_comparison_is_no_formality(device: Device, alone: list[Run], mixed: list[Run]) -> None:
    """A device that always left it to the server would never differ."""
    steps = [step for said in device.answers([run.asked for run in alone]) for step in said]
    foretold = [step for step in steps if not step["server"]]
    assert len(steps) > 4 * ALONE
    assert len(foretold) > 0.85 * len(steps)
    assert sum(len(step["opened"]) for step in foretold) > 3 * ALONE
    left = [step for said in device.answers([run.asked for run in mixed]) for step in said]
    assert sum(step["server"] for step in left) > MIXED


FAULTS = {
    "a local variable leaks": (
        "running.ts",
        "if (keeps || Object.hasOwn(values, name))",
        "if (values === null)",
    ),
    "a condition that is not known counts": (
        "running.ts",
        "#value(condition, frame) === true",
        "#value(condition, frame) !== false",
    ),
    "the last condition wins": ("running.ts", "ways.find(", "[...ways].reverse().find("),
    "a visit is always the first": ("running.ts", "(visits[activity] ?? 0) + 1", "1"),
    "results in the order of completion": (
        "running.ts",
        "run.results[frame.index] =",
        "run.results[run.done] =",
    ),
    "the loop counter from 0": ("running.ts", "toExact(index + 1)", "toExact(index)"),
    "what a condition ended goes on": (
        "running.ts",
        "if (until === true) this.#cancelIn(runKey);",
        "",
    ),
    "the instances of a loop go first": (
        "running.ts",
        "this.#agenda.push({ to: run.loop, frame, run: key });",
        "this.#agenda.unshift({ to: run.loop, frame, run: key });",
    ),
    "an answer is not put under its result": (
        "running.ts",
        "if (result !== undefined) this.#assign",
        "if (result === null) this.#assign",
    ),
    "numbers as the machine counts": (
        "exact.ts",
        '{ "": textOf(value) }',
        '{ "": String(Number(textOf(value))) }',
    ),
    "an ended loop goes on": (
        "running.ts",
        "until === true || run.done === run.total",
        "until === true || run.done > run.total",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_planted_in_the_device_is_found(
    fault: str, alone: list[Run], tmp_path: Path
) -> None:
    file, old, new = FAULTS[fault]
    source = tmp_path / "src" / "ahead_of_server"
    shutil.copytree(WORKER.parents[1], source)
    (tmp_path / "src" / "feel").symlink_to(WEB / "src" / "feel")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    text = (source / file).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} is not in {file}"
    (source / file).write_text(text.replace(old, new), encoding="utf-8")
    with Device(source / "testing" / "worker.ts") as faulty:
        assert _is_found(faulty, alone)


def _gateways_are_merges(patch: pytest.MonkeyPatch) -> None:
    stops = {kind: why for kind, why in stretches._STOPS.items() if kind != "parallelGateway"}
    patch.setattr(stretches, "_STOPS", stops)
    passed = stretches._Compiler._passed

    def onwards(self: stretches._Compiler, node: FlowNode) -> FlowNode | None:
        if node.kind == "parallelGateway":
            return self.normal.nodes[self.normal.outgoing[node.id][0].target]
        return passed(self, node)

    patch.setattr(stretches._Compiler, "_passed", onwards)


def _branches_are_not_seen(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(stretches._Compiler, "_has_one_token", lambda _self, _scope: True)


def _done_instances_are_not_told(patch: pytest.MonkeyPatch) -> None:
    def run(self: ahead._Export, loop: TreeTask) -> str:
        key = told(self, loop)
        self._runs[key]["done"] = 0
        return key

    told = ahead._Export._run
    patch.setattr(ahead._Export, "_run", run)


def _visits_are_not_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ahead._Export, "_visits", lambda _self: {})


@pytest.mark.parametrize(
    ("plant", "family"),
    [
        (_gateways_are_merges, "mixed"),
        (_branches_are_not_seen, "mixed"),
        (_done_instances_are_not_told, "alone"),
        (_visits_are_not_told, "alone"),
    ],
)
def test_a_fault_planted_in_the_server_is_found(
    device: Device,
    monkeypatch: pytest.MonkeyPatch,
    plant: Callable[[pytest.MonkeyPatch], None],
    family: str,
) -> None:
    plant(monkeypatch)
    assert _is_found(device, (run_in_engine(seed, family) for seed in range(ENOUGH)))


def _is_found(device: Device, runs: Iterable[Run]) -> bool:
    """Tell whether one of the runs differs; asked in small numbers, as most faults show at once."""
    waiting = iter(runs)
    while chunk := list(islice(waiting, CHUNK)):
        if next(differences(device, chunk), None) is not None:
            return True
    return False
