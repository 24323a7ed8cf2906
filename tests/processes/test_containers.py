"""Boxes and pallets: they hold what lies where they stand, move whole, and leave with exactly that.

On both databases; every refusal says in both languages what to do.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from biip.checksums import gs1_standard_check_digit
from sqlalchemy import delete, update

from engine.outcomes import Rejection
from engine.verification import Report
from processes.ledger import balances, book_check, lots, movements, status, status_changes
from processes.ledger.distribution import containers, contents, packing, shipments
from processes.ledger.distribution.containers import (
    ContainerGone,
    Content,
    DoesNotGoInside,
    NotInContainer,
    NotThere,
    SeveralStatuses,
    StandsInside,
)
from processes.ledger.distribution.packing import OtherItem
from processes.ledger.distribution.shipments import NewLine, NewShipment, ShipmentRefused
from processes.ledger.distribution.tables import container_state, container_stock
from processes.ledger.genealogy import mass_balance, scope
from processes.ledger.item_registration import Identifier, NewPackage
from processes.ledger.locations import StatusDoesNotFit
from processes.ledger.lot_numbers import Expiry
from processes.ledger.lots import Lot
from processes.ledger.movements import (
    LiesInContainer,
    Movement,
    PartOfContainers,
    SerialElsewhere,
    SerialRequired,
)
from processes.ledger.refusals import NotInLedger
from processes.ledger.status import NotReleased
from processes.ledger.tables import item, serial_position, stock_balance
from tests.processes.conftest import ANN, DORA, TENANT, TODAY, Book
from tests.processes.making import (
    DOCUMENT,
    add_consignee,
    add_device,
    add_market,
    add_places,
    release,
)


def sscc(number: int) -> str:
    digits = f"{34006900000000000 + number:017}"
    return f"{digits}{gs1_standard_check_digit(digits)}"


BOX, OTHER, PALLET = sscc(1), sscc(2), sscc(3)


@pytest.fixture
def shop(book: Book) -> Book:
    add_places(book)
    add_device(book)
    add_market(book)
    add_consignee(book)
    return book


def device(book: Book, name: str = "D1", quantity: int = 10, where: str = "D-01") -> Lot:
    found = book.db.execute(item.select().where(item.c.item_number == "DEVICE-1")).one().item_id
    expiry = Expiry(on=TODAY + timedelta(days=400), precision="day", raw="x")
    return release(book, book.lot(name, item_id=found, expiry=expiry), quantity, where)


def pumps(book: Book, *numbers: str, where: str = "D-01") -> tuple[Lot, dict[str, UUID]]:
    """Make units with serial numbers that may be sold."""
    pump = add_device(book, "PUMP-1", tracking="lot_and_serial")
    add_market(book, "PUMP-1")
    expiry = Expiry(on=TODAY + timedelta(days=400), precision="day", raw="x")
    made = book.lot("P1", item_id=pump, expiry=expiry)
    units = lots.register_serials(book.by(ANN), made, list(numbers))
    arrives = Movement(
        movement_type="RCV",
        lot_id=made.lot_id,
        quantity=1,
        document=DOCUMENT,
        target=book.place("Q-01", "QUARANTINE"),
    )
    movements.post_serials(book.by(ANN), arrives, list(units.values()))
    status_changes.change(
        book.by(DORA, "REL"),
        made,
        book.place("Q-01", "QUARANTINE"),
        "RELEASED",
        len(units),
        reason="accepted",
        document=DOCUMENT,
    )
    put = replace(
        arrives,
        movement_type="PUT",
        source=book.place("Q-01", "RELEASED"),
        target=book.place(where, "RELEASED"),
    )
    movements.post_serials(book.by(ANN), put, list(units.values()))
    return made, units


def pack(book: Book, code: str, *content: Content, where: str = "D-01", **more: Any) -> UUID:
    return containers.pack(book.by(ANN), code, content, location=where, **more)


def of(lot: Lot, quantity: int, **more: Any) -> Content:
    return Content(lot_number=lot.number, quantity=quantity, **more)


def take(book: Book, lot: Lot, quantity: int, source: str, target: str) -> Movement:
    return Movement(
        movement_type="XFR",
        lot_id=lot.lot_id,
        quantity=quantity,
        document=DOCUMENT,
        source=book.place(source, "RELEASED"),
        target=book.place(target, "RELEASED"),
    )


def refused(book: Book, kind: type[Rejection], doing: Callable[[], object]) -> Rejection:
    """Do what must be refused, and leave nothing of it, as a command does."""
    point = book.db.begin_nested()
    with pytest.raises(kind) as found:
        doing()
    point.rollback()
    said = found.value.message
    assert said["en"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said["zh"])
    return found.value


def verified(book: Book) -> list[str]:
    report = Report()
    book_check.check_containers(book.db, TENANT, report)
    book_check.check_serials(book.db, TENANT, report)
    book_check.check_balances(book.db, TENANT, report)
    assert report.checked["containers"]
    return [each.code for each in report.differences]


def at(book: Book, lot: Lot, where: str) -> int:
    return balances.at(book.db, TENANT, lot.lot_id, book.place(where, "RELEASED"))


def test_packed_is_what_lies_there(shop: Book) -> None:
    lot = device(shop)
    refused(shop, NotThere, lambda: pack(shop, BOX, of(lot, 3), where="A-01"))
    refused(shop, NotThere, lambda: pack(shop, BOX, of(lot, 11)))
    pack(shop, BOX, of(lot, 8))
    refused(shop, NotThere, lambda: pack(shop, OTHER, of(lot, 3)))
    pack(shop, OTHER, of(lot, 2))
    assert at(shop, lot, "D-01") == 10
    assert verified(shop) == []


def test_nothing_is_taken_out_of_a_box_unnoticed(shop: Book) -> None:
    lot = device(shop)
    pack(shop, BOX, of(lot, 8))
    said = refused(
        shop,
        LiesInContainer,
        lambda: movements.post(shop.by(ANN), take(shop, lot, 3, "D-01", "A-01")),
    )
    assert said.found == BOX
    movements.post(shop.by(ANN), take(shop, lot, 2, "D-01", "A-01"))
    refused(
        shop,
        LiesInContainer,
        lambda: movements.post(shop.by(ANN), take(shop, lot, 1, "D-01", "A-01")),
    )
    assert verified(shop) == []


def test_unpacking_gives_it_back(shop: Book) -> None:
    lot = device(shop)
    pack(shop, BOX, of(lot, 8))
    refused(shop, NotInContainer, lambda: containers.unpack(shop.by(ANN), BOX, [of(lot, 9)]))
    containers.unpack(shop.by(ANN), BOX, [of(lot, 3)])
    movements.post(shop.by(ANN), take(shop, lot, 5, "D-01", "A-01"))
    containers.put_in(shop.by(ANN), BOX, [])
    refused(shop, NotThere, lambda: containers.put_in(shop.by(ANN), BOX, [of(lot, 1)]))
    assert [each.quantity for each in containers.unpack(shop.by(ANN), BOX)] == [5]
    movements.post(shop.by(ANN), take(shop, lot, 5, "D-01", "A-01"))
    assert at(shop, lot, "A-01") == 10
    assert verified(shop) == []


def test_a_pallet_moves_with_all_that_stands_on_it(shop: Book) -> None:
    first, second = device(shop), device(shop, "D2")
    pump, units = pumps(shop, "SN-1", "SN-2")
    pack(shop, PALLET, kind="pallet")
    pack(shop, BOX, of(first, 4), of(second, 2), inside=PALLET)
    pack(shop, OTHER, of(pump, 1, serial_unit_id=units["SN-1"]), inside=PALLET)
    refused(shop, StandsInside, lambda: containers.move(shop.by(ANN), BOX, "A-01"))
    made = containers.move(shop.by(ANN), PALLET, "A-01")
    assert len(made) == 3
    assert [at(shop, each, "A-01") for each in (first, second, pump)] == [4, 2, 1]
    codes = [each.sscc for each in containers.at(shop.db, TENANT, shop.places["A-01"])]
    assert codes == [BOX, OTHER, PALLET]
    assert verified(shop) == []
    containers.nest(shop.by(ANN), BOX, None)
    containers.move(shop.by(ANN), BOX, "D-01", movement_type="PCK")
    assert [at(shop, each, "A-01") for each in (first, second, pump)] == [0, 0, 1]
    assert verified(shop) == []


def test_a_box_goes_only_where_its_content_may_lie(shop: Book) -> None:
    lot = device(shop)
    pack(shop, BOX, of(lot, 4))
    refused(shop, StatusDoesNotFit, lambda: containers.move(shop.by(ANN), BOX, "R-01"))


def test_held_goods_are_not_picked_in_a_box_either(shop: Book) -> None:
    lot = device(shop, where="A-01")
    pack(shop, BOX, of(lot, 4), where="A-01")
    hold(shop, lot)
    refused(
        shop, NotReleased, lambda: containers.move(shop.by(ANN), BOX, "D-01", movement_type="PCK")
    )


def hold(shop: Book, lot: Lot) -> None:
    status.place_hold(
        shop.by(DORA), lot, reason="裂纹", owner_role="QA", document_kind="nc", document_id="1"
    )


def test_what_stands_on_what(shop: Book) -> None:
    pack(shop, PALLET, kind="pallet")
    pack(shop, BOX)
    pack(shop, OTHER, where="A-01")
    pack(shop, sscc(4), inside=BOX)
    by = shop.by(ANN)
    refused(shop, DoesNotGoInside, lambda: containers.nest(by, PALLET, BOX))
    refused(shop, DoesNotGoInside, lambda: containers.nest(by, BOX, BOX))
    refused(shop, DoesNotGoInside, lambda: containers.nest(by, BOX, sscc(4)))
    refused(shop, DoesNotGoInside, lambda: containers.nest(by, OTHER, PALLET))
    containers.nest(by, BOX, PALLET)
    standing = containers.standing_in(
        shop.db, TENANT, containers.find(shop.db, TENANT, PALLET).container_id
    )
    assert [each.sscc for each in standing] == [BOX]


def test_a_unit_lies_in_one_box(shop: Book) -> None:
    pump, units = pumps(shop, "SN-1", "SN-2")
    one = of(pump, 1, serial_unit_id=units["SN-1"])
    refused(shop, SerialRequired, lambda: pack(shop, BOX, of(pump, 1)))
    refused(shop, SerialElsewhere, lambda: pack(shop, BOX, one, where="A-01"))
    pack(shop, BOX, one)
    refused(shop, LiesInContainer, lambda: pack(shop, OTHER, one))
    alone = replace(take(shop, pump, 1, "D-01", "A-01"), serial_unit_id=units["SN-1"])
    refused(shop, LiesInContainer, lambda: movements.post(shop.by(ANN), alone))
    loose = replace(alone, serial_unit_id=units["SN-2"])
    movements.post(shop.by(ANN), loose)
    assert verified(shop) == []
    containers.unpack(shop.by(ANN), BOX, [one])
    movements.post(shop.by(ANN), alone)
    assert at(shop, pump, "A-01") == 2
    assert verified(shop) == []


def test_a_lot_in_several_statuses_is_packed_as_what_it_is(shop: Book) -> None:
    lot = device(shop, where="A-01")
    shop.receive(lot, 5)
    status_changes.change(
        shop.by(DORA, "REJ"),
        lot,
        shop.place("Q-01", "QUARANTINE"),
        "REJECTED",
        2,
        reason="x",
        document=DOCUMENT,
    )
    refused(shop, SeveralStatuses, lambda: pack(shop, BOX, of(lot, 1), where="Q-01"))
    pack(shop, BOX, of(lot, 1, status="REJECTED"), where="Q-01")
    containers.move(shop.by(ANN), BOX, "R-01")
    rejected = shop.place("R-01", "REJECTED")
    assert balances.at(shop.db, TENANT, lot.lot_id, rejected) == 1
    assert verified(shop) == []


def test_a_decision_on_all_of_it_reaches_the_boxes(shop: Book) -> None:
    lot = device(shop, quantity=1)
    shop.receive(lot, 10)
    pack(shop, BOX, of(lot, 6), where="Q-01")
    quarantine = shop.place("Q-01", "QUARANTINE")

    def decide(new: str, quantity: int) -> None:
        status_changes.change(
            shop.by(DORA, "REL", "REJ"),
            lot,
            quarantine,
            new,
            quantity,
            reason="x",
            document=DOCUMENT,
        )

    refused(shop, PartOfContainers, lambda: decide("REJECTED", 5))
    decide("REJECTED", 4)
    assert verified(shop) == []
    decide("RELEASED", 6)
    assert contents.codes_at(shop.db, TENANT, lot.lot_id, shop.place("Q-01", "RELEASED")) == [BOX]
    containers.move(shop.by(ANN), BOX, "A-01", movement_type="PUT")
    assert at(shop, lot, "A-01") == 6
    assert verified(shop) == []


def test_a_unit_decided_on_in_its_box(shop: Book) -> None:
    pump, units = pumps(shop, "SN-1", "SN-2", where="H-01")
    pack(shop, BOX, of(pump, 1, serial_unit_id=units["SN-1"]), where="H-01")
    changed = Movement(
        movement_type="STAT",
        lot_id=pump.lot_id,
        quantity=1,
        document=DOCUMENT,
        source=shop.place("H-01", "RELEASED"),
        target=shop.place("H-01", "QUARANTINE"),
        serial_unit_id=units["SN-1"],
        reason="x",
    )
    movements.post(shop.by(DORA), changed)
    (inside,) = containers.content_of(
        shop.db, TENANT, containers.find(shop.db, TENANT, BOX).container_id
    )
    assert (inside.serial_number, inside.status) == ("SN-1", "QUARANTINE")
    assert verified(shop) == []


# --- a case counts as what is in it (edge case 17) -----------------------------------------------

EACH, CASE = "00000000000017", "10000000000014"


def test_scanning_the_case_packs_its_eaches(shop: Book) -> None:
    packages = (
        NewPackage(name="each", identifiers=(Identifier(issuing_agency="GS1", value=EACH),)),
        NewPackage(
            name="case",
            contained_quantity=12,
            contains=0,
            identifiers=(Identifier(issuing_agency="GS1", value=CASE),),
        ),
    )
    screw = shop.add_item("SCREW-9", packages=packages)
    lot = release(shop, shop.lot("S9", item_id=screw), 30)

    def content(quantity: str, package: str | None) -> Content:
        return packing.content_of(shop.db, TENANT, lot.number, Decimal(quantity), package=package)

    pack(shop, BOX, content("2", CASE), content("3", EACH), where="A-01")
    (inside,) = containers.content_of(
        shop.db, TENANT, containers.find(shop.db, TENANT, BOX).container_id
    )
    assert inside.quantity == 27
    refused(shop, NotThere, lambda: pack(shop, OTHER, content("1", CASE), where="A-01"))
    refused(shop, NotInLedger, lambda: content("1", "00000000000093"))
    other = device(shop)
    refused(
        shop,
        OtherItem,
        lambda: packing.content_of(shop.db, TENANT, other.number, Decimal(1), package=CASE),
    )


def test_mixed_boxes_are_found(shop: Book) -> None:
    first, second = device(shop), device(shop, "D2")
    pack(shop, BOX, of(first, 4))
    pack(shop, OTHER, of(first, 1), of(second, 2))
    found = containers.mixed(shop.db, TENANT)
    assert list(found) == [OTHER]
    assert [each.lot_number for each in found[OTHER]] == sorted([first.number, second.number])


# --- shipping ------------------------------------------------------------------------------------


def order(*codes: str, lines: tuple[NewLine, ...] = ()) -> NewShipment:
    return NewShipment(
        consignee="C-1", order_number="SO-1", site="SZ01", lines=lines, containers=codes
    )


def test_a_container_leaves_with_exactly_what_is_in_it(shop: Book) -> None:
    first, second = device(shop), device(shop, "D2")
    pump, units = pumps(shop, "SN-1", "SN-2")
    pack(shop, PALLET, of(first, 1), kind="pallet")
    pack(shop, BOX, of(first, 4), of(second, 2), inside=PALLET)
    one = of(pump, 1, serial_unit_id=units["SN-1"])
    pack(shop, OTHER, one, inside=PALLET)
    loose = NewLine(lot_number=second.number, location="D-01", quantity=3)
    made = shipments.post(shop.by(ANN), order(PALLET, lines=(loose,)))
    left = [
        (line.lot_number, line.serial_number, line.quantity, line.container_id is None)
        for line in shipments.lines_of(shop.db, TENANT, made.number)
    ]
    assert left == [
        (second.number, None, 3, True),
        (first.number, None, 1, False),
        (first.number, None, 4, False),
        (second.number, None, 2, False),
        (pump.number, "SN-1", 1, False),
    ]
    assert [at(shop, each, "D-01") for each in (first, second, pump)] == [5, 5, 1]
    for code in (PALLET, BOX, OTHER):
        assert containers.find(shop.db, TENANT, code).state == "left"
    refused(shop, ContainerGone, lambda: shipments.post(shop.by(ANN), order(PALLET)))
    refused(shop, ContainerGone, lambda: containers.move(shop.by(ANN), BOX, "A-01"))
    refused(shop, ContainerGone, lambda: containers.unpack(shop.by(ANN), BOX))
    assert verified(shop) == []
    for each in (first, second, pump):
        assert mass_balance.of_lot(shop.db, TENANT, each.lot_id).unexplained == 0


def test_every_gate_is_asked_of_what_is_in_a_box(shop: Book) -> None:
    first, second = device(shop), device(shop, "D2")
    pack(shop, BOX, of(first, 4), of(second, 2))
    by = shop.by(ANN)
    hold(shop, second)
    refused(shop, NotReleased, lambda: shipments.post(by, order(BOX)))
    assert [type(each) for each in shipments.check(by, order(BOX))] == [NotReleased]
    containers.unpack(by, BOX, [of(second, 2)])
    shipments.post(by, order(BOX))
    assert at(shop, first, "D-01") == 6


def test_only_released_goods_leave_in_a_box(shop: Book) -> None:
    lot = device(shop)
    shop.receive(lot, 5)
    pack(shop, BOX, of(lot, 5), where="Q-01")
    refused(shop, NotReleased, lambda: shipments.post(shop.by(ANN), order(BOX)))


def test_what_is_bound_to_a_work_order_does_not_leave_in_a_box(shop: Book) -> None:
    lot = device(shop)
    balances.put(shop.db, TENANT, lot.lot_id, shop.place("W-01", "RELEASED_CONDITIONAL"), 5)
    pack(shop, BOX, of(lot, 5), where="W-01")
    against = shipments.check(shop.by(ANN), order(BOX))
    assert [(type(each), each.found) for each in against] == [(NotReleased, "RELEASED_CONDITIONAL")]


def test_what_a_shipment_may_name(shop: Book) -> None:
    lot = device(shop)
    pack(shop, PALLET, kind="pallet")
    pack(shop, BOX, of(lot, 4), inside=PALLET)
    by = shop.by(ANN)
    refused(shop, StandsInside, lambda: shipments.post(by, order(BOX)))
    refused(shop, StandsInside, lambda: shipments.post(by, order(PALLET, BOX)))
    refused(shop, NotInLedger, lambda: shipments.post(by, order(sscc(77))))
    containers.unpack(by, BOX)
    refused(shop, ShipmentRefused, lambda: shipments.post(by, order(PALLET)))
    pack(shop, OTHER, of(lot, 8))
    loose = NewLine(lot_number=lot.number, location="D-01", quantity=3)
    refused(shop, LiesInContainer, lambda: shipments.post(by, order(lines=(loose,))))
    shipments.post(by, order(OTHER, OTHER))
    assert at(shop, lot, "D-01") == 2


# --- found again ---------------------------------------------------------------------------------


def test_hold_trace_and_recall_name_the_containers(shop: Book) -> None:
    lot, other = device(shop), device(shop, "D2")
    pack(shop, PALLET, kind="pallet")
    pack(shop, BOX, of(lot, 4), of(other, 1), inside=PALLET)
    pack(shop, OTHER, of(lot, 2))
    (loaded, alone) = containers.of_lots(shop.db, TENANT, [lot.lot_id])
    assert (loaded.sscc, loaded.outermost, loaded.quantity) == (BOX, PALLET, 4)
    assert (alone.sscc, alone.outermost, alone.location_code) == (OTHER, OTHER, "D-01")
    reached = scope.recall_scope(shop.db, TENANT, [lot.lot_id])
    assert [each.sscc for each in scope.containers_in(shop.db, TENANT, reached)] == [BOX, OTHER]
    shipments.post(shop.by(ANN), order(OTHER))
    reached = scope.recall_scope(shop.db, TENANT, [lot.lot_id])
    assert [each.sscc for each in scope.containers_in(shop.db, TENANT, reached)] == [BOX]
    (left,) = reached.shipped
    assert left.sscc == OTHER


def test_of_single_units_only_their_boxes_are_in_reach(shop: Book) -> None:
    pump, units = pumps(shop, "SN-1", "SN-2")
    pack(shop, BOX, of(pump, 1, serial_unit_id=units["SN-1"]))
    pack(shop, OTHER, of(pump, 1, serial_unit_id=units["SN-2"]))
    reached = scope.recall_scope(shop.db, TENANT, [], [units["SN-2"]])
    (found,) = scope.containers_in(shop.db, TENANT, reached)
    assert (found.sscc, found.quantity) == (OTHER, 1)


# --- the record proves itself --------------------------------------------------------------------


def _less_in_the_box(book: Book) -> None:
    book.db.execute(update(container_stock).values(quantity=1))


def _nothing_said_packed(book: Book) -> None:
    book.db.execute(update(stock_balance).values(packed=0))


def _emptied(book: Book) -> None:
    book.db.execute(delete(container_stock))


def _unit_beside_the_box(book: Book) -> None:
    book.db.execute(update(serial_position).values(container_id=None))


def _box_elsewhere(book: Book) -> None:
    found = containers.find(book.db, TENANT, PALLET).container_id
    book.db.execute(
        update(container_state)
        .where(container_state.c.container_id == found)
        .values(location_id=book.places["A-01"])
    )


FAULTS = (_less_in_the_box, _nothing_said_packed, _emptied, _unit_beside_the_box, _box_elsewhere)


@pytest.mark.parametrize("plant", FAULTS)
def test_verify_finds_a_planted_fault(shop: Book, plant: Callable[[Book], None]) -> None:
    lot = device(shop)
    pump, units = pumps(shop, "SN-1")
    pack(shop, PALLET, kind="pallet")
    pack(shop, BOX, of(lot, 4), inside=PALLET)
    pack(shop, OTHER, of(pump, 1, serial_unit_id=units["SN-1"]))
    assert verified(shop) == []
    plant(shop)
    assert set(verified(shop)) & {"ledger.packed", "ledger.container"}
