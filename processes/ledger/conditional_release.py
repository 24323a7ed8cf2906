"""Urgent release before the results (紧急放行): for one work order, and never of a critical item.

Allowed only where (a) the goods can be traced and recalled, (b) planning and quality have signed,
(c) the stock is RELEASED_CONDITIONAL and bound to its work order, (d) the item is not of
criticality A. (e) Where the result fails, what the lot went into is held with it.
"""

from engine.services import ServiceContext
from processes.ledger import balances, inspection_lots, items, lots, status, status_changes
from processes.ledger.balances import Place
from processes.ledger.holds import place_many
from processes.ledger.inspection_lots import InspectionLot
from processes.ledger.lots import Lot
from processes.ledger.movements import Document
from processes.ledger.production import work_orders
from processes.ledger.quantities import amount_of
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.usage_decisions import in_quarantine

CONDITIONAL = "RELEASED_CONDITIONAL"


class UrgentReleaseRefused(LedgerRefusal):
    """One of the conditions (a) to (d) is not met."""


def release(
    context: ServiceContext, inspection: InspectionLot, quantity: int, work_order: str
) -> None:
    """Release a part of a lot under inspection for one work order, signed CONC in this command.

    Something of the lot stays in quarantine until the decision, so that there is a lot to decide.
    """
    inspection_lots.require_open(inspection)
    lot, place, there = in_quarantine(context, inspection)
    _require_allowed(context, lot)
    if not 0 < quantity < there:
        raise UrgentReleaseRefused(
            "Release less than what is in quarantine: the rest waits for the result.",
            "紧急放行数量须小于待检数量：其余部分等待检验结果。",
            expected=f"< {amount_of(there, lot.unit)}",
            found=str(amount_of(quantity, lot.unit)),
        )
    order = work_orders.by_number(context.db, context.tenant_id, work_order)
    if order.status != "released":
        raise work_orders.WorkOrderNotOpen(order)
    status_changes.change(
        context,
        lot,
        place,
        CONDITIONAL,
        quantity,
        reason=f"{inspection.number}: {work_order}",
        document=Document("inspection", inspection.number),
    )
    work_orders.bind_conditional(context, work_order, lot.number, concession=inspection.number)


def confirm(context: ServiceContext, inspection: InspectionLot) -> int:
    """Release for every use what is still here of it, signed REL; give how much that was."""
    return _settle(context, inspection, "RELEASED")


def withdraw(context: ServiceContext, inspection: InspectionLot) -> int:
    """Reject what is still here of it, signed REJ; give how much that was."""
    return _settle(context, inspection, "REJECTED")


def hold_what_it_went_into(context: ServiceContext, inspection: InspectionLot, reason: str) -> None:
    """(e) Hold the lot with all that it was, and will be, made into."""
    document = Document("inspection", inspection.number)
    place_many(
        context,
        [inspection.lot_id],
        reason=reason,
        owner_role="QA",
        document=document,
        with_descendants=True,
    )


def _require_allowed(context: ServiceContext, lot: Lot) -> None:
    item = items.find(context.db, context.tenant_id, lot.item_id)
    if item.criticality == "A":
        raise UrgentReleaseRefused(
            f"Item {item.number} is of criticality A: it is never released before its results.",
            f"物料 {item.number} 为 A 类，检验结果出具前不得放行。",
            expected="B, C, N",
            found="A",
        )
    if item.tracking == "none":
        raise UrgentReleaseRefused(
            f"Item {item.number} is kept without lots: it could not be recalled.",
            f"物料 {item.number} 不按批次管理，无法追溯召回，不得紧急放行。",
            expected="lot, serial",
            found=item.tracking,
        )
    holds = status.open_holds(context.db, context.tenant_id, lot.lot_id)
    if holds:
        raise UrgentReleaseRefused(
            f"Lot {lot.number} is on hold: {holds[0].reason}.",
            f"批次 {lot.number} 已冻结：{holds[0].reason}。",
            found=holds[0].reason,
        )


def _settle(context: ServiceContext, inspection: InspectionLot, new_status: str) -> int:
    lot = lots.find(context.db, context.tenant_id, inspection.lot_id)
    settled = 0
    for each in balances.of_lot(context.db, context.tenant_id, lot.lot_id):
        if each.status == CONDITIONAL and each.quantity:
            status_changes.change(
                context,
                lot,
                Place(each.location_id, CONDITIONAL),
                new_status,
                each.quantity,
                reason=f"{inspection.number}: {new_status}",
                document=Document("inspection", inspection.number),
            )
            settled += each.quantity
    return settled
