"""The quick tests of cells say what FEEL says, for every value."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decisions.cells import compile_test
from engine.decisions.run import Run
from forms.feel import Value, evaluate, parse_unary_tests
from forms.feel.temporal import Date

NUMBERS = ["0", "1", "1.0", "2.5", "-3"]
TEXTS = ['"a"', '"b"', '""', '"ab"']
CONSTANTS = [*NUMBERS, *TEXTS, "true", "false", "null", '@"2026-11-22"']
VALUES: list[Value] = [
    None,
    True,
    False,
    *(Decimal(one) for one in ("-4", "-3", "0", "0.5", "1", "1.00", "2", "2.5", "3")),
    "",
    "a",
    "aa",
    "ab",
    "b",
    "c",
    [],
    [Decimal(1)],
    {"a": Decimal(1)},
    Date(20779),
]

constants = st.sampled_from(CONSTANTS)
like = st.sampled_from([NUMBERS, TEXTS])
comparisons = st.builds(
    lambda sign, value: sign + value, st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), constants
)
ranges = like.flatmap(
    lambda kind: st.builds(
        lambda opening, low, high, closing: f"{opening}{low}..{high}{closing}",
        st.sampled_from(["[", "("]),
        st.sampled_from(kind),
        st.sampled_from(kind),
        st.sampled_from(["]", ")"]),
    )
)
ones = st.one_of(constants, comparisons, ranges)
lists = st.lists(ones, min_size=1, max_size=3).map(", ".join)
alike = like.flatmap(lambda kind: st.lists(st.sampled_from(kind), min_size=2, max_size=4)).map(
    ", ".join
)
cells = st.one_of(ones, lists, alike).flatmap(lambda cell: st.sampled_from([cell, f"not({cell})"]))


@settings(max_examples=400, deadline=None)
@given(cells)
def test_a_quick_test_agrees_with_feel(cell: str) -> None:
    tree = parse_unary_tests(cell)
    test = compile_test(tree)
    run = Run({}, strict=True)
    for value in VALUES:
        assert test(value, run, {}) is (evaluate(tree, {"?": value}) is True), (cell, value)


@pytest.mark.parametrize(
    ("cell", "quick"),
    [('"a", "b"', True), ("[1..5)", True), (">= 18", True), ("true", True), ("> limit", False)],
)
def test_the_cells_of_practice_are_quick(cell: str, quick: bool) -> None:  # noqa: FBT001
    """A quick test answers without a scope; the others have to look into it."""
    test = compile_test(parse_unary_tests(cell))
    assert (test.__name__ != "slow") is quick
