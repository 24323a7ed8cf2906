"""What a device says is compared with what is known of it: a form that was never this step's, a
history that is not the one it had told of, leave that was another's, a sentence nobody set.

Each of these was carried out before it was looked at (a stranger's review): the tests stand for it.
"""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select

from conftest import CopyOf
from engine.actors import engine_actor
from engine.canonical import instant_text
from engine.commands.configuration import ChangeConfiguration
from engine.commands.devices import RevokeDevice
from engine.devices import sync
from engine.identifiers import new_id
from engine.outcomes import Reason, Rejected
from engine.store import tables
from engine.store.device_tables import device_chain, device_pending
from tests.engine.devices.dock import Dock
from tests.engine.devices.test_scenarios import (
    EMPTY,
    GIVEN,
    OTHER,
    carried,
    carry,
    change,
    instance_of,
    parts_of,
    said,
    shelf,
    started,
    stored,
    whole,
)
from tests.handheld import Handheld, Written, receipts
from tests.people import ADA, ANN, BEA, BEN, CLEO, DORA, Person
from tests.scenario import TENANT


@pytest.fixture
def dock(copy_of: CopyOf) -> Dock:
    return Dock(copy_of(Dock), standing=True)


@pytest.fixture
def device(dock: Dock) -> Handheld:
    return carried(dock, BEN)


def message(answer: Any) -> str:
    return str(receipts(answer)[0]["message"]["en"])


# --- definition and form ---


def test_a_form_of_another_step_is_not_filled_in_for_this_one(
    dock: Dock, device: Handheld, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = dock.open("upper", BEN, dock.start("toy_shelf", by=BEN))
    used = device.definition(item)
    case = dock.start("toy_order", by=BEN)
    other = dock.open("fill", BEN, case).activity.form_hash
    lies = [
        {**used, "form": other},
        {**used, "form": other, "hash": "00" * 32},
        {**device.definition(dock.open("fill", BEN, case)), "form": other},
    ]
    for claimed in lies:
        monkeypatch.setattr(Handheld, "definition", lambda *_, claimed=claimed: claimed)
        device.complete(item, BEN, {"lot": "L1", "quantity": "1.00"})
    assert [one[:2] for one in said(device.hand_in())] == [("parked", "form_changed")] * 3
    assert dock.completions(item.work_item_id.process_instance_id) == []
    assert whole(dock)


def test_a_start_by_a_definition_that_never_was_is_a_persons_matter(
    dock: Dock, device: Handheld
) -> None:
    start, _ = started(device, dock)
    used = parts_of(start)["record"]["definition"]
    unknown, _ = started(device, dock)
    device.seq, device.head = 1, start.hash
    device.outbox.remove(unknown)
    record = {**parts_of(unknown)["record"], "definition": {**used, "hash": "00" * 32}}
    lie = device.seal(record, [])
    device.outbox.append(lie)
    assert [one[:2] for one in said(device.hand_in())] == [
        ("accepted", None),
        ("parked", "unknown_definition"),
    ]
    assert whole(dock)


# --- whose device it is ---


def impostor(dock: Dock, device: Handheld, person: Person) -> Handheld:
    """Give somebody who knows the number of a device and has a key of their own."""
    found = object.__new__(Handheld)
    vars(found).update(vars(device))
    found.person, found.key, found.outbox = person, Ed25519PrivateKey.generate(), []
    found.leases, found.secrets = {}, {}
    del dock
    return found


def test_a_device_is_not_taken_over_by_its_number(dock: Dock, device: Handheld) -> None:
    thief = impostor(dock, device, ANN)
    for proof in (True, False):  # her own key proves nothing
        outcome = dock.ask(thief.enrolment(kept=proof), ANN)
        assert isinstance(outcome, Rejected)
        assert outcome.reason is Reason.NOT_YOURS
        assert "new device" in outcome.message["en"]
    assert said(device.hand_in(shelf(dock, device))) == [("accepted", None, "yes")]


def test_leave_that_was_lent_before_a_device_was_begun_anew_is_gone(
    dock: Dock, device: Handheld
) -> None:
    lent = device.leases["ben"]
    device.enrol(ADA, kept=False)
    device.leases["ben"] = lent
    shelf(dock, device)
    assert said(device.hand_in()) == [("parked", "no_lease", "no")]
    device.sign_in(BEN)
    device.outbox.clear()
    shelf(dock, device)
    assert said(device.hand_in()) == [("accepted", None, "yes")]
    assert whole(dock)


def test_what_was_written_with_the_key_of_before_is_still_taken_in(
    dock: Dock, device: Handheld
) -> None:
    before = shelf(dock, device)
    device.enrol(BEN)
    assert said(carry(dock, device, before)) == [("accepted", None, "yes")]
    assert whole(dock)


# --- which history ---


def revoke(dock: Dock, device: Handheld) -> None:
    command = RevokeDevice(command_id=new_id(), device_id=device.device_id, why="lost")
    dock.must(dock.ask(command, ADA))


def rewound(device: Handheld, to: int, head: bytes) -> None:
    device.seq, device.head = to, head


def test_another_history_than_the_one_that_was_told_of_does_not_count_after_a_loss(
    dock: Dock, device: Handheld
) -> None:
    begun = device.seq, device.head
    first, second = shelf(dock, device), shelf(dock, device)
    device.outbox.clear()
    device.hand_in()  # the mark tells of both
    revoke(dock, device)
    rewound(device, *begun)
    forged = [shelf(dock, device, OTHER), shelf(dock, device, OTHER)]
    assert said(carry(dock, device, forged[0])) == [("held", "unfinished", "no")]
    assert [one[:2] for one in said(carry(dock, device, *forged))][1] == ("parked", "other_history")
    dock.clock.advance(hours=1)
    dock.background.run_until_idle()
    answers = said(carry(dock, device, *forged))
    assert [one[:2] for one in answers] == [("parked", "other_history")] * 2
    for each in (first, second, *forged):
        assert dock.completions(instance_of(each)) == []
    assert whole(dock)


def test_what_was_told_of_counts_after_a_loss_once_it_is_whole(
    dock: Dock, device: Handheld
) -> None:
    first, second = shelf(dock, device), shelf(dock, device)
    device.outbox.clear()
    device.hand_in()
    revoke(dock, device)
    assert said(carry(dock, device, first)) == [("held", "unfinished", "no")]
    assert said(carry(dock, device, second)) == [("accepted", None, "yes")]
    assert said(carry(dock, device, first)) == [("accepted", None, "yes")]
    assert whole(dock)


def test_nothing_more_of_an_earlier_epoch_counts_after_a_loss(dock: Dock, device: Handheld) -> None:
    older = impostor(dock, device, BEN)
    vars(older).update(vars(device))
    older.outbox = []
    device.enrol(BEN)
    revoke(dock, device)
    written = shelf(dock, older)
    assert said(carry(dock, older, written)) == [("quarantined", "revoked", "yes")]
    assert stored(dock) == ["revoked"]
    assert whole(dock)


def test_a_device_that_says_it_holds_a_billion_records_is_not_believed(
    dock: Dock, device: Handheld
) -> None:
    rewound(device, 999_999_999, device.head)
    device.hand_in()
    with dock.database.reading() as db:
        assert db.execute(select(device_chain.c.known_seq)).scalar_one() == 0


# --- who, and when ---


def test_a_role_that_was_taken_away_is_not_used_by_leaving_out_the_time(
    dock: Dock, device: Handheld
) -> None:
    item = dock.open("upper", BEN, dock.start("toy_shelf", by=BEN))
    past = instant_text(dock.clock())
    dock.clock.advance(hours=1)
    change(dock, BEN, "WH", active=True)
    dock.clock.advance(hours=1)
    device.sign_in(BEN)  # the lease came after the change
    time = {"wall": past, "zone": "x", "monotonic": None, "life": None, "token": None}
    device.complete(item, BEN, GIVEN, time=time)
    assert said(device.hand_in()) == [("parked", "not_yours", "no")]
    assert whole(dock)


def tries(dock: Dock, person: Person) -> int:
    with dock.database.reading() as db:
        asked = select(tables.account.c.failed_signatures).where(
            tables.account.c.username == person.username
        )
        return int(db.execute(asked).scalar_one())


def test_no_password_is_tried_of_a_person_who_does_not_work_on_the_device(
    dock: Dock, device: Handheld
) -> None:
    item = dock.open("upper", BEN, dock.start("toy_shelf", by=BEN))
    for _ in range(3):
        written = device.complete(item, CLEO, GIVEN, by_password=True, attended=True)
        written.password = CLEO.username, "guessed"
        (answer,) = receipts(carry(dock, device, written))
        assert answer["reason"] == "no_lease"
    assert tries(dock, CLEO) == 0
    guessed = device.complete(item, BEN, GIVEN, by_password=True, attended=True)
    guessed.password = BEN.username, "guessed"
    (answer,) = receipts(carry(dock, device, guessed))
    assert answer["reason"] == "undecided"  # the person types it again
    assert tries(dock, BEN) == 1  # who works there is counted, as everywhere


# --- what was signed ---


def resealed(dock: Dock, device: Handheld, written: Written, **changed: Any) -> Written:
    """Write an entry once more with other words in its signature, and the signature over them."""
    parts = parts_of(written)
    device.outbox.remove(written)
    rewound(device, device.seq - 1, bytes.fromhex(parts["chain"]["prev"]))
    signed = device.sign(parts["record"], BEN, "PERF", by_password=False, **changed)
    found = device.seal(parts["record"], [signed])
    device.outbox.append(found)
    del dock
    return found


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"statement": "I saw nothing of this."}, "other_statement"),
        ({"at": "yesterday"}, "time"),
        ({"at": "2026-11-22T10:41:07"}, "time"),
    ],
)
def test_a_signature_under_other_words_is_not_proven(
    dock: Dock, device: Handheld, changed: dict[str, str], fault: str
) -> None:
    resealed(dock, device, shelf(dock, device), **changed)
    answer = device.hand_in()
    assert said(answer) == [("parked", "signature", "no")]
    assert fault in message(answer)
    assert whole(dock)


def test_the_sentence_of_before_it_was_changed_is_still_proven(
    dock: Dock, device: Handheld
) -> None:
    shelf(dock, device)
    meanings = dict(dock.dispatcher.documents(TENANT)["signature_meanings"])
    newer = {"en": "I did this as written.", "zh": "本人已按规定完成。"}
    meanings["PERF"] = {**meanings["PERF"], "statement": newer}
    command = ChangeConfiguration(
        command_id=new_id(), key="signature_meanings", document=meanings, why="clearer"
    )
    dock.must(dock.dispatcher.dispatch(command, engine_actor(TENANT, "test")))
    assert said(device.hand_in()) == [("accepted", None, "yes")]
    assert whole(dock)


def test_what_was_made_for_another_company_is_not_carried_out(dock: Dock, device: Handheld) -> None:
    written = shelf(dock, device, tenant="other")
    assert said(device.hand_in()) == [("parked", "other_tenant", "no")]
    assert dock.completions(instance_of(written)) == []
    assert dock.decide("apply") == 1
    dock.clock.advance(minutes=2)
    dock.background.run_until_idle()
    assert said(device.hand_in()) == [("parked", "other_tenant", "no")]
    assert whole(dock)


# --- what waits, and what fails ---


def commands(dock: Dock) -> int:
    with dock.database.reading() as db:
        return int(db.execute(select(func.count()).select_from(tables.command)).scalar_one())


def test_what_waits_for_days_costs_no_command(dock: Dock, device: Handheld) -> None:
    written = shelf(dock, device, by_password=True)
    written.password = None
    assert said(device.hand_in()) == [("held", "proof_missing", "no")]
    known = commands(dock)
    looked = 0
    for _ in range(3 * 24 * 60 // 10):
        dock.clock.advance(minutes=10)
        looked += dock.background._decide_left()
    assert commands(dock) == known
    assert looked < 20
    with dock.database.reading() as db:
        due = db.execute(select(device_pending.c.due_at)).scalar_one()
    assert due - dock.clock() <= timedelta(days=1)


def test_an_account_that_changed_between_two_rounds_leaves_nothing_undecided(
    dock: Dock, device: Handheld, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = shelf(dock, device)
    with monkeypatch.context() as patch:
        patch.setattr(sync._Round, "decide", lambda *_: None)  # the server stopped in between
        carry(dock, device, written)
    dock.clock.advance(minutes=2)
    change(dock, BEN, "WH", active=True)
    dock.background.run_until_idle()
    ((outcome, _, _),) = said(device.hand_in())
    assert outcome == "flagged"
    assert whole(dock)


def test_one_that_fails_keeps_no_other_from_its_turn(
    dock: Dock, device: Handheld, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = shelf(dock, device), shelf(dock, device)
    decide = sync._Round.decide
    with monkeypatch.context() as patch:
        patch.setattr(sync._Round, "decide", lambda *_: None)
        carry(dock, device, first, second)

    def failing(round_: Any, envelope: Any, *more: Any) -> None:
        if envelope.seq == first.seq:
            raise RuntimeError
        decide(round_, envelope, *more)

    dock.clock.advance(minutes=2)
    with monkeypatch.context() as patch:
        patch.setattr(sync._Round, "decide", failing)
        dock.background.run_once()
    assert dock.completions(instance_of(first)) == []
    assert len(dock.completions(instance_of(second))) == 1
    dock.clock.advance(minutes=2)
    dock.background.run_once()
    assert len(dock.completions(instance_of(first))) == 1


def test_values_that_are_not_allowed_together_are_a_persons_decision(
    dock: Dock, device: Handheld
) -> None:
    """Two who each scrapped an allowed number: the sum is more than the form allows."""
    case = dock.start("toy_shelf", by=BEN)
    item = dock.open("upper", BEN, case)
    device.complete(item, BEN, {**GIVEN, "scrap": "600"}, base={**EMPTY, "note": "x"})
    dock.do("lower", BEA, case, **{**GIVEN, "scrap": "600"})
    answer = device.hand_in()
    assert said(answer) == [("parked", "field_conflict", "no")]
    assert "scrap" in message(answer)
    dock.do("Decide", DORA, choice="apply", reason="Ben counted all of it", values=[])
    dock.clock.advance(minutes=2)
    dock.background.run_until_idle()
    ((outcome, _, final),) = said(device.hand_in())
    assert (outcome, final) == ("merged", "yes")
    assert dock.variables(case)["scrap"] == 600
    assert whole(dock)
