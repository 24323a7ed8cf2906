"""Databases for tests: filled once, then given to one test after another as they were at first.

A SQLite database is a file and is copied. Making a PostgreSQL database takes seconds where there
are hundreds of tables, so a few are kept: after a test its rows are taken out and the first ones
put back. One whose schema a test has changed (a guard taken away, to tamper) is made anew.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from engine.store.database import Database

Fill = Callable[[Database], object]
PRISTINE = "template_countersign"

_SHAPE = """
SELECT md5(string_agg(part, ',' ORDER BY part)) FROM (
    SELECT 't' || tgrelid || tgname || tgenabled::text AS part
    FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT 'a' || attrelid || attname || atttypid FROM pg_attribute
    JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0
    UNION ALL
    SELECT 'c' || oid || contype::text FROM pg_constraint
) AS parts
"""
_TABLES = (
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)
_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def named(url: str, name: str) -> str:
    """Give the address of another database of the same server."""
    return url.replace("/postgres?", f"/{name}?")


class Kept:
    """One PostgreSQL database that is put back to its first content after each test."""

    def __init__(self, server: str, fill: Fill | None) -> None:
        self._server = server
        self._fill = fill
        self._make()

    def _make(self) -> None:
        self.name = f"test_{uuid4().hex}"
        admin = create_engine(self._server, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {self.name} TEMPLATE {PRISTINE}"))
        admin.dispose()
        self.url = named(self._server, self.name)
        if self._fill is not None:
            database = Database(self.url)
            self._fill(database)
            database.dispose()
        with self._connection() as connection:
            self._shape = self._shape_of(connection)
            self._rows = {table: _taken(connection, table) for table in _filled(connection)}

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection]:
        url = make_url(self.url)
        with psycopg.connect(
            host=str(url.query["host"]), user=url.username, dbname=url.database
        ) as connection:
            yield connection

    def _shape_of(self, connection: psycopg.Connection) -> object:
        row = connection.execute(_SHAPE).fetchone()
        return None if row is None else row[0]

    def put_back(self) -> None:
        """Take out what a test wrote, and put back what was there at first."""
        with self._connection() as connection:
            connection.execute(_OTHERS)
            if self._shape_of(connection) == self._shape:
                # The guards refuse every change of what is append-only, this one too.
                connection.execute("SET LOCAL session_replication_role = replica")
                for table in _filled(connection):
                    connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
                for table, rows in self._rows.items():
                    _given(connection, table, rows)
                return
        self._drop()
        self._make()

    def _drop(self) -> None:
        admin = create_engine(self._server, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {self.name} WITH (FORCE)"))
        admin.dispose()


def _filled(connection: psycopg.Connection) -> list[str]:
    """Name the tables that hold something."""
    tables = [row[0] for row in connection.execute(_TABLES)]
    asked = " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")"  # noqa: S608  # of pg_class
        for name in tables
    )
    return [row[0] for row in connection.execute(sql.SQL(asked))]


def _taken(connection: psycopg.Connection, table: str) -> bytes:
    statement = sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(table))
    with connection.cursor().copy(statement) as copy:
        return b"".join(bytes(part) for part in copy)


def _given(connection: psycopg.Connection, table: str, rows: bytes) -> None:
    statement = sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(sql.Identifier(table))
    with connection.cursor().copy(statement) as copy:
        copy.write(rows)


class Databases:
    """Gives each test a database filled by a function, as the function left it."""

    def __init__(self, sqlite_template: Path, server: Callable[[], str], folder: Path) -> None:
        self._sqlite_template = sqlite_template
        self._server = server
        self._folder = folder
        self._files: dict[Fill, Path] = {}
        self._kept: dict[Fill | None, Kept] = {}

    def file(self, fill: Fill, folder: Path) -> Database:
        """Copy the SQLite database that `fill` filled; it is filled at the first time."""
        if fill not in self._files:
            path = self._folder / f"{len(self._files)}.sqlite3"
            shutil.copy(self._sqlite_template, path)
            database = Database(f"sqlite:///{path}")
            fill(database)
            database.dispose()  # the last connection writes SQLite's log back into the file
            self._files[fill] = path
        path = folder / f"filled-{uuid4().hex}.sqlite3"
        shutil.copy(self._files[fill], path)
        return Database(f"sqlite:///{path}")

    @contextmanager
    def kept(self, fill: Fill | None) -> Iterator[Database]:
        """Give the PostgreSQL database of `fill`; of None: the empty one."""
        if fill not in self._kept:
            self._kept[fill] = Kept(self._server(), fill)
        kept = self._kept[fill]
        database = Database(kept.url)
        try:
            yield database
        finally:
            database.dispose()
            kept.put_back()
