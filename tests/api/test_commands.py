"""Work over HTTP: the same answers as at the door, in the person's language."""

import hashlib
from pathlib import Path
from typing import Any

from engine.identifiers import new_id
from engine.identities.signing import record_hash
from forms.model import COMPILER
from tests.api.conftest import Browser, Server
from tests.people import ADA, BEA, BEN, CLEO, DORA, EVE
from tests.scenario import TENANT

GOOD = {"lot": "L1", "quantity": "12.50"}


def start(browser: Browser) -> str:
    body = {"command_id": str(new_id()), "process_id": "toy_order"}
    answer = browser.post("/api/commands/start-process-instance", body)
    assert answer.status_code == 200, answer.get_json()
    return str(answer.get_json()["result"]["work_items"][0])


def completion(browser: Browser, item: str, person: Any, data: dict[str, Any]) -> dict[str, Any]:
    """Make the request as the browser makes it: show, hash, sign."""
    detail = browser.get(f"/api/work-items/{item}").get_json()
    body: dict[str, Any] = {
        "command_id": str(new_id()),
        "work_item_id": item,
        "revision": detail["revision"],
        "data": data,
    }
    if detail["signature"] is not None:
        record = {
            "v": "1",
            "kind": "work_item.completed",
            "tenant": TENANT,
            "work_item": item,
            "process_instance": detail["process_instance_id"],
            "activity": detail["activity_id"],
            "visit": str(detail["visit"]),
            "definition": detail["definition_hash"],
            "form": detail["form_hash"],
            "data": data,
            "meaning": detail["signature"],
            "statement": detail["meaning"]["statement"]["zh"],
            "language": "zh",
            "signer": person.username,
            "why": None,
        }
        body["signature"] = {
            "username": person.username,
            "password": person.password,
            "meaning": detail["signature"],
            "shown_hash": record_hash(record),
            "language": "zh",
        }
    return body


def test_an_order_over_http(server_on: Server) -> None:
    ben = server_on.browser(BEN)
    item = start(ben)
    listed = ben.get("/api/worklist").get_json()["items"]
    assert [i["work_item_id"] for i in listed] == [item]
    answer = ben.post("/api/commands/complete-work-item", completion(ben, item, BEN, GOOD))
    assert answer.status_code == 200, answer.get_json()
    server_on.workshop.background.run_until_idle()
    dora = server_on.browser(DORA)
    reply = dora.get("/api/worklist").get_json()["items"][0]["work_item_id"]
    answer = dora.post("/api/commands/complete-work-item", completion(dora, reply, DORA, {}))
    assert answer.status_code == 200, answer.get_json()
    server_on.workshop.background.run_until_idle()
    cleo = server_on.browser(CLEO)
    review = next(
        i for i in cleo.get("/api/worklist").get_json()["items"] if i["activity_id"] == "review"
    )
    answer = cleo.post(
        "/api/commands/complete-work-item", completion(cleo, review["work_item_id"], CLEO, {})
    )
    assert answer.get_json()["result"]["status"] == "completed"
    eve = server_on.browser(EVE, "zh")
    instance = item.split(".")[0]
    history = eve.get(f"/api/instances/{instance}/history").get_json()
    assert history["verified"] is True
    signatures = [
        event
        for entry in history["entries"]
        for event in entry["events"]
        if event["event"] == "signature.made"
    ]
    assert [s["signer"]["username"] for s in signatures] == ["ben", "cleo"]
    assert all(s["record_hash"] == record_hash(s["record"]) for s in signatures)
    marks = eve.get(f"/api/instances/{instance}").get_json()["activities"]
    assert marks["review"]["completed"] == 1
    report = eve.get("/api/verification").get_json()
    assert report["problems"] == []
    assert report["checked"]["signatures"] == 2


def test_a_double_click_gives_the_first_answer_twice(server: Server) -> None:
    ben = server.browser(BEN)
    body = completion(ben, start(ben), BEN, GOOD)
    first = ben.post("/api/commands/complete-work-item", body)
    second = ben.post("/api/commands/complete-work-item", body)
    assert first.status_code == second.status_code == 200
    assert first.get_json() == second.get_json()
    assert len(server.workshop.booked) == 1


def test_a_refusal_speaks_the_persons_language(server: Server) -> None:
    bea = server.browser(BEA)
    body = completion(bea, start(bea), BEA, GOOD)
    bea.post("/api/commands/complete-work-item", body)
    late = {**body, "command_id": str(new_id())}
    for language, words in (("en", "done already"), ("zh", "已完成")):
        bea.language = language
        answer = bea.post("/api/commands/complete-work-item", {**late, "command_id": str(new_id())})
        assert answer.status_code == 409
        assert answer.mimetype == "application/problem+json"
        assert answer.get_json()["reason"] == "already_completed"
        assert words in answer.get_json()["detail"]


def test_field_errors_name_their_fields(server: Server) -> None:
    ben = server.browser(BEN, "zh")
    item = start(ben)
    data = {"lot": "L1", "quantity": "1e999", "colour": "red"}
    answer = ben.post("/api/commands/complete-work-item", completion(ben, item, BEN, data))
    assert answer.status_code == 422
    errors = {error["path"]: error for error in answer.get_json()["errors"]}
    assert set(errors) >= {"/quantity", "/colour"}
    assert all(any("\u4e00" <= c <= "\u9fff" for c in e["message"]) for e in errors.values())


def test_a_number_instead_of_text_is_answered_not_rounded(server: Server) -> None:
    ben = server.browser(BEN)
    item = start(ben)
    body = completion(ben, item, BEN, GOOD)
    body["data"] = {"lot": "L1", "quantity": 12.5}
    answer = ben.post("/api/commands/complete-work-item", body)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["path"] == "/quantity"


def test_a_body_that_is_not_json_is_answered(server: Server) -> None:
    ben = server.browser(BEN)
    for content in (b"{", b'{"a": NaN}', b"\xff\xfe", b"[" * 100_000):
        answer = ben.post(
            "/api/commands/claim-work-item",
            data=content,
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code in (400, 422), content[:10]
        assert answer.get_json()["reason"]


def test_an_unknown_field_of_a_command_is_an_error(server: Server) -> None:
    ben = server.browser(BEN)
    body = {"command_id": str(new_id()), "process_id": "toy_order", "colour": "red"}
    answer = ben.post("/api/commands/start-process-instance", body)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["path"].endswith("/colour")


def test_fifty_megabytes_are_refused_unread(server: Server) -> None:
    ben = server.browser(BEN)
    answer = ben.post(
        "/api/commands/start-process-instance",
        data=b" " * 50_000_000,
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 413
    assert answer.get_json()["detail"]


def test_a_wrong_password_is_403_and_the_lock_423(server: Server) -> None:
    ben = server.browser(BEN)
    item = start(ben)
    for expected in (403, 403, 403, 403, 403, 423):
        body = completion(ben, item, BEN, GOOD)
        body["signature"]["password"] = "not it"  # noqa: S105
        assert ben.post("/api/commands/complete-work-item", body).status_code == expected
    assert ben.get(f"/api/work-items/{item}").get_json()["status"] == "open"


def test_drafts_are_kept_for_their_author(server: Server) -> None:
    ben = server.browser(BEN)
    item = start(ben)
    body = {"command_id": str(new_id()), "work_item_id": item, "data": {"lot": "L"}}
    assert ben.post("/api/commands/save-draft", body).status_code == 200
    assert ben.get(f"/api/work-items/{item}").get_json()["draft"]["data"] == {"lot": "L"}
    assert ben.get("/api/worklist").get_json()["items"][0]["has_draft"] is True
    bea = server.browser(BEA)
    assert bea.get(f"/api/work-items/{item}").get_json()["draft"] is None
    ben.post("/api/commands/complete-work-item", completion(ben, item, BEN, GOOD))
    assert ben.get(f"/api/work-items/{item}").get_json()["draft"] is None


def test_what_one_may_do_is_said_before_one_types(server: Server) -> None:
    cleo = server.browser(CLEO)
    item = start(cleo)
    assert cleo.get(f"/api/work-items/{item}").get_json()["may"]["complete"] is True
    eve = server.browser(EVE, "zh").get(f"/api/work-items/{item}").get_json()["may"]
    assert eve["complete"] is False
    assert "IQC" in eve["why_not"]["zh"]


def test_a_file_is_kept_by_its_hash(server: Server) -> None:
    ben = server.browser(BEN)
    photo = b"\xff\xd8\xff" + b"photo" * 100
    digest = hashlib.sha256(photo).hexdigest()

    def put(content: bytes, name: str, mime: str = "image/jpeg") -> Any:
        return ben.send(
            "PUT", f"/api/attachments/{name}", data=content, headers={"Content-Type": mime}
        )

    assert put(photo, digest).status_code == 200
    assert put(photo, digest).status_code == 200
    got = ben.get(f"/api/attachments/{digest}")
    assert got.data == photo
    assert "immutable" in got.headers["Cache-Control"]
    assert put(photo + b"x", digest).status_code == 422
    page = b"<script>alert(1)</script>"
    assert put(page, hashlib.sha256(page).hexdigest(), "text/html").status_code == 422
    large = b"\xff\xd8\xff" + bytes(21_000_000)
    assert put(large, hashlib.sha256(large).hexdigest()).status_code == 413


def test_an_administrator_cannot_do_quality_work(server: Server) -> None:
    ben, ada = server.browser(BEN), server.browser(ADA)
    item = start(ben)
    answer = ada.post("/api/commands/complete-work-item", completion(ada, item, ADA, GOOD))
    assert answer.status_code == 403


def test_a_form_is_kept_for_ever_under_its_hash_and_compiler(server: Server) -> None:
    ben = server.browser(BEN)
    hashes = {
        p["process_id"]: p["start_form"] for p in ben.get("/api/processes").get_json()["items"]
    }
    address = f"/api/forms/{hashes['toy_request']}"
    known = ben.get(f"{address}?compiler={COMPILER}")
    assert known.get_json()["compiler"] == COMPILER
    assert "immutable" in known.headers["Cache-Control"]
    for other in (address, f"{address}?compiler=0"):  # a device from before or after an upgrade
        answer = ben.get(other)
        assert answer.get_json() == known.get_json()
        assert "immutable" not in answer.headers["Cache-Control"]
        assert COMPILER in answer.headers["ETag"]
    again = {"Accept-Language": "en", "If-None-Match": answer.headers["ETag"]}
    assert ben.client.get(address, headers=again).status_code == 304


def test_the_client_reads_what_this_compiler_makes() -> None:
    source = Path(__file__).parents[2] / "web" / "src" / "forms" / "compiler.ts"
    assert f'export const COMPILER = "{COMPILER}";' in source.read_text(encoding="utf-8")


def test_a_process_is_started_with_its_form(server: Server) -> None:
    ben = server.browser(BEN, "zh")
    listed = {p["process_id"]: p for p in ben.get("/api/processes").get_json()["items"]}
    assert listed["toy_order"]["start_form"] is None
    form = ben.get(f"/api/forms/{listed['toy_request']['start_form']}").get_json()
    assert form["form"] == "request"
    body = {"command_id": str(new_id()), "process_id": "toy_request", "data": {"lot": "L1"}}
    answer = ben.post("/api/commands/start-process-instance", body)
    assert answer.status_code == 422
    [missing] = answer.get_json()["errors"]
    assert missing["path"] == "/quantity"
    assert any("\u4e00" <= c <= "\u9fff" for c in missing["message"])
    body = {**body, "command_id": str(new_id()), "data": GOOD}
    answer = ben.post("/api/commands/start-process-instance", body)
    assert answer.status_code == 200, answer.get_json()
    [item] = answer.get_json()["result"]["work_items"]
    assert ben.get(f"/api/work-items/{item}").get_json()["variables"]["lot"] == "L1"


def test_who_was_overtaken_each_time_is_told_to_send_it_again(server: Server) -> None:
    ben = server.browser(BEN)
    item = start(ben)
    body = completion(ben, item, BEN, GOOD)
    server.workshop.failing = "overtaken"
    answer = ben.post("/api/commands/complete-work-item", body)
    assert answer.status_code == 503
    assert "try again" in answer.get_json()["detail"]
    server.workshop.failing = ""
    assert ben.post("/api/commands/complete-work-item", body).status_code == 200
