"""What runs without a person and fails: an incident from the first time on, then decided."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.background.work import BackgroundWork
from engine.commands.base import Command
from engine.commands.deliveries import DELAYS, RetryDelivery, SkipDelivery
from engine.commands.incidents import ResolveIncident
from engine.identifiers import new_id
from engine.outcomes import Outcome, Reason
from engine.store.base import FAR_FUTURE
from engine.store.tables import incident, timer
from tests.engine.test_dispatcher import refused
from tests.engine.workshop import Workshop
from tests.people import ADA, BEN

ROOT = Path(__file__).parents[2]
BOOKS = {"timer": "late_book", "message": "nudged_book", "signal": "rung_book"}
KINDS = tuple(BOOKS)


def cause(workshop: Workshop, kind: str) -> UUID:
    """Let something come to an instance that cannot take it now; give the instance."""
    workshop.failing_for = BOOKS[kind]
    instance = workshop.start("toy_watch", by=BEN)
    if kind == "timer":
        workshop.clock.advance(hours=1)
        workshop.background.run_until_idle()
        return instance
    nudge = workshop.start("toy_nudge", by=BEN)
    workshop.do("nudge", BEN, nudge)
    if kind == "signal":
        workshop.do("choose", BEN, nudge)
    return instance


def incidents(workshop: Workshop, *, resolved: bool = False) -> list[Any]:
    with workshop.database.reading() as db:
        rows = db.execute(select(incident).order_by(incident.c.incident_id)).all()
    return [row for row in rows if (row.resolved_at is not None) is resolved]


def booked(workshop: Workshop, kind: str) -> int:
    return [inputs["lot"] for inputs in workshop.booked].count(BOOKS[kind])


def finish(workshop: Workshop, instance: UUID) -> None:
    workshop.do("watch", BEN, instance)
    if any(item.activity_id == "listen" for item in workshop.worklist(BEN)):
        workshop.do("listen", BEN, instance)


def let_pass(workshop: Workshop, **length: float) -> None:
    workshop.clock.advance(**length)
    workshop.background.run_until_idle()


@pytest.mark.parametrize("failing", ["refuse", "crash"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_failed_delivery_is_an_incident_and_is_tried_again(
    workshop: Workshop, kind: str, failing: str
) -> None:
    workshop.failing = failing
    instance = cause(workshop, kind)
    [found] = incidents(workshop)
    assert (found.delivery, found.attempts) == (kind, 1)
    assert found.retry_at == workshop.clock() + DELAYS[0]
    words = "the shelf fell down" if failing == "crash" else "货架已锁"
    assert words in found.error
    let_pass(workshop, seconds=61)
    [found] = incidents(workshop)
    assert found.attempts == 2
    assert booked(workshop, kind) == 0
    workshop.failing = ""
    let_pass(workshop, minutes=6)
    assert incidents(workshop) == []
    assert booked(workshop, kind) == 1
    let_pass(workshop, days=1)
    assert booked(workshop, kind) == 1
    finish(workshop, instance)
    report = workshop.verify()
    assert report.whole, report.differences


@pytest.mark.parametrize("kind", KINDS)
def test_after_the_last_try_it_waits_for_a_person(workshop: Workshop, kind: str) -> None:
    workshop.failing = "refuse"
    cause(workshop, kind)
    for delay in DELAYS:
        let_pass(workshop, seconds=delay.total_seconds() + 1)
    [found] = incidents(workshop)
    assert (found.attempts, found.retry_at) == (len(DELAYS) + 1, None)
    let_pass(workshop, days=30)
    assert incidents(workshop)[0].attempts == len(DELAYS) + 1
    workshop.failing = ""
    assert booked(workshop, kind) == 0
    workshop.must(decide(workshop, RetryDelivery, found.incident_id, "The shelf is open again."))
    assert booked(workshop, kind) == 1
    assert incidents(workshop) == []
    report = workshop.verify()
    assert report.whole, report.differences


@pytest.mark.parametrize("kind", KINDS)
def test_a_person_may_skip_it(workshop: Workshop, kind: str) -> None:
    workshop.failing = "refuse"
    instance = cause(workshop, kind)
    [found] = incidents(workshop)
    workshop.must(decide(workshop, SkipDelivery, found.incident_id, "Booked by hand."))
    workshop.failing = ""
    let_pass(workshop, days=30)
    assert booked(workshop, kind) == 0
    refused(decide(workshop, RetryDelivery, found.incident_id, "After all."), Reason.INVALID_STATE)
    finish(workshop, instance)
    assert workshop.status(instance) == "completed"
    report = workshop.verify()
    assert report.whole, report.differences


def test_deciding_takes_a_reason_and_an_administrator(workshop: Workshop) -> None:
    workshop.failing = "refuse"
    cause(workshop, "message")
    [found] = incidents(workshop)
    for command in (RetryDelivery, SkipDelivery):
        refused(decide(workshop, command, found.incident_id, " "), Reason.INVALID_DATA)
        asked = command(command_id=new_id(), incident_id=found.incident_id, why="Because.")
        refused(workshop.ask(asked, BEN), Reason.NOT_ALLOWED)
        refused(decide(workshop, command, new_id(), "Because."), Reason.NOT_FOUND)
    refused(
        decide(workshop, ResolveIncident, found.incident_id, "Looked at."), Reason.INVALID_STATE
    )


@pytest.mark.parametrize("failing", ["refuse", "crash", "statement"])
def test_one_timer_that_fails_holds_up_no_other(workshop: Workshop, failing: str) -> None:
    workshop.failing = failing
    cause(workshop, "timer")
    workshop.start("toy_order", by=BEN)  # its reminder is due after an hour, too
    let_pass(workshop, hours=1)
    assert [row.attempts for row in incidents(workshop)] == [2]
    with workshop.database.reading() as db:
        waiting = db.execute(select(timer.c.due_at)).scalars().all()
    assert waiting == [FAR_FUTURE]


def test_a_timer_that_is_overtaken_each_time_holds_up_no_other(workshop: Workshop) -> None:
    workshop.failing = "overtaken"
    cause(workshop, "timer")
    later = workshop.start("toy_order", by=BEN)
    let_pass(workshop, hours=1)
    assert incidents(workshop) == []
    told = [event["event"] for event in workshop.events(later)]
    assert "timer.fired" in told
    workshop.failing = ""
    let_pass(workshop, seconds=61)
    assert booked(workshop, "timer") == 1
    assert workshop.verify().whole


def test_what_is_over_when_it_is_tried_again_is_settled(workshop: Workshop) -> None:
    workshop.failing = "refuse"
    instance = cause(workshop, "timer")
    workshop.do("watch", BEN, instance)
    let_pass(workshop, hours=1)
    assert incidents(workshop) == []
    assert booked(workshop, "timer") == 0
    assert workshop.verify().whole


@pytest.mark.parametrize("commits", range(1, 5))
@pytest.mark.parametrize("failing", ["refuse", "crash"])
def test_killed_between_failure_and_incident(
    workshop: Workshop, failing: str, commits: int
) -> None:
    """The background process dies before its first, second… commit; the next one goes on."""
    workshop.start("toy_watch", by=BEN)
    nudge = workshop.start("toy_nudge", by=BEN)
    item = workshop.open("nudge", BEN, nudge)
    url = workshop.database.engine.url.render_as_string(hide_password=False)
    asked = {"work_item_id": str(item.work_item_id), "failing": failing, "commits": commits}
    killed = subprocess.run(
        [sys.executable, "-m", "tests.engine.killed_background", url, json.dumps(asked)],
        check=False,
        cwd=ROOT,
        timeout=120,
    )
    assert killed.returncode in (0, 9)
    assert workshop.verify().whole
    workshop.background = BackgroundWork(workshop.dispatcher)  # the restarted process
    for _ in range(3):
        let_pass(workshop, hours=1)
    if commits == 1:  # the person's own step was lost, so nothing was thrown yet
        workshop.do("nudge", BEN, nudge)
    assert booked(workshop, "message") == 1
    assert incidents(workshop) == []
    report = workshop.verify()
    assert report.whole, report.differences


def test_a_signal_reaches_every_catch_event_of_an_instance(workshop: Workshop) -> None:
    instance = cause(workshop, "signal")
    assert booked(workshop, "signal") == 1
    workshop.do("listen", BEN, instance)
    received = [e for e in workshop.events(instance) if e["event"] == "signal.received"]
    assert len(received) == 2


def decide(
    workshop: Workshop,
    command: type[RetryDelivery] | type[SkipDelivery] | type[ResolveIncident],
    incident_id: UUID,
    why: str,
) -> Outcome:
    asked: Command = command(command_id=new_id(), incident_id=incident_id, why=why)
    return workshop.ask(asked, ADA)
