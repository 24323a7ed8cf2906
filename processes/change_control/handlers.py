"""What the service tasks of change control do; the rules of the book live in the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from engine.actors import Actor
from engine.services import ServiceContext, ServiceRegistry
from engine.store.tables import account, work_item
from processes.ledger import items, plans, site_days, status, trainings
from processes.ledger.changes import (
    affected,
    assessments,
    controlled,
    effectivity,
    first_articles,
    implementation,
    market_gates,
    old_stock,
    open_orders,
    orders,
    progress,
    substitutes,
    temporary,
)
from processes.ledger.changes.affected import Affected, Proposed
from processes.ledger.changes.assessments import Impact, MarketDecision
from processes.ledger.changes.first_articles import Inspected
from processes.ledger.changes.implementation import Effectivity, Task
from processes.ledger.changes.old_stock import Treated
from processes.ledger.changes.orders import Change, NewChange
from processes.ledger.refusals import LedgerRefusal
from processes.values import amount, context_of, identifier, rows, text

SERVICES = ServiceRegistry()

FUNCTIONS = ("QE", "QA", "ENG", "PRD", "RA", "PUM", "SQE", "WH", "SAL", "CS", "ADM")
MEMBERS = ("ENG", "PRD", "RA", "PUM", "FIN")
CLASSES = ("MINOR-CSV", "MINOR", "MODERATE", "MAJOR-CSV", "MAJOR")
"""From the least to the most: the highest class of all aspects counts."""
QA_REVIEW = "QA_REVIEW"
WITHOUT_BOARD = ("MINOR", "MINOR-CSV")
_LIMITS = ("item_number", "instead_of", "lots", "valid_until")
"""What a temporary change is limited to, beside its quantity."""
_FIELD = "field_assessment"
_FIELD_CHANGE = {"kind", "key", "field", "new"}
_PLAN, _REVISION = "inspection_plan", "item_revision"
_OF_AN_ITEM = ("item", _REVISION, "bill_of_materials", _PLAN)

_PERFORMED = (
    select(
        work_item.c.item_index,
        work_item.c.status,
        account.c.username,
        account.c.account_id,
    )
    .select_from(
        work_item.outerjoin(
            account,
            (account.c.tenant_id == work_item.c.tenant_id)
            & (account.c.account_id == work_item.c.completed_by),
        )
    )
    .where(work_item.c.tenant_id == bindparam("tenant_id"))
    .where(work_item.c.process_instance_id == bindparam("process_instance_id"))
    .where(work_item.c.activity_id == bindparam("activity_id"))
    .order_by(work_item.c.task_ref)
)

_PEOPLE = (
    select(account.c.username, account.c.roles)
    .where(account.c.tenant_id == bindparam("tenant_id"))
    .where(account.c.active)
    .order_by(account.c.username)
)


class NotSignedByBoth(LedgerRefusal):
    """A change is released by quality and engineering, in the command that changes the book."""

    def __init__(self) -> None:
        super().__init__(
            "A change comes into force with the signatures REL of quality and of engineering.",
            "变更须经质量和工程双方以 REL 签名后方可生效。",
            expected="REL",
        )


class NotThatLong(LedgerRefusal):
    """A change is not observed for ever."""

    def __init__(self, latest: date, asked: date) -> None:
        super().__init__(
            f"It may be observed from today until {latest}, not until {asked}.",
            f"观察期可自今日起至 {latest}，不得到 {asked}。",
            expected=latest.isoformat(),
            found=asked.isoformat(),
        )


class NotDeployedYet(LedgerRefusal):
    """A process is in force when its package was deployed, not when somebody says so."""

    def __init__(self, change: Change, left: str) -> None:
        super().__init__(
            f"{left} is not in force yet. Deploy it under {change.number} first "
            f"(countersign deploy FOLDER --change {change.number}); then this task ends by itself.",
            f"{left} 尚未生效。请先以 {change.number} 部署"
            f"（countersign deploy FOLDER --change {change.number}），部署后本任务自动结束。",
            expected="deployed",
            found=left,
        )


class TooLateToWithdraw(LedgerRefusal):
    """What is in force is changed by another change."""

    def __init__(self, change: Change) -> None:
        super().__init__(
            f"{change.number} is in force and cannot be withdrawn. Request a change that takes "
            "it back.",
            f"{change.number} 已生效，不能撤回；请另提变更予以恢复。",
            found=change.status,
        )


# --- request and screening --------------------------------------------------------------------


@SERVICES.service("changes.open")
def open_change(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Open the change order of a request, or of another process's message."""
    request = context_of(inputs.get("request"))
    by_message = not request
    change = orders.request(context, _requested(inputs, request))
    unread = _only_named(inputs.get("objects")) if by_message else []
    unread += _propose(context, change, _proposed(request or inputs), lenient=by_message)
    rules = context.configuration("change_rules")
    limits = {name: text(request.get(name)) for name in _LIMITS}
    limits["quantity"] = None if request.get("quantity") is None else str(request["quantity"])
    return {
        "id": str(change.change_id),
        "number": change.number,
        "cycle": change.cycle,
        "kind": change.kind,
        "title": change.title,
        "reason": change.reason,
        "problem": text(request.get("problem")) or change.reason,
        "proposal": " ".join([text(request.get("proposal")) or "", *unread]).strip(),
        "source_kind": change.source_kind,
        "source_number": change.source_number or change.number,
        "summary": _summary(context, change),
        "temporary": limits,
        "temporary_summary": " · ".join(each for each in limits.values() if each),
        "due": {**rules["due"], **(rules["emergency_due"] if change.kind == "emergency" else {})},
        "aspect_choices": [
            {"value": each["code"], "label": each["names"]} for each in rules["aspects"]
        ],
    }


def _requested(inputs: Mapping[str, Any], request: Mapping[str, Any]) -> NewChange:
    if request:
        return NewChange(
            kind=str(request["kind"]),
            title=str(request["title"]),
            problem=str(request["problem"]),
            proposal=str(request["proposal"]),
            reason=str(request["reason"]),
            urgency=str(request["urgency"]),
            earlier=text(request.get("earlier")),
        )
    reason = str(inputs["reason"])
    return NewChange(
        kind="permanent",
        title=str(inputs["title"]),
        problem=reason,
        proposal=str(inputs["title"]),
        reason=reason,
        urgency="normal",
        source_kind=str(inputs["source_kind"]),
        source_number=str(inputs["source_number"]),
    )


def _proposed(given: Mapping[str, Any]) -> list[Proposed]:
    return [
        Proposed(
            kind=str(row["kind"]), key=str(row["key"]), field=str(row["field"]), new=row["new"]
        )
        for row in rows(given.get("objects"))
        if row.keys() >= _FIELD_CHANGE
    ]


def _only_named(objects: object) -> list[str]:
    """Give what a message only names, in words: the screening says which field becomes what."""
    named = objects if isinstance(objects, list) else []
    return [
        f"({' '.join(str(part) for part in each.values())})"
        if isinstance(each, Mapping)
        else f"({each})"
        for each in named
        if not (isinstance(each, Mapping) and each.keys() >= _FIELD_CHANGE)
    ]


def _propose(
    context: ServiceContext, change: Change, proposed: Sequence[Proposed], *, lenient: bool
) -> list[str]:
    """Add objects; of a message, what cannot be read is left to the screening, as a text."""
    if not lenient:
        affected.propose(context, change, proposed)
        return []
    unread = []
    for each in {(p.kind, p.key): p for p in proposed}.values():
        parts = [p for p in proposed if (p.kind, p.key) == (each.kind, each.key)]
        try:
            affected.propose(context, change, parts)
        except LedgerRefusal as refused:
            unread.append(f"({each.kind} {each.key}: {refused.message['en']})")
    return unread


def _summary(context: ServiceContext, change: Change) -> str:
    return "; ".join(_said(each) for each in _objects(context, change))


def _said(each: Affected) -> str:
    fields = ", ".join(f"{part.field}: {part.old} → {part.new}" for part in each.fields)
    return f"{each.kind} {each.key} ({fields[:300]})"


@SERVICES.service("changes.screen")
def screen(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the screening; give what class, functions and markets follow from."""
    change = _change(context, inputs)
    screening = context_of(inputs["screening"])
    decision = str(screening["decision"])
    _propose(context, change, _proposed(screening), lenient=False)
    reason = text(screening.get("reason")) or text(screening.get("duplicate_of"))
    orders.decide(context, change, "screening", decision, role="QE", reason=reason)
    return {
        "decision": decision,
        "kind": change.kind,
        "aspects": sorted({str(row["aspect"]) for row in rows(screening.get("aspects"))}),
        "criticality": text(screening.get("criticality")) or "N",
    }


@SERVICES.service("changes.classify")
def classify(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take the highest class of all aspects (CC-01) and every function they name (CC-02)."""
    change = _change(context, inputs)
    rules = context.configuration("change_rules")
    aspects = list(context_of(inputs["screened"])["aspects"])
    classes = rows(inputs["classes"])
    highest = max(classes, key=lambda each: CLASSES.index(str(each["change_class"])))
    change_class = str(highest["change_class"])
    routes = {each["route"] for each in classes}
    named = {str(role) for lists in inputs["function_lists"] for roles in lists for role in roles}
    board = change_class not in WITHOUT_BOARD
    functions = [role for role in FUNCTIONS if role in named] if board else ["QE", "QA"]
    orders.classify(context, change, change_class, aspects)
    touched = set(aspects)
    return {
        "change_class": change_class,
        "route": QA_REVIEW if QA_REVIEW in routes else highest["route"],
        "reason": {"en": highest["reason_en"], "zh": highest["reason_zh"]},
        "functions": functions,
        "board": board,
        "markets": [_market(each) for each in rules["markets"]],
        "certificate_changed": not touched.isdisjoint(rules["certificate_aspects"]),
        "holder_changed": not touched.isdisjoint(rules["holder_aspects"]),
        "licence_changed": not touched.isdisjoint(rules["licence_aspects"]),
        "summary": _summary(context, change),
    }


@SERVICES.service("changes.decide_class")
def decide_class(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take the class that quality decided where no rule knew an aspect (CC-01, QA_REVIEW)."""
    change = _change(context, inputs)
    assessment, decided = context_of(inputs["assessment"]), context_of(inputs["decided"])
    change_class, reason = str(decided["change_class"]), str(decided["reason"])
    orders.decide(context, change, "class", change_class, role="QA", reason=reason)
    orders.classify(context, change, change_class, list(change.aspects))
    board = change_class not in WITHOUT_BOARD
    return {
        **assessment,
        "change_class": change_class,
        "route": "DECIDED",
        "board": board,
        "functions": assessment["functions"] if board else ["QE", "QA"],
    }


def _market(each: Mapping[str, Any]) -> dict[str, Any]:
    return {"code": each["code"], "names": each["names"], "outcomes": each["outcomes"]}


# --- temporary: emergency and deviation -------------------------------------------------------


@SERVICES.service("changes.authorise_temporary")
def authorise_temporary(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Authorise an emergency change for a short time, when quality and engineering both agree."""
    change = _change(context, inputs)
    agreed = []
    for role in ("QA", "ENG"):
        answer = context_of(inputs[f"ok_{role.lower()}"])
        by = _as_performer(context, f"Ok{role}", "APPR")
        decision = "agreed" if answer.get("agreed") is True else "refused"
        reason = text(answer.get("condition"))
        orders.decide(by, change, "emergency_ok", decision, role=role, reason=reason)
        agreed.append(decision == "agreed")
    if not all(agreed):
        return {"authorised": False, "valid_until": None}
    days = context.configuration("change_rules")["emergency_days"]
    return _authorise(context, change, context_of(inputs["limits"]), days)


@SERVICES.service("changes.authorise_deviation")
def authorise_deviation(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Authorise a planned deviation, or renew it; two renewals at most."""
    change = _change(context, inputs)
    limits = dict(context_of(inputs["limits"]))
    renewal = context_of(inputs.get("renewal"))
    if renewal:
        limits["valid_until"] = renewal["valid_until"]
        orders.decide(context, change, "renewal", "approved", role="QA",
                      reason=text(renewal.get("reason")))  # fmt: skip
    return _authorise(
        context, change, limits, context.configuration("change_rules")["deviation_days"]
    )


def _authorise(
    context: ServiceContext, change: Change, limits: Mapping[str, Any], days: int
) -> Mapping[str, Any]:
    last_day = date.fromisoformat(str(limits["valid_until"]))
    until = site_days.end_of(context.configuration, last_day)
    instead_of = text(limits.get("instead_of"))
    if instead_of is not None:
        substitutes.require_fit(context, str(limits["item_number"]), instead_of)
    authorised = temporary.authorise(
        context,
        change,
        item_number=str(limits["item_number"]),
        instead_of=instead_of,
        lots=(text(limits.get("lots")) or "").split(),
        quantity=text(limits.get("quantity")),
        valid_until=until,
        latest=site_days.end_of(
            context.configuration, site_days.today(context) + timedelta(days=days)
        ),
        authorised_by=affected.approvers(context.db, context.tenant_id, change.change_id),
    )
    left = context.configuration("change_rules")["renewals"] - authorised.renewal
    return {
        "authorised": True,
        "valid_until": site_days.text(until),
        "renewals_left": left,
    }


@SERVICES.service("changes.temporary_over")
def temporary_over(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Tell whether a temporary change ran out without a permanent one in its place."""
    change = _change(context, inputs)
    ended = temporary.end(context, change, "expired")
    last = temporary.of_change(context.db, context.tenant_id, change)[-1]
    return {"in_use": ended or last.ended_because == temporary.USED_UP}


@SERVICES.service("changes.assessment_due")
def assessment_due(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Tell whether an emergency change is in use without the approval that it was to get by now."""
    change = _change(context, inputs)
    decided = orders.decisions(context.db, context.tenant_id, change.change_id)
    approved = any((each.step, each.decision) == ("board", "approved") for each in decided)
    used = temporary.in_force(context.db, context.tenant_id, change, context.now)
    return {"late": not approved and used is not None}


@SERVICES.service("changes.late_assessment")
def late_assessment(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what quality decided about an emergency change that was not approved in time."""
    change = _change(context, inputs)
    decided = context_of(inputs["decided"])
    decision, reason = str(decided["decision"]), str(decided["reason"])
    orders.decide(context, change, "emergency_late", decision, role="QA", reason=reason)
    if decision == "stop":
        temporary.end(context, change, "not approved in time")
    return {"decision": decision}


@SERVICES.service("changes.end_deviation")
def end_deviation(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """End a deviation, on its day or before."""
    change = _change(context, inputs)
    ended = context_of(inputs.get("deviation"))
    because = text(ended.get("reason")) if ended.get("action") == "end" else None
    return {"ended": temporary.end(context, change, because or "expired")}


# --- assessment -------------------------------------------------------------------------------


@SERVICES.service("changes.keep_impacts")
def keep_impacts(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what each function answered, under the name of who answered."""
    change = _change(context, inputs)
    for role in inputs["functions"]:
        given = context_of(inputs[f"impact_{role}"])
        impact = Impact(
            role=str(role),
            answer=str(given["answer"]),
            reason=str(given["reason"]),
            topics=tuple(str(row["topic"]) for row in rows(given.get("topics"))),
            action=text(given.get("action")),
        )
        by = _as_performer(context, f"Impact{role}", "REVW")
        assessments.record_impact(by, change, impact)
    found = assessments.impacts(context.db, context.tenant_id, change)
    return {"with_impact": [each.role for each in found if each.answer == "impact"]}


@SERVICES.service("changes.market_rows")
def market_rows(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any] | Any:
    """Lay each market beside what is proposed for it."""
    del context
    proposals = rows(inputs["proposals"])
    return {
        "rows": [
            {
                "code": market["code"],
                "proposed": proposal["outcome"],
                "reason": {"en": proposal["reason_en"], "zh": proposal["reason_zh"]},
                "names": market["names"],
                "outcomes": market["outcomes"],
            }
            for market, proposal in zip(rows(inputs["markets"]), proposals, strict=True)
        ]
    }


@SERVICES.service("changes.keep_regulatory")
def keep_regulatory(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the decision for each market (CC-03); what needs an approval follows from it."""
    change = _change(context, inputs)
    known = {each["code"]: each for each in context.configuration("change_rules")["markets"]}
    given = rows(context_of(inputs["regulatory"]).get("decisions"))
    decided = []
    for offered, row in zip(rows(context_of(inputs["markets"])["rows"]), given, strict=True):
        market, outcome = known[offered["code"]], str(row["outcome"])
        decided.append(
            MarketDecision(
                market=str(offered["code"]),
                proposed=str(offered["proposed"]),
                outcome=outcome,
                approval_needed=outcome in market["approval_needed"],
                before_release=outcome in market["before_release"],
                rationale=str(row["rationale"]),
                document_reference=text(row.get("document_reference")),
            )
        )
    assessments.decide_markets(context, change, decided)
    return {"approval_needed": [each.market for each in decided if each.approval_needed]}


# --- the board --------------------------------------------------------------------------------


@SERVICES.service("changes.keep_votes")
def keep_votes(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the members' opinions; finance is asked only where there is a cost."""
    change = _change(context, inputs)
    asked = [role for role in MEMBERS if role != "FIN" or amount(inputs["cost"]) > 0]
    given = {role: context_of(inputs[f"vote_{role}"]) for role in asked}
    for role, vote in given.items():
        by = _as_performer(context, f"Vote{role}", "APPR" if vote["opinion"] == "approve" else "")
        reason = text(vote.get("remark"))
        orders.decide(by, change, "board", str(vote["opinion"]), role=role, reason=reason)
    remarks = [f"{role}: {vote['remark']}" for role, vote in given.items() if vote.get("remark")]
    return {
        "approve": _names(given, "approve"),
        "reject": _names(given, "reject"),
        "remarks": "; ".join(remarks),
    }


def _names(given: Mapping[str, Mapping[str, Any]], opinion: str) -> str:
    return ", ".join(role for role, vote in given.items() if vote["opinion"] == opinion)


@SERVICES.service("changes.defer")
def defer(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Record that the board decides later."""
    change = _change(context, inputs)
    board = context_of(inputs["board"])
    orders.decide(context, change, "board", "deferred", role="QA", reason=text(board.get("reason")))
    orders.set_status(context, change, "deferred")
    return {"until": board["until"]}


@SERVICES.service("changes.reject")
def reject(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Record a rejection, of the screening or of the board; say whether it may be appealed."""
    change = _change(context, inputs)
    rejection = context_of(inputs.get("rejection"))
    by_board = context.signatures == ("REJ",)
    given = rejection if by_board else context_of(inputs["screening"])
    reason = text(given.get("reason")) or "duplicate"
    if by_board:
        orders.decide(context, change, "board", "rejected", role="QA", reason=reason)
    return {"reason": reason, "appeals_left": 1 - _appeals(context, change)}


def _appeals(context: ServiceContext, change: Change) -> int:
    decided = orders.decisions(context.db, context.tenant_id, change.change_id)
    return sum(each.step == "appeal" for each in decided)


@SERVICES.service("changes.grant_appeal")
def grant_appeal(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Have a change screened again, once."""
    change = _change(context, inputs)
    reason = str(context_of(inputs["appeal"])["reason"])
    orders.decide(context, change, "appeal", "granted", role="MR", reason=reason)
    return {"round": orders.assess_again(context, change, reason)}


@SERVICES.service("changes.close_rejected")
def close_rejected(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Close a rejected change; a temporary one ends with it."""
    change = _change(context, inputs)
    appeal = context_of(inputs.get("appeal"))
    if appeal and appeal.get("granted") is not True and not _appeals(context, change):
        orders.decide(
            context, change, "appeal", "denied", role="MR", reason=text(appeal.get("reason"))
        )
    temporary.end(context, change, "rejected")
    market_gates.lift(context, change, None, "rejected")
    orders.close(context, change, "rejected", "rejected")
    return {"status": "rejected"}


@SERVICES.service("changes.approve")
def approve(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Record the board's approval, and close each market that waits for its authority."""
    change = _change(context, inputs)
    orders.decide(context, change, "board", "approved", role="QA")
    orders.set_status(context, change, "planned")
    states = assessments.markets(context.db, context.tenant_id, change)
    waiting = [each.market for each in states if each.waits]
    market_gates.place(context, change, _objects(context, change), waiting)
    return {
        "submissions": [{"market": market} for market in waiting],
        "waiting_markets": waiting,
        "notify": context_of(inputs.get("regulatory")).get("notify") is True,
    }


# --- authorities ------------------------------------------------------------------------------


@SERVICES.service("changes.keep_submission")
def keep_submission(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Record what was submitted to which authority."""
    change = _change(context, inputs)
    offered = rows(context_of(inputs["approved"])["submissions"])
    given = rows(context_of(inputs["submitted"]).get("submissions"))
    for market, row in zip(offered, given, strict=True):
        on = date.fromisoformat(str(row["submitted_on"]))
        assessments.submit(context, change, str(market["market"]), str(row["number"]), on)
    return {"count": len(given)}


@SERVICES.service("changes.authority_message")
def authority_message(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take up an authority's answer that came as a message, on the record already or not."""
    change = _change(context, inputs)
    message = context_of(inputs["message"])
    market, reference = text(message.get("market")), text(message.get("reference"))
    if market is not None and reference is not None and _waits(context, change, market):
        _answer(context, change, market, str(message.get("answer") or "approved"), reference)
    return _authorities(context, change, str(inputs["phase"]))


@SERVICES.service("changes.authority_follow_up")
def authority_follow_up(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take up what regulatory affairs heard from an authority."""
    change = _change(context, inputs)
    heard = context_of(inputs["follow_up"])
    if heard["answer"] != "none":
        market, reference = str(heard["market"]), str(heard["reference"])
        _answer(context, change, market, str(heard["answer"]), reference)
    return _authorities(context, change, str(inputs["phase"]))


def _answer(
    context: ServiceContext, change: Change, market: str, answer: str, reference: str
) -> None:
    assessments.answered(context, change, market, answer, reference)
    if answer == "approved":
        market_gates.lift(context, change, market, reference)


def _waits(context: ServiceContext, change: Change, market: str) -> bool:
    return market in assessments.waiting_for(
        context.db, context.tenant_id, change, only_before_release=False
    )


def _authorities(context: ServiceContext, change: Change, phase: str) -> Mapping[str, Any]:
    first = phase == "release"
    waiting = assessments.waiting_for(
        context.db, context.tenant_id, change, only_before_release=first
    )
    refused = [
        each.market
        for each in assessments.markets(context.db, context.tenant_id, change)
        if each.answer == "refused" and (each.before_release or not first)
    ]
    return {"waiting": bool(waiting) and not refused, "refused": bool(refused), "markets": waiting}


# --- plan, tasks, readiness -------------------------------------------------------------------


@SERVICES.service("changes.plan")
def plan(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the approved plan; give the tasks of each function."""
    change = _change(context, inputs)
    given = context_of(inputs["plan"])
    effective = Effectivity(
        kind=str(given["effectivity"]),
        effective_from=date.fromisoformat(str(given["effective_from"])),
        from_number=text(given.get("from_number")),
        stock=str(given["stock"]),
        wip=str(given["wip"]),
        open_orders=str(given["open_orders"]),
        shipped=str(given["shipped"]),
        interchangeable=given["interchangeable"] is True,
        owner_role="ENG",
    )
    tasks = [
        Task(
            number=number,
            kind=str(row["kind"]),
            description=str(row["description"]),
            owner_role=str(row["owner"]),
            due_on=date.fromisoformat(str(row["due_on"])),
            evidence_wanted=str(row["evidence"]),
        )
        for number, row in enumerate(rows(given.get("tasks")), start=1)
    ]
    effectivity.require_countable(
        context.db, context.tenant_id, effective, _objects(context, change)
    )
    implementation.plan(context, change, effective, tasks)
    orders.decide(context, change, "plan", "approved", role="QA")
    shares = {
        f"tasks_{role}": [_task(t) for t in tasks if t.owner_role == role] for role in FUNCTIONS
    }
    return {**shares, **_for_the_field(context, change, effective)}


def _for_the_field(
    context: ServiceContext, change: Change, effective: Effectivity
) -> dict[str, Any]:
    """Say whether what was shipped is to be assessed; asked once, however often it is planned."""
    steps = {
        each.step for each in orders.decisions(context.db, context.tenant_id, change.change_id)
    }
    asks = effective.shipped == "field_action" and _FIELD not in steps
    if asks:
        orders.decide(context, change, _FIELD, "asked", role="QA")
    shipped = [each.key for each in _objects(context, change) if each.kind in _OF_AN_ITEM]
    return {
        "assess_field": asks,
        "shipped_item": shipped[0] if shipped else None,
        "approved_at": context.now.isoformat(),
    }


@SERVICES.service("changes.field_assessed")
def field_assessed(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what was decided about what had been shipped."""
    change = _change(context, inputs)
    assessed = context_of(inputs["assessed"])
    number, decided = str(assessed["field_action"]), str(assessed["decision"])
    orders.decide(context, change, _FIELD, decided, role="QA", reason=number)
    return {"number": number, "decision": decided}


def _task(task: Task) -> dict[str, Any]:
    return {
        "number": task.number,
        "description": task.description,
        "due_on": task.due_on.isoformat(),
        "evidence": task.evidence_wanted,
    }


@SERVICES.service("changes.keep_tasks")
def keep_tasks(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the result of each task, under the name of who did it."""
    change = _change(context, inputs)
    planned = context_of(inputs["planned"])
    failed = []
    for role in FUNCTIONS:
        tasks, done = rows(planned.get(f"tasks_{role}")), rows(inputs.get(f"done_{role}"))
        for index, task in enumerate(tasks):
            result = done[index]
            number, state = int(amount(task["number"])), str(result["state"])
            implementation.finish_task(
                context,
                change,
                number,
                state,
                evidence=str(result["evidence"]),
                result=text(result.get("note")),
                done_by=_as_performer(context, f"Task{role}", "PERF", index).actor.username,
            )
            failed += [number] if state == "failed" else []
    return {"failed": failed}


@SERVICES.service("changes.verify")
def verify(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Look for what is missing before the release (the readiness gate)."""
    change = _change(context, inputs)
    verification = context_of(inputs["verification"])
    if inputs["first"] is True:
        _keep_verification(context, change, verification)
    confirmed = {
        name: verification.get(name) is True
        for name in ("documents_effective", "old_documents_withdrawn", "orders_and_wip_decided")
    }
    gaps = implementation.gaps(
        context.db,
        context.tenant_id,
        change,
        confirmed,
        training_asked=inputs.get("training") is True,
        untrained=_untrained(context, change),
    )
    tasks = implementation.tasks_of(context.db, context.tenant_id, change)
    failed = verification.get("vv_passed") is not True or any(t.state == "failed" for t in tasks)
    waiting = [gap for gap in gaps if gap["kind"] == "registration"]
    others = len(gaps) > len(waiting)
    return {
        "failed": failed,
        "gaps_left": others and not failed,
        "waiting": bool(waiting) and not others and not failed,
        "gaps": {
            "en": "; ".join(gap["en"] for gap in gaps),
            "zh": "；".join(gap["zh"] for gap in gaps),
        },
    }


def _untrained(context: ServiceContext, change: Change) -> list[str]:
    """Name the functions of which somebody is not trained, by the book of trainings.

    It counts where it knows of a training whose subject is the number of this change: then everyone
    who has the role is trained on this day. Where it knows none, what was recorded counts.
    """
    until: dict[str, list[date | None]] = {}
    for row in context.db.execute(_PEOPLE, {"tenant_id": context.tenant_id}):
        last = trainings.valid_until(context.db, context.tenant_id, row.username, change.number)
        for role in row.roles.split():
            until.setdefault(role, []).append(last)
    if not any(last for each in until.values() for last in each):
        return []
    today = site_days.today(context)
    affected_roles = implementation.to_be_trained(context.db, context.tenant_id, change)
    return [
        role
        for role in affected_roles
        if any(last is None or last < today for last in until.get(role, []))
    ]


def _keep_verification(
    context: ServiceContext, change: Change, verification: Mapping[str, Any]
) -> None:
    passed = "passed" if verification.get("vv_passed") is True else "failed"
    reason = text(verification.get("reason"))
    orders.decide(context, change, "verification", passed, role="QE", reason=reason)
    for row in rows(verification.get("training")):
        implementation.record_training(
            context,
            change,
            str(row["role"]),
            int(amount(row["people"])),
            int(amount(row["trained"])),
            str(row["reference"]),
        )


@SERVICES.service("changes.assess_again")
def assess_again(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Go back to the impact assessment after failed verification or an authority's refusal."""
    change = _change(context, inputs)
    refused = context_of(inputs.get("refused")).get("refused") is True
    found = text(context_of(inputs.get("verification")).get("reason"))
    reason = "the authority refused" if refused else (found or "a task failed")
    market_gates.lift(context, change, None, "assessed again")
    return {"round": orders.assess_again(context, change, reason)}


# --- release, cut-in, effect ------------------------------------------------------------------


@SERVICES.service("changes.release")
def release(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Bring the objects of a change into force, in the transaction of the second signature."""
    if "REL" not in context.signatures:
        raise NotSignedByBoth
    change = _change(context, inputs)
    by_quality = _as_performer(context, "ReleaseQA", "REL")
    orders.decide(by_quality, change, "release", "released", role="QA")
    orders.decide(context, change, "release", "released", role="ENG")
    planned = _effectivity(context, change)
    today = site_days.today(context)
    begins = today if planned.kind == "immediate" else max(today, planned.effective_from)
    return _into_force(context, change, begins)


@SERVICES.service("changes.take_effect")
def take_effect(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Bring what could not be written before its day into force, on the day."""
    change = _change(context, inputs)
    assert change.effective_from is not None  # set with the release
    return _into_force(context, change, change.effective_from)


def _into_force(context: ServiceContext, change: Change, begins: date) -> Mapping[str, Any]:
    come = begins <= site_days.today(context)
    signed = affected.approvers(context.db, context.tenant_id, change.change_id)
    planned = _effectivity(context, change)
    first_lot, first_serial = effectivity.first_numbers(planned)
    objects = affected.release(
        context, change, begins, signed, from_lot=first_lot, from_serial=first_serial
    )
    orders.set_status(context, change, "effective" if come else "released", on=begins)
    held: list[str] = []
    if come:
        temporary.end(context, change, "replaced by the released change")
        held = old_stock.hold_old(context, change, planned, objects)
        for each in objects:
            if each.kind == _REVISION:
                code = str(_revision(context, each.key)["revision"])
                first_articles.require(context, change, each.key, code)
    return {
        **_to_tell(context, change, planned, objects),
        "held": held,
        "effective_from": begins.isoformat(),
        "effective_at": site_days.text(site_days.start_of(context.configuration, begins)),
        "now": come,
        "objects": [{"kind": each.kind, "key": each.key, "state": each.state} for each in objects],
        "plans": [_plan(context, each.key, begins) for each in objects if each.kind == _PLAN],
        "revisions": [_revision(context, each.key) for each in objects if each.kind == _REVISION],
    }


def _to_tell(
    context: ServiceContext, change: Change, planned: Effectivity, objects: Sequence[Affected]
) -> dict[str, Any]:
    """Give what warehouse, production and training are told when a change comes into force."""
    old_lots = old_stock.of_old_revisions(context.db, context.tenant_id, objects) or []
    numbers = list(old_stock.touched(objects))
    running = open_orders.using(context.db, context.tenant_id, numbers)
    trained = implementation.to_be_trained(context.db, context.tenant_id, change)
    return {
        "old_lots": old_lots,
        "old_lots_text": ", ".join(old_lots),
        "for_production": bool(running),
        "open_orders_text": "; ".join(running),
        "training": trained,
        "training_text": ", ".join(trained),
        "untrained_text": ", ".join(_people_to_train(context, change, trained)),
        "use_up": planned.kind == "use_up",
        **_to_deploy(objects),
    }


def _to_deploy(objects: Sequence[Affected]) -> dict[str, Any]:
    """Give the packages that a change released and nobody deployed yet, process by process."""
    left = [each for each in objects if each.state == "authorised"]
    packages = [f"{each.key}: {part.new}" for each in left for part in each.fields]
    return {"to_deploy": [each.key for each in left], "to_deploy_text": "; ".join(packages)}


def _people_to_train(
    context: ServiceContext, change: Change, functions: Sequence[str]
) -> list[str]:
    """Name who works in these functions and is in no book of trainings for this change."""
    asked = set(functions)
    return [
        row.username
        for row in context.db.execute(_PEOPLE, {"tenant_id": context.tenant_id})
        if asked & set(row.roles.split())
        and not trainings.valid_until(context.db, context.tenant_id, row.username, change.number)
    ]


def _effectivity(context: ServiceContext, change: Change) -> Effectivity:
    planned = implementation.effectivity_of(context.db, context.tenant_id, change)
    assert planned is not None  # the plan comes before
    return planned


def _plan(context: ServiceContext, item_number: str, on: date) -> dict[str, Any]:
    """Give what running inspections of an item are told."""
    found = items.by_number(context.db, context.tenant_id, item_number)
    plan = plans.in_force(context.db, context.tenant_id, found.item_id, item_number, on)
    return {"item_number": item_number, "plan": plan.number, "version": plan.version}


def _revision(context: ServiceContext, item_number: str) -> dict[str, Any]:
    """Give what open orders of an item are told."""
    now = controlled.read(context.db, context.tenant_id, _REVISION, item_number)
    return {"item_number": item_number, "revision": now["revision"]}


@SERVICES.service("changes.confirm_deployed")
def confirm_deployed(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Look whether all packages of a change are in force, after a deployment or when asked.

    What was deployed goes on the record of the change with the manifest before and after. A
    deployment under another change is none of its business.
    """
    change = _change(context, inputs)
    told = context_of(inputs.get("told"))
    news = bool(told) and told != context_of(inputs.get("told_before"))
    if news and told["change"] == change.number:
        manifest = context_of(told["manifest"])
        said = f"{told['key']} v{told['version']}: {manifest['old']} → {manifest['new']}"
        orders.decide(context, change, "deployment", "in_force", role="ADM", reason=said)
    left = _to_deploy(_objects(context, change))
    if not news and left["to_deploy"]:
        raise NotDeployedYet(change, ", ".join(left["to_deploy"]))
    return {**left, "told": dict(told)}


@SERVICES.service("changes.cut_in")
def cut_in(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Record the cut-in and the first article; hold old stock, or have it disposed of."""
    change = _change(context, inputs)
    done = context_of(inputs["cut_in"])
    treated = [
        Treated(
            lot_number=str(row["lot"]),
            quantity=str(row["quantity"]),
            treatment=str(row["treatment"]),
        )
        for row in rows(done.get("old_stock"))
    ]
    dispositions = old_stock.treat(context, change, _objects(context, change), treated)
    old = [f"{each.lot_number} {each.quantity}: {each.treatment}" for each in treated]
    said = "; ".join([f"first {done['first_number']} on {done['cut_in_on']}", *old])
    orders.decide(context, change, "cut_in", "done", role="PLN", reason=said)
    awaited = first_articles.awaited(context.db, context.tenant_id, change)
    return {
        "first_article": done["first_number"],
        "dispositions": dispositions,
        "waiting": bool(awaited),
        "articles": "; ".join(
            f"{each.item_number} {each.item_revision}: {each.lot_number or '-'}" for each in awaited
        ),
    }


@SERVICES.service("changes.keep_first_article")
def keep_first_article(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep a first article inspection; hold the lot that failed, and say what is to be raised."""
    change = _change(context, inputs)
    given = context_of(inputs["found"])
    found = Inspected(
        result=str(given["result"]),
        reference=str(given["reference"]),
        remark=text(given.get("remark")),
    )
    about = first_articles.record(context, change, str(given["lot_number"]), found)
    orders.decide(context, change, "first_article", found.result, role="QE", reason=found.reference)
    said = f"{change.number}: first article 首件 {found.reference}: {found.remark or found.result}"
    if found.result == "failed":
        status.place_hold(
            context,
            about,
            reason=said[:400],
            owner_role="QA",
            document_kind=old_stock.DOCUMENT_KIND,
            document_id=change.number,
        )
    return {
        "passed": found.result == "passed",
        "waiting": bool(first_articles.awaited(context.db, context.tenant_id, change)),
        "item_number": about.item_number,
        "lot_number": about.number,
        "description": said,
    }


# --- observation and effect -------------------------------------------------------------------


@SERVICES.service("changes.begin_observation")
def begin_observation(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Begin to observe a change: for so many lots, at the longest so many days (CHG-70)."""
    change = _change(context, inputs)
    objects = _objects(context, change)
    rules = context.configuration("change_rules")["observation"]
    wanted = progress.wanted(context.configuration, change, objects)
    until = site_days.today(context) + timedelta(days=rules["days"])
    said = f"{wanted} lots 批, {until}"
    orders.decide(context, change, progress.OBSERVATION, "begun", role="QE", reason=said)
    return _observed(context, change, wanted, until, "observing")


@SERVICES.service("changes.observe")
def observe(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Count the lots: check, ask what to do with too few, or observe as long as was decided."""
    change = _change(context, inputs)
    so_far = context_of(inputs["observation"])
    wanted = int(amount(so_far["wanted"]))
    until = date.fromisoformat(str(so_far["until_day"]))
    if so_far["state"] != "ask":
        counted = _observed(context, change, wanted, until, "check")
        return counted if counted["lots"] >= wanted else {**counted, "state": "ask"}
    decided = context_of(inputs["decided"])
    reason = str(decided["reason"])
    if decided["action"] == "check":
        orders.decide(context, change, progress.OBSERVATION, "fewer_lots", role="QE", reason=reason)
        return _observed(context, change, wanted, until, "check")
    longer = date.fromisoformat(str(decided["until"]))
    assert change.effective_from is not None  # set with the release
    days = context.configuration("change_rules")["observation"]["longest_days"]
    latest = change.effective_from + timedelta(days=days)
    if not site_days.today(context) <= longer <= latest:
        raise NotThatLong(latest, longer)
    orders.decide(context, change, progress.OBSERVATION, "extended", role="QE", reason=reason)
    return _observed(context, change, wanted, longer, "extended")


def _observed(
    context: ServiceContext, change: Change, wanted: int, until: date, state: str
) -> dict[str, Any]:
    lots = progress.lots_of(
        context.db,
        context.tenant_id,
        context.configuration,
        change,
        _objects(context, change),
    )
    return {
        "state": state,
        "wanted": wanted,
        "lots": lots,
        "until_day": until.isoformat(),
        "until": site_days.text(site_days.end_of(context.configuration, until)),
    }


@SERVICES.service("changes.keep_effectiveness")
def keep_effectiveness(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the check of the effect; say whether an authority is still to answer."""
    change = _change(context, inputs)
    check = context_of(inputs["effectiveness"])
    found = "effective" if check["effective"] is True else "not effective"
    reason = f"{check['criterion']}: {check['data']}"
    orders.decide(context, change, "effectiveness", found, role="QE", reason=reason)
    return {"waiting": bool(_authorities(context, change, "closing")["waiting"])}


@SERVICES.service("changes.close")
def close(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Close the change; what is temporary ends with it."""
    change = _change(context, inputs)
    reason = str(context_of(inputs["closing"])["reason"])
    orders.decide(context, change, "close", "closed", role="QA", reason=reason)
    temporary.end(context, change, "closed")
    orders.close(context, change, "closed", reason)
    return {"status": "closed"}


@SERVICES.service("change_control.cancelled")
def cancelled(context: ServiceContext, case: Mapping[str, Any]) -> Mapping[str, Any]:
    """Withdraw a change when somebody cancels its instance, signed; not what is in force."""
    opened = context_of(case.get("change"))
    if not opened:
        return {}
    change = orders.find(context.db, context.tenant_id, identifier(opened["id"]))
    if change.status in orders.IN_FORCE:
        raise TooLateToWithdraw(change)
    temporary.end(context, change, "withdrawn")
    market_gates.lift(context, change, None, "withdrawn")
    orders.close(context, change, "withdrawn", str(case["why"]))
    return {}


def _change(context: ServiceContext, inputs: Mapping[str, Any]) -> Change:
    return orders.find(context.db, context.tenant_id, identifier(inputs["change_id"]))


def _objects(context: ServiceContext, change: Change) -> list[Affected]:
    return affected.of_change(context.db, context.tenant_id, change.change_id)


def _as_performer(
    context: ServiceContext, activity_id: str, meaning: str, index: int | None = None
) -> ServiceContext:
    """Give the context in the name of who did a task before: a join runs in the last one's name.

    The task that this very command completes is still open in the worklist: it is the actor's.
    """
    key = {
        "tenant_id": context.tenant_id,
        "process_instance_id": context.process_instance_id,
        "activity_id": activity_id,
    }
    found = [row for row in context.db.execute(_PERFORMED, key) if index in (None, row.item_index)]
    signatures = (meaning,) if meaning else ()
    if not found or found[-1].status != "completed" or found[-1].account_id is None:
        return replace(context, signatures=signatures)
    last = found[-1]
    actor = Actor(
        tenant_id=context.tenant_id,
        account_id=last.account_id,
        username=last.username,
        names={},
    )
    return replace(context, actor=actor, signatures=signatures)
