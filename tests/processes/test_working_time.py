"""Limits of steps in working days, by the site's calendar."""

from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.commands.configuration import ChangeConfiguration
from engine.identifiers import new_id
from engine.working_time import WorkingDays, working_days
from processes import registry
from processes.ledger.clocks.working_time import SiteWorkingTime
from processes.nonconformance.scenarios.nonconformance import receive, report
from tests.people import ADA
from tests.processes.whole_company import staff
from tests.scenario import Scenario

WORKING = SiteWorkingTime()
DOCUMENTS = registry.documents()


def shenzhen(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("begins", "days", "due"),
    [
        ("2026-11-23T09:00", "1", "2026-11-24T09:00"),  # Monday
        ("2026-11-27T15:00", "1", "2026-11-30T15:00"),  # over a weekend
        ("2026-11-28T10:00", "1", "2026-12-01T00:00"),  # Saturday: Monday is the day
        ("2026-11-27T15:00", "0.5", "2026-11-30T03:00"),  # nine hours on Friday, three on Monday
        ("2026-11-27T00:00", "1", "2026-11-28T00:00"),  # the end of that day
        ("2026-11-27T15:00", "15", "2026-12-18T15:00"),
        ("2026-09-30T12:00", "1", "2026-10-08T12:00"),  # the National Day holiday
        ("2026-11-27T15:00", "0", "2026-11-27T15:00"),
    ],
)
def test_working_days_pass_over_days_off(begins: str, days: str, due: str) -> None:
    assert WORKING.after(DOCUMENTS, shenzhen(begins), Decimal(days), None) == shenzhen(due)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)),  # noqa: DTZ001  # made UTC below
    st.integers(0, 3_000),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine
def test_what_is_added_is_what_lies_between(naive: datetime, hundredths: int) -> None:
    start, days = naive.replace(tzinfo=UTC), Decimal(hundredths) / 100
    end = WORKING.after(DOCUMENTS, start, days, "SZ01")
    found = WORKING.between(DOCUMENTS, start, end, "SZ01")
    assert abs(found - days) < Decimal("0.0000001")
    assert end >= start


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("5wd", WorkingDays(5)),
        ("5 wd", WorkingDays(5)),
        ("10wd@SZ01", WorkingDays(10, "SZ01")),
        ("P5D", None),
        ("5", None),
        ("-1wd", None),
        (None, None),
    ],
)
def test_a_limit_is_read(text: str | None, read: WorkingDays | None) -> None:
    assert working_days(text) == read


def opened(scenario: Scenario, instance: Any, activity: str) -> Any:
    [event] = [
        each
        for each in scenario.events(instance)
        if each["event"] == "work_item.opened" and each["activity"] == activity
    ]
    return event


def test_a_step_is_due_after_working_days_and_people_are_told_in_working_time(
    scenario: Scenario,
) -> None:
    """The triage of a nonconformity: one working day; a day off of the site moves it."""
    staff(scenario)
    document = deepcopy(scenario.dispatcher.documents("test")["site_calendars"])
    document["calendars"]["SZ01"]["days_off"] = [{"day": "2026-11-30", "reason": "stocktaking"}]
    change = ChangeConfiguration(
        command_id=new_id(), key="site_calendars", document=document, why="stocktaking"
    )
    scenario.must(scenario.ask(change, ADA))
    scenario.clock.now = shenzhen("2026-11-27T15:00")  # a Friday
    nc = report(scenario, receive(scenario))
    triage = opened(scenario, nc.instance, "Triage")
    assert triage["due_at"] == "2026-12-01T07:00:00.000000Z"  # Tuesday 15:00
    assert triage["notice_at"] == "2026-11-30T19:00:00.000000Z"  # Tuesday 03:00: half of it
    told = []
    for at in ("2026-12-01T03:00", "2026-12-01T15:00", "2026-12-02T03:00"):
        scenario.clock.now = shenzhen(at)
        scenario.background.run_until_idle()
        told.append(
            [
                each["to"]
                for each in scenario.events(nc.instance)
                if each["event"] in ("work_item.reminded", "work_item.escalated")
                and each["activity"] == "Triage"
            ]
        )
    assert told == [["QE"], ["QE", "QA"], ["QE", "QA", "MR"]]
    assert scenario.verify().differences == []
