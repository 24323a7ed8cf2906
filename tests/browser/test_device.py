"""A device that is enrolled: signing with no network at all, answers that are lost, wrong secrets.

The network is a cable before the server (network.py) that is cut for good: the browser's own
switch leaves some ways open. The passkey is Chromium's virtual authenticator, a CTAP2 device that
verifies its user.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.inspection import called, fill_in_form_of_delivery
from tests.browser.network import Cable
from tests.browser.seat import Seat, until

pytest.importorskip("api.sync", reason="the server's side of the offline protocol is missing")
pytestmark = pytest.mark.browser

PIN = "8642-hall"
ZH = {
    "Enrol": "登记",
    "Name of the device": "设备名称",
    "Register a PIN": "登记 PIN 码",
    "Register a passkey": "登记通行密钥",
    "New PIN": "新 PIN 码",
    "The PIN once more": "再次输入 PIN 码",
    "Your password (signs the registration)": "您的密码（用于签署本次登记）",
    "Sign and register": "签署并登记",
    "Your PIN for signing on this device": "您在本机签署用的 PIN 码",
    "The PIN is not right": "PIN 码不正确",
    "PIN on this device": "本机 PIN 码",
    "Passkey": "通行密钥",
}


def word(seat: Seat, english: str) -> str:
    """Give what stands on the screen of this device in the person's language."""
    return english if seat.language == "en" else ZH[english]


def start_receiving(ann: Seat) -> str:
    """Start a delivery; give the address of its first step."""
    ann.go("/start")
    ann.page.get_by_role("button", name=called(ann, "Start Receiving"), exact=True).click()
    ann.page.locator("main form").wait_for()
    path: str = urlsplit(ann.page.url).path
    return path


def enrol(seat: Seat) -> None:
    seat.go("/device")
    seat.page.get_by_label(word(seat, "Name of the device")).fill("H-2")
    seat.page.get_by_role("button", name=word(seat, "Enrol"), exact=True).click()
    seat.page.locator("#device-ready").wait_for()


def controlled(seat: Seat) -> None:
    """Wait until the client is on the device, so that it opens without a network."""
    seat.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    seat.page.reload()
    until(
        lambda: seat.page.evaluate("navigator.serviceWorker.controller !== null") or None,
        "the client on the device",
    )
    seat.page.wait_for_load_state(
        "networkidle"
    )  # a load that is cut short is another test's matter


def register_pin(seat: Seat) -> None:
    seat.page.get_by_role("button", name=word(seat, "Register a PIN")).click()
    dialog = seat.page.locator("dialog[open]")
    for label, typed in (
        ("New PIN", PIN),
        ("The PIN once more", PIN),
        ("Your password (signs the registration)", seat.account["password"]),
    ):
        dialog.get_by_label(word(seat, label)).fill(typed)
    dialog.get_by_role("button", name=word(seat, "Sign and register")).click()
    seat.page.locator(".device-ways", has_text=word(seat, "PIN on this device")).wait_for()


def give_authenticator(seat: Seat) -> None:
    """Let this browser have a fingerprint reader, with a finger on it that it knows."""
    session = seat.context.new_cdp_session(seat.page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def register_passkey(seat: Seat) -> None:
    seat.page.get_by_role("button", name=word(seat, "Register a passkey")).click()
    dialog = seat.page.locator("dialog[open]")
    password = dialog.get_by_label(word(seat, "Your password (signs the registration)"))
    password.fill(seat.account["password"])
    dialog.get_by_role("button", name=word(seat, "Sign and register")).click()
    seat.page.locator(".device-ways", has_text=word(seat, "Passkey")).wait_for()


def sign_in_dialog(seat: Seat, pin: str | None) -> Locator:
    dialog = seat.ask_to_sign()
    if pin is not None:
        field = dialog.get_by_label(word(seat, "Your PIN for signing on this device"))
        field.fill(pin)
    else:
        dialog.get_by_label(seat.word("sign.password")).wait_for(state="detached")
    dialog.locator("button[type=submit]").click()
    return dialog


def expect_all_sent(seat: Seat, count: int) -> None:
    """Look at what the server said of what was done here."""
    seat.page.locator("a.state[href='/sent']").wait_for(state="detached")
    seat.page.evaluate("history.pushState(null, '', '/sent'); dispatchEvent(new Event('popstate'))")
    accepted = seat.page.locator(".sent-line", has_text=seat.word("sent.accepted"))
    expect(accepted).to_have_count(count)


@pytest.mark.parametrize(
    ("who", "by"),
    [
        pytest.param({"size": "phone", "language": "en"}, "passkey", id="passkey, phone"),
        pytest.param({"size": "phone", "language": "zh"}, "PIN", id="PIN, phone in Chinese"),
    ],
)
def test_signed_with_no_network_and_accepted_when_it_is_back(
    behind_cable: Callable[..., Seat], cable: Cable, who: dict[str, str], by: str
) -> None:
    ann = behind_cable("ann", **who)
    step = start_receiving(ann)
    enrol(ann)
    if by == "passkey":
        give_authenticator(ann)
        register_passkey(ann)
    else:
        register_pin(ann)
    assert ann.obstacles() == []
    controlled(ann)
    ann.go(step)
    fill_in_form_of_delivery(ann)
    assert ann.trouble == []
    cable.cut()
    sign_in_dialog(ann, None if by == "passkey" else PIN)
    kept = ann.page.locator("[role=status]", has_text=ann.word("pending.kept"))
    kept.first.wait_for()
    cable.mend()
    expect_all_sent(ann, 2)  # the start before it, and this
    assert ann.obstacles() == []
    assert ann.foreign == []


def test_a_lost_answer_is_asked_for_again_and_nothing_happens_twice(
    behind_cable: Callable[..., Seat], cable: Cable
) -> None:
    ann = behind_cable("ann", "phone")
    step = start_receiving(ann)
    enrol(ann)
    register_pin(ann)
    controlled(ann)
    ann.go(step)
    fill_in_form_of_delivery(ann)
    dialog = ann.ask_to_sign()
    dialog.get_by_label(word(ann, "Your PIN for signing on this device")).fill(PIN)
    cable.swallows = True
    dialog.locator("button[type=submit]").click()
    ann.page.locator("[role=status]", has_text=ann.word("pending.kept")).first.wait_for()
    until(lambda: cable.swallowed or None, "an answer to be lost")
    cable.swallows = False
    expect_all_sent(ann, 2)  # the start before it, and this


def test_a_wrong_pin_signs_nothing_and_a_password_goes_beside_the_record(
    behind_cable: Callable[..., Seat],
) -> None:
    ann = behind_cable("ann", "phone")
    step = start_receiving(ann)
    enrol(ann)
    register_pin(ann)
    ann.go(step)
    fill_in_form_of_delivery(ann)
    dialog = sign_in_dialog(ann, "1357-none")
    dialog.get_by_role("alert").filter(has_text=word(ann, "The PIN is not right")).wait_for()
    dialog.get_by_text("Password", exact=True).click()
    dialog.get_by_label(ann.word("sign.username")).fill("ann")
    dialog.get_by_label(ann.word("sign.password")).fill(ann.account["password"])
    dialog.locator("button[type=submit]").click()
    ann.page.locator("[role=status]", has_text=ann.word("done.signed")).first.wait_for()
    stored = ann.page.evaluate(
        """async () => {
          const found = [];
          for (const { name } of await indexedDB.databases()) {
            const db = await new Promise((done) => {
              const opening = indexedDB.open(name);
              opening.onsuccess = () => done(opening.result);
            });
            for (const store of db.objectStoreNames)
              found.push(await new Promise((done) => {
                const asking = db.transaction(store).objectStore(store).getAll();
                asking.onsuccess = () => done(JSON.stringify(asking.result));
              }));
            db.close();
          }
          return found.join();
        }"""
    )
    assert ann.account["password"] not in stored
    assert PIN not in stored
