"""HIBC supplier labels (ANSI/HIBC 2): "+", labeler, product, unit of measure; then, behind "/",
quantity, expiry, lot or serial number; further parts with data identifiers; a check character.

No maintained library reads them (the packages there are have no release in years), so this follows
the published structure. A secondary code by itself ("+$…") says nothing of the product: it is read,
and its link character, which is the primary code's check character, is kept.
"""

import re
from collections.abc import Mapping
from typing import Final

from forms.barcodes import label_dates
from forms.barcodes.element_strings import Element
from forms.barcodes.refusals import ScanRefused

PARSER: Final = "hibc"
PARSER_VERSION: Final = "1"
CHARACTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
"""In the order of their values, 0 to 42 (those of Code 39)."""

_PRODUCT: Final = re.compile(r"[A-Z][0-9A-Z]{3}[0-9A-Z]{1,18}[0-9]")
_NUMBER: Final = re.compile(r"[0-9A-Z\-. $%+]{0,20}")
_QUANTITY: Final = re.compile(r"8([0-9]{2})|9([0-9]{5})")
_DATES: Final = (
    (re.compile(r"(?P<month>[01][0-9])(?P<year>[0-9]{2})"), "month"),
    (re.compile(r"2(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?P<year>[0-9]{2})"), "day"),
    (re.compile(r"3(?P<year>[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"), "day"),
    (re.compile(r"4(?P<year>[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})[0-9]{2}"), "day"),
    (re.compile(r"5(?P<year>[0-9]{2})(?P<number>[0-9]{3})"), "day_of_year"),
    (re.compile(r"6(?P<year>[0-9]{2})(?P<number>[0-9]{3})[0-9]{2}"), "day_of_year"),
    (re.compile(r"7"), "none"),
)
"""What follows "$$" and a quantity: expiry by its first digit; 7 says there is none."""
_OLD: Final = re.compile(r"([0-9]{2})([0-9]{3})")
"""Year and day of the year, as secondary codes began before there was a "$"."""
_FURTHER: Final = {"S": "serial", "Q": "count", "16D": "production", "14D": "expiry"}
_FULL_DATE: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


def read_hibc(text: str, year: int) -> Mapping[str, Element]:
    """Read a label that begins with "+"; `year` is the year we are in. Raises ScanRefused."""
    body, check = text[:-1], text[-1:]
    if not all(character in CHARACTERS for character in text):
        raise ScanRefused("scan_structure", system="HIBC")
    if check_character(body) != check:
        raise ScanRefused("scan_check_character", system="HIBC")
    found: dict[str, Element] = {}
    first, *parts = body[1:].split("/")
    if _PRODUCT.fullmatch(first):
        found["device_identifier"] = first
    elif first.startswith("$") or _OLD.match(first):
        parts.insert(0, first[:-1])
        found["link"] = first[-1]
    else:
        raise ScanRefused("scan_structure", system="HIBC")
    for part in parts:
        for name, element in _part(part, year).items():
            if found.setdefault(name, element) != element:
                raise ScanRefused("scan_contradiction", ai=name)
    return found


def check_character(text: str) -> str:
    """Give the check character: the sum of all values before it, modulo 43."""
    return CHARACTERS[sum(CHARACTERS.index(character) for character in text) % len(CHARACTERS)]


def _part(part: str, year: int) -> dict[str, Element]:
    if part.startswith("$"):
        return _secondary(part, year)
    if dated := _OLD.match(part):
        expiry = label_dates.day_of_year("/", *dated.groups(), seen_from=year)
        return {"expiry": expiry, **_numbered("lot", part[dated.end() :])}
    for identifier, name in _FURTHER.items():
        if not part.startswith(identifier):
            continue
        value = part.removeprefix(identifier)
        if name in {"serial", "count"}:
            return _numbered(name, value)
        if dated := _FULL_DATE.fullmatch(value):
            return {name: label_dates.day(identifier, *dated.groups(), seen_from=year)}
    raise ScanRefused("scan_structure", system="HIBC")


def _secondary(part: str, year: int) -> dict[str, Element]:
    found: dict[str, Element] = {}
    rest = part.removeprefix("$")
    has_date, rest = rest.startswith("$"), rest.removeprefix("$")
    numbers, rest = ("serial" if rest.startswith("+") else "lot"), rest.removeprefix("+")
    if has_date:
        if quantity := _QUANTITY.match(rest):
            found["count"] = quantity[1] or quantity[2]
            rest = rest[quantity.end() :]
        expiry, rest = _expiry(rest, year)
        found |= expiry
    return found | _numbered(numbers, rest)


def _expiry(text: str, year: int) -> tuple[dict[str, Element], str]:
    for pattern, kind in _DATES:
        dated = pattern.match(text)
        if dated is None:
            continue
        parts, rest = dated.groupdict(), text[dated.end() :]
        if kind == "none":
            return {}, rest
        if kind == "month":
            found = label_dates.month("$$", parts["year"], parts["month"], seen_from=year)
        elif kind == "day":
            found = label_dates.day(
                "$$", parts["year"], parts["month"], parts["day"], seen_from=year
            )
        else:
            found = label_dates.day_of_year("$$", parts["year"], parts["number"], seen_from=year)
        return {"expiry": found}, rest
    # A quantity may stand alone, before no date and no lot.
    if text == "":
        return {}, ""
    raise ScanRefused("scan_structure", system="HIBC")


def _numbered(name: str, value: str) -> dict[str, Element]:
    if _NUMBER.fullmatch(value) is None:
        raise ScanRefused("scan_structure", system="HIBC")
    return {name: value} if value else {}
