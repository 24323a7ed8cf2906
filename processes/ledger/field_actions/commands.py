"""What is asked from outside a step: a consignee answers, a link is made, a mail goes out.

`RespondToNotice` is asked by the engine's actor "consignee": who holds the token of a link is who
the notice was sent to, and may say this one thing and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from engine.commands import messages
from engine.commands.base import Command, CommandRegistry
from engine.commands.context import CommandContext
from engine.services import ServiceContext
from processes.ledger.commands import REGISTER, ledger_context
from processes.ledger.field_actions import actions, exercises, links, mails, notices, responses
from processes.ledger.field_actions.responses import Answer
from processes.ledger.refusals import LedgerRefusal

RESPONSE = "consignee.response"
"""The message by which an answer reaches the recall; its correlation is the notice's id."""
ATTEMPTS = 5
GIVEN_UP = f"given up after {ATTEMPTS} attempts / 已尝试 {ATTEMPTS} 次，不再发送"
"""What stands for a server's answer where none came, however often the mail was taken."""
_WAIT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueResponseLink(Command):
    """Make a one-time link of a notice; the asker has drawn the token and sends its hash only."""

    notice_id: UUID
    token_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RespondToNotice(Command):
    """Answer a notice through its one-time link."""

    token_hash: str
    understood: bool
    name: str
    lines: tuple[Mapping[str, Any], ...]
    contact: str | None = None
    remark: str | None = None
    proof: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeNoticeMail(Command):
    """Take a mail of the outbox to send it now, with a link drawn for it."""

    mail_id: UUID
    token_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleNoticeMail(Command):
    """Say what became of a mail: what the receiving server answered is the proof."""

    mail_id: UUID
    accepted: bool
    for_good: bool
    answer: str


class NothingLeavesAnExercise(LedgerRefusal):
    """A mock recall sends nothing and has no response page."""

    def __init__(self) -> None:
        super().__init__(
            "This is an exercise: nothing is sent and no link is made. Enter the answer yourself.",
            "本次为演练：不发送通知，也不生成链接。请直接录入回复。",
        )


def add_to(known: CommandRegistry) -> None:
    """Add the commands of field actions to those that the engine knows."""
    known.register(IssueResponseLink, _issue_link)
    known.register(RespondToNotice, _respond)
    known.register(TakeNoticeMail, _take_mail)
    known.register(SettleNoticeMail, _settle_mail)
    known.register(exercises.BeginExercise, exercises.begin)
    known.periodically(exercises.periodic())


def _issue_link(context: CommandContext, command: IssueResponseLink) -> Mapping[str, Any]:
    ledger = ledger_context(context)
    row = notices.find(context.db, context.tenant_id, command.notice_id)
    action = actions.find(context.db, context.tenant_id, row.field_action_id)
    if action.is_mock:
        raise NothingLeavesAnExercise
    days = context.configuration("field_action_rules")["link_days"]
    expires_at = links.add(ledger, row, command.token_hash, days=days)
    return {"notice": row.notice_number, "expires_at": expires_at.isoformat()}


def _respond(context: CommandContext, command: RespondToNotice) -> Mapping[str, Any]:
    ledger = ledger_context(context)
    link = links.usable(context.db, context.tenant_id, command.token_hash, context.at)
    links.use(ledger, link)
    row = notices.find(context.db, context.tenant_id, link.notice_id)
    action = actions.find(context.db, context.tenant_id, row.field_action_id)
    answer = Answer(
        channel="portal",
        understood=command.understood,
        name=command.name,
        contact=command.contact,
        remark=command.remark,
        lines=command.lines,
        proof={"link": command.token_hash[:12], **(command.proof or {})},
    )
    kept = responses.record(ledger, action, row, answer)
    payload = {"notice": str(row.notice_id), "response": dict(kept)}
    messages.publish(context, REGISTER, RESPONSE, str(row.notice_id), payload)
    return {"receipt": f"{row.notice_number}-{str(kept['response_id'])[-6:].upper()}"}


def _take_mail(context: CommandContext, command: TakeNoticeMail) -> Mapping[str, Any]:
    ledger = ledger_context(context)
    mail = mails.take(ledger, command.mail_id)
    if mail is None:
        return {"taken": False}
    if mail.attempts > ATTEMPTS:  # who took it before did not come back to say what became of it
        _settle(ledger, mail.mail_id, "failed", GIVEN_UP, due_at=context.at)
        return {"taken": False}
    row = notices.find(context.db, context.tenant_id, mail.notice_id)
    days = context.configuration("field_action_rules")["link_days"]
    links.add(ledger, row, command.token_hash, days=days)
    ledger.record(
        {
            "event": "notice_mail.taken",
            "mail": str(mail.mail_id),
            "notice": mail.notice_number,
            "attempt": mail.attempts,
        }
    )
    return {
        "taken": True,
        "address": mail.address,
        "language": mail.language,
        "subject": mail.subject,
        "body": mail.body,
        "reminder": mail.reminder,
        "message_id": mail.message_id,
        "attempts": mail.attempts,
    }


def _settle_mail(context: CommandContext, command: SettleNoticeMail) -> Mapping[str, Any]:
    ledger = ledger_context(context)
    status = "sent" if command.accepted else "failed" if command.for_good else "pending"
    due_at = context.at if command.accepted else context.at + _WAIT
    _settle(ledger, command.mail_id, status, command.answer, due_at=due_at)
    return {"status": status}


def _settle(
    ledger: ServiceContext, mail_id: UUID, status: str, answer: str, *, due_at: datetime
) -> None:
    """Write down what became of a mail; once that is final, it is an attempt at delivery."""
    row = mails.settle(ledger, mail_id, status=status, answer=answer, due_at=due_at)
    if status == "pending":
        return
    notices.record_delivery(
        ledger,
        notices.find(ledger.db, ledger.tenant_id, row.notice_id),
        channel="mail",
        reached=status == "sent",
        proof=f"{row.address}: {answer}",
        delivered_at=ledger.now,
    )
