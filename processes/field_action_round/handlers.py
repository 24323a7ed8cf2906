"""What the service tasks of a round do: reports prepared and kept, notices allowed to go out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import site_days
from processes.ledger.clocks import clocks
from processes.ledger.columns import AnyRow
from processes.ledger.field_actions import actions, languages, markets, notices, reports, scope
from processes.ledger.field_actions.actions import FieldAction
from processes.ledger.refusals import LedgerRefusal
from processes.values import context_of, rows, text

SERVICES = ServiceRegistry()

_COMMENTS = "EU-FSN48"
LETTERS = {"first": "notice", "amend": "amendment", "next_tier": "next_tier"}
"""What a round's letters are; rounds of other kinds are reports alone."""


class ReportFirst(LedgerRefusal):
    """MDR Art. 87(8): a field safety corrective action is reported before it is undertaken."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Send report {number} to the EU authority first, or justify why the notice cannot "
            "wait.",
            f"请先向欧盟监管部门提交报告 {number}，或说明通知不能等待的理由。",
            expected=number,
        )


class DraftTooYoung(LedgerRefusal):
    """The authority has time to comment on the draft notice, unless it is urgent."""

    def __init__(self, until: datetime) -> None:
        said = until.isoformat(timespec="minutes")
        super().__init__(
            f"The EU authority has until {said} to comment on the draft notice. Wait until then, "
            "or justify why the notice cannot wait.",
            f"欧盟监管部门可在 {said} 前对通知草稿提出意见；请等待，或说明通知不能等待的理由。",
            expected=said,
        )


@SERVICES.service("round.prepare")
def prepare(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Prepare the reports of this round for each market, and check that letters can be written."""
    db, tenant_id = context.db, context.tenant_id
    action = actions.by_number(db, tenant_id, str(inputs["field_action"]))
    kind = str(inputs["kind"])
    rules = context.configuration("field_action_rules")
    wanted = context.configuration("field_action_reports").get(kind, {})
    people = scope.consignees_of(db, tenant_id, action)
    besides = markets.of_action(db, tenant_id, action, rules, site_days.today(context))
    kinds = context.configuration("field_action_reports")["kinds"]
    packages = [
        {
            **reports.prepare(context, action, report),
            "mock": action.is_mock,
        }
        for market in sorted(markets.to_report_to(besides, action))
        for report in wanted.get(market, [])
        if action.action_type in kinds[report].get("only", (action.action_type,))
    ]
    for each in packages:
        each["address"] = f"/api/field-actions/reports/{each['number']}"
        each["clocks"] = _clocks(context, action, str(each["kind"]))
    named = [str(each) for each in inputs.get("consignees") or []] if kind in LETTERS else []
    told = [row for row in people if row.consignee_number in named]
    return {
        "field_action": action.number,
        "kind": kind,
        "letter_kind": LETTERS.get(kind, "notice"),
        "extension": int(inputs["extension"]),
        "packages": packages,
        "consignees": named,
        "languages": sorted({row.language for row in told}),
        "untranslated": _untranslated(context, action, told),
        "publication": action.plan.get("publication") or "–",
        "example": _example(context, action, told),
        "eu": any(rules["report_market"].get(row.market) == "EU" for row in told),
        "due": rules["due"],
        "mock": action.is_mock,
    }


def _untranslated(
    context: ServiceContext, action: FieldAction, told: list[AnyRow]
) -> list[dict[str, str]]:
    texts = context.configuration("field_action_texts")
    return languages.untranslated(texts, action.plan, told)


def _example(context: ServiceContext, action: FieldAction, told: list[AnyRow]) -> str:
    """Show what people will read: the parts that this action wrote, in each language."""
    texts = context.configuration("field_action_texts")
    found = [languages.spoken(texts, action.plan, row.language) for row in told]
    shown = []
    for language in sorted({each.text for each in found if each is not None}):
        message = notices.message_in(action.plan, language)
        if message is not None:
            parts = (message.product, message.reason, message.hazard, message.instructions)
            shown.append("\n".join(parts))
    return "\n\n".join(shown)


def _clocks(context: ServiceContext, action: FieldAction, kind: str) -> str:
    codes = context.configuration("field_action_reports")["kinds"][kind]["clock"]
    running = clocks.of_subject(context.db, context.tenant_id, scope.DOCUMENT_KIND, action.number)
    return ", ".join(
        f"{each.rule_code} {each.due_on}"
        for each in running
        if each.rule_code in codes and each.stopped_at is None
    )


@SERVICES.service("round.keep_package")
def keep_package(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the authority's receipt; the clocks that the report was for stop."""
    package, sent = context_of(inputs["package"]), context_of(inputs["sent"])
    action = actions.by_number(context.db, context.tenant_id, str(inputs["field_action"]))
    reports.submit(
        context,
        action,
        str(package["number"]),
        reference=str(sent["reference"]),
        accepted=sent.get("accepted") is True,
        submitted_at=datetime.fromisoformat(str(sent["submitted_at"])),
    )
    if package["kind"] == "EU-FSCA" and not action.is_mock:
        _draft_is_sent(context, action, str(sent["submitted_at"]), str(sent["reference"]))
    return {"number": package["number"], "accepted": sent.get("accepted") is True}


def _draft_is_sent(
    context: ServiceContext, action: FieldAction, sent_at: str, reference: str
) -> None:
    """Count the time for comments: the draft notice goes to the authority with the report."""
    at = datetime.fromisoformat(sent_at)
    kind = scope.DOCUMENT_KIND
    clocks.start(context, _COMMENTS, kind, action.number, at, f"draft sent with {reference}")


def _comments_until(context: ServiceContext, action: FieldAction) -> datetime | None:
    running = clocks.of_subject(context.db, context.tenant_id, scope.DOCUMENT_KIND, action.number)
    ends = [each.due_at for each in running if each.rule_code == _COMMENTS and each.due_at]
    return max((end for end in ends if end > context.now), default=None)


@SERVICES.service("round.keep_translation")
def keep_translation(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Add the translations that were given to the plan; keep why others are not there yet."""
    round_now, given = context_of(inputs["round"]), rows(context_of(inputs["given"]).get("rows"))
    action = actions.by_number(context.db, context.tenant_id, str(round_now["field_action"]))
    kept = [dict(row) for row in rows(action.plan.get("texts"))]
    translated = 0
    for asked, row in zip(rows(round_now["untranslated"]), given, strict=True):
        language = str(asked["language"])
        done = text(row.get("product")) is not None
        if done:
            parts = ("product", "reason", "hazard", "instructions")
            kept.append({"language": language, **{part: str(row[part]) for part in parts}})
            translated += 1
        context.record(
            {
                "event": "notice.translated" if done else "notice.stands_in",
                "field_action": action.number,
                "language": language,
                "fallback": None if done else asked["fallback"],
                "reason": text(row.get("why_not")),
            }
        )
    action = actions.change(context, action, plan={**action.plan, "texts": kept})
    told = _told(context, action, round_now)
    return {
        **round_now,
        "example": _example(context, action, told),
        "untranslated": _untranslated(context, action, told),
        "translated": translated > 0,
    }


def _told(
    context: ServiceContext, action: FieldAction, round_now: Mapping[str, Any]
) -> list[AnyRow]:
    named = set(round_now["consignees"])
    people = scope.consignees_of(context.db, context.tenant_id, action)
    return [row for row in people if row.consignee_number in named]


@SERVICES.service("round.keep_texts")
def keep_texts(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put corrected texts into the action's plan."""
    round_now, corrected = context_of(inputs["round"]), context_of(inputs["corrected"])
    action = actions.by_number(context.db, context.tenant_id, str(round_now["field_action"]))
    plan = {**action.plan, "texts": [dict(row) for row in rows(corrected.get("texts"))]}
    action = actions.change(context, action, plan=plan)
    told = _told(context, action, round_now)
    return {
        **round_now,
        "example": _example(context, action, told),
        "untranslated": _untranslated(context, action, told),
    }


@SERVICES.service("round.release")
def release(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let the notices go out: texts complete in every language, the EU told first or urgency."""
    round_now, ra = context_of(inputs["round"]), context_of(inputs["ra"])
    db, tenant_id = context.db, context.tenant_id
    action = actions.by_number(db, tenant_id, str(round_now["field_action"]))
    named = set(round_now["consignees"])
    told = [
        row for row in scope.consignees_of(db, tenant_id, action) if row.consignee_number in named
    ]
    texts = context.configuration("field_action_texts")
    notices.require_sayable(texts, action.plan, told)
    urgent = ra.get("urgent") is True
    waiting = [
        str(each["number"])
        for each in rows(round_now["packages"])
        if each["market"] == "EU"
        and not reports.is_accepted(reports.by_number(db, tenant_id, str(each["number"])))
    ]
    if round_now.get("eu") is True and waiting and not urgent:
        raise ReportFirst(waiting[0])
    until = _comments_until(context, action)
    if round_now.get("eu") is True and until is not None and not urgent:
        raise DraftTooYoung(until)
    context.record(
        {
            "event": "field_action.notices_released",
            "field_action": action.number,
            "consignees": sorted(named),
            "urgent": urgent,
            "urgent_reason": text(ra.get("urgent_reason")),
        }
    )
    return {"urgent": urgent}
