"""An example of a recall as people fill it in: the story tells it, and the scenarios change it."""

from typing import Any

HAZARD: dict[str, Any] = {
    "disease_occurred": "Three breakages, one second operation.",
    "conditions": "High load.",
    "population": "Adults after fracture.",
    "seriousness": "Second operation.",
    "likelihood": "Occasional.",
    "consequences": "Temporary impairment.",
    "harm": "temporary_or_remote",
    "risk": True,
    "violation": True,
    "reduces_serious_risk": True,
    "public_health_threat": False,
    "work": "removed",
}
"""The health hazard evaluation: a risk that was seen, and harm that passes."""

STRATEGY: dict[str, Any] = {
    "depth": "user",
    "level": "A",
    "target": 95,
    "response_days": 7,
    "publication": "none",
    "organisation": "Recall team",
    "measures": "Removal from stock and return",
    "logistics": "Free return, credit",
    "handling": "Destruction with a witness",
    "timeline": "Four weeks",
    "expected_effect": "No affected screw in use",
    "contact": "recall@example.com, 0755-2000",
}
"""What is planned, without the texts, which name the product."""
