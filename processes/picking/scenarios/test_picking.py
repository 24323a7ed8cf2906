"""Goods picked for customers and lines: first what expires first, wrong bins and lots, too little,
a lot out of turn, a second person."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from engine.outcomes import Outcome, Rejected
from processes.ledger import balances, lots, movements, status_changes
from processes.ledger.distribution import reservations
from processes.ledger.lot_numbers import Expiry
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement
from processes.ledger.tables import item
from tests.people import ANN, Person
from tests.processes.conftest import ANN as STORE
from tests.processes.conftest import DORA, TODAY, Book, small_book
from tests.processes.making import (
    DOCUMENT,
    add_consignee,
    add_device,
    add_market,
    add_places,
    release,
)
from tests.processes.whole_company import MEI, MORE
from tests.scenario import TENANT, Scenario

ABE = Person("abe", "Abe Sun", "孙阿宝", ("WH",))
PETER = Person("peter", "Peter Yu", "余彼得", ("WHL",))


@dataclass
class Shelves:
    """A store with lots that expire sooner and later."""

    scenario: Scenario
    lots: dict[str, Lot]

    def order(self, *lines: dict[str, Any], **more: Any) -> UUID:
        instance = self.scenario.start("picking", by=MEI)
        asked = {"purpose": "sales_order", "number": "SO-1", "consignee": "C-1", "target": "D-01"}
        self.scenario.do("Order", MEI, instance, **{**asked, **more}, lines=list(lines))
        return instance

    def picks(self, instance: UUID) -> list[tuple[str, str, int]]:
        found = self.scenario.variables(instance)["reserved"]["picks"]
        return [(each["location"], each["lot_number"], int(each["quantity"])) for each in found]

    def pick(self, instance: UUID, where: str, lot: str, quantity: int, **more: Any) -> Outcome:
        taken = {"lot_number": self.lots[lot].number} if quantity else {}
        answer = {"location": where, "quantity": str(quantity), **taken, **more}
        return self.scenario.attempt("PickEach", ANN, instance, **answer)

    def bring(self, instance: UUID, where: str = "D-01") -> Outcome:
        return self.scenario.attempt("Bring", ANN, instance, location=where)

    def open(self, instance: UUID) -> list[str]:
        return [x.activity_id for x in self.scenario.items(instance) if x.status == "open"]

    def stock(self, name: str) -> dict[str, int]:
        with self.scenario.database.reading() as db:
            there = balances.of_lot(db, TENANT, self.lots[name].lot_id)
        return {each.location_code: each.quantity for each in there}

    def kept(self, kind: str = "sales_order", number: str = "SO-1") -> int:
        with self.scenario.database.reading() as db:
            return len(reservations.open_of(db, TENANT, Document(kind, number)))

    def events(self, instance: UUID, name: str) -> list[Any]:
        return [each for each in self.scenario.events(instance) if each["event"] == name]


@pytest.fixture
def shelves(scenario: Scenario) -> Shelves:
    with scenario.database.transaction() as db:
        book: Book = small_book(db)
        add_places(book)
        device = add_device(book)
        add_market(book)
        add_consignee(book)
        made = {
            "later": release(book, book.lot("L", item_id=device, expiry=after(400)), 5),
            "soon": release(book, book.lot("S", item_id=device, expiry=after(200)), 4),
            "too_soon": release(book, book.lot("T", item_id=device, expiry=after(10)), 9),
            "pumps": units(book),
        }
        db.commit()
    for person in (*MORE, ABE, PETER):
        scenario.add(person)
    return Shelves(scenario, made)


def after(days: int) -> Expiry:
    return Expiry(on=TODAY + timedelta(days=days), precision="day", raw="x")


def units(book: Book) -> Lot:
    """Two sterile pumps with serial numbers."""
    pump = add_device(book, "PUMP-1", tracking="lot_and_serial")
    book.db.execute(update(item).where(item.c.item_id == pump).values(sterile=True))
    add_market(book, "PUMP-1")
    made = book.lot("P", item_id=pump, expiry=after(300))
    numbered = list(lots.register_serials(book.by(STORE), made, ["SN-1", "SN-2"]).values())
    here, there = book.place("Q-01", "QUARANTINE"), book.place("Q-01", "RELEASED")
    arrives = Movement(
        movement_type="RCV", lot_id=made.lot_id, quantity=1, document=DOCUMENT, target=here
    )
    movements.post_serials(book.by(STORE), arrives, numbered)
    by = book.by(DORA, "REL")
    status_changes.change(by, made, here, "RELEASED", 2, reason="x", document=DOCUMENT)
    put = Movement(
        movement_type="PUT",
        lot_id=made.lot_id,
        quantity=1,
        document=DOCUMENT,
        source=there,
        target=book.place("A-01", "RELEASED"),
    )
    movements.post_serials(book.by(STORE), put, numbered)
    return made


def devices(quantity: int, **more: Any) -> dict[str, Any]:
    return {"item_number": "DEVICE-1", "unit": "ea", "quantity": str(quantity), **more}


def test_what_expires_first_is_picked_first_and_brought_to_the_dock(shelves: Shelves) -> None:
    instance = shelves.order(devices(6))
    by_lot = {lot: quantity for _where, lot, quantity in shelves.picks(instance)}
    soon, later = shelves.lots["soon"].number, shelves.lots["later"].number
    assert by_lot == {soon: 4, later: 2}  # what is too short-lived for the market is left
    names = {soon: "soon", later: "later"}
    for where, lot, quantity in shelves.picks(instance):
        shelves.scenario.must(shelves.pick(instance, where, names[lot], quantity))
    assert isinstance(shelves.bring(instance, "H-01"), Rejected)
    shelves.scenario.must(shelves.bring(instance))
    assert shelves.stock("soon") == {"D-01": 4}
    assert shelves.stock("later") == {"A-01": 3, "D-01": 2}
    assert shelves.scenario.status(instance) == "completed"
    assert shelves.kept() == 0
    assert shelves.scenario.verify().whole


def test_a_wrong_bin_and_a_wrong_lot_are_refused(shelves: Shelves) -> None:
    instance = shelves.order(devices(2))
    for wrong in (
        shelves.pick(instance, "D-01", "soon", 2),
        shelves.pick(instance, "A-01", "later", 2),
        shelves.pick(instance, "A-01", "soon", 3),
        shelves.pick(instance, "A-01", "soon", 1),  # and no reason
    ):
        assert isinstance(wrong, Rejected)
    shelves.scenario.must(shelves.pick(instance, "A-01", "soon", 2))


def test_a_short_pick_has_its_bin_counted_by_another_person(shelves: Shelves) -> None:
    instance = shelves.order(devices(4))
    shelves.scenario.must(shelves.pick(instance, "A-01", "soon", 3, short="not_there"))
    shelves.scenario.must(shelves.bring(instance))
    assert shelves.stock("soon") == {"A-01": 1, "D-01": 3}
    [short] = shelves.events(instance, "pick.short")
    assert (short["wanted"], short["picked"], short["reason"]) == ("4", "3", "not_there")
    own = shelves.scenario.attempt("CountBin", ANN, instance, location="A-01", quantity="0")
    assert isinstance(own, Rejected)
    shelves.scenario.do("CountBin", ABE, instance, location="A-01", quantity="0")
    [counted] = shelves.events(instance, "bin.counted")
    assert (counted["counted"], counted["book"], counted["difference"]) == ("0", "1", "-1")
    assert shelves.scenario.status(instance) == "completed"
    assert shelves.kept() == 0


def test_nothing_there_at_all(shelves: Shelves) -> None:
    instance = shelves.order(devices(2))
    shelves.scenario.must(shelves.pick(instance, "A-01", "soon", 0, short="other_lot"))
    shelves.scenario.must(shelves.bring(instance))
    assert shelves.stock("soon") == {"A-01": 4}
    shelves.scenario.do("CountBin", ABE, instance, location="A-01", quantity="4")
    assert shelves.scenario.variables(instance)["compared"]["differs"] is False


@pytest.mark.parametrize("decision", ["allow", "fefo"])
def test_a_lot_out_of_turn_is_signed_for(shelves: Shelves, decision: str) -> None:
    later = shelves.lots["later"].number
    instance = shelves.order(devices(2, lot_number=later))
    assert shelves.open(instance) == ["Override"]
    assert shelves.kept() == 0
    reason = "The customer asks for one lot"
    shelves.scenario.do("Override", PETER, instance, decision=decision, reason=reason)
    [(_where, lot, _quantity)] = shelves.picks(instance)
    assert lot == shelves.lots["later" if decision == "allow" else "soon"].number
    flagged = [each["code"] for each in shelves.events(instance, "exception.flagged")]
    assert flagged == (["EX-06"] if decision == "allow" else [])


def test_what_cannot_be_reserved_is_changed_or_given_up(shelves: Shelves) -> None:
    too_many = shelves.order(devices(10), devices(1))
    assert shelves.open(too_many) == ["Clarify"]
    assert shelves.kept() == 0
    again = {"purpose": "sales_order", "number": "SO-1", "consignee": "C-1", "target": "D-01"}
    few = {**again, "lines": [devices(1)]}
    shelves.scenario.do("Clarify", PETER, too_many, action="change", **few)
    assert shelves.open(too_many) == ["PickEach"]
    unsold = shelves.order({"item_number": "SCREW-9", "unit": "ea", "quantity": "1"}, number="SO-2")
    said = shelves.scenario.variables(unsold)["reserved"]
    assert said["reason_en"]
    assert said["reason_zh"]
    shelves.scenario.do("Clarify", PETER, unsold, action="give_up", reason="Unknown item")
    assert shelves.scenario.status(unsold) == "completed"


@pytest.mark.parametrize("verdict", ["right", "wrong"])
def test_sterile_goods_are_verified_by_a_second_person(shelves: Shelves, verdict: str) -> None:
    instance = shelves.order({"item_number": "PUMP-1", "unit": "ea", "quantity": "2"})
    missing = shelves.pick(instance, "A-01", "pumps", 2, serials=[{"serial": "SN-1"}])
    assert isinstance(missing, Rejected)
    both = [{"serial": "SN-1"}, {"serial": "SN-2"}]
    shelves.scenario.must(shelves.pick(instance, "A-01", "pumps", 2, serials=both))
    shelves.scenario.must(shelves.bring(instance))
    scanned = [{"scanned": shelves.lots["pumps"].number}]
    own = shelves.scenario.attempt("Verify", ANN, instance, rows=scanned, verdict="right")
    assert isinstance(own, Rejected)
    if verdict == "right":
        other = [{"scanned": shelves.lots["soon"].number}]
        mixed = shelves.scenario.attempt("Verify", ABE, instance, rows=other, verdict="right")
        assert isinstance(mixed, Rejected)
        shelves.scenario.do("Verify", ABE, instance, rows=scanned, verdict="right")
        assert shelves.stock("pumps") == {"D-01": 2}
    else:
        said = {"verdict": "wrong", "reason": "Seal of one pump is broken"}
        shelves.scenario.do("Verify", ABE, instance, rows=scanned, **said)
        assert shelves.stock("pumps") == {"A-01": 2}
    assert shelves.scenario.status(instance) == "completed"
    assert shelves.scenario.verify().whole


def test_a_work_order_takes_what_a_market_would_not(shelves: Shelves) -> None:
    line = {"purpose": "work_order", "number": "WO-1", "consignee": None, "target": "W-01"}
    instance = shelves.order(devices(1), **line)
    [(_where, lot, _quantity)] = shelves.picks(instance)
    assert lot == shelves.lots["too_soon"].number
