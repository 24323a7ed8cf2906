"""Single units in a recall: found by a serial number or a range of them, and followed into what
they went into, unit by unit where that is known."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select

from processes.ledger import lots
from processes.ledger.genealogy.tables import genealogy_edge
from processes.ledger.lot_numbers import normalised
from processes.ledger.lots import Lot
from processes.ledger.many import among, slices
from processes.ledger.refusals import LedgerRefusal, NotInLedger
from processes.ledger.tables import location, serial_position, serial_unit

_OF_LOT = (
    select(serial_unit.c.serial_unit_id, serial_unit.c.serial_number)
    .where(serial_unit.c.tenant_id == bindparam("tenant_id"))
    .where(serial_unit.c.lot_id == bindparam("lot_id"))
)
_UNITS = (
    select(serial_unit.c.serial_unit_id, serial_unit.c.lot_id, serial_unit.c.serial_number)
    .where(serial_unit.c.tenant_id == bindparam("tenant_id"))
    .where(among(serial_unit.c.serial_unit_id, "unit_ids"))
)
_ONWARD = (
    select(
        genealogy_edge.c.from_lot_id,
        genealogy_edge.c.to_lot_id,
        genealogy_edge.c.to_serial_id,
    )
    .where(genealogy_edge.c.tenant_id == bindparam("tenant_id"))
    .where(among(genealogy_edge.c.from_serial_id, "unit_ids"))
    .group_by(
        genealogy_edge.c.from_serial_id,
        genealogy_edge.c.from_lot_id,
        genealogy_edge.c.to_lot_id,
        genealogy_edge.c.to_serial_id,
    )
    .having(func.sum(genealogy_edge.c.quantity) > 0)  # what was taken back is not in it
)
_LYING = (
    select(
        serial_unit.c.lot_id,
        location.c.location_id,
        location.c.code,
        serial_position.c.status,
        func.count(),
    )
    .join(
        serial_position,
        (serial_position.c.tenant_id == serial_unit.c.tenant_id)
        & (serial_position.c.serial_unit_id == serial_unit.c.serial_unit_id),
    )
    .join(
        location,
        (location.c.tenant_id == serial_position.c.tenant_id)
        & (location.c.location_id == serial_position.c.location_id),
    )
    .where(serial_unit.c.tenant_id == bindparam("tenant_id"))
    .where(among(serial_unit.c.serial_unit_id, "unit_ids"))
    .group_by(
        serial_unit.c.lot_id,
        location.c.location_id,
        location.c.code,
        serial_position.c.status,
    )
)

Units = Mapping[UUID, str]
"""Serial numbers by the id of their unit."""


class Onward(NamedTuple):
    """What units went into: units that are known one by one, and whole lots where they are not.

    `depth` counts the edges from the units that were named; `via` is the lot before.
    """

    units: dict[UUID, dict[UUID, str]]  # by lot
    depth: dict[UUID, int]
    via: dict[UUID, UUID | None]
    lots: dict[UUID, tuple[int, UUID]]  # whole lots, with depth and the lot before


class NoSuchUnits(LedgerRefusal):
    """A serial number, or a range of them, names units of the lot."""

    def __init__(self, lot_number: str, wanted: str) -> None:
        super().__init__(
            f"Lot {lot_number} has no unit {wanted}. Check the serial numbers, from the lower to "
            "the higher; leave both empty for the whole lot.",
            f"批次 {lot_number} 没有序列号为 {wanted} 的产品。请核对序列号（由小到大）；"
            "整批受影响时两栏均不填。",
            found=wanted,
        )


def named(db: Connection, tenant_id: str, lot: Lot, first: str | None, last: str | None) -> Units:
    """Give the units of a lot from one serial number to another, both included.

    One of the two alone is one unit. Runs of digits are compared as numbers: SN-9 lies before
    SN-10. NoSuchUnits where there is none, or the range runs backwards.
    """
    low, high = (normalised(each) for each in (first or last or "", last or first or ""))
    key = {"tenant_id": tenant_id, "lot_id": lot.lot_id}
    found = {
        row.serial_unit_id: row.serial_number
        for row in db.execute(_OF_LOT, key)
        if _order(low) <= _order(row.serial_number) <= _order(high)
    }
    if not found:
        raise NoSuchUnits(lot.number, low if low == high else f"{low} – {high}")
    return dict(sorted(found.items(), key=lambda each: _order(each[1])))


def of_lot(db: Connection, tenant_id: str, lot_id: UUID) -> Units:
    """Give all units of a lot."""
    key = {"tenant_id": tenant_id, "lot_id": lot_id}
    return {row.serial_unit_id: row.serial_number for row in db.execute(_OF_LOT, key)}


def _order(serial: str) -> tuple[tuple[int, str], ...]:
    """Compare text as text and runs of digits as numbers."""
    parts = re.split(r"([0-9]+)", serial)
    return tuple((int(part), "") if at % 2 else (0, part) for at, part in enumerate(parts))


def onward(db: Connection, tenant_id: str, first: Iterable[UUID]) -> Onward:
    """Follow units into what they went into, themselves included."""
    found = Onward(defaultdict(dict), {}, {}, {})
    led: dict[UUID, UUID | None] = dict.fromkeys(first)
    seen: set[UUID] = set()
    depth = 0
    while led:
        for unit_id, lot_id, serial in _read(db, tenant_id, led):
            found.units[lot_id][unit_id] = serial
            found.depth.setdefault(lot_id, depth)
            found.via.setdefault(lot_id, led[unit_id])
        seen |= led.keys()
        onto: dict[UUID, UUID | None] = {}
        for near, far, into in _next(db, tenant_id, led):
            if into is None:
                found.lots.setdefault(far, (depth + 1, near))
            elif into not in seen:
                onto.setdefault(into, near)
        led, depth = onto, depth + 1
    return found


def _read(
    db: Connection, tenant_id: str, unit_ids: Iterable[UUID]
) -> Iterable[tuple[UUID, UUID, str]]:
    for some in slices(unit_ids):
        yield from (tuple(row) for row in db.execute(_UNITS, _key(tenant_id, some)))


def _next(
    db: Connection, tenant_id: str, unit_ids: Iterable[UUID]
) -> Iterable[tuple[UUID, UUID, UUID | None]]:
    for some in slices(unit_ids):
        yield from (tuple(row) for row in db.execute(_ONWARD, _key(tenant_id, some)))


class LyingUnits(NamedTuple):
    """Units of a lot that lie at one place with one status; `quantity` is a stored integer."""

    lot_id: UUID
    location_id: UUID
    location_code: str
    status: str
    quantity: int


def lying(db: Connection, tenant_id: str, unit_ids: Iterable[UUID]) -> list[LyingUnits]:
    """Give where units lie with us."""
    found: dict[tuple[UUID, UUID, str, str], int] = defaultdict(int)
    for some in slices(unit_ids):
        for *place, count in db.execute(_LYING, _key(tenant_id, some)):
            found[tuple(place)] += count
    decimals = {
        lot_id: lots.find(db, tenant_id, lot_id).unit.decimals
        for lot_id in {place[0] for place in found}
    }
    return [LyingUnits(*place, count * 10 ** decimals[place[0]]) for place, count in found.items()]


def require_serials(lot: Lot) -> None:
    """Refuse serial numbers of a lot that has none."""
    if not lot.has_serials:
        raise NotInLedger("serial number of lot", "带序列号的批次", lot.number)


def _key(tenant_id: str, unit_ids: Iterable[UUID]) -> dict[str, object]:
    return {"tenant_id": tenant_id, "unit_ids": list(unit_ids)}
