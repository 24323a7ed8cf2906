"""A posting asks for everything at once and writes nothing unless nothing speaks against it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.dialects.postgresql.psycopg import dialect

from engine.outcomes import Rejection
from processes.ledger import balances, lots, movements, posting, status
from processes.ledger.balances import InsufficientStock, Place
from processes.ledger.locations import StatusDoesNotFit
from processes.ledger.lot_numbers import Expiry
from processes.ledger.movements import Document, Movement, SerialRequired
from processes.ledger.refusals import NotInLedger
from processes.ledger.status import NotReleased
from processes.ledger.tables import stock_movement
from tests.processes.conftest import ANN, DORA, NOW, TENANT, Book
from tests.processes.test_stock import released, serial_item

DOCUMENT = Document("test", "1")
LONGEST_KEPT = 4096
"""Of longer statements psycopg 3 keeps nothing and takes them apart each time (_queries.py)."""


def moved(book: Book, made: lots.Lot, quantity: int, source: Place, target: Place) -> None:
    movement = Movement(
        movement_type="PCK",
        lot_id=made.lot_id,
        quantity=quantity,
        document=DOCUMENT,
        source=source,
        target=target,
    )
    movements.post(book.by(ANN), movement)


def test_a_movement_is_one_statement_on_postgresql_and_four_on_sqlite(book: Book) -> None:
    made = released(book)
    asked: list[str] = []

    def heard(_db: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(book.db, "before_cursor_execute", heard)
    moved(book, made, 3, book.place("A-01", "RELEASED"), book.place("Q-01", "RELEASED"))
    assert len(asked) == (4 if book.db.dialect.name == "sqlite" else 1)


@pytest.mark.parametrize(("takes", "puts"), [(True, True), (True, False), (False, True)])
def test_the_driver_keeps_the_statement(*, takes: bool, puts: bool) -> None:
    statement = posting._together(takes, puts)
    kept: Any = dialect  # untyped there
    assert len(str(statement.compile(dialect=kept()))) <= LONGEST_KEPT


def too_much(book: Book) -> None:
    made = released(book)
    moved(book, made, 11, book.place("A-01", "RELEASED"), book.place("Q-01", "RELEASED"))


def to_where_it_does_not_fit(book: Book) -> None:
    made = released(book)
    moved(book, made, 1, book.place("A-01", "RELEASED"), book.place("S-01", "RELEASED"))


def from_where_nothing_is_taken(book: Book) -> None:
    made = released(book, where="Q-01")
    moved(book, made, 1, book.place("Q-01", "RELEASED"), book.place("A-01", "RELEASED"))


def held(book: Book) -> None:
    made = released(book)
    status.place_hold(
        book.by(DORA),
        made,
        reason="crack",
        owner_role="QA",
        document_kind="ncr",
        document_id="N1",
    )
    moved(book, made, 1, book.place("A-01", "RELEASED"), book.place("Q-01", "RELEASED"))


def without_its_serial_number(book: Book) -> None:
    book.receive(serial_item(book), 1)


def from_nowhere(book: Book) -> None:
    made = released(book)
    nowhere = Place(made.lot_id, "RELEASED")  # the id of no place
    moved(book, made, 1, nowhere, book.place("A-01", "RELEASED"))


@pytest.mark.parametrize(
    ("attempt", "refused"),
    [
        (too_much, InsufficientStock),
        (to_where_it_does_not_fit, StatusDoesNotFit),
        (from_where_nothing_is_taken, NotReleased),
        (held, NotReleased),
        (without_its_serial_number, SerialRequired),
        (from_nowhere, NotInLedger),
    ],
)
def test_what_is_refused_leaves_nothing_in_the_book(
    book: Book, attempt: Callable[[Book], None], refused: type[Rejection]
) -> None:
    """Also within the transaction: a step may go another way after a refusal."""
    with pytest.raises(refused):
        attempt(book)
    assert balances.differences(book.db, TENANT) == []
    picked = select(func.count()).where(stock_movement.c.movement_type == "PCK")
    assert book.db.execute(picked).scalar_one() == 0


def test_what_expired_today_is_still_used_and_not_tomorrow(book: Book) -> None:
    """The day in the statement is the day of the rule."""
    made = book.lot(expiry=Expiry(on=NOW.date(), precision="day", raw="today"))
    book.receive(made, 10)
    source, target = book.place("Q-01", "QUARANTINE"), book.place("A-01", "RELEASED")
    give = Movement(
        movement_type="STAT",
        lot_id=made.lot_id,
        quantity=10,
        document=DOCUMENT,
        source=source,
        target=target,
        reason="accepted",
    )
    movements.post(book.by(DORA), give)
    moved(book, made, 1, target, book.place("Q-01", "RELEASED"))
    used = replace(give, movement_type="ISS", source=target, target=None, outcome="CONSUMED")
    tomorrow = book.by(ANN, now=NOW + timedelta(days=1))
    with pytest.raises(NotReleased):
        movements.post(tomorrow, replace(used, quantity=1))


@pytest.mark.parametrize(("unit", "stored", "shown"), [("ea", 7, "7"), ("kg", 12500, "12.500")])
def test_a_quantity_is_kept_as_it_reads(book: Book, unit: str, stored: int, shown: str) -> None:
    made = book.lot("M1", item_id=book.add_item("MIX-1", unit_code=unit))
    row = movements.find(book.db, TENANT, book.receive(made, stored))
    assert (format(row.entered_quantity, "f"), row.entered_unit) == (shown, unit)
    assert (row.unit_code, row.package_level_id) == (unit, made.base_package_id)
