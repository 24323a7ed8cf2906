"""A process that is killed while it completes a work item: run by test_killed.py.

Arguments: database URL, the moment ("before commit" or "after commit"), the command as JSON.
"""

import json
import os
import sys
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engine.assembly import assemble
from engine.commands.registry import engine_commands
from engine.commands.work_item_id import WorkItemId
from engine.commands.work_items import CompleteWorkItem
from engine.identities import accounts
from engine.identities.signing import SignatureRequest
from engine.services import ServiceRegistry
from engine.store.database import Database
from tests.scenario import TENANT, TestClock


def main() -> None:
    url, moment, written = sys.argv[1:4]
    asked: dict[str, Any] = json.loads(written)
    services = ServiceRegistry()
    services.service("toy.book")(lambda _context, inputs: {"total": inputs["quantity"]})
    database = Database(url)
    dispatcher = assemble(
        database, commands=engine_commands(), services=services, clock=TestClock()
    )
    with database.reading() as db:
        account = accounts.find_by_username(db, TENANT, asked["by"])
    assert account is not None
    command = CompleteWorkItem(
        command_id=UUID(asked["command_id"]),
        work_item_id=WorkItemId.parse(asked["work_item_id"]),
        revision=asked["revision"],
        data=asked["data"],
        signature=SignatureRequest(**asked["signature"]),
    )
    real = Connection.commit

    def killed(connection: Connection) -> None:
        if moment == "after commit":
            real(connection)
        os._exit(9)

    Connection.commit = killed  # type: ignore[assignment,method-assign]
    dispatcher.dispatch(command, account.actor())


if __name__ == "__main__":
    main()
