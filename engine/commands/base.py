"""What every command is, and the list of all commands that a running engine knows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something asked of the engine. The asker makes `command_id` (UUIDv7) before sending, so
    that sending twice gives the first answer twice. `why` is the person's reason, `change` the
    number of the change order that it is done under, where it takes one."""

    command_id: UUID
    device: str | None = None
    why: str | None = None
    change: str | None = None


C = TypeVar("C", bound=Command)
CarryOut = Callable[[Any, C], Mapping[str, Any]]
Prepare = Callable[[Any, C], Any]
Around = Callable[[Any, Any, CarryOut[Any]], Mapping[str, Any]]
"""Called with context, command and what carries it out: refuses, or calls that itself."""


@dataclass(frozen=True, slots=True)
class Known:
    """A command the engine knows: its type, how it is carried out, and what is done before the
    transaction opens (password hashing, compiling: slow work that needs no write lock)."""

    command_type: type[Command]
    carry_out: CarryOut[Any]
    prepare: Prepare[Any] | None

    @property
    def name(self) -> str:
        return self.command_type.__name__


DueCommands = Callable[[Connection, datetime], Iterable[tuple[str, Command]]]


@dataclass(frozen=True, slots=True)
class Periodic:
    """A look at what has come due, made by the background work at most once in `every`.

    `due(db, now)` reads and names tenants with commands, all that are due, the oldest first,
    each command with an id made from what it is for (identifiers.derived_id): asked twice, it is
    carried out once. The commands are given by the engine's actor `name`, a batch at a time. What
    was refused keeps no other from its turn: it is asked again later, under an id of its own.
    """

    name: str
    every: timedelta
    due: DueCommands


class CommandRegistry:
    """All commands by name, and what is looked for from time to time; read-only after the start."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}
        self.periodic: list[Periodic] = []
        self._around: dict[str, Around] = {}

    def register(
        self,
        command_type: type[C],
        carry_out: CarryOut[C],
        prepare: Prepare[C] | None = None,
    ) -> None:
        """Add a command; a name once only."""
        known = Known(command_type, carry_out, prepare)
        if known.name in self._known:
            message = f"two commands are called {known.name}"
            raise ValueError(message)
        self._known[known.name] = known
        if known.name in self._around:
            self._known[known.name] = _surrounded(known, self._around[known.name])

    def surround(self, name: str, around: Around) -> None:
        """Have `around` called in place of a command, known already or registered later: so the
        business sets a condition on a command of the engine. Once for each name."""
        if name in self._around:
            message = f"two conditions are set on {name}"
            raise ValueError(message)
        self._around[name] = around
        if name in self._known:
            self._known[name] = _surrounded(self._known[name], around)

    def periodically(self, look: Periodic) -> None:
        """Let the background work look for commands that have come due."""
        self.periodic.append(look)

    def of(self, command: Command) -> Known:
        return self._known[type(command).__name__]

    def names(self) -> list[str]:
        return sorted(self._known)

    def type_of(self, name: str) -> type[Command] | None:
        known = self._known.get(name)
        return None if known is None else known.command_type


def _surrounded(known: Known, around: Around) -> Known:
    inner = known.carry_out

    def carry_out(context: Any, command: Any) -> Mapping[str, Any]:
        return around(context, command, inner)

    return replace(known, carry_out=carry_out)
