"""What the service tasks of a complaint trend do; the rules live in ledger/complaints/trends."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger.complaints import complaints, trends
from processes.ledger.complaints.trends import Judgement
from processes.ledger.refusals import listed
from processes.values import context_of, text

SERVICES = ServiceRegistry()
RULES = "complaint_rules"


@SERVICES.service("complaint_trend.open")
def open_signal(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the signal as it is judged: what was counted, by which rule, and which lots."""
    row = trends.by_number(context.db, context.tenant_id, str(inputs["signal"]))
    counted = [
        complaints.by_number(context.db, context.tenant_id, number) for number in row.complaints
    ]
    rules = context.configuration(trends.RULES)["rules"]
    rule = next((each["names"] for each in rules if each["code"] == row.rule_code), None)
    problems = {each["value"]: each["label"] for each in context.configuration(RULES)["problems"]}
    problem = problems.get(row.problem_code)
    shown = {
        "number": row.signal_number,
        "rule": row.rule_code + ("" if rule is None else f" · {rule['en']} · {rule['zh']}"),
        "item_number": row.item_number,
        "problem": "–" if problem is None else f"{problem['en']} · {problem['zh']}",
        "found": row.found,
        "earlier": listed(row.earlier) or "–",
        "complaints": listed(row.complaints),
        "lots": sorted({each.lot_number for each in counted if each.lot_number}),
        "raised_at": row.raised_at.isoformat(),
        "due": context.configuration(RULES)["due"],
    }
    said = f"{shown['rule']}: {row.item_number}, {row.found} ({shown['complaints']})"
    return {**shown, "said": said}


@SERVICES.service("complaint_trend.keep")
def keep(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what was judged, and the authority's receipt."""
    judged, reported = context_of(inputs["judged"]), context_of(inputs.get("reported"))
    submitted_at = text(reported.get("submitted_at"))
    judgement = Judgement(
        significant=judged["significant"] is True,
        corrective_action=judged.get("corrective_action") is True,
        field_action=judged.get("field_action") is True,
        reason=str(judged["reason"]),
        reference=text(reported.get("reference")),
        submitted_at=None if submitted_at is None else datetime.fromisoformat(submitted_at),
    )
    trends.judge(context, str(context_of(inputs["trend"])["number"]), judgement)
    return {"judged": True}
