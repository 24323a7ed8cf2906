"""Who is told of work that waits: those who can do it first, then to whom it is escalated."""

from uuid import UUID

import pytest
from sqlalchemy import select, update

from engine.background import work
from engine.background.work import BackgroundWork
from engine.commands.configuration import ChangeConfiguration
from engine.commands.work_items import CompleteWorkItem
from engine.identifiers import new_id
from engine.outcomes import Accepted, Reason, Rejected
from engine.reading.worklist import late_work_of
from engine.store.tables import process_instance
from tests.engine.workshop import Workshop
from tests.people import ADA, ANN, DORA
from tests.scenario import TENANT

TOLD = ("work_item.reminded", "work_item.escalated")


def told(workshop: Workshop, instance: UUID) -> list[tuple[str, str]]:
    return [(e["activity"], e["to"]) for e in workshop.events(instance) if e["event"] in TOLD]


def late(workshop: Workshop, *roles: str) -> list[str]:
    with workshop.database.reading() as db:
        catalogue = workshop.dispatcher.resources.catalogue
        items, _ = late_work_of(db, catalogue, TENANT, roles=roles, account_id=None)
    return [item.activity_id for item in items]


def after(workshop: Workshop, hours: float) -> None:
    workshop.clock.advance(hours=hours)
    workshop.background.run_until_idle()


def test_a_step_is_reminded_of_at_half_its_time_then_escalated_twice(workshop: Workshop) -> None:
    instance = workshop.start("toy_late", by=ANN)
    after(workshop, 3.9)
    assert told(workshop, instance) == []
    after(workshop, 0.1)
    assert told(workshop, instance) == [("Count", "WH")]
    assert late(workshop, "WHL", "QA") == []
    after(workshop, 4)
    assert told(workshop, instance)[1:] == [("Count", "WHL")]
    assert late(workshop, "WHL") == ["Count"]
    assert late(workshop, "QA") == []
    after(workshop, 4)
    assert told(workshop, instance)[2:] == [("Count", "QA")]
    assert late(workshop, "WHL") == late(workshop, "QA") == ["Count"]
    after(workshop, 100)
    assert len(told(workshop, instance)) == 3
    assert workshop.verify().whole


def test_what_is_done_is_late_no_more_and_nobody_is_told(workshop: Workshop) -> None:
    instance = workshop.start("toy_late", by=ANN)
    after(workshop, 9)
    workshop.do("Count", ANN)
    assert late(workshop, "WHL") == []
    after(workshop, 3)
    assert told(workshop, instance) == [("Count", "WH"), ("Count", "WHL")]


def test_without_anybody_to_tell_only_those_who_can_do_it_are_reminded(workshop: Workshop) -> None:
    instance = workshop.start("toy_late", by=ANN)
    workshop.do("Count", ANN)
    after(workshop, 100)
    assert told(workshop, instance) == [("Tidy", "WH")]


def test_a_weekend_without_a_server_is_made_good_in_order(workshop: Workshop) -> None:
    instance = workshop.start("toy_late", by=ANN)
    workshop.clock.advance(hours=60)
    restarted = BackgroundWork(workshop.dispatcher)
    restarted.run_until_idle()
    assert [to for _, to in told(workshop, instance)] == ["WH", "WHL", "QA"]


def test_two_workers_tell_once(workshop: Workshop) -> None:
    instance = workshop.start("toy_late", by=ANN)
    workshop.clock.advance(hours=5)
    BackgroundWork(workshop.dispatcher).run_once()
    BackgroundWork(workshop.dispatcher).run_once()
    assert told(workshop, instance) == [("Count", "WH")]


def test_being_told_of_work_does_not_let_anybody_do_it(workshop: Workshop) -> None:
    workshop.start("toy_late", by=ANN)
    item = workshop.open("Count", ANN)
    after(workshop, 20)
    command = CompleteWorkItem(
        command_id=new_id(), work_item_id=item.work_item_id, revision=item.revision, data={}
    )
    outcome = workshop.ask(command, DORA)
    assert isinstance(outcome, Rejected)
    assert outcome.reason is Reason.NOT_YOURS
    own = CompleteWorkItem(
        command_id=new_id(), work_item_id=item.work_item_id, revision=item.revision, data={}
    )
    assert isinstance(workshop.ask(own, ANN), Accepted)


def test_the_customer_says_when(workshop: Workshop) -> None:
    shares = {"remind_at": "0.25", "escalate_at": "1", "escalate_further_at": "2"}
    command = ChangeConfiguration(command_id=new_id(), key="notices", document=shares, why="faster")
    workshop.must(workshop.ask(command, ADA))
    instance = workshop.start("toy_late", by=ANN)
    after(workshop, 2)
    assert told(workshop, instance) == [("Count", "WH")]
    after(workshop, 13.9)
    assert [to for _, to in told(workshop, instance)] == ["WH", "WHL"]
    after(workshop, 0.1)
    assert [to for _, to in told(workshop, instance)] == ["WH", "WHL", "QA"]


def settles(workshop: Workshop) -> bool:
    """Tell whether the background comes to rest instead of telling the same thing for ever."""
    return workshop.background.run_until_idle(limit=50) < 50


def test_levels_at_the_same_instant_are_told_once_each(workshop: Workshop) -> None:
    shares = {"remind_at": "0.5", "escalate_at": "0.5", "escalate_further_at": "0.5"}
    command = ChangeConfiguration(command_id=new_id(), key="notices", document=shares, why="faster")
    workshop.must(workshop.ask(command, ADA))
    instance = workshop.start("toy_late", by=ANN)
    workshop.clock.advance(hours=4)
    assert settles(workshop)
    assert told(workshop, instance) == [("Count", "WHL"), ("Count", "QA")]
    workshop.do("Count", ANN)
    workshop.clock.advance(hours=4)
    assert settles(workshop)
    assert told(workshop, instance)[2:] == [("Tidy", "WH")]


def test_work_due_the_moment_it_opens_is_told_of_once_to_each(workshop: Workshop) -> None:
    instance = workshop.start("toy_at_once", by=ANN)
    assert settles(workshop)
    assert told(workshop, instance) == [("Now", "WHL"), ("Now", "QA")]
    workshop.do("Now", ANN)
    assert settles(workshop)
    assert told(workshop, instance)[2:] == [("Later", "WH")]
    assert workshop.verify().whole


def test_one_that_cannot_be_told_of_holds_up_no_other_and_is_tried_again(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "BATCH", 1)
    broken = workshop.start("toy_late", by=ANN)
    workshop.clock.advance(hours=1)
    other = workshop.start("toy_late", by=ANN)
    row = process_instance.c.process_instance_id == broken
    with workshop.database.transaction() as db:
        state = db.execute(select(process_instance.c.state).where(row)).scalar_one()
        db.execute(update(process_instance).where(row).values(state=b"broken"))
        db.commit()
    after(workshop, 4)
    after(workshop, 0)
    assert told(workshop, other) == [("Count", "WH")]
    with workshop.database.transaction() as db:
        db.execute(update(process_instance).where(row).values(state=state))
        db.commit()
    after(workshop, 0.1)
    assert told(workshop, broken) == [("Count", "WH")]
