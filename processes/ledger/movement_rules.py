"""Which movements there are, and which way each of them may go, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

_IN = (False, True)
_OUT = (True, False)
_WITHIN = (True, True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One type of movement.

    `sides` says whether stock comes from and goes to a place of ours. `into` and `out_of` are the
    statuses allowed at the target and at the source, None for any. `changes_status` is True or
    False where a movement within must, or must not, change the status.
    """

    meaning: str
    sides: tuple[bool, bool] | Literal["any"]
    into: frozenset[str] | None = None
    out_of: frozenset[str] | None = None
    changes_status: bool | None = None
    outcome: str | None = None
    only_released: bool = False


_RELEASED = frozenset({"RELEASED", "RELEASED_CONDITIONAL"})
_RETURNABLE = frozenset({"RELEASED", "RELEASED_CONDITIONAL", "QUARANTINE"})
_UNUSABLE = frozenset({"REJECTED", "EXPIRED", "RECALLED"})

RULES: Mapping[str, Rule] = {
    "RCV": Rule(meaning="received into quarantine", sides=_IN, into=frozenset({"QUARANTINE"})),
    "PUT": Rule(meaning="put away, status unchanged", sides=_WITHIN, changes_status=False),
    "XFR": Rule(meaning="moved, status unchanged", sides=_WITHIN, changes_status=False),
    "STAT": Rule(meaning="status changed", sides=_WITHIN, changes_status=True),
    "SAMPLE": Rule(meaning="used up in a test", sides=_OUT, outcome="SAMPLED"),
    "RETAIN": Rule(meaning="kept as a retained sample", sides=_WITHIN, into=frozenset({"SAMPLE"})),
    "PCK": Rule(meaning="picked", sides=_WITHIN, out_of=_RELEASED, only_released=True),
    "ISS": Rule(
        meaning="issued to production",
        sides=_OUT,
        out_of=_RELEASED,
        outcome="CONSUMED",
        only_released=True,
    ),
    "SHP": Rule(
        meaning="shipped", sides=_OUT, out_of=_RELEASED, outcome="SHIPPED", only_released=True
    ),
    "RTV": Rule(
        meaning="returned to the supplier",
        sides=_OUT,
        out_of=frozenset({"REJECTED", "REWORK"}),  # what a supplier keeps of what it reworks
        outcome="RETURNED",
    ),
    "SCRAP": Rule(meaning="scrapped", sides=_OUT, out_of=_UNUSABLE, outcome="SCRAPPED"),
    "DESTROY": Rule(
        meaning="destroyed", sides=_OUT, out_of=frozenset({"RECALLED"}), outcome="DESTROYED"
    ),
    "CNT+": Rule(meaning="found at a count", sides=_IN, into=frozenset({"QUARANTINE"})),
    "CNT-": Rule(meaning="missing at a count", sides=_OUT),
    "RET": Rule(meaning="returned from production unused", sides=_IN, into=_RETURNABLE),
    "PROD": Rule(meaning="made", sides=_IN, into=frozenset({"QUARANTINE"})),
    "SPLIT": Rule(meaning="part of a lot became a lot of its own", sides="any"),
    "MERGE": Rule(meaning="lots became one", sides="any"),
    "RELABEL": Rule(meaning="labelled for another market", sides="any"),
    "REPACK": Rule(meaning="packed anew", sides="any"),
    "RTN": Rule(meaning="returned by a customer", sides=_IN, into=frozenset({"RETURN_QUARANTINE"})),
    "OWN": Rule(meaning="changed its owner where it lies", sides=_WITHIN, changes_status=False),
    "REVERSAL": Rule(meaning="the opposite of another movement", sides="any"),
}
"""Movements that are offered. CONV of the data model is a word that the database knows already:
units convert when a quantity is entered."""
