"""How errors and escalations find the boundary event that catches them.

From the activity where it happened outwards: the activity's own boundary, then that of each
enclosing sub-process or call activity. At each, the event with the same code comes before one that
catches all.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.execution.errors import UncaughtError
from engine.execution.flow_nodes import BoundaryGroup
from engine.execution.triggers import Error, Escalation

if TYPE_CHECKING:
    from engine.execution.tree_task import TreeTask


def throw_error(task: "TreeTask", code: str, cause: Exception | None = None) -> None:
    """Throw a BPMN error from `task`; UncaughtError when no boundary event catches it."""
    catcher = _catcher(task, Error, code)
    if catcher is None:
        raise UncaughtError(code, task.task_spec.bpmn_id) from cause
    payload = None
    if catcher.task_spec.activity.result:
        payload = {"code": code, "message": str(cause) if cause else ""}
    catcher.task_spec.fire(catcher, payload)


def escalate(task: "TreeTask", code: str, payload: Mapping[str, Any]) -> bool:
    """Escalate from `task`; False when nobody catches it (the token goes on all the same)."""
    catcher = _catcher(task, Escalation, code)
    if catcher is None:
        return False
    catcher.task_spec.fire(catcher, payload)
    return True


def _catcher(
    task: "TreeTask", kind: type[Error] | type[Escalation], code: str
) -> "TreeTask | None":
    for activity in _outwards(task):
        group = activity.parent
        if group is None or not isinstance(group.task_spec, BoundaryGroup):
            continue
        if activity.task_spec.name != group.task_spec.main:
            continue  # what a boundary event started is outside the activity
        catching = [
            event
            for event in group.task_spec.armed(group)
            if isinstance(event.task_spec.trigger, kind)
            and event.task_spec.trigger.code in (code, None)
        ]
        if catching:
            return min(catching, key=lambda event: event.task_spec.trigger.code is None)
    return None


def _outwards(task: "TreeTask") -> "Iterator[TreeTask]":
    """Give the activity instances around a task: itself, its loop, what is around it."""
    place: TreeTask | None = task
    while place is not None:
        yield place
        if place.parent is not None and place.task_spec.is_instance_of(place.parent):
            place = place.parent
        else:
            place = place.workflow.parent_task
