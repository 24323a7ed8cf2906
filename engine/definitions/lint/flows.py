"""Where tokens can go: flows that end nowhere, nodes never reached, loops that never rest."""

from collections.abc import Callable, Iterator

from engine.definitions.bpmn import GATEWAYS
from engine.definitions.diagram import Diagram, Flow, FlowNode
from engine.definitions.lint.drawing import Drawing
from engine.definitions.lint.graph import cycles, edges_of, reachable
from engine.definitions.lint.tokens import play
from engine.problems import Problem

_WAITING_TASKS = frozenset({"userTask", "manualTask", "task", "receiveTask"})
# What a called process does inside is not known here; its own lint checks its own loops.
_MAY_WAIT = frozenset({"callActivity", "intermediateCatchEvent", "eventBasedGateway"})
_NO_WAIT_BOUNDARIES = frozenset({"error", "escalation"})


def check_flow_ends(drawing: Drawing) -> Iterator[Problem]:
    """Require both ends of a flow to be nodes of the flow's own scope."""
    diagram = drawing.drawn
    for flow in diagram.flows.values():
        for end, name in ((flow.source, "source"), (flow.target, "target")):
            node = diagram.nodes.get(end)
            if node is None or node.scope != flow.scope:
                yield diagram.problem(
                    "flow.dangling",
                    flow,
                    en=f"The {name} of sequence flow {flow.id}, “{end}”, is no node of the same"
                    " process or subprocess; connect it anew.",
                    zh=f"顺序流 {flow.id} 的{'起点' if name == 'source' else '终点'}“{end}”"
                    "不在同一流程或子流程内；请重新连接。",
                )


def check_flow_directions(drawing: Drawing) -> Iterator[Problem]:
    """Refuse flows into a start or boundary event and out of an end event."""
    diagram = drawing.drawn
    for flow in diagram.flows.values():
        source, target = diagram.nodes.get(flow.source), diagram.nodes.get(flow.target)
        if target is not None and target.kind in {"startEvent", "boundaryEvent"}:
            yield _wrong_direction(diagram, flow, target)
        if source is not None and source.kind == "endEvent":
            yield _wrong_direction(diagram, flow, source)


def check_conditions(drawing: Drawing) -> Iterator[Problem]:
    """Require that a condition stands where it decides something, and says something."""
    diagram = drawing.drawn
    for flow in diagram.flows.values():
        source = diagram.nodes.get(flow.source)
        if flow.condition is None or source is None:
            continue
        if not flow.condition:
            yield diagram.problem(
                "condition.empty",
                flow,
                en=f"The condition of sequence flow {flow.id} is empty; write it in FEEL (for"
                " example: quantity > 0).",
                zh=f"顺序流 {flow.id} 的条件为空；请用 FEEL 写明（例如：quantity > 0）。",
            )
        if source.kind in {"parallelGateway", "eventBasedGateway", "startEvent", "boundaryEvent"}:
            yield diagram.problem(
                "condition.without_effect",
                flow,
                en=f"{source.label} does not decide by conditions; use an exclusive or inclusive"
                f" gateway, or remove the condition of {flow.id}.",
                zh=f"{source.label} 不按条件选择；请改用排他或包容网关，或删除 {flow.id} 的条件。",
            )
        elif source.kind not in GATEWAYS and len(diagram.outgoing[source.id]) == 1:
            yield diagram.problem(
                "condition.without_alternative",
                flow,
                en=f"The only flow out of {source.label} has a condition, and nothing says what"
                " happens when it is false; draw a gateway with a default flow.",
                zh=f"{source.label} 唯一的流出带有条件，但没有说明条件不成立时怎么办；"
                "请画出带默认流的网关。",
            )


def check_reachability(drawing: Drawing) -> Iterator[Problem]:
    """Require that every node can be reached from a start of its scope."""
    for scope in drawing.normal.scopes:
        nodes = drawing.normal.nodes_in(scope)
        starts = [node.id for node in nodes if node.kind == "startEvent"]
        reached = reachable(starts, edges_of(drawing.normal, nodes))
        for node in nodes:
            if node.id not in reached and not _is_handler(node):
                yield _unreachable(drawing, node)


def check_dead_ends(drawing: Drawing) -> Iterator[Problem]:
    """Warn where nothing leaves a node in a scope with end events, most often a forgotten arrow."""
    diagram = drawing.drawn
    for scope in diagram.scopes:
        nodes = diagram.nodes_in(scope)
        if not any(node.kind == "endEvent" for node in nodes):
            continue
        for node in nodes:
            if node.kind == "endEvent" or diagram.outgoing.get(node.id) or _is_handler(node):
                continue
            if "link" in node.event_kinds:
                continue
            yield diagram.problem(
                "flow.dead_end",
                node,
                en=f"No sequence flow leaves {node.label}, so its branch ends there; draw the flow"
                " or an end event.",
                zh=f"{node.label} 没有流出，该分支到此结束；请画出顺序流或结束事件。",
                severity="warning",
            )


def check_tokens(drawing: Drawing) -> Iterator[Problem]:
    """Refuse joins that may wait for ever; warn where an activity may run twice at once."""
    for scope in drawing.normal.scopes:
        played = play(drawing.normal, scope)
        for node in _drawn(drawing, played.stuck):
            yield drawing.drawn.problem(
                "flow.stuck",
                node,
                en=f"{node.label} may wait for a branch that never comes, and the process would"
                " stand still: what an exclusive gateway parts, a parallel gateway must not join."
                " Join with the kind of gateway that parted, or use inclusive gateways for both.",
                zh=f"{node.label} 可能等待一个永远不会到达的分支，流程将停滞：排他网关分开的分支"
                "不能用并行网关汇合。请用同类网关汇合，或分开与汇合都用包容网关。",
            )
        for node in _drawn(drawing, played.met_twice):
            yield drawing.drawn.problem(
                "flow.met_twice",
                node,
                en=f"{node.label} may be done twice, as branches reach it that were not joined;"
                " put a parallel or inclusive gateway in front of it if it is meant once.",
                zh=f"未汇合的分支都会到达 {node.label}，它可能被执行两次；"
                "如只需执行一次，请在其前面放置并行或包容网关。",
                severity="warning",
            )


def check_loops(drawing: Drawing) -> Iterator[Problem]:
    """Refuse a loop in which nothing is waited for: it could run for ever in one step."""
    order = {node: number for number, node in enumerate(drawing.drawn.nodes)}
    for scope in drawing.normal.scopes:
        nodes = drawing.normal.nodes_in(scope)
        waits = {node.id for node in nodes if _waits(drawing.normal, node)}
        edges = edges_of(drawing.normal, nodes, leave_out=waits)
        for cycle in cycles(edges):
            drawn = sorted((n for n in cycle if n in order), key=order.__getitem__)
            if not drawn:
                continue
            first = drawing.drawn.nodes[drawn[0]]
            yield drawing.drawn.problem(
                "flow.loop_without_wait",
                first,
                en=f"The loop through {', '.join(drawn)} waits for nobody: it would run for ever in"
                " one step. Put a user task, a message or a timer into it.",
                zh=f"经过 {'、'.join(drawn)} 的循环中没有任何等待，会在一步内无限执行；"
                "请在循环中加入用户任务、消息或定时器。",
            )


def _drawn(drawing: Drawing, nodes: set[str]) -> list[FlowNode]:
    """Give those of the nodes that are drawn; normalisation adds none that waits for others."""
    return [drawing.drawn.nodes[node] for node in sorted(nodes) if node in drawing.drawn.nodes]


def _waits(diagram: Diagram, node: FlowNode) -> bool:
    """Tell whether a token always rests in this node for somebody or something outside."""
    if node.kind in _WAITING_TASKS or node.kind in _MAY_WAIT:
        return True
    if node.kind == "boundaryEvent":
        return not _NO_WAIT_BOUNDARIES.intersection(node.event_kinds)
    if node.kind == "subProcess" and not node.is_multi_instance:
        return not _can_pass(diagram, node.id, lambda inner: _waits(diagram, inner))
    return False


def _can_pass(diagram: Diagram, scope: str, waits: Callable[[FlowNode], bool]) -> bool:
    """Tell whether a subprocess can be passed without waiting inside it."""
    nodes = diagram.nodes_in(scope)
    edges = edges_of(diagram, nodes, leave_out={node.id for node in nodes if waits(node)})
    starts = [node.id for node in nodes if node.kind == "startEvent"]
    reached = reachable(starts, edges)
    return any(node.kind == "endEvent" and node.id in reached for node in nodes)


def _is_handler(node: FlowNode) -> bool:
    """Tell whether a node has no flows by nature: these are refused for what they are."""
    element = node.element
    if element.get("triggeredByEvent") == "true" or element.get("isForCompensation") == "true":
        return True
    return node.kind == "boundaryEvent" and "compensation" in node.event_kinds


def _unreachable(drawing: Drawing, node: FlowNode) -> Problem:
    place = drawing.place(node.id) or node
    return drawing.drawn.problem(
        "flow.unreachable",
        place if node.id in drawing.drawn.nodes else drawing.drawn.process,
        en=f"{place.label} can never be reached from a start event; connect it or remove it.",
        zh=f"从任何开始事件都无法到达 {place.label}；请连接或删除它。",
    )


def _wrong_direction(diagram: Diagram, flow: Flow, node: FlowNode) -> Problem:
    return diagram.problem(
        "flow.wrong_direction",
        flow,
        en=f"Sequence flow {flow.id} {'leaves' if node.kind == 'endEvent' else 'leads into'}"
        f" {node.label}, which BPMN does not allow for a {node.kind}; connect it otherwise.",
        zh=f"顺序流 {flow.id} {'从' if node.kind == 'endEvent' else '流入'} {node.label}"
        f"{'流出' if node.kind == 'endEvent' else ''}，BPMN 不允许；请改接。",
    )
