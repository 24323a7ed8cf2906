"""A receipt that should not have been: taken back whole, with reason and signature, others told."""

from collections.abc import Mapping
from typing import Any

import pytest

from engine.actors import engine_actor
from engine.commands.configuration import ChangeConfiguration
from engine.identifiers import new_id
from engine.outcomes import Outcome, Rejected
from processes import demo
from processes.incoming_inspection.scenarios.inspection import Inspection, deliver
from processes.ledger import balances, lots, movements
from processes.procurement.scenarios.purchase import BUYERS, begin
from tests.people import ANN, DORA, Person
from tests.scenario import TENANT, Scenario

WEN = Person("wen", "Wen Tao", "陶文", ("WHL",))


@pytest.fixture
def dock(scenario: Scenario) -> Scenario:
    """The demo's company with a warehouse lead."""
    demo.seed_master_data(scenario.dispatcher, TENANT)
    scenario.add(WEN)
    return scenario


def cancel(company: Scenario, lot_number: str, **more: Any) -> Outcome:
    instance = company.start("receipt_cancellation", by=WEN)
    entered = {"lot_number": lot_number, "reason": "booked twice", **more}
    return company.attempt("CancelReceipt", WEN, instance, **entered)


def cancelled(company: Scenario, lot_number: str, **more: Any) -> Mapping[str, Any]:
    return company.must(cancel(company, lot_number, **more))


def types_of(company: Scenario, lot_number: str) -> list[str]:
    with company.database.reading() as db:
        lot = lots.by_number(db, TENANT, lot_number)
        assert balances.differences(db, TENANT) == []
        return [row.movement_type for row in movements.of_lot(db, TENANT, lot.lot_id)]


def test_a_receipt_is_taken_back_and_its_inspection_ends(dock: Scenario) -> None:
    inspection = deliver(dock)
    lot_number = inspection.case["inspection"]["lot_number"]
    cancelled(dock, lot_number)
    assert inspection.stock() == {}
    assert types_of(dock, lot_number) == ["RCV", "REVERSAL"]
    assert "ConfirmCancel" in inspection.open_activities()
    inspection.do("ConfirmCancel", DORA, confirmed=True, reason="booked twice")
    assert inspection.status == "completed"
    again = cancel(dock, lot_number)
    assert isinstance(again, Rejected)
    assert dock.verify().differences == []


def test_its_order_waits_for_the_goods_again(dock: Scenario) -> None:
    for person in BUYERS:
        dock.add(person)
    purchase = begin(dock)
    purchase.order()
    receipt = purchase.receive(60)
    assert purchase.case["order"]["lines"][0]["undecided"] == 60
    cancelled(dock, receipt["lot_number"])
    line = purchase.case["order"]["lines"][0]
    assert (line["received"], line["undecided"], line["outstanding"]) == (0, 0, 100)
    purchase.deliver(100)
    assert purchase.open == ["Invoice"]


def test_one_line_of_a_receipt_is_taken_back_by_its_name(dock: Scenario) -> None:
    rules = dock.dispatcher.documents(TENANT)["inspection_rules"]
    joined = ChangeConfiguration(
        command_id=new_id(),
        key="inspection_rules",
        document={**rules, "join_same_supplier_lot": True},
        why="one lot for one supplier lot",
    )
    dock.must(dock.dispatcher.dispatch(joined, engine_actor(TENANT, "test")))
    instance = dock.start("receiving", by=ANN)
    line = {
        "supplier": "S-1001",
        "delivery_note": "DN-9",
        "item_number": "00841132112939",
        "supplier_lot": "HX-9",
        "containers": 1,
        "packages_whole": True,
        "location": "Q-01",
    }
    dock.do("Receive", ANN, instance, **line, quantity="10", more=True)
    dock.do("Receive", ANN, instance, **line, quantity="4")
    receipt = dock.variables(instance)["receipt"]
    lot_number, number = receipt["lot_number"], receipt["number"]
    unnamed = cancel(dock, lot_number)
    assert isinstance(unnamed, Rejected)
    assert f"{number}/2" in unnamed.message["en"]
    cancelled(dock, lot_number, receipt_number=f"{number}/2")
    with dock.database.reading() as db:
        lot = lots.by_number(db, TENANT, lot_number)
        assert [each.quantity for each in balances.of_lot(db, TENANT, lot.lot_id)] == [10]


def test_what_was_decided_or_sampled_is_not_cancelled(dock: Scenario) -> None:
    inspection = deliver(dock)
    lot_number = inspection.case["inspection"]["lot_number"]
    inspection.inspect()
    inspection.review()
    inspection.accept()
    refused = cancel(dock, lot_number)
    assert isinstance(refused, Rejected)
    assert inspection.case["inspection"]["number"] in (refused.found or "")
    assert types_of(dock, lot_number) == ["RCV", "STAT"]


def test_only_the_warehouse_lead_cancels(dock: Scenario) -> None:
    inspection: Inspection = deliver(dock)
    with pytest.raises(AssertionError):
        dock.start("receipt_cancellation", by=ANN)
    assert inspection.stock() == {("Q-01", "QUARANTINE"): 10}
