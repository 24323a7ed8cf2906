"""Arithmetic, comparison, logic, if and instance of."""

from collections.abc import Callable
from typing import Any, Final

from forms.feel import operators
from forms.feel.frames import Code, Compiler, Frame, Node, Operation, Scope
from forms.feel.instances import is_instance
from forms.feel.values import Budget, Value, equal, less, negated


def _arithmetic(function: Callable[[Budget, Value, Value], Value]) -> Any:
    def compile_it(compiler: Compiler, node: Node, scope: Scope) -> Code:
        left, right = compiler.code(node[1], scope), compiler.code(node[2], scope)
        return lambda frame: function(frame[0], left(frame), right(frame))

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


def _comparison(compiler: Compiler, node: Node, scope: Scope) -> Code:
    op = node[0]
    left, right = compiler.code(node[1], scope), compiler.code(node[2], scope)
    match op:
        case "=":
            return lambda frame: equal(frame[0], left(frame), right(frame))
        case "<":
            return lambda frame: less(left(frame), right(frame))
        case ">":

            def greater(frame: Frame) -> Any:
                a = left(frame)
                return less(right(frame), a)

            return greater
        case _:
            return lambda frame: compare(frame[0], op, left(frame), right(frame))


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
    "+": _arithmetic(operators.add),
    "-": _arithmetic(operators.subtract),
    "*": _arithmetic(operators.multiply),
    "/": _arithmetic(operators.divide),
    "**": _arithmetic(operators.power),
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
