"""A calendar date: "2026-11-22". Not a moment: it has no zone.

`x-precision: "any"` also takes a month ("2026-11"), as labels print it; the case document then gets
its last day, and beside it `<name>_precision` "day" or "month". `x-minimum`, `x-maximum` (a date or
FEEL), `x-out-of-limit`.
"""

import calendar
import re
from datetime import date, datetime
from typing import Final

from forms.errors import Wrong
from forms.fields.base import (
    Answer,
    FieldType,
    Json,
    Notice,
    Schema,
    Setting,
    compute_plainly,
)
from forms.fields.limits import judge_against, limit_of

DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?")
LIMIT_CODES: Final = ("too_early", "too_late", "recorded_early", "recorded_late")
FIRST_YEAR: Final = 1900
MONTHS: Final = 12


def read(submitted: Json, schema: Schema, _now: datetime) -> Answer:
    """Read a date, or a month where the form allows it."""
    any_precision = schema.get("x-precision") == "any"
    code = "date_or_month_format" if any_precision else "date_format"
    found = DATE.fullmatch(submitted) if isinstance(submitted, str) else None
    if found is None or (found[3] is None and not any_precision):
        raise Wrong(code)
    day = parse_date(found[0])
    if day is None:
        raise Wrong("no_such_date")
    if not any_precision:
        return Answer(submitted, day)
    return Answer(submitted, day, {"_precision": "day" if found[3] else "month"})


def parse_date(text: str) -> str | None:
    """Give the ISO date of "2026-11-22", or the last day of "2026-11"; None when there is none."""
    found = DATE.fullmatch(text)
    if found is None or int(found[1]) < FIRST_YEAR or not 1 <= int(found[2]) <= MONTHS:
        return None
    year, month = int(found[1]), int(found[2])
    last = calendar.monthrange(year, month)[1]
    day = int(found[3]) if found[3] else last
    return date(year, month, day).isoformat() if 1 <= day <= last else None


def judge(answer: Answer, schema: Schema, setting: Setting) -> Notice | None:
    """Compare with x-minimum and x-maximum."""
    assert isinstance(answer.value, str)  # as read above
    low, high = (_limit(key, schema, setting) for key in ("x-minimum", "x-maximum"))
    return judge_against(
        answer.value,
        low,
        high,
        schema=schema,
        codes=LIMIT_CODES,
        shown={"value": str(answer.record), "low": low or "", "high": high or ""},
    )


def _limit(keyword: str, schema: Schema, setting: Setting) -> str | None:
    limit = limit_of(keyword, schema, setting)
    if limit is None:
        return None
    # A moment counts as the day it is written with.
    day = parse_date(limit[:10]) if isinstance(limit, str) else None
    if day is None:
        raise Wrong("limit_unknown")
    return day


FIELD = FieldType(
    name="date",
    json_type="string",
    read=read,
    judge=judge,
    compute=compute_plainly,
    beside=("_precision",),
)
