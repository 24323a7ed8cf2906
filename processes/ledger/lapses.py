"""What ran out since the last look: certificates of suppliers, trainings of people.

Looked for once an hour; each is told once, by a message that starts the process `lapsed_proof`. A
certificate or training that was renewed before it ran out is not told: only the last one counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, exists, insert, select

from engine.commands import messages
from engine.commands.base import Command, Periodic
from engine.commands.context import CommandContext
from engine.identifiers import derived_id
from processes.ledger.purchasing.tables import supplier_certificate
from processes.ledger.tables import lapse, supplier, training_record

REGISTER = "ledger"
CERTIFICATE, TRAINING = "certificate", "training"
LOOK_EVERY = timedelta(hours=1)
_WHERE_A_DAY_ENDS_LAST = timezone(timedelta(hours=-12))

_later_certificate = supplier_certificate.alias("later")
_later_training = training_record.alias("later")
_CERTIFICATES = (
    select(
        supplier_certificate.c.tenant_id,
        supplier_certificate.c.supplier_certificate_id,
        supplier_certificate.c.kind,
        supplier_certificate.c.certificate_number,
        supplier_certificate.c.valid_to,
        supplier.c.supplier_number,
    )
    .join(
        supplier,
        and_(
            supplier.c.tenant_id == supplier_certificate.c.tenant_id,
            supplier.c.supplier_id == supplier_certificate.c.supplier_id,
        ),
    )
    .where(supplier_certificate.c.valid_to < bindparam("today"))
    .where(
        ~exists()
        .where(_later_certificate.c.tenant_id == supplier_certificate.c.tenant_id)
        .where(_later_certificate.c.supplier_id == supplier_certificate.c.supplier_id)
        .where(_later_certificate.c.kind == supplier_certificate.c.kind)
        .where(_later_certificate.c.valid_to > supplier_certificate.c.valid_to)
    )
    .where(
        ~exists()
        .where(lapse.c.tenant_id == supplier_certificate.c.tenant_id)
        .where(lapse.c.lapsed_id == supplier_certificate.c.supplier_certificate_id)
    )
    .order_by(supplier_certificate.c.valid_to, supplier_certificate.c.supplier_certificate_id)
)
_TRAININGS = (
    select(
        training_record.c.tenant_id,
        training_record.c.training_record_id,
        training_record.c.person,
        training_record.c.subject,
        training_record.c.valid_to,
    )
    .where(training_record.c.valid_to < bindparam("today"))
    .where(
        ~exists()
        .where(_later_training.c.tenant_id == training_record.c.tenant_id)
        .where(_later_training.c.person == training_record.c.person)
        .where(_later_training.c.subject == training_record.c.subject)
        .where(_later_training.c.recorded_at > training_record.c.recorded_at)
    )
    .where(
        ~exists()
        .where(lapse.c.tenant_id == training_record.c.tenant_id)
        .where(lapse.c.lapsed_id == training_record.c.training_record_id)
    )
    .order_by(training_record.c.valid_to, training_record.c.training_record_id)
)
_INSERT = insert(lapse)


@dataclass(frozen=True, slots=True, kw_only=True)
class TellLapse(Command):
    """Tell that a certificate or a training ran out; asked by the engine alone."""

    kind: str
    lapsed_id: UUID
    told: Mapping[str, Any]


def periodic() -> Periodic:
    """Give the look that finds what ran out."""
    return Periodic(name="lapses", every=LOOK_EVERY, due=_due)


def _due(db: Connection, now: datetime) -> Iterable[tuple[str, Command]]:
    """Name what ran out by yesterday: a proof holds to the end of its last day in every zone."""
    local = now.astimezone(_WHERE_A_DAY_ENDS_LAST)
    today = local.date()
    for row in db.execute(_CERTIFICATES, {"today": today}).all():
        told = {
            "supplier": row.supplier_number,
            "kind": row.kind,
            "certificate": row.certificate_number,
            "valid_to": row.valid_to.isoformat(),
        }
        yield _tell(row.tenant_id, CERTIFICATE, row.supplier_certificate_id, told)
    for ended in db.execute(_TRAININGS, {"today": today}).all():
        told = {
            "person": ended.person,
            "subject": ended.subject,
            "valid_to": ended.valid_to.isoformat(),
        }
        yield _tell(ended.tenant_id, TRAINING, ended.training_record_id, told)


def _tell(
    tenant_id: str, kind: str, lapsed_id: UUID, told: Mapping[str, Any]
) -> tuple[str, Command]:
    command_id = derived_id("lapse", tenant_id, lapsed_id)
    return tenant_id, TellLapse(command_id=command_id, kind=kind, lapsed_id=lapsed_id, told=told)


def tell(context: CommandContext, command: TellLapse) -> Mapping[str, Any]:
    """Write down that this was told, and send the message."""
    row = {"tenant_id": context.tenant_id, "lapsed_id": command.lapsed_id, "kind": command.kind}
    context.db.execute(_INSERT, {**row, "told_at": context.at})
    told = dict(command.told)
    name = "cert.expired" if command.kind == CERTIFICATE else "training.expired"
    about = told["certificate"] if command.kind == CERTIFICATE else told["subject"]
    messages.publish(context, REGISTER, name, str(about), told)
    return {"told": name}
