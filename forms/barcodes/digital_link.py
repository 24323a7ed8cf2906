"""GS1 Digital Link: element strings in the path and query of a web address.

Read from the text alone; the address is never opened. The key must come with the qualifiers that
GS1 allows for it, in order; query parameters that are no application identifier are ignored.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from forms.barcodes.element_strings import Element, compiled, understand
from forms.barcodes.identifiers import IDENTIFIERS, LINK_KEYS, Identifier
from forms.barcodes.refusals import ScanRefused

_LINK: Final = re.compile(
    r"https?://[^/?#\s]+(?P<path>/[^?#\s]*)(?:\?(?P<query>[^#\s]*))?(?:#\S*)?", re.IGNORECASE
)
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_SHORT_GTINS: Final = frozenset({8, 12, 13})


def read_digital_link(text: str, year: int) -> Mapping[str, Element]:
    """Read a link; `year` is the year we are in. Raises ScanRefused."""
    found = _LINK.fullmatch(text)
    if found is None:
        raise ScanRefused("scan_link")
    return understand([*_path(found["path"]), *_query(found["query"] or "")], year)


def _path(path: str) -> Iterable[tuple[Identifier, str]]:
    steps = path.strip("/").split("/")
    start = next((i for i, step in enumerate(steps) if step in LINK_KEYS), None)
    if start is None or (len(steps) - start) % 2:
        raise ScanRefused("scan_link")
    keys, values = steps[start::2], steps[start + 1 :: 2]
    allowed = iter(LINK_KEYS[keys[0]])
    # `in` uses the iterator up to the qualifier found, so that they keep their order.
    if not all(key in allowed for key in keys[1:]):
        raise ScanRefused("scan_link")
    return [_pair(key, value) for key, value in zip(keys, values, strict=True)]


def _query(query: str) -> Iterable[tuple[Identifier, str]]:
    pairs = (part.partition("=") for part in query.split("&") if part)
    return [_pair(key, value) for key, _, value in pairs if key in IDENTIFIERS]


def _pair(ai: str, escaped: str) -> tuple[Identifier, str]:
    value = _ESCAPE.sub(lambda code: chr(int(code[1], 16)), escaped)
    if ai == "01" and len(value) in _SHORT_GTINS:
        value = value.zfill(14)
    # Not fullmatch: percent signs may be read in two ways, and 40 of them in 2^40.
    matched = compiled(IDENTIFIERS[ai].pattern).match(value)
    if not value or matched is None or matched[0] != value:
        raise ScanRefused("scan_value", ai=ai, value=escaped[:30])
    return IDENTIFIERS[ai], value
