"""What the case of a purchase shows of requisition and order, gathered anew after each step."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from engine.services import ServiceContext
from processes.ledger import items, plans, site_days, suppliers, units
from processes.ledger.items import Item
from processes.ledger.purchasing import invoices, joint_orders, orders, requisitions, rows
from processes.ledger.purchasing.orders import Line, Order
from processes.ledger.purchasing.requisitions import NeedLine, Requisition
from processes.ledger.quantities import amount_of, case_number
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.suppliers import Supplier
from processes.ledger.units import Unit
from processes.values import amount

_OLD = 400
_MOST_CRITICAL = "ABCN"
FREE_TEXT_CRITICALITY = "N"
"""What is no item becomes part of no product."""


def item_called(context: ServiceContext, number: str) -> Item | None:
    """Give an item by its number; None for what is not in the book yet."""
    try:
        return items.by_number(context.db, context.tenant_id, number)
    except LedgerRefusal:
        return None


def item_of(context: ServiceContext, line: NeedLine) -> Item | None:
    """Give the item of a line; None for free text and for what is not in the book yet."""
    return None if line.item_number is None else item_called(context, line.item_number)


def revision_of(context: ServiceContext, item: Item | None, site: str) -> str | None:
    """Give the revision in force today at a site; None without one."""
    if item is None:
        return None
    today = site_days.today(context, site)
    try:
        return items.effective_revision(context.db, context.tenant_id, item, today)
    except LedgerRefusal:
        return None


def unit_of(context: ServiceContext, item: Item) -> Unit:
    return items.stock_unit(context.db, context.tenant_id, item)


def requisition_case(context: ServiceContext, found: Requisition) -> dict[str, Any]:
    """Give a requisition as rules, forms and people see it: its head, and each of its lines."""
    need = found.need
    centre = cost_centre(context, need.cost_centre)
    lines = [
        _need_case(context, found, place, line) for place, line in enumerate(need.lines, start=1)
    ]
    return {
        "id": str(found.requisition_id),
        "number": found.number,
        "cycle": found.cycle,
        "status": found.status,
        "site": need.site,
        "need_date": need.need_date.isoformat(),
        "purpose": need.purpose,
        "cost_centre": need.cost_centre,
        "line_manager": centre["line_manager"],
        "cost_centre_owner": centre["owner"],
        "currency": need.currency,
        "estimated_amount": need.amount,
        "amount": rows.in_base_currency(context, need.amount, need.currency),
        "emergency": need.emergency,
        "justification": need.justification,
        "requester": found.requester,
        "lines": lines,
        "called": _called([str(line["called"]) for line in lines]),
        "quantity": lines[0]["quantity"],
        "criticality": most_critical([line["criticality"] for line in lines]),
        "same_need": sorted({number for line in lines for number in line["same_need"]}),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A line of a requisition that an order may meet; `thing` is what the order's form calls it.

    `offer` is what the supplier asks for another requisition than the one the order began with.
    """

    thing: str
    requisition_id: UUID
    number: str
    place: int
    line: NeedLine
    offer: Mapping[str, Any] | None = None


def wanted(
    context: ServiceContext, found: Requisition, source: Supplier, order: Order | None
) -> list[Wanted]:
    """List what an order may order: its own requisition's lines, then those that wait for it."""
    own = [
        Wanted(
            thing=str(place),
            requisition_id=found.requisition_id,
            number=found.number,
            place=place,
            line=line,
        )
        for place, line in enumerate(found.need.lines, start=1)
    ]
    db, tenant_id = context.db, context.tenant_id
    waiting = joint_orders.offered(db, tenant_id, source.supplier_id, found.need.site, order)
    return own + [
        Wanted(
            thing=f"{each.number}/{place}",
            requisition_id=each.requisition_id,
            number=each.number,
            place=place,
            line=line,
            offer=each.offer,
        )
        for each in waiting
        for place, line in enumerate(
            requisitions.find(db, tenant_id, each.requisition_id).need.lines, start=1
        )
    ]


def earliest_need(context: ServiceContext, order: Order) -> date:
    """Give the day by which the first of the requisitions of an order needs its goods."""
    db, tenant_id = context.db, context.tenant_id
    met = {line.requisition_id for line in orders.lines_of(db, tenant_id, order)}
    return min(requisitions.find(db, tenant_id, each).need.need_date for each in met)


def most_critical(found: list[str | None]) -> str | None:
    """Give the criticality that weighs most; None where one is not known yet."""
    known = [each for each in found if each is not None]
    return min(known, key=_MOST_CRITICAL.index) if len(known) == len(found) else None


def _called(names: list[str]) -> str:
    """Give what a list shows: the first thing, and how many more."""
    different = list(dict.fromkeys(names))
    return different[0] if len(different) == 1 else f"{different[0]} +{len(different) - 1}"


def _need_case(
    context: ServiceContext, found: Requisition, place: int, line: NeedLine
) -> dict[str, Any]:
    """Give a line as PR-01 to PR-03 ask about it."""
    item = item_of(context, line)
    facts = _item_facts(context, item, line, found.need.site)
    known = {each.code: each.names for each in units.every(context.db, context.tenant_id)}
    unit = known.get(line.unit_code, dict.fromkeys(("en", "zh"), line.unit_code))
    rated = f"{line.called} · {facts['revision'] or '-'} · {facts['criticality'] or '?'}"
    return {
        "line": place,
        "called": line.called,
        "item_number": line.item_number,
        "category": line.category,
        "description": line.description,
        "quantity": line.quantity,
        "unit": line.unit_code,
        "estimated_price": line.estimated_price,
        "same_need": []
        if line.item_number is None
        else requisitions.same_need(context.db, context.tenant_id, found, line.item_number),
        "summary": {
            "en": f"{rated} · {facts['item_names']['en']} · {line.quantity} {unit['en']}",
            "zh": f"{rated} · {facts['item_names']['zh']} · {line.quantity} {unit['zh']}",
        },
        **facts,
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
    lines = orders.lines_of(db, tenant_id, order)
    measured = units_of_lines(context, order)
    asked = {
        each: requisitions.find(db, tenant_id, each)
        for each in dict.fromkeys([order.requisition_id, *(x.requisition_id for x in lines)])
    }
    shown = [
        {
            **_line_case(context, each, measured[each.line]),
            "requisition": asked[each.requisition_id].number,
        }
        for each in lines
    ]
    to_invoice = invoices.to_invoice(db, tenant_id, order, measured)
    return {
        "id": str(order.purchase_order_id),
        "number": order.number,
        "version": order.version,
        "status": order.status,
        "emergency": order.emergency,
        "supplier": {"number": source.number, "names": dict(source.names)},
        "requisitions": [f"{each.number} · {each.requester}" for each in asked.values()],
        "told": [],
        "currency": order.currency,
        "total": sum((each["amount"] for each in shown), Decimal(0)),
        "lines": shown,
        "lines_open": sum(each.status == "open" for each in lines),
        "to_perform": [
            each for each in shown if each["status"] == "open" and not each["through_dock"]
        ],
        "accepted_any": any(each.payable for each in lines),
        "to_invoice": sum(to_invoice.values(), Decimal(0)),
        "receipts_to_invoice": invoices.receipts_to_invoice(db, tenant_id, order),
        "watch": _watch(context, order.site, lines),
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


def _item_facts(
    context: ServiceContext, item: Item | None, line: NeedLine, site: str
) -> dict[str, Any]:
    revision = revision_of(context, item, site)
    if item is None:
        free = line.category is not None
        return {
            "item_names": {"en": line.called, "zh": line.called},
            "item_status": "free_text" if free else "unknown",
            "criticality": FREE_TEXT_CRITICALITY if free else None,
            "revision": None,
            "revision_in_force": False,
            "has_plan": False,
            "first_purchase": not free,
            "software": line.category == "software",
        }
    db, tenant_id = context.db, context.tenant_id
    return {
        "item_names": dict(item.names),
        "item_status": item.status,
        "criticality": item.criticality,
        "revision": revision,
        "revision_in_force": revision is not None,
        "has_plan": not through_dock(item) or _has_plan(context, item, site),
        "first_purchase": not requisitions.ordered_before(db, tenant_id, item.item_id),
        "software": item.item_type == "software",
    }


def _has_plan(context: ServiceContext, item: Item, site: str) -> bool:
    today = site_days.today(context, site)
    try:
        plans.in_force(context.db, context.tenant_id, item.item_id, item.number, today)
    except LedgerRefusal:
        return False
    return True


def through_dock(item: Item | None) -> bool:
    """Tell whether what is bought comes through the dock, into a lot, and is inspected."""
    return item is not None and item.item_type != "service"


def _line_case(context: ServiceContext, line: Line, unit: Unit) -> dict[str, Any]:
    item = None
    if line.item_id is not None:
        item = items.find(context.db, context.tenant_id, line.item_id)
    called = (line.description or "") if item is None else item.number
    ordered, accepted = case_number(line.ordered, unit), case_number(line.accepted, unit)
    en, zh = (
        f"{line.line} · {called} · {ordered} {unit.names[each]} × {line.unit_price}"
        for each in ("en", "zh")
    )
    used_en = used_zh = ""
    if line.consigned:
        used = case_number(line.used, unit)
        used_en, used_zh = f", on consignment, used {used}", f"，寄售，已使用 {used}"
    return {
        "line": line.line,
        "called": called,
        "item_number": None if item is None else item.number,
        "item_names": {"en": called, "zh": called} if item is None else dict(item.names),
        "criticality": FREE_TEXT_CRITICALITY if item is None else item.criticality,
        "through_dock": through_dock(item),
        "amount": amount_of(line.ordered, unit) * line.unit_price,
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
        "consigned": line.consigned,
        "used": case_number(line.used, unit),
        "theirs": case_number(line.theirs, unit),
        "outstanding": case_number(line.outstanding, unit),
        "summary": {
            "en": f"{en}, due {line.promised_date}, accepted {accepted}{used_en}, {line.status}",
            "zh": f"{zh}，交期 {line.promised_date}，已接收 {accepted}{used_zh}，"
            f"{_STATUS_ZH[line.status]}",
        },
    }


_STATUS_ZH = {"open": "未完成", "closed": "已关闭", "cancelled": "已取消"}


def _watch(context: ServiceContext, site: str, lines: list[Line]) -> dict[str, str]:
    """Give when the next open line is to be reminded of, is overdue, and is missed (PRC-46).

    A day begins and ends where the goods come in.
    """
    rules = rows.rules(context)["watch"]
    due = min(
        (
            each.promised_date
            for each in lines
            if each.status == "open" and not (each.consigned and each.outstanding <= 0)
        ),
        default=site_days.today(context, site) + timedelta(days=_OLD),
    )
    remind = due - timedelta(days=rules["remind_days_before"])
    missed = due + timedelta(days=rules["shortage_days_after"])
    configuration = context.configuration
    return {
        "remind_at": site_days.text(site_days.start_of(configuration, remind, site)),
        "overdue_at": site_days.text(site_days.end_of(configuration, due, site)),
        "shortage_at": site_days.text(site_days.end_of(configuration, missed, site)),
    }


def number(value: object) -> Decimal:
    """Give a number of the case; nothing for what was left empty."""
    return Decimal(0) if value in (None, "") else amount(value)
