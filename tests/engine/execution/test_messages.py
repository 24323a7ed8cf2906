"""Messages and signals: who waits for what, what leaves the instance, what stays armed."""

import pytest

from engine.execution import NotWaiting, ValueUnusable
from tests.engine.execution.conftest import Run


def test_message_event_waits_for_its_correlation(run: Run) -> None:
    instance = run().do("a", order="PO-1")
    waiting = instance.subscription("m")
    assert (waiting.kind, waiting.name, waiting.correlation) == ("message", "delivery", "PO-1")
    instance.tell("m", quantity=5)
    assert (instance.open, instance.variables["quantity"]) == (["b"], 5)
    with pytest.raises(NotWaiting):
        instance.runtime.deliver(waiting.task_ref, {})


@pytest.mark.parametrize("order", [None, True, "", {"a": 1}])
def test_message_correlation_must_have_a_value(run: Run, order: object) -> None:
    instance = run()
    with pytest.raises(ValueUnusable, match="'m'"):
        instance.do("a", order=order)


def test_receive_task_takes_the_payload_as_its_result(run: Run) -> None:
    instance = run()
    assert instance.subscription("m").correlation == "12.5"
    instance.tell("m", quantity=5)
    assert instance.variables == {"delivery": {"quantity": 5}}


def test_message_always_leaves_the_instance(run: Run) -> None:
    """Also where the instance itself waits for it: correlating is the engine's business."""
    instance = run({"order": 7, "count": 1}).do("a")
    first, second, last = instance.thrown
    assert (first.name, first.correlation, first.payload) == ("ask", "7", {"order": 7, "count": 2})
    assert (second.name, second.correlation, second.payload) == ("ask", None, {})
    assert (last.name, last.activity_id) == ("done", "e")
    assert instance.subscription("m").name == "ask"
    assert instance.runtime.take_thrown() == []


def test_message_starts_a_process(run: Run) -> None:
    assert run().open == ["a"]
    begun = run(start_event="begun", payload={"lot": "L1"})
    assert (begun.open, begun.variables) == (["b"], {"receipt": {"lot": "L1"}})


def test_start_form_answers_into_its_result(run: Run) -> None:
    assert run(start_event="s", payload={"lot": "L1"}).variables == {"request": {"lot": "L1"}}


def test_boundary_message_that_does_not_interrupt_stays_armed(run: Run) -> None:
    instance = run({"order": "PO-1"})
    for number in (1, 2):
        instance.tell("change", number=number)
        assert instance.open == ["a"] + ["look"] * number
        assert instance.variables["change"] == {"number": number}
        assert instance.subscription("change").correlation == "PO-1"
    visits = [a.visit for a in instance.runtime.open_activities() if a.activity_id == "look"]
    assert visits == [1, 2]
    instance.do("a")
    assert (instance.open, instance.runtime.subscriptions()) == (["look", "look"], [])
    assert instance.do("look").do("look").finished == "completed"


def test_boundary_message_interrupts_a_subprocess(run: Run) -> None:
    instance = run()
    assert (instance.open, list(instance.due)) == (["a", "b"], ["t"])
    instance.tell("recall")
    assert (instance.open, instance.due) == (["stop"], {})
    assert instance.do("stop").finished == "completed"


def test_signal_reaches_everyone_who_waits(run: Run) -> None:
    instance = run({"lot": "L1"})
    instance.do("a")
    # "one" and "two" waited; "three" came after the signal and waits on
    assert instance.open == ["b", "c", "d"]
    assert [(t.kind, t.name, t.payload) for t in instance.thrown] == [
        ("signal", "recall", {"lot": "L1"})
    ]
    assert {s.activity_id for s in instance.runtime.subscriptions()} == {"two", "three"}
    instance.tell("three").tell("two")
    assert instance.open == ["b", "c", "d", "d"]


def test_signal_end_event_is_broadcast(run: Run) -> None:
    assert [t.kind for t in run().do("a").thrown] == ["signal"]
