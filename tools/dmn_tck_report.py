"""Run the cases of the DMN conformance kit (TCK) and report what passes, folder by folder.

    .venv/bin/python tools/dmn_tck_report.py [--kit FOLDER] [--failures] [--write]

`--failures` prints each case that fails, with what was expected and found; `--write` brings
docs/dmn-conformance.md and tests/engine/decisions/level3_floor.json up to date. The tests import
this module, so that tests and report count the same way.

The kit is run the way the standard wants to be read: FEEL that cannot be parsed, a value of the
wrong type and a table without a matching rule are null. The product refuses the first at
deployment and raises an error for the others.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

from lxml import etree

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from engine.decisions import (  # noqa: E402  # the path of the repository comes first
    DecisionFailed,
    DecisionModel,
    DecisionsRefused,
    evaluate_decision,
    read_decisions,
)
from forms.feel.temporal import (  # noqa: E402
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)
from forms.feel.values import Value, text_of  # noqa: E402

KIT = ROOT.parent / "shared" / "data" / "dmn-tck"
REPORT = ROOT / "docs" / "dmn-conformance.md"
FLOOR = ROOT / "tests" / "engine" / "decisions" / "level3_floor.json"

TOLERANCE = Decimal("1e-8")
"""Numbers of the kit are written with some 8 to 15 digits; ours have 34."""

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

_T = "{http://www.omg.org/spec/DMN/20160719/testcase}"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that a case asks for, and what the kit expects."""

    name: str
    expected: Value


@dataclass(frozen=True, slots=True)
class Case:
    """One test case: `service` is the decision service it calls, if it calls one."""

    folder: str
    id: str
    model: Path
    inputs: dict[str, Value]
    questions: tuple[Question, ...]
    service: str | None


def cases_of(folder: Path) -> Iterator[Case]:
    """Read the cases of a folder of the kit."""
    for file in sorted(folder.glob("*.xml")):
        root = etree.parse(file).getroot()
        model = folder / (root.findtext(f"{_T}modelName") or f"{folder.name}.dmn").strip()
        for number, element in enumerate(root.iter(f"{_T}testCase"), start=1):
            yield Case(
                folder=folder.name,
                id=f"{number}:{element.get('id', '')}",
                model=model,
                inputs={
                    node.get("name", ""): value_of(node) for node in element.iter(f"{_T}inputNode")
                },
                questions=tuple(
                    Question(node.get("name", ""), _expected(node))
                    for node in element.iter(f"{_T}resultNode")
                ),
                service=element.get("invocableName"),
            )


def failure_of(case: Case) -> str | None:
    """Run a case; None when it passes, else what was expected and what was found."""
    try:
        model = _model(case.model)
    except DecisionsRefused as error:
        return f"the file is refused: {error}"
    for question in case.questions:
        asked = case.service or question.name
        try:
            found = evaluate_decision(model, asked, case.inputs, now=NOW, no_match="null")
        except DecisionFailed as error:
            return f"{question.name}: {error.code}: {error}"
        if case.service and isinstance(found, dict) and question.name in found:
            found = found[question.name]
        if not same(found, question.expected):
            return (
                f"{question.name}: expected {text_of(question.expected, quoted=True)}, "
                f"found {text_of(found, quoted=True)}"
            )
    return None


def same(found: Value, expected: Value) -> bool:
    """Compare as the kit does: numbers nearly, everything else exactly, types included."""
    if isinstance(found, Decimal) and isinstance(expected, Decimal):
        return abs(found - expected) <= TOLERANCE * max(Decimal(1), abs(expected))
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(
            same(found[key], expected[key]) for key in expected
        )
    return type(found) is type(expected) and found == expected


def value_of(element: etree._Element) -> Value:
    """Read a value of the kit: a single one, a context of components, or a list."""
    components = element.findall(f"{_T}component")
    if components:
        return {part.get("name", ""): value_of(part) for part in components}
    items = element.find(f"{_T}list")
    if items is not None:
        if items.get(f"{_XSI}nil") == "true":
            return None
        return [value_of(item) for item in items.findall(f"{_T}item")]
    value = element.find(f"{_T}value")
    if value is None or value.get(f"{_XSI}nil") == "true":
        return None
    return _simple(value.get(f"{_XSI}type", "xsd:string").rpartition(":")[2], value.text or "")


def _expected(node: etree._Element) -> Value:
    holder = node.find(f"{_T}expected")
    return None if holder is None else value_of(holder)


def _simple(kind: str, text: str) -> Value:
    match kind:
        case "boolean":
            return text.strip() == "true"
        case "decimal" | "double" | "integer" | "int" | "float" | "long":
            return Decimal(text.strip())
        case _:
            return _TEMPORAL[kind](text.strip()) if kind in _TEMPORAL else text


_TEMPORAL: dict[str, Callable[[str], Value]] = {
    "date": parse_date,
    "time": parse_time,
    "dateTime": parse_date_time,
    "duration": parse_duration,
}


@cache
def _model(path: Path) -> DecisionModel:
    others = {
        other.name: other.read_bytes() for other in path.parent.glob("*.dmn") if other != path
    }
    return read_decisions(path.read_bytes(), file=path.name, others=others, lenient=True)


@dataclass(frozen=True, slots=True)
class Score:
    """How a folder did."""

    folder: str
    total: int
    failures: dict[str, str]

    @property
    def passed(self) -> int:
        """The number of cases that pass."""
        return self.total - len(self.failures)


def score(folder: Path) -> Score:
    """Run all cases of a folder."""
    cases = list(cases_of(folder))
    found = {case.id: failure_of(case) for case in cases}
    return Score(
        folder.name, len(cases), {name: text for name, text in found.items() if text is not None}
    )


def main() -> int:
    """Print the table; write the report when asked to."""
    arguments = argparse.ArgumentParser(description="Run the DMN conformance kit.")
    arguments.add_argument("--kit", type=Path, default=KIT)
    arguments.add_argument("--failures", action="store_true", help="print each failing case")
    arguments.add_argument("--write", action="store_true", help="write the report and the floor")
    chosen = arguments.parse_args()
    if not chosen.kit.is_dir():
        print(f"There is no conformance kit at {chosen.kit}; name its folder with --kit.")
        return 1
    levels = {
        level: [
            score(path) for path in sorted((chosen.kit / f"compliance-level-{level}").iterdir())
        ]
        for level in (2, 3)
    }
    for level, scores in levels.items():
        for one in scores:
            print(f"{one.folder:48} {one.passed:4}/{one.total}")
            if chosen.failures:
                for name, text in one.failures.items():
                    print(f"    {name}: {text}")
        print(f"level {level}: {_sum(scores)}")
    if chosen.write:
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text(_report(levels), encoding="utf-8")
        floor = {one.folder: {"passed": one.passed, "total": one.total} for one in levels[3]}
        FLOOR.write_text(json.dumps(floor, indent=2) + "\n", encoding="utf-8")
    return 0


def _sum(scores: list[Score]) -> str:
    return f"{sum(one.passed for one in scores)}/{sum(one.total for one in scores)}"


def _report(levels: dict[int, list[Score]]) -> str:
    lines = [
        "# Conformance with DMN",
        "",
        "Written by `tools/dmn_tck_report.py --write`; do not edit. The cases are those of the",
        "public DMN conformance kit (TCK) that `shared/data/dmn-tck` holds. Numbers are compared",
        f"with a tolerance of {TOLERANCE}, everything else exactly, types included.",
        "",
        "| level | passed / cases |",
        "|---|---|",
        *(f"| {level} | {_sum(scores)} |" for level, scores in levels.items()),
        "",
        INTENDED,
    ]
    for level, scores in levels.items():
        lines += [f"## Level {level}", "", "| folder | passed | cases |", "|---|---|---|"]
        lines += [f"| {one.folder} | {one.passed} | {one.total} |" for one in scores]
        failures = [
            f"- `{one.folder}` {name.partition(':')[2]}: {text}"
            for one in scores
            for name, text in one.failures.items()
        ]
        if failures:
            lines += ["", "What does not pass:", "", *failures]
        lines.append("")
    return "\n".join(lines)


INTENDED = """## Intended deviations

What the product does, and why it is not what the standard says. The first two are switched to
the standard's way while the kit runs (`no_match="null"`, `lenient=True`).

1. **No matching rule is an error, not null** (`decision.no_match`), unless the table has default
   outputs; that goes for tables that give a list, too. Likewise an overlap in a UNIQUE table, rules
   of an ANY table that disagree, a value that has not its declared type or is not among its allowed
   values, and a decision without logic. A lot must not be accepted because a table said nothing.
2. **FEEL that cannot be parsed, an unknown type, a name that nothing declares: the file is refused
   at deployment**, where the standard makes null of them at run time.
3. **Text in ISO form becomes the date, time or duration that an input data declares**, because the
   case document holds dates as text. Inside the model nothing is converted beyond the standard.
4. **Functions of Java or PMML are not called** (0076): no code comes in with a table. Refused at
   deployment.
5. **Times are compared to the nanosecond** (0068, time_005 and datetime_003_a): the kit wants
   times of the same second to be equal, which would make a due time pass that has not come.
6. **`integer` (and `long`) is a type of its own besides FEEL's**: a number without fraction.
   With it the ranges 2–8, 9–15 of a sampling table have no gap between 8 and 9.
"""


if __name__ == "__main__":
    sys.exit(main())
