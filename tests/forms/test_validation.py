"""What must hold of every submission, whatever it is; and what the vectors cannot say."""

import json
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms import Form, FormErrors, load_form
from forms.fields.base import Answer, no_judgement
from tests.forms.cases import every_field, measure_samples, receive_lot

EXAMPLES = Path(__file__).parent / "examples"
NOW = datetime(2026, 11, 22, 10, 41, 7, tzinfo=UTC)
MODULES = (every_field, measure_samples, receive_lot)
FORMS = [
    (
        load_form((EXAMPLES / f"{module.FORM}.json").read_bytes()),
        json.loads(json.dumps(module.CONTEXT), parse_float=Decimal),
        module.OK,
    )
    for module in MODULES
]
EVERY, EVERY_CONTEXT, EVERY_OK = FORMS[0]

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.decimals(allow_nan=True)
    | st.sampled_from(["10.00", "2026-11-22", "2027-03", "white", "other", "G-1", "\ud800"])
)
NAMES = st.text(max_size=8) | st.sampled_from(
    [*EVERY.schema["properties"], "value", "number", "pieces", "temperature", "raw", "__proto__"]
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=25,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    return [path, *(found for key, one in members for found in paths(one, (*path, key)))]


def replaced(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copy = deepcopy(data)
    holder = copy
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return copy


def require_whole(form: Form, context: dict[str, Any], data: Any) -> None:
    """Accepted, its record is JSON and is accepted again as it is; or each error has a sentence."""
    try:
        accepted = form.validate(data, context=context, now=NOW)
    except FormErrors as refused:
        errors = refused.errors
    else:
        written = json.loads(json.dumps(accepted.record))
        assert written == accepted.record
        again = form.validate(written, context=context, now=NOW)
        assert (again.record, again.values) == (accepted.record, accepted.values)
        return
    assert errors
    for error in errors:
        assert error.path == "" or error.path.startswith("/")
        assert error.message["en"]
        assert error.message["zh"]
        json.dumps(error.message).encode()
        json.dumps(error.path, ensure_ascii=False).encode()


@given(data=JSON)
@settings(max_examples=300, deadline=None)
def test_arbitrary_json_is_accepted_or_refused_with_sentences(data: Any) -> None:
    for form, context, _ in FORMS:
        require_whole(form, context, data)


@given(chosen=st.data())
@settings(max_examples=300, deadline=None)
def test_a_good_submission_with_something_replaced(chosen: st.DataObject) -> None:
    module = chosen.draw(st.sampled_from(MODULES))
    form, _, _ = FORMS[MODULES.index(module)]
    case = chosen.draw(st.sampled_from([one for one in module.CASES if not one.too_big]))
    context = json.loads(json.dumps({**module.CONTEXT, **case.context}), parse_float=Decimal)
    data = case.data
    for _ in range(chosen.draw(st.integers(0, 3))):
        data = replaced(data, chosen.draw(st.sampled_from(paths(data))), chosen.draw(JSON))
    require_whole(form, context, data)


@given(
    length=st.decimals("9.90", "10.10", places=2),
    width=st.decimals("-1000", "1000", places=4),
    pieces=st.integers(0, 10),
)
@settings(max_examples=100, deadline=None)
def test_decimals_keep_their_digits(length: Decimal, width: Decimal, pieces: int) -> None:
    text = format(abs(width) if width.is_zero() else width, "f")
    data = {**EVERY_OK, "length": str(length), "width": text, "room": {"temperature": "20"}}
    accepted = EVERY.validate({**data, "pieces": pieces}, context=EVERY_CONTEXT, now=NOW)
    assert accepted.record["length"] == str(length)
    assert accepted.values["length"] == length
    assert str(accepted.values["width"]) == text
    assert accepted.values["pieces"] == pieces
    area = accepted.values["area"]
    assert isinstance(area, Decimal)
    assert abs(area - length * Decimal(text)) <= Decimal("0.005")


def test_the_case_document_gets_every_field_and_what_lies_beside() -> None:
    data = {**EVERY_OK, "their_lot": "ｌｏｔ１", "best_until": "2027-02", "made_on": "2026-01-31"}
    accepted = EVERY.validate(data, context=EVERY_CONTEXT, now=NOW)
    assert accepted.record["their_lot"] == "ｌｏｔ１"
    assert accepted.values["their_lot_match"] == "lot1"
    assert accepted.record["best_until"] == "2027-02"
    assert accepted.values["best_until"] == "2027-02-28"
    assert accepted.values["best_until_precision"] == "month"
    # An answer of an earlier visit must not stay in the case document.
    assert accepted.values["colour"] is None
    assert accepted.values["boxes"] == []
    assert accepted.values["room"] == {"temperature": None, "humidity": None, "fit": None}


def test_files_are_named_so_that_they_can_be_kept() -> None:
    photo = {"sha256": "a" * 64, "name": "a.jpg", "mime": "image/jpeg", "size": 5}
    paper = {"sha256": "b" * 64, "name": "b.pdf", "mime": "application/pdf", "size": 5}
    data = {"name": "Ann", "clean": False, "dirt": "oil", "pictures": [photo], "papers": [paper]}
    accepted = EVERY.validate(data, context=EVERY_CONTEXT, now=NOW)
    assert accepted.attachments == ("a" * 64, "b" * 64)


def test_the_submission_is_left_as_it_was() -> None:
    data = {**EVERY_OK, "pieces": 6, "boxes": [{"number": 1, "pieces": 6, "seal": None}]}
    before = deepcopy(data)
    EVERY.validate(data, context=EVERY_CONTEXT, now=NOW)
    assert data == before


def test_a_number_of_json_that_lost_its_digits_is_named() -> None:
    with pytest.raises(FormErrors) as refused:
        EVERY.validate(
            json.loads('{"name": "Ann", "clean": true, "length": 1e999, "pieces": 1e999}'),
            context=EVERY_CONTEXT,
            now=NOW,
        )
    assert [(error.path, error.code) for error in refused.value.errors] == [
        ("/length", "number_as_text_expected"),
        ("/pieces", "whole_number_expected"),
    ]


def small_form(**fields: dict[str, Any]) -> dict[str, Any]:
    text = {"en": "x", "zh": "某"}
    return {
        "form": "small",
        "title": text,
        "schema": {
            "type": "object",
            "properties": {name: {"x-label": text, **one} for name, one in fields.items()},
        },
        "ui": {
            "type": "VerticalLayout",
            "elements": [{"type": "Control", "scope": f"#/properties/{name}"} for name in fields],
        },
    }


COUNT = {"type": "integer", "x-field": "count"}


def refusal(document: dict[str, Any], data: Any, **context: Any) -> list[tuple[str, str]]:
    form = load_form(json.dumps(document).encode())
    outcome = form.examine(data, context=context, now=NOW)
    return [(error.path, error.code) for error in outcome.errors]


def test_a_required_value_that_cannot_be_computed() -> None:
    document = small_form(total=COUNT)
    document["schema"]["required"] = ["total"]
    document["computed"] = {"/total": "received + 1"}
    assert refusal(document, {}) == [("/total", "not_computed")]
    assert refusal(document, {}, received=1) == []


@pytest.mark.parametrize(
    ("field", "result"),
    [
        (COUNT, Decimal("1.5")),
        (COUNT, "1"),
        ({"type": "string", "x-field": "text"}, Decimal(1)),
        ({"type": "string", "x-field": "text"}, " x"),
        ({"type": "boolean", "x-field": "yes_no"}, "yes"),
        ({"type": "string", "x-field": "date"}, "tomorrow"),
        ({"type": "string", "x-field": "quantity", "x-unit": "mm"}, "1"),
        ({"type": "string", "x-field": "quantity", "x-unit": "mm"}, Decimal("1e6000")),
        ({"type": "string", "x-field": "quantity", "x-unit": "mm"}, Decimal("1e-6000")),
        (
            {"type": "string", "x-field": "quantity", "x-unit": "mm", "x-decimals": 2},
            Decimal("1e99"),
        ),
        ({"type": "string", "x-field": "lot", "x-origin": "internal"}, "l 1"),
    ],
)
def test_a_computed_value_that_does_not_fit_its_field(field: dict[str, Any], result: Any) -> None:
    document = {**small_form(total=field), "computed": {"/total": "given"}}
    assert refusal(document, {}, given=result) == [("/total", "computed_unfit")]


def test_the_least_number_of_rows_and_files() -> None:
    rows = {
        "type": "array",
        "x-field": "table",
        "minItems": 2,
        "maxItems": 3,
        "items": {
            "type": "object",
            "properties": {"n": {**COUNT, "x-label": {"en": "n", "zh": "n"}}},
        },
    }
    files = {"type": "array", "x-field": "photo", "minItems": 2}
    photo = {"sha256": "a" * 64, "name": "a.jpg", "mime": "image/jpeg", "size": 5}
    document = small_form(rows=rows, files=files)
    assert refusal(document, {"rows": [{"n": 1}], "files": [photo]}) == [
        ("/rows", "too_few_rows"),
        ("/files", "too_few_files"),
    ]


def test_a_date_after_its_limit_is_recorded() -> None:
    day = {
        "type": "string",
        "x-field": "date",
        "x-maximum": "2026-01-01",
        "x-out-of-limit": "accept",
    }
    form = load_form(json.dumps(small_form(day=day)).encode())
    accepted = form.validate({"day": "2026-01-02"}, context={}, now=NOW)
    assert [notice.code for notice in accepted.notices] == ["recorded_late"]
    assert accepted.record == {"day": "2026-01-02"}


def test_an_expression_that_runs_away_is_stopped() -> None:
    document = {
        **small_form(total=COUNT),
        "computed": {
            "/total": "count(for a in 1..100000, b in 1..100000, c in 1..100000 return a + b + c)"
        },
    }
    document["schema"]["required"] = ["total"]
    assert refusal(document, {}) == [("/total", "not_computed")]


def test_the_second_opinion_is_asked() -> None:
    """When a field type takes what the JSON Schema does not, the schema has the last word."""
    form = load_form(json.dumps(small_form(n=COUNT)).encode())
    lax = replace(
        form.fields[0],
        type=replace(
            form.fields[0].type,
            read=lambda sent, _schema, _now: Answer(sent, sent),
            judge=no_judgement,
        ),
    )
    outcome = replace(form, fields=(lax,), order=(lax,)).examine({"n": "x"}, context={}, now=NOW)
    assert [(error.path, error.code) for error in outcome.errors] == [("/n", "schema")]
