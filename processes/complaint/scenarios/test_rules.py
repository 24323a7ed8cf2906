"""Every row of CL-01, for each region, the default rows included."""

from pathlib import Path
from typing import Any

import pytest

from engine.decisions import evaluate_decision, read_decisions

FILE = Path(__file__).parent.parent / "reportability.dmn"
EVENT = {
    "outcome": "none",
    "remedial": False,
    "unanticipated": False,
    "public_health_threat": False,
    "group_event": False,
    "place": "home",
}


@pytest.mark.parametrize(
    ("region", "change", "rule"),
    [
        ("cn", {"outcome": "death", "place": "abroad"}, "CN-AE30"),
        ("cn", {"outcome": "death", "group_event": True}, "CN-AEG12"),
        ("cn", {"outcome": "none", "group_event": True}, "CN-AEG12"),
        ("cn", {"outcome": "death"}, "CN-AE7"),
        ("cn", {"outcome": "serious_injury"}, "CN-AE20"),
        ("cn", {"outcome": "may_cause"}, "CN-AE20"),
        ("cn", {"outcome": "none"}, None),
        ("cn", {"outcome": "unknown"}, "CN-AE20"),
        ("us", {"outcome": "death", "remedial": True}, "US-MDR5"),
        ("us", {"outcome": "death"}, "US-MDR30"),
        ("us", {"outcome": "serious_injury"}, "US-MDR30"),
        ("us", {"outcome": "may_cause"}, "US-MDR30"),
        ("us", {"outcome": "none"}, None),
        ("us", {"outcome": None}, "US-MDR30"),
        ("eu", {"public_health_threat": True}, "EU-2"),
        ("eu", {"outcome": "death"}, "EU-10"),
        ("eu", {"outcome": "serious_injury", "unanticipated": True}, "EU-10"),
        ("eu", {"outcome": "serious_injury"}, "EU-15"),
        ("eu", {"outcome": "may_cause"}, "EU-15"),
        ("eu", {"outcome": "none"}, None),
        ("eu", {"outcome": "unknown"}, "EU-15"),
    ],
)
def test_cl_01_reportability(region: str, change: dict[str, Any], rule: str | None) -> None:
    model = read_decisions(FILE.read_bytes())
    found: Any = evaluate_decision(model, f"reportable_{region}", {"event": {**EVENT, **change}})
    assert (found["reportable"], found["rule"]) == (rule is not None, rule)
