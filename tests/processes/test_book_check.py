"""Proving the record adds the ledger up: a balance that was edited is named by lot and place."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, delete, insert, text, update

from api.cli import main
from engine.store.database import Database
from engine.verification import verify
from processes import registry
from processes.ledger import instruments, lots, movements
from processes.ledger.clocks import clocks
from processes.ledger.clocks.tables import clock_state
from processes.ledger.genealogy.tables import lot_link
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement
from processes.ledger.tables import characteristic_result, serial_position, stock_balance
from tests.processes.conftest import ANN, DORA, NOW, TENANT, Book, decimal, small_book
from tests.processes.making import link, release
from tests.processes.test_stock import issue, serial_item


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
    for said in found.message.values():
        assert number in said
        assert "Q-01" in said
        assert "QUARANTINE" in said
        assert "11" in said
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


def _named(book: Book, code: str) -> list[str]:
    """Verify, and give what is said under a code, in both languages."""
    report = verify(book.db, TENANT, registry.checks())
    return [d.message["en"] + d.message["zh"] for d in report.differences if d.code == code]


def test_a_book_of_everything_is_whole(book: Book) -> None:
    made, unit = release(book, book.lot(), 10), _unit(book)
    link(book, made, unit, 1)
    clocks.start(book.by(DORA), "CN-N1", "field_action", "FA-1", NOW, "mail of 08:00")
    report = verify(book.db, TENANT, registry.checks())
    assert [d for d in report.differences if d.code.startswith("ledger.")] == []
    assert {"balances", "clocks", "links", "lots", "readings", "units", "work orders"} <= set(
        report.checked
    )


def test_inv_05_a_unit_kept_elsewhere_is_named(book: Book) -> None:
    _unit(book)
    book.db.execute(
        update(serial_position).values(location_id=book.places["R-01"], status="REJECTED")
    )
    [said] = _named(book, "ledger.serial")
    assert "SN-1" in said
    assert "PUMP-1" in said


def test_inv_09_an_issue_without_its_edge_is_named(book: Book) -> None:
    made = release(book, book.lot(), 10)
    movement_id = issue(book, made, 4, "A-01", "RELEASED")
    [said] = _named(book, "ledger.edge")
    assert str(movement_id) in said


def test_inv_09_a_link_that_is_not_its_edges_is_named(book: Book) -> None:
    near, far = book.lot("A1"), book.lot("A2")
    link(book, near, far, 3)
    book.db.execute(update(lot_link).values(quantity=2))
    [said] = _named(book, "ledger.link")
    assert near.number in said
    assert far.number in said
    book.db.execute(delete(lot_link))
    assert len(_named(book, "ledger.link")) == 1


def test_inv_14_goods_that_left_without_a_sales_record_are_named(book: Book) -> None:
    made = release(book, book.lot(), 10)
    gone = Movement(
        movement_type="SHP",
        lot_id=made.lot_id,
        quantity=4,
        document=Document("shipment", "SHP-1"),
        source=book.place("A-01", "RELEASED"),
        outcome="SHIPPED",
    )
    movements.post(book.by(ANN), gone)
    [said] = _named(book, "ledger.mass_balance")
    assert f"{made.number}: 4 " in said


def test_inv_16_a_clock_that_was_set_back_is_named(book: Book) -> None:
    clock_id = clocks.start(book.by(DORA), "CN-N1", "field_action", "FA-1", NOW, "mail of 08:00")
    book.db.execute(update(clock_state).values(due_at=NOW + timedelta(days=900)))
    [said] = _named(book, "ledger.clock")
    assert str(clock_id) in said


def test_inv_18_readings_with_what_was_never_calibrated_are_named(book: Book) -> None:
    names = {"en": "Gauge", "zh": "量规"}
    gauge = instruments.register(
        book.by(DORA), "G-1", "caliper", names, unit_code="mm", resolution=decimal("0.01")
    )
    sqlite = book.db.dialect.name == "sqlite"
    past = "PRAGMA defer_foreign_keys = ON" if sqlite else "SET session_replication_role = replica"
    book.db.execute(text(past))  # what was inspected does not matter here
    row = {
        "tenant_id": TENANT,
        "inspection_lot_id": gauge,
        "characteristic_number": 1,
        "attempt": 1,
        "sample_number": 1,
        "value": decimal("1.00"),
        "defects": 0,
        "conforming": True,
        "instrument_id": gauge,
        "actor": "ben",
        "performed_at": NOW,
    }
    book.db.execute(insert(characteristic_result), row)
    [said] = _named(book, "ledger.reading")
    assert "G-1" in said


def _unit(book: Book) -> Lot:
    made = serial_item(book)
    unit = lots.register_serials(book.by(ANN), made, ["SN-1"])["SN-1"]
    receive = Movement(
        movement_type="RCV",
        lot_id=made.lot_id,
        quantity=1,
        document=Document("receipt", "R-1"),
        target=book.place("Q-01", "QUARANTINE"),
    )
    movements.post_serials(book.by(ANN), receive, [unit])
    return made
