"""Edge case 13: item numbers that were merged are one item in trace, recall scope, stock and mass
balance. The figures are worked out by hand; the story is the same on both databases."""

from datetime import timedelta
from typing import NamedTuple

import pytest

from processes.ledger import items, lots
from processes.ledger.changes.affected import NothingChanges
from processes.ledger.changes.controlled import NotChangedThisWay
from processes.ledger.distribution import reservations, shipments
from processes.ledger.distribution.reservations import Wanted
from processes.ledger.distribution.shipments import NewLine, NewShipment
from processes.ledger.genealogy import mass_balance, pivots, scope
from processes.ledger.items import ItemNotReleased
from processes.ledger.lots import Lot
from processes.ledger.production import labels, work_orders
from processes.ledger.production.labels import LabelCount
from processes.ledger.production.work_orders import NotInBom, WorkOrder
from tests.processes import test_production
from tests.processes.conftest import ANN, DORA, TENANT, TODAY, Book
from tests.processes.making import DOCUMENT, accept, add_consignee, add_market
from tests.processes.test_changes import propose, release, request
from tests.processes.test_production import give, order, stock

factory = test_production.factory

OLDEST, OLD, NEW = "SCREW-00", "SCREW-0", "SCREW-1"
"""Three numbers of one screw; the bill of the device names the new one."""


class Made(NamedTuple):
    """What was made of both: its order and the lot that came of it."""

    order: WorkOrder
    lot: Lot


class Story(NamedTuple):
    """Twelve screws under the oldest and under the new number, all known as one item now."""

    book: Book
    old: Lot
    new: Lot


def merged(book: Book, number: str, into: str) -> None:
    """Have one number go on as another, through change control."""
    change = request(book)
    propose(book, change, "item", number, goes_on_as=into)
    release(book, change)


@pytest.fixture
def story(factory: Book) -> Story:
    for number in (OLDEST, OLD):
        factory.add_item(number)
    old = stock(factory, OLDEST, 12, days=100)
    new = stock(factory, NEW, 12, days=200)
    merged(factory, OLDEST, OLD)
    merged(factory, OLD, NEW)
    return Story(factory, old, new)


def made_of_both(told: Story) -> Made:
    """Make ten devices of twenty screws, twelve of the old number, and ship four of them."""
    book = told.book
    resin = stock(book, "RESIN-1", 2500)
    made = order(book)
    give(book, made, told.old, 12)
    give(book, made, told.new, 8)
    give(book, made, resin, 2500)
    job = labels.print_job(
        book.by(ANN), made.number, template="LBL-7 rev C", data={"lot": "x"}, printed=10
    )
    work_orders.output(book.by(ANN), made.number, quantity=10, location="Q-01")
    labels.reconcile(book.by(ANN), job, LabelCount(applied=10, destroyed=0, retained=0))
    work_orders.close(book.by(DORA, "REVW"), made.number)
    lot = lots.find(book.db, TENANT, made.lot_id)
    accept(book, lot, 10, "D-01")
    add_market(book)
    add_consignee(book)
    line = NewLine(lot_number=lot.number, location="D-01", quantity=4)
    sold = NewShipment(consignee="C-1", order_number="SO-1", site="SZ01", lines=(line,))
    shipments.post(book.by(ANN), sold)
    return Made(made, lot)


def test_a_change_merges_numbers_once_and_for_ever(story: Story) -> None:
    book = story.book
    for number in (OLDEST, OLD, NEW):
        found = items.by_number(book.db, TENANT, number)
        assert items.merged_numbers(book.db, TENANT, found.item_id) == [NEW, OLD, OLDEST]
        assert items.same_numbers(book.db, TENANT, number) == [NEW, OLD, OLDEST]
    assert items.numbers_in_use(book.db, TENANT) == {OLDEST: NEW, OLD: NEW}
    assert items.same_numbers(book.db, TENANT, "UNKNOWN") == ["UNKNOWN"]
    with pytest.raises(ItemNotReleased):  # nothing new under an old number
        items.require_released(items.by_number(book.db, TENANT, OLD))
    book.add_item("SCREW-9")
    with pytest.raises(NotChangedThisWay):
        merged(book, OLD, "SCREW-9")
    with pytest.raises(NothingChanges):
        propose(book, request(book), "item", OLD, goes_on_as=NEW)


def test_a_merge_changes_nothing_else_of_the_item(factory: Book) -> None:
    factory.add_item(OLD)
    change = request(factory)
    propose(factory, change, "item", OLD, goes_on_as=NEW, criticality="A")
    with pytest.raises(NotChangedThisWay):
        release(factory, change)


@pytest.mark.parametrize("number", [OLDEST, OLD, NEW])
def test_lots_are_found_by_every_number(story: Story, number: str) -> None:
    book = story.book
    found = {each.number for each in lots.search(book.db, TENANT, number)}
    assert found >= {story.old.number, story.new.number}
    starts = pivots.lots_of(book.db, TENANT, "item", number)
    assert set(starts) == {story.old.lot_id, story.new.lot_id}


def test_stock_is_one_and_first_goes_what_expires_first(story: Story) -> None:
    book = story.book
    wanted = Wanted(item_number=NEW, site="SZ01", quantity=20, usable_until=TODAY)
    kept = reservations.reserve(book.by(ANN), wanted, DOCUMENT)
    assert [(each.lot_number, each.quantity) for each in kept] == [
        (story.old.number, 12),
        (story.new.number, 8),
    ]
    later = TODAY + timedelta(days=150)  # by then the old ones have expired
    more = Wanted(item_number=OLD, site="SZ01", quantity=4, usable_until=later)
    assert [each.lot_number for each in reservations.reserve(book.by(ANN), more, DOCUMENT)] == [
        story.new.number
    ]


def test_a_recall_of_any_number_reaches_what_was_made_of_all_of_them(story: Story) -> None:
    book = story.book
    made = made_of_both(story)
    for number in (OLDEST, OLD, NEW):
        starts = pivots.lots_of(book.db, TENANT, "item", number)
        reached = scope.recall_scope(book.db, TENANT, starts)
        assert {each.lot_number for each in reached.lots} == {
            story.old.number,
            story.new.number,
            made.lot.number,
        }
        assert [(each.lot_number, each.quantity) for each in reached.stock] == sorted(
            [(story.new.number, 4), (made.lot.number, 6)]
        )
        assert [(each.consignee_number, each.quantity) for each in reached.shipped] == [("C-1", 4)]


def test_the_balance_of_a_work_order_counts_both_numbers(story: Story) -> None:
    made = made_of_both(story)
    balance = work_orders.balance(story.book.by(ANN), made.order.number)
    assert [(each.issued, int(each.needed), int(each.difference)) for each in balance] == [
        (20, 20, 0),
        (2500, 2500, 0),
    ]


@pytest.mark.parametrize("number", [OLDEST, OLD, NEW])
def test_the_mass_balance_of_an_item_holds_all_its_numbers(story: Story, number: str) -> None:
    book = story.book
    made_of_both(story)
    found = items.by_number(book.db, TENANT, number)
    balance = mass_balance.of_item(book.db, TENANT, found.item_id)
    assert (balance.lot_number, balance.received, balance.issued, balance.on_hand) == (
        NEW,
        24,
        20,
        4,
    )
    assert balance.unexplained == 0


def test_numbers_that_were_not_merged_stay_apart(factory: Book) -> None:
    factory.add_item(OLD)
    apart = stock(factory, OLD, 12)
    with pytest.raises(NotInBom):
        give(factory, order(factory), apart, 1)
    found = items.by_number(factory.db, TENANT, NEW)
    assert items.same_item(factory.db, TENANT, found.item_id) == [found.item_id]
    assert mass_balance.of_item(factory.db, TENANT, found.item_id).received == 0
