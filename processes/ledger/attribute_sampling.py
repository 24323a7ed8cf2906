"""Single sampling by attributes from a table that the customer owns and confirms.

The table is master data (master_data/sampling_tables.json), not code: sample size by code letter,
and in each column of acceptable quality limits an acceptance number or an arrow to the first plan
below or above, which is then used with its own sample size.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from processes.ledger.refusals import LedgerRefusal, listed

DOWN, UP = "down", "up"
_SEVERITY_ZH = {"normal": "正常检验", "tightened": "加严检验", "reduced": "放宽检验"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingPlan:
    """How many units to inspect and how many defective ones are accepted.

    `sample_size` is never more than the lot; then every unit is inspected. `basis` says in both
    languages where the numbers come from.
    """

    sample_size: int
    acceptance_number: int
    rejection_number: int
    code_letter: str | None = None
    basis: Mapping[str, str] = field(default_factory=dict, compare=False)


class NoSamplingPlan(LedgerRefusal):
    """The customer's table has no plan for what the inspection plan asks."""


def code_letter(table: Mapping[str, Any], lot_size: int, level: str) -> str:
    """Give the sample size code letter for a lot size and an inspection level."""
    levels = table["levels"]
    if level not in levels:
        raise NoSamplingPlan(
            f"The sampling table has no inspection level {level}. Correct the inspection plan.",
            f"抽样表中没有检验水平 {level}，请更正检验方案。",
            expected=listed(levels),
            found=level,
        )
    for position, largest in enumerate(table["lot_sizes_up_to"]):
        if largest is None or lot_size <= largest:
            return str(levels[level][position])
    raise AssertionError  # the last lot size is without bound


def sampling_plan(
    table: Mapping[str, Any], *, lot_size: int, aql: str, level: str, severity: str
) -> SamplingPlan:
    """Give the plan for a lot under an acceptable quality limit ("1.0"), a level and a severity.

    Raises NoSamplingPlan when the table has no such column, level or severity.
    """
    drawn = code_letter(table, lot_size, level)
    plans = table["severities"].get(severity)
    if plans is None or aql not in table["aql"]:
        raise NoSamplingPlan(
            f"The sampling table has no column AQL {aql} for {severity} inspection. "
            "Correct the inspection plan.",
            f"抽样表中没有 AQL {aql}（{severity}）的方案，请更正检验方案。",
            expected=listed(table["aql"]),
            found=f"{aql}, {severity}",
        )
    letter, acceptance = _follow(plans, table["letters"], drawn, table["aql"].index(aql))
    size = min(plans[letter]["sample_size"], lot_size)
    every = size == lot_size
    return SamplingPlan(
        sample_size=size,
        acceptance_number=acceptance,
        rejection_number=acceptance + 1,
        code_letter=letter,
        basis={
            "en": f"AQL {aql}, level {level}, {severity}, code letter {letter}"
            + (", every unit" if every else ""),
            "zh": f"AQL {aql}，水平 {level}，{_SEVERITY_ZH.get(severity, severity)}，字码 {letter}"
            + ("，全数" if every else ""),
        },
    )


def one_step_tighter(table: Mapping[str, Any], aql: str) -> str | None:
    """Give the next tighter limit of the table; None when there is none (for switching)."""
    position = table["aql"].index(aql)
    return str(table["aql"][position - 1]) if position else None


def _follow(
    plans: Mapping[str, Any], letters: list[str], drawn: str, column: int
) -> tuple[str, int]:
    """Go along the arrows to the first plan; give its letter and acceptance number."""
    position = letters.index(drawn)
    for _ in letters:
        letter = letters[position]
        cell = plans[letter]["acceptance"][column]
        if isinstance(cell, int):
            return letter, cell
        position += 1 if cell == DOWN else -1
        if not 0 <= position < len(letters):
            break
    raise NoSamplingPlan(
        f"The arrows of the sampling table lead nowhere from code letter {drawn}. "
        "Ask the owner of the table.",
        f"抽样表从字码 {drawn} 起的箭头没有对应方案，请联系抽样表负责人。",
        found=drawn,
    )
