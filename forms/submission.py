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
    """What was sent, by path.

    `answers` are those that could be read, `wrong` has the finding where one could not; `rows` is
    the number of rows sent for each table; `strays` are findings about what is no field.
    """

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
    reader = _Reader(fields={one.path: one for one in form.fields}, now=now)
    reader.read_object(form.schema, data, ())
    return reader.submission


@dataclass(slots=True)
class _Reader:
    fields: "Mapping[Template, Field]"
    now: datetime
    submission: Submission = field(default_factory=Submission)

    def read_object(self, schema: Mapping[str, Any], data: Mapping[Any, Any], path: Path) -> None:
        for name, value in data.items():
            if name not in schema["properties"]:
                params = {"field": shown_name(name)}
                self.stray(sent_path(path, name), "unknown_field", params)
            elif not _is_empty(value):
                self.read_member(schema["properties"][name], value, (*path, name))

    def read_member(self, schema: Mapping[str, Any], value: Any, path: Path) -> None:
        if "x-field" not in schema:
            if isinstance(value, dict):
                self.read_object(schema, value, path)
            else:
                self.stray(path, "object_expected", {})
            return
        self.submission.sent[path] = value
        known = self.fields[template_of(path)]
        try:
            self.submission.answers[path] = known.type.read(value, known.schema, self.now)
        except Wrong as wrong:
            self.submission.wrong[path] = finding(path, wrong.code, wrong.params)
            return
        if known.type.name == "table":
            self.read_rows(schema["items"], value, path)

    def read_rows(self, schema: Mapping[str, Any], rows: list[Any], path: Path) -> None:
        self.submission.rows[path] = len(rows)
        for index, row in enumerate(rows):
            if isinstance(row, dict):
                self.read_object(schema, row, (*path, index))
            elif row is not None:
                self.stray((*path, index), "object_expected", {})

    def stray(self, path: Path, code: str, params: Mapping[str, Param]) -> None:
        self.submission.strays.append(finding(path, code, params))


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str | list) and not value)


def instances(template: Template, rows: Mapping[Path, int]) -> Iterator[Path]:
    """Give the paths that a field has in this submission: one, or one for each row of its table."""
    if "*" not in template:
        yield template
        return
    star = template.index("*")
    table = template[:star]
    for index in range(rows.get(table, 0)):
        yield (*table, index, *template[star + 1 :])
