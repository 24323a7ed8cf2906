"""One process instance in memory, for the length of a command: start or restore, step, save.

An exception from any step leaves the runtime unusable and the saved state as it was: drop the one
and roll back to the other. There is no cache of living instances; restoring costs less than the
question whether a cached one is still the truth.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Self

from engine.execution.codec import decode, encode
from engine.execution.errors import InstanceFinished, NotWaiting, TaskNotOpen
from engine.execution.events import CORRELATION, CatchEvent, assign_result, due_at
from engine.execution.program import Program
from engine.execution.pruning import prune
from engine.execution.scopes import CASE, Variables
from engine.execution.tree_task import TreeTask
from engine.execution.triggers import Message, Signal
from engine.execution.views import OpenActivity, Subscription, Thrown, Timer
from engine.execution.workflow import InstanceWorkflow

if TYPE_CHECKING:
    from engine.execution.host import Host


class Runtime:
    """A process instance; made by `start` or `restore`."""

    __slots__ = ("_top",)

    def __init__(self, top: InstanceWorkflow) -> None:
        self._top = top

    @classmethod
    def start(
        cls,
        program: Program,
        variables: Mapping[str, Any],
        host: "Host",
        *,
        start_event: str | None = None,
        payload: Mapping[str, Any] | None = None,
    ) -> Self:
        """Start an instance and run it to its first rest.

        `start_event` is needed where several could be meant (UnknownStartEvent). `payload` is that
        of a message that starts it: it goes where the start event says (its cs:result), else each
        value into the variable of its name, like `variables`.
        """
        top = InstanceWorkflow(program, Variables(dict(variables)), host)
        top.plant(CASE)
        top.begin(program.prepared.start_event(start_event))
        if payload is not None:
            assign_result(top.tasks[top.last_ref], payload)
        runtime = cls(top)
        runtime._run()
        return runtime

    @classmethod
    def restore(
        cls, program: Program, state: bytes, variables: Mapping[str, Any], host: "Host"
    ) -> Self:
        """Load a saved instance; StateUnreadable when it is damaged or not of this program."""
        return cls(decode(state, program, dict(variables), host))

    @property
    def host(self) -> "Host":
        return self._top.host

    @property
    def top(self) -> InstanceWorkflow:
        """The running instance itself, for this package alone."""
        return self._top

    @property
    def variables(self) -> dict[str, Any]:
        """The case document. Local variables are part of the saved state, not of it."""
        return self._top.variables.document

    @property
    def finished(self) -> Literal["completed", "cancelled"] | None:
        """How the instance ended; None while it runs."""
        if not self._top.completed:
            return None
        return "cancelled" if self._top.cancelled else "completed"

    def open_activities(self) -> list[OpenActivity]:
        """Give what waits for people, in the order in which it opened."""
        found = [task for task in self._top.all_tasks() if task.is_open]
        return [self._open_activity(task) for task in sorted(found, key=_ref)]

    def visited(self, process_id: str, activity_id: str) -> bool:
        """Tell whether an activity, be it of a called process, was ever entered here."""
        return self.visits(process_id, activity_id) > 0

    def visits(self, process_id: str, activity_id: str) -> int:
        """Tell how often an activity, be it of a called process, was entered here."""
        visits = self._top.visits.get(process_id, [])
        program = self._top.program
        position = program.called_process(process_id).positions[activity_id]
        return visits[position] if position < len(visits) else 0

    def variables_of(self, task_ref: int) -> Mapping[str, Any]:
        """Give all variables that an open task sees: its locals first, then the case document.

        In a called process with inputs of its own the case document is not among them.
        """
        task = self._top.find(task_ref)
        if task is None or not task.is_open:
            raise TaskNotOpen(f"Task {task_ref} is not open; reload the worklist.")
        return self._top.variables.seen_from(task.scope)

    def timers(self) -> list[Timer]:
        """Give the timers that wait, the next one first."""
        due = [
            Timer(
                task_ref=task.id,
                process_id=task.task_spec.process_id,
                activity_id=task.task_spec.bpmn_id,
                due_at=at,
            )
            for task in self._top.all_tasks()
            if (at := due_at(task)) is not None
        ]
        return sorted(due, key=lambda timer: (timer.due_at, timer.task_ref))

    def subscriptions(self) -> list[Subscription]:
        """Give the messages and signals that are waited for."""
        return [
            self._subscription(task)
            for task in sorted(self._top.all_tasks(), key=_ref)
            if _takes_messages(task)
        ]

    def complete(self, task_ref: int, data: Mapping[str, Any]) -> None:
        """Complete an open task with what the person entered, and run to the next rest.

        TaskNotOpen for a task that is not open, was completed before, or waits for no person.
        """
        self._require_running()
        task = self._top.find(task_ref)
        if task is None or not task.is_open:
            raise TaskNotOpen(f"Task {task_ref} is not open; reload the worklist.")
        assign_result(task, data)
        task.run()
        self._run()

    def deliver(self, task_ref: int, payload: Mapping[str, Any] | None = None) -> None:
        """Deliver a message or signal to the task that waits for it; NotWaiting if none does."""
        self._require_running()
        task = self._top.find(task_ref)
        if task is None or not _takes_messages(task):
            raise NotWaiting(f"Task {task_ref} does not wait for a message or signal.")
        task.task_spec.fire(task, payload or {})
        self._run()

    def fire_timers(self, now: datetime, *, only: int | None = None) -> int:
        """Fire all timers due at `now`, the earliest first, each with what follows from it.

        Gives how many fired. Timers that become due by what follows fire as well. `only` names one
        timer, which fires once if it is due.
        """
        self._require_running()
        self._top.time = now
        if only is not None:
            return self._fire_timer(only, now)
        fired = 0
        while not self._top.completed:
            due = [(at, task.id) for task in self._top.all_tasks() if (at := due_at(task))]
            if not due or min(due)[0] > now:
                break
            task = self._top.find(min(due)[1])
            assert task is not None
            task.task_spec.fire(task)
            self._top.run_agenda()
            fired += 1
        self._top.require_rest()
        return fired

    def _fire_timer(self, task_ref: int, now: datetime) -> int:
        task = self._top.find(task_ref)
        at = None if task is None else due_at(task)
        if task is None or at is None or at > now:
            return 0
        task.task_spec.fire(task)
        self._run()
        return 1

    def cancel(self) -> None:
        """Cancel the instance with everything that is open in it."""
        self._require_running()
        self._top.cancel_all()

    def take_thrown(self) -> list[Thrown]:
        """Give what the instance threw since it was loaded or last asked, in order."""
        thrown, self._top.thrown = self._top.thrown, []
        return thrown

    def save(self) -> bytes:
        """Write the state; the case document is saved apart from it, by the caller."""
        prune(self._top)
        return encode(self._top)

    def _run(self) -> None:
        self._top.run_agenda()
        self._top.require_rest()

    def _require_running(self) -> None:
        if self._top.completed:
            raise InstanceFinished("The instance has ended; nothing more can be done in it.")

    def _open_activity(self, task: TreeTask) -> OpenActivity:
        return OpenActivity(
            task_ref=task.id,
            process_id=task.task_spec.process_id,
            activity_id=task.task_spec.bpmn_id,
            visit=task.visit,
            item_index=None if task.item_index < 0 else task.item_index,
            locals=self._top.variables.locals_of(task.scope),
        )

    def _subscription(self, task: TreeTask) -> Subscription:
        trigger = task.task_spec.trigger
        return Subscription(
            task_ref=task.id,
            process_id=task.task_spec.process_id,
            activity_id=task.task_spec.bpmn_id,
            kind="message" if isinstance(trigger, Message) else "signal",
            name=trigger.name,
            correlation=task.internal_data.get(CORRELATION),
        )


def _ref(task: TreeTask) -> int:
    return task.id


def _takes_messages(task: TreeTask) -> bool:
    node = task.task_spec
    return (
        isinstance(node, CatchEvent)
        and node.is_waiting(task)
        and isinstance(node.trigger, Message | Signal)
    )
