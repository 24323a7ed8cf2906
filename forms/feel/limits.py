"""The bounds of one evaluation, and of a text."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an evaluation may use.

    `steps`: rounds of loops, calls, elements touched by functions; `depth`: nested calls of
    functions; `size`: elements of a list or characters of a text that the expression makes.
    """

    steps: int = 200_000
    depth: int = 40
    size: int = 100_000


DEFAULT_LIMITS: Final = Limits()
MAX_TEXT: Final = 50_000
"""Characters of an expression."""
MAX_NESTING: Final = 100
"""Levels of a tree."""
