"""The company that the book's figures are measured in: a real installation, with the demo's people,
items and plans, on a database of its own; its book is then filled with as many lots as wanted.

The lots are of the very item that the story buys, from the supplier that it buys from, at the place
where it stores them: nothing that a step looks up is spared the size of the book.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, text

from api import installation
from api.story import chapters
from api.story.teller import Teller
from bench.big_book import Ground, fill
from engine.actors import engine_actor
from engine.commands.configuration import ChangeConfiguration
from engine.dispatcher import Dispatcher
from engine.identifiers import new_id
from engine.outcomes import Accepted
from engine.services import ServiceContext
from engine.store.database import Database
from engine.store.migration import migrate
from processes import migrations, registry
from processes.ledger import items, locations, packages, suppliers
from tests import postgresql

TENANT = "bench"
SITE = "SZ01"
KINDS = ("sqlite", "postgresql")


class Clock:
    """Time that passes when the bench says so."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, length: timedelta) -> None:
        self.now += length


@dataclass(frozen=True, slots=True)
class Company:
    """An installation, the people who work in it, and what its lots stand on."""

    database: Database
    clock: Clock
    teller: Teller
    ground: Ground

    def at(self, db: Connection) -> ServiceContext:
        """Give the context of a command of its own in a transaction, outside any process."""
        actor = replace(engine_actor(TENANT, "bench"), roles=frozenset({"QA", "WH", "RA", "PRD"}))
        return ServiceContext(
            db=db,
            tenant_id=TENANT,
            now=self.clock(),
            actor=actor,
            command_id=new_id(),
            process_instance_id=None,
            activity_id=None,
            record=lambda _event: None,
            configuration=registry.documents().__getitem__,
            new_id=new_id,
            signatures=("REL",),
        )

    @contextmanager
    def booking(self) -> Iterator[ServiceContext]:
        """Give a transaction on the book, and commit it."""
        with self.database.transaction() as db:
            yield self.at(db)
            db.commit()

    def fill(self, lots: int) -> None:
        """Write so many lots into the book."""
        fill(self.database, self.ground, lots)


@contextmanager
def founded(kind: str) -> Iterator[Company]:
    """Give the company on an empty database of a kind, in a temporary folder."""
    with ExitStack() as stack:
        if kind == "sqlite":
            folder = Path(tempfile.mkdtemp(prefix="countersign-bench-"))
            stack.callback(shutil.rmtree, folder)
            database = Database(f"sqlite:///{folder / 'book.sqlite3'}")
        else:
            database = Database(stack.enter_context(postgresql.server()))
        stack.callback(database.dispose)
        yield _install(database)


def _install(database: Database) -> Company:
    migrate(database, migrations.FOLDERS)
    clock = Clock()
    dispatcher = installation.dispatcher(database, clock=clock)
    installation.prepare(dispatcher, TENANT, demo=True)
    _go_on_inspecting(dispatcher)
    teller = Teller(dispatcher, TENANT, lambda _line: None)
    chapters.found_the_company(teller)
    with database.reading() as db:
        ground = _ground(db, clock.now.date())
    return Company(database, clock, teller, ground)


def _go_on_inspecting(dispatcher: Dispatcher) -> None:
    """Never discontinue inspection: the story rejects a lot at each telling, and the dock would be
    closed to its supplier after the sixth (IQ-03)."""
    rules = dict(dispatcher.documents(TENANT)["inspection_rules"])
    rules["switching"] = {**rules["switching"], "tightened_rejected": 1_000}
    command = ChangeConfiguration(
        command_id=new_id(),
        key="inspection_rules",
        document=rules,
        why="the bench tells its story many times",
    )
    outcome = dispatcher.dispatch(command, engine_actor(TENANT, "bench"))
    assert isinstance(outcome, Accepted), outcome


def _ground(db: Connection, today: date) -> Ground:
    item = items.by_number(db, TENANT, chapters.SCREW)
    return Ground(
        tenant_id=TENANT,
        item_id=item.item_id,
        item_revision=items.effective_revision(db, TENANT, item, today),
        supplier_id=suppliers.by_number(db, TENANT, "S-1001").supplier_id,
        package_level_id=packages.of_item(db, TENANT, item.item_id)[0].package_level_id,
        quarantine_id=locations.by_code(db, TENANT, "Q-01").location_id,
        released_id=locations.by_code(db, TENANT, "A-01-01").location_id,
    )


def durable(database: Database) -> None:
    """Let a server of the tests keep what it commits, as one in use does."""
    if database.is_sqlite:
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            db.execute(text(f"ALTER SYSTEM SET {setting} = on"))
        db.execute(text("SELECT pg_reload_conf()"))
        db.execute(text("CHECKPOINT"))


_SERVING = text(
    "SELECT pid FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND datname = current_database()"
)


def processor_of(database: Database) -> Callable[[], float]:
    """Give what tells the seconds on the processor that we and the server have taken so far.

    The server's are those of the processes that serve our connections, in nanoseconds as Linux
    counts them; where it does not tell, ours alone count.
    """

    def theirs() -> float:
        with database.reading(snapshot=False) as db:
            counted = [Path(f"/proc/{pid}/schedstat") for pid in db.execute(_SERVING).scalars()]
        return sum(int(each.read_text().split()[0]) / 1e9 for each in counted if each.exists())

    ours = time.process_time
    return ours if database.is_sqlite else lambda: ours() + theirs()
