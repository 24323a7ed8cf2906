"""Yes or no: a JSON boolean. `x-labels` may give other words for "true" and "false"."""

from datetime import datetime

from forms.errors import Wrong
from forms.fields.base import Answer, FieldType, Json, Schema, compute_plainly, no_judgement


def read(submitted: Json, _schema: Schema, _now: datetime) -> Answer:
    """Read a boolean; 1 and "true" are none."""
    if not isinstance(submitted, bool):
        raise Wrong("yes_no_expected")
    return Answer(submitted, submitted)


FIELD = FieldType(
    name="yes_no", json_type="boolean", read=read, judge=no_judgement, compute=compute_plainly
)
