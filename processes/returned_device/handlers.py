"""What the service tasks of a returned device do; the rules live in ledger/complaints/custody."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger.complaints import custody
from processes.ledger.complaints.custody import NewDevice, Step
from processes.values import amount, context_of, text

SERVICES = ServiceRegistry()
RULES = "complaint_rules"


@SERVICES.service("returned_device.receive")
def receive(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Register what came back; its chain of custody begins."""
    given = context_of(inputs["receipt"])
    device = NewDevice(
        complaint=str(given["complaint"]),
        item_number=text(given.get("item_number")),
        lot_number=text(given.get("lot_number")),
        serial_number=text(given.get("serial_number")),
        quantity=int(amount(given["quantity"])),
        condition=str(given["condition"]),
        sender=str(given["sender"]),
    )
    number = custody.receive(context, device, _step(given, "received", given["received_at"]))
    return _device(context, number)


@SERVICES.service("returned_device.clean")
def clean(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep how it was decontaminated, or why it was not."""
    given, number = context_of(inputs["clean"]), _number(inputs)
    evidence = text(given.get("method")) or text(given.get("reason"))
    custody.add(
        context, number, _step(given, str(given["outcome"]), given["done_at"], evidence=evidence)
    )
    return _device(context, number)


@SERVICES.service("returned_device.step")
def step(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the next step of the chain; refused where a rule of custody speaks against it."""
    given, number = context_of(inputs["step"]), _number(inputs)
    evidence = text(given.get("evidence"))
    custody.add(
        context, number, _step(given, str(given["kind"]), given["happened_at"], evidence=evidence)
    )
    return _device(context, number)


@SERVICES.service("returned_device.cancelled")
def cancelled(context: ServiceContext, case: Mapping[str, Any]) -> Mapping[str, Any]:
    """End the chain of what was registered by mistake, with the reason."""
    if case.get("device"):
        device = context_of(case["device"])
        withdrawn = Step(
            kind="withdrawn",
            holder=str(device["holder"]),
            place=str(device["place"]),
            happened_at=context.now,
            evidence=str(case["why"]),
        )
        custody.add(context, str(device["number"]), withdrawn)
    return {}


def _step(
    given: Mapping[str, Any], kind: str, happened_at: object, evidence: str | None = None
) -> Step:
    return Step(
        kind=kind,
        holder=str(given["holder"]),
        place=str(given["place"]),
        happened_at=datetime.fromisoformat(str(happened_at)),
        evidence=evidence,
    )


def _device(context: ServiceContext, number: str) -> Mapping[str, Any]:
    """Give what the next form shows: what it is, who has it, where it lies."""
    row = custody.by_number(context.db, context.tenant_id, number)
    last = custody.steps_of(context.db, context.tenant_id, number)[-1]
    return {
        "number": number,
        "item_number": row.item_number,
        "lot_number": row.lot_number,
        "serial_number": row.serial_number,
        "kind": last.kind,
        "at": last.happened_at.isoformat(),
        "holder": last.holder,
        "place": last.place,
        "final": custody.is_final(last.kind),
        "due": context.configuration(RULES)["due"],
    }


def _number(inputs: Mapping[str, Any]) -> str:
    return str(context_of(inputs["device"])["number"])
