"""Files that come in parts: what is missing is asked for, damaged parts are refused, and bounds."""

import hashlib
from typing import Any

import pytest
from sqlalchemy import func, select

from engine.commands import attachments
from engine.commands.attachments import LARGEST_PART
from engine.store.tables import content_part
from tests.api.conftest import Browser, Server
from tests.people import BEN, CLEO
from tests.scenario import TENANT

PHOTO = b"\xff\xd8\xff" + b"".join(n.to_bytes(4, "big") for n in range(600_000))


def cut(data: bytes, size: int = LARGEST_PART) -> dict[str, bytes]:
    """Cut a file into parts by their hashes, in order."""
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    return {hashlib.sha256(piece).hexdigest(): piece for piece in pieces}


def put(who: Browser, whole: str, part: str, data: bytes) -> Any:
    address = f"/api/attachments/{whole}/parts/{part}"
    headers = {"Content-Type": "application/octet-stream"}
    return who.send("PUT", address, data=data, headers=headers)


def missing(who: Browser, whole: str, parts: dict[str, bytes]) -> Any:
    return who.post(f"/api/attachments/{whole}/missing", {"parts": list(parts)}).get_json()


def join(who: Browser, whole: str, parts: list[str], mime: str = "image/jpeg") -> Any:
    return who.post(f"/api/attachments/{whole}", {"parts": parts, "mime": mime})


def test_what_is_missing_is_sent_and_put_together(server: Server) -> None:
    ben = server.browser(BEN)
    whole, parts = hashlib.sha256(PHOTO).hexdigest(), cut(PHOTO)
    first, *others = parts
    assert missing(ben, whole, parts) == {"stored": False, "missing": list(parts)}
    for _ in range(2):  # an answer that was lost
        assert put(ben, whole, first, parts[first]).status_code == 200
    assert missing(ben, whole, parts) == {"stored": False, "missing": others}
    assert join(ben, whole, list(parts)).status_code == 409
    for part in others:
        assert put(ben, whole, part, parts[part]).status_code == 200
    assert join(ben, whole, list(parts)).get_json()["size"] == len(PHOTO)
    assert missing(ben, whole, parts) == {"stored": True, "missing": []}
    assert ben.get(f"/api/attachments/{whole}").data == PHOTO
    assert kept(server) == 0  # nothing is kept twice


def test_who_may_not_read_a_file_is_not_told_that_it_is_there(server: Server) -> None:
    ben, other = server.browser(BEN), server.browser(CLEO)
    small = PHOTO[:1000]
    whole, parts = hashlib.sha256(small).hexdigest(), cut(small)
    headers = {"Content-Type": "image/jpeg"}
    sent = ben.send("PUT", f"/api/attachments/{whole}", data=small, headers=headers)
    assert sent.status_code == 200
    assert missing(other, whole, parts) == {"stored": False, "missing": list(parts)}


def test_damaged_and_oversized_parts_are_refused(server: Server) -> None:
    ben = server.browser(BEN)
    whole, parts = hashlib.sha256(PHOTO).hexdigest(), cut(PHOTO)
    first, *others = parts
    assert put(ben, whole, first, parts[first][:-1]).status_code == 422
    large = bytes(LARGEST_PART + 1)
    assert put(ben, whole, hashlib.sha256(large).hexdigest(), large).status_code == 413
    assert put(ben, "x", first, parts[first]).status_code == 404
    for part in parts:
        put(ben, whole, part, parts[part])
    assert join(ben, whole, [*others, first]).status_code == 422  # another order is another file
    assert join(ben, whole, [first] * 30).status_code == 413  # looked at before it is put together
    assert join(ben, whole, list(parts), "text/html").status_code == 422
    assert join(ben, whole, ["no hash"]).status_code == 422
    assert kept(server) == len(parts)


def test_what_never_becomes_whole_is_bounded_and_goes(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "MOST_UNFINISHED", 1)
    ben = server.browser(BEN)
    limit = server.workshop.dispatcher.documents(TENANT)["security_policy"]["attachment_bytes"]
    piece = bytes(LARGEST_PART)
    part, most = hashlib.sha256(piece).hexdigest(), limit // LARGEST_PART
    wholes = [hashlib.sha256(bytes([n])).hexdigest() for n in range(most + 1)]
    answers = [put(ben, whole, part, piece).status_code for whole in wholes]
    assert answers == [200] * most + [413]
    server.workshop.clock.advance(days=31)
    ben = server.browser(BEN)
    assert put(ben, wholes[-1], part, piece).status_code == 200
    assert kept(server) == 1


def kept(server: Server) -> int:
    with server.workshop.dispatcher.database.reading() as db:
        return int(db.execute(select(func.count()).select_from(content_part)).scalar_one())
