"""Temporary changes and planned deviations: for some lots, for some time, renewed twice at most.

Nothing ends one but time or a decision; a question at a day (`in_force`) is all that counts, so an
expired one needs no job that switches it off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update

from engine.services import ServiceContext
from processes.ledger import site_days
from processes.ledger.changes.orders import Change
from processes.ledger.changes.tables import RENEWALS_AT_MOST, temporary_authorisation
from processes.ledger.columns import rows_of
from processes.ledger.refusals import LedgerRefusal, listed

_INSERT = insert(temporary_authorisation)
_OF_CHANGE = rows_of(temporary_authorisation, "change_id", "renewal")
_END = (
    update(temporary_authorisation)
    .where(temporary_authorisation.c.tenant_id == bindparam("key_tenant_id"))
    .where(temporary_authorisation.c.change_id == bindparam("key_change_id"))
    .where(temporary_authorisation.c.ended_at.is_(None))
    .values(ended_at=bindparam("ended_at"), ended_because=bindparam("ended_because"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Temporary:
    """One authorisation; `lots` empty means every lot within the time."""

    renewal: int
    item_number: str
    lots: tuple[str, ...]
    quantity: str | None
    valid_until: datetime
    ended_at: datetime | None


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
        end(context, change, "renewed")
    row = {
        "tenant_id": context.tenant_id,
        "change_id": change.change_id,
        "renewal": len(before),
        "item_number": item_number,
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
            lots=tuple(row.lots),
            quantity=row.quantity,
            valid_until=row.valid_until,
            ended_at=row.ended_at,
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


def end(context: ServiceContext, change: Change, because: str) -> bool:
    """End the authorisation of a change; False when there is none to end."""
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
    return ended
