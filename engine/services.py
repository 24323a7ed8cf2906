"""Service tasks: named operations that a process offers to its diagram.

A handler runs inside the command's transaction: it writes with the given connection, records what
it did, leaves the network to the outbox, and never commits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engine.actors import Actor
from engine.execution.host import BpmnError

__all__ = ["BpmnError", "Service", "ServiceContext", "ServiceRegistry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceContext:
    """What a handler may touch, for the length of one command.

    `record(event)` adds an audited event to the command's entry; an event is a dict with the key
    "event" ("lot.released") and JSON-able values, decimals included. `configuration(key)` gives the
    customer's document in force. `new_id` makes ids. `signatures` are the meanings signed in this
    very command ("REL"), so that a handler can insist on one before it changes the book (INV-17).
    `performed_at` is when a device that works without a connection says that it was done, within
    what the server knows; None where it is done now.
    """

    db: Connection
    tenant_id: str
    now: datetime
    actor: Actor
    command_id: UUID
    process_instance_id: UUID | None
    activity_id: str | None
    record: Callable[[dict[str, Any]], None]
    configuration: Callable[[str], Any]
    new_id: Callable[[], UUID]
    signatures: tuple[str, ...] = ()
    performed_at: datetime | None = None


Service = Callable[[ServiceContext, Mapping[str, Any]], Mapping[str, Any]]


class ServiceRegistry:
    """The handlers by name; filled at start by processes/registry.py, read-only afterwards."""

    def __init__(self) -> None:
        self._services: dict[str, Service] = {}

    def service(self, name: str) -> Callable[[Service], Service]:
        """Register the decorated function under `name` ("lots.release"); a name once only."""

        def register(function: Service) -> Service:
            if name in self._services:
                message = f"two handlers are called {name!r}; give one of them another name"
                raise ValueError(message)
            self._services[name] = function
            return function

        return register

    def include(self, other: "ServiceRegistry") -> None:
        """Take over all handlers of `other`; the same name twice is an error."""
        for name, function in other._services.items():  # noqa: SLF001  # of the same class
            self.service(name)(function)

    def names(self) -> frozenset[str]:
        return frozenset(self._services)

    def __getitem__(self, name: str) -> Service:
        return self._services[name]
