"""The FDA's file becomes items: whole records or none, restartable, bad ones listed with reason."""

import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from sqlalchemy import func, select

from processes.ledger import gudid, item_import, items, packages
from processes.ledger.gudid import NotGudid
from processes.ledger.item_import import BadRecord, GoodRecord, ImportMovedOn, Progress, Record
from processes.ledger.tables import device_identifier, item
from tests.processes.conftest import TENANT, Book

HASH = "f" * 64


def gtin(number: int) -> str:
    digits = f"{number:013d}"
    weighted = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(digits))
    return digits + str(-weighted % 10)


def identifier(
    value: str, kind: str = "Primary", contains: str = "", quantity: str = "", agency: str = "GS1"
) -> str:
    return (
        f"<identifier><deviceId>{escape(value)}</deviceId><deviceIdType>{kind}</deviceIdType>"
        f"<deviceIdIssuingAgency>{agency}</deviceIdIssuingAgency>"
        f"<containsDINumber>{contains}</containsDINumber><pkgQuantity>{quantity}</pkgQuantity>"
        "</identifier>"
    )


def device(*identifiers: str, brand: str = "Valve", count: str = "1") -> str:
    return (
        '<device xmlns="http://www.fda.gov/cdrh/gudid" deviceid="x"><identifiers>'
        + "".join(identifiers)
        + f"</identifiers><brandName>{brand}</brandName><deviceCount>{count}</deviceCount>"
        "<lotBatch>true</lotBatch><serialNumber>false</serialNumber>"
        "<devicePublishDate>2015-09-24</devicePublishDate></device>"
    )


def file_of(folder: Path, *devices: str) -> Path:
    path = folder / "gudid.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("file1.xml", f"\ufeff<data>{''.join(devices)}</data>".encode())
    return path


def read(folder: Path, *devices: str) -> list[Record]:
    return list(gudid.read_records(file_of(folder, *devices)))


def reason(record: Record) -> str:
    assert isinstance(record, BadRecord)
    assert record.reason["zh"]
    return record.reason["en"]


def good(folder: Path, *numbers: int) -> list[Record]:
    return read(folder, *(device(identifier(gtin(number))) for number in numbers))


def take_in(book: Book, records: list[Record], *, last: bool = True) -> Progress:
    return item_import.import_batch(
        book.context, file_hash=HASH, kind="gudid", name="gudid.zip", records=records, last=last
    )


def test_a_device_with_its_packages(tmp_path: Path) -> None:
    (record,) = read(
        tmp_path,
        device(
            # the pallet stands before the case that it contains
            identifier(gtin(3), "Package", gtin(2), "40"),
            identifier(gtin(1)),
            identifier(gtin(2), "Package", gtin(1), "12"),
            identifier(gtin(4), "Unit of Use"),
            count="5",
        ),
    )
    assert isinstance(record, GoodRecord)
    found = record.item
    assert (found.number, found.tracking, found.status) == (gtin(1), "lot", "draft")
    assert [(p.name, p.contains, p.contained_quantity) for p in found.packages] == [
        ("each", None, 5),
        ("inner", 0, 12),
        ("case", 1, 40),
    ]
    assert [i.kind for i in found.packages[0].identifiers] == ["primary", "unit_of_use"]


def test_a_short_gtin_is_the_same_key_with_leading_zeros(tmp_path: Path) -> None:
    (record,) = read(tmp_path, device(identifier(gtin(123)[1:])))
    assert isinstance(record, GoodRecord)
    assert record.item.number == gtin(123)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([identifier(gtin(1)[:-1] + str((int(gtin(1)[-1]) + 1) % 10))], "check digit"),
        ([identifier("１２３")], "not a GTIN"),
        ([identifier("12")], "not a GTIN"),
        ([identifier(gtin(1), "Secondary")], "0 primary"),
        ([identifier(gtin(1)), identifier(gtin(2))], "2 primary"),
        ([identifier(gtin(1)), identifier(gtin(2), "Package", gtin(9), "5")], "does not have"),
        ([identifier(gtin(1)), identifier(gtin(2), "Package", gtin(2), "5")], "does not have"),
        ([identifier(gtin(1)), identifier(gtin(2), "Package", gtin(1), "0")], "quantity"),
        ([identifier(gtin(1)), identifier(gtin(2), "Package", gtin(1), "many")], "quantity"),
        ([identifier("M4400192Z!", agency="HIBCC")], "not a HIBC"),
        ([identifier(gtin(1), agency="NOBODY")], "not known"),
    ],
)
def test_a_bad_record_is_told_with_its_reason(tmp_path: Path, rows: list[str], said: str) -> None:
    records = read(tmp_path, device(*rows), device(identifier(gtin(7))))
    assert said in reason(records[0])
    assert isinstance(records[1], GoodRecord)


def test_hibc_identifiers_with_and_without_their_check_character(tmp_path: Path) -> None:
    plain, checked = "M4400192Z1", "H373VBJR062502A3F"
    wrong = checked[:-1] + "G"
    records = read(
        tmp_path, *(device(identifier(v, agency="HIBCC")) for v in (plain, checked, wrong))
    )
    assert [type(record).__name__ for record in records] == [
        "GoodRecord",
        "GoodRecord",
        "BadRecord",
    ]


def test_what_is_no_such_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(b"no zip")
    with pytest.raises(NotGudid):
        list(gudid.read_records(path))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "x")
    with pytest.raises(NotGudid):
        list(gudid.read_records(path))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.xml", "<data><device>")
    with pytest.raises(NotGudid):
        list(gudid.read_records(path))


def test_an_entity_in_the_file_is_not_expanded(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    secret = tmp_path / "secret"
    secret.write_text("secret")
    body = f'<!DOCTYPE data [<!ENTITY e SYSTEM "file://{secret}">]><data>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.xml", body + device(identifier(gtin(1)), brand="&e;") + "</data>")
    for record in gudid.read_records(path):
        assert "secret" not in repr(record)


def test_items_are_found_by_every_barcode(book: Book, tmp_path: Path) -> None:
    rows = [identifier(gtin(1)), identifier(gtin(2), "Package", gtin(1), "12")]
    done = take_in(book, read(tmp_path, device(*rows)))
    assert done == Progress(records_read=1, accepted=1, complete=True)
    case = packages.by_identifier(book.db, TENANT, gtin(2))
    assert case is not None
    assert case.base_quantity == 12
    assert items.find(book.db, TENANT, case.item_id).number == gtin(1)


def test_an_identifier_that_is_taken_refuses_the_whole_record(book: Book, tmp_path: Path) -> None:
    first = read(tmp_path, device(identifier(gtin(1))), device(identifier(gtin(2))))
    take_in(book, first, last=False)
    rows = [identifier(gtin(5)), identifier(gtin(2), "Package", gtin(5), "5")]
    later = read(tmp_path, device(identifier(gtin(8))), device(identifier(gtin(9))), device(*rows))
    done = take_in(book, later[2:])
    assert (done.records_read, done.accepted, done.refused) == (3, 2, 1)
    assert packages.by_identifier(book.db, TENANT, gtin(5)) is None
    (bad,) = item_import.problems(book.db, TENANT, HASH)
    assert bad.number == 3
    assert gtin(2) in bad.reason["en"]


def test_the_same_identifier_twice_in_one_batch(book: Book, tmp_path: Path) -> None:
    rows = [identifier(gtin(5)), identifier(gtin(1), "Package", gtin(5), "5")]
    done = take_in(book, read(tmp_path, device(identifier(gtin(1))), device(*rows)))
    assert (done.accepted, done.refused) == (1, 1)


def test_a_unit_of_use_identifier_may_be_another_devices_own(book: Book, tmp_path: Path) -> None:
    rows = [identifier(gtin(5)), identifier(gtin(1), "Unit of Use")]
    done = take_in(book, read(tmp_path, device(*rows), device(identifier(gtin(1)))))
    assert (done.accepted, done.refused) == (2, 0)
    found = packages.by_identifier(book.db, TENANT, gtin(1))
    assert found is not None
    assert items.find(book.db, TENANT, found.item_id).number == gtin(1)


def test_an_import_goes_on_where_it_stopped(book: Book, tmp_path: Path) -> None:
    records = good(tmp_path, 1, 2, 3, 4, 5)
    take_in(book, records[:2], last=False)
    point = book.db.begin_nested()
    take_in(book, records[2:4], last=False)
    point.rollback()  # the process is killed before the commit
    assert item_import.progress(book.db, TENANT, HASH).records_read == 2
    with pytest.raises(ImportMovedOn):
        take_in(book, records[3:])
    with pytest.raises(ImportMovedOn):
        take_in(book, records)
    done = take_in(book, records[2:])
    assert (done.records_read, done.accepted, done.complete) == (5, 5, True)


def test_the_same_devices_from_another_file_change_nothing(book: Book, tmp_path: Path) -> None:
    records = good(tmp_path, 1, 2)
    take_in(book, records)
    again = item_import.import_batch(
        book.context, file_hash="0" * 64, kind="gudid", name="again", records=records, last=True
    )
    assert (again.accepted, again.unchanged, again.refused) == (0, 2, 0)


def test_nothing_is_half_imported(book: Book, tmp_path: Path) -> None:
    before = book.db.execute(select(func.count()).select_from(item)).scalar_one()
    bad = [identifier(gtin(5)), identifier(gtin(6), "Package", gtin(99), "5")]
    take_in(book, read(tmp_path, device(*bad), device(identifier(gtin(1)))))
    assert book.db.execute(select(func.count()).select_from(item)).scalar_one() == before + 1
    values = set(book.db.execute(select(device_identifier.c.device_identifier)).scalars())
    assert gtin(1) in values
    assert gtin(5) not in values


def test_the_real_file_begins_with_real_devices(shared: Path) -> None:
    path = shared / "data" / "gudid" / "gudid.zip"
    records = gudid.read_records(path)
    first = [next(records) for _ in range(200)]
    assert all(isinstance(record, GoodRecord) for record in first)
    assert isinstance(first[0], GoodRecord)
    assert first[0].item.number == "00844588018923"
    assert first[0].item.expiry_required
