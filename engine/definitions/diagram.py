"""The graph of a diagram: its flow nodes, sequence flows, lanes and names, read from the XML.

A view: it changes nothing. It is made twice in a deployment, of the diagram as drawn (for what the
author wrote) and of the normalised one (for where tokens can go). It expects ids to be present and
unique (lint/identity.py checks that first) and takes everything else as it comes.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from engine.definitions.bpmn import (
    EVENT_DEFINITIONS,
    FLOW_NODES,
    HUMAN_TASKS,
    LOOPS,
    SCOPES,
    Element,
    bpmn,
    children_of,
    cs,
    kind_of,
    line_of,
    local_reference,
)
from engine.problems import Problem

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowNode:
    """One flow node; `scope` is the id of the process or subprocess that holds it."""

    id: str
    kind: str
    element: Element
    scope: str

    @property
    def is_human(self) -> bool:
        return self.kind in HUMAN_TASKS

    @property
    def label(self) -> str:
        """How a message names it: “Document check” (Task_1)."""
        name = " ".join(self.element.get("name", "").split())
        return f"“{name}” ({self.id})" if name else self.id

    def extension(self, name: str) -> str | None:
        """Give the stripped value of a `cs:` attribute; None when absent or empty."""
        return extension(self.element, name)

    @property
    def event_kinds(self) -> tuple[str, ...]:
        """What the event waits for or tells: ("timer",); empty for a none event."""
        return tuple(EVENT_DEFINITIONS[kind_of(e) or ""] for e in self.event_definitions)

    @property
    def event_definitions(self) -> list[Element]:
        return children_of(self.element, *EVENT_DEFINITIONS)

    @property
    def loop(self) -> Element | None:
        """The multi-instance or loop characteristics of an activity."""
        return next(iter(children_of(self.element, *LOOPS)), None)

    @property
    def is_multi_instance(self) -> bool:
        loop = self.loop
        return loop is not None and kind_of(loop) == "multiInstanceLoopCharacteristics"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One sequence flow; `condition` is None without one, "" with an empty one."""

    id: str
    source: str
    target: str
    condition: str | None
    element: Element
    scope: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One lane: its name is a role code; `path` names its outer lanes, itself last."""

    id: str
    name: str
    element: Element
    nodes: frozenset[str]
    is_leaf: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """What is drawn for one process, by id."""

    file: str
    root: Element
    process: Element
    nodes: Mapping[str, FlowNode]
    flows: Mapping[str, Flow]
    scopes: Mapping[str, Element]
    lanes: tuple[Lane, ...]
    outgoing: Mapping[str, tuple[Flow, ...]]
    incoming: Mapping[str, tuple[Flow, ...]]
    boundaries: Mapping[str, tuple[FlowNode, ...]]
    references: Mapping[str, Element]
    by_scope: Mapping[str, tuple[FlowNode, ...]]
    lanes_of: Mapping[str, tuple[Lane, ...]]

    @property
    def process_id(self) -> str:
        return str(self.process.get("id"))

    def nodes_in(self, scope: str) -> tuple[FlowNode, ...]:
        return self.by_scope.get(scope, ())

    def nodes_of_kind(self, *kinds: str) -> list[FlowNode]:
        return [node for node in self.nodes.values() if node.kind in kinds]

    def enclosing(self, node: FlowNode) -> Iterator[FlowNode]:
        """Give the subprocesses around a node, innermost first."""
        scope = self.nodes.get(node.scope)
        while scope is not None:
            yield scope
            scope = self.nodes.get(scope.scope)

    def role_of(self, node: FlowNode) -> str | None:
        """Give the name of the innermost lane; content of a subprocess inherits the lane."""
        for place in (node, *self.enclosing(node)):
            lanes = self.lanes_of.get(place.id, ())
            leaf = next((lane for lane in lanes if lane.is_leaf), None)
            if lanes:
                return (leaf or lanes[-1]).name or None
        return None

    def root_element(self, reference: str | None) -> Element | None:
        """Give the message, signal, error or escalation that a reference means."""
        return self.references.get(local_reference(reference))

    def event_name(self, node: FlowNode, kind: str) -> str | None:
        """Give the name of the message or signal that a node waits for or tells.

        `kind` is "message" or "signal". Send and receive tasks carry the reference themselves.
        """
        attribute = f"{kind}Ref"
        for element in (node.element, *node.event_definitions):
            root_element = self.root_element(element.get(attribute))
            if root_element is not None and kind_of(root_element) == kind:
                return root_element.get("name", "").strip() or None
        return None

    def problem(
        self,
        code: str,
        place: FlowNode | Flow | Lane | Element,
        *,
        en: str,
        zh: str,
        severity: Literal["error", "warning", "information"] = "error",
    ) -> Problem:
        """Make a finding about a place in this diagram."""
        element = place if not isinstance(place, FlowNode | Flow | Lane) else place.element
        return Problem(
            code=code,
            message={"en": en, "zh": zh},
            file=self.file,
            element_id=nearest_id(element),
            line=line_of(element),
            severity=severity,
        )


def read_diagram(root: Element, process: Element, file: str) -> Diagram:
    """Read the graph of `process`, one of the processes below `root`."""
    scopes = {str(e.get("id")): e for e in process.iter() if kind_of(e) in SCOPES}
    nodes = {node.id: node for node in _nodes_in(scopes)}
    flows = {flow.id: flow for flow in _flows_in(scopes)}
    lanes = tuple(_lanes_in(process))
    boundaries = [node for node in nodes.values() if node.kind == "boundaryEvent"]
    return Diagram(
        file=file,
        root=root,
        process=process,
        nodes=nodes,
        flows=flows,
        scopes=scopes,
        lanes=lanes,
        outgoing=_grouped((flow.source, flow) for flow in flows.values()),
        incoming=_grouped((flow.target, flow) for flow in flows.values()),
        boundaries=_grouped((b.element.get("attachedToRef", ""), b) for b in boundaries),
        references={str(e.get("id")): e for e in root if e.get("id") is not None},
        by_scope=_grouped((node.scope, node) for node in nodes.values()),
        lanes_of=_grouped((node, lane) for lane in lanes for node in lane.nodes),
    )


def extension(element: Element, name: str) -> str | None:
    """Give the stripped value of a `cs:` attribute; None when absent or empty."""
    return element.get(cs(name), "").strip() or None


def nearest_id(element: Element) -> str | None:
    """Give the element's id, or that of the nearest element around it that has one."""
    place: Element | None = element
    while place is not None:
        if place.get("id"):
            return place.get("id")
        place = place.getparent()
    return None


def _grouped(pairs: Iterable[tuple[str, _Item]]) -> dict[str, tuple[_Item, ...]]:
    groups: dict[str, list[_Item]] = {}
    for key, item in pairs:
        groups.setdefault(key, []).append(item)
    return {key: tuple(items) for key, items in groups.items()}


def _nodes_in(scopes: Mapping[str, Element]) -> Iterator[FlowNode]:
    for scope, element in scopes.items():
        for child in children_of(element, *FLOW_NODES):
            kind = kind_of(child) or ""
            yield FlowNode(id=str(child.get("id")), kind=kind, element=child, scope=scope)


def _flows_in(scopes: Mapping[str, Element]) -> Iterator[Flow]:
    for scope, element in scopes.items():
        for child in children_of(element, "sequenceFlow"):
            conditions = children_of(child, "conditionExpression")
            yield Flow(
                id=str(child.get("id")),
                source=child.get("sourceRef", ""),
                target=child.get("targetRef", ""),
                condition=(conditions[0].text or "").strip() if conditions else None,
                element=child,
                scope=scope,
            )


def _lanes_in(process: Element) -> Iterator[Lane]:
    for element in process.iter(bpmn("lane")):
        nodes = (reference.text or "" for reference in children_of(element, "flowNodeRef"))
        yield Lane(
            id=element.get("id", ""),
            name=element.get("name", "").strip(),
            element=element,
            nodes=frozenset(node.strip() for node in nodes),
            is_leaf=not children_of(element, "childLaneSet"),
        )
