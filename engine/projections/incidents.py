"""Incidents: technical failures that need someone."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.projections.changes import Change
from engine.store.tables import incident

Document = Mapping[str, Any]


def raised(entry: Document, event: Document) -> Iterator[Change]:
    instance = event.get("process_instance")
    yield Change(
        incident,
        "insert",
        {"incident_id": UUID(event["incident"])},
        {
            "process_instance_id": None if instance is None else UUID(instance),
            "command_id": UUID(entry["command"]["id"]),
            "command_name": entry["command"]["name"],
            "error": event["error"],
            "raised_at": datetime.fromisoformat(entry["at"]),
            "resolved_at": None,
        },
    )


def resolved(entry: Document, event: Document) -> Iterator[Change]:
    values = {"resolved_at": datetime.fromisoformat(entry["at"])}
    yield Change(incident, "update", {"incident_id": UUID(event["incident"])}, values)
