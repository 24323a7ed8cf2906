"""What the service tasks of a consignee's notice do; the rules live in the ledger."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger.field_actions import actions, closure, notices, responses, scope
from processes.ledger.field_actions.responses import Answer
from processes.values import context_of, identifier, rows, text

SERVICES = ServiceRegistry()


@SERVICES.service("notice.issue")
def issue(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write the consignee's notice and queue its mail; give what the people who chase it need."""
    db, tenant_id = context.db, context.tenant_id
    action = actions.by_number(db, tenant_id, str(inputs["field_action"]))
    person = scope.consignee_of(db, tenant_id, action, str(inputs["consignee"]))
    row = notices.issue(
        context,
        action,
        person,
        extension=int(inputs["extension"]),
        kind=str(inputs["kind"]),
    )
    rules = context.configuration("field_action_rules")
    lines = scope.lines_of(db, tenant_id, action, person.consignee_id)
    return {
        "notice_id": str(row.notice_id),
        "number": row.notice_number,
        "field_action": action.number,
        "mock": action.is_mock,
        "severe": closure.is_severe(action) and not action.is_mock,
        "consignee": person.consignee_number,
        "name": person.name,
        "phone": person.phone,
        "email": person.email,
        "language": person.language,
        "subject": row.subject,
        "body": row.body,
        "mailed": bool(person.email) and not action.is_mock,
        "address": f"/api/field-actions/notices/{row.notice_id}/letter",
        "lines": notices.shown_lines(db, tenant_id, action, lines),
        "due": rules["due"],
        "wait": f"P{rules['reminders_after_days'][0]}D",
    }


@SERVICES.service("notice.keep_attempt")
def keep_attempt(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep each way that was tried, and the answer where one was given at once."""
    letter, attempt = context_of(inputs["letter"]), context_of(inputs["attempt"])
    row = notices.find(context.db, context.tenant_id, identifier(letter["notice_id"]))
    action = actions.by_number(context.db, context.tenant_id, str(letter["field_action"]))
    tried = rows(attempt.get("deliveries"))
    for each in tried:
        notices.record_delivery(
            context,
            row,
            channel=str(each["channel"]),
            reached=each["reached"] is True,
            proof=str(each["proof"]),
            delivered_at=datetime.fromisoformat(str(each["at"])),
        )
    if attempt.get("answered") is not True:
        return {"answered": False, "transferred": False, "transferred_to": ""}
    stated = rows(attempt.get("stated"))
    given = [
        {
            **{word: each.get(word) or Decimal(0) for word in responses.STATED},
            "transferred_to": each.get("transferred_to"),
            "line_id": line["line_id"],
        }
        for line, each in zip(rows(letter["lines"]), stated, strict=False)
    ]
    answer = Answer(
        channel=str(tried[0]["channel"]),
        understood=attempt.get("understood") is True,
        name=str(attempt["name"]),
        contact=text(attempt.get("contact")),
        remark=text(attempt.get("remark")),
        lines=given,
        proof={"taken_by": context.actor.username},
    )
    kept = responses.record(context, action, row, answer)
    names = [str(each["transferred_to"]) for each in given if each["transferred_to"]]
    return {"answered": True, **kept, "transferred_to": ", ".join(names)}


@SERVICES.service("notice.remind")
def remind(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Send the next reminder by mail, and say how long to wait after it (D+2, D+5, D+10)."""
    letter, before = context_of(inputs["letter"]), context_of(inputs["chase"])
    days = context.configuration("field_action_rules")["reminders_after_days"]
    reminder = int(before.get("reminder") or 0) + 1
    row = notices.find(context.db, context.tenant_id, identifier(letter["notice_id"]))
    action = actions.by_number(context.db, context.tenant_id, str(letter["field_action"]))
    mailed = notices.remind(context, action, row, reminder=reminder)
    last = reminder >= len(days)
    pause = 1 if last else days[reminder] - days[reminder - 1]
    return {"reminder": reminder, "mailed": mailed, "last": last, "wait": f"P{pause}D"}


@SERVICES.service("notice.take_answer")
def take_answer(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take up an answer that came through the response page; the book has it already."""
    letter = context_of(inputs["letter"])
    response = context_of(context_of(inputs["arrived"])["response"])
    row = notices.find(context.db, context.tenant_id, identifier(letter["notice_id"]))
    notices.record_delivery(
        context,
        row,
        channel="portal",
        reached=True,
        proof=f"answered by {response['name']}",
        delivered_at=context.now,
    )
    return {
        "answered": True,
        "transferred": response.get("transferred") is True,
        "transferred_to": str(response.get("remark") or ""),
    }


@SERVICES.service("notice.keep_next_tier")
def keep_next_tier(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write down whom the consignee sold on to; give those who have to be told."""
    letter, listed = context_of(inputs["letter"]), context_of(inputs["listed"])
    action = actions.by_number(context.db, context.tenant_id, str(letter["field_action"]))
    parent = scope.consignee_of(context.db, context.tenant_id, action, str(letter["consignee"]))
    added = responses.add_next_tier(context, action, parent, rows(listed.get("next_tier")))
    return {"consignees": added}
