"""What a change puts in force is told to everybody (`config.deployed`): the administrator deploys
what was released, the change hears that it is in force, and the manifest before and after is on
the record."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine.commands.definitions import DeployDefinition
from engine.configuration import manifest
from engine.definitions import Package, read_package
from engine.identifiers import new_id
from engine.outcomes import Outcome, Rejected
from engine.reading.instances import history_of
from engine.store.tables import register
from processes import registry
from processes.change_control.scenarios.change import ChangeCase, request
from tests.people import ADA
from tests.scenario import TENANT, Scenario

RECEIVING = Path(registry.HERE) / "receiving"
RULE = {"kind": "configuration", "key": "change_rules", "field": "observation.days", "new": "60"}


def other_receiving(blank: bytes) -> dict[str, bytes]:
    """The files of receiving with more blank lines in a form: another package."""
    files = dict(read_package(RECEIVING).files)
    name = "forms/receive.json"
    return {**files, name: files[name].rstrip() + blank}


def released(company: Scenario, *objects: Mapping[str, Any]) -> ChangeCase:
    change = request(company, *objects)
    change.to_decision("format")
    change.approve()
    change.to_release()
    change.release()
    return change


def of_package(files: Mapping[str, bytes]) -> dict[str, Any]:
    package = Package.from_files(files).hash
    return {"kind": "definition", "key": "receiving", "field": "package", "new": package}


def deploy(change: ChangeCase, files: Mapping[str, bytes]) -> Outcome:
    command = DeployDefinition(command_id=new_id(), files=files, change=change.order.number)
    return change.company.ask(command, ADA)


def in_force(company: Scenario) -> str:
    with company.database.reading() as db:
        return manifest.in_force(db, TENANT)


def test_the_change_hears_that_its_package_is_in_force(staffed: Scenario) -> None:
    files = other_receiving(b"\n\n")
    change = released(staffed, of_package(files))
    assert "Deploy" in change.open_activities()
    refused = change.attempt("Deploy", ADA, done=True)
    assert isinstance(refused, Rejected)
    assert change.order.number in refused.message["zh"]
    before = in_force(staffed)
    staffed.must(deploy(change, files))
    assert "Deploy" not in change.open_activities()
    after = in_force(staffed)
    assert before != after
    heard = next(e for e in staffed.events(change.instance) if e["event"] == "signal.received")
    assert heard["name"] == "config.deployed"
    assert heard["payload"]["manifest"] == {"old": before, "new": after}
    assert change.decided("deployment") == [("in_force", "engine:signals")]
    change.finish()
    assert staffed.verify().differences == []


def test_who_deploys_says_so_to_everybody(staffed: Scenario) -> None:
    files = other_receiving(b"\n\n\n")
    change = released(staffed, of_package(files))
    staffed.must(deploy(change, files))
    with staffed.database.reading() as db:
        stream = db.execute(
            select(register.c.stream_id)
            .where(register.c.tenant_id == TENANT)
            .where(register.c.name == "definitions")
        ).scalar_one()
        entries, _ = history_of(db, TENANT, stream)
    said = [
        event
        for entry in entries
        for event in entry.document["events"]
        if event["event"] == "signal.published"
    ]
    assert [(e["name"], e["payload"]["change"]) for e in said] == [
        ("config.deployed", change.order.number)
    ]


def test_a_document_is_told_with_the_release_and_other_changes_go_on_waiting(
    staffed: Scenario,
) -> None:
    waiting = released(staffed, of_package(other_receiving(b"\n\n")))
    before = in_force(staffed)
    change = released(staffed, RULE)
    thrown = [e for e in staffed.events(change.instance) if e["event"] == "signal.thrown"]
    assert [(e["name"], e["payload"]["key"]) for e in thrown] == [
        ("config.deployed", "change_rules")
    ]
    assert thrown[0]["payload"]["manifest"] == {"old": before, "new": in_force(staffed)}
    assert "Deploy" not in change.open_activities()  # the release wrote it
    heard = [e for e in staffed.events(waiting.instance) if e["event"] == "signal.received"]
    assert [e["payload"]["key"] for e in heard] == ["change_rules"]
    assert "Deploy" in waiting.open_activities()
    assert waiting.decided("deployment") == []
    refused = waiting.attempt("Deploy", ADA, done=True)
    assert isinstance(refused, Rejected)  # what it heard was not its own
