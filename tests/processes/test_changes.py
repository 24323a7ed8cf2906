"""The book of changes: fields old and new, gates, authorities, what is temporary, versions."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, text
from sqlalchemy.exc import DBAPIError

from engine.verification import verify
from processes import registry
from processes.ledger import inspection_lots, items, plans, receipts, suppliers
from processes.ledger.changes import (
    affected,
    assessments,
    implementation,
    market_gates,
    orders,
    paths,
    temporary,
)
from processes.ledger.changes.affected import Affected, ChangedMeanwhile, NothingChanges, Proposed
from processes.ledger.changes.assessments import MarketDecision, NoApprovalAwaited
from processes.ledger.changes.controlled import NotChangedThisWay
from processes.ledger.changes.implementation import Effectivity, MixedNeedsInterchangeable, Task
from processes.ledger.changes.market_gates import MarketClosed
from processes.ledger.changes.orders import Change, NewChange, StillRunning
from processes.ledger.changes.paths import NoSuchField, NotThatKind
from processes.ledger.changes.tables import APPEND_ONLY, master_data_version
from processes.ledger.changes.temporary import NoLimits, NotWithinTemporary, RenewedTwice, TooLong
from processes.ledger.production import boms
from processes.ledger.receipts import Delivery, ReceiptLine
from processes.ledger.refusals import LedgerRefusal
from tests.processes.conftest import ANN, NOW, TENANT, TODAY, Book

PLAN: dict[str, Any] = {
    "number": "IP-1",
    "version": 1,
    "effective_from": "2026-01-01",
    "approved_by": ["QE"],
    "documents_required": [],
    "characteristics": [
        {
            "names": {"en": "Length", "zh": "长度"},
            "class": "major",
            "kind": "measured",
            "method": "caliper",
            "sampling": {"rule": "all"},
            "unit": "mm",
            "instrument_type": "caliper",
            "lower_limit": "9.50",
            "upper_limit": "10.50",
        }
    ],
}


def request(book: Book, *, earlier: str | None = None) -> Change:
    context = replace(book.context, process_instance_id=book.context.new_id())
    new = NewChange(
        kind="permanent",
        title="Stronger valve",
        problem="leaks",
        proposal="new spring",
        reason="complaints",
        urgency="normal",
        earlier=earlier,
    )
    return orders.request(context, new)


def propose(book: Book, change: Change, kind: str, key: str, **fields: Any) -> list[Affected]:
    named = [
        Proposed(kind=kind, key=key, field=name.replace("__", "."), new=new)
        for name, new in fields.items()
    ]
    return affected.propose(book.context, change, named)


def release(book: Book, change: Change, begins: date = TODAY) -> None:
    affected.release(book.context, change, begins, ["dora (QA)"])


def found_version(book: Book, kind: str, key: str) -> tuple[Any, Any, str]:
    last = affected.versions(book.db, TENANT, kind, key)[-1]
    return last.fields[0].old, last.fields[0].new, last.change_number


# --- orders ------------------------------------------------------------


def test_numbers_of_changes_have_no_gaps_and_cycles_keep_them(book: Book) -> None:
    first, second = request(book), request(book)
    assert [first.number, second.number] == ["CHG-2026-00001", "CHG-2026-00002"]
    with pytest.raises(StillRunning):
        request(book, earlier=first.number)
    orders.close(book.context, first, "closed", "done")
    again = request(book, earlier=first.number)
    assert (again.number, again.cycle) == (first.number, 2)
    assert orders.find(book.db, TENANT, first.change_id).status == "closed"


# --- objects ------------------------------------------------------------


def test_old_values_come_from_the_book_and_new_ones_are_checked(book: Book) -> None:
    change = request(book)
    objects = propose(book, change, "item", "VALVE-1", criticality="A", sterile="true")
    assert [(f.field, f.old, f.new) for f in objects[0].fields] == [
        ("criticality", "B", "A"),
        ("sterile", False, True),
    ]
    with pytest.raises(NothingChanges):
        propose(book, change, "item", "VALVE-1", criticality="B")
    with pytest.raises(NotThatKind):
        propose(book, change, "item", "VALVE-1", sterile="perhaps")
    with pytest.raises(LedgerRefusal):
        propose(book, change, "item", "NOWHERE", criticality="A")


def test_a_release_writes_an_item(book: Book) -> None:
    change = request(book)
    propose(book, change, "item", "VALVE-1", criticality="A")
    release(book, change)
    assert items.by_number(book.db, TENANT, "VALVE-1").criticality == "A"
    assert found_version(book, "item", "VALVE-1") == ("B", "A", change.number)
    changed = [e for e in book.events if e["event"] == "master_data.changed"]
    assert changed[0]["fields"] == [{"field": "criticality", "old": "B", "new": "A"}]
    assert changed[0]["approved_by"] == ["dora (QA)"]


def test_tracking_of_an_item_is_not_changed(book: Book) -> None:
    change = request(book)
    propose(book, change, "item", "VALVE-1", tracking="serial")
    with pytest.raises(LedgerRefusal, match="tracking"):
        release(book, change)


def test_a_revision_begins_on_its_day(book: Book) -> None:
    change = request(book)
    propose(book, change, "item_revision", "VALVE-1", revision="B", specification="SP-7 rev 2")
    day = TODAY + timedelta(days=30)
    release(book, change, day)
    item = items.by_number(book.db, TENANT, "VALVE-1")
    on = [TODAY, day - timedelta(days=1), day]
    assert [items.effective_revision(book.db, TENANT, item, d) for d in on] == ["A", "A", "B"]


def test_an_item_waits_for_its_day(book: Book) -> None:
    change = request(book)
    propose(book, change, "item", "VALVE-1", criticality="A")
    release(book, change, TODAY + timedelta(days=1))
    assert items.by_number(book.db, TENANT, "VALVE-1").criticality == "B"
    tomorrow = replace(book.context, now=NOW + timedelta(days=1))
    affected.release(tomorrow, change, TODAY + timedelta(days=1), ["dora (QA)"])
    assert items.by_number(book.db, TENANT, "VALVE-1").criticality == "A"


def test_a_plan_gets_a_new_version_with_one_limit_changed(book: Book) -> None:
    item = items.by_number(book.db, TENANT, "VALVE-1")
    plans.register(book.context, plans.read_plan(PLAN, item.item_id))
    change = request(book)
    propose(book, change, "inspection_plan", "VALVE-1", characteristics__1__upper_limit="10.20")
    release(book, change)
    plan = plans.in_force(book.db, TENANT, item.item_id, item.number, TODAY)
    assert (plan.version, plan.characteristics[0].upper_limit) == (2, Decimal("10.20"))
    assert plan.characteristics[0].lower_limit == Decimal("9.50")


def test_a_plan_counts_from_the_revision_that_the_change_names(book: Book) -> None:
    """What has the old revision is inspected by the old plan, whenever it comes."""
    item = items.by_number(book.db, TENANT, "VALVE-1")
    plans.register(book.context, plans.read_plan(PLAN, item.item_id))
    change = request(book)
    propose(book, change, "item_revision", "VALVE-1", revision="B")
    propose(
        book,
        change,
        "inspection_plan",
        "VALVE-1",
        item_revision="B",
        characteristics__1__upper_limit="10.20",
    )
    release(book, change)

    def version(revision: str | None, on: date = TODAY) -> int:
        found = plans.in_force(book.db, TENANT, item.item_id, item.number, on, revision=revision)
        return found.version

    assert [version("A"), version("B"), version(None)] == [1, 2, 2]
    after = request(book)
    propose(book, after, "inspection_plan", "VALVE-1", retain_quantity="3")
    release(book, after, TODAY + timedelta(days=1))
    assert version("A", TODAY + timedelta(days=1)) == 1  # a later version of the same plan
    assert version("B", TODAY + timedelta(days=1)) == 3
    for_all = request(book)
    propose(book, for_all, "inspection_plan", "VALVE-1", item_revision=None)
    release(book, for_all, TODAY + timedelta(days=2))
    assert version("A", TODAY + timedelta(days=2)) == 4


def test_goods_of_the_old_revision_are_inspected_by_the_old_plan(book: Book) -> None:
    item = items.by_number(book.db, TENANT, "VALVE-1")
    plans.register(book.context, plans.read_plan(PLAN, item.item_id))
    old = receive(book, "M-1")
    change = request(book)
    propose(book, change, "item_revision", "VALVE-1", revision="B")
    propose(book, change, "inspection_plan", "VALVE-1", item_revision="B", retain_quantity="2")
    release(book, change)
    new = receive(book, "M-2")
    later = NOW + timedelta(hours=1)
    here = replace(book.context, now=later, process_instance_id=book.context.new_id())
    used = [inspection_lots.open_for(here, line).inspection_plan_id for line in (old, new)]
    assert [plans.find(book.db, TENANT, each).version for each in used] == [1, 2]
    report = verify(book.db, TENANT, registry.checks())
    assert not [each for each in report.differences if each.code == "ledger.version"]


def receive(book: Book, supplier_lot: str) -> ReceiptLine:
    delivery = Delivery(
        item="VALVE-1",
        supplier="S-1",
        delivery_note=f"DN-{supplier_lot}",
        supplier_lot=supplier_lot,
        quantity=Decimal(10),
        location="Q-01",
    )
    return receipts.post(book.by(ANN), delivery)


def test_a_plan_names_a_revision_that_the_item_has(book: Book) -> None:
    item = items.by_number(book.db, TENANT, "VALVE-1")
    plans.register(book.context, plans.read_plan(PLAN, item.item_id))
    change = request(book)
    propose(book, change, "inspection_plan", "VALVE-1", item_revision="Z")
    with pytest.raises(NotChangedThisWay) as refused:
        release(book, change)
    assert "Z" in refused.value.message["zh"]


def test_a_supplier_and_its_entry_of_the_approved_list_change(book: Book) -> None:
    change = request(book)
    propose(book, change, "supplier", "S-1", status="conditional")
    propose(book, change, "approved_supply", "S-1 | VALVE-1 | SZ01", rating="60")
    propose(book, change, "approved_supply", "S-1 | VALVE-1 | SZ02", status="approved")
    release(book, change)
    assert suppliers.by_number(book.db, TENANT, "S-1").status == "conditional"
    item = items.by_number(book.db, TENANT, "VALVE-1")
    source = book.supplier.supplier_id
    old = suppliers.supply(book.db, TENANT, source, item.item_id, "SZ01")
    new = suppliers.supply(book.db, TENANT, source, item.item_id, "SZ02")
    assert old is not None
    assert new is not None
    assert (old.rating, new.status, new.valid_from) == (60, "approved", TODAY)


def test_a_supplier_renames_and_stays_who_it_is(book: Book) -> None:
    lot = book.lot("BEFORE")
    change = request(book)
    propose(book, change, "supplier", "S-1", name_en="Supplier Holding", name_zh="供应商控股")
    release(book, change)
    renamed = suppliers.by_number(book.db, TENANT, "S-1")
    assert renamed.names == {"en": "Supplier Holding", "zh": "供应商控股"}
    assert renamed.supplier_id == book.supplier.supplier_id
    after = book.lot("AFTER")
    assert lot.supplier_id == after.supplier_id == renamed.supplier_id


def test_a_bill_of_materials_gets_a_new_version(book: Book) -> None:
    book.add_item("SPRING-1")
    change = request(book)
    lines = '[{"component": "SPRING-1", "quantity": "2", "per": "1"}]'
    propose(book, change, "bill_of_materials", "VALVE-1", item_revision="A", lines=lines)
    release(book, change)
    again = request(book)
    propose(book, again, "bill_of_materials", "VALVE-1", lines__1__quantity="3")
    release(book, again)
    item = items.by_number(book.db, TENANT, "VALVE-1")
    found = boms.effective(book.db, TENANT, item.item_id, "VALVE-1", "A", TODAY)
    assert (found.version, int(found.lines[0].ratio)) == (2, 3)


def test_documents_are_kept_as_versions(book: Book) -> None:
    for number, revision in enumerate(("2", "3"), start=1):
        change = request(book)
        propose(book, change, "document", "SOP-12", revision=revision)
        release(book, change)
        assert len(affected.versions(book.db, TENANT, "document", "SOP-12")) == number
    assert found_version(book, "document", "SOP-12")[:2] == (2, 3)


def test_what_was_assessed_is_what_is_replaced(book: Book) -> None:
    first, second = request(book), request(book)
    for change in (first, second):
        propose(book, change, "item", "VALVE-1", criticality="A")
    release(book, first)
    with pytest.raises(ChangedMeanwhile):
        release(book, second)


def test_versions_are_append_only(book: Book) -> None:
    change = request(book)
    propose(book, change, "item", "VALVE-1", criticality="A")
    release(book, change)
    assert "master_data_version" in APPEND_ONLY
    with pytest.raises(DBAPIError, match="append-only"):
        book.db.execute(delete(master_data_version))


@pytest.mark.parametrize(
    ("path", "refused"), [("a.9", True), ("b.c.d", True), ("a.2", False), ("new", False)]
)
def test_a_path_leads_somewhere(path: str, *, refused: bool) -> None:
    document = {"a": [1], "b": {"c": 1}}
    if refused:
        with pytest.raises(NoSuchField):
            paths.changed(document, path, 5)
    else:
        assert paths.value_at(paths.changed(document, path, 5), path) == 5
    assert document == {"a": [1], "b": {"c": 1}}


# --- markets ------------------------------------------------------------


def decide(book: Book, change: Change, *, needed: bool = True) -> None:
    decision = MarketDecision(
        market="CN",
        proposed="REGISTRATION_CHANGE",
        outcome="REGISTRATION_CHANGE" if needed else "QMS_ONLY",
        approval_needed=needed,
        before_release=needed,
        rationale="structure changes",
    )
    assessments.decide_markets(book.context, change, [decision])


def ship(book: Book, revision: str, market: str = "CN") -> None:
    market_gates.require_open(
        book.db,
        TENANT,
        item_id=book.item_id,
        item_number="VALVE-1",
        item_revision=revision,
        market=market,
    )


def test_the_changed_revision_waits_for_the_authority_the_old_one_goes_on(book: Book) -> None:
    change = request(book)
    objects = propose(book, change, "item_revision", "VALVE-1", revision="B")
    decide(book, change)
    assert market_gates.place(book.context, change, objects, ["CN"]) == 1
    ship(book, "A")
    ship(book, "B", "US")
    with pytest.raises(MarketClosed) as refused:
        ship(book, "B")
    assert change.number in refused.value.message["zh"]
    assert assessments.waiting_for(book.db, TENANT, change, only_before_release=True) == ["CN"]
    assert assessments.answered(book.context, change, "CN", "approved", "国械注准2026")
    assert not assessments.answered(book.context, change, "CN", "approved", "国械注准2026")
    assert market_gates.lift(book.context, change, "CN", "国械注准2026") == 1
    ship(book, "B")


def test_an_authority_answers_what_it_was_asked(book: Book) -> None:
    change = request(book)
    decide(book, change, needed=False)
    for market in ("CN", "BR"):
        with pytest.raises(NoApprovalAwaited):
            assessments.answered(book.context, change, market, "approved", "X")


# --- plan ------------------------------------------------------------


def effectivity(**more: Any) -> Effectivity:
    plain = {
        "kind": "date",
        "effective_from": TODAY,
        "from_number": None,
        "stock": "use up",
        "wip": "finish",
        "open_orders": "keep",
        "shipped": "none",
        "interchangeable": True,
        "owner_role": "ENG",
    }
    return Effectivity(**{**plain, **more})


TASK = Task(
    number=1,
    kind="document",
    description="drawing",
    owner_role="ENG",
    due_on=TODAY,
    evidence_wanted="DWG-7",
)
READY = {
    "documents_effective": True,
    "old_documents_withdrawn": True,
    "orders_and_wip_decided": True,
}


def test_mixed_stock_needs_interchangeable_parts(book: Book) -> None:
    change = request(book)
    mixed = effectivity(kind="mixed", interchangeable=False)
    with pytest.raises(MixedNeedsInterchangeable):
        implementation.plan(book.context, change, mixed, [TASK])


def test_the_readiness_gate_names_every_gap(book: Book) -> None:
    change = request(book)
    decide(book, change)
    implementation.plan(book.context, change, effectivity(), [TASK])
    implementation.record_training(book.context, change, "PRD", 4, 3, "T-1")
    not_yet = {**READY, "documents_effective": False}
    kinds = [g["kind"] for g in implementation.gaps(book.db, TENANT, change, not_yet)]
    assert kinds == ["task", "training", "registration", "documents_effective"]
    implementation.finish_task(
        book.context, change, 1, "done", evidence="DWG-7", result=None, done_by="ivan"
    )
    implementation.record_training(book.context, change, "PRD", 4, 4, "T-2")
    assessments.answered(book.context, change, "CN", "approved", "R")
    assert implementation.gaps(book.db, TENANT, change, READY) == []
    with pytest.raises(LedgerRefusal):
        implementation.finish_task(
            book.context, change, 1, "done", evidence="x", result=None, done_by="ivan"
        )


# --- temporary ------------------------------------------------------------


def authorise(book: Book, change: Change, days: int = 10, **more: Any) -> None:
    plain: dict[str, Any] = {
        "item_number": "VALVE-1",
        "lots": ["L-1"],
        "quantity": None,
        "valid_until": NOW + timedelta(days=days),
        "latest": NOW + timedelta(days=30),
        "authorised_by": ["dora", "ivan"],
    }
    temporary.authorise(book.context, change, **{**plain, **more})


def test_a_temporary_change_covers_its_lots_for_its_time(book: Book) -> None:
    change = request(book)
    authorise(book, change)
    temporary.require_covered(book.db, TENANT, change, "L-1", NOW)
    outside: list[Callable[[], Any]] = [
        lambda: temporary.require_covered(book.db, TENANT, change, "L-2", NOW),
        lambda: temporary.require_covered(book.db, TENANT, change, "L-1", NOW + timedelta(days=10)),
    ]
    for ask in outside:
        with pytest.raises(NotWithinTemporary):
            ask()


def test_a_temporary_change_is_short_limited_and_renewed_twice(book: Book) -> None:
    change = request(book)
    with pytest.raises(TooLong):
        authorise(book, change, days=31)
    with pytest.raises(NoLimits):
        authorise(book, change, lots=[])
    for _ in range(3):
        authorise(book, change)
    with pytest.raises(RenewedTwice):
        authorise(book, change)


def test_the_database_itself_allows_no_third_renewal(book: Book) -> None:
    change = request(book)
    authorise(book, change)
    third = text(
        "INSERT INTO temporary_authorisation (tenant_id, change_id, renewal, item_number, lots, "
        "valid_from, valid_until, reason, authorised_by) SELECT tenant_id, change_id, 3, "
        "item_number, lots, valid_from, valid_until, reason, authorised_by "
        "FROM temporary_authorisation"
    )
    with pytest.raises(DBAPIError):
        book.db.execute(third)
    assert UUID(int=1) != change.change_id
