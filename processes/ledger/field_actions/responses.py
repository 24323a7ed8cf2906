"""What consignees answer, line by line; a later answer stands beside the earlier one and counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select

from engine.services import ServiceContext
from processes.ledger import lots
from processes.ledger.columns import AnyRow
from processes.ledger.distribution import consignees
from processes.ledger.field_actions import links, scope
from processes.ledger.field_actions.actions import FieldAction
from processes.ledger.field_actions.tables import (
    consignee_response,
    consignee_response_line,
    notice,
)
from processes.ledger.quantities import scaled
from processes.ledger.refusals import LedgerRefusal
from processes.values import amount

STATED = ("on_hand", "used", "transferred", "destroyed", "returned", "corrected", "missing")
"""What may have become of goods at a consignee, in the order in which it is asked."""

_INSERT = insert(consignee_response)
_INSERT_LINE = insert(consignee_response_line)
_LINES = (
    select(
        consignee_response_line,
        consignee_response.c.responded_at,
        consignee_response.c.name,
        notice.c.consignee_id,
        notice.c.notice_number,
    )
    .join(
        consignee_response,
        (consignee_response.c.tenant_id == consignee_response_line.c.tenant_id)
        & (consignee_response.c.response_id == consignee_response_line.c.response_id),
    )
    .join(
        notice,
        (notice.c.tenant_id == consignee_response.c.tenant_id)
        & (notice.c.notice_id == consignee_response.c.notice_id),
    )
    .where(consignee_response_line.c.tenant_id == bindparam("tenant_id"))
    .where(notice.c.field_action_id == bindparam("field_action_id"))
    .order_by(consignee_response.c.responded_at, consignee_response.c.response_id)
)
_OF_ACTION = (
    select(consignee_response, notice.c.consignee_id, notice.c.notice_number)
    .join(
        notice,
        (notice.c.tenant_id == consignee_response.c.tenant_id)
        & (notice.c.notice_id == consignee_response.c.notice_id),
    )
    .where(consignee_response.c.tenant_id == bindparam("tenant_id"))
    .where(notice.c.field_action_id == bindparam("field_action_id"))
    .order_by(consignee_response.c.responded_at)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a consignee says; `lines` names each line of the notice with amounts in its unit."""

    channel: str
    understood: bool
    name: str
    lines: Sequence[Mapping[str, Any]]
    contact: str | None = None
    remark: str | None = None
    proof: Mapping[str, Any] | None = None


class AnswerIncomplete(LedgerRefusal):
    """An answer speaks about every line of the notice, and about no other."""


def record(
    context: ServiceContext, action: FieldAction, notice_row: AnyRow, answer: Answer
) -> Mapping[str, Any]:
    """Keep an answer and close the links of its notice; give what is to be done with it.

    More than was shipped may be stated: what a consignee says is kept as it was said, and the
    reconciliation lists the surplus.
    """
    wanted = {
        row.line_id: row
        for row in scope.lines_of(context.db, context.tenant_id, action, notice_row.consignee_id)
    }
    given = {UUID(str(each["line_id"])): each for each in answer.lines}
    if set(given) - set(wanted):
        raise AnswerIncomplete(
            "The answer names goods that this notice is not about. Load the page again.",
            "回复中包含不属于该通知的产品，请刷新页面后重新填写。",
        )
    response_id = context.new_id()
    rows = [
        _line(context, response_id, wanted[line_id], given[line_id])
        for line_id in wanted
        if line_id in given
    ]
    context.db.execute(
        _INSERT,
        {
            "tenant_id": context.tenant_id,
            "response_id": response_id,
            "notice_id": notice_row.notice_id,
            "channel": answer.channel,
            "understood": answer.understood,
            "name": answer.name,
            "contact": answer.contact,
            "remark": answer.remark,
            "proof": dict(answer.proof or {}),
            "actor": context.actor.username,
            "responded_at": context.now,
        },
    )
    if rows:
        context.db.execute(_INSERT_LINE, rows)
    links.close_all(context, notice_row.notice_id)
    totals = {word: sum(row[word] for row in rows) for word in STATED}
    context.record(
        {
            "event": "consignee.responded",
            "notice": notice_row.notice_number,
            "consignee": notice_row.consignee_number,
            "channel": answer.channel,
            "understood": answer.understood,
            "by": answer.name,
            "stated": totals,
        }
    )
    return {
        "response_id": str(response_id),
        "understood": answer.understood,
        "name": answer.name,
        "transferred": totals["transferred"] > 0,
        "missing": totals["missing"] > 0,
        "remark": answer.remark,
    }


def _line(
    context: ServiceContext,
    response_id: UUID,
    line: AnyRow,
    given: Mapping[str, Any],
) -> dict[str, Any]:
    unit = lots.find(context.db, context.tenant_id, line.lot_id).unit
    stated = {}
    for word in STATED:
        said = amount(given.get(word) or 0)
        stated[word] = 0 if said == 0 else scaled(said, unit)
    transferred_to = str(given.get("transferred_to") or "").strip() or None
    if stated["transferred"] and transferred_to is None:
        raise AnswerIncomplete(
            f"Say to whom lot {line.lot_number} was passed on.",
            f"请填写批次 {line.lot_number} 转给了谁。",
            expected="a name",
        )
    return {
        "tenant_id": context.tenant_id,
        "response_id": response_id,
        "line_id": line.line_id,
        "transferred_to": transferred_to,
        **stated,
    }


def latest_lines(db: Connection, tenant_id: str, action: FieldAction) -> dict[UUID, AnyRow]:
    """Give, for each line that was answered, the answer that counts: the latest."""
    key = {"tenant_id": tenant_id, "field_action_id": action.field_action_id}
    return {row.line_id: row for row in db.execute(_LINES, key)}


def of_action(db: Connection, tenant_id: str, action: FieldAction) -> list[AnyRow]:
    """List every answer to an action, oldest first."""
    key = {"tenant_id": tenant_id, "field_action_id": action.field_action_id}
    return list(db.execute(_OF_ACTION, key))


def add_next_tier(
    context: ServiceContext,
    action: FieldAction,
    parent: AnyRow,
    rows: Sequence[Mapping[str, Any]],
) -> list[str]:
    """Write down whom a consignee sold on to, and how much of which lot (sub-recall).

    Gives the numbers of those who are new to the action; each gets a letter of its own.
    """
    extension = scope.extensions_of(context.db, context.tenant_id, action)[-1].extension
    reached = {
        row.consignee_number for row in scope.consignees_of(context.db, context.tenant_id, action)
    }
    added: list[str] = []
    for row in rows:
        number = str(row["consignee"])
        found = consignees.by_number(context.db, context.tenant_id, number)
        if number not in reached:
            scope.add_consignee(context, action, found, extension=extension, parent=parent)
            reached.add(number)
            added.append(number)
        lot_found = lots.by_number(context.db, context.tenant_id, str(row["lot"]))
        scope.add_line(
            context,
            action,
            found.consignee_id,
            lot_found,
            quantity=scaled(amount(row["quantity"]), lot_found.unit),
            document=f"{parent.consignee_number}",
            delivered_at=context.now,
        )
    context.record(
        {
            "event": "field_action.next_tier_added",
            "field_action": action.number,
            "consignee": parent.consignee_number,
            "next_tier": added,
            "lines": len(rows),
        }
    )
    return added
