"""Orders that leave, orders that may not, and what is held between the shelf and the customer."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.commands.handed_in import HandInMessage
from engine.identifiers import new_id
from engine.outcomes import Outcome, Rejected
from engine.reading.instances import history_of
from engine.store.tables import register
from processes.ledger import balances, locations
from processes.ledger.distribution import shipments
from processes.ledger.distribution.commands import PackContainer, PackedGoods
from processes.ledger.lots import Lot
from tests.people import ANN
from tests.processes.conftest import Book, small_book
from tests.processes.making import add_consignee, add_device, add_market, add_places, release
from tests.processes.whole_company import MEI, MORE, NORA
from tests.scenario import TENANT, Scenario


@dataclass
class Dock:
    """A company with a released device on its shelf, and a customer."""

    scenario: Scenario
    good: Lot
    waiting: Lot

    def line(self, lot: Lot, location: str = "A-01", quantity: str = "3") -> dict[str, Any]:
        return {"lot_number": lot.number, "location": location, "unit": "ea", "quantity": quantity}

    def order(self, *lines: dict[str, Any], number: str = "SO-1", **more: Any) -> UUID:
        instance = self.scenario.start("shipping", by=MEI)
        entered = {"order_number": number, "consignee": "C-1", "site": "SZ01", **more}
        self.scenario.do("Order", MEI, instance, **entered, lines=list(lines))
        return instance

    def pick(self, instance: UUID, *scanned: str) -> Outcome:
        rows = [{"scanned": each} for each in scanned or (self.good.number,)]
        return self.scenario.attempt("Pick", ANN, instance, rows=rows, dock="D-01")

    def leave(self, instance: UUID) -> Outcome:
        return self.scenario.attempt("Load", ANN, instance, carrier="SF", seal="S-1")

    def deliver(self, instance: UUID) -> Outcome:
        at = self.scenario.clock().isoformat()
        proof: dict[str, Any] = {"received_by": "Store 1", "at": at, "proof": "POD 77"}
        return self.scenario.attempt("Deliver", ANN, instance, **proof)

    def hold(self, lot: Lot) -> None:
        """A nonconformity is reported of a lot: it is held, and everybody is told."""
        instance = self.scenario.start("nonconformance", by=NORA)
        found = {"what": "cracked housing", "where": "stock", "lot_number": lot.number}
        at = self.scenario.clock().isoformat()
        self.scenario.do("Report", NORA, instance, **found, found_at=at)

    def stock(self, lot: Lot) -> dict[tuple[str, str], int]:
        with self.scenario.database.reading() as db:
            return {
                (each.location_code, each.status): each.quantity
                for each in balances.of_lot(db, TENANT, lot.lot_id)
                if each.quantity
            }

    def shipped(self, lot: Lot) -> int:
        with self.scenario.database.reading() as db:
            return sum(row.quantity for row in shipments.of_lot(db, TENANT, lot.lot_id))

    def open(self, instance: UUID) -> list[str]:
        return sorted(
            each.activity_id for each in self.scenario.items(instance) if each.status == "open"
        )

    def events(self, instance: UUID, name: str) -> list[Any]:
        return [each for each in self.scenario.events(instance) if each["event"] == name]

    def ledger_events(self, name: str) -> list[Any]:
        with self.scenario.database.reading() as db:
            stream = db.execute(
                select(register.c.stream_id).where(register.c.name == "ledger")
            ).scalar_one_or_none()
            entries = [] if stream is None else history_of(db, TENANT, stream)[0]
        return [
            event
            for entry in entries
            for event in entry.document["events"]
            if event["event"] == name
        ]


@pytest.fixture
def dock(scenario: Scenario) -> Dock:
    with scenario.database.transaction() as db:
        book: Book = small_book(db)
        add_places(book)
        device = add_device(book)
        add_market(book)
        add_consignee(book)
        good = release(book, book.lot("G", item_id=device), 9)
        waiting = book.lot("Q", item_id=device)
        book.receive(waiting, 9)
        assert locations.by_code(db, TENANT, "H-01").zone == "hold"
        db.commit()
    for person in MORE:
        scenario.add(person)
    return Dock(scenario, good, waiting)


def test_an_order_is_picked_loaded_and_delivered(dock: Dock) -> None:
    instance = dock.order(dock.line(dock.good))
    wrong = dock.pick(instance, dock.waiting.number)
    assert isinstance(wrong, Rejected)
    dock.scenario.must(dock.pick(instance))
    assert dock.stock(dock.good) == {("A-01", "RELEASED"): 6, ("D-01", "RELEASED"): 3}
    dock.scenario.must(dock.leave(instance))
    assert dock.shipped(dock.good) == 3
    dock.scenario.must(dock.deliver(instance))
    assert dock.scenario.status(instance) == "completed"
    assert dock.scenario.verify().differences == []


def test_what_may_not_leave_is_refused_with_every_reason_and_corrected(dock: Dock) -> None:
    instance = dock.order(dock.line(dock.waiting, "Q-01"), dock.line(dock.good), market="US")
    refused = [each["code"] for each in dock.events(instance, "shipment.refused")]
    assert refused == ["RELEASED", "registration"]
    assert dock.open(instance) == ["Clarify"]
    change = {"action": "change", "order_number": "SO-1", "consignee": "C-1", "site": "SZ01"}
    lines = [dock.line(dock.good)]
    dock.scenario.do("Clarify", MEI, instance, **change, market="US", lines=lines)
    assert dock.events(instance, "shipment.refused")[-1]["code"] == "registration"
    dock.scenario.do("Clarify", MEI, instance, **change, market="CN", lines=lines)
    assert dock.open(instance) == ["Pick"]


def test_an_order_that_may_not_leave_is_given_up(dock: Dock) -> None:
    instance = dock.order(dock.line(dock.waiting, "Q-01"))
    dock.scenario.do("Clarify", MEI, instance, action="give_up", reason="customer cancels")
    assert dock.scenario.status(instance) == "completed"
    assert dock.shipped(dock.waiting) == 0


def test_held_after_picking_is_refused_at_the_dock_and_intercepted(dock: Dock) -> None:
    instance = dock.order(dock.line(dock.good))
    dock.scenario.must(dock.pick(instance))
    dock.hold(dock.good)
    assert dock.open(instance) == ["Intercept", "Load"]
    refused = dock.leave(instance)
    assert isinstance(refused, Rejected)
    [kept] = dock.ledger_events("shipment.refused")
    assert kept["reason"] == dict(refused.message)
    assert dock.shipped(dock.good) == 0
    dock.scenario.do("Intercept", ANN, instance, location="H-01")
    assert dock.stock(dock.good) == {("A-01", "RELEASED"): 6, ("H-01", "RELEASED"): 3}
    assert dock.scenario.status(instance) == "completed"
    assert dock.scenario.verify().differences == []


def test_held_after_it_left_somebody_is_told(dock: Dock) -> None:
    instance = dock.order(dock.line(dock.good))
    dock.scenario.must(dock.pick(instance))
    dock.scenario.must(dock.leave(instance))
    dock.hold(dock.good)
    assert dock.open(instance) == ["CallBack", "Deliver"]
    at = dock.scenario.clock().isoformat()
    told = {"who": "carrier SF, Mr He", "at": at, "outcome": "turned_back"}
    dock.scenario.do("CallBack", MEI, instance, **told)
    [kept] = dock.events(instance, "shipment.called_back")
    assert (kept["outcome"], kept["lot"]) == ("turned_back", dock.good.number)


def test_the_hold_of_another_lot_disturbs_nobody(dock: Dock) -> None:
    instance = dock.order(dock.line(dock.good))
    dock.hold(dock.waiting)
    assert dock.open(instance) == ["Pick"]


def test_another_system_hands_an_order_in_once(dock: Dock) -> None:
    payload = {
        "order_number": "ERP-7",
        "consignee": "C-1",
        "site": "SZ01",
        "market": "CN",
        "lot_number": dock.good.number,
        "location": "A-01",
        "quantity": "2",
    }
    command = HandInMessage(command_id=new_id(), name="shipping.ordered", payload=payload)
    assert dock.scenario.must(dock.scenario.ask(command, MEI))["new"] is True
    again = HandInMessage(command_id=new_id(), name="shipping.ordered", payload=payload)
    assert dock.scenario.must(dock.scenario.ask(again, MEI))["new"] is False
    [item] = [each for each in dock.scenario.worklist(ANN) if each.activity_id == "Pick"]
    assert "ERP-7" in (item.title or "")


def test_a_delivery_is_proven_once_and_after_it_left(dock: Dock) -> None:
    instance = dock.order(dock.line(dock.good))
    dock.scenario.must(dock.pick(instance))
    dock.scenario.must(dock.leave(instance))
    early: dict[str, Any] = {"received_by": "X", "at": "2026-01-01T08:00:00Z", "proof": "POD"}
    assert isinstance(dock.scenario.attempt("Deliver", ANN, instance, **early), Rejected)
    dock.scenario.must(dock.deliver(instance))


BOX = "340069000000000017"


def boxed(dock: Dock, quantity: int = 4) -> dict[str, str]:
    """Pack some of the good lot on its shelf; give what an order names."""
    goods = PackedGoods(lot_number=dock.good.number, quantity=Decimal(quantity))
    asked = PackContainer(command_id=new_id(), sscc=BOX, location="A-01", content=(goods,))
    dock.scenario.must(dock.scenario.ask(asked, ANN))
    return {"sscc": BOX}


def test_a_container_is_picked_by_its_code_and_leaves_with_what_is_in_it(dock: Dock) -> None:
    box = boxed(dock)
    instance = dock.order(dock.line(dock.good), containers=[box])
    assert isinstance(dock.pick(instance, dock.good.number, dock.good.number), Rejected)
    dock.scenario.must(dock.pick(instance, dock.good.number, f"00{BOX}"))
    assert dock.stock(dock.good) == {("A-01", "RELEASED"): 2, ("D-01", "RELEASED"): 7}
    dock.scenario.must(dock.leave(instance))
    with dock.scenario.database.reading() as db:
        lines = shipments.of_lot(db, TENANT, dock.good.lot_id)
    assert sorted((row.quantity, row.container_id is None) for row in lines) == [
        (3, True),
        (4, False),
    ]
    assert dock.scenario.verify().whole


def test_a_held_lot_takes_its_container_off_the_dock(dock: Dock) -> None:
    instance = dock.order(containers=[boxed(dock)])
    dock.scenario.must(dock.pick(instance, BOX))
    dock.hold(dock.good)
    assert "Intercept" in dock.open(instance)
    dock.scenario.do("Intercept", ANN, instance, location="H-01")
    assert dock.stock(dock.good) == {("A-01", "RELEASED"): 5, ("H-01", "RELEASED"): 4}
    assert dock.scenario.verify().whole


def test_an_order_of_nothing_and_of_an_unknown_container_is_cleared_up(dock: Dock) -> None:
    nothing = dock.order()
    assert dock.open(nothing) == ["Clarify"]
    unknown = dock.order(containers=[{"sscc": BOX}], number="SO-2")
    assert dock.open(unknown) == ["Clarify"]
    boxed(dock)
    order = {"order_number": "SO-2", "consignee": "C-1", "site": "SZ01"}
    dock.scenario.do("Clarify", MEI, unknown, action="change", **order, containers=[{"sscc": BOX}])
    assert dock.open(unknown) == ["Pick"]
