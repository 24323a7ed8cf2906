"""Accounts: read, count failures, lock and unlock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from engine.actors import AccountState, Actor, Credential
from engine.store.base import AnyRow
from engine.store.tables import account

_COLUMNS = (
    account.c.account_id,
    account.c.username,
    account.c.name_en,
    account.c.name_zh,
    account.c.roles,
    account.c.zone,
    account.c.active,
    account.c.password_hash,
    account.c.session_epoch,
    account.c.failed_sign_ins,
    account.c.failed_signatures,
    account.c.sign_in_locked_at,
    account.c.signing_locked_at,
    account.c.changed_at,
    account.c.roles_before,
)
_IN_TENANT = select(*_COLUMNS).where(account.c.tenant_id == bindparam("tenant_id"))
_BY_USERNAME = _IN_TENANT.where(account.c.username == bindparam("username"))
_BY_ID = _IN_TENANT.where(account.c.account_id == bindparam("account_id"))
_ALL = _IN_TENANT.order_by(account.c.username)
_INSERT = insert(account)
_THIS = (
    update(account)
    .where(account.c.tenant_id == bindparam("key_tenant_id"))
    .where(account.c.account_id == bindparam("key_account_id"))
)
_COUNT_SIGNATURE = _THIS.values(failed_signatures=account.c.failed_signatures + 1).returning(
    account.c.failed_signatures, account.c.signing_locked_at
)
_LOCK_SIGNING = _THIS.values(signing_locked_at=bindparam("locked_at"))
_CLEAR_SIGNATURES = _THIS.where(account.c.signing_locked_at.is_(None)).values(failed_signatures=0)
_UNLOCK_SIGNING = _THIS.values(failed_signatures=0, signing_locked_at=None)
_SIGNING = (
    select(account.c.failed_signatures, account.c.signing_locked_at)
    .where(account.c.tenant_id == bindparam("tenant_id"))
    .where(account.c.account_id == bindparam("account_id"))
)
_COUNT_SIGN_IN = _THIS.values(failed_sign_ins=account.c.failed_sign_ins + 1).returning(
    account.c.failed_sign_ins, account.c.sign_in_locked_at
)
_LOCK_SIGN_IN = _THIS.values(sign_in_locked_at=bindparam("locked_at"))
_CLEAR_SIGN_INS = _THIS.values(failed_sign_ins=0, sign_in_locked_at=None)
_ROLES = _THIS.values(
    roles=bindparam("roles"),
    active=bindparam("active"),
    roles_before=account.c.roles,
    changed_at=bindparam("at"),
)
_PASSWORD = _THIS.values(
    password_hash=bindparam("password_hash"), session_epoch=account.c.session_epoch + 1
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person's account in one tenant."""

    tenant_id: str
    account_id: UUID
    username: str
    names: dict[str, str]
    roles: frozenset[str]
    zone: str
    active: bool
    password_hash: str
    session_epoch: int
    failed_sign_ins: int
    failed_signatures: int
    sign_in_locked_at: datetime | None
    signing_locked_at: datetime | None
    changed_at: datetime | None = None
    roles_before: frozenset[str] = frozenset()

    def actor(self, *, remembered: bool = False) -> Actor:
        """Give the person as the author of commands; `remembered` when the account was read for an
        earlier request, so that the door looks whether it has changed since."""
        return Actor(
            tenant_id=self.tenant_id,
            account_id=self.account_id,
            username=self.username,
            names=self.names,
            roles=self.roles,
            zone=self.zone,
            credential=Credential(
                password_hash=self.password_hash,
                failed_signatures=self.failed_signatures,
                signing_locked_at=self.signing_locked_at,
            ),
            state=self._state() if remembered else None,
        )

    def _state(self) -> AccountState:
        return AccountState(
            session_epoch=self.session_epoch,
            active=self.active,
            roles=written_roles(self.roles),
            failed_signatures=self.failed_signatures,
            signing_locked_at=self.signing_locked_at,
        )


def written_roles(roles: Iterable[str]) -> str:
    """Write role codes as an account keeps them."""
    return " ".join(sorted(roles))


def _account(tenant_id: str, row: AnyRow) -> Account:
    return Account(
        tenant_id=tenant_id,
        account_id=row.account_id,
        username=row.username,
        names={"en": row.name_en, "zh": row.name_zh},
        roles=frozenset(row.roles.split()),
        zone=row.zone,
        active=row.active,
        password_hash=row.password_hash,
        session_epoch=row.session_epoch,
        failed_sign_ins=row.failed_sign_ins,
        failed_signatures=row.failed_signatures,
        sign_in_locked_at=row.sign_in_locked_at,
        signing_locked_at=row.signing_locked_at,
        changed_at=row.changed_at,
        roles_before=frozenset((row.roles_before or "").split()),
    )


def find_by_username(db: Connection, tenant_id: str, username: str) -> Account | None:
    key = {"tenant_id": tenant_id, "username": username.strip().lower()}
    row = db.execute(_BY_USERNAME, key).one_or_none()
    return None if row is None else _account(tenant_id, row)


def find_by_id(db: Connection, tenant_id: str, account_id: UUID) -> Account | None:
    row = db.execute(_BY_ID, {"tenant_id": tenant_id, "account_id": account_id}).one_or_none()
    return None if row is None else _account(tenant_id, row)


def all_accounts(db: Connection, tenant_id: str) -> list[Account]:
    rows = db.execute(_ALL, {"tenant_id": tenant_id})
    return [_account(tenant_id, row) for row in rows]


def add(db: Connection, new: Account) -> None:
    db.execute(
        _INSERT,
        {
            "tenant_id": new.tenant_id,
            "account_id": new.account_id,
            "username": new.username,
            "name_en": new.names["en"],
            "name_zh": new.names["zh"],
            "roles": written_roles(new.roles),
            "zone": new.zone,
            "active": new.active,
            "password_hash": new.password_hash,
            "session_epoch": new.session_epoch,
            "failed_sign_ins": 0,
            "failed_signatures": 0,
            "sign_in_locked_at": None,
            "signing_locked_at": None,
        },
    )


def _key(tenant_id: str, account_id: UUID) -> dict[str, Any]:
    return {"key_tenant_id": tenant_id, "key_account_id": account_id}


def count_signature_failure(
    db: Connection, tenant_id: str, account_id: UUID
) -> tuple[int, datetime | None] | None:
    """Count a refused signature; give the new count and since when signing is locked.

    Counted by the database: whoever guesses in parallel is counted for each guess. None when there
    is no such account. The row stays locked until the command commits.
    """
    row = db.execute(_COUNT_SIGNATURE, _key(tenant_id, account_id)).one_or_none()
    return None if row is None else (row.failed_signatures, row.signing_locked_at)


def lock_signing(db: Connection, tenant_id: str, account_id: UUID, at: datetime) -> None:
    db.execute(_LOCK_SIGNING, {**_key(tenant_id, account_id), "locked_at": at})


def clear_signature_failures(db: Connection, tenant_id: str, account_id: UUID) -> datetime | None:
    """Start counting anew, unless signing is locked by now: then give since when."""
    found = db.execute(_SIGNING, {"tenant_id": tenant_id, "account_id": account_id}).one()
    if found.signing_locked_at is None and found.failed_signatures:
        db.execute(_CLEAR_SIGNATURES, _key(tenant_id, account_id))
        # Whoever locked it since that reading has committed before the row could be written.
        found = db.execute(_SIGNING, {"tenant_id": tenant_id, "account_id": account_id}).one()
    locked_at: datetime | None = found.signing_locked_at
    return locked_at


def unlock_signing(db: Connection, tenant_id: str, account_id: UUID) -> None:
    db.execute(_UNLOCK_SIGNING, _key(tenant_id, account_id))


def count_sign_in_failure(
    db: Connection, tenant_id: str, account_id: UUID
) -> tuple[int, datetime | None]:
    """Count a refused sign-in; give the new count and since when signing in is locked."""
    row = db.execute(_COUNT_SIGN_IN, _key(tenant_id, account_id)).one()
    return row.failed_sign_ins, row.sign_in_locked_at


def lock_sign_in(db: Connection, tenant_id: str, account_id: UUID, at: datetime) -> None:
    db.execute(_LOCK_SIGN_IN, {**_key(tenant_id, account_id), "locked_at": at})


def clear_sign_in_failures(db: Connection, tenant_id: str, account_id: UUID) -> None:
    """Start counting anew, and let the person sign in again."""
    db.execute(_CLEAR_SIGN_INS, _key(tenant_id, account_id))


def set_roles(
    db: Connection,
    tenant_id: str,
    account_id: UUID,
    roles: frozenset[str],
    *,
    active: bool,
    at: datetime,
) -> None:
    row = {"roles": written_roles(roles), "active": active, "at": at}
    db.execute(_ROLES, {**_key(tenant_id, account_id), **row})


def set_password(db: Connection, tenant_id: str, account_id: UUID, password_hash: str) -> None:
    db.execute(_PASSWORD, {**_key(tenant_id, account_id), "password_hash": password_hash})
