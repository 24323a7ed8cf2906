"""What bad input gets: a clear answer in the person's language, and nothing that was not asked.

One test for each line of the promise, each in both languages; the process that is killed between
click and answer is in tests/engine/test_killed.py, a malformed diagram in test_deploying.py there.
"""

from typing import Any
from uuid import UUID

import pytest

from engine.identifiers import new_id
from tests.api.conftest import Browser, Server
from tests.api.test_commands import GOOD, completion, start
from tests.people import BEA, BEN, EVE

LANGUAGES = pytest.mark.parametrize("language", ["en", "zh"])


def is_in(language: str, text: str) -> bool:
    chinese = any("\u4e00" <= character <= "\u9fff" for character in text)
    return bool(text) and chinese is (language == "zh")


def says(answer: Any, language: str, status: int) -> dict[str, Any]:
    """Give the problem document of an answer that refuses in the person's language."""
    assert answer.status_code == status, answer.get_data()[:500]
    assert answer.mimetype == "application/problem+json"
    problem: dict[str, Any] = answer.get_json()
    assert is_in(language, problem["detail"]), problem
    assert is_in(language, problem["title"]), problem
    assert all(is_in(language, error["message"]) for error in problem.get("errors", ()))
    return problem


def complete(browser: Browser, body: dict[str, Any]) -> Any:
    return browser.post("/api/commands/complete-work-item", {**body, "command_id": str(new_id())})


def events(server: Server, item: str) -> int:
    return len(server.workshop.events(UUID(item.split(".", maxsplit=1)[0])))


@LANGUAGES
def test_a_form_field_that_does_not_exist(server: Server, language: str) -> None:
    ben = server.browser(BEN, language)
    item = start(ben)
    before = events(server, item)
    problem = says(
        complete(ben, completion(ben, item, BEN, {**GOOD, "colour": "red"})), language, 422
    )
    assert [error["path"] for error in problem["errors"]] == ["/colour"]
    assert events(server, item) == before


@LANGUAGES
def test_a_stale_submission(server: Server, language: str) -> None:
    ben = server.browser(BEN, language)
    item = start(ben)
    seen = completion(ben, item, BEN, GOOD)
    ben.post("/api/commands/claim-work-item", {"command_id": str(new_id()), "work_item_id": item})
    before = events(server, item)
    assert says(complete(ben, seen), language, 409)["reason"] == "stale"
    assert events(server, item) == before


@LANGUAGES
def test_a_second_submission_of_what_is_done(server: Server, language: str) -> None:
    ben, bea = server.browser(BEN, language), server.browser(BEA, language)
    item = start(ben)
    bea_saw = completion(bea, item, BEA, GOOD)
    assert complete(ben, completion(ben, item, BEN, GOOD)).status_code == 200
    before = events(server, item)
    assert says(complete(bea, bea_saw), language, 409)["reason"] == "already_completed"
    assert events(server, item) == before
    assert len(server.workshop.booked) == 1


@LANGUAGES
def test_a_task_of_someone_else(server: Server, language: str) -> None:
    ben = server.browser(BEN, language)
    item = start(ben)
    ben.post("/api/commands/claim-work-item", {"command_id": str(new_id()), "work_item_id": item})
    before = events(server, item)
    for person in (BEA, EVE):  # of the same role, and of another
        other = server.browser(person, language)
        body = {"work_item_id": item, "revision": 2, "data": GOOD}
        assert says(complete(other, body), language, 403)["reason"] == "not_yours"
    assert events(server, item) == before


@LANGUAGES
@pytest.mark.parametrize("number", ['"1e999"', "1e999", "-1e999", "1e-999", '"NaN"'])
def test_a_number_like_1e999(server: Server, language: str, number: str) -> None:
    ben = server.browser(BEN, language)
    item = start(ben)
    before = events(server, item)
    body = (
        f'{{"command_id": "{new_id()}", "work_item_id": "{item}", "revision": 1,'
        f' "data": {{"lot": "L1", "quantity": {number}}}}}'
    )
    answer = ben.post(
        "/api/commands/complete-work-item",
        data=body,
        headers={"Content-Type": "application/json"},
    )
    says(answer, language, answer.status_code)
    assert answer.status_code in (400, 422)
    assert events(server, item) == before


@LANGUAGES
def test_a_body_of_fifty_megabytes(server: Server, language: str) -> None:
    ben = server.browser(BEN, language)
    answer = ben.post(
        "/api/commands/start-process-instance",
        data=b" " * 50_000_000,
        headers={"Content-Type": "application/json"},
    )
    says(answer, language, 413)
    assert ben.get("/api/instances").get_json()["items"] == []


@LANGUAGES
@pytest.mark.parametrize("text", ["hello", "]d2garbage", "0108411321129392", "\x1d\x1d", "（01）"])
def test_a_scan_that_is_no_barcode(server: Server, language: str, text: str) -> None:
    ben = server.browser(BEN, language)
    says(ben.get("/api/scan", query_string={"text": text}), language, 422)
