"""A supplier's goods that were not used go back or become ours, and their order line can end."""

from typing import Any

import pytest

from engine.outcomes import Outcome, Rejected
from processes.ledger import ownership
from processes.ledger.lots import Lot
from tests.processes.conftest import small_book
from tests.processes.test_consignment import consigned, ordered
from tests.processes.whole_company import FINN, GAO
from tests.scenario import TENANT, Scenario


class Shelf:
    """Ten valves of a supplier on our shelf."""

    def __init__(self, scenario: Scenario, lot: Lot) -> None:
        self.scenario, self.lot = scenario, lot

    def ask(self, action: str, quantity: int, decision: str = "yes") -> Outcome:
        instance = self.scenario.start("consigned_stock", by=FINN)
        said: dict[str, Any] = {"lot_number": self.lot.number, "location": "A-01"}
        asked = {**said, "action": action, "quantity": str(quantity), "reason": "Not needed"}
        self.scenario.do("Ask", FINN, instance, **asked)
        return self.scenario.attempt("Approve", GAO, instance, decision=decision)

    def theirs(self) -> int:
        with self.scenario.database.reading() as db:
            return sum(row.consigned for row in ownership.not_ours(db, TENANT))


@pytest.fixture
def shelf(scenario: Scenario) -> Shelf:
    with scenario.database.transaction() as db:
        book = small_book(db)
        lot = consigned(book, ordered(book))
        db.commit()
    scenario.add(FINN)
    scenario.add(GAO)
    return Shelf(scenario, lot)


def test_goods_go_back_or_become_ours(shelf: Shelf) -> None:
    assert shelf.theirs() == 10
    shelf.scenario.must(shelf.ask("return", 4, "no"))
    assert shelf.theirs() == 10
    shelf.scenario.must(shelf.ask("return", 4))
    assert shelf.theirs() == 6
    assert isinstance(shelf.ask("buy", 7), Rejected)
    shelf.scenario.must(shelf.ask("buy", 6))
    assert shelf.theirs() == 0
    assert isinstance(shelf.ask("buy", 1), Rejected)
    assert shelf.scenario.verify().whole
