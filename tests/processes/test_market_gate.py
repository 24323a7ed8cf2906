"""A changed device is not shipped to a market whose authority has not approved the change yet."""

from processes.ledger.changes import market_gates, orders
from processes.ledger.changes.affected import Affected, FieldChange
from processes.ledger.changes.market_gates import MarketClosed
from processes.ledger.distribution import shipments
from tests.processes.conftest import ANN, Book
from tests.processes.test_changes import request
from tests.processes.test_shipments import device_lot, order, refused, shop

__all__ = ["shop"]


def revised(code: str) -> Affected:
    """The device with a new revision, as a change names it."""
    return Affected(
        object_number=1,
        kind="item_revision",
        key="DEVICE-1",
        state="proposed",
        version=None,
        fields=(FieldChange(field="revision", old="0", new=code),),
    )


def test_what_a_change_closed_is_refused_at_the_dock(shop: Book) -> None:
    lot = device_lot(shop)
    change = request(shop)
    market_gates.place(shop.context, change, [revised(lot.item_revision)], ["CN"])
    closed = refused(shop, order(lot), MarketClosed)
    assert change.number in closed.message["zh"]
    market_gates.lift(shop.context, orders.by_number(shop.db, "test", change.number), "CN", "R-1")
    assert shipments.post(shop.by(ANN), order(lot)).number.startswith("SHP-")


def test_lots_of_the_revision_before_go_on(shop: Book) -> None:
    lot = device_lot(shop)
    change = request(shop)
    market_gates.place(shop.context, change, [revised("Z")], ["CN"])
    assert shipments.post(shop.by(ANN), order(lot)).number.startswith("SHP-")
