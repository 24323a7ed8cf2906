"""The numbered scenarios of working without a network (design 6.3), as far as a server decides.

Each test bears the number of its scenario. The others, and where they are tested:

- 11 (captive portal), 12 (batch split at 413), 15 to 18 (draft, kill, three tabs, quota), 24 to 27
  (upgrades of app, worker and database; a lost connection to the storage): the device's own,
  web/test/device and tests/browser. 13: `/api/sync` takes no session that could expire; the door is
  tested in tests/api. 22 (key gone, outbox there): the device's export, web.
- 29 (a chunk of a photo): files arrive whole or not at all; 58 is what the server does.
- 34 (a timer ended the step) is 33 for the server: the step is cancelled, here with its case.
- 35, 36 (migration): instances stay with the definition that they were started by, see 52.
- 37: an instance keeps its form; a newer form begins with newer instances, see 52.
- 38 to 42 (stock, reservations, serials, counts): not here; the processes of the warehouse.
- 54 by passkey: test_vectors.py, each forgery with its fault. Here by key.
- 59 (trail changed): tests/engine/test_verification.py. 60 to 64 (redaction, stamps, sequencer):
  there is neither a time-stamping authority nor a sequencer in this product; each command appends
  to its own chain in its own transaction.
- Real hardware (a battery that dies, a phone that is reset, an iPhone's storage): 19, 27 and 29 on
  the devices themselves; nothing here stands for that.
"""

import hashlib
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import select, text

from conftest import CopyOf
from engine.commands.attachments import StoreAttachment
from engine.commands.devices import RevokeDevice
from engine.commands.identities import ChangeAccount
from engine.commands.work_items import ClaimWorkItem
from engine.devices import sync
from engine.devices.sync import Batch
from engine.identifiers import new_id
from engine.outcomes import Accepted
from engine.store.database import Database
from engine.store.device_tables import device_dead_letter, device_envelope
from tests.engine.devices.dock import Crash, Dock
from tests.handheld import Handheld, Written, receipts
from tests.people import ADA, BEA, BEN, CLEO, DORA, Person
from tests.scenario import TENANT

GIVEN: dict[str, Any] = {"note": "x", "scrap": "3", "highest": "7.0", "tags": ["seal"]}
OTHER: dict[str, Any] = {**GIVEN, "note": "y"}
EMPTY: dict[str, Any] = {"note": None, "scrap": None, "highest": None, "tags": None}


@pytest.fixture
def dock(copy_of: CopyOf) -> Dock:
    return Dock(copy_of(Dock), standing=True)


@pytest.fixture
def device(dock: Dock) -> Handheld:
    return carried(dock, BEN)


def carried(dock: Dock, person: Person) -> Handheld:
    """Give a person a device that they sign on with a key of theirs."""
    found = Handheld(dock, person)
    found.give_key(person)
    return found


def shelf(dock: Dock, device: Handheld, data: Mapping[str, Any] = GIVEN, **more: Any) -> Written:
    """Begin a case, take it along, and look at its upper shelf."""
    case = dock.start("toy_shelf", by=BEN)
    return device.complete(dock.open("upper", BEN, case), device.person, data, **more)


def carry(dock: Dock, device: Handheld, *entries: Written) -> dict[str, Any]:
    """Hand in, without the background work that a server does besides."""
    mark, signature = device.mark()
    batch = Batch(mark=mark, mark_signature=signature, items=[each.handed() for each in entries])
    return sync.synchronise(dock.dispatcher, TENANT, batch)


def stored(dock: Dock) -> list[str]:
    """Tell how each envelope was taken in."""
    with dock.database.reading() as db:
        asked = select(device_envelope.c.intake).order_by(device_envelope.c.received_at)
        return list(db.execute(asked).scalars())


def said(answer: Mapping[str, Any]) -> list[tuple[str, str | None, str]]:
    return [(one["outcome"], one["reason"], one["final"]) for one in receipts(answer)]


def whole(dock: Dock) -> bool:
    return dock.verify().differences == []


def instance_of(written: Written) -> UUID:
    return UUID(parts_of(written)["record"]["target"]["process_instance"])


def parts_of(written: Written) -> dict[str, Any]:
    read: dict[str, Any] = orjson.loads(written.text)
    return read


# --- transport ---


def test_01_a_request_that_is_lost_is_sent_again_and_counts_once(
    dock: Dock, device: Handheld
) -> None:
    shelf(dock, device)
    device.mark()  # made, and never arrived
    assert stored(dock) == []
    assert device.outcomes() == ["accepted"]
    assert stored(dock) == ["stored"]
    assert whole(dock)


def test_02_an_answer_that_is_lost_is_given_again_word_by_word(
    dock: Dock, device: Handheld
) -> None:
    written = shelf(dock, device)
    first, second = carry(dock, device, written), carry(dock, device, written)
    assert second["answers"][0]["intake"] == "duplicate"
    assert first["answers"][0]["receipt"] == second["answers"][0]["receipt"]
    assert whole(dock)


def test_03_a_crash_before_the_commit_leaves_nothing(dock: Dock, device: Handheld) -> None:
    written = shelf(dock, device)
    with pytest.raises(Crash), dock.crashing("before", 1):
        carry(dock, device, written)
    assert stored(dock) == []
    assert device.outcomes() == ["accepted"]
    assert whole(dock)


def test_04_a_crash_after_the_decision_and_before_the_answer_changes_nothing(
    dock: Dock, device: Handheld
) -> None:
    written = shelf(dock, device)
    with pytest.raises(Crash), dock.crashing("after", 2):
        carry(dock, device, written)
    first, second = carry(dock, device, written), carry(dock, device, written)
    assert [first["answers"][0]["intake"], said(first)] == [
        "duplicate",
        [("accepted", None, "yes")],
    ]
    assert first["answers"][0]["receipt"] == second["answers"][0]["receipt"]
    assert whole(dock)


@pytest.mark.parametrize(("when", "number"), [("after", 1), ("before", 2)])
def test_05_what_was_taken_in_before_a_crash_is_decided_without_the_device(
    dock: Dock, device: Handheld, when: str, number: int
) -> None:
    written = shelf(dock, device)
    with pytest.raises(Crash), dock.crashing(when, number):
        carry(dock, device, written)
    assert stored(dock) == ["stored"]
    dock.clock.advance(minutes=2)
    dock.background.run_until_idle()
    assert len(dock.completions(instance_of(written))) == 1
    assert device.outcomes(written) == ["accepted"]
    assert whole(dock)


def test_06_a_batch_that_dies_in_the_middle_is_taken_in_and_goes_on(
    dock: Dock, device: Handheld
) -> None:
    entries = [shelf(dock, device) for _ in range(3)]
    with pytest.raises(Crash), dock.crashing("after", 2):  # taken in, and the first one decided
        carry(dock, device, *entries)
    done = [len(dock.completions(instance_of(each))) for each in entries]
    assert done == [1, 0, 0]
    assert device.outcomes(*entries) == ["accepted"] * 3
    assert whole(dock)


def test_07_an_entry_that_is_twice_in_a_batch_counts_once(dock: Dock, device: Handheld) -> None:
    written = shelf(dock, device)
    answer = carry(dock, device, written, written)
    assert [one["intake"] for one in answer["answers"]] == ["stored", "duplicate"]
    assert len(dock.completions(instance_of(written))) == 1
    assert whole(dock)


def test_08_page_and_service_worker_send_at_the_same_time(dock: Dock, device: Handheld) -> None:
    entries = [shelf(dock, device) for _ in range(3)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: carry(dock, device, *entries), range(4)))
    assert all(answer["device"] == "enrolled" for answer in answers)
    assert device.outcomes(*entries) == ["accepted"] * 3
    assert [len(dock.completions(instance_of(each))) for each in entries] == [1, 1, 1]
    assert stored(dock) == ["stored"] * 3
    assert whole(dock)


def test_09_a_batch_that_comes_backwards_is_asked_for_in_order(
    dock: Dock, device: Handheld
) -> None:
    first, second = shelf(dock, device), shelf(dock, device)
    answer = carry(dock, device, second, first)
    assert [(one["intake"], one["need"]) for one in answer["answers"]] == [
        ("gap", "1"),
        ("stored", None),
    ]
    assert device.outcomes(first, second) == ["accepted", "accepted"]
    assert whole(dock)


def test_10_a_packet_that_comes_after_newer_ones_is_a_duplicate(
    dock: Dock, device: Handheld
) -> None:
    first, second = shelf(dock, device), shelf(dock, device)
    assert device.outcomes(first, second) == ["accepted", "accepted"]
    answer = carry(dock, device, first)
    assert [one["intake"] for one in answer["answers"]] == ["duplicate"]
    assert whole(dock)


def test_14_a_server_that_was_put_back_to_a_backup_asks_for_what_it_lost(
    databases: Any, tmp_path: Path
) -> None:
    """On SQLite: a backup is a copy of the file."""
    dock = Dock(databases.file(Dock, tmp_path), standing=True)
    device = carried(dock, BEN)
    entries = [shelf(dock, device) for _ in range(3)]
    assert device.outcomes(entries[0]) == ["accepted"]
    before = tmp_path / "before.sqlite3"
    dock.database.dispose()  # the last connection writes SQLite's log back into the file
    shutil.copy(str(dock.database.engine.url.database), before)
    assert device.outcomes(entries[1]) == ["accepted"]
    dock.database.dispose()
    dock.database = Database(f"sqlite:///{shutil.copy(before, tmp_path / 'back.sqlite3')}")
    dock.restart()
    answer = device.hand_in(entries[2])
    assert [(one["intake"], one["need"]) for one in answer["answers"]] == [("gap", "2")]
    assert device.outcomes(entries[1], entries[2]) == ["accepted", "accepted"]
    assert whole(dock)
    dock.database.dispose()


# --- device ---


def test_19_what_an_erased_storage_held_is_somebodys_task(dock: Dock, device: Handheld) -> None:
    shelf(dock, device)
    device.outbox.clear()
    device.hand_in()  # only the mark arrives: there is one more than the server has
    device.enrol(BEN, kept=False)
    dock.background.run_until_idle()
    ((item, person),) = dock.conflicts()
    assert (item.activity_id, person) == ("Decide", DORA)
    done = dock.attempt(
        "Decide", DORA, item=item, choice="noted", reason="Entered again", values=[]
    )
    assert isinstance(done, Accepted)
    assert device.epoch == 2
    assert device.outcomes(shelf(dock, device)) == ["accepted"]
    assert whole(dock)


@pytest.mark.parametrize("times", [20, 21])
def test_20_21_a_restored_backup_and_a_clone_are_kept_apart(
    dock: Dock, device: Handheld, times: int
) -> None:
    """Both are the same to a server: two entries at one place. The branch is kept to its end."""
    del times
    first = shelf(dock, device)
    assert device.outcomes(first, shelf(dock, device)) == ["accepted", "accepted"]
    device.seq, device.head = 1, first.hash
    branch = [shelf(dock, device) for _ in range(3)]
    answer = carry(dock, device, *branch)
    assert [one["intake"] for one in answer["answers"]] == ["fork"] * 3
    assert [one[0] for one in said(answer)] == ["quarantined"] * 3
    device.enrol(BEN)
    assert device.outcomes(shelf(dock, device)) == ["accepted"]
    assert whole(dock)


def test_20_a_branch_that_comes_one_by_one_is_kept_to_its_end(dock: Dock, device: Handheld) -> None:
    first = shelf(dock, device)
    assert device.outcomes(first, shelf(dock, device)) == ["accepted", "accepted"]
    device.seq, device.head = 1, first.hash
    branch = [shelf(dock, device) for _ in range(3)]
    answers = [carry(dock, device, each) for each in branch]
    assert [one["intake"] for answer in answers for one in answer["answers"]] == ["fork"] * 3
    assert whole(dock)


def test_23_what_one_person_did_is_sent_when_another_is_signed_in(
    dock: Dock, device: Handheld
) -> None:
    written = shelf(dock, device)
    device.sign_in(BEA)
    assert device.outcomes(written) == ["accepted"]
    (done,) = dock.completions(instance_of(written))
    assert done["performed"]["device"] == str(device.device_id)
    assert whole(dock)


@pytest.mark.parametrize("wall", ["2026-11-26T01:00:00.000Z", "2026-11-22T23:00:00.000Z", "soon"])
def test_28_a_wrong_clock_is_marked_and_changes_no_order(
    dock: Dock, device: Handheld, wall: str
) -> None:
    time = {"wall": wall, "zone": "Europe/Paris", "monotonic": None, "life": None}
    written = shelf(dock, device, time={**time, "token": device.token})
    assert said(device.hand_in()) == [("flagged", "clock", "yes")]
    assert len(dock.completions(instance_of(written))) == 1
    assert whole(dock)


# --- business ---


def test_30_same_group_task_done_offline_by_two_with_the_same_data(
    dock: Dock, device: Handheld
) -> None:
    other = carried(dock, BEA)
    item = dock.open("upper", BEN, dock.start("toy_shelf", by=BEN))
    device.complete(item, BEN, GIVEN)
    other.complete(item, BEA, GIVEN)
    assert device.outcomes() == ["accepted"]
    assert said(other.hand_in()) == [("superseded", "same_data", "yes")]
    assert dock.conflicts() == []
    assert whole(dock)


def test_31_same_group_task_done_offline_by_two_with_different_data(
    dock: Dock, device: Handheld
) -> None:
    other = carried(dock, BEA)
    item = dock.open("upper", BEN, dock.start("toy_shelf", by=BEN))
    device.complete(item, BEN, GIVEN)
    late = other.complete(item, BEA, OTHER)
    assert device.outcomes() == ["accepted"]
    assert said(other.hand_in()) == [("parked", "already_completed", "no")]
    assert dock.decide("keep") == 1
    assert said(other.hand_in(late)) == [("superseded", "kept", "yes")]
    assert whole(dock)


def test_32_work_that_was_given_to_another_meanwhile_is_marked(
    dock: Dock, device: Handheld
) -> None:
    case = dock.start("toy_shelf", by=BEN)
    item = dock.open("upper", BEN, case)
    device.complete(item, BEN, GIVEN)
    claim = ClaimWorkItem(command_id=new_id(), work_item_id=item.work_item_id)
    dock.must(dock.ask(claim, BEA))
    assert said(device.hand_in()) == [("flagged", "reassigned", "yes")]
    assert whole(dock)


def test_33_34_work_of_a_case_that_was_cancelled_is_a_persons_decision(
    dock: Dock, device: Handheld
) -> None:
    written = shelf(dock, device)
    dock.cancel(instance_of(written), DORA)
    ((outcome, _, final),) = said(device.hand_in())
    assert (outcome, final) == ("parked", "no")
    assert dock.decide("keep") == 1
    assert said(device.hand_in(written)) == [("superseded", "kept", "yes")]
    assert whole(dock)


def change(dock: Dock, person: Person, *roles: str, active: bool) -> None:
    account_id = dock.actor(person).account_id
    assert account_id is not None
    command = ChangeAccount(
        command_id=new_id(), account_id=account_id, roles=roles, active=active, why="changed"
    )
    dock.must(dock.ask(command, ADA))


def test_43_an_account_that_was_closed_after_the_work_was_done(
    dock: Dock, device: Handheld
) -> None:
    shelf(dock, device)
    dock.clock.advance(hours=1)
    change(dock, BEN, active=False)
    assert said(device.hand_in()) == [("flagged", "account_changed_since", "yes")]
    assert whole(dock)


def test_44_an_account_that_was_closed_before_the_work_was_done(
    dock: Dock, device: Handheld
) -> None:
    case = dock.start("toy_shelf", by=BEN)
    item = dock.open("upper", BEN, case)
    change(dock, BEN, active=False)
    dock.clock.advance(hours=1)
    device.complete(item, BEN, GIVEN)
    assert said(device.hand_in()) == [("parked", "account_closed", "no")]
    ((found, person),) = dock.conflicts()
    assert (found.activity_id, person) == ("DecideSecurity", ADA)
    assert whole(dock)


@pytest.mark.parametrize("before", [True, False])
def test_45_a_role_that_was_taken_away(dock: Dock, device: Handheld, before: bool) -> None:  # noqa: FBT001
    item = dock.open("upper", BEN, dock.start("toy_shelf", by=BEN))
    if before:
        device.complete(item, BEN, GIVEN)
    dock.clock.advance(hours=1)
    change(dock, BEN, "WH", active=True)
    dock.clock.advance(hours=1)
    if not before:
        device.complete(item, BEN, GIVEN)
    ((outcome, reason, _),) = said(device.hand_in())
    expected = ("flagged", "account_changed_since") if before else ("parked", "not_yours")
    assert (outcome, reason) == expected
    assert whole(dock)


def test_46_a_device_that_was_revoked_counts_up_to_what_was_known_of_it(
    dock: Dock, device: Handheld
) -> None:
    known = shelf(dock, device)
    device.outbox.clear()
    device.hand_in()
    command = RevokeDevice(command_id=new_id(), device_id=device.device_id, why="lost")
    dock.must(dock.ask(command, ADA))
    later = shelf(dock, device)
    assert device.outcomes(known, later) == ["accepted", "quarantined"]
    assert stored(dock) == ["stored", "revoked"]
    assert whole(dock)


def test_47_a_lease_that_ended_before_the_work_was_done(dock: Dock, device: Handheld) -> None:
    item = dock.open("upper", BEN, dock.start("toy_shelf", by=BEN))
    dock.clock.advance(hours=25)
    device.hand_in()  # the server tells the device the time
    device.complete(item, BEN, GIVEN)
    assert said(device.hand_in()) == [("parked", "lease_expired", "no")]
    assert dock.decide("apply") == 1
    dock.clock.advance(minutes=2)
    dock.background.run_until_idle()
    assert said(device.hand_in()) == [("flagged", "ruled", "yes")]
    assert whole(dock)


def test_47_a_lease_that_ended_since_is_marked(dock: Dock, device: Handheld) -> None:
    shelf(dock, device)
    dock.clock.advance(hours=25)
    assert said(device.hand_in()) == [("flagged", "lease_ended_since", "yes")]


@pytest.mark.parametrize(
    ("field", "theirs", "mine", "value"),
    [
        ("scrap", "3", "4", "7"),
        ("highest", "9.5", "7.0", "9.5"),
        ("tags", ["seal"], ["box"], ["seal", "box"]),
    ],
)
def test_48_a_field_that_others_changed_is_merged_as_the_form_says(
    dock: Dock, device: Handheld, field: str, theirs: Any, mine: Any, value: Any
) -> None:
    case = dock.start("toy_shelf", by=BEN)
    written = device.complete(
        dock.open("upper", BEN, case), BEN, {**GIVEN, field: mine}, base={**EMPTY, "note": "x"}
    )
    dock.do("lower", BEA, case, **{**GIVEN, field: theirs})
    (told,) = receipts(device.hand_in())
    assert told["outcome"] == "merged"
    merges = {one["field"]: one["value"] for one in told["result"]["merged"]}
    assert merges[field] == value
    (done,) = [each for each in dock.completions(case) if "performed" in each]
    assert done["data"][field] == mine  # what was signed is never altered
    assert whole(dock)
    assert device.outcomes(written) == ["merged"]


def test_48_a_field_that_asks_is_a_persons_decision(dock: Dock, device: Handheld) -> None:
    case = dock.start("toy_shelf", by=BEN)
    item = dock.open("upper", BEN, case)
    device.complete(item, BEN, GIVEN, base={"note": None})
    dock.do("lower", BEA, case, **OTHER)
    assert said(device.hand_in()) == [("parked", "field_conflict", "no")]
    assert dock.variables(case)["note"] == "y"
    ((found, _),) = dock.conflicts()
    assert found.activity_id == "Decide"
    dock.do("Decide", DORA, choice="apply", reason="Ben looked last", values=[])
    dock.clock.advance(minutes=2)
    dock.background.run_until_idle()
    ((outcome, _, final),) = said(device.hand_in())
    assert (outcome, final) == ("merged", "yes")
    assert dock.variables(case)["note"] == "x"
    assert whole(dock)


def started(device: Handheld, dock: Dock, **more: Any) -> tuple[Written, Any]:
    """Begin a case on the device, and give the place of its steps."""
    case = new_id()
    definition = shelf_definition(dock)
    record = {
        "kind": "process_instance.start",
        "target": {"process_instance": str(case), "process": "toy_shelf"},
        "definition": {**definition, "form": None},
        "data": {},
    }
    return device.write(record, device.person, **more), case


def shelf_definition(dock: Dock) -> dict[str, Any]:
    item = dock.open("upper", BEN, dock.start("toy_shelf", by=BEN))
    form, used = item.activity.form_hash, item.drawn_in.hash
    return {"process": "toy_shelf", "version": "1", "hash": used, "form": form}


def step(
    device: Handheld, definition: Mapping[str, Any], case: Any, activity: str, **more: Any
) -> Written:
    place = {"activity": activity, "visit": "1", "index": None, "task_ref": None, "revision": None}
    record = {
        "kind": "work_item.complete",
        "target": {"process_instance": str(case), **place},
        "definition": dict(definition),
        "data": more.pop("data", GIVEN),
    }
    return device.write(record, device.person, meaning=more.pop("meaning", "PERF"), **more)


def test_49_three_steps_ahead_of_the_server_are_replayed_as_foretold(
    dock: Dock, device: Handheld
) -> None:
    definition = shelf_definition(dock)
    start, case = started(device, dock, next=["upper", "middle", "lower"])
    depends = [str(start.id)]
    step(device, definition, case, "upper", depends=depends, next=[])
    step(device, definition, case, "middle", depends=depends, next=[])
    step(device, definition, case, "lower", depends=depends, next=["tidy"])
    told = receipts(device.hand_in())
    assert [(one["outcome"], one["reason"]) for one in told] == [("accepted", None)] * 4, told
    assert [each.activity_id for each in dock.items(case) if each.status == "open"] == ["tidy"]
    assert whole(dock)


def test_50_a_step_that_was_foretold_wrongly_is_marked_and_what_follows_is_a_decision(
    dock: Dock, device: Handheld
) -> None:
    definition = shelf_definition(dock)
    start, case = started(device, dock)
    depends = [str(start.id)]
    step(device, definition, case, "upper", depends=depends, next=["book"])
    elsewhere = step(device, definition, case, "nowhere", depends=depends)
    step(device, definition, case, "lower", depends=[*depends, str(elsewhere.id)])
    answers = said(device.hand_in())
    assert answers == [
        ("accepted", None, "yes"),
        ("flagged", "diverged", "yes"),
        ("parked", "diverged", "no"),
        ("held", "depends", "no"),
    ]
    assert dock.decide("keep") == 1
    dock.clock.advance(minutes=2)
    dock.background.run_until_idle()
    assert said(device.hand_in())[-1] == ("accepted", None, "yes")
    assert whole(dock)


def test_51_a_start_whose_answer_was_lost_starts_one_case(dock: Dock, device: Handheld) -> None:
    start, case = started(device, dock)
    with pytest.raises(Crash), dock.crashing("after", 2):
        carry(dock, device, start)
    assert device.outcomes(start) == ["accepted"]
    assert device.outcomes(start) == ["accepted"]
    assert dock.status(case) == "running"
    assert len([each for each in dock.events(case) if "started" in each["event"]]) == 1
    assert whole(dock)


def test_52_a_start_by_a_definition_that_was_replaced_runs_on_it_and_is_marked(
    dock: Dock, device: Handheld, tmp_path: Path
) -> None:
    start, case = started(device, dock)
    newer = tmp_path / "toy_shelf"
    shutil.copytree(Path(__file__).parent / "toys" / "toy_shelf", newer)
    diagram = newer / "process.bpmn"
    diagram.write_text(diagram.read_text("utf-8").replace("Tidy up", "Tidy away"), "utf-8")
    dock.deploy(newer)
    assert said(device.hand_in(start)) == [("flagged", "definition_changed", "yes")]
    assert dock.status(case) == "running"
    assert whole(dock)


def test_53_a_correction_of_what_was_not_sent_yet_keeps_both_in_order(
    dock: Dock, device: Handheld
) -> None:
    item = dock.open("upper", BEN, dock.start("toy_shelf", by=BEN))
    device.complete(item, BEN, GIVEN)
    device.complete(item, BEN, OTHER, why="misread")
    assert [one[0] for one in said(device.hand_in())] == ["accepted", "parked"]
    assert stored(dock) == ["stored", "stored"]
    assert whole(dock)


# --- signatures and the record ---


def test_54_a_signature_of_another_person_is_a_matter_of_security(
    dock: Dock, device: Handheld
) -> None:
    device.sign_in(CLEO)
    device.secrets["cleo"] = device.secrets["ben"]  # Ben's key under Cleo's name
    item = dock.open("upper", BEN, dock.start("toy_shelf", by=BEN))
    device.complete(item, CLEO, GIVEN)
    (told,) = receipts(device.hand_in())
    assert (told["outcome"], told["reason"]) == ("parked", "signature")
    assert "other_credential" in told["message"]["en"]
    ((found, person),) = dock.conflicts()
    assert (found.activity_id, person) == ("DecideSecurity", ADA)
    assert dock.completions(item.work_item_id.process_instance_id) == []
    assert whole(dock)


def test_54_a_signature_of_another_record_is_refused(dock: Dock, device: Handheld) -> None:
    first = shelf(dock, device)
    device.outbox.clear()
    device.seq, device.head = device.seq - 1, bytes.fromhex(parts_of(first)["chain"]["prev"])
    parts = parts_of(first)
    changed = {**parts["record"], "data": OTHER}
    device.outbox.append(device.seal(changed, parts["sigs"]))
    (told,) = receipts(device.hand_in())
    assert (told["outcome"], told["reason"]) == ("parked", "signature")
    assert "bad_signature" in told["message"]["en"]
    assert whole(dock)


def test_55_one_bit_of_a_kept_envelope_that_changes_is_found(dock: Dock, device: Handheld) -> None:
    shelf(dock, device)
    device.hand_in()
    with dock.database.transaction() as db:
        db.execute(text("DROP TRIGGER " + guard_of(dock)))
        kept = db.execute(select(device_envelope.c.signature)).scalar_one()
        db.execute(
            device_envelope.update().values(signature=bytes([kept[0] ^ 1]) + bytes(kept[1:]))
        )
        db.commit()
    assert [each.code for each in dock.verify().differences] == ["envelope.signature"]


def guard_of(dock: Dock) -> str:
    """Name the guard that has to be taken away before anybody can change what was handed in."""
    if not dock.database.is_sqlite:
        return "refuse_change_device_envelope ON device_envelope"
    return "refuse_update_device_envelope"


def test_56_the_same_json_in_other_bytes_is_refused_and_kept(dock: Dock, device: Handheld) -> None:
    written = shelf(dock, device)
    written.text = written.text.replace(",", ", ", 1)
    answer = carry(dock, device, written)
    assert [one["intake"] for one in answer["answers"]] == ["malformed"]
    with dock.database.reading() as db:
        assert db.execute(select(device_dead_letter.c.text)).scalar_one() == written.text.encode()
    assert stored(dock) == []


def test_57_an_id_that_comes_again_with_another_record_is_quarantined(
    dock: Dock, device: Handheld
) -> None:
    first = shelf(dock, device)
    again = shelf(dock, device, OTHER, id=str(first.id))
    answer = carry(dock, device, first, again)
    assert [one["intake"] for one in answer["answers"]] == ["stored", "quarantined"]
    assert [one[:2] for one in said(answer)] == [("accepted", None), ("quarantined", "id_reuse")]
    assert device.outcomes(shelf(dock, device)) == ["accepted"]
    assert whole(dock)


PHOTO = b"\xff\xd8\xff a photo of a shelf"


@pytest.mark.parametrize("first", ["photo", "command"])
def test_58_work_waits_for_its_photo_whichever_comes_first(
    dock: Dock, device: Handheld, first: str
) -> None:
    digest = hashlib.sha256(PHOTO).hexdigest()
    named = {"sha256": digest, "size": str(len(PHOTO)), "media_type": "image/jpeg", "field": None}
    written = shelf(dock, device, attachments=[named])
    store = StoreAttachment(command_id=new_id(), sha256=digest, media_type="image/jpeg", data=PHOTO)
    if first == "command":
        assert said(device.hand_in()) == [("held", "files_missing", "no")]
    damaged = StoreAttachment(
        command_id=new_id(), sha256=digest, media_type="image/jpeg", data=PHOTO + b"!"
    )
    assert not isinstance(dock.ask(damaged, BEN), Accepted)
    dock.must(dock.ask(store, BEN))
    assert said(device.hand_in(written)) == [("accepted", None, "yes")]
    assert whole(dock)
