"""What happened with a supplier's deliveries of an item: events that are added, never changed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select

from engine.services import ServiceContext
from processes.ledger.tables import supplier_event

_EVENTS = (
    select(
        supplier_event.c.kind,
        supplier_event.c.resubmission,
        supplier_event.c.severity,
        supplier_event.c.accepted,
        supplier_event.c.accepted_one_step_tighter,
        supplier_event.c.acceptance_number,
        supplier_event.c.received_at,
    )
    .where(supplier_event.c.tenant_id == bindparam("tenant_id"))
    .where(supplier_event.c.supplier_id == bindparam("supplier_id"))
    .where(supplier_event.c.item_id == bindparam("item_id"))
    .order_by(supplier_event.c.received_at, supplier_event.c.supplier_event_id)
)
_INSERT_EVENT = insert(supplier_event)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierEvent:
    """One thing that counts in the history of supplier and item.

    `received_at` orders the history: switching rules count lots as they were received, not as
    their inspections happened to end (ISO 2859-1).
    """

    kind: str
    received_at: datetime
    resubmission: bool = False
    severity: str | None = None
    accepted: bool | None = None
    accepted_one_step_tighter: bool | None = None
    acceptance_number: int | None = None


def history(
    db: Connection, tenant_id: str, supplier_id: UUID, item_id: UUID
) -> list[SupplierEvent]:
    """List what happened with a supplier's deliveries of an item, in the order of receipt."""
    key = {"tenant_id": tenant_id, "supplier_id": supplier_id, "item_id": item_id}
    return [
        SupplierEvent(
            kind=row.kind,
            received_at=row.received_at,
            resubmission=row.resubmission,
            severity=row.severity,
            accepted=row.accepted,
            accepted_one_step_tighter=row.accepted_one_step_tighter,
            acceptance_number=row.acceptance_number,
        )
        for row in db.execute(_EVENTS, key)
    ]


def record_event(
    context: ServiceContext,
    supplier_id: UUID,
    item_id: UUID,
    event: SupplierEvent,
    *,
    lot_id: UUID | None = None,
    inspection_lot_id: UUID | None = None,
    note: str | None = None,
) -> None:
    """Add an event to a supplier's history; it is never changed."""
    row = {
        "tenant_id": context.tenant_id,
        "supplier_event_id": context.new_id(),
        "supplier_id": supplier_id,
        "item_id": item_id,
        "kind": event.kind,
        "lot_id": lot_id,
        "inspection_lot_id": inspection_lot_id,
        "resubmission": event.resubmission,
        "severity": event.severity,
        "accepted": event.accepted,
        "accepted_one_step_tighter": event.accepted_one_step_tighter,
        "acceptance_number": event.acceptance_number,
        "received_at": event.received_at,
        "recorded_at": context.now,
        "actor": context.actor.username,
        "note": note,
    }
    context.db.execute(_INSERT_EVENT, row)
    context.record(
        {
            "event": "supplier.event",
            "kind": event.kind,
            "supplier": str(supplier_id),
            "item": str(item_id),
            "accepted": event.accepted,
            "severity": event.severity,
            "note": note,
        }
    )
