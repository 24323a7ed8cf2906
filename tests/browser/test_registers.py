"""The registers on screen: found, read and worked off by whom they concern, on every device."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from api import paging
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
    part, recall = furnished.part.lot_id, furnished.recall.number
    screens = {
        "/registers": ("ada", ".register"),
        "/registers/trace": ("hana", "form"),
        f"/registers/trace/{part}": ("hana", "tbody tr"),
        "/registers/field-actions": ("hana", "tbody tr"),
        f"/registers/field-actions/{recall}": ("hana", ".board-tile"),
        "/registers/purchase-orders": ("hana", "tbody tr"),
        f"/registers/purchase-orders/{furnished.order}": ("hana", "tbody tr"),
        "/registers/changes": ("hana", "tbody tr"),
        f"/registers/changes/{furnished.change}": ("hana", "tbody tr"),
        "/registers/findings": ("hana", "tbody tr"),
        "/registers/nonconformities": ("hana", "tbody tr"),
        f"/registers/nonconformities/{furnished.nonconformity}": ("hana", "tbody tr"),
        "/registers/incidents": ("ada", "tbody tr"),
        "/clocks": ("hana", ".empty"),
        "/sampling": ("hana", "tbody tr"),
        "/stock": ("hana", "tbody tr"),
        f"/stock/lots/{part}": ("hana", "tbody tr"),
    }
    seats = {who: seat(who, **looks) for who in ("ada", "hana")}
    found = []
    for path, (who, there) in screens.items():
        seats[who].go(path)
        seats[who].page.locator(f"main {there}").first.wait_for()
        found += seats[who].obstacles()
    seats["hana"].go("/registers/findings")
    for button in (0, 1):  # the two dialogs of a finding
        seats["hana"].page.locator("main tbody button").nth(button).click()
        seats["hana"].page.locator("dialog[open]").wait_for()
        found += seats["hana"].obstacles()
        seats["hana"].page.keyboard.press("Escape")
        seats["hana"].page.locator("dialog[open]").wait_for(state="detached")
    assert found == []
    for each in seats.values():
        assert each.trouble == []
        assert each.foreign == []


def test_a_lot_is_traced_by_its_label(furnished: Furnished, seat: Callable[..., Seat]) -> None:
    dora = seat("dora", "phone")
    page = dora.page
    dora.go("/")
    page.get_by_role("link", name="Registers", exact=True).click()
    page.get_by_role("link", name="Trace").click()
    page.get_by_label("Lot, serial number or barcode").wait_for()
    page.wait_for_load_state("networkidle")  # the listener is fetched with the screen
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


def test_an_order_shows_what_came_and_what_was_decided(
    furnished: Furnished, seat: Callable[..., Seat]
) -> None:
    gao = seat("gao", "tablet")
    page = gao.page
    gao.go("/registers/purchase-orders")
    page.get_by_role("link", name=furnished.order).click()
    line = page.get_by_role("table", name="Lines", exact=True).locator("tbody tr").first
    expect(line).to_contain_text("100 ea")
    expect(line).to_contain_text("50 accepted, 0 rejected")
    receipt = page.get_by_role("table", name="Receipts and decisions").locator("tbody tr").first
    expect(receipt).to_contain_text("Accepted 50 ea")
    expect(receipt).to_contain_text("Ann Zhao")
    pdf = page.get_by_role("link", name="PDF of version 1").get_attribute("href")
    assert gao.context.request.get(f"{gao.address}{pdf}").body().startswith(b"%PDF")
    assert gao.trouble == []


def test_a_change_and_a_nonconformity_show_what_was_decided(
    furnished: Furnished, seat: Callable[..., Seat]
) -> None:
    hana = seat("hana", "desktop", "zh")
    page = hana.page
    hana.go("/registers/changes")
    page.get_by_role("link", name=furnished.change).click()
    objects = page.get_by_role("table", name="受影响对象").locator("tbody tr")
    expect(objects).to_contain_text("物料版本")
    expect(page.get_by_role("table", name="任务").locator("tbody tr")).to_contain_text("未完成")
    expect(page.get_by_text("王朵").first).to_be_visible()
    hana.go("/registers/nonconformities")
    expect(page.locator("main tbody tr").first).to_contain_text("0 天")
    page.get_by_role("link", name=furnished.nonconformity).click()
    splits = page.get_by_role("table", name="处置").locator("tbody tr")
    expect(splits).to_have_count(2)
    expect(splits.nth(1)).to_contain_text("退供应商")
    assert hana.trouble == []


def test_an_owner_works_off_findings(seat: Callable[..., Seat]) -> None:
    hana = seat("hana", "phone")
    page = hana.page
    hana.go("/registers/findings")
    rows = page.locator("main tbody tr")
    rows.first.wait_for()
    before = len(hana.ask("/api/changes/findings")["items"])
    rows.first.get_by_role("button", name="Assign").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("To", exact=True).select_option(label="Hugo Bai")
    dialog.get_by_label("Until (optional)").fill("2026-12-24")
    dialog.get_by_role("button", name="Assign").click()
    dialog.wait_for(state="detached")
    expect(page.get_by_text("Given to Hugo Bai")).to_be_visible()
    rows.nth(1).get_by_role("button", name="Decide").click()
    dialog.get_by_text("Accepted as it is").click()
    dialog.get_by_role("button", name="Decide").click()
    expect(dialog).to_be_visible()  # the reason is asked for
    dialog.get_by_label("Reason").fill("sold without a date in this market")
    dialog.get_by_role("button", name="Decide").click()
    dialog.wait_for(state="detached")
    expect(rows).to_have_count(before - 1)
    page.get_by_role("button", name="Look again now").click()
    expect(page.locator("[role=status]", has_text="Looked at")).to_contain_text("0 new, 0 gone")
    assert hana.trouble == []


def test_an_administrator_skips_what_must_not_happen(seat: Callable[..., Seat]) -> None:
    dora = seat("dora", "desktop")
    dora.go("/registers/incidents")
    dora.page.locator("main tbody tr").first.wait_for()
    expect(dora.page.locator("main tbody button")).to_have_count(0)  # QA reads, ADM settles
    ada = seat("ada", "phone", "zh")
    page = ada.page
    ada.go("/registers/incidents")
    expect(page.locator("main tbody tr")).to_contain_text("receipt.posted")
    page.get_by_role("button", name="立即重试").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("理由").fill("再试一次")
    dialog.get_by_role("button", name="立即重试").click()
    dialog.wait_for(state="detached")
    page.locator("main tbody tr").first.wait_for()  # it fails again: nothing was mended
    page.get_by_role("button", name="跳过").click()
    dialog.get_by_label("理由").fill("收货从未发生")
    dialog.get_by_role("button", name="跳过").click()
    dialog.wait_for(state="detached")
    expect(page.locator("main .empty")).to_have_text("没有待处理的异常。")
    assert ada.trouble == []


NOWHERE = "00000000-0000-0000-0000-000000000000"
MISSING = (
    ("/registers/changes/CHG-0", "没有编号为 CHG-0 的记录"),
    ("/registers/field-actions/FA-0", "没有编号为 FA-0 的记录"),
    ("/registers/nonconformities/NC-0", "没有编号为 NC-0 的记录"),
    ("/registers/purchase-orders/PO-0", "没有编号为 PO-0 的记录"),
    (f"/registers/trace/{NOWHERE}", "没有这个批次"),
    ("/registers/trace/no-lot-at-all", "没有这个批次"),
    (f"/stock/lots/{NOWHERE}", "没有这个批次"),
)


def test_what_is_not_there_is_said_with_the_way_back(seat: Callable[..., Seat]) -> None:
    hana = seat("hana", "phone", "zh")
    for path, sentence in MISSING:
        hana.go(path)
        expect(hana.page.locator("main .notice")).to_have_count(1)
        expect(hana.page.locator("main .notice strong")).to_have_text(sentence)
        assert hana.obstacles() == []
    hana.page.locator("main a.back").click()
    expect(hana.page.locator("main h1")).to_have_text("库存")
    assert hana.trouble == []


def test_a_search_without_a_find_and_a_role_without_the_right_say_so(
    seat: Callable[..., Seat],
) -> None:
    ann = seat("ann", "tablet", "zh")
    page = ann.page
    ann.go("/stock")
    page.locator("main tbody tr").first.wait_for()
    for kind in ("批次", "物料"):
        page.locator("main .segments label", has_text=kind).click()
        page.get_by_placeholder("编号或名称，或扫码").fill("没有这样的东西%_'\\")
        expect(page.locator("main .empty")).to_have_text("没有找到。")
    ann.go("/registers/incidents")
    expect(page.locator("main .notice")).to_contain_text("您的角色无权执行此操作")
    ann.go("/registers/findings")
    expect(page.locator("main .empty")).to_have_text("您的角色没有待处理项。")
    ann.go("/sampling")
    page.get_by_label("批量").fill("十")
    expect(page.locator("main [role=alert]")).to_contain_text("请输入批量")
    assert ann.trouble == []


def test_a_register_without_the_server_says_so_and_comes_back(seat: Callable[..., Seat]) -> None:
    hana = seat("hana", "phone")
    page = hana.page
    hana.go("/registers")
    page.route(re.compile(r"/api/(changes|nonconformities|clocks)"), lambda route: route.abort())
    for name in ("Changes", "Nonconformities", "Statutory clocks"):
        page.get_by_role("link", name=name, exact=False).first.click()
        expect(page.locator("main .notice")).to_contain_text("The server cannot be reached")
        page.locator("main a.back").click()
    page.unroute(re.compile(r"/api/(changes|nonconformities|clocks)"))
    page.get_by_role("link", name="Changes").first.click()
    expect(page.locator("main tbody tr")).to_have_count(1)


def test_a_list_goes_on_past_its_first_page(
    seat: Callable[..., Seat], monkeypatch: pytest.MonkeyPatch
) -> None:
    hana = seat("hana", "tablet")
    whole = [each["key"] for each in hana.ask("/api/changes/findings")["items"]]
    monkeypatch.setattr(paging, "PAGE", 5)
    hana.go("/registers/findings")
    rows = hana.page.locator("main tbody tr")
    for shown in range(5, len(whole), 5):
        expect(rows).to_have_count(shown)
        hana.page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(len(whole))
    expect(rows.last).to_contain_text(whole[-1])
    expect(hana.page.get_by_role("button", name="Show more")).to_have_count(0)
    assert hana.trouble == []


def test_dates_and_numbers_stand_on_one_line(
    furnished: Furnished, seat: Callable[..., Seat]
) -> None:
    """Where a browser breaks a line at a hyphen, nobody reads a date at a glance."""
    paths = (
        "purchase-orders",
        f"purchase-orders/{furnished.order}",
        f"nonconformities/{furnished.nonconformity}",
        f"field-actions/{furnished.recall.number}",
    )
    hana = seat("hana", "tablet", "zh")
    for path in paths:
        hana.go(f"/registers/{path}")
        hana.page.locator("main tbody tr").first.wait_for()
        assert hana.page.evaluate(_BROKEN) == []


_BROKEN = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode())
    for (const match of text.data.matchAll(/[A-Z]*-?[0-9]{4}-[0-9]{2,}(-[0-9]{2})?/g)) {
      const range = document.createRange();
      range.setStart(text, match.index);
      range.setEnd(text, match.index + match[0].length);
      if (range.getClientRects().length > 1) found.push(match[0]);
    }
  return found;
}"""
"""The dates and the numbers that stand on two lines."""
