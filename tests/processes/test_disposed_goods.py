"""What a nonconformity decides of an order: goods that inspection held, or rejected too soon."""

from typing import Any

import pytest

from processes.ledger import plans, status
from processes.ledger.inspection_lots import decide as end_inspection
from processes.ledger.inspection_lots import open_for
from processes.ledger.lots import Lot
from processes.ledger.nonconformity import execution, scope
from processes.ledger.nonconformity.execution import Concession
from processes.ledger.nonconformity.nonconformities import Nonconformity
from processes.ledger.nonconformity.scope import Finding
from processes.ledger.purchasing import disposed_goods, order_receipts, orders
from processes.ledger.purchasing.orders import Order
from processes.ledger.receipts import ReceiptLine
from tests.processes import test_nonconformity as nc
from tests.processes.conftest import ANN, BEN, CLEO, DORA, TENANT, Book
from tests.processes.test_inspection_rules import PLAN
from tests.processes.test_purchasing import accepts, arrives, sent

CONCESSION = Concession(
    requirement="D-1",
    justification="cosmetic",
    risk_benefit="none",
    regulatory_by="jin",
)


def ordered(book: Book, quantity: int = 10) -> tuple[Order, ReceiptLine]:
    order = sent(book)
    return order, arrives(book, order, quantity)


def line(book: Book, order: Order) -> tuple[int, int, int]:
    """Give what is accepted, rejected and undecided of the order's one line."""
    (found,) = orders.lines_of(book.db, TENANT, order)
    return found.accepted, found.rejected, found.undecided


def close(book: Book, found: Nonconformity) -> list[tuple[int, int]]:
    """Close it and let the order hear of it, as the message does."""
    nc.close(book, found)
    context = book.by(DORA, "CLOS")
    told = disposed_goods.decided_by(context, found)
    for each in told:
        order_receipts.decide(
            context,
            each.came.receipt_line_id,
            decision="DISPOSED",
            accepted=each.accepted,
            rejected=each.rejected,
        )
    return [(each.accepted, each.rejected) for each in told]


def carry_out(book: Book, found: Nonconformity, lot: Lot, **splits: int) -> None:
    """Approve and carry out a quantity for each disposition."""
    jobs = nc.approved(book, found, [(lot, many, what) for what, many in splits.items()])
    for job in jobs:
        match job.split.disposition:
            case "RETURN":
                execution.return_to_supplier(book.by(ANN, "PERF"), job)
            case "SCRAP":
                execution.scrap(book.by(DORA, "WITN"), job)
            case "USE_AS_IS":
                execution.use_as_is(book.by(DORA, "CONC"), job, CONCESSION, book.places["A-01"])
            case other:
                raise AssertionError(other)


@pytest.mark.parametrize(
    ("splits", "accepted", "rejected"),
    [
        ({"USE_AS_IS": 10}, 10, 0),
        ({"RETURN": 10}, 0, 10),
        ({"SCRAP": 10}, 0, 10),
        ({"USE_AS_IS": 6, "RETURN": 4}, 6, 4),
    ],
    ids=lambda each: "+".join(each) if isinstance(each, dict) else str(each),
)
def test_what_was_held_is_decided_when_the_nonconformity_closes(
    book: Book, splits: dict[str, int], accepted: int, rejected: int
) -> None:
    order, came = ordered(book)
    order_receipts.decide(
        book.by(DORA), came.receipt_line_id, decision="HOLD", accepted=0, rejected=0
    )
    assert line(book, order) == (0, 0, 10)
    with pytest.raises(orders.LineUndecided):
        orders.end_line(book.by(DORA), order, 1, "enough")
    found = nc.found_in(book, came.lot)
    carry_out(book, found, came.lot, **splits)
    assert close(book, found) == [(accepted, rejected)]
    assert line(book, order) == (accepted, rejected, 0)
    orders.end_line(book.by(DORA), order, 1, "enough")


def test_reworked_goods_are_accepted_as_far_as_they_became_good(book: Book) -> None:
    order, came = ordered(book)
    wip = nc.add_place(book, "W-01", "wip")
    found = nc.found_in(book, came.lot)
    (job,) = nc.approved(book, found, [(came.lot, 10, "REWORK")])
    execution.start_rework(book.by(DORA, "APPR"), job, wip)
    made = execution.finish_rework(
        book.by(nc.NORA, "PERF"), job, at=wip, location_id=book.places["Q-01"]
    )
    execution.decide_reworked(book.by(DORA, "REL"), job, made, 8, None)
    carry_out(book, found, made, SCRAP=2)
    assert close(book, found) == [(8, 2)]
    assert line(book, order) == (8, 2, 0)


def test_a_part_is_decided_and_the_rest_by_the_next_inspection(book: Book) -> None:
    order, came = ordered(book)
    found = nc.found_in(book, came.lot)
    scope.decide(
        book.by(nc.HANA),
        found,
        Finding(lot_id=came.lot.lot_id, finding="affected", via="reported", quantity=3),
    )
    carry_out(book, found, came.lot, RETURN=3)
    assert close(book, found) == [(0, 3)]
    assert line(book, order) == (0, 3, 7)
    accepts(book, came, 7)
    assert line(book, order) == (7, 3, 0)


def inspected(book: Book, came: ReceiptLine) -> str:
    """Open and decide the inspection of a receipt; give its number."""
    plans.register(book.by(CLEO), plans.read_plan(PLAN, book.item_id))
    inspection = open_for(book.by(BEN), came)
    end_inspection(
        book.by(DORA), inspection, decision="REJECT", verdict="REJECT", reason="scratched"
    )
    return inspection.number


def test_what_inspection_rejected_is_accepted_when_it_is_used_after_all(book: Book) -> None:
    order, came = ordered(book)
    number = inspected(book, came)
    accepts(book, came, 0, 10)
    source: dict[str, Any] = {"source_kind": "incoming_inspection", "source_number": number}
    found = nc.found_in(book, came.lot, **source)
    carry_out(book, found, came.lot, USE_AS_IS=4, RETURN=6)
    assert line(book, order) == (0, 10, 0)
    assert close(book, found) == [(4, -4)]
    assert line(book, order) == (4, 6, 0)


def test_what_was_accepted_stays_accepted_whatever_is_found_later(book: Book) -> None:
    order, came = ordered(book)
    accepts(book, came, 7, 3)
    found = nc.found_in(book, came.lot)
    carry_out(book, found, came.lot, SCRAP=10)
    assert close(book, found) == []
    assert line(book, order) == (7, 3, 0)


def test_the_hold_of_the_inspection_ends_with_the_nonconformity_that_it_raised(book: Book) -> None:
    _order, came = ordered(book)
    for kind, number in (("inspection", "IL-1"), ("inspection", "IL-2")):
        status.place_hold(
            book.by(DORA),
            came.lot,
            reason="no certificate",
            owner_role="QA",
            document_kind=kind,
            document_id=number,
        )
    found = nc.found_in(book, came.lot, source_kind="incoming_inspection", source_number="IL-1")
    carry_out(book, found, came.lot, USE_AS_IS=10)
    close(book, found)
    left = status.open_holds(book.db, TENANT, came.lot.lot_id)
    assert [each.document for each in left] == ["inspection IL-2"]


def test_a_receipt_that_was_cancelled_is_still_to_come(book: Book) -> None:
    order, came = ordered(book)
    accepts(book, came, 0)  # decided, so that nothing is left to take back
    assert order_receipts.withdraw(book.by(ANN), came.receipt_line_id) is not None
    assert line(book, order) == (0, 10, 0)
    again = arrives(book, order, 20, "A2")
    order_receipts.withdraw(book.by(ANN), again.receipt_line_id)
    (found,) = orders.lines_of(book.db, TENANT, order)
    assert (found.received, found.undecided, found.expected) == (10, 0, 100)
    accepts(book, again, 20)  # too late: there is nothing of it any more
    assert line(book, order) == (0, 10, 0)
