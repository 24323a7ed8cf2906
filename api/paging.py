"""Pages of registers whose keys grow with time: the newest first, the cursor is the last key."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import abort

from processes.ledger.columns import AnyRow

PAGE = 50
LAST = UUID(int=2**128 - 1)


def page(
    cursor: str | None, read: Callable[[UUID, int], Sequence[AnyRow]], key: str
) -> tuple[list[Any], str | None]:
    """Give a page and the cursor of the next one; a cursor that is none is a bad request."""
    try:
        before = LAST if cursor is None else UUID(cursor)
    except ValueError:
        abort(HTTPStatus.BAD_REQUEST)
    rows = read(before, PAGE + 1)
    shown = list(rows[:PAGE])
    return shown, str(getattr(shown[-1], key)) if len(rows) > PAGE else None
