"""Field types: one file each, found by the name that a form writes in `x-field`.

To add one: copy the file that is nearest, name it here and in form.schema.json, add its messages to
messages.json and its cases to tests/vectors/forms; web/src/forms has a file of the same name.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from forms.fields import (
    attachment,
    barcode,
    choice,
    choices,
    count,
    date,
    date_time,
    entry,
    item,
    location,
    lot,
    photo,
    quantity,
    serial,
    table,
    text,
    yes_no,
)
from forms.fields.base import FieldType

FIELD_TYPES: Final[Mapping[str, FieldType]] = MappingProxyType(
    {
        module.FIELD.name: module.FIELD
        for module in (
            attachment,
            barcode,
            choice,
            choices,
            count,
            date,
            date_time,
            entry,
            item,
            location,
            lot,
            photo,
            quantity,
            serial,
            table,
            text,
            yes_no,
        )
    }
)
