"""The node of SpiffWorkflow's task tree, with small whole numbers as ids and nothing copied.

SpiffWorkflow's own task draws a random UUID, reads the wall clock and writes a log record at every
change of state, and copies the data of its parent. None of that is wanted here: ids are local to
the instance, time comes from the host, variables live in the instance's scopes.
"""

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.execution.scopes import CASE

if TYPE_CHECKING:
    from engine.execution.flow_nodes import FlowNode
    from engine.execution.workflow import AnyWorkflow

FUTURE: int = TaskState.FUTURE
WAITING: int = TaskState.WAITING
READY: int = TaskState.READY
STARTED: int = TaskState.STARTED
COMPLETED: int = TaskState.COMPLETED
CANCELLED: int = TaskState.CANCELLED
UNFINISHED: int = TaskState.NOT_FINISHED_MASK
STATES = frozenset({FUTURE, WAITING, READY, STARTED, COMPLETED, CANCELLED})

ROOT = 0
"""The id of every scope's root; task refs count from 1."""

NO_PARENT = -1


class TreeTask(Task):  # type: ignore[misc]  # untyped library
    """One pass of a token through a flow node.

    `visit` counts the passes through the node, 0 before it is entered; `item_index` the instances
    of a multi-instance activity from 0, -1 elsewhere; `scope` owns the variables it sees.
    """

    def __init__(
        self,
        workflow: "AnyWorkflow",
        task_spec: "FlowNode",
        parent: "TreeTask | None" = None,
        state: int = FUTURE,
        id: int | None = None,  # noqa: A002 - SpiffWorkflow's name
    ) -> None:
        self.id: int = workflow.top_workflow.next_ref() if id is None else id
        self.workflow: AnyWorkflow = workflow
        self.task_spec: FlowNode = task_spec
        self._parent = NO_PARENT
        self._children: list[int] = []
        self._state = state
        self.triggered = False
        self.internal_data: dict[str, Any] = {}
        self.visit = 0
        self.item_index = -1
        self.scope = CASE
        workflow.tasks[self.id] = self
        if parent is not None:
            self._parent = parent.id
            self.scope = parent.scope
            parent._children.append(self.id)  # noqa: SLF001 - the same class

    @property
    def data(self) -> dict[str, Any]:
        """SpiffWorkflow reads this here and there; variables are never kept in tasks."""
        return {}

    @property
    def is_open(self) -> bool:
        """Whether it waits for a person."""
        return self._state == READY and bool(self.task_spec.manual)

    def _add_child(self, task_spec: "FlowNode", state: int = FUTURE) -> "TreeTask":
        return TreeTask(self.workflow, task_spec, self, state)

    def _set_state(self, value: int) -> None:
        self._state = value

    def _inherit_data(self) -> None:
        """Variables are in scopes; there is nothing to inherit."""

    def _ready(self) -> None:
        self._state = READY
        self.task_spec._on_ready(self)  # noqa: SLF001 - SpiffWorkflow's protocol

    def run(self) -> bool | None:
        """Run the task; it completes unless its own run put an end to it (terminate, error)."""
        result: bool | None = self.task_spec._run(self)  # noqa: SLF001
        if self._state == READY:
            self.complete()
        return result

    def cancel(self) -> None:
        """Cancel this task and everything below it that has not finished."""
        if not self._state & UNFINISHED:
            return
        self._state = CANCELLED
        for child in self.children:
            child.cancel()
        self.task_spec._on_cancel(self)  # noqa: SLF001
