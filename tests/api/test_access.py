"""Deny by default: every route says whose it is, and every change carries the token."""

import re

import pytest
from sqlalchemy import update

from api.access import access_of
from engine.actors import engine_actor
from engine.commands.configuration import ChangeConfiguration
from engine.identifiers import new_id
from engine.outcomes import Accepted, Outcome, Rejected
from processes.ledger.tables import stock_balance
from tests.api.conftest import Server
from tests.people import ADA, BEN, EVE
from tests.processes.conftest import small_book
from tests.scenario import TENANT

OPEN = {
    *("sessions.SessionResource", "docs.style", "pwa.index", "pwa.screen"),
    "sync.sync",  # the device's signature is the proof
    *("respond.page", "respond.answer", "respond.style"),  # a one-time link is its own proof
}


def test_every_route_says_whose_it_is(server: Server) -> None:
    silent = [
        endpoint for endpoint in server.app.view_functions if not access_of(server.app, endpoint)
    ]
    assert not silent, f"say access.signed_in, access.roles(…) or access.public: {silent}"


def test_nothing_else_is_open_to_everyone(server: Server) -> None:
    found = {e for e in server.app.view_functions if access_of(server.app, e) == ("public",)}
    assert found == OPEN


def test_every_route_refuses_strangers(server: Server) -> None:
    stranger = server.browser()
    for rule in server.app.url_map.iter_rules():
        if rule.endpoint in OPEN:
            continue
        path = rule.rule
        for argument in rule.arguments:
            value = "0" * 8 + "-0000-0000-0000-" + "0" * 12
            path = path.replace(f"<int:{argument}>", "1")
            path = re.sub(rf"<(\w+:)?{argument}>", value, path)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            answer = stranger.send(method, path)
            assert answer.status_code == 401, f"{method} {path}: {answer.status_code}"
            assert answer.get_json()["reason"] == "unauthorized"


def test_a_first_request_to_another_address_begins_no_session_of_its_own(server: Server) -> None:
    """A page asks for its session and its list at once: it signs in with the token of the first."""
    stranger = server.browser().client
    stranger.delete_cookie("countersign")
    asked = stranger.get("/api/worklist")
    assert asked.status_code == 401
    assert "Set-Cookie" not in asked.headers
    assert "csrf" not in asked.get_json()
    assert stranger.get("/api/session").get_json()["csrf"]


def test_a_change_without_the_token_is_refused(server: Server) -> None:
    ben = server.browser(BEN)
    ben.csrf = "another"
    answer = ben.post("/api/commands/claim-work-item", {})
    assert answer.status_code == 403
    assert answer.get_json()["reason"] == "csrf"


def test_verification_is_for_auditors(server: Server) -> None:
    assert server.browser(BEN).get("/api/verification").status_code == 403
    assert server.browser(EVE).get("/api/verification").status_code == 200


def test_incidents_are_for_those_who_settle_or_judge_them(server: Server) -> None:
    assert server.browser(BEN).get("/api/incidents").status_code == 403
    assert server.browser(EVE).get("/api/incidents").status_code == 200


def test_wrong_name_and_wrong_password_are_told_apart_by_nobody(server: Server) -> None:
    browser = server.browser()
    answers = [
        browser.post("/api/session", {"username": name, "password": "not it"})
        for name in ("ben", "nobody")
    ]
    assert [a.status_code for a in answers] == [401, 401]
    assert answers[0].get_json()["detail"] == answers[1].get_json()["detail"]


def test_an_address_does_not_guess_for_ever(server: Server) -> None:
    browser = server.browser(language="zh")
    body = {"username": "nobody", "password": "not it"}
    answers = [browser.post("/api/session", body) for _ in range(61)]
    assert {a.status_code for a in answers[:60]} == {401}
    assert answers[60].status_code == 429
    assert answers[60].headers["Retry-After"] == "60"
    assert "请一分钟后再试" in answers[60].get_json()["detail"]
    server.workshop.clock.advance(minutes=1)
    server.browser(BEN)


def test_behind_a_proxy_each_address_has_its_own_limit(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERSIGN_PROXY", "127.0.0.1")
    browser = server.browser()
    body = {"username": "nobody", "password": "not it"}

    def tried(by: str) -> int:
        told = {"X-Forwarded-For": by}
        return int(browser.post("/api/session", body, headers=told).status_code)

    assert {tried("198.51.100.7") for _ in range(60)} == {401}
    assert tried("203.0.113.1, 198.51.100.7") == 429  # what stands before was written by the asker
    assert tried("198.51.100.8") == 401


def test_signing_out_ends_the_session(server: Server) -> None:
    ben = server.browser(BEN)
    assert ben.send("DELETE", "/api/session").status_code == 204
    assert ben.get("/api/worklist").status_code == 401


def test_an_idle_session_ends(server: Server) -> None:
    ben = server.browser(BEN)
    server.workshop.clock.advance(minutes=9)
    assert ben.get("/api/worklist").status_code == 200
    server.workshop.clock.advance(minutes=11)
    assert ben.get("/api/worklist").status_code == 401


def _session_of(server: Server, minutes: object) -> Outcome:
    policy = server.workshop.dispatcher.documents(TENANT)["security_policy"]
    return server.workshop.dispatcher.dispatch(
        ChangeConfiguration(
            command_id=new_id(),
            key="security_policy",
            document={**policy, "session_idle_minutes": minutes},
            why="The scanners on the dock are put down for longer.",
        ),
        engine_actor(TENANT, "test"),
    )


def test_a_session_may_be_set_to_end_after_a_quarter_of_an_hour(server: Server) -> None:
    assert isinstance(_session_of(server, 15), Accepted)
    ben = server.browser(BEN)
    server.workshop.clock.advance(minutes=14)
    assert ben.get("/api/worklist").status_code == 200


@pytest.mark.parametrize("minutes", [16, 30, 0, -1, "10", 12.5, True, None])
def test_no_longer_session_can_be_set(server: Server, minutes: object) -> None:
    outcome = _session_of(server, minutes)
    assert isinstance(outcome, Rejected)
    assert "1 to 15 minutes" in outcome.message["en"]
    assert "1 至 15 分钟" in outcome.message["zh"]
    documents = server.workshop.dispatcher.documents(TENANT)
    assert documents["security_policy"]["session_idle_minutes"] == 10


def test_a_new_password_ends_other_sessions(server: Server) -> None:
    ben, elsewhere = server.browser(BEN), server.browser(BEN)
    body = {
        "command_id": str(new_id()),
        "password": BEN.password,
        "new_password": "a longer one 2",
    }
    assert ben.post("/api/commands/set-password", body).status_code == 200
    assert elsewhere.get("/api/worklist").status_code == 401


@pytest.mark.parametrize("path", ["/", "/work/anything", "/api/session", "/assets/main-1a2b.js"])
def test_every_answer_carries_the_security_headers(server: Server, path: str) -> None:
    answer = server.browser().get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_assets_are_kept_for_ever_and_pages_are_not(server: Server) -> None:
    browser = server.browser()
    assert "immutable" in browser.get("/assets/main-1a2b.js").headers["Cache-Control"]
    assert browser.get("/").headers["Cache-Control"] == "no-cache"
    assert browser.get("/assets/gone.js").status_code == 404
    assert browser.get("/api/nothing").status_code == 404


def test_the_api_describes_itself(server: Server) -> None:
    from openapi_spec_validator import validate  # noqa: PLC0415

    ada = server.browser(ADA)
    document = ada.get("/api/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    validate(document)
    assert "/api/commands/complete-work-item" in document["paths"]
    page = ada.get("/api/docs")
    assert page.status_code == 200
    assert b"complete-work-item" in page.data


def test_verification_adds_the_ledger_up(server: Server) -> None:
    with server.workshop.database.transaction() as db:
        book = small_book(db)
        book.receive(book.lot(), 10)
        db.execute(update(stock_balance).values(quantity=11))
        db.commit()
    answer = server.browser(EVE).get("/api/verification").get_json()
    assert answer["checked"]["balances"] == 1
    [found] = [problem for problem in answer["problems"] if problem["code"] == "ledger.balance"]
    assert "Q-01" in found["message"]["zh"]
