"""Trace: everything that a lot went into, or everything that went into it.

The database walks over the net links with a recursive query whose UNION remembers each lot that it
has seen, so that a rework loop ends and ten thousand ways to one lot cost no more than one. How
deep a lot lies, and through which lot it was reached first, is worked out afterwards on what was
found: asked for inside the recursion it would make every way a row of its own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID, SafeUUID

from sqlalchemy import CTE, Connection, Select, and_, bindparam, select, type_coerce
from sqlalchemy.engine import Dialect

from engine.store.base import Id
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
    """Give the query of all lots reached from :lot_ids, walking links from `near` to `far`.

    The tenant is carried along, and what is joined takes it from there: where a table is asked for
    a constant tenant, SQLite, once it has statistics, builds a Bloom filter over the whole table
    for each question, or begins with all that the tenant has.
    """
    seeds = (
        select(lot.c.tenant_id, lot.c.lot_id)
        .where(lot.c.tenant_id == bindparam("tenant_id"))
        .where(lot.c.lot_id.in_(bindparam("lot_ids", expanding=True)))
        .cte("reached", recursive=True)
    )
    return seeds.union(
        select(lot_link.c.tenant_id, lot_link.c[far]).join(
            seeds,
            and_(lot_link.c.tenant_id == seeds.c.tenant_id, lot_link.c[near] == seeds.c.lot_id),
        )
    )


class _Key(Id):
    """A lot's id as the driver gives it, for going through many: bytes on SQLite, UUID else."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> None:
        del dialect, coltype


def _ways(reached: CTE, near: str, far: str) -> Select[*tuple[Any, ...]]:
    """Give every lot that was reached, once for each link that leads on from it."""
    return (
        select(
            type_coerce(reached.c.lot_id, _Key),
            lot.c.lot_number,
            type_coerce(lot.c.item_id, _Key),
            type_coerce(lot_link.c[far], _Key),
        )
        .select_from(reached)
        .join(lot, and_(lot.c.tenant_id == reached.c.tenant_id, lot.c.lot_id == reached.c.lot_id))
        .outerjoin(
            lot_link,
            and_(
                lot_link.c.tenant_id == reached.c.tenant_id,
                lot_link.c[near] == reached.c.lot_id,
            ),
        )
    )


DOWN, UP = reach("from_lot_id", "to_lot_id"), reach("to_lot_id", "from_lot_id")
_FORWARD = _ways(DOWN, "from_lot_id", "to_lot_id")
_BACKWARD = _ways(UP, "to_lot_id", "from_lot_id")
_ITEMS = (
    select(item.c.item_id, item.c.item_number)
    .where(item.c.tenant_id == bindparam("tenant_id"))
    .where(item.c.item_id.in_(bindparam("item_ids", expanding=True)))
)


def forward(db: Connection, tenant_id: str, lot_ids: Sequence[UUID]) -> Trace:
    """Give everything that these lots went into."""
    return _walk(db, tenant_id, lot_ids, _FORWARD)


def backward(db: Connection, tenant_id: str, lot_ids: Sequence[UUID]) -> Trace:
    """Give everything that went into these lots."""
    return _walk(db, tenant_id, lot_ids, _BACKWARD)


def _walk(
    db: Connection, tenant_id: str, lot_ids: Sequence[UUID], statement: Select[*tuple[Any, ...]]
) -> Trace:
    key = {"tenant_id": tenant_id, "lot_ids": list(lot_ids)}
    # As the driver gives them: they are many.
    rows: Iterable[Any] = db.execute(statement, key).cursor.fetchall()
    if db.dialect.name != "sqlite":
        rows = _as_integers(rows)
    found: dict[Any, tuple[str, Any]] = {}
    ways: dict[Any, list[Any]] = {}
    for near, number, item_id, far in rows:
        if near in found:
            ways[near].append(far)
        else:
            found[near] = (number, item_id)
            ways[near] = [] if far is None else [far]
    raw_of = _key_of(db)
    first = [raw_of(lot_id) for lot_id in dict.fromkeys(lot_ids)]
    uuids = {raw: _uuid(raw) for raw in found}
    items = _items(db, tenant_id, {item_id for _, item_id in found.values()})
    return Trace(
        tuple(
            TracedLot(uuids[raw], found[raw][0], *items[found[raw][1]], depth, uuids.get(via))
            for raw, depth, via in _nearest_first([raw for raw in first if raw in found], ways)
        )
    )


def _as_integers(rows: Iterable[Any]) -> Iterator[tuple[int, str, int, int | None]]:
    """Give the ids of the rows as integers: a UUID is hashed and compared at ten times the cost."""
    for near, number, item_id, far in rows:
        yield near.int, number, item_id.int, None if far is None else far.int


def _nearest_first(
    level: list[Any], ways: Mapping[Any, list[Any]]
) -> Iterator[tuple[Any, int, Any]]:
    """Go outwards level by level: each lot once, with its depth and the one that led to it."""
    seen = set(level)
    led: list[tuple[Any, Any]] = [(raw, None) for raw in level]
    depth = 0
    while led:
        onward: list[tuple[Any, Any]] = []
        for raw, via in led:
            yield raw, depth, via
            for far in ways[raw]:
                if far not in seen:
                    seen.add(far)
                    onward.append((far, raw))
        led, depth = onward, depth + 1


def _items(db: Connection, tenant_id: str, found: Iterable[Any]) -> dict[Any, tuple[UUID, str]]:
    """Give id and number of each item; many lots are of few items."""
    key = {"tenant_id": tenant_id, "item_ids": [_uuid(raw) for raw in found]}
    raw_of = _key_of(db)
    return {raw_of(item_id): (item_id, number) for item_id, number in db.execute(_ITEMS, key)}


def _key_of(db: Connection) -> Callable[[UUID], Any]:
    return attrgetter("bytes" if db.dialect.name == "sqlite" else "int")


def _uuid(raw: bytes | int) -> UUID:
    """Give an id, without the checks of the constructor, which cost half of a trace."""
    made = object.__new__(UUID)
    object.__setattr__(made, "int", int.from_bytes(raw) if isinstance(raw, bytes) else raw)
    object.__setattr__(made, "is_safe", SafeUUID.unknown)
    return made
