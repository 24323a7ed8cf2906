"""Put a running engine together from its parts."""

from engine.clock import Clock, system_clock
from engine.commands.base import CommandRegistry
from engine.commands.context import Resources
from engine.definitions.catalogue import Catalogue
from engine.devices.server_key import ServerKey
from engine.dispatcher import Dispatcher
from engine.identifiers import NewId, new_id
from engine.services import ServiceRegistry
from engine.store.database import Database
from engine.trainings import NoTrainings, Trainings
from engine.working_time import EveryDay, WorkingTime


def assemble(
    database: Database,
    *,
    commands: CommandRegistry,
    services: ServiceRegistry,
    clock: Clock = system_clock,
    new_id: NewId = new_id,
    working_time: WorkingTime | None = None,
    trainings: Trainings | None = None,
    server_key: ServerKey | None = None,
) -> Dispatcher:
    """Give a dispatcher over `database` that knows `commands` and `services`.

    `working_time` says which days are worked; without it all are. `trainings` knows who is
    trained in what; without it nobody may do a step that asks for a training. `server_key` signs
    receipts of what devices hand in; without it, a key of this process only.
    """
    resources = Resources(
        catalogue=Catalogue(),
        services=services,
        new_id=new_id,
        working_time=working_time or EveryDay(),
        trainings=trainings or NoTrainings(),
        server_key=server_key or ServerKey.new(),
    )
    return Dispatcher(database, commands, resources, clock)
