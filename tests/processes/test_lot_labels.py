"""Labels of lots: what is printed is read back from the page as a scanner reads it, and says the
same GS1 elements."""

import json
from dataclasses import replace
from datetime import UTC, date
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from forms.barcodes import read_scan
from processes.documents import pdf, symbols
from processes.documents.report import Report
from processes.ledger import lot_labels, lots
from processes.ledger.item_registration import Identifier, NewPackage
from processes.ledger.lot_numbers import Expiry
from processes.ledger.lots import Lot
from tests.processes.conftest import ANN, NOW, TENANT, Book

GTIN = "00841132112939"


def device(book: Book, tracking: str = "lot") -> Any:
    own = Identifier(issuing_agency="GS1", value=GTIN, kind="primary")
    more = Identifier(issuing_agency="GS1", value="00840861100781", kind="secondary")
    each = NewPackage(name="each", identifiers=(own, more))
    return book.add_item(GTIN, tracking=tracking, packages=(each,), item_type="finished")


def printed(report: Report) -> Image.Image:
    """Set a page as it is printed, and look at its pixels (300 a inch)."""
    document = json.dumps(pdf._document(report, report.printed_at.astimezone(UTC)))
    page = pdf._compiler().compile(
        input=pdf.HERE / "report.typ", format="png", ppi=300, sys_inputs={"report": document}
    )
    assert isinstance(page, bytes)  # one page
    return Image.open(BytesIO(page)).convert("L")


def scanned(book: Book, lot: Lot, language: Any = "zh") -> list[str]:
    """Print the labels of a lot and read them as a scanner does, its identifier before each."""
    report = lot_labels.page(book.db, TENANT, lot, language, NOW)
    return sorted(
        f"{found.symbology_identifier}{found.bytes.decode()}"
        for found in zxingcpp.read_barcodes(printed(report))
    )


def test_the_label_says_what_the_maker_s_own_says(book: Book) -> None:
    expiry = Expiry(on=date(2027, 3, 31), precision="day", raw="270331")
    lot = book.lot("HX-77", item_id=device(book), expiry=expiry)
    (label,) = scanned(book, lot)
    found = read_scan(label, now=NOW)
    assert found.symbology == "]d2"  # GS1 DataMatrix
    assert found.elements == {
        "gtin": GTIN,
        "expiry": {"value": "2027-03-31", "precision": "day"},
        "lot": "HX-77",
        "ai_91": lot.number,
    }


def test_an_expiry_of_a_month_stays_one(book: Book) -> None:
    expiry = Expiry(on=date(2027, 3, 31), precision="month", raw="270300")
    lot = book.lot("a(b)c/4%", item_id=device(book), expiry=expiry)
    found = read_scan(scanned(book, lot)[0], now=NOW)
    assert found.elements["expiry"] == {"value": "2027-03-31", "precision": "month"}
    assert found.elements["lot"] == "a(b)c/4%"


def test_each_serial_number_has_a_label(book: Book) -> None:
    lot = book.lot("HX-78", item_id=device(book, "lot_and_serial"))
    lots.register_serials(book.by(ANN), lot, ["S-2", "S-1", "S-3"])
    labels = [read_scan(each, now=NOW).elements for each in scanned(book, lot, "en")]
    assert [each["serial"] for each in labels] == ["S-1", "S-2", "S-3"]
    assert {each["gtin"] for each in labels} == {GTIN}
    assert {each["lot"] for each in labels} == {"HX-78"}


def test_what_one_print_does_not_hold_is_offered_print_by_print(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    lot = book.lot("HX-79", item_id=device(book, "lot_and_serial"))
    lots.register_serials(book.by(ANN), lot, [f"S-{number}" for number in range(1, 6)])
    assert lot_labels.prints(book.db, TENANT, lot) == []  # one holds all
    monkeypatch.setattr(lot_labels, "MOST", 2)
    offered = lot_labels.prints(book.db, TENANT, lot)
    assert [(each.after, each.first, each.last) for each in offered] == [
        ("", "S-1", "S-2"),
        ("S-2", "S-3", "S-4"),
        ("S-4", "S-5", "S-5"),
    ]
    labels = [
        lot_labels.page(book.db, TENANT, lot, "en", NOW, after=each.after) for each in offered
    ]
    printed_on = [page.sections[1].blocks[-1] for page in labels]
    assert [len(block.labels) for block in printed_on] == [2, 2, 1]  # type: ignore[union-attr]


@pytest.mark.parametrize("supplier_lot", ["批号一", "L" * 21, "A 1"])
def test_what_gs1_cannot_carry_gets_our_own_number(book: Book, supplier_lot: str) -> None:
    lot = replace(book.lot("HX-1", item_id=device(book)), supplier_lot_raw=supplier_lot)
    assert scanned(book, lot) == [f"]d1{lot.number}"]  # plain: no scanner takes it for GS1


def test_what_has_no_gtin_gets_our_own_number(book: Book) -> None:
    lot = book.lot("HX-79", item_id=book.add_item("SCREW-1"))
    assert scanned(book, lot) == [f"]d1{lot.number}"]


def test_what_we_made_is_named_by_our_number(book: Book) -> None:
    lot = replace(book.lot("HX-80", item_id=device(book)), supplier_lot_raw=None)
    assert lot_labels.elements_of(lot, GTIN, None) == [("01", GTIN), ("10", lot.number)]


@pytest.mark.parametrize("value", ["", "a b", "[10]X", "中", "a\x1db"])
def test_a_value_that_gs1_does_not_allow_is_not_drawn(value: str) -> None:
    with pytest.raises(ValueError, match="GS1"):
        symbols.gs1_data_matrix([("01", GTIN), ("10", value)])
