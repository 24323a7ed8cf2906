"""An incoming inspection as the scenarios tell it: who does what, with which readings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from engine.commands.instance import encode_variables
from engine.identifiers import new_id
from engine.outcomes import Outcome
from engine.reading.worklist import WorkItemView
from engine.store.tables import outbox
from processes.ledger import balances, lots
from tests.people import ANN, BEN, CLEO, DORA, Person
from tests.scenario import TENANT, Scenario

SCREW = "00841132112939"
GOOD = {1: "2.680", 2: "56.00"}
INSTRUMENTS = {1: "MIC-0003", 2: "CAL-0007"}


@dataclass(frozen=True, slots=True)
class Inspection:
    """One delivery of screws under inspection, and the people who inspect it."""

    company: Scenario
    instance: UUID

    @property
    def case(self) -> Mapping[str, Any]:
        return self.company.variables(self.instance)

    @property
    def status(self) -> str:
        return self.company.status(self.instance)

    def open_activities(self) -> list[str]:
        return sorted(
            item.activity_id for item in self.company.items(self.instance) if item.status == "open"
        )

    def do(self, activity_id: str, by: Person, **data: Any) -> Any:
        return self.company.do(activity_id, by, self.instance, **data)

    def attempt(self, activity_id: str, by: Person, **data: Any) -> Outcome:
        return self.company.attempt(activity_id, by, self.instance, **data)

    def check_documents(self, *findings: str, by: Person = BEN, **more: Any) -> None:
        found = findings or ("conforming", "conforming")
        documents = [
            {"finding": each, **({"note": "wrong lot"} if each == "wrong" else {})}
            for each in found
        ]
        goods = {"identity_ok": True, "shelf_life_ok": True, **more}
        self.do("CheckDocuments", by, documents=documents, **goods)

    def draw_samples(self, by: Person = BEN) -> None:
        self.do("DrawSamples", by, drawn=self.case["sampling"]["sample_count"], marked=True)

    def to_measure(self) -> list[WorkItemView]:
        return [
            item
            for item in self.company.items(self.instance)
            if item.activity_id == "Measure" and item.status == "open"
        ]

    def measure(
        self,
        values: Mapping[int, Sequence[str]] | None = None,
        *,
        by: Person = BEN,
        defects: int = 0,
    ) -> None:
        """Inspect every open characteristic; `values` replace the good readings from the first."""
        for item in self.to_measure():
            self.measure_one(item, values or {}, by=by, defects=defects)

    def measure_one(
        self, item: WorkItemView, values: Mapping[int, Sequence[str]], *, by: Person, defects: int
    ) -> None:
        characteristic = self.company.context(item)["characteristic"]
        number, size = characteristic["number"], characteristic["sample_size"]
        if characteristic["kind"] == "measured":
            bad = list(values.get(number, ()))
            readings = [*bad, *[GOOD[number]] * size][:size]
            data: dict[str, Any] = {
                "instrument": INSTRUMENTS[number],
                "readings": [{"value": value} for value in readings],
            }
        else:
            flawed = {"conforming": False, "defects": 1, "note": "scratch"}
            rows = [flawed] * defects + [{"conforming": True}] * (size - defects)
            data = {"findings": rows}
        self.company.do("Measure", by, self.instance, item=item, **data)

    def inspect(self, **how: Any) -> None:
        """Go from the document check to the last reading."""
        self.check_documents()
        self.draw_samples()
        self.measure(**how)

    def review(self, by: Person = CLEO, **more: Any) -> None:
        answers = {"complete": True, "retests_justified": True, "agrees": True, **more}
        self.do("Review", by, **answers)

    def accept(self, quantity: str = "10") -> None:
        self.do("UsageDecision", DORA, decision="ACCEPT", accepted_quantity=quantity)
        self.do("Release", DORA)

    def refuse(self, decision: str, reason: str, **more: Any) -> None:
        self.do("UsageDecision", DORA, decision=decision, reason=reason, **more)
        self.do("RefuseRelease", DORA, severity="major")

    def stock(self) -> dict[tuple[str, str], int]:
        """Give what lies where: {("Q-01", "QUARANTINE"): 10}."""
        with self.company.database.reading() as db:
            lot = lots.by_number(db, TENANT, self.case["inspection"]["lot_number"])
            found = balances.of_lot(db, TENANT, lot.lot_id)
            assert balances.differences(db, TENANT) == []
        return {(each.location_code, each.status): each.quantity for each in found}

    def sent(self, name: str) -> list[Mapping[str, Any]]:
        """Give the messages of a name that the process sent."""
        return [
            event
            for event in self.company.events(self.instance)
            if event["event"] == "message.thrown" and event["name"] == name
        ]


def send(
    company: Scenario,
    name: str,
    correlation: str,
    payload: Mapping[str, Any],
    kind: str = "message",
) -> None:
    """Put a message or signal into the outbox as another process would; let it be delivered."""
    now = company.clock()
    row = {
        "tenant_id": TENANT,
        "outbox_id": new_id(),
        "kind": kind,
        "name": name,
        "correlation": correlation,
        "payload": encode_variables(payload),
        "source_instance_id": None,
        "status": "pending",
        "attempts": 0,
        "due_at": now,
        "created_at": now,
    }
    with company.database.transaction() as db:
        db.execute(insert(outbox), row)
        db.commit()
    company.background.run_until_idle()


def deliver(company: Scenario, supplier_lot: str = "HX-77", quantity: str = "10") -> Inspection:
    """Receive a delivery of screws; give the inspection that it starts."""
    receiving = company.start("receiving", by=ANN)
    company.do(
        "Receive",
        ANN,
        receiving,
        supplier="S-1001",
        delivery_note="DN-1",
        item_number=SCREW,
        supplier_lot=supplier_lot,
        quantity=quantity,
        containers=1,
        packages_whole=True,
        location="Q-01",
    )
    lot_number = company.variables(receiving)["receipt"]["lot_number"]
    item = next(
        item
        for item in company.worklist(BEN)
        if item.activity_id == "CheckDocuments" and lot_number in (item.title or "")
    )
    return Inspection(company, item.work_item_id.process_instance_id)
