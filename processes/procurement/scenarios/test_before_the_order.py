"""What may stand between a need and its order: items, approvers, suppliers, clauses."""

from typing import Any

import pytest

from engine.actors import engine_actor
from engine.identifiers import new_id
from engine.outcomes import Rejected
from processes.ledger.commands import SetSupplierStatus
from processes.ledger.purchasing import requisitions
from processes.procurement.scenarios.purchase import (
    GAO,
    NORA,
    OLGA,
    PIA,
    Purchase,
    begin,
    pass_days,
    send,
)
from tests.people import DORA
from tests.scenario import TENANT, Scenario

TUBE = "00840861100781"


def to_source(purchase: Purchase, **more: Any) -> None:
    purchase.request(**more)
    purchase.approve("Requisition")


def test_an_item_that_is_not_in_the_book_goes_to_change_control(buyers: Scenario) -> None:
    purchase = begin(buyers)
    purchase.request(item_number="NEW-CLAMP")
    assert purchase.case["gate"]["result"] == "BLOCK"
    asked = purchase.thrown("change.requested")
    assert [each["source_number"] for each in asked] == [purchase.case["requisition"]["number"]]
    pass_days(buyers, 31)
    purchase.do("ItemQuestion", NORA, decision="wait", reason="being set up")
    number = purchase.case["requisition"]["number"]
    send(buyers, "change.effective", number, {"source_number": number, "change": "ECO-1"})
    assert purchase.case["item_change"]["change"] == "ECO-1"
    assert purchase.open == []  # still not in the book: asked for and waited for again
    pass_days(buyers, 31)
    purchase.do("ItemQuestion", NORA, decision="give_up", reason="not needed")
    purchase.do("ConfirmCancel", GAO, decision="cancel", reason="not needed any more")
    assert purchase.status == "completed"
    with buyers.database.reading() as db:
        assert requisitions.cycles_of(db, TENANT, number)[0].status == "cancelled"


def test_a_requisition_comes_back_and_is_approved(buyers: Scenario) -> None:
    purchase = begin(buyers)
    purchase.request()
    silent = purchase.attempt("RequisitionPRD", OLGA, decision="return")
    assert isinstance(silent, Rejected)  # without a comment
    purchase.do("RequisitionPRD", OLGA, decision="return", comment="half is enough")
    assert purchase.open == ["Request"]
    purchase.request(quantity="50")
    purchase.approve("Requisition")
    assert purchase.case["requisition"]["quantity"] == 50
    assert purchase.open == ["Source"]


def test_one_who_rejects_ends_it(buyers: Scenario) -> None:
    purchase = begin(buyers)
    purchase.request(quantity="900")  # 11 250: the owner of the cost centre as well
    assert purchase.asked("Requisition") == ["GM", "PRD", "QE"]
    purchase.do("RequisitionPRD", OLGA, decision="reject", comment="no budget")
    assert purchase.status == "completed"
    with buyers.database.reading() as db:
        found = requisitions.cycles_of(db, TENANT, purchase.case["requisition"]["number"])
    assert [each.status for each in found] == ["rejected"]
    again = begin(buyers)
    again.request(reopens=found[0].number)
    assert (again.case["requisition"]["number"], again.case["requisition"]["cycle"]) == (
        found[0].number,
        2,
    )


def test_large_amounts_need_quotes(buyers: Scenario) -> None:
    purchase = begin(buyers)
    to_source(purchase, quantity="5000")
    with pytest.raises(AssertionError, match="quotes"):
        purchase.source()
    quote = {"supplier": "another", "unit_price": "13.00", "currency": "CNY"}
    purchase.source(quotes=[quote, quote, quote])
    assert purchase.open == ["Build"]


def test_a_supplier_off_the_list_is_qualified_first(buyers: Scenario) -> None:
    purchase = begin(buyers)
    to_source(purchase)
    purchase.source(supplier="S-1002")
    assert purchase.case["eligibility"]["result"] == "BLOCK"
    purchase.do("NotEligible", PIA, decision="qualify", reason="second source wanted")
    asked = purchase.thrown("supplier.requested")
    assert [(each["supplier"], each["site"]) for each in asked] == [("S-1002", "SZ01")]
    send(buyers, "supplier.decided", "S-1002", {"supplier": "S-1002", "decision": "rejected"})
    assert purchase.open == ["NotEligible"]
    purchase.do("NotEligible", PIA, decision="other", reason="declined")
    purchase.source()
    assert purchase.open == ["Build"]


def test_a_qualification_that_takes_too_long_is_asked_about(buyers: Scenario) -> None:
    purchase = begin(buyers)
    to_source(purchase)
    purchase.source(supplier="S-1002")
    purchase.do("NotEligible", PIA, decision="qualify", reason="second source wanted")
    pass_days(buyers, 61)
    purchase.do("NotEligible", PIA, decision="give_up", reason="too slow")
    purchase.do("ConfirmCancel", GAO, decision="keep", reason="try another")
    assert purchase.open == ["Source"]


def conditional(company: Scenario) -> None:
    command = SetSupplierStatus(
        command_id=new_id(), supplier_number="S-1001", status="conditional", why="findings"
    )
    company.must(company.dispatcher.dispatch(command, engine_actor(TENANT, "test")))


def test_quality_waives_once_with_limits(buyers: Scenario) -> None:
    conditional(buyers)
    purchase = begin(buyers)
    to_source(purchase)
    purchase.source()
    assert purchase.open == ["Waiver"]
    purchase.do(
        "Waiver",
        DORA,
        decision="grant",
        controls="tightened inspection",
        quantity_limit="100",
        valid_to=purchase.need_date.isoformat(),
        reason="line stands still",
    )
    assert purchase.open == ["Build"]
    with pytest.raises(AssertionError, match="Waiver"):
        purchase.build(purchase.line("101"))
    purchase.build()
    assert "QA" in purchase.asked("Order")


def test_quality_refuses_a_waiver(buyers: Scenario) -> None:
    conditional(buyers)
    purchase = begin(buyers)
    to_source(purchase)
    purchase.source()
    purchase.do("Waiver", DORA, decision="refuse", reason="too risky")
    assert purchase.open == ["Source"]


def test_an_order_without_its_clauses_goes_back(buyers: Scenario) -> None:
    purchase = begin(buyers)
    to_source(purchase)
    purchase.source()
    offered = purchase.case["template"]["clauses"]
    purchase.build(clauses=[{"agreed": False} for _ in offered])
    assert purchase.open == ["Build"]
    assert "change_notice" in purchase.case["order"]["missing_clauses"]
    purchase.build(clauses=[{"agreed": True} for _ in offered])
    assert purchase.asked("Order")


def test_an_emergency_skips_the_requisitions_approval_but_not_the_orders(
    buyers: Scenario,
) -> None:
    purchase = begin(buyers)
    purchase.request(emergency=True, justification="ordered by phone by Finn on Sunday")
    assert purchase.open == ["Source"]
    assert [each["code"] for each in purchase.events("exception.flagged")] == ["EX-06"]
    purchase.source()
    purchase.build()
    assert purchase.asked("Order") == ["PRD", "PUM", "QA", "QE", "SQE"]
    refused = purchase.attempt("OrderPUM", GAO, decision="reject", comment="not ordered by us")
    assert not isinstance(refused, Rejected)
    purchase.do("ConfirmCancel", GAO, decision="cancel", reason="supplier delivered elsewhere")
    assert purchase.status == "completed"


def test_a_blocked_supplier_stops_the_last_approval(buyers: Scenario) -> None:
    purchase = begin(buyers)
    to_source(purchase)
    purchase.source()
    purchase.build()
    command = SetSupplierStatus(
        command_id=new_id(), supplier_number="S-1001", status="blocked", why="licence withdrawn"
    )
    buyers.must(buyers.dispatcher.dispatch(command, engine_actor(TENANT, "test")))
    with pytest.raises(AssertionError, match="not approved to supply"):
        purchase.approve("Order")
