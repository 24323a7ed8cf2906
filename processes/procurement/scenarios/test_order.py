"""A need is approved, ordered, delivered, matched and closed; nobody approves their own."""

from engine.outcomes import Rejected
from processes.ledger.purchasing import orders
from processes.procurement.scenarios.purchase import BY_ROLE, FINN, KAI, NORA, begin
from tests.scenario import TENANT, Scenario


def test_a_need_becomes_goods_that_are_accepted_and_paid(buyers: Scenario) -> None:
    purchase = begin(buyers)
    purchase.order()
    assert purchase.open == ["Attend"]
    receipt = purchase.receive(100)
    assert purchase.case["order"]["lines"][0]["undecided"] == 100
    purchase.decided(receipt, 100)
    assert purchase.open == ["Invoice"]
    purchase.invoice(("100", "12.50"))
    purchase.do("CloseOrder", FINN)
    assert purchase.status == "completed"
    with buyers.database.reading() as db:
        order = orders.by_number(db, TENANT, purchase.case["order"]["number"])
        frozen = orders.content_of(db, TENANT, order, 1)
    assert order.status == "closed"
    assert frozen["unchanged"]
    assert frozen["content"]["snapshot"]["approved_list"][0]["entry"] == "valid"
    assert buyers.verify().differences == []


def test_who_asks_does_not_approve(buyers: Scenario) -> None:
    purchase = begin(buyers)
    purchase.request()
    assert "PRD" in purchase.asked("Requisition")
    refused = purchase.attempt("RequisitionPRD", NORA, decision="approve")
    assert isinstance(refused, Rejected)
    purchase.approve("Requisition")
    assert purchase.open == ["Source"]
    assert KAI in BY_ROLE.values()
