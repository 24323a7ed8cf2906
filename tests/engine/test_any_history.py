"""Whatever people do, in whatever order, the record stays whole.

A machine of random commands: starting, claiming, completing, refusing, repeating, letting time
pass, failing services. After every step the trail verifies, every read model equals its rebuild,
and each instance can be put down and picked up.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.commands.process_instances import StartProcessInstance
from engine.commands.work_items import ClaimWorkItem, CompleteWorkItem, ReleaseWorkItem, SaveDraft
from engine.identifiers import new_id
from engine.outcomes import Accepted
from engine.store.database import Database
from engine.store.migration import migrate
from processes import migrations
from tests.engine.workshop import Workshop
from tests.people import BEA, BEN, CLEO, DORA

PEOPLE = (BEN, BEA, CLEO, DORA)
people = st.sampled_from(PEOPLE)
positions = st.integers(0, 5)
quantities = st.sampled_from(["0", "12.50", "1000", "1000.01", "-1", "1e3", "", "１２"])
TEMPLATE = Path(tempfile.mkdtemp(prefix="countersign-history-")) / "template.sqlite3"


def template() -> Path:
    """Make one installed database, to be copied for every history."""
    if not TEMPLATE.exists():
        database = Database(f"sqlite:///{TEMPLATE}")
        migrate(database, migrations.FOLDERS)
        Workshop(database)
        with database.reading(snapshot=False) as db:
            db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.dispose()
    return TEMPLATE


class Picked(Workshop):
    """A workshop over a copy of the installed database."""

    def add(self, person: Any) -> None:
        """Everybody is there already."""

    def installed(self) -> Any:
        from engine.assembly import assemble  # noqa: PLC0415
        from engine.commands.registry import engine_commands  # noqa: PLC0415
        from engine.services import ServiceRegistry  # noqa: PLC0415

        services = ServiceRegistry()
        services.service("toy.book")(self._book)
        self.booked = []
        return assemble(
            self.database, commands=engine_commands(), services=services, clock=self.clock
        )


class AnyHistory(RuleBasedStateMachine):
    """Random people at work."""

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="countersign-history-"))
        shutil.copy(template(), self.folder / "history.sqlite3")
        self.database = Database(f"sqlite:///{self.folder / 'history.sqlite3'}")
        self.workshop = Picked(self.database)
        self.sent: list[tuple[Any, Any, Any]] = []

    def ask(self, command: Any, person: Any) -> None:
        outcome = self.workshop.dispatcher.dispatch(command, self.workshop.actor(person))
        self.sent.append((command, person, outcome))

    def item(self, person: Any, position: int) -> Any:
        found = self.workshop.worklist(person)
        return found[position % len(found)] if found else None

    @rule(person=people, process=st.sampled_from(["toy_order", "toy_reply", "nothing"]))
    def start(self, person: Any, process: str) -> None:
        self.ask(StartProcessInstance(command_id=new_id(), process_id=process), person)

    @rule(person=people, position=positions)
    def claim(self, person: Any, position: int) -> None:
        if item := self.item(person, position):
            self.ask(ClaimWorkItem(command_id=new_id(), work_item_id=item.work_item_id), person)

    @rule(person=people, position=positions)
    def release(self, person: Any, position: int) -> None:
        if item := self.item(person, position):
            self.ask(ReleaseWorkItem(command_id=new_id(), work_item_id=item.work_item_id), person)

    @rule(person=people, position=positions, quantity=quantities, right=st.integers(0, 3))
    def complete(self, person: Any, position: int, quantity: str, right: int) -> None:
        item = self.item(person, position)
        if item is None:
            return
        data = {"lot": f"L{position}", "quantity": quantity} if item.activity.form else {}
        signature = None
        if item.activity.signature:
            password = None if right else "not it"
            signature = self.workshop.sign(item, person, data, password=password)
        command = CompleteWorkItem(
            command_id=new_id(),
            work_item_id=item.work_item_id,
            revision=item.revision if right != 1 else item.revision + 1,
            data=data,
            signature=signature,
        )
        self.ask(command, person)

    @rule(person=people, position=positions)
    def draft(self, person: Any, position: int) -> None:
        if item := self.item(person, position):
            command = SaveDraft(
                command_id=new_id(), work_item_id=item.work_item_id, data={"lot": "?"}
            )
            self.ask(command, person)

    @rule(position=st.integers(0, 100))
    def repeat(self, position: int) -> None:
        if self.sent:
            command, person, first = self.sent[position % len(self.sent)]
            again = self.workshop.dispatcher.dispatch(command, self.workshop.actor(person))
            assert again == first

    @rule(minutes=st.integers(1, 200))
    def wait(self, minutes: int) -> None:
        self.workshop.clock.advance(minutes=minutes)
        self.workshop.background.run_until_idle()

    @rule(failing=st.sampled_from(["", "", "crash", "toy.sold_out"]))
    def service(self, failing: str) -> None:
        self.workshop.failing = failing

    @invariant()
    def the_record_is_whole(self) -> None:
        if hasattr(self, "workshop"):
            report = self.workshop.verify()
            assert report.whole, report.differences

    @invariant()
    def every_acceptance_is_on_record(self) -> None:
        for command, _person, outcome in getattr(self, "sent", []):
            if isinstance(outcome, Accepted) and isinstance(command, CompleteWorkItem):
                instance = command.work_item_id.process_instance_id
                events = self.workshop.events(instance)
                assert any(
                    e["event"] == "work_item.completed"
                    and e["task_ref"] == command.work_item_id.task_ref
                    for e in events
                )

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.dispose()
            shutil.rmtree(self.folder, ignore_errors=True)


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(
    max_examples=20,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
