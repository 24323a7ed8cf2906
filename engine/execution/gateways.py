"""Gateways with the semantics of BPMN 2.0 (clause 13.4), also inside loops.

SpiffWorkflow's own joins look through the whole history of the tree and count arrivals of earlier
rounds, so a join in a loop fires early or twice. Here an arrival is a waiting task of the join,
told apart by the node it came from, and firing consumes exactly one arrival per incoming flow.
(Two flows from one node to the same join are kept apart by a pass-through node, see building.py.)
"""

from typing import TYPE_CHECKING

from engine.definitions.model import Activity
from engine.execution.errors import NoPathTaken
from engine.execution.flow_nodes import FlowNode
from engine.execution.tree_task import COMPLETED, FUTURE, READY, STARTED, WAITING, TreeTask

if TYPE_CHECKING:
    from SpiffWorkflow.bpmn.specs import BpmnProcessSpec

    from engine.execution.expressions import Expression

_TOKEN = READY | WAITING | STARTED
_ARRIVAL = WAITING | FUTURE
"""Waiting at the join, or handed on to it and still on the agenda."""


class _Choosing(FlowNode):
    """A gateway whose outgoing flows have conditions, in the order of the diagram."""

    def __init__(self, scope: "BpmnProcessSpec", activity: Activity, name: str = "") -> None:
        super().__init__(scope, activity, name)
        self.conditions: dict[str, Expression] = {}
        self.default: str | None = None

    def _true_targets(self, task: TreeTask, *, only_first: bool) -> tuple[FlowNode, ...]:
        """Give the targets of the flows whose condition is true, else of the default flow."""
        if not self.conditions:
            return self.targets  # a pure join: its one flow
        taken: list[FlowNode] = []
        for node in self.targets:
            condition = self.conditions.get(node.name)
            if condition is not None and condition.is_true(task):
                taken.append(node)
                if only_first:
                    break
        if not taken:
            if self.default is None:
                raise NoPathTaken(
                    f"No condition of gateway {self.bpmn_id!r} is true and it has no default flow."
                )
            taken = [node for node in self.targets if node.name == self.default]
        return tuple(taken)


class ExclusiveGateway(_Choosing):
    """Passes every token on along the first flow whose condition is true."""

    def next_nodes(self, my_task: TreeTask) -> tuple[FlowNode, ...]:
        return self._true_targets(my_task, only_first=True)


class Join(FlowNode):
    """A gateway that waits for several incoming flows."""

    def enter(self, task: TreeTask) -> None:
        """Count the visit when it fires: several arrivals are one visit."""

    def _update_hook(self, my_task: TreeTask) -> bool:
        my_task._set_state(WAITING)  # noqa: SLF001
        arrivals = self._arrivals(my_task)
        if not self._may_fire(my_task, arrivals):
            return False
        for arrival in arrivals.values():
            if arrival is not my_task:
                my_task.workflow._remove_task(arrival.id)  # noqa: SLF001
        super().enter(my_task)
        return True

    def _arrivals(self, my_task: TreeTask) -> dict[str, TreeTask]:
        """Give one arrival per incoming flow that has any, this one for its own flow."""
        arrivals = {my_task.parent.task_spec.name: my_task}
        for task in my_task.workflow.tasks.values():
            if task.task_spec is self and task._state & _ARRIVAL:  # noqa: SLF001
                arrivals.setdefault(task.parent.task_spec.name, task)
        return arrivals

    def _may_fire(self, my_task: TreeTask, arrivals: dict[str, TreeTask]) -> bool:
        raise NotImplementedError


class ParallelGateway(Join):
    """Fires when every incoming flow has a token; puts one on every outgoing flow."""

    def _may_fire(self, my_task: TreeTask, arrivals: dict[str, TreeTask]) -> bool:
        del my_task
        return len(arrivals) >= len(self.sources)


class InclusiveGateway(_Choosing, Join):
    """Fires when no token that is still under way can reach one of its empty incoming flows.

    A token can when there is a path from it to an empty flow that does not visit the gateway and
    there is no such path from it to a flow that already has a token (BPMN 2.0, table 13.3).
    """

    def __init__(self, scope: "BpmnProcessSpec", activity: Activity, name: str = "") -> None:
        super().__init__(scope, activity, name)
        self.reaching: dict[str, frozenset[str]] = {}

    def prepare(self) -> None:
        """Work out which nodes can reach each incoming flow without passing this gateway."""
        super().prepare()
        nodes = self._wf_spec.task_specs
        for source in self.sources:
            seen: set[str] = {self.name}
            waiting = [source]
            while waiting:
                name = waiting.pop()
                if name not in seen:
                    seen.add(name)
                    waiting.extend(nodes[name]._inputs)  # noqa: SLF001
            self.reaching[source] = frozenset(seen - {self.name})

    def next_nodes(self, my_task: TreeTask) -> tuple[FlowNode, ...]:
        return self._true_targets(my_task, only_first=False)

    def _may_fire(self, my_task: TreeTask, arrivals: dict[str, TreeTask]) -> bool:
        empty = self.sources - arrivals.keys()
        if not empty:
            return True
        nothing: frozenset[str] = frozenset()
        to_empty = nothing.union(*(self.reaching[source] for source in empty))
        to_filled = nothing.union(*(self.reaching[source] for source in arrivals))
        awaited = to_empty - to_filled
        return not any(
            task.task_spec.name in awaited and _is_token(task)
            for task in my_task.workflow.tasks.values()
        )


class EventBasedGateway(FlowNode):
    """Arms the events behind it; the first that fires disarms the others.

    SpiffWorkflow keeps the events in the gateway, where two timers share one due time. Here each
    is a task of its own below the gateway's.
    """

    def hand_on(self, children: list[TreeTask]) -> None:
        """Arm all events at once: the first that fires must find the others armed."""
        for child in children:
            child.task_spec._update(child)  # noqa: SLF001

    def disarm(self, my_task: TreeTask) -> None:
        """Cancel the events that still wait."""
        for child in my_task.children:
            if child.task_spec.is_waiting(child):
                child.cancel()


def _is_token(task: TreeTask) -> bool:
    """Whether a task is a token: active, or about to be entered by the node completing just now."""
    state = task._state  # noqa: SLF001
    if state & _TOKEN:
        return True
    return state == FUTURE and task.parent._state == COMPLETED  # noqa: SLF001
