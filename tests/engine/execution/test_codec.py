"""A saved instance is small, exact, of one definition, and never half read."""

from decimal import Decimal
from functools import cache

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.execution import CalledProcessMissing, Program, StateUnreadable, load_program
from engine.execution.codec import FORMAT
from engine.execution.runtime import Runtime
from tests.engine.execution.compile import compile_diagram
from tests.engine.execution.host import TestHost

NAME = "multi_instance_subprocess_keeps_its_instances_apart"


@cache
def program() -> Program:
    return load_program(compile_diagram(NAME))


def saved() -> tuple[bytes, dict[str, object]]:
    runtime = Runtime.start(program(), {"lots": ["L1", Decimal("2.50")]}, TestHost())
    runtime.complete(runtime.open_activities()[0].task_ref, {"value": Decimal("0.10")})
    return runtime.save(), runtime.variables


def test_saving_and_restoring_changes_nothing() -> None:
    state, variables = saved()
    restored = Runtime.restore(program(), state, variables, TestHost())
    assert restored.save() == state
    assert [str(a.locals["lot"]) for a in restored.open_activities()] == ["2.50", "L1"]
    values = [a.locals.get("value") for a in restored.open_activities()]
    assert str(values[1]) == "0.10"


def test_a_typical_instance_is_small() -> None:
    definition = compile_diagram("boundary_timer_repeats_beside_its_activity")
    assert len(Runtime.start(load_program(definition), {}, TestHost()).save()) < 250


@pytest.mark.parametrize("state", [b"", b"\xc1", b"no", msgspec.msgpack.encode([1, 2, 3])])
def test_what_is_no_state_is_refused(state: bytes) -> None:
    with pytest.raises(StateUnreadable):
        Runtime.restore(program(), state, {}, TestHost())


def test_a_state_of_an_unknown_format_is_refused() -> None:
    state = msgspec.msgpack.decode(saved()[0])
    state[0] = FORMAT + 1
    with pytest.raises(StateUnreadable, match="format"):
        Runtime.restore(program(), msgspec.msgpack.encode(state), {}, TestHost())


def test_a_state_of_another_definition_is_refused() -> None:
    other = load_program(compile_diagram("embedded_subprocess_shares_the_variables"))
    with pytest.raises(StateUnreadable, match="definition"):
        Runtime.restore(other, saved()[0], {}, TestHost())


@settings(deadline=None)  # the machine may be busy
@given(position=st.integers(0, 10_000), value=st.integers(0, 255))
def test_a_damaged_state_is_refused_or_harmless(position: int, value: int) -> None:
    """One changed byte: it is said, or an instance is read that can be asked and saved."""
    state, variables = saved()
    damaged = bytearray(state)
    damaged[position % len(state)] = value
    try:
        runtime = Runtime.restore(program(), bytes(damaged), variables, TestHost())
    except (StateUnreadable, CalledProcessMissing):
        return
    runtime.open_activities()
    runtime.timers()
    runtime.save()


@settings(deadline=None)  # the machine may be busy
@given(cut=st.integers(0, 10_000))
def test_a_truncated_state_is_refused(cut: int) -> None:
    state, variables = saved()
    with pytest.raises(StateUnreadable):
        Runtime.restore(program(), state[: cut % len(state)], variables, TestHost())
