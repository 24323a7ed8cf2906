"""Changes and findings over HTTP; the gate says over HTTP what it says everywhere."""

from pathlib import Path

import pytest

from api.app import create_app
from api.context import EngineAccess
from engine.identifiers import new_id
from engine.store.database import Database
from processes import demo
from processes.change_control.scenarios.change import FINN, HANA, JIN, SCREW, STAFF, request
from tests.api.conftest import Browser
from tests.people import ADA, CLEO, Person
from tests.scenario import TENANT, Scenario


class Office:
    """The demo's company with a server, and people's browsers."""

    def __init__(self, database: Database, web: Path) -> None:
        self.company = Scenario(database)
        demo.seed_master_data(self.company.dispatcher, TENANT)
        for person in STAFF:
            self.company.add(person)
        access = EngineAccess(dispatcher=self.company.dispatcher, tenant=TENANT)
        self.app = create_app(access, secret_key="test", web=web)  # noqa: S106

    def browser(self, person: Person) -> Browser:
        return Browser(self.app.test_client(), "zh").sign_in(person)


@pytest.fixture
def office(sqlite: Database, tmp_path: Path) -> Office:
    return Office(sqlite, tmp_path)


def test_a_change_is_shown_with_old_and_new(office: Office) -> None:
    change = request(office.company)
    finn = office.browser(FINN)
    [listed] = finn.get("/api/changes").get_json()["items"]
    assert (listed["number"], listed["status"]) == (change.order.number, "open")
    shown = finn.get(f"/api/changes/{change.order.number}").get_json()
    assert shown["objects"][0]["fields"] == [{"field": "revision", "old": "A", "new": "B"}]
    assert finn.get("/api/changes/CHG-1").status_code == 404
    assert finn.get(f"/api/changes/versions/item_revision/{SCREW}").get_json()["items"] == []


def test_a_change_is_shut_to_whom_has_no_part_in_it(office: Office) -> None:
    number = request(office.company).order.number
    cleo = office.browser(CLEO)
    refused = cleo.get(f"/api/changes/{number}")
    assert refused.status_code == 403
    assert refused.get_json()["reason"] == "not_yours"
    assert cleo.get("/api/changes").get_json()["items"] == []
    assert cleo.get("/api/changes/findings").status_code == 200


def test_an_answer_of_an_authority_is_refused_where_none_is_awaited(office: Office) -> None:
    change = request(office.company)
    body = {
        "command_id": str(new_id()),
        "change": change.order.number,
        "market": "CN",
        "reference": "X-1",
    }
    answer = office.browser(JIN).post("/api/commands/record-authority-answer", body)
    assert answer.status_code >= 400
    assert change.order.number in answer.get_json()["detail"]


def test_a_rule_is_not_changed_past_a_change_order(office: Office) -> None:
    body = {
        "command_id": str(new_id()),
        "key": "inspection_rules",
        "document": {},
        "why": "looser",
    }
    answer = office.browser(ADA).post("/api/commands/change-configuration", body)
    assert answer.status_code == 403
    assert "变更" in answer.get_json()["detail"]


def test_findings_are_listed_for_their_owner_and_worked_off(office: Office) -> None:
    hana = office.browser(HANA)
    body = {"command_id": str(new_id())}
    assert hana.post("/api/commands/run-data-quality-checks", body).status_code == 200
    found = hana.get("/api/changes/findings").get_json()["items"]
    assert {each["owner_role"] for each in found} == {"QE"}
    finding = found[0]
    body = {
        "command_id": str(new_id()),
        "finding_id": finding["finding_id"],
        "revision": finding["revision"],
        "resolution": "accepted",
        "why": "历史物料",
    }
    refused = office.browser(JIN).post("/api/commands/resolve-finding", body)
    assert refused.status_code == 403
    body["command_id"] = str(new_id())
    assert hana.post("/api/commands/resolve-finding", body).status_code == 200
    left = hana.get("/api/changes/findings").get_json()["items"]
    assert len(left) == len(found) - 1
