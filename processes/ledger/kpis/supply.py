"""Figures of what comes in: inspection and suppliers."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from processes.ledger.kpis.reading import (
    HOUR,
    Asked,
    Measured,
    Reading,
    in_period,
    lengths,
    of_tenant,
    same,
    share,
)
from processes.ledger.purchasing.tables import order_receipt, purchase_order, purchase_order_line
from processes.ledger.tables import inspection_lot, receipt, receipt_line

_DECIDED = (
    select(inspection_lot.c.decision, inspection_lot.c.decided_at, receipt.c.received_at)
    .join(receipt_line, same(receipt_line, inspection_lot, "receipt_line_id"))
    .join(receipt, same(receipt, receipt_line, "receipt_id"))
    .where(of_tenant(inspection_lot))
    .where(in_period(inspection_lot.c.decided_at))
    .where(inspection_lot.c.resubmission.is_(False))
    .where(inspection_lot.c.decision != "CANCEL")
)
_PROMISED = (
    select(
        purchase_order_line.c.purchase_order_id,
        purchase_order_line.c.line,
        purchase_order_line.c.quantity,
        purchase_order_line.c.promised_date,
        order_receipt.c.quantity.label("came"),
        receipt.c.received_at,
    )
    .join(purchase_order, same(purchase_order, purchase_order_line, "purchase_order_id", "version"))
    .outerjoin(order_receipt, same(order_receipt, purchase_order_line, "purchase_order_id", "line"))
    .outerjoin(receipt_line, same(receipt_line, order_receipt, "receipt_line_id"))
    .outerjoin(receipt, same(receipt, receipt_line, "receipt_id"))
    .where(of_tenant(purchase_order_line))
    .where(purchase_order_line.c.item_id.is_not(None))
    .where(purchase_order_line.c.promised_date > bindparam("first"))
    .where(purchase_order_line.c.promised_date <= bindparam("last"))
    .where(purchase_order.c.status.not_in(("draft", "cancelled")))
)


def _accepted(asked: Asked) -> Measured:
    rows = list(asked.db.execute(_DECIDED, asked.key))
    return share(sum(row.decision == "ACCEPT" for row in rows), len(rows))


def _in_time(asked: Asked) -> Measured:
    rows = asked.db.execute(_DECIDED, asked.key)
    took = lengths(((row.received_at, row.decided_at) for row in rows), HOUR)
    return share(sum(each <= int(asked.settings["within_hours"]) for each in took), len(took))


def _on_time(asked: Asked) -> Measured:
    """Count the lines that were due, and those of which all had come by the day promised."""
    calendar = asked.calendar
    grace = timedelta(days=int(asked.settings["grace_days"]))
    # Until the grace of a day is over nobody knows whether what was promised for it is late.
    last = calendar.day_of(asked.until) - grace - timedelta(days=1)
    days: dict[str, Any] = {"first": calendar.day_of(asked.since) - grace, "last": last}
    promised: dict[Any, tuple[int, date]] = {}
    came: dict[Any, int] = defaultdict(int)
    for row in asked.db.execute(_PROMISED, {"tenant_id": asked.tenant_id, **days}):
        line = row.purchase_order_id, row.line
        promised[line] = row.quantity, row.promised_date
        if row.received_at and calendar.day_of(row.received_at) <= row.promised_date + grace:
            came[line] += row.came
    whole = sum(came[line] >= quantity for line, (quantity, _) in promised.items())
    return share(whole, len(promised))


READINGS = (
    Reading(
        code="lot_acceptance",
        names={"en": "Lots accepted at first inspection", "zh": "来料批次一次合格率"},
        definition={
            "en": "Share of the received lots decided in the period, at their first "
            "inspection, that "
            "were accepted.",
            "zh": "统计期内首次检验作出使用决策的来料批次中，接收的比例。",
        },
        unit="percent",
        better="more",
        read=_accepted,
    ),
    Reading(
        code="inspection_in_time",
        names={"en": "Incoming inspections in time", "zh": "来料检验及时率"},
        definition={
            "en": "Share of the lots decided in the period whose decision came within the limit "
            "after their receipt.",
            "zh": "统计期内作出使用决策的批次中，自收货起在限值内完成的比例。",
        },
        unit="percent",
        better="more",
        read=_in_time,
    ),
    Reading(
        code="supplier_on_time",
        names={"en": "Suppliers deliver on time", "zh": "供应商准时交付率"},
        definition={
            "en": "Share of the order lines promised for a day of the period that had "
            "come whole by "
            "that day with its grace. The date is that of the order version in force.",
            "zh": "承诺日期在统计期内的订单行中，于承诺日期（含宽限）前全部到货的比例；"
            "以现行订单版本的日期为准。",
        },
        unit="percent",
        better="more",
        read=_on_time,
    ),
)
