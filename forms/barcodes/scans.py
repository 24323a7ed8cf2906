"""One scan: what kind of text it is, and what it holds.

Order of reading: nothing but ASCII; the symbology identifier (AIM, "]d2"); the bracketed text that
is printed below a code, refused; a GS1 Digital Link; device identifiers of the other issuing
entities, HIBC and MA; a bare GTIN (EAN, UPC, ITF); GS1 element strings.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from biip.checksums import gs1_standard_check_digit

from forms.barcodes import hibc, ma
from forms.barcodes.digital_link import read_digital_link
from forms.barcodes.element_strings import Element, identifier_at, read_element_strings
from forms.barcodes.identifiers import KEYS, NAMES, PARSER, PARSER_VERSION
from forms.barcodes.refusals import ScanRefused

ELEMENT_NAMES: Final = frozenset(NAMES.values()) | {"device_identifier", "sterilisation_lot"}

LONGEST_SCAN: Final = 500
"""Characters. The longest GS1 DataMatrix in use on devices holds about 200."""

GS: Final = "\x1d"
LAST_ASCII: Final = "\x7f"

ELEMENT_SYMBOLOGIES: Final = frozenset({"]C1", "]d2", "]Q3", "]e0", "]J1"})
"""AIM identifiers that promise GS1 element strings (ISO/IEC 15424)."""

GTIN_SYMBOLOGIES: Final[Mapping[str, tuple[int, ...]]] = {
    "]E0": (12, 13),
    "]E4": (8,),
    "]I0": (14,),
    "]I1": (14,),
}
"""AIM identifiers of symbols that hold a bare GTIN, with the lengths it may have."""

LINK_SYMBOLOGIES: Final = frozenset({"]Q0", "]Q1", "]Q2", "]d0", "]d1"})
"""AIM identifiers of plain QR Code and Data Matrix, where only a Digital Link is GS1 data."""

_UNMARKED_GTINS: Final = frozenset({12, 13, 14})
_AIM: Final = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_MA: Final = re.compile(r"MA\.[0-9]{3}\.")
_HIBC: Final = re.compile(r"\+[0-9A-Z$]")
_PLAIN: Final = re.compile(r"\](?:C[012]|A[0-57]|d[01]|Q[012]|L[012]|z0)")
"""AIM identifiers of symbols that hold any text: what the text is, it says itself."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan that was understood.

    `raw` is what the scanner sent, symbology identifier and separators included; `elements` are
    texts by the names of ELEMENT_NAMES ("ai_8200" for others), dates are
    {"value": "2027-03-31", "precision": "day" | "month"}.
    """

    raw: str
    symbology: str | None
    elements: Mapping[str, Element]
    parser: str = PARSER
    parser_version: str = PARSER_VERSION

    def to_json(self) -> dict[str, object]:
        """Give the scan as forms keep it and as the API answers it."""
        return {
            "raw": self.raw,
            "symbology": self.symbology,
            "parser": f"{self.parser}/{self.parser_version}",
            "elements": {
                name: dict(element) if isinstance(element, Mapping) else element
                for name, element in self.elements.items()
            },
        }


def read_scan(raw: str, *, now: datetime) -> Scan:
    """Read what a scanner sent.

    `now` decides the century of two-digit years: 49 years back to 50 ahead (GS1 GS 7.12).
    Raises ScanRefused; its `code` is a key of messages.json.
    """
    if len(raw) > LONGEST_SCAN:
        raise ScanRefused("scan_too_long", limit=LONGEST_SCAN)
    text = raw.rstrip("\r\n")
    _refuse_foreign_characters(text)
    symbology, text = _split_symbology(text)
    text = text.strip(GS)
    if not text:
        raise ScanRefused("scan_empty")
    if symbology is None or _PLAIN.fullmatch(symbology):
        if _HIBC.match(text):
            parser, version = hibc.PARSER, hibc.PARSER_VERSION
            elements = hibc.read_hibc(text, now.year)
            return Scan(raw, symbology, elements, parser, version)
        if _MA.match(text):
            elements = ma.read_ma(text, now.year)
            return Scan(raw, symbology, elements, ma.PARSER, ma.PARSER_VERSION)
    return Scan(raw, symbology, _read_content(symbology, text, now.year))


def _refuse_foreign_characters(text: str) -> None:
    # A Chinese input method turns 0 into full-width ０, which \d of Python would take for a digit.
    for character in text:
        if character > LAST_ASCII:
            raise ScanRefused("scan_not_ascii", character=_shown(character))
        if (character < " " or character == LAST_ASCII) and character != GS:
            raise ScanRefused("scan_control_character")


def _split_symbology(text: str) -> tuple[str | None, str]:
    found = _AIM.match(text)
    return (found[0], text[3:]) if found else (None, text)


def _read_content(symbology: str | None, text: str, year: int) -> Mapping[str, Element]:
    if text.startswith("("):
        raise ScanRefused("scan_bracketed")
    if text.lower().startswith(("http://", "https://")):
        return read_digital_link(text, year)
    if symbology is not None and symbology in GTIN_SYMBOLOGIES:
        return {"gtin": _gtin(text, GTIN_SYMBOLOGIES[symbology])}
    if symbology is not None and symbology not in ELEMENT_SYMBOLOGIES:
        # Plain QR Code and Data Matrix are told apart only to say that a link would have been read.
        code = "scan_unknown" if symbology in LINK_SYMBOLOGIES else "scan_symbology"
        raise ScanRefused(code, symbology=symbology, start=_shown(text[:20]))
    if symbology is None:
        return _read_unmarked(text, year)
    return read_element_strings(text, year)


def _read_unmarked(text: str, year: int) -> Mapping[str, Element]:
    """Read a scan that does not say its symbology: element strings, or a bare GTIN.

    Without that promise a plain label may look like one: "10-A" like lot "-A". So an unmarked scan
    holds a key (GTIN, SSCC …) or at least two elements. Eight digits are never taken for a GTIN-8:
    one internal number in ten has a right check digit by chance. Digits that are a GTIN and
    element strings too are refused.
    """
    is_gtin = text.isdigit() and len(text) in _UNMARKED_GTINS and _check_digit_is_right(text)
    try:
        elements = read_element_strings(text, year)
    except ScanRefused:
        if is_gtin:
            return {"gtin": text.zfill(14)}
        if _begins_with_key(text):
            raise
        raise ScanRefused("scan_unknown", start=_shown(text[:20])) from None
    if len(elements) > 1 or _begins_with_key(text):
        return elements
    if is_gtin:
        raise ScanRefused("scan_ambiguous")
    raise ScanRefused("scan_unknown", start=_shown(text[:20]))


def _begins_with_key(text: str) -> bool:
    identifier = identifier_at(text)
    return identifier is not None and identifier.ai in KEYS


def _gtin(text: str, lengths: tuple[int, ...]) -> str:
    if not text.isdigit() or len(text) not in lengths:
        raise ScanRefused("scan_value", ai="01", value=_shown(text[:20]))
    if not _check_digit_is_right(text):
        raise ScanRefused("scan_check_digit", ai="01", value=text)
    return text.zfill(14)


def _check_digit_is_right(digits: str) -> bool:
    return bool(gs1_standard_check_digit(digits[:-1]) == int(digits[-1]))


def _shown(text: str) -> str:
    """Make a piece of a scan fit to stand in a sentence."""
    return text.replace(GS, "␝") if text.isprintable() or GS in text else "�"
