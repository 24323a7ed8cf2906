"""A lot that is re-tested gets a later day; its labels follow before anything leaves."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from engine.actors import engine_actor
from engine.commands.configuration import ChangeConfiguration
from engine.identifiers import new_id
from engine.outcomes import Accepted, Outcome, Rejected
from processes.ledger import locations, lots, status
from processes.ledger.balances import Place
from processes.ledger.genealogy import lot_changes
from processes.ledger.genealogy.lot_changes import Part
from processes.ledger.lot_numbers import Expiry
from processes.ledger.lots import Lot
from processes.ledger.movements import Document
from processes.ledger.production import expiry, stability
from tests.people import ANN, DORA
from tests.processes.conftest import TODAY, small_book
from tests.processes.making import add_places, release
from tests.processes.whole_company import HANA, booking
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
    stable(scenario)
    return lot


def stable(scenario: Scenario, **limits: Any) -> None:
    """Put stability data for the resin in force."""
    document = {
        "number": "STB-12",
        "items": ["VALVE-1"],
        "months_beyond_first": 12,
        "months_each_time": 6,
        "times": 2,
        **limits,
    }
    change = ChangeConfiguration(
        command_id=new_id(),
        key="stability_data",
        document={"documents": [document]},
        why="stability study finished",
    )
    scenario.must(scenario.dispatcher.dispatch(change, engine_actor(TENANT, "installation")))


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
    assert change["stability_document"] == "STB-12"
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


def extended(scenario: Scenario, lot: Lot, new: date) -> None:
    instance = retested(scenario, lot, new)
    scenario.do("Approve", DORA, instance, approved=True)
    scenario.do("Relabel", ANN, instance, **COUNT)
    scenario.do("Confirm", DORA, instance, seen=True)


def attempted(scenario: Scenario, lot: Lot, new: date) -> Outcome:
    instance = scenario.start("expiry_extension", by=HANA)
    return scenario.attempt("Retest", HANA, instance, **entered(lot, new))


def test_no_further_at_once_than_the_stability_data(scenario: Scenario, resin: Lot) -> None:
    beyond = attempted(scenario, resin, date(2027, 8, 1))
    assert isinstance(beyond, Rejected)
    assert (beyond.expected, beyond.found) == ("<= 2027-07-31", "2027-08-01")
    assert isinstance(attempted(scenario, resin, date(2027, 7, 31)), Accepted)


def test_no_further_in_all_than_the_stability_data(scenario: Scenario, resin: Lot) -> None:
    extended(scenario, resin, date(2027, 6, 30))
    stable(scenario, months_beyond_first=8)
    beyond = attempted(scenario, resin, date(2027, 12, 30))
    assert isinstance(beyond, Rejected)
    assert beyond.expected == "<= 2027-09-30"  # eight months after the first, not after the last


def test_no_more_often_than_the_stability_data(scenario: Scenario, resin: Lot) -> None:
    extended(scenario, resin, date(2027, 3, 31))
    extended(scenario, resin, date(2027, 4, 30))
    again = attempted(scenario, resin, date(2027, 5, 31))
    assert isinstance(again, Rejected)
    assert (again.expected, again.found) == ("STB-12", "2")


def test_a_part_that_was_split_off_has_used_up_what_the_whole_has(
    scenario: Scenario, resin: Lot
) -> None:
    extended(scenario, resin, date(2027, 3, 31))
    extended(scenario, resin, date(2027, 4, 30))
    with booking(scenario, ANN) as context:
        place = Place(locations.by_code(context.db, TENANT, "A-01").location_id, "RELEASED")
        part = Part(lot_id=resin.lot_id, place=place, quantity=2)
        document = Document("split", "S-1")
        new = lot_changes.split(context, part, reason="two customers", document=document)
    assert isinstance(attempted(scenario, new, date(2027, 5, 31)), Rejected)


def test_what_no_stability_document_covers_is_not_extended(scenario: Scenario, resin: Lot) -> None:
    stable(scenario, items=["OTHER"])
    refused = attempted(scenario, resin, NEW)
    assert isinstance(refused, Rejected)
    assert (refused.expected, refused.found) == ("stability_data", "VALVE-1")
    stable(scenario, valid_to="2026-11-22")
    assert isinstance(attempted(scenario, resin, NEW), Rejected)


def test_the_limit_is_asked_again_when_the_new_day_is_written(
    scenario: Scenario, resin: Lot
) -> None:
    instance = retested(scenario, resin)
    stable(scenario, months_each_time=3)
    assert isinstance(scenario.attempt("Approve", DORA, instance, approved=True), Rejected)
    assert now(scenario, resin).expiry == OLD


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2027, 6, 30), 12, date(2028, 6, 30)),
    ],
)
def test_months_end_with_the_month(day: date, months: int, found: date) -> None:
    assert stability.later(day, months) == found
