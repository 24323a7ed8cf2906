"""The book of the benchmark is what the ledger's own functions would have written, up to ids."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, event, select

from bench import big_book
from bench.big_book import Ground
from engine.services import ServiceContext
from engine.store.database import Database
from processes.ledger import balances, lots, movements, own_lots, packages
from processes.ledger.balances import Place
from processes.ledger.genealogy import edges, flags, mass_balance, scope, trace
from processes.ledger.genealogy.edges import Edge
from processes.ledger.genealogy.tables import genealogy_edge, lot_link
from processes.ledger.lots import NewLot
from processes.ledger.movements import Document, Movement
from processes.ledger.own_lots import OwnLot
from processes.ledger.tables import lot, stock_balance, stock_movement
from tests.processes.conftest import TENANT, Book, small_book

LOTS = 60
TABLES = (lot, stock_movement, stock_balance, genealogy_edge, lot_link)
SAME = {"from_lot_id": "lot_id", "to_lot_id": "lot_id"}
"""Columns that hold the ids of another."""


def opened(database: Database) -> tuple[Book, Ground]:
    """Give a small book that is there for every connection, and what the big one stands on."""
    with database.transaction() as db:
        book = small_book(db)
        db.commit()
        book.context = replace(book.context, process_instance_id=None, activity_id=None)
        return book, ground(book)


def ground(book: Book) -> Ground:
    return Ground(
        tenant_id=TENANT,
        item_id=book.item_id,
        item_revision="A",
        supplier_id=book.supplier.supplier_id,
        package_level_id=packages.of_item(book.db, TENANT, book.item_id)[0].package_level_id,
        quarantine_id=book.places["Q-01"],
        released_id=book.places["A-01"],
        actor=book.context.actor.username,
    )


def told(book: Book) -> None:
    """Book the same lots one by one, by the ledger's own functions."""
    width = LOTS // big_book.LEVELS
    ids: dict[int, UUID] = {}
    for number in range(LOTS):
        context = replace(book.context, now=big_book.booked_at(number))
        made = _make(context, book, number, bought=number < width)
        ids[number] = made
        for parent in big_book.parents(number, width):
            _consume(_command(context), book, ids[parent], made, number)
        _bring_in(context, book, made, number, width)


def _make(context: ServiceContext, book: Book, number: int, *, bought: bool) -> UUID:
    if not bought:
        own = OwnLot(
            item_id=book.item_id,
            item_revision="A",
            origin="produced",
            number=big_book.lot_number(number),
        )
        return own_lots.create(context, own).lot_id
    new = NewLot(
        item_id=book.item_id,
        item_revision="A",
        supplier_id=book.supplier.supplier_id,
        supplier_lot_raw=big_book.supplier_lot(number),
    )
    return lots.receive(context, new, join_same_lot=False).lot_id


def _consume(context: ServiceContext, book: Book, used: UUID, made: UUID, number: int) -> None:
    document = Document("bench", big_book.lot_number(number))
    issue = Movement(
        movement_type="ISS",
        lot_id=used,
        quantity=1,
        document=document,
        source=book.place("A-01", "RELEASED"),
        outcome="CONSUMED",
    )
    movement_id = movements.post(context, issue)
    edge = Edge(
        kind="consume",
        from_lot_id=used,
        to_lot_id=made,
        quantity=1,
        unit_code="ea",
        document=document,
        movement_id=movement_id,
    )
    edges.add(context, edge)


def _bring_in(context: ServiceContext, book: Book, made: UUID, number: int, width: int) -> None:
    waiting, there = book.place("Q-01", "RELEASED"), book.place("A-01", "RELEASED")
    put_away = big_book.is_put_away(number, width)
    kind = "RCV" if number < width else "PROD"
    way: list[tuple[str, Place | None, Place]] = [(kind, None, book.place("Q-01", "QUARANTINE"))]
    way.append(("STAT", book.place("Q-01", "QUARANTINE"), waiting if put_away else there))
    way.extend([("PUT", waiting, there)] if put_away else [])
    for kind, source, target in way:
        movement = Movement(
            movement_type=kind,
            lot_id=made,
            quantity=big_book.RECEIVED,
            document=Document("bench", big_book.lot_number(number)),
            source=source,
            target=target,
            reason="accepted" if kind == "STAT" else None,
        )
        movements.post(_command(context), movement)


def _command(context: ServiceContext) -> ServiceContext:
    return replace(context, command_id=context.new_id())


def rows(db: Connection) -> dict[str, list[dict[str, Any]]]:
    """Read the tables with each id told by its place in the order of its kind."""
    read = {
        table.name: [dict(row._mapping) for row in db.execute(select(table))] for table in TABLES
    }
    order: dict[str, list[UUID]] = {}
    for kind, table in (
        ("lot_id", lot),
        ("movement_id", stock_movement),
        ("edge_id", genealogy_edge),
    ):
        order[kind] = sorted(row[kind] for row in read[table.name])
    order["command_id"] = sorted({row["command_id"] for row in read["stock_movement"]})
    for row in (row for some in read.values() for row in some):
        for name, value in row.items():
            kind = SAME.get(name, name)
            if kind in order and value is not None:
                row[name] = order[kind].index(value)
        if "lot_number" in row:
            row["lot_number"] = None  # a bought lot takes the next of its series
    return {
        name: sorted(some, key=lambda row: [str(value) for value in row.values()])
        for name, some in read.items()
    }


def test_bulk_and_real_functions_write_the_same_rows(database: Database) -> None:
    book, stands_on = opened(database)
    with database.transaction() as db:
        book.context = replace(book.context, db=db)
        told(book)
        real = rows(db)  # undone
    big_book.fill(database, stands_on, LOTS)
    with database.reading() as db:
        written = rows(db)
    for table in TABLES:
        assert written[table.name] == real[table.name], table.name
    assert len(real["stock_movement"]) == LOTS * 5


def test_the_bulk_book_is_right(database: Database) -> None:
    _, stands_on = opened(database)
    big_book.fill(database, stands_on, LOTS)
    with database.reading() as db:
        assert balances.differences(db, TENANT) == []
        assert edges.link_differences(db, TENANT) == []
        assert edges.movements_without_edges(db, TENANT) == []
        of_one = mass_balance.of_lot(db, TENANT, big_book.lot_id(LOTS // 2))
        assert of_one.unexplained == 0


def test_statistics_make_no_question_read_the_whole_book(sqlite: Database) -> None:
    """SQLite builds a filter over a whole table where the tenant is a constant: see trace.reach."""
    _, stands_on = opened(sqlite)
    big_book.fill(sqlite, stands_on, 5000)
    naive = (
        "WITH RECURSIVE r(id) AS (SELECT lot_id FROM lot WHERE tenant_id = 'test' AND lot_id = x''"
        " UNION SELECT to_lot_id FROM lot_link JOIN r ON from_lot_id = r.id"
        " WHERE tenant_id = 'test') SELECT id FROM r"
    )
    with sqlite.reading() as db:
        assert "BLOOM FILTER ON lot_link" in _plan(db, naive, ())  # else this shows nothing
        plans: dict[str, str] = {}

        def heard(_db: object, _cursor: object, statement: str, asked: Any, *_: object) -> None:
            plans[statement] = _plan(db, statement, asked)

        event.listen(db, "before_cursor_execute", heard)
        last = big_book.lot_id(4999)
        scope.recall_scope(db, TENANT, [last])
        trace.backward(db, TENANT, [last])
        mass_balance.of_lot(db, TENANT, last)
        db.execute(flags.ABOVE, {"tenant_id": TENANT, "lot_ids": [last]})
        event.remove(db, "before_cursor_execute", heard)
    assert len(plans) > 8
    for statement, plan in plans.items():
        for table in (each.name for each in TABLES):
            assert f"BLOOM FILTER ON {table} " not in plan, (plan, statement)
            assert f"SCAN {table}" not in plan.splitlines(), (plan, statement)


def _plan(db: Connection, statement: str, asked: Any) -> str:
    raw: Any = db.connection.driver_connection
    return "\n".join(row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", asked))
