"""Read what an event waits for or throws."""

from collections.abc import Callable, Mapping

import msgspec
from lxml import etree

from engine.definitions.model import Activity
from engine.execution.errors import DefinitionNotExecutable
from engine.execution.expressions import Expressions
from engine.execution.flow_nodes import require
from engine.execution.parsing import MESSAGE_TASKS, NodeElement, ProcessElement
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


class _Place(msgspec.Struct, frozen=True):
    """Where an event stands: what its trigger is read from."""

    node: NodeElement
    process: ProcessElement
    activity: Activity
    expressions: Expressions


def trigger_of(
    node: NodeElement, process: ProcessElement, activity: Activity, expressions: Expressions
) -> Trigger | None:
    """Give what an event, a send or a receive task waits for or throws; None for a none event."""
    place = _Place(node, process, activity, expressions)
    if node.kind in MESSAGE_TASKS:
        return _message(place, node.xml)
    if node.event == "none":
        return None
    xml = node.child(f"{node.event}EventDefinition")
    if node.event not in _READERS or xml is None:
        raise DefinitionNotExecutable(f"{node.id!r}: {node.event} events are not executed.")
    return _READERS[node.event](place, xml)


def _message(place: _Place, xml: etree._Element) -> Trigger:
    inner = place.node.child("messageEventDefinition")
    definition = xml if xml.get("messageRef") or inner is None else inner
    name = place.activity.message or _name(place, definition, "message")
    return Message(name, place.expressions.optional(place.activity.correlation, place.node.id))


def _signal(place: _Place, xml: etree._Element) -> Trigger:
    return Signal(_name(place, xml, "signal"))


def _timer(place: _Place, _: etree._Element) -> Trigger:
    for kind in _TIMERS:
        text = place.node.text(f"timerEventDefinition/{kind}")
        if text and is_iso_literal(kind, text):
            return TimerTrigger(kind, text, None)
        if text:
            return TimerTrigger(kind, "", place.expressions.get(text, place.node.id))
    raise DefinitionNotExecutable(f"Timer {place.node.id!r} says no date, duration or cycle.")


def _conditional(place: _Place, _: etree._Element) -> Trigger:
    text = place.node.text("conditionalEventDefinition/condition")
    return Condition(place.expressions.get(text, place.node.id))


def _error(place: _Place, xml: etree._Element) -> Trigger:
    return Error(_code(place, xml, "error"))


def _escalation(place: _Place, xml: etree._Element) -> Trigger:
    return Escalation(_code(place, xml, "escalation"))


def _terminate(_: _Place, __: etree._Element) -> Trigger:
    return Terminate()


_READERS: Mapping[str, Callable[[_Place, etree._Element], Trigger]] = {
    "message": _message,
    "signal": _signal,
    "timer": _timer,
    "conditional": _conditional,
    "error": _error,
    "escalation": _escalation,
    "terminate": _terminate,
}


def _name(place: _Place, xml: etree._Element, what: str) -> str:
    found = place.process.referenced(xml, f"{what}Ref")
    name = "" if found is None else (found.get("name") or "").strip()
    require(name, f"{place.node.id!r} names no {what}.")
    return name


def _code(place: _Place, xml: etree._Element, what: str) -> str | None:
    """Give the code of an error or escalation; only who catches may leave it out (catch all)."""
    found = place.process.referenced(xml, f"{what}Ref")
    code = None if found is None else (found.get(f"{what}Code") or "").strip() or None
    catches_all = found is None and place.node.kind == "boundaryEvent"
    require(code or catches_all, f"{place.node.id!r} names no code of its {what}.")
    return code
