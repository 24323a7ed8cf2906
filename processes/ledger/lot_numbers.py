"""Lot and serial numbers as they fit a label and a scanner, and expiry dates with precision."""

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from itertools import product
from math import prod

from processes.ledger.parts import GS1_CHARACTERS, NUMBER_CHARACTERS, NUMBER_LENGTH
from processes.ledger.refusals import LedgerRefusal

_PRECISIONS = ("day", "month")
_ALIKE = {"0": "0O", "O": "O0", "1": "1IL", "I": "I1L", "L": "L1I"}
_MOST = 1000
"""How many numbers are tried for one that is not in the book."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """An expiry date with its precision; a month means its last day (GS1: day 00)."""

    on: date
    precision: str
    raw: str


class NumberNotAllowed(LedgerRefusal):
    """INV-06: what does not fit a label and a scanner is not a lot or serial number."""

    def __init__(self, raw: str, allowed: str) -> None:
        super().__init__(
            f"“{raw}” cannot be a lot or serial number: 1 to {NUMBER_LENGTH} characters out of "
            f"{allowed}. Check the label.",
            f"“{raw}” 不能作为批号或序列号：须为 1 至 {NUMBER_LENGTH} 个字符，仅限 {allowed}。"
            "请核对标签。",
            expected=allowed,
            found=raw,
        )


class DateNotUnderstood(LedgerRefusal):
    """An expiry date has a day or says that it has none."""

    def __init__(self, raw: str) -> None:
        super().__init__(
            f"“{raw}” is not an expiry date. Enter it as 2027-03-31, or 2027-03 without a day.",
            f"“{raw}” 不是有效期，请按 2027-03-31 录入；标签上无“日”时按 2027-03 录入。",
            found=raw,
        )


def normalised(raw: str) -> str:
    """Give a number as it is compared: NFKC, so full-width １２３ is 123, without outer blanks."""
    return unicodedata.normalize("NFKC", raw).strip()


def own_number(raw: str) -> str:
    """Give a lot or serial number of ours; NumberNotAllowed when a character does not fit."""
    number = normalised(raw).upper()
    if not 0 < len(number) <= NUMBER_LENGTH or set(number) - set(NUMBER_CHARACTERS):
        raise NumberNotAllowed(raw, "0-9 A-Z -")
    return number


def look_alikes(number: str) -> list[str]:
    """Give the numbers that look like one: O and 0, I and 1 and L, each put for the other."""
    choices = [_ALIKE.get(each, each) for each in number]
    if prod(map(len, choices)) > _MOST:
        return []
    found = {"".join(each) for each in product(*choices)}
    return sorted(found - {number})


def supplier_number(raw: str) -> str:
    """Give a supplier's lot number for comparing; its case is kept, as GS1 keeps it."""
    number = normalised(raw)
    if not 0 < len(number) <= NUMBER_LENGTH or set(number) - set(GS1_CHARACTERS):
        raise NumberNotAllowed(raw, "GS1 AI (10) / CSET 82")
    return number


def reaches(raw: str, first: str) -> bool | None:
    """Tell whether a lot or serial number has come to the first one that something counts from.

    `first` may name several, one for each series of numbers, with blanks between them. Numbers are
    of one series where they differ in their digits only, and are compared group by group, so that
    L-2026-9 comes before L-2026-10. None where the number is of no series that is named.
    """
    series, place = _counted(raw)
    for each in first.split():
        other, begin = _counted(each)
        if series == other and place:
            return place >= begin
    return None


def _counted(raw: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Give what stands around the digits of a number, and the digits as numbers."""
    parts = re.split(r"(\d+)", normalised(raw).upper())
    return tuple(parts[::2]), tuple(int(each) for each in parts[1::2])


def read_expiry(raw: str) -> Expiry:
    """Read 2027-03-31, 2027-03 or 2027-03-00; a month counts to its last day."""
    matched = re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", normalised(raw))
    if matched is None:
        raise DateNotUnderstood(raw)
    year, month = int(matched[1]), int(matched[2])
    day = int(matched[3] or 0)
    try:
        last = calendar.monthrange(year, month)[1]
        on = date(year, month, day or last)
    except (ValueError, calendar.IllegalMonthError):
        raise DateNotUnderstood(raw) from None
    return Expiry(on=on, precision=_PRECISIONS[day == 0], raw=raw)
