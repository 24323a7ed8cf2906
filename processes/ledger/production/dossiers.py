"""One history record, two releases: what a contractor made and released goes to its registrant, who
releases it to the market in a book of its own (China GMP Art. 113, 114).

Contractor and registrant are tenants of one installation. The contractor's release writes the
dossier; the background work hands it to the registrant as a command there, which begins its
process. The registrant's answer, accepted or refused with reasons, goes back the same way. Neither
reads the other's book: the dossier and its answer are all that crosses, with the hash of what was
answered. What was refused may be handed over again, as the next round of the same order.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, insert, select

from engine.canonical import canonical_bytes, record_value
from engine.commands.base import Command, Periodic
from engine.commands.context import CommandContext
from engine.commands.messages import publish
from engine.identifiers import derived_id
from engine.services import ServiceContext
from engine.store.tables import tenant
from processes.ledger.columns import AnyRow
from processes.ledger.commands import REGISTER
from processes.ledger.production.tables import (
    dossier,
    dossier_answered,
    dossier_reply,
    dossier_taken,
)
from processes.ledger.refusals import LedgerRefusal, NotInLedger

LOOK_EVERY = timedelta(minutes=1)
RECEIVED = "dossier.received"
ANSWERED = "dossier.answered"
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
_ROUNDS = (
    select(func.count())
    .select_from(dossier)
    .where(dossier.c.tenant_id == bindparam("tenant_id"))
    .where(dossier.c.work_order_number == bindparam("work_order"))
)
_MINE = (
    select(dossier)
    .where(dossier.c.tenant_id == bindparam("tenant_id"))
    .where(dossier.c.dossier_id == bindparam("dossier_id"))
)
_REPLY = insert(dossier_reply)
_ANSWER = insert(dossier_answered)
_UNHEARD = (
    select(dossier_reply.c.dossier_id, dossier_reply.c.contractor)
    .join(tenant, tenant.c.tenant_id == dossier_reply.c.contractor)
    .outerjoin(
        dossier_answered,
        (dossier_answered.c.tenant_id == dossier_reply.c.contractor)
        & (dossier_answered.c.dossier_id == dossier_reply.c.dossier_id),
    )
    .where(dossier_answered.c.dossier_id.is_(None))
)
_TO_ME = (
    select(dossier_reply)
    .where(dossier_reply.c.dossier_id == bindparam("dossier_id"))
    .where(dossier_reply.c.contractor == bindparam("contractor"))
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


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeDossierReply(Command):
    """Take over what the registrant answered to a dossier; asked by the engine alone."""

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
    key = {"tenant_id": context.tenant_id, "work_order": str(record["work_order"])}
    rounds = context.db.execute(_ROUNDS, key).scalar_one()
    row = {
        "tenant_id": context.tenant_id,
        "dossier_id": dossier_id,
        "registrant": registrant,
        "work_order_number": str(record["work_order"]),
        "round": rounds + 1,
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
            "round": rounds + 1,
            "hash": digest,
        }
    )
    return dossier_id


def hand_over_again(
    context: ServiceContext, dossier_id: UUID, record: Mapping[str, Any], completed: str
) -> UUID:
    """Write the next round of a dossier that was refused, with what was completed meanwhile."""
    key = {"tenant_id": context.tenant_id, "dossier_id": dossier_id}
    before = context.db.execute(_MINE, key).one()
    quantity = int(before.content["quantity"])
    return hand_over(context, before.registrant, {**record, "completed": completed}, quantity)


def reply(context: ServiceContext, row: AnyRow, *, accepted: bool, reasons: str | None) -> None:
    """Keep in the registrant's book what it made of a dossier; the contractor is told."""
    said = {"accepted": accepted, "reasons": reasons}
    kept = {
        "tenant_id": context.tenant_id,
        "dossier_id": row.dossier_id,
        "contractor": row.tenant_id,
        "content_hash": row.content_hash,
        **said,
        "actor": context.actor.username,
        "replied_at": context.now,
    }
    context.db.execute(_REPLY, kept)
    event = {"event": "dossier.replied", "work_order": row.work_order_number}
    context.record({**event, "contractor": row.tenant_id, "hash": row.content_hash, **said})


def periodic() -> Periodic:
    """Give the look for dossiers that their registrant, and answers that their contractor, has not
    got yet."""
    return Periodic(name="dossiers", every=LOOK_EVERY, due=_due)


def _due(db: Connection, now: datetime) -> Iterable[tuple[str, Command]]:
    del now
    for row in db.execute(_WAITING):
        command_id = derived_id("dossier", row.registrant, row.dossier_id)
        yield row.registrant, TakeDossier(command_id=command_id, dossier_id=row.dossier_id)
    for row in db.execute(_UNHEARD):
        command_id = derived_id("dossier_reply", row.contractor, row.dossier_id)
        yield row.contractor, TakeDossierReply(command_id=command_id, dossier_id=row.dossier_id)


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


def take_reply(context: CommandContext, command: TakeDossierReply) -> Mapping[str, Any]:
    """Note the registrant's answer in the contractor's book, and tell the release that waits."""
    key = {"dossier_id": command.dossier_id}
    answer = context.db.execute(_TO_ME, {**key, "contractor": context.tenant_id}).one_or_none()
    mine = context.db.execute(_MINE, {**key, "tenant_id": context.tenant_id}).one_or_none()
    if answer is None or mine is None:
        raise NotInLedger("dossier", "放行资料", command.dossier_id)
    if answer.content_hash != mine.content_hash:
        raise DossierAltered(mine.work_order_number)
    said = {"accepted": answer.accepted, "reasons": answer.reasons}
    row = {
        "tenant_id": context.tenant_id,
        "dossier_id": mine.dossier_id,
        "registrant": answer.tenant_id,
        **said,
        "answered_by": answer.actor,
        "answered_at": answer.replied_at,
        "taken_at": context.at,
    }
    context.db.execute(_ANSWER, row)
    payload = {"dossier_id": str(mine.dossier_id), **said, "answered_by": answer.actor}
    publish(context, REGISTER, ANSWERED, str(mine.dossier_id), payload)
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
