"""An order that runs: partial, rejected, short, late, changed, held, cancelled, disputed."""

import pytest

from engine.outcomes import Rejected
from processes.ledger.purchasing import orders
from processes.procurement.scenarios.purchase import (
    FINN,
    GAO,
    NORA,
    PIA,
    Purchase,
    begin,
    pass_days,
    send,
)
from tests.people import Person
from tests.scenario import TENANT, Scenario

LENA = Person("lena", "Lena Qian", "钱蕾", ("WHL",))


@pytest.fixture
def purchase(buyers: Scenario) -> Purchase:
    """An order of a hundred screws in two deliveries, confirmed."""
    found = begin(buyers)
    found.order(found.line("60"), found.line("40"))
    return found


def line(purchase: Purchase, number: int = 1) -> dict[str, object]:
    found: dict[str, object] = purchase.case["order"]["lines"][number - 1]
    return found


def test_partial_deliveries_close_line_by_line(purchase: Purchase) -> None:
    purchase.deliver(20)
    assert (line(purchase)["outstanding"], line(purchase)["status"]) == (40, "open")
    purchase.deliver(40)
    assert line(purchase)["status"] == "closed"
    assert purchase.open == ["Attend", "Invoice"]  # what was accepted can be invoiced at once
    purchase.deliver(40, line=2)
    assert purchase.open == ["Invoice"]
    purchase.invoice(("60", "12.50"), ("0", "12.50"))
    assert purchase.open == ["Invoice"]  # not all is invoiced yet
    purchase.invoice(("0", "12.50"), ("40", "12.50"), number="F-2")
    assert purchase.open == ["CloseOrder"]


def test_each_delivery_is_invoiced_as_it_is_accepted(purchase: Purchase) -> None:
    purchase.deliver(20)
    purchase.invoice(("20", "12.50"), ("0", "12.50"))
    assert purchase.open == ["Attend"]  # nothing accepted is left; the rest is still to come
    purchase.deliver(40)
    assert purchase.open == ["Attend", "Invoice"]
    purchase.do("Attend", FINN, decision="change", reason="price agreed anew")
    assert purchase.open == ["Build", "Invoice"]  # an invoice goes on while the order is changed
    purchase.build(
        purchase.line("60"), purchase.line("40", "12.40"), reason="price of the rest agreed anew"
    )
    purchase.confirm()
    purchase.invoice(("40", "12.50"), ("0", "12.40"), number="F-2")
    assert purchase.open == ["Attend"]
    purchase.deliver(40, line=2)
    purchase.invoice(("0", "12.50"), ("40", "12.40"), number="F-3")
    purchase.do("CloseOrder", FINN)
    assert purchase.status == "completed"
    assert purchase.company.verify().differences == []


def test_the_last_invoice_closes_an_order_that_was_cancelled_meanwhile(purchase: Purchase) -> None:
    purchase.deliver(60)
    purchase.do("Attend", FINN, decision="cancel", reason="project stopped")
    purchase.do("ConfirmCancel", GAO, decision="cancel", reason="project stopped")
    purchase.invoice(("60", "12.50"), ("0", "12.50"))
    assert purchase.open == ["TellSupplier"]  # not closed before the supplier knows
    purchase.do("TellSupplier", FINN, acknowledged=True, reference="AB-1")
    assert purchase.open == ["CloseOrder"]


def test_rejected_goods_are_claimed_and_replaced_or_credited(purchase: Purchase) -> None:
    purchase.decided(purchase.receive(60), 50, 10)
    claim = {"claim_number": "CL-1", "reason": "scratched"}
    purchase.do("Claim", FINN, decision="replacement", **claim)
    assert line(purchase)["outstanding"] == 10
    purchase.decided(purchase.receive(10), 0, 10)
    purchase.do("Claim", FINN, decision="credit", **claim)
    assert line(purchase)["status"] == "closed"


def test_planning_says_whether_less_is_enough(purchase: Purchase) -> None:
    purchase.deliver(57)
    assert purchase.open == ["AskPlanner", "Attend", "Invoice"]
    purchase.do("AskPlanner", NORA, decision="wait", reason="all are needed")
    assert line(purchase)["status"] == "open"
    purchase.deliver(3)
    assert line(purchase)["status"] == "closed"


def test_more_than_ordered_is_not_taken(purchase: Purchase) -> None:
    purchase.company.add(LENA)
    with pytest.raises(KeyError):
        purchase.receive(61)
    clarify = purchase.company.open("Clarify", LENA)
    instance = clarify.work_item_id.process_instance_id
    assert purchase.company.variables(instance)["tolerance"]["result"] == "OVER"
    refused = purchase.company.attempt("Clarify", LENA, instance, decision="receive", reason="ok?")
    assert isinstance(refused, Rejected)
    purchase.company.do("Clarify", LENA, instance, decision="refuse", reason="one too many")
    assert purchase.company.status(instance) == "completed"
    assert line(purchase)["received"] == 0


def test_an_early_delivery_is_received_if_the_warehouse_lead_agrees(buyers: Scenario) -> None:
    buyers.add(LENA)
    purchase = begin(buyers)
    purchase.order(purchase.line("100", promised_date=purchase.need_date.isoformat()))
    with pytest.raises(KeyError):
        purchase.receive(100)
    clarify = buyers.open("Clarify", LENA)
    instance = clarify.work_item_id.process_instance_id
    buyers.do("Clarify", LENA, instance, decision="receive", reason="room enough")
    assert buyers.status(instance) == "completed"
    assert line(purchase)["undecided"] == 100


def test_the_dates_of_an_order_are_watched(purchase: Purchase) -> None:
    pass_days(purchase.company, 2)
    assert purchase.open == ["Attend", "Remind"]
    purchase.do("Remind", FINN, answer="on its way")
    pass_days(purchase.company, 5)
    assert purchase.open == ["Attend", "Chase"]
    pass_days(purchase.company, 3)
    assert purchase.open == ["Attend", "Chase", "Shortage"]
    purchase.do("Shortage", NORA, measure="work order moved by a week")
    purchase.deliver(60)
    purchase.deliver(40, line=2)
    assert purchase.open == ["Invoice"]  # what was still to chase is gone with the last line


def test_a_small_change_needs_no_second_approval_and_is_another_version(
    purchase: Purchase,
) -> None:
    purchase.do("Attend", FINN, decision="change", reason="price agreed anew")
    purchase.build(
        purchase.line("60", "12.90"), purchase.line("40", "12.90"), reason="price agreed anew"
    )
    assert purchase.open == ["Send"]
    assert purchase.case["order"]["version"] == 2
    purchase.confirm()
    assert purchase.open == ["Attend"]


def test_a_change_that_costs_more_is_approved_again(purchase: Purchase) -> None:
    purchase.do("Attend", FINN, decision="change", reason="twice as many")
    purchase.build(purchase.line("60"), purchase.line("140"), reason="twice as many")
    assert purchase.case["change"]["result"] == "APPROVE"
    assert purchase.asked("Order")
    purchase.receive(60)  # comes while the change waits for its approval
    purchase.approve("Order")
    purchase.confirm()
    assert line(purchase)["undecided"] == 60


def test_a_confirmation_that_differs_changes_the_order(buyers: Scenario) -> None:
    purchase = begin(buyers)
    purchase.request()
    purchase.approve("Requisition")
    purchase.source()
    purchase.build()
    purchase.approve("Order")
    purchase.confirm(unit_price="13.00")
    refused = purchase.attempt("Differences", FINN, decision="accept", reason="it is little")
    assert isinstance(refused, Rejected)
    purchase.do("Differences", FINN, decision="change", reason="price rose by 4 %")
    purchase.build(purchase.line(price="13.00"), reason="price rose by 4 %")
    purchase.confirm()
    assert purchase.open == ["Attend"]


def test_a_substitute_starts_a_change(buyers: Scenario) -> None:
    purchase = begin(buyers)
    purchase.request()
    purchase.approve("Requisition")
    purchase.source()
    purchase.build()
    purchase.approve("Order")
    purchase.confirm(item_revision="Z")
    purchase.do("Differences", FINN, decision="substitute", reason="revision Z offered")
    assert len(purchase.thrown("change.requested")) == 1
    assert purchase.open == ["Attend"]
    purchase.do("Attend", FINN, decision="supplier_change", reason="new melt shop")
    assert [each["reason"] for each in purchase.thrown("change.requested")] == [
        "revision Z offered",
        "new melt shop",
    ]


def block(purchase: Purchase, supplier: str = "S-1001") -> None:
    payload = {"supplier": supplier, "items": [purchase.item], "reason": "licence withdrawn"}
    send(purchase.company, "supplier.blocked", "", payload, kind="signal")


def test_a_blocked_supplier_holds_its_orders(purchase: Purchase) -> None:
    block(purchase, "S-1002")
    assert purchase.open == ["Attend"]  # of another supplier
    block(purchase)
    assert purchase.open == ["AskSqe", "Attend"]
    with purchase.company.database.reading() as db:
        assert orders.open_lines(db, TENANT) == []  # the dock takes nothing for it
    purchase.do("AskSqe", PIA, decision="resume", reason="licence renewed")
    assert purchase.case["order"]["status"] == "sent"
    block(purchase)
    purchase.do("AskSqe", PIA, decision="source", reason="not to be relied on")
    assert purchase.open == ["Source"]


def test_a_new_revision_of_the_item_is_asked_about(purchase: Purchase) -> None:
    def effective(number: str, revision: str) -> None:
        payload = {"item_number": number, "revision": revision}
        send(purchase.company, "item.rev.effective", "", payload, kind="signal")

    effective("another", "B")
    assert purchase.open == ["Attend"]
    effective(purchase.item, "B")
    purchase.do("AskRevision", FINN, decision="keep", reason="stock is compatible")
    assert purchase.open == ["Attend"]
    effective(purchase.item, "C")
    purchase.do("AskRevision", FINN, decision="change", reason="must be rev C")
    assert purchase.open == ["Build"]


def test_a_running_order_is_cancelled_and_what_was_taken_is_paid(purchase: Purchase) -> None:
    purchase.deliver(60)
    purchase.do("Attend", FINN, decision="cancel", reason="project stopped")
    purchase.do("ConfirmCancel", GAO, decision="cancel", reason="project stopped")
    assert [each["status"] for each in purchase.case["order"]["lines"]] == ["closed", "cancelled"]
    purchase.do("TellSupplier", FINN, acknowledged=True, reference="AB-1")
    purchase.invoice(("60", "12.50"), ("0", "12.50"))
    purchase.do("CloseOrder", FINN)
    assert purchase.status == "completed"
    assert purchase.case["order"]["status"] == "closed"


def test_an_order_without_deliveries_is_cancelled(purchase: Purchase) -> None:
    purchase.do("Attend", FINN, decision="cancel", reason="not needed")
    purchase.do("ConfirmCancel", GAO, decision="cancel", reason="not needed")
    purchase.do("TellSupplier", FINN, acknowledged=True, reference="AB-1")
    assert purchase.status == "completed"
    assert purchase.case["order"]["status"] == "cancelled"


def test_an_invoice_that_differs_is_blocked_until_somebody_signs(purchase: Purchase) -> None:
    purchase.deliver(60)
    purchase.deliver(40, line=2)
    purchase.invoice(("60", "12.80"), ("40", "12.50"))
    assert purchase.case["match"]["outcome"] == "blocked"
    purchase.do("MatchDifference", GAO, decision="another", reason="ask for a credit note")
    purchase.invoice(("60", "12.80"), ("40", "12.50"))
    purchase.do("MatchDifference", GAO, decision="accept", reason="alloy surcharge agreed")
    assert purchase.open == ["CloseOrder"]
    outcomes = [each["event"] for each in purchase.company.events(purchase.instance)]
    assert outcomes.count("invoice.blocked") == 2
    assert outcomes.count("invoice.accepted_with_difference") == 1


def test_imported_goods_come_with_their_papers(buyers: Scenario) -> None:
    buyers.add(LENA)
    purchase = begin(buyers)
    purchase.request()
    purchase.approve("Requisition")
    purchase.source()
    with pytest.raises(AssertionError, match="import_licence"):
        purchase.build(imported=True)
    purchase.build(imported=True, import_licence="IL-7 until 2027-06-30")
    purchase.approve("Order")
    purchase.confirm()
    with pytest.raises(KeyError):
        purchase.receive(100)
    clarify = buyers.open("Clarify", LENA)
    instance = clarify.work_item_id.process_instance_id
    (finding,) = buyers.variables(instance)["check"]["findings"]
    assert (finding["code"], "IL-7" in finding["message"]["en"]) == ("ImportPapersMissing", True)
    purchase.receive(100, documents=[{"kind": "import", "reference": "CD-1"}])
    assert line(purchase)["undecided"] == 100
