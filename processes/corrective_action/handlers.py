"""What the service tasks of corrective action do; the record is the ledger's."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger.nonconformity import corrective_actions
from processes.ledger.nonconformity.corrective_actions import (
    CorrectiveAction,
    PlannedAction,
    TooManyExtensions,
)
from processes.values import amount, context_of, rows, text

SERVICES = ServiceRegistry()
_SEVERE = ("S4", "S5")


@SERVICES.service("capa.open")
def open_capa(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Open the record, for the source that asked for it or for whoever stated the problem."""
    stated = context_of(inputs.get("stated"))
    found = corrective_actions.open_new(
        context,
        source_kind=text(inputs.get("source_kind")) or "person",
        source_number=text(inputs.get("source_number")) or text(stated.get("source_number")) or "",
        trigger=text(inputs.get("trigger")) or str(stated.get("trigger") or "other"),
        problem=text(stated.get("problem")) or str(inputs.get("description")),
        reopens=text(stated.get("reopens")),
    )
    due = _rules(context)
    return {
        "number": found.number,
        "source_kind": found.source_kind,
        "source_number": found.source_number,
        "trigger": found.trigger,
        "problem": found.problem,
        "reopens": found.reopens,
        "opened_at": found.opened_at.isoformat(),
        "due": {step: length for step, length in due.items() if isinstance(length, str)},
    }


@SERVICES.service("capa.scale")
def scale(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep how much is done (CP-01), and how long the search for the cause may take."""
    chosen = str(context_of(inputs["scale"])["scale"])
    corrective_actions.set_scale(context, _found(context, inputs), chosen)
    severe = context_of(inputs["screening"]).get("severity") in _SEVERE
    times = _rules(context)["root_cause"]
    return {"scale": chosen, "due_cause": times["critical" if severe else "other"]}


@SERVICES.service("capa.cause")
def cause(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the root cause that was verified."""
    found = str(context_of(inputs["cause"])["root_cause"])
    corrective_actions.set_cause(context, _found(context, inputs), found)
    return {"root_cause": found}


@SERVICES.service("capa.plan")
def plan(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the actions with the criterion of effect, which is set before anything is done."""
    given = context_of(inputs["plan"])
    actions = [
        PlannedAction(
            kind=str(row["kind"]),
            description=str(row["description"]),
            owner_role=str(row["owner_role"]),
            due_on=date.fromisoformat(str(row["due_on"])),
            adverse_effect=str(row["adverse_effect"]),
            change_needed=row["change_needed"] is True,
        )
        for row in rows(given["actions"])
    ]
    criterion = {part: str(given[part]) for part in ("metric", "target", "sample")}
    number = corrective_actions.plan(context, _found(context, inputs), actions, criterion)
    after = given.get("after_days")
    changes = [each.description for each in actions if each.change_needed]
    return {
        "plan": number,
        "text": "; ".join(f"{each.owner_role}: {each.description}" for each in actions),
        "change_needed": bool(changes),
        "objects": changes,
        "effect_after": _rules(context)["effectiveness_after"]
        if after is None
        else f"P{int(amount(after))}D",
    }


@SERVICES.service("capa.extend")
def extend(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Count an extension; there are only so many."""
    before = context_of(inputs.get("before")).get("extensions")
    number = (0 if before is None else int(amount(before))) + 1
    most = int(amount(_rules(context)["extensions"]))
    if number > most:
        raise TooManyExtensions(str(inputs["capa"]), most)
    return {"extensions": number, "until": context_of(inputs["extension"])["until"]}


@SERVICES.service("capa.check")
def check(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the check; what had no effect is planned again until the rounds are used up."""
    given = context_of(inputs["check"])
    effective = given["effective"] is True
    number = corrective_actions.check(
        context,
        _found(context, inputs),
        measured=str(given["measured"]),
        effective=effective,
        evidence=str(given["evidence"]),
    )
    again = number <= int(amount(_rules(context)["effectiveness_rounds"]))
    return {
        "number": number,
        "effective": effective,
        "next": "close" if effective else "again" if again else "management",
    }


@SERVICES.service("capa.close")
def close(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Close the record: effective, ineffective by the management's decision, or not warranted."""
    warranted = context_of(inputs["screening"]).get("warranted") is True
    checked = context_of(inputs.get("checked"))
    effective = checked.get("effective") if checked else None
    corrective_actions.close(
        context,
        _found(context, inputs),
        "closed" if warranted else "not_warranted",
        effective=effective if isinstance(effective, bool) else None,
        reason=str(context_of(inputs["closing"])["reason"]),
    )
    return {"effective": effective}


@SERVICES.service("corrective_action.cancelled")
def cancelled(context: ServiceContext, case: Mapping[str, Any]) -> Mapping[str, Any]:
    """End the record when somebody cancels the process instance itself."""
    opened = context_of(case.get("capa"))
    if opened:
        found = corrective_actions.by_number(context.db, context.tenant_id, str(opened["number"]))
        if found.status == "open":
            corrective_actions.close(
                context, found, "cancelled", effective=None, reason=str(case["why"])
            )
    return {}


def _found(context: ServiceContext, inputs: Mapping[str, Any]) -> CorrectiveAction:
    return corrective_actions.by_number(context.db, context.tenant_id, str(inputs["capa"]))


def _rules(context: ServiceContext) -> Mapping[str, Any]:
    rules: Mapping[str, Any] = context.configuration("nonconformity_rules")["corrective_action"]
    return rules
