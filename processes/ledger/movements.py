"""Stock movements: the append-only book. A correction is a reversal and a new movement."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, NoReturn
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, insert, select, union_all, update

from engine.outcomes import ConcurrentChange
from engine.services import ServiceContext
from processes.ledger import (
    balances,
    locations,
    lots,
    ownership,
    posting,
    site_days,
    status,
    words,
)
from processes.ledger.balances import InsufficientStock, Place
from processes.ledger.columns import AnyRow, rows_of
from processes.ledger.distribution import contents
from processes.ledger.distribution.tables import shipment_line, shipment_return
from processes.ledger.genealogy.tables import genealogy_edge
from processes.ledger.lots import Lot
from processes.ledger.movement_rules import RULES, Rule
from processes.ledger.ownership import Shares
from processes.ledger.refusals import LedgerRefusal, NotInLedger, listed
from processes.ledger.tables import REASON_REQUIRED, serial_position, stock_movement
from processes.ledger.words import Said

_MOVEMENT = (
    select(stock_movement)
    .where(stock_movement.c.tenant_id == bindparam("tenant_id"))
    .where(stock_movement.c.movement_id == bindparam("movement_id"))
)
_REVERSAL_OF = (
    select(stock_movement.c.movement_id)
    .where(stock_movement.c.tenant_id == bindparam("tenant_id"))
    .where(stock_movement.c.reversal_of == bindparam("movement_id"))
)
_OF_LOT = rows_of(stock_movement, "lot_id", "movement_id")
_BELONGS = union_all(  # an edge, a line of a shipment or a return that stands on this movement
    *(
        select(table.c.movement_id)
        .where(table.c.tenant_id == bindparam("tenant_id"))
        .where(table.c.movement_id == bindparam("movement_id"))
        for table in (genealogy_edge, shipment_line, shipment_return)
    )
)
_BETWEEN_LOTS = ("SPLIT", "MERGE", "RELABEL", "REPACK")
_GONE_AS = {
    "RTV": "returned",
    **dict.fromkeys(("ISS", "SHP", "SCRAP", "DESTROY", "SAMPLE", "CNT-"), "written_off"),
}
"""What became of goods that were still their owner's when they left, for the order they came for:
the customer's rules say which of the last ones buy them instead."""
_PLACE_SERIAL = insert(serial_position)
_POSITION = (serial_position.c.tenant_id == bindparam("key_tenant_id")) & (
    serial_position.c.serial_unit_id == bindparam("key_serial_unit_id")
)
_MOVE_SERIAL = (
    update(serial_position)
    .where(_POSITION)
    .where(serial_position.c.location_id == bindparam("from_location_id"))
    .where(serial_position.c.status == bindparam("from_status"))
    .where(serial_position.c.container_id.is_not_distinct_from(bindparam("within")))
    .values(
        location_id=bindparam("location_id"),
        status=bindparam("status"),
        consigned=bindparam("consigned"),
    )
)
_REMOVE_SERIAL = (
    delete(serial_position)
    .where(_POSITION)
    .where(serial_position.c.location_id == bindparam("from_location_id"))
    .where(serial_position.c.status == bindparam("from_status"))
    .where(serial_position.c.container_id.is_not_distinct_from(bindparam("within")))
)
_SERIALS_AT = (
    select(serial_position.c.serial_unit_id)
    .where(serial_position.c.tenant_id == bindparam("tenant_id"))
    .where(serial_position.c.serial_unit_id.in_(bindparam("serial_unit_ids", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class Document:
    """What a movement is booked for: the kind and id of a record."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A quantity as it was counted: 4 packages of this level, in this unit (INV-07)."""

    quantity: Decimal
    unit_code: str
    package_level_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Stock that moves from one position of the book to another, or in, or out.

    `quantity` is the stored integer in the item's stock unit; `counted` is how it was entered, the
    stock unit itself when absent. `outcome` says what became of stock that leaves (OUTSIDE).
    `within` names the container that it lies in and that goes along; without it only what is loose
    moves (containers.py).
    `consigned` is how much of it is the owner's of the lot, where the book is to be told;
    `undoes` the document under which the stock had left that a reversal brings back.
    """

    movement_type: str
    lot_id: UUID
    quantity: int
    document: Document
    source: Place | None = None
    target: Place | None = None
    outcome: str | None = None
    counted: Counted | None = None
    serial_unit_id: UUID | None = None
    reason: str | None = None
    signature_meaning: str | None = None
    reversal_of: UUID | None = None
    performed_at: datetime | None = None
    within: UUID | None = None
    consigned: int | None = None
    undoes: Document | None = None


class MovementNotAllowed(LedgerRefusal):
    """A movement of this type does not go this way."""


class ReasonMissing(LedgerRefusal):
    """INV-08: some movements say why."""

    def __init__(self, movement_type: str) -> None:
        super().__init__(
            f"This movement ({_kind(movement_type).en}) needs a reason. Write one.",
            f"{_kind(movement_type).zh}必须填写原因。",
            expected="a reason",
        )


class SerialRequired(LedgerRefusal):
    """Stock with serial numbers moves unit by unit."""

    def __init__(self, lot_number: str) -> None:
        super().__init__(
            f"Lot {lot_number} has serial numbers: name each unit that moves.",
            f"批次 {lot_number} 按序列号管理，请逐件指定序列号。",
        )


class BelongsToRecord(LedgerRefusal):
    """INV-09: what a genealogy or a sales record stands on is not taken away from under it."""

    def __init__(self, movement_type: str) -> None:
        super().__init__(
            f"This movement ({_kind(movement_type).en}) belongs to a work order, a shipment or a "
            "new lot. "
            "Return the material or take the goods back there; a reversal would leave that "
            "record wrong.",
            f"该移动（{_kind(movement_type).zh}）属于工单、发货或新批次的记录，"
            "请在原记录中退料或退货，不能单独冲销。",
            found=movement_type,
        )


class OwnershipStands(LedgerRefusal):
    """Goods become ours by what is done with them; taking that back gives them back too."""

    def __init__(self) -> None:
        super().__init__(
            "A change of ownership is not reversed by itself. Reverse what used the goods, or "
            "return them from production: they become the owner's again with it.",
            "货权变更不能单独冲销。请冲销使用这些物料的移动，或办理退料，货权随之恢复。",
        )


class SerialElsewhere(LedgerRefusal):
    """INV-05: a unit is at one place at a time."""

    def __init__(self, lot_number: str) -> None:
        super().__init__(
            f"A unit of lot {lot_number} is not where it is to be taken from. Scan it again.",
            f"批次 {lot_number} 的单件不在指定位置，请重新扫描。",
        )


class LiesInContainer(LedgerRefusal):
    """What lies in a container moves with it, or is taken out first."""

    def __init__(self, lot_number: str, codes: Sequence[str]) -> None:
        shown = listed(codes)
        super().__init__(
            f"Lot {lot_number} lies there in container {shown}. Move the container, or take the "
            "goods out of it first.",
            f"批次 {lot_number} 在该处已装入物流单元 {shown}，请移动整个物流单元，或先拆箱取出。",
            expected="loose stock",
            found=shown,
        )


class PartOfContainers(LedgerRefusal):
    """A status that changes for some of what is packed: nobody can say which box it is."""

    def __init__(self, lot_number: str, codes: Sequence[str]) -> None:
        shown = listed(codes)
        super().__init__(
            f"Some of lot {lot_number} lies there in container {shown}: take out what changes, or "
            "decide on all of it.",
            f"批次 {lot_number} 的部分库存在物流单元 {shown} 内，请先取出状态变更的部分，"
            "或对该处全部数量作决定。",
            found=shown,
        )


class AlreadyReversed(LedgerRefusal):
    """A movement is corrected once; what came after it is corrected itself."""

    def __init__(self, movement_id: UUID) -> None:
        super().__init__(
            f"Movement {movement_id} is reversed already, or is a reversal itself.",
            f"移动 {movement_id} 已冲销，或本身就是冲销记录。",
            found=str(movement_id),
        )


def post(context: ServiceContext, movement: Movement, *, movement_id: UUID | None = None) -> UUID:
    """Book a movement and bring the balances up to date; refused whole when a rule speaks against.

    Raises the refusals of this module, InsufficientStock, StatusDoesNotFit and NotReleased.
    """
    rule = RULES.get(movement.movement_type)
    if rule is None:
        raise MovementNotAllowed(
            f"Movements of type {movement.movement_type} are not offered.",
            f"暂不支持 {movement.movement_type} 类型的移动。",
            found=movement.movement_type,
        )
    _require_shape(movement, rule)
    uses = rule.only_released and movement.source is not None
    return _book(context, movement, movement_id, uses=uses)


def post_serials(
    context: ServiceContext, movement: Movement, serial_unit_ids: Sequence[UUID]
) -> list[UUID]:
    """Book the same movement for each of some units of a lot."""
    lot = lots.find(context.db, context.tenant_id, movement.lot_id)
    one = 10**lot.unit.decimals
    return [
        post(context, replace(movement, quantity=one, serial_unit_id=serial_unit_id))
        for serial_unit_id in serial_unit_ids
    ]


def reverse(context: ServiceContext, movement_id: UUID, *, reason: str, document: Document) -> UUID:
    """Undo a movement by its opposite; both stay in the book, linked (4.3)."""
    row = find(context.db, context.tenant_id, movement_id)
    key = {"tenant_id": context.tenant_id, "movement_id": movement_id}
    taken_back = context.db.execute(_REVERSAL_OF, key).scalar_one_or_none()
    if taken_back is not None or row.movement_type == "REVERSAL":
        raise AlreadyReversed(movement_id)
    if row.movement_type == "OWN":
        raise OwnershipStands
    if row.movement_type in _BETWEEN_LOTS or context.db.execute(_BELONGS, key).first():
        raise BelongsToRecord(row.movement_type)
    back = Movement(
        movement_type="REVERSAL",
        lot_id=row.lot_id,
        quantity=row.quantity,
        document=document,
        source=_place(row.to_location_id, row.to_status),
        target=_place(row.from_location_id, row.from_status),
        outcome=row.from_status if row.from_location_id is None else None,
        counted=Counted(
            quantity=row.entered_quantity,
            unit_code=row.entered_unit,
            package_level_id=row.package_level_id,
        ),
        serial_unit_id=row.serial_unit_id,
        reason=reason,
        reversal_of=movement_id,
        consigned=row.to_consigned if row.to_location_id is not None else row.from_consigned,
        undoes=Document(row.document_kind, row.document_id),
    )
    return post(context, back)


def find(db: Connection, tenant_id: str, movement_id: UUID) -> AnyRow:
    """Give a movement's row; NotInLedger when there is none."""
    key = {"tenant_id": tenant_id, "movement_id": movement_id}
    row = db.execute(_MOVEMENT, key).one_or_none()
    if row is None:
        raise NotInLedger("movement", "库存移动", movement_id)
    return row


def of_lot(db: Connection, tenant_id: str, lot_id: UUID) -> list[AnyRow]:
    """List a lot's movements, oldest first."""
    return list(db.execute(_OF_LOT, {"tenant_id": tenant_id, "lot_id": lot_id}))


def _require_shape(movement: Movement, rule: Rule) -> None:
    """Refuse a movement whose two sides do not belong to its type."""
    sides = (movement.source is not None, movement.target is not None)
    fits = rule.sides in ("any", sides) and any(sides)
    if movement.source is not None and movement.target is not None:
        same_place = movement.source.location_id == movement.target.location_id
        same_status = movement.source.status == movement.target.status
        fits = fits and rule.changes_status in (None, not same_status)
        fits = fits and (same_place and same_status) == (movement.movement_type == "OWN")
    if not sides[1]:
        fits = fits and (rule.outcome is None or movement.outcome == rule.outcome)
    if rule.into is not None and movement.target is not None:
        fits = fits and movement.target.status in rule.into
    if rule.out_of is not None and movement.source is not None:
        theirs = movement.movement_type == "RTV" and movement.consigned == movement.quantity
        fits = fits and (theirs or movement.source.status in rule.out_of)
    if not fits:
        to = _said(movement.target)
        if not sides[1] and movement.outcome is not None:
            to = words.said("status", movement.outcome)
        raise MovementNotAllowed(
            f"Stock does not go that way ({_kind(movement.movement_type).en}): from "
            f"{_said(movement.source).en} to {to.en}.",
            f"{_kind(movement.movement_type).zh}不能这样进行"
            f"（{_said(movement.source).zh} → {to.zh}）。",
            expected=rule.meaning,
        )
    if movement.movement_type in REASON_REQUIRED and not (movement.reason or "").strip():
        raise ReasonMissing(movement.movement_type)


def _book(
    context: ServiceContext,
    movement: Movement,
    known: UUID | None,
    *,
    uses: bool,
    shares: Shares | None = None,
) -> UUID:
    source, target = movement.source, movement.target
    movement_id = known or context.new_id()
    row = _row(context, movement, movement_id, shares or Shares())
    on = site_days.today_at(context, None if source is None else source.location_id)
    packed = _packed(context, movement)
    there, booked = posting.write(
        context.db, row, uses=uses, on=on, packed=packed.quantity, owned=shares is not None
    )
    if there is not None and there.owner_id is not None and shares is None:
        return _book_owned(context, movement, known, uses=uses)
    if there is None or not booked:
        _refuse(context, movement, uses=uses)
    if movement.serial_unit_id is not None:
        position = _Position(packed.container_id, row["to_consigned"] > 0)
        _move_serial(context, movement, there.lot_number, movement.serial_unit_id, position)
    if packed.restated and source is not None and target is not None:
        contents.restate(
            context.db,
            context.tenant_id,
            movement.lot_id,
            source,
            target.status,
            packed.quantity,
            packed.container_id,
        )
    owned = {} if shares is None else {"consigned": [shares.before, shares.after]}
    context.record(
        {
            "event": "stock.moved",
            "movement": str(movement_id),
            "type": movement.movement_type,
            "lot": there.lot_number,
            "from": _shown(source, there.source_code),
            "to": _shown(target, there.target_code) or {"status": movement.outcome},
            "quantity": format(Decimal(movement.quantity).scaleb(-there.decimals), "f"),
            "unit": there.unit_code,
            "document": f"{movement.document.kind} {movement.document.id}",
            "reason": movement.reason,
            **owned,
        }
    )
    return movement_id


class _Position(NamedTuple):
    """Of a unit that moves: the box that it lies in and goes along, whether it is its owner's."""

    within: UUID | None
    consigned: bool


class _Packed(NamedTuple):
    """How much of what moves lies in containers; of a unit also in which.

    `restated` says that the containers stay where they are and their content changes its status.
    """

    quantity: int = 0
    container_id: UUID | None = None
    restated: bool = False


def _packed(context: ServiceContext, movement: Movement) -> _Packed:
    """Say what moves with its containers: those named, or all where the status changes in place."""
    if movement.within is not None:
        return _Packed(movement.quantity, movement.within)
    source, target = movement.source, movement.target
    if source is None or target is None or source.location_id != target.location_id:
        return _Packed()
    db, tenant_id, lot_id = context.db, context.tenant_id, movement.lot_id
    if source == target:  # it changes its owner where it lies, in a box or not
        unit = movement.serial_unit_id
        return _Packed() if unit is None else _Packed(0, contents.box_of(db, tenant_id, unit))
    if movement.serial_unit_id is not None:
        box = contents.box_of(db, tenant_id, movement.serial_unit_id)
        return _Packed() if box is None else _Packed(movement.quantity, box, restated=True)
    there = next(
        (
            each
            for each in balances.of_lot(db, tenant_id, lot_id)
            if (each.location_id, each.status) == (source.location_id, source.status)
        ),
        None,
    )
    if there is None or there.packed == 0 or movement.quantity <= there.loose:
        return _Packed()
    if movement.quantity < there.quantity:
        number = lots.find(db, tenant_id, lot_id).number
        raise PartOfContainers(number, contents.codes_at(db, tenant_id, lot_id, source))
    return _Packed(min(there.packed, movement.quantity), restated=True)


def _book_owned(
    context: ServiceContext, movement: Movement, known: UUID | None, *, uses: bool
) -> UUID:
    """Book a movement of a lot that has an owner: what it buys first, then itself, then what it
    gives back; and settle what it means for the order that the goods came for."""
    found = lots.find(context.db, context.tenant_id, movement.lot_id)
    _require_units(found, movement)
    shares = ownership.shares(context, found, movement)
    if shares.taken_over:
        _change_owner(context, found, movement, Shares(before=shares.taken_over))
    made = _book(context, movement, known, uses=uses, shares=shares)
    if shares.given_back:
        _change_owner(context, found, movement, Shares(after=shares.given_back))
    _settle(context, found, movement, made, shares)
    return made


def _change_owner(context: ServiceContext, found: Lot, movement: Movement, shares: Shares) -> None:
    """Book an OWN of some of what a movement takes or brings, where that lies."""
    place = movement.source if shares.before else movement.target
    own = Movement(
        movement_type="OWN",
        lot_id=movement.lot_id,
        quantity=shares.before or shares.after,
        document=movement.undoes or movement.document,
        source=place,
        target=place,
        serial_unit_id=movement.serial_unit_id,
        reason=movement.reason,
        signature_meaning=movement.signature_meaning,
        performed_at=movement.performed_at,
    )
    made = _book(context, own, None, uses=False, shares=shares)
    _settle(context, found, own, made, shares)


def _settle(
    context: ServiceContext, found: Lot, movement: Movement, movement_id: UUID, shares: Shares
) -> None:
    """Say to the orders of a lot what was bought of it, sent back or lost at its owner's cost."""
    if movement.movement_type == "OWN":
        ownership.settle(context, found, movement_id, "used", shares.before - shares.after)
    elif movement.target is None and movement.movement_type in _GONE_AS:
        kind = _GONE_AS[movement.movement_type]
        ownership.settle(context, found, movement_id, kind, shares.before)
    elif movement.source is None and movement.reversal_of is not None:
        undone = find(context.db, context.tenant_id, movement.reversal_of).movement_type
        kind = _GONE_AS.get(undone, "written_off")
        ownership.settle(context, found, movement_id, kind, -shares.after)


def _refuse(context: ServiceContext, movement: Movement, *, uses: bool) -> NoReturn:
    """Say what speaks against a movement that was not booked; the rules are their owners'."""
    db, tenant_id = context.db, context.tenant_id
    source, target = movement.source, movement.target
    lot = lots.find(db, tenant_id, movement.lot_id)
    _require_units(lot, movement)
    if uses and source is not None:
        status.require_released(context, lot, source, movement.serial_unit_id)
    if source is not None:
        locations.find(db, tenant_id, source.location_id)
    if target is not None:
        place = locations.find(db, tenant_id, target.location_id)
        locations.require_status(db, tenant_id, place, target.status)
    there = 0 if source is None else balances.at(db, tenant_id, lot.lot_id, source)
    if source is not None and there < movement.quantity:
        raise InsufficientStock(lot.number, source.status, movement.quantity, there, lot.unit)
    if source is not None and movement.within is None:
        loose = there - balances.in_containers(db, tenant_id, lot.lot_id, source)
        if loose < movement.quantity:
            codes = contents.codes_at(db, tenant_id, lot.lot_id, source)
            raise LiesInContainer(lot.number, codes)
    raise ConcurrentChange  # what spoke against it is gone meanwhile: the command is tried again


def _require_units(found: Lot, movement: Movement) -> None:
    """Refuse stock with serial numbers that does not move unit by unit."""
    named = movement.serial_unit_id is not None
    if named != found.has_serials or (named and movement.quantity != 10**found.unit.decimals):
        raise SerialRequired(found.number)


def _move_serial(
    context: ServiceContext,
    movement: Movement,
    lot_number: str,
    serial_unit_id: UUID,
    position: _Position,
) -> None:
    """Move the one position of a unit along; refused when it is not where it is taken from."""
    source, target = movement.source, movement.target
    if source is None and target is not None:
        _place_serial(context, lot_number, serial_unit_id, target, consigned=position.consigned)
        return
    key: dict[str, Any] = {
        "key_tenant_id": context.tenant_id,
        "key_serial_unit_id": serial_unit_id,
        "within": position.within,
    }
    if source is not None:
        key |= {"from_location_id": source.location_id, "from_status": source.status}
    if target is not None:
        key |= {"location_id": target.location_id, "status": target.status}
        key["consigned"] = position.consigned
    moved = context.db.execute(_REMOVE_SERIAL if target is None else _MOVE_SERIAL, key)
    if moved.rowcount != 1:
        box = contents.box_of(context.db, context.tenant_id, serial_unit_id)
        if box is not None and position.within is None:
            code = contents.code_of(context.db, context.tenant_id, box)
            raise LiesInContainer(lot_number, [code])
        raise SerialElsewhere(lot_number)


def _place_serial(
    context: ServiceContext,
    lot_number: str,
    serial_unit_id: UUID,
    target: Place,
    *,
    consigned: bool,
) -> None:
    asked = {"tenant_id": context.tenant_id, "serial_unit_ids": [serial_unit_id]}
    if context.db.execute(_SERIALS_AT, asked).first() is not None:
        raise SerialElsewhere(lot_number)
    row = {
        "tenant_id": context.tenant_id,
        "serial_unit_id": serial_unit_id,
        "location_id": target.location_id,
        "status": target.status,
        "consigned": consigned,
    }
    context.db.execute(_PLACE_SERIAL, row)


def _row(
    context: ServiceContext, movement: Movement, movement_id: UUID, shares: Shares
) -> dict[str, Any]:
    """Give the row of a movement; what is left open follows from the lot (posting.write)."""
    counted = movement.counted
    source, target = movement.source, movement.target
    return {
        "tenant_id": context.tenant_id,
        "movement_id": movement_id,
        "movement_type": movement.movement_type,
        "lot_id": movement.lot_id,
        "serial_unit_id": movement.serial_unit_id,
        "from_location_id": None if source is None else source.location_id,
        "from_status": None if source is None else source.status,
        "to_location_id": None if target is None else target.location_id,
        "to_status": movement.outcome if target is None else target.status,
        "quantity": movement.quantity,
        "from_consigned": shares.before,
        "to_consigned": shares.after,
        "unit_code": None,
        "entered_quantity": None if counted is None else counted.quantity,
        "entered_unit": None if counted is None else counted.unit_code,
        "package_level_id": None if counted is None else counted.package_level_id,
        "document_kind": movement.document.kind,
        "document_id": movement.document.id,
        "reason": movement.reason,
        "signature_meaning": movement.signature_meaning,
        "reversal_of": movement.reversal_of,
        "process_instance_id": context.process_instance_id,
        "activity_id": context.activity_id,
        "command_id": context.command_id,
        "actor": context.actor.username,
        "performed_at": movement.performed_at or context.performed_at or context.now,
        "recorded_at": context.now,
    }


def _place(location_id: UUID | None, stock_status: str | None) -> Place | None:
    if location_id is None or stock_status is None:
        return None
    return Place(location_id, stock_status)


def _said(place: Place | None) -> Said:
    return Said("outside", "库外") if place is None else words.said("status", place.status)


def _kind(movement_type: str) -> Said:
    return words.said("movement", movement_type)


def _shown(place: Place | None, code: str) -> dict[str, str] | None:
    return None if place is None else {"location": code, "status": place.status}
