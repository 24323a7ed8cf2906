"""The writes at the end of a command: the same rows on both databases, however they are sent."""

from uuid import UUID

import pytest
from sqlalchemy import event, select

from engine.outcomes import ConcurrentChange
from engine.store.database import Database
from engine.store.tables import audit_entry, register
from engine.store.writes import TOGETHER, Writes

STREAM = UUID(int=7)


def _register(writes: Writes, number: int = 7) -> None:
    key = {"tenant_id": "t", "stream_id": UUID(int=number)}
    writes.add(
        register, "insert", key, {"name": f"r{number}", "audit_seq": 0, "audit_head": b"\0" * 32}
    )


def _entry(writes: Writes, seq: int) -> None:
    key = {"tenant_id": "t", "stream_id": STREAM, "seq": seq}
    writes.add(audit_entry, "insert", key, {"hash": bytes([seq] * 32), "body": b"x"})


def _head(writes: Writes, *, read: int, to: int) -> None:
    key = {"tenant_id": "t", "stream_id": STREAM, "audit_seq": read}
    writes.add(register, "move", key, {"audit_seq": to, "audit_head": b"\1" * 32})


def _flush(database: Database, writes: Writes) -> int:
    """Hand the writes over, commit, and give the number of statements that it took."""
    statements = 0

    def count(_db: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal statements
        statements += not statement.startswith("BEGIN")

    with database.transaction() as db:
        event.listen(db, "before_cursor_execute", count)
        writes.flush(db)
        db.commit()
    return statements


@pytest.fixture
def head(database: Database) -> Database:
    """A database with one chain that has no entry yet."""
    writes = Writes()
    _register(writes)
    _flush(database, writes)
    return database


def _seen(database: Database) -> tuple[int, list[int]]:
    with database.reading() as db:
        seq = db.execute(
            select(register.c.audit_seq).where(register.c.stream_id == STREAM)
        ).scalar_one()
        entries = db.execute(select(audit_entry.c.seq).order_by(audit_entry.c.seq)).scalars().all()
    return seq, list(entries)


def test_several_writes_are_one_statement_on_postgresql(head: Database) -> None:
    writes = Writes()
    _head(writes, read=0, to=1)
    _entry(writes, 1)
    _register(writes, 8)
    assert _flush(head, writes) == (3 if head.is_sqlite else 1)
    assert _seen(head) == (1, [1])


def test_many_rows_of_a_kind_are_one_statement(head: Database) -> None:
    writes = Writes()
    for seq in range(1, TOGETHER + 2):
        _entry(writes, seq)
    assert _flush(head, writes) == 1
    assert _seen(head) == (0, list(range(1, TOGETHER + 2)))


def test_a_head_that_moved_on_meanwhile_is_noticed_and_nothing_is_kept(head: Database) -> None:
    writes = Writes()
    _head(writes, read=5, to=6)
    _entry(writes, 6)
    with pytest.raises(ConcurrentChange):
        _flush(head, writes)
    assert _seen(head) == (0, [])


def test_two_writes_of_one_row_keep_their_order(head: Database) -> None:
    writes = Writes()
    key = {"tenant_id": "t", "stream_id": UUID(int=9)}
    _register(writes, 9)
    writes.add(register, "delete", key, {})
    _register(writes, 9)
    assert _flush(head, writes) == 3
    with head.reading() as db:
        assert db.execute(select(register.c.name).where(register.c.stream_id == UUID(int=9))).one()


def test_a_flush_hands_over_once(head: Database) -> None:
    writes = Writes()
    _entry(writes, 1)
    _flush(head, writes)
    assert _flush(head, writes) == 0


def test_prepared_statements_outlive_reading(postgres: Database) -> None:
    """psycopg drops them all at a ROLLBACK, and reading must not end with one."""
    for _ in range(6):
        with postgres.reading() as db:
            db.execute(select(register.c.name).where(register.c.name == "x")).all()
            raw = db.connection.driver_connection
    assert raw is not None
    assert raw._prepared._names  # there is no public way to ask
