"""Files, kept by their content hash: [{"sha256", "name", "mime", "size"}].

The content goes its own way (PUT /api/attachments/<sha256>); the record names it. `minItems`,
`maxItems` (5 unless said), `x-mime`, `x-max-size` in bytes (20 MB unless said).
"""

import re
from datetime import datetime
from typing import Final

from forms.errors import Wrong
from forms.fields.base import Answer, FieldType, Json, Schema, no_judgement
from forms.fields.characters import INVISIBLE

SHA256: Final = re.compile(r"[0-9a-f]{64}")
NAME: Final = re.compile(r"[^/\\\n\t]{1,200}")
KEYS: Final = frozenset({"sha256", "name", "mime", "size"})
MOST_FILES: Final = 5
LARGEST: Final = 20_000_000
MEGABYTE: Final = 1_000_000
PICTURES: Final = ("image/jpeg", "image/png", "image/webp")
DOCUMENTS: Final = (*PICTURES, "application/pdf")


def read(submitted: Json, schema: Schema, _now: datetime) -> Answer:
    """Read references to files."""
    if not isinstance(submitted, list):
        raise Wrong("list_expected")
    most, least = schema.get("maxItems", MOST_FILES), schema.get("minItems", 0)
    if len(submitted) > most:
        raise Wrong("too_many_files", limit=most)
    if len(submitted) < least:
        raise Wrong("too_few_files", limit=least)
    for reference in submitted:
        _require_file(reference, schema)
    hashes = [reference["sha256"] for reference in submitted if isinstance(reference, dict)]
    if len(set(map(str, hashes))) < len(hashes):
        raise Wrong("file_twice")
    return Answer(submitted, submitted)


def _require_file(reference: Json, schema: Schema) -> None:
    if not isinstance(reference, dict) or reference.keys() != KEYS:
        raise Wrong("file_reference")
    sha256, name, mime, size = (reference[key] for key in ("sha256", "name", "mime", "size"))
    if not (
        isinstance(sha256, str)
        and SHA256.fullmatch(sha256)
        and isinstance(name, str)
        and NAME.fullmatch(name)
        and not INVISIBLE.search(name)
        and isinstance(mime, str)
        and isinstance(size, int)
        and not isinstance(size, bool)
        and size > 0
    ):
        raise Wrong("file_reference")
    accepted = accepted_types(schema)
    if mime not in accepted:
        raise Wrong("file_type", found=mime[:100], accepted=", ".join(accepted))
    if size > (largest := schema.get("x-max-size", LARGEST)):
        raise Wrong("file_too_big", limit=_size(largest))


def accepted_types(schema: Schema) -> tuple[str, ...]:
    """Give the media types a field takes."""
    if "x-mime" in schema:
        return tuple(schema["x-mime"])
    return PICTURES if schema["x-field"] == "photo" else DOCUMENTS


def _size(bytes_: int) -> str:
    return f"{bytes_ // MEGABYTE} MB" if bytes_ % MEGABYTE == 0 else f"{bytes_} B"


def compute(_value: object, _schema: Schema) -> Json:
    """Refuse: a file is attached by a person."""
    raise Wrong("computed_unfit")


FIELD = FieldType(
    name="attachment", json_type="array", read=read, judge=no_judgement, compute=compute
)
