"""Parts that Python has too give what Python gives: calendar, patterns, exact fractions."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from forms.feel import DaysTime, decimals, temporal, text_of
from forms.feel.patterns import compile_pattern
from forms.feel.values import Budget
from forms.feel.zones import offset_at

_DAYS = st.dates()
_NUMBERS = st.decimals(
    allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9
)


@given(_DAYS)
def test_days_are_those_of_the_calendar(day: date) -> None:
    number = temporal.days_from_civil(day.year, day.month, day.day)
    assert number == day.toordinal() - date(1970, 1, 1).toordinal()
    assert temporal.civil_from_days(number) == (day.year, day.month, day.day)
    assert temporal.weekday(number) == day.isoweekday()
    assert text_of(temporal.Date(number)) == day.isoformat()
    assert temporal.parse_date(day.isoformat()) == temporal.Date(number)


@given(st.integers(temporal.MIN_DAYS, temporal.MAX_DAYS))
def test_every_day_number_has_its_date(days: int) -> None:
    assert temporal.days_from_civil(*temporal.civil_from_days(days)) == days


_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 -- local times have no zone
_FIRST = datetime(1975, 1, 1)  # noqa: DTZ001
_LAST = datetime(2035, 1, 1)  # noqa: DTZ001


@given(st.integers(-(10**20), 10**20))
def test_durations_are_read_as_they_are_written(nanos: int) -> None:
    duration = DaysTime(nanos)
    assert temporal.parse_duration(text_of(duration)) == duration


@given(
    st.datetimes(_FIRST, _LAST),
    st.sampled_from(["Europe/Paris", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"]),
)
def test_offsets_are_those_of_the_zone(moment: datetime, name: str) -> None:
    local = moment.replace(microsecond=0, tzinfo=ZoneInfo(name), fold=0)
    seconds = int((moment.replace(microsecond=0) - _EPOCH) / timedelta(seconds=1))
    offset = local.utcoffset()
    assert offset is not None
    assert offset_at(name, seconds, local=True) == offset.total_seconds()


@given(_NUMBERS, _NUMBERS)
def test_modulo_is_exact(a: Decimal, b: Decimal) -> None:
    result = decimals.modulo(a, b)
    if b == 0:
        assert result is None
    else:
        assert result is not None
        assert Fraction(result) == Fraction(a) % Fraction(b)


@given(_NUMBERS, st.integers(-4, 6))
def test_rounding_stays_within_half_a_unit(value: Decimal, scale: int) -> None:
    result = decimals.rounded(value, Decimal(scale), "ROUND_HALF_EVEN")
    assert result is not None
    unit = Fraction(10) ** -scale
    assert abs(Fraction(result) - Fraction(value)) * 2 <= unit
    assert (Fraction(result) / unit).denominator == 1


_ATOMS = st.sampled_from(
    ["a", "b", "c", ".", "[ab]", "[^a]", "[a-c]", "(a)", "(b|c)", "(?:ab)", "\\d"]
)
_PIECES = st.tuples(
    _ATOMS, st.sampled_from(["", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}"])
)
_PATTERNS = st.lists(_PIECES, min_size=1, max_size=5).map(
    lambda found: "".join(a + q for a, q in found)
)


@given(_PATTERNS, _PATTERNS, st.text("abc1", max_size=12))
def test_patterns_match_what_python_matches(first: str, second: str, text: str) -> None:
    pattern = f"{first}|{second}"
    ours = compile_pattern(pattern, "")
    assert ours is not None
    found = ours.search(Budget(10_000_000, 1000, 10), text)
    expected = re.search(pattern, text)
    assert (found is None) == (expected is None)
    if found is not None and expected is not None:
        assert found[:2] == expected.span()
