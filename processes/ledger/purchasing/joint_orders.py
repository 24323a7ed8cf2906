"""Requisitions that are ordered together: each waits for the common order, and may leave it.

The order begins with one requisition; the buyer takes others of the same supplier and site onto it.
Each stays its own record with its own approvals, supplier judgement and waivers. What falls off an
order (the order is given up, or a version leaves it out) waits again: nobody is stranded.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, delete, insert, select, update

from engine.services import ServiceContext
from engine.store.tables import account, work_item
from processes.ledger.columns import AnyRow
from processes.ledger.purchasing import orders, requisitions
from processes.ledger.purchasing.orders import Order
from processes.ledger.purchasing.requisitions import Requisition
from processes.ledger.purchasing.tables import (
    joint_requisition,
    purchase_order,
    purchase_order_line,
    requisition,
)
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.suppliers import Supplier

_JOINT = (
    select(joint_requisition, requisition.c.requisition_number, requisition.c.site)
    .join(
        requisition,
        and_(
            requisition.c.tenant_id == joint_requisition.c.tenant_id,
            requisition.c.requisition_id == joint_requisition.c.requisition_id,
        ),
    )
    .where(joint_requisition.c.tenant_id == bindparam("tenant_id"))
)
_BY_REQUISITION = _JOINT.where(joint_requisition.c.requisition_id == bindparam("requisition_id"))
_ON_ORDER = _JOINT.where(
    joint_requisition.c.purchase_order_id == bindparam("purchase_order_id")
).order_by(joint_requisition.c.waits_since, requisition.c.requisition_number)
_OFFERED = (
    _JOINT.where(joint_requisition.c.supplier_id == bindparam("supplier_id"))
    .where(requisition.c.site == bindparam("site"))
    .where(requisition.c.status.in_(("approved", "ordered")))
    .where(
        joint_requisition.c.purchase_order_id.is_(None)
        | (joint_requisition.c.purchase_order_id == bindparam("purchase_order_id"))
    )
    .order_by(joint_requisition.c.waits_since, requisition.c.requisition_number)
)
_IN_FORCE = (
    select(purchase_order_line.c.line)
    .join(
        purchase_order,
        and_(
            purchase_order.c.tenant_id == purchase_order_line.c.tenant_id,
            purchase_order.c.purchase_order_id == purchase_order_line.c.purchase_order_id,
            purchase_order.c.version == purchase_order_line.c.version,
        ),
    )
    .where(purchase_order_line.c.tenant_id == bindparam("tenant_id"))
    .where(purchase_order_line.c.purchase_order_id == bindparam("purchase_order_id"))
    .where(purchase_order_line.c.requisition_id == bindparam("requisition_id"))
)
_APPROVED_BY = (
    select(account.c.username)
    .join(
        work_item,
        and_(
            work_item.c.tenant_id == account.c.tenant_id,
            work_item.c.completed_by == account.c.account_id,
        ),
    )
    .where(work_item.c.tenant_id == bindparam("tenant_id"))
    .where(work_item.c.process_instance_id == bindparam("process_instance_id"))
    .where(work_item.c.activity_id.in_(bindparam("activities", expanding=True)))
    .where(work_item.c.opened_at >= bindparam("since"))
    .distinct()
)
_KEY = (joint_requisition.c.tenant_id == bindparam("key_tenant_id")) & (
    joint_requisition.c.requisition_id == bindparam("key_requisition_id")
)
_INSERT = insert(joint_requisition)
_TAKE = (
    update(joint_requisition)
    .where(_KEY)
    .where(joint_requisition.c.purchase_order_id.is_(None))
    .values(purchase_order_id=bindparam("purchase_order_id"))
)
_FREE = update(joint_requisition).where(_KEY).values(purchase_order_id=None)
_DELETE = delete(joint_requisition).where(_KEY)
_NO_ORDER = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """A requisition that waits for a common order, or is on one (`purchase_order_id`).

    `offer` is what the supplier asks: `currency`, `unit_price` of its first line, `prices` by line.
    """

    requisition_id: UUID
    number: str
    offer: Mapping[str, Any]
    purchase_order_id: UUID | None


class OnAnOrder(LedgerRefusal):
    """What an order in force orders leaves it by a change of the order only."""

    def __init__(self, number: str, order: str) -> None:
        super().__init__(
            f"{number} is ordered by {order}. Have that order changed or cancelled first.",
            f"{number} 已列入采购订单 {order}，请先更改或取消该订单。",
            found=order,
        )


class FellOut(LedgerRefusal):
    """An order is written for requisitions that still want it."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"{number} is no longer to be ordered with this one. Have the order written anew "
            "without it: the others stay.",
            f"{number} 已不再与本单合并订购。请退回并去掉该申请后重新编制，其他申请不受影响。",
            found=number,
        )


class ApprovedForOneself(LedgerRefusal):
    """Nobody approves the order of what they asked for."""

    def __init__(self, person: str, number: str) -> None:
        super().__init__(
            f"{person} asked for {number} and has approved this order. Return the order, "
            "and let somebody else with that role approve it.",
            f"{person} 是 {number} 的申请人，又批准了本订单。请退回订单，由同岗位的其他人批准。",
            found=person,
        )


def wait(
    context: ServiceContext, found: Requisition, source: Supplier, offer: Mapping[str, Any]
) -> Joint:
    """Let a requisition wait for a common order with its supplier; as it is where it waits."""
    known = of_requisition(context.db, context.tenant_id, found.requisition_id)
    if known is not None:
        return known
    row = {
        "tenant_id": context.tenant_id,
        "requisition_id": found.requisition_id,
        "supplier_id": source.supplier_id,
        "offer": dict(offer),
        "purchase_order_id": None,
        "waits_since": context.now,
    }
    context.db.execute(_INSERT, row)
    event = {"event": "requisition.waits_for_order", "requisition": found.number}
    context.record({**event, "supplier": source.number})
    return Joint(
        requisition_id=found.requisition_id,
        number=found.number,
        offer=offer,
        purchase_order_id=None,
    )


def leave(context: ServiceContext, found: Requisition) -> None:
    """Take a requisition off what it waits for; refused once an order in force orders it."""
    known = of_requisition(context.db, context.tenant_id, found.requisition_id)
    if known is None:
        return
    if known.purchase_order_id is not None:
        order = orders.find(context.db, context.tenant_id, known.purchase_order_id)
        if _ordered_by(context, order, found.requisition_id):
            raise OnAnOrder(found.number, order.number)
    context.db.execute(_DELETE, _key(context, found.requisition_id))
    context.record({"event": "requisition.left_common_order", "requisition": found.number})
    requisitions.set_status(context, found.requisition_id, "approved")


def of_requisition(db: Connection, tenant_id: str, requisition_id: UUID) -> Joint | None:
    """Tell whether a requisition waits for a common order or is on one; None: by itself."""
    key = {"tenant_id": tenant_id, "requisition_id": requisition_id}
    row = db.execute(_BY_REQUISITION, key).one_or_none()
    return None if row is None else _read(row)


def offered(
    db: Connection, tenant_id: str, supplier_id: UUID, site: str, order: Order | None
) -> list[Joint]:
    """List what may be ordered on an order: what waits for its supplier at its site, and what it
    took already; longest waiting first."""
    key = {
        "tenant_id": tenant_id,
        "supplier_id": supplier_id,
        "site": site,
        "purchase_order_id": _NO_ORDER if order is None else order.purchase_order_id,
    }
    return [_read(row) for row in db.execute(_OFFERED, key)]


def on_order(db: Connection, tenant_id: str, order: Order) -> list[Joint]:
    """List the requisitions that an order took beside the one that it began with."""
    key = {"tenant_id": tenant_id, "purchase_order_id": order.purchase_order_id}
    return [_read(row) for row in db.execute(_ON_ORDER, key)]


def draft_for(context: ServiceContext, order: Order, wanted: Collection[UUID]) -> None:
    """Take what a draft orders; what neither it nor the version in force orders waits again."""
    on_it = {each.requisition_id: each for each in on_order(context.db, context.tenant_id, order)}
    for requisition_id in sorted(set(wanted) - on_it.keys() - {order.requisition_id}):
        key = {**_key(context, requisition_id), "purchase_order_id": order.purchase_order_id}
        if context.db.execute(_TAKE, key).rowcount != 1:
            found = requisitions.find(context.db, context.tenant_id, requisition_id)
            raise FellOut(found.number)
        requisitions.set_status(context, requisition_id, "ordered", order.number)
    for requisition_id in on_it.keys() - set(wanted):
        if not _ordered_by(context, order, requisition_id):
            _free(context, order, requisition_id)


def require_wanted(context: ServiceContext, order: Order, wanted: Collection[UUID]) -> None:
    """Refuse to freeze what a requisition no longer wants (it was withdrawn or cancelled)."""
    on_it = {each.requisition_id for each in on_order(context.db, context.tenant_id, order)}
    for requisition_id in set(wanted) - on_it - {order.requisition_id}:
        raise FellOut(requisitions.find(context.db, context.tenant_id, requisition_id).number)


def require_approved_by_others(
    context: ServiceContext, order: Order, wanted: Collection[UUID], activities: Collection[str]
) -> None:
    """Refuse an order that somebody approved who asked for a part of it.

    `activities` are those of the diagram by which people approve; the diagram itself keeps away who
    asked for the requisition that the order began with.
    """
    key = {
        "tenant_id": context.tenant_id,
        "process_instance_id": context.process_instance_id,
        "activities": list(activities),
        "since": order.changed_at,
    }
    approved = {*context.db.execute(_APPROVED_BY, key).scalars(), context.actor.username}
    for requisition_id in set(wanted) - {order.requisition_id}:
        found = requisitions.find(context.db, context.tenant_id, requisition_id)
        if found.requester in approved:
            raise ApprovedForOneself(found.requester, found.number)


def frozen_with(context: ServiceContext, order: Order, before: int) -> list[dict[str, Any]]:
    """Say whom a new version concerns: who is on it since, and who fell off it and waits again.

    `before` is the version that was in force; gives `requisition_id` and `on_order` of each.
    """
    db, tenant_id = context.db, context.tenant_id
    then = {x.requisition_id for x in orders.lines_of_version(db, tenant_id, order, before)}
    told = []
    for each in on_order(db, tenant_id, order):
        on_it = _ordered_by(context, order, each.requisition_id)
        if not on_it:
            _free(context, order, each.requisition_id)
        if not on_it or each.requisition_id not in then:
            told.append({"requisition_id": str(each.requisition_id), "on_order": on_it})
    return told


def release(context: ServiceContext, order: Order) -> list[dict[str, Any]]:
    """Let everything wait again that an order took, which orders nothing any more."""
    found = on_order(context.db, context.tenant_id, order)
    for each in found:
        _free(context, order, each.requisition_id)
    return [{"requisition_id": str(x.requisition_id), "on_order": False} for x in found]


def close(context: ServiceContext, order: Order) -> list[dict[str, Any]]:
    """Close what a closed order has ordered; that of which nothing came waits again.

    Gives `requisition_id` and `on_order` of each: True for what is over with the order.
    """
    lines = orders.lines_of(context.db, context.tenant_id, order)
    told = []
    for each in on_order(context.db, context.tenant_id, order):
        own = [line for line in lines if line.requisition_id == each.requisition_id]
        over = any(line.accepted or line.status == "closed" for line in own)
        if over:
            requisitions.set_status(context, each.requisition_id, "closed", order.number)
        else:
            _free(context, order, each.requisition_id)
        told.append({"requisition_id": str(each.requisition_id), "on_order": over})
    return told


def _ordered_by(context: ServiceContext, order: Order, requisition_id: UUID) -> bool:
    """Tell whether the version in force of an order that goes on orders a requisition's needs."""
    key = {
        "tenant_id": context.tenant_id,
        "purchase_order_id": order.purchase_order_id,
        "requisition_id": requisition_id,
    }
    live = order.version > 0 and order.status in ("sent", "held")
    return live and context.db.execute(_IN_FORCE, key).first() is not None


def _free(context: ServiceContext, order: Order, requisition_id: UUID) -> None:
    context.db.execute(_FREE, _key(context, requisition_id))
    reason = f"no longer on {order.number} / 已从 {order.number} 移出"
    requisitions.set_status(context, requisition_id, "approved", reason)


def _key(context: ServiceContext, requisition_id: UUID) -> dict[str, Any]:
    return {"key_tenant_id": context.tenant_id, "key_requisition_id": requisition_id}


def _read(row: AnyRow) -> Joint:
    return Joint(
        requisition_id=row.requisition_id,
        number=row.requisition_number,
        offer=row.offer,
        purchase_order_id=row.purchase_order_id,
    )
