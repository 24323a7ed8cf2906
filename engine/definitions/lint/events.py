"""Events say what they wait for, and what is thrown is caught by somebody."""

from collections.abc import Iterator

from engine.definitions.bpmn import (
    ACTIVITIES,
    ROOT_REFERENCES,
    TIMER_VALUES,
    Element,
    children_of,
    kind_of,
)
from engine.definitions.diagram import Diagram, FlowNode
from engine.definitions.lint.drawing import Drawing
from engine.problems import Problem

_MESSAGE_TASKS = ("sendTask", "receiveTask")
_CAN_FAIL = frozenset({"serviceTask", "businessRuleTask", "callActivity", "subProcess"})
_SOME_WORDS = {
    "message": ("message", "消息"),
    "signal": ("signal", "信号"),
    "error": ("error", "错误"),
    "escalation": ("escalation", "升级"),
}


def check_boundary_attachment(drawing: Drawing) -> Iterator[Problem]:
    """Require a boundary event to sit on an activity of its own scope."""
    diagram = drawing.drawn
    for node in diagram.nodes_of_kind("boundaryEvent"):
        host = diagram.nodes.get(node.element.get("attachedToRef", ""))
        if host is None or host.kind not in ACTIVITIES or host.scope != node.scope:
            yield diagram.problem(
                "event.boundary_unattached",
                node,
                en=f"The boundary event {node.label} is attached to no activity beside it; drop it"
                " onto the edge of a task or subprocess.",
                zh=f"边界事件 {node.label} 没有附着在同层的活动上；请把它放到任务或子流程的边上。",
            )


def check_references(drawing: Drawing) -> Iterator[Problem]:
    """Require named messages and signals, and codes of errors and escalations."""
    diagram = drawing.drawn
    for node in diagram.nodes.values():
        places = node.event_definitions
        if node.kind in _MESSAGE_TASKS:
            places = [node.element]
        for place in places:
            for attribute, kind in ROOT_REFERENCES.items():
                yield from _check_reference(diagram, node, place, attribute, kind)


def check_timers(drawing: Drawing) -> Iterator[Problem]:
    """Require exactly one value of a timer: a date, a duration or a cycle."""
    diagram = drawing.drawn
    for node in diagram.nodes.values():
        for definition in children_of(node.element, "timerEventDefinition"):
            values = [v for v in children_of(definition, *TIMER_VALUES) if (v.text or "").strip()]
            if len(values) != 1:
                yield diagram.problem(
                    "event.timer_value",
                    node,
                    en=f"The timer of {node.label} has {len(values) or 'no'} value"
                    f"{'s' if values else ''}; give it one: a date, a duration (PT4H) or a cycle"
                    " (R3/PT10M), in ISO 8601 or FEEL.",
                    zh=f"{node.label} 的定时器{'有多个值' if values else '没有值'}；请给出且只给出"
                    "一个：日期、时长（PT4H）或循环（R3/PT10M），用 ISO 8601 或 FEEL 书写。",
                )


def check_conditional_events(drawing: Drawing) -> Iterator[Problem]:
    """Require the condition of a conditional event."""
    diagram = drawing.drawn
    for node in diagram.nodes.values():
        for definition in children_of(node.element, "conditionalEventDefinition"):
            if not any((c.text or "").strip() for c in children_of(definition, "condition")):
                yield diagram.problem(
                    "event.condition_missing",
                    node,
                    en=f"{node.label} does not say for which condition it waits; write it in FEEL.",
                    zh=f"{node.label} 没有写明等待的条件；请用 FEEL 书写。",
                )


def check_links(drawing: Drawing) -> Iterator[Problem]:
    """Require one arrival and a departure of every link name in its scope."""
    diagram = drawing.drawn
    for scope in diagram.scopes:
        links = [(n, name) for n in diagram.nodes_in(scope) for name in _link_names(n)]
        arrivals = [name for n, name in links if n.kind == "intermediateCatchEvent"]
        departures = [name for n, name in links if n.kind == "intermediateThrowEvent"]
        for node, name in links:
            catching = node.kind == "intermediateCatchEvent"
            paired = name in departures if catching else arrivals.count(name) == 1
            if not name or not paired or (catching and arrivals.count(name) > 1):
                yield diagram.problem(
                    "event.link_unmatched",
                    node,
                    en=f"The link {node.label} (“{name}”) has no single counterpart of the same"
                    " link name in this scope; name both halves alike, with one arrival.",
                    zh=f"链接 {node.label}（“{name}”）在同一范围内没有唯一同名的另一半；"
                    "请让两端同名，且只有一个到达点。",
                )


def check_correlation(drawing: Drawing) -> Iterator[Problem]:
    """Warn where a message that is waited for does not say which instance it is for."""
    diagram = drawing.drawn
    for node in diagram.nodes.values():
        waits = node.kind == "receiveTask" or (
            node.kind in {"intermediateCatchEvent", "boundaryEvent"}
            and "message" in node.event_kinds
        )
        if waits and node.extension("correlation") is None:
            yield diagram.problem(
                "event.correlation_missing",
                node,
                en=f"{node.label} waits for its message without cs:correlation, so every instance"
                " that waits would match; say by which value it is found (for example: lot).",
                zh=f"{node.label} 等待消息但没有 cs:correlation，所有等待的实例都会匹配；"
                "请写明用哪个值关联（例如：lot）。",
                severity="warning",
            )


def check_errors_caught(drawing: Drawing) -> Iterator[Problem]:
    """Warn of an error end event that no boundary event around it catches."""
    diagram = drawing.drawn
    for node in diagram.nodes_of_kind("endEvent"):
        if node.event_kinds != ("error",) or _is_caught(diagram, node):
            continue
        yield diagram.problem(
            "event.error_uncaught",
            node,
            en=f"No boundary event around {node.label} catches its error; only a call activity that"
            " runs this process could, and otherwise the step fails. Attach an error boundary event"
            " to the subprocess, or end without an error.",
            zh=f"{node.label} 抛出的错误没有被任何外层边界事件捕获；除非由调用活动捕获，"
            "否则该步骤会失败。请在子流程上附加错误边界事件，或改为普通结束。",
            severity="warning",
        )


def check_errors_possible(drawing: Drawing) -> Iterator[Problem]:
    """Warn of an error boundary event on something that cannot fail."""
    diagram = drawing.drawn
    for node in diagram.nodes_of_kind("boundaryEvent"):
        host = diagram.nodes.get(node.element.get("attachedToRef", ""))
        if host is not None and node.event_kinds == ("error",) and host.kind not in _CAN_FAIL:
            yield diagram.problem(
                "event.error_impossible",
                node,
                en=f"{host.label} never ends with an error, so {node.label} never happens; attach"
                " it to a service or business rule task, a call activity or a subprocess.",
                zh=f"{host.label} 不会以错误结束，因此 {node.label} 永远不会发生；"
                "请附着在服务任务、业务规则任务、调用活动或子流程上。",
                severity="warning",
            )


def check_starts(drawing: Drawing) -> Iterator[Problem]:
    """Require one start by hand at most, one start for a message, one start in a subprocess."""
    diagram = drawing.drawn
    for scope in diagram.scopes:
        starts = [n for n in diagram.nodes_in(scope) if n.kind == "startEvent"]
        seen: set[str | None] = set()
        for node in starts:
            name = diagram.event_name(node, "message")
            again = name in seen or (bool(seen) and scope != diagram.process_id)
            seen.add(name)
            if again:
                yield diagram.problem(
                    "event.start_twice",
                    node,
                    en=f"{node.label} is a second start of the same kind in its scope, and nothing"
                    " says which one is meant; keep one.",
                    zh=f"{node.label} 是同一范围内第二个同类开始事件，无法判断从哪个开始；"
                    "请只保留一个。",
                )


def check_contents(drawing: Drawing) -> Iterator[Problem]:
    """Require something to do in a process or subprocess."""
    diagram = drawing.drawn
    for scope, element in diagram.scopes.items():
        if not diagram.nodes_in(scope):
            yield diagram.problem(
                "bpmn.empty",
                element,
                en=f"{scope} holds nothing to do; draw its activities"
                f"{'' if scope == diagram.process_id else ', or make it a task'}.",
                zh=f"{scope} 是空的；请画出其中的活动"
                f"{'' if scope == diagram.process_id else '，或改为任务'}。",
            )


def _check_reference(
    diagram: Diagram, node: FlowNode, place: Element, attribute: str, kind: str
) -> Iterator[Problem]:
    reference = place.get(attribute)
    expected = kind_of(place) == f"{kind}EventDefinition" or (
        kind == "message" and kind_of(place) in _MESSAGE_TASKS
    )
    if not expected:
        return
    target = diagram.root_element(reference)
    en, zh = _SOME_WORDS[kind]
    if reference and (target is None or kind_of(target) != kind):
        yield diagram.problem(
            f"event.{kind}_unknown",
            node,
            en=f"{node.label} refers to the {en} “{reference}”, which the file does not hold;"
            f" choose the {en} anew.",
            zh=f"{node.label} 引用的{zh}“{reference}”在文件中不存在；请重新选择{zh}。",
        )
    elif kind in {"message", "signal"} and not diagram.event_name(node, kind):
        yield diagram.problem(
            f"event.{kind}_missing",
            node,
            en=f"{node.label} does not name its {en}; choose or create a {en} with a name.",
            zh=f"{node.label} 没有指定{zh}；请选择或新建一个有名称的{zh}。",
        )
    elif kind in {"error", "escalation"} and node.kind in {"endEvent", "intermediateThrowEvent"}:
        code = "" if target is None else target.get(f"{kind}Code", "").strip()
        if not code:
            yield diagram.problem(
                f"event.{kind}_code_missing",
                node,
                en=f"{node.label} does not say which {en} it throws; choose an {en} with a code.",
                zh=f"{node.label} 没有说明抛出哪个{zh}；请选择带代码的{zh}。",
            )
    elif (
        kind in {"error", "escalation"}
        and target is not None
        and not target.get(f"{kind}Code", "").strip()
    ):
        yield diagram.problem(
            f"event.{kind}_code_missing",
            node,
            en=f"The {en} that {node.label} catches has no code; give it the code that is"
            f" thrown, or remove the reference to catch every {en}.",
            zh=f"{node.label} 捕获的{zh}没有代码；请填写抛出的代码，或去掉引用以捕获所有{zh}。",
        )


def _link_names(node: FlowNode) -> Iterator[str]:
    for definition in children_of(node.element, "linkEventDefinition"):
        yield definition.get("name", "").strip()


def _is_caught(diagram: Diagram, node: FlowNode) -> bool:
    code = _error_code(diagram, node)
    for scope in diagram.enclosing(node):
        for boundary in diagram.boundaries.get(scope.id, ()):
            if boundary.event_kinds == ("error",) and _error_code(diagram, boundary) in {
                None,
                code,
            }:
                return True
    return False


def _error_code(diagram: Diagram, node: FlowNode) -> str | None:
    """Give the code of a node's error; None for a boundary event that catches any."""
    for definition in children_of(node.element, "errorEventDefinition"):
        error = diagram.root_element(definition.get("errorRef"))
        if error is not None:
            return error.get("errorCode", "").strip() or None
    return None
