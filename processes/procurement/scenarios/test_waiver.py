"""A waiver reaches the dock and the inspection: its limits, its hold, tightened inspection."""

from typing import Any

import pytest

from engine.actors import engine_actor
from engine.identifiers import new_id
from processes.incoming_inspection.scenarios.inspection import Inspection
from processes.ledger import lots, status
from processes.ledger.commands import SetSupplierStatus
from processes.procurement.scenarios.purchase import Purchase, begin
from tests.people import ANN, BEN, DORA
from tests.scenario import TENANT, Scenario


def set_status(company: Scenario, new: str, supplier: str = "S-1001") -> None:
    command = SetSupplierStatus(
        command_id=new_id(), supplier_number=supplier, status=new, why="findings"
    )
    company.must(company.dispatcher.dispatch(command, engine_actor(TENANT, "test")))


def waived(company: Scenario, *, hold: bool, limit: str = "10") -> Purchase:
    """Order ten screws under a waiver, from a supplier that has no conditions any more."""
    set_status(company, "conditional")
    purchase = begin(company)
    purchase.request(quantity=limit)
    purchase.approve("Requisition")
    purchase.source()
    purchase.do(
        "Waiver",
        DORA,
        decision="grant",
        controls="third-party test report",
        hold=hold,
        quantity_limit=limit,
        valid_to=purchase.need_date.isoformat(),
        reason="line stands still",
    )
    purchase.build(purchase.line(limit))
    purchase.approve("Order")
    purchase.confirm()
    set_status(company, "approved")
    return purchase


def inspection_of(company: Scenario, receipt: Any) -> Inspection:
    item = next(
        item
        for item in company.worklist(BEN)
        if item.activity_id == "CheckDocuments" and receipt["lot_number"] in (item.title or "")
    )
    return Inspection(company, item.work_item_id.process_instance_id)


def holds(company: Scenario, lot_number: str) -> list[str]:
    with company.database.reading() as db:
        lot = lots.by_number(db, TENANT, lot_number)
        return [each.document for each in status.open_holds(db, TENANT, lot.lot_id)]


@pytest.mark.parametrize("hold", [True, False], ids=["held", "not held"])
def test_what_comes_under_a_waiver_is_inspected_tightened(buyers: Scenario, hold: bool) -> None:  # noqa: FBT001
    purchase = waived(buyers, hold=hold)
    receipt = purchase.receive(10)
    inspection = inspection_of(buyers, receipt)
    history = inspection.case["inspection"]["history"]
    assert (history["waiver"]["number"], history["supplier_conditional"]) == ("PW-2026-00001", True)
    assert inspection.case["mode"]["mode"] == "TIGHTENED"
    expected = ["purchase_waiver PW-2026-00001"] if hold else []
    assert holds(buyers, receipt["lot_number"]) == expected
    inspection.inspect()
    inspection.review()
    inspection.accept()  # the decision of quality ends the hold, signed in its command
    assert holds(buyers, receipt["lot_number"]) == []
    assert inspection.stock() == {("Q-01", "RELEASED"): 10}
    assert purchase.open == ["Invoice"]
    assert buyers.verify().differences == []


def test_without_a_waiver_nothing_is_said_of_one(buyers: Scenario) -> None:
    purchase = begin(buyers)
    purchase.order()
    inspection = inspection_of(buyers, purchase.receive(10))
    history = inspection.case["inspection"]["history"]
    assert (history["waiver"], history["supplier_conditional"]) == (None, False)


def test_the_dock_takes_no_more_than_the_waiver_covers(buyers: Scenario) -> None:
    purchase = waived(buyers, hold=False)
    instance = buyers.start("receiving", by=ANN)
    delivery = {
        "order_line": f"{purchase.case['order']['number']}/1",
        "supplier": "S-1001",
        "delivery_note": "DN-1",
        "item_number": purchase.item,
        "supplier_lot": "L1",
        "quantity": "11",
        "containers": 1,
        "packages_whole": True,
        "location": "Q-01",
    }
    buyers.do("Receive", ANN, instance, **delivery)
    found = buyers.variables(instance)["check"]["findings"]
    assert [each["code"] for each in found] == ["BeyondWaiver"]
    assert purchase.case["order"]["lines"][0]["received"] == 0


def test_a_waiver_lets_a_source_deliver_that_is_not_on_the_list(buyers: Scenario) -> None:
    """S-1002 has no entry for this item of criticality C: only the waiver lets it deliver."""
    purchase = begin(buyers, "00814112020180")
    purchase.request(quantity="10")
    purchase.approve("Requisition")
    purchase.source(supplier="S-1002")
    assert purchase.open == ["Waiver"]
    purchase.do(
        "Waiver",
        DORA,
        decision="grant",
        controls="test report",
        hold=False,
        quantity_limit="10",
        valid_to=purchase.need_date.isoformat(),
        reason="line stands still",
    )
    purchase.build(purchase.line("10"))
    purchase.approve("Order")
    purchase.confirm()
    receipt = purchase.receive(10, supplier="S-1002")
    assert receipt["purchase_order"] == purchase.case["order"]["number"]
    refused = buyers.start("receiving", by=ANN)
    without = {"supplier": "S-1002", "item_number": "00814112020180", "supplier_lot": "L9"}
    buyers.do(
        "Receive",
        ANN,
        refused,
        **without,
        delivery_note="DN-9",
        quantity="10",
        containers=1,
        packages_whole=True,
        location="Q-01",
    )
    assert buyers.variables(refused)["check"]["ok"] is False
