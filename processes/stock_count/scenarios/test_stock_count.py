"""Stock is counted: blind, again by another person, at a moment, with what was moved around it."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.outcomes import Outcome, Rejected
from processes.ledger import balances, movements
from processes.ledger.distribution import containers
from processes.ledger.distribution.containers import Content
from processes.ledger.lots import Lot
from processes.ledger.movements import Movement
from processes.picking.scenarios.test_picking import ABE, PETER, units
from tests.people import ANN, DORA, Person
from tests.processes.conftest import Book, small_book
from tests.processes.making import DOCUMENT, add_device, add_places, release
from tests.processes.whole_company import KAI, MORE, booking
from tests.scenario import TENANT, Scenario

BOX = "006141411234567890"


@dataclass
class Store:
    """A store with two lots of devices, pumps with serial numbers, and a lot in quarantine."""

    scenario: Scenario
    lots: dict[str, Lot]
    places: dict[str, UUID]
    instance: UUID | None = None

    def order(self, **scope: Any) -> list[str]:
        self.instance = self.scenario.start("stock_count", by=PETER)
        asked = {"scope": "area", "zone": "released", "reason": "Monthly count", **scope}
        self.scenario.do("Order", PETER, self.instance, **asked)
        return [each["location"] for each in self.case["order"]["bins"]]

    @property
    def case(self) -> Any:
        assert self.instance is not None
        return self.scenario.variables(self.instance)

    def open(self) -> list[str]:
        assert self.instance is not None
        found = self.scenario.items(self.instance)
        return [each.activity_id for each in found if each.status == "open"]

    def count(
        self,
        by: Person = ANN,
        activity: str = "Count",
        *,
        where: str = "A-01",
        serials: tuple[str, ...] = ("SN-1", "SN-2"),
        ago: float = 0,
        **lots: int,
    ) -> Outcome:
        rows = [
            {"lot_number": self.lots[name].number, "quantity": str(quantity)}
            for name, quantity in lots.items()
        ]
        at = self.scenario.clock() - timedelta(minutes=ago)
        units_found = [{"serial_number": each} for each in serials]
        data: dict[str, Any] = {"location": where, "lots": rows, "units": units_found}
        data["empty"] = not (rows or units_found)
        return self.scenario.attempt(activity, by, self.instance, counted_at=at.isoformat(), **data)

    def counted(self, by: Person = ANN, activity: str = "Count", **more: Any) -> None:
        self.scenario.must(self.count(by, activity, **more))

    def decide(self, activity: str, by: Person, decision: str = "approve") -> Outcome:
        said: dict[str, Any] = {"decision": decision, "reason": "Looked for, not found"}
        return self.scenario.attempt(activity, by, self.instance, **said)

    def stock(self, name: str) -> dict[str, int]:
        with self.scenario.database.reading() as db:
            there = balances.of_lot(db, TENANT, self.lots[name].lot_id)
        return {f"{each.location_code} {each.status}": each.quantity for each in there}

    def move(self, name: str, quantity: int, *, ago: float = 0, to: str = "D-01") -> None:
        """Move some of a lot from its bin; performed so many minutes ago on a device."""
        at = self.scenario.clock() - timedelta(minutes=ago)
        with booking(self.scenario, ANN) as context:
            movement = Movement(
                movement_type="PCK",
                lot_id=self.lots[name].lot_id,
                quantity=quantity,
                document=DOCUMENT,
                source=balances.Place(self.places["A-01"], "RELEASED"),
                target=balances.Place(self.places[to], "RELEASED"),
            )
            movements.post(replace(context, performed_at=at), movement)

    def status(self) -> str:
        assert self.instance is not None
        return self.scenario.status(self.instance)


@pytest.fixture
def store(scenario: Scenario) -> Store:
    with scenario.database.transaction() as db:
        book: Book = small_book(db)
        add_places(book)
        device = add_device(book)
        made = {
            "one": release(book, book.lot("L", item_id=device), 10),
            "two": release(book, book.lot("M", item_id=device), 1000),
            "pumps": units(book),
        }
        made["waits"] = book.lot("W")
        book.receive(made["waits"], 7)
        db.commit()
    for person in (*MORE, ABE, PETER):
        scenario.add(person)
    return Store(scenario, made, dict(book.places))


def test_what_is_right_ends_at_once_held_and_quarantined_lots_counted_too(store: Store) -> None:
    assert store.order(zone="quarantine") == ["Q-01"]
    store.counted(where="Q-01", serials=(), waits=7)
    assert store.status() == "completed"
    assert store.order() == ["A-01"]
    assert isinstance(store.count(where="Q-01", one=10, two=1000), Rejected)
    store.counted(one=10, two=1000)
    assert store.case["compared"]["outcome"] == "right"
    assert store.scenario.verify().whole


def test_another_person_counts_again_and_what_is_missing_is_booked(store: Store) -> None:
    store.order()
    store.counted(one=8, two=1000)
    assert store.open() == ["Recount"]
    assert isinstance(store.count(ANN, "Recount", one=9, two=1000), Rejected)
    store.counted(ABE, "Recount", one=9, two=1000)
    store.scenario.must(store.decide("Approve", PETER))
    assert store.open() == ["Agree"]  # a tenth is more than the lead decides alone
    store.scenario.must(store.decide("Agree", KAI))
    assert store.stock("one") == {"A-01 RELEASED": 10}
    store.scenario.must(store.decide("Judge", DORA))
    assert store.stock("one") == {"A-01 RELEASED": 9}
    assert store.status() == "completed"
    assert store.scenario.verify().whole


def test_within_the_tolerance_the_lead_decides_alone(store: Store) -> None:
    store.order()
    store.counted(one=10, two=997)
    assert store.open() == ["Approve"]
    store.scenario.must(store.decide("Approve", PETER))
    assert store.stock("two") == {"A-01 RELEASED": 997}
    assert store.status() == "completed"


def test_what_is_found_waits_in_quarantine(store: Store) -> None:
    store.order()
    store.counted(one=10, two=1003)
    assert store.open() == ["SetAside"]
    store.scenario.do("SetAside", ANN, store.instance, location="Q-01")
    store.scenario.must(store.decide("Approve", PETER))
    assert store.stock("two") == {"A-01 RELEASED": 1000, "Q-01 QUARANTINE": 3}
    assert store.scenario.verify().whole


def test_a_difference_may_be_left_or_counted_once_more(store: Store) -> None:
    store.order()
    store.counted(one=10, two=999)
    store.scenario.must(store.decide("Approve", PETER, "again"))
    assert store.open() == ["Recount"]
    store.counted(ABE, "Recount", one=10, two=998)
    store.scenario.must(store.decide("Approve", PETER, "leave"))
    assert store.stock("two") == {"A-01 RELEASED": 1000}
    assert store.case["compared"]["outcome"] == "left"


def test_the_book_at_the_counted_moment_counts(store: Store) -> None:
    """A pick after the count, and one before it that a device handed in before the comparison."""
    store.order()
    store.scenario.clock.advance(hours=1)
    store.move("one", 3, ago=40)  # before the count
    store.move("one", 2, ago=10)  # after it
    store.counted(one=7, two=1000, ago=30)
    assert store.case["compared"]["outcome"] == "right"
    assert store.stock("one")["A-01 RELEASED"] == 5


def test_what_is_handed_in_late_has_the_bin_counted_again_not_adjusted_twice(store: Store) -> None:
    store.order()
    store.scenario.clock.advance(hours=1)
    store.counted(one=10, two=996, ago=30)  # a pick of four was not handed in yet
    store.scenario.clock.advance(minutes=5)
    store.move("two", 4, ago=50)
    store.scenario.must(store.decide("Approve", PETER))
    assert store.open() == ["Recount"]
    store.counted(ABE, "Recount", one=10, two=996)
    assert store.stock("two")["A-01 RELEASED"] == 996
    assert store.status() == "completed"


def test_a_movement_that_comes_after_the_end_asks_for_a_new_count(store: Store) -> None:
    store.order()
    store.scenario.clock.advance(hours=1)
    store.counted(one=10, two=996, ago=30)
    store.scenario.must(store.decide("Approve", PETER))
    assert store.stock("two") == {"A-01 RELEASED": 996}
    store.scenario.clock.advance(hours=2)
    store.move("two", 4, ago=170)
    store.scenario.clock.advance(hours=1)
    store.scenario.background.run_until_idle()
    store.scenario.background.run_until_idle()  # asked once
    [item] = [each for each in store.scenario.worklist(ABE) if each.activity_id == "Count"]
    store.instance = item.work_item_id.process_instance_id
    store.counted(one=10, two=996)
    store.scenario.do("SetAside", ANN, store.instance, location="Q-01")
    assert store.case["compared"]["differences"][0]["difference"] == "+4"


def test_units_are_counted_one_by_one(store: Store) -> None:
    """A missing unit, one that the book has elsewhere, one that nobody knows."""
    store.order(scope="item", item_number="PUMP-1")
    store.counted(serials=("SN-2", "SN-9"))
    store.counted(ABE, "Recount", serials=("SN-2",))
    store.scenario.must(store.decide("Approve", PETER))
    store.scenario.must(store.decide("Agree", KAI))
    store.scenario.must(store.decide("Judge", DORA))
    assert store.stock("pumps") == {"A-01 RELEASED": 1}
    store.order(scope="item", item_number="PUMP-1")
    store.counted(serials=("SN-1", "SN-2"))  # it is there after all
    store.counted(ABE, "Recount", serials=("SN-1", "SN-2"))
    [found] = store.case["compared"]["differences"]
    assert (found["kind"], found["serial"]) == ("found_unit", "SN-1")
    assert store.scenario.verify().whole


def test_a_unit_in_another_bin_is_moved_to_where_it_was_found(store: Store) -> None:
    store.order(zone="shipping")
    store.counted(where="D-01", serials=("SN-1",))
    store.counted(ABE, "Recount", where="D-01", serials=("SN-1",))
    assert store.case["compared"]["differences"][0]["elsewhere"] == "A-01"
    store.scenario.must(store.decide("Approve", PETER))
    store.scenario.must(store.decide("Agree", KAI))
    store.scenario.must(store.decide("Judge", DORA))
    assert store.stock("pumps") == {"A-01 RELEASED": 1, "D-01 RELEASED": 1}


def test_a_closed_box_counts_as_what_is_in_it(store: Store) -> None:
    with booking(store.scenario, ANN) as context:
        content = [Content(lot_number=store.lots["one"].number, quantity=6)]
        containers.pack(context, BOX, content, location="A-01", document=DOCUMENT)
    store.order()
    rows = [
        {"lot_number": store.lots["one"].number, "quantity": "4"},
        {"lot_number": store.lots["two"].number, "quantity": "1000"},
    ]
    pumps = [{"serial_number": each} for each in ("SN-1", "SN-2")]
    data: dict[str, Any] = {"location": "A-01", "lots": rows, "units": pumps}
    data["containers"] = [{"sscc": BOX}]
    at = store.scenario.clock().isoformat()
    store.scenario.do("Count", ANN, store.instance, counted_at=at, **data)
    assert store.case["compared"]["outcome"] == "right"


def test_only_what_is_due_is_counted(store: Store) -> None:
    store.order()
    store.counted(one=10, two=1000)
    instance = store.scenario.start("stock_count", by=PETER)
    asked: dict[str, Any] = {
        "scope": "area",
        "zone": "released",
        "due_only": True,
        "reason": "Cycle",
    }
    assert isinstance(store.scenario.attempt("Order", PETER, instance, **asked), Rejected)
    store.scenario.clock.advance(days=91)
    store.scenario.do("Order", PETER, instance, **asked)
