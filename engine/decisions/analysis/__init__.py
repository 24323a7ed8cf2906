"""Gaps, overlaps and unreachable rules of decision tables, found before anyone meets them.

`analyse` walks the model; constants, lines and columns cut a table into boxes; search finds what
no rule, or more than one rule, matches; findings says it.
"""

from collections.abc import Iterator

from engine.decisions.analysis.findings import check_table, no_logic
from engine.decisions.analysis.scopes import Scope
from engine.decisions.model import (
    ANY_TYPE,
    Conditional,
    Context,
    Decision,
    DecisionModel,
    DecisionTable,
    Expression,
    Filter,
    FunctionDefinition,
    Invocation,
    Iteration,
    ListExpression,
    Quantified,
    Relation,
    Requirement,
    Variable,
)
from engine.problems import Problem

__all__ = ["analyse"]


def analyse(model: DecisionModel) -> list[Problem]:
    """Find what is wrong with the tables of a model; what it imports is analysed on its own.

    Errors: values that no rule of a table matches, or that more rules match than the hit policy
    allows. Warnings: rules that can never apply, and tables that could not be analysed.
    """
    problems: list[Problem] = []
    for key, decision in model.decisions.items():
        if "#" in key:
            continue
        if decision.logic is None:
            problems.append(no_logic(decision.name, key, model.file))
        else:
            for table, scope in _tables(decision.logic, _scope_of(model, decision)):
                problems += check_table(table, model.types, scope)
    for key, knowledge in model.knowledge.items():
        if "#" not in key:
            for table, scope in _tables(knowledge.function, Scope({})):
                problems += check_table(table, model.types, scope)
    return problems


def _scope_of(model: DecisionModel, decision: Decision) -> Scope:
    named = (_variable(model, need) for need in decision.needs if need.module is None)
    return Scope({variable.name: variable.type for variable in named})


def _variable(model: DecisionModel, need: Requirement) -> Variable:
    element = model.inputs.get(need.key) or model.decisions[need.key]
    return Variable(element.name, element.type)


def _tables(expression: Expression, scope: Scope) -> Iterator[tuple[DecisionTable, Scope]]:
    """Give each table in an expression with what it sees."""
    if isinstance(expression, DecisionTable):
        yield expression, scope
    for part, inner in _parts(expression, scope):
        yield from _tables(part, inner)


def _parts(expression: Expression, scope: Scope) -> Iterator[tuple[Expression, Scope]]:
    """Give the expressions inside an expression, each with what it sees."""
    match expression:
        case Context():
            for entry in expression.entries:
                yield entry.value, scope
                if entry.variable is not None:
                    scope = scope.with_computed(entry.variable.name, entry.variable.type)
        case FunctionDefinition():
            for parameter in expression.parameters:
                scope = scope.given(parameter.name, parameter.type)
            yield expression.body, scope
        case Iteration():
            inner = scope.with_computed(expression.variable.name, expression.variable.type)
            yield expression.source, scope
            yield expression.result, inner.with_computed("partial", ANY_TYPE)
        case Quantified():
            inner = scope.with_computed(expression.variable.name, expression.variable.type)
            yield expression.source, scope
            yield expression.condition, inner
        case Filter():
            yield expression.source, scope
            yield expression.match, Scope({})  # the entries of an item hide any name
        case _:
            yield from ((part, scope) for part in _plain_parts(expression))


def _plain_parts(expression: Expression) -> list[Expression]:
    """Give the expressions inside one that brings no names of its own."""
    match expression:
        case Invocation():
            values = [binding.value for binding in expression.bindings]
            return [expression.function, *(value for value in values if value is not None)]
        case ListExpression():
            return list(expression.items)
        case Relation():
            return [cell for row in expression.rows for cell in row]
        case Conditional():
            return [expression.condition, expression.then, expression.otherwise]
        case _:
            return []
