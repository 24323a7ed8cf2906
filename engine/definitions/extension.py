"""Our extension of BPMN: which attribute may stand on which element, and where FEEL stands.

docs/diagram-extension.md explains each by example and web/src/diagram/countersign-moddle.json
describes them to the diagram editor; tests keep the three together.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from engine.definitions.bpmn import (
    ACTIVITIES,
    CS,
    FLOW_NODES,
    HUMAN_TASKS,
    TIMER_VALUES,
    Element,
    children_of,
    cs,
    kind_of,
)
from engine.definitions.diagram import extension

_MESSAGE_CATCHES = frozenset(
    {"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"}
)
_MESSAGE_THROWS = frozenset({"sendTask", "intermediateThrowEvent", "endEvent"})
_MULTI_INSTANCE = frozenset({"multiInstanceLoopCharacteristics"})

ATTRIBUTES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "nameZh": FLOW_NODES | {"process", "lane", "sequenceFlow", "participant"},
        "documentationZh": ACTIVITIES | {"process"},
        "title": frozenset({"process"}),
        "form": HUMAN_TASKS | {"startEvent"},
        "signature": HUMAN_TASKS,
        "separateFrom": HUMAN_TASKS,
        "offline": HUMAN_TASKS | {"startEvent", "serviceTask"},
        "due": HUMAN_TASKS,
        "escalateTo": HUMAN_TASKS,
        "startedBy": frozenset({"startEvent"}),
        "priority": HUMAN_TASKS,
        "training": HUMAN_TASKS,
        "deviceClass": HUMAN_TASKS,
        "handler": frozenset({"serviceTask"}),
        "decision": frozenset({"businessRuleTask"}),
        "result": HUMAN_TASKS
        | _MESSAGE_CATCHES
        | {"serviceTask", "businessRuleTask", "callActivity"},
        "correlation": _MESSAGE_CATCHES | _MESSAGE_THROWS,
        "payload": _MESSAGE_CATCHES,
        "collection": _MULTI_INSTANCE,
        "element": _MULTI_INSTANCE,
        "outputCollection": _MULTI_INSTANCE,
        "outputElement": _MULTI_INSTANCE,
    }
)
"""Attribute -> the BPMN elements it has a meaning on."""

CAPABLE = frozenset("AB")
"""Classes of cs:offline that are completed without a connection (offline_class.py)."""

LATER = "later"
"""cs:offline of a service task: a device goes on past it, the server does it when it hears."""

INPUT_HOLDERS = _MESSAGE_THROWS | {"serviceTask", "callActivity"}
"""Where `<cs:input name="" value=""/>` has a meaning."""

Use: TypeAlias = Literal[
    "condition",
    "script",
    "timeDate",
    "timeDuration",
    "timeCycle",
    "cardinality",
    "collection",
    "completion",
    "output",
    "loop",
    "correlation",
    "input",
    "due",
    "title",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeelText:
    """A FEEL text of the diagram; `element` is where it stands, `owner` what it belongs to."""

    text: str
    use: Use
    element: Element
    owner: Element


_ELEMENT_TEXTS: Mapping[str, Use] = MappingProxyType(
    {
        "conditionExpression": "condition",
        "condition": "condition",
        "script": "script",
        "timeDate": "timeDate",
        "timeDuration": "timeDuration",
        "timeCycle": "timeCycle",
        "loopCardinality": "cardinality",
        "completionCondition": "completion",
        "loopCondition": "loop",
    }
)
_ATTRIBUTE_TEXTS: Mapping[str, Use] = MappingProxyType(
    {
        "title": "title",
        "due": "due",
        "correlation": "correlation",
        "collection": "collection",
        "outputElement": "output",
    }
)


def feel_texts(process: Element) -> Iterator[FeelText]:
    """Give every FEEL text of a process, in document order; empty ones are left out."""
    for element in process.iter():
        kind = kind_of(element)
        if kind is None:
            continue
        text = (element.text or "").strip()
        if kind in _ELEMENT_TEXTS and text and _is_executed(element, kind):
            use = _ELEMENT_TEXTS[kind]
            yield FeelText(text=text, use=use, element=element, owner=_owner(element))
        for name, use in _ATTRIBUTE_TEXTS.items():
            value = extension(element, name)
            if value is not None and kind in ATTRIBUTES[name]:
                yield FeelText(text=value, use=use, element=element, owner=_owner(element))
        for item in inputs_of(element):
            value = item.get("value", "").strip()
            if value:
                yield FeelText(text=value, use="input", element=item, owner=element)


def inputs_of(element: Element) -> list[Element]:
    """Give the `cs:input` elements of a flow node."""
    found = []
    for extensions in children_of(element, "extensionElements"):
        found += [child for child in extensions if child.tag == cs("input")]
    return found


def extension_attributes(element: Element) -> Iterator[tuple[str, str]]:
    """Give the names and values of all attributes in our namespace, known or not."""
    prefix = f"{{{CS}}}"
    for name, value in element.attrib.items():
        if str(name).startswith(prefix):
            yield str(name)[len(prefix) :], str(value)


def extension_elements(element: Element) -> Iterator[Element]:
    """Give all extension elements in our namespace, known or not."""
    for extensions in children_of(element, "extensionElements"):
        for child in extensions:
            if str(child.tag).startswith(f"{{{CS}}}"):
                yield child


def _is_executed(element: Element, kind: str) -> bool:
    """Tell a condition of ours from one of an ad-hoc subprocess, which is refused anyway."""
    parent = element.getparent()
    around = kind_of(parent) if parent is not None else None
    if kind == "completionCondition":
        return around == "multiInstanceLoopCharacteristics"
    if kind == "condition":
        return around == "conditionalEventDefinition"
    if kind in TIMER_VALUES:
        return around == "timerEventDefinition"
    return True


def _owner(element: Element) -> Element:
    """Give the flow node, sequence flow or process around a text."""
    place: Element | None = element
    while place is not None:
        if kind_of(place) in FLOW_NODES | {"sequenceFlow", "process"}:
            return place
        place = place.getparent()
    return element
