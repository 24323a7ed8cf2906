"""FEEL inside a form: what an expression sees, and what becomes of its result.

An expression sees the fields beside it by name, then those around it, then the case. In a row of a
table it also sees `row_number` (from 1) and `source` (the element of `x-rows` the row stands for).
The case as a whole is `context`, should a field have the name of a variable. A field without an
answer is null, and hides a variable of its name.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeGuard

from forms.feel import FeelLimitExceeded, Tree, evaluate, to_json
from forms.pointers import Path


def scope_at(
    path: Path,
    context: Mapping[str, object],
    values: Mapping[str, Any],
    sources: Mapping[Path, object],
) -> dict[str, object]:
    """Give the names that an expression at `path` sees."""
    scope: dict[str, object] = {**context, "context": context, **values}
    inner: Any = values
    for length, step in enumerate(path[:-1], start=1):
        inner = inner[step]
        if isinstance(step, int):
            rows = sources.get(path[: length - 1])
            scope["source"] = rows[step] if isinstance(rows, list) and step < len(rows) else None
            scope["row_number"] = step + 1
        if isinstance(inner, dict):
            scope |= inner
    return scope


def result_of(tree: Tree, scope: Mapping[str, object], now: datetime) -> object:
    """Evaluate to plain JSON with Decimals; null when the expression needs more than it may."""
    try:
        return to_json(evaluate(tree, scope, now=now))
    except FeelLimitExceeded:
        return None


def is_expression(setting: object) -> TypeGuard[str]:
    """Whether the value of a keyword is FEEL ("= …") rather than itself."""
    return isinstance(setting, str) and setting.startswith("=")


def expression_in(setting: str) -> str:
    """Give the FEEL of a keyword's value."""
    return setting[1:].strip()
