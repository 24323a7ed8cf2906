"""Urgent release before the results, conditions (a) to (e); retained samples; shelf life."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from processes.incoming_inspection import handlers
from processes.ledger import balances, conditional_release, inspection_lots, items, receipts
from processes.ledger import lots as lots_of_the_book
from processes.ledger.conditional_release import CONDITIONAL, UrgentReleaseRefused
from processes.ledger.genealogy import flags
from processes.ledger.inspection_lots import InspectionLot
from processes.ledger.lots import Lot
from processes.ledger.production.work_orders import WorkOrderNotOpen
from processes.ledger.receipts import ReceiptLine
from processes.ledger.refusals import LedgerRefusal, NotInLedger
from processes.ledger.retained_samples import NoPlaceForSamples, TooFewForSamples, keep
from processes.ledger.status import SignatureMissing
from tests.processes import test_inspection_rules as rules
from tests.processes.conftest import ANN, DORA, NOW, TENANT, Book
from tests.processes.test_production import factory, order

__all__ = ["factory"]


@pytest.fixture
def inspection(factory: Book) -> InspectionLot:
    """Ten valves under inspection, in a book that can make devices of other things."""
    return rules.Bench(factory).inspection


def there(book: Book, inspection: InspectionLot) -> dict[str, int]:
    found = balances.of_lot(book.db, TENANT, inspection.lot_id)
    return {each.status: each.quantity for each in found if each.quantity}


def release(book: Book, inspection: InspectionLot, quantity: int = 4) -> None:
    made = order(book)
    conditional_release.release(book.by(DORA, "CONC"), inspection, quantity, made.number)


def test_a_part_is_released_for_one_work_order(factory: Book, inspection: InspectionLot) -> None:
    release(factory, inspection)
    assert there(factory, inspection) == {"QUARANTINE": 6, CONDITIONAL: 4}
    assert "lot.bound_to_work_order" in [event["event"] for event in factory.events]


def test_b_quality_signs_it(factory: Book, inspection: InspectionLot) -> None:
    made = order(factory)
    with pytest.raises(SignatureMissing):
        conditional_release.release(factory.by(DORA), inspection, 4, made.number)
    with pytest.raises(LedgerRefusal):
        conditional_release.release(factory.by(ANN, "CONC"), inspection, 4, made.number)


def test_c_it_names_an_open_work_order(factory: Book, inspection: InspectionLot) -> None:
    with pytest.raises(NotInLedger):
        conditional_release.release(factory.by(DORA, "CONC"), inspection, 4, "WO-NONE")


@pytest.mark.parametrize(
    "change", [{"criticality": "A"}, {"tracking": "none"}], ids=["criticality A", "untraceable"]
)
def test_a_and_d_never_for_critical_or_untraceable_items(
    factory: Book,
    inspection: InspectionLot,
    change: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = items.find(factory.db, TENANT, factory.item_id)
    monkeypatch.setattr(items, "find", lambda *_: replace(found, **change))
    with pytest.raises(UrgentReleaseRefused):
        release(factory, inspection)


@pytest.mark.parametrize("quantity", [0, 10, 11])
def test_something_stays_to_be_decided(
    factory: Book, inspection: InspectionLot, quantity: int
) -> None:
    with pytest.raises(UrgentReleaseRefused):
        release(factory, inspection, quantity)


def test_a_good_result_frees_what_was_bound(factory: Book, inspection: InspectionLot) -> None:
    release(factory, inspection)
    assert conditional_release.confirm(factory.by(DORA, "REL"), inspection) == 4
    assert there(factory, inspection) == {"QUARANTINE": 6, "RELEASED": 4}


def test_e_a_bad_result_takes_it_back_and_holds_what_it_went_into(
    factory: Book, inspection: InspectionLot
) -> None:
    release(factory, inspection)
    context = factory.by(DORA, "REJ")
    assert conditional_release.withdraw(context, inspection) == 4
    conditional_release.hold_what_it_went_into(context, inspection, "out of limits")
    assert there(factory, inspection) == {"QUARANTINE": 6, "REJECTED": 4}
    lot: Lot = lots_of_the_book.find(factory.db, TENANT, inspection.lot_id)
    with pytest.raises(LedgerRefusal):
        flags.require_free(factory.db, TENANT, lot.lot_id, lot.number)


def test_retained_samples_lie_in_their_place(factory: Book, inspection: InspectionLot) -> None:
    assert keep(factory.by(ANN), inspection, 0) is None
    assert keep(factory.by(ANN), inspection, 2) == "S-01"
    assert there(factory, inspection) == {"QUARANTINE": 8, "SAMPLE": 2}
    with pytest.raises(TooFewForSamples):
        keep(factory.by(ANN), inspection, 8)


def test_retained_samples_need_a_place(
    factory: Book, inspection: InspectionLot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("processes.ledger.locations.every", lambda *_: [])
    with pytest.raises(NoPlaceForSamples):
        keep(factory.by(ANN), inspection, 2)


@pytest.mark.parametrize(("days", "short"), [(29, True), (30, False), (400, False), (None, False)])
def test_shelf_life_is_short_by_the_days_that_the_item_asks_for(
    factory: Book, inspection: InspectionLot, days: int | None, *, short: bool
) -> None:
    item = items.find(factory.db, TENANT, factory.item_id)
    line: ReceiptLine = receipts.find_line(factory.db, TENANT, inspection.receipt_line_id)
    expiry = None if days is None else _today() + timedelta(days=days)
    aged = replace(line, lot=replace(line.lot, expiry=expiry))
    asked = replace(item, min_remaining_life_days=30)
    assert handlers._is_shelf_life_short(factory.by(ANN), asked, aged) is short


def _today() -> date:
    return (NOW + timedelta(hours=8)).date()  # at the site


def test_a_closed_inspection_releases_nothing(factory: Book, inspection: InspectionLot) -> None:
    inspection_lots.cancel(factory.by(DORA), inspection, "booked twice")
    closed = inspection_lots.find(factory.db, TENANT, inspection.inspection_lot_id)
    with pytest.raises(LedgerRefusal):
        release(factory, closed)


def test_a_closed_work_order_gets_nothing(
    factory: Book, inspection: InspectionLot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = replace(order(factory), status="closed")
    monkeypatch.setattr("processes.ledger.production.work_orders.by_number", lambda *_: made)
    with pytest.raises(WorkOrderNotOpen):
        conditional_release.release(factory.by(DORA, "CONC"), inspection, 4, made.number)
