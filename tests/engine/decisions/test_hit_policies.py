"""What the rules that match amount to, policy by policy."""

from decimal import Decimal
from typing import Any

import pytest

from engine.decisions import (
    DecisionFailed,
    NoMatchingRule,
    NoResult,
    RulesDisagree,
    RulesOverlap,
    evaluate_decision,
    read_decisions,
)
from tests.engine.decisions.samples import table_file

NUMBER = [("n", "number")]
RULES = [("> 10", '"big"'), ("> 5", '"medium"'), ("> 0", '"small"')]


def answer(n: object, rules: Any = RULES, outputs: Any = ("size",), **options: Any) -> object:
    """What a table over the number n says."""
    no_match = options.pop("no_match", "error")
    model = read_decisions(table_file(NUMBER, outputs, rules, **options))
    return evaluate_decision(model, "Answer", {"n": n}, no_match=no_match)


def test_unique_gives_the_one_rule_that_matches() -> None:
    assert answer(1) == "small"


def test_unique_refuses_an_overlap_and_names_the_rules() -> None:
    with pytest.raises(RulesOverlap) as failed:
        answer(7)
    assert failed.value.code == "decision.overlap"
    assert "2, 3" in failed.value.message["en"]
    assert "n = 7" in failed.value.message["zh"]


def test_an_overlap_is_null_to_the_letter() -> None:
    assert answer(7, no_match="null") is None


def test_first_gives_the_first_rule() -> None:
    assert answer(11, hit_policy="FIRST") == "big"
    assert answer(7, hit_policy="FIRST") == "medium"


def test_any_gives_what_the_rules_agree_on() -> None:
    agreeing = [("> 10", '"yes"'), ("> 5", '"yes"')]
    assert answer(11, agreeing, hit_policy="ANY") == "yes"


def test_any_refuses_rules_that_disagree() -> None:
    with pytest.raises(RulesDisagree) as failed:
        answer(11, hit_policy="ANY")
    assert failed.value.code == "decision.disagreement"


def test_any_agrees_on_null() -> None:
    assert answer(11, [("> 10", "null"), ("> 5", "null")], hit_policy="ANY") is None


def test_priority_gives_the_output_that_is_listed_first() -> None:
    values = ['"small", "big", "medium"']
    assert answer(11, hit_policy="PRIORITY", values=values) == "small"
    assert answer(7, hit_policy="PRIORITY", values=values) == "small"


def test_priority_goes_column_by_column() -> None:
    rules = [("> 0", '"a"', "2"), ("> 0", '"a"', "1"), ("> 0", '"b"', "1")]
    found = answer(1, rules, ("x", "y"), hit_policy="PRIORITY", values=['"b", "a"', "1, 2"])
    assert found == {"x": "b", "y": Decimal(1)}
    found = answer(1, rules, ("x", "y"), hit_policy="PRIORITY", values=['"a", "b"', "1, 2"])
    assert found == {"x": "a", "y": Decimal(1)}


def test_priority_may_rank_by_ranges_of_output_values() -> None:
    rules = [("> 0", "7"), ("> 0", "3")]
    assert answer(1, rules, hit_policy="PRIORITY", values=["[5..9], [1..4]"]) == Decimal(7)
    assert answer(1, rules, hit_policy="PRIORITY", values=["[1..4], [5..9]"]) == Decimal(3)


def test_output_order_sorts_by_the_output_values() -> None:
    found = answer(11, hit_policy="OUTPUT ORDER", values=['"medium", "small", "big"'])
    assert found == ["medium", "small", "big"]


def test_rule_order_keeps_the_order_of_the_rules() -> None:
    assert answer(11, hit_policy="RULE ORDER") == ["big", "medium", "small"]


def test_an_output_without_a_rank_is_refused() -> None:
    rules = [("> 0", "n"), ("> 1", "n + 1")]
    model = read_decisions(
        table_file(NUMBER, ["x"], rules, hit_policy="OUTPUT ORDER", values=["1, 2"])
    )
    assert evaluate_decision(model, "Answer", {"n": 1}) == [Decimal(1)]
    with pytest.raises(DecisionFailed):
        evaluate_decision(model, "Answer", {"n": 5})


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [("", [3, 2, 1]), ("SUM", 6), ("MIN", 1), ("MAX", 3), ("COUNT", 3)],
)
def test_collect_collects(aggregation: str, expected: object) -> None:
    rules = [("> 10", "3"), ("> 5", "2"), ("> 0", "1")]
    assert answer(11, rules, hit_policy="COLLECT", aggregation=aggregation) == expected


def test_collect_with_several_outputs_gives_contexts() -> None:
    rules = [("> 0", "1", "2"), ("> 0", "3", "4")]
    assert answer(1, rules, ("x", "y"), hit_policy="COLLECT") == [
        {"x": 1, "y": 2},
        {"x": 3, "y": 4},
    ]


def test_what_cannot_be_added_is_refused() -> None:
    rules = [("> 0", '"a"'), ("> 0", "1")]
    with pytest.raises(NoResult) as failed:
        answer(1, rules, hit_policy="COLLECT", aggregation="SUM")
    assert failed.value.code == "decision.no_result"


ONE, LISTS = ["UNIQUE", "FIRST", "ANY", "PRIORITY"], ["COLLECT", "RULE ORDER", "OUTPUT ORDER"]


@pytest.mark.parametrize("policy", [*ONE, *LISTS])
def test_no_matching_rule_is_an_error(policy: str) -> None:
    values = ['"big", "medium", "small"']
    with pytest.raises(NoMatchingRule) as failed:
        answer(0, hit_policy=policy, values=values)
    assert failed.value.code == "decision.no_match"
    assert failed.value.decision == "Answer"
    assert "n = 0" in failed.value.message["en"]
    found = answer(0, hit_policy=policy, values=values, no_match="null")
    assert found == ([] if policy in LISTS else None)


@pytest.mark.parametrize("policy", LISTS)
def test_that_none_may_match_is_said_by_the_default_null(policy: str) -> None:
    assert (
        answer(0, hit_policy=policy, values=['"big", "medium", "small"'], defaults=["null"]) == []
    )


def test_nothing_is_counted_where_a_default_says_so() -> None:
    with pytest.raises(NoMatchingRule):
        answer(0, hit_policy="COLLECT", aggregation="COUNT")
    assert answer(0, hit_policy="COLLECT", aggregation="COUNT", defaults=["0"]) == Decimal(0)


@pytest.mark.parametrize("aggregation", ["SUM", "MIN", "MAX"])
def test_there_is_no_sum_of_nothing(aggregation: str) -> None:
    rules = [("> 10", "3")]
    with pytest.raises(NoMatchingRule):
        answer(0, rules, hit_policy="COLLECT", aggregation=aggregation)


@pytest.mark.parametrize("policy", ["UNIQUE", "FIRST", "ANY"])
def test_a_default_output_stands_for_a_rule(policy: str) -> None:
    assert answer(0, hit_policy=policy, defaults=['"none"']) == "none"
    assert answer(1, hit_policy=policy, defaults=['"none"']) == "small"


def test_defaults_of_several_outputs_are_a_context() -> None:
    found = answer(0, [("> 0", "1", "2")], ("x", "y"), defaults=["n + 8", "9"])
    assert found == {"x": Decimal(8), "y": Decimal(9)}


def test_a_default_of_a_list_is_a_list() -> None:
    assert answer(0, hit_policy="RULE ORDER", defaults=['"none"']) == ["none"]


def test_a_result_may_be_computed_from_the_inputs() -> None:
    rules = [("-", "n * 2", "n > 3")]
    assert answer(4, rules, ("twice", "many")) == {"twice": Decimal(8), "many": True}
