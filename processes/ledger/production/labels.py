"""Label jobs: every label that was printed is applied, destroyed or kept, or explained (INV-10)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, insert, select

from engine.services import ServiceContext
from processes.ledger import lots, packages, status, words
from processes.ledger.genealogy import flags
from processes.ledger.lots import Lot
from processes.ledger.numbers import next_number
from processes.ledger.production import stops
from processes.ledger.production.tables import label_job, label_reconciliation, work_order
from processes.ledger.refusals import LedgerRefusal, NotInLedger
from processes.ledger.status import SignatureMissing

_INSERT = insert(label_job)
_RECONCILE = insert(label_reconciliation)
_JOB = (
    select(label_job.c.label_job_id, label_job.c.printed, label_reconciliation.c.reconciled_at)
    .outerjoin(
        label_reconciliation,
        and_(
            label_reconciliation.c.tenant_id == label_job.c.tenant_id,
            label_reconciliation.c.label_job_id == label_job.c.label_job_id,
        ),
    )
    .where(label_job.c.tenant_id == bindparam("tenant_id"))
    .where(label_job.c.label_job_number == bindparam("number"))
)
_OPEN = (
    select(label_job.c.label_job_number, label_job.c.template, label_job.c.printed)
    .outerjoin(
        label_reconciliation,
        and_(
            label_reconciliation.c.tenant_id == label_job.c.tenant_id,
            label_reconciliation.c.label_job_id == label_job.c.label_job_id,
        ),
    )
    .where(label_job.c.tenant_id == bindparam("tenant_id"))
    .where(label_job.c.work_order_id == bindparam("work_order_id"))
    .where(label_reconciliation.c.label_job_id.is_(None))
    .order_by(label_job.c.label_job_number)
)
_ORDER = (
    select(work_order.c.work_order_id, work_order.c.status, work_order.c.lot_id)
    .where(work_order.c.tenant_id == bindparam("tenant_id"))
    .where(work_order.c.work_order_number == bindparam("number"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelCount:
    """What became of the labels of a job."""

    applied: int
    destroyed: int
    retained: int
    explanation: str | None = None


class LabelsDiffer(LedgerRefusal):
    """Printed is applied plus destroyed plus retained, or the difference is explained."""

    def __init__(self, number: str, printed: int, found: int) -> None:
        super().__init__(
            f"Label job {number}: {printed} were printed, {found} are accounted for. "
            "Count again, or explain the difference and sign.",
            f"标签任务 {number}：打印 {printed} 张，已核销 {found} 张。"
            "请重新清点，或说明差异并签名。",
            expected=str(printed),
            found=str(found),
        )


class LabelsReconciledAlready(LedgerRefusal):
    """A label job is reconciled once."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Label job {number} is reconciled already.",
            f"标签任务 {number} 已完成核销。",
            found=number,
        )


class OrderTakesNoLabels(LedgerRefusal):
    """INV-10: labels are printed for an order that is open, so that its close accounts for them."""

    def __init__(self, number: str, status: str) -> None:
        state = words.said("state", status)
        super().__init__(
            f"Work order {number} is {state.en}: no labels are printed for it any more.",
            f"工单 {number} 状态为“{state.zh}”，不能再打印标签。",
            expected="released",
            found=status,
        )


def print_job(
    context: ServiceContext,
    work_order_number: str,
    *,
    template: str,
    data: Mapping[str, Any],
    printed: int,
) -> str:
    """Record that labels were printed for a work order; give the job's number."""
    key = {"tenant_id": context.tenant_id, "number": work_order_number}
    order = context.db.execute(_ORDER, key).one_or_none()
    if order is None:
        raise NotInLedger("work order", "生产工单", work_order_number)
    if order.status != "released":
        raise OrderTakesNoLabels(work_order_number, order.status)
    stops.require_going(context.db, context.tenant_id, order.work_order_id, work_order_number)
    _require_free(context, order.lot_id)
    number = next_number(context, "LBL")
    row = {
        "tenant_id": context.tenant_id,
        "label_job_id": context.new_id(),
        "label_job_number": number,
        "work_order_id": order.work_order_id,
        "template": template,
        "data": dict(data),
        "printed": printed,
        "actor": context.actor.username,
        "printed_at": context.now,
    }
    context.db.execute(_INSERT, row)
    context.record(
        {
            "event": "labels.printed",
            "label_job": number,
            "work_order": work_order_number,
            "template": template,
            "printed": printed,
        }
    )
    return number


def _require_free(context: ServiceContext, lot_id: UUID) -> None:
    """Print nothing for what is on hold, or contains what is on a hold with reach (RCL-05)."""
    made = lots.find(context.db, context.tenant_id, lot_id)
    for held in status.open_holds(context.db, context.tenant_id, lot_id):
        raise status.NotReleased(made.number, held.kind, held.reason)
    flags.require_free(context.db, context.tenant_id, lot_id, made.number)


def reconcile(context: ServiceContext, number: str, count: LabelCount) -> None:
    """Account for every label of a job; a difference needs an explanation and a signature."""
    key = {"tenant_id": context.tenant_id, "number": number}
    job = context.db.execute(_JOB, key).one_or_none()
    if job is None:
        raise NotInLedger("label job", "标签任务", number)
    if job.reconciled_at is not None:
        raise LabelsReconciledAlready(number)
    found = count.applied + count.destroyed + count.retained
    signed = next((meaning for meaning in ("VERF", "REVW") if meaning in context.signatures), None)
    if found != job.printed:
        if not (count.explanation or "").strip():
            raise LabelsDiffer(number, job.printed, found)
        if signed is None:
            raise SignatureMissing(["VERF"])
    row = {
        "tenant_id": context.tenant_id,
        "label_job_id": job.label_job_id,
        "printed": job.printed,
        "applied": count.applied,
        "destroyed": count.destroyed,
        "retained": count.retained,
        "explanation": count.explanation,
        "signature_meaning": signed,
        "actor": context.actor.username,
        "reconciled_at": context.now,
    }
    context.db.execute(_RECONCILE, row)
    context.record(
        {
            "event": "labels.reconciled",
            "label_job": number,
            "printed": job.printed,
            "applied": count.applied,
            "destroyed": count.destroyed,
            "retained": count.retained,
            "explanation": count.explanation,
        }
    )


def open_of(db: Connection, tenant_id: str, work_order_id: UUID) -> list[str]:
    """List the label jobs of a work order that are not reconciled."""
    return [each["label_job"] for each in open_jobs(db, tenant_id, work_order_id)]


def open_jobs(db: Connection, tenant_id: str, work_order_id: UUID) -> list[dict[str, Any]]:
    """Give the label jobs that are not reconciled, each with its template and how many it had."""
    key = {"tenant_id": tenant_id, "work_order_id": work_order_id}
    return [
        {"label_job": row.label_job_number, "template": row.template, "printed": row.printed}
        for row in db.execute(_OPEN, key)
    ]


def udi(db: Connection, tenant_id: str, made: Lot, serial_number: str | None = None) -> str | None:
    """Write the UDI of a made lot as people read it (GS1 brackets); None without an identifier."""
    identifiers = packages.identifiers_of(db, tenant_id, made.base_package_id)
    if not identifiers:
        return None
    expiry = "" if made.expiry is None else f"(17){made.expiry:%y%m%d}"
    serial = "" if serial_number is None else f"(21){serial_number}"
    return f"(01){identifiers[0]}{expiry}(10){made.number}{serial}"
