"""Read the normalised BPMN of a definition into plain elements, with a parser that is safe.

Only what running needs is read: flow nodes, sequence flows, what events wait for, loops. Names,
forms, roles and the attributes of our extension are in the definition's activities already.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from engine.execution.coverage import event_kind, refusal
from engine.execution.errors import DefinitionNotExecutable

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CS = "{urn:countersign:bpmn:1}"

TASKS = ("task", "userTask", "manualTask", "scriptTask", "serviceTask", "businessRuleTask")
MESSAGE_TASKS = ("sendTask", "receiveTask")
SCOPES = ("subProcess", "callActivity", "transaction", "adHocSubProcess")
GATEWAYS = (
    "exclusiveGateway",
    "parallelGateway",
    "inclusiveGateway",
    "eventBasedGateway",
    "complexGateway",
)
EVENTS = (
    "startEvent",
    "endEvent",
    "boundaryEvent",
    "intermediateCatchEvent",
    "intermediateThrowEvent",
)
FLOW_NODES = frozenset((*TASKS, *MESSAGE_TASKS, *SCOPES, *GATEWAYS, *EVENTS))


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowElement:
    """A sequence flow; `condition` is FEEL text or empty."""

    id: str
    source: str
    target: str
    condition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeElement:
    """A flow node: its XML, what kind of event it is ("timer", "none"), its inner scope."""

    id: str
    kind: str
    xml: etree._Element
    event: str = ""
    scope: "ScopeElement | None" = None

    def attribute(self, name: str) -> str:
        """Give an attribute, empty when absent."""
        return self.xml.get(name, "").strip()

    def child(self, path: str) -> etree._Element | None:
        """Give the first element of a path of BPMN names below the node."""
        return self.xml.find("/".join(BPMN + name for name in path.split("/")))

    def text(self, path: str) -> str:
        """Give the text of a path of BPMN names below the node, empty when absent."""
        found = self.child(path)
        return "" if found is None else (found.text or "").strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeElement:
    """A process or sub-process: its flow nodes and sequence flows in document order."""

    id: str
    nodes: list[NodeElement] = field(default_factory=list)
    flows: list[FlowElement] = field(default_factory=list)

    def all_nodes(self) -> Iterator[NodeElement]:
        """Give the nodes of this scope and of those inside it, in document order."""
        for node in self.nodes:
            yield node
            if node.scope is not None:
                yield from node.scope.all_nodes()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessElement:
    """The process of a definition, and the messages, signals, errors and escalations by id."""

    scope: ScopeElement
    references: dict[str, etree._Element]

    def referenced(self, xml: etree._Element, attribute: str) -> etree._Element | None:
        """Give the root element that an attribute refers to; the prefix of a QName is dropped."""
        reference = xml.get(attribute, "").rpartition(":")[2]
        if not reference:
            return None
        if reference not in self.references:
            raise DefinitionNotExecutable(f"{attribute}={reference!r} refers to nothing.")
        return self.references[reference]


def parse(executable: str, process_id: str) -> ProcessElement:
    """Parse a definition's executable BPMN; DefinitionNotExecutable for what cannot be run."""
    root = _root_of(executable)
    for process in root.iterchildren(f"{BPMN}process"):
        if process.get("id") == process_id:
            references = {
                str(element.get("id")): element
                for element in root.iterchildren(
                    *(BPMN + kind for kind in ("message", "signal", "error", "escalation"))
                )
            }
            return ProcessElement(scope=_scope(process, "process"), references=references)
    raise DefinitionNotExecutable(f"The diagram holds no process {process_id!r}.")


def _root_of(executable: str) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    try:
        root = etree.fromstring(executable.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DefinitionNotExecutable(f"The diagram is no XML that can be read: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise DefinitionNotExecutable("The diagram declares a document type; remove it.")
    return root


def _scope(xml: etree._Element, kind: str) -> ScopeElement:
    scope = ScopeElement(id=str(xml.get("id")))
    for child in xml.iterchildren():
        name = _local_name(child)
        if name == "sequenceFlow":
            condition = child.find(f"{BPMN}conditionExpression")
            scope.flows.append(
                FlowElement(
                    id=child.get("id", ""),
                    source=child.get("sourceRef", ""),
                    target=child.get("targetRef", ""),
                    condition="" if condition is None else (condition.text or "").strip(),
                )
            )
        elif name in FLOW_NODES:
            scope.nodes.append(_node(child, name, kind))
    return scope


def _node(xml: etree._Element, kind: str, scope_kind: str) -> NodeElement:
    identity = str(xml.get("id"))
    event = ""
    if xml.find(f"{BPMN}eventDefinitionRef") is not None:
        _require_executable(identity, "eventDefinitionRef")
    if kind in EVENTS:
        found = event_kind(
            kind,
            tuple(
                _local_name(child)
                for child in xml.iterchildren()
                if _local_name(child).endswith("EventDefinition")
            ),
        )
        _require_executable(identity, found)
        if scope_kind != "process":
            _require_executable(identity, f"{scope_kind}>{found}", known=True)
        event = found.partition("/")[2]
    else:
        _require_executable(identity, kind)
    for attribute, value in ((str(name), str(text)) for name, text in xml.attrib.items()):
        for owner in (kind, f"{kind}/{event}", "activity"):
            _require_executable(identity, f"{owner}@{attribute}={value}", known=True)
            if value != "1":
                _require_executable(identity, f"{owner}@{attribute}", known=True)
    inner = _scope(xml, kind) if kind == "subProcess" else None
    return NodeElement(id=identity, kind=kind, xml=xml, event=event, scope=inner)


def _local_name(xml: etree._Element) -> str:
    """Give the name of a BPMN element, empty for any other."""
    tag = str(xml.tag)
    return tag.removeprefix(BPMN) if tag.startswith(BPMN) else ""


def _require_executable(identity: str, kind: str, *, known: bool = False) -> None:
    """Refuse a construct of coverage.REFUSED; with `known`, what is in no table passes."""
    reason = refusal(kind, only_known=known)
    if reason is not None:
        raise DefinitionNotExecutable(f"{identity!r}: {reason['en']}")
