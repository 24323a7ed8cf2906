"""What the service tasks of procurement do; the rules of buying live in ledger/purchasing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import items, suppliers
from processes.ledger.purchasing import (
    approved_list,
    confirmations,
    eligibility,
    invoices,
    order_receipts,
    orders,
    requisitions,
    rows,
    waivers,
)
from processes.ledger.purchasing.confirmations import ConfirmedLine
from processes.ledger.purchasing.invoices import Invoice, InvoiceLine
from processes.ledger.purchasing.orders import Draft, DraftLine, Line, Order
from processes.ledger.purchasing.requisitions import Need, Requisition
from processes.ledger.quantities import amount_of, case_number, scaled
from processes.ledger.suppliers import Supplier
from processes.procurement import views
from processes.values import amount, context_of, identifier, text
from processes.values import rows as table_rows

SERVICES = ServiceRegistry()


@SERVICES.service("procurement.prepare")
def prepare(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Offer sites, cost centres and currencies; take over what planning proposed."""
    rules = rows.rules(context)
    proposal = context_of(inputs.get("proposal"))
    return {
        "sites": _offered(rules["sites"]),
        "site": rules["sites"][0]["code"],
        "cost_centres": _offered(rules["cost_centres"]),
        "currencies": [
            {"value": code, "label": {"en": code, "zh": code}} for code in rules["exchange_rates"]
        ],
        "currency": rules["base_currency"],
        "due": rules["due"],
        "item_number": proposal.get("item_number"),
        "quantity": proposal.get("quantity"),
        "need_date": proposal.get("need_date"),
    }


@SERVICES.service("procurement.request")
def request(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write the requisition down, or what was changed after it came back."""
    entered = context_of(inputs["request"])
    known = context_of(inputs.get("requisition"))
    need = _need(context, entered)
    if known:
        found = requisitions.revise(context, views.find_requisition(context, known), need)
    else:
        found = requisitions.open_new(context, need, reopens=text(entered.get("reopens")))
    if need.emergency:
        context.record({"event": "exception.flagged", "code": "EX-06", "record": found.number})
    return views.requisition_case(context, found)


@SERVICES.service("procurement.recheck")
def recheck(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Look at item and revision again, after a change came into force."""
    found = views.find_requisition(context, inputs["requisition"])
    item = views.item_called(context, found.need.item_number)
    revised = replace(
        found.need,
        item_id=None if item is None else item.item_id,
        item_revision=views.revision_of(context, item),
        unit_code="" if item is None else item.unit_code,
    )
    return views.requisition_case(context, requisitions.revise(context, found, revised))


@SERVICES.service("procurement.reject")
def reject(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put on the record that a requisition was turned down, and by what comment."""
    found = views.find_requisition(context, inputs["requisition"])
    votes = table_rows(inputs.get("approvals"))
    comments = [str(vote["comment"]) for vote in votes if vote.get("decision") == "reject"]
    requisitions.set_status(context, found.requisition_id, "rejected", "; ".join(comments))
    return views.requisition_case(context, views.find_requisition(context, inputs["requisition"]))


@SERVICES.service("procurement.approve")
def approve(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put on the record that a requisition was approved."""
    found = views.find_requisition(context, inputs["requisition"])
    requisitions.set_status(context, found.requisition_id, "approved")
    return views.requisition_case(context, views.find_requisition(context, inputs["requisition"]))


@SERVICES.service("procurement.source_form")
def source_form(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Offer the suppliers, those on the approved list first, and say how many quotes are wanted."""
    requisition = context_of(inputs["requisition"])
    item = items.by_number(context.db, context.tenant_id, str(requisition["item_number"]))
    listed = approved_list.sources_of(
        context.db, context.tenant_id, item.item_id, str(requisition["site"])
    )
    known = suppliers.every(context.db, context.tenant_id)
    quotes = rows.rules(context)["quotes"]
    many = amount(requisition["amount"]) >= Decimal(quotes["from_amount"])
    return {
        "suppliers": [
            {"value": each.number, "label": _with_mark(each, on_list=each.number in listed)}
            for each in sorted(known, key=lambda one: (one.number not in listed, one.number))
        ],
        "quotes_wanted": quotes["wanted"] if many else 0,
    }


@SERVICES.service("procurement.eligibility")
def look_up(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the facts that PR-03 judges, and a waiver that was granted already."""
    found = views.find_requisition(context, inputs["requisition"])
    source = _supplier(context, inputs["source"])
    item = items.by_number(context.db, context.tenant_id, found.need.item_number)
    waiver = waivers.of_requisition(
        context.db, context.tenant_id, found.requisition_id, source.supplier_id
    )
    return {
        **eligibility.of(context, source, item, found.need.site).facts(),
        "critical_request": eligibility.critical_request_open(
            context.db, context.tenant_id, source.supplier_id
        ),
        "criticality": item.criticality,
        "supplier_number": source.number,
        "supplier_names": dict(source.names),
        "waiver": None
        if waiver is None
        else {"number": waiver.number, "controls": waiver.controls},
    }


@SERVICES.service("procurement.waive")
def waive(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write the waiver down that quality signed in this command."""
    found = views.find_requisition(context, inputs["requisition"])
    entered = context_of(inputs["waiver"])
    item = items.by_number(context.db, context.tenant_id, found.need.item_number)
    granted = waivers.grant(
        context,
        requisition_id=found.requisition_id,
        supplier_id=_supplier(context, inputs["source"]).supplier_id,
        item_id=item.item_id,
        reason=str(entered["reason"]),
        controls=str(entered["controls"]),
        hold=entered.get("hold") is True,
        quantity_limit=scaled(amount(entered["quantity_limit"]), views.unit_of(context, item)),
        valid_to=rows.day(entered["valid_to"]),
    )
    return {"number": granted.number, "controls": granted.controls}


@SERVICES.service("procurement.order_form")
def order_form(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Fill in what is known: the version in force, else requisition and offer."""
    found = views.find_requisition(context, inputs["requisition"])
    source = context_of(inputs["source"])
    known = context_of(inputs.get("order"))
    item = items.by_number(context.db, context.tenant_id, found.need.item_number)
    rules = rows.rules(context)
    before = _draft_before(context, known)
    agreed = {row["code"] for row in table_rows(before.get("clauses")) if row.get("agreed")}
    required = [each for each in rules["clauses"] if item.criticality in each["required_for"]]
    return {
        "version": known.get("version", 0),
        "ship_to": before.get("ship_to") or found.need.site,
        "bill_to": before.get("bill_to"),
        "payment_terms": before.get("payment_terms") or "net_30",
        "supplier_part": before.get("supplier_part"),
        "manufacturer": before.get("manufacturer") or item.manufacturer,
        "specification": before.get("specification") or f"{item.number} rev {_revision(found)}",
        "min_remaining_life_days": before.get("min_remaining_life_days")
        or (rules["min_remaining_life_days"] if item.expiry_required else None),
        "storage": before.get("storage"),
        "lines": before.get("lines") or [_proposed_line(context, found, source)],
        "clauses": [
            {
                "code": each["code"],
                "names": each["names"],
                "agreed": each["code"] in agreed if before else each in required,
            }
            for each in rules["clauses"]
        ],
        "required": [each["code"] for each in required],
    }


@SERVICES.service("procurement.draft")
def draft(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the buyer's draft and say what decides on its approval (PR-04)."""
    found = views.find_requisition(context, inputs["requisition"])
    source = _supplier(context, inputs["source"])
    known = context_of(inputs.get("order"))
    made = _draft(context, found, source, inputs)
    if known:
        order = views.find_order(context, known)
    else:
        order = orders.begin(context, found, source, currency=made.currency)
        requisitions.set_status(context, found.requisition_id, "ordered")
    waiver = waivers.of_requisition(
        context.db, context.tenant_id, found.requisition_id, source.supplier_id
    )
    ordered = sum(each.quantity for each in made.lines)
    waivers.require_covered(waiver, ordered, context.now.date())
    orders.keep_draft(context, order, made)
    return views.order_case(
        context,
        orders.find(context.db, context.tenant_id, order.purchase_order_id),
        **_approval_facts(context, found, order, made, inputs),
    )


@SERVICES.service("procurement.freeze")
def freeze(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Freeze the version that was approved, in the command of the last approval."""
    found = views.find_requisition(context, inputs["requisition"])
    source = _supplier(context, inputs["source"])
    order = views.find_order(context, inputs["order"])
    item = items.by_number(context.db, context.tenant_id, found.need.item_number)
    entered = context_of(inputs["draft"])
    frozen = orders.freeze(
        context,
        order,
        _draft(context, found, source, inputs),
        reason=text(entered.get("reason")) if order.version else None,
        approvals=table_rows(inputs.get("approvals")),
        snapshot={
            "supplier": {"number": source.number, "status": source.status},
            "approved_list": eligibility.of(context, source, item, found.need.site).facts(),
            "item": {"number": item.number, "revision": views.revision_of(context, item)},
            "clause_set": rows.rules(context)["clause_set"],
            "requisition": {"number": found.number, "cycle": found.cycle},
        },
    )
    return views.order_case(context, frozen)


@SERVICES.service("procurement.confirm")
def confirm(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write the supplier's confirmation down and compare it with the version in force."""
    found = views.find_requisition(context, inputs["requisition"])
    order = views.find_order(context, inputs["order"])
    entered = context_of(inputs["confirmation"])
    answer = [
        ConfirmedLine(
            line=line.line,
            quantity=amount(row["quantity"]),
            unit_price=amount(row["unit_price"]),
            promised_date=rows.day(row["promised_date"]),
            item_revision=text(row.get("item_revision")),
        )
        for line, row in _paired(context, order, entered.get("lines"))
    ]
    return confirmations.record(
        context,
        order,
        answer,
        reference=str(entered["reference"]),
        confirmed=entered.get("confirmed") is True,
        units=views.units_of_lines(context, order),
        need_date=found.need.need_date,
    )


@SERVICES.service("procurement.refresh")
def refresh(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the order as the book has it now."""
    return views.order_case(context, views.find_order(context, inputs["order"]))


@SERVICES.service("procurement.inspected")
def inspected(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Add an inspection decision to its line, and say what PR-05 judges it by."""
    order = views.find_order(context, inputs["order"])
    decided = context_of(inputs["decided"])
    number = int(amount(decided["purchase_order_line"]))
    unit = views.units_of_lines(context, order)[number]
    accepted, rejected = (
        int(views.number(decided.get(name)).scaleb(unit.decimals))
        for name in ("accepted_quantity", "rejected_quantity")
    )
    order_receipts.decide(
        context,
        identifier(decided["receipt_line_id"]),
        decision=str(decided["decision"]),
        accepted=accepted,
        rejected=rejected,
    )
    line = next(x for x in _lines(context, order) if x.line == number)
    item = items.find(context.db, context.tenant_id, line.item_id)
    is_open = line.status == "open"  # of a closed line nothing is missing any more
    missing = line.outstanding if is_open else 0
    return {
        "line": number,
        "lot_number": decided.get("lot_number"),
        "criticality": item.criticality,
        "rejected_now": case_number(max(rejected, 0), unit),
        "ordered": case_number(line.ordered, unit),
        "accepted": case_number(line.accepted, unit),
        "rejected": case_number(line.rejected, unit),
        "undecided": case_number(line.undecided, unit),
        "outstanding": case_number(missing, unit),
        "outstanding_percent": views.percent(Decimal(missing), Decimal(line.ordered)),
    }


@SERVICES.service("procurement.close_line")
def close_line(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Close a line of which all was accepted, unless it was closed before."""
    order = views.find_order(context, inputs["order"])
    number = int(amount(context_of(inputs["judged"])["line"]))
    if any(x.line == number and x.status == "open" for x in _lines(context, order)):
        orders.end_line(context, order, number, str(inputs["reason"]))
    return views.order_case(context, order)


@SERVICES.service("procurement.settle")
def settle(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put on the record what was decided about a line; close it where that was decided."""
    order = views.find_order(context, inputs["order"])
    judged = context_of(context_of(inputs["matter"])["judged"])
    answer = context_of(inputs["answer"])
    decision, reason = str(answer["decision"]), str(answer["reason"])
    number = int(amount(judged["line"]))
    context.record(
        {
            "event": "purchase_order.line_settled",
            "order": order.number,
            "line": number,
            "decision": decision,
            "claim": text(answer.get("claim_number")),
            "reason": reason,
        }
    )
    if decision in ("close", "credit"):
        orders.end_line(context, order, number, reason)
    return views.order_case(context, order)


@SERVICES.service("procurement.hold")
def hold(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Hold the order: deliveries for it are not received."""
    order = views.find_order(context, inputs["order"])
    held = orders.set_status(context, order, "held", text(inputs.get("reason")))
    return views.order_case(context, held)


@SERVICES.service("procurement.resume")
def resume(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let the order go on."""
    order = views.find_order(context, inputs["order"])
    sent = orders.set_status(context, order, "sent", text(inputs.get("reason")))
    return views.order_case(context, sent)


@SERVICES.service("procurement.match")
def match(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Compare order, accepted receipts and invoice."""
    order = views.find_order(context, inputs["order"])
    return _matched(context, order, inputs["invoice"], None)


@SERVICES.service("procurement.accept_difference")
def accept_difference(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let an invoice count although it differs, with the reason that was signed."""
    order = views.find_order(context, inputs["order"])
    reason = str(context_of(inputs["difference"])["reason"])
    return _matched(context, order, inputs["invoice"], reason)


@SERVICES.service("procurement.close")
def close(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Close order and requisition, signed in this command."""
    order = views.find_order(context, inputs["order"])
    closed = orders.set_status(context, order, "closed", None)
    found = views.find_requisition(context, inputs["requisition"])
    requisitions.set_status(context, found.requisition_id, "closed")
    return views.order_case(context, closed)


@SERVICES.service("procurement.cancel")
def cancel(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Cancel what is still to come; what was accepted is still paid, and closes the order then."""
    reason = str(inputs["reason"])
    found = views.find_requisition(context, inputs["requisition"])
    known = context_of(inputs.get("order"))
    if not known:
        requisitions.set_status(context, found.requisition_id, "cancelled", reason)
        return {"version": 0, "accepted_any": False}
    order = _cancel_order(context, views.find_order(context, known), reason)
    if order.status == "cancelled":
        requisitions.set_status(context, found.requisition_id, "cancelled", reason)
    return views.order_case(context, order)


@SERVICES.service("procurement.cancelled")
def cancelled(context: ServiceContext, case: Mapping[str, Any]) -> Mapping[str, Any]:
    """Cancel requisition and order when somebody cancels the process instance itself."""
    known = context_of(case.get("requisition"))
    if known:
        cancel(context, {**case, "reason": case["why"]})
    return {}


def _cancel_order(context: ServiceContext, order: Order, reason: str) -> Order:
    lines = _lines(context, order)
    for line in lines:
        if line.status == "open":
            orders.end_line(context, order, line.line, reason, status="cancelled")
    if any(line.accepted for line in lines):
        return order
    return orders.set_status(context, order, "cancelled", reason)


def _need(context: ServiceContext, entered: Mapping[str, Any]) -> Need:
    number = str(entered["item_number"])
    item = views.item_called(context, number)
    return Need(
        site=str(entered["site"]),
        item_id=None if item is None else item.item_id,
        item_number=number,
        item_revision=views.revision_of(context, item),
        quantity=amount(entered["quantity"]),
        unit_code="" if item is None else item.unit_code,
        need_date=rows.day(entered["need_date"]),
        purpose=str(entered["purpose"]),
        cost_centre=str(entered["cost_centre"]),
        estimated_price=amount(entered["estimated_price"]),
        currency=str(entered["currency"]),
        emergency=entered.get("emergency") is True,
        justification=text(entered.get("justification")),
    )


def _draft(
    context: ServiceContext, found: Requisition, source: Supplier, inputs: Mapping[str, Any]
) -> Draft:
    """Read the buyer's form; every line is of the requisition's item at its revision in force."""
    entered = context_of(inputs["draft"])
    template = context_of(inputs["template"])
    item = items.by_number(context.db, context.tenant_id, found.need.item_number)
    items.require_released(item)
    revision = items.effective_revision(context.db, context.tenant_id, item, context.now.date())
    unit = views.unit_of(context, item)
    life = entered.get("min_remaining_life_days")
    lines = [
        DraftLine(
            line=place,
            item_id=item.item_id,
            item_revision=revision,
            quantity=scaled(amount(row["quantity"]), unit),
            decimals=unit.decimals,
            unit_code=unit.code,
            unit_price=amount(row["unit_price"]),
            promised_date=rows.day(row["promised_date"]),
            min_remaining_life_days=None if life is None else int(amount(life)),
        )
        for place, row in enumerate(table_rows(entered.get("lines")), start=1)
    ]
    content = {name: value for name, value in entered.items() if name != "decision"}
    clauses = [
        {**offered, "agreed": row.get("agreed") is True, "note": text(row.get("note"))}
        for offered, row in zip(
            table_rows(template.get("clauses")), table_rows(entered.get("clauses")), strict=False
        )
    ]
    return Draft(
        supplier_id=source.supplier_id,
        site=str(entered["ship_to"]),
        currency=str(entered["currency"]),
        lines=lines,
        content={
            **content,
            "clauses": clauses,
            "supplier": source.number,
            "item": {"number": item.number, "revision": revision},
        },
    )


def _approval_facts(
    context: ServiceContext,
    found: Requisition,
    order: Order,
    made: Draft,
    inputs: Mapping[str, Any],
) -> dict[str, Any]:
    """Give what PR-02 and PR-04 ask about a draft."""
    db, tenant_id = context.db, context.tenant_id
    item = items.find(db, tenant_id, made.lines[0].item_id)
    centre = views.cost_centre(context, found.need.cost_centre)
    price = max(each.unit_price for each in made.lines)
    last = orders.last_price(db, tenant_id, item.item_id, made.currency, order.purchase_order_id)
    agreed = {row["code"] for row in made.content["clauses"] if row["agreed"]}
    required = context_of(inputs["template"]).get("required") or []
    return {
        "amount": rows.in_base_currency(context, made.total, made.currency),
        "total": made.total,
        "currency": made.currency,
        "criticality": item.criticality,
        "first_purchase": not requisitions.ordered_before(db, tenant_id, item.item_id),
        "software": item.item_type == "software",
        "line_manager": centre["line_manager"],
        "cost_centre_owner": centre["owner"],
        "new_supplier": not requisitions.ordered_from(
            db, tenant_id, made.supplier_id, order.purchase_order_id
        ),
        "price_rise_percent": views.percent(price - last, last) if last else Decimal(0),
        "advance_payment": made.content.get("payment_terms") == "advance",
        "single_source": context_of(inputs["source"]).get("single_source") is True,
        "missing_clauses": [code for code in required if code not in agreed],
        "draft_lines": [
            f"{amount_of(each.quantity, views.unit_of(context, item))} {each.unit_code} × "
            f"{each.unit_price}, {each.promised_date}"
            for each in made.lines
        ],
        "change": _change(context, order, made),
    }


def _change(context: ServiceContext, order: Order, made: Draft) -> dict[str, Any]:
    """Give what a draft changes of the version in force."""
    if order.version == 0:
        return {
            "first": True,
            "amount_rise_percent": Decimal(0),
            **dict.fromkeys(("supplier", "specification", "clauses", "site"), False),
        }
    before = orders.content_of(context.db, context.tenant_id, order, order.version)
    old = before["content"]

    def agreed(content: Mapping[str, Any]) -> list[tuple[str, str | None]]:
        return [(row["code"], row.get("note")) for row in content["clauses"] if row["agreed"]]

    return {
        "first": False,
        "amount_rise_percent": views.percent(made.total - before["total"], before["total"]),
        "supplier": made.supplier_id != order.supplier_id,
        "specification": any(
            old.get(name) != made.content.get(name)
            for name in ("specification", "manufacturer", "supplier_part", "item")
        ),
        "clauses": agreed(old) != agreed(made.content),
        "site": made.site != order.site,
    }


def _draft_before(context: ServiceContext, known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what was drafted last for an order; empty before the first draft."""
    if not known:
        return {}
    return context_of(views.find_order(context, known).draft)


def _proposed_line(
    context: ServiceContext, found: Requisition, source: Mapping[str, Any]
) -> dict[str, Any]:
    days = int(views.number(source.get("lead_time_days")))
    promised = context.now.date() + timedelta(days=days)
    return {
        "quantity": found.need.quantity,
        "unit_price": source.get("unit_price"),
        "promised_date": max(promised, context.now.date()).isoformat(),
    }


def _matched(
    context: ServiceContext, order: Order, entered: object, reason: str | None
) -> dict[str, Any]:
    given = context_of(entered)
    asked = [
        InvoiceLine(
            line=line.line,
            quantity=amount(row["quantity"]),
            unit_price=amount(row["unit_price"]),
        )
        for line, row in _paired(context, order, given.get("lines"))
        if amount(row["quantity"]) > 0
    ]
    invoice = Invoice(
        number=str(given["number"]),
        on=rows.day(given["date"]),
        amount=amount(given["amount"]),
        lines=asked,
    )
    units = views.units_of_lines(context, order)
    found = invoices.match(context, order, invoice, units, accept_because=reason)
    return {**found, "summary": [_difference(each) for each in found["differences"]]}


def _difference(found: Mapping[str, Any]) -> str:
    line = "" if found["line"] is None else f"{found['line']}: "
    return f"{line}{found['field']} {found['expected']} → {found['found']}"


def _paired(
    context: ServiceContext, order: Order, entered: object
) -> list[tuple[Line, Mapping[str, Any]]]:
    """Give the lines of the order, each with the row that a form with one row a line has for it."""
    return list(zip(_lines(context, order), table_rows(entered), strict=False))


def _lines(context: ServiceContext, order: Order) -> list[Line]:
    return orders.lines_of(context.db, context.tenant_id, order)


def _supplier(context: ServiceContext, source: object) -> Supplier:
    number = str(context_of(source)["supplier"])
    return suppliers.by_number(context.db, context.tenant_id, number)


def _revision(found: Requisition) -> str:
    return found.need.item_revision or "-"


def _offered(known: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"value": each["code"], "label": each["names"]} for each in known]


def _with_mark(source: Supplier, *, on_list: bool) -> dict[str, str]:
    """Give a supplier's names, marked where the approved list does not have it for the item."""
    if on_list:
        return dict(source.names)
    return {"en": f"{source.names['en']} (not listed)", "zh": f"{source.names['zh']}（名录外）"}
