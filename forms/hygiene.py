"""Before anything else: only JSON of a size and depth that a form can have."""

from typing import Final

from forms.errors import Wrong
from forms.pointers import Path

DEEPEST: Final = 8
"""Levels. A file reference in a column of a table in a group lies at 7."""

MOST_VALUES: Final = 20_000
MOST_CHARACTERS: Final = 1_000_000


def require_reasonable(data: object) -> None:
    """Refuse data that is too deep or too much. Raises Wrong."""
    values = characters = 0
    waiting: list[tuple[object, int]] = [(data, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            raise Wrong("too_deep", limit=DEEPEST)
        values += 1
        if isinstance(value, str):
            characters += len(value)
        elif isinstance(value, dict):
            characters += sum(len(key) for key in value if isinstance(key, str))
            waiting.extend((member, depth + 1) for member in value.values())
        elif isinstance(value, list):
            waiting.extend((member, depth + 1) for member in value)
        if values + len(waiting) > MOST_VALUES or characters > MOST_CHARACTERS:
            raise Wrong("too_much", limit=MOST_VALUES)


def shown_name(name: object) -> str:
    """Give a field name that somebody sent, fit to stand in a sentence."""
    return "".join(c if c.isprintable() else "�" for c in str(name)[:50])


def sent_path(path: Path, name: object) -> Path:
    """Where an unknown name lies; a lone surrogate could not be written as JSON again."""
    return (*path, str(name)[:200].encode("utf-8", "replace").decode())
