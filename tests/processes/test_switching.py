"""Switching between severities, lot by lot (IQ-03)."""

from datetime import UTC, datetime, timedelta

import pytest

from processes import registry
from processes.ledger.supplier_history import SupplierEvent
from processes.ledger.switching import SwitchingState, switching_state

RULES = registry.documents()["inspection_rules"]


def after(lots: str, **more: int) -> SwitchingState:
    """Give the state after lots: a accepted, r rejected, R rejected when presented again."""
    return switching_state(events(lots, **more), RULES)


def events(lots: str, acceptance_number: int = 0) -> list[SupplierEvent]:
    first = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        SupplierEvent(
            kind="lot_inspected",
            received_at=first + timedelta(days=day),
            accepted=lot == "a",
            resubmission=lot == "R",
            acceptance_number=acceptance_number,
            accepted_one_step_tighter=lot == "a",
        )
        for day, lot in enumerate(lots)
    ]


@pytest.mark.parametrize(
    ("lots", "severity"),
    [
        ("", "normal"),
        ("r", "normal"),
        ("rr", "tightened"),
        ("raaar", "tightened"),
        ("raaaar", "normal"),  # the first is no longer among the last five
        ("rRR", "normal"),  # lots presented again do not count
        ("rraaaa", "tightened"),
        ("rraaaaa", "normal"),
        ("rraaraaaaa", "normal"),
        ("rrrarrar", "tightened"),
        ("rrrarrarr", "discontinued"),  # five rejected while tightened
        ("rrrarrarraaaaa", "discontinued"),  # only a decision starts it again
    ],
)
def test_severity(lots: str, severity: str) -> None:
    assert after(lots).severity == severity


def test_a_decision_sets_the_severity() -> None:
    history = events("rrrrrrr")
    assert switching_state(history, RULES).severity == "discontinued"
    decided = SupplierEvent(
        kind="severity_set",
        received_at=datetime(2026, 2, 1, tzinfo=UTC),
        severity="tightened",
    )
    assert switching_state([*history, decided], RULES).severity == "tightened"


def test_the_switching_score() -> None:
    assert after("aaa").score == 6
    assert after("aaa", acceptance_number=2).score == 9
    assert after("aar").score == 0


def test_a_change_of_the_item_starts_the_first_lots_anew() -> None:
    changed = SupplierEvent(kind="item_changed", received_at=datetime(2026, 3, 1, tzinfo=UTC))
    state = switching_state([*events("aaaa"), changed, *events("a")], RULES)
    assert (state.lots_since_change, state.lots_inspected) == (1, 5)
