"""Events: what waits (catch, boundary, receive task) and what is thrown (throw, end, send task).

A catch event waits as a task of its own. Whoever brings what it waits for (the runtime with a
message or the time, a throw event with a signal, an error from inside) calls `fire`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.definitions.model import Activity
from engine.execution.expressions import Expression, correlation_text, document_value
from engine.execution.flow_nodes import BoundaryGroup, FlowNode
from engine.execution.gateways import EventBasedGateway
from engine.execution.propagation import escalate, throw_error
from engine.execution.timers import (
    UNBOUNDED,
    Schedule,
    following,
    from_stored,
    schedule,
    to_stored,
)
from engine.execution.tree_task import READY, WAITING, TreeTask
from engine.execution.triggers import (
    Condition,
    Error,
    Escalation,
    Message,
    Signal,
    Terminate,
    TimerTrigger,
    Trigger,
)
from engine.execution.views import Thrown
from engine.working_time import working_days

if TYPE_CHECKING:
    from SpiffWorkflow.bpmn.specs import BpmnProcessSpec

DUE, REPEATS, EVERY, CORRELATION, WAS_TRUE = "d", "r", "e", "c", "t"
"""Keys of what a waiting event keeps; short, because they are in every saved instance."""


class CatchEvent(FlowNode):
    """An intermediate catch event or a receive task."""

    def __init__(
        self, scope: "BpmnProcessSpec", activity: Activity, trigger: Trigger, name: str = ""
    ) -> None:
        super().__init__(scope, activity, name)
        self.trigger = trigger

    def _update_hook(self, my_task: TreeTask) -> bool:
        self.enter(my_task)
        self.arm(my_task)
        return False

    def arm(self, task: TreeTask) -> None:
        """Begin to wait: a timer gets its absolute due time, a message its correlation."""
        task._set_state(WAITING)  # noqa: SLF001
        kept = task.internal_data
        match self.trigger:
            case TimerTrigger():
                set_schedule(task, self._schedule(task))
            case Message(correlation=Expression() as correlation):
                kept[CORRELATION] = correlation_text(correlation, task)
            case _:
                pass

    def is_waiting(self, my_task: TreeTask) -> bool:
        return my_task._state == WAITING  # noqa: SLF001

    def can_be_woken(self, my_task: TreeTask) -> bool:
        outside = isinstance(self.trigger, Message | Signal | TimerTrigger)
        return outside and self.is_waiting(my_task)

    def fire(self, task: TreeTask, payload: Mapping[str, Any] | None = None) -> None:
        """Let what the task waits for happen: take the payload and pass the token on."""
        task.internal_data = {}
        task._set_state(READY)  # noqa: SLF001
        task.workflow.top_workflow.agenda.append(task)  # after the token that is moving
        parent = task.parent
        if isinstance(parent.task_spec, EventBasedGateway):
            parent.task_spec.disarm(parent)
        if payload is not None:
            assign_result(task, payload)

    def look(self, task: TreeTask) -> None:
        """Fire a conditional event whose condition has turned true since it was last looked at."""
        if not isinstance(self.trigger, Condition):
            return
        was_true = bool(task.internal_data.get(WAS_TRUE))
        is_true = self.trigger.expression.is_true(task)
        if is_true and not was_true:
            task.internal_data[WAS_TRUE] = 1
            self.fire(task)
        elif was_true and not is_true:
            del task.internal_data[WAS_TRUE]

    def _schedule(self, task: TreeTask) -> Schedule:
        assert isinstance(self.trigger, TimerTrigger)
        value: Any = self.trigger.literal
        if self.trigger.expression is not None:
            value = document_value(self.trigger.expression.value(task))
        limit = working_days(value) if self.trigger.kind == "timeDuration" else None
        if limit is not None:
            return Schedule(task.workflow.top_workflow.host.after_working_days(limit))
        return schedule(self.trigger.kind, value, task.workflow.top_workflow.host.now())


class BoundaryEvent(CatchEvent):
    """A boundary event; one that does not interrupt stays armed for the next time."""

    def __init__(
        self, scope: "BpmnProcessSpec", activity: Activity, trigger: Trigger, *, interrupts: bool
    ) -> None:
        super().__init__(scope, activity, trigger)
        self.interrupts = interrupts

    def enter(self, task: TreeTask) -> None:
        """Count the visit when it fires: waiting beside an activity is no visit."""

    def fire(self, task: TreeTask, payload: Mapping[str, Any] | None = None) -> None:
        group = task.parent
        assert isinstance(group.task_spec, BoundaryGroup)
        super().enter(task)
        kept = task.internal_data
        super().fire(task, payload)
        if self.interrupts:
            group.task_spec.interrupt(group)
        else:
            self._stay_armed(group, kept)

    def _stay_armed(self, group: TreeTask, kept: dict[str, Any]) -> None:
        if isinstance(self.trigger, TimerTrigger) and not kept.get(REPEATS):
            return
        again = group._add_child(self, WAITING)  # noqa: SLF001
        again.internal_data = kept
        if isinstance(self.trigger, TimerTrigger):
            _advance(again)


class ThrowEvent(FlowNode):
    """An intermediate throw event, an end event or a send task."""

    def __init__(
        self,
        scope: "BpmnProcessSpec",
        activity: Activity,
        trigger: Trigger | None,
        payload: Mapping[str, Expression],
        name: str = "",
    ) -> None:
        super().__init__(scope, activity, name)
        self.trigger = trigger
        self.payload = payload

    def _run_hook(self, my_task: TreeTask) -> bool:
        top = my_task.workflow.top_workflow
        match self.trigger:
            case Message(name=name, correlation=correlation):
                text = correlation_text(correlation, my_task) if correlation else None
                top.thrown.append(self._thrown("message", name, text, my_task))
            case Signal(name=name):
                thrown = self._thrown("signal", name, None, my_task)
                top.thrown.append(thrown)
                broadcast(my_task, name, thrown.payload)
            case Escalation(code=code):
                payload = evaluated(self.payload, my_task)
                if not escalate(my_task, code or "", payload):
                    top.thrown.append(self._thrown("escalation", code or "", None, my_task))
            case Error(code=code):
                self.leave(my_task)  # its scope is about to be cancelled, and it with it
                throw_error(my_task, code or "")
            case Terminate():
                my_task.workflow.terminate(my_task)
            case _:
                pass
        return True

    def _thrown(self, kind: Any, name: str, correlation: str | None, task: TreeTask) -> Thrown:
        return Thrown(
            kind=kind,
            name=name,
            activity_id=self.bpmn_id,
            correlation=correlation,
            payload=evaluated(self.payload, task),
        )


def evaluated(inputs: Mapping[str, Expression], task: TreeTask) -> dict[str, Any]:
    """Evaluate inputs or a payload, name by name."""
    return {name: document_value(expression.value(task)) for name, expression in inputs.items()}


def assign_result(task: TreeTask, values: Mapping[str, Any]) -> None:
    """Put values into the variables: under the activity's result name, else each by its name."""
    variables = task.workflow.top_workflow.variables
    result = task.task_spec.activity.result
    for name, value in {result: dict(values)}.items() if result else values.items():
        variables.assign(task.scope, name, value)


def broadcast(source: TreeTask, name: str, payload: Mapping[str, Any]) -> None:
    """Let every catch event of the instance that waits for a signal at this moment fire."""
    waiting = [
        task
        for task in source.workflow.top_workflow.waiting()
        if isinstance(task.task_spec.trigger, Signal) and task.task_spec.trigger.name == name
    ]
    for task in waiting:
        if task.task_spec.is_waiting(task):  # not disarmed by one that came before
            task.task_spec.fire(task, payload)


def set_schedule(task: TreeTask, times: Schedule) -> None:
    """Keep when a timer is due, and how often and after what time again."""
    task.internal_data[DUE] = to_stored(times.due_at)
    if times.repeats:
        task.internal_data[REPEATS] = times.repeats
        task.internal_data[EVERY] = times.every


def due_at(task: TreeTask) -> datetime | None:
    """Give when a waiting task's timer is due; None when it waits for something else."""
    stored = task.internal_data.get(DUE) if task._state == WAITING else None  # noqa: SLF001
    return None if stored is None else from_stored(stored)


def _advance(task: TreeTask) -> None:
    """Set a repeating timer to its next occurrence.

    Every occurrence of a bounded repetition takes place, also those missed while nobody looked;
    of an unbounded one, those missed count as the one that just fired.
    """
    kept = task.internal_data
    left, every = kept[REPEATS], kept[EVERY]
    due = following(from_stored(kept[DUE]), every)
    if left == UNBOUNDED:
        now = task.workflow.top_workflow.time
        while due <= now:
            due = following(due, every)
    set_schedule(task, Schedule(due, left if left == UNBOUNDED else left - 1, every))
    if left - 1 == 0:
        kept.pop(REPEATS, None)
        kept.pop(EVERY, None)
