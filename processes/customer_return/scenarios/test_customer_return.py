"""Goods come back from a customer: apart, looked at by another person, used again or rejected."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from engine.outcomes import Outcome, Rejected
from processes import demo
from processes.ledger import balances, lots, movements, own_lots, status
from processes.ledger.distribution import shipments
from processes.ledger.distribution.shipments import NewLine, NewShipment
from processes.ledger.lots import Lot
from processes.ledger.movements import Movement
from processes.ledger.nonconformity import nonconformities
from processes.ledger.own_lots import OwnLot
from processes.ledger.tables import lot
from processes.recall.scenarios.field_action import Company
from tests.people import ANN, DORA, Person
from tests.processes.conftest import ANN as BOOKED_BY
from tests.processes.conftest import DORA as RELEASED_BY
from tests.processes.conftest import small_book
from tests.processes.making import DOCUMENT, add_consignee, add_device, add_market, add_places
from tests.scenario import TENANT, Scenario

KIM = Person("kim", "Kim Gao", "高金", ("WH", "QA"))
WELL = {"identity": "yes", "package": "whole", "storage": "shown", "legible": "yes"}


class Dock:
    """A company that shipped four pieces of a lot to each of two customers."""

    def __init__(self, scenario: Scenario) -> None:
        demo.seed_master_data(scenario.dispatcher, TENANT)
        self.scenario, self.company = scenario, Company(scenario)
        _, self.lot = self.company.set_up("CN", "CN")

    def comes_back(self, by: Person = ANN, **told: Any) -> tuple[UUID, Outcome]:
        case = self.scenario.start("customer_return", by=ANN)
        given = {
            "consignee": "C-1",
            "lot_number": self.lot.number,
            "quantity": "3",
            "location": "T-01",
            "reason": "surplus",
            "return_number": "RMA-1",
            **told,
        }
        return case, self.scenario.attempt("Receive", by, case, **given)

    def received(self, **told: Any) -> UUID:
        case, outcome = self.comes_back(**told)
        self.scenario.must(outcome)
        return case

    def decide(
        self,
        case: UUID,
        decision: str,
        location: str = "A-01-01",
        by: Person = DORA,
        **found: Any,
    ) -> Outcome:
        said = {**WELL, "lies_at": "T-01", "reason": "Looked at it", **found}
        return self.scenario.attempt(
            "Inspect", by, case, decision=decision, location=location, **said
        )

    def lies(self) -> dict[tuple[str, str], int]:
        with self.scenario.database.reading() as db:
            there = balances.of_lot(db, TENANT, self.lot.lot_id)
        return {(each.location_code, each.status): each.quantity for each in there}


@pytest.fixture
def dock(scenario: Scenario) -> Dock:
    return Dock(scenario)


def said(outcome: Outcome) -> str:
    assert isinstance(outcome, Rejected)
    assert outcome.message["zh"] != outcome.message["en"]
    texts = [outcome.message["en"], *(each.message["en"] for each in outcome.errors)]
    return " ".join(texts)


def test_what_is_whole_and_was_stored_well_goes_back_to_stock(dock: Dock) -> None:
    before = dock.lies()
    case = dock.received()
    assert dock.lies()["T-01", "RETURN_QUARANTINE"] == 3
    dock.scenario.must(dock.decide(case, "restock"))
    assert dock.scenario.status(case) == "completed"
    after = dock.lies()
    assert ("T-01", "RETURN_QUARANTINE") not in after
    assert after["A-01-01", "RELEASED"] == before.get(("A-01-01", "RELEASED"), 0) + 3
    assert dock.scenario.verify().whole


def test_who_received_it_does_not_decide(scenario: Scenario) -> None:
    dock = Dock(scenario)
    scenario.add(KIM)
    case = dock.received(by=KIM)
    outcome = dock.decide(case, "restock", by=KIM)
    assert isinstance(outcome, Rejected)
    assert dock.lies()["T-01", "RETURN_QUARANTINE"] == 3
    scenario.must(dock.decide(case, "restock"))


def test_more_than_was_shipped_there_does_not_come_back(dock: Dock) -> None:
    dock.received()
    _, outcome = dock.comes_back(quantity="2")
    assert "Only 1" in said(outcome)
    dock.received(quantity="1")
    _, outcome = dock.comes_back(quantity="1")
    assert "Only 0" in said(outcome)
    dock.received(consignee="C-2", quantity="4")
    assert dock.lies()["T-01", "RETURN_QUARANTINE"] == 8


def test_what_was_never_shipped_there_is_refused(dock: Dock) -> None:
    dock.company.consignee("C-9", "CN")
    _, outcome = dock.comes_back(consignee="C-9")
    assert "never shipped to C-9" in said(outcome)
    _, outcome = dock.comes_back(consignee="C-77")
    assert "C-77" in said(outcome)
    assert ("T-01", "RETURN_QUARANTINE") not in dock.lies()


@pytest.mark.parametrize("reason", ["recall", "complaint"])
def test_a_recall_or_a_complaint_is_no_way_back_to_stock(dock: Dock, reason: str) -> None:
    case = dock.received(reason=reason)
    assert "does not go back to stock" in said(dock.decide(case, "restock"))
    dock.scenario.must(dock.decide(case, "reject", location="R-01"))
    assert dock.lies()["R-01", "REJECTED"] == 3


@pytest.mark.parametrize(
    "found",
    [{"storage": "not_shown"}, {"package": "damaged"}, {"identity": "no"}, {"legible": "no"}],
)
def test_what_cannot_be_shown_to_be_well_does_not_go_back(
    dock: Dock, found: dict[str, Any]
) -> None:
    case = dock.received()
    assert "goes back to stock" in said(dock.decide(case, "restock", **found))
    assert dock.lies()["T-01", "RETURN_QUARANTINE"] == 3


def test_a_lot_that_is_held_does_not_go_back(dock: Dock) -> None:
    case = dock.received()
    hold(dock, dock.lot)
    assert "is held" in said(dock.decide(case, "restock"))


def hold(dock: Dock, held: Lot) -> None:
    with dock.company.book(DORA) as context:
        status.place_hold(
            context,
            held,
            reason="looked into",
            owner_role="QA",
            document_kind="test",
            document_id="1",
        )


def test_what_does_not_conform_is_handed_to_its_process(dock: Dock) -> None:
    case = dock.received(reason="damaged")
    assert "how severe" in said(dock.decide(case, "nonconforming", location="R-01")).lower()
    dock.scenario.must(
        dock.decide(case, "nonconforming", location="R-01", package="damaged", severity="S2")
    )
    dock.scenario.background.run_until_idle()
    assert dock.lies()["R-01", "REJECTED"] == 3
    with dock.scenario.database.reading() as db:
        assert len(nonconformities.open_of_lot(db, TENANT, dock.lot.lot_id)) == 1
    assert dock.scenario.verify().whole


def test_an_expired_lot_does_not_go_back(dock: Dock) -> None:
    case = dock.received()
    day = dock.scenario.clock().date() - timedelta(days=1)
    with dock.scenario.database.transaction() as db:
        key = {"tenant_id": TENANT, "lot_id": dock.lot.lot_id}
        db.execute(update(lot).filter_by(**key).values(expiry=day, expiry_precision="day"))
        db.commit()
    assert "expired" in said(dock.decide(case, "restock"))


@pytest.fixture
def units(scenario: Scenario) -> Lot:
    """A lot of pumps with serial numbers; two of them were shipped to one customer."""
    with scenario.database.transaction() as db:
        book = small_book(db)
        add_places(book)
        add_consignee(book)
        pump = add_device(book, "PUMP-9", tracking="lot_and_serial")
        add_market(book, "PUMP-9")
        own = OwnLot(item_id=pump, item_revision="A", origin="produced")
        made = own_lots.create(book.by(BOOKED_BY), own)
        numbers = lots.register_serials(book.by(BOOKED_BY), made, ["SN-1", "SN-2"])
        ways = (
            ("PROD", None, book.place("Q-01", "QUARANTINE")),
            ("STAT", book.place("Q-01", "QUARANTINE"), book.place("Q-01", "RELEASED")),
            ("PUT", book.place("Q-01", "RELEASED"), book.place("D-01", "RELEASED")),
        )
        for kind, source, target in ways:
            movement = Movement(
                movement_type=kind,
                lot_id=made.lot_id,
                quantity=1,
                document=DOCUMENT,
                source=source,
                target=target,
                reason="x",
                signature_meaning="REL" if kind == "STAT" else None,
            )
            by = book.by(RELEASED_BY, "REL") if kind == "STAT" else book.by(BOOKED_BY)
            movements.post_serials(by, movement, list(numbers.values()))
        lines = [
            NewLine(lot_number=made.number, location="D-01", quantity=1, serial_number=number)
            for number in numbers
        ]
        new = NewShipment(consignee="C-1", order_number="O-1", site="SZ01", lines=lines)
        shipments.post(book.by(BOOKED_BY), new)
        db.commit()
    return made


def test_a_unit_comes_back_by_its_serial_number_and_only_once(
    scenario: Scenario, units: Lot
) -> None:
    def back(*serials: str, quantity: str = "1") -> tuple[UUID, Outcome]:
        case = scenario.start("customer_return", by=ANN)
        scanned = [{"serial_number": each} for each in serials]
        given: dict[str, Any] = {"lot_number": units.number, "consignee": "C-1", "location": "T-01"}
        return case, scenario.attempt(
            "Receive", ANN, case, **given, quantity=quantity, units=scanned, reason="wrong_item"
        )

    assert "serial" in said(back(quantity="1")[1]).lower()
    assert "serial" in said(back("SN-1", "SN-1", quantity="2")[1]).lower()
    case, outcome = back("SN-1")
    scenario.must(outcome)
    assert "is back already" in said(back("SN-1")[1])
    assert "is back already" in said(back("SN-1", "SN-2", quantity="2")[1])
    whole: dict[str, Any] = WELL
    decided = scenario.attempt(
        "Inspect",
        DORA,
        case,
        **whole,
        decision="restock",
        lies_at="T-01",
        location="A-01",
        reason="Looked at it",
    )
    scenario.must(decided)
    scenario.must(back("SN-2")[1])
    with scenario.database.reading() as db:
        there = {
            (each.location_code, each.status): each.quantity
            for each in balances.of_lot(db, TENANT, units.lot_id)
        }
    assert there == {("A-01", "RELEASED"): 1, ("T-01", "RETURN_QUARANTINE"): 1}
    assert scenario.verify().whole
