"""A CAPA from the problem to the proof that it does not come back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from engine.outcomes import Rejected
from processes.incoming_inspection.scenarios.inspection import send
from processes.ledger.nonconformity import corrective_actions
from tests.people import DORA, Person
from tests.scenario import TENANT, Scenario

HANA = Person("hana", "Hana Wu", "吴涵", ("QE",))
IVAN = Person("ivan", "Ivan Luo", "罗一凡", ("ENG",))
OMAR = Person("omar", "Omar Shen", "沈欧", ("GM", "MR"))


@pytest.fixture
def capa(company: Scenario) -> UUID:
    """A CAPA that a nonconformity has asked for."""
    for person in (HANA, IVAN, OMAR):
        company.add(person)
    payload = {
        "source_kind": "nonconformity",
        "source_number": "NC-2026-00001",
        "trigger": "cause_repeated",
        "description": "burrs again",
    }
    send(company, "capa.requested", "NC-2026-00001", payload)
    return company.open("Screen", DORA).work_item_id.process_instance_id


def screen(company: Scenario, capa: UUID, severity: str, recurrence: str) -> None:
    company.do(
        "Screen",
        DORA,
        capa,
        warranted=True,
        severity=severity,
        recurrence=recurrence,
        reason="as counted",
    )


def to_plan(company: Scenario, capa: UUID) -> None:
    cause = {"method": "five_why", "root_cause": "worn tool", "verified_by": "new tool, no burrs"}
    company.do("Cause", HANA, capa, **cause)


def action(**more: Any) -> Mapping[str, Any]:
    return {
        "kind": "corrective",
        "description": "replace the tool every 5,000 pieces",
        "owner_role": "PRD",
        "due_on": "2028-01-15",
        "adverse_effect": "none",
        "change_needed": False,
        **more,
    }


def planned(company: Scenario, capa: UUID, **more: Any) -> None:
    company.do(
        "Plan",
        HANA,
        capa,
        actions=[action(**more)],
        metric="burrs per lot",
        target="0",
        sample="5 lots",
    )
    company.do("ApproveFunction", IVAN, capa, approved=True)
    company.do("ApproveQuality", DORA, capa, approved=True)


def checked(company: Scenario, capa: UUID, *, effective: bool) -> None:
    company.do("Implement", HANA, capa, done=True, what="interval set")
    company.do("Verify", DORA, capa, as_planned=True, evidence="seen at the machine")
    company.clock.advance(days=90, minutes=1)
    company.background.run_until_idle()
    measured = {"measured": "0 burrs" if effective else "3 burrs", "evidence": "5 lots"}
    company.do("Check", DORA, capa, effective=effective, **measured)


def told(company: Scenario, capa: UUID, name: str) -> list[Mapping[str, Any]]:
    return [
        event["payload"]
        for event in company.events(capa)
        if event["event"] == "message.thrown" and event["name"] == name
    ]


def test_a_full_capa_that_works(company: Scenario, capa: UUID) -> None:
    screen(company, capa, "S3", "repeated")
    assert company.variables(capa)["scaled"]["scale"] == "full"
    company.do("Contain", HANA, capa, team="Hana, Ivan", containment="100 % inspection")
    to_plan(company, capa)
    planned(company, capa)
    checked(company, capa, effective=True)
    company.do("Close", DORA, capa, reason="no burrs in 5 lots")
    assert company.status(capa) == "completed"
    number = company.variables(capa)["capa"]["number"]
    assert told(company, capa, "capa.closed") == [{"capa": number, "effective": True}]
    with company.database.reading() as db:
        kept = corrective_actions.by_number(db, TENANT, number)
        of_source = corrective_actions.of_source(db, TENANT, "nonconformity", "NC-2026-00001")
    assert (kept.status, kept.effective, kept.cause) == ("closed", True, "worn tool")
    assert kept.criterion == {"metric": "burrs per lot", "target": "0", "sample": "5 lots"}
    assert of_source == [number]
    assert company.verify().differences == []


def test_what_has_no_effect_is_planned_again_and_then_goes_to_management(
    company: Scenario, capa: UUID
) -> None:
    screen(company, capa, "S4", "first")
    company.do("Contain", HANA, capa, team="Hana", containment="hold")
    for _ in range(3):
        to_plan(company, capa)
        planned(company, capa)
        checked(company, capa, effective=False)
    company.do("ManagementReview", OMAR, capa, again=False, reason="the machine is replaced")
    company.do("Close", DORA, capa, reason="ineffective; investment decided")
    assert told(company, capa, "capa.closed")[0]["effective"] is False


def test_none_is_warranted_with_a_reason(company: Scenario, capa: UUID) -> None:
    assert isinstance(company.attempt("Screen", DORA, capa, warranted=False), Rejected)
    company.do("Screen", DORA, capa, warranted=False, reason="the tool was replaced")
    company.do("Close", DORA, capa, reason="not warranted")
    number = company.variables(capa)["capa"]["number"]
    with company.database.reading() as db:
        assert corrective_actions.by_number(db, TENANT, number).status == "not_warranted"


def test_a_correction_may_be_enough(company: Scenario, capa: UUID) -> None:
    screen(company, capa, "S1", "first")
    company.do("Correct", HANA, capa, done="label replaced")
    company.do("Close", DORA, capa, reason="corrected")
    assert company.status(capa) == "completed"


def test_a_plan_is_sent_back_and_a_change_is_waited_for(company: Scenario, capa: UUID) -> None:
    screen(company, capa, "S5", "repeated")
    assert len(told(company, capa, "fieldaction.assess")) == 1
    company.do("Contain", HANA, capa, team="Hana", containment="hold")
    to_plan(company, capa)
    plan = {"metric": "burrs", "target": "0", "sample": "5 lots"}
    company.do("Plan", HANA, capa, actions=[action()], **plan)
    company.do("ApproveFunction", IVAN, capa, approved=False, reason="too often")
    company.do("ApproveQuality", DORA, capa, approved=True)
    planned(company, capa, change_needed=True, description="new drawing")
    [asked] = told(company, capa, "change.requested")
    assert asked["objects"] == ["new drawing"]
    company.clock.advance(days=30, minutes=1)
    company.background.run_until_idle()
    company.do("ChaseChange", DORA, capa, note="waits for validation")
    number = company.variables(capa)["capa"]["number"]
    effective = {"change": "CHG-1", "effective_from": "2026-12-30", "objects": []}
    send(company, "change.effective", number, effective)
    company.do(
        "Implement", HANA, capa, done=False, what="half", extension_reason="supplier is late"
    )
    for _ in range(2):
        company.do("Extend", DORA, capa, until="2027-03-01", reason="agreed")
        company.do("Implement", HANA, capa, done=False, what="half", extension_reason="late")
    refused = company.attempt("Extend", DORA, capa, until="2027-03-01", reason="again")
    assert isinstance(refused, Rejected)
    assert refused.expected == "at most 2"


def test_a_person_states_a_problem(company: Scenario) -> None:
    company.add(HANA)
    instance = company.start("corrective_action", by=HANA)
    company.do("Problem", HANA, instance, problem="audit finding 7", trigger="audit")
    assert company.variables(instance)["capa"]["source_kind"] == "person"
