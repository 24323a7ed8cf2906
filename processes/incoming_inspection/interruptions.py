"""What comes between: a hold, a blocked supplier, a new plan, an urgent need, and the time itself.

A signal reaches every inspection that is open; each asks here whether it is meant. While an
inspection is frozen, nothing is recorded and nothing released: the steps refuse with the reason.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from engine.canonical import instant_text
from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import (
    balances,
    conditional_release,
    inspection_lots,
    items,
    lots,
    movements,
    plans,
    receipt_reversal,
    receipts,
    site_days,
    status,
    status_changes,
    suppliers,
    words,
)
from processes.ledger.balances import Place
from processes.ledger.clocks import calendars
from processes.ledger.inspection_lots import InspectionLot
from processes.ledger.locations import by_code
from processes.ledger.movements import Document, Movement
from processes.ledger.purchasing import order_receipts
from processes.ledger.quantities import case_number, scaled
from processes.ledger.receipts import ReceiptLine
from processes.ledger.refusals import LedgerRefusal, listed
from processes.ledger.status import NotReleased
from processes.values import amount, context_of, identifier, rows, text

SERVICES = ServiceRegistry()

UNTOUCHED: dict[str, Any] = {"active": False, "kind": None, "reason": None, "source": None}


class InspectionFrozen(LedgerRefusal):
    """Nothing is recorded while the lot is on hold or its supplier blocked."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"This inspection is frozen: {reason}. Wait until the lot is released from its hold.",
            f"本次检验已暂停：{reason}。请等待批次解除冻结。",
            found=reason,
        )


class ResultsAreThere(LedgerRefusal):
    """What is released before the results is not released after them."""

    def __init__(self) -> None:
        super().__init__(
            "The results are there by now. Decide the lot instead.",
            "检验结果已出具，请直接作出使用决策。",
        )


def require_not_frozen(inputs: Mapping[str, Any]) -> None:
    """Refuse a step of a frozen inspection; the diagram hands `freeze` to each that records."""
    freeze = context_of(inputs.get("freeze"))
    if freeze.get("active") is True:
        raise InspectionFrozen(str(freeze.get("reason")))


class NothingToInspect(LedgerRefusal):
    """Inspected again is what waits in quarantine, and is not under inspection now."""

    def __init__(self, lot_number: str, because: words.Said, found: str) -> None:
        super().__init__(
            f"Lot {lot_number} is not to be inspected again: {because.en}.",
            f"批次 {lot_number} 不能重新检验：{because.zh}。",
            expected="QUARANTINE",
            found=found,
        )


@SERVICES.service("inspection.again")
def again(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take a receipt up again whose inspection ended without a release; give what it brought.

    The inspection that follows is another one of the same receipt line: a resubmission, which is
    inspected tightened and does not count for the switching rules.
    """
    entered = context_of(inputs["again"])
    lot = lots.by_number(context.db, context.tenant_id, str(entered["lot_number"]))
    line = receipt_reversal.line_of(context, lot, text(entered.get("receipt_number")))
    under = inspection_lots.open_of_lot(context.db, context.tenant_id, lot.lot_id)
    if under:
        numbers = listed(under.values())
        because = words.Said(f"{numbers} is not ended", f"{numbers} 尚未结束")
        raise NothingToInspect(lot.number, because, numbers)
    place = Place(line.location_id, "QUARANTINE")
    there = balances.at(context.db, context.tenant_id, lot.lot_id, place)
    if there <= 0:
        stock = words.said("status", "QUARANTINE")
        because = words.Said(f"none of it is {stock.en}", f"没有{stock.zh}库存")
        raise NothingToInspect(lot.number, because, f"0 {lot.unit.code} QUARANTINE")
    ordered = order_receipts.find(context.db, context.tenant_id, line.receipt_line_id)
    event = {"event": "inspection.again", "lot": lot.number, "receipt": line.receipt_number}
    context.record({**event, "reason": str(entered["reason"])})
    return {
        "receipt_line_id": str(line.receipt_line_id),
        "receipt_number": line.receipt_number,
        "lot_number": lot.number,
        "item_number": lot.item_number,
        "quantity": case_number(there, lot.unit),
        "unit": lot.unit.code,
        "packages_whole": True,
        "purchase_order": None if ordered is None else ordered.order,
        "purchase_order_line": None if ordered is None else ordered.line,
    }


@SERVICES.service("inspection.freeze")
def freeze(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say whether a signal (lot.hold, lot.recalled, supplier.blocked) is about this inspection.

    A recalled lot is held by its recall; what was recorded stays, and quality decides at once. A
    blocked supplier puts a hold on the lot: one that comes from him is not released meanwhile.
    """
    inspection = _inspection(context, inputs)
    signal = context_of(inputs["signal"])
    lot = lots.find(context.db, context.tenant_id, inspection.lot_id)
    reason = text(signal.get("reason")) or str(inputs["kind"])
    if inspection.status != "open":
        return UNTOUCHED
    if inputs["kind"] in ("lot.hold", "lot.recalled"):
        if signal.get("lot_number") != lot.number:
            return UNTOUCHED
        source = f"{signal.get('source_kind')} {signal.get('source_number')}"
        return {"active": True, "kind": inputs["kind"], "reason": reason, "source": source}
    source_supplier = suppliers.find(context.db, context.tenant_id, inspection.supplier_id)
    if not _is_blocked(signal, source_supplier.number, lot.item_number):
        return UNTOUCHED
    status.place_hold(
        context,
        lot,
        reason=reason,
        owner_role="SQE",
        document_kind="supplier",
        document_id=source_supplier.number,
    )
    return {
        "active": True,
        "kind": "supplier.blocked",
        "reason": reason,
        "source": source_supplier.number,
    }


@SERVICES.service("inspection.thaw")
def thaw(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """End the freeze when the released lot is ours and no hold is left on it."""
    inspection = _inspection(context, inputs)
    lot = lots.find(context.db, context.tenant_id, inspection.lot_id)
    kept = {**UNTOUCHED, **context_of(inputs["freeze"])}
    if context_of(inputs["signal"]).get("lot_number") != lot.number:
        return kept
    holds = status.open_holds(context.db, context.tenant_id, lot.lot_id)
    return {**kept, "reason": holds[0].reason} if holds else UNTOUCHED


@SERVICES.service("inspection.lift_freeze")
def lift_freeze(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let the inspection go on because QA decided so, signed in this command.

    Releases the hold that a blocked supplier put on the lot; holds of others stay and forbid it.
    """
    inspection = _inspection(context, inputs)
    lot = lots.find(context.db, context.tenant_id, inspection.lot_id)
    reason = str(inputs["reason"])
    supplier = suppliers.find(context.db, context.tenant_id, inspection.supplier_id)
    for hold in status.open_holds(context.db, context.tenant_id, lot.lot_id):
        if hold.document != f"supplier {supplier.number}":
            raise NotReleased(lot.number, "HOLD", hold.reason)
        status.release_hold(context, lot, hold.hold_id, reason=reason)
    return UNTOUCHED


@SERVICES.service("inspection.compare_plan")
def compare_plan(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say whether what this was planned by is still so.

    Another plan may be in force than the one that it was opened with; or its supplier became
    conditional, so that it would be inspected tightened by now (IQ-01).
    """
    inspection = _inspection(context, inputs)
    if "status" in context_of(inputs["signal"]):
        return _compare_status(context, inspection, context_of(inputs["signal"]))
    opened = inspection_lots.plan_of(context.db, context.tenant_id, inspection)
    item = items.find(context.db, context.tenant_id, opened.item_id)
    line = receipts.find_line(context.db, context.tenant_id, inspection.receipt_line_id)
    today = site_days.today(context, line.site)
    now = plans.in_force(
        context.db,
        context.tenant_id,
        opened.item_id,
        item.number,
        today,
        revision=line.lot.item_revision,
    )
    signal = context_of(inputs["signal"])
    meant = signal.get("item_number") in (None, item.number)
    return {
        "changed": meant
        and inspection.status == "open"
        and now.inspection_plan_id != opened.inspection_plan_id,
        "opened_with": f"{opened.number} v{opened.version}",
        "in_force": f"{now.number} v{now.version}",
    }


def _compare_status(
    context: ServiceContext, inspection: InspectionLot, signal: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Say whether a supplier's new status asks for more than this inspection was planned with."""
    source = suppliers.find(context.db, context.tenant_id, inspection.supplier_id)
    meant = signal.get("supplier") == source.number and signal.get("status") == "conditional"
    stricter = inspection.status == "open" and inspection.mode not in (None, "TIGHTENED")
    return {
        "changed": meant and stricter,
        "opened_with": inspection.mode,
        "in_force": f"TIGHTENED ({source.number}: {signal.get('status')})",
    }


@SERVICES.service("inspection.age")
def age(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the next time at which somebody has to hear of a lot that still waits.

    Working days of the site after the receipt (document `inspection_rules`): 5 for the QC lead, 10
    for QA, 15 for planning, then again and again. `level` counts from 1.
    """
    inspection = _inspection(context, inputs)
    line = receipts.find_line(context.db, context.tenant_id, inspection.receipt_line_id)
    thresholds = ages(context, line)
    for level, at in enumerate(thresholds, start=1):
        if at > context.now:
            return {"level": level, "at": instant_text(at)}
    rules = context.configuration("inspection_rules")["ageing"]
    return {
        "level": len(thresholds),
        "at": instant_text(_later(context, line, context.now, rules["then_every"])),
    }


def ages(context: ServiceContext, line: ReceiptLine) -> list[datetime]:
    """Give when a lot becomes overdue for each of those who hear of it."""
    rules = context.configuration("inspection_rules")["ageing"]
    return [_later(context, line, line.received_at, days) for days in rules["working_days"]]


def _later(context: ServiceContext, line: ReceiptLine, start: datetime, days: int) -> datetime:
    """Add working days of the site; the time of day stays."""
    site = calendars.of_site(context.configuration, line.site)
    local = start.astimezone(site.zone)
    day = calendars.add_working_days(site, local.date(), days)
    return datetime.combine(day, local.time(), site.zone).astimezone(UTC)


@SERVICES.service("lots.release_conditionally")
def release_conditionally(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Release a part for one work order before the results, signed CONC in this command."""
    require_not_frozen(inputs)
    if context_of(inputs.get("evaluation")):
        raise ResultsAreThere
    inspection = _inspection(context, inputs)
    lot = lots.find(context.db, context.tenant_id, inspection.lot_id)
    need = context_of(inputs["need"])
    quantity = scaled(amount(need["quantity"]), lot.unit)
    conditional_release.release(context, inspection, quantity, str(need["work_order"]))
    return {
        "quantity": case_number(quantity, lot.unit),
        "work_order": need["work_order"],
        "label": label(context, "conditional", lot.number),
    }


@SERVICES.service("stock.bring_conditional")
def bring_conditional(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Move what was released for one work order out of quarantine; it stays bound to it."""
    inspection = _inspection(context, inputs)
    line = receipts.find_line(context.db, context.tenant_id, inspection.receipt_line_id)
    target = by_code(context.db, context.tenant_id, str(inputs["location"]))
    source = Place(line.location_id, conditional_release.CONDITIONAL)
    movement = Movement(
        movement_type="PUT",
        lot_id=line.lot.lot_id,
        quantity=scaled(amount(context_of(inputs["urgent"])["quantity"]), line.lot.unit),
        document=Document("inspection", inspection.number),
        source=source,
        target=Place(target.location_id, conditional_release.CONDITIONAL),
    )
    if line.lot.has_serials:
        units = status_changes.serials_at(context, line.lot, source)
        movements.post_serials(context, movement, units)
    else:
        movements.post(context, movement)
    return {"location": target.code}


def label(context: ServiceContext, kind: str, lot_number: str) -> dict[str, Any]:
    """Give what stands on the label of a status: colour and words are the customer's."""
    found = context.configuration("inspection_rules")["labels"][kind]
    return {"kind": kind, "colour": found["colour"], "names": found["names"], "lot": lot_number}


def _is_blocked(signal: Mapping[str, Any], supplier: str, item_number: str) -> bool:
    named = signal.get("items")
    listed = named if isinstance(named, list) else []
    numbers = [each for each in listed if isinstance(each, str)]
    numbers += [str(row.get("item_number")) for row in rows(listed)]
    return signal.get("supplier") == supplier and (not numbers or item_number in numbers)


def _inspection(context: ServiceContext, inputs: Mapping[str, Any]) -> InspectionLot:
    return inspection_lots.find(context.db, context.tenant_id, identifier(inputs["inspection_id"]))
