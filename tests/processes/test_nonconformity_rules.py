"""Every row of NC-01 to NC-04 and CP-01, decided by the tables as they are deployed."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.decisions import analyse, evaluate_decision, read_decisions

ROOT = Path(__file__).parent.parent.parent / "processes"
TRIAGE: dict[str, Any] = {
    "severity": "S2",
    "safety_characteristic": False,
    "regulatory": False,
    "deviation_without_effect": False,
    "supplier_caused": False,
    "product_kind": "purchased",
    "safety_related": False,
    "resterilisation_validated": None,
    "decontaminated": None,
}
SCOPE: dict[str, Any] = {"released_or_shipped": False, "contained_single": True, "shipped": False}
FACTS: dict[str, Any] = dict.fromkeys(
    (
        *("cause_repeated", "supplier_repeated", "trend_out_of_control", "audit_finding_major"),
        *("concession_repeated", "field_action", "supplier_answer_overdue"),
    ),
    False,
)


def decide(process: str, name: str, **inputs: Any) -> Any:
    model = read_decisions((ROOT / process / f"{name}.dmn").read_bytes())
    return evaluate_decision(model, name, inputs)


@pytest.mark.parametrize(
    ("triage", "scope", "expected", "route"),
    [
        ({"severity": "S5"}, {"released_or_shipped": True}, "CRITICAL", "BOARD"),
        ({"severity": "S4"}, {"released_or_shipped": True}, "CRITICAL", "BOARD"),
        ({"safety_characteristic": True}, {"released_or_shipped": True}, "CRITICAL", "BOARD"),
        ({"severity": "S5"}, {}, "MAJOR", "BOARD"),
        ({"severity": "S3"}, {}, "MAJOR", "BOARD"),
        ({"regulatory": True}, {}, "MAJOR", "BOARD"),
        ({"deviation_without_effect": True}, {"contained_single": False}, "MINOR", "BOARD"),
        ({}, {}, "MINOR", "BOARD"),
        ({"severity": "S1"}, {}, "MINOR", "BOARD"),
        ({}, {"contained_single": False}, "MAJOR", "QA_REVIEW"),
        ({"severity": None}, {}, "MAJOR", "QA_REVIEW"),
    ],
)
def test_nc_01(triage: Any, scope: Any, expected: str, route: str) -> None:
    inputs = {"triage": {**TRIAGE, **triage}, "scope": {**SCOPE, **scope}}
    found = decide("nonconformance", "nc_class", **inputs)
    assert (found["class"], found["route"]) == (expected, route)


@pytest.mark.parametrize(
    ("shipped", "supplier", "level", "score", "expected"),
    [
        (False, False, "MINOR", 8, {"investigation"}),
        (True, False, "MAJOR", 39, {"investigation", "field_assessment"}),
        (False, True, "MAJOR", 20, {"investigation", "supplier_request"}),
        (False, False, "CRITICAL", 12, {"investigation", "inform_management"}),
        (False, False, "MAJOR", 40, {"investigation", "inform_management"}),
        (False, False, "CRITICAL", 60, {"investigation", "inform_management"}),
        (
            *(True, True, "CRITICAL", 100),
            {"investigation", "inform_management", "supplier_request", "field_assessment"},
        ),
    ],
)
def test_nc_02(
    *, shipped: bool, supplier: bool, level: str, score: int, expected: set[str]
) -> None:
    found = decide(
        "nonconformance",
        "nc_routing",
        scope={**SCOPE, "shipped": shipped},
        triage={**TRIAGE, "supplier_caused": supplier},
        classified={"class": level, "risk_score": Decimal(score)},
    )
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    ("triage", "criticality", "may", "may_not"),
    [
        ({"safety_related": True}, "A", "RETURN", "USE_AS_IS"),
        ({"safety_related": False}, "A", "USE_AS_IS", "REWORK"),
        ({"safety_related": True}, "B", "USE_AS_IS", "REPAIR"),
        ({"product_kind": "in_process"}, "B", "REWORK", "RETURN"),
        (
            {"product_kind": "sterile_finished", "resterilisation_validated": True},
            *("A", "REWORK", "USE_AS_IS"),
        ),
        (
            {"product_kind": "sterile_finished", "resterilisation_validated": False},
            *("A", "SCRAP", "REWORK"),
        ),
        ({"product_kind": "implant_or_single_use_returned"}, "A", "SCRAP", "REWORK"),
        (
            {"product_kind": "returned_reusable", "decontaminated": True},
            *("B", "REPAIR", "USE_AS_IS"),
        ),
        (
            {"product_kind": "returned_reusable", "decontaminated": False},
            *("B", "SCRAP", "REPAIR"),
        ),
        ({"product_kind": "label_not_shipped"}, "A", "REWORK", "USE_AS_IS"),
        ({"product_kind": "software"}, "A", "USE_AS_IS", "SCRAP"),
        ({"product_kind": "other"}, "A", "SCRAP", "USE_AS_IS"),
    ],
)
def test_nc_03(triage: Any, criticality: str, may: str, may_not: str) -> None:
    found = decide(
        "nonconformance",
        "nc_dispositions",
        triage={**TRIAGE, **triage},
        nc={"item": {"criticality": criticality}},
    )
    assert may in found["dispositions"]
    assert may_not not in found["dispositions"]
    is_default = triage.get("product_kind") == "other"
    assert found["route"] == ("QA_REVIEW" if is_default else "BOARD")


@pytest.mark.parametrize(
    ("fact", "trigger"),
    [
        ("cause_repeated", "cause_repeated"),
        ("supplier_repeated", "supplier_repeated"),
        ("trend_out_of_control", "trend"),
        ("audit_finding_major", "audit_finding"),
        ("concession_repeated", "concession_repeated"),
        ("field_action", "field_action"),
        ("supplier_answer_overdue", "supplier_overdue"),
    ],
)
def test_nc_04(fact: str, trigger: str) -> None:
    found = decide(
        "nonconformance", "nc_capa", classified={"class": "MAJOR"}, facts={**FACTS, fact: True}
    )
    assert (found["required"], found["trigger"]) == (True, trigger)


def test_nc_04_critical_and_default() -> None:
    critical = decide("nonconformance", "nc_capa", classified={"class": "CRITICAL"}, facts=FACTS)
    assert (critical["required"], critical["trigger"]) == (True, "critical")
    usual = decide("nonconformance", "nc_capa", classified={"class": "MINOR"}, facts=FACTS)
    assert usual["required"] is False


@pytest.mark.parametrize(
    ("severity", "recurrence", "expected"),
    [
        ("S5", "repeated", "full_with_field_assessment"),
        ("S4", "frequent", "full_with_field_assessment"),
        ("S4", "first", "full"),
        ("S3", "repeated", "full"),
        ("S3", "first", "lite"),
        ("S2", "frequent", "full"),
        ("S2", "repeated", "lite"),
        ("S1", "first", "correction"),
        (None, None, "full"),
    ],
)
def test_cp_01(severity: str | None, recurrence: str | None, expected: str) -> None:
    screening = {"severity": severity, "recurrence": recurrence}
    found = decide("corrective_action", "capa_scale", screening=screening)
    assert found["scale"] == expected


@pytest.mark.parametrize(
    ("process", "name"),
    [
        ("nonconformance", "nc_class"),
        ("nonconformance", "nc_routing"),
        ("nonconformance", "nc_dispositions"),
        ("nonconformance", "nc_capa"),
        ("corrective_action", "capa_scale"),
    ],
)
def test_tables_have_no_gaps(process: str, name: str) -> None:
    assert analyse(read_decisions((ROOT / process / f"{name}.dmn").read_bytes())) == []
