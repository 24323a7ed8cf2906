"""Figures of the quality system: nonconformities, corrective actions, changes, holds, gauges."""

from sqlalchemy import and_, bindparam, func, or_, select

from processes.ledger.changes.tables import change_order
from processes.ledger.kpis.reading import (
    DAY,
    HOUR,
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
from processes.ledger.nonconformity.tables import (
    corrective_action,
    corrective_action_check,
    nonconformity,
    nonconformity_closure,
    nonconformity_lot,
)
from processes.ledger.tables import (
    approved_supply,
    calibration,
    hold,
    hold_release,
    instrument,
    receipt,
    receipt_line,
)

_CLOSED = (
    # A record that was opened again keeps its first day and counts once, with its last closure.
    select(nonconformity.c.reported_at, nonconformity_closure.c.closed_at)
    .join(
        nonconformity_closure,
        same(nonconformity_closure, nonconformity, "nonconformity_id", "cycle"),
    )
    .where(of_tenant(nonconformity))
    .where(in_period(nonconformity_closure.c.closed_at))
)
_CONTAINED = (
    select(nonconformity.c.reported_at, func.min(hold.c.placed_at).label("placed_at"))
    .join(nonconformity_lot, same(nonconformity_lot, nonconformity, "nonconformity_id"))
    .join(hold, same(hold, nonconformity_lot, "hold_id"))
    .where(of_tenant(nonconformity))
    .where(in_period(nonconformity.c.reported_at))
    .group_by(nonconformity.c.nonconformity_id, nonconformity.c.reported_at)
)
_RATE = select(
    select(func.count())
    .select_from(nonconformity)
    .where(of_tenant(nonconformity))
    .where(in_period(nonconformity.c.reported_at))
    .scalar_subquery()
    .label("nonconformities"),
    select(func.count())
    .select_from(receipt_line)
    .join(receipt, same(receipt, receipt_line, "receipt_id"))
    .where(of_tenant(receipt_line))
    .where(in_period(receipt.c.received_at))
    .scalar_subquery()
    .label("receipts"),
)
_FIRST_CHECKS = (
    select(corrective_action_check.c.effective)
    .where(of_tenant(corrective_action_check))
    .where(corrective_action_check.c.check_number == 1)
    .where(in_period(corrective_action_check.c.checked_at))
)
_OLD_CAPAS = (
    select(corrective_action.c.opened_at)
    .where(of_tenant(corrective_action))
    .where(corrective_action.c.opened_at <= bindparam("until"))
    .where(
        or_(
            corrective_action.c.closed_at.is_(None),
            corrective_action.c.closed_at > bindparam("until"),
        )
    )
)
_CHANGED = (
    select(change_order.c.requested_at, change_order.c.closed_at)
    .where(of_tenant(change_order))
    .where(change_order.c.status == "closed")
    .where(in_period(change_order.c.closed_at))
)
_ASKED = (
    select(change_order.c.kind, change_order.c.cycle)
    .where(of_tenant(change_order))
    .where(in_period(change_order.c.requested_at))
)
_HELD = (
    select(hold.c.placed_at)
    .outerjoin(hold_release, same(hold_release, hold, "hold_id"))
    .where(of_tenant(hold))
    .where(hold.c.placed_at <= bindparam("until"))
    .where(or_(hold_release.c.hold_id.is_(None), hold_release.c.released_at > bindparam("until")))
)
_latest = (
    select(
        calibration.c.tenant_id,
        calibration.c.instrument_id,
        func.max(calibration.c.calibrated_at).label("calibrated_at"),
    )
    .where(calibration.c.calibrated_at <= bindparam("until"))
    .group_by(calibration.c.tenant_id, calibration.c.instrument_id)
    .subquery("latest")
)
_GAUGES = (
    select(instrument.c.instrument_number, calibration.c.due_on, calibration.c.in_tolerance)
    .outerjoin(_latest, same(_latest, instrument, "instrument_id"))
    .outerjoin(
        calibration,
        and_(
            same(calibration, instrument, "instrument_id"),
            calibration.c.calibrated_at == _latest.c.calibrated_at,
        ),
    )
    .where(of_tenant(instrument))
    .where(instrument.c.in_service.is_(True))
)
_APPROVED = (
    select(approved_supply.c.valid_to)
    .where(of_tenant(approved_supply))
    .where(approved_supply.c.status != "blocked")
)


def _cycle_time(asked: Asked) -> Measured:
    rows = asked.db.execute(_CLOSED, asked.key)
    return middle([asked.working_days(row.reported_at, row.closed_at) for row in rows])


def _containment(asked: Asked) -> Measured:
    rows = asked.db.execute(_CONTAINED, asked.key)
    return middle(lengths(((row.reported_at, row.placed_at) for row in rows), HOUR))


def _rate(asked: Asked) -> Measured:
    row = asked.db.execute(_RATE, asked.key).one()
    return share(row.nonconformities, row.receipts, per=1000)


def _effective_at_first(asked: Asked) -> Measured:
    found = list(asked.db.execute(_FIRST_CHECKS, asked.key).scalars())
    return share(sum(found), len(found))


def _old_capas(asked: Asked) -> Measured:
    opened = list(asked.db.execute(_OLD_CAPAS, asked.key).scalars())
    limit = int(asked.settings["older_than_days"]) * DAY
    old = sum(asked.until - at > limit for at in opened)
    return share(old, len(opened))


def _change_time(asked: Asked) -> Measured:
    rows = asked.db.execute(_CHANGED, asked.key)
    return middle(lengths(((row.requested_at, row.closed_at) for row in rows), DAY))


def _emergencies(asked: Asked) -> Measured:
    kinds = [row.kind for row in asked.db.execute(_ASKED, asked.key)]
    return share(kinds.count("emergency"), len(kinds))


def _reopened_changes(asked: Asked) -> Measured:
    cycles = [row.cycle for row in asked.db.execute(_ASKED, asked.key)]
    return share(sum(each > 1 for each in cycles), len(cycles))


def _old_holds(asked: Asked) -> Measured:
    placed = list(asked.db.execute(_HELD, asked.key).scalars())
    limit = int(asked.settings["older_than_days"]) * DAY
    return share(sum(asked.until - at > limit for at in placed), len(placed))


def _calibrated(asked: Asked) -> Measured:
    rows = list(asked.db.execute(_GAUGES, asked.key))
    good = sum(
        row.due_on is not None and row.in_tolerance and row.due_on >= asked.today for row in rows
    )
    return share(good, len(rows))


def _suppliers_valid(asked: Asked) -> Measured:
    ends = list(asked.db.execute(_APPROVED, asked.key).scalars())
    return share(sum(end is None or end >= asked.today for end in ends), len(ends))


READINGS = (
    Reading(
        code="nc_cycle_time",
        names={"en": "Nonconformity cycle time", "zh": "不合格品处理周期"},
        definition={
            "en": "From report to closure, working days: median, and the 90th percentile "
            "beside it. "
            "Those closed in the period, void ones included; reopened ones from their first day.",
            "zh": "自报告至关闭的工作日：中位数及第 90 百分位。统计期内关闭的记录（含作废）；"
            "重新开启的自首次报告起算。",
        },
        unit="wd",
        better="less",
        read=_cycle_time,
    ),
    Reading(
        code="nc_containment",
        names={"en": "Nonconformity containment", "zh": "不合格品隔离用时"},
        definition={
            "en": "From report to the first hold on stock, hours: median, and the 90th percentile. "
            "Those reported in the period that held stock.",
            "zh": "自报告至首次冻结库存的小时数：中位数及第 90 百分位。"
            "统计期内报告且冻结库存的记录。",
        },
        unit="h",
        better="less",
        read=_containment,
    ),
    Reading(
        code="nc_rate",
        names={"en": "Nonconformities per 1,000 receipts", "zh": "每千批收货不合格品数"},
        definition={
            "en": "Nonconformities reported in the period, for each 1,000 lines received in it.",
            "zh": "统计期内报告的不合格品数 ÷ 同期收货行数 × 1000。",
        },
        unit="per_1000",
        better="less",
        read=_rate,
    ),
    Reading(
        code="capa_effective",
        names={"en": "CAPA effective at first check", "zh": "CAPA 首次检查有效率"},
        definition={
            "en": "Share of first effectiveness checks in the period that found the "
            "action effective.",
            "zh": "统计期内首次有效性检查结论为有效的比例。",
        },
        unit="percent",
        better="more",
        read=_effective_at_first,
    ),
    Reading(
        code="capa_old",
        names={"en": "CAPA open for long", "zh": "长期未关闭的 CAPA"},
        definition={
            "en": "Share of the corrective actions open now that were opened longer ago "
            "than the limit.",
            "zh": "目前未关闭的 CAPA 中，开启时间超过限值的比例。",
        },
        unit="percent",
        better="less",
        read=_old_capas,
    ),
    Reading(
        code="change_time",
        names={"en": "Change lead time", "zh": "变更周期"},
        definition={
            "en": "From request to closure, days: median, and the 90th percentile. "
            "Changes closed in the period.",
            "zh": "自申请至关闭的天数：中位数及第 90 百分位。统计期内关闭的变更。",
        },
        unit="d",
        better="less",
        read=_change_time,
    ),
    Reading(
        code="change_emergency",
        names={"en": "Emergency changes", "zh": "紧急变更占比"},
        definition={
            "en": "Share of the changes asked for in the period that were emergencies.",
            "zh": "统计期内提出的变更中，紧急变更的比例。",
        },
        unit="percent",
        better="less",
        read=_emergencies,
    ),
    Reading(
        code="change_reopened",
        names={"en": "Changes opened again", "zh": "重新开启的变更占比"},
        definition={
            "en": "Share of the changes begun in the period that open a finished one again.",
            "zh": "统计期内启动的变更中，重新开启已结束变更的比例。",
        },
        unit="percent",
        better="less",
        read=_reopened_changes,
    ),
    Reading(
        code="holds_old",
        names={"en": "Holds that stay", "zh": "长期冻结"},
        definition={
            "en": "Share of the holds open now that were placed longer ago than the limit.",
            "zh": "目前未解除的冻结中，冻结时间超过限值的比例。",
        },
        unit="percent",
        better="less",
        read=_old_holds,
    ),
    Reading(
        code="calibration",
        names={"en": "Gauges in calibration", "zh": "计量器具在校率"},
        definition={
            "en": "Share of the instruments in service whose last calibration was in tolerance and "
            "is not overdue.",
            "zh": "在用计量器具中，最近一次校准合格且未过期的比例。",
        },
        unit="percent",
        better="more",
        read=_calibrated,
    ),
    Reading(
        code="suppliers_valid",
        names={"en": "Supplier approvals in force", "zh": "供方资格有效率"},
        definition={
            "en": "Share of the entries of the approved supplier list whose validity has "
            "not ended.",
            "zh": "合格供方名录中，资格未到期的条目比例。",
        },
        unit="percent",
        better="more",
        read=_suppliers_valid,
    ),
)
