"""What the shipped processes tell one another: whoever throws is heard, whoever waits is told, and
what is sent holds what is waited for. Read from the diagrams, so that a name that one side changed
is found without a scenario that happens to cross it."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from engine.definitions.bpmn import THROWING_EVENTS, children_of
from engine.definitions.diagram import Diagram, FlowNode, read_diagram
from engine.definitions.extension import inputs_of
from engine.definitions.xml import read_xml
from processes import registry

PROCESSES = Path(registry.__file__).parent
BY_ENGINE = {"decision.no_match"}
"""Errors that the engine itself throws (docs/diagram-extension.md)."""

OUTSIDE = {
    ("message", "mrp.proposal"): "planning hands its proposals in from outside: by the API",
    ("message", "complaint.trend"): "published by the command RaiseComplaintTrend",
    ("message", "shipping.announced"): "a supplier's notice is handed in from outside: by the API",
    ("message", "authority.approved"): "published by the command RecordAuthorityAnswer",
    ("message", "offline.conflict"): "published by the engine for what a device handed in",
    ("message", "consignee.response"): "published by the response page's command",
    ("message", "purchase_order.mailed"): "published by the command SettleOrderMail",
    ("message", "shipping.ordered"): "another system hands its orders in: by the API",
    ("message", "dossier.received"): "published by the command TakeDossier, for the registrant",
    (
        "message",
        "dossier.answered",
    ): "published by the command TakeDossierReply, for the contractor",
    ("message", "cert.expired"): "published by the command TellLapse: the look for what ran out",
    ("message", "training.expired"): "published by the command TellLapse",
    ("message", "instrument.oot"): "published by the command RecordCalibration",
    ("message", "change.lots_reached"): "told by the command ReportChangeProgress: the hourly look",
    ("message", "change.old_stock"): "told by the command ReportChangeProgress: the hourly look",
    ("message", "purchase_order.used"): "told by the book with a use or return of consigned goods",
    ("message", "temporary.used_up"): "told by the book with the last of a deviation's quantity",
    (
        "signal",
        "config.deployed",
    ): "sent by a deployment, or with a released document, under a change",
    ("message", "service.requested"): "told by a recall for each device to be corrected, and "
    "by the command AskForMaintenance",
    ("message", "stock_count.requested"): "by the command AskForRecount: a movement came late",
    ("message", "lot.expiring"): "published by the command WarnOfExpiry: the look for expiries",
    ("message", "lot.expired"): "published by the command HoldExpired",
    ("message", "work_order.planned"): "planning hands its orders in from outside: by the API",
}
"""Caught here, thrown by nobody's diagram, and why."""

FOR_OTHERS: dict[tuple[str, str], str] = {}
"""Thrown here, caught by nobody's diagram, and why."""


@dataclass(frozen=True, slots=True)
class End:
    """One end of a message, signal or error in one diagram; `names` are what the payload holds."""

    process: str
    node: str
    kind: str
    name: str
    starts: bool
    correlated: bool
    names: frozenset[str] | None

    def __str__(self) -> str:
        return f"{self.process}.{self.node} ({self.kind} {self.name})"


@cache
def diagrams() -> dict[str, Diagram]:
    found = {}
    for folder in registry.process_folders():
        content = (folder / "process.bpmn").read_bytes()
        root = read_xml(content, "process.bpmn")
        [process] = [each for each in children_of(root, "process") if each.get("id") == folder.name]
        found[folder.name] = read_diagram(root, process, "process.bpmn")
    return found


def _named(diagram: Diagram, node: FlowNode) -> Iterator[tuple[str, str]]:
    for kind in ("message", "signal"):
        name = diagram.event_name(node, kind)
        if name is not None:
            yield kind, name
    for definition in node.event_definitions:
        error = diagram.root_element(definition.get("errorRef"))
        if error is not None:
            yield "error", error.get("errorCode", "")


def _throws(node: FlowNode) -> bool:
    return node.kind in THROWING_EVENTS or node.kind == "sendTask"


@cache
def thrown() -> tuple[End, ...]:
    return tuple(
        End(
            process,
            node.id,
            kind,
            name,
            starts=False,
            correlated=node.extension("correlation") is not None,
            names=frozenset(each.get("name", "") for each in inputs_of(node.element)),
        )
        for process, diagram in diagrams().items()
        for node in diagram.nodes.values()
        if _throws(node)
        for kind, name in _named(diagram, node)
    )


@cache
def caught() -> tuple[End, ...]:
    return tuple(
        End(
            process,
            node.id,
            kind,
            name,
            starts=node.kind == "startEvent",
            correlated=node.extension("correlation") is not None,
            names=_wanted(process, diagram, node),
        )
        for process, diagram in diagrams().items()
        for node in diagram.nodes.values()
        if not _throws(node)
        for kind, name in _named(diagram, node)
    )


def _wanted(process: str, diagram: Diagram, node: FlowNode) -> frozenset[str] | None:
    """Give what is declared, and what the diagram reads of it all the same; None: not declared."""
    payload = node.extension("payload")
    if payload is None:
        return None
    wanted = set(payload.split())
    result = node.extension("result")
    if result is not None and _only_payload(diagram, result):
        content = (PROCESSES / process / "process.bpmn").read_text(encoding="utf-8")
        read = rf"(?<![\w.]){result}\.([a-z_]\w*)"
        wanted |= set(re.findall(read, re.sub(r'(name|cs:nameZh|id)="[^"]*"', "", content)))
    return frozenset(wanted)


def _only_payload(diagram: Diagram, result: str) -> bool:
    """Tell whether a variable only ever holds what one name brings."""
    holders = [node for node in diagram.nodes.values() if node.extension("result") == result]
    return len({frozenset(_named(diagram, node)) for node in holders}) == 1


@cache
def errors_of_handlers() -> frozenset[str]:
    """Give the codes that handlers and the book throw."""
    found = set()
    for path in PROCESSES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("BpmnError"):
                code = node.args[0]
                assert isinstance(code, ast.Constant), f"{path}: write the code as text"
                found.add(str(code.value))
    return frozenset(found)


def test_who_throws_is_heard() -> None:
    heard = {(each.kind, each.name) for each in caught()}
    found = [
        str(each) for each in thrown() if (each.kind, each.name) not in heard | FOR_OTHERS.keys()
    ]
    assert not found, f"thrown, and caught by nobody: {found}"


def test_who_waits_is_told() -> None:
    said = {(each.kind, each.name) for each in thrown()}
    said |= {("error", code) for code in BY_ENGINE | errors_of_handlers()}
    found = [str(each) for each in caught() if (each.kind, each.name) not in said | OUTSIDE.keys()]
    assert not found, f"waited for, and thrown by nobody: {found}"


def test_errors_of_handlers_are_caught() -> None:
    heard = {each.name for each in caught() if each.kind == "error"}
    assert errors_of_handlers() <= heard


def test_what_is_waited_for_is_declared() -> None:
    """Without `cs:payload` a misspelt variable is found neither here nor at deployment."""
    found = [str(each) for each in caught() if each.kind != "error" and each.names is None]
    assert not found, f"say what the payload brings (cs:payload): {found}"


@pytest.mark.parametrize("receiver", caught(), ids=str)
def test_the_payload_holds_what_is_waited_for(receiver: End) -> None:
    for sender in thrown():
        if (sender.kind, sender.name) == (receiver.kind, receiver.name):
            assert sender.names is not None
            missing = (receiver.names or frozenset()) - sender.names
            assert not missing, f"{sender} sends no {sorted(missing)} to {receiver}"


@pytest.mark.parametrize("receiver", caught(), ids=str)
def test_both_sides_correlate(receiver: End) -> None:
    """A message finds the instance that waits for it only by a value that both sides name."""
    if receiver.kind != "message":
        return
    assert receiver.correlated, f"{receiver} names no correlation"
    for sender in thrown():
        if (sender.kind, sender.name) == (receiver.kind, receiver.name):
            assert sender.correlated, f"{sender} names no correlation, {receiver} waits by one"


def test_the_lists_of_exceptions_are_needed() -> None:
    said = {(each.kind, each.name) for each in thrown()}
    heard = {(each.kind, each.name) for each in caught()}
    assert all(key in heard and key not in said for key in OUTSIDE)
    assert all(key in said and key not in heard for key in FOR_OTHERS)
