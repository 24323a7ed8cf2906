"""A message of another system over HTTP: handed in, on the record, refused with what is wrong."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, event

from api.app import create_app
from api.context import EngineAccess
from engine.definitions.catalogue import Catalogue, Deployed
from engine.identifiers import new_id
from engine.store.database import Database
from processes import demo
from processes.procurement.scenarios.purchase import BUYERS, KAI, NORA
from tests.api.conftest import Browser
from tests.people import Person
from tests.scenario import TENANT, Scenario

DOOR = "/api/commands/hand-in-message"
PROPOSAL = {
    "source_number": "MRP-1",
    "item_number": "00840861100781",
    "quantity": "40",
    "need_date": "2026-12-24",
}


class Planning:
    """The demo's company with a server, and the account that the planning system signs in with."""

    def __init__(self, database: Database, web: Path) -> None:
        self.company = Scenario(database)
        demo.seed_master_data(self.company.dispatcher, TENANT)
        for person in BUYERS:
            self.company.add(person)
        access = EngineAccess(dispatcher=self.company.dispatcher, tenant=TENANT)
        self.app = create_app(access, secret_key="test", web=web)  # noqa: S106

    def browser(self, person: Person) -> Browser:
        return Browser(self.app.test_client(), "zh").sign_in(person)


@pytest.fixture
def planning(sqlite: Database, tmp_path: Path) -> Planning:
    return Planning(sqlite, tmp_path)


def test_a_proposal_is_handed_in_once_whatever_is_sent_again(planning: Planning) -> None:
    nora = planning.browser(NORA)
    body = {"command_id": str(new_id()), "name": "mrp.proposal", "payload": PROPOSAL}
    first = nora.post(DOOR, body)
    assert first.status_code == 200
    assert first.get_json()["result"]["new"] is True
    assert nora.post(DOOR, body).get_json() == first.get_json()
    again = nora.post(DOOR, {**body, "command_id": str(new_id())})
    assert again.get_json()["result"]["new"] is False
    planning.company.background.run_until_idle()
    waiting = [each.activity_id for each in planning.company.worklist(NORA)]
    assert waiting.count("Request") == 1
    assert planning.company.verify().differences == []


def test_no_diagram_is_read_for_a_message(planning: Planning) -> None:
    asked: list[str] = []

    def ask(*given: object) -> None:
        asked.append(str(given[2]))

    nora = planning.browser(NORA)
    event.listen(Engine, "before_cursor_execute", ask)
    try:
        body = {"command_id": str(new_id()), "name": "mrp.proposal", "payload": PROPOSAL}
        assert nora.post(DOOR, body).status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", ask)
    assert asked
    assert [each for each in asked if "FROM content" in each] == []


def test_a_definition_compiled_before_its_payload_was_kept_takes_messages(
    planning: Planning, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = Catalogue.started_by_message

    def older(*asked: Any) -> list[Deployed]:
        return [
            replace(each, definition=msgspec.structs.replace(each.definition, start_payloads={}))
            for each in given(*asked)
        ]

    monkeypatch.setattr(Catalogue, "started_by_message", older)
    nora = planning.browser(NORA)
    wrong = {"name": "mrp.proposal", "payload": {**PROPOSAL, "colour": "red"}}
    answer = nora.post(DOOR, {"command_id": str(new_id()), **wrong})
    assert [each["path"] for each in answer.get_json()["errors"]] == ["/payload/colour"]
    right = {"name": "mrp.proposal", "payload": PROPOSAL}
    assert nora.post(DOOR, {"command_id": str(new_id()), **right}).status_code == 200


def test_what_is_wrong_is_named_field_by_field(planning: Planning) -> None:
    wrong = {"name": "mrp.proposal", "payload": {**PROPOSAL, "quantity": "-1", "colour": "red"}}
    answer = planning.browser(NORA).post(DOOR, {"command_id": str(new_id()), **wrong})
    assert answer.status_code == 422
    assert {each["path"] for each in answer.get_json()["errors"]} == {
        "/payload/colour",
        "/payload/quantity",
    }


def test_who_may_not_is_told_who_may(planning: Planning) -> None:
    body = {"command_id": str(new_id()), "name": "mrp.proposal", "payload": PROPOSAL}
    assert planning.browser(KAI).post(DOOR, body).status_code == 403


def test_the_lines_of_a_notice_are_handed_in_as_rows(planning: Planning) -> None:
    """An announced shipment: receiving opens with it; EDI and portals will use the same door."""
    lines = [{"item_number": "00841132112939", "supplier_lot": "HX-77", "quantity": "10"}]
    notice = {"notice": "N-1", "supplier": "S-1001", "delivery_note": "DN-1", "lines": lines}
    nora = planning.browser(NORA)
    body = {"command_id": str(new_id()), "name": "shipping.announced", "payload": notice}
    answer = nora.post(DOOR, body)
    assert answer.status_code == 200, answer.get_json()
    assert answer.get_json()["result"]["correlation"] == "N-1"
    refused = {**body, "command_id": str(new_id()), "payload": {**notice, "lines": {"a": 1}}}
    assert nora.post(DOOR, refused).status_code in (400, 422)
