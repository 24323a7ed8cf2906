"""What may leave, and the sales record of what did (INV-02, INV-03), on both databases."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from engine.outcomes import Rejection
from processes.ledger import balances, holds, lots, movements, own_lots, status
from processes.ledger.distribution import consignees, registrations, shipments
from processes.ledger.distribution.consignees import (
    ConsigneeNotReachable,
    Licence,
    RecallAddressUnfit,
)
from processes.ledger.distribution.shipments import (
    MoreThanWasShipped,
    NewLine,
    NewShipment,
    ShipmentRefused,
)
from processes.ledger.distribution.tables import SALES_RECORD, shipment_line
from processes.ledger.genealogy import mass_balance, scope
from processes.ledger.genealogy.flags import HeldFromAbove
from processes.ledger.item_registration import NewPackage
from processes.ledger.lot_numbers import Expiry
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement
from processes.ledger.own_lots import OwnLot
from processes.ledger.refusals import NotInLedger
from processes.ledger.status import NotReleased
from processes.ledger.tables import item
from tests.processes.conftest import ANN, DORA, NOW, TENANT, TODAY, Book
from tests.processes.making import (
    DOCUMENT,
    add_consignee,
    add_device,
    add_market,
    add_places,
    link,
    release,
)


@pytest.fixture
def shop(book: Book) -> Book:
    """The small book with a device that may be sold in China, and a hospital that may buy it."""
    add_places(book)
    add_device(book)
    add_market(book)
    add_consignee(book)
    return book


def device_id(book: Book) -> UUID:
    found: UUID = (
        book.db.execute(item.select().where(item.c.item_number == "DEVICE-1")).one().item_id
    )
    return found


def device_lot(book: Book, quantity: int = 10, days: int | None = 400, name: str = "D1") -> Lot:
    expiry = None
    if days is not None:
        on = TODAY + timedelta(days=days)
        expiry = Expiry(on=on, precision="day", raw=on.isoformat())
    made = book.lot(name, item_id=device_id(book), expiry=expiry)
    return release(book, made, quantity, "D-01")


def order(lot: Lot, quantity: int = 2, **more: Any) -> NewShipment:
    line = {"lot_number": lot.number, "location": "D-01", "quantity": quantity}
    given = {key: more.pop(key) for key in list(more) if key in NewLine.__slots__}
    return NewShipment(
        **{
            "consignee": "C-1",
            "order_number": "SO-1",
            "site": "SZ01",
            "lines": (NewLine(**{**line, **given}),),
            **more,
        }
    )


def refused(book: Book, new: NewShipment, kind: type[Rejection], code: str | None = None) -> Any:
    """Post a shipment that must be refused, and see that nothing of it was booked."""
    before = book.db.execute(text("SELECT count(*) FROM stock_movement")).scalar_one()
    with pytest.raises(kind) as found:
        shipments.post(book.by(ANN), new)
    assert code is None or found.value.code == code  # type: ignore[attr-defined]
    assert [type(each) for each in shipments.check(book.by(ANN), new)] == [kind]
    assert found.value.message["en"]
    assert found.value.message["zh"]
    after = book.db.execute(text("SELECT count(*) FROM stock_movement")).scalar_one()
    assert after == before
    return found.value


def test_a_shipment_leaves_with_its_sales_record(shop: Book) -> None:
    lot = device_lot(shop)
    made = shipments.post(shop.by(ANN), order(lot, carrier="SF", seal="S-9"))
    assert made.number == f"SHP-{NOW.year}-00001"
    (line,) = shipments.lines_of(shop.db, TENANT, made.number)
    assert {name: getattr(line, name) for name in SALES_RECORD} == {
        "device_name": "物料 DEVICE-1",
        "specification": "REF-DEVICE-1",
        "model": "M1",
        "lot_number": lot.number,
        "udi": f"(01)00000000000526(17){lot.expiry:%y%m%d}(10){lot.number}",
        "use_by": str(lot.expiry),
        "buyer_name": "第一医院 C-1",
        "buyer_address": "深圳市南山区 1 号",
        "buyer_contact": "设备科 0755-1000",
    }
    assert (line.quantity, line.sold_on, line.market) == (2, TODAY, "CN")
    left = balances.at(shop.db, TENANT, lot.lot_id, shop.place("D-01", "RELEASED"))
    assert left == 8
    reached = scope.recall_scope(shop.db, TENANT, [lot.lot_id]).shipped
    assert [(each.consignee_number, each.quantity) for each in reached] == [("C-1", 2)]
    found = mass_balance.of_lot(shop.db, TENANT, lot.lot_id)
    assert (found.shipped, found.unexplained) == (2, 0)


def test_inv_02_what_is_in_quarantine_is_not_shipped(shop: Book) -> None:
    made = shop.lot("D2", item_id=device_id(shop))
    shop.receive(made, 5)
    refused(shop, order(made, location="Q-01"), NotReleased)


def test_inv_02_released_goods_are_not_shipped_from_a_quarantine_shelf(shop: Book) -> None:
    made = release(shop, shop.lot("D2", item_id=device_id(shop)), 5)
    refused(shop, order(made, location="Q-01"), NotReleased)


def test_inv_02_stock_released_for_one_work_order_is_not_shipped(shop: Book) -> None:
    made = device_lot(shop)
    bound = shop.place("W-01", "RELEASED_CONDITIONAL")
    balances.put(shop.db, TENANT, made.lot_id, bound, 5)
    refused(shop, order(made, location="W-01"), NotReleased)


def test_inv_03_expired_at_the_site_on_the_day_of_shipment(shop: Book) -> None:
    made = device_lot(shop, days=400)
    late = shop.by(ANN, now=NOW + timedelta(days=401))
    add_licence(shop)
    with pytest.raises(ShipmentRefused) as found:
        shipments.post(late, order(made))
    assert found.value.code == "expired"


def add_licence(shop: Book) -> None:
    licence = Licence(kind="filing", number="LIC-2", valid_from=TODAY)
    consignees.add_licence(shop.by(ANN), "C-1", licence)


def test_inv_03_the_day_is_that_of_the_site(shop: Book) -> None:
    made = device_lot(shop, days=60)
    assert made.expiry is not None
    # 23:30 UTC on the day of expiry less thirty is the next day in Shenzhen.
    day = made.expiry - timedelta(days=30)
    evening = datetime(day.year, day.month, day.day, 23, 30, tzinfo=UTC)
    assert shipments.check(shop.by(ANN, now=evening - timedelta(hours=8)), order(made)) == []
    found = shipments.check(shop.by(ANN, now=evening), order(made))
    assert [each.expected for each in found] == ["remaining_life"]


def test_inv_03_too_little_life_left(shop: Book) -> None:
    refused(shop, order(device_lot(shop, days=29)), ShipmentRefused, "remaining_life")


def test_inv_03_an_open_hold(shop: Book) -> None:
    made = device_lot(shop)
    status.place_hold(
        shop.by(DORA), made, reason="crack", owner_role="QA", document_kind="nc", document_id="N1"
    )
    assert "crack" in refused(shop, order(made), NotReleased).message["en"]


def test_inv_03_an_open_hold_on_what_went_into_it(shop: Book) -> None:
    steel, made = shop.lot("STEEL"), device_lot(shop)
    link(shop, steel, made)
    holds.place_many(
        shop.by(DORA),
        [steel.lot_id],
        reason="brittle",
        owner_role="QA",
        document=DOCUMENT,
        with_descendants=True,
    )
    assert "brittle" in refused(shop, order(made), HeldFromAbove).message["zh"]


def test_inv_03_not_registered_in_the_market(shop: Book) -> None:
    made = device_lot(shop)
    refused(shop, order(made, market="US"), ShipmentRefused, "registration")
    found = registrations.of_item(shop.db, TENANT, device_id(shop))[0]
    registrations.end(shop.by(DORA), found.registration_id, on=TODAY, reason="withdrawn")
    refused(shop, order(made), ShipmentRefused, "registration")


def test_inv_03_a_licence_that_is_over(shop: Book) -> None:
    over = Licence(
        kind="operating_licence",
        number="OLD",
        valid_from=date(2020, 1, 1),
        valid_to=TODAY - timedelta(days=1),
    )
    add_consignee(shop, "C-2", licences=(over,))
    made = device_lot(shop)
    refused(shop, order(made, consignee="C-2"), ShipmentRefused, "consignee_licence")


@pytest.mark.parametrize("field", ["model", "catalogue_number"])
def test_inv_03_a_field_of_the_sales_record_is_empty(shop: Book, field: str) -> None:
    made = device_lot(shop)
    shop.db.execute(update(item).where(item.c.item_number == "DEVICE-1").values({field: " "}))
    found = refused(shop, order(made), ShipmentRefused, "sales_record")
    assert found.found == ("model" if field == "model" else "specification")
    shipments.post(shop.by(ANN), order(made, **_given(field)))


def _given(field: str) -> dict[str, Any]:
    return {"model": "M2"} if field == "model" else {"specification": "10 mm"}


def test_inv_03_a_device_without_identifier_or_expected_life(shop: Book) -> None:
    plain = add_device(shop, "DEVICE-2", packages=(NewPackage(name="each"),))
    add_market(shop, "DEVICE-2")
    made = release(shop, shop.lot("X", item_id=plain), 3, "D-01")
    assert refused(shop, order(made), ShipmentRefused, "sales_record").found == "udi"
    without = device_lot(shop, days=None)
    shipments.post(shop.by(ANN), order(without))  # the expected life stands for the expiry
    (line,) = shipments.of_lot(shop.db, TENANT, without.lot_id)
    assert line.use_by == "5 years"


@pytest.mark.parametrize("field", SALES_RECORD)
@pytest.mark.parametrize("value", [None, "", "   "])
def test_inv_03_the_database_refuses_an_empty_field(
    shop: Book, field: str, value: str | None
) -> None:
    made = shipments.post(shop.by(ANN), order(device_lot(shop)))
    (line,) = shipments.lines_of(shop.db, TENANT, made.number)
    row = {column.name: getattr(line, column.name) for column in shipment_line.c}
    row |= {"shipment_line_id": UUID(int=9999), "line": 2, "movement_id": UUID(int=9998)}
    with pytest.raises(IntegrityError, match=field):
        shop.db.execute(insert(shipment_line), {**row, field: value})


def test_everything_that_speaks_against_a_shipment_is_told_at_once(shop: Book) -> None:
    over = Licence(
        kind="filing", number="X", valid_from=date(2020, 1, 1), valid_to=date(2021, 1, 1)
    )
    add_consignee(shop, "C-2", licences=(over,))
    old, held = device_lot(shop, days=3, name="A"), device_lot(shop, name="B")
    status.place_hold(
        shop.by(DORA), held, reason="crack", owner_role="QA", document_kind="nc", document_id="N1"
    )
    lines = tuple(
        NewLine(lot_number=each.number, location="D-01", quantity=1) for each in (old, held)
    )
    found = shipments.check(shop.by(ANN), order(old, consignee="C-2", lines=lines))
    assert [type(each) for each in found] == [ShipmentRefused, ShipmentRefused, NotReleased]
    assert shipments.check(shop.by(ANN), order(old, consignee="NOBODY"))[0].found == "NOBODY"
    assert [each.expected for each in shipments.check(shop.by(ANN), order(old, lines=()))] == [
        "lines"
    ]


def test_a_unit_is_shipped_by_its_serial_number(shop: Book) -> None:
    pump = add_device(shop, "PUMP-9", tracking="lot_and_serial")
    add_market(shop, "PUMP-9")
    made = own_lots.create(shop.by(ANN), OwnLot(item_id=pump, item_revision="A", origin="produced"))
    (unit,) = lots.register_serials(shop.by(ANN), made, ["SN-1"]).values()
    for kind, source, target in (
        ("PROD", None, shop.place("Q-01", "QUARANTINE")),
        ("STAT", shop.place("Q-01", "QUARANTINE"), shop.place("Q-01", "RELEASED")),
        ("PUT", shop.place("Q-01", "RELEASED"), shop.place("D-01", "RELEASED")),
    ):
        movement = Movement(
            movement_type=kind,
            lot_id=made.lot_id,
            quantity=1,
            document=DOCUMENT,
            source=source,
            target=target,
            reason="x",
        )
        movements.post_serials(shop.by(ANN), movement, [unit])
    refused(shop, order(made, 1), movements.SerialRequired)
    refused(shop, order(made, 1, serial_number="SN-2"), NotInLedger)
    shipments.post(shop.by(ANN), order(made, 1, serial_number="SN-1"))
    (line,) = scope.recall_scope(shop.db, TENANT, [made.lot_id]).shipped
    assert line.serial_unit_id == unit
    with pytest.raises(balances.InsufficientStock):
        shipments.post(shop.by(ANN), order(made, 1, serial_number="SN-1"))


def test_no_more_comes_back_than_was_shipped(shop: Book) -> None:
    lot = device_lot(shop)
    made = shipments.post(shop.by(ANN), order(lot, 4))
    back: dict[str, Any] = {
        "location": "T-01",
        "reason": "wrong size",
        "document": Document("return", "RMA-1"),
    }
    shipments.take_back(shop.by(ANN), made.line_ids[0], 3, **back)
    with pytest.raises(MoreThanWasShipped):
        shipments.take_back(shop.by(ANN), made.line_ids[0], 2, **back)
    there = balances.at(shop.db, TENANT, lot.lot_id, shop.place("T-01", "RETURN_QUARANTINE"))
    assert there == 3
    found = mass_balance.of_lot(shop.db, TENANT, lot.lot_id)
    assert (found.shipped, found.unexplained) == (1, 0)


def test_a_consignee_can_be_reached_in_a_recall(shop: Book) -> None:
    with pytest.raises(ConsigneeNotReachable):
        add_consignee(shop, "C-3", recall_phone=None)
    first = consignees.by_number(shop.db, TENANT, "C-1")
    add_consignee(shop, "C-4", tier=2, parent="C-1")
    below = consignees.below(shop.db, TENANT, first.consignee_id)
    assert [each.number for each in below] == ["C-4"]


@pytest.mark.parametrize(
    "address", ["李@医院.中国", "a b@c.de", "a@b\nBcc: x@y.zz", "a@localhost", "a"]
)
def test_a_recall_address_is_one_that_mail_can_be_sent_to(shop: Book, address: str) -> None:
    with pytest.raises(RecallAddressUnfit):
        add_consignee(shop, "C-3", recall_email=address)
    add_consignee(shop, "C-3", recall_email="Recall.Desk+1@ward-2.example.com")


@pytest.mark.parametrize("table", ["shipment", "shipment_line", "registration"])
def test_the_sales_record_is_append_only(shop: Book, table: str) -> None:
    shipments.post(shop.by(ANN), order(device_lot(shop)))
    with pytest.raises(DBAPIError, match="append-only"):
        shop.db.execute(text(f"DELETE FROM {table}"))  # noqa: S608  # words of this test
