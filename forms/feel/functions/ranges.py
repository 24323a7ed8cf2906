"""Allen's relations between points and ranges, and range(): DMN 1.3 table 78 ff."""

import re

from forms.feel import decimals, temporal
from forms.feel.values import Budget, Range, Value, contains, equal, less

_END = (
    r'(-?(?:\d+(?:\.\d+)?|\.\d+)|@?"(?:[^"\\])*"'
    r'|(?:date and time|date|time|duration)\(\s*"[^"\\]*"\s*\))'
)
_RANGE = re.compile(rf"\s*([\[(\]])\s*{_END}\s*\.\.\s*{_END}\s*([\])\[])\s*", re.ASCII)


class _UnknownError(Exception):
    """Two ends cannot be compared: the whole relation is null."""


def _less(a: Value, b: Value) -> bool:
    answer = less(a, b)
    if answer is None:
        raise _UnknownError
    return answer


def _same(budget: Budget, a: Value, b: Value) -> bool:
    answer = None if a is None or b is None else equal(budget, a, b)
    if answer is None:
        raise _UnknownError
    return answer


def before(budget: Budget, a: Value, b: Value) -> Value:
    if a is None or b is None:
        return None
    end, end_included = (a.end, a.end_included) if isinstance(a, Range) else (a, True)
    start, start_included = (b.start, b.start_included) if isinstance(b, Range) else (b, True)
    try:
        touching = not (end_included and start_included) and _same(budget, end, start)
        return touching or _less(end, start)
    except _UnknownError:
        return None


def after(budget: Budget, a: Value, b: Value) -> Value:
    return before(budget, b, a)


def meets(budget: Budget, a: Value, b: Value) -> Value:
    if not isinstance(a, Range) or not isinstance(b, Range):
        return None
    try:
        return _same(budget, a.end, b.start) and a.end_included and b.start_included
    except _UnknownError:
        return None


def met_by(budget: Budget, a: Value, b: Value) -> Value:
    return meets(budget, b, a)


def overlaps(budget: Budget, a: Value, b: Value) -> Value:
    if not isinstance(a, Range) or not isinstance(b, Range):
        return None
    try:
        return _reaches(budget, a, b) and _reaches(budget, b, a)
    except _UnknownError:
        return None


def _reaches(budget: Budget, a: Range, b: Range) -> bool:
    """Tell whether a ends at or after the start of b."""
    return _less(b.start, a.end) or (
        a.end_included and b.start_included and _same(budget, a.end, b.start)
    )


def overlaps_before(budget: Budget, a: Value, b: Value) -> Value:
    if not isinstance(a, Range) or not isinstance(b, Range):
        return None
    try:
        starts_first = _less(a.start, b.start) or (
            a.start_included and not b.start_included and _same(budget, a.start, b.start)
        )
        ends_first = _less(a.end, b.end) or (
            (not a.end_included or b.end_included) and _same(budget, a.end, b.end)
        )
        return starts_first and _reaches(budget, a, b) and ends_first
    except _UnknownError:
        return None


def overlaps_after(budget: Budget, a: Value, b: Value) -> Value:
    return overlaps_before(budget, b, a)


def finishes(budget: Budget, a: Value, b: Value) -> Value:
    if not isinstance(b, Range) or a is None:
        return None
    try:
        if not isinstance(a, Range):
            return _same(budget, a, b.end) and b.end_included
        return (
            _same(budget, a.end, b.end)
            and a.end_included == b.end_included
            and _starts_within(budget, a, b)
        )
    except _UnknownError:
        return None


def finished_by(budget: Budget, a: Value, b: Value) -> Value:
    return finishes(budget, b, a)


def starts(budget: Budget, a: Value, b: Value) -> Value:
    if not isinstance(b, Range) or a is None:
        return None
    try:
        if not isinstance(a, Range):
            return _same(budget, a, b.start) and b.start_included
        return (
            _same(budget, a.start, b.start)
            and a.start_included == b.start_included
            and _ends_within(budget, a, b)
        )
    except _UnknownError:
        return None


def started_by(budget: Budget, a: Value, b: Value) -> Value:
    return starts(budget, b, a)


def includes(budget: Budget, a: Value, b: Value) -> Value:
    if not isinstance(a, Range) or b is None:
        return None
    if not isinstance(b, Range):
        return contains(budget, a, b)
    try:
        return _starts_within(budget, b, a) and _ends_within(budget, b, a)
    except _UnknownError:
        return None


def during(budget: Budget, a: Value, b: Value) -> Value:
    return includes(budget, b, a)


def _starts_within(budget: Budget, inner: Range, outer: Range) -> bool:
    return _less(outer.start, inner.start) or (
        (outer.start_included or not inner.start_included)
        and _same(budget, outer.start, inner.start)
    )


def _ends_within(budget: Budget, inner: Range, outer: Range) -> bool:
    return _less(inner.end, outer.end) or (
        (outer.end_included or not inner.end_included) and _same(budget, outer.end, inner.end)
    )


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
