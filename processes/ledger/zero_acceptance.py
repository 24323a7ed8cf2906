"""Sample sizes that accept on no defect (C = 0), from confidence and reliability, exactly.

A formula, so nobody's table: the smallest n for which a lot with as many bad units as may just not
pass would show none of them with probability at most 1 - confidence (hypergeometric; binomial for
a lot without bound). Integers and fractions only, so that every machine draws the same n.
"""

from decimal import Decimal
from fractions import Fraction


def sample_size(lot_size: int | None, *, confidence: Decimal, nonconforming: Decimal) -> int:
    """Give n for a lot of `lot_size` units (None: without bound).

    `confidence` and `nonconforming` are shares between 0 and 1: 0.95 and 0.05 say "with 95 %
    confidence at most 5 % are bad". Raises ValueError for shares outside.
    """
    risk, share = 1 - Fraction(confidence), Fraction(nonconforming)
    if not 0 < risk < 1 or not 0 < share < 1:
        message = "confidence and nonconforming share lie between 0 and 1"
        raise ValueError(message)
    if lot_size is None:
        return _binomial(risk, share)
    return _hypergeometric(lot_size, risk, share)


def _binomial(risk: Fraction, share: Fraction) -> int:
    size, unseen = 0, Fraction(1)
    while unseen > risk:
        size += 1
        unseen *= 1 - share
    return size


def _hypergeometric(lot_size: int, risk: Fraction, share: Fraction) -> int:
    bad = -(-share.numerator * lot_size // share.denominator)  # rounded up
    good = lot_size - bad
    size, unseen, ways = 0, risk.denominator, risk.numerator
    while unseen > ways and size < lot_size:  # product of (good - i) / (lot_size - i), over risk
        unseen *= good - size
        ways *= lot_size - size
        size += 1
    return size
