"""A step asks for a training, and for a kind of device (cs:training, cs:deviceClass): who lacks
either neither claims nor completes it, and is told what to do."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.actors import engine_actor
from engine.commands.base import Command
from engine.commands.configuration import ChangeConfiguration
from engine.commands.definitions import DeployDefinition
from engine.commands.work_items import ClaimWorkItem, CompleteWorkItem
from engine.identifiers import new_id
from engine.outcomes import Accepted, Outcome, Reason, Rejected
from engine.reading.worklist import WorkItemView
from engine.store.database import Database
from processes.ledger.commands import RecordTraining
from processes.ledger.trainings import Training
from tests.engine.workshop import Workshop
from tests.people import BEN
from tests.scenario import TENANT, Scenario

DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:cs="urn:countersign:bpmn:1" id="definitions" targetNamespace="urn:test">
  <bpmn:process id="asks" name="Asks" cs:nameZh="要求" isExecutable="true">
    <bpmn:laneSet id="LaneSet_1">
      <bpmn:lane id="Lane_IQC" name="IQC" cs:nameZh="检验员">
        <bpmn:flowNodeRef>Begin</bpmn:flowNodeRef>
        <bpmn:flowNodeRef>Step</bpmn:flowNodeRef>
        <bpmn:flowNodeRef>Finish</bpmn:flowNodeRef>
      </bpmn:lane>
    </bpmn:laneSet>
    <bpmn:startEvent id="Begin"/>
    <bpmn:manualTask id="Step" name="Weld" cs:nameZh="焊接" {asked}/>
    <bpmn:endEvent id="Finish"/>
    <bpmn:sequenceFlow id="Flow_1" sourceRef="Begin" targetRef="Step"/>
    <bpmn:sequenceFlow id="Flow_2" sourceRef="Step" targetRef="Finish"/>
  </bpmn:process>
</bpmn:definitions>"""


def as_engine(scenario: Scenario, command: Command) -> None:
    scenario.must(scenario.dispatcher.dispatch(command, engine_actor(TENANT, "test")))


def waiting(scenario: Scenario, asked: str) -> tuple[UUID, WorkItemView]:
    """Deploy a process whose one step asks for something, and start it."""
    files = {"process.bpmn": DIAGRAM.format(asked=asked).encode()}
    as_engine(scenario, DeployDefinition(command_id=new_id(), files=files, process_id="asks"))
    instance = scenario.start("asks", BEN)
    return instance, scenario.open("Step", BEN, instance)


def claimed(scenario: Scenario, item: WorkItemView, **more: Any) -> Outcome:
    command = ClaimWorkItem(command_id=new_id(), work_item_id=item.work_item_id, **more)
    return scenario.ask(command, BEN)


def completed(scenario: Scenario, instance: UUID, **more: Any) -> Outcome:
    item = scenario.open("Step", BEN, instance)
    command = CompleteWorkItem(
        command_id=new_id(), work_item_id=item.work_item_id, revision=item.revision, **more
    )
    return scenario.ask(command, BEN)


def refused(outcome: Outcome, *told: str) -> None:
    assert isinstance(outcome, Rejected), outcome
    assert outcome.reason is Reason.NOT_QUALIFIED
    for word in told:
        assert word in outcome.message["en"], outcome.message
        assert word in outcome.message["zh"], outcome.message


def trained(scenario: Scenario, subject: str, until: date) -> None:
    first = until - timedelta(days=365)
    new = Training(person="ben", subject=subject, valid_from=first, valid_to=until, evidence="TR-1")
    as_engine(scenario, RecordTraining(command_id=new_id(), training=new))


def configured(scenario: Scenario, key: str, **more: Any) -> None:
    document = {**scenario.dispatcher.documents(TENANT)[key], **more}
    change = ChangeConfiguration(command_id=new_id(), key=key, document=document, why="skills")
    as_engine(scenario, change)


def test_who_is_not_trained_neither_claims_nor_completes(scenario: Scenario) -> None:
    instance, item = waiting(scenario, 'cs:training="WI-207 WI-208"')
    refused(claimed(scenario, item), "WI-207")
    refused(completed(scenario, instance), "WI-207")
    today = date(2026, 11, 23)
    trained(scenario, "WI-207", today)
    refused(claimed(scenario, item), "WI-208")  # each of them is asked for
    trained(scenario, "WI-208", today + timedelta(days=9))
    scenario.must(claimed(scenario, item))
    scenario.clock.advance(hours=14)  # 23:00 of the last day at the site
    scenario.clock.advance(hours=2)
    refused(completed(scenario, instance), "WI-207", "2026-11-23")  # also of who claimed it before
    trained(scenario, "WI-207", today + timedelta(days=365))
    scenario.must(completed(scenario, instance))
    assert scenario.status(instance) == "completed"
    assert scenario.verify().differences == []


def test_the_last_day_counts_whole(scenario: Scenario) -> None:
    instance, _item = waiting(scenario, 'cs:training="WI-207"')
    trained(scenario, "WI-207", date(2026, 11, 23))
    scenario.clock.advance(hours=14, minutes=59)  # 23:59 in Shenzhen
    scenario.must(completed(scenario, instance))


def test_which_training_it_is_may_be_the_customer_s_to_say(scenario: Scenario) -> None:
    instance, item = waiting(scenario, 'cs:training="@weld"')
    configured(scenario, "inspection_rules", training={"weld": "SOP-9"})
    refused(claimed(scenario, item), "SOP-9")
    configured(scenario, "inspection_rules", training={})
    scenario.must(completed(scenario, instance))  # none is asked for


def test_it_is_done_at_a_device_of_its_kind(scenario: Scenario) -> None:
    instance, item = waiting(scenario, 'cs:deviceClass="handheld desktop"')
    configured(scenario, "stations", stations={"Dock 1": "handheld", "Gate": "phone"})
    nowhere = claimed(scenario, item)
    refused(nowhere)
    assert isinstance(nowhere, Rejected)
    assert "handheld scanner or desktop computer" in nowhere.message["en"]
    assert "手持扫描终端或台式电脑" in nowhere.message["zh"]
    refused(claimed(scenario, item, device="Gate"), "Gate")
    refused(claimed(scenario, item, device="Dock 7"), "Dock 7")  # in nobody's list
    scenario.must(claimed(scenario, item, device="Dock 1"))
    refused(completed(scenario, instance, device="Gate"), "Gate")
    scenario.must(completed(scenario, instance, device="Dock 1"))


def test_an_engine_that_keeps_no_trainings_lets_nobody_pass(database: Database) -> None:
    workshop = Workshop(database)
    instance, item = waiting(workshop, 'cs:training="WI-207"')
    refused(claimed(workshop, item), "WI-207")
    refused(completed(workshop, instance), "WI-207")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ('cs:training="WI 207 !"', "people.training"),
        ('cs:deviceClass="watch"', "people.device_class"),
    ],
)
def test_what_means_nothing_is_not_deployed(scenario: Scenario, asked: str, code: str) -> None:
    files = {"process.bpmn": DIAGRAM.format(asked=asked).encode()}
    command = DeployDefinition(command_id=new_id(), files=files, process_id="asks")
    outcome = scenario.dispatcher.dispatch(command, engine_actor(TENANT, "test"))
    assert not isinstance(outcome, Accepted)
    assert code in [error.code for error in outcome.errors]
