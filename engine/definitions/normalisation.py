"""Make of a diagram as people draw it the one that the execution core runs; say every change.

The original stays what it is: editors, viewers and the trail show it. The normalised diagram is a
compiled artefact: only what is executed is copied into it, and what BPMN leaves implicit (a start,
an end, a fork, a merge, a default flow, a link) is written out. Ids of drawn elements are kept; an
added element is named after the one it serves ("Task_1__merge"). Nothing is invented: what is
incomplete stays so, and lint refuses it.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from engine.definitions.bpmn import (
    CONDITIONAL_GATEWAYS,
    FLOW_NODES,
    GATEWAYS,
    SCOPES,
    Element,
    bpmn,
    children_of,
    kind_of,
)
from engine.definitions.diagram import nearest_id
from engine.definitions.model import Change
from engine.definitions.transcription import transcribe

ALWAYS = "true"
"""The condition that normalisation writes where BPMN says that a flow is always taken."""

_DATA = {
    "dataObject": ("data object", "数据对象"),
    "dataObjectReference": ("data object", "数据对象"),
    "dataInputAssociation": ("data association", "数据关联"),
    "dataOutputAssociation": ("data association", "数据关联"),
    "ioSpecification": ("input/output specification", "输入输出规范"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalised:
    """The diagram to execute; `process` is the one process in it."""

    root: Element
    process: Element
    changes: tuple[Change, ...]

    @property
    def xml(self) -> str:
        return etree.tostring(self.root, encoding="unicode")


@dataclass(slots=True, kw_only=True)
class _Work:
    """The copy in the making."""

    process: Element
    ids: set[str]
    changes: list[Change] = field(default_factory=list)

    def new_id(self, base: str, suffix: str) -> str:
        made, count = f"{base}__{suffix}", 1
        while made in self.ids:
            count += 1
            made = f"{base}__{suffix}_{count}"
        self.ids.add(made)
        return made

    def note(self, code: str, element_id: str, en: str, zh: str) -> None:
        self.changes.append(Change(code=code, element_id=element_id, message={"en": en, "zh": zh}))

    def scopes(self) -> Iterator[Element]:
        return (e for e in self.process.iter() if kind_of(e) in SCOPES)


def normalise(root: Element, process: Element) -> Normalised:
    """Give the executable form of `process`; `root` and all below it are left as they are."""
    new_root, new_process = transcribe(root, process)
    ids = {str(e.get("id")) for e in root.iter() if e.get("id") is not None}
    work = _Work(process=new_process, ids=ids)
    _mark_executable(work, process)
    _note_what_is_not_executed(work, root, process)
    for scope in list(work.scopes()):
        _join_links(work, scope)
        _drop_dangling_flows(work, scope)
        _draw_implicit_start(work, scope)
        _draw_implicit_ends(work, scope)
        _draw_default_flows(work, scope)
        _draw_implicit_splits(work, scope)
        _draw_implicit_merges(work, scope)
    return Normalised(root=new_root, process=new_process, changes=tuple(work.changes))


def _mark_executable(work: _Work, drawn: Element) -> None:
    work.process.set("isExecutable", "true")
    if drawn.get("isExecutable") != "true":
        work.note(
            "normalised.executable",
            str(drawn.get("id")),
            "The process was not marked executable; deploying it says that it is.",
            "流程未标记为可执行；部署即视为可执行。",
        )


def _note_what_is_not_executed(work: _Work, root: Element, process: Element) -> None:
    for other in children_of(root, "process"):
        if other is not process:
            work.note(
                "normalised.partner_left_out",
                other.get("id", ""),
                "The process of another participant is only drawn; it is not executed here.",
                "其他参与方的流程只作图示，不在此执行。",
            )
    for element in process.iter(*(bpmn(kind) for kind in _DATA)):
        en, zh = _DATA[kind_of(element) or ""]
        work.note(
            "normalised.data_left_out",
            nearest_id(element) or "",
            f"The {en} is only drawn; all data of an instance lie in its case document.",
            f"{zh}只作图示；实例的全部数据都在流程变量中。",
        )


def _join_links(work: _Work, scope: Element) -> None:
    """Turn a pair of link events into a sequence flow; an unmatched half is left for lint."""
    catches = dict(_links(scope, "intermediateCatchEvent"))
    throws = [(name, e) for name, e in _links(scope, "intermediateThrowEvent") if name in catches]
    for name, throw in throws:
        target = str(catches[name].get("id"))
        _flow(work, scope, str(throw.get("id")), target, "link")
        work.note(
            "normalised.link",
            str(throw.get("id")),
            f"The link “{name}” became a sequence flow to {target}.",
            f"链接“{name}”已转换为指向 {target} 的顺序流。",
        )
    for element in [*(e for _, e in throws), *(catches[name] for name in {n for n, _ in throws})]:
        element.tag = bpmn("intermediateThrowEvent")
        for definition in children_of(element, "linkEventDefinition"):
            element.remove(definition)


def _links(scope: Element, kind: str) -> Iterator[tuple[str, Element]]:
    for element in children_of(scope, kind):
        for definition in children_of(element, "linkEventDefinition"):
            name = definition.get("name", "").strip()
            if name:
                yield name, element


def _drop_dangling_flows(work: _Work, scope: Element) -> None:
    """Leave out what lint refuses, so that it does not stop the other checks."""
    nodes = {node.get("id") for node in children_of(scope, *FLOW_NODES)}
    for flow in children_of(scope, "sequenceFlow"):
        if flow.get("sourceRef") not in nodes or flow.get("targetRef") not in nodes:
            scope.remove(flow)
            work.note(
                "normalised.dangling_flow",
                str(flow.get("id")),
                "A sequence flow without a source or target in this scope was left out.",
                "已略去在此范围内缺少起点或终点的顺序流。",
            )


def _draw_implicit_start(work: _Work, scope: Element) -> None:
    """Start every node without incoming flow where no start event is drawn (BPMN 2.0, 13.3.2)."""
    if children_of(scope, "startEvent"):
        return
    targets = {flow.get("targetRef") for flow in children_of(scope, "sequenceFlow")}
    heads = [node for node in _flow_driven(scope) if node.get("id") not in targets]
    if not heads:
        return
    start = str(_add(work, scope, "startEvent", str(scope.get("id")), "start").get("id"))
    work.note(
        "normalised.implicit_start",
        str(scope.get("id")),
        "A start event was added in front of what has no incoming flow.",
        "已在没有流入的节点之前补上开始事件。",
    )
    for head in heads:
        _flow(work, scope, start, str(head.get("id")), "start_flow")


def _draw_implicit_ends(work: _Work, scope: Element) -> None:
    sources = {flow.get("sourceRef") for flow in children_of(scope, "sequenceFlow")}
    for node in _flow_driven(scope, with_boundary=True):
        if kind_of(node) == "endEvent" or node.get("id") in sources:
            continue
        node_id = str(node.get("id"))
        end = str(_add(work, scope, "endEvent", node_id, "end").get("id"))
        _flow(work, scope, node_id, end, "end_flow")
        work.note(
            "normalised.implicit_end",
            node_id,
            "An end event was added after it, as no sequence flow leaves it.",
            "该节点没有流出，已在其后补上结束事件。",
        )


def _flow_driven(scope: Element, *, with_boundary: bool = False) -> Iterator[Element]:
    """Give the nodes that sequence flows start: no event subprocess, no compensation handler."""
    for node in children_of(scope, *FLOW_NODES):
        if node.get("triggeredByEvent") == "true" or node.get("isForCompensation") == "true":
            continue
        if kind_of(node) == "boundaryEvent" and not with_boundary:
            continue
        yield node


def _draw_default_flows(work: _Work, scope: Element) -> None:
    """Take the one flow of a gateway without a condition as its default, which bears none."""
    outgoing = _by_end(scope, "sourceRef")
    for gateway in children_of(scope, *CONDITIONAL_GATEWAYS):
        flows = outgoing[str(gateway.get("id"))]
        free = [flow for flow in flows if not children_of(flow, "conditionExpression")]
        named = gateway.get("default") in {flow.get("id") for flow in flows}
        if len(flows) > 1 and len(free) == 1 and not named:
            gateway.set("default", str(free[0].get("id")))
            work.note(
                "normalised.default_flow",
                str(gateway.get("id")),
                f"Its one flow without a condition, {free[0].get('id')}, is its default flow.",
                f"唯一没有条件的顺序流 {free[0].get('id')} 作为默认流。",
            )
    defaults = {n.get("default") for n in children_of(scope, *FLOW_NODES)} - {None}
    for flow in children_of(scope, "sequenceFlow"):
        if flow.get("id") in defaults:
            for condition in children_of(flow, "conditionExpression"):
                flow.remove(condition)


def _draw_implicit_splits(work: _Work, scope: Element) -> None:
    """Fork where several flows leave a task: all of them, or those whose condition is true."""
    outgoing = _by_end(scope, "sourceRef")
    for node in children_of(scope, *(FLOW_NODES - GATEWAYS)):
        node_id = str(node.get("id"))
        flows = outgoing[node_id]
        if len(flows) < 2:
            continue
        default = node.get("default")
        node.attrib.pop("default", "")
        chosen = default is not None or any(children_of(f, "conditionExpression") for f in flows)
        kind = "inclusiveGateway" if chosen else "parallelGateway"
        gateway = _add(work, scope, kind, node_id, "split")
        split = str(gateway.get("id"))
        if chosen:
            _give_conditions(gateway, flows, default)
        for flow in flows:
            flow.set("sourceRef", split)
        _flow(work, scope, node_id, split, "split_flow")
        work.note(
            "normalised.implicit_split",
            node_id,
            "The several flows that leave it became a gateway of their own.",
            "从该节点流出的多条顺序流已改为一个网关。",
        )


def _give_conditions(gateway: Element, flows: list[Element], default: str | None) -> None:
    if default is not None:
        gateway.set("default", str(default))
    for flow in flows:
        if flow.get("id") != default and not children_of(flow, "conditionExpression"):
            etree.SubElement(flow, bpmn("conditionExpression")).text = ALWAYS


def _draw_implicit_merges(work: _Work, scope: Element) -> None:
    """Merge where several flows lead to a task: it runs once for each token that arrives."""
    incoming = _by_end(scope, "targetRef")
    for node in children_of(scope, *(FLOW_NODES - GATEWAYS)):
        node_id = str(node.get("id"))
        flows = incoming[node_id]
        if len(flows) < 2:
            continue
        merge = str(_add(work, scope, "exclusiveGateway", node_id, "merge").get("id"))
        for flow in flows:
            flow.set("targetRef", merge)
        _flow(work, scope, merge, node_id, "merge_flow")
        work.note(
            "normalised.implicit_merge",
            node_id,
            "The several flows that lead to it became a merging gateway of their own.",
            "流入该节点的多条顺序流已改为一个汇合网关。",
        )


def _by_end(scope: Element, end: str) -> dict[str, list[Element]]:
    found: dict[str, list[Element]] = defaultdict(list)
    for flow in children_of(scope, "sequenceFlow"):
        found[flow.get(end, "")].append(flow)
    return found


def _add(work: _Work, scope: Element, kind: str, base: str, suffix: str) -> Element:
    made = etree.SubElement(scope, bpmn(kind))
    made.set("id", work.new_id(base, suffix))
    return made


def _flow(work: _Work, scope: Element, source: str, target: str, suffix: str) -> None:
    base = target if suffix == "start_flow" else source
    if suffix == "merge_flow":
        base = target
    flow = etree.SubElement(scope, bpmn("sequenceFlow"))
    flow.set("id", work.new_id(base, suffix))
    flow.set("sourceRef", source)
    flow.set("targetRef", target)
