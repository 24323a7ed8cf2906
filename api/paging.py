"""Pages of lists whose keys grow with time: the cursor of a page is the last key before it."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import UUID

from flask import abort

from processes.ledger.columns import AnyRow

Listed = TypeVar("Listed", bound=AnyRow | Any)

PAGE = 50
FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)
"""Before every key, for lists that begin with the oldest; after every key, for the newest first."""


def place(cursor: str | None, start: UUID = LAST) -> UUID:
    """Give the key that a page begins after; a cursor that is none is a bad request."""
    try:
        return start if cursor is None else UUID(cursor)
    except ValueError:
        abort(HTTPStatus.BAD_REQUEST)


def page(
    cursor: str | None,
    read: Callable[[UUID, int], Sequence[Listed]],
    key: str,
    *,
    start: UUID = LAST,
) -> tuple[list[Listed], str | None]:
    """Give a page and the cursor of the next one, None after the last.

    `read` gives so many rows past a key, in the list's own direction, and `key` names the column
    in them; `start` is FIRST where the oldest come first, LAST where the newest do.
    """
    rows = read(place(cursor, start), PAGE + 1)
    shown = list(rows[:PAGE])
    return shown, str(getattr(shown[-1], key)) if len(rows) > PAGE else None
