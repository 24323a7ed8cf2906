"""Preventive maintenance: a device is asked for again so many months after it was last seen to.

The customer's document says after how many months (`field_service_rules.maintenance_months`, by
item number). The background work looks, and asks once for each due day of a device.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select

from engine.commands.base import Command, Periodic
from engine.commands.context import CommandContext
from engine.commands.messages import publish
from engine.configuration.documents import read_documents
from engine.identifiers import derived_id
from engine.store.tables import tenant
from processes.ledger import site_days
from processes.ledger.asked_once import unanswered
from processes.ledger.commands import REGISTER
from processes.ledger.field_service import service_orders
from processes.ledger.field_service.service_orders import RULES
from processes.ledger.field_service.tables import service_order
from processes.ledger.lots import find as find_lot
from processes.ledger.tables import item, lot, serial_unit

LOOK_EVERY = timedelta(hours=6)
ASK = "service.requested"
SOURCE = "maintenance_plan"
SEEN_TO = ("installation", "maintenance")
_TENANTS = select(tenant.c.tenant_id)
_LAST = (
    select(
        service_order.c.serial_unit_id,
        item.c.item_number,
        func.max(service_order.c.closed_at).label("seen_at"),
    )
    .join(
        serial_unit,
        (serial_unit.c.tenant_id == service_order.c.tenant_id)
        & (serial_unit.c.serial_unit_id == service_order.c.serial_unit_id),
    )
    .join(
        lot, (lot.c.tenant_id == serial_unit.c.tenant_id) & (lot.c.lot_id == serial_unit.c.lot_id)
    )
    .join(item, (item.c.tenant_id == lot.c.tenant_id) & (item.c.item_id == lot.c.item_id))
    .where(service_order.c.tenant_id == bindparam("tenant_id"))
    .where(service_order.c.kind.in_(SEEN_TO))
    .where(service_order.c.status == "closed")
    .where(item.c.item_number.in_(bindparam("item_numbers", expanding=True)))
    .group_by(service_order.c.serial_unit_id, item.c.item_number)
    .order_by(item.c.item_number, service_order.c.serial_unit_id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForMaintenance(Command):
    """Ask for the maintenance of a device that is due on a day; asked by the engine alone."""

    serial_unit_id: UUID
    due_on: date


def periodic() -> Periodic:
    """Give the look that asks for the maintenance of devices, once for each due day of each."""
    return Periodic(name="device_maintenance", every=LOOK_EVERY, due=_due)


def _due(db: Connection, now: datetime) -> Iterable[tuple[str, Command]]:
    for tenant_id in db.execute(_TENANTS).scalars():
        documents = read_documents(db, tenant_id)
        months = documents.get(RULES, {}).get("maintenance_months", {})
        today = site_days.day_of(documents.__getitem__, now)
        due = [each for each in _of_tenant(db, tenant_id, months, documents) if each[1] <= today]
        for command in unanswered(db, tenant_id, (_asking(tenant_id, *each) for each in due)):
            yield tenant_id, command


def _asking(tenant_id: str, unit_id: UUID, due_on: date) -> AskForMaintenance:
    command_id = derived_id(SOURCE, tenant_id, f"{unit_id} {due_on}")
    return AskForMaintenance(command_id=command_id, serial_unit_id=unit_id, due_on=due_on)


def _of_tenant(
    db: Connection, tenant_id: str, months: Mapping[str, Any], documents: Mapping[str, Any]
) -> Iterator[tuple[UUID, date]]:
    """Give each installed device with the day of its next maintenance."""
    if not months:
        return
    key = {"tenant_id": tenant_id, "item_numbers": sorted(months)}
    for row in db.execute(_LAST, key).all():
        state = service_orders.state_of(db, tenant_id, row.serial_unit_id)
        if state is not None and state.state == "installed":
            seen_on = site_days.day_of(documents.__getitem__, row.seen_at)
            yield (
                row.serial_unit_id,
                site_days.months_later(seen_on, int(months[row.item_number])),
            )


def ask(context: CommandContext, command: AskForMaintenance) -> Mapping[str, Any]:
    """Ask field service for the device, where it stands now."""
    state = service_orders.state_of(context.db, context.tenant_id, command.serial_unit_id)
    assert state is not None
    unit = service_orders.unit_by_id(context.db, context.tenant_id, command.serial_unit_id)
    made = find_lot(context.db, context.tenant_id, unit.lot_id)
    number = f"PM-{unit.serial_number}-{command.due_on.isoformat()}"
    due = command.due_on.isoformat()
    payload = {
        "request_number": number,
        "kind": "maintenance",
        "item_number": made.item_number,
        "serial_number": unit.serial_number,
        "consignee": state.consignee,
        "description": f"Preventive maintenance due {due} · 预防性维护（{due}）",
        "source_kind": SOURCE,
        "source_number": number,
    }
    publish(context, REGISTER, ASK, number, payload)
    return {"request_number": number}
