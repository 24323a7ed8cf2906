"""The worklist: what is open, for which role, who claimed it, who completed it (WfMC)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.projections.changes import Change
from engine.store.base import FAR_FUTURE
from engine.store.tables import signature, work_item

Document = Mapping[str, Any]


def _key(entry: Document, event: Document) -> dict[str, Any]:
    return {"process_instance_id": UUID(entry["stream"]), "task_ref": event["task_ref"]}


def _account(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)


def opened(entry: Document, event: Document) -> Iterator[Change]:
    due, notice = event.get("due_at"), event.get("notice_at")
    yield Change(
        work_item,
        "insert",
        _key(entry, event),
        {
            "activity_id": event["activity"],
            "visit": event["visit"],
            "item_index": event.get("item_index"),
            "role": event["role"],
            "assignee_id": None,
            "status": "open",
            "revision": 1,
            "priority": event["priority"],
            "opened_at": datetime.fromisoformat(entry["at"]),
            "due_at": FAR_FUTURE if due is None else datetime.fromisoformat(due),
            "closed_at": None,
            "completed_by": None,
            "notice_at": None if notice is None else datetime.fromisoformat(notice),
            "told_first": None,
            "told_next": None,
        },
    )


def noticed(entry: Document, event: Document) -> Iterator[Change]:
    """Somebody was told: those who can do it at first, then the roles of cs:escalateTo."""
    following = event.get("next_at")
    values: dict[str, Any] = {
        "notice_at": None if following is None else datetime.fromisoformat(following)
    }
    column = {1: "told_first", 2: "told_next"}.get(event["level"])
    if column is not None:
        values[column] = event["to"]
    yield Change(work_item, "update", _key(entry, event), values)


def claimed(entry: Document, event: Document) -> Iterator[Change]:
    values = {"assignee_id": _account(event["assignee"]), "revision": event["revision"]}
    yield Change(work_item, "update", _key(entry, event), values)


def released(entry: Document, event: Document) -> Iterator[Change]:
    values = {"assignee_id": None, "revision": event["revision"]}
    yield Change(work_item, "update", _key(entry, event), values)


def completed(entry: Document, event: Document) -> Iterator[Change]:
    yield Change(
        work_item,
        "update",
        _key(entry, event),
        {
            "status": "completed",
            "closed_at": datetime.fromisoformat(entry["at"]),
            "completed_by": _account(entry["actor"]["id"]),
            "notice_at": None,
        },
    )


def cancelled(entry: Document, event: Document) -> Iterator[Change]:
    closed_at = datetime.fromisoformat(entry["at"])
    values = {"status": "cancelled", "closed_at": closed_at, "notice_at": None}
    yield Change(work_item, "update", _key(entry, event), values)


def signed(entry: Document, event: Document) -> Iterator[Change]:
    yield Change(
        signature,
        "insert",
        {"stream_id": UUID(entry["stream"]), "seq": entry["seq"]},
        {
            "account_id": UUID(entry["actor"]["id"]),
            "meaning": event["meaning"],
            "signed_at": datetime.fromisoformat(entry["at"]),
            "record_hash": bytes.fromhex(event["record_hash"]),
        },
    )
