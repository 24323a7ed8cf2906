"""Logistic units: cases, totes and pallets under a serial shipping container code (SSCC).

A container lies at a place, and what is in it is stock of that place: a balance says how much of it
is packed, and what is taken singly is taken from the rest. So a box cannot hold what is not there,
nothing leaves a box unnoticed, and a pallet moves with all that stands on it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from biip.checksums import gs1_standard_check_digit
from sqlalchemy import Connection, and_, bindparam, insert, select, update

from engine.services import ServiceContext
from processes.ledger import balances, locations, lots, movements
from processes.ledger.balances import Place
from processes.ledger.columns import AnyRow
from processes.ledger.distribution import contents
from processes.ledger.distribution.tables import (
    container,
    container_event,
    container_state,
    container_stock,
)
from processes.ledger.locations import Location
from processes.ledger.lots import Lot
from processes.ledger.many import among, slices
from processes.ledger.movements import Document, LiesInContainer, Movement, SerialRequired
from processes.ledger.quantities import amount_of
from processes.ledger.refusals import LedgerRefusal, NotInLedger, listed
from processes.ledger.tables import location, lot, serial_position, serial_unit

KIND = "container"
"""What a movement that nothing else asks for is booked for: the container itself."""
_LENGTH = 18
_PALLET = "pallet"
_INSERT = insert(container)
_INSERT_STATE = insert(container_state)
_INSERT_EVENT = insert(container_event)
_whole = (
    select(
        container.c.container_id,
        container.c.sscc,
        container.c.kind,
        container_state.c.state,
        container_state.c.location_id,
        container_state.c.parent_id,
    )
    .join(
        container_state,
        and_(
            container_state.c.tenant_id == container.c.tenant_id,
            container_state.c.container_id == container.c.container_id,
        ),
    )
    .where(container.c.tenant_id == bindparam("tenant_id"))
)
_BY_SSCC = _whole.where(container.c.sscc == bindparam("sscc"))
_LOCK = _BY_SSCC.with_for_update(of=container_state)
_BY_ID = _whole.where(container.c.container_id == bindparam("container_id"))
_STANDING = _whole.where(container_state.c.parent_id == bindparam("container_id")).order_by(
    container.c.sscc
)
_INSIDE = _STANDING.with_for_update(of=container_state)
_SET = (
    update(container_state)
    .where(container_state.c.tenant_id == bindparam("key_tenant_id"))
    .where(container_state.c.container_id == bindparam("key_container_id"))
)
_MOVE = _SET.values(location_id=bindparam("location_id"))
_NEST = _SET.values(parent_id=bindparam("parent_id"))
_LEAVE = _SET.values(state="left", location_id=None)
_CONTENT = (
    select(
        container_stock.c.container_id,
        container_stock.c.lot_id,
        container_stock.c.status,
        container_stock.c.quantity,
        lot.c.lot_number,
    )
    .join(
        lot,
        and_(
            lot.c.tenant_id == container_stock.c.tenant_id,
            lot.c.lot_id == container_stock.c.lot_id,
        ),
    )
    .where(container_stock.c.tenant_id == bindparam("tenant_id"))
)
_CONTENT_OF = _CONTENT.where(container_stock.c.container_id == bindparam("container_id")).order_by(
    lot.c.lot_number, container_stock.c.status
)
_UNITS_IN = (
    select(
        serial_unit.c.serial_unit_id,
        serial_unit.c.serial_number,
        serial_unit.c.lot_id,
        serial_position.c.status,
    )
    .join(
        serial_position,
        and_(
            serial_position.c.tenant_id == serial_unit.c.tenant_id,
            serial_position.c.serial_unit_id == serial_unit.c.serial_unit_id,
        ),
    )
    .where(serial_unit.c.tenant_id == bindparam("tenant_id"))
    .where(serial_position.c.container_id == bindparam("container_id"))
    .order_by(serial_unit.c.serial_number)
)
_POSITION = (
    select(serial_position)
    .where(serial_position.c.tenant_id == bindparam("tenant_id"))
    .where(serial_position.c.serial_unit_id == bindparam("serial_unit_id"))
)
_BOX = (
    update(serial_position)
    .where(serial_position.c.tenant_id == bindparam("key_tenant_id"))
    .where(serial_position.c.serial_unit_id == bindparam("key_serial_unit_id"))
    .where(serial_position.c.container_id.is_not_distinct_from(bindparam("was")))
    .values(container_id=bindparam("now"))
)
_here = _whole.add_columns(location.c.code.label("location_code")).outerjoin(
    location,
    and_(
        location.c.tenant_id == container.c.tenant_id,
        location.c.location_id == container_state.c.location_id,
    ),
)
_AT = _here.where(container_state.c.location_id == bindparam("location_id")).order_by(
    container.c.sscc
)
_WITH_LOTS = (
    _here.add_columns(
        container_stock.c.lot_id, container_stock.c.status, container_stock.c.quantity
    )
    .join(
        container_stock,
        and_(
            container_stock.c.tenant_id == container.c.tenant_id,
            container_stock.c.container_id == container.c.container_id,
        ),
    )
    .add_columns(lot.c.lot_number)
    .join(
        lot,
        and_(
            lot.c.tenant_id == container_stock.c.tenant_id,
            lot.c.lot_id == container_stock.c.lot_id,
        ),
    )
    .order_by(container.c.sscc, lot.c.lot_number, container_stock.c.status)
)
_UNIT_BOXES = (
    select(
        container.c.sscc,
        serial_position.c.serial_unit_id,
        serial_position.c.status,
        serial_unit.c.lot_id,
    )
    .join(
        serial_position,
        and_(
            serial_position.c.tenant_id == container.c.tenant_id,
            serial_position.c.container_id == container.c.container_id,
        ),
    )
    .join(
        serial_unit,
        and_(
            serial_unit.c.tenant_id == serial_position.c.tenant_id,
            serial_unit.c.serial_unit_id == serial_position.c.serial_unit_id,
        ),
    )
    .where(container.c.tenant_id == bindparam("tenant_id"))
    .where(among(serial_position.c.serial_unit_id, "unit_ids"))
)
_OF_SSCC = _WITH_LOTS.where(container.c.sscc == bindparam("sscc"))
_OF_LOTS = _WITH_LOTS.where(among(container_stock.c.lot_id, "lot_ids"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What lies in a container, or is to be put in or taken out; `quantity` is a stored integer.

    `status` is asked for only where the lot lies at the place in several; `package_level_id` says
    how it was counted.
    """

    lot_number: str
    quantity: int
    serial_unit_id: UUID | None = None
    serial_number: str | None = None
    status: str | None = None
    package_level_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container: where it is (None once it has left), and which other one it stands in."""

    container_id: UUID
    sscc: str
    kind: str
    state: str
    location_id: UUID | None
    parent_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InReach:
    """Some of a lot in a container; `quantity` is a stored integer, `outermost` the code to look
    for: the pallet that the box stands on, or the box itself."""

    sscc: str
    outermost: str
    location_code: str
    lot_id: UUID
    lot_number: str
    status: str
    quantity: int


class NotAnSscc(LedgerRefusal):
    """An SSCC has 18 digits, the last of which checks the others (GS1 General Specifications)."""

    def __init__(self, raw: str) -> None:
        super().__init__(
            f"“{raw}” is not an SSCC: 18 digits with the right check digit. Scan the label again.",
            f"“{raw}” 不是有效的 SSCC（18 位数字且校验位正确），请重新扫描标签。",
            found=raw,
        )


class SsccUsed(LedgerRefusal):
    """INV-05: an SSCC names one container for ever."""

    def __init__(self, sscc: str) -> None:
        super().__init__(
            f"SSCC {sscc} is in use. Print a new label.",
            f"SSCC {sscc} 已使用，请打印新标签。",
            found=sscc,
        )


class ContainerGone(LedgerRefusal):
    """What has left is neither filled, emptied nor moved."""

    def __init__(self, sscc: str) -> None:
        super().__init__(
            f"Container {sscc} is not here any more. Scan the label again, or take the goods back.",
            f"物流单元 {sscc} 已不在库，请重新扫描标签，或按退货处理。",
            found=sscc,
        )


class NotThere(LedgerRefusal):
    """Packed is what lies loose where the container stands."""

    def __init__(self, lot: Lot, place: Location, wanted: int, loose: int) -> None:
        want, have = amount_of(wanted, lot.unit), amount_of(loose, lot.unit)
        super().__init__(
            f"{lot.number}: {have} {lot.unit.names['en']} lie loose at {place.code}, not {want}. "
            "Bring the goods there first, or pack less.",
            f"批次 {lot.number} 在 {place.code} 未装箱的数量为 {have} {lot.unit.names['zh']}，"
            f"不足 {want}，请先将货物移至该处或减少装箱数量。",
            expected=str(want),
            found=str(have),
        )


class SeveralStatuses(LedgerRefusal):
    """A lot that lies at a place in several statuses: the person says which is packed."""

    def __init__(self, lot_number: str, place: str, statuses: Sequence[str]) -> None:
        super().__init__(
            f"Lot {lot_number} lies at {place} in several statuses: say which of it is packed.",
            f"批次 {lot_number} 在 {place} 有多种状态的库存，请指明装箱的是哪一种。",
            expected=listed(statuses),
        )


class NotInContainer(LedgerRefusal):
    """Only what is in a container is taken out of it."""

    def __init__(self, sscc: str, lot_number: str) -> None:
        super().__init__(
            f"Container {sscc} does not hold so much of lot {lot_number}. Count what is in it.",
            f"物流单元 {sscc} 内没有这么多批次 {lot_number}，请清点箱内数量。",
            found=lot_number,
        )


class DoesNotGoInside(LedgerRefusal):
    """A box goes onto a pallet at the same place; a pallet goes into nothing."""

    def __init__(self, sscc: str, inside: str) -> None:
        super().__init__(
            f"{sscc} does not go into {inside}: both stand at one place, a pallet goes into "
            "nothing, and nothing into itself.",
            f"{sscc} 不能放入 {inside}：两者须在同一货位，托盘不能放入其他单元，也不能互相嵌套。",
            found=inside,
        )


class StandsInside(LedgerRefusal):
    """What stands on a pallet moves and leaves with it, or is taken off first."""

    def __init__(self, sscc: str, parent: str) -> None:
        super().__init__(
            f"{sscc} stands on {parent}. Take it off first, or scan {parent}.",
            f"{sscc} 在 {parent} 上，请先取下，或扫描 {parent}。",
            expected=parent,
            found=sscc,
        )


def pack(
    context: ServiceContext,
    sscc: str,
    content: Sequence[Content],
    *,
    location: str,
    kind: str = "case",
    inside: str | None = None,
    document: Document | None = None,
) -> UUID:
    """Begin a container at a place and put into it what lies there; give its id.

    Raises NotAnSscc, SsccUsed, DoesNotGoInside, NotThere, SeveralStatuses.
    """
    digits = checked(sscc)
    db, tenant_id = context.db, context.tenant_id
    if db.execute(_BY_SSCC, {"tenant_id": tenant_id, "sscc": digits}).first() is not None:
        raise SsccUsed(digits)
    place = locations.by_code(db, tenant_id, location)
    container_id = context.new_id()
    key = {"tenant_id": tenant_id, "container_id": container_id}
    parent = None if inside is None else _lock(context, inside)
    made = Container(
        container_id=container_id,
        sscc=digits,
        kind=kind,
        state="here",
        location_id=place.location_id,
        parent_id=None if parent is None else parent.container_id,
    )
    if parent is not None:
        _require_goes_inside(context, made, parent)
    row = {"sscc": digits, "kind": kind, "parent_id": made.parent_id}
    by = {"actor": context.actor.username, "packed_at": context.now}
    db.execute(_INSERT, key | row | by)
    there: dict[str, Any] = {"location_id": place.location_id, "parent_id": made.parent_id}
    db.execute(_INSERT_STATE, key | there | {"state": "here"})
    document = document or Document(KIND, digits)
    _write(context, made, "made", document, **there)
    for each in content:
        _put_in(context, made, place, each, document)
    _record(context, "container.packed", digits, content, location=location, inside=inside)
    return container_id


def put_in(
    context: ServiceContext, sscc: str, content: Sequence[Content], document: Document | None = None
) -> None:
    """Put more of what lies there into a container."""
    found = _lock(context, sscc)
    place = _place(context, found)
    for each in content:
        _put_in(context, found, place, each, document or Document(KIND, found.sscc))
    _record(context, "container.packed", found.sscc, content, location=place.code, inside=None)


def unpack(
    context: ServiceContext,
    sscc: str,
    content: Sequence[Content] | None = None,
    document: Document | None = None,
) -> list[Content]:
    """Take content out of a container, all of its own without `content`; it lies loose there.

    Boxes that stand in it stay in it. Gives what was taken out.
    """
    found = _lock(context, sscc)
    place = _place(context, found)
    taken = content_of(context.db, context.tenant_id, found.container_id)
    if content is not None:
        taken = [_held(context, found, each) for each in content]
    for each in taken:
        _take_out(context, found, place, each, document or Document(KIND, found.sscc))
    _record(context, "container.unpacked", found.sscc, taken, location=place.code, inside=None)
    return taken


def nest(
    context: ServiceContext, sscc: str, inside: str | None, document: Document | None = None
) -> None:
    """Put a container into another that stands beside it, or take it out (None)."""
    found = _lock(context, sscc)
    parent = None if inside is None else _lock(context, inside)
    if parent is not None:
        _require_goes_inside(context, found, parent)
    parent_id = None if parent is None else parent.container_id
    key = {"key_tenant_id": context.tenant_id, "key_container_id": found.container_id}
    context.db.execute(_NEST, key | {"parent_id": parent_id})
    document = document or Document(KIND, found.sscc)
    _write(context, found, "put_inside", document, parent_id=parent_id)
    context.record({"event": "container.put_inside", "sscc": found.sscc, "inside": inside})


def move(
    context: ServiceContext,
    sscc: str,
    to: str,
    *,
    movement_type: str = "XFR",
    document: Document | None = None,
    reason: str | None = None,
) -> list[UUID]:
    """Move a container with all that is in it; give the ids of the movements.

    Each lot and unit in it moves by a movement of its own, past the same rules as without a box.
    """
    found = _lock(context, sscc)
    _require_not_inside(context, found)
    source, target = _place(context, found), locations.by_code(context.db, context.tenant_id, to)
    document = document or Document(KIND, found.sscc)
    made: list[UUID] = []
    for each in _all(context, found):
        for part in content_of(context.db, context.tenant_id, each.container_id):
            movement = Movement(
                movement_type=movement_type,
                lot_id=lots.by_number(context.db, context.tenant_id, part.lot_number).lot_id,
                quantity=part.quantity,
                document=document,
                source=Place(source.location_id, str(part.status)),
                target=Place(target.location_id, str(part.status)),
                serial_unit_id=part.serial_unit_id,
                reason=reason,
                within=each.container_id,
            )
            made.append(movements.post(context, movement))
        key = {"key_tenant_id": context.tenant_id, "key_container_id": each.container_id}
        context.db.execute(_MOVE, key | {"location_id": target.location_id})
        _write(context, each, "moved", document, location_id=target.location_id, reason=reason)
    event = {"event": "container.moved", "sscc": found.sscc}
    context.record({**event, "from": source.code, "to": target.code, "movements": len(made)})
    return made


def leave(context: ServiceContext, sscc: str, document: Document) -> None:
    """Say that a container has left with all that was in it, whose movements are booked."""
    found = _lock(context, sscc)
    _require_not_inside(context, found)
    for each in _all(context, found):
        for part in _rows(context.db, context.tenant_id, each.container_id):
            key = (each.container_id, part.lot_id, part.status, part.quantity)
            contents.take(context.db, context.tenant_id, *key)
        context.db.execute(
            _LEAVE, {"key_tenant_id": context.tenant_id, "key_container_id": each.container_id}
        )
        _write(context, each, "left", document)


def checked(raw: str) -> str:
    """Give the 18 digits of an SSCC; NotAnSscc when they do not check."""
    digits = raw.strip()
    if len(digits) != _LENGTH or not digits.isascii() or not digits.isdigit():
        raise NotAnSscc(raw)
    if gs1_standard_check_digit(digits[:-1]) != int(digits[-1]):
        raise NotAnSscc(raw)
    return digits


# --- read ---------------------------------------------------------------------------------------


def find(db: Connection, tenant_id: str, sscc: str) -> Container:
    """Give a container by its code; NotInLedger when there is none."""
    row = db.execute(_BY_SSCC, {"tenant_id": tenant_id, "sscc": sscc.strip()}).one_or_none()
    if row is None:
        raise NotInLedger("container", "物流单元", sscc)
    return _read(row)


def content_of(db: Connection, tenant_id: str, container_id: UUID) -> list[Content]:
    """List what lies in a container itself, unit by unit; more than one lot is a mixed box."""
    named: dict[tuple[UUID, str], list[AnyRow]] = {}
    key = {"tenant_id": tenant_id, "container_id": container_id}
    for unit in db.execute(_UNITS_IN, key):
        named.setdefault((unit.lot_id, unit.status), []).append(unit)
    found: list[Content] = []
    for row in _rows(db, tenant_id, container_id):
        units = named.get((row.lot_id, row.status), [])
        whole = Content(lot_number=row.lot_number, quantity=row.quantity, status=row.status)
        found.extend(
            Content(
                lot_number=row.lot_number,
                quantity=row.quantity // len(units),
                status=row.status,
                serial_unit_id=unit.serial_unit_id,
                serial_number=unit.serial_number,
            )
            for unit in units
        )
        found.extend([] if units else [whole])
    return found


def whole_content(
    context: ServiceContext, sscc: str
) -> tuple[Container, list[tuple[Container, Content]]]:
    """Give a container that stands in no other, and all that is in it and in what stands in it.

    It is locked until the command ends, so that what is shipped is what is in it.
    """
    found = _lock(context, sscc)
    _require_not_inside(context, found)
    parts = [
        (each, part)
        for each in _all(context, found)
        for part in content_of(context.db, context.tenant_id, each.container_id)
    ]
    return found, parts


def standing_in(db: Connection, tenant_id: str, container_id: UUID) -> list[Container]:
    """List the containers that stand directly in another."""
    key = {"tenant_id": tenant_id, "container_id": container_id}
    return [_read(row) for row in db.execute(_STANDING, key)]


def at(db: Connection, tenant_id: str, location_id: UUID) -> list[Container]:
    """List the containers at a place, by code."""
    rows = db.execute(_AT, {"tenant_id": tenant_id, "location_id": location_id})
    return [_read(row) for row in rows]


def of_lots(db: Connection, tenant_id: str, lot_ids: Sequence[UUID]) -> list[InReach]:
    """List the containers with us that hold stock of these lots: what is held, or recalled."""
    found: list[InReach] = []
    for some in slices(lot_ids):
        rows = db.execute(_OF_LOTS, {"tenant_id": tenant_id, "lot_ids": some}).all()
        found.extend(_in_reach(db, tenant_id, row) for row in rows)
    return found


def of_units(db: Connection, tenant_id: str, unit_ids: Sequence[UUID]) -> list[InReach]:
    """List the containers with us that hold these units, with how many of them."""
    counted = Counter[tuple[str, UUID, str]]()
    for some in slices(unit_ids):
        key = {"tenant_id": tenant_id, "unit_ids": some}
        counted.update((r.sscc, r.lot_id, r.status) for r in db.execute(_UNIT_BOXES, key))
    found = []
    for sscc in dict.fromkeys(sscc for sscc, _lot_id, _status in counted):
        key = {"tenant_id": tenant_id, "sscc": sscc}
        for row in db.execute(_OF_SSCC, key).all():
            units = counted.get((sscc, row.lot_id, row.status), 0)
            one = _in_reach(db, tenant_id, row)
            unit = lots.find(db, tenant_id, row.lot_id).unit
            found.extend([replace(one, quantity=units * 10**unit.decimals)] if units else [])
    return found


def mixed(db: Connection, tenant_id: str) -> dict[str, list[InReach]]:
    """List the boxes with us that hold more than one lot, each with its lots."""
    held: dict[str, list[InReach]] = {}
    for row in db.execute(_WITH_LOTS, {"tenant_id": tenant_id}).all():
        held.setdefault(row.sscc, []).append(_in_reach(db, tenant_id, row))
    return {sscc: some for sscc, some in held.items() if len({each.lot_id for each in some}) > 1}


# --- parts --------------------------------------------------------------------------------------


def _put_in(
    context: ServiceContext, into: Container, place: Location, part: Content, document: Document
) -> None:
    db, tenant_id = context.db, context.tenant_id
    found = lots.by_number(db, tenant_id, part.lot_number)
    named = part.serial_unit_id is not None
    if named != found.has_serials or (named and part.quantity != 10**found.unit.decimals):
        raise SerialRequired(found.number)
    status = _status_there(context, found, place, part)
    there = Place(place.location_id, status)
    if part.quantity <= 0 or not balances.pack(db, tenant_id, found.lot_id, there, part.quantity):
        raise NotThere(found, place, part.quantity, _loose(context, found, place))
    if part.serial_unit_id is not None:
        _box(context, part.serial_unit_id, was=None, now=into.container_id, lot=found)
    contents.add(db, tenant_id, into.container_id, found.lot_id, status, part.quantity)
    _write(context, into, "packed", document, content=part, lot_id=found.lot_id)


def _status_there(context: ServiceContext, found: Lot, place: Location, part: Content) -> str:
    """Give the status in which the goods lie there; refused where several could be meant."""
    if part.serial_unit_id is not None:
        key = {"tenant_id": context.tenant_id, "serial_unit_id": part.serial_unit_id}
        row = context.db.execute(_POSITION, key).one_or_none()
        if row is None or row.location_id != place.location_id:
            raise movements.SerialElsewhere(found.number)
        if row.container_id is not None:
            code = contents.code_of(context.db, context.tenant_id, row.container_id)
            raise LiesInContainer(found.number, [code])
        return str(row.status)
    loose = {
        each.status: each.loose
        for each in balances.of_lot(context.db, context.tenant_id, found.lot_id)
        if each.location_id == place.location_id and each.loose
    }
    if part.status is not None and part.status in loose:
        return part.status
    if part.status is not None or not loose:
        raise NotThere(found, place, part.quantity, 0)
    if len(loose) > 1:
        raise SeveralStatuses(found.number, place.code, sorted(loose))
    return next(iter(loose))


def _loose(context: ServiceContext, found: Lot, place: Location) -> int:
    return sum(
        each.loose
        for each in balances.of_lot(context.db, context.tenant_id, found.lot_id)
        if each.location_id == place.location_id
    )


def _box(
    context: ServiceContext, unit_id: UUID, *, was: UUID | None, now: UUID | None, lot: Lot
) -> None:
    key = {"key_tenant_id": context.tenant_id, "key_serial_unit_id": unit_id}
    if context.db.execute(_BOX, key | {"was": was, "now": now}).rowcount != 1:
        raise movements.SerialElsewhere(lot.number)


def _held(context: ServiceContext, found: Container, asked: Content) -> Content:
    """Give what is meant by content to be taken out, with the status that it is in."""
    held = [
        each
        for each in content_of(context.db, context.tenant_id, found.container_id)
        if each.lot_number == asked.lot_number
        and each.serial_unit_id == asked.serial_unit_id
        and asked.status in (None, each.status)
        and each.quantity >= asked.quantity > 0
    ]
    if not held:
        raise NotInContainer(found.sscc, asked.lot_number)
    if len(held) > 1:
        raise SeveralStatuses(asked.lot_number, found.sscc, [str(x.status) for x in held])
    return Content(
        lot_number=asked.lot_number,
        quantity=asked.quantity,
        serial_unit_id=asked.serial_unit_id,
        serial_number=held[0].serial_number,
        status=held[0].status,
    )


def _take_out(
    context: ServiceContext, found: Container, place: Location, part: Content, document: Document
) -> None:
    db, tenant_id = context.db, context.tenant_id
    of = lots.by_number(db, tenant_id, part.lot_number)
    status = str(part.status)
    there = Place(place.location_id, status)
    key = (found.container_id, of.lot_id, status, part.quantity)
    if not contents.take(db, tenant_id, *key):
        raise NotInContainer(found.sscc, of.number)
    if not balances.pack(db, tenant_id, of.lot_id, there, -part.quantity):
        raise NotInContainer(found.sscc, of.number)
    if part.serial_unit_id is not None:
        _box(context, part.serial_unit_id, was=found.container_id, now=None, lot=of)
    _write(context, found, "unpacked", document, content=part, lot_id=of.lot_id)


def _require_goes_inside(context: ServiceContext, one: Container, parent: Container) -> None:
    together = one.location_id == parent.location_id and one.kind != _PALLET
    if not together or one.container_id in _line_of(context.db, context.tenant_id, parent):
        raise DoesNotGoInside(one.sscc, parent.sscc)


def _line_of(db: Connection, tenant_id: str, of: Container) -> list[UUID]:
    """List a container and those that it stands in, the outermost last."""
    line = [of.container_id]
    parent_id = of.parent_id
    while parent_id is not None and parent_id not in line:
        line.append(parent_id)
        key = {"tenant_id": tenant_id, "container_id": parent_id}
        parent_id = db.execute(_BY_ID, key).one().parent_id
    return line


def _require_not_inside(context: ServiceContext, found: Container) -> None:
    if found.parent_id is not None:
        code = contents.code_of(context.db, context.tenant_id, found.parent_id)
        raise StandsInside(found.sscc, code)


def _all(context: ServiceContext, found: Container) -> Iterator[Container]:
    """Give a container and all that stand in it, locked."""
    yield found
    key = {"tenant_id": context.tenant_id, "container_id": found.container_id}
    for row in context.db.execute(_INSIDE, key).all():
        yield from _all(context, _read(row))


def _lock(context: ServiceContext, sscc: str) -> Container:
    """Give a container that is here, locked until the command ends."""
    key = {"tenant_id": context.tenant_id, "sscc": checked(sscc)}
    row = context.db.execute(_LOCK, key).one_or_none()
    if row is None:
        raise NotInLedger("container", "物流单元", sscc)
    if row.state != "here":
        raise ContainerGone(row.sscc)
    return _read(row)


def _place(context: ServiceContext, found: Container) -> Location:
    if found.location_id is None:
        raise ContainerGone(found.sscc)
    return locations.find(context.db, context.tenant_id, found.location_id)


def _rows(db: Connection, tenant_id: str, container_id: UUID) -> list[AnyRow]:
    key = {"tenant_id": tenant_id, "container_id": container_id}
    return list(db.execute(_CONTENT_OF, key))


def _read(row: AnyRow) -> Container:
    return Container(
        container_id=row.container_id,
        sscc=row.sscc,
        kind=row.kind,
        state=row.state,
        location_id=row.location_id,
        parent_id=row.parent_id,
    )


def _in_reach(db: Connection, tenant_id: str, row: AnyRow) -> InReach:
    outermost = _line_of(db, tenant_id, _read(row))[-1]
    return InReach(
        sscc=row.sscc,
        outermost=contents.code_of(db, tenant_id, outermost),
        location_code=row.location_code,
        lot_id=row.lot_id,
        lot_number=row.lot_number,
        status=row.status,
        quantity=row.quantity,
    )


def _write(
    context: ServiceContext,
    of: Container,
    kind: str,
    document: Document,
    *,
    content: Content | None = None,
    **more: Any,
) -> None:
    """Add to what was done with a container."""
    part: dict[str, Any] = {}
    if content is not None:
        part = {
            "serial_unit_id": content.serial_unit_id,
            "quantity": content.quantity,
            "package_level_id": content.package_level_id,
        }
    row: dict[str, Any] = {
        "tenant_id": context.tenant_id,
        "container_event_id": context.new_id(),
        "container_id": of.container_id,
        "kind": kind,
        "document_kind": document.kind,
        "document_id": document.id,
        "process_instance_id": context.process_instance_id,
        "command_id": context.command_id,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_INSERT_EVENT, row | part | more)


def _record(
    context: ServiceContext,
    event: str,
    sscc: str,
    content: Sequence[Content],
    *,
    location: str,
    inside: str | None,
) -> None:
    context.record(
        {
            "event": event,
            "sscc": sscc,
            "location": location,
            "inside": inside,
            "content": [
                {
                    "lot": each.lot_number,
                    "quantity": each.quantity,
                    **({} if each.serial_number is None else {"serial": each.serial_number}),
                }
                for each in content
            ],
        }
    )
