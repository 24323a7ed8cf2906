"""Delegations: who does the work of a role for whom, for a time, because the other is away.

A delegation gives its holder the open work of one role of another person. It never gives more than
the other has: it ends with its time, when it is taken back, and when the other no longer holds the
role or has no account any more. It cannot be passed on.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, insert, or_, select, update

from engine.store.base import AnyRow
from engine.store.tables import account, delegation

_giver, _taker = account.alias("giver"), account.alias("taker")
_ALL = (
    select(
        delegation,
        _giver.c.username.label("from_username"),
        _giver.c.name_en.label("from_en"),
        _giver.c.name_zh.label("from_zh"),
        _giver.c.roles.label("from_roles"),
        _giver.c.active.label("from_active"),
        _taker.c.username.label("to_username"),
        _taker.c.name_en.label("to_en"),
        _taker.c.name_zh.label("to_zh"),
    )
    .join(
        _giver,
        and_(
            _giver.c.tenant_id == delegation.c.tenant_id,
            _giver.c.account_id == delegation.c.from_account_id,
        ),
    )
    .join(
        _taker,
        and_(
            _taker.c.tenant_id == delegation.c.tenant_id,
            _taker.c.account_id == delegation.c.to_account_id,
        ),
    )
    .where(delegation.c.tenant_id == bindparam("tenant_id"))
    .order_by(delegation.c.starts_at.desc(), delegation.c.delegation_id)
)
_BY_ID = _ALL.where(delegation.c.delegation_id == bindparam("delegation_id"))
_TAKEN = (
    _ALL.where(delegation.c.to_account_id == bindparam("account_id"))
    .where(delegation.c.starts_at <= bindparam("at"))
    .where(delegation.c.ends_at > bindparam("at"))
    .where(delegation.c.ended_at.is_(None))
)
_OF_ACCOUNT = _ALL.where(
    or_(
        delegation.c.from_account_id == bindparam("account_id"),
        delegation.c.to_account_id == bindparam("account_id"),
    )
).limit(100)
_OPEN_OF_ACCOUNT = _OF_ACCOUNT.where(delegation.c.ended_at.is_(None))
_INSERT = insert(delegation)
_END = (
    update(delegation)
    .where(delegation.c.tenant_id == bindparam("key_tenant_id"))
    .where(delegation.c.delegation_id == bindparam("key_delegation_id"))
    .where(delegation.c.ended_at.is_(None))
    .values(ended_at=bindparam("ended_at"), ended_by=bindparam("ended_by"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """The work of a role of one person, with another for a time."""

    delegation_id: UUID
    role: str
    from_account_id: UUID
    from_username: str
    from_names: dict[str, str]
    to_account_id: UUID
    to_username: str
    to_names: dict[str, str]
    starts_at: datetime
    ends_at: datetime
    reason: str
    ended_at: datetime | None
    holds: bool

    def in_force(self, at: datetime) -> bool:
        """Tell whether it counts at a moment."""
        return self.holds and self.ended_at is None and self.starts_at <= at < self.ends_at

    def mark(self) -> dict[str, Any]:
        """Give what records say of it: for whom the work was done."""
        return {
            "username": self.from_username,
            "names": dict(self.from_names),
            "delegation": str(self.delegation_id),
        }


def in_force(
    db: Connection, tenant_id: str, account_id: UUID, at: datetime
) -> dict[str, Delegation]:
    """Give what a person does for others now, by role; of two for one role, the later begun."""
    key = {"tenant_id": tenant_id, "account_id": account_id, "at": at}
    found: dict[str, Delegation] = {}
    for row in db.execute(_TAKEN, key):
        each = _read(row)
        if each.in_force(at):
            found.setdefault(each.role, each)
    return found


def of_account(db: Connection, tenant_id: str, account_id: UUID) -> list[Delegation]:
    """List what a person gave and took, the newest first; a hundred at most."""
    key = {"tenant_id": tenant_id, "account_id": account_id}
    return [_read(row) for row in db.execute(_OF_ACCOUNT, key)]


def open_of_account(db: Connection, tenant_id: str, account_id: UUID) -> list[Delegation]:
    """List what a person gave or took and nobody has ended."""
    key = {"tenant_id": tenant_id, "account_id": account_id}
    return [_read(row) for row in db.execute(_OPEN_OF_ACCOUNT, key)]


def find(db: Connection, tenant_id: str, delegation_id: UUID) -> Delegation | None:
    """Give a delegation by id."""
    key = {"tenant_id": tenant_id, "delegation_id": delegation_id}
    row = db.execute(_BY_ID, key).one_or_none()
    return None if row is None else _read(row)


def add(db: Connection, row: dict[str, Any]) -> None:
    db.execute(_INSERT, {**row, "ended_at": None, "ended_by": None})


def end(db: Connection, tenant_id: str, delegation_id: UUID, at: datetime, by: UUID | None) -> bool:
    """End a delegation; False where it had ended already."""
    key = {"key_tenant_id": tenant_id, "key_delegation_id": delegation_id}
    return db.execute(_END, {**key, "ended_at": at, "ended_by": by}).rowcount == 1


def _read(row: AnyRow) -> Delegation:
    return Delegation(
        delegation_id=row.delegation_id,
        role=row.role,
        from_account_id=row.from_account_id,
        from_username=row.from_username,
        from_names={"en": row.from_en, "zh": row.from_zh},
        to_account_id=row.to_account_id,
        to_username=row.to_username,
        to_names={"en": row.to_en, "zh": row.to_zh},
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        reason=row.reason,
        ended_at=row.ended_at,
        holds=row.from_active and row.role in row.from_roles.split(),
    )
