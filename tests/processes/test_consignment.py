"""Stock of others: it keeps its owner whatever is done with it, and is bought by using it.

Each rule is tried on both databases; the order that the goods came for is told, and the invoice
goes by what was used (processes.md 3.1, data-model.md 4.3, movement OWN).
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.commands.instance import decode_variables
from engine.store.tables import outbox
from engine.verification import Report
from processes import registry
from processes.ledger import balances, lots, movements, ownership, receipts
from processes.ledger.balances import InsufficientStock
from processes.ledger.genealogy import edges, lot_changes, mass_balance
from processes.ledger.genealogy.edges import Edge
from processes.ledger.genealogy.lot_changes import OwnersDiffer, Part
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement, MovementNotAllowed, OwnershipStands
from processes.ledger.ownership import NeverBought, NotTheirs, OwnedByNobodyElse
from processes.ledger.purchasing import invoices, order_receipts, orders
from processes.ledger.purchasing.orders import Order, StillTheirs
from processes.ledger.purchasing.tables import order_settlement
from processes.ledger.receipts import Delivery
from processes.ledger.tables import stock_balance, stock_movement
from tests.processes.conftest import ANN, DORA, TENANT, Book
from tests.processes.making import accept, add_consignee, add_places, release
from tests.processes.test_purchasing import draft, invoice, line, pieces, sent

WORK = Document("work_order", "WO-1")


def ordered(book: Book, quantity: int = 10) -> Order:
    """Order on consignment."""
    return sent(book, replace(line(book, quantity=quantity), consigned=True))


def delivery(**more: Any) -> Delivery:
    entered: dict[str, Any] = {
        "item": "VALVE-1",
        "supplier": "S-1",
        "delivery_note": "DN-1",
        "supplier_lot": "A1",
        "quantity": Decimal(10),
        "location": "Q-01",
    }
    return Delivery(**{**entered, **more})


def consigned(book: Book, order: Order | None = None, quantity: int = 10, **more: Any) -> Lot:
    """Receive on consignment, against an order or none; accept all and put it away."""
    lot = received(book, order, quantity, **more)
    accept(book, lot, quantity)
    return lot


def received(book: Book, order: Order | None = None, quantity: int = 10, **more: Any) -> Lot:
    entered = delivery(quantity=Decimal(quantity), consigned=True, **more)
    came = receipts.post(book.by(ANN), entered)
    if order is not None:
        found, ordered_line = orders.open_line(book.db, TENANT, order.number, 1)
        order_receipts.record(book.by(ANN), found, ordered_line, came)
        order_receipts.decide(
            book.by(DORA),
            came.receipt_line_id,
            decision="ACCEPT",
            accepted=quantity,
            rejected=0,
        )
    return came.lot


def move(book: Book, lot: Lot, kind: str, quantity: int, **more: Any) -> Any:
    """Book something with what lies released on the shelf."""
    outcomes = {"ISS": "CONSUMED", "SHP": "SHIPPED", "SAMPLE": "SAMPLED", "SCRAP": "SCRAPPED"}
    given: dict[str, Any] = {
        "movement_type": kind,
        "lot_id": lot.lot_id,
        "quantity": quantity,
        "document": WORK,
        "source": None if kind in ("RET", "CNT+", "RTN") else book.place("A-01", "RELEASED"),
        "outcome": outcomes.get(kind),
        "reason": "x",
    }
    return movements.post(book.by(ANN), Movement(**{**given, **more}))


def theirs(book: Book, lot: Lot) -> int:
    return sum(each.consigned for each in balances.of_lot(book.db, TENANT, lot.lot_id))


def on_hand(book: Book, lot: Lot) -> int:
    return sum(each.quantity for each in balances.of_lot(book.db, TENANT, lot.lot_id))


def of_order(book: Book, order: Order) -> orders.Line:
    return orders.lines_of(book.db, TENANT, order)[0]


def booked(book: Book, lot: Lot) -> list[tuple[str, int, int, int]]:
    return [
        (row.movement_type, row.quantity, row.from_consigned, row.to_consigned)
        for row in movements.of_lot(book.db, TENANT, lot.lot_id)
    ]


def require_whole(book: Book) -> None:
    """Prove the book as `countersign verify` does; issues without edges are the tests' own."""
    assert balances.differences(book.db, TENANT) == []
    report = Report()
    for check in registry.checks():
        check(book.db, TENANT, report)
    found = [each for each in report.differences if each.code.startswith("ledger.own")]
    assert found == []


def test_what_is_received_and_put_away_stays_the_suppliers(book: Book) -> None:
    lot = consigned(book)
    assert booked(book, lot) == [("RCV", 10, 0, 10), ("STAT", 10, 10, 10), ("PUT", 10, 10, 10)]
    assert (theirs(book, lot), on_hand(book, lot)) == (10, 10)
    listed = ownership.not_ours(book.db, TENANT)
    assert [(x.kind, x.number, x.lot_number, x.location, x.consigned) for x in listed] == [
        ("supplier", "S-1", lot.number, "A-01", 10)
    ]
    require_whole(book)


@pytest.mark.parametrize("kind", ["ISS", "SAMPLE", "CNT-"])
def test_using_buys_in_the_same_transaction(book: Book, kind: str) -> None:
    order = ordered(book)
    lot = consigned(book, order)
    move(book, lot, kind, 4)
    assert booked(book, lot)[-2:] == [("OWN", 4, 4, 0), (kind, 4, 0, 0)]
    assert (theirs(book, lot), on_hand(book, lot)) == (6, 6)
    now = of_order(book, order)
    assert (now.accepted, now.used, now.payable, now.theirs) == (10, 4, 4, 6)
    told = book.db.execute(select(outbox)).one()
    assert (told.name, told.correlation) == ("purchase_order.used", order.number)
    assert decode_variables(told.payload)["quantity"] == 4
    require_whole(book)


def test_the_customers_rules_say_what_buys(book: Book) -> None:
    """A customer whose suppliers bear the loss: shortage is booked off as theirs."""
    order = ordered(book)
    lot = consigned(book, order)
    rules = {**book.context.configuration("purchasing_rules"), "consignment": {"bought_by": []}}
    known = book.context.configuration
    book.context = replace(
        book.context, configuration=lambda key: rules if key == "purchasing_rules" else known(key)
    )
    move(book, lot, "CNT-", 3)
    assert booked(book, lot)[-1] == ("CNT-", 3, 3, 0)
    now = of_order(book, order)
    assert (now.used, now.settled, now.theirs) == (0, 3, 7)
    require_whole(book)


def test_what_was_refused_buys_nothing(book: Book) -> None:
    order = ordered(book)
    lot = consigned(book, order)
    with pytest.raises(InsufficientStock):
        move(book, lot, "ISS", 11)
    point = book.db.begin_nested()
    with pytest.raises(movements.MovementNotAllowed):
        move(book, lot, "SCRAP", 2)  # released goods are not scrapped
    point.rollback()
    assert of_order(book, order).used == 0


def test_what_comes_back_from_production_is_the_suppliers_again(book: Book) -> None:
    order = ordered(book)
    lot = consigned(book, order)
    move(book, lot, "ISS", 6)
    move(book, lot, "RET", 2, target=book.place("A-01", "RELEASED"))
    assert booked(book, lot)[-2:] == [("RET", 2, 0, 0), ("OWN", 2, 0, 2)]
    now = of_order(book, order)
    assert (now.used, now.theirs, theirs(book, lot)) == (4, 6, 6)
    # what comes back under another document was not bought under it, and stays ours
    other = Document("work_order", "WO-2")
    move(book, lot, "RET", 1, target=book.place("A-01", "RELEASED"), document=other)
    assert (theirs(book, lot), on_hand(book, lot)) == (6, 7)
    require_whole(book)


def test_what_is_ours_goes_first(book: Book) -> None:
    """Three of a lot were taken over; issuing five buys two more."""
    order = ordered(book)
    lot = consigned(book, order, 7)
    move(book, lot, "OWN", 3, target=book.place("A-01", "RELEASED"))
    assert of_order(book, order).used == 3
    move(book, lot, "ISS", 5)
    assert booked(book, lot)[-2:] == [("OWN", 2, 2, 0), ("ISS", 5, 0, 0)]
    assert (of_order(book, order).used, theirs(book, lot), on_hand(book, lot)) == (5, 2, 2)


def test_a_movement_of_both_keeps_both(book: Book) -> None:
    lot = consigned(book, ordered(book))
    add_places(book)
    move(book, lot, "OWN", 4, target=book.place("A-01", "RELEASED"))
    move(book, lot, "PUT", 7, target=book.place("D-01", "RELEASED"))
    assert booked(book, lot)[-1] == ("PUT", 7, 3, 3)
    assert {
        x.location_code: (x.quantity, x.consigned)
        for x in balances.of_lot(book.db, TENANT, lot.lot_id)
    } == {"A-01": (3, 3), "D-01": (7, 3)}
    require_whole(book)


def test_a_shipment_is_ours_and_comes_back_as_ours(book: Book) -> None:
    order = ordered(book)
    lot = consigned(book, order)
    add_places(book)
    move(book, lot, "PCK", 4, target=book.place("D-01", "RELEASED"))
    move(book, lot, "SHP", 4, source=book.place("D-01", "RELEASED"))
    assert (of_order(book, order).used, theirs(book, lot)) == (4, 6)
    move(book, lot, "RTN", 1, target=book.place("T-01", "RETURN_QUARANTINE"))
    assert (theirs(book, lot), on_hand(book, lot)) == (6, 7)
    require_whole(book)


def test_unused_goods_go_back_to_their_owner(book: Book) -> None:
    """From the shelf, released as they are; no more than is theirs, and nothing is paid."""
    order = ordered(book)
    lot = consigned(book, order)
    move(book, lot, "OWN", 2, target=book.place("A-01", "RELEASED"))
    with pytest.raises(NotTheirs):
        move(book, lot, "RTV", 9, outcome="RETURNED", consigned=9)
    with pytest.raises(MovementNotAllowed):
        move(book, lot, "RTV", 2, outcome="RETURNED")  # ours, and released: not sent back so
    made = move(book, lot, "RTV", 8, outcome="RETURNED", consigned=8)
    now = of_order(book, order)
    assert (now.used, now.settled, now.theirs, now.payable) == (2, 10, 0, 2)
    back = Document("test", "1")
    movements.reverse(book.by(ANN), made, reason="x", document=back)
    assert (of_order(book, order).theirs, theirs(book, lot)) == (8, 8)
    require_whole(book)


def test_a_reversal_gives_back_what_was_bought(book: Book) -> None:
    order = ordered(book)
    lot = consigned(book, order)
    made = move(book, lot, "CNT-", 4)
    own = next(
        row.movement_id
        for row in movements.of_lot(book.db, TENANT, lot.lot_id)
        if row.movement_type == "OWN"
    )
    with pytest.raises(OwnershipStands):
        movements.reverse(book.by(ANN), own, reason="x", document=WORK)
    movements.reverse(book.by(ANN), made, reason="x", document=Document("test", "1"))
    assert (of_order(book, order).used, theirs(book, lot), on_hand(book, lot)) == (0, 10, 10)
    require_whole(book)


def test_a_receipt_taken_back_leaves_as_the_suppliers(book: Book) -> None:
    lot = received(book)
    made = movements.of_lot(book.db, TENANT, lot.lot_id)[0].movement_id
    movements.reverse(book.by(ANN), made, reason="x", document=Document("test", "1"))
    assert booked(book, lot)[-1] == ("REVERSAL", 10, 10, 0)
    assert on_hand(book, lot) == theirs(book, lot) == 0


def test_a_part_keeps_its_owner_and_its_order(book: Book) -> None:
    order = ordered(book)
    lot = consigned(book, order)
    part = Part(lot_id=lot.lot_id, place=book.place("A-01", "RELEASED"), quantity=4)
    made = lot_changes.split(book.by(ANN), part, reason="x", document=WORK)
    assert (theirs(book, lot), theirs(book, made)) == (6, 4)
    move(book, made, "ISS", 3)
    assert (of_order(book, order).used, theirs(book, made)) == (3, 1)
    for each in (lot, made):
        found = mass_balance.of_lot(book.db, TENANT, each.lot_id)
        assert found.came_in - found.on_hand - found.to_lots - (3 if each is made else 0) == 0
    require_whole(book)


def test_goods_of_two_owners_are_not_merged(book: Book) -> None:
    ours = release(book, book.lot("B1"), 5)
    lot = consigned(book)
    place = book.place("A-01", "RELEASED")
    parts = [Part(lot_id=each.lot_id, place=place, quantity=2) for each in (ours, lot)]
    with pytest.raises(OwnersDiffer):
        lot_changes.merge(book.by(ANN), parts, to=place, reason="x", document=WORK)
    other = consigned(book, supplier_lot="A2")
    parts = [Part(lot_id=each.lot_id, place=place, quantity=2) for each in (other, lot)]
    made = lot_changes.merge(book.by(ANN), parts, to=place, reason="x", document=WORK)
    assert theirs(book, made) == 4


def test_another_item_is_made_of_what_is_ours(book: Book) -> None:
    book.add_item("VALVE-2")
    order = ordered(book)
    lot = consigned(book, order)
    part = Part(lot_id=lot.lot_id, place=book.place("A-01", "RELEASED"), quantity=4)
    made = lot_changes.relabel(
        book.by(ANN),
        part,
        item_number="VALVE-2",
        to=book.place("Q-01", "QUARANTINE"),
        reason="x",
        document=WORK,
    )
    assert (of_order(book, order).used, made.owner_id, on_hand(book, made)) == (4, None, 4)


def test_one_supplier_lot_is_not_joined_across_owners(book: Book) -> None:
    ours = receipts.post(book.by(ANN), delivery()).lot
    lot = received(book)
    assert lot.number == f"{ours.number}-2"
    assert (theirs(book, ours), theirs(book, lot)) == (0, 10)


def test_units_are_bought_one_by_one(book: Book) -> None:
    book.item_id = book.add_item("PUMP-1", tracking="serial")
    owner = ownership.of_supplier(book.by(ANN), "S-1")
    lot = book.lot("P1", owner_id=owner)
    serials = lots.register_serials(book.by(ANN), lot, ["1", "2", "3"])
    came = Movement(
        movement_type="RCV",
        lot_id=lot.lot_id,
        quantity=1,
        document=WORK,
        target=book.place("Q-01", "QUARANTINE"),
    )
    movements.post_serials(book.by(ANN), came, list(serials.values()))
    out = replace(
        came,
        movement_type="SAMPLE",
        source=came.target,
        target=None,
        outcome="SAMPLED",
        serial_unit_id=serials["2"],
    )
    movements.post(book.by(ANN), out)
    assert (theirs(book, lot), on_hand(book, lot)) == (2, 2)
    own = replace(came, movement_type="OWN", source=came.target, serial_unit_id=serials["1"])
    movements.post(book.by(ANN), own)
    with pytest.raises(NotTheirs):
        movements.post(book.by(ANN), own)
    assert theirs(book, lot) == 1
    require_whole(book)


def test_a_customers_goods_are_never_bought(book: Book) -> None:
    add_consignee(book)
    entered = delivery(customer="C-1")
    lot = receipts.post(book.by(ANN), entered).lot
    accept(book, lot, 10)
    move(book, lot, "ISS", 4)
    assert booked(book, lot)[-1] == ("ISS", 4, 4, 0)
    move(book, lot, "RET", 1, target=book.place("A-01", "RELEASED"))
    assert theirs(book, lot) == on_hand(book, lot) == 7
    with pytest.raises(NeverBought):
        move(book, lot, "OWN", 2, target=book.place("A-01", "RELEASED"))
    assert [x.kind for x in ownership.not_ours(book.db, TENANT)] == ["customer"]
    require_whole(book)


def test_an_invoice_goes_by_what_was_used(book: Book) -> None:
    order = ordered(book)
    lot = consigned(book, order)
    units = pieces(book)
    early = invoices.match(book.by(ANN), order, invoice("F-1", 10), units)
    assert [x["field"] for x in early["differences"]] == ["not_used"]
    assert early["outcome"] == "blocked"
    assert invoices.receipts_to_invoice(book.db, TENANT, order) == []
    move(book, lot, "ISS", 4)
    assert invoices.to_invoice(book.db, TENANT, order, units) == {1: Decimal(4)}
    found = invoices.match(book.by(ANN), order, invoice("F-1", 4), units)
    assert (found["outcome"], found["complete"]) == ("matched", True)
    move(book, lot, "ISS", 1)
    assert invoices.to_invoice(book.db, TENANT, order, units) == {1: Decimal(1)}
    receipt = invoices.receipts_to_invoice(book.db, TENANT, order)[0]
    over = invoices.match(book.by(ANN), order, invoice("F-2", 6, receipt=receipt), units)
    assert {x["field"] for x in over["differences"]} == {"not_used", "receipt"}


def test_a_line_is_not_ended_over_goods_of_the_supplier(book: Book) -> None:
    order = ordered(book)
    lot = consigned(book, order)
    with pytest.raises(StillTheirs):
        orders.end_line(book.by(ANN), order, 1, "x")
    move(book, lot, "ISS", 10)
    orders.end_line(book.by(ANN), order, 1, "x")
    # the order is over: what comes back now was paid, and is ours
    move(book, lot, "RET", 1, target=book.place("A-01", "RELEASED"))
    assert (theirs(book, lot), on_hand(book, lot)) == (0, 1)


def test_whose_the_goods_are_does_not_change_once_some_came(book: Book) -> None:
    order = ordered(book)
    consigned(book, order)
    with pytest.raises(orders.ConsignmentStands):
        orders.freeze(
            book.by(ANN),
            order,
            draft(book, line(book, quantity=20)),
            reason="x",
            approvals=[],
            snapshot={},
        )


def test_a_lot_of_ours_has_no_owner_to_return_to(book: Book) -> None:
    with pytest.raises(OwnedByNobodyElse):
        ownership.owner_of(book.by(ANN), release(book, book.lot("B1"), 5))


def test_the_database_lets_nothing_else_change_the_owner(book: Book) -> None:
    """Whoever goes round the functions: a movement that loses the owner is refused."""
    lot = consigned(book)
    row = dict(book.db.execute(select(stock_movement)).mappings().all()[-1])
    row |= {"movement_id": book.context.new_id(), "to_consigned": 0}
    with pytest.raises(IntegrityError, match="keeps_its_owner"), book.db.begin_nested():
        book.db.execute(insert(stock_movement), row)
    more = update(stock_balance).where(stock_balance.c.lot_id == lot.lot_id)
    with pytest.raises(IntegrityError, match="consigned"), book.db.begin_nested():
        book.db.execute(more.values(consigned=11))


def test_verification_finds_what_was_changed_past_the_book(book: Book) -> None:
    lot = consigned(book)
    here = (stock_balance.c.lot_id == lot.lot_id) & (stock_balance.c.quantity > 0)
    book.db.execute(update(stock_balance).where(here).values(consigned=3))
    report = Report()
    for check in registry.checks():
        check(book.db, TENANT, report)
    assert [each.code for each in report.differences] == ["ledger.owner"]


def test_an_edge_of_an_issue_is_of_the_whole(book: Book) -> None:
    """INV-09 counts the issue, not the change of ownership before it."""
    lot = consigned(book)
    made = move(book, lot, "ISS", 4)
    edge = Edge(
        kind="consume",
        from_lot_id=lot.lot_id,
        to_lot_id=book.lot("W1").lot_id,
        quantity=4,
        unit_code="ea",
        document=WORK,
        movement_id=made,
    )
    edges.add(book.by(ANN), edge)
    assert edges.movements_without_edges(book.db, TENANT) == []
    found = mass_balance.of_lot(book.db, TENANT, lot.lot_id)
    assert (found.received, found.issued, found.on_hand, found.unexplained) == (10, 4, 6, 0)


def test_settlements_stand_by_receipt_and_movement(book: Book) -> None:
    """Two deliveries of one order: the older is used first."""
    order = ordered(book, 20)
    first = consigned(book, order, supplier_lot="A1")
    second = consigned(book, order, supplier_lot="A2")
    place = book.place("A-01", "RELEASED")
    parts = [Part(lot_id=x.lot_id, place=place, quantity=10) for x in (first, second)]
    both = lot_changes.merge(book.by(ANN), parts, to=place, reason="x", document=WORK)
    move(book, both, "ISS", 12)
    rows = book.db.execute(select(order_settlement).order_by(order_settlement.c.quantity)).all()
    assert [(row.kind, row.quantity) for row in rows] == [("used", 2), ("used", 10)]
    assert of_order(book, order).theirs == 8
