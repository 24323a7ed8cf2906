"""Stock of others: whose it is, and the moment at which it becomes ours.

A lot that came as another's says whose (`lot.owner_id`, for ever), and each balance of it how much
of what lies there still is (`consigned`). Every movement of such a lot says how much of its
quantity is the owner's, before and after; the database lets only OWN make the two differ, so what
is put away, inspected, held, split or returned keeps its owner without anybody seeing to it.

What a supplier has here is bought by using it: the movements named in the customer's
`purchasing_rules` (`consignment`) are preceded by an OWN of as much as was not ours yet, in the
same transaction, which settles the order that it came for. What comes back under the same document
becomes the supplier's again. A customer's goods are never bought: they leave as the customer's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Connection,
    Label,
    and_,
    bindparam,
    cast,
    func,
    insert,
    or_,
    select,
)

from engine.commands.messages import send
from engine.services import ServiceContext
from processes.ledger import balances, suppliers
from processes.ledger.columns import AnyRow
from processes.ledger.distribution import consignees
from processes.ledger.genealogy.tables import genealogy_edge
from processes.ledger.lots import Lot
from processes.ledger.purchasing.tables import (
    SETTLEMENTS,
    order_acceptance,
    order_line_status,
    order_receipt,
    order_settlement,
    purchase_order,
)
from processes.ledger.quantities import amount_of, case_number
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.tables import (
    item,
    location,
    lot,
    receipt_line,
    serial_position,
    stock_balance,
    stock_movement,
    stock_owner,
    supplier,
    unit_of_measure,
)

if TYPE_CHECKING:  # movements asks here for the shares of what it moves
    from processes.ledger.movements import Movement

USED = "purchase_order.used"
"""Tells the instance of an order that consigned goods of a line were used, or sent back."""
_LOCK = (
    select(lot.c.lot_id)
    .where(lot.c.tenant_id == bindparam("tenant_id"))
    .where(lot.c.lot_id == bindparam("lot_id"))
    .with_for_update()
)
_BY_NAME = (
    select(stock_owner.c.owner_id)
    .where(stock_owner.c.tenant_id == bindparam("tenant_id"))
    .where(stock_owner.c.kind == bindparam("kind"))
    .where(stock_owner.c.number == bindparam("number"))
)
_BY_ID = (
    select(stock_owner)
    .where(stock_owner.c.tenant_id == bindparam("tenant_id"))
    .where(stock_owner.c.owner_id == bindparam("owner_id"))
)
_INSERT = insert(stock_owner)
_UNIT = (
    select(serial_position.c.consigned)
    .where(serial_position.c.tenant_id == bindparam("tenant_id"))
    .where(serial_position.c.serial_unit_id == bindparam("serial_unit_id"))
)
_TAKEN_OVER = (
    select(
        func.coalesce(
            cast(
                func.sum(stock_movement.c.from_consigned - stock_movement.c.to_consigned),
                BigInteger,
            ),
            0,
        )
    )
    .where(stock_movement.c.tenant_id == bindparam("tenant_id"))
    .where(stock_movement.c.lot_id == bindparam("lot_id"))
    .where(stock_movement.c.movement_type == "OWN")
    .where(stock_movement.c.document_kind == bindparam("document_kind"))
    .where(stock_movement.c.document_id == bindparam("document_id"))
    .where(
        or_(
            bindparam("serial_unit_id", type_=stock_movement.c.serial_unit_id.type).is_(None),
            stock_movement.c.serial_unit_id == bindparam("serial_unit_id"),
        )
    )
)
_PARENTS = (
    select(genealogy_edge.c.from_lot_id)
    .where(genealogy_edge.c.tenant_id == bindparam("tenant_id"))
    .where(genealogy_edge.c.to_lot_id.in_(bindparam("lot_ids", expanding=True)))
    .where(genealogy_edge.c.kind.in_(("split", "merge", "rework", "repack")))
    .distinct()
)
_settled = (
    select(func.coalesce(cast(func.sum(order_settlement.c.quantity), BigInteger), 0))
    .where(order_settlement.c.tenant_id == order_receipt.c.tenant_id)
    .where(order_settlement.c.receipt_line_id == order_receipt.c.receipt_line_id)
    .correlate(order_receipt)
)
_withdrawn = (
    select(func.coalesce(cast(func.sum(order_acceptance.c.withdrawn), BigInteger), 0))
    .where(order_acceptance.c.tenant_id == order_receipt.c.tenant_id)
    .where(order_acceptance.c.receipt_line_id == order_receipt.c.receipt_line_id)
    .correlate(order_receipt)
)


def _settled_as(kind: str) -> Label[Any]:
    return _settled.where(order_settlement.c.kind == kind).scalar_subquery().label(kind)


_CAME_FOR = (  # the lines that consigned goods of some lots came for, the oldest receipt first
    select(
        order_receipt.c.receipt_line_id,
        order_receipt.c.purchase_order_id,
        order_receipt.c.line,
        (order_receipt.c.quantity - _withdrawn.scalar_subquery()).label("quantity"),
        purchase_order.c.order_number,
        order_line_status.c.status,
        _settled.scalar_subquery().label("settled"),
        *(_settled_as(kind) for kind in SETTLEMENTS),
    )
    .join(
        receipt_line,
        and_(
            receipt_line.c.tenant_id == order_receipt.c.tenant_id,
            receipt_line.c.receipt_line_id == order_receipt.c.receipt_line_id,
        ),
    )
    .join(
        purchase_order,
        and_(
            purchase_order.c.tenant_id == order_receipt.c.tenant_id,
            purchase_order.c.purchase_order_id == order_receipt.c.purchase_order_id,
        ),
    )
    .join(
        order_line_status,
        and_(
            order_line_status.c.tenant_id == order_receipt.c.tenant_id,
            order_line_status.c.purchase_order_id == order_receipt.c.purchase_order_id,
            order_line_status.c.line == order_receipt.c.line,
        ),
    )
    .where(order_receipt.c.tenant_id == bindparam("tenant_id"))
    .where(receipt_line.c.lot_id.in_(bindparam("lot_ids", expanding=True)))
    .order_by(order_receipt.c.recorded_at, order_receipt.c.receipt_line_id)
)
_SETTLE = insert(order_settlement)
_NOT_OURS = (
    select(
        stock_owner.c.kind,
        stock_owner.c.number,
        supplier.c.name_en,
        supplier.c.name_zh,
        lot.c.lot_number,
        lot.c.expiry,
        item.c.item_number,
        item.c.name_en.label("item_en"),
        item.c.name_zh.label("item_zh"),
        location.c.code.label("location"),
        location.c.site,
        stock_balance.c.status,
        stock_balance.c.consigned,
        unit_of_measure.c.unit_code,
        unit_of_measure.c.decimals,
    )
    .select_from(stock_balance)
    .join(
        lot,
        and_(lot.c.tenant_id == stock_balance.c.tenant_id, lot.c.lot_id == stock_balance.c.lot_id),
    )
    .join(
        stock_owner,
        and_(
            stock_owner.c.tenant_id == lot.c.tenant_id,
            stock_owner.c.owner_id == lot.c.owner_id,
        ),
    )
    .join(item, and_(item.c.tenant_id == lot.c.tenant_id, item.c.item_id == lot.c.item_id))
    .join(
        unit_of_measure,
        and_(
            unit_of_measure.c.tenant_id == item.c.tenant_id,
            unit_of_measure.c.unit_code == item.c.unit_code,
        ),
    )
    .join(
        location,
        and_(
            location.c.tenant_id == stock_balance.c.tenant_id,
            location.c.location_id == stock_balance.c.location_id,
        ),
    )
    .outerjoin(
        supplier,
        and_(
            supplier.c.tenant_id == stock_owner.c.tenant_id,
            supplier.c.supplier_number == stock_owner.c.number,
            stock_owner.c.kind == "supplier",
        ),
    )
    .where(stock_balance.c.tenant_id == bindparam("tenant_id"))
    .where(stock_balance.c.consigned > 0)
    .order_by(stock_owner.c.kind, stock_owner.c.number, lot.c.lot_number, location.c.code)
)
_RELABELLED = "RELABEL"
"""What another item is made of was ours to label: it is taken over, whatever the customer's rules
say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose stock lies here: a supplier (consignment) or a customer (their property)."""

    owner_id: UUID
    kind: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The owner's part of a movement, in stored integers.

    `taken_over` becomes ours where it comes from, before it moves; `before` and `after` are not
    ours while it moves and where it arrives; `given_back` becomes the owner's again on arrival.
    """

    before: int = 0
    after: int = 0
    taken_over: int = 0
    given_back: int = 0


class NotTheirs(LedgerRefusal):
    """Only what belongs to its owner is sent back to it, or taken over from it."""

    def __init__(self, found: Lot, wanted: int, there: int, owner: Owner) -> None:
        unit = found.unit
        want, have = amount_of(wanted, unit), amount_of(there, unit)
        super().__init__(
            f"Of lot {found.number} only {have} {unit.names['en']} there belong to {owner.number}, "
            f"not {want}. Enter at most that.",
            f"批次 {found.number} 在该处仅有 {have} {unit.names['zh']} 归 {owner.number} 所有，"
            f"不足 {want}，请减少数量。",
            expected=str(have),
            found=str(want),
        )


class NeverBought(LedgerRefusal):
    """A customer's property does not become ours by a movement."""

    def __init__(self, number: str, owner: Owner) -> None:
        super().__init__(
            f"Lot {number} is the property of customer {owner.number} and is not taken over. "
            "Use it, or send it back.",
            f"批次 {number} 为客户 {owner.number} 的财产，不能买断，请按约定使用或退还。",
            found=owner.number,
        )


class OwnedByNobodyElse(LedgerRefusal):
    """A lot of ours has nobody to give it back to."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Lot {number} is ours: nothing of it is consigned. Check the number.",
            f"批次 {number} 为本公司所有，没有寄售库存，请核对批号。",
            found=number,
        )


def of_supplier(context: ServiceContext, number: str) -> UUID:
    """Give the owner that a supplier is, made when it first has stock here."""
    return _owner(
        context, "supplier", suppliers.by_number(context.db, context.tenant_id, number).number
    )


def of_customer(context: ServiceContext, number: str) -> UUID:
    """Give the owner that a consignee is, made when it first has stock here."""
    return _owner(
        context, "customer", consignees.by_number(context.db, context.tenant_id, number).number
    )


def find(db: Connection, tenant_id: str, owner_id: UUID) -> Owner:
    """Give an owner by id."""
    row = db.execute(_BY_ID, {"tenant_id": tenant_id, "owner_id": owner_id}).one()
    return Owner(owner_id=row.owner_id, kind=row.kind, number=row.number)


def owner_of(context: ServiceContext, found: Lot) -> Owner:
    """Give whose a lot came as; OwnedByNobodyElse for one of ours."""
    if found.owner_id is None:
        raise OwnedByNobodyElse(found.number)
    return find(context.db, context.tenant_id, found.owner_id)


def shares(context: ServiceContext, found: Lot, movement: "Movement") -> Shares:
    """Say how much of a movement is the owner's, and what changes hands by it.

    The lot is locked until the transaction ends: two that take from what is ours at once would
    both find it there. What is ours goes first, except back to the owner. `movement.consigned`
    names the owner's part where the book is told (a receipt, a return, the other side of a split).
    """
    db, tenant_id = context.db, context.tenant_id
    db.execute(_LOCK, {"tenant_id": tenant_id, "lot_id": found.lot_id})
    owner = owner_of(context, found)
    if movement.source is None:
        return _arriving(context, found, movement, owner)
    there, theirs = balances.shares_at(db, tenant_id, found.lot_id, movement.source)
    if movement.serial_unit_id is not None:
        theirs = there = movement.quantity if _unit_consigned(context, movement) else 0
        there = movement.quantity
    if movement.quantity > there:
        return Shares()  # refused for want of stock, and nothing is bought
    takes = movement.movement_type == "OWN"
    if takes and owner.kind == "customer":
        raise NeverBought(found.number, owner)
    before = movement.quantity if takes else movement.consigned
    if before is None and movement.movement_type == "RTV":
        before = min(movement.quantity, theirs)
    elif before is None:
        before = min(theirs, max(0, movement.quantity - (there - theirs)))
    if before > theirs:
        raise NotTheirs(found, before, theirs, owner)
    if movement.target is not None:
        return Shares(before=before, after=0 if takes else before)
    if before and owner.kind == "supplier" and _takes_over(context, movement.movement_type):
        return Shares(taken_over=before)
    return Shares(before=before)


def not_ours(db: Connection, tenant_id: str) -> list[AnyRow]:
    """List what lies here and is another's: owner, lot, item, place, status, quantity, unit."""
    return list(db.execute(_NOT_OURS, {"tenant_id": tenant_id}))


def settle(
    context: ServiceContext, found: Lot, movement_id: UUID, kind: str, quantity: int
) -> None:
    """Put down against the order lines that a lot came for what was used of it, or sent back.

    `kind` is "used", "returned" or "written_off" (at the owner's cost); below nothing, so much is
    here again, the owner's. The oldest receipt is settled first, and taken back last.
    """
    left = quantity
    lines = list(_came_for(context, found)) if quantity else []
    for row in lines if quantity > 0 else reversed(lines):
        of_kind: int = getattr(row, kind)
        part = min(left, row.quantity - row.settled) if quantity > 0 else max(left, -of_kind)
        if part == 0:
            continue
        left -= part
        _settle_line(context, found, movement_id, row, kind, part)
        if left == 0:
            return


def _owner(context: ServiceContext, kind: str, number: str) -> UUID:
    key = {"tenant_id": context.tenant_id, "kind": kind, "number": number}
    known: UUID | None = context.db.execute(_BY_NAME, key).scalar_one_or_none()
    if known is not None:
        return known
    owner_id = context.new_id()
    context.db.execute(_INSERT, {**key, "owner_id": owner_id, "recorded_at": context.now})
    context.record({"event": "stock_owner.added", "kind": kind, "number": number})
    return owner_id


def _arriving(context: ServiceContext, found: Lot, movement: "Movement", owner: Owner) -> Shares:
    """Say whose what comes in is: its owner's, unless we had bought it by using it."""
    quantity = movement.quantity
    if owner.kind == "customer":
        return Shares(after=quantity if movement.consigned is None else movement.consigned)
    if movement.movement_type == "RTN":  # what was sold is ours when it comes back
        return Shares()
    if movement.movement_type in ("RET", "REVERSAL"):
        after = movement.consigned or 0
        return Shares(after=after, given_back=_to_give_back(context, found, movement, after))
    return Shares(after=quantity if movement.consigned is None else movement.consigned)


def _to_give_back(context: ServiceContext, found: Lot, movement: "Movement", after: int) -> int:
    """Give how much of what comes back was bought under its document, of an order still open."""
    document = movement.undoes or movement.document
    key = {
        "tenant_id": context.tenant_id,
        "lot_id": found.lot_id,
        "document_kind": document.kind,
        "document_id": document.id,
        "serial_unit_id": movement.serial_unit_id,
    }
    bought = int(context.db.execute(_TAKEN_OVER, key).scalar_one())
    unpaid = sum(int(row.used) for row in _came_for(context, found) if row.status == "open")
    return max(0, min(movement.quantity - after, bought, unpaid))


def _takes_over(context: ServiceContext, movement_type: str) -> bool:
    rules = context.configuration("purchasing_rules")["consignment"]
    return movement_type == _RELABELLED or movement_type in rules["bought_by"]


def _unit_consigned(context: ServiceContext, movement: "Movement") -> bool:
    key = {"tenant_id": context.tenant_id, "serial_unit_id": movement.serial_unit_id}
    return bool(context.db.execute(_UNIT, key).scalar_one_or_none())


def _came_for(context: ServiceContext, found: Lot) -> Iterator[Any]:
    """Give the order receipts of a lot, and of the lots that it was split off or merged from."""
    known, new = set[UUID](), {found.lot_id}
    while new:
        known |= new
        key = {"tenant_id": context.tenant_id, "lot_ids": list(new)}
        new = set(context.db.execute(_PARENTS, key).scalars()) - known
    yield from context.db.execute(
        _CAME_FOR, {"tenant_id": context.tenant_id, "lot_ids": sorted(known, key=str)}
    )


def _settle_line(
    context: ServiceContext, found: Lot, movement_id: UUID, row: Any, kind: str, quantity: int
) -> None:
    context.db.execute(
        _SETTLE,
        {
            "tenant_id": context.tenant_id,
            "movement_id": movement_id,
            "receipt_line_id": row.receipt_line_id,
            "purchase_order_id": row.purchase_order_id,
            "line": row.line,
            "kind": kind,
            "quantity": quantity,
            "actor": context.actor.username,
            "recorded_at": context.now,
        },
    )
    event = {"event": f"purchase_order.{kind}", "order": row.order_number, "line": row.line}
    context.record({**event, "lot": found.number, "quantity": quantity})
    said = send(
        context.db,
        tenant_id=context.tenant_id,
        outbox_id=context.new_id(),
        name=USED,
        correlation=row.order_number,
        payload={
            "purchase_order": row.order_number,
            "purchase_order_line": row.line,
            "receipt_line_id": str(row.receipt_line_id),
            "lot_number": found.number,
            "decision": kind.upper(),
            "quantity": case_number(quantity, found.unit),
            "unit": found.unit.code,
        },
        at=context.now,
    )
    context.record({"event": "message.thrown", **said})
