"""A substitute outside the bill: under a deviation, for so long, so many, these lots."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.verification import verify
from processes import registry
from processes.ledger.changes import substitutes, temporary
from processes.ledger.changes.orders import Change
from processes.ledger.changes.substitutes import CountedInAnotherUnit, StoodIn
from processes.ledger.changes.temporary import NotWithinTemporary, QuantityUsedUp
from processes.ledger.genealogy import edges
from processes.ledger.lots import Lot
from processes.ledger.production import work_orders
from processes.ledger.production.work_orders import MoreThanNeeded, NotInBom
from tests.processes.conftest import ANN, DORA, NOW, TENANT, Book
from tests.processes.test_change_limits import request
from tests.processes.test_production import factory, give, order, stock

__all__ = ["factory"]


def deviation(book: Book, **more: Any) -> Change:
    """Let SCREW-9 go in for SCREW-1 for ten days."""
    change = request(book)
    plain: dict[str, Any] = {
        "item_number": "SCREW-9",
        "instead_of": "SCREW-1",
        "lots": [],
        "quantity": "12",
        "valid_until": NOW + timedelta(days=10),
        "latest": NOW + timedelta(days=30),
        "authorised_by": ["dora"],
    }
    temporary.authorise(book.context, change, **{**plain, **more})
    return change


@pytest.fixture
def other(factory: Book) -> Lot:
    """Forty of a screw that no bill knows."""
    factory.add_item("SCREW-9")
    return stock(factory, "SCREW-9", 40)


def test_a_substitute_goes_in_under_a_deviation_and_is_counted(factory: Book, other: Lot) -> None:
    made = order(factory)  # of 10: 20 screws
    with pytest.raises(NotInBom):
        give(factory, made, other, 5)
    change = deviation(factory)
    give(factory, made, other, 5)
    assert temporary.used(factory.db, TENANT, change) == 5
    with pytest.raises(QuantityUsedUp):
        give(factory, made, other, 8)
    give(factory, made, other, 7)  # the last of the quantity ends it
    with pytest.raises(NotWithinTemporary):
        give(factory, made, other, 1)


def test_it_counts_against_the_need_of_what_it_replaces(factory: Book, other: Lot) -> None:
    made = order(factory, 3)  # 6 screws, and the margin
    deviation(factory)
    own = stock(factory, "SCREW-1", 40)
    give(factory, made, other, 5)
    with pytest.raises(MoreThanNeeded):
        give(factory, made, own, 5)
    give(factory, made, own, 1)
    screws = work_orders.balance(factory.context, made.number)[0]
    assert screws.components == ("SCREW-1", "SCREW-2", "SCREW-9")
    assert screws.issued == 6


def test_the_genealogy_says_under_what_it_went_in(factory: Book, other: Lot) -> None:
    made = order(factory)
    change = deviation(factory)
    give(factory, made, other, 4)
    [edge] = [e for e in edges.of_lot(factory.db, TENANT, other.lot_id) if e.kind == "consume"]
    [used] = substitutes.used_for(factory.db, TENANT, other.number)
    assert (edge.to_lot_id, edge.document_id) == (made.lot_id, made.number)
    assert (used.change_number, used.instead_of, used.document_id) == (
        change.number,
        "SCREW-1",
        made.number,
    )
    with factory.db.begin_nested():
        assert verify(factory.db, TENANT, registry.checks()).differences == []


def test_a_trace_names_what_it_went_in_for(factory: Book, other: Lot) -> None:
    """By a deviation, or because the bill has it as the second of a set."""
    made = order(factory)
    change = deviation(factory)
    second, own = stock(factory, "SCREW-2", 40), stock(factory, "SCREW-1", 40)
    for each in (other, second, own):
        give(factory, made, each, 2)
    ids = [made.lot_id, other.lot_id, second.lot_id, own.lot_id]
    assert substitutes.stood_in(factory.db, TENANT, ids) == {
        (other.lot_id, made.lot_id): StoodIn(item_number="SCREW-1", change_number=change.number),
        (second.lot_id, made.lot_id): StoodIn(item_number="SCREW-1", change_number=None),
    }
    assert substitutes.stood_in(factory.db, TENANT, [made.lot_id, own.lot_id]) == {}


def test_only_the_lots_that_it_names_and_only_while_it_lasts(factory: Book, other: Lot) -> None:
    made = order(factory)
    another = stock(factory, "SCREW-9", 41)
    deviation(factory, lots=[other.number], quantity=None)
    give(factory, made, other, 4)
    with pytest.raises(NotWithinTemporary):
        give(factory, made, another, 4)
    late = replace(factory.by(ANN), now=NOW + timedelta(days=10))
    given = work_orders.Issue(lot_number=other.number, location="A-01", quantity=1)
    with pytest.raises(NotWithinTemporary):
        work_orders.issue(late, made.number, given)


def test_a_deviation_for_another_item_lets_nothing_in(factory: Book, other: Lot) -> None:
    factory.add_item("SCREW-7")
    deviation(factory, instead_of="SCREW-7")
    with pytest.raises(NotInBom):
        give(factory, order(factory), other, 1)


def test_of_two_deviations_the_one_that_names_the_lot_counts(factory: Book, other: Lot) -> None:
    made = order(factory)
    general = deviation(factory, quantity="1")
    named = deviation(factory, lots=[other.number], quantity=None)
    give(factory, made, other, 3)
    assert temporary.used(factory.db, TENANT, named) == 3
    assert temporary.used(factory.db, TENANT, general) == 0


def test_what_is_counted_in_another_unit_goes_in_for_nothing(factory: Book) -> None:
    with pytest.raises(CountedInAnotherUnit) as refused:
        substitutes.require_fit(factory.by(DORA), "RESIN-1", "SCREW-1")
    assert "RESIN-1" in refused.value.message["zh"]
