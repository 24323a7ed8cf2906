"""CC-04 use_up: while old stock is there, the new revision waits, or is taken with a reason."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.commands.configuration import create_tenant
from engine.configuration.documents import write_document
from processes import registry
from processes.ledger import items, lots, movements, status
from processes.ledger.changes import affected, implementation, old_before_new, orders, progress
from processes.ledger.changes.commands import ReportChangeProgress
from processes.ledger.changes.implementation import Effectivity, Task
from processes.ledger.changes.old_before_new import OldFirst
from processes.ledger.changes.orders import Change
from processes.ledger.distribution import reservations, shipments
from processes.ledger.distribution.reservations import Wanted
from processes.ledger.distribution.shipments import NewLine, NewShipment
from processes.ledger.lot_numbers import Expiry
from processes.ledger.lots import Lot, NewLot
from processes.ledger.movements import Document, Movement
from processes.ledger.production.work_orders import WorkOrder
from tests.processes.conftest import ANN, DORA, NOW, TENANT, TODAY, Book
from tests.processes.making import add_consignee, add_market, release
from tests.processes.test_change_limits import request
from tests.processes.test_production import factory, give, order

__all__ = ["factory"]


def bring(
    book: Book, kind: str = "use_up", code: str = "B", days: int = 0, item: str = "SCREW-1"
) -> Change:
    """Bring a revision of an item into force by a change that uses old stock up."""
    change = request(book)
    wanted = affected.Proposed(kind="item_revision", key=item, field="revision", new=code)
    affected.propose(book.context, change, [wanted])
    planned = Effectivity(
        kind=kind,
        effective_from=TODAY,
        from_number=None,
        stock="use up",
        wip="finish",
        open_orders="as ordered",
        shipped="none",
        interchangeable=True,
        owner_role="ENG",
    )
    task = Task(
        number=1,
        kind="document",
        description="drawing",
        owner_role="ENG",
        due_on=TODAY,
        evidence_wanted="report",
    )
    implementation.plan(book.context, change, planned, [task])
    affected.release(book.context, change, TODAY + timedelta(days=days), ["dora (QA)"])
    orders.set_status(book.context, change, "effective", on=TODAY)
    return change


def screws(book: Book, code: str, *, where: str = "A-01", of: str = "SCREW-1", **more: Any) -> Lot:
    """Forty released screws of a revision."""
    item = items.by_number(book.db, TENANT, of)
    new = NewLot(
        item_id=item.item_id,
        item_revision=code,
        supplier_id=book.supplier.supplier_id,
        supplier_lot_raw=f"S-{code}-{book.context.new_id().hex[:6]}",
        **more,
    )
    return release(book, lots.receive(book.by(ANN), new, join_same_lot=False), 40, where)


def with_rule(book: Book, rule: str) -> Book:
    """The book of a customer whose rule is another one."""
    before = book.context.configuration
    rules = {**before("change_rules"), "use_up": {"new_before_old": rule}}

    def configuration(key: str) -> Any:
        return rules if key == "change_rules" else before(key)

    book.context = replace(book.context, configuration=configuration)
    return book


@pytest.fixture
def made(factory: Book) -> WorkOrder:
    return order(factory)


def test_the_new_revision_is_asked_about_while_old_stock_is_there(
    factory: Book, made: WorkOrder
) -> None:
    old = screws(factory, "A")
    change = bring(factory)
    new = screws(factory, "B")
    with pytest.raises(OldFirst) as refused:
        give(factory, made, new, 1)
    assert refused.value.expected == old.number
    assert change.number in refused.value.message["zh"]
    give(factory, made, new, 1, reason="A is short by one")
    give(factory, made, old, 1)


def test_a_customer_may_refuse_it_or_leave_it_free(factory: Book, made: WorkOrder) -> None:
    screws(factory, "A")
    bring(factory)
    new = screws(factory, "B")
    with pytest.raises(OldFirst):
        give(with_rule(factory, "refuse"), made, new, 1, reason="A is short by one")
    give(with_rule(factory, "free"), made, new, 1)


def test_without_usable_old_stock_the_new_one_is_taken(factory: Book, made: WorkOrder) -> None:
    old = screws(factory, "A")
    over = Expiry(on=TODAY - timedelta(days=1), precision="day", raw="x")
    screws(factory, "A", expiry=over)
    bring(factory)
    new = screws(factory, "B")
    with pytest.raises(OldFirst):
        give(factory, made, new, 1)
    status.place_hold(
        factory.by(DORA),
        old,
        reason="doubt",
        owner_role="QA",
        document_kind="test",
        document_id="1",
    )
    give(factory, made, new, 1)  # what is held or has expired is waited for by nobody


def test_a_change_that_leaves_old_stock_in_use_asks_nothing(factory: Book, made: WorkOrder) -> None:
    screws(factory, "A")
    bring(factory, "date")
    give(factory, made, screws(factory, "B"), 1)


def test_what_a_later_change_brought_waits_for_both(factory: Book, made: WorkOrder) -> None:
    bring(factory, days=-1)
    middle = screws(factory, "B")
    bring(factory, code="C")
    newest = screws(factory, "C")
    with pytest.raises(OldFirst) as refused:
        give(factory, made, newest, 1)
    assert refused.value.expected == middle.number
    give(factory, made, middle, 1)
    old = screws(factory, "A")
    with pytest.raises(OldFirst) as refused:
        give(factory, made, middle, 1)
    assert refused.value.expected == old.number


def test_stock_to_be_used_up_is_reserved_first(factory: Book, made: WorkOrder) -> None:
    change = bring(factory)
    soon = Expiry(on=TODAY + timedelta(days=60), precision="day", raw="x")
    new = screws(factory, "B", expiry=soon)
    old = screws(factory, "A")
    assert set(old_before_new.old_lots(factory.db, TENANT, "SCREW-1")) == {old.lot_id}
    kept = reservations.reserve(factory.by(ANN), wanted(45), made.document)
    assert [(each.lot_number, each.quantity) for each in kept] == [
        (old.number, 40),
        (new.number, 5),
    ]
    said = [e["override_reason"] for e in factory.events if e["event"] == "stock.reserved"]
    assert all(change.number in each for each in said)
    with pytest.raises(OldFirst):
        reservations.reserve(factory.by(ANN), wanted(1, new.number), made.document)
    why = "A is reserved"
    [chosen] = reservations.reserve(factory.by(ANN), wanted(1, new.number, why), made.document)
    assert chosen.lot_number == new.number


DEVICE = "DEVICE-1"


def leave(book: Book, *parts: tuple[Lot, int], why: str | None = None) -> shipments.Shipment:
    """Ship devices to a hospital."""
    lines = tuple(NewLine(lot_number=lot.number, location="D-01", quantity=n) for lot, n in parts)
    new = NewShipment(
        consignee="C-1", order_number="SO-1", site="SZ01", lines=lines, new_first_because=why
    )
    return shipments.post(book.by(ANN), new)


def test_old_stock_leaves_first_too(factory: Book) -> None:
    add_market(factory)
    add_consignee(factory)
    old = screws(factory, "A", where="D-01", of=DEVICE)
    change = bring(factory, item=DEVICE)
    new = screws(factory, "B", where="D-01", of=DEVICE)
    with pytest.raises(OldFirst) as refused:
        leave(factory, (new, 1))
    assert (refused.value.expected, refused.value.found) == (old.number, new.number)
    assert change.number in refused.value.message["zh"]
    with pytest.raises(OldFirst):  # five of the old stay behind
        leave(factory, (old, 35), (new, 1))
    leave(factory, (new, 1), why="the customer ordered revision B")
    said = [e for e in factory.events if e["event"] == "shipment.posted"]
    assert said[-1]["new_first_because"] == "the customer ordered revision B"
    leave(factory, (old, 40), (new, 1))  # all of the old goes with it


def test_what_was_kept_with_a_reason_leaves_without_another(factory: Book) -> None:
    add_market(factory)
    add_consignee(factory)
    screws(factory, "A", of=DEVICE)
    bring(factory, item=DEVICE)
    new = screws(factory, "B", of=DEVICE)
    order_ = Document(reservations.SALES_ORDER, "SO-1")
    why = "the customer ordered revision B"
    reservations.reserve(
        factory.by(ANN), replace(wanted(1, new.number, why), item_number=DEVICE), order_
    )
    source, target = factory.place("A-01", "RELEASED"), factory.place("D-01", "RELEASED")
    moved = Movement(
        movement_type="PCK",
        lot_id=new.lot_id,
        quantity=1,
        source=source,
        target=target,
        document=order_,
    )
    movements.post(factory.by(ANN), moved)
    leave(factory, (new, 1))


def watched(book: Book, days: int) -> list[str]:
    """Give the changes that the look reports so many days from now."""
    look = progress.periodic(ReportChangeProgress)
    asked = look.due(book.db, NOW + timedelta(days=days))
    return [command.number for _, command in asked if isinstance(command, ReportChangeProgress)]


def test_a_closed_change_is_watched_until_its_old_stock_has_been_gone_for_long(
    factory: Book,
) -> None:
    create_tenant(factory.db, TENANT, "Small company", "UTC", NOW)
    rules = registry.documents()["change_rules"]
    written = {"key": "change_rules", "document": rules, "reason": "first", "by": None}
    write_document(factory.db, tenant_id=TENANT, at=NOW, **written)
    change = bring(factory)
    orders.close(factory.context, change, "closed", "done")
    assert watched(factory, 1000) == [change.number]  # nobody was told that it is gone
    orders.decide(factory.context, change, progress.OLD_STOCK, "gone", role="PLN")
    assert watched(factory, 1) == []
    screws(factory, "A")
    assert watched(factory, 364) == [change.number]
    assert watched(factory, 366) == []
    orders.decide(factory.context, change, progress.OLD_STOCK, "back", role="PLN")
    assert watched(factory, 366) == []  # it lies there, and that was said


def wanted(quantity: int, lot: str | None = None, why: str | None = None) -> Wanted:
    return Wanted(
        item_number="SCREW-1",
        site="SZ01",
        quantity=quantity,
        usable_until=TODAY,
        lot_number=lot,
        override_reason=why,
    )
