"""A lot number.

`x-origin: "internal"` is ours: `[0-9A-Z-]`, at most 20 (INV-06). `"supplier"` is another's: kept as
printed, what GS1 allows for AI 10 (character set 82, at most 20), full-width forms included; the
case document gets `<name>_match` beside it, NFKC-normalised, to find the same lot again.
"""

import re
from datetime import datetime
from typing import Final

from forms.errors import Wrong
from forms.fields.base import Answer, FieldType, Json, Schema, compute_plainly, no_judgement
from forms.fields.characters import normalised, require_characters

INTERNAL: Final = re.compile(r"[0-9A-Z-]{1,20}")
CHARACTER_SET_82: Final = re.compile(r"[!\"%-?A-Z_a-z]{1,20}")
LONGEST: Final = 20


def read(submitted: Json, schema: Schema, _now: datetime) -> Answer:
    """Read a lot or serial number of the origin that the form names."""
    if not isinstance(submitted, str):
        raise Wrong("text_expected")
    if schema["x-origin"] == "internal":
        require_characters(submitted, INTERNAL, "internal_number_characters")
        return Answer(submitted, submitted)
    match = normalised(submitted)
    if len(submitted) > LONGEST or CHARACTER_SET_82.fullmatch(match) is None:
        raise Wrong("supplier_number_characters")
    return Answer(submitted, submitted, {"_match": match})


FIELD = FieldType(
    name="lot",
    json_type="string",
    read=read,
    judge=no_judgement,
    compute=compute_plainly,
    beside=("_match",),
)
