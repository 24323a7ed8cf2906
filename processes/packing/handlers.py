"""What the service tasks of packing do: book boxes and pallets, keep packing list and labels."""

from collections.abc import Mapping
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import locations, lots
from processes.ledger.distribution import containers, packing
from processes.ledger.distribution.containers import Content
from processes.ledger.locations import Location
from processes.ledger.movements import Document
from processes.ledger.quantities import amount_of
from processes.values import amount, context_of, rows, text

SERVICES = ServiceRegistry()
RULES = "warehouse_rules"
KIND = "sales_order"


@SERVICES.service("packing.close")
def close(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Book a box with what was scanned into it, and add it to the packing list."""
    box, before = context_of(inputs["box"]), context_of(inputs.get("list"))
    place = locations.by_code(context.db, context.tenant_id, str(box["location"]))
    content = [_content(context, each, place) for each in rows(box["lines"])]
    sscc, order = str(box["sscc"]), str(box["order_number"])
    document = Document(KIND, order)
    containers.pack(context, sscc, content, location=place.code, document=document)
    lines = [_shown(context, each) for each in content]
    boxes = [*rows(before.get("boxes")), {"sscc": sscc, "shown": "; ".join(lines)}]
    return {
        "order": order,
        "location": place.code,
        "boxes": boxes,
        "pallet": None,
        "containers": len(boxes),
        "due": context.configuration(RULES)["due"],
    }


def _content(context: ServiceContext, line: Mapping[str, Any], place: Location) -> Content:
    number, serial = text(line.get("lot_number")), text(line.get("serial_number"))
    db, tenant_id = context.db, context.tenant_id
    if number is None:
        number = packing.lot_of_unit(db, tenant_id, str(serial), place.location_id).number
    return packing.content_of(
        db,
        tenant_id,
        number,
        amount(line["quantity"]),
        serial_number=serial,
        package=text(line.get("package")),
    )


def _shown(context: ServiceContext, content: Content) -> str:
    unit = lots.by_number(context.db, context.tenant_id, content.lot_number).unit
    serial = "" if content.serial_number is None else f" / {content.serial_number}"
    return f"{content.lot_number}{serial}: {amount_of(content.quantity, unit):f} {unit.code}"


@SERVICES.service("packing.stack")
def stack(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put the boxes of the list onto a pallet."""
    packed, pallet = context_of(inputs["list"]), context_of(inputs["pallet"])
    sscc, document = str(pallet["sscc"]), Document(KIND, str(packed["order"]))
    place = str(packed["location"])
    containers.pack(context, sscc, [], location=place, kind="pallet", document=document)
    for box in rows(packed["boxes"]):
        containers.nest(context, str(box["sscc"]), sscc, document)
    return {**packed, "pallet": sscc, "containers": len(rows(packed["boxes"])) + 1}


@SERVICES.service("packing.keep_labels")
def keep_labels(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the packing list, and what became of each label that was printed."""
    packed, labels = context_of(inputs["list"]), context_of(inputs["labels"])
    counts = {name: labels[name] for name in ("printed", "applied", "destroyed")}
    of = {"order": packed["order"], "pallet": packed["pallet"]}
    boxes = [dict(each) for each in rows(packed["boxes"])]
    context.record({"event": "packing.listed", **of, "boxes": boxes})
    said = {"instructions": labels["instructions"], "weight": text(labels.get("weight"))}
    context.record({"event": "packing.labelled", **of, **counts, **said})
    return {"containers": packed["containers"], **counts}
