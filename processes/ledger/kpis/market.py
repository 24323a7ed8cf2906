"""Figures of what was sold: complaints, reports to authorities, recalls; and of late work."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import BigInteger, bindparam, cast, func, select

from engine.store.tables import work_item
from processes.ledger.clocks.tables import clock, clock_state
from processes.ledger.complaints.tables import complaint, reportability
from processes.ledger.distribution.tables import shipment, shipment_line
from processes.ledger.field_actions.tables import (
    effectiveness_check,
    field_action,
    field_action_consignee,
    notice,
    notice_delivery,
)
from processes.ledger.kpis.reading import (
    DAY,
    Asked,
    Measured,
    Reading,
    in_period,
    lengths,
    middle,
    of_tenant,
    same,
    share,
)
from processes.ledger.tables import unit_of_measure

_MINUTE = timedelta(minutes=1)
_first_decision = (
    select(
        reportability.c.tenant_id,
        reportability.c.complaint_id,
        func.min(reportability.c.decided_at).label("decided_at"),
    )
    .group_by(reportability.c.tenant_id, reportability.c.complaint_id)
    .subquery("first_decision")
)
_JUDGED = (
    select(complaint.c.aware_at, _first_decision.c.decided_at)
    .join(_first_decision, same(_first_decision, complaint, "complaint_id"))
    .where(of_tenant(complaint))
    .where(in_period(_first_decision.c.decided_at))
)
_complaints = (
    select(func.count())
    .select_from(complaint)
    .where(of_tenant(complaint))
    .where(complaint.c.status.in_(("open", "closed")))
    .where(in_period(complaint.c.aware_at))
)
_IDENTIFIED = select(
    _complaints.scalar_subquery().label("complaints"),
    _complaints.where(complaint.c.udi.is_not(None)).scalar_subquery().label("identified"),
)
_SOLD = select(
    _complaints.scalar_subquery().label("complaints"),
    select(func.coalesce(cast(func.sum(shipment_line.c.quantity), BigInteger), 0))
    .join(shipment, same(shipment, shipment_line, "shipment_id"))
    .join(unit_of_measure, same(unit_of_measure, shipment_line, "unit_code"))
    .where(of_tenant(shipment_line))
    .where(unit_of_measure.c.decimals == 0)  # what is counted in whole units
    .where(in_period(shipment.c.shipped_at))
    .scalar_subquery()
    .label("sold"),
)
_REPORTS = (
    select(clock_state.c.due_at, clock_state.c.stopped_at)
    .join(clock, same(clock, clock_state, "clock_id"))
    .where(of_tenant(clock))
    .where(clock.c.nature == "deadline")
    .where(clock.c.authority != "INTERNAL")
    .where(in_period(clock_state.c.due_at))
)
_REAL = field_action.c.mode == "real"
_FROZEN = (
    select(field_action.c.aware_at, field_action.c.frozen_at)
    .where(of_tenant(field_action))
    .where(_REAL)
    .where(in_period(field_action.c.frozen_at))
)
_reached = (
    select(notice.c.tenant_id, notice.c.field_action_id, notice.c.consignee_id)
    .distinct()
    .join(notice_delivery, same(notice_delivery, notice, "notice_id"))
    .where(notice_delivery.c.reached.is_(True))
    .subquery("reached")
)
_NOTIFIED = (
    select(func.count().label("consignees"), func.count(_reached.c.consignee_id).label("reached"))
    .select_from(field_action_consignee)
    .join(field_action, same(field_action, field_action_consignee, "field_action_id"))
    .outerjoin(_reached, same(_reached, field_action_consignee, "field_action_id", "consignee_id"))
    .where(of_tenant(field_action))
    .where(_REAL)
    .where(in_period(field_action.c.decided_at))
)
_CHECKED = (
    select(effectiveness_check.c.effective)
    .join(field_action, same(field_action, effectiveness_check, "field_action_id"))
    .where(of_tenant(effectiveness_check))
    .where(_REAL)
    .where(in_period(effectiveness_check.c.checked_at))
)
_EXERCISED = (
    select(func.max(field_action.c.closed_at))
    .where(of_tenant(field_action))
    .where(field_action.c.mode == "mock")
    .where(field_action.c.status == "closed")
    .where(field_action.c.closed_at <= bindparam("until"))
)
_OPEN_WORK = (
    select(work_item.c.due_at).where(of_tenant(work_item)).where(work_item.c.status == "open")
)


def _decision_time(asked: Asked) -> Measured:
    rows = asked.db.execute(_JUDGED, asked.key)
    return middle([asked.working_days(row.aware_at, row.decided_at) for row in rows])


def _complaint_rate(asked: Asked) -> Measured:
    row = asked.db.execute(_SOLD, asked.key).one()
    return share(row.complaints, row.sold, per=1000)


def _identified(asked: Asked) -> Measured:
    row = asked.db.execute(_IDENTIFIED, asked.key).one()
    return share(row.identified, row.complaints)


def _reports(asked: Asked) -> Measured:
    rows = list(asked.db.execute(_REPORTS, asked.key))
    return share(
        sum(row.stopped_at is not None and row.stopped_at <= row.due_at for row in rows), len(rows)
    )


def _freeze(asked: Asked) -> Measured:
    rows = asked.db.execute(_FROZEN, asked.key)
    return middle(lengths(((row.aware_at, row.frozen_at) for row in rows), _MINUTE))


def _notified(asked: Asked) -> Measured:
    row = asked.db.execute(_NOTIFIED, asked.key).one()
    return share(row.reached, row.consignees)


def _effective(asked: Asked) -> Measured:
    found = list(asked.db.execute(_CHECKED, asked.key).scalars())
    return share(sum(found), len(found))


def _exercised(asked: Asked) -> Measured:
    last = asked.db.execute(_EXERCISED, asked.key).scalar_one()
    if last is None:
        return Measured(value=None, counted=0)
    return Measured(value=Decimal((asked.until - last) // DAY), counted=1)


def _late_work(asked: Asked) -> Measured:
    due = list(asked.db.execute(_OPEN_WORK, asked.key).scalars())
    return share(sum(at < asked.until for at in due), len(due))


READINGS = (
    Reading(
        code="complaint_decision",
        names={"en": "Complaint: decision on reporting", "zh": "投诉报告决定用时"},
        definition={
            "en": "From awareness to the first decision on reporting, working days: median, and "
            "the 90th percentile. Decisions taken in the period.",
            "zh": "自知悉至首次作出报告决定的工作日：中位数及第 90 百分位。统计期内作出的决定。",
        },
        unit="wd",
        better="less",
        read=_decision_time,
    ),
    Reading(
        code="reports_on_time",
        names={"en": "Reports to authorities on time", "zh": "法定时限按期完成率"},
        definition={
            "en": "Share of the clocks of the law due in the period that were stopped by then.",
            "zh": "统计期内到期的法定时限中，按期完成的比例。",
        },
        unit="percent",
        better="more",
        read=_reports,
    ),
    Reading(
        code="complaint_rate",
        names={"en": "Complaints per 1,000 units shipped", "zh": "每千件发货投诉数"},
        definition={
            "en": "Complaints known in the period, without inquiries, for each 1,000 units shipped "
            "in it; only what is counted in whole units.",
            "zh": "统计期内知悉的投诉（不含咨询）÷ 同期发货件数 × 1000；仅计按件计量的产品。",
        },
        unit="per_1000",
        better="less",
        read=_complaint_rate,
    ),
    Reading(
        code="complaint_udi",
        names={"en": "Complaints with UDI", "zh": "投诉含 UDI 比例"},
        definition={
            "en": "Share of the complaints known in the period whose UDI is recorded.",
            "zh": "统计期内知悉的投诉中，已记录 UDI 的比例。",
        },
        unit="percent",
        better="more",
        read=_identified,
    ),
    Reading(
        code="recall_freeze",
        names={"en": "Recall: awareness to freeze", "zh": "召回：知悉至冻结用时"},
        definition={
            "en": "From awareness to the freeze of all stock in reach, minutes: median, and the "
            "90th percentile. Field actions frozen in the period, without exercises.",
            "zh": "自知悉至冻结全部受影响库存的分钟数：中位数及第 90 百分位。"
            "统计期内冻结的现场措施，不含演练。",
        },
        unit="min",
        better="less",
        read=_freeze,
    ),
    Reading(
        code="recall_notified",
        names={"en": "Recall: consignees reached", "zh": "召回：收货方送达率"},
        definition={
            "en": "Share of the consignees of field actions decided in the period whom a "
            "notice has "
            "reached with proof; without exercises.",
            "zh": "统计期内决定的现场措施中，通知已送达且有证明的收货方比例，不含演练。",
        },
        unit="percent",
        better="more",
        read=_notified,
    ),
    Reading(
        code="recall_effective",
        names={"en": "Recall: effectiveness", "zh": "召回有效性"},
        definition={
            "en": "Share of the effectiveness checks of the period that found the "
            "consignee reached "
            "and acting; without exercises.",
            "zh": "统计期内有效性检查中，收货方已收到通知并采取措施的比例，不含演练。",
        },
        unit="percent",
        better="more",
        read=_effective,
    ),
    Reading(
        code="mock_recall",
        names={"en": "Days since the last mock recall", "zh": "距上次模拟召回天数"},
        definition={
            "en": "Days since the last exercise was closed.",
            "zh": "距最近一次模拟召回关闭的天数。",
        },
        unit="d",
        better="less",
        read=_exercised,
    ),
    Reading(
        code="late_work",
        names={"en": "Overdue work", "zh": "逾期待办"},
        definition={
            "en": "Share of all open work items that should have been done by now.",
            "zh": "全部未完成的待办中，已超过期限的比例。",
        },
        unit="percent",
        better="less",
        read=_late_work,
    ),
)
