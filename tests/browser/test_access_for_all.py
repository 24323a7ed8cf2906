"""No screen keeps anybody out: axe finds nothing serious, fingers hit everything, keys do all."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser import inspection
from tests.browser.seat import Seat

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("size", "language", "scheme"), [("phone", "zh", "dark"), ("desktop", "en", "light")]
)
def test_every_screen_is_open_to_everybody(
    device: Callable[..., Seat], size: str, language: str, scheme: str
) -> None:
    looks = {"size": size, "language": language, "color_scheme": scheme}
    ann = device("ann", **looks)
    ann.page.goto(ann.address)
    ann.page.locator(".demo-account").first.wait_for()
    found = ann.obstacles()
    ann.sign_in()
    inspection.fill_in_delivery(ann)
    found += ann.obstacles()
    ann.ask_to_sign()
    found += ann.obstacles()
    ann.page.keyboard.press("Escape")
    ann.sign()
    found += ann.obstacles()
    for path in ("/", "/start", "/sent", "/settings"):
        ann.go(path)
        found += ann.obstacles()
    instance = ann.ask("/api/instances?status=completed")["items"][0]["process_instance_id"]
    ben = device("ben", **looks).sign_in()
    ben.go(f"/work/{ben.offered(inspection.called(ben, 'Check the documents'))}")
    ben.page.locator("main form:not([aria-busy])").wait_for()
    found += ben.obstacles()
    eve = device("eve", **looks).sign_in()
    for path, there in {
        "/records": "main .page-head",
        f"/records/{instance}": ".djs-overlay",
        "/stock": "main tbody a",
        "/verification": "main button",
        "/nowhere": "main a",
    }.items():
        eve.go(path)
        eve.page.locator(there).first.wait_for(state="attached")
        found += eve.obstacles()
    eve.go(f"/records/{instance}")
    eve.page.locator("main label", has_text=eve.word("instance.history")).first.click()
    eve.page.locator(".manifestation").first.wait_for()
    found += eve.obstacles()
    eve.go("/stock")
    eve.page.locator("main tbody a").first.click()
    eve.page.get_by_role("heading", name=eve.word("lot.movements"), exact=True).wait_for()
    found += eve.obstacles()
    assert found == []


def test_from_sign_in_to_a_signed_step_by_keyboard_alone(device: Callable[..., Seat]) -> None:
    ann = device("ann", "desktop")
    keys, page = ann.page.keyboard, ann.page
    page.goto(ann.address)
    tab_to(ann, page.locator("input[name=username]"))
    keys.type(ann.account["username"])
    tab_to(ann, page.locator("input[type=password]"))
    keys.type(ann.account["password"])
    keys.press("Enter")
    page.locator("main.sign-in").wait_for(state="detached")
    tab_to(ann, page.get_by_role("link", name=ann.word("nav.start"), exact=True))
    keys.press("Enter")
    tab_to(ann, page.get_by_role("button", name="Start Receiving", exact=True))
    keys.press("Enter")
    page.locator("main form").wait_for()
    supplier = page.locator("main select[id$='-supplier']")
    tab_to(ann, supplier)
    keys.type("Huaxin")
    expect(supplier.locator("option:checked")).to_contain_text("Huaxin")
    for label, answer in {
        "Delivery note number": "DN-2",
        "Label (optional)": f"{inspection.LABEL}\n",
        "Quantity": "10",
        "Transport boxes": "1",
    }.items():
        tab_to(ann, page.get_by_label(label))
        keys.type(answer)
        if answer.endswith("\n"):  # what a scan fills in comes a moment later, and moves the focus
            expect(page.get_by_label("Item", exact=True)).to_have_value("00841132112939")
    tab_to(ann, page.get_by_label("Yes", exact=True))
    keys.press("Space")
    tab_to(ann, page.get_by_label("Put on"))
    keys.type("Q-01")
    tab_to(ann, page.get_by_role("button", name=ann.word("work.sign_and_complete")))
    keys.press("Enter")
    dialog = page.locator("dialog[open]")
    tab_to(ann, dialog.get_by_label(ann.word("sign.username")))
    keys.type(ann.account["username"])
    tab_to(ann, dialog.get_by_label(ann.word("sign.password")))
    keys.type(ann.account["password"])
    keys.press("Enter")
    expect(page.locator("[role=status]", has_text=ann.word("done.signed")).first).to_be_visible()
    assert ann.trouble == []


def tab_to(seat: Seat, target: Locator) -> None:
    """Press Tab until the target has the focus, and see that the focus can be seen."""
    target.first.wait_for(state="attached")
    passed = []
    for _ in range(60):
        if target.first.evaluate("(element) => element === document.activeElement"):
            shown = target.first.evaluate(
                """(element) => [element, element.parentElement].some((each) => {
                  const { outlineStyle, boxShadow } = getComputedStyle(each);
                  return outlineStyle !== "none" || boxShadow !== "none";
                })"""
            )
            assert shown, f"nothing shows that {target} has the focus"
            return
        seat.page.keyboard.press("Tab")
        passed.append(
            seat.page.evaluate("document.activeElement.id || document.activeElement.textContent")
        )
    raise AssertionError(f"Tab does not reach {target}, but {passed}")
