"""What the service tasks of a complaint do; the rules of the book live in the ledger."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import items, lots
from processes.ledger.complaints import complaints, custody
from processes.ledger.complaints.complaints import Decision
from processes.ledger.genealogy import mass_balance
from processes.ledger.quantities import amount_of
from processes.ledger.refusals import NotInLedger
from processes.values import context_of, text

SERVICES = ServiceRegistry()
RULES = "complaint_rules"


@SERVICES.service("complaint.rules")
def rules(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the times and the sorts of problems of the customer's document."""
    del inputs
    rules = context.configuration(RULES)
    return {"due": rules["due"], "problems": rules["problems"]}


@SERVICES.service("complaint.open")
def open_complaint(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Open the record with the instant at which the company became aware."""
    intake = context_of(inputs["intake"])
    number = complaints.open_complaint(
        context,
        channel=str(intake["channel"]),
        complainant={
            "name": intake["complainant"],
            "country": intake["country"],
            "contact": intake.get("contact"),
        },
        description=str(intake["description"]),
        aware_at=datetime.fromisoformat(str(intake["aware_at"])),
        reopens=text(intake.get("reopens")),
    )
    return {"number": number, "reopens": text(intake.get("reopens"))}


@SERVICES.service("complaint.keep_device")
def keep_device(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep which device it was, and give what CL-01 asks about the event."""
    device = context_of(inputs["device"])
    names = ("item_number", "lot_number", "serial_number", "udi", "event_on")
    known = {name: text(device.get(name)) for name in names}
    complaints.change(context, _number(inputs), **known, problem_code=text(device.get("problem")))
    return {
        "outcome": device.get("outcome"),
        "remedial": device.get("remedial") is True,
        "unanticipated": device.get("unanticipated") is True,
        "public_health_threat": device.get("public_health_threat") is True,
        "group_event": device.get("group_event") is True,
        "place": device.get("place"),
    }


@SERVICES.service("complaint.inquiry")
def inquiry(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """File it as an inquiry, with the reason why it is no complaint."""
    why = str(context_of(inputs["device"])["why_not"])
    complaints.change(context, _number(inputs), status="inquiry", closed_at=context.now, reply=why)
    return {"reason": why}


@SERVICES.service("complaint.decide")
def decide(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the decision for each region where the device is sold; start the clocks."""
    reporting, device = context_of(inputs["reporting"]), context_of(inputs["device"])
    documents = context.configuration(RULES)
    regions = documents["regions_of_markets"][device["markets"]]
    defaults = documents["default_rule_of_region"]
    to_report = []
    for region in regions:
        proposal = context_of(inputs[region.lower()])
        reportable = reporting.get(f"report_{region.lower()}") is True
        # Reported although no rule asks for it: by the default of the region.
        rule = str(proposal.get("rule") or defaults[region]) if reportable else None
        decision = Decision(
            region=region,
            reportable=reportable,
            clock_rule=rule,
            reason=str(reporting["reason"]),
        )
        complaints.decide(context, _number(inputs), decision)
        if rule is not None:
            more = [str(each) for each in documents["with_rule"].get(rule, ())]
            complaints.count_more(context, _number(inputs), more)
            to_report += [{"region": region, "rule": each} for each in (rule, *more)]
    return {"to_report": to_report}


@SERVICES.service("complaint.keep_report")
def keep_report(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the authority's receipt."""
    region, sent = context_of(inputs["region"]), context_of(inputs["sent"])
    complaints.report(
        context,
        _number(inputs),
        str(region["region"]),
        str(region["rule"]),
        reference=str(sent["reference"]),
        submitted_at=datetime.fromisoformat(str(sent["submitted_at"])),
    )
    return {"region": region["region"]}


@SERVICES.service("complaint.history")
def history(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Count earlier complaints, and say where the lot is; a lot that we do not know is said so."""
    found = complaints.history(context.db, context.tenant_id, _number(inputs))
    lot_number = text(context_of(inputs["device"]).get("lot_number"))
    where = {"on_hand": "–", "shipped": "–"}
    if lot_number is not None:
        try:
            lot = lots.by_number(context.db, context.tenant_id, lot_number)
        except NotInLedger:
            return {**found, **where}
        balance = mass_balance.of_lot(context.db, context.tenant_id, lot.lot_id)
        where = {
            "on_hand": format(amount_of(balance.on_hand, lot.unit), "f"),
            "shipped": format(amount_of(balance.shipped, lot.unit), "f"),
        }
    return {**found, **where}


@SERVICES.service("complaint.compare_custody")
def compare_custody(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuse findings that the chain of custody speaks against, and tests before the report."""
    found, number = context_of(inputs["investigation"]), _number(inputs)
    if found.get("returned") is True:
        custody.require_examined(context, number)
    if found.get("destructive") is True:
        told = complaints.by_number(context.db, context.tenant_id, number)
        custody.require_authority_told(context.db, context.tenant_id, told.complaint_id, number)
    return {}


@SERVICES.service("complaint.keep_investigation")
def keep_investigation(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the investigation, or the justification why there was none."""
    found = dict(context_of(inputs["investigation"]))
    complaints.change(context, _number(inputs), investigation=found, cause_code=str(found["cause"]))
    return {"cause": found["cause"]}


@SERVICES.service("complaint.follow_up")
def follow_up(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what the messages to the other processes need."""
    device = context_of(inputs["device"])
    unit, item_number = None, text(device.get("item_number"))
    if item_number is not None:
        try:
            unit = items.by_number(context.db, context.tenant_id, item_number).unit_code
        except NotInLedger:
            unit = None
    lot_number = text(device.get("lot_number"))
    return {"lots": [] if lot_number is None else [lot_number], "unit": unit}


@SERVICES.service("complaint.close")
def close(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Close the record; refused while a report is owed, or a returned device on its way."""
    custody.require_finished(context, _number(inputs))
    complaints.close(context, _number(inputs), str(context_of(inputs["reply"])["reply"]))
    return {"closed": True}


@SERVICES.service("complaint.cancelled")
def cancelled(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Mark the record when its process is cancelled."""
    if inputs.get("complaint"):
        complaints.change(context, _number(inputs), status="cancelled", closed_at=context.now)
    return {}


def _number(inputs: Mapping[str, Any]) -> str:
    return str(context_of(inputs["complaint"])["number"])
