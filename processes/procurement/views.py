"""What the case of a purchase shows of requisition and order, gathered anew after each step."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from engine.services import ServiceContext
from processes.ledger import items, plans, suppliers, units
from processes.ledger.items import Item
from processes.ledger.purchasing import orders, requisitions, rows
from processes.ledger.purchasing.orders import Line, Order
from processes.ledger.purchasing.requisitions import Requisition
from processes.ledger.quantities import amount_of, case_number
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.units import Unit
from processes.values import amount

_OLD = 400


def item_called(context: ServiceContext, number: str) -> Item | None:
    """Give an item by its number; None for what is not in the book yet."""
    try:
        return items.by_number(context.db, context.tenant_id, number)
    except LedgerRefusal:
        return None


def revision_of(context: ServiceContext, item: Item | None) -> str | None:
    """Give the revision in force today; None without one."""
    if item is None:
        return None
    try:
        return items.effective_revision(context.db, context.tenant_id, item, context.now.date())
    except LedgerRefusal:
        return None


def unit_of(context: ServiceContext, item: Item) -> Unit:
    return items.stock_unit(context.db, context.tenant_id, item)


def requisition_case(context: ServiceContext, found: Requisition) -> dict[str, Any]:
    """Give a requisition as rules, forms and people see it."""
    need = found.need
    item = item_called(context, need.item_number)
    centre = cost_centre(context, need.cost_centre)
    return {
        "id": str(found.requisition_id),
        "number": found.number,
        "cycle": found.cycle,
        "status": found.status,
        "site": need.site,
        "item_number": need.item_number,
        "quantity": need.quantity,
        "need_date": need.need_date.isoformat(),
        "purpose": need.purpose,
        "cost_centre": need.cost_centre,
        "line_manager": centre["line_manager"],
        "cost_centre_owner": centre["owner"],
        "estimated_price": need.estimated_price,
        "currency": need.currency,
        "amount": rows.in_base_currency(context, need.amount, need.currency),
        "emergency": need.emergency,
        "justification": need.justification,
        "requester": found.requester,
        "same_need": requisitions.same_need(context.db, context.tenant_id, found),
        **_item_facts(context, item, need.item_number),
    }


def cost_centre(context: ServiceContext, code: str) -> Mapping[str, Any]:
    """Give a cost centre of the customer's rules; the first one for an unknown code."""
    centres = rows.rules(context)["cost_centres"]
    found: Mapping[str, Any] = next((x for x in centres if x["code"] == code), centres[0])
    return found


def order_case(context: ServiceContext, order: Order, **more: Any) -> dict[str, Any]:
    """Give an order with its lines, what came of them, and the dates that it is watched by."""
    db, tenant_id = context.db, context.tenant_id
    source = suppliers.find(db, tenant_id, order.supplier_id)
    origin = requisitions.find(db, tenant_id, order.requisition_id)
    item = items.by_number(db, tenant_id, origin.need.item_number)
    unit = unit_of(context, item)
    lines = orders.lines_of(db, tenant_id, order)
    total = sum((amount_of(each.ordered, unit) * each.unit_price for each in lines), Decimal(0))
    return {
        "id": str(order.purchase_order_id),
        "number": order.number,
        "version": order.version,
        "status": order.status,
        "emergency": order.emergency,
        "supplier": {"number": source.number, "names": dict(source.names)},
        "item": {
            "number": item.number,
            "names": dict(item.names),
            "criticality": item.criticality,
            "revision": lines[0].item_revision if lines else origin.need.item_revision,
        },
        "currency": order.currency,
        "total": total,
        "lines": [_line_case(each, unit) for each in lines],
        "lines_open": sum(each.status == "open" for each in lines),
        "accepted_any": any(each.accepted for each in lines),
        "watch": _watch(context, lines),
        **more,
    }


def find_order(context: ServiceContext, value: Mapping[str, Any]) -> Order:
    """Give the order that the case names."""
    return orders.find(context.db, context.tenant_id, UUID(str(value["id"])))


def find_requisition(context: ServiceContext, value: Mapping[str, Any]) -> Requisition:
    """Give the requisition that the case names."""
    return requisitions.find(context.db, context.tenant_id, UUID(str(value["id"])))


def units_of_lines(context: ServiceContext, order: Order) -> dict[int, Unit]:
    """Give the unit of each line."""
    return {
        each.line: units.find(context.db, context.tenant_id, each.unit_code)
        for each in orders.lines_of(context.db, context.tenant_id, order)
    }


def percent(part: Decimal, whole: Decimal) -> Decimal:
    """Give how many per cent `part` is of `whole`, exact to the places of a decimal128."""
    return part / whole * 100 if whole else Decimal(0)


def _item_facts(context: ServiceContext, item: Item | None, number: str) -> dict[str, Any]:
    revision = revision_of(context, item)
    if item is None:
        return {
            "item_names": {"en": number, "zh": number},
            "item_status": "unknown",
            "criticality": None,
            "unit": "",
            "revision": None,
            "revision_in_force": False,
            "has_plan": False,
            "first_purchase": True,
            "software": False,
        }
    db, tenant_id = context.db, context.tenant_id
    return {
        "item_names": dict(item.names),
        "item_status": item.status,
        "criticality": item.criticality,
        "unit": item.unit_code,
        "revision": revision,
        "revision_in_force": revision is not None,
        "has_plan": _has_plan(context, item),
        "first_purchase": not requisitions.ordered_before(db, tenant_id, item.item_id),
        "software": item.item_type == "software",
    }


def _has_plan(context: ServiceContext, item: Item) -> bool:
    today = context.now.date()
    try:
        plans.in_force(context.db, context.tenant_id, item.item_id, item.number, today)
    except LedgerRefusal:
        return False
    return True


def _line_case(line: Line, unit: Unit) -> dict[str, Any]:
    ordered, accepted = case_number(line.ordered, unit), case_number(line.accepted, unit)
    came = f"{ordered} {line.unit_code} × {line.unit_price}"
    return {
        "line": line.line,
        "status": line.status,
        "item_revision": line.item_revision,
        "ordered": ordered,
        "unit": line.unit_code,
        "unit_price": line.unit_price,
        "promised_date": line.promised_date.isoformat(),
        "received": case_number(line.received, unit),
        "accepted": accepted,
        "rejected": case_number(line.rejected, unit),
        "undecided": case_number(line.undecided, unit),
        "outstanding": case_number(line.outstanding, unit),
        "summary": {
            "en": f"{came}, due {line.promised_date}, accepted {accepted}, {line.status}",
            "zh": f"{came}，交期 {line.promised_date}，已接收 {accepted}，"
            f"{_STATUS_ZH[line.status]}",
        },
    }


_STATUS_ZH = {"open": "未完成", "closed": "已关闭", "cancelled": "已取消"}


def _watch(context: ServiceContext, lines: list[Line]) -> dict[str, str]:
    """Give when the next open line is to be reminded of, is overdue, and is missed (PRC-46)."""
    rules = rows.rules(context)["watch"]
    due = min(
        (each.promised_date for each in lines if each.status == "open"),
        default=context.now.date() + timedelta(days=_OLD),
    )
    overdue = datetime.combine(due, time.min, UTC) + timedelta(days=1)
    return {
        "remind_at": _instant(overdue - timedelta(days=1 + rules["remind_days_before"])),
        "overdue_at": _instant(overdue),
        "shortage_at": _instant(overdue + timedelta(days=rules["shortage_days_after"])),
    }


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def number(value: object) -> Decimal:
    """Give a number of the case; nothing for what was left empty."""
    return Decimal(0) if value in (None, "") else amount(value)
