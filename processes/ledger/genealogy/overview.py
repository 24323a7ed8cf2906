"""What a screen shows of a trace: how much went from lot to lot, what is held, who was sent it.

Reads only, for a limited number of lots at a time; who was shipped what is summed over the whole
reach, because a list of consignees that stops half-way is no answer.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Connection, and_, bindparam, cast, func, select

from processes.ledger.distribution.tables import consignee, shipment, shipment_line
from processes.ledger.genealogy.tables import lot_link
from processes.ledger.genealogy.trace import DOWN
from processes.ledger.lot_numbers import normalised
from processes.ledger.tables import (
    hold,
    hold_release,
    item,
    lot,
    serial_unit,
    supplier,
    unit_of_measure,
)


class LotFacts(NamedTuple):
    """A lot with its item, its supplier and the decimals of its stock unit."""

    lot_id: UUID
    lot_number: str
    origin: str
    item_number: str
    item_names: Mapping[str, str]
    supplier_names: Mapping[str, str] | None
    supplier_lot: str | None
    unit_code: str
    decimals: int


class Sent(NamedTuple):
    """All that a consignee was sent of a lot; `quantity` is a stored integer."""

    consignee_number: str
    name: str
    country: str
    lot_id: UUID
    lot_number: str
    unit_code: str
    decimals: int
    quantity: int
    shipments: int
    last_shipped_at: datetime


_SOME = lot.c.lot_id.in_(bindparam("lot_ids", expanding=True))
_unit = and_(
    unit_of_measure.c.tenant_id == item.c.tenant_id, unit_of_measure.c.unit_code == item.c.unit_code
)
_item = and_(item.c.tenant_id == lot.c.tenant_id, item.c.item_id == lot.c.item_id)
_FACTS = (
    select(
        lot.c.lot_id,
        lot.c.lot_number,
        lot.c.origin,
        lot.c.supplier_lot_raw,
        item.c.item_number,
        item.c.name_en,
        item.c.name_zh,
        supplier.c.name_en.label("supplier_en"),
        supplier.c.name_zh.label("supplier_zh"),
        unit_of_measure.c.unit_code,
        unit_of_measure.c.decimals,
    )
    .select_from(lot)
    .join(item, _item)
    .join(unit_of_measure, _unit)
    .outerjoin(
        supplier,
        and_(supplier.c.tenant_id == lot.c.tenant_id, supplier.c.supplier_id == lot.c.supplier_id),
    )
    .where(lot.c.tenant_id == bindparam("tenant_id"))
    .where(_SOME)
)
_HELD = (
    select(hold.c.lot_id)
    .distinct()
    .outerjoin(
        hold_release,
        and_(
            hold_release.c.tenant_id == hold.c.tenant_id, hold_release.c.hold_id == hold.c.hold_id
        ),
    )
    .where(hold.c.tenant_id == bindparam("tenant_id"))
    .where(hold.c.lot_id.in_(bindparam("lot_ids", expanding=True)))
    .where(hold_release.c.hold_id.is_(None))
)
_LINKS = (
    select(lot_link.c.from_lot_id, lot_link.c.to_lot_id, lot_link.c.quantity)
    .where(lot_link.c.tenant_id == bindparam("tenant_id"))
    .where(lot_link.c.from_lot_id.in_(bindparam("lot_ids", expanding=True)))
    .where(lot_link.c.to_lot_id.in_(bindparam("others", expanding=True)))
)
_SENT = (
    select(
        consignee.c.consignee_number,
        consignee.c.name,
        consignee.c.country,
        lot.c.lot_id,
        lot.c.lot_number,
        unit_of_measure.c.unit_code,
        unit_of_measure.c.decimals,
        cast(func.sum(shipment_line.c.quantity), BigInteger),
        func.count(shipment.c.shipment_id.distinct()),
        func.max(shipment.c.shipped_at),
    )
    .select_from(DOWN)
    .join(lot, and_(lot.c.tenant_id == DOWN.c.tenant_id, lot.c.lot_id == DOWN.c.lot_id))
    .join(item, _item)
    .join(unit_of_measure, _unit)
    .join(
        shipment_line,
        and_(shipment_line.c.tenant_id == lot.c.tenant_id, shipment_line.c.lot_id == lot.c.lot_id),
    )
    .join(
        shipment,
        and_(
            shipment.c.tenant_id == lot.c.tenant_id,
            shipment.c.shipment_id == shipment_line.c.shipment_id,
        ),
    )
    .join(
        consignee,
        and_(
            consignee.c.tenant_id == lot.c.tenant_id,
            consignee.c.consignee_id == shipment.c.consignee_id,
        ),
    )
    .group_by(
        *(consignee.c.consignee_number, consignee.c.name, consignee.c.country),
        *(lot.c.lot_id, lot.c.lot_number),
        *(unit_of_measure.c.unit_code, unit_of_measure.c.decimals),
    )
    .order_by(consignee.c.consignee_number, lot.c.lot_number)
)
_OF_SERIAL = (
    select(serial_unit.c.lot_id)
    .where(serial_unit.c.tenant_id == bindparam("tenant_id"))
    .where(serial_unit.c.serial_number == bindparam("serial_number"))
    .order_by(serial_unit.c.created_at)
    .limit(bindparam("limit"))
)


def facts(db: Connection, tenant_id: str, lot_ids: Sequence[UUID]) -> dict[UUID, LotFacts]:
    """Give what these lots are, by id."""
    rows = db.execute(_FACTS, {"tenant_id": tenant_id, "lot_ids": list(lot_ids)})
    return {
        row.lot_id: LotFacts(
            lot_id=row.lot_id,
            lot_number=row.lot_number,
            origin=row.origin,
            item_number=row.item_number,
            item_names={"en": row.name_en, "zh": row.name_zh},
            supplier_names=None
            if row.supplier_en is None
            else {"en": row.supplier_en, "zh": row.supplier_zh},
            supplier_lot=row.supplier_lot_raw,
            unit_code=row.unit_code,
            decimals=row.decimals,
        )
        for row in rows
    }


def held(db: Connection, tenant_id: str, lot_ids: Sequence[UUID]) -> set[UUID]:
    """Give those of these lots over which a hold is open."""
    rows = db.execute(_HELD, {"tenant_id": tenant_id, "lot_ids": list(lot_ids)})
    return {row.lot_id for row in rows}


def links(db: Connection, tenant_id: str, lot_ids: Sequence[UUID]) -> dict[tuple[UUID, UUID], int]:
    """Give how much of one of these lots is in another, in stored integers of the first."""
    key = {"tenant_id": tenant_id, "lot_ids": list(lot_ids), "others": list(lot_ids)}
    rows = db.execute(_LINKS, key)
    return {(row.from_lot_id, row.to_lot_id): row.quantity for row in rows}


def sent(db: Connection, tenant_id: str, lot_id: UUID) -> list[Sent]:
    """List who was sent what of all that a lot went into, by consignee and lot."""
    rows = db.execute(_SENT, {"tenant_id": tenant_id, "lot_ids": [lot_id]})
    return [Sent(*row) for row in rows]


def lots_of_serial(db: Connection, tenant_id: str, serial: str, limit: int = 20) -> list[UUID]:
    """List the lots of units with this serial number; items may share a number."""
    key = {"tenant_id": tenant_id, "serial_number": normalised(serial), "limit": limit}
    return [row.lot_id for row in db.execute(_OF_SERIAL, key)]
