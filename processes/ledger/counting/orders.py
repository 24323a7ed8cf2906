"""Which bins an order to count names: an area, an item, a class; those that are due."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, func, select

from engine.services import ServiceContext
from processes.ledger import items, locations
from processes.ledger.counting.tables import count_observation
from processes.ledger.locations import Location
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.tables import item, lot, stock_balance

RULES = "count_rules"
_LIES = (
    select(stock_balance.c.location_id, item.c.item_id, item.c.item_number, item.c.criticality)
    .join(
        lot,
        and_(lot.c.tenant_id == stock_balance.c.tenant_id, lot.c.lot_id == stock_balance.c.lot_id),
    )
    .join(item, and_(item.c.tenant_id == lot.c.tenant_id, item.c.item_id == lot.c.item_id))
    .where(stock_balance.c.tenant_id == bindparam("tenant_id"))
    .where(stock_balance.c.quantity > 0)
    .distinct()
    .order_by(item.c.item_number)
)
_LAST = (
    select(count_observation.c.location_id, func.max(count_observation.c.counted_at))
    .where(count_observation.c.tenant_id == bindparam("tenant_id"))
    .group_by(count_observation.c.location_id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is to be counted; what is None does not narrow it.

    An item or a class narrows a bin to the items meant; without them everything in it counts.
    """

    site: str | None = None
    zone: str | None = None
    begins_with: str | None = None
    codes: Sequence[str] = ()
    item_number: str | None = None
    criticality: str | None = None
    due_only: bool = False


@dataclass(frozen=True, slots=True)
class Bin:
    """A place to be counted; `item_numbers` empty means all that is found there."""

    place: Location
    item_numbers: tuple[str, ...]


class NothingToCount(LedgerRefusal):
    """An order without a bin."""

    def __init__(self) -> None:
        super().__init__(
            "No bin fits this order, or none of them is due. Choose another area, item or class.",
            "没有符合条件的货位，或均未到盘点周期，请改选区域、物料或等级。",
        )


class TooManyBins(LedgerRefusal):
    """More bins than one order may have by the customer's rules."""

    def __init__(self, found: int, most: int) -> None:
        super().__init__(
            f"{found} bins fit; one order may have {most}. Choose a smaller area.",
            f"符合条件的货位有 {found} 个，单张盘点单最多 {most} 个，请缩小范围。",
            expected=str(most),
            found=str(found),
        )


def bins(context: ServiceContext, scope: Scope) -> list[Bin]:
    """List the bins of an order by their codes, which are the route; refused without any."""
    lying = _lying(context, scope)
    narrowed = scope.item_number is not None or scope.criticality is not None
    fitting = [
        Bin(place, tuple(row.item_number for row in lying.get(place.location_id, ()) if narrowed))
        for place in locations.every(context.db, context.tenant_id)
        if _fits(place, scope) and (not narrowed or place.location_id in lying)
    ]
    if scope.due_only:
        due = _due(context, lying)
        fitting = [each for each in fitting if due(each.place.location_id)]
    most = int(context.configuration(RULES)["bins_at_most"])
    if not fitting:
        raise NothingToCount
    if len(fitting) > most:
        raise TooManyBins(len(fitting), most)
    return fitting


def last_counted(db: Connection, tenant_id: str) -> dict[UUID, datetime]:
    """Give for each place that was ever counted when it was counted last."""
    return {row[0]: row[1] for row in db.execute(_LAST, {"tenant_id": tenant_id})}


def _fits(place: Location, scope: Scope) -> bool:
    return (
        (place.active or place.code in scope.codes)
        and scope.site in (None, place.site)
        and scope.zone in (None, place.zone)
        and place.code.startswith(scope.begins_with or "")
        and (not scope.codes or place.code in scope.codes)
    )


def _lying(context: ServiceContext, scope: Scope) -> dict[UUID, list[Any]]:
    """Give what lies at each place, of the items meant."""
    key = {"tenant_id": context.tenant_id}
    wanted: Iterable[UUID] | None = None
    if scope.item_number is not None:
        found = items.by_number(context.db, context.tenant_id, scope.item_number)
        wanted = items.same_item(context.db, context.tenant_id, found.item_id)
    lying: dict[UUID, list[Any]] = {}
    for row in context.db.execute(_LIES, key):
        if wanted is not None and row.item_id not in wanted:
            continue
        if scope.criticality in (None, row.criticality):
            lying.setdefault(row.location_id, []).append(row)
    return lying


def _due(context: ServiceContext, lying: Mapping[UUID, list[Any]]) -> Any:
    """Give the question whether a place is due: by the highest class that lies in it."""
    days = context.configuration(RULES)["cycle_days"]
    last = last_counted(context.db, context.tenant_id)

    def due(location_id: UUID) -> bool:
        before = last.get(location_id)
        classes = {row.criticality for row in lying.get(location_id, ())} or {"N"}
        cycle = min(int(days[each]) for each in classes)
        return before is None or before + timedelta(days=cycle) <= context.now

    return due
