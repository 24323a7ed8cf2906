"""Read the FDA's device file (GUDID, zipped XML) into items with package levels and identifiers.

The file is read as a stream: 200 MB of XML pass through one device at a time. What the file says
is checked here against itself (check digits, packages that lead to their content); whether an
identifier is taken is asked of the ledger (item_import.py).
"""

import hashlib
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import IO, TypeAlias

from lxml import etree

from processes.ledger.item_import import BadRecord, GoodRecord, Record
from processes.ledger.item_registration import Identifier, NewItem, NewPackage

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml offers no public name for it

_NAMESPACE = "{http://www.fda.gov/cdrh/gudid}"
_KINDS = {
    "Primary": "primary",
    "Secondary": "secondary",
    "Package": "package",
    "Direct Marking": "direct_marking",
    "Unit of Use": "unit_of_use",
}
_GTIN_LENGTHS = (8, 12, 13, 14)
_GTIN = 14
_LEVEL_NAMES = ("each", "inner", "case", "pallet")
_HIBC = re.compile(r"[A-Z][A-Z0-9]{3}[A-Z0-9]{1,18}[0-9]")  # LIC, product number, unit of measure
_HIBC_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
_NAME_LENGTH = 200
_TOO_LARGE = 4 * 1024**3
"""Unpacked bytes of one member beyond which an archive is taken for an attack, not for devices."""

SOURCE = "FDA GUDID"


class NotGudid(ValueError):
    """The file is not what it should be; `message` says what was found, in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.message = {"en": en, "zh": zh}


class _Bad(Exception):
    """Why a record is not imported."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en, self.zh = en, zh


def file_hash(path: Path) -> str:
    """Give the SHA-256 of the file: an import goes on only with the very same file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class GudidFile:
    """The file while it is read; `share_read` is how much of its XML has gone by (0 to 1)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._total = 1
        self._read = 0

    @property
    def share_read(self) -> float:
        return min(1.0, self._read / self._total)

    def records(self) -> Iterator[Record]:
        """Read every device, numbered from 1; NotGudid when the file is no such file."""
        number = 0
        try:
            with zipfile.ZipFile(self.path) as archive:
                members = self._members(archive)
                self._total = sum(member.file_size for member in members) or 1
                before = 0
                for member in members:
                    with archive.open(member) as file:
                        for device in _devices(file):
                            number += 1
                            self._read = before + file.tell()
                            yield _read(number, device)
                    before += member.file_size
        except (zipfile.BadZipFile, etree.XMLSyntaxError) as error:
            raise NotGudid(
                f"{self.path.name} cannot be read after record {number}: {error}. "
                "Get the file anew and start the import again.",
                f"{self.path.name} 在第 {number} 条记录之后无法读取：{error}。"
                "请重新获取文件后再次导入。",
            ) from error

    def _members(self, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
        members = [m for m in archive.infolist() if m.filename.lower().endswith(".xml")]
        if not members:
            raise NotGudid(
                f"{self.path.name} holds no XML file. Give the FDA's device file as it comes.",
                f"{self.path.name} 中没有 XML 文件，请使用 FDA 发布的原始器械文件。",
            )
        for member in members:
            if member.file_size > _TOO_LARGE:
                raise NotGudid(
                    f"{member.filename} unpacks to {member.file_size} bytes, which no device "
                    "file does. Check where the file comes from.",
                    f"{member.filename} 解压后为 {member.file_size} 字节，不是正常的器械文件，"
                    "请核实文件来源。",
                )
        return members


def read_records(path: Path) -> Iterator[Record]:
    """Read every device of the file, numbered from 1; NotGudid when it is no such file."""
    return GudidFile(path).records()


def _devices(file: IO[bytes]) -> Iterator[Element]:
    """Give one device element after the other and forget it afterwards."""
    devices = etree.iterparse(
        file,
        tag=f"{_NAMESPACE}device",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
    )
    for _event, device in devices:
        yield device
        device.clear()
        parent = device.getparent()
        while parent is not None and device.getprevious() is not None:
            del parent[0]


def _read(number: int, device: Element) -> Record:
    key = device.get("deviceid") or _text(device, "deviceId") or f"record {number}"
    try:
        return GoodRecord(number=number, key=key, item=_item(device))
    except _Bad as bad:
        return BadRecord(number=number, key=key, reason={"en": bad.en, "zh": bad.zh})


def _item(device: Element) -> NewItem:
    rows = [_Row(element) for element in device.iterfind(_path("identifiers", "identifier"))]
    primary = [row for row in rows if row.kind == "primary"]
    if len(primary) != 1:
        raise _Bad(
            f"The record has {len(primary)} primary identifiers; it needs exactly one.",
            f"该记录有 {len(primary)} 个主标识，必须恰好一个。",
        )
    name = ", ".join(
        dict.fromkeys(
            filter(None, (_text(device, "brandName"), _text(device, "deviceDescription")))
        )
    )[:_NAME_LENGTH]
    if not name:
        raise _Bad("The record has neither brand name nor description.", "该记录缺少品名和描述。")
    in_distribution = _text(device, "deviceCommDistributionStatus") == "In Commercial Distribution"
    return NewItem(
        number=primary[0].value,
        names={"en": name, "zh": name},
        item_type="finished",
        criticality="A",  # the strictest until somebody classifies it
        tracking=_tracking(device),
        unit_code="ea",
        packages=_packages(device, rows, primary[0], in_distribution=in_distribution),
        sterile=_text(device, "sterilization", "deviceSterile") == "true",
        expiry_required=_text(device, "expirationDate") == "true",
        storage_conditions=_storage(device),
        manufacturer=_text(device, "companyName") or None,
        catalogue_number=_text(device, "catalogNumber") or None,
        model=_text(device, "versionModelNumber") or None,
        source=SOURCE,
        effective_from=date.fromisoformat(_text(device, "devicePublishDate") or "2000-01-01"),
    )


class _Row:
    """One identifier of a device, as the file has it."""

    def __init__(self, element: Element) -> None:
        self.agency = _text(element, "deviceIdIssuingAgency")
        self.kind = _KINDS.get(_text(element, "deviceIdType"), "")
        self.value = _identifier(self.agency, _text(element, "deviceId"))
        contains = _text(element, "containsDINumber")
        self.contains = _identifier(self.agency, contains) if contains else ""
        self.quantity = _text(element, "pkgQuantity")
        self.in_distribution = _text(element, "pkgStatus") != "Not in Commercial Distribution"

    @property
    def identifier(self) -> Identifier:
        return Identifier(issuing_agency=self.agency, value=self.value, kind=self.kind)


def _identifier(agency: str, text: str) -> str:
    """Check an identifier by the rules of its agency; a short GTIN gets its leading zeros."""
    if agency == "GS1":
        if not (text.isascii() and text.isdigit()) or len(text) not in _GTIN_LENGTHS:
            raise _Bad(f"{text} is not a GTIN.", f"{text} 不是 GTIN。")
        padded = text.zfill(_GTIN)
        weighted = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(padded[:-1]))
        if -weighted % 10 != int(padded[-1]):
            raise _Bad(f"The check digit of GTIN {text} is wrong.", f"GTIN {text} 的校验位不正确。")
        return padded
    if agency == "HIBCC":
        if _HIBC.fullmatch(text) is None and not _has_hibc_check(text):
            raise _Bad(f"{text} is not a HIBC identifier.", f"{text} 不是 HIBC 标识。")
        return text
    raise _Bad(
        f"Identifiers of {agency or 'an unnamed agency'} are not known.",
        f"不支持发码机构 {agency or '（未注明）'} 的标识。",
    )


def _has_hibc_check(text: str) -> bool:
    """Tell an identifier that was registered with its check character (modulo 43, HIBC SLS)."""
    if _HIBC.fullmatch(text[:-1]) is None or text[-1] not in _HIBC_CHARACTERS:
        return False
    total = sum(_HIBC_CHARACTERS.index(character) for character in f"+{text[:-1]}")
    return _HIBC_CHARACTERS[total % len(_HIBC_CHARACTERS)] == text[-1]


def _packages(
    device: Element, rows: list[_Row], primary: _Row, *, in_distribution: bool
) -> tuple[NewPackage, ...]:
    """Build the package levels from the base package outwards."""
    own = [row for row in rows if row.kind in ("secondary", "direct_marking", "unit_of_use")]
    base = NewPackage(
        name=_LEVEL_NAMES[0],
        identifiers=(primary.identifier, *(row.identifier for row in own)),
        contained_quantity=_count(_text(device, "deviceCount")),
        in_distribution=in_distribution,
    )
    built = [base]
    position = {primary.value: 0}
    level = {primary.value: 0}
    waiting = [row for row in rows if row.kind == "package"]
    while waiting:
        ready = [row for row in waiting if row.contains in position]
        if not ready:
            lost = waiting[0]
            raise _Bad(
                f"Package {lost.value} contains {lost.contains or 'nothing'}, "
                "which the record does not have.",
                f"包装 {lost.value} 的内含标识 {lost.contains or '（空）'} 不在该记录中。",
            )
        for row in ready:
            waiting.remove(row)
            level[row.value] = level[row.contains] + 1
            position[row.value] = len(built)
            built.append(
                NewPackage(
                    name=_LEVEL_NAMES[min(level[row.value], len(_LEVEL_NAMES) - 1)],
                    identifiers=(row.identifier,),
                    contains=position[row.contains],
                    contained_quantity=_count(row.quantity),
                    in_distribution=row.in_distribution,
                )
            )
    return tuple(built)


def _count(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise _Bad(f"“{text}” is not a package quantity.", f"“{text}” 不是有效的包装数量。")
    return int(text)


def _tracking(device: Element) -> str:
    by_lot = _text(device, "lotBatch") == "true"
    by_serial = _text(device, "serialNumber") == "true"
    if by_lot and by_serial:
        return "lot_and_serial"
    return "serial" if by_serial else "lot" if by_lot else "none"


def _storage(device: Element) -> list[str] | None:
    found = [
        text.strip()
        for element in device.iterfind(_path("environmentalConditions", "storageHandling"))
        for text in (element.findtext(f"{_NAMESPACE}storageHandlingSpecialConditionText") or "",)
        if text.strip()
    ]
    return found or None


def _text(element: Element, *names: str) -> str:
    return (element.findtext(_path(*names)) or "").strip()


def _path(*names: str) -> str:
    return "/".join(f"{_NAMESPACE}{name}" for name in names)
