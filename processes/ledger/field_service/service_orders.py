"""Service orders: asked for and screened, visited, acknowledged, reviewed, closed.

The device is a unit with a serial number of ours. Parts that go in leave our stock by an issue with
its edge to the device (`install`); parts that come out are taken back from it (`replace`), so that
a trace from a part finds the devices it is in now, and no others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from engine.services import ServiceContext
from processes.ledger import instruments, items, locations, lots, movements, site_days
from processes.ledger.balances import Place
from processes.ledger.columns import AnyRow
from processes.ledger.complaints import complaints
from processes.ledger.distribution import consignees, reservations
from processes.ledger.distribution.reservations import Wanted
from processes.ledger.field_service.tables import (
    installed_state,
    service_acknowledgement,
    service_order,
    service_part,
    service_part_arrival,
    service_reading,
    service_visit,
)
from processes.ledger.genealogy import edges
from processes.ledger.genealogy.edges import Edge
from processes.ledger.genealogy.tables import lot_link
from processes.ledger.instruments import Use
from processes.ledger.lot_numbers import own_number
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement
from processes.ledger.numbers import next_number
from processes.ledger.quantities import case_number, scaled
from processes.ledger.refusals import LedgerRefusal, NotInLedger
from processes.ledger.status import SignatureMissing
from processes.ledger.tables import serial_unit

KIND = "service_order"
RULES = "field_service_rules"
_INSERT = insert(service_order)
_VISIT = insert(service_visit)
_ACKNOWLEDGE = insert(service_acknowledgement)
_PART = insert(service_part)
_ARRIVAL = insert(service_part_arrival)
_READING = insert(service_reading)
_STATE = insert(installed_state)
_BY_NUMBER = (
    select(service_order)
    .where(service_order.c.tenant_id == bindparam("tenant_id"))
    .where(service_order.c.service_number == bindparam("number"))
)
_UNIT = (
    select(serial_unit.c.serial_unit_id, serial_unit.c.lot_id, serial_unit.c.serial_number)
    .where(serial_unit.c.tenant_id == bindparam("tenant_id"))
    .where(serial_unit.c.item_id.in_(bindparam("item_ids", expanding=True)))
    .where(serial_unit.c.serial_number == bindparam("serial_number"))
)
_UNIT_BY_ID = (
    select(serial_unit.c.serial_unit_id, serial_unit.c.lot_id, serial_unit.c.serial_number)
    .where(serial_unit.c.tenant_id == bindparam("tenant_id"))
    .where(serial_unit.c.serial_unit_id == bindparam("serial_unit_id"))
)
_CHANGE = (
    update(service_order)
    .where(service_order.c.tenant_id == bindparam("key_tenant_id"))
    .where(service_order.c.service_id == bindparam("key_service_id"))
    .values(revision=service_order.c.revision + 1, changed_at=bindparam("now"))
)
_VISITS = (
    select(service_visit)
    .where(service_visit.c.tenant_id == bindparam("tenant_id"))
    .where(service_visit.c.service_id == bindparam("service_id"))
    .order_by(service_visit.c.visit)
)
_STATE_OF = (
    select(installed_state)
    .where(installed_state.c.tenant_id == bindparam("tenant_id"))
    .where(installed_state.c.serial_unit_id == bindparam("serial_unit_id"))
    .order_by(installed_state.c.recorded_at.desc(), installed_state.c.installed_state_id.desc())
    .limit(1)
)
_PARTS = (
    select(service_part, service_part_arrival.c.location)
    .outerjoin(
        service_part_arrival,
        (service_part_arrival.c.tenant_id == service_part.c.tenant_id)
        & (service_part_arrival.c.service_part_id == service_part.c.service_part_id),
    )
    .where(service_part.c.tenant_id == bindparam("tenant_id"))
    .where(service_part.c.service_id == bindparam("service_id"))
    .order_by(service_part.c.recorded_at, service_part.c.service_part_id)
)
_LINK = (
    select(lot_link.c.quantity)
    .where(lot_link.c.tenant_id == bindparam("tenant_id"))
    .where(lot_link.c.from_lot_id == bindparam("from_lot_id"))
    .where(lot_link.c.to_lot_id == bindparam("to_lot_id"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewService:
    """A service that is asked for, screened for a complaint; `source` is who asks, with its number.

    `reopens` names a closed order that this one goes on with: its next cycle.
    """

    kind: str
    item_number: str
    serial_number: str
    consignee: str
    description: str
    is_complaint: bool
    screening_reason: str
    complaint: str | None = None
    source_kind: str = "person"
    source_number: str | None = None
    reopens: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartIn:
    """A part of a lot of ours that went into the device, from where the engineer had it."""

    lot_number: str
    location: str
    quantity: Decimal
    serial_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOut:
    """A part that came out of the device, with what is wrong with it."""

    lot_number: str
    quantity: Decimal
    defect: str
    serial_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Something measured with an instrument; limits where the instructions give some."""

    characteristic: str
    value: Decimal
    unit: str
    instrument: str
    lower: Decimal | None = None
    upper: Decimal | None = None

    @property
    def within(self) -> bool:
        low = self.lower is None or self.value >= self.lower
        return low and (self.upper is None or self.value <= self.upper)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What an engineer found and did; `scanned` is the serial number as the device shows it."""

    scanned: str
    arrived_at: datetime
    left_at: datetime
    safe_before: bool
    safe_after: bool
    work: str
    outcome: str
    revision_found: str | None = None
    software_found: str | None = None
    software_after: str | None = None
    safety_finding: str | None = None
    proof: str | None = None
    parts_in: Sequence[PartIn] = ()
    parts_out: Sequence[PartOut] = ()
    readings: Sequence[Reading] = ()
    photos: Sequence[Any] = ()
    test_data: Sequence[Any] = ()


class ComplaintNotNamed(LedgerRefusal):
    """What says that a device is deficient is a complaint, and has its record."""

    def __init__(self, found: str) -> None:
        super().__init__(
            "By the screening this is a complaint. Take the complaint first, and give its number; "
            "or say why it is none.",
            "经筛查属于投诉，请先登记投诉并填写投诉编号，或说明为何不属于投诉。",
            expected="a complaint",
            found=found,
        )


class AnotherDevice(LedgerRefusal):
    """Work is done on the device that the order is about."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(
            f"This is device {found}; the order is about {expected}. Scan the right one, or have "
            "an order made for this one.",
            f"扫描到的设备为 {found}，本单对应 {expected}。请扫描正确的设备，或另开服务单。",
            expected=expected,
            found=found,
        )


class RecordIncomplete(LedgerRefusal):
    """What a kind of service asks for is on the record before it is called done."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(
            f"Before this counts as done, add: {en}.",
            f"完成前请补充：{zh}。",
            expected=en,
        )


class NotSafe(LedgerRefusal):
    """A device that is not safe is not handed back as done."""

    def __init__(self) -> None:
        super().__init__(
            "The safety check after the work failed: the device is not handed back. Choose another "
            "visit or “not possible”, and put it out of service.",
            "维修后安全检查不合格，设备不得交还使用。请选择再次上门或无法完成，并停用设备。",
            expected="safe",
        )


class BeforeItHappened(LedgerRefusal):
    """A visit lies in the past, and ends after it began."""

    def __init__(self, found: str) -> None:
        super().__init__(
            "A visit ends after it began, and not in the future. Correct the times.",
            "离开时间不得早于到达时间，也不得晚于现在，请更正时间。",
            found=found,
        )


class VisitedAlready(LedgerRefusal):
    """What was done at a device is closed with its record, not cancelled."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"{number} was visited already: have it reviewed and closed.",
            f"服务单 {number} 已有上门记录，请按流程审核关闭。",
            found=number,
        )


class NotClosed(LedgerRefusal):
    """Only what is closed is opened again, as a new cycle."""

    def __init__(self, number: str, found: str) -> None:
        super().__init__(
            f"{number} is {found}; only a closed service order goes on as a new cycle.",
            f"服务单 {number} 状态为 {found}，只有已关闭的服务单可以续开。",
            expected="closed",
            found=found,
        )


# --- opened ------------------------------------------------------------------------------------


def open_order(context: ServiceContext, new: NewService) -> AnyRow:
    """Open a service order for a device, screened for a complaint."""
    db, tenant_id = context.db, context.tenant_id
    unit = unit_of(db, tenant_id, new.item_number, new.serial_number)
    consignees.by_number(db, tenant_id, new.consignee)
    if new.is_complaint and new.complaint is None:
        raise ComplaintNotNamed(new.description)
    if new.complaint is not None:
        complaints.by_number(db, tenant_id, new.complaint)
    number = next_number(context, "SVC")
    row = {
        "tenant_id": tenant_id,
        "service_id": context.new_id(),
        "service_number": number,
        "kind": new.kind,
        "serial_unit_id": unit.serial_unit_id,
        "consignee": new.consignee,
        "description": new.description,
        "is_complaint": new.complaint is not None,
        "screening_reason": new.screening_reason,
        "complaint_number": new.complaint,
        "source_kind": new.source_kind,
        "source_number": new.source_number,
        "cycle": _next_cycle(context, new.reopens),
        "reopens": new.reopens,
        "status": "open",
        "process_instance_id": context.process_instance_id,
        "actor": context.actor.username,
        "opened_at": context.now,
        "closed_at": None,
        "revision": 1,
        "changed_at": context.now,
    }
    db.execute(_INSERT, row)
    context.record(
        {
            "event": "service.opened",
            "service": number,
            "kind": new.kind,
            "item": new.item_number,
            "serial": unit.serial_number,
            "consignee": new.consignee,
            "complaint": new.complaint,
            "screening": new.screening_reason,
            "source": f"{new.source_kind} {new.source_number or ''}".strip(),
            "cycle": row["cycle"],
        }
    )
    return by_number(db, tenant_id, number)


def _next_cycle(context: ServiceContext, reopens: str | None) -> int:
    if reopens is None:
        return 1
    old = by_number(context.db, context.tenant_id, reopens)
    if old.status != "closed":
        raise NotClosed(reopens, old.status)
    return int(old.cycle) + 1


def by_number(db: Connection, tenant_id: str, number: str) -> AnyRow:
    """Give a service order; NotInLedger when there is none."""
    row = db.execute(_BY_NUMBER, {"tenant_id": tenant_id, "number": number}).one_or_none()
    if row is None:
        raise NotInLedger("service order", "服务单", number)
    return row


def unit_of(db: Connection, tenant_id: str, item_number: str, serial_number: str) -> AnyRow:
    """Give a device by item and serial number: `serial_unit_id`, `lot_id`, `serial_number`."""
    item = items.by_number(db, tenant_id, item_number)
    key = {
        "tenant_id": tenant_id,
        "item_ids": items.same_item(db, tenant_id, item.item_id),
        "serial_number": own_number(serial_number),
    }
    row = db.execute(_UNIT, key).first()
    if row is None:
        raise NotInLedger("serial number", "序列号", serial_number)
    return row


def unit_by_id(db: Connection, tenant_id: str, serial_unit_id: UUID) -> AnyRow:
    """Give a device by id: `serial_unit_id`, `lot_id`, `serial_number`."""
    key = {"tenant_id": tenant_id, "serial_unit_id": serial_unit_id}
    return db.execute(_UNIT_BY_ID, key).one()


def device(db: Connection, tenant_id: str, order: AnyRow) -> tuple[AnyRow, Lot]:
    """Give the device of an order, and the lot that it was made in."""
    unit = unit_by_id(db, tenant_id, order.serial_unit_id)
    return unit, lots.find(db, tenant_id, unit.lot_id)


def state_of(db: Connection, tenant_id: str, serial_unit_id: UUID) -> AnyRow | None:
    """Give what an installed unit is now; None for one that nobody installed on the record."""
    key = {"tenant_id": tenant_id, "serial_unit_id": serial_unit_id}
    return db.execute(_STATE_OF, key).one_or_none()


# --- planned -----------------------------------------------------------------------------------


def reserve(
    context: ServiceContext, number: str, item_number: str, quantity: Decimal, site: str, on: date
) -> None:
    """Keep spare parts for a visit, first what expires first."""
    item = items.by_number(context.db, context.tenant_id, item_number)
    unit = items.stock_unit(context.db, context.tenant_id, item)
    wanted = Wanted(
        item_number=item.number, site=site, quantity=scaled(quantity, unit), usable_until=on
    )
    reservations.reserve(context, wanted, Document(KIND, number))


def kept(context: ServiceContext, number: str) -> list[dict[str, Any]]:
    """List the parts that are kept for an order."""
    found = []
    for row in reservations.open_of(context.db, context.tenant_id, Document(KIND, number)):
        lot = lots.find(context.db, context.tenant_id, row.lot_id)
        where = locations.find(context.db, context.tenant_id, row.location_id)
        found.append(
            {
                "lot_number": lot.number,
                "item_number": lot.item_number,
                "location": where.code,
                "quantity": case_number(row.quantity, lot.unit),
                "unit": lot.unit.code,
            }
        )
    return found


def give_up_kept(context: ServiceContext, number: str) -> None:
    """End what is kept for an order."""
    for row in reservations.open_of(context.db, context.tenant_id, Document(KIND, number)):
        reservations.end(context, row.reservation_id, "cancelled")


# --- visited -----------------------------------------------------------------------------------


def keep_visit(context: ServiceContext, number: str, visit: Visit, needs: Any) -> int:
    """Keep what was found and done at the device; give the number of the visit.

    `needs` says what this kind of service asks for before it is done: `readings`, `software`,
    `proof` (booleans). Refused: another device, an instrument out of calibration, parts that may
    not go in, a record without what its kind asks for, a device that is not safe.
    """
    db, tenant_id = context.db, context.tenant_id
    order = by_number(db, tenant_id, number)
    unit, made = device(db, tenant_id, order)
    if own_number(visit.scanned) != unit.serial_number:
        raise AnotherDevice(unit.serial_number, visit.scanned)
    if not visit.arrived_at <= visit.left_at <= context.now + timedelta(minutes=5):
        raise BeforeItHappened(f"{visit.arrived_at.isoformat()} - {visit.left_at.isoformat()}")
    if visit.outcome == "done":
        _require_whole(visit, needs)
    counted = len(db.execute(_VISITS, _of(tenant_id, order)).all()) + 1
    _write_visit(context, order, counted, visit)
    for reading_number, reading in enumerate(visit.readings, start=1):
        _write_reading(context, order, (counted, reading_number), reading, visit.left_at)
    for part_in in visit.parts_in:
        _put_in(context, order, counted, part_in, (unit.serial_unit_id, made))
    for part_out in visit.parts_out:
        _take_out(context, order, counted, part_out, (unit.serial_unit_id, made))
    return counted


def _require_whole(visit: Visit, needs: Any) -> None:
    if not visit.safe_after:
        raise NotSafe
    if needs["readings"] is True and not visit.readings:
        raise RecordIncomplete("what was measured, with its instrument", "测量值及所用量具")
    if any(not each.within for each in visit.readings):
        raise RecordIncomplete("a reading within its limits", "符合限值的测量结果")
    if needs["software"] is True and visit.software_after is None:
        raise RecordIncomplete("the software version after the work", "完成后的软件版本")
    if needs["proof"] is True and visit.proof is None and not visit.test_data:
        raise RecordIncomplete("the proof of the correction", "纠正措施的证明")


def _write_visit(context: ServiceContext, order: AnyRow, counted: int, visit: Visit) -> None:
    row = {
        "tenant_id": context.tenant_id,
        "service_id": order.service_id,
        "visit": counted,
        "scanned": visit.scanned,
        "arrived_at": visit.arrived_at,
        "left_at": visit.left_at,
        "revision_found": visit.revision_found,
        "software_found": visit.software_found,
        "software_after": visit.software_after,
        "safe_before": visit.safe_before,
        "safety_finding": visit.safety_finding,
        "safe_after": visit.safe_after,
        "work": visit.work,
        "outcome": visit.outcome,
        "proof": visit.proof,
        "photos": list(visit.photos),
        "test_data": list(visit.test_data),
        "engineer": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_VISIT, row)
    event = {"event": "service.visited", "service": order.service_number, "visit": counted}
    context.record({**event, "outcome": visit.outcome, "safe_before": visit.safe_before})


def _write_reading(
    context: ServiceContext,
    order: AnyRow,
    place: tuple[int, int],
    reading: Reading,
    at: datetime,
) -> None:
    """Keep a reading; INV-18 holds for what is measured outside the house too."""
    use = Use(at, site_days.day_of(context.configuration, at))
    instrument = instruments.require_usable(
        context.db, context.tenant_id, reading.instrument, None, use
    )
    row = {
        "tenant_id": context.tenant_id,
        "service_id": order.service_id,
        "visit": place[0],
        "number": place[1],
        "characteristic": reading.characteristic,
        "value": reading.value,
        "unit": reading.unit,
        "lower_limit": reading.lower,
        "upper_limit": reading.upper,
        "within": reading.within,
        "instrument_id": instrument.instrument_id,
        "performed_at": at,
        "actor": context.actor.username,
    }
    context.db.execute(_READING, row)


def _put_in(
    context: ServiceContext,
    order: AnyRow,
    counted: int,
    part: PartIn,
    into: tuple[UUID, Lot],
) -> None:
    """Book a part out of our stock into the device, with the edge that says so."""
    db, tenant_id = context.db, context.tenant_id
    used = lots.by_number(db, tenant_id, part.lot_number)
    document = Document(KIND, order.service_number)
    unit = (
        None
        if part.serial_number is None
        else lots.unit_of(db, tenant_id, used, part.serial_number)
    )
    quantity = scaled(part.quantity, used.unit)
    where = locations.by_code(db, tenant_id, part.location)
    movement = Movement(
        movement_type="ISS",
        lot_id=used.lot_id,
        quantity=quantity,
        document=document,
        source=Place(where.location_id, "RELEASED"),
        outcome="CONSUMED",
        serial_unit_id=unit,
    )
    if used.has_serials and unit is None:
        raise movements.SerialRequired(used.number)
    movement_id = movements.post(context, movement)
    edges.add(
        context,
        Edge(
            kind="install",
            from_lot_id=used.lot_id,
            to_lot_id=into[1].lot_id,
            quantity=quantity,
            unit_code=used.unit.code,
            document=document,
            from_serial_id=unit,
            to_serial_id=into[0],
            movement_id=movement_id,
        ),
    )
    for row in reservations.open_of(db, tenant_id, document):
        if row.lot_id == used.lot_id:
            reservations.end(context, row.reservation_id, "used")
            break
    _keep_part(context, order, counted, "in", (used, unit, quantity), movement_id=movement_id)


def _take_out(
    context: ServiceContext,
    order: AnyRow,
    counted: int,
    part: PartOut,
    out_of: tuple[UUID, Lot],
) -> None:
    """Keep a part that came out; where the book knows that it was in there, it is so no longer."""
    db, tenant_id = context.db, context.tenant_id
    old = lots.by_number(db, tenant_id, part.lot_number)
    unit = (
        None if part.serial_number is None else lots.unit_of(db, tenant_id, old, part.serial_number)
    )
    quantity = scaled(part.quantity, old.unit)
    key = {"tenant_id": tenant_id, "from_lot_id": old.lot_id, "to_lot_id": out_of[1].lot_id}
    known = db.execute(_LINK, key).scalar_one_or_none() or 0
    if known >= quantity:
        edges.add(
            context,
            Edge(
                kind="replace",
                from_lot_id=old.lot_id,
                to_lot_id=out_of[1].lot_id,
                quantity=-quantity,
                unit_code=old.unit.code,
                document=Document(KIND, order.service_number),
                from_serial_id=unit,
                to_serial_id=out_of[0],
            ),
        )
    _keep_part(context, order, counted, "out", (old, unit, quantity), defect=part.defect)


def _keep_part(
    context: ServiceContext,
    order: AnyRow,
    counted: int,
    direction: str,
    what: tuple[Lot, UUID | None, int],
    *,
    movement_id: UUID | None = None,
    defect: str | None = None,
) -> None:
    lot, unit, quantity = what
    row = {
        "tenant_id": context.tenant_id,
        "service_part_id": context.new_id(),
        "service_id": order.service_id,
        "visit": counted,
        "direction": direction,
        "lot_id": lot.lot_id,
        "serial_unit_id": unit,
        "quantity": quantity,
        "unit_code": lot.unit.code,
        "defect": defect,
        "movement_id": movement_id,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_PART, row)
    event = {"event": f"service.part_{direction}", "service": order.service_number}
    context.record({**event, "lot": lot.number, "quantity": quantity, "defect": defect})


def acknowledge(
    context: ServiceContext,
    number: str,
    customer: tuple[str, str],
    handwriting: Sequence[Any],
    refused: str | None,
) -> None:
    """Keep the acknowledgement of the customer, name printed; signed ACKN in this command."""
    if "ACKN" not in context.signatures:
        raise SignatureMissing(["ACKN"])
    order = by_number(context.db, context.tenant_id, number)
    visits = context.db.execute(_VISITS, _of(context.tenant_id, order)).all()
    row = {
        "tenant_id": context.tenant_id,
        "service_id": order.service_id,
        "visit": len(visits),
        "customer_name": customer[0],
        "customer_role": customer[1],
        "handwriting": list(handwriting),
        "refused_because": refused,
        "signature_meaning": "ACKN",
        "actor": context.actor.username,
        "acknowledged_at": context.now,
    }
    context.db.execute(_ACKNOWLEDGE, row)
    event = {"event": "service.acknowledged", "service": number, "customer": customer[0]}
    context.record({**event, "refused": refused})


def awaited_parts(context: ServiceContext, number: str) -> list[dict[str, Any]]:
    """List the parts that came out of the device and have not arrived here."""
    order = by_number(context.db, context.tenant_id, number)
    found = []
    for row in context.db.execute(_PARTS, _of(context.tenant_id, order)):
        if row.direction == "out" and row.location is None:
            lot = lots.find(context.db, context.tenant_id, row.lot_id)
            found.append(
                {
                    "part": str(row.service_part_id),
                    "lot_number": lot.number,
                    "item_number": lot.item_number,
                    "quantity": case_number(row.quantity, lot.unit),
                    "unit": row.unit_code,
                    "defect": row.defect,
                }
            )
    return found


def receive_part(
    context: ServiceContext, part: UUID, location: str, condition: str, *, clean: bool
) -> None:
    """Keep where a part lies that came back, in which condition; it is none of our stock."""
    if "RECV" not in context.signatures:
        raise SignatureMissing(["RECV"])
    where = locations.by_code(context.db, context.tenant_id, location)
    row = {
        "tenant_id": context.tenant_id,
        "service_part_id": part,
        "location": where.code,
        "condition": condition,
        "decontaminated": clean,
        "signature_meaning": "RECV",
        "actor": context.actor.username,
        "arrived_at": context.now,
    }
    context.db.execute(_ARRIVAL, row)
    event = {"event": "service.part_received", "part": str(part), "location": where.code}
    context.record({**event, "condition": condition, "decontaminated": clean})


# --- ended -------------------------------------------------------------------------------------


def name_complaint(context: ServiceContext, number: str, complaint: str, reason: str) -> None:
    """Say that a service was a complaint after all, with the record that it has by now."""
    complaints.by_number(context.db, context.tenant_id, complaint)
    order = by_number(context.db, context.tenant_id, number)
    _change(context, order, is_complaint=True, complaint_number=complaint, screening_reason=reason)
    event = {"event": "service.is_complaint", "service": number, "complaint": complaint}
    context.record({**event, "reason": reason})


def close(context: ServiceContext, number: str) -> AnyRow:
    """Close an order under the signature of its review; the unit is from now on what it left."""
    if "REVW" not in context.signatures:
        raise SignatureMissing(["REVW"])
    order = by_number(context.db, context.tenant_id, number)
    last = context.db.execute(_VISITS, _of(context.tenant_id, order)).all()[-1]
    if last.outcome == "done":
        _write_state(context, order, last)
    give_up_kept(context, number)
    _change(context, order, status="closed", closed_at=context.now)
    context.record({"event": "service.closed", "service": number, "outcome": last.outcome})
    return last


def _write_state(context: ServiceContext, order: AnyRow, last: AnyRow) -> None:
    before = state_of(context.db, context.tenant_id, order.serial_unit_id)
    consignee = consignees.by_number(context.db, context.tenant_id, order.consignee)
    row = {
        "tenant_id": context.tenant_id,
        "installed_state_id": context.new_id(),
        "serial_unit_id": order.serial_unit_id,
        "consignee": order.consignee,
        "place": consignee.address,
        "item_revision": last.revision_found or (None if before is None else before.item_revision),
        "software": last.software_after
        or last.software_found
        or (None if before is None else before.software),
        "state": "decommissioned" if order.kind == "decommission" else "installed",
        "service_number": order.service_number,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_STATE, row)
    event = {"event": "unit.state_kept", "service": order.service_number, "state": row["state"]}
    context.record({**event, "software": row["software"], "revision": row["item_revision"]})


def cancel(context: ServiceContext, number: str, reason: str) -> None:
    """Cancel an order that nobody visited; what was kept for it is free again."""
    order = by_number(context.db, context.tenant_id, number)
    if order.status != "open":
        return
    if context.db.execute(_VISITS, _of(context.tenant_id, order)).first() is not None:
        raise VisitedAlready(number)
    give_up_kept(context, number)
    _change(context, order, status="cancelled", closed_at=context.now)
    context.record({"event": "service.cancelled", "service": number, "reason": reason})


def _change(context: ServiceContext, order: AnyRow, **values: Any) -> None:
    key = {"key_tenant_id": context.tenant_id, "key_service_id": order.service_id}
    context.db.execute(_CHANGE.values(**values), {**key, "now": context.now})


def _of(tenant_id: str, order: AnyRow) -> dict[str, object]:
    return {"tenant_id": tenant_id, "service_id": order.service_id}
