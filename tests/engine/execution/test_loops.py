"""Multi-instance activities and loops: how often, with what, one after another or at once."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from engine.execution import Runtime, ValueUnusable, load_program, program
from tests.engine.execution.compile import compile_diagram
from tests.engine.execution.conftest import Driver, Run
from tests.engine.execution.host import TestHost

TO_READ = [{"factor": Decimal("1.5")}, {"factor": 2}, {"factor": 3}]


def open_items(instance: Driver) -> list[int | None]:
    return [activity.item_index for activity in instance.runtime.open_activities()]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_multi_instance_over_a_collection(run: Run, order: tuple[int, ...]) -> None:
    instance = run({"to_read": TO_READ})
    assert open_items(instance) == [0, 1, 2]
    assert instance.activity("a", 1).locals == {"item": {"factor": 2}, "loopCounter": 2}
    for index in order:
        instance.do("a", index, value=Decimal("0.10") + index)
    assert instance.open == ["b"]
    # in the order of the elements, whatever the order of completion; nothing else leaves
    assert instance.variables == {
        "to_read": TO_READ,
        "results": [Decimal("0.15"), Decimal("2.2"), Decimal("6.3")],
    }


def test_multi_instance_in_sequence(run: Run) -> None:
    instance = run({"items": ["x", "y"]})
    assert [a.visit for a in instance.runtime.open_activities()] == [1]
    instance.do("a", 0, ok=True)
    assert open_items(instance) == [1]
    assert instance.activity("a").visit == 1
    instance.do("a", 1, ok=False, why="bent")
    assert instance.variables["results"] == [{"ok": True}, {"ok": False, "why": "bent"}]


def test_multi_instance_ends_by_its_completion_condition(run: Run) -> None:
    instance = run().do("a", 3, ok=True).do("a", 0, ok=False)
    assert instance.open == ["b"]
    assert instance.variables["results"] == [False, True]

    counted = run().do("a", 0, ok=True).do("a", 1, ok=True)
    assert counted.open == ["a", "a"]
    assert counted.do("a", 2, ok=True).open == ["b"]


def test_multi_instance_of_nothing_goes_on(run: Run) -> None:
    instance = run({"items": []})
    assert (instance.open, instance.variables["results"]) == (["b"], [])


@pytest.mark.parametrize("items", [None, 3, "abc", {"a": 1}])
def test_multi_instance_over_no_list_is_an_error(run: Run, items: object) -> None:
    instance = run()
    with pytest.raises(ValueUnusable, match="'a'"):
        instance.do("u", items=items)


def test_multi_instance_subprocess_keeps_its_instances_apart(run: Run) -> None:
    instance = run({"lots": ["L1", "L2"]})
    first, second = instance.runtime.open_activities()
    assert (first.locals["lot"], second.locals["lot"]) == ("L1", "L2")
    instance.runtime.complete(second.task_ref, {"value": 9})
    instance.put_down_and_pick_up()
    instance.runtime.complete(first.task_ref, {"value": 1})
    instance.put_down_and_pick_up()
    verdicts = {a.locals["lot"]: a.locals["verdict"] for a in instance.runtime.open_activities()}
    assert verdicts == {"L1": "accept", "L2": "reject"}
    for activity in instance.runtime.open_activities():
        instance.runtime.complete(activity.task_ref, {"by": f"Ben {activity.locals['lot']}"})
        instance.put_down_and_pick_up()
    assert instance.variables == {
        "lots": ["L1", "L2"],
        "inspected": [
            {"lot": "L1", "verdict": "accept", "by": "Ben L1"},
            {"lot": "L2", "verdict": "reject", "by": "Ben L2"},
        ],
    }


def test_multi_instance_within_multi_instance(run: Run) -> None:
    instance = run({"lots": [{"points": [1, 2]}, {"points": [10]}]})
    while instance.open == ["measure"] * len(instance.open) and instance.open:
        activity = instance.runtime.open_activities()[-1]
        assert activity.locals["point"] in activity.locals["lot"]["points"]
        instance.runtime.complete(activity.task_ref, {"value": Decimal("0.5")})
        instance.put_down_and_pick_up()
    assert instance.variables["all"] == [[Decimal("1.5"), Decimal("2.5")], [Decimal("10.5")]]


def test_multi_instance_is_interrupted_as_a_whole(run: Run) -> None:
    instance = run().do("a")
    assert instance.wait(hours=1) == 1
    assert instance.open == ["escalate"]
    assert instance.do("escalate").finished == "completed"


def test_multi_instance_after_a_boundary_event(run: Run) -> None:
    instance = run()
    instance.wait(hours=1)
    assert instance.do("b", 1).open == ["b"]
    assert instance.do("b", 0).finished == "completed"


def test_multi_instance_of_a_service_task(run: Run) -> None:
    printed: list[Any] = []

    def print_label(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        printed.append(inputs["lot"])
        return {"number": len(printed)}

    instance = run({"lots": ["L1", "L2", "L3"]}, services={"labels.print": print_label})
    assert printed == ["L1", "L2", "L3"]
    assert instance.variables == {"lots": ["L1", "L2", "L3"], "labels": [1, 2, 3]}


@pytest.mark.parametrize(("answers", "rounds"), [([True], 1), ([False, True], 2), ([False] * 3, 3)])
def test_standard_loop_repeats_while_its_condition_is_true(
    run: Run, answers: list[bool], rounds: int
) -> None:
    instance = run()
    for number, ok in enumerate(answers):
        assert instance.activity("a").locals == {"loopCounter": number + 1}
        instance.do("a", number, ok=ok)
    assert instance.open == ["b"]
    assert instance.left.count("a") == 1
    assert rounds == len(answers)


@pytest.mark.parametrize("left", [0, 1, 2])
def test_standard_loop_may_look_before(run: Run, left: int) -> None:
    instance = run({"left": left})
    for number in range(left):
        instance.do("a", number, left=left - number - 1)
    assert instance.open == ["b"]


def test_a_loop_is_resumed_by_another_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that never started this process completes it: nothing hangs on its own memory."""
    definition = compile_diagram("multi_instance_in_sequence")
    runtime = Runtime.start(load_program(definition), {"items": [1]}, TestHost())
    state = runtime.save()
    monkeypatch.setattr(program, "_PREPARED", program.BoundedCache(1))
    monkeypatch.setattr(program, "_PROGRAMS", program.BoundedCache(1))
    other = Runtime.restore(load_program(definition), state, runtime.variables, TestHost())
    other.complete(other.open_activities()[0].task_ref, {})
    assert other.open_activities()[0].activity_id == "b"
