"""Released master data, rules and processes change only through a change order."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api import installation
from engine.actors import Actor, engine_actor
from engine.commands.base import Command
from engine.commands.configuration import ChangeConfiguration
from engine.commands.context import CommandContext
from engine.commands.definitions import DeployDefinition
from engine.definitions import read_package
from engine.dispatcher import Dispatcher
from engine.identifiers import new_id
from engine.outcomes import Accepted, Outcome, Reason, Rejected
from engine.store.database import Database
from processes import demo, registry
from processes.ledger import suppliers
from processes.ledger.changes import affected, control, orders
from processes.ledger.changes.affected import Proposed
from processes.ledger.changes.orders import NewChange
from processes.ledger.commands import (
    ApproveSupply,
    RegisterInspectionPlan,
    RegisterItem,
    RegisterSupplier,
    ReleaseItem,
    SetSupplierStatus,
    ledger_context,
)
from tests.processes.conftest import person

TENANT = "test"
NAMES = {"en": "x", "zh": "某"}
SCREW = "00841132112939"
RECEIVING = Path(registry.HERE) / "receiving"


class Installed:
    """The demo's company, gone live or not."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.dispatcher: Dispatcher = installation.dispatcher(database)
        installation.prepare(self.dispatcher, TENANT, demo=True)

    def ask(self, command: Command, actor: Actor) -> Outcome:
        return self.dispatcher.dispatch(command, actor)

    def documents(self) -> dict[str, Any]:
        return dict(self.dispatcher.documents(TENANT))

    def set_control(self, **more: Any) -> Outcome:
        document = {**self.documents()[control.DOCUMENT], **more}
        return self.ask(
            ChangeConfiguration(
                command_id=new_id(), key=control.DOCUMENT, document=document, why="go-live"
            ),
            engine_actor(TENANT, "command line"),
        )


@pytest.fixture
def installed(sqlite: Database) -> Installed:
    return Installed(sqlite)


def controlled_commands() -> dict[str, Command]:
    """One of each kind of command that changes what is released."""
    item = replace(demo.demo_items()[0], number="NEW-1")
    return {
        "item": RegisterItem(command_id=new_id(), item=item),
        "item released": ReleaseItem(command_id=new_id(), item_number=SCREW, criticality="B"),
        "supplier": RegisterSupplier(
            command_id=new_id(), number="S-9", names=NAMES, country="CN", status="approved"
        ),
        "supplier status": SetSupplierStatus(
            command_id=new_id(), supplier_number="S-1001", status="conditional", why="x"
        ),
        "approved supply": ApproveSupply(
            command_id=new_id(),
            supplier_number="S-1002",
            item_number=SCREW,
            site="SZ02",
            valid_from=date(2026, 1, 1),
        ),
        "plan": RegisterInspectionPlan(command_id=new_id(), item_number=SCREW, plan={}),
        "rule": ChangeConfiguration(
            command_id=new_id(), key="inspection_rules", document={}, why="tighter"
        ),
    }


EVERYTHING = ("ENG", "QE", "QA", "SQE", "BUY", "ADM")


@pytest.mark.parametrize("name", controlled_commands())
def test_a_person_changes_nothing_released_past_a_change_order(
    installed: Installed, name: str
) -> None:
    outcome = installed.ask(controlled_commands()[name], person("max", *EVERYTHING))
    assert isinstance(outcome, Rejected)
    assert outcome.reason is Reason.NOT_ALLOWED
    assert "change control" in outcome.message["en"]
    assert "变更" in outcome.message["zh"]


@pytest.mark.parametrize("name", controlled_commands())
def test_after_go_live_nobody_does(installed: Installed, name: str) -> None:
    assert isinstance(installed.set_control(live=True), Accepted)
    outcome = installed.ask(controlled_commands()[name], engine_actor(TENANT, "command line"))
    assert isinstance(outcome, Rejected)
    assert outcome.reason is Reason.NOT_ALLOWED


def test_the_control_itself_is_under_control(installed: Installed) -> None:
    assert isinstance(installed.set_control(live=True), Accepted)
    assert isinstance(installed.set_control(enforced=False), Rejected)


def test_where_it_is_not_enforced_roles_alone_decide(installed: Installed) -> None:
    assert isinstance(installed.set_control(enforced=False), Accepted)
    command = controlled_commands()["supplier"]
    assert isinstance(installed.ask(command, person("max", "SQE")), Accepted)


def test_a_kind_can_be_left_out_of_control(installed: Installed) -> None:
    objects = {**installed.documents()[control.DOCUMENT]["objects"], "supplier": False}
    assert isinstance(installed.set_control(objects=objects), Accepted)
    commands = controlled_commands()
    assert isinstance(installed.ask(commands["supplier"], person("max", "SQE")), Accepted)
    assert isinstance(installed.ask(commands["item"], person("max", "ENG")), Rejected)


def test_drafts_candidates_and_restrictions_are_free(installed: Installed) -> None:
    max_ = person("max", *EVERYTHING)
    draft = replace(demo.demo_items()[0], number="NEW-1", status="draft")
    base = replace(draft.packages[0], identifiers=())
    draft = replace(draft, packages=(base,))
    free: list[Command] = [
        RegisterItem(command_id=new_id(), item=draft),
        RegisterSupplier(
            command_id=new_id(), number="S-9", names=NAMES, country="CN", status="candidate"
        ),
        SetSupplierStatus(
            command_id=new_id(), supplier_number="S-1001", status="blocked", why="fire"
        ),
    ]
    for command in free:
        assert isinstance(installed.ask(command, max_), Accepted), command
    with installed.database.reading() as db:
        assert suppliers.by_number(db, TENANT, "S-1001").status == "blocked"


def other_receiving() -> dict[str, bytes]:
    """The files of receiving, with a remark more in a form: another package."""
    files = dict(read_package(RECEIVING).files)
    name = "forms/receive.json"
    return {**files, name: files[name].rstrip() + b"\n\n"}


def release_definition(
    installed: Installed,
    package: str,
    *,
    effective: timedelta = timedelta(0),
    requested_by: str = "nora",
    approved_by: str = "dora",
) -> str:
    """Make a change that authorises a package of receiving, through the functions of the book."""
    today = installed.dispatcher.clock().date()

    def carry_out(service: Any) -> str:
        by = replace(service, actor=person(requested_by, "PRD"), process_instance_id=new_id())
        new = NewChange(
            kind="permanent",
            title="Receiving",
            problem="slow",
            proposal="a shorter form",
            reason="time",
            urgency="normal",
        )
        change = orders.request(by, new)
        proposed = Proposed(kind="definition", key="receiving", field="package", new=package)
        affected.propose(by, change, [proposed])
        signed = replace(service, actor=person(approved_by, "QA"), signatures=("REL",))
        orders.decide(signed, change, "release", "released", role="QA")
        orders.set_status(signed, change, "effective", on=today + effective)
        affected.release(signed, change, today + effective, ["dora (QA)"])
        return change.number

    return in_book(installed, carry_out)


def in_book(installed: Installed, what: Callable[[Any], str]) -> str:
    """Call functions of the book in one transaction that is kept."""
    with installed.database.transaction() as db:
        context = CommandContext(
            db=db,
            actor=engine_actor(TENANT, "test"),
            command=Command(command_id=new_id()),
            at=installed.dispatcher.clock(),
            documents=installed.documents(),
            resources=installed.dispatcher.resources,
        )
        result = what(ledger_context(context))
        context.append()
        context.writes.flush(db)
        db.commit()
    return result


def deploy(installed: Installed, change: str | None, by: str = "ada") -> Outcome:
    command = DeployDefinition(command_id=new_id(), files=other_receiving(), change=change)
    return installed.ask(command, person(by, "ADM"))


def package_of(files: dict[str, bytes]) -> str:
    from engine.definitions import Package  # noqa: PLC0415

    return Package.from_files(files).hash


def test_a_deployment_names_its_change(database: Database) -> None:
    installed = Installed(database)
    refused = deploy(installed, None)
    assert isinstance(refused, Rejected)
    assert refused.reason is Reason.NOT_ALLOWED
    package = package_of(other_receiving())
    change = release_definition(installed, package)
    accepted = deploy(installed, change)
    assert isinstance(accepted, Accepted), accepted
    assert accepted.result["definition_hash"] == package
    with installed.database.reading() as db:
        kept = affected.versions(db, TENANT, "definition", "receiving")
    assert [(v.version, v.change_number, v.new) for v in kept] == [
        (1, change, {"package": package})
    ]
    again = deploy(installed, change)
    assert isinstance(again, Rejected)  # a change releases one deployment


def test_a_change_releases_its_package_and_no_other(installed: Installed) -> None:
    change = release_definition(installed, "ab" * 32)
    refused = deploy(installed, change)
    assert isinstance(refused, Rejected)
    assert change in refused.message["en"]


def test_a_deployment_waits_for_the_day(installed: Installed) -> None:
    package = package_of(other_receiving())
    change = release_definition(installed, package, effective=timedelta(days=3))
    assert isinstance(deploy(installed, change), Rejected)


@pytest.mark.parametrize("part", [{"requested_by": "ada"}, {"approved_by": "ada"}])
def test_who_wrote_or_approved_does_not_deploy(installed: Installed, part: Any) -> None:
    change = release_definition(installed, package_of(other_receiving()), **part)
    refused = deploy(installed, change)
    assert isinstance(refused, Rejected)
    assert refused.reason is Reason.SEGREGATION_OF_DUTIES
    assert isinstance(deploy(installed, change, by="max"), Accepted)


def test_an_unknown_change_is_refused(installed: Installed) -> None:
    refused = deploy(installed, "CHG-1999-00001")
    assert isinstance(refused, Rejected)
    assert UUID(int=0) != refused.command_id


def test_an_upgrade_waits_for_its_change_once_it_is_live(
    installed: Installed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = tmp_path / "receiving"
    shutil.copytree(RECEIVING, newer, ignore=shutil.ignore_patterns("__pycache__", "scenarios"))
    form = newer / "forms" / "receive.json"
    form.write_bytes(form.read_bytes().rstrip() + b"\n\n")
    monkeypatch.setattr(registry, "process_folders", lambda: [newer])
    assert isinstance(installed.set_control(live=True), Accepted)
    package = read_package(newer).hash
    done = installation.prepare(installed.dispatcher, TENANT, demo=False)
    assert done == f"waiting for a change order: receiving {package}"
    release_definition(installed, package)
    done = installation.prepare(installed.dispatcher, TENANT, demo=False)
    assert done == "deployed receiving"
