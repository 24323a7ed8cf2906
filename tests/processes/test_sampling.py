"""Sampling: the customer's table with its arrows, C = 0 by formula, samples from a kept seed."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processes import registry
from processes.ledger.attribute_sampling import NoSamplingPlan, code_letter, sampling_plan
from processes.ledger.plans import Characteristic, sampling_for
from processes.ledger.sample_selection import sample_units
from processes.ledger.zero_acceptance import sample_size

TABLE = registry.documents()["sampling_tables"]
LOTS = (8, 15, 25, 50, 90, 150, 280, 500, 1200, 3200, 10000, 35000, 150000)
COLUMNS = ("0.10", "0.25", "0.40", "0.65", "1.0", "1.5", "2.5", "4.0", "6.5")

# Lot size (largest of its class), then n/Ac for the columns above; * is every unit of the lot.
# Normal inspection, level II, arrows followed: domain/processes.md 3.2.
NORMAL = """
8      | *     *     *     *     *     *     5/0   3/0    2/0
15     | *     *     *     *     13/0  8/0   5/0   3/0    2/0
25     | *     *     *     20/0  13/0  8/0   5/0   3/0    8/1
50     | *     *     32/0  20/0  13/0  8/0   5/0   13/1   8/1
90     | *     50/0  32/0  20/0  13/0  8/0   20/1  13/1   13/2
150    | 125/0 50/0  32/0  20/0  13/0  32/1  20/1  20/2   20/3
280    | 125/0 50/0  32/0  20/0  50/1  32/1  32/2  32/3   32/5
500    | 125/0 50/0  32/0  80/1  50/1  50/2  50/3  50/5   50/7
1200   | 125/0 50/0  125/1 80/1  80/2  80/3  80/5  80/7   80/10
3200   | 125/0 200/1 125/1 125/2 125/3 125/5 125/7 125/10 125/14
10000  | 125/0 200/1 200/2 200/3 200/5 200/7 200/10 200/14 200/21
35000  | 500/1 315/2 315/3 315/5 315/7 315/10 315/14 315/21 200/21
150000 | 500/1 500/3 500/5 500/7 500/10 500/14 500/21 315/21 200/21
"""
TIGHTENED = {  # the examples of domain/processes.md 3.2
    ("1.0", 280): (80, 1),
    ("1.0", 500): (80, 1),
    ("1.0", 1200): (80, 1),
    ("1.0", 3200): (125, 2),
    ("1.0", 10000): (200, 3),
    ("2.5", 280): (32, 1),
    ("2.5", 500): (50, 2),
    ("2.5", 1200): (80, 3),
    ("2.5", 3200): (125, 5),
    ("2.5", 10000): (200, 8),
    ("0.65", 500): (125, 1),
    ("0.65", 3200): (125, 1),
}


@pytest.mark.parametrize("line", NORMAL.strip().splitlines())
def test_normal_inspection_follows_the_arrows(line: str) -> None:
    size, _, cells = line.partition("|")
    lot_size = int(size)
    for aql, cell in zip(COLUMNS, cells.split(), strict=True):
        plan = sampling_plan(TABLE, lot_size=lot_size, aql=aql, level="II", severity="normal")
        if cell == "*":
            assert plan.sample_size == lot_size, (aql, plan)
        else:
            n, acceptance = map(int, cell.split("/"))
            assert (plan.sample_size, plan.acceptance_number) == (n, acceptance), aql
        assert plan.rejection_number == plan.acceptance_number + 1


@pytest.mark.parametrize(("where", "expected"), TIGHTENED.items())
def test_tightened_inspection(where: tuple[str, int], expected: tuple[int, int]) -> None:
    aql, lot_size = where
    plan = sampling_plan(TABLE, lot_size=lot_size, aql=aql, level="II", severity="tightened")
    assert (plan.sample_size, plan.acceptance_number) == expected


@pytest.mark.parametrize(
    ("lot_size", "level", "letter"),
    [(2, "II", "A"), (9, "II", "B"), (280, "II", "G"), (281, "II", "H"), (10**7, "III", "R"),
     (500, "S-1", "B"), (501, "S-2", "C"), (1200, "I", "G"), (500001, "S-4", "K")],
)  # fmt: skip
def test_code_letters(lot_size: int, level: str, letter: str) -> None:
    assert code_letter(TABLE, lot_size, level) == letter


@pytest.mark.parametrize(
    ("rule", "lot_size", "en", "zh"),
    [
        (
            {"rule": "aql", "aql": "1.0", "level": "II"},
            500,
            "AQL 1.0, level II, tightened, code letter J",
            "AQL 1.0，水平 II，加严检验，字码 J",
        ),
        (
            {"rule": "aql", "aql": "1.0", "level": "II"},
            20,
            "AQL 1.0, level II, tightened, code letter F, every unit",
            "AQL 1.0，水平 II，加严检验，字码 F，全数",
        ),
        (
            {"rule": "zero_acceptance", "confidence": "0.95", "nonconforming": "0.05"},
            500,
            "C = 0, 95% confidence that at most 5.0% nonconform",
            "零接收（C = 0），置信度 95%，不合格品率不超过 5.0%",
        ),
        (
            {"rule": "fixed", "sample_size": 3, "acceptance_number": 0},
            500,
            "fixed, 3 units",
            "固定数量，3 件",
        ),
        ({"rule": "all"}, 500, "every unit", "全数检验"),
    ],
)
def test_where_the_numbers_come_from_is_said_in_both_languages(
    rule: dict[str, Any], lot_size: int, en: str, zh: str
) -> None:
    length = Characteristic(
        number=1,
        names={"en": "Length", "zh": "长度"},
        defect_class="major",
        kind="measured",
        method="WI-1",
        sampling=rule,
    )
    plan = sampling_for(length, TABLE, lot_size=lot_size, severity="tightened")
    assert plan.basis == {"en": en, "zh": zh}


def test_a_plan_that_the_table_does_not_have_is_refused() -> None:
    for aql, level, severity in (
        ("0.5", "II", "normal"),
        ("1.0", "IV", "normal"),
        ("1.0", "II", "reduced"),
    ):
        with pytest.raises(NoSamplingPlan):
            sampling_plan(TABLE, lot_size=100, aql=aql, level=level, severity=severity)


@given(
    lot_size=st.integers(1, 10**6),
    aql=st.sampled_from(TABLE["aql"]),
    level=st.sampled_from(sorted(TABLE["levels"])),
    severity=st.sampled_from(["normal", "tightened"]),
)
def test_every_cell_leads_to_a_plan(lot_size: int, aql: str, level: str, severity: str) -> None:
    plan = sampling_plan(TABLE, lot_size=lot_size, aql=aql, level=level, severity=severity)
    assert 0 < plan.sample_size <= lot_size


# Lot size | 95/1 95/2.5 95/5 95/10 90/5 90/10 (confidence % / nonconforming %): processes.md 3.2.
ZERO = """
25    | 24 24 19 16 17 13
50    | 48 39 31 22 27 18
100   | 95 63 45 25 37 20
200   | 155 90 51 27 41 21
500   | 225 102 56 28 43 22
1000  | 258 112 57 29 44 22
10000 | 294 118 59 29 45 22
0     | 299 119 59 29 45 22
"""
PAIRS = (
    ("0.95", "0.01"),
    ("0.95", "0.025"),
    ("0.95", "0.05"),
    ("0.95", "0.10"),
    ("0.90", "0.05"),
    ("0.90", "0.10"),
)


@pytest.mark.parametrize("line", ZERO.strip().splitlines())
def test_zero_acceptance_by_formula(line: str) -> None:
    size, _, cells = line.partition("|")
    for (confidence, share), expected in zip(PAIRS, cells.split(), strict=True):
        found = sample_size(
            int(size) or None, confidence=Decimal(confidence), nonconforming=Decimal(share)
        )
        assert found == int(expected), (size, confidence, share)


@pytest.mark.parametrize(
    ("confidence", "share", "n"),
    [("0.99", "0.01", 459), ("0.95", "0.005", 598), ("0.99", "0.05", 90), ("0.90", "0.01", 230)],
)
def test_zero_acceptance_without_bound(confidence: str, share: str, n: int) -> None:
    assert sample_size(None, confidence=Decimal(confidence), nonconforming=Decimal(share)) == n


def test_shares_outside_are_refused() -> None:
    for confidence, share in (("1", "0.1"), ("0.95", "0"), ("0.95", "1"), ("0", "0.1")):
        with pytest.raises(ValueError, match="between 0 and 1"):
            sample_size(10, confidence=Decimal(confidence), nonconforming=Decimal(share))


@given(seed=st.text(), lot_size=st.integers(1, 5000), n=st.integers(0, 300))
def test_a_seed_draws_the_same_units_again(seed: str, lot_size: int, n: int) -> None:
    drawn = sample_units(seed, lot_size, n)
    assert drawn == sample_units(seed, lot_size, n)
    assert len(set(drawn)) == len(drawn) == min(n, lot_size)
    assert all(1 <= number <= lot_size for number in drawn)


def test_the_draw_is_fixed_for_ever() -> None:
    """A kept seed must give the same units in every later version of the program."""
    assert sample_units("seed", 1000, 5) == SEEDED
    counts = [0] * 10
    for number in range(400):
        for unit in sample_units(str(number), 10, 3):
            counts[unit - 1] += 1
    assert min(counts) > 80  # 120 expected of each
    assert max(counts) < 160


SEEDED = [154, 272, 362, 760, 810]
