"""Ahead of the server: with the network really gone a person does one step after the other, begins
a process, and is told when what the device took along is too old; the server decides afterwards.

The network is a cable before the server (network.py). What the device knows comes from its pack.
"""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.inspection import called, check_documents, measure, receive, tick_all
from tests.browser.network import Cable
from tests.browser.seat import Seat
from tests.browser.test_device import (
    PIN,
    controlled,
    enrol,
    expect_all_sent,
    register_pin,
    sign_in_dialog,
)

pytestmark = pytest.mark.browser

AHEAD = {"en": "Ahead of the server", "zh": "先于服务器"}
READY = {"en": "Ready for offline", "zh": "可离线办理"}
NOT_NOW = {"en": "Not without a network", "zh": "现在不能离线办理"}

_AGE = """async () => {
  const db = await new Promise((done) => {
    const opening = indexedDB.open("countersign-pack");
    opening.onsuccess = () => done(opening.result);
  });
  const store = db.transaction("cuts", "readwrite").objectStore("cuts");
  const [cut] = await new Promise((done) => {
    const asking = store.getAll();
    asking.onsuccess = () => done(asking.result);
  });
  await new Promise((done) => {
    const putting = store.put({ ...cut, valid_until: "2026-01-01T00:00:00Z" });
    putting.onsuccess = done;
  });
  db.close();
}"""
"""Let the pack have become too old, as it does in a device that lay in a drawer for two days."""


def prepared(seat: Seat) -> Seat:
    """Enrol, register a PIN, and look whether the device says that it is ready."""
    enrol(seat)
    register_pin(seat)
    controlled(seat)
    seat.go("/")
    seat.page.locator(".ready-word", has_text=READY[seat.language]).wait_for()
    return seat


def kept(seat: Seat) -> None:
    seat.page.locator("[role=status]", has_text=seat.word("pending.kept")).first.wait_for()


def sign_offline(seat: Seat) -> None:
    sign_in_dialog(seat, PIN)
    kept(seat)


def go_on(seat: Seat, step: str) -> None:
    """Open what comes next from the screen of the step that was just done."""
    seat.page.locator("main a.button", has_text=called(seat, step)).first.click()
    seat.page.get_by_role("heading", name=called(seat, step), exact=True, level=1).wait_for()
    seat.page.locator("main form").wait_for()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_two_steps_in_a_row_with_no_network_are_signed_and_applied(
    seat: Callable[..., Seat], behind_cable: Callable[..., Seat], cable: Cable, language: str
) -> None:
    receive(seat("ann", "phone"))
    online = seat("ben", "desktop", language)
    check_documents(online)
    online.offered(called(online, "Draw the samples"))
    ben = prepared(behind_cable("ben", "phone", language))
    cable.cut()
    ben.page.reload()  # the client, the list, the form: all from the device
    link = ben.page.locator("main .work-row", has_text=called(ben, "Draw the samples"))
    link.first.click()
    ben.page.locator("main form").wait_for()
    ben.page.get_by_label(called(ben, "Units drawn")).fill("5")
    tick_all(ben, "Yes")
    sign_offline(ben)
    go_on(ben, "Inspect")
    ben.page.locator(".notice", has_text=AHEAD[language]).wait_for()
    assert ben.obstacles() == []
    measure(ben)
    sign_offline(ben)
    # The other characteristics wait on the list, marked, and the done one does not.
    ben.page.locator("a.back").click()
    marked = ben.page.locator(".work-row", has_text=AHEAD[language])
    expect(marked).to_have_count(2)
    assert ben.obstacles() == []
    cable.mend()
    expect_all_sent(ben, 2)
    ben.page.locator("a.state").wait_for(state="detached")
    ben.go("/")
    expect(ben.page.locator(".work-row", has_text=called(ben, "Inspect"))).to_have_count(2)
    expect(marked).to_have_count(0)
    assert ben.foreign == []


def test_an_instance_that_began_with_no_network_is_the_servers_afterwards(
    behind_cable: Callable[..., Seat], cable: Cable
) -> None:
    finn = prepared(behind_cable("finn", "phone"))
    cable.cut()
    finn.page.reload()
    finn.page.locator("nav a[href='/start']").click()
    finn.page.get_by_role("button", name="Start Nonconformance").click()
    kept(finn)
    go_on(finn, "Report it")
    finn.page.get_by_label("What is wrong?").fill("Two boxes are wet")
    finn.page.get_by_label("Where was it found?").select_option(value="stock")
    sign_offline(finn)
    cable.mend()
    expect_all_sent(finn, 2)
    found = finn.ask("/api/instances")["items"]
    assert [each["process_id"] for each in found] == ["nonconformance"]


def test_too_old_a_pack_refuses_and_a_process_that_is_the_servers_does_not_begin(
    behind_cable: Callable[..., Seat], cable: Cable
) -> None:
    ann = prepared(behind_cable("ann", "phone"))
    cable.cut()
    ann.page.reload()
    ann.page.locator("nav a[href='/start']").click()
    ann.page.get_by_role("button", name="Start Receiving", exact=True).click()
    refused = ann.page.get_by_role("alert").filter(has_text=NOT_NOW["en"])
    refused.filter(has_text="with a connection").wait_for()
    ann.page.evaluate(_AGE)
    ann.page.get_by_role("button", name="Start Put away", exact=True).click()
    refused.filter(has_text="too old").wait_for()
    assert ann.page.locator("a.state[href='/sent']").count() == 0
    ann.page.evaluate(
        "history.pushState(null, '', '/device'); dispatchEvent(new Event('popstate'))"
    )
    ann.page.locator(".device-missing", has_text="too old").wait_for()
    assert ann.obstacles() == []


def test_only_what_changed_of_the_pack_travels(
    seat: Callable[..., Seat], behind_cable: Callable[..., Seat]
) -> None:
    ben = behind_cable("ben", "phone")
    enrol(ben)
    receive(seat("ann", "phone"))
    ben.offered("Check the documents")
    ben.go("/device")
    with ben.page.expect_response(lambda answer: answer.url.endswith("/api/pack")) as asked:
        ben.page.get_by_role("button", name="Fetch now").click()
    have = json.loads(asked.value.request.post_data or "")["have"]
    parts = asked.value.json()["parts"]
    assert {name.partition("/")[0] for name in parts} >= {"work_item", "state", "stock"}
    assert {"meanings", "processes", "revoked", "units"} <= have.keys() - parts.keys()
