"""A runtime does only what is open, comes to rest, and says what went wrong."""

import pytest

from engine.execution import (
    InstanceFinished,
    NotWaiting,
    StepBudgetExceeded,
    TaskNotOpen,
    UnknownStartEvent,
    ValueUnusable,
    load_program,
)
from engine.execution.runtime import Runtime
from tests.engine.execution.compile import compile_diagram, compile_normal
from tests.engine.execution.conftest import Driver, Run
from tests.engine.execution.host import TestHost


def instance_of(diagram: str) -> Driver:
    program, host = load_program(compile_diagram(diagram)), TestHost()
    return Driver(program, host, Runtime.start(program, {}, host)).put_down_and_pick_up()


def test_a_task_is_completed_once() -> None:
    instance = instance_of("subprocess_waits_for_all_its_tokens")
    task_ref = instance.activity("a").task_ref
    instance.runtime.complete(task_ref, {})
    for refused in (task_ref, 0, -1, 99):
        with pytest.raises(TaskNotOpen):
            instance.runtime.complete(refused, {})
    instance.put_down_and_pick_up()
    with pytest.raises(TaskNotOpen):
        instance.runtime.complete(task_ref, {})


def test_what_waits_for_no_person_is_not_completed_by_one() -> None:
    instance = instance_of("event_gateway_waits_for_a_receive_task")
    with pytest.raises(TaskNotOpen):
        instance.runtime.complete(instance.subscription("r").task_ref, {})


def test_a_person_is_not_sent_a_message() -> None:
    instance = instance_of("boundary_timer_interrupts_its_activity")
    for task_ref in (instance.activity("a").task_ref, instance.runtime.timers()[0].task_ref, 99):
        with pytest.raises(NotWaiting):
            instance.runtime.deliver(task_ref, {})


def test_a_task_ref_is_never_used_again() -> None:
    instance = instance_of("loop_of_people_may_be_long")
    seen = set()
    for _ in range(20):
        task_ref = instance.activity("a").task_ref
        assert task_ref not in seen
        seen.add(task_ref)
        instance.do("a")
    assert instance.activity("a").visit == 21


def test_nothing_happens_in_a_finished_instance() -> None:
    instance = instance_of("signal_end_event_is_broadcast").do("a")
    assert instance.finished == "completed"
    for step in (
        lambda: instance.runtime.complete(1, {}),
        lambda: instance.runtime.deliver(1, {}),
        lambda: instance.runtime.fire_timers(instance.host.time),
        instance.runtime.cancel,
    ):
        with pytest.raises(InstanceFinished):
            step()


def test_cancelling_ends_everything() -> None:
    instance = instance_of("boundary_message_interrupts_a_subprocess")
    instance.runtime.cancel()
    instance.put_down_and_pick_up()
    assert (instance.finished, instance.open, instance.due) == ("cancelled", [], {})
    assert instance.runtime.subscriptions() == []


def test_variables_handed_in_stay_as_they_are() -> None:
    program, host = (
        load_program(compile_diagram("embedded_subprocess_shares_the_variables")),
        TestHost(),
    )
    given = {"x": 1}
    runtime = Runtime.start(program, given, host)
    runtime.complete(runtime.open_activities()[0].task_ref, {"x": 2})
    assert given == {"x": 1}


def test_a_start_event_is_chosen_by_name() -> None:
    program = load_program(compile_diagram("message_starts_a_process"))
    with pytest.raises(UnknownStartEvent, match="begun"):
        Runtime.start(program, {}, TestHost(), start_event="elsewhere")


def test_endless_loop_is_stopped(run: Run) -> None:
    instance = run()
    with pytest.raises(StepBudgetExceeded):
        instance.do("a")


def test_automatic_loop_may_be_long(run: Run) -> None:
    """SpiffWorkflow's own tree stalls at a depth of 1,000, after some 330 rounds."""
    assert run().variables == {"n": 3000}


def test_loop_of_people_may_be_long(run: Run) -> None:
    instance = run()
    size = len(instance.runtime.save())
    for _ in range(1200):
        instance.do("a")
    assert instance.open == ["a"]
    assert len(instance.runtime.save()) < size + 40  # counters grow by a byte or two
    assert instance.do("a", stop=True).finished == "completed"


def test_a_script_must_give_a_context() -> None:
    definition = compile_normal(
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL">'
        '<bpmn:process id="p"><bpmn:startEvent id="s"/><bpmn:scriptTask id="a">'
        "<bpmn:script>1 + 1</bpmn:script></bpmn:scriptTask>"
        '<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="a"/></bpmn:process></bpmn:definitions>',
        "p",
    )
    with pytest.raises(ValueUnusable, match="'a'"):
        Runtime.start(load_program(definition), {}, TestHost())


def test_history_names_every_node_that_was_left() -> None:
    instance = instance_of("embedded_subprocess_shares_the_variables").do("a", x=1)
    assert instance.host.left == [(node, 1) for node in ("s", "qs", "a", "b", "qe", "q")]
