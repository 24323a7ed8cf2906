"""Shipments: the last gate before a device leaves, and the sales record of what did.

Everything that speaks against a shipment is looked for before any of it is booked (INV-02, INV-03),
so that a person sees all of it at once. The sales record (China, GMP for devices 2025, Art. 117) is
copied from what is true now: a later change of name or address leaves it as it was.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Connection, bindparam, cast, func, insert, select

from engine.outcomes import Rejection
from engine.services import ServiceContext
from processes.ledger import (
    balances,
    items,
    locations,
    lots,
    movements,
    packages,
    site_days,
    status,
    words,
)
from processes.ledger.balances import Place
from processes.ledger.changes import market_gates, old_before_new
from processes.ledger.columns import AnyRow
from processes.ledger.distribution import (
    consignees,
    containers,
    contents,
    registrations,
    reservations,
)
from processes.ledger.distribution.consignees import Consignee
from processes.ledger.distribution.registrations import Registration
from processes.ledger.distribution.tables import (
    SALES_RECORD,
    shipment,
    shipment_line,
    shipment_return,
)
from processes.ledger.genealogy import flags
from processes.ledger.items import Item
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement
from processes.ledger.numbers import next_number
from processes.ledger.quantities import amount_of
from processes.ledger.refusals import LedgerRefusal, NotInLedger
from processes.ledger.status import NotReleased
from processes.ledger.tables import item, serial_unit

_INSERT = insert(shipment)
_INSERT_LINE = insert(shipment_line)
_INSERT_RETURN = insert(shipment_return)
_SERIAL = (
    select(serial_unit.c.serial_unit_id, serial_unit.c.lot_id)
    .where(serial_unit.c.tenant_id == bindparam("tenant_id"))
    .where(serial_unit.c.item_id == bindparam("item_id"))
    .where(serial_unit.c.serial_number == bindparam("serial_number"))
)
_LINES = (
    select(
        shipment_line,
        shipment.c.shipment_number,
        shipment.c.consignee_id,
        shipment.c.market,
        shipment.c.shipped_at,
    )
    .join(
        shipment,
        (shipment.c.tenant_id == shipment_line.c.tenant_id)
        & (shipment.c.shipment_id == shipment_line.c.shipment_id),
    )
    .where(shipment_line.c.tenant_id == bindparam("tenant_id"))
)
_LINE = _LINES.where(shipment_line.c.shipment_line_id == bindparam("shipment_line_id"))
_OF_SHIPMENT = _LINES.where(shipment.c.shipment_number == bindparam("shipment_number")).order_by(
    shipment_line.c.line
)
_OF_LOT = _LINES.where(shipment_line.c.lot_id == bindparam("lot_id")).order_by(
    shipment.c.shipped_at, shipment_line.c.line
)
_CAME_BACK = select(func.coalesce(cast(func.sum(shipment_return.c.quantity), BigInteger), 0)).where(
    shipment_return.c.tenant_id == bindparam("tenant_id"),
    shipment_return.c.shipment_line_id == bindparam("shipment_line_id"),
)
_MODEL = select(item.c.model).where(
    item.c.tenant_id == bindparam("tenant_id"), item.c.item_id == bindparam("item_id")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """What is shipped: so much of a lot from a place, or one unit by its serial number.

    `quantity` is a stored integer in the stock unit. `specification` and `model` are taken from the
    item where they are not given, `package_level_id` is the base package where it is not.
    """

    lot_number: str
    location: str
    quantity: int
    serial_number: str | None = None
    package_level_id: UUID | None = None
    specification: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShipment:
    """A shipment to a consignee; the market is the consignee's where it is not given.

    `containers` are SSCCs: each leaves with exactly what is in it, a line for each lot and unit.
    `new_first_because` says why a new revision goes before an old one that is to be used up.
    """

    consignee: str
    order_number: str
    site: str
    lines: Sequence[NewLine]
    market: str | None = None
    carrier: str | None = None
    seal: str | None = None
    logger: str | None = None
    containers: Sequence[str] = ()
    new_first_because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """A shipment that was posted."""

    shipment_id: UUID
    number: str
    consignee_id: UUID
    line_ids: tuple[UUID, ...]


class ShipmentRefused(LedgerRefusal):
    """INV-03: something speaks against the shipment; the code says what."""

    def __init__(self, code: str, en: str, zh: str, *, found: str | None = None) -> None:
        super().__init__(en, zh, expected=code, found=found)
        self.code = code


class MoreThanWasShipped(LedgerRefusal):
    """Nothing comes back that did not leave."""


class NotShippedThere(LedgerRefusal):
    """What comes back was shipped to who sends it."""

    def __init__(self, what: str, consignee: str) -> None:
        super().__init__(
            f"{what} was never shipped to {consignee}, or is back already. Check the label and who "
            "sent it; keep it apart and report it as a nonconformity if both are right.",
            f"{what} 未曾发往 {consignee}，或已退回。请核对标签与退货方；"
            "如均无误，请隔离存放并提报不合格品。",
            found=what,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxed:
    """The container that a line leaves in, and the status of what is in it."""

    container_id: UUID
    sscc: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """A line that passed the gates, with all that is written of it."""

    line: NewLine
    lot: Lot
    item: Item
    place: Place
    serial_unit_id: UUID | None
    package_level_id: UUID
    record: dict[str, Any]
    boxed: Boxed | None


def check(context: ServiceContext, new: NewShipment) -> list[Rejection]:
    """List everything that speaks against a shipment; empty when nothing does."""
    return _examine(context, new)[1]


def post(context: ServiceContext, new: NewShipment) -> Shipment:
    """Book a shipment with its sales record; refused whole, for the first reason found."""
    ready, against = _examine(context, new)
    if against:
        raise against[0]
    buyer = consignees.by_number(context.db, context.tenant_id, new.consignee)
    shipment_id, number = context.new_id(), next_number(context, "SHP")
    context.db.execute(_INSERT, _row(context, new, buyer, shipment_id, number))
    document = Document("shipment", number)
    made = [
        _post_line(context, shipment_id, index, each, document)
        for index, each in enumerate(ready, start=1)
    ]
    for sscc in dict.fromkeys(new.containers):
        containers.leave(context, sscc, document)
    context.record(
        {
            "event": "shipment.posted",
            "shipment": number,
            "consignee": buyer.number,
            "market": new.market or buyer.market,
            "order": new.order_number,
            "new_first_because": new.new_first_because,
            "lines": [_said(each) for each in ready],
        }
    )
    return Shipment(
        shipment_id=shipment_id,
        number=number,
        consignee_id=buyer.consignee_id,
        line_ids=tuple(made),
    )


def _said(ready: _Ready) -> dict[str, Any]:
    line = {
        "lot": ready.lot.number,
        "serial": ready.line.serial_number,
        "quantity": ready.line.quantity,
        "udi": ready.record["udi"],
    }
    return line if ready.boxed is None else {**line, "container": ready.boxed.sscc}


def lines_of(db: Connection, tenant_id: str, shipment_number: str) -> list[AnyRow]:
    """List the lines of a shipment: its sales record."""
    key = {"tenant_id": tenant_id, "shipment_number": shipment_number}
    return list(db.execute(_OF_SHIPMENT, key))


def of_lot(db: Connection, tenant_id: str, lot_id: UUID) -> list[AnyRow]:
    """List the lines that a lot was shipped in, oldest first."""
    return list(db.execute(_OF_LOT, {"tenant_id": tenant_id, "lot_id": lot_id}))


def take_back(
    context: ServiceContext,
    shipment_line_id: UUID,
    quantity: int,
    *,
    location: str,
    reason: str,
    document: Document,
) -> UUID:
    """Book what a customer sent back into return quarantine; give the movement's id."""
    db, tenant_id = context.db, context.tenant_id
    key = {"tenant_id": tenant_id, "shipment_line_id": shipment_line_id}
    # Who takes back of the same line waits here, so that the sum below holds what came back before.
    line = db.execute(_LINE.with_for_update(of=shipment_line), key).one_or_none()
    if line is None:
        raise NotInLedger("shipment line", "发货行", shipment_line_id)
    left = line.quantity - db.execute(_CAME_BACK, key).scalar_one()
    if quantity > left:
        raise _more_than_was_shipped(lots.find(db, tenant_id, line.lot_id), left, quantity)
    place = locations.by_code(db, tenant_id, location)
    movement_id = movements.post(
        context,
        Movement(
            movement_type="RTN",
            lot_id=line.lot_id,
            quantity=quantity,
            document=document,
            target=Place(place.location_id, "RETURN_QUARANTINE"),
            serial_unit_id=line.serial_unit_id,
            reason=reason,
        ),
    )
    row = {
        **key,
        "movement_id": movement_id,
        "quantity": quantity,
        "reason": reason,
        "actor": context.actor.username,
        "returned_at": context.now,
    }
    db.execute(_INSERT_RETURN, row)
    context.record(
        {
            "event": "shipment.taken_back",
            "shipment": line.shipment_number,
            "lot": line.lot_number,
            "quantity": quantity,
            "reason": reason,
        }
    )
    return movement_id


def take_back_of(
    context: ServiceContext,
    lot: Lot,
    consignee_number: str,
    quantity: int,
    serial_unit_ids: Sequence[UUID],
    *,
    location: str,
    reason: str,
    document: Document,
) -> list[str]:
    """Book what a consignee sent back of a lot, over the lines that it left in, oldest first; give
    the numbers of their shipments. `serial_unit_ids`: the units, where the lot has serials."""
    db, tenant_id = context.db, context.tenant_id
    sender = consignees.by_number(db, tenant_id, consignee_number)
    lines = [
        (line, line.quantity - _came_back(context, line))
        for line in of_lot(db, tenant_id, lot.lot_id)
        if line.consignee_id == sender.consignee_id
    ]
    if lot.has_serials:
        lines = [pair for pair in lines if pair[0].serial_unit_id in serial_unit_ids and pair[1]]
        if len(lines) != len(set(serial_unit_ids)) or not lines:
            raise NotShippedThere(f"{lot.item_number} {lot.number}", sender.number)
    if not lines:
        raise NotShippedThere(f"{lot.item_number} {lot.number}", sender.number)
    left = sum(each for _, each in lines)
    if quantity > left:
        raise _more_than_was_shipped(lot, left, quantity)
    numbers = []
    for line, here in lines:
        taken = min(here, quantity)
        if taken:
            take_back(
                context,
                line.shipment_line_id,
                taken,
                location=location,
                reason=reason,
                document=document,
            )
            quantity -= taken
            numbers.append(line.shipment_number)
    return list(dict.fromkeys(numbers))


def _came_back(context: ServiceContext, line: AnyRow) -> int:
    key = {"tenant_id": context.tenant_id, "shipment_line_id": line.shipment_line_id}
    found: int = context.db.execute(_CAME_BACK, key).scalar_one()
    return found


def _more_than_was_shipped(lot: Lot, left: int, quantity: int) -> MoreThanWasShipped:
    there, asked = (f"{amount_of(each, lot.unit):f}" for each in (left, quantity))
    return MoreThanWasShipped(
        f"Only {there} of {lot.number} are still with the customer, not {asked}. Count "
        "again, and check the lot on the label.",
        f"批次 {lot.number} 在客户处仅剩 {there}，不足 {asked}。请重新清点并核对标签上的批号。",
        expected=there,
        found=asked,
    )


# --- the gates ----------------------------------------------------------------------------------


def _examine(context: ServiceContext, new: NewShipment) -> tuple[list[_Ready], list[Rejection]]:
    against: list[Rejection] = []
    ready: list[_Ready] = []
    try:
        buyer = consignees.by_number(context.db, context.tenant_id, new.consignee)
    except Rejection as refusal:
        return [], [refusal]
    day = site_days.today(context, new.site)
    against.extend(_speaks_against_buyer(context, buyer, day))
    lines: list[tuple[NewLine, Boxed | None]] = [(line, None) for line in new.lines]
    for sscc in dict.fromkeys(new.containers):
        try:
            lines.extend(_lines_of_container(context, sscc))
        except Rejection as refusal:
            against.append(refusal)
    if not lines and not against:
        against.append(
            ShipmentRefused(
                "lines",
                "A shipment has at least one line. Scan what is shipped.",
                "发货单至少应有一行，请扫描发货内容。",
            )
        )
    for line, boxed in lines:
        try:
            ready.append(_gate(context, new, buyer, line, day, boxed))
        except Rejection as refusal:
            against.append(refusal)
    against.extend(_against_new_before_old(context, new, ready))
    return ready, against


def _against_new_before_old(
    context: ServiceContext, new: NewShipment, ready: Sequence[_Ready]
) -> Iterator[Rejection]:
    """Refuse a new revision while old stock is to be used up (CC-04), unless the lot was kept for
    this order, where it was asked already; what leaves whole beside it is waited for no more."""
    amounts: Counter[UUID] = Counter()
    for each in ready:
        amounts[each.lot.lot_id] += each.line.quantity
    leaving = [
        lot_id
        for lot_id, quantity in amounts.items()
        if quantity >= balances.released_of(context.db, context.tenant_id, lot_id)
    ]
    for lot in {each.lot.lot_id: each.lot for each in ready}.values():
        if reservations.was_kept(context.db, context.tenant_id, new.order_number, lot.lot_id):
            continue
        try:
            old_before_new.require(context, lot, new.new_first_because, leaving=leaving)
        except old_before_new.OldFirst as refusal:
            yield refusal


def _lines_of_container(context: ServiceContext, sscc: str) -> list[tuple[NewLine, Boxed]]:
    """Give a line for each lot and unit in a container, from where it stands."""
    found, parts = containers.whole_content(context, sscc)
    if found.location_id is None:
        raise containers.ContainerGone(sscc)
    where = locations.find(context.db, context.tenant_id, found.location_id).code
    return [
        (
            NewLine(
                lot_number=part.lot_number,
                location=where,
                quantity=part.quantity,
                serial_number=part.serial_number,
            ),
            Boxed(container_id=box.container_id, sscc=box.sscc, status=str(part.status)),
        )
        for box, part in parts
    ]


def _speaks_against_buyer(context: ServiceContext, buyer: Consignee, day: date) -> list[Rejection]:
    licence = consignees.licence_on(context.db, context.tenant_id, buyer.consignee_id, day)
    if buyer.active and licence is not None:
        return []
    return [
        ShipmentRefused(
            "consignee_licence",
            f"{buyer.name} ({buyer.number}) has no licence in force on {day}. "
            "Ask for the renewed licence before you ship.",
            f"{buyer.name}（{buyer.number}）在 {day} 没有有效的经营/使用资质，"
            "请先取得更新后的许可或备案。",
            found=buyer.number,
        )
    ]


def _gate(
    context: ServiceContext,
    new: NewShipment,
    buyer: Consignee,
    line: NewLine,
    day: date,
    boxed: Boxed | None,
) -> _Ready:
    """Let one line through every gate; give what is written of it."""
    db, tenant_id = context.db, context.tenant_id
    lot = lots.by_number(db, tenant_id, line.lot_number)
    found = items.find(db, tenant_id, lot.item_id)
    where = locations.by_code(db, tenant_id, line.location)
    place = Place(where.location_id, "RELEASED")
    serial_unit_id = _unit(context, lot, line)
    _require_life(context, new, buyer, lot, day)
    flags.require_free(db, tenant_id, lot.lot_id, lot.number)
    status.require_released(context, lot, place, serial_unit_id)
    if boxed is None:
        _require_there(context, lot, place, line.quantity)
    elif boxed.status != place.status:
        raise NotReleased(lot.number, boxed.status)
    market = new.market or buyer.market
    allowed = registrations.on(db, tenant_id, lot.item_id, market, day)
    model = (
        line.model
        or db.execute(_MODEL, {"tenant_id": tenant_id, "item_id": lot.item_id}).scalar_one()
    )
    if allowed is None or (allowed.models and model not in allowed.models):
        country = words.said("market", market)
        raise ShipmentRefused(
            "registration",
            f"{lot.item_number} has no registration in force in {country.en} on {day}. "
            "Do not ship it there; ask regulatory affairs.",
            f"物料 {lot.item_number} 在{country.zh}于 {day} 没有有效注册，不得发往该市场，"
            "请咨询法规事务部。",
            found=market,
        )
    market_gates.require_open(
        db,
        tenant_id,
        item_id=lot.item_id,
        item_number=lot.item_number,
        item_revision=lot.item_revision,
        market=market,
    )
    level = line.package_level_id or lot.base_package_id
    packages.find(db, tenant_id, lot.item_id, level)
    record = _sales_record(context, line, lot, found, buyer, allowed, level, model, day)
    return _Ready(
        line=line,
        lot=lot,
        item=found,
        place=place,
        serial_unit_id=serial_unit_id,
        package_level_id=level,
        record=record,
        boxed=boxed,
    )


def _unit(context: ServiceContext, lot: Lot, line: NewLine) -> UUID | None:
    if line.serial_number is None:
        if lot.has_serials:
            raise movements.SerialRequired(lot.number)
        return None
    key = {
        "tenant_id": context.tenant_id,
        "item_id": lot.item_id,
        "serial_number": line.serial_number,
    }
    row = context.db.execute(_SERIAL, key).one_or_none()
    if row is None or row.lot_id != lot.lot_id:
        raise NotInLedger("serial number", "序列号", line.serial_number)
    found: UUID = row.serial_unit_id
    return found


def _require_life(
    context: ServiceContext, new: NewShipment, buyer: Consignee, lot: Lot, day: date
) -> None:
    """Refuse what is expired where it leaves, or will be too soon after."""
    if lot.expiry is None:
        return
    if lot.expiry < day:
        raise ShipmentRefused(
            "expired",
            f"Lot {lot.number} expired on {lot.expiry}. Put it into the reject area.",
            f"批次 {lot.number} 已于 {lot.expiry} 过期，请移入不合格区。",
            found=lot.expiry.isoformat(),
        )
    rules = context.configuration("shipping_rules")["remaining_life_days"]
    days = rules["by_market"].get(new.market or buyer.market, rules["default"])
    if lot.expiry < day + timedelta(days=days):
        raise ShipmentRefused(
            "remaining_life",
            f"Lot {lot.number} expires on {lot.expiry}; at least {days} days must remain. "
            "Choose another lot.",
            f"批次 {lot.number} 有效期至 {lot.expiry}，剩余有效期须不少于 {days} 天，请改选批次。",
            found=lot.expiry.isoformat(),
        )


def _require_there(context: ServiceContext, lot: Lot, place: Place, quantity: int) -> None:
    there = balances.at(context.db, context.tenant_id, lot.lot_id, place)
    if there >= quantity > 0:
        packed = balances.in_containers(context.db, context.tenant_id, lot.lot_id, place)
        if there - packed < quantity:
            codes = contents.codes_at(context.db, context.tenant_id, lot.lot_id, place)
            raise movements.LiesInContainer(lot.number, codes)
        return
    others = [
        each.status
        for each in balances.of_lot(context.db, context.tenant_id, lot.lot_id)
        if each.location_id == place.location_id and each.status != "RELEASED"
    ]
    if others:
        raise NotReleased(lot.number, others[0])
    raise balances.InsufficientStock(lot.number, place.status, quantity, there, lot.unit)


def _sales_record(
    context: ServiceContext,
    line: NewLine,
    lot: Lot,
    found: Item,
    buyer: Consignee,
    allowed: Registration,
    package_level_id: UUID,
    model: str | None,
    day: date,
) -> dict[str, Any]:
    """Fill in the fields of Art. 117; refused when one of them would be empty."""
    identifiers = packages.identifiers_of(context.db, context.tenant_id, package_level_id)
    record = {
        "device_name": found.names["zh"] or found.names["en"],
        "specification": line.specification or found.catalogue_number,
        "model": model,
        "lot_number": lot.number,
        "udi": _udi(identifiers, lot, line.serial_number),
        "use_by": _use_by(lot) or allowed.expected_life,
        "buyer_name": buyer.name,
        "buyer_address": buyer.address,
        "buyer_contact": buyer.contact,
    }
    missing = [name for name in SALES_RECORD if not (record[name] or "").strip()]
    if missing:
        raise ShipmentRefused(
            "sales_record",
            f"The sales record of lot {lot.number} lacks: {', '.join(missing)} (GMP Art. 117). "
            "Complete the master data first.",
            f"批次 {lot.number} 的销售记录缺少：{'、'.join(missing)}"
            "（医疗器械生产质量管理规范第一百一十七条），请先补全主数据。",
            found=", ".join(missing),
        )
    return {
        **record,
        "serial_number": line.serial_number,
        "sold_on": day,
        "registration_number": allowed.number,
    }


def _use_by(lot: Lot) -> str | None:
    if lot.expiry is None:
        return None
    text = lot.expiry.isoformat()
    return text[:7] if lot.expiry_precision == "month" else text


def _udi(identifiers: Sequence[str], lot: Lot, serial_number: str | None) -> str | None:
    """Write DI and PI as people read them (GS1 brackets); None without an identifier."""
    if not identifiers:
        return None
    expiry = ""
    if lot.expiry is not None:
        day = "00" if lot.expiry_precision == "month" else f"{lot.expiry:%d}"
        expiry = f"(17){lot.expiry:%y%m}{day}"
    serial = "" if serial_number is None else f"(21){serial_number}"
    return f"(01){identifiers[0]}{expiry}(10){lot.number}{serial}"


# --- writing ------------------------------------------------------------------------------------


def _row(
    context: ServiceContext, new: NewShipment, buyer: Consignee, shipment_id: UUID, number: str
) -> dict[str, Any]:
    return {
        "tenant_id": context.tenant_id,
        "shipment_id": shipment_id,
        "shipment_number": number,
        "consignee_id": buyer.consignee_id,
        "market": new.market or buyer.market,
        "site": new.site,
        "order_number": new.order_number,
        "carrier": new.carrier,
        "seal": new.seal,
        "logger": new.logger,
        "actor": context.actor.username,
        "shipped_at": context.now,
        "process_instance_id": context.process_instance_id,
        "command_id": context.command_id,
    }


def _post_line(
    context: ServiceContext, shipment_id: UUID, index: int, ready: _Ready, document: Document
) -> UUID:
    movement_id = movements.post(
        context,
        Movement(
            movement_type="SHP",
            lot_id=ready.lot.lot_id,
            quantity=ready.line.quantity,
            document=document,
            source=ready.place,
            outcome="SHIPPED",
            serial_unit_id=ready.serial_unit_id,
            within=None if ready.boxed is None else ready.boxed.container_id,
        ),
    )
    line_id = context.new_id()
    row = {
        "tenant_id": context.tenant_id,
        "shipment_line_id": line_id,
        "shipment_id": shipment_id,
        "line": index,
        "lot_id": ready.lot.lot_id,
        "serial_unit_id": ready.serial_unit_id,
        "container_id": None if ready.boxed is None else ready.boxed.container_id,
        "movement_id": movement_id,
        "package_level_id": ready.package_level_id,
        "quantity": ready.line.quantity,
        "unit_code": ready.lot.unit.code,
        **ready.record,
    }
    context.db.execute(_INSERT_LINE, row)
    return line_id
