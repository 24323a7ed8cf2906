"""A work order as the scenarios tell it: who plans, scans, verifies, decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from engine.actors import engine_actor
from engine.identifiers import new_id
from engine.outcomes import Outcome
from processes.incoming_inspection.scenarios.inspection import deliver
from processes.ledger import (
    balances,
    items,
    locations,
    lots,
    movements,
    own_lots,
    status,
    status_changes,
)
from processes.ledger.balances import Place
from processes.ledger.commands import RegisterItem
from processes.ledger.item_registration import NewItem, NewPackage
from processes.ledger.movements import Document, Movement
from processes.ledger.own_lots import OwnLot
from processes.ledger.production import boms, work_orders
from processes.ledger.production.boms import NewBom, NewBomLine
from tests.people import ANN, DORA, Person
from tests.processes.whole_company import NORA, OLGA, booking, staff
from tests.scenario import TENANT, Scenario

PLATE, CAP = "PLATE-27", "CAP-1"
LINE = "LINE-1"


@dataclass(slots=True)
class Factory:
    """A company with screws in stock and plates to be made of two of them each."""

    company: Scenario
    instance: UUID | None = None
    screws: str = ""
    screw_item: str = ""
    numbers: list[str] = field(default_factory=list)

    @property
    def running(self) -> UUID:
        assert self.instance is not None
        return self.instance

    @property
    def case(self) -> Mapping[str, Any]:
        return self.company.variables(self.running)

    @property
    def order(self) -> str:
        return str(self.case["progress"]["work_order"])

    @property
    def made(self) -> str:
        return str(self.case["progress"]["lot_number"])

    def do(self, activity: str, by: Person, **data: Any) -> Any:
        return self.company.do(activity, by, self.instance, **data)

    def attempt(self, activity: str, by: Person, **data: Any) -> Outcome:
        return self.company.attempt(activity, by, self.instance, **data)

    def open(self) -> list[str]:
        assert self.instance is not None
        found = self.company.items(self.instance)
        return sorted(each.activity_id for each in found if each.status == "open")

    def plan(self, by: Person = NORA, **more: Any) -> None:
        self.instance = self.company.start("work_order", by=by)
        self.do("Plan", by, **self.planned(**more))

    def planned(self, **more: Any) -> dict[str, Any]:
        today = self.company.clock().date()
        wanted = {
            "item_number": PLATE,
            "quantity": "5",
            "site": "SZ01",
            "planned_start": today.isoformat(),
            "planned_end": today.isoformat(),
            "expiry": (today + timedelta(days=1800)).isoformat(),
            **more,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    def begin(self, **more: Any) -> None:
        """Plan, release, pick and clear the line: the first material can go in."""
        self.plan(**more)
        self.do("Release", OLGA, decision="release")
        self.pick()
        self.clear()

    def pick(self, **more: Any) -> None:
        rows = [{"scanned": each["lot_number"]} for each in self.case["progress"]["picks"]]
        self.do("Pick", ANN, rows=rows, **more)

    def clear(self) -> None:
        done = {"product_removed": True, "labels_removed": True, "cleaned": True}
        self.do("ClearLine", NORA, line=LINE, previous="none", **done)
        self.do("VerifyLine", OLGA, clear=True)

    def scan(self, quantity: str, **more: Any) -> dict[str, Any]:
        given = {"what": "issue", "lot_number": self.screws, "location": "A-01-01"}
        return {**given, "quantity": quantity, **more}

    def issue(self, quantity: str, **more: Any) -> None:
        """Scan screws, which are class A, and have somebody else look."""
        self.do("Work", NORA, **self.scan(quantity, **more))
        self.do("Verify", OLGA, right=True)

    def output(self, quantity: str) -> None:
        self.do("Work", NORA, what="output", quantity=quantity, location="Q-01")

    def finish(self, *labels: tuple[int, int, int], by: Person = OLGA, **more: Any) -> None:
        self.do("Work", NORA, what="finish")
        counted = [
            dict(zip(("applied", "destroyed", "retained"), each, strict=True)) for each in labels
        ]
        parts = more.pop("small_parts", [{} for _ in self.case["ending"]["small_parts"]])
        self.do("Finish", by, labels=counted, small_parts=parts, **more)

    def stock(self, number: str = "") -> dict[tuple[str, str], int]:
        with self.company.database.reading() as db:
            lot = lots.by_number(db, TENANT, number or self.made)
            return {
                (each.location_code, each.status): each.quantity
                for each in balances.of_lot(db, TENANT, lot.lot_id)
                if each.quantity
            }

    def status(self) -> str:
        with self.company.database.reading() as db:
            return work_orders.by_number(db, TENANT, self.order).status

    def holds(self, number: str = "") -> list[str]:
        with self.company.database.reading() as db:
            lot = lots.by_number(db, TENANT, number or self.made)
            return [each.document for each in status.open_holds(db, TENANT, lot.lot_id)]

    def events(self, name: str) -> list[Mapping[str, Any]]:
        assert self.instance is not None
        return [each for each in self.company.events(self.instance) if each["event"] == name]


def register(company: Scenario, number: str, **more: Any) -> None:
    new = NewItem(
        **{
            "number": number,
            "names": {"en": number, "zh": number},
            "item_type": "finished",
            "criticality": "A",
            "tracking": "lot",
            "unit_code": "ea",
            "packages": (NewPackage(name="each"),),
            "status": "released",
            "expiry_required": False,
            **more,
        }
    )
    command = RegisterItem(command_id=new_id(), item=new)
    company.must(company.dispatcher.dispatch(command, engine_actor(TENANT, "installation")))


def open_factory(scenario: Scenario) -> Factory:
    """Give a company with fifty screws released at A-01-01, a bill and people."""
    company = staff(scenario)
    inspection = deliver(company)
    inspection.inspect()
    inspection.review()
    inspection.accept()
    inspection.do("PutAway", ANN, label_applied=True, location="A-01-01")
    register(company, PLATE, expiry_required=True)
    made = Factory(company)
    made.screw_item = str(inspection.case["inspection"]["item"]["number"])
    made.screws = str(inspection.case["inspection"]["lot_number"])
    put_bill(company, [NewBomLine(component=made.screw_item, quantity=Decimal(2))])
    return made


def stock_up(company: Scenario, item_number: str, quantity: int, **more: Any) -> str:
    """Have a lot of an item released at A-01-01, without buying it; give its number."""
    with booking(company, DORA, "REL") as context:
        item = items.by_number(context.db, TENANT, item_number)
        new = OwnLot(item_id=item.item_id, item_revision="A", origin="produced", **more)
        lot = own_lots.create(context, new)
        document = Document("test", "1")
        source, target = (
            locations.by_code(context.db, TENANT, code).location_id for code in ("Q-01", "A-01-01")
        )

        def move(kind: str, source: Place | None, target: Place) -> None:
            movement = Movement(
                movement_type=kind,
                lot_id=lot.lot_id,
                quantity=quantity,
                document=document,
                source=source,
                target=target,
            )
            movements.post(context, movement)

        waiting = Place(source, "QUARANTINE")
        move("RCV", None, waiting)
        status_changes.change(
            context, lot, waiting, "RELEASED", quantity, reason="tested", document=document
        )
        move("PUT", Place(source, "RELEASED"), Place(target, "RELEASED"))
    return lot.number


def put_bill(company: Scenario, lines: list[NewBomLine], version: int = 1) -> None:
    with booking(company, DORA) as context:
        bill = NewBom(
            item_number=PLATE,
            item_revision="A",
            version=version,
            effective_from=date(2024, 1, 1),
            change_reason="first",
            approved_by=("dora",),
            lines=lines,
        )
        boms.register(context, bill)


@pytest.fixture
def factory(scenario: Scenario) -> Factory:
    return open_factory(scenario)
