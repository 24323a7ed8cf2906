"""The response page and the mail that leads to it: no account, once, nothing in an exercise."""

import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any
from unittest.mock import patch

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, text

from api import mailing, respond, settings
from api.app import create_app
from api.context import EngineAccess
from api.mailing import Mailing
from engine.audit.entries import canonical_of
from engine.store.database import Database
from processes import demo, registry
from processes.ledger.field_actions import links, mails, notices, responses
from processes.ledger.field_actions.commands import ATTEMPTS, GIVEN_UP
from processes.recall.scenarios.field_action import MEI, Company, Recall, open_action
from tests.api.conftest import Browser
from tests.people import BEN, EVE
from tests.scenario import TENANT, Scenario

LINK = re.compile(r"/respond/([\w-]+)")


class Inbox:
    """A real mail server that keeps what it is sent, or says no."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.says = "250 kept"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.says.startswith("250"):
            read = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(read, EmailMessage)
            self.mails.append(read)
        return self.says


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    kept = Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(kept, hostname="127.0.0.1", port=port)
    server.start()
    with patch.dict(
        "os.environ",
        {
            "COUNTERSIGN_SMTP": f"smtp+plain://127.0.0.1:{port}",
            "COUNTERSIGN_MAIL_FROM": "recall@example.com",
            "COUNTERSIGN_ADDRESS": "https://answers.example.com",
        },
    ):
        yield kept
    server.stop()


@pytest.fixture
def maker(scenario: Scenario) -> Company:
    demo.seed_master_data(scenario.dispatcher, TENANT)
    return Company(scenario)


def app_of(maker: Company, tmp_path: Path) -> Flask:
    access = EngineAccess(dispatcher=maker.scenario.dispatcher, tenant=TENANT)
    return create_app(access, secret_key="test", web=tmp_path)  # noqa: S106


@pytest.fixture
def phone(maker: Company, tmp_path: Path) -> FlaskClient:
    return app_of(maker, tmp_path).test_client()


def sender(maker: Company) -> Mailing:
    given = settings.mail_from_environment()
    assert given is not None
    return Mailing(maker.scenario.dispatcher, TENANT, mailing.sending(given), given.sender)


def notified(maker: Company, mode: str = "real", *markets: str) -> Recall:
    """A recall whose notices are written and handed over."""
    part, _ = maker.set_up(*(markets or ("US",)))
    recall = open_action(maker, part, mode=mode)
    recall.evaluate()
    recall.decide()
    recall.plan()
    recall.report_to_authorities()
    recall.release_notices()
    recall.deliver()
    return recall


def token_in(mail: EmailMessage) -> str:
    found = LINK.search(mail.get_content())
    assert found
    return found[1]


def filled(page: str, **stated: str) -> dict[str, str]:
    """Fill in the form as a browser would send it."""
    fields = re.findall(r'name="((?:on_hand|used|returned)-[0-9a-f-]+)"', page)
    given = {field: stated.get(field.split("-", 1)[0], "0") for field in fields}
    return {**given, "understood": "yes", "name": "Dr Li", "contact": "101", "remark": "done"}


def test_a_mail_leads_to_the_page_and_the_answer_reaches_the_recall(
    maker: Company, inbox: Inbox, phone: FlaskClient
) -> None:
    recall = notified(maker)
    assert sender(maker).run_once() == 1
    (mail,) = inbox.mails
    assert mail["To"] == "c-1@example.com"
    assert mail["Subject"].startswith("URGENT MEDICAL DEVICE RECALL")
    assert "https://answers.example.com/respond/" in mail.get_content()
    token = token_in(mail)
    page = phone.get(f"/respond/{token}")
    assert page.status_code == 200
    assert "script" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    assert "(01)" in page.text
    sent = phone.post(f"/respond/{token}", data=filled(page.text, on_hand="1", returned="3"))
    assert sent.status_code == 200, sent.text
    assert "NTC-2026-00001-" in sent.text
    maker.scenario.background.run_until_idle()
    assert "Check" in recall.open_activities()
    assert "Call" not in recall.open_activities()
    (answer,) = recall.read(responses.of_action)
    assert (answer.channel, answer.name, answer.actor) == ("portal", "Dr Li", "engine:consignee")
    events = maker.scenario.events(recall.instance)
    assert [e["correlation"] for e in events if e["event"] == "message.received"] == [
        str(answer.notice_id)
    ]
    assert maker.scenario.verify().differences == []
    again = phone.get(f"/respond/{token}")
    assert (again.status_code, "answered" in again.text) == (410, True)
    twice = phone.post(f"/respond/{token}", data=filled(page.text))
    assert twice.status_code == 410
    assert len(recall.read(responses.of_action)) == 1


@pytest.mark.parametrize("second", ["Dr Li", "Dr Wu"])
def test_of_two_answers_at_the_same_moment_one_is_kept(
    maker: Company, inbox: Inbox, phone: FlaskClient, tmp_path: Path, second: str
) -> None:
    recall = notified(maker)
    sender(maker).run_once()
    address = f"/respond/{token_in(inbox.mails[0])}"
    page = phone.get(address).text
    looked, both = Barrier(2), links.usable

    def usable(*given: Any) -> Any:
        found = both(*given)  # each sees the link open, in the page and, where it can, in the book
        with suppress(BrokenBarrierError):
            looked.wait(2)
        return found

    def send(name: str, agent: str) -> int:
        browser = app_of(maker, tmp_path).test_client()
        said = {**filled(page), "name": name}
        return browser.post(address, data=said, headers={"User-Agent": agent}).status_code

    with patch.object(links, "usable", usable), ThreadPoolExecutor(2) as people:
        codes = sorted(people.map(send, ("Dr Li", second), ("wifi", "mobile")))
    assert codes == [200, 410]
    assert len(recall.read(responses.of_action)) == 1
    assert maker.scenario.verify().differences == []


def test_the_token_is_nowhere_in_the_database(maker: Company, inbox: Inbox) -> None:
    notified(maker)
    sender(maker).run_once()
    token = token_in(inbox.mails[0])
    with maker.scenario.database.reading() as db:
        kept = db.execute(text("SELECT token_hash FROM response_link")).scalars().all()
        assert token not in kept
        bodies = db.execute(text("SELECT body FROM audit_entry")).scalars().all()
    assert bodies
    assert not any(token.encode() in canonical_of(bytes(body)) for body in bodies)


def test_a_chinese_hospital_reads_chinese(maker: Company, inbox: Inbox, phone: FlaskClient) -> None:
    notified(maker, "real", "CN")
    sender(maker).run_once()
    assert inbox.mails[0]["Subject"].startswith("紧急医疗器械召回通知")
    page = phone.get(f"/respond/{token_in(inbox.mails[0])}")
    assert '<html lang="zh">' in page.text
    assert "现有库存" in page.text


def test_what_is_wrong_is_said_and_nothing_is_kept(
    maker: Company, inbox: Inbox, phone: FlaskClient
) -> None:
    recall = notified(maker)
    sender(maker).run_once()
    token = token_in(inbox.mails[0])
    page = phone.get(f"/respond/{token}").text
    for wrong in (
        {"name": ""},
        {"understood": ""},
        {next(iter(filled(page))): "a few"},
        {next(iter(filled(page))): "1.5"},
        {next(iter(filled(page))): "-1"},
        {next(iter(filled(page))): "١"},
    ):
        answer = phone.post(f"/respond/{token}", data={**filled(page), **wrong})
        assert answer.status_code == 422, wrong
        assert 'role="alert"' in answer.text
    assert recall.read(responses.of_action) == []


@pytest.mark.parametrize("typed", ["1,000", "12,345", "1,000,000", "1,000.5"])
def test_a_thousands_separator_is_asked_about_never_guessed(typed: str) -> None:
    line = {"line_id": "x", "decimals": 3}
    texts = registry.documents()["field_action_texts"]["page"]
    said = {"understood": "yes", "name": "Dr Li", "on_hand-x": typed}
    for words in texts.values():
        assert respond._problems(said, [line], words) == {"on_hand-x": words["number_grouped"]}
    older = {key: text for key, text in texts["en"].items() if key != "number_grouped"}
    assert "at most 3 decimals" in respond._problems(said, [line], older)["on_hand-x"]
    for fine in ("1000", "1,5", "1,25", "1.000"):
        assert respond._problems({**said, "on_hand-x": fine}, [line], texts["en"]) == {}


def test_what_people_type_is_never_markup(maker: Company, inbox: Inbox, phone: FlaskClient) -> None:
    notified(maker)
    sender(maker).run_once()
    token = token_in(inbox.mails[0])
    page = phone.get(f"/respond/{token}").text
    bad = {**filled(page), "name": "", "remark": "</textarea><script>alert(1)</script>"}
    assert "<script>" not in phone.post(f"/respond/{token}", data=bad).text


@pytest.mark.parametrize("token", ["x", "a" * 43, "%00", "../api/session"])
def test_an_unknown_link_tells_nothing(phone: FlaskClient, token: str) -> None:
    answer = phone.get(f"/respond/{token}")
    assert answer.status_code in (404, 401)
    assert "NTC-" not in answer.text


def test_a_link_expires(maker: Company, inbox: Inbox, phone: FlaskClient) -> None:
    notified(maker)
    sender(maker).run_once()
    maker.scenario.clock.advance(days=61)
    assert phone.get(f"/respond/{token_in(inbox.mails[0])}").status_code == 410


def test_too_many_requests_wait_a_minute(maker: Company, phone: FlaskClient) -> None:
    maker.scenario.clock.advance(hours=1)
    codes = {phone.get("/respond/x").status_code for _ in range(31)}
    assert codes == {404, 429}
    maker.scenario.clock.advance(minutes=2)
    assert phone.get("/respond/x").status_code == 404


def test_behind_a_proxy_each_consignee_has_its_own_limit(
    maker: Company, phone: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker.scenario.clock.advance(hours=1)
    monkeypatch.setenv("COUNTERSIGN_PROXY", "127.0.0.1, 10.0.0.9")

    def asked(by: str, number: int = 0) -> int:
        told = {"X-Forwarded-For": by}
        return phone.get(f"/respond/x{number}", headers=told).status_code

    codes = {asked(f"203.0.113.{number}, 198.51.100.7, 10.0.0.9", number) for number in range(31)}
    assert codes == {404, 429}  # who writes the header anew each time is still one address
    assert asked("198.51.100.8", 40) == 404
    assert {asked(f"198.51.100.{number}", 50) for number in range(100, 131)} == {404, 429}
    monkeypatch.setenv("COUNTERSIGN_PROXY", "")
    codes = {asked(f"192.0.2.{number}", 100 + number) for number in range(31)}
    assert codes == {404, 429}  # no proxy is named: the header is nobody's word


def test_a_stranger_makes_the_server_parse_no_documents(
    maker: Company, inbox: Inbox, phone: FlaskClient
) -> None:
    notified(maker)
    sender(maker).run_once()
    address = f"/respond/{token_in(inbox.mails[0])}"
    asked: list[str] = []

    def ask(*given: object) -> None:
        asked.append(str(given[2]))

    event.listen(Engine, "before_cursor_execute", ask)  # whichever pool is asked
    try:
        page = phone.get(address)
        phone.post(address, data={**filled(page.text), "name": ""})
        assert phone.get("/respond/x").status_code == 404
    finally:
        event.remove(Engine, "before_cursor_execute", ask)
    assert asked
    assert [each for each in asked if "FROM configuration" in each] == []


def test_an_exercise_sends_nothing(maker: Company, inbox: Inbox, tmp_path: Path) -> None:
    recall = notified(maker, "mock")
    with maker.scenario.database.transaction() as db:
        (row,) = notices.of_action(db, TENANT, recall.action())
        # Even a mail that should never have been queued is not sent.
        db.execute(
            text(
                "INSERT INTO notice_mail SELECT tenant_id, notice_id, notice_id, 0, 'a@b.cd', "
                "'pending', 0, issued_at, NULL, issued_at FROM notice"
            )
        )
        db.commit()
    assert sender(maker).run_once() == 0
    assert inbox.mails == []
    browser = Browser(app_of(maker, tmp_path).test_client()).sign_in(MEI)
    made = browser.post(f"/api/field-actions/notices/{row.notice_id}/letter")
    assert made.status_code == 409


def test_a_refused_mail_is_proof_of_nothing(maker: Company, inbox: Inbox) -> None:
    recall = notified(maker)
    inbox.says = "451 later"
    assert sender(maker).run_once() == 0
    (row,) = recall.read(notices.of_action)
    with maker.scenario.database.reading() as db:
        (mail,) = mails.of_notice(db, TENANT, row.notice_id)
    assert (mail.status, mail.attempts) == ("pending", 1)
    maker.scenario.clock.advance(minutes=11)
    inbox.says = "550 no such person"
    assert sender(maker).run_once() == 0
    tried = recall.read(notices.deliveries_of_action)
    assert [(each.channel, each.reached) for each in tried if each.channel == "mail"] == [
        ("mail", False)
    ]
    maker.scenario.clock.advance(minutes=11)
    inbox.says = "250 kept"
    assert sender(maker).run_once() == 0  # failed for good: it is called, not sent again


def readdress(maker: Company, address: str) -> None:
    """An address that was registered before they were looked at."""
    with maker.scenario.database.transaction() as db:
        db.execute(text("UPDATE notice_mail SET address = :it"), {"it": address})
        db.commit()


@pytest.mark.parametrize("address", ["李@example.com", "a@b.cd\nBcc: x@y.zz"])
def test_an_address_that_no_mail_can_carry_is_given_up_on_the_record(
    maker: Company, inbox: Inbox, address: str
) -> None:
    recall = notified(maker, "real", "US", "CN")
    readdress(maker, address)
    assert sender(maker).run_once() == 0
    with maker.scenario.database.reading() as db:
        states = db.execute(text("SELECT status FROM notice_mail")).scalars().all()
    assert states == ["failed", "failed"]
    tried = recall.read(notices.deliveries_of_action)
    assert [each.reached for each in tried if each.channel == "mail"] == [False, False]
    assert inbox.mails == []


def test_a_mail_that_nobody_settles_is_given_up(maker: Company, inbox: Inbox) -> None:
    recall = notified(maker)
    mailing_ = sender(maker)
    for _ in range(ATTEMPTS + 2):
        with (
            patch.object(Mailing, "_written", side_effect=RuntimeError("the process died")),
            suppress(RuntimeError),
        ):
            mailing_.run_once()
        maker.scenario.clock.advance(minutes=6)
    (row,) = recall.read(notices.of_action)
    with maker.scenario.database.reading() as db:
        (mail,) = mails.of_notice(db, TENANT, row.notice_id)
    assert (mail.status, mail.answer) == ("failed", GIVEN_UP)
    tried = recall.read(notices.deliveries_of_action)
    assert [each.reached for each in tried if each.channel == "mail"] == [False]
    assert inbox.mails == []


def test_without_a_server_the_letter_carries_link_and_picture(
    maker: Company, phone: FlaskClient, tmp_path: Path
) -> None:
    assert settings.mail_from_environment() is None
    recall = notified(maker)
    (row,) = recall.read(notices.of_action)
    browser = Browser(app_of(maker, tmp_path).test_client()).sign_in(MEI)
    address = f"/api/field-actions/notices/{row.notice_id}/letter"
    shown = browser.get(address)
    assert "/respond/" not in shown.text.replace("/respond.css", "")
    form = browser.client.post(address, data={"csrf": "wrong"})
    assert form.status_code == 403
    made = browser.client.post(address, data={"csrf": browser.csrf})
    assert made.status_code == 200, made.text
    assert "<svg" in made.text
    found = LINK.search(made.text)
    assert found
    assert phone.get(f"/respond/{found[1]}").status_code == 200


def test_reports_are_data_and_pdf(maker: Company, tmp_path: Path, sqlite: Database) -> None:
    del sqlite
    recall = notified(maker)
    app = app_of(maker, tmp_path)
    browser = Browser(app.test_client()).sign_in(MEI)
    shown = browser.get(f"/api/field-actions/{recall.number}").get_json()
    number = shown["reports"][0]["number"]
    assert shown["reconciliation"]["accounts"][0]["shipped"] == "4"
    data = browser.get(f"/api/field-actions/reports/{number}").get_json()
    assert data["content"]["consignees"][0]["name"] == "Hospital C-1"
    printed = browser.get(f"/api/field-actions/reports/{number}.pdf")
    assert printed.data.startswith(b"%PDF-1.7")
    assert browser.get("/api/field-actions/reports/REP-1.pdf").status_code == 404
    (row,) = recall.read(notices.of_action)
    of_the_case = [
        "/api/field-actions/",
        f"/api/field-actions/{recall.number}",
        *(f"/api/field-actions/reports/{number}{ending}" for ending in ("", ".pdf")),
        f"/api/field-actions/notices/{row.notice_id}/letter",
    ]
    for address in of_the_case:
        assert Browser(app.test_client(), "zh").sign_in(EVE).get(address).status_code == 200
        answer = Browser(app.test_client(), "zh").sign_in(BEN).get(address)
        assert (answer.status_code, answer.get_json()["reason"]) == (403, "not_yours"), address
    assert [each["number"] for each in browser.get("/api/field-actions/").get_json()["items"]] == [
        recall.number
    ]


def test_a_german_hospital_reads_and_answers_in_german(
    maker: Company, inbox: Inbox, phone: FlaskClient
) -> None:
    _, device = maker.set_up()
    maker.consignee("C-1", "DE", language="de-DE")
    maker.ship(device, "C-1", 4)
    recall = open_action(maker, device)
    recall.evaluate()
    recall.decide()
    german = {
        "language": "de",
        "product": "Knochenschraube",
        "reason": "Das Gewinde kann unter Last brechen.",
        "hazard": "Eine weitere Operation kann nötig werden.",
        "instructions": "Nicht verwenden, getrennt halten, zurücksenden.",
    }
    recall.plan(texts=[german])
    recall.report_to_authorities()
    recall.release_notices()
    sender(maker).run_once()
    [mail] = inbox.mails
    assert str(mail["Subject"]).startswith("DRINGEND: RÜCKRUF")
    page = phone.get(f"/respond/{token_in(mail)}").get_data(as_text=True)
    assert '<html lang="de">' in page
    assert "Ich habe die Mitteilung gelesen" in page
    unknown = phone.get("/respond/nothing", headers={"Accept-Language": "fr-CH, fr;q=0.9"})
    assert '<html lang="fr">' in unknown.get_data(as_text=True)
