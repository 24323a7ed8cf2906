"""The variables that a work item sees: the case document, and what only this pass through it sees.

A form needs the element of a multi-instance activity (the characteristic to be measured) to show
its limits, and so does the person who signs it: they lie in the saved state, not in the document.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from engine.commands.instance import called_by, decode_variables, definitions_of
from engine.commands.work_item_id import WorkItemId
from engine.definitions.catalogue import Catalogue
from engine.execution import Runtime, device_state, load_program
from engine.store.base import AnyRow
from engine.store.tables import process_instance
from engine.working_time import WorkingDays

_INSTANCE = (
    select(
        process_instance.c.definition_hash,
        process_instance.c.state,
        process_instance.c.variables,
    )
    .where(process_instance.c.tenant_id == bindparam("tenant_id"))
    .where(process_instance.c.process_instance_id == bindparam("process_instance_id"))
)


@dataclass(frozen=True, slots=True)
class _Reader:
    """A host that lets an instance be looked at, and nothing be done in it."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def after_working_days(self, limit: WorkingDays) -> datetime:
        message = f"an instance that is only read waits {limit.days} working days"
        raise AssertionError(message)

    def call_service(
        self, handler: str, activity_id: str, inputs: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        del activity_id, inputs
        message = f"an instance that is only read called {handler}"
        raise AssertionError(message)

    def activity_completed(self, activity_id: str, visit: int) -> None:
        """Nothing is completed by looking."""


def case_of_item(
    db: Connection, catalogue: Catalogue, tenant_id: str, item_id: WorkItemId, at: datetime
) -> dict[str, Any]:
    """Give the variables as a work item sees them; of a closed one, the case document."""
    row = _row(db, tenant_id, item_id.process_instance_id)
    runtime = _runtime(db, catalogue, tenant_id, row, at)
    if runtime is None:
        return decode_variables(row.variables)
    for activity in runtime.open_activities():
        if activity.task_ref == item_id.task_ref:
            return {**runtime.variables, **activity.locals}
    return runtime.variables


def state_for_device(
    db: Connection, catalogue: Catalogue, tenant_id: str, process_instance_id: UUID, at: datetime
) -> dict[str, Any] | None:
    """Give what a device needs to run the open steps of an instance ahead of the server
    (engine/execution/ahead.py); None of one that is over."""
    row = _row(db, tenant_id, process_instance_id)
    runtime = _runtime(db, catalogue, tenant_id, row, at)
    return None if runtime is None else device_state(runtime)


def _row(db: Connection, tenant_id: str, process_instance_id: UUID) -> AnyRow:
    key = {"tenant_id": tenant_id, "process_instance_id": process_instance_id}
    return db.execute(_INSTANCE, key).one()


def _runtime(
    db: Connection, catalogue: Catalogue, tenant_id: str, row: AnyRow, at: datetime
) -> Runtime | None:
    """Load an instance to be looked at; None when it is over."""
    if row.state is None:
        return None
    deployed = catalogue.deployed(db, tenant_id, row.definition_hash)
    definitions = definitions_of(db, catalogue, tenant_id, deployed)
    program = load_program(deployed.definition, called=called_by(definitions, deployed))
    return Runtime.restore(program, row.state, decode_variables(row.variables), _Reader(at))
