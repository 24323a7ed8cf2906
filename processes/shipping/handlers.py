"""What the service tasks of shipping do; the gates and the sales record live in the ledger."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.commands.context import CommandContext
from engine.outcomes import Rejection
from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import balances, locations, lots, movements
from processes.ledger.balances import Place
from processes.ledger.commands import REGISTER
from processes.ledger.distribution import consignees, containers, deliveries, shipments
from processes.ledger.distribution.shipments import NewLine, NewShipment
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement
from processes.ledger.quantities import case_number, scaled
from processes.values import amount, context_of, rows, text

SERVICES = ServiceRegistry()
RULES = "shipping_rules"
KIND = "sales_order"


@SERVICES.service("shipping.examine")
def examine(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say whether an order may leave, with everything that speaks against it.

    What may not leave goes on the record with each reason, by whichever way the order came.
    """
    asked = _asked(inputs)
    against: list[Rejection] = []
    try:
        new = _shipment(context, asked, [str(line["location"]) for line in asked["lines"]])
        asked["lines"].extend(_boxed(context, asked["containers"]))
        against = shipments.check(context, new)
    except Rejection as unknown:
        against = [unknown]
    for refusal in against:
        context.record(_refused(asked, refusal))
    return {
        **asked,
        "to_pick": _to_pick(asked),
        "allowed": not against,
        "reason_en": " ".join(each.message["en"] for each in against),
        "reason_zh": "".join(each.message["zh"] for each in against),
        "due": context.configuration(RULES)["due"],
    }


def _asked(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Give the order as a person entered it, or as another system handed it in."""
    entered, handed_in = context_of(inputs.get("entered")), context_of(inputs.get("handed_in"))
    order = entered or handed_in
    lines = rows(entered.get("lines")) if entered else [handed_in]
    return {
        "order_number": str(order["order_number"]),
        "consignee": str(order["consignee"]),
        "site": str(order["site"]),
        "market": text(order.get("market")),
        "new_first_because": text(entered.get("reason")),
        "containers": list(
            dict.fromkeys(str(each["sscc"]) for each in rows(entered.get("containers")))
        ),
        "lines": [
            {
                "lot_number": str(line["lot_number"]),
                "serial_number": text(line.get("serial_number")),
                "location": str(line["location"]),
                "unit": text(line.get("unit")) or "ea",
                "quantity": line["quantity"],
            }
            for line in lines
        ],
    }


def _boxed(context: ServiceContext, codes: list[str]) -> list[dict[str, Any]]:
    """Give a line for each lot and unit in the containers of an order, as they are now."""
    found = []
    for sscc in codes:
        box, parts = containers.whole_content(context, sscc)
        if box.location_id is None:
            continue
        place = locations.find(context.db, context.tenant_id, box.location_id).code
        for _each, part in parts:
            unit = lots.by_number(context.db, context.tenant_id, part.lot_number).unit
            line = {"lot_number": part.lot_number, "serial_number": part.serial_number}
            amount_there = case_number(part.quantity, unit)
            there = {"location": place, "unit": unit.code, "quantity": amount_there}
            found.append({**line, **there, "container": sscc})
    return found


def _loose(order: Mapping[str, Any]) -> list[Any]:
    return [line for line in rows(order["lines"]) if line.get("container") is None]


def _to_pick(order: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give what is scanned at the shelf: each loose line by its lot, each container by its code."""
    single = [
        {
            "expected": line["lot_number"],
            "location": line["location"],
            "unit": line["unit"],
            "quantity": line["quantity"],
        }
        for line in _loose(order)
    ]
    places = {line["container"]: line["location"] for line in order["lines"] if "container" in line}
    whole = [
        {"expected": sscc, "location": place, "unit": "SSCC", "quantity": 1}
        for sscc, place in places.items()
    ]
    return [*single, *whole]


def _shipment(
    context: ServiceContext, order: Mapping[str, Any], places: list[str], **more: Any
) -> NewShipment:
    """Give the shipment that is asked for, each line from its place."""
    consignees.by_number(context.db, context.tenant_id, str(order["consignee"]))
    return NewShipment(
        consignee=str(order["consignee"]),
        order_number=str(order["order_number"]),
        site=str(order["site"]),
        market=text(order.get("market")),
        new_first_because=text(order.get("new_first_because")),
        lines=tuple(
            NewLine(
                lot_number=str(line["lot_number"]),
                location=place,
                quantity=scaled(amount(line["quantity"]), _lot(context, line).unit),
                serial_number=text(line.get("serial_number")),
            )
            for line, place in zip(_loose(order), places, strict=True)
        ),
        containers=tuple(str(each) for each in order.get("containers") or ()),
        **more,
    )


def _refused(order: Mapping[str, Any], refusal: Rejection) -> dict[str, Any]:
    return {
        "event": "shipment.refused",
        "consignee": order["consignee"],
        "order": order["order_number"],
        "lots": [line["lot_number"] for line in rows(order["lines"])],
        "rule": type(refusal).__name__,
        "code": refusal.expected,
        "reason": dict(refusal.message),
    }


@SERVICES.service("shipping.pick")
def pick(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Book what was picked to the dock; what is held or expired by now is refused (INV-02)."""
    order, picked = context_of(inputs["check"]), context_of(inputs["pick"])
    dock = locations.by_code(context.db, context.tenant_id, str(picked["dock"]))
    for line in _loose(order):
        if line["location"] != dock.code:
            _move(context, order, line, "PCK", str(line["location"]), dock.code)
    document = Document(KIND, str(order["order_number"]))
    for sscc in order.get("containers") or ():
        containers.move(context, sscc, dock.code, movement_type="PCK", document=document)
    return {"dock": dock.code}


@SERVICES.service("shipping.dispatch")
def dispatch(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let the goods leave past every gate; a refusal stays on the record with its reason."""
    order, loaded = context_of(inputs["check"]), context_of(inputs["loaded"])
    dock = str(context_of(inputs["picked"])["dock"])
    try:
        places = [dock] * len(_loose(order))
        transport = {name: text(loaded.get(name)) for name in ("carrier", "seal", "logger")}
        made = shipments.post(context, _shipment(context, order, places, **transport))
    except Rejection as refusal:
        refusal.consequence = _kept(_refused(order, refusal))
        raise
    return {"number": made.number}


def _kept(event: dict[str, Any]) -> Callable[[CommandContext], None]:
    """Record a refusal although the command that asked is undone."""

    def keep(context: CommandContext) -> None:
        context.record(REGISTER, event)

    return keep


@SERVICES.service("shipping.deliver")
def deliver(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the proof of delivery: from now on the goods are with the consignee."""
    given = context_of(inputs["delivered"])
    deliveries.record(
        context,
        str(context_of(inputs["shipment"])["number"]),
        received_by=str(given["received_by"]),
        proof=str(given["proof"]),
        delivered_at=datetime.fromisoformat(str(given["at"])),
    )
    return {"delivered": True}


@SERVICES.service("shipping.concerned")
def concerned(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say whether a held or recalled lot is in this order, and whether it is still here."""
    order, signal = context_of(inputs["check"]), context_of(inputs["signal"])
    lot_number = str(signal.get("lot_number"))
    said = {
        "lot_number": lot_number,
        "reason": text(signal.get("reason")) or "–",
        "source": f"{signal.get('source_kind')} {signal.get('source_number')}",
    }
    if not _is_in(context, order, lot_number):
        return {**said, "where": "no"}
    left = deliveries.of_order(
        context.db, context.tenant_id, str(order["order_number"]), context.process_instance_id
    )
    return {**said, "where": "here" if left is None else "left"}


def _is_in(context: ServiceContext, order: Mapping[str, Any], lot_number: str) -> bool:
    """Say whether a lot is in an order: in its lines, or by now in one of its containers."""
    if lot_number in {line["lot_number"] for line in rows(order["lines"])}:
        return True
    codes = set(order.get("containers") or ())
    if not codes:
        return False
    held = lots.by_number(context.db, context.tenant_id, lot_number)
    boxes = containers.of_lots(context.db, context.tenant_id, [held.lot_id])
    return any(each.outermost in codes for each in boxes)


@SERVICES.service("shipping.put_back")
def put_back(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Move the held goods of this order from where they lie to the hold place."""
    order, held = context_of(inputs["check"]), context_of(inputs["concerned"])
    target = str(context_of(inputs["intercepted"])["location"])
    moved = 0
    ours = [x for x in rows(order["lines"]) if x["lot_number"] == held["lot_number"]]
    document = Document(KIND, str(order["order_number"]))
    for sscc in dict.fromkeys(str(line["container"]) for line in ours if "container" in line):
        containers.move(context, sscc, target, document=document)
        moved += 1
    for line in ours:
        if line.get("container") is not None:
            continue
        lot = _lot(context, line)
        wanted = scaled(amount(line["quantity"]), lot.unit)
        for each in balances.of_lot(context.db, context.tenant_id, lot.lot_id):
            zone = locations.find(context.db, context.tenant_id, each.location_id).zone
            if zone == "shipping" and each.quantity >= wanted and each.status == "RELEASED":
                _move(context, order, line, "XFR", each.location_code, target)
                moved += 1
                break
    event = {"event": "shipment.intercepted", "order": order["order_number"]}
    context.record({**event, "lot": held["lot_number"], "location": target, "lines": moved})
    return {"lines": moved, "location": target}


@SERVICES.service("shipping.keep_call_back")
def keep_call_back(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep who was told that goods which have left are held."""
    held, called = context_of(inputs["concerned"]), context_of(inputs["called_back"])
    shipment = deliveries.of_order(
        context.db,
        context.tenant_id,
        str(context_of(inputs["check"])["order_number"]),
        context.process_instance_id,
    )
    context.record(
        {
            "event": "shipment.called_back",
            "shipment": shipment,
            "lot": held["lot_number"],
            "told": called["who"],
            "at": called["at"],
            "outcome": called["outcome"],
        }
    )
    return {"shipment": shipment}


def _move(
    context: ServiceContext,
    order: Mapping[str, Any],
    line: Mapping[str, Any],
    movement_type: str,
    source: str,
    target: str,
) -> None:
    lot = _lot(context, line)
    db, tenant_id = context.db, context.tenant_id
    movement = Movement(
        movement_type=movement_type,
        lot_id=lot.lot_id,
        quantity=scaled(amount(line["quantity"]), lot.unit),
        document=Document(KIND, str(order["order_number"])),
        source=Place(locations.by_code(db, tenant_id, source).location_id, "RELEASED"),
        target=Place(locations.by_code(db, tenant_id, target).location_id, "RELEASED"),
        serial_unit_id=_unit(context, lot, line),
    )
    movements.post(context, movement)


def _unit(context: ServiceContext, lot: Lot, line: Mapping[str, Any]) -> UUID | None:
    number = text(line.get("serial_number"))
    if number is None:
        return None
    return lots.unit_of(context.db, context.tenant_id, lot, number)


def _lot(context: ServiceContext, line: Mapping[str, Any]) -> Lot:
    return lots.by_number(context.db, context.tenant_id, str(line["lot_number"]))
