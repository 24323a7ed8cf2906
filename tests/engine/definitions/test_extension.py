"""The extension is said three times, for Python, for the editor and for people: always the same."""

import json
import re
from typing import Any

from engine.definitions.bpmn import BPMN, CS
from engine.definitions.extension import ATTRIBUTES, INPUT_HOLDERS, feel_texts
from engine.definitions.lint.identity import find_process
from engine.definitions.xml import read_xml
from tests.engine.definitions.packages import HERE, good_package

REPOSITORY = HERE.parents[2]
DESCRIPTOR = REPOSITORY / "web" / "src" / "diagram" / "countersign-moddle.json"
GUIDE = REPOSITORY / "docs" / "diagram-extension.md"

# The base types of the BPMN metamodel that the descriptor extends, and the elements they stand for.
ACTIVITIES = {
    "task",
    "userTask",
    "manualTask",
    "scriptTask",
    "serviceTask",
    "sendTask",
    "receiveTask",
    "businessRuleTask",
    "callActivity",
    "subProcess",
    "transaction",
    "adHocSubProcess",
}
BASES = {
    "Activity": ACTIVITIES,
    "Task": {kind for kind in ACTIVITIES if kind.lower().endswith("task")},
    "CatchEvent": {"startEvent", "intermediateCatchEvent", "boundaryEvent"},
    "ThrowEvent": {"intermediateThrowEvent", "endEvent"},
    "FlowNode": ATTRIBUTES["nameZh"] - {"process", "lane", "sequenceFlow", "participant"},
}


def described() -> dict[str, Any]:
    descriptor: dict[str, Any] = json.loads(DESCRIPTOR.read_text(encoding="utf-8"))
    return descriptor


def elements_of(base: str) -> set[str]:
    name = base.removeprefix("bpmn:")
    return set(BASES.get(name, {name[0].lower() + name[1:]}))


def test_the_editor_knows_the_namespace() -> None:
    assert (described()["uri"], described()["prefix"]) == (CS, "cs")


def test_the_editor_knows_every_attribute_where_it_means_something() -> None:
    places: dict[str, set[str]] = {}
    for kind in described()["types"]:
        for attribute in kind["properties"] if "extends" in kind else ():
            assert attribute["isAttr"]
            for base in kind["extends"]:
                places.setdefault(attribute["name"], set()).update(elements_of(base))
    assert places.keys() == ATTRIBUTES.keys()
    for name, elements in ATTRIBUTES.items():
        assert elements <= places[name], name


def test_no_attribute_reaches_an_element_of_the_editor_twice() -> None:
    """The moddle library refuses a property that an element gets from two types."""
    for kind in described()["types"]:
        bases = [elements_of(base) for base in kind.get("extends", ())]
        assert sum(len(base) for base in bases) == len(set().union(*bases))


def test_the_editor_knows_the_one_element() -> None:
    [element] = [kind for kind in described()["types"] if "superClass" in kind]
    assert element["name"] == "Input"
    assert [attribute["name"] for attribute in element["properties"]] == ["name", "value"]
    allowed = set().union(*(elements_of(base) for base in element["meta"]["allowedIn"]))
    assert allowed == INPUT_HOLDERS


def test_the_guide_explains_every_attribute_in_both_languages() -> None:
    english, _, chinese = GUIDE.read_text(encoding="utf-8").partition("\n---\n")
    for name in ATTRIBUTES:
        assert f"cs:{name}" in english, name
        assert f"cs:{name}" in chinese or name == "documentationZh", name
    written = set(re.findall(r"cs:([A-Za-z]+)", english + chinese))
    assert written <= {*ATTRIBUTES, "input"}


def test_the_examples_of_the_guide_are_xml_that_we_read() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    examples = [
        e for e in re.findall(r"```xml\n(.*?)```", text, re.DOTALL) if "definitions" not in e
    ]
    assert len(examples) >= 7
    for example in examples:
        body = example.replace("…", "")
        body = body if "<bpmn:process" not in body else f"{body}</bpmn:process>"
        wrapped = f'<x xmlns:bpmn="{BPMN}" xmlns:cs="{CS}">{body}</x>'
        assert len(read_xml(wrapped.encode(), "example")) >= 1


def test_every_use_of_feel_is_found_in_the_good_package() -> None:
    root = read_xml(good_package().files["process.bpmn"], "process.bpmn")
    process = find_process(root, "inspection")
    assert process is not None
    uses = {item.use for item in feel_texts(process)}
    assert uses == {
        "title",
        "due",
        "timeDuration",
        "condition",
        "correlation",
        "input",
        "collection",
        "output",
        "completion",
        "script",
    }
