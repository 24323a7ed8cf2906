"""Multi-instance activities and standard loops.

The loop activity is a task of its own (`LoopActivity`); below it stands one task per instance, of
the node that does the work (`<id>#each`). What the loop still has to do is kept beside the tree, as
values of the case (decimals keep their digits), not in the tasks.
"""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.definitions.model import Activity
from engine.execution.expressions import Expression, document_value
from engine.execution.flow_nodes import FlowNode
from engine.execution.scopes import Progress, Scope
from engine.execution.tree_task import READY, STARTED, UNFINISHED, TreeTask

if TYPE_CHECKING:
    from SpiffWorkflow.bpmn.specs import BpmnProcessSpec

EACH = "#each"
LOOP_COUNTER = "loopCounter"
MAX_INSTANCES = 10_000


class LoopActivity(FlowNode):
    """Runs instances of an activity; subclasses say how many, and one after another or at once."""

    def __init__(self, scope: "BpmnProcessSpec", activity: Activity) -> None:
        super().__init__(scope, activity)
        self.instance_node = activity.id + EACH

    def start_instance(self, task: TreeTask, index: int, scope: Scope) -> None:
        """Make the task of one instance; its scope has the element and the counter from 1."""
        child = task._add_child(self._wf_spec.task_specs[self.instance_node])  # noqa: SLF001
        child.item_index = index
        child.visit = task.visit
        scope.values[LOOP_COUNTER] = index + 1
        task.workflow.top_workflow.variables.scopes[child.id] = scope
        child.scope = child.id
        task.workflow.top_workflow.agenda.append(child)

    def child_completed(self, my_task: TreeTask, child: TreeTask) -> None:
        if not child.task_spec.is_instance_of(my_task):
            return  # what comes after the loop
        variables = my_task.workflow.top_workflow.variables
        self.instance_completed(my_task, child, variables.progress[my_task.id])
        variables.scopes.pop(child.id, None)

    def instance_completed(self, task: TreeTask, child: TreeTask, progress: Progress) -> None:
        """Take the result of an instance and go on or end."""
        raise NotImplementedError

    def begin(self, task: TreeTask, progress: Progress) -> None:
        """Keep the progress and show the activity as under way."""
        task._set_state(STARTED)  # noqa: SLF001
        task.workflow.top_workflow.variables.progress[task.id] = progress

    def end(self, task: TreeTask) -> None:
        """Complete the activity, at once: nothing comes between it and its last instance."""
        task._set_state(READY)  # noqa: SLF001
        task.run()

    def _run_hook(self, my_task: TreeTask) -> bool:
        my_task.workflow.top_workflow.variables.progress.pop(my_task.id, None)
        return True

    def _on_cancel(self, my_task: TreeTask) -> None:
        my_task.workflow.top_workflow.variables.progress.pop(my_task.id, None)


class MultiInstance(LoopActivity):
    """As many instances as a cardinality or a collection says, at once or in sequence."""

    def __init__(self, scope: "BpmnProcessSpec", activity: Activity) -> None:
        super().__init__(scope, activity)
        self.sequential = False
        self.cardinality: Expression | None = None
        self.collection: Expression | None = None
        self.element = ""
        self.output_collection = ""
        self.output_element: Expression | None = None
        self.completion: Expression | None = None

    def _update_hook(self, my_task: TreeTask) -> bool:
        self.enter(my_task)
        progress = self._measure(my_task)
        self.begin(my_task, progress)
        if progress.total == 0:
            return True
        for index in range(1 if self.sequential else progress.total):
            self.start_instance(my_task, index, self._instance_scope(my_task, progress, index))
        return False

    def instance_completed(self, task: TreeTask, child: TreeTask, progress: Progress) -> None:
        progress.done += 1
        if self.output_collection:
            progress.results[child.item_index] = self._result_of(child)
        running = [other for other in task.children if other._state & UNFINISHED]  # noqa: SLF001
        counters = self._counters(progress, len(running))
        complete = self.completion is not None and self.completion.is_true(child, **counters)
        if complete:
            for other in running:
                other.cancel()
        if complete or progress.done == progress.total:
            self.end(task)
        elif self.sequential:
            index = progress.done
            self.start_instance(task, index, self._instance_scope(task, progress, index))

    def _measure(self, task: TreeTask) -> Progress:
        """Evaluate collection or cardinality, once, when the token arrives."""
        if self.collection is not None:
            elements = document_value(self.collection.value(task))
            if not isinstance(elements, list) or len(elements) > MAX_INSTANCES:
                raise self.collection.unusable(
                    elements, f"a list of at most {MAX_INSTANCES} elements"
                )
            return Progress(len(elements), elements=elements)
        assert self.cardinality is not None
        number = self.cardinality.value(task)
        if (
            isinstance(number, bool)
            or not isinstance(number, int | Decimal)
            or number != int(number)
            or not 0 <= number <= MAX_INSTANCES
        ):
            raise self.cardinality.unusable(number, f"a whole number from 0 to {MAX_INSTANCES}")
        return Progress(int(number))

    def _instance_scope(self, task: TreeTask, progress: Progress, index: int) -> Scope:
        values: dict[str, Any] = {}
        if self.element and progress.elements:
            values[self.element] = progress.elements[index]
        return Scope(task.scope, values, keeps=bool(self.output_collection))

    def _result_of(self, child: TreeTask) -> Any:
        """Give what an instance adds to the output: its output element, else what it wrote."""
        if self.output_element is not None:
            return document_value(self.output_element.value(child))
        values = child.workflow.top_workflow.variables.scopes[child.id].values
        return {k: v for k, v in values.items() if k not in (self.element, LOOP_COUNTER)}

    def _run_hook(self, my_task: TreeTask) -> bool:
        """Write the results in the order of the elements; what never completed has none."""
        variables = my_task.workflow.top_workflow.variables
        results = variables.progress[my_task.id].results
        if self.output_collection:
            gathered = [results[index] for index in sorted(results)]
            variables.assign(my_task.scope, self.output_collection, gathered)
        return super()._run_hook(my_task)

    def _counters(self, progress: Progress, running: int) -> dict[str, int]:
        return {
            "numberOfInstances": progress.total,
            "numberOfActiveInstances": running,
            "numberOfCompletedInstances": progress.done,
            "numberOfTerminatedInstances": 0,
        }


class StandardLoop(LoopActivity):
    """Repeats an activity while a condition is true, at most `maximum` times (0: no maximum)."""

    def __init__(self, scope: "BpmnProcessSpec", activity: Activity) -> None:
        super().__init__(scope, activity)
        self.condition: Expression | None = None
        self.maximum = 0
        self.test_before = False

    def _update_hook(self, my_task: TreeTask) -> bool:
        self.enter(my_task)
        if self.test_before and not self._goes_on(my_task, 0):
            return True
        self.begin(my_task, Progress(0))
        self.start_instance(my_task, 0, Scope(my_task.scope, {}))
        return False

    def instance_completed(self, task: TreeTask, child: TreeTask, progress: Progress) -> None:
        del child
        progress.done += 1
        if self._goes_on(task, progress.done):
            self.start_instance(task, progress.done, Scope(task.scope, {}))
        else:
            self.end(task)

    def _goes_on(self, task: TreeTask, done: int) -> bool:
        if self.maximum and done >= self.maximum:
            return False
        if self.condition is None:
            return True
        return self.condition.is_true(task, loopCounter=done)
