"""A lot comes near its last day, and passes it: told, held, set apart, once each."""

from uuid import UUID

import pytest

from engine.outcomes import Rejected
from processes.ledger import balances, status
from processes.ledger.lots import Lot
from processes.picking.scenarios.test_picking import PETER, after
from tests.people import ANN
from tests.processes.conftest import Book, small_book
from tests.processes.making import add_device, add_places, release
from tests.scenario import TENANT, Scenario


class Shelf:
    """A store with a lot that lasts for a hundred days."""

    def __init__(self, scenario: Scenario, lot: Lot) -> None:
        self.scenario, self.lot = scenario, lot

    def waits(self, activity: str) -> list[UUID]:
        return [
            each.work_item_id.process_instance_id
            for each in self.scenario.worklist(ANN if activity == "SetApart" else PETER)
            if each.activity_id == activity
        ]

    def pass_by(self, days: int) -> None:
        self.scenario.clock.advance(days=days)
        self.scenario.background.run_until_idle()
        self.scenario.background.run_until_idle()

    def holds(self) -> int:
        with self.scenario.database.reading() as db:
            return len(status.open_holds(db, TENANT, self.lot.lot_id))


@pytest.fixture
def shelf(scenario: Scenario) -> Shelf:
    with scenario.database.transaction() as db:
        book: Book = small_book(db)
        add_places(book)
        device = add_device(book)
        lot = release(book, book.lot("L", item_id=device, expiry=after(100)), 5)
        db.commit()
    scenario.add(PETER)
    scenario.background.run_until_idle()
    return Shelf(scenario, lot)


def test_what_expires_soon_is_told_once_at_each_number_of_days(shelf: Shelf) -> None:
    assert shelf.waits("Plan") == []
    shelf.pass_by(15)
    [first] = shelf.waits("Plan")
    shelf.pass_by(1)
    assert shelf.waits("Plan") == [first]
    shelf.scenario.do("Plan", PETER, first, action="use_first")
    assert shelf.scenario.status(first) == "completed"
    shelf.pass_by(30)
    [second] = shelf.waits("Plan")
    assert second != first
    assert shelf.holds() == 0


def test_what_has_expired_is_held_once_and_set_apart(shelf: Shelf) -> None:
    shelf.pass_by(99)
    assert (shelf.holds(), shelf.waits("SetApart")) == (0, [])
    shelf.pass_by(2)
    [instance] = shelf.waits("SetApart")
    shelf.pass_by(3)
    assert (shelf.holds(), shelf.waits("SetApart")) == (1, [instance])
    number = shelf.lot.number
    wrong = shelf.scenario.attempt("SetApart", ANN, instance, scanned=number, location="D-01")
    assert isinstance(wrong, Rejected)
    shelf.scenario.do("SetApart", ANN, instance, scanned=number, location="R-01")
    with shelf.scenario.database.reading() as db:
        [there] = balances.of_lot(db, TENANT, shelf.lot.lot_id)
    assert (there.location_code, there.status, there.quantity) == ("R-01", "EXPIRED", 5)
    assert shelf.scenario.status(instance) == "completed"
    assert shelf.scenario.verify().whole
