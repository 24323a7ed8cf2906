"""The pack by its cut: a signed list of parts, and of the parts only what a device has not got."""

import hashlib
from typing import Any

import orjson

from engine.canonical import domain_hash
from engine.devices.keys import is_signed
from engine.devices.signatures import unbase64
from engine.identifiers import new_id
from tests.api.conftest import Browser, Server
from tests.handheld import Handheld
from tests.people import BEN, CLEO

GOOD: dict[str, Any] = {"lot": "L1", "quantity": "12.50"}


def taken(browser: Browser, device: Handheld, have: dict[str, str]) -> dict[str, Any]:
    answer = browser.post("/api/pack", {"device": str(device.device_id), "have": have})
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def listed(answer: dict[str, Any]) -> dict[str, str]:
    parts: dict[str, str] = orjson.loads(answer["cut"])["parts"]
    return parts


def test_a_cut_is_signed_and_every_part_is_what_its_hash_says(server: Server) -> None:
    device = Handheld(server.workshop, BEN)
    server.workshop.start("toy_order", by=BEN)
    answer = taken(server.browser(BEN), device, {})
    key = server.workshop.dispatcher.resources.server_key.described("Ed25519")
    domain = "countersign-pack-cut-v1"
    message = domain.encode() + b"\0" + domain_hash(domain, answer["cut"].encode())
    assert answer["key"] == key["id"]
    assert is_signed("Ed25519", unbase64(key["public_key"]), unbase64(answer["signature"]), message)
    parts = listed(answer)
    assert answer["parts"].keys() == parts.keys()
    for name, text in answer["parts"].items():
        assert hashlib.sha256(text.encode()).hexdigest() == parts[name]
    cut = orjson.loads(answer["cut"])
    assert (cut["person"], cut["device"]) == ("ben", str(device.device_id))
    assert cut["valid_until"] > cut["made_at"]
    (item,) = (name for name in parts if name.startswith("work_item/"))
    assert "context" not in orjson.loads(answer["parts"][item])
    assert {"meanings", "revoked", "processes", "units", "stock"} <= parts.keys()


def test_only_what_changed_comes_and_what_is_gone_is_not_listed(server: Server) -> None:
    device = Handheld(server.workshop, BEN)
    server.workshop.start("toy_order", by=BEN)
    ben = server.browser(BEN)
    first = taken(ben, device, {})
    again = taken(ben, device, listed(first))
    assert again["parts"] == {}
    cursors = {orjson.loads(answer["cut"])["cursor"] for answer in (first, again)}
    assert len(cursors) == 1
    server.workshop.start("toy_order", by=BEN)
    grown = taken(ben, device, listed(first))
    assert {name.partition("/")[0] for name in grown["parts"]} <= {
        "work_item",
        "state",
        "performed",
    }
    assert set(listed(grown)) > set(listed(first))
    item = server.workshop.open("fill", BEN)
    written = device.complete(item, BEN, GOOD, by_password=True, attended=True)
    mark, signature = device.mark()
    proof = {"username": BEN.username, "password": BEN.password}
    sent = {"envelope": written.text, "signature": written.signature, "attended": True}
    body = {"mark": {"body": mark, "signature": signature}, "items": [{**sent, "proof": proof}]}
    assert server.app.test_client().post("/api/sync", json=body).status_code == 200
    shrunk = listed(taken(ben, device, listed(grown)))
    assert f"work_item/{item.work_item_id}" in listed(grown)
    assert f"work_item/{item.work_item_id}" not in shrunk


def test_a_part_that_was_changed_on_the_device_is_sent_again(server: Server) -> None:
    device = Handheld(server.workshop, BEN)
    ben = server.browser(BEN)
    have = listed(taken(ben, device, {}))
    answer = taken(ben, device, {**have, "meanings": "0" * 64})
    assert list(answer["parts"]) == ["meanings"]


def test_an_unknown_device_takes_nothing_along(server: Server) -> None:
    body = {"device": str(new_id()), "have": {}}
    assert server.browser(CLEO).post("/api/pack", body).status_code == 404
