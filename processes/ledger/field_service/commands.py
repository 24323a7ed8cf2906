"""What the engine asks of field service by itself: the maintenance of devices that is due."""

from engine.commands.base import CommandRegistry
from processes.ledger.field_service import maintenance


def add_to(known: CommandRegistry) -> None:
    """Add the commands of field service to those that the engine knows."""
    known.register(maintenance.AskForMaintenance, maintenance.ask)
    known.periodically(maintenance.periodic())
