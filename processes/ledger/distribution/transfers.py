"""Transfers: goods that go from place to place, and between sites by way of goods in transit.

In transit is a place of the book, which the customer's document names (`warehouse_rules`,
`transit_place`): what lies there is on hand and counted, and nobody takes from it, since it is of
no site and of no zone that is picked from.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from engine.services import ServiceContext
from processes.ledger import locations, lots, movements, words
from processes.ledger.balances import InsufficientStock, Place
from processes.ledger.distribution import bins, containers
from processes.ledger.distribution.bins import RULES, Goods
from processes.ledger.locations import PICKING_ZONES, Location
from processes.ledger.movements import Document, Movement
from processes.ledger.refusals import LedgerRefusal

KIND = "stock_transfer"
STAY = ("HOLD", "EXPIRED", "RECALLED")
"""What counts as this leaves its site by no transfer: quality says first what becomes of it."""


class DoesNotBelongThere(LedgerRefusal):
    """Goods go to a place of the zone and the temperature that is theirs."""

    def __init__(self, goods: Goods, target: Location, *, status: bool) -> None:
        counts, zone = words.said("status", goods.counts_as), words.said("zone", target.zone)
        why_en = f"{target.code} is {zone.en}" if status else f"{target.code} has another climate"
        why_zh = f"{target.code} 为{zone.zh}" if status else f"{target.code} 的温度等级不符"
        super().__init__(
            f"Lot {goods.lot.number} is {counts.en}, and {why_en}. Choose a place that fits.",
            f"批次 {goods.lot.number} 当前为{counts.zh}，{why_zh}，请选择符合要求的货位。",
            found=goods.counts_as,
        )


class StaysHere(LedgerRefusal):
    """Held, expired and recalled goods do not go to another site."""

    def __init__(self, goods: Goods) -> None:
        counts = words.said("status", goods.counts_as)
        super().__init__(
            f"Lot {goods.lot.number} is {counts.en} and does not leave its site. Ask quality.",
            f"批次 {goods.lot.number} 当前为{counts.zh}，不得调出本场地，请咨询质量部。",
            found=goods.counts_as,
        )


class NoTransitPlace(LedgerRefusal):
    """Goods between sites lie at a place that is of neither."""

    def __init__(self, code: str | None) -> None:
        super().__init__(
            "No place for goods in transit is named that nobody picks from (warehouse rules, "
            "transit_place). Have one registered.",
            "未指定可用的在途货位（仓库作业规则 transit_place，不得为拣货区），请先登记。",
            found=code,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class What:
    """What is transferred: a container, or so much of a lot (its units); None is all of it."""

    lot_number: str | None = None
    quantity: int | None = None
    serials: Sequence[str] = ()
    sscc: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred:
    """What left a place: stored integers; `status` is None for a container."""

    goods: tuple[Goods, ...]
    in_transit: bool
    at: Location
    quantity: int


def send(
    context: ServiceContext, what: What, source: Location, target: Location, number: str
) -> Transferred:
    """Move goods to a place of the same site, or out of this one into transit.

    Raises DoesNotBelongThere, StaysHere, NoTransitPlace and the refusals of movements.
    """
    goods = _goods(context, what, source)
    fit = bins.fitting(context, goods, [target])[target.location_id]
    if not (fit.status and target.active):
        raise DoesNotBelongThere(goods[0], target, status=True)
    if not fit.temperature:
        raise DoesNotBelongThere(goods[0], target, status=False)
    leaves = source.site != target.site
    for each in goods if leaves else ():
        if each.counts_as in STAY:
            raise StaysHere(each)
    via = _transit(context) if leaves else target
    move(context, what, goods, source, via, number)
    quantity = sum(each.quantity for each in goods)
    return Transferred(goods=goods, in_transit=leaves, at=via, quantity=quantity)


def move(
    context: ServiceContext,
    what: What,
    goods: Sequence[Goods],
    source: Location,
    target: Location,
    number: str,
) -> None:
    """Book the movement of a container, a quantity, or units."""
    document = Document(KIND, number)
    if what.sscc is not None:
        containers.move(context, what.sscc, target.code, movement_type="XFR", document=document)
        return
    [one] = goods
    movement = Movement(
        movement_type="XFR",
        lot_id=one.lot.lot_id,
        quantity=one.quantity,
        document=document,
        source=Place(source.location_id, one.status),
        target=Place(target.location_id, one.status),
    )
    if not one.lot.has_serials:
        movements.post(context, movement)
        return
    movements.post_serials(context, movement, _units(context, one, what.serials))


def lose(
    context: ServiceContext,
    what: What,
    goods: Sequence[Goods],
    source: Location,
    number: str,
    reason: str,
) -> None:
    """Book what did not arrive and will not: missing, with the reason."""
    for one in goods:
        movement = Movement(
            movement_type="CNT-",
            lot_id=one.lot.lot_id,
            quantity=one.quantity,
            document=Document(KIND, number),
            source=Place(source.location_id, one.status),
            reason=reason,
            signature_meaning=next(iter(context.signatures), None),
        )
        if not one.lot.has_serials:
            movements.post(context, movement)
        else:
            movements.post_serials(context, movement, _units(context, one, what.serials))


def part(context: ServiceContext, what: What, source: Location) -> tuple[Goods, ...]:
    """Give the goods of a transfer where they lie now."""
    return _goods(context, what, source)


def _goods(context: ServiceContext, what: What, source: Location) -> tuple[Goods, ...]:
    if what.sscc is not None:
        where, inside = bins.of_container(context, what.sscc)
        if where.code != source.code or not inside:
            raise bins.NothingToPutAway(what.sscc, source.code)
        return tuple(inside)
    lot = lots.by_number(context.db, context.tenant_id, str(what.lot_number))
    if lot.has_serials and not what.serials:
        raise movements.SerialRequired(lot.number)
    found = bins.of_lot(context, lot, source)
    quantity = len(what.serials) * 10**lot.unit.decimals if lot.has_serials else what.quantity
    wanted = found.quantity if quantity is None else quantity
    if wanted > found.quantity:
        raise InsufficientStock(lot.number, found.status, wanted, found.quantity, lot.unit)
    return (replace(found, quantity=wanted),)


def _units(context: ServiceContext, one: Goods, serials: Sequence[str]) -> list[UUID]:
    return [lots.unit_of(context.db, context.tenant_id, one.lot, each) for each in serials]


def _transit(context: ServiceContext) -> Location:
    code = context.configuration(RULES).get("transit_place")
    known = {each.code: each for each in locations.every(context.db, context.tenant_id)}
    found = known.get(str(code))
    if found is None or not found.active or found.zone in PICKING_ZONES:
        raise NoTransitPlace(code)
    return found
