"""Accounts: create, change roles, set a password, sign in, unlock signing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from engine.commands import delegations
from engine.commands import instance as instances
from engine.commands.base import Command
from engine.commands.context import CommandContext
from engine.commands.instance import Instance
from engine.identities import accounts, passwords, signing
from engine.identities.accounts import Account
from engine.outcomes import Reason, Rejection
from engine.store.tables import work_item

PASSWORD_MINIMUM = 8
SIGN_IN_LOCK_MINUTES = 15  # where a security policy written before says nothing about it


_CLAIMED = (
    select(
        work_item.c.process_instance_id,
        work_item.c.task_ref,
        work_item.c.activity_id,
        work_item.c.revision,
    )
    .where(work_item.c.tenant_id == bindparam("tenant_id"))
    .where(work_item.c.assignee_id == bindparam("account_id"))
    .where(work_item.c.status == "open")
    .order_by(work_item.c.process_instance_id, work_item.c.task_ref)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAccount(Command):
    """Give a person an account; the names are kept as printed on signatures."""

    username: str
    names: Mapping[str, str]
    roles: tuple[str, ...]
    zone: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAccount(Command):
    """Change a person's roles, or close the account, which gives back what it had claimed and ends
    its delegations; `why` is required."""

    account_id: UUID
    roles: tuple[str, ...]
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPassword(Command):
    """Set one's own password; ends every session of the account.

    A wrong present password counts like a wrong signature: it is the same secret.
    """

    password: str = field(repr=False)
    new_password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockSigning(Command):
    """Let a person sign, and sign in, again after too many wrong passwords; done by another."""

    account_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn(Command):
    """Begin a session; asked by the engine's own actor in the name of who types."""

    username: str
    password: str = field(repr=False)


def prepare_account(_preparation: Any, command: CreateAccount) -> str:
    _require_strength(command.password)
    return passwords.hash_password(command.password)


def _require_strength(password: str) -> None:
    if len(password) >= PASSWORD_MINIMUM:
        return
    raise Rejection(
        Reason.INVALID_DATA,
        {
            "en": f"A password has at least {PASSWORD_MINIMUM} characters.",
            "zh": f"密码至少需要 {PASSWORD_MINIMUM} 个字符。",
        },
        expected=f"at least {PASSWORD_MINIMUM} characters",
        found=str(len(password)),
    )


def create(context: CommandContext, command: CreateAccount) -> Mapping[str, Any]:
    username = command.username.strip().lower()
    _require_known_roles(context, command.roles)
    if accounts.find_by_username(context.db, context.tenant_id, username) is not None:
        raise Rejection(
            Reason.INVALID_STATE,
            {"en": "This user name is taken.", "zh": "该用户名已被使用。"},
            found=username,
        )
    account = Account(
        tenant_id=context.tenant_id,
        account_id=context.new_id(),
        username=username,
        names=dict(command.names),
        roles=frozenset(command.roles),
        zone=command.zone,
        active=True,
        password_hash=context.prepared,
        session_epoch=1,
        failed_sign_ins=0,
        failed_signatures=0,
        sign_in_locked_at=None,
        signing_locked_at=None,
    )
    accounts.add(context.db, account)
    context.record(
        "security",
        {
            "event": "account.created",
            "account": account.account_id,
            "username": username,
            "names": dict(command.names),
            "roles": sorted(command.roles),
        },
    )
    return {"account_id": str(account.account_id)}


def _require_known_roles(context: CommandContext, roles: tuple[str, ...]) -> None:
    unknown = sorted(set(roles) - set(context.configuration("roles")))
    if unknown:
        raise Rejection(
            Reason.INVALID_DATA,
            {
                "en": f"Unknown roles: {', '.join(unknown)}.",
                "zh": f"未知角色：{'、'.join(unknown)}。",
            },
            found=", ".join(unknown),
        )


def _account(context: CommandContext, account_id: UUID) -> Account:
    found = accounts.find_by_id(context.db, context.tenant_id, account_id)
    if found is None:
        raise Rejection(
            Reason.NOT_FOUND, {"en": "There is no such account.", "zh": "该账户不存在。"}
        )
    return found


def change(context: CommandContext, command: ChangeAccount) -> Mapping[str, Any]:
    account = _account(context, command.account_id)
    _require_known_roles(context, command.roles)
    accounts.set_roles(
        context.db,
        context.tenant_id,
        account.account_id,
        frozenset(command.roles),
        active=command.active,
        at=context.at,
    )
    context.record(
        "security",
        {
            "event": "account.changed",
            "account": account.account_id,
            "changes": [
                {"field": "roles", "old": sorted(account.roles), "new": sorted(command.roles)},
                {"field": "active", "old": account.active, "new": command.active},
            ],
        },
    )
    if not command.active:
        _release_claims(context, account.account_id)
        delegations.end_all_of(context, account.account_id)
    return {}


def _release_claims(context: CommandContext, account_id: UUID) -> None:
    """Give back what a person has claimed who will not come back to it: nobody else could."""
    key = {"tenant_id": context.tenant_id, "account_id": account_id}
    loaded: dict[UUID, Instance] = {}
    for item in context.db.execute(_CLAIMED, key).all():
        instance_id = item.process_instance_id
        if instance_id not in loaded:
            loaded[instance_id] = instances.load(context, instance_id)
        loaded[instance_id].record(
            {
                "event": "work_item.released",
                "task_ref": item.task_ref,
                "activity": item.activity_id,
                "revision": item.revision + 1,
            }
        )


def prepare_password(preparation: Any, command: SetPassword) -> str:
    _require_strength(command.new_password)
    stored = signing.credential_of(preparation).password_hash
    if not passwords.verify_password(stored, command.password):
        raise Rejection(
            Reason.SIGNATURE_REFUSED,
            {"en": "The present password is not right.", "zh": "当前密码不正确。"},
            consequence=signing.count_failure(preparation.actor),
        )
    return passwords.hash_password(command.new_password)


def set_password(context: CommandContext, _command: SetPassword) -> Mapping[str, Any]:
    account_id = context.actor.account_id
    assert account_id is not None  # prepare_password refuses the engine's own actors
    signing.clear_failures(context, context.actor)
    accounts.set_password(context.db, context.tenant_id, account_id, context.prepared)
    context.record("security", {"event": "password.changed", "account": account_id})
    return {}


def unlock(context: CommandContext, command: UnlockSigning) -> Mapping[str, Any]:
    if command.account_id == context.actor.account_id:
        raise Rejection(
            Reason.SEGREGATION_OF_DUTIES,
            {
                "en": "Another person has to unlock your signing.",
                "zh": "您的签名功能必须由他人解锁。",
            },
        )
    account = _account(context, command.account_id)
    accounts.unlock_signing(context.db, context.tenant_id, account.account_id)
    context.record("security", {"event": "signing.unlocked", "account": account.account_id})
    if account.sign_in_locked_at is not None:
        accounts.clear_sign_in_failures(context.db, context.tenant_id, account.account_id)
        context.record("security", {"event": "sign_in.unlocked", "account": account.account_id})
    return {}


def prepare_sign_in(preparation: Any, command: SignIn) -> Account | None:
    """Check the password; an unknown name costs as much time as a known one."""
    actor = preparation.actor
    with preparation.database.reading() as db:
        account = accounts.find_by_username(db, actor.tenant_id, command.username)
    stored = None if account is None or not account.active else account.password_hash
    return account if passwords.verify_password(stored, command.password) else None


def sign_in(context: CommandContext, command: SignIn) -> Mapping[str, Any]:
    account: Account | None = context.prepared
    if account is not None:
        account = _still_open(context, account)
    if account is None:
        # One answer for all of them: whoever guesses learns neither names nor that a guess at a
        # locked account was right.
        raise Rejection(
            Reason.SIGNATURE_REFUSED,
            {
                "en": "Name or password is not right. After too many wrong passwords an account "
                "is locked for a while: try later, or ask your administrator.",
                "zh": "用户名或密码不正确。密码错误次数过多时，账户会暂时锁定："
                "请稍后再试，或联系管理员。",
            },
            consequence=lambda later: _count_sign_in(later, command.username),
        )
    if account.failed_sign_ins:
        accounts.clear_sign_in_failures(context.db, context.tenant_id, account.account_id)
    context.record("security", {"event": "session.opened", "account": account.account_id})
    return {"account_id": str(account.account_id), "session_epoch": account.session_epoch}


def _still_open(context: CommandContext, checked: Account) -> Account | None:
    """Look again at an account whose password was right: others may have changed it since."""
    account = _account(context, checked.account_id)
    changed = not account.active or account.password_hash != checked.password_hash
    return None if changed or _is_locked(context, account.sign_in_locked_at) else account


def _is_locked(context: Any, locked_at: datetime | None) -> bool:
    if locked_at is None:
        return False
    minutes = context.configuration("security_policy").get(
        "sign_in_lock_minutes", SIGN_IN_LOCK_MINUTES
    )
    return bool(context.at < locked_at + timedelta(minutes=minutes))


def _count_sign_in(context: Any, username: str) -> None:
    """Count a refused sign-in; while the account is locked only say so, or it never opens again."""
    account = accounts.find_by_username(context.db, context.tenant_id, username)
    if account is None:
        # What was typed is not kept: it is often a password, and the trail forgets nothing.
        context.record("security", {"event": "sign_in.refused", "known": False})
        return
    key = (context.db, context.tenant_id, account.account_id)
    if account.sign_in_locked_at is not None:
        if _is_locked(context, account.sign_in_locked_at):
            locked = {"account": account.account_id, "locked": True}
            context.record("security", {"event": "sign_in.refused", **locked})
            return
        accounts.clear_sign_in_failures(*key)
    limit = int(context.configuration("security_policy")["sign_in_attempts"])
    failed, locked_at = accounts.count_sign_in_failure(*key)
    event = {"account": account.account_id, "failed": failed}
    context.record("security", {"event": "sign_in.refused", **event})
    if locked_at is None and failed >= limit:
        accounts.lock_sign_in(*key, context.at)
        context.record("security", {"event": "sign_in.locked", **event})
