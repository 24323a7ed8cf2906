"""Characters of a typed text: what cannot be seen has no place in a signed record."""

import re
import unicodedata
from typing import Final

from forms.errors import Wrong

INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff0-\ufffb\ufffe\uffff\ud800-\udfff]"
)
"""Controls, zero-width signs, and those that turn the direction of writing and so can make a
record read differently than it is stored. Line feed and tab are treated on their own. The joiners
U+200C and U+200D stay: some scripts need them."""

SPACES: Final = " \t\n\u00a0\u3000"
"""What is space at the ends of a text (Python's and JavaScript's own ideas of it differ)."""


def require_visible(text: str, *, multiline: bool = False) -> None:
    """Refuse characters that cannot be seen, space at the ends, and lines where one is allowed."""
    if INVISIBLE.search(text) or (not multiline and "\t" in text):
        raise Wrong("invisible_characters")
    if not multiline and "\n" in text:
        raise Wrong("one_line_only")
    if text[0] in SPACES or text[-1] in SPACES:
        raise Wrong("surrounding_space")


def require_characters(text: str, allowed: re.Pattern[str], code: str) -> None:
    """Refuse what `allowed` does not match whole; when only the width is wrong, say so."""
    if allowed.fullmatch(text):
        return
    narrow = normalised(text)
    if narrow != text and allowed.fullmatch(narrow):
        raise Wrong("fullwidth", suggestion=narrow)
    raise Wrong(code)


def normalised(text: str) -> str:
    """NFKC: full-width １２３ is 123. For matching; the record keeps what was typed."""
    return unicodedata.normalize("NFKC", text)


ALIKE: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})
"""Characters that are taken for one another on a label."""


def look_alike(text: str, known: str) -> bool:
    """Whether two numbers differ, and only by characters that look like one another."""
    one, other = normalised(text).upper(), normalised(known).upper()
    return one != other and one.translate(ALIKE) == other.translate(ALIKE)
