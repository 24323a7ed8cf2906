"""Have master data looked over again from time to time, once somebody has had it done first.

How often is the customer's to say (`run_every_hours` of `data_quality_rules`); without it the
checks run when somebody asks. When they ran last is in the book, so that a missed hour is made up.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from engine.commands.base import Command, Periodic
from engine.configuration.documents import read_documents
from engine.identifiers import derived_id
from processes.ledger.changes.tables import quality_check_run

LOOK_EVERY = timedelta(hours=1)
_LAST_RUNS = select(
    quality_check_run.c.tenant_id, func.max(quality_check_run.c.run_at).label("run_at")
).group_by(quality_check_run.c.tenant_id)


def periodic(command: type[Command]) -> Periodic:
    """Give the look that asks for the checks by this command."""

    def due(db: Connection, now: datetime) -> Iterable[tuple[str, Command]]:
        for row in db.execute(_LAST_RUNS):
            rules = read_documents(db, row.tenant_id).get("data_quality_rules", {})
            hours = rules.get("run_every_hours")
            if hours is not None and now - row.run_at >= timedelta(hours=hours):
                command_id = derived_id("data_quality", row.tenant_id, row.run_at)
                yield row.tenant_id, command(command_id=command_id)

    return Periodic(name="data_quality", every=LOOK_EVERY, due=due)
