"""CC-04: which revision goods have where a lot or serial number decides, not the day alone."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from processes.ledger import items, lot_numbers, lots, receipts
from processes.ledger.changes import affected, effectivity, old_stock, orders
from processes.ledger.changes.effectivity import NoRevisionToCount, NoSerials
from processes.ledger.changes.implementation import Effectivity
from processes.ledger.changes.orders import NewChange
from processes.ledger.genealogy import lot_changes
from processes.ledger.genealogy.lot_changes import Part
from processes.ledger.items import NumberOfNoSeries, SerialNeeded, SerialsOfTwoRevisions
from processes.ledger.lot_numbers import NumberNotAllowed
from processes.ledger.production import boms, work_orders
from processes.ledger.production.boms import NewBom, NewBomLine
from processes.ledger.production.work_orders import AnotherRevision, Issue, NewWorkOrder
from processes.ledger.receipts import Delivery
from tests.processes import making
from tests.processes.conftest import ANN, TENANT, TODAY, Book


def revise(book: Book, code: str, *, number: str = "VALVE-1", days: int = 0, **first: Any) -> None:
    """Bring a revision into force by a change, from a day or from a number on."""
    context = replace(book.context, process_instance_id=book.context.new_id())
    new = NewChange(
        kind="permanent",
        title=f"Revision {code}",
        problem="leaks",
        proposal="new spring",
        reason="complaints",
        urgency="normal",
    )
    change = orders.request(context, new)
    wanted = affected.Proposed(kind="item_revision", key=number, field="revision", new=code)
    affected.propose(book.context, change, [wanted])
    affected.release(book.context, change, TODAY + timedelta(days=days), ["dora (QA)"], **first)


def revision(book: Book, on: date = TODAY, number: str = "VALVE-1", **more: Any) -> str:
    found = items.by_number(book.db, TENANT, number)
    return items.effective_revision(book.db, TENANT, found, on, **more)


def test_what_a_later_change_brought_is_no_old_stock_of_an_earlier_one(book: Book) -> None:
    """CC-04 use_up: after B came C; only what has A is left of what B replaced."""
    numbers = {}
    for at, code in enumerate(("A", "B", "C")):
        if at:
            revise(book, code, days=at - 2)
        made = receipts.post(book.by(ANN), valves(f"S-{code}")).lot
        assert made.item_revision == code
        numbers[code] = made.number
    assert old_of(book, "B") == [numbers["A"]]
    assert old_of(book, "C") == [numbers["A"], numbers["B"]]


def old_of(book: Book, code: str) -> list[str]:
    """List what is old stock of the change that brought a revision, both ways of asking."""
    part = affected.FieldChange(field="revision", old="A", new=code)
    changed = affected.Affected(
        object_number=1,
        kind="item_revision",
        key="VALVE-1",
        state="released",
        version=1,
        fields=(part,),
    )
    lying = [row.lot_number for row in old_stock.lying(book.db, TENANT, [changed])]
    assert old_stock.of_old_revisions(book.db, TENANT, [changed]) == lying
    return lying


def deliver(book: Book, supplier_lot: str, **more: Any) -> str:
    """Receive a delivery; give the revision of its lot."""
    return receipts.post(book.by(ANN), valves(supplier_lot, **more)).lot.item_revision


def valves(supplier_lot: str, **more: Any) -> Delivery:
    return Delivery(
        **{
            "item": "VALVE-1",
            "supplier": "S-1",
            "delivery_note": f"DN-{supplier_lot}",
            "supplier_lot": supplier_lot,
            "quantity": Decimal(10),
            "location": "Q-01",
            **more,
        }
    )


def order(item: str, lot_number: str | None = None, **more: Any) -> NewWorkOrder:
    return NewWorkOrder(
        **{
            "item_number": item,
            "quantity": Decimal(2),
            "site": "SZ01",
            "planned_start": TODAY,
            "planned_end": TODAY + timedelta(days=5),
            "lot_number": lot_number,
            **more,
        }
    )


def device_from(book: Book, *, tracking: str = "lot", **first: Any) -> None:
    """Add a device of which revision B counts from a number, and a bill for each revision."""
    making.add_places(book)
    making.add_device(book, tracking=tracking)
    bill(book, 1, "A")
    revise(book, "B", number="DEVICE-1", **first)
    bill(book, 2, "B")


def bill(book: Book, version: int, code: str) -> None:
    new = NewBom(
        item_number="DEVICE-1",
        item_revision=code,
        version=version,
        effective_from=date(2026, 1, 1),
        change_reason="first",
        change_number="CHG-1",
        approved_by=("dora (QA)",),
        lines=[NewBomLine(component="VALVE-1", quantity=Decimal(1))],
    )
    boms.register(book.context, new)


# --- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "first", "reached"),
    [
        ("L-2026-00009", "L-2026-10", False),
        ("L-2026-00010", "L-2026-10", True),
        ("L-2027-00001", "L-2026-10", True),
        ("l-2026-００１１", "L-2026-10", True),
        ("77", "77", True),
        ("AB-100", "L-2026-10 AB-90", True),
        ("AB-100", "L-2026-10", None),
        ("L-2026-00010-2", "L-2026-10", None),
        ("PILOT", "PILOT", None),
    ],
)
def test_numbers_are_compared_within_their_series(
    number: str,
    first: str,
    reached: bool | None,  # noqa: FBT001  # a value of the parameters
) -> None:
    assert lot_numbers.reaches(number, first) is reached


# --- received ------------------------------------------------------------------------------------


def test_a_lot_below_the_number_keeps_the_old_revision(book: Book) -> None:
    revise(book, "B", from_lot="M-100")
    assert [deliver(book, f"M-{each}") for each in (99, 100, 101)] == ["A", "B", "B"]
    assert deliver(book, "M-98") == "A"  # the old one comes still, later than the new one


def test_before_its_day_no_number_counts(book: Book) -> None:
    revise(book, "B", days=3, from_lot="M-100")
    assert deliver(book, "M-100") == "A"
    assert revision(book, TODAY + timedelta(days=3), lot_number="M-100") == "B"


def test_what_is_ordered_is_the_newest_revision(book: Book) -> None:
    revise(book, "B", from_lot="M-100")
    assert revision(book) == "B"


def test_two_changes_in_sequence_each_count_from_their_number(book: Book) -> None:
    revise(book, "B", from_lot="M-100")
    revise(book, "C", days=1, from_lot="M-200")
    day = TODAY + timedelta(days=1)
    found = [revision(book, day, lot_number=f"M-{each}") for each in (99, 100, 199, 200)]
    assert found == ["A", "B", "B", "C"]


def test_a_later_change_by_date_ends_what_counted_by_number(book: Book) -> None:
    revise(book, "B", from_lot="M-100")
    revise(book, "C", days=10)
    later = TODAY + timedelta(days=10)
    before = later - timedelta(days=1)
    assert [revision(book, before, lot_number=each) for each in ("M-1", "M-100")] == ["A", "B"]
    assert [revision(book, later, lot_number=each) for each in ("M-1", "M-100")] == ["C", "C"]


def test_a_number_of_another_series_is_asked_about(book: Book) -> None:
    revise(book, "B", from_lot="M-100")
    with pytest.raises(NumberOfNoSeries) as refused:
        deliver(book, "X-5")
    assert "M-100" in refused.value.message["zh"]
    found = receipts.check(
        book.by(ANN),
        Delivery(
            item="VALVE-1",
            supplier="S-1",
            delivery_note="DN-1",
            supplier_lot="X-5",
            quantity=Decimal(10),
            location="Q-01",
        ),
    )
    assert [each.code for each in found] == ["NumberOfNoSeries"]


def test_units_of_two_revisions_are_two_lots(book: Book) -> None:
    book.add_item("PUMP-1", tracking="serial")
    revise(book, "B", number="PUMP-1", from_serial="SN-10")
    pumps = {"item": "PUMP-1", "quantity": Decimal(2)}
    assert deliver(book, "P1", **pumps, serials=("SN-8", "SN-9")) == "A"
    assert deliver(book, "P2", **pumps, serials=("SN-10", "SN-11")) == "B"
    with pytest.raises(SerialsOfTwoRevisions):
        deliver(book, "P3", item="PUMP-1", quantity=Decimal(2), serials=("SN-7", "SN-12"))


# --- made and changed ----------------------------------------------------------------------------


def test_what_is_made_has_the_revision_of_its_lot_number(book: Book) -> None:
    device_from(book, from_lot="D-50")
    made = [work_orders.release(book.by(ANN), order("DEVICE-1", f"D-{n}")) for n in (49, 50)]
    assert [each.item_revision for each in made] == ["A", "B"]
    assert [boms.find(book.db, TENANT, each.bom_id).item_revision for each in made] == ["A", "B"]


def test_our_own_series_counts_where_no_number_is_given(book: Book) -> None:
    device_from(book, from_lot="L-2026-2")
    made = [work_orders.release(book.by(ANN), order("DEVICE-1")) for _ in range(2)]
    numbers = [lots.find(book.db, TENANT, each.lot_id).number for each in made]
    assert numbers == ["L-2026-00001", "L-2026-00002"]
    assert [each.item_revision for each in made] == ["A", "B"]


def test_where_the_serial_decides_it_is_known_before_anything_is_made(book: Book) -> None:
    device_from(book, from_serial="SN-10", tracking="serial")
    with pytest.raises(SerialNeeded):
        work_orders.release(book.by(ANN), order("DEVICE-1", "D-1"))
    old = order("DEVICE-1", "D-1", first_serial="SN-8")
    made = work_orders.release(book.by(ANN), old)
    assert made.item_revision == "A"
    used = making.release(book, book.lot(), 2)
    given = Issue(lot_number=used.number, location="A-01", quantity=2)
    work_orders.issue(book.by(ANN), made.number, given)
    with pytest.raises(AnotherRevision):
        work_orders.output(
            book.by(ANN), made.number, quantity=2, location="Q-01", serials=("SN-10", "SN-11")
        )
    with pytest.raises(SerialsOfTwoRevisions):
        work_orders.output(
            book.by(ANN), made.number, quantity=2, location="Q-01", serials=("SN-9", "SN-10")
        )
    booked = work_orders.output(
        book.by(ANN), made.number, quantity=2, location="Q-01", serials=("SN-8", "SN-9")
    )
    assert sorted(booked) == ["SN-8", "SN-9"]


def test_what_is_split_off_or_comes_back_keeps_its_revision(book: Book) -> None:
    made = making.release(book, book.lot("M-5"), 10)
    revise(book, "B", from_lot="M-5")
    part = Part(lot_id=made.lot_id, quantity=4, place=book.place("A-01", "RELEASED"))
    split = lot_changes.split(book.by(ANN), part, reason="two shelves", document=making.DOCUMENT)
    assert split.item_revision == "A"
    assert lots.find(book.db, TENANT, made.lot_id).item_revision == "A"


def test_a_new_label_asks_by_the_number_of_the_goods(book: Book) -> None:
    book.add_item("VALVE-1-US")
    revise(book, "B", number="VALVE-1-US", from_lot="M-100")
    made = {number: making.release(book, book.lot(number), 10) for number in ("M-99", "M-100")}
    found = [
        lot_changes.relabel(
            book.by(ANN),
            Part(lot_id=each.lot_id, quantity=2, place=book.place("A-01", "RELEASED")),
            item_number="VALVE-1-US",
            to=book.place("Q-01", "QUARANTINE"),
            reason="for another market",
            document=making.DOCUMENT,
        ).item_revision
        for each in made.values()
    ]
    assert found == ["A", "B"]


# --- planned -------------------------------------------------------------------------------------


def planned(kind: str, first: str | None) -> Effectivity:
    return Effectivity(
        kind=kind,
        effective_from=TODAY,
        from_number=first,
        stock="use up",
        wip="finish",
        open_orders="as ordered",
        shipped="none",
        interchangeable=True,
        owner_role="ENG",
    )


def objects(book: Book, kind: str = "item_revision") -> list[affected.Affected]:
    context = replace(book.context, process_instance_id=book.context.new_id())
    new = NewChange(
        kind="permanent", title="t", problem="p", proposal="p", reason="r", urgency="normal"
    )
    field, value = ("revision", "B") if kind == "item_revision" else ("criticality", "A")
    wanted = affected.Proposed(kind=kind, key="VALVE-1", field=field, new=value)
    return affected.propose(book.context, orders.request(context, new), [wanted])


def test_a_number_divides_revisions_and_nothing_else(book: Book) -> None:
    by_lot, by_serial = planned("lot", "M-100"), planned("serial", "SN-1")
    effectivity.require_countable(book.db, TENANT, by_lot, objects(book))
    effectivity.require_countable(book.db, TENANT, planned("date", None), objects(book, "item"))
    with pytest.raises(NoRevisionToCount):
        effectivity.require_countable(book.db, TENANT, by_lot, objects(book, "item"))
    with pytest.raises(NoSerials):
        effectivity.require_countable(book.db, TENANT, by_serial, objects(book))
    with pytest.raises(NumberNotAllowed):
        effectivity.require_countable(book.db, TENANT, planned("lot", "批次一"), objects(book))
    assert effectivity.first_numbers(by_lot) == ("M-100", None)
    assert effectivity.first_numbers(by_serial) == (None, "SN-1")
