"""The command line as people run it: a process of its own, its words, and its exit status."""

import shutil
from pathlib import Path

import pytest

from tests.command_line import ROOT, countersign

GOOD = ROOT / "tests" / "engine" / "toys" / "toy_both"
BROKEN = {
    "en": {"LANG": "en_US.UTF-8"},
    "zh": {"LANG": "zh_CN.UTF-8"},
    "zh by messages": {"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"},
    "en over all": {"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"},
}


def test_a_good_folder_is_put_in_force(tmp_path: Path) -> None:
    done = countersign(tmp_path, "deploy", str(GOOD))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "toy_both version 1 is in force" in done.stdout


@pytest.mark.parametrize("language", BROKEN)
def test_a_malformed_folder_is_refused_in_the_language_of_the_terminal(
    tmp_path: Path, language: str
) -> None:
    folder = tmp_path / "toy_both"
    shutil.copytree(GOOD, folder)
    (folder / "process.bpmn").write_text("<definitions", encoding="utf-8")
    done = countersign(tmp_path, "deploy", str(folder), **BROKEN[language])
    assert done.returncode == 1, done.stdout + done.stderr
    assert "process.bpmn" in done.stdout
    is_chinese = any("\u4e00" <= letter <= "\u9fff" for letter in done.stdout)
    assert is_chinese == language.startswith("zh"), done.stdout


@pytest.mark.parametrize(
    ("asked", "said"),
    [(("--workers", "2"), "granian"), (("--server", "granian", "--workers", "2"), "PostgreSQL")],
)
def test_more_workers_than_can_share_the_database_are_refused(
    tmp_path: Path, asked: tuple[str, ...], said: str
) -> None:
    done = countersign(tmp_path, "serve", *asked)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
