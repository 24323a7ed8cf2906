"""A moment with its offset: "2026-11-22T10:41:07+08:00", as RFC 3339 writes it.

`x-minimum`, `x-maximum` (a moment or FEEL), `x-out-of-limit`; compared as moments, not as texts.
"""

import re
from datetime import UTC, datetime
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
from forms.fields.date import FIRST_YEAR, LIMIT_CODES
from forms.fields.limits import judge_against, limit_of

DATE_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


def read(submitted: Json, _schema: Schema, _now: datetime) -> Answer:
    """Read a moment; the offset that was given is kept."""
    if not isinstance(submitted, str) or DATE_TIME.fullmatch(submitted) is None:
        raise Wrong("date_time_format")
    if parse_moment(submitted) is None:
        raise Wrong("no_such_date")
    return Answer(submitted, submitted)


def parse_moment(text: str) -> str | None:
    """Give the moment in UTC with microseconds, so that texts sort as time does; None when none."""
    if DATE_TIME.fullmatch(text) is None:
        return None
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if moment.year < FIRST_YEAR:
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def judge(answer: Answer, schema: Schema, setting: Setting) -> Notice | None:
    """Compare with x-minimum and x-maximum."""
    low, high = (limit_of(key, schema, setting) for key in ("x-minimum", "x-maximum"))
    moment = parse_moment(str(answer.record))
    assert moment is not None  # as read above
    return judge_against(
        moment,
        _moment(low),
        _moment(high),
        schema=schema,
        codes=LIMIT_CODES,
        shown={"value": str(answer.record), "low": str(low), "high": str(high)},
    )


def _moment(limit: object) -> str | None:
    if limit is None:
        return None
    moment = parse_moment(limit) if isinstance(limit, str) else None
    if moment is None:
        raise Wrong("limit_unknown")
    return moment


FIELD = FieldType(
    name="date_time", json_type="string", read=read, judge=judge, compute=compute_plainly
)
