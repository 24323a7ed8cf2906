"""Proving the record adds the ledger up: a balance that was edited is named by lot and place."""

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, update

from api.cli import main
from engine.store.database import Database
from engine.verification import verify
from processes import registry
from processes.ledger.tables import stock_balance
from tests.processes.conftest import TENANT, Book, small_book


def _edited(db: Connection, book: Book) -> str:
    """Receive ten and let someone write eleven; give the lot's number."""
    made = book.lot()
    book.receive(made, 10)
    db.execute(update(stock_balance).values(quantity=11))
    return made.number


def test_a_whole_book_is_whole(book: Book) -> None:
    book.receive(book.lot(), 10)
    report = verify(book.db, TENANT, registry.checks())
    assert report.checked["balances"] == 1
    assert [d for d in report.differences if d.code == "ledger.balance"] == []


def test_an_edited_balance_is_named_by_lot_and_location(book: Book) -> None:
    number = _edited(book.db, book)
    report = verify(book.db, TENANT, registry.checks())
    [found] = [d for d in report.differences if d.code == "ledger.balance"]
    for text in found.message.values():
        assert number in text
        assert "Q-01" in text
        assert "QUARANTINE" in text
        assert "11" in text
    assert not report.whole


def test_the_command_line_says_it_and_fails(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite.transaction() as db:
        number = _edited(db, small_book(db))
        db.commit()
    monkeypatch.setenv("COUNTERSIGN_DATABASE", sqlite.engine.url.render_as_string())
    monkeypatch.setenv("COUNTERSIGN_TENANT", TENANT)
    answer = CliRunner().invoke(main, ["verify"])
    assert answer.exit_code == 1
    assert "1 balances" in answer.output
    assert f"Lot {number} at Q-01" in " ".join(answer.output.split())
