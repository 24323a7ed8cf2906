"""When a timer fires: ISO 8601 dates, durations and repetitions, always as absolute UTC times.

A time without a zone is UTC (never the zone of the server). Years and months are counted in the
calendar: one month after 31 January is 28 or 29 February.
"""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from engine.execution.errors import ValueUnusable

TimerKind = Literal["timeDate", "timeDuration", "timeCycle"]

_DURATION = re.compile(
    r"(?P<sign>-?)P(?=[\dT])(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?"
    r"(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d{1,9})?)S)?)?",
    re.ASCII,
)
_REPEAT = re.compile(r"R(?P<times>\d*)/(?:(?P<start>\d[^/]*)/)?(?P<every>P[^/]*)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d.*)?", re.ASCII)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
UNBOUNDED = -1


class Duration(msgspec.Struct, frozen=True):
    """A length of time: whole months in the calendar, and an exact rest."""

    months: int
    rest: timedelta

    def after(self, start: datetime) -> datetime:
        """Give the time this long after `start`; the day is cut to the month's length."""
        if self.months:
            years, month = divmod(start.month - 1 + self.months, 12)
            year, month = start.year + years, month + 1
            day = min(start.day, monthrange(year, month)[1])
            start = start.replace(year=year, month=month, day=day)
        return start + self.rest

    @property
    def is_positive(self) -> bool:
        return self.months >= 0 and self.rest >= timedelta(0) and self != Duration(0, timedelta(0))


class Schedule(msgspec.Struct, frozen=True):
    """When a timer fires first, and for a repetition how often again and how long after.

    `repeats` counts the occurrences after the first one; UNBOUNDED for `R/…`.
    """

    due_at: datetime
    repeats: int = 0
    every: str = ""


def is_iso_literal(kind: TimerKind, text: str) -> bool:
    """Whether a timer's text is written out in ISO 8601 and therefore is no FEEL."""
    pattern = {"timeDate": _DATE, "timeDuration": _DURATION, "timeCycle": _REPEAT}[kind]
    return pattern.fullmatch(text.strip()) is not None


def schedule(kind: TimerKind, value: Any, now: datetime) -> Schedule:
    """Work out when a timer entered at `now` fires; `value` is ISO text or a FEEL value.

    ValueUnusable for anything that is no time of that kind, and for what lies outside the calendar.
    """
    try:
        if kind == "timeDate":
            return Schedule(moment(value))
        if kind == "timeDuration":
            return Schedule(duration(value).after(now))
        return _cycle(value, now)
    except (OverflowError, ValueError, ZoneInfoNotFoundError) as error:
        raise ValueUnusable(f"{value!r} cannot be a {kind}: {error}.") from error


def moment(value: Any) -> datetime:
    """Read a date or a date and time; a bare date is its first moment in UTC."""
    if isinstance(value, str):
        if not _DATE.fullmatch(value.strip()):
            raise ValueUnusable(f"{value!r} is no ISO 8601 date.")
        local, _, zone = value.strip().partition("@")  # FEEL's way of naming a zone
        value = datetime.fromisoformat(local)
        if zone:
            value = value.replace(tzinfo=ZoneInfo(zone))
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - zone set below
    if not isinstance(value, datetime):
        raise ValueUnusable(f"{value!r} is neither a date nor a date and time.")
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def duration(value: Any) -> Duration:
    """Read a duration: ISO text (FEEL's durations are written as such) or a timedelta."""
    if isinstance(value, timedelta):
        return Duration(0, value)
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueUnusable(f"{value!r} is no ISO 8601 duration.")
    part = {name: text or "0" for name, text in found.groupdict().items() if name != "sign"}
    seconds, _, fraction = part["seconds"].partition(".")
    sign = -1 if found["sign"] else 1
    rest = timedelta(
        weeks=int(part["weeks"]),
        days=int(part["days"]),
        hours=int(part["hours"]),
        minutes=int(part["minutes"]),
        seconds=int(seconds),
        microseconds=int(fraction[:6].ljust(6, "0")),
    )
    return Duration(sign * (int(part["years"]) * 12 + int(part["months"])), sign * rest)


def following(due_at: datetime, every: str) -> datetime:
    """Give the occurrence after `due_at`."""
    return duration(every).after(due_at)


def to_stored(moment_: datetime) -> int:
    """Write a time as microseconds since 1970 (UTC)."""
    return (moment_ - _EPOCH) // _MICROSECOND


def from_stored(stored: int) -> datetime:
    """Read a time written by `to_stored`."""
    return _EPOCH + stored * _MICROSECOND


def _cycle(value: Any, now: datetime) -> Schedule:
    found = _REPEAT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueUnusable(
            f"{value!r} is no repetition; write R3/PT10M, R/P1D or R3/2026-11-22T10:00:00Z/P1D."
        )
    every = duration(found["every"])
    if not every.is_positive:
        raise ValueUnusable(f"{value!r} repeats without any time passing.")
    times = int(found["times"]) if found["times"] else UNBOUNDED
    if times == 0:
        raise ValueUnusable(f"{value!r} never occurs.")
    first = moment(found["start"]) if found["start"] else every.after(now)
    return Schedule(first, times if times == UNBOUNDED else times - 1, found["every"])
