"""Goods go from bin to bin and from site to site; what may not go there is refused."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.outcomes import Outcome, Rejected
from processes.ledger import balances, locations, status
from processes.ledger.distribution import containers
from processes.ledger.distribution.containers import Content
from processes.ledger.locations import NewLocation
from processes.ledger.lot_numbers import Expiry
from processes.ledger.lots import Lot
from processes.picking.scenarios.test_picking import ABE, PETER, after, units
from tests.people import ANN, DORA, Person
from tests.processes.conftest import TODAY, Book, small_book
from tests.processes.making import DOCUMENT, add_device, add_places, release
from tests.processes.test_who_may_cancel import cancel
from tests.processes.whole_company import booking
from tests.scenario import TENANT, Scenario

BOX = "006141411234567890"


@dataclass
class Sites:
    """Two sites, with a place for what is on its way between them."""

    scenario: Scenario
    lots: dict[str, Lot]
    instance: UUID | None = None

    def send(self, what: str | None, target: str, **more: Any) -> Outcome:
        self.instance = self.scenario.start("stock_transfer", by=ANN)
        lot = {} if what is None else {"lot_number": self.lots[what].number}
        said = {"location": "A-01", "target": target, **lot, **more}
        return self.scenario.attempt("Send", ANN, self.instance, **said)

    def receive(self, quantity: int, where: str = "B-01", **more: Any) -> Outcome:
        assert self.instance is not None
        scanned = self.scenario.variables(self.instance)["transfer"]["scan"]
        said = {"scanned": scanned, "quantity": str(quantity), "location": where, **more}
        return self.scenario.attempt("Receive", ABE, self.instance, **said)

    def explain(self, decision: str, by: Person = PETER) -> Outcome:
        said: dict[str, Any] = {"decision": decision, "reason": "The carrier looked for it"}
        return self.scenario.attempt("Explain", by, self.instance, **said)

    def stock(self, name: str) -> dict[str, int]:
        with self.scenario.database.reading() as db:
            there = balances.of_lot(db, TENANT, self.lots[name].lot_id)
        return {each.location_code: each.quantity for each in there}

    def status(self) -> str:
        assert self.instance is not None
        return self.scenario.status(self.instance)


@pytest.fixture
def sites(scenario: Scenario) -> Sites:
    with scenario.database.transaction() as db:
        book: Book = small_book(db)
        add_places(book)
        for code, site, zone in (
            ("B-01", "SH02", "released"),
            ("A-02", "SZ01", "released"),
            ("TRANSIT", "TRANSIT", "hold"),
        ):
            new = NewLocation(code=code, names={"en": code, "zh": code}, site=site, zone=zone)
            book.places[code] = locations.register(book.context, new)
        device = add_device(book)
        expired = Expiry(on=TODAY - timedelta(days=1), precision="day", raw="x")
        made = {
            "good": release(book, book.lot("L", item_id=device, expiry=after(400)), 10),
            "held": release(book, book.lot("H", item_id=device), 5),
            "old": release(book, book.lot("O", item_id=device, expiry=expired), 5),
            "pumps": units(book),
        }
        more: dict[str, Any] = {"owner_role": "QA", "document_kind": "test", "document_id": "1"}
        status.place_hold(book.context, made["held"], reason="doubt", **more)
        db.commit()
    scenario.add(ABE)
    scenario.add(PETER)
    return Sites(scenario, made)


def test_within_a_site_one_movement(sites: Sites) -> None:
    sites.scenario.must(sites.send("good", "A-02", quantity="4"))
    assert sites.stock("good") == {"A-01": 6, "A-02": 4}
    assert sites.status() == "completed"


def test_wrong_zone_held_and_expired_are_refused(sites: Sites) -> None:
    assert isinstance(sites.send("good", "Q-01"), Rejected)  # released goods, quarantine
    assert isinstance(sites.send("held", "A-02"), Rejected)  # held goods, released stock
    assert isinstance(sites.send("old", "B-01"), Rejected)
    assert isinstance(sites.send("good", "A-02", quantity="11"), Rejected)
    sites.scenario.must(sites.send("held", "H-01"))
    assert sites.stock("held") == {"H-01": 5}


def test_between_sites_goods_are_on_their_way_until_they_are_received(sites: Sites) -> None:
    sites.scenario.must(sites.send("good", "B-01", quantity="4"))
    assert sites.stock("good") == {"A-01": 6, "TRANSIT": 4}
    assert sites.instance is not None
    assert isinstance(cancel(sites.scenario, sites.instance, PETER), Rejected)
    assert isinstance(sites.receive(5), Rejected)
    assert isinstance(sites.receive(4, "H-01"), Rejected)  # free goods do not go to the hold area
    sites.scenario.must(sites.receive(4))
    assert sites.stock("good") == {"A-01": 6, "B-01": 4}
    assert sites.status() == "completed"
    assert sites.scenario.verify().whole


@pytest.mark.parametrize(
    ("decision", "left"),
    [("lost", {"A-01": 6, "B-01": 3}), ("back", {"A-01": 7, "B-01": 3})],
)
def test_what_does_not_arrive_becomes_a_task(
    sites: Sites, decision: str, left: dict[str, int]
) -> None:
    sites.scenario.must(sites.send("good", "B-01", quantity="4"))
    sites.scenario.must(sites.receive(3))
    assert sites.stock("good") == {"A-01": 6, "B-01": 3, "TRANSIT": 1}
    sites.scenario.must(sites.explain("coming"))
    sites.scenario.must(sites.receive(0))
    sites.scenario.must(sites.explain(decision))
    assert sites.stock("good") == left
    assert sites.status() == "completed"
    assert sites.scenario.verify().whole


def test_units_travel_one_by_one(sites: Sites) -> None:
    both = [{"serial_number": "SN-1"}, {"serial_number": "SN-2"}]
    assert isinstance(sites.send("pumps", "B-01"), Rejected)
    sites.scenario.must(sites.send("pumps", "B-01", units=both))
    assert isinstance(sites.receive(1, units=[{"serial_number": "SN-9"}]), Rejected)
    sites.scenario.must(sites.receive(1, units=both[:1]))
    sites.scenario.must(sites.explain("coming"))
    sites.scenario.must(sites.receive(1, units=both[1:]))
    assert sites.stock("pumps") == {"B-01": 2}


def test_a_container_travels_whole(sites: Sites) -> None:
    with booking(sites.scenario, ANN) as context:
        content = [Content(lot_number=sites.lots["good"].number, quantity=6)]
        containers.pack(context, BOX, content, location="A-01", document=DOCUMENT)
    sites.scenario.must(sites.send(None, "B-01", sscc=BOX))
    assert sites.stock("good") == {"A-01": 4, "TRANSIT": 6}
    sites.scenario.must(sites.receive(1))
    assert sites.stock("good") == {"A-01": 4, "B-01": 6}


def test_what_is_held_meanwhile_goes_to_the_hold_area(sites: Sites) -> None:
    sites.scenario.must(sites.send("good", "B-01", quantity="4"))
    with booking(sites.scenario, DORA) as context:
        more: dict[str, Any] = {"owner_role": "QA", "document_kind": "test", "document_id": "2"}
        status.place_hold(context, sites.lots["good"], reason="doubt", **more)
    assert isinstance(sites.receive(4), Rejected)
    sites.scenario.must(sites.receive(4, "H-01"))
