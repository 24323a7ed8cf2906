"""A device over HTTP: enrolled, taking its pack along, handing in without anybody's session."""

import hashlib
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.canonical import domain_hash
from engine.devices.keys import is_signed
from engine.devices.signatures import unbase64
from engine.identifiers import new_id
from tests.api.conftest import Browser, Server
from tests.handheld import Handheld, public_half
from tests.people import ADA, BEN

GOOD: dict[str, Any] = {"lot": "L1", "quantity": "12.50"}


def enrolled(ben: Browser, key: Ed25519PrivateKey, device_id: str) -> dict[str, Any]:
    body = {
        "command_id": str(new_id()),
        "device_id": device_id,
        "name": "Handheld 1",
        "kind": "handheld",
        "algorithm": "Ed25519",
        "public_key": public_half(key),
    }
    answer = ben.post("/api/commands/enrol-device", body)
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()["result"]
    return found


@pytest.fixture
def device(server: Server) -> Handheld:
    return Handheld(server.workshop, BEN)


def test_a_browser_enrols_itself_and_learns_the_servers_key(server: Server) -> None:
    device_id = str(new_id())
    result = enrolled(server.browser(BEN), Ed25519PrivateKey.generate(), device_id)
    assert result["device"] == device_id
    assert result["epoch"] == "1"
    assert result["server_key"]["algorithm"] == "Ed25519"
    assert result["policy"]["iterations"] == "600000"
    assert result["meaning"]["code"] == "CRED"
    shown = server.browser(BEN).get(f"/api/devices/{device_id}").get_json()
    assert (shown["state"], shown["next_seq"]) == ("enrolled", 1)
    assert [each["name"] for each in server.browser(ADA).get("/api/devices").get_json()["devices"]]
    assert server.browser(BEN).get("/api/devices").status_code == 403


def test_what_is_handed_in_needs_no_session_and_is_receipted(
    server: Server, device: Handheld
) -> None:
    server.workshop.start("toy_order", by=BEN)
    written = device.complete(
        server.workshop.open("fill", BEN), BEN, GOOD, by_password=True, attended=True
    )
    mark, signature = device.mark()
    proof = {"username": BEN.username, "password": BEN.password}
    item = {"envelope": written.text, "signature": written.signature, "attended": True}
    body = {"mark": {"body": mark, "signature": signature}, "items": [{**item, "proof": proof}]}
    answer = server.app.test_client().post("/api/sync", json=body)
    assert answer.status_code == 200, answer.get_json()
    (one,) = answer.get_json()["answers"]
    said = orjson.loads(one["receipt"]["body"])
    assert (one["intake"], said["outcome"], said["final"]) == ("stored", "accepted", "yes")
    key = server.workshop.dispatcher.resources.server_key.described("Ed25519")
    domain = "countersign-receipt-v1"
    digest = domain_hash(domain, one["receipt"]["body"].encode())
    assert one["receipt"]["key"] == key["id"]
    assert is_signed(
        "Ed25519",
        unbase64(key["public_key"]),
        unbase64(one["receipt"]["signature"]),
        domain.encode() + b"\0" + digest,
    )


def test_a_strangers_mark_is_unknown_and_nonsense_is_refused(server: Server) -> None:
    stranger = server.app.test_client()
    mark = {"v": "1", "device": str(new_id()), "epoch": "1", "head_seq": "0", "waiting": "0"}
    body = {"mark": {"body": orjson.dumps(mark).decode(), "signature": "AA"}, "items": []}
    answer = stranger.post("/api/sync", json=body)
    assert (answer.status_code, answer.get_json()["device"]) == (200, "unknown")
    assert stranger.post("/api/sync", json={"items": []}).status_code == 422
    assert stranger.post(
        "/api/sync", data=b"\xff", content_type="application/json"
    ).status_code in (
        400,
        422,
    )


def test_the_pack_holds_what_a_person_needs_without_a_network(
    server: Server, device: Handheld
) -> None:
    server.workshop.start("toy_order", by=BEN)
    ben = server.browser(BEN)
    answer = ben.get(f"/api/pack?device={device.device_id}").get_json()
    pack = orjson.loads(answer["pack"])
    (item,) = pack["work_items"]
    assert item["activity_id"] == "fill"
    assert item["form_hash"] in pack["forms"]
    assert pack["person"] == "ben"
    assert pack["meanings"]["PERF"]["statement"]["zh"]
    assert pack["valid_until"] > pack["made_at"]
    key = server.workshop.dispatcher.resources.server_key
    digest = hashlib.sha256(b"countersign-pack-v1\0" + answer["pack"].encode()).digest()
    public = unbase64(key.described("Ed25519")["public_key"])
    message = b"countersign-pack-v1\0" + digest
    assert is_signed("Ed25519", public, unbase64(answer["signature"]), message)
    assert ben.get(f"/api/pack?device={new_id()}").status_code == 404
