"""The usage decision: stock leaves quarantine in the very transaction of the decision (INV-11, 17).

Released is only what passed inspection, with its documents, without an open hold, by somebody who
did not do the inspecting.
"""

from dataclasses import dataclass

from engine.services import ServiceContext
from processes.ledger import (
    balances,
    certificate_values,
    inspection_lots,
    inspection_results,
    lots,
    receipts,
    status,
    status_changes,
)
from processes.ledger.balances import InsufficientStock, Place
from processes.ledger.inspection_lots import InspectionLot
from processes.ledger.lots import Lot
from processes.ledger.movements import Document
from processes.ledger.quantities import amount_of
from processes.ledger.refusals import LedgerRefusal, listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What QA decided; `accepted` of the `quantity` under decision, as stored integers."""

    decision: str
    verdict: str
    accepted: int
    quantity: int
    reason: str | None


class ReleaseRefused(LedgerRefusal):
    """INV-11: something still speaks against the release."""


class NothingToDecide(LedgerRefusal):
    """The quantities of a decision add up to what is in quarantine."""

    def __init__(self, wanted: object, found: object) -> None:
        super().__init__(
            f"{wanted} cannot be accepted: {found} are in quarantine. Correct the quantity.",
            f"接收数量 {wanted} 超出待检数量 {found}，请更正。",
            expected=str(found),
            found=str(wanted),
        )


def in_quarantine(context: ServiceContext, inspection: InspectionLot) -> tuple[Lot, Place, int]:
    """Give lot, place and quantity that an inspection lot decides on: what is left of its receipt.

    Samples that were used up are no longer there; of a lot received twice, only this receipt's
    quantity is decided.
    """
    line = receipts.find_line(context.db, context.tenant_id, inspection.receipt_line_id)
    place = Place(line.location_id, "QUARANTINE")
    there = balances.at(context.db, context.tenant_id, line.lot.lot_id, place)
    return line.lot, place, min(there, inspection.quantity)


def require_releasable(context: ServiceContext, inspection: InspectionLot, lot: Lot) -> None:
    """Refuse a release that INV-11 does not allow, naming what is missing."""
    db, tenant_id = context.db, context.tenant_id
    others = inspection_lots.open_of_lot(db, tenant_id, lot.lot_id)
    others.pop(inspection.inspection_lot_id, None)
    if others:
        raise ReleaseRefused(
            f"Lot {lot.number} has another open inspection ({listed(others.values())}). "
            "Decide it first.",
            f"批次 {lot.number} 还有未完成的检验（{listed(others.values())}），请先完成。",
            found=listed(others.values()),
        )
    holds = status.open_holds(db, tenant_id, lot.lot_id)
    if holds:
        raise ReleaseRefused(
            f"Lot {lot.number} is on hold: {holds[0].reason}. Release the hold first.",
            f"批次 {lot.number} 已冻结：{holds[0].reason}，请先解除冻结。",
            found=holds[0].reason,
        )
    documents = inspection_results.documents_of(db, tenant_id, inspection.inspection_lot_id)
    bad = sorted(code for code, found in documents.items() if found in ("missing", "wrong"))
    if bad or not documents:
        raise ReleaseRefused(
            f"Lot {lot.number} lacks documents: {listed(bad) or 'none were checked'}.",
            f"批次 {lot.number} 的文件不齐全：{listed(bad) or '尚未检查'}。",
            found=listed(bad),
        )
    values = certificate_values.of_inspection(db, tenant_id, inspection.inspection_lot_id)
    out = [each.characteristic_number for each in values if not each.conforming]
    if out:
        raise ReleaseRefused(
            f"The supplier's certificate of lot {lot.number} shows values out of our limits "
            f"(characteristics {listed(out)}). Reject or hold the lot.",
            f"批次 {lot.number} 的供应商报告单有超出限值的数据（检验项目 {listed(out)}），"
            "请拒收或冻结。",
            found=listed(out),
        )
    results = inspection_results.results_of(db, tenant_id, inspection.inspection_lot_id)
    if context.actor.username in {each.actor for each in results}:
        raise ReleaseRefused(
            "You inspected this lot yourself; another person has to release it.",
            "您参与了该批的检验，须由其他人放行。",
            expected="another person",
            found=context.actor.username,
        )


def release(context: ServiceContext, inspection: InspectionLot, decision: Decision) -> None:
    """Release what was accepted, reject the rest, close the inspection lot."""
    lot, place, there = in_quarantine(context, inspection)
    if not 0 < decision.accepted <= there:
        accepted, found = (amount_of(each, lot.unit) for each in (decision.accepted, there))
        raise NothingToDecide(accepted, found)
    require_releasable(context, inspection, lot)
    document = Document("inspection", inspection.number)
    reason = decision.reason or f"{inspection.number}: {decision.verdict}"
    status_changes.change(
        context, lot, place, "RELEASED", decision.accepted, reason=reason, document=document
    )
    if there > decision.accepted:
        status_changes.change(
            context,
            lot,
            place,
            "REJECTED",
            there - decision.accepted,
            reason=reason,
            document=document,
        )
    inspection_lots.decide(
        context,
        inspection,
        decision=decision.decision,
        verdict=decision.verdict,
        reason=decision.reason,
    )


def refuse(context: ServiceContext, inspection: InspectionLot, decision: Decision) -> None:
    """Reject the lot, or hold it in quarantine to be sorted; close the inspection lot."""
    lot, place, there = in_quarantine(context, inspection)
    if there <= 0:
        raise InsufficientStock(lot.number, place.status, inspection.quantity, there, lot.unit)
    reason = decision.reason or f"{inspection.number}: {decision.verdict}"
    if "REJ" not in context.signatures:
        raise status.SignatureMissing(["REJ"])
    if decision.decision == "REJECT":
        status_changes.change(
            context,
            lot,
            place,
            "REJECTED",
            there,
            reason=reason,
            document=Document("inspection", inspection.number),
        )
    else:
        status.place_hold(
            context,
            lot,
            reason=reason,
            owner_role="QA",
            document_kind="inspection",
            document_id=inspection.number,
        )
    inspection_lots.decide(
        context,
        inspection,
        decision=decision.decision,
        verdict=decision.verdict,
        reason=decision.reason,
    )


def lot_of(context: ServiceContext, inspection: InspectionLot) -> Lot:
    """Give the lot that an inspection lot is about."""
    return lots.find(context.db, context.tenant_id, inspection.lot_id)
