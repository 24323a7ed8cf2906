"""A report becomes PDF: PDF/A-2a, tagged, in Chinese and English, with the signatures shown.

Typst (Apache-2.0) sets it from `report.typ`. Fonts are embedded as subsets: Noto Sans CJK (SIL OFL)
comes as a locked package, so that a page looks the same on every machine; where the package is
missing the system's own copy is taken, and where that is missing too a sentence says so. The same
report gives the same bytes. Rejected: WeasyPrint (needs system libraries), fpdf2 and ReportLab (no
tagged PDF/A; ReportLab reads no OpenType CFF font).
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any, Final

import typst

from processes.documents.report import (
    Block,
    Fields,
    Label,
    Labels,
    Language,
    Paragraph,
    Report,
    Section,
    Signature,
    Table,
)

__all__ = [
    "Fields",
    "Label",
    "Labels",
    "Language",
    "Paragraph",
    "Report",
    "Section",
    "Signature",
    "Table",
    "render",
]

HERE: Final = Path(__file__).parent
FONT_PACKAGE: Final = "cvttf_NotoSansCJK_Regular"
FAMILIES: Final = ("Noto Sans CJK SC", "Noto Sans CJK TC")
"""Both hold every character of both; the language of the text chooses the regional shape."""
STANDARD: Final = "a-2a"
_setting = Lock()  # one compiler, which is not made for two threads at once


class FontMissingError(RuntimeError):
    """No font with Chinese characters is installed."""


def render(report: Report) -> bytes:
    """Set a report as PDF.

    :raises FontMissingError: where neither the locked font package nor a system font is there.
    """
    printed = report.printed_at.astimezone(UTC).replace(microsecond=0)
    document = json.dumps(_document(report, printed), ensure_ascii=False)
    with _setting:
        pdf = _compiler().compile(
            input=HERE / "report.typ",
            format="pdf",
            sys_inputs={"report": document},
            pdf_standards=[STANDARD],
            timestamp=printed,
        )
    assert isinstance(pdf, bytes)
    return pdf


def _document(report: Report, printed: datetime) -> dict[str, Any]:
    """Give the JSON that the template reads; nothing in it is markup."""
    return {
        "title": report.title,
        "subtitle": report.subtitle,
        "number": report.number,
        "language": report.language,
        "record_hash": report.record_hash,
        "watermark": report.watermark,
        "to_sign": report.to_sign,
        "printed": f"{printed:%Y-%m-%d %H:%M:%S} UTC",
        "words": _words()[report.language],
        "fonts": list(_families()),
        "sections": [
            {"title": section.title, "blocks": [_block(block) for block in section.blocks]}
            for section in report.sections
        ],
        "signatures": [_signature(signature) for signature in report.signatures],
    }


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Paragraph():
            return {"kind": "paragraph", **asdict(block)}
        case Fields():
            return {"kind": "fields", "rows": [list(row) for row in block.rows]}
        case Labels():
            return {"kind": "labels", "labels": [asdict(each) for each in block.labels]}
        case Table():
            columns = len(block.head)
            if any(len(row) != columns for row in block.rows):
                raise ValueError(f"a row of the table {list(block.head)} has not {columns} cells")
            return {
                "kind": "table",
                "head": list(block.head),
                "rows": [list(row) for row in block.rows],
                "widths": list(block.widths or [1] * columns),
                "numeric": list(block.numeric),
            }


def _signature(signature: Signature) -> dict[str, Any]:
    """Give the manifestation; the time is shown with its offset and zone, and in UTC."""
    local = signature.signed_at
    if local.tzinfo is None:
        raise ValueError("the time of a signature needs its offset from UTC")
    offset = f"{local:%z}"
    return {
        **asdict(signature),
        "signed_at": None,
        "local_time": f"{local:%Y-%m-%d %H:%M:%S} {offset[:3]}:{offset[3:]}",
        "utc_time": f"{local.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z",
    }


@cache
def _words() -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = json.loads((HERE / "words.json").read_text(encoding="utf-8"))
    return words


def _font_folders() -> list[Path]:
    found = find_spec(FONT_PACKAGE)
    return [Path(place) for place in (found.submodule_search_locations or [])] if found else []


@cache
def _fonts() -> typst.Fonts:
    folders = _font_folders()
    return typst.Fonts(include_system_fonts=not folders, font_paths=[str(path) for path in folders])


@cache
def _families() -> tuple[str, ...]:
    """Give the installed families to set text in, the best first."""
    installed = set(_fonts().families())
    chinese = tuple(family for family in FAMILIES if family in installed)
    if not chinese:
        raise FontMissingError(
            "No font with Chinese characters: install requirements/runtime.txt"
            " (or the system package fonts-noto-cjk). 缺少中文字体：请安装 requirements/runtime.txt"
            "（或系统软件包 fonts-noto-cjk）。"
        )
    return (*chinese, "DejaVu Sans Mono")


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(root=HERE, font_paths=_fonts())
