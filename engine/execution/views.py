"""What a running instance shows to the engine around it: plain values, no SpiffWorkflow.

A `task_ref` is a whole number, local to its instance and never used twice in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenActivity:
    """A task that waits for a person.

    `visit` counts the passes through this activity in this instance, from 1. `item_index` counts
    the instances of a multi-instance activity (or the rounds of a loop) from 0; None elsewhere.
    `locals` are the variables that only this pass sees (a multi-instance element, the variables of
    a called process); they hide the variables of the same name. `process_id` is the process whose
    diagram holds the activity: a called process's own id inside a call activity.
    """

    task_ref: int
    process_id: str
    activity_id: str
    visit: int
    item_index: int | None
    locals: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A timer that waits; `due_at` is the absolute time in UTC at which it fires."""

    task_ref: int
    process_id: str
    activity_id: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A message or signal that is waited for; deliver it by `task_ref`.

    `correlation` is the value as text that a message must carry, None where the diagram gives
    none; signals have none.
    """

    task_ref: int
    process_id: str
    activity_id: str
    kind: Literal["message", "signal"]
    name: str
    correlation: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thrown:
    """A message, signal or uncaught escalation that leaves the instance.

    A signal has already reached the catch events of its own instance: deliver it to others only.
    A message has not. An escalation is here because nobody in the diagram caught it.
    """

    kind: Literal["message", "signal", "escalation"]
    name: str
    activity_id: str
    correlation: str | None
    payload: Mapping[str, Any]
