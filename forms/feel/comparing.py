"""When values are equal, which of two is less, and what lies within a range: with three answers.

None stands for "cannot be said": values of unlike types are neither equal nor unequal.
"""

from decimal import Decimal

from forms.feel import temporal
from forms.feel.temporal import Date, DateTime, DaysTime, Time, YearsMonths
from forms.feel.values import Budget, Range, Value


def equal(budget: Budget, a: Value, b: Value) -> bool | None:
    """Tell whether a = b: null equals null only; for unlike types there is no answer (None)."""
    if a is None or b is None:
        return a is b
    kind = type(a)
    if kind is not type(b):
        return None
    if kind is Decimal or kind is str or kind is bool:
        return a == b
    if kind is list:
        return _equal_lists(budget, a, b)  # type: ignore[arg-type]
    if kind is dict:
        return _equal_contexts(budget, a, b)  # type: ignore[arg-type]
    if kind is Range:
        return _equal_ranges(budget, a, b)  # type: ignore[arg-type]
    left, right = _order_key(a), _order_key(b)
    if left is None or right is None or left[0] != right[0]:
        return None
    return left[1] == right[1]


def _equal_lists(budget: Budget, a: list[Value], b: list[Value]) -> bool | None:
    if len(a) != len(b):
        return False
    budget.spend(len(a))
    known = True
    for left, right in zip(a, b, strict=True):
        same = equal(budget, left, right)
        if same is False:
            return False
        known = known and same is True
    return True if known else None


def _equal_contexts(budget: Budget, a: dict[str, Value], b: dict[str, Value]) -> bool | None:
    if a.keys() != b.keys():
        return False
    budget.spend(len(a))
    known = True
    for key, left in a.items():
        same = equal(budget, left, b[key])
        if same is False:
            return False
        known = known and same is True
    return True if known else None


def _equal_ranges(budget: Budget, a: Range, b: Range) -> bool | None:
    if (a.op, a.start_included, a.end_included) != (b.op, b.start_included, b.end_included):
        return False
    return _equal_lists(budget, [a.start, a.end], [b.start, b.end])


def less(a: Value, b: Value) -> bool | None:
    """Tell whether a < b; None for unlike or unordered types. Texts by code point."""
    kind = type(a)
    if kind is not type(b):
        return None
    if kind is Decimal or kind is str:
        return a < b  # type: ignore[operator]
    left, right = _order_key(a), _order_key(b)
    if left is None or right is None or left[0] != right[0]:
        return None
    return left[1] < right[1]


def _order_key(
    value: Value,
) -> tuple[str, int] | None:
    """Say what may be compared with what, and by which whole number."""
    match value:
        case Date():
            return "", value.days
        case DaysTime():
            return "", value.nanos
        case YearsMonths():
            return "", value.months
        case DateTime():
            return ("local" if value.offset is None else "instant"), temporal.instant(value)
        case Time():
            if value.zone is not None:
                return value.zone, value.nanos
            if value.offset is None:
                return "local", value.nanos
            return "offset", value.nanos - value.offset * temporal.NANOS
        case _:
            return None


def negated(value: bool | None) -> bool | None:  # noqa: FBT001
    """Negate, with three values."""
    return None if value is None else not value


def contains(budget: Budget, interval: Range, value: Value) -> bool | None:
    """Tell whether `value` lies in the range; None when it cannot be compared with the ends."""
    if value is None:
        return None
    if interval.op in ("=", "!="):
        same = equal(budget, value, interval.start)
        return same if interval.op == "=" else negated(same)
    above = _beyond(interval.start, value, included=interval.start_included)
    below = _beyond(value, interval.end, included=interval.end_included)
    if above is False or below is False:
        return False
    return None if above is None or below is None else True


def _beyond(low: Value, high: Value, *, included: bool) -> bool | None:
    """Compare low < high (≤ when `included`); the open side of a one-sided test is passed."""
    if low is None or high is None:
        return True
    return negated(less(high, low)) if included else less(low, high)
