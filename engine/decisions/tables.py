"""Decision tables as closures: the values tested, the rules that match, the results they give."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.decisions.cells import Test, compile_test
from engine.decisions.errors import NoMatchingRule, WrongType
from engine.decisions.feel_logic import constant_of, feel, is_constant
from engine.decisions.hit_policies import Match, policy_of
from engine.decisions.model import (
    DecisionTable,
    InputClause,
    ItemDefinition,
    OutputClause,
    Tree,
)
from engine.decisions.run import Logic, Run, Scope
from engine.decisions.typing_rules import WRONG, Fit, among, fit_for
from engine.decisions.wording import no_match, not_allowed, wrong_type
from engine.problems import Text
from forms.feel.values import Value

Types = Mapping[str, ItemDefinition]

LISTS: Final = frozenset({"COLLECT", "RULE ORDER", "OUTPUT ORDER"})
"""Policies that give a list. That none may match has to be said: by the default output `null`."""


@dataclass(frozen=True, slots=True)
class _Column:
    label: str
    logic: Logic
    type_name: str
    fit: Fit
    allowed: Test | None
    allowed_text: str


def table(expression: DecisionTable, types: Types) -> Logic:
    """Compile a decision table."""
    name = expression.name
    columns = [_column(clause, types) for clause in expression.inputs]
    labels = [column.label for column in columns]
    rows = [
        tuple(
            (index, compile_test(tree)) for index, tree in enumerate(rule.tests) if tree is not None
        )
        for rule in expression.rules
    ]
    results = [_result(expression, types, rule.results) for rule in expression.rules]
    default = _default(expression, types)
    policy = policy_of(expression, types)
    one_answer = expression.hit_policy not in LISTS
    stop = expression.hit_policy == "FIRST"

    def run_table(run: Run, scope: Scope) -> Value:
        values = [_tested(name, column, run, scope) for column in columns]
        found = []
        for number, row in enumerate(rows):
            for index, test in row:
                if not test(values[index], run, scope):
                    break
            else:
                found.append(number)
                if stop:
                    break
        if one_answer and len(found) == 1:
            return results[found[0]](run, scope)
        if not found and default is not None:
            return default(run, scope)
        if not found:
            run.fail(NoMatchingRule(name, no_match(name, labels, values)))
            if one_answer:
                return None
        return policy(Match(run, scope, labels, values, found, results))

    return run_table


def _column(clause: InputClause, types: Types) -> _Column:
    return _Column(
        label=clause.label or clause.text,
        logic=feel(clause.tree),
        type_name=clause.type,
        fit=fit_for(clause.type, types),
        allowed=None if clause.allowed is None else compile_test(clause.allowed),
        allowed_text=clause.allowed_text,
    )


def _tested(table_name: str, column: _Column, run: Run, scope: Scope) -> Value:
    """Give the value that a column tests, as its type has it and among its input values."""
    value = column.logic(run, scope)
    found = column.fit(value)
    if found is WRONG:
        run.fail(WrongType(table_name, wrong_type(column.label, column.type_name, value)))
        return None
    if column.allowed is not None and found is not None and not column.allowed(found, run, scope):
        run.fail(WrongType(table_name, not_allowed(column.label, column.allowed_text, value)))
        return None
    return found  # type: ignore[return-value]


def _result(expression: DecisionTable, types: Types, trees: Sequence[Tree]) -> Logic:
    """Compile the outputs of a rule: one is the value itself, several are a context."""
    cells = [
        _output(expression.name, clause, types, tree)
        for clause, tree in zip(expression.outputs, trees, strict=True)
    ]
    if len(cells) == 1:
        return cells[0]
    named = [
        (clause.name or "", cell) for clause, cell in zip(expression.outputs, cells, strict=True)
    ]
    return lambda run, scope: {name: cell(run, scope) for name, cell in named}


def _output(owner: str, clause: OutputClause, types: Types, tree: Tree) -> Logic:
    fit = fit_for(clause.type, types)
    if clause.allowed is not None:
        fit = among(clause.allowed, fit)
    if is_constant(tree[1]):
        fitted = fit(constant_of(tree[1]))
        if fitted is not WRONG:
            return lambda _run, _scope: fitted  # type: ignore[return-value]
    logic = feel(tree)

    def output(run: Run, scope: Scope) -> Value:
        value = logic(run, scope)
        found = fit(value)
        if found is WRONG:
            run.fail(WrongType(owner, _output_wrong(clause, owner, value)))
            return None
        return found  # type: ignore[return-value]

    return output


def _output_wrong(clause: OutputClause, owner: str, value: Value) -> Text:
    what = clause.name or owner
    if clause.values_text:
        return not_allowed(what, clause.values_text, value)
    return wrong_type(what, clause.type, value)


def _default(expression: DecisionTable, types: Types) -> Callable[[Run, Scope], Value] | None:
    if any(clause.default is None for clause in expression.outputs):
        return None
    logic = _result(expression, types, [clause.default for clause in expression.outputs])
    if expression.hit_policy not in LISTS or expression.aggregation is not None:
        return logic
    if all(_is_null(clause.default) for clause in expression.outputs):
        return lambda _run, _scope: []
    return lambda run, scope: [logic(run, scope)]


def _is_null(tree: Tree) -> bool:
    return tree is not None and is_constant(tree[1]) and constant_of(tree[1]) is None
