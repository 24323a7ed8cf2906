"""The outbox of notices: mails wait in the book until a sender takes them, one command a step.

A sender takes a mail (a lease), sends it outside any transaction, and records what the receiving
server said: that is the proof of delivery. A crash in between sends the same Message-ID again, by
which the receiving side knows it. Without a sender the mails wait, and notices are printed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from engine.services import ServiceContext
from processes.ledger.columns import AnyRow, rows_of
from processes.ledger.field_actions.tables import field_action, notice, notice_mail

LEASE = timedelta(minutes=5)
_INSERT = insert(notice_mail)
_DUE = (
    select(notice_mail.c.mail_id)
    .where(notice_mail.c.tenant_id == bindparam("tenant_id"))
    .where(notice_mail.c.status.in_(("pending", "sending")))
    .where(notice_mail.c.due_at <= bindparam("now"))
    .order_by(notice_mail.c.due_at, notice_mail.c.mail_id)
    .limit(50)
)
_ONE = (
    select(
        notice_mail,
        notice.c.notice_number,
        notice.c.language,
        notice.c.subject,
        notice.c.body,
        field_action.c.mode,
    )
    .join(
        notice,
        (notice.c.tenant_id == notice_mail.c.tenant_id)
        & (notice.c.notice_id == notice_mail.c.notice_id),
    )
    .join(
        field_action,
        (field_action.c.tenant_id == notice.c.tenant_id)
        & (field_action.c.field_action_id == notice.c.field_action_id),
    )
    .where(notice_mail.c.tenant_id == bindparam("tenant_id"))
    .where(notice_mail.c.mail_id == bindparam("mail_id"))
)
_OF_NOTICE = rows_of(notice_mail, "notice_id", "reminder")
_SET = (
    update(notice_mail)
    .where(notice_mail.c.tenant_id == bindparam("key_tenant_id"))
    .where(notice_mail.c.mail_id == bindparam("key_mail_id"))
)
_TAKE = _SET.values(
    status="sending", attempts=notice_mail.c.attempts + 1, due_at=bindparam("due_at")
)
_OUTCOME = _SET.values(
    status=bindparam("status"), answer=bindparam("answer"), due_at=bindparam("due_at")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail that is to be sent now; `message_id` is the same at each attempt."""

    mail_id: UUID
    notice_id: UUID
    notice_number: str
    reminder: int
    address: str
    language: str
    subject: str
    body: str
    attempts: int
    message_id: str


def queue(context: ServiceContext, notice_id: UUID, address: str, *, reminder: int) -> UUID:
    """Put a mail into the outbox."""
    mail_id = context.new_id()
    row = {
        "tenant_id": context.tenant_id,
        "mail_id": mail_id,
        "notice_id": notice_id,
        "reminder": reminder,
        "address": address,
        "status": "pending",
        "attempts": 0,
        "due_at": context.now,
        "answer": None,
        "created_at": context.now,
    }
    context.db.execute(_INSERT, row)
    return mail_id


def due(db: Connection, tenant_id: str, now: datetime) -> list[UUID]:
    """Name the mails that are to be sent, oldest first."""
    return list(db.execute(_DUE, {"tenant_id": tenant_id, "now": now}).scalars())


def of_notice(db: Connection, tenant_id: str, notice_id: UUID) -> list[AnyRow]:
    """List the mails of a notice, the first one first."""
    return list(db.execute(_OF_NOTICE, {"tenant_id": tenant_id, "notice_id": notice_id}))


def take(context: ServiceContext, mail_id: UUID) -> Mail | None:
    """Take a mail for sending; None when another sender has it, or it is out, or it is a mock's."""
    key = {"tenant_id": context.tenant_id, "mail_id": mail_id}
    row = context.db.execute(_ONE.with_for_update(of=notice_mail), key).one_or_none()
    if row is None or row.status not in ("pending", "sending") or row.due_at > context.now:
        return None
    if row.mode == "mock":
        return None  # nothing of an exercise is ever sent, whoever queued it
    taken = {"key_tenant_id": context.tenant_id, "key_mail_id": mail_id}
    context.db.execute(_TAKE, {**taken, "due_at": context.now + LEASE})
    return Mail(
        mail_id=mail_id,
        notice_id=row.notice_id,
        notice_number=row.notice_number,
        reminder=row.reminder,
        address=row.address,
        language=row.language,
        subject=row.subject,
        body=row.body,
        attempts=row.attempts + 1,
        message_id=f"<{mail_id}@countersign.invalid>",
    )


def settle(
    context: ServiceContext, mail_id: UUID, *, status: str, answer: str, due_at: datetime
) -> Any:
    """Write down what became of a mail: sent, to be tried again (pending), or failed."""
    key = {"key_tenant_id": context.tenant_id, "key_mail_id": mail_id}
    values = {"status": status, "answer": answer[:500], "due_at": due_at}
    context.db.execute(_OUTCOME, {**key, **values})
    context.record({"event": f"notice_mail.{status}", "mail": str(mail_id), "answer": answer[:500]})
    return context.db.execute(_ONE, {"tenant_id": context.tenant_id, "mail_id": mail_id}).one()
