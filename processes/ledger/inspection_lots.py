"""Inspection lots: one receipt line under inspection, from its plan to the usage decision.

One lot of goods, one supplier, one receipt line: never mixed (processes.md 3.2, IQC-10).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, insert, select, update

from engine.services import ServiceContext
from processes.ledger import plans, site_days
from processes.ledger.attribute_sampling import SamplingPlan
from processes.ledger.columns import AnyRow, rows_of
from processes.ledger.numbers import next_number
from processes.ledger.plans import Plan
from processes.ledger.receipts import ReceiptLine
from processes.ledger.refusals import LedgerRefusal, NotInLedger
from processes.ledger.tables import inspection_lot, inspection_sampling

_LOTS = select(inspection_lot).where(inspection_lot.c.tenant_id == bindparam("tenant_id"))
_BY_ID = _LOTS.where(inspection_lot.c.inspection_lot_id == bindparam("inspection_lot_id"))
_OPEN_OF_LOT = (
    select(inspection_lot.c.inspection_lot_id, inspection_lot.c.inspection_number)
    .where(inspection_lot.c.tenant_id == bindparam("tenant_id"))
    .where(inspection_lot.c.lot_id == bindparam("lot_id"))
    .where(inspection_lot.c.status == "open")
)
_EARLIER_OF_LINE = (
    select(func.count())
    .select_from(inspection_lot)
    .where(inspection_lot.c.tenant_id == bindparam("tenant_id"))
    .where(inspection_lot.c.receipt_line_id == bindparam("receipt_line_id"))
    .where(inspection_lot.c.status == "decided")
)
_SAMPLINGS = rows_of(inspection_sampling, "inspection_lot_id", "characteristic_number")
_SEED = (
    select(inspection_lot.c.seed)
    .where(inspection_lot.c.tenant_id == bindparam("tenant_id"))
    .where(inspection_lot.c.inspection_lot_id == bindparam("inspection_lot_id"))
)
_BY_NUMBER = (
    select(inspection_lot.c.inspection_lot_id)
    .where(inspection_lot.c.tenant_id == bindparam("tenant_id"))
    .where(inspection_lot.c.inspection_number == bindparam("inspection_number"))
)
_INSERT = insert(inspection_lot)
_INSERT_SAMPLING = insert(inspection_sampling)
_OPEN = (
    (inspection_lot.c.tenant_id == bindparam("key_tenant_id"))
    & (inspection_lot.c.inspection_lot_id == bindparam("key_inspection_lot_id"))
    & (inspection_lot.c.status == "open")
)
_SET_MODE = (
    update(inspection_lot)
    .where(_OPEN)
    .values(mode=bindparam("mode"), severity=bindparam("severity"), seed=bindparam("seed"))
)
_CLOSE = (
    update(inspection_lot)
    .where(_OPEN)
    .values(
        status=bindparam("status"),
        verdict=bindparam("verdict"),
        decision=bindparam("decision"),
        decision_reason=bindparam("decision_reason"),
        decided_by=bindparam("decided_by"),
        decided_at=bindparam("decided_at"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionLot:
    """An inspection lot as it stands now."""

    inspection_lot_id: UUID
    number: str
    receipt_line_id: UUID
    lot_id: UUID
    supplier_id: UUID
    inspection_plan_id: UUID
    quantity: int
    resubmission: bool
    status: str
    mode: str | None
    severity: str | None
    verdict: str | None
    decision: str | None
    process_instance_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """What is inspected for one characteristic of an inspection lot, and which units."""

    characteristic_number: int
    plan: SamplingPlan
    sample_units: tuple[int, ...]
    severity: str = "normal"


class InspectionClosed(LedgerRefusal):
    """A decided inspection lot stays as it was decided; a new one is opened instead."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Inspection lot {number} is closed. Open a new inspection for the goods.",
            f"检验批 {number} 已关闭，如需继续请为该货物新建检验批。",
            expected="open",
            found="closed",
        )


def open_for(context: ServiceContext, line: ReceiptLine) -> InspectionLot:
    """Open the inspection lot of a receipt line, with the plan in force today frozen into it."""
    today = site_days.today(context, line.site)
    plan = plans.in_force(
        context.db,
        context.tenant_id,
        line.lot.item_id,
        line.lot.item_number,
        today,
        revision=line.lot.item_revision,
    )
    key = {"tenant_id": context.tenant_id, "receipt_line_id": line.receipt_line_id}
    earlier = context.db.execute(_EARLIER_OF_LINE, key).scalar_one()
    number = next_number(context, "IQC")
    inspection_lot_id = context.new_id()
    row = {
        "tenant_id": context.tenant_id,
        "inspection_lot_id": inspection_lot_id,
        "inspection_number": number,
        "receipt_line_id": line.receipt_line_id,
        "lot_id": line.lot.lot_id,
        "supplier_id": line.supplier_id,
        "inspection_plan_id": plan.inspection_plan_id,
        "quantity": line.quantity,
        "resubmission": earlier > 0,
        "status": "open",
        "mode": None,
        "severity": None,
        "seed": None,
        "verdict": None,
        "decision": None,
        "decision_reason": None,
        "decided_by": None,
        "decided_at": None,
        "process_instance_id": context.process_instance_id,
        "created_at": context.now,
    }
    context.db.execute(_INSERT, row)
    context.record(
        {
            "event": "inspection_lot.opened",
            "inspection": number,
            "lot": line.lot.number,
            "plan": f"{plan.number} v{plan.version}",
            "resubmission": earlier > 0,
        }
    )
    return find(context.db, context.tenant_id, inspection_lot_id)


def find(db: Connection, tenant_id: str, inspection_lot_id: UUID) -> InspectionLot:
    """Give an inspection lot by id; NotInLedger when there is none."""
    key = {"tenant_id": tenant_id, "inspection_lot_id": inspection_lot_id}
    row = db.execute(_BY_ID, key).one_or_none()
    if row is None:
        raise NotInLedger("inspection lot", "检验批", inspection_lot_id)
    return InspectionLot(
        inspection_lot_id=row.inspection_lot_id,
        number=row.inspection_number,
        receipt_line_id=row.receipt_line_id,
        lot_id=row.lot_id,
        supplier_id=row.supplier_id,
        inspection_plan_id=row.inspection_plan_id,
        quantity=row.quantity,
        resubmission=row.resubmission,
        status=row.status,
        mode=row.mode,
        severity=row.severity,
        verdict=row.verdict,
        decision=row.decision,
        process_instance_id=row.process_instance_id,
    )


def by_number(db: Connection, tenant_id: str, number: str) -> InspectionLot:
    """Give an inspection lot by its number; NotInLedger when there is none."""
    key = {"tenant_id": tenant_id, "inspection_number": number}
    found = db.execute(_BY_NUMBER, key).scalar_one_or_none()
    if found is None:
        raise NotInLedger("inspection lot", "检验批", number)
    return find(db, tenant_id, found)


def seed_of(db: Connection, tenant_id: str, inspection_lot_id: UUID) -> str | None:
    """Give the seed that the samples were drawn from; None before they are planned."""
    key = {"tenant_id": tenant_id, "inspection_lot_id": inspection_lot_id}
    seed: str | None = db.execute(_SEED, key).scalar_one()
    return seed


def open_of_lot(db: Connection, tenant_id: str, lot_id: UUID) -> dict[UUID, str]:
    """Give the numbers of the open inspection lots of a lot, by id (INV-11)."""
    rows = db.execute(_OPEN_OF_LOT, {"tenant_id": tenant_id, "lot_id": lot_id})
    return {row.inspection_lot_id: row.inspection_number for row in rows}


def plan_of(db: Connection, tenant_id: str, inspection: InspectionLot) -> Plan:
    """Give the plan version that an inspection lot was opened with."""
    return plans.find(db, tenant_id, inspection.inspection_plan_id)


def require_open(inspection: InspectionLot) -> None:
    """Refuse to add anything to a closed inspection lot."""
    if inspection.status != "open":
        raise InspectionClosed(inspection.number)


def fix_sampling(
    context: ServiceContext,
    inspection: InspectionLot,
    samplings: Sequence[Sampling],
    *,
    mode: str,
    severity: str,
    seed: str,
) -> None:
    """Write down what is to be inspected, before the first sample is drawn."""
    require_open(inspection)
    context.db.execute(
        _SET_MODE,
        {**_key(context, inspection), "mode": mode, "severity": severity, "seed": seed},
    )
    rows = [
        {
            "tenant_id": context.tenant_id,
            "inspection_lot_id": inspection.inspection_lot_id,
            "characteristic_number": each.characteristic_number,
            "basis": dict(each.plan.basis),
            "code_letter": each.plan.code_letter,
            "sample_size": each.plan.sample_size,
            "acceptance_number": each.plan.acceptance_number,
            "rejection_number": each.plan.rejection_number,
            "severity": each.severity,
            "sample_units": list(each.sample_units),
        }
        for each in samplings
    ]
    if rows:
        context.db.execute(_INSERT_SAMPLING, rows)
    context.record(
        {
            "event": "inspection_lot.sampling_fixed",
            "inspection": inspection.number,
            "mode": mode,
            "severity": severity,
            "seed": seed,
            "plans": [
                {
                    "characteristic": each.characteristic_number,
                    "severity": each.severity,
                    "basis": dict(each.plan.basis),
                    "n": each.plan.sample_size,
                    "Ac": each.plan.acceptance_number,
                }
                for each in samplings
            ],
        }
    )


def samplings_of(db: Connection, tenant_id: str, inspection_lot_id: UUID) -> list[Sampling]:
    """List what is inspected, by characteristic."""
    key = {"tenant_id": tenant_id, "inspection_lot_id": inspection_lot_id}
    return [_read_sampling(row) for row in db.execute(_SAMPLINGS, key)]


def decide(
    context: ServiceContext,
    inspection: InspectionLot,
    *,
    decision: str,
    verdict: str | None,
    reason: str | None,
) -> None:
    """Close an inspection lot with the usage decision, in the transaction that moves the stock."""
    _close(context, inspection, status="decided", decision=decision, verdict=verdict, reason=reason)


def cancel(context: ServiceContext, inspection: InspectionLot, reason: str) -> None:
    """Close an inspection lot without a decision; the goods stay in quarantine."""
    _close(context, inspection, status="cancelled", decision="CANCEL", verdict=None, reason=reason)


def _close(
    context: ServiceContext,
    inspection: InspectionLot,
    *,
    status: str,
    decision: str,
    verdict: str | None,
    reason: str | None,
) -> None:
    row: dict[str, Any] = {
        **_key(context, inspection),
        "status": status,
        "verdict": verdict,
        "decision": decision,
        "decision_reason": reason,
        "decided_by": context.actor.username,
        "decided_at": context.now,
    }
    if context.db.execute(_CLOSE, row).rowcount != 1:
        raise InspectionClosed(inspection.number)
    context.record(
        {
            "event": f"inspection_lot.{status}",
            "inspection": inspection.number,
            "verdict": verdict,
            "decision": decision,
            "reason": reason,
        }
    )


def _key(context: ServiceContext, inspection: InspectionLot) -> dict[str, Any]:
    return {
        "key_tenant_id": context.tenant_id,
        "key_inspection_lot_id": inspection.inspection_lot_id,
    }


def _read_sampling(row: AnyRow) -> Sampling:
    return Sampling(
        characteristic_number=row.characteristic_number,
        plan=SamplingPlan(
            sample_size=row.sample_size,
            acceptance_number=row.acceptance_number,
            rejection_number=row.rejection_number,
            code_letter=row.code_letter,
            basis=row.basis,
        ),
        severity=row.severity,
        sample_units=tuple(row.sample_units),
    )
