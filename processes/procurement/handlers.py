"""What the service tasks of procurement do; the rules of buying live in ledger/purchasing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from engine.canonical import record_value
from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import items, site_days, suppliers, units
from processes.ledger.items import Item
from processes.ledger.purchasing import (
    approved_list,
    confirmations,
    eligibility,
    invoices,
    joint_orders,
    order_mails,
    order_receipts,
    orders,
    requisitions,
    rows,
    waivers,
)
from processes.ledger.purchasing.confirmations import ConfirmedLine
from processes.ledger.purchasing.invoices import Invoice, InvoiceLine
from processes.ledger.purchasing.orders import ASKED_OF_LINES, Draft, DraftLine, Line, Order
from processes.ledger.purchasing.requisitions import Need, NeedLine, Requisition
from processes.ledger.quantities import case_number, scaled
from processes.ledger.suppliers import Supplier
from processes.procurement import views
from processes.procurement.views import Wanted
from processes.values import amount, context_of, identifier, text
from processes.values import rows as table_rows

SERVICES = ServiceRegistry()

_ORDER_APPROVALS = tuple(
    f"Order{role}" for role in ("PRD", "ENG", "PUM", "FIN", "QE", "QA", "ADM", "SQE", "GM")
)
"""The user tasks of the diagram by which people approve an order."""


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
        "units": [
            {"value": each.code, "label": dict(each.names)}
            for each in units.every(context.db, context.tenant_id)
        ],
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
    """Look at items and revisions again, after a change came into force."""
    found = views.find_requisition(context, inputs["requisition"])
    revised = replace(
        found.need,
        lines=[_line_as_it_is(context, line, found.need.site) for line in found.need.lines],
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
    """Offer the suppliers, those first that are listed for all of it, and say how many quotes."""
    requisition = context_of(inputs["requisition"])
    listed: set[str] | None = None
    for line in table_rows(requisition["lines"]):
        if line["item_number"] is None:
            continue
        item = items.by_number(context.db, context.tenant_id, str(line["item_number"]))
        sources = approved_list.sources_of(
            context.db, context.tenant_id, item.item_id, str(requisition["site"])
        )
        listed = set(sources) if listed is None else listed & set(sources)
    known = suppliers.every(context.db, context.tenant_id)
    marked = {each.number for each in known} if listed is None else listed
    quotes = rows.rules(context)["quotes"]
    many = amount(requisition["amount"]) >= Decimal(quotes["from_amount"])
    return {
        "suppliers": [
            {"value": each.number, "label": _with_mark(each, on_list=each.number in marked)}
            for each in sorted(known, key=lambda one: (one.number not in marked, one.number))
        ],
        "quotes_wanted": quotes["wanted"] if many else 0,
    }


@SERVICES.service("procurement.eligibility")
def look_up(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the facts of each line that PR-03 judges, and a waiver that was granted already."""
    found = views.find_requisition(context, inputs["requisition"])
    source = _supplier(context, inputs["source"])
    return {
        "critical_request": eligibility.critical_request_open(
            context.db, context.tenant_id, source.supplier_id
        ),
        "supplier_number": source.number,
        "supplier_names": dict(source.names),
        "lines": [
            _eligible(context, found, source, place, line)
            for place, line in enumerate(found.need.lines, start=1)
        ],
    }


def _eligible(
    context: ServiceContext, found: Requisition, source: Supplier, place: int, line: NeedLine
) -> dict[str, Any]:
    """Give what PR-03 asks about a line; nobody is listed for free text."""
    head = {"line": place, "called": line.called, "item_number": line.item_number}
    known = {**head, "quantity": line.quantity, "unit": line.unit_code, "waiver": None}
    if line.item_number is None:
        standing = eligibility.without_item(source)
        return {**known, **standing.facts(), "criticality": views.FREE_TEXT_CRITICALITY}
    item = items.by_number(context.db, context.tenant_id, line.item_number)
    waiver = waivers.of_requisition(
        context.db, context.tenant_id, found.requisition_id, source.supplier_id, item.item_id
    )
    return {
        **known,
        **eligibility.of(context, source, item, found.need.site).facts(),
        "criticality": item.criticality,
        "waiver": None
        if waiver is None
        else {"number": waiver.number, "controls": waiver.controls},
    }


@SERVICES.service("procurement.waive")
def waive(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write the waivers down that quality signed in this command: one for each item that needs it.

    With one such item its limit is `quantity_limit`; with several each has a row of `limits`.
    """
    found = views.find_requisition(context, inputs["requisition"])
    entered = context_of(inputs["waiver"])
    needing = [row for row in table_rows(inputs["lines"]) if row["item_number"] is not None]
    limits = [row["quantity_limit"] for row in table_rows(entered.get("limits"))]
    granted = []
    for place, row in enumerate(needing):
        item = items.by_number(context.db, context.tenant_id, str(row["item_number"]))
        limit = entered["quantity_limit"] if len(needing) == 1 else limits[place]
        waiver = waivers.grant(
            context,
            requisition_id=found.requisition_id,
            supplier_id=_supplier(context, inputs["source"]).supplier_id,
            item_id=item.item_id,
            reason=str(entered["reason"]),
            controls=str(entered["controls"]),
            hold=entered.get("hold") is True,
            quantity_limit=scaled(amount(limit), views.unit_of(context, item)),
            valid_to=rows.day(entered["valid_to"]),
        )
        granted.append(waiver.number)
    return {"number": ", ".join(granted), "controls": str(entered["controls"])}


@SERVICES.service("procurement.wait")
def wait(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let a requisition wait for a common order, and say whether one has taken it."""
    found = views.find_requisition(context, inputs["requisition"])
    chosen = context_of(inputs["source"])
    source = _supplier(context, chosen)
    offer = {name: chosen.get(name) for name in ("currency", "unit_price", "prices")}
    known = joint_orders.wait(context, found, source, record_value(offer))
    order = None
    if known.purchase_order_id is not None:
        order = orders.find(context.db, context.tenant_id, known.purchase_order_id)
    return {
        "supplier": source.number,
        "supplier_names": dict(source.names),
        "order": None if order is None else order.number,
        "on_order": order is not None and order.version > 0,
        "met": found.status == "closed",
    }


@SERVICES.service("procurement.leave")
def leave(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take a requisition off the common order; refused once that is in force."""
    joint_orders.leave(context, views.find_requisition(context, inputs["requisition"]))
    return {}


@SERVICES.service("procurement.order_form")
def order_form(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Fill in what is known: the version in force, else requisition and offer."""
    found = views.find_requisition(context, inputs["requisition"])
    source = context_of(inputs["source"])
    known = context_of(inputs.get("order"))
    order = views.find_order(context, known) if known else None
    wanted = views.wanted(context, found, _supplier(context, source), order)
    things = [views.item_of(context, each.line) for each in wanted]
    rules = rows.rules(context)
    before = _draft_before(context, known)
    agreed = {row["code"] for row in table_rows(before.get("clauses")) if row.get("agreed")}
    critical = {views.FREE_TEXT_CRITICALITY if x is None else x.criticality for x in things}
    required = [each for each in rules["clauses"] if critical & set(each["required_for"])]
    expires = any(item is not None and item.expiry_required for item in things)
    first = things[0]
    today = site_days.today(context, found.need.site)
    return {
        "version": known.get("version", 0),
        "ship_to": before.get("ship_to") or found.need.site,
        "bill_to": before.get("bill_to"),
        "payment_terms": before.get("payment_terms") or "net_30",
        "supplier_part": before.get("supplier_part"),
        "manufacturer": before.get("manufacturer")
        or (None if first is None else first.manufacturer),
        "specification": before.get("specification") or _specification(found.need.lines[0]),
        "min_remaining_life_days": before.get("min_remaining_life_days")
        or (rules["min_remaining_life_days"] if expires else None),
        "storage": before.get("storage"),
        "order_email": before.get("order_email"),
        "imported": before.get("imported") is True,
        "import_licence": before.get("import_licence"),
        "things": [
            {"value": each.thing, "label": _thing(each, item)}
            for each, item in zip(wanted, things, strict=True)
        ],
        "lines": _lines_before(before, wanted)
        or [_proposed_line(context, source, each, today) for each in wanted],
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
    before = views.find_order(context, known) if known else None
    made = _draft(context, found, source, before, inputs)
    order = before
    if order is None:
        order = orders.begin(context, found, source, currency=made.currency)
        requisitions.set_status(context, found.requisition_id, "ordered")
    _require_waivers_cover(context, source, made)
    joint_orders.draft_for(context, order, _ordered_for(made))
    orders.keep_draft(context, order, made)
    return views.order_case(
        context,
        orders.find(context.db, context.tenant_id, order.purchase_order_id),
        **_approval_facts(context, order, made, inputs),
    )


@SERVICES.service("procurement.freeze")
def freeze(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Freeze the version that was approved, in the command of the last approval.

    `told` names the other requisitions that it orders since, or no longer orders.
    """
    found = views.find_requisition(context, inputs["requisition"])
    source = _supplier(context, inputs["source"])
    order = views.find_order(context, inputs["order"])
    entered = context_of(inputs["draft"])
    approvals = table_rows(inputs.get("approvals"))
    wanted = _ordered_for_draft(context, order)
    joint_orders.require_wanted(context, order, wanted)
    made = _draft(context, found, source, order, inputs)
    if approvals:
        joint_orders.require_approved_by_others(context, order, wanted, _ORDER_APPROVALS)
    ordered = {line.item_id: line.item_revision for line in made.lines if line.item_id}
    bought = [items.find(context.db, context.tenant_id, each) for each in ordered]
    frozen = orders.freeze(
        context,
        order,
        made,
        reason=text(entered.get("reason")) if order.version else None,
        approvals=approvals,
        snapshot={
            "supplier": {"number": source.number, "status": source.status},
            "approved_list": [
                {
                    "item": item.number,
                    **eligibility.of(context, source, item, found.need.site).facts(),
                }
                for item in bought
            ],
            "items": [
                {"number": item.number, "revision": ordered[item.item_id]} for item in bought
            ],
            "clause_set": rows.rules(context)["clause_set"],
            "requisition": {"number": found.number, "cycle": found.cycle},
            "requisitions": _requisitions_of(context, made),
        },
    )
    told = joint_orders.frozen_with(context, frozen, order.version)
    return views.order_case(context, frozen, told=told)


@SERVICES.service("procurement.mail")
def mail(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Queue the version in force for the supplier's address; the sender says what became of it."""
    order = views.find_order(context, inputs["order"])
    address = str(inputs["address"])
    return {"id": str(order_mails.queue(context, order, address)), "address": address}


@SERVICES.service("procurement.take_mail_back")
def take_mail_back(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep a mail that nobody sent from going out later: the buyer sends the order otherwise."""
    mail_id = identifier(context_of(inputs["mail"])["id"])
    reason = "not sent in time / 未及时发出"
    order_mails.settle(context, mail_id, status="withdrawn", answer=reason, due_at=context.now)
    return {"accepted": False, "answer": reason}


@SERVICES.service("procurement.sent")
def sent(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put on the order's list that the buyer sent it, by what and to whom; signed PERF."""
    said = context_of(inputs["sent"])
    order_mails.sent_by_hand(
        context,
        views.find_order(context, inputs["order"]),
        str(said["channel"]),
        str(said["recipient"]),
        text(said.get("reference")),
    )
    return {}


@SERVICES.service("procurement.confirm")
def confirm(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write the supplier's confirmation down and compare it with the version in force."""
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
        need_date=views.earliest_need(context, order),
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
    order_receipts.decide(  # what became of consigned goods decides nothing more about them
        context,
        identifier(decided["receipt_line_id"]),
        decision=str(decided["decision"]),
        accepted=accepted,
        rejected=rejected,
    )
    line = next(x for x in _lines(context, order) if x.line == number)
    assert line.item_id is not None  # what is inspected is an item
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
        "theirs": case_number(line.theirs, unit),
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


@SERVICES.service("procurement.performed")
def performed(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take down what needs no dock and was done or handed over; signed VERF in this command."""
    order = views.find_order(context, inputs["order"])
    entered = context_of(inputs["performance"])
    measured = views.units_of_lines(context, order)
    asked = table_rows(context_of(inputs["order"])["to_perform"])
    for line, row in zip(asked, table_rows(entered.get("lines")), strict=False):
        number, done = int(amount(line["line"])), views.number(row.get("quantity"))
        if done > 0:
            quantity = scaled(done, measured[number])
            orders.performed(context, order, number, quantity, str(entered["evidence"]))
        if row.get("final") is True and any(
            each.line == number and each.status == "open" for each in _lines(context, order)
        ):
            orders.end_line(context, order, number, str(entered["evidence"]))
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
    """Close the order and the requisitions that it has met, signed in this command."""
    order = views.find_order(context, inputs["order"])
    closed = orders.set_status(context, order, "closed", None)
    found = views.find_requisition(context, inputs["requisition"])
    requisitions.set_status(context, found.requisition_id, "closed")
    return views.order_case(context, closed, told=joint_orders.close(context, closed))


@SERVICES.service("procurement.cancel")
def cancel(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Cancel what is still to come; what was accepted is still paid, and closes the order then."""
    reason = str(inputs["reason"])
    found = views.find_requisition(context, inputs["requisition"])
    known = context_of(inputs.get("order"))
    if not known:
        joint_orders.leave(context, found)
        requisitions.set_status(context, found.requisition_id, "cancelled", reason)
        return {"version": 0, "accepted_any": False}
    order = _cancel_order(context, views.find_order(context, known), reason)
    if order.status != "cancelled":
        return views.order_case(context, order)
    requisitions.set_status(context, found.requisition_id, "cancelled", reason)
    return views.order_case(context, order, told=joint_orders.release(context, order))


@SERVICES.service("procurement.cancelled")
def cancelled(context: ServiceContext, case: Mapping[str, Any]) -> Mapping[str, Any]:
    """Cancel requisition and order when somebody cancels the process instance itself."""
    known = context_of(case.get("requisition"))
    if known:
        cancel(context, {**case, "reason": case["why"]})
    return {}


def _cancel_order(context: ServiceContext, order: Order, reason: str) -> Order:
    """Cancel what is to come; refused over goods that lie here on consignment."""
    lines = _lines(context, order)
    for line in lines:
        if line.status == "open":
            orders.end_line(context, order, line.line, reason, status="cancelled")
    if any(line.payable for line in lines):
        return order
    return orders.set_status(context, order, "cancelled", reason)


def _need(context: ServiceContext, entered: Mapping[str, Any]) -> Need:
    return Need(
        site=str(entered["site"]),
        need_date=rows.day(entered["need_date"]),
        purpose=str(entered["purpose"]),
        cost_centre=str(entered["cost_centre"]),
        currency=str(entered["currency"]),
        lines=[
            _need_line(context, row, str(entered["site"]))
            for row in (entered, *table_rows(entered.get("more_lines")))
        ],
        emergency=entered.get("emergency") is True,
        justification=text(entered.get("justification")),
    )


def _need_line(context: ServiceContext, row: Mapping[str, Any], site: str) -> NeedLine:
    """Read one thing that is needed: an item by its number, or free text with its category."""
    category = text(row.get("category"))
    if category is not None:
        return NeedLine(
            item_id=None,
            item_number=None,
            item_revision=None,
            category=category,
            description=str(row["description"]),
            quantity=amount(row["quantity"]),
            unit_code=str(row["unit"]),
            estimated_price=amount(row["estimated_price"]),
        )
    line = NeedLine(
        item_id=None,
        item_number=str(row["item_number"]),
        item_revision=None,
        quantity=amount(row["quantity"]),
        unit_code="",
        estimated_price=amount(row["estimated_price"]),
    )
    return _line_as_it_is(context, line, site)


def _line_as_it_is(context: ServiceContext, line: NeedLine, site: str) -> NeedLine:
    """Give a line with its item as the book has it today."""
    if line.item_number is None:
        return line
    item = views.item_called(context, line.item_number)
    return replace(
        line,
        item_id=None if item is None else item.item_id,
        item_revision=views.revision_of(context, item, site),
        unit_code="" if item is None else item.unit_code,
    )


def _draft(
    context: ServiceContext,
    found: Requisition,
    source: Supplier,
    order: Order | None,
    inputs: Mapping[str, Any],
) -> Draft:
    """Read the buyer's form; every line is of something that a requisition asks for."""
    entered = context_of(inputs["draft"])
    template = context_of(inputs["template"])
    wanted = {each.thing: each for each in views.wanted(context, found, source, order)}
    made = [
        _draft_line(context, wanted, entered, place, row)
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
        lines=[line for line, _ in made],
        content={
            **content,
            "clauses": clauses,
            "supplier": source.number,
            "lines": [said for _, said in made],
        },
    )


_SAID_OF_A_LINE = (
    *("specification", "supplier_part", "manufacturer", "min_remaining_life_days", "storage"),
)
"""What a line says by itself where it differs from the head of the order."""


def _draft_line(
    context: ServiceContext,
    wanted: Mapping[str, Wanted],
    entered: Mapping[str, Any],
    place: int,
    row: Mapping[str, Any],
) -> tuple[DraftLine, dict[str, Any]]:
    """Read a line: at the item's revision in force; what it does not say, the order's head says."""
    thing = text(row.get("thing")) or "1"
    asked = wanted.get(thing)
    if asked is None:  # offered when the form was opened, and taken off since
        raise joint_orders.FellOut(thing)
    need = asked.line
    item = views.item_of(context, need)
    revision = None
    if item is None:
        unit = units.find(context.db, context.tenant_id, need.unit_code)
    else:
        items.require_released(item)
        today = site_days.today(context, str(entered["ship_to"]))
        revision = items.effective_revision(context.db, context.tenant_id, item, today)
        unit = views.unit_of(context, item)
    told = {name: row.get(name) or entered.get(name) for name in _SAID_OF_A_LINE}
    life = told["min_remaining_life_days"]
    line = DraftLine(
        line=place,
        item_id=None if item is None else item.item_id,
        item_revision=revision,
        description=need.description,
        quantity=scaled(amount(row["quantity"]), unit),
        decimals=unit.decimals,
        unit_code=unit.code,
        unit_price=amount(row["unit_price"]),
        promised_date=rows.day(row["promised_date"]),
        min_remaining_life_days=None if life is None else int(amount(life)),
        requisition_id=asked.requisition_id,
        requisition_line=asked.place,
        consigned=item is not None and row.get("consigned") is True,
    )
    head = {
        "line": place,
        "requisition": asked.number,
        "called": need.called,
        "revision": revision,
        "category": need.category,
    }
    return line, {**row, "thing": thing, **told, **head}


def _require_waivers_cover(context: ServiceContext, source: Supplier, made: Draft) -> None:
    """Refuse a draft that goes beyond what quality waived for an item of a requisition."""
    today = site_days.today(context, made.site)
    for requisition_id, item_id in {(x.requisition_id, x.item_id) for x in made.lines}:
        if requisition_id is None or item_id is None:
            continue
        waiver = waivers.of_requisition(
            context.db, context.tenant_id, requisition_id, source.supplier_id, item_id
        )
        same = [x for x in made.lines if (x.requisition_id, x.item_id) == (requisition_id, item_id)]
        waivers.require_covered(waiver, sum(x.quantity for x in same), today)


def _ordered_for(made: Draft) -> set[UUID]:
    """Give the requisitions whose needs a draft meets."""
    return {line.requisition_id for line in made.lines if line.requisition_id is not None}


def _ordered_for_draft(context: ServiceContext, order: Order) -> set[UUID]:
    """Give the requisitions that the kept draft of an order names."""
    named = {str(row["requisition"]) for row in table_rows(order.draft.get("lines"))}
    return {
        requisitions.cycles_of(context.db, context.tenant_id, number)[-1].requisition_id
        for number in named
    }


def _requisitions_of(context: ServiceContext, made: Draft) -> list[dict[str, Any]]:
    """Name every requisition of a draft with who asked, the first one first."""
    found = [requisitions.find(context.db, context.tenant_id, each) for each in _ordered_for(made)]
    return [
        {"number": each.number, "cycle": each.cycle, "requester": each.requester}
        for each in sorted(found, key=lambda one: one.number)
    ]


def _approval_facts(
    context: ServiceContext,
    order: Order,
    made: Draft,
    inputs: Mapping[str, Any],
) -> dict[str, Any]:
    """Give what PR-02 and PR-04 ask about a draft, of the order and of each line."""
    db, tenant_id = context.db, context.tenant_id
    asked = [_asked_of_line(context, order, made, line) for line in made.lines]
    agreed = {row["code"] for row in made.content["clauses"] if row["agreed"]}
    required = context_of(inputs["template"]).get("required") or []
    return {
        "amount": rows.in_base_currency(context, made.total, made.currency),
        "total": made.total,
        "currency": made.currency,
        "asked_lines": asked,
        "new_supplier": not requisitions.ordered_from(
            db, tenant_id, made.supplier_id, order.purchase_order_id
        ),
        "price_rise_percent": max(each["price_rise_percent"] for each in asked),
        "advance_payment": made.content.get("payment_terms") == "advance",
        "single_source": context_of(inputs["source"]).get("single_source") is True,
        "missing_clauses": [code for code in required if code not in agreed],
        "draft_lines": [each["said"] for each in asked],
        "change": _change(context, order, made),
    }


def _asked_of_line(
    context: ServiceContext, order: Order, made: Draft, line: DraftLine
) -> dict[str, Any]:
    """Give what the rules ask about a line: its item, whether it is new, how its price rose."""
    db, tenant_id = context.db, context.tenant_id
    asked = requisitions.find(db, tenant_id, line.requisition_id or order.requisition_id)
    centre = views.cost_centre(context, asked.need.cost_centre)
    answerable = {
        "line_manager": centre["line_manager"],
        "cost_centre_owner": centre["owner"],
    }
    quantity = Decimal(line.quantity).scaleb(-line.decimals)
    said = f"{quantity} {line.unit_code} × {line.unit_price}, {line.promised_date}"
    if line.item_id is None:
        category = made.content["lines"][line.line - 1].get("category")
        return {
            **answerable,
            "criticality": views.FREE_TEXT_CRITICALITY,
            "first_purchase": False,
            "software": category == "software",
            "price_rise_percent": Decimal(0),
            "said": f"{line.description}: {said}",
        }
    item = items.find(db, tenant_id, line.item_id)
    last = orders.last_price(db, tenant_id, item.item_id, made.currency, order.purchase_order_id)
    return {
        **answerable,
        "criticality": item.criticality,
        "first_purchase": not requisitions.ordered_before(db, tenant_id, item.item_id),
        "software": item.item_type == "software",
        "price_rise_percent": views.percent(line.unit_price - last, last) if last else Decimal(0),
        "said": f"{item.number}: {said}",
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
        "specification": bool(_specified(made.content) - _specified(old)),
        "clauses": agreed(old) != agreed(made.content),
        "site": made.site != order.site,
    }


def _specified(content: Mapping[str, Any]) -> set[tuple[str, ...]]:
    """Give what a version orders, whatever the quantity, the price and the day."""
    names = (
        "called",
        "revision",
        "specification",
        "manufacturer",
        "supplier_part",
        *ASKED_OF_LINES,
    )
    return {tuple(str(line.get(name)) for name in names) for line in content["lines"]}


def _draft_before(context: ServiceContext, known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what was drafted last for an order; empty before the first draft."""
    if not known:
        return {}
    return context_of(views.find_order(context, known).draft)


def _lines_before(before: Mapping[str, Any], wanted: Sequence[Wanted]) -> list[Mapping[str, Any]]:
    """Give the lines of the last draft, without what has fallen out since."""
    known = {each.thing for each in wanted}
    return [row for row in table_rows(before.get("lines")) if row.get("thing") in known]


def _proposed_line(
    context: ServiceContext, source: Mapping[str, Any], wanted: Wanted, today: date
) -> dict[str, Any]:
    """Propose a line at the price that was offered for it, in the currency of the order."""
    days = int(views.number(source.get("lead_time_days")))
    promised = today + timedelta(days=days)
    offer = source if wanted.offer is None else wanted.offer
    offered = table_rows(offer.get("prices"))
    price = offered[wanted.place - 1].get("unit_price") if offered else offer.get("unit_price")
    return {
        "thing": wanted.thing,
        "quantity": wanted.line.quantity,
        "unit_price": price if offer.get("currency") == source.get("currency") else None,
        "promised_date": max(promised, today).isoformat(),
        "specification": _specification(wanted.line),
        **_asked_of_thing(context, wanted.line),
    }


def _asked_of_thing(context: ServiceContext, line: NeedLine) -> dict[str, Any]:
    """Propose what the supplier shows with a thing: by the customer's clauses, and the item."""
    item = views.item_of(context, line)
    criticality = views.FREE_TEXT_CRITICALITY if item is None else item.criticality
    required = {
        each["code"]
        for each in rows.rules(context)["clauses"]
        if criticality in each["required_for"]
    }
    return {
        "certificate_of_conformity": "certificate_of_conformity" in required,
        "certificate_of_analysis": "certificate_of_analysis" in required,
        "source_inspection": "source_inspection" in required,
        "traceability": "none" if item is None else item.tracking,
    }


def _specification(line: NeedLine) -> str:
    if line.item_number is None:
        return str(line.description)
    return f"{line.item_number} rev {line.item_revision or '-'}"


def _thing(wanted: Wanted, item: Item | None) -> dict[str, str]:
    """Give what a line is called in a choice; one of another requisition names that too."""
    other = "" if wanted.offer is None else f" · {wanted.number}"
    if item is None:
        return {"en": wanted.line.called + other, "zh": wanted.line.called + other}
    return {language: f"{item.number} · {name}{other}" for language, name in item.names.items()}


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
        receipt=text(given.get("receipt")),
    )
    measured = views.units_of_lines(context, order)
    found = invoices.match(context, order, invoice, measured, accept_because=reason)
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


def _offered(known: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"value": each["code"], "label": each["names"]} for each in known]


def _with_mark(source: Supplier, *, on_list: bool) -> dict[str, str]:
    """Give a supplier's names, marked where the approved list does not have it for the item."""
    if on_list:
        return dict(source.names)
    return {"en": f"{source.names['en']} (not listed)", "zh": f"{source.names['zh']}（名录外）"}
