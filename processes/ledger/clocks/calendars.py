"""Working days of authorities and sites, from a kept library and the customer's own documents.

Public holidays and China's make-up working days come from `holidays`; the documents `calendars`
(authorities) and `site_calendars` (ours) add days off and working days on top. Of the libraries
that know China's make-up days, `holidays` is the one that also knows the United States and every
EU state and is released monthly (workalendar: no make-up days, last release in 2023;
chinesecalendar: China alone).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from processes.ledger.refusals import LedgerRefusal, listed

SATURDAY = 5
_DAY = timedelta(days=1)


class CalendarUnknown(LedgerRefusal):
    """Neither `calendars` nor `site_calendars` has such a calendar."""

    def __init__(self, code: str, known: list[str]) -> None:
        super().__init__(
            f"There is no calendar {code}. Add it to the calendars, or choose another one.",
            f"没有日历 {code}，请在工作日历中添加，或选择其他日历。",
            expected=listed(known),
            found=code,
        )


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked, and in which time zone a day begins.

    `scheduled_years` holds the years whose schedule the customer has confirmed; None where a year
    needs no confirmation because its holidays follow from the law alone.
    """

    code: str
    zone: ZoneInfo
    country: str
    days_off: frozenset[date]
    working_days: frozenset[date]
    scheduled_years: frozenset[int] | None = None

    def is_working(self, day: date) -> bool:
        """Tell whether a day is worked: the customer's word first, then the country's."""
        if day in self.working_days:
            return True
        if day in self.days_off:
            return False
        public, make_up = _year(self.country, day.year)
        return day in make_up or (day.weekday() < SATURDAY and day not in public)

    def is_provisional(self, first: date, last: date) -> bool:
        """Tell whether a year of this time has no published schedule yet (China: each autumn)."""
        if self.scheduled_years is None:
            return False
        return any(
            year not in self.scheduled_years and not _year(self.country, year)[1]
            for year in range(first.year, last.year + 1)
        )

    def day_of(self, instant: datetime) -> date:
        """Give the day that an instant falls on where this calendar counts."""
        return instant.astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        """Give the instant at which a day begins here, in UTC."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def end_of(self, day: date) -> datetime:
        """Give the instant at which a day is over here: the next midnight, in UTC."""
        return self.start_of(day + _DAY)


def calendar(configuration: Callable[[str], Any], code: str) -> Calendar:
    """Give the calendar of an authority ("CN") or a site ("SZ01") from the documents in force.

    `configuration` gives a document by key. "EU" is the state that `calendars` names as default.
    Raises CalendarUnknown.
    """
    authorities = configuration("calendars")
    known = {**configuration("site_calendars")["calendars"], **authorities["calendars"]}
    code = str(authorities["eu_default"]) if code == "EU" else code
    layers: list[Mapping[str, Any]] = []
    at = code
    while True:
        if at not in known or len(layers) > len(known):
            raise CalendarUnknown(at, sorted(known))
        layers.append(known[at])
        if "based_on" not in known[at]:
            break
        at = known[at]["based_on"]
    root = layers[-1]
    off: set[date] = set()
    worked: set[date] = set()
    for layer in reversed(layers):  # the site's word over the country's
        own_off, own_worked = _days(layer["days_off"]), _days(layer["working_days"])
        off, worked = (off - own_worked) | own_off, (worked - own_off) | own_worked
    return Calendar(
        code=code,
        zone=ZoneInfo(layers[0]["zone"]),
        country=root["country"],
        days_off=frozenset(off),
        working_days=frozenset(worked),
        scheduled_years=(
            frozenset(root.get("confirmed_years", ())) if root.get("yearly_schedule") else None
        ),
    )


def of_site(configuration: Callable[[str], Any], site: str) -> Calendar:
    """Give the calendar of a site of ours; one without its own has that of `default`."""
    document = configuration("site_calendars")
    return calendar(configuration, site if site in document["calendars"] else document["default"])


def add_working_days(calendar: Calendar, start: date, days: int) -> date:
    """Give the last of `days` working days after `start`, which itself does not count.

    With days = 0: `start`, or the next working day when it is none.
    """
    if days < 0:
        raise ValueError("working days are counted forwards")
    day = start
    if not days:
        return next_working_day(calendar, day)
    while days:
        day += _DAY
        days -= calendar.is_working(day)
    return day


def working_days_between(calendar: Calendar, start: date, end: date) -> int:
    """Count the working days after `start` up to and including `end`; negative when end is first.

    So working_days_between(c, d, add_working_days(c, d, n)) is n.
    """
    if end < start:
        return -working_days_between(calendar, end, start)
    return sum(calendar.is_working(start + _DAY * n) for n in range(1, (end - start).days + 1))


def next_working_day(calendar: Calendar, day: date) -> date:
    """Give the day itself, or the first working day after it."""
    while not calendar.is_working(day):
        day += _DAY
    return day


def regulation_1182_71(calendar: Calendar, start: date, days: int) -> date:
    """Give the last day of a period of EU law in days (Regulation (EEC, Euratom) No 1182/71).

    Article 3: the day of the event does not count; a last day that is a holiday, Sunday or
    Saturday moves to the next working day; a period of two days or more includes at least two
    working days.
    """
    end = next_working_day(calendar, start + _DAY * days)
    if days >= 2:
        while working_days_between(calendar, start, end) < 2:
            end = next_working_day(calendar, end + _DAY)
    return end


def _days(listed_days: list[Mapping[str, str]]) -> set[date]:
    return {date.fromisoformat(each["day"]) for each in listed_days}


@lru_cache(maxsize=512)
def _year(country: str, year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Give a country's public holidays of a year, and its weekend days that are worked."""
    found = holidays.country_holidays(country, years=year)
    worked = getattr(found, "weekend_workdays", ())
    return (
        frozenset(day for day in found if day.year == year),
        frozenset(day for day in worked if day.year == year),
    )
