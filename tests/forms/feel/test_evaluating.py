"""Evaluation is bounded, tells no time of its own, takes no floats, runs nothing but trees."""

import ast
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import forms.feel
from forms.feel import (
    Date,
    FeelFunction,
    FeelLimitExceeded,
    FeelValueRefused,
    Limits,
    Value,
    compile_tree,
    evaluate,
    from_json,
    parse_expression,
    text_of,
    to_json,
)


def value_of(text: str, scope: dict[str, Any] | None = None, **options: Any) -> Value:
    return evaluate(parse_expression(text, list(scope or {})), scope or {}, **options)


_DOUBLING = "for i in 1..40 return if i = 1 then [1] else [partial[-1], partial[-1]]"
"""Small in memory, and 2^40 elements to whoever walks over it."""


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("count(for i in 1..100, j in 1..100, k in 1..100 return 1)", "steps"),
        ("for i in 1..1000000 return i", "size"),
        ('{f: function(g, n) g(g, n), r: f(f, "x")}.r', "depth"),
        (
            'for i in 1..60 return if i = 1 then "xxxxxxxxxx" else partial[-1] + partial[-1]',
            "size",
        ),
        (f"string({_DOUBLING})", "steps"),
        (f"count(flatten({_DOUBLING}))", "steps"),
        (f"{{p: {_DOUBLING}, q: {_DOUBLING}, r: p = q}}.r", "steps"),
        ('matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "^(a+)+$|b") and false', ""),
        ('matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "^(a+)+$")', "steps"),
    ],
)
def test_an_evaluation_stops_at_its_bounds(text: str, limit: str) -> None:
    if not limit:
        assert value_of(text) is False
        return
    with pytest.raises(FeelLimitExceeded) as caught:
        value_of(text)
    assert caught.value.limit == limit
    assert caught.value.message["zh"]


def test_bounds_can_be_narrowed() -> None:
    assert value_of("sum(for i in 1..10 return i)") == 55
    with pytest.raises(FeelLimitExceeded):
        value_of("sum(for i in 1..10 return i)", limits=Limits(steps=20))


def test_numbers_beyond_the_bounds_are_null_not_slow() -> None:
    assert value_of("9 ** 999999999") is None
    assert value_of("(1/9) ** 999999999") == 0
    assert value_of("9 ** 9999999999") is None


def test_only_the_caller_tells_the_time() -> None:
    assert value_of("now()") is None
    assert value_of("today()") is None
    moment = datetime(2026, 11, 22, 23, 30, tzinfo=timezone(timedelta(hours=8)))
    assert text_of(value_of("now()", now=moment)) == "2026-11-22T23:30:00+08:00"
    assert text_of(value_of("today()", now=moment)) == "2026-11-22"
    assert value_of('now() = @"2026-11-22T15:30:00Z"', now=moment) is True


@pytest.mark.parametrize(
    "bad", [1.5, [1, 2.5], {"a": {"b": 0.1}}, object(), {1: "a"}, b"x", float("nan")]
)
def test_what_is_no_value_is_refused(bad: object) -> None:
    with pytest.raises(FeelValueRefused):
        value_of("x", {"x": bad})
    assert value_of("1", {"x": bad}) == 1, "what is not asked for is not looked at"


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "-Infinity", "1e7000"])
def test_numbers_that_are_none_are_refused(bad: str) -> None:
    with pytest.raises(FeelValueRefused):
        from_json(Decimal(bad))


def test_values_come_in_as_json_or_python_has_them() -> None:
    assert value_of("x + 1", {"x": 41}) == 42
    assert value_of("x = 1", {"x": True}) is None
    assert value_of("x.a[2]", {"x": MappingProxyType({"a": (1, 2)})}) == 2
    assert value_of("x", {"x": date(2026, 11, 22)}) == Date(20779)
    assert text_of(value_of("x", {"x": datetime(2026, 11, 22, 10, tzinfo=UTC)})) == (
        "2026-11-22T10:00:00Z"
    )
    assert value_of("x", {"x": Decimal("1." + "3" * 50)}) == Decimal("1." + "3" * 33)


class _Outcome(str, Enum):  # noqa: UP042 -- not every enum of texts is a StrEnum
    ACCEPTED = "accepted"


class _Level(IntEnum):
    SECOND = 2


def test_enums_are_their_values() -> None:
    scope = {"x": _Outcome.ACCEPTED, "y": _Level.SECOND}
    assert value_of('x = "accepted" and y = 2', scope) is True


def test_values_go_out_as_plain_json() -> None:
    result = value_of(
        '{n: 2.50 * 2, big: 1e3, d: @"2024-02-29", p: @"P1DT2H", r: [1..2), l: [null, true],'
        " f: function(a) a}",
    )
    assert to_json(result) == {
        "n": Decimal(5),
        "big": Decimal(1000),
        "d": "2024-02-29",
        "p": "P1DT2H",
        "r": "[1..2)",
        "l": [None, True],
        "f": None,
    }
    numbers = to_json(value_of("[2.50, 1e3, 0.00, -0]"))
    assert [str(number) for number in numbers] == ["2.5", "1000", "0", "0"]  # type: ignore[attr-defined]


def test_python_can_offer_functions() -> None:
    def price(item: Value, quantity: Value) -> Value:
        assert isinstance(quantity, Decimal)
        return quantity * 2 if item == "A" else None

    scope = {"price": FeelFunction(("item", "quantity"), price), "xs": ["A", "B"]}
    assert value_of('price("A", 3)', scope) == 6
    assert value_of('price(quantity: 3, item: "A")', scope) == 6
    assert value_of('price("A")', scope) is None
    assert value_of("for x in xs return price(x, 1)", scope) == [2, None]


def test_a_function_value_works_outside_of_its_expression() -> None:
    twice = value_of("function(x) x * factor", {"factor": 2})
    assert isinstance(twice, FeelFunction)
    assert twice.body(Decimal(21)) == 42
    assert value_of("f(4)", {"f": twice}) == 8


def test_closures_keep_what_they_saw() -> None:
    assert value_of("(for i in 1..3 return function() i)[1]()") == 1


def test_scopes_are_not_changed_and_programs_are_kept() -> None:
    tree = parse_expression('context put(box, "a", 2).a + box.a')
    box = {"a": 1}
    assert compile_tree(tree) is compile_tree(tree)
    assert compile_tree(list(tree)) is compile_tree(tree)
    assert evaluate(tree, {"box": box}) == 3
    assert box == {"a": 1}


def test_trees_of_another_version_are_refused() -> None:
    with pytest.raises(ValueError, match="feel/1"):
        evaluate(["feel/9", None], {})


def test_deep_values_do_not_break_the_evaluator() -> None:
    deep: list[Any] = []
    for _ in range(300):
        deep = [deep]
    assert value_of("count(flatten(x))", {"x": deep}) == 0
    deeper: Callable[[], list[Any]] = lambda: [[[[deep]]]]  # noqa: E731
    assert value_of("x = y", {"x": deeper(), "y": deeper()}) is True


def test_nothing_is_executed_as_python() -> None:
    folder = Path(forms.feel.__file__).parent
    names = {
        node.id
        for file in folder.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name)
    }
    assert not names & {"eval", "exec", "compile", "__import__", "getattr", "globals"}
