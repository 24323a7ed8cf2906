"""The rules of the clocks, as data, and the due date that follows from one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from processes.ledger.clocks import calendars
from processes.ledger.clocks.calendars import Calendar
from processes.ledger.refusals import LedgerRefusal, listed

UNITS = ("hour", "calendar_day", "working_day")
METHODS = ("plain", "regulation_1182_71")
NATURES = ("deadline", "gate", "waiting")


class ClockRuleUnknown(LedgerRefusal):
    """The document `clock_rules` has no such rule."""

    def __init__(self, code: str, known: list[str]) -> None:
        super().__init__(
            f"There is no clock rule {code}. Add it to the clock rules, or choose another one.",
            f"没有时限规则 {code}，请在时限规则中添加，或选择其他规则。",
            expected=listed(known),
            found=code,
        )


class LimitFixed(LedgerRefusal):
    """The law sets the length; nobody adjusts it."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"The time of {code} is set by the authority and cannot be chosen.",
            f"{code} 的时限由主管机构规定，不能自行设定。",
            found=code,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How long: an amount of hours, calendar days or working days."""

    amount: int
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What an authority counts.

    `calendar` is a code of the document `calendars`, "EU" for the state that it names as default.
    `adjustable` rules take their length from a plan (progress reports); the others never. `then`
    is the rule that counts on when this one has run out and nobody stopped it: one that names
    itself comes back until it is stopped.
    """

    code: str
    names: Mapping[str, str]
    authority: str
    source: str
    limit: Limit | None
    calendar: str
    method: str
    nature: str
    owner_role: str
    warn_after_share: Decimal
    adjustable: bool = False
    then: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When a clock runs out: the last day that is in time, and the instant at which it is over.

    `provisional` says that the schedule of a year in between is not published yet.
    """

    on: date
    at: datetime
    warn_at: datetime
    provisional: bool


def rule(document: Mapping[str, Any], code: str) -> Rule:
    """Give a rule of the document `clock_rules`. Raises ClockRuleUnknown."""
    known = document["rules"]
    if code not in known:
        raise ClockRuleUnknown(code, sorted(known))
    found = known[code]
    limit = found["limit"]
    return Rule(
        code=code,
        names=found["names"],
        authority=found["authority"],
        source=found["source"],
        limit=None if limit is None else Limit(amount=limit["amount"], unit=limit["unit"]),
        calendar=found["calendar"],
        method=found["method"],
        nature=found["nature"],
        owner_role=found["owner_role"],
        warn_after_share=Decimal(found.get("warn_after_share", document["warn_after_share"])),
        adjustable=found.get("adjustable", False),
        then=found.get("then"),
    )


def due(rule: Rule, calendar: Calendar, started_at: datetime, limit: Limit | None) -> Due | None:
    """Work out when a clock of a rule runs out; None for a gate, which has no date.

    Days are those of the authority's zone, not of ours: 10 working days of the FDA for a site in
    Shenzhen begin on the day that it is in Washington.
    """
    if limit is None:
        return None
    start = calendar.day_of(started_at)
    match limit.unit:
        case "hour":
            at = (started_at + timedelta(hours=limit.amount)).astimezone(UTC)
            on = calendar.day_of(at)
        case "working_day":
            on = calendars.add_working_days(calendar, start, limit.amount)
            at = calendar.end_of(on)
        case "calendar_day" if rule.method == "regulation_1182_71":
            on = calendars.regulation_1182_71(calendar, start, limit.amount)
            at = calendar.end_of(on)
        case "calendar_day":
            on = start + timedelta(days=limit.amount)
            at = calendar.end_of(on)
        case unknown:
            raise ValueError(f"the clock rule {rule.code} counts in {unknown!r}")
    counts_work = limit.unit == "working_day" or rule.method == "regulation_1182_71"
    share = float(rule.warn_after_share)
    return Due(
        on=on,
        at=at,
        warn_at=started_at.astimezone(UTC) + (at - started_at.astimezone(UTC)) * share,
        provisional=counts_work and calendar.is_provisional(start, on),
    )
