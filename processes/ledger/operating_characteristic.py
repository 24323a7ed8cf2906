"""How well a sampling plan tells good lots from bad ones: the probability that a lot is accepted.

Exact: binomial for a process or a lot without bound (type B), hypergeometric for one lot of N units
(type A), in fractions over integers; only the answer is rounded. This is what the quality manager
weighs when choosing a plan: the producer's risk at the acceptable quality limit, and the consumer's
risk quality, the share of bad units that is still accepted one time in ten.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import comb

PLACES = Decimal("0.0001")
CURVE = tuple(
    Fraction(n, 1000)
    for n in (0, 1, 2, 5, *range(10, 100, 5), *range(100, 200, 10), *range(200, 320, 20))
)
"""Shares of nonconforming units that a curve is drawn at: close together where it falls."""
CONSUMER = Fraction(1, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Points of the curve: share of nonconforming units, probability of acceptance.

    `limiting_quality` is the smallest share, in steps of one thousandth, that is accepted with a
    probability of at most 10 %; None where no share up to one is (100 % inspection aside).
    """

    points: tuple[tuple[Decimal, Decimal], ...]
    limiting_quality: Decimal | None


def acceptance(
    sample_size: int, acceptance_number: int, share: Fraction | Decimal, lot_size: int | None = None
) -> Decimal:
    """Give the probability that a lot is accepted, to four decimals.

    `share` is the share of nonconforming units (0 to 1). With a lot size the count of bad units is
    rounded up to whole units. Raises ValueError for a sample larger than the lot, or a share
    outside.
    """
    return _rounded(_exact(sample_size, acceptance_number, Fraction(share), lot_size))


def curve(sample_size: int, acceptance_number: int, lot_size: int | None = None) -> Curve:
    """Give the operating characteristic of a plan (n, Ac)."""
    points = tuple(
        (_rounded(share), acceptance(sample_size, acceptance_number, share, lot_size))
        for share in CURVE
    )
    return Curve(
        points=points, limiting_quality=_limiting(sample_size, acceptance_number, lot_size)
    )


def _exact(size: int, limit: int, share: Fraction, lot_size: int | None) -> Fraction:
    if not 0 <= share <= 1 or size < 0 or limit < 0:
        raise ValueError("a share lies between 0 and 1, sizes are not negative")
    if lot_size is None:
        good = 1 - share
        ways: Sequence[Fraction] = [
            comb(size, bad) * share**bad * good ** (size - bad)
            for bad in range(min(limit, size) + 1)
        ]
        return sum(ways, Fraction(0))
    if size > lot_size:
        raise ValueError("the sample is larger than the lot")
    nonconforming = -(-share.numerator * lot_size // share.denominator)
    found = sum(
        comb(nonconforming, bad) * comb(lot_size - nonconforming, size - bad)
        for bad in range(min(limit, size) + 1)
    )
    return Fraction(found, comb(lot_size, size))


def _limiting(size: int, limit: int, lot_size: int | None) -> Decimal | None:
    """Search the thousandths by halving: the probability falls as the share grows."""
    low, high = 0, 1000
    if _exact(size, limit, Fraction(1), lot_size) > CONSUMER:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if _exact(size, limit, Fraction(middle, 1000), lot_size) <= CONSUMER:
            high = middle
        else:
            low = middle
    return _rounded(Fraction(high, 1000))


def _rounded(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(PLACES)
