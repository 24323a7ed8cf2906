"""Rows of the same fields: readings. `minItems`, `maxItems`; `x-rows`, FEEL, says how many exactly.

`x-rows` gives a number (the sample size), or a list: one row for each of its elements, which the
row's expressions see as `source`. The rows' own fields are read like any other, not here.
"""

from collections.abc import Sequence
from datetime import datetime

from forms.errors import Wrong
from forms.fields.base import Answer, FieldType, Json, Schema, Setting
from forms.fields.limits import whole


def read(submitted: Json, _schema: Schema, _now: datetime) -> Answer:
    """Take a list; how long it must be may depend on others and is judged later."""
    if not isinstance(submitted, list):
        raise Wrong("list_expected")
    return Answer(submitted, submitted)


def judge(answer: Answer, schema: Schema, setting: Setting) -> None:
    """Compare the number of rows with what is asked."""
    assert isinstance(answer.record, list)  # as read above
    found = len(answer.record)
    if "x-rows" in schema and found != (expected := row_count(setting("x-rows"))):
        raise Wrong("wrong_row_count", expected=expected, found=found)
    if found > schema["maxItems"]:
        raise Wrong("too_many_rows", limit=schema["maxItems"])
    if found < (least := schema.get("minItems", 0)):
        raise Wrong("too_few_rows", limit=least)


def row_count(rows: object) -> int:
    """How many rows a number or a list asks for."""
    if isinstance(rows, Sequence) and not isinstance(rows, str):
        return len(rows)
    return whole(rows, "rows_unknown")


def compute(_value: object, _schema: Schema) -> Json:
    """Refuse: a table's fields may be computed, not the table."""
    raise Wrong("computed_unfit")


FIELD = FieldType(name="table", json_type="array", read=read, judge=judge, compute=compute)
