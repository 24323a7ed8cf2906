"""Refuse what the execution core does not execute as BPMN means it; coverage.py there says what."""

from collections.abc import Iterator

from engine.definitions.bpmn import (
    ACTIVITIES,
    EVENTS,
    FLOW_NODES,
    SUBPROCESSES,
    Element,
    children_of,
    kind_of,
)
from engine.definitions.diagram import FlowNode
from engine.definitions.lint.drawing import Drawing
from engine.execution.coverage import event_kind, refusal
from engine.problems import Problem

_DATA_STORES = ("dataStoreReference", "dataStore")
_TOLD_BY_NODES = frozenset({"eventDefinitionRef"})
_QUANTITIES = ("startQuantity", "completionQuantity")


def check_elements(drawing: Drawing) -> Iterator[Problem]:
    """Check the kind of every flow node, its attributes and its loop."""
    for node in drawing.drawn.nodes.values():
        for kind in _kinds_of(node, drawing):
            reason = refusal(kind)
            if reason is not None:
                yield drawing.drawn.problem(
                    "bpmn.unsupported",
                    node,
                    en=f"{node.label}: {reason['en']}",
                    zh=f"{node.label}：{reason['zh']}",
                )
    yield from _refused_beside_nodes(drawing)


def _refused_beside_nodes(drawing: Drawing) -> Iterator[Problem]:
    """Refuse what is no flow node of ours at all, and would be left out without a word."""
    for element in drawing.drawn.process.iter():
        kind = kind_of(element) or ""
        reason = None if kind in FLOW_NODES | _TOLD_BY_NODES else refusal(kind, only_known=True)
        if reason is not None:
            label = element.get("id") or kind
            yield drawing.drawn.problem(
                "bpmn.unsupported",
                element,
                en=f"{label}: {reason['en']}",
                zh=f"{label}：{reason['zh']}",
            )


def check_data_stores(drawing: Drawing) -> Iterator[Problem]:
    """Refuse data stores: the engine does not read or write them, a service task does."""
    for element in drawing.drawn.process.iter():
        if kind_of(element) in _DATA_STORES:
            yield drawing.drawn.problem(
                "bpmn.data_store",
                element,
                en="Data stores are not executed; read and write them with a service task, and"
                " remove this one (a text annotation may name it).",
                zh="不执行数据存储；请用服务任务读写，并删除此元素（可用文本注释说明）。",
            )


def check_unspecified_tasks(drawing: Drawing) -> Iterator[Problem]:
    """Warn of an unspecified task: a person does it, but most often its kind was forgotten."""
    for node in drawing.drawn.nodes_of_kind("task"):
        yield drawing.drawn.problem(
            "task.unspecified",
            node,
            en=f"{node.label} does not say what kind of task it is and is treated as a user task;"
            " make it one, or a service, script or business rule task.",
            zh=f"{node.label} 未说明任务类型，将按用户任务处理；请明确为用户任务、服务任务、"
            "脚本任务或业务规则任务。",
            severity="warning",
        )


def _kinds_of(node: FlowNode, drawing: Drawing) -> Iterator[str]:
    """Give the constructs that a node uses, in the words of execution/coverage.py."""
    element = node.element
    if node.kind in EVENTS:
        yield from _event_kinds(node, drawing)
    else:
        yield node.kind
    if node.kind in ACTIVITIES:
        yield from _activity_kinds(element)
    if node.kind in SUBPROCESSES and element.get("triggeredByEvent") == "true":
        yield "subProcess@triggeredByEvent=true"
    if node.kind in {"receiveTask", "eventBasedGateway"} and element.get("instantiate") == "true":
        yield f"{node.kind}@instantiate=true"
    if node.kind == "eventBasedGateway" and element.get("eventGatewayType") == "Parallel":
        yield "eventBasedGateway@eventGatewayType=Parallel"


def _event_kinds(node: FlowNode, drawing: Drawing) -> Iterator[str]:
    definitions = tuple(kind_of(e) or "" for e in node.event_definitions)
    references = children_of(node.element, "eventDefinitionRef")
    if references:
        yield "eventDefinitionRef"
        return
    kind = event_kind(node.kind, definitions)
    in_process = node.scope == drawing.drawn.process_id
    if node.kind == "startEvent" and not in_process and definitions:
        # The start of an event subprocess is refused with its subprocess.
        scope = drawing.drawn.scopes[node.scope]
        if scope.get("triggeredByEvent") != "true":
            yield "subProcess>startEvent/message"
        return
    yield kind
    if kind == "boundaryEvent/error" and node.element.get("cancelActivity") == "false":
        yield "boundaryEvent/error@cancelActivity=false"


def _activity_kinds(element: Element) -> Iterator[str]:
    if element.get("isForCompensation") == "true":
        yield "activity@isForCompensation=true"
    for quantity in _QUANTITIES:
        if element.get(quantity, "1").strip() != "1":
            yield f"activity@{quantity}"
    for loop in children_of(element, "multiInstanceLoopCharacteristics"):
        throws = children_of(loop, "complexBehaviorDefinition")
        if loop.get("behavior", "All") != "All" or throws:
            yield "multiInstanceLoopCharacteristics@behavior"
