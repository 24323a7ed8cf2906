"""The tests of decision tables as Python functions.

Most cells compare the tested value with constants of one type: a text with texts, a number with
numbers or ranges of them. Each of these becomes one function with one comparison in it, because a
table runs a dozen of them for each decision. Everything else, and a value of another type, goes to
FEEL, whose three-valued logic then decides.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias

from engine.decisions.feel_logic import constant_of, is_constant
from engine.decisions.model import Tree
from engine.decisions.run import Run, Scope
from forms.feel import Range, Value, compile_tree

Test: TypeAlias = Callable[[Any, Run, Scope], bool]
"""Whether a value passes a cell; what is unknown does not pass."""

QUICK_TYPES: Final = (Decimal, str, bool)
_ORDERED: Final = (Decimal, str)


def compile_test(tree: Tree) -> Test:
    """Compile the unary tests of a cell."""
    slow = _evaluated(tree)
    match tree[1]:
        case ["tests", True, test]:
            return _single(test, slow) or slow
        case ["tests", bool(positive), *tests]:
            return _several(tests, slow, positive=positive) or slow
        case _:
            return slow


def _evaluated(tree: Tree) -> Test:
    program = compile_tree(tree)

    def slow(value: Value, run: Run, scope: Scope) -> bool:
        return program({**scope, "?": value}, now=run.now) is True

    return slow


def _single(test: object, slow: Test) -> Test | None:
    """Compile a cell with one test: a constant, a range, or a comparison with a constant."""
    match test:
        case ["test", "in", operand] if is_constant(operand):
            value = constant_of(operand)
            if type(value) in QUICK_TYPES:
                return _equality(value, slow)
            return _range(value, slow) if isinstance(value, Range) and not value.op else None
        case ["test", str(sign), operand] if sign in _COMPARISONS and is_constant(operand):
            bound = constant_of(operand)
            return _COMPARISONS[sign](bound, slow) if type(bound) in _ORDERED else None
        case _:
            return None


def _several(tests: Sequence[object], slow: Test, *, positive: bool) -> Test | None:
    """Compile a list of constants of one type, or not(…) of it."""
    values = []
    for test in tests:
        match test:
            case ["test", "in", operand] if is_constant(operand):
                values.append(constant_of(operand))
            case _:
                return None
    kinds = {type(value) for value in values}
    if len(kinds) != 1 or not kinds <= set(QUICK_TYPES):
        return None
    (kind,) = kinds
    accepted = frozenset(values)

    def listed(value: Any, run: Run, scope: Scope) -> bool:
        return value in accepted if type(value) is kind else slow(value, run, scope)

    def unlisted(value: Any, run: Run, scope: Scope) -> bool:
        return value not in accepted if type(value) is kind else slow(value, run, scope)

    return listed if positive else unlisted


def _equality(known: Any, slow: Test) -> Test:
    kind = type(known)

    def equal(value: Any, run: Run, scope: Scope) -> bool:
        return value == known if type(value) is kind else slow(value, run, scope)

    return equal


def _range(value: Range, slow: Test) -> Test | None:
    low: Any = value.start
    high: Any = value.end
    kind = type(low)
    if kind is not type(high) or kind not in _ORDERED:
        return None

    def closed(value: Any, run: Run, scope: Scope) -> bool:
        return low <= value <= high if type(value) is kind else slow(value, run, scope)

    def left_closed(value: Any, run: Run, scope: Scope) -> bool:
        return low <= value < high if type(value) is kind else slow(value, run, scope)

    def right_closed(value: Any, run: Run, scope: Scope) -> bool:
        return low < value <= high if type(value) is kind else slow(value, run, scope)

    def opened(value: Any, run: Run, scope: Scope) -> bool:
        return low < value < high if type(value) is kind else slow(value, run, scope)

    if value.start_included:
        return closed if value.end_included else left_closed
    return right_closed if value.end_included else opened


def _less(bound: Any, slow: Test) -> Test:
    kind = type(bound)

    def less(value: Any, run: Run, scope: Scope) -> bool:
        return value < bound if type(value) is kind else slow(value, run, scope)

    return less


def _at_most(bound: Any, slow: Test) -> Test:
    kind = type(bound)

    def at_most(value: Any, run: Run, scope: Scope) -> bool:
        return value <= bound if type(value) is kind else slow(value, run, scope)

    return at_most


def _greater(bound: Any, slow: Test) -> Test:
    kind = type(bound)

    def greater(value: Any, run: Run, scope: Scope) -> bool:
        return value > bound if type(value) is kind else slow(value, run, scope)

    return greater


def _at_least(bound: Any, slow: Test) -> Test:
    kind = type(bound)

    def at_least(value: Any, run: Run, scope: Scope) -> bool:
        return value >= bound if type(value) is kind else slow(value, run, scope)

    return at_least


_COMPARISONS: Final = {"<": _less, "<=": _at_most, ">": _greater, ">=": _at_least}
