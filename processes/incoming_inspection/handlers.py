"""What the service tasks of incoming inspection do; the rules of the book live in the ledger."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from engine.canonical import instant_text
from engine.services import ServiceContext, ServiceRegistry
from processes.incoming_inspection import interruptions, reports
from processes.incoming_inspection.interruptions import label, require_not_frozen
from processes.ledger import (
    certificate_values,
    conditional_release,
    evaluation,
    inspection_documents,
    inspection_lots,
    inspection_planning,
    inspection_results,
    instruments,
    items,
    movements,
    receipts,
    retained_samples,
    samples,
    site_days,
    status_changes,
    supplier_history,
    suppliers,
    trainings,
    usage_decisions,
)
from processes.ledger.balances import Place
from processes.ledger.certificate_values import CertificateValue
from processes.ledger.inspection_lots import InspectionLot, Sampling
from processes.ledger.inspection_planning import Mode
from processes.ledger.inspection_results import DocumentFinding, Reading
from processes.ledger.items import Item
from processes.ledger.locations import by_code
from processes.ledger.movements import Document, Movement
from processes.ledger.nonconformity import supply_stops
from processes.ledger.plans import Plan
from processes.ledger.purchasing import waivers
from processes.ledger.quantities import case_number, scaled
from processes.ledger.receipts import ReceiptLine
from processes.ledger.switching import SwitchingState, switching_state
from processes.ledger.tables import SEVERITIES
from processes.ledger.usage_decisions import Decision
from processes.values import amount, context_of, identifier, rows, text

SERVICES = ServiceRegistry()
SERVICES.include(interruptions.SERVICES)
SERVICES.include(reports.SERVICES)


_IDENTIFIERS = {
    "item_number": {"en": "item", "zh": "物料"},
    "supplier_lot": {"en": "supplier's lot", "zh": "供应商批号"},
    "serials": {"en": "serial numbers", "zh": "序列号"},
}
"""What of a receipt may have been typed by hand instead of scanned."""


@SERVICES.service("inspection.open")
def open_lot(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Open the inspection lot of a receipt line with the plan in force, and say what is known."""
    db, tenant_id = context.db, context.tenant_id
    line = receipts.find_line(db, tenant_id, identifier(inputs["receipt_line_id"]))
    inspection = inspection_lots.open_for(context, line)
    plan = inspection_lots.plan_of(db, tenant_id, inspection)
    item = items.find(db, tenant_id, line.lot.item_id)
    source = suppliers.find(db, tenant_id, line.supplier_id)
    rules = context.configuration("inspection_rules")
    first, second, third = interruptions.ages(context, line)[:3]
    history = inspection_planning.history_for(context, line, item)
    return {
        "id": str(inspection.inspection_lot_id),
        "number": inspection.number,
        "resubmission": inspection.resubmission,
        "item": {
            "number": item.number,
            "names": dict(item.names),
            "revision": line.lot.item_revision,
            "criticality": item.criticality,
            "sterile": item.sterile,
            "implant": item.implant,
            "special": item.sterile or item.implant,
        },
        "lot_number": line.lot.number,
        "supplier_lot": line.lot.supplier_lot_raw,
        "expiry": None if line.lot.expiry is None else line.lot.expiry.isoformat(),
        "supplier": {"number": source.number, "names": dict(source.names)},
        "manufacturer": line.lot.manufacturer,
        "typed": [_IDENTIFIERS[n] for n, how in sorted(line.entries.items()) if how == "typed"],
        "receipt_number": line.receipt_number,
        "site": line.site,
        "quantity": case_number(line.quantity, line.lot.unit),
        "unit": line.lot.unit.code,
        "containers": line.containers,
        "plan": f"{plan.number} v{plan.version}",
        "plan_special": plan.has_special_tests and plan.retain_quantity > 0,
        "documents_required": inspection_documents.required(context, plan, line.receipt_line_id),
        "certificate": certificate_values.to_enter(plan),
        "documents_delivered": line.documents,
        "history": history,
        "due": {
            **rules["due"],
            "measure": rules["due"]["measure"][item.criticality],
        },
        "ageing": {
            "first": instant_text(first),
            "second": instant_text(second),
            "third": instant_text(third),
        },
        "shelf_life_short": _is_shelf_life_short(context, item, line),
        "label": label(context, "quarantine", line.lot.number),
    }


@SERVICES.service("inspection.plan_sampling")
def plan_sampling(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Fix what is inspected, and draw the units from a seed that is kept."""
    inspection, plan = _inspection(context, inputs)
    decided = context_of(inputs["mode"])
    mode = Mode(
        mode=str(decided["mode"]),
        severity=str(decided["severity"]),
        level=text(decided.get("level")),
        documents_only=decided.get("documents_only") is True,
        by_class=decided.get("by_class") is True,
    )
    seed = context.new_id().hex
    switched = _switching(context, inspection, plan).severities
    samplings = inspection_planning.plan_samples(
        context, inspection, plan, mode, seed, switched=switched
    )
    applied = (each.severity for each in samplings)
    strictest = max(applied, key=SEVERITIES.index, default=mode.severity)
    inspection_lots.fix_sampling(
        context, inspection, samplings, mode=mode.mode, severity=strictest, seed=seed
    )
    line = receipts.find_line(context.db, context.tenant_id, inspection.receipt_line_id)
    size = inspection_planning.lot_size(context, inspection, plan)
    taken = samples.listed(inspection, samplings, lot_size=size, boxes=line.containers)
    samples.keep(context, inspection, taken)
    boxes = sorted({each.box for each in taken})
    return {**_sampling(context, inspection, plan, samplings, seed=seed), "boxes": boxes}


@SERVICES.service("inspection.record_documents")
def record_documents(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the document check; say whether something is missing or wrong.

    `required` is what was asked for when the inspection was opened, by plan and order. `given_up`
    means that the supplier cannot bring what is missing, so that nobody waits for it.
    """
    require_not_frozen(inputs)
    inspection, plan = _inspection(context, inputs)
    check = context_of(inputs["check"])
    required = rows(inputs.get("required")) or list(plan.documents_required)
    findings = [
        DocumentFinding(
            code=str(each["code"]),
            finding=str(row["finding"]),
            reference=text(row.get("reference")),
            note=text(row.get("note")),
        )
        for each, row in zip(required, rows(check.get("documents")), strict=False)
    ]
    inspection_documents.require_answered(required, findings)
    identity = "conforming" if check.get("identity_ok") is True else "wrong"
    findings.append(
        DocumentFinding(code="identity", finding=identity, note=text(check.get("remark")))
    )
    values = certificate_values.read(plan, _values(check))
    said = {each.code: each.finding for each in findings}
    certificate_values.require_complete(plan, values, said)
    number = inspection_results.record_documents(context, inspection, findings)
    certificate_values.record(context, inspection, number, values)
    line = receipts.find_line(context.db, context.tenant_id, inspection.receipt_line_id)
    short = _is_shelf_life_short(
        context, items.find(context.db, context.tenant_id, plan.item_id), line
    )
    missing = [each.code for each in findings if each.finding == "missing"]
    return {
        "round": number,
        "missing": missing,
        "wrong": _wrong(findings[:-1], values),
        "out_of_limits": [
            dict(_characteristic(plan, each.characteristic_number).names)
            for each in values
            if not each.conforming
        ],
        "identity_ok": identity == "conforming",
        "shelf_life_ok": check.get("shelf_life_ok") is not False and not short,
        "given_up": context_of(inputs.get("obtained")).get("available") is False,
    }


def _values(check: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the rows of the certificate with numbers as decimals."""
    return [
        {
            "value": None if row.get("value") is None else amount(row["value"]),
            "page": text(row.get("page")),
        }
        for row in rows(check.get("certificate"))
    ]


def _wrong(findings: Sequence[DocumentFinding], values: Sequence[CertificateValue]) -> list[str]:
    """List the documents that are wrong: by the check, or by a value that is out of our limits."""
    out = {each.document_code for each in values if not each.conforming}
    return [each.code for each in findings if each.finding == "wrong" or each.code in out]


@SERVICES.service("inspection.book_samples")
def book_samples(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take samples that a test destroys out of stock (SAMPLE), and keep others back (RETAIN)."""
    require_not_frozen(inputs)
    inspection, plan = _inspection(context, inputs)
    samplings = _samplings(context, inspection)
    destroyed = max(
        (
            each.plan.sample_size
            for each in samplings
            if _characteristic(plan, each.characteristic_number).destructive
        ),
        default=0,
    )
    if destroyed:
        lot, place, _there = usage_decisions.in_quarantine(context, inspection)
        movement = Movement(
            movement_type="SAMPLE",
            lot_id=lot.lot_id,
            quantity=destroyed * 10**lot.unit.decimals,
            document=Document("inspection", inspection.number),
            source=place,
            outcome="SAMPLED",
        )
        if lot.has_serials:
            units = status_changes.serials_at(context, lot, place)[:destroyed]
            movements.post_serials(context, movement, units)
        else:
            movements.post(context, movement)
    retained_in = retained_samples.keep(context, inspection, plan.retain_quantity)
    unit = usage_decisions.lot_of(context, inspection).unit
    return {
        "destroyed": destroyed,
        "retained": case_number(plan.retain_quantity, unit),
        "retained_in": retained_in,
    }


@SERVICES.service("inspection.record_readings")
def record_readings(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the readings of one characteristic; refused with an instrument out of calibration."""
    require_not_frozen(inputs)
    inspection, plan = _inspection(context, inputs)
    line = receipts.find_line(context.db, context.tenant_id, inspection.receipt_line_id)
    trainings.require(context, "measure", line.site)
    number = int(amount(context_of(inputs["characteristic"])["number"]))
    characteristic = _characteristic(plan, number)
    measured = context_of(inputs["measured"])
    table = "readings" if characteristic.kind == "measured" else "findings"
    sampling = next(
        each for each in _samplings(context, inspection) if each.characteristic_number == number
    )
    codes = samples.codes(context.db, context.tenant_id, inspection.inspection_lot_id)
    units = dict(enumerate(sampling.sample_units, start=1))
    readings = [
        Reading(
            sample_number=place,
            value=None if row.get("value") is None else amount(row["value"]),
            defects=_defects(row),
            unit_reference=text(row.get("unit_reference")) or codes.get(units.get(place, 0)),
            note=text(row.get("note")),
        )
        for place, row in enumerate(rows(measured.get(table)), start=1)
    ]
    results = inspection_results.record_readings(
        context,
        inspection,
        characteristic,
        sampling,
        readings,
        instrument_number=text(measured.get("instrument")),
    )
    return {
        "characteristic": number,
        "inspected": len(results),
        "nonconforming": sum(not each.conforming for each in results),
    }


@SERVICES.service("inspection.evaluate")
def evaluate(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Count what was found against what is accepted; say whether a laboratory error is possible."""
    inspection, plan = _inspection(context, inputs)
    results = inspection_results.results_of(
        context.db, context.tenant_id, inspection.inspection_lot_id
    )
    retested = inspection_results.retests_of(
        context.db, context.tenant_id, inspection.inspection_lot_id
    )
    evaluated = evaluation.evaluate(plan, _samplings(context, inspection), results)
    found = evaluation.summary(evaluated, retested)
    values = certificate_values.of_inspection(
        context.db, context.tenant_id, inspection.inspection_lot_id
    )
    checked = bool(context_of(inputs.get("laboratory_check")))
    _lot, _place, there = usage_decisions.in_quarantine(context, inspection)
    return {
        **found,
        "certificate": certificate_values.compare(plan, values, evaluated),
        "laboratory_check_needed": bool(found["retest_candidates"]) and not checked,
        "quantity_left": case_number(there, _lot.unit),
    }


@SERVICES.service("inspection.record_laboratory_check")
def record_laboratory_check(
    context: ServiceContext, inputs: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Authorise the one retest where the QC lead found a laboratory error."""
    inspection, plan = _inspection(context, inputs)
    check = context_of(inputs["check"])
    candidates = rows(context_of(inputs["evaluation"]).get("retest_candidates"))
    chosen = [
        int(amount(candidate["value"]))
        for candidate, row in zip(candidates, rows(check.get("retests")), strict=False)
        if row.get("retest") is True
    ]
    samplings = _samplings(context, inspection)
    if check.get("finding") != "laboratory_error":
        chosen = []
    if chosen:
        inspection_results.authorise_retest(context, inspection, chosen, str(check["reason"]))
    return _sampling(context, inspection, plan, samplings, only=chosen, attempt=2)


@SERVICES.service("lots.release")
def release(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Release the accepted quantity, signed REL in this command, and close the inspection lot.

    What was released for one work order before the results is released for every use with it.
    """
    require_not_frozen(inputs)
    inspection, _plan = _inspection(context, inputs)
    usage = context_of(inputs["usage"])
    lot, _place, there = usage_decisions.in_quarantine(context, inspection)
    accepted = usage.get("accepted_quantity")
    decision = Decision(
        decision="ACCEPT",
        verdict=str(inputs["verdict"]),
        accepted=there if accepted is None else scaled(amount(accepted), lot.unit),
        quantity=there,
        reason=text(usage.get("reason")),
    )
    waivers.free_goods(context, lot, decision.reason or f"{inspection.number}: {decision.verdict}")
    usage_decisions.release(context, inspection, decision)
    conditional = conditional_release.confirm(context, inspection)
    rejected = there - decision.accepted
    return {
        "conditional": case_number(conditional, lot.unit),
        "label": label(context, "released", lot.number),
        "released": case_number(decision.accepted, lot.unit),
        "rejected": case_number(rejected, lot.unit),
        "unit": lot.unit.code,
    }


@SERVICES.service("lots.reject")
def reject(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Reject the lot, or hold it, signed REJ in this command, and close the inspection lot."""
    inspection, _plan = _inspection(context, inputs)
    usage = context_of(inputs["usage"])
    lot, _place, there = usage_decisions.in_quarantine(context, inspection)
    decision = Decision(
        decision=str(usage["decision"]),
        verdict=str(inputs["verdict"]),
        accepted=0,
        quantity=there,
        reason=text(usage.get("reason")),
    )
    usage_decisions.refuse(context, inspection, decision)
    if context_of(inputs.get("urgent")):
        if decision.decision == "REJECT":
            conditional_release.withdraw(context, inspection)
        conditional_release.hold_what_it_went_into(
            context, inspection, decision.reason or f"{inspection.number}: {decision.verdict}"
        )
    return {
        "label": label(context, "rejected", lot.number),
        "decision": decision.decision,
        "quantity": case_number(there, lot.unit),
        "unit": lot.unit.code,
    }


@SERVICES.service("inspection.cancel")
def cancel(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Close the inspection lot without a decision; the goods stay in quarantine."""
    inspection, _plan = _inspection(context, inputs)
    inspection_lots.cancel(context, inspection, str(inputs["reason"]))
    return {}


@SERVICES.service("incoming_inspection.cancelled")
def cancelled(context: ServiceContext, case: Mapping[str, Any]) -> Mapping[str, Any]:
    """Close the inspection lot when somebody cancels the process instance itself."""
    opened = context_of(case.get("inspection"))
    if opened:
        inspection, _plan = _inspection(context, {"inspection_id": opened["id"]})
        if inspection.status == "open":
            inspection_lots.cancel(context, inspection, str(case["why"]))
    return {}


@SERVICES.service("suppliers.record_inspection")
def record_inspection(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Add the outcome to the supplier's history; the switching rules count from it (IQ-03)."""
    inspection, plan = _inspection(context, inputs)
    line = receipts.find_line(context.db, context.tenant_id, inspection.receipt_line_id)
    accepted = inspection.decision == "ACCEPT"
    samplings = _samplings(context, inspection)
    results = inspection_results.results_of(
        context.db, context.tenant_id, inspection.inspection_lot_id
    )
    evaluated = evaluation.evaluate(plan, samplings, results)
    tighter = inspection_planning.tighter_acceptance(context, inspection, plan)
    event = supplier_history.SupplierEvent(
        kind="lot_inspected",
        received_at=line.received_at,
        resubmission=inspection.resubmission,
        severity=inspection.severity,
        accepted=accepted,
        accepted_one_step_tighter=accepted
        and evaluation.accepted_one_step_tighter(evaluated, tighter),
        acceptance_number=max((each.plan.acceptance_number for each in samplings), default=0),
        classes=evaluation.by_class(evaluated, tighter),
    )
    supplier_history.record_event(
        context,
        inspection.supplier_id,
        plan.item_id,
        event,
        lot_id=inspection.lot_id,
        inspection_lot_id=inspection.inspection_lot_id,
    )
    return _history(context, line)


@SERVICES.service("suppliers.stop_receipts")
def stop_receipts(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ask the supplier to act on five refused lots, and take nothing of the item until then."""
    inspection, plan = _inspection(context, inputs)
    item = items.find(context.db, context.tenant_id, plan.item_id)
    request = supply_stops.begin(context, inspection.supplier_id, item, because=inspection.number)
    return {"scar": request.number, "problem": request.problem_said}


@SERVICES.service("stock.put_away")
def put_away(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Move what was released from the quarantine shelf to a place for released stock."""
    inspection, _plan = _inspection(context, inputs)
    line = receipts.find_line(context.db, context.tenant_id, inspection.receipt_line_id)
    target = by_code(context.db, context.tenant_id, str(inputs["location"]))
    movement = Movement(
        movement_type="PUT",
        lot_id=line.lot.lot_id,
        quantity=scaled(amount(inputs["quantity"]), line.lot.unit),
        document=Document("inspection", inspection.number),
        source=Place(line.location_id, "RELEASED"),
        target=Place(target.location_id, "RELEASED"),
    )
    if line.lot.has_serials:
        source = Place(line.location_id, "RELEASED")
        units = status_changes.serials_at(context, line.lot, source)
        movements.post_serials(context, movement, units)
    else:
        movements.post(context, movement)
    return {"location": target.code}


def _is_shelf_life_short(context: ServiceContext, item: Item, line: ReceiptLine) -> bool:
    """Tell whether less life is left, in days at the site, than the item must have on receipt."""
    expiry = line.lot.expiry
    if expiry is None:
        return False
    least = timedelta(days=item.min_remaining_life_days or 0)
    return expiry < site_days.today(context, line.site) + least


def _inspection(context: ServiceContext, inputs: Mapping[str, Any]) -> tuple[InspectionLot, Plan]:
    inspection = inspection_lots.find(
        context.db, context.tenant_id, identifier(inputs["inspection_id"])
    )
    return inspection, inspection_lots.plan_of(context.db, context.tenant_id, inspection)


def _samplings(context: ServiceContext, inspection: InspectionLot) -> list[Sampling]:
    return inspection_lots.samplings_of(context.db, context.tenant_id, inspection.inspection_lot_id)


def _characteristic(plan: Plan, number: int) -> Any:
    return next(each for each in plan.characteristics if each.number == number)


def _sampling(
    context: ServiceContext,
    inspection: InspectionLot,
    plan: Plan,
    samplings: Sequence[Sampling],
    *,
    seed: str | None = None,
    only: Sequence[int] | None = None,
    attempt: int = 1,
) -> Mapping[str, Any]:
    """Give what is to be measured now, with the instruments that may be used for it."""
    types = sorted({each.instrument_type for each in plan.characteristics if each.instrument_type})
    use = inspection_results.used_now(context, inspection)
    usable = {
        each: [
            {"value": found.number, "label": _instrument_label(found)}
            for found in instruments.in_calibration(context.db, context.tenant_id, each, use)
        ]
        for each in types
    }
    chosen = inspection_planning.to_measure(plan, samplings, usable, only=only, attempt=attempt)
    units = sorted({unit for each in samplings for unit in each.sample_units})
    return {
        "seed": seed,
        "units": units,
        "sample_count": len(units),
        "to_measure": chosen,
        "retest": attempt > 1 and bool(chosen),
    }


def _instrument_label(found: instruments.Instrument) -> dict[str, str]:
    return {language: f"{found.number} {name}" for language, name in found.names.items()}


def _defects(row: Mapping[str, Any]) -> int:
    if row.get("conforming") is True:
        return 0
    return int(amount(row.get("defects") or (0 if row.get("value") is not None else 1)))


def _switching(context: ServiceContext, inspection: InspectionLot, plan: Plan) -> SwitchingState:
    """Give where the classes of supplier and item stand (IQ-03)."""
    events = supplier_history.history(
        context.db, context.tenant_id, inspection.supplier_id, plan.item_id
    )
    return switching_state(events, context.configuration("inspection_rules"))


def _history(context: ServiceContext, line: ReceiptLine) -> dict[str, Any]:
    item = items.find(context.db, context.tenant_id, line.lot.item_id)
    return inspection_planning.history_for(context, line, item)
