"""Counts: compare what was found with the book at the counted moment, keep both, book the rest.

What is missing leaves as CNT-, what is found more arrives as CNT+ in quarantine where it was set
aside, a unit that the book has elsewhere is moved to where it was found. Nothing is overwritten.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import bindparam, insert, select

from engine.services import ServiceContext
from processes.ledger import balances, items, locations, lots, movements, quantities, status
from processes.ledger.balances import Place
from processes.ledger.counting import frontier
from processes.ledger.counting.frontier import Frontier
from processes.ledger.counting.orders import RULES
from processes.ledger.counting.tables import count_end, count_observation
from processes.ledger.distribution import containers
from processes.ledger.locations import Location
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement
from processes.ledger.quantities import amount_of
from processes.ledger.refusals import LedgerRefusal, NotInLedger
from processes.ledger.tables import serial_position, serial_unit, stock_movement

KIND = "stock_count"
Finding = Literal[
    "short", "over", "missing_unit", "misplaced_unit", "found_unit", "unit_gone", "unknown"
]
"""`unit_gone` is a unit that the book says has left; `unknown` a lot, unit or container that is
not in the book or stands elsewhere: both are for quality, and nothing is booked of them."""
BOOKED = ("short", "over", "missing_unit", "misplaced_unit", "found_unit")
ASIDE = ("over", "found_unit")
_OF_QUALITY = ("missing_unit", "misplaced_unit", "found_unit", "unit_gone", "unknown")
_INSERT = insert(count_observation)
_END = insert(count_end)
_SERIAL = (
    select(serial_unit.c.serial_unit_id, serial_unit.c.lot_id, serial_unit.c.serial_number)
    .where(serial_unit.c.tenant_id == bindparam("tenant_id"))
    .where(serial_unit.c.serial_number == bindparam("serial_number"))
)
_NUMBER = (
    select(serial_unit.c.serial_number)
    .where(serial_unit.c.tenant_id == bindparam("tenant_id"))
    .where(serial_unit.c.serial_unit_id == bindparam("serial_unit_id"))
)
_POSITION = (
    select(serial_position.c.location_id, serial_position.c.status)
    .where(serial_position.c.tenant_id == bindparam("tenant_id"))
    .where(serial_position.c.serial_unit_id == bindparam("serial_unit_id"))
)
_LAST_MOVED = (
    select(stock_movement.c.movement_type)
    .where(stock_movement.c.tenant_id == bindparam("tenant_id"))
    .where(stock_movement.c.lot_id == bindparam("lot_id"))
    .where(stock_movement.c.serial_unit_id == bindparam("serial_unit_id"))
    .order_by(stock_movement.c.recorded_at.desc(), stock_movement.c.movement_id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found in a bin: loose lots, units by serial number (with their lot, where it was
    scanned too), and containers that are still closed."""

    location: str
    counted_at: datetime
    loose: Sequence[tuple[str, Decimal]] = ()
    units: Sequence[tuple[str, str | None]] = ()
    containers: Sequence[str] = ()
    item_numbers: Sequence[str] = ()
    """Only these items were asked for; none: everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where a count and the book differ; quantities are stored integers of the lot."""

    kind: Finding
    location: str
    named: str  # the lot's number, or what was scanned
    lot: Lot | None = None
    serial: str | None = None
    counted: int = 0
    book: int = 0
    elsewhere: str | None = None

    @property
    def percent(self) -> Decimal | None:
        """The difference in percent of the book; None where the book had nothing."""
        if self.book <= 0:
            return None
        return abs(Decimal(self.counted - self.book)) * 100 / self.book


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A bin compared with the book."""

    place: Location
    counted_at: datetime
    differences: tuple[Difference, ...]


class CountedInFuture(LedgerRefusal):
    """Nobody has counted later than now."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"The time at which {code} was counted lies in the future. Correct it.",
            f"货位 {code} 的盘点时间晚于当前时间，请更正。",
            found=code,
        )


class NowhereAside(LedgerRefusal):
    """What was found more than the book has goes to quarantine."""

    def __init__(self) -> None:
        super().__init__(
            "Say to which quarantine place what was found was brought.",
            "请填写盘盈货物移至的待检货位。",
        )


def compare(context: ServiceContext, number: str, round_: int, found: Found) -> Compared:
    """Compare a bin with the book at the counted moment, and keep both for each lot."""
    place = locations.by_code(context.db, context.tenant_id, found.location)
    if found.counted_at > context.now:
        raise CountedInFuture(place.code)
    then = frontier.at(context, place.location_id, found.counted_at)
    counting = _Counting(context, place, found, then)
    counting.take_in()
    for lot_id in counting.lots_meant():
        row = {
            "tenant_id": context.tenant_id,
            "observation_id": context.new_id(),
            "count_number": number,
            "round": round_,
            "location_id": place.location_id,
            "lot_id": lot_id,
            "counted": counting.counted.get(lot_id, 0),
            "book": then.of(lot_id),
            "counted_at": found.counted_at,
            "compared_at": context.now,
            "actor": context.actor.username,
            "process_instance_id": context.process_instance_id,
            "command_id": context.command_id,
        }
        context.db.execute(_INSERT, row)
    differences = tuple(counting.differences())
    event = {"event": "stock.counted", "count": number, "round": round_, "location": place.code}
    said = [shown(each) for each in differences]
    context.record({**event, "counted_at": found.counted_at.isoformat(), "differences": said})
    return Compared(place=place, counted_at=found.counted_at, differences=differences)


class _Counting:
    """One bin while it is compared."""

    def __init__(
        self, context: ServiceContext, place: Location, found: Found, then: Frontier
    ) -> None:
        self.context, self.place, self.found, self.then = context, place, found, then
        self.counted: dict[UUID, int] = {}
        self.units: dict[UUID, UUID] = {}
        self.strange: list[Difference] = []
        self._lots: dict[UUID, Lot] = {}

    def take_in(self) -> None:
        """Add up what was scanned."""
        for number, amount in self.found.loose:
            lot = self._named(number)
            if lot is not None:
                stored = quantities.scaled(amount, lot.unit) if amount else 0
                self.counted[lot.lot_id] = self.counted.get(lot.lot_id, 0) + stored
        for serial, of_lot in self.found.units:
            self._unit(serial, of_lot)
        for sscc in dict.fromkeys(self.found.containers):
            self._container(sscc)

    def lots_meant(self) -> list[UUID]:
        """List the lots that the book or the count has here, of the items that were asked for."""
        both = {**dict.fromkeys(self.then.stock), **dict.fromkeys(self.counted)}
        return [
            lot_id
            for lot_id in both
            if (self.then.of(lot_id) or lot_id in self.counted) and self._is_meant(lot_id)
        ]

    def differences(self) -> Iterable[Difference]:
        """Say where both differ; of lots with serial numbers unit by unit."""
        yield from self.strange
        for lot_id in self.lots_meant():
            lot = self._lot(lot_id)
            if lot.has_serials:
                yield from self._of_units(lot)
                continue
            counted, book = self.counted.get(lot_id, 0), self.then.of(lot_id)
            if counted != book:
                kind: Finding = "short" if counted < book else "over"
                yield self._difference(kind, lot, counted=counted, book=book)

    def _of_units(self, lot: Lot) -> Iterable[Difference]:
        one = 10**lot.unit.decimals
        book = {unit for unit, of in self.then.units.items() if of == lot.lot_id}
        found = {unit for unit, of in self.units.items() if of == lot.lot_id}
        for unit in sorted(book - found, key=str):
            serial = self._serial(unit)
            yield self._difference("missing_unit", lot, serial=serial, book=one)
        for unit in sorted(found - book, key=str):
            serial = self._serial(unit)
            kind, elsewhere = self._where(lot, unit)
            yield replace(
                self._difference(kind, lot, serial=serial, counted=one), elsewhere=elsewhere
            )

    def _where(self, lot: Lot, unit: UUID) -> tuple[Finding, str | None]:
        """Say what the book has of a unit that it does not have here."""
        key = {"tenant_id": self.context.tenant_id, "serial_unit_id": unit}
        there = self.context.db.execute(_POSITION, key).one_or_none()
        if there is not None:
            found = locations.find(self.context.db, self.context.tenant_id, there.location_id)
            return "misplaced_unit", found.code
        last = self.context.db.execute(_LAST_MOVED, {**key, "lot_id": lot.lot_id}).scalar()
        return ("found_unit", None) if last == "CNT-" else ("unit_gone", None)

    def _unit(self, serial: str, number: str | None) -> None:
        key = {"tenant_id": self.context.tenant_id, "serial_number": serial}
        rows = self.context.db.execute(_SERIAL, key).all()
        if number is not None:
            lot = self._named(number)
            rows = [row for row in rows if lot is not None and row.lot_id == lot.lot_id]
        if len(rows) > 1:  # items may share a number: the one that the book has here is meant
            rows = [row for row in rows if row.serial_unit_id in self.then.units]
        if len(rows) != 1:
            self._strange(serial)
            return
        self._add_unit(rows[0].serial_unit_id, rows[0].lot_id)

    def _add_unit(self, unit: UUID, lot_id: UUID) -> None:
        if unit not in self.units:
            self.units[unit] = lot_id
            one = 10 ** self._lot(lot_id).unit.decimals
            self.counted[lot_id] = self.counted.get(lot_id, 0) + one

    def _container(self, sscc: str) -> None:
        """Count a closed container as what the book has in it, where it stands here."""
        try:
            box, parts = containers.whole_content(self.context, sscc)
        except LedgerRefusal:
            self._strange(sscc)
            return
        if box.location_id != self.place.location_id:
            self._strange(sscc)
            return
        for _box, part in parts:
            lot = lots.by_number(self.context.db, self.context.tenant_id, part.lot_number)
            if part.serial_unit_id is not None:
                self._add_unit(part.serial_unit_id, lot.lot_id)
            else:
                self.counted[lot.lot_id] = self.counted.get(lot.lot_id, 0) + part.quantity

    def _named(self, number: str) -> Lot | None:
        try:
            return lots.by_number(self.context.db, self.context.tenant_id, number)
        except NotInLedger:
            self._strange(number)
            return None

    def _strange(self, scanned: str) -> None:
        place = self.place.code
        self.strange.append(Difference(kind="unknown", location=place, named=scanned))

    def _difference(
        self, kind: Finding, lot: Lot, *, serial: str | None = None, counted: int = 0, book: int = 0
    ) -> Difference:
        return Difference(
            kind=kind,
            location=self.place.code,
            named=lot.number,
            lot=lot,
            serial=serial,
            counted=counted,
            book=book,
        )

    def _serial(self, unit: UUID) -> str:
        key = {"tenant_id": self.context.tenant_id, "serial_unit_id": unit}
        return str(self.context.db.execute(_NUMBER, key).scalar_one())

    def _is_meant(self, lot_id: UUID) -> bool:
        asked = self.found.item_numbers
        return not asked or lot_id in self.counted or self._lot(lot_id).item_number in asked

    def _lot(self, lot_id: UUID) -> Lot:
        if lot_id not in self._lots:
            self._lots[lot_id] = lots.find(self.context.db, self.context.tenant_id, lot_id)
        return self._lots[lot_id]


def counts_again(context: ServiceContext, difference: Difference) -> bool:
    """Tell whether another person counts: above the tolerance of the item's class."""
    if difference.lot is None or difference.kind in _OF_QUALITY:
        return True
    found = items.find(context.db, context.tenant_id, difference.lot.item_id)
    tolerance = Decimal(context.configuration(RULES)["tolerance_percent"][found.criticality])
    return difference.percent is None or difference.percent > tolerance


def agreed_by(context: ServiceContext, differences: Iterable[Difference]) -> tuple[bool, bool]:
    """Say whether finance, and whether quality decides beside the warehouse lead."""
    limits = context.configuration(RULES)["approval_percent"]
    lead, both = Decimal(limits["lead"]), Decimal(limits["finance"])
    finance = quality = False
    for each in differences:
        percent = each.percent
        finance = finance or percent is None or percent > lead
        quality = quality or each.kind in _OF_QUALITY or percent is None or percent > both
    return finance, quality


def shown(each: Difference) -> dict[str, Any]:
    """Write a difference into the case document and the record."""
    unit = None if each.lot is None else each.lot.unit
    return {
        "kind": each.kind,
        "location": each.location,
        "lot_number": each.named,
        "item": None if each.lot is None else each.lot.item_number,
        "serial": each.serial,
        "counted": None if unit is None else f"{amount_of(each.counted, unit):f}",
        "book": None if unit is None else f"{amount_of(each.book, unit):f}",
        "difference": None if unit is None else f"{amount_of(each.counted - each.book, unit):+f}",
        "unit": None if unit is None else unit.code,
        "elsewhere": each.elsewhere,
    }


def adjust(
    context: ServiceContext,
    number: str,
    differences: Iterable[Mapping[str, Any]],
    *,
    reason: str,
    aside: str | None,
) -> list[UUID]:
    """Book differences (as `shown` wrote them) by movements; give those that were made."""
    made: list[UUID] = []
    for each in differences:
        if each["kind"] in BOOKED:
            made.extend(_book(context, number, each, reason, aside))
    return made


def _book(
    context: ServiceContext, number: str, line: Mapping[str, Any], reason: str, aside: str | None
) -> list[UUID]:
    db, tenant_id, kind = context.db, context.tenant_id, line["kind"]
    lot = lots.by_number(db, tenant_id, str(line["lot_number"]))
    place = locations.by_code(db, tenant_id, str(line["location"]))
    quantity = quantities.scaled(abs(Decimal(str(line["difference"]))), lot.unit)
    unit = None if line["serial"] is None else lots.unit_of(db, tenant_id, lot, line["serial"])
    movement = Movement(
        movement_type="CNT-",
        lot_id=lot.lot_id,
        quantity=quantity,
        document=Document(KIND, number),
        reason=reason,
        serial_unit_id=unit,
        signature_meaning=next(iter(context.signatures), None),
    )
    if kind in ASIDE:
        if aside is None:
            raise NowhereAside
        there = locations.by_code(db, tenant_id, aside)
        target = Place(there.location_id, "QUARANTINE")
        return [movements.post(context, replace(movement, movement_type="CNT+", target=target))]
    if unit is not None:
        key = {"tenant_id": tenant_id, "serial_unit_id": unit}
        at = db.execute(_POSITION, key).one_or_none()
        source = Place(place.location_id, "RELEASED") if at is None else Place(*at)
        if kind == "missing_unit":
            return [movements.post(context, replace(movement, source=source))]
        target = Place(place.location_id, source.status)
        moved = replace(movement, movement_type="XFR", source=source, target=target)
        return [movements.post(context, moved)]
    return [
        movements.post(context, replace(movement, source=source, quantity=part))
        for source, part in _taken(context, lot, place, quantity)
    ]


def _taken(
    context: ServiceContext, lot: Lot, place: Location, quantity: int
) -> Iterable[tuple[Place, int]]:
    """Say from which statuses what is missing goes: what may be used first, so that nothing stays
    usable that may not be there."""
    there = sorted(
        (
            each
            for each in balances.of_lot(context.db, context.tenant_id, lot.lot_id)
            if each.location_id == place.location_id
        ),
        key=lambda each: status.RESTRICTIVENESS.index(each.status),
    )
    left = quantity
    for index, each in enumerate(there):
        part = left if index == len(there) - 1 else min(left, each.loose)
        if part:
            yield Place(place.location_id, each.status), part
        left -= part
    if not there:
        yield Place(place.location_id, "RELEASED"), quantity


def end(context: ServiceContext, number: str, outcome: str, reason: str) -> None:
    """Write down how a count ended."""
    row = {
        "tenant_id": context.tenant_id,
        "count_number": number,
        "outcome": outcome,
        "reason": reason,
        "actor": context.actor.username,
        "ended_at": context.now,
    }
    context.db.execute(_END, row)
    context.record(
        {"event": "stock_count.ended", "count": number, "outcome": outcome, "reason": reason}
    )
