"""A number with decimals, written as text so that no digit is lost: "12.50".

`x-unit`, `x-decimals` (at most so many), `x-minimum`, `x-maximum`, `x-out-of-limit`.
"""

import re
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from typing import Final

from forms.errors import Wrong
from forms.fields.base import Answer, FieldType, Json, Notice, Schema, Setting
from forms.fields.characters import normalised
from forms.fields.limits import judge_against, limit_of, whole, with_unit

DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
NEGATIVE_ZERO: Final = re.compile(r"-0(?:\.0+)?")

MOST_DIGITS: Final = 34
"""Significant ones: decimal128, as FEEL computes."""

LONGEST: Final = 60
"""Digits written, the zeros of a small number included."""

LIMIT_CODES: Final = ("below_minimum", "above_maximum", "recorded_below", "recorded_above")


def read(submitted: Json, schema: Schema, _now: datetime) -> Answer:
    """Read a decimal text. Its zeros are kept: 12.50 was measured finer than 12.5."""
    if not isinstance(submitted, str):
        raise Wrong("number_as_text_expected")
    number = parse_decimal(submitted)
    if number is None:
        if parse_decimal(narrow := normalised(submitted)) is not None:
            raise Wrong("fullwidth", suggestion=narrow)
        raise Wrong("number_format")
    digits = submitted.replace("-", "").replace(".", "")
    if len(digits.lstrip("0")) > MOST_DIGITS or len(digits) > LONGEST:
        raise Wrong("number_too_long", limit=MOST_DIGITS)
    if isinstance(most := schema.get("x-decimals"), int):
        _require_decimals(submitted, most)
    return Answer(submitted, number)


def _require_decimals(text: str, most: int) -> None:
    if len(text.partition(".")[2]) > most:
        raise Wrong("too_many_decimals", limit=most)


def parse_decimal(text: str) -> Decimal | None:
    """Give the number a decimal text writes, in the only way it may be written; None otherwise."""
    if DECIMAL.fullmatch(text) is None or NEGATIVE_ZERO.fullmatch(text):
        return None
    return Decimal(text)


def judge(answer: Answer, schema: Schema, setting: Setting) -> Notice | None:
    """Compare with x-minimum and x-maximum."""
    number = answer.value
    assert isinstance(number, Decimal)  # as read above
    if isinstance(schema.get("x-decimals"), str):
        _require_decimals(str(answer.record), whole(setting("x-decimals"), "limit_unknown"))
    low, high = (_limit(key, schema, setting) for key in ("x-minimum", "x-maximum"))
    unit = setting("x-unit")
    return judge_against(
        number,
        low,
        high,
        schema=schema,
        codes=LIMIT_CODES,
        shown={
            "value": with_unit(answer.record, unit),
            "low": with_unit(low and plain(low), unit),
            "high": with_unit(high and plain(high), unit),
        },
    )


def _limit(keyword: str, schema: Schema, setting: Setting) -> Decimal | None:
    limit = limit_of(keyword, schema, setting)
    if limit is None:
        return None
    number = limit if isinstance(limit, Decimal) else parse_decimal(str(limit))
    if number is None:
        raise Wrong("limit_unknown")
    return number


def compute(value: object, schema: Schema) -> Json:
    """Write a computed number: with x-decimals rounded half to even, else as short as it goes."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Wrong("computed_unfit")
    number = Decimal(value)
    if number.adjusted() > MOST_DIGITS:
        raise Wrong("computed_unfit")
    if number.is_zero():
        number = Decimal(0)
    decimals = schema.get("x-decimals")
    if decimals is None:
        return plain(number.normalize(_EXACT))
    with localcontext(_EXACT):
        rounded = number.quantize(Decimal(1).scaleb(-decimals))
        return plain(abs(rounded) if rounded.is_zero() else rounded)


_EXACT: Final = Context(prec=MOST_DIGITS + 30, rounding=ROUND_HALF_EVEN)


def plain(number: Decimal) -> str:
    """Digits without an exponent."""
    return format(number, "f")


FIELD = FieldType(name="quantity", json_type="string", read=read, judge=judge, compute=compute)
