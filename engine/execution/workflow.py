"""A running instance: SpiffWorkflow's workflow, driven by an agenda instead of tree scans.

SpiffWorkflow looks at every task of the tree, again and again, for one that is ready. Here a task
that becomes ready puts itself on the agenda, so a step costs what it does, not what is there.
"""

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow

from engine.execution.errors import NestingTooDeep, NothingCanContinue, StepBudgetExceeded
from engine.execution.expressions import NoScripts
from engine.execution.gateways import InclusiveGateway
from engine.execution.pruning import prune
from engine.execution.scopes import Variables
from engine.execution.tree_task import (
    COMPLETED,
    FUTURE,
    READY,
    ROOT,
    UNFINISHED,
    WAITING,
    TreeTask,
)

if TYPE_CHECKING:
    from datetime import datetime

    from engine.execution.flow_nodes import FlowNode
    from engine.execution.host import Host
    from engine.execution.program import Prepared, Program
    from engine.execution.views import Thrown

STEP_BUDGET = 10_000
"""Automatic tasks in one command; a process that needs more never comes to rest."""

MAX_NESTING = 50
_PRUNE_ABOVE = 200
_NO_SCRIPTS = NoScripts()


class ScopeWorkflow:
    """What the tree of a process and that of a sub-process have in common."""

    tasks: dict[int, TreeTask]
    task_tree: TreeTask
    prepared: "Prepared"
    completed: bool
    scope_name: str
    top_workflow: "InstanceWorkflow"

    def plant(self, scope: int) -> None:
        """Make the root of the tree, completed; its children come with `begin`."""
        start = self.spec.start  # type: ignore[attr-defined]  # set by SpiffWorkflow
        self.task_tree = TreeTask(self, start, None, COMPLETED, ROOT)  # type: ignore[arg-type]
        self.task_tree.scope = scope

    def begin(self, start_event: str | None = None) -> None:
        """Put a token on the start event; a sub-process has only one."""
        start: FlowNode = self.task_tree.task_spec
        for node in start.targets:
            if start_event in (None, node.name):
                child = self.task_tree._add_child(node, FUTURE)  # noqa: SLF001
                self.top_workflow.agenda.appendleft(child)

    def terminate(self, by: TreeTask) -> None:
        """Cancel everything in this scope but the terminate end event itself."""
        for task in list(self.tasks.values()):
            if task is not by and task._state & UNFINISHED:  # noqa: SLF001
                task.cancel()

    def _task_completed_notify(self, task: TreeTask) -> None:
        del task
        if self.completed:
            return
        if self.prepared.has_inclusive:
            self._look_at_inclusive_joins()
        for task in self.tasks.values():
            if task._state & UNFINISHED:  # noqa: SLF001
                return
        self.completed = True
        self.scope_finished()

    def scope_finished(self) -> None:
        """Hear that no token is left."""

    def _look_at_inclusive_joins(self) -> None:
        """Ask waiting inclusive joins again: the token they waited for may have gone elsewhere."""
        waiting = [
            task
            for task in self.tasks.values()
            if task._state == WAITING and isinstance(task.task_spec, InclusiveGateway)  # noqa: SLF001
        ]
        for task in waiting:
            if task.id in self.tasks and task._state == WAITING:  # noqa: SLF001
                task.task_spec._update(task)  # noqa: SLF001


class InnerWorkflow(ScopeWorkflow, BpmnSubWorkflow):  # type: ignore[misc]  # untyped library
    """The tree of an embedded sub-process or a called process."""

    def __init__(self, prepared: "Prepared", name: str, task: TreeTask) -> None:
        self.prepared = prepared
        self.scope_name = name
        self.parent_task = task
        self.nesting: int = task.workflow.nesting + 1
        super().__init__(
            prepared.scopes[name], task.id, task.workflow.top_workflow, deserializing=True
        )

    def _calculate_depth(self) -> int:
        return self.nesting

    def scope_finished(self) -> None:
        self.parent_task.task_spec.inner_finished(self.parent_task)


class InstanceWorkflow(ScopeWorkflow, BpmnWorkflow):  # type: ignore[misc]  # untyped library
    """The tree of a process instance, and all that belongs to the instance as a whole."""

    parent_task: None = None
    nesting = 0

    def __init__(self, program: "Program", variables: Variables, host: "Host") -> None:
        self.program = program
        self.prepared = program.prepared
        self.scope_name = program.process_id
        self.variables = variables
        self.host = host
        self.time: datetime = host.now()
        self.agenda: deque[TreeTask] = deque()
        self.thrown: list[Thrown] = []
        self.visits: dict[str, list[int]] = {}
        self.last_ref = ROOT
        self.cancelled = False
        super().__init__(
            self.prepared.scopes[self.scope_name], script_engine=_NO_SCRIPTS, deserializing=True
        )

    def next_ref(self) -> int:
        """Give a task ref that was never used in this instance."""
        self.last_ref += 1
        return self.last_ref

    def count_visit(self, process_id: str, position: int) -> int:
        """Count a visit of a flow node, from 1."""
        visits = self.visits.setdefault(process_id, [])
        if position >= len(visits):
            visits.extend([0] * (position + 1 - len(visits)))
        visits[position] += 1
        return visits[position]

    def node_left(self, node: "FlowNode", visit: int) -> None:
        """Tell the host that a flow node was left."""
        called = node.process_id != self.program.process_id
        name = f"{node.process_id}/{node.bpmn_id}" if called else node.bpmn_id
        self.host.activity_completed(name, visit)

    def start_inner(self, task: TreeTask, prepared: "Prepared", name: str) -> InnerWorkflow:
        """Make the tree of an inner scope below its activity's task."""
        inner = InnerWorkflow(prepared, name, task)
        if inner.nesting > MAX_NESTING:
            raise NestingTooDeep(f"{name!r} is nested more than {MAX_NESTING} deep.")
        inner.plant(task.scope)
        self.subprocesses[task.id] = inner
        return inner

    def drop_inner(self, task: TreeTask) -> None:
        """Cancel and forget the inner scope of an activity."""
        inner = self.subprocesses.pop(task.id, None)
        if inner is not None:
            inner.completed = True
            for below in list(inner.tasks.values()):
                below.cancel()

    def all_tasks(self) -> Iterator[TreeTask]:
        """Give every task of the instance, those of inner scopes included."""
        yield from self.tasks.values()
        for inner in self.subprocesses.values():
            yield from inner.tasks.values()

    def find(self, task_ref: int) -> TreeTask | None:
        """Give the task of a ref; None when there is none (any more)."""
        if task_ref == ROOT:
            return None
        if task_ref in self.tasks:
            return self.tasks[task_ref]
        for inner in self.subprocesses.values():
            if task_ref in inner.tasks:
                found: TreeTask = inner.tasks[task_ref]
                return found
        return None

    def run_agenda(self) -> None:
        """Run automatic tasks until the instance rests; StepBudgetExceeded when it never does."""
        budget, prune_at = STEP_BUDGET, _PRUNE_ABOVE
        self.look_at_conditions()
        while self.agenda:
            task = self.agenda.popleft()
            if task.id not in task.workflow.tasks:
                continue  # consumed by a join
            if task._state == FUTURE:  # noqa: SLF001
                task.task_spec._update(task)  # noqa: SLF001
                self.look_at_conditions()
                continue
            if task._state != READY:  # noqa: SLF001
                continue  # cancelled by one that ran before
            budget -= 1
            if budget < 0:
                raise StepBudgetExceeded(
                    f"More than {STEP_BUDGET} automatic steps in one command, "
                    f"at last {task.task_spec.bpmn_id!r}."
                )
            task.run()
            self.look_at_conditions()
            if len(self.tasks) > prune_at:
                prune(self)
                prune_at = 2 * len(self.tasks) + _PRUNE_ABOVE

    def look_at_conditions(self) -> None:
        """Fire the conditional events whose condition has turned true."""
        if self.program.has_conditional:
            for task in self.waiting():
                if task.task_spec.is_waiting(task):
                    task.task_spec.look(task)

    def waiting(self) -> list[TreeTask]:
        """Give the events that are waited for, the one that has waited longest first."""
        found = [task for task in self.all_tasks() if task.task_spec.is_waiting(task)]
        return sorted(found, key=lambda task: task.id)

    def require_rest(self) -> None:
        """Refuse a rest that nobody can end: a deadlock in the diagram."""
        if self.completed:
            return
        if not any(task.is_open or task.task_spec.can_be_woken(task) for task in self.all_tasks()):
            stuck = sorted(
                {
                    str(task.task_spec.bpmn_id)
                    for task in self.all_tasks()
                    if task._state == WAITING  # noqa: SLF001
                }
            )
            raise NothingCanContinue(
                f"The instance can never finish: {', '.join(stuck)} waits for a token that can "
                "no longer arrive."
            )

    def cancel_all(self) -> None:
        """Cancel the instance."""
        for task in list(self.tasks.values()):
            task.cancel()
        self.completed = True
        self.cancelled = True


AnyWorkflow = InstanceWorkflow | InnerWorkflow
