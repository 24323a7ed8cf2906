"""Opened again, a new record names the closed one, which stays as it was signed; and work that
deviates from the approved way names the change that covers it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.outcomes import Outcome, Rejected
from processes.change_control.scenarios.change import SCREW, request
from processes.complaint.scenarios.test_complaint import Complaint
from processes.ledger.complaints import complaints
from processes.ledger.nonconformity import corrective_actions
from processes.nonconformance.scenarios.test_dispositions import WRITTEN, in_process
from tests.people import DORA
from tests.processes.whole_company import HANA, IVAN, MEI, NORA, staff
from tests.scenario import TENANT, Scenario


@pytest.fixture
def whole(scenario: Scenario) -> Scenario:
    return staff(scenario)


def state_problem(company: Scenario, **more: Any) -> tuple[UUID, Outcome]:
    instance = company.start("corrective_action", by=HANA)
    stated = {"problem": "burrs again", "trigger": "other", **more}
    return instance, company.attempt("Problem", HANA, instance, **stated)


def test_a_closed_corrective_action_is_opened_again(whole: Scenario) -> None:
    first, outcome = state_problem(whole)
    whole.must(outcome)
    number = str(whole.variables(first)["capa"]["number"])
    _, refused = state_problem(whole, reopens=number)
    assert isinstance(refused, Rejected)
    assert refused.found == "open"
    whole.do("Screen", DORA, first, warranted=False, reason="single event")
    whole.do("Close", DORA, first, reason="not warranted")
    again, outcome = state_problem(whole, reopens=number)
    whole.must(outcome)
    case = whole.variables(again)["capa"]
    assert (case["reopens"], case["number"] == number) == (number, False)
    with whole.database.reading() as db:
        before = corrective_actions.by_number(db, TENANT, number)
        after = corrective_actions.by_number(db, TENANT, str(case["number"]))
    assert (before.status, before.reopens) == ("not_warranted", None)
    assert (after.status, after.reopens) == ("open", number)


def test_a_closed_complaint_is_opened_again(whole: Scenario) -> None:
    first = Complaint(whole, people=())
    intake: dict[str, Any] = {
        "channel": "phone",
        "aware_at": whole.clock().isoformat(),
        "complainant": "Dr Li",
        "country": "CN",
        "description": "it broke again",
        "reopens": first.number,
    }
    instance = whole.start("complaint", by=MEI)
    assert isinstance(whole.attempt("Intake", MEI, instance, **intake), Rejected)
    first.do("Complete", MEI, is_complaint=False, why_not="asks for a catalogue")
    whole.do("Intake", MEI, instance, **intake)
    assert whole.variables(instance)["complaint"]["reopens"] == first.number
    with whole.database.reading() as db:
        assert complaints.by_number(db, TENANT, first.number).status == "inquiry"
    assert whole.verify().differences == []


def test_rework_that_deviates_is_covered_by_a_temporary_change(whole: Scenario) -> None:
    """The instruction names the change under which it is done; QA approves it only for its lot."""
    nc = in_process(whole)
    emergency = request(
        whole,
        kind="emergency",
        item_number=SCREW,
        lots="L-9",
        valid_until=(whole.clock().date() + timedelta(days=10)).isoformat(),
    )
    emergency.do(
        "Screen",
        HANA,
        decision="emergency",
        aspects=[{"aspect": "process_within_range"}],
        criticality="B",
    )
    emergency.do("OkQA", DORA, agreed=True)
    emergency.do("OkENG", IVAN, agreed=True)
    nc.approve(("10", "REWORK"))
    nc.do("Instruction", IVAN, **{**WRITTEN, "temporary_change": emergency.order.number})
    refused = nc.attempt("ApproveInstruction", DORA, decision="approve", location="H-01")
    assert isinstance(refused, Rejected)
    assert refused.expected == "L-9"
    nc.do("ApproveInstruction", DORA, decision="revise", reason="not for this lot")
    nc.do("Instruction", IVAN, **WRITTEN)
    nc.do("ApproveInstruction", DORA, decision="approve", location="H-01")
    assert "Rework" in [each.activity_id for each in whole.worklist(NORA)]
