"""The ledger's part in proving the record: what its books say of one another, compared.

A constraint refuses what is wrong when it is written; here is found what was changed past it. Each
check counts what it looked at and names what differs, by the numbers that people know.
"""

from sqlalchemy import BigInteger, Connection, Table, and_, bindparam, cast, func, select
from sqlalchemy import exists as there_is

from engine.verification import Report
from processes.ledger import balances
from processes.ledger.clocks import clocks
from processes.ledger.clocks.tables import clock
from processes.ledger.genealogy import edges, mass_balance
from processes.ledger.genealogy.tables import lot_link
from processes.ledger.production.tables import label_job, label_reconciliation, work_order
from processes.ledger.tables import (
    calibration,
    characteristic_result,
    instrument,
    item,
    location,
    lot,
    serial_position,
    serial_unit,
    stock_balance,
    stock_movement,
)

_KEPT = (
    select(func.count())
    .select_from(stock_balance)
    .where(stock_balance.c.tenant_id == bindparam("tenant_id"))
)
_NAMES = (
    select(lot.c.lot_number, location.c.code)
    .select_from(lot.join(location, lot.c.tenant_id == location.c.tenant_id))
    .where(
        and_(
            lot.c.tenant_id == bindparam("tenant_id"),
            lot.c.lot_id == bindparam("lot_id"),
            location.c.location_id == bindparam("location_id"),
        )
    )
)


def check_balances(db: Connection, tenant_id: str, report: Report) -> None:
    """Name each lot and location whose balance is not what its movements add up to."""
    report.checked["balances"] += db.execute(_KEPT, {"tenant_id": tenant_id}).scalar_one()
    for found in balances.differences(db, tenant_id):
        key = {"lot_id": found.lot_id, "location_id": found.place.location_id}
        names = db.execute(_NAMES, {"tenant_id": tenant_id, **key}).one_or_none()
        number, code = (found.lot_id, found.place.location_id) if names is None else names
        report.differ(
            "ledger.balance",
            found.lot_id,
            None,
            f"Lot {number} at {code} in status {found.place.status}: the balance says"
            f" {found.kept}, its movements add up to {found.summed} (in the smallest unit kept).",
            f"批次 {number} 在 {code}（状态 {found.place.status}）：账面结存为 {found.kept}，"
            f"而库存移动合计为 {found.summed}（按最小记账单位）。",
        )


def check_edges(db: Connection, tenant_id: str, report: Report) -> None:
    """Name each issue whose edges are not what was issued, and each link that is not their sum
    (INV-09)."""
    report.checked["links"] += _count(db, tenant_id, lot_link)
    for row in edges.movements_without_edges(db, tenant_id):
        report.differ(
            "ledger.edge",
            row.movement_id,
            None,
            f"Movement {row.movement_type} {row.movement_id} is of {row.quantity}, but its"
            f" genealogy adds up to {row.edges}: a trace would miss the rest.",
            f"移动 {row.movement_type} {row.movement_id} 数量为 {row.quantity}，"
            f"而谱系记录合计为 {row.edges}，追溯会遗漏其余部分。",
        )
    for found in edges.link_differences(db, tenant_id):
        near, far = (_number(db, tenant_id, each) for each in (found.from_lot_id, found.to_lot_id))
        report.differ(
            "ledger.link",
            found.from_lot_id,
            None,
            f"Traces read {found.kept} of lot {near} in lot {far}; the genealogy says"
            f" {found.summed}.",
            f"追溯读取批次 {near} 用于批次 {far} 的数量为 {found.kept}，"
            f"谱系记录合计为 {found.summed}。",
        )


def check_mass_balance(db: Connection, tenant_id: str, report: Report) -> None:
    """Name each lot of which more or less came in than is accounted for (INV-14)."""
    report.checked["lots"] += _count(db, tenant_id, lot)
    for row in mass_balance.unexplained(db, tenant_id):
        report.differ(
            "ledger.mass_balance",
            row.lot_id,
            None,
            f"Lot {row.lot_number}: {row.unexplained} (in the smallest unit kept) came in and"
            " neither lie there nor were used, shipped or scrapped by the records.",
            f"批次 {row.lot_number}：有 {row.unexplained}（按最小记账单位）入库后，"
            "既不在库，也无使用、发货或报废记录。",
        )


_sides = [
    select(
        stock_movement.c.serial_unit_id.label("unit"),
        stock_movement.c[f"{side}_location_id"].label("place"),
        stock_movement.c[f"{side}_status"].label("status"),
        (stock_movement.c.quantity * sign).label("quantity"),
    )
    .where(stock_movement.c.tenant_id == bindparam("tenant_id"))
    .where(stock_movement.c.serial_unit_id.is_not(None))
    .where(stock_movement.c[f"{side}_location_id"].is_not(None))
    for side, sign in (("to", 1), ("from", -1))
]
_moved = _sides[0].union_all(_sides[1]).subquery("moved")
_LYING = (
    select(_moved.c.unit, _moved.c.place, _moved.c.status)
    .group_by(_moved.c.unit, _moved.c.place, _moved.c.status)
    .having(cast(func.sum(_moved.c.quantity), BigInteger) > 0)
)
_KEPT_PLACES = select(
    serial_position.c.serial_unit_id, serial_position.c.location_id, serial_position.c.status
).where(serial_position.c.tenant_id == bindparam("tenant_id"))
_SERIAL = (
    select(item.c.item_number, serial_unit.c.serial_number)
    .join(
        item,
        and_(item.c.tenant_id == serial_unit.c.tenant_id, item.c.item_id == serial_unit.c.item_id),
    )
    .where(serial_unit.c.tenant_id == bindparam("tenant_id"))
    .where(serial_unit.c.serial_unit_id == bindparam("unit"))
)


def check_serials(db: Connection, tenant_id: str, report: Report) -> None:
    """Name each unit that is kept elsewhere than where its movements led it (INV-05)."""
    report.checked["units"] += _count(db, tenant_id, serial_unit)
    key = {"tenant_id": tenant_id}
    kept = {tuple(row) for row in db.execute(_KEPT_PLACES, key)}
    led = {tuple(row) for row in db.execute(_LYING, key)}
    for unit in sorted({place[0] for place in kept ^ led}, key=str):
        row = db.execute(_SERIAL, {"tenant_id": tenant_id, "unit": unit}).one()
        report.differ(
            "ledger.serial",
            unit,
            None,
            f"Unit {row.serial_number} of {row.item_number} is not kept where its movements led"
            " it.",
            f"物料 {row.item_number} 的序列号 {row.serial_number} 所记位置与其库存移动不一致。",
        )


def check_clocks(db: Connection, tenant_id: str, report: Report) -> None:
    """Name each clock whose state is not what its events say (INV-16)."""
    report.checked["clocks"] += _count(db, tenant_id, clock)
    for found in clocks.differences(db, tenant_id):
        report.differ(
            "ledger.clock",
            found,
            None,
            f"Clock {found} is not kept as its events say.",
            f"法定时限 {found} 的状态与其事件记录不一致。",
        )


_OPEN_LABELS = (
    select(work_order.c.work_order_number, label_job.c.label_job_number)
    .join(
        label_job,
        and_(
            label_job.c.tenant_id == work_order.c.tenant_id,
            label_job.c.work_order_id == work_order.c.work_order_id,
        ),
    )
    .outerjoin(
        label_reconciliation,
        and_(
            label_reconciliation.c.tenant_id == label_job.c.tenant_id,
            label_reconciliation.c.label_job_id == label_job.c.label_job_id,
        ),
    )
    .where(work_order.c.tenant_id == bindparam("tenant_id"))
    .where(work_order.c.status == "closed")
    .where(label_reconciliation.c.label_job_id.is_(None))
    .order_by(label_job.c.label_job_number)
)


def check_work_orders(db: Connection, tenant_id: str, report: Report) -> None:
    """Name each closed work order with labels that nobody accounted for (INV-10)."""
    report.checked["work orders"] += _count(db, tenant_id, work_order)
    for row in db.execute(_OPEN_LABELS, {"tenant_id": tenant_id}):
        report.differ(
            "ledger.work_order",
            row.work_order_number,
            None,
            f"Work order {row.work_order_number} is closed, but nobody says what became of the"
            f" labels of {row.label_job_number}.",
            f"工单 {row.work_order_number} 已关闭，但标签任务 {row.label_job_number} 尚未核销。",
        )


_latest = calibration.alias("latest")
_IN_DOUBT = (
    select(
        instrument.c.instrument_number,
        func.count().label("readings"),
        func.min(characteristic_result.c.performed_at).label("first"),
    )
    .join(
        instrument,
        and_(
            instrument.c.tenant_id == characteristic_result.c.tenant_id,
            instrument.c.instrument_id == characteristic_result.c.instrument_id,
        ),
    )
    .where(characteristic_result.c.tenant_id == bindparam("tenant_id"))
    .where(
        ~there_is(
            select(_latest.c.calibration_id)
            .where(_latest.c.tenant_id == characteristic_result.c.tenant_id)
            .where(_latest.c.instrument_id == characteristic_result.c.instrument_id)
            .where(_latest.c.calibrated_at <= characteristic_result.c.performed_at)
            .where(_latest.c.in_tolerance)
        )
    )
    .group_by(instrument.c.instrument_number)
    .order_by(instrument.c.instrument_number)
)


def check_readings(db: Connection, tenant_id: str, report: Report) -> None:
    """Name each instrument that was read before it was ever calibrated well (INV-18)."""
    report.checked["readings"] += _count(db, tenant_id, characteristic_result)
    for row in db.execute(_IN_DOUBT, {"tenant_id": tenant_id}):
        report.differ(
            "ledger.reading",
            row.instrument_number,
            None,
            f"{row.readings} readings were taken with {row.instrument_number}, the first at"
            f" {row.first}, while no good calibration of it was on record.",
            f"量具 {row.instrument_number} 在无合格校准记录时读数 {row.readings} 次，"
            f"首次为 {row.first}。",
        )


def _count(db: Connection, tenant_id: str, table: Table) -> int:
    counting = select(func.count()).select_from(table).where(table.c.tenant_id == tenant_id)
    found: int = db.execute(counting).scalar_one()
    return found


_LOT_NUMBER = select(lot.c.lot_number).where(
    lot.c.tenant_id == bindparam("tenant_id"), lot.c.lot_id == bindparam("lot_id")
)


def _number(db: Connection, tenant_id: str, lot_id: object) -> str:
    found = db.execute(_LOT_NUMBER, {"tenant_id": tenant_id, "lot_id": lot_id}).scalar()
    return str(found or lot_id)


CHECKS = (
    check_balances,
    check_serials,
    check_edges,
    check_mass_balance,
    check_work_orders,
    check_clocks,
    check_readings,
)
"""What the ledger adds to `countersign verify`."""
