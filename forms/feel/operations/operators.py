"""Arithmetic, comparison, logic, if and instance of."""

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from forms.feel import decimals, operators
from forms.feel.comparing import equal, less, negated
from forms.feel.frames import Code, Compiler, Frame, Node, Operation, Scope
from forms.feel.instances import is_instance
from forms.feel.values import Budget, Value


def _arithmetic(
    of_numbers: Callable[[Decimal, Decimal], Decimal | None],
    of_any: Callable[[Budget, Value, Value], Value],
) -> Operation:
    def compile_it(compiler: Compiler, node: Node, scope: Scope) -> Code:
        left, right = compiler.code(node[1], scope), compiler.code(node[2], scope)

        def run(frame: Frame) -> Any:
            a, b = left(frame), right(frame)
            if type(a) is Decimal and type(b) is Decimal:
                return of_numbers(a, b)
            return of_any(frame[0], a, b)

        return run

    return compile_it


def _negative(compiler: Compiler, node: Node, scope: Scope) -> Code:
    operand = compiler.code(node[1], scope)
    return lambda frame: operators.negative(operand(frame))


def compare(budget: Budget, op: str, a: Value, b: Value) -> bool | None:
    """Compare by one of the six signs."""
    match op:
        case "=":
            return equal(budget, a, b)
        case "!=":
            return negated(equal(budget, a, b))
        case "<":
            return less(a, b)
        case ">":
            return less(b, a)
        case "<=":
            return negated(less(b, a))
        case _:
            return negated(less(a, b))


DIRECT: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
"""How two numbers, or two texts, are compared: as Python compares them."""


def _comparison(compiler: Compiler, node: Node, scope: Scope) -> Code:
    op = node[0]
    left, right = compiler.code(node[1], scope), compiler.code(node[2], scope)
    direct = DIRECT[op]

    def run(frame: Frame) -> Any:
        a, b = left(frame), right(frame)
        kind = type(a)
        if kind is type(b) and (kind is Decimal or kind is str):
            return direct(a, b)
        return compare(frame[0], op, a, b)

    return run


def _and(compiler: Compiler, node: Node, scope: Scope) -> Code:
    return _junction(compiler, node, scope, decisive=False)


def _or(compiler: Compiler, node: Node, scope: Scope) -> Code:
    return _junction(compiler, node, scope, decisive=True)


def _junction(compiler: Compiler, node: Node, scope: Scope, *, decisive: bool) -> Code:
    """Compile and/or: the first decisive operand decides; what is no boolean is unknown."""
    operands = [compiler.code(operand, scope) for operand in node[1:]]
    neutral = not decisive

    def run(frame: Frame) -> Any:
        known = True
        for operand in operands:
            value = operand(frame)
            if value is decisive:
                return decisive
            if value is not neutral:
                known = False
        return neutral if known else None

    return run


def _between(compiler: Compiler, node: Node, scope: Scope) -> Code:
    value, low, high = (compiler.code(part, scope) for part in node[1:])

    def run(frame: Frame) -> Any:
        tested = value(frame)
        above = negated(less(tested, low(frame)))
        below = negated(less(high(frame), tested))
        if above is False or below is False:
            return False
        return None if above is None or below is None else True

    return run


def _conditional(compiler: Compiler, node: Node, scope: Scope) -> Code:
    condition, then, otherwise = (compiler.code(part, scope) for part in node[1:])
    return lambda frame: then(frame) if condition(frame) is True else otherwise(frame)


def _instance(compiler: Compiler, node: Node, scope: Scope) -> Code:
    value, wanted = compiler.code(node[1], scope), node[2]
    return lambda frame: is_instance(value(frame), wanted)


OPERATIONS: Final[dict[str, Operation]] = {
    "+": _arithmetic(decimals.add, operators.add),
    "-": _arithmetic(decimals.subtract, operators.subtract),
    "*": _arithmetic(decimals.multiply, operators.multiply),
    "/": _arithmetic(decimals.divide, operators.divide),
    "**": _arithmetic(decimals.power, operators.power),
    "neg": _negative,
    "=": _comparison,
    "!=": _comparison,
    "<": _comparison,
    "<=": _comparison,
    ">": _comparison,
    ">=": _comparison,
    "and": _and,
    "or": _or,
    "between": _between,
    "if": _conditional,
    "is": _instance,
}
