"""A dock: toy processes for devices, the real process that decides conflicts, and a server that can
be stopped in the middle of its work and started again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engine.actors import engine_actor
from engine.assembly import assemble
from engine.background.work import BackgroundWork
from engine.commands.definitions import DeployDefinition
from engine.commands.process_instances import CancelProcessInstance
from engine.commands.registry import engine_commands
from engine.definitions import read_package
from engine.devices.server_key import ServerKey
from engine.dispatcher import Dispatcher
from engine.identifiers import new_id
from engine.identities.signing import SignatureRequest, record_hash
from engine.outcomes import Accepted
from engine.services import ServiceRegistry
from engine.store.database import Database
from processes.offline_conflict import handlers
from tests.engine.workshop import Workshop
from tests.people import ADA, ANN, DORA, Person
from tests.scenario import TENANT, TestClock

TOYS = Path(__file__).parent / "toys"
CONFLICTS = Path(handlers.__file__).parent
SERVER_KEY = ServerKey.new()
"""Kept with the installation, as in life: a server that starts again signs with the same."""
DECIDERS = {"Decide": DORA, "DecideSecurity": ADA, "DecideStock": ANN}


class Crash(BaseException):
    """The server's process is gone. Nothing in it can catch that."""


class Dock(Workshop):
    """The workshop with a shelf that three look at; `standing` opens one that was filled before."""

    def __init__(self, database: Database, *, standing: bool = False) -> None:
        self.failpoint: tuple[str, int] | None = None
        if not standing:
            super().__init__(database)
            return
        self.clock, self.database = TestClock(), database
        self.acts_for = None
        self.actors = {}
        self.booked = []
        self.restart()

    def installed(self) -> Dispatcher:
        super().installed()
        self.restart()
        for folder in (*sorted(TOYS.iterdir()), CONFLICTS):
            self.deploy(folder)
        return self.dispatcher

    def deploy(self, folder: Path) -> None:
        """Put the process of a folder in force."""
        command = DeployDefinition(
            command_id=new_id(), files=read_package(folder).files, process_id=folder.name
        )
        outcome = self.dispatcher.dispatch(command, engine_actor(TENANT, "test"))
        assert isinstance(outcome, Accepted), outcome

    def restart(self) -> None:
        """Start the server again: what it held in memory is gone."""
        services = ServiceRegistry()
        services.service("toy.book")(self._book)
        services.service("offline.rule")(handlers.rule)
        self.dispatcher = assemble(
            self.database,
            commands=engine_commands(),
            services=services,
            clock=self.clock,
            server_key=SERVER_KEY,
        )
        self.background = BackgroundWork(self.dispatcher)

    @contextmanager
    def crashing(self, when: str, number: int) -> Iterator[None]:
        """Stop the server `before` or `after` its commit of that number, then start it again."""
        left = number
        transaction = self.database.transaction

        @contextmanager
        def watched() -> Iterator[Connection]:
            with transaction() as db:
                commit = db.commit

                def crash() -> None:
                    nonlocal left
                    left -= 1
                    if left == 0 and when == "before":
                        raise Crash
                    commit()
                    if left == 0:
                        raise Crash

                db.commit = crash  # type: ignore[method-assign]
                yield db

        self.database.transaction = watched  # type: ignore[method-assign]
        try:
            yield
        finally:
            self.database.transaction = transaction  # type: ignore[method-assign]
            if left <= 0:
                self.restart()

    def conflicts(self) -> list[tuple[Any, Person]]:
        """List open decisions on what devices handed in, each with who decides."""
        return [
            (item, person)
            for activity, person in DECIDERS.items()
            for item in self.worklist(person)
            if item.activity_id == activity
        ]

    def decide(self, choice: str) -> int:
        """Decide everything that is open; give how much that was."""
        found = self.conflicts()
        for item, person in found:
            allowed = choice if item.activity_id == "DecideSecurity" else "keep"
            outcome = self.attempt(
                item.activity_id, person, item=item, choice=allowed, reason="Looked into", values=[]
            )
            assert isinstance(outcome, Accepted), outcome
        return len(found)

    def cancel(self, case: UUID, by: Person) -> None:
        """End a case, signed."""
        meaning = self.dispatcher.documents(TENANT)["signature_meanings"]["CLOS"]
        record = {
            "v": "1",
            "kind": "process_instance.cancelled",
            "tenant": TENANT,
            "process_instance": str(case),
            "definition": self.items(case)[0].drawn_in.hash,
            "meaning": "CLOS",
            "statement": meaning["statement"]["en"],
            "language": "en",
            "signer": by.username,
            "why": "not needed",
        }
        signature = SignatureRequest(
            username=by.username,
            password=by.password,
            meaning="CLOS",
            shown_hash=record_hash(record),
        )
        command = CancelProcessInstance(
            command_id=new_id(), process_instance_id=case, signature=signature, why="not needed"
        )
        self.must(self.ask(command, by))

    def completions(self, instance: UUID) -> list[Any]:
        """List the completions on the record of a case."""
        return [each for each in self.events(instance) if each["event"] == "work_item.completed"]
