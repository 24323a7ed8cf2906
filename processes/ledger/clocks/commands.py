"""What can be asked of the clocks: started and stopped by hand, corrected, disputed, checked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from engine.commands.base import Command, CommandRegistry, Periodic
from engine.commands.context import CommandContext
from engine.identifiers import derived_id
from processes.ledger.clocks import clocks
from processes.ledger.clocks.tables import clock_state
from processes.ledger.commands import ledger_context

EVERY = timedelta(minutes=1)

_DUE = (
    select(clock_state.c.tenant_id, clock_state.c.clock_id, clock_state.c.next_check_at)
    .where(clock_state.c.next_check_at <= bindparam("now"))
    .order_by(clock_state.c.next_check_at)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartClock(Command):
    """Start a clock by hand, by a rule of the document `clock_rules`."""

    rule: str
    subject_kind: str
    subject_number: str
    started_at: datetime
    evidence: str
    owner_role: str | None = None
    calendar: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StopClock(Command):
    """Stop a clock with evidence: what the authority asks for was done at `at`."""

    clock_id: UUID
    at: datetime
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectClock(Command):
    """Compute a due date again by the calendars in force; `why` is the reason."""

    clock_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeClockStart(Command):
    """Keep another start that somebody claims, with its evidence."""

    clock_id: UUID
    at: datetime
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckClock(Command):
    """Record that a clock is running out or has run out; asked by the engine alone."""

    clock_id: UUID


def add_to(known: CommandRegistry) -> None:
    """Add the commands of the clocks, and the look at what is due that they need."""
    known.register(StartClock, _start)
    known.register(StopClock, _stop)
    known.register(CorrectClock, _correct)
    known.register(DisputeClockStart, _dispute)
    known.register(CheckClock, _check)
    known.periodically(Periodic(name="clocks", every=EVERY, due=due_checks))


def due_checks(db: Connection, now: datetime) -> Iterable[tuple[str, Command]]:
    """Name the clocks that something has to be recorded of, each with its tenant."""
    for row in db.execute(_DUE, {"now": now}):
        command_id = derived_id("clock", row.tenant_id, row.clock_id, row.next_check_at)
        yield row.tenant_id, CheckClock(command_id=command_id, clock_id=row.clock_id)


def _start(context: CommandContext, command: StartClock) -> Mapping[str, Any]:
    clock_id = clocks.start(
        ledger_context(context),
        command.rule,
        command.subject_kind,
        command.subject_number,
        command.started_at,
        command.evidence,
        command.owner_role,
        calendar=command.calendar,
    )
    return {"clock_id": str(clock_id)}


def _stop(context: CommandContext, command: StopClock) -> Mapping[str, Any]:
    clocks.stop(ledger_context(context), command.clock_id, command.at, command.evidence)
    return {"clock_id": str(command.clock_id)}


def _correct(context: CommandContext, command: CorrectClock) -> Mapping[str, Any]:
    reason = command.why or ""
    due = clocks.correct_calendar(ledger_context(context), command.clock_id, reason)
    return {"clock_id": str(command.clock_id), "due_on": due.on.isoformat()}


def _dispute(context: CommandContext, command: DisputeClockStart) -> Mapping[str, Any]:
    clocks.dispute_start(ledger_context(context), command.clock_id, command.at, command.evidence)
    return {"clock_id": str(command.clock_id)}


def _check(context: CommandContext, command: CheckClock) -> Mapping[str, Any]:
    return {"recorded": clocks.check(ledger_context(context), command.clock_id)}
