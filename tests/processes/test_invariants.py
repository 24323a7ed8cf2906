"""Many people, anything, in any order, twice: after each command every invariant of the book holds.

A state machine draws commands of different people (buying, inspecting, releasing, making,
splitting, merging, holding, recalling, reporting what does not conform, reserving, shipping, taking
back, correcting, starting and stopping clocks) on a small factory, in which time goes on. Whatever
is refused leaves nothing; whatever is accepted leaves a book that is right. A second test sends
commands at the same time, each of them twice.
"""

import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from engine.actors import Actor
from engine.outcomes import Accepted, Rejection
from engine.services import ServiceContext
from engine.store.database import Database
from engine.verification import Report
from processes import registry
from processes.ledger import (
    balances,
    holds,
    inspection_lots,
    inspection_results,
    instruments,
    lots,
    movements,
    ownership,
    plans,
    receipts,
    status,
    status_changes,
    usage_decisions,
)
from processes.ledger.attribute_sampling import SamplingPlan
from processes.ledger.clocks import clocks
from processes.ledger.distribution import reservations, shipments
from processes.ledger.distribution.reservations import Wanted
from processes.ledger.distribution.tables import (
    SALES_RECORD,
    reservation,
    reservation_end,
    shipment_line,
)
from processes.ledger.field_actions import actions
from processes.ledger.field_actions import scope as action_scope
from processes.ledger.field_actions.actions import FieldAction, NewAction
from processes.ledger.genealogy import edges, flags, lot_changes, mass_balance, trace
from processes.ledger.genealogy.lot_changes import Part
from processes.ledger.genealogy.tables import genealogy_edge
from processes.ledger.inspection_lots import InspectionLot, Sampling
from processes.ledger.inspection_results import DocumentFinding, Reading
from processes.ledger.instruments import Calibration
from processes.ledger.lot_numbers import Expiry
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement
from processes.ledger.nonconformity import nonconformities
from processes.ledger.nonconformity import scope as nonconformity_scope
from processes.ledger.nonconformity.nonconformities import Nonconformity
from processes.ledger.nonconformity.nonconformities import Report as NonconformityReport
from processes.ledger.nonconformity.scope import Finding
from processes.ledger.plans import Plan
from processes.ledger.production import boms, labels, work_orders
from processes.ledger.production.boms import NewBom, NewBomLine
from processes.ledger.production.labels import LabelCount
from processes.ledger.production.tables import work_order
from processes.ledger.production.work_orders import Issue, NewWorkOrder
from processes.ledger.tables import (
    hold,
    inspection_plan,
    location_status,
    lot,
    stock_balance,
    stock_movement,
    stock_owner,
)
from processes.ledger.usage_decisions import Decision
from tests.people import ANN
from tests.processes.conftest import ANN as WAREHOUSE
from tests.processes.conftest import BEN, CLEO, DORA, NOW, TENANT, TODAY, small_book
from tests.processes.making import (
    DOCUMENT,
    add_consignee,
    add_device,
    add_market,
    add_places,
    release,
)
from tests.processes.test_inspection_rules import PLAN, delivery
from tests.processes.test_shipping_ways import Shop, goods, shop  # noqa: F401  # a fixture
from tests.scenario import Scenario

WALKS = int(os.environ.get("COUNTERSIGN_WALKS", "16"))
"""How many walks; `make fuzz` goes on for longer."""
NUMBERS = st.integers(0, 30)
AMOUNTS = st.integers(1, 12)
FLAGS = st.booleans()
WHOSE = st.sampled_from(["ours", "ours", "supplier", "customer"])
PLACES = (
    *(("Q-01", "QUARANTINE"), ("Q-01", "RELEASED"), ("Q-01", "REJECTED"), ("A-01", "RELEASED")),
    *(("D-01", "RELEASED"), ("R-01", "REJECTED"), ("T-01", "RETURN_QUARANTINE")),
    ("S-01", "SAMPLE"),
)
PLACE = st.sampled_from(PLACES)
BUYS = ("ISS", "SHP", "SAMPLE", "SCRAP", "DESTROY", "CNT-")
GAUGES = ("CAL-1", "CAL-2")
WRITTEN = (stock_movement, hold, genealogy_edge, shipment_line)


@dataclass(frozen=True, slots=True)
class Inspected:
    """An inspection under way, with its plan and its samples."""

    inspection: InspectionLot
    plan: Plan
    samplings: list[Sampling]


class Factory(RuleBasedStateMachine):
    """A factory of one device made of two screws, with a customer, and people who do anything."""

    database: ClassVar[Database]

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self._transaction = self.database.transaction()
        self.db = self._transaction.__enter__()
        self.book = small_book(self.db)
        add_places(self.book)
        self.screw = self.book.add_item("SCREW-1")
        self.device = add_device(self.book)
        add_market(self.book)
        add_consignee(self.book)
        line = NewBomLine(component="SCREW-1", quantity=Decimal(2))
        new = NewBom(
            item_number="DEVICE-1",
            item_revision="A",
            version=1,
            effective_from=TODAY - timedelta(days=9),
            change_reason="x",
            approved_by=("x",),
            lines=(line,),
        )
        boms.register(self.book.by(DORA), new)
        screws = release(self.book, self.book.lot("S0", item_id=self.screw), 20)
        devices = release(self.book, self.book.lot("S1", item_id=self.device), 9, "D-01")
        self.lots: list[Lot] = [screws, devices]
        self.orders: list[str] = []
        self.order(amount=5)
        self.issue(which=0, number=0, amount=6, back=False)  # so that something can come back
        self.lines: list[Any] = []
        self.jobs: list[str] = []
        self.moved: list[Any] = []
        self.records: list[Nonconformity] = []
        self.actions: list[FieldAction] = []
        self.clocks: list[Any] = []
        self.due: dict[Any, Any] = {}
        self.inspections: list[Inspected] = []
        self.plan(first=True)
        for number in GAUGES:
            names = {"en": number, "zh": number}
            instruments.register(
                self.by(CLEO), number, "caliper", names, unit_code="mm", resolution=Decimal("0.01")
            )
        self.calibrate(gauge=GAUGES[0], days=200, good=True)
        self.written: dict[str, dict[Any, Any]] = {table.name: {} for table in WRITTEN}

    def teardown(self) -> None:
        self.db.rollback()
        self._transaction.__exit__(None, None, None)

    def attempt(self, doing: Callable[[], Any]) -> Any:
        """Do something in a savepoint; refused, it leaves nothing."""
        point = self.db.begin_nested()
        try:
            made = doing()
        except (Rejection, IntegrityError):
            point.rollback()
            return None
        point.commit()
        return made

    def one(self, number: int) -> Lot:
        return self.lots[number % len(self.lots)]

    def by(self, actor: Actor, *signatures: str) -> ServiceContext:
        """Give the context of a person's command; a minute passes before each."""
        self.now += timedelta(minutes=1)
        return self.book.by(actor, *signatures, now=self.now)

    # --- what people do -------------------------------------------------------------------------

    @rule(hours=st.sampled_from([1, 9, 30]))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(amount=AMOUNTS, device=FLAGS, lasts=st.sampled_from([None, 40, 50]), whose=WHOSE)
    def buy(self, *, amount: int, device: bool, lasts: int | None, whose: str) -> None:
        """What is bought is ours at once, or stays the supplier's or a customer's."""
        item_id = self.device if device else self.screw
        day = TODAY + timedelta(days=lasts or 0)
        expiry = None if lasts is None else Expiry(on=day, precision="day", raw=day.isoformat())
        owner_id = None
        if whose == "supplier":
            owner_id = ownership.of_supplier(self.by(WAREHOUSE), "S-1")
        elif whose == "customer":
            owner_id = ownership.of_customer(self.by(WAREHOUSE), "C-1")
        named = f"S{len(self.lots)}"
        made = self.book.lot(named, item_id=item_id, expiry=expiry, owner_id=owner_id)
        self.book.receive(made, amount)
        self.lots.append(made)

    @rule(number=NUMBERS, amount=AMOUNTS, new=st.sampled_from(["RELEASED", "REJECTED"]))
    def decide(self, number: int, amount: int, new: str) -> None:
        place = self.book.place("Q-01", "QUARANTINE")
        context = self.by(DORA, "REL", "REJ")
        self.attempt(
            lambda: status_changes.change(
                context, self.one(number), place, new, amount, reason="x", document=DOCUMENT
            )
        )

    @rule(
        number=NUMBERS,
        amount=AMOUNTS,
        kind=st.sampled_from(["PUT", "XFR", "SAMPLE", "RETAIN", "SCRAP", "RTV", "CNT-", "OWN"]),
        source=PLACE,
        to=PLACE,
    )
    def move(
        self, number: int, amount: int, kind: str, source: tuple[str, str], to: tuple[str, str]
    ) -> None:
        leaves = {"SAMPLE": "SAMPLED", "SCRAP": "SCRAPPED", "RTV": "RETURNED", "CNT-": None}
        movement = Movement(
            movement_type=kind,
            lot_id=self.one(number).lot_id,
            quantity=amount,
            document=DOCUMENT,
            source=self.book.place(*source),
            target=None if kind in leaves else self.book.place(*(source if kind == "OWN" else to)),
            outcome=leaves.get(kind),
            reason="x",
        )
        made = self.attempt(lambda: movements.post(self.by(BEN), movement))
        if made is not None:
            self.moved.append((made, movement))

    @rule(number=NUMBERS)
    def repeat(self, number: int) -> None:
        """The same movement under the same id: a terminal that lost the answer."""
        if self.moved:
            made, movement = self.moved[number % len(self.moved)]
            again = self.attempt(lambda: movements.post(self.by(BEN), movement, movement_id=made))
            assert again is None

    @rule(number=NUMBERS)
    def correct(self, number: int) -> None:
        """Reverse any movement, those of work orders and shipments too."""
        every = self.db.execute(select(stock_movement.c.movement_id)).scalars().all()
        made = every[number % len(every)]
        context = self.by(WAREHOUSE)
        self.attempt(lambda: movements.reverse(context, made, reason="x", document=DOCUMENT))

    @rule(amount=AMOUNTS)
    def order(self, amount: int) -> None:
        new = NewWorkOrder(
            item_number="DEVICE-1",
            quantity=Decimal(amount),
            site="SZ01",
            planned_start=TODAY,
            planned_end=TODAY,
        )
        made = work_orders.release(self.by(WAREHOUSE), new)
        self.orders.append(made.number)
        self.lots.append(lots.find(self.db, TENANT, made.lot_id))

    @rule(which=NUMBERS, number=NUMBERS, amount=AMOUNTS, back=FLAGS)
    def issue(self, *, which: int, number: int, amount: int, back: bool) -> None:
        if not self.orders:
            return
        order = self.orders[which % len(self.orders)]
        given = Issue(lot_number=self.one(number).number, location="A-01", quantity=amount)
        doing = work_orders.return_unused if back else work_orders.issue
        self.attempt(lambda: doing(self.by(WAREHOUSE), order, given))

    @rule(which=NUMBERS, amount=AMOUNTS)
    def make(self, which: int, amount: int) -> None:
        if self.orders:
            order = self.orders[which % len(self.orders)]
            context = self.by(WAREHOUSE)
            self.attempt(
                lambda: work_orders.output(context, order, quantity=amount, location="Q-01")
            )

    @rule(which=NUMBERS, explained=FLAGS)
    def close(self, *, which: int, explained: bool) -> None:
        if self.orders:
            order = self.orders[which % len(self.orders)]
            why = "counted" if explained else None
            context = self.by(DORA, "REVW")
            self.attempt(lambda: work_orders.close(context, order, explanation=why))

    @rule(which=NUMBERS, applied=AMOUNTS)
    def label(self, which: int, applied: int) -> None:
        if not self.orders:
            return
        order = self.orders[which % len(self.orders)]
        context = self.by(WAREHOUSE)
        if applied % 2:
            job = self.attempt(
                lambda: labels.print_job(context, order, template="T", data={}, printed=applied)
            )
            self.jobs.extend([job] if job else [])
        elif self.jobs:
            count = LabelCount(applied=applied, destroyed=1, retained=0)
            printed = self.jobs[which % len(self.jobs)]
            self.attempt(lambda: labels.reconcile(context, printed, count))

    @rule(number=NUMBERS, amount=AMOUNTS, place=PLACE)
    def split(self, number: int, amount: int, place: tuple[str, str]) -> None:
        of = Part(lot_id=self.one(number).lot_id, place=self.book.place(*place), quantity=amount)
        context = self.by(WAREHOUSE)
        made = self.attempt(lambda: lot_changes.split(context, of, reason="x", document=DOCUMENT))
        if made is not None:
            self.lots.append(made)

    @rule(first=NUMBERS, second=NUMBERS, amount=AMOUNTS)
    def merge(self, first: int, second: int, amount: int) -> None:
        place = self.book.place("A-01", "RELEASED")
        parts = [
            Part(lot_id=self.one(number).lot_id, place=place, quantity=amount)
            for number in (first, second)
        ]
        context = self.by(WAREHOUSE)
        made = self.attempt(
            lambda: lot_changes.merge(context, parts, to=place, reason="x", document=DOCUMENT)
        )
        if made is not None:
            self.lots.append(made)

    @rule(number=NUMBERS, reaching=FLAGS)
    def freeze(self, *, number: int, reaching: bool) -> None:
        holds.place_many(
            self.by(DORA),
            [self.one(number).lot_id],
            reason="x",
            owner_role="QA",
            document=DOCUMENT,
            with_descendants=reaching,
        )

    @rule(number=NUMBERS)
    def free(self, number: int) -> None:
        context = self.by(DORA, "REL")
        holds.release_many(context, [self.one(number).lot_id], document=DOCUMENT, reason="x")

    @rule(amount=AMOUNTS)
    def reserve(self, amount: int) -> None:
        """INV-12: whatever is passed over is used up, held, or lasts longer."""
        wanted = Wanted(item_number="SCREW-1", site="SZ01", quantity=amount, usable_until=TODAY)
        document = Document("sales_order", "SO-1")
        context = self.by(WAREHOUSE)
        taken = self.attempt(lambda: reservations.reserve(context, wanted, document))
        if not taken:
            return
        expiry = {row.lot_id: row.expiry or date.max for row in self.db.execute(select(lot))}
        last = max(expiry[each.lot_id] for each in taken)
        promised = Counter[Any]()
        ended = set(self.db.execute(select(reservation_end.c.reservation_id)).scalars())
        for row in self.db.execute(select(reservation)):
            if row.reservation_id not in ended and row.reserved_until > context.now:
                promised[row.lot_id, row.location_id] += row.quantity
        for row in self.db.execute(
            select(stock_balance).where(stock_balance.c.status == "RELEASED")
        ):
            free = row.quantity - promised[row.lot_id, row.location_id]
            assert free >= 0 or row.location_id != self.book.places["A-01"]
            passed_over = free > 0 and TODAY <= expiry[row.lot_id] < last
            if passed_over and row.location_id == self.book.places["A-01"]:
                screws = lots.find(self.db, TENANT, row.lot_id).item_id == self.screw
                assert not screws or status.open_holds(self.db, TENANT, row.lot_id)

    @rule(number=NUMBERS, amount=AMOUNTS, place=st.sampled_from(["A-01", "D-01", "Q-01"]))
    def ship(self, number: int, amount: int, place: str) -> None:
        lot_ = self.one(number)
        held = status.open_holds(self.db, TENANT, lot_.lot_id)
        line = shipments.NewLine(lot_number=lot_.number, location=place, quantity=amount)
        new = shipments.NewShipment(
            consignee="C-1", order_number="SO-1", site="SZ01", lines=(line,)
        )
        made = self.attempt(lambda: shipments.post(self.by(WAREHOUSE), new))
        if made is not None:
            assert held == []
            assert lot_.item_number == "DEVICE-1"
            flags.require_free(self.db, TENANT, lot_.lot_id, lot_.number)
            self.lines.extend(made.line_ids)

    @rule(number=NUMBERS, amount=AMOUNTS)
    def take_back(self, number: int, amount: int) -> None:
        if self.lines:
            line = self.lines[number % len(self.lines)]
            context = self.by(WAREHOUSE)
            self.attempt(
                lambda: shipments.take_back(
                    context, line, amount, location="T-01", reason="x", document=DOCUMENT
                )
            )

    # --- what quality does ----------------------------------------------------------------------

    @rule()
    def plan(self, *, first: bool = False) -> None:
        """Write the next version of the inspection plan, in force from today on."""
        known = select(func.count()).select_from(inspection_plan)
        version = int(self.db.execute(known).scalar_one()) + 1
        day = TODAY if first else self.now.date()
        document = {**PLAN, "version": version, "effective_from": day.isoformat()}
        context = self.by(CLEO)
        self.attempt(lambda: plans.register(context, plans.read_plan(document, self.book.item_id)))

    @rule(gauge=st.sampled_from(GAUGES), days=st.integers(0, 400), good=FLAGS)
    def calibrate(self, *, gauge: str, days: int, good: bool) -> None:
        at = self.now - timedelta(days=days)
        outcome = Calibration(
            calibrated_at=at,
            due_on=at.date() + timedelta(days=365),
            in_tolerance=good,
            certificate="C-1",
        )
        context = self.by(CLEO)
        self.attempt(lambda: instruments.record_calibration(context, gauge, outcome))

    @rule(certificate=st.sampled_from(["conforming", "missing", "wrong"]))
    def deliver(self, certificate: str) -> None:
        """Receive valves and begin their inspection."""
        new = delivery(f"V{len(self.inspections)}")
        context = self.by(WAREHOUSE)
        line = self.attempt(lambda: receipts.post(context, new))
        if line is None:
            return
        self.lots.append(line.lot)
        opened = inspection_lots.open_for(self.by(BEN), line)
        chosen = inspection_lots.plan_of(self.db, TENANT, opened)
        samplings = [
            Sampling(
                characteristic_number=each.number,
                plan=SamplingPlan(
                    sample_size=each.sampling["sample_size"],
                    acceptance_number=0,
                    rejection_number=1,
                    basis={"en": "fixed", "zh": "固定数量"},
                ),
                sample_units=tuple(range(1, each.sampling["sample_size"] + 1)),
            )
            for each in chosen.characteristics
        ]
        inspection_lots.fix_sampling(
            self.by(BEN), opened, samplings, mode="NORMAL", severity="normal", seed="s"
        )
        found = [DocumentFinding(code="coc", finding=certificate)]
        inspection_results.record_documents(self.by(BEN), opened, found)
        self.inspections.append(Inspected(opened, chosen, samplings))

    @rule(number=NUMBERS, gauge=st.sampled_from(GAUGES), by=st.sampled_from([BEN, DORA]))
    def measure(self, number: int, gauge: str, by: Actor) -> None:
        if not self.inspections:
            return
        each = self.inspections[number % len(self.inspections)]
        readings = [Reading(sample_number=place, value=Decimal("10.00")) for place in (1, 2)]
        context = self.by(by)
        self.attempt(
            lambda: inspection_results.record_readings(
                context,
                each.inspection,
                each.plan.characteristics[0],
                each.samplings[0],
                readings,
                instrument_number=gauge,
            )
        )

    @rule(number=NUMBERS, amount=AMOUNTS, signed=FLAGS)
    def accept(self, *, number: int, amount: int, signed: bool) -> None:
        """Decide an inspection, whatever speaks against it."""
        if not self.inspections:
            return
        each = self.inspections[number % len(self.inspections)]
        inspection_id = each.inspection.inspection_lot_id
        now = inspection_lots.find(self.db, TENANT, inspection_id)
        decision = Decision(
            decision="ACCEPT", verdict="ACCEPT", accepted=amount, quantity=10, reason="x"
        )
        context = self.by(DORA, *(("REL", "REJ") if signed else ()))
        self.attempt(lambda: usage_decisions.release(context, now, decision))
        after = inspection_lots.find(self.db, TENANT, inspection_id)
        assert signed or after.status == now.status

    @rule(number=NUMBERS, suspect=FLAGS)
    def report(self, *, number: int, suspect: bool) -> None:
        """Report that something of a lot does not conform, and hold it."""
        lot_ = self.one(number)
        new = NonconformityReport(
            source_kind="person",
            source_number="",
            stage="in_process",
            description="burrs",
            lot_id=lot_.lot_id,
        )
        found = nonconformities.open_new(self.by(BEN), new)
        finding = "suspect" if suspect else "affected"
        decided = Finding(lot_id=lot_.lot_id, finding=finding, via="reported")
        nonconformity_scope.decide(self.by(BEN), found, decided)
        self.records.append(found)

    @rule(number=NUMBERS, which=NUMBERS)
    def widen(self, number: int, which: int) -> None:
        """Find that another lot, or the same one, is not concerned or may be."""
        if not self.records:
            return
        found = self.records[which % len(self.records)]
        finding = ("affected", "suspect", "clear")[number % 3]
        decided = Finding(
            lot_id=self.one(number).lot_id, finding=finding, via="forward", evidence="looked at"
        )
        context = self.by(DORA)
        self.attempt(lambda: nonconformity_scope.decide(context, found, decided))

    @rule(which=NUMBERS, outcome=st.sampled_from(["closed", "void", "cancelled"]), give=FLAGS)
    def settle(self, *, which: int, outcome: str, give: bool) -> None:
        """End a record, or only give back what it holds."""
        if not self.records:
            return
        found = self.records[which % len(self.records)]
        found = nonconformities.find(self.db, TENANT, found.nonconformity_id)
        if give:
            held = self.by(DORA, "REL")
            self.attempt(lambda: nonconformity_scope.release_holds(held, found, "x"))
            return
        context = self.by(DORA, "CLOS")
        self.attempt(
            lambda: nonconformities.end_cycle(
                context, found, outcome, "x", signature_meaning="CLOS"
            )
        )

    @rule(number=NUMBERS, mock=FLAGS)
    def recall(self, *, number: int, mock: bool) -> None:
        """Open a field action and freeze all that it reaches."""
        new = NewAction(
            mode="mock" if mock else "real",
            title="crack",
            description="crack",
            aware_at=self.now,
            aware_evidence="call",
        )
        action = actions.open_action(self.by(DORA), new)
        self.actions.append(action)
        self.reach(which=len(self.actions) - 1, number=number)

    @rule(which=NUMBERS, number=NUMBERS)
    def reach(self, *, which: int, number: int) -> None:
        """Freeze a field action's scope, or extend it."""
        if not self.actions:
            return
        action = self.actions[which % len(self.actions)]
        context = self.by(DORA)
        frozen = self.attempt(
            lambda: action_scope.freeze(
                context, action, [self.one(number).number], reason="x", initiated_at=self.now
            )
        )
        assert frozen is None or frozen.holds == (0 if action.is_mock else len(frozen.lots))

    @rule(which=NUMBERS, signed=FLAGS)
    def give_back(self, *, which: int, signed: bool) -> None:
        if self.actions:
            action = self.actions[which % len(self.actions)]
            context = self.by(DORA, *(("REL",) if signed else ()))
            self.attempt(lambda: action_scope.release_holds(context, action, reason="nothing"))

    # --- what the law counts --------------------------------------------------------------------

    @rule(code=st.sampled_from(["CN-N1", "CN-N2", "EU-FSCA"]), ago=st.integers(0, 90))
    def start_clock(self, code: str, ago: int) -> None:
        began = self.now - timedelta(hours=ago)
        context = self.by(DORA)
        made = self.attempt(
            lambda: clocks.start(context, code, "field_action", "FA-1", began, "mail")
        )
        if made is not None:
            self.clocks.append(made)

    @rule(
        number=NUMBERS,
        act=st.sampled_from(["check", "check", "stop", "correct", "dispute"]),
        evidence=st.sampled_from(["letter", ""]),
    )
    def clock(self, number: int, act: str, evidence: str) -> None:
        if not self.clocks:
            return
        clock_id = self.clocks[number % len(self.clocks)]
        context = self.by(DORA)
        doing: dict[str, Callable[[], Any]] = {
            "check": lambda: clocks.check(context, clock_id),
            "stop": lambda: clocks.stop(context, clock_id, context.now, evidence),
            "correct": lambda: clocks.correct_calendar(context, clock_id, evidence),
            "dispute": lambda: clocks.dispute_start(context, clock_id, context.now, evidence),
        }
        self.attempt(doing[act])

    # --- what is always so ----------------------------------------------------------------------

    @invariant()
    def inv_01_nothing_below_nothing_and_every_balance_a_sum(self) -> None:
        assert balances.differences(self.db, TENANT) == []
        assert all(row.quantity >= 0 for row in self.db.execute(select(stock_balance)))

    @invariant()
    def whose_it_is_changes_by_own_alone_and_a_customers_never(self) -> None:
        """What came in as another's is here as another's, was bought, or left as another's."""
        kinds = {row.owner_id: row.kind for row in self.db.execute(select(stock_owner))}
        owner = {row.lot_id: kinds.get(row.owner_id) for row in self.db.execute(select(lot))}
        here, booked = Counter[Any](), Counter[Any]()
        for row in self.db.execute(select(stock_balance)):
            here[row.lot_id] += row.consigned
            assert owner[row.lot_id] != "customer" or row.consigned == row.quantity
            assert owner[row.lot_id] is not None or row.consigned == 0
        for row in self.db.execute(select(stock_movement)):
            booked[row.lot_id] += row.to_consigned - row.from_consigned
            changes = row.from_consigned != row.to_consigned
            crosses = row.from_location_id is None or row.to_location_id is None
            assert not changes or crosses or row.movement_type == "OWN"
            bought = owner[row.lot_id] == "supplier" and row.movement_type in BUYS
            assert not bought or row.from_consigned == 0
            assert row.movement_type != "OWN" or owner[row.lot_id] == "supplier"
        assert +here == +booked

    @invariant()
    def inv_02_only_released_stock_left_and_every_status_fits_its_place(self) -> None:
        fits = {(row.location_id, row.status) for row in self.db.execute(select(location_status))}
        for row in self.db.execute(select(stock_balance)):
            assert (row.location_id, row.status) in fits
        for row in self.db.execute(select(stock_movement)):
            if row.movement_type in ("ISS", "PCK", "SHP"):
                assert row.from_status in ("RELEASED", "RELEASED_CONDITIONAL")

    @invariant()
    def inv_03_every_sales_record_is_whole(self) -> None:
        for row in self.db.execute(select(shipment_line)):
            assert all(getattr(row, name).strip() for name in SALES_RECORD)

    @invariant()
    def inv_04_only_what_is_in_the_bill_went_in(self) -> None:
        into = {row.lot_id for row in self.db.execute(select(work_order))}
        items = {row.lot_id: row.item_id for row in self.db.execute(select(lot))}
        for row in self.db.execute(select(genealogy_edge)):
            if row.kind == "consume":
                assert row.to_lot_id in into
                assert items[row.from_lot_id] == self.screw

    @invariant()
    def inv_05_numbers_are_used_once(self) -> None:
        numbers = [row.lot_number for row in self.db.execute(select(lot))]
        assert len(numbers) == len(set(numbers))

    @invariant()
    def inv_08_what_was_written_stays(self) -> None:
        for table in WRITTEN:
            key = next(c.name for c in table.primary_key if c.name != "tenant_id")
            rows = {getattr(row, key): tuple(row) for row in self.db.execute(select(table))}
            before = self.written[table.name]
            assert {k: rows.get(k) for k in before} == before
            self.written[table.name] = rows

    @invariant()
    def inv_09_every_issue_has_its_edge_and_every_output_what_it_is_made_of(self) -> None:
        assert edges.movements_without_edges(self.db, TENANT) == []
        assert edges.link_differences(self.db, TENANT) == []
        used = {row.to_lot_id for row in self.db.execute(select(genealogy_edge))}
        for row in self.db.execute(select(stock_movement)):
            assert row.movement_type != "PROD" or row.lot_id in used

    @invariant()
    def inv_10_nothing_is_open_in_a_closed_order(self) -> None:
        for row in self.db.execute(select(work_order)):
            if row.status == "closed":
                assert labels.open_of(self.db, TENANT, row.work_order_id) == []

    @invariant()
    def inv_14_every_lot_balances(self) -> None:
        for each in self.lots:
            assert mass_balance.of_lot(self.db, TENANT, each.lot_id).unexplained == 0, each.number

    @invariant()
    def inv_11_nothing_came_free_while_something_was_open(self) -> None:
        """Asked at each step of what lies free now; how it became so, verification asks."""
        for each in self.inspections:
            inspection_id = each.inspection.inspection_lot_id
            now = inspection_lots.find(self.db, TENANT, inspection_id)
            documents = inspection_results.documents_of(self.db, TENANT, inspection_id)
            performers = {
                found.actor
                for found in inspection_results.results_of(self.db, TENANT, inspection_id)
            }
            if now.decision == "ACCEPT":
                assert set(documents.values()) == {"conforming"}
                assert "dora" not in performers

    @invariant()
    def inv_16_no_clock_is_gone_and_no_date_moved(self) -> None:
        """The calendars do not change here: a correction has nothing to correct."""
        for clock_id in self.clocks:
            due = clocks.find(self.db, TENANT, clock_id).due_at
            assert self.due.setdefault(clock_id, due) == due

    @invariant()
    def inv_02_to_18_verify_finds_nothing(self) -> None:
        """INV-02, 03, 05 to 11, 13 to 18 as `countersign verify` asks them."""
        report = Report()
        for check in registry.checks():
            check(self.db, TENANT, report)
        assert report.whole, report.differences

    @invariant()
    def traces_agree_both_ways(self) -> None:
        first = self.lots[0]
        for each in trace.forward(self.db, TENANT, [first.lot_id]).lots:
            back = {r.lot_id for r in trace.backward(self.db, TENANT, [each.lot_id]).lots}
            assert first.lot_id in back


def test_every_invariant_holds_whatever_people_do(database: Database) -> None:
    machine = type("OnThis", (Factory,), {"database": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_commands_at_the_same_time_and_twice(shop: Shop) -> None:  # noqa: F811
    """Eight people ship two of nine at once, each sending twice: four of them can."""
    scenario: Scenario = shop.scenario
    order = shop.order("good")
    line = {**order["lines"][0], "quantity": Decimal(2)}
    actor = scenario.actor(ANN)
    asked = [goods({**order, "order_number": f"SO-{n}", "lines": (line,)}) for n in range(8)]
    with ThreadPoolExecutor(max_workers=8) as people:
        outcomes = list(
            people.map(lambda command: scenario.dispatcher.dispatch(command, actor), asked * 2)
        )
    accepted = {each.command_id for each in outcomes if isinstance(each, Accepted)}
    assert len(accepted) == 4
    assert all(isinstance(each, Accepted) == (each.command_id in accepted) for each in outcomes)
    assert len([e for e in shop.on_record() if e["event"] == "shipment.posted"]) == 4
    with scenario.database.reading() as db:
        assert balances.differences(db, TENANT) == []
        found = mass_balance.of_lot(db, TENANT, shop.good_lot_id)
    assert (found.shipped, found.on_hand, found.unexplained) == (8, 1, 0)
    assert scenario.verify().whole
