"""What a nonconformity made of ordered goods: which of them are accepted after all, which are not.

Inspection that holds a lot decides nothing about its order; the dispositions do. What was scrapped,
returned, kept back as a sample or re-graded was not accepted as what had been ordered; everything
else that was affected was.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select

from engine.services import ServiceContext
from processes.ledger import balances, inspection_lots, lots
from processes.ledger.genealogy import trace
from processes.ledger.lots import Lot
from processes.ledger.nonconformity import dispositions, scope
from processes.ledger.nonconformity.execution import KEPT
from processes.ledger.nonconformity.nonconformities import Nonconformity
from processes.ledger.purchasing import order_receipts
from processes.ledger.purchasing.order_receipts import OrderReceipt
from processes.ledger.tables import inspection_lot

_NOT_ACCEPTED = ("SCRAP", "RETURN", "RETAIN", "REGRADE")
_DERIVED = ("rework", "regrade")
_INSPECTED_BY = (
    select(inspection_lot.c.receipt_line_id)
    .where(inspection_lot.c.tenant_id == bindparam("tenant_id"))
    .where(inspection_lot.c.inspection_number == bindparam("inspection_number"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What is decided now of a receipt that was ordered; both as stored integers of the lot's unit.

    `rejected` is below zero where goods that inspection had rejected are used after all.
    """

    came: OrderReceipt
    lot: Lot
    accepted: int
    rejected: int


@dataclass(slots=True)
class _Outcome:
    affected: int
    not_accepted: int = 0


def decided_by(context: ServiceContext, found: Nonconformity) -> list[Decided]:
    """List what the dispositions of a nonconformity decide of orders; call it when it closes."""
    return [
        each
        for lot_id, outcome in _outcomes(context, found).items()
        for each in _of_lot(
            context, found, lots.find(context.db, context.tenant_id, lot_id), outcome
        )
    ]


def _of_lot(
    context: ServiceContext, found: Nonconformity, lot: Lot, outcome: _Outcome
) -> Iterator[Decided]:
    db, tenant_id = context.db, context.tenant_id
    rejected = min(outcome.not_accepted, outcome.affected)
    accepted = outcome.affected - rejected
    waits = _something_waits(context, lot)
    for came in order_receipts.of_lot(db, tenant_id, lot.lot_id):
        if came.undecided:
            bad = min(rejected, came.undecided)
            good = min(accepted, came.undecided - bad)
            rejected, accepted = rejected - bad, accepted - good
            left = came.undecided - bad - good
            if not waits:  # samples that were used up go with the goods
                good, bad = (good + left, bad) if good else (good, bad + left)
        elif _rejected_by_its_inspection(context, found, came):
            good = min(max(came.rejected - rejected, 0), accepted)
            bad, accepted = -good, accepted - good
        else:
            continue
        if good or bad:
            yield Decided(came=came, lot=lot, accepted=good, rejected=bad)


def _outcomes(context: ServiceContext, found: Nonconformity) -> dict[UUID, _Outcome]:
    """Add up the dispositions by the lot that was received, rework and re-grading included."""
    db, tenant_id = context.db, context.tenant_id
    affected = [each for each in scope.of_cycle(db, tenant_id, found) if each.finding == "affected"]
    outcomes = {
        each.lot_id: _Outcome(each.quantity) for each in affected if each.via not in _DERIVED
    }
    origins = {lot_id: lot_id for lot_id in outcomes}
    for each in affected:
        if each.via in _DERIVED:
            before = trace.backward(db, tenant_id, [each.lot_id]).lots
            origin = next((one.lot_id for one in before if one.lot_id in outcomes), None)
            if origin is not None:
                origins[each.lot_id] = origin
    for split in dispositions.of_cycle(db, tenant_id, found):
        if split.disposition in _NOT_ACCEPTED and split.lot_id in origins:
            outcomes[origins[split.lot_id]].not_accepted += split.done_quantity
        elif split.evidence and split.lot_id in origins:  # what a supplier kept of what it reworked
            outcomes[origins[split.lot_id]].not_accepted += int(split.evidence.get(KEPT, 0))
    return outcomes


def _something_waits(context: ServiceContext, lot: Lot) -> bool:
    """Tell whether some of a lot still waits to be decided, by an inspection or in quarantine."""
    db, tenant_id = context.db, context.tenant_id
    there = balances.of_lot(db, tenant_id, lot.lot_id)
    in_quarantine = any(each.status == "QUARANTINE" and each.quantity for each in there)
    return in_quarantine or bool(inspection_lots.open_of_lot(db, tenant_id, lot.lot_id))


def _rejected_by_its_inspection(
    context: ServiceContext, found: Nonconformity, came: OrderReceipt
) -> bool:
    """Tell whether a nonconformity is about what the inspection of this receipt rejected."""
    if found.source_kind != "incoming_inspection" or not came.rejected:
        return False
    key = {"tenant_id": context.tenant_id, "inspection_number": found.source_number}
    return context.db.execute(_INSPECTED_BY, key).scalar_one_or_none() == came.receipt_line_id
