"""Labels of a lot, to be printed: GS1 DataMatrix with GTIN, expiry, lot and serial number.

The GTIN with a lot number is the maker's statement (UDI). So a lot of ours is named by our number,
and one that came from a supplier by the supplier's, with ours beside it as internal information
(AI 91): the label says what the maker's own says, and both numbers find the lot. What has no GTIN,
or a number that GS1 cannot carry, gets a plain Data Matrix of our own number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Integer, bindparam, cast, func, select

from processes.documents import symbols
from processes.documents.report import (
    Block,
    Fields,
    Label,
    Labels,
    Language,
    Paragraph,
    Report,
    Section,
)
from processes.ledger.lots import Lot
from processes.ledger.tables import device_identifier, serial_unit

MOST: Final = 500
"""Serial numbers on one print; a lot with more goes on with the next one, and the page says so."""

_NUMBER_LENGTH: Final = 20
"""Characters of a lot or serial number (GS1 General Specifications, AI 10 and 21)."""
_OWN_LENGTH: Final = 90

_GTIN = (
    select(device_identifier.c.device_identifier)
    .where(device_identifier.c.tenant_id == bindparam("tenant_id"))
    .where(device_identifier.c.package_level_id == bindparam("package_level_id"))
    .where(device_identifier.c.issuing_agency == "GS1")
    .where(device_identifier.c.kind == "primary")
)
_SERIALS = (
    select(serial_unit.c.serial_number)
    .where(serial_unit.c.tenant_id == bindparam("tenant_id"))
    .where(serial_unit.c.lot_id == bindparam("lot_id"))
    .where(serial_unit.c.serial_number > bindparam("after"))
    .order_by(serial_unit.c.serial_number)
    .limit(bindparam("most"))
)

_numbered = (
    select(
        serial_unit.c.serial_number,
        (
            (func.row_number().over(order_by=serial_unit.c.serial_number) - 1)
            // cast(bindparam("most"), Integer)
        ).label("print"),
    )
    .where(serial_unit.c.tenant_id == bindparam("tenant_id"))
    .where(serial_unit.c.lot_id == bindparam("lot_id"))
    .subquery("numbered")
)
_ENDS = (
    select(
        func.min(_numbered.c.serial_number).label("first"),
        func.max(_numbered.c.serial_number).label("last"),
    )
    .group_by(_numbered.c.print)
    .order_by(_numbered.c.print)
)

_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "title": "Lot labels",
        "lot": "Lot",
        "supplier_lot": "Supplier's lot",
        "expiry": "Expiry",
        "serial": "Serial no.",
        "item": "Item",
        "labels": "Labels",
        "more": "This print ends with serial number {last}; the lot has more. The page of the lot "
        "has a print for each of the others.",
    },
    "zh": {
        "title": "批次标签",
        "lot": "批号",
        "supplier_lot": "供应商批号",
        "expiry": "有效期至",
        "serial": "序列号",
        "item": "物料",
        "labels": "标签",
        "more": "本次打印至序列号 {last}，该批尚有其他序列号；请在批次页面打印其余标签。",
    },
}


@dataclass(frozen=True, slots=True)
class Print:
    """One print of a lot's labels: what it begins after, its first and its last serial number."""

    after: str
    first: str
    last: str


def prints(db: Connection, tenant_id: str, lot: Lot) -> list[Print]:
    """List the prints of a lot whose serial numbers need several; none where one holds all."""
    if not lot.has_serials:
        return []
    key = {"tenant_id": tenant_id, "lot_id": lot.lot_id, "most": MOST}
    rows = db.execute(_ENDS, key).all()
    if len(rows) < 2:
        return []
    before = ["", *(row.last for row in rows)]
    return [
        Print(after=after, first=row.first, last=row.last)
        for after, row in zip(before, rows, strict=False)
    ]


def page(
    db: Connection,
    tenant_id: str,
    lot: Lot,
    language: Language,
    printed_at: datetime,
    *,
    after: str = "",
) -> Report:
    """Give the labels of a lot: one for each of its serial numbers, beginning after one where
    there are more than a print holds; one for a lot without serial numbers."""
    words = _WORDS[language]
    gtin = gtin_of(db, tenant_id, lot.base_package_id)
    key = {"tenant_id": tenant_id, "lot_id": lot.lot_id, "after": after, "most": MOST + 1}
    serials: Sequence[str | None] = [None]
    if lot.has_serials:
        serials = db.execute(_SERIALS, key).scalars().all()
    shown = serials[:MOST]
    blocks: list[Block] = [Labels([_label(lot, gtin, serial, words) for serial in shown])]
    if len(serials) > MOST:
        blocks.insert(0, Paragraph(words["more"].format(last=shown[-1]), emphasis=True))
    name = f"{lot.item_number} {lot.item_names.get(language) or ''}".strip()
    return Report(
        title=words["title"],
        subtitle=name,
        number=lot.number,
        language=language,
        printed_at=printed_at,
        to_sign=False,
        sections=[
            Section(
                words["lot"],
                [
                    Fields(
                        [
                            (words["item"], name),
                            (words["lot"], lot.number),
                            (words["supplier_lot"], lot.supplier_lot_raw),
                            (words["expiry"], _shown_expiry(lot)),
                        ]
                    )
                ],
            ),
            Section(words["labels"], blocks),
        ],
    )


def gtin_of(db: Connection, tenant_id: str, package_level_id: UUID) -> str | None:
    """Give the GTIN of a package; None for one that GS1 does not name."""
    key = {"tenant_id": tenant_id, "package_level_id": package_level_id}
    return db.execute(_GTIN, key).scalars().first()


def elements_of(lot: Lot, gtin: str | None, serial: str | None) -> list[tuple[str, str]] | None:
    """Give the GS1 elements of a label, those of fixed length first; None where GS1 cannot say
    which lot it is."""
    number = lot.supplier_lot_raw or lot.number
    if gtin is None or not _fits(number, _NUMBER_LENGTH):
        return None
    if serial is not None and not _fits(serial, _NUMBER_LENGTH):
        return None
    found = [("01", gtin)]
    if lot.expiry is not None:
        day = "00" if lot.expiry_precision == "month" else f"{lot.expiry:%d}"
        found.append(("17", f"{lot.expiry:%y%m}{day}"))
    found.append(("10", str(number)))
    if serial is not None:
        found.append(("21", serial))
    if number != lot.number and _fits(lot.number, _OWN_LENGTH):
        found.append(("91", lot.number))
    return found


def _fits(value: str | None, length: int) -> bool:
    return value is not None and len(value) <= length and symbols.VALUE.fullmatch(value) is not None


def _label(lot: Lot, gtin: str | None, serial: str | None, words: Mapping[str, str]) -> Label:
    elements = elements_of(lot, gtin, serial)
    picture = (
        symbols.data_matrix(serial or lot.number)
        if elements is None
        else symbols.gs1_data_matrix(elements)
    )
    lines = [
        lot.item_number,
        None if lot.supplier_lot_raw is None else f"{words['supplier_lot']} {lot.supplier_lot_raw}",
        None if lot.expiry is None else f"{words['expiry']} {_shown_expiry(lot)}",
        None if serial is None else f"{words['serial']} {serial}",
    ]
    return Label(
        code=lot.number, lines=tuple(line for line in lines if line is not None), picture=picture
    )


def _shown_expiry(lot: Lot) -> str | None:
    if lot.expiry is None:
        return None
    return f"{lot.expiry:%Y-%m}" if lot.expiry_precision == "month" else lot.expiry.isoformat()
