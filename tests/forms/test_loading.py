"""Form files: what is refused, where, and in which words; what a terminal gets."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms import FormRefused, load_form
from forms.fields import FIELD_TYPES
from forms.json_file import read_json
from forms.lint.fields import RESERVED
from forms.lint.structure import FORM_SCHEMA

EXAMPLES = Path(__file__).parent / "examples"
EVERY: dict[str, Any] = json.loads((EXAMPLES / "every_field.json").read_text(encoding="utf-8"))
TEXT = {"en": "x", "zh": "某"}
Change = Callable[[dict[str, Any]], Any]


def problems(content: bytes) -> list[tuple[str, str]]:
    with pytest.raises(FormRefused) as refused:
        load_form(content)
    for problem in refused.value.problems:
        assert problem.message["en"]
        assert problem.message["zh"]
    return [(problem.code, problem.pointer) for problem in refused.value.problems]


def field(form: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = form["schema"]["properties"][name]
    return found


def rule(form: dict[str, Any], condition: dict[str, Any]) -> Any:
    form["ui"]["elements"][0]["elements"][0]["rule"] = {"effect": "SHOW", "condition": condition}


NAME_RULE = "/ui/elements/0/elements/0/rule/condition"
CHANGES: list[tuple[str, Change, str, str]] = [
    (
        "unknown keyword at the top",
        lambda f: f.update(fields=[]),
        "form.unknown_keyword",
        "/fields",
    ),
    (
        "unknown keyword of a field",
        lambda f: field(f, "name").update(maxlength=3),
        "form.unknown_keyword",
        "/schema/properties/name/maxlength",
    ),
    (
        "keyword of another kind of field",
        lambda f: field(f, "clean").update({"x-unit": "mm"}),
        "form.unknown_keyword",
        "/schema/properties/clean/x-unit",
    ),
    (
        "no Chinese",
        lambda f: field(f, "name")["x-label"].pop("zh"),
        "form.text_missing",
        "/schema/properties/name/x-label",
    ),
    (
        "no English in the layout",
        lambda f: f["ui"]["elements"][0]["label"].pop("en"),
        "form.text_missing",
        "/ui/elements/0/label",
    ),
    (
        "no label",
        lambda f: field(f, "name").pop("x-label"),
        "form.structure",
        "/schema/properties/name",
    ),
    (
        "unknown kind of field",
        lambda f: field(f, "name").update({"x-field": "textarea"}),
        "form.structure",
        "/schema/properties/name/x-field",
    ),
    (
        "type of another kind of field",
        lambda f: field(f, "length").update(type="number"),
        "form.structure",
        "/schema/properties/length/type",
    ),
    (
        "limits without a word on what lies outside",
        lambda f: field(f, "length").pop("x-out-of-limit"),
        "form.structure",
        "/schema/properties/length",
    ),
    (
        "number without a unit",
        lambda f: field(f, "length").pop("x-unit"),
        "form.structure",
        "/schema/properties/length",
    ),
    (
        "limit that is a number",
        lambda f: field(f, "length").update({"x-minimum": 9}),
        "form.structure",
        "/schema/properties/length/x-minimum",
    ),
    (
        "rule that validators read in two ways",
        lambda f: rule(f, {"scope": "#/properties/code", "schema": {"const": "x"}}),
        "form.structure",
        NAME_RULE,
    ),
    (
        "rule on a field that is not there",
        lambda f: rule(
            f,
            {"scope": "#/properties/cod", "schema": {"const": "x"}, "failWhenUndefined": True},
        ),
        "form.unknown_scope",
        f"{NAME_RULE}/scope",
    ),
    (
        "rule on itself",
        lambda f: rule(f, {"feel": 'name != "x"'}),
        "form.circle",
        "",
    ),
    (
        "rules in a circle through a computed value",
        lambda f: (
            rule(f, {"feel": "name_length > 1"})
            or f["schema"]["properties"].update(
                name_length={"type": "integer", "x-field": "count", "x-label": TEXT}
            )
            or f["computed"].update({"/name_length": "string length(name)"})
        ),
        "form.circle",
        "",
    ),
    (
        "control without a field",
        lambda f: f["ui"]["elements"][0]["elements"][0].update(scope="#/properties/nmae"),
        "form.unknown_scope",
        "/ui/elements/0/elements/0/scope",
    ),
    (
        "field without a control",
        lambda f: f["ui"]["elements"][0]["elements"].pop(0),
        "form.no_control",
        "/schema/properties/name",
    ),
    (
        "control of a group",
        lambda f: f["ui"]["elements"].append({"type": "Control", "scope": "#/properties/room"}),
        "form.unknown_scope",
        f"/ui/elements/{len(EVERY['ui']['elements'])}/scope",
    ),
    (
        "rows of what is no table",
        lambda f: f["ui"]["elements"][0]["elements"][0].update(
            options={"detail": {"type": "Label", "text": TEXT}}
        ),
        "form.detail_without_rows",
        "/ui/elements/0/elements/0/options/detail",
    ),
    (
        "column without a control in its detail",
        lambda f: f["ui"]["elements"][6]["options"]["detail"]["elements"].pop(1),
        "form.no_control",
        "/schema/properties/documents/items/properties/there",
    ),
    (
        "required field that is not there",
        lambda f: f["schema"]["required"].append("nmae"),
        "form.unknown_field",
        "/schema/required/4",
    ),
    (
        "required group",
        lambda f: f["schema"]["required"].append("room"),
        "form.required_group",
        "/schema/required/4",
    ),
    (
        "pattern with a digit class of Python",
        lambda f: field(f, "code").update(pattern="^WO-\\d{6}$"),
        "form.pattern",
        "/schema/properties/code/pattern",
    ),
    (
        "pattern without words for people",
        lambda f: field(f, "code").pop("x-pattern-text"),
        "form.structure",
        "/schema/properties/code",
    ),
    (
        "choice without a text",
        lambda f: field(f, "colour")["enum"].append("red"),
        "form.label_missing",
        "/schema/properties/colour/x-labels",
    ),
    (
        "text without a choice",
        lambda f: field(f, "colour")["enum"].remove("blue"),
        "form.label_unknown",
        "/schema/properties/colour/x-labels/blue",
    ),
    (
        "unit that would not be recorded",
        lambda f: field(f, "length").update({"x-unit": "= unit_of_item"}),
        "form.unit_not_recorded",
        "/schema/properties/length/x-unit",
    ),
    (
        "limit expression that is no FEEL",
        lambda f: field(f, "width").update({"x-minimum": "= lower +"}),
        "form.feel",
        "/schema/properties/width/x-minimum",
    ),
    (
        "unknown function",
        lambda f: f["computed"].update({"/area": "squared(length)"}),
        "form.unknown_function",
        "/computed/~1area",
    ),
    (
        "computed field that is not there",
        lambda f: f["computed"].update({"/aera": "1"}),
        "form.unknown_field",
        "/computed/~1aera",
    ),
    (
        "computed table",
        lambda f: f["computed"].update({"/boxes": "[]"}),
        "form.cannot_compute",
        "/computed/~1boxes",
    ),
    (
        "computed from itself",
        lambda f: f["computed"].update({"/area": "area + 1"}),
        "form.circle",
        "",
    ),
    (
        "computed in a circle",
        lambda f: f["computed"].update({"/area": "ratio * 2", "/ratio": "area / 2"}),
        "form.circle",
        "",
    ),
    (
        "check of a field that is not there",
        lambda f: f["checks"][0].update(path="/rejectd"),
        "form.unknown_field",
        "/checks/0/path",
    ),
    (
        "check that is no FEEL",
        lambda f: f["checks"][0].update({"assert": "rejected =< pieces"}),
        "form.feel",
        "/checks/0/assert",
    ),
    (
        "message with a hole that is no FEEL",
        lambda f: f["checks"][0]["message"].update(en="{rejected of pieces}"),
        "form.feel",
        "/checks/0/message/en",
    ),
    (
        "check id given twice",
        lambda f: f["checks"][1].update(id=f["checks"][0]["id"]),
        "form.check_twice",
        "/checks/1/id",
    ),
    (
        "scan that fills what is not there",
        lambda f: field(f, "scan")["x-fills"].update(lot="/lot"),
        "form.unknown_field",
        "/schema/properties/scan/x-fills/lot",
    ),
    (
        "scan that fills a column from outside",
        lambda f: field(f, "scan")["x-fills"].update(lot="/boxes/*/seal"),
        "form.unknown_field",
        "/schema/properties/scan/x-fills/lot",
    ),
    (
        "scan that fills the wrong kind",
        lambda f: field(f, "scan")["x-fills"].update(lot="/clean"),
        "form.cannot_fill",
        "/schema/properties/scan/x-fills/lot",
    ),
    (
        "scanned month into a day",
        lambda f: field(f, "scan")["x-fills"].update(expiry="/made_on"),
        "form.date_precision",
        "/schema/properties/scan/x-fills/expiry",
    ),
    (
        "name of the expression language",
        lambda f: (
            f["schema"]["properties"].update(every=field(f, "place"))
            or f["ui"]["elements"].append({"type": "Control", "scope": "#/properties/every"})
        ),
        "form.reserved_name",
        "/schema/properties/every",
    ),
    (
        "name that is put beside a lot",
        lambda f: (
            f["schema"]["properties"].update(their_lot_match=field(f, "place"))
            or f["ui"]["elements"].append(
                {"type": "Control", "scope": "#/properties/their_lot_match"}
            )
        ),
        "form.name_taken",
        "/schema/properties/their_lot",
    ),
    (
        "name with a hyphen",
        lambda f: f["schema"]["properties"].update({"the-name": field(f, "place")}),
        "form.structure",
        "/schema/properties",
    ),
    (
        "text that is not named",
        lambda f: field(f, "name").update({"x-label": {"text": "nmae"}}),
        "form.unknown_text",
        "/schema/properties/name/x-label",
    ),
    (
        "empty range of lengths",
        lambda f: field(f, "name").update(minLength=30),
        "form.empty_range",
        "/schema/properties/name/minLength",
    ),
    (
        "table in a table",
        lambda f: field(f, "boxes")["items"]["properties"].update(inner=field(f, "documents")),
        "form.structure",
        "/schema/properties/boxes/items/properties/inner/x-field",
    ),
    (
        "no title",
        lambda f: f.pop("title"),
        "form.structure",
        "",
    ),
]


@pytest.mark.parametrize(
    ("change", "code", "pointer"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES]
)
def test_a_mistake_is_found_where_it_is(change: Change, code: str, pointer: str) -> None:
    document = deepcopy(EVERY)
    change(document)
    assert (code, pointer) in problems(json.dumps(document).encode())


def test_problems_have_the_line_of_the_file() -> None:
    content = (EXAMPLES / "receive_lot.json").read_text(encoding="utf-8")
    broken = content.replace('"x-origin": "supplier"', '"x-origin": "foreign"')
    with pytest.raises(FormRefused) as refused:
        load_form(broken.encode())
    [problem] = refused.value.problems
    assert problem.pointer == "/schema/properties/supplier_lot/x-origin"
    assert problem.line is not None
    assert '"x-origin": "foreign"' in broken.splitlines()[problem.line - 1]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "form.not_json"),
        (b"{", "form.not_json"),
        (b"\xff", "form.not_utf8"),
        (b"[]", "form.structure"),
        (b"null", "form.structure"),
        (b'{"form": "a", "form": "b"}', "form.key_twice"),
        (b'{"form": 1.5}', "form.fraction"),
        (b'{"form": NaN}', "form.fraction"),
        (b"[" * 100_000, "form.too_deep"),
        (b" " * (512 * 1024 + 1), "form.too_large"),
    ],
    ids=["empty", "cut off", "latin", "list", "null", "twice", "fraction", "nan", "deep", "large"],
)
def test_a_file_that_is_no_form_is_refused(content: bytes, code: str) -> None:
    assert code in {found for found, _ in problems(content)}


SCRAPS: list[Any] = [None, 1, "", "= ", "= x", "x", [], {}, TEXT, True, "/a/*", "#/a"]


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_form_is_loaded_or_refused_with_reasons(data: st.DataObject) -> None:
    """Whatever a hand does to a form file, the answer is a Form or a list of problems."""
    document = deepcopy(EVERY)
    for _ in range(data.draw(st.integers(1, 3))):
        holder: Any = document
        for _ in range(data.draw(st.integers(0, 7))):
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            inner = [key for key in keys if isinstance(holder[key], dict | list) and holder[key]]
            if not inner:
                break
            holder = holder[data.draw(st.sampled_from(inner))]
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = data.draw(st.sampled_from(keys))
        if data.draw(st.booleans()):
            del holder[key]
        else:
            # A copy: the next damage may go into it.
            holder[key] = deepcopy(data.draw(st.sampled_from(SCRAPS)))
        if not holder:
            break
    try:
        form = load_form(json.dumps(document).encode())
    except FormRefused as refused:
        found = refused.problems
    else:
        assert form.fields
        return
    assert found
    assert all(problem.message["en"] and problem.message["zh"] for problem in found)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
)


@given(value=JSON, indent=st.sampled_from([None, 0, 2]))
@settings(max_examples=200, deadline=None)
def test_every_value_of_a_file_has_its_line(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    read, lines = read_json(text.encode())
    assert read == value
    assert max(lines.values()) <= text.count("\n") + 1

    def count(one: Any) -> int:
        members = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        return 1 + sum(count(member) for member in members)

    assert len(lines) == count(value)


def test_the_hash_is_that_of_the_file() -> None:
    content = (EXAMPLES / "receive_lot.json").read_bytes()
    form = load_form(content)
    assert form.hash == sha256(content).hexdigest()
    assert load_form(content + b"\n").hash != form.hash


def test_a_terminal_gets_trees_and_texts() -> None:
    form = load_form((EXAMPLES / "receive_lot.json").read_bytes())
    client = form.to_client()
    assert json.loads(json.dumps(client)) == client
    assert client["schema"]["properties"]["received"]["x-unit"] == {"en": "pcs", "zh": "件"}
    texts = [client["computed"]["/short_by"], "received < ordered", client["checks"][0]["assert"]]
    assert all(text in client["expressions"] for text in texts)
    assert client["order"].index("/short_by") < client["order"].index("/short_reason")
    assert "/short_by" in client["needs"]["/short_reason"]
    assert form.context_names == {"purchase_order"}


def test_unused_texts_are_only_warned_about() -> None:
    document = deepcopy(EVERY)
    document["texts"]["spare"] = TEXT
    form = load_form(json.dumps(document).encode())
    assert [(one.code, one.severity) for one in form.problems] == [("form.text_unused", "warning")]


def test_the_language_and_the_field_types_say_the_same() -> None:
    """One file in forms/fields, one definition in form.schema.json, one name."""
    jsonschema_rs.meta.validate(FORM_SCHEMA)
    named = set(FORM_SCHEMA["$defs"]["field"]["properties"]["x-field"]["enum"])
    assert named == set(FIELD_TYPES)
    files = {path.stem for path in (Path(__file__).parents[2] / "forms" / "fields").glob("*.py")}
    assert named <= files
    for name, kind in FIELD_TYPES.items():
        definition = FORM_SCHEMA["$defs"]["text_field" if name == "text" else name]
        assert definition["properties"]["type"] == {"const": kind.json_type}
    assert not named & RESERVED - {"item"}


def test_the_form_of_the_readme_is_one() -> None:
    readme = (Path(__file__).parents[2] / "forms" / "README.md").read_text(encoding="utf-8")
    example = readme.split("```json\n")[1].split("```")[0]
    form = load_form(example.encode())
    context = {"scale": {"capacity": 50}, "order": {"least": 20}, "bag": {"tare": Decimal("0.5")}}
    data = {"lot": "L1", "gross": "20.10", "tare": "0.50", "why_light": "spilled"}
    accepted = form.validate(data, context=context, now=datetime(2026, 11, 22, tzinfo=UTC))
    assert accepted.record["net"] == "19.60"
    assert [notice.code for notice in accepted.notices] == ["recorded_below"]
