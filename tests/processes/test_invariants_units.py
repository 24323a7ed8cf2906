"""The same factory with units, boxes, rework and new packages among its random commands.

`test_invariants.py` draws what people do with lots. Here the draw has also units with serial
numbers, containers, rework here and at the supplier, repacking; a second test sends commands of
several people at the same time, each twice, in an order that is drawn; a third plants faults that
the invariants have to find.
"""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from biip.checksums import gs1_standard_check_digit
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, select, update

from engine.commands.base import Command
from engine.identifiers import new_id
from engine.outcomes import Accepted
from engine.store.database import Database
from processes.ledger import balances, locations, lots, movements, status_changes
from processes.ledger.distribution import containers, shipments
from processes.ledger.distribution.commands import PackContainer, PackedGoods, TakeBackGoods
from processes.ledger.distribution.containers import Content
from processes.ledger.distribution.shipments import NewShipment
from processes.ledger.distribution.tables import container, container_state, container_stock
from processes.ledger.genealogy import lot_changes, mass_balance, trace
from processes.ledger.genealogy.lot_changes import Part
from processes.ledger.genealogy.tables import genealogy_edge
from processes.ledger.locations import NewLocation
from processes.ledger.lots import Lot
from processes.ledger.movements import Movement
from processes.ledger.tables import lot, serial_position, serial_unit, stock_balance
from tests.people import ANN
from tests.processes.conftest import ANN as WAREHOUSE
from tests.processes.conftest import BEN, DORA, TENANT
from tests.processes.making import DOCUMENT
from tests.processes.test_invariants import AMOUNTS, FLAGS, NUMBERS, PLACES, WALKS, Factory
from tests.processes.test_shipping_ways import Shop, goods, shop  # noqa: F401  # a fixture
from tests.scenario import Scenario

WORKSHOPS = ("W-01", "V-01")
REWORKED = st.sampled_from(WORKSHOPS)
CODES = st.integers(0, 5)
BOXES_AT = ("Q-01", "A-01", "D-01")
SIDES = st.sampled_from((*PLACES, *((code, "REWORK") for code in WORKSHOPS)))


def sscc(number: int) -> str:
    """Give a shipping container code with its check digit."""
    digits = f"{34006900000000000 + number:017}"
    return f"{digits}{gs1_standard_check_digit(digits)}"


class UnitFactory(Factory):
    """The factory with pumps that have serial numbers, boxes, and a supplier who reworks."""

    def __init__(self) -> None:
        super().__init__()
        names = {"en": "V-01", "zh": "V-01"}
        new = NewLocation(code="V-01", names=names, site="SZ01", zone="supplier")
        self.book.places["V-01"] = locations.register(self.book.context, new)
        self.pump = self.book.add_item("PUMP-1", tracking="lot_and_serial")
        self.pumps: list[Lot] = []
        self.units: list[tuple[Lot, Any, str]] = []
        self.buy_units(first=0, amount=3)

    @rule(first=st.integers(0, 12), amount=st.integers(1, 3))
    def buy_units(self, first: int, amount: int) -> None:
        """Receive pumps; a number that was ever used is refused with all of the delivery."""
        numbers = [f"SN-{first + place}" for place in range(amount)]

        def receive() -> tuple[Lot, dict[str, Any]]:
            made = self.book.lot(f"P{len(self.pumps)}", item_id=self.pump)
            registered = lots.register_serials(self.by(WAREHOUSE), made, numbers)
            movement = Movement(
                movement_type="RCV",
                lot_id=made.lot_id,
                quantity=amount,
                document=DOCUMENT,
                target=self.book.place("Q-01", "QUARANTINE"),
            )
            movements.post_serials(self.by(WAREHOUSE), movement, list(registered.values()))
            return made, registered

        known = {number for _lot, _unit, number in self.units}
        received = self.attempt(receive)
        assert (received is None) == (not known.isdisjoint(numbers))
        if received is not None:
            made, registered = received
            self.pumps.append(made)
            self.lots.append(made)
            self.units.extend((made, unit, number) for number, unit in registered.items())

    @rule(
        number=NUMBERS,
        kind=st.sampled_from(["PUT", "XFR", "SAMPLE", "SCRAP", "RTV", "CNT-"]),
        source=SIDES,
        to=SIDES,
        whole=FLAGS,
    )
    def move_unit(
        self, *, number: int, kind: str, source: tuple[str, str], to: tuple[str, str], whole: bool
    ) -> None:
        """Move one unit, wherever it is said to lie; without its number it is refused."""
        owner, unit, _name = self.units[number % len(self.units)]
        leaves = {"SAMPLE": "SAMPLED", "SCRAP": "SCRAPPED", "RTV": "RETURNED", "CNT-": None}
        movement = Movement(
            movement_type=kind,
            lot_id=owner.lot_id,
            quantity=1,
            document=DOCUMENT,
            source=self.book.place(*source),
            target=None if kind in leaves else self.book.place(*to),
            outcome=leaves.get(kind),
            reason="x",
            serial_unit_id=None if whole else unit,
        )
        made = self.attempt(lambda: movements.post(self.by(BEN), movement))
        assert made is None or not whole
        if made is not None:
            self.moved.append((made, movement))

    @rule(number=NUMBERS, new=st.sampled_from(["RELEASED", "REJECTED"]))
    def decide_unit(self, number: int, new: str) -> None:
        owner, unit, _name = self.units[number % len(self.units)]
        context = self.by(DORA, "REL", "REJ")
        place = self.book.place("Q-01", "QUARANTINE")
        self.attempt(
            lambda: status_changes.change(
                context,
                owner,
                place,
                new,
                1,
                reason="x",
                document=DOCUMENT,
                serial_unit_ids=[unit],
            )
        )

    @rule(number=NUMBERS, amount=AMOUNTS, place=REWORKED, signed=FLAGS)
    def begin_rework(self, *, number: int, amount: int, place: str, signed: bool) -> None:
        """Hand rejected stock over to be reworked, here or at the supplier (DISP)."""
        of = self.one(number)
        context = self.by(DORA, *(("DISP", "APPR") if signed else ()))
        movement = Movement(
            movement_type="STAT",
            lot_id=of.lot_id,
            quantity=amount,
            document=DOCUMENT,
            source=self.book.place("Q-01", "REJECTED"),
            target=self.book.place(place, "REWORK"),
            reason="x",
            signature_meaning="DISP" if signed else None,
        )
        self.attempt(lambda: movements.post(context, movement))

    @rule(number=NUMBERS, amount=AMOUNTS, place=REWORKED, kept=FLAGS)
    def end_rework(self, *, number: int, amount: int, place: str, kept: bool) -> None:
        """Take reworked stock back as a lot of its own; or the supplier keeps it (RTV)."""
        of = self.one(number)
        source = self.book.place(place, "REWORK")
        context = self.by(WAREHOUSE)
        if kept:
            movement = Movement(
                movement_type="RTV",
                lot_id=of.lot_id,
                quantity=amount,
                document=DOCUMENT,
                source=source,
                outcome="RETURNED",
                reason="x",
            )
            self.attempt(lambda: movements.post(context, movement))
            return
        part = Part(lot_id=of.lot_id, place=source, quantity=amount)
        to = self.book.place("Q-01", "QUARANTINE")
        made = self.attempt(
            lambda: lot_changes.rework(context, part, to=to, reason="x", document=DOCUMENT)
        )
        self.lots.extend([made] if made else [])

    @rule(number=NUMBERS, amount=AMOUNTS, place=st.sampled_from(PLACES))
    def repack(self, number: int, amount: int, place: tuple[str, str]) -> None:
        part = Part(lot_id=self.one(number).lot_id, place=self.book.place(*place), quantity=amount)
        context = self.by(WAREHOUSE)
        made = self.attempt(
            lambda: lot_changes.split(context, part, reason="x", document=DOCUMENT, kind="repack")
        )
        self.lots.extend([made] if made else [])

    def content(self, number: int, amount: int, *, unit: bool) -> list[Content]:
        """Some of a lot, or a unit, to be packed or taken out."""
        if not unit:
            return [Content(lot_number=self.one(number).number, quantity=amount)]
        owner, unit_id, name = self.units[number % len(self.units)]
        one = Content(
            lot_number=owner.number, quantity=1, serial_unit_id=unit_id, serial_number=name
        )
        return [one]

    @rule(
        code=CODES,
        number=NUMBERS,
        amount=AMOUNTS,
        inside=CODES,
        place=st.sampled_from(BOXES_AT),
        unit=FLAGS,
        pallet=FLAGS,
    )
    def pack(
        self,
        *,
        code: int,
        number: int,
        amount: int,
        inside: int,
        place: str,
        unit: bool,
        pallet: bool,
    ) -> None:
        """Pack under a code that may be used already, in a container that may not be there."""
        used = {row.sscc for row in self.db.execute(select(container))}
        within = sscc(inside) if inside != code and sscc(inside) in used else None
        made = self.attempt(
            lambda: containers.pack(
                self.by(BEN),
                sscc(code),
                [] if pallet else self.content(number, amount, unit=unit),
                location=place,
                kind="pallet" if pallet else "case",
                inside=within,
            )
        )
        assert made is None or sscc(code) not in used

    @rule(code=CODES, number=NUMBERS, amount=AMOUNTS, unit=FLAGS, out=FLAGS, whole=FLAGS)
    def repack_box(
        self, *, code: int, number: int, amount: int, unit: bool, out: bool, whole: bool
    ) -> None:
        """Put more into a box, or take some or all of it out."""
        content = self.content(number, amount, unit=unit)
        by = self.by(BEN)
        if out:
            self.attempt(lambda: containers.unpack(by, sscc(code), None if whole else content))
        else:
            self.attempt(lambda: containers.put_in(by, sscc(code), content))

    @rule(
        code=CODES,
        inside=CODES,
        place=st.sampled_from(BOXES_AT),
        nest=FLAGS,
        kind=st.sampled_from(["XFR", "PUT", "PCK"]),
    )
    def move_box(self, *, code: int, inside: int, place: str, nest: bool, kind: str) -> None:
        """Put a box onto another or take it off, or move it with all that is in it."""
        by = self.by(BEN)
        if nest:
            onto = sscc(inside) if inside != code else None
            self.attempt(lambda: containers.nest(by, sscc(code), onto))
            return
        self.attempt(lambda: containers.move(by, sscc(code), place, movement_type=kind))

    @rule(code=CODES)
    def ship_box(self, code: int) -> None:
        """Ship a box; what is in it leaves, and nothing else."""
        before = Counter[str]()
        found = self.db.execute(select(container).where(container.c.sscc == sscc(code))).first()
        for row in self.db.execute(select(container_stock)):
            if found is not None and row.container_id == found.container_id:
                before[str(row.lot_id)] += row.quantity
        new = NewShipment(
            consignee="C-1", order_number="SO-B", site="SZ01", lines=(), containers=(sscc(code),)
        )
        made = self.attempt(lambda: shipments.post(self.by(BEN), new))
        if made is None or found is None:
            return
        left = Counter[str]()
        for line in shipments.lines_of(self.db, TENANT, made.number):
            if line.container_id == found.container_id:
                left[str(line.lot_id)] += line.quantity
        assert left == before

    # --- what is always so ----------------------------------------------------------------------

    @invariant()
    def inv_05_a_unit_lies_in_one_place_and_is_counted_there(self) -> None:
        numbers = [(row.item_id, row.serial_number) for row in self.db.execute(select(serial_unit))]
        assert len(numbers) == len(set(numbers))
        owners = {row.serial_unit_id: row.lot_id for row in self.db.execute(select(serial_unit))}
        lying = Counter[Any]()
        for row in self.db.execute(select(serial_position)):
            lying[owners[row.serial_unit_id], row.location_id, row.status] += 1
        pumps = {each.lot_id for each in self.pumps}
        counted = {
            (row.lot_id, row.location_id, row.status): row.quantity
            for row in self.db.execute(select(stock_balance))
            if row.lot_id in pumps and row.quantity
        }
        assert {key: count for key, count in lying.items() if count} == counted

    @invariant()
    def inv_05_a_code_names_one_container(self) -> None:
        codes = [row.sscc for row in self.db.execute(select(container))]
        assert len(codes) == len(set(codes))

    @invariant()
    def what_is_packed_lies_where_its_box_stands(self) -> None:
        places = {
            row.container_id: row.location_id for row in self.db.execute(select(container_state))
        }
        packed = Counter[Any]()
        for row in self.db.execute(select(container_stock)):
            assert places[row.container_id] is not None
            packed[row.lot_id, places[row.container_id], row.status] += row.quantity
        assert packed == {
            (row.lot_id, row.location_id, row.status): row.packed
            for row in self.db.execute(select(stock_balance))
            if row.packed
        }
        for row in self.db.execute(select(serial_position)):
            if row.container_id is not None:
                assert places[row.container_id] == row.location_id

    @invariant()
    def inv_14_what_a_supplier_reworks_is_on_hand(self) -> None:
        away = Counter[Any]()
        for row in self.db.execute(select(stock_balance)):
            if row.location_id == self.book.places["V-01"]:
                away[row.lot_id] += row.quantity
        for each in self.lots:
            found = mass_balance.of_lot(self.db, TENANT, each.lot_id)
            assert found.at_supplier == away[each.lot_id]
            assert found.unexplained == 0

    @invariant()
    def what_was_derived_is_reached(self) -> None:
        """Rework and repacking leave an edge: the old lot's recall reaches the new one."""
        for row in self.db.execute(select(genealogy_edge)):
            if row.kind in ("rework", "repack"):
                reached = trace.forward(self.db, TENANT, [row.from_lot_id]).lots
                assert row.to_lot_id in {each.lot_id for each in reached}


def test_every_invariant_holds_with_units_boxes_and_rework(database: Database) -> None:
    machine = type("OnThis", (UnitFactory,), {"database": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(2, WALKS // 4),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


class OnDatabase(UnitFactory):
    """The factory in which faults are planted."""

    database: ClassVar[Database]


def _more_stock(factory: UnitFactory) -> None:
    factory.db.execute(update(stock_balance).values(quantity=stock_balance.c.quantity + 1))


def _unit_elsewhere(factory: UnitFactory) -> None:
    place = factory.book.places["A-01"]
    factory.db.execute(update(serial_position).values(location_id=place, status="RELEASED"))


def _unit_nowhere(factory: UnitFactory) -> None:
    factory.db.execute(delete(serial_position))


def _out_of_the_box(factory: UnitFactory) -> None:
    factory.db.execute(delete(container_stock))


def _another_place(factory: UnitFactory) -> None:
    """Stock that was sent to the supplier stands on our own shelf."""
    there = factory.book.places["V-01"]
    factory.db.execute(
        update(stock_balance)
        .where(stock_balance.c.location_id == there)
        .values(location_id=factory.book.places["W-01"])
    )


FAULTS: dict[str, tuple[Callable[[UnitFactory], None], str]] = {
    "more stock than was moved": (
        _more_stock,
        "inv_01_nothing_below_nothing_and_every_balance_a_sum",
    ),
    "a unit elsewhere": (_unit_elsewhere, "inv_05_a_unit_lies_in_one_place_and_is_counted_there"),
    "a unit nowhere": (_unit_nowhere, "inv_02_to_18_verify_finds_nothing"),
    "out of the box": (_out_of_the_box, "what_is_packed_lies_where_its_box_stands"),
    "away, and not away": (_another_place, "inv_01_nothing_below_nothing_and_every_balance_a_sum"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(database: Database, fault: str) -> None:
    machine: Any = type("OnThis", (OnDatabase,), {"database": database})
    factory: UnitFactory = machine()
    try:
        factory.decide(number=len(factory.lots) - 1, amount=1, new="REJECTED")
        factory.buy(amount=5, device=False, lasts=None, whose="ours")
        bought = len(factory.lots) - 1
        factory.decide(number=bought, amount=5, new="REJECTED")
        factory.begin_rework(number=bought, amount=4, place="V-01", signed=True)
        factory.pack(code=0, number=0, amount=2, inside=0, place="A-01", unit=False, pallet=False)
        plant, finds = FAULTS[fault]
        looks: Callable[[], None] = getattr(factory, finds)
        looks()
        plant(factory)
        with pytest.raises(AssertionError):
            looks()
    finally:
        factory.teardown()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_mixed_commands_at_the_same_time_and_twice(shop: Shop, seed: int) -> None:  # noqa: F811
    """Four people ship, pack and take back at once, in a drawn order, each sending twice."""
    scenario: Scenario = shop.scenario
    actor = scenario.actor(ANN)
    draw = random.Random(seed)  # noqa: S311  # a draw, no secret
    first = shop.order("good", "SO-0")
    shipped = scenario.must(scenario.ask(goods(first), ANN))
    asked: list[Command] = []
    for number in range(6):
        line = {**first["lines"][0], "quantity": Decimal(draw.choice([1, 2, 3]))}
        asked.append(goods({**first, "order_number": f"SO-{number + 1}", "lines": (line,)}))
        content = (PackedGoods(lot_number=shop.lots["good"]),)
        asked.append(
            PackContainer(
                command_id=new_id(), sscc=sscc(number % 3), location="D-01", content=content
            )
        )
    for _ in range(2):
        back = TakeBackGoods(
            command_id=new_id(),
            shipment_number=str(shipped["shipment_number"]),
            line=1,
            quantity=Decimal(1),
            location="T-01",
            why="wrong size",
        )
        asked.append(back)
    sent = asked * 2
    draw.shuffle(sent)
    with ThreadPoolExecutor(max_workers=4) as people:
        outcomes = list(people.map(lambda each: scenario.dispatcher.dispatch(each, actor), sent))
    accepted = {each.command_id for each in outcomes if isinstance(each, Accepted)}
    assert all(isinstance(each, Accepted) == (each.command_id in accepted) for each in outcomes)
    packed = [each for each in asked if isinstance(each, PackContainer)]
    boxes = {each.sscc for each in packed if each.command_id in accepted}
    assert len([each for each in packed if each.command_id in accepted]) == len(boxes)
    returns = [each for each in asked if isinstance(each, TakeBackGoods)]
    assert len([each for each in returns if each.command_id in accepted]) == 1  # one was shipped
    with scenario.database.reading() as db:
        assert balances.differences(db, TENANT) == []
        found = mass_balance.of_lot(db, TENANT, shop.good_lot_id)
        assert {row.sscc for row in db.execute(select(container))} == boxes
        assert len(set(db.execute(select(lot.c.lot_number)).scalars())) == 4
    assert (found.shipped + found.on_hand, found.unexplained) == (9, 0)
    assert scenario.verify().whole
