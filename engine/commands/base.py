"""What every command is, and the list of all commands that a running engine knows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something asked of the engine. The asker makes `command_id` (UUIDv7) before sending, so
    that sending twice gives the first answer twice. `why` is the person's reason."""

    command_id: UUID
    device: str | None = None
    why: str | None = None


C = TypeVar("C", bound=Command)
CarryOut = Callable[[Any, C], Mapping[str, Any]]
Prepare = Callable[[Any, C], Any]


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


class CommandRegistry:
    """All commands by name; filled at start, read-only afterwards."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}

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

    def of(self, command: Command) -> Known:
        return self._known[type(command).__name__]

    def names(self) -> list[str]:
        return sorted(self._known)

    def type_of(self, name: str) -> type[Command] | None:
        known = self._known.get(name)
        return None if known is None else known.command_type
