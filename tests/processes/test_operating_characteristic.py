"""The probability that a lot is accepted: exact, and equal to the published figures."""

from decimal import Decimal
from fractions import Fraction
from math import comb, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processes import registry
from processes.ledger import zero_acceptance
from processes.ledger.attribute_sampling import SamplingPlan, sampling_plan
from processes.ledger.operating_characteristic import acceptance, curve

TABLE = registry.documents()["sampling_tables"]
AQL = Decimal("0.010")


def plan(severity: str) -> SamplingPlan:
    return sampling_plan(TABLE, lot_size=1000, aql="1.0", level="II", severity=severity)


def test_j_at_aql_1_0_normal() -> None:
    """Code letter J, AQL 1.0: 80/2 accepts a lot at the limit with 0.953."""
    drawn = plan("normal")
    assert (drawn.code_letter, drawn.sample_size, drawn.acceptance_number) == ("J", 80, 2)
    assert round(acceptance(80, 2, AQL), 3) == Decimal("0.953")


def test_j_at_aql_1_0_tightened() -> None:
    drawn = plan("tightened")
    assert (drawn.code_letter, drawn.sample_size, drawn.acceptance_number) == ("J", 80, 1)
    assert round(acceptance(80, 1, AQL), 3) == Decimal("0.809")


def test_consumer_s_risk_quality_of_j() -> None:
    """At 10 %: 6.5 % under normal, 4.8 % under tightened inspection, to a tenth of a per cent."""
    normal, tightened = curve(80, 2).limiting_quality, curve(80, 1).limiting_quality
    assert normal is not None
    assert tightened is not None
    assert abs(normal - Decimal("0.065")) <= Decimal("0.001")
    assert abs(tightened - Decimal("0.048")) <= Decimal("0.001")


RELIABILITY = [("0.95", "0.01"), ("0.95", "0.025"), ("0.95", "0.05"), ("0.95", "0.10")]
CONFIDENCE_90 = [("0.90", "0.05"), ("0.90", "0.10")]
ZERO = {
    25: (24, 24, 19, 16, 17, 13),
    50: (48, 39, 31, 22, 27, 18),
    100: (95, 63, 45, 25, 37, 20),
    200: (155, 90, 51, 27, 41, 21),
    500: (225, 102, 56, 28, 43, 22),
    1_000: (258, 112, 57, 29, 44, 22),
    10_000: (294, 118, 59, 29, 45, 22),
    None: (299, 119, 59, 29, 45, 22),
}


@pytest.mark.parametrize("lot_size", ZERO, ids=str)
def test_zero_acceptance_table_keeps_its_promise(lot_size: int | None) -> None:
    """Each n of the C = 0 table is the smallest that leaves at most 1 - C of risk."""
    for (confidence, bad), expected in zip(
        RELIABILITY + CONFIDENCE_90, ZERO[lot_size], strict=True
    ):
        size = zero_acceptance.sample_size(
            lot_size, confidence=Decimal(confidence), nonconforming=Decimal(bad)
        )
        assert size == expected
        risk = 1 - Decimal(confidence)
        assert acceptance(size, 0, Decimal(bad), lot_size) <= risk + Decimal("0.0001")
        assert acceptance(size - 1, 0, Decimal(bad), lot_size) > risk - Decimal("0.0001")


def test_ends_of_the_curve() -> None:
    assert acceptance(80, 2, Decimal(0)) == 1
    assert acceptance(80, 2, Decimal(1)) == 0
    assert acceptance(0, 0, Decimal("0.5")) == 1
    assert acceptance(10, 0, Decimal("0.01"), 10) == 0  # every unit, one of them bad


@given(
    size=st.integers(1, 125),
    limit=st.integers(0, 21),
    lot=st.integers(125, 400),
    permille=st.integers(0, 1000),
)
def test_the_curve_only_falls(size: int, limit: int, lot: int, permille: int) -> None:
    here, further = Fraction(permille, 1000), Fraction(min(permille + 50, 1000), 1000)
    for lot_size in (None, lot):
        found = acceptance(size, limit, here, lot_size)
        assert 0 <= acceptance(size, limit, further, lot_size) <= found <= 1


@given(size=st.integers(1, 60), limit=st.integers(0, 5), bad=st.integers(0, 60))
def test_hypergeometric_by_counting(size: int, limit: int, bad: int) -> None:
    ways = sum(comb(bad, k) * comb(60 - bad, size - k) for k in range(min(limit, size) + 1))
    expected = ways / comb(60, size)
    assert isclose(float(acceptance(size, limit, Fraction(bad, 60), 60)), expected, abs_tol=6e-5)


def test_impossible_plans_are_refused() -> None:
    with pytest.raises(ValueError, match="larger"):
        acceptance(20, 0, Decimal("0.1"), 10)
    with pytest.raises(ValueError, match="between"):
        acceptance(20, 0, Decimal("1.1"))
