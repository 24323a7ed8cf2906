"""Orders on their way by mail: they wait in the book until a sender takes them (PRC-40).

A sender takes a mail (a lease), sends the version as PDF outside any transaction, and records what
the receiving server said: that is the proof of sending. A crash in between sends the same
Message-ID again. Who sends the order by hand instead takes the waiting mail back first; what was
sent by hand, by whatever way, stands in the same list.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from engine.services import ServiceContext
from processes.ledger.columns import AnyRow, rows_of
from processes.ledger.purchasing.orders import Order
from processes.ledger.purchasing.tables import order_mail, purchase_order

LEASE = timedelta(minutes=5)
_WAITING = ("pending", "sending")
_INSERT = insert(order_mail)
_DUE = (
    select(order_mail.c.order_mail_id)
    .where(order_mail.c.tenant_id == bindparam("tenant_id"))
    .where(order_mail.c.status.in_(_WAITING))
    .where(order_mail.c.due_at <= bindparam("now"))
    .order_by(order_mail.c.due_at, order_mail.c.order_mail_id)
    .limit(50)
)
_ONE = (
    select(order_mail, purchase_order.c.order_number)
    .join(
        purchase_order,
        (purchase_order.c.tenant_id == order_mail.c.tenant_id)
        & (purchase_order.c.purchase_order_id == order_mail.c.purchase_order_id),
    )
    .where(order_mail.c.tenant_id == bindparam("tenant_id"))
    .where(order_mail.c.order_mail_id == bindparam("order_mail_id"))
)
_OF_ORDER = rows_of(order_mail, "purchase_order_id", "created_at", "order_mail_id")
_SET = (
    update(order_mail)
    .where(order_mail.c.tenant_id == bindparam("key_tenant_id"))
    .where(order_mail.c.order_mail_id == bindparam("key_order_mail_id"))
)
_TAKE = _SET.values(
    status="sending", attempts=order_mail.c.attempts + 1, due_at=bindparam("due_at")
)
_OUTCOME = _SET.where(order_mail.c.status.in_(_WAITING)).values(
    status=bindparam("status"), answer=bindparam("answer"), due_at=bindparam("due_at")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMail:
    """A mail that is to be sent now; `message_id` is the same at each attempt."""

    order_mail_id: UUID
    order: str
    version: int
    address: str
    attempts: int
    message_id: str


def queue(context: ServiceContext, order: Order, address: str) -> UUID:
    """Put the version in force into the outbox."""
    order_mail_id = context.new_id()
    row = {
        "tenant_id": context.tenant_id,
        "order_mail_id": order_mail_id,
        "purchase_order_id": order.purchase_order_id,
        "version": order.version,
        "channel": "mail",
        "address": address,
        "actor": context.actor.username,
        "status": "pending",
        "attempts": 0,
        "due_at": context.now,
        "answer": None,
        "created_at": context.now,
    }
    context.db.execute(_INSERT, row)
    event = {"event": "order_mail.queued", "order": order.number, "version": order.version}
    context.record({**event, "address": address})
    return order_mail_id


def sent_by_hand(
    context: ServiceContext, order: Order, channel: str, recipient: str, reference: str | None
) -> None:
    """Write down that somebody sent the version in force, by what, to whom, with what reference."""
    row = {
        "tenant_id": context.tenant_id,
        "order_mail_id": context.new_id(),
        "purchase_order_id": order.purchase_order_id,
        "version": order.version,
        "channel": channel,
        "address": recipient,
        "actor": context.actor.username,
        "status": "sent",
        "attempts": 1,
        "due_at": context.now,
        "answer": reference,
        "created_at": context.now,
    }
    context.db.execute(_INSERT, row)
    event = {"event": "purchase_order.sent", "order": order.number, "version": order.version}
    context.record({**event, "channel": channel, "address": recipient, "reference": reference})


def due(db: Connection, tenant_id: str, now: datetime) -> list[UUID]:
    """Name the mails that are to be sent, oldest first."""
    return list(db.execute(_DUE, {"tenant_id": tenant_id, "now": now}).scalars())


def of_order(db: Connection, tenant_id: str, order: Order) -> list[AnyRow]:
    """List the mails of an order, the first one first."""
    key = {"tenant_id": tenant_id, "purchase_order_id": order.purchase_order_id}
    return list(db.execute(_OF_ORDER, key))


def take(context: ServiceContext, order_mail_id: UUID) -> OrderMail | None:
    """Take a mail for sending; None when another sender has it, or it is out or taken back."""
    key = {"tenant_id": context.tenant_id, "order_mail_id": order_mail_id}
    row = context.db.execute(_ONE.with_for_update(of=order_mail), key).one_or_none()
    if row is None or row.status not in _WAITING or row.due_at > context.now:
        return None
    taken = {"key_tenant_id": context.tenant_id, "key_order_mail_id": order_mail_id}
    context.db.execute(_TAKE, {**taken, "due_at": context.now + LEASE})
    return OrderMail(
        order_mail_id=order_mail_id,
        order=row.order_number,
        version=row.version,
        address=row.address,
        attempts=row.attempts + 1,
        message_id=f"<{order_mail_id}@countersign.invalid>",
    )


def settle(
    context: ServiceContext, order_mail_id: UUID, *, status: str, answer: str, due_at: datetime
) -> AnyRow | None:
    """Write down what became of a mail; None where it was settled or taken back before."""
    key = {"key_tenant_id": context.tenant_id, "key_order_mail_id": order_mail_id}
    values: dict[str, Any] = {"status": status, "answer": answer[:500], "due_at": due_at}
    if context.db.execute(_OUTCOME, {**key, **values}).rowcount != 1:
        return None
    one = {"tenant_id": context.tenant_id, "order_mail_id": order_mail_id}
    row = context.db.execute(_ONE, one).one()
    event = {"event": f"order_mail.{status}", "order": row.order_number, "version": row.version}
    context.record({**event, "address": row.address, "answer": answer[:500]})
    return row
