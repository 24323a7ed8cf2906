"""What the analysis of one table finds, as problems that say what to do."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, Literal

from engine.decisions.analysis.columns import Column, NotRegular, columns_of
from engine.decisions.analysis.lines import ANYTHING_ELSE
from engine.decisions.analysis.scopes import Scope
from engine.decisions.analysis.search import (
    Box,
    Effort,
    TooLarge,
    common_box,
    find_gaps,
    find_overlaps,
    is_hidden,
    never_matches,
)
from engine.decisions.feel_logic import constant_of, is_constant
from engine.decisions.hit_policies import output_order
from engine.decisions.model import DecisionTable, ItemDefinition, Rule, Tree
from engine.decisions.typing_rules import WRONG, among, anything, fit_for
from engine.decisions.wording import not_allowed, rule_numbers, show, wrong_type
from engine.problems import Problem, Text

MAX_SHOWN: Final = 5
"""Gaps, and overlaps, told for one table; whoever mends these will see the next."""


Severity = Literal["error", "warning"]


def check_table(
    table: DecisionTable, types: Mapping[str, ItemDefinition], scope: Scope
) -> list[Problem]:
    """Analyse a table that sees names of these types."""
    problems = [*_outputs(table, types), *_order(table, types)]
    effort = Effort()
    try:
        columns = columns_of(table, types, scope)
        problems += islice(_overlaps(table, columns), MAX_SHOWN)
        problems += _gaps(table, columns, effort)
        for problem in _rules_of_no_use(table, columns, effort):
            problems.append(problem)  # those found before it is too much stay
    except NotRegular as error:
        problems.append(_problem(table, "decision.not_analysed", _irregular(table, error)))
    except TooLarge:
        problems.append(_problem(table, "decision.not_analysed", _too_large(table)))
    return problems


def no_logic(name: str, key: str, file: str) -> Problem:
    """Warn of a decision without logic, which cannot be asked."""
    return Problem(
        code="decision.no_logic",
        message={
            "en": f"The decision “{name}” has no logic; asking for it fails.",
            "zh": f"决策“{name}”没有定义逻辑，执行时会失败。",
        },
        file=file,
        element_id=key,
        severity="warning",
    )


def _gaps(table: DecisionTable, columns: Sequence[Column], effort: Effort) -> Iterator[Problem]:
    has_default = all(clause.default is not None for clause in table.outputs)
    if has_default:
        return
    every = (1 << len(table.rules)) - 1
    for box in find_gaps([column.masks for column in columns], every, MAX_SHOWN, effort):
        example = _example(columns, box)
        yield _problem(
            table,
            "decision.gap",
            {
                "en": f"No rule of the decision table “{table.name}” matches {example['en']}. "
                "Add a rule or a default output, or state which input values can occur.",
                "zh": f"决策表“{table.name}”中没有规则匹配：{example['zh']}。"
                "请增加规则或默认输出，或注明输入的取值范围。",
            },
            _severity(columns),
        )


def _overlaps(table: DecisionTable, columns: Sequence[Column]) -> Iterator[Problem]:
    if table.hit_policy not in {"UNIQUE", "ANY"}:
        return
    masks = [column.masks for column in columns]
    for one, other in find_overlaps(masks, len(table.rules)):
        first, second = table.rules[one], table.rules[other]
        example = _example(columns, common_box(masks, one, other))
        numbers = rule_numbers([one, other])
        if table.hit_policy == "UNIQUE":
            yield _problem(
                table,
                "decision.overlap",
                {
                    "en": f"Rules {numbers} of the decision table “{table.name}” both match "
                    f"{example['en']}; with UNIQUE only one may. Narrow one of them.",
                    "zh": f"决策表“{table.name}”的规则 {numbers} 同时匹配：{example['zh']}；"
                    "UNIQUE 策略只允许匹配一条，请缩小其中一条的条件。",
                },
                _severity(columns),
                second,
            )
        elif first.results != second.results and not _same_constants(first, second):
            certain = _constants(first) is not None and _constants(second) is not None
            yield _problem(
                table,
                "decision.disagreement",
                {
                    "en": f"Rules {numbers} of the decision table “{table.name}” both match "
                    f"{example['en']} with different outputs; with ANY they must agree.",
                    "zh": f"决策表“{table.name}”的规则 {numbers} 同时匹配：{example['zh']}，"
                    "但输出不同；ANY 策略要求输出一致。",
                },
                _severity(columns) if certain else "warning",
                second,
            )


def _rules_of_no_use(
    table: DecisionTable, columns: Sequence[Column], effort: Effort
) -> Iterator[Problem]:
    masks = [column.masks for column in columns]
    for number, rule in enumerate(table.rules):
        if never_matches(masks, number):
            yield _problem(
                table,
                "decision.rule_never_matches",
                {
                    "en": f"Rule {number + 1} of the decision table “{table.name}” never matches: "
                    "no possible value passes one of its tests.",
                    "zh": f"决策表“{table.name}”的规则 {number + 1} 永远不会匹配："
                    "没有任何可能的取值满足其某个条件。",
                },
                "warning",
                rule,
            )
        elif table.hit_policy == "FIRST" and is_hidden(masks, number, effort):
            yield _problem(
                table,
                "decision.unreachable_rule",
                {
                    "en": f"Rule {number + 1} of the decision table “{table.name}” is never "
                    "reached: the rules above it match first. Move it up or remove it.",
                    "zh": f"决策表“{table.name}”的规则 {number + 1} 永远不会生效："
                    "上方的规则总是先匹配。请上移或删除该规则。",
                },
                "warning",
                rule,
            )


def _order(table: DecisionTable, types: Mapping[str, ItemDefinition]) -> Iterator[Problem]:
    if table.hit_policy not in {"PRIORITY", "OUTPUT ORDER"}:
        return
    if not any(output_order(clause, types) for clause in table.outputs):
        yield _problem(
            table,
            "decision.no_output_order",
            {
                "en": f"The decision table “{table.name}” is {table.hit_policy} and lists no "
                "output values: their order is the order of priority.",
                "zh": f"决策表“{table.name}”使用 {table.hit_policy} 策略，但没有列出输出值；"
                "输出值的顺序即优先顺序。",
            },
            "error",
        )


def _outputs(table: DecisionTable, types: Mapping[str, ItemDefinition]) -> Iterator[Problem]:
    """Find constant outputs that are not of the type, or not among the values, of their column."""
    for index, clause in enumerate(table.outputs):
        of_type = fit_for(clause.type, types)
        listed = anything if clause.allowed is None else among(clause.allowed, anything)
        cells: list[tuple[Rule | None, Tree]] = [
            (rule, rule.results[index]) for rule in table.rules
        ]
        if clause.default is not None:
            cells.append((None, clause.default))
        for rule, tree in cells:
            if not is_constant(tree[1]):
                continue
            value = constant_of(tree[1])
            what = clause.name or table.name
            if of_type(value) is WRONG:
                text = wrong_type(what, clause.type, value)
                yield _problem(table, "decision.wrong_output", text, "error", rule)
            elif listed(value) is WRONG:
                text = not_allowed(what, clause.values_text, value)
                yield _problem(table, "decision.wrong_output", text, "error", rule)


def _constants(rule: Rule) -> list[object] | None:
    if all(is_constant(tree[1]) for tree in rule.results):
        return [constant_of(tree[1]) for tree in rule.results]
    return None


def _same_constants(one: Rule, other: Rule) -> bool:
    first, second = _constants(one), _constants(other)
    return first is not None and first == second


def _severity(columns: Sequence[Column]) -> Severity:
    """Say error where every combination can occur, warning where an input is computed."""
    return "error" if all(column.certain for column in columns) else "warning"


def _example(columns: Sequence[Column], box: Box) -> dict[str, str]:
    """Write the values of a box; an input that makes no difference is left out."""
    shown: dict[str, list[str]] = {"en": [], "zh": []}
    for column, piece in zip(columns, box, strict=False):
        value = column.examples[piece]
        for language, parts in shown.items():
            written = _ANYTHING_ELSE[language] if value == ANYTHING_ELSE else show(value)
            parts.append(f"{column.label} = {written}")
    return {
        "en": ", ".join(shown["en"]) or "whatever the inputs are",
        "zh": "，".join(shown["zh"]) or "任何输入",
    }


def _problem(
    table: DecisionTable,
    code: str,
    message: Text,
    severity: Severity = "warning",
    rule: Rule | None = None,
) -> Problem:
    return Problem(
        code=code,
        message=message,
        file=table.file,
        element_id=(rule.id if rule is not None else None) or table.id,
        line=(rule.line if rule is not None else None) or table.line,
        severity=severity,
    )


def _irregular(table: DecisionTable, error: NotRegular) -> Text:
    if error.cell is None:
        return {
            "en": f"Gaps and overlaps of “{table.name}” were not looked for: the input "
            f"“{error.label}” is compared with values of different types, or texts by order.",
            "zh": f"未检查决策表“{table.name}”的遗漏和重叠：输入“{error.label}”与不同类型的值比较，"
            "或按顺序比较文本。",
        }
    return {
        "en": f"Gaps and overlaps of “{table.name}” were not looked for: the test “{error.cell}” "
        f"of “{error.label}” does more than compare with constants.",
        "zh": f"未检查决策表“{table.name}”的遗漏和重叠：“{error.label}”的条件“{error.cell}”"
        "不只是与常量比较。",
    }


def _too_large(table: DecisionTable) -> Text:
    return {
        "en": f"Not all gaps and overlaps of “{table.name}” were looked for: it has too many "
        "rules and inputs. Split it into several tables.",
        "zh": f"决策表“{table.name}”的遗漏和重叠未能全部检查：规则和输入过多，请拆分成多个表。",
    }


_ANYTHING_ELSE: Final = {"en": "anything else", "zh": "其他任何值"}
