"""The layout: each scope is a field, each field has its place."""

from collections.abc import Iterator, Mapping
from typing import Any

from forms.lint.fields import walk
from forms.lint.findings import Findings
from forms.pointers import ANY_ROW, Path, Template, parse_scope

Rules = tuple[tuple[Mapping[str, Any], Path, Template], ...]
"""Rules around a control, each with its place in the file and the row it lies in."""


def controls(
    element: Mapping[str, Any], place: Path = ("ui",), row: Template = (), around: Rules = ()
) -> Iterator[tuple[Template, Path, Rules]]:
    """Each control: the field it names, its place in the file, the rules on it and around it."""
    if "rule" in element:
        around = (*around, (element["rule"], (*place, "rule"), row))
    if element["type"] == "Control":
        template = (*row, *(parse_scope(element["scope"]) or ()))
        yield template, place, around
        if "detail" in element.get("options", {}):
            # The rules around the table decide the table; a column has those inside the row.
            yield from controls(
                element["options"]["detail"], (*place, "options", "detail"), (*template, ANY_ROW)
            )
    for index, inner in enumerate(element.get("elements", ())):
        yield from controls(inner, (*place, "elements", index), row, around)


def elements(
    element: Mapping[str, Any], place: Path = ("ui",), row: Template = ()
) -> Iterator[tuple[Mapping[str, Any], Path, Template]]:
    """Each element of the layout with its place and the row it lies in."""
    yield element, place, row
    if element["type"] == "Control" and "detail" in element.get("options", {}):
        inside = (*row, *(parse_scope(element["scope"]) or ()), ANY_ROW)
        yield from elements(element["options"]["detail"], (*place, "options", "detail"), inside)
    for index, inner in enumerate(element.get("elements", ())):
        yield from elements(inner, (*place, "elements", index), row)


def check_layout(
    schema: Mapping[str, Any],
    ui: Mapping[str, Any],
    computed: frozenset[Template],
    findings: Findings,
) -> None:
    """Report scopes that are no field, and fields that nobody can fill in."""
    fields = {template: member for template, _, member, _ in walk(schema)}
    placed: set[Template] = set()
    detailed: set[Template] = set()
    for element, place, row in elements(ui):
        if element["type"] != "Control":
            continue
        template = (*row, *(parse_scope(element["scope"]) or ()))
        placed.add(template)
        member = fields.get(template)
        if member is None or "x-field" not in member:
            findings.add(
                (*place, "scope"),
                "unknown_scope",
                f"There is no field {element['scope']} here. A group has no control of its own.",
                f"此处没有字段 {element['scope']}；分组本身没有控件。",
            )
        elif "detail" in element.get("options", {}):
            detailed.add(template)
            if member["x-field"] != "table":
                findings.add(
                    (*place, "options", "detail"),
                    "detail_without_rows",
                    "Only a table has a layout of its rows.",
                    "只有表格才能设置行布局。",
                )
    for template, place, member, _ in walk(schema):
        in_plain_table = ANY_ROW in template and template[: template.index(ANY_ROW)] not in detailed
        if "x-field" in member and template not in placed | computed and not in_plain_table:
            findings.add(
                place,
                "no_control",
                "Nobody can fill in this field: it has no control and is not computed.",
                "该字段无法填写：没有控件，也不是计算字段。",
            )
