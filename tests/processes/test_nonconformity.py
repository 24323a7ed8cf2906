"""Nonconformities in the book: contained, scoped, disposed of to the last piece, closed by QA."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from engine.store.base import metadata
from processes.ledger import (
    balances,
    items,
    locations,
    lots,
    movements,
    status,
    status_changes,
    suppliers,
)
from processes.ledger.balances import InsufficientStock
from processes.ledger.genealogy import edges, lot_changes, trace
from processes.ledger.genealogy.edges import Edge
from processes.ledger.genealogy.lot_changes import Part
from processes.ledger.locations import NewLocation
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement
from processes.ledger.nonconformity import (
    dispositions,
    execution,
    nonconformities,
    reach,
    scope,
    statistics,
    stock_steps,
)
from processes.ledger.nonconformity.dispositions import (
    DispositionNotAllowed,
    NewSplit,
    QuantityLeft,
    SplitNotOpen,
    SplitsDoNotAddUp,
)
from processes.ledger.nonconformity.execution import (
    Concession,
    Job,
    MoreThanThereWas,
    OneConcessionTwoPeople,
    ReworkLimitReached,
)
from processes.ledger.nonconformity.nonconformities import (
    Classification,
    Nonconformity,
    NonconformityClosed,
    NonconformityOpen,
    OpenNonconformity,
    Report,
)
from processes.ledger.nonconformity.scope import (
    Finding,
    ScopeQuantityTooLarge,
    ScopeUndecided,
)
from processes.ledger.nonconformity.stock_steps import NowhereToLie, Portion
from processes.ledger.nonconformity.tables import APPEND_ONLY, DISPOSITIONS, disposition_split
from processes.ledger.refusals import NotInLedger
from processes.ledger.status import NotReleased, SignatureMissing
from tests.processes.conftest import ANN, CLEO, DORA, NOW, TENANT, Book, person

HANA = person("hana", "QE")
JIN = person("jin", "RA")
NORA = person("nora", "PRD")
DOCUMENT = Document("test", "1")
WINDOWS = {"gauge_days": 7, "equipment_days": 7, "work_days": 1}


def found_in(book: Book, lot: Lot, **more: Any) -> Nonconformity:
    """A nonconformity that was just reported on a lot, and contained."""
    report = Report(
        **{
            "source_kind": "person",
            "source_number": "",
            "stage": "incoming",
            "description": "burrs on the thread",
            "item_id": lot.item_id,
            "supplier_id": lot.supplier_id,
            **more,
        }
    )
    context = book.by(HANA)
    found = nonconformities.open_new(context, report)
    scope.contain(context, found, lot)
    return found


def in_quarantine(book: Book, quantity: int = 10) -> Lot:
    lot = book.lot()
    book.receive(lot, quantity)
    return lot


def released(book: Book, quantity: int = 10) -> Lot:
    lot = in_quarantine(book, quantity)
    status_changes.change(
        book.by(DORA, "REL"),
        lot,
        book.place("Q-01", "QUARANTINE"),
        "RELEASED",
        quantity,
        reason="good",
        document=DOCUMENT,
    )
    put = Movement(
        movement_type="PUT",
        lot_id=lot.lot_id,
        quantity=quantity,
        document=DOCUMENT,
        source=book.place("Q-01", "RELEASED"),
        target=book.place("A-01", "RELEASED"),
    )
    movements.post(book.by(ANN), put)
    return lot


def add_place(book: Book, code: str, zone: str) -> UUID:
    new = NewLocation(code=code, names={"en": code, "zh": code}, site="SZ01", zone=zone)
    book.places[code] = locations.register(book.context, new)
    return book.places[code]


def approved(book: Book, found: Nonconformity, splits: Iterable[tuple[Lot, int, str]]) -> list[Job]:
    """Splits that were proposed and approved, ready to be carried out."""
    proposed = [
        NewSplit(lot_id=lot.lot_id, quantity=quantity, disposition=disposition, reason="burrs")
        for lot, quantity, disposition in splits
    ]
    allowed = {each.lot_id: DISPOSITIONS for each in proposed}
    number = dispositions.propose(book.by(HANA, "DISP"), found, proposed, allowed=allowed)
    context = book.by(DORA, "APPR")
    made = dispositions.approve(context, found, number, rejected_location=book.places["R-01"])
    return [execution.job(context, found, each.split, evidence={"photo": 1}) for each in made]


def stock(book: Book, lot: Lot) -> dict[tuple[str, str], int]:
    assert balances.differences(book.db, TENANT) == []
    found = balances.of_lot(book.db, TENANT, lot.lot_id)
    return {(each.location_code, each.status): each.quantity for each in found}


def close(book: Book, found: Nonconformity) -> list[str]:
    context = book.by(DORA, "CLOS")
    dispositions.require_reconciled(book.db, TENANT, found)
    numbers = scope.release_holds(context, found, "all disposed of")
    nonconformities.end_cycle(context, found, "closed", "done", signature_meaning="CLOS")
    return numbers


# --- containment -----------------------------------------------------------------------------


def test_inv_11_a_lot_with_an_open_nonconformity_is_not_released(book: Book) -> None:
    lot = in_quarantine(book)
    found = found_in(book, lot)
    status.release_hold(book.by(DORA, "REL"), lot, _hold(book, lot), reason="by mistake")

    def release() -> None:
        place = book.place("Q-01", "QUARANTINE")
        status_changes.change(
            book.by(DORA, "REL"), lot, place, "RELEASED", 10, reason="good", document=DOCUMENT
        )

    with pytest.raises(OpenNonconformity, match=found.number):
        release()
    scope.decide(
        book.by(HANA),
        found,
        Finding(lot_id=lot.lot_id, finding="clear", via="reported", evidence="other lot"),
    )
    release()
    assert stock(book, lot) == {("Q-01", "RELEASED"): 10}


def test_inv_13_a_hold_lies_over_all_stock_of_the_lot(book: Book) -> None:
    lot = released(book)
    book.receive(lot, 5)
    found_in(book, lot)
    assert [held.owner_role for held in status.open_holds(book.db, TENANT, lot.lot_id)] == ["QA"]
    out = Movement(
        movement_type="SHP",
        lot_id=lot.lot_id,
        quantity=1,
        document=DOCUMENT,
        source=book.place("A-01", "RELEASED"),
        outcome="SHIPPED",
    )
    with pytest.raises(NotReleased, match="burrs"):
        movements.post(book.by(ANN), out)


def test_inv_13_a_hold_goes_to_descendants_that_the_scope_names(book: Book) -> None:
    lot = released(book)
    made = lot_changes.split(
        book.by(ANN),
        Part(lot_id=lot.lot_id, place=book.place("A-01", "RELEASED"), quantity=4),
        reason="kit",
        document=DOCUMENT,
    )
    found = found_in(book, lot)
    reached = reach.of_nonconformity(book.db, TENANT, found, WINDOWS)
    assert [(each.lot.number, each.via) for each in reached.candidates] == [
        (lot.number, "reported"),
        (made.number, "forward"),
    ]
    assert status.open_holds(book.db, TENANT, made.lot_id) == []
    finding = Finding(lot_id=made.lot_id, finding="suspect", via="forward")
    assert scope.decide(book.by(HANA), found, finding) is True
    assert scope.decide(book.by(HANA), found, finding) is False  # held once
    assert len(status.open_holds(book.db, TENANT, made.lot_id)) == 1


def test_the_reach_finds_what_it_was_made_of_and_its_neighbours(book: Book) -> None:
    raw, made = in_quarantine(book), in_quarantine(book)
    edges.add(
        book.by(NORA),
        Edge(
            kind="consume",
            from_lot_id=raw.lot_id,
            to_lot_id=made.lot_id,
            quantity=3,
            unit_code="ea",
            document=DOCUMENT,
        ),
    )
    beside = book.lot()
    found = found_in(book, made)
    reached = reach.of_nonconformity(book.db, TENANT, found, WINDOWS)
    ways = {each.lot.number: each.via for each in reached.candidates}
    assert ways[made.number] == "reported"
    assert ways[raw.number] == "supplier_lot"  # all three came as the supplier's lot A1
    assert ways[beside.number] == "supplier_lot"
    assert reached.shipped == ()


def test_nothing_reported_reaches_nothing(book: Book) -> None:
    report = Report(source_kind="audit", source_number="AU-1", stage="audit", description="x")
    found = nonconformities.open_new(book.by(HANA), report)
    assert reach.of_nonconformity(book.db, TENANT, found, WINDOWS).candidates == ()


def test_no_more_is_affected_than_there_is(book: Book) -> None:
    lot = in_quarantine(book)
    found = found_in(book, lot)
    with pytest.raises(ScopeQuantityTooLarge):
        scope.decide(
            book.by(HANA),
            found,
            Finding(lot_id=lot.lot_id, finding="affected", via="reported", quantity=11),
        )


# --- dispositions ----------------------------------------------------------------------------


def test_splits_add_up_to_what_is_affected(book: Book) -> None:
    lot = in_quarantine(book)
    found = found_in(book, lot)
    with pytest.raises(SplitsDoNotAddUp) as refused:
        approved(book, found, [(lot, 4, "SCRAP"), (lot, 5, "RETURN")])
    assert (refused.value.expected, refused.value.found) == ("10", "9")


def test_a_suspect_lot_is_decided_before_anything_is_disposed_of(book: Book) -> None:
    lot, other = in_quarantine(book), in_quarantine(book)
    found = found_in(book, lot)
    scope.decide(
        book.by(HANA), found, Finding(lot_id=other.lot_id, finding="suspect", via="supplier_lot")
    )
    with pytest.raises(ScopeUndecided, match=other.number):
        approved(book, found, [(lot, 10, "SCRAP")])


def test_only_allowed_dispositions_and_affected_lots(book: Book) -> None:
    lot, other = in_quarantine(book), in_quarantine(book)
    found = found_in(book, lot)
    split = NewSplit(lot_id=lot.lot_id, quantity=10, disposition="REWORK", reason="burrs")
    with pytest.raises(DispositionNotAllowed):
        dispositions.propose(book.by(HANA), found, [split], allowed={lot.lot_id: ["SCRAP"]})
    with pytest.raises(NotInLedger):
        approved(book, found, [(other, 10, "SCRAP")])


def test_approval_sets_released_stock_apart_where_rejected_goods_lie(book: Book) -> None:
    lot = released(book)
    found = found_in(book, lot)
    approved(book, found, [(lot, 10, "SCRAP")])
    assert stock(book, lot) == {("R-01", "REJECTED"): 10}


def test_without_a_place_for_rejected_goods_the_approval_says_so(book: Book) -> None:
    lot = released(book)
    with pytest.raises(NowhereToLie):
        stock_steps.restate(
            book.by(DORA, "APPR"),
            Portion(lot=lot, quantity=10),
            "RELEASED",
            "REJECTED",
            reason="burrs",
            document=DOCUMENT,
        )


def test_approval_needs_the_signature(book: Book) -> None:
    lot = in_quarantine(book)
    found = found_in(book, lot)
    split = NewSplit(lot_id=lot.lot_id, quantity=10, disposition="SCRAP", reason="burrs")
    number = dispositions.propose(book.by(HANA), found, [split], allowed={lot.lot_id: DISPOSITIONS})
    with pytest.raises(SignatureMissing):
        dispositions.approve(book.by(DORA), found, number, rejected_location=None)


def test_scrap_is_witnessed_and_leaves_the_book(book: Book) -> None:
    lot = in_quarantine(book)
    [job] = approved(book, found_in(book, lot), [(lot, 10, "SCRAP")])
    with pytest.raises(SignatureMissing):
        execution.scrap(book.by(DORA, "PERF"), job)
    execution.scrap(book.by(DORA, "WITN"), job)
    assert stock(book, lot) == {}
    [*_, last] = movements.of_lot(book.db, TENANT, lot.lot_id)
    assert (last.movement_type, last.to_status, last.signature_meaning) == (
        "SCRAP",
        "SCRAPPED",
        "WITN",
    )
    with pytest.raises(SplitNotOpen):
        dispositions.finish(book.by(DORA), job.found, job.split, 10, evidence=None)


def test_a_split_cannot_take_more_than_lies_there(book: Book) -> None:
    lot = in_quarantine(book)
    [job] = approved(book, found_in(book, lot), [(lot, 10, "SCRAP")])
    with pytest.raises(InsufficientStock):
        stock_steps.leave(
            book.by(DORA, "WITN"),
            Portion(lot=lot, quantity=11),
            movement_type="SCRAP",
            in_status="REJECTED",
            outcome="SCRAPPED",
            reason="x",
            document=job.document,
        )


def test_three_ways_for_one_lot_and_nothing_left(book: Book) -> None:
    """Half goes back, some is kept as evidence, the rest is scrapped: Σ splits = affected."""
    lot = released(book)
    found = found_in(book, lot)
    back, keep, rest = approved(
        book, found, [(lot, 5, "RETURN"), (lot, 1, "RETAIN"), (lot, 4, "SCRAP")]
    )
    execution.return_to_supplier(book.by(ANN, "PERF"), back)
    execution.retain(book.by(ANN, "PERF"), keep, book.places["S-01"])
    with pytest.raises(QuantityLeft, match="4 ea"):
        close(book, found)
    execution.scrap(book.by(DORA, "WITN"), rest)
    assert stock(book, lot) == {("S-01", "SAMPLE"): 1}
    [balance] = dispositions.reconcile(book.db, TENANT, found)
    assert (balance.affected, balance.done, balance.left) == (10, 10, 0)
    assert close(book, found) == [lot.number]
    assert status.open_holds(book.db, TENANT, lot.lot_id) == []


def test_a_concession_takes_two_people(book: Book) -> None:
    lot = in_quarantine(book)
    found = found_in(book, lot)
    [job] = approved(book, found, [(lot, 10, "USE_AS_IS")])
    granted = Concession(
        requirement="D-1 rev A, 3.2",
        justification="cosmetic",
        risk_benefit="no change of risk",
        regulatory_by="dora",
    )
    with pytest.raises(OneConcessionTwoPeople):
        execution.use_as_is(book.by(DORA, "CONC"), job, granted, None)
    granted = Concession(
        requirement="D-1 rev A, 3.2",
        justification="cosmetic",
        risk_benefit="no change of risk",
        regulatory_by=JIN.username,
    )
    with pytest.raises(SignatureMissing):
        execution.use_as_is(book.by(DORA, "REL"), job, granted, None)
    number = execution.use_as_is(book.by(DORA, "CONC"), job, granted, None)
    assert number == "CON-2026-00001"
    assert stock(book, lot) == {("Q-01", "RELEASED"): 10}
    assert len(status.open_holds(book.db, TENANT, lot.lot_id)) == 1  # until QA closes
    close(book, found)
    assert status.open_holds(book.db, TENANT, lot.lot_id) == []


def test_another_open_nonconformity_stops_a_concession(book: Book) -> None:
    lot = in_quarantine(book)
    [job] = approved(book, found_in(book, lot), [(lot, 10, "USE_AS_IS")])
    found_in(book, lot, description="wrong label")
    granted = Concession(
        requirement="r", justification="j", risk_benefit="b", regulatory_by=JIN.username
    )
    with pytest.raises(OpenNonconformity):
        execution.use_as_is(book.by(DORA, "CONC"), job, granted, None)


def test_rework_becomes_a_lot_of_its_own_that_is_inspected_again(book: Book) -> None:
    wip = add_place(book, "W-01", "wip")
    lot = in_quarantine(book)
    found = found_in(book, lot)
    [job] = approved(book, found, [(lot, 10, "REWORK")])
    execution.start_rework(book.by(DORA, "APPR"), job, wip)
    assert stock(book, lot) == {("W-01", "REWORK"): 10}
    made = execution.finish_rework(
        book.by(NORA, "PERF"), job, at=wip, location_id=book.places["Q-01"]
    )
    assert made.origin == "rework"
    assert stock(book, made) == {("Q-01", "QUARANTINE"): 10}
    with pytest.raises(MoreThanThereWas):
        execution.decide_reworked(book.by(DORA, "REL"), job, made, 11, None)
    execution.decide_reworked(book.by(DORA, "REL"), job, made, 8, None)
    assert stock(book, made) == {("Q-01", "RELEASED"): 8, ("Q-01", "REJECTED"): 2}
    left = {each.lot.number: each.left for each in dispositions.reconcile(book.db, TENANT, found)}
    assert left == {lot.number: 0, made.number: 2}  # what failed is decided on again
    [again] = approved(book, found, [(made, 2, "REWORK")])
    with pytest.raises(ReworkLimitReached):
        execution.start_rework(book.by(DORA, "APPR"), again, wip)
    execution.give_back(book.by(DORA), again)
    [rest] = approved(book, found, [(made, 2, "SCRAP")])
    execution.scrap(book.by(DORA, "WITN"), rest)
    assert close(book, found) == [lot.number, made.number]
    forward = trace.forward(book.db, TENANT, [lot.lot_id])
    assert made.lot_id in {each.lot_id for each in forward.lots}


@pytest.mark.parametrize("kind", [{"sterile": True}, {"implant": True}], ids=["sterile", "implant"])
def test_sterile_product_and_implants_are_not_reworked(book: Book, kind: dict[str, bool]) -> None:
    item_id = book.add_item("STERILE-1", **kind)
    item = items.find(book.db, TENANT, item_id)
    suppliers.approve(
        book.context,
        book.supplier,
        item_id,
        item.number,
        site="SZ01",
        rating=80,
        valid_from=(NOW - timedelta(days=9)).date(),
    )
    lot = book.lot(item_id=item_id)
    book.receive(lot, 10)
    [job] = approved(book, found_in(book, lot), [(lot, 10, "REWORK")])
    with pytest.raises(ReworkLimitReached):
        execution.start_rework(book.by(DORA, "APPR"), job, add_place(book, "W-01", "wip"))


def test_sorting_releases_the_good_and_proposes_the_bad_again(book: Book) -> None:
    lot = in_quarantine(book)
    found = found_in(book, lot)
    [job] = approved(book, found, [(lot, 10, "SORT")])
    execution.start_sorting(book.by(CLEO, "PERF"), job, None)
    with pytest.raises(SignatureMissing):
        execution.decide_sorted(book.by(DORA, "APPR"), job, 7, None)
    execution.decide_sorted(book.by(DORA, "REL"), job, 7, None)
    assert stock(book, lot) == {("Q-01", "RELEASED"): 7, ("Q-01", "REJECTED"): 3}
    [balance] = dispositions.reconcile(book.db, TENANT, found)
    assert balance.left == 3


def test_a_lower_grade_is_another_item_with_an_edge(book: Book) -> None:
    book.add_item("VALVE-TRAINING", criticality="N")
    lot = in_quarantine(book)
    found = found_in(book, lot)
    [job] = approved(book, found, [(lot, 10, "REGRADE")])
    made = execution.regrade(book.by(DORA, "REL"), job, "VALVE-TRAINING", book.places["Q-01"])
    assert made.item_number == "VALVE-TRAINING"
    assert stock(book, lot) == {}
    assert stock(book, made) == {("Q-01", "RELEASED"): 10}
    assert close(book, found) == [lot.number, made.number]


def test_units_with_serial_numbers_are_disposed_of_by_name(book: Book) -> None:
    item_id = book.add_item("PUMP-1", tracking="serial")
    lot = book.lot(item_id=item_id)
    units = lots.register_serials(book.by(ANN), lot, ["P1", "P2", "P3"])
    into = Movement(
        movement_type="RCV",
        lot_id=lot.lot_id,
        quantity=1,
        document=DOCUMENT,
        target=book.place("Q-01", "QUARANTINE"),
    )
    movements.post_serials(book.by(ANN), into, list(units.values()))
    found = found_in(book, lot)
    splits = [
        NewSplit(
            lot_id=lot.lot_id,
            quantity=len(serials),
            disposition=disposition,
            reason="cracked",
            serials=serials,
        )
        for disposition, serials in (("SCRAP", ("P2",)), ("RETURN", ("P1", "P3")))
    ]
    allowed = {lot.lot_id: DISPOSITIONS}
    number = dispositions.propose(book.by(HANA), found, splits, allowed=allowed)
    dispositions.approve(
        book.by(DORA, "APPR"), found, number, rejected_location=book.places["R-01"]
    )
    execution.scrap(book.by(DORA, "WITN"), execution.job(book.by(DORA), found, 1))
    [_, left] = dispositions.of_cycle(book.db, TENANT, found)
    execution.return_to_supplier(book.by(ANN, "PERF"), execution.job(book.by(ANN), found, 2))
    assert stock(book, lot) == {}
    gone = {
        (row.serial_unit_id, row.to_status)
        for row in movements.of_lot(book.db, TENANT, lot.lot_id)
        if row.to_location_id is None
    }
    assert gone == {
        (units["P2"], "SCRAPPED"),
        (units["P1"], "RETURNED"),
        (units["P3"], "RETURNED"),
    }
    assert left.serials == ("P1", "P3")


# --- closing, reopening, what is never changed -------------------------------------------------


def test_a_closed_one_is_reopened_as_a_new_cycle(book: Book) -> None:
    lot = in_quarantine(book)
    found = found_in(book, lot)
    with pytest.raises(NonconformityOpen):
        nonconformities.reopen(book.by(HANA), found.number, "more of it")
    [job] = approved(book, found, [(lot, 10, "SCRAP")])
    execution.scrap(book.by(DORA, "WITN"), job)
    close(book, found)
    closed = nonconformities.by_number(book.db, TENANT, found.number)
    assert closed.outcome == "closed"
    with pytest.raises(NonconformityClosed):
        nonconformities.set_cause(book.by(HANA), closed, "method")
    again = nonconformities.reopen(book.by(HANA), found.number, "customer found more")
    assert (again.number, again.cycle, again.is_open) == (found.number, 2, True)
    assert scope.of_cycle(book.db, TENANT, again) == []
    assert dispositions.of_cycle(book.db, TENANT, again) == []


def test_a_closure_is_signed(book: Book) -> None:
    found = found_in(book, in_quarantine(book))
    with pytest.raises(SignatureMissing):
        scope.release_holds(book.by(DORA), found, "no signature")
    with pytest.raises(IntegrityError):
        nonconformities.end_cycle(book.by(DORA), found, "closed", "done", signature_meaning=None)


def test_the_classification_is_kept(book: Book) -> None:
    found = found_in(book, in_quarantine(book))
    made = Classification(
        stage="incoming",
        requirement="D-1 rev A",
        severity="S3",
        probability=2,
        risk_score=12,
        nonconformity_class="MAJOR",
    )
    nonconformities.classify(book.by(HANA), found, made)
    kept = nonconformities.by_number(book.db, TENANT, found.number)
    assert (kept.nonconformity_class, kept.severity) == ("MAJOR", "S3")
    assert [each.number for each in nonconformities.every_open(book.db, TENANT)] == [found.number]


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_database_refuses_to_change_decisions(book: Book, table: str) -> None:
    lot = in_quarantine(book)
    found = found_in(book, lot)
    [job] = approved(book, found, [(lot, 10, "SCRAP")])
    dispositions.vote(book.by(HANA), found, 1, "QE", agrees=True, reason=None)
    execution.scrap(book.by(DORA, "WITN"), job)
    close(book, found)
    target = metadata.tables[table]
    if book.db.dialect.name == "sqlite" and book.db.execute(select(target)).first() is None:
        pytest.skip("SQLite guards rows, and this table has none yet")
    with pytest.raises(DBAPIError, match="append-only"):
        book.db.execute(delete(target))


def test_a_done_split_says_how_much(book: Book) -> None:
    lot = in_quarantine(book)
    approved(book, found_in(book, lot), [(lot, 10, "SCRAP")])
    with pytest.raises(IntegrityError):
        book.db.execute(update(disposition_split).values(status="done"))


# --- repetition ------------------------------------------------------------------------------


def test_repetition_is_counted_in_the_windows_of_the_customer(book: Book) -> None:
    lot = in_quarantine(book)
    rules = book.context.configuration("nonconformity_rules")
    for _ in range(3):
        found = found_in(book, lot)
        nonconformities.set_cause(book.by(HANA), found, "method")
    kept = nonconformities.by_number(book.db, TENANT, found.number)
    facts = statistics.of_nonconformity(book.db, TENANT, kept, rules, NOW)
    assert (facts.same_cause, facts.cause_repeated) == (3, True)
    assert facts.trend_out_of_control is True  # three this month after none before
    later = statistics.of_nonconformity(book.db, TENANT, kept, rules, NOW + timedelta(days=200))
    assert (later.same_cause, later.cause_repeated) == (0, False)
    assert (facts.supplier_repeated, facts.concession_repeated) == (False, False)


@pytest.mark.parametrize(
    ("earlier", "latest", "expected"),
    [
        ([], 9, False),
        ([0, 0, 0], 1, False),
        ([0, 0, 0], 2, True),
        ([4, 4, 4, 4], 10, False),  # 4 + 3·√4 = 10: on the limit is not above it
        ([4, 4, 4, 4], 11, True),
    ],
)
def test_a_trend_is_a_count_above_the_limit_of_its_chart(
    earlier: list[int], latest: int, *, expected: bool
) -> None:
    assert statistics.out_of_control(earlier, latest) is expected


def _hold(book: Book, lot: Lot) -> UUID:
    [held] = status.open_holds(book.db, TENANT, lot.lot_id)
    return held.hold_id
