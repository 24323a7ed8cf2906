"""Errors, escalations and terminate: what ends what, and who hears of it."""

from collections.abc import Mapping
from typing import Any

import pytest

from engine.execution import BpmnError, Runtime, UncaughtError, load_program
from tests.engine.execution.compile import compile_diagram
from tests.engine.execution.conftest import Run
from tests.engine.execution.host import TestHost


def failing(code: str) -> Mapping[str, Any]:
    def book(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        raise BpmnError(code, f"{inputs} was refused")

    return {"erp.book": book}


def test_error_end_event_is_caught_by_its_code(run: Run) -> None:
    instance = run().do("a")
    assert instance.open == ["repair"]
    assert instance.variables == {"problem": {"code": "E1", "message": ""}}
    assert "failed" in instance.left
    assert "q" not in instance.left
    assert instance.do("repair").finished == "completed"


def test_error_that_nobody_catches_is_raised(run: Run) -> None:
    instance = run()
    with pytest.raises(UncaughtError, match=r"E1.*failed"):
        instance.do("a")


def test_a_bpmn_error_that_nobody_catches_is_raised_with_its_cause() -> None:
    program = load_program(compile_diagram("service_task_that_fails_can_be_tried_again"))
    runtime = Runtime.start(program, {}, TestHost(failing("no_stock")))
    with pytest.raises(UncaughtError, match=r"no_stock.*'a'") as raised:
        runtime.complete(runtime.open_activities()[0].task_ref, {"lot": "L1"})
    assert isinstance(raised.value.__cause__, BpmnError)
    assert raised.value.code == "no_stock"


@pytest.mark.parametrize(("code", "opened"), [("known", "fix"), ("other", "repair")])
def test_error_of_a_handler_goes_outwards(run: Run, code: str, opened: str) -> None:
    instance = run(services=failing(code)).do("a")
    assert instance.open == [opened]
    if opened == "repair":
        assert instance.variables["problem"] == {"code": "other", "message": "{} was refused"}


def test_error_of_a_called_process_is_caught_by_its_caller(run: Run) -> None:
    assert run().do("a").open == ["repair"]


def test_error_of_one_instance_interrupts_them_all(run: Run) -> None:
    booked: list[Any] = []

    def book(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        booked.append(inputs["lot"])
        if inputs["lot"] == "L2":
            raise BpmnError("no_stock")
        return {}

    instance = run({"lots": ["L1", "L2", "L3"]}, services={"erp.book": book})
    assert (booked, instance.open) == (["L1", "L2"], ["repair"])


def test_escalation_reaches_the_nearest_boundary(run: Run) -> None:
    instance = run().do("a")
    assert instance.open == ["b", "note"]
    assert instance.variables == {"delay": {"days": 3}}
    instance.do("b")
    assert instance.open == ["note", "stopped"]
    assert instance.do("note").do("stopped").finished == "completed"
    assert instance.thrown == []


def test_escalation_that_nobody_catches_is_told(run: Run) -> None:
    instance = run().do("a")
    assert instance.open == ["b"]
    assert [(t.kind, t.name, t.activity_id) for t in instance.thrown] == [
        ("escalation", "late", "up")
    ]


def test_terminate_ends_its_scope_only(run: Run) -> None:
    instance = run()
    assert instance.open == ["a", "b", "c"]
    assert instance.do("a").open == ["d"]


def test_terminate_stops_what_was_about_to_run(run: Run) -> None:
    instance = run().do("a")
    assert instance.finished == "completed"
    assert "c" not in instance.left
