"""Requisitions: what somebody needs, before it is known who delivers it.

One need has one or several lines, which one supplier is to deliver on one order. A line is an item,
or free text with a category: what never becomes part of a product.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select, update

from engine.services import ServiceContext
from processes.ledger import words
from processes.ledger.columns import AnyRow, rows_of
from processes.ledger.numbers import next_number
from processes.ledger.purchasing.tables import (
    purchase_order,
    purchase_order_line,
    requisition,
    requisition_line,
)
from processes.ledger.refusals import LedgerRefusal, NotInLedger

_REQUISITIONS = select(requisition).where(requisition.c.tenant_id == bindparam("tenant_id"))
_BY_ID = _REQUISITIONS.where(requisition.c.requisition_id == bindparam("requisition_id"))
_CYCLES = _REQUISITIONS.where(
    requisition.c.requisition_number == bindparam("requisition_number")
).order_by(requisition.c.cycle)
_LINES = rows_of(requisition_line, "requisition_id", "line")
_SAME_NEED = (
    select(requisition.c.requisition_number)
    .join(
        requisition_line,
        and_(
            requisition_line.c.tenant_id == requisition.c.tenant_id,
            requisition_line.c.requisition_id == requisition.c.requisition_id,
        ),
    )
    .where(requisition_line.c.tenant_id == bindparam("tenant_id"))
    .where(requisition_line.c.item_number == bindparam("item_number"))
    .where(requisition.c.status.in_(("open", "approved", "ordered")))
    .where(requisition.c.need_date >= bindparam("monday"))
    .where(requisition.c.need_date <= bindparam("sunday"))
    .where(requisition.c.requisition_id != bindparam("own_id"))
    .order_by(requisition.c.requisition_number)
    .distinct()
)
_ORDERED_BEFORE = (
    select(func.count())
    .select_from(purchase_order_line)
    .where(purchase_order_line.c.tenant_id == bindparam("tenant_id"))
    .where(purchase_order_line.c.item_id == bindparam("item_id"))
)
_ORDERED_FROM = (
    select(func.count())
    .select_from(purchase_order)
    .where(purchase_order.c.tenant_id == bindparam("tenant_id"))
    .where(purchase_order.c.supplier_id == bindparam("supplier_id"))
    .where(purchase_order.c.version > 0)
    .where(purchase_order.c.purchase_order_id != bindparam("own_id"))
)
_INSERT = insert(requisition)
_INSERT_LINE = insert(requisition_line)
_DELETE_LINES = (
    delete(requisition_line)
    .where(requisition_line.c.tenant_id == bindparam("key_tenant_id"))
    .where(requisition_line.c.requisition_id == bindparam("key_requisition_id"))
)
_KEY = (requisition.c.tenant_id == bindparam("key_tenant_id")) & (
    requisition.c.requisition_id == bindparam("key_requisition_id")
)
_SET_STATUS = (
    update(requisition)
    .where(_KEY)
    .values(status=bindparam("status"), changed_at=bindparam("changed_at"))
)
_FIELDS = (
    *("site", "need_date", "purpose", "cost_centre", "currency", "emergency", "justification"),
)
_LINE_FIELDS = (
    *("item_id", "item_number", "item_revision", "category", "description", "quantity"),
    *("unit_code", "estimated_price"),
)
_REVISE = (
    update(requisition)
    .where(_KEY)
    .values({name: bindparam(name) for name in (*_FIELDS, "status", "changed_at")})
)
_OVER = ("closed", "rejected", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedLine:
    """One thing that is asked for: an item, or free text of a `category` with a `description`.

    `item_id` and `item_revision` are None for what is not in the book; `item_number` is None for
    free text only.
    """

    item_id: UUID | None
    item_number: str | None
    item_revision: str | None
    quantity: Decimal
    unit_code: str
    estimated_price: Decimal
    category: str | None = None
    description: str | None = None

    @property
    def called(self) -> str:
        """Give what people know it by."""
        return self.item_number or self.description or ""

    @property
    def amount(self) -> Decimal:
        return self.quantity * self.estimated_price


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What is asked for, by one site for one day; at least one line."""

    site: str
    need_date: date
    purpose: str
    cost_centre: str
    currency: str
    lines: Sequence[NeedLine]
    emergency: bool = False
    justification: str | None = None

    @property
    def amount(self) -> Decimal:
        """Give the estimated amount, in `currency`."""
        return sum((line.amount for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Requisition:
    """A requisition as it stands now, one cycle of it."""

    requisition_id: UUID
    number: str
    cycle: int
    need: Need
    requester: str
    status: str


class StillOpen(LedgerRefusal):
    """A record is opened again when it is over, as a new cycle."""

    def __init__(self, number: str, status: str) -> None:
        state = words.said("state", status)
        super().__init__(
            f"{number} is {state.en}: it can be opened again once it is closed, rejected or "
            "cancelled.",
            f"{number} 当前状态为“{state.zh}”，关闭、驳回或取消后才能重新打开。",
            expected="closed",
            found=status,
        )


def open_new(context: ServiceContext, need: Need, *, reopens: str | None = None) -> Requisition:
    """Write a requisition down: a new number, or the next cycle of the one that it `reopens`."""
    number, cycle = _numbered(context, reopens)
    requisition_id = context.new_id()
    row = {
        **_columns(need),
        "tenant_id": context.tenant_id,
        "requisition_id": requisition_id,
        "requisition_number": number,
        "cycle": cycle,
        "requester": context.actor.username,
        "status": "open",
        "process_instance_id": context.process_instance_id,
        "created_at": context.now,
        "changed_at": context.now,
    }
    context.db.execute(_INSERT, row)
    context.db.execute(_INSERT_LINE, _line_rows(context, requisition_id, need))
    context.record({"event": "requisition.opened", "requisition": number, "cycle": cycle})
    return find(context.db, context.tenant_id, requisition_id)


def revise(context: ServiceContext, found: Requisition, need: Need) -> Requisition:
    """Write down what the requester changed after it came back; it is open again."""
    key = {
        **_key(context, found),
        **_columns(need),
        "status": "open",
        "changed_at": context.now,
    }
    context.db.execute(_REVISE, key)
    context.db.execute(_DELETE_LINES, _key(context, found))
    context.db.execute(_INSERT_LINE, _line_rows(context, found.requisition_id, need))
    context.record({"event": "requisition.revised", "requisition": found.number})
    return find(context.db, context.tenant_id, found.requisition_id)


def set_status(
    context: ServiceContext, requisition_id: UUID, status: str, reason: str | None = None
) -> None:
    """Say where a requisition stands."""
    found = find(context.db, context.tenant_id, requisition_id)
    key = {**_key(context, found), "status": status, "changed_at": context.now}
    context.db.execute(_SET_STATUS, key)
    event = {
        "event": "requisition.status_changed",
        "requisition": found.number,
        "status": {"old": found.status, "new": status},
        "reason": reason,
    }
    context.record(event)


def find(db: Connection, tenant_id: str, requisition_id: UUID) -> Requisition:
    """Give a requisition by id; NotInLedger when there is none."""
    key = {"tenant_id": tenant_id, "requisition_id": requisition_id}
    row = db.execute(_BY_ID, key).one_or_none()
    if row is None:
        raise NotInLedger("requisition", "采购申请", requisition_id)
    return _read(db, row)


def cycles_of(db: Connection, tenant_id: str, number: str) -> list[Requisition]:
    """List the cycles of a requisition, the first one first."""
    key = {"tenant_id": tenant_id, "requisition_number": number}
    return [_read(db, row) for row in db.execute(_CYCLES, key).all()]


def same_need(
    db: Connection, tenant_id: str, found: Requisition, item_number: str | None
) -> list[str]:
    """List other requisitions that are open for the same item in the same week (PR-01)."""
    monday = found.need.need_date - timedelta(days=found.need.need_date.weekday())
    key = {
        "tenant_id": tenant_id,
        "item_number": item_number,
        "monday": monday,
        "sunday": monday + timedelta(days=6),
        "own_id": found.requisition_id,
    }
    return list(db.execute(_SAME_NEED, key).scalars())


def ordered_before(db: Connection, tenant_id: str, item_id: UUID) -> bool:
    """Tell whether an item has ever been ordered (PR-02: first purchase)."""
    key = {"tenant_id": tenant_id, "item_id": item_id}
    return bool(db.execute(_ORDERED_BEFORE, key).scalar_one())


def ordered_from(db: Connection, tenant_id: str, supplier_id: UUID, own_id: UUID) -> bool:
    """Tell whether anything else was ever ordered from a supplier (PR-04: new supplier)."""
    key = {"tenant_id": tenant_id, "supplier_id": supplier_id, "own_id": own_id}
    return bool(db.execute(_ORDERED_FROM, key).scalar_one())


def _numbered(context: ServiceContext, reopens: str | None) -> tuple[str, int]:
    if reopens is None:
        return next_number(context, "PR"), 1
    earlier = cycles_of(context.db, context.tenant_id, reopens)
    if not earlier:
        raise NotInLedger("requisition", "采购申请", reopens)
    last = earlier[-1]
    if last.status not in _OVER:
        raise StillOpen(reopens, last.status)
    return reopens, last.cycle + 1


def _columns(need: Need) -> dict[str, Any]:
    return {name: getattr(need, name) for name in _FIELDS}


def _line_rows(context: ServiceContext, requisition_id: UUID, need: Need) -> list[dict[str, Any]]:
    return [
        {
            "tenant_id": context.tenant_id,
            "requisition_id": requisition_id,
            "line": place,
            **{name: getattr(line, name) for name in _LINE_FIELDS},
        }
        for place, line in enumerate(need.lines, start=1)
    ]


def _key(context: ServiceContext, found: Requisition) -> dict[str, Any]:
    return {
        "key_tenant_id": context.tenant_id,
        "key_requisition_id": found.requisition_id,
    }


def _read(db: Connection, row: AnyRow) -> Requisition:
    key = {"tenant_id": row.tenant_id, "requisition_id": row.requisition_id}
    lines = [
        NeedLine(**{name: getattr(line, name) for name in _LINE_FIELDS})
        for line in db.execute(_LINES, key)
    ]
    return Requisition(
        requisition_id=row.requisition_id,
        number=row.requisition_number,
        cycle=row.cycle,
        need=Need(
            site=row.site,
            need_date=row.need_date,
            purpose=row.purpose,
            cost_centre=row.cost_centre,
            currency=row.currency,
            lines=lines,
            emergency=row.emergency,
            justification=row.justification,
        ),
        requester=row.requester,
        status=row.status,
    )
