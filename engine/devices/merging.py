"""What becomes of a field that somebody else changed while a device was away: the form says it
(`x-merge`), and where it says nothing a person decides.

A signed value is never altered. What is merged is what the case goes on with; the record keeps what
was signed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from engine.canonical import record_value

Strategy = Literal[
    "ask",
    "server_wins",
    "observed",
    "max",
    "min",
    "sum_delta",
    "union",
    "append",
    "last_received",
    "locked",
]
STRATEGIES: tuple[Strategy, ...] = (
    "ask",
    "server_wins",
    "observed",
    "max",
    "min",
    "sum_delta",
    "union",
    "append",
    "last_received",
    "locked",
)
ASKS = frozenset({"ask", "locked"})
"""With these nothing is merged: a person decides, or the field may not have changed at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldConflict:
    """A field that was `base` when the person saw it, is `theirs` by now, and `mine` is what the
    person gave."""

    name: str
    base: Any
    theirs: Any
    mine: Any
    strategy: Strategy


class CannotMerge(ValueError):
    """These values cannot be merged as the form says: a person decides."""


def conflicts(
    *,
    base: Mapping[str, Any],
    current: Mapping[str, Any],
    mine: Mapping[str, Any],
    strategy_of: Callable[[str], Strategy],
) -> list[FieldConflict]:
    """List the fields that both changed, and to something else. Values that agree conflict never,
    nor does a field that the device saw as it still is. Only of a sum both changes count, also
    where they are the same: two who each took five took ten."""
    found = []
    for name in sorted(mine.keys() & base.keys()):
        theirs = _written_as(mine[name], record_value(current.get(name)))
        seen = _written_as(mine[name], base[name])
        strategy = strategy_of(name)
        if theirs == seen or (theirs == mine[name] and strategy != "sum_delta"):
            continue
        conflict = FieldConflict(
            name=name, base=seen, theirs=theirs, mine=mine[name], strategy=strategy
        )
        found.append(conflict)
    return found


def _written_as(given: Any, value: Any) -> Any:
    """Write a whole number as text where the form does: a case cannot tell 3 from "3"."""
    if isinstance(given, str) and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def merged(conflict: FieldConflict) -> Any:
    """Give what the case goes on with. Raises CannotMerge."""
    match conflict.strategy:
        case "server_wins":
            return conflict.theirs
        case "observed" | "last_received":
            return conflict.mine
        case "max" | "min":
            return _extreme(conflict)
        case "sum_delta":
            return _sum(conflict)
        case "union":
            return _union(conflict)
        case "append":
            return _append(conflict)
        case _:
            raise CannotMerge(conflict.name)


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise CannotMerge(str(value))
    try:
        return Decimal(value)
    except InvalidOperation as failure:
        raise CannotMerge(value) from failure


def _extreme(conflict: FieldConflict) -> Any:
    """Compare numbers as such, and what is no number (dates) as text of one form."""
    values = (conflict.theirs, conflict.mine)
    if any(value is None for value in values):
        return next((value for value in values if value is not None), None)
    choose = max if conflict.strategy == "max" else min
    try:
        return choose(values, key=_number)
    except CannotMerge:
        if all(isinstance(value, str) for value in values):
            return choose(values)
        raise


def _sum(conflict: FieldConflict) -> Any:
    """Add what the person changed to what it is by now: 10 seen, 7 given, 8 now → 5."""
    seen = Decimal(0) if conflict.base is None else _number(conflict.base)
    now = Decimal(0) if conflict.theirs is None else _number(conflict.theirs)
    total = now + _number(conflict.mine) - seen
    return int(total) if isinstance(conflict.mine, int) else format(total, "f")


def _union(conflict: FieldConflict) -> list[Any]:
    theirs, mine = conflict.theirs or [], conflict.mine or []
    if not isinstance(theirs, list) or not isinstance(mine, list):
        raise CannotMerge(conflict.name)
    return [*theirs, *(each for each in mine if each not in theirs)]


def _append(conflict: FieldConflict) -> str:
    if not isinstance(conflict.theirs, str) or not isinstance(conflict.mine, str):
        raise CannotMerge(conflict.name)
    return f"{conflict.theirs}\n{conflict.mine}"
