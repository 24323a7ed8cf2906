"""RC-01 and RC-04 lead to people, and what is signed is signed by those whom the law wants."""

import pytest

from engine.outcomes import Rejected
from processes.ledger.field_actions import recoveries, scope
from processes.recall.scenarios.field_action import (
    HANA,
    JIN,
    MEI,
    STRATEGY,
    Company,
    Recall,
    open_action,
)
from tests.people import DORA, Person

UNA = Person("una", "Una Qi", "齐娜", ("WH", "QA", "QE"))


def decided(maker: Company, severity: str) -> Recall:
    part, _ = maker.set_up("US")
    recall = open_action(maker, part)
    recall.evaluate()
    recall.decide(class_china=severity, class_fda=severity, class_eu="none")
    return recall


@pytest.mark.parametrize(
    "less",
    [
        {"depth": "distributor"},
        {"level": "E"},
        {"level": "B"},
        {"target": 99},
        {"response_days": 4},
    ],
)
def test_rc_04_is_not_lowered(maker: Company, less: dict[str, object]) -> None:
    recall = decided(maker, "I")
    chosen = {**STRATEGY, "target": 100, "response_days": 3, **less}
    refused = recall.attempt("Strategy", MEI, **chosen)
    assert isinstance(refused, Rejected)
    assert "The class demands" in refused.message["en"]
    assert recall.action().level is None
    recall.plan()
    assert recall.action().level == "A"


def test_rc_04_is_raised_and_not_lowered_again(maker: Company) -> None:
    recall = decided(maker, "II")
    recall.plan(level="A", target=100, response_days=3)
    assert recall.action().level == "A"
    recall.do("Review", MEI, what="replan", minutes="fewer checks?")
    given = {"authority": "fda", "reference": "Z-1", "changes": "level C", "notify": False}
    refused = recall.attempt("Replan", JIN, **given, level="C")
    assert isinstance(refused, Rejected)
    assert "effectiveness level" in refused.message["en"]


def test_without_a_class_the_strategy_counts_when_ra_has_signed(maker: Company) -> None:
    recall = decided(maker, "unclassified")
    chosen = {**STRATEGY, "target": 100}
    recall.do("Strategy", MEI, **chosen)
    assert recall.open_activities() == ["ReviewPlan"]
    assert recall.action().status == "decided"
    recall.do("ReviewPlan", JIN, agreed=False, objection="say who is called")
    assert recall.open_activities() == ["Strategy"]
    recall.do("Strategy", MEI, **chosen)
    recall.do("ReviewPlan", JIN, agreed=True)
    assert recall.action().status == "executing"
    assert last_signed(recall) == "APPR"


def test_where_no_rule_names_the_type_quality_proposes_it(maker: Company) -> None:
    part, _ = maker.set_up("US")
    recall = open_action(maker, part)
    recall.evaluate(work="information", risk=False)
    assert recall.case["proposal"]["action_type"] is None
    assert recall.open_activities() == ["ReviewType"]
    recall.do("ReviewType", DORA, action_type="advisory_notice", reason="instructions are unclear")
    assert recall.open_activities() == ["Decide"]
    assert last_signed(recall) == "REVW"


def test_what_came_back_is_booked_when_another_has_verified_it(maker: Company) -> None:
    recall = decided(maker, "II")
    recall.plan()
    row = {
        "consignee": "C-1",
        "lot": recall.read(scope.lines_of)[0].lot_number,
        "kind": "returned",
        "unit": "ea",
        "quantity": "4",
        "reference": "RMA-1",
        "location": "T-01",
    }
    maker.scenario.add(UNA)
    recall.do("Returns", UNA, rows=[row])
    with pytest.raises(AssertionError):
        recall.do("VerifyReturns", UNA, agreed=True)
    assert recall.read(recoveries.of_action) == []
    recall.do("VerifyReturns", HANA, agreed=False, objection="three, not four")
    assert recall.read(recoveries.of_action) == []
    recall.returned([{**row, "quantity": "3"}])
    assert len(recall.read(recoveries.of_action)) == 1
    assert last_signed(recall) == "VERF"


def test_destruction_is_carried_out_and_witnessed_by_two_people(maker: Company) -> None:
    maker.scenario.add(UNA)
    recall = decided(maker, "II")
    recall.plan()
    recall.report_to_authorities()
    recall.release_notices()
    recall.deliver({"used": "4"})
    recall.check_effect()
    recall.do("RootCause", DORA, root_cause="furnace", capa=False, why_not="replaced")
    recall.do("Dispose", DORA, method="crushing", authority_present=False)
    recall.do("Perform", UNA)
    assert last_signed(recall) == "PERF"
    with pytest.raises(AssertionError):
        recall.do("Witness", UNA, seen=True)
    assert isinstance(recall.attempt("Witness", DORA, seen=False), Rejected)
    recall.do("Witness", DORA, seen=True)
    assert last_signed(recall) == "WITN"
    recall.report_to_authorities()
    recall.do("ClosurePackage", MEI, conclusion="effective")
    assert last_signed(recall) == "APPR"


def last_signed(recall: Recall) -> str:
    """Give the meaning of the newest signature of the case."""
    events = recall.scenario.events(recall.instance)
    return [str(each["meaning"]) for each in events if each["event"] == "signature.made"][-1]
