"""Switching between severities, lot by lot (IQ-03)."""

from dataclasses import replace
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


def by_class(**lots: str) -> list[SupplierEvent]:
    """Give lots with an outcome of each class: a accepted, r rejected, - not inspected in it."""
    plain = events(
        "".join("r" if "r" in each else "a" for each in zip(*lots.values(), strict=True))
    )
    return [
        replace(
            event,
            classes={
                name: {
                    "accepted": found[place] == "a",
                    "accepted_one_step_tighter": True,
                    "acceptance_number": 0,
                    "severity": "normal",
                }
                for name, found in lots.items()
                if found[place] != "-"
            },
        )
        for place, event in enumerate(plain)
    ]


def test_each_class_switches_by_its_own_lots() -> None:
    state = switching_state(by_class(major="aaaa", minor="rara"), RULES)
    assert state.severities == {"critical": "normal", "major": "normal", "minor": "tightened"}
    assert (state.severity, state.last_lot_rejected) == ("tightened", False)
    assert state.classes["major"].score == 8


def test_a_class_that_was_not_inspected_does_not_move() -> None:
    """Lots that were taken on their documents alone bring nobody back to normal inspection."""
    tightened = "rr" + "a" * 4
    skipped = switching_state(by_class(minor=tightened + "-", major="aaaaaaa"), RULES)
    assert skipped.classes["minor"].severity == "tightened"
    counted = switching_state(by_class(minor=tightened + "a", major="aaaaaaa"), RULES)
    assert counted.classes["minor"].severity == "normal"


def decided(severity: str, defect_class: str | None = None) -> SupplierEvent:
    at = datetime(2026, 2, 1, tzinfo=UTC)
    return SupplierEvent(
        kind="severity_set", received_at=at, severity=severity, defect_class=defect_class
    )


def test_reduced_is_of_one_class_and_ends_with_one_lot_not_accepted() -> None:
    history = [*by_class(major="aaa", minor="aaa"), decided("reduced", "minor")]
    state = switching_state(history, RULES)
    assert state.severities == {"critical": "normal", "major": "normal", "minor": "reduced"}
    assert state.severity == "normal"
    good = switching_state([*history, *by_class(major="a", minor="a")], RULES)
    assert good.classes["minor"].severity == "reduced"
    bad = switching_state([*history, *by_class(major="a", minor="r")], RULES)
    assert bad.classes["minor"].severity == "normal"


def test_one_class_that_is_discontinued_stops_the_supplier() -> None:
    state = switching_state(by_class(critical="aaaaaaa", minor="rrrrrrr"), RULES)
    assert (state.severity, state.classes["critical"].severity) == ("discontinued", "normal")
