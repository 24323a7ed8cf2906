"""Goods on their way to a bin: proposed, refused in the wrong zone, asked about, left."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from engine.identifiers import new_id
from engine.outcomes import Outcome, Rejected
from processes.ledger import balances, locations, lots, movements, status, status_changes
from processes.ledger.distribution.commands import PackContainer, PackedGoods
from processes.ledger.locations import NewLocation
from processes.ledger.lot_numbers import Expiry
from processes.ledger.lots import Lot
from processes.ledger.movements import Movement
from processes.ledger.tables import item
from processes.receiving.scenarios.test_receiving import LENA
from tests.people import ANN
from tests.processes.conftest import DORA, TODAY, Book, small_book
from tests.processes.making import DOCUMENT, add_places, release
from tests.scenario import TENANT, Scenario

BOX = "340069000000000017"


@dataclass
class Store:
    """A warehouse with a cold room, two bins, and goods to be put away."""

    scenario: Scenario
    lots: dict[str, Lot]

    def scan(self, where: str = "Q-01", **what: Any) -> UUID:
        instance = self.scenario.start("put_away", by=ANN)
        self.scenario.must(self.scanned(instance, where, **what))
        return instance

    def scanned(self, instance: UUID, where: str, **what: Any) -> Outcome:
        return self.scenario.attempt("Scan", ANN, instance, location=where, **what)

    def place(self, instance: UUID, **how: Any) -> Outcome:
        return self.scenario.attempt("Place", ANN, instance, **how)

    def proposed(self, instance: UUID) -> Any:
        return self.scenario.variables(instance)["proposal"]["bin"]

    def verdict(self, instance: UUID) -> Any:
        return self.scenario.variables(instance)["verdict"]

    def open(self, instance: UUID) -> list[str]:
        return [x.activity_id for x in self.scenario.items(instance) if x.status == "open"]

    def stock(self, name: str) -> dict[tuple[str, str], int]:
        with self.scenario.database.reading() as db:
            there = balances.of_lot(db, TENANT, self.lots[name].lot_id)
        return {(each.location_code, each.status): each.quantity for each in there}


@pytest.fixture
def store(scenario: Scenario) -> Store:
    with scenario.database.transaction() as db:
        book: Book = small_book(db)
        add_places(book)
        for code, warm in {"A-02": "15-25C", "C-01": "2-8C"}.items():
            names = {"en": code, "zh": code}
            new = NewLocation(
                code=code, names=names, site="SZ01", zone="released", temperature_class=warm
            )
            book.places[code] = locations.register(book.context, new)
        screw, serum = book.add_item("SCREW-1"), book.add_item("SERUM-1")
        cold = {"temperature_class": "2-8C"}
        db.execute(update(item).where(item.c.item_id == serum).values(storage_conditions=cold))
        made = {
            "released": waiting(book, book.lot("R", item_id=screw, expiry=after(300))),
            "cold": waiting(book, book.lot("C", item_id=serum, expiry=after(300))),
            "held": waiting(book, book.lot("H", item_id=screw, expiry=after(300))),
            "pumps": units(book),
        }
        status.place_hold(
            book.by(DORA),
            made["held"],
            reason="裂纹",
            owner_role="QA",
            document_kind="nc",
            document_id="1",
        )
        made["later"] = release(book, book.lot("L", item_id=screw, expiry=after(400)), 5)
        db.commit()
    scenario.add(LENA)
    return Store(scenario, made)


def after(days: int) -> Expiry:
    return Expiry(on=TODAY + timedelta(days=days), precision="day", raw="x")


def waiting(book: Book, lot: Lot, quantity: int = 6) -> Lot:
    """Release a lot on the quarantine shelf, and leave it there."""
    book.receive(lot, quantity)
    decide(book, lot, quantity)
    return lot


def decide(book: Book, lot: Lot, quantity: int) -> None:
    status_changes.change(
        book.by(DORA, "REL"),
        lot,
        book.place("Q-01", "QUARANTINE"),
        "RELEASED",
        quantity,
        reason="accepted",
        document=DOCUMENT,
    )


def units(book: Book) -> Lot:
    """Three pumps with serial numbers, released on the quarantine shelf."""
    pump = book.add_item("PUMP-1", tracking="lot_and_serial")
    made = book.lot("P", item_id=pump, expiry=after(300))
    numbered = lots.register_serials(book.by(DORA), made, ["SN-1", "SN-2", "SN-3"])
    arrives = Movement(
        movement_type="RCV",
        lot_id=made.lot_id,
        quantity=1,
        document=DOCUMENT,
        target=book.place("Q-01", "QUARANTINE"),
    )
    movements.post_serials(book.by(DORA), arrives, list(numbered.values()))
    decide(book, made, 3)
    return made


def test_the_proposed_bin_is_scanned_and_booked(store: Store) -> None:
    lot = store.lots["cold"]
    instance = store.scan(lot_number=lot.number)
    assert store.proposed(instance) == "C-01"
    store.scenario.must(store.place(instance, location="C-01"))
    assert store.stock("cold") == {("C-01", "RELEASED"): 6}
    assert store.scenario.status(instance) == "completed"
    assert store.scenario.verify().whole


def test_what_expires_sooner_is_not_put_behind_what_expires_later(store: Store) -> None:
    instance = store.scan(lot_number=store.lots["released"].number)
    assert store.proposed(instance) == "A-02"  # A-01 holds what expires later
    store.scenario.must(store.place(instance, location="A-01"))
    assert store.open(instance) == ["Allow"]
    store.scenario.do("Allow", LENA, instance, decision="other", reason="Keep the lane clean")
    assert store.open(instance) == ["Place"]
    assert store.proposed(instance) == "A-02"
    store.scenario.must(store.place(instance, location="A-01"))
    store.scenario.do("Allow", LENA, instance, decision="allow", reason="A-02 is being painted")
    assert store.stock("released") == {("A-01", "RELEASED"): 6}


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("released", "R-01", "Wrong zone"),
        ("released", "H-01", "Wrong zone"),
        ("held", "A-02", "Wrong zone"),  # a hold counts before the status
        ("cold", "A-02", "Wrong temperature"),
    ],
)
def test_a_wrong_bin_is_refused_before_anything_is_booked(
    store: Store, name: str, wrong: str, said: str
) -> None:
    instance = store.scan(lot_number=store.lots[name].number)
    first = store.proposed(instance)
    store.scenario.must(store.place(instance, location=wrong))
    assert said in store.verdict(instance)["reason_en"]
    assert store.verdict(instance)["reason_zh"]
    assert store.stock(name) == {("Q-01", "RELEASED"): 6}
    assert store.open(instance) == ["Place"]
    assert store.proposed(instance) == first
    store.scenario.must(store.place(instance, location=first))
    assert store.stock(name) == {(first, "RELEASED"): 6}


def test_a_full_bin_is_followed_by_the_next_until_there_is_none(store: Store) -> None:
    instance = store.scan(lot_number=store.lots["held"].number)
    assert store.proposed(instance) == "H-01"
    store.scenario.must(store.place(instance, problem="full"))
    assert store.open(instance) == ["NoRoom"]
    again = {"action": "again", "reason": "Two pallets taken away"}
    store.scenario.do("NoRoom", LENA, instance, **again)
    assert store.proposed(instance) == "H-01"
    store.scenario.must(store.place(instance, problem="blocked"))
    store.scenario.do("NoRoom", LENA, instance, action="leave", reason="No room in the cage")
    assert store.scenario.status(instance) == "completed"
    assert store.stock("held") == {("Q-01", "RELEASED"): 6}


def test_what_does_not_lie_there_is_scanned_again(store: Store) -> None:
    instance = store.scenario.start("put_away", by=ANN)
    number = store.lots["released"].number
    nothing = store.scanned(instance, "Q-01")
    elsewhere = store.scanned(instance, "A-02", lot_number=number)
    unknown = store.scanned(instance, "Q-01", sscc=BOX)
    for refused in (nothing, elsewhere, unknown):
        assert isinstance(refused, Rejected)
    store.scenario.must(store.scanned(instance, "Q-01", lot_number=number))
    there = store.place(instance, location="Q-01")
    assert isinstance(there, Rejected)
    assert "already" in there.message["en"]
    assert isinstance(store.place(instance), Rejected)
    assert isinstance(store.place(instance, location="X-99"), Rejected)


def test_a_container_goes_whole(store: Store) -> None:
    goods = PackedGoods(lot_number=store.lots["cold"].number, quantity=Decimal(4))
    packed = PackContainer(command_id=new_id(), sscc=BOX, location="Q-01", content=(goods,))
    store.scenario.must(store.scenario.ask(packed, ANN))
    instance = store.scan(sscc=BOX)
    assert store.proposed(instance) == "C-01"
    store.scenario.must(store.place(instance, location="C-01"))
    assert store.stock("cold") == {("C-01", "RELEASED"): 4, ("Q-01", "RELEASED"): 2}
    assert store.scenario.verify().whole


def test_one_unit_or_all_that_are_loose(store: Store) -> None:
    number = store.lots["pumps"].number
    instance = store.scan(lot_number=number, serial_number="SN-2")
    store.scenario.must(store.place(instance, location="A-02"))
    assert store.stock("pumps") == {("A-02", "RELEASED"): 1, ("Q-01", "RELEASED"): 2}
    one = PackedGoods(lot_number=number, serial_number="SN-3")
    packed = PackContainer(command_id=new_id(), sscc=BOX, location="Q-01", content=(one,))
    store.scenario.must(store.scenario.ask(packed, ANN))
    instance = store.scan(lot_number=number)
    store.scenario.must(store.place(instance, location="A-02"))
    assert store.stock("pumps") == {("A-02", "RELEASED"): 2, ("Q-01", "RELEASED"): 1}
    assert store.scenario.verify().whole
