"""Qualifications of suppliers: what was found, what it came to, and the score of each month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, insert, select

from engine.services import ServiceContext
from processes.ledger import site_days, supplier_history
from processes.ledger.items import Item
from processes.ledger.numbers import next_number
from processes.ledger.purchasing import certificates, rows
from processes.ledger.purchasing.order_receipts import REJECTED, WITHDRAWN
from processes.ledger.purchasing.tables import (
    order_receipt,
    purchase_order,
    purchase_order_line,
    supplier_assessment,
    supplier_score,
)
from processes.ledger.suppliers import Supplier
from processes.ledger.tables import receipt, receipt_line

_INSERT = insert(supplier_assessment)
_INSERT_SCORE = insert(supplier_score)
_DELIVERIES = (
    select(
        receipt.c.received_at,
        receipt.c.site,
        purchase_order_line.c.promised_date,
        order_receipt.c.quantity,
        REJECTED,
        WITHDRAWN,
    )
    .join(
        receipt_line,
        and_(
            receipt_line.c.tenant_id == order_receipt.c.tenant_id,
            receipt_line.c.receipt_line_id == order_receipt.c.receipt_line_id,
        ),
    )
    .join(
        receipt,
        and_(
            receipt.c.tenant_id == receipt_line.c.tenant_id,
            receipt.c.receipt_id == receipt_line.c.receipt_id,
        ),
    )
    .join(
        purchase_order,
        and_(
            purchase_order.c.tenant_id == order_receipt.c.tenant_id,
            purchase_order.c.purchase_order_id == order_receipt.c.purchase_order_id,
        ),
    )
    .join(
        purchase_order_line,
        and_(
            purchase_order_line.c.tenant_id == purchase_order.c.tenant_id,
            purchase_order_line.c.purchase_order_id == purchase_order.c.purchase_order_id,
            purchase_order_line.c.version == purchase_order.c.version,
            purchase_order_line.c.line == order_receipt.c.line,
        ),
    )
    .where(order_receipt.c.tenant_id == bindparam("tenant_id"))
    .where(receipt.c.supplier_id == bindparam("supplier_id"))
    .where(receipt.c.received_at >= bindparam("since"))
    .where(receipt.c.received_at < bindparam("until"))
)
_LAST_SCORE = (
    select(supplier_score)
    .where(supplier_score.c.tenant_id == bindparam("tenant_id"))
    .where(supplier_score.c.supplier_id == bindparam("supplier_id"))
    .order_by(supplier_score.c.month.desc(), supplier_score.c.recorded_at.desc())
    .limit(1)
)
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The score of a month: four parts that add up to at most 100, and its grade."""

    month: date
    quality: int
    delivery: int
    service: int
    documents: int
    grade: str

    @property
    def total(self) -> int:
        return self.quality + self.delivery + self.service + self.documents


def record(
    context: ServiceContext,
    source: Supplier,
    item: Item,
    *,
    site: str,
    supply_type: str,
    risk: int,
    level: str,
    decision: str,
    facts: Mapping[str, Any],
    valid_to: date | None,
) -> str:
    """Write down what a qualification or a re-evaluation came to; give its number."""
    number = next_number(context, "SQ")
    row = {
        **rows.stamped(context, "decided_at"),
        "supplier_assessment_id": context.new_id(),
        "assessment_number": number,
        "supplier_id": source.supplier_id,
        "item_id": item.item_id,
        "site": site,
        "supply_type": supply_type,
        "risk": risk,
        "level": level,
        "decision": decision,
        "facts": dict(facts),
        "valid_to": valid_to,
        "process_instance_id": context.process_instance_id,
    }
    context.db.execute(_INSERT, row)
    event = {"event": "supplier.assessed", "supplier": source.number, "assessment": number}
    context.record({**event, "item": item.number, "risk": risk, "decision": decision})
    return number


def score(
    context: ServiceContext, source: Supplier, *, since: date, until: date, service: int
) -> Score:
    """Work out and keep the score of the days from `since` to before `until` (SUP-30).

    Quality is 50 less the points of the PPM band and of each nonconformity, delivery 30 by the
    share that came on time, documents 5 when no certificate is out of date; `service` (0 to 15) is
    judged by people. Without deliveries quality and delivery are full.
    """
    rules = rows.rules(context)["score"]
    found = _facts(context, source.supplier_id, since, until)
    band = next((each["points"] for each in rules["ppm_bands"] if found["ppm"] >= each["from"]), 0)
    lost = band + found["nonconformities"] * rules["points_per_nonconformity"]
    on_time = found["on_time"] * 30 // found["deliveries"] if found["deliveries"] else 30
    outdated = [
        each.number
        for each in certificates.newest(context.db, context.tenant_id, source.supplier_id)
        if each.valid_to < until
    ]
    parts = {
        "quality": max(50 - lost, 0),
        "delivery": on_time,
        "service": min(max(service, 0), 15),
        "documents": 0 if outdated else 5,
    }
    total = sum(parts.values())
    grade = next(each["grade"] for each in rules["grades"] if total >= each["from"])
    made = Score(month=since, grade=grade, **parts)
    row = {
        "tenant_id": context.tenant_id,
        "supplier_id": source.supplier_id,
        "month": since,
        "recorded_at": context.now,
        **parts,
        "total": total,
        "grade": grade,
        "facts": {**found, "certificates_out_of_date": outdated},
    }
    context.db.execute(_INSERT_SCORE, row)
    event = {"event": "supplier.scored", "supplier": source.number, "month": since.isoformat()}
    context.record({**event, "total": total, "grade": grade})
    return made


def last_score(db: Connection, tenant_id: str, supplier_id: UUID) -> Score | None:
    """Give the newest score of a supplier; None before the first."""
    key = {"tenant_id": tenant_id, "supplier_id": supplier_id}
    row = db.execute(_LAST_SCORE, key).one_or_none()
    if row is None:
        return None
    return Score(
        month=row.month,
        quality=row.quality,
        delivery=row.delivery,
        service=row.service,
        documents=row.documents,
        grade=row.grade,
    )


def _facts(context: ServiceContext, supplier_id: UUID, since: date, until: date) -> dict[str, int]:
    """Count the deliveries of some days: how many, how many on time, rejected per million."""
    days = {
        "since": site_days.start_of(context.configuration, since),
        "until": site_days.start_of(context.configuration, until),
    }
    key = {"tenant_id": context.tenant_id, "supplier_id": supplier_id, **days}
    deliveries = [
        row for row in context.db.execute(_DELIVERIES, key) if row.quantity > row.withdrawn
    ]
    received = sum(int(row.quantity - row.withdrawn) for row in deliveries)
    rejected = sum(int(row.rejected) for row in deliveries)
    return {
        "deliveries": len(deliveries),
        "on_time": sum(
            site_days.day_of(context.configuration, row.received_at, row.site) <= row.promised_date
            for row in deliveries
        ),
        "ppm": rejected * _MILLION // received if received else 0,
        "nonconformities": supplier_history.nonconformities(
            context.db, context.tenant_id, supplier_id, **days
        ),
    }
