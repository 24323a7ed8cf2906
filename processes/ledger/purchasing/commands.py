"""What can be asked of buying itself: papers that a supplier shows; an order goes out by mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from engine.commands import messages
from engine.commands.base import Command, CommandRegistry
from engine.commands.context import CommandContext
from processes.ledger import suppliers
from processes.ledger.commands import REGISTER, ledger_context
from processes.ledger.purchasing import certificates, order_mails
from processes.ledger.purchasing.certificates import Agreement, Certificate

MAILED = "purchase_order.mailed"
"""The message by which the purchase hears what became of its mail; correlation: the mail's id."""
ATTEMPTS = 5
_GIVEN_UP = f"given up after {ATTEMPTS} attempts / 已尝试 {ATTEMPTS} 次，不再发送"
_WAIT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOrderMail(Command):
    """Take the mail of an order to send it now."""

    order_mail_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleOrderMail(Command):
    """Say what became of an order's mail: what the receiving server answered is the proof."""

    order_mail_id: UUID
    accepted: bool
    for_good: bool
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCertificate(Command):
    """Add a certificate of a supplier."""

    supplier_number: str
    certificate: Certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterAgreement(Command):
    """Add a quality agreement with a supplier, signed by both parties."""

    supplier_number: str
    agreement: Agreement


def add_to(known: CommandRegistry) -> None:
    """Add the commands of buying to those that the engine knows."""
    known.register(RegisterCertificate, _register_certificate)
    known.register(RegisterAgreement, _register_agreement)
    known.register(TakeOrderMail, _take_mail)
    known.register(SettleOrderMail, _settle_mail)


def _take_mail(context: CommandContext, command: TakeOrderMail) -> Mapping[str, Any]:
    mail = order_mails.take(ledger_context(context), command.order_mail_id)
    if mail is None:
        return {"taken": False}
    if mail.attempts > ATTEMPTS:  # who took it before did not come back to say what became of it
        _settled(context, mail.order_mail_id, "failed", _GIVEN_UP)
        return {"taken": False}
    return {
        "taken": True,
        "order": mail.order,
        "version": mail.version,
        "address": mail.address,
        "message_id": mail.message_id,
        "attempts": mail.attempts,
    }


def _settle_mail(context: CommandContext, command: SettleOrderMail) -> Mapping[str, Any]:
    status = "sent" if command.accepted else "failed" if command.for_good else "pending"
    _settled(context, command.order_mail_id, status, command.answer)
    return {"status": status}


def _settled(context: CommandContext, order_mail_id: UUID, status: str, answer: str) -> None:
    """Write down what became of a mail, and tell the purchase once that is final."""
    due_at = context.at + _WAIT if status == "pending" else context.at
    ledger = ledger_context(context)
    row = order_mails.settle(ledger, order_mail_id, status=status, answer=answer, due_at=due_at)
    if row is None or status == "pending":
        return
    payload = {"accepted": status == "sent", "address": row.address, "answer": answer}
    messages.publish(context, REGISTER, MAILED, str(order_mail_id), payload)


def _register_certificate(
    context: CommandContext, command: RegisterCertificate
) -> Mapping[str, Any]:
    source = suppliers.by_number(context.db, context.tenant_id, command.supplier_number)
    certificates.register(ledger_context(context), source, command.certificate)
    return {}


def _register_agreement(context: CommandContext, command: RegisterAgreement) -> Mapping[str, Any]:
    source = suppliers.by_number(context.db, context.tenant_id, command.supplier_number)
    certificates.register_agreement(ledger_context(context), source, command.agreement)
    return {}
