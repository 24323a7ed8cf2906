"""Put a running engine together from its parts."""

from engine.clock import Clock, system_clock
from engine.commands.base import CommandRegistry
from engine.commands.context import Resources
from engine.definitions.catalogue import Catalogue
from engine.dispatcher import Dispatcher
from engine.identifiers import NewId, new_id
from engine.services import ServiceRegistry
from engine.store.database import Database


def assemble(
    database: Database,
    *,
    commands: CommandRegistry,
    services: ServiceRegistry,
    clock: Clock = system_clock,
    new_id: NewId = new_id,
) -> Dispatcher:
    """Give a dispatcher over `database` that knows `commands` and `services`."""
    resources = Resources(catalogue=Catalogue(), services=services, new_id=new_id)
    return Dispatcher(database, commands, resources, clock)
