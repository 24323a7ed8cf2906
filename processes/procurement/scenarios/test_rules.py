"""Every row of the decision tables of procurement, the default rows included."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.decisions import evaluate_decision, read_decisions

FOLDER = Path(__file__).parent.parent


def judged(table: str, **inputs: Any) -> Any:
    model = read_decisions((FOLDER / f"{table}.dmn").read_bytes())
    return evaluate_decision(model, table, inputs)


GOOD = {
    "item_status": "released",
    "revision_in_force": True,
    "criticality": "A",
    "has_plan": True,
    "same_need": [],
}


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ({"item_status": "draft"}, "BLOCK"),
        ({"item_status": "unknown"}, "BLOCK"),
        ({"revision_in_force": False}, "BLOCK"),
        ({"has_plan": False}, "BLOCK"),
        ({"has_plan": False, "criticality": "B"}, "PASS"),
        ({"same_need": ["PR-2026-00001"]}, "WARN"),
        ({}, "PASS"),
        ({"criticality": None}, "QA_REVIEW"),
        ({"item_status": "free_text", "criticality": "N"}, "PASS"),
        ({"item_status": "free_text", "criticality": "B"}, "BLOCK"),
    ],
)
def test_pr_01_requisition_gate(change: dict[str, Any], result: str) -> None:
    assert judged("requisition_gate", line={**GOOD, **change})["result"] == result


PLAIN = {
    "amount": Decimal(9999),
    "criticality": "C",
    "first_purchase": False,
    "software": False,
    "line_manager": "PRD",
    "cost_centre_owner": "GM",
    "new_supplier": False,
    "price_rise_percent": Decimal(10),
    "advance_payment": False,
    "single_source": False,
}


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ({}, {"PRD"}),
        ({"amount": Decimal(10000)}, {"PRD", "GM"}),
        ({"amount": Decimal(50000)}, {"PRD", "GM", "PUM"}),
        ({"amount": Decimal(200000)}, {"PRD", "GM", "PUM", "FIN"}),
        (
            {"amount": Decimal(500000), "cost_centre_owner": "ENG"},
            {*("PRD", "ENG", "PUM", "FIN", "GM")},
        ),
        ({"criticality": "B", "first_purchase": True}, {"PRD", "QE"}),
        ({"criticality": "C", "first_purchase": True}, {"PRD"}),
        ({"criticality": "N", "software": True}, {"PRD", "ADM", "QA"}),
        ({"amount": None, "criticality": None}, {"PRD"}),
    ],
)
def test_pr_02_approvers(change: dict[str, Any], asked: set[str]) -> None:
    given = {**PLAIN, **change}
    assert set(judged("requisition_approvers", requisition=given, line=given)) == asked
    assert set(judged("order_approvers", order=given, line=given)) == asked


@pytest.mark.parametrize(
    ("change", "more"),
    [
        ({"criticality": "A"}, {"QA"}),
        ({"new_supplier": True}, {"PUM", "SQE"}),
        ({"price_rise_percent": Decimal("10.1")}, {"PUM"}),
        ({"advance_payment": True}, {"FIN"}),
        ({"criticality": "A", "single_source": True}, {"QA", "PUM"}),
        ({"criticality": "C", "single_source": True}, set()),
    ],
)
def test_pr_04_approvers_of_the_order(change: dict[str, Any], more: set[str]) -> None:
    given = {**PLAIN, **change}
    assert set(judged("order_approvers", order=given, line=given)) == {"PRD", *more}


SAME = {
    "first": False,
    "amount_rise_percent": Decimal(5),
    "supplier": False,
    "specification": False,
    "clauses": False,
    "site": False,
}


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ({}, "NONE"),
        ({"amount_rise_percent": Decimal(-20)}, "NONE"),
        ({"first": True}, "APPROVE"),
        ({"amount_rise_percent": Decimal("5.01")}, "APPROVE"),
        ({"supplier": True}, "APPROVE"),
        ({"specification": True}, "APPROVE"),
        ({"clauses": True}, "APPROVE"),
        ({"site": True}, "APPROVE"),
        ({"amount_rise_percent": None}, "APPROVE"),
    ],
)
def test_pr_04_what_is_approved_again(change: dict[str, Any], result: str) -> None:
    assert judged("order_change", order={"change": {**SAME, **change}})["result"] == result


FINE = {
    "supplier": "approved",
    "entry": "valid",
    "certificates": "ok",
    "agreement": "ok",
    "critical_request": False,
    "criticality": "A",
}


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ({"supplier": "blocked"}, "BLOCK"),
        ({"entry": "none"}, "BLOCK"),
        ({"entry": "none", "criticality": "B"}, "BLOCK"),
        ({"entry": "none", "criticality": "C"}, "CONDITIONAL"),
        ({"entry": "none", "criticality": "N"}, "ALLOW"),
        ({"entry": "expired"}, "CONDITIONAL"),
        ({"entry": "expired", "critical_request": True}, "QA_REVIEW"),
        ({"entry": "lapsed"}, "QA_REVIEW"),
        ({"certificates": "expired"}, "BLOCK"),
        ({"certificates": "expired", "criticality": "B"}, "CONDITIONAL"),
        ({"certificates": "expired", "criticality": "C"}, "QA_REVIEW"),
        ({"agreement": "missing"}, "BLOCK"),
        ({"agreement": "missing", "criticality": "B"}, "CONDITIONAL"),
        ({"critical_request": True}, "CONDITIONAL"),
        ({"supplier": "conditional"}, "CONDITIONAL"),
        ({"supplier": "candidate"}, "QA_REVIEW"),
        ({}, "ALLOW"),
    ],
)
def test_pr_03_eligibility(change: dict[str, Any], result: str) -> None:
    assert (
        judged("supplier_eligibility", facts={**FINE, **change}, line={**FINE, **change})["result"]
        == result
    )


AGREED = {
    "confirmed": True,
    "price_percent": Decimal(2),
    "late_days": 0,
    "quantity_differs": False,
    "revision_differs": False,
}


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ({}, "ACCEPT"),
        ({"confirmed": False}, "BUYER"),
        ({"price_percent": Decimal("2.01")}, "CHANGE"),
        ({"late_days": 1}, "CHANGE"),
        ({"quantity_differs": True}, "CHANGE"),
        ({"revision_differs": True}, "CHANGE"),
        ({"late_days": None}, "BUYER"),
    ],
)
def test_prc_44_confirmation(change: dict[str, Any], result: str) -> None:
    assert judged("order_confirmation", compared={**AGREED, **change})["result"] == result


DONE = {
    "rejected_now": 0,
    "outstanding_percent": Decimal(0),
    "undecided": 0,
    "criticality": "A",
    "theirs": 0,
}


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ({}, "CLOSE"),
        ({"outstanding_percent": Decimal(-3)}, "CLOSE"),
        ({"rejected_now": 4}, "CLAIM"),
        ({"rejected_now": 4, "theirs": 10}, "CLAIM"),
        ({"theirs": 10}, "WAIT"),
        ({"undecided": 10, "outstanding_percent": Decimal(10)}, "WAIT"),
        ({"outstanding_percent": Decimal(5)}, "ASK_PLANNER"),
        ({"outstanding_percent": Decimal(5), "criticality": "N"}, "ASK_BUYER"),
        ({"outstanding_percent": Decimal("5.1")}, "WAIT"),
        ({"outstanding_percent": Decimal(5), "criticality": None}, "QA_REVIEW"),
    ],
)
def test_pr_05_line_closure(change: dict[str, Any], result: str) -> None:
    assert judged("line_closure", judged={**DONE, **change})["result"] == result
