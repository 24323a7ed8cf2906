"""The yearly exercise: a mock recall that begins by itself when the last one is too long ago.

When is the customer's to say (`mock_schedule` of `field_action_rules`): so many months after the
last exercise, or on a first day. The lot that went out last is proposed; QA may choose another.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from engine.commands.base import Command, Periodic
from engine.commands.context import CommandContext
from engine.commands.messages import publish
from engine.configuration.documents import read_documents
from engine.identifiers import derived_id
from engine.store.tables import tenant
from processes.ledger import site_days
from processes.ledger.commands import REGISTER
from processes.ledger.distribution.tables import shipment, shipment_line
from processes.ledger.field_actions.tables import field_action
from processes.ledger.site_days import Configuration

LOOK_EVERY = timedelta(hours=6)
ASK = "fieldaction.assess"
SOURCE = "mock_schedule"
_TENANTS = select(tenant.c.tenant_id)
_LAST = (
    select(func.max(field_action.c.created_at))
    .where(field_action.c.tenant_id == bindparam("tenant_id"))
    .where(field_action.c.mode == "mock")
)
_SHIPPED = (
    select(shipment_line.c.lot_number)
    .join(
        shipment,
        (shipment.c.tenant_id == shipment_line.c.tenant_id)
        & (shipment.c.shipment_id == shipment_line.c.shipment_id),
    )
    .where(shipment_line.c.tenant_id == bindparam("tenant_id"))
    .order_by(shipment.c.shipped_at.desc(), shipment_line.c.line)
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginExercise(Command):
    """Ask quality for the exercise that is due on a day; asked by the engine alone."""

    due_on: date


def periodic() -> Periodic:
    """Give the look that asks for an exercise which has come due, once for each due day."""
    return Periodic(name="mock_recall", every=LOOK_EVERY, due=_due)


def _due(db: Connection, now: datetime) -> Iterable[tuple[str, Command]]:
    for tenant_id in db.execute(_TENANTS).scalars():
        documents = read_documents(db, tenant_id)
        schedule = documents.get("field_action_rules", {}).get("mock_schedule") or {}
        due_on = due_day(db, tenant_id, schedule, documents.__getitem__)
        if due_on is not None and due_on <= site_days.day_of(documents.__getitem__, now):
            command_id = derived_id(SOURCE, tenant_id, due_on)
            yield tenant_id, BeginExercise(command_id=command_id, due_on=due_on)


def due_day(
    db: Connection, tenant_id: str, schedule: Mapping[str, Any], configuration: Configuration
) -> date | None:
    """Give the day of the next exercise; None where neither a first day nor an earlier one is."""
    last = db.execute(_LAST, {"tenant_id": tenant_id}).scalar_one()
    if last is None:
        first = schedule.get("first_on")
        return None if first is None else date.fromisoformat(first)
    months = schedule.get("every_months")
    if months is None:
        return None
    return _months_later(site_days.day_of(configuration, last), int(months))


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, 28))


def begin(context: CommandContext, command: BeginExercise) -> Mapping[str, Any]:
    """Send the request for assessment that QA opens as an exercise."""
    key = {"tenant_id": context.tenant_id}
    lot_number = context.db.execute(_SHIPPED, key).scalar_one_or_none()
    number = f"MOCK-{command.due_on.isoformat()}"
    payload = {
        "source_kind": SOURCE,
        "source_number": number,
        "item_number": None,
        "lots": [] if lot_number is None else [lot_number],
        "description": f"Mock recall due {command.due_on} · 模拟召回（{command.due_on}）",
        "aware_at": None,
    }
    publish(context, REGISTER, ASK, number, payload)
    return {"number": number, "lot_number": lot_number}
