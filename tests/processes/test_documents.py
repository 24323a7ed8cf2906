"""Documents: what a person reads in the PDF is what the report says, and the fonts are inside."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from processes.documents import pdf
from processes.documents.pdf import Fields, Paragraph, Report, Section, Signature, Table, render

HASH = "9f3c" * 16
SIGNATURE = Signature(
    printed_name="王丽 (Wang Li)",
    username="wangli",
    role="QA",
    meaning="放行",
    statement="我已审核本批次的检验记录，同意放行。",
    signed_at=datetime(2026, 11, 22, 18, 41, 7, tzinfo=ZoneInfo("Asia/Shanghai")),
    zone="Asia/Shanghai",
    record_hash="ab" * 32,
)
REPORT = Report(
    title="来料检验报告",
    language="zh",
    number="IQC-SZ01-2026-0001",
    record_hash=HASH,
    printed_at=datetime(2026, 11, 22, 12, tzinfo=UTC),
    sections=[
        Section("批次", [Fields([("批号", "L-0001"), ("供应商", None)]), Paragraph("停止使用。")]),
        Section("结果", [Table(["编号", "值"], [[str(n), f"{n}.50"] for n in range(90)])]),
    ],
    signatures=[SIGNATURE],
)


def read(report: Report) -> tuple[PdfReader, str]:
    reader = PdfReader(BytesIO(render(report)))
    return reader, "\n".join(page.extract_text() for page in reader.pages)


def test_chinese_report_reads_back() -> None:
    reader, text = read(REPORT)
    assert "来料检验报告" in text
    assert "L-0001" in text
    assert "89.50" in text
    assert len(reader.pages) > 1
    for page in reader.pages:
        assert HASH in page.extract_text()
        assert f"共 {len(reader.pages)} 页" in page.extract_text()


def test_signature_manifestation() -> None:
    """21 CFR 11.50: printed name, date and time with zone, meaning; and what it is bound to."""
    _, text = read(REPORT)
    for shown in (
        "王丽 (Wang Li)",
        "wangli",
        "QA",
        "放行",
        "2026-11-22 18:41:07 +08:00 (Asia/Shanghai)",
        "2026-11-22 10:41:07Z",
        "ab" * 32,
    ):
        assert shown in text


def test_unsigned_is_said() -> None:
    _, text = read(replace(REPORT, signatures=[]))
    assert "本文件没有电子签名" in text
    _, text = read(replace(REPORT, language="en", signatures=[]))
    assert "carries no electronic signature" in text


def test_archive_profile_and_embedded_fonts() -> None:
    reader, _ = read(REPORT)
    root: Any = reader.trailer["/Root"]
    assert "<pdfaid:part>2</pdfaid:part>" in root["/Metadata"].get_data().decode()
    assert root["/MarkInfo"]["/Marked"]
    resources: Any = reader.pages[0]["/Resources"]
    fonts = resources["/Font"].values()
    for font in fonts:
        descendant = font.get_object()["/DescendantFonts"][0].get_object()
        descriptor = descendant["/FontDescriptor"].get_object()
        assert "/FontFile2" in descriptor or "/FontFile3" in descriptor
        assert "+" in descriptor["/FontName"], "a subset, not the whole font"
    assert len(render(REPORT)) < 200_000


def test_same_report_same_bytes() -> None:
    assert render(REPORT) == render(REPORT)


def test_watermark_on_every_page() -> None:
    reader, _ = read(replace(REPORT, watermark="演练"))
    assert all("演练" in page.extract_text() for page in reader.pages)


def test_text_is_never_markup() -> None:
    hostile = '#panic() *x* $y$ @z \\ <l> #read("/etc/passwd")'
    _, text = read(replace(REPORT, sections=[Section(hostile, [Paragraph(hostile)])]))
    assert text.replace("\n", "").count('#read("/etc/passwd")') == 2


def test_long_identifiers_stay_on_the_page() -> None:
    reader, text = read(
        replace(REPORT, sections=[Section("x", [Table(["a", "b"], [["M" * 300, "ok"]])])])
    )
    assert text.replace("\n", "").replace("\u200b", "").count("M") >= 300
    assert len(reader.pages) == 1


def test_a_crooked_table_is_refused() -> None:
    with pytest.raises(ValueError, match="cells"):
        render(replace(REPORT, sections=[Section("x", [Table(["a", "b"], [["1"]])])]))


def test_a_signature_without_zone_is_refused() -> None:
    naive = replace(SIGNATURE, signed_at=datetime(2026, 11, 22, 18, 41, 7))  # noqa: DTZ001
    with pytest.raises(ValueError, match="offset"):
        render(replace(REPORT, signatures=[naive]))


def test_a_missing_font_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "FAMILIES", ("No Such Font",))
    pdf._families.cache_clear()
    try:
        with pytest.raises(pdf.FontMissingError, match=r"requirements/runtime\.txt"):
            render(REPORT)
    finally:
        pdf._families.cache_clear()


def test_system_font_where_the_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "FONT_PACKAGE", "no_such_package")
    pdf._fonts.cache_clear()
    try:
        if not set(pdf.FAMILIES) & set(pdf._fonts().families()):
            pytest.skip("fonts-noto-cjk is not installed on this machine")
        assert "Noto Sans CJK SC" in pdf._families() or pdf._families()
    finally:
        pdf._fonts.cache_clear()


def test_a_seed_can_be_copied_from_the_page() -> None:
    """An identifier that fits its line is not broken, not even by an invisible character."""
    seed = "01a206248be976b2b5977b4263d0099a"
    _, text = read(replace(REPORT, sections=[Section("x", [Fields([("seed", seed)])])]))
    assert seed in text
