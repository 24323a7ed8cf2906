"""Look from time to time for commands that have come due; the engine does not know what about.

A part of the product registers a look (`CommandRegistry.periodically`): a reading that names
commands. What is due lies in that part's own tables, so that an hour that was missed is caught up,
and a command's id is made from what it is for, so that two nodes do it once. What was refused is
asked again later, under a new id, and takes nobody's turn meanwhile.
"""

import logging
from dataclasses import replace
from datetime import datetime
from itertools import islice

from engine.actors import engine_actor
from engine.background.setbacks import Setbacks
from engine.commands.base import Periodic
from engine.dispatcher import Dispatcher
from engine.outcomes import Rejected

logger = logging.getLogger(__name__)

BATCH = 200


class PeriodicLooks:
    """The looks of one node, with when each was last made; losing that only makes one early."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._looked: dict[str, datetime] = {}
        self._refused = Setbacks()

    def run(self, now: datetime) -> int:
        """Make the looks whose time has come; give the number of commands that were carried out."""
        return sum(
            self._look(each, now)
            for each in self._dispatcher.commands.periodic
            if each.name not in self._looked or now - self._looked[each.name] >= each.every
        )

    def _look(self, look: Periodic, now: datetime) -> int:
        self._looked[look.name] = now
        with self._dispatcher.database.reading() as db:
            ready = (
                (tenant_id, command)
                for tenant_id, command in look.due(db, now)
                if not self._refused.waits(command.command_id, now)
            )
            due = list(islice(ready, BATCH))
        done = 0
        for tenant_id, command in due:
            what = command.command_id
            again = replace(command, command_id=self._refused.attempt_id(what, what))
            outcome = self._dispatcher.dispatch(again, engine_actor(tenant_id, look.name))
            if isinstance(outcome, Rejected):
                logger.warning("%s: %s", look.name, outcome.message.get("en", outcome.reason))
                self._refused.failed(what, now)
                continue
            self._refused.settled(what)
            done += 1
        if done or len(due) == BATCH:
            del self._looked[look.name]  # a batch may not have been all of it, or led to more
        return done
