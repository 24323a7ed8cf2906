"""Dates, times and durations: whole numbers inside, ISO 8601 outside.

- `Date`: days since 1970-01-01 in the proleptic Gregorian calendar, years ±999 999 999;
- `Time`, `DateTime`: nanoseconds of the day, and an offset in seconds, a zone name, or neither;
- `DaysTime`: nanoseconds (±10^27); `YearsMonths`: months (±10^12).

A date and time with a named zone keeps the offset that the zone had (or will have) then; a time of
day with a named zone has no offset, because without a date there is none.
"""

import re
from dataclasses import dataclass

from forms.feel.zones import known_zone, offset_at

NANOS = 1_000_000_000
DAY_SECONDS = 86_400
DAY = DAY_SECONDS * NANOS
MAX_YEAR = 999_999_999
MAX_NANOS = 10**27
MAX_MONTHS = 10**12
MAX_OFFSET = 14 * 3600


@dataclass(frozen=True, slots=True)
class Date:
    days: int


@dataclass(frozen=True, slots=True)
class Time:
    nanos: int
    offset: int | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class DateTime:
    days: int
    nanos: int
    offset: int | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class DaysTime:
    nanos: int


@dataclass(frozen=True, slots=True)
class YearsMonths:
    months: int


# --- the calendar -------------------------------------------------------------------------------


def days_from_civil(year: int, month: int, day: int) -> int:
    """Count days from 1970-01-01 to a date, in 400-year eras that begin on 1 March."""
    shifted = year - (month <= 2)
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def civil_from_days(days: int) -> tuple[int, int, int]:
    """Give year, month and day of a day number; the inverse of `days_from_civil`."""
    shifted = days + 719_468
    era = shifted // 146_097
    of_era = shifted - era * 146_097
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted_month = (5 * of_year + 2) // 153
    month = shifted_month + 3 if shifted_month < 10 else shifted_month - 9
    day = of_year - (153 * shifted_month + 2) // 5 + 1
    return year + era * 400 + (month <= 2), month, day


MIN_DAYS = days_from_civil(-MAX_YEAR, 1, 1)
MAX_DAYS = days_from_civil(MAX_YEAR, 12, 31)


def month_length(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def make_date(year: int, month: int, day: int) -> Date | None:
    if abs(year) > MAX_YEAR or not 1 <= month <= 12 or not 1 <= day <= month_length(year, month):
        return None
    return Date(days_from_civil(year, month, day))


def date_of(days: int) -> Date | None:
    return Date(days) if MIN_DAYS <= days <= MAX_DAYS else None


def weekday(days: int) -> int:
    """Count the days of the week as ISO does: Monday is 1, Sunday is 7."""
    return (days + 3) % 7 + 1


def add_months(days: int, months: int) -> int | None:
    """Find the same day `months` later; the last day of the month where there is no such day."""
    year, month, day = civil_from_days(days)
    total = year * 12 + month - 1 + months
    year, month = total // 12, total % 12 + 1
    if abs(year) > MAX_YEAR:
        return None
    return days_from_civil(year, month, min(day, month_length(year, month)))


# --- reading ------------------------------------------------------------------------------------

_DATE = r"(-?(?:\d{4}|[1-9]\d{4,8}))-(\d\d)-(\d\d)"
_TIME = r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,30}))?(Z|[+-]\d\d:\d\d(?::\d\d)?|@[A-Za-z0-9_+\-/]+)?"
_DATE_ONLY = re.compile(_DATE, re.ASCII)
_TIME_ONLY = re.compile(_TIME, re.ASCII)
_DATE_TIME = re.compile(_DATE + "T" + _TIME, re.ASCII)
_YEARS_MONTHS = re.compile(r"(-?)P(?:(\d{1,12})Y)?(?:(\d{1,12})M)?", re.ASCII)
_DAYS_TIME = re.compile(
    r"(-?)P(?:(\d{1,12})D)?"
    r"(?:T(?:(\d{1,15})H)?(?:(\d{1,15})M)?(?:(\d{1,18})(?:\.(\d{0,30}))?S)?)?",
    re.ASCII,
)


def parse_date(text: str) -> Date | None:
    found = _DATE_ONLY.fullmatch(text)
    return make_date(int(found[1]), int(found[2]), int(found[3])) if found else None


def parse_time(text: str) -> Time | None:
    found = _TIME_ONLY.fullmatch(text)
    if found is None:
        return None
    clock = _clock(found.groups())
    return None if clock is None else Time(*clock)


def parse_date_time(text: str) -> DateTime | None:
    """Read a date and time; a date alone means its midnight, without offset."""
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        midnight = parse_date(text)
        return None if midnight is None else DateTime(midnight.days, 0)
    date = make_date(int(found[1]), int(found[2]), int(found[3]))
    clock = _clock(found.groups()[3:])
    if date is None or clock is None:
        return None
    nanos, offset, zone = clock
    return at(date.days, nanos, offset, zone)


def at(days: int, nanos: int, offset: int | None, zone: str | None) -> DateTime | None:
    """Make the date and time with these local fields; a named zone brings its offset."""
    if not MIN_DAYS <= days <= MAX_DAYS:
        return None
    if zone is not None:
        offset = offset_at(zone, days * DAY_SECONDS + nanos // NANOS, local=True)
    return DateTime(days, nanos, offset, zone)


def parse_duration(text: str) -> DaysTime | YearsMonths | None:
    found = _YEARS_MONTHS.fullmatch(text)
    if found and (found[2] or found[3]):
        months = int(found[2] or 0) * 12 + int(found[3] or 0)
        return years_months(-months if found[1] else months)
    found = _DAYS_TIME.fullmatch(text)
    if found is None or text.endswith("T") or not any(found.groups()[1:5]):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:5])
    nanos = (days * DAY_SECONDS + hours * 3600 + minutes * 60 + seconds) * NANOS + _fraction(
        found[6],
    )
    return days_time(-nanos if found[1] else nanos)


def parse_temporal(text: str) -> Date | Time | DateTime | DaysTime | YearsMonths | None:
    """Read what @"…" stands for."""
    if "P" in text[:2]:
        return parse_duration(text)
    if "T" in text and not text.startswith("T"):
        return parse_date_time(text)
    return parse_date(text) or parse_time(text)


def years_months(months: int) -> YearsMonths | None:
    return YearsMonths(months) if abs(months) <= MAX_MONTHS else None


def days_time(nanos: int) -> DaysTime | None:
    return DaysTime(nanos) if abs(nanos) <= MAX_NANOS else None


def _clock(parts: tuple[str | None, ...]) -> tuple[int, int | None, str | None] | None:
    """Read nanoseconds of the day, offset and zone from the five groups of `_TIME`."""
    hour, minute, second = (int(part or 0) for part in parts[:3])
    if hour > 23 or minute > 59 or second > 59:
        return None
    nanos = (hour * 3600 + minute * 60 + second) * NANOS + _fraction(parts[3])
    zone = parts[4]
    if zone is None:
        return nanos, None, None
    if zone.startswith("@"):
        return (nanos, None, zone[1:]) if known_zone(zone[1:]) else None
    if zone == "Z":
        return nanos, 0, None
    hours, minutes, seconds = int(zone[1:3]), int(zone[4:6]), int(zone[7:9] or 0)
    offset = hours * 3600 + minutes * 60 + seconds
    if minutes > 59 or seconds > 59 or offset > MAX_OFFSET:
        return None
    return nanos, -offset if zone[0] == "-" else offset, None


def _fraction(digits: str | None) -> int:
    """Give the nanoseconds of the digits after the decimal point; what is finer is cut off."""
    return int((digits or "")[:9].ljust(9, "0"))


# --- writing ------------------------------------------------------------------------------------


def format_date(date: Date) -> str:
    year, month, day = civil_from_days(date.days)
    sign = "-" if year < 0 else ""
    return f"{sign}{abs(year):04d}-{month:02d}-{day:02d}"


def format_time(time: Time) -> str:
    return _format_clock(time.nanos) + format_zone(time.offset, time.zone)


def format_date_time(value: DateTime) -> str:
    return (
        format_date(Date(value.days))
        + "T"
        + _format_clock(value.nanos)
        + format_zone(value.offset, value.zone)
    )


def format_zone(offset: int | None, zone: str | None) -> str:
    if zone is not None:
        return "@" + zone
    if offset is None:
        return ""
    if offset == 0:
        return "Z"
    minutes, seconds = divmod(abs(offset), 60)
    hours, minutes = divmod(minutes, 60)
    tail = f":{seconds:02d}" if seconds else ""
    return f"{'-' if offset < 0 else '+'}{hours:02d}:{minutes:02d}{tail}"


def format_days_time(value: DaysTime) -> str:
    seconds, nanos = divmod(abs(value.nanos), NANOS)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    clock = f"{hours}H" if hours else ""
    clock += f"{minutes}M" if minutes else ""
    if seconds or nanos:
        clock += f"{seconds}{_format_fraction(nanos)}S"
    date = f"{days}D" if days else ""
    if not date and not clock:
        return "PT0S"
    return f"{'-' if value.nanos < 0 else ''}P{date}{'T' if clock else ''}{clock}"


def format_years_months(value: YearsMonths) -> str:
    years, months = divmod(abs(value.months), 12)
    if not years and not months:
        return "P0M"
    sign = "-" if value.months < 0 else ""
    return f"{sign}P{f'{years}Y' if years else ''}{f'{months}M' if months else ''}"


def _format_clock(nanos: int) -> str:
    seconds, rest = divmod(nanos, NANOS)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02d}:{minute:02d}:{second:02d}{_format_fraction(rest)}"


def _format_fraction(nanos: int) -> str:
    return f".{nanos:09d}".rstrip("0") if nanos else ""


# --- arithmetic ---------------------------------------------------------------------------------


def instant(value: DateTime) -> int:
    """Count nanoseconds since 1970 in UTC; without offset: on the local clock."""
    return value.days * DAY + value.nanos - (value.offset or 0) * NANOS


def shift(value: DateTime, nanos: int) -> DateTime | None:
    """Find the date and time `nanos` later on the time line (a zone may change its offset)."""
    moment = instant(value) + nanos
    offset = value.offset
    if value.zone is not None:
        offset = offset_at(value.zone, moment // NANOS, local=False)
    days, of_day = divmod(moment + (offset or 0) * NANOS, DAY)
    if not MIN_DAYS <= days <= MAX_DAYS:
        return None
    return DateTime(days, of_day, offset, value.zone)


def shift_months(value: DateTime, months: int) -> DateTime | None:
    days = add_months(value.days, months)
    return None if days is None else at(days, value.nanos, value.offset, value.zone)


def months_between(start: Date | DateTime, end: Date | DateTime) -> YearsMonths:
    """Count whole months from `start` to `end`, cut off towards zero."""
    first, last = (start, end) if start.days <= end.days else (end, start)
    year, month, day = civil_from_days(first.days)
    last_year, last_month, last_day = civil_from_days(last.days)
    months = (last_year - year) * 12 + last_month - month
    first_clock = first.nanos if isinstance(first, DateTime) else 0
    last_clock = last.nanos if isinstance(last, DateTime) else 0
    if (last_day, last_clock) < (day, first_clock):
        months -= 1
    months = max(months, 0)
    return YearsMonths(months if first is start else -months)
