"""Fields: names, required, patterns, choices, what a scan fills."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from forms.evaluation import expression_in, is_expression
from forms.fields import FIELD_TYPES
from forms.lint.findings import Findings
from forms.lint.patterns import PatternRefused, require_portable
from forms.pointers import ANY_ROW, Path, Template, parse_template, pointer

RESERVED: Final = frozenset(
    {
        "context",
        "source",
        "row_number",
        "item",
        "partial",
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "between",
        "and",
        "or",
        "not",
        "true",
        "false",
        "null",
        "function",
        "external",
        "instance",
        "of",
    }
)
"""Names that FEEL or a form's expressions use for themselves."""

_FILLS: Final[Mapping[str, frozenset[str]]] = {
    "gtin": frozenset({"item", "text"}),
    "lot": frozenset({"lot", "text"}),
    "serial": frozenset({"serial", "text"}),
    "expiry": frozenset({"date"}),
    "production": frozenset({"date"}),
    "sscc": frozenset({"text"}),
    "count": frozenset({"text"}),
    "item": frozenset({"item"}),
}


_ENTERED: Final = frozenset({"item", "location", "lot", "serial", "text"})
"""What a person may type or scan."""


def walk(
    schema: Mapping[str, Any], template: Template = (), place: Path = ("schema",)
) -> Iterator[tuple[Template, Path, Mapping[str, Any], bool]]:
    """Each field, group and column: template, place in the file, schema, whether required."""
    required = schema.get("required", ())
    for name, member in schema["properties"].items():
        here, there = (*template, name), (*place, "properties", name)
        yield here, there, member, name in required
        if "x-field" not in member:
            yield from walk(member, here, there)
        elif member["x-field"] == "table":
            yield from walk(member["items"], (*here, ANY_ROW), (*there, "items"))


def check_fields(
    schema: Mapping[str, Any], computed: Mapping[str, str], findings: Findings
) -> None:
    """Report what form.schema.json cannot say about fields."""
    fields = {template: member for template, _, member, _ in walk(schema)}
    _check_required(schema, ("schema",), findings)
    for template, place, member, _ in walk(schema):
        _check_name(template, place, fields, findings)
        if "pattern" in member:
            _check_pattern(member["pattern"], place, findings)
        if "x-labels" in member and "x-choices" not in member:
            _check_labels(member, place, findings)
        if is_expression(member.get("x-unit")):
            _check_unit(member["x-unit"], template, place, fields, findings)
        _check_order(member, place, findings)
        for element, target in member.get("x-fills", {}).items():
            _check_fill(element, target, template, fields, (*place, "x-fills", element), findings)
        if member.get("x-field") == "entry":
            _check_about(member["x-of"], template, fields, (*place, "x-of"), findings)
    for text in computed:
        _check_computed(text, fields, findings)


def _check_required(schema: Mapping[str, Any], place: Path, findings: Findings) -> None:
    for index, name in enumerate(schema.get("required", ())):
        member = schema["properties"].get(name)
        if member is None:
            findings.add(
                (*place, "required", index),
                "unknown_field",
                f"There is no field “{name}”.",
                f"没有字段“{name}”。",
            )
        elif "x-field" not in member:
            findings.add(
                (*place, "required", index),
                "required_group",
                "A group is not an answer: make its fields required.",
                "分组本身不是答案，请把其中的字段设为必填。",
            )
    for name, member in schema["properties"].items():
        here = (*place, "properties", name)
        if "x-field" not in member:
            _check_required(member, here, findings)
        elif member["x-field"] == "table":
            _check_required(member["items"], (*here, "items"), findings)


def _check_name(
    template: Template,
    place: Path,
    fields: Mapping[Template, Mapping[str, Any]],
    findings: Findings,
) -> None:
    name = template[-1]
    if name in RESERVED:
        findings.add(
            place,
            "reserved_name",
            f"“{name}” is a word of the expression language. Choose another name.",
            f"“{name}”是表达式语言的保留字，请换一个名称。",
        )
    kind = fields[template].get("x-field")
    for suffix in FIELD_TYPES[kind].beside if kind else ():
        if (*template[:-1], name + suffix) in fields:
            findings.add(
                place,
                "name_taken",
                f"“{name}{suffix}” is put beside this field by itself; the name is taken.",
                f"“{name}{suffix}”由系统自动生成，其他字段不能使用该名称。",
            )


def _check_pattern(pattern: str, place: Path, findings: Findings) -> None:
    try:
        require_portable(pattern)
    except PatternRefused as refused:
        findings.add((*place, "pattern"), "pattern", refused.message["en"], refused.message["zh"])


def _check_labels(member: Mapping[str, Any], place: Path, findings: Findings) -> None:
    values = member.get("enum") or member.get("items", {}).get("enum")
    if values is None:
        return  # the words of yes and no
    for value in values:
        if value not in member["x-labels"]:
            findings.add(
                (*place, "x-labels"),
                "label_missing",
                f"The choice “{value}” has no text.",
                f"选项“{value}”没有文字。",
            )
    for value in member["x-labels"]:
        if value not in values:
            findings.add(
                (*place, "x-labels", value),
                "label_unknown",
                f"“{value}” is not among the choices.",
                f"“{value}”不在选项之中。",
            )


def _check_unit(
    unit: str,
    template: Template,
    place: Path,
    fields: Mapping[Template, Mapping[str, Any]],
    findings: Findings,
) -> None:
    # A number is never recorded without its unit. One that is in the form is pinned by the form's
    # hash; one that the case gives must itself be a field, so that it stands in the record.
    name = expression_in(unit)
    if fields.get((*template[:-1], name), {}).get("x-field") != "text":
        findings.add(
            (*place, "x-unit"),
            "unit_not_recorded",
            "A unit that is not fixed must be the name of a text field beside this one (computed "
            "from the case, as a rule), so that the record holds it.",
            "非固定单位须为同级文本字段的名称（通常由流程数据计算得出），以便写入记录。",
        )


def _check_order(member: Mapping[str, Any], place: Path, findings: Findings) -> None:
    for low, high in (
        ("minLength", "maxLength"),
        ("minItems", "maxItems"),
        ("x-minimum", "x-maximum"),
    ):
        least, most = member.get(low), member.get(high)
        if isinstance(least, int) and isinstance(most, int) and least > most:
            findings.add(
                (*place, low), "empty_range", f"{low} is above {high}.", f"{low} 大于 {high}。"
            )


def _check_fill(
    element: str,
    target: str,
    template: Template,
    fields: Mapping[Template, Mapping[str, Any]],
    place: Path,
    findings: Findings,
) -> None:
    named = parse_template(target)
    filled = fields.get(named) if named else None
    row = template[: template.index(ANY_ROW) + 1] if ANY_ROW in template else ()
    if (
        named is None
        or filled is None
        or (ANY_ROW in named and row and named[: len(row)] != row)
        # Only what every unit has of its own may take a row for each scan.
        or (ANY_ROW in named and not row and element != "serial")
    ):
        findings.add(
            place, "unknown_field", f"There is no field {target} here.", f"此处没有字段 {target}。"
        )
    elif filled.get("x-field") not in _FILLS[element]:
        findings.add(
            place,
            "cannot_fill",
            f"A field of this kind cannot take the {element} of a barcode.",
            f"该类字段不能接收条码中的 {element}。",
        )
    elif filled["x-field"] == "date" and filled.get("x-precision") != "any":
        findings.add(
            place,
            "date_precision",
            'A barcode may give a month without a day: the field needs "x-precision": "any".',
            '条码日期可能只有年月，该字段须设置 "x-precision": "any"。',
        )


def _check_about(
    about: str,
    template: Template,
    fields: Mapping[Template, Mapping[str, Any]],
    place: Path,
    findings: Findings,
) -> None:
    named = parse_template(about)
    kind = fields.get(named, {}).get("x-field") if named else None
    if named is None or named[:-1] != template[:-1] or kind not in _ENTERED:
        findings.add(
            place,
            "no_identifier",
            f"{about} is no identifier beside this field: name a lot, serial, item, location or "
            "text.",
            f"{about} 不是同级的标识字段：应为批号、序列号、物料、货位或文本。",
        )


def _check_computed(
    text: str, fields: Mapping[Template, Mapping[str, Any]], findings: Findings
) -> None:
    template = parse_template(text)
    member = fields.get(template) if template else None
    if member is None:
        findings.add(
            ("computed", text), "unknown_field", f"There is no field {text}.", f"没有字段 {text}。"
        )
    elif member.get("x-field") in {
        None,
        "table",
        "barcode",
        "entry",
        "photo",
        "attachment",
    } or isinstance(member.get("x-decimals"), str):
        findings.add(
            ("computed", text),
            "cannot_compute",
            f"The field {pointer(template or ())} cannot be computed.",
            f"字段 {pointer(template or ())} 不能由计算得出。",
        )
