"""Many ids, asked for a thousand at a time: a statement takes so many parameters and no more."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Key = TypeVar("Key")
AT_ONCE = 1000
"""How many ids one statement names."""


def slices(ids: Iterable[Key]) -> Iterator[list[Key]]:
    """Give the ids, or numbers, in handfuls."""
    left = iter(ids)
    while some := list(islice(left, AT_ONCE)):
        yield some
