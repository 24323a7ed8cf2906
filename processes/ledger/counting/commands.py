"""What the engine asks of counting by itself: that a bin is counted again."""

from engine.commands.base import CommandRegistry
from processes.ledger.counting import recounts


def add_to(known: CommandRegistry) -> None:
    """Add the commands of counting to those that the engine knows."""
    known.register(recounts.AskForRecount, recounts.ask)
    known.periodically(recounts.periodic())
