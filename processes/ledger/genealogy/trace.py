"""Trace: everything that a lot went into, or everything that went into it.

The database walks over the net links with a recursive query whose UNION remembers each lot that it
has seen, so that a rework loop ends and ten thousand ways to one lot cost no more than one. How
deep a lot lies, and through which lot it was reached first, is worked out afterwards on what was
found: asked for inside the recursion it would make every way a row of its own.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CTE, Connection, Select, and_, bindparam, select

from processes.ledger.genealogy.tables import lot_link
from processes.ledger.tables import item, lot


class TracedLot(NamedTuple):
    """A lot that was reached: how many edges away, and by which lot it was reached first."""

    lot_id: UUID
    lot_number: str
    item_id: UUID
    item_number: str
    depth: int
    via: UUID | None


class Trace(NamedTuple):
    """Every lot that was reached, the first ones included, nearest first."""

    lots: tuple[TracedLot, ...]


def reach(near: str, far: str) -> CTE:
    """Give the query of all lots reached from :lot_ids, walking links from `near` to `far`."""
    seeds = (
        select(lot.c.lot_id)
        .where(lot.c.tenant_id == bindparam("tenant_id"))
        .where(lot.c.lot_id.in_(bindparam("lot_ids", expanding=True)))
        .cte("reached", recursive=True)
    )
    return seeds.union(
        select(lot_link.c[far])
        .join(seeds, lot_link.c[near] == seeds.c.lot_id)
        .where(lot_link.c.tenant_id == bindparam("tenant_id"))
    )


def _lots(reached: CTE) -> Select[*tuple[Any, ...]]:
    of_lot = and_(lot.c.tenant_id == bindparam("tenant_id"), lot.c.lot_id == reached.c.lot_id)
    of_item = and_(item.c.tenant_id == lot.c.tenant_id, item.c.item_id == lot.c.item_id)
    return (
        select(lot.c.lot_id, lot.c.lot_number, lot.c.item_id, item.c.item_number)
        .select_from(reached)
        .join(lot, of_lot)
        .join(item, of_item)
    )


def _links(reached: CTE, near: str, far: str) -> Select[*tuple[Any, ...]]:
    return (
        select(lot_link.c[near], lot_link.c[far])
        .select_from(reached)
        .join(lot_link, lot_link.c[near] == reached.c.lot_id)
        .where(lot_link.c.tenant_id == bindparam("tenant_id"))
    )


DOWN, UP = reach("from_lot_id", "to_lot_id"), reach("to_lot_id", "from_lot_id")
_FORWARD = (_lots(DOWN), _links(DOWN, "from_lot_id", "to_lot_id"))
_BACKWARD = (_lots(UP), _links(UP, "to_lot_id", "from_lot_id"))


def forward(db: Connection, tenant_id: str, lot_ids: Sequence[UUID]) -> Trace:
    """Give everything that these lots went into."""
    return _walk(db, tenant_id, lot_ids, *_FORWARD)


def backward(db: Connection, tenant_id: str, lot_ids: Sequence[UUID]) -> Trace:
    """Give everything that went into these lots."""
    return _walk(db, tenant_id, lot_ids, *_BACKWARD)


def _walk(
    db: Connection,
    tenant_id: str,
    lot_ids: Sequence[UUID],
    lots_of: Select[*tuple[Any, ...]],
    links_of: Select[*tuple[Any, ...]],
) -> Trace:
    key = {"tenant_id": tenant_id, "lot_ids": list(lot_ids)}
    found = {row[0]: tuple(row) for row in db.execute(lots_of, key)}
    ways = _ways(db.execute(links_of, key))
    reached: list[TracedLot] = []
    level: dict[UUID, UUID | None] = {lot_id: None for lot_id in lot_ids if lot_id in found}
    seen = set(level)
    depth = 0
    while level:
        reached.extend(
            TracedLot._make((*found[lot_id], depth, via)) for lot_id, via in level.items()
        )
        onward: dict[UUID, UUID | None] = {}
        for lot_id in level:
            for far in ways.get(lot_id, ()):
                if far not in seen:
                    seen.add(far)
                    onward[far] = lot_id
        level, depth = onward, depth + 1
    return Trace(tuple(reached))


def _ways(rows: Iterable[Any]) -> dict[UUID, list[UUID]]:
    ways: dict[UUID, list[UUID]] = {}
    for near, far in rows:
        ways.setdefault(near, []).append(far)
    return ways
