"""A big book, written straight into the tables: by commands, a million lots would take hours.

Levels of lots, each consuming three of the level before; five movements a lot. The rows are those
that the ledger writes: the same columns, the same links between them. Foreign keys are not checked
while they are written, and are right.
"""

import sqlite3
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Table, text
from sqlalchemy import types as kinds

from engine.store.base import Id, Instant
from engine.store.database import Database
from processes.ledger.genealogy.tables import genealogy_edge, lot_link
from processes.ledger.tables import lot, stock_balance, stock_movement

LEVELS = 10
CONSUMED = 3
"""How many lots of the level before go into a lot."""
MOVEMENTS = 5
"""How many movements a lot has, on average."""
_START = datetime(2024, 1, 1, tzinfo=UTC)
_LOT, _MOVEMENT, _EDGE = 0x0190_0000_0000_7000, 0x0191_0000_0000_7000, 0x0192_0000_0000_7000
_BATCH = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the lots stand on: an item of one supplier, a place for released stock, a tenant."""

    tenant_id: str
    item_id: UUID
    item_revision: str
    supplier_id: UUID
    package_level_id: UUID
    location_id: UUID
    unit_code: str = "ea"


def lot_id(number: int) -> UUID:
    """Give the id of the lot of a number, from 0; ids follow the order of the numbers."""
    return _id(_LOT, number)


def seeds(lots: int) -> list[UUID]:
    """Give two lots from which a forward trace reaches some ten thousand others of a million."""
    width = lots // LEVELS
    return [lot_id(width + width // 3), lot_id(4 * width + width // 5)]


def fill(database: Database, ground: Ground, lots: int) -> None:
    """Write so many lots with movements, balances, edges and links; commits."""
    write = _into_sqlite if database.is_sqlite else _into_postgresql
    rows = {
        lot: _lots(ground, lots),
        stock_movement: _movements(ground, lots),
        stock_balance: _balances(ground, lots),
        genealogy_edge: _edges(ground, lots),
        lot_link: _links(ground, lots),
    }
    write(database, rows)
    with database.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()


def _id(kind: int, number: int) -> UUID:
    return UUID(bytes=struct.pack(">QQ", kind, 0x8000_0000_0000_0000 | number))


def _parents(number: int, width: int) -> tuple[int, ...]:
    """Give the lots that a lot consumes: each of a level goes into three of the next, far apart."""
    level, place = divmod(number, width)
    if level == 0:
        return ()
    below = (level - 1) * width
    chosen = (below + (place * CONSUMED + n) % width for n in range(CONSUMED))
    return tuple(dict.fromkeys(chosen))


def _lots(ground: Ground, lots: int) -> Iterator[tuple[Any, ...]]:
    """Rows in the order of the table's columns."""
    width = lots // LEVELS
    for number in range(lots):
        bought = number < width
        yield (
            ground.tenant_id,
            lot_id(number),
            f"B{number:08}",
            ground.item_id,
            ground.item_revision,
            "purchased" if bought else "produced",
            ground.supplier_id if bought else None,
            None,
            f"S{number:08}" if bought else None,
            f"S{number:08}" if bought else None,
            date(2024, 1, 1),
            None,
            None,
            None,
            _START + timedelta(seconds=number),
        )


def _movements(ground: Ground, lots: int) -> Iterator[tuple[Any, ...]]:
    made = 0
    width = lots // LEVELS
    for number in range(lots):
        at = _START + timedelta(seconds=number)
        own = lot_id(number)
        into = "RCV" if number < width else "PROD"
        steps: list[tuple[str, UUID, bool, bool]] = [
            (into, own, False, True),
            ("STAT", own, True, True),
        ]
        if number < width * CONSUMED:
            steps.append(("PUT", own, True, True))
        steps.extend(("ISS", lot_id(parent), True, False) for parent in _parents(number, width))
        for kind, moved, out, in_ in steps:
            yield _movement(ground, made, kind, moved, out=out, in_=in_, at=at)
            made += 1


def _movement(
    ground: Ground, number: int, kind: str, moved: UUID, *, out: bool, in_: bool, at: datetime
) -> tuple[Any, ...]:
    place = ground.location_id
    return (
        ground.tenant_id,
        _id(_MOVEMENT, number),
        kind,
        moved,
        None,
        place if out else None,
        ("QUARANTINE" if kind == "STAT" else "RELEASED") if out else None,
        place if in_ else None,
        "CONSUMED" if not in_ else ("QUARANTINE" if kind in ("RCV", "PROD") else "RELEASED"),
        1,
        ground.unit_code,
        1,
        ground.unit_code,
        ground.package_level_id,
        "bench",
        str(number // MOVEMENTS),
        "accepted" if kind == "STAT" else None,
        None,
        None,
        None,
        None,
        _id(_MOVEMENT, number),
        "bench",
        at,
        at,
    )


def _balances(ground: Ground, lots: int) -> Iterator[tuple[Any, ...]]:
    for number in range(lots):
        yield (ground.tenant_id, lot_id(number), ground.location_id, "RELEASED", 7)


def _edges(ground: Ground, lots: int) -> Iterator[tuple[Any, ...]]:
    made = 0
    width = lots // LEVELS
    for number in range(lots):
        at = _START + timedelta(seconds=number)
        for parent in _parents(number, width):
            yield (
                ground.tenant_id,
                _id(_EDGE, made),
                "consume",
                lot_id(parent),
                lot_id(number),
                None,
                None,
                1,
                ground.unit_code,
                None,
                None,
                "bench",
                str(number),
                None,
                _id(_EDGE, made),
                "bench",
                at,
            )
            made += 1


def _links(ground: Ground, lots: int) -> Iterator[tuple[Any, ...]]:
    width = lots // LEVELS
    for number in range(lots):
        for parent in _parents(number, width):
            yield (ground.tenant_id, lot_id(parent), lot_id(number), 1)


# --- writing many rows --------------------------------------------------------------------------


def _into_sqlite(database: Database, tables: Mapping[Table, Iterator[tuple[Any, ...]]]) -> None:
    """Write over a connection of its own that neither checks nor waits; indexes come afterwards."""
    raw = sqlite3.connect(str(database.engine.url.database))
    raw.execute("PRAGMA synchronous = OFF")
    for table, rows in tables.items():
        made = raw.execute(_INDEXES, (table.name,)).fetchall()
        for name, _ in made:
            raw.execute(f"DROP INDEX {name}")
        turns = [_turned(column.type) for column in table.c]
        holes = ", ".join("?" for _ in turns)
        raw.executemany(
            f"INSERT INTO {table.name} VALUES ({holes})",  # noqa: S608  # words of the schema
            (
                [None if v is None else turn(v) for turn, v in zip(turns, row, strict=True)]
                for row in rows
            ),
        )
        for _, statement in made:
            raw.execute(statement)
        raw.commit()
    raw.close()


_INDEXES = (
    "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL"
)


def _into_postgresql(database: Database, tables: Mapping[Table, Iterator[tuple[Any, ...]]]) -> None:
    """Write with COPY, as a replica writes: what was checked elsewhere is not checked again."""
    with database.engine.connect() as db:
        db.execute(text("SET LOCAL session_replication_role = replica"))
        raw: Any = db.connection.driver_connection
        for table, rows in tables.items():
            names = ", ".join(column.name for column in table.c)
            with (
                raw.cursor() as cursor,
                cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as c,
            ):
                for some in batched(rows):
                    c.write("".join(map(_line, some)))
        db.commit()


def batched(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """Give the rows in handfuls."""
    while some := list(islice(rows, _BATCH)):
        yield some


def _line(row: tuple[Any, ...]) -> str:
    return "\t".join(["\\N" if value is None else str(value) for value in row]) + "\n"


def _turned(kind: kinds.TypeEngine[Any]) -> Callable[[Any], Any]:
    """Give how a value of a column is written into SQLite."""
    if isinstance(kind, Id):
        return attrgetter("bytes")
    if isinstance(kind, Instant):
        return lambda value: int(value.timestamp() * 1_000_000)
    return lambda value: value if isinstance(value, int) else str(value)
