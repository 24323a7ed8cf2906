"""All FEEL of a form file: found, parsed once, its names resolved."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from forms.evaluation import expression_in, is_expression
from forms.feel import FeelSyntaxError, Tree, parse_expression, unknown_functions
from forms.lint.dependencies import resolve
from forms.lint.fields import walk
from forms.lint.findings import Findings
from forms.lint.layout import elements
from forms.pointers import Path, Template, parse_scope, parse_template
from forms.texts import LANGUAGES

JUDGING: Final = (
    "x-minimum",
    "x-maximum",
    "x-decimals",
    "x-unit",
    "x-choices",
    "x-rows",
    "x-known",
)
_PLACE: Final = re.compile(r"\{([^{}]*)\}")


@dataclass(slots=True)
class Expressions:
    """`trees` by FEEL text; `case_names` are names that no field has, so the case must."""

    fields: Mapping[Template, Mapping[str, Any]]
    trees: dict[str, Tree] = field(default_factory=dict)
    case_names: set[str] = field(default_factory=set)

    def needs(self, text: str, at: Template) -> frozenset[Template]:
        """Give the fields that an expression at `at` looks at."""
        return resolve(self.trees[text], at, self.fields)[0]

    def keyword(self, member: Mapping[str, Any], key: str) -> str | None:
        """Give the FEEL of a keyword, None when it has none."""
        said: object = member.get(key)
        return expression_in(said) if is_expression(said) else None

    def judged_by(self, member: Mapping[str, Any], at: Template) -> frozenset[Template]:
        """Give the fields that a field's limits and choices look at."""
        texts = (self.keyword(member, key) for key in JUDGING)
        return frozenset().union(*(self.needs(text, at) for text in texts if text is not None))


def check_expressions(document: Mapping[str, Any], findings: Findings) -> Expressions:
    """Parse every expression of the file, each once, and report those that are no FEEL."""
    schema = document["schema"]
    expressions = Expressions({template: member for template, _, member, _ in walk(schema)})
    for text, at, place in _all(document):
        if text not in expressions.trees:
            try:
                expressions.trees[text] = parse_expression(text)
            except FeelSyntaxError as wrong:
                findings.add(
                    place,
                    "feel",
                    f"“{text}” is no expression: {wrong.message['en']}",
                    f"“{text}”不是有效的表达式：{wrong.message['zh']}",
                )
                continue
            for name in sorted(unknown_functions(expressions.trees[text])):
                findings.add(
                    place,
                    "unknown_function",
                    f"There is no function “{name}”.",
                    f"没有名为“{name}”的函数。",
                )
        expressions.case_names |= resolve(expressions.trees[text], at, expressions.fields)[1]
    _check_paths(document, expressions, findings)
    return expressions


def _all(document: Mapping[str, Any]) -> Iterator[tuple[str, Template, Path]]:
    """Give each expression: its text, where it is evaluated, its place in the file."""
    for template, place, member, _ in walk(document["schema"]):
        for key, said in member.items():
            if key.startswith("x-") and is_expression(said):
                yield expression_in(said), template, (*place, key)
    for text, feel in document["computed"].items():
        yield feel, parse_template(text) or (), ("computed", text)
    for element, place, row in elements(document["ui"]):
        for feel, inside in _in_element(element):
            yield feel, (*row, ""), (*place, *inside)
    for index, check in enumerate(document["checks"]):
        for feel, inside in _in_check(check):
            yield feel, parse_template(check["path"]) or (), ("checks", index, *inside)


def _in_element(element: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    for key in ("x-from", "x-unit"):
        if is_expression(element.get(key)):
            yield expression_in(element[key]), (key,)
    if "rule" in element:
        for feel, inside in _in_condition(element["rule"]["condition"], ()):
            yield feel, ("rule", "condition", *inside)


def _in_check(check: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    for key in ("when", "assert"):
        if key in check:
            yield check[key], (key,)
    for language in LANGUAGES:
        for feel in _PLACE.findall(check["message"][language]):
            yield feel.strip(), ("message", language)


def _in_condition(condition: Mapping[str, Any], place: Path) -> Iterator[tuple[str, Path]]:
    if "feel" in condition:
        yield condition["feel"], (*place, "feel")
    for index, one in enumerate(condition.get("conditions", ())):
        yield from _in_condition(one, (*place, "conditions", index))


def _check_paths(document: Mapping[str, Any], expressions: Expressions, findings: Findings) -> None:
    """Require checks and conditions to name fields that are there, check ids to be given once."""
    ids: set[str] = set()
    for index, check in enumerate(document["checks"]):
        member = expressions.fields.get(parse_template(check["path"]) or ())
        if member is None or "x-field" not in member:
            findings.add(
                ("checks", index, "path"),
                "unknown_field",
                f"There is no field {check['path']}.",
                f"没有字段 {check['path']}。",
            )
        if check["id"] in ids:
            findings.add(
                ("checks", index, "id"), "check_twice", "This id is used twice.", "该 id 重复使用。"
            )
        ids.add(check["id"])
    for element, place, row in elements(document["ui"]):
        if "rule" in element:
            condition = element["rule"]["condition"]
            _check_scopes(condition, (*place, "rule", "condition"), row, expressions, findings)


def _check_scopes(
    condition: Mapping[str, Any],
    place: Path,
    row: Template,
    expressions: Expressions,
    findings: Findings,
) -> None:
    for index, one in enumerate(condition.get("conditions", ())):
        _check_scopes(one, (*place, "conditions", index), row, expressions, findings)
    if "scope" in condition:
        member = expressions.fields.get((*row, *(parse_scope(condition["scope"]) or ())))
        if member is None or "x-field" not in member:
            findings.add(
                (*place, "scope"),
                "unknown_scope",
                f"There is no field {condition['scope']} here.",
                f"此处没有字段 {condition['scope']}。",
            )
