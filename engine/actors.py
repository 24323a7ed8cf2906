"""Who asks: a person who is signed in, or a named part of the engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

Names = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a person proves a signature with, as it stood when this request was let in."""

    password_hash: str = field(repr=False)
    failed_signatures: int
    signing_locked_at: datetime | None


class AccountState(NamedTuple):
    """What decides of an account whether a person may act, as one reading found it.

    `roles` is written as the account keeps it: sorted codes with a blank between them.
    """

    session_epoch: int
    active: bool
    roles: str
    failed_signatures: int
    signing_locked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The author of a command.

    `account_id` is None for the engine's own actors (timers, messages). `roles` are codes of the
    role catalogue; `zone` is the IANA time zone that the person works in. `credential` comes with
    the session's own reading of the account, so that signing need not read it again. `state` comes
    where that reading is an earlier request's: the door looks whether it still holds
    (`ActorChanged`), in the transaction itself.
    """

    tenant_id: str
    account_id: UUID | None
    username: str
    names: Names
    roles: frozenset[str] = field(default_factory=frozenset)
    zone: str = "UTC"
    credential: Credential | None = field(default=None, repr=False, compare=False)
    state: AccountState | None = field(default=None, repr=False, compare=False)

    @property
    def is_person(self) -> bool:
        return self.account_id is not None


def engine_actor(tenant_id: str, part: str) -> Actor:
    """Give the actor in whose name a part of the engine acts ("timers", "messages")."""
    names = {"en": f"Countersign ({part})", "zh": f"会签系统（{part}）"}
    return Actor(tenant_id=tenant_id, account_id=None, username=f"engine:{part}", names=names)
