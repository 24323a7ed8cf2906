"""A version of a purchase order as a document: what was frozen, as the supplier gets it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from processes.documents.report import Fields, Language, Report, Section, Signature, Table
from processes.ledger.purchasing.orders import Line, Order
from processes.ledger.quantities import amount_of
from processes.ledger.suppliers import Supplier
from processes.ledger.units import Unit

_WORDS: Mapping[Language, Mapping[str, Any]] = {
    "en": {
        "title": "Purchase order",
        "version": "Version",
        "supplier": "Supplier",
        "ship_to": "Ship to",
        "bill_to": "Bill to",
        "payment_terms": "Payment",
        "incoterm": "Incoterm",
        "contract": "Contract",
        "specification": "Specification",
        "supplier_part": "Supplier's part number",
        "manufacturer": "Manufacturer",
        "storage": "Storage and transport",
        "min_remaining_life_days": "Shelf life left on receipt, days",
        "reason": "Reason of the change",
        "header": "Order",
        "lines": "Lines",
        "line": "Line",
        "item": "Item",
        "revision": "Revision",
        "quantity": "Quantity",
        "price": "Price",
        "date": "Promised on",
        "total": "Total",
        "clauses": "Quality clauses",
        "clause": "Clause",
        "note": "Details",
        "asked": "Asked of each line",
        "certificate_of_conformity": "certificate of conformity with each lot",
        "certificate_of_analysis": "certificate of analysis with each lot",
        "source_inspection": "inspection at the supplier's",
        "over_tolerance": "up to {percent} % more",
        "package_strict": "in no other package",
        "consigned": "on consignment: yours until we use it, paid then",
        "package": {
            "each": "delivered by the each",
            "inner": "delivered by the inner box",
            "case": "delivered by the case",
            "pallet": "delivered by the pallet",
        },
        "traceability": {
            "lot": "traced by lot",
            "serial": "traced by serial number",
            "lot_and_serial": "traced by lot and serial number",
        },
    },
    "zh": {
        "title": "采购订单",
        "version": "版本",
        "supplier": "供应商",
        "ship_to": "交货地点",
        "bill_to": "开票单位",
        "payment_terms": "付款条件",
        "incoterm": "贸易术语",
        "contract": "合同号",
        "specification": "规格或图纸",
        "supplier_part": "供应商料号",
        "manufacturer": "制造商",
        "storage": "贮存与运输条件",
        "min_remaining_life_days": "到货剩余有效期（天）",
        "reason": "更改原因",
        "header": "订单",
        "lines": "订单行",
        "line": "行",
        "item": "物料",
        "revision": "版本",
        "quantity": "数量",
        "price": "单价",
        "date": "承诺交期",
        "total": "总额",
        "clauses": "质量条款",
        "clause": "条款",
        "note": "说明",
        "asked": "各行要求",
        "certificate_of_conformity": "每批附合格证明",
        "certificate_of_analysis": "每批附检验报告单",
        "source_inspection": "驻厂验货",
        "over_tolerance": "允许超交 {percent} %",
        "package_strict": "不收其他包装",
        "consigned": "寄售：使用前归贵方所有，用后付款",
        "package": {
            "each": "按单件交付",
            "inner": "按内盒交付",
            "case": "按外箱交付",
            "pallet": "按托盘交付",
        },
        "traceability": {
            "lot": "按批次追溯",
            "serial": "按序列号追溯",
            "lot_and_serial": "按批次和序列号追溯",
        },
    },
}
_HEADER = (
    *("ship_to", "bill_to", "payment_terms", "incoterm", "contract", "specification"),
    *("supplier_part", "manufacturer", "storage", "min_remaining_life_days"),
)


def document(
    order: Order,
    version: int,
    frozen: Mapping[str, Any],
    *,
    source: Supplier,
    lines: Sequence[Line],
    units: Mapping[int, Unit],
    signatures: Sequence[Signature],
    language: Language,
    printed_at: datetime,
) -> Report:
    """Give a frozen version as a report; its hash stands on every page.

    `frozen` is what orders.content_of gives, `lines` are those of that version.
    """
    words, content = _WORDS[language], frozen["content"]
    header = [
        (words["version"], str(version)),
        (words["supplier"], f"{source.number} {source.names[language]}"),
        *((words[name], _shown(content.get(name))) for name in _HEADER),
        (words["total"], f"{frozen['total']} {content['currency']}"),
    ]
    if frozen["reason"]:
        header.append((words["reason"], frozen["reason"]))
    return Report(
        title=words["title"],
        language=language,
        number=order.number,
        sections=(
            Section(words["header"], (Fields(header),)),
            Section(words["lines"], (_lines(content, lines, units, words),)),
            Section(words["asked"], (_asked(content, words),)),
            Section(words["clauses"], (_clauses(content, words, language),)),
        ),
        signatures=signatures,
        record_hash=frozen["hash"],
        printed_at=printed_at,
    )


def _lines(
    content: Mapping[str, Any],
    lines: Sequence[Line],
    units: Mapping[int, Unit],
    words: Mapping[str, Any],
) -> Table:
    said = {each["line"]: each for each in content.get("lines") or []}
    return Table(
        head=[words[x] for x in ("line", "item", "revision", "quantity", "price", "date")],
        rows=[
            (
                str(each.line),
                _described(said.get(each.line, {})),
                each.item_revision,
                f"{amount_of(each.ordered, units[each.line])} {each.unit_code}",
                f"{each.unit_price} {content['currency']}",
                each.promised_date.isoformat(),
            )
            for each in lines
        ],
        widths=(1, 3, 1, 2, 2, 2),
        numeric=(3, 4),
    )


def _described(said: Mapping[str, Any]) -> str | None:
    """Give a line's item with what it says beyond the head of the order."""
    parts = [_shown(said.get(x)) for x in ("called", "specification", "supplier_part")]
    return " · ".join(dict.fromkeys(part for part in parts if part)) or None


def _asked(content: Mapping[str, Any], words: Mapping[str, Any]) -> Table:
    """List what each line asks of the supplier: papers, storage, tracing, label, inspection."""
    asked = []
    for line in content.get("lines") or []:
        yes = ("certificate_of_conformity", "certificate_of_analysis", "source_inspection")
        strict = line.get("package") and line.get("package_strict") is True
        parts = [
            words["consigned"] if line.get("consigned") is True else None,
            *(words[name] for name in yes if line.get(name) is True),
            words["traceability"].get(line.get("traceability")),
            words["package"].get(line.get("package")),
            words["package_strict"] if strict else None,
            _over(line.get("over_tolerance_percent"), words),
            *(_shown(line.get(name)) for name in ("other_certificates", "storage", "labelling")),
        ]
        asked.append((str(line["line"]), "; ".join(part for part in parts if part) or None))
    return Table(head=(words["line"], words["asked"]), rows=asked, widths=(1, 9))


def _over(percent: object, words: Mapping[str, Any]) -> str | None:
    return None if percent is None else str(words["over_tolerance"]).format(percent=percent)


def _clauses(content: Mapping[str, Any], words: Mapping[str, Any], language: Language) -> Table:
    return Table(
        head=(words["clause"], words["note"]),
        rows=[
            (each["names"][language], _shown(each.get("note")))
            for each in content["clauses"]
            if each["agreed"]
        ],
    )


def _shown(value: object) -> str | None:
    return None if value in (None, "") else str(value)
