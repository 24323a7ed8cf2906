"""The base of all flow nodes: how a token enters, runs and leaves one.

SpiffWorkflow predicts the whole future of an instance as a tree and copies data down it. Here the
successors of a task are made when it completes, and nothing else: the tree stays as small as the
instance's present.
"""

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.mixins import BpmnSpecMixin

from engine.definitions.model import Activity
from engine.execution.errors import DefinitionNotExecutable
from engine.execution.tree_task import UNFINISHED, TreeTask

if TYPE_CHECKING:
    from SpiffWorkflow.bpmn.specs import BpmnProcessSpec


class FlowNode(BpmnSpecMixin):  # type: ignore[misc]  # untyped library
    """A flow node of a scope (process or sub-process).

    `activity` is what the diagram says about it; `position` is its place in the definition's list
    of flow nodes, under which its visits are counted (-1 for nodes that are not in the diagram).
    """

    position = -1
    process_id = ""
    instance_node = ""
    """The name of the node that does one instance of a loop activity; empty for all others."""

    def __init__(self, scope: "BpmnProcessSpec", activity: Activity, name: str = "") -> None:
        super().__init__(scope, name or activity.id)
        self.activity = activity
        self.bpmn_id = activity.id
        self.manual = False

        self.targets: tuple[FlowNode, ...] = ()
        self.sources: frozenset[str] = frozenset()

    def prepare(self) -> None:
        """Work out, once, what running needs to know about the nodes around.

        Called for every node when the whole scope is built; nothing changes a node after that.
        """
        nodes = self._wf_spec.task_specs
        self.targets = tuple(nodes[name] for name in self._outputs)
        self.sources = frozenset(self._inputs)

    def enter(self, task: TreeTask) -> None:
        """Count one more visit; a node entered again by the same task keeps its number."""
        if not task.visit and self.position >= 0:
            top = task.workflow.top_workflow
            task.visit = top.count_visit(self.process_id, self.position)

    def leave(self, task: TreeTask) -> None:
        """Tell the host that the node was left."""
        if task.visit and self.position >= 0:
            task.workflow.top_workflow.node_left(self, task.visit)

    # SpiffWorkflow's protocol, in the order in which a token meets it.

    def _predict(self, my_task: TreeTask, *_: Any, **__: Any) -> None:
        """Make nothing in advance."""

    def _update(self, my_task: TreeTask) -> None:
        if self._update_hook(my_task):
            my_task._ready()  # noqa: SLF001

    def _update_hook(self, my_task: TreeTask) -> bool:
        self.enter(my_task)
        return True

    def _on_ready(self, my_task: TreeTask) -> None:
        if not self.manual:
            my_task.workflow.top_workflow.agenda.appendleft(my_task)

    def _run(self, my_task: TreeTask) -> bool:
        return self._run_hook(my_task)

    def _run_hook(self, my_task: TreeTask) -> bool:
        del my_task
        return True

    def _on_complete(self, my_task: TreeTask) -> None:
        self.leave(my_task)
        parent = my_task.parent
        if parent is not None:
            parent.task_spec.child_completed(parent, my_task)
        self.hand_on([my_task._add_child(node) for node in self.next_nodes(my_task)])  # noqa: SLF001
        my_task.workflow._task_completed_notify(my_task)  # noqa: SLF001

    def hand_on(self, children: list[TreeTask]) -> None:
        """Let the token go on, before any other token does; conditional events look in between."""
        if children:
            children[0].workflow.top_workflow.agenda.extendleft(reversed(children))

    def next_nodes(self, my_task: TreeTask) -> "tuple[FlowNode, ...]":
        """Choose where the token goes: along every sequence flow."""
        del my_task
        return self.targets

    def is_waiting(self, my_task: TreeTask) -> bool:
        """Whether a task of this node waits for an event (catch events only)."""
        del my_task
        return False

    def can_be_woken(self, my_task: TreeTask) -> bool:
        """Whether something from outside the instance can end the wait of a task (see events)."""
        del my_task
        return False

    def is_instance_of(self, parent: TreeTask) -> bool:
        """Whether a task of this node below `parent` is one instance of a loop activity."""
        return bool(parent.task_spec.instance_node == self.name)

    def child_completed(self, my_task: TreeTask, child: TreeTask) -> None:
        """Hear that a task made by this one completed (boundary groups, multi-instance)."""

    def _on_cancel(self, my_task: TreeTask) -> None:
        """Clear what the task held outside the tree."""


class StartNode(FlowNode):
    """The root of a scope's tree; the chosen start event is made below it."""

    def _on_complete(self, my_task: TreeTask) -> None:
        raise NotImplementedError  # the root is made completed


class StartEvent(FlowNode):
    """A start event; what triggered it was decided before the instance began.

    `is_triggered`: it needs a message, so a person cannot start there.
    """

    is_triggered = False


class HumanTask(FlowNode):
    """A user, manual or plain task: waits until a person completes it."""

    def __init__(self, scope: "BpmnProcessSpec", activity: Activity, name: str = "") -> None:
        super().__init__(scope, activity, name)
        self.manual = True


class BoundaryGroup(FlowNode):
    """Stands before an activity with boundary events: starts the activity and arms its events.

    `main` is the name of the activity's node. Its tasks and those of its boundary events are the
    children of the group's task, which is how they find one another.
    """

    main = ""

    def prepare(self) -> None:
        """Put the events first: an error of the activity must find them armed."""
        super().prepare()
        self.targets = tuple(sorted(self.targets, key=lambda node: node.name == self.main))

    def enter(self, task: TreeTask) -> None:
        """Count no visit: the group is not in the diagram."""

    def can_be_woken(self, my_task: TreeTask) -> bool:
        """Whether something from outside the instance can end the wait of a task (see events)."""
        del my_task
        return False

    def is_instance_of(self, parent: TreeTask) -> bool:
        """Whether a task of this node below `parent` is one instance of a loop activity."""
        return bool(parent.task_spec.instance_node == self.name)

    def hand_on(self, children: list[TreeTask]) -> None:
        """Arm the events and start the activity at once: they stand and fall together."""
        for child in children:
            child.task_spec._update(child)  # noqa: SLF001

    def child_completed(self, my_task: TreeTask, child: TreeTask) -> None:
        """Disarm the events when the activity is done; one that has fired goes its way."""
        if child.task_spec.name == self.main:
            for event in self.armed(my_task):
                event.cancel()

    def armed(self, my_task: TreeTask) -> list[TreeTask]:
        """Give the boundary events that still wait."""
        return [
            child
            for child in my_task.children
            if child.task_spec.name != self.main and child.task_spec.is_waiting(child)
        ]

    def interrupt(self, my_task: TreeTask) -> None:
        """Cancel the activity and disarm its other events."""
        for child in my_task.children:
            if child.task_spec.name == self.main and child._state & UNFINISHED:  # noqa: SLF001
                child.cancel()
        for event in self.armed(my_task):
            event.cancel()


def require(condition: object, sentence: str) -> None:
    """Refuse a definition that the lint should have refused; never run it wrongly."""
    if not condition:
        raise DefinitionNotExecutable(sentence)
