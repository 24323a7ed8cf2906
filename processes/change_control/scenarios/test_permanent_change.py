"""A permanent change, from the request to the check of its effect."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from engine.identifiers import new_id
from engine.outcomes import Reason, Rejected
from processes.change_control.scenarios.change import (
    CRITERION,
    HANA,
    HUGO,
    ISLA,
    IVAN,
    SCREW,
    ChangeCase,
    request,
)
from processes.ledger import items
from processes.ledger.changes import affected, assessments, implementation
from processes.ledger.commands import RecordTraining
from processes.ledger.trainings import Training
from tests.people import DORA, Person
from tests.scenario import TENANT, Scenario

SUPPLIERS = [{"topic": "suppliers"}]


def test_a_change_is_released_and_its_object_is_in_force(staffed: Scenario) -> None:
    change = request(staffed)
    change.to_decision("specification", criticality="B")
    assert change.case["assessment"]["change_class"] == "MODERATE"
    change.approve()
    change.to_release("QE", "ENG", "ENG", "WH")
    assert change.open_activities() == ["ReleaseQA"]
    change.do("ReleaseQA", DORA)
    with staffed.database.reading() as db:
        item = items.by_number(db, TENANT, SCREW)
        assert items.effective_revision(db, TENANT, item, staffed.clock().date()) == "A"
    change.do("ReleaseENG", ISLA)
    today = staffed.clock().date()
    with staffed.database.reading() as db:
        assert items.effective_revision(db, TENANT, item, today) == "B"
        assert items.effective_revision(db, TENANT, item, today - timedelta(days=1)) == "A"
        versions = affected.versions(db, TENANT, "item_revision", SCREW)
        tasks = implementation.tasks_of(db, TENANT, change.order)
    assert [(v.fields[0].old, v.fields[0].new, v.reason) for v in versions] == [
        ("A", "B", "complaints from the field")
    ]
    assert set(versions[0].approved_by) >= {"dora (QA)", "isla (ENG)"}
    assert [(t.owner_role, t.state) for t in tasks] == [
        ("QE", "done"),
        ("ENG", "done"),
        ("ENG", "done"),
        ("WH", "done"),
    ]
    change.finish()
    assert change.open_activities() == ["Close"]
    change.do("Close", DORA, reason="effect confirmed")
    assert change.status == "completed"
    assert change.order.status == "closed"
    signed = [
        e["meaning"] for e in staffed.events(change.instance) if e["event"] == "signature.made"
    ]
    assert [signed[0], signed[1], signed[-1]] == ["AUTH", "REVW", "CLOS"]
    assert signed.count("REL") == 2
    assert staffed.verify().differences == []


def test_each_answer_stands_under_the_name_of_who_gave_it(staffed: Scenario) -> None:
    change = request(staffed)
    change.screen("supplier", criticality="B")
    impact = {"answer": "impact", "action": "audit", "reason": "new site", "topics": SUPPLIERS}
    change.assess(SQE=impact)
    with staffed.database.reading() as db:
        found = assessments.impacts(db, TENANT, change.order)
    assert {each.role: each.answer for each in found} == {
        "SQE": "impact",
        "QE": "no_impact",
        "ENG": "no_impact",
        "RA": "no_impact",
        "QA": "no_impact",
    }
    events = [e for e in staffed.events(change.instance) if e["event"] == "change.impact_assessed"]
    assert len(events) == 5
    change.decide_markets()
    change.assess_quality(cost="100")
    change.vote(PUM={"opinion": "reject", "remark": "too dear"})
    assert change.case["votes"]["reject"] == "PUM"
    assert sorted(change.decided("board")) == [
        ("approve", "ivan"),
        ("approve", "jin"),
        ("approve", "kai"),
        ("approve", "nora"),
        ("reject", "gao"),
    ]


def test_finance_sits_on_the_board_only_where_there_is_a_cost(staffed: Scenario) -> None:
    change = request(staffed)
    change.screen("supplier", criticality="B")
    change.assess()
    change.decide_markets()
    change.assess_quality(cost="0")
    assert change.open_activities() == ["VoteENG", "VotePRD", "VotePUM", "VoteRA"]


def test_a_minor_change_needs_no_board_and_no_market(staffed: Scenario) -> None:
    change = request(staffed)
    change.screen("format", criticality="C")
    assert change.open_activities() == ["ImpactQA", "ImpactQE"]
    change.assess()
    assert change.open_activities() == ["AssessQuality"]
    change.assess_quality()
    assert change.open_activities() == ["Board"]
    change.approve()
    assert change.open_activities() == ["Plan"]


def test_the_two_who_release_are_two_and_neither_asked_for_it(staffed: Scenario) -> None:
    both = Person("both", "Bo Two", "双博", ("QA", "ENG"))
    staffed.add(both)
    change = request(staffed)
    change.to_decision("format")
    change.approve()
    change.to_release()
    change.do("ReleaseQA", both)
    refused = change.attempt("ReleaseENG", both)
    assert isinstance(refused, Rejected)
    assert refused.reason is Reason.SEGREGATION_OF_DUTIES
    change.do("ReleaseENG", ISLA)
    assert change.order.status == "effective"


def test_who_wrote_it_does_not_decide_it(staffed: Scenario) -> None:
    writer = Person("writer", "Wri Ter", "王特", ("REQ", "QE", "QA"))
    staffed.add(writer)
    change = request(staffed, by=writer)
    refused = change.attempt("Screen", writer, decision="reject", reason="mine")
    assert isinstance(refused, Rejected)
    change.to_decision("format")
    refused = change.attempt("Board", writer, decision="approve")
    assert isinstance(refused, Rejected)
    assert refused.reason is Reason.SEGREGATION_OF_DUTIES


def test_gaps_are_closed_before_the_release(staffed: Scenario) -> None:
    change = request(staffed)
    change.to_decision("format")
    change.approve()
    change.plan()
    change.carry_out()
    half = [{"role": "PRD", "people": 4, "trained": 3, "reference": "T-1"}]
    change.verify(training=half, old_documents_withdrawn=False)
    assert change.open_activities() == ["Verify"]
    gaps = change.case["ready"]["gaps"]["en"]
    assert "Training of PRD" in gaps
    assert "withdrawn" in gaps
    change.verify()
    assert change.open_activities() == ["ReleaseQA"]


def test_no_impact_rests_on_topics_that_were_looked_at(staffed: Scenario) -> None:
    change = request(staffed)
    change.screen("format")
    empty = {"answer": "no_impact", "reason": "nothing", "topics": []}
    refused = change.attempt("ImpactQA", DORA, **empty)
    assert isinstance(refused, Rejected)
    change.do("ImpactQA", DORA, **{**empty, "topics": [{"topic": "documents"}]})


def carried_out(staffed: Scenario, **impacts: Mapping[str, Any]) -> ChangeCase:
    change = request(staffed)
    change.screen("format")
    change.assess(**impacts)
    change.assess_quality()
    change.approve()
    change.plan()
    change.carry_out()
    return change


TRAIN = {
    "answer": "impact",
    "topics": [{"topic": "training"}],
    "action": "train the inspectors",
    "reason": "new drawing",
}


def trained(staffed: Scenario, change: ChangeCase, person: Person) -> None:
    """Put into the book that somebody was trained for a change."""
    today = staffed.clock().date()
    training = Training(
        person=person.username,
        subject=change.order.number,
        valid_from=today,
        valid_to=today + timedelta(days=365),
        evidence="T-2",
    )
    staffed.must(staffed.ask(RecordTraining(command_id=new_id(), training=training), DORA))


def test_where_training_is_needed_somebody_was_trained(staffed: Scenario) -> None:
    change = carried_out(staffed)
    change.verify(training=[])
    assert "Training is needed" in change.case["ready"]["gaps"]["en"]
    change.verify()
    assert change.open_activities() == ["ReleaseQA"]


def test_every_function_that_saw_an_impact_on_training_is_trained(staffed: Scenario) -> None:
    change = carried_out(staffed, QE=TRAIN)
    change.verify()
    assert "Training of QE" in change.case["ready"]["gaps"]["en"]
    people = [{"role": "QE", "people": 2, "trained": 2, "reference": "T-2"}]
    change.verify(training=people)
    assert change.open_activities() == ["ReleaseQA"]


def test_the_book_of_trainings_knows_better_than_what_was_typed(staffed: Scenario) -> None:
    change = carried_out(staffed, QE=TRAIN)
    people = [{"role": "QE", "people": 2, "trained": 2, "reference": "T-2"}]
    trained(staffed, change, HANA)
    change.verify(training=people)
    assert "Training of QE" in change.case["ready"]["gaps"]["en"]
    trained(staffed, change, HUGO)
    change.verify(training=people)
    assert change.open_activities() == ["ReleaseQA"]


def test_failed_verification_goes_back_to_the_impact_assessment(staffed: Scenario) -> None:
    change = request(staffed)
    change.to_decision("format")
    change.approve()
    change.plan()
    change.carry_out()
    change.verify(vv_passed=False, reason="tensile test failed")
    assert change.open_activities() == ["ImpactQA", "ImpactQE"]
    assert change.order.round == 2
    change.assess()
    change.assess_quality()
    change.approve()
    change.to_release()
    change.release()
    assert change.order.status == "effective"


def test_a_failed_task_is_a_failed_verification(staffed: Scenario) -> None:
    change = request(staffed)
    change.to_decision("format")
    change.approve()
    change.plan("QE", "ENG")
    change.carry_out(ENG="failed")
    change.verify()
    assert change.open_activities() == ["ImpactQA", "ImpactQE"]


def test_a_change_takes_effect_on_its_day(staffed: Scenario) -> None:
    criticality = {"kind": "item", "key": SCREW, "field": "criticality", "new": "B"}
    change = request(staffed, criticality)
    change.to_decision("format")
    change.approve()
    day = (staffed.clock() + timedelta(days=10)).date()
    change.to_release(effective_from=day.isoformat())
    change.release()
    assert change.order.status == "released"
    with staffed.database.reading() as db:
        before = items.by_number(db, TENANT, SCREW).criticality
    staffed.clock.advance(days=10)
    staffed.background.run_until_idle()
    assert change.order.status == "effective"
    with staffed.database.reading() as db:
        after = items.by_number(db, TENANT, SCREW).criticality
    assert (before, after) == ("A", "B")
    assert change.open_activities() == ["CutIn"]


def test_an_object_that_another_change_altered_is_not_overwritten(staffed: Scenario) -> None:
    first, second = request(staffed), request(staffed)
    for change in (first, second):
        change.to_decision("format")
        change.approve()
        change.to_release()
    first.release()
    second.do("ReleaseQA", DORA)
    refused = second.attempt("ReleaseENG", ISLA)
    assert isinstance(refused, Rejected)
    assert refused.reason is Reason.INVALID_STATE
    assert "another change" in refused.message["en"]


def test_a_plan_may_be_sent_back(staffed: Scenario) -> None:
    change = request(staffed)
    change.to_decision("format")
    change.approve()
    change.do("Plan", IVAN, **change.planned("QE"))
    change.do("ApprovePlan", DORA, approved=False, reason="stock is not treated")
    assert change.open_activities() == ["Plan"]


def test_old_and_new_are_mixed_only_where_either_fits(staffed: Scenario) -> None:
    change = request(staffed)
    change.to_decision("format")
    change.approve()
    mixed = change.planned("QE", effectivity="mixed", interchangeable=False)
    refused = change.attempt("Plan", IVAN, **mixed)
    assert isinstance(refused, Rejected)
    assert change.open_activities() == ["Plan"]


def test_a_change_without_effect_asks_for_corrective_action(staffed: Scenario) -> None:
    change = request(staffed)
    change.to_decision("format")
    change.approve()
    change.to_release()
    change.release()
    change.finish(effective=False)
    sent = change.sent("capa.requested")
    assert [m["payload"]["source_number"] for m in sent] == [change.order.number]
    staffed.clock.advance(days=90, minutes=1)
    staffed.background.run_until_idle()
    change.do("CapaWaiting", HUGO, go_on=False, reason="the CAPA names this change")
    change.do("Close", DORA, reason="followed up in the corrective action")
    assert change.order.status == "closed"


def test_a_deferred_change_comes_back_to_the_board(staffed: Scenario) -> None:
    change = request(staffed)
    change.to_decision("format")
    change.do("Board", DORA, decision="defer", until="2026-12-15", reason="budget of next year")
    assert change.order.status == "deferred"
    assert change.open_activities() == []
    staffed.clock.advance(days=23)
    staffed.background.run_until_idle()
    assert change.open_activities() == ["Board"]


def test_the_effect_is_judged_by_the_criterion_of_the_plan(staffed: Scenario) -> None:
    """Nobody chooses after the fact what the change is measured by."""
    change = request(staffed)
    change.to_decision("format")
    change.approve()
    change.to_release()
    change.release()
    change.to_check()
    judged = {"lots": 5, "data": "two seen", "effective": True}
    refused = change.attempt("Effectiveness", HUGO, criterion="fewer complaints", **judged)
    assert isinstance(refused, Rejected)
    assert [each.path for each in refused.errors] == ["/criterion"]
    change.do("Effectiveness", HUGO, criterion=CRITERION, **judged)
