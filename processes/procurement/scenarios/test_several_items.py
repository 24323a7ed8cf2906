"""One order of several things: items, each judged by itself; services and free text; invoices."""

from typing import Any

import pytest

from engine.actors import engine_actor
from engine.identifiers import new_id
from engine.outcomes import Rejected
from processes.ledger.commands import SetSupplierStatus
from processes.ledger.purchasing import listing, orders
from processes.procurement.scenarios.purchase import (
    FINN,
    GAO,
    NORA,
    PIA,
    SCREW,
    Purchase,
    begin,
)
from tests.people import ANN, DORA, Person
from tests.scenario import TENANT, Scenario

CLIP = "00814112020180"
"""Criticality C, from S-1001 as the screw is."""
TUBE = "00840861100781"
"""Criticality A, not from S-1001."""


def also(item: str, quantity: str = "40", price: str = "2.00") -> dict[str, Any]:
    return {"item_number": item, "quantity": quantity, "estimated_price": price}


def service(quantity: str = "1", **more: Any) -> dict[str, Any]:
    return {
        "category": "service",
        "description": "Yearly service of the washer",
        "unit": "ea",
        "quantity": quantity,
        "estimated_price": "900.00",
        **more,
    }


def thing(purchase: Purchase, place: int, quantity: str, price: str, **more: Any) -> dict[str, Any]:
    said = {"thing": str(place), "specification": f"D-{place}", **more}
    return purchase.line(quantity, price, **said)


@pytest.fixture
def purchase(buyers: Scenario) -> Purchase:
    """An order of a hundred screws and forty clips, confirmed."""
    found = begin(buyers)
    found.request(more_lines=[also(CLIP)])
    found.approve("Requisition")
    found.source(unit_price=None, prices=[{"unit_price": "12.50"}, {"unit_price": "2.00"}])
    found.build(thing(found, 1, "100", "12.50"), thing(found, 2, "40", "2.00"))
    found.approve("Order")
    found.confirm()
    return found


def test_an_order_has_a_line_for_each_item(purchase: Purchase) -> None:
    lines = purchase.case["order"]["lines"]
    assert [(each["item_number"], each["ordered"]) for each in lines] == [(SCREW, 100), (CLIP, 40)]
    assert purchase.case["requisition"]["criticality"] == "A"  # of the screw
    assert purchase.case["order"]["total"] == "1330.00"
    with purchase.company.database.reading() as db:
        order = orders.by_number(db, TENANT, purchase.case["order"]["number"])
        content = orders.content_of(db, TENANT, order, 1)["content"]
    said = [(each["called"], each["specification"]) for each in content["lines"]]
    assert said == [(SCREW, "D-1"), (CLIP, "D-2")]
    assert [each["item"] for each in content["snapshot"]["approved_list"]] == [SCREW, CLIP]


def test_each_receipt_has_its_invoice(purchase: Purchase) -> None:
    company = purchase.company
    screws = purchase.receive(100)
    purchase.decided(screws, 100)
    assert purchase.case["order"]["receipts_to_invoice"] == [screws["number"]]
    clips = purchase.receive(40, 2, item_number=CLIP)
    purchase.decided(clips, 40)
    assert purchase.open == ["Invoice"]
    both = (("100", "12.50"), ("40", "2.00"))
    purchase.invoice(*both, receipt=screws["number"])
    assert [each["field"] for each in purchase.case["match"]["differences"]] == ["receipt"]
    purchase.do("MatchDifference", GAO, decision="another", reason="clips came otherwise")
    purchase.invoice(("100", "12.50"), ("0", "2.00"), receipt=screws["number"])
    assert purchase.case["match"]["outcome"] == "matched"
    assert purchase.case["order"]["receipts_to_invoice"] == [clips["number"]]
    assert purchase.open == ["Invoice"]
    purchase.invoice(("0", "12.50"), ("40", "2.00"), number="F-2", receipt=clips["number"])
    purchase.do("CloseOrder", FINN)
    assert purchase.status == "completed"
    with company.database.reading() as db:
        order = orders.by_number(db, TENANT, purchase.case["order"]["number"])
        kept = [(row.outcome, row.receipt_number) for row in listing.invoices_of(db, TENANT, order)]
    assert kept[1:] == [("matched", screws["number"]), ("matched", clips["number"])]
    assert company.verify().differences == []


def test_the_dock_takes_an_item_for_its_own_line(purchase: Purchase) -> None:
    with pytest.raises(KeyError):
        purchase.receive(40, 1, item_number=CLIP)
    case = next(
        purchase.company.variables(item.process_instance_id)
        for item in waiting_at_the_dock(purchase.company)
    )
    assert case["check"]["findings"][0]["code"] == "NotOnThisLine"


def waiting_at_the_dock(company: Scenario) -> list[Any]:
    lena = Person("lena", "Lena Qian", "钱蕾", ("WHL",))
    company.add(lena)
    return [item.work_item_id for item in company.worklist(lena) if item.activity_id == "Clarify"]


def test_a_line_says_what_it_orders_and_how_it_is_specified(buyers: Scenario) -> None:
    purchase = begin(buyers)
    purchase.request(more_lines=[also(CLIP)])
    purchase.approve("Requisition")
    refused = purchase.attempt("Source", FINN, decision="order", supplier="S-1001")
    assert isinstance(refused, Rejected)
    purchase.source(unit_price=None, prices=[{"unit_price": "12.50"}, {"unit_price": "2.00"}])
    assert [each["quantity"] for each in purchase.case["template"]["lines"]] == [100, 40]
    with pytest.raises(AssertionError, match="specification"):
        purchase.build(thing(purchase, 1, "100", "12.50", specification=None))


def test_the_supplier_may_deliver_each_of_the_items(buyers: Scenario) -> None:
    purchase = begin(buyers)
    purchase.request(more_lines=[also(TUBE)])
    purchase.approve("Requisition")
    purchase.source(unit_price=None, prices=[{"unit_price": "12.50"}, {"unit_price": "2.00"}])
    found = purchase.case["eligibility"]
    assert (found["result"], found["facts"]["item_number"]) == ("BLOCK", TUBE)
    purchase.do("NotEligible", PIA, decision="qualify", reason="both from one source")
    assert [each["item_number"] for each in purchase.thrown("supplier.requested")] == [TUBE]


def test_a_waiver_has_a_limit_for_each_item(buyers: Scenario) -> None:
    command = SetSupplierStatus(
        command_id=new_id(), supplier_number="S-1001", status="conditional", why="findings"
    )
    buyers.must(buyers.dispatcher.dispatch(command, engine_actor(TENANT, "test")))
    purchase = begin(buyers)
    purchase.request(more_lines=[also(CLIP)])
    purchase.approve("Requisition")
    purchase.source(unit_price=None, prices=[{"unit_price": "12.50"}, {"unit_price": "2.00"}])
    assert [each["item_number"] for each in purchase.case["to_waive"]] == [SCREW, CLIP]
    purchase.do(
        "Waiver",
        DORA,
        decision="grant",
        controls="test report",
        limits=[{"quantity_limit": "100"}, {"quantity_limit": "30"}],
        valid_to=purchase.need_date.isoformat(),
        reason="line stands still",
    )
    with pytest.raises(AssertionError, match="does not cover"):
        purchase.build(thing(purchase, 1, "100", "12.50"), thing(purchase, 2, "40", "2.00"))
    purchase.build(thing(purchase, 1, "100", "12.50"), thing(purchase, 2, "30", "2.00"))
    assert purchase.asked("Order")


def test_a_service_is_confirmed_by_who_asked_and_paid_beside_the_goods(buyers: Scenario) -> None:
    purchase = begin(buyers)
    purchase.request(more_lines=[service("2")], justification="the washer is due")
    purchase.approve("Requisition")
    purchase.source(unit_price=None, prices=[{"unit_price": "12.50"}, {"unit_price": "900.00"}])
    assert purchase.case["eligibility"]["result"] == "ALLOW"  # not related to product
    purchase.build(thing(purchase, 1, "100", "12.50"), thing(purchase, 2, "2", "900.00"))
    purchase.approve("Order")
    purchase.confirm()
    assert purchase.open == ["Attend", "Perform"]
    dock = buyers.variables(buyers.start("receiving", by=ANN))["choices"]["order_lines"]
    assert [each["value"] for each in dock] == [f"{purchase.case['order']['number']}/1"]
    first = {"lines": [{"quantity": "1", "final": False}], "evidence": "report SR-1"}
    over = {"lines": [{"quantity": "3", "final": False}], "evidence": "report SR-1"}
    refused = purchase.attempt("Perform", NORA, **over)
    assert isinstance(refused, Rejected)
    purchase.do("Perform", NORA, **first)
    assert purchase.open == ["Attend", "Invoice", "Perform"]
    purchase.do("Perform", NORA, lines=[{"quantity": "1", "final": False}], evidence="report SR-2")
    assert purchase.case["order"]["lines"][1]["status"] == "closed"
    purchase.invoice(("0", "12.50"), ("2", "900.00"))
    assert purchase.open == ["Attend"]
    purchase.deliver(100)
    purchase.invoice(("100", "12.50"), ("0", "900.00"), number="F-2")
    purchase.do("CloseOrder", FINN)
    assert buyers.verify().differences == []


def test_software_without_an_item_number_is_approved_by_administration_and_quality(
    buyers: Scenario,
) -> None:
    purchase = begin(buyers)
    entered = {**service(), "category": "software", "item_number": None}
    unjustified = purchase.attempt("Request", NORA, **entered)
    assert isinstance(unjustified, Rejected)
    purchase.request(**entered, justification="validation of the washer's records")
    assert purchase.case["gate"]["result"] == "PASS"
    assert purchase.asked("Requisition") == ["ADM", "PRD", "QA"]


def test_each_line_says_what_is_asked_of_it(buyers: Scenario) -> None:
    """Certificates, storage, tracing, label: proposed by criticality and item, frozen by line."""
    purchase = begin(buyers)
    purchase.request(more_lines=[also(CLIP)])
    purchase.approve("Requisition")
    purchase.source(unit_price=None, prices=[{"unit_price": "12.50"}, {"unit_price": "2.00"}])
    proposed = purchase.case["template"]["lines"]
    assert [each["certificate_of_conformity"] for each in proposed] == [True, True]
    asked = {"certificate_of_analysis": True, "storage": "2 to 8 °C", "labelling": "UDI as GS1"}
    purchase.build(thing(purchase, 1, "100", "12.50", **asked), thing(purchase, 2, "40", "2.00"))
    purchase.approve("Order")
    purchase.confirm()
    with purchase.company.database.reading() as db:
        order = orders.by_number(db, TENANT, purchase.case["order"]["number"])
        first, second = orders.content_of(db, TENANT, order, 1)["content"]["lines"]
    assert {name: first[name] for name in asked} == asked
    assert second.get("storage") is None
    purchase.do("Attend", FINN, decision="change", reason="warmer is enough")
    kept = purchase.case["template"]["lines"][0]
    assert {name: kept[name] for name in asked} == asked
    asked["storage"] = "below 25 °C"
    lines = (thing(purchase, 1, "100", "12.50", **asked), thing(purchase, 2, "40", "2.00"))
    purchase.build(*lines, reason="warmer is enough")
    assert purchase.case["order"]["change"]["specification"] is True  # asks the approvers again
