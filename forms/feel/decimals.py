"""Numbers: IEEE 754 decimal128, that is 34 digits, ties to even, no infinities.

What has no result (÷0, too large) is None; what is too small is 0. The TypeScript evaluator
computes the same digits: where a library would leave the last digit open (powers), the steps of the
computation are fixed here.
"""

import re
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    Subnormal,
)

DIGITS = 34
CONTEXT = Context(
    prec=DIGITS,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    capitals=1,
    clamp=0,
    traps=[InvalidOperation, DivisionByZero, Overflow, Subnormal],
)
# Whole powers are computed with 60 digits and an open exponent, then rounded once to 34.
_WIDE = Context(
    prec=60,
    rounding=ROUND_HALF_EVEN,
    Emin=MIN_EMIN,
    Emax=MAX_EMAX,
    traps=[InvalidOperation, DivisionByZero, Overflow, Subnormal],
)
# Other powers may lie as near to a tie as 10^-70, so that 60 digits would round them twice.
_FINE = Context(
    prec=100,
    rounding=ROUND_HALF_EVEN,
    Emin=MIN_EMIN,
    Emax=MAX_EMAX,
    traps=[InvalidOperation, DivisionByZero, Overflow, Subnormal],
)
ZERO = Decimal(0)
ONE = Decimal(1)
_MAX_EXPONENT = 999_999_999
_EXP_BOUND = Decimal(15000)  # e^15000 > 10^6145
_SCALES = range(-6111, 6177)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,5})?", re.ASCII)


def number(text: str) -> Decimal | None:
    """Read the number a literal stands for, rounded to 34 digits; None when it is none of ours."""
    if len(text) > 10_000 or _NUMBER.fullmatch(text) is None:
        return None
    return fit(Decimal(text))


def fit(value: Decimal) -> Decimal | None:
    """Round `value` to 34 digits; None when infinite, NaN or too large, 0 when too small."""
    if not value.is_finite():
        return None
    try:
        return CONTEXT.plus(value)
    except Subnormal:
        return ZERO
    except ArithmeticError:
        return None


def add(a: Decimal, b: Decimal) -> Decimal | None:
    try:
        return CONTEXT.add(a, b)
    except Subnormal:
        return ZERO
    except ArithmeticError:
        return None


def subtract(a: Decimal, b: Decimal) -> Decimal | None:
    try:
        return CONTEXT.subtract(a, b)
    except Subnormal:
        return ZERO
    except ArithmeticError:
        return None


def multiply(a: Decimal, b: Decimal) -> Decimal | None:
    try:
        return CONTEXT.multiply(a, b)
    except Subnormal:
        return ZERO
    except ArithmeticError:
        return None


def divide(a: Decimal, b: Decimal) -> Decimal | None:
    try:
        return CONTEXT.divide(a, b)
    except Subnormal:
        return ZERO
    except ArithmeticError:
        return None


def power(base: Decimal, exponent: Decimal) -> Decimal | None:
    """Compute base ** exponent; by squaring for whole exponents, by exp and ln for the others."""
    if abs(exponent) > _MAX_EXPONENT:
        return None
    try:
        if exponent == exponent.to_integral_value():
            return fit(_whole_power(base, int(exponent)))
        if base == 0:
            return ZERO if exponent > 0 else None
        if base < 0:
            return None
        logarithm = _FINE.multiply(exponent, _FINE.ln(base))
        if abs(logarithm) > _EXP_BOUND:
            return None if logarithm > 0 else ZERO
        return fit(_FINE.exp(logarithm))
    except ArithmeticError:
        return None


def _whole_power(base: Decimal, exponent: int) -> Decimal:
    result = ONE
    for bit in f"{abs(exponent):b}":
        result = _WIDE.multiply(result, result)
        if bit == "1":
            result = _WIDE.multiply(result, base)
    return _WIDE.divide(ONE, result) if exponent < 0 else result


def modulo(a: Decimal, b: Decimal) -> Decimal | None:
    """Compute a − b·floor(a/b), rounded once; None when floor(a/b) has more than 34 digits."""
    if b == 0:
        return None
    if a == 0:
        return ZERO
    if a.adjusted() - b.adjusted() >= DIGITS - 1:
        return None
    try:
        # The remainder of a division is exact in a context that is wide enough for the quotient.
        rest = _WIDE.remainder(a, b)
        if rest != 0 and rest.is_signed() != b.is_signed():
            return CONTEXT.add(rest, b)
        return CONTEXT.plus(rest)
    except Subnormal:
        return ZERO
    except ArithmeticError:
        return None


def exponential(value: Decimal) -> Decimal | None:
    if abs(value) > _EXP_BOUND:
        return None if value > 0 else ZERO
    try:
        return CONTEXT.exp(value)
    except Subnormal:
        return ZERO
    except ArithmeticError:
        return None


def logarithm(value: Decimal) -> Decimal | None:
    return CONTEXT.ln(value) if value > 0 else None


def square_root(value: Decimal) -> Decimal | None:
    return CONTEXT.sqrt(value) if value >= 0 else None


def rounded(value: Decimal, scale: Decimal, mode: str) -> Decimal | None:
    """Round `value` to `scale` decimals (negative: tens, hundreds…) by a `mode` of decimal."""
    whole = scale.to_integral_value(ROUND_DOWN)
    if whole != scale or int(whole) not in _SCALES:
        return None
    places = int(whole)
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= -places:
        return value
    return fit(value.quantize(Decimal((0, (1,), -places)), rounding=mode, context=_WIDE))


def floor(value: Decimal, scale: Decimal = ZERO) -> Decimal | None:
    return rounded(value, scale, ROUND_FLOOR)


def ceiling(value: Decimal, scale: Decimal = ZERO) -> Decimal | None:
    return rounded(value, scale, ROUND_CEILING)


def whole(value: Decimal, bound: int = 10**15) -> int | None:
    """Give the integer that `value` is; None when it is not whole or beyond ±`bound`."""
    if abs(value) > bound:
        return None
    result = int(value)
    return result if result == value else None


def plain(value: Decimal) -> Decimal:
    """Drop trailing zeros, and the exponent where 34 digits show the number without it."""
    if value == 0:
        return ZERO
    short = value.normalize(CONTEXT)
    exponent = short.as_tuple().exponent
    if isinstance(exponent, int) and exponent > 0 and short.adjusted() < DIGITS:
        return short.quantize(ONE, context=_WIDE)
    return short


def text(value: Decimal) -> str:
    """Write the number as FEEL's string() shows it: no exponent, no trailing zeros, no -0."""
    return "0" if value == 0 else format(value.normalize(CONTEXT), "f")
