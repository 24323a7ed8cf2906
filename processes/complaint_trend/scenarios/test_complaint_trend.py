"""Complaints become more frequent: the rule finds it, quality judges it, what is needed follows."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select

from engine.outcomes import Rejected
from processes.ledger.complaints import trends
from processes.ledger.complaints.tables import (
    complaint,
    reportability,
    trend_judgement,
    trend_signal,
)
from processes.ledger.complaints.trends import Rule
from processes.recall.scenarios.field_action import JIN
from tests.people import DORA
from tests.scenario import TENANT, Scenario

ITEM = "00841132112939"


def told(
    company: Scenario,
    ago: float,
    *,
    problem: str = "breakage",
    item: str = ITEM,
    status: str = "closed",
    serious: bool = False,
) -> str:
    """Put a complaint of so many days ago into the book; give its number."""
    aware = company.clock() - timedelta(days=ago)
    row: dict[str, Any] = dict.fromkeys(column.name for column in complaint.columns)
    row |= {
        "tenant_id": TENANT,
        "complaint_id": uuid4(),
        "complaint_number": f"CPL-{uuid4().hex[:8]}",
        "status": status,
        "channel": "phone",
        "complainant": {"name": "Dr Li"},
        "description": "screw broke",
        "aware_at": aware,
        "item_number": item,
        "lot_number": "L-1",
        "problem_code": problem,
        "closed_at": None if status == "open" else aware,
        "process_instance_id": uuid4(),
        "actor": "mei",
        "created_at": aware,
    }
    decided = {
        "tenant_id": TENANT,
        "complaint_id": row["complaint_id"],
        "region": "EU",
        "decision_number": 1,
        "reportable": True,
        "clock_rule": "EU-15",
        "reason": "serious",
        "actor": "jin",
        "decided_at": aware,
    }
    with company.database.transaction() as db:
        db.execute(insert(complaint), row)
        if serious:
            db.execute(insert(reportability), decided)
        db.commit()
    return str(row["complaint_number"])


def look(company: Scenario, **later: float) -> None:
    company.clock.advance(**(later or {"hours": 1}))
    company.background.run_until_idle()


def signals(company: Scenario) -> list[Any]:
    with company.database.reading() as db:
        return list(db.execute(select(trend_signal).order_by(trend_signal.c.signal_number)))


def judging(company: Scenario) -> list[UUID]:
    return [
        item.work_item_id.process_instance_id
        for item in company.worklist(DORA)
        if item.activity_id == "Judge"
    ]


def sent(company: Scenario, instance: UUID) -> list[str]:
    events = company.events(instance)
    return [event["name"] for event in events if event["event"] == "message.thrown"]


@pytest.mark.parametrize(
    ("latest", "earlier", "crossed"),
    [
        (2, [0, 0, 0, 0, 0, 0], False),  # fewer than it takes to be a trend at all
        (3, [0, 0, 0, 0, 0, 0], True),
        (4, [1, 1, 1, 1, 1, 1], False),  # mean 1: the limit is 1 + 3·1 = 4, not above it
        (5, [1, 1, 1, 1, 1, 1], True),
        (10, [4, 4, 4, 4, 4, 4], False),  # 4 + 3·2 = 10
        (11, [4, 4, 4, 4, 4, 4], True),
    ],
)
def test_a_count_above_its_limit_is_a_signal(
    latest: int, earlier: list[int], *, crossed: bool
) -> None:
    rule = Rule(
        code="T",
        names={},
        by_problem=True,
        length=timedelta(days=30),
        at_least=3,
        earlier_periods=6,
        sigmas=3,
        only_not_serious=True,
        leads_to="judge",
        quiet=timedelta(days=30),
    )
    assert rule.crossed(latest, earlier) is crossed


def test_what_becomes_more_frequent_is_on_the_list_of_quality(company: Scenario) -> None:
    told(company, 45)
    numbers = sorted(told(company, ago) for ago in (1, 10, 29))
    told(company, 2, problem="label")
    told(company, 2, status="inquiry")
    told(company, 2, serious=True)
    look(company)
    [signal] = signals(company)
    assert (signal.rule_code, signal.item_number, signal.problem_code) == (
        "TR-01",
        ITEM,
        "breakage",
    )
    assert (signal.found, signal.complaints) == (3, numbers)
    assert signal.earlier == [1, 0, 0, 0, 0, 0]
    [instance] = judging(company)
    context = company.context(company.open("Judge", DORA, instance))
    assert context["trend"]["problem"] == "Breakage, crack, wear · 断裂、开裂、磨损"
    look(company)  # the same is not raised twice
    assert len(signals(company)) == len(judging(company)) == 1
    assert company.verify().differences == []


def test_a_significant_increase_is_reported_and_acted_on(company: Scenario) -> None:
    company.add(JIN)
    for ago in (1, 2, 3):
        told(company, ago)
    look(company)
    [instance] = judging(company)
    half: dict[str, Any] = {"significant": True, "reason": "threads break"}
    assert isinstance(company.attempt("Judge", DORA, instance, **half), Rejected)
    decided = {"authority": True, "corrective_action": True, "field_action": True}
    company.do("Judge", DORA, instance, **half, **decided)
    company.do(
        "Report", JIN, instance, reference="EU-T-1", submitted_at=company.clock().isoformat()
    )
    assert company.status(instance) == "completed"
    assert sent(company, instance) == ["capa.requested", "fieldaction.assess"]
    with company.database.reading() as db:
        kept = db.execute(select(trend_judgement)).one()
    assert (kept.significant, kept.reference, kept.corrective_action) == (True, "EU-T-1", True)
    assert any(item.activity_id == "Screen" for item in company.worklist(DORA))
    assert company.verify().differences == []


def test_what_is_no_trend_is_kept_with_its_reason(company: Scenario) -> None:
    for ago in (1, 2, 3):
        told(company, ago)
    look(company)
    [instance] = judging(company)
    company.do("Judge", DORA, instance, significant=False, reason="one clinic, one instrument")
    assert (company.status(instance), sent(company, instance)) == ("completed", [])


def test_many_complaints_about_one_item_ask_for_a_capa_at_once(company: Scenario) -> None:
    problems = ("breakage", "fit", "label", "leak", "software")
    for ago in range(1, 11):
        told(company, ago * 8, problem=problems[ago % 5])
    look(company)
    assert [(each.rule_code, each.found) for each in signals(company)] == [("TR-02", 10)]
    asked = next(item for item in company.worklist(DORA) if item.activity_id == "Screen")
    case = company.context(asked)["capa"]
    assert (case["source_kind"], case["trigger"]) == ("complaint_trend", "trend")
    assert case["source_number"] == signals(company)[0].signal_number


def test_it_is_raised_again_when_it_goes_on_after_the_quiet_days(company: Scenario) -> None:
    for ago in (1, 2, 3):
        told(company, ago)
    look(company)
    company.clock.advance(days=31)
    for ago in (1, 2, 3, 4, 5):
        told(company, ago)
    look(company)
    assert [each.found for each in signals(company)] == [3, 5]
    assert signals(company)[1].earlier == [3, 0, 0, 0, 0, 0]


def test_the_rule_is_data(company: Scenario) -> None:
    document = {
        "code": "X",
        "names": {"en": "x", "zh": "x"},
        "by_problem": False,
        "days": 7,
        "at_least": 2,
        "leads_to": "judge",
        "quiet_days": 7,
    }
    told(company, 1, item="A")
    told(company, 6, item="A", problem="fit")
    told(company, 1, item="B")
    told(company, 8, item="B")
    now: datetime = company.clock()
    with company.database.reading() as db:
        found = list(trends.found(db, TENANT, [document], now))
    assert [(each.item_number, len(each.complaints)) for each in found] == [("A", 2)]
