"""The one door: one transaction, the first answer again, nothing half done."""

import sqlite3
import threading
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import IntegrityError, OperationalError

from engine.commands.process_instances import StartProcessInstance
from engine.commands.work_item_id import WorkItemId
from engine.commands.work_items import ClaimWorkItem, CompleteWorkItem
from engine.dispatcher import _is_taken_place
from engine.identifiers import new_id
from engine.outcomes import Accepted, ConcurrentChange, Outcome, Reason, Rejected
from engine.store import tables
from engine.store.database import Database
from tests.engine.workshop import Workshop
from tests.people import ANN, BEA, BEN, CLEO, DORA, EVE
from tests.scenario import TENANT

GOOD: dict[str, Any] = {"lot": "L1", "quantity": "12.50"}


def refused(outcome: Outcome, reason: Reason) -> Rejected:
    assert isinstance(outcome, Rejected), outcome
    assert outcome.reason is reason, outcome
    assert outcome.message["en"]
    assert outcome.message["zh"]
    return outcome


def test_an_order_from_start_to_end(workshop: Workshop) -> None:
    order = workshop.start("toy_order", by=BEN)
    workshop.do("fill", BEN, **GOOD)
    assert workshop.booked == [{"lot": "L1", "quantity": Decimal("12.50")}]
    workshop.do("reply", DORA)
    workshop.do("review", CLEO)
    assert workshop.status(order) == "completed"
    assert workshop.variables(order) == {
        "lot": "L1",
        "quantity": "12.50",
        "booked": {"total": "12.50"},
        "verdict": "good",
    }
    report = workshop.verify()
    assert report.whole, report.differences
    assert report.checked["signatures"] == 2


def test_the_same_command_again_gives_the_first_answer_again(workshop: Workshop) -> None:
    command = StartProcessInstance(command_id=new_id(), process_id="toy_order")
    first = workshop.ask(command, BEN)
    second = workshop.ask(command, BEN)
    assert first == second
    assert len(workshop.worklist(BEN)) == 1


def test_the_same_id_for_something_else_is_refused(workshop: Workshop) -> None:
    command_id = new_id()
    workshop.ask(StartProcessInstance(command_id=command_id, process_id="toy_order"), BEN)
    other = StartProcessInstance(command_id=command_id, process_id="toy_reply")
    refused(workshop.ask(other, BEN), Reason.ID_REUSED)
    refused(
        workshop.ask(StartProcessInstance(command_id=command_id, process_id="toy_order"), BEA),
        Reason.ID_REUSED,
    )


def test_a_refusal_is_given_again_too(workshop: Workshop) -> None:
    command = StartProcessInstance(command_id=new_id(), process_id="no_such_process")
    first = workshop.ask(command, BEN)
    assert refused(first, Reason.NOT_FOUND) == workshop.ask(command, BEN)


def test_a_completed_step_cannot_be_completed_again(workshop: Workshop) -> None:
    workshop.start("toy_order", by=BEN)
    item = workshop.open("fill", BEN)
    workshop.do("fill", BEN, item=item, **GOOD)
    refused(workshop.attempt("fill", BEA, item=item, **GOOD), Reason.ALREADY_COMPLETED)
    assert len(workshop.booked) == 1


def test_a_failing_service_leaves_no_trace_but_an_incident(workshop: Workshop) -> None:
    order = workshop.start("toy_order", by=BEN)
    before = workshop.events(order)
    workshop.failing = "crash"
    outcome = refused(workshop.attempt("fill", BEN, **GOOD), Reason.INCIDENT)
    assert outcome.incident_id is not None
    assert workshop.events(order) == before
    assert workshop.variables(order) == {}
    with workshop.database.reading() as db:
        found = db.execute(select(tables.incident)).one()
    assert found.incident_id == outcome.incident_id
    assert found.process_instance_id == order
    assert "the shelf fell down" in found.error
    workshop.failing = ""
    workshop.do("fill", BEN, **GOOD)
    assert workshop.verify().whole


def test_an_outcome_that_the_diagram_does_not_draw_changes_nothing(workshop: Workshop) -> None:
    order = workshop.start("toy_order", by=BEN)
    workshop.failing = "toy.sold_out"
    refused(workshop.attempt("fill", BEN, **GOOD), Reason.INCIDENT)
    assert workshop.variables(order) == {}
    assert workshop.verify().whole


def test_work_of_another_role_is_refused(workshop: Workshop) -> None:
    workshop.start("toy_order", by=BEN)
    item = workshop.open("fill", BEN)
    refused(workshop.attempt("fill", EVE, item=item, **GOOD), Reason.NOT_YOURS)


def test_a_process_is_started_by_its_starters_only(workshop: Workshop) -> None:
    command = StartProcessInstance(command_id=new_id(), process_id="toy_order")
    refused(workshop.ask(command, DORA), Reason.NOT_ALLOWED)


def test_claimed_work_is_refused_to_others_until_it_is_released(workshop: Workshop) -> None:
    workshop.start("toy_order", by=BEN)
    item = workshop.open("fill", BEN)
    workshop.must(
        workshop.ask(ClaimWorkItem(command_id=new_id(), work_item_id=item.work_item_id), BEN)
    )
    stale = workshop.attempt("fill", BEN, item=item, **GOOD)
    refused(stale, Reason.STALE)
    refused(workshop.attempt("fill", BEA, **GOOD), Reason.NOT_YOURS)
    workshop.do("fill", BEN, **GOOD)


def test_bad_data_is_answered_field_by_field(workshop: Workshop) -> None:
    order = workshop.start("toy_order", by=BEN)
    outcome = refused(
        workshop.attempt("fill", BEN, lot="L1", quantity="1e999", colour="red"),
        Reason.INVALID_DATA,
    )
    assert {error.path for error in outcome.errors} >= {"/quantity", "/colour"}
    assert all(error.message["zh"] for error in outcome.errors)
    assert workshop.variables(order) == {}


def test_an_unknown_work_item_is_not_found(workshop: Workshop) -> None:
    order = workshop.start("toy_order", by=BEN)
    for unknown in (WorkItemId(UUID(int=5), 1), WorkItemId(order, 99)):
        command = ClaimWorkItem(command_id=new_id(), work_item_id=unknown)
        refused(workshop.ask(command, BEN), Reason.NOT_FOUND)


def test_one_command_is_one_commit(workshop: Workshop) -> None:
    workshop.start("toy_order", by=BEN)
    item = workshop.open("fill", BEN)
    command = CompleteWorkItem(
        command_id=new_id(),
        work_item_id=item.work_item_id,
        revision=item.revision,
        data=GOOD,
        signature=workshop.sign(item, BEN, GOOD),
    )
    actor = workshop.actor(BEN)
    commits: list[object] = []
    event.listen(workshop.database.engine, "commit", commits.append)
    workshop.must(workshop.dispatcher.dispatch(command, actor))
    assert len(commits) == 1


def test_many_at_once_give_one_completion(workshop: Workshop) -> None:
    """Two people and double clicks: one acceptance, every other answer says what happened."""
    workshop.start("toy_order", by=BEN)
    item = workshop.open("fill", BEN)
    outcomes: list[Outcome] = []
    begin = threading.Barrier(6)
    signatures = {p: workshop.sign(item, p, GOOD) for p in (BEN, BEA)}
    actors = {p: workshop.actor(p) for p in (BEN, BEA)}

    def complete(person: object) -> None:
        command = CompleteWorkItem(
            command_id=new_id(),
            work_item_id=item.work_item_id,
            revision=item.revision,
            data=GOOD,
            signature=signatures[person],  # type: ignore[index]
        )
        begin.wait()
        outcomes.append(workshop.dispatcher.dispatch(command, actors[person]))  # type: ignore[index]

    threads = [threading.Thread(target=complete, args=(p,)) for p in (BEN, BEA) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    accepted = [outcome for outcome in outcomes if isinstance(outcome, Accepted)]
    assert len(accepted) == 1
    assert {o.reason for o in outcomes if isinstance(o, Rejected)} == {Reason.ALREADY_COMPLETED}
    assert len(workshop.booked) >= 1
    with workshop.database.reading() as db:
        completed = select(func.count()).where(
            tables.work_item.c.tenant_id == TENANT, tables.work_item.c.status == "completed"
        )
        assert db.execute(completed).scalar_one() == 1
    assert workshop.verify().whole


@pytest.mark.parametrize("process", ["toy_both", "toy_calls"])
@pytest.mark.parametrize(("first", "second"), [("Count", "Recount"), ("Recount", "Count")])
def test_separate_steps_are_separate_in_whatever_order(
    workshop: Workshop, process: str, first: str, second: str
) -> None:
    """Only Recount names the other in the diagram; toy_calls has both in a called process."""
    instance = workshop.start(process, by=ANN)
    item = workshop.open(second, ANN)
    workshop.do(first, ANN)
    outcome = refused(workshop.attempt(second, ANN, item=item), Reason.SEGREGATION_OF_DUTIES)
    assert {"Count": "清点", "Recount": "复点"}[first] in outcome.message["zh"]
    claim = ClaimWorkItem(command_id=new_id(), work_item_id=item.work_item_id)
    refused(workshop.ask(claim, ANN), Reason.SEGREGATION_OF_DUTIES)
    assert workshop.status(instance) == "running"


def test_a_step_is_not_slower_for_a_separate_one_that_nobody_reached(workshop: Workshop) -> None:
    workshop.start("toy_order", by=BEN)
    asked: list[str] = []
    item = workshop.open("fill", BEN)
    command = CompleteWorkItem(
        command_id=new_id(),
        work_item_id=item.work_item_id,
        revision=item.revision,
        data=GOOD,
        signature=workshop.sign(item, BEN, GOOD),
    )
    actor = workshop.actor(BEN)

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    event.listen(workshop.database.engine, "before_cursor_execute", note)
    workshop.must(workshop.dispatcher.dispatch(command, actor))
    assert asked
    assert not [s for s in asked if s.startswith("SELECT work_item.activity_id, work_item.comple")]


def completion(workshop: Workshop, data: dict[str, Any]) -> CompleteWorkItem:
    item = workshop.open("fill", BEN)
    return CompleteWorkItem(
        command_id=new_id(),
        work_item_id=item.work_item_id,
        revision=item.revision,
        data=data,
        signature=workshop.sign(item, BEN, data),
    )


def test_who_was_overtaken_each_time_may_send_it_again(workshop: Workshop) -> None:
    workshop.start("toy_order", by=BEN)
    command = completion(workshop, GOOD)
    workshop.failing = "overtaken"
    with pytest.raises(ConcurrentChange):
        workshop.dispatcher.dispatch(command, workshop.actor(BEN))
    with workshop.database.reading() as db:
        assert db.execute(select(tables.incident)).all() == []
    workshop.failing = ""
    workshop.must(workshop.ask(command, BEN))
    assert workshop.verify().whole


def test_a_place_in_a_chain_that_another_took_is_no_fault(postgres: Database) -> None:
    """PostgreSQL may find the taken place before the moved head."""
    row = {
        "tenant_id": TENANT,
        "stream_id": UUID(int=1),
        "seq": 1,
        "hash": bytes(32),
        "body": b"x",
    }
    with postgres.transaction() as db:
        db.execute(tables.audit_entry.insert(), [row])
        with pytest.raises(IntegrityError) as taken:
            db.execute(tables.audit_entry.insert(), [row])
    assert _is_taken_place(taken.value)


def test_what_a_database_refuses_is_on_record_without_its_values(workshop: Workshop) -> None:
    workshop.start("toy_order", by=BEN)
    workshop.failing = "constraint"
    refused(workshop.attempt("fill", BEN, lot="SECRET-7", quantity="1.00"), Reason.INCIDENT)
    with workshop.database.reading() as db:
        found = db.execute(select(tables.incident)).one()
    assert "SECRET-7" not in found.error
    assert "UPDATE" not in found.error
    code = "SQLITE_CONSTRAINT_CHECK" if workshop.database.is_sqlite else "23514"
    assert found.error.startswith("IntegrityError at ")
    assert found.error.endswith(code)


def test_a_statement_that_cannot_be_carried_out_is_an_incident(workshop: Workshop) -> None:
    """SQLite's driver calls it by the name that a locked database has, too."""
    order = workshop.start("toy_order", by=BEN)
    before = workshop.events(order)
    workshop.failing = "statement"
    outcome = refused(workshop.attempt("fill", BEN, **GOOD), Reason.INCIDENT)
    assert workshop.events(order) == before
    with workshop.database.reading() as db:
        found = db.execute(select(tables.incident)).one()
    assert found.incident_id == outcome.incident_id
    assert found.error.endswith("SQLITE_ERROR" if workshop.database.is_sqlite else "42703")


def test_a_database_that_does_not_answer_is_no_incident(sqlite: Database) -> None:
    """Nothing happened, and the same command may be sent again."""
    workshop = Workshop(sqlite)
    order = workshop.start("toy_order", by=BEN)
    event.listen(sqlite.engine, "checkout", _impatient)
    other = sqlite3.connect(sqlite.engine.url.database or "")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"):
        workshop.do("fill", BEN, **GOOD)
    other.close()
    workshop.do("fill", BEN, **GOOD)
    assert "fill" in {done["activity"] for done in workshop.events(order) if "activity" in done}
    with sqlite.reading() as db:
        assert db.execute(select(tables.incident)).all() == []


def _impatient(connection: Any, *_: object) -> None:
    connection.execute("PRAGMA busy_timeout=0")
