"""Which case a file belongs to: a case that has named it by its hash, in any step.

Who may read the case may open the file (api/attachments); nobody else does by knowing its hash.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from engine.projections.changes import Change
from engine.store.tables import case_file

Document = Mapping[str, Any]
NAMED = "sha256"
"""The key under which a value of the form language names a file (forms/fields/attachment.py)."""
_IN_CASES = frozenset(
    {"process_instance.started", "work_item.completed", "variables.changed", "attachment.stored"}
)
_LENGTH = 64


def named(entry: Document) -> Iterator[Change]:
    """Give a row for each file that an entry of a case names, however often it does."""
    if entry["definition"] is None:
        return  # of a register, not of a case
    hashes: set[str] = set()
    for event in entry["events"]:
        if event["event"] in _IN_CASES:
            _gather(event, hashes)
    for found in sorted(hashes):
        key = {
            "content_hash": bytes.fromhex(found),
            "stream_id": UUID(entry["stream"]),
            "seq": entry["seq"],
        }
        yield Change(case_file, "insert", key, {})


def _gather(value: Any, found: set[str]) -> None:
    if isinstance(value, dict):
        named_file = value.get(NAMED)
        if isinstance(named_file, str) and _is_hash(named_file):
            found.add(named_file)
        for each in value.values():
            if isinstance(each, dict | list):
                _gather(each, found)
    elif isinstance(value, list):
        for each in value:
            if isinstance(each, dict | list):
                _gather(each, found)


def _is_hash(text: str) -> bool:
    return len(text) == _LENGTH and set(text) <= set("0123456789abcdef")
