"""Accounts: read, count failures, lock and unlock."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from engine.actors import Actor, Credential
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
_SIGNATURES = _THIS.values(
    failed_signatures=bindparam("failed"), signing_locked_at=bindparam("locked_at")
)
_SIGN_INS = _THIS.values(
    failed_sign_ins=bindparam("failed"), sign_in_locked_at=bindparam("locked_at")
)
_ROLES = _THIS.values(roles=bindparam("roles"), active=bindparam("active"))
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

    def actor(self) -> Actor:
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
        )


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
            "roles": " ".join(sorted(new.roles)),
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


def set_signature_failures(
    db: Connection, tenant_id: str, account_id: UUID, failed: int, locked_at: datetime | None
) -> None:
    db.execute(
        _SIGNATURES, {**_key(tenant_id, account_id), "failed": failed, "locked_at": locked_at}
    )


def set_sign_in_failures(
    db: Connection, tenant_id: str, account_id: UUID, failed: int, locked_at: datetime | None
) -> None:
    db.execute(_SIGN_INS, {**_key(tenant_id, account_id), "failed": failed, "locked_at": locked_at})


def set_roles(
    db: Connection, tenant_id: str, account_id: UUID, roles: frozenset[str], *, active: bool
) -> None:
    row = {**_key(tenant_id, account_id), "roles": " ".join(sorted(roles)), "active": active}
    db.execute(_ROLES, row)


def set_password(db: Connection, tenant_id: str, account_id: UUID, password_hash: str) -> None:
    db.execute(_PASSWORD, {**_key(tenant_id, account_id), "password_hash": password_hash})
