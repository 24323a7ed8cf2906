"""What was treated as a nonconforming lot was: same load, same gauge, same person, same time."""

from datetime import timedelta
from uuid import UUID

import pytest

from processes.incoming_inspection.scenarios.inspection import deliver
from processes.ledger.lots import Lot
from processes.ledger.nonconformity import beside
from processes.ledger.production import equipment, work_orders
from processes.ledger.production.equipment import Use, UseNotPossible
from processes.ledger.production.work_orders import WorkOrder
from processes.nonconformance.scenarios.nonconformance import report
from tests.processes.conftest import ANN, BEN, NOW, TENANT, TODAY, Book, person
from tests.processes.making import link
from tests.processes.test_production import factory, give, order, stock
from tests.processes.whole_company import staff
from tests.scenario import Scenario

__all__ = ["factory"]
RULES = {"gauge_days": 7, "equipment_days": 7, "work_days": 1}


def found(book: Book, lot: Lot) -> dict[UUID, str]:
    return beside.of_lots(book.db, TENANT, [(lot.lot_id, lot.item_id)], RULES)


def test_the_same_load_of_the_steriliser(book: Book) -> None:
    load, other_load, bad, same, other = (book.lot(name) for name in "ABCDE")
    for near, far in ((load, bad), (load, same), (other_load, other)):
        link(book, near, far, kind="sterilise")
    link(book, load, book.lot("F"))  # something else was made of it: no load
    assert found(book, bad) == {same.lot_id: "load"}


def made(book: Book, screws: Lot, days: int, by: str) -> UUID:
    """A work order that begins so many days from now; who brings its output in."""
    begun = order(
        book, planned_start=TODAY + timedelta(days), planned_end=TODAY + timedelta(days + 1)
    )
    give(book, begun, screws, 2)
    maker = book.by(ANN if by == "ann" else person(by, "WH"))
    work_orders.output(maker, begun.number, quantity=10, location="Q-01")
    return begun.lot_id


def test_the_same_person_and_the_same_time(factory: Book) -> None:
    screws = stock(factory, "SCREW-1", 100)
    bad = made(factory, screws, 0, "ann")
    same_person, same_time, later = (
        made(factory, screws, 1, "ann"),
        made(factory, screws, 2, BEN.username),
        made(factory, screws, 9, "ann"),
    )
    item_id = order(factory).item_id  # planned, nothing made yet
    reached = beside.of_lots(factory.db, TENANT, [(bad, item_id)], RULES)
    assert reached.pop(same_person) == "operator"
    assert reached.pop(same_time) == "time"
    assert later not in reached
    assert set(reached.values()) == {"time"}  # the one that is planned for these days


def test_the_same_equipment_within_its_window(factory: Book) -> None:
    """Pressed on one machine: six days later is beside, a fortnight later is not (NCR-14)."""
    screws = stock(factory, "SCREW-1", 100)
    orders: list[WorkOrder] = []
    for days, machine in ((0, "press-7"), (20, "PRESS-7"), (24, "PRESS-8"), (44, "PRESS-7")):
        begun = order(
            factory,
            planned_start=TODAY + timedelta(30 * len(orders)),
            planned_end=TODAY + timedelta(30 * len(orders) + 1),
        )
        give(factory, begun, screws, 2)
        later = NOW + timedelta(days=days)
        use = Use(
            equipment_number=machine,
            began_at=later - timedelta(hours=2),
            ended_at=later - timedelta(hours=1) + timedelta(days=14 if not orders else 0),
        )
        equipment.record(factory.by(ANN, now=NOW + timedelta(days=60)), begun.number, use)
        orders.append(begun)
    bad, same, other, long_after = orders
    reached = beside.of_lots(factory.db, TENANT, [(bad.lot_id, bad.item_id)], RULES)
    assert reached == {same.lot_id: "equipment"}
    assert other.lot_id not in reached
    assert long_after.lot_id not in reached


def test_equipment_was_used_for_a_while_that_is_over(factory: Book) -> None:
    begun = order(factory)
    for number, begins, ends in (("", 2, 1), ("PRESS-7", 1, 2), ("PRESS-7", 1, -1)):
        use = Use(
            equipment_number=number,
            began_at=NOW - timedelta(hours=begins),
            ended_at=NOW - timedelta(hours=ends),
        )
        with pytest.raises(UseNotPossible):
            equipment.record(factory.by(ANN), begun.number, use)


def test_the_same_gauge_within_its_window(scenario: Scenario) -> None:
    """Measured with one micrometer: a day apart is beside, eight weeks later is not."""
    staff(scenario)
    numbers = []
    for supplier_lot, pause in (("HX-1", 0), ("HX-2", 1), ("HX-3", 56)):
        scenario.clock.advance(days=pause)
        inspection = deliver(scenario, supplier_lot=supplier_lot)
        inspection.inspect()
        numbers.append(inspection.case["inspection"]["lot_number"])
    nc = report(scenario, numbers[0])
    nc.triage()
    ways = {each["lot_number"]: each["via"] for each in nc.case["reach"]["candidates"]}
    assert ways == {numbers[0]: "reported", numbers[1]: "gauge"}
