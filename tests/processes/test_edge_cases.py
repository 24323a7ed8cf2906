"""The twenty edge cases that break naive products (domain, edge cases 8.2), one test a number: each
is the proof, or names the test that is and fails when that one is gone."""

import ast
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.actors import engine_actor
from engine.commands.attachments import StoreAttachment
from engine.commands.definitions import DeployDefinition
from engine.commands.identities import ChangeAccount
from engine.commands.work_items import ClaimWorkItem
from engine.definitions import read_package
from engine.identifiers import new_id
from engine.identities import accounts
from engine.outcomes import Accepted, Rejected
from engine.reading.instances import history_of
from engine.store import contents
from processes import demo
from processes.incoming_inspection.scenarios.inspection import deliver
from processes.ledger import balances, items, lots, movements, status, suppliers
from processes.ledger.distribution import shipments
from processes.ledger.distribution.shipments import NewLine, NewShipment
from processes.ledger.genealogy import edges, lot_changes, scope
from processes.ledger.genealogy.lot_changes import Part
from processes.ledger.items import ItemNotReleased, ItemsDiffer
from processes.ledger.lots import LooksLike, SerialExists
from processes.ledger.movements import Movement
from processes.ledger.status import NotReleased
from processes.recall.scenarios.field_action import SCREW, Company, open_action
from tests.people import ADA, BEA, BEN
from tests.people import ANN as KEEPER
from tests.people import DORA as QUALITY
from tests.processes.conftest import ANN, DORA, Book
from tests.processes.conftest import TENANT as BOOKS
from tests.processes.making import (
    DOCUMENT,
    add_consignee,
    add_device,
    add_market,
    add_places,
    link,
    release,
)
from tests.scenario import TENANT, Scenario

ROOT = Path(__file__).parents[2]
PROCESSES = ROOT / "processes"


def proven_by(path: str, *names: str) -> None:
    """Fail when a test that is the proof of a case is not there any more."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    there = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert set(names) <= there, f"{path} lacks {sorted(set(names) - there)}"


def test_01_held_after_picking_before_and_after_the_truck_left() -> None:
    proven_by(
        "processes/shipping/scenarios/test_shipping.py",
        "test_held_after_picking_is_refused_at_the_dock_and_intercepted",
        "test_held_after_it_left_somebody_is_told",
    )


def test_02_one_supplier_lot_received_twice() -> None:
    proven_by(
        "tests/processes/test_stock.py",
        "test_inv_05_a_second_delivery_of_a_supplier_lot_is_seen_as_such",
    )


def test_03_a_part_is_accepted() -> None:
    proven_by(
        "processes/incoming_inspection/scenarios/test_accepted_lot.py",
        "test_a_part_of_a_lot_is_accepted_and_the_rest_rejected",
    )


def test_04_retained_samples_are_not_saleable_and_expire(book: Book) -> None:
    shop(book)
    lot = device_lot(book)
    sample = Movement(
        movement_type="RETAIN",
        lot_id=lot.lot_id,
        quantity=2,
        document=DOCUMENT,
        source=book.place("D-01", "RELEASED"),
        target=book.place("S-01", "SAMPLE"),
    )
    movements.post(book.by(ANN), sample)
    line = NewLine(lot_number=lot.number, location="S-01", quantity=1)
    order = NewShipment(consignee="C-1", order_number="SO", site="SZ01", lines=(line,))
    with pytest.raises(NotReleased):
        shipments.post(book.by(ANN), order)
    assert status.effective("SAMPLE", [], date(2026, 1, 1), date(2026, 1, 2)) == "EXPIRED"
    assert status.effective("SAMPLE", [], date(2026, 1, 2), date(2026, 1, 2)) == "SAMPLE"


def test_05_units_convert_between_order_stock_and_bill() -> None:
    proven_by(
        "tests/processes/test_stock.py",
        "test_inv_07_units_convert_by_exact_ratios_over_several_steps",
    )


def test_06_expiry_extended_by_a_retest() -> None:
    proven_by(
        "processes/expiry_extension/scenarios/test_expiry_extension.py",
        "test_the_new_day_counts_the_old_one_is_kept_and_labels_follow",
    )


def test_07_rework_is_reached_by_the_recall_of_the_old_lot(book: Book) -> None:
    proven_by(
        "tests/processes/test_nonconformity.py",
        "test_rework_becomes_a_lot_of_its_own_that_is_inspected_again",
    )
    old, new = book.lot("OLD"), book.lot("NEW")
    book.receive(old, 5)
    link(book, old, new, kind="rework")
    reached = scope.recall_scope(book.db, BOOKS, [old.lot_id]).lots
    assert [each.lot_number for each in reached] == [old.number, new.number]


def test_08_relabelled_for_another_market_keeps_its_serial_identity(book: Book) -> None:
    add_places(book)
    for number in ("MON-CN", "MON-US"):
        add_device(book, number, tracking="serial")
    old = serial_lot(book, "MON-CN", "SN-1", "SN-2")
    part = Part(lot_id=old.lot_id, place=book.place("Q-01", "QUARANTINE"), quantity=1)
    status.place_hold(
        book.by(DORA), old, reason="x", owner_role="QA", document_kind="nc", document_id="1"
    )
    made = lot_changes.relabel_units(
        book.by(ANN),
        part,
        ["SN-1"],
        item_number="MON-US",
        to=book.place("Q-01", "QUARANTINE"),
        reason="sold to the United States",
        document=DOCUMENT,
    )
    assert made.item_number == "MON-US"
    before = lots.unit_of(book.db, BOOKS, old, "SN-1")
    after = lots.unit_of(book.db, BOOKS, made, "SN-1")
    assert before != after
    [row] = [each for each in edges.of_lot(book.db, BOOKS, made.lot_id) if each.kind == "relabel"]
    assert (row.from_serial_id, row.to_serial_id) == (before, after)
    reached = scope.recall_scope(book.db, BOOKS, [old.lot_id]).lots
    assert made.number in [each.lot_number for each in reached]
    assert status.open_holds(book.db, BOOKS, made.lot_id)  # a new label washes nothing off
    assert balances.differences(book.db, BOOKS) == []


def test_09_the_recall_of_a_component_reaches_the_kit(book: Book) -> None:
    shop(book)
    scalpel, gauze = book.lot("SCALPEL"), book.lot("GAUZE")
    for component in (scalpel, gauze):
        book.receive(component, 5)
    kit = device_lot(book)
    for component in (scalpel, gauze):
        link(book, component, kit, kind="kit")
    line = NewLine(lot_number=kit.number, location="D-01", quantity=2)
    order = NewShipment(consignee="C-1", order_number="SO", site="SZ01", lines=(line,))
    shipments.post(book.by(ANN), order)
    reached = scope.recall_scope(book.db, BOOKS, [gauze.lot_id])
    assert [each.lot_number for each in reached.lots] == [gauze.number, kit.number]
    assert [(each.consignee_number, each.quantity) for each in reached.shipped] == [("C-1", 2)]
    assert scalpel.number not in [each.lot_number for each in reached.lots]


def test_10_what_was_sold_on_shows_as_a_gap() -> None:
    proven_by(
        "tests/processes/test_field_actions.py",
        "test_what_was_passed_on_is_looked_for_below_or_shown_as_a_gap",
    )


def test_11_a_leavers_work_goes_back_and_signatures_stay(scenario: Scenario) -> None:
    demo.seed_master_data(scenario.dispatcher, TENANT)
    inspection = deliver(scenario)
    conforming = [{"finding": "conforming"}, {"finding": "conforming"}]
    papers = {"documents": conforming, "identity_ok": True, "shelf_life_ok": True}
    inspection.do("CheckDocuments", BEN, **papers)  # signed
    item = scenario.open("DrawSamples", BEN)
    claim = ClaimWorkItem(command_id=new_id(), work_item_id=item.work_item_id)
    scenario.must(scenario.ask(claim, BEN))
    with scenario.database.reading() as db:
        ben = accounts.find_by_username(db, TENANT, "ben")
    assert ben is not None
    leave = ChangeAccount(
        command_id=new_id(),
        account_id=ben.account_id,
        roles=BEN.roles,
        active=False,
        why="left the company",
    )
    scenario.must(scenario.ask(leave, ADA))
    again = scenario.open("DrawSamples", BEA)
    assert again.assignee_id is None
    scenario.do("DrawSamples", BEA, drawn=5, marked=True)
    assert scenario.verify().whole  # what Ben signed is still signed, under his name
    with scenario.database.reading() as db:
        entries, _ = history_of(db, TENANT, inspection.instance)
    signed = [
        entry.document["actor"]
        for entry in entries
        if any(event["event"] == "signature.made" for event in entry.document["events"])
    ]
    assert signed[0]["name"]["en"] == BEN.english


def test_12_the_diagram_changes_while_instances_run(scenario: Scenario) -> None:
    proven_by(
        "tests/engine/execution/test_scopes.py",
        "test_an_instance_stays_with_the_version_it_is_inside_of",
    )
    demo.seed_master_data(scenario.dispatcher, TENANT)
    started = scenario.start("receiving", by=KEEPER)
    package = read_package(PROCESSES / "receiving")
    drawn = package.files["process.bpmn"].replace(b"Receive the delivery", b"Take it in")
    newer = DeployDefinition(
        command_id=new_id(), files={**package.files, "process.bpmn": drawn}, process_id="receiving"
    )
    actor = engine_actor(TENANT, "installation")
    scenario.must(scenario.dispatcher.dispatch(newer, actor))
    after = scenario.start("receiving", by=KEEPER)
    names = {
        item.work_item_id.process_instance_id: item.activity.names["en"]
        for item in scenario.worklist(KEEPER)
        if item.activity_id == "Receive"
    }
    assert names == {started: "Receive the delivery", after: "Take it in"}
    goods = {
        "supplier": "S-1001",
        "delivery_note": "DN-1",
        "item_number": SCREW,
        "supplier_lot": "L1",
        "quantity": "10",
        "containers": 1,
        "packages_whole": True,
        "location": "Q-01",
    }
    for instance, supplier_lot in ((started, "L1"), (after, "L2")):
        scenario.do("Receive", KEEPER, instance, **{**goods, "supplier_lot": supplier_lot})
        assert scenario.status(instance) == "completed"
    assert scenario.verify().whole


def test_13_item_numbers_merge_suppliers_share_a_site_or_rename(book: Book) -> None:
    old_id, new_id_ = book.add_item("SCREW-OLD"), book.add_item("SCREW-NEW")
    other = items.find(book.db, BOOKS, book.add_item("RESIN", unit_code="kg"))
    old, new = (items.find(book.db, BOOKS, each) for each in (old_id, new_id_))
    lot = book.lot("S", item_id=old_id)
    book.receive(lot, 5)
    with pytest.raises(ItemsDiffer):
        items.merge(book.by(DORA), old, other, reason="x")
    items.merge(book.by(DORA), old, new, reason="one drawing, two numbers")
    assert items.merged_numbers(book.db, BOOKS, old_id) == ["SCREW-NEW", "SCREW-OLD"]
    with pytest.raises(ItemNotReleased):  # nothing new under the old number …
        items.require_released(items.find(book.db, BOOKS, old_id))
    assert lots.by_number(book.db, BOOKS, lot.number).item_number == "SCREW-OLD"  # … what is, stays
    for number in ("S-2", "S-3"):  # two suppliers in one building are two suppliers
        names = {"en": f"Works {number}", "zh": f"工厂 {number}"}
        suppliers.register(book.context, number, names, country="CN", status="approved")
    second = suppliers.by_number(book.db, BOOKS, "S-2")
    suppliers.set_status(book.by(DORA), second, "blocked", "audit")
    assert suppliers.by_number(book.db, BOOKS, "S-3").status == "approved"


def test_13_merged_numbers_are_one_in_trace_scope_stock_and_balance() -> None:
    for name in (
        "test_a_recall_of_any_number_reaches_what_was_made_of_all_of_them",
        "test_stock_is_one_and_first_goes_what_expires_first",
        "test_the_mass_balance_of_an_item_holds_all_its_numbers",
    ):
        proven_by("tests/processes/test_merged_items.py", name)


def test_13_a_supplier_renames_by_a_change_and_stays_who_it_is() -> None:
    proven_by(
        "tests/processes/test_changes.py",
        "test_a_supplier_renames_and_stays_who_it_is",
    )


def test_14_a_disputed_start_keeps_both_dates() -> None:
    proven_by("tests/processes/test_clocks.py", "test_a_disputed_start_keeps_both_dates")


def test_15_contractor_and_registrant_release_one_record_each() -> None:
    for name in (
        "test_two_releases_of_one_record",
        "test_the_answer_goes_back_both_ways_until_it_is_on_the_market",
    ):
        proven_by("tests/processes/test_market_release.py", name)


def test_16_the_day_is_that_of_the_site() -> None:
    proven_by("tests/processes/test_shipments.py", "test_inv_03_the_day_is_that_of_the_site")


def test_17_a_scanned_case_means_what_is_in_it() -> None:
    proven_by(
        "processes/receiving/scenarios/test_receiving.py",
        "test_a_box_counts_as_what_is_in_it",
    )


def test_18_a_duplicate_serial_and_a_number_that_only_looks_like_one(book: Book) -> None:
    add_places(book)
    add_device(book, "MON-CN", tracking="serial")
    serial_lot(book, "MON-CN", "SN-1")
    with pytest.raises(SerialExists):
        serial_lot(book, "MON-CN", "SN-1")
    lot = book.lot("X")
    label = lot.number.replace("0", "O")
    with pytest.raises(LooksLike) as refused:
        lots.by_number(book.db, BOOKS, label)
    assert refused.value.expected == lot.number


def test_19_full_width_digits() -> None:
    proven_by("tests/processes/test_stock.py", "test_inv_06_numbers_are_normalised")


def test_20_an_external_witness_is_named_and_an_employee_signs(scenario: Scenario) -> None:
    demo.seed_master_data(scenario.dispatcher, TENANT)
    maker = Company(scenario)
    _, device = maker.set_up("CN")
    recall = open_action(maker, device)
    recall.evaluate()
    recall.decide()
    recall.plan()
    recall.report_to_authorities()
    recall.release_notices()
    recall.deliver({"returned": "4"})
    recall.take_back("C-1", device, "4")
    recall.check_effect()
    why = {"capa": False, "why_not": "supplier is replaced"}
    recall.do("RootCause", QUALITY, root_cause="heat treatment", **why)
    recall.do("Dispose", QUALITY, method="crushing", authority_present=True)
    destroyed: Mapping[str, Any] = {
        "lot": device.number,
        "unit": "ea",
        "quantity": str(Decimal(4)),
        "disposition": "destroy",
        "reference": "CERT-1",
    }
    witness = {"witness_name": "Zhang Wei", "witness_of": "Provincial authority"}
    recall.do("Perform", KEEPER, rows=[destroyed])
    unsigned = recall.attempt("Witness", QUALITY, seen=True, **witness)
    assert isinstance(unsigned, Rejected)  # the authority is there: its signature is captured
    captured = [photo(scenario)]
    answer = recall.attempt("Witness", QUALITY, seen=True, **witness, witness_signature=captured)
    assert isinstance(answer, Accepted)
    [disposed] = [
        event
        for event in scenario.events(recall.instance)
        if event["event"] == "field_action.disposed"
    ]
    assert disposed["witness"]["of"] == "Provincial authority"
    assert disposed["witness"]["signature"] == [captured[0]["sha256"]]
    meanings = [
        event["meaning"]
        for event in scenario.events(recall.instance)
        if event["event"] == "signature.made"
    ]
    assert "WITN" in meanings


# --- what the cases need


def photo(scenario: Scenario) -> dict[str, Any]:
    """Store a picture as the phone does, and name it."""
    picture = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
    digest = contents.content_hash(picture).hex()
    stored = StoreAttachment(
        command_id=new_id(), sha256=digest, media_type="image/jpeg", data=picture
    )
    scenario.must(scenario.ask(stored, KEEPER))
    return {"sha256": digest, "name": "s.jpg", "mime": "image/jpeg", "size": len(picture)}


def shop(book: Book) -> None:
    add_places(book)
    add_device(book)
    add_market(book)
    add_consignee(book)


def device_lot(book: Book) -> lots.Lot:
    found = items.by_number(book.db, BOOKS, "DEVICE-1")
    return release(book, book.lot("D", item_id=found.item_id), 9, "D-01")


def serial_lot(book: Book, item_number: str, *serials: str) -> lots.Lot:
    """Receive units with serial numbers into quarantine."""
    found = items.by_number(book.db, BOOKS, item_number)
    lot = book.lot(f"{item_number}-{len(serials)}", item_id=found.item_id)
    units = lots.register_serials(book.by(ANN), lot, serials)
    into = Movement(
        movement_type="RCV",
        lot_id=lot.lot_id,
        quantity=len(serials),
        document=DOCUMENT,
        target=book.place("Q-01", "QUARANTINE"),
    )
    movements.post_serials(book.by(ANN), into, list(units.values()))
    return lot
