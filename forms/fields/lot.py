"""A lot number.

`x-origin: "internal"` is ours: `[0-9A-Z-]`, at most 20 (INV-06). `"supplier"` is another's: kept as
printed, what GS1 allows for AI 10 (character set 82, at most 20), full-width forms included; the
case document gets `<name>_match` beside it, NFKC-normalised, to find the same lot again.

`x-known` (FEEL) gives the number that the case expects, or several: one that differs from it only
by look-alike characters (O123, 0123) is recorded as it is, with a notice.
"""

import re
from datetime import datetime
from typing import Final

from forms.errors import Wrong
from forms.fields.base import Answer, FieldType, Json, Notice, Schema, Setting, compute_plainly
from forms.fields.characters import look_alike, normalised, require_characters

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


def judge(answer: Answer, schema: Schema, setting: Setting) -> Notice | None:
    """Say so where the number is like one that is known, and is not that one."""
    found = setting("x-known") if "x-known" in schema else None
    known = [each for each in (found if isinstance(found, list) else [found]) if each is not None]
    said = str(answer.record)
    alike = [str(each) for each in known if look_alike(said, str(each))]
    if not alike or said in known:
        return None
    return Notice("looks_alike", {"value": said, "known": alike[0]})


FIELD = FieldType(
    name="lot",
    json_type="string",
    read=read,
    judge=judge,
    compute=compute_plainly,
    beside=("_match",),
)
