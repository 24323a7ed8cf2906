"""What the execution core asks of the engine around it while an instance runs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from engine.working_time import WorkingDays


class BpmnError(Exception):
    """A business outcome that the diagram draws: an error boundary event catches `code`."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


class Host(Protocol):
    """The engine around a running instance, for the length of one command."""

    def now(self) -> datetime:
        """Give the command's one time, aware and in UTC."""
        ...

    def after_working_days(self, limit: WorkingDays) -> datetime:
        """Give the instant (UTC) so many working days after now, by the customer's calendar."""
        ...

    def call_service(
        self, handler: str, activity_id: str, inputs: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Carry out a service task; BpmnError for outcomes the diagram draws."""
        ...

    def activity_completed(self, activity_id: str, visit: int) -> None:
        """Hear that a flow node was left; for the history shown on the diagram.

        A node of a called process comes as "called_process_id/activity_id".
        """
        ...
