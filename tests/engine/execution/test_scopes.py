"""Sub-processes and call activities: what they wait for and whose variables they see."""

import pytest

from engine.execution import (
    CalledProcessMissing,
    NestingTooDeep,
    TaskNotOpen,
    load_program,
    saved_definitions,
)
from engine.execution.runtime import Runtime
from tests.engine.execution.compile import compile_diagram, compile_drawn, diagram
from tests.engine.execution.conftest import Run
from tests.engine.execution.host import TestHost


def test_embedded_subprocess_shares_the_variables(run: Run) -> None:
    instance = run().do("a", x=21)
    assert instance.open == ["c"]
    assert instance.variables == {"x": 21, "doubled": 42}


def test_subprocess_waits_for_all_its_tokens(run: Run) -> None:
    instance = run()
    assert instance.do("a").open == ["b"]
    assert instance.do("b").open == ["c"]


def test_call_activity_shares_the_variables(run: Run) -> None:
    instance = run({"lot": "L1"})
    activity = instance.activity("a")
    assert (activity.process_id, activity.locals) == ("called", {})
    instance.do("a", checked=True)
    assert instance.variables == {"lot": "L1", "checked": True}
    # the nodes of the called process are told apart from the caller's
    assert instance.left == ["s", "called/qs", "called/a", "called/qe", "q"]


def test_call_activity_with_inputs_has_its_own_variables(run: Run) -> None:
    instance = run({"receipt": {"lot": "L1"}, "secret": 42})
    assert instance.activity("a").locals == {"lot": "L1", "count": 2}
    instance.do("a", ok=True)
    assert instance.open == ["c"]
    assert instance.variables == {
        "receipt": {"lot": "L1"},
        "secret": 42,
        "answer": {"lot": "L1", "count": 2, "ok": True, "seen": None, "total": 20},
    }


def test_a_called_process_is_read_by_its_own_variables(run: Run) -> None:
    """Its form and its due date see what it was given, not what its caller knows."""
    instance = run({"receipt": {"lot": "L1"}, "secret": 42})
    task_ref = instance.activity("a").task_ref
    assert dict(instance.runtime.variables_of(task_ref)) == {"lot": "L1", "count": 2}
    with pytest.raises(TaskNotOpen):
        instance.runtime.variables_of(task_ref + 1)


def test_called_process_begins_where_no_message_is_needed(run: Run) -> None:
    assert run().open == ["a"]


def test_call_activity_that_calls_itself_for_ever_is_stopped(run: Run) -> None:
    with pytest.raises(NestingTooDeep):
        run()


def test_a_called_process_must_be_there() -> None:
    program = load_program(compile_diagram("call_activity_shares_the_variables"))
    with pytest.raises(CalledProcessMissing, match="'called'"):
        Runtime.start(program, {}, TestHost())


def test_an_instance_stays_with_the_version_it_is_inside_of() -> None:
    name = "call_activity_shares_the_variables"
    caller, called = compile_diagram(name), compile_drawn(diagram(name), "called")
    state = Runtime.start(load_program(caller, {"called": called}), {}, TestHost()).save()
    assert saved_definitions(state) == {"called": called.hash[:16]}

    newer = compile_drawn(diagram(name).replace(b'name="a"', b'name="b"'), "called")
    with pytest.raises(CalledProcessMissing, match=newer.hash):
        Runtime.restore(load_program(caller, {"called": newer}), state, {}, TestHost())
