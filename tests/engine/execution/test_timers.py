"""Timers: absolute due times in UTC, fired in their order, missed ones caught up."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.execution import ValueUnusable
from engine.execution.timers import duration, is_iso_literal, moment, schedule
from tests.engine.execution.conftest import Run

NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


def test_timer_event_waits_for_a_duration(run: Run) -> None:
    instance = run()
    assert instance.due == {"t": "2026-11-22 13:30"}
    assert instance.wait(minutes=89) == 0
    assert instance.wait(minutes=1) == 1
    assert instance.open == ["a"]


def test_timer_event_waits_until_a_date(run: Run) -> None:
    instance = run({"delivery": "2027-02-10"})
    assert instance.due == {"t": "2027-01-31 00:00"}
    instance.wait(days=70)
    assert instance.due == {"u": "2027-02-08 00:00"}
    instance.wait(days=30)
    assert instance.open == ["a"]


def test_timer_event_counts_months_in_the_calendar(run: Run) -> None:
    instance = run({"review": "P1Y1M"}, time=NOW)
    assert instance.due == {"t": "2026-02-28 09:30"}
    instance.wait(days=28)
    assert instance.due == {"u": "2027-03-28 09:30"}


def test_timer_event_counts_working_days(run: Run) -> None:
    instance = run({"limit": "2wd@SZ01"})
    assert instance.due == {"t": "2026-11-28 12:00"}
    instance.wait(days=6)
    assert instance.due == {"u": "2026-12-02 12:00"}
    instance.wait(days=4)
    assert instance.open == ["a"]


def test_timer_without_a_time_is_an_error(run: Run) -> None:
    instance = run()
    with pytest.raises(ValueUnusable):
        instance.do("a", wait="soon")


def test_boundary_timer_interrupts_its_activity(run: Run) -> None:
    instance = run()
    instance.wait(hours=1)
    assert (instance.open, instance.due) == (["b"], {})
    on_time = run().do("a")
    assert (on_time.finished, on_time.due) == ("completed", {})


def test_boundary_timer_repeats_beside_its_activity(run: Run) -> None:
    instance = run()
    assert instance.wait(hours=1) == 1
    assert instance.variables == {"reminded": 1}
    assert instance.due["remind"] == "2026-11-22 14:00"
    # nobody looked for a week: all bounded occurrences take place, the unbounded ones once
    assert instance.wait(days=7) == 3
    assert instance.variables == {"reminded": 3, "watched": 1}
    assert instance.due == {"watch": "2026-11-30 12:00"}
    assert instance.do("a").finished == "completed"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("PT1H", "timeDuration"),
        ("P1Y2M3DT4H5M6.789S", "timeDuration"),
        ("P2W", "timeDuration"),
        ("2026-11-22", "timeDate"),
        ("2026-11-22T10:00:00Z", "timeDate"),
        ("R3/PT10M", "timeCycle"),
        ("R/P1D", "timeCycle"),
        ("R2/2026-11-22T10:00:00Z/P1M", "timeCycle"),
    ],
)
def test_iso_literals_are_no_feel(text: str, kind: str) -> None:
    assert is_iso_literal(kind, text)  # type: ignore[arg-type]
    assert schedule(kind, text, NOW).due_at > NOW  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["P", "PT", "1H", "P1H", "PT1H30", "wait", "-", "P1DT"])
def test_what_is_no_duration_is_feel_or_refused(text: str) -> None:
    assert not is_iso_literal("timeDuration", text)
    with pytest.raises(ValueUnusable):
        duration(text)


@pytest.mark.parametrize(
    "text", ["R0/PT1H", "R/PT0S", "R3", "R3/2026-11-22", "R3/PT1H/2026-11-22", "PT1H", "R/-PT1H"]
)
def test_what_never_or_always_occurs_is_refused(text: str) -> None:
    with pytest.raises(ValueUnusable):
        schedule("timeCycle", text, NOW)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-11-22", "2026-11-22T00:00:00+00:00"),
        ("2026-11-22T10:00:00", "2026-11-22T10:00:00+00:00"),
        ("2026-11-22T10:00:00+08:00", "2026-11-22T02:00:00+00:00"),
        ("2026-07-01T10:00:00@Europe/Berlin", "2026-07-01T08:00:00+00:00"),
    ],
)
def test_times_are_utc_unless_they_say_otherwise(text: str, wanted: str) -> None:
    assert moment(text).isoformat() == wanted


@pytest.mark.parametrize(
    "value", ["2026-02-30", "9999-99-99", "2026-11-22T10:00@Mars/One", 7, None]
)
def test_what_is_no_time_is_refused(value: object) -> None:
    with pytest.raises(ValueUnusable):
        schedule("timeDate", value, NOW)


def test_a_duration_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(ValueUnusable):
        schedule("timeDuration", "P9999Y", NOW)


def test_a_month_after_the_last_day_is_the_last_day() -> None:
    assert duration("P1M").after(NOW) == datetime(2026, 2, 28, 9, 30, tzinfo=UTC)
    assert duration("P13M").after(NOW) == datetime(2027, 2, 28, 9, 30, tzinfo=UTC)
    assert duration(timedelta(hours=2)).after(NOW).hour == 11
