"""What the server says, word for word: tests/golden/api, which the client's readers read too.

One inspection of the demo's screws, as the scenarios do it, looked at through HTTP. Ids, hashes and
tokens are numbered in the order in which they appear. `UPDATE_GOLDEN=1` writes the files anew; read
the difference before you commit it: a client on somebody's device has to understand it.
"""

import json
import os
import re
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from api import installation
from api.app import create_app
from api.context import EngineAccess
from engine.dispatcher import Dispatcher
from engine.store.database import Database
from processes import demo
from processes.incoming_inspection.scenarios.inspection import Inspection, deliver
from tests import scenario
from tests.api.conftest import Browser
from tests.people import ANN, BEN, EVE, Person
from tests.scenario import TENANT, Scenario

GOLDEN = Path(__file__).parents[1] / "golden" / "api"
NAMES = (
    "session",
    "worklist",
    "work_item",
    "processes",
    "instances",
    "instance",
    "history",
    "accepted",
    "problem",
    "scan",
    "items",
    "lots",
    "lot",
    "verification",
)
LABEL = "]d201008411321129391728013110HX-77"
TOLD_OF = {"receiving", "incoming_inspection"}
_NUMBERED = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{64}\b|\b[0-9a-f]{32}\b"
)


class Counted(Scenario):
    """A company whose ids are counted: the samples drawn by chance are the same every time."""

    def installed(self) -> Dispatcher:
        numbers = count(1)

        def new_id() -> UUID:
            return UUID(int=(7 << 76) | (2 << 62) | next(numbers))

        self.new_id = new_id
        dispatcher = installation.dispatcher(self.database, clock=self.clock, new_id=new_id)
        installation.prepare(dispatcher, TENANT, demo=False)
        return dispatcher


class Wire:
    """People's browsers on the company's server."""

    def __init__(self, company: Counted, app: Flask) -> None:
        self.company = company
        self.app = app

    def browser(self, person: Person) -> Browser:
        return Browser(self.app.test_client(), "zh").sign_in(person)

    def ask(self, person: Person, path: str) -> Any:
        answer = self.browser(person).get(path)
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()


@pytest.fixture
def wire(sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wire:
    company = Counted(sqlite)
    monkeypatch.setattr(scenario, "new_id", company.new_id)
    demo.seed_master_data(company.dispatcher, TENANT)
    access = EngineAccess(dispatcher=company.dispatcher, tenant=TENANT)
    return Wire(company, create_app(access, secret_key="test", web=tmp_path))  # noqa: S106


@pytest.fixture
def answers(wire: Wire) -> dict[str, Any]:
    """Everything the client asks for, at the moment when there is most to see."""
    inspection = deliver(wire.company)
    inspection.check_documents()
    inspection.draw_samples()
    found: dict[str, Any] = {
        "session": wire.ask(BEN, "/api/session"),
        "worklist": wire.ask(BEN, "/api/worklist"),
        "work_item": wire.ask(BEN, f"/api/work-items/{inspection.to_measure()[0].work_item_id}"),
        "processes": wire.ask(ANN, "/api/processes"),
        "scan": wire.ask(ANN, f"/api/scan?text={LABEL}"),
        "items": wire.ask(ANN, "/api/ledger/items?query=00841132112939"),
        "problem": _refused(wire, inspection),
    }
    inspection.measure()
    inspection.review()
    inspection.accept()
    lots = wire.ask(EVE, "/api/ledger/lots?query=")
    found |= {
        "instances": wire.ask(EVE, "/api/instances"),
        "instance": wire.ask(EVE, f"/api/instances/{inspection.instance}"),
        "history": wire.ask(EVE, f"/api/instances/{inspection.instance}/history"),
        "lots": lots,
        "lot": wire.ask(EVE, f"/api/ledger/lots/{lots['items'][0]['lot_id']}"),
        "verification": wire.ask(EVE, "/api/verification"),
        "accepted": _accepted(wire),
    }
    # What other processes and documents of the product add is no change of the wire.
    found["processes"]["items"] = [
        each for each in found["processes"]["items"] if each["process_id"] in TOLD_OF
    ]
    found["verification"]["checked"] = dict.fromkeys(found["verification"]["checked"], 1)
    return found


def _refused(wire: Wire, inspection: Inspection) -> Any:
    item = inspection.to_measure()[0]
    body = {
        "command_id": str(wire.company.new_id()),
        "work_item_id": str(item.work_item_id),
        "revision": item.revision,
        "data": {"instrument": "NONE", "readings": [{"value": "wide"}]},
    }
    answer = wire.browser(BEN).post("/api/commands/complete-work-item", body)
    assert answer.status_code == 422
    return answer.get_json()


def _accepted(wire: Wire) -> Any:
    body = {"command_id": str(wire.company.new_id()), "process_id": "receiving"}
    answer = wire.browser(ANN).post("/api/commands/start-process-instance", body)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def test_the_server_says_what_it_said_before(answers: dict[str, Any]) -> None:
    assert set(answers) == set(NAMES)
    said = {name: numbered(answers[name]) for name in NAMES}
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.mkdir(parents=True, exist_ok=True)
        for name, body in said.items():
            text = json.dumps(body, indent=1, ensure_ascii=False, sort_keys=True)
            (GOLDEN / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
    for name, body in said.items():
        golden = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
        assert body == golden, f"{name}: UPDATE_GOLDEN=1 writes it anew"


def numbered(body: Any) -> Any:
    """Number what is different in each run or after each change of a diagram: ids, hashes, tokens.

    Ids stay ids and hashes hashes: the client checks what they look like.
    """
    if "csrf" in body:
        body = {**body, "csrf": "0" * 64}
    seen: dict[str, str] = {}

    def stand_in(match: re.Match[str]) -> str:
        text = match.group()
        if text not in seen:
            digits = f"{len(seen) + 1:x}".rjust(len(text.replace("-", "")), "0")
            seen[text] = str(UUID(digits)) if "-" in text else digits
        return seen[text]

    written = json.dumps(body, ensure_ascii=False, sort_keys=True)
    return json.loads(_NUMBERED.sub(stand_in, written))
