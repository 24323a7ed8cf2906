"""Gateways take the flows and wait for the tokens that BPMN says."""

import pytest

from engine.execution import NoPathTaken, NothingCanContinue
from tests.engine.execution.conftest import Run


@pytest.mark.parametrize(("x", "taken"), [(4, "b"), (3, "d"), (1, "c"), (None, "c")])
def test_exclusive_gateway_takes_the_first_true_flow(run: Run, x: int | None, taken: str) -> None:
    assert run().do("a", x=x).open == [taken]


def test_exclusive_gateway_without_a_true_flow_is_an_error(run: Run) -> None:
    instance = run()
    with pytest.raises(NoPathTaken, match="'g'"):
        instance.do("a", x=1)


@pytest.mark.parametrize("orders", [("ab", "ba"), ("ba", "ab"), ("ab", "ab", "ba")])
def test_parallel_join_in_a_loop_waits_for_both_in_every_round(
    run: Run, orders: tuple[str, ...]
) -> None:
    instance = run()
    for number, order in enumerate(orders):
        assert instance.do(order[0]).open == [order[1]]
        assert instance.do(order[1]).open == ["review"]
        instance.do("review", again=number + 1 < len(orders))
    assert instance.finished == "completed"
    assert instance.left.count("j") == len(orders)


def test_parallel_join_that_lacks_a_branch_is_named(run: Run) -> None:
    instance = run()
    with pytest.raises(NothingCanContinue, match="j waits for a token"):
        instance.do("a", x=1)


def test_two_flows_from_one_node_to_a_join_are_two(run: Run) -> None:
    instance = run()
    assert instance.open == ["a"]
    assert instance.do("a").open == ["b"]
    assert instance.do("b").finished == "completed"


def test_parallel_join_keeps_a_token_that_came_too_early(run: Run) -> None:
    instance = run()
    instance.do("a").do("b")
    assert instance.do("c").open == ["after"]
    # the second token of a and b still stands before the join and will never be fetched
    with pytest.raises(NothingCanContinue):
        instance.do("after")


@pytest.mark.parametrize(("x", "opened"), [(3, ["b", "c"]), (2, ["b"]), (1, ["d"])])
def test_inclusive_join_waits_for_what_can_still_arrive(
    run: Run, x: int, opened: list[str]
) -> None:
    instance = run().do("a", x=x)
    assert instance.open == opened
    for number, activity in enumerate(opened, 1):
        instance.do(activity)
        assert instance.open == (opened[number:] or ["after"])


@pytest.mark.parametrize("rounds", [[True, False, True], [False, True], [True, True]])
def test_inclusive_join_in_a_loop_counts_every_round_anew(run: Run, rounds: list[bool]) -> None:
    instance = run()
    for number, both in enumerate(rounds):
        instance.do("a", both=both)
        assert instance.open == (["b", "c"] if both else ["b"])
        if both:
            assert instance.do("c").open == ["b"]
        assert instance.do("b").open == ["review"]
        instance.do("review", again=number + 1 < len(rounds))
    assert instance.finished == "completed"


@pytest.mark.parametrize("leave", [True, False])
def test_inclusive_join_goes_on_when_a_branch_ends_elsewhere(run: Run, *, leave: bool) -> None:
    instance = run().do("b")
    assert instance.open == ["c"]
    assert instance.do("c", leave=leave).open == ["after"]
    assert instance.do("after").finished == "completed"


def test_event_gateway_takes_what_happens_first(run: Run) -> None:
    instance = run({"order": 4711})
    assert instance.due == {"soon": "2026-11-22 13:00", "late": "2026-11-22 14:00"}
    assert instance.subscription("answered").correlation == "4711"
    instance.tell("answered", said="yes")
    assert (instance.open, instance.due, instance.variables["said"]) == (["a"], {}, "yes")

    late = run({"order": 4711})
    assert late.wait(hours=3) == 1
    assert (late.open, late.runtime.subscriptions(), late.due) == (["b"], [], {})


def test_event_gateway_waits_for_a_receive_task(run: Run) -> None:
    instance = run().tell("r", ok=True)
    assert (instance.open, instance.variables) == (["a"], {"reply": {"ok": True}})
    assert run().wait(hours=1) == 1
