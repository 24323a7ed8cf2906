"""Words for what the book keeps as a code, so that a refusal says "in quarantine", not QUARANTINE.

The words are data (words.json), and those of signatures and roles the customer's first documents.
A code that has no word, such as one that a customer added, is said as it is.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

_HERE = Path(__file__).parent
_DOCUMENTS = {
    "signature": _HERE.parent / "configuration" / "signature_meanings.json",
    "role": _HERE.parent / "configuration" / "roles.json",
}


class Said(NamedTuple):
    """A word or some of them in both languages."""

    en: str
    zh: str


def said(family: str, code: str) -> Said:
    """Give the words for a code of a family ("status", "zone", "movement", "state", …)."""
    found = every()[family].get(code)
    return Said(code, code) if found is None else found


def listed(family: str, codes: Iterable[str]) -> Said:
    """Write the words for some codes into a sentence: "quality assurance, buyer"."""
    found = [said(family, code) for code in codes]
    return Said(", ".join(each.en for each in found), "、".join(each.zh for each in found))


@cache
def every() -> Mapping[str, Mapping[str, Said]]:
    """Give all words: by family and code."""
    own = json.loads((_HERE / "words.json").read_text(encoding="utf-8"))
    families = {
        family: {code: Said(**names) for code, names in words.items()}
        for family, words in own.items()
        if family != "about"
    }
    for family, path in _DOCUMENTS.items():
        document = json.loads(path.read_text(encoding="utf-8"))
        families[family] = {code: Said(**each["names"]) for code, each in document.items()}
    return families
