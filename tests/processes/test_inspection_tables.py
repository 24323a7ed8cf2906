"""IQ-01 and IQ-02 row by row: what the decision tables of incoming inspection say."""

from pathlib import Path
from typing import Any

import pytest

from engine.decisions import evaluate_decision, read_decisions
from processes import incoming_inspection

FOLDER = Path(incoming_inspection.__file__).parent
MODE = read_decisions((FOLDER / "inspection_mode.dmn").read_bytes())
VERDICT = read_decisions((FOLDER / "inspection_verdict.dmn").read_bytes())
GOOD = {
    "supplier_conditional": False,
    "first_lots": False,
    "changed": False,
    "last_lot_rejected": False,
    "severity": "normal",
    "rating": 80,
    "accepted_in_row": 4,
    "nonconformity_lately": False,
    "skip_position": 1,
    "delivered_lately": True,
    "certificates_in_force": True,
}


def mode(
    criticality: str,
    *,
    resubmission: bool = False,
    special: bool = False,
    plan_special: bool = False,
    **history: Any,
) -> Any:
    inspection = {
        "item": {"criticality": criticality, "special": special},
        "resubmission": resubmission,
        "plan_special": plan_special,
        "history": {**GOOD, **history},
    }
    return evaluate_decision(MODE, "inspection_mode", {"inspection": inspection})


@pytest.mark.parametrize("criticality", ["A", "B", "C", "N"])
@pytest.mark.parametrize(
    "reason",
    [
        {"supplier_conditional": True},
        {"first_lots": True},
        {"changed": True},
        {"last_lot_rejected": True},
        {"resubmission": True},
        {"severity": "tightened"},
    ],
    ids=lambda reason: next(iter(reason)),
)
def test_iq_01_tightened_whatever_the_item(criticality: str, reason: dict[str, Any]) -> None:
    found = mode(criticality, **reason, rating=99, accepted_in_row=20)
    assert (found["mode"], found["severity"], found["documents_only"]) == (
        "TIGHTENED",
        "tightened",
        False,
    )
    assert found["route"] == "IQC"


def test_iq_01_discontinued_goes_to_quality_assurance() -> None:
    assert mode("A", severity="discontinued")["route"] == "QA_REVIEW"


@pytest.mark.parametrize(
    ("criticality", "history", "expected"),
    [
        ("A", {}, ("NORMAL", None, False)),
        ("A", {"rating": 99, "accepted_in_row": 50}, ("NORMAL", None, False)),
        ("B", {}, ("NORMAL", None, False)),
        ("B", {"rating": 90, "accepted_in_row": 10}, ("SKIP-LOT", None, True)),
        ("B", {"rating": 90, "accepted_in_row": 11, "skip_position": 2}, ("SKIP-LOT", None, True)),
        ("B", {"rating": 90, "accepted_in_row": 12, "skip_position": 0}, ("NORMAL", None, False)),
        ("B", {"rating": 89, "accepted_in_row": 10}, ("NORMAL", None, False)),
        ("B", {"rating": 90, "accepted_in_row": 9}, ("NORMAL", None, False)),
        (
            "B",
            {"rating": 90, "accepted_in_row": 10, "nonconformity_lately": True},
            ("NORMAL", None, False),
        ),
        ("C", {}, ("NORMAL", "S-2", False)),
        ("C", {"rating": 85, "accepted_in_row": 5}, ("DOCS", None, True)),
        ("C", {"rating": 84, "accepted_in_row": 5}, ("NORMAL", "S-2", False)),
        (
            "C",
            {"rating": 85, "accepted_in_row": 5, "nonconformity_lately": True},
            ("NORMAL", "S-2", False),
        ),
        (
            "C",
            {"rating": 85, "accepted_in_row": 5, "delivered_lately": False},
            ("NORMAL", "S-2", False),
        ),
        (
            "C",
            {"rating": 85, "accepted_in_row": 5, "certificates_in_force": False},
            ("NORMAL", "S-2", False),
        ),
        ("N", {}, ("RECEIPT", None, True)),
    ],
)
def test_iq_01_by_criticality(
    criticality: str, history: dict[str, Any], expected: tuple[str, str | None, bool]
) -> None:
    found = mode(criticality, **history)
    assert (found["mode"], found["level"], found["documents_only"]) == expected


def test_iq_01_sterile_and_implants_are_tested_as_their_plan_says_or_seen_by_quality() -> None:
    found = mode("A", special=True, plan_special=True)
    assert (found["mode"], found["route"]) == ("NORMAL", "IQC")
    assert "retained sample" in found["reason_en"]
    found = mode("A", special=True)
    assert (found["mode"], found["route"]) == ("TIGHTENED", "QA_REVIEW")
    assert mode("B", special=True)["mode"] == "NORMAL"


def test_iq_01_default_is_strictest_and_seen_by_quality_assurance() -> None:
    found = mode("X")
    assert (found["mode"], found["route"]) == ("TIGHTENED", "QA_REVIEW")


FINE = {
    "critical_nonconforming": 0,
    "major_accepted": True,
    "minor_accepted": True,
    "complete": True,
}
PAPERS = {"identity_ok": True, "wrong": [], "missing": [], "shelf_life_ok": True}


@pytest.mark.parametrize(
    ("evaluation", "documents", "verdict", "route"),
    [
        ({}, {}, "ACCEPT", "QA"),
        ({"critical_nonconforming": 1}, {}, "REJECT", "QA"),
        ({"major_accepted": False}, {}, "REJECT", "QA"),
        ({"minor_accepted": False}, {}, "REJECT", "QA"),
        ({}, {"identity_ok": False}, "HOLD", "QA"),
        ({}, {"wrong": ["coa"]}, "HOLD", "QA"),
        ({}, {"missing": ["coa"]}, "HOLD", "QA"),
        ({}, {"shelf_life_ok": False}, "HOLD", "QA"),
        ({"complete": False}, {}, "HOLD", "QA_REVIEW"),
        ({"major_accepted": None}, {}, "HOLD", "QA_REVIEW"),
        ({"critical_nonconforming": 1}, {"missing": ["coa"]}, "REJECT", "QA"),
    ],
)
def test_iq_02_row_by_row(
    evaluation: dict[str, Any], documents: dict[str, Any], verdict: str, route: str
) -> None:
    case = {"evaluation": {**FINE, **evaluation}, "documents": {**PAPERS, **documents}}
    found: Any = evaluate_decision(VERDICT, "inspection_verdict", case)
    assert (found["verdict"], found["route"]) == (verdict, route)
