"""Lay a process diagram out to be read: `python tools/lay_out.py FILE [--place Node=column,row …]`.

Writes the diagram interchange (BPMNDI) of a .bpmn file anew; nothing else in the file changes.
Left to right, one band for each lane, the way that the default flows take on the first row of its
band. Sequence flows are routed on a grid, around every shape, with a price on each bend and on
each crossing. Prints how many flows cross, and where, so that a `--place` can be given: the column
counts from 0 across the process, the row from 0 within the node's lane; in a subprocess both count
inside it.
"""

import argparse
import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
GRID = 10
TASK = (120, 80)
EVENT = (36, 36)
GATEWAY = (50, 50)
COLUMN_GAP, ROW_GAP = 60, 40
LANE_PADDING, LANE_LABEL, POOL_LABEL = 30, 30, 30
INSIDE = 40  # around what lies in a subprocess
BEND, CROSSING, ALONG, SHARED, NEAR = 60, 240, 2000, 5, 6

Element = etree._Element  # noqa: SLF001  # lxml gives its element type no public name
Point = tuple[int, int]


@dataclass(slots=True)
class Node:
    """A shape: where it lies in columns and rows first, in points in the end."""

    id: str
    element: Element
    lane: str
    size: tuple[int, int]
    host: str | None = None
    column: int = 0
    row: int = 0
    x: int = 0
    y: int = 0
    inner: "Scope | None" = None

    @property
    def box(self) -> tuple[int, int, int, int]:
        return self.x, self.y, self.x + self.size[0], self.y + self.size[1]

    @property
    def middle(self) -> Point:
        return self.x + self.size[0] // 2, self.y + self.size[1] // 2


@dataclass(slots=True)
class Flow:
    """A sequence flow and the points that it passes."""

    id: str
    source: str
    target: str
    named: bool
    default: bool
    points: list[Point] = field(default_factory=list)


@dataclass(slots=True)
class Scope:
    """A process or a subprocess: its nodes, its flows and how large it became."""

    nodes: dict[str, Node]
    flows: list[Flow]
    lanes: list[str]
    bands: dict[str, tuple[int, int]] = field(default_factory=dict)  # lane -> top, height
    width: int = 0
    height: int = 0


def read_scope(element: Element, lane_of: Mapping[str, str], lanes: Sequence[str]) -> Scope:
    """Read the nodes and flows that lie directly in a process or a subprocess."""
    nodes: dict[str, Node] = {}
    for child in element:
        kind = local(child)
        size = _size(kind)
        if size is None:
            continue
        id_ = child.get("id", "")
        node = Node(id_, child, lane_of.get(id_, lanes[0]), size, child.get("attachedToRef"))
        if kind in ("subProcess", "transaction", "adHocSubProcess"):
            node.inner = read_scope(child, {}, [""])
        nodes[id_] = node
    for node in nodes.values():
        if node.host is not None:
            node.lane = nodes[node.host].lane
    flows = [
        Flow(
            child.get("id", ""),
            child.get("sourceRef", ""),
            child.get("targetRef", ""),
            bool(child.get("name")),
            nodes[child.get("sourceRef", "")].element.get("default") == child.get("id"),
        )
        for child in element
        if local(child) == "sequenceFlow"
    ]
    return Scope(nodes, flows, list(lanes))


def local(element: Element) -> str:
    """Give the name of a BPMN element, or nothing for what is not BPMN."""
    tag = str(element.tag)  # of a comment it is a function
    return tag.removeprefix(f"{{{BPMN}}}") if BPMN in tag else ""


def _size(kind: str) -> tuple[int, int] | None:
    if kind.endswith("Event"):
        return EVENT
    if kind.endswith("Gateway"):
        return GATEWAY
    tasks = ("task", "Task", "callActivity", "subProcess", "transaction", "adHocSubProcess")
    return TASK if kind.endswith(tasks) else None


# --- columns and rows -------------------------------------------------------------------------


def arrange(scope: Scope, placed: Mapping[str, tuple[int, int]]) -> None:
    """Give every node its column and row; those of `placed` as they were asked for."""
    for node in scope.nodes.values():
        if node.inner is not None:
            arrange(node.inner, placed)
    outgoing = _edges(scope)
    columns = _columns(scope, outgoing)
    main = _main_path(scope, outgoing)
    taken: dict[tuple[str, int], set[int]] = defaultdict(set)
    for id_, (column, row) in placed.items():
        if id_ in scope.nodes:
            node = scope.nodes[id_]
            node.column, node.row = column, row
            taken[node.lane, row].add(column)
    before = _before(scope)
    for id_ in sorted(columns, key=lambda each: (columns[each], each not in main)):
        node = scope.nodes[id_]
        if node.host is not None or id_ in placed:
            continue
        node.column = columns[id_]
        node.row = _free_row(scope, node, before[id_], taken, straight=id_ in main)
        taken[node.lane, node.row].add(node.column)
    for node in scope.nodes.values():
        if node.host is not None:
            node.column, node.row = scope.nodes[node.host].column, scope.nodes[node.host].row


def _edges(scope: Scope) -> dict[str, list[str]]:
    """Give what follows what, the default flow first; a boundary event counts as its host."""
    outgoing: dict[str, list[str]] = defaultdict(list)
    for flow in sorted(scope.flows, key=lambda each: not each.default):
        source = scope.nodes[flow.source]
        own = source.host or source.id
        later = outgoing[own]
        if source.host is None:
            later.insert(0 if flow.default else len(later), flow.target)
        else:
            later.append(flow.target)
    return outgoing


def _before(scope: Scope) -> dict[str, list[Node]]:
    before: dict[str, list[Node]] = defaultdict(list)
    for flow in scope.flows:
        source = scope.nodes[flow.source]
        before[flow.target].append(scope.nodes[source.host] if source.host else source)
    return before


def _starts(scope: Scope) -> list[str]:
    reached = {flow.target for flow in scope.flows}
    free = [n.id for n in scope.nodes.values() if n.host is None and n.id not in reached]
    return free or list(scope.nodes)[:1]


def _columns(scope: Scope, outgoing: Mapping[str, list[str]]) -> dict[str, int]:
    """Give the longest way to each node, flows that lead back left out."""
    back = _back_edges(scope, outgoing)
    columns: dict[str, int] = {}

    def visit(id_: str, column: int) -> None:
        if columns.get(id_, -1) >= column:
            return
        columns[id_] = column
        for target in outgoing.get(id_, ()):
            if (id_, target) not in back:
                visit(target, column + 1)

    for start in _starts(scope):
        visit(start, 0)
    for id_, node in scope.nodes.items():
        if node.host is None:
            columns.setdefault(id_, 0)
    return columns


def _back_edges(scope: Scope, outgoing: Mapping[str, list[str]]) -> set[tuple[str, str]]:
    back: set[tuple[str, str]] = set()
    state: dict[str, int] = {}

    def walk(id_: str) -> None:
        state[id_] = 1
        for target in outgoing.get(id_, ()):
            if state.get(target) == 1:
                back.add((id_, target))
            elif target not in state:
                walk(target)
        state[id_] = 2

    for start in _starts(scope):
        if start not in state:
            walk(start)
    return back


def _main_path(scope: Scope, outgoing: Mapping[str, list[str]]) -> set[str]:
    """Follow the first flow out of every node: the way on which nothing goes wrong."""
    path: set[str] = set()
    here: str | None = _starts(scope)[0]
    while here is not None and here not in path:
        path.add(here)
        following = outgoing.get(here, [])
        here = following[0] if following else None
    return path


def _free_row(
    scope: Scope,
    node: Node,
    before: Sequence[Node],
    taken: Mapping[tuple[str, int], set[int]],
    *,
    straight: bool,
) -> int:
    """Give the row nearest to where the node is reached from, with nothing in the way."""
    del scope
    if straight:
        return next(r for r in range(99) if node.column not in taken[node.lane, r])
    near = [b for b in before if b.lane == node.lane and b.column < node.column]
    wanted = near[0].row if near else 0
    since = near[0].column if near else node.column - 1

    def cost(row: int) -> tuple[int, int]:
        between = sum(since < column < node.column for column in taken[node.lane, row])
        return (between * 2 + abs(row - wanted) + (row < wanted), row)

    rows = [r for r in range(12) if node.column not in taken[node.lane, r]]
    return min(rows, key=cost)


# --- points -----------------------------------------------------------------------------------


def measure(scope: Scope) -> None:
    """Turn columns and rows into points, subprocesses from the inside out."""
    for node in scope.nodes.values():
        if node.inner is not None:
            measure(node.inner)
            node.size = (node.inner.width + 2 * INSIDE, node.inner.height + 2 * INSIDE)
    inside = [node for node in scope.nodes.values() if node.host is None]
    widths: dict[int, int] = defaultdict(int)
    heights: dict[tuple[str, int], int] = defaultdict(int)
    for node in inside:
        widths[node.column] = max(widths[node.column], node.size[0])
        key = (node.lane, node.row)
        heights[key] = max(heights[key], node.size[1] + 20)
    left = LANE_PADDING
    lefts = {}
    for column in range(max(widths, default=0) + 1):
        lefts[column] = left
        left += widths.get(column, 0) + COLUMN_GAP
    scope.width = _grid(left - COLUMN_GAP + LANE_PADDING)
    top = 0
    tops = {}
    for lane in scope.lanes:
        begun = top
        top += LANE_PADDING
        rows = [row for each, row in heights if each == lane]
        for row in range(max(rows, default=0) + 1):
            tops[lane, row] = top
            top += heights.get((lane, row), TASK[1] + 20) + ROW_GAP
        top = _grid(top - ROW_GAP + LANE_PADDING)
        scope.bands[lane] = (begun, top - begun)
    scope.height = top
    for node in inside:
        row_height = heights[node.lane, node.row]
        node.x = _grid(lefts[node.column] + (widths[node.column] - node.size[0]) // 2)
        node.y = _centred(tops[node.lane, node.row], row_height, node.size[1])
    _attach(scope)


def _centred(top: int, height: int, own: int) -> int:
    """Put the middle of a shape on the grid, so that flows along a row are straight."""
    return _grid(top + height // 2) - own // 2


def _grid(value: float) -> int:
    return round(value / GRID) * GRID


def _attach(scope: Scope) -> None:
    """Hang boundary events on the lower edge of their hosts, side by side."""
    hung: dict[str, int] = defaultdict(int)
    for node in scope.nodes.values():
        if node.host is None:
            continue
        host = scope.nodes[node.host]
        place = hung[node.host]
        hung[node.host] += 1
        node.x = _grid(host.x + 30 + place * 60) - EVENT[0] // 2
        node.y = host.y + host.size[1] - EVENT[1] // 2


def shift(scope: Scope, dx: int, dy: int) -> None:
    """Move a scope, with all that lies in it, to its place."""
    for node in scope.nodes.values():
        node.x, node.y = node.x + dx, node.y + dy
        if node.inner is not None:
            shift(node.inner, node.x + INSIDE, node.y + INSIDE)
    for flow in scope.flows:
        flow.points = [(x + dx, y + dy) for x, y in flow.points]


# --- flows ------------------------------------------------------------------------------------


class Router:
    """Finds a way for each flow on the grid, past shapes and past the flows before it."""

    def __init__(self, scope: Scope, left: int, top: int) -> None:
        self.scope = scope
        self.left, self.top = left, top
        self.right, self.bottom = left + scope.width, top + scope.height
        self.closed: set[Point] = set()
        self.near: set[Point] = set()
        for node in scope.nodes.values():
            x1, y1, x2, y2 = node.box
            self.closed |= set(_cells(x1 - 4, y1 - 4, x2 + 4, y2 + 4))
            self.near |= set(_cells(x1 - 14, y1 - 14, x2 + 14, y2 + 24))
        self.flows = {flow.id: flow for flow in scope.flows}
        self.across: dict[Point, set[str]] = defaultdict(set)
        self.along: dict[Point, set[str]] = defaultdict(set)

    def route_all(self) -> None:
        order = sorted(self.scope.flows, key=self._length)
        for flow in order:
            flow.points = self._route(flow)
            self._occupy(flow)

    def _length(self, flow: Flow) -> tuple[int, int]:
        a, b = self.scope.nodes[flow.source], self.scope.nodes[flow.target]
        straight = a.lane == b.lane and a.row == b.row and b.column == a.column + 1
        return (0 if straight else 1, abs(a.x - b.x) + abs(a.y - b.y))

    def _ports(self, node: Node, *, leaving: bool) -> Iterator[tuple[Point, Point, int]]:
        """Give the places where a flow may touch a shape: on its edge, one step off, the price."""
        x1, y1, x2, y2 = node.box
        cx, cy = node.middle
        gx, gy = _grid(cx), _grid(cy)
        sides = {
            "right": ((x2, cy), (_up(x2 + 5), gy)),
            "left": ((x1, cy), (_down(x1 - 5), gy)),
            "bottom": ((cx, y2), (gx, _up(y2 + 5))),
            "top": ((cx, y1), (gx, _down(y1 - 5))),
        }
        if node.host is not None:
            prices = {"bottom": 0}
        elif leaving:
            prices = {"right": 0, "bottom": 40, "top": 60}
            if node.size == GATEWAY:
                prices = {"right": 0, "bottom": 10, "top": 20}
        else:
            prices = {"left": 0, "top": 60, "bottom": 60}
        for side, price in prices.items():
            edge, off = sides[side]
            yield edge, off, price

    def _route(self, flow: Flow) -> list[Point]:
        source, target = self.scope.nodes[flow.source], self.scope.nodes[flow.target]
        goals: dict[Point, tuple[Point, int]] = {
            off: (edge, price) for edge, off, price in self._ports(target, leaving=False)
        }
        queue: list[tuple[int, int, Point, Point, Point]] = []
        came: dict[tuple[Point, Point], tuple[Point, Point] | None] = {}
        edges: dict[Point, Point] = {}
        best: dict[tuple[Point, Point], int] = {}
        number = 0
        for edge, off, price in self._ports(source, leaving=True):
            heading = _direction(edge, off)
            edges[off] = edge
            heapq.heappush(queue, (price + self._guess(off, goals), number, off, heading, (0, 0)))
            best[off, heading] = price
            came[off, heading] = None
            number += 1
        while queue:
            _, _, here, heading, _ = heapq.heappop(queue)
            spent = best[here, heading]
            if here in goals and _direction(here, goals[here][0]) == heading:
                return self._trace(came, edges, (here, heading), goals[here][0])
            for step in ((GRID, 0), (-GRID, 0), (0, GRID), (0, -GRID)):
                towards = (_sign(step[0]), _sign(step[1]))
                if towards == (-heading[0], -heading[1]):
                    continue
                there = (here[0] + step[0], here[1] + step[1])
                step_price = self._price(flow, there, towards, turned=towards != heading)
                if step_price is None and there not in goals:
                    continue
                total = spent + (GRID if step_price is None else step_price)
                if there in goals:
                    total += goals[there][1]
                if total < best.get((there, towards), 1 << 60):
                    best[there, towards] = total
                    came[there, towards] = (here, heading)
                    number += 1
                    estimate = total + self._guess(there, goals)
                    heapq.heappush(queue, (estimate, number, there, towards, here))
            if here in goals and (here, _direction(here, goals[here][0])) not in best:
                towards = _direction(here, goals[here][0])
                best[here, towards] = spent + BEND
                came[here, towards] = (here, heading)
                number += 1
                heapq.heappush(queue, (spent + BEND, number, here, towards, here))
        return [source.middle, target.middle]

    def _guess(self, here: Point, goals: Iterable[Point]) -> int:
        return min(abs(here[0] - x) + abs(here[1] - y) for x, y in goals)

    def _price(self, flow: Flow, there: Point, towards: Point, *, turned: bool) -> int | None:
        inside = self.left < there[0] < self.right and self.top < there[1] < self.bottom
        if not inside or there in self.closed:
            return None
        price = GRID + (BEND if turned else 0) + (NEAR if there in self.near else 0)
        same = self.along if towards[0] else self.across
        other = self.across if towards[0] else self.along
        price += sum(self._beside(flow, each) for each in same.get(there, ()))
        price += sum(self._over(flow, each) for each in other.get(there, ()))
        return price

    def _beside(self, flow: Flow, other: str) -> int:
        """Flows into one node may share their last stretch; out of one each has its own label."""
        found = self.flows[other]
        if found.target == flow.target:
            return SHARED
        return SHARED * 6 if found.source == flow.source else ALONG

    def _over(self, flow: Flow, other: str) -> int:
        found = self.flows[other]
        return 0 if flow.target == found.target or flow.source == found.source else CROSSING

    def _trace(
        self,
        came: Mapping[tuple[Point, Point], tuple[Point, Point] | None],
        edges: Mapping[Point, Point],
        last: tuple[Point, Point],
        end: Point,
    ) -> list[Point]:
        way: list[Point] = [end]
        here: tuple[Point, Point] | None = last
        while here is not None:
            if way[-1] != here[0]:
                way.append(here[0])
            begun = here[0]
            here = came[here]
        way.append(edges[begun])
        return _straightened(way[::-1])

    def _occupy(self, flow: Flow) -> None:
        for a, b in pairwise(flow.points):
            for cell in _cells(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])):
                (self.along if a[1] == b[1] else self.across)[cell].add(flow.id)


def _cells(x1: int, y1: int, x2: int, y2: int) -> Iterator[Point]:
    for x in range(_up(x1), _down(x2) + 1, GRID):
        for y in range(_up(y1), _down(y2) + 1, GRID):
            yield x, y


def _up(value: int) -> int:
    return -(-value // GRID) * GRID


def _down(value: int) -> int:
    return value // GRID * GRID


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


def _direction(a: Point, b: Point) -> Point:
    dx, dy = b[0] - a[0], b[1] - a[1]
    return (_sign(dx), 0) if abs(dx) >= abs(dy) else (0, _sign(dy))


def _straightened(points: Sequence[Point]) -> list[Point]:
    """Leave out the points at which a line does not bend, and the step of a point off the grid."""
    kept = [points[0]]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        level = before[1] == here[1] == after[1]
        upright = before[0] == here[0] == after[0]
        if not (level or upright):
            kept.append(here)
    kept.append(points[-1])
    return kept


def crossings(scope: Scope) -> list[tuple[str, str]]:
    """Name the pairs of flows that cross each other."""
    return [
        (one.id, other.id)
        for number, one in enumerate(scope.flows)
        for other in scope.flows[number + 1 :]
        if any(_cross(a, b) for a in pairwise(one.points) for b in pairwise(other.points))
    ]


def _cross(a: tuple[Point, Point], b: tuple[Point, Point]) -> bool:
    level, upright = (a, b) if a[0][1] == a[1][1] else (b, a)
    if level[0][1] != level[1][1] or upright[0][0] != upright[1][0]:
        return False
    x, y = upright[0][0], level[0][1]
    left, right = sorted((level[0][0], level[1][0]))
    top, bottom = sorted((upright[0][1], upright[1][1]))
    return left < x < right and top < y < bottom


# --- the file ---------------------------------------------------------------------------------


def lay_out(tree: etree._ElementTree, placed: Mapping[str, tuple[int, int]]) -> list[Scope]:
    """Write the interchange of a diagram anew; give its scopes, the process first."""
    root = tree.getroot()
    process = root.find(f"{{{BPMN}}}process")
    if process is None:
        message = "there is no process in this file"
        raise ValueError(message)
    lane_of: dict[str, str] = {}
    lanes: list[str] = []
    for lane in process.iterfind(f"{{{BPMN}}}laneSet/{{{BPMN}}}lane"):
        lanes.append(lane.get("id", ""))
        for reference in lane.iterfind(f"{{{BPMN}}}flowNodeRef"):
            lane_of[(reference.text or "").strip()] = lane.get("id", "")
    scope = read_scope(process, lane_of, lanes or [""])
    arrange(scope, placed)
    measure(scope)
    shift(scope, 160 + POOL_LABEL + (LANE_LABEL if lanes else 0), 80)
    scopes = list(_route(scope, 160 + POOL_LABEL + (LANE_LABEL if lanes else 0), 80))
    _write(root, process, scope, has_lanes=bool(lanes))
    return scopes


def _route(scope: Scope, left: int, top: int) -> Iterator[Scope]:
    Router(scope, left, top).route_all()
    yield scope
    for node in scope.nodes.values():
        if node.inner is not None:
            yield from _route(node.inner, node.x + INSIDE, node.y + INSIDE)


def _write(root: Element, process: Element, scope: Scope, *, has_lanes: bool) -> None:
    for old in root.findall(f"{{{BPMNDI}}}BPMNDiagram"):
        root.remove(old)
    pool = root.find(f"{{{BPMN}}}collaboration/{{{BPMN}}}participant")
    owner = root.find(f"{{{BPMN}}}collaboration") if pool is not None else process
    assert owner is not None  # the collaboration that the participant was found in
    names = {"bpmndi": BPMNDI, "dc": DC, "di": DI}
    diagram = etree.SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", id="Diagram_1", nsmap=names)
    plane = etree.SubElement(
        diagram, f"{{{BPMNDI}}}BPMNPlane", id="Plane_1", bpmnElement=owner.get("id", "")
    )
    left, top = 160, 80
    label = POOL_LABEL + (LANE_LABEL if has_lanes else 0)
    if pool is not None:
        whole = (left, top, scope.width + label, scope.height)
        _shape(plane, pool.get("id", ""), whole, horizontal=True)
    if has_lanes:
        for lane, (begun, height) in scope.bands.items():
            band = (left + POOL_LABEL, top + begun, scope.width + LANE_LABEL, height)
            _shape(plane, lane, band, horizontal=True)
    _write_scope(plane, scope)
    etree.indent(diagram, space="  ", level=1)
    diagram.tail = "\n"
    before = diagram.getprevious()
    if before is not None:
        before.tail = "\n  "


def _write_scope(plane: Element, scope: Scope) -> None:
    for node in sorted(scope.nodes.values(), key=lambda each: each.host is not None):
        box = (node.x, node.y, *node.size)
        shape = _shape(plane, node.id, box, expanded=node.inner is not None)
        if node.size in (EVENT, GATEWAY) and node.element.get("name"):
            above = node.size == GATEWAY
            y = node.y - 32 if above else node.y + node.size[1] + 4
            _label(shape, node.middle[0] - 45, y, 90, 27)
        if node.inner is not None:
            _write_scope(plane, node.inner)
    for flow in scope.flows:
        edge = etree.SubElement(
            plane, f"{{{BPMNDI}}}BPMNEdge", id=f"{flow.id}_di", bpmnElement=flow.id
        )
        for x, y in flow.points:
            etree.SubElement(edge, f"{{{DI}}}waypoint", x=str(x), y=str(y))
        if flow.named:
            (x1, y1), (x2, y2) = flow.points[:2]
            if y1 == y2:
                _label(edge, min(x1, x2) + 6, y1 - 18, max(abs(x2 - x1) - 12, 40), 14)
            else:
                _label(edge, x1 + 6, min(y1, y2) + 6, 90, 14)


def _shape(
    plane: Element,
    id_: str,
    box: tuple[int, int, int, int],
    *,
    horizontal: bool = False,
    expanded: bool = False,
) -> Element:
    shape = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNShape", id=f"{id_}_di", bpmnElement=id_)
    if horizontal:
        shape.set("isHorizontal", "true")
    if expanded:
        shape.set("isExpanded", "true")
    _bounds(shape, box)
    return shape


def _label(owner: Element, x: int, y: int, width: int, height: int) -> None:
    _bounds(etree.SubElement(owner, f"{{{BPMNDI}}}BPMNLabel"), (x, y, width, height))


def _bounds(owner: Element, box: tuple[int, int, int, int]) -> None:
    x, y, width, height = (str(value) for value in box)
    etree.SubElement(owner, f"{{{DC}}}Bounds", x=x, y=y, width=width, height=height)


def main() -> None:
    """Lay a file out and say what crosses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--place", nargs="*", default=[], metavar="Node=column,row")
    asked = parser.parse_args()
    placed = {}
    for each in asked.place:
        node, _, place = each.partition("=")
        column, row = place.split(",")
        placed[node] = (int(column), int(row))
    tree = etree.parse(asked.file, etree.XMLParser(resolve_entities=False, no_network=True))
    for scope in lay_out(tree, placed):
        for node in scope.nodes.values():
            if node.host is None:
                print(f"{node.id}={node.column},{node.row}", end="  ")
        print()
        for one, other in crossings(scope):
            print(f"crossing: {one} and {other}")
    tree.write(asked.file, encoding="UTF-8", xml_declaration=True)


if __name__ == "__main__":
    main()
