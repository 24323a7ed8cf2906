"""How an identifier beside it came to be: {"how": "scanned" | "typed"}, with the scan where known.

Nobody fills it in. `x-of` names the field that it is about. The terminal sends what was scanned
into that field (`raw`); the server compares and says "scanned" only where the scan holds what the
field says, or where a barcode field filled it. Everything else was typed by hand, and the record
shows it.
"""

import re
from datetime import datetime
from typing import Final

from forms.barcodes import ScanRefused, read_scan
from forms.errors import Wrong
from forms.fields.barcode import filled_by
from forms.fields.base import Answer, FieldType, Json, Schema, no_judgement

PLAIN: Final = re.compile(r"\](?:C0|C2|A[01-57]|Q[13]|d1)")
"""Codes that hold a number of one's own and no GS1 data, as a scanner announces them."""

ELEMENTS: Final = ("gtin", "lot", "serial", "sscc")
LONGEST: Final = 500


def read(submitted: Json, _schema: Schema, _now: datetime) -> Answer:
    """Take the scan that was sent; what it proves is decided beside the field that it is about."""
    raw = submitted.get("raw") if isinstance(submitted, dict) else ""
    if not isinstance(submitted, dict) or not set(submitted) <= {"how", "raw"}:
        raise Wrong("scan_expected")
    if raw is not None and (not isinstance(raw, str) or len(raw) > LONGEST):
        raise Wrong("scan_expected")
    return Answer(submitted, submitted)


def said_by(raw: str, identifier: str, now: datetime) -> bool:
    """Whether a scan holds an identifier: as its whole text, or as one of its GS1 elements."""
    if (raw[3:] if PLAIN.match(raw) else raw) == identifier:
        return True
    try:
        elements = read_scan(raw, now=now).to_json()["elements"]
    except ScanRefused:
        return False
    assert isinstance(elements, dict)  # as to_json makes it
    return any(filled_by(elements[each]) == identifier for each in ELEMENTS if each in elements)


def compute(_value: object, _schema: Schema) -> Json:
    """Refuse: how something was entered follows from no expression."""
    raise Wrong("computed_unfit")


FIELD = FieldType(name="entry", json_type="object", read=read, judge=no_judgement, compute=compute)
