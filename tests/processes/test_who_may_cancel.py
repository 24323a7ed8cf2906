"""Each process is cancelled by those who answer for it, with reason and signature."""

from uuid import UUID

import pytest

from engine.commands.process_instances import CancelProcessInstance
from engine.identifiers import new_id
from engine.identities.signing import SignatureRequest, record_hash
from engine.outcomes import Accepted, Outcome, Reason, Rejected
from processes import registry
from processes.change_control.scenarios.change import request
from processes.recall.scenarios.field_action import Company, open_action
from tests.people import CLEO, DORA, Person
from tests.processes.whole_company import FINN, MEI, NORA, staff
from tests.scenario import TENANT, Scenario


def cancel(company: Scenario, instance: UUID, by: Person) -> Outcome:
    why = "opened twice"
    meaning = company.dispatcher.documents(TENANT)["signature_meanings"]["CLOS"]
    record = {
        "v": "1",
        "kind": "process_instance.cancelled",
        "tenant": TENANT,
        "process_instance": str(instance),
        "definition": company.items(instance)[0].deployed.definition.hash,
        "meaning": "CLOS",
        "statement": meaning["statement"]["zh"],
        "language": "zh",
        "signer": by.username,
        "why": why,
    }
    signature = SignatureRequest(
        username=by.username,
        password=by.password,
        meaning="CLOS",
        shown_hash=record_hash(record),
        language="zh",
    )
    command = CancelProcessInstance(
        command_id=new_id(), process_instance_id=instance, why=why, signature=signature
    )
    return company.ask(command, by)


def test_who_coordinates_a_recall_may_cancel_it_and_nobody_of_the_laboratory(
    scenario: Scenario,
) -> None:
    maker = Company(staff(scenario), team=())
    part, _ = maker.set_up("US")
    recall = open_action(maker, part)
    refused = cancel(scenario, recall.instance, CLEO)  # she may cancel inspections
    assert isinstance(refused, Rejected)
    assert (refused.reason, refused.expected) == (Reason.NOT_ALLOWED, "RCC, QA")
    assert isinstance(cancel(scenario, recall.instance, MEI), Accepted)
    assert recall.status == "cancelled"
    assert recall.action().status == "cancelled"
    assert scenario.verify().differences == []


@pytest.mark.parametrize(("by", "may"), [(FINN, True), (NORA, True), (DORA, True), (MEI, False)])
def test_who_asks_for_a_change_may_withdraw_it(
    scenario: Scenario, by: Person, *, may: bool
) -> None:
    staff(scenario)
    change = request(scenario)
    assert isinstance(cancel(scenario, change.instance, by), Accepted) is may
    assert change.order.status == ("withdrawn" if may else "open")


def test_every_process_names_who_may_cancel_it(scenario: Scenario) -> None:
    permissions = scenario.dispatcher.documents(TENANT)["permissions"]
    for folder in registry.process_folders():
        assert permissions[f"CancelProcessInstance:{folder.name}"], folder.name
