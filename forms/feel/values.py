"""The values of FEEL: what they are in Python, and how they come in and go out.

null None · boolean bool · number Decimal · string str · list list · context dict · and the types of
temporal.py, `Range` and `FeelFunction`. Values are never changed once made.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from forms.feel import decimals, temporal
from forms.feel.errors import FeelLimitExceeded, FeelValueRefused
from forms.feel.temporal import Date, DateTime, DaysTime, Time, YearsMonths


@dataclass(frozen=True, slots=True)
class Range:
    """start..end; `op` is "" for an interval, or the sign of a one-sided test such as (< 10).

    A test has the missing end None; (= 10) and (!= 10) have both ends 10.
    """

    start: "Value"
    end: "Value"
    start_included: bool
    end_included: bool
    op: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class FeelFunction:
    """A function as a value: a literal of the text, or one that Python offers to expressions.

    `body` gets as many FEEL values as there are `parameters` and gives one. A literal also has
    `within`, which works on the budget of the caller.
    """

    parameters: tuple[str, ...]
    body: Callable[..., "Value"]
    within: Callable[["Budget", Sequence["Value"]], "Value"] | None = None

    def call(self, budget: "Budget", values: Sequence["Value"]) -> "Value":
        """Call it from within an evaluation."""
        return self.body(*values) if self.within is None else self.within(budget, values)


Value: TypeAlias = (
    bool
    | Decimal
    | str
    | list["Value"]
    | dict[str, "Value"]
    | Date
    | Time
    | DateTime
    | DaysTime
    | YearsMonths
    | Range
    | FeelFunction
    | None
)

NAMES: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    list: "list",
    dict: "context",
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    DaysTime: "days and time duration",
    YearsMonths: "years and months duration",
    Range: "range",
    FeelFunction: "function",
}
"""The FEEL name of each Python type; the keys are all the types a value can have."""


class Budget:
    """What one evaluation may still use, and the time it was told."""

    __slots__ = ("depth", "now", "size", "steps")

    def __init__(self, steps: int, size: int, depth: int, now: datetime | None = None) -> None:
        self.steps = steps
        self.size = size
        self.depth = depth
        self.now = now

    def spend(self, steps: int) -> None:
        """Use up `steps`; FeelLimitExceeded when there are not that many left."""
        self.steps -= steps
        if self.steps < 0:
            raise FeelLimitExceeded("steps")

    def check_size(self, size: int) -> None:
        """Refuse a text or list of more than the allowed elements."""
        if size > self.size:
            raise FeelLimitExceeded("size")


# --- in and out ---------------------------------------------------------------------------------

AS_THEY_ARE = frozenset(NAMES) - {Decimal, list, dict}
"""The types whose values need neither check nor conversion."""


def from_json(value: object) -> Value:
    """Make the FEEL value of plain JSON (and of dates, times, Decimals and FEEL values themselves).

    Strings stay strings. Floats and anything else are refused with FeelValueRefused.
    """
    kind = type(value)
    if kind in AS_THEY_ARE:
        return value  # type: ignore[return-value]
    if isinstance(value, Decimal):
        return _fit(value)
    if kind is int:
        return _fit(Decimal(value))  # type: ignore[arg-type]
    if isinstance(value, dict):
        return {_key(key): from_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [from_json(item) for item in value]
    return _from_other(value)


def _from_other(value: object) -> Value:
    if isinstance(value, datetime):
        return from_datetime(value)
    if isinstance(value, date):
        return temporal.make_date(value.year, value.month, value.day)
    if isinstance(value, str):
        return str.__str__(value)  # an enum of texts, or another kind of str
    if isinstance(value, int):
        return _fit(Decimal(int(value)))
    if isinstance(value, tuple):
        return [from_json(item) for item in value]
    if isinstance(value, Mapping):
        return {_key(key): from_json(item) for key, item in value.items()}
    raise FeelValueRefused(
        f"{type(value).__name__} is no FEEL value; hand in a Decimal for a number, "
        "and text, lists, dicts or dates for the rest",
    )


def from_datetime(moment: datetime) -> DateTime:
    """Take over a Python datetime; its offset is kept, its zone's name is not."""
    difference = moment.utcoffset()
    return DateTime(
        temporal.days_from_civil(moment.year, moment.month, moment.day),
        (moment.hour * 3600 + moment.minute * 60 + moment.second) * temporal.NANOS
        + moment.microsecond * 1000,
        None if difference is None else int(difference.total_seconds()),
    )


def _fit(value: Decimal) -> Decimal:
    fitting = decimals.fit(value)
    if fitting is None:
        raise FeelValueRefused(f"{value} is no number of FEEL (34 digits, below 10^6145)")
    return fitting


def _key(key: object) -> str:
    if isinstance(key, str):
        return key
    raise FeelValueRefused(f"the key {key!r} of a context is no text")


def to_json(value: Value) -> object:
    """Make plain JSON: numbers stay Decimal, without trailing zeros; dates become ISO text.

    So do durations; a range becomes its text, a function null.
    """
    if type(value) is Decimal:
        return decimals.plain(value)
    if type(value) is list:
        return [to_json(item) for item in value]
    if type(value) is dict:
        return {key: to_json(item) for key, item in value.items()}
    if value is None or isinstance(value, bool | str):
        return value
    return None if isinstance(value, FeelFunction) else text_of(value)


def text_of(
    value: Value,
    budget: Budget | None = None,
    *,
    quoted: bool = False,
) -> str:
    """Write what string() gives; inside lists, contexts and ranges, texts are `quoted`."""
    if budget is not None:
        budget.spend(1)
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Decimal():
            return decimals.text(value)
        case str():
            return _quoted(value) if quoted else value
        case list():
            return f"[{', '.join(text_of(item, budget, quoted=True) for item in value)}]"
        case dict():
            entries = (f"{k}: {text_of(v, budget, quoted=True)}" for k, v in value.items())
            return f"{{{', '.join(entries)}}}"
        case Range():
            return _range_text(value, budget)
        case FeelFunction():
            return f"function({', '.join(value.parameters)})"
        case _:
            return _temporal_text(value)


def _temporal_text(value: Date | Time | DateTime | DaysTime | YearsMonths) -> str:
    match value:
        case Date():
            return temporal.format_date(value)
        case Time():
            return temporal.format_time(value)
        case DateTime():
            return temporal.format_date_time(value)
        case DaysTime():
            return temporal.format_days_time(value)
        case YearsMonths():
            return temporal.format_years_months(value)


def _range_text(value: Range, budget: Budget | None) -> str:
    if value.op:
        bound = value.start if value.end is None else value.end
        return f"({value.op}{text_of(bound, budget, quoted=True)})"
    start, end = (text_of(item, budget, quoted=True) for item in (value.start, value.end))
    opening, closing = "[" if value.start_included else "(", "]" if value.end_included else ")"
    return f"{opening}{start}..{end}{closing}"


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
