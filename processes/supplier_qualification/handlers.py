"""What the service tasks of supplier qualification do; the rules live in ledger/purchasing."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import items, site_days, supplier_history, suppliers
from processes.ledger.items import Item
from processes.ledger.nonconformity import supply_stops
from processes.ledger.purchasing import (
    approved_list,
    assessments,
    certificates,
    qualifications,
    rows,
)
from processes.ledger.purchasing.certificates import Agreement, Certificate
from processes.ledger.status import SignatureMissing
from processes.ledger.suppliers import Supplier
from processes.values import amount, context_of, text
from processes.values import rows as table_rows

SERVICES = ServiceRegistry()

_STRICTEST = ("rejected", "conditional", "approved")
_TERMS = (
    *("scope", "standards", "acceptance", "responsibilities", "process", "validation"),
    *("release", "change", "communication"),
)
"""What a quality agreement says (China's GMP for devices, Art. 116)."""


@SERVICES.service("supplier.prepare")
def prepare(context: ServiceContext, _inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Offer the suppliers and the sites."""
    rules = rows.rules(context)
    return {
        "suppliers": [
            {"value": each.number, "label": dict(each.names)}
            for each in suppliers.every(context.db, context.tenant_id)
        ],
        "sites": [{"value": each["code"], "label": each["names"]} for each in rules["sites"]],
        "due": rules["qualification_due"],
        "score_every": f"R/{rules['score']['every']}",
    }


@SERVICES.service("supplier.open")
def open_matter(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Open a qualification; a supplier that is not in the book yet is added as a candidate."""
    wanted = context_of(inputs.get("asked")) or context_of(inputs.get("need"))
    if wanted.get("known") is False:
        names = {"en": str(wanted["name_en"]), "zh": str(wanted["name_zh"])}
        number = str(wanted["number"])
        suppliers.register(
            context, number, names, country=str(wanted["country"]), status="candidate"
        )
    else:
        number = str(wanted["supplier"])
    source = suppliers.by_number(context.db, context.tenant_id, number)
    item = items.by_number(context.db, context.tenant_id, str(wanted["item_number"]))
    opened = qualifications.open_new(
        context,
        source,
        item,
        site=str(wanted["site"]),
        purpose=text(wanted.get("purpose")) or "requested by purchasing",
        reopens=text(wanted.get("reopens")),
    )
    return {
        "number": opened.number,
        "reopens": opened.reopens,
        "supplier": {
            "number": source.number,
            "names": dict(source.names),
            "status": source.status,
        },
        "item": {
            "number": item.number,
            "names": dict(item.names),
            "criticality": item.criticality,
        },
        "site": str(wanted["site"]),
        "agreement_needed": item.criticality in rows.rules(context)["agreement_required"],
    }


@SERVICES.service("supplier.keep_papers")
def keep_papers(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Register the certificates that were shown; say which are in force and which are missing."""
    source, item = _parties(context, inputs)
    for row in table_rows(context_of(inputs["papers"]).get("certificates")):
        certificates.register(context, source, _certificate(row))
    today = site_days.today(context, _site(inputs))
    shown = certificates.newest(context.db, context.tenant_id, source.supplier_id)
    return {
        "valid": [f"{each.kind} {each.number}" for each in shown if each.in_force(today)],
        "missing": _missing(context, source, item, today),
    }


@SERVICES.service("supplier.risk")
def risk(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Add up the risk of SU-01 from the customer's weights."""
    source, item = _parties(context, inputs)
    classified = context_of(inputs["class"])
    weights = rows.rules(context)["risk"]
    today = site_days.today(context, _site(inputs))
    shown = certificates.newest(context.db, context.tenant_id, source.supplier_id)
    valid = {each.kind for each in shown if each.in_force(today)}
    best = next((kind for kind in ("iso13485", "iso9001") if kind in valid), "none")
    parts = {
        "criticality": weights["criticality"][item.criticality],
        "specialness": int(amount(classified["specialness"])),
        "history": int(amount(classified["history"])),
        "certification": weights["certification"][best],
        "single_source": weights["single_source"] if classified["single_source"] is True else 0,
    }
    return {**parts, "total": sum(parts.values())}


@SERVICES.service("supplier.keep_agreement")
def keep_agreement(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Register the quality agreement that both parties signed."""
    source, _item = _parties(context, inputs)
    entered = context_of(inputs["agreement"])
    made = Agreement(
        number=str(entered["number"]),
        terms={name: str(entered[name]) for name in _TERMS},
        signed_for_supplier=str(entered["signed_for_supplier"]),
        signed_for_us=str(entered["signed_for_us"]),
        valid_from=rows.day(entered["valid_from"]),
        valid_to=rows.day(entered["valid_to"]),
    )
    certificates.register_agreement(context, source, made)
    return {"number": made.number}


@SERVICES.service("supplier.decide")
def decide(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Enter what purchasing and quality decided: the stricter counts; write the approved list."""
    if "APPR" not in context.signatures:
        raise SignatureMissing(["APPR"])
    source, item = _parties(context, inputs)
    both = [context_of(inputs[name]) for name in ("purchasing", "quality")]
    given = {str(each["decision"]) for each in both}
    decision = next(each for each in _STRICTEST if each in given)
    reason = "; ".join(str(each["reason"]) for each in both)
    if decision == "rejected":
        return _declined(context, inputs, reason)
    until = _until(context, item, _site(inputs))
    score = assessments.last_score(context.db, context.tenant_id, source.supplier_id)
    approved_list.enter(
        context,
        source,
        item,
        site=_site(inputs),
        status=decision,
        rating=rows.rules(context)["score"]["before_the_first"] if score is None else score.total,
        valid_to=until,
    )
    if source.status in ("candidate", "blocked") or decision == "approved":
        suppliers.set_status(context, source, decision, reason)
    if context_of(inputs.get("watch")).get("decision") == "reevaluate":  # it moved, merged, changed
        why = f"{context_of(inputs['matter'])['number']}: {context_of(inputs['watch'])['reason']}"
        today = site_days.today(context, _site(inputs))
        supplier_history.record_change(context, source.supplier_id, item.item_id, today, why)
    again = f"qualified again: {decision}"
    supply_stops.lift(context, source.supplier_id, item.item_id, again)
    return _recorded(context, inputs, decision, until, reason)


@SERVICES.service("supplier.decline")
def decline(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put on the record that the supplier did not come through; the list stays as it is."""
    return _declined(context, inputs, "not qualified")


@SERVICES.service("supplier.score")
def score(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Work out the score of the month before this one, and list what ends soon."""
    source, _item = _parties(context, inputs)
    today = site_days.today(context, _site(inputs))
    rules = rows.rules(context)
    made = assessments.score(
        context,
        source,
        since=_month_before(today),
        until=today.replace(day=1),
        service=int(amount(context_of(inputs["judged"])["points"])),
    )
    approved_list.rate(context, source, made.total, f"score of {made.month:%Y-%m}")
    ending = certificates.expiring(
        context.db,
        context.tenant_id,
        source.supplier_id,
        today,
        rules["certificate_warning_days"],
    )
    return {
        "total": made.total,
        "grade": made.grade,
        "quality": made.quality,
        "delivery": made.delivery,
        "service": made.service,
        "documents": made.documents,
        "expiring": ending,
        "expiring_listed": [f"{x['kind']} {x['number']}: {x['valid_to']}" for x in ending],
    }


@SERVICES.service("supplier.block")
def block(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Block the supplier, signed in this command; the process tells everybody by a signal."""
    if "REJ" not in context.signatures:
        raise SignatureMissing(["REJ"])
    source, _item = _parties(context, inputs)
    reason = str(context_of(inputs["suspension"])["reason"])
    suppliers.set_status(context, source, "blocked", reason)
    number = str(context_of(inputs["matter"])["number"])
    qualifications.set_status(context, number, "suspended", reason)
    return {"items": approved_list.items_of(context.db, context.tenant_id, source.supplier_id)}


@SERVICES.service("supplier_qualification.cancelled")
def cancelled(context: ServiceContext, case: Mapping[str, Any]) -> Mapping[str, Any]:
    """End the qualification when somebody cancels it, with the reason that was signed.

    What is on the list stays there until its entry ends; a candidate stays one.
    """
    opened = context_of(case.get("matter"))
    if opened:
        number = str(opened["number"])
        qualifications.set_status(context, number, "cancelled", str(case["why"]))
    return {}


def _declined(context: ServiceContext, inputs: Mapping[str, Any], reason: str) -> dict[str, Any]:
    context.record({"event": "supplier.declined", "reason": reason})
    return _recorded(context, inputs, "rejected", None, reason)


def _recorded(
    context: ServiceContext,
    inputs: Mapping[str, Any],
    decision: str,
    until: date | None,
    reason: str,
) -> dict[str, Any]:
    source, item = _parties(context, inputs)
    classified, found = context_of(inputs["class"]), context_of(inputs.get("risk"))
    number = assessments.record(
        context,
        source,
        item,
        site=_site(inputs),
        supply_type=str(classified["supply_type"]),
        risk=int(amount(found.get("total") or 0)),
        level=str(context_of(inputs.get("level")).get("level") or "DOCUMENTS"),
        decision=decision,
        facts={"class": dict(classified), "risk": dict(found)},
        valid_to=until,
    )
    qualifications.set_status(
        context, str(context_of(inputs["matter"])["number"]), decision, reason
    )
    return {
        "number": number,
        "decision": decision,
        "reevaluate_on": None
        if until is None
        else site_days.text(site_days.start_of(context.configuration, until, _site(inputs))),
    }


def _parties(context: ServiceContext, inputs: Mapping[str, Any]) -> tuple[Supplier, Item]:
    """Give the supplier and the item that a qualification is about."""
    matter = context_of(inputs["matter"])
    source = suppliers.by_number(context.db, context.tenant_id, str(matter["supplier"]["number"]))
    return source, items.by_number(context.db, context.tenant_id, str(matter["item"]["number"]))


def _site(inputs: Mapping[str, Any]) -> str:
    """Give the site that a qualification is for."""
    return str(context_of(inputs["matter"])["site"])


def _certificate(row: Mapping[str, Any]) -> Certificate:
    files = table_rows(row.get("files"))
    return Certificate(
        kind=str(row["kind"]),
        number=str(row["number"]),
        scope=str(row["scope"]),
        body=str(row["body"]),
        valid_from=rows.day(row["valid_from"]),
        valid_to=rows.day(row["valid_to"]),
        file_hash=text(files[0].get("sha256")) if files else None,
    )


def _missing(context: ServiceContext, source: Supplier, item: Item, today: date) -> list[str]:
    required = certificates.required_for(rows.rules(context), item)
    return certificates.missing(context.db, context.tenant_id, source.supplier_id, required, today)


def _until(context: ServiceContext, item: Item, site: str) -> date:
    """Give the day that an approval ends on: whole months from today, by criticality."""
    months = int(rows.rules(context)["reevaluation_months"][item.criticality])
    today = site_days.today(context, site)
    year, month = divmod(today.month - 1 + months, 12)
    return date(today.year + year, month + 1, min(today.day, 28))


def _month_before(today: date) -> date:
    """Give the first day of the month before."""
    first = today.replace(day=1)
    return (first - timedelta(days=1)).replace(day=1)
