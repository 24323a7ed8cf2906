"""The mass balance of a lot, or of an item: what came in and what became of it, from books that
check each other.

What came in and what lies here is counted from the movements; what was used up from the edges, what
was shipped from the sales records. Nothing unexplained means that the three books agree.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
    union_all,
)

from processes.ledger import balances, items, lots
from processes.ledger.columns import AnyRow
from processes.ledger.distribution.tables import shipment_line, shipment_return
from processes.ledger.genealogy.tables import genealogy_edge
from processes.ledger.tables import location, stock_balance, stock_movement
from processes.ledger.tables import lot as lot_table
from processes.ledger.units import Unit

_undone = stock_movement.alias("undone")
_of_item = select(lot_table.c.lot_id).where(
    lot_table.c.tenant_id == bindparam("tenant_id"),
    lot_table.c.item_id.in_(bindparam("same_items", expanding=True)),
)
"""The lots of an item, under every number that it has or had."""
_kind = func.coalesce(_undone.c.movement_type, stock_movement.c.movement_type)
_outward = case((stock_movement.c.from_location_id.is_(None), 1), else_=-1)


def _whose(column: ColumnElement[Any], *, item: bool) -> ColumnElement[bool]:
    return column.in_(_of_item) if item else column == bindparam("lot_id")


def _moved(*, item: bool) -> Select[*tuple[Any, ...]]:
    # Only what crosses the border of the lot; a reversal counts against what it takes back.
    return (
        select(_kind, cast(func.sum(stock_movement.c.quantity * _outward), BigInteger))
        .outerjoin(
            _undone,
            (_undone.c.tenant_id == stock_movement.c.tenant_id)
            & (_undone.c.movement_id == stock_movement.c.reversal_of),
        )
        .where(stock_movement.c.tenant_id == bindparam("tenant_id"))
        .where(_whose(stock_movement.c.lot_id, item=item))
        .where(
            stock_movement.c.from_location_id.is_(None) | stock_movement.c.to_location_id.is_(None)
        )
        .group_by(_kind)
    )


def _used(*, item: bool) -> Select[*tuple[Any, ...]]:
    return (
        select(genealogy_edge.c.kind, cast(func.sum(genealogy_edge.c.quantity), BigInteger))
        .where(genealogy_edge.c.tenant_id == bindparam("tenant_id"))
        .where(_whose(genealogy_edge.c.from_lot_id, item=item))
        .where(genealogy_edge.c.movement_id.is_not(None))
        .group_by(genealogy_edge.c.kind)
    )


def _shipped(*, item: bool) -> Select[*tuple[Any, ...]]:
    return select(func.coalesce(cast(func.sum(shipment_line.c.quantity), BigInteger), 0)).where(
        shipment_line.c.tenant_id == bindparam("tenant_id"),
        _whose(shipment_line.c.lot_id, item=item),
    )


def _came_back(*, item: bool) -> Select[*tuple[Any, ...]]:
    return (
        select(func.coalesce(cast(func.sum(shipment_return.c.quantity), BigInteger), 0))
        .join(
            shipment_line,
            (shipment_line.c.tenant_id == shipment_return.c.tenant_id)
            & (shipment_line.c.shipment_line_id == shipment_return.c.shipment_line_id),
        )
        .where(shipment_line.c.tenant_id == bindparam("tenant_id"))
        .where(_whose(shipment_line.c.lot_id, item=item))
    )


def _between(*, item: bool) -> Select[*tuple[Any, ...]]:
    return (
        select(func.coalesce(cast(func.sum(stock_movement.c.quantity), BigInteger), 0))
        .where(stock_movement.c.tenant_id == bindparam("tenant_id"))
        .where(_whose(stock_movement.c.lot_id, item=item))
        .where(stock_movement.c.movement_type.in_(("SPLIT", "MERGE", "REPACK", "RELABEL")))
        .where(stock_movement.c.from_location_id.is_(None))
    )


_MOVED, _USED = _moved(item=False), _used(item=False)
_SHIPPED, _CAME_BACK = _shipped(item=False), _came_back(item=False)
_BETWEEN = _between(item=False)
_MOVED_OF_ITEM, _USED_OF_ITEM = _moved(item=True), _used(item=True)
_SHIPPED_OF_ITEM, _CAME_BACK_OF_ITEM = _shipped(item=True), _came_back(item=True)
_BETWEEN_OF_ITEM = _between(item=True)
_THERE_OF_ITEM = (
    select(stock_balance.c.status, cast(func.sum(stock_balance.c.quantity), BigInteger))
    .where(stock_balance.c.tenant_id == bindparam("tenant_id"))
    .where(_whose(stock_balance.c.lot_id, item=True))
    .group_by(stock_balance.c.status)
)
_AT_SUPPLIER_OF_ITEM = (
    select(func.coalesce(cast(func.sum(stock_balance.c.quantity), BigInteger), 0))
    .join(
        location,
        (location.c.tenant_id == stock_balance.c.tenant_id)
        & (location.c.location_id == stock_balance.c.location_id),
    )
    .where(stock_balance.c.tenant_id == bindparam("tenant_id"))
    .where(_whose(stock_balance.c.lot_id, item=True))
    .where(location.c.zone == bindparam("zone"))
)
AT_SUPPLIER = "supplier"
"""The zone of the places that stand for suppliers who rework what is ours."""
_ISSUED_AS = frozenset({"consume", "produce", "kit", "install"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MassBalance:
    """A lot's balance, or an item's (`lot_id`, `lot_number` are then its own), in stored integers.

    `received + produced + from_lots + counted_up = on_hand + issued + to_lots + shipped + scrapped
    + destroyed + returned_to_supplier + sampled + counted_down + unexplained`. Retained samples lie
    on hand in status SAMPLE, and what a supplier reworks at a place that stands for the supplier:
    ours until it is booked out. `issued` and `shipped` are net of what came back.
    """

    lot_id: UUID
    lot_number: str
    unit: Unit
    received: int
    produced: int
    from_lots: int
    counted_up: int
    on_hand: int
    retained: int  # of the stock on hand
    at_supplier: int  # of the stock on hand
    issued: int
    to_lots: int
    shipped: int
    scrapped: int
    destroyed: int
    returned_to_supplier: int
    sampled: int
    counted_down: int

    @property
    def came_in(self) -> int:
        return self.received + self.produced + self.from_lots + self.counted_up

    @property
    def accounted(self) -> int:
        """All that is known of what became of it."""
        gone = self.issued + self.to_lots + self.shipped + self.scrapped + self.destroyed
        gone += self.returned_to_supplier + self.sampled + self.counted_down
        return self.on_hand + gone

    @property
    def unexplained(self) -> int:
        """What the books do not agree on; nothing when they are right."""
        return self.came_in - self.accounted


def of_lot(db: Connection, tenant_id: str, lot_id: UUID) -> MassBalance:
    """Give a lot's mass balance; NotInLedger when there is no such lot."""
    lot = lots.find(db, tenant_id, lot_id)
    key = {"tenant_id": tenant_id, "lot_id": lot_id}
    there = balances.of_lot(db, tenant_id, lot_id)
    return _balance(
        lot.number,
        lot_id,
        lot.unit,
        moved={row[0]: row[1] for row in db.execute(_MOVED, key)},
        used={row[0]: row[1] for row in db.execute(_USED, key)},
        shipped=db.execute(_SHIPPED, key).scalar_one() - db.execute(_CAME_BACK, key).scalar_one(),
        into=db.execute(_BETWEEN, key).scalar_one(),
        on_hand=sum(each.quantity for each in there),
        retained=sum(each.quantity for each in there if each.status == "SAMPLE"),
        at_supplier=sum(each.quantity for each in there if each.zone == AT_SUPPLIER),
    )


def of_item(db: Connection, tenant_id: str, item_id: UUID) -> MassBalance:
    """Give the mass balance of all lots of an item, under every number that it has or had.

    It stands under the number in use; what went from lot to lot of it is in `from_lots` and in
    `to_lots` alike.
    """
    number = items.merged_numbers(db, tenant_id, item_id)[0]
    found = items.by_number(db, tenant_id, number)
    same = items.same_item(db, tenant_id, item_id)
    key = {"tenant_id": tenant_id, "same_items": same}
    there: dict[str, int] = {row[0]: row[1] for row in db.execute(_THERE_OF_ITEM, key)}
    shipped = db.execute(_SHIPPED_OF_ITEM, key).scalar_one()
    return _balance(
        number,
        found.item_id,
        items.stock_unit(db, tenant_id, found),
        moved={row[0]: row[1] for row in db.execute(_MOVED_OF_ITEM, key)},
        used={row[0]: row[1] for row in db.execute(_USED_OF_ITEM, key)},
        shipped=shipped - db.execute(_CAME_BACK_OF_ITEM, key).scalar_one(),
        into=db.execute(_BETWEEN_OF_ITEM, key).scalar_one(),
        on_hand=sum(there.values()),
        retained=there.get("SAMPLE", 0),
        at_supplier=db.execute(_AT_SUPPLIER_OF_ITEM, {**key, "zone": AT_SUPPLIER}).scalar_one(),
    )


def _balance(
    number: str,
    subject_id: UUID,
    unit: Unit,
    *,
    moved: dict[str, int],
    used: dict[str, int],
    shipped: int,
    into: int,
    on_hand: int,
    retained: int,
    at_supplier: int,
) -> MassBalance:
    issued = sum(quantity for kind, quantity in used.items() if kind in _ISSUED_AS)
    return MassBalance(
        lot_id=subject_id,
        lot_number=number,
        unit=unit,
        received=moved.get("RCV", 0),
        produced=moved.get("PROD", 0),
        from_lots=into,
        counted_up=moved.get("CNT+", 0),
        on_hand=on_hand,
        retained=retained,
        at_supplier=at_supplier,
        issued=issued,
        to_lots=sum(used.values()) - issued,
        shipped=shipped,
        scrapped=-moved.get("SCRAP", 0),
        destroyed=-moved.get("DESTROY", 0),
        returned_to_supplier=-moved.get("RTV", 0),
        sampled=-moved.get("SAMPLE", 0),
        counted_down=-moved.get("CNT-", 0),
    )


_COUNTED = ("RCV", "PROD", "CNT+", "SCRAP", "DESTROY", "RTV", "SAMPLE", "CNT-")
"""What is counted from movements; issues, transfers and shipments are told by the other books."""
_tenant: BindParameter[str] = bindparam("tenant_id")
_minus: ColumnElement[int] = literal_column("-1")
_entries = union_all(
    select(stock_movement.c.lot_id, (stock_movement.c.quantity * _outward).label("quantity"))
    .outerjoin(
        _undone,
        (_undone.c.tenant_id == stock_movement.c.tenant_id)
        & (_undone.c.movement_id == stock_movement.c.reversal_of),
    )
    .where(stock_movement.c.tenant_id == _tenant)
    .where(stock_movement.c.from_location_id.is_(None) | stock_movement.c.to_location_id.is_(None))
    .where(_kind.in_(_COUNTED)),
    select(stock_movement.c.lot_id, stock_movement.c.quantity)
    .where(stock_movement.c.tenant_id == _tenant)
    .where(stock_movement.c.movement_type.in_(("SPLIT", "MERGE", "REPACK", "RELABEL")))
    .where(stock_movement.c.from_location_id.is_(None)),
    select(stock_balance.c.lot_id, stock_balance.c.quantity * _minus).where(
        stock_balance.c.tenant_id == _tenant
    ),
    select(genealogy_edge.c.from_lot_id, genealogy_edge.c.quantity * _minus)
    .where(genealogy_edge.c.tenant_id == _tenant)
    .where(genealogy_edge.c.movement_id.is_not(None)),
    select(shipment_line.c.lot_id, shipment_line.c.quantity * _minus).where(
        shipment_line.c.tenant_id == _tenant
    ),
    select(shipment_line.c.lot_id, shipment_return.c.quantity)
    .join(
        shipment_line,
        (shipment_line.c.tenant_id == shipment_return.c.tenant_id)
        & (shipment_line.c.shipment_line_id == shipment_return.c.shipment_line_id),
    )
    .where(shipment_return.c.tenant_id == _tenant),
).subquery("entries")
_unexplained = cast(func.sum(_entries.c.quantity), BigInteger)
_UNEXPLAINED = (
    select(lot_table.c.lot_number, _entries.c.lot_id, _unexplained.label("unexplained"))
    .join(
        lot_table,
        (lot_table.c.tenant_id == _tenant) & (lot_table.c.lot_id == _entries.c.lot_id),
    )
    .group_by(lot_table.c.lot_number, _entries.c.lot_id)
    .having(func.sum(_entries.c.quantity) != 0)
    .order_by(lot_table.c.lot_number)
)


def unexplained(db: Connection, tenant_id: str) -> list[AnyRow]:
    """List the lots whose books do not agree, with what is left over (INV-14): `of_lot` for all."""
    return list(db.execute(_UNEXPLAINED, {"tenant_id": tenant_id}))
