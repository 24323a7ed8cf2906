"""What else a nonconformity may have reached: what the scope decision starts from (NCR-14).

Forward along the genealogy (what was made of the lots), backward (what they were made of), beside
them (other lots of the same supplier's lot, and what was treated alike, `beside.py`), and what has
been shipped already. What lies beside is followed forward too: a steriliser's load went somewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from processes.ledger import lots
from processes.ledger.genealogy import scope as genealogy_scope
from processes.ledger.genealogy import trace
from processes.ledger.lots import Lot
from processes.ledger.nonconformity import beside, scope
from processes.ledger.nonconformity.nonconformities import Nonconformity


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A lot that may be affected; `via` says how it was found, quantities as stored integers."""

    lot: Lot
    via: str
    on_hand: int
    shipped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedTo:
    """What of the scope has left, to whom; `quantity` as a stored integer of the lot's unit."""

    lot: Lot
    consignee: str
    shipment: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The candidates, the reported lots first, and what was shipped of them."""

    candidates: tuple[Candidate, ...]
    shipped: tuple[ShippedTo, ...]


def of_nonconformity(
    db: Connection, tenant_id: str, found: Nonconformity, rules: Mapping[str, Any]
) -> Reach:
    """Gather what the lots in the scope touch; `rules` are the windows of `beside.of_lots`."""
    reported = [each.lot_id for each in scope.of_cycle(db, tenant_id, found)]
    if not reported:
        return Reach(candidates=(), shipped=())
    ways: dict[UUID, str] = dict.fromkeys(reported, "reported")
    for lot_id in reported:
        for other in _same_supplier_lot(db, tenant_id, lot_id):
            ways.setdefault(other, "supplier_lot")
    items_of = [(lot_id, lots.find(db, tenant_id, lot_id).item_id) for lot_id in reported]
    for lot_id, why in beside.of_lots(db, tenant_id, items_of, rules).items():
        ways.setdefault(lot_id, why)
    downstream = genealogy_scope.recall_scope(db, tenant_id, list(ways))
    for reached in downstream.lots:
        ways.setdefault(reached.lot_id, "forward")
    for reached in trace.backward(db, tenant_id, reported).lots:
        ways.setdefault(reached.lot_id, "backward")
    named = {lot_id: lots.find(db, tenant_id, lot_id) for lot_id in ways}
    gone: dict[UUID, int] = {}
    for line in downstream.shipped:
        gone[line.lot_id] = gone.get(line.lot_id, 0) + line.quantity
    return Reach(
        candidates=tuple(
            Candidate(
                lot=named[lot_id],
                via=via,
                on_hand=scope.on_hand(db, tenant_id, lot_id),
                shipped=gone.get(lot_id, 0),
            )
            for lot_id, via in ways.items()
        ),
        shipped=tuple(
            ShippedTo(
                lot=named[line.lot_id],
                consignee=line.consignee_number,
                shipment=line.shipment_number,
                quantity=line.quantity,
            )
            for line in downstream.shipped
        ),
    )


def _same_supplier_lot(db: Connection, tenant_id: str, lot_id: UUID) -> list[UUID]:
    known = lots.find(db, tenant_id, lot_id)
    if known.supplier_id is None or known.supplier_lot is None:
        return []
    found = lots.of_supplier(
        db,
        tenant_id,
        item_id=known.item_id,
        supplier_id=known.supplier_id,
        supplier_lot=known.supplier_lot,
    )
    return [each.lot_id for each in found if each.lot_id != lot_id]
