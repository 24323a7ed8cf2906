"""A trace begins with what is known: a serial number, an order, a gauge, a person, a customer."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert, text

from processes.ledger import instruments, lots, movements
from processes.ledger.distribution import shipments
from processes.ledger.genealogy import lot_changes, pivots, trace
from processes.ledger.genealogy.lot_changes import Part
from processes.ledger.movements import Movement
from processes.ledger.production import boms, work_orders
from processes.ledger.production.boms import NewBom, NewBomLine
from processes.ledger.production.work_orders import NewWorkOrder
from processes.ledger.refusals import NotInLedger
from processes.ledger.tables import characteristic_result, inspection_lot
from tests.processes.conftest import ANN, BEN, DORA, NOW, TENANT, TODAY, Book, decimal
from tests.processes.making import (
    DOCUMENT,
    add_consignee,
    add_device,
    add_market,
    add_places,
    link,
    release,
)
from tests.processes.test_stock import serial_item


def found(book: Book, pivot: str, value: str) -> list[str]:
    ids = pivots.lots_of(book.db, TENANT, pivot, value)
    return [lots.find(book.db, TENANT, each).number for each in ids]


def test_by_serial_number_supplier_lot_supplier_revision_and_person(book: Book) -> None:
    pump = serial_item(book)
    unit = lots.register_serials(book.by(ANN), pump, ["SN-1"])["SN-1"]
    other = book.lot("ABC")
    receive = Movement(
        movement_type="RCV",
        lot_id=pump.lot_id,
        quantity=1,
        document=DOCUMENT,
        target=book.place("Q-01", "QUARANTINE"),
    )
    movements.post_serials(book.by(BEN), receive, [unit])
    assert found(book, "serial", "ＳＮ-1") == [pump.number]
    assert found(book, "supplier-lot", " ABC ") == [other.number]
    assert found(book, "supplier", "S-1") == [pump.number, other.number]
    assert found(book, "revision", "PUMP-1@A") == [pump.number]
    assert found(book, "operator", "ben") == [pump.number]
    for pivot, value in (("serial", "SN-9"), ("operator", "nobody"), ("weather", "rain")):
        with pytest.raises(NotInLedger):
            pivots.lots_of(book.db, TENANT, pivot, value)


def test_by_work_order_and_consignee(book: Book) -> None:
    add_places(book)
    device = add_device(book)
    add_market(book)
    add_consignee(book)
    bill = NewBom(
        item_number="DEVICE-1",
        item_revision="A",
        version=1,
        effective_from=TODAY - timedelta(days=9),
        change_reason="first",
        approved_by=("dora",),
        lines=(NewBomLine(component="VALVE-1", quantity=Decimal(1)),),
    )
    boms.register(book.by(DORA), bill)
    new = NewWorkOrder(
        item_number="DEVICE-1",
        quantity=Decimal(1),
        site="SZ01",
        planned_start=TODAY,
        planned_end=TODAY,
    )
    order = work_orders.release(book.by(ANN), new)
    made = lots.find(book.db, TENANT, order.lot_id)
    assert found(book, "work-order", order.number) == [made.number]
    sold = release(book, book.lot("D", item_id=device), 5, "D-01")
    line = shipments.NewLine(lot_number=sold.number, location="D-01", quantity=2)
    asked = shipments.NewShipment(consignee="C-1", order_number="SO", site="SZ01", lines=(line,))
    shipments.post(book.by(ANN), asked)
    assert found(book, "consignee", "C-1") == [sold.number]


def test_by_instrument(book: Book) -> None:
    read = book.lot("A1")
    names = {"en": "Gauge", "zh": "量规"}
    gauge = instruments.register(
        book.by(DORA), "G-1", "caliper", names, unit_code="mm", resolution=decimal("0.01")
    )
    sqlite = book.db.dialect.name == "sqlite"
    past = "PRAGMA defer_foreign_keys = ON" if sqlite else "SET session_replication_role = replica"
    book.db.execute(text(past))  # the plan does not matter here
    inspected = {
        "tenant_id": TENANT,
        "inspection_lot_id": gauge,
        "inspection_number": "IQC-1",
        "receipt_line_id": gauge,
        "lot_id": read.lot_id,
        "supplier_id": book.supplier.supplier_id,
        "inspection_plan_id": gauge,
        "quantity": 1,
        "resubmission": False,
        "status": "open",
        "process_instance_id": gauge,
        "created_at": NOW,
    }
    book.db.execute(insert(inspection_lot), inspected)
    reading = {
        "tenant_id": TENANT,
        "inspection_lot_id": gauge,
        "characteristic_number": 1,
        "attempt": 1,
        "sample_number": 1,
        "value": decimal("1.00"),
        "defects": 0,
        "conforming": True,
        "instrument_id": gauge,
        "actor": "cleo",
        "performed_at": NOW,
    }
    book.db.execute(insert(characteristic_result), reading)
    assert found(book, "instrument", "G-1") == [read.number]
    assert found(book, "operator", "cleo") == [read.number]


def test_a_trace_goes_on_through_repacks_labels_kits_and_replacements(book: Book) -> None:
    add_places(book)
    add_device(book, "VALVE-EU")
    first = release(book, book.lot("A1"), 20)
    here = book.place("A-01", "RELEASED")
    repacked = lot_changes.split(
        book.by(ANN),
        Part(lot_id=first.lot_id, place=here, quantity=9),
        reason="new boxes",
        document=DOCUMENT,
        kind="repack",
    )
    relabelled = lot_changes.relabel(
        book.by(ANN),
        Part(lot_id=repacked.lot_id, place=here, quantity=4),
        item_number="VALVE-EU",
        to=here,
        reason="for the EU",
        document=DOCUMENT,
    )
    kit, replaced = book.lot("K1"), book.lot("R1")
    link(book, relabelled, kit, 1, kind="kit")
    link(book, kit, replaced, 1, kind="replace")
    onward = trace.forward(book.db, TENANT, [first.lot_id]).lots
    chain = [first, repacked, relabelled, kit, replaced]
    assert [(e.lot_number, e.depth) for e in onward] == [(e.number, n) for n, e in enumerate(chain)]
    back = trace.backward(book.db, TENANT, [replaced.lot_id]).lots
    assert [each.lot_number for each in back] == [each.number for each in reversed(chain)]
