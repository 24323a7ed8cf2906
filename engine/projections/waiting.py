"""What an instance waits for: due timers, and subscriptions to messages and signals."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.projections.changes import Change
from engine.store.base import FAR_FUTURE
from engine.store.tables import subscription, timer

Document = Mapping[str, Any]


def _timer_key(entry: Document, event: Document) -> dict[str, Any]:
    return {"process_instance_id": UUID(entry["stream"]), "task_ref": event["task_ref"]}


def timer_set(entry: Document, event: Document) -> Iterator[Change]:
    values = {"activity_id": event["activity"], "due_at": datetime.fromisoformat(event["due_at"])}
    yield Change(timer, "insert", _timer_key(entry, event), values)


def timer_moved(entry: Document, event: Document) -> Iterator[Change]:
    values = {"due_at": datetime.fromisoformat(event["due_at"]), "claimed_until": None}
    yield Change(timer, "update", _timer_key(entry, event), values)


def timer_held(entry: Document, event: Document) -> Iterator[Change]:
    """A timer whose firing failed is due no more: its incident says when it is tried again."""
    yield Change(timer, "update", _timer_key(entry, event), {"due_at": FAR_FUTURE})


def timer_cleared(entry: Document, event: Document) -> Iterator[Change]:
    yield Change(timer, "delete", _timer_key(entry, event), {})


def _subscription_key(entry: Document, event: Document) -> dict[str, Any]:
    return {
        "process_instance_id": UUID(entry["stream"]),
        "task_ref": event["task_ref"],
        "kind": event["kind"],
        "name": event["name"],
    }


def subscription_opened(entry: Document, event: Document) -> Iterator[Change]:
    values = {"correlation": event["correlation"], "activity_id": event["activity"]}
    yield Change(subscription, "insert", _subscription_key(entry, event), values)


def subscription_closed(entry: Document, event: Document) -> Iterator[Change]:
    yield Change(subscription, "delete", _subscription_key(entry, event), {})
