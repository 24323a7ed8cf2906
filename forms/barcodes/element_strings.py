"""GS1 element strings: application identifier, value, and GS (FNC1) after those of no fixed length.

Stricter than the parsers we measured: a value that may vary in length ends at GS or at the end of
the scan and nowhere else, so a lot that fills its 20 characters cannot swallow what follows.
"""

import calendar
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from biip.checksums import gs1_standard_check_digit

from forms.barcodes.identifiers import (
    CHECKED_DIGITS,
    DATES,
    EXCLUSIVE,
    IDENTIFIERS,
    TIMES,
    Identifier,
)
from forms.barcodes.refusals import ScanRefused

Element = str | Mapping[str, str]
"""A value as printed, or a date {"value", "precision"}."""

_GS: Final = "\x1d"
_LENGTHS: Final = (2, 3, 4)
_DAY: Final = 6
_MONTHS: Final = 12
_YEARS_AHEAD: Final = 50
_YEARS_BACK: Final = 49


def read_element_strings(text: str, year: int) -> Mapping[str, Element]:
    """Read `text` (ASCII, without symbology identifier) as element strings.

    `year` is the year we are in. Raises ScanRefused.
    """
    return understand(_split(text), year)


def understand(pairs: Iterable[tuple[Identifier, str]], year: int) -> Mapping[str, Element]:
    """Check identifiers with their values as one message and give the elements by name."""
    found: dict[str, str] = {}
    for identifier, value in pairs:
        if found.setdefault(identifier.ai, value) != value:
            raise ScanRefused("scan_contradiction", ai=identifier.ai)
    for one, other in EXCLUSIVE:
        if one in found and other in found:
            raise ScanRefused("scan_exclusive", ai=one, other=other)
    return {IDENTIFIERS[ai].name: _element(ai, value, year) for ai, value in found.items()}


def _split(text: str) -> Iterable[tuple[Identifier, str]]:
    for segment in text.split(_GS):
        rest = segment
        while rest:
            identifier = identifier_at(rest)
            if identifier is None:
                raise ScanRefused("scan_unknown_identifier", start=rest[:4])
            value, rest = _take(identifier, rest[len(identifier.ai) :])
            yield identifier, value


def identifier_at(text: str) -> Identifier | None:
    """Give the application identifier that `text` begins with."""
    for length in _LENGTHS:
        if (identifier := IDENTIFIERS.get(text[:length])) is not None:
            return identifier
    return None


def _take(identifier: Identifier, text: str) -> tuple[str, str]:
    """Split `text`, which runs to the next separator, into the value and what follows it."""
    matched = compiled(identifier.pattern).match(text)
    if matched is None or not matched[0]:
        raise ScanRefused("scan_value", ai=identifier.ai, value=text[:30])
    value, rest = matched[0], text[matched.end() :]
    if rest and identifier.separator_required:
        if identifier_at(rest) is not None:
            raise ScanRefused("scan_separator_missing", ai=identifier.ai)
        raise ScanRefused("scan_value", ai=identifier.ai, value=text[:30])
    return value, rest


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern of the table once."""
    return re.compile(pattern)


def _element(ai: str, value: str, year: int) -> Element:
    checked = CHECKED_DIGITS.get(ai)
    if checked is not None and gs1_standard_check_digit(value[: checked - 1]) != int(
        value[checked - 1]
    ):
        raise ScanRefused("scan_check_digit", ai=ai, value=value)
    if ai in DATES:
        return _date(ai, value, year)
    if ai in TIMES:
        # A harvest period (7007) may be two dates.
        for start in range(0, 2 * _DAY if value[_DAY:] and ai == "7007" else _DAY, _DAY):
            _require_day(ai, value[start : start + _DAY], year)
    return value


def _date(ai: str, value: str, year: int) -> Element:
    if value[4:] != "00":
        return {"value": _require_day(ai, value, year), "precision": "day"}
    full_year, month = century(int(value[:2]), year), int(value[2:4])
    if not 1 <= month <= _MONTHS:
        raise ScanRefused("scan_date", ai=ai, value=value)
    last = calendar.monthrange(full_year, month)[1]
    return {"value": f"{full_year:04}-{month:02}-{last:02}", "precision": "month"}


def _require_day(ai: str, value: str, year: int) -> str:
    full_year, month, day = century(int(value[:2]), year), int(value[2:4]), int(value[4:6])
    if not (1 <= month <= _MONTHS and 1 <= day <= calendar.monthrange(full_year, month)[1]):
        raise ScanRefused("scan_date", ai=ai, value=value)
    return f"{full_year:04}-{month:02}-{day:02}"


def century(two_digits: int, year: int) -> int:
    """Give the year that two digits mean, seen from `year`: 49 back to 50 ahead (GS1 GS 7.12)."""
    distance = two_digits - year % 100
    base = year - year % 100
    if distance > _YEARS_AHEAD:
        base -= 100
    elif distance < -_YEARS_BACK:
        base += 100
    return base + two_digits
