"""The sentences that name values and types, in English and Chinese."""

from collections.abc import Sequence
from typing import Final

from engine.decisions.feel_text import shorten
from engine.problems import Text
from forms.feel.values import Value, text_of


def show(value: Value) -> str:
    """Write a value as FEEL would, short enough for a sentence."""
    return shorten(text_of(value, quoted=True), 40)


def show_values(labels: Sequence[str], values: Sequence[Value]) -> str:
    """Write "Lot size = 12, Level = “II”"."""
    return ", ".join(
        f"{label} = {show(value)}" for label, value in zip(labels, values, strict=True)
    )


def type_in(name: str, language: str) -> str:
    """Name a type: FEEL's own in words, the modeler's by their names."""
    return _TYPES[language].get(name, f"“{name.rpartition('#')[2]}”")


def wrong_type(what: str, type_name: str, value: Value) -> Text:
    """Say that a value has not its declared type, or is not among the allowed values."""
    return {
        "en": f"{what} must be {type_in(type_name, 'en')}, but it is {show(value)}.",
        "zh": f"{what}应为{type_in(type_name, 'zh')}，实际为 {show(value)}。",
    }


_TYPES: Final = {
    "en": {
        "number": "a number",
        "integer": "a whole number",
        "string": "text",
        "boolean": "true or false",
        "date": "a date",
        "time": "a time",
        "date and time": "a date with a time",
        "days and time duration": "a duration in days and hours",
        "years and months duration": "a duration in years and months",
        "context": "a context",
    },
    "zh": {
        "number": "数字",
        "integer": "整数",
        "string": "文本",
        "boolean": "真或假",
        "date": "日期",
        "time": "时间",
        "date and time": "日期时间",
        "days and time duration": "以天和小时计的时长",
        "years and months duration": "以年和月计的时长",
        "context": "上下文（字段组）",
    },
}


def not_allowed(what: str, allowed: str, value: Value) -> dict[str, str]:
    """Say that a value is not among the values that a clause allows."""
    return {
        "en": f"{what} must be one of {shorten(allowed)}, but it is {show(value)}.",
        "zh": f"{what}应为 {shorten(allowed)} 之一，实际为 {show(value)}。",
    }


def no_match(table: str, labels: Sequence[str], values: Sequence[Value]) -> dict[str, str]:
    """Say that no rule of a table matches these values."""
    shown = show_values(labels, values)
    return {
        "en": f"No rule of the decision table “{table}” matches {shown or 'without inputs'}.",
        "zh": f"决策表“{table}”中没有规则匹配：{shown or '（无输入）'}。",
    }


def overlap(
    table: str, rules: Sequence[int], labels: Sequence[str], values: Sequence[Value]
) -> dict[str, str]:
    """Say that several rules (numbered from 0) of a UNIQUE table match these values."""
    numbers, shown = rule_numbers(rules), show_values(labels, values)
    return {
        "en": f"In the decision table “{table}” the rules {numbers} all match {shown}; "
        "only one may.",
        "zh": f"决策表“{table}”的规则 {numbers} 同时匹配 {shown}，只允许匹配一条。",
    }


def disagree(
    table: str, rules: Sequence[int], labels: Sequence[str], values: Sequence[Value]
) -> dict[str, str]:
    """Say that rules of an ANY table match these values with different outputs."""
    numbers, shown = rule_numbers(rules), show_values(labels, values)
    return {
        "en": f"In the decision table “{table}” the rules {numbers} match {shown} "
        "with different outputs.",
        "zh": f"决策表“{table}”的规则 {numbers} 匹配 {shown}，但输出不一致。",
    }


def not_ranked(table: str, rule: int) -> dict[str, str]:
    """Say that a rule's output has no place in the order of the output values."""
    return {
        "en": f"Rule {rule + 1} of “{table}” gives a value that is not among the output values, "
        "so its priority is unknown.",
        "zh": f"决策表“{table}”的规则 {rule + 1} 的输出不在输出值列表中，无法确定优先级。",
    }


def not_comparable(table: str) -> dict[str, str]:
    """Say that outputs cannot be added or compared."""
    return {
        "en": f"The outputs of “{table}” cannot be added up or compared with each other.",
        "zh": f"决策表“{table}”的输出无法求和或相互比较。",
    }


def rule_numbers(rules: Sequence[int]) -> str:
    """Write rule numbers as people see them, from 1."""
    return ", ".join(str(rule + 1) for rule in rules)
