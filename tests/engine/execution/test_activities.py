"""Tasks do what their kind says; results and errors go where the diagram says."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from engine.decisions import read_decisions
from engine.execution import DecisionMissing, ValueUnusable, load_program
from tests.engine.execution.compile import DIAGRAMS, compile_diagram
from tests.engine.execution.conftest import Run

SAMPLING = (DIAGRAMS / "sampling.dmn").read_bytes()
DECISIONS = {"sampling.dmn": read_decisions(SAMPLING, file="sampling.dmn").to_json()}


def test_activity_without_outgoing_flow_ends_its_token(run: Run) -> None:
    instance = run()
    assert instance.do("a").open == ["b"]
    assert instance.do("b").finished == "completed"


def test_script_assigns_in_order(run: Run) -> None:
    assert run().variables == {
        "net": Decimal("100.10"),
        "vat": Decimal("19.019"),
        "gross": Decimal("119.119"),
        "day": "2026-11-22",
        "half": "PT12H",
    }


def test_service_task_answers_into_variables(run: Run) -> None:
    asked: list[Mapping[str, Any]] = []

    def find(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        asked.append(inputs)
        return {"location": "R-12", "stock": Decimal("12.50")}

    instance = run({"lot": "L1", "count": 3}, services={"lots.find": find})
    assert asked == [{"lot": "L1", "wanted": 6}, {"lot": "L2"}]
    assert instance.variables["location"] == "R-12"
    assert instance.variables["found"] == {"location": "R-12", "stock": Decimal("12.50")}


@pytest.mark.parametrize("value", [0.1, [0.1], {"a": 0.1}, object(), float("nan")])
def test_service_task_that_answers_no_value_is_an_error(run: Run, value: object) -> None:
    with pytest.raises(ValueUnusable):
        run(services={"scale.read": lambda _: {"weight": value}})


def test_service_task_that_fails_can_be_tried_again(run: Run) -> None:
    answers: list[Exception | dict[str, Any]] = [
        ConnectionError("the ERP is away"),
        {"booked": True},
    ]

    def book(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return {**answer, "lot": inputs["lot"]}

    instance = run(services={"erp.book": book})
    state, variables = instance.runtime.save(), dict(instance.variables)
    with pytest.raises(ConnectionError):
        instance.do("u", lot="L1")
    # the caller drops what failed and goes on from what was saved
    instance.runtime = type(instance.runtime).restore(
        instance.program, state, variables, instance.host
    )
    assert instance.do("u", lot="L1").open == ["v"]
    assert instance.variables == {"lot": "L1", "booked": True}


@pytest.mark.parametrize(("quantity", "sample", "level"), [(80, 5, "I"), (101, "12.5", "II")])
def test_business_rule_task_puts_its_answer_into_variables(
    run: Run, quantity: int, sample: int | str, level: str
) -> None:
    variables = run({"quantity": quantity}).variables
    assert variables["sample"] == Decimal(sample)
    assert variables["chosen"] == {"sample": Decimal(sample), "accept": variables["accept"]}
    assert variables["level"] == level


def test_business_rule_task_without_a_matching_rule_throws_its_code(run: Run) -> None:
    instance = run().do("u", quantity=501)
    assert instance.open == ["repair"]
    assert instance.variables["problem"]["code"] == "decision.no_match"
    assert run().do("u", quantity=500).finished == "completed"


def test_a_decision_that_nobody_holds_is_missing_at_once() -> None:
    name = "business_rule_task_puts_its_answer_into_variables"
    with pytest.raises(DecisionMissing, match="sampling"):
        load_program(compile_diagram(name))
