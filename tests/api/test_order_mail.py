"""An approved order goes out by mail as PDF; what the server said is on its record."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from api import mailing, settings
from api.mailing import Mailing
from processes import demo
from processes.ledger.purchasing import order_mails, orders
from processes.ledger.purchasing.commands import ATTEMPTS
from processes.procurement.scenarios.purchase import BUYERS, FINN, Purchase, begin, pass_days
from tests.api.test_respond import Inbox, inbox  # noqa: F401  # a fixture
from tests.scenario import TENANT, Scenario


@pytest.fixture
def purchase(scenario: Scenario) -> Purchase:
    """An order that has just been approved, with an address to go to."""
    demo.seed_master_data(scenario.dispatcher, TENANT)
    for person in BUYERS:
        scenario.add(person)
    found = begin(scenario)
    found.request()
    found.approve("Requisition")
    found.source()
    found.build(order_email="sales@huaxin.example.com")
    found.approve("Order")
    return found


def sender(purchase: Purchase) -> Mailing:
    given = settings.mail_from_environment()
    assert given is not None
    return Mailing(purchase.company.dispatcher, TENANT, mailing.sending(given), given.sender)


def kept(purchase: Purchase) -> list[tuple[str, str | None]]:
    with purchase.company.database.reading() as db:
        order = orders.by_number(db, TENANT, purchase.case["order"]["number"])
        return [(row.status, row.answer) for row in order_mails.of_order(db, TENANT, order)]


def test_an_approved_order_goes_out_and_the_servers_answer_is_the_proof(
    purchase: Purchase,
    inbox: Inbox,  # noqa: F811
) -> None:
    assert purchase.open == []  # nobody has to send it
    assert sender(purchase).run_once() == 1
    purchase.company.background.run_until_idle()
    (mail,) = inbox.mails
    number = purchase.case["order"]["number"]
    assert mail["To"] == "sales@huaxin.example.com"
    assert number in mail["Subject"]
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == f"{number}-v1.pdf"
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(attached.get_content())).pages)
    assert number in "".join(text.split())
    assert kept(purchase) == [("sent", "250 kept")]
    assert purchase.case["mailed"]["accepted"] is True
    assert purchase.open == ["Confirmation"]
    assert sender(purchase).run_once() == 0  # once
    assert purchase.company.verify().differences == []


def test_an_order_that_no_server_takes_is_sent_by_the_buyer(
    purchase: Purchase,
    inbox: Inbox,  # noqa: F811
) -> None:
    inbox.says = "550 no such user"
    assert sender(purchase).run_once() == 0
    purchase.company.background.run_until_idle()
    assert kept(purchase) == [("failed", "550 no such user")]
    assert purchase.open == ["Send"]
    purchase.do("Send", FINN, channel="paper", recipient="Mr Hu")
    assert purchase.open == ["Confirmation"]


def test_a_server_that_is_busy_is_tried_again_and_given_up(
    purchase: Purchase,
    inbox: Inbox,  # noqa: F811
) -> None:
    inbox.says = "451 try later"
    for _ in range(ATTEMPTS):
        assert kept(purchase)[0][0] in ("pending", "sending")
        assert sender(purchase).run_once() == 0
        purchase.company.clock.advance(minutes=11)
    purchase.company.background.run_until_idle()
    assert kept(purchase) == [("failed", "451 try later")]
    assert purchase.open == ["Send"]


def test_a_mail_that_nobody_sends_is_taken_back_before_the_buyer_sends_it(
    purchase: Purchase,
    inbox: Inbox,  # noqa: F811
) -> None:
    pass_days(purchase.company, 1)
    assert purchase.open == ["Send"]
    assert kept(purchase)[0][0] == "withdrawn"
    assert sender(purchase).run_once() == 0  # never twice
    assert inbox.mails == []


def test_an_address_is_one(purchase: Purchase) -> None:
    other = begin(purchase.company)
    other.request()
    other.approve("Requisition")
    other.source()
    with pytest.raises(AssertionError, match="order_email"):
        other.build(order_email="by telephone")
