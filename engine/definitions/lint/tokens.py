"""Play the tokens of one scope through all its choices, to see whether they can get stuck.

A marking says which sequence flows hold a token. Every flow leads to one node only, so two nodes
never compete for a token: it is enough to let one node at a time act, with each of its outcomes
(BPMN control flow without inclusive joins is a free-choice net). Inclusive joins and, before them,
activities act last: a join must know what can still arrive, and two tokens that meet before an
activity shall be seen.

Conditions are not looked at: every way out of a gateway is possible. Work is bounded; a scope that
needs more is not judged.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, combinations

from engine.definitions.bpmn import ACTIVITIES
from engine.definitions.diagram import Diagram, FlowNode
from engine.definitions.lint.graph import edges_of, reachable

MAX_WORK = 400_000
_MANY = 2  # more tokens on one flow tell nothing new, and keep the markings finite
_MAX_INCLUSIVE = 6
_FEW = 20
_ENDS_ALL = frozenset({"terminate", "error", "cancel"})

_Marking = Counter[str]


@dataclass(slots=True)
class Play:
    """What playing a scope showed: nodes at which tokens got stuck, activities met twice."""

    stuck: set[str] = field(default_factory=set)
    met_twice: set[str] = field(default_factory=set)
    was_finished: bool = True


def play(diagram: Diagram, scope: str) -> Play:
    """Play every start of a scope through every choice, as far as the bound allows."""
    return _Game(diagram, scope).play()


class _Game:
    """One scope being played; markings are remembered, so that loops end."""

    def __init__(self, diagram: Diagram, scope: str) -> None:
        self.diagram = diagram
        self.nodes = {node.id: node for node in diagram.nodes_in(scope)}
        self.order = {node: number for number, node in enumerate(self.nodes)}
        self.edges = edges_of(diagram, self.nodes.values())
        # A flow that leads out of the scope is refused by a rule of its own; nobody plays it.
        self.outgoing = {
            node: tuple(f.id for f in diagram.outgoing.get(node, ()) if f.target in self.nodes)
            for node in self.nodes
        }
        self.reached: dict[str, set[str]] = {}
        self.may_repeat = self._beside_activities()
        self.seen: set[frozenset[tuple[str, int]]] = set()
        self.result = Play()

    def play(self) -> Play:
        waiting = [
            Counter(outcome)
            for node in self.nodes.values()
            if node.kind == "startEvent"
            for outcome in self._outcomes(node)
        ]
        work = 0
        while waiting:
            marking = waiting.pop()
            key = frozenset(marking.items())
            if key in self.seen:
                continue
            self.seen.add(key)
            work += 10 + len(marking)
            if work > MAX_WORK:
                self.result.was_finished = False
                break
            waiting.extend(self._next(marking))
        return self.result

    def _next(self, marking: _Marking) -> Iterator[_Marking]:
        """Let one node act; none that can, with tokens left, is what we look for."""
        targets = {self.diagram.flows[flow].target for flow in marking}
        self._note_meetings(marking)
        able = [node for node in targets if self._is_able(node, marking)]
        if not able:
            self.result.stuck |= targets
            return
        node = self.nodes[min(able, key=lambda node: self._turn(node, able))]
        if node.kind == "endEvent" and _ENDS_ALL.intersection(node.event_kinds):
            return
        rest = self._after_taking(node, marking)
        for outcome in self._outcomes(node):
            made = rest.copy()
            for flow in outcome:
                made[flow] = min(made[flow] + 1, _MANY)
            if made:
                yield made

    def _note_meetings(self, marking: _Marking) -> None:
        for flow, count in marking.items():
            target = self.diagram.flows[flow].target
            kind = self.nodes[target].kind
            if count >= _MANY and kind in ACTIVITIES and target not in self.may_repeat:
                self.result.met_twice.add(target)

    def _beside_activities(self) -> set[str]:
        """Give what non-interrupting boundary events lead to: it happens each time they fire."""
        events = [node for node in self.nodes.values() if node.kind == "boundaryEvent"]
        beside = [e.id for e in events if e.element.get("cancelActivity") == "false"]
        return reachable(beside, self.edges)

    def _is_able(self, node_id: str, marking: _Marking) -> bool:
        node = self.nodes[node_id]
        incoming = [flow.id for flow in self.diagram.incoming.get(node_id, ())]
        if node.kind == "parallelGateway":
            return all(marking[flow] for flow in incoming)
        if node.kind != "inclusiveGateway" or len(incoming) == 1:
            return True
        empty = [flow for flow in incoming if not marking[flow]]
        held = [flow for flow in incoming if marking[flow]]
        others = {flow for flow in marking if flow not in incoming}
        return not any(
            self._leads_to(flow, empty, node_id) and not self._leads_to(flow, held, node_id)
            for flow in others
        )

    def _leads_to(self, flow: str, incoming: list[str], join: str) -> bool:
        """Tell whether a token on `flow` can come to one of the incoming flows of a join."""
        start = self.diagram.flows[flow].target
        if start == join:
            return False
        key = f"{start}>{join}"
        if key not in self.reached:
            around = {
                node: tuple(target for target in targets if target != join)
                for node, targets in self.edges.items()
                if node != join
            }
            self.reached[key] = reachable([start], around)
        return any(self.diagram.flows[f].source in self.reached[key] for f in incoming)

    def _turn(self, node_id: str, able: list[str]) -> tuple[int, int, int]:
        """Say who acts first: gateways and events, then activities front to back, then joins."""
        node = self.nodes[node_id]
        if node.kind == "inclusiveGateway":
            return (2, 0, self.order[node_id])
        if node.kind not in ACTIVITIES:
            return (0, 0, self.order[node_id])
        if len(able) > _FEW:
            return (1, 0, self.order[node_id])  # who is in front would cost too much to find out
        if node_id not in self.reached:
            self.reached[node_id] = reachable([node_id], self.edges)
        ahead = sum(other != node_id and other in self.reached[node_id] for other in able)
        return (1, -ahead, self.order[node_id])

    def _after_taking(self, node: FlowNode, marking: _Marking) -> _Marking:
        """Take what the node consumes: one token of every flow for a join, else one in all."""
        rest = marking.copy()
        held = [flow.id for flow in self.diagram.incoming[node.id] if marking[flow.id]]
        joins = node.kind in {"parallelGateway", "inclusiveGateway"}
        for flow in held if joins else held[:1]:
            rest[flow] -= 1
            if not rest[flow]:
                del rest[flow]
        return rest

    def _outcomes(self, node: FlowNode) -> Iterator[tuple[str, ...]]:
        """Give the flows that get a token, for each way in which the node may end."""
        out = self.outgoing[node.id]
        match node.kind:
            case "exclusiveGateway" | "eventBasedGateway" | "complexGateway" if out:
                yield from ((flow,) for flow in out)
            case "inclusiveGateway" if len(out) > 1:
                yield from _subsets(out)
            case _:
                yield from self._outcomes_of_activity(node, out)

    def _outcomes_of_activity(
        self, node: FlowNode, out: tuple[str, ...]
    ) -> Iterator[tuple[str, ...]]:
        yield out
        beside: tuple[str, ...] = ()
        for boundary in self.diagram.boundaries.get(node.id, ()):
            flows = self.outgoing.get(boundary.id, ())
            if boundary.element.get("cancelActivity") == "false":
                beside += flows
            else:
                yield flows
        if beside:
            yield out + beside


def _subsets(flows: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Give every non-empty choice of some flows; of many flows only one, two and all."""
    sizes = range(1, len(flows) + 1) if len(flows) <= _MAX_INCLUSIVE else (1, 2, len(flows))
    return chain.from_iterable(combinations(flows, size) for size in sizes)
