"""Dates on labels: six or eight digits, a month only, a day of the year."""

import calendar
from datetime import date, timedelta
from typing import Final

from forms.barcodes.element_strings import century
from forms.barcodes.refusals import ScanRefused

_MONTHS: Final = 12
_SHORT_YEAR: Final = 2


def day(mark: str, year: str, month: str, of_month: str, *, seen_from: int) -> dict[str, str]:
    """Give a day; a year of two digits lies within 49 years back and 50 ahead of `seen_from`.

    Raises ScanRefused with `mark`, by which the code says what is dated.
    """
    try:
        found = date(_full(year, seen_from), int(month), int(of_month))
    except ValueError:
        raise ScanRefused("scan_date", ai=mark, value=year + month + of_month) from None
    return {"value": found.isoformat(), "precision": "day"}


def month(mark: str, year: str, of_year: str, *, seen_from: int) -> dict[str, str]:
    """Give the last day of a month of which the label says no day."""
    full, number = _full(year, seen_from), int(of_year)
    if not 1 <= number <= _MONTHS:
        raise ScanRefused("scan_date", ai=mark, value=of_year + year)
    last = calendar.monthrange(full, number)[1]
    return {"value": f"{full:04}-{number:02}-{last:02}", "precision": "month"}


def day_of_year(mark: str, year: str, number: str, *, seen_from: int) -> dict[str, str]:
    """Give the day that is the `number`th of its year."""
    full = _full(year, seen_from)
    if not 1 <= int(number) <= (366 if calendar.isleap(full) else 365):
        raise ScanRefused("scan_date", ai=mark, value=year + number)
    found = date(full, 1, 1) + timedelta(days=int(number) - 1)
    return {"value": found.isoformat(), "precision": "day"}


def _full(year: str, seen_from: int) -> int:
    return century(int(year), seen_from) if len(year) == _SHORT_YEAR else int(year)
