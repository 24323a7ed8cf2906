"""The book when it is big: a trace against the query written by hand, the freeze of a recall scope,
what a posting adds to a step, and the story in a small and in a big book (`growth.py`).

A million lots with five million movements are written into a temporary folder, once for each
database; COUNTERSIGN_BENCH_LOTS makes the book smaller for a first look (the bounds are meant for a
million). By hand: the recursive query over the same two covering indexes through the bare driver,
giving the numbers of lots and items; `…_ids_…` is the same giving nothing but ids. Traces and the
freeze are wall clock, for half of the work is the database's; postings and stories are CPU time.

The freeze is the command that does it: quality's signature that opens a recall, completed through
the dispatcher. Within its one transaction are the password's hash, the form, the trace, the hold of
every lot in reach, the lots, consignees and shipped lines that are written down, what is on its
way, and the record.
"""

import os
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from api.story import chapters
from api.story.teller import Teller
from bench import growth
from bench.bench_task import Naive
from bench.big_book import LEVELS, lot_number, seeds
from bench.company import KINDS, SITE, TENANT, Company, durable, founded, processor_of
from bench.measuring import Figures, cpu, exact, median, milliseconds, ratios, wall
from bench.product import STEPS, step_data
from engine.commands.work_items import CompleteWorkItem
from engine.services import ServiceContext
from engine.store.database import Database
from processes.ledger import locations, lots, movements
from processes.ledger.balances import Place
from processes.ledger.distribution import consignees, registrations, shipments
from processes.ledger.distribution.consignees import Licence, NewConsignee
from processes.ledger.distribution.registrations import NewRegistration
from processes.ledger.distribution.shipments import NewLine, NewShipment
from processes.ledger.field_actions import actions
from processes.ledger.field_actions import scope as reached
from processes.ledger.genealogy import trace
from processes.ledger.lots import NewLot
from processes.ledger.movements import Document, Movement

LOTS = int(os.environ.get("COUNTERSIGN_BENCH_LOTS", "1000000"))
GROWN = min(100_000, LOTS)
ROUNDS = 15
FREEZES = 3
SHIPMENTS = 500
LINES = 4
HOSPITALS = 250
LONG_AGO = timedelta(days=60)
"""When all but the last shipments left: they have arrived, the last are on their way."""
LATE = 20
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


def measure() -> Figures:
    """Measure on both databases."""
    figures: Figures = {}
    for kind in KINDS:
        with founded(kind) as company:
            figures |= _posting(company, kind)
            filled = wall(partial(company.fill, LOTS))
            figures[f"book_filled_{kind}_s"] = exact(filled, "s")
            figures |= _traces(company.database, kind)
            _ship(company)
            durable(company.database)
            figures |= _freeze(company, kind)
    return figures | growth.measure(GROWN)


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
            spent = wall(lambda: found.append(trace.forward(db, TENANT, first)))  # noqa: B023
            rows = wall(lambda: raw.execute(_BY_HAND[name] + _NUMBERS, given).fetchall())
            bare = wall(lambda: raw.execute(_BY_HAND[name] + _IDS, given).fetchall())
            touched = len(found[0].lots)
            if turn > 1:  # the first ones read the pages in
                ours.append(spent)
                numbers.append(rows)
                ids.append(bare)
    return {
        f"trace_vs_handwritten_{name}": ratios(ours, numbers),
        f"trace_vs_handwritten_ids_{name}": ratios(ours, ids),
        f"trace_{name}_ms": milliseconds(ours),
        f"trace_lots_{name}": exact(touched, "lots"),
    }


def _freeze(company: Company, kind: str) -> Figures:
    """Open a recall of the two lots from which ten thousand are made, again and again."""
    teller = company.teller
    processor = processor_of(company.database)
    taken: list[float] = []
    busy: list[float] = []
    counts: dict[str, int] = {}
    for _ in range(FREEZES):
        instance = teller.start("recall", "dora")
        command = _opening(teller, instance)
        taken.append(wall(partial(_sent, teller, command, processor, busy)))
        counts = _frozen(company, instance)
    called = "freeze_scope_s" if kind == "sqlite" else f"freeze_scope_{kind}_s"
    return {
        called: median(taken, "s"),
        f"freeze_scope_{kind}_cpu_s": median(busy, "s"),
        **{f"frozen_{what}_{kind}": exact(count, what) for what, count in counts.items()},
    }


def _sent(
    teller: Teller, command: CompleteWorkItem, processor: Callable[[], float], busy: list[float]
) -> None:
    begun = processor()
    outcome = teller.dispatcher.dispatch(command, teller.actor("dora"))
    busy.append(processor() - begun)
    teller.must(outcome, "freeze")


def _opening(teller: Teller, instance: UUID) -> CompleteWorkItem:
    """Fill in and sign what opens a recall, ready to be sent."""
    item = teller.items("Open", instance)[0]
    return teller.completion(
        item,
        "dora",
        mode="real",
        title="Screws break",
        description="Threads break under load",
        aware_at=teller.dispatcher.clock().isoformat(),
        aware_evidence="telephone call to sales",
        affected=[{"lot": lot_number(each.int & 0xFFFFFFFF)} for each in seeds(LOTS)],
    )


def _frozen(company: Company, instance: UUID) -> dict[str, int]:
    """Count what the action wrote down."""
    number = str(company.teller.variables(instance)["action"]["number"])
    with company.database.reading() as db:
        action = actions.by_number(db, TENANT, number)
        return {
            "lots": len(reached.lots_of(db, TENANT, action)),
            "holds": sum(row.holds for row in reached.extensions_of(db, TENANT, action)),
            "consignees": len(reached.consignees_of(db, TENANT, action)),
            "lines": reached.line_count(db, TENANT, action),
        }


def _posting(company: Company, kind: str) -> Figures:
    """Post movements in a transaction, against SpiffWorkflow's own cycle for one step, in turns."""
    naive = Naive()
    mine: list[float] = []
    theirs: list[float] = []
    with company.database.transaction() as db:
        context = company.at(db)
        lot_id = _received(company, context)
        for turn in range(ROUNDS * 4 + 5):
            naive.start()
            step = cpu(lambda: naive.step(step_data(STEPS[0], 1)))
            posting = cpu(lambda: _sample(company, context, lot_id), 5)
            if turn > 4:
                mine.append(posting)
                theirs.append(step)
        db.rollback()
    called = "posting_vs_naive" if kind == "sqlite" else f"posting_vs_naive_{kind}"
    return {called: ratios(mine, theirs), f"posting_{kind}_ms": milliseconds(mine)}


def _received(company: Company, context: ServiceContext) -> UUID:
    """Receive a lot into quarantine."""
    ground = company.ground
    new = NewLot(
        item_id=ground.item_id,
        item_revision=ground.item_revision,
        supplier_id=ground.supplier_id,
        supplier_lot_raw="POSTING",
    )
    lot_id = lots.receive(context, new, join_same_lot=False).lot_id
    movement = Movement(
        movement_type="RCV",
        lot_id=lot_id,
        quantity=1000,
        document=Document("receipt", "R-1"),
        target=Place(ground.quarantine_id, "QUARANTINE"),
    )
    movements.post(context, movement)
    return lot_id


def _sample(company: Company, context: ServiceContext, lot_id: UUID) -> None:
    """Post one movement as a step does: here a sample that is used up."""
    movement = Movement(
        movement_type="SAMPLE",
        lot_id=lot_id,
        quantity=1,
        document=Document("inspection", "IQC-1"),
        source=Place(company.ground.quarantine_id, "QUARANTINE"),
        outcome="SAMPLED",
    )
    movements.post(context, movement)


# --- who has what of the lots that are recalled ---------------------------------------------------


def _ship(company: Company) -> None:
    """Ship lots of the scope to hospitals, by the ledger's own functions and past its gates."""
    with company.booking() as context:
        _found_hospitals(context)
        scope = trace.forward(context.db, TENANT, seeds(LOTS)).lots
    last = [each for each in scope if _is_last(each.lot_number)][: SHIPMENTS * LINES]
    loads = [last[at : at + LINES] for at in range(0, len(last), LINES)]
    for number, load in enumerate(loads):
        if number == len(loads) - LATE:
            company.clock.advance(LONG_AGO)
        with company.booking() as context:
            _send(company, context, f"C-{number % HOSPITALS}", [each.lot_id for each in load])


def _is_last(number: str) -> bool:
    """Say whether nothing is made of a lot any more."""
    return int(number[1:]) >= LOTS // LEVELS * (LEVELS - 1)


def _found_hospitals(context: ServiceContext) -> None:
    from_then = date(2024, 1, 1)
    registration = NewRegistration(
        item_number=chapters.SCREW,
        market="CN",
        number="REG-1",
        holder="Countersign Devices",
        valid_from=from_then,
        expected_life="10 years",
    )
    registrations.register(context, registration)
    for number in range(HOSPITALS):
        licence = Licence(kind="medical_institution", number=f"L-{number}", valid_from=from_then)
        hospital = NewConsignee(
            number=f"C-{number}",
            name=f"第{number}医院",
            kind="hospital",
            country="CN",
            market="CN",
            region="华南",
            address="深圳",
            contact="设备科",
            recall_contact="设备科",
            recall_phone="1",
            licences=(licence,),
        )
        consignees.register(context, hospital)


def _send(company: Company, context: ServiceContext, to: str, lot_ids: list[UUID]) -> None:
    """Bring lots to the dock and ship them."""
    dock = locations.by_code(context.db, TENANT, "D-01").location_id
    lines = []
    for lot_id in lot_ids:
        movement = Movement(
            movement_type="PUT",
            lot_id=lot_id,
            quantity=5,
            document=Document("picking", to),
            source=Place(company.ground.released_id, "RELEASED"),
            target=Place(dock, "RELEASED"),
        )
        movements.post(context, movement)
        number = lots.find(context.db, TENANT, lot_id).number
        lines.append(NewLine(lot_number=number, location="D-01", quantity=5))
    new = NewShipment(consignee=to, order_number=f"SO-{to}", site=SITE, lines=tuple(lines))
    shipments.post(context, new)
