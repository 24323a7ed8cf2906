"""What runs without a person: timers that were missed, messages that come early, each once."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, select, update

from engine.background import periodic
from engine.background.work import BackgroundWork
from engine.commands.base import Command, Periodic
from engine.commands.instance import encode_variables
from engine.commands.timers import FireTimers
from engine.identifiers import derived_id
from engine.store import tables
from engine.store.database import Database
from engine.store.tables import outbox, timer
from tests.engine.workshop import Workshop
from tests.people import BEN, CLEO, DORA
from tests.scenario import TENANT

GOOD: dict[str, Any] = {"lot": "L1", "quantity": "12.50"}


def names(workshop: Workshop, instance: object) -> list[str]:
    return [event["event"] for event in workshop.events(instance)]  # type: ignore[arg-type]


def fired(workshop: Workshop, instance: object) -> int:
    workshop.background.run_until_idle()
    return names(workshop, instance).count("timer.fired")


def test_a_timer_fires_once_when_its_time_comes(workshop: Workshop) -> None:
    order = workshop.start("toy_order", by=BEN)
    workshop.clock.advance(minutes=59)
    assert fired(workshop, order) == 0
    workshop.clock.advance(minutes=1)
    assert fired(workshop, order) == 1
    workshop.clock.advance(days=1)
    assert fired(workshop, order) == 1
    workshop.do("fill", BEN, **GOOD)
    assert workshop.verify().whole


def test_a_missed_hour_is_caught_up_after_a_restart(workshop: Workshop) -> None:
    order = workshop.start("toy_order", by=BEN)
    workshop.clock.advance(hours=5)  # nobody was there
    restarted = BackgroundWork(workshop.dispatcher)
    assert restarted.run_until_idle() == 1
    fired = next(e for e in workshop.events(order) if e["event"] == "timer.fired")
    assert fired["activity"] == "remind"


def test_two_workers_fire_a_timer_once(workshop: Workshop) -> None:
    order = workshop.start("toy_order", by=BEN)
    workshop.clock.advance(hours=2)
    first, second = BackgroundWork(workshop.dispatcher), BackgroundWork(workshop.dispatcher)
    with workshop.database.reading() as db:
        due = db.execute(select(timer.c.due_at)).scalar_one()
    assert due < workshop.clock()
    first.run_once()
    second.run_once()
    assert names(workshop, order).count("timer.fired") == 1


def test_workers_claim_timers_apart(workshop: Workshop) -> None:
    """Each takes what no other has; a claim ends by itself, should its worker die."""
    orders = {workshop.start("toy_order", by=BEN) for _ in range(2)}
    workshop.clock.advance(hours=2)
    dead, alive = BackgroundWork(workshop.dispatcher), BackgroundWork(workshop.dispatcher)
    assert {row.process_instance_id for row in dead._claim_timers()} == orders
    assert alive.run_until_idle() == 0
    assert workshop.verify().whole  # a claim is none of the trail's business
    workshop.clock.advance(seconds=61)
    alive.run_until_idle()
    assert [names(workshop, each).count("timer.fired") for each in orders] == [1, 1]


@pytest.mark.postgresql
def test_a_timer_that_another_worker_is_claiming_is_passed_over(postgres: Database) -> None:
    workshop = Workshop(postgres)
    orders = [workshop.start("toy_order", by=BEN) for _ in range(2)]
    workshop.clock.advance(hours=2)
    with postgres.transaction() as db:  # another one is about to claim the first
        this = timer.c.process_instance_id == orders[0]
        db.execute(select(timer).where(this).with_for_update())
        claimed = BackgroundWork(workshop.dispatcher)._claim_timers()
    assert [row.process_instance_id for row in claimed] == orders[1:]


def test_a_finished_task_takes_its_timer_with_it(workshop: Workshop) -> None:
    workshop.start("toy_order", by=BEN)
    workshop.do("fill", BEN, **GOOD)
    with workshop.database.reading() as db:
        assert db.execute(select(timer)).all() == []


def test_a_message_starts_a_process_and_its_answer_finds_the_asker(workshop: Workshop) -> None:
    first = workshop.start("toy_order", by=BEN)
    workshop.do("fill", BEN, first, lot="L1", quantity="1.00")
    second = workshop.start("toy_order", by=BEN)
    workshop.do("fill", BEN, second, lot="L2", quantity="2.00")
    replies = workshop.worklist(DORA)
    assert len(replies) == 2
    l2 = next(
        r
        for r in replies
        if workshop.variables(r.work_item_id.process_instance_id)["asked_lot"] == "L2"
    )
    workshop.do("reply", DORA, l2.work_item_id.process_instance_id)
    open_now = [
        i.work_item_id.process_instance_id
        for i in workshop.worklist(CLEO)
        if i.activity_id == "review"
    ]
    assert open_now == [second]
    assert "message.received" in names(workshop, second)
    assert "message.received" not in names(workshop, first)
    assert workshop.verify().whole


def test_an_early_message_waits_for_its_receiver(workshop: Workshop) -> None:
    """The answer to lot L9 is thrown before anybody waits for it."""
    order = workshop.start("toy_order", by=BEN)
    workshop.do("fill", BEN, order, lot="L9", quantity="1.00")
    reply = workshop.worklist(DORA)[0].work_item_id.process_instance_id
    # A second order of the same lot comes after the first has taken the answer.
    workshop.do("reply", DORA, reply)
    late = workshop.start("toy_order", by=BEN)
    workshop.do("fill", BEN, late, lot="L10", quantity="1.00")
    with workshop.database.transaction() as db:
        db.execute(
            update(outbox)
            .where(outbox.c.tenant_id == TENANT, outbox.c.name == "toy.answered")
            .values(status="waiting", correlation="L10")
        )
        db.commit()
    workshop.background.run_until_idle()
    assert "message.received" in names(workshop, late)


def test_a_delivered_message_is_not_delivered_again(workshop: Workshop) -> None:
    workshop.start("toy_order", by=BEN)
    workshop.do("fill", BEN, **GOOD)
    with workshop.database.reading() as db:
        row = db.execute(select(outbox)).one()
    assert row.status == "delivered"
    with workshop.database.transaction() as db:  # a crash before the worker noticed
        db.execute(update(outbox).values(due_at=workshop.clock()))
        db.commit()
    workshop.background.run_until_idle()
    assert len(workshop.worklist(DORA)) == 1


def test_a_delivery_that_fails_is_tried_again_and_told(workshop: Workshop) -> None:
    workshop.start("toy_order", by=BEN)
    workshop.failing = "crash"
    workshop.attempt("fill", BEN, **GOOD)
    assert workshop.worklist(DORA) == []
    workshop.failing = ""
    workshop.do("fill", BEN, **GOOD)
    assert len(workshop.worklist(DORA)) == 1


def test_a_refused_look_takes_nobodys_turn_and_is_asked_again(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(periodic, "BATCH", 1)
    order = workshop.start("toy_order", by=BEN)
    nobody, known = UUID(int=1), UUID(int=2)
    carried_out: list[UUID] = []

    def due(db: Connection, _now: datetime) -> Iterator[tuple[str, Command]]:
        """The first is refused for ever: there is no such instance."""
        for command_id, instance in ((nobody, UUID(int=9)), (known, order)):
            if command_id not in carried_out:
                yield (
                    TENANT,
                    FireTimers(command_id=command_id, process_instance_id=instance, task_ref=1),
                )
        kept = select(table.c.command_id).where(table.c.tenant_id == TENANT)
        carried_out.extend(set(db.execute(kept).scalars()) & {known})

    table = tables.command
    workshop.dispatcher.commands.periodic.append(
        Periodic(name="toys", every=timedelta(minutes=1), due=due)
    )

    def tried() -> set[UUID]:
        with workshop.database.reading() as db:
            return set(db.execute(select(table.c.command_id)).scalars())

    workshop.background.run_until_idle()  # a batch of nothing but refusals is looked beyond
    workshop.background.run_until_idle()
    assert known in tried()
    before = tried()
    workshop.clock.advance(minutes=10)
    workshop.background.run_until_idle()
    assert len(tried() - before) == 1
    assert derived_id("again", nobody, 1) in tried()


def test_a_message_that_nobody_ever_waits_for_expires(workshop: Workshop) -> None:
    with workshop.database.transaction() as db:
        db.execute(
            outbox.insert(),
            {
                "tenant_id": TENANT,
                "outbox_id": UUID(int=3),
                "kind": "message",
                "name": "toy.answered",
                "correlation": "nobody",
                "payload": encode_variables({}),
                "source_instance_id": None,
                "status": "pending",
                "attempts": 0,
                "due_at": workshop.clock(),
                "created_at": workshop.clock(),
            },
        )
        db.commit()

    def status() -> str:
        workshop.background.run_until_idle()
        with workshop.database.reading() as db:
            return str(db.execute(select(outbox.c.status)).scalar_one())

    assert status() == "waiting"
    workshop.clock.advance(days=29)
    assert status() == "waiting"
    workshop.clock.advance(days=1)
    assert status() == "expired"
