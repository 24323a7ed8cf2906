"""An inspection without a connection: what the device says comes next is what comes."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from engine.definitions.offline_class import OFFLINE_POLICY
from engine.execution.ahead import exact
from engine.reading.ahead import ahead_of_the_server
from engine.reading.case import state_for_device
from engine.reading.worklist import WorkItemView
from processes.incoming_inspection.scenarios.inspection import Inspection, deliver
from tests.engine.stretches.device import Device
from tests.people import BEN
from tests.scenario import TENANT, Scenario


@pytest.fixture(scope="module")
def device() -> Iterator[Device]:
    with Device() as running:
        yield running


def step(inspection: Inspection, item: WorkItemView) -> dict[str, Any]:
    """Give what a device knows before a step that it does."""
    company = inspection.company
    catalogue = company.dispatcher.resources.catalogue
    with company.database.reading() as db:
        state = state_for_device(db, catalogue, TENANT, inspection.instance, company.clock())
    address = {"activity": item.activity_id, "visit": item.visit, "index": item.item_index}
    return {"address": address, "state": state}


def places(inspection: Inspection, activity_id: str) -> list[Mapping[str, Any]]:
    return [
        {"activity": item.activity_id, "visit": item.visit, "index": item.item_index}
        for item in inspection.company.items(inspection.instance)
        if item.status == "open" and item.activity_id == activity_id
    ]


def test_samples_are_drawn_and_everything_is_measured_before_the_server_knows(
    company: Scenario, device: Device
) -> None:
    inspection = deliver(company)
    inspection.check_documents()
    [drawing] = [i for i in company.items(inspection.instance) if i.activity_id == "DrawSamples"]
    steps = [step(inspection, drawing)]
    inspection.draw_samples()
    steps[0]["values"] = exact(inspection.case["drawn"])
    to_measure, opened = inspection.to_measure(), places(inspection, "Measure")
    assert len(to_measure) > 1
    for item in to_measure:
        done = step(inspection, item)
        inspection.measure_one(item, {}, by=BEN, defects=0)
        steps.append({**done, "values": exact(inspection.case["measured"])})
    machine = drawing.deployed.definition.stretches
    [said] = device.answers([{"machine": machine, "steps": steps}])
    assert [answer.get("error") for answer in said] == [None] * len(steps)
    assert sorted(said[0]["opened"], key=str) == sorted(opened, key=str)
    assert [answer["drifted"] for answer in said] == [None] * len(steps)
    # The last reading is followed by the evaluation, which is the server's.
    assert [answer["server"] for answer in said] == [False] * len(to_measure) + [True]


def test_what_follows_from_the_documents_is_the_servers(company: Scenario, device: Device) -> None:
    inspection = deliver(company)
    [checking] = [
        item
        for item in company.items(inspection.instance)
        if item.activity_id == "CheckDocuments" and item.status == "open"
    ]
    asked = step(inspection, checking)
    inspection.check_documents()
    asked["values"] = exact(inspection.case["document_check"])
    machine = checking.deployed.definition.stretches
    [[said]] = device.answers([{"machine": machine, "steps": [asked]}])
    assert (said["server"], said["opened"]) == (True, [])


def test_a_device_takes_along_machine_state_and_forms_of_an_inspection(company: Scenario) -> None:
    inspection = deliver(company)
    [item] = [i for i in company.items(inspection.instance) if i.activity_id == "CheckDocuments"]
    catalogue = company.dispatcher.resources.catalogue
    with company.database.reading() as db:
        taken = ahead_of_the_server(
            db,
            catalogue,
            TENANT,
            instances={inspection.instance: item.deployed},
            startable=[],
            policy=company.dispatcher.documents(TENANT)[OFFLINE_POLICY],
            at=company.clock(),
        )
    nodes = taken.machines[item.deployed.definition.hash]["nodes"]
    assert {name: nodes[name]["class"] for name in ("CheckDocuments", "Measure", "StateNeed")} == {
        "CheckDocuments": "B",
        "Measure": "B",
        "StateNeed": "C",
    }
    state = taken.states[str(inspection.instance)]
    assert [found["activity"] for found in state["open"]] == ["CheckDocuments"]
    activities = item.deployed.definition.activities
    for name in ("CheckDocuments", "DrawSamples", "Measure"):
        assert activities[name].form_hash in taken.forms
