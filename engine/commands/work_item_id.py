"""A work item's id: its process instance and its place in it, "<instance>.<task reference>"."""

from typing import NamedTuple
from uuid import UUID


class WorkItemId(NamedTuple):
    """Names one work item; known by device and server alike, without asking a database."""

    process_instance_id: UUID
    task_ref: int

    def __str__(self) -> str:
        return f"{self.process_instance_id}.{self.task_ref}"

    @classmethod
    def parse(cls, text: str) -> "WorkItemId":
        """Read the text form; ValueError when it is none."""
        instance, separator, task_ref = text.partition(".")
        if not separator or not task_ref.isascii() or not task_ref.isdigit() or len(task_ref) > 9:
            message = f"{text!r} is no work item id"
            raise ValueError(message)
        return cls(UUID(instance), int(task_ref))
