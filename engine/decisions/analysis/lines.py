"""Cut the values of an input into pieces at the constants that rules compare it with.

Between two neighbouring constants no comparison changes its mind, so one example of each piece
stands for all of it. Everything but decimal numbers lies on a line of whole steps (days, months,
nanoseconds): between two neighbours there is nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from math import ceil, floor
from typing import Final, TypeAlias

from engine.decisions.model import ANY_TYPE
from forms.feel import Date, DateTime, DaysTime, Time, Value, YearsMonths
from forms.feel.temporal import DAY, instant

Number: TypeAlias = int | Decimal

_EXACT: Final = Context(prec=80)
"""Enough digits to halve the distance of two numbers of 34 digits."""

ANYTHING_ELSE: Final = "￿ anything else"
"""Stands for every string that no rule names; it begins with a code point nobody can type."""


@dataclass(frozen=True, slots=True)
class Line:
    """How the values of a type lie in order, and which of them exist."""

    value: Callable[[Number], Value]
    whole: bool
    first: Number | None = None
    last: Number | None = None


class Mixed(Exception):
    """The constants of a column are of different kinds, or of none that is analysed."""


def examples(kind: str, constants: Sequence[Value], *, ordered: bool) -> list[Value]:
    """Give one example for each piece of the values of a type, cut at the constants.

    `kind` is a FEEL type, "integer" for whole numbers, or "Any", which leaves it to the constants.
    `ordered`: there are comparisons by order among the tests, which texts are not analysed for.
    Mixed when the constants do not go together, or with the type.
    """
    kinds = {kind_of(value) for value in constants}
    if kind == ANY_TYPE and len(kinds) == 1:
        kind = kinds.pop()
    elif kinds - {"number" if kind == "integer" else kind}:
        raise Mixed
    if kind == "boolean":
        return [True, False]
    if kind == "string":
        if ordered:
            raise Mixed
        return [*dict.fromkeys(constants), ANYTHING_ELSE]
    line = _line(kind, constants)
    keys = {_key(value) for value in constants}
    if kind == "integer":  # a comparison with 8.5 changes its answer between 8 and 9
        keys = {Decimal(whole) for key in keys for whole in (floor(key), ceil(key))}
    return [line.value(key) for key in _cut(line, sorted(keys))]


def kind_of(value: Value) -> str:
    """Name the FEEL type of a constant; Mixed for what is not compared (lists, contexts, …)."""
    for kind, types in _KINDS.items():
        if isinstance(value, types):
            return kind
    raise Mixed


def _cut(line: Line, keys: list[Number]) -> list[Number]:
    """Give each constant, and one key of each stretch before, between and after them."""
    if not keys:
        return [line.first if line.first is not None else _zero(line)]
    found: list[Number] = []
    if line.first is None or keys[0] > line.first:
        found.append(keys[0] - 1)
    for key, after in zip(keys, [*keys[1:], None], strict=True):
        found.append(key)
        if after is None:
            if line.last is None or key < line.last:
                found.append(key + 1)
        elif not line.whole or after - key > 1:
            found.append(_between(key, after))
    return found


def _between(low: Number, high: Number) -> Number:
    """Give a number strictly between, as simple as there is one."""
    whole = floor(low) + 1
    if whole < high:
        return type(low)(whole)
    return _EXACT.divide(_EXACT.add(low, high), 2)


def _zero(line: Line) -> Number:
    return 0 if line.whole else Decimal(0)


def _line(kind: str, constants: Sequence[Value]) -> Line:
    if kind == "date and time":
        # Local and absolute times do not compare, so a column has to keep to one of them.
        absolute = {isinstance(value, DateTime) and value.offset is not None for value in constants}
        if len(absolute) > 1:
            raise Mixed
        return _ABSOLUTE if absolute == {True} else _LOCAL
    if kind == "time" and any(
        isinstance(value, Time) and (value.offset is not None or value.zone) for value in constants
    ):
        raise Mixed
    line = _LINES.get(kind)
    if line is None:
        raise Mixed
    return line


def _key(value: Value) -> Number:
    match value:
        case Decimal():
            return value
        case Date():
            return value.days
        case DateTime():
            return instant(value)
        case Time() | DaysTime():
            return value.nanos
        case YearsMonths():
            return value.months
        case _:
            raise Mixed


def _date_time(key: Number, offset: int | None) -> DateTime:
    days, nanos = divmod(int(key), DAY)
    return DateTime(days, nanos, offset)


_LOCAL: Final = Line(lambda key: _date_time(key, None), whole=True)
_ABSOLUTE: Final = Line(lambda key: _date_time(key, 0), whole=True)
_LINES: Final = {
    "number": Line(Decimal, whole=False),
    "integer": Line(Decimal, whole=True),
    "date": Line(lambda key: Date(int(key)), whole=True),
    "time": Line(lambda key: Time(int(key)), whole=True, first=0, last=DAY - 1),
    "days and time duration": Line(lambda key: DaysTime(int(key)), whole=True),
    "years and months duration": Line(lambda key: YearsMonths(int(key)), whole=True),
}
_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "boolean": (bool,),
    "number": (Decimal,),
    "string": (str,),
    "date": (Date,),
    "date and time": (DateTime,),
    "time": (Time,),
    "days and time duration": (DaysTime,),
    "years and months duration": (YearsMonths,),
}
