"""Build SpiffWorkflow's process specifications from the elements of a diagram, ready to run.

Done once per definition. SpiffWorkflow's own parser is not used: it follows the flows recursively
(some hundred nodes in a row exhaust the stack), orders branches by their place on the canvas, drops
conditions on single flows, and builds joins, loops and events that this package replaces anyway.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from SpiffWorkflow.bpmn.specs import BpmnProcessSpec
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from engine.definitions.model import Activity, CompiledDefinition
from engine.execution.building_events import trigger_of
from engine.execution.building_loops import loop_of
from engine.execution.errors import DefinitionNotExecutable
from engine.execution.events import BoundaryEvent, CatchEvent, ThrowEvent
from engine.execution.expressions import Expression, Expressions
from engine.execution.flow_nodes import (
    BoundaryGroup,
    FlowNode,
    HumanTask,
    StartEvent,
    StartNode,
    require,
)
from engine.execution.gateways import (
    EventBasedGateway,
    ExclusiveGateway,
    InclusiveGateway,
    ParallelGateway,
)
from engine.execution.parsing import NodeElement, ProcessElement, ScopeElement
from engine.execution.service_tasks import BusinessRuleTask, Decide, ScriptTask, ServiceTask
from engine.execution.subprocesses import CallActivity, SubProcess
from engine.execution.triggers import Trigger

GROUP, VIA = "#group", "#via"
"""Name endings of nodes that are not in the diagram; no BPMN id can hold a "#"."""

_GATEWAYS: Mapping[str, type[FlowNode]] = {
    "exclusiveGateway": ExclusiveGateway,
    "parallelGateway": ParallelGateway,
    "inclusiveGateway": InclusiveGateway,
    "eventBasedGateway": EventBasedGateway,
}


class ScopeSpec(BpmnProcessSpec):  # type: ignore[misc]  # untyped library
    """The flow nodes of a process or sub-process; its start node leads to every start event."""

    def __init__(self, name: str) -> None:
        WorkflowSpec.__init__(self, name=name)
        self.data_objects: dict[str, Any] = {}
        self.start = StartNode(self, Activity(id="#start", kind="start", names={}))


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds the scopes of one definition; `find_decision` gives what a rule task evaluates."""

    definition: CompiledDefinition
    process: ProcessElement
    expressions: Expressions
    find_decision: Callable[[str], Decide]
    scopes: dict[str, ScopeSpec] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)

    def build(self) -> None:
        """Build all scopes, the process's own and those of its sub-processes."""
        for position, node in enumerate(self.process.scope.all_nodes()):
            require(node.id not in self.positions, f"The id {node.id!r} stands twice.")
            self.positions[node.id] = position
        self._build_scope(self.process.scope)
        for node in self.process.scope.all_nodes():
            if node.scope is not None:
                self._build_scope(node.scope)

    def _build_scope(self, element: ScopeElement) -> None:
        scope = self.scopes[element.id] = ScopeSpec(element.id)
        entries: dict[str, FlowNode] = {}
        exits: dict[str, FlowNode] = {}
        for node in element.nodes:
            if node.kind == "boundaryEvent":
                entries[node.id] = exits[node.id] = self._boundary_event(scope, node)
            else:
                entries[node.id] = exits[node.id] = self._flow_node(scope, node)
            if node.kind == "startEvent":
                scope.start.connect(entries[node.id])
        for node in element.nodes:
            if node.kind == "boundaryEvent":
                self._attach(scope, node, entries)
        self._connect(scope, element, entries, exits)
        self._finish(scope, element, exits)

    def _flow_node(self, scope: ScopeSpec, node: NodeElement) -> FlowNode:
        loop = loop_of(scope, node, self.activity(node), self.expressions)
        built = self._node(scope, node, "" if loop is None else loop.instance_node)
        return built if loop is None else loop

    def _node(self, scope: ScopeSpec, node: NodeElement, name: str) -> FlowNode:
        """Build the node of an element; `name` differs from its id where a loop stands before."""
        activity = self.activity(node)
        if node.kind in _GATEWAYS:
            return _GATEWAYS[node.kind](scope, activity)
        build = {
            "task": self._human_task,
            "userTask": self._human_task,
            "manualTask": self._human_task,
            "serviceTask": self._service_task,
            "scriptTask": self._script_task,
            "businessRuleTask": self._business_rule_task,
            "subProcess": self._sub_process,
            "callActivity": self._call_activity,
            "startEvent": self._start_event,
            "receiveTask": self._catch_event,
            "intermediateCatchEvent": self._catch_event,
            "sendTask": self._throw_event,
            "intermediateThrowEvent": self._throw_event,
            "endEvent": self._throw_event,
        }[node.kind]
        return build(scope, node, activity, name)

    def _human_task(
        self, scope: ScopeSpec, _: NodeElement, activity: Activity, name: str
    ) -> FlowNode:
        return HumanTask(scope, activity, name)

    def _service_task(
        self, scope: ScopeSpec, node: NodeElement, activity: Activity, name: str
    ) -> FlowNode:
        require(activity.handler, f"{node.id!r} names no handler.")
        return ServiceTask(scope, activity, self._inputs(activity), name)

    def _script_task(
        self, scope: ScopeSpec, node: NodeElement, activity: Activity, name: str
    ) -> FlowNode:
        script = self.expressions.get(node.text("script"), node.id)
        return ScriptTask(scope, activity, script, name)

    def _business_rule_task(
        self, scope: ScopeSpec, node: NodeElement, activity: Activity, name: str
    ) -> FlowNode:
        require(activity.decision, f"{node.id!r} names no decision.")
        return BusinessRuleTask(scope, activity, self.find_decision(activity.decision or ""), name)

    def _sub_process(
        self, scope: ScopeSpec, node: NodeElement, activity: Activity, name: str
    ) -> FlowNode:
        return SubProcess(scope, activity, node.id, name)

    def _call_activity(
        self, scope: ScopeSpec, node: NodeElement, activity: Activity, name: str
    ) -> FlowNode:
        inputs = self._inputs(activity)
        called = node.attribute("calledElement").rpartition(":")[2]
        require(called, f"{node.id!r} names no process to call.")
        require(
            inputs or not activity.result,
            f"{node.id!r} has a result but no inputs; without inputs it shares the variables.",
        )
        return CallActivity(scope, activity, called, inputs, name)

    def _start_event(
        self, scope: ScopeSpec, node: NodeElement, activity: Activity, _: str
    ) -> FlowNode:
        start = StartEvent(scope, activity)
        start.is_triggered = node.event != "none"
        return start

    def _catch_event(
        self, scope: ScopeSpec, node: NodeElement, activity: Activity, name: str
    ) -> FlowNode:
        trigger = self._trigger(node, activity)
        return CatchEvent(scope, activity, trigger, name)

    def _throw_event(
        self, scope: ScopeSpec, node: NodeElement, activity: Activity, name: str
    ) -> FlowNode:
        trigger = trigger_of(node, self.process, activity, self.expressions)
        return ThrowEvent(scope, activity, trigger, self._inputs(activity), name)

    def _boundary_event(self, scope: ScopeSpec, node: NodeElement) -> BoundaryEvent:
        activity = self.activity(node)
        interrupts = node.attribute("cancelActivity") != "false"
        return BoundaryEvent(scope, activity, self._trigger(node, activity), interrupts=interrupts)

    def _trigger(self, node: NodeElement, activity: Activity) -> Trigger:
        trigger = trigger_of(node, self.process, activity, self.expressions)
        if trigger is None:
            raise DefinitionNotExecutable(f"{node.id!r} waits for nothing.")
        return trigger

    def _attach(self, scope: ScopeSpec, node: NodeElement, entries: dict[str, FlowNode]) -> None:
        """Put a boundary event into the group of its activity, which it makes when it is new."""
        host = node.attribute("attachedToRef")
        require(host in entries, f"{node.id!r} is attached to no activity of its scope.")
        group = entries[host]
        if not isinstance(group, BoundaryGroup):
            main, group = group, BoundaryGroup(scope, group.activity, host + GROUP)
            group.main = main.name
            group.connect(main)
            entries[host] = group
        group.connect(entries[node.id])

    def _connect(
        self,
        scope: ScopeSpec,
        element: ScopeElement,
        entries: dict[str, FlowNode],
        exits: dict[str, FlowNode],
    ) -> None:
        defaults = {node.id: node.attribute("default") for node in element.nodes}
        for flow in element.flows:
            for end in (flow.source, flow.target):
                require(end in entries, f"Flow {flow.id!r} ends nowhere: {end!r}.")
            source, target = exits[flow.source], entries[flow.target]
            if target.name in source._outputs:  # noqa: SLF001
                via = FlowNode(scope, Activity(id=flow.id, kind="", names={}), flow.id + VIA)
                via.connect(target)
                target = via
            source.connect(target)
            is_default = defaults[flow.source] == flow.id
            if isinstance(source, ExclusiveGateway | InclusiveGateway):
                if is_default:
                    source.default = target.name
                elif flow.condition:
                    condition = self.expressions.get(flow.condition, flow.id)
                    source.conditions[target.name] = condition
            else:
                require(
                    not flow.condition or is_default,
                    f"Flow {flow.id!r} has a condition but does not leave a gateway.",
                )

    def _finish(
        self, scope: ScopeSpec, element: ScopeElement, exits: Mapping[str, FlowNode]
    ) -> None:
        for node in element.nodes:
            exits[node.id].position = self.positions[node.id]
        for built in scope.task_specs.values():
            built.process_id = self.definition.process_id
            built.prepare()
        require(scope.start.targets, f"{element.id!r} has no start event.")
        require(
            element is self.process.scope or len(scope.start.targets) == 1,
            f"Sub-process {element.id!r} has several start events.",
        )
        for built in scope.task_specs.values():
            self._check(built)

    def _check(self, node: FlowNode) -> None:
        if isinstance(node, ExclusiveGateway | InclusiveGateway):
            without = len(node.targets) - len(node.conditions) - (node.default is not None)
            require(
                without == 0 or len(node.targets) == 1,
                f"A flow that leaves gateway {node.bpmn_id!r} has neither condition nor default.",
            )
        if isinstance(node, EventBasedGateway):
            require(
                all(type(target) is CatchEvent for target in node.targets),
                f"What follows gateway {node.bpmn_id!r} must wait for an event.",
            )

    def activity(self, node: NodeElement) -> Activity:
        """Give what the definition says about a node; nothing for one that normalising added."""
        known = self.definition.activities.get(node.id)
        return known or Activity(id=node.id, kind=node.kind, names={})

    def _inputs(self, activity: Activity) -> dict[str, Expression]:
        return {
            name: self.expressions.get(text, activity.id) for name, text in activity.inputs.items()
        }
