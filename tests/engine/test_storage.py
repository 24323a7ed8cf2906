"""The databases: migrations give the tables, the trail refuses changes, writers take turns."""

import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, inspect, select, text
from sqlalchemy.exc import DBAPIError

from engine.store import tables
from engine.store.base import metadata
from engine.store.database import Database, OrderlyWriter
from processes import migrations


def test_tables_are_what_the_migrations_make(database: Database) -> None:
    with database.reading() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_every_key_is_led_by_the_tenant() -> None:
    for table in metadata.tables.values():
        assert next(iter(table.primary_key)).name == "tenant_id", table.name
        for constraint in table.foreign_key_constraints:
            assert "tenant_id" in constraint.column_keys, f"{table.name}: {constraint.name}"
        for column in table.columns:
            assert column.autoincrement is not True, f"{table.name}.{column.name}"


@pytest.mark.parametrize("table", [*tables.APPEND_ONLY, *migrations.append_only()])
def test_append_only_tables_refuse_update_and_delete(database: Database, table: str) -> None:
    for statement in (f"UPDATE {table} SET tenant_id = tenant_id", f"DELETE FROM {table}"):  # noqa: S608
        with database.transaction() as db:
            _insert_one(db, table)
            with pytest.raises(DBAPIError, match="append-only"):
                db.execute(text(statement))


@pytest.mark.parametrize("table", [*tables.APPEND_ONLY, *migrations.append_only()])
def test_append_only_tables_refuse_replacing(sqlite: Database, table: str) -> None:
    """SQLite would delete the row in the way without asking its trigger."""
    with sqlite.transaction() as db:
        _insert_one(db, table)
        with pytest.raises(DBAPIError, match="append-only"):
            db.execute(text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"))  # noqa: S608
        other = [c.name for c in metadata.tables[table].primary_key if c.name != "tenant_id"]
        row = db.execute(metadata.tables[table].select()).mappings().one()
        key = metadata.tables[table].columns[other[-1]]
        changed = UUID(int=2) if isinstance(row[other[-1]], UUID) else None
        uniques = [
            c
            for c in inspect(db).get_unique_constraints(table)
            if other[-1] not in c["column_names"]
        ]
        if changed is not None and uniques:
            statement = metadata.tables[table].insert().prefix_with("OR REPLACE")
            with pytest.raises(DBAPIError, match="append-only"):
                db.execute(statement, {**row, key.name: changed})


def _insert_one(db: Connection, table: str) -> None:
    """Put a row into a table, whatever its constraints: SQLite's triggers want a row to act on."""
    if db.dialect.name != "sqlite":
        return  # PostgreSQL's guard refuses the statement itself
    db.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    db.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
    columns = metadata.tables[table].columns
    db.execute(metadata.tables[table].insert(), {c.name: _value(c) for c in columns})


def _value(column: Column[object]) -> object:
    return {
        "Id": UUID(int=1),
        "Instant": datetime(2026, 11, 22, tzinfo=UTC),
        "Text": "x",
        "LargeBinary": b"x",
        "Boolean": True,
        "Date": date(2026, 11, 22),
        "Document": {},
        "Exact": Decimal(1),
    }.get(type(column.type).__name__, 1)


def test_writers_are_served_in_the_order_of_asking() -> None:
    writer = OrderlyWriter()
    order: list[int] = []
    started: list[threading.Event] = []
    writer.acquire()

    def write(number: int) -> None:
        started[number].set()
        writer.acquire()
        order.append(number)
        writer.release()

    threads = []
    for number in range(5):
        started.append(threading.Event())
        thread = threading.Thread(target=write, args=(number,))
        thread.start()
        started[number].wait()
        while len(writer._queue) <= number:
            pass
        threads.append(thread)
    writer.release()
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_sqlite_is_durable(sqlite: Database) -> None:
    with sqlite.reading() as db:
        assert db.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert db.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2  # FULL


def test_reading_sees_one_picture_and_changes_nothing(database: Database) -> None:
    names = select(tables.tenant.c.tenant_id).order_by(tables.tenant.c.tenant_id)
    with database.reading() as db:
        before = db.execute(names).all()
        with database.transaction() as other:
            _insert_tenant(other)
            other.commit()
        assert db.execute(names).all() == before
    with database.reading() as db:
        assert len(db.execute(names).all()) == len(before) + 1


def test_reading_refuses_to_write(postgres: Database) -> None:
    with pytest.raises(DBAPIError, match="read-only"), postgres.reading() as db:
        _insert_tenant(db)


def _insert_tenant(db: Connection) -> None:
    columns = metadata.tables["tenant"].columns
    db.execute(metadata.tables["tenant"].insert(), {c.name: _value(c) for c in columns})
