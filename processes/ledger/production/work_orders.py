"""Work orders: material goes in, goods come out, and what is between is explained (INV-04, 09, 10).

The lot that comes out is made with the order, so that every issue has its edge at once: a recall
that starts in the middle of production misses nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Connection,
    and_,
    bindparam,
    case,
    cast,
    func,
    insert,
    select,
    update,
)

from engine.services import ServiceContext
from processes.ledger import balances, items, locations, lots, movements, own_lots, status, words
from processes.ledger.balances import Place
from processes.ledger.changes import old_before_new, substitutes, temporary
from processes.ledger.columns import AnyRow
from processes.ledger.distribution import reservations
from processes.ledger.genealogy import edges, flags
from processes.ledger.genealogy.edges import Edge
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement
from processes.ledger.numbers import next_number
from processes.ledger.own_lots import OwnLot
from processes.ledger.production import boms, labels, stops
from processes.ledger.production.boms import Bom, BomLine
from processes.ledger.production.tables import (
    conditional_release,
    work_order,
    work_order_close,
    work_order_loss,
)
from processes.ledger.quantities import amount_of, scaled
from processes.ledger.refusals import LedgerRefusal, NotInLedger, listed
from processes.ledger.status import SignatureMissing
from processes.ledger.tables import lot, stock_movement

KIND = "work_order"
"""The document kind of what is booked for a work order."""

_INSERT = insert(work_order)
_LOSS = insert(work_order_loss)
_CLOSE = insert(work_order_close)
_BIND = insert(conditional_release)
_BY_NUMBER = (
    select(work_order)
    .where(work_order.c.tenant_id == bindparam("tenant_id"))
    .where(work_order.c.work_order_number == bindparam("number"))
)
_SET_STATUS = (
    update(work_order)
    .where(work_order.c.tenant_id == bindparam("key_tenant_id"))
    .where(work_order.c.work_order_id == bindparam("key_work_order_id"))
    .where(work_order.c.revision == bindparam("key_revision"))
    .values(
        status=bindparam("status"),
        revision=work_order.c.revision + 1,
        changed_at=bindparam("changed_at"),
    )
)
_sign = case((stock_movement.c.movement_type == "RET", -1), else_=1)
_ISSUED = (
    select(
        lot.c.item_id,
        stock_movement.c.lot_id,
        cast(func.sum(stock_movement.c.quantity * _sign), BigInteger),
    )
    .join(
        lot,
        and_(
            lot.c.tenant_id == stock_movement.c.tenant_id, lot.c.lot_id == stock_movement.c.lot_id
        ),
    )
    .where(stock_movement.c.tenant_id == bindparam("tenant_id"))
    .where(stock_movement.c.document_kind == KIND)
    .where(stock_movement.c.document_id == bindparam("number"))
    .where(stock_movement.c.movement_type.in_(("ISS", "RET")))
    .group_by(lot.c.item_id, stock_movement.c.lot_id)
)
_MADE = (
    select(func.coalesce(cast(func.sum(stock_movement.c.quantity), BigInteger), 0))
    .where(stock_movement.c.tenant_id == bindparam("tenant_id"))
    .where(stock_movement.c.document_kind == KIND)
    .where(stock_movement.c.document_id == bindparam("number"))
    .where(stock_movement.c.movement_type == "PROD")
)
_LOST = (
    select(
        lot.c.item_id,
        work_order_loss.c.kind,
        cast(func.sum(work_order_loss.c.quantity), BigInteger).label("quantity"),
    )
    .join(
        lot,
        and_(
            lot.c.tenant_id == work_order_loss.c.tenant_id, lot.c.lot_id == work_order_loss.c.lot_id
        ),
    )
    .where(work_order_loss.c.tenant_id == bindparam("tenant_id"))
    .where(work_order_loss.c.work_order_id == bindparam("work_order_id"))
    .group_by(lot.c.item_id, work_order_loss.c.kind)
)
_BOUND = (
    select(conditional_release.c.concession)
    .where(conditional_release.c.tenant_id == bindparam("tenant_id"))
    .where(conditional_release.c.lot_id == bindparam("lot_id"))
    .where(conditional_release.c.work_order_id == bindparam("work_order_id"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWorkOrder:
    """An order to make so much of an item; `expiry` of what comes out, where it has one.

    `first_serial` is asked for where a serial number decides on the revision. `change` is the
    temporary change or deviation under which the lot is made another way than approved.
    """

    item_number: str
    quantity: Decimal
    site: str
    planned_start: date
    planned_end: date
    expiry: date | None = None
    lot_number: str | None = None
    first_serial: str | None = None
    change: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrder:
    """A work order as it stands now; `quantity` is a stored integer."""

    work_order_id: UUID
    number: str
    item_id: UUID
    item_revision: str
    bom_id: UUID
    lot_id: UUID
    quantity: int
    site: str
    planned_start: date
    planned_end: date
    status: str
    revision: int

    @property
    def document(self) -> Document:
        return Document(KIND, self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Material for a work order; its own units where it has some, and the unit that it goes into.

    More than the need with its margin asks for a reason and the signature of production.
    """

    lot_number: str
    location: str
    quantity: int
    status: str = "RELEASED"
    serial_unit_ids: Sequence[UUID] = ()
    into_serial_id: UUID | None = None
    operation: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """An issue that may be booked: `most` is the need with its margin, as an amount.

    `with_this` is what went in with it, a stored integer.
    """

    order: WorkOrder
    used: Lot
    line: BomLine
    place: Place
    most: Decimal
    with_this: int

    @property
    def over(self) -> bool:
        """Whether it is more than the need with its margin."""
        return self.with_this > scaled(self.most, self.used.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentBalance:
    """What was issued of a component, or of components that stand in for each other (4.7).

    Stored integers of the component; `needed` may be a fraction of one.
    """

    components: tuple[str, ...]
    issued: int
    needed: Fraction
    lost: int
    tolerance: Fraction

    @property
    def difference(self) -> Fraction:
        """What is neither in good units nor accounted for as lost."""
        return self.issued - self.needed - self.lost

    @property
    def within(self) -> bool:
        return abs(self.difference) <= self.tolerance


class WorkOrderNotOpen(LedgerRefusal):
    """Only an order that is released takes material and gives goods."""

    def __init__(self, order: WorkOrder) -> None:
        state = words.said("state", order.status)
        super().__init__(
            f"Work order {order.number} is {state.en}. Choose an open one.",
            f"工单 {order.number} 状态为“{state.zh}”，请选择未关闭的工单。",
            expected="released",
            found=order.status,
        )


class NotInBom(LedgerRefusal):
    """INV-04: what goes in is in the bill of material in force."""

    def __init__(self, item_number: str, order: WorkOrder) -> None:
        super().__init__(
            f"{item_number} is not in the bill of material of work order {order.number}. "
            "Put it back; a substitute needs an approved change.",
            f"物料 {item_number} 不在工单 {order.number} 的物料清单中，请退回；"
            "替代料须经批准的变更。",
            found=item_number,
        )


class ExpiresBeforeUse(LedgerRefusal):
    """INV-04: what goes in lasts until the planned end."""

    def __init__(self, used: Lot, until: date) -> None:
        super().__init__(
            f"Lot {used.number} expires on {used.expiry}, before {until}. Choose another lot.",
            f"批次 {used.number} 有效期至 {used.expiry}，早于 {until}，请改选批次。",
            expected=until.isoformat(),
            found=str(used.expiry),
        )


class AnotherRevision(LedgerRefusal):
    """Units have the revision that their order makes."""

    def __init__(self, order: WorkOrder, found: str) -> None:
        super().__init__(
            f"Work order {order.number} makes revision {order.item_revision}; by their serial "
            f"numbers these units have revision {found}. Number them anew, or book them to an "
            "order of that revision.",
            f"工单 {order.number} 生产版本 {order.item_revision}，所录序列号对应版本 {found}。"
            "请重新编号，或登记到该版本的工单。",
            expected=order.item_revision,
            found=found,
        )


class MoreThanNeeded(LedgerRefusal):
    """An extra issue has a reason and is approved."""


class NotReleasedForThisOrder(LedgerRefusal):
    """INV-02: stock released under a condition is for its own work order."""


class CannotClose(LedgerRefusal):
    """INV-10: a work order closes with nothing open and everything explained."""


def release(context: ServiceContext, new: NewWorkOrder) -> WorkOrder:
    """Release an order to make an item by the bill in force on its first day, with its lot."""
    db, tenant_id = context.db, context.tenant_id
    item = items.by_number(db, tenant_id, new.item_number)
    items.require_released(item)
    lot_number = new.lot_number or next_number(context, "L")
    revision = items.revision_to_make(
        db,
        tenant_id,
        item,
        new.planned_start,
        lot_number=lot_number,
        serials=() if new.first_serial is None else (new.first_serial,),
    )
    bill = boms.effective(db, tenant_id, item.item_id, item.number, revision, new.planned_start)
    made = own_lots.create(
        context,
        OwnLot(
            item_id=item.item_id,
            item_revision=revision,
            origin="produced",
            number=lot_number,
            produced_on=new.planned_end,
            expiry=new.expiry,
            expiry_precision=None if new.expiry is None else "day",
        ),
    )
    number = next_number(context, "WO")
    quantity = scaled(new.quantity, made.unit)
    row = {
        "tenant_id": tenant_id,
        "work_order_id": context.new_id(),
        "work_order_number": number,
        "item_id": item.item_id,
        "item_revision": revision,
        "bom_id": bill.bom_id,
        "lot_id": made.lot_id,
        "quantity": quantity,
        "site": new.site,
        "planned_start": new.planned_start,
        "planned_end": new.planned_end,
        "status": "released",
        "actor": context.actor.username,
        "created_at": context.now,
        "revision": 1,
        "changed_at": context.now,
    }
    db.execute(_INSERT, row)
    context.record(
        {
            "event": "work_order.released",
            "work_order": number,
            "item": item.number,
            "revision": revision,
            "bom_version": bill.version,
            "lot": made.number,
            "quantity": format(new.quantity, "f"),
            "change": new.change,
        }
    )
    if new.change is not None:
        document = Document("work_order", number)
        temporary.use(context, new.change, made, quantity, document)
    return by_number(db, tenant_id, number)


def by_number(db: Connection, tenant_id: str, number: str) -> WorkOrder:
    """Give a work order by number; NotInLedger when there is none."""
    row = db.execute(_BY_NUMBER, {"tenant_id": tenant_id, "number": number}).one_or_none()
    if row is None:
        raise NotInLedger("work order", "生产工单", number)
    return _read(row)


def bind_conditional(
    context: ServiceContext, number: str, lot_number: str, *, concession: str
) -> None:
    """Let a work order use what a concession released of a lot for it alone."""
    order = by_number(context.db, context.tenant_id, number)
    bound = lots.by_number(context.db, context.tenant_id, lot_number)
    row = {
        "tenant_id": context.tenant_id,
        "lot_id": bound.lot_id,
        "work_order_id": order.work_order_id,
        "concession": concession,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_BIND, row)
    context.record(
        {
            "event": "lot.bound_to_work_order",
            "lot": lot_number,
            "work_order": number,
            "concession": concession,
        }
    )


def examine(context: ServiceContext, number: str, given: Issue) -> Examined:
    """Look at an issue before anybody signs for it; refused is what `issue` would refuse.

    Only what is over the need is not refused here: it is said, and approved in a step of its own.
    """
    found = _examined(context, number, given)
    units: Sequence[UUID | None] = given.serial_unit_ids or (None,)
    for unit in units:
        status.require_released(context, found.used, found.place, unit)
    there = balances.at(context.db, context.tenant_id, found.used.lot_id, found.place)
    if there < given.quantity:
        raise balances.InsufficientStock(
            found.used.number, given.status, given.quantity, there, found.used.unit
        )
    return found


def issue(context: ServiceContext, number: str, given: Issue) -> list[UUID]:
    """Book material to a work order, with its edges; give the movements' ids."""
    found = _examined(context, number, given)
    _require_needed(context, found, given)
    said = substitutes.book(context, found.line, found.used, given.quantity, found.order.document)
    movement = Movement(
        movement_type="ISS",
        lot_id=found.used.lot_id,
        quantity=given.quantity,
        document=found.order.document,
        source=found.place,
        outcome="CONSUMED",
        reason=" · ".join(each for each in (said, given.reason) if each) or None,
    )
    return _with_edges(context, found.order, found.used, movement, given)


def return_unused(
    context: ServiceContext, number: str, given: Issue, *, into: str = "RELEASED"
) -> list[UUID]:
    """Book unused material back from a work order; never more than went in."""
    db, tenant_id = context.db, context.tenant_id
    order = _open(db, tenant_id, number)
    used = lots.by_number(db, tenant_id, given.lot_number)
    place = Place(locations.by_code(db, tenant_id, given.location).location_id, into)
    movement = Movement(
        movement_type="RET",
        lot_id=used.lot_id,
        quantity=given.quantity,
        document=order.document,
        target=place,
        reason=given.reason,
    )
    return _with_edges(context, order, used, movement, given, sign=-1)


def record_loss(
    context: ServiceContext, number: str, lot_number: str, *, kind: str, quantity: int, reason: str
) -> None:
    """Account for issued material that went into no good unit: scrap, sample, retained, loss."""
    order = _open(context.db, context.tenant_id, number)
    used = lots.by_number(context.db, context.tenant_id, lot_number)
    row = {
        "tenant_id": context.tenant_id,
        "loss_id": context.new_id(),
        "work_order_id": order.work_order_id,
        "lot_id": used.lot_id,
        "kind": kind,
        "quantity": quantity,
        "reason": reason,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_LOSS, row)
    context.record(
        {
            "event": "work_order.loss_recorded",
            "work_order": number,
            "lot": lot_number,
            "kind": kind,
            "quantity": format(amount_of(quantity, used.unit), "f"),
            "reason": reason,
        }
    )


def output(
    context: ServiceContext,
    number: str,
    *,
    quantity: int,
    location: str,
    serials: Sequence[str] = (),
) -> dict[str, UUID]:
    """Book what was made into quarantine; give the ids of the units that have serial numbers."""
    db, tenant_id = context.db, context.tenant_id
    order = _going(db, tenant_id, number)
    if not db.execute(_ISSUED, {"tenant_id": tenant_id, "number": number}).first():
        raise CannotClose(
            f"Nothing was issued to work order {number}. Book the material first.",
            f"工单 {number} 尚未发料，请先登记用料。",
            expected="issued material",
        )
    made = lots.find(db, tenant_id, order.lot_id)
    place = Place(locations.by_code(db, tenant_id, location).location_id, "QUARANTINE")
    movement = Movement(
        movement_type="PROD",
        lot_id=made.lot_id,
        quantity=quantity,
        document=order.document,
        target=place,
    )
    if not made.has_serials:
        movements.post(context, movement)
        return {}
    if len(serials) * 10**made.unit.decimals != quantity:
        raise movements.SerialRequired(made.number)
    _require_revision(context, order, made, serials)
    units = lots.register_serials(context, made, serials)
    movements.post_serials(context, movement, list(units.values()))
    return units


def _require_revision(
    context: ServiceContext, order: WorkOrder, made: Lot, serials: Sequence[str]
) -> None:
    """Refuse units whose serial numbers say another revision than the one that the order makes."""
    db, tenant_id, day = context.db, context.tenant_id, order.planned_start
    item = items.find(db, tenant_id, made.item_id)
    if not items.counts_by_serial(db, tenant_id, item, day):
        return
    found = items.effective_revision(db, tenant_id, item, day, serials=serials)
    if found != order.item_revision:
        raise AnotherRevision(order, found)


def made_of(db: Connection, tenant_id: str, number: str) -> int:
    """Give what was made of an order so far, as a stored integer."""
    total: int = db.execute(_MADE, {"tenant_id": tenant_id, "number": number}).scalar_one()
    return total


def balance(context: ServiceContext, number: str) -> list[ComponentBalance]:
    """Give the mass balance of a work order, by component or set of substitutes."""
    order = by_number(context.db, context.tenant_id, number)
    bill = boms.find(context.db, context.tenant_id, order.bom_id)
    bill = substitutes.widened(context.db, context.tenant_id, bill, order.document)
    good = made_of(context.db, context.tenant_id, number)
    issued = _issued_by_item(context.db, context.tenant_id, bill, number)
    lost = _lost_by_item(context.db, context.tenant_id, bill, order.work_order_id)
    rules = context.configuration("production_rules")["tolerance_percent"]
    found = []
    for group in groups(bill):
        needed = group[0].ratio * good
        percent = min(Fraction(_tolerance(rules, line)) for line in group)
        found.append(
            ComponentBalance(
                components=tuple(line.item_number for line in group),
                issued=sum(issued.get(line.item_id, 0) for line in group),
                needed=needed,
                lost=sum(lost.get(line.item_id, 0) for line in group),
                tolerance=needed * percent / 100,
            )
        )
    return found


def close(
    context: ServiceContext, number: str, *, explanation: str | None = None, ends: str = "closed"
) -> None:
    """Close a work order, signed as reviewed; refused while anything is open or unexplained.

    With `ends` cancelled it ends before anything was made of it.
    """
    db, tenant_id = context.db, context.tenant_id
    order = _open(db, tenant_id, number)
    _require_nothing_open(context, order)
    found = balance(context, number)
    outside = [each for each in found if not each.within]
    if outside and not (explanation or "").strip():
        raise CannotClose(
            f"Work order {number}: {_told(outside)} unexplained. Recount, or explain and sign.",
            f"工单 {number}：{_told(outside)} 未说明差异。请重新清点，或说明原因并签名。",
            expected="0",
            found=_told(outside),
        )
    if "REVW" not in context.signatures:
        raise SignatureMissing(["REVW"])
    row = {
        "tenant_id": tenant_id,
        "work_order_id": order.work_order_id,
        "balance": [_written(each) for each in found],
        "within_tolerance": not outside,
        "explanation": explanation,
        "signature_meaning": "REVW",
        "actor": context.actor.username,
        "closed_at": context.now,
    }
    db.execute(_CLOSE, row)
    db.execute(
        _SET_STATUS,
        {
            "key_tenant_id": tenant_id,
            "key_work_order_id": order.work_order_id,
            "key_revision": order.revision,
            "status": ends,
            "changed_at": context.now,
        },
    )
    context.record(
        {
            "event": f"work_order.{ends}",
            "work_order": number,
            "within_tolerance": not outside,
            "balance": row["balance"],
            "explanation": explanation,
        }
    )


# --- what each of them asks ---------------------------------------------------------------------


def _open(db: Connection, tenant_id: str, number: str) -> WorkOrder:
    order = by_number(db, tenant_id, number)
    if order.status != "released":
        raise WorkOrderNotOpen(order)
    return order


def _going(db: Connection, tenant_id: str, number: str) -> WorkOrder:
    """Give an open order that does not stand still."""
    order = _open(db, tenant_id, number)
    stops.require_going(db, tenant_id, order.work_order_id, number)
    return order


def _require_bound(
    db: Connection, tenant_id: str, order: WorkOrder, used: Lot, given: Issue
) -> None:
    if given.status != "RELEASED_CONDITIONAL":
        return
    key = {"tenant_id": tenant_id, "lot_id": used.lot_id, "work_order_id": order.work_order_id}
    if db.execute(_BOUND, key).first() is None:
        raise NotReleasedForThisOrder(
            f"Lot {used.number} was released under a condition, not for {order.number}. "
            "Put it back and ask quality.",
            f"批次 {used.number} 为有条件放行，不适用于工单 {order.number}，请放回并咨询质量部。",
            found=order.number,
        )


def _examined(context: ServiceContext, number: str, given: Issue) -> Examined:
    """Refuse what is not in the bill, does not last, contains what is held, or is not for it."""
    db, tenant_id = context.db, context.tenant_id
    order = _going(db, tenant_id, number)
    used = lots.by_number(db, tenant_id, given.lot_number)
    bill = boms.find(db, tenant_id, order.bom_id)
    bill = substitutes.widened(db, tenant_id, bill, order.document, at=context.now, used=used)
    line = _line_of(db, tenant_id, bill, used.item_id)
    if line is None:
        raise NotInBom(used.item_number, order)
    days = context.configuration("production_rules")["remaining_life_at_end_days"]
    until = order.planned_end + timedelta(days=days)
    if used.expiry is not None and used.expiry < until:
        raise ExpiresBeforeUse(used, until)
    flags.require_free(db, tenant_id, used.lot_id, used.number)
    old_before_new.require(context, used, given.reason)
    _require_bound(db, tenant_id, order, used, given)
    most, there = _need(context, order, bill, line, used)
    return Examined(
        order=order,
        used=used,
        line=line,
        place=Place(locations.by_code(db, tenant_id, given.location).location_id, given.status),
        most=most,
        with_this=there + given.quantity,
    )


def _need(
    context: ServiceContext, order: WorkOrder, bill: Bom, line: BomLine, used: Lot
) -> tuple[Decimal, int]:
    """Give how much of a component may go in with its margin, and how much went in (stored)."""
    group = next(each for each in groups(bill) if line in each)
    issued = _issued_by_item(context.db, context.tenant_id, bill, order.number)
    margin = Fraction(context.configuration("production_rules")["issue_over_need_percent"])
    most = int(line.ratio * order.quantity * (1 + margin / 100))
    return amount_of(most, used.unit), sum(issued.get(each.item_id, 0) for each in group)


def _require_needed(context: ServiceContext, found: Examined, given: Issue) -> None:
    """Refuse more than the need with its margin, unless it is explained and approved."""
    if not found.over:
        return
    if (given.reason or "").strip() and "APPR" in context.signatures:
        return
    number, item_number = found.order.number, found.used.item_number
    names = found.used.unit.names
    raise MoreThanNeeded(
        f"Work order {number} needs at most {found.most} {names['en']} of {item_number} in all. "
        "An extra issue needs a reason and the approval of production.",
        f"工单 {number} 对物料 {item_number} 的需求上限为 {found.most} {names['zh']}；"
        "超发须填写原因并由生产负责人批准签名。",
        expected=str(found.most),
        found=str(amount_of(found.with_this, found.used.unit)),
    )


def _require_nothing_open(context: ServiceContext, order: WorkOrder) -> None:
    waiting = labels.open_of(context.db, context.tenant_id, order.work_order_id)
    if waiting:
        raise CannotClose(
            f"Work order {order.number} has labels that are not accounted for: {listed(waiting)}.",
            f"工单 {order.number} 有尚未核销的标签任务：{listed(waiting)}，请先核销。",
            found=listed(waiting),
        )
    kept = reservations.open_of(context.db, context.tenant_id, order.document)
    if kept:
        raise CannotClose(
            f"Work order {order.number} still has {len(kept)} reservations. Issue or cancel them.",
            f"工单 {order.number} 仍有 {len(kept)} 项预留，请先发料或取消。",
            found=str(len(kept)),
        )


def _with_edges(
    context: ServiceContext,
    order: WorkOrder,
    used: Lot,
    movement: Movement,
    given: Issue,
    *,
    sign: int = 1,
) -> list[UUID]:
    """Book a movement, for each unit where there are units, and the edge that belongs to it."""
    if used.has_serials:
        if len(given.serial_unit_ids) * 10**used.unit.decimals != given.quantity:
            raise movements.SerialRequired(used.number)
        booked = movements.post_serials(context, movement, given.serial_unit_ids)
        pieces: list[tuple[UUID, UUID | None, int]] = [
            (movement_id, unit, 10**used.unit.decimals)
            for movement_id, unit in zip(booked, given.serial_unit_ids, strict=True)
        ]
    else:
        pieces = [(movements.post(context, movement), None, given.quantity)]
    for movement_id, unit, quantity in pieces:
        edges.add(
            context,
            Edge(
                kind="consume",
                from_lot_id=used.lot_id,
                to_lot_id=order.lot_id,
                quantity=sign * quantity,
                unit_code=used.unit.code,
                document=order.document,
                from_serial_id=unit,
                to_serial_id=given.into_serial_id,
                movement_id=movement_id,
                operation=given.operation,
            ),
        )
    return [movement_id for movement_id, _, _ in pieces]


def groups(bill: Bom) -> list[list[BomLine]]:
    """Give the lines of a bill, those that stand in for each other together."""
    groups: dict[str, list[BomLine]] = {}
    for line in bill.lines:
        groups.setdefault(line.substitute_set or f"line {line.line}", []).append(line)
    return list(groups.values())


def _line_of(db: Connection, tenant_id: str, bill: Bom, item_id: UUID) -> BomLine | None:
    """Give the line that a component stands in, under any number that the item has or had."""
    line = bill.line_of(item_id)
    if line is not None:
        return line
    same = set(items.same_item(db, tenant_id, item_id))
    return next((each for each in bill.lines if each.item_id in same), None)


def _issued_by_item(db: Connection, tenant_id: str, bill: Bom, number: str) -> dict[UUID, int]:
    rows = db.execute(_ISSUED, {"tenant_id": tenant_id, "number": number})
    return _by_component(db, tenant_id, bill, rows)


def _lost_by_item(
    db: Connection, tenant_id: str, bill: Bom, work_order_id: UUID
) -> dict[UUID, int]:
    key = {"tenant_id": tenant_id, "work_order_id": work_order_id}
    return _by_component(db, tenant_id, bill, db.execute(_LOST, key))


def _by_component(
    db: Connection, tenant_id: str, bill: Bom, rows: Iterable[AnyRow]
) -> dict[UUID, int]:
    """Sum quantities by the item of the bill that they count for."""
    found: dict[UUID, int] = {}
    for item_id, _, quantity in rows:
        line = _line_of(db, tenant_id, bill, item_id)
        counted = item_id if line is None else line.item_id
        found[counted] = found.get(counted, 0) + quantity
    return found


def _tolerance(rules: dict[str, str], line: BomLine) -> str:
    """Give the tolerance in per cent: nothing for units that have a serial number of their own."""
    if line.has_serials:
        return rules["serial"]
    return rules.get(line.criticality, rules["default"])


def _told(outside: Sequence[ComponentBalance]) -> str:
    return listed(f"{'/'.join(each.components)} {float(each.difference):+g}" for each in outside)


def _written(each: ComponentBalance) -> dict[str, object]:
    return {
        "components": list(each.components),
        "issued": each.issued,
        "needed": str(each.needed),
        "lost": each.lost,
        "difference": str(each.difference),
        "tolerance": str(each.tolerance),
    }


def _read(row: AnyRow) -> WorkOrder:
    return WorkOrder(
        work_order_id=row.work_order_id,
        number=row.work_order_number,
        item_id=row.item_id,
        item_revision=row.item_revision,
        bom_id=row.bom_id,
        lot_id=row.lot_id,
        quantity=row.quantity,
        site=row.site,
        planned_start=row.planned_start,
        planned_end=row.planned_end,
        status=row.status,
        revision=row.revision,
    )
