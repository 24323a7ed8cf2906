"""The inspection from sign-in to the released lot; then the auditor reads it, and prints it.

Once on phones in English, once on tablets and desktops in Chinese, the desktops dark.
"""

from collections.abc import Callable

import pytest

from tests.browser.inspection import (
    decide,
    inspect,
    receive,
    release,
    review,
    scan_two_units,
)
from tests.browser.seat import Seat

pytestmark = pytest.mark.browser

PHONE = {"size": "phone", "language": "en"}
TABLET = {"size": "tablet", "language": "zh"}
DESKTOP = {"size": "desktop", "language": "zh", "color_scheme": "dark"}


@pytest.mark.parametrize(
    ("hall", "office"),
    [
        pytest.param(PHONE, PHONE, id="phone"),
        pytest.param(TABLET, DESKTOP, id="tablet and dark desktop, Chinese"),
    ],
)
def test_from_sign_in_to_released_lot(
    seat: Callable[..., Seat], hall: dict[str, str], office: dict[str, str]
) -> None:
    ann, ben = seat("ann", **hall), seat("ben", **hall)
    receive(ann)
    inspect(ben)
    cleo = seat("cleo", **office)
    review(cleo)
    dora = seat("dora", **office)
    decide(dora)
    instance = release(dora)
    eve = seat("eve", **office)
    audit(eve, instance)
    for person in (ann, ben, cleo, dora, eve):
        assert person.trouble == []
        assert person.foreign == []


def test_one_scan_of_a_unit_fills_item_lot_expiry_and_serial(seat: Callable[..., Seat]) -> None:
    ann = seat("ann", **TABLET)
    scan_two_units(ann)
    assert ann.trouble == []


def audit(eve: Seat, instance: str) -> None:
    """Read the lot, the diagram and the history; then look at what would be printed."""
    eve.go("/stock")
    eve.page.locator("main a[href^='/stock/lots/']").first.click()
    eve.page.get_by_text(eve.word("status.released"), exact=True).first.wait_for()
    eve.go(f"/records/{instance}")
    eve.page.locator(".bjs-powered-by").wait_for()  # the diagram, with its maker's mark
    eve.page.locator("main label", has_text=eve.word("instance.history")).first.click()
    people = (
        ["Ben Li", "Cleo Sun", "Dora Wang"] if eve.language == "en" else ["李本", "孙可", "王朵"]
    )
    signatures = eve.page.locator(".manifestation")
    eve.page.get_by_text(people[-1]).first.wait_for()
    for name in people:
        assert signatures.filter(has_text=name).count() > 0
    eve.page.emulate_media(media="print")
    last = signatures.last
    # What 21 CFR 11.50 asks for stands on paper too: printed name, time with zone, meaning, role.
    for part in (people[-1], "Asia/Shanghai", "Released", "放行", "QA"):
        assert last.get_by_text(part).first.is_visible(), f"{part} is not printed"
    assert not eve.page.locator("nav").is_visible()
