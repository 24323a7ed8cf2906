"""Make an installation: tenant, configuration, processes in force; put the parts together."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine.actors import Actor, engine_actor
from engine.assembly import assemble
from engine.clock import Clock, system_clock
from engine.commands.configuration import ChangeConfiguration, create_tenant
from engine.commands.definitions import DeployDefinition
from engine.commands.registry import engine_commands
from engine.configuration.documents import read_documents
from engine.definitions import read_package
from engine.devices.server_key import ServerKey
from engine.dispatcher import Dispatcher
from engine.identifiers import NewId, new_id
from engine.outcomes import Reason, Rejected
from engine.store.database import Database
from engine.store.tables import process_definition, tenant
from processes import demo, registry
from processes.ledger import site_days
from processes.ledger.changes import affected

DEFAULTS = Path(__file__).parent.parent / "engine" / "configuration" / "defaults"
INSTALLED_BECAUSE = "Installed with the product"
ZONE = "Asia/Shanghai"


class InstallationRefused(RuntimeError):
    """Something that the product itself brings was refused; the message says which and why."""


def dispatcher(
    database: Database,
    *,
    clock: Clock = system_clock,
    new_id: NewId = new_id,
    server_key: ServerKey | None = None,
) -> Dispatcher:
    """Give a dispatcher that knows the engine's and the processes' commands and handlers."""
    commands = engine_commands()
    registry.add_commands(commands)
    return assemble(
        database,
        commands=commands,
        services=registry.services(),
        clock=clock,
        new_id=new_id,
        working_time=registry.working_time(),
        trainings=registry.trainings(),
        server_key=server_key,
    )


def prepare(dispatcher: Dispatcher, tenant_id: str, *, demo: bool) -> str:
    """Bring what is missing: tenant, documents, processes, demo data. Safe to repeat.

    Gives a sentence about what was done.
    """
    actor = engine_actor(tenant_id, "installation")
    done = []
    if _make_tenant(dispatcher, tenant_id):
        done.append("tenant made")
    written = _write_documents(dispatcher, actor)
    if written:
        done.append(f"{written} configuration documents written")
    deployed, waiting = _deploy_processes(dispatcher, actor)
    if deployed:
        done.append(f"deployed {', '.join(deployed)}")
    if waiting:
        done.append(f"waiting for a change order: {', '.join(waiting)}")
    if demo and _seed(dispatcher, tenant_id):
        done.append("demo data filled in")
    return "; ".join(done) or "nothing was missing"


def prepare_without_processes(dispatcher: Dispatcher, tenant_id: str) -> None:
    """Make tenant and configuration alone, for measurements and trials of other processes."""
    _make_tenant(dispatcher, tenant_id)
    _write_documents(dispatcher, engine_actor(tenant_id, "installation"))


def _make_tenant(dispatcher: Dispatcher, tenant_id: str) -> bool:
    with dispatcher.database.transaction() as db:
        known = db.execute(select(tenant.c.tenant_id).where(tenant.c.tenant_id == tenant_id))
        if known.one_or_none() is not None:
            return False
        create_tenant(db, tenant_id, tenant_id, ZONE, dispatcher.clock())
        # The very first document lets the installation write all others through the door.
        db.commit()
    return True


def default_documents() -> dict[str, Any]:
    """Give every configuration document that the product brings, by key."""
    documents = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(DEFAULTS.glob("*.json"))
    }
    return documents | dict(registry.documents())


def _write_documents(dispatcher: Dispatcher, actor: Actor) -> int:
    with dispatcher.database.reading() as db:
        known = set(read_documents(db, actor.tenant_id))
    documents = default_documents()
    missing = sorted(set(documents) - known, key=lambda key: (key != "permissions", key))
    for key in missing:
        command = ChangeConfiguration(
            command_id=dispatcher.resources.new_id(),
            key=key,
            document=documents[key],
            why=INSTALLED_BECAUSE,
        )
        _must(dispatcher.dispatch(command, actor), key)
    return len(missing)


def _deploy_processes(dispatcher: Dispatcher, actor: Actor) -> tuple[list[str], list[str]]:
    """Deploy each process folder whose content is not in force yet.

    Where processes are under change control and the installation is live, a new version waits for
    the change order that releases it, and the one before goes on. Gives what was deployed, and what
    waits, with the package that a change order has to name.
    """
    documents = dispatcher.documents(actor.tenant_id)
    today = site_days.day_of(documents.__getitem__, dispatcher.clock())
    with dispatcher.database.reading() as db:
        rows = db.execute(
            select(process_definition.c.definition_hash).where(
                process_definition.c.tenant_id == actor.tenant_id
            )
        )
        known = {row[0].hex() for row in rows}
    deployed, waiting = [], []
    for folder in registry.process_folders():
        package = read_package(folder)
        if package.hash in known:
            continue
        with dispatcher.database.reading() as db:
            change = affected.change_for_definition(
                db, actor.tenant_id, folder.name, package.hash, today
            )
        command = DeployDefinition(
            command_id=dispatcher.resources.new_id(),
            files=package.files,
            process_id=package.process_id,
            why=INSTALLED_BECAUSE,
            change=change,
        )
        outcome = dispatcher.dispatch(command, actor)
        if isinstance(outcome, Rejected) and outcome.reason is Reason.NOT_ALLOWED:
            waiting.append(f"{folder.name} {package.hash}")
            continue
        _must(outcome, folder.name)
        deployed.append(folder.name)
    return deployed, waiting


def _must(outcome: Any, what: str) -> None:
    if isinstance(outcome, Rejected):
        findings = "; ".join(f"{e.path}: {e.message['en']}" for e in outcome.errors)
        message = f"{what}: {outcome.message['en']} {findings}"
        raise InstallationRefused(message)


def _seed(dispatcher: Dispatcher, tenant_id: str) -> bool:
    return demo.seed(dispatcher, tenant_id)


def demo_accounts() -> list[Mapping[str, Any]]:
    """Give the demo accounts, passwords included: they are printed and shown at sign-in."""
    return demo.accounts()
