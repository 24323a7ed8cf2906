"""Rules of the book that a step refuses to break, asked again of what was written (INV-02 to 17).

A gate or a constraint held when a row was written; who writes past both is found here. Each rule is
a statement whose rows break it, and the sentence about one such row. What cannot be told from rows
any more, because it was decided in the same instant, counts as right.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy import exists as there_is

from engine.configuration.documents import read_documents
from engine.verification import Check, Report
from processes.ledger import site_days
from processes.ledger.columns import AnyRow
from processes.ledger.distribution.tables import (
    consignee_licence,
    reservation,
    reservation_end,
    shipment,
    shipment_line,
)
from processes.ledger.genealogy.tables import hold_reach
from processes.ledger.genealogy.trace import DOWN
from processes.ledger.locations import PICKING_ZONES
from processes.ledger.many import among, slices
from processes.ledger.nonconformity.tables import (
    nonconformity,
    nonconformity_closure,
    nonconformity_lot,
)
from processes.ledger.parts import NUMBER_CHARACTERS, NUMBER_LENGTH
from processes.ledger.production.tables import bom, work_order
from processes.ledger.tables import (
    REASON_REQUIRED,
    characteristic_result,
    hold,
    hold_release,
    inspection_document,
    inspection_lot,
    inspection_plan,
    item,
    item_revision,
    location,
    location_status,
    lot,
    package_level,
    receipt,
    receipt_line,
    serial_unit,
    stock_balance,
    stock_movement,
)

_LEAVES = ("ISS", "PCK", "SHP")
_FREE = ("RELEASED", "RELEASED_CONDITIONAL")
_tenant: BindParameter[str] = bindparam("tenant_id")
_moved = stock_movement.c
_movement_lot = and_(lot.c.tenant_id == _moved.tenant_id, lot.c.lot_id == _moved.lot_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`broken` gives the rows that break it; `en` and `zh` say so by the columns of such a row."""

    code: str
    broken: Select[Any]
    en: str
    zh: str


LEFT = Rule(
    code="ledger.left_unreleased",
    broken=select(_moved.movement_type, _moved.from_status, lot.c.lot_number)
    .join(lot, _movement_lot)
    .where(_moved.tenant_id == _tenant)
    .where(_moved.movement_type.in_(_LEAVES))
    .where(func.coalesce(_moved.from_status, "").not_in(_FREE))
    .order_by(lot.c.lot_number),
    en="Lot {lot_number}: {movement_type} took stock of status {from_status}, which may not leave.",
    zh="批次 {lot_number}：{movement_type} 移动取用了状态为 {from_status} 的库存，该状态不得发出。",
)
PLACED = Rule(
    code="ledger.misplaced",
    broken=select(lot.c.lot_number, location.c.code, stock_balance.c.status)
    .select_from(stock_balance)
    .join(
        lot,
        and_(lot.c.tenant_id == stock_balance.c.tenant_id, lot.c.lot_id == stock_balance.c.lot_id),
    )
    .join(
        location,
        and_(
            location.c.tenant_id == stock_balance.c.tenant_id,
            location.c.location_id == stock_balance.c.location_id,
        ),
    )
    .outerjoin(
        location_status,
        and_(
            location_status.c.tenant_id == stock_balance.c.tenant_id,
            location_status.c.location_id == stock_balance.c.location_id,
            location_status.c.status == stock_balance.c.status,
        ),
    )
    .where(stock_balance.c.tenant_id == _tenant)
    .where(stock_balance.c.quantity > 0)
    .where(location_status.c.status.is_(None))
    .order_by(lot.c.lot_number),
    en="Lot {lot_number} lies at {code} in status {status}, which that place does not allow.",
    zh="批次 {lot_number} 以状态 {status} 存放于 {code}，该库位不允许此状态。",
)
_line = shipment_line.c
_SHIPPED = (
    select(shipment.c.shipment_number, _line.line, lot.c.lot_number, _line.sold_on)
    .select_from(shipment_line)
    .join(
        shipment,
        and_(
            shipment.c.tenant_id == _line.tenant_id,
            shipment.c.shipment_id == _line.shipment_id,
        ),
    )
    .join(lot, and_(lot.c.tenant_id == _line.tenant_id, lot.c.lot_id == _line.lot_id))
    .where(_line.tenant_id == _tenant)
    .order_by(shipment.c.shipment_number, _line.line)
)
SHIPPED_EXPIRED = Rule(
    code="ledger.shipped_expired",
    broken=_SHIPPED.add_columns(lot.c.expiry).where(lot.c.expiry < _line.sold_on),
    en="Shipment {shipment_number}: lot {lot_number} expired on {expiry} and left on {sold_on}.",
    zh="发货单 {shipment_number}：批次 {lot_number} 有效期至 {expiry}，却于 {sold_on} 发出。",
)
SHIPPED_UNLICENSED = Rule(
    code="ledger.shipped_unlicensed",
    broken=_SHIPPED.add_columns(_line.buyer_name).where(
        ~there_is(
            select(consignee_licence.c.licence_number)
            .where(consignee_licence.c.tenant_id == _line.tenant_id)
            .where(consignee_licence.c.consignee_id == shipment.c.consignee_id)
            .where(consignee_licence.c.valid_from <= _line.sold_on)
            .where(
                or_(
                    consignee_licence.c.valid_to.is_(None),
                    consignee_licence.c.valid_to >= _line.sold_on,
                )
            )
        )
    ),
    en="Shipment {shipment_number} went to {buyer_name}, who had no licence on {sold_on}.",
    zh="发货单 {shipment_number} 发往 {buyer_name}，该收货方在 {sold_on} 没有有效许可。",
)
_RECORD = ("device_name", "udi", "use_by", "buyer_name", "buyer_address", "registration_number")
SHIPPED_UNRECORDED = Rule(
    code="ledger.shipped_unrecorded",
    broken=_SHIPPED.where(or_(*(func.trim(_line[name]) == "" for name in _RECORD))),
    en="Shipment {shipment_number}, line {line}: the sales record of lot {lot_number} is not"
    " complete.",
    zh="发货单 {shipment_number} 第 {line} 行：批次 {lot_number} 的销售记录不完整。",
)


def _ill_numbered(column: Any) -> Any:
    characters = func.ltrim(column, literal_column(f"'{NUMBER_CHARACTERS}'"))
    return or_(func.length(column) > NUMBER_LENGTH, characters != "", column == "")


LOT_NUMBERED = Rule(
    code="ledger.lot_number",
    broken=select(lot.c.lot_number)
    .where(lot.c.tenant_id == _tenant)
    .where(
        or_(
            _ill_numbered(lot.c.lot_number),
            lot.c.expiry.is_(None) != lot.c.expiry_precision.is_(None),
        )
    )
    .order_by(lot.c.lot_number),
    en="Lot “{lot_number}” has a number that fits no label, or an expiry date without precision.",
    zh="批次“{lot_number}”的批号不符合标签要求，或有效期没有注明精度。",
)
SERIAL_NUMBERED = Rule(
    code="ledger.serial_number",
    broken=select(serial_unit.c.serial_number)
    .where(serial_unit.c.tenant_id == _tenant)
    .where(_ill_numbered(serial_unit.c.serial_number))
    .order_by(serial_unit.c.serial_number),
    en="The serial number “{serial_number}” fits no label.",
    zh="序列号“{serial_number}”不符合标签要求。",
)
MEASURED = Rule(
    code="ledger.measure",
    broken=select(_moved.movement_id, _moved.unit_code, lot.c.lot_number, item.c.item_number)
    .join(lot, _movement_lot)
    .join(item, and_(item.c.tenant_id == lot.c.tenant_id, item.c.item_id == lot.c.item_id))
    .join(
        package_level,
        and_(
            package_level.c.tenant_id == _moved.tenant_id,
            package_level.c.package_level_id == _moved.package_level_id,
        ),
    )
    .where(_moved.tenant_id == _tenant)
    .where(
        or_(_moved.unit_code != item.c.unit_code, package_level.c.item_id != item.c.item_id),
    )
    .order_by(lot.c.lot_number, _moved.movement_id),
    en="Movement {movement_id} of lot {lot_number} is in a unit ({unit_code}) or package that is"
    " none of item {item_number}.",
    zh="批次 {lot_number} 的移动 {movement_id} 使用的单位（{unit_code}）或包装不属于物料"
    " {item_number}。",
)
EXPLAINED = Rule(
    code="ledger.unexplained_movement",
    broken=select(_moved.movement_id, _moved.movement_type, lot.c.lot_number)
    .join(lot, _movement_lot)
    .where(_moved.tenant_id == _tenant)
    .where(
        or_(
            func.trim(_moved.document_kind) == "",
            func.trim(_moved.document_id) == "",
            func.trim(_moved.actor) == "",
            and_(
                _moved.movement_type.in_(REASON_REQUIRED),
                func.trim(func.coalesce(_moved.reason, "")) == "",
            ),
        )
    )
    .order_by(lot.c.lot_number, _moved.movement_id),
    en="Movement {movement_type} {movement_id} of lot {lot_number} lacks document, person or"
    " reason.",
    zh="批次 {lot_number} 的移动 {movement_type} {movement_id} 缺少单据、人员或原因。",
)
_STATUS_SIGNED = ("RELEASED", "RELEASED_CONDITIONAL", "REJECTED")
SIGNED = Rule(
    code="ledger.unsigned",
    broken=select(_moved.movement_id, _moved.from_status, _moved.to_status, lot.c.lot_number)
    .join(lot, _movement_lot)
    .where(_moved.tenant_id == _tenant)
    .where(_moved.movement_type == "STAT")
    .where(_moved.to_status.in_(_STATUS_SIGNED))
    .where(func.coalesce(_moved.signature_meaning, "") == "")
    .order_by(lot.c.lot_number, _moved.movement_id),
    en="Lot {lot_number} went from {from_status} to {to_status} without a signature.",
    zh="批次 {lot_number} 的状态由 {from_status} 变更为 {to_status}，但没有签名。",
)
_RELEASED_BY_INSPECTION = (
    select(inspection_lot.c.inspection_number, lot.c.lot_number, _moved.actor)
    .select_from(stock_movement)
    .join(lot, _movement_lot)
    .join(
        inspection_lot,
        and_(
            inspection_lot.c.tenant_id == _moved.tenant_id,
            inspection_lot.c.inspection_number == _moved.document_id,
        ),
    )
    .where(_moved.tenant_id == _tenant)
    .where(_moved.movement_type == "STAT")
    .where(_moved.document_kind == "inspection")
    .where(_moved.from_status == "QUARANTINE")
    .where(_moved.to_status == "RELEASED")
    .distinct()
)
RELEASED_OPEN = Rule(
    code="ledger.released_uninspected",
    broken=_RELEASED_BY_INSPECTION.where(inspection_lot.c.status == "open"),
    en="Lot {lot_number} was released by inspection {inspection_number}, which is not decided.",
    zh="批次 {lot_number} 依据检验 {inspection_number} 放行，但该检验尚未作出决定。",
)
_newer = inspection_document.alias("newer")
RELEASED_UNDOCUMENTED = Rule(
    code="ledger.released_undocumented",
    broken=_RELEASED_BY_INSPECTION.add_columns(inspection_document.c.document_code)
    .join(
        inspection_document,
        and_(
            inspection_document.c.tenant_id == inspection_lot.c.tenant_id,
            inspection_document.c.inspection_lot_id == inspection_lot.c.inspection_lot_id,
        ),
    )
    .where(inspection_document.c.finding.in_(("missing", "wrong")))
    .where(
        ~there_is(
            select(_newer.c.round)
            .where(_newer.c.tenant_id == inspection_document.c.tenant_id)
            .where(_newer.c.inspection_lot_id == inspection_document.c.inspection_lot_id)
            .where(_newer.c.document_code == inspection_document.c.document_code)
            .where(_newer.c.round > inspection_document.c.round)
        )
    ),
    en="Lot {lot_number} was released by {inspection_number} without its document {document_code}.",
    zh="批次 {lot_number} 依据 {inspection_number} 放行，但缺少文件 {document_code}。",
)
RELEASED_ALONE = Rule(
    code="ledger.released_alone",
    broken=_RELEASED_BY_INSPECTION.where(
        there_is(
            select(characteristic_result.c.sample_number)
            .where(characteristic_result.c.tenant_id == inspection_lot.c.tenant_id)
            .where(characteristic_result.c.inspection_lot_id == inspection_lot.c.inspection_lot_id)
            .where(characteristic_result.c.actor == _moved.actor)
        )
    ),
    en="Lot {lot_number} was released by {actor}, who inspected it ({inspection_number}).",
    zh="批次 {lot_number} 由 {actor} 放行，而其本人参与了检验（{inspection_number}）。",
)
RELEASED_NONCONFORMING = Rule(
    code="ledger.released_nonconforming",
    broken=select(nonconformity.c.nonconformity_number, lot.c.lot_number)
    .select_from(stock_movement)
    .join(lot, _movement_lot)
    .join(
        nonconformity_lot,
        and_(
            nonconformity_lot.c.tenant_id == _moved.tenant_id,
            nonconformity_lot.c.lot_id == _moved.lot_id,
        ),
    )
    .join(
        nonconformity,
        and_(
            nonconformity.c.tenant_id == nonconformity_lot.c.tenant_id,
            nonconformity.c.nonconformity_id == nonconformity_lot.c.nonconformity_id,
        ),
    )
    .outerjoin(
        nonconformity_closure,
        and_(
            nonconformity_closure.c.tenant_id == nonconformity_lot.c.tenant_id,
            nonconformity_closure.c.nonconformity_id == nonconformity_lot.c.nonconformity_id,
            nonconformity_closure.c.cycle == nonconformity_lot.c.cycle,
        ),
    )
    .where(_moved.tenant_id == _tenant)
    .where(_moved.movement_type == "STAT")
    .where(_moved.to_status.in_(_FREE))
    .where(_moved.document_kind != "nonconformity")  # its own disposition may
    .where(nonconformity_lot.c.finding != "clear")
    .where(nonconformity_lot.c.decided_at < _moved.recorded_at)
    .where(
        or_(
            nonconformity_closure.c.closed_at.is_(None),
            nonconformity_closure.c.closed_at > _moved.recorded_at,
        )
    )
    .distinct(),
    en="Lot {lot_number} was released while nonconformity {nonconformity_number} affected it.",
    zh="批次 {lot_number} 在不合格 {nonconformity_number} 未关闭期间被放行。",
)
_HELD_THEN = and_(
    hold.c.placed_at < _moved.recorded_at,
    or_(hold_release.c.released_at.is_(None), hold_release.c.released_at > _moved.recorded_at),
)
_release = and_(
    hold_release.c.tenant_id == hold.c.tenant_id, hold_release.c.hold_id == hold.c.hold_id
)
HELD = Rule(
    code="ledger.left_held",
    broken=select(_moved.movement_type, lot.c.lot_number, hold.c.reason)
    .select_from(hold)
    .outerjoin(hold_release, _release)
    .join(
        stock_movement,
        and_(_moved.tenant_id == hold.c.tenant_id, _moved.lot_id == hold.c.lot_id),
    )
    .join(lot, _movement_lot)
    .where(hold.c.tenant_id == _tenant)
    .where(_moved.movement_type.in_(_LEAVES))
    .where(or_(hold.c.serial_unit_id.is_(None), hold.c.serial_unit_id == _moved.serial_unit_id))
    .where(_HELD_THEN)
    .distinct(),
    en="Lot {lot_number} left ({movement_type}) while it was on hold: {reason}.",
    zh="批次 {lot_number} 在冻结期间被发出（{movement_type}），冻结原因：{reason}。",
)
_kept, _ended = reservation.c, reservation_end.alias("ended")
_other, _place = lot.alias("other"), location.alias("place")


def _lay(side: str, *, upto: bool) -> ColumnElement[int]:
    """Sum what came to, or went from, the shelves of a site before a reservation; `upto` counts
    the instant of the reservation itself."""
    went, at = stock_movement.alias(f"went_{side}_{upto}"), location.alias(f"at_{side}_{upto}")
    when = went.c.recorded_at
    return (
        select(func.coalesce(cast(func.sum(went.c.quantity), BigInteger), 0))
        .join(
            at,
            and_(
                at.c.tenant_id == went.c.tenant_id,
                at.c.location_id == went.c[f"{side}_location_id"],
            ),
        )
        .where(went.c.tenant_id == _kept.tenant_id)
        .where(went.c.lot_id == _other.c.lot_id)
        .where(went.c[f"{side}_status"] == "RELEASED")
        .where(at.c.zone.in_(sorted(PICKING_ZONES)))
        .where(at.c.site == _place.c.site)
        .where(when <= _kept.reserved_at if upto else when < _kept.reserved_at)
        .correlate(reservation, _other, _place)
        .scalar_subquery()
    )


def _promised() -> ColumnElement[int]:
    """Sum what was promised of a lot at the site when a reservation was made."""
    before = reservation.alias("before")
    where = location.alias("where_promised")
    return (
        select(func.coalesce(cast(func.sum(before.c.quantity), BigInteger), 0))
        .join(
            where,
            and_(
                where.c.tenant_id == before.c.tenant_id,
                where.c.location_id == before.c.location_id,
            ),
        )
        .outerjoin(
            _ended,
            and_(
                _ended.c.tenant_id == before.c.tenant_id,
                _ended.c.reservation_id == before.c.reservation_id,
                _ended.c.ended_at < _kept.reserved_at,
            ),
        )
        .where(before.c.tenant_id == _kept.tenant_id)
        .where(before.c.lot_id == _other.c.lot_id)
        .where(where.c.site == _place.c.site)
        .where(before.c.reserved_at <= _kept.reserved_at)
        .where(before.c.reserved_until >= _kept.reserved_at)
        .where(_ended.c.reservation_id.is_(None))
        .correlate(reservation, _other, _place)
        .scalar_subquery()
    )


_held_over = hold.outerjoin(
    hold_release,
    and_(hold_release.c.tenant_id == hold.c.tenant_id, hold_release.c.hold_id == hold.c.hold_id),
)
OUT_OF_TURN = Rule(
    code="ledger.out_of_turn",
    broken=select(
        _kept.document_id, lot.c.lot_number, _other.c.lot_number.label("first"), _other.c.expiry
    )
    .select_from(reservation)
    .join(lot, and_(lot.c.tenant_id == _kept.tenant_id, lot.c.lot_id == _kept.lot_id))
    .join(
        _place,
        and_(_place.c.tenant_id == _kept.tenant_id, _place.c.location_id == _kept.location_id),
    )
    .join(
        _other,
        and_(
            _other.c.tenant_id == _kept.tenant_id,
            _other.c.item_id == lot.c.item_id,
            _other.c.expiry >= _kept.usable_until,
            or_(lot.c.expiry.is_(None), _other.c.expiry < lot.c.expiry),
        ),
    )
    .where(_kept.tenant_id == _tenant)
    .where(func.trim(func.coalesce(_kept.override_reason, "")) == "")
    .where(_lay("to", upto=False) - _lay("from", upto=True) > _promised())
    .where(
        ~there_is(
            select(hold.c.hold_id)
            .select_from(_held_over)
            .where(hold.c.tenant_id == _kept.tenant_id)
            .where(hold.c.lot_id == _other.c.lot_id)
            .where(hold.c.serial_unit_id.is_(None))
            .where(hold.c.placed_at <= _kept.reserved_at)
            .where(
                or_(
                    hold_release.c.hold_id.is_(None),
                    hold_release.c.released_at >= _kept.reserved_at,
                )
            )
        )
    )
    .order_by(_kept.document_id, _other.c.lot_number)
    .distinct(),
    en="{document_id} keeps lot {lot_number}, though {first} was free and expires first, on"
    " {expiry}; no reason is written down.",
    zh="{document_id} 预留了批次 {lot_number}，而批次 {first} 可用且先到期（{expiry}），"
    "未记录原因。",
)
RULES = (
    *(LEFT, PLACED, SHIPPED_EXPIRED, SHIPPED_UNLICENSED, SHIPPED_UNRECORDED),
    *(LOT_NUMBERED, SERIAL_NUMBERED, MEASURED, EXPLAINED, SIGNED),
    *(RELEASED_OPEN, RELEASED_UNDOCUMENTED, RELEASED_ALONE, RELEASED_NONCONFORMING, HELD),
    OUT_OF_TURN,
)


def check_rules(db: Connection, tenant_id: str, report: Report) -> None:
    """Name each row that breaks a rule of the book (INV-02, 03, 06, 07, 08, 11, 12, 13,
    17)."""
    for rule in RULES:
        for row in db.execute(rule.broken, {"tenant_id": tenant_id}):
            said = row._asdict()
            report.differ(rule.code, row[0], None, rule.en.format(**said), rule.zh.format(**said))


# --- what was made of what was held (INV-13) ------------------------------------------------------

_FROZEN = (
    select(hold.c.lot_id, hold.c.placed_at, hold_release.c.released_at)
    .join(
        hold_reach,
        and_(hold_reach.c.tenant_id == hold.c.tenant_id, hold_reach.c.hold_id == hold.c.hold_id),
    )
    .outerjoin(hold_release, _release)
    .where(hold.c.tenant_id == _tenant)
)
_REACHED = select(DOWN.c.lot_id)
_LEFT_MEANWHILE = (
    select(_moved.movement_type, lot.c.lot_number)
    .join(lot, _movement_lot)
    .where(_moved.tenant_id == _tenant)
    .where(among(_moved.lot_id, "reached"))
    .where(_moved.movement_type.in_(_LEAVES))
    .where(_moved.recorded_at > bindparam("placed_at"))
    .where(or_(bindparam("open"), _moved.recorded_at < bindparam("released_at")))
    .distinct()
)


def check_reach(db: Connection, tenant_id: str, report: Report) -> None:
    """Name each lot that left while what went into it was on a hold with reach (INV-13).

    Lots that were held and given back together are walked from together: a freeze of ten thousand
    lots is one walk.
    """
    together: dict[tuple[Any, Any], list[Any]] = {}
    for row in db.execute(_FROZEN, {"tenant_id": tenant_id}):
        together.setdefault((row.placed_at, row.released_at), []).append(row.lot_id)
    for (placed_at, released_at), lots in together.items():
        key = {"tenant_id": tenant_id, "lot_ids": lots}
        reached = db.execute(_REACHED, key).scalars().all()
        meanwhile = {
            "tenant_id": tenant_id,
            "placed_at": placed_at,
            "released_at": released_at or placed_at,
            "open": released_at is None,
        }
        for some in slices(set(reached).difference(lots)):
            for left in db.execute(_LEFT_MEANWHILE, {**meanwhile, "reached": some}):
                report.differ(
                    "ledger.left_held",
                    left.lot_number,
                    None,
                    f"Lot {left.lot_number} left ({left.movement_type}) while what went into it"
                    " was on hold.",
                    f"批次 {left.lot_number} 被发出（{left.movement_type}），"
                    "而其所用的批次当时已冻结。",
                )


# --- what was in force on the day (INV-15) --------------------------------------------------------

_PLANS = (
    select(
        inspection_plan.c.inspection_plan_id.label("id"),
        inspection_plan.c.item_id,
        inspection_plan.c.item_revision,
        inspection_plan.c.version,
        inspection_plan.c.effective_from,
        inspection_plan.c.created_at,
    )
    .where(inspection_plan.c.tenant_id == _tenant)
    .order_by(inspection_plan.c.effective_from, inspection_plan.c.version)
)
_INSPECTED = (
    select(
        inspection_lot.c.inspection_number.label("number"),
        inspection_lot.c.inspection_plan_id.label("used"),
        inspection_plan.c.item_id,
        lot.c.item_revision,
        inspection_lot.c.created_at,
        receipt.c.site,
    )
    .join(
        lot,
        and_(
            lot.c.tenant_id == inspection_lot.c.tenant_id, lot.c.lot_id == inspection_lot.c.lot_id
        ),
    )
    .outerjoin(
        receipt_line,
        and_(
            receipt_line.c.tenant_id == inspection_lot.c.tenant_id,
            receipt_line.c.receipt_line_id == inspection_lot.c.receipt_line_id,
        ),
    )
    .outerjoin(
        receipt,
        and_(
            receipt.c.tenant_id == receipt_line.c.tenant_id,
            receipt.c.receipt_id == receipt_line.c.receipt_id,
        ),
    )
    .join(
        inspection_plan,
        and_(
            inspection_plan.c.tenant_id == inspection_lot.c.tenant_id,
            inspection_plan.c.inspection_plan_id == inspection_lot.c.inspection_plan_id,
        ),
    )
    .where(inspection_lot.c.tenant_id == _tenant)
    .order_by(inspection_lot.c.inspection_number)
)
_REVISIONS = select(
    item_revision.c.item_id, item_revision.c.revision_code, item_revision.c.effective_from
).where(item_revision.c.tenant_id == _tenant)
_BILLS = (
    select(
        bom.c.bom_id.label("id"),
        bom.c.item_id,
        bom.c.item_revision,
        bom.c.version,
        bom.c.effective_from,
        bom.c.created_at,
    )
    .where(bom.c.tenant_id == _tenant)
    .order_by(bom.c.effective_from, bom.c.version)
)
_ORDERED = (
    select(
        work_order.c.work_order_number.label("number"),
        work_order.c.bom_id.label("used"),
        work_order.c.item_id,
        work_order.c.item_revision,
        work_order.c.planned_start,
        work_order.c.created_at,
    )
    .where(work_order.c.tenant_id == _tenant)
    .order_by(work_order.c.work_order_number)
)


def check_versions(db: Connection, tenant_id: str, report: Report) -> None:
    """Name each inspection by a plan, and each order by a bill, that another one had replaced by
    its day, or that did not count yet, on that day or for its revision (INV-15)."""
    key = {"tenant_id": tenant_id}
    plans: dict[Any, list[AnyRow]] = defaultdict(list)
    for plan in db.execute(_PLANS, key):
        plans[plan.item_id].append(plan)
    since = {
        (row.item_id, row.revision_code): (row.effective_from, row.revision_code)
        for row in db.execute(_REVISIONS, key)
    }
    calendars = read_documents(db, tenant_id).get(site_days.DOCUMENT, site_days.IN_UTC)
    for made in db.execute(_INSPECTED, key):
        day = site_days.day_at(calendars, made.created_at, made.site)
        meant = _for_revision(plans[made.item_id], since, made.item_revision)
        if made.used not in _in_force(meant, made.created_at, day):
            _say_version(report, "inspection", "检验", made.number, "plan", "方案")
    bills: dict[Any, list[AnyRow]] = defaultdict(list)
    for bill in db.execute(_BILLS, key):
        bills[bill.item_id, bill.item_revision].append(bill)
    for order in db.execute(_ORDERED, key):
        known = bills[order.item_id, order.item_revision]
        if order.used not in _in_force(known, order.created_at, order.planned_start):
            _say_version(report, "work order", "工单", order.number, "bill", "物料清单")


def _for_revision(
    versions: list[AnyRow], since: Mapping[tuple[UUID, str], tuple[date, str]], revision: str
) -> list[AnyRow]:
    """Leave out the plans that a change made for a later revision than this one."""
    return [
        each
        for each in versions
        if each.item_revision is None
        or since[each.item_id, each.item_revision] <= since[each.item_id, revision]
    ]


def _in_force(versions: list[AnyRow], at: datetime, day: date) -> Iterator[UUID]:
    """Give the version that counted on a day, of those written by then; where one was written in
    that very instant, also the one before."""
    known = [each for each in versions if each.effective_from <= day and each.created_at <= at]
    for each in reversed(known):
        yield each.id
        if each.created_at < at:
            return


def _say_version(
    report: Report, what: str, said: str, number: str, version: str, called: str
) -> None:
    report.differ(
        "ledger.version",
        number,
        None,
        f"The {what} {number} goes by a {version} that was not in force on its day.",
        f"{said} {number} 使用的{called}在当日并非有效版本。",
    )


CHECKS: tuple[Check, ...] = (check_rules, check_reach, check_versions)
"""What these rules add to `countersign verify`."""
