"""Limits beside a field, and what the form says about an answer outside of them.

A measured value outside its specification must be recordable: the form says for each field whether
such an answer is refused (`x-out-of-limit: "refuse"`) or recorded with a notice ("accept").
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, TypeVar

from forms.errors import Wrong
from forms.fields.base import Notice, Schema, Setting
from forms.texts import LANGUAGES, Param

NO_LIMIT: Final = "none"
"""What a limit expression gives to say that there is no limit; null means that it went wrong."""

Comparable = TypeVar("Comparable", Decimal, str, int)


def limit_of(keyword: str, schema: Schema, setting: Setting) -> object:
    """Give the limit `keyword`, or None when the field has none. Raises Wrong("limit_unknown")."""
    if keyword not in schema:
        return None
    limit = setting(keyword)
    if limit is None:
        # A misspelt name in an expression gives null too. No limit must be said, not happen.
        raise Wrong("limit_unknown")
    return None if limit == NO_LIMIT else limit


def judge_against(
    value: Comparable,
    low: Comparable | None,
    high: Comparable | None,
    *,
    schema: Schema,
    codes: tuple[str, str, str, str],
    shown: Mapping[str, Param],
) -> Notice | None:
    """Compare with the limits.

    `codes` are those for too low and too high, refused; then for both, recorded all the same.
    `shown` has the texts of "value", "low" and "high" for the message.
    """
    accepted = schema.get("x-out-of-limit") == "accept"
    if low is not None and value < low:
        code, limit = codes[2 if accepted else 0], shown["low"]
    elif high is not None and value > high:
        code, limit = codes[3 if accepted else 1], shown["high"]
    else:
        return None
    params = {"value": shown["value"], "limit": limit}
    if accepted:
        return Notice(code, params)
    raise Wrong(code, **params)


def whole(number: object, code: str) -> int:
    """Give an integer from a literal or a FEEL number. Raises Wrong(code) when it is none."""
    if isinstance(number, bool) or not isinstance(number, int | Decimal):
        raise Wrong(code)
    if isinstance(number, Decimal) and (not number.is_finite() or number != int(number)):
        raise Wrong(code)
    return int(number)


def with_unit(number: object, unit: object) -> Param:
    """Write a number with its unit, "12.5 mm"; `unit` is a text, a text by language, or None."""
    if isinstance(unit, str) and unit:
        return f"{number} {unit}"
    if isinstance(unit, Mapping):
        return {language: f"{number} {unit[language]}" for language in LANGUAGES}
    return str(number)
