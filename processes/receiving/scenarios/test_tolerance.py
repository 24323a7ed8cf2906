"""Every row of PR-05 at the dock, the default row included."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.decisions import evaluate_decision, read_decisions

TABLE = Path(__file__).parent.parent / "receipt_tolerance.dmn"
AS_ORDERED = {
    "ordered": True,
    "criticality": "A",
    "over_percent": Decimal(0),
    "early_days": 7,
    "life_short": False,
    "beyond_line": False,
}


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ({}, "ACCEPT"),
        ({"ordered": False, "criticality": None}, "ACCEPT"),
        ({"over_percent": Decimal("0.1")}, "OVER"),
        ({"over_percent": Decimal("0.1"), "criticality": "B"}, "OVER"),
        ({"over_percent": Decimal(5), "criticality": "C"}, "ACCEPT"),
        ({"over_percent": Decimal("5.1"), "criticality": "N"}, "OVER"),
        ({"over_percent": Decimal(3), "criticality": "C", "beyond_line": True}, "OVER"),
        ({"over_percent": Decimal(-60)}, "ACCEPT"),
        ({"early_days": 8}, "EARLY"),
        ({"life_short": True}, "HOLD"),
        ({"criticality": None}, "CLARIFY"),
    ],
)
def test_pr_05_at_the_dock(change: dict[str, Any], result: str) -> None:
    model = read_decisions(TABLE.read_bytes())
    found: Any = evaluate_decision(model, "receipt_tolerance", {"check": {**AS_ORDERED, **change}})
    assert found["result"] == result
