"""When a work item should be done, and when people are told that it waits.

`cs:due` gives a time, a duration, or working days ("5wd"); shares of such a limit are taken in
working time, so that a reminder at half of two working days does not fall on a Sunday.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from engine.commands import notices
from engine.commands.context import CommandContext
from engine.definitions.model import CompiledDefinition
from engine.execution.timers import duration, is_iso_literal, moment
from engine.working_time import WorkingDays, working_days
from forms.feel import evaluate, to_json


@dataclass(frozen=True, slots=True)
class Due:
    """The instant by which a task should be done; `limit` where it is counted in working days."""

    at: datetime
    limit: WorkingDays | None = None


def value_of(
    definition: CompiledDefinition, due: str, scope: Mapping[str, Any], now: datetime
) -> str | None:
    """Give the text of a limit: what is written out, or what its FEEL gives; None for no text."""
    if is_iso_literal("timeDuration", due):
        return due
    value = to_json(evaluate(definition.expressions[due], scope, now=now))
    return value if isinstance(value, str) else None


def due(context: CommandContext, value: str | None) -> Due | None:
    """Give when what is opened now should be done; None where nothing says so."""
    if value is None:
        return None
    limit = working_days(value)
    if limit is not None:
        days = Decimal(limit.days)
        working = context.working_time
        return Due(working.after(context.documents, context.at, days, limit.calendar), limit)
    if value[:1].isdigit():
        return Due(moment(value))
    return Due(duration(value).after(context.at))


def at_level(context: CommandContext, level: int, opened_at: datetime, due: Due) -> datetime:
    """Give the moment at which a level is told: a share of the time from opening to due."""
    share = notices.share_of(context.documents, level)
    if due.limit is None:
        return opened_at + (due.at - opened_at) * float(share)
    working, calendar = context.working_time, due.limit.calendar
    whole = working.between(context.documents, opened_at, due.at, calendar)
    return working.after(context.documents, opened_at, whole * share, calendar)
