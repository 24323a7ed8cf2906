"""What the service tasks of a disposition do; the rules of the book live in the ledger."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from engine.services import BpmnError, ServiceContext, ServiceRegistry
from processes.ledger import lots
from processes.ledger.changes import temporary
from processes.ledger.locations import by_code
from processes.ledger.nonconformity import execution, nonconformities
from processes.ledger.nonconformity.execution import Concession, Job, ReworkLimitReached
from processes.ledger.quantities import case_number, scaled
from processes.values import amount, context_of, identifier, text

SERVICES = ServiceRegistry()


@SERVICES.service("disposition.scrap")
def scrap(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Book out what was destroyed before a witness (movement SCRAP)."""
    job = _job(context, inputs, "scrapped", "witnessed")
    execution.scrap(context, job)
    return _done(job, job.split.quantity)


@SERVICES.service("disposition.return")
def return_to_supplier(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Book out what went back to the supplier (movement RTV)."""
    job = _job(context, inputs, "arranged", "handed_over")
    execution.return_to_supplier(context, job)
    return _done(job, job.split.quantity)


@SERVICES.service("disposition.retain")
def retain(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep it among the retained samples (movement RETAIN)."""
    job = _job(context, inputs, "retained")
    place = by_code(context.db, context.tenant_id, str(context_of(inputs["retained"])["location"]))
    execution.retain(context, job, place.location_id)
    return _done(job, job.split.quantity)


@SERVICES.service("disposition.start_rework")
def start_rework(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Hand it over to rework; over the limit of cycles it goes back to the board.

    Where the instruction deviates from the approved way, the change that it names covers the lot,
    and the quantity counts against its limit.
    """
    place = _place(context, inputs["approval"])
    job = _job(context, inputs)
    change = text(context_of(inputs.get("instruction")).get("temporary_change"))
    try:
        execution.start_rework(context, job, place)
    except ReworkLimitReached as reached:
        raise BpmnError("rework.limit", reached.message["en"]) from reached
    if change is not None:
        temporary.use(context, change, job.lot, job.split.quantity, job.document)
    return {"location_id": str(place)}


@SERVICES.service("disposition.finish_rework")
def finish_rework(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make what was reworked a lot of its own that waits for its inspection."""
    job = _job(context, inputs)
    made = execution.finish_rework(
        context,
        job,
        at=identifier(context_of(inputs["rework"])["location_id"]),
        location_id=_place(context, inputs["reworked"]),
        kept=_kept(inputs, job),
    )
    return {"lot_id": str(made.lot_id), "lot_number": made.number}


@SERVICES.service("disposition.send_out")
def send_out(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Send it to the supplier that reworks it (movement XFR); it stays on hand, out of reach."""
    job = _job(context, inputs)
    code = str(context_of(inputs["sent_out"])["location"])
    place = by_code(context.db, context.tenant_id, code)
    at = identifier(context_of(inputs["rework"])["location_id"])
    execution.send_out(context, job, at=at, supplier_place=place)
    return {"location_id": str(place.location_id)}


@SERVICES.service("disposition.keep_all")
def keep_all(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Book out what the supplier was to rework and keeps, by credit or replacement."""
    job = _job(context, inputs, "instruction", "sent_out", "reworked")
    execution.keep_all(context, job)
    return _done(job, job.split.quantity)


@SERVICES.service("disposition.decide_rework")
def decide_rework(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Release what the new inspection found good; the rest is proposed again."""
    papers = ("instruction", "sent_out", "reworked", "reinspection", "decided")
    job = _job(context, inputs, *papers)
    made = lots.find(context.db, context.tenant_id, identifier(inputs["lot"]))
    good = _good(inputs, job)
    place = _place_if_any(context, inputs["decided"])
    execution.decide_reworked(context, job, made, good, place, kept=_kept(inputs, job))
    return _done(job, good)


@SERVICES.service("disposition.use_as_is")
def use_as_is(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Release it under a concession of regulatory affairs and quality."""
    job = _job(context, inputs, "regulatory", "quality")
    regulatory, quality = context_of(inputs["regulatory"]), context_of(inputs["quality"])
    until = text(quality.get("valid_until"))
    granted = Concession(
        requirement=job.found.requirement or job.found.description,
        justification=str(quality["justification"]),
        risk_benefit=str(quality["risk_benefit"]),
        regulatory_by=str(regulatory["signed_by"]),
        valid_until=None if until is None else date.fromisoformat(until),
        record_note=text(quality.get("record_note")),
        customer_reference=text(quality.get("customer_reference")),
    )
    number = execution.use_as_is(context, job, granted, _place_if_any(context, quality))
    return {**_done(job, job.split.quantity), "concession": number}


@SERVICES.service("disposition.sign_regulatory")
def sign_regulatory(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep with the answer of regulatory affairs who gave it: the first of the two signatures."""
    return {**context_of(inputs["regulatory"]), "signed_by": context.actor.username}


@SERVICES.service("disposition.start_sorting")
def start_sorting(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put what was sorted back under decision."""
    job = _job(context, inputs)
    execution.start_sorting(context, job, None)
    return {"quantity": case_number(job.split.quantity, job.lot.unit)}


@SERVICES.service("disposition.decide_sorted")
def decide_sorted(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Release what sorting found good; the rest is proposed again."""
    job = _job(context, inputs, "sorted", "decided")
    good = _good(inputs, job)
    execution.decide_sorted(context, job, good, _place_if_any(context, inputs["decided"]))
    return _done(job, good)


@SERVICES.service("disposition.regrade")
def regrade(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make it another item's, of a lower grade."""
    job = _job(context, inputs, "regrade", "decision")
    item_number = str(context_of(inputs["regrade"])["item_number"])
    made = execution.regrade(context, job, item_number, _place(context, inputs["decision"]))
    return {**_done(job, job.split.quantity), "lot_number": made.number}


@SERVICES.service("disposition.give_back")
def give_back(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Record that this could not be done; the board proposes again what becomes of it."""
    job = _job(context, inputs)
    execution.give_back(context, job)
    return _done(job, 0)


def _job(context: ServiceContext, inputs: Mapping[str, Any], *papers: str) -> Job:
    """Give the split, with the forms that were filled in for it as evidence, and its cost."""
    found = nonconformities.find(context.db, context.tenant_id, identifier(inputs["nonconformity"]))
    evidence = {paper: dict(context_of(inputs.get(paper))) for paper in papers}
    costs = [each["cost"] for each in evidence.values() if each.get("cost") is not None]
    return execution.job(
        context,
        found,
        int(amount(inputs["split"])),
        evidence=evidence or None,
        cost={"amount": sum(amount(each) for each in costs)} if costs else None,
    )


def _good(inputs: Mapping[str, Any], job: Job) -> int:
    good = amount(context_of(inputs["decided"])["good"])
    return scaled(good, job.lot.unit) if good else 0


def _kept(inputs: Mapping[str, Any], job: Job) -> int:
    """Give what the supplier does not send back, as a stored integer; nothing of rework of ours."""
    kept = context_of(inputs["reworked"]).get("kept")
    return scaled(amount(kept), job.lot.unit) if kept else 0


def _place(context: ServiceContext, answer: object) -> UUID:
    code = str(context_of(answer)["location"])
    return by_code(context.db, context.tenant_id, code).location_id


def _place_if_any(context: ServiceContext, answer: object) -> UUID | None:
    named = text(context_of(answer).get("location")) is not None
    return _place(context, answer) if named else None


def _done(job: Job, quantity: int) -> dict[str, Any]:
    return {
        "split": job.split.split,
        "disposition": job.split.disposition,
        "done": case_number(quantity, job.lot.unit),
        "unit": job.lot.unit.code,
    }
