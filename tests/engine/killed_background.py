"""A process that is killed while its background work fails: run by test_deliveries.py.

Arguments: database URL, what to do as JSON: the work item to complete, how the handler fails, and
before which commit (counted from 1) the process dies.
"""

import json
import os
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

from sqlalchemy import Connection

from engine.assembly import assemble
from engine.background.work import BackgroundWork
from engine.commands.registry import engine_commands
from engine.commands.work_item_id import WorkItemId
from engine.commands.work_items import CompleteWorkItem
from engine.identifiers import new_id
from engine.identities import accounts
from engine.outcomes import Reason, Rejection
from engine.services import ServiceContext, ServiceRegistry
from engine.store.database import Database
from tests.scenario import TENANT, TestClock


def main() -> None:
    url, written = sys.argv[1:3]
    asked: dict[str, Any] = json.loads(written)

    def book(context: ServiceContext, inputs: Mapping[str, Any]) -> NoReturn:
        del context, inputs
        if asked["failing"] == "crash":
            raise RuntimeError
        raise Rejection(Reason.INVALID_STATE, {"en": "The shelf is locked.", "zh": "货架已锁。"})

    services = ServiceRegistry()
    services.service("toy.book")(book)
    database = Database(url)
    dispatcher = assemble(
        database, commands=engine_commands(), services=services, clock=TestClock()
    )
    with database.reading() as db:
        account = accounts.find_by_username(db, TENANT, "ben")
    assert account is not None
    real = Connection.commit
    left = int(asked["commits"])

    def counted(connection: Connection) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os._exit(9)
        real(connection)

    Connection.commit = counted  # type: ignore[assignment,method-assign]
    command = CompleteWorkItem(
        command_id=new_id(), work_item_id=WorkItemId.parse(asked["work_item_id"]), revision=1
    )
    dispatcher.dispatch(command, account.actor())
    BackgroundWork(dispatcher).run_until_idle()


if __name__ == "__main__":
    main()
