"""The public conformance kit: level 2 whole, level 3 never less than it once was."""

import json
from pathlib import Path

import pytest

from tools.dmn_tck_report import FLOOR, KIT, Case, cases_of, failure_of, score

LEVEL_2 = KIT / "compliance-level-2"
LEVEL_3 = KIT / "compliance-level-3"
needs_kit = pytest.mark.skipif(
    not KIT.is_dir(), reason="the DMN conformance kit (shared/data/dmn-tck) is not there"
)


def _level_2() -> list[Case]:
    if not LEVEL_2.is_dir():
        return []
    return [case for folder in sorted(LEVEL_2.iterdir()) for case in cases_of(folder)]


@needs_kit
@pytest.mark.parametrize("case", _level_2(), ids=lambda case: f"{case.folder}-{case.id}")
def test_level_2_passes(case: Case) -> None:
    assert failure_of(case) is None


@needs_kit
def test_level_2_is_all_there() -> None:
    assert len(_level_2()) == 82


@needs_kit
@pytest.mark.parametrize("folder", sorted(json.loads(FLOOR.read_text())))
def test_level_3_passes_what_it_passed(folder: str) -> None:
    floor = json.loads(FLOOR.read_text())[folder]
    found = score(LEVEL_3 / folder)
    assert found.total == floor["total"]
    assert found.passed >= floor["passed"], found.failures


@needs_kit
def test_every_folder_of_level_3_has_a_floor() -> None:
    assert {path.name for path in LEVEL_3.iterdir()} == set(json.loads(FLOOR.read_text()))


def test_the_report_is_of_the_floor() -> None:
    report = (Path(FLOOR).parents[3] / "docs" / "dmn-conformance.md").read_text(encoding="utf-8")
    for folder, counts in json.loads(FLOOR.read_text()).items():
        assert f"| {folder} | {counts['passed']} | {counts['total']} |" in report
