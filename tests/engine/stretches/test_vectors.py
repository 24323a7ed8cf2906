"""The engine does what the shared cases say, and the machines in them are those of today."""

from decimal import Decimal
from typing import Any

import pytest

from engine.execution import Runtime, load_program, resolve
from engine.execution.ahead import exact
from tests.engine.execution.host import TestHost
from tests.engine.stretches.runs import is_same
from tests.engine.stretches.vectors import PROCESS, cases, definition_of

CASES = cases()


def plain(value: Any) -> Any:
    """Read a value as it is written in the cases."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() != {""}:
        return {key: plain(item) for key, item in value.items()}
    only = value[""]
    if isinstance(only, str):
        return Decimal(only)
    return {key: plain(item) for key, item in only.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_machine_is_that_of_the_diagram(case: dict[str, Any]) -> None:
    assert definition_of(case).stretches == case["machine"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_engine_leads_where_the_case_says(case: dict[str, Any]) -> None:
    program = load_program(definition_of(case))
    host = TestHost({"file": lambda _: {"ok": True}})
    runtime: Runtime | None = None
    for step in case["steps"]:
        values = plain(step["values"])
        if runtime is None:
            runtime = Runtime.start(program, {}, host, payload=values)
        else:
            activity, visit, index = step["address"]
            task_ref = resolve(runtime, PROCESS, activity, visit, index)
            assert task_ref is not None
            runtime.complete(task_ref, values)
        if step.get("server"):
            continue
        waiting = runtime.open_activities()
        assert [[w.activity_id, w.visit, w.item_index] for w in waiting] == step["open"]
        assert is_same(exact(runtime.variables), step["variables"])
        assert (runtime.finished == "completed") is step["finished"]
        if "locals" in step:
            assert is_same(exact(dict(waiting[0].locals)), step["locals"])


def test_values_are_written_and_read_alike() -> None:
    odd = {"": {"": "5"}, "a": [Decimal("1.50"), {"": Decimal(1)}, None, True]}
    assert plain(exact(odd)) == odd
    assert exact({"": Decimal(1)}) == {"": {"": {"": "1"}}}
