"""A scanned barcode: {"raw", "symbology", "parser", "elements"}.

The terminal reads it and sends what it read; the server reads `raw` again and compares. `x-needs`
lists elements that must be in it. `x-fills` names fields beside it that the scan fills ({"lot":
"/supplier_lot"}); they must not say anything else than the scan does.
"""

from datetime import datetime
from typing import Final

from forms.barcodes import ScanRefused, read_scan
from forms.errors import Wrong
from forms.fields.base import Answer, FieldType, Json, Schema, no_judgement
from forms.texts import Text

ELEMENT_TEXTS: Final[dict[str, Text]] = {
    "gtin": {"en": "GTIN", "zh": "GTIN"},
    "lot": {"en": "lot", "zh": "批号"},
    "serial": {"en": "serial number", "zh": "序列号"},
    "expiry": {"en": "expiry date", "zh": "有效期"},
    "production": {"en": "production date", "zh": "生产日期"},
    "sscc": {"en": "SSCC", "zh": "SSCC"},
    "device_identifier": {"en": "device identifier", "zh": "产品标识"},
    "count": {"en": "count", "zh": "数量"},
    "sterilisation_lot": {"en": "sterilisation lot", "zh": "灭菌批号"},
    "link": {"en": "belongs to the code with", "zh": "对应主码"},
}
"""Elements a form may need, in words."""


def read(submitted: Json, schema: Schema, now: datetime) -> Answer:
    """Read the raw scan again; what was sent with it must be the same."""
    raw = submitted.get("raw") if isinstance(submitted, dict) else None
    if not isinstance(raw, str) or not isinstance(submitted, dict):
        raise Wrong("scan_expected")
    try:
        scan: dict[str, object] = read_scan(raw, now=now).to_json()
    except ScanRefused as refused:
        raise Wrong(refused.code, **refused.params) from refused
    if any(key not in scan or sent != scan[key] for key, sent in submitted.items()):
        raise Wrong("scan_differs")
    elements = scan["elements"]
    assert isinstance(elements, dict)  # as to_json makes it
    for needed in schema.get("x-needs", ()):
        if needed not in elements:
            raise Wrong("scan_lacks", element=ELEMENT_TEXTS[needed])
    return Answer(scan, scan)  # type: ignore[arg-type]  # JSON by construction


def filled_by(element: object) -> str:
    """Say what an element fills in: its text, or the date as precisely as the label gives it."""
    if isinstance(element, dict):
        day = str(element["value"])
        return day if element["precision"] == "day" else day[:7]
    return str(element)


def compute(_value: object, _schema: Schema) -> Json:
    """Refuse: a scan is made by a scanner."""
    raise Wrong("computed_unfit")


FIELD = FieldType(
    name="barcode", json_type="object", read=read, judge=no_judgement, compute=compute
)
