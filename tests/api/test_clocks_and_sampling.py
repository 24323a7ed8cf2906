"""Clocks and sampling over HTTP: the owner's list, and the curve of a plan."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.context import EngineAccess
from engine.identifiers import new_id
from tests.api.conftest import Browser
from tests.people import ANN, DORA, Person
from tests.scenario import TENANT, Scenario

JIN = Person("jin", "Jin Fang", "方瑾", ("RA",))
MEI = Person("mei", "Mei Gao", "高梅", ("RCC",))


@pytest.fixture
def served(scenario: Scenario, tmp_path: Path) -> Callable[[Person], Browser]:
    scenario.add(JIN)
    scenario.add(MEI)
    access = EngineAccess(dispatcher=scenario.dispatcher, tenant=TENANT)
    app = create_app(access, secret_key="test", web=tmp_path)  # noqa: S106
    return lambda person: Browser(app.test_client()).sign_in(person)


def start(browser: Browser, **more: Any) -> Any:
    body = {
        "command_id": str(new_id()),
        "rule": "CN-N2",
        "subject_kind": "field_action",
        "subject_number": "FA-1",
        "started_at": "2026-11-23T08:30:00+08:00",
        "evidence": "minutes of the decision",
        **more,
    }
    return browser.post("/api/commands/start-clock", body)


def test_an_owner_has_the_clock_on_the_list_until_it_is_stopped(
    served: Callable[[Person], Browser],
) -> None:
    jin, mei = served(JIN), served(MEI)
    answer = start(jin)
    assert answer.status_code == 200, answer.get_json()
    (found,) = mei.get("/api/clocks").get_json()["items"]
    assert (found["rule"], found["due_on"], found["state"]) == ("CN-N2", "2026-11-26", "running")
    assert found["started_at"].startswith("2026-11-23T00:30:00")
    assert jin.get("/api/clocks").get_json()["items"] == []
    assert len(jin.get("/api/clocks?whose=all").get_json()["items"]) == 1
    assert served(ANN).get("/api/clocks?whose=all").get_json()["items"] == []
    stop = {
        "command_id": str(new_id()),
        "clock_id": found["clock_id"],
        "at": "2026-11-23T09:00:00+08:00",
        "evidence": "receipts of all consignees",
    }
    assert mei.post("/api/commands/stop-clock", stop).status_code == 200
    assert mei.get("/api/clocks").get_json()["items"] == []
    path = "/api/clocks?subject_kind=field_action&subject_number=FA-1"
    (kept,) = mei.get(path).get_json()["items"]
    assert (kept["state"], kept["overdue"]) == ("stopped", False)
    events = mei.get(f"/api/clocks/{found['clock_id']}").get_json()["events"]
    assert [event["kind"] for event in events] == ["due", "stopped"]


def test_bad_clock_requests_are_answered_and_change_nothing(
    served: Callable[[Person], Browser],
) -> None:
    jin = served(JIN)
    assert start(jin, rule="CN-N9").status_code == 409
    assert start(jin, started_at="2026-11-23T08:30:00").status_code == 422  # no zone
    assert start(jin, started_at="2027-11-23T08:30:00Z").status_code == 409  # ahead
    assert start(jin, evidence="").status_code == 422
    assert start(served(ANN)).status_code == 403
    assert jin.get(f"/api/clocks/{new_id()}").status_code == 404
    assert jin.get("/api/clocks?whose=all").get_json()["items"] == []


def test_the_curve_of_j_at_aql_1_0(served: Callable[[Person], Browser]) -> None:
    dora = served(DORA)
    answer = dora.get("/api/sampling/oc?lot_size=1000&aql=1.0").get_json()
    normal, tightened = answer["curves"]
    assert (normal["name"], normal["code_letter"], normal["n"], normal["ac"]) == (
        "normal",
        "J",
        80,
        2,
    )
    assert (tightened["n"], tightened["ac"]) == (80, 1)
    at_limit = {
        c["name"]: {p["p"]: p["pa"] for p in c["points"]}["0.0100"] for c in answer["curves"]
    }
    assert at_limit["normal"].startswith("0.953")
    assert at_limit["tightened"].startswith("0.809")


def test_curves_by_numbers_and_what_is_refused(served: Callable[[Person], Browser]) -> None:
    dora = served(DORA)
    (only,) = dora.get("/api/sampling/oc?n=29&ac=0").get_json()["curves"]
    assert only["limiting_quality"] == "0.0770"
    (finite,) = dora.get("/api/sampling/oc?n=10&ac=0&lot_size=10&finite=true").get_json()["curves"]
    assert finite["points"][1]["pa"] == "0.0000"
    for query in ("", "n=20&ac=0&lot_size=10&finite=true", "lot_size=100&aql=9.9", "n=-1&ac=0"):
        assert dora.get(f"/api/sampling/oc?{query}").status_code == 422, query
