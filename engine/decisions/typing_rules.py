"""Make a value fit its declared type, or find that it does not (DMN 1.5, 10.3.2.9.4).

The conversions are those of the standard: a list of one becomes its item, an item a list of one, a
date its midnight in UTC. At the border to the case document, where dates are ISO text, such text
also becomes the date, time or duration that the model declares.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final, TypeAlias

from engine.decisions.model import ANY_TYPE, ItemDefinition, Tree
from forms.feel import evaluate
from forms.feel.temporal import (
    Date,
    DateTime,
    DaysTime,
    Time,
    YearsMonths,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)
from forms.feel.values import FeelFunction, Value

Fit: TypeAlias = Callable[[Value], object]
"""Gives the value as its type has it, or WRONG."""


class _Wrong:
    """The one value that says "not of this type"; null would be an answer."""


WRONG: Final = _Wrong()


def fit_for(name: str, types: Mapping[str, ItemDefinition], *, from_case: bool = False) -> Fit:
    """Prepare the check of a type, a FEEL type's name or a key of `types`.

    `from_case`: values come from the case document, dates as ISO text.
    """
    return _fit(name, types, (), from_case=from_case)


def result_type(name: str, types: Mapping[str, ItemDefinition]) -> str:
    """Give the type of a function's result when the type is a function's, else the type itself."""
    item = types.get(name)
    return name if item is None or item.function is None else item.function.result


def anything(value: Value) -> object:
    """Fit every value."""
    return value


def _fit(
    name: str, types: Mapping[str, ItemDefinition], inside: tuple[str, ...], *, from_case: bool
) -> Fit:
    item = types.get(name)
    if item is None:
        return _simple(name, from_case=from_case)
    if name in inside:
        return anything  # a type that contains itself is checked one level deep
    return _item(item, types, (*inside, name), from_case=from_case)


def _item(
    item: ItemDefinition,
    types: Mapping[str, ItemDefinition],
    inside: tuple[str, ...],
    *,
    from_case: bool,
) -> Fit:
    one: Fit = anything
    if item.components:
        parts = {
            part.name: _item(part, types, inside, from_case=from_case) for part in item.components
        }
        one = _context(parts)
    elif item.function is not None:
        one = _unpacking(_instance_of(FeelFunction))
    elif item.type != ANY_TYPE:
        one = _fit(item.type, types, inside, from_case=from_case)
    if item.allowed is not None:
        one = among(item.allowed, one)
    if item.collection:
        one = _each(one)
    return one if item.constraint is None else among(item.constraint, one)


def _simple(name: str, *, from_case: bool) -> Fit:
    if name == ANY_TYPE or name not in _CLASSES:
        return anything
    kind = _CLASSES[name]
    check = _instance_of(kind)
    if name == "integer":
        check = _whole(check)
    if name == "date and time":
        check = _midnight(check)
    if from_case and name in _PARSERS:
        check = _from_text(_PARSERS[name], check)
    other = _unpacking(check)
    if name == "integer":
        return other

    def simple(value: Value) -> object:
        return value if type(value) is kind or value is None else other(value)

    return simple


def _instance_of(kind: type) -> Fit:
    def check(value: Value) -> object:
        return value if type(value) is kind or value is None else WRONG

    return check


def _whole(check: Fit) -> Fit:
    def whole(value: Value) -> object:
        if type(value) is Decimal and value != value.to_integral_value():
            return WRONG
        return check(value)

    return whole


def _midnight(check: Fit) -> Fit:
    def midnight(value: Value) -> object:
        return DateTime(value.days, 0, 0) if type(value) is Date else check(value)

    return midnight


def _from_text(parse: Callable[[str], Value], check: Fit) -> Fit:
    def read(value: Value) -> object:
        if type(value) is str:
            found = parse(value)
            return WRONG if found is None else check(found)
        return check(value)

    return read


def _unpacking(check: Fit) -> Fit:
    def unpack(value: Value) -> object:
        found = check(value)
        if found is WRONG and type(value) is list and len(value) == 1:
            return check(value[0])
        return found

    return unpack


def _each(check: Fit) -> Fit:
    def every(value: Value) -> object:
        if value is None:
            return None
        items = [check(item) for item in (value if type(value) is list else [value])]
        return WRONG if any(item is WRONG for item in items) else items

    return every


def _context(parts: Mapping[str, Fit]) -> Fit:
    def context(value: Value) -> object:
        if type(value) is list and len(value) == 1:
            value = value[0]
        if type(value) is not dict:
            return value if value is None else WRONG
        fitted: dict[str, object] = dict(value)
        for name, check in parts.items():
            if name in value:
                fitted[name] = check(value[name])
                if fitted[name] is WRONG:
                    return WRONG
        return fitted

    return context


def among(tests: Tree, check: Fit) -> Fit:
    """Fit a value that passes `check` and these unary tests; null passes them."""

    def allowed(value: Value) -> object:
        found = check(value)
        if found is None or found is WRONG:
            return found
        return found if evaluate(tests, {"?": found}) is True else WRONG

    return allowed


_CLASSES: Final[dict[str, type]] = {
    "number": Decimal,
    "integer": Decimal,
    "string": str,
    "boolean": bool,
    "date": Date,
    "time": Time,
    "date and time": DateTime,
    "days and time duration": DaysTime,
    "years and months duration": YearsMonths,
    "context": dict,
}
_PARSERS: Final[dict[str, Callable[[str], Value]]] = {
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_date_time,
    "days and time duration": parse_duration,
    "years and months duration": parse_duration,
}
