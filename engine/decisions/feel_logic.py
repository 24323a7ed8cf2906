"""FEEL trees as closures. What FEEL itself bounds (steps, size) ends the decision."""

from engine.decisions.model import LiteralExpression, Tree
from engine.decisions.run import Logic, Run, Scope
from forms.feel import evaluate
from forms.feel.values import Value


def literal(expression: LiteralExpression) -> Logic:
    """Compile a FEEL text."""
    return feel(expression.tree)


def feel(tree: Tree) -> Logic:
    """Compile a FEEL tree."""

    def run_feel(run: Run, scope: Scope) -> Value:
        return evaluate(tree, scope, now=run.now)

    return run_feel
