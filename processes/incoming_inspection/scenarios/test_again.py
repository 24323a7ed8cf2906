"""Inspected again: what waits in quarantine without an inspection, under the same receipt."""

from uuid import UUID

import pytest

from engine.outcomes import Rejected
from processes.incoming_inspection.scenarios.inspection import Inspection, deliver
from processes.ledger import lots, status
from tests.people import BEN, CLEO, DORA
from tests.scenario import TENANT, Scenario

WHY = "the certificate has come"


def begin(company: Scenario) -> UUID:
    return company.start("incoming_inspection", by=CLEO)


def test_a_lot_that_was_held_is_inspected_again(company: Scenario) -> None:
    first = deliver(company)
    lot_number = first.case["inspection"]["lot_number"]
    instance = begin(company)
    early = company.attempt("SayAgain", CLEO, instance, lot_number=lot_number, reason=WHY)
    assert isinstance(early, Rejected)
    assert first.case["inspection"]["number"] in (early.found or "")
    first.inspect()
    first.review()
    first.refuse("HOLD", "no certificate")
    company.do("SayAgain", CLEO, instance, lot_number=lot_number, reason=WHY)
    again = Inspection(company, instance)
    assert again.case["inspection"]["resubmission"] is True
    assert again.case["mode"]["mode"] == "TIGHTENED"
    assert again.case["receipt_line_id"] == first.case["receipt_line_id"]
    again.inspect()
    again.review()
    again.do("UsageDecision", DORA, decision="ACCEPT", accepted_quantity="10")
    held = again.attempt("Release", DORA)
    assert isinstance(held, Rejected)  # the hold of the first is its nonconformity's to release
    with company.database.reading() as db:
        lot = lots.by_number(db, TENANT, lot_number)
        assert status.open_holds(db, TENANT, lot.lot_id)
    assert company.verify().differences == []


def test_what_is_released_is_not_inspected_again(company: Scenario) -> None:
    inspection = deliver(company)
    inspection.inspect()
    inspection.review()
    inspection.accept()
    refused = company.attempt(
        "SayAgain",
        CLEO,
        begin(company),
        lot_number=inspection.case["inspection"]["lot_number"],
        reason=WHY,
    )
    assert isinstance(refused, Rejected)
    assert "QUARANTINE" in (refused.found or "")


def test_only_the_lead_of_inspection_begins_again(company: Scenario) -> None:
    with pytest.raises(AssertionError):
        company.start("incoming_inspection", by=BEN)
