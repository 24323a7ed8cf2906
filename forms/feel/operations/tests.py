"""`in`, and the unary tests of decision tables."""

from collections.abc import Callable
from typing import Any, Final

from forms.feel.comparing import contains, equal, negated
from forms.feel.frames import SUBJECT, Code, Compiler, Frame, Node, Operation, Scope
from forms.feel.operations.operators import compare
from forms.feel.values import Budget, Range, Value

Test = Callable[[Frame, Any], bool | None]


def member(budget: Budget, value: Value, of: Value) -> bool | None:
    """Tell whether `value` equals `of`, is an element of that list, or lies within that range.

    Elements of a list that are ranges count as tests themselves.
    """
    if type(of) is Range:
        return contains(budget, of, value)
    if type(of) is not list:
        return equal(budget, value, of)
    if type(value) is list and equal(budget, value, of) is True:
        return True
    known = True
    budget.spend(len(of))
    for item in of:
        same = contains(budget, item, value) if type(item) is Range else equal(budget, value, item)
        if same is True:
            return True
        known = known and (same is False or type(item) is not Range)
    return False if known else None


def _test(compiler: Compiler, node: Node, scope: Scope) -> Test:
    """Compile ["test", sign, bound], ["test", "in", value] or ["test", "is", condition]."""
    op = node[1]
    operand = compiler.code(node[2], scope)
    if op == "in":
        if isinstance(node[2], list) and node[2][0] == "range":
            return lambda frame, value: _within(frame[0], value, operand(frame))
        return lambda frame, value: member(frame[0], value, operand(frame))
    if op == "is":
        return lambda frame, _: _boolean(operand(frame))
    return lambda frame, value: compare(frame[0], op, value, operand(frame))


def _within(budget: Budget, value: Value, interval: Value) -> bool | None:
    """Tell whether a value is in [a..b]; None when the ends made no range."""
    return contains(budget, interval, value) if isinstance(interval, Range) else None


def _boolean(value: Value) -> bool | None:
    return value if isinstance(value, bool) else None


def _any_test(tests: list[Test], frame: Frame, value: Value) -> bool | None:
    known = True
    for test in tests:
        passed = test(frame, value)
        if passed is True:
            return True
        known = known and passed is False
    return False if known else None


def _membership(compiler: Compiler, node: Node, scope: Scope) -> Code:
    subject = compiler.code(node[1], scope)
    tests = [_test(compiler, test, scope) for test in node[2:]]
    return lambda frame: _any_test(tests, frame, subject(frame))


def _unary_tests(compiler: Compiler, node: Node, scope: Scope) -> Code:
    subject = compiler.code(["v", SUBJECT], scope)
    tests = [_test(compiler, test, scope) for test in node[2:]]
    if node[1]:
        return lambda frame: _any_test(tests, frame, subject(frame))
    return lambda frame: negated(_any_test(tests, frame, subject(frame)))


OPERATIONS: Final[dict[str, Operation]] = {"in": _membership, "tests": _unary_tests}
