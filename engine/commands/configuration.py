"""Set up a tenant; change a configuration document, on the record, with old, new and reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert

from engine.commands.base import Command
from engine.commands.context import CommandContext
from engine.configuration.documents import exact, write_document
from engine.outcomes import Reason, Rejection
from engine.store.tables import tenant

_NEW_TENANT = insert(tenant)

LONGEST_IDLE_MINUTES = 15
"""How long a session may stand unused at most: beyond it, nobody can say that the same person is
still there, and what is signed is no continuous period of controlled access (21 CFR 11.200)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeConfiguration(Command):
    """Put a new version of a document in force; `why` is required."""

    key: str
    document: Any
    extra: Mapping[str, Any] = field(default_factory=dict)


def change(context: CommandContext, command: ChangeConfiguration) -> Mapping[str, Any]:
    if not (command.why or "").strip():
        raise Rejection(
            Reason.INVALID_DATA,
            {
                "en": "Say why the configuration is changed.",
                "zh": "请填写更改配置的原因。",
            },
            expected="a reason",
        )
    if command.key == "security_policy":
        _require_short_sessions(command.document)
    version, old = write_document(
        context.db,
        tenant_id=context.tenant_id,
        key=command.key,
        document=command.document,
        at=context.at,
        by=context.actor.account_id,
        reason=command.why,
    )
    context.record(
        "configuration",
        {
            "event": "configuration.changed",
            "key": command.key,
            "version": version,
            "old": exact(old),
            "new": exact(command.document),
        },
    )
    return {"version": version}


def _require_short_sessions(policy: Any) -> None:
    minutes = policy.get("session_idle_minutes") if isinstance(policy, Mapping) else None
    if type(minutes) is int and 1 <= minutes <= LONGEST_IDLE_MINUTES:
        return
    raise Rejection(
        Reason.INVALID_DATA,
        {
            "en": "Let a session that nobody uses end after 1 to "
            f"{LONGEST_IDLE_MINUTES} minutes: set session_idle_minutes to a whole number "
            "within these limits.",
            "zh": f"无操作会话须在 1 至 {LONGEST_IDLE_MINUTES} 分钟内结束，"
            "请将 session_idle_minutes 设为该范围内的整数。",
        },
        expected=f"1 to {LONGEST_IDLE_MINUTES} minutes",
        found=repr(minutes),
    )


def create_tenant(db: Any, tenant_id: str, name: str, zone: str, at: Any) -> None:
    """Write the tenant's row; what comes after it comes through the door."""
    row = {
        "tenant_id": tenant_id,
        "name": name,
        "zone": zone,
        "configuration_revision": 0,
        "created_at": at,
    }
    db.execute(_NEW_TENANT, row)
