"""Copy of a diagram what is executed, and nothing else.

Shapes, documentation, artifacts, other tools' extensions and data elements stay behind. So does the
layout: it would otherwise decide the order in which a gateway looks at its conditions.
"""

from lxml import etree

from engine.definitions.bpmn import (
    BPMN,
    CS,
    EVENT_DEFINITIONS,
    FLOW_NODES,
    ROOT_REFERENCES,
    TIMER_VALUES,
    Element,
    bpmn,
    children_of,
    kind_of,
    local_reference,
)

_TEXTS = frozenset(
    {
        *TIMER_VALUES,
        "flowNodeRef",
        "conditionExpression",
        "condition",
        "script",
        "loopCardinality",
        "loopCondition",
        "completionCondition",
    }
)
_ELEMENTS = (
    FLOW_NODES
    | _TEXTS
    | EVENT_DEFINITIONS.keys()
    | {
        "process",
        "laneSet",
        "lane",
        "childLaneSet",
        "sequenceFlow",
        "extensionElements",
        "multiInstanceLoopCharacteristics",
        "standardLoopCharacteristics",
    }
)
_ROOT_ELEMENTS = frozenset(ROOT_REFERENCES.values())
_REFERENCES = frozenset({*ROOT_REFERENCES, "calledElement"})
_ATTRIBUTES = _REFERENCES | {
    "id",
    "name",
    "isExecutable",
    "sourceRef",
    "targetRef",
    "default",
    "attachedToRef",
    "cancelActivity",
    "parallelMultiple",
    "errorCode",
    "escalationCode",
    "scriptFormat",
    "isSequential",
    "testBefore",
    "loopMaximum",
    "triggeredByEvent",
    "isForCompensation",
}


def transcribe(root: Element, process: Element) -> tuple[Element, Element]:
    """Give a new tree with one process, and that process; the given tree is not touched."""
    new_root = etree.Element(bpmn("definitions"), nsmap={"bpmn": BPMN, "cs": CS})
    new_root.set("targetNamespace", CS)
    for element in children_of(root, *_ROOT_ELEMENTS):
        _copy(element, new_root)
    return new_root, _copy(process, new_root)


def _copy(element: Element, parent: Element) -> Element:
    """Copy what is executed: known elements, their known attributes, everything of ours."""
    made = etree.SubElement(parent, element.tag)
    for name, value in sorted(element.attrib.items()):
        if str(name).startswith(f"{{{CS}}}"):
            made.set(name, value)
        elif name in _REFERENCES:
            made.set(name, local_reference(str(value)))
        elif name in _ATTRIBUTES:
            made.set(name, value)
    if kind_of(element) in _TEXTS:
        made.text = (element.text or "").strip()
    for child in element:
        if kind_of(child) in _ELEMENTS:
            _copy(child, made)
        elif kind_of(element) == "extensionElements" and _is_ours(child):
            _copy_ours(child, made)
    if kind_of(made) == "extensionElements" and not len(made):
        parent.remove(made)
    return made


def _is_ours(element: Element) -> bool:
    return str(element.tag).startswith(f"{{{CS}}}")


def _copy_ours(element: Element, parent: Element) -> None:
    copied = etree.SubElement(parent, element.tag)
    for name, value in sorted(element.attrib.items()):
        copied.set(name, value)
