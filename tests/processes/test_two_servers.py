"""Two servers on one PostgreSQL look for what is due at the same moment: each thing is done once,
nothing fails because the other was there, and the record is whole."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from engine.actors import engine_actor
from engine.background.work import BackgroundWork
from engine.identifiers import new_id
from engine.store import tables
from engine.store.database import Database
from processes.ledger.commands import RecordTraining
from processes.ledger.tables import lapse
from processes.ledger.trainings import Training
from tests.databases import Databases
from tests.engine.test_deliveries import BOOKS, incidents
from tests.engine.test_notices import told
from tests.engine.workshop import Workshop
from tests.people import ANN, BEN
from tests.scenario import TENANT, Scenario

pytestmark = pytest.mark.postgresql
MANY = 8


def both_look(scenario: Scenario, rounds: int = 3) -> None:
    """Have two servers look at the same moment, again and again until nothing is due."""
    servers = [BackgroundWork(scenario.dispatcher) for _ in range(2)]
    failed: list[BaseException] = []

    def look(server: BackgroundWork, start: threading.Barrier) -> None:
        try:
            for _ in range(rounds):
                start.wait(60)
                server.run_once()
        except BaseException as failure:  # noqa: BLE001  # told below, in the test's own thread
            failed.append(failure)
            start.abort()

    start = threading.Barrier(len(servers))
    threads = [threading.Thread(target=look, args=(each, start)) for each in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    scenario.background.run_until_idle()


def test_what_is_late_is_told_once(postgres: Database) -> None:
    workshop = Workshop(postgres)
    late = [workshop.start("toy_late", by=ANN) for _ in range(MANY)]
    workshop.clock.advance(hours=60)
    both_look(workshop)
    for each in late:
        assert told(workshop, each) == [("Count", "WH"), ("Count", "WHL"), ("Count", "QA")]
    assert incidents(workshop) == []
    assert workshop.verify().whole


def test_what_failed_is_tried_once_each_time(postgres: Database) -> None:
    workshop = Workshop(postgres)
    workshop.failing, workshop.failing_for = "crash", BOOKS["timer"]
    watched = [workshop.start("toy_watch", by=BEN) for _ in range(MANY)]
    workshop.clock.advance(hours=1)
    both_look(workshop)
    assert [each.attempts for each in incidents(workshop)] == [1] * MANY
    workshop.clock.advance(seconds=61)
    both_look(workshop)
    assert [each.attempts for each in incidents(workshop)] == [2] * MANY
    workshop.failing = ""
    workshop.clock.advance(minutes=6)
    both_look(workshop)
    assert incidents(workshop) == []
    settled = [each for each in incidents(workshop, resolved=True) if each.delivery]
    assert [each.attempts for each in settled] == [2] * MANY
    for each in watched:
        fired = [e for e in workshop.events(each) if e["event"] == "timer.fired"]
        assert len(fired) == 1
    assert workshop.verify().whole


def test_what_a_look_finds_is_told_once(databases: Databases) -> None:
    with databases.kept(Scenario) as database:
        company = Scenario(database, installed=True)
        today = date(2026, 11, 23)
        for number in range(MANY):
            new = Training(
                person="ben",
                subject=f"WI-{number}",
                valid_from=today - timedelta(days=365),
                valid_to=today,
                evidence="TR-1",
            )
            command = RecordTraining(command_id=new_id(), training=new)
            company.must(company.dispatcher.dispatch(command, engine_actor(TENANT, "test")))
        company.clock.advance(days=2)
        both_look(company, rounds=6)
        with company.database.reading() as db:
            lapsed = db.execute(select(func.count()).select_from(lapse)).scalar_one()
            started = db.execute(
                select(func.count())
                .select_from(tables.process_instance)
                .where(tables.process_instance.c.process_id == "lapsed_proof")
            ).scalar_one()
            failed = db.execute(select(func.count()).select_from(tables.incident)).scalar_one()
        assert (lapsed, started, failed) == (MANY, MANY, 0)
        assert company.verify().differences == []
