"""The tests of decision tables as Python functions.

Most cells compare the tested value with constants of one type: a text with texts, a number with
numbers or ranges of them. Those become one set look-up or comparison. Everything else, and a value
of another type, goes to FEEL, whose three-valued logic then decides.
"""

import operator
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias

from engine.decisions.feel_logic import constant_of, is_constant
from engine.decisions.model import Tree
from engine.decisions.run import Run, Scope
from forms.feel import Range, Value, compile_tree

Test: TypeAlias = Callable[[Value, Run, Scope], bool]
"""Whether a value passes a cell; what is unknown does not pass."""

_Quick: TypeAlias = Callable[[Value], bool]

QUICK_TYPES: Final = (Decimal, str, bool)


def compile_test(tree: Tree) -> Test:
    """Compile the unary tests of a cell."""
    slow = _evaluated(tree)
    quick = _quick(tree[1])
    if quick is None:
        return slow
    kind, test = quick

    def quick_or_slow(value: Value, run: Run, scope: Scope) -> bool:
        return test(value) if type(value) is kind else slow(value, run, scope)

    return quick_or_slow


def _evaluated(tree: Tree) -> Test:
    program = compile_tree(tree)

    def slow(value: Value, run: Run, scope: Scope) -> bool:
        return program({**scope, "?": value}, now=run.now) is True

    return slow


def _quick(node: object) -> tuple[type, _Quick] | None:
    """Give the type of all the constants of a cell, and its test for values of that type."""
    match node:
        case ["tests", bool(positive), *tests]:
            pass
        case _:
            return None
    parts = [_part(test) for test in tests]
    kinds = {kind for part in parts if part is not None for kind in [part[0]]}
    if None in parts or len(kinds) != 1:
        return None
    quick = _any_of([part for part in parts if part is not None])
    return kinds.pop(), quick if positive else lambda value: not quick(value)


_Part: TypeAlias = tuple[type, Value | None, _Quick]
"""The type of a test's constants; the one value it accepts, if it is one; the test."""


def _part(test: object) -> _Part | None:
    match test:
        case ["test", "in", operand] if is_constant(operand):
            return _membership(constant_of(operand))
        case ["test", str(sign), operand] if sign in _SIGNS and is_constant(operand):
            bound = constant_of(operand)
            kind = type(bound)
            if kind not in QUICK_TYPES or (kind is bool and sign not in {"=", "!="}):
                return None
            compare = _SIGNS[sign]
            # bound first: compare(bound, value) asks `bound sign' value`, see _SIGNS.
            return kind, bound if sign == "=" else None, lambda value: compare(bound, value)
    return None


def _membership(value: Value) -> _Part | None:
    kind = type(value)
    if kind in QUICK_TYPES:
        return kind, value, lambda tested: tested == value
    if isinstance(value, Range) and not value.op:
        return _range(value)
    return None


def _range(value: Range) -> _Part | None:
    low: Any = value.start
    high: Any = value.end
    kind = type(low)
    if kind is not type(high) or kind not in (Decimal, str):
        return None
    above = operator.le if value.start_included else operator.lt
    below = operator.le if value.end_included else operator.lt
    return kind, None, lambda tested: above(low, tested) and below(tested, high)


def _any_of(parts: Sequence[_Part]) -> _Quick:
    accepted = frozenset(value for _, value, _ in parts if value is not None)
    others = [quick for _, value, quick in parts if value is None]
    if not others:
        return accepted.__contains__ if len(accepted) > 1 else parts[0][2]
    if len(parts) == 1:
        return others[0]
    return lambda value: value in accepted or any(quick(value) for quick in others)


_SIGNS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.gt,  # value < bound is bound > value
    "<=": operator.ge,
    ">": operator.lt,
    ">=": operator.le,
}
