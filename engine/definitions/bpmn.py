"""The words of BPMN 2.0 and of our extension, as they stand in the XML."""

from typing import TypeAlias, cast

from lxml import etree

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml offers no public name for it

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
CS = "urn:countersign:bpmn:1"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"

# An unspecified task waits for a person like a user task (engine/execution/coverage.py).
HUMAN_TASKS = frozenset({"userTask", "manualTask", "task"})
TASKS = HUMAN_TASKS | {
    "scriptTask",
    "serviceTask",
    "sendTask",
    "receiveTask",
    "businessRuleTask",
}
SUBPROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES = TASKS | SUBPROCESSES | {"callActivity"}
CONDITIONAL_GATEWAYS = frozenset({"exclusiveGateway", "inclusiveGateway"})
GATEWAYS = CONDITIONAL_GATEWAYS | {"parallelGateway", "eventBasedGateway", "complexGateway"}
CATCHING_EVENTS = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent"})
THROWING_EVENTS = frozenset({"intermediateThrowEvent", "endEvent"})
EVENTS = CATCHING_EVENTS | THROWING_EVENTS
FLOW_NODES = (
    ACTIVITIES | GATEWAYS | EVENTS | {"choreographyTask", "subChoreography", "callChoreography"}
)
SCOPES = SUBPROCESSES | {"process"}

EVENT_DEFINITIONS = {
    "messageEventDefinition": "message",
    "timerEventDefinition": "timer",
    "signalEventDefinition": "signal",
    "errorEventDefinition": "error",
    "escalationEventDefinition": "escalation",
    "terminateEventDefinition": "terminate",
    "conditionalEventDefinition": "conditional",
    "linkEventDefinition": "link",
    "cancelEventDefinition": "cancel",
    "compensateEventDefinition": "compensation",
}
TIMER_VALUES = ("timeDate", "timeDuration", "timeCycle")
LOOPS = frozenset({"multiInstanceLoopCharacteristics", "standardLoopCharacteristics"})

ROOT_REFERENCES = {
    "messageRef": "message",
    "signalRef": "signal",
    "errorRef": "error",
    "escalationRef": "escalation",
}
"""Attributes that point at a root element, and that element's name."""


def bpmn(name: str) -> str:
    """Give the full tag of a BPMN element."""
    return f"{{{BPMN}}}{name}"


def cs(name: str) -> str:
    """Give the full name of an attribute or element of our extension."""
    return f"{{{CS}}}{name}"


def kind_of(element: Element) -> str | None:
    """Give the local name of a BPMN element; None for any other element."""
    tag = str(element.tag)
    if not tag.startswith(f"{{{BPMN}}}"):
        return None
    return tag[len(BPMN) + 2 :]


def line_of(element: Element) -> int | None:
    """Give the line on which an element's start tag ends; None for an element made here."""
    return cast("int | None", element.sourceline)


def children_of(element: Element, *kinds: str) -> list[Element]:
    """Give the direct BPMN children of these kinds, in document order."""
    wanted = frozenset(kinds)
    return [child for child in element if kind_of(child) in wanted]


def child_text(element: Element, kind: str) -> str:
    """Give the stripped text of the first child of a kind; "" when there is none."""
    found = children_of(element, kind)
    return (found[0].text or "").strip() if found else ""


def local_reference(value: str | None) -> str:
    """Give the id that a QName reference means: "ns:Message_1" names "Message_1"."""
    return (value or "").strip().rsplit(":", 1)[-1]
