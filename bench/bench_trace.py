"""The book when it is big: a trace against the query written by hand, the freeze of a recall scope,
what a posting adds to a step, and the same work in a small and in a big book.

A million lots with five million movements are written into a temporary folder, once for each
database; COUNTERSIGN_BENCH_LOTS makes the book smaller for a first look (the bounds are meant for a
million). By hand: the recursive query over the same two covering indexes through the bare driver,
giving the numbers of lots and items; `…_ids_…` is the same giving nothing but ids. Traces and the
freeze are wall clock, for half of the work is the database's; postings and stories are CPU time.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from bench.bench_task import Naive
from bench.big_book import Ground, fill, seeds
from bench.measuring import Figure, Figures, cpu, exact, quietly, ratios
from bench.product import STEPS, step_data
from engine.actors import engine_actor
from engine.identifiers import new_id
from engine.services import ServiceContext
from engine.store.database import Database
from engine.store.migration import migrate
from processes import migrations, registry
from processes.ledger import (
    holds,
    item_registration,
    items,
    locations,
    lots,
    movements,
    packages,
    status_changes,
    suppliers,
    units,
)
from processes.ledger.balances import Place
from processes.ledger.distribution import consignees, registrations, shipments
from processes.ledger.distribution.consignees import Licence, NewConsignee
from processes.ledger.distribution.registrations import NewRegistration
from processes.ledger.distribution.shipments import NewLine, NewShipment
from processes.ledger.genealogy import flags, mass_balance, scope, trace
from processes.ledger.item_registration import Identifier, NewItem, NewPackage
from processes.ledger.locations import NewLocation
from processes.ledger.lots import NewLot
from processes.ledger.movements import Document, Movement
from processes.ledger.production import boms, work_orders
from processes.ledger.production.boms import NewBom, NewBomLine
from processes.ledger.production.work_orders import Issue, NewWorkOrder
from processes.ledger.suppliers import Supplier
from processes.ledger.units import Unit
from tests import postgresql

LOTS = int(os.environ.get("COUNTERSIGN_BENCH_LOTS", "1000000"))
FROZEN = 10_000
GROWN = 100_000
ROUNDS = 15
STORIES = 25
WARMING = 5
"""Stories told before any is measured."""
TENANT = "bench"
SITE = "SZ01"
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
_BY_HAND = {
    "sqlite": """
        WITH RECURSIVE reached(lot_id) AS (
            VALUES (?), (?)
            UNION SELECT l.to_lot_id FROM reached r
            JOIN lot_link l ON l.tenant_id = 'bench' AND l.from_lot_id = r.lot_id)
        """,
    "postgresql": """
        WITH RECURSIVE reached(lot_id) AS (
            SELECT * FROM (VALUES ($1::uuid), ($2::uuid)) AS seeds
            UNION SELECT l.to_lot_id FROM reached r
            JOIN lot_link l ON l.tenant_id = 'bench' AND l.from_lot_id = r.lot_id)
        """,
}
_IDS = "SELECT lot_id FROM reached"
_NUMBERS = """
    SELECT r.lot_id, x.lot_number, x.item_id, i.item_number FROM reached r
    JOIN lot x ON x.tenant_id = 'bench' AND x.lot_id = r.lot_id
    JOIN item i ON i.tenant_id = x.tenant_id AND i.item_id = x.item_id
    """


@dataclass(frozen=True, slots=True)
class Shop:
    """What the stories are told with: a component, a device made of two, places, a customer."""

    context: ServiceContext
    supplier: Supplier
    component_id: UUID
    places: dict[str, UUID]

    def at(self, db: Connection) -> ServiceContext:
        """Give the context of a command of its own in a transaction."""
        return replace(self.context, db=db, command_id=new_id())


def measure() -> Figures:
    """Measure on both databases."""
    figures: Figures = {}
    with _both() as databases:
        for name, database in databases:
            shop = _open(database)
            figures |= _posting(database, shop, name)
            begun = time.monotonic()
            fill(database, _ground(database, shop), LOTS)
            figures[f"book_filled_{name}_s"] = exact(time.monotonic() - begun, "s")
            figures |= _traces(database, name)
            figures |= _freeze(database, shop, name)
    figures |= _growth()
    return figures


@contextmanager
def _both() -> Iterator[list[tuple[str, Database]]]:
    """Give an empty book on each database, in temporary folders."""
    folder = Path(tempfile.mkdtemp(prefix="countersign-bench-"))
    with postgresql.server() as url:
        found = [
            ("sqlite", Database(f"sqlite:///{folder / 'book.sqlite3'}")),
            ("postgresql", Database(url)),
        ]
        try:
            yield found
        finally:
            for _, database in found:
                database.dispose()
            shutil.rmtree(folder)


# --- what is measured ---------------------------------------------------------------------------


def _traces(database: Database, name: str) -> Figures:
    """Trace forward and by hand in turns."""
    first = seeds(LOTS)
    given = [each.bytes if name == "sqlite" else each for each in first]
    ours: list[float] = []
    numbers: list[float] = []
    ids: list[float] = []
    touched = 0
    with database.reading() as db:
        raw: Any = db.connection.driver_connection
        for turn in range(ROUNDS + 2):
            found: list[trace.Trace] = []
            spent = _wall(lambda: found.append(trace.forward(db, TENANT, first)))  # noqa: B023
            rows = _wall(lambda: raw.execute(_BY_HAND[name] + _NUMBERS, given).fetchall())
            bare = _wall(lambda: raw.execute(_BY_HAND[name] + _IDS, given).fetchall())
            touched = len(found[0].lots)
            if turn > 1:  # the first ones read the pages in
                ours.append(spent)
                numbers.append(rows)
                ids.append(bare)
    return {
        f"trace_vs_handwritten_{name}": ratios(ours, numbers),
        f"trace_vs_handwritten_ids_{name}": ratios(ours, ids),
        f"trace_{name}_ms": _milliseconds(ours),
        f"trace_lots_{name}": exact(touched, "lots"),
    }


def _freeze(database: Database, shop: Shop, name: str) -> Figures:
    """Find the scope of a recall, hold ten thousand lots of it, commit."""
    begun = time.perf_counter()
    with database.transaction() as db:
        found = scope.recall_scope(db, TENANT, seeds(LOTS))
        holds.place_many(
            shop.at(db),
            [each.lot_id for each in found.lots][:FROZEN],
            kind="RECALLED",
            reason="crack",
            owner_role="QA",
            document=Document("field_action", "FA-1"),
        )
        db.commit()
    spent = time.perf_counter() - begun
    called = "freeze_scope_s" if name == "sqlite" else f"freeze_scope_{name}_s"
    return {called: exact(spent, "s"), f"frozen_{name}": exact(len(found.lots[:FROZEN]), "lots")}


def _posting(database: Database, shop: Shop, name: str) -> Figures:
    """Post movements in a transaction, against SpiffWorkflow's own cycle for one step, in turns."""
    naive = Naive()
    mine: list[float] = []
    theirs: list[float] = []
    with database.transaction() as db:
        context = shop.at(db)
        lot = _lot(context, shop, "POSTING")
        _receive(context, shop, lot.lot_id, 1000)
        for turn in range(ROUNDS * 4 + 5):
            naive.start()
            step = cpu(lambda: naive.step(step_data(STEPS[0], 1)))
            posting = cpu(lambda: _move(context, shop, lot.lot_id), 5)
            if turn > 4:
                mine.append(posting)
                theirs.append(step)
        db.rollback()
    called = "posting_vs_naive" if name == "sqlite" else f"posting_vs_naive_{name}"
    return {called: ratios(mine, theirs), f"posting_{name}_ms": _milliseconds(mine)}


def _growth() -> Figures:
    """Tell the same story in a book of ten lots and in one of a hundred thousand, in turns.

    What is compared is the time on the processor, ours and the server's: a disk and a scheduler
    that others use as well would be compared otherwise. The first stories read the pages in.
    """
    figures: Figures = {}
    for name in ("sqlite", "postgresql"):
        with _both() as one, _both() as other:
            books = [dict(one)[name], dict(other)[name]]
            shops = [_open(database) for database in books]
            for database, shop, size in zip(books, shops, (10, GROWN), strict=True):
                fill(database, _ground(database, shop), size)
            meters = [_meter(database) for database in books]
            spent: tuple[list[float], list[float]] = ([], [])
            for turn in range(STORIES + WARMING):
                for each in (0, 1) if turn % 2 else (1, 0):
                    taken = meters[each](partial(_tell, books[each], shops[each]))
                    if turn >= WARMING:
                        spent[each].append(taken)
        called = "story_growth" if name == "sqlite" else f"story_growth_{name}"
        figures[called] = ratios(spent[1], spent[0])
        figures[f"story_{name}_ms"] = _milliseconds(spent[1])
    return figures


def _meter(database: Database) -> Callable[[Callable[[], object]], float]:
    """Give what tells the seconds on the processor that a call takes us and the server together.

    The server's are those of the process that serves our one connection, in nanoseconds as Linux
    counts them; where it does not tell, ours alone count.
    """
    counted: Path | None = None
    if not database.is_sqlite:
        with database.transaction() as db:
            serving = db.execute(text("SELECT pg_backend_pid()")).scalar_one()
        counted = Path(f"/proc/{serving}/schedstat")

    def theirs() -> float:
        if counted is None or not counted.exists():
            return 0.0
        return int(counted.read_text().split()[0]) / 1e9

    def measure(action: Callable[[], object]) -> float:
        spent = 0.0

        def timed() -> None:
            nonlocal spent
            begun = theirs() + time.process_time()
            action()
            spent = theirs() + time.process_time() - begun

        quietly(timed)
        return spent

    return measure


def _tell(database: Database, shop: Shop) -> None:
    """Buy, release, make, ship, trace and hold: a transaction each, as steps of processes are."""
    for step in _story(shop):
        with database.transaction() as db:
            step(shop.at(db))
            db.commit()


def _story(shop: Shop) -> Iterator[Callable[[ServiceContext], None]]:
    told: dict[str, Any] = {}

    def buy(context: ServiceContext) -> None:
        told["part"] = _lot(context, shop, f"S{new_id().hex[-12:]}")
        _receive(context, shop, told["part"].lot_id, 10)

    def accept(context: ServiceContext) -> None:
        _accept(context, shop, told["part"], 10, "A-01")

    def make(context: ServiceContext) -> None:
        order = work_orders.release(
            context,
            NewWorkOrder(
                item_number="DEVICE-1",
                quantity=Decimal(5),
                site=SITE,
                planned_start=NOW.date(),
                planned_end=NOW.date(),
                expiry=NOW.date() + timedelta(days=700),
            ),
        )
        given = Issue(lot_number=told["part"].number, location="A-01", quantity=10)
        work_orders.issue(context, order.number, given)
        work_orders.output(context, order.number, quantity=5, location="Q-01")
        told["made"] = lots.find(context.db, TENANT, order.lot_id)

    def release(context: ServiceContext) -> None:
        _accept(context, shop, told["made"], 5, "D-01")

    def ship(context: ServiceContext) -> None:
        line = NewLine(lot_number=told["made"].number, location="D-01", quantity=3)
        new = NewShipment(consignee="C-1", order_number="SO-1", site=SITE, lines=(line,))
        shipments.post(context, new)

    def recall(context: ServiceContext) -> None:
        found = scope.recall_scope(context.db, TENANT, [told["part"].lot_id])
        flags.require_free(context.db, TENANT, told["made"].lot_id, told["made"].number)
        balance = mass_balance.of_lot(context.db, TENANT, told["made"].lot_id)
        assert (len(found.lots), len(found.shipped), balance.unexplained) == (2, 1, 0)
        holds.place_many(
            context,
            [each.lot_id for each in found.lots],
            reason="crack",
            owner_role="QA",
            document=Document("field_action", "FA-2"),
        )

    yield from (buy, accept, make, release, ship, recall)


# --- the ground that the books stand on ---------------------------------------------------------


def _open(database: Database) -> Shop:
    """Make the tables and the little that the stories need."""
    migrate(database, migrations.FOLDERS)
    with database.transaction() as db:
        shop = _furnish(_context(db))
        db.commit()
    return shop


def _context(db: Connection) -> ServiceContext:
    actor = replace(engine_actor(TENANT, "bench"), roles=frozenset({"QA", "WH", "RA", "PRD"}))
    return ServiceContext(
        db=db,
        tenant_id=TENANT,
        now=NOW,
        actor=actor,
        command_id=new_id(),
        process_instance_id=None,
        activity_id=None,
        record=lambda _event: None,
        configuration=registry.documents().__getitem__,
        new_id=new_id,
        signatures=("REL",),
    )


def _furnish(context: ServiceContext) -> Shop:
    units.register(context, [Unit(code="ea", names={"en": "each", "zh": "件"}, decimals=0)])
    component_id, _ = item_registration.register(
        context, [_item("PART-1", "component"), _item("DEVICE-1", "finished", "0" * 14)]
    )
    places = {}
    for code, zone in {"Q-01": "quarantine", "A-01": "released", "D-01": "shipping"}.items():
        new = NewLocation(code=code, names={"en": code, "zh": code}, site=SITE, zone=zone)
        places[code] = locations.register(context, new)
    names = {"en": "Supplier", "zh": "供应商"}
    suppliers.register(context, "S-1", names, country="CN", status="approved")
    line = NewBomLine(component="PART-1", quantity=Decimal(2))
    boms.register(
        context,
        NewBom(
            item_number="DEVICE-1",
            item_revision="A",
            version=1,
            effective_from=date(2024, 1, 1),
            change_reason="first release",
            approved_by=("bench",),
            lines=(line,),
        ),
    )
    _sell(context)
    return Shop(context, suppliers.by_number(context.db, TENANT, "S-1"), component_id, places)


def _sell(context: ServiceContext) -> None:
    """Let the device be sold in China, and a hospital buy it."""
    registrations.register(
        context,
        NewRegistration(
            item_number="DEVICE-1",
            market="CN",
            number="REG-1",
            holder="Countersign Devices",
            valid_from=date(2024, 1, 1),
        ),
    )
    licence = Licence(kind="medical_institution", number="L-1", valid_from=date(2024, 1, 1))
    consignees.register(
        context,
        NewConsignee(
            number="C-1",
            name="第一医院",
            kind="hospital",
            country="CN",
            market="CN",
            region="华南",
            address="深圳",
            contact="设备科",
            recall_contact="设备科",
            recall_phone="1",
            licences=(licence,),
        ),
    )


def _item(number: str, item_type: str, identifier: str | None = None) -> NewItem:
    identifiers = (
        () if identifier is None else (Identifier(issuing_agency="GS1", value=identifier),)
    )
    return NewItem(
        number=number,
        names={"en": number, "zh": number},
        item_type=item_type,
        criticality="B",
        tracking="lot",
        unit_code="ea",
        status="released",
        model="M1",
        catalogue_number=number,
        packages=(NewPackage(name="each", identifiers=identifiers),),
    )


def _ground(database: Database, shop: Shop) -> Ground:
    with database.reading() as db:
        return Ground(
            tenant_id=TENANT,
            item_id=shop.component_id,
            item_revision=items.effective_revision(
                db, TENANT, items.find(db, TENANT, shop.component_id), NOW.date()
            ),
            supplier_id=shop.supplier.supplier_id,
            package_level_id=packages.of_item(db, TENANT, shop.component_id)[0].package_level_id,
            quarantine_id=shop.places["Q-01"],
            released_id=shop.places["A-01"],
        )


def _lot(context: ServiceContext, shop: Shop, supplier_lot: str) -> lots.Lot:
    new = NewLot(
        item_id=shop.component_id,
        item_revision="A",
        supplier_id=shop.supplier.supplier_id,
        supplier_lot_raw=supplier_lot,
    )
    return lots.receive(context, new, join_same_lot=False)


def _receive(context: ServiceContext, shop: Shop, lot_id: UUID, quantity: int) -> None:
    movement = Movement(
        movement_type="RCV",
        lot_id=lot_id,
        quantity=quantity,
        document=Document("receipt", "R-1"),
        target=Place(shop.places["Q-01"], "QUARANTINE"),
    )
    movements.post(context, movement)


def _accept(context: ServiceContext, shop: Shop, lot: lots.Lot, quantity: int, where: str) -> None:
    place = Place(shop.places["Q-01"], "QUARANTINE")
    document = Document("inspection", "IQC-1")
    status_changes.change(
        context, lot, place, "RELEASED", quantity, reason="accepted", document=document
    )
    movement = Movement(
        movement_type="PUT",
        lot_id=lot.lot_id,
        quantity=quantity,
        document=document,
        source=Place(shop.places["Q-01"], "RELEASED"),
        target=Place(shop.places[where], "RELEASED"),
    )
    movements.post(context, movement)


def _move(context: ServiceContext, shop: Shop, lot_id: UUID) -> None:
    """Post one movement as a step does: here a sample that is used up."""
    movement = Movement(
        movement_type="SAMPLE",
        lot_id=lot_id,
        quantity=1,
        document=Document("inspection", "IQC-1"),
        source=Place(shop.places["Q-01"], "QUARANTINE"),
        outcome="SAMPLED",
    )
    movements.post(context, movement)


def _wall(action: Callable[[], object]) -> float:
    """Give the seconds that a call takes by the clock on the wall, with no garbage collected."""
    spent = 0.0

    def timed() -> None:
        nonlocal spent
        begun = time.perf_counter()
        action()
        spent = time.perf_counter() - begun

    quietly(timed)
    return spent


def _milliseconds(seconds: list[float]) -> Figure:
    ordered = sorted(1000 * value for value in seconds)
    quarter = len(ordered) // 4
    return {
        "value": ordered[len(ordered) // 2],
        "low": ordered[quarter],
        "high": ordered[-1 - quarter],
        "unit": "ms",
    }
