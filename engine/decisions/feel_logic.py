"""FEEL trees as closures, and what can be known of a tree without running it.

The nodes of a tree are listed in forms/feel/README.md. Names and constants are answered here
without an evaluation, because that is what most cells of a table are.
"""

from engine.decisions.model import LiteralExpression, Tree
from engine.decisions.run import Logic, Run, Scope
from forms.feel import Value, compile_tree, evaluate
from forms.feel.frames import VERSION

CLOCKS = frozenset({"now", "today"})
"""Functions whose answer changes from one evaluation to the next."""


def literal(expression: LiteralExpression) -> Logic:
    """Compile a FEEL text."""
    return feel(expression.tree)


def feel(tree: Tree) -> Logic:
    """Compile a FEEL tree."""
    node = tree[1]
    if is_constant(node):
        value = constant_of(node)
        return lambda _run, _scope: value
    if isinstance(node, list) and node[0] == "v":
        name = node[1]
        return lambda _run, scope: scope.get(name)
    program = compile_tree(tree)

    def run_feel(run: Run, scope: Scope) -> Value:
        return program(scope, now=run.now)

    return run_feel


def is_constant(node: object) -> bool:
    """Tell whether a node always has the same value: no names, no clock, no function of its own.

    A loop counts as no constant although it might be one.
    """
    match node:
        case ["v" | "call" | "calln" | "func" | "for" | "some" | "every", *_]:
            return False
        case ["n" | "@", *_]:
            return True
        case ["b" | "bn", name, *_] if name in CLOCKS:
            return False
        case ["ctx" | "bn", *parts]:
            return all(is_constant(part[1]) for part in parts if isinstance(part, list))
        case [str(), *parts]:
            return all(is_constant(part) for part in parts)
        case _:
            return True


def constant_of(node: object) -> Value:
    """Evaluate a node that `is_constant`."""
    return evaluate([VERSION, node], {})
