"""Calls of functions, built in or values, and function literals."""

from collections.abc import Sequence
from typing import Any, Final

from forms.feel.errors import FeelLimitExceeded
from forms.feel.frames import Code, Compiler, Frame, Node, Operation, Scope, constant
from forms.feel.instances import is_instance
from forms.feel.limits import DEFAULT_LIMITS
from forms.feel.registry import BUILTINS, Signature, positional
from forms.feel.values import Budget, FeelFunction, Value


def _builtin(compiler: Compiler, node: Node, scope: Scope) -> Code:
    """Compile ["b", name, argument…]."""
    arguments = [compiler.code(argument, scope) for argument in node[2:]]
    signature = positional(node[1], len(arguments))
    return constant(None) if signature is None else _calling(signature, arguments)


def _calling(signature: Signature, arguments: list[Code]) -> Code:
    function = signature.function
    if signature.gathers and len(arguments) > 1:
        return lambda frame: function(frame[0], [argument(frame) for argument in arguments])
    match arguments:
        case [only]:
            return lambda frame: function(frame[0], only(frame))
        case [first, second]:
            return lambda frame: function(frame[0], first(frame), second(frame))
        case _:
            return lambda frame: function(frame[0], *(argument(frame) for argument in arguments))


def _call(compiler: Compiler, node: Node, scope: Scope) -> Code:
    """Compile ["call", function, argument…]; a built-in function where the name is none."""
    function = compiler.code(node[1], scope)
    arguments = [compiler.code(argument, scope) for argument in node[2:]]
    otherwise = _fallback(compiler, node, scope)

    def run(frame: Frame) -> Any:
        called = function(frame)
        if type(called) is not FeelFunction:
            return otherwise(frame)
        if len(called.parameters) != len(arguments):
            return None
        return called.call(frame[0], [argument(frame) for argument in arguments])

    return run


def _call_by_name(compiler: Compiler, node: Node, scope: Scope) -> Code:
    """Compile ["calln", function, [parameter, argument]…]: all its parameters, in any order."""
    function = compiler.code(node[1], scope)
    arguments = [(name, compiler.code(argument, scope)) for name, argument in node[2:]]
    names = sorted(name for name, _ in arguments)

    def run(frame: Frame) -> Any:
        called = function(frame)
        if type(called) is not FeelFunction:
            return None
        values = {name: argument(frame) for name, argument in arguments}
        if sorted(called.parameters) != names:
            return None
        return called.call(frame[0], [values[name] for name in called.parameters])

    return run


def _fallback(compiler: Compiler, node: Node, scope: Scope) -> Code:
    """Compile the built-in function of that name, if a name is what is called."""
    called = node[1]
    if isinstance(called, list) and called[0] == "v" and called[1] in BUILTINS:
        return compiler.code(["b", called[1], *node[2:]], scope)
    return constant(None)


def _function(compiler: Compiler, node: Node, scope: Scope) -> Code:
    """Compile ["func", [[parameter, type or null]…], body]: a closure over the frame."""
    parameters = [(name, compiler.slot(), kind) for name, kind in node[1]]
    inner = scope
    for name, slot, _ in parameters:
        inner = inner.with_name(name, slot)
    body = compiler.code(node[2], inner)
    names = tuple(name for name, _, _ in parameters)

    def run(frame: Frame) -> Any:
        captured = frame[:]

        def within(budget: Budget, values: Sequence[Value]) -> Value:
            budget.spend(1)
            own = captured[:]
            own[0] = budget
            for (_, slot, kind), value in zip(parameters, values, strict=True):
                if kind is not None and value is not None and not is_instance(value, kind):
                    return None
                own[slot] = value
            budget.depth -= 1
            if budget.depth < 0:
                raise FeelLimitExceeded("depth")
            result: Value = body(own)
            budget.depth += 1
            return result

        def alone(*values: Value) -> Value:
            limits = DEFAULT_LIMITS
            return within(Budget(limits.steps, limits.size, limits.depth), values)

        return FeelFunction(names, alone, within)

    return run


OPERATIONS: Final[dict[str, Operation]] = {
    "b": _builtin,
    "call": _call,
    "calln": _call_by_name,
    "func": _function,
}
