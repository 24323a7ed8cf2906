"""Lots that begin with us: made, split off, merged, reworked or come back, not bought."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import insert

from engine.services import ServiceContext
from processes.ledger import lots
from processes.ledger.lot_numbers import own_number
from processes.ledger.lots import Lot
from processes.ledger.numbers import next_number
from processes.ledger.tables import lot

_INSERT = insert(lot)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLot:
    """A lot of ours to be made; `number` None takes the next of the series.

    A lot that was split off or merged keeps the supplier's lot number, so that looking for it finds
    all of it.
    """

    item_id: UUID
    item_revision: str
    origin: str
    number: str | None = None
    supplier_lot_raw: str | None = None
    supplier_lot: str | None = None
    manufacturer: str | None = None
    produced_on: date | None = None
    expiry: date | None = None
    expiry_precision: str | None = None
    owner_id: UUID | None = None


def create(context: ServiceContext, new: OwnLot) -> Lot:
    """Add a lot of ours."""
    lot_id = context.new_id()
    row = {
        "tenant_id": context.tenant_id,
        "lot_id": lot_id,
        "lot_number": own_number(new.number or next_number(context, "L")),
        "item_id": new.item_id,
        "item_revision": new.item_revision,
        "origin": new.origin,
        "supplier_id": None,
        "manufacturer": new.manufacturer,
        "supplier_lot_raw": new.supplier_lot_raw,
        "supplier_lot": new.supplier_lot,
        "produced_on": new.produced_on,
        "expiry": new.expiry,
        "expiry_precision": new.expiry_precision,
        "expiry_raw": None if new.expiry is None else new.expiry.isoformat(),
        "owner_id": new.owner_id,
        "created_at": context.now,
    }
    context.db.execute(_INSERT, row)
    made = lots.find(context.db, context.tenant_id, lot_id)
    context.record(
        {
            "event": "lot.created",
            "lot": made.number,
            "item": made.item_number,
            "revision": made.item_revision,
            "origin": new.origin,
            "expiry": None if new.expiry is None else new.expiry.isoformat(),
        }
    )
    return made
