"""The book of stock: what must always hold (INV-01, 02, 05, 06, 07, 08, 17), on both databases."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from engine.store.base import metadata
from processes.ledger import (
    balances,
    lot_numbers,
    lots,
    movements,
    packages,
    quantities,
    status,
    status_changes,
    units,
)
from processes.ledger.balances import InsufficientStock
from processes.ledger.locations import StatusDoesNotFit
from processes.ledger.lot_numbers import DateNotUnderstood, Expiry, NumberNotAllowed
from processes.ledger.lots import SerialExists
from processes.ledger.movements import (
    AlreadyReversed,
    Document,
    Movement,
    MovementNotAllowed,
    ReasonMissing,
    SerialElsewhere,
    SerialRequired,
)
from processes.ledger.quantities import NotAQuantity, QuantityNotExact
from processes.ledger.status import NotReleased, SignatureMissing, TransitionNotAllowed
from processes.ledger.tables import (
    APPEND_ONLY,
    lot,
    serial_position,
    serial_unit,
    stock_balance,
    stock_movement,
)
from processes.ledger.units import Conversion, Unit, UnitsDoNotConvert
from tests.processes.conftest import ANN, DORA, NOW, TENANT, TODAY, Book, decimal

DOCUMENT = Document("test", "1")


def released(book: Book, quantity: int = 10, where: str = "A-01") -> lots.Lot:
    """A lot with released stock at a place."""
    made = book.lot()
    book.receive(made, quantity)
    status_changes.change(
        book.by(DORA, "REL"),
        made,
        book.place("Q-01", "QUARANTINE"),
        "RELEASED",
        quantity,
        reason="accepted",
        document=DOCUMENT,
    )
    if where != "Q-01":
        put_away = Movement(
            movement_type="PUT",
            lot_id=made.lot_id,
            quantity=quantity,
            document=DOCUMENT,
            source=book.place("Q-01", "RELEASED"),
            target=book.place(where, "RELEASED"),
        )
        movements.post(book.by(ANN), put_away)
    return made


def issue(book: Book, made: lots.Lot, quantity: int, code: str, stock_status: str) -> UUID:
    movement = Movement(
        movement_type="ISS",
        lot_id=made.lot_id,
        quantity=quantity,
        document=DOCUMENT,
        source=book.place(code, stock_status),
        outcome="CONSUMED",
    )
    return movements.post(book.by(ANN), movement)


def test_inv_01_nothing_is_taken_that_is_not_there(book: Book) -> None:
    made = released(book, 10)
    issue(book, made, 7, "A-01", "RELEASED")
    with pytest.raises(InsufficientStock) as refused:
        issue(book, made, 4, "A-01", "RELEASED")
    assert (refused.value.expected, refused.value.found) == ("4", "3")
    assert balances.at(book.db, TENANT, made.lot_id, book.place("A-01", "RELEASED")) == 3


def test_inv_01_the_database_refuses_a_balance_below_zero(book: Book) -> None:
    made = released(book, 1)
    below = update(stock_balance).where(stock_balance.c.lot_id == made.lot_id).values(quantity=-1)
    with pytest.raises(IntegrityError, match="not_negative"):
        book.db.execute(below)


def test_inv_01_balances_are_the_sums_of_movements(book: Book) -> None:
    made = released(book, 10)
    issue(book, made, 7, "A-01", "RELEASED")
    assert balances.differences(book.db, TENANT) == []
    edited = (
        update(stock_balance)
        .where(stock_balance.c.lot_id == made.lot_id, stock_balance.c.quantity == 3)
        .values(quantity=4)
    )
    book.db.execute(edited)
    found = balances.differences(book.db, TENANT)
    assert [(each.kept, each.summed) for each in found] == [(4, 3)]


@pytest.mark.parametrize("stock_status", ["QUARANTINE", "REJECTED"])
def test_inv_02_only_released_stock_is_issued(book: Book, stock_status: str) -> None:
    made = book.lot()
    book.receive(made, 10)
    with pytest.raises(MovementNotAllowed):
        issue(book, made, 1, "Q-01", stock_status)


def test_inv_02_released_stock_on_a_quarantine_shelf_is_not_issued(book: Book) -> None:
    made = released(book, 10, where="Q-01")
    with pytest.raises(NotReleased):
        issue(book, made, 1, "Q-01", "RELEASED")


def test_inv_02_expired_stock_is_not_issued(book: Book) -> None:
    made = released(book)
    later = book.by(ANN, now=NOW + timedelta(days=400))
    expiring = book.lot("B2", expiry=Expiry(on=TODAY, precision="day", raw="x"))
    holds = status.open_holds(book.db, TENANT, expiring.lot_id)
    assert status.effective("RELEASED", holds, expiring.expiry, TODAY) == "RELEASED"
    assert status.effective("RELEASED", holds, expiring.expiry, later.now.date()) == "EXPIRED"
    issue(book, made, 1, "A-01", "RELEASED")


def test_inv_02_the_database_refuses_to_issue_what_is_not_released(book: Book) -> None:
    made = released(book)
    movement_id = issue(book, made, 1, "A-01", "RELEASED")
    row = movements.find(book.db, TENANT, movement_id)._asdict()
    forged = {**row, "movement_id": UUID(int=99), "from_status": "QUARANTINE"}
    with pytest.raises(IntegrityError, match="only_released_leaves"):
        book.db.execute(insert(stock_movement), forged)


def test_inv_02_a_zone_allows_only_its_statuses(book: Book) -> None:
    made = book.lot()
    with pytest.raises(StatusDoesNotFit):
        book.receive(made, 10, code="A-01")


def test_inv_02_the_database_refuses_a_status_that_does_not_fit_the_place(book: Book) -> None:
    made = book.lot()
    row = {
        "tenant_id": TENANT,
        "lot_id": made.lot_id,
        "location_id": book.places["A-01"],
        "status": "QUARANTINE",
        "quantity": 1,
    }
    with pytest.raises(IntegrityError):
        book.db.execute(insert(stock_balance), row)


def test_a_hold_lies_over_released_stock_until_it_is_released(book: Book) -> None:
    made = released(book)
    first, second = (
        status.place_hold(
            book.by(DORA),
            made,
            reason=reason,
            owner_role="QA",
            document_kind="ncr",
            document_id="N1",
        )
        for reason in ("crack found", "supplier letter")
    )
    with pytest.raises(NotReleased) as refused:
        issue(book, made, 1, "A-01", "RELEASED")
    assert "crack found" in str(refused.value)
    with pytest.raises(SignatureMissing):
        status.release_hold(book.by(DORA), made, first, reason="sorted")
    status.release_hold(book.by(DORA, "REL"), made, first, reason="sorted")
    with pytest.raises(NotReleased):  # the other hold is still open
        issue(book, made, 1, "A-01", "RELEASED")
    status.release_hold(book.by(DORA, "REL"), made, second, reason="withdrawn")
    issue(book, made, 1, "A-01", "RELEASED")


def test_the_most_restrictive_status_counts() -> None:
    assert status.effective("RELEASED", [], None, TODAY) == "RELEASED"
    assert status.effective("REJECTED", [], TODAY - timedelta(1), TODAY) == "REJECTED"
    assert status.effective("QUARANTINE", [], TODAY - timedelta(1), TODAY) == "EXPIRED"


def serial_item(book: Book) -> lots.Lot:
    return book.lot("SN1", item_id=book.add_item("PUMP-1", tracking="lot_and_serial"))


def test_inv_05_a_serial_number_is_used_once_for_ever(book: Book) -> None:
    made = serial_item(book)
    lots.register_serials(book.by(ANN), made, ["SN-1", "SN-2"])
    with pytest.raises(SerialExists):
        lots.register_serials(book.by(ANN), made, ["SN-2", "SN-3"])
    with pytest.raises(SerialExists):
        lots.register_serials(book.by(ANN), made, ["SN-4", "ｓｎ-4"])
    row = {
        "tenant_id": TENANT,
        "serial_unit_id": UUID(int=7777),
        "item_id": made.item_id,
        "serial_number": "SN-1",
        "lot_id": made.lot_id,
        "created_at": NOW,
    }
    with pytest.raises(IntegrityError):
        book.db.execute(insert(serial_unit), row)


def test_inv_05_a_unit_is_at_one_place_at_a_time(book: Book) -> None:
    made = serial_item(book)
    unit = lots.register_serials(book.by(ANN), made, ["SN-1"])["SN-1"]
    receive = Movement(
        movement_type="RCV",
        lot_id=made.lot_id,
        quantity=1,
        document=DOCUMENT,
        target=book.place("Q-01", "QUARANTINE"),
    )
    with pytest.raises(SerialRequired):
        movements.post(book.by(ANN), receive)
    movements.post_serials(book.by(ANN), receive, [unit])
    with pytest.raises(SerialElsewhere):
        movements.post_serials(book.by(ANN), receive, [unit])
    here = {"tenant_id": TENANT, "serial_unit_id": unit}
    there = {"location_id": book.places["R-01"], "status": "REJECTED"}
    with pytest.raises(IntegrityError):
        book.db.execute(insert(serial_position), here | there)


def test_inv_05_item_and_lot_numbers_and_identifiers_are_never_used_twice(book: Book) -> None:
    with pytest.raises(IntegrityError):
        book.add_item("VALVE-1")


def test_inv_05_a_second_delivery_of_a_supplier_lot_is_seen_as_such(book: Book) -> None:
    first, second = book.lot("ABC"), book.lot("ＡＢＣ")
    assert second.number == f"{first.number}-2"
    assert second.supplier_lot == "ABC"
    assert second.supplier_lot_raw == "ＡＢＣ"


@pytest.mark.parametrize(
    ("raw", "number"), [("１２３", "123"), (" ab-9 ", "AB-9"), ("0" * 20, "0" * 20)]
)
def test_inv_06_numbers_are_normalised(raw: str, number: str) -> None:
    assert lot_numbers.own_number(raw) == number


@pytest.mark.parametrize("raw", ["", "A_B", "批号1", "0" * 21, "A B", "A\n"[:1] + "\x00"])
def test_inv_06_other_characters_are_refused(raw: str) -> None:
    with pytest.raises(NumberNotAllowed):
        lot_numbers.own_number(raw)


@pytest.mark.parametrize("number", ["", "abc", "A_1", "1" * 21, "批"])
def test_inv_06_the_database_refuses_other_characters(book: Book, number: str) -> None:
    made = book.lot()
    columns = lot.c
    change = update(lot).where(columns.lot_id == made.lot_id).values(lot_number=number)
    with pytest.raises(IntegrityError, match="lot_number_characters"):
        book.db.execute(change)


def test_inv_06_an_expiry_has_its_precision(book: Book) -> None:
    assert lot_numbers.read_expiry("2027-02") == Expiry(
        on=date(2027, 2, 28), precision="month", raw="2027-02"
    )
    assert lot_numbers.read_expiry("2028-02-00").on == date(2028, 2, 29)
    assert lot_numbers.read_expiry("2027-03-05").precision == "day"
    for raw in ("2027-13", "2027-02-30", "tomorrow", "27-01-01", "0000-01"):
        with pytest.raises(DateNotUnderstood):
            lot_numbers.read_expiry(raw)
    made = book.lot()
    without = update(lot).where(lot.c.lot_id == made.lot_id).values(expiry=TODAY)
    with pytest.raises(IntegrityError, match="ck_lot_expiry"):
        book.db.execute(without)


def test_inv_07_quantities_are_exact() -> None:
    kilogram = Unit(code="kg", names={"en": "kg", "zh": "千克"}, decimals=3)
    assert quantities.scaled(decimal("12.5"), kilogram) == 12500
    assert quantities.amount_of(12500, kilogram) == decimal("12.500")
    with pytest.raises(QuantityNotExact):
        quantities.scaled(decimal("0.0001"), kilogram)
    for bad in ("0", "-1", "NaN", "Infinity", "1e999", "1e300"):
        with pytest.raises(NotAQuantity):
            quantities.scaled(decimal(bad), kilogram)
    third = Fraction(1, 3)
    assert quantities.converted(3, third, kilogram) == 1000
    with pytest.raises(QuantityNotExact):
        quantities.converted(1, third, kilogram)


def test_inv_07_units_convert_by_exact_ratios_over_several_steps(book: Book) -> None:
    units.register_conversion(book.context, Conversion(from_unit="kg", to_unit="g", numerator=1000))
    units.register_conversion(
        book.context, Conversion(from_unit="mm", to_unit="g", numerator=1, denominator=7)
    )
    assert units.ratio(book.db, TENANT, "mm", "kg") == Fraction(1, 7000)
    with pytest.raises(UnitsDoNotConvert):
        units.ratio(book.db, TENANT, "ea", "kg")


def test_inv_07_a_movement_names_unit_and_package(book: Book) -> None:
    made = book.lot()
    row = movements.find(book.db, TENANT, book.receive(made, 24))
    base = packages.of_item(book.db, TENANT, book.item_id)[0]
    assert (row.unit_code, row.entered_unit) == ("ea", "ea")
    assert row.package_level_id == base.package_level_id
    assert row.entered_quantity == 24


def test_inv_08_a_movement_has_document_person_and_reason(book: Book) -> None:
    made = released(book)
    missing = Movement(
        movement_type="CNT-",
        lot_id=made.lot_id,
        quantity=1,
        document=DOCUMENT,
        source=book.place("A-01", "RELEASED"),
        outcome="SCRAPPED",
    )
    with pytest.raises(ReasonMissing):
        movements.post(book.by(ANN), missing)
    movement_id = movements.post(book.by(ANN), replace(missing, reason="counted twice"))
    row = movements.find(book.db, TENANT, movement_id)
    assert (row.document_kind, row.document_id, row.actor) == ("test", "1", "ann")
    forged = {**row._asdict(), "movement_id": UUID(int=98), "reason": None}
    with pytest.raises(IntegrityError, match="reason"):
        book.db.execute(insert(stock_movement), forged)


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_inv_08_what_happened_is_append_only(book: Book, table: str) -> None:
    meant = metadata.tables[table]
    made = released(book)
    lots.register_serials(book.by(ANN), made, ["SN-1"])
    status.place_hold(
        book.by(DORA), made, reason="x", owner_role="QA", document_kind="n", document_id="1"
    )
    if book.db.dialect.name == "sqlite":
        asked = text("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t")
    else:
        asked = text(
            "SELECT count(*) * 2 FROM pg_trigger WHERE tgrelid = CAST(:t AS regclass)"
            " AND NOT tgisinternal"  # those of foreign keys; one of ours refuses all
        )
    assert book.db.execute(asked, {"t": table}).scalar_one() >= 2
    if table in ("stock_movement", "hold", "serial_unit"):
        with pytest.raises(DBAPIError, match="append-only"):
            book.db.execute(delete(meant))


def test_inv_08_a_correction_is_a_reversal_and_a_new_movement(book: Book) -> None:
    made = book.lot()
    wrong = book.receive(made, 100)
    movements.reverse(book.by(ANN), wrong, reason="typed 100 for 10", document=DOCUMENT)
    book.receive(made, 10)
    assert balances.at(book.db, TENANT, made.lot_id, book.place("Q-01", "QUARANTINE")) == 10
    assert [row.movement_type for row in movements.of_lot(book.db, TENANT, made.lot_id)] == [
        "RCV",
        "REVERSAL",
        "RCV",
    ]
    with pytest.raises(AlreadyReversed):
        movements.reverse(book.by(ANN), wrong, reason="again", document=DOCUMENT)


def test_inv_17_a_release_is_signed_in_the_command_that_makes_it(book: Book) -> None:
    made = book.lot()
    book.receive(made, 10)
    place = book.place("Q-01", "QUARANTINE")

    def release(context: object) -> None:
        status_changes.change(
            context,  # type: ignore[arg-type]
            made,
            place,
            "RELEASED",
            10,
            reason="accepted",
            document=DOCUMENT,
        )

    with pytest.raises(SignatureMissing):
        release(book.by(DORA))
    with pytest.raises(SignatureMissing):
        release(book.by(DORA, "PERF"))
    with pytest.raises(TransitionNotAllowed):
        release(book.by(ANN, "REL"))
    assert balances.at(book.db, TENANT, made.lot_id, place) == 10
    release(book.by(DORA, "REL"))
    assert balances.at(book.db, TENANT, made.lot_id, place) == 0
