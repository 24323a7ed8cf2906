"""The administrator's list of what failed, and what they decide about it."""

from engine.identifiers import new_id
from tests.api.conftest import Server
from tests.people import ADA, BEN


def test_a_held_message_is_listed_with_what_to_do_and_retried(server_on: Server) -> None:
    workshop = server_on.workshop
    workshop.failing, workshop.failing_for = "refuse", "nudged_book"
    watching = workshop.start("toy_watch", by=BEN)
    nudging = workshop.start("toy_nudge", by=BEN)
    workshop.do("nudge", BEN, nudging)
    ada = server_on.browser(ADA, "zh")
    [found] = ada.get("/api/incidents").get_json()["items"]
    assert (found["delivery"], found["name"], found["attempts"]) == ("message", "toy.nudged", 1)
    assert "货架已锁" in found["error"]
    assert found["retry_at"] is not None
    assert found["choices"] == ["retry-delivery", "skip-delivery"]
    assert "重试" in found["what_to_do"]["zh"]
    body = {"command_id": str(new_id()), "incident_id": found["incident_id"]}
    answer = ada.post("/api/commands/retry-delivery", body)
    assert answer.status_code == 422
    assert "理由" in answer.get_json()["detail"]
    workshop.failing = ""
    body = {**body, "command_id": str(new_id()), "why": "货架已解锁"}
    assert ada.post("/api/commands/retry-delivery", body).status_code == 200
    workshop.background.run_until_idle()
    assert ada.get("/api/incidents").get_json()["items"] == []
    assert [e["event"] for e in workshop.events(watching)].count("message.received") == 1
