"""What an event waits for or throws: read from the diagram once, never changed."""

import msgspec

from engine.execution.expressions import Expression
from engine.execution.timers import TimerKind


class Message(msgspec.Struct, frozen=True):
    """A message by its name, and the correlation that tells messages of that name apart."""

    name: str
    correlation: Expression | None


class Signal(msgspec.Struct, frozen=True):
    """A signal by its name; it reaches everyone who waits for it."""

    name: str


class TimerTrigger(msgspec.Struct, frozen=True):
    """A date, duration or cycle: ISO text written out (`literal`) or FEEL."""

    kind: TimerKind
    literal: str
    expression: Expression | None


class Condition(msgspec.Struct, frozen=True):
    """A FEEL condition over the variables."""

    expression: Expression


class Error(msgspec.Struct, frozen=True):
    """An error by its code; a boundary event without a code catches every error."""

    code: str | None


class Escalation(msgspec.Struct, frozen=True):
    """An escalation by its code; a boundary event without a code catches every escalation."""

    code: str | None


class Terminate(msgspec.Struct, frozen=True):
    """Ends everything in its scope."""


Trigger = Message | Signal | TimerTrigger | Condition | Error | Escalation | Terminate
