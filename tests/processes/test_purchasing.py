"""Buying in the book: what is frozen stays, what is not accepted is not paid, who may deliver."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from processes.ledger import items, receipts, suppliers, units
from processes.ledger.purchasing import (
    approved_list,
    assessments,
    certificates,
    confirmations,
    eligibility,
    invoices,
    order_receipts,
    orders,
    requisitions,
    waivers,
)
from processes.ledger.purchasing.certificates import Agreement, Certificate
from processes.ledger.purchasing.confirmations import ConfirmedLine
from processes.ledger.purchasing.invoices import Invoice, InvoiceLine
from processes.ledger.purchasing.orders import Draft, DraftLine, Order
from processes.ledger.purchasing.requisitions import Need, NeedLine, Requisition
from processes.ledger.receipts import Delivery, ReceiptLine
from processes.ledger.status import SignatureMissing
from tests.processes.conftest import ANN, NOW, TENANT, TODAY, Book, person

NORA = person("nora", "REQ")
FINN = person("finn", "BUY")
DUE = TODAY + timedelta(days=30)


def need(book: Book, **more: Any) -> Need:
    return Need(
        **{
            "site": "SZ01",
            "need_date": DUE,
            "purpose": "stock",
            "cost_centre": "4100",
            "currency": "CNY",
            "lines": [need_line(book)],
            **more,
        }
    )


def need_line(book: Book, quantity: int = 100) -> NeedLine:
    return NeedLine(
        item_id=book.item_id,
        item_number="VALVE-1",
        item_revision="A",
        quantity=Decimal(quantity),
        unit_code="ea",
        estimated_price=Decimal("12.50"),
    )


def line(book: Book, number: int = 1, quantity: int = 100, price: str = "12.50") -> DraftLine:
    return DraftLine(
        line=number,
        item_id=book.item_id,
        item_revision="A",
        quantity=quantity,
        decimals=0,
        unit_code="ea",
        unit_price=Decimal(price),
        promised_date=DUE,
    )


def draft(book: Book, *lines: DraftLine, **content: Any) -> Draft:
    return Draft(
        supplier_id=book.supplier.supplier_id,
        site="SZ01",
        currency="CNY",
        lines=lines or (line(book),),
        content={"clauses": ["change_notice"], **content},
    )


def requested(book: Book, **more: Any) -> Requisition:
    return requisitions.open_new(book.by(NORA), need(book, **more))


def sent(book: Book, *lines: DraftLine) -> Order:
    order = orders.begin(book.by(FINN), requested(book), book.supplier, currency="CNY")
    return freeze(book, order, draft(book, *lines))


def freeze(book: Book, order: Order, content: Draft, reason: str | None = None) -> Order:
    return orders.freeze(
        book.by(FINN),
        order,
        content,
        reason=reason,
        approvals=[{"role": "PUM", "by": "gao"}],
        snapshot={"supplier": {"status": "approved"}},
    )


def arrives(
    book: Book, order: Order, quantity: int, lot: str = "A1", now: datetime = NOW
) -> ReceiptLine:
    delivery = Delivery(
        item="VALVE-1",
        supplier="S-1",
        delivery_note="DN-1",
        supplier_lot=lot,
        quantity=Decimal(quantity),
        location="Q-01",
    )
    context = book.by(ANN, now=now)
    came = receipts.post(context, delivery)
    found, ordered = orders.open_line(book.db, TENANT, order.number, 1)
    order_receipts.record(context, found, ordered, came)
    return came


def accepts(book: Book, came: ReceiptLine, accepted: int, rejected: int = 0) -> None:
    order_receipts.decide(
        book.by(ANN),
        came.receipt_line_id,
        decision="ACCEPT" if accepted else "REJECT",
        accepted=accepted,
        rejected=rejected,
    )


def invoice(number: str, quantity: int, price: str = "12.50", **more: Any) -> Invoice:
    amount = Decimal(quantity) * Decimal(price)
    asked = InvoiceLine(line=1, quantity=Decimal(quantity), unit_price=Decimal(price))
    return Invoice(**{"number": number, "on": TODAY, "amount": amount, "lines": (asked,), **more})


def pieces(book: Book) -> dict[int, units.Unit]:
    return {1: units.find(book.db, TENANT, "ea")}


def test_requisitions_of_one_week_and_item_are_seen(book: Book) -> None:
    first = requested(book)
    again = requested(book)
    assert requisitions.same_need(book.db, TENANT, again, "VALVE-1") == [first.number]
    later = requested(book, need_date=DUE + timedelta(days=14))
    assert requisitions.same_need(book.db, TENANT, later, "VALVE-1") == []


def test_a_requisition_is_opened_again_as_the_next_cycle(book: Book) -> None:
    first = requested(book)
    with pytest.raises(requisitions.StillOpen):
        requisitions.open_new(book.by(NORA), need(book), reopens=first.number)
    requisitions.set_status(book.by(NORA), first.requisition_id, "cancelled", "not needed")
    again = requisitions.open_new(book.by(NORA), need(book), reopens=first.number)
    assert (again.number, again.cycle) == (first.number, 2)
    cycles = requisitions.cycles_of(book.db, TENANT, first.number)
    assert [each.status for each in cycles] == ["cancelled", "open"]


def test_a_version_is_frozen_with_what_was_true_then(book: Book) -> None:
    order = sent(book)
    frozen = orders.content_of(book.db, TENANT, order, 1)
    assert (order.version, order.status) == (1, "sent")
    assert frozen["total"] == Decimal("1250.00")
    assert frozen["content"]["snapshot"] == {"supplier": {"status": "approved"}}
    assert frozen["content"]["approvals"] == [{"role": "PUM", "by": "gao"}]
    assert frozen["unchanged"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE purchase_order_version SET content = '{}'",
        "UPDATE purchase_order_line SET unit_price = '1'",
        "DELETE FROM purchase_order_version",
    ],
)
def test_the_database_refuses_to_change_a_frozen_version(book: Book, statement: str) -> None:
    sent(book)
    with pytest.raises(DBAPIError, match="append-only"):
        book.db.execute(text(statement))


def test_a_change_is_another_version_and_the_first_one_stays(book: Book) -> None:
    order = sent(book)
    changed = freeze(book, order, draft(book, line(book, price="13.00")), "price agreed anew")
    assert changed.version == 2
    assert orders.lines_of(book.db, TENANT, changed)[0].unit_price == Decimal("13.00")
    assert orders.content_of(book.db, TENANT, changed, 1)["total"] == Decimal("1250.00")
    with pytest.raises(orders.ChangedMeanwhile):
        freeze(book, order, draft(book), "from the old one")


def test_a_change_does_not_order_less_than_came_in(book: Book) -> None:
    order = sent(book)
    arrives(book, order, 60)
    with pytest.raises(orders.LessThanReceived):
        freeze(book, order, draft(book, line(book, quantity=50)), "less")


def test_a_blocked_supplier_gets_no_order(book: Book) -> None:
    order = orders.begin(book.by(FINN), requested(book), book.supplier, currency="CNY")
    suppliers.set_status(book.by(FINN), book.supplier, "blocked", "fire")
    with pytest.raises(suppliers.NotApprovedToSupply):
        freeze(book, order, draft(book))


def test_a_line_adds_up_what_came_and_what_was_decided(book: Book) -> None:
    order = sent(book)
    first, second = arrives(book, order, 60), arrives(book, order, 40, "A2")
    found = orders.lines_of(book.db, TENANT, order)[0]
    assert (found.received, found.undecided, found.expected) == (100, 100, 0)
    accepts(book, first, 60)
    accepts(book, second, 0, 40)
    found = orders.lines_of(book.db, TENANT, order)[0]
    assert (found.accepted, found.rejected, found.undecided) == (60, 40, 0)
    assert (found.outstanding, found.expected) == (40, 40)


def test_a_decision_counts_once_and_used_up_samples_are_paid(book: Book) -> None:
    order = sent(book)
    came = arrives(book, order, 100)
    accepts(book, came, 97)
    accepts(book, came, 97)
    assert orders.lines_of(book.db, TENANT, order)[0].accepted == 100


def test_a_held_or_closed_order_takes_no_delivery(book: Book) -> None:
    order = orders.set_status(book.by(FINN), sent(book), "held", "supplier blocked")
    with pytest.raises(orders.OrderNotOpen):
        orders.open_line(book.db, TENANT, order.number, 1)
    assert orders.open_lines(book.db, TENANT) == []
    orders.set_status(book.by(FINN), order, "sent", "unblocked")
    assert [each.number for each, _ in orders.open_lines(book.db, TENANT)] == [order.number]
    with pytest.raises(orders.NoSuchLine):
        orders.open_line(book.db, TENANT, order.number, 2)


def test_a_line_is_not_closed_over_goods_in_quarantine(book: Book) -> None:
    order = sent(book)
    came = arrives(book, order, 96)
    with pytest.raises(orders.LineUndecided):
        orders.end_line(book.by(FINN), order, 1, "enough")
    accepts(book, came, 96)
    orders.end_line(book.by(FINN), order, 1, "enough")
    assert orders.open_lines(book.db, TENANT) == []


def test_goods_are_received_against_the_line_that_ordered_them(book: Book) -> None:
    order = sent(book)
    ordered = orders.lines_of(book.db, TENANT, order)[0]
    other = book.add_item("VALVE-2")
    with pytest.raises(order_receipts.NotOnThisLine):
        order_receipts.require_same(
            order, ordered, supplier_id=book.supplier.supplier_id, item_id=other
        )


def test_only_accepted_goods_are_paid(book: Book) -> None:
    order = sent(book)
    came = arrives(book, order, 100)
    early = invoices.match(book.by(FINN), order, invoice("F-1", 100), pieces(book))
    assert (early["outcome"], early["differences"][0]["field"]) == ("blocked", "not_accepted")
    accepts(book, came, 100)
    matched = invoices.match(book.by(FINN), order, invoice("F-1", 100), pieces(book))
    assert (matched["outcome"], matched["complete"]) == ("matched", True)
    with pytest.raises(invoices.InvoicePaid):
        invoices.match(book.by(FINN), order, invoice("F-1", 100), pieces(book))


def test_an_invoice_matches_line_by_line_and_in_sum(book: Book) -> None:
    order = sent(book)
    accepts(book, arrives(book, order, 100), 100)
    part = invoices.match(book.by(FINN), order, invoice("F-1", 40), pieces(book))
    assert (part["outcome"], part["complete"]) == ("matched", False)
    much = invoices.match(book.by(FINN), order, invoice("F-2", 61), pieces(book))
    assert [each["field"] for each in much["differences"]] == ["quantity"]
    dear = invoices.match(book.by(FINN), order, invoice("F-3", 60, "12.60"), pieces(book))
    assert [each["field"] for each in dear["differences"]] == ["price"]
    wrong = invoices.match(
        book.by(FINN), order, invoice("F-4", 60, amount=Decimal("751.00")), pieces(book)
    )
    assert [each["field"] for each in wrong["differences"]] == ["amount"]
    taken = invoices.match(
        book.by(FINN),
        order,
        invoice("F-5", 60, "12.60"),
        pieces(book),
        accept_because="freight agreed",
    )
    assert (taken["outcome"], taken["complete"]) == ("accepted_with_difference", True)


def test_a_confirmation_shows_where_it_differs(book: Book) -> None:
    order = sent(book)
    answer = ConfirmedLine(
        line=1,
        quantity=Decimal(90),
        unit_price=Decimal("12.75"),
        promised_date=DUE + timedelta(days=3),
        item_revision="B",
    )
    found = confirmations.record(
        book.by(FINN),
        order,
        [answer],
        reference="OC-1",
        confirmed=True,
        units=pieces(book),
        need_date=DUE,
    )
    assert (found["price_percent"], found["late_days"]) == (Decimal("2.00"), 3)
    assert found["quantity_differs"]
    assert found["revision_differs"]
    assert {each["field"] for each in found["listed"]} == {"quantity", "revision", "price", "date"}


def test_a_waiver_is_signed_and_has_limits(book: Book) -> None:
    asked = requested(book)
    granted: dict[str, Any] = {
        "requisition_id": asked.requisition_id,
        "supplier_id": book.supplier.supplier_id,
        "item_id": book.item_id,
        "reason": "line stands still",
        "controls": "tightened inspection",
        "quantity_limit": 50,
        "valid_to": DUE,
    }
    with pytest.raises(SignatureMissing):
        waivers.grant(book.by(FINN), **granted)
    waiver = waivers.grant(book.by(person("dora", "QA"), "CONC"), **granted)
    waivers.require_covered(waiver, 50, TODAY)
    with pytest.raises(waivers.BeyondWaiver):
        waivers.require_covered(waiver, 51, TODAY)
    with pytest.raises(waivers.BeyondWaiver):
        waivers.require_covered(waiver, 50, DUE + timedelta(days=1))


def certificate(kind: str = "iso13485", valid_to: date = DUE) -> Certificate:
    return Certificate(
        kind=kind,
        number=f"{kind}-1",
        scope="valves",
        body="a notified body",
        valid_from=date(2026, 1, 1),
        valid_to=valid_to,
    )


def eligible(book: Book, now: Any = NOW) -> dict[str, Any]:
    item = items.find(book.db, TENANT, book.item_id)
    source = suppliers.by_number(book.db, TENANT, "S-1")
    return eligibility.of(book.by(FINN, now=now), source, item, "SZ01").facts()


def test_what_speaks_for_a_supplier_is_looked_up(book: Book) -> None:
    assert eligible(book) == {
        "supplier": "approved",
        "entry": "valid",
        "certificates": "expired",
        "certificates_missing": ["iso13485/iso9001"],
        "agreement": "missing",
        "agreement_number": None,
        "rating": 80,
        "valid_to": None,
    }
    agreement = Agreement(
        number="QAG-1",
        terms={"scope": "valves"},
        signed_for_supplier="Mr Hu",
        signed_for_us="Dora Wang",
        valid_from=date(2026, 1, 1),
        valid_to=DUE,
    )
    certificates.register(book.by(FINN), book.supplier, certificate("iso9001"))
    certificates.register_agreement(book.by(FINN), book.supplier, agreement)
    found = eligible(book)
    assert (found["certificates"], found["agreement"]) == ("ok", "ok")
    after = eligible(book, NOW + timedelta(days=31))
    assert (after["certificates"], after["agreement"]) == ("expired", "missing")


def test_an_entry_of_the_list_ends_lapses_and_is_renewed(book: Book) -> None:
    item = items.find(book.db, TENANT, book.item_id)
    enter: dict[str, Any] = {"site": "SZ01", "status": "approved", "rating": 85}
    approved_list.enter(book.by(FINN), book.supplier, item, valid_to=TODAY, **enter)
    assert eligible(book)["entry"] == "valid"
    assert eligible(book, NOW + timedelta(days=89))["entry"] == "expired"
    assert eligible(book, NOW + timedelta(days=91))["entry"] == "lapsed"
    approved_list.enter(book.by(FINN), book.supplier, item, valid_to=DUE, **enter)
    assert eligible(book, NOW + timedelta(days=20))["entry"] == "valid"
    approved_list.take_back(book.by(FINN), book.supplier, item, site="SZ01", reason="findings")
    assert eligible(book)["supplier"] == "blocked"
    assert approved_list.sources_of(book.db, TENANT, item.item_id, "SZ01") == []
    assert approved_list.items_of(book.db, TENANT, book.supplier.supplier_id) == ["VALVE-1"]


def test_certificates_warn_before_they_end(book: Book) -> None:
    certificates.register(book.by(FINN), book.supplier, certificate())
    warned = {
        days: [
            each["warning"]
            for each in certificates.expiring(
                book.db, TENANT, book.supplier.supplier_id, DUE - timedelta(days=days), (90, 60, 30)
            )
        ]
        for days in (91, 90, 60, 30, -1)
    }
    assert warned == {91: [], 90: [90], 60: [60], 30: [30], -1: [0]}


def test_a_score_counts_defects_and_delays(book: Book) -> None:
    order = sent(book)
    accepts(book, arrives(book, order, 50), 50)
    accepts(book, arrives(book, order, 50, "A2"), 49, 1)
    month: dict[str, Any] = {
        "since": TODAY.replace(day=1),
        "until": TODAY + timedelta(days=1),
        "service": 15,
    }
    made = assessments.score(book.by(FINN), book.supplier, **month)
    assert (made.quality, made.delivery, made.total, made.grade) == (20, 30, 70, "C")
    certificates.register(book.by(FINN), book.supplier, certificate(valid_to=TODAY))
    later = replace(book.by(FINN), now=NOW + timedelta(seconds=1))
    made = assessments.score(later, book.supplier, **month)
    assert (made.documents, made.total) == (0, 65)
    assert assessments.last_score(book.db, TENANT, book.supplier.supplier_id) == made
