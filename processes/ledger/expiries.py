"""Stock that expires: told so many days before, held from the day after its last day.

Looked for several times a day, so that each site's morning finds it done; each lot is held once for
its last day and told once for each number of days (document `expiry_rules`). A later expiry
(`expiry_extension`) begins all of it anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, exists, select

from engine.commands import messages
from engine.commands.base import Command, Periodic
from engine.commands.context import CommandContext
from engine.configuration.documents import read_documents
from engine.identifiers import derived_id
from engine.services import ServiceContext
from engine.store.tables import tenant
from processes.ledger import lots, site_days, status
from processes.ledger.asked_once import unanswered
from processes.ledger.lots import Lot
from processes.ledger.tables import hold, item, lot, stock_balance

REGISTER = "ledger"
RULES = "expiry_rules"
KIND = "expiry"
SOON, OVER = "lot.expiring", "lot.expired"
LOOK_EVERY = timedelta(hours=6)
_TENANTS = select(tenant.c.tenant_id)
_EXPIRING = (
    select(lot.c.lot_id, lot.c.expiry)
    .where(lot.c.tenant_id == bindparam("tenant_id"))
    .where(lot.c.expiry < bindparam("before"))
    .where(
        exists()
        .where(stock_balance.c.tenant_id == lot.c.tenant_id)
        .where(stock_balance.c.lot_id == lot.c.lot_id)
        .where(stock_balance.c.quantity > 0)
    )
    .order_by(lot.c.expiry, lot.c.lot_id)
)
_HELD = (
    select(hold.c.lot_id, hold.c.document_id)
    .where(hold.c.tenant_id == bindparam("tenant_id"))
    .where(hold.c.document_kind == KIND)
    .where(hold.c.lot_id.in_(_EXPIRING.with_only_columns(lot.c.lot_id).order_by(None)))
)
_ITEM = select(item.c.name_en, item.c.name_zh).where(
    and_(item.c.tenant_id == bindparam("tenant_id"), item.c.item_id == bindparam("item_id"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldExpired(Command):
    """Hold a lot that is past its last day; asked by the engine alone."""

    lot_id: UUID
    expiry: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WarnOfExpiry(Command):
    """Tell the warehouse that a lot expires in so many days; asked by the engine alone."""

    lot_id: UUID
    expiry: date
    days: int


def periodic() -> Periodic:
    """Give the look that finds what has expired, and what soon will."""
    return Periodic(name="expiries", every=LOOK_EVERY, due=_due)


def _due(db: Connection, now: datetime) -> Iterable[tuple[str, Command]]:
    for tenant_id in db.execute(_TENANTS).scalars().all():
        documents = read_documents(db, tenant_id)
        if RULES in documents:
            days = sorted(int(each) for each in documents[RULES]["warn_days"])
            today = site_days.day_of(documents.__getitem__, now)
            found = list(_of_tenant(db, tenant_id, today, days))
            for command in unanswered(db, tenant_id, found):
                yield tenant_id, command


def _of_tenant(db: Connection, tenant_id: str, today: date, days: list[int]) -> Iterable[Command]:
    """Say what is to be done with each lot on hand that expires within the days."""
    key = {
        "tenant_id": tenant_id,
        "before": today + timedelta(days=max(days, default=0) + 1),
    }
    held = {(row.lot_id, row.document_id) for row in db.execute(_HELD, key)}
    for row in db.execute(_EXPIRING, key).all():
        if row.expiry < today:
            if (row.lot_id, row.expiry.isoformat()) not in held:
                known = derived_id("expired", tenant_id, f"{row.lot_id} {row.expiry}")
                yield HoldExpired(command_id=known, lot_id=row.lot_id, expiry=row.expiry)
            continue
        left = (row.expiry - today).days
        reached = next(each for each in days if left <= each)
        known = derived_id("expiring", tenant_id, f"{row.lot_id} {row.expiry} {reached}")
        yield WarnOfExpiry(command_id=known, lot_id=row.lot_id, expiry=row.expiry, days=reached)


def hold_expired(
    context: CommandContext, book: ServiceContext, command: HoldExpired
) -> Mapping[str, Any]:
    """Hold the lot for its last day, and have it set apart."""
    found = lots.find(book.db, book.tenant_id, command.lot_id)
    if found.expiry != command.expiry:
        return {}  # it was extended meanwhile
    day = command.expiry.isoformat()
    status.place_hold(
        book,
        found,
        reason=f"Expired on {day} · 有效期至 {day}，已过期",
        owner_role="QA",
        document_kind=KIND,
        document_id=day,
    )
    _tell(context, found, OVER, f"{found.number}-{day}")
    return {"held": found.number}


def warn(context: CommandContext, command: WarnOfExpiry) -> Mapping[str, Any]:
    """Tell the warehouse of a lot that expires soon."""
    found = lots.find(context.db, context.tenant_id, command.lot_id)
    event = {"event": "lot.expiring", "lot": found.number, "expiry": command.expiry.isoformat()}
    context.record(REGISTER, {**event, "days": command.days})
    notice = f"{found.number}-{command.expiry.isoformat()}-{command.days}"
    _tell(context, found, SOON, notice)
    return {"told": found.number}


def _tell(context: CommandContext, found: Lot, name: str, notice: str) -> None:
    key = {"tenant_id": context.tenant_id, "item_id": found.item_id}
    named = context.db.execute(_ITEM, key).one()
    assert found.expiry is not None
    payload = {
        "notice": notice,
        "lot_number": found.number,
        "item": f"{found.item_number} {named.name_en} · {named.name_zh}",
        "expiry": found.expiry.isoformat(),
    }
    messages.publish(context, REGISTER, name, notice, payload)


def release_holds(context: ServiceContext, found: Lot, *, reason: str) -> None:
    """Release what held a lot for a last day that is no longer its own, signed in this command."""
    for each in status.open_holds(context.db, context.tenant_id, found.lot_id):
        kind, _, day = each.document.partition(" ")
        if kind == KIND and found.expiry is not None and day != found.expiry.isoformat():
            status.release_hold(context, found, each.hold_id, reason=reason)
