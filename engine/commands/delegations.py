"""Give the work of one's role to a named person for a time, and take it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from engine.canonical import instant_text
from engine.commands.base import Command
from engine.commands.context import CommandContext
from engine.identities import accounts, delegations
from engine.identities.accounts import Account
from engine.outcomes import Reason, Rejection

LONGEST_DAYS = 92  # where a security policy written before says nothing about it


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegateRole(Command):
    """Have another person do the work of one's role from a moment to another; `why` is required.

    Asked by who is away. The other signs with their own name and password, and the record says for
    whom; steps that either of them may not do stay refused.
    """

    role: str
    to_username: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndDelegation(Command):
    """Take a delegation back, or give it back, before its time."""

    delegation_id: UUID


def give(context: CommandContext, command: DelegateRole) -> Mapping[str, Any]:
    actor = context.actor
    policy = context.configuration("security_policy").get("delegation", {})
    if actor.account_id is None or command.role not in actor.roles:
        raise Rejection(
            Reason.NOT_ALLOWED,
            {
                "en": f"You do not hold role {command.role} yourself. Only what one holds can be "
                "given to another for a time.",
                "zh": f"您本人不具备角色 {command.role}，只能委托自己持有的角色。",
            },
            expected=", ".join(sorted(actor.roles)),
            found=command.role,
        )
    if command.role in policy.get("never", ()):
        raise Rejection(
            Reason.NOT_ALLOWED,
            {
                "en": f"Role {command.role} is not given to others. Ask the administrator for an "
                "account with that role.",
                "zh": f"角色 {command.role} 不得委托，请由管理员另行授权。",
            },
            found=command.role,
        )
    if not (command.why or "").strip():
        raise Rejection(
            Reason.INVALID_DATA,
            {"en": "Say why you give this work to another.", "zh": "请说明委托原因。"},
        )
    _require_period(context, command, int(policy.get("days", LONGEST_DAYS)))
    other = _other(context, command)
    delegation_id = context.new_id()
    row = {
        "tenant_id": context.tenant_id,
        "delegation_id": delegation_id,
        "role": command.role,
        "from_account_id": actor.account_id,
        "to_account_id": other.account_id,
        "starts_at": command.starts_at,
        "ends_at": command.ends_at,
        "reason": command.why,
        "given_at": context.at,
    }
    delegations.add(context.db, row)
    context.record(
        "security",
        {
            "event": "delegation.given",
            "delegation": delegation_id,
            "role": command.role,
            "from": actor.account_id,
            "to": other.account_id,
            "starts_at": instant_text(command.starts_at),
            "ends_at": instant_text(command.ends_at),
            "reason": command.why,
        },
    )
    return {"delegation_id": str(delegation_id)}


def _require_period(context: CommandContext, command: DelegateRole, days: int) -> None:
    longest = timedelta(days=days)
    starts, ends = command.starts_at, command.ends_at
    if starts < ends and context.at < ends and ends - starts <= longest:
        return
    raise Rejection(
        Reason.INVALID_DATA,
        {
            "en": f"Give a period that has not passed, of at most {days} days.",
            "zh": f"请填写尚未结束的期间，最长 {days} 天。",
        },
        expected=f"≤ {days} d",
        found=f"{instant_text(starts)} – {instant_text(ends)}",
    )


def _other(context: CommandContext, command: DelegateRole) -> Account:
    """Give the person named; refused when it is nobody, oneself, or one who has the role."""
    found = accounts.find_by_username(context.db, context.tenant_id, command.to_username)
    if found is None or not found.active or found.account_id == context.actor.account_id:
        raise Rejection(
            Reason.NOT_FOUND,
            {
                "en": "Name a colleague who has an account here, not yourself.",
                "zh": "请填写在本系统有账户的同事，不能是本人。",
            },
            found=command.to_username,
        )
    if command.role in found.roles:
        raise Rejection(
            Reason.INVALID_STATE,
            {
                "en": f"{found.names['en']} holds role {command.role} already and sees its work.",
                "zh": f"{found.names['zh']}已具备角色 {command.role}，可直接处理其工作。",
            },
            found=command.to_username,
        )
    return found


def take_back(context: CommandContext, command: EndDelegation) -> Mapping[str, Any]:
    found = delegations.find(context.db, context.tenant_id, command.delegation_id)
    mine = found is not None and context.actor.account_id in (
        found.from_account_id,
        found.to_account_id,
    )
    if found is None or not mine:
        raise Rejection(
            Reason.NOT_FOUND,
            {"en": "There is no such delegation of yours.", "zh": "没有与您有关的该项委托。"},
        )
    _end(context, found.delegation_id)
    return {}


def end_all_of(context: CommandContext, account_id: UUID) -> None:
    """End what a person gave and took who leaves."""
    for each in delegations.open_of_account(context.db, context.tenant_id, account_id):
        _end(context, each.delegation_id)


def _end(context: CommandContext, delegation_id: UUID) -> None:
    key = (context.db, context.tenant_id, delegation_id)
    if delegations.end(*key, context.at, context.actor.account_id):
        context.record("security", {"event": "delegation.ended", "delegation": delegation_id})
