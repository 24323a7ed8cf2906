"""Make definitions of test diagrams: drawn files, and generated BPMN that is normal already."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from lxml import etree

from engine.definitions.activities import activities_of, called_processes
from engine.definitions.diagram import read_diagram
from engine.definitions.lint import Drawing, parse_all
from engine.definitions.model import Activity, CompiledDefinition
from engine.definitions.normalisation import normalise
from engine.definitions.xml import read_xml
from forms.feel import parse_expression

DIAGRAMS = Path(__file__).parents[2] / "bpmn"

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_CS = "{urn:countersign:bpmn:1}"
_FEEL = ("conditionExpression", "condition", "loopCardinality", "completionCondition")
_FEEL_TOO = ("loopCondition", "script")
_FEEL_ATTRIBUTES = ("collection", "outputElement", "correlation")


def diagram(name: str) -> bytes:
    """Read tests/bpmn/<name>.bpmn."""
    return (DIAGRAMS / f"{name}.bpmn").read_bytes()


def compile_diagram(name: str, decisions: dict[str, Any] | None = None) -> CompiledDefinition:
    """Compile the first process of tests/bpmn/<name>.bpmn the way deployment does, but no lint."""
    return compile_drawn(diagram(name), decisions=decisions)


def compile_drawn(
    content: bytes, process_id: str | None = None, decisions: dict[str, Any] | None = None
) -> CompiledDefinition:
    """Compile a drawn diagram: normalised, its activities and FEEL texts read as at deployment."""
    root = read_xml(content, "process.bpmn")
    processes = [p for p in root.iter(f"{_BPMN}process") if process_id in (None, p.get("id"))]
    process = processes[0]
    normalised = normalise(root, process)
    drawn = read_diagram(root, process, "process.bpmn")
    normal = read_diagram(normalised.root, normalised.process, "process.bpmn")
    parsed = parse_all(Drawing(drawn=drawn, normal=normal))
    assert not parsed.problems, parsed.problems
    return CompiledDefinition(
        process_id=str(process.get("id")),
        hash=_hash(content, process.get("id"), sorted(decisions or {})),
        names={},
        executable=normalised.xml,
        activities=activities_of(drawn, {}),
        lanes={},
        expressions=dict(parsed.trees),
        decisions=decisions or {},
        forms={},
        called=called_processes(drawn),
    )


def compile_normal(xml: str, process_id: str) -> CompiledDefinition:
    """Compile BPMN that is normal already, fast: for the thousands of generated processes."""
    root = etree.fromstring(xml.encode())
    texts = {
        (element.text or "").strip()
        for name in (*_FEEL, *_FEEL_TOO)
        for element in root.iter(_BPMN + name)
    }
    activities: dict[str, Activity] = {}
    for element in root.iter(etree.Element):
        inputs = {i.get("name", ""): i.get("value", "") for i in element.iterfind(f"*/{_CS}input")}
        texts.update(inputs.values())
        texts.update(element.get(_CS + name, "") for name in _FEEL_ATTRIBUTES)
        if inputs or element.get(f"{_CS}result"):
            activities[element.get("id", "")] = Activity(
                id=element.get("id", ""),
                kind=element.tag.removeprefix(_BPMN),
                names={},
                inputs=inputs,
                result=element.get(f"{_CS}result"),
            )
    return CompiledDefinition(
        process_id=process_id,
        hash=_hash(xml.encode()),
        names={},
        executable=xml,
        activities=activities,
        lanes={},
        expressions={text: _tree(text) for text in texts if text},
        decisions={},
        forms={},
    )


def _hash(content: bytes, *more: object) -> str:
    return hashlib.sha256(content + repr(more).encode()).hexdigest()


@lru_cache(maxsize=20_000)
def _tree(text: str) -> Any:
    return parse_expression(text)
