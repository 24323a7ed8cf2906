"""Trace, recall scope and mass balance, on both databases: nothing missed, nothing twice, no end of
a loop needed (INV-09, INV-13, INV-14)."""

import pytest
from sqlalchemy import delete, text
from sqlalchemy.exc import DBAPIError

from processes.ledger import holds, lots, movements, status
from processes.ledger.genealogy import edges, flags, lot_changes, mass_balance, scope, trace
from processes.ledger.genealogy.edges import Edge, NotInThere
from processes.ledger.genealogy.lot_changes import LotsDiffer, Part, SerialsStay
from processes.ledger.genealogy.tables import APPEND_ONLY, lot_link
from processes.ledger.movements import Document
from processes.ledger.refusals import NotInLedger
from processes.ledger.status import SignatureMissing
from tests.processes.conftest import ANN, DORA, NOW, TENANT, Book
from tests.processes.making import DOCUMENT, link, release


def test_forward_and_backward_over_several_levels(book: Book) -> None:
    steel, screw, body, device, other = (book.lot(name) for name in "ABCDE")
    link(book, steel, screw)
    link(book, screw, body)
    link(book, steel, body)
    link(book, body, device)
    found = trace.forward(book.db, TENANT, [steel.lot_id])
    assert [(each.lot_number, each.depth) for each in found.lots] == [
        (steel.number, 0),
        *sorted([(screw.number, 1), (body.number, 1)], key=lambda each: each[0]),
        (device.number, 2),
    ]
    assert [each.via for each in found.lots] == [None, steel.lot_id, steel.lot_id, body.lot_id]
    assert {each.item_number for each in found.lots} == {"VALVE-1"}
    back = trace.backward(book.db, TENANT, [device.lot_id])
    assert {each.lot_id for each in back.lots} == {
        each.lot_id for each in (steel, screw, body, device)
    }
    assert trace.forward(book.db, TENANT, [other.lot_id]).lots[0].depth == 0
    assert trace.forward(book.db, TENANT, []).lots == ()


def test_a_loop_of_rework_ends(book: Book) -> None:
    first, second, third = (book.lot(name) for name in "ABC")
    link(book, first, second, kind="rework")
    link(book, second, first, kind="rework")
    link(book, second, third)
    found = trace.forward(book.db, TENANT, [first.lot_id])
    assert [(each.lot_id, each.depth) for each in found.lots] == [
        (first.lot_id, 0),
        (second.lot_id, 1),
        (third.lot_id, 2),
    ]


def test_what_was_taken_back_whole_is_reached_no_more(book: Book) -> None:
    screw, body = book.lot("A"), book.lot("B")
    link(book, screw, body, 5)
    link(book, screw, body, -2)
    assert len(trace.forward(book.db, TENANT, [screw.lot_id]).lots) == 2
    with pytest.raises(NotInThere):
        link(book, screw, body, -4)


def test_a_link_goes_with_its_last_piece_and_the_edges_stay(book: Book) -> None:
    screw, body = book.lot("A"), book.lot("B")
    link(book, screw, body, 5)
    link(book, screw, body, -5)
    assert len(trace.forward(book.db, TENANT, [screw.lot_id]).lots) == 1
    assert [row.quantity for row in edges.of_lot(book.db, TENANT, body.lot_id)] == [5, -5]
    assert edges.link_differences(book.db, TENANT) == []
    link(book, screw, body, 3)
    book.db.execute(delete(lot_link))
    found = edges.link_differences(book.db, TENANT)
    assert [(each.kept, each.summed) for each in found] == [(0, 3)]


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", ["UPDATE {} SET tenant_id = 'x'", "DELETE FROM {}"])
def test_inv_08_edges_are_append_only(book: Book, table: str, change: str) -> None:
    first, second = book.lot("A"), book.lot("B")
    link(book, first, second)
    holds.place_many(
        book.by(DORA),
        [first.lot_id],
        reason="crack",
        owner_role="QA",
        document=DOCUMENT,
        with_descendants=True,
    )
    with pytest.raises(DBAPIError, match="append-only"):
        book.db.execute(text(change.format(table)))


def test_the_scope_holds_stock_and_lots_downstream(book: Book) -> None:
    screw, body = release(book, book.lot("A"), 10), release(book, book.lot("B"), 4)
    link(book, screw, body, 5)
    found = scope.recall_scope(book.db, TENANT, [screw.lot_id])
    assert [each.lot_number for each in found.lots] == [screw.number, body.number]
    assert [(each.lot_number, each.location_code, each.quantity) for each in found.stock] == [
        (screw.number, "A-01", 10),
        (body.number, "A-01", 4),
    ]
    assert found.shipped == ()


def test_inv_13_a_hold_on_many_lots_lies_over_all_of_them(book: Book) -> None:
    held = [book.lot(name) for name in "ABC"]
    document = Document("field_action", "FA-1")
    ids = holds.place_many(
        book.by(DORA),
        [*(each.lot_id for each in held), held[0].lot_id],
        kind="RECALLED",
        reason="crack",
        owner_role="QA",
        document=document,
    )
    assert len(ids) == 3
    assert [e["lots"] for e in book.events if e["event"] == "lots.held"] == [
        [each.number for each in held]
    ]
    for each in held:
        assert [h.kind for h in status.open_holds(book.db, TENANT, each.lot_id)] == ["RECALLED"]
    with pytest.raises(SignatureMissing):
        holds.release_many(book.by(DORA), [held[0].lot_id], document=document, reason="x")
    two = [each.lot_id for each in held[:2]]
    signed = book.by(DORA, "REL")
    other = Document("field_action", "FA-2")
    assert holds.release_many(signed, two, document=other, reason="x") == 0
    assert holds.release_many(signed, two, document=document, reason="sound") == 2
    assert status.open_holds(book.db, TENANT, held[0].lot_id) == []
    assert len(status.open_holds(book.db, TENANT, held[2].lot_id)) == 1
    with pytest.raises(NotInLedger):
        holds.place_many(
            book.by(DORA),
            [book.item_id],
            reason="crack",
            owner_role="QA",
            document=document,
        )
    assert holds.place_many(book.by(DORA), [], reason="x", owner_role="QA", document=document) == []


def test_inv_13_a_hold_with_reach_lies_over_what_is_made_of_the_lot(book: Book) -> None:
    screw, body, device = (book.lot(name) for name in "ABC")
    link(book, screw, body)
    holds.place_many(
        book.by(DORA),
        [screw.lot_id],
        reason="crack",
        owner_role="QA",
        document=DOCUMENT,
        with_descendants=True,
    )
    link(book, body, device)  # made afterwards, and reached all the same
    with pytest.raises(flags.HeldFromAbove) as refused:
        flags.require_free(book.db, TENANT, device.lot_id, device.number)
    assert refused.value.found == screw.number
    holds.release_many(book.by(DORA, "REL"), [screw.lot_id], document=DOCUMENT, reason="sound")
    flags.require_free(book.db, TENANT, device.lot_id, device.number)


def part(book: Book, lot: lots.Lot, quantity: int, code: str = "A-01") -> Part:
    return Part(lot_id=lot.lot_id, place=book.place(code, "RELEASED"), quantity=quantity)


def test_a_split_keeps_supplier_lot_expiry_and_holds(book: Book) -> None:
    old = release(book, book.lot("SUP-7"), 10)
    status.place_hold(
        book.by(DORA), old, reason="scratch", owner_role="QA", document_kind="nc", document_id="N1"
    )
    made = lot_changes.split(
        book.by(ANN), part(book, old, 4), reason="sorted out", document=DOCUMENT
    )
    assert made.number == f"{old.number}-S1"
    assert (made.supplier_lot, made.origin, made.expiry) == ("SUP-7", "split", old.expiry)
    assert [h.reason for h in status.open_holds(book.db, TENANT, made.lot_id)] == ["scratch"]
    reached = trace.forward(book.db, TENANT, [old.lot_id]).lots
    assert [each.lot_number for each in reached] == [old.number, made.number]
    first, second = (mass_balance.of_lot(book.db, TENANT, each.lot_id) for each in (old, made))
    assert (first.received, first.to_lots, first.on_hand, first.unexplained) == (10, 4, 6, 0)
    assert (second.from_lots, second.on_hand, second.unexplained) == (4, 4, 0)
    again = lot_changes.split(book.by(ANN), part(book, old, 1), reason="x", document=DOCUMENT)
    assert again.number == f"{old.number}-S2"
    assert lots.search(book.db, TENANT, "SUP-7")[0].number == again.number


def test_a_merge_is_reached_from_both_and_held_with_either(book: Book) -> None:
    first, second = release(book, book.lot("A"), 5), release(book, book.lot("B"), 6)
    status.place_hold(
        book.by(DORA), second, reason="dent", owner_role="QA", document_kind="nc", document_id="N1"
    )
    to = book.place("A-01", "RELEASED")
    parts = [part(book, first, 5), part(book, second, 6)]
    made = lot_changes.merge(book.by(ANN), parts, to=to, reason="one box", document=DOCUMENT)
    for old in (first, second):
        assert made.lot_id in {
            each.lot_id for each in trace.forward(book.db, TENANT, [old.lot_id]).lots
        }
    assert [h.reason for h in status.open_holds(book.db, TENANT, made.lot_id)] == ["dent"]
    assert mass_balance.of_lot(book.db, TENANT, made.lot_id).from_lots == 11
    other = release(book, book.lot("C", item_id=book.add_item("VALVE-2")), 3)
    with pytest.raises(LotsDiffer):
        lot_changes.merge(
            book.by(ANN),
            [part(book, made, 1), part(book, other, 1)],
            to=to,
            reason="x",
            document=DOCUMENT,
        )


def test_units_with_serial_numbers_are_not_split(book: Book) -> None:
    made = book.lot("SN", item_id=book.add_item("PUMP-1", tracking="lot_and_serial"))
    with pytest.raises(SerialsStay):
        lot_changes.split(book.by(ANN), part(book, made, 1), reason="x", document=DOCUMENT)


def test_inv_09_an_issue_without_its_edge_is_found(book: Book) -> None:
    from processes.ledger.movements import Movement, post  # noqa: PLC0415

    screw, body = release(book, book.lot("A"), 10), book.lot("B")
    issue = Movement(
        movement_type="ISS",
        lot_id=screw.lot_id,
        quantity=3,
        document=DOCUMENT,
        source=book.place("A-01", "RELEASED"),
        outcome="CONSUMED",
    )
    movement_id = post(book.by(ANN, now=NOW), issue)
    assert [r.movement_id for r in edges.movements_without_edges(book.db, TENANT)] == [movement_id]
    assert mass_balance.of_lot(book.db, TENANT, screw.lot_id).unexplained == 3
    edges.add(
        book.by(ANN),
        Edge(
            kind="consume",
            from_lot_id=screw.lot_id,
            to_lot_id=body.lot_id,
            quantity=3,
            unit_code="ea",
            document=DOCUMENT,
            movement_id=movement_id,
        ),
    )
    assert edges.movements_without_edges(book.db, TENANT) == []
    assert mass_balance.of_lot(book.db, TENANT, screw.lot_id).unexplained == 0


def test_inv_09_what_an_edge_stands_on_is_not_reversed_away(book: Book) -> None:
    old = release(book, book.lot("A"), 10)
    made = lot_changes.split(book.by(ANN), part(book, old, 4), reason="x", document=DOCUMENT)
    for lot in (old, made):
        for row in movements.of_lot(book.db, TENANT, lot.lot_id):
            if row.movement_type == "SPLIT":
                with pytest.raises(movements.BelongsToRecord):
                    movements.reverse(book.by(ANN), row.movement_id, reason="x", document=DOCUMENT)
