"""One history record, two releases: what a contractor made and released goes to its registrant, who
releases it to the market in a book of its own (China GMP Art. 113, 114).

Contractor and registrant are tenants of one installation. The contractor's release writes the
dossier; the background work hands it to the registrant as a command there, which begins its
process. Neither reads the other's book: the dossier is all that crosses, with its hash.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select

from engine.canonical import canonical_bytes, record_value
from engine.commands.base import Command, Periodic
from engine.commands.context import CommandContext
from engine.commands.messages import publish
from engine.identifiers import derived_id
from engine.services import ServiceContext
from engine.store.tables import tenant
from processes.ledger.columns import AnyRow
from processes.ledger.commands import REGISTER
from processes.ledger.production.tables import dossier, dossier_taken
from processes.ledger.refusals import LedgerRefusal, NotInLedger

LOOK_EVERY = timedelta(minutes=1)
RECEIVED = "dossier.received"
_INSERT = insert(dossier)
_TAKE = insert(dossier_taken)
_WAITING = (
    select(dossier.c.dossier_id, dossier.c.registrant)
    .join(tenant, tenant.c.tenant_id == dossier.c.registrant)
    .outerjoin(
        dossier_taken,
        (dossier_taken.c.tenant_id == dossier.c.registrant)
        & (dossier_taken.c.dossier_id == dossier.c.dossier_id),
    )
    .where(dossier_taken.c.dossier_id.is_(None))
)
_FOR_ME = (
    select(dossier)
    .where(dossier.c.dossier_id == bindparam("dossier_id"))
    .where(dossier.c.registrant == bindparam("registrant"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeDossier(Command):
    """Take a dossier over that a contractor released for this tenant; asked by the engine alone."""

    dossier_id: UUID


class DossierAltered(LedgerRefusal):
    """What is released is what the contractor released, to the last byte."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"The dossier of {number} is not the one that the contractor released. Do not release "
            "the lot; ask the contractor.",
            f"工单 {number} 的放行资料与受托方放行时不一致，不得上市放行，请联系受托生产企业。",
            found=number,
        )


def hand_over(
    context: ServiceContext, registrant: str, record: Mapping[str, Any], quantity: int
) -> UUID:
    """Write the dossier of a lot that was made for a registrant, in the command of its release."""
    content = record_value({**record, "quantity": quantity, "released_by": context.actor.username})
    digest = _hash(content)
    dossier_id = context.new_id()
    row = {
        "tenant_id": context.tenant_id,
        "dossier_id": dossier_id,
        "registrant": registrant,
        "work_order_number": str(record["work_order"]),
        "content": content,
        "content_hash": digest,
        "actor": context.actor.username,
        "released_at": context.now,
    }
    context.db.execute(_INSERT, row)
    context.record(
        {
            "event": "dossier.handed_over",
            "work_order": record["work_order"],
            "registrant": registrant,
            "hash": digest,
        }
    )
    return dossier_id


def periodic() -> Periodic:
    """Give the look for dossiers whose registrant has not got them yet."""
    return Periodic(name="dossiers", every=LOOK_EVERY, due=_due)


def _due(db: Connection, now: datetime) -> Iterable[tuple[str, Command]]:
    del now
    for row in db.execute(_WAITING):
        command_id = derived_id("dossier", row.registrant, row.dossier_id)
        yield row.registrant, TakeDossier(command_id=command_id, dossier_id=row.dossier_id)


def take(context: CommandContext, command: TakeDossier) -> Mapping[str, Any]:
    """Note the dossier in the registrant's book, and begin its release to the market."""
    row = find(context.db, context.tenant_id, command.dossier_id)
    taken = {
        "tenant_id": context.tenant_id,
        "dossier_id": row.dossier_id,
        "contractor": row.tenant_id,
        "content_hash": row.content_hash,
        "taken_at": context.at,
    }
    context.db.execute(_TAKE, taken)
    payload = {
        "dossier_id": str(row.dossier_id),
        "contractor": row.tenant_id,
        "work_order": row.work_order_number,
        "content_hash": row.content_hash,
    }
    publish(context, REGISTER, RECEIVED, str(row.dossier_id), payload)
    return payload


def find(db: Connection, tenant_id: str, dossier_id: UUID) -> AnyRow:
    """Give a dossier that was made for this tenant; NotInLedger for any other."""
    key = {"dossier_id": dossier_id, "registrant": tenant_id}
    row = db.execute(_FOR_ME, key).one_or_none()
    if row is None:
        raise NotInLedger("dossier", "放行资料", dossier_id)
    return row


def verified(db: Connection, tenant_id: str, dossier_id: UUID, content_hash: str) -> AnyRow:
    """Give a dossier whose content is what was handed over; DossierAltered otherwise."""
    row = find(db, tenant_id, dossier_id)
    if not row.content_hash == content_hash == _hash(row.content):
        raise DossierAltered(row.work_order_number)
    return row


def _hash(content: Any) -> str:
    return sha256(canonical_bytes(record_value(content))).hexdigest()
