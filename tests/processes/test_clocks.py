"""Clocks that the law counts: never deleted, warned and breached once, stopped with evidence."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, event, insert, select, update
from sqlalchemy.exc import DBAPIError

from engine.audit import trail
from engine.audit.entries import document_of
from engine.commands.configuration import ChangeConfiguration
from engine.identifiers import new_id
from engine.outcomes import Rejected
from processes import registry
from processes.ledger.clocks import clocks
from processes.ledger.clocks.clocks import (
    Clock,
    ClockNotRunning,
    EvidenceMissing,
    ImpossibleTime,
    NothingToCorrect,
    ReasonMissing,
)
from processes.ledger.clocks.commands import CheckClock, CorrectClock, StartClock, StopClock
from processes.ledger.clocks.rules import Limit, LimitFixed
from processes.ledger.clocks.tables import clock, clock_event, clock_state
from tests.people import ADA, ANN, Person
from tests.people import DORA as QA
from tests.processes.conftest import DORA, NOW, TENANT, Book
from tests.scenario import Scenario

RA = Person("jin", "Jin Fang", "方瑾", ("RA",))
MAIL = "e-mail of the distributor, 22 Nov 2026 16:00"
SENT = "receipt 2026-118 of the provincial authority"


def started(book: Book, rule: str = "CN-N2", **more: Any) -> Clock:
    clock_id = clocks.start(book.by(DORA), rule, "field_action", "FA-1", NOW, MAIL, **more)
    return clocks.find(book.db, TENANT, clock_id)


def look(book: Book, found: Clock, **later: float) -> list[str]:
    return clocks.check(book.by(DORA, now=NOW + timedelta(**later)), found.clock_id)


# --- starting and stopping ----------------------------------------------------------------------


def test_a_clock_knows_authority_calendar_and_proof(book: Book) -> None:
    found = started(book)
    assert (found.authority, found.calendar_code) == ("NMPA", "CN")
    assert found.start_evidence == MAIL
    assert found.due_on == date(2026, 11, 25)
    assert found.due_at == datetime(2026, 11, 25, 16, tzinfo=UTC)
    assert found.owner_role == "RCC"
    assert found.state == "running"
    assert book.events[-1]["event"] == "clock.started"
    assert clocks.of_subject(book.db, TENANT, "field_action", "FA-1") == [found]


def test_stopping_takes_proof_and_says_whether_it_was_in_time(book: Book) -> None:
    found = started(book)
    with pytest.raises(EvidenceMissing):
        clocks.stop(book.by(DORA), found.clock_id, NOW, " ")
    clocks.stop(book.by(DORA), found.clock_id, NOW, SENT)
    after = clocks.find(book.db, TENANT, found.clock_id)
    assert (after.state, after.stopped_at, after.stop_evidence) == ("stopped", NOW, SENT)
    assert after.overdue is False
    assert book.events[-1]["in_time"] is True


def test_a_clock_stops_once(book: Book) -> None:
    found = started(book)
    clocks.stop(book.by(DORA), found.clock_id, NOW, SENT)
    with pytest.raises(ClockNotRunning):
        clocks.stop(book.by(DORA), found.clock_id, NOW, SENT)


def test_a_clock_neither_starts_nor_stops_in_the_future(book: Book) -> None:
    ahead = NOW + timedelta(hours=1)
    with pytest.raises(ImpossibleTime):
        clocks.start(book.by(DORA), "CN-N2", "field_action", "FA-1", ahead, MAIL)
    found = started(book)
    with pytest.raises(ImpossibleTime):
        clocks.stop(book.by(DORA), found.clock_id, ahead, SENT)
    with pytest.raises(ImpossibleTime):
        clocks.stop(book.by(DORA), found.clock_id, NOW - timedelta(hours=1), SENT)


def test_without_proof_nothing_starts(book: Book) -> None:
    with pytest.raises(EvidenceMissing):
        clocks.start(book.by(DORA), "CN-N2", "field_action", "FA-1", NOW, "")


def test_only_a_plan_s_interval_can_be_chosen(book: Book) -> None:
    week = Limit(amount=10, unit="calendar_day")
    found = started(book, "CN-PROG1", limit=week)
    assert found.due_on == date(2026, 12, 2)
    with pytest.raises(LimitFixed):
        started(book, "CN-N2", limit=week)


def test_an_eu_clock_runs_by_its_state(book: Book) -> None:
    assert started(book, "EU-15").calendar_code == "EU-DE"
    assert started(book, "EU-15", calendar="EU-FR").calendar_code == "EU-FR"


# --- warned and breached ------------------------------------------------------------------------


def test_warned_once_and_breached_once(book: Book) -> None:
    found = started(book)
    assert look(book, found, hours=1) == []
    assert look(book, found, days=2) == ["clock.warning"]
    assert look(book, found, days=2) == []
    assert look(book, found, days=5) == ["clock.breached"]
    assert look(book, found, days=6) == []
    after = clocks.find(book.db, TENANT, found.clock_id)
    assert (after.state, after.overdue) == ("breached", True)
    kinds = [event.kind for event in clocks.events_of(book.db, TENANT, found.clock_id)]
    assert kinds == ["due", "warned", "breached"]


def test_a_missed_night_is_caught_up_in_one_look(book: Book) -> None:
    found = started(book)
    assert look(book, found, days=9) == ["clock.warning", "clock.breached"]


def test_breach_is_at_the_end_of_the_day_not_before(book: Book) -> None:
    found = started(book)
    assert found.due_at is not None
    last = found.due_at - timedelta(seconds=1) - NOW
    look(book, found, seconds=last.total_seconds())
    assert clocks.find(book.db, TENANT, found.clock_id).state == "warned"
    assert look(book, found, seconds=last.total_seconds() + 1) == ["clock.breached"]


def test_a_late_stop_records_the_breach_first(book: Book) -> None:
    found = started(book)
    later = NOW + timedelta(days=5)
    clocks.stop(book.by(DORA, now=later), found.clock_id, later, SENT)
    kinds = [event.kind for event in clocks.events_of(book.db, TENANT, found.clock_id)]
    assert kinds == ["due", "breached", "stopped"]
    assert clocks.find(book.db, TENANT, found.clock_id).overdue is True


def test_what_was_done_in_time_but_recorded_late_is_not_overdue(book: Book) -> None:
    """The breach that the engine saw stays on the record; the proof shows that it was none."""
    found = started(book)
    look(book, found, days=5)
    clocks.stop(book.by(DORA, now=NOW + timedelta(days=6)), found.clock_id, NOW, SENT)
    after = clocks.find(book.db, TENANT, found.clock_id)
    assert (after.state, after.overdue) == ("stopped", False)
    kinds = [event.kind for event in clocks.events_of(book.db, TENANT, found.clock_id)]
    assert "breached" in kinds


def test_a_waiting_time_ends_by_itself_and_is_no_breach(book: Book) -> None:
    found = started(book, "EU-FSN48")
    assert look(book, found, hours=47) == []
    assert look(book, found, hours=48) == ["clock.elapsed"]
    after = clocks.find(book.db, TENANT, found.clock_id)
    assert (after.state, after.overdue) == ("elapsed", False)


def test_a_gate_has_no_date_and_waits_for_its_stop(book: Book) -> None:
    found = started(book, "EU-FSCA")
    assert found.due_at is None
    assert look(book, found, days=400) == []
    clocks.stop(book.by(DORA), found.clock_id, NOW, SENT)
    assert clocks.find(book.db, TENANT, found.clock_id).state == "stopped"


def test_a_stopped_clock_is_not_looked_at(book: Book) -> None:
    found = started(book)
    clocks.stop(book.by(DORA), found.clock_id, NOW, SENT)
    assert look(book, found, days=30) == []


# --- INV-16 -------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [clock, clock_event], ids=["clock", "clock_event"])
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_inv_16_no_clock_is_deleted_or_changed(book: Book, table: Any, verb: str) -> None:
    started(book)
    statement = delete(table) if verb == "delete" else update(table).values(actor="nobody")
    with pytest.raises(DBAPIError, match="append-only"), book.db.begin_nested():
        book.db.execute(statement)


def moved() -> dict[str, Any]:
    """The documents after a day off that the clock's calendar did not have when it started."""
    documents = deepcopy(dict(registry.documents()))
    off = [{"day": "2026-11-24", "reason": "decreed"}]
    documents["calendars"]["calendars"]["CN"]["days_off"] = off
    return documents


def test_inv_16_due_date_changes_only_by_the_calendar_and_with_a_reason(book: Book) -> None:
    found = started(book, "CN-PLAN")
    with pytest.raises(NothingToCorrect):
        clocks.correct_calendar(book.by(DORA), found.clock_id, "why not")
    corrected = replace(book.by(DORA), configuration=moved().__getitem__)
    with pytest.raises(ReasonMissing):
        clocks.correct_calendar(corrected, found.clock_id, " ")
    due = clocks.correct_calendar(corrected, found.clock_id, "notice of the State Council")
    after = clocks.find(book.db, TENANT, found.clock_id)
    assert (found.due_on, after.due_on, due.on) == (
        date(2026, 11, 27),
        date(2026, 11, 30),
        date(2026, 11, 30),
    )
    told = book.events[-1]
    assert (told["old"], told["new"]) == ("2026-11-27", "2026-11-30")
    assert told["reason"] == "notice of the State Council"


def test_inv_16_the_database_wants_a_reason_too(book: Book) -> None:
    found = started(book)
    row = {
        "tenant_id": TENANT,
        "clock_id": found.clock_id,
        "position": 2,
        "kind": "due_corrected",
        "at": NOW,
        "due_at": NOW,
        "due_on": NOW.date(),
        "warn_at": NOW,
        "reason": " ",
        "actor": "nobody",
        "recorded_at": NOW,
    }
    with pytest.raises(DBAPIError, match="reason"), book.db.begin_nested():
        book.db.execute(clock_event.insert(), row)


def test_a_corrected_clock_can_warn_and_breach_again(book: Book) -> None:
    found = started(book, "CN-PLAN")
    look(book, found, days=30)
    corrected = replace(book.by(DORA), configuration=moved().__getitem__)
    clocks.correct_calendar(corrected, found.clock_id, "notice")
    assert look(book, found, days=30) == ["clock.warning", "clock.breached"]


def test_clocks_that_a_new_calendar_would_move_are_found(book: Book) -> None:
    found = started(book, "CN-PLAN")
    assert clocks.recomputed(registry.documents().__getitem__, found) is None
    due = clocks.recomputed(moved().__getitem__, found)
    assert due is not None
    assert due.on == date(2026, 11, 30)


def test_a_disputed_start_keeps_both_dates(book: Book) -> None:
    found = started(book)
    friday = NOW - timedelta(days=2)
    clocks.dispute_start(book.by(DORA), found.clock_id, friday, "call note of sales, 20 Nov")
    after = clocks.find(book.db, TENANT, found.clock_id)
    assert (after.started_at, after.due_on) == (found.started_at, found.due_on)
    claimed = clocks.events_of(book.db, TENANT, found.clock_id)[-1]
    assert (claimed.kind, claimed.at) == ("start_disputed", friday)


def test_states_are_compared_for_one_tenant_by_one_statement(book: Book) -> None:
    found = [started(book) for _ in range(3)]
    for table in (clock, clock_event, clock_state):  # the same ids in another company's book
        rows = [row._asdict() for row in book.db.execute(select(table))]
        book.db.execute(insert(table), [{**row, "tenant_id": "other"} for row in rows])
    theirs = clock_state.c.tenant_id == "other"
    book.db.execute(update(clock_state).where(theirs).values(state="warned"))
    asked: list[str] = []

    def heard(_db: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(book.db, "before_cursor_execute", heard)
    assert clocks.differences(book.db, TENANT) == []
    event.remove(book.db, "before_cursor_execute", heard)
    assert len(asked) == 1
    assert clocks.differences(book.db, "other") == sorted(str(each.clock_id) for each in found)
    look(book, found[0], days=3)  # and what is written goes by the tenant as well


def test_a_clock_without_its_state_is_found(book: Book) -> None:
    found = started(book)
    book.db.execute(delete(clock_state))
    assert clocks.differences(book.db, TENANT) == [str(found.clock_id)]


def test_kept_states_are_what_the_events_say(book: Book) -> None:
    found = started(book)
    look(book, found, days=3)
    started(book, "EU-FSCA")
    assert clocks.differences(book.db, TENANT) == []
    book.db.execute(update(clock_state).values(state="running"))
    assert clocks.differences(book.db, TENANT) == [str(found.clock_id)]


def test_the_rule_of_a_clock_stays_as_it_was(book: Book) -> None:
    """A rule that the customer changes later moves no clock that runs."""
    found = started(book, "CN-PLAN")
    documents = deepcopy(dict(registry.documents()))
    documents["clock_rules"]["rules"]["CN-PLAN"]["limit"]["amount"] = 9
    changed = replace(book.by(DORA), configuration=documents.__getitem__)
    with pytest.raises(NothingToCorrect):
        clocks.correct_calendar(changed, found.clock_id, "longer rule")


# --- owners -------------------------------------------------------------------------------------


def test_owners_see_what_runs_the_soonest_first(book: Book) -> None:
    gate = started(book, "EU-FSCA", owner_role="RCC")
    later, sooner = started(book, "CN-N3"), started(book, "CN-N1")
    other = started(book, "CN-SUM")
    assert [each.clock_id for each in clocks.open_for(book.db, TENANT, ["RCC"])] == [
        sooner.clock_id,
        later.clock_id,
        gate.clock_id,
    ]
    clocks.stop(book.by(DORA), sooner.clock_id, NOW, SENT)
    everybody = clocks.open_for(book.db, TENANT, None)
    assert {each.clock_id for each in everybody} == {
        later.clock_id,
        other.clock_id,
        gate.clock_id,
    }


# --- in the running engine ----------------------------------------------------------------------


@pytest.fixture
def office(scenario: Scenario) -> Scenario:
    """The installation, with somebody of regulatory affairs."""
    scenario.add(RA)
    return scenario


def events(scenario: Scenario, name: str) -> list[Any]:
    """Every event of a name that the trail holds, in whichever chain."""
    with scenario.database.reading() as db:
        return [
            event
            for stream in trail.streams_of(db, TENANT)
            for entry in trail.entries_of(db, TENANT, stream)
            for event in document_of(entry.body)["events"]
            if event["event"] == name
        ]


def start_by_hand(scenario: Scenario, by: Person = RA) -> Any:
    command = StartClock(
        command_id=new_id(),
        rule="CN-N1",
        subject_kind="complaint",
        subject_number="C-1",
        started_at=scenario.clock.now,
        evidence=MAIL,
    )
    return scenario.ask(command, by)


def test_the_engine_records_warning_and_breach_once_and_after_a_pause(office: Scenario) -> None:
    clock_id = office.must(start_by_hand(office))["clock_id"]
    office.background.run_until_idle()
    office.clock.advance(days=3)
    office.background.run_until_idle()
    office.clock.advance(days=3)
    office.background.run_until_idle()
    assert len(events(office, "clock.warning")) == 1
    assert len(events(office, "clock.breached")) == 1
    with office.database.reading() as db:
        (found,) = clocks.open_for(db, "test", ["RCC"])
    assert (str(found.clock_id), found.state) == (clock_id, "breached")
    assert office.verify().differences == []


def test_people_may_start_and_stop_but_not_check(office: Scenario) -> None:
    clock_id = office.must(start_by_hand(office))["clock_id"]
    assert isinstance(start_by_hand(office, ANN), Rejected)
    check = CheckClock(command_id=new_id(), clock_id=UUID(clock_id))
    assert isinstance(office.ask(check, RA), Rejected)
    stop = StopClock(
        command_id=new_id(), clock_id=UUID(clock_id), at=office.clock.now, evidence=SENT
    )
    office.must(office.ask(stop, RA))


def test_a_site_calendar_is_changed_on_the_record_and_the_clock_corrected(
    office: Scenario,
) -> None:
    """The site's calendar is edited with a reason; the clock that it moves is corrected by hand."""
    command = StartClock(
        command_id=new_id(),
        rule="CN-PLAN",
        subject_kind="field_action",
        subject_number="FA-1",
        started_at=office.clock.now,
        evidence=MAIL,
        calendar="SZ01",
    )
    clock_id = UUID(office.must(office.ask(command, RA))["clock_id"])
    document = deepcopy(office.dispatcher.documents(TENANT)["site_calendars"])
    document["calendars"]["SZ01"]["days_off"] = [{"day": "2026-11-25", "reason": "stocktaking"}]
    change = ChangeConfiguration(
        command_id=new_id(), key="site_calendars", document=document, why="stocktaking"
    )
    office.must(office.ask(change, ADA))
    correct = CorrectClock(command_id=new_id(), clock_id=clock_id, why="stocktaking")
    assert office.must(office.ask(correct, QA))["due_on"] == "2026-12-01"
    assert len(events(office, "clock.due_corrected")) == 1
