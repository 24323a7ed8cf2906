"""Working days of authorities and sites; the dated examples of the domain documents, by name."""

from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processes import registry
from processes.ledger.clocks import calendars, rules
from processes.ledger.clocks.calendars import Calendar, CalendarUnknown, calendar
from processes.ledger.clocks.rules import ClockRuleUnknown, Due

DOCUMENTS = dict(registry.documents())
CALENDARS = DOCUMENTS["calendars"]
RULES = registry.documents()["clock_rules"]


def of(code: str, documents: dict[str, Any] = DOCUMENTS) -> Calendar:
    return calendar(documents.__getitem__, code)


def due(code: str, started_at: datetime, where: str | None = None) -> Due:
    found = rules.rule(RULES, code)
    counted = of(where or found.calendar)
    answer = rules.due(found, counted, started_at, found.limit)
    assert answer is not None
    return answer


def at(year: int, month: int, day: int, hour: int = 2) -> datetime:
    """10:00 in Shanghai where no hour is given."""
    return datetime(year, month, day, hour, tzinfo=UTC)


# --- the dated examples -------------------------------------------------------------------------


def test_eu_death_aware_on_good_friday_2026() -> None:
    """Day 10 of a death that was known on Friday 3 April 2026 is Monday 13 April."""
    assert due("EU-10", at(2026, 4, 3, 9)).on == date(2026, 4, 13)


def test_eu_death_aware_on_1_april_2026_is_extended_over_the_weekend() -> None:
    """Day 10 is Saturday 11 April: it moves to Monday 13 April (Regulation 1182/71)."""
    assert due("EU-10", at(2026, 4, 1, 9)).on == date(2026, 4, 13)


def test_us_806_initiation_on_18_november_2026_skips_thanksgiving() -> None:
    assert due("US-806", at(2026, 11, 18, 15)).on == date(2026, 12, 3)


def test_china_decision_on_30_september_2026_class_ii() -> None:
    """Notices by 3 October (calendar days); the plan five working days after the holiday.

    The schedule of 2026 gives 1 to 7 October free and lets Saturday 10 October be worked.
    """
    decision = at(2026, 9, 30)
    assert due("CN-N2", decision).on == date(2026, 10, 3)
    plan = due("CN-PLAN", decision)
    assert plan.on == date(2026, 10, 13)
    assert plan.provisional is False


@pytest.mark.parametrize(
    ("code", "last_day"),
    [
        ("CN-N1", date(2026, 11, 24)),
        ("CN-N2", date(2026, 11, 26)),
        ("CN-N3", date(2026, 11, 30)),
        ("CN-PLAN", date(2026, 11, 30)),
        ("CN-PROG1", date(2026, 11, 30)),
        ("CN-PROG2", date(2026, 12, 7)),
        ("CN-PROG3", date(2026, 12, 23)),
        ("CN-SUM", date(2026, 12, 7)),
        ("CN-AE7", date(2026, 11, 30)),
        ("CN-AE20", date(2026, 12, 13)),
        ("CN-AE30", date(2026, 12, 23)),
        ("CN-AEG7", date(2026, 11, 30)),
        ("US-806", date(2026, 12, 8)),
        ("US-806X", date(2026, 12, 8)),
        ("US-STAT", date(2026, 12, 21)),
        ("US-MDR30", date(2026, 12, 23)),
        ("US-MDR5", date(2026, 12, 1)),
        ("US-MDRS", date(2026, 12, 23)),
        ("EU-15", date(2026, 12, 8)),
        ("EU-10", date(2026, 12, 3)),
        ("EU-2", date(2026, 11, 25)),
        ("NC-DISP10", date(2026, 12, 7)),
        ("NC-DISP15", date(2026, 12, 14)),
        ("NC-DISP15-MR", date(2026, 12, 14)),
        ("NC-DISP20-MR", date(2026, 12, 21)),
        ("NC-HOLD30", date(2026, 12, 23)),
        ("NC-HOLD-WEEK", date(2026, 11, 30)),
        ("NC-HOLD90", date(2027, 2, 21)),
    ],
)
def test_every_rule_counted_in_days_from_monday_23_november_2026(code: str, last_day: date) -> None:
    """Started at noon in Washington, which is Monday in every zone but China's: there use 10:00."""
    started = at(2026, 11, 23) if code.startswith(("CN", "NC")) else at(2026, 11, 23, 17)
    assert due(code, started).on == last_day


@pytest.mark.parametrize(
    ("code", "hours"),
    [("CN-RPT", 24), ("CN-AEG12", 12), ("CN-AEG24", 24), ("EU-FSN48", 48), ("OTHER", 24)],
)
def test_every_rule_counted_in_hours(code: str, hours: int) -> None:
    started = datetime(2026, 11, 23, 2, 17, tzinfo=UTC)
    assert due(code, started).at == started + timedelta(hours=hours)


def test_every_rule_of_the_document_is_tested_above_or_a_gate() -> None:
    in_days = {
        mark.args[0]
        for mark in _parameters(test_every_rule_counted_in_days_from_monday_23_november_2026)
    }
    in_hours = {mark.args[0] for mark in _parameters(test_every_rule_counted_in_hours)}
    gates = {code for code, rule in RULES["rules"].items() if rule["nature"] == "gate"}
    assert in_days | in_hours | gates == set(RULES["rules"])


def _parameters(test: Any) -> list[Any]:
    (mark,) = (mark for mark in test.pytestmark if mark.name == "parametrize")
    return [type("Case", (), {"args": values}) for values in mark.args[1]]


# --- where a day begins -------------------------------------------------------------------------


def test_days_are_counted_where_the_authority_is() -> None:
    """10:00 in Shanghai on the 18th is still the 17th in Washington: day 1 is the 18th there."""
    assert due("US-806", at(2026, 11, 18)).on == date(2026, 12, 2)


def test_a_day_is_over_at_midnight_of_the_authority() -> None:
    assert due("CN-N1", at(2026, 11, 23)).at == datetime(2026, 11, 24, 16, tzinfo=UTC)
    assert due("US-806", at(2026, 11, 18, 15)).at == datetime(2026, 12, 4, 5, tzinfo=UTC)


def test_a_warning_comes_at_half_time() -> None:
    found = due("CN-RPT", at(2026, 11, 23))
    assert found.warn_at == at(2026, 11, 23, 14)


# --- Regulation 1182/71 -------------------------------------------------------------------------


def test_two_days_of_eu_law_include_two_working_days() -> None:
    """Aware on Friday: the two days are the weekend, the two working days Monday and Tuesday."""
    friday = date(2026, 11, 20)
    assert calendars.regulation_1182_71(of("EU-DE"), friday, 2) == date(2026, 11, 24)
    wednesday = date(2026, 11, 18)
    assert calendars.regulation_1182_71(of("EU-DE"), wednesday, 2) == date(2026, 11, 20)


def test_easter_belongs_to_the_period_but_cannot_end_it() -> None:
    maundy_thursday = date(2026, 4, 2)
    assert calendars.regulation_1182_71(of("EU-DE"), maundy_thursday, 2) == date(2026, 4, 8)


def test_holidays_are_those_of_the_member_state() -> None:
    """1 November 2027 is a Monday: All Saints in France and Spain, a working day in Sweden."""
    start = date(2027, 10, 22)
    assert calendars.regulation_1182_71(of("EU-FR"), start, 10) == date(2027, 11, 2)
    assert calendars.regulation_1182_71(of("EU-SE"), start, 10) == date(2027, 11, 1)


@given(
    start=st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    days=st.integers(1, 40),
    state=st.sampled_from([code for code in CALENDARS["calendars"] if code.startswith("EU-")]),
)
def test_a_period_of_eu_law_is_never_shorter_and_ends_on_a_working_day(
    start: date, days: int, state: str
) -> None:
    end = calendars.regulation_1182_71(of(state), start, days)
    assert end >= start + timedelta(days=days)
    assert of(state).is_working(end)
    if days >= 2:
        assert calendars.working_days_between(of(state), start, end) >= 2


# --- working days -------------------------------------------------------------------------------


def test_china_works_on_make_up_days_and_rests_on_bridge_days() -> None:
    china = of("CN")
    assert china.is_working(date(2026, 10, 10))  # a Saturday
    assert china.is_working(date(2026, 2, 14))
    assert not china.is_working(date(2026, 10, 7))  # a Wednesday
    assert not china.is_working(date(2026, 11, 22))


def test_every_eu_state_has_a_calendar() -> None:
    states = [code for code in CALENDARS["calendars"] if code.startswith("EU-")]
    assert len(states) == 27
    for state in states:
        assert not of(state).is_working(date(2026, 12, 25))


@given(
    start=st.dates(date(2024, 1, 1), date(2026, 12, 31)),
    days=st.integers(1, 60),
    code=st.sampled_from(["CN", "US-FED", "EU-DE", "SZ01"]),
)
def test_adding_and_counting_working_days_are_each_other_s_inverse(
    start: date, days: int, code: str
) -> None:
    end = calendars.add_working_days(of(code), start, days)
    assert of(code).is_working(end)
    assert calendars.working_days_between(of(code), start, end) == days
    assert calendars.working_days_between(of(code), end, start) == -days


def test_no_working_day_is_this_day_or_the_next_worked_one() -> None:
    assert calendars.add_working_days(of("CN"), date(2026, 10, 3), 0) == date(2026, 10, 8)
    with pytest.raises(ValueError, match="forwards"):
        calendars.add_working_days(of("CN"), date(2026, 10, 3), -1)


# --- the customer's document --------------------------------------------------------------------


def test_a_site_has_its_own_days_over_those_of_its_country() -> None:
    documents = deepcopy(DOCUMENTS)
    documents["site_calendars"]["calendars"]["SZ01"]["days_off"] = [
        {"day": "2026-11-24", "reason": "stocktaking"}
    ]
    documents["site_calendars"]["calendars"]["SZ01"]["working_days"] = [
        {"day": "2026-11-28", "reason": "overtime"}
    ]
    site = of("SZ01", documents)
    assert not site.is_working(date(2026, 11, 24))
    assert site.is_working(date(2026, 11, 28))
    assert of("CN", documents).is_working(date(2026, 11, 24))


def test_a_site_follows_a_correction_of_its_country() -> None:
    documents = deepcopy(DOCUMENTS)
    documents["calendars"]["calendars"]["CN"]["days_off"] = [
        {"day": "2026-11-24", "reason": "decreed"}
    ]
    assert not of("SZ01", documents).is_working(date(2026, 11, 24))
    documents["site_calendars"]["calendars"]["SZ01"]["working_days"] = [
        {"day": "2026-11-24", "reason": "urgent"}
    ]
    assert of("SZ01", documents).is_working(date(2026, 11, 24))


def test_a_year_without_a_published_schedule_is_provisional() -> None:
    """China announces the days of a year in the autumn before."""
    assert due("CN-SUM", at(2030, 9, 28)).provisional is True
    documents = deepcopy(DOCUMENTS)
    documents["calendars"]["calendars"]["CN"]["confirmed_years"] = [2030]
    confirmed = of("CN", documents)
    assert not confirmed.is_provisional(date(2030, 9, 28), date(2030, 10, 15))
    assert due("CN-N3", at(2030, 9, 28)).provisional is False  # calendar days need no schedule
    assert due("US-806", at(2030, 9, 28)).provisional is False


def test_unknown_codes_are_named() -> None:
    with pytest.raises(CalendarUnknown):
        of("MARS")
    with pytest.raises(ClockRuleUnknown):
        rules.rule(RULES, "CN-N9")


def test_calendars_in_a_circle_are_refused() -> None:
    documents = deepcopy(DOCUMENTS)
    documents["site_calendars"]["calendars"]["SZ01"]["based_on"] = "SZ01"
    with pytest.raises(CalendarUnknown):
        of("SZ01", documents)
