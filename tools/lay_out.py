"""Lay a process diagram out to be read: `python tools/lay_out.py FILE [--place Node=column,row …]`.

Writes the diagram interchange (BPMNDI) of a .bpmn file anew; nothing else in the file changes.
Left to right, one band for each lane, the way that the default flows take on the first row of its
band. What was laid out before keeps its columns, rows and order of lanes, so that an edit moves
little; `--afresh` forgets them, `--lanes` gives the lanes another order, `--place` puts a node
where it is wanted, and `--improve SECONDS` moves nodes about for as long as crossings go away.
Prints how many flows cross, and where: the column counts from 0 across the process, the row from 0
within the node's lane; in a subprocess both count inside it.
"""

import argparse
import heapq
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
OURS = "urn:countersign:bpmn:1"
TASK = (120, 80)
EVENT = (36, 36)
GATEWAY = (50, 50)
LABELLED = 90  # the room that a column leaves for what is written at its events and gateways
LANE_PADDING, LANE_LABEL, POOL_LABEL = 30, 30, 30
LEFT_EDGE, TOP_EDGE = 160, 80
INSIDE = 30  # around what lies in a subprocess
TRACKS, LEVELS = 6, 4  # parallel flows in the gap between columns, above and below a row: at most
HURRY = 1.15  # how much a search prefers what leads to its end: well below 1.5, or ways wander
TRACK, MARGIN = 12, 22  # between two flows, and between a flow and a shape
PORTS = 3  # so many flows leave a node on sides of their own; more leave as one line
BEND, CROSSING, TOUCH, SHARED = 45, 900, 4000, -3
LINE, LETTER = 13.2, 11  # of a label: the height of a line and the width of a Chinese letter
INSIDE_LETTER = 12  # of what is written in a task

Element = etree._Element  # noqa: SLF001  # lxml gives its element type no public name
Point = tuple[int, int]
Box = tuple[int, int, int, int]


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
    beside: int = 0  # of a boundary event: which of the places on its host's edge
    x: int = 0
    y: int = 0
    inner: "Scope | None" = None
    label: Box | None = None

    @property
    def box(self) -> Box:
        return self.x, self.y, self.x + self.size[0], self.y + self.size[1]

    @property
    def middle(self) -> Point:
        return self.x + self.size[0] // 2, self.y + self.size[1] // 2


@dataclass(slots=True)
class Flow:
    """A sequence flow and the points that it passes."""

    id: str
    element: Element
    source: str
    target: str
    named: bool
    default: bool
    points: list[Point] = field(default_factory=list)
    label: Box | None = None


@dataclass(slots=True)
class Scope:
    """A process or a subprocess: its nodes, its flows and how large it became."""

    nodes: dict[str, Node]
    flows: list[Flow]
    lanes: list[str]
    bands: dict[str, tuple[int, int]] = field(default_factory=dict)  # lane -> top, height
    wider: dict[int, int] = field(default_factory=dict)  # gap -> what a label needs before flows
    after: dict[int, int] = field(default_factory=dict)  # gap -> what one needs after them
    width: int = 0
    height: int = 0

    def free(self) -> list[Node]:
        """Give the nodes that lie by themselves, not on the edge of another."""
        return [node for node in self.nodes.values() if node.host is None]


def read_scope(element: Element, lane_of: Mapping[str, str], lanes: Sequence[str]) -> Scope:
    """Read the nodes and flows that lie directly in a process or a subprocess."""
    nodes: dict[str, Node] = {}
    for child in element:
        kind = local(child)
        size = _size(kind)
        if size is None:
            continue
        id_ = child.get("id", "")
        if size == TASK:
            size = _room(child)
        node = Node(id_, child, lane_of.get(id_, lanes[0]), size, child.get("attachedToRef"))
        if kind in ("subProcess", "transaction", "adHocSubProcess"):
            node.inner = read_scope(child, {}, [""])
        nodes[id_] = node
    _attach(nodes)
    flows = [
        Flow(
            child.get("id", ""),
            child,
            child.get("sourceRef", ""),
            child.get("targetRef", ""),
            bool(child.get("name")),
            nodes[child.get("sourceRef", "")].element.get("default") == child.get("id"),
        )
        for child in element
        if local(child) == "sequenceFlow"
    ]
    return Scope(nodes, flows, list(lanes))


def _attach(nodes: Mapping[str, Node]) -> None:
    """Give boundary events their places on the lower edge of their hosts: beside its middle."""
    hung: dict[str, int] = defaultdict(int)
    for node in nodes.values():
        if node.host is None:
            continue
        node.lane = nodes[node.host].lane
        place = hung[node.host]
        hung[node.host] += 1
        node.beside = (place // 2 + 1) * (1 if place % 2 == 0 else -1)
        host = nodes[node.host]
        host.size = (max(host.size[0], 2 * (20 + 40 * abs(node.beside))), host.size[1])


def local(element: Element) -> str:
    """Give the name of a BPMN element, or nothing for what is not BPMN."""
    tag = str(element.tag)  # of a comment it is a function
    return tag.removeprefix(f"{{{BPMN}}}") if BPMN in tag else ""


def _room(task: Element) -> tuple[int, int]:
    """Give a task the width at which its name needs two lines: a third runs into its sign."""
    for width in (TASK[0], TASK[0] + 20, TASK[0] + 40):
        if extent(task, int((width - 12) * LETTER / INSIDE_LETTER))[1] < 3 * LINE:
            return width, TASK[1]
    return TASK[0] + 60, TASK[1]


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


def order_lanes(scope: Scope) -> None:
    """Put lanes next to each other between which many flows go, the first where it begins."""
    between: dict[tuple[str, str], int] = defaultdict(int)
    for flow in scope.flows:
        between[scope.nodes[flow.source].lane, scope.nodes[flow.target].lane] += 1

    def length(lanes: Sequence[str]) -> int:
        at = {lane: number for number, lane in enumerate(lanes)}
        return sum(abs(at[a] - at[b]) * count for (a, b), count in between.items())

    found, better = list(scope.lanes), True
    while better:
        better = False
        for old in range(1, len(found)):
            for new in range(1, len(found)):
                tried = [lane for lane in found if lane != found[old]]
                tried.insert(new, found[old])
                if length(tried) < length(found):
                    found, better = tried, True
    scope.lanes = found


def keep(scope: Scope, drawn: Mapping[str, Box]) -> dict[str, tuple[int, int]]:
    """Give the columns and rows that nodes had when the diagram was laid out before."""
    places: dict[str, tuple[int, int]] = {}
    free = [node for node in scope.free() if node.id in drawn]
    middles = {n.id: ((drawn[n.id][0] + drawn[n.id][2]) // 2, _middle(drawn[n.id])) for n in free}
    columns = _steps([x for x, _ in middles.values()])
    for lane in scope.lanes:
        inside = [node for node in free if node.lane == lane]
        rows = _steps([middles[node.id][1] for node in inside])
        for node in inside:
            x, y = middles[node.id]
            places[node.id] = (columns[x], rows[y])
    for node in free:
        if node.inner is not None:
            places |= keep(node.inner, drawn)
    return places


def _middle(box: Box) -> int:
    return (box[1] + box[3]) // 2


def _steps(places: Sequence[int]) -> dict[int, int]:
    """Number places in their order; those that lie within a few points of each other are one."""
    numbers: dict[int, int] = {}
    last, number = None, -1
    for place in sorted(set(places)):
        if last is None or place - last > 12:  # less than any two tracks
            number, last = number + 1, place
        numbers[place] = number
    return numbers


def tighten(scope: Scope) -> None:
    """Leave out the columns and rows in which nothing lies."""
    free = scope.free()
    columns = {old: new for new, old in enumerate(sorted({node.column for node in free}))}
    for lane in scope.lanes:
        inside = [node for node in free if node.lane == lane]
        rows = {old: new for new, old in enumerate(sorted({node.row for node in inside}))}
        for node in inside:
            node.row = rows[node.row]
    for node in free:
        node.column = columns[node.column]
        if node.inner is not None:
            tighten(node.inner)
    hang(scope)


def hang(scope: Scope) -> None:
    """Put boundary events where their hosts are."""
    for node in scope.nodes.values():
        if node.host is not None:
            node.column, node.row = scope.nodes[node.host].column, scope.nodes[node.host].row


# --- lines ------------------------------------------------------------------------------------


@dataclass(slots=True)
class Lines:
    """The lines that flows may take: tracks in the gaps, and the middles of columns and rows.

    First only the order of the lines counts; `measure` gives those that are used their place.
    """

    columns: int
    rows: list[tuple[str, int]]  # lane and row, from the top
    half: int  # lines beside the middle of a column, for boundary events

    @classmethod
    def of(cls, scope: Scope, spare: int = 0) -> "Lines":
        """Draw the lines for what is arranged, with `spare` empty rows at the end of each lane."""
        rows = []
        for lane in scope.lanes:
            last = max((n.row for n in scope.free() if n.lane == lane), default=0)
            rows += [(lane, row) for row in range(last + 1 + spare)]
        columns = max((node.column for node in scope.free()), default=0) + 1
        return cls(columns, rows, max((abs(n.beside) for n in scope.nodes.values()), default=0))

    @property
    def step(self) -> int:
        """Give how many upright lines a column has, with the gap before it."""
        return TRACKS + 2 * self.half + 1

    @property
    def across(self) -> int:
        return self.columns * self.step + TRACKS

    @property
    def down(self) -> int:
        return len(self.rows) * (2 * LEVELS + 1)

    def column(self, column: int, beside: int = 0) -> int:
        """Give the upright line through the middle of a column, or beside it."""
        return column * self.step + TRACKS + self.half + beside

    @staticmethod
    def row(number: int) -> int:
        """Give the level line through the middle of a row."""
        return number * (2 * LEVELS + 1) + LEVELS

    def nominal(self, scope: Scope) -> tuple[list[int], list[int]]:
        """Give about where each line will be, for the length of ways."""
        widths: dict[int, int] = defaultdict(lambda: EVENT[0])
        for node in scope.free():
            widths[node.column] = max(widths[node.column], node.size[0])
        xs: list[int] = []
        x = 0
        for column in range(self.columns + 1):
            xs += [x + 20 + 6 * track for track in range(TRACKS)]
            x += 40 + 6 * TRACKS
            if column < self.columns:
                middle = x + widths[column] // 2
                xs += [middle + 30 * each for each in range(-self.half, self.half + 1)]
                x += max(widths[column], 60 * self.half)
        ys: list[int] = []
        for y in range(0, len(self.rows) * 240, 240):
            ys += [y + 8 * track for track in range(LEVELS)]
            ys.append(y + 110)
            ys += [y + 164 + 8 * track for track in range(LEVELS)]
        return xs, ys


# --- flows ------------------------------------------------------------------------------------

RIGHT, LEFT, DOWN, UP = 0, 1, 2, 3
OPPOSITE = (LEFT, RIGHT, UP, DOWN)
END = 1 << 40  # added to the state in which a search is at its end
FAR = 1 << 30


class Router:
    """Finds a way for each flow along the lines, past shapes and past the other flows.

    Flows out of one node may leave as one line and part; flows into one node may meet and go on as
    one line. All others may cross at right angles, at a price, and touch nowhere.
    """

    def __init__(self, scope: Scope, lines: Lines) -> None:
        self.scope, self.lines = scope, lines
        self.width = lines.across
        self.xs, self.ys = lines.nominal(scope)
        self.number = {place: number for number, place in enumerate(lines.rows)}
        self.flows = {flow.id: flow for flow in scope.flows}
        self.used: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
        self.ports: dict[tuple[str, int], dict[str, bool]] = defaultdict(dict)
        self.ways: dict[str, list[int]] = {}
        self.sides: dict[str, tuple[int, int]] = {}
        self.prices: dict[str, float] = {}
        self.fan: dict[str, int] = defaultdict(int)
        for flow in scope.flows:
            self.fan[flow.source] += 1
        self.closed: set[int] = set()
        self.close()

    def close(self) -> None:
        """Note where shapes lie."""
        half = self.lines.half
        self.closed = {
            self._at(node, beside)
            for node in self.scope.free()
            for beside in range(-half, half + 1)
        }

    def route_all(self, passes: int = 4) -> None:
        """Route each flow, then each again past what the others took, as long as that is better."""
        for flow in sorted(self.scope.flows, key=self._length):
            self.take(flow)
        best = FAR * 1.0
        for number in range(passes):
            # After the first time only what crosses: the others would find the same way again.
            poor = self.worst() if number else list(self.flows)
            for flow in sorted(map(self.flows.__getitem__, poor), key=lambda f: -self.prices[f.id]):
                self.leave(flow)
                self.take(flow)
            if self.score() >= best:
                break
            best = self.score()

    def score(self) -> float:
        """Give how bad the ways are together: what they cross and touch, their bends and length."""
        total = 0.0
        for flow in self.scope.flows:
            way = self.ways[flow.id]
            if not way:
                total += FAR
                continue
            heading = self.sides[flow.id][0]
            for a, b in pairwise(way):
                onward = self._heading(a, b)
                total += BEND if onward != heading else 0
                heading = onward
                total += abs(self.xs[b % self.width] - self.xs[a % self.width]) * 0.1
                total += abs(self.ys[b // self.width] - self.ys[a // self.width]) * 0.1
        for others in self.used.values():
            if len(others) > 1:
                names = list(others)
                for number, name in enumerate(names):
                    later = {each: others[each] for each in names[number + 1 :]}
                    total += self._meeting(self.flows[name], later, *others[name])
        return total

    def _at(self, node: Node, beside: int = 0) -> int:
        row = self.lines.row(self.number[node.lane, node.row])
        return row * self.width + self.lines.column(node.column, beside)

    def _length(self, flow: Flow) -> tuple[int, int]:
        a, b = self.scope.nodes[flow.source], self.scope.nodes[flow.target]
        rows = abs(self.number[a.lane, a.row] - self.number[b.lane, b.row])
        return (0 if not rows and b.column > a.column else 1, rows + abs(a.column - b.column))

    @staticmethod
    def _exits(node: Node) -> dict[int, int]:
        """Give the headings by which a flow may leave a node, and their prices."""
        if node.host is not None:
            return {DOWN: 0}
        if node.size == GATEWAY:
            return {RIGHT: 0, DOWN: 15, UP: 20}
        return {RIGHT: 0, DOWN: 80, UP: 80}

    @staticmethod
    def _entries(node: Node) -> dict[int, int]:
        """Give the headings with which a flow may come into a node, and their prices."""
        if node.size == GATEWAY:
            return {RIGHT: 0, UP: 15, DOWN: 20}
        return {RIGHT: 0, DOWN: 50, UP: 50}

    def _first(self, node: Node, side: int) -> int:
        """Give the first place on the lines outside a node, on a side of it."""
        here = self._at(node, node.beside)
        half = self.lines.half + 1
        return here + (half, -half, self.width, -self.width)[side]

    def _port(self, node: str, side: int, flow: Flow, *, leaving: bool) -> float:
        """Price a side of a node by who comes and goes there already."""
        price = 0.0
        for other, out in self.ports.get((node, side), {}).items():
            if out != leaving:
                price += TOUCH
            elif leaving and self.fan[node] <= PORTS:
                price += 500 if flow.named or self.flows[other].named else 150
        return price

    def take(self, flow: Flow) -> None:
        """Find the way of a flow past what is there, and take it."""
        source, target = self.scope.nodes[flow.source], self.scope.nodes[flow.target]
        goals: dict[int, float] = {}
        for heading, price in self._entries(target).items():
            side = OPPOSITE[heading]
            place = self._first(target, side)
            shared = self._port(target.id, side, flow, leaving=False)
            goals[place * 4 + heading] = price + shared
        best: dict[int, float] = {}
        for heading, price in self._exits(source).items():
            place = self._first(source, heading)
            if place not in self.closed:
                shared = self._port(source.id, heading, flow, leaving=True)
                best[place * 4 + heading] = price + shared
        came: dict[int, int] = dict.fromkeys(best, -1)
        found = self._search(flow, best, came, goals)
        way: list[int] = []
        first, last = RIGHT, RIGHT
        if found >= 0:
            last = found % 4
            here = came[found]
            while here >= 0:
                way.append(here // 4)
                first = here % 4
                here = came[here]
            way.reverse()
        self._occupy(flow, way, first, last, best.get(found, FAR))

    def _guess(self, goals: Sequence[int]) -> Callable[[int], float]:
        xs, ys, width = self.xs, self.ys, self.width
        spots = [(xs[goal // 4 % width], ys[goal // 4 // width]) for goal in goals]
        left, right = min(x for x, _ in spots), max(x for x, _ in spots)
        top, bottom = min(y for _, y in spots), max(y for _, y in spots)

        def guess(place: int) -> float:
            x, y = xs[place % width], ys[place // width]
            dx = left - x if x < left else x - right if x > right else 0
            dy = top - y if y < top else y - bottom if y > bottom else 0
            return HURRY * (dx + dy)

        return guess

    def _search(
        self, flow: Flow, best: dict[int, float], came: dict[int, int], goals: Mapping[int, float]
    ) -> int:
        """Search from the states in `best`, a place and a heading each; give the last state."""
        guess = self._guess(list(goals))
        queue = [(price + guess(state // 4), state) for state, price in best.items()]
        heapq.heapify(queue)
        done: set[int] = set()
        while queue:
            _, state = heapq.heappop(queue)
            if state >= END:
                return state
            if state in done:
                continue
            done.add(state)
            for later, total in self._steps(flow, state, best[state], goals):
                if later not in done and total < best.get(later, FAR):
                    best[later], came[later] = total, state
                    ahead = 0 if later >= END else guess(later // 4)
                    heapq.heappush(queue, (total + ahead, later))
        return -1

    def _steps(
        self, flow: Flow, state: int, spent: float, goals: Mapping[int, float]
    ) -> Iterator[tuple[int, float]]:
        """Give the states that follow one, and what has been spent there."""
        here, heading = state // 4, state % 4
        width = self.width
        x, y = here % width, here // width
        others = self.used.get(here)
        for turn in (RIGHT, LEFT, DOWN, UP):
            if turn == OPPOSITE[heading]:
                continue
            total = spent + (BEND if turn != heading else 0)
            if others:
                total += self._meeting(flow, others, OPPOSITE[heading], turn)
            goal = goals.get(here * 4 + turn)
            if goal is not None:
                yield END + here * 4 + turn, total + goal
            if turn < DOWN:
                x2 = x + 1 - 2 * turn
                if not 0 <= x2 < width:
                    continue
                there = here + x2 - x
                total += abs(self.xs[x2] - self.xs[x]) + y % (2 * LEVELS + 1) * 0.01
            else:
                y2 = y + 5 - 2 * turn
                if not 0 <= y2 < len(self.ys):
                    continue
                there = here + (y2 - y) * width
                total += abs(self.ys[y2] - self.ys[y]) + x % self.lines.step * 0.01
            if there not in self.closed:
                yield there * 4 + turn, total

    def _meeting(
        self, flow: Flow, others: Mapping[str, tuple[int, int]], begun: int, onward: int
    ) -> float:
        """Price a flow where others pass: it comes by the arm `begun` and goes by `onward`."""
        price, together = 0.0, 0
        for other, (its_begun, its_onward) in others.items():
            found = self.flows[other]
            arms = (its_begun, its_onward)
            if begun not in arms and onward not in arms:
                straight = begun == OPPOSITE[onward] and its_begun == OPPOSITE[its_onward]
                price += CROSSING if straight else TOUCH
            elif (found.target == flow.target and onward == its_onward) or (
                found.source == flow.source and begun == its_begun
            ):
                together = SHARED
            else:
                price += TOUCH
        return price + together

    def _occupy(self, flow: Flow, way: list[int], first: int, last: int, price: float) -> None:
        self.ways[flow.id], self.prices[flow.id] = way, price
        self.sides[flow.id] = (first, OPPOSITE[last])
        if way:
            self.ports[flow.source, first][flow.id] = True
            self.ports[flow.target, OPPOSITE[last]][flow.id] = False
        heading = first
        for number, here in enumerate(way):
            onward = self._heading(here, way[number + 1]) if number + 1 < len(way) else last
            self.used[here][flow.id] = (OPPOSITE[heading], onward)
            heading = onward

    @staticmethod
    def _heading(here: int, there: int) -> int:
        step = there - here
        if step in (1, -1):
            return RIGHT if step == 1 else LEFT
        return DOWN if step > 0 else UP

    def leave(self, flow: Flow) -> None:
        """Take a flow off its way."""
        for here in self.ways[flow.id]:
            self.used[here].pop(flow.id, None)
        first, side = self.sides[flow.id]
        self.ports[flow.source, first].pop(flow.id, None)
        self.ports[flow.target, side].pop(flow.id, None)

    def cells(self, flow: Flow) -> list[Point]:
        """Give the upright and the level line at each place of a way."""
        return [(here % self.width, here // self.width) for here in self.ways[flow.id]]

    def worst(self) -> list[str]:
        """Name the flows that cross or touch others."""
        found = set()
        for others in self.used.values():
            for name, arms in others.items():
                rest = {each: others[each] for each in others if each != name}
                if rest and self._meeting(self.flows[name], rest, *arms) >= CROSSING:
                    found.add(name)
        return sorted(found)


def improve(scope: Scope, until: float, seed: int = 1) -> None:
    """Move nodes to other rows and columns for as long as there is time and it gets better."""
    chance = random.Random(seed)  # noqa: S311  # no secret
    router = Router(scope, Lines.of(scope, spare=1))
    router.route_all(2)
    score = router.score()
    forward = [f for f in scope.flows if _column(scope, f.source) < _column(scope, f.target)]
    while time.process_time() < until:
        worst = router.worst()
        if not worst:
            break
        flow = router.flows[chance.choice(worst)]
        node = scope.nodes[chance.choice((flow.source, flow.target))]
        node = scope.nodes[node.host] if node.host else node
        moved = _move(scope, router, node, forward, chance)
        if moved is None:
            continue
        after = router.score()
        if after < score:
            score = after
        else:
            _undo(scope, router, moved)


def _column(scope: Scope, id_: str) -> int:
    node = scope.nodes[id_]
    return scope.nodes[node.host].column if node.host else node.column


Moved = tuple[list[tuple[Node, int, int]], dict[str, tuple[list[int], int, int, float]]]


def _move(
    scope: Scope, router: Router, node: Node, forward: Sequence[Flow], chance: random.Random
) -> Moved | None:
    """Move a node, or let it change places with what lies there; route what that concerns."""
    rows = [row for lane, row in router.lines.rows if lane == node.lane]
    column, row = node.column + chance.choice((0, 0, 0, -1, 1, -2, 2)), chance.choice(rows)
    if (column, row) == (node.column, node.row) or not 0 <= column < router.lines.columns:
        return None
    there = [n for n in scope.free() if (n.lane, n.column, n.row) == (node.lane, column, row)]
    before = [(each, each.column, each.row) for each in (node, *there)]
    for other in there:
        other.column, other.row = node.column, node.row
    node.column, node.row = column, row
    hang(scope)
    if any(_column(scope, f.source) >= _column(scope, f.target) for f in forward):
        for each, old_column, old_row in before:
            each.column, each.row = old_column, old_row
        hang(scope)
        return None
    router.close()
    moved = {each.id for each, _, _ in before}
    moved |= {n.id for n in scope.nodes.values() if n.host in moved}
    concerned = [
        flow
        for flow in scope.flows
        if flow.source in moved
        or flow.target in moved
        or any(here in router.closed for here in router.ways[flow.id])
    ]
    concerned += [f for f in map(router.flows.__getitem__, router.worst()) if f not in concerned][
        :4
    ]
    ways = {}
    for flow in concerned:
        first, side = router.sides[flow.id]
        ways[flow.id] = (router.ways[flow.id], first, OPPOSITE[side], router.prices[flow.id])
        router.leave(flow)
    for flow in concerned:
        router.take(flow)
    return before, ways


def _undo(scope: Scope, router: Router, moved: Moved) -> None:
    before, ways = moved
    for node, column, row in before:
        node.column, node.row = column, row
    hang(scope)
    router.close()
    for id_ in ways:
        router.leave(router.flows[id_])
    for id_, (way, first, last, price) in ways.items():
        router._occupy(router.flows[id_], way, first, last, price)  # noqa: SLF001  # its own past


# --- points -----------------------------------------------------------------------------------


def measure(scope: Scope) -> Router:
    """Route flows and turn columns, rows and lines into points, from the inside out."""
    for node in scope.nodes.values():
        if node.inner is not None:
            _finish(node.inner)
            width, height = node.inner.width + 2 * INSIDE, node.inner.height + 2 * INSIDE
            node.size = (_even(max(width, node.size[0])), _even(height))
    router = Router(scope, Lines.of(scope))
    router.route_all()
    settle(scope, router)
    return router


def _finish(scope: Scope) -> None:
    """Measure a scope and write its labels, with more room where a label asks for it."""
    router = measure(scope)
    for flow in scope.flows:
        _widen(scope, router, flow)
    settle(scope, router)


def _even(value: int) -> int:
    return value + value % 2


def settle(scope: Scope, router: Router) -> None:
    """Give every line that is used its place, and every node and flow its points."""
    lines = router.lines
    upright: set[int] = set()
    level: set[int] = set()
    for flow in scope.flows:
        cells = router.cells(flow)
        first, side = router.sides[flow.id]
        ends = [(first, cells[0]), (side, cells[-1])] if cells else []
        for heading, (x, y) in ends:
            (level if heading < DOWN else upright).add(y if heading < DOWN else x)
        for a, b in pairwise(cells):
            if a[0] == b[0]:
                upright.add(a[0])
            else:
                level.add(a[1])
    xs = _upright(scope, lines, upright)
    ys = _level(scope, lines, level)
    for node in scope.free():
        x = xs[lines.column(node.column)]
        y = ys[lines.row(router.number[node.lane, node.row])]
        node.x, node.y = x - node.size[0] // 2, y - node.size[1] // 2
    for node in scope.nodes.values():
        if node.host is not None:
            host = scope.nodes[node.host]
            node.x = xs[lines.column(node.column, node.beside)] - EVENT[0] // 2
            node.y = host.y + host.size[1] - EVENT[1] // 2
    for flow in scope.flows:
        flow.points = _points(scope, router, flow, xs, ys)


def _upright(scope: Scope, lines: Lines, used: set[int]) -> dict[int, int]:
    """Give the upright lines their places."""
    xs: dict[int, int] = {}
    x = LANE_PADDING - 20
    for column in range(lines.columns + 1):
        begun = column * lines.step
        tracks = [track for track in range(begun, begun + TRACKS) if track in used]
        wanted = 2 * MARGIN + TRACK * (len(tracks) - 1) if tracks else 40
        if column in (0, lines.columns) and not tracks:
            wanted = 20
        spare = max(0, scope.wider.get(column, 0) - wanted)
        for number, track in enumerate(tracks):
            xs[track] = x + MARGIN + TRACK * number + (spare if column else 0)
        x += wanted + max(spare, scope.after.get(column, 0))
        if column < lines.columns:
            inside = [node for node in scope.free() if node.column == column]
            width = max((node.size[0] for node in inside), default=EVENT[0])
            if any(n.size in (EVENT, GATEWAY) and n.element.get("name") for n in inside):
                width = max(width, LABELLED)
            hosts = [
                scope.nodes[n.host].size[0] // 2 // (abs(n.beside) + 0.5)
                for n in scope.nodes.values()
                if n.host is not None and n.column == column
            ]
            apart = int(min(hosts, default=40))
            for beside in range(-lines.half, lines.half + 1):
                xs[lines.column(column, beside)] = x + width // 2 + beside * apart
            x += width
    scope.width = _even(x + LANE_PADDING - 20)
    return xs


def _level(scope: Scope, lines: Lines, used: set[int]) -> dict[int, int]:
    """Give the level lines their places, and the lanes theirs."""
    ys: dict[int, int] = {}
    y = 0
    for lane in scope.lanes:
        top = y
        for number, (each, row) in enumerate(lines.rows):
            if each != lane:
                continue
            inside = [n for n in scope.free() if (n.lane, n.row) == (lane, row)]
            height = max([n.size[1] for n in inside] + [TASK[1]])
            hangs = any(n.host and (n.lane, n.row) == (lane, row) for n in scope.nodes.values())
            middle = lines.row(number)
            above = [line for line in range(middle - LEVELS, middle) if line in used]
            below = [line for line in range(middle + 1, middle + 1 + LEVELS) if line in used]
            for place_, line in enumerate(above):
                ys[line] = y + TRACK * (place_ + 1)
            y += MARGIN + TRACK * len(above)
            ys[middle] = y + height // 2
            y += height + MARGIN + (20 if hangs else 0)
            for place_, line in enumerate(below):
                ys[line] = y + TRACK * place_
            y += TRACK * len(below)
        scope.bands[lane] = (top, y - top)
    scope.height = _even(y)
    return ys


def _points(
    scope: Scope, router: Router, flow: Flow, xs: Mapping[int, int], ys: Mapping[int, int]
) -> list[Point]:
    """Give the points of a flow: where it leaves, where it bends, where it comes in."""
    source, target = scope.nodes[flow.source], scope.nodes[flow.target]
    cells = router.cells(flow)
    if not cells:
        return [source.middle, target.middle]
    first, side = router.sides[flow.id]
    begun = _edge(source, first)
    ended = _edge(target, side)
    headings = [first]
    headings += [RIGHT if a[1] == b[1] else DOWN for a, b in pairwise(cells)]
    headings.append(OPPOSITE[side])
    points = [begun]
    for before, after, (x, y) in zip(headings, headings[1:], cells, strict=False):
        if (before < DOWN) != (after < DOWN):
            points.append((xs[x], ys[y]))
    points.append(ended)
    return points


def _edge(node: Node, side: int) -> Point:
    x1, y1, x2, y2 = node.box
    cx, cy = node.middle
    return ((x2, cy), (x1, cy), (cx, y2), (cx, y1))[side]


def shift(scope: Scope, dx: int, dy: int) -> None:
    """Move a scope, with all that lies in it, to its place."""
    for node in scope.nodes.values():
        node.x, node.y = node.x + dx, node.y + dy
        if node.inner is not None:
            inner = node.inner
            spare = (node.size[0] - inner.width) // 2, (node.size[1] - inner.height) // 2
            shift(inner, node.x + spare[0], node.y + spare[1])
    for flow in scope.flows:
        flow.points = [(x + dx, y + dy) for x, y in flow.points]


# --- labels -----------------------------------------------------------------------------------

_NARROW, _WIDE = "fijlt.,:;'!|()[] I/-r", "mwMWGOQCDHNRUABEKSVXYP&%"


def _wide(text: str) -> float:
    """Give about how wide a text is, in points of the viewer's label font."""
    return sum(
        LETTER if ord(c) > 0x2E80 else 3.4 if c in _NARROW else 8.4 if c in _WIDE else 6.2
        for c in text
    )


def _names(element: Element) -> list[str]:
    names = (element.get("name"), element.get(f"{{{OURS}}}nameZh"))
    return [name for name in names if name]


def extent(element: Element, width: int) -> tuple[int, int]:
    """Give how wide and high a label becomes in the larger of its languages, within `width`."""
    widest, most = 0.0, 1
    for name in _names(element):
        lines, here = 1, 0.0
        words = name.split(" ") if ord(name[0]) < 0x2E80 else list(name)  # han
        for word in words:
            long = _wide(word + (" " if len(word) > 1 else ""))
            if here and here + long > width + 3:
                lines, here = lines + 1, 0.0
            here += long
            widest = max(widest, here)
        most = max(most, lines)
    return min(width, int(widest) + 8), int(most * LINE) + 1


def write_labels(scope: Scope) -> None:
    """Put what is written at events, gateways and flows where it covers nothing."""
    for node in scope.nodes.values():
        if node.inner is not None:
            write_labels(node.inner)
    shapes = [node.box for node in scope.nodes.values()]
    lines = [(a, b) for flow in scope.flows for a, b in pairwise(flow.points)]
    taken: list[Box] = []
    edges = {top for top, _ in scope.bands.values()} - {0}
    borders = [TOP_EDGE + top for top in edges] if len(scope.lanes) > 1 else []
    for node in scope.nodes.values():
        if node.size in (EVENT, GATEWAY) and node.element.get("name"):
            choices = list(_around(node))
            node.label = _best(choices, shapes, lines, taken, borders)
            taken.append(node.label)
    for flow in scope.flows:
        if flow.named:
            flow.label = _best(list(_along(scope, flow)), shapes, lines, taken, borders)
            taken.append(flow.label)


def _around(node: Node) -> Iterator[tuple[float, Box]]:
    """Give the places for the label of a node, the usual first."""
    x1, y1, x2, y2 = node.box
    cx, cy = node.middle
    for width, price in ((LABELLED, 0.0), (70, 3.0), (120, 3.0)):
        w, h = extent(node.element, width)
        above, below = y1 - h - 3, y2 + 4
        right, left = x2 - 8, x1 - w + 8
        tries = [(cx - w // 2, below), (cx - w // 2, above)]
        if node.size == GATEWAY:
            tries.reverse()
        if node.host is not None:
            tries = [(x2 + 3, cy + 3), (x1 - w - 3, cy + 3), (cx + 5, below), (cx - 5 - w, below)]
        tries += [(right, above), (left, above), (right, below), (left, below)]
        tries += [(cx + 6, above - 8), (cx - w - 6, above - 8), (cx + 6, below + 8)]
        tries += [(cx - w - 6, below + 8), (x2 + 4, cy + 4), (x2 + 4, cy - h - 4)]
        for number, (x, y) in enumerate(tries):
            yield price + number, (x, y, x + w, y + h)


def _along(scope: Scope, flow: Flow) -> Iterator[tuple[float, Box]]:
    """Give the places for the label of a flow: on its own part, near where it begins."""
    others = [
        (a, b)
        for each in scope.flows
        if each.source == flow.source and each is not flow
        for a, b in pairwise(each.points)
    ]
    for number, (a, b) in enumerate(pairwise(flow.points)):
        for width, dear in ((LABELLED, 0.0), (60, 2.0), (45, 4.0), (140, 1.0)):
            w, h = extent(flow.element, width)
            for box, price in _at_line(a, b, w, h, 14 if flow.default and not number else 4):
                own = _own(a, b, box, others)
                yield dear + number * 6 + price + (0 if own else 100), box


def _at_line(a: Point, b: Point, w: int, h: int, off: int) -> Iterator[tuple[Box, float]]:
    if a[1] == b[1]:
        left, right = min(a[0], b[0]), max(a[0], b[0])
        begun, long = (left + off, 1) if a[0] < b[0] else (right - w - off, -1)
        over = max(0, w + 6 - (right - left)) * 0.5
        for step in range(0, max(1, min(right - left - w - 6, 240)), 20):
            for y, price in ((a[1] - h - 2, 0.0), (a[1] + 3, 1.5)):
                x = begun + long * step
                yield (x, y, x + w, y + h), over + price + step * 0.04
    else:
        top, bottom = min(a[1], b[1]), max(a[1], b[1])
        begun, long = (top + off, 1) if a[1] < b[1] else (bottom - h - off, -1)
        over = max(0, h + 6 - (bottom - top)) * 0.5
        for step in range(0, max(1, min(bottom - top - h - 6, 240)), 20):
            for x, price in ((a[0] + 4, 0.0), (a[0] - w - 4, 0.5)):
                y = begun + long * step
                yield (x, y, x + w, y + h), over + price + step * 0.04


def _own(a: Point, b: Point, box: Box, others: Sequence[tuple[Point, Point]]) -> bool:
    """Tell whether the stretch of a line that a label stands at is the flow's alone."""
    x, y = (box[0] + box[2]) // 2, (box[1] + box[3]) // 2
    near = (x, a[1]) if a[1] == b[1] else (a[0], y)
    return not any(
        min(c[0], d[0]) <= near[0] <= max(c[0], d[0])
        and min(c[1], d[1]) <= near[1] <= max(c[1], d[1])
        for c, d in others
    )


def _best(
    choices: Sequence[tuple[float, Box]],
    shapes: Sequence[Box],
    lines: Sequence[tuple[Point, Point]],
    taken: Sequence[Box],
    borders: Sequence[int],
) -> Box:
    """Choose the place for a label that covers least."""
    wide = (
        min(box[0] for _, box in choices),
        min(box[1] for _, box in choices),
        max(box[2] for _, box in choices),
        max(box[3] for _, box in choices),
    )
    shapes = [each for each in (*shapes, *taken) if _overlap(each, wide)]
    cut = [line for line in lines if _overlap(_box(line), wide)]

    def price(choice: tuple[float, Box]) -> float:
        own, box = choice
        own += 400 * sum(_overlap(each, box) for each in shapes)
        own += 60 * sum(_overlap(_box(line), box) for line in cut)
        return own + 8 * sum(box[1] < border < box[3] for border in borders)

    return min(choices, key=price)[1]


def _box(line: tuple[Point, Point]) -> Box:
    (x1, y1), (x2, y2) = line
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _overlap(one: Box, other: Box) -> bool:
    across = one[0] <= other[2] and other[0] <= one[2]
    return across and one[1] <= other[3] and other[1] <= one[3]


def _widen(scope: Scope, router: Router, flow: Flow) -> None:
    """Ask for room for what is written at a flow: after its gateway, or where it has parted."""
    if not flow.named or len(flow.points) < 2:
        return
    need = extent(flow.element, LABELLED)[0]
    need += 24 if flow.default else 14
    if router.fan[flow.source] > PORTS:
        a, b = flow.points[-2:]
        if a[1] == b[1] and abs(b[0] - a[0]) < need:
            gap = scope.nodes[flow.target].column
            scope.after[gap] = max(scope.after.get(gap, 0), need - abs(b[0] - a[0]))
        return
    a, b = flow.points[:2]
    if a[1] == b[1] and abs(b[0] - a[0]) < need:
        gap = scope.nodes[flow.source].column + 1
        scope.wider[gap] = max(scope.wider.get(gap, 0), 44 + need - abs(b[0] - a[0]))


# --- what crosses -----------------------------------------------------------------------------


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


@dataclass(slots=True)
class Wishes:
    """What is asked of a layout: places, the order of the lanes, to forget the old, time to use."""

    placed: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    lanes: Sequence[str] = ()
    afresh: bool = False
    seconds: int = 0


def lay_out(tree: etree._ElementTree, wishes: Wishes) -> list[Scope]:
    """Write the interchange of a diagram anew; give its scopes, the process first."""
    root = tree.getroot()
    process = root.find(f"{{{BPMN}}}process")
    if process is None:
        message = "there is no process in this file"
        raise ValueError(message)
    drawn = {} if wishes.afresh else _drawn(root)
    lane_of: dict[str, str] = {}
    lanes: list[str] = []
    names: dict[str, str] = {}
    for lane in process.iterfind(f"{{{BPMN}}}laneSet/{{{BPMN}}}lane"):
        lanes.append(lane.get("id", ""))
        names[lane.get("id", "")] = lane.get("name", "")
        for reference in lane.iterfind(f"{{{BPMN}}}flowNodeRef"):
            lane_of[(reference.text or "").strip()] = lane.get("id", "")
    lanes.sort(key=lambda each: drawn[each][1] if each in drawn else 0)
    if wishes.lanes:
        lanes.sort(key=lambda each: wishes.lanes.index(names[each]))
    scope = read_scope(process, lane_of, lanes or [""])
    if wishes.afresh and not wishes.lanes:
        order_lanes(scope)
    arrange(scope, keep(scope, drawn) | dict(wishes.placed))
    tighten(scope)
    if wishes.seconds:
        improve(scope, time.process_time() + wishes.seconds)
        tighten(scope)
    _finish(scope)
    shift(scope, LEFT_EDGE + POOL_LABEL + (LANE_LABEL if lanes else 0), TOP_EDGE)
    write_labels(scope)
    _write(root, process, scope, has_lanes=bool(lanes))
    return list(_scopes(scope))


def _drawn(root: Element) -> dict[str, Box]:
    boxes = {}
    for shape in root.iter(f"{{{BPMNDI}}}BPMNShape"):
        bounds = shape.find(f"{{{DC}}}Bounds")
        if bounds is not None:
            x, y, w, h = (round(float(bounds.get(k, 0))) for k in ("x", "y", "width", "height"))
            boxes[shape.get("bpmnElement", "")] = (x, y, x + w, y + h)
    return boxes


def _scopes(scope: Scope) -> Iterator[Scope]:
    yield scope
    for node in scope.nodes.values():
        if node.inner is not None:
            yield from _scopes(node.inner)


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
    left, top = LEFT_EDGE, TOP_EDGE
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
        if node.label is not None:
            _label(shape, node.label)
        if node.inner is not None:
            _write_scope(plane, node.inner)
    for flow in scope.flows:
        edge = etree.SubElement(
            plane, f"{{{BPMNDI}}}BPMNEdge", id=f"{flow.id}_di", bpmnElement=flow.id
        )
        for x, y in flow.points:
            etree.SubElement(edge, f"{{{DI}}}waypoint", x=str(x), y=str(y))
        if flow.label is not None:
            _label(edge, flow.label)


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


def _label(owner: Element, box: Box) -> None:
    x1, y1, x2, y2 = box
    label = etree.SubElement(owner, f"{{{BPMNDI}}}BPMNLabel")
    _bounds(label, (x1, y1, x2 - x1, y2 - y1))


def _bounds(owner: Element, box: tuple[int, int, int, int]) -> None:
    x, y, width, height = (str(value) for value in box)
    etree.SubElement(owner, f"{{{DC}}}Bounds", x=x, y=y, width=width, height=height)


def main() -> None:
    """Lay a file out and say what crosses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--place", nargs="*", default=[], metavar="Node=column,row")
    parser.add_argument(
        "--lanes", default="", metavar="LANE,LANE", help="from the top, all of them"
    )
    parser.add_argument("--afresh", action="store_true", help="forget where things lay")
    parser.add_argument("--improve", type=int, default=0, metavar="SECONDS")
    asked = parser.parse_args()
    placed = {}
    for each in asked.place:
        node, _, place = each.partition("=")
        column, row = place.split(",")
        placed[node] = (int(column), int(row))
    lanes = [lane for lane in asked.lanes.split(",") if lane]
    wishes = Wishes(placed, lanes, asked.afresh, asked.improve)
    tree = etree.parse(asked.file, etree.XMLParser(resolve_entities=False, no_network=True))
    for scope in lay_out(tree, wishes):
        for node in scope.nodes.values():
            if node.host is None:
                print(f"{node.id}={node.column},{node.row}", end="  ")
        print()
        for one, other in crossings(scope):
            print(f"crossing: {one} and {other}")
    tree.write(asked.file, encoding="UTF-8", xml_declaration=True)


if __name__ == "__main__":
    main()
