"""How far and how often an expiry may be extended: what the stability data of an item shows.

The customer's document `stability_data` names the stability documents that were approved, each with
its items and its limits. Without one nothing is extended. What counts is the goods, not the number
of their lot: a lot that was split off, merged, repacked, relabelled or reworked has used up what
the lots that it comes from have, and the first expiry is the earliest that any of them ever had.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, select

from engine.services import ServiceContext
from processes.ledger import items, site_days
from processes.ledger.genealogy.tables import genealogy_edge
from processes.ledger.lots import Lot
from processes.ledger.production.tables import expiry_change
from processes.ledger.refusals import LedgerRefusal

DOCUMENT = "stability_data"
SAME_GOODS = ("split", "merge", "rework", "repack", "relabel")
"""Edges along which the goods stay what they are, and as old as they are."""
_start = (
    select(genealogy_edge.c.from_lot_id.label("lot_id"))
    .where(genealogy_edge.c.tenant_id == bindparam("tenant_id"))
    .where(genealogy_edge.c.to_lot_id == bindparam("lot_id"))
    .where(genealogy_edge.c.kind.in_(SAME_GOODS))
    .cte("same_goods", recursive=True)
)
_same_goods = _start.union(
    select(genealogy_edge.c.from_lot_id)
    .join(_start, genealogy_edge.c.to_lot_id == _start.c.lot_id)
    .where(genealogy_edge.c.tenant_id == bindparam("tenant_id"))
    .where(genealogy_edge.c.kind.in_(SAME_GOODS))
)
_USED = (
    select(func.count().label("times"), func.min(expiry_change.c.old_expiry).label("first"))
    .where(expiry_change.c.tenant_id == bindparam("tenant_id"))
    .where(
        (expiry_change.c.lot_id == bindparam("lot_id"))
        | expiry_change.c.lot_id.in_(select(_same_goods.c.lot_id))
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a stability document allows for a lot: until when, how many times more."""

    document: str
    latest: date
    times_left: int


class NoStabilityData(LedgerRefusal):
    """What no stability document covers is not extended."""

    def __init__(self, item_number: str) -> None:
        super().__init__(
            f"No stability document in force covers {item_number}. Have its stability data "
            "approved before an expiry is extended.",
            f"没有适用于 {item_number} 的有效稳定性资料，请先批准稳定性资料，再延长有效期。",
            expected=DOCUMENT,
            found=item_number,
        )


class BeyondStability(LedgerRefusal):
    """An expiry goes as far as the stability data, and no further."""

    def __init__(self, lot_number: str, limits: Limits, new: date) -> None:
        super().__init__(
            f"{limits.document} supports lot {lot_number} until {limits.latest}, not until {new}. "
            "Enter a day that it supports.",
            f"稳定性资料 {limits.document} 仅支持批次 {lot_number} 至 {limits.latest}，"
            f"不支持至 {new}，请填写其支持的日期。",
            expected=f"<= {limits.latest}",
            found=new.isoformat(),
        )


class ExtendedTooOften(LedgerRefusal):
    """An expiry is extended so many times, and no more."""

    def __init__(self, lot_number: str, document: str, times: int) -> None:
        super().__init__(
            f"The expiry of lot {lot_number} was extended {times} times already; {document} allows "
            "no more. Use the lot until its day, or dispose of it.",
            f"批次 {lot_number} 的有效期已延长 {times} 次，{document} 不允许再次延长；"
            "请在有效期内使用或按程序处置。",
            expected=document,
            found=str(times),
        )


def limits_of(context: ServiceContext, found: Lot) -> Limits:
    """Give how far and how often a lot may still be extended; refused where it may not be."""
    document = _document(context, found)
    key = {"tenant_id": context.tenant_id, "lot_id": found.lot_id}
    used = context.db.execute(_USED, key).one()
    assert found.expiry is not None
    first = min(day for day in (found.expiry, used.first) if day is not None)
    times = int(document["times"])
    if used.times >= times:
        raise ExtendedTooOften(found.number, str(document["number"]), used.times)
    step = later(found.expiry, int(document["months_each_time"]))
    most = later(first, int(document["months_beyond_first"]))
    return Limits(
        document=str(document["number"]), latest=min(step, most), times_left=times - used.times
    )


def require_supported(context: ServiceContext, found: Lot, new: date) -> Limits:
    """Refuse a day that the stability data does not support; give what it supports."""
    limits = limits_of(context, found)
    if new > limits.latest:
        raise BeyondStability(found.number, limits, new)
    return limits


def later(day: date, months: int) -> date:
    """Give the day so many months later; the last of the month where that one is shorter."""
    return site_days.months_later(day, months)


def _document(context: ServiceContext, found: Lot) -> Mapping[str, Any]:
    """Give the document in force that covers the item of a lot, under any number that it had."""
    numbers = set(items.merged_numbers(context.db, context.tenant_id, found.item_id))
    today = site_days.today(context).isoformat()
    known: Iterable[Mapping[str, Any]] = context.configuration(DOCUMENT)["documents"]
    for each in known:
        valid_to = each.get("valid_to")
        if numbers & set(each["items"]) and (valid_to is None or today <= valid_to):
            return each
    raise NoStabilityData(found.item_number)
