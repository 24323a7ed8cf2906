"""An address that a device made finds its step; what it foretold is compared with what came."""

from decimal import Decimal
from typing import Any

from engine.execution import (
    Prediction,
    Runtime,
    compare,
    device_state,
    load_program,
    resolve,
    visits_so_far,
)
from tests.engine.execution.host import TestHost
from tests.engine.stretches.vectors import PROCESS, cases, definition_of


def started(name: str, **values: Any) -> Runtime:
    case = next(case for case in cases() if case["name"] == name)
    program = load_program(definition_of(case))
    host = TestHost({"file": lambda _: {"ok": True}})
    return Runtime.start(program, {}, host, payload=values)


def test_each_instance_of_a_loop_has_an_address_of_its_own() -> None:
    runtime = started("side by side, ended early", points=[{"target": Decimal(1)}] * 3)
    refs = [resolve(runtime, PROCESS, "Measure", 1, index) for index in range(3)]
    assert refs == [waiting.task_ref for waiting in runtime.open_activities()]
    assert len(set(refs)) == 3
    assert resolve(runtime, PROCESS, "Measure", 1, None) is None
    assert resolve(runtime, PROCESS, "Measure", 2, 0) is None
    assert resolve(runtime, "another", "Measure", 1, 0) is None


def test_a_step_that_is_done_is_told_from_one_that_is_to_come() -> None:
    runtime = started("back to a step is its next visit")
    ref = resolve(runtime, PROCESS, "Count", 1, None)
    assert ref is not None
    runtime.complete(ref, {"pieces": Decimal(1), "more": True})
    assert resolve(runtime, PROCESS, "Count", 1, None) is None
    assert resolve(runtime, PROCESS, "Count", 2, None) is not None
    assert visits_so_far(runtime, PROCESS, "Count") == 2


def test_what_a_device_foretold_is_compared_with_what_opened() -> None:
    runtime = started("a sub-process for each, in turn", boxes=["x", "y"])
    before = runtime.open_activities()
    runtime.complete(before[0].task_ref, {"code": "1"})
    after = runtime.open_activities()
    assert compare(["Label"], before, after).came_true
    assert compare(None, before, after) == Prediction()
    wrong = compare(["Label", "Label", "Scan"], before, after)
    assert not wrong.came_true
    assert wrong == Prediction(missing=("Label", "Scan"))
    assert compare([], before, after) == Prediction(unexpected=("Label",))


def test_a_device_is_told_what_it_cannot_see() -> None:
    """Events and called processes go on elsewhere; what waits for people is all there is here."""
    alone = device_state(started("a gateway decides exactly"))
    assert alone["away"] is False
    assert [found["activity"] for found in alone["open"]] == ["Weigh"]
    assert alone["visits"] == {"Weigh": 1}


def test_a_loop_under_way_is_told_with_what_it_gathered() -> None:
    points = [{"target": Decimal("1.50")}, {"target": Decimal(2)}]
    runtime = started("one after another over a list", points=points)
    ref = resolve(runtime, PROCESS, "Measure", 1, 0)
    assert ref is not None
    runtime.complete(ref, {"reading": Decimal(2)})
    state = device_state(runtime)
    [run] = state["runs"].values()
    assert (run["loop"], run["visit"], run["total"], run["done"]) == ("Measure", 1, 2, 1)
    assert run["results"] == {"0": {"": "0.50"}}
    assert run["elements"][0] == {"target": {"": "1.50"}}
    [frame] = state["frames"].values()
    assert frame["values"] == {"point": {"target": {"": "2"}}, "loopCounter": {"": "2"}}
    assert frame["keeps"] is True
