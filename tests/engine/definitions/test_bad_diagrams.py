"""One small diagram for each rule; each says at the guilty line what must be found there."""

import re
from pathlib import Path

import pytest

from engine.definitions import DefinitionRefused
from engine.definitions.lint import DRAWING_RULES, SURROUNDINGS_RULES
from engine.problems import Problem
from tests.engine.definitions.packages import HERE, compiled, marks, package_around

BAD = sorted((HERE / "bad").glob("*.bpmn"), key=lambda path: path.name)

KINDS_WITH = {
    "unknown": ("message", "signal", "error", "escalation"),
    "missing": ("message", "signal"),
    "code_missing": ("error", "escalation"),
}


def findings_of(name: str) -> list[Problem]:
    content = (HERE / "bad" / name).read_bytes()
    # Notes about devices come with a definition, so nothing may be wrong with that one.
    is_whole = name.startswith("stretches")
    try:
        definition = compiled(package_around(content, is_whole=is_whole))
    except DefinitionRefused as refused:
        return [problem for problem in refused.problems if problem.file == "process.bpmn"]
    return [
        Problem(
            code=warning.code,
            message=warning.message,
            file=warning.file,
            element_id=warning.element_id,
            line=warning.line,
            severity="warning",
        )
        for warning in (*definition.warnings, *definition.notes)
        if warning.file == "process.bpmn"
    ]


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_finds_exactly_what_is_marked(path: Path) -> None:
    announced = marks(path.read_text(encoding="utf-8"))
    found = findings_of(path.name)
    shown = {
        (problem.code, problem.element_id, problem.line)
        for problem in found
        if problem.code != "name.missing" or any(code == "name.missing" for code, _, _ in announced)
    }
    assert announced, "the diagram announces nothing"
    assert shown == announced


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_says_it_in_both_languages_with_a_full_stop(path: Path) -> None:
    for problem in findings_of(path.name):
        assert problem.message["en"].rstrip().endswith((".", "?")), problem
        assert problem.message["zh"].rstrip().endswith(("。", "？", "！")), problem
        assert "None" not in problem.message["en"] + problem.message["zh"], problem


def test_every_rule_has_a_bad_diagram() -> None:
    """A rule whose finding no diagram announces is a rule that nobody has seen work."""
    announced = {code for path in BAD for code, _, _ in marks(path.read_text(encoding="utf-8"))}
    written = {
        code
        for source in (HERE.parents[2] / "engine" / "definitions" / "lint").glob("*.py")
        for code in _codes_in(source.read_text(encoding="utf-8"))
    }
    # Tested one by one in test_lint.py: they depend on the length or number of something.
    elsewhere = {
        "feel.too_long",
        "feel.too_much",
        "bpmn.not_bpmn",
        "bpmn.process_missing",
        "decision.twice",
    }
    assert written - announced == elsewhere
    assert len(DRAWING_RULES) + len(SURROUNDINGS_RULES) > 35


def _codes_in(source: str) -> set[str]:
    codes = set(re.findall(r'"([a-z_]+\.[a-z_]+)"', source))
    for ending in re.findall(r'f"event\.\{kind\}_([a-z_]+)"', source):
        codes |= {f"event.{kind}_{ending}" for kind in KINDS_WITH[ending]}
    return codes
