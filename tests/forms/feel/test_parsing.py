"""Texts become trees, or an error that says where and what to do."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.feel import (
    FeelSyntaxError,
    free_names,
    parse_expression,
    parse_unary_tests,
    unknown_functions,
)
from tests.forms.feel import vectors


@pytest.mark.parametrize(
    ("text", "position", "english", "chinese"),
    [
        ("a == b", 3, "write a single =", "一个 ="),
        ("a && b", 2, "the word and", "单词 and"),
        ("a || b", 2, "the word or", "单词 or"),
        ("!a", 0, "not(…)", "not(…)"),
        ("a = 'x'", 4, "double quotes", "双引号"),
        ("x = “y”", 4, "straight double quotes", "英文双引号"),
        ("sum（1）", 3, "Latin keyboard", "英文括号"),
        ("1 +", 3, "ends too early", "不完整"),
        ("(1 + 2", 6, "ends too early", "不完整"),
        ("1 2", 2, "operator is missing", "缺少运算符"),
        ("unit price * 2", 5, "name with spaces", "带空格的名称"),
        ('"open', 0, "close it", "结束"),
        ("x instance of money", 14, "no type money", "没有类型 money"),
        ("", 0, "no expression", "没有表达式"),
        ("  // nothing\n", 0, "no expression", "没有表达式"),
        ("then", 0, "cannot stand here", "不能出现"),
        ("7 % 2", 2, "modulo", "modulo"),
        ('"\\uD83D"', 0, "half a character", "不完整的字符"),
        ("1e99999", 0, "too large", "过大"),
        ('function(a) external {java: {class: "X"}}', 12, "external functions", "外部函数"),
    ],
)
def test_an_error_says_where_and_what_to_do(
    text: str,
    position: int,
    english: str,
    chinese: str,
) -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        parse_expression(text)
    assert caught.value.position == position
    assert english in caught.value.message["en"]
    assert chinese in caught.value.message["zh"]


def test_an_error_knows_line_and_column() -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        parse_expression("1 +\n  2 ==\n  3")
    assert (caught.value.line, caught.value.column) == (2, 6)


@pytest.mark.parametrize(
    ("text", "names", "node"),
    [
        ("Full Name", ["Full Name"], ["v", "Full Name"]),
        ("Full   Name", ["Full Name"], ["v", "Full Name"]),
        ("Date-Time - Date", ["Date-Time", "Date"], ["-", ["v", "Date-Time"], ["v", "Date"]]),
        ("a+b", ["a+b", "a", "b"], ["v", "a+b"]),
        ("a-b2", ["a-b", "a"], ["-", ["v", "a"], ["v", "b2"]]),
        ("order size", ["order", "order size"], ["v", "order size"]),
        ("批次 数量 > 1", ["批次 数量"], [">", ["v", "批次 数量"], ["n", "1"]]),
        ("in stock", ["in stock"], ["v", "in stock"]),
        ("date and time", ["date", "time"], ["and", ["v", "date"], ["v", "time"]]),
        ("x.unit price", ["unit price"], [".", ["v", "x"], "unit price"]),
        ("x.for", [], [".", ["v", "x"], "for"]),
        ("count(x)", ["count"], ["call", ["v", "count"], ["v", "x"]]),
        ("count(x)", [], ["b", "count", ["v", "x"]]),
    ],
)
def test_names_with_spaces_and_signs_are_known_from_the_scope(
    text: str,
    names: list[str],
    node: Any,
) -> None:
    assert parse_expression(text, names) == ["feel/1", node]


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("[1..2]", ["range", True, ["n", "1"], ["n", "2"], True]),
        ("]1..2[", ["range", False, ["n", "1"], ["n", "2"], False]),
        ("(1..2)", ["range", False, ["n", "1"], ["n", "2"], False]),
        (
            "[[1..2[, 3]",
            ["list", ["range", True, ["n", "1"], ["n", "2"], False], ["n", "3"]],
        ),
        (
            "[a[1]..b[2]]",
            [
                "range",
                True,
                ["[]", ["v", "a"], ["n", "1"]],
                ["[]", ["v", "b"], ["n", "2"]],
                True,
            ],
        ),
        ("a or b or c", ["or", ["v", "a"], ["v", "b"], ["v", "c"]]),
        (
            "1 + if a then 2 else 3 + 4",
            ["+", ["n", "1"], ["if", ["v", "a"], ["n", "2"], ["+", ["n", "3"], ["n", "4"]]]],
        ),
        ("floor(scale: 1, n: 2.55)", ["b", "floor", ["n", "2.55"], ["n", "1"]]),
        ("floor(value: 1)", None),
    ],
)
def test_what_could_be_read_in_two_ways(text: str, node: Any) -> None:
    assert parse_expression(text) == ["feel/1", node]


def test_types_of_the_model_may_be_named() -> None:
    types: dict[str, Any] = {"tWeight": "number", "tRow": ["context", ["qty", "number"]]}
    tree = parse_expression("x instance of list<tRow>", types=types)
    assert tree[1] == ["is", ["v", "x"], ["list", ["context", ["qty", "number"]]]]
    assert parse_expression("x instance of tWeight", types=types)[1] == ["is", ["v", "x"], "number"]


def test_a_cell_is_a_value_or_a_condition() -> None:
    assert parse_unary_tests("-") == ["feel/1", True]
    assert parse_unary_tests("limit")[1] == ["tests", True, ["test", "in", ["v", "limit"]]]
    assert parse_unary_tests("x > 1")[1][2][1] == "is"
    assert parse_unary_tests("even(?)")[1][2][1] == "is"
    assert parse_unary_tests('{v: "?"}')[1][2][1] == "in"
    assert parse_unary_tests("not(1, 2)")[1][1] is False
    assert parse_unary_tests("not(a) or b")[1][1] is True


def test_a_tree_is_plain_json() -> None:
    tree = parse_expression('{a: [1, "x"], f: function(b: number) b > a[1]}.f(2)')
    assert json.loads(json.dumps(tree)) == tree


def test_free_names_are_what_the_scope_must_give() -> None:
    def free(text: str) -> set[str]:
        return set(free_names(parse_expression(text)))

    assert free("a + b.c") == {"a", "b"}
    assert free("for x in xs return x + y") == {"xs", "y"}
    assert free("some x in x satisfies x") == {"x"}
    assert free("{a: b, c: a}") == {"b"}
    assert free("rows[qty > limit and item.ok]") == {"rows", "qty", "limit"}
    assert free("function(a) a + b") == {"b"}
    assert free("count(x)") == {"x"}
    assert free_names(parse_unary_tests("> limit")) == {"limit"}


def test_functions_that_nobody_knows_are_told() -> None:
    assert unknown_functions(parse_expression("coutn(x) + {f: function(a) a, r: f(1)}.r")) == {
        "coutn"
    }
    assert unknown_functions(parse_expression("PMT(rate: 1) + sum(1, 2)", ["PMT"])) == {"PMT"}


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "1" + ")" * 5000,
        "-" * 5000 + "1",
        "[" * 3000,
        "1+" * 30_000 + "1",
        "if a then " * 900,
    ],
)
def test_what_is_too_long_or_too_deep_is_refused_in_words(text: str) -> None:
    with pytest.raises(FeelSyntaxError):
        parse_expression(text)


_SIGNS = [
    *"()[]{}<>=+-*/.,:?@'会ab1",
    "..",
    "**",
    "!=",
    "2.5",
    "null",
    "true",
    '"t"',
    '@"P1D"',
    '"',
]
_WORDS = [
    "if",
    "then",
    "else",
    "for",
    "in",
    "return",
    "some",
    "every",
    "satisfies",
    "and",
    "or",
    "not",
]
_OTHERS = ["between", "instance of", "function", "x y", "date and time", "list<", " "]
_PIECES = st.sampled_from([*_SIGNS, *(f"{word} " for word in [*_WORDS, *_OTHERS])])


def parsed(text: str) -> list[Any]:
    """The trees of a text that is one; whatever is refused is refused in both languages."""
    trees = []
    for parse in (parse_expression, parse_unary_tests):
        try:
            trees.append(parse(text, ["x y"]))
        except FeelSyntaxError as error:
            refused = error
            assert 0 <= refused.position <= len(text)
            assert set(refused.message) == {"en", "zh"}
    return trees


@given(st.lists(_PIECES, max_size=12))
def test_any_text_is_a_tree_or_a_syntax_error(pieces: list[str]) -> None:
    for tree in parsed("".join(pieces)):
        assert json.loads(json.dumps(tree)) == tree


_EXPRESSIONS = [v["expression"] for f in vectors.files() for v in vectors.read(f)]


@given(st.sampled_from(_EXPRESSIONS), st.data())
def test_a_damaged_text_is_a_tree_or_a_syntax_error(text: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 3))
    parsed(text[:cut] + data.draw(_PIECES) + text[cut + length :])
