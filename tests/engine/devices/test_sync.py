"""What a device hands in: taken in once, proven, decided, answered with a signed receipt."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from engine.actors import engine_actor
from engine.canonical import instant_text
from engine.commands.configuration import ChangeConfiguration
from engine.commands.devices import RevokeDevice
from engine.commands.identities import ChangeAccount
from engine.devices import sync
from engine.identifiers import new_id
from engine.reading.instances import history_of
from engine.services import ServiceContext
from engine.store.device_tables import device_chain
from engine.store.tables import audit_entry
from tests.engine.workshop import Workshop
from tests.handheld import Handheld, Written, receipts
from tests.people import ADA, BEN, DORA
from tests.scenario import TENANT

GOOD: dict[str, Any] = {"lot": "L1", "quantity": "12.50"}


@pytest.fixture
def device(workshop: Workshop) -> Handheld:
    found = Handheld(workshop, BEN)
    found.give_key(BEN)
    return found


def test_a_step_signed_without_a_network_is_completed(workshop: Workshop, device: Handheld) -> None:
    order = workshop.start("toy_order", by=BEN)
    item = workshop.open("fill", BEN, order)
    workshop.clock.advance(hours=3)
    device.complete(item, BEN, GOOD)
    workshop.clock.advance(hours=2)
    assert device.outcomes() == ["accepted"]
    with workshop.database.reading() as db:
        entries, _ = history_of(db, TENANT, order)
    events = {event["event"]: event for event in entries[1].document["events"]}
    performed = events["work_item.completed"]["performed"]
    assert performed["at"] == "2026-11-23T04:00:00.000000Z"
    assert performed["not_before"] == "2026-11-23T01:00:00.000000Z"
    assert performed["not_after"] == "2026-11-23T06:00:00.000000Z"
    assert events["signature.made"]["factors"] == ["key", "secret"]
    assert workshop.verify().differences == []


def test_a_batch_that_comes_twice_has_one_effect_and_the_same_receipts(
    workshop: Workshop, device: Handheld
) -> None:
    workshop.start("toy_order", by=BEN)
    device.complete(workshop.open("fill", BEN), BEN, GOOD)
    first, second = device.hand_in(), device.hand_in()
    assert [one["intake"] for one in first["answers"]] == ["stored"]
    assert [one["intake"] for one in second["answers"]] == ["duplicate"]
    assert first["answers"][0]["receipt"] == second["answers"][0]["receipt"]
    assert len(workshop.booked) == 1


def test_two_who_did_the_same_step_are_one_acceptance_and_one_conflict(
    workshop: Workshop, device: Handheld
) -> None:
    other = Handheld(workshop, BEN)
    other.give_key(BEN)
    workshop.start("toy_order", by=BEN)
    item = workshop.open("fill", BEN)
    device.complete(item, BEN, GOOD)
    other.complete(item, BEN, {**GOOD, "quantity": "13.00"})
    assert device.outcomes() == ["accepted"]
    said = receipts(other.hand_in())[0]
    assert (said["outcome"], said["reason"], said["final"]) == ("parked", "already_completed", "no")
    assert len(workshop.booked) == 1
    assert workshop.verify().differences == []


def test_a_role_that_the_person_lacks_is_parked(workshop: Workshop, device: Handheld) -> None:
    workshop.start("toy_order", by=BEN)
    item = workshop.open("fill", BEN)
    device.sign_in(DORA)
    device.give_key(DORA)
    device.complete(item, DORA, GOOD)
    assert device.outcomes() == ["parked"]


def test_what_was_taken_in_before_a_crash_is_decided_in_the_background(
    workshop: Workshop, device: Handheld, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.start("toy_order", by=BEN)
    written = device.complete(workshop.open("fill", BEN), BEN, GOOD)
    with monkeypatch.context() as crash:
        crash.setattr(sync._Round, "decide", lambda *_: None)
        (said,) = receipts(device.hand_in())
    assert (said["outcome"], said["reason"], said["final"]) == ("held", "undecided", "no")
    workshop.background.run_until_idle()
    assert workshop.booked == []  # the round that took it in has a minute for it
    workshop.clock.advance(minutes=1)
    workshop.background.run_until_idle()
    assert len(workshop.booked) == 1
    assert device.outcomes(written) == ["accepted"]


def test_what_fails_unexpectedly_is_kept_and_somebodys_matter(
    workshop: Workshop, device: Handheld
) -> None:
    workshop.start("toy_order", by=BEN)
    device.complete(workshop.open("fill", BEN), BEN, GOOD)
    workshop.failing = "crash"
    (said,) = receipts(device.hand_in())
    assert (said["outcome"], said["reason"]) == ("parked", "incident")
    assert workshop.background.run_until_idle() == 0
    assert workshop.verify().differences == []


def test_a_person_who_waits_for_the_answer_corrects_it_themselves(
    workshop: Workshop, device: Handheld
) -> None:
    workshop.start("toy_order", by=BEN)
    item = workshop.open("fill", BEN)
    device.complete(item, BEN, {**GOOD, "quantity": "1001.00"}, attended=True, by_password=True)
    (said,) = receipts(device.hand_in())
    assert (said["outcome"], said["final"]) == ("refused", "yes")
    assert said["result"]["errors"][0]["path"] == "/quantity"
    device.outbox.clear()
    device.complete(item, BEN, GOOD, attended=True, by_password=True)
    assert device.outcomes() == ["accepted"]
    assert workshop.verify().differences == []


def test_a_password_that_did_not_come_along_is_waited_for(
    workshop: Workshop, device: Handheld
) -> None:
    workshop.start("toy_order", by=BEN)
    written = device.complete(workshop.open("fill", BEN), BEN, GOOD, by_password=True)
    written.password = None
    (said,) = receipts(device.hand_in())
    assert (said["outcome"], said["reason"]) == ("held", "proof_missing")
    written.password = BEN.username, BEN.password
    assert device.outcomes() == ["accepted"]


def test_a_hole_is_asked_for_and_a_fork_is_kept_apart(workshop: Workshop, device: Handheld) -> None:
    workshop.start("toy_order", by=BEN)
    workshop.start("toy_order", by=BEN)
    items = [each for each in workshop.worklist(BEN) if each.activity_id == "fill"]
    first, second = (device.complete(each, BEN, GOOD) for each in items)
    answer = device.hand_in(second)
    assert [(one["intake"], one["need"]) for one in answer["answers"]] == [("gap", "1")]
    assert device.outcomes(first, second) == ["accepted", "accepted"]
    device.seq, device.head = 1, first.hash  # a backup was restored
    forked = device.complete(items[0], BEN, {**GOOD, "lot": "L2"})
    answer = device.hand_in(forked)
    assert answer["answers"][0]["intake"] == "fork"
    assert receipts(answer)[0]["outcome"] == "quarantined"
    assert workshop.verify().differences == []


def test_nothing_of_a_stranger_is_taken_in(workshop: Workshop, device: Handheld) -> None:
    workshop.start("toy_order", by=BEN)
    written = device.complete(workshop.open("fill", BEN), BEN, GOOD)
    other = Handheld(workshop, BEN)
    answer = other.hand_in(written)
    assert [one["intake"] for one in answer["answers"]] == ["malformed"]
    flipped = Written(written.id, 1, written.text.replace("12.50", "12.51"), b"", written.signature)
    assert [one["intake"] for one in device.hand_in(flipped)["answers"]] == ["malformed"]
    device.key = other.key
    assert device.hand_in()["device"] == "unknown"
    assert workshop.booked == []


def test_what_came_before_a_device_was_revoked_counts_and_nothing_after(
    workshop: Workshop, device: Handheld
) -> None:
    workshop.start("toy_order", by=BEN)
    workshop.start("toy_order", by=BEN)
    items = [each for each in workshop.worklist(BEN) if each.activity_id == "fill"]
    known = device.complete(items[0], BEN, GOOD)
    device.outbox.clear()
    device.hand_in()  # its mark says that there is one
    revoke = RevokeDevice(command_id=new_id(), device_id=device.device_id, why="lost")
    workshop.must(workshop.ask(revoke, ADA))
    later = device.complete(items[1], BEN, GOOD)
    assert device.outcomes(known, later) == ["accepted", "quarantined"]
    assert workshop.verify().differences == []


def test_work_of_a_person_who_left_since_counts_by_what_they_were(
    workshop: Workshop, device: Handheld
) -> None:
    workshop.start("toy_order", by=BEN)
    workshop.start("toy_order", by=BEN)
    items = [each for each in workshop.worklist(BEN) if each.activity_id == "fill"]
    before = device.complete(items[0], BEN, GOOD)
    workshop.clock.advance(hours=1)
    account_id = workshop.actor(BEN).account_id
    assert account_id is not None
    close = ChangeAccount(
        command_id=new_id(), account_id=account_id, roles=(), active=False, why="left"
    )
    workshop.must(workshop.ask(close, ADA))
    workshop.clock.advance(hours=1)
    after = device.complete(items[1], BEN, GOOD)
    assert device.outcomes(before, after) == ["flagged", "parked"]
    assert workshop.verify().differences == []


def test_what_was_changed_behind_its_back_is_found(workshop: Workshop, device: Handheld) -> None:
    workshop.start("toy_order", by=BEN)
    device.complete(workshop.open("fill", BEN), BEN, GOOD)
    device.hand_in()
    assert workshop.verify().checked["envelopes"] == 1
    with workshop.database.transaction() as db:
        db.execute(update(device_chain).values(received_seq=2, known_seq=2))
        db.commit()
    assert [each.code for each in workshop.verify().differences] == ["envelope.missing"]


def test_what_is_not_done_without_a_connection_is_parked_unless_its_person_waits(
    workshop: Workshop, device: Handheld
) -> None:
    workshop.start("toy_order", by=BEN)
    item = workshop.open("fill", BEN)
    _online_only(workshop)
    device.complete(item, BEN, GOOD)
    (said,) = receipts(device.hand_in())
    assert (said["outcome"], said["reason"]) == ("parked", "not_offline")
    device.outbox.clear()
    device.complete(item, BEN, GOOD, attended=True)
    assert device.outcomes() == ["accepted"]


def _online_only(workshop: Workshop) -> None:
    policy = {**workshop.dispatcher.documents(TENANT)["offline_policy"], "signed_offline": []}
    command = ChangeConfiguration(
        command_id=new_id(), key="offline_policy", document=policy, why="nothing is signed offline"
    )
    workshop.must(workshop.dispatcher.dispatch(command, engine_actor(TENANT, "test")))


def test_that_a_person_waits_is_believed_only_of_what_is_done_now(
    workshop: Workshop, device: Handheld
) -> None:
    workshop.start("toy_order", by=BEN)
    item = workshop.open("fill", BEN)
    _online_only(workshop)
    device.complete(item, BEN, GOOD, attended=True)  # says so, and is signed an hour too early
    workshop.clock.now += timedelta(hours=1)
    (said,) = receipts(device.hand_in())
    assert (said["outcome"], said["reason"]) == ("refused", "not_offline")
    device.complete(item, BEN, GOOD, attended=True, by_password=True)
    assert device.outcomes()[-1] == "accepted"


def test_a_wrong_clock_does_not_keep_a_person_from_working_with_a_connection(
    workshop: Workshop, device: Handheld
) -> None:
    workshop.start("toy_order", by=BEN)
    item = workshop.open("fill", BEN)
    _online_only(workshop)
    device.hand_in()  # it is told the time
    slow = instant_text(workshop.clock() - timedelta(hours=5))
    time = {"wall": slow, "zone": "UTC", "monotonic": None, "life": None, "token": device.token}
    device.complete(item, BEN, GOOD, attended=True, time=time)
    assert device.outcomes() == ["flagged"]


def test_what_a_stranger_sends_is_not_written_into_the_database(
    workshop: Workshop, device: Handheld
) -> None:
    device.key = Handheld(workshop, BEN).key
    with workshop.database.reading() as db:
        before = db.scalar(select(func.count()).select_from(audit_entry))
    assert device.hand_in()["device"] == "unknown"
    with workshop.database.reading() as db:
        assert db.scalar(select(func.count()).select_from(audit_entry)) == before


def test_handlers_are_told_when_a_device_did_it_within_what_the_server_knows(
    workshop: Workshop, device: Handheld, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[datetime, datetime | None]] = []
    services = workshop.dispatcher.resources.services
    book = services["toy.book"]

    def watched(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        told.append((context.now, context.performed_at))
        return book(context, inputs)

    monkeypatch.setitem(services._services, "toy.book", watched)
    began = workshop.clock()
    for wall in (timedelta(hours=1), timedelta(hours=9)):  # one of a clock that is hours fast
        workshop.start("toy_order", by=BEN)
        item = workshop.open("fill", BEN)
        time = {"wall": instant_text(began + wall), "zone": "UTC", "monotonic": None}
        device.complete(item, BEN, GOOD, time={**time, "life": None, "token": device.token})
        workshop.clock.advance(hours=2)
        device.hand_in()
    assert told == [
        (began + timedelta(hours=2), began + timedelta(hours=1)),
        (began + timedelta(hours=4), began + timedelta(hours=4)),
    ]
