"""What can be asked of production itself: nothing but to book a generated data set."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.commands.base import Command, CommandRegistry
from engine.commands.context import CommandContext
from processes.ledger.commands import ledger_context
from processes.ledger.production import acts


@dataclass(frozen=True, slots=True, kw_only=True)
class BookGenerated(Command):
    """Book the next acts of a generated data set; only the engine asks, on a new installation."""

    acts: tuple[Mapping[str, Any], ...]


def add_to(known: CommandRegistry) -> None:
    """Add the commands of production to those that the engine knows."""
    known.register(BookGenerated, _book)


def _book(context: CommandContext, command: BookGenerated) -> Mapping[str, Any]:
    return {"made": acts.carry_out(ledger_context(context), command.acts)}
