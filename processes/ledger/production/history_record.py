"""The device history record of a work order: everything that its review and its release look at.

Read from the book at the moment it is asked for; nothing is kept twice. What is open is listed by
name, so that a person sees at once what keeps the lot from being released.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Connection, and_, bindparam, case, cast, func, select

from engine.services import ServiceContext
from processes.ledger import balances, items, lots, status
from processes.ledger.lots import Lot
from processes.ledger.nonconformity import nonconformities
from processes.ledger.production import shop_floor, stops, work_orders
from processes.ledger.production.tables import (
    label_job,
    label_reconciliation,
    work_order_close,
    work_order_loss,
)
from processes.ledger.production.work_orders import KIND, WorkOrder
from processes.ledger.quantities import amount_of, case_number
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.tables import lot, stock_movement

_sign = case((stock_movement.c.movement_type == "RET", -1), else_=1)
_USED = (
    select(
        stock_movement.c.lot_id,
        cast(func.sum(stock_movement.c.quantity * _sign), BigInteger).label("quantity"),
    )
    .where(stock_movement.c.tenant_id == bindparam("tenant_id"))
    .where(stock_movement.c.document_kind == KIND)
    .where(stock_movement.c.document_id == bindparam("number"))
    .where(stock_movement.c.movement_type.in_(("ISS", "RET")))
    .group_by(stock_movement.c.lot_id)
)
_MADE = (
    select(
        func.coalesce(cast(func.sum(stock_movement.c.quantity), BigInteger), 0),
    )
    .where(stock_movement.c.tenant_id == bindparam("tenant_id"))
    .where(stock_movement.c.document_kind == KIND)
    .where(stock_movement.c.document_id == bindparam("number"))
    .where(stock_movement.c.movement_type == "PROD")
)
_LABELS = (
    select(
        label_job.c.label_job_number,
        label_job.c.template,
        label_job.c.printed,
        label_reconciliation.c.applied,
        label_reconciliation.c.destroyed,
        label_reconciliation.c.retained,
        label_reconciliation.c.explanation,
        label_reconciliation.c.reconciled_at,
    )
    .outerjoin(
        label_reconciliation,
        and_(
            label_reconciliation.c.tenant_id == label_job.c.tenant_id,
            label_reconciliation.c.label_job_id == label_job.c.label_job_id,
        ),
    )
    .where(label_job.c.tenant_id == bindparam("tenant_id"))
    .where(label_job.c.work_order_id == bindparam("work_order_id"))
    .order_by(label_job.c.label_job_number)
)
_LOSSES = (
    select(
        work_order_loss.c.kind, work_order_loss.c.quantity, work_order_loss.c.reason, lot.c.lot_id
    )
    .join(
        lot,
        and_(
            lot.c.tenant_id == work_order_loss.c.tenant_id, lot.c.lot_id == work_order_loss.c.lot_id
        ),
    )
    .where(work_order_loss.c.tenant_id == bindparam("tenant_id"))
    .where(work_order_loss.c.work_order_id == bindparam("work_order_id"))
    .order_by(work_order_loss.c.recorded_at, work_order_loss.c.loss_id)
)
_CLOSED = (
    select(work_order_close.c.actor, work_order_close.c.explanation, work_order_close.c.closed_at)
    .where(work_order_close.c.tenant_id == bindparam("tenant_id"))
    .where(work_order_close.c.work_order_id == bindparam("work_order_id"))
)


class NothingMade(LedgerRefusal):
    """What is reviewed for release exists: an order without output has no record to review."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Nothing of work order {number} waits in quarantine. Book its output first.",
            f"工单 {number} 没有待放行的产出，请先登记产出。",
            expected="QUARANTINE > 0",
            found="0",
        )


def of_order(context: ServiceContext, number: str) -> dict[str, Any]:
    """Give the record of a work order: what went in, what came out, labels, differences, what is
    open; amounts as numbers of the case document. NotInLedger, or NothingMade without output."""
    db, tenant_id = context.db, context.tenant_id
    order = work_orders.by_number(db, tenant_id, number)
    made = lots.find(db, tenant_id, order.lot_id)
    key = {"tenant_id": tenant_id, "number": number}
    total = db.execute(_MADE, key).scalar_one()
    if not total:
        raise NothingMade(number)
    item = items.find(db, tenant_id, order.item_id)
    found = work_orders.balance(context, number)
    closed = db.execute(_CLOSED, _of(tenant_id, order)).one_or_none()
    return {
        "work_order": order.number,
        "status": order.status,
        "item_number": item.number,
        "names": dict(item.names),
        "item_revision": order.item_revision,
        "lot_number": made.number,
        "planned": case_number(order.quantity, made.unit),
        "made": case_number(total, made.unit),
        "unit": made.unit.code,
        "expiry": None if made.expiry is None else made.expiry.isoformat(),
        "components": _components(db, tenant_id, number),
        "losses": _losses(db, tenant_id, order),
        "labels": _labels(db, tenant_id, order),
        "differences": [
            f"{'/'.join(each.components)}: {float(each.difference):+g}"
            for each in found
            if not each.within
        ],
        "explanation": None if closed is None else closed.explanation,
        "clearances": shop_floor.clearances(context, order),
        "stops": [
            f"{each.subject}: {each.reason} → {each.decision or '…'} ({each.decided_because or ''})"
            for each in stops.of_order(db, tenant_id, order.work_order_id)
        ],
        "waiting": waiting(db, tenant_id, made),
        "against": _against(db, tenant_id, made),
    }


def waiting(db: Connection, tenant_id: str, made: Lot) -> list[dict[str, Any]]:
    """List where a made lot lies in quarantine, with how much."""
    return [
        {"location": each.location_code, "quantity": case_number(each.quantity, made.unit)}
        for each in balances.of_lot(db, tenant_id, made.lot_id)
        if each.status == "QUARANTINE" and each.quantity
    ]


def _components(db: Connection, tenant_id: str, number: str) -> list[dict[str, Any]]:
    found = []
    for row in db.execute(_USED, {"tenant_id": tenant_id, "number": number}):
        used = lots.find(db, tenant_id, row.lot_id)
        found.append(
            {
                "item_number": used.item_number,
                "lot_number": used.number,
                "quantity": case_number(row.quantity, used.unit),
                "unit": used.unit.code,
            }
        )
    return sorted(found, key=lambda each: (str(each["item_number"]), str(each["lot_number"])))


def _losses(db: Connection, tenant_id: str, order: WorkOrder) -> list[str]:
    found = []
    for row in db.execute(_LOSSES, _of(tenant_id, order)):
        used = lots.find(db, tenant_id, row.lot_id)
        amount = format(amount_of(row.quantity, used.unit), "f")
        found.append(f"{used.number}: {amount} {used.unit.code} {row.kind} ({row.reason})")
    return found


def _labels(db: Connection, tenant_id: str, order: WorkOrder) -> list[dict[str, Any]]:
    return [
        {
            "label_job": row.label_job_number,
            "template": row.template,
            "printed": row.printed,
            "applied": row.applied,
            "destroyed": row.destroyed,
            "retained": row.retained,
            "explanation": row.explanation,
            "open": row.reconciled_at is None,
        }
        for row in db.execute(_LABELS, _of(tenant_id, order))
    ]


def _against(db: Connection, tenant_id: str, made: Lot) -> list[str]:
    """Name what keeps the lot from being released: open nonconformities and holds (INV-11)."""
    open_numbers = nonconformities.open_of_lot(db, tenant_id, made.lot_id)
    holds = status.open_holds(db, tenant_id, made.lot_id)
    return [*open_numbers, *(f"{each.document}: {each.reason}" for each in holds)]


def _of(tenant_id: str, order: WorkOrder) -> Mapping[str, object]:
    return {"tenant_id": tenant_id, "work_order_id": order.work_order_id}
