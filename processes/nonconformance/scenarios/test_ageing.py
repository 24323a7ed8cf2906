"""What takes too long: no disposition, goods that lie held. Nobody has to look for it."""

from datetime import timedelta

from processes.ledger.clocks import clocks
from processes.ledger.clocks.clocks import Clock
from processes.nonconformance.scenarios.nonconformance import Nonconformance, receive, report
from tests.scenario import TENANT, Scenario


def running(nc: Nonconformance) -> dict[str, Clock]:
    with nc.company.database.reading() as db:
        found = clocks.of_subject(db, TENANT, "nonconformity", nc.record.number)
    return {each.rule_code: each for each in found if each.stopped_at is None}


def on_list_of(company: Scenario, role: str) -> list[str]:
    """Give the clocks on somebody's list that have run out."""
    with company.database.reading() as db:
        found = clocks.open_for(db, TENANT, [role])
    return [each.rule_code for each in found if each.state == "breached"]


def wait(company: Scenario, **length: float) -> None:
    company.clock.advance(**length)
    company.background.run_until_idle()


def test_no_disposition_goes_to_quality_then_to_management(company: Scenario) -> None:
    nc = report(company, receive(company))
    assert sorted(running(nc)) == ["NC-HOLD30", "NC-HOLD90"]
    nc.to_disposition()  # MAJOR
    assert sorted(running(nc)) == ["NC-DISP10", "NC-DISP15-MR", "NC-HOLD30", "NC-HOLD90"]
    assert running(nc)["NC-DISP10"].due_on == (nc.record.reported_at + timedelta(days=14)).date()
    wait(company, days=15)
    assert on_list_of(company, "QA") == ["NC-DISP10"]
    assert on_list_of(company, "MR") == []
    wait(company, days=7)
    assert on_list_of(company, "MR") == ["NC-DISP15-MR"]
    nc.approve(("10", "SCRAP"))
    assert sorted(running(nc)) == ["NC-HOLD30", "NC-HOLD90"]
    nc.scrap()
    nc.close()
    assert running(nc) == {}
    assert on_list_of(company, "QA") == []
    assert company.verify().differences == []


def test_goods_that_lie_held_come_to_the_general_manager(company: Scenario) -> None:
    nc = report(company, receive(company))
    wait(company, days=31)
    assert on_list_of(company, "QA") == ["NC-HOLD30"]
    assert on_list_of(company, "GM") == []
    wait(company, days=60)
    assert on_list_of(company, "GM") == ["NC-HOLD90"]
    assert sorted(running(nc)) == ["NC-HOLD-WEEK", "NC-HOLD30", "NC-HOLD90"]


def lists_of_weeks(nc: Nonconformance) -> list[bool]:
    """Give the weekly clocks of a hold in their order: true is one that nobody stopped."""
    with nc.company.database.reading() as db:
        found = clocks.of_subject(db, TENANT, "nonconformity", nc.record.number)
    return [each.stopped_at is None for each in found if each.rule_code == "NC-HOLD-WEEK"]


def test_goods_that_lie_held_are_listed_again_each_week_until_the_hold_ends(
    company: Scenario,
) -> None:
    nc = report(company, receive(company))
    wait(company, days=31)
    assert on_list_of(company, "QA") == ["NC-HOLD30"]
    assert lists_of_weeks(nc) == [True]
    wait(company, days=7)
    assert on_list_of(company, "QA") == ["NC-HOLD30", "NC-HOLD-WEEK"]
    assert lists_of_weeks(nc) == [True, True]  # listed now; the next is counted
    wait(company, days=7)
    assert on_list_of(company, "QA") == ["NC-HOLD30", "NC-HOLD-WEEK"]
    assert lists_of_weeks(nc) == [False, True, True]
    nc.to_disposition()
    nc.approve(("10", "SCRAP"))
    nc.scrap()
    nc.close()
    assert lists_of_weeks(nc) == [False, False, False]
    wait(company, days=14)
    assert on_list_of(company, "QA") == []
    assert lists_of_weeks(nc) == [False, False, False]
    assert company.verify().differences == []
