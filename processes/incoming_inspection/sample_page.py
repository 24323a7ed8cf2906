"""The sample list as a page to print: what to take from which box, and a label for each sample.

A label carries its sample's code as text and as a Data Matrix (ISO/IEC 16022), which scanners of
the floor read as they read other labels of ours. A sample is no trade item, so that no GS1
application identifier names it; the code is plain text.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from processes.documents import symbols
from processes.documents.report import (
    Fields,
    Label,
    Labels,
    Language,
    Report,
    Section,
    Table,
)
from processes.ledger import inspection_lots, items, receipts, samples, suppliers
from processes.ledger.inspection_lots import InspectionLot
from processes.ledger.plans import Plan
from processes.ledger.samples import Sample

_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "title": "Sample list",
        "lot": "Lot",
        "item": "Item",
        "our_lot": "Our lot",
        "supplier_lot": "Supplier's lot",
        "supplier": "Supplier",
        "plan": "Inspection plan",
        "seed": "Seed of the draw",
        "count": "Samples",
        "list": "Units to take",
        "code": "Sample",
        "box": "Box",
        "unit": "Unit no.",
        "for": "Inspected for",
        "labels": "Labels",
    },
    "zh": {
        "title": "抽样清单",
        "lot": "批次",
        "item": "物料",
        "our_lot": "本厂批号",
        "supplier_lot": "供应商批号",
        "supplier": "供应商",
        "plan": "检验方案",
        "seed": "抽样随机种子",
        "count": "样品数",
        "list": "抽取的单件",
        "code": "样品编号",
        "box": "箱号",
        "unit": "单件编号",
        "for": "检验项目",
        "labels": "样品标签",
    },
}


def page(
    db: Connection,
    tenant_id: str,
    inspection: InspectionLot,
    language: Language,
    printed_at: datetime,
) -> Report:
    """Give the list with its labels; a list without samples says so."""
    words = _WORDS[language]
    plan = inspection_lots.plan_of(db, tenant_id, inspection)
    line = receipts.find_line(db, tenant_id, inspection.receipt_line_id)
    item = items.find(db, tenant_id, plan.item_id)
    source = suppliers.find(db, tenant_id, inspection.supplier_id)
    found = samples.of_inspection(db, tenant_id, inspection.inspection_lot_id)
    name = f"{item.number} {item.names.get(language) or ''}".strip()
    lot = [
        (words["item"], name),
        (words["our_lot"], line.lot.number),
        (words["supplier_lot"], line.lot.supplier_lot_raw),
        (words["supplier"], f"{source.number} {source.names.get(language) or ''}".strip()),
        (words["plan"], f"{plan.number} v{plan.version}"),
        (words["seed"], inspection_lots.seed_of(db, tenant_id, inspection.inspection_lot_id)),
        (words["count"], str(len(found))),
    ]
    labels = [
        Label(
            code=each.code,
            lines=(
                item.number,
                f"{words['our_lot']} {line.lot.number}",
                f"{words['box']} {each.box} · {words['unit']} {each.unit}",
            ),
            picture=symbols.data_matrix(each.code),
        )
        for each in found
    ]
    return Report(
        title=words["title"],
        subtitle=name,
        number=inspection.number,
        language=language,
        printed_at=printed_at,
        to_sign=False,
        sections=[
            Section(words["lot"], [Fields(lot)]),
            Section(words["list"], [_table(found, plan, words, language)]),
            Section(words["labels"], [Labels(labels)]),
        ],
    )


def _table(
    found: Sequence[Sample], plan: Plan, words: Mapping[str, str], language: Language
) -> Table:
    names = {each.number: each.names[language] for each in plan.characteristics}
    rows = [
        [
            each.code,
            str(each.box),
            str(each.unit),
            ", ".join(names[number] for number in each.characteristics),
        ]
        for each in found
    ]
    head = [words[key] for key in ("code", "box", "unit", "for")]
    return Table(head, rows, widths=[5, 1, 2, 8], numeric=[1, 2])
