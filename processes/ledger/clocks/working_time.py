"""Time limits of steps in working days, by the calendars of our sites.

A working day has 24 hours by the clock on the wall; on days off no time passes. What begins on
Friday at 15:00 is due one working day later on Monday at 15:00; what begins on a Saturday begins
with Monday.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.execution.timers import duration
from engine.working_time import working_days
from processes.ledger.clocks import calendars
from processes.ledger.clocks.calendars import Calendar

_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)
_MICROSECONDS = Decimal(_DAY // _MICROSECOND)


class SiteWorkingTime:
    """Working time by the site named, else by the site that the calendars name as usual."""

    def after(
        self, documents: Mapping[str, Any], start: datetime, days: Decimal, calendar: str | None
    ) -> datetime:
        """Give the instant (UTC) so many working days after another; parts of a day count."""
        chosen = _calendar(documents, calendar)
        day, passed = _place(chosen, start)
        whole, rest = divmod(passed + days, 1)
        if whole and not rest:  # the end of a day, not the beginning of the next one
            whole, rest = whole - 1, Decimal(1)
        day = calendars.add_working_days(chosen, day, int(whole))
        midnight = chosen.start_of(day)
        return midnight + _MICROSECOND * int(rest * _MICROSECONDS)

    def between(
        self, documents: Mapping[str, Any], start: datetime, end: datetime, calendar: str | None
    ) -> Decimal:
        """Count the working days, with their parts, from one instant to a later one."""
        chosen = _calendar(documents, calendar)
        first, before = _place(chosen, start)
        last, passed = _place(chosen, end)
        return calendars.working_days_between(chosen, first, last) + passed - before


def later(configuration: Callable[[str], Any], start: datetime, length: str) -> datetime:
    """Give the instant a length of time after another: ISO 8601, or working days ("5wd")."""
    limit = working_days(length)
    if limit is None:
        return duration(length).after(start)
    names = ("site_calendars", "calendars")
    documents = {name: configuration(name) for name in names}
    return SiteWorkingTime().after(documents, start, Decimal(limit.days), limit.calendar)


def _calendar(documents: Mapping[str, Any], name: str | None) -> Calendar:
    site = name or str(documents["site_calendars"]["default"])
    return calendars.of_site(documents.__getitem__, site)


def _place(calendar: Calendar, instant: datetime) -> tuple[date, Decimal]:
    """Give the working day that an instant counts to, and how much of it has passed."""
    local = instant.astimezone(calendar.zone)
    day = calendars.next_working_day(calendar, local.date())
    if day != local.date():
        return day, Decimal(0)
    since = local.replace(tzinfo=None) - datetime.combine(day, time())
    return day, Decimal(since // _MICROSECOND) / _MICROSECONDS
