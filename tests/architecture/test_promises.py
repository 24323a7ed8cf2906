"""What the folders promise, checked over the source itself. A message says where it belongs."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("api", "engine", "forms", "processes")


def _modules(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations/versions" not in path.as_posix() and "scenarios" not in path.parts:
                name = path.relative_to(ROOT).as_posix()
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def _calls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Give every call as dotted text, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def test_only_the_dispatcher_commits() -> None:
    may = {
        "engine/dispatcher.py",
        "engine/background/work.py",  # claims of its own outbox rows
        "engine/store/database.py",  # ends what only reads, without psycopg's ROLLBACK
        "engine/store/migration.py",
        "api/installation.py",  # a tenant's first row
    }
    found = [
        f"{name}:{line}"
        for name, tree in _modules(*OURS)
        for line, call in _calls(tree)
        if call.endswith(".commit") and name not in may
    ]
    assert not found, f"write through a command; the dispatcher commits: {found}"


def test_only_the_clock_tells_the_time() -> None:
    asking = {"datetime.now", "datetime.utcnow", "date.today", "time.time", "datetime.today"}
    found = [
        f"{name}:{line}"
        for name, tree in _modules(*OURS)
        for line, call in _calls(tree)
        if call in asking and name != "engine/clock.py"
    ]
    assert not found, f"the time is given (context.at, the host's now): {found}"


def test_a_day_is_that_of_a_site() -> None:
    """`.date()` of an instant is its day in UTC; people live by that of a local time."""
    found = [
        f"{name}:{line}"
        for name, tree in _modules(*OURS)
        for line, call in _calls(tree)
        if call.endswith((".date", ".combine")) and name not in MAKE_DAYS and not _is_local(call)
    ]
    assert not found, f"ask processes/ledger/site_days for the day at the site: {found}"


MAKE_DAYS = (
    *("processes/ledger/site_days.py", "processes/ledger/clocks/calendars.py"),
    *("processes/ledger/clocks/working_time.py", "processes/incoming_inspection/interruptions.py"),
)


def _is_local(call: str) -> bool:
    return call in ("local.date", "times.date") or ".astimezone(ZoneInfo(" in call


def test_only_identifiers_makes_ids() -> None:
    asking = {"uuid4", "uuid.uuid4", "uuid1", "uuid.uuid1", "uuid_utils.compat.uuid7"}
    found = [
        f"{name}:{line}"
        for name, tree in _modules(*OURS)
        for line, call in _calls(tree)
        if call in asking and name != "engine/identifiers.py"
    ]
    assert not found, f"ids are given (context.new_id): {found}"


def test_nothing_is_evaluated() -> None:
    found = [
        f"{name}:{line} {call}"
        for name, tree in _modules(*OURS)
        for line, call in _calls(tree)
        if call in {"eval", "exec", "compile", "__import__"}
    ]
    assert not found, f"what a person wrote is parsed, never run: {found}"


def test_every_file_says_what_it_is_for() -> None:
    found = [name for name, tree in _modules(*OURS) if not ast.get_docstring(tree)]
    assert not found, f"begin with a sentence that says what the file is for: {found}"


def test_xml_is_read_by_the_safe_parser_only() -> None:
    parsing = {"etree.parse", "etree.fromstring", "etree.XML", "etree.iterparse", "etree.XMLParser"}
    may = {
        "engine/definitions/xml.py",
        "engine/decisions/source.py",
        "engine/execution/parsing.py",
        "processes/ledger/gudid.py",
    }
    found = [
        f"{name}:{line} {call}"
        for name, tree in _modules(*OURS)
        for line, call in _calls(tree)
        if call in parsing and name not in may
    ]
    assert not found, f"read XML through engine/definitions/xml.py: {found}"


@pytest.mark.parametrize(
    "path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda p: p.name
)
def test_lock_files_carry_no_addresses(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "://" not in text
    assert "--hash=sha256:" in text


def _pins(name: str) -> set[str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return set(re.findall(r"^([\w.-]+==[^\s;\\]+)", text, re.MULTILINE))


def test_what_runs_is_in_every_lock_file() -> None:
    """`make run` installs what `build` names, `make test` what `development` names."""
    running = _pins("runtime")
    assert running
    assert running <= _pins("build"), "compile requirements/build.txt anew (CONTRIBUTING.md)"
    assert running <= _pins("development"), "compile requirements/development.txt anew"


@pytest.mark.parametrize("name", ["runtime", "build", "development", "uv"])
def test_every_requirement_is_locked(name: str) -> None:
    wanted = (ROOT / "requirements" / f"{name}.in").read_text(encoding="utf-8")
    names = re.findall(r"^([A-Za-z][\w.-]*)", wanted, re.MULTILINE)
    locked = {pin.partition("==")[0] for pin in _pins(name)}
    assert [each for each in names if each.lower().replace("_", "-") not in locked] == []


@pytest.mark.parametrize(
    "path",
    [ROOT / "web" / "package-lock.json", ROOT / "bench" / "lighthouse" / "package-lock.json"],
    ids=lambda p: p.parent.name,
)
def test_lock_files_of_node_carry_no_addresses_either(path: Path) -> None:
    """`resolved` would name the registry of the machine that wrote it; the hash names the content.

    Addresses that stay are those of funding, which nobody downloads from.
    """
    packages = json.loads(path.read_text(encoding="utf-8"))["packages"]
    assert packages
    assert [name for name, package in packages.items() if "resolved" in package] == []
    unlocked = [name for name, package in packages.items() if name and "integrity" not in package]
    assert unlocked == []


def test_the_contracts_between_the_folders_are_kept() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    kept, broken = re.findall(r"(\d+) kept, (\d+) broken", done.stdout)[-1]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert (int(kept), int(broken)) == (len(contracts["tool"]["importlinter"]["contracts"]), 0)
