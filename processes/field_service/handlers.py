"""What the service tasks of field service do; the rules live in ledger/field_service."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import items
from processes.ledger.distribution import consignees
from processes.ledger.field_actions import actions, recoveries
from processes.ledger.field_actions.recoveries import Recovered
from processes.ledger.field_service import service_orders
from processes.ledger.field_service.service_orders import (
    NewService,
    PartIn,
    PartOut,
    Reading,
    Visit,
)
from processes.ledger.refusals import LedgerRefusal
from processes.values import amount, context_of, identifier, rows, text

SERVICES = ServiceRegistry()
RULES = service_orders.RULES
KINDS = {
    "repair": ("Repair", "维修"),
    "installation": ("Installation", "安装"),
    "maintenance": ("Preventive maintenance", "预防性维护"),
    "correction": ("Field correction", "现场纠正"),
    "software": ("Software update", "软件更新"),
    "decommission": ("Decommissioning", "报废停用"),
}
OUTCOMES = {
    "done": ("Done", "已完成"),
    "again": ("Another visit needed", "需再次上门"),
    "not_possible": ("Not possible", "无法完成"),
}


class ListChanged(LedgerRefusal):
    """What is received is what is awaited now."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"The parts that are awaited changed meanwhile ({found}). Open the task again.",
            f"待接收的旧件已有变化（{found}），请重新打开任务。",
            found=found,
        )


@SERVICES.service("field_service.open")
def open_order(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Open the order, screened by whoever asked; what another process asks for is no complaint."""
    given, told = context_of(inputs.get("request")), context_of(inputs.get("told"))
    asked = given or told
    new = NewService(
        kind=str(asked["kind"]),
        item_number=str(asked["item_number"]),
        serial_number=str(asked["serial_number"]),
        consignee=str(asked["consignee"]),
        description=str(asked["description"]),
        is_complaint=given.get("is_complaint") is True,
        screening_reason=text(given.get("screening_reason"))
        or f"asked for by {told.get('source_kind')} {told.get('source_number')}",
        complaint=text(given.get("complaint")),
        source_kind=text(told.get("source_kind")) or "person",
        source_number=text(told.get("source_number")),
        reopens=text(given.get("reopens")),
    )
    return _shown(context, service_orders.open_order(context, new).service_number)


@SERVICES.service("field_service.plan")
def plan(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the spare parts of the visit; what was kept for the one before is free again."""
    number, planned = _number(inputs), context_of(inputs["plan"])
    on = planned["on"]
    day = on if isinstance(on, date) else date.fromisoformat(str(on))
    service_orders.give_up_kept(context, number)
    for each in rows(planned.get("parts")):
        service_orders.reserve(
            context,
            number,
            str(each["item_number"]),
            amount(each["quantity"]),
            str(planned["site"]),
            day,
        )
    event = {"event": "service.planned", "service": number, "on": day.isoformat()}
    context.record({**event, "engineer": planned["engineer"]})
    return _shown(context, number)


@SERVICES.service("field_service.visit")
def visit(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what was found and done on site: device, parts, readings, outcome."""
    number, given = _number(inputs), context_of(inputs["visit"])
    found = Visit(
        scanned=str(given["serial_number"]),
        arrived_at=_instant(given["arrived_at"]),
        left_at=_instant(given["left_at"]),
        safe_before=given["safe_before"] is True,
        safety_finding=text(given.get("safety_finding")),
        safe_after=given["safe_after"] is True,
        work=str(given["work"]),
        outcome=str(given["outcome"]),
        revision_found=text(given.get("revision_found")),
        software_found=text(given.get("software_found")),
        software_after=text(given.get("software_after")),
        proof=text(given.get("proof")),
        parts_in=[_part_in(each) for each in rows(given.get("parts_in"))],
        parts_out=[_part_out(each) for each in rows(given.get("parts_out"))],
        readings=[_reading(each) for each in rows(given.get("readings"))],
        photos=given.get("photos") or (),
        test_data=given.get("test_data") or (),
    )
    counted = service_orders.keep_visit(context, number, found, context_of(inputs["needs"]))
    return _visited(context, number, {"visit": counted, "outcome": found.outcome})


def _part_in(row: Mapping[str, Any]) -> PartIn:
    return PartIn(
        lot_number=str(row["lot_number"]),
        location=str(row["location"]),
        quantity=amount(row["quantity"]),
        serial_number=text(row.get("serial")),
    )


def _part_out(row: Mapping[str, Any]) -> PartOut:
    return PartOut(
        lot_number=str(row["lot_number"]),
        quantity=amount(row["quantity"]),
        defect=str(row["defect"]),
        serial_number=text(row.get("serial")),
    )


def _reading(row: Mapping[str, Any]) -> Reading:
    return Reading(
        characteristic=str(row["characteristic"]),
        value=amount(row["value"]),
        unit=str(row["unit"]),
        instrument=str(row["instrument"]),
        lower=_limit(row.get("lower")),
        upper=_limit(row.get("upper")),
    )


def _limit(value: object) -> Decimal | None:
    return None if value is None else amount(value)


@SERVICES.service("field_service.acknowledge")
def acknowledge(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the customer's acknowledgement, witnessed by the engineer in this command."""
    number, given = _number(inputs), context_of(inputs["acknowledged"])
    customer = str(given["customer_name"]), str(given["customer_role"])
    refused = None if given["agrees"] is True else str(given["refused"])
    service_orders.acknowledge(context, number, customer, given.get("handwriting") or (), refused)
    known = context_of(inputs["visited"])
    return _visited(context, number, {**known, "customer": ", ".join(customer)})


@SERVICES.service("field_service.receive")
def receive(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep where each part lies that came back."""
    awaited = rows(context_of(inputs["visited"]).get("awaited"))
    given = rows(context_of(inputs["received"]).get("rows"))
    if len(awaited) != len(given):
        raise ListChanged(f"{len(given)} ≠ {len(awaited)}")
    for part, row in zip(awaited, given, strict=True):
        service_orders.receive_part(
            context,
            identifier(part["part"]),
            str(row["location"]),
            str(row["condition"]),
            clean=row["decontaminated"] is True,
        )
    return {"parts": len(given)}


@SERVICES.service("field_service.close")
def close(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Close the order; a correction that a recall asked for is accounted for there, with proof."""
    number, review = _number(inputs), context_of(inputs["review"])
    complaint = text(review.get("complaint"))
    if complaint is not None:
        service_orders.name_complaint(context, number, complaint, str(review["reason"]))
    last = service_orders.close(context, number)
    order = service_orders.by_number(context.db, context.tenant_id, number)
    if order.kind == "correction" and order.source_kind == "recall" and last.outcome == "done":
        _account(context, order)
    return {"outcome": last.outcome, "more_often": review["more_often"]}


def _account(context: ServiceContext, order: Any) -> None:
    """Tell the book of the field action that this very device was corrected where it is."""
    unit, made = service_orders.device(context.db, context.tenant_id, order)
    action = actions.by_number(context.db, context.tenant_id, order.source_number)
    corrected = Recovered(
        consignee=order.consignee,
        lot=made.number,
        kind="corrected",
        quantity=1,
        reference=order.service_number,
        serial_number=unit.serial_number,
    )
    recoveries.book(context, action, corrected)


@SERVICES.service("field_service.cancelled")
def cancelled(context: ServiceContext, case: Mapping[str, Any]) -> Mapping[str, Any]:
    """Cancel the order when somebody cancels its instance, signed; refused after a visit."""
    known = context_of(case.get("service"))
    if known:
        service_orders.cancel(context, str(known["number"]), str(case["why"]))
    return {}


def _shown(context: ServiceContext, number: str) -> dict[str, Any]:
    """Give what the forms show of an order and its device."""
    db, tenant_id = context.db, context.tenant_id
    order = service_orders.by_number(db, tenant_id, number)
    unit, made = service_orders.device(db, tenant_id, order)
    state = service_orders.state_of(db, tenant_id, order.serial_unit_id)
    customer = consignees.by_number(db, tenant_id, order.consignee)
    kind_en, kind_zh = KINDS[order.kind]
    return {
        "number": number,
        "cycle": order.cycle,
        "kind": order.kind,
        "kind_en": kind_en,
        "kind_zh": kind_zh,
        "names": dict(items.find(db, tenant_id, made.item_id).names),
        "item_number": made.item_number,
        "serial_number": unit.serial_number,
        "customer": f"{customer.number} {customer.name}",
        "revision": made.item_revision if state is None else state.item_revision,
        "software": None if state is None else state.software,
        "description": order.description,
        "source_kind": order.source_kind,
        "source_number": order.source_number,
        "complaint": order.complaint_number,
        "parts": service_orders.kept(context, number),
        "due": context.configuration(RULES)["due"],
    }


def _visited(context: ServiceContext, number: str, known: Mapping[str, Any]) -> dict[str, Any]:
    outcome_en, outcome_zh = OUTCOMES[str(known["outcome"])]
    return {
        "customer": None,
        **known,
        "outcome_en": outcome_en,
        "outcome_zh": outcome_zh,
        "awaited": service_orders.awaited_parts(context, number),
    }


def _number(inputs: Mapping[str, Any]) -> str:
    return str(context_of(inputs["service"])["number"])


def _instant(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
