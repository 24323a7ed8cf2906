"""Writes the sample forms of the page: the example forms of the tests, and a full inspection of 25 fields."""

import json
import sys
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from forms import load_form  # noqa: E402  # run by path, not as a module

TARGET = Path(__file__).parent / "dist" / "samples"
EXAMPLES = ROOT / "tests" / "forms" / "examples"


def tagged(value: object) -> object:
    """JSON with {"$d": text} for decimals."""
    if isinstance(value, Decimal):
        return {"$d": str(value)}
    if isinstance(value, dict):
        return {key: tagged(member) for key, member in value.items()}
    return [tagged(member) for member in value] if isinstance(value, list | tuple) else value


def write(name: str, content: bytes, context: dict[str, object], initial: dict[str, object]) -> None:
    form = load_form(content).to_client()
    sample = {"form": form, "context": tagged(context), "initial": initial}
    text = json.dumps(sample, ensure_ascii=False, default=dict)
    (TARGET / f"{name}.json").write_text(text, encoding="utf-8")


def text(en: str, zh: str) -> dict[str, str]:
    return {"en": en, "zh": zh}


SUPPLIERS = [f"S{n:04}" for n in range(1, 201)]


def inspection() -> bytes:
    """Twenty-five fields in five groups, a 200-value choice and a table of ten readings among them."""
    fields: dict[str, object] = {
        "label": {"type": "object", "x-field": "barcode", "x-label": text("Label", "标签"),
                  "x-help": text("Scan the GS1 barcode on the package.", "请扫描包装上的 GS1 条码。"),
                  "x-needs": ["gtin"],
                  "x-fills": {"gtin": "/gtin", "lot": "/lot", "expiry": "/expiry", "serial": "/serial_number"}},
        "gtin": {"type": "string", "x-field": "item", "x-identifier": "gtin", "x-label": text("Item (GTIN)", "物料（GTIN）")},
        "lot": {"type": "string", "x-field": "lot", "x-origin": "supplier", "x-label": text("Supplier's lot", "供应商批号")},
        "serial_number": {"type": "string", "x-field": "serial", "x-origin": "supplier", "x-label": text("Serial number", "序列号")},
        "expiry": {"type": "string", "x-field": "date", "x-precision": "any", "x-label": text("Expiry date", "有效期至"),
                   "x-help": text("As printed on the label.", "按标签填写。")},
        "supplier": {"type": "string", "x-field": "choice", "x-label": text("Supplier", "供应商"), "enum": SUPPLIERS,
                     "x-labels": {s: text(f"{s} Suzhou Precision {i}", f"{s} 苏州精密 {i}") for i, s in enumerate(SUPPLIERS)}},
        "received_at": {"type": "string", "x-field": "date_time", "x-label": text("Received at", "收货时间")},
        "quantity": {"type": "integer", "x-field": "count", "x-unit": text("pcs", "件"), "x-minimum": 1, "x-maximum": 10000,
                     "x-out-of-limit": "refuse", "x-label": text("Quantity received", "收货数量")},
        "place": {"type": "string", "x-field": "location", "x-label": text("Location", "库位")},
        "inspection_type": {"type": "string", "x-field": "choice", "x-label": text("Inspection", "检验水平"),
                            "enum": ["normal", "tightened", "reduced"],
                            "x-labels": {"normal": text("Normal", "正常"), "tightened": text("Tightened", "加严"), "reduced": text("Reduced", "放宽")}},
        "temperature": {"type": "string", "x-field": "quantity", "x-unit": "°C", "x-decimals": 1, "x-minimum": "18.0", "x-maximum": "25.0",
                        "x-out-of-limit": "accept", "x-label": text("Temperature", "温度")},
        "humidity": {"type": "string", "x-field": "quantity", "x-unit": "%RH", "x-decimals": 0, "x-minimum": "30", "x-maximum": "70",
                     "x-out-of-limit": "accept", "x-label": text("Humidity", "湿度")},
        "gauge": {"type": "string", "x-field": "choice", "x-label": text("Gauge", "量具"), "x-choices": "= gauges"},
        "packaging_whole": {"type": "boolean", "x-field": "yes_no", "x-label": text("Packaging intact?", "包装是否完好？")},
        "packaging_photo": {"type": "array", "x-field": "photo", "x-label": text("Photo of the damage", "破损照片"), "minItems": 1},
        "label_right": {"type": "boolean", "x-field": "yes_no", "x-label": text("Label correct?", "标签是否正确？")},
        "label_defect": {"type": "string", "x-field": "text", "maxLength": 200, "x-label": text("What is wrong with it?", "标签有何问题？")},
        "certificate": {"type": "array", "x-field": "attachment", "x-label": text("Certificate of conformity", "合格证明")},
        "finish": {"type": "string", "x-field": "choice", "x-label": text("Surface finish", "表面粗糙度"),
                   "enum": ["ra04", "ra08", "ra16", "ra32", "ra63"],
                   "x-labels": {k: text(v, v) for k, v in {"ra04": "Ra 0.4", "ra08": "Ra 0.8", "ra16": "Ra 1.6", "ra32": "Ra 3.2", "ra63": "Ra 6.3"}.items()}},
        "readings": {"type": "array", "x-field": "table", "maxItems": 50, "x-rows": "= dimensions", "x-label": text("Measurements", "尺寸测量"),
                     "items": {"type": "object", "required": ["actual"], "properties": {
                         "dimension": {"type": "string", "x-field": "text", "x-label": text("Dimension", "尺寸")},
                         "actual": {"type": "string", "x-field": "quantity", "x-unit": "mm", "x-decimals": 2, "x-minimum": "= source.lower",
                                    "x-maximum": "= source.upper", "x-out-of-limit": "accept", "x-label": text("Actual", "实测值")},
                         "within": {"type": "boolean", "x-field": "yes_no", "x-label": text("Within", "合格")}}}},
        "outside": {"type": "integer", "x-field": "count", "x-label": text("Outside limits", "不合格数")},
        "deviation": {"type": "boolean", "x-field": "yes_no", "x-label": text("Deviation found?", "是否有偏差？")},
        "deviation_number": {"type": "string", "x-field": "text", "pattern": "^NC-[0-9]{4}$", "maxLength": 7, "x-pattern-text": text("NC- and four digits", "NC- 加四位数字"),
                             "x-label": text("Deviation number", "偏差编号")},
        "comments": {"type": "string", "x-field": "text", "x-multiline": True, "x-label": text("Comments", "备注")},
        "disposition": {"type": "string", "x-field": "choice", "x-label": text("Usage decision", "使用决策"), "enum": ["accept", "reject", "concession"],
                        "x-labels": {"accept": text("Accept", "接收"), "reject": text("Reject", "拒收"), "concession": text("Concession", "让步接收")}},
    }

    def control(name: str, rule: object = None) -> dict[str, object]:
        return {"type": "Control", "scope": f"#/properties/{name}", **({"rule": rule} if rule else {})}

    def show(name: str, value: object) -> dict[str, object]:
        return {"effect": "SHOW", "condition": {"scope": f"#/properties/{name}", "schema": {"const": value}, "failWhenUndefined": True}}

    def category(en: str, zh: str, *elements: object) -> dict[str, object]:
        return {"type": "Category", "label": text(en, zh), "elements": list(elements)}

    form = {
        "form": "inspection",
        "title": text("Incoming inspection", "进货检验"),
        "schema": {"type": "object", "properties": fields,
                   "required": ["gtin", "lot", "supplier", "received_at", "quantity", "inspection_type", "temperature", "packaging_whole",
                                "packaging_photo", "label_right", "label_defect", "readings", "deviation_number", "disposition"]},
        "ui": {"type": "Categorization", "elements": [
            category("Identification", "标识",
                     {"type": "Display", "label": text("Purchase order", "采购订单"), "x-from": "= order_number"},
                     control("label"), control("gtin"), control("lot"), control("serial_number"), control("expiry"), control("supplier"),
                     control("received_at"), {"type": "HorizontalLayout", "elements": [control("quantity"), control("place")]}, control("inspection_type")),
            category("Environment", "环境", {"type": "HorizontalLayout", "elements": [control("temperature"), control("humidity")]}, control("gauge")),
            category("Visual inspection", "外观检验", control("packaging_whole"), control("packaging_photo", show("packaging_whole", False)),
                     control("label_right"), control("label_defect", show("label_right", False)), control("certificate"), control("finish")),
            category("Measurements", "尺寸", control("readings"), control("outside")),
            category("Decision", "决策", {"type": "Label", "text": text("Decide on the whole lot, not on single pieces.", "请对整批而非单件作出决策。")},
                     control("deviation"), control("deviation_number", show("deviation", True)), control("comments"), control("disposition")),
        ]},
        "computed": {"/readings/*/dimension": "source.name", "/readings/*/within": "actual >= source.lower and actual <= source.upper",
                     "/outside": "count(readings[within = false])"},
        "checks": [{"id": "outside_is_a_deviation", "when": "outside > 0", "assert": "deviation = true", "path": "/deviation",
                    "message": text("{outside} measurements are outside their limits: that is a deviation.", "有 {outside} 个尺寸超限，应登记偏差。")}],
    }
    return json.dumps(form, ensure_ascii=False).encode()


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    dimensions = [{"name": f"Ø {n + 1}", "lower": Decimal("9.90") + n, "upper": Decimal("10.10") + n} for n in range(10)]
    write("inspection", inspection(), {"order_number": "PO-2026-0117", "gauges": [{"value": f"CAL-{n:02}", "label": {"en": f"Caliper {n}", "zh": f"卡尺 {n}"}} for n in range(1, 9)], "dimensions": dimensions}, {})
    write("receive_lot", (EXAMPLES / "receive_lot.json").read_bytes(), {"purchase_order": {"number": "PO-7", "quantity": 100}}, {})
    characteristic = {"name": "Shaft diameter", "unit": "mm", "decimals": 2, "lower": Decimal("9.90"), "upper": Decimal("10.10")}
    write("measure_samples", (EXAMPLES / "measure_samples.json").read_bytes(),
          {"characteristic": characteristic, "sample_size": 8, "instruments": ["CAL-01", "CAL-02"]}, {})
    write("every_field", (EXAMPLES / "every_field.json").read_bytes(),
          {"lower": Decimal("4.5"), "upper": Decimal("5.5"), "pieces_expected": 10, "gauges": ["G-1", "G-2"], "home_site": "Suzhou",
           "required_documents": [{"title": "CoC"}, {"title": "CoA"}], "box_size": 6, "may_reject": False, "order_number": "PO-7"}, {})


if __name__ == "__main__":
    main()
