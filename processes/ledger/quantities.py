"""Amounts with a unit: decimals for people, integers at the unit's decimals for the database."""

from decimal import Decimal
from fractions import Fraction

from processes.ledger.refusals import LedgerRefusal
from processes.ledger.units import Unit

_DIGITS = 15
LARGEST = 10**_DIGITS
"""The largest stored integer: a sum of nine thousand of them still fits 63 bits."""


class QuantityNotExact(LedgerRefusal):
    """INV-07: nothing is rounded on the way into the book."""

    def __init__(self, amount: object, unit: Unit) -> None:
        en, zh = unit.names["en"], unit.names["zh"]
        super().__init__(
            f"{amount} {en} cannot be kept exactly: the unit has {unit.decimals} "
            "decimals. Enter the quantity in a smaller unit.",
            f"{amount} {zh} 无法精确记录：该单位只有 {unit.decimals} 位小数，"
            "请改用更小的单位录入。",
            found=str(amount),
        )


class NotAQuantity(LedgerRefusal):
    """A quantity is a positive number that the book can add."""

    def __init__(self, amount: object) -> None:
        super().__init__(
            f"{amount} is not a quantity that can be booked. Enter a number greater than zero.",
            f"{amount} 不是可以记账的数量，请输入大于零的数值。",
            found=str(amount),
        )


def scaled(amount: Decimal | int, unit: Unit) -> int:
    """Give an amount as the integer that is stored; refused when digits would be lost."""
    exact = Decimal(amount)
    if not exact.is_finite() or exact <= 0 or exact.adjusted() > _DIGITS:
        raise NotAQuantity(amount)
    moved = exact.scaleb(unit.decimals)
    if moved != moved.to_integral_value():
        raise QuantityNotExact(amount, unit)
    if moved > LARGEST:
        raise NotAQuantity(amount)
    return int(moved)


def amount_of(stored: int, unit: Unit) -> Decimal:
    """Give a stored integer as the amount that people see, with the unit's decimals."""
    return Decimal(stored).scaleb(-unit.decimals)


def case_number(stored: int, unit: Unit) -> Decimal | int:
    """Give a stored integer as a number of the case document: a count where the unit is whole."""
    return amount_of(stored, unit) if unit.decimals else stored


def converted(amount: Decimal | int, ratio: Fraction, unit: Unit) -> int:
    """Convert by an exact ratio into `unit` and give the stored integer."""
    exact = Fraction(Decimal(amount)) * ratio * 10**unit.decimals
    if exact.denominator != 1:
        raise QuantityNotExact(f"{amount} × {ratio}", unit)
    if not 0 < exact <= LARGEST:
        raise NotAQuantity(amount)
    return int(exact)
