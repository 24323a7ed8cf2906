"""The shared cases of tests/vectors/stretches: a diagram, its machine, and what each step leads to.

    .venv/bin/python -m tests.engine.stretches.vectors

writes the machines anew, never what steps lead to. Values are as in engine/execution/ahead.py;
{"": null} is what a device does not know yet. A step that has "server" is the server's to go on.
"""

import json
from pathlib import Path
from typing import Any

from engine.definitions.model import CompiledDefinition
from tests.engine.stretches.random_diagrams import compile_normal

FOLDER = Path(__file__).resolve().parents[2] / "vectors" / "stretches"
PROCESS = "p"
_HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:cs="urn:countersign:bpmn:1" targetNamespace="t">'
)


def cases() -> list[dict[str, Any]]:
    """Give all cases, in the order of the files."""
    return [case for path in sorted(FOLDER.glob("*.json")) for case in _read(path)]


def definition_of(case: dict[str, Any]) -> CompiledDefinition:
    """Compile the diagram of a case; `forms` are the variables that its forms use."""
    body = "".join(case["diagram"])
    xml = f'{_HEAD}<bpmn:process id="{PROCESS}">{body}</bpmn:process></bpmn:definitions>'
    return compile_normal(xml, PROCESS, case["forms"])


def _read(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def main() -> None:
    """Write the machines anew."""
    for path in sorted(FOLDER.glob("*.json")):
        made = [{**case, "machine": definition_of(case).stretches} for case in _read(path)]
        text = json.dumps(made, ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
