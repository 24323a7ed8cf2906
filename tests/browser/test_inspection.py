"""The inspection on a phone, from sign-in to the released lot; then the auditor reads it.

One delivery of real devices by their real barcode: Ann receives, Ben inspects, Cleo reviews, Dora
decides and releases, Eve reads the history and proves it.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Seat

pytestmark = pytest.mark.browser

LABEL = "]d201008411321129391728013110HX-77"


def receive(ann: Seat) -> None:
    page = ann.page
    ann.go("/start")
    page.get_by_role("button", name="Start Receiving").click()
    page.locator("main form").wait_for()
    page.get_by_label("Supplier", exact=True).select_option(
        label="Huaxin Precision Medical Components"
    )
    page.get_by_label("Delivery note number").fill("DN-1")
    page.get_by_label("Label (optional)").click()
    page.keyboard.type(LABEL)
    page.keyboard.press("Enter")
    # One scan fills item, lot and expiry at once.
    expect(page.get_by_label("Item", exact=True)).to_have_value("00841132112939")
    expect(page.get_by_label("Supplier's lot")).to_have_value("HX-77")
    expect(page.get_by_label("Expiry date (optional)")).to_have_value("2028-01-31")
    page.get_by_label("Quantity").fill("10")
    page.get_by_label("Transport boxes").fill("1")
    page.get_by_label("Yes", exact=True).check(force=True)
    page.get_by_label("Put on").fill("Q-01")
    ann.sign()


def tick_all(seat: Seat, label: str) -> None:
    choices = seat.page.get_by_label(label, exact=True)
    for position in range(choices.count()):
        choices.nth(position).check(force=True)


def inspect(ben: Seat) -> None:
    ben.open("Check the documents")
    tick_all(ben, "Conforms")
    tick_all(ben, "Yes")
    ben.sign()
    ben.open("Draw the samples")
    ben.page.get_by_label("Units drawn").fill("5")
    tick_all(ben, "Yes")
    ben.sign()
    for _ in range(3):
        ben.open("Inspect")
        measure(ben)


def measure(ben: Seat) -> None:
    """Inspect the characteristic that is open: with an instrument, or by eye."""
    page = ben.page
    instrument = page.get_by_label("Instrument")
    if instrument.count() == 0:
        tick_all(ben, "conforms")
        ben.sign()
        return
    requirement = page.locator("main form").inner_text()
    good, gauge = ("2.680", "MIC-0003") if "2.6" in requirement else ("56.00", "CAL-0007")
    pick(ben, gauge)
    values = page.locator("main input[id$='-value']")
    for position in range(values.count()):
        values.nth(position).fill(good)
    ben.sign()


def pick(ben: Seat, gauge: str) -> None:
    """Choose the instrument, offered as radios or as a list."""
    chooser = ben.page.locator("main select[id$=instrument]")
    if chooser.count():
        value = chooser.locator("option", has_text=gauge).first.get_attribute("value")
        chooser.select_option(value=value)
    else:
        ben.page.locator("main label", has_text=gauge).first.click()


def test_from_sign_in_to_released_lot_on_a_phone(seat: Callable[..., Seat]) -> None:
    ann, ben = seat("ann"), seat("ben")
    receive(ann)
    inspect(ben)
    cleo = seat("cleo")
    cleo.open("Review the record")
    tick_all(cleo, "Yes")
    cleo.sign()
    dora = seat("dora")
    dora.open("Usage decision")
    dora.page.get_by_label("Accept", exact=True).check(force=True)
    dora.page.get_by_label("Accepted quantity").fill("10")
    dora.complete()
    dora.open("Release the lot")
    instance = dora.page.url.split("/work/")[1].split(".")[0]
    dora.sign()

    eve = seat("eve")
    eve.go("/stock")
    eve.page.locator("main a[href^='/stock/lots/'], main a[href^='/lots/']").first.click()
    eve.page.get_by_text("RELEASED").or_(eve.page.get_by_text("Released")).first.wait_for()
    eve.go(f"/records/{instance}")
    eve.page.locator(".bjs-powered-by").wait_for()  # the diagram, with its maker's mark
    eve.page.locator("main label", has_text="History").first.click()
    eve.page.get_by_text("Dora Wang").first.wait_for()
    text = eve.page.locator("main").inner_text()
    for name in ("Ben Li", "Cleo Sun", "Dora Wang"):
        assert name in text
    assert "Released" in text
    for person in (ann, ben, cleo, dora, eve):
        assert person.trouble == []
        assert person.foreign == []
