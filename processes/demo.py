"""Demo data (being written)."""

from typing import Any


def seed(_dispatcher: Any, _tenant_id: str) -> bool:
    return False


def accounts() -> list[Any]:
    return []
