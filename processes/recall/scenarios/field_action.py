"""A field action as the scenarios tell it: who was shipped what, who decides, who answers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from biip.checksums import gs1_standard_check_digit

from engine.actors import engine_actor
from engine.identifiers import new_id
from engine.outcomes import Outcome
from engine.reading.worklist import WorkItemView
from engine.services import ServiceContext
from processes import registry
from processes.ledger import (
    balances,
    items,
    locations,
    lots,
    movements,
    own_lots,
    status_changes,
    suppliers,
)
from processes.ledger.balances import Place
from processes.ledger.commands import RegisterItem
from processes.ledger.distribution import consignees, registrations, shipments
from processes.ledger.distribution.consignees import Licence, NewConsignee
from processes.ledger.distribution.registrations import NewRegistration
from processes.ledger.distribution.shipments import NewLine, NewShipment
from processes.ledger.field_actions import actions
from processes.ledger.field_actions.actions import FieldAction
from processes.ledger.genealogy import edges
from processes.ledger.genealogy.edges import Edge
from processes.ledger.item_registration import Identifier, NewItem, NewPackage
from processes.ledger.locations import NewLocation
from processes.ledger.lots import Lot, NewLot
from processes.ledger.movements import Document, Movement
from processes.ledger.own_lots import OwnLot
from processes.recall import example
from tests.people import ANN, DORA, Person
from tests.scenario import TENANT, Scenario

HANA = Person("hana", "Hana Wu", "吴涵", ("QE",))
LENA = Person("lena", "Lena Hu", "胡乐娜", ("MED",))
JIN = Person("jin", "Jin Xu", "徐瑾", ("RA",))
MEI = Person("mei", "Mei Tang", "唐梅", ("RCC", "CS", "SAL"))
OMAR = Person("omar", "Omar Shen", "沈欧", ("GM",))
MO = Person("mo", "Mo Shen", "沈默", ("MR",))
QUIN = Person("quin", "Quin Ma", "马青", ("QA",))
TEAM = (HANA, LENA, JIN, MEI, OMAR, MO, QUIN)
SCREW = "00841132112939"
TEXT = {
    "product": "Bone screw 2.7 mm",
    "reason": "The thread may break under load; three breakages were reported.",
    "hazard": "A broken screw may need another operation.",
    "instructions": "Stop using the screws, keep them apart and send them back.",
}
TEXT_ZH = {
    "product": "骨科螺钉 2.7 mm",
    "reason": "螺纹在受力时可能断裂，已收到三起断裂报告。",
    "hazard": "螺钉断裂可能导致再次手术。",
    "instructions": "停止使用，单独存放，并将产品寄回。",
}
HHE = example.HAZARD
STRATEGY: dict[str, Any] = {
    **example.STRATEGY,
    "texts": [{"language": "en", **TEXT}, {"language": "zh", **TEXT_ZH}],
}


class Company:
    """A company that made something of a purchased lot and shipped it; its people."""

    def __init__(self, scenario: Scenario, team: Sequence[Person] = TEAM) -> None:
        self.scenario = scenario
        for person in team:
            scenario.add(person)
        self.events: list[Mapping[str, Any]] = []

    def book(self, by: Person, *signatures: str) -> AbstractContextManager[ServiceContext]:
        return _booking(self, by, signatures)

    def set_up(self, *markets: str) -> tuple[Lot, Lot]:
        """Buy a lot, make another of it, and ship that to one consignee in each market."""
        with self.book(ANN) as context:
            for code, zone in (("D-01", "shipping"), ("T-01", "return")):
                names = {"en": code, "zh": code}
                place = NewLocation(code=code, names=names, site="SZ01", zone=zone)
                locations.register(context, place)
        part, device = self.lot("PART-1", 50), self.lot("DEV-1", 20, where="D-01")
        with self.book(ANN) as context:
            edge = Edge(
                kind="consume",
                from_lot_id=part.lot_id,
                to_lot_id=device.lot_id,
                quantity=20,
                unit_code="ea",
                document=Document("test", "1"),
            )
            edges.add(context, edge)
        for number, market in enumerate(markets, start=1):
            self.consignee(f"C-{number}", market)
            self.ship(device, f"C-{number}", 4)
        return part, device

    def lot(self, name: str, quantity: int, where: str = "A-01-01") -> Lot:
        """Receive a lot, release it and put it away."""
        with self.book(ANN) as context:
            item = items.by_number(context.db, TENANT, SCREW)
            source = suppliers.by_number(context.db, TENANT, "S-1001")
            revision = items.effective_revision(context.db, TENANT, item, context.now.date())
            new = NewLot(
                item_id=item.item_id,
                item_revision=revision,
                supplier_id=source.supplier_id,
                supplier_lot_raw=name,
            )
            lot = lots.receive(context, new, join_same_lot=False)
            self.move(context, lot, quantity, "RCV", None, ("Q-01", "QUARANTINE"))
        with self.book(DORA, "REL") as context:
            place = locations.by_code(context.db, TENANT, "Q-01")
            status_changes.change(
                context,
                lot,
                Place(place.location_id, "QUARANTINE"),
                "RELEASED",
                quantity,
                reason="accepted",
                document=Document("test", "1"),
            )
            self.move(context, lot, quantity, "PUT", ("Q-01", "RELEASED"), (where, "RELEASED"))
        return lot

    def move(
        self,
        context: ServiceContext,
        lot: Lot,
        quantity: int,
        kind: str,
        source: tuple[str, str] | None,
        target: tuple[str, str] | None,
    ) -> None:
        def place(given: tuple[str, str] | None) -> Place | None:
            if given is None:
                return None
            found = locations.by_code(context.db, TENANT, given[0])
            return Place(found.location_id, given[1])

        movement = Movement(
            movement_type=kind,
            lot_id=lot.lot_id,
            quantity=quantity,
            document=Document("test", "1"),
            source=place(source),
            target=place(target),
        )
        movements.post(context, movement)

    def consignee(self, number: str, market: str, **more: Any) -> None:
        with self.book(ANN) as context:
            new = NewConsignee(
                **{
                    "number": number,
                    "name": f"Hospital {number}",
                    "kind": "hospital",
                    "country": market,
                    "market": market,
                    "region": "east",
                    "address": "1 High Street",
                    "contact": "Store 100",
                    "recall_contact": "Dr Li",
                    "recall_phone": "101",
                    "recall_email": f"{number.lower()}@example.com",
                    "language": "zh" if market == "CN" else "en",
                    "licences": (
                        Licence(
                            kind="medical_institution",
                            number=f"L-{number}",
                            valid_from=date(2024, 1, 1),
                        ),
                    ),
                    **more,
                }
            )
            consignees.register(context, new)
            registration = NewRegistration(
                item_number=SCREW,
                market=market,
                number=f"REG-{market}-{number}",
                holder="Example",
                valid_from=date(2024, 1, 1),
                expected_life="10 years",
            )
            registrations.register(context, registration)

    def ship(self, lot: Lot, consignee: str, quantity: int) -> None:
        with self.book(ANN) as context:
            line = NewLine(
                lot_number=lot.number,
                location="D-01",
                quantity=quantity,
                model="M",
                specification="S",
            )
            new = NewShipment(consignee=consignee, order_number="SO", site="SZ01", lines=(line,))
            shipments.post(context, new)

    def serial_lot(self, name: str, serials: Sequence[str], *markets: str) -> Lot:
        """Make a lot of monitors with serial numbers, registered in these markets, at the dock."""
        self.scenario.must(
            self.scenario.dispatcher.dispatch(
                RegisterItem(command_id=new_id(), item=_monitor(name)),
                engine_actor(TENANT, "installation"),
            )
        )
        with self.book(DORA, "REL") as context:
            found = items.by_number(context.db, TENANT, name)
            new = OwnLot(item_id=found.item_id, item_revision="A", origin="produced")
            lot = own_lots.create(context, new)
            units = list(lots.register_serials(context, lot, serials).values())
            self._bring_units(context, lot, units)
            for market in markets:
                registration = NewRegistration(
                    item_number=name,
                    market=market,
                    number=f"REG-{market}-{name}",
                    holder="Example",
                    valid_from=date(2024, 1, 1),
                    expected_life="10 years",
                )
                registrations.register(context, registration)
        return lot

    def _bring_units(self, context: ServiceContext, lot: Lot, units: Sequence[UUID]) -> None:
        """Receive units, release them and put them at the dock."""
        where = Place(locations.by_code(context.db, TENANT, "Q-01").location_id, "QUARANTINE")
        dock = Place(locations.by_code(context.db, TENANT, "D-01").location_id, "RELEASED")
        document, count = Document("test", "1"), len(units)
        into = Movement(
            movement_type="RCV", lot_id=lot.lot_id, quantity=count, document=document, target=where
        )
        movements.post_serials(context, into, units)
        status_changes.change(
            context, lot, where, "RELEASED", count, reason="accepted", document=document
        )
        put = Movement(
            movement_type="PUT",
            lot_id=lot.lot_id,
            quantity=count,
            document=document,
            source=Place(where.location_id, "RELEASED"),
            target=dock,
        )
        movements.post_serials(context, put, units)

    def ship_units(self, lot: Lot, consignee: str, *serials: str) -> None:
        with self.book(ANN) as context:
            lines = tuple(
                NewLine(lot_number=lot.number, location="D-01", quantity=1, serial_number=serial)
                for serial in serials
            )
            new = NewShipment(consignee=consignee, order_number="SO", site="SZ01", lines=lines)
            shipments.post(context, new)


def _monitor(number: str) -> NewItem:
    body = f"069012340{sum(map(ord, number)) % 10_000:04}"
    identifier = Identifier(issuing_agency="GS1", value=body + str(gs1_standard_check_digit(body)))
    return NewItem(
        number=number,
        names={"en": "Monitor", "zh": "监护仪"},
        item_type="finished",
        criticality="A",
        tracking="serial",
        unit_code="ea",
        packages=(NewPackage(name="each", identifiers=(identifier,)),),
        status="released",
        catalogue_number=number,
        model="M1",
    )


@contextmanager
def _booking(company: Company, by: Person, signatures: tuple[str, ...]) -> Iterator[ServiceContext]:
    """A transaction on the book outside any process, to set a scenario up."""
    scenario = company.scenario
    documents = registry.documents()
    with scenario.database.transaction() as db:
        yield ServiceContext(
            db=db,
            tenant_id=TENANT,
            now=scenario.clock(),
            actor=scenario.actor(by),
            command_id=new_id(),
            process_instance_id=new_id(),
            activity_id="Test",
            record=company.events.append,
            configuration=documents.__getitem__,
            new_id=new_id,
            signatures=signatures,
        )
        db.commit()


@dataclass(frozen=True, slots=True)
class Recall:
    """One recall under way."""

    company: Company
    instance: UUID
    lots: tuple[Lot, ...] = ()

    @property
    def scenario(self) -> Scenario:
        return self.company.scenario

    @property
    def case(self) -> Mapping[str, Any]:
        return self.scenario.variables(self.instance)

    @property
    def status(self) -> str:
        return self.scenario.status(self.instance)

    @property
    def number(self) -> str:
        return str(self.case["action"]["number"])

    def action(self) -> FieldAction:
        with self.scenario.database.reading() as db:
            return actions.by_number(db, TENANT, self.number)

    def read(self, what: Any, *more: Any) -> Any:
        """Call a reading function of the book with this action."""
        with self.scenario.database.reading() as db:
            return what(db, TENANT, actions.by_number(db, TENANT, self.number), *more)

    def open_activities(self) -> list[str]:
        return sorted(
            item.activity_id for item in self.scenario.items(self.instance) if item.status == "open"
        )

    def items(self, activity_id: str) -> list[WorkItemView]:
        return [
            item
            for item in self.scenario.items(self.instance)
            if item.activity_id == activity_id and item.status == "open"
        ]

    def do(self, activity_id: str, by: Person, **data: Any) -> Any:
        return self.scenario.do(activity_id, by, self.instance, **data)

    def attempt(self, activity_id: str, by: Person, **data: Any) -> Outcome:
        return self.scenario.attempt(activity_id, by, self.instance, **data)

    def evaluate(self, **changed: Any) -> None:
        """Go from the team to the agreed evaluation."""
        self.do("Convene", MEI, members="all", meeting_at="2026-11-23T10:00:00+08:00")
        self.do(
            "Facts",
            HANA,
            defect="thread breaks",
            cause="heat treatment",
            how_found="complaints",
            complaints=3,
            injuries="one second operation",
        )
        self.do("Evaluate", LENA, **{**HHE, **changed})
        self.do("EvaluateQa", DORA, agreed=True)
        self.do("EvaluateRa", JIN, agreed=True)

    def decide(self, action_type: str = "recall", **classes: str) -> None:
        given = {"class_china": "II", "class_fda": "II", "class_eu": "fsca", **classes}
        self.do("Decide", OMAR, action_type=action_type, reason="as evaluated", **given)
        self.do("DecideQa", DORA, agreed=True)
        self.do("DecideRa", JIN, agreed=True)

    def plan(self, **changed: Any) -> None:
        """Plan for what RC-04 asks at least, and have RA sign where it says so."""
        scheme = self.case["scheme"]
        ruled = {name: int(scheme[name]) for name in ("target", "response_days")}
        self.do("Strategy", MEI, **{**STRATEGY, **ruled, **changed})
        if self.items("ReviewPlan"):
            self.do("ReviewPlan", JIN, agreed=True)

    def report_to_authorities(self, *, accepted: bool = True) -> None:
        """Send every report that waits for its receipt."""
        for item in self.items("Package"):
            package = self.scenario.context(item)["package"]
            more = _missing(self.scenario) if package["missing"] else {}
            self.scenario.do(
                "Package",
                JIN,
                self.instance,
                item=item,
                submitted_at=self.scenario.clock().isoformat(),
                reference=f"ACK-{package['number']}",
                accepted=accepted,
                **more,
            )

    def release_notices(self, **more: Any) -> None:
        self.do("ApproveNotices", DORA, approved=True)
        eu = self.scenario.context(self.items("ReleaseNotices")[0])["round"]["eu"]
        urgent = {"urgent": False} if eu else {}
        if eu and not more.get("urgent"):  # the authority's time for comments
            self.scenario.clock.advance(hours=48, minutes=1)
        self.do("ReleaseNotices", JIN, approved=True, **{**urgent, **more})

    def deliver(self, stated: Mapping[str, str] | None = None, only: str | None = None) -> None:
        """Hand every notice over; where something is stated, the answer is taken at once."""
        for item in self.items("HandOver"):
            letter = self.scenario.context(item)["letter"]
            if only in (None, letter["consignee"]):
                self.hand_over(item, letter, stated)

    def hand_over(
        self, item: WorkItemView, letter: Mapping[str, Any], stated: Mapping[str, str] | None
    ) -> None:
        at = self.scenario.clock().isoformat()
        ways = ("mail", "phone") if letter["severe"] else ("phone",)
        tried = [{"channel": way, "reached": True, "at": at, "proof": "receipt"} for way in ways]
        answer: dict[str, Any] = {"answered": stated is not None}
        if stated is not None:
            answer |= {
                "understood": True,
                "name": "Dr Li",
                "stated": [dict(stated) for _ in letter["lines"]],
            }
        self.scenario.do("HandOver", MEI, self.instance, item=item, deliveries=tried, **answer)

    def check_effect(self, *, good: bool = True, by: Person = DORA) -> None:
        for item in self.items("Check"):
            answers = dict.fromkeys(
                ("received", "understood", "acted", "none_found", "passed_on"), good
            )
            self.scenario.do(
                "Check",
                by,
                self.instance,
                item=item,
                spoken_to="Dr Li",
                method="phone",
                **answers,
            )

    def take_back(self, consignee: str, lot: Lot, quantity: str) -> None:
        row = {
            "consignee": consignee,
            "lot": lot.number,
            "kind": "returned",
            "unit": "ea",
            "quantity": quantity,
            "reference": "RMA-1",
            "location": "T-01",
        }
        self.returned([row])

    def returned(self, given: Sequence[Mapping[str, Any]]) -> None:
        """Enter what came back, and have quality verify it."""
        self.do("Returns", ANN, rows=[dict(row) for row in given])
        self.do("VerifyReturns", HANA, agreed=True)

    def finish(self, recovered: Sequence[Mapping[str, Any]] = (), **root: Any) -> None:
        """Go from the root cause to the closure package."""
        why = {"capa": False, "why_not": "supplier is replaced", **root}
        self.do("RootCause", DORA, root_cause="heat treatment skipped", **why)
        self.do("Dispose", DORA, method="crushing", authority_present=False)
        self.do("Perform", ANN, rows=[dict(row) for row in recovered])
        self.do("Witness", DORA, seen=True, witness_name="Wang Gong", witness_of="Waste Ltd.")
        self.report_to_authorities()
        self.do("ClosurePackage", MEI, conclusion="effective")

    def close(self) -> None:
        self.do("CloseMr", MO, agreed=True)
        self.do("CloseQa", DORA, agreed=True)
        self.do("CloseRa", JIN, agreed=True)

    def sent(self, name: str) -> list[Mapping[str, Any]]:
        return [
            event
            for event in self.scenario.events(self.instance)
            if event["event"] in ("message.thrown", "signal.thrown") and event["name"] == name
        ]

    def stock(self, lot: Lot) -> dict[tuple[str, str], int]:
        with self.scenario.database.reading() as db:
            found = balances.of_lot(db, TENANT, lot.lot_id)
            assert balances.differences(db, TENANT) == []
        return {(each.location_code, each.status): each.quantity for each in found}


def _missing(scenario: Scenario) -> Mapping[str, str]:
    later = (scenario.clock().date() + timedelta(days=14)).isoformat()
    return {"missing_explained": "the laboratory is still at it", "missing_by": later}


def open_action(
    company: Company, *affected: Lot | Mapping[str, str], mode: str = "real", **more: Any
) -> Recall:
    """Open a field issue on these lots, or rows of the form; what is in reach is frozen by the
    signature."""
    instance = company.scenario.start("recall", by=DORA)
    company.scenario.do(
        "Open",
        DORA,
        instance,
        mode=mode,
        title="Screws break",
        description="Threads break under load",
        aware_at=company.scenario.clock().isoformat(),
        aware_evidence="telephone call to sales",
        affected=[
            {"lot": each.number} if isinstance(each, Lot) else dict(each) for each in affected
        ],
        **more,
    )
    return Recall(company, instance, tuple(each for each in affected if isinstance(each, Lot)))
