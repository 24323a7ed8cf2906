"""A form file becomes a Form, or a list of what is wrong with it.

Reading stops at the first layer with errors, since the next relies on it: JSON; structure
(form.schema.json); names, scopes and texts; expressions; what depends on what.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import jsonschema_rs

from forms.expressions import Expressions, check_expressions
from forms.fields import FIELD_TYPES
from forms.json_file import read_json
from forms.lint.dependencies import in_order
from forms.lint.fields import check_fields, walk
from forms.lint.findings import Findings
from forms.lint.layout import check_layout, controls
from forms.lint.structure import check_structure
from forms.lint.texts import resolve_texts
from forms.model import Check, Field, Form
from forms.pointers import Template, parse_scope, parse_template, pointer
from forms.rules import Condition, FeelCondition, JoinedCondition, Rule, SchemaCondition


def load_form(content: bytes) -> Form:
    """Load a form file.

    Raises FormRefused with every problem found, each with its JSON pointer and line.
    """
    written, lines = read_json(content)
    findings = Findings(lines)
    check_structure(written, findings)
    findings.require_none()
    document = resolve_texts(written, findings)
    schema, ui = document["schema"], document["ui"]
    computed = document.setdefault("computed", {})
    document.setdefault("checks", [])
    check_fields(schema, computed, findings)
    check_layout(schema, ui, _templates(computed), findings)
    findings.require_none()
    expressions = check_expressions(document, findings)
    findings.require_none()
    fields = _fields(document, expressions)
    order, circle = in_order(schema, {one.path: one.needs for one in fields})
    if circle:
        ring = " → ".join(map(pointer, (*circle, circle[0])))
        findings.add((), "circle", f"These depend on each other: {ring}.", f"循环依赖：{ring}。")
    findings.require_none()
    by_template = {one.path: one for one in fields}
    return Form(
        name=document["form"],
        version=document.get("version"),
        hash=sha256(content).hexdigest(),
        title=document["title"],
        schema=schema,
        ui=ui,
        texts=document.get("texts", {}),
        document=document,
        expressions=expressions.trees,
        fields=fields,
        order=tuple(by_template[template] for template in order),
        checks=tuple(_check(one, expressions) for one in document["checks"]),
        context_names=frozenset(expressions.case_names),
        validator=jsonschema_rs.Draft202012Validator(_without_required(schema)),
        problems=tuple(findings.problems),
    )


def _templates(computed: Mapping[str, str]) -> frozenset[Template]:
    return frozenset(parse_template(text) or () for text in computed)


def _fields(document: Mapping[str, Any], expressions: Expressions) -> tuple[Field, ...]:
    placed: dict[Template, list[tuple[Rule, ...]]] = {}
    needs: dict[Template, set[Template]] = {}
    for template, _, rules in controls(document["ui"]):
        placed.setdefault(template, []).append(
            tuple(
                Rule(rule["effect"], _condition(rule["condition"], row)) for rule, _, row in rules
            )
        )
        for rule, _, row in rules:
            needs.setdefault(template, set()).update(
                _condition_needs(rule["condition"], row, expressions)
            )
    computed = {parse_template(text): feel for text, feel in document["computed"].items()}
    fields = []
    for template, _, member, required in walk(document["schema"]):
        if "x-field" not in member:
            continue
        wanted = needs.get(template, set())
        feel = computed.get(template)
        for text in (feel, *(expressions.keyword(member, key) for key in ("x-rows", "x-default"))):
            if text is not None:
                wanted |= expressions.needs(text, template)
        if member["x-field"] == "entry":
            wanted |= _entered(document["schema"], member["x-of"])
        fields.append(
            Field(
                path=template,
                type=FIELD_TYPES[member["x-field"]],
                schema=member,
                required=required,
                computed=feel,
                controls=tuple(placed.get(template, ())),
                needs=frozenset(wanted),
                judged_by=expressions.judged_by(member, template),
            )
        )
    return tuple(fields)


def _entered(schema: Mapping[str, Any], about: str) -> set[Template]:
    """Give what an entry mark looks at: the field it is about, and the barcodes that fill it."""
    barcodes = {
        template
        for template, _, member, _ in walk(schema)
        if about in member.get("x-fills", {}).values()
    }
    return {parse_template(about) or (), *barcodes}


def _condition(condition: Mapping[str, Any], row: Template) -> Condition:
    if "feel" in condition:
        return FeelCondition(condition["feel"], len(row))
    if "conditions" in condition:
        return JoinedCondition(
            condition["type"], tuple(_condition(one, row) for one in condition["conditions"])
        )
    return SchemaCondition(
        (*row, *(parse_scope(condition["scope"]) or ())),
        jsonschema_rs.Draft202012Validator(condition["schema"]),
    )


def _condition_needs(
    condition: Mapping[str, Any], row: Template, expressions: Expressions
) -> frozenset[Template]:
    if "feel" in condition:
        return expressions.needs(condition["feel"], (*row, ""))
    if "conditions" in condition:
        return frozenset().union(
            *(_condition_needs(one, row, expressions) for one in condition["conditions"])
        )
    return frozenset({(*row, *(parse_scope(condition["scope"]) or ()))})


def _check(check: Mapping[str, Any], expressions: Expressions) -> Check:
    template = parse_template(check["path"]) or ()
    texts = [check["assert"], *([check["when"]] if "when" in check else [])]
    return Check(
        id=check["id"],
        path=template,
        when=check.get("when"),
        condition=check["assert"],
        message=check["message"],
        needs=frozenset({template}).union(*(expressions.needs(one, template) for one in texts)),
    )


def _without_required(schema: Any) -> Any:
    """Give the schema without `required`: whether an answer is due depends on what is visible."""
    if isinstance(schema, dict):
        return {
            key: _without_required(member)
            for key, member in schema.items()
            if not (key == "required" and isinstance(member, list))
        }
    return schema
