"""What happened with a supplier's deliveries of an item: events that are added, never changed.

The switching rules and the inspection mode read it (IQ-01, IQ-03), and the score of each month
counts from it. A nonconformity that turns out to be none is withdrawn by another event, after which
it counts no more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, union

from engine.services import ServiceContext
from processes.ledger.clocks import calendars
from processes.ledger.tables import approved_supply, supplier_event

NONCONFORMITY, WITHDRAWN = "nonconformity", "nonconformity_withdrawn"

_EVENTS = (
    select(
        supplier_event.c.kind,
        supplier_event.c.resubmission,
        supplier_event.c.severity,
        supplier_event.c.accepted,
        supplier_event.c.accepted_one_step_tighter,
        supplier_event.c.acceptance_number,
        supplier_event.c.classes,
        supplier_event.c.defect_class,
        supplier_event.c.received_at,
        supplier_event.c.nonconformity_number,
    )
    .where(supplier_event.c.tenant_id == bindparam("tenant_id"))
    .where(supplier_event.c.supplier_id == bindparam("supplier_id"))
    .where(supplier_event.c.item_id == bindparam("item_id"))
    .order_by(supplier_event.c.received_at, supplier_event.c.supplier_event_id)
)
_NONCONFORMITIES = (
    select(
        supplier_event.c.kind,
        supplier_event.c.received_at,
        supplier_event.c.nonconformity_number,
    )
    .where(supplier_event.c.tenant_id == bindparam("tenant_id"))
    .where(supplier_event.c.supplier_id == bindparam("supplier_id"))
    .where(supplier_event.c.kind.in_((NONCONFORMITY, WITHDRAWN)))
    .where(supplier_event.c.received_at >= bindparam("since"))
    .order_by(supplier_event.c.received_at, supplier_event.c.supplier_event_id)
)
_SUPPLIERS_OF = union(
    select(approved_supply.c.supplier_id)
    .where(approved_supply.c.tenant_id == bindparam("tenant_id"))
    .where(approved_supply.c.item_id == bindparam("item_id")),
    select(supplier_event.c.supplier_id)
    .where(supplier_event.c.tenant_id == bindparam("tenant_id"))
    .where(supplier_event.c.item_id == bindparam("item_id")),
)
_ITEMS_OF = union(
    select(approved_supply.c.item_id)
    .where(approved_supply.c.tenant_id == bindparam("tenant_id"))
    .where(approved_supply.c.supplier_id == bindparam("supplier_id")),
    select(supplier_event.c.item_id)
    .where(supplier_event.c.tenant_id == bindparam("tenant_id"))
    .where(supplier_event.c.supplier_id == bindparam("supplier_id")),
)
_SITES = (
    select(approved_supply.c.site)
    .where(approved_supply.c.tenant_id == bindparam("tenant_id"))
    .where(approved_supply.c.supplier_id == bindparam("supplier_id"))
    .where(approved_supply.c.item_id == bindparam("item_id"))
)
_INSERT_EVENT = insert(supplier_event)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierEvent:
    """One thing that counts in the history of supplier and item.

    `received_at` orders the history: switching rules count lots as they were received, not as
    their inspections happened to end (ISO 2859-1).

    `classes` has the outcome of each characteristic class that was inspected: {"major":
    {"accepted": true, "accepted_one_step_tighter": true, "acceptance_number": 2, "severity":
    "normal"}}; None where nothing is known of classes, so that `accepted` counts for all of them.
    `defect_class` is the one that a severity was set for, None for all.
    """

    kind: str
    received_at: datetime
    resubmission: bool = False
    severity: str | None = None
    accepted: bool | None = None
    accepted_one_step_tighter: bool | None = None
    acceptance_number: int | None = None
    classes: Mapping[str, Mapping[str, Any]] | None = None
    defect_class: str | None = None
    nonconformity: str | None = None


def history(
    db: Connection, tenant_id: str, supplier_id: UUID, item_id: UUID
) -> list[SupplierEvent]:
    """List what happened with a supplier's deliveries of an item, in the order of receipt.

    Nonconformities that were withdrawn are left out.
    """
    key = {"tenant_id": tenant_id, "supplier_id": supplier_id, "item_id": item_id}
    found = [
        SupplierEvent(
            kind=row.kind,
            received_at=row.received_at,
            resubmission=row.resubmission,
            severity=row.severity,
            accepted=row.accepted,
            accepted_one_step_tighter=row.accepted_one_step_tighter,
            acceptance_number=row.acceptance_number,
            classes=row.classes,
            defect_class=row.defect_class,
            nonconformity=row.nonconformity_number,
        )
        for row in db.execute(_EVENTS, key)
    ]
    return standing(found)


def standing(events: Iterable[SupplierEvent]) -> list[SupplierEvent]:
    """Leave out what was withdrawn, and the withdrawals; one opened again counts once more."""
    kept: list[SupplierEvent] = []
    for event in events:
        if event.kind == WITHDRAWN:
            kept = [
                each
                for each in kept
                if each.kind != NONCONFORMITY or each.nonconformity != event.nonconformity
            ]
        else:
            kept.append(event)
    return kept


def nonconformities(
    db: Connection, tenant_id: str, supplier_id: UUID, *, since: datetime, until: datetime
) -> int:
    """Count the nonconformities of a supplier from `since` to before `until`, as they stand now."""
    key = {"tenant_id": tenant_id, "supplier_id": supplier_id, "since": since}
    found = [
        SupplierEvent(
            kind=row.kind, received_at=row.received_at, nonconformity=row.nonconformity_number
        )
        for row in db.execute(_NONCONFORMITIES, key)
    ]
    return len({each.nonconformity for each in standing(found) if each.received_at < until})


def record_nonconformity(
    context: ServiceContext,
    number: str,
    supplier_id: UUID | None,
    item_id: UUID | None,
    *,
    lot_id: UUID | None = None,
) -> None:
    """Count a nonconformity against supplier and item, whatever raised it.

    Nothing where one of the two is unknown: it is nobody's delivery then.
    """
    if supplier_id is None or item_id is None:
        return
    event = SupplierEvent(kind=NONCONFORMITY, received_at=context.now, nonconformity=number)
    record_event(context, supplier_id, item_id, event, lot_id=lot_id)


def withdraw_nonconformity(
    context: ServiceContext,
    number: str,
    supplier_id: UUID | None,
    item_id: UUID | None,
    *,
    reason: str,
) -> None:
    """Take a nonconformity out of the count again: it was none, or a duplicate."""
    if supplier_id is None or item_id is None:
        return
    event = SupplierEvent(kind=WITHDRAWN, received_at=context.now, nonconformity=number)
    record_event(context, supplier_id, item_id, event, note=reason)


def record_change_of_item(context: ServiceContext, item_id: UUID, on: date, why: str) -> None:
    """Put into the history of every supplier of an item that it changed, from a day on (IQ-01)."""
    key = {"tenant_id": context.tenant_id, "item_id": item_id}
    for supplier_id in list(context.db.execute(_SUPPLIERS_OF, key).scalars()):
        record_change(context, supplier_id, item_id, on, why)


def record_change_of_supplier(
    context: ServiceContext, supplier_id: UUID, on: date, why: str
) -> None:
    """Put into the history of every item of a supplier that the supplier changed (IQ-01)."""
    key = {"tenant_id": context.tenant_id, "supplier_id": supplier_id}
    for item_id in list(context.db.execute(_ITEMS_OF, key).scalars()):
        record_change(context, supplier_id, item_id, on, why)


def record_change(
    context: ServiceContext, supplier_id: UUID, item_id: UUID, on: date, why: str
) -> None:
    """Put a change into the history: the lots from that day on are the first ones again.

    One of today counts from now on, one of a later day from the beginning of that day where the
    goods come in: the first of the sites that the supplier delivers the item to, else the usual one
    (document `site_calendars`).
    """
    key = {"tenant_id": context.tenant_id, "supplier_id": supplier_id, "item_id": item_id}
    sites = context.db.execute(_SITES, key).scalars().all()
    usual = str(context.configuration("site_calendars")["default"])
    begins = min(
        calendars.of_site(context.configuration, site).start_of(on) for site in sites or [usual]
    )
    event = SupplierEvent(kind="item_changed", received_at=max(begins, context.now))
    record_event(context, supplier_id, item_id, event, note=why)


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
        "classes": None
        if event.classes is None
        else {k: dict(v) for k, v in event.classes.items()},
        "defect_class": event.defect_class,
        "received_at": event.received_at,
        "recorded_at": context.now,
        "actor": context.actor.username,
        "note": note,
        "nonconformity_number": event.nonconformity,
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
            "classes": row["classes"],
            "class": event.defect_class,
            "nonconformity": event.nonconformity,
            "note": note,
        }
    )
