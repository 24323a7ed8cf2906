"""A process started with a form: checked like a step, and on the record with the start."""

import hashlib
from typing import Any
from uuid import UUID

from engine.commands.attachments import StoreAttachment
from engine.commands.process_instances import StartProcessInstance
from engine.identifiers import new_id
from engine.outcomes import Outcome, Reason, Rejected
from tests.engine.test_dispatcher import refused
from tests.engine.workshop import Workshop
from tests.people import BEN

GOOD: dict[str, Any] = {"lot": "L1", "quantity": "12.50"}


def request(workshop: Workshop, data: dict[str, Any]) -> Outcome:
    command = StartProcessInstance(command_id=new_id(), process_id="toy_request", data=data)
    return workshop.ask(command, BEN)


def paths(outcome: Outcome) -> set[str]:
    assert isinstance(outcome, Rejected), outcome
    assert all(problem.message["en"] and problem.message["zh"] for problem in outcome.errors)
    return {problem.path for problem in outcome.errors}


def test_the_start_form_becomes_the_first_variables(workshop: Workshop) -> None:
    instance = UUID(workshop.must(request(workshop, GOOD))["process_instance_id"])
    known: dict[str, Any] = {"lot": "L1", "quantity": "12.50", "repeat": None, "paper": []}
    assert workshop.variables(instance) == known
    item = workshop.open("answer", BEN, instance)
    assert item.title == "L1"


def test_the_record_of_the_start_holds_what_was_given(workshop: Workshop) -> None:
    instance = UUID(workshop.must(request(workshop, GOOD))["process_instance_id"])
    started, *others = workshop.events(instance)
    assert started["event"] == "process_instance.started"
    assert started["data"] == {"lot": "L1", "quantity": "12.50"}
    assert started["activity"] == "start"
    catalogue = workshop.dispatcher.resources.catalogue
    with workshop.database.reading() as db:
        form = catalogue.form(db, "test", started["form"])
    assert form.name == "request"
    assert {"event": "variables.submitted", "fields": ["lot", "quantity"]} in others
    report = workshop.verify()
    assert report.whole, report.differences


def test_a_start_form_is_checked_field_by_field(workshop: Workshop) -> None:
    outcome = request(workshop, {"quantity": "1e999", "colour": "red"})
    refused(outcome, Reason.INVALID_DATA)
    assert paths(outcome) >= {"/lot", "/quantity", "/colour"}
    assert workshop.worklist(BEN) == []


def test_a_start_form_with_required_fields_must_be_filled_in(workshop: Workshop) -> None:
    outcome = refused(request(workshop, {}), Reason.INVALID_DATA)
    assert paths(outcome) == {"/lot", "/quantity"}


def test_a_file_that_never_arrived_does_not_start_a_process(workshop: Workshop) -> None:
    content = b"%PDF-1.7"
    digest = hashlib.sha256(content).hexdigest()
    paper = {"sha256": digest, "name": "order.pdf", "mime": "application/pdf", "size": len(content)}
    data = {**GOOD, "paper": [paper]}
    refused(request(workshop, data), Reason.INVALID_DATA)
    stored = StoreAttachment(
        command_id=new_id(), sha256=digest, media_type="application/pdf", data=content
    )
    workshop.must(workshop.ask(stored, BEN))
    workshop.must(request(workshop, data))


def test_a_process_without_a_start_form_takes_no_data(workshop: Workshop) -> None:
    command = StartProcessInstance(command_id=new_id(), process_id="toy_order", data={"lot": "L1"})
    refused(workshop.ask(command, BEN), Reason.INVALID_DATA)


def test_a_message_starts_it_without_the_form(workshop: Workshop) -> None:
    first = UUID(workshop.must(request(workshop, {**GOOD, "repeat": True}))["process_instance_id"])
    workshop.do("answer", BEN, first)
    [item] = workshop.worklist(BEN)
    second = item.work_item_id.process_instance_id
    assert second != first
    assert workshop.variables(second) == {"lot": "L1"}
    started = workshop.events(second)[0]
    assert started["by"] == "message"
    assert "data" not in started
    assert workshop.verify().whole
