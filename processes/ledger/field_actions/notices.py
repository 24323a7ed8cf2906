"""Notices to consignees: written in their language, with their own lots; checked; proven to arrive.

Where there is no text in a consignee's language, the notice says so in the one that stands in.
Texts are the customer's documents: `field_action_texts` holds the words around what the strategy
says for this action (reason, hazard, what to do), by language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select

from engine.services import ServiceContext
from processes.ledger.columns import AnyRow, rows_of
from processes.ledger.field_actions import languages, mails, scope
from processes.ledger.field_actions.actions import FieldAction
from processes.ledger.field_actions.tables import (
    field_action_consignee,
    notice,
    notice_delivery,
)
from processes.ledger.numbers import next_number
from processes.ledger.quantities import amount_of
from processes.ledger.refusals import LedgerRefusal, NotInLedger, listed
from processes.ledger.units import Unit

_NOTICES = (
    select(
        notice,
        field_action_consignee.c.consignee_number,
        field_action_consignee.c.name,
        field_action_consignee.c.email,
        field_action_consignee.c.phone,
        field_action_consignee.c.market,
        field_action_consignee.c.tier,
    )
    .join(
        field_action_consignee,
        (field_action_consignee.c.tenant_id == notice.c.tenant_id)
        & (field_action_consignee.c.field_action_id == notice.c.field_action_id)
        & (field_action_consignee.c.consignee_id == notice.c.consignee_id),
    )
    .where(notice.c.tenant_id == bindparam("tenant_id"))
)
_BY_ID = _NOTICES.where(notice.c.notice_id == bindparam("notice_id"))
_OF_ACTION = _NOTICES.where(notice.c.field_action_id == bindparam("field_action_id")).order_by(
    notice.c.notice_number
)
_DELIVERIES = rows_of(notice_delivery, "notice_id", "delivered_at", "delivery_id")
_DELIVERIES_OF_ACTION = (
    select(notice_delivery, notice.c.consignee_id, notice.c.extension)
    .join(
        notice,
        (notice.c.tenant_id == notice_delivery.c.tenant_id)
        & (notice.c.notice_id == notice_delivery.c.notice_id),
    )
    .where(notice_delivery.c.tenant_id == bindparam("tenant_id"))
    .where(notice.c.field_action_id == bindparam("field_action_id"))
    .order_by(notice_delivery.c.delivered_at)
)
_INSERT = insert(notice)
_INSERT_DELIVERY = insert(notice_delivery)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What this action tells people, in one language: the parts that its strategy writes."""

    product: str
    reason: str
    hazard: str
    instructions: str


class LanguageMissing(LedgerRefusal):
    """A consignee is told in its own language."""

    def __init__(self, languages: Sequence[str], needed_by: Sequence[str]) -> None:
        super().__init__(
            f"There is no text in {listed(languages)}, which {listed(needed_by)} read. "
            "Add it to the strategy.",
            f"缺少语言 {listed(languages)} 的通知内容（{listed(needed_by)} 需要），"
            "请在召回策略中补充。",
            expected=listed(languages),
        )


class NoticeRefused(LedgerRefusal):
    """A notice says what it must, and nothing that plays it down or advertises."""


def message_in(plan: Mapping[str, Any], language: str) -> Message | None:
    """Give what the strategy says in a language, or None."""
    for row in plan.get("texts", []):
        if row.get("language") == language:
            return Message(
                product=str(row["product"]),
                reason=str(row["reason"]),
                hazard=str(row["hazard"]),
                instructions=str(row["instructions"]),
            )
    return None


def lint(message: Message, texts: Mapping[str, Any], language: str) -> list[dict[str, str]]:
    """Find what a notice may not leave out or say (21 CFR 7.49, MEDDEV 2.12-1 5.4.4.2)."""
    rules = texts["lint"]
    found = []
    parts = {
        "product": message.product,
        "reason": message.reason,
        "hazard": message.hazard,
        "instructions": message.instructions,
    }
    for part, text in parts.items():
        if len(text.strip()) < rules["shortest"][part]:
            found.append({"part": part, "problem": "short", "word": ""})
        found.extend(
            {"part": part, "problem": "word", "word": word}
            for word in rules["forbidden"].get(language, [])
            if word.casefold() in text.casefold()
        )
    return found


def require_sayable(
    texts: Mapping[str, Any], plan: Mapping[str, Any], reached: Sequence[AnyRow]
) -> None:
    """Refuse notices that there is no text for, not even in the language that stands in, and texts
    that do not pass the linter."""
    needed: dict[str, list[str]] = {}
    used: set[tuple[str, str]] = set()
    for row in reached:
        found = languages.spoken(texts, plan, row.language)
        if found is None:
            needed.setdefault(row.language, []).append(row.consignee_number)
        else:
            used.add((found.text, found.frame))
    if needed:
        named = [number for numbers in needed.values() for number in numbers]
        raise LanguageMissing(sorted(needed), named)
    for text, frame in sorted(used):
        message = message_in(plan, text)
        assert message is not None  # just looked
        for problem in lint(message, texts, frame):
            raise _refused(text, problem)


def _refused(language: str, problem: Mapping[str, str]) -> NoticeRefused:
    part, word = problem["part"], problem["word"]
    if problem["problem"] == "short":
        return NoticeRefused(
            f"The notice in “{language}” does not say enough about: {part}. Write it out.",
            f"“{language}”通知中“{part}”内容不足，请写清楚。",
            found=part,
        )
    return NoticeRefused(
        f"The notice in “{language}” says “{word}” ({part}): a notice neither plays a risk down "
        "nor advertises. Write it without.",
        f"“{language}”通知的“{part}”含有“{word}”：通知不得淡化风险，也不得含宣传内容，请修改。",
        found=word,
    )


def issue(
    context: ServiceContext,
    action: FieldAction,
    consignee_row: AnyRow,
    *,
    extension: int,
    kind: str,
) -> AnyRow:
    """Write a consignee's notice, and queue its mail where it has an address; nothing in a mock.

    The mail carries the link to the response page, made when it is sent (mails.py).
    """
    texts = context.configuration("field_action_texts")
    require_sayable(texts, action.plan, [consignee_row])
    found = languages.spoken(texts, action.plan, consignee_row.language)
    message = None if found is None else message_in(action.plan, found.text)
    assert found is not None  # require_sayable looked
    assert message is not None
    notice_id = context.new_id()
    number = next_number(context, "MOCK-NTC" if action.is_mock else "NTC")
    letter = texts["letter"][found.frame]
    stands_in = "" if found.own else letter["stands_in"].format(language=consignee_row.language)
    lines = scope.lines_of(context.db, context.tenant_id, action, consignee_row.consignee_id)
    row = {
        "tenant_id": context.tenant_id,
        "notice_id": notice_id,
        "notice_number": number,
        "field_action_id": action.field_action_id,
        "consignee_id": consignee_row.consignee_id,
        "extension": extension,
        "kind": kind,
        "language": found.frame,
        "subject": _subject(letter, action, message, number),
        "body": "\n\n".join(
            part
            for part in (
                stands_in,
                _body(context, letter, action, message, consignee_row, lines, kind),
            )
            if part
        ),
        "actor": context.actor.username,
        "issued_at": context.now,
    }
    context.db.execute(_INSERT, row)
    mailed = not action.is_mock and bool(consignee_row.email)
    if mailed:
        mails.queue(context, notice_id, consignee_row.email, reminder=0)
    context.record(
        {
            "event": "notice.issued",
            "notice": number,
            "field_action": action.number,
            "consignee": consignee_row.consignee_number,
            "language": found.frame,
            "reads": consignee_row.language,
            "kind": kind,
            "mailed": mailed,
        }
    )
    return find(context.db, context.tenant_id, notice_id)


def _subject(letter: Mapping[str, Any], action: FieldAction, message: Message, number: str) -> str:
    words = letter["titles"].get(action.action_type, letter["titles"]["recall"])
    mark = f"[{letter['exercise']}] " if action.is_mock else ""
    return f"{mark}{words}: {message.product} ({number})"


def _body(
    context: ServiceContext,
    letter: Mapping[str, Any],
    action: FieldAction,
    message: Message,
    consignee_row: AnyRow,
    lines: Sequence[AnyRow],
    kind: str,
) -> str:
    """Write the letter as plain text: everything that 21 CFR 7.49 and MEDDEV ask for, in order."""
    listing = shown_lines(context.db, context.tenant_id, action, lines)
    parts = [
        letter["exercise_line"] if action.is_mock else "",
        letter["titles"].get(action.action_type, letter["titles"]["recall"]),
        letter["to"].format(name=consignee_row.name, address=consignee_row.address),
        letter["amends"] if kind == "amendment" else "",
        letter["product"].format(text=message.product),
        letter["affected"],
        "\n".join(
            f"  - {each['item_number']}  {letter['lot']} {each['lot_number']}"
            + (f"  {letter['serial']} {each['serial_number']}" if each["serial_number"] else "")
            + (f"  UDI {each['udi']}" if each["udi"] else "")
            + f"  {each['quantity']} {each['unit']}  ({each['document']})"
            for each in listing
        ),
        letter["reason"].format(text=message.reason),
        letter["hazard"].format(text=message.hazard),
        letter["instructions"].format(text=message.instructions),
        letter["pass_on"],
        letter["answer"].format(days=action.plan["response_days"]),
        letter["authorities"],
        letter["contact"].format(text=action.plan["contact"]),
    ]
    return "\n\n".join(part for part in parts if part)


def shown_lines(
    db: Connection, tenant_id: str, action: FieldAction, lines: Sequence[AnyRow]
) -> list[dict[str, Any]]:
    """Give lines as they are shown to a consignee: amounts with their unit."""
    known = {row.lot_id: row for row in scope.lots_of(db, tenant_id, action)}
    shown = []
    for line in lines:
        of_lot = known[line.lot_id]
        unit = Unit(code=of_lot.unit_code, names={}, decimals=of_lot.decimals)
        shown.append(
            {
                "line_id": str(line.line_id),
                "item_number": line.item_number,
                "names": {"en": of_lot.name_en, "zh": of_lot.name_zh},
                "lot_number": line.lot_number,
                "serial_number": line.serial_number,
                "udi": line.udi,
                "document": line.document,
                "quantity": format(amount_of(line.quantity, unit), "f"),
                "unit": of_lot.unit_code,
                "decimals": of_lot.decimals,
            }
        )
    return shown


def find(db: Connection, tenant_id: str, notice_id: UUID) -> AnyRow:
    """Give a notice with its consignee; NotInLedger when there is none."""
    row = db.execute(_BY_ID, {"tenant_id": tenant_id, "notice_id": notice_id}).one_or_none()
    if row is None:
        raise NotInLedger("notice", "通知", notice_id)
    return row


def of_action(db: Connection, tenant_id: str, action: FieldAction) -> list[AnyRow]:
    """List the notices of an action, by number."""
    key = {"tenant_id": tenant_id, "field_action_id": action.field_action_id}
    return list(db.execute(_OF_ACTION, key))


def deliveries_of(db: Connection, tenant_id: str, notice_id: UUID) -> list[AnyRow]:
    """List how a notice went its way, oldest first."""
    return list(db.execute(_DELIVERIES, {"tenant_id": tenant_id, "notice_id": notice_id}))


def deliveries_of_action(db: Connection, tenant_id: str, action: FieldAction) -> list[AnyRow]:
    """List every attempt to reach every consignee of an action, oldest first."""
    key = {"tenant_id": tenant_id, "field_action_id": action.field_action_id}
    return list(db.execute(_DELIVERIES_OF_ACTION, key))


def record_delivery(
    context: ServiceContext,
    notice_row: AnyRow,
    *,
    channel: str,
    reached: bool,
    proof: str,
    delivered_at: datetime,
) -> None:
    """Keep the proof that a notice arrived, or that it was tried in vain."""
    row = {
        "tenant_id": context.tenant_id,
        "delivery_id": context.new_id(),
        "notice_id": notice_row.notice_id,
        "channel": channel,
        "reached": reached,
        "proof": proof,
        "actor": context.actor.username,
        "delivered_at": delivered_at,
        "recorded_at": context.now,
    }
    context.db.execute(_INSERT_DELIVERY, row)
    context.record(
        {
            "event": "notice.delivered" if reached else "notice.not_delivered",
            "notice": notice_row.notice_number,
            "channel": channel,
            "proof": proof,
        }
    )


def remind(
    context: ServiceContext, action: FieldAction, notice_row: AnyRow, *, reminder: int
) -> bool:
    """Queue a reminder by mail where there is an address; tell whether one was queued."""
    mailed = not action.is_mock and bool(notice_row.email)
    if mailed:
        mails.queue(context, notice_row.notice_id, notice_row.email, reminder=reminder)
    context.record(
        {
            "event": "notice.reminded",
            "notice": notice_row.notice_number,
            "reminder": reminder,
            "mailed": mailed,
        }
    )
    return mailed


def days(count: object) -> timedelta:
    """Give a number of calendar days of a document as a length of time."""
    return timedelta(days=int(str(count)))
