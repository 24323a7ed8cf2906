"""Fire a timer that is due."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.commands import instance as instances
from engine.commands.base import Command
from engine.commands.context import CommandContext


@dataclass(frozen=True, slots=True, kw_only=True)
class FireTimers(Command):
    """Fire the timers of an instance that are due by now, a missed hour's included; with
    `task_ref` that one alone, so that one that fails holds up no other."""

    process_instance_id: UUID
    task_ref: int | None = None


def fire(context: CommandContext, command: FireTimers) -> Mapping[str, Any]:
    found = instances.load(context, command.process_instance_id)
    if found.status != "running":
        return {"fired": 0}
    due = [
        timer
        for timer in found.runtime.timers()
        if timer.due_at <= context.at and command.task_ref in (None, timer.task_ref)
    ]
    for timer in due:
        event = {"event": "timer.fired", "task_ref": timer.task_ref}
        found.record({**event, "activity": timer.activity_id})
    if due:
        found.runtime.fire_timers(context.at, only=command.task_ref)
        instances.settle(context, found)
    return {"fired": len(due)}
