"""An order on screen: where it stands, and a version as it was frozen and signed, as PDF."""

from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from api.app import create_app
from api.context import EngineAccess
from engine.store.database import Database
from processes import demo
from processes.procurement.scenarios.purchase import BUYERS, GAO, NORA, Purchase, begin
from tests.api.conftest import Browser
from tests.people import BEN, EVE
from tests.scenario import TENANT, Scenario


@pytest.fixture
def purchase(sqlite: Database) -> Purchase:
    """A confirmed order, of which half has been received and accepted."""
    company = Scenario(sqlite)
    demo.seed_master_data(company.dispatcher, TENANT)
    for person in BUYERS:
        company.add(person)
    found = begin(company)
    found.order()
    found.deliver(50)
    return found


@pytest.fixture
def browser(purchase: Purchase, tmp_path: Path) -> Browser:
    access = EngineAccess(dispatcher=purchase.company.dispatcher, tenant=TENANT)
    app = create_app(access, secret_key="test", web=tmp_path)  # noqa: S106
    return Browser(app.test_client(), "zh").sign_in(GAO)


def test_an_order_is_shown_with_its_lines_and_versions(
    purchase: Purchase, browser: Browser
) -> None:
    number = purchase.case["order"]["number"]
    shown = browser.get(f"/api/purchase-orders/{number}").get_json()
    assert (shown["status"], shown["version"]) == ("sent", 1)
    line = shown["lines"][0]
    assert (line["ordered"], line["accepted"], line["outstanding"]) == ("100", "50", "50")
    assert line["requisition"] == purchase.case["requisition"]["number"]
    assert shown["versions"][0]["unchanged"] is True
    assert browser.get("/api/purchase-orders/PO-1").status_code == 404


def test_orders_are_read_by_who_has_a_part_in_buying(purchase: Purchase, browser: Browser) -> None:
    number = purchase.case["order"]["number"]
    addresses = ("/api/purchase-orders", f"/api/purchase-orders/{number}")
    for address in addresses:
        assert browser.get(address).status_code == 200
        other = Browser(browser.client.application.test_client(), "zh").sign_in(BEN)
        inspector = other.get(address)
        assert (inspector.status_code, inspector.get_json()["reason"]) == (403, "not_yours")


def test_an_order_shows_how_it_was_sent_and_what_was_performed(
    purchase: Purchase, browser: Browser
) -> None:
    """Who sent it where by what; and services, which come through no dock."""
    served = begin(purchase.company)
    served.request(
        item_number=None,
        category="service",
        description="Yearly service of the washer",
        unit="ea",
        quantity="2",
        justification="the washer is due",
    )
    served.approve("Requisition")
    served.source()
    served.build(served.line("2"))
    served.approve("Order")
    served.confirm()
    served.do("Perform", NORA, lines=[{"quantity": "1", "final": False}], evidence="report SR-1")
    shown = browser.get(f"/api/purchase-orders/{served.case['order']['number']}").get_json()
    (sending,) = shown["mails"]
    assert [sending[x] for x in ("channel", "address", "status")] == ["mail", "sales", "sent"]
    (done,) = shown["performances"]
    assert [done[x] for x in ("line", "quantity", "evidence")] == [1, "1", "report SR-1"]
    assert {shown["people"][each["by"]]["zh"] for each in (sending, done)} == {"胡峰", "严诺"}


def test_a_version_is_a_document_with_its_signatures(purchase: Purchase, browser: Browser) -> None:
    number = purchase.case["order"]["number"]
    answer = browser.get(f"/api/purchase-orders/{number}/versions/1.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages)
    words = "".join(text.split())
    assert "采购订单" in words
    assert number in words
    assert "变更前通知" in words
    assert "高林" in words  # who approved for purchasing
    assert "胡峰" in words  # who wrote it
    assert browser.get(f"/api/purchase-orders/{number}/versions/2.pdf").status_code == 404


def test_the_document_is_for_those_who_read_its_case(purchase: Purchase, browser: Browser) -> None:
    address = f"/api/purchase-orders/{purchase.case['order']['number']}/versions/1.pdf"
    for language, said in (("zh", "无权查看"), ("en", "Your roles have no part")):
        own = Browser(browser.client.application.test_client(), language).sign_in(BEN)
        answer = own.get(address)
        assert (answer.status_code, answer.get_json()["reason"]) == (403, "not_yours")
        assert said in answer.get_json()["detail"]
    auditor = Browser(browser.client.application.test_client()).sign_in(EVE)
    assert auditor.get(address).status_code == 200
