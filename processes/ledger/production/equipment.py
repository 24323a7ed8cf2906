"""Which equipment a work order was worked on with, and when: what NCR-14 asks about.

A number is the one on the machine; its drawings are kept as a controlled object
(`changes/controlled.py`). What was used is added once it is over, and never changed. Until when a
machine is qualified is asked for when an order is released (`gate.py`).
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, insert, select

from engine.services import ServiceContext
from processes.ledger.production import work_orders
from processes.ledger.production.tables import equipment_qualification, equipment_use
from processes.ledger.refusals import LedgerRefusal

_INSERT = insert(equipment_use)
_QUALIFY = insert(equipment_qualification)
_QUALIFIED = (
    select(equipment_qualification.c.valid_to)
    .where(equipment_qualification.c.tenant_id == bindparam("tenant_id"))
    .where(equipment_qualification.c.equipment_number == bindparam("equipment_number"))
    .order_by(
        equipment_qualification.c.recorded_at.desc(),
        equipment_qualification.c.qualification_id.desc(),
    )
    .limit(1)
)
_LONGEST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Equipment that an order was worked on with, for a while; `operation` as the bill has it."""

    equipment_number: str
    began_at: datetime
    ended_at: datetime
    operation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualification:
    """Equipment was qualified (IQ, OQ, PQ); `valid_to` is the last day that it counts."""

    equipment_number: str
    qualified_on: date
    valid_to: date
    evidence: str


class QualifiedBackwards(LedgerRefusal):
    """A qualification has a number, a report, and ends after it began."""

    def __init__(self, found: Qualification) -> None:
        super().__init__(
            "Give the number on the machine, the report, and a last day behind the first.",
            "请填写设备编号与确认报告；有效期止不得早于确认日期。",
            found=f"{found.equipment_number} {found.qualified_on} - {found.valid_to}",
        )


class UseNotPossible(LedgerRefusal):
    """Equipment has a number, and was used for a while that is over."""

    def __init__(self, found: str) -> None:
        super().__init__(
            "Give the number on the machine, and from when to when it was used: the end lies "
            "behind the beginning, and not in the future.",
            "请填写设备编号及使用起止时间：结束时间不得早于开始时间，也不得晚于现在。",
            found=found,
        )


def record(context: ServiceContext, order_number: str, use: Use) -> None:
    """Put on the record what an order was worked on with; NotInLedger without such an order."""
    order = work_orders.by_number(context.db, context.tenant_id, order_number)
    number = use.equipment_number.strip().upper()
    period = f"{use.began_at.isoformat()} - {use.ended_at.isoformat()}"
    if not number or len(number) > _LONGEST:
        raise UseNotPossible(use.equipment_number)
    if not use.began_at <= use.ended_at <= context.now:
        raise UseNotPossible(period)
    row = {
        "tenant_id": context.tenant_id,
        "equipment_use_id": context.new_id(),
        "work_order_id": order.work_order_id,
        "equipment_number": number,
        "operation": use.operation,
        "began_at": use.began_at,
        "ended_at": use.ended_at,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_INSERT, row)
    event = {"event": "work_order.equipment_used", "work_order": order_number}
    context.record({**event, "equipment": number, "period": period, "operation": use.operation})


def qualify(context: ServiceContext, new: Qualification) -> None:
    """Put on the record until when equipment is qualified; what is newer counts."""
    number = new.equipment_number.strip().upper()
    backwards = new.valid_to < new.qualified_on
    if not number or len(number) > _LONGEST or not new.evidence.strip() or backwards:
        raise QualifiedBackwards(new)
    row = {
        "tenant_id": context.tenant_id,
        "qualification_id": context.new_id(),
        "equipment_number": number,
        "qualified_on": new.qualified_on,
        "valid_to": new.valid_to,
        "evidence": new.evidence,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_QUALIFY, row)
    event = {"event": "equipment.qualified", "equipment": number, "evidence": new.evidence}
    context.record({**event, "valid_to": new.valid_to.isoformat()})


def qualified_until(db: Connection, tenant_id: str, number: str) -> date | None:
    """Give the last day on which equipment is qualified; None when nobody ever said so."""
    key = {"tenant_id": tenant_id, "equipment_number": number.strip().upper()}
    found: date | None = db.execute(_QUALIFIED, key).scalar_one_or_none()
    return found
