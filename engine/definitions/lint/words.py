"""Which words the extension accepts: variable names, and what a misspelt one was meant to be."""

import difflib
import re
from collections.abc import Iterable

_VARIABLE = re.compile(r"[^\W\d_]\w{0,63}")
# What a FEEL text cannot use as a plain name, as the language itself means something by it.
_FEEL_WORDS = frozenset(
    {
        *("and", "between", "else", "every", "external", "false", "for", "function", "if", "in"),
        *("instance", "not", "null", "of", "or", "return", "satisfies", "some", "then", "true"),
    }
)


def is_variable(text: str) -> bool:
    """Tell whether a text can be the name of a case variable, and be meant by that name in FEEL."""
    return _VARIABLE.fullmatch(text) is not None and text not in _FEEL_WORDS


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Give the known word that a misspelt one was probably meant to be."""
    found = difflib.get_close_matches(word, sorted(words), n=1, cutoff=0.6)
    return found[0] if found else None
