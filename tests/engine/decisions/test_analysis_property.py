"""The analysis against brute force: every point of a grid, for random small tables.

The grid has every constant, the middle between neighbours, and a point beyond each end, so that
what no point of it shows is not there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from operator import and_

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decisions import analyse, evaluate_decision, read_decisions
from engine.decisions.analysis.columns import columns_of
from engine.decisions.analysis.scopes import Scope
from engine.decisions.analysis.search import (
    Effort,
    _distinct,
    _search,
    _smallest,
    find_gaps,
    find_overlaps,
)
from engine.decisions.model import DecisionModel, DecisionTable
from forms.feel import from_json
from forms.feel.decimals import number
from tests.engine.decisions.samples import table_file


@dataclass(frozen=True)
class Kind:
    """A column: its type, input values, the constants of its cells, the points of the grid."""

    type_ref: str
    allowed: str
    constants: Sequence[str]
    ordered: bool
    grid: Sequence[object]


HALVES = [number(str(half / 2)) for half in range(-2, 10)]
KINDS = [
    Kind("number", "", ["0", "1", "2", "3"], ordered=True, grid=HALVES),
    Kind("number", "[0..3]", ["0", "1", "2", "3"], ordered=True, grid=HALVES[2:9]),
    Kind("integer", "", ["0", "1", "2.5", "3"], ordered=True, grid=HALVES[::2]),
    Kind("boolean", "", ["true", "false"], ordered=False, grid=[True, False]),
    Kind("string", '"a","b","c"', ['"a"', '"b"', '"c"'], ordered=False, grid=["a", "b", "c"]),
    Kind("string", "", ['"a"', '"b"'], ordered=False, grid=["a", "b", "z"]),
    Kind(
        "date",
        "",
        ['@"2026-01-01"', 'date("2026-01-02")', '@"2026-01-05"'],
        ordered=True,
        grid=[f"2026-01-0{day}" for day in range(1, 7)] + ["2025-12-31"],
    ),
]


@st.composite
def cells(draw: st.DrawFn, kind: Kind) -> str:
    constant = st.sampled_from(kind.constants)
    shapes = ["-", "one", "list", "not"] + (["range", "compare", "both"] if kind.ordered else [])
    several = st.lists(constant, min_size=1, max_size=3).map(", ".join)
    made = {
        "-": st.just("-"),
        "one": constant,
        "list": several,
        "not": st.builds("not({})".format, several),
        "range": st.builds(
            "{}{}..{}{}".format, st.sampled_from("[("), constant, constant, st.sampled_from("])")
        ),
        "compare": st.builds("{}{}".format, st.sampled_from(["<", "<=", ">", ">="]), constant),
        "both": st.builds("? > {} and ? != {}".format, constant, constant),
    }
    return draw(made[draw(st.sampled_from(shapes))])


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Kind], list[list[str]]]:
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=3))
    rules = draw(
        st.lists(st.tuples(*(cells(kind) for kind in kinds)).map(list), min_size=1, max_size=6)
    )
    return kinds, rules


def model_of(kinds: Sequence[Kind], rules: Sequence[Sequence[str]], policy: str) -> DecisionModel:
    columns = [
        (f"c{index}", kind.type_ref, kind.allowed)[: 3 if kind.allowed else 2]
        for index, kind in enumerate(kinds)
    ]
    numbered = [[*rule, str(index)] for index, rule in enumerate(rules)]
    return read_decisions(table_file(columns, ["rule"], numbered, hit_policy=policy))


def matches(kinds: Sequence[Kind], rules: Sequence[Sequence[str]]) -> Iterator[list[int]]:
    """The numbers of the rules that match at each point of the grid."""
    model = model_of(kinds, rules, "RULE ORDER")
    for point in product(*(kind.grid for kind in kinds)):
        inputs = {f"c{index}": value for index, value in enumerate(point)}
        found = evaluate_decision(model, "Answer", inputs, no_match="null")
        assert isinstance(found, list)
        yield [int(str(one)) for one in found]


@settings(max_examples=80, deadline=None)
@given(tables())
def test_the_analysis_finds_what_brute_force_finds(
    drawn: tuple[list[Kind], list[list[str]]],
) -> None:
    kinds, rules = drawn
    seen = list(matches(kinds, rules))
    overlaps = {(one, other) for found in seen for one in found for other in found if one < other}
    first = {found[0] for found in seen if found}
    ever = {one for found in seen for one in found}

    unique = analyse(model_of(kinds, rules, "UNIQUE"))
    codes = [problem.code for problem in unique]
    assert "decision.not_analysed" not in codes
    assert ("decision.gap" in codes) == ([] in seen)
    assert codes.count("decision.overlap") == min(len(overlaps), 5)
    in_order = analyse(model_of(kinds, rules, "FIRST"))
    assert {
        problem.element_id for problem in in_order if problem.code == "decision.unreachable_rule"
    } == {f"r{number + 1}" for number in ever - first}
    assert {
        problem.element_id for problem in in_order if problem.code == "decision.rule_never_matches"
    } == {f"r{number + 1}" for number in set(range(len(rules))) - ever}

    model = model_of(kinds, rules, "RULE ORDER")
    logic = model.decisions["d_Answer"].logic
    assert isinstance(logic, DecisionTable)
    columns = columns_of(logic, model.types, Scope({}))
    masks = [column.masks for column in columns]
    assert set(find_overlaps(masks, len(rules))) == overlaps
    for box in find_gaps(masks, (1 << len(rules)) - 1, 100, Effort()):
        # The example is real: whatever the inputs it leaves out are, nothing matches there.
        example = {
            column.label: column.examples[piece]
            for column, piece in zip(columns, box, strict=False)
        }
        rest = {f"c{index}": kind.grid[0] for index, kind in enumerate(kinds)}
        assert evaluate_decision(model, "Answer", rest | example, no_match="null") == []


def test_the_grid_says_what_a_person_would() -> None:
    found = list(matches([KINDS[0]], [["< 1"], ["[1..2)"], ["> 2"]]))
    assert found == [[0]] * 4 + [[1]] * 2 + [[]] + [[2]] * 5
    assert from_json("a") == "a"


@given(st.lists(st.lists(st.integers(0, 31), min_size=1, max_size=5), min_size=1, max_size=4))
def test_looking_at_the_smallest_masks_only_misses_no_last_gap(columns: list[list[int]]) -> None:
    everywhere = [reduce(and_, masks, 31) for masks in product(*columns)]
    for choose in (_distinct, _smallest):
        found = _search(columns, 31, 1, Effort(), choose)
        assert bool(found) == (0 in everywhere)
