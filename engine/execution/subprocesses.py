"""Embedded sub-processes and call activities: a scope with a tree of its own."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.definitions.model import Activity
from engine.execution.events import evaluated
from engine.execution.expressions import Expression
from engine.execution.flow_nodes import FlowNode
from engine.execution.scopes import Scope
from engine.execution.tree_task import READY, STARTED, TreeTask

if TYPE_CHECKING:
    from SpiffWorkflow.bpmn.specs import BpmnProcessSpec


class SubProcess(FlowNode):
    """Runs an embedded scope; done when nothing is left in it."""

    def __init__(self, scope: "BpmnProcessSpec", activity: Activity, inner: str, name: str) -> None:
        super().__init__(scope, activity, name)
        self.inner = inner

    def _update_hook(self, my_task: TreeTask) -> bool:
        self.enter(my_task)
        my_task._set_state(STARTED)  # noqa: SLF001
        self.begin(my_task)
        return False

    def begin(self, task: TreeTask) -> None:
        """Start the inner scope."""
        task.workflow.top_workflow.start_inner(task, task.workflow.prepared, self.inner).begin()

    def inner_finished(self, my_task: TreeTask) -> None:
        """Hear that the inner scope is done; complete the activity with it, at once."""
        my_task._set_state(READY)  # noqa: SLF001
        my_task.run()

    def _run_hook(self, my_task: TreeTask) -> bool:
        my_task.workflow.top_workflow.drop_inner(my_task)
        return True

    def _on_cancel(self, my_task: TreeTask) -> None:
        my_task.workflow.top_workflow.drop_inner(my_task)


class CallActivity(SubProcess):
    """Runs another process inside this instance.

    With inputs the called process sees only those, keeps its variables to itself, and answers with
    all of them under cs:result. Without inputs it shares the variables of its caller.
    """

    def __init__(
        self,
        scope: "BpmnProcessSpec",
        activity: Activity,
        inner: str,
        inputs: Mapping[str, Expression],
        name: str,
    ) -> None:
        super().__init__(scope, activity, inner, name)
        self.arguments = inputs

    def begin(self, task: TreeTask) -> None:
        top = task.workflow.top_workflow
        called = top.program.called_process(self.inner)
        values = evaluated(self.arguments, task)
        inner = top.start_inner(task, called, called.process_id)
        if self.arguments:
            own = -task.id  # task.id is the key of the scope of a multi-instance element
            top.variables.scopes[own] = Scope(task.scope, values, keeps=True, isolated=True)
            inner.task_tree.scope = own
        inner.begin(called.start_event())

    def inner_finished(self, my_task: TreeTask) -> None:
        variables = my_task.workflow.top_workflow.variables
        scope = variables.scopes.pop(-my_task.id, None)
        if scope is not None and self.activity.result:
            variables.assign(scope.outer, self.activity.result, scope.values)
        super().inner_finished(my_task)
