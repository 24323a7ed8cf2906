"""What the supplier's certificate says, as data beside our own readings."""

from typing import Any
from uuid import UUID

from engine.actors import engine_actor
from engine.identifiers import new_id
from engine.outcomes import Rejected
from processes import demo
from processes.incoming_inspection.scenarios.inspection import SCREW, Inspection, deliver
from processes.incoming_inspection.scenarios.test_what_is_passed_on import report_of
from processes.ledger import certificate_values
from processes.ledger.commands import RegisterInspectionPlan
from tests.people import ANN, BEN, CLEO, DORA
from tests.scenario import TENANT, Scenario

CONFORMING = [{"finding": "conforming"}] * 2
GOODS = {"identity_ok": True, "shelf_life_ok": True}


def certified(company: Scenario) -> Inspection:
    """A delivery whose material certificate reports thread diameter and length."""
    found = next(each for each in demo._data()["plans"] if SCREW in each["items"])
    documents = [dict(each) for each in found["documents_required"]]
    documents[1]["values"] = [1, 2, 3]  # the third is no measurement: nothing to enter
    plan = {
        "number": f"{found['prefix']}-{SCREW}",
        "version": 2,
        "effective_from": "2026-11-23",
        "documents_required": documents,
        "approved_by": ["hana", "dora"],
        "characteristics": found["characteristics"],
    }
    command = RegisterInspectionPlan(command_id=new_id(), item_number=SCREW, plan=plan)
    company.must(company.dispatcher.dispatch(command, engine_actor(TENANT, "installation")))
    return deliver(company)


def check(inspection: Inspection, *values: str | None, documents: Any = CONFORMING) -> Any:
    rows = [{} if each is None else {"value": each, "page": "p. 2"} for each in values]
    return inspection.attempt("CheckDocuments", BEN, documents=documents, certificate=rows, **GOODS)


def test_values_are_kept_and_compared_with_limits_and_readings(company: Scenario) -> None:
    inspection = certified(company)
    asked = inspection.case["inspection"]["certificate"]
    assert [(each["number"], each["document"]) for each in asked] == [
        (1, "material"),
        (2, "material"),
    ]
    company.must(check(inspection, "2.690", "56.20"))
    inspection.draw_samples()
    inspection.measure()
    one, two = inspection.case["evaluation"]["certificate"]
    assert tuple(str(one[name]) for name in ("value", "own_mean", "difference")) == (
        "2.690",
        "2.6800",
        "-0.0100",
    )
    assert (two["conforming"], str(two["difference"])) == (True, "-0.200")
    inspection.review(certificate=[{}, {}])
    signed = [e for e in company.events(inspection.instance) if e["event"] == "work_item.completed"]
    shown = signed[-1]["data"]["certificate"]
    assert (shown[0]["supplier"], shown[0]["difference"]) == ("2.690", "-0.0100")
    inspection.do(
        "UsageDecision", DORA, decision="ACCEPT", accepted_quantity="8", certificate=[{}, {}]
    )
    inspection.do("Release", DORA)
    inspection.do("PutAway", ANN, label_applied=True, location="A-01-01")
    for text in ("56.20", "-0.200", "供应商报告单"):
        assert text in report_of(inspection)
    assert company.verify().differences == []


def test_a_document_that_conforms_has_its_values(company: Scenario) -> None:
    inspection = certified(company)
    refused = check(inspection, "2.690", None)
    assert isinstance(refused, Rejected)
    assert "Overall length" in refused.message["en"]
    missing = [{"finding": "conforming"}, {"finding": "missing"}]
    company.must(check(inspection, "2.690", None, documents=missing))
    assert inspection.open_activities() == ["Obtain"]


def test_a_certificate_out_of_our_limits_is_a_wrong_document(company: Scenario) -> None:
    """IQ-02: recorded as printed; proposed is HOLD, and no release goes past it."""
    inspection = certified(company)
    company.must(check(inspection, "2.690", "56.31"))
    documents = inspection.case["documents"]
    assert documents["wrong"] == ["material"]
    assert [each["en"] for each in documents["out_of_limits"]] == ["Overall length"]
    inspection.draw_samples()
    inspection.measure()
    assert inspection.case["verdict"]["verdict"] == "HOLD"
    inspection.review(CLEO, certificate=[{}, {}])
    refused = inspection.attempt(
        "UsageDecision", DORA, decision="ACCEPT", accepted_quantity="8", certificate=[{}, {}]
    )
    assert isinstance(refused, Rejected)
    inspection.refuse("HOLD", "the certificate shows 56.31", certificate=[{}, {}])
    assert inspection.status == "completed"


def test_the_last_reading_of_the_certificate_counts(company: Scenario) -> None:
    inspection = certified(company)
    missing = [{"finding": "conforming"}, {"finding": "missing"}]
    company.must(check(inspection, "2.900", None, documents=missing))
    asked = {"asked_on": "2026-11-23", "contact": "Ms Chen"}
    inspection.do("Obtain", BEN, available=True, **asked)
    company.must(check(inspection, "2.690", "56.00"))
    with company.database.reading() as db:
        inspected = UUID(str(inspection.case["inspection"]["id"]))
        found = certificate_values.of_inspection(db, TENANT, inspected)
    assert [str(each.value) for each in found] == ["2.690", "56.00"]
