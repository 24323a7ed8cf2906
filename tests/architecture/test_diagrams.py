"""The diagrams can be read: a process owner's edit that ruins one is seen here.

Looks at the interchange alone (BPMNDI, in points), whoever wrote it: `tools/lay_out.py` or a
modeller. What crosses is counted by pairs of flows; lines of one source or into one target may lie
on each other, others that do count as crossing too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from lxml import etree

from tools.lay_out import BPMN, BPMNDI, DC, DI, OURS, extent

ROOT = Path(__file__).parents[2]

CROSSINGS = {
    "change_control": 5,
    "disposition": 3,
    "incoming_inspection": 4,
    "nonconformance": 3,
    "supplier_corrective_action": 1,
    "supplier_qualification": 6,
}
"""What is left, by process, at most: lanes and loops force these. With fewer, lower it here."""

Box = tuple[float, float, float, float]
Line = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Drawn:
    """A diagram as it is drawn."""

    shapes: dict[str, Box]  # nodes; no pool, no lanes
    lanes: dict[str, Box]
    lane_of: dict[str, str]
    around: dict[str, str]  # node -> the subprocess that it lies in
    hosts: dict[str, str]  # boundary event -> the activity on whose edge it lies
    flows: dict[str, list[tuple[float, float]]]
    ends: dict[str, tuple[str, str]]
    labels: dict[str, Box]
    missing: list[str]  # what the model has and the diagram does not


def processes() -> list[str]:
    return sorted(path.parent.name for path in ROOT.glob("processes/*/process.bpmn"))


@cache
def drawn(process: str) -> Drawn:
    return read(etree.parse(ROOT / "processes" / process / "process.bpmn"))


def read(tree: etree._ElementTree) -> Drawn:
    """Read shapes, flows and labels, and what the model says of them."""
    root = tree.getroot()
    shown = Drawn({}, {}, {}, {}, {}, {}, {}, {}, [])
    elements = {each.get("id", ""): each for each in root.iter() if each.get("id")}
    for lane in root.iter(f"{{{BPMN}}}lane"):
        for reference in lane.iterfind(f"{{{BPMN}}}flowNodeRef"):
            shown.lane_of[(reference.text or "").strip()] = lane.get("id", "")
    for shape in root.iter(f"{{{BPMNDI}}}BPMNShape"):
        id_ = shape.get("bpmnElement", "")
        element = elements[id_]
        if element.tag == f"{{{BPMN}}}lane":
            shown.lanes[id_] = _box(shape)
        elif element.tag != f"{{{BPMN}}}participant":
            shown.shapes[id_] = _box(shape)
            shown.around[id_] = _parent(element).get("id", "")
            if element.get("attachedToRef"):
                shown.hosts[id_] = element.get("attachedToRef", "")
    for edge in root.iter(f"{{{BPMNDI}}}BPMNEdge"):
        id_ = edge.get("bpmnElement", "")
        shown.flows[id_] = _points(edge)
        shown.ends[id_] = elements[id_].get("sourceRef", ""), elements[id_].get("targetRef", "")
    for label in root.iter(f"{{{BPMNDI}}}BPMNLabel"):
        id_ = _parent(label).get("bpmnElement", "")
        shown.labels[id_] = _written(elements[id_], _box(label))
    shown.missing.extend(_undrawn(elements, shown))
    return shown


def _undrawn(elements: dict[str, etree._Element], shown: Drawn) -> Iterator[str]:
    kinds = ("Event", "Gateway", "ask", "subProcess", "callActivity", "sequenceFlow")
    for id_, element in elements.items():
        name = str(element.tag)
        ours = name.startswith(f"{{{BPMN}}}") and name.endswith(kinds)
        if ours and id_ not in shown.shapes and id_ not in shown.flows:
            yield id_


def _points(edge: etree._Element) -> list[tuple[float, float]]:
    found = edge.iterfind(f"{{{DI}}}waypoint")
    return [(float(point.get("x", "")), float(point.get("y", ""))) for point in found]


def _parent(element: etree._Element) -> etree._Element:
    found = element.getparent()
    assert found is not None
    return found


def _bounds(owner: etree._Element) -> etree._Element:
    found = owner.find(f"{{{DC}}}Bounds")
    assert found is not None
    return found


def _box(owner: etree._Element) -> Box:
    bounds = _bounds(owner)
    x, y, width, height = (float(bounds.get(key, "")) for key in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def _written(element: etree._Element, box: Box) -> Box:
    """Give what a label covers in the larger of its two languages: the viewer keeps its width."""
    _, height = extent(element, int(box[2] - box[0]))
    return box[0], box[1], box[2], max(box[3], box[1] + height)


def overlap(one: Box, other: Box) -> bool:
    across = one[0] < other[2] and other[0] < one[2]
    return across and one[1] < other[3] and other[1] < one[3]


def lines(points: list[tuple[float, float]]) -> list[Line]:
    return list(pairwise(points))


def _around(line: Line) -> Box:
    (x1, y1), (x2, y2) = line
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _meet(one: Line, other: Line) -> bool:
    """Tell whether two lines cross, or lie on each other for a stretch; touching is neither."""
    a, b = _around(one), _around(other)
    if overlap(a, b):
        return True
    level, upright = a[1] == a[3] == b[1] == b[3], a[0] == a[2] == b[0] == b[2]
    return (level and a[0] < b[2] and b[0] < a[2]) or (upright and a[1] < b[3] and b[1] < a[3])


def crossings(shown: Drawn) -> list[tuple[str, str]]:
    found = []
    for one, other in combinations(shown.flows, 2):
        (source, target), (source2, target2) = shown.ends[one], shown.ends[other]
        related = source == source2 or target == target2
        for a in lines(shown.flows[one]):
            if any(
                overlap(_around(a), _around(b)) if related else _meet(a, b)
                for b in lines(shown.flows[other])
            ):
                found.append((one, other))
                break
    return found


def overlapping(shown: Drawn) -> Iterator[tuple[str, str]]:
    """Name shapes that cover each other; what lies in a subprocess or on an edge may."""
    for one, other in combinations(shown.shapes, 2):
        hung = shown.hosts.get(one) == other or shown.hosts.get(other) == one
        near = shown.around[one] == shown.around[other] and not hung
        if near and overlap(shown.shapes[one], shown.shapes[other]):
            yield one, other


def escaped(shown: Drawn) -> Iterator[str]:
    """Name what does not lie inside the subprocess or the lane that it belongs to."""
    for id_, box in shown.shapes.items():
        if id_ in shown.hosts:
            continue  # it lies where its host does
        place = shown.shapes.get(shown.around[id_]) or shown.lanes.get(shown.lane_of.get(id_, ""))
        x1, y1, x2, y2 = place or box
        if not (x1 <= box[0] and y1 <= box[1] and box[2] <= x2 and box[3] <= y2):
            yield id_


def pierced(shown: Drawn) -> Iterator[tuple[str, str]]:
    """Name flows that pass through shapes, their own included: they end at the edge."""
    for flow, points in shown.flows.items():
        inside = shown.around[shown.ends[flow][0]]
        for id_, box in shown.shapes.items():
            if shown.around[id_] == inside and any(overlap(box, _around(a)) for a in lines(points)):
                yield flow, id_


def covered(shown: Drawn) -> Iterator[tuple[str, str]]:
    """Name labels that cover a shape or another label, in either language."""
    for id_, box in shown.labels.items():
        owner = shown.ends[id_][0] if id_ in shown.ends else id_
        for other, shape in shown.shapes.items():
            if shown.around[other] == shown.around[owner] and overlap(box, shape):
                yield id_, other
    for one, other in combinations(shown.labels, 2):
        if overlap(shown.labels[one], shown.labels[other]):
            yield one, other


@pytest.mark.parametrize("process", processes())
def test_no_more_flows_cross_than_must(process: str) -> None:
    found = crossings(drawn(process))
    assert len(found) <= CROSSINGS.get(process, 0), found


@pytest.mark.parametrize("process", processes())
def test_everything_is_drawn_where_it_belongs(process: str) -> None:
    shown = drawn(process)
    assert not shown.missing
    assert not list(overlapping(shown))
    assert not list(escaped(shown))
    assert not list(pierced(shown))


@pytest.mark.parametrize("process", processes())
def test_labels_cover_nothing_in_either_language(process: str) -> None:
    assert not list(covered(drawn(process)))


def unnamed(tree: etree._ElementTree) -> list[str]:
    """Name the branches of exclusive gateways that lack their word in one of the languages."""
    flows: dict[str, list[etree._Element]] = {}
    for flow in tree.iter(f"{{{BPMN}}}sequenceFlow"):
        flows.setdefault(flow.get("sourceRef", ""), []).append(flow)
    return [
        flow.get("id", "")
        for gateway in tree.iter(f"{{{BPMN}}}exclusiveGateway")
        if len(branches := flows.get(gateway.get("id", ""), [])) > 1
        for flow in branches
        if not (flow.get("name") and flow.get(f"{{{OURS}}}nameZh"))
    ]


@pytest.mark.parametrize("process", processes())
def test_each_branch_of_a_gateway_says_when_it_is_taken(process: str) -> None:
    found = unnamed(etree.parse(ROOT / "processes" / process / "process.bpmn"))
    assert not found


def test_what_ruins_a_diagram_is_found() -> None:
    """Each fault is planted in a diagram that is in order."""
    path = ROOT / "processes" / "receiving" / "process.bpmn"
    for plant, finds in (
        (_crossed, crossings),
        (_moved, overlapping),
        (_lifted, escaped),
        (_put_on_a_line, pierced),
        (_written_over, covered),
    ):
        tree = etree.parse(path)
        before = len(list(finds(read(tree))))
        plant(tree)
        assert len(list(finds(read(tree)))) > before, plant


def _first_node(tree: etree._ElementTree) -> tuple[etree._Element, etree._Element]:
    """Give the bounds of the first two nodes that are no pool and no lane."""
    shown = read(tree).shapes
    shapes = [s for s in tree.iter(f"{{{BPMNDI}}}BPMNShape") if s.get("bpmnElement") in shown]
    return _bounds(shapes[0]), _bounds(shapes[1])


def _moved(tree: etree._ElementTree) -> None:
    one, other = _first_node(tree)
    one.set("x", other.get("x", ""))
    one.set("y", other.get("y", ""))


def _lifted(tree: etree._ElementTree) -> None:
    _first_node(tree)[0].set("y", "-500")


def _crossed(tree: etree._ElementTree) -> None:
    """Lay one flow straight across another that has nothing to do with it."""
    edges = list(tree.iter(f"{{{BPMNDI}}}BPMNEdge"))
    first, last = edges[0], edges[-1]
    points = _points(first)
    (x1, y1), (x2, y2) = points[:2]
    middle = (x1 + x2) / 2, (y1 + y2) / 2
    across = (0, 5) if y1 == y2 else (5, 0)
    for point, sign in zip(last.iterfind(f"{{{DI}}}waypoint"), (-1, 1), strict=False):
        point.set("x", str(middle[0] + sign * across[0]))
        point.set("y", str(middle[1] + sign * across[1]))


def _put_on_a_line(tree: etree._ElementTree) -> None:
    """Put a shape on the middle of the last flow's first stretch."""
    last = list(tree.iter(f"{{{BPMNDI}}}BPMNEdge"))[-1]
    points = _points(last)
    shape = _first_node(tree)[0]
    for axis, side, number in (("x", "width", 0), ("y", "height", 1)):
        middle = (points[0][number] + points[1][number]) / 2
        shape.set(axis, str(middle - float(shape.get(side, "")) / 2))


def _written_over(tree: etree._ElementTree) -> None:
    shape = _first_node(tree)[1]
    label = _bounds(next(tree.iter(f"{{{BPMNDI}}}BPMNLabel")))
    label.set("x", shape.get("x", ""))
    label.set("y", shape.get("y", ""))
