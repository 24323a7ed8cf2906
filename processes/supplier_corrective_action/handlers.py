"""What the service tasks of a supplier's corrective action do."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import items, suppliers
from processes.ledger.nonconformity import supplier_requests, supply_stops
from processes.ledger.nonconformity.supplier_requests import NewRequest, SupplierRequest
from processes.ledger.nonconformity.tables import SCAR_STEPS
from processes.values import amount, context_of, text

SERVICES = ServiceRegistry()


@SERVICES.service("supplier_request.open")
def open_request(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the request that was issued, or number the one that was written here."""
    number = text(inputs.get("scar"))
    if number is None:
        request = _issued_here(context, context_of(inputs["asked"]))
    else:
        request = supplier_requests.by_number(context.db, context.tenant_id, number)
    source = suppliers.find(context.db, context.tenant_id, request.supplier_id)
    return {
        "number": request.number,
        "supplier": {"number": source.number, "names": dict(source.names)},
        "problem": inputs.get("questions") or request.problem_said,
        "critical": request.critical,
        "reopens": request.reopens,
        "due": _rules(context),
    }


@SERVICES.service("supplier_request.next_step")
def next_step(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the step that the supplier answers next, and when: every step counts from the issue."""
    done = text(context_of(inputs.get("before")).get("step"))
    step = SCAR_STEPS[0] if done is None else SCAR_STEPS[SCAR_STEPS.index(done) + 1]
    request = _request(context, inputs)
    due_at = supplier_requests.due_at(context, request, str(_rules(context)[step]))
    return {"step": step, "due_at": due_at.isoformat()}


@SERVICES.service("supplier_request.answer")
def answer(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep an answer; say whether the step is over, is repeated, or the supplier is given up."""
    request = _request(context, inputs)
    step, given = context_of(inputs["step"]), context_of(inputs["answer"])
    accepted = given["accepted"] is True
    attempt = supplier_requests.answer(
        context,
        request,
        str(step["step"]),
        {"answer": given["answer"], "files": given.get("files")},
        accepted=accepted,
        remark=text(given.get("remark")),
        due_at=datetime.fromisoformat(str(step["due_at"])),
        answered_at=datetime.fromisoformat(str(given["answered_at"])),
    )
    return {
        "next": _next(context, str(step["step"]), accepted=accepted, attempt=attempt),
        "attempt": attempt,
        "summary": str(given["answer"]),
    }


@SERVICES.service("supplier_request.escalate")
def escalate(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let a supplier that does not answer feel it: conditional means tightened inspection."""
    request = _request(context, inputs)
    overdue = context_of(inputs["overdue"])
    if overdue["consequence"] == "conditional":
        source = suppliers.find(context.db, context.tenant_id, request.supplier_id)
        reason = f"{request.number}: {overdue['reason']}"
        suppliers.set_status(context, source, "conditional", reason)
    return {"consequence": overdue["consequence"]}


@SERVICES.service("supplier_request.close")
def close(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Close the request with QA's verdict; say whether its sender was answered already.

    What it stopped comes in again where the verdict is good (IQ-03).
    """
    request = _request(context, inputs)
    judged = context_of(inputs["judged"])
    reason = str(judged["reason"])
    supplier_requests.close(context, request, effective=judged["effective"] is True, reason=reason)
    supply_stops.end(context, _request(context, inputs), reason)
    accepted = supplier_requests.accepted_steps(context.db, context.tenant_id, request)
    return {"told": "plan" in accepted}


@SERVICES.service("supplier_corrective_action.cancelled")
def cancelled(context: ServiceContext, case: Mapping[str, Any]) -> Mapping[str, Any]:
    """Close the request without a verdict when somebody cancels the process instance itself."""
    opened = context_of(case.get("request"))
    if opened:
        number = str(opened["number"])
        request = supplier_requests.by_number(context.db, context.tenant_id, number)
        if request.status == "open":
            supplier_requests.close(context, request, effective=None, reason=str(case["why"]))
    return {}


def _issued_here(context: ServiceContext, asked: Mapping[str, Any]) -> SupplierRequest:
    db, tenant_id = context.db, context.tenant_id
    earlier = text(asked.get("reopens"))
    if earlier is not None:
        return supplier_requests.reopen(
            context,
            earlier,
            problem=str(asked["problem"]),
            critical=asked["critical"] is True,
            reason=str(asked["reopen_reason"]),
        )
    item_number = text(asked.get("item_number"))
    return supplier_requests.issue(
        context,
        NewRequest(
            supplier_id=suppliers.by_number(db, tenant_id, str(asked["supplier"])).supplier_id,
            problem=str(asked["problem"]),
            critical=asked["critical"] is True,
            item_id=None
            if item_number is None
            else items.by_number(db, tenant_id, item_number).item_id,
        ),
    )


def _next(context: ServiceContext, step: str, *, accepted: bool, attempt: int) -> str:
    if not accepted:
        most = int(amount(_rules(context)["attempts"]))
        return "again" if attempt < most else "judge"
    if step == SCAR_STEPS[-1]:
        return "judge"
    return "tell" if step == "plan" else "step"


def _request(context: ServiceContext, inputs: Mapping[str, Any]) -> SupplierRequest:
    return supplier_requests.by_number(context.db, context.tenant_id, str(inputs["request"]))


def _rules(context: ServiceContext) -> Mapping[str, Any]:
    rules: Mapping[str, Any] = context.configuration("nonconformity_rules")["supplier_request"]
    return rules
