"""Another system hands in what it plans: a requisition begins, once, with what was proposed."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from engine.actors import engine_actor
from engine.commands.configuration import ChangeConfiguration
from engine.commands.handed_in import HandInMessage
from engine.identifiers import new_id
from engine.outcomes import Outcome, Reason, Rejected
from processes.procurement.scenarios.purchase import FINN, NORA, Purchase
from tests.people import Person
from tests.scenario import TENANT, Scenario

TUBE = "00840861100781"
PROPOSAL = {
    "source_number": "MRP-1",
    "item_number": TUBE,
    "quantity": "40",
    "need_date": "2026-12-24",
}


def hand_in(
    company: Scenario,
    by: Person = NORA,
    name: str = "mrp.proposal",
    payload: Mapping[str, Any] = PROPOSAL,
) -> Outcome:
    return company.ask(HandInMessage(command_id=new_id(), name=name, payload=payload), by)


def proposed(company: Scenario) -> list[Purchase]:
    return [
        Purchase(company, item.work_item_id.process_instance_id, TUBE)
        for item in company.worklist(NORA)
        if item.activity_id == "Request"
    ]


def test_a_proposal_begins_a_requisition(buyers: Scenario) -> None:
    result = buyers.must(hand_in(buyers))
    assert result == {"name": "mrp.proposal", "correlation": "MRP-1", "new": True}
    (purchase,) = proposed(buyers)
    choices = purchase.case["choices"]
    assert (choices["item_number"], choices["quantity"]) == (TUBE, Decimal(40))
    assert choices["need_date"] == "2026-12-24"
    assert buyers.verify().differences == []


def test_the_same_matter_begins_once(buyers: Scenario) -> None:
    buyers.must(hand_in(buyers))
    assert buyers.must(hand_in(buyers))["new"] is False
    refused = hand_in(buyers, payload={**PROPOSAL, "quantity": "41"})
    assert isinstance(refused, Rejected)
    assert refused.reason is Reason.STALE
    assert len(proposed(buyers)) == 1
    buyers.must(hand_in(buyers, payload={**PROPOSAL, "source_number": "MRP-2"}))
    assert len(proposed(buyers)) == 2


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"quantity": "0"}, "/payload/quantity"),
        ({"quantity": "many"}, "/payload/quantity"),
        ({"need_date": "2026-12-00"}, "/payload/need_date"),
        ({"item_number": " "}, "/payload/item_number"),
        ({"source_number": "x" * 401}, "/payload/source_number"),
        ({"supplier": "S-1001"}, "/payload/supplier"),
    ],
)
def test_what_does_not_hold_what_the_diagram_declares_is_refused(
    buyers: Scenario, change: dict[str, str], path: str
) -> None:
    refused = hand_in(buyers, payload={**PROPOSAL, **change})
    assert isinstance(refused, Rejected)
    assert (refused.reason, [each.path for each in refused.errors]) == (
        Reason.INVALID_DATA,
        [path],
    )
    missing = hand_in(buyers, payload={"source_number": "MRP-1"})
    assert isinstance(missing, Rejected)
    assert len(missing.errors) == 3
    assert proposed(buyers) == []


def test_only_planning_hands_it_in_and_only_what_is_listed(buyers: Scenario) -> None:
    refused = hand_in(buyers, by=FINN)
    assert isinstance(refused, Rejected)
    assert refused.reason is Reason.NOT_ALLOWED
    forged = hand_in(buyers, name="iqc.decided")  # known to the processes, not to the outside
    assert isinstance(forged, Rejected)
    assert forged.reason is Reason.NOT_FOUND
    document = buyers.dispatcher.documents(TENANT)["messages_from_outside"]
    proposal = document["messages"]["mrp.proposal"]
    change = ChangeConfiguration(
        command_id=new_id(),
        key="messages_from_outside",
        document={**document, "messages": {"mrp.proposal": {**proposal, "roles": ["ADM"]}}},
        why="an account of the planning system",
    )
    buyers.must(buyers.dispatcher.dispatch(change, engine_actor(TENANT, "test")))
    refused = hand_in(buyers)
    assert isinstance(refused, Rejected)
    assert refused.reason is Reason.NOT_ALLOWED
