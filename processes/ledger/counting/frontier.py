"""The book as it stood at the counted moment: what was moved after it is taken out again.

A count is an observation at a moment. Between it and the comparison goods may go on moving, on
devices without a connection too: what counts is when a movement was performed, not when it was
heard of. A movement that was performed before the count and heard of after the comparison makes
the comparison stale (`late`): the place is counted again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, or_, select

from engine.services import ServiceContext
from processes.ledger.tables import serial_position, serial_unit, stock_balance, stock_movement

_BALANCES = (
    select(stock_balance.c.lot_id, stock_balance.c.status, stock_balance.c.quantity)
    .where(stock_balance.c.tenant_id == bindparam("tenant_id"))
    .where(stock_balance.c.location_id == bindparam("location_id"))
)
_UNITS = (
    select(serial_position.c.serial_unit_id, serial_unit.c.lot_id)
    .join(
        serial_unit,
        (serial_unit.c.tenant_id == serial_position.c.tenant_id)
        & (serial_unit.c.serial_unit_id == serial_position.c.serial_unit_id),
    )
    .where(serial_position.c.tenant_id == bindparam("tenant_id"))
    .where(serial_position.c.location_id == bindparam("location_id"))
)


def _moved() -> Select[*tuple[Any, ...]]:
    """Movements to and from a place, of the lots that lie or lay there."""
    columns = stock_movement.c
    here = (
        select(stock_balance.c.lot_id)
        .where(stock_balance.c.tenant_id == bindparam("tenant_id"))
        .where(stock_balance.c.location_id == bindparam("location_id"))
    )
    return (
        select(
            columns.lot_id,
            columns.serial_unit_id,
            columns.from_location_id,
            columns.from_status,
            columns.to_location_id,
            columns.to_status,
            columns.quantity,
        )
        .where(columns.tenant_id == bindparam("tenant_id"))
        .where(columns.lot_id.in_(here))
        .where(
            or_(
                columns.from_location_id == bindparam("location_id"),
                columns.to_location_id == bindparam("location_id"),
            )
        )
        .order_by(columns.performed_at, columns.movement_id)
    )


_AFTER = _moved().where(stock_movement.c.performed_at > bindparam("counted_at"))
_LATE = (
    _moved()
    .where(stock_movement.c.performed_at <= bindparam("counted_at"))
    .where(stock_movement.c.recorded_at > bindparam("compared_at"))
    .where(stock_movement.c.movement_type.notin_(("CNT+", "CNT-", "OWN", "STAT")))
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Frontier:
    """What the book had at a place at a moment: stored integers by lot and status; units by lot."""

    stock: Mapping[UUID, Mapping[str, int]]
    units: Mapping[UUID, UUID]  # serial unit -> its lot

    def of(self, lot_id: UUID) -> int:
        return sum(self.stock.get(lot_id, {}).values())


def at(context: ServiceContext, location_id: UUID, counted_at: datetime) -> Frontier:
    """Give the book of a place at a moment."""
    key = {"tenant_id": context.tenant_id, "location_id": location_id}
    stock: dict[UUID, dict[str, int]] = {}
    for row in context.db.execute(_BALANCES, key):
        stock.setdefault(row.lot_id, {})[row.status] = row.quantity
    units = {row.serial_unit_id: row.lot_id for row in context.db.execute(_UNITS, key)}
    after = list(context.db.execute(_AFTER, {**key, "counted_at": counted_at}))
    for row in after:
        there = stock.setdefault(row.lot_id, {})
        if row.to_location_id == location_id:
            there[row.to_status] = there.get(row.to_status, 0) - row.quantity
        if row.from_location_id == location_id:
            there[row.from_status] = there.get(row.from_status, 0) + row.quantity
    return Frontier(stock, _units_then(units, after, location_id))


def _units_then(
    now: Mapping[UUID, UUID], after: Iterable[Any], location_id: UUID
) -> dict[UUID, UUID]:
    """Give the units that were there: the first movement after the moment says where each was."""
    then = dict(now)
    seen: set[UUID] = set()
    for row in after:
        if row.serial_unit_id is None or row.serial_unit_id in seen:
            continue
        seen.add(row.serial_unit_id)
        if row.from_location_id == location_id:
            then[row.serial_unit_id] = row.lot_id
        else:
            then.pop(row.serial_unit_id, None)
    return then


def is_late(
    context: ServiceContext, location_id: UUID, counted_at: datetime, compared_at: datetime
) -> bool:
    """Tell whether something was moved there before a count and heard of after its comparison."""
    key = {
        "tenant_id": context.tenant_id,
        "location_id": location_id,
        "counted_at": counted_at,
        "compared_at": compared_at,
    }
    return context.db.execute(_LATE, key).first() is not None
