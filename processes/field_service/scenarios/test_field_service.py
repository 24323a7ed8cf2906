"""A device is worked on where it is used: screened, measured, acknowledged, reviewed, traced."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.actors import engine_actor
from engine.commands.configuration import ChangeConfiguration
from engine.identifiers import new_id
from engine.outcomes import Accepted, Outcome, Rejected
from processes import registry
from processes.ledger.complaints import complaints
from processes.ledger.field_actions import recoveries
from processes.ledger.field_service import service_orders
from processes.ledger.genealogy import edges, mass_balance, trace
from processes.ledger.lots import Lot
from processes.recall.scenarios.field_action import Company, open_action
from tests.people import ANN, Person
from tests.processes.test_who_may_cancel import cancel
from tests.processes.whole_company import HANA, MEI, booking, staff
from tests.scenario import TENANT, Scenario

FRED = Person("fred", "Fred Luo", "罗福", ("FSE",))
MONITOR = "MON-1"
GAUGE = "MIC-0003"


@dataclass(slots=True)
class Customer:
    """A hospital with two monitors of ours, and a company with spare parts for them."""

    company: Scenario
    maker: Company
    monitors: Lot
    boards: Lot
    instance: UUID | None = None

    @property
    def case(self) -> Mapping[str, Any]:
        assert self.instance is not None
        return self.company.variables(self.instance)

    @property
    def case_instance(self) -> UUID:
        assert self.instance is not None
        return self.instance

    @property
    def number(self) -> str:
        return str(self.case["service"]["number"])

    def do(self, activity: str, by: Person, **data: Any) -> Any:
        return self.company.do(activity, by, self.instance, **data)

    def attempt(self, activity: str, by: Person, **data: Any) -> Outcome:
        return self.company.attempt(activity, by, self.instance, **data)

    def open(self) -> list[str]:
        assert self.instance is not None
        found = self.company.items(self.instance)
        return sorted(each.activity_id for each in found if each.status == "open")

    def asked(self, kind: str = "repair", **more: Any) -> dict[str, Any]:
        return {
            "kind": kind,
            "item_number": MONITOR,
            "serial_number": "SN1",
            "consignee": "C-1",
            "description": "display flickers",
            "is_complaint": False,
            "screening_reason": "wear, as in the manual",
            **more,
        }

    def ask(self, kind: str = "repair", **more: Any) -> None:
        self.instance = self.company.start("field_service", by=MEI)
        self.do("Request", MEI, **self.asked(kind, **more))

    def plan(self, *parts: tuple[str, str]) -> None:
        kept = [{"item_number": item, "quantity": quantity} for item, quantity in parts]
        day = self.company.clock().date().isoformat()
        more = {"parts": kept} if kept else {}
        self.do("Plan", MEI, on=day, engineer="fred", site="SZ01", **more)

    def visited(self, **more: Any) -> dict[str, Any]:
        now = self.company.clock()
        return {
            "serial_number": "SN1",
            "arrived_at": (now - timedelta(hours=2)).isoformat(),
            "left_at": now.isoformat(),
            "safe_before": True,
            "safe_after": True,
            "work": "replaced the board",
            "outcome": "done",
            **more,
        }

    def reading(self, value: str = "230.1", **more: Any) -> dict[str, Any]:
        limits = {"lower": "220", "upper": "240"}
        return {
            "characteristic": "mains voltage",
            "value": value,
            "unit": "V",
            "instrument": GAUGE,
            **limits,
            **more,
        }

    def acknowledge(self, **more: Any) -> None:
        given = {"customer_name": "Dr Li", "customer_role": "equipment office", "agrees": True}
        self.do("Acknowledge", FRED, **{**given, **more})

    def review(self, **more: Any) -> None:
        found = {"finding": "complete", "is_complaint": False, "more_often": False}
        self.do("Review", HANA, **{**found, "reason": "seen", **more})

    def run(self, kind: str, **visit: Any) -> None:
        """Go through an order of a kind, from the request to its end."""
        self.ask(kind)
        self.plan()
        self.do("Visit", FRED, **self.visited(**visit))
        self.acknowledge()
        self.review()

    def state(self, serial: str = "SN1") -> Any:
        with self.company.database.reading() as db:
            unit = service_orders.unit_of(db, TENANT, MONITOR, serial)
            return service_orders.state_of(db, TENANT, unit.serial_unit_id)

    def devices_of(self, part: Lot) -> set[str]:
        with self.company.database.reading() as db:
            return {each.lot_number for each in trace.forward(db, TENANT, [part.lot_id]).lots}


@pytest.fixture
def customer(scenario: Scenario) -> Customer:
    company = staff(scenario)
    company.add(FRED)
    maker = Company(company, team=())
    maker.set_up("CN")
    monitors = maker.serial_lot(MONITOR, ["SN1", "SN2"], "CN")
    maker.ship_units(monitors, "C-1", "SN1", "SN2")
    return Customer(company, maker, monitors, maker.lot("BOARD", 10))


def test_a_repair_from_request_to_its_closed_record(customer: Customer) -> None:
    company, boards = customer.company, customer.boards
    customer.ask()
    customer.plan((boards.item_number, "2"))
    [kept] = customer.case["service"]["parts"]
    part = {"lot_number": boards.number, "location": "A-01-01", "quantity": "1"}
    whole = {"parts_in": [part], "readings": [customer.reading()]}
    for wrong, said in (
        ({"serial_number": "SN2"}, "This is device SN2"),
        ({"readings": []}, "what was measured"),
        ({"readings": [customer.reading("250")]}, "within its limits"),
        ({"readings": [customer.reading(instrument="NONE-1")]}, "NONE-1"),
        ({"safe_after": False}, "not handed back"),
        ({"parts_in": [{**part, "quantity": "999"}]}, "999"),
        ({"left_at": (company.clock() + timedelta(hours=1)).isoformat()}, "in the future"),
    ):
        refused = customer.attempt("Visit", FRED, **customer.visited(**{**whole, **wrong}))
        assert isinstance(refused, Rejected), wrong
        assert said in refused.message["en"], refused.message
    customer.do("Visit", FRED, **customer.visited(**whole))
    assert kept["quantity"] == 2
    assert customer.monitors.number in customer.devices_of(boards)
    customer.acknowledge()
    assert customer.open() == ["Review"]
    customer.review()
    assert company.status(customer.case_instance) == "completed"
    assert customer.state().state == "installed"
    with company.database.reading() as db:
        assert mass_balance.of_lot(db, TENANT, boards.lot_id).unexplained == 0
        assert edges.link_differences(db, TENANT) == []
    assert company.verify().differences == []
    _swap(customer)


def _swap(customer: Customer) -> None:
    """The board that was put in comes out again: the trace no longer finds the monitor."""
    boards = customer.boards
    customer.ask(description="board broken")
    customer.plan()
    out = {"lot_number": boards.number, "quantity": "1", "defect": "burnt"}
    customer.do("Visit", FRED, **customer.visited(parts_out=[out], readings=[customer.reading()]))
    assert customer.monitors.number not in customer.devices_of(boards)
    customer.acknowledge(agrees=False, refused="wants a new device")
    assert customer.open() == ["Receive"]
    there = {"location": "T-01", "condition": "burnt", "decontaminated": True}
    customer.do("Receive", ANN, rows=[there])
    customer.review()
    assert customer.company.status(customer.case_instance) == "completed"
    assert customer.company.verify().differences == []


def test_each_kind_asks_for_its_own_record(customer: Customer) -> None:
    for kind, lacks, has in (
        ("installation", {"readings": [customer.reading()]}, {"software_after": "2.0"}),
        ("software", {}, {"software_after": "2.1"}),
        ("correction", {}, {"proof": "label C-7 on the back"}),
    ):
        customer.ask(kind)
        customer.plan()
        refused = customer.attempt("Visit", FRED, **customer.visited(**lacks))
        assert isinstance(refused, Rejected), kind
        customer.do("Visit", FRED, **customer.visited(**lacks, **has))
        customer.acknowledge()
        customer.review()
    assert (customer.state().state, customer.state().software) == ("installed", "2.1")
    customer.run("decommission")
    assert customer.state().state == "decommissioned"


def test_a_complaint_is_taken_before_anything_is_done(customer: Customer) -> None:
    company = customer.company
    customer.instance = company.start("field_service", by=MEI)
    said: dict[str, Any] = {"is_complaint": True, "screening_reason": "the alarm failed"}
    assert isinstance(customer.attempt("Request", MEI, **customer.asked(**said)), Rejected)
    unknown = customer.attempt("Request", MEI, **customer.asked(**said, complaint="CPL-1"))
    assert isinstance(unknown, Rejected)
    taken = _complaint(customer)
    customer.do("Request", MEI, **customer.asked(**said, complaint=taken))
    assert customer.case["service"]["complaint"] == taken
    customer.run("software", software_after="2.1")
    customer.ask()
    customer.plan()
    customer.do("Visit", FRED, **customer.visited(readings=[customer.reading()]))
    customer.acknowledge()
    found = {"finding": "complete", "is_complaint": True, "more_often": True, "reason": "alarm"}
    assert isinstance(customer.attempt("Review", HANA, **found), Rejected)
    customer.do("Review", HANA, **found, complaint=taken)
    with company.database.reading() as db:
        order = service_orders.by_number(db, TENANT, customer.number)
    assert (order.is_complaint, order.complaint_number) == (True, taken)


def _complaint(customer: Customer) -> str:
    with booking(customer.company, MEI) as context:
        return complaints.open_complaint(
            context,
            channel="phone",
            complainant={"name": "Dr Li"},
            description="alarm failed",
            aware_at=context.now,
        )


def test_another_visit_an_incomplete_record_and_what_is_not_possible(customer: Customer) -> None:
    customer.ask("maintenance")
    customer.plan()
    customer.do("Visit", FRED, **customer.visited(outcome="again", work="no access"))
    customer.acknowledge()
    assert customer.open() == ["Plan"]
    assert isinstance(cancel(customer.company, customer.case_instance, MEI), Rejected)
    customer.plan()
    unsafe = {"safe_before": False, "safety_finding": "cable bare", "safe_after": False}
    left = customer.visited(outcome="not_possible", work="put out of service", **unsafe)
    customer.do("Visit", FRED, **left)
    customer.acknowledge()
    customer.review(finding="incomplete", reason="photo of the cable")
    customer.do("Amend", FRED, what="photo is in the file of the customer")
    customer.review()
    assert customer.company.status(customer.case_instance) == "completed"
    assert customer.state() is None


def test_an_order_is_cancelled_before_the_visit_and_opened_again_when_closed(
    customer: Customer,
) -> None:
    customer.ask()
    customer.plan((customer.boards.item_number, "2"))
    assert isinstance(cancel(customer.company, customer.case_instance, MEI), Accepted)
    with customer.company.database.reading() as db:
        assert service_orders.by_number(db, TENANT, customer.number).status == "cancelled"
    ended = customer.number
    customer.instance = customer.company.start("field_service", by=MEI)
    refused = customer.attempt("Request", MEI, **customer.asked(reopens=ended))
    assert isinstance(refused, Rejected)
    customer.run("software", software_after="2.1")
    closed = customer.number
    customer.ask("software", reopens=closed)
    assert customer.case["service"]["cycle"] == 2


def test_a_recall_asks_for_each_device_and_counts_what_was_corrected(customer: Customer) -> None:
    company = customer.company
    recall = open_action(customer.maker, customer.monitors)
    recall.evaluate()
    recall.decide("correction")
    recall.plan(corrected_by_service=True)
    planned = [each for each in company.worklist(MEI) if each.activity_id == "Plan"]
    assert len(planned) == 2
    for each in planned:
        customer.instance = each.work_item_id.process_instance_id
        serial = str(customer.case["service"]["serial_number"])
        customer.plan()
        visit = customer.visited(serial_number=serial, proof=f"label on {serial}")
        customer.do("Visit", FRED, **visit)
        customer.acknowledge()
        customer.review()
    with company.database.reading() as db:
        found = recoveries.of_action(db, TENANT, recall.action())
    assert {(row.kind, row.serial_number) for row in found} == {
        ("corrected", "SN1"),
        ("corrected", "SN2"),
    }
    assert company.verify().differences == []


def test_maintenance_is_asked_for_when_it_is_due_and_once(customer: Customer) -> None:
    company = customer.company
    months = {**registry.documents()["field_service_rules"], "maintenance_months": {MONITOR: 6}}
    command = ChangeConfiguration(
        command_id=new_id(), key="field_service_rules", document=months, why="plan"
    )
    company.must(company.dispatcher.dispatch(command, engine_actor(TENANT, "installation")))
    installed = {"readings": [customer.reading()], "software_after": "2.0"}
    customer.run("installation", **installed)
    company.clock.advance(days=170)
    company.background.run_until_idle()
    assert not [each for each in company.worklist(MEI) if each.activity_id == "Plan"]
    company.clock.advance(days=20)
    company.background.run_until_idle()
    company.clock.advance(days=1)
    assert company.background.run_until_idle() < 50  # what was asked is not found due for ever
    [asked] = [each for each in company.worklist(MEI) if each.activity_id == "Plan"]
    service = company.variables(asked.work_item_id.process_instance_id)["service"]
    assert (service["kind"], service["serial_number"]) == ("maintenance", "SN1")
