"""MA (IDcode), the second of the Chinese issuing entities of device identifiers: "MA", country,
"M0", registrant and product between dots, then production identifiers, each with its letter.

No library reads it; this follows what the issuer has published of the structure. Its check digit
is not verified: how it is computed is not published where we could find it.
"""

import re
from collections.abc import Mapping
from typing import Final

from forms.barcodes import label_dates
from forms.barcodes.element_strings import Element
from forms.barcodes.refusals import ScanRefused

PARSER: Final = "ma"
PARSER_VERSION: Final = "1"
_PRODUCT: Final = re.compile(r"MA\.[0-9]{3}\.M0\.[0-9A-Z]{6}\.[0-9A-Z]{8}(?=\.|$)")
_VALUE: Final = re.compile(r"[0-9A-Za-z\-_/+*#()]{1,20}")
_DATE: Final = re.compile(r"([0-9]{2}|[0-9]{4})([0-9]{2})([0-9]{2})")
_NUMBERS: Final = {"L": "lot", "S": "serial", "D": "sterilisation_lot"}
_DATES: Final = {"M": "production", "V": "expiry", "E": "expiry"}
"""V says until when it may be used, E when it expires: a label that says both says the same."""


def read_ma(text: str, year: int) -> Mapping[str, Element]:
    """Read a code that begins with "MA."; `year` is the year we are in. Raises ScanRefused."""
    product = _PRODUCT.match(text)
    if product is None:
        raise ScanRefused("scan_structure", system="MA")
    found: dict[str, Element] = {"device_identifier": product[0]}
    for part in text[product.end() :].split(".")[1:]:
        name, element = _part(part[:1], part[1:], year)
        if found.setdefault(name, element) != element:
            raise ScanRefused("scan_contradiction", ai=part[:1])
    return found


def _part(letter: str, value: str, year: int) -> tuple[str, Element]:
    if letter in _NUMBERS and _VALUE.fullmatch(value):
        return _NUMBERS[letter], value
    if letter in _DATES and (dated := _DATE.fullmatch(value)):
        return _DATES[letter], label_dates.day(letter, *dated.groups(), seen_from=year)
    raise ScanRefused("scan_structure", system="MA")
