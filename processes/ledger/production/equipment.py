"""Which equipment a work order was worked on with, and when: what NCR-14 asks about.

A number is the one on the machine; its drawings and qualification are kept as a controlled object
(`changes/controlled.py`). What was used is added once it is over, and never changed.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert

from engine.services import ServiceContext
from processes.ledger.production import work_orders
from processes.ledger.production.tables import equipment_use
from processes.ledger.refusals import LedgerRefusal

_INSERT = insert(equipment_use)
_LONGEST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Equipment that an order was worked on with, for a while; `operation` as the bill has it."""

    equipment_number: str
    began_at: datetime
    ended_at: datetime
    operation: str | None = None


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
