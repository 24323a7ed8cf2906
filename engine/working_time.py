"""Time limits in working days. The engine counts time; which days are worked it is told.

A limit in working days is a text: "5wd", or "5wd@SZ01" by another calendar than the usual one. Who
puts the engine together hands in a `WorkingTime`, which reads the customer's calendars. An engine
without one works every day.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

_TEXT = re.compile(r"(?P<days>\d{1,4}) ?wd(?:@(?P<calendar>[\w-]{1,40}))?", re.ASCII)
_DAY = timedelta(days=1)

Documents = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """So many working days, by a calendar; None is the usual one."""

    days: int
    calendar: str | None = None


class WorkingTime(Protocol):
    """Counts in working days by the calendars of the customer's documents."""

    def after(
        self, documents: Documents, start: datetime, days: Decimal, calendar: str | None
    ) -> datetime:
        """Give the instant (UTC) so many working days after another; parts of a day count."""

    def between(
        self, documents: Documents, start: datetime, end: datetime, calendar: str | None
    ) -> Decimal:
        """Count the working days, with their parts, from one instant to a later one."""


class EveryDay:
    """All days are worked."""

    def after(
        self, documents: Documents, start: datetime, days: Decimal, calendar: str | None
    ) -> datetime:
        del documents, calendar
        return start + _DAY * float(days)

    def between(
        self, documents: Documents, start: datetime, end: datetime, calendar: str | None
    ) -> Decimal:
        del documents, calendar
        return Decimal((end - start) / _DAY)


def working_days(value: object) -> WorkingDays | None:
    """Read a limit in working days; None for anything else."""
    found = _TEXT.fullmatch(value.strip()) if isinstance(value, str) else None
    return None if found is None else WorkingDays(int(found["days"]), found["calendar"])
