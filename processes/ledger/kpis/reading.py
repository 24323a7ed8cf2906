"""What a reading is: a figure by name, with what it means, its unit, and how it is read.

A reading stores nothing: one static statement over the book, for a period, and the arithmetic
behind it. What it is compared with (period, target, limits) is the customer's document
`kpi_targets`. A figure without anything to count has no value: nothing counted is not nought.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, and_, bindparam

from processes.ledger.clocks import calendars
from processes.ledger.clocks.calendars import Calendar
from processes.ledger.clocks.working_time import SiteWorkingTime

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_TENTH = Decimal("0.1")
_NINE_TENTHS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """For whom and which period: after `since`, up to `until`; `settings` are the reading's own."""

    db: Connection
    tenant_id: str
    since: datetime
    until: datetime
    settings: Mapping[str, Any]
    documents: Mapping[str, Any]

    @property
    def key(self) -> dict[str, Any]:
        return {"tenant_id": self.tenant_id, "since": self.since, "until": self.until}

    @property
    def calendar(self) -> Calendar:
        """The calendar of the site that is counted by where none is named."""
        site = str(self.documents["site_calendars"]["default"])
        return calendars.of_site(self.documents.__getitem__, site)

    @property
    def today(self) -> date:
        return self.calendar.day_of(self.until)

    def working_days(self, start: datetime, end: datetime) -> Decimal:
        """Count working days with their parts, by the usual site's calendar."""
        return SiteWorkingTime().between(self.documents, start, end, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was read: the value, None where nothing was counted, and how many records it rests on.

    `beside` is a second value of the same unit that belongs to it (the ninetieth percentile).
    """

    value: Decimal | None
    counted: int
    beside: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A figure: what it is called, what it means, its unit, whether less or more is better."""

    code: str
    names: Mapping[str, str]
    definition: Mapping[str, str]
    unit: str
    better: str  # "less" or "more"
    read: Callable[[Asked], Measured]


def of_tenant(table: FromClause) -> ColumnElement[bool]:
    """Restrict a table to the tenant who asks (`Asked.key`)."""
    return table.c.tenant_id == bindparam("tenant_id")


def in_period(column: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Restrict to what happened in the period asked for: after `since`, up to `until`."""
    return and_(column > bindparam("since"), column <= bindparam("until"))


def same(one: FromClause, other: FromClause, *names: str) -> ColumnElement[bool]:
    """Join two tables of one tenant by columns that both name alike."""
    return and_(*(one.c[name] == other.c[name] for name in ("tenant_id", *names)))


def share(part: int, whole: int, per: int = 100) -> Measured:
    """Give a share per cent (or `per`), to a tenth; no value of nothing."""
    value = None if whole == 0 else rounded(Decimal(part * per) / Decimal(whole))
    return Measured(value=value, counted=whole)


def middle(values: Sequence[Decimal]) -> Measured:
    """Give the median and, beside it, the ninetieth percentile (nearest rank), to a tenth."""
    if not values:
        return Measured(value=None, counted=0)
    ordered = sorted(values)
    rank = -(-_NINE_TENTHS * len(ordered) // 10)  # the smallest value that nine tenths do not pass
    return Measured(
        value=rounded(Decimal(median(ordered))),
        counted=len(ordered),
        beside=rounded(ordered[rank - 1]),
    )


def lengths(pairs: Iterable[tuple[datetime, datetime]], unit: timedelta) -> list[Decimal]:
    """Give how long each took, in parts of a unit of time."""
    tick = timedelta(microseconds=1)
    return [Decimal((end - start) // tick) / Decimal(unit // tick) for start, end in pairs]


def rounded(value: Decimal) -> Decimal:
    """Give a value as it is shown: to a tenth."""
    return value.quantize(_TENTH, rounding=ROUND_HALF_EVEN)
