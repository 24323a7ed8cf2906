"""Temporary changes and planned deviations: for some lots, for some time, renewed twice at most.

Time, a decision, or the last of the quantity ends one; a question at a day (`in_force`) is all that
counts, so an expired one needs no job that switches it off. Who receives or makes goods under one
says so (`use`), and the quantities of all its renewals are counted against its limit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from engine.services import ServiceContext
from processes.ledger import items, site_days
from processes.ledger.changes import messages, orders
from processes.ledger.changes.orders import Change
from processes.ledger.changes.tables import (
    RENEWALS_AT_MOST,
    temporary_authorisation,
    temporary_use,
)
from processes.ledger.columns import rows_of
from processes.ledger.lots import Lot
from processes.ledger.movements import Document
from processes.ledger.quantities import NotAQuantity, amount_of, scaled
from processes.ledger.refusals import LedgerRefusal, listed
from processes.ledger.units import Unit

RENEWED = "renewed"
USED_UP = "quantity used up"

_INSERT = insert(temporary_authorisation)
_OF_CHANGE = rows_of(temporary_authorisation, "change_id", "renewal")
_USE = insert(temporary_use)
_USED = (
    select(func.coalesce(func.sum(temporary_use.c.quantity), 0))
    .where(temporary_use.c.tenant_id == bindparam("tenant_id"))
    .where(temporary_use.c.change_id == bindparam("change_id"))
)
_END = (
    update(temporary_authorisation)
    .where(temporary_authorisation.c.tenant_id == bindparam("key_tenant_id"))
    .where(temporary_authorisation.c.change_id == bindparam("key_change_id"))
    .where(temporary_authorisation.c.ended_at.is_(None))
    .values(ended_at=bindparam("ended_at"), ended_because=bindparam("ended_because"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Temporary:
    """One authorisation; `lots` empty means every lot within the time. Where it is a substitute,
    `instead_of` is the item of a bill that it goes in for (`substitutes.py`)."""

    renewal: int
    item_number: str
    instead_of: str | None
    lots: tuple[str, ...]
    quantity: str | None
    valid_until: datetime
    ended_at: datetime | None
    ended_because: str | None


class TooLong(LedgerRefusal):
    """A temporary change is short."""

    def __init__(self, limit: date, asked: date) -> None:
        super().__init__(
            f"It may be valid until {limit} at the latest, not {asked}.",
            f"有效期最迟至 {limit}，不得到 {asked}。",
            expected=limit.isoformat(),
            found=asked.isoformat(),
        )


class NoLimits(LedgerRefusal):
    """A temporary change names its lots or a quantity."""

    def __init__(self) -> None:
        super().__init__(
            "Name the lots or the quantity that it is limited to.",
            "请填写所限定的批次或数量。",
            expected="lots or a quantity",
        )


class RenewedTwice(LedgerRefusal):
    """After two renewals a deviation becomes a change, or ends."""

    def __init__(self, change: Change) -> None:
        super().__init__(
            f"{change.number} was renewed {RENEWALS_AT_MOST} times. Request a permanent change, "
            "or go back to the approved way.",
            f"{change.number} 已续期 {RENEWALS_AT_MOST} 次，不得再续。"
            "请提出永久变更，或恢复原批准状态。",
            expected=str(RENEWALS_AT_MOST),
        )


class NotWithinTemporary(LedgerRefusal):
    """A lot made another way than approved has a temporary change that covers it."""

    def __init__(self, change: Change, lot_number: str, lots: Sequence[str]) -> None:
        super().__init__(
            f"{change.number} does not cover lot {lot_number} now. It covers: {listed(lots)}.",
            f"{change.number} 目前不涵盖批次 {lot_number}，涵盖：{listed(lots)}。",
            expected=listed(lots),
            found=lot_number,
        )


class NotForThisItem(LedgerRefusal):
    """A temporary change is about one item."""

    def __init__(self, change: Change, item_number: str, asked: str) -> None:
        super().__init__(
            f"{change.number} is about item {item_number}, not {asked}. Correct the number of the "
            "change.",
            f"{change.number} 适用于物料 {item_number}，不适用于 {asked}，请更正变更单号。",
            expected=item_number,
            found=asked,
        )


class QuantityUsedUp(LedgerRefusal):
    """No more is received or made under a temporary change than it was authorised for."""

    def __init__(self, change: Change, left: int, asked: int, unit: Unit) -> None:
        have, want = (format(amount_of(each, unit), "f") for each in (left, asked))
        super().__init__(
            f"Under {change.number} {have} {unit.names['en']} are left, not {want}. Reduce the "
            "quantity, or go back to the approved way.",
            f"{change.number} 剩余授权数量为 {have} {unit.names['zh']}，不足 {want}。"
            "请减少数量，或恢复原批准状态。",
            expected=have,
            found=want,
        )


def authorise(
    context: ServiceContext,
    change: Change,
    *,
    item_number: str,
    lots: Sequence[str],
    quantity: str | None,
    valid_until: datetime,
    latest: datetime,
    authorised_by: Sequence[str],
    instead_of: str | None = None,
) -> Temporary:
    """Authorise a temporary change, or renew it: refused beyond `latest` and after two renewals."""
    if valid_until > latest:
        raise TooLong(_last_day(context, latest), _last_day(context, valid_until))
    if not lots and quantity is None:
        raise NoLimits
    before = of_change(context.db, context.tenant_id, change)
    if len(before) > RENEWALS_AT_MOST:
        raise RenewedTwice(change)
    if before:
        end(context, change, RENEWED)
    row = {
        "tenant_id": context.tenant_id,
        "change_id": change.change_id,
        "renewal": len(before),
        "item_number": item_number,
        "instead_of": instead_of,
        "lots": list(lots),
        "quantity": quantity,
        "valid_from": context.now,
        "valid_until": valid_until,
        "reason": change.reason,
        "authorised_by": list(authorised_by),
        "ended_at": None,
        "ended_because": None,
    }
    context.db.execute(_INSERT, row)
    context.record(
        {
            "event": "temporary_change.authorised",
            "change": change.number,
            "renewal": len(before),
            "item": item_number,
            "instead_of": instead_of,
            "lots": list(lots),
            "quantity": quantity,
            "valid_until": valid_until.isoformat(),
            "by": list(authorised_by),
        }
    )
    return of_change(context.db, context.tenant_id, change)[-1]


def _last_day(context: ServiceContext, end: datetime) -> date:
    """Give the last whole day that is over by an instant, at the usual site."""
    return site_days.day_of(context.configuration, end) - timedelta(days=1)


def of_change(db: Connection, tenant_id: str, change: Change) -> list[Temporary]:
    """List the authorisations of a change: the first and its renewals."""
    key = {"tenant_id": tenant_id, "change_id": change.change_id}
    return [
        Temporary(
            renewal=row.renewal,
            item_number=row.item_number,
            instead_of=row.instead_of,
            lots=tuple(row.lots),
            quantity=row.quantity,
            valid_until=row.valid_until,
            ended_at=row.ended_at,
            ended_because=row.ended_because,
        )
        for row in db.execute(_OF_CHANGE, key)
    ]


def in_force(db: Connection, tenant_id: str, change: Change, at: datetime) -> Temporary | None:
    """Give the authorisation that counts at a moment; None when time or a decision ended it."""
    counting = [
        each
        for each in of_change(db, tenant_id, change)
        if each.ended_at is None and at < each.valid_until
    ]
    return counting[-1] if counting else None


def require_covered(
    db: Connection, tenant_id: str, change: Change, lot_number: str, at: datetime
) -> Temporary:
    """Refuse a lot that a temporary change does not cover, now."""
    counting = in_force(db, tenant_id, change, at)
    if counting is None or (counting.lots and lot_number not in counting.lots):
        raise NotWithinTemporary(change, lot_number, () if counting is None else counting.lots)
    return counting


def use(
    context: ServiceContext, number: str, about: Lot, quantity: int, document: Document
) -> Temporary:
    """Book goods that are received or made under a temporary change against its limits.

    `quantity` is a stored integer in the stock unit of the lot; a lot that came is covered by our
    number or by the supplier's, which alone is known before it comes. Refused: a lot or an item
    that it does not cover, after its end, more than is left of its quantity. With the last of its
    quantity it ends by itself.
    """
    change = orders.by_number(context.db, context.tenant_id, number)
    counting = in_force(context.db, context.tenant_id, change, context.now)
    by_label = counting is not None and about.supplier_lot in counting.lots
    named = about.supplier_lot if by_label and about.supplier_lot else about.number
    found = require_covered(context.db, context.tenant_id, change, named, context.now)
    alike = items.same_numbers(context.db, context.tenant_id, found.item_number)
    if about.item_number not in alike:
        raise NotForThisItem(change, found.item_number, about.item_number)
    left = _left(context.db, context.tenant_id, change, found, about.unit)
    if left is not None and quantity > left:
        raise QuantityUsedUp(change, left, quantity, about.unit)
    row = {
        "tenant_id": context.tenant_id,
        "use_id": context.new_id(),
        "change_id": change.change_id,
        "renewal": found.renewal,
        "lot_number": about.number,
        "quantity": quantity,
        "document_kind": document.kind,
        "document_id": document.id,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_USE, row)
    context.record(
        {
            "event": "temporary_change.used",
            "change": change.number,
            "lot": about.number,
            "quantity": format(amount_of(quantity, about.unit), "f"),
            "document": document.id,
        }
    )
    if left == quantity:
        end(context, change, USED_UP)
        messages.tell(context, messages.USED_UP, change.number, {})
    return found


def used(db: Connection, tenant_id: str, change: Change) -> int:
    """Give what was received and made under a change so far, in the stock unit of its item."""
    total: int = db.execute(
        _USED, {"tenant_id": tenant_id, "change_id": change.change_id}
    ).scalar_one()
    return int(total)


def _left(
    db: Connection, tenant_id: str, change: Change, found: Temporary, unit: Unit
) -> int | None:
    """Give what is left of the quantity; None where lots and time alone are the limit."""
    if found.quantity is None:
        return None
    try:
        limit = scaled(Decimal(found.quantity), unit)
    except InvalidOperation as broken:
        raise NotAQuantity(found.quantity) from broken
    return limit - used(db, tenant_id, change)


def end(context: ServiceContext, change: Change, because: str) -> bool:
    """End the authorisation of a change; False when there is none to end.

    The return to the approved way is a decision on the record of the change, unless the
    authorisation was only renewed.
    """
    row: dict[str, Any] = {
        "key_tenant_id": context.tenant_id,
        "key_change_id": change.change_id,
        "ended_at": context.now,
        "ended_because": because,
    }
    ended = context.db.execute(_END, row).rowcount > 0
    if ended:
        context.record(
            {"event": "temporary_change.ended", "change": change.number, "because": because}
        )
    if ended and because != RENEWED:
        orders.decide(context, change, "temporary", "approved_way", role="QA", reason=because)
    return ended
