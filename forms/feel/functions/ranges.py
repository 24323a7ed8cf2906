"""Allen's relations between points and ranges, and range(): DMN 1.3 table 78 ff."""

import re
from collections.abc import Callable

from forms.feel import decimals, temporal
from forms.feel.comparing import equal, less
from forms.feel.values import Budget, Range, Value

_END = (
    r'(-?(?:\d+(?:\.\d+)?|\.\d+)|@?"(?:[^"\\])*"'
    r'|(?:date and time|date|time|duration)\(\s*"[^"\\]*"\s*\))'
)
_RANGE = re.compile(rf"\s*([\[(\]])\s*{_END}\s*\.\.\s*{_END}\s*([\])\[])\s*", re.ASCII)


_Edge = tuple[Value, int]
"""An end of a range as a place on the line: a value, and −1, 0 or 1 for just before, at, just after
it; or no value, and the side on which a one-sided range is open. A point is both ends of itself."""


class _UnknownError(Exception):
    """Two ends cannot be compared: the whole relation is null."""


def _start(value: Value) -> _Edge:
    if isinstance(value, Range):
        return value.start, -1 if value.start is None else int(not value.start_included)
    return value, 0


def _end(value: Value) -> _Edge:
    if isinstance(value, Range):
        return value.end, 1 if value.end is None else -int(not value.end_included)
    return value, 0


def _order(a: _Edge, b: _Edge) -> int:
    """Give a negative number, 0 or a positive one as a lies before, at or after b."""
    if a[0] is None or b[0] is None:
        return (a[1] if a[0] is None else 0) - (b[1] if b[0] is None else 0)
    below, above = less(a[0], b[0]), less(b[0], a[0])
    if below is None or above is None:
        raise _UnknownError
    return above - below or a[1] - b[1]


def _relation(
    test: Callable[[Value, Value], bool],
    first: type = object,
    second: type = object,
) -> Callable[[Budget, Value, Value], Value]:
    """Make a function of a relation; what is null, or no `first` and `second`, has no answer."""

    def function(_: Budget, a: Value, b: Value) -> Value:
        if a is None or b is None or not isinstance(a, first) or not isinstance(b, second):
            return None
        try:
            return test(a, b)
        except _UnknownError:
            return None

    return function


def _before(a: Value, b: Value) -> bool:
    return _order(_end(a), _start(b)) < 0


def _meets(a: Value, b: Value) -> bool:
    return _end(a)[1] == 0 and _order(_end(a), _start(b)) == 0


def _overlaps(a: Value, b: Value) -> bool:
    return _order(_start(b), _end(a)) <= 0 and _order(_start(a), _end(b)) <= 0


def _overlaps_before(a: Value, b: Value) -> bool:
    return (
        _order(_start(a), _start(b)) < 0
        and _order(_start(b), _end(a)) <= 0
        and _order(_end(a), _end(b)) <= 0
    )


def _finishes(a: Value, b: Value) -> bool:
    return _order(_end(a), _end(b)) == 0 and (
        not isinstance(a, Range) or _order(_start(b), _start(a)) <= 0
    )


def _starts(a: Value, b: Value) -> bool:
    return _order(_start(a), _start(b)) == 0 and (
        not isinstance(a, Range) or _order(_end(a), _end(b)) <= 0
    )


def _includes(a: Value, b: Value) -> bool:
    return _order(_start(a), _start(b)) <= 0 and _order(_end(b), _end(a)) <= 0


def swapped(
    relation: Callable[[Budget, Value, Value], Value],
) -> Callable[[Budget, Value, Value], Value]:
    """Make the relation seen from the other side."""
    return lambda budget, a, b: relation(budget, b, a)


before = _relation(_before)
after = swapped(before)
meets = _relation(_meets, Range, Range)
met_by = swapped(meets)
overlaps = _relation(_overlaps, Range, Range)
overlaps_before = _relation(_overlaps_before, Range, Range)
overlaps_after = swapped(overlaps_before)
finishes = _relation(_finishes, object, Range)
finished_by = swapped(finishes)
starts = _relation(_starts, object, Range)
started_by = swapped(starts)
includes = _relation(_includes, Range)
during = swapped(includes)


def coincides(budget: Budget, a: Value, b: Value) -> Value:
    if a is None or b is None or isinstance(a, Range) != isinstance(b, Range):
        return None
    return equal(budget, a, b)


def make_range(budget: Budget, text: Value) -> Value:
    """Read the range that a text such as "[1..10)" shows; its ends are literals, in order."""
    found = _RANGE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    start, end = _literal(found[2]), _literal(found[3])
    budget.spend(1)
    if start is None or end is None or less(end, start) is not False:
        return None
    return Range(start, end, found[1] == "[", found[4] == "]")


def _literal(text: str) -> Value:
    if text[0] == '"':
        return text[1:-1]
    if '"' not in text:
        return decimals.number(text)
    value = temporal.parse_temporal(text[text.index('"') + 1 : text.rindex('"')])
    kind = text.split("(", maxsplit=1)[0]
    wanted = {
        "date": temporal.Date,
        "time": temporal.Time,
        "date and time": temporal.DateTime,
    }.get(kind)
    if wanted is not None and not isinstance(value, wanted):
        return None
    if kind == "duration" and not isinstance(value, temporal.DaysTime | temporal.YearsMonths):
        return None
    return value
