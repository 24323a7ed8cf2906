"""A lot that is re-tested gets a later day; its labels follow before anything leaves."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from engine.outcomes import Rejected
from processes.ledger import lots, status
from processes.ledger.lot_numbers import Expiry
from processes.ledger.lots import Lot
from processes.ledger.production import expiry
from tests.people import ANN, DORA
from tests.processes.conftest import TODAY, small_book
from tests.processes.making import add_places, release
from tests.processes.whole_company import HANA
from tests.scenario import TENANT, Scenario

OLD, NEW = date(2027, 1, 31), date(2027, 7, 31)


@pytest.fixture
def resin(scenario: Scenario) -> Lot:
    with scenario.database.transaction() as db:
        book = small_book(db)
        add_places(book)
        assert TODAY < OLD
        dated = Expiry(on=OLD, precision="month", raw="2027-01")
        lot = release(book, book.lot("R", expiry=dated), 5)
        db.commit()
    scenario.add(HANA)
    return lot


def retested(scenario: Scenario, lot: Lot, new: date = NEW) -> UUID:
    instance = scenario.start("expiry_extension", by=HANA)
    scenario.do("Retest", HANA, instance, **entered(lot, new))
    return instance


def entered(lot: Lot, new: date = NEW) -> dict[str, Any]:
    asked = {"lot_number": lot.number, "new_expiry": new.isoformat()}
    return {**asked, "reason": "within the stability data", "evidence": "RT-2026-7"}


def now(scenario: Scenario, lot: Lot) -> Lot:
    with scenario.database.reading() as db:
        return lots.find(db, TENANT, lot.lot_id)


def held(scenario: Scenario, lot: Lot) -> bool:
    with scenario.database.reading() as db:
        return bool(status.open_holds(db, TENANT, lot.lot_id))


COUNT: dict[str, Any] = {
    "removed": 5,
    "removed_destroyed": 5,
    "printed": 6,
    "applied": 5,
    "destroyed": 1,
}


def test_the_new_day_counts_the_old_one_is_kept_and_labels_follow(
    scenario: Scenario, resin: Lot
) -> None:
    instance = retested(scenario, resin)
    assert now(scenario, resin).expiry == OLD  # not before quality has signed
    scenario.do("Approve", DORA, instance, approved=True)
    assert (now(scenario, resin).expiry, held(scenario, resin)) == (NEW, True)
    wrong = scenario.attempt("Relabel", ANN, instance, **{**COUNT, "removed_destroyed": 4})
    assert isinstance(wrong, Rejected)
    scenario.do("Relabel", ANN, instance, **COUNT)
    assert held(scenario, resin)
    scenario.do("Confirm", DORA, instance, seen=True)
    assert not held(scenario, resin)
    with scenario.database.reading() as db:
        [change] = expiry.shown(db, TENANT, resin.lot_id)
    assert (change["old"], change["new"]) == ("2027-01-31", "2027-07-31")
    assert (change["reason"], change["by"]) == ("within the stability data", "dora")
    assert change["labels_replaced"] is True
    assert scenario.status(instance) == "completed"
    assert scenario.verify().differences == []


def test_quality_may_refuse_and_nothing_changes(scenario: Scenario, resin: Lot) -> None:
    instance = retested(scenario, resin)
    scenario.do("Approve", DORA, instance, approved=False, objection="no stability data")
    assert (now(scenario, resin).expiry, held(scenario, resin)) == (OLD, False)


def test_an_earlier_day_extends_nothing(scenario: Scenario, resin: Lot) -> None:
    instance = scenario.start("expiry_extension", by=HANA)
    shorter = entered(resin, date(2027, 1, 1))
    assert isinstance(scenario.attempt("Retest", HANA, instance, **shorter), Rejected)
