"""What was sent, sorted by field: answers read one by one, unknown names refused."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from forms.errors import FieldError, Wrong
from forms.fields.base import Answer, Json
from forms.hygiene import sent_path, shown_name
from forms.pointers import Path, Template, pointer, template_of
from forms.texts import Param, message

if TYPE_CHECKING:
    from forms.model import Field, Form


@dataclass(slots=True)
class Submission:
    """Answers by path; `wrong` has the finding where a value cannot be read; `rows` the number of
    rows sent for each table; `strays` are findings about things that are no fields."""

    sent: dict[Path, Json] = field(default_factory=dict)
    answers: dict[Path, Answer] = field(default_factory=dict)
    wrong: dict[Path, FieldError] = field(default_factory=dict)
    rows: dict[Path, int] = field(default_factory=dict)
    strays: list[FieldError] = field(default_factory=list)


def finding(path: Path, code: str, params: Mapping[str, Param]) -> FieldError:
    """Give a finding with its sentence."""
    return FieldError(
        path=pointer(path), code=code, message=message(code, params), params=dict(params)
    )


def read_submission(form: "Form", data: Mapping[Any, Any], now: datetime) -> Submission:
    """Read all that was sent, each answer by itself."""
    submission = Submission()
    by_template = {one.path: one for one in form.fields}
    _read_object(submission, by_template, form.schema, data, (), now)
    return submission


def _read_object(
    submission: Submission,
    fields: "Mapping[Template, Field]",
    schema: Mapping[str, Any],
    data: Mapping[Any, Any],
    path: Path,
    now: datetime,
) -> None:
    for name, value in data.items():
        if name not in schema["properties"]:
            submission.strays.append(
                finding(sent_path(path, name), "unknown_field", {"field": shown_name(name)})
            )
        elif not _is_empty(value):
            inner = schema["properties"][name]
            _read_member(submission, fields, inner, value, (*path, name), now)


def _read_member(
    submission: Submission,
    fields: "Mapping[Template, Field]",
    schema: Mapping[str, Any],
    value: Any,
    path: Path,
    now: datetime,
) -> None:
    if "x-field" not in schema:
        if isinstance(value, dict):
            _read_object(submission, fields, schema, value, path, now)
        else:
            submission.strays.append(finding(path, "object_expected", {}))
        return
    submission.sent[path] = value
    known = fields[template_of(path)]
    try:
        submission.answers[path] = known.type.read(value, known.schema, now)
    except Wrong as wrong:
        submission.wrong[path] = finding(path, wrong.code, wrong.params)
        return
    if known.type.name == "table":
        submission.rows[path] = len(value)
        for index, row in enumerate(value):
            if isinstance(row, dict):
                _read_object(submission, fields, schema["items"], row, (*path, index), now)
            elif row is not None:
                submission.strays.append(finding((*path, index), "object_expected", {}))


def _is_empty(value: object) -> bool:
    return value is None or value == "" or value == []


def instances(template: Template, rows: Mapping[Path, int]) -> Iterator[Path]:
    """Give the paths that a field has in this submission: one, or one for each row of its table."""
    if "*" not in template:
        yield template
        return
    star = template.index("*")
    table = template[:star]
    for index in range(rows.get(table, 0)):
        yield (*table, index, *template[star + 1 :])
