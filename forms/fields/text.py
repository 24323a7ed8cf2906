"""Words.

`minLength`, `maxLength` (2,000 unless said), `pattern` with `x-pattern-text`, `x-multiline`.
"""

import re
from datetime import datetime
from functools import cache
from typing import Final

from forms.errors import Wrong
from forms.fields.base import Answer, FieldType, Json, Schema, compute_plainly, no_judgement
from forms.fields.characters import require_visible

LONGEST: Final = 2000
"""Characters, when the form says nothing."""


def read(submitted: Json, schema: Schema, _now: datetime) -> Answer:
    """Read a text; lengths count code points."""
    if not isinstance(submitted, str):
        raise Wrong("text_expected")
    require_visible(submitted, multiline=schema.get("x-multiline") is True)
    if len(submitted) > (longest := schema.get("maxLength", LONGEST)):
        raise Wrong("too_long", limit=longest)
    if len(submitted) < (shortest := schema.get("minLength", 0)):
        raise Wrong("too_short", limit=shortest)
    if "pattern" in schema and not compiled(schema["pattern"]).fullmatch(submitted):
        raise Wrong("pattern", hint=schema["x-pattern-text"])
    return Answer(submitted, submitted)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern of a form once.

    The lint has made sure of ^ and $; they are taken off because $ of Python also matches before a
    last line feed.
    """
    return re.compile(pattern.removeprefix("^").removesuffix("$"))


FIELD = FieldType(
    name="text", json_type="string", read=read, judge=no_judgement, compute=compute_plainly
)
