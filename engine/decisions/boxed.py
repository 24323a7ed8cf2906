"""Boxed expressions as closures: made once from the model, run many times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.decisions.errors import NoResult, WrongType
from engine.decisions.feel_logic import literal
from engine.decisions.model import (
    ANY_TYPE,
    Conditional,
    Context,
    DecisionTable,
    Expression,
    Filter,
    FunctionDefinition,
    Invocation,
    ItemDefinition,
    Iteration,
    ListExpression,
    LiteralExpression,
    Quantified,
    Relation,
)
from engine.decisions.run import Logic, Run, Scope
from engine.decisions.tables import table
from engine.decisions.typing_rules import WRONG, Fit, fit_for
from engine.decisions.wording import wrong_type
from forms.feel.values import FeelFunction, Range, Value

Types = Mapping[str, ItemDefinition]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a compiled expression is compiled with: the model's types, and whose logic it is."""

    types: Types
    owner: str


def compile_logic(setting: Setting, expression: Expression) -> Logic:
    """Compile a boxed expression, with the check of the type it declares."""
    match expression:
        case FunctionDefinition():
            return _function(setting, expression)  # its type is that of its result
        case LiteralExpression() | DecisionTable() | Invocation():
            logic = _leaf(setting, expression)
        case Context() | ListExpression() | Relation():
            logic = _collection(setting, expression)
        case Conditional() | Iteration() | Quantified() | Filter():
            logic = _control(setting, expression)
    return fitted(setting, expression.type, logic)


def _leaf(setting: Setting, expression: LiteralExpression | DecisionTable | Invocation) -> Logic:
    match expression:
        case LiteralExpression():
            return literal(expression)
        case DecisionTable():
            return table(expression, setting.types)
        case Invocation():
            return _invocation(setting, expression)


def _collection(setting: Setting, expression: Context | ListExpression | Relation) -> Logic:
    match expression:
        case Context():
            return _context(setting, expression)
        case ListExpression():
            return _list(setting, expression)
        case Relation():
            return _relation(setting, expression)


def _control(setting: Setting, expression: Conditional | Iteration | Quantified | Filter) -> Logic:
    match expression:
        case Conditional():
            return _conditional(setting, expression)
        case Iteration():
            return _iteration(setting, expression)
        case Quantified():
            return _quantified(setting, expression)
        case Filter():
            return _filter(setting, expression)


def fitted(setting: Setting, type_name: str, logic: Logic) -> Logic:
    """Check what an expression gives against a declared type."""
    if type_name == ANY_TYPE:
        return logic
    fit = fit_for(type_name, setting.types)

    def checked(run: Run, scope: Scope) -> Value:
        return accept(run, fit, logic(run, scope), setting.owner, type_name)

    return checked


def accept(run: Run, fit: Fit, value: Value, owner: str, type_name: str) -> Value:
    """Fit a value to a type; one that does not fit is WrongType, or null to the letter."""
    found = fit(value)
    if found is WRONG:
        run.fail(WrongType(owner, wrong_type(owner, type_name, value)))
        return None
    return found  # type: ignore[return-value]


def make_function(
    setting: Setting, definition: FunctionDefinition, body: Logic, run: Run, scope: Scope
) -> FeelFunction:
    """Make the function value that FEEL calls with values in the order of the parameters."""
    names = tuple(parameter.name for parameter in definition.parameters)
    checks = [
        (parameter, fit_for(parameter.type, setting.types)) for parameter in definition.parameters
    ]

    def call(*values: Value) -> Value:
        inner = dict(scope)
        for (parameter, fit), value in zip(checks, values, strict=True):
            found = fit(value)
            if found is WRONG:
                run.fail(
                    WrongType(setting.owner, wrong_type(parameter.name, parameter.type, value))
                )
                return None
            inner[parameter.name] = found  # type: ignore[assignment]
        run.enter(setting.owner)
        try:
            return body(run, inner)
        finally:
            run.depth -= 1

    return FeelFunction(names, call)


def _function(setting: Setting, expression: FunctionDefinition) -> Logic:
    body = fitted(setting, expression.type, compile_logic(setting, expression.body))
    return lambda run, scope: make_function(setting, expression, body, run, scope)


def _context(setting: Setting, expression: Context) -> Logic:
    entries: list[tuple[str | None, Logic]] = []
    for entry in expression.entries:
        logic = compile_logic(setting, entry.value)
        if entry.variable is None:
            entries.append((None, logic))
        else:
            entries.append((entry.variable.name, fitted(setting, entry.variable.type, logic)))

    def context(run: Run, scope: Scope) -> Value:
        inner = dict(scope)
        found: dict[str, Value] = {}
        for name, logic in entries:
            value = logic(run, inner)
            if name is None:
                return value
            found[name] = inner[name] = value
        return found

    return context


def _invocation(setting: Setting, expression: Invocation) -> Logic:
    function = compile_logic(setting, expression.function)
    bindings = {
        binding.parameter: None if binding.value is None else compile_logic(setting, binding.value)
        for binding in expression.bindings
    }

    def invoke(run: Run, scope: Scope) -> Value:
        called = function(run, scope)
        if not isinstance(called, FeelFunction) or not bindings.keys() <= set(called.parameters):
            run.fail(NoResult(setting.owner, _NOT_CALLABLE))
            return None
        values = {
            name: None if logic is None else logic(run, scope) for name, logic in bindings.items()
        }
        return called.body(*(values.get(name) for name in called.parameters))

    return invoke


def _list(setting: Setting, expression: ListExpression) -> Logic:
    items = [compile_logic(setting, item) for item in expression.items]
    return lambda run, scope: [item(run, scope) for item in items]


def _relation(setting: Setting, expression: Relation) -> Logic:
    columns = expression.columns
    rows = [
        [
            (column.name, fitted(setting, column.type, compile_logic(setting, cell)))
            for column, cell in zip(columns, row, strict=True)
        ]
        for row in expression.rows
    ]
    return lambda run, scope: [{name: cell(run, scope) for name, cell in row} for row in rows]


def _conditional(setting: Setting, expression: Conditional) -> Logic:
    condition = compile_logic(setting, expression.condition)
    then = compile_logic(setting, expression.then)
    otherwise = compile_logic(setting, expression.otherwise)

    def conditional(run: Run, scope: Scope) -> Value:
        answer = condition(run, scope)
        if answer is not None and not isinstance(answer, bool):
            run.fail(WrongType(setting.owner, wrong_type("if", "boolean", answer)))
            return None
        return (then if answer is True else otherwise)(run, scope)

    return conditional


def _iteration(setting: Setting, expression: Iteration) -> Logic:
    source = compile_logic(setting, expression.source)
    result = compile_logic(setting, expression.result)
    name = expression.variable.name

    def iterate(run: Run, scope: Scope) -> Value:
        items = _items(run, source(run, scope), setting.owner)
        if items is None:
            return None
        found: list[Value] = []
        for item in items:
            # `partial` is what there is so far; it must not change under whoever keeps it.
            found.append(result(run, {**scope, name: item, "partial": list(found)}))
        return found

    return iterate


def _quantified(setting: Setting, expression: Quantified) -> Logic:
    source = compile_logic(setting, expression.source)
    condition = compile_logic(setting, expression.condition)
    name = expression.variable.name
    decisive = expression.quantifier == "some"

    def quantify(run: Run, scope: Scope) -> Value:
        items = _items(run, source(run, scope), setting.owner)
        if items is None:
            return None
        known = True
        for item in items:
            answer = condition(run, {**scope, name: item})
            if answer is decisive:
                return decisive
            known = known and answer is not decisive and isinstance(answer, bool)
        return not decisive if known else None

    return quantify


def _filter(setting: Setting, expression: Filter) -> Logic:
    source = compile_logic(setting, expression.source)
    match = compile_logic(setting, expression.match)

    def select(run: Run, scope: Scope) -> Value:
        items = _items(run, source(run, scope), setting.owner)
        if items is None:
            return None
        found: list[Value] = []
        for item in items:
            entries = item if isinstance(item, dict) else {}
            answer = match(run, {**scope, **entries, "item": item})
            if isinstance(answer, Decimal):
                return _at(items, answer)
            if answer is True:
                found.append(item)
        return found

    return select


def _at(items: Sequence[Value], position: Decimal) -> Value:
    """Give the item at a position from 1, or from the end when negative; null outside."""
    if position != position.to_integral_value() or not 1 <= abs(position) <= len(items):
        return None
    return items[int(position) - 1 if position > 0 else int(position)]


def _items(run: Run, value: Value, owner: str) -> list[Value] | None:
    """Give what an iteration visits: a list's items, a range's whole numbers, or the one value."""
    if value is None:
        return None
    if isinstance(value, Range):
        return _spread(run, value, owner)
    items: list[Value] = value if isinstance(value, list) else [value]
    run.visit(len(items), owner)
    return items


def _spread(run: Run, value: Range, owner: str) -> list[Value] | None:
    start, end = value.start, value.end
    if not isinstance(start, Decimal) or not isinstance(end, Decimal):
        return None
    step = 1 if start <= end else -1
    run.visit(int(abs(end - start)) + 1, owner)
    spread: list[Value] = []
    spread.extend(Decimal(number) for number in range(int(start), int(end) + step, step))
    return spread


_NOT_CALLABLE: Final = {
    "en": "The invocation does not name a function with these parameters.",
    "zh": "该调用没有指向具有这些参数的函数。",
}
