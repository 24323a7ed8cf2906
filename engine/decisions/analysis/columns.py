"""The inputs of a table as columns of pieces, each with the rules that accept it.

Two inputs that test the same expression become one column, or rules could seem to match values
that nothing can have. Inputs that every rule leaves open ("-") are no column at all.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.decisions.analysis.constants import Irregular, constants_in
from engine.decisions.analysis.lines import Mixed, examples
from engine.decisions.analysis.scopes import Known, Scope, is_free, known_path, known_type
from engine.decisions.analysis.search import TooLarge
from engine.decisions.cells import compile_test
from engine.decisions.model import ANY_TYPE, DecisionTable, InputClause, ItemDefinition, Tree
from engine.decisions.run import Run
from forms.feel import Value

Types = Mapping[str, ItemDefinition]

MAX_TESTS: Final = 10_000_000
"""Tests run to cut one column, some seconds: 2,000 rules with a range each."""

_NUMBERS: Final = {"integer", "number"}


@dataclass(frozen=True, slots=True)
class Column:
    """An input: one example value for each piece, and the mask of the rules that accept it.

    `certain`: every value of the pieces can occur, whatever the other columns are. That is so for
    a variable, or a part of one, and not for a computation.
    """

    label: str
    examples: tuple[Value, ...]
    masks: tuple[int, ...]
    certain: bool


class NotRegular(Exception):
    """An input cannot be cut into pieces; `cell` is the test that is to blame, if one is."""

    def __init__(self, label: str, cell: str | None) -> None:
        super().__init__(label)
        self.label = label
        self.cell = cell


def columns_of(table: DecisionTable, types: Types, scope: Scope) -> list[Column]:
    """Cut the inputs of a table into columns.

    `scope` are the types of the names that the table sees. NotRegular when an input does not only
    compare with constants of one type, TooLarge when there is too much to look at.
    """
    groups: dict[str, list[int]] = {}
    for index, clause in enumerate(table.inputs):
        if any(rule.tests[index] is not None for rule in table.rules):
            groups.setdefault(json.dumps(clause.tree), []).append(index)
    return [_column(table, indexes, types, scope) for indexes in groups.values()]


@dataclass(frozen=True, slots=True)
class _Cell:
    rule: int
    tree: Tree
    text: str


def _column(table: DecisionTable, indexes: Sequence[int], types: Types, scope: Scope) -> Column:
    clause = table.inputs[indexes[0]]
    label = clause.label or clause.text
    known = _known(clause, types, scope)
    cells = [
        _Cell(number, rule.tests[index], rule.test_texts[index])
        for number, rule in enumerate(table.rules)
        for index in indexes
        if rule.tests[index] is not None
    ]
    constants: list[Value] = []
    ordered = False
    for cell in cells:
        try:
            values, order = constants_in(cell.tree)
        except Irregular:
            raise NotRegular(label, cell.text) from None
        constants += values
        ordered = ordered or order
    allowed, certain = [], is_free(clause.tree, scope)
    for limit in [*known.allowed, *(table.inputs[index].allowed for index in indexes)]:
        if limit is None:
            continue
        try:
            values, order = constants_in(limit)
        except Irregular:  # which values can occur is then known to the modeler only
            certain = False
            continue
        allowed.append(compile_test(limit))
        constants += values
        ordered = ordered or order
    try:
        pieces = examples(known.kind, constants, ordered=ordered)
    except Mixed:
        raise NotRegular(label, None) from None
    run = Run({}, strict=False)
    pieces = [piece for piece in pieces if all(test(piece, run, {}) for test in allowed)]
    if len(cells) * len(pieces) > MAX_TESTS:
        raise TooLarge
    return Column(label, tuple(pieces), _masks(cells, len(table.rules), pieces), certain)


def _masks(cells: Sequence[_Cell], rules: int, pieces: Sequence[Value]) -> tuple[int, ...]:
    """Give the mask of each piece: all the rules but those with a test that it does not pass."""
    masks = [(1 << rules) - 1] * len(pieces)
    run = Run({}, strict=False)
    for cell in cells:
        test = compile_test(cell.tree)
        for index, piece in enumerate(pieces):
            if not test(piece, run, {}):
                masks[index] &= ~(1 << cell.rule)
    return tuple(masks)


def _known(clause: InputClause, types: Types, scope: Scope) -> Known:
    """Give the type that the clause states, together with that of the variable it names."""
    stated = known_type(clause.type, types)
    found = known_path(clause.tree, types, scope)
    if found is None or found.kind == ANY_TYPE:
        return stated
    if stated.kind not in {ANY_TYPE, found.kind} and {stated.kind, found.kind} != _NUMBERS:
        return stated
    kind = "integer" if "integer" in {stated.kind, found.kind} else found.kind
    return Known(kind, (*stated.allowed, *found.allowed))
