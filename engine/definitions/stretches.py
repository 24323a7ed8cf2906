"""What of a diagram a device may run ahead of the server: a small machine, compiled at deployment.

A *stretch* begins where a person completes a step (or starts the process) and goes on as long as
nothing but the answer and the variables decides what comes next: gateways with FEEL conditions,
assignments, loops over lists that the device holds, embedded sub-processes. It ends where only the
server knows: at a service task, a decision table, a join, an event. The server replays every
step; what the device said would come next is a prediction (engine/execution/addresses.py).

The machine is JSON. `nodes` holds what a token can meet, by element id; what it only passes
(merges, events without trigger, thrown messages, which leave when the server hears of it) is left
out. A target of null means: the server goes on from here. `feel` holds the expressions as
[tree, names that it reads]; nodes name them by position. web/src/ahead_of_server runs it.

| "k" | node |
|---|---|
| "u" | a task for people: "to", and what a device needs to show it and to judge who may do it |
| "x" | an exclusive gateway: "ways" [[expression, target]…] in order, "else" the default's target |
| "p" | a parallel gateway that parts: "ways" are its targets; one that joins ends the stretch |
| "s" | an assignment: "set" is the expression |
| "l" | a service task that the server does later: "result" is not known until then |
| "b" | an embedded sub-process: "in" is its first node |
| "e" | an end: "of" is the sub-process it ends, "" for the process |

"loop" of "u" and "b" is {"over" or "times", "as", "into", "out", "until", "seq"} for several
instances and {"again", "max", "first"} for a standard loop; all but "as", "into", "seq", "max" and
"first" are expressions.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from engine.definitions.bpmn import (
    Element,
    bpmn,
    child_text,
    children_of,
    local_reference,
)
from engine.definitions.diagram import Diagram, Flow, FlowNode, extension, read_diagram
from engine.definitions.extension import CAPABLE, LATER
from engine.definitions.model import Activity, CompiledDefinition, Machine
from engine.definitions.package import DIAGRAM
from engine.definitions.xml import read_xml
from forms.feel import Tree, free_names

VERSION = "1"
Why: TypeAlias = Literal[
    "offline.service",
    "offline.decision",
    "offline.branches",
    "offline.wait",
    "offline.call",
    "offline.throws",
    "offline.clock",
    "offline.repeated",
    "offline.later_caught",
    "offline.conditional",
    "offline.not_held",
    "offline.form_not_held",
]

_STOPS: Mapping[str, Why] = {
    "serviceTask": "offline.service",
    "businessRuleTask": "offline.decision",
    "parallelGateway": "offline.branches",
    "inclusiveGateway": "offline.branches",
    "eventBasedGateway": "offline.wait",
    "intermediateCatchEvent": "offline.wait",
    "receiveTask": "offline.wait",
    "callActivity": "offline.call",
}
_SENT_BY_THE_SERVER = frozenset({"message"})
_ENDS = frozenset({"message", "terminate"})
_CLOCK = frozenset({"now", "today"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Why a stretch ends at an element of the diagram; `names` are the variables concerned."""

    why: Why
    element_id: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretches:
    """The machine of a diagram, empty where nothing can be run ahead; and where stretches end."""

    machine: Machine
    stops: tuple[Stop, ...]


def compile_stretches(
    normal: Diagram,
    activities: Mapping[str, Activity],
    trees: Mapping[str, Tree],
    form_reads: Mapping[str, Collection[str]],
) -> Stretches:
    """Compile the stretches of a normalised diagram.

    `trees` are its expressions by text; `form_reads` gives the case variables that each form uses,
    by form name. Tasks that the diagram gives class C or D begin no stretch; whether an unmarked
    task may be completed offline is the customer's policy (offline_class.py), so it begins one.
    """
    return _Compiler(normal, activities, trees, form_reads).compile()


def stretches_of(
    definition: CompiledDefinition, form_reads: Mapping[str, Collection[str]]
) -> Machine:
    """Give the machine of a definition, compiled now where it was deployed before there were any.

    `form_reads` is only looked at then.
    """
    if definition.stretches is not None:
        return definition.stretches
    root = read_xml(definition.executable.encode(), DIAGRAM)
    process = next(p for p in root.iter(bpmn("process")) if p.get("id") == definition.process_id)
    normal = read_diagram(root, process, DIAGRAM)
    trees = definition.expressions
    return compile_stretches(normal, definition.activities, trees, form_reads).machine


@dataclass(slots=True)
class _Compiler:
    """One diagram being compiled; `waiting` are nodes that were met and are not written yet."""

    normal: Diagram
    activities: Mapping[str, Activity]
    trees: Mapping[str, Tree]
    form_reads: Mapping[str, Collection[str]]
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    waiting: list[FlowNode] = field(default_factory=list)
    stops: dict[tuple[str, str], Stop] = field(default_factory=dict)
    feel: dict[str, int] = field(default_factory=dict)

    def compile(self) -> Stretches:
        conditional = [n for n in self.normal.nodes.values() if "conditional" in n.event_kinds]
        for node in conditional:
            # It looks at the variables after every step: a device cannot tell what it does.
            self._stop("offline.conditional", node)
        starts = {} if conditional else dict(self._starts())
        for node in () if conditional else self.normal.nodes.values():
            if node.is_human and self._may_begin(node):
                self._meet(node)
        while self.waiting:
            node = self.waiting.pop(0)
            self.nodes[node.id].update(self._written(node))
        self._note_what_is_not_held()
        return Stretches(machine=self._machine(starts), stops=tuple(self.stops.values()))

    def _machine(self, starts: Mapping[str, Any]) -> Machine:
        if not self.nodes and not starts:
            return {}
        read = [[self.trees[text], sorted(free_names(self.trees[text]))] for text in self.feel]
        machine: Machine = {"v": VERSION, "process": self.normal.process_id, "nodes": self.nodes}
        return {**machine, "feel": read, **({"starts": dict(starts)} if starts else {})}

    def _may_begin(self, node: FlowNode) -> bool:
        return self._activity(node).offline in {None, *CAPABLE}

    def _starts(self) -> Iterable[tuple[str, dict[str, Any]]]:
        """Give the start events at which the diagram lets a device start the process."""
        for node in self.normal.nodes_in(self.normal.process_id):
            activity = self._activity(node)
            if node.kind == "startEvent" and activity.offline in CAPABLE:
                written = {"to": self._after(node), "class": activity.offline}
                yield node.id, {**written, **_form_of(activity)}

    def _activity(self, node: FlowNode) -> Activity:
        return self.activities.get(node.id) or Activity(id=node.id, kind=node.kind, names={})

    # where a token goes

    def _after(self, node: FlowNode) -> str | None:
        """Give what a token meets after a node with one way out."""
        flows = self.normal.outgoing.get(node.id, ())
        return self._meet(self.normal.nodes[flows[0].target]) if len(flows) == 1 else None

    def _meet(self, node: FlowNode) -> str | None:
        """Give the node of the machine that a token comes to; None where the server goes on."""
        while (further := self._passed(node)) is not None:
            node = further
        why = self._why_not(node)
        if why is not None:
            self._stop(why, node)
            return None
        if node.id not in self.nodes:
            self.nodes[node.id] = {}
            self.waiting.append(node)
        return node.id

    def _passed(self, node: FlowNode) -> FlowNode | None:
        """Give the node after one that a token only passes; None for every other."""
        flows = self.normal.outgoing.get(node.id, ())
        is_sender = node.kind in {"intermediateThrowEvent", "sendTask"} and node.loop is None
        is_merge = node.kind == "exclusiveGateway" and not (flows and flows[0].condition)
        if len(flows) != 1 or not (is_sender or is_merge):
            return None
        if is_sender and not _SENT_BY_THE_SERVER.issuperset(node.event_kinds):
            return None
        return self.normal.nodes[flows[0].target]

    def _why_not(self, node: FlowNode) -> Why | None:
        """Say why a token cannot go into a node on a device; None when it can."""
        match node.kind:
            case kind if node.is_human or kind == "subProcess":
                return "offline.clock" if self._asks_the_clock(_loop_texts(node)) else None
            case "exclusiveGateway":
                texts = [f.condition or "" for f in self.normal.outgoing.get(node.id, ())]
                return "offline.clock" if self._asks_the_clock(texts) else None
            case "parallelGateway" if self._is_fork(node):
                return None
            case "scriptTask":
                if node.loop is not None:
                    return "offline.repeated"
                return "offline.clock" if self._asks_the_clock([_script(node)]) else None
            case "serviceTask" if self._activity(node).offline == LATER:
                if node.loop is not None:
                    return "offline.repeated"
                return "offline.later_caught" if self._errors_are_caught(node) else None
            case "endEvent":
                if not _ENDS.issuperset(node.event_kinds):
                    return "offline.throws"
                return None if self._has_one_token(node.scope) else "offline.branches"
            case kind:
                return _STOPS.get(kind, "offline.throws")

    def _is_fork(self, node: FlowNode) -> bool:
        """Tell whether a parallel gateway only parts: what it would join, others may bring."""
        return len(self.normal.incoming.get(node.id, ())) == 1

    def _has_one_token(self, scope: str) -> bool:
        """Tell whether a scope is done when the token that a device moves comes to its end.

        That of the process: how it ends is seen by what is open, which a device knows.
        """
        if scope == self.normal.process_id:
            return True
        nodes = self.normal.nodes_in(scope)
        return not any(self._adds_tokens(node) for node in nodes)

    def _adds_tokens(self, node: FlowNode) -> bool:
        if node.kind in {"parallelGateway", "inclusiveGateway"}:
            return len(self.normal.outgoing.get(node.id, ())) > 1
        return node.kind == "boundaryEvent" and node.element.get("cancelActivity") == "false"

    def _errors_are_caught(self, node: FlowNode) -> bool:
        """Tell whether the diagram draws another way for when a service task fails."""
        around = (node, *self.normal.enclosing(node))
        events = (event for place in around for event in self.normal.boundaries.get(place.id, ()))
        return any("error" in event.event_kinds for event in events)

    def _asks_the_clock(self, texts: Iterable[str]) -> bool:
        """Tell whether an expression uses the time: it is the server's that counts."""
        return any(_uses_clock(self.trees[text][1]) for text in texts if text)

    # how nodes are written

    def _written(self, node: FlowNode) -> dict[str, Any]:
        match node.kind:
            case "exclusiveGateway":
                return self._gateway(node)
            case "parallelGateway":
                ways = [self._along(flow) for flow in self.normal.outgoing.get(node.id, ())]
                return {"k": "p", "ways": ways}
            case "scriptTask":
                return {"k": "s", "to": self._after(node), "set": self._expression(_script(node))}
            case "serviceTask":
                result = self._activity(node).result
                return {"k": "l", "to": self._after(node), "result": result}
            case "subProcess":
                return self._sub_process(node)
            case "endEvent":
                of = "" if node.scope == self.normal.process_id else node.scope
                return {"k": "e", "of": of}
            case _:
                return self._task(node)

    def _gateway(self, node: FlowNode) -> dict[str, Any]:
        default = local_reference(node.element.get("default"))
        ways, otherwise = [], {}
        for flow in self.normal.outgoing.get(node.id, ()):
            if flow.id == default:
                otherwise = {"else": self._along(flow)}
            else:
                ways.append([self._expression(flow.condition or ""), self._along(flow)])
        return {"k": "x", "ways": ways, **otherwise}

    def _along(self, flow: Flow) -> str | None:
        return self._meet(self.normal.nodes[flow.target])

    def _sub_process(self, node: FlowNode) -> dict[str, Any]:
        [start] = [n for n in self.normal.nodes_in(node.id) if n.kind == "startEvent"]
        to = {"to": self._after(node), "in": self._after(start)}
        return {"k": "b", **to, **self._loop(node)}

    def _task(self, node: FlowNode) -> dict[str, Any]:
        """Write a task for people; what may begin no stretch is shown, and leads nowhere."""
        activity = self._activity(node)
        known = {
            "role": activity.role,
            "sign": activity.signature,
            "class": activity.offline,
            "apart": list(_apart(self.activities, node.id)),
            "training": list(activity.training),
            "devices": list(activity.device_class),
            "reads": sorted(self.form_reads.get(activity.form or "", ())),
            "cut": self._may_be_interrupted(node),
        }
        written = {"k": "u", "names": activity.names, **_form_of(activity)}
        written |= {key: value for key, value in known.items() if value}
        if not self._may_begin(node):
            return {**written, "to": None, **self._loop(node)}
        return {**written, "to": self._after(node), **self._loop(node)}

    def _may_be_interrupted(self, node: FlowNode) -> bool:
        """Tell whether an event may take the task away while the device is offline."""
        around = (node, *self.normal.enclosing(node))
        events = (event for place in around for event in self.normal.boundaries.get(place.id, ()))
        return any(
            event.element.get("cancelActivity") != "false" and "error" not in event.event_kinds
            for event in events
        )

    def _loop(self, node: FlowNode) -> dict[str, Any]:
        loop = node.loop
        if loop is None:
            return {}
        if not node.is_multi_instance:
            return {"loop": self._standard_loop(loop)}
        written: dict[str, Any] = {
            "over": self._optional(extension(loop, "collection")),
            "times": self._optional(child_text(loop, "loopCardinality")),
            "as": extension(loop, "element"),
            "into": extension(loop, "outputCollection"),
            "out": self._optional(extension(loop, "outputElement")),
            "until": self._optional(child_text(loop, "completionCondition")),
        }
        written = {key: value for key, value in written.items() if value is not None}
        return {"loop": {**written, "seq": loop.get("isSequential") == "true"}}

    def _standard_loop(self, loop: Element) -> dict[str, Any]:
        again = self._optional(child_text(loop, "loopCondition"))
        return {
            **({} if again is None else {"again": again}),
            "max": int(loop.get("loopMaximum", "").strip() or 0),
            "first": loop.get("testBefore") == "true",
        }

    def _optional(self, text: str | None) -> int | None:
        return self._expression(text) if text else None

    def _expression(self, text: str) -> int:
        return self.feel.setdefault(text, len(self.feel))

    # what the process owner is told

    def _stop(self, why: Why, node: FlowNode, names: Iterable[str] = ()) -> None:
        stop = Stop(why=why, element_id=node.id, names=tuple(sorted(names)))
        self.stops.setdefault((why, node.id), stop)

    def _note_what_is_not_held(self) -> None:
        """Say what reads an answer that the server gives later: a device cannot go past it."""
        later = {str(n["result"]) for n in self.nodes.values() if n["k"] == "l"}
        texts = list(self.feel)
        for node_id, node in self.nodes.items() if later else ():
            place = self.normal.nodes[node_id]
            used = {way[0] for way in node["ways"]} if node["k"] == "x" else set[int]()
            used |= {node["set"]} if node["k"] == "s" else set()
            read = set[str]().union(*(free_names(self.trees[texts[i]]) for i in used))
            if read & later:
                self._stop("offline.not_held", place, read & later)
            if later.intersection(node.get("reads", ())):
                self._stop("offline.form_not_held", place, later.intersection(node["reads"]))


def _form_of(activity: Activity) -> dict[str, Any]:
    known = {"form": activity.form, "hash": activity.form_hash, "result": activity.result}
    return {key: value for key, value in known.items() if value is not None}


def _apart(activities: Mapping[str, Activity], activity_id: str) -> tuple[str, ...]:
    """Name the tasks that nobody may do together with this one, whoever names whom."""
    own = activities.get(activity_id)
    naming = (a.id for a in activities.values() if activity_id in a.separate_from)
    return tuple(dict.fromkeys((*(own.separate_from if own else ()), *naming)))


def _script(node: FlowNode) -> str:
    return child_text(node.element, "script")


def _loop_texts(node: FlowNode) -> list[str]:
    """Give the expressions of a task's loop."""
    loop = node.loop
    if loop is None:
        return []
    kinds = ("loopCardinality", "completionCondition", "loopCondition")
    texts = [extension(loop, name) or "" for name in ("collection", "outputElement")]
    return texts + [child_text(loop, kind) for kind in kinds if children_of(loop, kind)]


def _uses_clock(tree: Any) -> bool:
    match tree:
        case ["b", str(name), *_] if name in _CLOCK:
            return True
        case list():
            return any(_uses_clock(part) for part in tree)
        case _:
            return False
