"""What can be asked of buying itself: papers that a supplier shows, on the record."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.commands.base import Command, CommandRegistry
from engine.commands.context import CommandContext
from processes.ledger import suppliers
from processes.ledger.commands import ledger_context
from processes.ledger.purchasing import certificates
from processes.ledger.purchasing.certificates import Agreement, Certificate


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
