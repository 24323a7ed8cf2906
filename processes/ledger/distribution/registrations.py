"""Registrations: in which market an item may be sold, under which number, until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, or_, select

from engine.services import ServiceContext
from processes.ledger import items
from processes.ledger.columns import AnyRow
from processes.ledger.distribution.tables import registration, registration_end

_INSERT = insert(registration)
_END = insert(registration_end)
_ENDED = (registration_end.c.tenant_id == registration.c.tenant_id) & (
    registration_end.c.registration_id == registration.c.registration_id
)
_OF_ITEM = (
    select(registration, registration_end.c.ended_on)
    .outerjoin(registration_end, _ENDED)
    .where(registration.c.tenant_id == bindparam("tenant_id"))
    .where(registration.c.item_id == bindparam("item_id"))
    .order_by(registration.c.market, registration.c.valid_from)
)
_ON = (
    select(registration, registration_end.c.ended_on)
    .outerjoin(registration_end, _ENDED)
    .where(registration.c.tenant_id == bindparam("tenant_id"))
    .where(registration.c.item_id == bindparam("item_id"))
    .where(registration.c.market == bindparam("market"))
    .where(registration.c.valid_from <= bindparam("on"))
    .where(or_(registration.c.valid_to.is_(None), registration.c.valid_to >= bindparam("on")))
    .where(
        or_(registration_end.c.ended_on.is_(None), registration_end.c.ended_on > bindparam("on"))
    )
    .order_by(registration.c.valid_from.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRegistration:
    """A registration to be entered; `models` empty means all models of the item."""

    item_number: str
    market: str
    number: str
    holder: str
    valid_from: date
    valid_to: date | None = None
    agent: str | None = None
    requirement: str | None = None
    models: Sequence[str] = ()
    expected_life: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A registration as it stands on the record."""

    registration_id: UUID
    item_id: UUID
    market: str
    number: str
    holder: str
    agent: str | None
    requirement: str | None
    models: tuple[str, ...]
    expected_life: str | None
    valid_from: date
    valid_to: date | None
    ended_on: date | None


def register(context: ServiceContext, new: NewRegistration) -> UUID:
    """Enter a registration of an item in a market."""
    item = items.by_number(context.db, context.tenant_id, new.item_number)
    registration_id = context.new_id()
    row = {
        "tenant_id": context.tenant_id,
        "registration_id": registration_id,
        "item_id": item.item_id,
        "market": new.market,
        "registration_number": new.number,
        "holder": new.holder,
        "agent": new.agent,
        "requirement": new.requirement,
        "models": list(new.models) or None,
        "expected_life": new.expected_life,
        "valid_from": new.valid_from,
        "valid_to": new.valid_to,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_INSERT, row)
    context.record(
        {
            "event": "item.registered_in_market",
            "item": item.number,
            "market": new.market,
            "registration": new.number,
            "valid_to": None if new.valid_to is None else new.valid_to.isoformat(),
        }
    )
    return registration_id


def end(context: ServiceContext, registration_id: UUID, *, on: date, reason: str) -> None:
    """End a registration before its day: withdrawn, suspended, not renewed."""
    row = {
        "tenant_id": context.tenant_id,
        "registration_id": registration_id,
        "ended_on": on,
        "reason": reason,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_END, row)
    context.record(
        {
            "event": "registration.ended",
            "registration": str(registration_id),
            "on": on.isoformat(),
            "reason": reason,
        }
    )


def of_item(db: Connection, tenant_id: str, item_id: UUID) -> list[Registration]:
    """List an item's registrations, by market."""
    return [
        _read(row) for row in db.execute(_OF_ITEM, {"tenant_id": tenant_id, "item_id": item_id})
    ]


def on(
    db: Connection, tenant_id: str, item_id: UUID, market: str, day: date
) -> Registration | None:
    """Give the registration under which an item may be sold in a market on a day, if any."""
    key = {"tenant_id": tenant_id, "item_id": item_id, "market": market, "on": day}
    row = db.execute(_ON, key).one_or_none()
    return None if row is None else _read(row)


def _read(row: AnyRow) -> Registration:
    return Registration(
        registration_id=row.registration_id,
        item_id=row.item_id,
        market=row.market,
        number=row.registration_number,
        holder=row.holder,
        agent=row.agent,
        requirement=row.requirement,
        models=tuple(row.models or ()),
        expected_life=row.expected_life,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        ended_on=row.ended_on,
    )
