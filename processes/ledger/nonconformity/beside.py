"""Lots that were treated as a nonconforming one was, though nothing links them by what they are
made of: the same load of the steriliser, the same gauge, the same equipment, the same person at the
same work, the same item at the same time (NCR-14).

How wide the windows are is the customer's (`nonconformity_rules.reach`). Lots of the same work
order follow from the genealogy.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Text, bindparam, func, select

from processes.ledger.genealogy.tables import genealogy_edge
from processes.ledger.production.tables import equipment_use, work_order
from processes.ledger.tables import characteristic_result, inspection_lot, stock_movement

_INTO = genealogy_edge.alias()
_SAME_LOAD = (
    select(genealogy_edge.c.to_lot_id)
    .join(
        _INTO,
        (_INTO.c.tenant_id == genealogy_edge.c.tenant_id)
        & (_INTO.c.from_lot_id == genealogy_edge.c.from_lot_id),
    )
    .where(genealogy_edge.c.tenant_id == bindparam("tenant_id"))
    .where(genealogy_edge.c.kind == "sterilise")
    .where(_INTO.c.kind == "sterilise")
    .where(_INTO.c.to_lot_id == bindparam("lot_id"))
    .distinct()
)
_MEASURED_WITH = (
    select(
        characteristic_result.c.instrument_id,
        func.min(characteristic_result.c.performed_at).label("first"),
        func.max(characteristic_result.c.performed_at).label("last"),
    )
    .join(
        inspection_lot,
        (inspection_lot.c.tenant_id == characteristic_result.c.tenant_id)
        & (inspection_lot.c.inspection_lot_id == characteristic_result.c.inspection_lot_id),
    )
    .where(characteristic_result.c.tenant_id == bindparam("tenant_id"))
    .where(inspection_lot.c.lot_id == bindparam("lot_id"))
    .where(characteristic_result.c.instrument_id.is_not(None))
    .group_by(characteristic_result.c.instrument_id)
)
_SAME_GAUGE = (
    select(inspection_lot.c.lot_id)
    .join(
        characteristic_result,
        (inspection_lot.c.tenant_id == characteristic_result.c.tenant_id)
        & (inspection_lot.c.inspection_lot_id == characteristic_result.c.inspection_lot_id),
    )
    .where(characteristic_result.c.tenant_id == bindparam("tenant_id"))
    .where(characteristic_result.c.instrument_id == bindparam("instrument_id"))
    .where(characteristic_result.c.performed_at >= bindparam("since"))
    .where(characteristic_result.c.performed_at <= bindparam("until"))
    .distinct()
)
_WORKED_ON_WITH = (
    select(
        equipment_use.c.equipment_number,
        func.min(equipment_use.c.began_at).label("first"),
        func.max(equipment_use.c.ended_at).label("last"),
    )
    .join(
        work_order,
        (work_order.c.tenant_id == equipment_use.c.tenant_id)
        & (work_order.c.work_order_id == equipment_use.c.work_order_id),
    )
    .where(equipment_use.c.tenant_id == bindparam("tenant_id"))
    .where(work_order.c.lot_id == bindparam("lot_id"))
    .group_by(equipment_use.c.equipment_number)
)
_SAME_EQUIPMENT = (
    select(work_order.c.lot_id)
    .join(
        equipment_use,
        (work_order.c.tenant_id == equipment_use.c.tenant_id)
        & (work_order.c.work_order_id == equipment_use.c.work_order_id),
    )
    .where(equipment_use.c.tenant_id == bindparam("tenant_id"))
    .where(equipment_use.c.equipment_number == bindparam("equipment_number"))
    .where(equipment_use.c.began_at <= bindparam("until"))
    .where(equipment_use.c.ended_at >= bindparam("since"))
    .distinct()
)
_WORK = (
    select(
        work_order.c.lot_id,
        work_order.c.planned_start,
        work_order.c.planned_end,
        stock_movement.c.actor,
    )
    .outerjoin(
        stock_movement,
        (stock_movement.c.tenant_id == work_order.c.tenant_id)
        & (stock_movement.c.lot_id == work_order.c.lot_id)
        & (stock_movement.c.movement_type == bindparam("made", "PROD", Text)),
    )
    .where(work_order.c.tenant_id == bindparam("tenant_id"))
)
_WORK_ON = _WORK.where(work_order.c.lot_id == bindparam("lot_id"))
_SAME_TIME = (
    _WORK.where(work_order.c.item_id == bindparam("item_id"))
    .where(work_order.c.planned_start <= bindparam("until"))
    .where(work_order.c.planned_end >= bindparam("since"))
)


def of_lots(
    db: Connection,
    tenant_id: str,
    reported: Sequence[tuple[UUID, UUID]],
    rules: Mapping[str, Any],
) -> dict[UUID, str]:
    """Give the lots beside the reported ones (pairs of lot and item), each with what joins them.

    The nearest reason counts: "load", "gauge", "equipment", "operator", "time".
    """
    found: dict[UUID, str] = {}
    for lot_id, item_id in reported:
        key = {"tenant_id": tenant_id, "lot_id": lot_id}
        for beside in db.execute(_SAME_LOAD, key).scalars():
            found.setdefault(beside, "load")
        for beside in _measured_alike(db, key, timedelta(days=int(rules["gauge_days"]))):
            found.setdefault(beside, "gauge")
        for beside in _worked_alike(db, key, timedelta(days=int(rules["equipment_days"]))):
            found.setdefault(beside, "equipment")
        for beside, why in _made_alike(db, key, item_id, timedelta(days=int(rules["work_days"]))):
            found.setdefault(beside, why)
    for lot_id, _ in reported:
        found.pop(lot_id, None)
    return found


def _measured_alike(db: Connection, key: Mapping[str, Any], window: timedelta) -> list[UUID]:
    found: list[UUID] = []
    for used in db.execute(_MEASURED_WITH, key).all():
        asked = {
            "tenant_id": key["tenant_id"],
            "instrument_id": used.instrument_id,
            "since": used.first - window,
            "until": used.last + window,
        }
        found += db.execute(_SAME_GAUGE, asked).scalars()
    return found


def _worked_alike(db: Connection, key: Mapping[str, Any], window: timedelta) -> list[UUID]:
    found: list[UUID] = []
    for used in db.execute(_WORKED_ON_WITH, key).all():
        asked = {
            "tenant_id": key["tenant_id"],
            "equipment_number": used.equipment_number,
            "since": used.first - window,
            "until": used.last + window,
        }
        found += db.execute(_SAME_EQUIPMENT, asked).scalars()
    return found


def _made_alike(
    db: Connection, key: Mapping[str, Any], item_id: UUID, window: timedelta
) -> list[tuple[UUID, str]]:
    own = db.execute(_WORK_ON, key).all()
    if not own:
        return []
    people = {row.actor for row in own}
    asked = {
        "tenant_id": key["tenant_id"],
        "item_id": item_id,
        "since": own[0].planned_start - window,
        "until": own[0].planned_end + window,
    }
    rows = db.execute(_SAME_TIME, asked).all()
    same = [(row.lot_id, "operator") for row in rows if row.actor in people - {None}]
    return same + [(row.lot_id, "time") for row in rows]
