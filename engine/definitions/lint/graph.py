"""Small graph walks over the flows of one scope; iterative, so that size cannot break them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeAlias

from engine.definitions.diagram import Diagram, FlowNode

Edges: TypeAlias = Mapping[str, tuple[str, ...]]


def edges_of(
    diagram: Diagram, nodes: Iterable[FlowNode], *, leave_out: Collection[str] = ()
) -> Edges:
    """Give where a token can go next from each node: along flows, and onto boundary events."""
    kept = {node.id for node in nodes} - set(leave_out)
    edges: dict[str, tuple[str, ...]] = {}
    for node in kept:
        targets = [flow.target for flow in diagram.outgoing.get(node, ())]
        targets += [boundary.id for boundary in diagram.boundaries.get(node, ())]
        edges[node] = tuple(target for target in targets if target in kept)
    return edges


def reachable(starts: Iterable[str], edges: Edges) -> set[str]:
    """Give all nodes that can be reached from the starts, the starts included."""
    seen: set[str] = set()
    waiting = [start for start in starts if start in edges]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting.extend(edges[node])
    return seen


def cycles(edges: Edges) -> Iterator[frozenset[str]]:
    """Give the sets of nodes that lie on a common cycle (strongly connected components)."""
    reversed_edges: dict[str, list[str]] = {node: [] for node in edges}
    for node, targets in edges.items():
        for target in targets:
            reversed_edges[target].append(node)
    placed: set[str] = set()
    for root in reversed(_finishing_order(edges)):
        if root in placed:
            continue
        component: set[str] = set()
        waiting = [root]
        while waiting:
            node = waiting.pop()
            if node not in placed:
                placed.add(node)
                component.add(node)
                waiting.extend(reversed_edges[node])
        if len(component) > 1 or root in edges[root]:
            yield frozenset(component)


def _finishing_order(edges: Edges) -> list[str]:
    """Give the nodes in the order in which a depth-first walk leaves them."""
    order: list[str] = []
    seen: set[str] = set()
    for root in sorted(edges):
        stack = [(root, iter(edges[root]))] if root not in seen else []
        seen.add(root)
        while stack:
            node, targets = stack[-1]
            target = next((t for t in targets if t not in seen), None)
            if target is None:
                stack.pop()
                order.append(node)
            else:
                seen.add(target)
                stack.append((target, iter(edges[target])))
    return order
