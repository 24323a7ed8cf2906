"""One-time links to the response page: random, kept as a hash, for a time, for one answer.

Whoever makes a link draws the token and shows it once; the book only ever has its SHA-256. A notice
may have several links (in the mail, on the printed letter); the first answer closes all of them.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from engine.services import ServiceContext
from processes.ledger.columns import AnyRow
from processes.ledger.field_actions.tables import field_action, notice, response_link
from processes.ledger.refusals import LedgerRefusal

_INSERT = insert(response_link)
_BY_HASH = (
    select(
        response_link,
        notice.c.field_action_id,
        notice.c.consignee_id,
        notice.c.language,
        field_action.c.status.label("action_status"),
        field_action.c.mode,
    )
    .join(
        notice,
        (notice.c.tenant_id == response_link.c.tenant_id)
        & (notice.c.notice_id == response_link.c.notice_id),
    )
    .join(
        field_action,
        (field_action.c.tenant_id == notice.c.tenant_id)
        & (field_action.c.field_action_id == notice.c.field_action_id),
    )
    .where(response_link.c.tenant_id == bindparam("tenant_id"))
    .where(response_link.c.token_hash == bindparam("token_hash"))
)
_USE = (
    update(response_link)
    .where(response_link.c.tenant_id == bindparam("key_tenant_id"))
    .where(response_link.c.notice_id == bindparam("key_notice_id"))
    .where(response_link.c.used_at.is_(None))
    .values(used_at=bindparam("used_at"))
)
_USE_AND_NAME = _USE.returning(response_link.c.token_hash)
TOKEN_BYTES = 32


class LinkRefused(LedgerRefusal):
    """A link that is unknown, over, or was answered already."""


def new_token() -> str:
    """Draw a token: 256 random bits that fit into an address."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> str:
    """Give what is kept of a token. It is random and long: a plain hash cannot be searched."""
    return hashlib.sha256(token.encode()).hexdigest()


def add(context: ServiceContext, notice_row: AnyRow, token_hash: str, *, days: int) -> datetime:
    """Keep a new link of a notice; give until when it can be used."""
    expires_at = context.now + timedelta(days=days)
    row = {
        "tenant_id": context.tenant_id,
        "token_hash": token_hash,
        "notice_id": notice_row.notice_id,
        "expires_at": expires_at,
        "used_at": None,
        "actor": context.actor.username,
        "created_at": context.now,
    }
    context.db.execute(_INSERT, row)
    context.record(
        {
            "event": "response_link.made",
            "notice": notice_row.notice_number,
            "link": token_hash[:12],
            "expires_at": expires_at,
        }
    )
    return expires_at


def usable(db: Connection, tenant_id: str, token_hash: str, now: datetime) -> AnyRow:
    """Give the link of a token; refused, each with its sentence, when it cannot be used."""
    key = {"tenant_id": tenant_id, "token_hash": token_hash}
    row = db.execute(_BY_HASH, key).one_or_none()
    if row is None or row.mode == "mock":
        raise LinkRefused(
            "This link is not valid. Use the link from your newest notice.",
            "链接无效，请使用最新通知中的链接。",
            found="unknown",
        )
    if row.used_at is not None:
        raise _answered()
    if row.expires_at <= now or row.action_status in ("closed", "cancelled"):
        raise LinkRefused(
            "This link has expired. Call the number on the notice.",
            "链接已过期，请拨打通知上的电话。",
            found="expired",
        )
    return row


def close_all(context: ServiceContext, notice_id: UUID) -> int:
    """Close every open link of a notice; give how many there were."""
    key = {"key_tenant_id": context.tenant_id, "key_notice_id": notice_id}
    return context.db.execute(_USE, {**key, "used_at": context.now}).rowcount


def use(context: ServiceContext, link: AnyRow) -> None:
    """Close every link of the notice that this one, found usable, is of; before anything is kept.

    Who answers at the same moment through any of them waits here, and is then refused.
    """
    key = {"key_tenant_id": context.tenant_id, "key_notice_id": link.notice_id}
    closed = context.db.execute(_USE_AND_NAME, {**key, "used_at": context.now}).scalars().all()
    if link.token_hash not in closed:
        raise _answered()


def _answered() -> LinkRefused:
    return LinkRefused(
        "This notice has been answered. Thank you. To correct the answer, call the number on "
        "the notice.",
        "该通知已回复，谢谢。如需更正，请拨打通知上的电话。",
        found="answered",
    )
