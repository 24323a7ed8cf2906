"""Read what a diagram hands to a handler: ids, amounts and texts of the case document."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID


def amount(value: object) -> Decimal:
    """Give a number of the case document as a decimal; a float is a mistake of ours."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        message = f"a number was expected, not {value!r}"
        raise TypeError(message)
    return Decimal(value)


def identifier(value: object) -> UUID:
    """Give an id of the case document, where it is text."""
    return value if isinstance(value, UUID) else UUID(str(value))


def text(value: object) -> str | None:
    """Give a text, None for an empty one."""
    return str(value) if value not in (None, "") else None


def context_of(value: object) -> Mapping[str, Any]:
    """Give a context of the case document; an absent one is empty."""
    return value if isinstance(value, Mapping) else {}


def rows(value: object) -> list[Mapping[str, Any]]:
    """Give the rows of a table of a form; an absent one has none."""
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
