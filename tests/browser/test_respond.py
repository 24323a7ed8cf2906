"""The response page on a small telephone, in a browser without script: read, filled in, sent."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from api.app import create_app
from api.context import EngineAccess
from engine.identifiers import new_id
from engine.store.database import Database
from processes import demo
from processes.ledger.field_actions import links, notices, responses
from processes.ledger.field_actions.commands import IssueResponseLink
from processes.recall.scenarios.field_action import MEI, Company, Recall, open_action
from tests.scenario import TENANT, Scenario

NARROW = {"width": 360, "height": 740}
TARGET = 48


@pytest.fixture
def recall(sqlite: Database) -> Recall:
    """A recall whose Chinese hospital has its notice."""
    scenario = Scenario(sqlite)
    demo.seed_master_data(scenario.dispatcher, TENANT)
    maker = Company(scenario)
    part, _ = maker.set_up("CN")
    found = open_action(maker, part)
    found.evaluate()
    found.decide()
    found.plan()
    found.report_to_authorities()
    found.release_notices()
    found.deliver()
    return found


@pytest.fixture
def page(recall: Recall, chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    """The page behind the notice's link, on a telephone 360 pixels wide, without script."""
    (row,) = recall.read(notices.of_action)
    token = links.new_token()
    command = IssueResponseLink(
        command_id=new_id(), notice_id=row.notice_id, token_hash=links.hash_of(token)
    )
    recall.scenario.must(recall.scenario.ask(command, MEI))
    access = EngineAccess(dispatcher=recall.scenario.dispatcher, tenant=TENANT)
    app = create_app(access, secret_key="test", web=tmp_path)  # noqa: S106
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    context = chromium.new_context(viewport=NARROW, java_script_enabled=False)
    found = context.new_page()
    found.goto(f"http://127.0.0.1:{server.server_port}/respond/{token}")
    yield found
    context.close()
    server.shutdown()
    thread.join()


def boxes(page: Page, selector: str) -> list[dict[str, float]]:
    found = []
    for each in page.locator(selector).all():
        box = each.bounding_box()
        assert box is not None
        found.append(dict(box))
    return found


def test_a_consignee_answers_on_a_small_telephone(page: Page, recall: Recall) -> None:
    assert page.locator("h1").inner_text() == "安全通知回复"
    controls = "input:not([type=checkbox]), textarea, button, .tick, summary"
    for box in boxes(page, controls):
        assert box["height"] >= TARGET, box
    for box in boxes(page, "main *"):
        assert box["x"] >= 0, box
        assert box["x"] + box["width"] <= NARROW["width"], box
    page.get_by_role("button").click()
    page.get_by_role("alert").wait_for()
    assert page.get_by_role("alert").get_by_role("link").count() == 2
    page.get_by_label("现有库存").fill("1")
    page.get_by_label("已寄回").fill("3")
    page.get_by_label("我已阅读通知").check()
    page.get_by_label("姓名").fill("李主任")
    page.get_by_role("button").click()
    page.get_by_role("status").wait_for()
    assert "回执编号：NTC-" in page.locator("main").inner_text()
    recall.scenario.background.run_until_idle()
    (answer,) = recall.read(responses.of_action)
    assert (answer.name, answer.channel) == ("李主任", "portal")
