"""Functions of numbers."""

from collections.abc import Callable
from decimal import (
    ROUND_DOWN,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)

from forms.feel import decimals
from forms.feel.temporal import DaysTime, YearsMonths
from forms.feel.values import Budget, Value

_SEPARATORS = (" ", ",", ".")


def rounding(mode: str) -> Callable[[Budget, Value, Value], Value]:
    """Make the rounding function of one mode: (n, scale) -> number."""

    def function(_: Budget, n: Value, scale: Value) -> Value:
        if not isinstance(n, Decimal) or not isinstance(scale, Decimal):
            return None
        return decimals.rounded(n, scale, mode)

    return function


decimal = rounding(ROUND_HALF_EVEN)
round_up = rounding(ROUND_UP)
round_down = rounding(ROUND_DOWN)
round_half_up = rounding(ROUND_HALF_UP)
round_half_down = rounding(ROUND_HALF_DOWN)


def floor(_: Budget, n: Value, scale: Value = decimals.ZERO) -> Value:
    if not isinstance(n, Decimal) or not isinstance(scale, Decimal):
        return None
    return decimals.floor(n, scale)


def ceiling(_: Budget, n: Value, scale: Value = decimals.ZERO) -> Value:
    if not isinstance(n, Decimal) or not isinstance(scale, Decimal):
        return None
    return decimals.ceiling(n, scale)


def absolute(_: Budget, n: Value) -> Value:
    match n:
        case Decimal():
            return n.copy_abs()
        case DaysTime():
            return DaysTime(abs(n.nanos))
        case YearsMonths():
            return YearsMonths(abs(n.months))
        case _:
            return None


def modulo(_: Budget, dividend: Value, divisor: Value) -> Value:
    if not isinstance(dividend, Decimal) or not isinstance(divisor, Decimal):
        return None
    return decimals.modulo(dividend, divisor)


def _of_number(function: Callable[[Decimal], Value]) -> Callable[[Budget, Value], Value]:
    def checked(_: Budget, value: Value) -> Value:
        return function(value) if isinstance(value, Decimal) else None

    return checked


def _parity(value: Decimal) -> Decimal | None:
    """Give 0 or 1 for whole numbers, None for others."""
    exponent = value.as_tuple().exponent
    if value.adjusted() >= decimals.DIGITS and isinstance(exponent, int) and exponent > 0:
        return decimals.ZERO
    whole = decimals.whole(value, 10**decimals.DIGITS)
    return None if whole is None else Decimal(whole % 2)


sqrt = _of_number(decimals.square_root)
log = _of_number(decimals.logarithm)
exp = _of_number(decimals.exponential)
odd = _of_number(lambda n: None if (rest := _parity(n)) is None else rest == 1)
even = _of_number(lambda n: None if (rest := _parity(n)) is None else rest == 0)


def number(_: Budget, source: Value, grouping: Value = None, decimal_sign: Value = None) -> Value:
    """Read the number that a text shows, with its grouping sign taken out."""
    if not isinstance(source, str):
        return None
    if grouping is not None and grouping not in _SEPARATORS:
        return None
    if decimal_sign is not None and decimal_sign not in (",", "."):
        return None
    point = decimal_sign if isinstance(decimal_sign, str) else "."
    if grouping == point:
        return None
    text = source.replace(grouping, "") if isinstance(grouping, str) else source
    if point == ",":
        if "." in text:
            return None
        text = text.replace(",", ".")
    return decimals.number(text)
