"""What gets into a supplier's history, from whom, and what it changes (IQ-01, IQ-03, SUP-30)."""

from copy import deepcopy
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import DBAPIError

from processes import registry
from processes.ledger import inspection_planning, items, receipts, supplier_history, switching
from processes.ledger.changes import affected
from processes.ledger.nonconformity import nonconformities
from processes.ledger.nonconformity.nonconformities import Nonconformity, Report
from processes.ledger.purchasing import assessments
from processes.ledger.receipts import Delivery
from processes.ledger.supplier_history import SupplierEvent
from processes.ledger.tables import approved_supply
from tests.processes import test_changes as changes
from tests.processes.conftest import ANN, DORA, NOW, TENANT, TODAY, Book, decimal, person

HANA = person("hana", "QE")
NEXT_WEEK = TODAY + timedelta(days=7)


def kinds(book: Book) -> list[str]:
    return [each.kind for each in events(book)]


def events(book: Book) -> list[SupplierEvent]:
    return supplier_history.history(book.db, TENANT, book.supplier.supplier_id, book.item_id)


def report(book: Book, **more: Any) -> Nonconformity:
    seen = {
        "source_kind": "person",
        "source_number": "",
        "stage": "in_process",
        "description": "burrs",
        "item_id": book.item_id,
        "supplier_id": book.supplier.supplier_id,
    }
    return nonconformities.open_new(book.by(HANA), Report(**{**seen, **more}))


def inspected(book: Book, lots: str) -> None:
    """Put inspected lots into the history: a accepted, r rejected; the last one yesterday."""
    for place, lot in enumerate(lots):
        event = SupplierEvent(
            kind="lot_inspected",
            received_at=NOW - timedelta(days=len(lots) - place),
            accepted=lot == "a",
            acceptance_number=0,
        )
        supplier_history.record_event(book.by(ANN), book.supplier.supplier_id, book.item_id, event)


def facts(book: Book, *, after: timedelta = timedelta(0)) -> dict[str, Any]:
    """Give what IQ-01 looks at for a delivery that comes now, or later."""
    context = book.by(ANN, now=NOW + after)
    delivery = Delivery(
        item="VALVE-1",
        supplier="S-1",
        delivery_note="DN",
        supplier_lot=f"L{after.days}",
        quantity=decimal("10"),
        location="Q-01",
    )
    line = receipts.post(context, delivery)
    item = items.find(book.db, TENANT, book.item_id)
    return inspection_planning.history_for(context, line, item)


def severity(book: Book) -> str:
    rules = book.context.configuration("inspection_rules")
    return switching.switching_state(events(book), rules).severity


# --- nonconformities ------------------------------------------------------------------------


def test_a_nonconformity_counts_against_supplier_and_item(book: Book) -> None:
    inspected(book, "aaa")
    assert facts(book)["nonconformity_lately"] is False
    found = report(book)
    assert [each.nonconformity for each in events(book)][-1] == found.number
    now = facts(book)
    assert (now["nonconformity_lately"], now["switching_score"]) == (True, 0)
    assert facts(book, after=timedelta(days=366))["nonconformity_lately"] is False


def test_dock_to_stock_asks_for_a_delivery_within_the_months_of_the_customer(book: Book) -> None:
    inspected(book, "aaa")
    assert facts(book)["delivered_lately"] is True
    assert facts(book, after=timedelta(days=190))["delivered_lately"] is False


def test_one_whose_supplier_or_item_is_unknown_is_nobodys(book: Book) -> None:
    report(book, supplier_id=None)
    report(book, item_id=None)
    assert kinds(book) == []


def test_one_that_was_none_counts_no_more_until_it_is_opened_again(book: Book) -> None:
    found = report(book)
    nonconformities.end_cycle(
        book.by(DORA, "CLOS"), found, "void", "a duplicate", signature_meaning="CLOS"
    )
    assert kinds(book) == []
    nonconformities.reopen(book.by(HANA), found.number, "it is not the same")
    assert kinds(book) == ["nonconformity"]


def test_one_that_was_dealt_with_counts_on_and_only_once(book: Book) -> None:
    found = report(book)
    nonconformities.end_cycle(
        book.by(DORA, "CLOS"), found, "closed", "scrapped", signature_meaning="CLOS"
    )
    nonconformities.reopen(book.by(HANA), found.number, "more of it")
    assert kinds(book) == ["nonconformity"]


def test_each_deducts_from_the_score_of_its_month(book: Book) -> None:
    month: dict[str, Any] = {
        "since": TODAY.replace(day=1),
        "until": TODAY + timedelta(days=1),
        "service": 15,
    }
    points = book.context.configuration("purchasing_rules")["score"]["points_per_nonconformity"]
    assert assessments.score(book.by(HANA), book.supplier, **month).quality == 50
    first = report(book)
    report(book)
    later = replace(book.by(HANA), now=NOW + timedelta(seconds=1))
    assert assessments.score(later, book.supplier, **month).quality == 50 - 2 * points
    void = book.by(DORA, "CLOS", now=NOW + timedelta(days=40))
    nonconformities.end_cycle(void, first, "void", "a duplicate", signature_meaning="CLOS")
    later = replace(book.by(HANA), now=NOW + timedelta(days=41))
    assert assessments.score(later, book.supplier, **month).quality == 50 - points


def test_the_database_wants_the_number_of_a_nonconformity(book: Book) -> None:
    event = SupplierEvent(kind="nonconformity", received_at=NOW)
    with pytest.raises(DBAPIError), book.db.begin_nested():
        supplier_history.record_event(book.by(HANA), book.supplier.supplier_id, book.item_id, event)


# --- severity -------------------------------------------------------------------------------


@pytest.mark.parametrize(("grave", "then"), [("S3", "normal"), ("S4", "tightened")])
def test_a_grave_one_of_the_supplier_tightens_inspection(book: Book, grave: str, then: str) -> None:
    """From which severity on is the customer's to say (`inspection_rules`)."""
    parties = (book.supplier.supplier_id, book.item_id)
    switching.tighten_after(book.by(HANA), "NC-1", *parties, grave)
    assert severity(book) == then
    assert facts(book)["severity"] == then


def test_what_is_stricter_already_stays(book: Book) -> None:
    inspected(book, "rr" + "r" * 5)
    parties = (book.supplier.supplier_id, book.item_id)
    switching.tighten_after(book.by(HANA), "NC-1", *parties, "S5")
    assert severity(book) == "discontinued"


def test_discontinued_is_lifted_by_the_decision_on_the_supplier(book: Book) -> None:
    inspected(book, "rr" + "r" * 5)
    assert facts(book)["severity"] == "discontinued"
    parties = (book.supplier.supplier_id, book.item_id)
    switching.resume(book.by(DORA), *parties, "qualified again")
    assert facts(book)["severity"] == "tightened"
    assert events(book)[-1].kind == "severity_set"


def test_nothing_is_resumed_that_was_not_discontinued(book: Book) -> None:
    switching.resume(book.by(DORA), book.supplier.supplier_id, book.item_id, "qualified again")
    assert kinds(book) == []


# --- changes --------------------------------------------------------------------------------


def test_a_new_revision_makes_the_next_lots_the_first_ones_again(book: Book) -> None:
    inspected(book, "aaaa")
    change = changes.request(book)
    changes.propose(book, change, "item_revision", "VALVE-1", revision="B")
    affected.release(book.context, change, NEXT_WEEK, ["dora (QA)"])
    assert facts(book)["changed"] is False  # it counts from next week on
    later = facts(book, after=timedelta(days=7))
    assert (later["changed"], later["first_lots"]) == (True, False)
    begins = datetime.combine(NEXT_WEEK, time(), ZoneInfo("Asia/Shanghai"))  # where goods come in
    assert [each.received_at for each in events(book) if each.kind == "item_changed"] == [begins]


@pytest.mark.parametrize(("minutes", "changed"), [(-30, False), (30, True)])
def test_the_day_of_a_change_begins_at_midnight_of_the_site(
    book: Book, *, minutes: int, changed: bool
) -> None:
    """23:30 in Shenzhen is the day before the change, 00:30 its day; both are one day in UTC."""
    inspected(book, "aaaa")
    parties = (book.supplier.supplier_id, book.item_id)
    supplier_history.record_change(book.by(HANA), *parties, NEXT_WEEK, "moved")
    midnight = datetime.combine(NEXT_WEEK, time(), ZoneInfo("Asia/Shanghai"))
    received = midnight + timedelta(minutes=minutes)
    assert facts(book, after=received - NOW)["changed"] is changed


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_without_an_approval_the_usual_site_tells_the_day(book: Book, zone: str) -> None:
    book.db.execute(delete(approved_supply))
    documents = deepcopy(dict(registry.documents()))
    documents["site_calendars"]["calendars"]["SZ01"]["zone"] = zone
    context = replace(book.by(HANA), configuration=documents.__getitem__)
    parties = (book.supplier.supplier_id, book.item_id)
    supplier_history.record_change(context, *parties, NEXT_WEEK, "moved")
    begins = datetime.combine(NEXT_WEEK, time(), ZoneInfo(zone))
    assert events(book)[-1].received_at == begins


def test_a_supplier_that_delivers_to_two_sites_has_changed_where_the_day_begins_first(
    book: Book,
) -> None:
    documents = deepcopy(dict(registry.documents()))
    sites = documents["site_calendars"]["calendars"]
    sites["NY01"] = {**sites["SZ01"], "zone": "America/New_York"}
    row = book.db.execute(select(approved_supply)).one()._asdict()
    book.db.execute(insert(approved_supply), {**row, "site": "NY01"})
    context = replace(book.by(HANA), configuration=documents.__getitem__)
    supplier_history.record_change(
        context, book.supplier.supplier_id, book.item_id, NEXT_WEEK, "moved"
    )
    begins = datetime.combine(NEXT_WEEK, time(), ZoneInfo("Asia/Shanghai"))
    assert events(book)[-1].received_at == begins


def test_a_supplier_that_moved_is_a_change_of_all_its_items(book: Book) -> None:
    inspected(book, "aaaa")
    change = changes.request(book)
    changes.propose(book, change, "supplier", "S-1", country="DE")
    changes.release(book, change)
    assert facts(book)["changed"] is True


def test_another_status_of_the_supplier_is_no_change_of_its_goods(book: Book) -> None:
    inspected(book, "aaaa")
    change = changes.request(book)
    changes.propose(book, change, "supplier", "S-1", status="conditional")
    changes.release(book, change)
    assert facts(book)["changed"] is False


# --- severities of classes ------------------------------------------------------------------


def severities(book: Book) -> dict[str, str]:
    rules = book.context.configuration("inspection_rules")
    return switching.switching_state(events(book), rules).severities


def decide(book: Book, defect_class: str, to: str, reason: str = "steady for a year") -> None:
    switching.decide(
        book.by(DORA),
        book.supplier.supplier_id,
        book.item_id,
        defect_class=defect_class,
        severity=to,
        reason=reason,
    )


def test_a_class_is_set_by_a_decision_with_its_reason(book: Book) -> None:
    decide(book, "minor", "tightened")
    assert severities(book) == {"critical": "normal", "major": "normal", "minor": "tightened"}
    for wrong in (("information", "normal"), ("minor", "discontinued")):
        with pytest.raises(switching.NoSuchSeverity):
            decide(book, *wrong)
    with pytest.raises(switching.SeverityNeedsReason):
        decide(book, "minor", "normal", reason=" ")


def test_qualified_again_resumes_only_the_class_that_was_stopped(book: Book) -> None:
    for place in range(7):
        outcome = {"accepted_one_step_tighter": False, "acceptance_number": 0, "severity": "normal"}
        event = SupplierEvent(
            kind="lot_inspected",
            received_at=NOW - timedelta(days=9 - place),
            accepted=False,
            classes={
                "major": {**outcome, "accepted": True},
                "minor": {**outcome, "accepted": False},
            },
        )
        supplier_history.record_event(book.by(ANN), book.supplier.supplier_id, book.item_id, event)
    assert severities(book)["minor"] == "discontinued"
    switching.resume(book.by(DORA), book.supplier.supplier_id, book.item_id, "qualified again")
    assert severities(book) == {"critical": "normal", "major": "normal", "minor": "tightened"}


def offering_reduced(book: Book, *, offered: bool = True, table: bool = True) -> Any:
    """Give a context of a customer who offers reduced inspection and has a table of it."""
    context = book.by(DORA)
    documents = {name: deepcopy(context.configuration(name)) for name in OFFERED}
    documents["inspection_rules"]["switching"]["reduced"]["offered"] = offered
    tables = documents["sampling_tables"]["severities"]
    if table:
        tables["reduced"] = tables["normal"]
    return replace(context, configuration=lambda name: documents[name])


OFFERED = ("inspection_rules", "sampling_tables")


def test_reduced_needs_the_customers_will_a_table_and_the_score(book: Book) -> None:
    key = (book.supplier.supplier_id, book.item_id)
    how: Any = {"defect_class": "major", "severity": "reduced", "reason": "steady"}
    inspected(book, "a" * 14)
    for more in ({"offered": False}, {"table": False}, {}):
        with pytest.raises(switching.ReducedNotAllowed):
            switching.decide(offering_reduced(book, **more), *key, **how)
    inspected(book, "a")
    switching.decide(offering_reduced(book), *key, **how)
    assert severities(book) == {"critical": "normal", "major": "reduced", "minor": "normal"}
