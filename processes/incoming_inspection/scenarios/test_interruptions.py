"""What comes between: holds, a blocked supplier, a new plan, and time by the site's calendar."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from engine.actors import engine_actor
from engine.commands.configuration import ChangeConfiguration
from engine.identifiers import new_id
from engine.outcomes import Rejected
from processes import demo
from processes.incoming_inspection.scenarios.inspection import (
    SCREW,
    Inspection,
    deliver,
    send,
)
from processes.ledger import inspection_results, lots, status
from processes.ledger.commands import RegisterInspectionPlan
from tests.people import ADA, BEN, CLEO, DORA, Person
from tests.scenario import TENANT, Scenario

NORA = Person("nora", "Nora Qi", "齐娜", ("PLN", "PRD"))
GOOD = {
    "documents": [{"finding": "conforming"}] * 2,
    "identity_ok": True,
    "shelf_life_ok": True,
}


def signal(company: Scenario, name: str, **payload: Any) -> None:
    send(company, name, "", payload, kind="signal")


def held(inspection: Inspection, lot_number: str | None = None) -> None:
    signal(
        inspection.company,
        "lot.hold",
        lot_number=lot_number or inspection.case["inspection"]["lot_number"],
        reason="suspect granulate",
        source_kind="nonconformity",
        source_number="NC-1",
    )


def blocked(inspection: Inspection, supplier: str = "S-1001") -> None:
    signal(
        inspection.company,
        "supplier.blocked",
        supplier=supplier,
        items=[],
        reason="certificate withdrawn",
    )


def frozen(inspection: Inspection) -> bool:
    return inspection.case["freeze"]["active"] is True


def holds_of(inspection: Inspection) -> list[str]:
    with inspection.company.database.reading() as db:
        lot = lots.by_number(db, TENANT, inspection.case["inspection"]["lot_number"])
        return [hold.reason for hold in status.open_holds(db, TENANT, lot.lot_id)]


def test_a_hold_freezes_the_inspection_until_the_lot_is_released(company: Scenario) -> None:
    inspection = deliver(company)
    held(inspection, "SOME-OTHER-LOT")
    assert not frozen(inspection)
    held(inspection)
    refused = inspection.attempt("CheckDocuments", BEN, **GOOD)
    assert isinstance(refused, Rejected)
    assert "suspect granulate" in refused.message["en"]
    assert inspection.open_activities() == ["CheckDocuments"]
    lot_number = inspection.case["inspection"]["lot_number"]
    release = {"reason": "cleared", "source_kind": "nonconformity", "source_number": "NC-1"}
    signal(company, "lot.released", lot_number="SOME-OTHER-LOT", **release)
    assert frozen(inspection)
    signal(company, "lot.released", lot_number=lot_number, **release)
    inspection.check_documents()
    held(inspection)  # a second time
    again = inspection.attempt("DrawSamples", BEN, drawn=1, marked=True)
    assert isinstance(again, Rejected)


def test_a_frozen_inspection_is_taken_up_after_some_time(company: Scenario) -> None:
    inspection = deliver(company)
    held(inspection)
    company.clock.advance(days=3, minutes=1)
    company.background.run_until_idle()
    assert "DecideFrozen" in inspection.open_activities()
    inspection.do("DecideFrozen", DORA, action="cancel", reason="goods go back")
    assert inspection.status == "completed"
    assert inspection.stock() == {("Q-01", "QUARANTINE"): 10}


def test_a_blocked_supplier_holds_the_lot_until_qa_decides(company: Scenario) -> None:
    inspection = deliver(company)
    blocked(inspection, "S-9999")
    assert holds_of(inspection) == []
    blocked(inspection)
    assert holds_of(inspection) == ["certificate withdrawn"]
    assert inspection.open_activities() == ["CheckDocuments", "DecideFrozen"]
    assert isinstance(inspection.attempt("CheckDocuments", BEN, **GOOD), Rejected)
    inspection.do("DecideFrozen", DORA, action="keep", reason="audit next week")
    assert inspection.open_activities() == ["CheckDocuments"]
    company.clock.advance(days=3, minutes=1)
    company.background.run_until_idle()
    inspection.do("DecideFrozen", DORA, action="lift", reason="delivered before the withdrawal")
    assert holds_of(inspection) == []
    inspection.check_documents()
    signed = [e for e in company.events(inspection.instance) if e["event"] == "signature.made"]
    assert [e["meaning"] for e in signed] == ["APPR", "APPR", "PERF"]


def recalled(inspection: Inspection, lot_number: str) -> None:
    signal(
        inspection.company,
        "lot.recalled",
        lot_number=lot_number,
        reason="screws break",
        source_kind="recall",
        source_number="RCL-1",
    )


def test_a_recalled_lot_is_measured_no_further_and_quality_hears_at_once(
    company: Scenario,
) -> None:
    inspection = deliver(company)
    inspection.check_documents()
    inspection.draw_samples()
    readings = inspection.to_measure()
    inspection.measure_one(readings[0], {}, by=BEN, defects=0)
    recalled(inspection, "SOME-OTHER-LOT")
    assert not frozen(inspection)
    recalled(inspection, inspection.case["inspection"]["lot_number"])
    assert "DecideFrozen" in inspection.open_activities()
    freeze = inspection.case["freeze"]
    assert (freeze["kind"], freeze["source"]) == ("lot.recalled", "recall RCL-1")
    with pytest.raises(AssertionError, match="screws break"):
        inspection.measure_one(inspection.to_measure()[0], {}, by=BEN, defects=0)
    inspection.do("DecideFrozen", DORA, action="cancel", reason="the lot is recalled")
    assert inspection.status == "completed"
    with company.database.reading() as db:
        kept = inspection_results.results_of(
            db, TENANT, UUID(str(inspection.case["inspection"]["id"]))
        )
    assert {each.characteristic_number for each in kept} == {1}  # the record stays as it was
    assert company.verify().differences == []


def new_plan(company: Scenario, *, laboratory: bool = False) -> None:
    """Put another version of the plan of the screws in force, as a change order would; with
    `laboratory` the last characteristic is a test laboratory's."""
    found = next(each for each in demo._data()["plans"] if SCREW in each["items"])
    plan = {
        "number": f"{found['prefix']}-{SCREW}",
        "version": 2,
        "effective_from": "2026-11-23",
        "documents_required": found["documents_required"],
        "retain_quantity": 2,
        "approved_by": ["hana", "dora"],
        "characteristics": [
            *found["characteristics"][:-1],
            {**found["characteristics"][-1], "laboratory": laboratory},
        ],
    }
    command = RegisterInspectionPlan(command_id=new_id(), item_number=SCREW, plan=plan)
    company.must(company.dispatcher.dispatch(command, engine_actor(TENANT, "installation")))


def test_a_test_laboratory_has_ten_working_days(company: Scenario) -> None:
    new_plan(company, laboratory=True)
    company.clock.advance(days=(7 - company.clock().weekday()) % 7)  # a Monday
    inspection = deliver(company)
    inspection.check_documents()
    inspection.draw_samples()
    waiting = [item for item in company.items(inspection.instance) if item.status == "open"]
    due = [(item.due_at - company.clock()).days for item in waiting if item.due_at is not None]
    assert max(due) == 14  # two weekends
    assert min(due) < 7


def test_a_new_plan_is_decided_on_and_the_lot_inspected_anew(company: Scenario) -> None:
    inspection = deliver(company)
    change = {"item_number": SCREW, "plan": "IP-SCREW", "version": 2}
    signal(company, "plan.changed", **change)
    assert inspection.open_activities() == ["CheckDocuments"]  # it is in force already
    new_plan(company)
    signal(company, "plan.changed", **{**change, "item_number": "OTHER"})
    assert inspection.open_activities() == ["CheckDocuments"]
    signal(company, "plan.changed", **change)
    inspection.do("DecidePlan", CLEO, action="keep", reason="only a typing error was corrected")
    assert inspection.open_activities() == ["CheckDocuments"]
    signal(company, "plan.changed", **change)
    inspection.do("DecidePlan", CLEO, action="replan", reason="samples are to be kept back")
    assert inspection.status == "completed"
    lot_number = inspection.case["inspection"]["lot_number"]
    item = next(
        item
        for item in company.worklist(BEN)
        if item.activity_id == "CheckDocuments" and lot_number in (item.title or "")
    )
    again = Inspection(company, item.work_item_id.process_instance_id)
    assert again.case["inspection"]["plan"].endswith("v2")
    assert again.case["inspection"]["resubmission"] is False
    again.inspect()
    assert again.stock() == {("Q-01", "QUARANTINE"): 8, ("S-01", "SAMPLE"): 2}
    assert (again.case["booked"]["retained"], again.case["booked"]["retained_in"]) == (2, "S-01")


def test_ageing_counts_working_days_of_the_site(company: Scenario) -> None:
    """5, 10 and 15 working days; a day off of the site moves all of them."""
    company.add(NORA)
    document = deepcopy(company.dispatcher.documents(TENANT)["site_calendars"])
    document["calendars"]["SZ01"]["days_off"] = [{"day": "2026-11-24", "reason": "stocktaking"}]
    change = ChangeConfiguration(
        command_id=new_id(), key="site_calendars", document=document, why="stocktaking"
    )
    company.must(company.ask(change, ADA))
    inspection = deliver(company)
    ageing = inspection.case["inspection"]["ageing"]
    assert [_day(ageing[key]) for key in ("first", "second", "third")] == [
        "2026-12-01",
        "2026-12-08",
        "2026-12-15",
    ]
    company.clock.advance(days=8, minutes=1)
    company.background.run_until_idle()
    inspection.do("Delay", CLEO, action="continue", reason="gauge away", expected_on="2026-12-07")
    assert inspection.open_activities() == ["CheckDocuments"]
    company.clock.advance(days=7)
    company.background.run_until_idle()
    assert inspection.open_activities() == ["CheckDocuments", "Overdue"]
    company.clock.advance(days=7)
    company.background.run_until_idle()
    assert inspection.open_activities() == ["CheckDocuments", "PlanAround"]
    inspection.do("PlanAround", NORA, arranged="other lot is used")
    company.clock.advance(days=7)
    company.background.run_until_idle()
    assert inspection.open_activities() == ["CheckDocuments", "PlanAround"]


def _day(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone(UTC).date().isoformat()
