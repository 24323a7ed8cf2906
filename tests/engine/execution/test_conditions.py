"""Conditional events look at the variables whenever these may have changed."""

import pytest

from engine.execution import NothingCanContinue
from tests.engine.execution.conftest import Run


def test_conditional_event_waits_for_its_condition(run: Run) -> None:
    # what the person enters and what the script makes of it both count
    assert run().do("a", level=5).open == ["b"]
    assert run({"level": 9}).open == ["a", "b"]


def test_conditional_event_that_can_never_come_true_is_a_deadlock(run: Run) -> None:
    """Nothing but a step of the instance changes its variables, and no step is left."""
    instance = run()
    with pytest.raises(NothingCanContinue, match="c waits"):
        instance.do("a", level=3)


def test_boundary_condition_fires_each_time_it_turns_true(run: Run) -> None:
    instance = run()
    for temperature, looks in [(4, 0), (9, 1), (10, 1), (5, 1), (11, 2)]:
        instance.do("a", temperature=temperature)
        assert instance.open == ["a"] + ["look"] * looks + ["w"]
    instance.do("w")
    instance.do("a", temperature=1)
    assert instance.do("a", temperature=99).open == ["a", "look", "look"]
