"""What the service tasks of nonconformance do; the rules of the book live in the ledger."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import items, locations, lots, suppliers, switching
from processes.ledger.lots import Lot
from processes.ledger.nonconformity import (
    ageing,
    dispositions,
    nonconformities,
    reach,
    scope,
    statistics,
    supplier_requests,
)
from processes.ledger.nonconformity.dispositions import NewSplit, Split
from processes.ledger.nonconformity.nonconformities import (
    Classification,
    Nonconformity,
    Report,
)
from processes.ledger.nonconformity.scope import Finding
from processes.ledger.nonconformity.supplier_requests import NewRequest
from processes.ledger.nonconformity.tables import SEVERITIES, STAGES
from processes.ledger.purchasing import disposed_goods
from processes.ledger.purchasing.disposed_goods import Decided
from processes.ledger.quantities import amount_of, case_number, scaled
from processes.ledger.refusals import NotInLedger
from processes.values import amount, context_of, identifier, rows, text

SERVICES = ServiceRegistry()
_STAGE_OF = {
    "incoming_inspection": "incoming",
    "receiving": "incoming",
    "receipt": "incoming",
    "supplier_audit": "audit",
    "production": "final",
    "complaint": "return",
    "recall": "return",
    "customer_return": "return",
    "audit": "audit",
}
"""Where a process that raises a nonconformity has found it; the triage may correct it."""
_REWORK_ZONES = ("wip", "hold")
_REJECT_ZONES = ("reject", "hold")


@SERVICES.service("nonconformity.contain")
def contain(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Open the record and hold the reported lot, whole, in the command of the report.

    A report that names a closed nonconformity opens its next cycle.
    """
    report = context_of(inputs.get("report"))
    lot = _reported_lot(context, report, inputs)
    number = text(report.get("reopens"))
    if number is None:
        found = nonconformities.open_new(context, _read_report(context, report, inputs, lot))
    else:
        found = nonconformities.reopen(context, number, str(report["reopen_reason"]))
    if lot is not None:
        scope.contain(context, found, lot)
        ageing.hold_begins(context, found)
    return _described(context, found, lot, report)


@SERVICES.service("nonconformity.void")
def void(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """End the record as void, signed by QA, and release the holds that it placed."""
    found = _found(context, inputs)
    reason = str(inputs["reason"])
    released = scope.release_holds(context, found, f"{found.number}: {reason}")
    nonconformities.end_cycle(context, found, "void", reason, signature_meaning="CLOS")
    ageing.is_over(context, found, "void")
    return {"released": released, "reason": reason, "dispositions": []}


@SERVICES.service("nonconformity.trace")
def trace(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """List what the reported lots touch, and what of it was shipped to whom."""
    found = _found(context, inputs)
    windows = context.configuration("nonconformity_rules")["reach"]
    reached = reach.of_nonconformity(context.db, context.tenant_id, found, windows)
    shipped = [
        {
            "lot_number": each.lot.number,
            "consignee": each.consignee,
            "shipment": each.shipment,
            "quantity": case_number(each.quantity, each.lot.unit),
            "unit": each.lot.unit.code,
        }
        for each in reached.shipped
    ]
    return {
        "candidates": [
            {
                "lot_id": str(each.lot.lot_id),
                "lot_number": each.lot.number,
                "item_number": each.lot.item_number,
                "via": each.via,
                "on_hand": case_number(each.on_hand, each.lot.unit),
                "shipped": case_number(each.shipped, each.lot.unit),
                "unit": each.lot.unit.code,
            }
            for each in reached.candidates
        ],
        "shipped": shipped,
        "shipped_text": "; ".join(
            f"{each['lot_number']} {each['quantity']} {each['unit']} → {each['consignee']}"
            for each in shipped
        )
        or "–",
    }


@SERVICES.service("nonconformity.decide_scope")
def decide_scope(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Hold what is affected or suspect; say what the rules ask about the scope."""
    found = _found(context, inputs)
    decision = context_of(inputs["decision"])
    candidates = rows(context_of(inputs["reach"]).get("candidates"))
    held = []
    decided: dict[str, str] = {}
    for row, candidate in zip(rows(decision.get("lots")), candidates, strict=True):
        lot = lots.by_number(context.db, context.tenant_id, str(candidate["lot_number"]))
        if _decide(context, found, lot, row, str(candidate["via"])):
            held.append(lot.number)
        decided[lot.number] = str(row["finding"])
    for row in rows(decision.get("more")):
        lot = lots.by_number(context.db, context.tenant_id, str(row["lot_number"]))
        if _decide(context, found, lot, row, "named"):
            held.append(lot.number)
        decided[lot.number] = str(row["finding"])
    return {
        "held": sorted(held),
        "affected": sorted(number for number, kind in decided.items() if kind == "affected"),
        "narrow": decision.get("narrow") is True,
        "narrow_reason": text(decision.get("narrow_reason")),
        **_extent(
            context,
            found,
            decided,
            candidates,
            single=context_of(inputs.get("triage")).get("single_event") is True,
        ),
    }


@SERVICES.service("nonconformity.classify")
def classify(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the class, the rule's or QA's, and the score that orders the work."""
    found = _found(context, inputs)
    triage, decided = context_of(inputs["triage"]), context_of(inputs["decided"])
    confirmed = context_of(inputs.get("confirmed"))
    chosen = str(confirmed.get("class") or decided["class"])
    probability = int(amount(triage["probability"]))
    extent = int(amount(context_of(inputs["scope"])["extent"]))
    severity = str(triage["severity"])
    score = int(severity[1]) * probability * extent
    made = Classification(
        stage=found.stage,
        requirement=str(triage["requirement"]),
        severity=severity,
        probability=probability,
        risk_score=score,
        nonconformity_class=chosen,
    )
    nonconformities.classify(context, found, made)
    ageing.disposition_is_wanted(context, found, chosen)
    if triage.get("supplier_caused") is True:
        switching.tighten_after(context, found.number, found.supplier_id, found.item_id, severity)
    due = context.configuration("nonconformity_rules")["due"]
    return {
        "class": chosen,
        "risk_score": score,
        "due": {step: due[step][chosen] for step in ("investigation", "disposition")},
    }


@SERVICES.service("nonconformity.ask_supplier")
def ask_supplier(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Number the request that the supplier will have to answer (SCAR)."""
    found = _found(context, inputs)
    supplier_id = found.supplier_id
    if supplier_id is None:
        raise NotInLedger("supplier of nonconformity", "不合格品的供应商", found.number)
    request = supplier_requests.issue(
        context,
        NewRequest(
            supplier_id=supplier_id,
            problem=found.description,
            critical=context_of(inputs["classified"])["class"] == "CRITICAL",
            nonconformity_id=found.nonconformity_id,
            item_id=found.item_id,
        ),
    )
    asked = suppliers.find(context.db, context.tenant_id, supplier_id)
    requirement = str(context_of(inputs["triage"])["requirement"])
    return {
        "number": request.number,
        "supplier": asked.number,
        "questions": f"{found.description} ({requirement})",
    }


@SERVICES.service("nonconformity.keep_cause")
def keep_cause(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the cause, by which repetition is counted."""
    found = _found(context, inputs)
    code = str(context_of(inputs["investigation"])["cause_code"])
    nonconformities.set_cause(context, found, code)
    return {"code": code}


@SERVICES.service("nonconformity.reconcile")
def reconcile(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say of each affected lot what is left to be disposed of (Σ splits = affected)."""
    found = _found(context, inputs)
    dispositions.require_decided(context.db, context.tenant_id, found)
    balances = dispositions.reconcile(context.db, context.tenant_id, found)
    open_ones = [each for each in balances if each.left]
    said = [
        f"{each.lot.number}: {amount_of(each.left, each.lot.unit)} / "
        f"{amount_of(each.affected, each.lot.unit)} {each.lot.unit.code}"
        for each in balances
    ]
    return {
        "left": bool(open_ones),
        "text": "; ".join(said) or "–",
        "choices": [each.lot.number for each in open_ones],
        "unit": open_ones[0].lot.unit.code if open_ones else None,
        "lots": [
            {
                "lot_number": each.lot.number,
                "left": case_number(each.left, each.lot.unit),
                "unit": each.lot.unit.code,
            }
            for each in open_ones
        ],
    }


@SERVICES.service("nonconformity.propose")
def propose(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the splits of the proposal, and say who sits on the board about them."""
    found = _found(context, inputs)
    allowed = [str(each) for each in context_of(inputs["allowed"])["dispositions"]]
    splits = [_split(context, row) for row in rows(context_of(inputs["proposal"])["splits"])]
    number = dispositions.propose(
        context, found, splits, allowed={each.lot_id: allowed for each in splits}
    )
    return {
        "round": number,
        "text": "; ".join(_said(context, each) for each in splits) or "–",
        "concession": any(each.disposition == "USE_AS_IS" for each in splits),
        "supplier": found.supplier_id is not None
        and context_of(inputs["triage"]).get("supplier_caused") is True,
        "rejected_locations": _places(context, _REJECT_ZONES),
    }


@SERVICES.service("nonconformity.vote")
def vote(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the vote of one member of the board, in the command that signs it."""
    given = context_of(inputs["vote"])
    dispositions.vote(
        context,
        _found(context, inputs),
        int(amount(inputs["round"])),
        str(inputs["role"]),
        agrees=given["agrees"] is True,
        reason=text(given.get("reason")),
    )
    return {"agrees": given["agrees"]}


@SERVICES.service("nonconformity.count_votes")
def count_votes(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say whether the board is of one mind."""
    given = dispositions.votes(
        context.db,
        context.tenant_id,
        _found(context, inputs),
        int(amount(inputs["round"])),
    )
    against = [each for each in given if not each.agrees]
    return {
        "unanimous": not against,
        "text": "; ".join(
            f"{each.role}: {'+' if each.agrees else f'– {each.reason}'}" for each in given
        ),
    }


@SERVICES.service("nonconformity.approve")
def approve(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Approve the splits and set the stock apart; a narrowed hold is released then, by QA."""
    found = _found(context, inputs)
    place = locations.by_code(
        context.db, context.tenant_id, str(context_of(inputs["approval"])["rejected_location"])
    )
    approved = dispositions.approve(
        context, found, int(amount(inputs["round"])), rejected_location=place.location_id
    )
    ageing.disposition_is_approved(context, found)
    decided = context_of(inputs["scope"])
    clear = {
        each.lot_id
        for each in scope.of_cycle(context.db, context.tenant_id, found)
        if each.finding == "clear" or decided.get("narrow") is True
    }
    reason = text(decided.get("narrow_reason")) or f"{found.number}: cleared"
    released = scope.release_holds(context, found, reason, only=clear)
    return {
        "released": released,
        "splits": [_to_carry_out(context, each) for each in approved],
    }


@SERVICES.service("nonconformity.capa_facts")
def capa_facts(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Count the repetitions that NC-04 asks about."""
    rules = context.configuration("nonconformity_rules")
    facts = statistics.of_nonconformity(
        context.db, context.tenant_id, _found(context, inputs), rules, context.now
    )
    assessment = context_of(inputs.get("assessment"))
    return {
        "same_cause": facts.same_cause,
        "cause_repeated": facts.cause_repeated,
        "supplier_rejected": facts.supplier_rejected,
        "supplier_repeated": facts.supplier_repeated,
        "concessions": facts.concessions,
        "concession_repeated": facts.concession_repeated,
        "trend_out_of_control": facts.trend_out_of_control,
        "supplier_answer_overdue": facts.supplier_answer_overdue,
        "audit_finding_major": context_of(inputs["triage"]).get("audit_finding_major") is True,
        "field_action": assessment.get("field_action") is not None,
    }


@SERVICES.service("nonconformity.close")
def close(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Close the record, signed CLOS in this command; its holds are released with it.

    Refused while a quantity is undisposed (NCR-60).
    """
    found = _found(context, inputs)
    dispositions.require_reconciled(context.db, context.tenant_id, found)
    reason = str(context_of(inputs["closing"])["reason"])
    released = scope.release_holds(context, found, f"{found.number}: {reason}")
    nonconformities.end_cycle(context, found, "closed", reason, signature_meaning="CLOS")
    ageing.is_over(context, found, "closed")
    done = dispositions.of_cycle(context.db, context.tenant_id, found)
    return {
        "released": released,
        "reason": reason,
        "dispositions": [_carried_out(context, each) for each in done if each.done_quantity],
        "order_lines": [_order_line(each) for each in disposed_goods.decided_by(context, found)],
    }


@SERVICES.service("nonconformance.cancelled")
def cancelled(context: ServiceContext, case: Mapping[str, Any]) -> Mapping[str, Any]:
    """End the record when somebody cancels the process instance itself; its holds stay with QA."""
    opened = context_of(case.get("nc"))
    if opened:
        found = nonconformities.find(context.db, context.tenant_id, identifier(opened["id"]))
        if found.is_open:
            nonconformities.end_cycle(
                context, found, "cancelled", str(case["why"]), signature_meaning=None
            )
            ageing.is_over(context, found, "cancelled")
    return {}


def _found(context: ServiceContext, inputs: Mapping[str, Any]) -> Nonconformity:
    return nonconformities.find(context.db, context.tenant_id, identifier(inputs["nc"]))


def _reported_lot(
    context: ServiceContext, report: Mapping[str, Any], inputs: Mapping[str, Any]
) -> Lot | None:
    number = text(report.get("lot_number")) or text(inputs.get("lot_number"))
    return None if number is None else lots.by_number(context.db, context.tenant_id, number)


def _read_report(
    context: ServiceContext,
    report: Mapping[str, Any],
    inputs: Mapping[str, Any],
    lot: Lot | None,
) -> Report:
    item_number = text(report.get("item_number")) or text(inputs.get("item_number"))
    item_id = None if lot is None else lot.item_id
    if item_id is None and item_number is not None:
        item_id = items.by_number(context.db, context.tenant_id, item_number).item_id
    kind = text(inputs.get("source_kind")) or "person"
    severity = text(inputs.get("severity"))
    stage = text(report.get("where")) or _STAGE_OF.get(kind, "other")
    found_at = text(report.get("found_at"))
    return Report(
        source_kind=kind,
        source_number=text(inputs.get("source_number")) or "",
        stage=stage if stage in STAGES else "other",
        description=text(report.get("what"))
        or text(inputs.get("description"))
        or f"{kind} {inputs.get('source_number')}",
        item_id=item_id,
        supplier_id=None if lot is None else lot.supplier_id,
        lot_id=None if lot is None else lot.lot_id,
        immediate_action=text(report.get("immediate_action")),
        severity=severity if severity in SEVERITIES else None,
        aware_at=None if found_at is None else datetime.fromisoformat(found_at),
    )


def _described(
    context: ServiceContext, found: Nonconformity, lot: Lot | None, report: Mapping[str, Any]
) -> Mapping[str, Any]:
    db, tenant_id = context.db, context.tenant_id
    rules = context.configuration("nonconformity_rules")
    item = None if found.item_id is None else items.find(db, tenant_id, found.item_id)
    source = None if found.supplier_id is None else suppliers.find(db, tenant_id, found.supplier_id)
    return {
        "id": str(found.nonconformity_id),
        "number": found.number,
        "cycle": found.cycle,
        "source_kind": found.source_kind,
        "source_number": found.source_number,
        "stage": found.stage,
        "severity": found.severity,
        "description": found.description,
        "immediate_action": text(report.get("immediate_action")),
        "reported_by": found.reported_by,
        "aware_at": found.aware_at.isoformat(),
        "item": None
        if item is None
        else {
            "number": item.number,
            "names": dict(item.names),
            "criticality": item.criticality,
            "sterile": item.sterile,
        },
        "supplier": None
        if source is None
        else {"number": source.number, "names": dict(source.names)},
        "lot_number": None if lot is None else lot.number,
        "held": [] if lot is None else [lot.number],
        "due": {step: length for step, length in rules["due"].items() if isinstance(length, str)},
        "wait": rules["wait"],
    }


def _decide(
    context: ServiceContext, found: Nonconformity, lot: Lot, row: Mapping[str, Any], via: str
) -> bool:
    quantity = row.get("quantity")
    finding = Finding(
        lot_id=lot.lot_id,
        finding=str(row["finding"]),
        via=via,
        quantity=None if quantity is None else scaled(amount(quantity), lot.unit),
        evidence=text(row.get("evidence")),
    )
    return scope.decide(context, found, finding)


def _extent(
    context: ServiceContext,
    found: Nonconformity,
    decided: Mapping[str, str],
    candidates: list[Mapping[str, Any]],
    *,
    single: bool,
) -> dict[str, Any]:
    """Say how far it went: 1 one unit, 2 one lot, 3 several lots, 4 shipped.

    `single` is the triage's word that it happened once: no count in the book can say it (NC-01).
    """
    affected = [number for number, kind in decided.items() if kind != "clear"]
    shipped = any(
        each["lot_number"] in affected and amount(each["shipped"]) > 0 for each in candidates
    )
    in_scope = scope.of_cycle(context.db, context.tenant_id, found)
    released = any(
        scope.has_been_released(context.db, context.tenant_id, each.lot_id)
        for each in in_scope
        if each.finding != "clear"
    )
    one_unit = sum(each.quantity for each in in_scope) == 1
    extent = 4 if shipped else 3 if len(affected) > 1 else 1 if one_unit else 2
    return {
        "shipped": shipped,
        "released_or_shipped": shipped or released,
        "extent": extent,
        "contained_single": single and not shipped and len(affected) <= 1,
    }


def _split(context: ServiceContext, row: Mapping[str, Any]) -> NewSplit:
    lot = lots.by_number(context.db, context.tenant_id, str(row["lot_number"]))
    return NewSplit(
        lot_id=lot.lot_id,
        quantity=scaled(amount(row["quantity"]), lot.unit),
        disposition=str(row["disposition"]),
        reason=str(row["reason"]),
        instruction=text(row.get("instruction")),
        serials=tuple((text(row.get("serials")) or "").split()),
    )


def _said(context: ServiceContext, split: NewSplit) -> str:
    lot = lots.find(context.db, context.tenant_id, split.lot_id)
    quantity = amount_of(split.quantity, lot.unit)
    return f"{lot.number} {quantity} {lot.unit.code} {split.disposition}: {split.reason}"


def _to_carry_out(context: ServiceContext, split: Split) -> Mapping[str, Any]:
    lot = lots.find(context.db, context.tenant_id, split.lot_id)
    return {
        "split": split.split,
        "disposition": split.disposition,
        "reason": split.reason,
        "instruction": split.instruction,
        "lot_number": lot.number,
        "item_names": dict(lot.item_names),
        "quantity": case_number(split.quantity, lot.unit),
        "unit": lot.unit.code,
        "serials": list(split.serials),
        "sample_locations": _places(context, ("sample",)),
        "rework_locations": _places(context, _REWORK_ZONES),
        "supplier_locations": _places(context, ("supplier",)),
        "quarantine_locations": _places(context, ("quarantine",)),
        "released_locations": _places(context, ("released",)),
    }


def _carried_out(context: ServiceContext, split: Split) -> Mapping[str, Any]:
    lot = lots.find(context.db, context.tenant_id, split.lot_id)
    return {
        "lot_number": lot.number,
        "disposition": split.disposition,
        "quantity": case_number(split.done_quantity, lot.unit),
        "unit": lot.unit.code,
    }


def _order_line(decided: Decided) -> Mapping[str, Any]:
    """Give what purchasing is told of a receipt, in the words in which inspection tells it."""
    unit = decided.lot.unit
    return {
        "receipt_line_id": str(decided.came.receipt_line_id),
        "lot_number": decided.lot.number,
        "item_number": decided.lot.item_number,
        "decision": "DISPOSED",
        "accepted_quantity": case_number(decided.accepted, unit),
        "rejected_quantity": case_number(decided.rejected, unit),
        "unit": unit.code,
        "purchase_order": decided.came.order,
        "purchase_order_line": decided.came.line,
    }


def _places(context: ServiceContext, zones: tuple[str, ...]) -> list[str]:
    every = locations.every(context.db, context.tenant_id)
    return [each.code for each in every if each.zone in zones and each.active]
