"""Opens the database and orders its writers; only the dispatcher commits.

SQLite: one file, WAL, `synchronous=FULL`, one writer at a time in the order of asking (a deferred
BEGIN that upgrades would fail at once with SQLITE_BUSY_SNAPSHOT, so writers begin IMMEDIATE).
PostgreSQL: a pool; conflicting writers are told apart by the instance's revision and tried again.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import RawCursor
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL, make_url

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=30000",
    "PRAGMA cache_size=-65536",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA wal_autocheckpoint=1000",
)


class OrderlyWriter:
    """A lock that is handed over in the order in which it was asked for."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._held = False
        self._queue: deque[threading.Event] = deque()

    def acquire(self) -> None:
        with self._mutex:
            if not self._held:
                self._held = True
                return
            turn = threading.Event()
            self._queue.append(turn)
        turn.wait()

    def release(self) -> None:
        with self._mutex:
            if self._queue:
                self._queue.popleft().set()
            else:
                self._held = False


class _PlainCursor(RawCursor[Any]):
    """psycopg's cursor that describes its columns as plain as DB-API asks: SQLAlchemy reads names
    and types of each result, and nothing of what psycopg would look up besides."""

    @property
    def description(self) -> list[Any] | None:
        result = self.pgresult
        if result is None or not result.nfields:
            return None
        return [
            ((result.fname(n) or b"").decode(), result.ftype(n), None, None, None, None, None)
            for n in range(result.nfields)
        ]


class Database:
    """One database, its pool and its writer's place in the queue."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._writer = OrderlyWriter() if self.is_sqlite else None
        self.engine = _sqlite(parsed) if self.is_sqlite else _postgresql(parsed)
        self._newest = self.engine if self.is_sqlite else _postgresql(parsed, "AUTOCOMMIT")
        self._picture = self.engine if self.is_sqlite else _postgresql(parsed, "REPEATABLE READ")

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a connection in a write transaction; rolled back unless the caller commits."""
        if self._writer is not None:
            self._writer.acquire()
        try:
            with self.engine.connect() as connection:
                connection.info["writes"] = True
                yield connection
        finally:
            if self._writer is not None:
                self._writer.release()

    @contextmanager
    def reading(self, *, snapshot: bool = True) -> Iterator[Connection]:
        """Give a connection for reading one consistent picture; without `snapshot` each statement
        sees the newest, which is all that a single statement needs."""
        engine = self._picture if snapshot else self._newest
        with engine.connect() as connection:
            connection.info["writes"] = False if snapshot else None
            yield connection
            if snapshot and not self.is_sqlite:
                # Nothing to keep, but psycopg forgets its prepared statements at a ROLLBACK.
                connection.commit()

    def dispose(self) -> None:
        self.engine.dispose()
        self._newest.dispose()
        self._picture.dispose()


class OrderlySQLite(SQLiteDialect_pysqlite):
    """SQLAlchemy's SQLite, with the BEGIN that the use of the connection asks for.

    A dialect rather than a listener to "begin": with one listener SQLAlchemy asks for listeners at
    each step of each statement.
    """

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        writes = dbapi_connection.info.get("writes", True)
        if writes is not None:
            dbapi_connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")


registry.register("sqlite.orderly", __name__, OrderlySQLite.__name__)


def _sqlite(url: URL) -> Engine:
    engine = create_engine(
        url.set(drivername="sqlite+orderly"), pool_size=20, max_overflow=20, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        for pragma in SQLITE_PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    return engine


def _postgresql(url: URL, isolation: str | None = None) -> Engine:
    """Open a pool. That in autocommit needs one round trip for a statement; in that of REPEATABLE
    READ, which only reads, every statement sees what the first one saw."""
    way: dict[str, Any] = {} if isolation is None else {"isolation_level": isolation}
    newest = isolation == "AUTOCOMMIT"
    engine = create_engine(
        url,
        pool_size=10,
        max_overflow=10,
        pool_pre_ping=False,
        hide_parameters=True,  # an error is logged: what people wrote is not
        pool_reset_on_return=None if newest else "rollback",
        # PostgreSQL's own placeholders: psycopg would look for its own in each statement anew, when
        # it is as long as those that write much at once.
        paramstyle="numeric_dollar",
        connect_args={
            "cursor_factory": _PlainCursor,
            "options": "-c timezone=UTC",
            "prepare_threshold": 2,
        },
        **way,
    )
    if isolation == "REPEATABLE READ":

        @event.listens_for(engine, "connect")
        def only_read(connection: Any, _record: Any) -> None:
            connection.read_only = True  # psycopg says it in the BEGIN: no further round trip

    return engine
