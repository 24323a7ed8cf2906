"""Submitted data against a form: accepted whole, or one sentence for each field.

In this order, the same as on the terminal:
1. size and depth; 2. unknown fields; 3. each answer by itself (field types); 4. visibility rules
and computed values, in the order of their dependencies; 5. limits, choices, files; 6. checks across
fields; 7. the JSON Schema itself, as a second pair of eyes. A field has one finding at a time, and
what depends on a field with a finding is left alone: nobody is told to mend what is not broken.

Null, "" and [] are no answer and do not reach the record. A hidden field holds no answer: one that
is sent for it is an error. A computed value that was not sent is filled in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from forms.deciding import Decided, decide
from forms.errors import FieldError, FormErrors, Wrong
from forms.fields.base import Json
from forms.hygiene import require_reasonable
from forms.judging import judge_fields, run_checks
from forms.pointers import Path, pointer
from forms.submission import finding, instances, read_submission

if TYPE_CHECKING:
    from forms.model import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidatedForm:
    """Accepted data.

    `record` is JSON as it is signed and stored: answered fields only, decimals as texts. `values`
    is for the case document: every top-level field of the form, None without an answer (an answer
    of an earlier visit must not stay), decimals as Decimal, and the values beside
    (`<lot>_match`, `<expiry>_precision`). `notices` are limits that were passed and recorded.
    `attachments` are the content hashes of files that the record names.
    """

    record: dict[str, Json]
    values: dict[str, object]
    notices: tuple[FieldError, ...]
    attachments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All there is to say about submitted data; `accepted` when there are no errors.

    `visible` are the JSON pointers of the fields that are there, in the order of the form.
    """

    errors: tuple[FieldError, ...]
    notices: tuple[FieldError, ...] = ()
    visible: tuple[str, ...] = ()
    accepted: ValidatedForm | None = None


def require_accepted(outcome: Outcome) -> ValidatedForm:
    """Give what was accepted, or raise FormErrors."""
    if outcome.accepted is None:
        raise FormErrors(outcome.errors)
    return outcome.accepted


def examine(form: "Form", data: object, context: Mapping[str, object], now: datetime) -> Outcome:
    """Examine submitted data from one end to the other."""
    if not isinstance(data, dict):
        return Outcome(errors=(finding((), "not_an_object", {}),))
    try:
        require_reasonable(data)
    except Wrong as wrong:
        return Outcome(errors=(finding((), wrong.code, wrong.params),))
    submission = read_submission(form, data, now)
    decided = decide(form, context, now, submission)
    notices = tuple(judge_fields(decided))
    failed = run_checks(decided)
    errors = (*submission.strays, *_in_order(decided), *failed)
    record = {} if errors else _record(form.schema, (), decided)
    if not errors:
        errors = _second_opinion(form, record)
    return Outcome(
        errors=errors,
        notices=notices,
        visible=tuple(_visible(decided)),
        accepted=None
        if errors
        else ValidatedForm(
            record=record,
            values=decided.values,
            notices=notices,
            attachments=tuple(_attachments(decided)),
        ),
    )


def _in_order(decided: Decided) -> list[FieldError]:
    # Rows of a table that is hidden have no instances any more, but nothing wrong either.
    return [
        decided.wrong[path]
        for one in decided.form.fields
        for path in instances(one.path, decided.submission.rows)
        if path in decided.wrong
    ]


def _visible(decided: Decided) -> list[str]:
    return [
        pointer(path)
        for one in decided.form.fields
        for path in instances(one.path, decided.rows)
        if path in decided.visible
    ]


def _record(schema: Mapping[str, Any], path: Path, decided: Decided) -> dict[str, Json]:
    record: dict[str, Json] = {}
    for name, member in schema["properties"].items():
        here = (*path, name)
        kind = member.get("x-field")
        if kind is None:
            if inner := _record(member, here, decided):
                record[name] = inner
        elif kind == "table":
            if rows := decided.rows.get(here, 0):
                record[name] = [
                    _record(member["items"], (*here, index), decided) for index in range(rows)
                ]
        elif here in decided.answers:
            record[name] = decided.answers[here].record
    return record


def _second_opinion(form: "Form", record: dict[str, Json]) -> tuple[FieldError, ...]:
    """Ask a JSON Schema validator, which knows nothing of our field types."""
    return tuple(
        finding(tuple(error.instance_path), "schema", {"keyword": error.kind.name})
        for error in form.validator.iter_errors(record)
    )


def _attachments(decided: Decided) -> list[str]:
    return [
        str(reference["sha256"])
        for one in decided.form.fields
        if one.type.name in {"attachment", "photo"}
        for path in instances(one.path, decided.rows)
        if path in decided.answers
        for reference in _references(decided.answers[path].record)
    ]


def _references(record: Json) -> list[dict[str, Json]]:
    return [one for one in record if isinstance(one, dict)] if isinstance(record, list) else []
