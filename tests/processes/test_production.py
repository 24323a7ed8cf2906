"""Making: what goes in, what comes out, and nothing unexplained (INV-04, 09, 10, 12, 15)."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from engine.verification import verify
from processes import registry
from processes.ledger import balances, holds, movements
from processes.ledger.balances import InsufficientStock
from processes.ledger.distribution import containers, reservations
from processes.ledger.distribution.containers import Content, NotAnSscc, SsccUsed
from processes.ledger.distribution.reservations import OutOfTurn, Wanted
from processes.ledger.genealogy import edges, mass_balance, trace
from processes.ledger.genealogy.flags import HeldFromAbove
from processes.ledger.lot_numbers import Expiry
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement, SerialRequired
from processes.ledger.production import boms, labels, work_orders
from processes.ledger.production.boms import BomEmpty, NewBom, NewBomLine, NoEffectiveBom
from processes.ledger.production.labels import (
    LabelCount,
    LabelsDiffer,
    LabelsReconciledAlready,
    OrderTakesNoLabels,
)
from processes.ledger.production.tables import label_reconciliation, work_order
from processes.ledger.production.work_orders import (
    CannotClose,
    ExpiresBeforeUse,
    Issue,
    MoreThanNeeded,
    NewWorkOrder,
    NotInBom,
    NotReleasedForThisOrder,
    WorkOrder,
    WorkOrderNotOpen,
)
from processes.ledger.refusals import NotInLedger
from processes.ledger.status import NotReleased, SignatureMissing
from tests.processes.conftest import ANN, DORA, NOW, TENANT, TODAY, Book
from tests.processes.making import DOCUMENT, add_device, add_places, link, release


@pytest.fixture
def factory(book: Book) -> Book:
    """The small book with a device made of two screws and 250 g of granulate."""
    add_places(book)
    book.add_item("SCREW-1")
    book.add_item("SCREW-2")
    book.add_item("RESIN-1", unit_code="kg")
    add_device(book)
    put_bom(book, 1)
    return book


def put_bom(book: Book, version: int, days: int = -30, **more: Any) -> None:
    lines = (
        NewBomLine(component="SCREW-1", quantity=Decimal(2), substitute_set="screw"),
        NewBomLine(component="SCREW-2", quantity=Decimal(2), substitute_set="screw"),
        NewBomLine(component="RESIN-1", quantity=Decimal("0.25")),
    )
    new = NewBom(
        **{
            "item_number": "DEVICE-1",
            "item_revision": "A",
            "version": version,
            "effective_from": TODAY + timedelta(days=days),
            "change_reason": "first release",
            "approved_by": ("ivan", "dora"),
            "lines": lines,
            **more,
        }
    )
    boms.register(book.by(DORA), new)


def order(book: Book, quantity: int = 10, **more: Any) -> WorkOrder:
    return work_orders.release(
        book.by(ANN),
        NewWorkOrder(
            **{
                "item_number": "DEVICE-1",
                "quantity": Decimal(quantity),
                "site": "SZ01",
                "planned_start": TODAY,
                "planned_end": TODAY + timedelta(days=5),
                **more,
            }
        ),
    )


def stock(book: Book, item_number: str, quantity: int, days: int | None = None) -> Lot:
    from processes.ledger import items  # noqa: PLC0415

    found = items.by_number(book.db, TENANT, item_number)
    expiry = None
    if days is not None:
        on = TODAY + timedelta(days=days)
        expiry = Expiry(on=on, precision="day", raw=on.isoformat())
    name = f"{item_number}-{quantity}-{days}"
    return release(book, book.lot(name, item_id=found.item_id, expiry=expiry), quantity)


def give(book: Book, made: WorkOrder, lot: Lot, quantity: int, **more: Any) -> None:
    signatures: Sequence[str] = more.pop("signatures", ())
    given = {"lot_number": lot.number, "location": "A-01", "quantity": quantity, **more}
    work_orders.issue(book.by(ANN, *signatures), made.number, Issue(**given))


def test_a_work_order_from_issue_to_close(factory: Book) -> None:
    screws, resin = stock(factory, "SCREW-1", 50), stock(factory, "RESIN-1", 5000)
    made = order(factory)
    give(factory, made, screws, 21)
    give(factory, made, resin, 2500)
    back = Issue(lot_number=screws.number, location="A-01", quantity=1)
    work_orders.return_unused(factory.by(ANN), made.number, back)
    job = labels.print_job(
        factory.by(ANN), made.number, template="LBL-7 rev C", data={"lot": "x"}, printed=12
    )
    work_orders.output(factory.by(ANN), made.number, quantity=10, location="Q-01")
    labels.reconcile(factory.by(ANN), job, LabelCount(applied=10, destroyed=1, retained=1))
    assert [
        (each.components, each.issued, int(each.needed), int(each.difference))
        for each in work_orders.balance(factory.by(ANN), made.number)
    ] == [(("SCREW-1", "SCREW-2"), 20, 20, 0), (("RESIN-1",), 2500, 2500, 0)]
    with pytest.raises(SignatureMissing):
        work_orders.close(factory.by(DORA), made.number)
    work_orders.close(factory.by(DORA, "REVW"), made.number)
    with pytest.raises(WorkOrderNotOpen):
        give(factory, made, screws, 1)
    reached = trace.backward(factory.db, TENANT, [made.lot_id]).lots
    assert {each.lot_id for each in reached} == {made.lot_id, screws.lot_id, resin.lot_id}
    assert edges.movements_without_edges(factory.db, TENANT) == []
    for lot_id in (made.lot_id, screws.lot_id, resin.lot_id):
        assert mass_balance.of_lot(factory.db, TENANT, lot_id).unexplained == 0


def test_inv_04_what_is_not_in_the_bill_is_not_issued(factory: Book) -> None:
    other = stock(factory, "VALVE-1", 5)
    with pytest.raises(NotInBom):
        give(factory, order(factory), other, 1)


def test_inv_04_what_expires_before_the_planned_end_is_not_issued(factory: Book) -> None:
    soon = stock(factory, "SCREW-1", 50, days=4)
    with pytest.raises(ExpiresBeforeUse):
        give(factory, order(factory), soon, 1)
    give(factory, order(factory), stock(factory, "SCREW-1", 51, days=5), 1)


def test_inv_02_only_what_is_released_is_issued_to_a_work_order(factory: Book) -> None:
    from processes.ledger import items  # noqa: PLC0415

    screw = items.by_number(factory.db, TENANT, "SCREW-1")
    lot = factory.lot("Q", item_id=screw.item_id)
    factory.receive(lot, 10)
    with pytest.raises(NotReleased):
        give(factory, order(factory), lot, 1, location="Q-01")


def test_inv_02_conditional_stock_goes_to_its_own_work_order_only(factory: Book) -> None:
    lot = stock(factory, "SCREW-1", 50)
    place = factory.place("W-01", "RELEASED_CONDITIONAL")
    balances.put(factory.db, TENANT, lot.lot_id, place, 20)
    mine, other = order(factory), order(factory)
    work_orders.bind_conditional(factory.by(DORA), mine.number, lot.number, concession="CON-1")
    how = {"location": "W-01", "status": "RELEASED_CONDITIONAL"}
    with pytest.raises(NotReleasedForThisOrder):
        give(factory, other, lot, 1, **how)
    give(factory, mine, lot, 1, **how)


def test_inv_13_what_contains_a_held_lot_is_not_issued(factory: Book) -> None:
    steel, screws = factory.lot("STEEL"), stock(factory, "SCREW-1", 50)
    link(factory, steel, screws)
    holds.place_many(
        factory.by(DORA),
        [steel.lot_id],
        reason="brittle",
        owner_role="QA",
        document=DOCUMENT,
        with_descendants=True,
    )
    with pytest.raises(HeldFromAbove):
        give(factory, order(factory), screws, 1)


def test_an_extra_issue_is_explained_and_approved(factory: Book) -> None:
    screws, substitute = stock(factory, "SCREW-1", 50), stock(factory, "SCREW-2", 50)
    made = order(factory)
    give(factory, made, screws, 20)
    with pytest.raises(MoreThanNeeded):  # the substitute counts against the same need
        give(factory, made, substitute, 2)
    with pytest.raises(MoreThanNeeded):
        give(factory, made, substitute, 2, reason="bent in the press")
    give(factory, made, substitute, 2, reason="bent in the press", signatures=("APPR",))


def test_no_more_is_returned_than_was_issued(factory: Book) -> None:
    screws = stock(factory, "SCREW-1", 50)
    made = order(factory)
    give(factory, made, screws, 2)
    back = Issue(lot_number=screws.number, location="A-01", quantity=3)
    with pytest.raises(edges.NotInThere):
        work_orders.return_unused(factory.by(ANN), made.number, back)


def test_inv_10_labels_are_accounted_for_before_the_close(factory: Book) -> None:
    made = balanced(factory)
    job = labels.print_job(factory.by(ANN), made.number, template="T", data={}, printed=12)
    with pytest.raises(CannotClose, match="labels"):
        work_orders.close(factory.by(DORA, "REVW"), made.number)
    short = LabelCount(applied=10, destroyed=1, retained=0)
    with pytest.raises(LabelsDiffer):
        labels.reconcile(factory.by(ANN, "VERF"), job, short)
    explained = LabelCount(applied=10, destroyed=1, retained=0, explanation="one torn")
    with pytest.raises(SignatureMissing):
        labels.reconcile(factory.by(ANN), job, explained)
    labels.reconcile(factory.by(ANN, "VERF"), job, explained)
    with pytest.raises(LabelsReconciledAlready):
        labels.reconcile(factory.by(ANN, "VERF"), job, explained)
    work_orders.close(factory.by(DORA, "REVW"), made.number)
    with pytest.raises(OrderTakesNoLabels):
        labels.print_job(factory.by(ANN), made.number, template="T", data={}, printed=1)


def test_no_labels_are_printed_for_what_contains_what_is_held(factory: Book) -> None:
    made = order(factory)
    screws = stock(factory, "SCREW-1", 40)
    given = Issue(lot_number=screws.number, location="A-01", quantity=20)
    work_orders.issue(factory.by(ANN), made.number, given)
    holds.place_many(
        factory.by(DORA),
        [screws.lot_id],
        kind="RECALLED",
        reason="threads break",
        owner_role="RCC",
        document=DOCUMENT,
        with_descendants=True,
    )
    with pytest.raises(HeldFromAbove):
        labels.print_job(factory.by(ANN), made.number, template="T", data={}, printed=12)


def test_inv_10_a_closed_order_with_open_labels_is_named_by_verify(factory: Book) -> None:
    made = order(factory)
    labels.print_job(factory.by(ANN), made.number, template="L-1 A", data={}, printed=10)
    of_orders = "ledger.work_order"
    before = verify(factory.db, TENANT, registry.checks()).differences
    assert [each for each in before if each.code == of_orders] == []
    factory.db.execute(update(work_order).values(status="closed"))
    after = verify(factory.db, TENANT, registry.checks()).differences
    [found] = [each for each in after if each.code == of_orders]
    assert made.number in found.message["en"]
    assert made.number in found.message["zh"]


def test_inv_10_the_database_refuses_labels_that_differ_unexplained(factory: Book) -> None:
    from processes.ledger.production.tables import label_job  # noqa: PLC0415

    made = balanced(factory)
    labels.print_job(factory.by(ANN), made.number, template="T", data={}, printed=12)
    job = factory.db.execute(label_job.select()).one()
    row = {
        "tenant_id": TENANT,
        "label_job_id": job.label_job_id,
        "printed": 12,
        "applied": 10,
        "destroyed": 0,
        "retained": 0,
        "actor": "ann",
        "reconciled_at": NOW,
    }
    with pytest.raises(IntegrityError, match="difference_explained"):
        factory.db.execute(insert(label_reconciliation), row)


def balanced(factory: Book) -> WorkOrder:
    """An order whose mass balance is right."""
    made = order(factory)
    give(factory, made, stock(factory, "SCREW-1", 20), 20)
    give(factory, made, stock(factory, "RESIN-1", 2500), 2500)
    work_orders.output(factory.by(ANN), made.number, quantity=10, location="Q-01")
    return made


def test_inv_10_what_is_not_explained_keeps_an_order_open(factory: Book) -> None:
    made = order(factory)
    give(factory, made, stock(factory, "SCREW-1", 20), 20)
    give(factory, made, stock(factory, "RESIN-1", 2500), 2500)
    work_orders.output(factory.by(ANN), made.number, quantity=9, location="Q-01")
    with pytest.raises(CannotClose, match=r"SCREW-1/SCREW-2 \+2, RESIN-1 \+250"):
        work_orders.close(factory.by(DORA, "REVW"), made.number)
    (screws, _) = (each.lot_number for each in _used(factory, made))
    lost: dict[str, Any] = {"kind": "scrap", "quantity": 2, "reason": "one unit fell"}
    work_orders.record_loss(factory.by(ANN), made.number, screws, **lost)
    with pytest.raises(CannotClose, match=r": RESIN-1 \+250"):
        work_orders.close(factory.by(DORA, "REVW"), made.number)
    work_orders.close(factory.by(DORA, "REVW"), made.number, explanation="purged from the nozzle")


def _used(book: Book, made: WorkOrder) -> list[trace.TracedLot]:
    found = trace.backward(book.db, TENANT, [made.lot_id]).lots[1:]
    return sorted(found, key=lambda each: each.item_number, reverse=True)


def test_inv_10_an_open_reservation_keeps_an_order_open(factory: Book) -> None:
    made = balanced(factory)
    stock(factory, "SCREW-2", 8)
    (kept,) = reservations.reserve(
        factory.by(ANN),
        Wanted(item_number="SCREW-2", site="SZ01", quantity=3, usable_until=TODAY),
        made.document,
    )
    with pytest.raises(CannotClose, match="1 reservations"):
        work_orders.close(factory.by(DORA, "REVW"), made.number)
    reservations.end(factory.by(ANN), kept.reservation_id, "cancelled")
    work_orders.close(factory.by(DORA, "REVW"), made.number)


def test_inv_09_nothing_is_made_of_nothing(factory: Book) -> None:
    with pytest.raises(CannotClose, match="Nothing was issued"):
        work_orders.output(factory.by(ANN), order(factory).number, quantity=1, location="Q-01")


def test_inv_15_the_bill_is_the_one_in_force_on_the_first_day(factory: Book) -> None:
    put_bom(factory, 2, days=3, lines=(NewBomLine(component="SCREW-1", quantity=Decimal(3)),))
    now, later = order(factory), order(factory, planned_start=TODAY + timedelta(days=3))
    assert [boms.find(factory.db, TENANT, each.bom_id).version for each in (now, later)] == [1, 2]
    with pytest.raises(NoEffectiveBom):
        order(factory, planned_start=TODAY - timedelta(days=31), item_number="DEVICE-1")
    with pytest.raises(BomEmpty):
        put_bom(factory, 3, lines=(NewBomLine(component="DEVICE-1", quantity=Decimal(1)),))


def test_units_with_serial_numbers_go_into_units(factory: Book) -> None:
    add_device(factory, "PUMP-9", tracking="lot_and_serial")
    put_bom(
        factory,
        1,
        item_number="PUMP-9",
        lines=(NewBomLine(component="SCREW-1", quantity=Decimal(1)),),
    )
    made = order(factory, 2, item_number="PUMP-9")
    give(factory, made, stock(factory, "SCREW-1", 5), 2)
    with pytest.raises(SerialRequired):
        work_orders.output(factory.by(ANN), made.number, quantity=2, location="Q-01", serials=["1"])
    units = work_orders.output(
        factory.by(ANN), made.number, quantity=2, location="Q-01", serials=["P-1", "P-2"]
    )
    assert sorted(units) == ["P-1", "P-2"]


def wanted(quantity: int, **more: Any) -> Wanted:
    return Wanted(
        **{
            "item_number": "SCREW-1",
            "site": "SZ01",
            "quantity": quantity,
            "usable_until": TODAY,
            **more,
        }
    )


def test_inv_12_what_expires_first_is_reserved_first(factory: Book) -> None:
    late, never, soon = (stock(factory, "SCREW-1", 10, days) for days in (300, None, 30))
    document = Document("sales_order", "SO-1")
    kept = reservations.reserve(factory.by(ANN), wanted(25), document)
    assert [(each.lot_number, each.quantity) for each in kept] == [
        (soon.number, 10),
        (late.number, 10),
        (never.number, 5),
    ]
    with pytest.raises(InsufficientStock):  # nothing is promised twice
        reservations.reserve(factory.by(ANN), wanted(6), document)
    assert len(reservations.open_of(factory.db, TENANT, document)) == 3
    in_ten_days = factory.by(ANN, now=NOW + timedelta(days=10))
    assert reservations.reserve(in_ten_days, wanted(6), document)[0].lot_number == soon.number


def test_inv_12_out_of_turn_only_with_a_reason_on_the_record(factory: Book) -> None:
    soon, late = stock(factory, "SCREW-1", 10, 30), stock(factory, "SCREW-1", 11, 300)
    document = Document("sales_order", "SO-1")
    with pytest.raises(OutOfTurn) as refused:
        reservations.reserve(factory.by(ANN), wanted(1, lot_number=late.number), document)
    assert refused.value.expected == soon.number
    why = {"lot_number": late.number, "override_reason": "customer asked for this lot"}
    reservations.reserve(factory.by(ANN), wanted(1, **why), document)
    events = [each for each in factory.events if each["event"] == "stock.reserved"]
    assert events[-1]["override_reason"] == "customer asked for this lot"
    held = wanted(1, usable_until=TODAY + timedelta(days=31))
    assert reservations.reserve(factory.by(ANN), held, document)[0].lot_number == late.number


def test_inv_12_what_is_held_is_not_reserved(factory: Book) -> None:
    soon, late = stock(factory, "SCREW-1", 10, 30), stock(factory, "SCREW-1", 11, 300)
    holds.place_many(
        factory.by(DORA), [soon.lot_id], reason="x", owner_role="QA", document=DOCUMENT
    )
    document = Document("sales_order", "SO-1")
    (kept,) = reservations.reserve(factory.by(ANN), wanted(1), document)
    assert kept.lot_number == late.number


SSCC = "106141412345678908"
"""The example of the GS1 General Specifications."""


def test_inv_05_a_container_has_a_code_of_its_own(factory: Book) -> None:
    first, second = stock(factory, "SCREW-1", 10), stock(factory, "SCREW-2", 10)
    content = [Content(lot_number=each.number, quantity=2) for each in (first, second)]
    container_id = containers.pack(factory.by(ANN), SSCC, content, location="A-01")
    assert [
        (row.lot_number, row.quantity)
        for row in containers.content_of(factory.db, TENANT, container_id)
    ] == [(first.number, 2), (second.number, 2)]
    with pytest.raises(SsccUsed):
        containers.pack(factory.by(ANN), SSCC, [], location="A-01")
    for bad in (SSCC[:-1], SSCC[:-1] + "7", "１" * 18, "x" * 18):
        with pytest.raises(NotAnSscc):
            containers.pack(factory.by(ANN), bad, [], location="A-01")
    with pytest.raises(NotInLedger):
        containers.pack(
            factory.by(ANN),
            "000000000000000000",
            [],
            location="A-01",
            inside="000000000000000017",
        )


def test_every_new_movement_goes_one_way_only(book: Book) -> None:
    lot = book.lot()
    for kind in ("PROD", "RET", "RTN"):
        wrong = Movement(
            movement_type=kind,
            lot_id=lot.lot_id,
            quantity=1,
            document=DOCUMENT,
            target=book.place("R-01", "REJECTED"),
            reason="x",
        )
        with pytest.raises(movements.MovementNotAllowed):
            movements.post(book.by(ANN), wrong)
