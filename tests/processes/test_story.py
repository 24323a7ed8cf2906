"""One story through all five processes: what is ordered, what is found, what is changed, what is
made and shipped, and what is called back. Told by the people who do it, on each database.

Everything that a process exists for is done in that process, by its tasks, its signatures and its
messages. Making the product and sending it out have no process yet: the book's own functions and
commands do it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.actors import engine_actor
from engine.identifiers import new_id
from processes.change_control.scenarios.change import ChangeCase
from processes.incoming_inspection.scenarios.inspection import Inspection
from processes.ledger import balances, locations, lots, movements, plans, status, status_changes
from processes.ledger.balances import Place
from processes.ledger.commands import RegisterItem
from processes.ledger.distribution.commands import (
    PostShipment,
    RegisterConsignee,
    RegisterInMarket,
    ShippedGoods,
)
from processes.ledger.distribution.consignees import Licence, NewConsignee
from processes.ledger.distribution.registrations import NewRegistration
from processes.ledger.field_actions import reconciliation
from processes.ledger.genealogy import mass_balance
from processes.ledger.genealogy.mass_balance import MassBalance
from processes.ledger.item_registration import Identifier, NewItem, NewPackage
from processes.ledger.items import by_number as item_by_number
from processes.ledger.locations import NewLocation
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement
from processes.ledger.plans import Plan
from processes.ledger.production import boms, work_orders
from processes.ledger.production.boms import NewBom, NewBomLine
from processes.ledger.production.work_orders import Issue, NewWorkOrder
from processes.nonconformance.scenarios.nonconformance import SCREW, Nonconformance
from processes.procurement.scenarios.purchase import Purchase, begin
from processes.recall.scenarios.field_action import Company, open_action
from tests.people import ANN, BEN, CLEO, DORA
from tests.processes.whole_company import HANA, NORA, PAT, booking, instance_of, staff, thrown
from tests.scenario import TENANT, Scenario

PLATE = "PLATE-27"
"""What the company makes: a bone plate with two screws."""


@pytest.fixture
def company(scenario: Scenario) -> "Story":
    return Story(staff(scenario))


@dataclass(slots=True)
class Story:
    """The company, and how its people do one thing after the other."""

    scenario: Scenario

    # --- what is bought and inspected

    def order(self, quantity: str) -> Purchase:
        purchase = begin(self.scenario)
        purchase.request(quantity=quantity)
        purchase.approve("Requisition")
        purchase.source()
        purchase.build(purchase.line(quantity))
        purchase.approve("Order")
        purchase.confirm()
        return purchase

    def delivered(self, purchase: Purchase, quantity: int) -> Inspection:
        """Take a delivery in; its inspection begins by message."""
        return self.inspection_of(purchase.receive(quantity)["lot_number"])

    def inspection_of(self, lot_number: str) -> Inspection:
        """Give the inspection of a lot that waits to be begun."""
        item = next(
            each
            for each in self.scenario.worklist(BEN)
            if each.activity_id == "CheckDocuments" and lot_number in (each.title or "")
        )
        return Inspection(self.scenario, item.work_item_id.process_instance_id)

    def nonconformance(self, inspection: Inspection) -> Nonconformance:
        instance = instance_of(self.scenario, "Triage", HANA)
        number = str(inspection.case["inspection"]["lot_number"])
        return Nonconformance(self.scenario, instance, number)

    def change(self) -> ChangeCase:
        return ChangeCase(self.scenario, instance_of(self.scenario, "Screen", HANA))

    # --- what is made and shipped: by the book, for want of a process

    def found_a_product(self) -> None:
        """Register the plate, its bill, and a place to ship from and one for what comes back."""
        plate = NewItem(
            number=PLATE,
            names={"en": "Bone plate 2.7 mm", "zh": "2.7 mm 接骨板"},
            item_type="finished",
            criticality="A",
            tracking="lot",
            unit_code="ea",
            packages=(
                NewPackage(
                    name="each",
                    identifiers=(Identifier(issuing_agency="GS1", value="06901234000019"),),
                ),
            ),
            status="released",
            expiry_required=True,
            catalogue_number="P-27",
            model="27-2",
        )
        self.command(RegisterItem(command_id=new_id(), item=plate))
        with booking(self.scenario, PAT) as context:
            for code, zone in (("D-01", "shipping"), ("T-01", "return")):
                names = {"en": code, "zh": code}
                new = NewLocation(code=code, names=names, site="SZ01", zone=zone)
                locations.register(context, new)
            boms.register(
                context,
                NewBom(
                    item_number=PLATE,
                    item_revision="A",
                    version=1,
                    effective_from=date(2024, 1, 1),
                    change_reason="first",
                    approved_by=("dora",),
                    lines=(NewBomLine(component=SCREW, quantity=Decimal(2)),),
                ),
            )

    def make(self, part: Lot, quantity: int) -> Lot:
        """Make plates of a lot of screws, release them and put them on the dock."""
        today = self.scenario.clock().date()
        with booking(self.scenario, NORA) as context:
            order = work_orders.release(
                context,
                NewWorkOrder(
                    item_number=PLATE,
                    quantity=Decimal(quantity),
                    site="SZ01",
                    planned_start=today,
                    planned_end=today,
                    expiry=today + timedelta(days=1800),
                ),
            )
            shelf = next(
                each.location_code
                for each in balances.of_lot(context.db, TENANT, part.lot_id)
                if each.status == "RELEASED"
            )
            used = Issue(lot_number=part.number, location=shelf, quantity=2 * quantity)
            work_orders.issue(context, order.number, used)
            work_orders.output(context, order.number, quantity=quantity, location="Q-01")
            made = lots.find(context.db, TENANT, order.lot_id)
        with booking(self.scenario, DORA, "REVW") as context:
            work_orders.close(context, order.number)
        document = Document("work_order", order.number)
        with booking(self.scenario, DORA, "REL") as context:
            waiting = _place(context, "Q-01", "QUARANTINE")
            status_changes.change(
                context,
                made,
                waiting,
                "RELEASED",
                quantity,
                reason="final inspection passed",
                document=document,
            )
        with booking(self.scenario, ANN) as context:
            put = Movement(
                movement_type="PUT",
                lot_id=made.lot_id,
                quantity=quantity,
                document=document,
                source=_place(context, "Q-01", "RELEASED"),
                target=_place(context, "D-01", "RELEASED"),
            )
            movements.post(context, put)
        return made

    def hospital(self, number: str, market: str) -> None:
        """Take a hospital on, and have the plate registered in its market."""
        licence = Licence(
            kind="medical_institution", number=f"L-{number}", valid_from=date(2024, 1, 1)
        )
        consignee = NewConsignee(
            number=number,
            name=f"Hospital {number}",
            kind="hospital",
            country=market,
            market=market,
            region="east",
            address="1 High Street",
            contact="Store 100",
            recall_contact="Dr Li",
            recall_phone="101",
            recall_email=f"{number.lower()}@example.com",
            language="zh" if market == "CN" else "en",
            licences=(licence,),
        )
        self.command(RegisterConsignee(command_id=new_id(), consignee=consignee))
        registration = NewRegistration(
            item_number=PLATE,
            market=market,
            number=f"REG-{market}",
            holder="Example",
            valid_from=date(2024, 1, 1),
            expected_life="10 years",
        )
        self.command(RegisterInMarket(command_id=new_id(), registration=registration))

    def ship(self, made: Lot, consignee: str, quantity: int) -> None:
        goods = ShippedGoods(
            lot_number=made.number, location="D-01", quantity=Decimal(quantity), specification="2.7"
        )
        command = PostShipment(
            command_id=new_id(),
            consignee=consignee,
            order_number="SO-1",
            site="SZ01",
            lines=(goods,),
        )
        self.scenario.must(self.scenario.ask(command, ANN))

    def command(self, command: Any) -> None:
        outcome = self.scenario.dispatcher.dispatch(command, engine_actor(TENANT, "installation"))
        self.scenario.must(outcome)

    # --- what the book says

    def lot(self, number: object) -> Lot:
        with self.scenario.database.reading() as db:
            return lots.by_number(db, TENANT, str(number))

    def plan(self) -> Plan:
        """Give the inspection plan of screws that is in force today."""
        today = self.scenario.clock().date()
        with self.scenario.database.reading() as db:
            return plans.in_force(
                db, TENANT, item_by_number(db, TENANT, SCREW).item_id, SCREW, today
            )

    def balance(self, lot: Lot) -> MassBalance:
        with self.scenario.database.reading() as db:
            return mass_balance.of_lot(db, TENANT, lot.lot_id)

    def held(self, lot: Lot) -> list[str]:
        with self.scenario.database.reading() as db:
            return [each.document for each in status.open_holds(db, TENANT, lot.lot_id)]


def _place(context: Any, code: str, condition: str) -> Place:
    return Place(locations.by_code(context.db, TENANT, code).location_id, condition)


def test_from_the_order_to_the_recall(company: Story) -> None:
    company.found_a_product()
    purchase = company.order("30")  # Nora needs thirty screws; the order goes out
    bad, nc = the_first_ten_are_scratched(company, purchase)
    waiting = company.delivered(purchase, 10)  # inspected by the plan as it was, so far
    the_plan_is_changed(company, nc)
    good = the_next_ten_are_good(company, waiting)
    plates = plates_are_made_and_shipped(company, good)
    threads_break_and_the_plates_come_back(company, good, plates)
    assert company.scenario.verify().differences == []
    for lot in (bad, good, plates):
        assert company.balance(lot).unexplained == 0, lot.number
    assert (company.balance(bad).received, company.balance(bad).scrapped) == (10, 10)
    assert (company.balance(good).issued, company.balance(plates).produced) == (10, 5)
    assert (company.balance(plates).shipped, company.balance(plates).destroyed) == (2, 2)


def the_first_ten_are_scratched(company: Story, purchase: Purchase) -> tuple[Lot, Nonconformance]:
    """Ben finds scratches, the lot is refused and held; the board has it scrapped."""
    inspection = company.delivered(purchase, 10)
    inspection.inspect(defects=3)
    inspection.review()
    inspection.refuse("REJECT", "scratched surfaces")
    bad = company.lot(inspection.case["inspection"]["lot_number"])
    nc = company.nonconformance(inspection)
    assert company.held(bad) == [f"nonconformity {nc.record.number}"]
    nc.triage()
    nc.scope()
    nc.do(
        "Investigate",
        HANA,
        method="five_why",
        findings="longer screws scratch each other in the tray",
        cause_code="method",
        engineer="Ivan Luo",
        risk_before="cosmetic",
        risk_after="none",
        change_needed=True,
        change_title="Inspect the length of screws more tightly",
    )
    nc.approve(("10", "SCRAP"))
    nc.scrap()
    assert nc.open_activities() == []  # the goods are settled, the change is not
    return bad, nc


def the_plan_is_changed(company: Story, nc: Nonconformance) -> None:
    """The change goes its whole way; inspection is told, and the nonconformity hears and closes."""
    change = company.change()
    assert change.case["change"]["source_number"] == nc.record.number
    tighter = {
        "kind": "inspection_plan",
        "key": SCREW,
        "field": "characteristics.2.upper_limit",
        "new": "56.20",
    }
    change.screen("test_method", criticality="A", objects=[tighter])
    change.assess()
    change.decide_markets()
    change.assess_quality()
    change.vote()
    change.approve()
    change.to_release("QE")
    change.release()
    plan = company.plan()
    [told] = thrown(company.scenario, change.instance, "plan.changed")
    assert told == {"item_number": SCREW, "plan": plan.number, "version": plan.version}
    assert format(plan.characteristics[1].upper_limit or 0, "f") == "56.20"
    assert nc.case["change"]["change"] == change.order.number
    nc.close()
    assert nc.status == "completed"


def the_next_ten_are_good(company: Story, inspection: Inspection) -> Lot:
    """Cleo has the waiting lot inspected by the new plan; it is accepted, Ann puts it away."""
    before = inspection.case["inspection"]["plan"]
    inspection.do("DecidePlan", CLEO, action="replan", reason="the limit is tighter")
    again = company.inspection_of(inspection.case["inspection"]["lot_number"])
    assert again.case["inspection"]["plan"] != before
    again.inspect()
    again.review()
    again.accept()
    again.do("PutAway", ANN, label_applied=True, location="A-01-01")
    assert again.status == "completed"
    return company.lot(again.case["inspection"]["lot_number"])


def plates_are_made_and_shipped(company: Story, screws: Lot) -> Lot:
    """Five plates are made of ten screws; four go to two hospitals."""
    plates = company.make(screws, 5)
    company.hospital("C-1", "CN")
    company.hospital("C-2", "US")
    company.ship(plates, "C-1", 2)
    company.ship(plates, "C-2", 2)
    return plates


def threads_break_and_the_plates_come_back(company: Story, screws: Lot, plates: Lot) -> None:
    """What is left is frozen in the command that opens the recall; both hospitals answer."""
    recall = open_action(Company(company.scenario, team=()), screws)
    assert recall.case["reach"]["consignees"] == ["C-1", "C-2"]
    assert company.held(plates) == [f"field_action {recall.number}"]
    recall.evaluate()
    recall.decide()
    recall.plan()
    recall.report_to_authorities()
    recall.release_notices()
    recall.deliver({"used": "1", "returned": "1"})
    recall.take_back("C-1", plates, "1")
    recall.take_back("C-2", plates, "1")
    recall.check_effect()
    destroyed = {
        "lot": plates.number,
        "unit": "ea",
        "quantity": "2",
        "disposition": "destroy",
        "reference": "CERT-1",
    }
    recall.finish([destroyed])
    assert recall.case["gate"]["ready"] is True, recall.case["gate"]
    assert recall.read(reconciliation.of_action).complete
    recall.close()
    assert recall.status == "completed"
