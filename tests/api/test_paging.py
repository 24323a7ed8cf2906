"""Lists longer than a page: each thing on one page and no other, in the list's own direction."""

from pathlib import Path

import pytest
from sqlalchemy import select

from api import paging, trace
from api.app import create_app
from api.context import EngineAccess
from engine.identifiers import new_id
from engine.reading import worklist
from engine.store.database import Database
from engine.store.tables import work_item
from processes import demo
from processes.change_control.scenarios.change import STAFF, request
from processes.nonconformance.scenarios import nonconformance as nonconforming
from processes.recall.scenarios import field_action
from processes.recall.scenarios.field_action import Company, open_action
from tests.api.conftest import Browser
from tests.people import ANN, Person
from tests.scenario import TENANT, Scenario


class Office:
    """The demo's company with a server, and one person's browser on each of its lists."""

    def __init__(self, database: Database, web: Path) -> None:
        self.company = Scenario(database)
        demo.seed_master_data(self.company.dispatcher, TENANT)
        access = EngineAccess(dispatcher=self.company.dispatcher, tenant=TENANT)
        self.app = create_app(access, secret_key="test", web=web)  # noqa: S106

    def add(self, *people: Person) -> None:
        for person in people:
            self.company.add(person)

    def pages(self, person: Person, path: str, name: str) -> list[list[str]]:
        """Follow the cursors from the first page to the last."""
        browser = Browser(self.app.test_client(), "zh").sign_in(person)
        found: list[list[str]] = []
        asked: str | None = path
        while asked is not None:
            answer = browser.get(asked).get_json()
            found.append([each[name] for each in answer["items"]])
            after = answer["next"]
            mark = "&" if "?" in path else "?"
            asked = None if after is None else f"{path}{mark}cursor={after}"
        return found

    def refuses(self, person: Person, path: str) -> int:
        browser = Browser(self.app.test_client(), "zh").sign_in(person)
        mark = "&" if "?" in path else "?"
        return int(browser.get(f"{path}{mark}cursor=nothing").status_code)


@pytest.fixture
def office(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(paging, "PAGE", 2)
    return Office(database, tmp_path)


def test_changes_and_findings(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.add(*STAFF)
    made = [request(office.company).order.number for _ in range(3)]
    finn, hana = STAFF[0], field_action.HANA
    newest, middle, oldest = reversed(made)
    assert office.pages(finn, "/api/changes", "number") == [[newest, middle], [oldest]]
    assert office.refuses(finn, "/api/changes") == 400
    browser = Browser(office.app.test_client()).sign_in(hana)
    body = {"command_id": str(new_id())}
    assert browser.post("/api/commands/run-data-quality-checks", body).status_code == 200
    pages = office.pages(hana, "/api/changes/findings", "finding_id")
    monkeypatch.setattr(paging, "PAGE", 50)
    (whole,) = office.pages(hana, "/api/changes/findings", "finding_id")
    assert len(whole) > 2
    assert [each for page in pages for each in page] == whole == sorted(whole)
    assert office.refuses(hana, "/api/changes/findings") == 400


def test_nonconformities_in_both_directions(office: Office) -> None:
    office.add(*nonconforming.QUALITY)
    made = [nonconforming.report(office.company).record.number for _ in range(3)]
    oldest, middle, newest = made
    person, path = nonconforming.HANA, "/api/nonconformities"
    assert office.pages(person, path, "number") == [[oldest, middle], [newest]]
    assert office.pages(person, f"{path}?which=all", "number") == [[newest, middle], [oldest]]
    assert office.refuses(person, f"{path}?which=all") == 400


def test_stock_and_items(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    maker = Company(office.company)
    made = [maker.lot("PART-1", 5) for _ in range(3)]
    oldest, middle, newest = (each.number for each in made)
    person, path = field_action.MEI, "/api/ledger/lots?query=PART-1"
    assert office.pages(person, path, "number") == [[newest, middle], [oldest]]
    assert office.refuses(person, path) == 400
    pages = office.pages(person, "/api/ledger/items?query=", "number")
    monkeypatch.setattr(paging, "PAGE", 500)
    (whole,) = office.pages(person, "/api/ledger/items?query=", "number")
    assert len(whole) > 4
    assert [each for page in pages for each in page] == whole
    assert len(set(whole)) == len(whole)
    assert office.refuses(person, "/api/ledger/items?query=") == 400


def test_late_work(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    company = office.company
    monkeypatch.setattr(worklist, "PAGE", 2)
    late = [str(company.start("receiving", by=ANN)) for _ in range(3)]
    for _ in range(6):
        company.clock.advance(days=3)
        company.background.run_until_idle()
    with company.database.reading() as db:
        rows = db.execute(select(work_item.c.told_first, work_item.c.told_next)).all()
    told = {role for row in rows for role in row if role is not None}
    assert told
    leader = Person("lea", "Lea Lin", "林丽", tuple(told))
    office.add(leader)
    pages = office.pages(leader, "/api/worklist/late", "process_instance_id")
    assert [len(page) for page in pages] == [2, 1]
    assert sorted(each for page in pages for each in page) == sorted(late)
    assert office.refuses(leader, "/api/worklist/late") == 400


def test_field_actions(office: Office) -> None:
    maker = Company(office.company)
    lot = maker.lot("PART-1", 50)
    made = [open_action(maker, lot, mode="mock").number for _ in range(3)]
    oldest, middle, newest = made
    path = "/api/field-actions/"
    assert office.pages(field_action.MEI, path, "number") == [[newest, middle], [oldest]]
    assert office.refuses(field_action.MEI, path) == 400


def test_a_label_that_many_lots_carry_says_so(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search of the trace shows so many and no further page: it does not end in silence."""
    monkeypatch.setattr(trace, "_FOUND", 2)
    monkeypatch.setattr(trace, "_ASKED", 3)
    maker = Company(office.company)
    for name in ("PART-1", "PART-2", "PART-3"):
        maker.lot(name, 1)
    browser = Browser(office.app.test_client()).sign_in(field_action.MEI)
    found = browser.get("/api/ledger/lots/by-label?text=PART").get_json()
    assert (len(found["items"]), found["more"]) == (2, True)
    found = browser.get("/api/ledger/lots/by-label?text=PART-3").get_json()
    assert (len(found["items"]), found["more"]) == (1, False)
