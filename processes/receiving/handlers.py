"""What the service tasks of receiving do: offer choices, look at a delivery, book it."""

from collections.abc import Mapping
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import locations, receipts, suppliers
from processes.ledger.quantities import case_number
from processes.ledger.receipts import Delivery
from processes.values import amount, context_of, rows, text

SERVICES = ServiceRegistry()

_RECEIVING_ZONES = ("receiving", "quarantine")


@SERVICES.service("receiving.prepare")
def prepare(context: ServiceContext, _inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Offer the suppliers that may deliver and the places where deliveries are put."""
    places = [
        place
        for place in locations.every(context.db, context.tenant_id)
        if place.active and place.zone in _RECEIVING_ZONES
    ]
    return {
        "suppliers": [
            {"value": each.number, "label": dict(each.names)}
            for each in suppliers.every(context.db, context.tenant_id)
            if each.status in ("approved", "conditional")
        ],
        "location": places[0].code if places else None,
    }


@SERVICES.service("receiving.check")
def check(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say what stops the delivery from being booked, in sentences for the warehouse lead."""
    findings = receipts.check(context, _delivery(inputs["delivery"]))
    return {
        "ok": not findings,
        "findings": [
            {"code": finding.code, "message": dict(finding.message)} for finding in findings
        ],
    }


@SERVICES.service("receiving.post")
def post(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Book the delivery into quarantine; the process sends word of it to inspection."""
    delivery = context_of(inputs["delivery"])
    line = receipts.post(context, _delivery(delivery))
    return {
        "line_id": str(line.receipt_line_id),
        "number": line.receipt_number,
        "lot_id": str(line.lot.lot_id),
        "lot_number": line.lot.number,
        "item_number": line.lot.item_number,
        "item_names": line.lot.item_names,
        "quantity": case_number(line.quantity, line.lot.unit),
        "unit": line.lot.unit.code,
        "packages_whole": delivery.get("packages_whole") is not False,
    }


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
    )


def _expiry(entered: Mapping[str, Any]) -> str | None:
    """Give the expiry as precisely as the label does: a month stays a month."""
    day = text(entered.get("expiry"))
    if day is not None and entered.get("expiry_precision") == "month":
        return day[:7]
    return day
