"""What people read when the book says no: words, and no code that has one: neither those of
processes/ledger/words nor units.

The check listens to every refusal of the book that any test brings about.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from processes.ledger import words
from processes.ledger.refusals import LedgerRefusal

_FAMILIES = ("status", "movement", "disposition", "signature")
_UNIT = re.compile(r"(?<=\d) ea(?![\w-])")  # the unit whose word is another than its code
_CODE = re.compile(r"(?<![\w-])[A-Z]+(?:_[A-Z]+)*[+-]?(?![\w-])")


class ShowsCode(AssertionError):
    """A refusal shows a code to people."""


@cache
def _coded() -> frozenset[str]:
    return frozenset(code for family in _FAMILIES for code in words.every()[family])


def codes_in(text: str) -> list[str]:
    """List the codes in a sentence that have a word."""
    codes = [found for found in _CODE.findall(text) if found in _coded()]
    return codes + [found.strip() for found in _UNIT.findall(text)]


@contextmanager
def in_words() -> Iterator[None]:
    """Let every refusal of the book fail that shows such a code, while this lasts."""
    made = LedgerRefusal.__init__

    def listening(self: LedgerRefusal, en: str, zh: str, **more: Any) -> None:
        shown = codes_in(en) + codes_in(zh)
        if shown:
            raise ShowsCode(f"{type(self).__name__} shows {shown}: {en} / {zh}")
        made(self, en, zh, **more)

    LedgerRefusal.__init__ = listening  # type: ignore[method-assign]
    try:
        yield
    finally:
        LedgerRefusal.__init__ = made  # type: ignore[method-assign]
