"""What the service tasks of lapsed proofs do; the rules live in the ledger."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import instruments, lots, site_days, suppliers, trainings
from processes.ledger.purchasing import certificates, orders, rows
from processes.ledger.purchasing.certificates import Certificate
from processes.ledger.trainings import Training
from processes.values import context_of, text
from processes.values import rows as table_rows

SERVICES = ServiceRegistry()


@SERVICES.service("proof.keep_certificate")
def keep_certificate(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Register the renewed certificate, or make the supplier conditional until it comes."""
    renewal = context_of(inputs["renewal"])
    source = suppliers.by_number(context.db, context.tenant_id, str(inputs["supplier"]))
    decision = str(renewal["decision"])
    if decision == "renewed":
        files = table_rows(renewal.get("files"))
        renewed = Certificate(
            kind=str(inputs["kind"]),
            number=str(renewal["number"]),
            scope=str(renewal["scope"]),
            body=str(renewal["body"]),
            valid_from=rows.day(renewal["valid_from"]),
            valid_to=rows.day(renewal["valid_to"]),
            file_hash=text(files[0].get("sha256")) if files else None,
        )
        certificates.register(context, source, renewed)
    restricted = decision == "restrict" and source.status == "approved"
    if restricted:
        reason = f"{inputs['certificate']}: {renewal['reason']}"
        suppliers.set_status(context, source, "conditional", reason)
    event = {"event": "supplier.certificate_settled", "supplier": source.number}
    context.record({**event, "certificate": str(inputs["certificate"]), "decision": decision})
    return {"decision": decision, "restricted": restricted}


@SERVICES.service("proof.keep_training")
def keep_training(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Record the renewed training; one that ended is on the record as ended."""
    entered = context_of(inputs["retraining"])
    person, subject = str(inputs["person"]), str(inputs["subject"])
    renewed = entered["renewed"] is True
    if renewed:
        new = Training(
            person=person,
            subject=subject,
            valid_from=site_days.today(context),
            valid_to=rows.day(entered["valid_to"]),
            evidence=str(entered["evidence"]),
        )
        trainings.record(context, new)
    else:
        event = {"event": "training.ended", "person": person, "subject": subject}
        context.record({**event, "reason": str(entered["reason"])})
    return {"renewed": renewed}


@SERVICES.service("proof.readings_in_doubt")
def readings_in_doubt(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """List what was measured with the instrument since its last good calibration (INV-18)."""
    db, tenant_id = context.db, context.tenant_id
    found = instruments.by_number(db, tenant_id, str(inputs["instrument"]))
    at = datetime.fromisoformat(str(inputs["found_at"]))
    doubted = instruments.readings_in_doubt(db, tenant_id, found.instrument_id, at)
    inspections = list(dict.fromkeys(row.inspection_number for row in doubted))
    numbers = [lots.find(db, tenant_id, each) for each in dict.fromkeys(r.lot_id for r in doubted)]
    first = numbers[0] if numbers else None
    listed = ", ".join(f"{one.number}" for one in numbers)
    return {
        "count": len(doubted),
        "since": min((row.performed_at for row in doubted), default=at).isoformat(),
        "inspections": inspections,
        "lots": [each.number for each in numbers],
        "lot_number": None if first is None else first.number,
        "item_number": None if first is None else first.item_number,
        "description": f"{found.number}: {len(doubted)} readings in doubt, lots {listed} · "
        f"存疑数据 {len(doubted)} 个，批次 {listed}.",
    }


@SERVICES.service("proof.open_orders")
def open_orders(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """List the orders of a supplier that something is still to come of."""
    source = suppliers.by_number(context.db, context.tenant_id, str(inputs["supplier"]))
    awaited = orders.open_lines(context.db, context.tenant_id)
    numbers = {order.number for order, _line in awaited if order.supplier_id == source.supplier_id}
    return {"orders": sorted(numbers)}
