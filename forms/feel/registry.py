"""The built-in functions by their FEEL names, with the names of their parameters.

A function may have several signatures. A call by position takes the first whose number of
parameters fits, a call by name the first that has all the names. A call that fits none is null.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from forms.feel.comparing import equal, negated
from forms.feel.functions import contexts, lists, numbers, ranges, texts, times
from forms.feel.temporal import DateTime, Time
from forms.feel.values import Budget, Value


@dataclass(frozen=True, slots=True)
class Signature:
    """`required` of the parameters must be given. `gathers`: many values stand for one list.

    `repeats`: the last parameter may be given any number of times.
    """

    parameters: tuple[str, ...]
    required: int
    function: Callable[..., Value]
    gathers: bool = False
    repeats: bool = False


def _not(_: Budget, negand: Value) -> Value:
    return negated(negand) if isinstance(negand, bool) else None


def _is(budget: Budget, value1: Value = None, value2: Value = None) -> Value:
    """Tell whether two values are one value of one type; times also of one offset or zone."""
    if type(value1) is not type(value2):
        return False
    if isinstance(value1, Time | DateTime):
        return value1 == value2
    return equal(budget, value1, value2) is True


def _of(parameters: str, function: Callable[..., Value], required: int | None = None) -> Signature:
    names = tuple(name.strip() for name in parameters.split(",") if name.strip())
    return Signature(names, len(names) if required is None else required, function)


def _gathering(function: Callable[..., Value]) -> tuple[Signature, ...]:
    return (Signature(("list",), 1, function, gathers=True),)


def _repeating(parameters: str, function: Callable[..., Value]) -> tuple[Signature, ...]:
    names = tuple(name.strip() for name in parameters.split(","))
    return (Signature(names, len(names), function, repeats=True),)


BUILTINS: Final[dict[str, tuple[Signature, ...]]] = {
    # booleans
    "not": (_of("negand", _not),),
    "is": (Signature(("value1", "value2"), 0, _is),),
    # numbers
    "number": (
        _of("from, grouping separator, decimal separator", numbers.number),
        _of("from", numbers.number),
    ),
    "decimal": (_of("n, scale", numbers.decimal),),
    "floor": (_of("n, scale", numbers.floor, 1),),
    "ceiling": (_of("n, scale", numbers.ceiling, 1),),
    "round up": (_of("n, scale", numbers.round_up),),
    "round down": (_of("n, scale", numbers.round_down),),
    "round half up": (_of("n, scale", numbers.round_half_up),),
    "round half down": (_of("n, scale", numbers.round_half_down),),
    "abs": (_of("n", numbers.absolute),),
    "modulo": (_of("dividend, divisor", numbers.modulo),),
    "sqrt": (_of("number", numbers.sqrt),),
    "log": (_of("number", numbers.log),),
    "exp": (_of("number", numbers.exp),),
    "odd": (_of("number", numbers.odd),),
    "even": (_of("number", numbers.even),),
    # texts
    "string": (_of("from", texts.string),),
    "substring": (_of("string, start position, length", texts.substring, 2),),
    "string length": (_of("string", texts.string_length),),
    "upper case": (_of("string", texts.upper_case),),
    "lower case": (_of("string", texts.lower_case),),
    "substring before": (_of("string, match", texts.substring_before),),
    "substring after": (_of("string, match", texts.substring_after),),
    "contains": (_of("string, match", texts.contains),),
    "starts with": (_of("string, match", texts.starts_with),),
    "ends with": (_of("string, match", texts.ends_with),),
    "matches": (_of("input, pattern, flags", texts.matches, 2),),
    "replace": (_of("input, pattern, replacement, flags", texts.replace, 3),),
    "split": (_of("string, delimiter", texts.split),),
    "string join": (_of("list, delimiter", texts.string_join, 1),),
    # lists
    "list contains": (_of("list, element", lists.list_contains),),
    "count": _gathering(lists.count),
    "min": _gathering(lists.minimum),
    "max": _gathering(lists.maximum),
    "sum": _gathering(lists.sum_),
    "product": _gathering(lists.product),
    "mean": _gathering(lists.mean),
    "median": _gathering(lists.median),
    "stddev": _gathering(lists.stddev),
    "mode": _gathering(lists.mode),
    "all": _gathering(lists.all_),
    "any": _gathering(lists.any_),
    "sublist": (_of("list, start position, length", lists.sublist, 2),),
    "append": _repeating("list, item", lists.append),
    "concatenate": _repeating("list", lists.concatenate),
    "union": _repeating("list", lists.union),
    "insert before": (_of("list, position, newItem", lists.insert_before),),
    "remove": (_of("list, position", lists.remove),),
    "reverse": (_of("list", lists.reverse),),
    "index of": (_of("list, match", lists.index_of),),
    "distinct values": (_of("list", lists.distinct_values),),
    "flatten": (_of("list", lists.flatten),),
    "list replace": (
        _of("list, position, newItem", lists.list_replace),
        _of("list, match, newItem", lists.list_replace),
    ),
    "sort": (_of("list, precedes", lists.sort, 1),),
    # contexts
    "get value": (_of("m, key", contexts.get_value), _of("context, keys", contexts.get_value)),
    "get entries": (_of("m", contexts.get_entries),),
    "context": (_of("entries", contexts.context),),
    "context put": (
        _of("context, keys, value", contexts.context_put),
        _of("context, key, value", contexts.context_put),
    ),
    "context merge": (_of("contexts", contexts.context_merge),),
    # dates, times, durations
    "date": (_of("from", times.date), _of("year, month, day", times.date_of_parts)),
    "time": (
        _of("from", times.time),
        _of("hour, minute, second, offset", times.time_of_parts, 3),
    ),
    "date and time": (
        _of("from", times.date_and_time),
        _of("date, time", times.date_and_time_of_parts),
    ),
    "duration": (_of("from", times.duration),),
    "years and months duration": (_of("from, to", times.years_and_months_duration),),
    "now": (_of("", times.now),),
    "today": (_of("", times.today),),
    "day of week": (_of("date", times.day_of_week),),
    "day of year": (_of("date", times.day_of_year),),
    "week of year": (_of("date", times.week_of_year),),
    "month of year": (_of("date", times.month_of_year),),
    # ranges
    "range": (_of("from", ranges.make_range),),
    "before": (_of("point1, point2", ranges.before), _of("range1, range2", ranges.before)),
    "after": (_of("point1, point2", ranges.after), _of("range1, range2", ranges.after)),
    "meets": (_of("range1, range2", ranges.meets),),
    "met by": (_of("range1, range2", ranges.met_by),),
    "overlaps": (_of("range1, range2", ranges.overlaps),),
    "overlaps before": (_of("range1, range2", ranges.overlaps_before),),
    "overlaps after": (_of("range1, range2", ranges.overlaps_after),),
    "finishes": (_of("point, range", ranges.finishes), _of("range1, range2", ranges.finishes)),
    "finished by": (
        _of("range, point", ranges.finished_by),
        _of("range1, range2", ranges.finished_by),
    ),
    "includes": (_of("range, point", ranges.includes), _of("range1, range2", ranges.includes)),
    "during": (_of("point, range", ranges.during), _of("range1, range2", ranges.during)),
    "starts": (_of("point, range", ranges.starts), _of("range1, range2", ranges.starts)),
    "started by": (
        _of("range, point", ranges.started_by),
        _of("range1, range2", ranges.started_by),
    ),
    "coincides": (_of("point1, point2", ranges.coincides), _of("range1, range2", ranges.coincides)),
}


def positional(name: str, count: int) -> Signature | None:
    """Find the signature for a call with `count` values, None when none fits."""
    for signature in BUILTINS[name]:
        open_ended = signature.gathers or signature.repeats
        if signature.required <= count and (open_ended or count <= len(signature.parameters)):
            return signature
    return None


def named(name: str, given: tuple[str, ...]) -> list[int | None] | None:
    """Tell which given value each parameter of the fitting signature gets; None when none fits."""
    for signature in BUILTINS[name]:
        if not set(given) <= set(signature.parameters):
            continue
        places = [given.index(p) if p in given else None for p in signature.parameters]
        if None in places[: signature.required]:
            continue
        while places and places[-1] is None:
            places.pop()
        return places
    return None
