"""What the rules that match amount to (DMN 1.5, 8.2.8)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.decisions.errors import NoResult, RulesDisagree, RulesOverlap
from engine.decisions.feel_logic import constant_of, is_constant
from engine.decisions.model import DecisionTable, HitPolicy, ItemDefinition, OutputClause, Tree
from engine.decisions.run import Logic, Run, Scope
from engine.decisions.wording import disagree, not_comparable, not_ranked, overlap
from forms.feel import evaluate, parse_expression
from forms.feel.values import Value


@dataclass(frozen=True, slots=True)
class Match:
    """The rules of a table that match, by number from 0, and how to get the result of each."""

    run: Run
    scope: Scope
    labels: Sequence[str]
    values: Sequence[Value]
    rules: Sequence[int]
    results: Sequence[Logic]

    def outputs(self) -> list[Value]:
        """Give the results of the matching rules, in the order of the table."""
        return [self.results[rule](self.run, self.scope) for rule in self.rules]


Policy = Callable[[Match], Value]


def policy_of(table: DecisionTable, types: Mapping[str, ItemDefinition]) -> Policy:
    """Give the hit policy of a table. It is asked when one rule alone does not decide."""
    ranked = _output_order(table, types)
    policies: dict[HitPolicy, Policy] = {
        "UNIQUE": _unique(table),
        "ANY": _any(table),
        "FIRST": lambda match: match.outputs()[0],
        "PRIORITY": lambda match: ranked(match)[0],
        "OUTPUT ORDER": ranked,
        "RULE ORDER": Match.outputs,
        "COLLECT": _collect(table),
    }
    return policies[table.hit_policy]


def _unique(table: DecisionTable) -> Policy:
    def unique(match: Match) -> Value:
        match.run.fail(
            RulesOverlap(table.name, overlap(table.name, match.rules, match.labels, match.values))
        )
        return None

    return unique


def _any(table: DecisionTable) -> Policy:
    def same(match: Match) -> Value:
        first, *others = match.outputs()
        if any(not _equal(first, other) for other in others):
            match.run.fail(
                RulesDisagree(
                    table.name, disagree(table.name, match.rules, match.labels, match.values)
                )
            )
            return None
        return first

    return same


def _output_order(
    table: DecisionTable, types: Mapping[str, ItemDefinition]
) -> Callable[[Match], list[Value]]:
    """Sort results by the place of their values among the output values, column by column.

    Results of equal rank stay in the order of the rules. A value that is not among the output
    values has no rank; to the letter of the standard it comes last.
    """
    orders = [output_order(clause, types) for clause in table.outputs]

    def ranked(match: Match) -> list[Value]:
        found = []
        for number, output in zip(match.rules, match.outputs(), strict=True):
            parts = (
                list(output.values()) if len(orders) > 1 and isinstance(output, dict) else [output]
            )
            rank = [_rank(order, part) for order, part in zip(orders, parts, strict=True)]
            if None in rank:
                match.run.fail(NoResult(table.name, not_ranked(table.name, number)))
            found.append(([_LAST if place is None else place for place in rank], number, output))
        return [output for _, _, output in sorted(found, key=lambda one: one[:2])]

    return ranked


def output_order(clause: OutputClause, types: Mapping[str, ItemDefinition]) -> list[Value]:
    """Give the output values of a column in their order, or else the allowed ones of its type.

    A column that has neither, and so an empty list, does not rank.
    """
    if clause.values is not None:
        places = constant_of(clause.values[1]) if is_constant(clause.values[1]) else None
        return places if isinstance(places, list) else []
    item = types.get(clause.type)
    match item.allowed if item is not None else None:
        case [_, ["tests", True, *tests]]:
            operands = [test[2] for test in tests]
            return [constant_of(operand) for operand in operands if is_constant(operand)]
        case _:
            return []


def _rank(order: Sequence[Value], value: Value) -> int | None:
    if not order:
        return 0
    return next((place for place, known in enumerate(order) if _is_at(known, value)), None)


def _collect(table: DecisionTable) -> Policy:
    match table.aggregation:
        case None:
            return Match.outputs
        case "COUNT":
            return lambda match: Decimal(len(match.rules))
        case "SUM" | "MIN" | "MAX" as name:
            return _aggregate(table, _AGGREGATES[name])


def _aggregate(table: DecisionTable, tree: Tree) -> Policy:
    def aggregate(match: Match) -> Value:
        if not match.rules:
            return None
        found = evaluate(tree, {"outputs": match.outputs()})
        if found is None:
            match.run.fail(NoResult(table.name, not_comparable(table.name)))
        return found

    return aggregate


def _is_at(place: Value, value: Value) -> bool:
    return evaluate(_AT, {"place": place, "value": value}) is True


def _equal(one: Value, other: Value) -> bool:
    return evaluate(_SAME, {"one": one, "other": other}) is True


_LAST: Final = 1 << 30
_AT: Final = parse_expression("value in place")
_SAME: Final = parse_expression("one = other")
_AGGREGATES: Final = {
    "SUM": parse_expression("sum(outputs)"),
    "MIN": parse_expression("min(outputs)"),
    "MAX": parse_expression("max(outputs)"),
}
