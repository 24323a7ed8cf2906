"""Read what an event waits for or throws."""

from lxml import etree

from engine.definitions.model import Activity
from engine.execution.errors import DefinitionNotExecutable
from engine.execution.expressions import Expressions
from engine.execution.flow_nodes import require
from engine.execution.parsing import BPMN, NodeElement, ProcessElement
from engine.execution.timers import TimerKind, is_iso_literal
from engine.execution.triggers import (
    Condition,
    Error,
    Escalation,
    Message,
    Signal,
    Terminate,
    TimerTrigger,
    Trigger,
)

_TIMERS: tuple[TimerKind, ...] = ("timeDate", "timeDuration", "timeCycle")


def trigger_of(
    node: NodeElement, process: ProcessElement, activity: Activity, expressions: Expressions
) -> Trigger | None:
    """Give what an event, a send or a receive task waits for or throws; None for a none event."""
    if node.kind in ("sendTask", "receiveTask"):
        return _message(node, node.xml, process, activity, expressions)
    xml = node.child(f"{node.event}EventDefinition")
    if node.event == "none" or xml is None:
        return None
    match node.event:
        case "message":
            return _message(node, xml, process, activity, expressions)
        case "signal":
            name = _named(node, process.referenced(xml, "signalRef"), "signal")
            return Signal(name)
        case "timer":
            return _timer(node, expressions)
        case "conditional":
            text = node.text("conditionalEventDefinition/condition")
            return Condition(expressions.get(text, node.id))
        case "error":
            return Error(_code(node, process.referenced(xml, "errorRef"), "errorCode"))
        case "escalation":
            code = _code(node, process.referenced(xml, "escalationRef"), "escalationCode")
            return Escalation(code)
        case "terminate":
            return Terminate()
        case other:
            raise DefinitionNotExecutable(f"{node.id!r}: {other} events are not executed.")


def _message(
    node: NodeElement,
    xml: etree._Element,
    process: ProcessElement,
    activity: Activity,
    expressions: Expressions,
) -> Message:
    definition = xml if xml.get("messageRef") else node.child("messageEventDefinition")
    found = None if definition is None else process.referenced(definition, "messageRef")
    name = activity.message or _named(node, found, "message")
    return Message(name, expressions.optional(activity.correlation, node.id))


def _timer(node: NodeElement, expressions: Expressions) -> TimerTrigger:
    for kind in _TIMERS:
        text = node.text(f"timerEventDefinition/{kind}")
        if text:
            if is_iso_literal(kind, text):
                return TimerTrigger(kind, text, None)
            return TimerTrigger(kind, "", expressions.get(text, node.id))
    raise DefinitionNotExecutable(f"Timer {node.id!r} says no date, duration or cycle.")


def _named(node: NodeElement, found: etree._Element | None, what: str) -> str:
    name = "" if found is None else (found.get("name") or "").strip()
    require(name, f"{node.id!r} names no {what}.")
    return name


def _code(node: NodeElement, found: etree._Element | None, attribute: str) -> str | None:
    """Give the code of an error or escalation; only who catches may leave it out (catch all)."""
    code = None if found is None else (found.get(attribute) or "").strip() or None
    require(code or node.kind == "boundaryEvent", f"{node.id!r} throws without a code.")
    if found is not None:
        require(code, f"{found.tag.removeprefix(BPMN)} {found.get('id')!r} has no {attribute}.")
    return code
