"""Whatever becomes of a good package, it is compiled or refused with problems; nothing else."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.definitions import DefinitionRefused, Package, import_diagram
from engine.definitions.bpmn import FLOW_NODES, Element, bpmn, cs
from engine.definitions.extension import ATTRIBUTES
from engine.execution import load_program
from engine.problems import Problem
from tests.engine.definitions.packages import compiled, good_package

GOOD = good_package()
KINDS = sorted(
    FLOW_NODES | {"sequenceFlow", "lane", "messageEventDefinition", "conditionExpression"}
)
ODD = st.sampled_from(
    [
        "",
        " ",
        "0",
        "-1",
        "1e999",
        "true",
        "Task_1",
        "Check",
        "Begin",
        "§",
        "批",
        "a b",
        "{",
        "}}",
        "'",
    ]
)
TEXTS = ODD | st.text(max_size=12)


def judge(package: Package) -> None:
    """Compile; what is accepted must be accepted by the execution core as well."""
    problems = problems_of(package)
    assert problems is None or any(problem.severity == "error" for problem in problems)
    for problem in problems or ():
        assert problem.message["en"]
        assert problem.message["zh"]
        assert problem.line is None or problem.line > 0


def problems_of(package: Package) -> tuple[Problem, ...] | None:
    try:
        definition = compiled(package)
    except DefinitionRefused as refused:
        return refused.problems
    load_program(definition)
    return None


class Mutation:
    """One change of one element; `position` chooses, `word` is a BPMN name, `text` anything."""

    def __init__(self, element: Element, position: int, word: str, text: str) -> None:
        self.element = element
        self.position = position
        self.word = word
        self.text = "".join(c for c in text if c.isprintable())

    def chosen_attribute(self) -> str:
        names = sorted(map(str, self.element.attrib)) or ["id"]
        return names[self.position % len(names)]

    def lose(self) -> None:
        parent = self.element.getparent()
        if parent is not None:
            parent.remove(self.element)

    def change_attribute(self) -> None:
        self.element.set(self.chosen_attribute(), self.text)

    def lose_attribute(self) -> None:
        self.element.attrib.pop(self.chosen_attribute(), "")

    def change_text(self) -> None:
        self.element.text = self.text

    def become_another(self) -> None:
        self.element.tag = bpmn(self.word)

    def come_twice(self) -> None:
        parent = self.element.getparent()
        if parent is not None:
            parent.append(etree.fromstring(etree.tostring(self.element)))

    def move(self) -> None:
        elements = list(self.element.getroottree().getroot().iter())
        other = elements[(self.position * 7 + 3) % len(elements)]
        if other is not self.element and self.element not in other.iterancestors():
            other.append(self.element)

    def get_extension(self) -> None:
        names = sorted(ATTRIBUTES)
        self.element.set(cs(names[self.position % len(names)]), self.text)


MUTATIONS = (
    Mutation.lose,
    Mutation.change_attribute,
    Mutation.lose_attribute,
    Mutation.change_text,
    Mutation.become_another,
    Mutation.come_twice,
    Mutation.move,
    Mutation.get_extension,
)


def mutated(steps: list[tuple[int, int, str, str]]) -> bytes:
    root = etree.fromstring(GOOD.files["process.bpmn"])
    for action, position, word, text in steps:
        elements = [element for element in root.iter() if element is not root]
        element = elements[position % len(elements)]
        MUTATIONS[action](Mutation(element, position, word, text))
    return etree.tostring(root, encoding="utf-8")


STEPS = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 10_000), st.sampled_from(KINDS), TEXTS),
    min_size=1,
    max_size=4,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_a_changed_diagram_is_compiled_or_refused(steps: list[tuple[int, int, str, str]]) -> None:
    try:
        files = {**GOOD.files, "process.bpmn": mutated(steps)}
        package = Package.from_files(files, process_id="inspection")
    except DefinitionRefused:
        return
    judge(package)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(GOOD.files)),
    st.lists(st.tuples(st.integers(0, 20_000), st.binary(max_size=4)), min_size=1, max_size=3),
)
def test_changed_bytes_are_compiled_or_refused(path: str, changes: list[tuple[int, bytes]]) -> None:
    content = GOOD.files[path]
    for position, replacement in changes:
        at = position % (len(content) + 1)
        content = content[:at] + replacement + content[at + len(replacement) :]
    try:
        package = Package.from_files({**GOOD.files, path: content}, process_id="inspection")
    except DefinitionRefused:
        return
    judge(package)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_anything_at_all_is_imported_or_refused(content: bytes) -> None:
    with pytest.raises(DefinitionRefused):
        import_diagram(content, "inspection")


def test_the_mutations_reach_both_verdicts_and_many_rules() -> None:
    """A generator that is always refused for the same reason would prove nothing."""
    source = random.Random(7)  # noqa: S311 - a repeatable series
    accepted, codes = 0, set[str]()
    for _ in range(250):
        text = source.choice(["x", "0", "§", " "])
        step = (source.randrange(8), source.randrange(10_000), source.choice(KINDS), text)
        try:
            package = Package.from_files({**GOOD.files, "process.bpmn": mutated([step])})
        except DefinitionRefused:
            continue
        problems = problems_of(package)
        accepted += problems is None
        codes |= {problem.code for problem in problems or ()}
    assert accepted > 25
    assert len(codes) > 25
