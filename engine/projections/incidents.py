"""Incidents: technical failures that need someone."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.projections.changes import Change
from engine.store.tables import incident

Document = Mapping[str, Any]


def raised(entry: Document, event: Document) -> Iterator[Change]:
    yield Change(
        incident,
        "insert",
        {"incident_id": UUID(event["incident"])},
        {
            "process_instance_id": _id(event.get("process_instance")),
            "command_id": UUID(entry["command"]["id"]),
            "command_name": entry["command"]["name"],
            "error": event["error"],
            "raised_at": datetime.fromisoformat(entry["at"]),
            "resolved_at": None,
        },
    )


def delivery_failed(_entry: Document, event: Document) -> Iterator[Change]:
    values = {
        "process_instance_id": _id(event["process_instance"]),
        "delivery": event["kind"],
        "outbox_id": _id(event["outbox"]),
        "task_ref": event["task_ref"],
        "attempts": event["attempts"],
        "retry_at": _instant(event["retry_at"]),
    }
    yield Change(incident, "update", {"incident_id": UUID(event["incident"])}, values)


def retry_asked(_entry: Document, event: Document) -> Iterator[Change]:
    values = {"retry_at": _instant(event["retry_at"])}
    yield Change(incident, "update", {"incident_id": UUID(event["incident"])}, values)


def resolved(entry: Document, event: Document) -> Iterator[Change]:
    values = {"retry_at": None, "resolved_at": datetime.fromisoformat(entry["at"])}
    yield Change(incident, "update", {"incident_id": UUID(event["incident"])}, values)


def _id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
