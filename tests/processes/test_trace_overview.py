"""What a screen is given of a trace, on both databases: amounts, places, holds, who was sent it."""

from processes.ledger import balances, holds, lots
from processes.ledger.distribution import shipments
from processes.ledger.distribution.shipments import NewLine, NewShipment
from processes.ledger.genealogy import overview
from tests.processes.conftest import ANN, DORA, NOW, TENANT, Book
from tests.processes.making import (
    DOCUMENT,
    add_consignee,
    add_device,
    add_market,
    add_places,
    link,
    release,
)


def ship(book: Book, number: str, consignee: str, quantity: int) -> None:
    line = NewLine(lot_number=number, location="D-01", quantity=quantity)
    new = NewShipment(consignee=consignee, order_number="SO-1", site="SZ01", lines=(line,))
    shipments.post(book.by(ANN), new)


def test_who_was_sent_what_of_all_that_a_lot_went_into(book: Book) -> None:
    add_places(book)
    device = add_device(book)
    add_market(book)
    add_consignee(book, "C-1")
    add_consignee(book, "C-2")
    screw = book.lot("A")
    made = release(book, book.lot("B", item_id=device), 10, "D-01")
    link(book, screw, made, 3)
    ship(book, made.number, "C-1", 2)
    ship(book, made.number, "C-1", 1)
    ship(book, made.number, "C-2", 4)
    found = overview.sent(book.db, TENANT, screw.lot_id)
    assert [(e.consignee_number, e.lot_number, e.quantity, e.shipments) for e in found] == [
        ("C-1", made.number, 3, 2),
        ("C-2", made.number, 4, 1),
    ]
    assert {(e.unit_code, e.decimals, e.last_shipped_at) for e in found} == {("ea", 0, NOW)}
    assert overview.sent(book.db, TENANT, made.lot_id) == found
    ids = [screw.lot_id, made.lot_id]
    assert overview.links(book.db, TENANT, ids) == {(screw.lot_id, made.lot_id): 3}
    lying = balances.of_lots(book.db, TENANT, ids)
    assert [(e.location_code, e.status, e.quantity) for e in lying] == [("D-01", "RELEASED", 3)]


def test_what_a_lot_is_and_whether_it_is_held(book: Book) -> None:
    one, other = book.lot("A"), book.lot("B")
    holds.place_many(
        book.by(DORA),
        [one.lot_id],
        kind="RECALLED",
        reason="looked at",
        owner_role="QA",
        document=DOCUMENT,
    )
    both = [one.lot_id, other.lot_id]
    assert overview.held(book.db, TENANT, both) == {one.lot_id}
    facts = overview.facts(book.db, TENANT, both)
    assert facts[one.lot_id].supplier_lot == "A"
    assert facts[one.lot_id].supplier_names == dict(book.supplier.names)
    assert (facts[other.lot_id].origin, facts[other.lot_id].unit_code) == ("purchased", "ea")


def test_a_serial_number_leads_to_its_lot(book: Book) -> None:
    device = add_device(book, "PUMP-1", tracking="lot_and_serial")
    made = book.lot("S", item_id=device)
    lots.register_serials(book.by(ANN), made, ["SN-1"])
    assert overview.lots_of_serial(book.db, TENANT, "ＳＮ-1") == [made.lot_id]
    assert overview.lots_of_serial(book.db, TENANT, "SN-2") == []
