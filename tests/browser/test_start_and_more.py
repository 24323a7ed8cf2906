"""A process that asks for a form when it is started, and lists that are longer than a page."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from api.context import EngineAccess
from engine.commands.process_instances import StartProcessInstance
from engine.identifiers import new_id
from engine.store.database import Database
from tests.browser import product
from tests.browser.company import Devices
from tests.browser.seat import Seat
from tests.engine.workshop import Workshop
from tests.people import BEN, EVERYONE
from tests.scenario import TENANT

pytestmark = pytest.mark.browser
STARTED = 57


@pytest.fixture
def workshop(sqlite: Database) -> Workshop:
    """Toy processes: one of them asks for a lot and a quantity when it is started."""
    return Workshop(sqlite)


@pytest.fixture
def seat(workshop: Workshop, chromium: Browser, client: Path) -> Iterator[Callable[..., Seat]]:
    """Put a person at a device of the workshop."""
    access = EngineAccess(dispatcher=workshop.dispatcher, tenant=TENANT)
    with product.served(access, client) as address:
        devices = Devices(chromium, address, {each.username: each for each in EVERYONE})
        yield devices.seat
        devices.close()


def test_a_start_form_keeps_its_draft_until_it_is_sent(seat: Callable[..., Seat]) -> None:
    ben = seat("ben", "phone")
    page = ben.page
    ben.go("/start")
    page.get_by_role("button", name="Start Toy request").or_(
        page.get_by_role("link", name="Toy request")
    ).first.click()
    page.locator("main form").wait_for()
    assert "/start/toy_request" in page.url
    page.get_by_label("Lot").fill("L-7")
    page.get_by_label("Quantity").fill("5000")
    expect(page.locator(".work-kept")).to_have_text(ben.word("draft.device"))
    assert ben.obstacles() == []
    page.reload()
    expect(page.get_by_label("Lot")).to_have_value("L-7")
    start = page.locator("main button[type=submit]")
    start.click()
    expect(page.locator("main [role=alert], main .form-summary").first).to_be_visible()  # too much
    page.get_by_label("Quantity").fill("5.25")
    start.click()
    page.wait_for_url(lambda address: "/start/" not in address)
    ben.go("/start/toy_request")
    expect(page.get_by_label("Lot")).to_have_value("")
    listed = ben.ask("/api/instances?status=running")["items"]
    assert [each["title"] for each in listed] == ["L-7"]
    assert ben.trouble == []


def test_a_start_without_a_server_is_kept_and_sent_later(seat: Callable[..., Seat]) -> None:
    ben = seat("ben", "phone", "zh")
    page = ben.page
    ben.go("/start/toy_request")
    page.get_by_label("批号").fill("L-8")
    page.get_by_label("数量").fill("1")
    page.route("**/api/commands/**", lambda route: route.abort())
    page.locator("main button[type=submit]").click()
    expect(page.locator("main .notice").first).to_contain_text(ben.word("pending.kept"))
    page.unroute("**/api/commands/**")
    page.reload()
    expect(page.get_by_label("批号")).to_have_value("")
    page.wait_for_function(
        "async () => (await (await fetch('/api/instances?status=running')).json()).items.length"
    )
    listed = ben.ask("/api/instances?status=running")["items"]
    assert [each["title"] for each in listed] == ["L-8"]


def test_more_than_a_page_is_shown_when_asked_for(
    workshop: Workshop, seat: Callable[..., Seat]
) -> None:
    for number in range(STARTED):
        command = StartProcessInstance(
            command_id=new_id(),
            process_id="toy_request",
            data={"lot": f"L-{number:03}", "quantity": "1"},
        )
        workshop.must(workshop.dispatcher.dispatch(command, workshop.actor(BEN)))
    ben = seat("ben", "desktop")
    page = ben.page
    for path, rows in (("/", "main li > a[href^='/work/']"), ("/records", "main tbody tr")):
        ben.go(path)
        more = page.get_by_role("button", name=ben.word("common.more"))
        more.wait_for()
        expect(page.locator(rows)).to_have_count(50)
        more.focus()
        page.keyboard.press("Enter")
        expect(page.locator(rows)).to_have_count(STARTED)
        expect(more).to_have_count(0)
        # Who works by keyboard goes on at the first line that is new.
        focused = page.evaluate("document.activeElement.closest('li, tr')?.innerText ?? ''")
        assert "L-" in focused
        assert focused == page.locator(rows).nth(50).evaluate(
            "(row) => (row.closest('li, tr') ?? row).innerText"
        )
    assert ben.trouble == []


SILENT = """
const silent = () => Object.create(IDBOpenDBRequest.prototype);
IDBOpenDBRequest.prototype.addEventListener = () => undefined;
IDBOpenDBRequest.prototype.removeEventListener = () => undefined;
Object.defineProperty(IDBFactory.prototype, "open", { value: silent });
"""


def test_storage_that_never_answers_does_not_keep_anybody_from_work(
    seat: Callable[..., Seat],
) -> None:
    # Seen in Chromium after a reload was cut short by the next navigation: no event ever came.
    ben = seat("ben", "phone")
    ben.page.add_init_script(SILENT)
    ben.go("/start")
    ben.page.get_by_role("link", name="Toy request").or_(
        ben.page.get_by_role("button", name="Start Toy request")
    ).first.click()
    expect(ben.page.locator("main form")).to_be_visible()
    ben.page.get_by_label("Lot").fill("L-8")
    ben.page.get_by_label("Quantity").fill("2")
    ben.page.locator("main button[type=submit]").click()
    # Nothing is sent that could not be kept: that is said, and what was filled in stays.
    expect(ben.page.locator("main [role=alert]").first).to_be_visible()
    expect(ben.page.locator(".work-kept")).to_have_text(ben.word("draft.not_kept"))
    expect(ben.page.get_by_label("Lot")).to_have_value("L-8")
