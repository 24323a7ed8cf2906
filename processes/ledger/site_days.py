"""What day it is at our sites: half past eleven in the evening in UTC is tomorrow in Shanghai.

Whatever is booked, expires, ages or comes into force does so on the day of the site concerned, by
the zone in its calendar (document `site_calendars`). What concerns no one site, such as a report of
the company, goes by the usual site, and so does a site without a calendar of its own.
"""

import calendar
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from processes.ledger import locations

DOCUMENT = "site_calendars"
_MONTHS = 12

IN_UTC: Any = {"default": "UTC", "calendars": {"UTC": {"zone": "UTC"}}}
"""What a book goes by that no calendar was written for."""

Configuration = Callable[[str], Any]
"""Gives the customer's document in force under a key."""


class Asking(Protocol):
    """The part of a step's context that tells the day."""

    @property
    def db(self) -> Connection: ...
    @property
    def tenant_id(self) -> str: ...
    @property
    def now(self) -> datetime: ...
    @property
    def configuration(self) -> Configuration: ...


def today(context: Asking, site: str | None = None) -> date:
    """Give today's date at a site; without one, at the usual site."""
    return day_of(context.configuration, context.now, site)


def months_later(day: date, months: int) -> date:
    """Give the day so many months later, or before; the last of the month where it is shorter."""
    year, month = divmod(day.year * _MONTHS + day.month - 1 + months, _MONTHS)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def today_at(context: Asking, location_id: UUID | None) -> date:
    """Give today's date where a location lies; None is the usual site."""

    def site() -> str | None:
        if location_id is None:
            return None
        return locations.find(context.db, context.tenant_id, location_id).site

    return today_where(context, site)


def today_where(context: Asking, site: Callable[[], str | None]) -> date:
    """Give today's date at a site that it costs a statement to find out.

    Which site it is matters only in the hours in which it is not the same day at all of them: only
    then is it asked.
    """
    document = context.configuration(DOCUMENT)
    zones = {each["zone"] for each in document["calendars"].values()}
    days = {_day(context.now, zone) for zone in zones}
    return days.pop() if len(days) == 1 else today(context, site())


def day_of(configuration: Configuration, instant: datetime, site: str | None = None) -> date:
    """Give the date of an instant at a site; without one, at the usual site."""
    return day_at(configuration(DOCUMENT), instant, site)


def day_at(calendars: Any, instant: datetime, site: str | None = None) -> date:
    """Give the date of an instant at a site, by the document itself."""
    return _day(instant, _zone(calendars, site))


def start_of(configuration: Configuration, day: date, site: str | None = None) -> datetime:
    """Give the instant, in UTC, at which a day begins at a site."""
    zone = ZoneInfo(_zone(configuration(DOCUMENT), site))
    return datetime.combine(day, time(), zone).astimezone(UTC)


def end_of(configuration: Configuration, day: date, site: str | None = None) -> datetime:
    """Give the instant, in UTC, at which a day is over at a site."""
    return start_of(configuration, day + timedelta(days=1), site)


def text(instant: datetime) -> str:
    """Write an instant as timers of a diagram read it, in UTC."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _zone(calendars: Any, site: str | None) -> str:
    known = calendars["calendars"]
    zone: str = known[site if site in known else calendars["default"]]["zone"]
    return zone


def _day(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()
