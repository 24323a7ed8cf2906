"""What becomes of a field that others changed while a device was away."""

from decimal import Decimal
from typing import Any

import pytest

from engine.devices.merging import CannotMerge, FieldConflict, Strategy, conflicts, merged


def found(base: Any, current: Any, mine: Any) -> list[FieldConflict]:
    return conflicts(
        base={"f": base}, current={"f": current}, mine={"f": mine}, strategy_of=lambda _: "ask"
    )


@pytest.mark.parametrize(
    ("base", "current", "mine"),
    [
        ("3", Decimal(3), "5"),  # a case cannot tell 3 from "3": nobody changed it
        (3, Decimal(3), "5"),
        ("2", Decimal(5), "5"),  # both came to the same
        ("x", "x", "y"),
        (None, None, "y"),
        (True, True, False),
    ],
)
def test_what_agrees_conflicts_never(base: Any, current: Any, mine: Any) -> None:
    assert found(base, current, mine) == []


@pytest.mark.parametrize(
    ("base", "current", "mine"),
    [("0123", "123", "0123x"), ("1", Decimal("1.50"), "2"), (True, False, "x")],
)
def test_what_others_changed_conflicts(base: Any, current: Any, mine: Any) -> None:
    assert len(found(base, current, mine)) == 1


@pytest.mark.parametrize(
    ("strategy", "base", "theirs", "mine", "value"),
    [
        ("server_wins", "1", "2", "3", "2"),
        ("observed", "1", "2", "3", "3"),
        ("last_received", "1", "2", "3", "3"),
        ("max", "1", "10", "9", "10"),
        ("min", "2026-11-20", "2026-11-22", "2026-11-21", "2026-11-21"),
        ("min", None, None, "9", "9"),
        ("sum_delta", "10", "8", "7", "5"),
        ("sum_delta", 10, 8, 7, 5),
        ("union", ["a"], ["a", "b"], ["a", "c"], ["a", "b", "c"]),
        ("append", "", "theirs", "mine", "theirs\nmine"),
    ],
)
def test_strategies(strategy: Strategy, base: Any, theirs: Any, mine: Any, value: Any) -> None:
    conflict = FieldConflict(name="f", base=base, theirs=theirs, mine=mine, strategy=strategy)
    assert merged(conflict) == value


@pytest.mark.parametrize(
    ("strategy", "mine"), [("ask", "1"), ("locked", "1"), ("sum_delta", "x"), ("union", "x")]
)
def test_what_cannot_be_merged_is_a_persons(strategy: Strategy, mine: Any) -> None:
    conflict = FieldConflict(name="f", base=None, theirs=["2"], mine=mine, strategy=strategy)
    with pytest.raises(CannotMerge):
        merged(conflict)
