"""Proof that shipments arrived, and what is on its way: shipped, and not proven to have arrived."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select

from engine.services import ServiceContext
from processes.ledger.columns import AnyRow
from processes.ledger.distribution.tables import shipment, shipment_delivery
from processes.ledger.many import slices
from processes.ledger.refusals import LedgerRefusal, NotInLedger

_INSERT = insert(shipment_delivery)
_BY_NUMBER = (
    select(shipment.c.shipment_id, shipment.c.shipped_at, shipment_delivery.c.delivered_at)
    .outerjoin(
        shipment_delivery,
        (shipment_delivery.c.tenant_id == shipment.c.tenant_id)
        & (shipment_delivery.c.shipment_id == shipment.c.shipment_id),
    )
    .where(shipment.c.tenant_id == bindparam("tenant_id"))
    .where(shipment.c.shipment_number == bindparam("shipment_number"))
)
_OF_INSTANCE = (
    select(shipment.c.shipment_number)
    .where(shipment.c.tenant_id == bindparam("tenant_id"))
    .where(shipment.c.order_number == bindparam("order_number"))
    .where(shipment.c.process_instance_id == bindparam("process_instance_id"))
)
_DELIVERED = (
    select(shipment.c.shipment_number)
    .join(
        shipment_delivery,
        (shipment_delivery.c.tenant_id == shipment.c.tenant_id)
        & (shipment_delivery.c.shipment_id == shipment.c.shipment_id),
    )
    .where(shipment.c.tenant_id == bindparam("tenant_id"))
    .where(shipment.c.shipment_number.in_(bindparam("numbers", expanding=True)))
)


class DeliveredAlready(LedgerRefusal):
    """A shipment arrives once, after it left."""

    def __init__(self, number: str, at: datetime) -> None:
        said = at.isoformat(timespec="minutes")
        super().__init__(
            f"Shipment {number} cannot have arrived then: {said} is on the record. Check the time.",
            f"发货单 {number} 的签收时间不符：记录为 {said}，请核对。",
            found=said,
        )


def record(
    context: ServiceContext, number: str, *, received_by: str, proof: str, delivered_at: datetime
) -> None:
    """Keep who took a shipment over, when, and the proof of it; once for each shipment."""
    found = _find(context.db, context.tenant_id, number)
    if found.delivered_at is not None or delivered_at < found.shipped_at:
        raise DeliveredAlready(number, found.delivered_at or found.shipped_at)
    row = {
        "tenant_id": context.tenant_id,
        "shipment_id": found.shipment_id,
        "received_by": received_by,
        "proof": proof,
        "delivered_at": delivered_at,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_INSERT, row)
    context.record(
        {
            "event": "shipment.delivered",
            "shipment": number,
            "received_by": received_by,
            "proof": proof,
        }
    )


def of_order(
    db: Connection, tenant_id: str, order_number: str, process_instance_id: UUID | None
) -> str | None:
    """Give the shipment that an instance posted for its order; None while nothing has left."""
    key = {
        "tenant_id": tenant_id,
        "order_number": order_number,
        "process_instance_id": process_instance_id,
    }
    return db.execute(_OF_INSTANCE, key).scalars().first()


def delivered(db: Connection, tenant_id: str, numbers: Collection[str]) -> set[str]:
    """Give those of some shipments that are proven to have arrived."""
    found: set[str] = set()
    for some in slices(numbers):
        found.update(db.execute(_DELIVERED, {"tenant_id": tenant_id, "numbers": some}).scalars())
    return found


def _find(db: Connection, tenant_id: str, number: str) -> AnyRow:
    key = {"tenant_id": tenant_id, "shipment_number": number}
    row = db.execute(_BY_NUMBER, key).one_or_none()
    if row is None:
        raise NotInLedger("shipment", "发货单", number)
    return row
