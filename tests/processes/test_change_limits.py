"""What a change still asks for once it counts: its first article, its limits, its observation."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from processes.ledger import receipts, status_changes
from processes.ledger.changes import affected, first_articles, observation, orders, temporary
from processes.ledger.changes.first_articles import (
    FirstArticleOpen,
    Inspected,
    NoSuchResult,
    NotTheFirstArticle,
)
from processes.ledger.changes.orders import Change, NewChange
from processes.ledger.changes.temporary import NotForThisItem, NotWithinTemporary, QuantityUsedUp
from processes.ledger.lots import Lot
from processes.ledger.production import work_orders
from processes.ledger.production.work_orders import NewWorkOrder
from processes.ledger.receipts import Delivery
from tests.processes.conftest import ANN, DORA, NOW, TENANT, TODAY, Book
from tests.processes.making import DOCUMENT
from tests.processes.test_effectivity import device_from

PASSED = Inspected(result="passed", reference="FAI-1")
FAILED = Inspected(result="failed", reference="FAI-1", remark="bore too wide")


def request(book: Book) -> Change:
    context = replace(book.context, process_instance_id=book.context.new_id())
    new = NewChange(
        kind="permanent", title="t", problem="p", proposal="p", reason="r", urgency="normal"
    )
    return orders.request(context, new)


def revised(book: Book) -> tuple[Change, list[affected.Affected]]:
    """Bring revision B of the valve into force, first article asked for."""
    change = request(book)
    wanted = affected.Proposed(kind="item_revision", key="VALVE-1", field="revision", new="B")
    affected.propose(book.context, change, [wanted])
    objects = affected.release(book.context, change, TODAY, ["dora (QA)"])
    first_articles.require(book.context, change, "VALVE-1", "B")
    return change, objects


def deliver(book: Book, supplier_lot: str, quantity: int = 10, change: str | None = None) -> Lot:
    delivery = Delivery(
        item="VALVE-1",
        supplier="S-1",
        delivery_note=f"DN-{supplier_lot}",
        supplier_lot=supplier_lot,
        quantity=Decimal(quantity),
        location="Q-01",
        change=change,
    )
    return receipts.post(book.by(ANN), delivery).lot


def accept(book: Book, lot: Lot) -> None:
    status_changes.change(
        book.by(DORA, "REL"),
        lot,
        book.place("Q-01", "QUARANTINE"),
        "RELEASED",
        10,
        reason="accepted",
        document=DOCUMENT,
    )


# --- first article -------------------------------------------------------------------------------


def test_nothing_of_a_new_revision_is_released_before_its_first_article_passed(book: Book) -> None:
    change, _ = revised(book)
    first, second = deliver(book, "M-1"), deliver(book, "M-2")
    for lot in (first, second):
        with pytest.raises(FirstArticleOpen) as refused:
            accept(book, lot)
        assert first.number in refused.value.message["zh"]
        assert change.number in refused.value.message["en"]
    [waits] = first_articles.awaited(book.db, TENANT, change)
    assert (waits.item_revision, waits.lot_number) == ("B", first.number)
    first_articles.record(book.by(DORA, "VERF"), change, first.number, PASSED)
    accept(book, first)
    accept(book, second)
    assert first_articles.awaited(book.db, TENANT, change) == []


def test_the_old_revision_is_released_as_before(book: Book) -> None:
    old = deliver(book, "M-0")
    revised(book)
    accept(book, old)


def test_where_the_first_article_failed_the_next_lot_is_one(book: Book) -> None:
    change, _ = revised(book)
    first, second = deliver(book, "M-1"), deliver(book, "M-2")
    with pytest.raises(NotTheFirstArticle):
        first_articles.record(book.by(DORA, "VERF"), change, second.number, PASSED)
    first_articles.record(book.by(DORA, "VERF"), change, first.number, FAILED)
    with pytest.raises(FirstArticleOpen) as refused:
        accept(book, second)
    assert second.number in refused.value.message["en"]
    blank = Inspected(result="passed", reference=" ")
    with pytest.raises(NoSuchResult):
        first_articles.record(book.by(DORA, "VERF"), change, second.number, blank)
    first_articles.record(book.by(DORA, "VERF"), change, second.number, PASSED)
    accept(book, second)


def test_another_change_does_not_answer_for_it(book: Book) -> None:
    revised(book)
    first = deliver(book, "M-1")
    with pytest.raises(NotTheFirstArticle):
        first_articles.record(book.by(DORA, "VERF"), request(book), first.number, PASSED)


# --- temporary -----------------------------------------------------------------------------------


def authorised(book: Book, **more: Any) -> Change:
    change = request(book)
    plain: dict[str, Any] = {
        "item_number": "VALVE-1",
        "lots": [],
        "quantity": "25",
        "valid_until": NOW + timedelta(days=10),
        "latest": NOW + timedelta(days=30),
        "authorised_by": ["dora", "ivan"],
    }
    temporary.authorise(book.context, change, **{**plain, **more})
    return change


def ended(book: Book, change: Change) -> list[str | None]:
    decided = orders.decisions(book.db, TENANT, change.change_id)
    return [each.reason for each in decided if each.step == "temporary"]


def test_what_is_received_under_a_deviation_is_counted_to_its_limit(book: Book) -> None:
    change = authorised(book)
    deliver(book, "M-1", 10, change.number)
    deliver(book, "M-2", 5, change.number)
    assert temporary.used(book.db, TENANT, change) == 15
    with pytest.raises(QuantityUsedUp) as refused:
        deliver(book, "M-3", 11, change.number)
    assert (refused.value.expected, refused.value.found) == ("10", "11")
    deliver(book, "M-4", 10, change.number)
    assert temporary.in_force(book.db, TENANT, change, NOW) is None
    assert ended(book, change) == ["quantity used up"]
    with pytest.raises(NotWithinTemporary):
        deliver(book, "M-5", 1, change.number)


def test_a_renewal_gives_time_and_no_quantity(book: Book) -> None:
    change = authorised(book)
    deliver(book, "M-1", 20, change.number)
    temporary.authorise(
        book.context,
        change,
        item_number="VALVE-1",
        lots=[],
        quantity="25",
        valid_until=NOW + timedelta(days=20),
        latest=NOW + timedelta(days=30),
        authorised_by=["dora"],
    )
    assert ended(book, change) == []
    with pytest.raises(QuantityUsedUp):
        deliver(book, "M-2", 6, change.number)


def test_a_lot_is_covered_by_the_number_on_its_label(book: Book) -> None:
    change = authorised(book, lots=["M-7"], quantity=None)
    deliver(book, "M-7", 10, change.number)
    with pytest.raises(NotWithinTemporary):
        deliver(book, "M-8", 10, change.number)


def test_after_its_end_nothing_more_is_received_under_it(book: Book) -> None:
    change = authorised(book)
    late = replace(book.context, now=NOW + timedelta(days=10))
    lot = book.lot("M-1")
    with pytest.raises(NotWithinTemporary):
        temporary.use(late, change.number, lot, 1, DOCUMENT)


def test_what_is_made_under_a_deviation_is_counted_too(book: Book) -> None:
    device_from(book, from_lot="D-50")
    change = authorised(book, item_number="DEVICE-1", quantity="5")

    def order(lot_number: str, quantity: int, number: str = change.number) -> None:
        new = NewWorkOrder(
            item_number="DEVICE-1",
            quantity=Decimal(quantity),
            site="SZ01",
            planned_start=TODAY,
            planned_end=TODAY + timedelta(days=5),
            lot_number=lot_number,
            change=number,
        )
        work_orders.release(book.by(ANN), new)

    order("D-1", 4)
    with pytest.raises(QuantityUsedUp):
        order("D-2", 2)
    with pytest.raises(NotForThisItem):
        order("D-3", 1, authorised(book).number)


# --- observation ---------------------------------------------------------------------------------


def test_lots_of_the_new_revision_count_once_they_are_decided_on(book: Book) -> None:
    old = deliver(book, "M-0")
    change, objects = revised(book)
    first = deliver(book, "M-1")
    deliver(book, "M-2")
    first_articles.record(book.by(DORA, "VERF"), change, first.number, PASSED)

    def counted() -> int:
        return observation.lots_decided(book.db, TENANT, objects, NOW)

    assert counted() == 0
    accept(book, old)
    accept(book, first)
    assert counted() == 1
