"""What the service tasks of receiving do: offer choices, look at a delivery, book it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from engine.outcomes import Rejection
from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import (
    items,
    locations,
    lots,
    receipts,
    site_days,
    status,
    suppliers,
    words,
)
from processes.ledger.items import Item
from processes.ledger.purchasing import order_receipts, orders, waivers
from processes.ledger.purchasing.orders import Line, Order
from processes.ledger.purchasing.waivers import Waiver
from processes.ledger.quantities import case_number
from processes.ledger.receipts import Delivery, Finding, ReceiptLine
from processes.ledger.units import Unit
from processes.values import amount, context_of, rows, text

SERVICES = ServiceRegistry()

_RECEIVING_ZONES = ("receiving", "quarantine")
_WITHOUT_ORDER = {
    "ordered": False,
    "criticality": None,
    "over_percent": Decimal(0),
    "beyond_line": False,
    "early_days": 0,
    "life_short": False,
}


@SERVICES.service("receiving.prepare")
def prepare(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Offer the suppliers that may deliver, the open order lines, the places for deliveries.

    Of a shipment that was announced also the next lot: `taken` counts those seen to before.
    """
    places = [
        place
        for place in locations.every(context.db, context.tenant_id)
        if place.active and place.zone in _RECEIVING_ZONES
    ]
    awaited = [
        (order, line, item)
        for order, line in orders.open_lines(context.db, context.tenant_id)
        if (item := _through_dock(context, line)) is not None
    ]
    ordered_from = {order.supplier_id for order, _line, _item in awaited}
    offered = {
        "suppliers": [
            {"value": each.number, "label": dict(each.names)}
            for each in suppliers.every(context.db, context.tenant_id)
            if each.status in ("approved", "conditional") or each.supplier_id in ordered_from
        ],
        "order_lines": [_offered(context, *each) for each in awaited],
        "location": places[0].code if places else None,
    }
    return {**offered, **_announced(inputs, offered)}


def _announced(inputs: Mapping[str, Any], offered: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the next announced lot, and how many follow it; only what can be chosen is proposed.

    The lot number is shown to be compared with, never filled in: it is read off the label.
    """
    notice = context_of(inputs.get("announced"))
    follows = rows(notice.get("lines"))[int(amount(inputs.get("taken") or 0)) :]
    if not follows:
        return {"announced": None, "announced_left": 0}
    line = follows[0]
    known = {name: [x["value"] for x in offered[name]] for name in ("suppliers", "order_lines")}
    supplier, order_line = text(notice.get("supplier")), text(line.get("order_line"))
    said = ("supplier_lot", "quantity", "expiry", "sscc")
    summary = " · ".join(str(line[name]) for name in ("item_number", *said) if line.get(name))
    return {
        "announced": {
            "notice": notice["notice"],
            "supplier": supplier if supplier in known["suppliers"] else None,
            "delivery_note": text(notice.get("delivery_note")),
            "order_line": order_line if order_line in known["order_lines"] else None,
            "item_number": text(line.get("item_number")),
            "manufacturer": text(line.get("manufacturer")),
            "quantity": text(line.get("quantity")),
            "summary": f"{notice['notice']}: {summary}",
        },
        "announced_left": len(follows) - 1,
    }


@SERVICES.service("receiving.check")
def check(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say what stops the delivery from being booked, in sentences for the warehouse lead.

    Against an order also what PR-05 judges: how much too much, how early, how short of shelf life.
    What lies within a tolerance of the line's own is not too much.
    """
    delivery = _delivery(inputs["delivery"])
    facts: Mapping[str, Any] = _WITHOUT_ORDER
    try:
        found = _order_line(context, context_of(inputs["delivery"]))
        waiver = None if found is None else _waiver(context, *found)
        findings = receipts.check(context, delivery, waived=waiver is not None)
        if found is not None and not findings:
            findings = _papers_missing(context, delivery, found[0])
        if found is not None and not findings:
            package = _package(context, delivery, *found)
            findings = [] if package is None else package.findings()
        if found is not None and not findings:
            facts = _against_order(context, delivery, *found, waiver)
    except Rejection as refusal:
        findings = [Finding(code=type(refusal).__name__, message=refusal.message)]
    return {
        "ok": not findings,
        "findings": [
            {"code": finding.code, "message": dict(finding.message)} for finding in findings
        ],
        **facts,
    }


@SERVICES.service("receiving.post")
def post(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Book the delivery into quarantine; the process sends word of it to inspection.

    `receipt` is what was booked before of the same delivery note: the next line goes onto it.
    """
    delivery = context_of(inputs["delivery"])
    before = context_of(inputs.get("receipt"))
    found = _order_line(context, delivery)
    entered = _delivery(delivery)
    if found is not None:
        entered = replace(entered, consigned=found[1].consigned)
    line = receipts.post(context, entered, onto=text(before.get("number")))
    if delivery.get("free_sample") is True:
        _hold_sample(context, line)
    package = None
    if found is not None:
        order_receipts.record(context, *found, line)
        package = _package(context, entered, *found)
        if package is not None:
            context.record(
                {"event": "delivery.package_differs", "line": line.name, **package.as_facts()}
            )
        waiver = _waiver(context, *found)
        if waiver is not None:
            waivers.hold_goods(context, waiver, line.lot)
    return {
        "line_id": str(line.receipt_line_id),
        "number": line.receipt_number,
        "line": line.line,
        "supplier": delivery["supplier"],
        "delivery_note": delivery["delivery_note"],
        "lot_id": str(line.lot.lot_id),
        "lot_number": line.lot.number,
        "item_number": line.lot.item_number,
        "item_names": line.lot.item_names,
        "quantity": case_number(line.quantity, line.lot.unit),
        "unit": line.lot.unit.code,
        "packages_whole": delivery.get("packages_whole") is not False,
        "package": None if package is None else package.as_facts(),
        "purchase_order": None if found is None else found[0].number,
        "purchase_order_line": None if found is None else found[1].line,
    }


@SERVICES.service("receiving.hold")
def hold(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Hold a lot that may be counterfeit, or expires sooner than was ordered; quality decides."""
    receipt = context_of(inputs["receipt"])
    doubted = context_of(inputs.get("delivery")).get("counterfeit") is True
    lot = lots.by_number(context.db, context.tenant_id, str(receipt["lot_number"]))
    order, number = receipt["purchase_order"], receipt["purchase_order_line"]
    reason = f"Shelf life shorter than ordered ({order}/{number})"
    if doubted:
        reason = f"Suspected counterfeit / 疑似假冒: {receipt['item_number']}"
    status.place_hold(
        context,
        lot,
        reason=reason,
        owner_role="QA",
        document_kind="receipt",
        document_id=str(receipt["number"]),
    )
    return {"reason": reason}


@SERVICES.service("receiving.refuse")
def refuse(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put on the record that a delivery was sent back at the door; nothing was booked."""
    delivery = _delivery(inputs["delivery"])
    context.record(
        {
            "event": "delivery.refused",
            "supplier": delivery.supplier,
            "delivery_note": delivery.delivery_note,
            "item": delivery.item,
            "supplier_lot": delivery.supplier_lot,
            "reason": text(inputs.get("reason")),
        }
    )
    return {}


def _papers_missing(context: ServiceContext, delivery: Delivery, order: Order) -> list[Finding]:
    """Give what is missing of the papers that an imported order needs at the dock."""
    frozen = orders.content_of(context.db, context.tenant_id, order, order.version)["content"]
    if frozen.get("imported") is not True:
        return []
    if any(row.get("kind") == "import" for row in delivery.documents):
        return []
    licence = frozen.get("import_licence") or "-"
    message = {
        "en": f"{order.number} is imported under licence {licence}. Attach the import papers, "
        "or set the delivery aside and ask purchasing.",
        "zh": f"{order.number} 为进口订单（许可证 {licence}），请附进口文件，"
        "或将到货单独存放并联系采购。",
    }
    return [Finding(code="ImportPapersMissing", message=message)]


def _hold_sample(context: ServiceContext, line: ReceiptLine) -> None:
    """Keep a free sample from production for good, whatever its inspection says."""
    status.place_hold(
        context,
        line.lot,
        reason="Free sample, not for production / 免费样品，不得用于生产",
        owner_role="QE",
        document_kind="sample",
        document_id=line.name,
    )


def _through_dock(context: ServiceContext, line: Line) -> Item | None:
    """Give the item of a line that is delivered; None for services and free text."""
    if line.item_id is None:
        return None
    item = items.find(context.db, context.tenant_id, line.item_id)
    return None if item.item_type == "service" else item


def _waiver(context: ServiceContext, order: Order, line: Line) -> Waiver | None:
    """Give the waiver under which quality let the item of a line be ordered."""
    if line.item_id is None:
        return None
    return waivers.of_requisition(
        context.db, context.tenant_id, line.requisition_id, order.supplier_id, line.item_id
    )


def _against_order(
    context: ServiceContext, delivery: Delivery, order: Order, line: Line, waiver: Waiver | None
) -> Mapping[str, Any]:
    """Compare a delivery that can be booked with the order line that it is for."""
    resolved = receipts.resolve(context, delivery)
    order_receipts.require_same(
        order,
        line,
        supplier_id=resolved.supplier.supplier_id,
        item_id=resolved.item.item_id,
    )
    today = site_days.today(context, resolved.location.site)
    lines = orders.lines_of(context.db, context.tenant_id, order)
    waived_for = (line.item_id, line.requisition_id)
    came = sum(
        x.accepted + x.undecided for x in lines if (x.item_id, x.requisition_id) == waived_for
    )
    waivers.require_covered(waiver, came + resolved.quantity, today)
    over = Decimal(resolved.quantity - line.expected) / Decimal(line.ordered) * 100
    allowed = _over_tolerance(context, order, line)
    least = line.min_remaining_life_days
    return {
        "ordered": True,
        "criticality": resolved.item.criticality,
        "over_percent": over if allowed is None or over > allowed else min(over, Decimal(0)),
        "beyond_line": allowed is not None and over > allowed,
        "early_days": (line.promised_date - today).days,
        "life_short": least is not None
        and resolved.expiry is not None
        and (resolved.expiry.on - today).days < least,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPackage:
    """Goods came in another package than their order line says; counted in the stock unit all the
    same. `strict` is True where the line takes no other."""

    ordered: str
    came: str
    contains: int
    unit: Unit
    strict: bool

    def as_facts(self) -> dict[str, Any]:
        return {"ordered": self.ordered, "came": self.came, "contains": self.contains}

    def findings(self) -> list[Finding]:
        """Give what stops the delivery: nothing where the line takes other packages too."""
        if not self.strict:
            return []
        ordered, came = (words.said("package", each) for each in (self.ordered, self.came))
        en, zh = self.unit.names["en"], self.unit.names["zh"]
        message = {
            "en": f"The order line takes {ordered.en} only; {came.en} was counted "
            f"({self.contains} {en}). Scan the barcode of the package that you count; "
            "if it came so, send it back or have the order changed.",
            "zh": f"该订单行只收{ordered.zh}，所清点的是{came.zh}（{self.contains} {zh}）。"
            "请扫描所清点包装上的条码；确系如此到货的，请退回或更改订单。",
        }
        return [Finding(code="PackageDiffers", message=message)]


def _package(
    context: ServiceContext, delivery: Delivery, order: Order, line: Line
) -> OtherPackage | None:
    """Say in which package goods came where the line orders another; None where it does not."""
    said = _said_of(context, order, line)
    ordered = text(said.get("package"))
    resolved = receipts.resolve(context, delivery)
    if ordered is None or ordered == resolved.package.name:
        return None
    return OtherPackage(
        ordered=ordered,
        came=resolved.package.name,
        contains=resolved.package.base_quantity,
        unit=items.stock_unit(context.db, context.tenant_id, resolved.item),
        strict=said.get("package_strict") is True,
    )


def _over_tolerance(context: ServiceContext, order: Order, line: Line) -> Decimal | None:
    """Give by how many per cent a line may be exceeded; None where its rule has the say (PR-05)."""
    found = _said_of(context, order, line).get("over_tolerance_percent")
    return None if found is None else Decimal(str(found))


def _said_of(context: ServiceContext, order: Order, line: Line) -> Mapping[str, Any]:
    """Give what the version in force says of a line."""
    frozen = orders.content_of(context.db, context.tenant_id, order, order.version)["content"]
    said: Mapping[str, Any] = next(x for x in frozen["lines"] if x["line"] == line.line)
    return said


def _order_line(context: ServiceContext, entered: Mapping[str, Any]) -> tuple[Order, Line] | None:
    """Give the open line that the warehouse chose ("PO-2026-00001/1"); None without one."""
    chosen = text(entered.get("order_line"))
    if chosen is None:
        return None
    number, _, line = chosen.rpartition("/")
    return orders.open_line(context.db, context.tenant_id, number, int(line))


def _offered(context: ServiceContext, order: Order, line: Line, item: Item) -> Mapping[str, Any]:
    """Give an open line as a choice: number, item, what is still to come."""
    unit = items.stock_unit(context.db, context.tenant_id, item)
    left = case_number(max(line.expected, 0), unit)
    name = f"{order.number}/{line.line}"
    en, zh = f"{name} · {item.number}", f"{name} · {item.number}"
    ordered = text(_said_of(context, order, line).get("package"))
    if ordered is not None:
        package = words.said("package", ordered)
        en, zh = f"{en} · {package.en}", f"{zh} · {package.zh}"
    if line.consigned:
        en, zh = f"{en} · consignment", f"{zh} · 寄售"
    return {
        "value": name,
        "label": {
            "en": f"{en} · {left} {unit.names['en']} to come",
            "zh": f"{zh} · 待交 {left} {unit.names['zh']}",
        },
    }


def _delivery(value: object) -> Delivery:
    """Read the form of the warehouse."""
    entered = context_of(value)
    label = context_of(entered.get("label"))
    return Delivery(
        item=str(entered["item_number"]),
        supplier=str(entered["supplier"]),
        delivery_note=str(entered["delivery_note"]),
        supplier_lot=str(entered["supplier_lot"]),
        quantity=amount(entered["quantity"]),
        location=str(entered["location"]),
        containers=int(amount(entered.get("containers") or 1)),
        manufacturer=text(entered.get("manufacturer")),
        expiry=_expiry(entered),
        serials=tuple(str(row["serial"]) for row in rows(entered.get("serials"))),
        scans=[dict(label)] if label else [],
        documents=[dict(row) for row in rows(entered.get("documents"))],
        entries=_entries(entered),
        lot_confirmed=entered.get("lot_confirmed") is True,
        change=text(entered.get("temporary_change")),
        customer=None if text(entered.get("order_line")) else text(entered.get("customer")),
    )


def _entries(entered: Mapping[str, Any]) -> dict[str, str]:
    """Say how each identifier was entered; of serial numbers, "typed" where one of them was."""
    found = {
        name: str(context_of(entered.get(f"{name}_entry")).get("how") or "typed")
        for name in ("item_number", "supplier_lot")
    }
    serials = [context_of(row.get("entry")).get("how") for row in rows(entered.get("serials"))]
    if serials:
        found["serials"] = "typed" if "typed" in serials else "scanned"
    return found


def _expiry(entered: Mapping[str, Any]) -> str | None:
    """Give the expiry as precisely as the label does: a month stays a month."""
    day = text(entered.get("expiry"))
    if day is not None and entered.get("expiry_precision") == "month":
        return day[:7]
    return day
