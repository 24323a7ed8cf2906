"""The ledger's part in proving the record: what its books say of one another, compared.

A constraint refuses what is wrong when it is written; here is found what was changed past it. Each
check counts what it looked at and names what differs, by the numbers that people know.
"""

from sqlalchemy import (
    BigInteger,
    Connection,
    Table,
    and_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy import exists as there_is

from engine.verification import Report
from processes.ledger import balances
from processes.ledger.clocks import clocks
from processes.ledger.clocks.tables import clock
from processes.ledger.distribution.tables import (
    container,
    container_event,
    container_state,
    container_stock,
)
from processes.ledger.genealogy import edges, mass_balance
from processes.ledger.genealogy.tables import lot_link
from processes.ledger.lots import WITH_SERIALS
from processes.ledger.production.tables import label_job, label_reconciliation, work_order
from processes.ledger.purchasing.tables import (
    order_receipt,
    order_settlement,
    purchase_order,
)
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
        if found.kept == found.summed:
            _differ_in_owner(report, found, number, code)
            continue
        report.differ(
            "ledger.balance",
            found.lot_id,
            None,
            f"Lot {number} at {code} in status {found.place.status}: the balance says"
            f" {found.kept}, its movements add up to {found.summed} (in the smallest unit kept).",
            f"批次 {number} 在 {code}（状态 {found.place.status}）：账面结存为 {found.kept}，"
            f"而库存移动合计为 {found.summed}（按最小记账单位）。",
        )


def _differ_in_owner(
    report: Report, found: balances.Difference, number: object, code: object
) -> None:
    kept, summed = found.consigned_kept, found.consigned_summed
    report.differ(
        "ledger.owner",
        found.lot_id,
        None,
        f"Lot {number} at {code} in status {found.place.status}: {kept} of it are kept as its"
        f" owner's, by its movements {summed} are (in the smallest unit kept).",
        f"批次 {number} 在 {code}（状态 {found.place.status}）：账面有 {kept} 归货主所有，"
        f"而按库存移动应为 {summed}（按最小记账单位）。",
    )


_consigned = stock_movement.c.from_consigned + stock_movement.c.to_consigned
_OWNERLESS = (
    select(lot.c.lot_id, lot.c.lot_number)
    .join(
        stock_movement,
        and_(
            stock_movement.c.tenant_id == lot.c.tenant_id,
            stock_movement.c.lot_id == lot.c.lot_id,
        ),
    )
    .where(lot.c.tenant_id == bindparam("tenant_id"))
    .where(lot.c.owner_id.is_(None))
    .where(_consigned > 0)
    .distinct()
    .order_by(lot.c.lot_number)
)
_settled = (
    select(
        order_settlement.c.movement_id,
        cast(func.sum(order_settlement.c.quantity), BigInteger).label("quantity"),
    )
    .where(order_settlement.c.tenant_id == bindparam("tenant_id"))
    .where(order_settlement.c.kind == "used")
    .group_by(order_settlement.c.movement_id)
    .subquery("settled")
)
_bought = stock_movement.c.from_consigned - stock_movement.c.to_consigned
_NOT_AS_SETTLED = (
    select(_settled.c.movement_id, _settled.c.quantity, _bought.label("bought"))
    .outerjoin(
        stock_movement,
        and_(
            stock_movement.c.tenant_id == bindparam("tenant_id"),
            stock_movement.c.movement_id == _settled.c.movement_id,
        ),
    )
    .where(func.abs(_settled.c.quantity) > func.coalesce(func.abs(_bought), 0))
    .order_by(_settled.c.movement_id)
)
_PAID_BEYOND = (
    select(
        purchase_order.c.order_number,
        order_receipt.c.line,
        order_receipt.c.receipt_line_id,
        order_receipt.c.quantity,
        func.sum(order_settlement.c.quantity).label("settled"),
    )
    .join(
        order_receipt,
        and_(
            order_receipt.c.tenant_id == order_settlement.c.tenant_id,
            order_receipt.c.receipt_line_id == order_settlement.c.receipt_line_id,
        ),
    )
    .join(
        purchase_order,
        and_(
            purchase_order.c.tenant_id == order_receipt.c.tenant_id,
            purchase_order.c.purchase_order_id == order_receipt.c.purchase_order_id,
        ),
    )
    .where(order_settlement.c.tenant_id == bindparam("tenant_id"))
    .group_by(
        purchase_order.c.order_number,
        order_receipt.c.line,
        order_receipt.c.receipt_line_id,
        order_receipt.c.quantity,
    )
    .having(
        (func.sum(order_settlement.c.quantity) > order_receipt.c.quantity)
        | (func.sum(order_settlement.c.quantity) < 0)
    )
    .order_by(purchase_order.c.order_number, order_receipt.c.line)
)


def check_owners(db: Connection, tenant_id: str, report: Report) -> None:
    """Name goods of nobody, and what was settled with a supplier beyond what changed hands."""
    report.checked["settlements"] += _count(db, tenant_id, order_settlement)
    key = {"tenant_id": tenant_id}
    for row in db.execute(_OWNERLESS, key):
        report.differ(
            "ledger.owner",
            row.lot_id,
            None,
            f"Lot {row.lot_number} is ours, but movements of it are on record as another's.",
            f"批次 {row.lot_number} 为本公司所有，但其库存移动记为他方所有。",
        )
    for own in db.execute(_NOT_AS_SETTLED, key):
        report.differ(
            "ledger.owner",
            own.movement_id,
            None,
            f"{own.quantity} were settled as used by movement {own.movement_id}, which made"
            f" {own.bought} ours.",
            f"移动 {own.movement_id} 使 {own.bought} 归本公司所有，"
            f"却按 {own.quantity} 结算为已用。",
        )
    for came in db.execute(_PAID_BEYOND, key):
        report.differ(
            "ledger.owner",
            came.receipt_line_id,
            None,
            f"Of {came.quantity} that came for {came.order_number}/{came.line} on consignment,"
            f" {came.settled} are settled.",
            f"{came.order_number}/{came.line} 寄售到货 {came.quantity}，却已结算 {came.settled}。",
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


_IN_BOXES = (
    select(
        container_stock.c.lot_id,
        container_state.c.location_id,
        container_stock.c.status,
        cast(func.sum(container_stock.c.quantity), BigInteger),
    )
    .join(
        container_state,
        and_(
            container_state.c.tenant_id == container_stock.c.tenant_id,
            container_state.c.container_id == container_stock.c.container_id,
        ),
    )
    .where(container_stock.c.tenant_id == bindparam("tenant_id"))
    .group_by(container_stock.c.lot_id, container_state.c.location_id, container_stock.c.status)
)
_SAID_PACKED = (
    select(
        stock_balance.c.lot_id,
        stock_balance.c.location_id,
        stock_balance.c.status,
        stock_balance.c.packed,
    )
    .where(stock_balance.c.tenant_id == bindparam("tenant_id"))
    .where(stock_balance.c.packed != 0)
)
_sign = case((container_event.c.kind == "packed", 1), (container_event.c.kind == "unpacked", -1))
_PUT_IN = (
    select(
        container_event.c.container_id,
        container_event.c.lot_id,
        cast(func.sum(container_event.c.quantity * _sign), BigInteger),
    )
    .join(
        container_state,
        and_(
            container_state.c.tenant_id == container_event.c.tenant_id,
            container_state.c.container_id == container_event.c.container_id,
        ),
    )
    .where(container_event.c.tenant_id == bindparam("tenant_id"))
    .where(container_event.c.kind.in_(("packed", "unpacked")))
    .where(container_state.c.state == "here")
    .group_by(container_event.c.container_id, container_event.c.lot_id)
    .having(cast(func.sum(container_event.c.quantity * _sign), BigInteger) != 0)
)
_KEPT_IN = (
    select(
        container_stock.c.container_id,
        container_stock.c.lot_id,
        cast(func.sum(container_stock.c.quantity), BigInteger),
    )
    .where(container_stock.c.tenant_id == bindparam("tenant_id"))
    .group_by(container_stock.c.container_id, container_stock.c.lot_id)
)
_UNITS_IN = (
    select(
        serial_position.c.container_id,
        serial_unit.c.lot_id,
        serial_position.c.location_id,
        serial_position.c.status,
        func.count().label("units"),
    )
    .join(
        serial_unit,
        and_(
            serial_unit.c.tenant_id == serial_position.c.tenant_id,
            serial_unit.c.serial_unit_id == serial_position.c.serial_unit_id,
        ),
    )
    .where(serial_position.c.tenant_id == bindparam("tenant_id"))
    .where(serial_position.c.container_id.is_not(None))
    .group_by(
        serial_position.c.container_id,
        serial_unit.c.lot_id,
        serial_position.c.location_id,
        serial_position.c.status,
    )
)
_BOXED_UNITS = (
    select(
        container_stock.c.container_id,
        container_stock.c.lot_id,
        container_state.c.location_id,
        container_stock.c.status,
        container_stock.c.quantity,
    )
    .join(
        container_state,
        and_(
            container_state.c.tenant_id == container_stock.c.tenant_id,
            container_state.c.container_id == container_stock.c.container_id,
        ),
    )
    .join(
        lot,
        and_(
            lot.c.tenant_id == container_stock.c.tenant_id,
            lot.c.lot_id == container_stock.c.lot_id,
        ),
    )
    .join(item, and_(item.c.tenant_id == lot.c.tenant_id, item.c.item_id == lot.c.item_id))
    .where(container_stock.c.tenant_id == bindparam("tenant_id"))
    .where(item.c.tracking.in_(WITH_SERIALS))
)
_parent_state = container_state.alias("parent_state")
_APART = (
    select(container_state.c.container_id)
    .join(
        _parent_state,
        and_(
            _parent_state.c.tenant_id == container_state.c.tenant_id,
            _parent_state.c.container_id == container_state.c.parent_id,
        ),
    )
    .where(container_state.c.tenant_id == bindparam("tenant_id"))
    .where(
        or_(
            container_state.c.state != _parent_state.c.state,
            container_state.c.location_id.is_distinct_from(_parent_state.c.location_id),
        )
    )
)
_SSCC = select(container.c.sscc).where(
    container.c.tenant_id == bindparam("tenant_id"),
    container.c.container_id == bindparam("container_id"),
)


def check_containers(db: Connection, tenant_id: str, report: Report) -> None:
    """Name what the books of stock and of containers say differently of what is packed."""
    report.checked["containers"] += _count(db, tenant_id, container)
    key = {"tenant_id": tenant_id}
    boxed = {tuple(row) for row in db.execute(_IN_BOXES, key)}
    said = {tuple(row) for row in db.execute(_SAID_PACKED, key)}
    for lot_id, location_id in sorted({row[:2] for row in boxed ^ said}, key=repr):
        names = {"lot_id": lot_id, "location_id": location_id}
        found = db.execute(_NAMES, {"tenant_id": tenant_id, **names}).one_or_none()
        number, code = (lot_id, location_id) if found is None else found
        report.differ(
            "ledger.packed",
            lot_id,
            None,
            f"Lot {number} at {code}: what its containers hold is not what its stock says is"
            " packed.",
            f"批次 {number} 在 {code}：物流单元内的数量与库存记录的已装箱数量不一致。",
        )
    put_in = {tuple(row) for row in db.execute(_PUT_IN, key)}
    kept = {tuple(row) for row in db.execute(_KEPT_IN, key)}
    units = {tuple(row) for row in db.execute(_UNITS_IN, key)}
    counted = {tuple(row) for row in db.execute(_BOXED_UNITS, key)}
    apart = set(db.execute(_APART, key).scalars())
    wrong = {row[0] for row in (put_in ^ kept) | (units ^ counted)} | apart
    for container_id in sorted(wrong, key=str):
        sscc = db.execute(_SSCC, {**key, "container_id": container_id}).scalar() or container_id
        report.differ(
            "ledger.container",
            container_id,
            None,
            f"Container {sscc} does not hold what was packed into it, or does not stand where"
            " its content lies.",
            f"物流单元 {sscc} 的内容与装箱记录不一致，或其位置与内装货物不符。",
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
    check_owners,
    check_serials,
    check_containers,
    check_edges,
    check_mass_balance,
    check_work_orders,
    check_clocks,
    check_readings,
)
"""What the ledger adds to `countersign verify`."""
