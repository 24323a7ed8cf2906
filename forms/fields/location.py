"""A place in the warehouse, by its code. Whether it exists is for the process to say."""

import re
from datetime import datetime
from typing import Final

from forms.errors import Wrong
from forms.fields.base import Answer, FieldType, Json, Schema, compute_plainly, no_judgement
from forms.fields.characters import require_characters

CODE: Final = re.compile(r"[0-9A-Z][0-9A-Z._/-]{0,29}")


def read(submitted: Json, _schema: Schema, _now: datetime) -> Answer:
    """Read a location code."""
    if not isinstance(submitted, str):
        raise Wrong("text_expected")
    require_characters(submitted, CODE, "location_characters")
    return Answer(submitted, submitted)


FIELD = FieldType(
    name="location", json_type="string", read=read, judge=no_judgement, compute=compute_plainly
)
