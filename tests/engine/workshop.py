"""A small engine with toy processes and a service that can be told to fail."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import text, update

from api import installation
from engine.actors import engine_actor
from engine.assembly import assemble
from engine.commands.definitions import DeployDefinition
from engine.commands.registry import engine_commands
from engine.definitions import read_package
from engine.dispatcher import Dispatcher
from engine.identifiers import new_id
from engine.outcomes import Accepted, Reason, Rejection
from engine.services import BpmnError, ServiceContext, ServiceRegistry
from engine.store.tables import process_instance
from tests.scenario import TENANT, Scenario

TOYS = Path(__file__).parent / "toys"


class Workshop(Scenario):
    """Toy processes instead of the product's. `failing` makes the service fail: "crash" for an
    unexpected error, "refuse" for a refusal, another code for an outcome that no boundary event
    draws; "overtaken" for another writer who is faster each time, "constraint" for a database that
    refuses a value and "statement" for one that knows no such column; `failing_for` limits that to
    one lot."""

    failing = ""
    failing_for = ""

    def installed(self) -> Dispatcher:
        services = ServiceRegistry()
        services.service("toy.book")(self._book)
        self.booked: list[Mapping[str, Any]] = []
        dispatcher = assemble(
            self.database, commands=engine_commands(), services=services, clock=self.clock
        )
        installation.prepare_without_processes(dispatcher, TENANT)
        for folder in sorted(TOYS.iterdir()):
            command = DeployDefinition(
                command_id=new_id(), files=read_package(folder).files, process_id=folder.name
            )
            outcome = dispatcher.dispatch(command, engine_actor(TENANT, "test"))
            assert isinstance(outcome, Accepted), outcome
        return dispatcher

    def _book(self, context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        context.record({"event": "toy.booked", "lot": inputs["lot"]})
        fails = self.failing_for in ("", inputs["lot"])
        if fails and self.failing == "crash":
            message = "the shelf fell down"
            raise RuntimeError(message)
        if fails and self.failing == "refuse":
            raise Rejection(
                Reason.INVALID_STATE,
                {"en": "The shelf is locked. Unlock it.", "zh": "货架已锁，请先解锁。"},
            )
        if fails and self.failing == "overtaken":
            here = process_instance.c.process_instance_id == context.process_instance_id
            moved = update(process_instance).where(here)
            context.db.execute(moved.values(audit_seq=process_instance.c.audit_seq + 1))
            return {"total": inputs["quantity"]}
        if fails and self.failing == "constraint":
            wrong = {"status": f"of {inputs['lot']}"}
            context.db.execute(update(process_instance).values(wrong))
        if fails and self.failing == "statement":
            context.db.execute(text("SELECT shelf FROM process_instance"))
        if fails and self.failing:
            raise BpmnError(self.failing)
        self.booked.append(inputs)
        return {"total": inputs["quantity"]}
