"""Gaps, overlaps and rules of no use, each with an example a person can check."""

from collections.abc import Sequence
from typing import Any

import pytest

from engine.decisions import analyse, read_decisions
from engine.decisions.analysis.search import Effort, TooLarge, find_gaps
from engine.problems import Problem
from tests.engine.decisions.samples import (
    decision,
    definitions,
    input_data,
    literal,
    table,
    table_file,
)

AGE = [("Age", "number")]


def findings(
    inputs: Sequence[tuple[str, ...]], rules: Sequence[Sequence[str]], **options: Any
) -> list[Problem]:
    outputs = options.pop("outputs", ["x"])
    return analyse(read_decisions(table_file(inputs, outputs, rules, **options)))


def told(problems: Sequence[Problem]) -> list[tuple[str, str]]:
    return [(problem.severity, problem.code) for problem in problems]


def test_a_complete_table_without_overlaps_is_not_spoken_of() -> None:
    rules = [("< 18", '"minor"'), ("[18..65)", '"adult"'), (">= 65", '"senior"')]
    assert findings(AGE, rules) == []


def test_a_gap_is_an_error_with_an_example_in_both_languages() -> None:
    (problem,) = findings(AGE, [("< 18", "1"), ("> 18", "2")])
    assert (problem.severity, problem.code) == ("error", "decision.gap")
    assert problem.element_id == "t"
    assert problem.line == 1
    assert "Age = 18" in problem.message["en"]
    assert "Age = 18" in problem.message["zh"]


def test_a_gap_between_numbers_is_seen() -> None:
    (problem,) = findings(AGE, [("<= 8", "1"), (">= 9", "2")])
    assert "Age = 8.5" in problem.message["en"]


def test_whole_numbers_and_dates_have_nothing_between_neighbours() -> None:
    ranges = [("<= 8", "1"), (">= 9", "2")]
    assert findings([("Lot", "integer")], ranges) == []
    days = [('<= date("2026-01-31")', "1"), ('>= date("2026-02-01")', "2")]
    assert findings([("expiry", "date")], days) == []


def test_an_open_range_of_whole_numbers_ends_before_its_end() -> None:
    assert findings([("Lot", "integer")], [("< 8.5", "1"), ("> 8.5", "2")]) == []
    assert told(findings([("Lot", "integer")], [("(1..3)", "1"), ("<= 1, >= 3", "2")])) == []
    (problem,) = findings([("Lot", "integer")], [("< 8", "1"), ("> 8", "2")])
    assert "Lot = 8." in problem.message["en"]


def test_allowed_values_bound_what_can_occur() -> None:
    rules = [("[0..10]", "1"), ("(10..120]", "2")]
    assert told(findings(AGE, rules)) == [("error", "decision.gap")]
    assert findings([("Age", "number", "[0..120]")], rules) == []


def test_allowed_values_of_the_type_of_a_variable_count() -> None:
    age = (
        '<itemDefinition name="tAge"><typeRef>number</typeRef>'
        "<allowedValues><text>[0..120]</text></allowedValues></itemDefinition>"
        '<itemDefinition name="tPatient"><itemComponent name="age"><typeRef>tAge</typeRef>'
        "</itemComponent></itemDefinition>"
    )
    logic = table([("p.age", "Any")], ["x"], [("[0..10]", "1"), ("(10..120]", "2")])
    body = age + input_data("p", "tPatient") + decision("D", logic, needs=["i_p"])
    assert analyse(read_decisions(definitions(body))) == []


def test_texts_need_a_rule_for_anything_else() -> None:
    level = [("Level", "string")]
    (problem,) = findings(level, [('"I"', "1"), ('"II"', "2")])
    assert "Level = anything else" in problem.message["en"]
    assert "其他任何值" in problem.message["zh"]
    assert findings(level, [('"I"', "1"), ('not("I")', "2")]) == []
    assert findings([("Level", "string", '"I", "II"')], [('"I"', "1"), ('"II"', "2")]) == []


def test_booleans_have_two_values() -> None:
    assert findings([("ok", "boolean")], [("true", "1"), ("false", "2")]) == []
    (problem,) = findings([("ok", "boolean")], [("true", "1")])
    assert "ok = false" in problem.message["en"]


def test_null_is_no_gap() -> None:
    """A missing input finds no rule at run time, and is an error there; a rule may ask for it."""
    assert findings(AGE, [("null", "0"), ("< 1", "1"), (">= 1", "2")])[0].code == (
        "decision.rule_never_matches"
    )


def test_only_the_inputs_that_matter_are_in_the_example() -> None:
    columns = [("a", "number"), ("b", "boolean")]
    (problem,) = findings(columns, [("> 0", "-", "1"), ("< 0", "true", "2"), ("< 0", "false", "3")])
    assert "a = 0." in problem.message["en"]
    assert "b =" not in problem.message["en"]


def test_a_table_without_rules_matches_nothing() -> None:
    (problem,) = findings(AGE, [])
    assert "whatever the inputs are" in problem.message["en"]


@pytest.mark.parametrize("policy", ["COLLECT", "RULE ORDER", "OUTPUT ORDER"])
def test_a_gap_is_one_also_where_the_answer_is_a_list(policy: str) -> None:
    (problem,) = findings(AGE, [("> 18", "1")], hit_policy=policy, values=["1"])
    assert problem.code == "decision.gap"
    assert findings(AGE, [("> 18", "1")], hit_policy=policy, values=["1"], defaults=["null"]) == []


def test_a_gap_is_fine_with_a_default_output() -> None:
    assert findings(AGE, [("> 18", "1")], defaults=["0"]) == []


def test_an_overlap_of_a_unique_table_is_an_error_at_the_second_rule() -> None:
    (problem,) = findings(AGE, [("<= 18", "1"), (">= 18", "2")])
    assert (problem.severity, problem.code) == ("error", "decision.overlap")
    assert problem.element_id == "r2"
    assert "1, 2" in problem.message["en"]
    assert "Age = 18" in problem.message["zh"]


def test_overlaps_of_an_any_table_matter_when_the_outputs_differ() -> None:
    rules = [("<= 18", "1"), (">= 18", "1")]
    assert findings(AGE, rules, hit_policy="ANY") == []
    (problem,) = findings(AGE, [("<= 18", "1"), (">= 18", "2")], hit_policy="ANY")
    assert (problem.severity, problem.code) == ("error", "decision.disagreement")
    (problem,) = findings(AGE, [("<= 18", "1"), (">= 18", "Age - 17")], hit_policy="ANY")
    assert (problem.severity, problem.code) == ("warning", "decision.disagreement")


@pytest.mark.parametrize("policy", ["FIRST", "PRIORITY", "RULE ORDER"])
def test_overlaps_are_fine_with_other_policies(policy: str) -> None:
    found = findings(AGE, [("<= 18", "1"), (">= 18", "2")], hit_policy=policy, values=["1, 2"])
    assert found == []


def test_a_rule_that_others_hide_is_a_warning_under_first() -> None:
    rules = [("< 5", "1"), (">= 5", "2"), ("[3..7]", "3"), ("-", "4")]
    found = findings(AGE, rules, hit_policy="FIRST")
    assert told(found) == [("warning", "decision.unreachable_rule")] * 2
    assert [problem.element_id for problem in found] == ["r3", "r4"]


def test_a_rule_that_no_value_passes_is_a_warning() -> None:
    rules = [("[5..3]", "1"), ("-", "2")]
    (problem,) = findings(AGE, rules, hit_policy="FIRST")
    assert (problem.severity, problem.code) == ("warning", "decision.rule_never_matches")
    (problem,) = findings([("l", "string", '"I"')], [('"I"', "1"), ('"V"', "2")])
    assert problem.code == "decision.rule_never_matches"
    assert problem.element_id == "r2"


def test_two_inputs_that_test_the_same_value_are_one() -> None:
    columns = [("n", "number"), ("n", "number")]
    rules = [(">= 0", "< 5", "1"), ("< 0", "-", "2"), ("-", ">= 5", "3")]
    assert findings(columns, rules) == []


def test_every_way_to_write_a_comparison_is_understood() -> None:
    rules = [
        ("? < 1 or ? > 9", "1"),
        ("? between 1 and 2", "2"),
        ("? > 2 and ? <= 3", "3"),
        ("? in ((3..4), 4)", "4"),
        ("(> 4)", "5"),
    ]
    (problem,) = findings([("n", "number")], rules)
    assert (problem.code, "1, 5" in problem.message["en"]) == ("decision.overlap", True)
    rules[4] = ("not(<= 4, > 9)", "5")
    assert findings([("n", "number")], rules) == []


@pytest.mark.parametrize(
    ("type_ref", "low", "high"),
    [
        ("date", 'date("2026-01-01")', '@"2026-02-01"'),
        ("time", 'time("08:00:00")', '@"18:00:00"'),
        ("dateTime", '@"2026-01-01T00:00:00"', '@"2026-02-01T00:00:00"'),
        ("dateTime", '@"2026-01-01T00:00:00Z"', '@"2026-02-01T00:00:00+01:00"'),
        ("dayTimeDuration", '@"PT1H"', 'duration("P1D")'),
        ("yearMonthDuration", '@"P1M"', '@"P1Y"'),
    ],
)
def test_dates_times_and_durations_are_cut_too(type_ref: str, low: str, high: str) -> None:
    column = [("t", type_ref)]
    whole = [(f"< {low}", "1"), (f"[{low}..{high}]", "2"), (f"> {high}", "3")]
    assert findings(column, whole) == []
    (problem,) = findings(column, [whole[0], (f"({low}..{high}]", "2"), whole[2]])
    assert problem.code == "decision.gap"


@pytest.mark.parametrize(
    "cell", ["> limit", "contains(?, 1)", "? * 2 > 3", '[today()..@"2030-01-01"]', '"text"']
)
def test_a_table_too_irregular_is_said_to_be_unanalysed(cell: str) -> None:
    logic = table([("n", "number")], ["x"], [(cell, "1")])
    body = (
        input_data("n", "number")
        + input_data("limit", "number")
        + decision("D", logic, needs=["i_n", "i_limit"])
    )
    (problem,) = analyse(read_decisions(definitions(body)))
    assert (problem.severity, problem.code) == ("warning", "decision.not_analysed")
    assert "n" in problem.message["zh"]


def test_texts_compared_by_order_are_not_analysed() -> None:
    found = findings([("s", "string")], [('< "b"', "1"), ('>= "b"', "2")])
    assert told(found) == [("warning", "decision.not_analysed")]


def test_many_wide_inputs_are_analysed_all_the_same() -> None:
    """Forty inputs: more boxes than atoms on earth, and still few kinds of them."""
    inputs = [(f"b{number}", "boolean") for number in range(40)]
    rules = [["true" if rule == column else "-" for column in range(40)] for rule in range(40)]
    numbered = [[*rule, "1"] for rule in rules]
    (problem,) = findings(inputs, numbered, hit_policy="FIRST")
    assert problem.message["en"].count("= false") == 40


def test_too_much_work_is_given_up_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = [[0b01, 0b10, 0b11]] * 8
    with pytest.raises(TooLarge):
        find_gaps(columns, 0b11, 100, Effort(5))
    monkeypatch.setattr("engine.decisions.analysis.columns.MAX_TESTS", 3)
    found = findings(AGE, [("< 18", "1"), (">= 18", "2")])
    assert told(found) == [("warning", "decision.not_analysed")]


def test_what_is_computed_gives_warnings_only() -> None:
    """Nobody can tell whether `a > b` and `a < b` are ever true together."""
    logic = table(
        [("a > b", "boolean"), ("a < b", "boolean")],
        ["x"],
        [("true", "-", "1"), ("-", "true", "2")],
    )
    body = (
        input_data("a", "number")
        + input_data("b", "number")
        + decision("D", logic, needs=["i_a", "i_b"])
    )
    found = analyse(read_decisions(definitions(body)))
    assert told(found) == [("warning", "decision.overlap"), ("warning", "decision.gap")]


def test_a_variable_computed_in_a_context_gives_warnings_only() -> None:
    size = table([("limit", "number")], ["s"], [("< 5", "1")])
    context = (
        f"<context><contextEntry><variable name='limit' typeRef='number'/>{literal('3')}"
        f"</contextEntry><contextEntry>{size}</contextEntry></context>"
    )
    found = analyse(read_decisions(definitions(decision("D", context))))
    assert told(found) == [("warning", "decision.gap")]


def test_tables_of_knowledge_models_are_analysed_with_their_parameters() -> None:
    logic = table([("level", "Any")], ["x"], [("true", "1")])
    body = (
        '<businessKnowledgeModel id="k" name="K"><variable name="K"/><encapsulatedLogic>'
        f'<formalParameter name="level" typeRef="boolean"/>{logic}'
        "</encapsulatedLogic></businessKnowledgeModel>"
    )
    (problem,) = analyse(read_decisions(definitions(body)))
    assert "level = false" in problem.message["en"]


def test_a_constant_output_of_the_wrong_type_or_value_is_an_error() -> None:
    found = findings(AGE, [("-", '"D"')], values=['"A", "B"'])
    assert told(found) == [("error", "decision.wrong_output")]
    assert found[0].element_id == "r1"
    found = findings(AGE, [("> 0", '"A"')], values=['"A", "B"'], defaults=['"C"'])
    assert told(found) == [("error", "decision.wrong_output")]


@pytest.mark.parametrize("policy", ["PRIORITY", "OUTPUT ORDER"])
def test_an_order_of_outputs_has_to_be_stated(policy: str) -> None:
    found = findings(AGE, [("-", "1")], hit_policy=policy)
    assert told(found) == [("error", "decision.no_output_order")]


def test_a_decision_without_logic_is_a_warning() -> None:
    found = analyse(read_decisions(definitions(decision("D", ""))))
    assert told(found) == [("warning", "decision.no_logic")]


def test_no_more_than_a_handful_is_told_of_one_table() -> None:
    rules = [(f"[{n}..{n + 2}]", str(n)) for n in range(0, 60, 2)]
    found = findings([("n", "integer", "[0..60]")], rules)
    assert told(found) == [("error", "decision.overlap")] * 5
