"""Playing tokens finds the joins at which a process would stand still, and no others."""

from collections import Counter
from collections.abc import Iterator

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.definitions.diagram import Diagram, read_diagram
from engine.definitions.lint.identity import find_process
from engine.definitions.lint.tokens import play
from engine.definitions.xml import read_xml

HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p">'
CAP = 3


def diagram(nodes: dict[str, str], flows: list[tuple[str, str]], more: str = "") -> Diagram:
    """Make a diagram: id -> kind, and pairs of ids."""
    body = "".join(f"<{kind} id='{id_}'/>" for id_, kind in nodes.items())
    body += "".join(
        f"<sequenceFlow id='f{n}' sourceRef='{a}' targetRef='{b}'/>"
        for n, (a, b) in enumerate(flows)
    )
    root = read_xml(f"{HEAD}{body}{more}</process></definitions>".encode(), "process.bpmn")
    process = find_process(root, "p")
    assert process is not None
    return read_diagram(root, process, "process.bpmn")


def split_and_join(split: str, join: str) -> Diagram:
    nodes = {"s": "startEvent", "x": split, "a": "userTask", "b": "userTask", "j": join}
    flows = [("s", "x"), ("x", "a"), ("x", "b"), ("a", "j"), ("b", "j"), ("j", "t"), ("t", "e")]
    return diagram({**nodes, "t": "userTask", "e": "endEvent"}, flows)


def test_what_fits_is_fine() -> None:
    for kind in ("exclusiveGateway", "parallelGateway", "inclusiveGateway"):
        played = play(split_and_join(kind, kind), "p")
        assert (played.stuck, played.met_twice) == (set(), set()), kind


def test_a_parallel_join_after_a_choice_gets_stuck() -> None:
    assert play(split_and_join("exclusiveGateway", "parallelGateway"), "p").stuck == {"j"}
    assert play(split_and_join("inclusiveGateway", "parallelGateway"), "p").stuck == {"j"}


def test_an_exclusive_join_after_a_fork_lets_two_through() -> None:
    assert play(split_and_join("parallelGateway", "exclusiveGateway"), "p").met_twice == {"t"}
    assert play(split_and_join("inclusiveGateway", "exclusiveGateway"), "p").met_twice == {"t"}


def test_an_inclusive_join_fits_every_split() -> None:
    for kind in ("exclusiveGateway", "parallelGateway", "inclusiveGateway"):
        assert play(split_and_join(kind, "inclusiveGateway"), "p").stuck == set()


def test_a_join_inside_a_loop_is_fine() -> None:
    nodes = {
        "s": "startEvent",
        "m": "exclusiveGateway",
        "f": "parallelGateway",
        "a": "userTask",
        "b": "userTask",
        "j": "parallelGateway",
        "x": "exclusiveGateway",
        "e": "endEvent",
    }
    flows = [("s", "m"), ("m", "f"), ("f", "a"), ("f", "b"), ("a", "j"), ("b", "j"), ("j", "x")]
    played = play(diagram(nodes, [*flows, ("x", "m"), ("x", "e")]), "p")
    assert (played.stuck, played.met_twice) == (set(), set())


def test_a_loop_into_the_middle_of_a_join_gets_stuck() -> None:
    nodes = {
        "s": "startEvent",
        "f": "parallelGateway",
        "m": "exclusiveGateway",
        "a": "userTask",
        "b": "userTask",
        "j": "parallelGateway",
        "x": "exclusiveGateway",
        "e": "endEvent",
    }
    flows = [("s", "f"), ("f", "m"), ("m", "a"), ("f", "b"), ("a", "j"), ("b", "j"), ("j", "x")]
    assert play(diagram(nodes, [*flows, ("x", "m"), ("x", "e")]), "p").stuck == {"j"}


def test_an_interrupting_boundary_event_may_take_a_branch_away() -> None:
    nodes = {
        "s": "startEvent",
        "f": "parallelGateway",
        "a": "userTask",
        "b": "userTask",
        "j": "parallelGateway",
        "e": "endEvent",
        "late": "endEvent",
    }
    flows = [("s", "f"), ("f", "a"), ("f", "b"), ("a", "j"), ("b", "j"), ("j", "e"), ("t", "late")]
    boundary = "<boundaryEvent id='t' attachedToRef='a' {}><timerEventDefinition/></boundaryEvent>"
    interrupting = diagram(nodes, flows, boundary.format(""))
    assert play(interrupting, "p").stuck == {"j"}
    beside = diagram(nodes, flows, boundary.format("cancelActivity='false'"))
    assert play(beside, "p").stuck == set()


def test_terminating_leaves_nobody_stuck() -> None:
    nodes = {"s": "startEvent", "f": "parallelGateway", "a": "userTask", "j": "parallelGateway"}
    flows = [("s", "f"), ("f", "a"), ("f", "z"), ("a", "j"), ("n", "j"), ("j", "e")]
    more = "<endEvent id='z'><terminateEventDefinition/></endEvent>"
    ends = diagram({**nodes, "n": "userTask", "e": "endEvent"}, flows, more)
    assert play(ends, "p").stuck == set()


def test_work_is_bounded() -> None:
    """Ten concurrent loops of ten choices each: more markings than anybody will wait for."""
    nodes = {"s": "startEvent", "f": "parallelGateway", "e": "endEvent"}
    flows = [("s", "f")]
    for n in range(12):
        for m in range(12):
            nodes[f"x{n}_{m}"] = "exclusiveGateway"
            flows += [(f"x{n}_{m}", f"x{n}_{(m + 1) % 12}"), (f"x{n}_{m}", f"x{n}_{(m + 5) % 12}")]
        flows.append(("f", f"x{n}_0"))
    assert play(diagram(nodes, flows), "p").stuck == set()


KINDS = st.sampled_from(["exclusiveGateway", "parallelGateway", "userTask"])


@st.composite
def nets(draw: st.DrawFn) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Draw any small net: tasks have one flow out, every node but the start has one in."""
    count = draw(st.integers(3, 7))
    nodes = {"s": "startEvent", **{f"n{n}": draw(KINDS) for n in range(count)}, "e": "endEvent"}
    inner = [f"n{n}" for n in range(count)]
    flows = [("s", "n0")]
    for node in inner:
        ways = 1 if nodes[node] == "userTask" else draw(st.integers(1, 2))
        targets = draw(st.lists(st.sampled_from([*inner, "e"]), min_size=ways, max_size=ways))
        flows += [(node, target) for target in dict.fromkeys(targets)]
    return nodes, flows


@settings(max_examples=400, deadline=None)
@given(nets())
def test_one_node_at_a_time_finds_what_every_order_finds(
    net: tuple[dict[str, str], list[tuple[str, str]]],
) -> None:
    nodes, flows = net
    stuck = every_order(nodes, flows)
    assume(stuck is not None)
    assert bool(play(diagram(nodes, flows), "p").stuck) == stuck


def every_order(nodes: dict[str, str], flows: list[tuple[str, str]]) -> bool | None:
    """Play every node in every order; None when tokens pile up and counting would decide."""
    start = frozenset(Counter({0: 1}).items())
    waiting, seen, stuck = [start], {start}, False
    while waiting:
        marking = Counter(dict(waiting.pop()))
        following = list(_steps(nodes, flows, marking))
        if marking and not following:
            stuck = True
        for step in following:
            if any(count >= CAP - 1 for count in step.values()):
                return None
            key = frozenset(step.items())
            if key not in seen:
                seen.add(key)
                waiting.append(key)
    return stuck


def _steps(
    nodes: dict[str, str], flows: list[tuple[str, str]], marking: Counter[int]
) -> Iterator[Counter[int]]:
    for node, kind in nodes.items():
        into = [n for n, (_, target) in enumerate(flows) if target == node]
        out = [n for n, (source, _) in enumerate(flows) if source == node]
        if kind == "parallelGateway":
            if into and all(marking[flow] for flow in into):
                yield +(marking - Counter(into) + Counter(out))
            continue
        for flow in into:
            if marking[flow] and kind == "exclusiveGateway":
                yield from (+(marking - Counter([flow]) + Counter([way])) for way in out)
            elif marking[flow]:
                yield +(marking - Counter([flow]) + Counter(out))
