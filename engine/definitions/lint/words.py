"""Which words the extension accepts: variable names, ISO 8601 timer literals, near misses."""

import difflib
import re
from collections.abc import Iterable

_VARIABLE = re.compile(r"[^\W\d_]\w{0,63}")
# What a FEEL text cannot use as a plain name, as the language itself means something by it.
_FEEL_WORDS = frozenset(
    "and between else every external false for function if in instance not null of or return "
    "satisfies some then true".split()
)
_DURATION = (
    r"P(?=\d|T\d)(?:\d+(?:\.\d+)?Y)?(?:\d+(?:\.\d+)?M)?(?:\d+(?:\.\d+)?W)?(?:\d+(?:\.\d+)?D)?"
    r"(?:T(?=\d)(?:\d+(?:\.\d+)?H)?(?:\d+(?:\.\d+)?M)?(?:\d+(?:\.\d+)?S)?)?"
)
_DATE = r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+\-]\d{2}:\d{2})?)?"
_CYCLE = rf"R\d*/(?:{_DATE}/)?{_DURATION}"
_ISO_8601 = re.compile(rf"{_CYCLE}|{_DURATION}|{_DATE}", re.ASCII)


def is_variable(text: str) -> bool:
    """Tell whether a text can be the name of a case variable, and be meant by that name in FEEL."""
    return _VARIABLE.fullmatch(text) is not None and text not in _FEEL_WORDS


def is_iso_8601(text: str) -> bool:
    """Tell whether a timer value is a bare date, duration or cycle: PT1H, R3/PT10M, 2026-11-22."""
    return _ISO_8601.fullmatch(text) is not None


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Give the known word that a misspelt one was probably meant to be."""
    found = difflib.get_close_matches(word, sorted(words), n=1, cutoff=0.6)
    return found[0] if found else None
