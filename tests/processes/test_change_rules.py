"""Every row of CC-01 to CC-04, decided by the tables and the form as they are deployed."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.decisions import analyse, evaluate_decision, read_decisions
from forms import load_form
from processes import registry

HERE = Path(registry.__file__).parent / "change_control"
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
ASPECTS = [each["code"] for each in registry.documents()["change_rules"]["aspects"]]


def decide(name: str, **inputs: Any) -> Any:
    model = read_decisions((HERE / f"{name}.dmn").read_bytes())
    return evaluate_decision(model, name, inputs)


MAJOR = (
    *("intended_use", "indication", "operating_principle", "safety_performance", "sterilisation"),
    *("body_contact_material", "software_safety_class", "label_claims", "manufacturing_site"),
    "special_process_outside",
)


@pytest.mark.parametrize(
    ("aspect", "criticality", "expected", "route"),
    [
        *((aspect, "C", "MAJOR", "BOARD") for aspect in MAJOR),  # whatever the item
        ("supplier", "A", "MAJOR", "BOARD"),
        ("supplier", "B", "MODERATE", "BOARD"),
        ("specification", "B", "MODERATE", "BOARD"),
        ("equipment_requalified", "A", "MODERATE", "BOARD"),
        ("process_within_range", "A", "MODERATE", "BOARD"),
        ("packaging_non_sterile", "A", "MODERATE", "BOARD"),
        ("test_method", "A", "MODERATE", "BOARD"),
        ("supplier", "C", "MINOR", "QE_QA"),
        ("specification", "N", "MINOR", "QE_QA"),
        ("format", "A", "MINOR", "QE_QA"),
        ("like_for_like", "A", "MINOR", "QE_QA"),
        ("bpm_gate", "N", "MAJOR-CSV", "BOARD"),
        ("bpm_text", "N", "MINOR-CSV", "QE_QA"),
        ("specification", "A", "MAJOR", "QA_REVIEW"),  # no rule: quality assurance looks
        ("label_ifu_udi", "C", "MAJOR", "QA_REVIEW"),
        ("something new", None, "MAJOR", "QA_REVIEW"),
    ],
)
def test_cc_01(aspect: str, criticality: str | None, expected: str, route: str) -> None:
    found = decide("change_class", aspect=aspect, screened={"criticality": criticality})
    assert (found["change_class"], found["route"]) == (expected, route)


@pytest.mark.parametrize(
    ("aspect", "functions"),
    [
        ("product_structure", {"ENG", "PRD", "QE", "RA", "PUM", "WH"}),
        ("specification", {"ENG", "PRD", "QE", "RA", "PUM", "WH"}),
        ("label_ifu_udi", {"RA", "ENG", "WH", "SAL", "CS"}),
        ("label_claims", {"RA", "ENG", "WH", "SAL", "CS"}),
        ("product_name", {"RA", "ENG", "WH", "SAL", "CS"}),
        ("model_specification", {"ENG", "PRD", "QE", "RA", "PUM", "WH", "SAL", "CS"}),
        ("intended_use", {"ENG", "PRD", "QE", "RA", "PUM", "WH", "SAL", "CS"}),  # two rows
        ("supplier", {"SQE", "QE", "ENG", "RA"}),
        ("body_contact_material", {"SQE", "QE", "ENG", "RA"}),
        ("manufacturing_site", {"PRD", "QE", "RA"}),
        ("special_process_outside", {"PRD", "QE", "RA"}),
        ("equipment_requalified", {"PRD", "QE", "RA"}),
        ("software_in_device", {"ENG", "RA", "QE"}),
        ("bpm_gate", {"ADM", "QE"}),
        ("regulation", {"RA"}),
        ("format", set()),
    ],
)
def test_cc_02(aspect: str, functions: set[str]) -> None:
    found = {role for roles in decide("impact_functions", aspect=aspect) for role in roles}
    assert found == functions | {"QA"}  # always


UNCHANGED = {
    "certificate_changed": False,
    "holder_changed": False,
    "licence_changed": False,
    "change_class": "MODERATE",
}


@pytest.mark.parametrize(
    ("market", "changed", "outcome"),
    [
        ("CN", {"certificate_changed": True}, "REGISTRATION_CHANGE"),
        ("CN", {"certificate_changed": True, "licence_changed": True}, "REGISTRATION_CHANGE"),
        ("CN", {"licence_changed": True}, "LICENCE_CHANGE"),
        ("CN", {"holder_changed": True}, "FILING"),
        ("CN", {"change_class": "MAJOR"}, "QMS_ONLY"),
        ("US", {"change_class": "MAJOR"}, "NEW_510K"),
        ("US", {"change_class": "MODERATE"}, "LETTER_TO_FILE"),
        ("US", {"change_class": "MINOR"}, "LETTER_TO_FILE"),
        ("US", {"change_class": "MAJOR-CSV"}, "LETTER_TO_FILE"),  # our software, not the device
        ("EU", {"change_class": "MAJOR"}, "NB_APPROVAL"),
        ("EU", {"change_class": "MODERATE"}, "NB_NOTIFICATION"),
        ("EU", {"change_class": "MINOR"}, "INTERNAL"),
        ("EU", {"change_class": "MAJOR-CSV"}, "INTERNAL"),
        ("BR", {}, "QA_REVIEW"),
    ],
)
def test_cc_03(market: str, changed: dict[str, Any], outcome: str) -> None:
    found = decide(
        "regulatory_proposal", market={"code": market}, assessment={**UNCHANGED, **changed}
    )
    assert found["outcome"] == outcome


PLAN: dict[str, Any] = {
    "tasks": [
        {
            "kind": "document",
            "description": "drawing",
            "owner": "ENG",
            "due_on": "2026-12-20",
            "evidence": "drawing",
        }
    ],
    "effective_from": "2026-12-01",
    "interchangeable": False,
    "stock": "quarantine",
    "wip": "finish",
    "open_orders": "deliver as ordered",
    "shipped": "none",
    "criterion": "no defect in 5 lots",
}


@pytest.mark.parametrize(
    ("kind", "more", "refused_at"),
    [
        ("immediate", {}, None),
        ("date", {}, None),
        ("use_up", {}, None),
        ("rework", {}, None),
        ("scrap", {}, None),
        ("lot", {"from_number": "L-100"}, None),
        ("lot", {}, "/from_number"),
        ("serial", {"from_number": "SN-1"}, None),
        ("serial", {}, "/from_number"),
        ("mixed", {"interchangeable": True}, None),
        ("mixed", {}, "/effectivity"),
    ],
)
def test_cc_04(kind: str, more: dict[str, Any], refused_at: str | None) -> None:
    form = load_form((HERE / "forms" / "plan.json").read_bytes())
    outcome = form.examine({**PLAN, "effectivity": kind, **more}, context={}, now=NOW)
    assert [each.path for each in outcome.errors] == ([refused_at] if refused_at else [])


@pytest.mark.parametrize("shipped", ["none", "next_service", "field_action"])
def test_cc_04_what_was_shipped(shipped: str) -> None:
    form = load_form((HERE / "forms" / "plan.json").read_bytes())
    planned = {**PLAN, "effectivity": "date", "shipped": shipped}
    assert form.examine(planned, context={}, now=NOW).errors == ()


@pytest.mark.parametrize("name", ["change_class", "impact_functions", "regulatory_proposal"])
def test_the_tables_have_no_gap(name: str) -> None:
    model = read_decisions((HERE / f"{name}.dmn").read_bytes())
    assert [each for each in analyse(model) if each.severity == "error"] == []


def test_every_aspect_that_can_be_chosen_is_assessed_by_somebody() -> None:
    for aspect in ASPECTS:
        assert decide("impact_functions", aspect=aspect), aspect
        assert decide("change_class", aspect=aspect, screened={"criticality": "B"})
