"""A number of things: a JSON integer. `x-unit`, `x-minimum`, `x-maximum`, `x-out-of-limit`."""

from datetime import datetime
from typing import Final

from forms.errors import Wrong
from forms.fields.base import Answer, FieldType, Json, Notice, Schema, Setting
from forms.fields.limits import judge_against, limit_of, whole, with_unit
from forms.fields.quantity import LIMIT_CODES

LARGEST: Final = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly (RFC 8259)."""


def read(submitted: Json, _schema: Schema, _now: datetime) -> Answer:
    """Read an integer that every terminal can hold."""
    if isinstance(submitted, bool) or not isinstance(submitted, int):
        raise Wrong("whole_number_expected")
    if abs(submitted) > LARGEST:
        raise Wrong("number_too_long", limit=15)
    return Answer(submitted, submitted)


def judge(answer: Answer, schema: Schema, setting: Setting) -> Notice | None:
    """Compare with x-minimum and x-maximum."""
    assert isinstance(answer.value, int)  # as read above
    low, high = (_limit(key, schema, setting) for key in ("x-minimum", "x-maximum"))
    unit = setting("x-unit")
    return judge_against(
        answer.value,
        low,
        high,
        schema=schema,
        codes=LIMIT_CODES,
        shown={
            "value": with_unit(answer.value, unit),
            "low": with_unit(low, unit),
            "high": with_unit(high, unit),
        },
    )


def _limit(keyword: str, schema: Schema, setting: Setting) -> int | None:
    limit = limit_of(keyword, schema, setting)
    return None if limit is None else whole(limit, "limit_unknown")


def compute(value: object, _schema: Schema) -> Json:
    """Write a computed whole number."""
    return whole(value, "computed_unfit")


FIELD = FieldType(name="count", json_type="integer", read=read, judge=judge, compute=compute)
