"""An item, by its number; with `x-identifier: "gtin"` by its GTIN.

Whether it exists is for the process to say: a form does not know the ledger.
"""

import re
from datetime import datetime
from typing import Final

from biip.checksums import gs1_standard_check_digit

from forms.errors import Wrong
from forms.fields.base import Answer, FieldType, Json, Schema, compute_plainly, no_judgement
from forms.fields.characters import require_characters

NUMBER: Final = re.compile(r"[!-~](?:[ -~]{0,48}[!-~])?")
GTIN: Final = re.compile(r"[0-9]{14}")


def read(submitted: Json, schema: Schema, _now: datetime) -> Answer:
    """Read an item number or a GTIN of 14 digits with its check digit."""
    if not isinstance(submitted, str):
        raise Wrong("text_expected")
    if schema.get("x-identifier") == "gtin":
        require_characters(submitted, GTIN, "gtin_format")
        if gs1_standard_check_digit(submitted[:-1]) != int(submitted[-1]):
            raise Wrong("check_digit")
    else:
        require_characters(submitted, NUMBER, "item_characters")
    return Answer(submitted, submitted)


FIELD = FieldType(
    name="item", json_type="string", read=read, judge=no_judgement, compute=compute_plainly
)
