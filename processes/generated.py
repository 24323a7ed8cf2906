"""A generated company: seeded, as large as wanted, with defects whose consequences are known.

The generator keeps its own account of what went into what while it draws lots and orders. That
account is the expected answer: which lots and consignees a recall of each defect reaches, and the
mass balance of the lots in it. It is worked out without the ledger, so that the ledger can be
compared with it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from random import Random
from typing import Any

from biip.checksums import gs1_standard_check_digit

from engine.actors import engine_actor
from engine.commands.base import Command
from engine.dispatcher import Dispatcher
from engine.outcomes import Accepted
from processes import demo
from processes.ledger.commands import (
    RecordCalibration,
    RegisterInspectionPlan,
    RegisterInstrument,
    RegisterItem,
    RegisterLocation,
    RegisterSupplier,
    RegisterUnits,
)
from processes.ledger.distribution.commands import RegisterConsignee, RegisterInMarket
from processes.ledger.distribution.consignees import Licence, NewConsignee
from processes.ledger.distribution.registrations import NewRegistration
from processes.ledger.item_registration import Identifier, NewItem, NewPackage
from processes.ledger.locations import NewLocation
from processes.ledger.production.commands import BookGenerated
from processes.ledger.units import Unit

SITE = "GEN"
LEVELS = 5
BAD_IN = 7
"""In how many finished lots the bad supplier lot is."""
SHORT = 3
"""How many orders are shipped short."""
MEASURED = (
    (300, "G-GAUGE"),  # before it was found good for the last time
    (100, "G-GAUGE"),
    (60, "G-GAUGE"),
    (30, "G-GAUGE"),
    (100, "G-GAUGE-2"),
)
"""Lots that were measured: how many days ago, and with which gauge."""
GOOD, BAD = (400, 200), 20
"""How many days ago the gauge was found good, and out of tolerance."""
_REGIONS = ("华东", "华南", "华北", "西南")
_ACTS_AT_ONCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much of everything; `serial_orders` of the orders make units with serial numbers."""

    suppliers: int
    items: int
    lots_per_item: int
    work_orders: int
    units: int
    shipments: int
    consignees: int


SIZES: Mapping[str, Size] = {
    "small": Size(
        suppliers=3, items=8, lots_per_item=3, work_orders=30, units=40, shipments=40, consignees=12
    ),
    "medium": Size(
        suppliers=3,
        items=20,
        lots_per_item=12,
        work_orders=100,
        units=2000,
        shipments=300,
        consignees=60,
    ),
    "large": Size(
        suppliers=3,
        items=40,
        lots_per_item=60,
        work_orders=300,
        units=20_000,
        shipments=2000,
        consignees=250,
    ),
}


class GeneratorRefused(RuntimeError):
    """The generated data and the rules of the product do not fit together."""


@dataclass
class Account:
    """What the generator knows of every lot: its own book, kept without the ledger's."""

    went_into: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    came_in: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    shipped: dict[str, dict[str, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )
    returned: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    units: dict[str, dict[str, list[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def add(self, lot: str, quantity: int) -> None:
        self.came_in[lot] = self.left[lot] = quantity

    def use(self, lot: str, into: str, quantity: int) -> None:
        self.went_into[lot].add(into)
        self.used[lot] += quantity
        self.left[lot] -= quantity

    def ship(self, lot: str, consignee: str, quantity: int) -> None:
        self.shipped[lot][consignee] += quantity
        self.left[lot] -= quantity

    def reached(self, lot: str) -> list[str]:
        """Every lot that a lot went into, itself included."""
        found, waiting = {lot}, [lot]
        while waiting:
            for far in self.went_into.get(waiting.pop(), ()):
                if far not in found:
                    found.add(far)
                    waiting.append(far)
        return sorted(found)

    def scope(self, lot: str) -> dict[str, Any]:
        """What a recall of a lot reaches, and what became of each lot in it."""
        return {"lot": lot, **self.scope_of([lot])}

    def scope_of(self, roots: Sequence[str]) -> dict[str, Any]:
        """What a recall of several lots reaches, whom, with which units, and each lot's balance."""
        lots = sorted({far for root in roots for far in self.reached(root)})
        consignees: dict[str, int] = defaultdict(int)
        for each in lots:
            for consignee, quantity in self.shipped.get(each, {}).items():
                consignees[consignee] += quantity
        units: dict[str, list[str]] = defaultdict(list)
        for each in lots:
            for consignee, serials in self.units.get(each, {}).items():
                units[consignee] += serials
        return {
            "lots": lots,
            "consignees": dict(sorted(consignees.items())),
            "units": {who: sorted(serials) for who, serials in sorted(units.items())},
            "balances": {
                each: {
                    "came_in": self.came_in[each],
                    "used": self.used.get(each, 0),
                    "shipped": sum(self.shipped.get(each, {}).values()) - self.returned[each],
                    "on_hand": self.left[each],
                }
                for each in lots
                if each in self.came_in
            },
        }


class Generator:
    """Draws a company's data from a seed and books them through commands."""

    def __init__(self, dispatcher: Dispatcher, tenant_id: str, size: Size, seed: int) -> None:
        self._dispatcher = dispatcher
        self._actor = engine_actor(tenant_id, "generator")
        self._size = size
        self._random = Random(seed)  # noqa: S311  # data to try the product on, no secret
        self._account = Account()
        self._today = demo.today_there(dispatcher)
        self._purchased: dict[str, list[str]] = {}
        self._made: dict[int, list[str]] = {0: []}
        self._finished: list[str] = []
        self._pumps: dict[str, list[str]] = {}
        self._bad = ""
        self._pump_part = ""

    def run(self) -> dict[str, Any]:
        """Book everything; give the expected answers."""
        self._master_data()
        self._buy()
        for level in range(1, LEVELS):
            self._make_level(level)
        self._make_finished()
        load = self._sterilise()
        self._make_pumps()
        short = self._ship()
        defects = self._defects()
        parent = self._split_off()
        doubted = self._measure()
        return {
            "bad_supplier_lot": {**self._account.scope(self._bad), "finished_lots": BAD_IN},
            "steriliser_load": self._account.scope(load),
            "split_lot": self._account.scope(parent),
            "part_of_units": self._account.scope(self._pump_part),
            "short_shipments": short,
            **defects,
            "gauge_out_of_tolerance": doubted,
        }

    # --- what is drawn --------------------------------------------------------------------------

    def _master_data(self) -> None:
        every = {"en": "each", "zh": "件"}
        self._ask(RegisterUnits(**self._new(), units=(Unit(code="gea", names=every, decimals=0),)))
        for code, zone in {"G-Q": "quarantine", "G-A": "shipping", "G-R": "return"}.items():
            new = NewLocation(code=code, names={"en": code, "zh": code}, site=SITE, zone=zone)
            self._ask(RegisterLocation(**self._new(), location=new))
        for number in range(1, self._size.suppliers + 1):
            self._ask(
                RegisterSupplier(
                    **self._new(),
                    number=f"G-S{number}",
                    names={"en": f"Supplier {number}", "zh": f"供应商{number}"},
                    country="CN",
                    status="approved",
                )
            )
        for number in range(1, self._size.items + 1):
            self._item(f"G-C{number:02}", "component", "ABC"[number % 3])
        for level in range(1, LEVELS):
            self._item(f"G-L{level}", "semi_finished", "B")
        self._item("G-LOAD", "tool", "N")
        for device in ("G-DEVICE", "G-PUMP"):
            serial = "lot_and_serial" if device == "G-PUMP" else "lot"
            self._item(device, "finished", "A", tracking=serial)
            self._sell(device)
        self._bills()
        for number in range(1, self._size.consignees + 1):
            self._consignee(number)
        self._gauge()

    def _sell(self, device: str) -> None:
        registration = NewRegistration(
            item_number=device,
            market="CN",
            number=f"国械注准-{device}",
            holder="Generated Devices",
            valid_from=date(2000, 1, 1),
            expected_life="10 years",
        )
        self._ask(RegisterInMarket(**self._new(), registration=registration))

    def _item(
        self, number: str, item_type: str, criticality: str, *, tracking: str = "lot"
    ) -> None:
        identifiers: tuple[Identifier, ...] = ()
        if item_type == "finished":
            digits = f"0{sum(number.encode()):012}"
            value = f"{digits}{gs1_standard_check_digit(digits)}"
            identifiers = (Identifier(issuing_agency="GS1", value=value),)
        item = NewItem(
            number=number,
            names={"en": f"Generated {number}", "zh": f"生成物料 {number}"},
            item_type=item_type,
            criticality=criticality,
            tracking=tracking,
            unit_code="gea",
            status="released",
            model="G1",
            catalogue_number=number,
            packages=(NewPackage(name="each", identifiers=identifiers),),
        )
        self._ask(RegisterItem(**self._new(), item=item))

    def _bills(self) -> None:
        """Five levels: each semi-finished item of the one below and one purchased component."""
        acts = []
        for level in range(1, LEVELS):
            below = f"G-L{level - 1}" if level > 1 else "G-C02"
            acts.append({"act": "bill", "item": f"G-L{level}", "lines": [(below, 1), ("G-C03", 2)]})
        lines = [(f"G-L{LEVELS - 1}", 1), ("G-C01", 2)]
        acts.append({"act": "bill", "item": "G-DEVICE", "lines": lines})
        acts.append({"act": "bill", "item": "G-PUMP", "lines": [("G-C04", 1)]})
        self._book(acts)

    def _consignee(self, number: int) -> None:
        licence = Licence(
            kind="medical_institution", number=f"G-{number}", valid_from=date(2000, 1, 1)
        )
        new = NewConsignee(
            number=f"G-K{number:03}",
            name=f"生成医院 {number}",
            kind="hospital",
            country="CN",
            market="CN",
            region=_REGIONS[number % len(_REGIONS)],
            address=f"生成路 {number} 号",
            contact=f"设备科 {number}",
            recall_contact=f"设备科 {number}",
            recall_phone=f"{number:08}",
            licences=(licence,),
        )
        self._ask(RegisterConsignee(**self._new(), consignee=new))

    def _gauge(self) -> None:
        """Two gauges; one was good twice, and out of tolerance when it was looked at again."""
        calibrated = {
            "G-GAUGE": [*((days, True) for days in GOOD), (BAD, False)],
            "G-GAUGE-2": [(GOOD[-1], True)],
        }
        for number, results in calibrated.items():
            self._ask(
                RegisterInstrument(
                    **self._new(),
                    number=number,
                    instrument_type="caliper",
                    names={"en": "Caliper", "zh": "卡尺"},
                    unit_code="gea",
                    resolution="0.01",
                )
            )
            for days, good in results:
                self._calibrated(number, days, good=good)

    def _calibrated(self, number: str, days: int, *, good: bool) -> None:
        self._ask(
            RecordCalibration(
                **self._new(),
                instrument_number=number,
                calibrated_at=self._dispatcher.clock() - timedelta(days=days),
                due_on=self._today + timedelta(days=365 - days),
                in_tolerance=good,
                certificate=f"{number}/{days}",
            )
        )

    def _buy(self) -> None:
        """Buy lots of every component; the first of the first item is the bad one."""
        wanted = self._size.work_orders * 200 + self._size.units
        drawn = []
        for number in range(1, self._size.items + 1):
            for lot in range(self._size.lots_per_item):
                quantity = wanted + self._random.randint(0, 50)
                supplier = f"G-S{self._random.randint(1, self._size.suppliers)}"
                drawn.append((f"G-C{number:02}", supplier, f"G{number:02}-{lot:03}", quantity))
        acts = [
            {"act": "receive", "item": item, "supplier": s, "supplier_lot": lot, "quantity": n}
            for item, s, lot, n in drawn
        ]
        for (item, _, _, quantity), made in zip(drawn, self._book(acts), strict=True):
            self._purchased.setdefault(item, []).append(made)
            self._account.add(made, quantity)
        self._bad = self._purchased["G-C01"][0]

    def _make_level(self, level: int) -> None:
        """Make semi-finished lots, each of a lot of the level below and a purchased one."""
        count = max(2, (self._size.work_orders - BAD_IN) // (2 * LEVELS))
        below = self._made[level - 1] if level > 1 else self._purchased["G-C02"]
        purchased = self._purchased["G-C03"]
        made: list[str] = []
        for _ in range(count):
            quantity = 400 // level
            first, second = self._pick(below, quantity), self._pick(purchased, 2 * quantity)
            used = [(first, quantity), (second, 2 * quantity)]
            made.append(self._make(f"G-L{level}", quantity, used))
        self._made[level] = made

    def _make_finished(self) -> None:
        """Make devices: the bad lot in seven of them, and in no other."""
        below, good = self._made[LEVELS - 1], self._purchased["G-C01"][1:]
        count = max(BAD_IN + 3, self._size.work_orders // 2)
        for number in range(count):
            left = [lot for lot in below if self._account.left[lot] >= 10]
            if not left:
                break
            part = self._bad if number < BAD_IN else self._pick(good, 20)
            used = [(self._random.choice(left), 10), (part, 20)]
            expiry = (self._today + timedelta(days=self._random.randint(400, 900))).isoformat()
            self._finished.append(self._make("G-DEVICE", 10, used, expiry=expiry))

    def _make_pumps(self) -> None:
        """Make units with serial numbers, at most two hundred of a lot."""
        left, number = self._size.units, 0
        while left:
            quantity = min(left, 200)
            serials = [f"SN{number + n:06}" for n in range(quantity)]
            part = self._pick(self._purchased["G-C04"], quantity)
            self._pump_part = self._pump_part or part
            lot = self._make("G-PUMP", quantity, [(part, quantity)], serials=serials)
            self._pumps[lot] = serials
            number, left = number + quantity, left - quantity

    def _pick(self, lots: Sequence[str], quantity: int) -> str:
        """Draw one of the lots that have so much left."""
        return self._random.choice([lot for lot in lots if self._account.left[lot] >= quantity])

    def _make(self, item: str, quantity: int, used: Sequence[tuple[str, int]], **more: Any) -> str:
        act = {"act": "make", "item": item, "quantity": quantity, "used": used, **more}
        (made,) = self._book([act])
        self._account.add(made, quantity)
        for lot, amount in used:
            self._account.use(lot, made, amount)
        return str(made)

    def _sterilise(self) -> str:
        """One load of the steriliser with every third device lot in it."""
        inside = self._finished[::3]
        (load,) = self._book(
            [{"act": "load", "item": "G-LOAD", "number": "G-LOAD-1", "used_for": inside}]
        )
        self._account.went_into[load].update(inside)
        return str(load)

    def _ship(self) -> list[dict[str, Any]]:
        """Ship devices and units; three orders get less than they asked for."""
        short: list[dict[str, Any]] = []
        acts: list[dict[str, Any]] = []
        for number in range(self._size.shipments):
            consignee = f"G-K{self._random.randint(1, self._size.consignees):03}"
            order = f"G-SO{number:05}"
            units = [lot for lot, serials in self._pumps.items() if serials]
            if number % 4 == 0 and units:
                lot = self._random.choice(units)
                serials = [self._pumps[lot].pop() for _ in range(min(2, len(self._pumps[lot])))]
                quantity = len(serials)
            else:
                left = [lot for lot in self._finished if self._account.left[lot] > 0]
                if not left:
                    break
                lot, serials = self._random.choice(left), []
                ordered = self._random.randint(1, 3)
                quantity = min(ordered, self._account.left[lot])
                if len(short) < SHORT or quantity < ordered:
                    ordered = max(ordered, quantity + 1)
                    short.append({"order": order, "ordered": ordered, "shipped": quantity})
            self._account.ship(lot, consignee, quantity)
            if serials:
                self._account.units[lot][consignee] += serials
            act = {"act": "ship", "consignee": consignee, "order": order, "lot": lot}
            acts.append({**act, "quantity": quantity, "serials": serials})
        made = self._book(acts)
        self._take_one_back(acts, made)
        return short

    def _take_one_back(self, acts: Sequence[Mapping[str, Any]], made: Sequence[str]) -> None:
        """One shipment of a device comes back; it lies with us again, in return quarantine."""
        which = next(n for n, act in enumerate(acts) if not act["serials"])
        self._book([{"act": "take_back", "shipment": made[which], "quantity": 1}])
        lot = acts[which]["lot"]
        self._account.returned[lot] += 1
        self._account.left[lot] += 1

    def _defects(self) -> dict[str, Any]:
        """Try what must be refused, and book what is odd and allowed."""
        soon = (self._today - timedelta(days=1)).isoformat()
        (expired,) = self._book(
            [
                {
                    "act": "receive",
                    "item": "G-C04",
                    "supplier": "G-S1",
                    "supplier_lot": "EXPIRED",
                    "quantity": 5,
                    "expiry": soon,
                }
            ]
        )
        self._account.add(expired, 5)
        pump, serials = next(iter(self._pumps.items()))
        taken = serials[0] if serials else "SN000000"
        gone = next(lot for lot in self._finished if self._account.left[lot] >= 0)
        digits = "10000000000000001"
        sscc = f"{digits}{gs1_standard_check_digit(digits)}"
        made = [*self._finished, *(lot for some in self._made.values() for lot in some)]
        came_back = self._account.returned  # lies on another shelf
        mixed = [lot for lot in made if self._account.left[lot] > came_back[lot]][:2]
        refused = self._book(
            [
                {"act": "serial", "lot": pump, "serial": taken, "refused": True},
                {"act": "issue", "item": "G-PUMP", "lot": expired, "quantity": 1, "refused": True},
                {
                    "act": "ship",
                    "consignee": "G-K001",
                    "order": "G-LATE",
                    "lot": gone,
                    "quantity": 1000,
                    "refused": True,
                },
                {"act": "pack", "sscc": sscc, "content": [(lot, 1) for lot in mixed]},
            ]
        )
        return {
            "duplicate_serial": {"lot": pump, "serial": taken, "refused_as": refused[0]},
            "expired_lot": {"lot": expired, "refused_as": refused[1]},
            "offline_conflict": {"lot": gone, "refused_as": refused[2]},
            "mixed_box": {"sscc": sscc, "lots": sorted(mixed)},
        }

    def _split_off(self) -> str:
        """Split a purchased lot that is in use, so that both halves have to be found."""
        parent = self._purchased["G-C01"][0]
        (child,) = self._book([{"act": "split", "lot": parent, "quantity": 5}])
        self._account.add(child, 5)
        self._account.use(parent, child, 5)
        return parent

    def _measure(self) -> dict[str, Any]:
        """Measure rings, build each lot into cases and ship some: those of the window are in doubt.

        The window is from the last calibration that was good to the one that was not.
        """
        self._item("G-RING", "component", "B")
        self._item("G-CASE", "finished", "B")
        self._sell("G-CASE")
        self._ask(
            RegisterInspectionPlan(**self._new(), item_number="G-RING", plan=_plan_of_rings())
        )
        self._book([{"act": "bill", "item": "G-CASE", "lines": [("G-RING", 1)]}])
        doubted: list[str] = []
        ships: list[dict[str, Any]] = []
        for number, (days, gauge) in enumerate(MEASURED):
            ring = {"item": "G-RING", "supplier": "G-S1", "supplier_lot": f"RING-{number}"}
            used = {"quantity": 10, "instrument": gauge, "days_ago": days}
            (lot,) = self._book([{"act": "inspect", **ring, **used}])
            self._account.add(lot, 10)
            if gauge == "G-GAUGE" and BAD <= days <= GOOD[-1]:
                doubted.append(lot)
            case = self._make("G-CASE", 10, [(lot, 10)])
            consignee = f"G-K{self._random.randint(1, self._size.consignees):03}"
            quantity = self._random.randint(1, 3)
            self._account.ship(case, consignee, quantity)
            order = {"consignee": consignee, "order": f"G-CASE{number}"}
            ships.append({"act": "ship", **order, "lot": case, "quantity": quantity})
        self._book(ships)
        return {
            "instrument": "G-GAUGE",
            "from": (self._today - timedelta(days=GOOD[-1])).isoformat(),
            "to": (self._today - timedelta(days=BAD)).isoformat(),
            "in_doubt": sorted(doubted),
            **self._account.scope_of(doubted),
        }

    # --- booking --------------------------------------------------------------------------------

    def _book(self, acts: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Book acts, some at once; give what each of them made."""
        made: list[Any] = []
        for some in _handfuls(acts):
            made.extend(self._ask(BookGenerated(**self._new(), acts=tuple(some)))["made"])
        return made

    def _ask(self, command: Command) -> Mapping[str, Any]:
        outcome = self._dispatcher.dispatch(command, self._actor)
        if not isinstance(outcome, Accepted):
            message = f"{type(command).__name__}: {outcome.message['en']}"
            raise GeneratorRefused(message)
        return outcome.result

    def _new(self) -> dict[str, Any]:
        return {"command_id": self._dispatcher.resources.new_id()}


def generate(dispatcher: Dispatcher, tenant_id: str, size: str, seed: int) -> dict[str, Any]:
    """Fill an installation with generated data; give the expected answers."""
    answers = Generator(dispatcher, tenant_id, SIZES[size], seed).run()
    return {"size": size, "seed": seed, **answers}


def _plan_of_rings() -> dict[str, Any]:
    """Give the inspection plan of the rings: their diameter, of three of each lot."""
    diameter = {
        "names": {"en": "Diameter", "zh": "直径"},
        "class": "major",
        "kind": "measured",
        "method": "G-WI-1",
        "instrument_type": "caliper",
        "unit": "gea",
        "nominal": "5",
        "lower_limit": "4",
        "upper_limit": "6",
        "sampling": {"rule": "fixed", "sample_size": 3, "acceptance_number": 0},
    }
    return {
        "number": "G-IP-RING",
        "version": 1,
        "effective_from": "2000-01-01",
        "approved_by": ["QE", "QA"],
        "documents_required": [{"code": "coc", "names": {"en": "CoC", "zh": "合格证明"}}],
        "characteristics": [diameter],
    }


def _handfuls(acts: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    left = iter(acts)
    while some := list(islice(left, _ACTS_AT_ONCE)):
        yield some
