"""Many ids and many rows at once, alike on both databases; what a freeze asks does not grow."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlalchemy import bindparam, event, select
from sqlalchemy.exc import DBAPIError

from processes.ledger import holds, many
from processes.ledger.many import among
from processes.ledger.movements import Document
from processes.ledger.tables import hold, hold_release, lot
from tests.processes.conftest import DORA, TENANT, Book

_NUMBERS = (
    select(lot.c.lot_number)
    .where(lot.c.tenant_id == bindparam("tenant_id"))
    .where(among(lot.c.lot_id, "lot_ids"))
    .order_by(lot.c.lot_number)
)
DOCUMENT = Document("field_action", "FA-1")


@contextmanager
def heard(book: Book) -> Iterator[list[tuple[str, bool]]]:
    """Give what is asked meanwhile, each with whether it is asked for row after row."""
    asked: list[tuple[str, bool]] = []

    def hear(*given: object) -> None:
        asked.append((str(given[2]), bool(given[5])))

    event.listen(book.db, "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        event.remove(book.db, "before_cursor_execute", hear)


def numbers(book: Book, ids: list[UUID]) -> list[str]:
    return list(book.db.execute(_NUMBERS, {"tenant_id": TENANT, "lot_ids": ids}).scalars())


def test_what_is_among_many(book: Book) -> None:
    first, second, third = (book.lot(name) for name in ("A", "B", "C"))
    strangers = [UUID(int=2**100 + n) for n in range(500)]
    assert numbers(book, [third.lot_id, *strangers, first.lot_id]) == sorted(
        [first.number, third.number]
    )
    assert numbers(book, [second.lot_id]) == [second.number]
    assert numbers(book, strangers) == []
    assert numbers(book, []) == []


def test_what_is_among_many_is_looked_up_and_not_looked_for(book: Book) -> None:
    """SQLite compared the condition with 1, and read each lot of the book to find two."""
    if book.db.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has conditions of its own; its plan depends on its statistics")
    given = {"tenant_id": TENANT, "lot_ids": [UUID(int=1)]}
    with heard(book) as asked:
        book.db.execute(_NUMBERS, given)
    plan = book.db.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0][0]}", (TENANT, b"")).all()
    assert any("lot_id=?" in step.detail for step in plan), plan


def test_rows_are_written_as_they_are_given(book: Book) -> None:
    lots = [book.lot(f"L{n}") for n in range(5)]
    common = {
        "tenant_id": TENANT,
        "kind": "HOLD",
        "owner_role": "QA",
        "document_kind": "field_action",
        "document_id": "FA-1",
        "actor": "dora",
        "serial_unit_id": None,
        "placed_at": book.context.now,
    }
    rows = [
        {**common, "hold_id": UUID(int=7000 + n), "lot_id": each.lot_id, "reason": f"no. {n} 裂纹"}
        for n, each in enumerate(lots)
    ]
    many.add(book.db, hold, [])
    many.add(book.db, hold, rows[:1])
    many.add(book.db, hold, rows[1:])
    written = book.db.execute(select(hold).order_by(hold.c.hold_id))
    assert [row._asdict() for row in written] == rows


def test_rows_that_are_wrong_are_refused_together(book: Book) -> None:
    held = [book.lot(name) for name in ("A", "B")]
    made = holds.place_many(
        book.by(DORA),
        [each.lot_id for each in held],
        reason="x",
        owner_role="QA",
        document=DOCUMENT,
    )
    common = {
        "tenant_id": TENANT,
        "reason": "x",
        "signature_meaning": "REL",
        "actor": "dora",
        "released_at": book.context.now,
    }
    wrong = [{**common, "hold_id": made[0]}, {**common, "hold_id": UUID(int=9)}]
    with pytest.raises(DBAPIError), book.db.begin_nested():
        many.add(book.db, hold_release, wrong)
    assert book.db.execute(select(hold_release)).all() == []


def test_a_freeze_asks_no_more_for_more_lots(book: Book) -> None:
    """On PostgreSQL a statement goes to the server and back: ten thousand lots took seconds."""
    lots = [book.lot(f"L{n}").lot_id for n in range(30)]
    counted: list[int] = []
    for some in (lots[:3], lots):
        with heard(book) as asked:
            holds.place_many(
                book.by(DORA),
                some,
                kind="RECALLED",
                reason="crack",
                owner_role="QA",
                document=DOCUMENT,
                with_descendants=True,
            )
        counted.append(len(asked))
        row_after_row = [statement for statement, repeated in asked if repeated]
        assert bool(row_after_row) is (book.db.dialect.name == "sqlite")
    assert counted[0] == counted[1]
    with heard(book) as asked:
        released = holds.release_many(
            book.by(DORA, "REL"), lots, document=DOCUMENT, reason="it is fine"
        )
    assert released == 33
    assert any(repeated for _, repeated in asked) is (book.db.dialect.name == "sqlite")
