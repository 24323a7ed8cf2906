"""Start, stop and watch a clock that an authority counts.

A clock is started and stopped with evidence by a step of a process or by a person; the engine only
notes that it is running out (`clock.warning`) or has run out (`clock.breached`), each once for a
due date. Nothing here deletes, and no due date changes but by `correct_calendar`, with a reason
(INV-16). A breach stays on the record even when the stop turns out to have been in time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, insert, select

from engine.services import ServiceContext
from processes.ledger.clocks import calendars, rules
from processes.ledger.clocks.rules import Due, Limit, Rule
from processes.ledger.clocks.tables import clock, clock_event, clock_state
from processes.ledger.columns import AnyRow, rows_of
from processes.ledger.refusals import LedgerRefusal, NotInLedger

_INSTANT = timedelta(microseconds=1)
_INSERT = insert(clock)
_INSERT_EVENT = insert(clock_event)
_INSERT_STATE = insert(clock_state)
_DELETE_STATE = (
    delete(clock_state)
    .where(clock_state.c.tenant_id == bindparam("key_tenant_id"))
    .where(clock_state.c.clock_id == bindparam("key_clock_id"))
)
_STATE_COLUMNS = (
    clock_state.c.state,
    clock_state.c.overdue,
    clock_state.c.last_position,
    clock_state.c.due_on,
    clock_state.c.due_at,
    clock_state.c.warn_at,
    clock_state.c.provisional,
    clock_state.c.stopped_at,
    clock_state.c.stop_evidence,
)
_CLOCKS = select(clock, *_STATE_COLUMNS).join(
    clock_state,
    (clock_state.c.tenant_id == clock.c.tenant_id) & (clock_state.c.clock_id == clock.c.clock_id),
)
_BY_ID = _CLOCKS.where(clock.c.tenant_id == bindparam("tenant_id")).where(
    clock.c.clock_id == bindparam("clock_id")
)
_LOCKED = (
    select(clock_state.c.clock_id)
    .where(clock_state.c.tenant_id == bindparam("tenant_id"))
    .where(clock_state.c.clock_id == bindparam("clock_id"))
    .with_for_update()
)
_OF_SUBJECT = (
    _CLOCKS.where(clock.c.tenant_id == bindparam("tenant_id"))
    .where(clock.c.subject_kind == bindparam("subject_kind"))
    .where(clock.c.subject_number == bindparam("subject_number"))
    .order_by(clock.c.started_at, clock.c.clock_id)
)
_OPEN_OF_ROLES = (
    _CLOCKS.where(clock.c.tenant_id == bindparam("tenant_id"))
    .where(clock_state.c.owner_role.in_(bindparam("roles", expanding=True)))
    .where(clock_state.c.state.in_(("running", "warned", "breached")))
    .order_by(clock_state.c.due_at.nulls_last(), clock.c.started_at, clock.c.clock_id)
)
_OPEN = (
    _CLOCKS.where(clock.c.tenant_id == bindparam("tenant_id"))
    .where(clock_state.c.state.in_(("running", "warned", "breached")))
    .order_by(clock_state.c.due_at.nulls_last(), clock.c.started_at, clock.c.clock_id)
)
_EVENTS = rows_of(clock_event, "clock_id", "position")
_ROW = (
    select(clock)
    .where(clock.c.tenant_id == bindparam("tenant_id"))
    .where(clock.c.clock_id == bindparam("clock_id"))
)
_KEPT_PREFIX = "kept_"
_TOLD = (  # a row an event; each with its clock, and the state that is kept of that
    select(
        clock.c.tenant_id,
        clock.c.clock_id,
        clock.c.nature,
        clock_event.c.position,
        clock_event.c.kind,
        clock_event.c.at,
        clock_event.c.due_on,
        clock_event.c.due_at,
        clock_event.c.warn_at,
        clock_event.c.provisional,
        clock_event.c.evidence,
        clock_event.c.reason,
        clock_event.c.actor,
        clock_event.c.recorded_at,
        clock.c.owner_role,
        *(each.label(f"{_KEPT_PREFIX}{each.name}") for each in clock_state.c),
    )
    .select_from(clock)
    .outerjoin(
        clock_event,
        (clock_event.c.tenant_id == clock.c.tenant_id)
        & (clock_event.c.clock_id == clock.c.clock_id),
    )
    .outerjoin(
        clock_state,
        (clock_state.c.tenant_id == clock.c.tenant_id)
        & (clock_state.c.clock_id == clock.c.clock_id),
    )
    .where(clock.c.tenant_id == bindparam("tenant_id"))
    .order_by(clock.c.clock_id, clock_event.c.position)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockEvent:
    """One thing that happened to a clock."""

    kind: str
    at: datetime
    due: Due | None = None
    evidence: str | None = None
    reason: str | None = None
    actor: str = ""
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A clock with where it stands.

    `state`: running, warned, breached, elapsed (a waiting time is over) or stopped. `overdue` says
    that it was or is not in time. `due_on` is the last day in time where the authority counts,
    `due_at` the instant at which that day is over.
    """

    clock_id: UUID
    rule_code: str
    rule: Mapping[str, Any]
    authority: str
    calendar_code: str
    nature: str
    subject_kind: str
    subject_number: str
    owner_role: str
    started_at: datetime
    start_evidence: str
    process_instance_id: UUID | None
    state: str
    overdue: bool
    due_on: date | None
    due_at: datetime | None
    warn_at: datetime | None
    provisional: bool
    stopped_at: datetime | None
    stop_evidence: str | None


class EvidenceMissing(LedgerRefusal):
    """A clock is started and stopped with evidence."""

    def __init__(self) -> None:
        super().__init__(
            "Say what proves the time: a letter, an e-mail, a record number.",
            "请填写该时间的证据：函件、邮件或记录编号。",
        )


class ClockNotRunning(LedgerRefusal):
    """What is stopped stays stopped."""

    def __init__(self, found: Clock) -> None:
        super().__init__(
            f"This clock ({found.rule_code}) is stopped already. Start another one if needed.",
            f"该时限（{found.rule_code}）已停止，如需要请另行启动。",
            expected="running",
            found=found.state,
        )


class ImpossibleTime(LedgerRefusal):
    """A clock starts in the past and stops after it started, not in the future."""

    def __init__(self, expected: str, found: datetime) -> None:
        super().__init__(
            "The time does not fit. Check date, time and time zone.",
            "时间不合理，请核对日期、时间和时区。",
            expected=expected,
            found=found.isoformat(),
        )


class NothingToCorrect(LedgerRefusal):
    """The calendars in force give the due date that the clock has."""

    def __init__(self, due_on: date | None) -> None:
        super().__init__(
            "The calendars in force give the same due date. Correct the calendar first.",
            "按现行日历计算，到期日不变。请先更正日历。",
            found=None if due_on is None else due_on.isoformat(),
        )


class ReasonMissing(LedgerRefusal):
    """A due date changes only with a reason (INV-16)."""

    def __init__(self) -> None:
        super().__init__(
            "Say why the due date is corrected.",
            "请填写更正到期日的原因。",
        )


def start(
    context: ServiceContext,
    rule: str,
    subject_kind: str,
    subject_number: str,
    started_at: datetime,
    evidence: str,
    owner_role: str | None = None,
    *,
    calendar: str | None = None,
    limit: Limit | None = None,
) -> UUID:
    """Start a clock by a rule of the document `clock_rules` ("CN-N1"); give its id.

    `started_at` is the instant that the law counts from, which may lie in the past; `evidence` says
    what proves it. `owner_role` has the clock on its list (the rule names one). `calendar` chooses
    the EU state ("EU-FR"); `limit` the length where the rule lets a plan set it.
    """
    if not evidence.strip():
        raise EvidenceMissing
    if started_at > context.now:
        raise ImpossibleTime("in the past", started_at)
    known = rules.rule(context.configuration("clock_rules"), rule)
    if limit is not None and limit != known.limit and not known.adjustable:
        raise rules.LimitFixed(rule)
    length = limit or known.limit
    counted = calendars.calendar(context.configuration, calendar or known.calendar)
    due = rules.due(known, counted, started_at, length)
    clock_id = context.new_id()
    row = {
        "tenant_id": context.tenant_id,
        "clock_id": clock_id,
        "rule_code": rule,
        "rule": _snapshot(known, length),
        "authority": known.authority,
        "calendar_code": counted.code,
        "nature": known.nature,
        "subject_kind": subject_kind,
        "subject_number": subject_number,
        "owner_role": owner_role or known.owner_role,
        "started_at": started_at,
        "start_evidence": evidence,
        "process_instance_id": context.process_instance_id,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_INSERT, row)
    _append(context, clock_id, [ClockEvent(kind="due", at=started_at, due=due)])
    context.record(
        {
            **_named("clock.started", clock_id, rule, subject_kind, subject_number),
            "started_at": started_at.isoformat(),
            "evidence": evidence,
            "calendar": counted.code,
            "due_on": None if due is None else due.on.isoformat(),
            "due_at": None if due is None else due.at.isoformat(),
            "owner_role": row["owner_role"],
        }
    )
    return clock_id


def stop(context: ServiceContext, clock_id: UUID, at: datetime, evidence: str) -> None:
    """Stop a clock: what the authority asked for was done at `at`, and this proves it.

    One that ran out unseen is recorded as breached first.
    """
    found = _locked(context, clock_id)
    if found.stopped_at is not None:
        raise ClockNotRunning(found)
    if not evidence.strip():
        raise EvidenceMissing
    if not found.started_at <= at <= context.now:
        expected = f"{found.started_at.isoformat()} – {context.now.isoformat()}"
        raise ImpossibleTime(expected, at)
    late = found.due_at is not None and found.nature == "deadline" and at >= found.due_at
    if late and found.state != "breached":
        _breach(context, found)
    _append(context, clock_id, [ClockEvent(kind="stopped", at=at, evidence=evidence)])
    context.record(
        {
            **_about(found, "clock.stopped"),
            "at": at.isoformat(),
            "evidence": evidence,
            "in_time": not late,
        }
    )


def check(context: ServiceContext, clock_id: UUID) -> list[str]:
    """Record what has come about by now: warning, breach, end of a waiting time. Each once.

    Gives the names of the events; none when there was nothing to record.
    """
    found = _locked(context, clock_id)
    told: list[str] = []
    if found.due_at is None or found.stopped_at is not None:
        return told
    warn = found.warn_at is not None and found.warn_at <= context.now
    if found.state == "running" and warn and found.nature == "deadline":
        event = ClockEvent(kind="warned", at=context.now, due=_due_of(found))
        _append(context, clock_id, [event])
        context.record(_with_due(found, "clock.warning"))
        told.append("clock.warning")
    if found.due_at <= context.now and found.state in ("running", "warned"):
        if found.nature == "waiting":
            event = ClockEvent(kind="elapsed", at=found.due_at, due=_due_of(found))
            _append(context, clock_id, [event])
            context.record(_with_due(found, "clock.elapsed"))
            told.append("clock.elapsed")
        else:
            _breach(context, found)
            told.append("clock.breached")
            _count_on(context, found)
    return told


def correct_calendar(context: ServiceContext, clock_id: UUID, reason: str) -> Due:
    """Compute the due date again from the calendars in force (INV-16: with a reason).

    The rule is the one that the clock was started with. Refused when the date stays the same.
    """
    if not reason.strip():
        raise ReasonMissing
    found = _locked(context, clock_id)
    due = _recomputed(context.configuration, found)
    if due is None or due.at == found.due_at:
        raise NothingToCorrect(found.due_on)
    event = ClockEvent(kind="due_corrected", at=context.now, due=due, reason=reason)
    _append(context, clock_id, [event])
    context.record(
        {
            **_about(found, "clock.due_corrected"),
            "old": None if found.due_on is None else found.due_on.isoformat(),
            "new": due.on.isoformat(),
            "reason": reason,
        }
    )
    return due


def dispute_start(context: ServiceContext, clock_id: UUID, at: datetime, evidence: str) -> None:
    """Keep another start that somebody claims ("sales knew on Friday"), with its evidence.

    Both dates stay; the due date does not move. Who finds the other date right starts a clock
    from it.
    """
    if not evidence.strip():
        raise EvidenceMissing
    if at > context.now:
        raise ImpossibleTime("in the past", at)
    found = _locked(context, clock_id)
    _append(context, clock_id, [ClockEvent(kind="start_disputed", at=at, evidence=evidence)])
    context.record(
        {
            **_about(found, "clock.start_disputed"),
            "started_at": found.started_at.isoformat(),
            "claimed": at.isoformat(),
            "evidence": evidence,
        }
    )


# --- reading ------------------------------------------------------------------------------------


def find(db: Connection, tenant_id: str, clock_id: UUID) -> Clock:
    """Give a clock by id. Raises NotInLedger."""
    row = db.execute(_BY_ID, {"tenant_id": tenant_id, "clock_id": clock_id}).one_or_none()
    if row is None:
        raise NotInLedger("clock", "时限", clock_id)
    return _read(row)


def of_subject(db: Connection, tenant_id: str, kind: str, number: str) -> list[Clock]:
    """List the clocks of a record ("field_action", "FA-2026-00001"), by their start."""
    key = {"tenant_id": tenant_id, "subject_kind": kind, "subject_number": number}
    return [_read(row) for row in db.execute(_OF_SUBJECT, key)]


def open_for(db: Connection, tenant_id: str, roles: Iterable[str] | None) -> list[Clock]:
    """List what runs, for the owners with these roles (None: everybody's), the soonest first."""
    if roles is None:
        return [_read(row) for row in db.execute(_OPEN, {"tenant_id": tenant_id})]
    key = {"tenant_id": tenant_id, "roles": sorted(roles) or [""]}
    return [_read(row) for row in db.execute(_OPEN_OF_ROLES, key)]


def events_of(db: Connection, tenant_id: str, clock_id: UUID) -> list[ClockEvent]:
    """List everything that happened to a clock, in order."""
    rows = db.execute(_EVENTS, {"tenant_id": tenant_id, "clock_id": clock_id})
    return [_read_event(row) for row in rows]


def recomputed(configuration: Callable[[str], Any], found: Clock) -> Due | None:
    """Give the due date by the calendars in force, where it differs from the clock's; else None."""
    due = _recomputed(configuration, found)
    return None if due is None or due.at == found.due_at else due


def differences(db: Connection, tenant_id: str) -> list[str]:
    """Rebuild every state from its events; name the clocks whose kept state is another."""
    found = []
    told = db.execute(_TOLD, {"tenant_id": tenant_id})
    for clock_id, of_one in groupby(told, key=attrgetter("clock_id")):
        rows = list(of_one)
        events = [_read_event(row) for row in rows if row.position is not None]
        kept = {
            name.removeprefix(_KEPT_PREFIX): value
            for name, value in rows[0]._asdict().items()
            if name.startswith(_KEPT_PREFIX)
        }
        if kept != _state_of(rows[0], events):
            found.append(str(clock_id))
    return found


# --- inside -------------------------------------------------------------------------------------


def _locked(context: ServiceContext, clock_id: UUID) -> Clock:
    key = {"tenant_id": context.tenant_id, "clock_id": clock_id}
    context.db.execute(_LOCKED, key)
    return find(context.db, context.tenant_id, clock_id)


def _breach(context: ServiceContext, found: Clock) -> None:
    assert found.due_at is not None
    event = ClockEvent(kind="breached", at=found.due_at, due=_due_of(found))
    _append(context, found.clock_id, [event])
    context.record(_with_due(found, "clock.breached"))


def _count_on(context: ServiceContext, found: Clock) -> None:
    """Start what follows a clock that ran out; of one that comes back, only the last stays open."""
    document = context.configuration("clock_rules")
    if found.rule_code not in document["rules"]:  # withdrawn since
        return
    then = rules.rule(document, found.rule_code).then
    if then is None or found.due_at is None:
        return
    for each in of_subject(context.db, context.tenant_id, found.subject_kind, found.subject_number):
        same = each.rule_code == found.rule_code == then
        if same and each.clock_id != found.clock_id and each.stopped_at is None:
            stop(context, each.clock_id, context.now, f"{found.rule_code}: listed again")
    start(
        replace(context, process_instance_id=found.process_instance_id),
        then,
        found.subject_kind,
        found.subject_number,
        found.due_at - _INSTANT,  # the end of a day belongs to that day
        f"{found.rule_code}: ran out",
        calendar=found.calendar_code,
    )


def _append(context: ServiceContext, clock_id: UUID, events: Sequence[ClockEvent]) -> None:
    """Add events and bring the state up to date."""
    db, tenant_id = context.db, context.tenant_id
    before = events_of(db, tenant_id, clock_id)
    rows = [
        {
            "tenant_id": tenant_id,
            "clock_id": clock_id,
            "position": len(before) + place,
            "kind": event.kind,
            "at": event.at,
            "due_on": None if event.due is None else event.due.on,
            "due_at": None if event.due is None else event.due.at,
            "warn_at": None if event.due is None else event.due.warn_at,
            "provisional": None if event.due is None else event.due.provisional,
            "evidence": event.evidence,
            "reason": event.reason,
            "actor": context.actor.username,
            "recorded_at": context.now,
        }
        for place, event in enumerate(events, start=1)
    ]
    db.execute(_INSERT_EVENT, rows)
    row = db.execute(_ROW, {"tenant_id": tenant_id, "clock_id": clock_id}).one()
    state = _state_of(row, [*before, *events])
    db.execute(_DELETE_STATE, {"key_tenant_id": tenant_id, "key_clock_id": clock_id})
    db.execute(_INSERT_STATE, state)


def _state_of(row: AnyRow, events: Sequence[ClockEvent]) -> dict[str, Any]:
    """Give the state of a clock after its events."""
    due: Due | None = None
    state, stopped = "running", None
    for event in events:
        match event.kind:
            case "due" | "due_corrected":
                due, state = event.due, "running" if stopped is None else state
            case "warned" | "breached" | "elapsed":
                state = event.kind
            case "stopped":
                state, stopped = "stopped", event
            case _:  # a disputed start moves nothing
                pass
    deadline = row.nature == "deadline"
    over_at = stopped.at if stopped is not None else None
    overdue = state == "breached" or (
        deadline and due is not None and over_at is not None and over_at >= due.at
    )
    next_check = None
    if due is not None and state == "running" and deadline:
        next_check = due.warn_at
    elif due is not None and state in ("running", "warned"):
        next_check = due.at
    return {
        "tenant_id": row.tenant_id,
        "clock_id": row.clock_id,
        "owner_role": row.owner_role,
        "state": state,
        "overdue": overdue,
        "last_position": len(events),
        "due_on": None if due is None else due.on,
        "due_at": None if due is None else due.at,
        "warn_at": None if due is None else due.warn_at,
        "provisional": None if due is None else due.provisional,
        "next_check_at": next_check,
        "stopped_at": over_at,
        "stop_evidence": None if stopped is None else stopped.evidence,
    }


def _recomputed(configuration: Callable[[str], Any], found: Clock) -> Due | None:
    kept = found.rule
    limit = kept["limit"]
    rule = Rule(
        code=found.rule_code,
        names=kept["names"],
        authority=found.authority,
        source=kept["source"],
        limit=None,
        calendar=found.calendar_code,
        method=kept["method"],
        nature=found.nature,
        owner_role=found.owner_role,
        warn_after_share=kept["warn_after_share"],
    )
    length = None if limit is None else Limit(amount=limit["amount"], unit=limit["unit"])
    counted = calendars.calendar(configuration, found.calendar_code)
    return rules.due(rule, counted, found.started_at, length)


def _snapshot(rule: Rule, length: Limit | None) -> dict[str, Any]:
    return {
        "names": dict(rule.names),
        "source": rule.source,
        "limit": None if length is None else {"amount": length.amount, "unit": length.unit},
        "method": rule.method,
        "warn_after_share": str(rule.warn_after_share),
    }


def _named(event: str, clock_id: UUID, rule: str, kind: str, number: str) -> dict[str, Any]:
    subject = {"subject_kind": kind, "subject_number": number}
    return {"event": event, "clock": str(clock_id), "rule": rule, **subject}


def _about(found: Clock, event: str) -> dict[str, Any]:
    return _named(event, found.clock_id, found.rule_code, found.subject_kind, found.subject_number)


def _with_due(found: Clock, event: str) -> dict[str, Any]:
    assert found.due_on is not None
    instance = found.process_instance_id
    return {
        **_about(found, event),
        "due_on": found.due_on.isoformat(),
        "owner_role": found.owner_role,
        "process_instance": None if instance is None else str(instance),
    }


def _due_of(found: Clock) -> Due:
    assert found.due_on is not None
    assert found.due_at is not None
    assert found.warn_at is not None
    return Due(
        on=found.due_on, at=found.due_at, warn_at=found.warn_at, provisional=found.provisional
    )


def _read(row: AnyRow) -> Clock:
    return Clock(
        clock_id=row.clock_id,
        rule_code=row.rule_code,
        rule=row.rule,
        authority=row.authority,
        calendar_code=row.calendar_code,
        nature=row.nature,
        subject_kind=row.subject_kind,
        subject_number=row.subject_number,
        owner_role=row.owner_role,
        started_at=row.started_at,
        start_evidence=row.start_evidence,
        process_instance_id=row.process_instance_id,
        state=row.state,
        overdue=row.overdue,
        due_on=row.due_on,
        due_at=row.due_at,
        warn_at=row.warn_at,
        provisional=bool(row.provisional),
        stopped_at=row.stopped_at,
        stop_evidence=row.stop_evidence,
    )


def _read_event(row: AnyRow) -> ClockEvent:
    due = None
    if row.due_at is not None:
        due = Due(on=row.due_on, at=row.due_at, warn_at=row.warn_at, provisional=row.provisional)
    return ClockEvent(
        kind=row.kind,
        at=row.at,
        due=due,
        evidence=row.evidence,
        reason=row.reason,
        actor=row.actor,
        recorded_at=row.recorded_at,
    )
