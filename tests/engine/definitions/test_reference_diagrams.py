"""The reference diagrams of the model interchange group: imported without a crash, judged alike.

Each process of each file is imported; what normalisation changed and what lint said is compared
with tests/golden/miwg. `UPDATE_GOLDEN=1` writes the files anew; read the difference before you
commit it. That an unexecutable reference diagram is refused is right: none of them was drawn for
this engine.
"""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from engine.definitions import DefinitionRefused, import_diagram
from engine.definitions.bpmn import bpmn, kind_of
from engine.definitions.xml import read_xml

REPOSITORY = Path(__file__).parents[3]
REFERENCES = REPOSITORY.parent / "shared" / "data" / "bpmn"
GOLDEN = REPOSITORY / "tests" / "golden" / "miwg"

FILES = sorted(REFERENCES.glob("*.bpmn")) if REFERENCES.is_dir() else []
needs_references = pytest.mark.skipif(
    not FILES, reason="the reference diagrams are not beside the repository (../shared/data/bpmn)"
)


def imported(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    root = read_xml(content, path.name)
    processes = [str(process.get("id")) for process in root.iter(bpmn("process"))]
    return {process: judged(content, process, path.name) for process in processes}


def judged(content: bytes, process: str, file: str) -> dict[str, Any]:
    try:
        found = import_diagram(content, process, file=file)
    except DefinitionRefused as refused:
        return {"refused": sorted(_line(problem) for problem in refused.problems)}
    assert etree.fromstring(found.executable) is not None
    shown = [problem for problem in found.problems if problem.code != "name.missing"]
    return {
        "changes": sorted(f"{change.code} {change.element_id}" for change in found.changes),
        "errors": sorted(_line(problem) for problem in shown if problem.severity == "error"),
        "warnings": sorted(_line(problem) for problem in shown if problem.severity == "warning"),
        "names missing": sum(problem.code == "name.missing" for problem in found.problems),
    }


def _line(problem: Any) -> str:
    return f"{problem.line}: {problem.code} {problem.element_id}"


@needs_references
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_reference_diagram_is_imported_and_judged_as_before(path: Path) -> None:
    found = imported(path)
    golden = GOLDEN / f"{path.stem}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True)
        golden.write_text(f"{text}\n", encoding="utf-8")
    assert found == json.loads(golden.read_text(encoding="utf-8"))


@needs_references
def test_every_node_of_a_reference_diagram_is_kept_with_its_id() -> None:
    for path in FILES:
        root = read_xml(path.read_bytes(), path.name)
        for process in root.iter(bpmn("process")):
            try:
                found = import_diagram(path.read_bytes(), str(process.get("id")), file=path.name)
            except DefinitionRefused:
                continue
            made = read_xml(found.executable.encode(), path.name)
            drawn = {e.get("id") for e in process.iter() if _is_node(e)}
            assert drawn <= {e.get("id") for e in made.iter()}, path.name


@needs_references
def test_the_executable_of_a_reference_diagram_splits_and_merges_at_gateways_only() -> None:
    for path in FILES:
        root = read_xml(path.read_bytes(), path.name)
        for process in root.iter(bpmn("process")):
            try:
                found = import_diagram(path.read_bytes(), str(process.get("id")), file=path.name)
            except DefinitionRefused:
                continue
            made = read_xml(found.executable.encode(), path.name)
            kinds = {str(e.get("id")): kind_of(e) or "" for e in made.iter() if e.get("id")}
            flows = list(made.iter(bpmn("sequenceFlow")))
            for end in ("sourceRef", "targetRef"):
                counts = Counter(str(flow.get(end)) for flow in flows)
                crowded = {kinds[node] for node, count in counts.items() if count > 1}
                assert all(kind.endswith("Gateway") for kind in crowded), (path.name, crowded)


def _is_node(element: etree._Element) -> bool:
    return (kind_of(element) or "").endswith(("Task", "task", "Event", "Gateway", "subProcess"))
