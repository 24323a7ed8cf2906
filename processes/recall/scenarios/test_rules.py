"""Every row of RC-01 to RC-05, the default rows included."""

from pathlib import Path
from typing import Any

import pytest

from engine.decisions import evaluate_decision, read_decisions

FOLDER = Path(__file__).parent.parent


def judged(table: str, decision: str, **inputs: Any) -> Any:
    model = read_decisions((FOLDER / f"{table}.dmn").read_bytes())
    return evaluate_decision(model, decision, inputs)


ASKED = {
    "left_control": True,
    "work": "removed",
    "scheduled": False,
    "violation": True,
    "risk": True,
    "eu": False,
    "reduces_serious_risk": False,
    "public_health_threat": False,
    "harm": "unlikely",
}


@pytest.mark.parametrize(
    ("change", "result", "route"),
    [
        ({"left_control": False}, "stock_recovery", "QA"),
        ({"work": "servicing", "scheduled": True}, "routine_servicing", "QA"),
        ({"work": "servicing"}, "correction", "QA"),
        ({"violation": False, "risk": False}, "market_withdrawal", "QA"),
        ({"eu": True, "reduces_serious_risk": True}, "fsca", "QA"),
        ({"eu": True, "reduces_serious_risk": True, "work": "in_place"}, "fsca", "QA"),
        ({"eu": True}, "recall", "QA"),
        ({}, "recall", "QA"),
        ({"work": "in_place"}, "correction", "QA"),
        ({"work": "information"}, "advisory_notice", "QA"),
        ({"work": "information", "risk": False}, None, "QA_REVIEW"),
        ({"work": None}, None, "QA_REVIEW"),
    ],
)
def test_rc_01_type_of_action(change: dict[str, Any], result: str | None, route: str) -> None:
    found = judged("action_type", "action_type", assessment={**ASKED, **change})
    assert (found["action_type"], found["route"]) == (result, route)


@pytest.mark.parametrize("region", ["class_china", "class_fda"])
@pytest.mark.parametrize(
    ("harm", "result"),
    [
        ("serious_probable", "I"),
        ("temporary_or_remote", "II"),
        ("unlikely", "III"),
        ("unknown", "unclassified"),
        (None, "unclassified"),
    ],
)
def test_rc_02_class_of_china_and_fda(region: str, harm: str | None, result: str) -> None:
    found = judged("classes", region, assessment={**ASKED, "harm": harm})
    assert found["proposed"] == result


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ({"public_health_threat": True}, "fsca_public_health_threat"),
        ({"harm": "serious_probable"}, "fsca"),
        ({"harm": "temporary_or_remote", "reduces_serious_risk": True}, "fsca"),
        ({"harm": "temporary_or_remote"}, "field_action"),
        ({"reduces_serious_risk": True}, "fsca"),
        ({}, "field_action"),
        ({"harm": "unknown"}, "unclassified"),
    ],
)
def test_rc_02_classification_of_the_eu(change: dict[str, Any], result: str) -> None:
    assert judged("classes", "class_eu", assessment={**ASKED, **change})["proposed"] == result


COUNTED = {
    "event": "decision",
    "china": False,
    "class_china": "unclassified",
    "us": False,
    "eu": False,
    "fsca": False,
    "other": False,
    "reportable": True,
}


@pytest.mark.parametrize(
    ("change", "clocks"),
    [
        ({"china": True, "class_china": "I"}, ["CN-N1", "CN-PLAN", "CN-RPT"]),
        ({"china": True}, ["CN-N1", "CN-PLAN", "CN-RPT"]),
        ({"china": True, "class_china": "II"}, ["CN-N2", "CN-PLAN", "CN-RPT"]),
        ({"china": True, "class_china": "III"}, ["CN-N3", "CN-PLAN", "CN-RPT"]),
        ({"china": True, "class_china": "I", "event": "extension"}, ["CN-N1", "CN-PLAN"]),
        ({"china": True, "class_china": "I", "event": "plan"}, ["CN-PROG1"]),
        ({"china": True, "class_china": "II", "event": "plan"}, ["CN-PROG2"]),
        ({"china": True, "class_china": "III", "event": "plan"}, ["CN-PROG3"]),
        ({"china": True, "event": "completion"}, ["CN-SUM"]),
        ({"us": True}, ["US-806"]),
        ({"us": True, "event": "extension"}, ["US-806X"]),
        ({"us": True, "event": "plan"}, ["US-STAT"]),  # the safe default of FDA's request
        ({"eu": True, "fsca": True}, ["EU-FSCA"]),
        ({"eu": True}, []),
        ({"other": True}, ["OTHER"]),
        ({"china": True, "us": True, "reportable": False}, []),
        ({}, []),
    ],
)
def test_rc_03_clocks(change: dict[str, Any], clocks: list[str]) -> None:
    found = judged("clocks_to_start", "clocks_to_start", counted={**COUNTED, **change})
    assert sorted(found) == clocks


@pytest.mark.parametrize(
    ("action_type", "worst", "result"),
    [
        ("market_withdrawal", "I", ("distributor", "D", 90, 14)),
        ("stock_recovery", "III", ("distributor", "D", 90, 14)),
        ("recall", "I", ("user", "A", 100, 3)),
        ("recall", "II", ("user", "B", 95, 7)),
        ("recall", "III", ("distributor", "C", 90, 14)),
        ("recall", "unclassified", ("user", "A", 100, 7)),
    ],
)
def test_rc_04_depth_and_effectiveness(action_type: str, worst: str, result: Any) -> None:
    severity = {"action_type": action_type, "worst": worst}
    found = judged("depth", "depth", severity=severity)
    assert (found["depth"], found["level"], found["target"], found["response_days"]) == result


@pytest.mark.parametrize(
    ("worst", "public"),
    [
        ("I", "general; CN national site and media"),
        ("II", "specialised"),
        ("III", "none; CN provincial site"),
        ("unclassified", "specialised"),
    ],
)
def test_rc_04_public_warning(worst: str, public: str) -> None:
    severity = {"action_type": "recall", "worst": worst}
    assert judged("depth", "depth", severity=severity)["public"] == public


DONE = {
    "not_notified": [],
    "not_answered": [],
    "reconciliation_percent": 100,
    "reconciliation_target": 95,
    "unexplained": [],
    "effectiveness_percent": 100,
    "effectiveness_target": 95,
    "checks_demanded": 2,
    "checks_missing": 0,
    "not_disposed": [],
    "root_cause": True,
    "reports_open": [],
}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"not_notified": ["C-1"]}, "notified"),
        ({"not_answered": ["C-1"]}, "neither answered"),
        ({"reconciliation_percent": 94}, "reconciliation"),
        ({"unexplained": ["C-1 L-1"]}, "accounted"),
        ({"effectiveness_percent": 94}, "effectiveness"),
        ({"checks_missing": 1}, "missing"),
        ({"effectiveness_percent": None}, "effectiveness"),  # nobody was asked
        ({"not_disposed": ["L-1"]}, "disposition"),
        ({"root_cause": False}, "Root cause"),
        ({"reports_open": ["REP-1"]}, "Reports"),
        ({"root_cause": None}, "No rule"),
    ],
)
def test_rc_05_one_open_point_keeps_it_open(change: dict[str, Any], why: str) -> None:
    found = judged("closure_gate", "closure_gate", closing={**DONE, **change})
    assert found["ready"] is False
    assert why in found["reason_en"]


def test_rc_05_asks_for_no_check_where_the_level_asks_nobody() -> None:
    nobody = {**DONE, "effectiveness_percent": None, "checks_demanded": 0}
    assert judged("closure_gate", "closure_gate", closing=nobody)["ready"] is True


def test_rc_05_everything_done_closes() -> None:
    assert judged("closure_gate", "closure_gate", closing=DONE)["ready"] is True
