"""A big book, written straight into the tables: by the ledger's functions, a million lots would
take hours.

Levels of lots, each made of three of the level before; five movements a lot. The rows are those
that the functions would write, in the same order (tests/processes/test_big_book.py compares them);
foreign keys are not checked while they are written, and are right. What does not change from row to
row is turned into the driver's form once, the rest is counted.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Table, text
from sqlalchemy import types as kinds

from engine.store.base import EPOCH, Id
from engine.store.database import Database
from processes.ledger.genealogy.tables import genealogy_edge, lot_link
from processes.ledger.tables import lot, stock_balance, stock_movement

LEVELS = 10
CONSUMED = 3
"""How many lots of the level before go into a lot."""
RECEIVED = 10
"""How much of each lot came in: three may be taken."""
_START = datetime(2024, 1, 1, tzinfo=UTC)
_LOT, _MOVEMENT, _EDGE = 0x0190, 0x0191, 0x0192
_BATCH = 20_000
Row = tuple[Any, ...]
_Place = tuple[UUID | None, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the lots stand on: an item of one supplier, two places, a tenant, who books."""

    tenant_id: str
    item_id: UUID
    item_revision: str
    supplier_id: UUID
    package_level_id: UUID
    quarantine_id: UUID
    released_id: UUID
    unit_code: str = "ea"
    actor: str = "bench"


def lot_id(number: int) -> UUID:
    """Give the id of the lot of a number, from 0; ids follow the order of the numbers."""
    return UUID(bytes=_bytes(_LOT, number))


def seeds(lots: int) -> list[UUID]:
    """Give two lots from which a forward trace reaches some ten thousand others of a million."""
    width = lots // LEVELS
    return [lot_id(width + width // 3), lot_id(4 * width + width // 5)]


def parents(number: int, width: int) -> tuple[int, ...]:
    """Give the lots that a lot consumes: each of a level goes into three of the next, far apart."""
    level, place = divmod(number, width)
    if level == 0:
        return ()
    below = (level - 1) * width
    chosen = (below + (place * CONSUMED + n) % width for n in range(CONSUMED))
    return tuple(dict.fromkeys(chosen))


def is_put_away(number: int, width: int) -> bool:
    """Tell whether a lot is released where it lies and put away, or released on the way there."""
    return number < width * CONSUMED


def fill(database: Database, ground: Ground, lots: int) -> None:
    """Write so many lots with movements, balances, edges and links; commits."""
    form = _SQLITE if database.is_sqlite else _POSTGRESQL
    book = _Book(ground, lots, form)
    rows = {
        lot: book.lots(),
        stock_movement: book.movements(),
        stock_balance: book.balances(),
        genealogy_edge: book.edges(),
        lot_link: book.links(),
    }
    (_into_sqlite if database.is_sqlite else _into_postgresql)(database, rows)


@dataclass(frozen=True, slots=True)
class _Form:
    """How a driver takes a counted id, an instant in microseconds, and any other value."""

    id: Callable[[int, int], Any]
    instant: Callable[[int], Any]
    value: Callable[[kinds.TypeEngine[Any], Any], Any]


class _Book:
    """The rows of each table, in the order of its columns."""

    def __init__(self, ground: Ground, lots: int, form: _Form) -> None:
        self._ground = ground
        self._lots = lots
        self._width = lots // LEVELS
        self._form = form
        self._begun = (_START - EPOCH) // timedelta(microseconds=1)

    def lots(self) -> Iterator[Row]:
        ground, new_id = self._ground, self._form.id
        bought = self._template(
            lot,
            tenant_id=ground.tenant_id,
            item_id=ground.item_id,
            item_revision=ground.item_revision,
            origin="purchased",
            supplier_id=ground.supplier_id,
        )
        made = self._template(
            lot,
            tenant_id=ground.tenant_id,
            item_id=ground.item_id,
            item_revision=ground.item_revision,
            origin="produced",
        )
        own, name = _at(lot, "lot_id"), _at(lot, "lot_number")
        raw, plain, at = (
            _at(lot, "supplier_lot_raw"),
            _at(lot, "supplier_lot"),
            _at(lot, "created_at"),
        )
        for number in range(self._lots):
            row = list(bought if number < self._width else made)
            row[own] = new_id(_LOT, number)
            row[name] = lot_number(number)
            if number < self._width:
                row[raw] = row[plain] = supplier_lot(number)
            row[at] = self._instant(number)
            yield tuple(row)

    def movements(self) -> Iterator[Row]:
        """What went into a lot, then the lot itself: in, released, put away."""
        new_id, here = self._form.id, stock_movement
        templates = self._movement_templates()
        own, moved, document = (
            _at(here, "movement_id"),
            _at(here, "lot_id"),
            _at(here, "document_id"),
        )
        command, performed, recorded = (
            _at(here, name) for name in ("command_id", "performed_at", "recorded_at")
        )
        made = 0
        for number in range(self._lots):
            at, named, first = self._instant(number), lot_number(number), number < self._width
            steps = [("ISS", new_id(_LOT, each)) for each in parents(number, self._width)]
            this = new_id(_LOT, number)
            steps.append(("RCV" if first else "PROD", this))
            if is_put_away(number, self._width):
                steps.extend((("STAT", this), ("PUT", this)))
            else:
                steps.append(("STAT+", this))
            for kind, about in steps:
                row = list(templates[kind])
                row[own] = row[command] = new_id(_MOVEMENT, made)
                row[moved] = about
                row[document] = named
                row[performed] = row[recorded] = at
                made += 1
                yield tuple(row)

    def _movement_templates(self) -> Mapping[str, list[Any]]:
        quarantined = (self._ground.quarantine_id, "QUARANTINE")
        waiting = (self._ground.quarantine_id, "RELEASED")
        released = (self._ground.released_id, "RELEASED")
        consumed, nowhere = (None, "CONSUMED"), (None, None)
        ways: dict[str, tuple[_Place, _Place, int, str | None]] = {
            "RCV": (nowhere, quarantined, RECEIVED, None),
            "PROD": (nowhere, quarantined, RECEIVED, None),
            "STAT": (quarantined, waiting, RECEIVED, "accepted"),
            "STAT+": (quarantined, released, RECEIVED, "accepted"),
            "PUT": (waiting, released, RECEIVED, None),
            "ISS": (released, consumed, 1, None),
        }
        return {
            kind: self._template(
                stock_movement,
                tenant_id=self._ground.tenant_id,
                movement_type=kind.rstrip("+"),
                from_location_id=source[0],
                from_status=source[1],
                to_location_id=target[0],
                to_status=target[1],
                quantity=quantity,
                from_consigned=0,
                to_consigned=0,
                unit_code=self._ground.unit_code,
                entered_quantity=quantity,
                entered_unit=self._ground.unit_code,
                package_level_id=self._ground.package_level_id,
                document_kind="bench",
                reason=reason,
                actor=self._ground.actor,
            )
            for kind, (source, target, quantity, reason) in ways.items()
        }

    def balances(self) -> Iterator[Row]:
        """A row for each position that a lot was in, also where nothing is left."""
        used = self._used()
        value, ground = self._form.value, self._ground
        tenant = value(stock_balance.c.tenant_id.type, ground.tenant_id)
        quarantine, place = (
            value(stock_balance.c.location_id.type, each)
            for each in (ground.quarantine_id, ground.released_id)
        )
        amounts = [value(stock_balance.c.quantity.type, each) for each in range(RECEIVED + 1)]
        for number in range(self._lots):
            own = self._form.id(_LOT, number)
            yield (tenant, own, quarantine, "QUARANTINE", *amounts[:1] * 3)
            if is_put_away(number, self._width):
                yield (tenant, own, quarantine, "RELEASED", *amounts[:1] * 3)
            left = amounts[RECEIVED - used[number]]
            yield (tenant, own, place, "RELEASED", left, amounts[0], amounts[0])

    def _used(self) -> bytearray:
        used = bytearray(self._lots)
        for number in range(self._width, self._lots):
            for each in parents(number, self._width):
                used[each] += 1
        return used

    def edges(self) -> Iterator[Row]:
        new_id, here = self._form.id, genealogy_edge
        template = self._template(
            here,
            tenant_id=self._ground.tenant_id,
            kind="consume",
            quantity=1,
            unit_code=self._ground.unit_code,
            document_kind="bench",
            actor=self._ground.actor,
        )
        own, near, far = _at(here, "edge_id"), _at(here, "from_lot_id"), _at(here, "to_lot_id")
        document, command = _at(here, "document_id"), _at(here, "command_id")
        movement, at = _at(here, "movement_id"), _at(here, "recorded_at")
        made = moved = 0
        for number in range(self._lots):
            this, named, when = new_id(_LOT, number), lot_number(number), self._instant(number)
            for each in parents(number, self._width):
                row = list(template)
                row[own] = new_id(_EDGE, made)
                row[near], row[far] = new_id(_LOT, each), this
                row[movement] = row[command] = new_id(_MOVEMENT, moved)
                row[document], row[at] = named, when
                made, moved = made + 1, moved + 1
                yield tuple(row)
            moved += 3 if is_put_away(number, self._width) else 2

    def links(self) -> Iterator[Row]:
        value, new_id = self._form.value, self._form.id
        tenant = value(lot_link.c.tenant_id.type, self._ground.tenant_id)
        one = value(lot_link.c.quantity.type, 1)
        for number in range(self._lots):
            this = new_id(_LOT, number)
            for each in parents(number, self._width):
                yield (tenant, new_id(_LOT, each), this, one)

    def _template(self, table: Table, **given: Any) -> list[Any]:
        """Give a row of which the counted columns are still empty."""
        return [self._form.value(column.type, given.get(column.name)) for column in table.c]

    def _instant(self, number: int) -> Any:
        return self._form.instant(self._begun + number * 1_000_000)


def lot_number(number: int) -> str:
    """Give the number of a lot."""
    return f"B{number:08}"


def supplier_lot(number: int) -> str:
    """Give the supplier's number of a bought lot."""
    return f"S{number:08}"


def booked_at(number: int) -> datetime:
    """Give when a lot was made and moved."""
    return _START + timedelta(seconds=number)


def _at(table: Table, column: str) -> int:
    return list(table.c).index(table.c[column])


# --- how the drivers want it --------------------------------------------------------------------


def _bytes(kind: int, number: int) -> bytes:
    return (kind << 112 | 0x7000 << 64 | 0x8000 << 48 | number).to_bytes(16)


def _hex(kind: int, number: int) -> str:
    return f"{kind:04x}0000-0000-7000-8000-{number:012x}"


def _sqlite_value(kind: kinds.TypeEngine[Any], value: Any) -> Any:
    if value is None or isinstance(kind, kinds.Integer):
        return value
    if isinstance(kind, Id):
        return value.bytes
    return str(value)


def _text_value(_kind: kinds.TypeEngine[Any], value: Any) -> str:
    return "\\N" if value is None else str(value)


def _text_instant(microseconds: int) -> str:
    """Give an instant as PostgreSQL reads it: lots are a whole number of seconds apart."""
    return f"{datetime.fromtimestamp(microseconds // 1_000_000, UTC):%Y-%m-%d %H:%M:%S+00}"


_SQLITE = _Form(id=_bytes, instant=lambda microseconds: microseconds, value=_sqlite_value)
_POSTGRESQL = _Form(id=_hex, instant=_text_instant, value=_text_value)


# --- writing many rows --------------------------------------------------------------------------


def _into_sqlite(database: Database, tables: Mapping[Table, Iterator[Row]]) -> None:
    """Write over a connection of its own that neither checks nor waits nor keeps a journal.

    Indexes and the guards of append-only tables are put back afterwards.
    """
    database.dispose()  # the journal is left out only when nobody else is there
    raw = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
    for setting in (
        "journal_mode = OFF",
        "synchronous = OFF",
        "ignore_check_constraints = ON",
        "cache_size = -400000",
    ):
        raw.execute(f"PRAGMA {setting}")
    for table, rows in tables.items():
        laid_by = raw.execute(_BESIDE, (table.name,)).fetchall()
        for kind, name, _ in laid_by:
            raw.execute(f"DROP {kind} {name}")
        holes = ", ".join("?" for _ in table.c)
        raw.execute("BEGIN")
        raw.executemany(
            f"INSERT INTO {table.name} VALUES ({holes})",  # noqa: S608  # words of the schema
            rows,
        )
        for _, _, statement in laid_by:
            raw.execute(statement)
        raw.execute("COMMIT")
    raw.execute("ANALYZE")  # who looks after a database may do it: plans must not suffer
    raw.execute("PRAGMA journal_mode = WAL")
    raw.close()


_BESIDE = (
    "SELECT type, name, sql FROM sqlite_master"
    " WHERE type IN ('index', 'trigger') AND tbl_name = ? AND sql IS NOT NULL"
)


def _into_postgresql(database: Database, tables: Mapping[Table, Iterator[Row]]) -> None:
    """Write with COPY, as a replica writes: what was checked elsewhere is not checked again."""
    with database.engine.connect() as db:
        db.execute(text("SET LOCAL session_replication_role = replica"))
        db.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
        raw: Any = db.connection.driver_connection
        for table, rows in tables.items():
            laid_by = db.execute(_INDEXES, {"table": table.name}).fetchall()
            for name, _ in laid_by:
                db.execute(text(f"DROP INDEX {name}"))
            with raw.cursor() as cursor, cursor.copy(f"COPY {table.name} FROM STDIN") as copy:
                while some := list(islice(rows, _BATCH)):
                    copy.write("".join(["\t".join(row) + "\n" for row in some]))
            for _, statement in laid_by:
                db.execute(text(statement))
        db.commit()
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("VACUUM ANALYZE"))  # as the server does by itself after a while


_INDEXES = text(
    "SELECT indexname, indexdef FROM pg_indexes JOIN pg_class ON relname = indexname"
    " WHERE schemaname = 'public' AND tablename = :table AND NOT EXISTS"
    " (SELECT 1 FROM pg_constraint WHERE conindid = pg_class.oid)"
)
