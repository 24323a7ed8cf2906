"""What can be asked about changes outside their process: an authority's answer, data findings."""

from engine.commands.base import CommandRegistry
from processes.ledger.changes import control


def add_to(known: CommandRegistry) -> None:
    """Add the commands of change control, and put what is released under it."""
    control.guard(known)
