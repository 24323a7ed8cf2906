"""Lots that are not released: rejected, held, sorted; and what inspection passes on then."""

import pytest

from engine.outcomes import Rejected
from processes.incoming_inspection.scenarios.inspection import deliver
from processes.ledger import lots, status
from tests.people import DORA
from tests.scenario import TENANT, Scenario


def test_a_defective_lot_is_rejected_and_a_nonconformity_raised(company: Scenario) -> None:
    inspection = deliver(company)
    inspection.inspect(defects=3)
    assert inspection.case["verdict"]["verdict"] == "REJECT"
    inspection.review()
    inspection.refuse("REJECT", "scratched surfaces")
    assert inspection.stock() == {("Q-01", "REJECTED"): 10}
    assert inspection.status == "completed"
    raised = inspection.sent("nc.raised")
    assert len(raised) == 1
    payload = raised[0]["payload"]
    assert payload["source_kind"] == "incoming_inspection"
    assert payload["source_number"] == inspection.case["inspection"]["number"]
    assert (payload["quantity"], payload["severity"]) == (10, "S3")


def test_what_failed_is_not_accepted_here(company: Scenario) -> None:
    inspection = deliver(company)
    inspection.inspect(defects=3)
    inspection.review()
    refused = inspection.attempt("UsageDecision", DORA, decision="ACCEPT", accepted_quantity="10")
    assert isinstance(refused, Rejected)
    assert [error.path for error in refused.errors] == ["/decision"]


@pytest.mark.parametrize("decision", ["HOLD", "SORT"])
def test_a_held_lot_stays_in_quarantine_under_a_hold(company: Scenario, decision: str) -> None:
    inspection = deliver(company)
    inspection.inspect(defects=3)
    inspection.review()
    inspection.refuse(decision, "to be looked into")
    assert inspection.stock() == {("Q-01", "QUARANTINE"): 10}
    with company.database.reading() as db:
        lot = lots.by_number(db, TENANT, inspection.case["inspection"]["lot_number"])
        holds = status.open_holds(db, TENANT, lot.lot_id)
    assert "to be looked into" in [hold.reason for hold in holds]
    assert inspection.sent("nc.raised")


def test_a_lot_after_a_rejected_one_is_inspected_tightened(company: Scenario) -> None:
    inspection = deliver(company, supplier_lot="BAD")
    inspection.inspect(defects=3)
    inspection.review()
    inspection.refuse("REJECT", "scratched surfaces")
    after = deliver(company, supplier_lot="NEXT")
    assert after.case["inspection"]["history"]["last_lot_rejected"] is True
    assert after.case["mode"]["mode"] == "TIGHTENED"
