"""The registers on screen: found, read and worked off by whom they concern, on every device."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from engine.store.database import Database
from tests.browser import product
from tests.browser.company import Devices, Furnished
from tests.browser.seat import Seat

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def furnished(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Furnished]:
    """A company with something in every register; it takes a while to come about."""
    path = tmp_path_factory.mktemp("company") / "company.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield Furnished(database)
    database.dispose()


@pytest.fixture(scope="module")
def address(furnished: Furnished, client: Path) -> Iterator[str]:
    """The address of a server over the company."""
    with product.served(furnished.access, client) as address:
        yield address


@pytest.fixture
def seat(furnished: Furnished, chromium: Browser, address: str) -> Iterator[Callable[..., Seat]]:
    """Put a person of the company at a device: seat("dora", "phone")."""
    devices = Devices(chromium, address, furnished.people)
    yield devices.seat
    devices.close()


LOOKS = (
    pytest.param(
        {"size": "phone", "language": "zh", "color_scheme": "dark"}, id="dark phone, Chinese"
    ),
    pytest.param(
        {"size": "tablet", "language": "en", "color_scheme": "light"}, id="tablet, English"
    ),
)


@pytest.mark.parametrize("looks", LOOKS)
def test_every_register_is_open_to_everybody(
    furnished: Furnished, seat: Callable[..., Seat], looks: dict[str, str]
) -> None:
    """Open each screen as a person does: axe finds nothing, every target is 48 px, all fits."""
    dora = seat("dora", **looks)
    screens = {
        "/registers": ".register",
        "/registers/trace": "form",
        f"/registers/trace/{furnished.part.lot_id}": "tbody tr",
        "/registers/field-actions": "tbody tr",
        f"/registers/field-actions/{furnished.recall.number}": ".board-tile",
    }
    found = []
    for path, there in screens.items():
        dora.go(path)
        dora.page.locator(f"main {there}").first.wait_for()
        found += dora.obstacles()
    assert found == []
    assert dora.trouble == []
    assert dora.foreign == []


def test_a_lot_is_traced_by_its_label(furnished: Furnished, seat: Callable[..., Seat]) -> None:
    dora = seat("dora", "phone")
    page = dora.page
    dora.go("/")
    page.get_by_role("link", name="Registers", exact=True).click()
    page.get_by_role("link", name="Trace").click()
    page.get_by_label("Lot, serial number or barcode").wait_for()
    page.keyboard.type("]d2010084113211293910PART-1\n")  # a scanner, wherever the focus is
    expect(page.locator("h1")).to_have_text(f"Trace of lot {furnished.part.number}")
    reached = page.locator("main table").first
    expect(reached.locator("tbody tr")).to_have_count(2)
    expect(reached.locator("tbody tr").last).to_contain_text(furnished.device.number)
    expect(reached.locator("tbody tr").last).to_contain_text("D-01")
    consignees = page.locator("main table").last
    expect(consignees).to_contain_text("Hospital C-1")
    expect(consignees).to_contain_text("Hospital C-2")
    expect(page.get_by_text("Everything is explained")).to_be_visible()
    page.get_by_text("What it is made of").click()
    expect(page.locator("main table tbody tr")).to_have_count(1)
    assert dora.trouble == []


def test_a_label_of_no_lot_and_a_code_of_another_system_say_so(seat: Callable[..., Seat]) -> None:
    dora = seat("dora", "desktop")
    dora.go("/registers/trace")
    label = dora.page.get_by_label("Lot, serial number or barcode")
    label.fill("NO-SUCH-LOT")
    label.press("Enter")
    expect(dora.page.locator("main .notice")).to_contain_text("No lot carries this")
    label.fill("(01)00841132112939(10)PART-1")
    label.press("Enter")
    expect(dora.page.locator("main .notice")).not_to_contain_text("No lot carries this")
    assert "scan" in dora.page.locator("main .notice").inner_text().lower()


def test_the_war_room_sees_who_is_not_reached(
    furnished: Furnished, seat: Callable[..., Seat]
) -> None:
    mei = seat("mei", "desktop")
    page = mei.page
    mei.go("/registers/field-actions")
    page.get_by_role("link", name=furnished.recall.number).click()
    tiles = page.locator(".board-tile")
    expect(tiles.nth(0)).to_contain_text("1 / 2")
    expect(tiles.nth(2)).to_contain_text("50 %")
    page.get_by_text("Not reached 1").click()
    consignees = page.locator("section", has=page.get_by_role("heading", name="Consignees"))
    expect(consignees.locator("tbody tr")).to_have_count(1)
    expect(consignees.locator("tbody tr")).to_contain_text("Hospital C-2")
    accounts = page.get_by_role("table", name="Reconciliation")
    expect(accounts.locator("tbody tr").nth(0)).to_contain_text("1 used · 3 still there")
    expect(accounts.locator("tbody tr").nth(1)).to_contain_text("4 ea")
    report = page.get_by_role("link", name="PDF").first.get_attribute("href")
    answer = mei.context.request.get(f"{mei.address}{report}")
    assert answer.body().startswith(b"%PDF")
    data = page.get_by_role("link", name="Data").first.get_attribute("href")
    assert "content" in mei.ask(str(data))
    assert mei.trouble == []
