"""A host for tests: its time stands still until it is set, its services are plain functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.working_time import WorkingDays

Service = Callable[[Mapping[str, Any]], Mapping[str, Any]]
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass(slots=True)
class TestHost:
    """Keeps what it is told: `left` are the flow nodes that were left, with their visit."""

    __test__ = False

    services: Mapping[str, Service] = field(default_factory=dict)
    time: datetime = NOON
    left: list[tuple[str, int]] = field(default_factory=list)

    def now(self) -> datetime:
        return self.time

    def after_working_days(self, limit: WorkingDays) -> datetime:
        """Every second day is worked."""
        return self.time + timedelta(days=2 * limit.days)

    def call_service(
        self, handler: str, activity_id: str, inputs: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        del activity_id
        return self.services[handler](inputs)

    def activity_completed(self, activity_id: str, visit: int) -> None:
        self.left.append((activity_id, visit))

    def wait(self, **duration: float) -> datetime:
        """Let time pass: `wait(minutes=10)`; gives the new time."""
        self.time += timedelta(**duration)
        return self.time
