"""Where goods are put away: by status zone, by temperature class, behind what expires sooner.

Which zones a status goes to and how warm an item lies that says nothing are the customer's document
`warehouse_rules`. An item says its own temperature class in its storage conditions
(`{"temperature_class": "2-8C"}`), which change control alters.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, select

from engine.services import ServiceContext
from processes.ledger import balances, locations, lots, site_days, status
from processes.ledger.distribution import containers
from processes.ledger.distribution.containers import SeveralStatuses
from processes.ledger.locations import Location
from processes.ledger.lots import Lot
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.tables import item, location_status, lot, stock_balance

RULES = "warehouse_rules"
_STORED_AT = (
    select(stock_balance.c.location_id, lot.c.lot_id, lot.c.item_id, lot.c.expiry)
    .join(
        lot,
        and_(lot.c.tenant_id == stock_balance.c.tenant_id, lot.c.lot_id == stock_balance.c.lot_id),
    )
    .where(stock_balance.c.tenant_id == bindparam("tenant_id"))
    .where(stock_balance.c.location_id.in_(bindparam("location_ids", expanding=True)))
    .where(stock_balance.c.quantity > 0)
)
_ALLOWED = (
    select(location_status.c.location_id, location_status.c.status)
    .where(location_status.c.tenant_id == bindparam("tenant_id"))
    .where(location_status.c.location_id.in_(bindparam("location_ids", expanding=True)))
)
_CONDITIONS = (
    select(item.c.storage_conditions)
    .where(item.c.tenant_id == bindparam("tenant_id"))
    .where(item.c.item_id == bindparam("item_id"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """Some of a lot, in one status; `counts_as` is the status that counts (holds, expiry)."""

    lot: Lot
    status: str
    counts_as: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How goods and a bin fit: zone and allowed statuses, temperature, and what lies in it."""

    status: bool
    temperature: bool
    lane: bool
    rank: int  # 0: the same lot lies there, 1: the same item, 2: nothing, 3: something else

    @property
    def whole(self) -> bool:
        return self.status and self.temperature and self.lane


class NothingToPutAway(LedgerRefusal):
    """What was scanned does not lie loose at the place that was scanned."""

    def __init__(self, scanned: str, where: str) -> None:
        super().__init__(
            f"{scanned} does not lie loose at {where}. Scan goods and place again.",
            f"{scanned} 不在 {where}（未装箱部分），请重新扫描货物与货位。",
            found=scanned,
        )


def of_lot(context: ServiceContext, found: Lot, place: Location) -> Goods:
    """Give what of a lot is to be put away from a place: all that is loose, in one status.

    Of several statuses the one that does not belong where it lies (released goods on the quarantine
    shelf); SeveralStatuses where that leaves more than one.
    """
    there = [
        _goods(context, found, each.status, each.loose, place)
        for each in balances.of_lot(context.db, context.tenant_id, found.lot_id)
        if each.location_id == place.location_id and each.loose
    ]
    if not there:
        raise NothingToPutAway(found.number, place.code)
    zones = _zones(context)
    wrong = [each for each in there if place.zone not in zones.get(each.counts_as, ())]
    chosen = wrong or there
    if len(chosen) > 1:
        raise SeveralStatuses(found.number, place.code, [each.status for each in chosen])
    return chosen[0]


def of_container(context: ServiceContext, sscc: str) -> tuple[Location, list[Goods]]:
    """Give where a container stands, and all that is in it and in what stands in it."""
    box, parts = containers.whole_content(context, sscc)
    if box.location_id is None:
        raise containers.ContainerGone(sscc)
    place = locations.find(context.db, context.tenant_id, box.location_id)
    goods = [
        _goods(
            context,
            lots.by_number(context.db, context.tenant_id, part.lot_number),
            str(part.status),
            part.quantity,
            place,
        )
        for _each, part in parts
    ]
    return place, goods


def proposed(
    context: ServiceContext, goods: Sequence[Goods], place: Location, without: Collection[str] = ()
) -> list[Location]:
    """List the bins of the same site that fit all of the goods, the best first."""
    others = [
        each
        for each in locations.every(context.db, context.tenant_id)
        if each.active
        and each.site == place.site
        and each.code not in without
        and each.location_id != place.location_id
    ]
    fits = fitting(context, goods, others)
    return sorted(
        (each for each in others if fits[each.location_id].whole),
        key=lambda each: (fits[each.location_id].rank, each.code),
    )


def fitting(
    context: ServiceContext, goods: Sequence[Goods], bins: Sequence[Location]
) -> Mapping[UUID, Fit]:
    """Say of each bin how the goods fit it."""
    db, tenant_id = context.db, context.tenant_id
    key = {"tenant_id": tenant_id, "location_ids": [each.location_id for each in bins]}
    allowed = {(row.location_id, row.status) for row in db.execute(_ALLOWED, key)}
    stored: dict[UUID, list[Any]] = {}
    for row in db.execute(_STORED_AT, key):
        stored.setdefault(row.location_id, []).append(row)
    zones = _zones(context)
    classes = {each.lot.item_id: _temperature(context, each.lot.item_id) for each in goods}
    return {
        each.location_id: Fit(
            status=all(
                each.zone in zones.get(part.counts_as, ())
                and (each.location_id, part.status) in allowed
                for part in goods
            ),
            temperature=set(classes.values()) <= {each.temperature_class},
            lane=all(_goes_behind(part.lot, stored.get(each.location_id, ())) for part in goods),
            rank=_rank(goods, stored.get(each.location_id, ())),
        )
        for each in bins
    }


def _goes_behind(found: Lot, stored: Iterable[Any]) -> bool:
    """Tell whether all of the item that lies in a lane expires no later than what comes to it."""
    last = found.expiry or date.max
    return all((row.expiry or date.max) <= last for row in stored if row.item_id == found.item_id)


def _rank(goods: Sequence[Goods], stored: Sequence[Any]) -> int:
    if not stored:
        return 2
    if {row.lot_id for row in stored} & {each.lot.lot_id for each in goods}:
        return 0
    return 1 if {row.item_id for row in stored} & {each.lot.item_id for each in goods} else 3


def _goods(
    context: ServiceContext, found: Lot, stock_status: str, quantity: int, place: Location
) -> Goods:
    holds = status.open_holds(context.db, context.tenant_id, found.lot_id)
    today = site_days.today(context, place.site)
    counts = status.effective(stock_status, holds, found.expiry, today)
    return Goods(lot=found, status=stock_status, counts_as=counts, quantity=quantity)


def _zones(context: ServiceContext) -> Mapping[str, Sequence[str]]:
    found: Mapping[str, Sequence[str]] = context.configuration(RULES)["zones_of_status"]
    return found


def _temperature(context: ServiceContext, item_id: UUID) -> str:
    key = {"tenant_id": context.tenant_id, "item_id": item_id}
    said = context.db.execute(_CONDITIONS, key).scalar_one()
    if isinstance(said, Mapping) and said.get("temperature_class"):
        return str(said["temperature_class"])
    usual: str = context.configuration(RULES)["temperature_class"]
    return usual
