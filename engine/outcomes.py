"""What a command is answered: Accepted, or Rejected with reason, what was expected and found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from engine.problems import Text


class Reason(StrEnum):
    """Why a command was refused; the screens and the table of HTTP errors speak these words."""

    NOT_FOUND = "not_found"
    NOT_ALLOWED = "not_allowed"
    NOT_YOURS = "not_yours"
    ALREADY_COMPLETED = "already_completed"
    STALE = "stale"
    INVALID_DATA = "invalid_data"
    INVALID_STATE = "invalid_state"
    SIGNATURE_REQUIRED = "signature_required"
    SIGNATURE_REFUSED = "signature_refused"
    SIGNING_LOCKED = "signing_locked"
    RECORD_DIFFERS = "record_differs"
    SEGREGATION_OF_DUTIES = "segregation_of_duties"
    NOT_QUALIFIED = "not_qualified"
    ID_REUSED = "id_reused"
    TOO_LARGE = "too_large"
    DEFINITION_REFUSED = "definition_refused"
    INCIDENT = "incident"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """What is wrong with one field of what was sent; `path` is a JSON pointer."""

    path: str
    code: str
    message: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The command was carried out; `result` says what came of it (ids, next work)."""

    command_id: UUID
    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The command changed nothing; `message` tells the person what to do."""

    command_id: UUID
    reason: Reason
    message: Text
    expected: str | None = None
    found: str | None = None
    errors: tuple[FieldProblem, ...] = ()
    incident_id: UUID | None = None


Outcome = Accepted | Rejected

Consequence = Callable[[Any], None]
"""What a refusal itself leaves on the record (a wrong password is counted); takes the context of
the small transaction that follows the rollback."""


class Rejection(Exception):
    """Raised inside a command to refuse it: everything is rolled back, the answer is Rejected."""

    def __init__(
        self,
        reason: Reason,
        message: Text,
        *,
        expected: str | None = None,
        found: str | None = None,
        errors: tuple[FieldProblem, ...] = (),
        consequence: Consequence | None = None,
    ) -> None:
        super().__init__(message["en"])
        self.reason = reason
        self.message = message
        self.expected = expected
        self.found = found
        self.errors = errors
        self.consequence = consequence


class ActorChanged(Exception):
    """The account was closed, locked or changed since it was read: read it again, then ask again.

    Nothing happened, and no answer is kept.
    """


class ConcurrentChange(Exception):
    """Someone else changed the same instance first; the dispatcher tries the command again."""
