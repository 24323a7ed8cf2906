"""What the service tasks of a recall do; the rules of the book live in the ledger."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import site_days
from processes.ledger.clocks import clocks
from processes.ledger.field_actions import (
    actions,
    closure,
    effectiveness,
    markets,
    reconciliation,
    recoveries,
    reports,
    scope,
    strategy,
)
from processes.ledger.field_actions.actions import FieldAction, NewAction
from processes.ledger.field_actions.markets import Markets
from processes.ledger.field_actions.recoveries import Recovered
from processes.ledger.field_actions.scope import Frozen, Named
from processes.ledger.field_service import corrections
from processes.values import context_of, rows, text

SERVICES = ServiceRegistry()

NO_ACTION = ("none", "routine_servicing")
RULES = "field_action_rules"
SEVEREST_FIRST = ("I", "II", "III", "unclassified")


@SERVICES.service("recall.rules")
def rules(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the times of the customer's document, as the diagram needs them."""
    del inputs
    return {"due": context.configuration(RULES)["due"]}


@SERVICES.service("recall.open")
def open_action(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Open the record, real or exercise, with the instant at which the company became aware."""
    opened = context_of(inputs["opened"])
    new = NewAction(
        mode=str(opened["mode"]),
        title=str(opened["title"]),
        description=str(opened["description"]),
        aware_at=datetime.fromisoformat(str(opened["aware_at"])),
        aware_evidence=str(opened["aware_evidence"]),
        source_kind=text(inputs.get("source_kind")),
        source_number=text(inputs.get("source_number")),
        reopens=text(opened.get("reopens")),
    )
    action = actions.open_action(context, new)
    return {
        "number": action.number,
        "title": action.title,
        "mock": action.is_mock,
        "cycle": action.cycle,
        "aware_at": action.aware_at.isoformat(),
        "source_kind": action.source_kind,
        "source_number": action.source_number,
    }


@SERVICES.service("recall.freeze")
def freeze(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Trace the named lots and hold all that is in reach, in the transaction of the signature."""
    action = _action(context, inputs)
    opened = context_of(inputs["opened"])
    named = _named(opened)
    frozen = scope.freeze(
        context, action, named, reason=str(opened["title"]), initiated_at=context.now
    )
    return _reach(context, action, frozen, round_kind="first")


def _named(given: Mapping[str, Any]) -> list[Named]:
    """Give the lots that a form names, or units of them by serial number."""
    return [
        Named(str(row["lot"]), text(row.get("serial_from")), text(row.get("serial_to")))
        for row in rows(given.get("affected"))
    ]


def _reach(
    context: ServiceContext, action: FieldAction, frozen: Frozen | None, *, round_kind: str
) -> dict[str, Any]:
    """Say what is in reach: counts, and the consignees that a round is about."""
    db, tenant_id = context.db, context.tenant_id
    people = scope.consignees_of(db, tenant_id, action)
    extensions = scope.extensions_of(db, tenant_id, action)
    everybody = [row.consignee_number for row in people]
    return {
        "lots": sum(row.lots for row in extensions),
        "holds": sum(row.holds for row in extensions),
        "extension": extensions[-1].extension,
        "consignees": everybody,
        "markets": sorted({row.market for row in people}),
        "to_tell": everybody if frozen is None else list(frozen.consignees),
        "round_kind": round_kind,
        "in_use": [] if frozen is None or action.is_mock else list(frozen.in_use),
    }


@SERVICES.service("recall.assess")
def assess(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep facts and evaluation with the action, and put together what RC-01 and RC-02 ask."""
    action = _action(context, inputs)
    facts, hhe = dict(context_of(inputs["facts"])), dict(context_of(inputs["hhe"]))
    action = actions.change(context, action, plan={**action.plan, "facts": facts, "hhe": hhe})
    besides = _all_markets(context, action)
    return {
        "left_control": bool(scope.line_count(context.db, context.tenant_id, action)),
        "work": str(hhe["work"]),
        "scheduled": hhe.get("scheduled") is True,
        "violation": hhe.get("violation") is True,
        "risk": hhe.get("risk") is True,
        "eu": "EU" in besides.reached or besides.eu_besides,
        "reduces_serious_risk": hhe.get("reduces_serious_risk") is True,
        "public_health_threat": hhe.get("public_health_threat") is True,
        "harm": str(hhe["harm"]),
        "eu_besides": besides.eu_besides,
        "china_agents": list(besides.agents) if besides.china_besides else [],
    }


def _all_markets(context: ServiceContext, action: FieldAction) -> Markets:
    rules, today = context.configuration(RULES), site_days.today(context)
    return markets.of_action(context.db, context.tenant_id, action, rules, today)


def _markets(context: ServiceContext, action: FieldAction) -> set[str]:
    return markets.to_report_to(_all_markets(context, action), action)


@SERVICES.service("recall.decide")
def decide(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Record the decision with the class of each region; from this instant China's clocks count."""
    action = _action(context, inputs)
    decision = context_of(inputs["decision"])
    started = text(decision.get("initiated_at"))
    action = actions.change(
        context,
        action,
        status="decided",
        action_type=decision["action_type"],
        decision_reason=decision["reason"],
        decided_at=context.now,
        # The safe default of 21 CFR 806.10(b): the decision is the initiation.
        initiated_at=context.now if started is None else datetime.fromisoformat(started),
        class_china=decision["class_china"],
        class_fda=decision["class_fda"],
        class_eu=decision["class_eu"],
        plan={**action.plan, "not_eu_reason": text(decision.get("not_eu_reason"))},
    )
    return _counted(context, action, "decision")


def _counted(context: ServiceContext, action: FieldAction, event: str) -> dict[str, Any]:
    """Give what RC-03 asks about an event."""
    regions = _markets(context, action)
    every = context.configuration(RULES)["status_report_days"]
    worst = _worst(action)
    return {
        "event": event,
        "china": "CN" in regions,
        "us": "US" in regions,
        "eu": "EU" in regions,
        "other": "OTHER" in regions,
        "class_china": action.class_in_force("china"),
        "fsca": (action.class_in_force("eu") or "").startswith("fsca"),
        "reportable": action.action_type not in (*NO_ACTION, "market_withdrawal", "stock_recovery")
        and not action.is_mock,
        "status_every": f"P{every.get(worst, every['other'])}D",
    }


def _worst(action: FieldAction) -> str:
    found = {action.class_in_force("china"), action.class_in_force("fda")}
    if action.class_in_force("eu") == "fsca_public_health_threat":
        return "I"
    return next((each for each in SEVEREST_FIRST if each in found), "unclassified")


@SERVICES.service("recall.start_clocks")
def start_clocks(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Start the clocks that RC-03 names; an exercise starts none."""
    action = _action(context, inputs)
    counted = context_of(inputs["counted"])
    named = [str(each) for each in inputs.get("to_start") or []]
    if action.is_mock:
        return {"clocks": []}
    event = str(counted["event"])
    at = action.initiated_at if event == "decision" else context.now
    for rule in named:
        counts_from = at if rule.startswith("US-") else context.now
        clocks.start(
            context,
            rule,
            scope.DOCUMENT_KIND,
            action.number,
            counts_from or context.now,
            f"{action.number}: {event}",
        )
    return {"clocks": named}


@SERVICES.service("recall.give_back")
def give_back(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Release the holds of this action: it was decided that nothing is done (21 CFR 806.20)."""
    action = _action(context, inputs)
    back = context_of(inputs["back"])
    released, lots = 0, list[str]()
    if not action.is_mock:
        released = scope.release_holds(context, action, reason=str(back["reason"]))
        lots = scope.under_inspection(context.db, context.tenant_id, action)
    actions.change(context, action, status="not_reported")
    return {"released": released, "lots": lots}


@SERVICES.service("recall.severity")
def severity(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what RC-04 asks: the type, and the severest class that any region has."""
    action = _action(context, inputs)
    return {"action_type": action.action_type, "worst": _worst(action)}


@SERVICES.service("recall.check_strategy")
def check_strategy(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuse a strategy that asks for less than RC-04; more is taken."""
    del context
    strategy.require_as_much(context_of(inputs["strategy"]), context_of(inputs["scheme"]))
    return {}


@SERVICES.service("recall.plan")
def plan(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the strategy with the action, and beside it what RC-04 asked for at least."""
    action = _action(context, inputs)
    chosen, scheme = dict(context_of(inputs["strategy"])), context_of(inputs["scheme"])
    ruled = {name: scheme[name] for name in strategy.RULED}
    action = actions.change(
        context,
        action,
        status="executing",
        depth=chosen["depth"],
        level=chosen["level"],
        plan={**action.plan, **chosen, "ruled": ruled},
    )
    if chosen.get("corrected_by_service") is True:
        corrections.ask(context, action, str(chosen["measures"]))
    return _counted(context, action, "plan")


@SERVICES.service("recall.draw")
def draw(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Draw the consignees whose effectiveness is checked."""
    action = _action(context, inputs)
    level = str(action.level)
    percent = effectiveness.percent_asked(action, context.configuration(RULES))
    number, drawn = effectiveness.draw(context, action, level=level, percent=percent)
    return {"round": number, "level": level, "percent": percent, "consignees": drawn}


@SERVICES.service("recall.keep_check")
def keep_check(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what a consignee answered to the check."""
    action = _action(context, inputs)
    number = int(context_of(inputs["sample"])["round"])
    answers = context_of(inputs["answers"])
    effective = effectiveness.check(context, action, number, str(inputs["checked"]), answers)
    return {"consignee": inputs["checked"], "effective": effective}


@SERVICES.service("recall.effect")
def effect(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say how many of those asked the action reached, and what waits for a disposition."""
    action = _action(context, inputs)
    rules = context.configuration(RULES)
    percent = effectiveness.percent_effective(context.db, context.tenant_id, action)
    wanted = effectiveness.demanded(context.db, context.tenant_id, action, rules)
    target = rules["effectiveness_target"]
    awaiting = recoveries.awaiting(context.db, context.tenant_id, action)
    return {
        "percent": percent,
        "target": target,
        # Nobody asked is no proof: it counts only where the level asks for nobody.
        "effective": wanted == 0 if percent is None else percent >= target,
        "awaiting": [f"{row['lot']}: {row['quantity']} {row['unit']}" for row in awaiting],
    }


@SERVICES.service("recall.keep_root_cause")
def keep_root_cause(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the root cause; an exercise asks nobody for a corrective action or a change."""
    action = _action(context, inputs)
    root = context_of(inputs["root"])
    title = text(root.get("change_title"))
    kept = {**action.plan, "root_cause": root["root_cause"], "capa": root["capa"], "change": title}
    actions.change(context, action, plan=kept)
    return {name: root.get(name) is True and not action.is_mock for name in ("capa", "change")}


@SERVICES.service("recall.mark")
def mark(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what came back the status RECALLED, under QA's signature."""
    return {"places": recoveries.mark_recalled(context, _action(context, inputs))}


@SERVICES.service("recall.dispose")
def dispose(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Book what became of what came back, with its witness."""
    action = _action(context, inputs)
    witnessed = context_of(inputs["witnessed"])
    captured = [str(each["sha256"]) for each in rows(witnessed.get("witness_signature"))]
    witness = {
        "name": witnessed["witness_name"],
        "of": witnessed["witness_of"],
        # What the witness wrote is shown with the name; the signature of the record is our
        # employee's, who completes this step (WITN).
        "signature": captured,
    }
    done = rows(context_of(inputs["performed"]).get("rows"))
    recoveries.dispose(context, action, done, witness)
    return {"lots": len(done)}


@SERVICES.service("recall.complete")
def complete(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Note that the action is carried out: China's summary report counts from here."""
    action = _action(context, inputs)
    action = actions.change(context, action, status="completed", completed_at=context.now)
    # No further report on progress: the next one is the last.
    again = context.configuration(RULES)["clocks_of_progress"]
    reports.stop_clocks(context, action, again, context.now, "action completed")
    return _counted(context, action, "completion")


@SERVICES.service("recall.closing")
def closing(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Count what RC-05 asks, from the book."""
    action = _action(context, inputs)
    found = closure.facts(context.db, context.tenant_id, action, context.configuration(RULES))
    if found["not_notified"] == []:
        stopped = ("CN-N1", "CN-N2", "CN-N3")
        reports.stop_clocks(context, action, stopped, context.now, "all consignees notified")
    return found


@SERVICES.service("recall.clear_up")
def clear_up(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the reasons for what cannot be accounted for, and reports sent in the meantime."""
    action = _action(context, inputs)
    cleared = context_of(inputs["cleared"])
    justified, sent = rows(cleared.get("justified")), rows(cleared.get("submitted"))
    for row in justified:
        reconciliation.justify(
            context,
            action,
            str(row["consignee"]),
            str(row["lot"]),
            row["quantity"],
            str(row["reason"]),
        )
    for row in sent:
        reports.submit(
            context,
            action,
            str(row["report"]),
            reference=str(row["reference"]),
            accepted=True,
            submitted_at=datetime.fromisoformat(str(row["at"])),
        )
    return {"justified": len(justified), "submitted": len(sent)}


@SERVICES.service("recall.close")
def close(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Close the action where all three agreed; else say what they object to."""
    action = _action(context, inputs)
    answers = [context_of(inputs[who]) for who in ("mr", "qa", "ra")]
    objections = [str(each["objection"]) for each in answers if each.get("agreed") is not True]
    if objections:
        return {"closed": False, "objections": "; ".join(objections)}
    actions.change(context, action, status="closed", closed_at=context.now)
    return {"closed": True, "objections": ""}


@SERVICES.service("recall.extend")
def extend(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Trace and hold more lots; their consignees get amended notices (21 CFR 806.10(d))."""
    action = _action(context, inputs)
    review = context_of(inputs["review"])
    named = _named(review)
    started = text(review.get("initiated_at"))
    frozen = scope.freeze(
        context,
        action,
        named,
        reason=str(review["minutes"]),
        initiated_at=context.now if started is None else datetime.fromisoformat(started),
    )
    return _reach(context, action, frozen, round_kind="amend")


@SERVICES.service("recall.extension_counted")
def extension_counted(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what RC-03 asks about an extension: new clocks, by the classes in force."""
    return _counted(context, _action(context, inputs), "extension")


@SERVICES.service("recall.replan")
def replan(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what an authority said beside what we proposed, and change the plan."""
    action = _action(context, inputs)
    given = context_of(inputs["replanned"])
    changed: dict[str, Any] = {}
    if given.get("assigned") is not None:
        changed[f"assigned_{given['authority']}"] = given["assigned"]
    if given.get("level") is not None:
        strategy.require_level(given["level"], action.plan.get("ruled"))
        changed["level"] = given["level"]
    texts = [dict(row) for row in rows(given.get("texts"))]
    new = {"texts": texts} if texts else {}
    history = [*action.plan.get("replanned", []), f"{given['reference']}: {given['changes']}"]
    action = actions.change(
        context, action, plan={**action.plan, **new, "replanned": history}, **changed
    )
    reach = _reach(context, action, None, round_kind="amend")
    told = reach["consignees"] if given.get("notify") is True else []
    return {**reach, "to_tell": told}


@SERVICES.service("recall.book_return")
def book_return(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Book what came back, and keep the proof of what was done on site."""
    action = _action(context, inputs)
    given = rows(context_of(inputs["came_back"]).get("rows"))
    for row in given:
        recoveries.book(context, action, _recovered(row))
    return {"rows": len(given)}


@SERVICES.service("recall.check_return")
def check_return(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuse at once what the scope does not hold; booked is what a second person verified."""
    action = _action(context, inputs)
    given = rows(context_of(inputs["came_back"]).get("rows"))
    for row in given:
        recoveries.check(context, action, _recovered(row))
    return {"rows": len(given)}


def _recovered(row: Mapping[str, Any]) -> Recovered:
    return Recovered(
        consignee=str(row["consignee"]),
        lot=str(row["lot"]),
        kind=str(row["kind"]),
        quantity=row["quantity"],
        reference=str(row["reference"]),
        location=text(row.get("location")),
        serial_number=text(row.get("serial_number")),
    )


@SERVICES.service("recall.next_tier")
def next_tier(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let the consignees of the next tier be told with the texts that were approved."""
    action = _action(context, inputs)
    tier = context_of(inputs["tier"])
    reach = _reach(context, action, None, round_kind="next_tier")
    return {**reach, "to_tell": [str(each) for each in tier["consignees"]]}


@SERVICES.service("recall.cancelled")
def cancelled(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Mark the record when its process is cancelled; what it holds stays held until released."""
    if inputs.get("action"):
        actions.change(context, _action(context, inputs), status="cancelled")
    return {}


def _action(context: ServiceContext, inputs: Mapping[str, Any]) -> FieldAction:
    number = str(context_of(inputs["action"])["number"])
    return actions.by_number(context.db, context.tenant_id, number)
