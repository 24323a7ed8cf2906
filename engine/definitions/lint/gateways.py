"""Gateways decide what the diagram says, and always something."""

from collections.abc import Iterator

from engine.definitions.bpmn import CONDITIONAL_GATEWAYS, local_reference
from engine.definitions.diagram import Diagram, FlowNode
from engine.definitions.lint.drawing import Drawing
from engine.problems import Problem

_MAY_FOLLOW_EVENT_GATEWAY = frozenset({"intermediateCatchEvent", "receiveTask"})


def check_default_flows(drawing: Drawing) -> Iterator[Problem]:
    """Require a default flow to leave its own node and to bear no condition."""
    diagram = drawing.drawn
    for node in diagram.nodes.values():
        default = local_reference(node.element.get("default"))
        if not default:
            continue
        flow = diagram.flows.get(default)
        if flow is None or flow.source != node.id:
            yield diagram.problem(
                "gateway.default_elsewhere",
                node,
                en=f"The default flow of {node.label}, “{default}”, does not leave it; choose one"
                " of its own flows.",
                zh=f"{node.label} 的默认流“{default}”不是从它流出的；请选择它自己的流出。",
            )
        elif flow.condition:
            yield diagram.problem(
                "gateway.default_with_condition",
                flow,
                en=f"The default flow {flow.id} has a condition, which is never looked at; remove"
                " the condition or choose another default flow.",
                zh=f"默认流 {flow.id} 带有条件，但不会被判断；请删除条件或另选默认流。",
                severity="warning",
            )


def check_gateway_conditions(drawing: Drawing) -> Iterator[Problem]:
    """Require a condition on every flow out of a deciding gateway but its default flow."""
    diagram = drawing.drawn
    for node in diagram.nodes_of_kind(*CONDITIONAL_GATEWAYS):
        flows = diagram.outgoing.get(node.id, ())
        free = [flow for flow in flows if flow.condition is None]
        named = local_reference(node.element.get("default"))
        default = next((flow.id for flow in flows if flow.id == named), None)
        open_flows = [flow for flow in free if flow.id != default]
        # The only flow without a condition is taken as the default flow (normalisation.py).
        if len(flows) > 1 and open_flows and (len(free) > 1 or default is not None):
            for flow in open_flows:
                yield diagram.problem(
                    "gateway.condition_missing",
                    flow,
                    en=f"Sequence flow {flow.id} out of {node.label} has no condition and is not"
                    " its default flow; write its condition in FEEL.",
                    zh=f"{node.label} 的流出 {flow.id} 没有条件，也不是默认流；"
                    "请用 FEEL 写明条件。",
                )


def check_event_gateways(drawing: Drawing) -> Iterator[Problem]:
    """Require at least two events to wait for after an event-based gateway, and only such."""
    diagram = drawing.drawn
    for node in diagram.nodes_of_kind("eventBasedGateway"):
        flows = diagram.outgoing.get(node.id, ())
        if len(flows) < 2:
            yield diagram.problem(
                "gateway.one_event",
                node,
                en=f"{node.label} waits for fewer than two events; draw the second one, or replace"
                " the gateway by the event.",
                zh=f"{node.label} 之后不足两个事件；请补上另一个事件，或直接用事件代替网关。",
            )
        for flow in flows:
            target = diagram.nodes.get(flow.target)
            if target is not None and not _may_follow(diagram, target):
                yield diagram.problem(
                    "gateway.no_event_after",
                    flow,
                    en=f"After the event-based gateway {node.label} comes {target.label}, which is"
                    " no event to wait for; put a message, signal, timer or conditional catch event"
                    " (with no other flow into it) there.",
                    zh=f"事件网关 {node.label} 之后是 {target.label}，不是可等待的事件；"
                    "请放置消息、信号、定时器或条件捕获事件（且没有其他流入）。",
                )


def _may_follow(diagram: Diagram, node: FlowNode) -> bool:
    only_here = len(diagram.incoming.get(node.id, ())) == 1
    plain = node.loop is None and not diagram.boundaries.get(node.id)
    return node.kind in _MAY_FOLLOW_EVENT_GATEWAY and only_here and plain


def deciding_gateways(drawing: Drawing) -> Iterator[tuple[FlowNode, tuple[str, ...]]]:
    """Give each gateway of the normalised diagram that may find no way, with its conditions.

    It has conditions and no default flow. A gateway that normalisation added stands for the node
    it serves.
    """
    for node in drawing.normal.nodes_of_kind(*CONDITIONAL_GATEWAYS):
        flows = drawing.normal.outgoing.get(node.id, ())
        conditions = tuple(flow.condition for flow in flows if flow.condition)
        own = {flow.id for flow in flows}
        if not conditions or node.element.get("default") in own:
            continue
        if len(conditions) < len(flows):
            continue  # a flow without condition: found by check_gateway_conditions
        place = drawing.place(node.id) or _node_before(drawing, node)
        if place is not None:
            yield place, conditions


def _node_before(drawing: Drawing, node: FlowNode) -> FlowNode | None:
    before = drawing.normal.incoming.get(node.id, ())
    return next((n for flow in before if (n := drawing.place(flow.source)) is not None), None)
