"""Packages for the tests: the good one of this folder, and small ones around one diagram."""

import re
from collections.abc import Mapping
from pathlib import Path

from engine.definitions import CompiledDefinition, Package, compile_package, read_package

HERE = Path(__file__).parent
GOOD = HERE / "inspection"

HANDLERS = frozenset({"lots.release", "lots.receive"})
ROLES = frozenset({"WH", "IQC", "QCL", "QA"})
DEVICE_CLASSES = frozenset({"handheld", "desktop"})
MEANINGS = frozenset({"PERF", "REVW", "REL", "REJ"})
SIGNED_OFFLINE = frozenset({"PERF"})
KNOWN_PROCESSES = frozenset({"receiving", "inspection"})

_MARK = re.compile(r"<!-- ((?:[a-z_]+\.[a-z_]+ [^;]*?)(?:; [a-z_]+\.[a-z_]+ [^;]*?)*) -->")


def good_package() -> Package:
    return read_package(GOOD)


def package_around(diagram: bytes, process_id: str = "bad", *, is_whole: bool = False) -> Package:
    """Give a package with this diagram, the good forms and decisions, a form that uses a variable
    of the case, and, unless it is to be whole, one that is none."""
    files = {**good_package().files, "process.bpmn": diagram, "forms/broken.json": b"{}"}
    reading = files["forms/read.json"].replace(b'"form": "read"', b'"form": "follow_up"')
    reading = reading.replace(
        b'"x-field": "count"', b'"x-field": "count", "x-default": "= earlier"'
    )
    files["forms/follow_up.json"] = reading
    if is_whole:
        del files["forms/broken.json"]
    return Package.from_files(files, process_id=process_id)


def compiled(package: Package) -> CompiledDefinition:
    return compile_package(
        package,
        handlers=HANDLERS,
        roles=ROLES,
        meanings=MEANINGS,
        known_processes=KNOWN_PROCESSES,
        device_classes=DEVICE_CLASSES,
        signed_offline=SIGNED_OFFLINE,
    )


def changed(replace: Mapping[str, str], *, file: str = "process.bpmn") -> Package:
    """Give the good package with texts of one file replaced; each text must be there."""
    text = good_package().files[file].decode("utf-8")
    for old, new in replace.items():
        assert old in text, f"{old!r} is not in {file}"
        text = text.replace(old, new)
    files = {**good_package().files, file: text.encode("utf-8")}
    return Package.from_files(files, process_id="inspection")


def marks(text: str) -> set[tuple[str, str, int]]:
    """Give the findings that a diagram announces: code, element id and line of each mark."""
    found: set[tuple[str, str, int]] = set()
    for number, line in enumerate(text.splitlines(), start=1):
        for mark in _MARK.findall(line):
            for finding in mark.split("; "):
                code, _, element = finding.partition(" ")
                found.add((code, element, number))
    return found
