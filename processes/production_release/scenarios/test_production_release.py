"""Made goods are released by their record: complete, counted, closed, signed; or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from engine.actors import engine_actor
from engine.commands.base import Command
from engine.identifiers import new_id
from engine.outcomes import Rejected
from processes.incoming_inspection.scenarios.inspection import deliver
from processes.ledger import balances, lots, status
from processes.ledger.commands import RegisterItem
from processes.ledger.item_registration import NewItem, NewPackage
from processes.ledger.production import boms, labels, work_orders
from processes.ledger.production.boms import NewBom, NewBomLine
from processes.ledger.production.commands import (
    BookOutput,
    FinishWorkOrder,
    IssueMaterial,
    PrintLabels,
    ReleaseWorkOrder,
)
from tests.people import ANN, DORA
from tests.processes.whole_company import HANA, NORA, OLGA, QUIN, booking, staff
from tests.scenario import TENANT, Scenario

PLATE = "PLATE-27"


@dataclass(slots=True)
class Making:
    """A company with screws in stock and plates to be made of them."""

    scenario: Scenario
    work_order: str = ""
    lot_number: str = ""

    def ask(self, command: Command) -> Mapping[str, Any]:
        return self.scenario.must(self.scenario.ask(command, NORA))

    def make(self, *, labels_printed: int = 0, made: int = 5) -> None:
        today = self.scenario.clock().date()
        order = self.ask(
            ReleaseWorkOrder(
                command_id=new_id(),
                item_number=PLATE,
                quantity=Decimal(5),
                site="SZ01",
                planned_start=today,
                planned_end=today,
                expiry=today + timedelta(days=1800),
            )
        )
        self.work_order, self.lot_number = str(order["work_order"]), str(order["lot_number"])
        used = self.screws()
        self.ask(
            IssueMaterial(
                command_id=new_id(),
                work_order=self.work_order,
                lot_number=used,
                location="A-01-01",
                quantity=Decimal(10),
            )
        )
        if labels_printed:
            printed = PrintLabels(
                command_id=new_id(),
                work_order=self.work_order,
                template="plate rev. 2",
                printed=labels_printed,
                data={},
            )
            self.ask(printed)
        output = BookOutput(
            command_id=new_id(),
            work_order=self.work_order,
            quantity=Decimal(made),
            location="Q-01",
        )
        self.ask(output)

    def screws(self) -> str:
        with self.scenario.database.reading() as db:
            found = [
                each
                for each in lots.search(db, TENANT, "L-")
                if each.item_number != PLATE and self.stock(each.number)
            ]
        return found[0].number

    def finish(self) -> UUID:
        self.ask(FinishWorkOrder(command_id=new_id(), work_order=self.work_order))
        [instance] = {
            each.work_item_id.process_instance_id
            for person in (NORA, DORA)
            for each in self.scenario.worklist(person)
            if self.work_order in (each.title or "")
        }
        return instance

    def stock(self, number: str = "") -> dict[tuple[str, str], int]:
        with self.scenario.database.reading() as db:
            lot = lots.by_number(db, TENANT, number or self.lot_number)
            return {
                (each.location_code, each.status): each.quantity
                for each in balances.of_lot(db, TENANT, lot.lot_id)
                if each.quantity
            }

    def order_status(self) -> str:
        with self.scenario.database.reading() as db:
            return work_orders.by_number(db, TENANT, self.work_order).status

    def holds(self) -> list[str]:
        with self.scenario.database.reading() as db:
            lot = lots.by_number(db, TENANT, self.lot_number)
            return [each.document for each in status.open_holds(db, TENANT, lot.lot_id)]


@pytest.fixture
def making(scenario: Scenario) -> Making:
    company = staff(scenario)
    inspection = deliver(company)
    inspection.inspect()
    inspection.review()
    inspection.accept()
    inspection.do("PutAway", ANN, label_applied=True, location="A-01-01")
    plate = NewItem(
        number=PLATE,
        names={"en": "Bone plate 2.7 mm", "zh": "2.7 mm 接骨板"},
        item_type="finished",
        criticality="A",
        tracking="lot",
        unit_code="ea",
        packages=(NewPackage(name="each"),),
        status="released",
        expiry_required=True,
    )
    command = RegisterItem(command_id=new_id(), item=plate)
    company.must(company.dispatcher.dispatch(command, engine_actor(TENANT, "installation")))
    with booking(company, DORA) as context:
        bill = NewBom(
            item_number=PLATE,
            item_revision="A",
            version=1,
            effective_from=date(2024, 1, 1),
            change_reason="first",
            approved_by=("dora",),
            lines=(
                NewBomLine(
                    component=inspection.case["inspection"]["item"]["number"], quantity=Decimal(2)
                ),
            ),
        )
        boms.register(context, bill)
    return Making(company)


def test_a_complete_record_releases_the_lot(making: Making) -> None:
    company = making.scenario
    making.make(labels_printed=6)
    instance = making.finish()
    again = making.ask(FinishWorkOrder(command_id=new_id(), work_order=making.work_order))
    assert again["new"] is False
    count = [{"applied": 5, "destroyed": 1, "retained": 0}]
    company.do("CountLabels", NORA, instance, rows=count)
    company.do("Review", DORA, instance, finding="complete")
    assert making.order_status() == "closed"
    company.do("Release", QUIN, instance)
    assert making.stock() == {("Q-01", "RELEASED"): 5}
    company.do("PutAway", ANN, instance, location="A-01-02")
    assert making.stock() == {("A-01-02", "RELEASED"): 5}
    assert company.status(instance) == "completed"
    with company.database.reading() as db:
        order = work_orders.by_number(db, TENANT, making.work_order)
        assert labels.open_of(db, TENANT, order.work_order_id) == []
    assert company.verify().differences == []


def test_an_incomplete_record_goes_back_and_differences_are_explained(making: Making) -> None:
    company = making.scenario
    making.make(made=4)  # two screws too many went in
    instance = making.finish()
    company.do("Review", DORA, instance, finding="incomplete", reason="cleaning record missing")
    company.do("Complete", OLGA, instance, done="scanned and attached")
    refused = company.attempt("Review", DORA, instance, finding="complete")
    assert isinstance(refused, Rejected)
    assert making.order_status() == "released"
    company.do("Review", DORA, instance, finding="complete", explanation="two screws in the bin")
    company.do("Release", DORA, instance)
    assert making.stock() == {("Q-01", "RELEASED"): 4}


def test_what_does_not_conform_is_held_and_not_released(making: Making) -> None:
    company = making.scenario
    making.make()
    instance = making.finish()
    company.do("Review", DORA, instance, finding="nonconforming", reason="wrong laser marking")
    company.do("Refuse", DORA, instance, reason="wrong laser marking", severity="major")
    assert company.status(instance) == "completed"
    assert company.open("Triage", HANA).activity_id == "Triage"
    [held] = making.holds()
    assert held.startswith("nonconformity ")
    assert making.stock() == {("Q-01", "QUARANTINE"): 5}


def test_what_is_open_against_the_lot_keeps_its_record_from_being_complete(making: Making) -> None:
    company = making.scenario
    making.make()
    reported = company.start("nonconformance", by=NORA)
    found = {"what": "burr", "where": "stock", "lot_number": making.lot_number}
    company.do("Report", NORA, reported, **found, found_at=company.clock().isoformat())
    instance = making.finish()
    [number, held] = company.variables(instance)["record"]["against"]
    assert number in held  # the nonconformity, and the hold that it placed
    refused = company.attempt("Review", DORA, instance, finding="complete")
    assert isinstance(refused, Rejected)
    assert "open against this lot" in str(refused.errors)
    assert company.open("Review", DORA, instance).activity_id == "Review"


def test_who_made_it_does_not_review_it(making: Making) -> None:
    company = making.scenario
    making.make()
    instance = company.start("production_release", by=NORA)
    company.do("Report", NORA, instance, work_order=making.work_order)
    assert not [each for each in company.worklist(NORA) if each.activity_id == "Review"]
    assert company.open("Review", DORA, instance).activity_id == "Review"


def test_an_order_without_output_has_nothing_to_release(making: Making) -> None:
    making.make()
    empty = FinishWorkOrder(command_id=new_id(), work_order="WO-2026-00099")
    assert isinstance(making.scenario.ask(empty, NORA), Rejected)
