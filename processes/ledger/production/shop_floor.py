"""What the people at the line work with: where an order stands, its pick list, its cleared line.

The rules of issue and output live in `work_orders.py`; here is what a step asks around them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, case, cast, func, insert, select, update

from engine.services import ServiceContext
from processes.ledger import balances, items, locations, lots, site_days, suppliers
from processes.ledger.balances import InsufficientStock, Place
from processes.ledger.distribution import reservations
from processes.ledger.distribution.reservations import Wanted
from processes.ledger.genealogy import lot_changes, trace
from processes.ledger.genealogy.lot_changes import Part
from processes.ledger.lots import Lot
from processes.ledger.production import boms, labels, stops, work_orders
from processes.ledger.production.boms import BomLine
from processes.ledger.production.tables import line_clearance, work_order, work_order_cycle
from processes.ledger.production.work_orders import KIND, ComponentBalance, Issue, WorkOrder
from processes.ledger.quantities import amount_of, case_number
from processes.ledger.refusals import LedgerRefusal, listed
from processes.ledger.status import SignatureMissing
from processes.ledger.tables import stock_movement
from processes.ledger.units import Unit

RULES = "production_rules"

_CLEAR = insert(line_clearance)
_CLEARED = (
    select(line_clearance)
    .where(line_clearance.c.tenant_id == bindparam("tenant_id"))
    .where(line_clearance.c.work_order_id == bindparam("work_order_id"))
    .order_by(line_clearance.c.verified_at, line_clearance.c.clearance_id)
)
_CYCLE = insert(work_order_cycle)
_CYCLE_OF = (
    select(work_order_cycle.c.cycle)
    .where(work_order_cycle.c.tenant_id == bindparam("tenant_id"))
    .where(work_order_cycle.c.work_order_id == bindparam("work_order_id"))
)
_NEXT = (
    select(work_order.c.work_order_number)
    .join(
        work_order_cycle,
        (work_order_cycle.c.tenant_id == work_order.c.tenant_id)
        & (work_order_cycle.c.work_order_id == work_order.c.work_order_id),
    )
    .where(work_order_cycle.c.tenant_id == bindparam("tenant_id"))
    .where(work_order_cycle.c.reopens_id == bindparam("reopens_id"))
)
_CANCEL = (
    update(work_order)
    .where(work_order.c.tenant_id == bindparam("key_tenant_id"))
    .where(work_order.c.work_order_id == bindparam("key_work_order_id"))
    .values(
        status="cancelled",
        revision=work_order.c.revision + 1,
        changed_at=bindparam("changed_at"),
    )
)
_sign = case((stock_movement.c.movement_type == "RET", -1), else_=1)
_net = cast(func.sum(stock_movement.c.quantity * _sign), BigInteger)
_ISSUED = (
    select(stock_movement.c.lot_id, _net.label("quantity"))
    .where(stock_movement.c.tenant_id == bindparam("tenant_id"))
    .where(stock_movement.c.document_kind == KIND)
    .where(stock_movement.c.document_id == bindparam("number"))
    .where(stock_movement.c.movement_type.in_(("ISS", "RET")))
    .group_by(stock_movement.c.lot_id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """A line before an order begins: what was on it before, and who cleared it."""

    line: str
    previous: str
    cleared_by: str


class SecondPersonMissing(LedgerRefusal):
    """A cleared line is verified by somebody else."""

    def __init__(self, person: str) -> None:
        super().__init__(
            f"{person} cleared the line. Another person verifies it.",
            f"清场由 {person} 执行，须由另一人复核。",
            found=person,
        )


class WorkedOnInItsProcess(LedgerRefusal):
    """What is worked on in its process is handed over there, once, with its labels counted."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Work order {number} is worked on in its process, which hands it over to its "
            "release. Finish it there.",
            f"工单 {number} 按工单流程执行，由该流程移交生产放行，请在流程中办理完工。",
            found=number,
        )


class StillOnTheLine(LedgerRefusal):
    """An order with material, goods or labels is ended by a step that accounts for them."""

    def __init__(self, number: str, found: Sequence[str]) -> None:
        super().__init__(
            f"Work order {number} cannot be cancelled: {listed(found)}. End it at the line, where "
            "material and labels are accounted for.",
            f"工单 {number} 不能直接取消：{listed(found)}。请在生产现场结束工单并核对物料与标签。",
            expected="nothing issued, made or labelled",
            found=listed(found),
        )


class GoodsWereMade(LedgerRefusal):
    """An order of which goods were made is finished, however few they are."""

    def __init__(self, number: str, total: int, unit: Unit) -> None:
        made = amount_of(total, unit)
        super().__init__(
            f"{made} {unit.names['en']} were made of work order {number}. Finish it; the "
            "rest is not made.",
            f"工单 {number} 已产出 {made} {unit.names['zh']}，请按完工处理，未完成部分不再生产。",
            expected="0",
            found=str(made),
        )


class NotEnded(LedgerRefusal):
    """An order goes on as a new cycle once it has ended, and only once."""

    def __init__(self, number: str, found: str) -> None:
        super().__init__(
            f"Work order {number} cannot be opened again: {found}. Name one that was cancelled or "
            "closed and has no next cycle.",
            f"工单 {number} 不能重新打开：{found}。请填写已取消或已关闭且尚无后续循环的工单。",
            expected="closed, cancelled",
            found=found,
        )


class BackflushOnlyC(LedgerRefusal):
    """Only class C material is booked after the fact."""

    def __init__(self, item_number: str, criticality: str) -> None:
        super().__init__(
            f"{item_number} is class {criticality}: it is scanned when it goes in, not booked "
            "afterwards.",
            f"物料 {item_number} 为 {criticality} 类，须在投料时扫描，不得倒冲。",
            expected="C",
            found=criticality,
        )


def progress(context: ServiceContext, number: str) -> dict[str, Any]:
    """Give where an order stands, as its forms show it: need, issued, made, labels, stops."""
    db, tenant_id = context.db, context.tenant_id
    order = work_orders.by_number(db, tenant_id, number)
    made = lots.find(db, tenant_id, order.lot_id)
    item = items.find(db, tenant_id, order.item_id)
    found = work_orders.balance(context, number)
    total = work_orders.made_of(db, tenant_id, number)
    standing = stops.open_of(db, tenant_id, order.work_order_id)
    return {
        "work_order": number,
        "cycle": _cycle(context, order),
        "status": order.status,
        "site": order.site,
        "item_number": item.number,
        "names": dict(item.names),
        "item_revision": order.item_revision,
        "lot_number": made.number,
        "has_serials": made.has_serials,
        "udi": labels.udi(db, tenant_id, made),
        "planned": case_number(order.quantity, made.unit),
        "made": case_number(total, made.unit),
        "unit": made.unit.code,
        "expiry": None if made.expiry is None else made.expiry.isoformat(),
        "components": _components(context, order, found),
        "issued": issued(context, number),
        "labels_open": labels.open_jobs(db, tenant_id, order.work_order_id),
        "differences": [
            f"{'/'.join(each.components)}: {float(each.difference):+g}"
            for each in found
            if not each.within
        ],
        "yield_percent": _percent(total, order.quantity),
        "standing": [f"{each.subject}: {each.reason} ({each.source})" for each in standing],
        "due": context.configuration(RULES)["due"],
    }


def _percent(made: int, planned: int) -> Decimal:
    return (Decimal(100 * made) / Decimal(planned)).quantize(Decimal("0.1"))


def _cycle(context: ServiceContext, order: WorkOrder) -> int:
    key = {"tenant_id": context.tenant_id, "work_order_id": order.work_order_id}
    return context.db.execute(_CYCLE_OF, key).scalar_one_or_none() or 1


def _components(
    context: ServiceContext, order: WorkOrder, found: Sequence[ComponentBalance]
) -> list[dict[str, Any]]:
    """Show each component, or set of substitutes, with its need and what went in."""
    bill = boms.find(context.db, context.tenant_id, order.bom_id)
    shown = []
    for group, balanced in zip(work_orders.groups(bill), found, strict=True):
        first = group[0]
        item = items.find(context.db, context.tenant_id, first.item_id)
        unit = items.stock_unit(context.db, context.tenant_id, item)
        need = math.ceil(first.ratio * order.quantity)
        shown.append(
            {
                "items": list(balanced.components),
                "criticality": min(each.criticality for each in group),
                "operation": first.operation,
                "needed": case_number(need, unit),
                "issued": case_number(balanced.issued, unit),
                "lost": case_number(balanced.lost, unit),
                "left": case_number(max(need - balanced.issued, 0), unit),
                "unit": unit.code,
            }
        )
    return shown


def issued(context: ServiceContext, number: str) -> list[dict[str, Any]]:
    """List the lots that are on an order, net of what went back."""
    found = []
    for row in context.db.execute(_ISSUED, {"tenant_id": context.tenant_id, "number": number}):
        if row.quantity:
            used = lots.find(context.db, context.tenant_id, row.lot_id)
            found.append(
                {
                    "lot_number": used.number,
                    "item_number": used.item_number,
                    "quantity": case_number(row.quantity, used.unit),
                    "unit": used.unit.code,
                }
            )
    return sorted(found, key=lambda each: (str(each["item_number"]), str(each["lot_number"])))


# --- the pick list -----------------------------------------------------------------------------


def pick_list(context: ServiceContext, number: str) -> list[str]:
    """Keep what an order still needs, first what expires first; give what there is too little of.

    What is issued or kept already is counted, so that it can be asked again.
    """
    order = work_orders.by_number(context.db, context.tenant_id, number)
    bill = boms.find(context.db, context.tenant_id, order.bom_id)
    balanced = work_orders.balance(context, number)
    kept = _kept_by_item(context, order)
    short = []
    for group, each in zip(work_orders.groups(bill), balanced, strict=True):
        there = sum(kept.get(line.item_id, 0) for line in group)
        need = math.ceil(group[0].ratio * order.quantity) - each.issued - there
        missing = _reserve(context, order, group, need) if need > 0 else None
        if missing is not None:
            short.append(f"{group[0].item_number}: {missing}")
    return short


def _kept_by_item(context: ServiceContext, order: WorkOrder) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for row in reservations.open_of(context.db, context.tenant_id, order.document):
        item_id = lots.find(context.db, context.tenant_id, row.lot_id).item_id
        found[item_id] = found.get(item_id, 0) + row.quantity
    return found


def _reserve(
    context: ServiceContext, order: WorkOrder, group: Sequence[BomLine], need: int
) -> str | None:
    """Keep so much of one of the components that stand in for each other; say what is short."""
    missing = None
    for line in group:
        wanted = Wanted(
            item_number=line.item_number,
            site=order.site,
            quantity=need,
            usable_until=usable_until(context, order),
        )
        try:
            reservations.reserve(context, wanted, order.document)
        except InsufficientStock as short:
            missing = missing or f"{short.found} / {short.expected}"
        else:
            return None
    return missing


def usable_until(context: ServiceContext, order: WorkOrder) -> Any:
    """Give the day until which material of an order has to last."""
    days = context.configuration(RULES)["remaining_life_at_end_days"]
    return order.planned_end + timedelta(days=days)


def picks(context: ServiceContext, number: str) -> list[dict[str, Any]]:
    """List what is kept for an order and not issued yet."""
    order = work_orders.by_number(context.db, context.tenant_id, number)
    found = []
    for row in reservations.open_of(context.db, context.tenant_id, order.document):
        kept = lots.find(context.db, context.tenant_id, row.lot_id)
        where = locations.find(context.db, context.tenant_id, row.location_id)
        found.append(
            {
                "lot_number": kept.number,
                "item_number": kept.item_number,
                "location": where.code,
                "quantity": case_number(row.quantity, kept.unit),
                "unit": kept.unit.code,
            }
        )
    return sorted(found, key=lambda each: (str(each["location"]), str(each["lot_number"])))


def take_kept(context: ServiceContext, number: str, used: Lot, quantity: int) -> None:
    """End what was kept of a lot, now that some of it was issued; the rest is kept anew."""
    order = work_orders.by_number(context.db, context.tenant_id, number)
    left = quantity
    for row in reservations.open_of(context.db, context.tenant_id, order.document):
        if row.lot_id != used.lot_id or left <= 0:
            continue
        reservations.end(context, row.reservation_id, "used")
        rest, left = row.quantity - left, left - row.quantity
        if rest > 0:
            _keep_rest(context, order, used, rest)


def _keep_rest(context: ServiceContext, order: WorkOrder, used: Lot, rest: int) -> None:
    wanted = Wanted(
        item_number=used.item_number,
        site=order.site,
        quantity=rest,
        usable_until=usable_until(context, order),
        lot_number=used.number,
        override_reason="rest of the same pick",
    )
    try:
        reservations.reserve(context, wanted, order.document)
    except LedgerRefusal:
        return  # somebody else has it by now: the list is shorter, and what is short is seen


def give_up_kept(context: ServiceContext, number: str, lot_number: str | None = None) -> int:
    """End what is kept for an order, all of it or of one lot; give how many that were."""
    order = work_orders.by_number(context.db, context.tenant_id, number)
    ended = 0
    for row in reservations.open_of(context.db, context.tenant_id, order.document):
        kept = lots.find(context.db, context.tenant_id, row.lot_id)
        if lot_number in (None, kept.number):
            reservations.end(context, row.reservation_id, "cancelled")
            ended += 1
    return ended


# --- the line ----------------------------------------------------------------------------------


def clear_line(context: ServiceContext, number: str, found: Clearance) -> None:
    """Put on the record that a line is clear, verified in this command by somebody else."""
    if "VERF" not in context.signatures:
        raise SignatureMissing(["VERF"])
    if found.cleared_by == context.actor.username:
        raise SecondPersonMissing(found.cleared_by)
    order = work_orders.by_number(context.db, context.tenant_id, number)
    row = {
        "tenant_id": context.tenant_id,
        "clearance_id": context.new_id(),
        "work_order_id": order.work_order_id,
        "line": found.line,
        "previous": found.previous,
        "cleared_by": found.cleared_by,
        "signature_meaning": "VERF",
        "actor": context.actor.username,
        "verified_at": context.now,
    }
    context.db.execute(_CLEAR, row)
    event = {"event": "work_order.line_cleared", "work_order": number, "line": found.line}
    context.record({**event, "previous": found.previous, "cleared_by": found.cleared_by})


def clearances(context: ServiceContext, order: WorkOrder) -> list[str]:
    """Say which lines were cleared for an order, by whom, verified by whom."""
    key = {"tenant_id": context.tenant_id, "work_order_id": order.work_order_id}
    return [
        f"{row.line}: {row.cleared_by}, {row.actor} ({row.previous})"
        for row in context.db.execute(_CLEARED, key)
    ]


def require_no_process(context: ServiceContext, order: WorkOrder) -> None:
    """Refuse what the process of an order does itself: only there is a line cleared for it."""
    if clearances(context, order):
        raise WorkedOnInItsProcess(order.number)


def status_at(context: ServiceContext, used: Lot, location: str) -> str:
    """Give the status of a lot where it is taken from: released, or released for one order."""
    found = {
        each.status
        for each in balances.of_lot(context.db, context.tenant_id, used.lot_id)
        if each.location_code == location and each.quantity
    }
    conditional = "RELEASED" not in found and "RELEASED_CONDITIONAL" in found
    return "RELEASED_CONDITIONAL" if conditional else "RELEASED"


# --- material back, and after the fact ---------------------------------------------------------


def return_material(context: ServiceContext, number: str, given: Issue, *, opened: bool) -> str:
    """Take unused material back; what was opened gets a lot of its own, with a shorter life.

    The status follows the place: where quarantine lies it is quarantined. The customer's rules say
    how many days an opened item lasts (`opened_days`). Gives the number of the lot it is now.
    """
    used = lots.by_number(context.db, context.tenant_id, given.lot_number)
    where = locations.by_code(context.db, context.tenant_id, given.location)
    into = "QUARANTINE" if where.zone == "quarantine" else "RELEASED"
    work_orders.return_unused(context, number, given, into=into)
    days = context.configuration(RULES).get("opened_days", {}).get(used.item_number)
    if not opened or days is None:
        return used.number
    last = site_days.today(context, where.site) + timedelta(days=days)
    part = Part(lot_id=used.lot_id, place=Place(where.location_id, into), quantity=given.quantity)
    document = work_orders.by_number(context.db, context.tenant_id, number).document
    made = lot_changes.split(
        context, part, reason=f"{number}: opened", document=document, lasts_until=last
    )
    return made.number


def to_backflush(context: ServiceContext, number: str) -> list[dict[str, Any]]:
    """List the class C components of which less was issued than the good output needs."""
    order = work_orders.by_number(context.db, context.tenant_id, number)
    bill = boms.find(context.db, context.tenant_id, order.bom_id)
    balanced = work_orders.balance(context, number)
    found = []
    for group, each in zip(work_orders.groups(bill), balanced, strict=True):
        if any(line.criticality != "C" or line.has_serials for line in group):
            continue
        missing = math.ceil(each.needed - each.issued + each.lost)
        if missing > 0:
            item = items.find(context.db, context.tenant_id, group[0].item_id)
            unit = items.stock_unit(context.db, context.tenant_id, item)
            quantity = case_number(missing, unit)
            listing = "/".join(each.components)
            found.append({"item_number": listing, "quantity": quantity, "unit": unit.code})
    return found


def backflush(context: ServiceContext, number: str, given: Issue) -> None:
    """Issue class C material after the fact, from a lot that is known."""
    found = work_orders.examine(context, number, given)
    if found.line.criticality != "C":
        raise BackflushOnlyC(found.used.item_number, found.line.criticality)
    work_orders.issue(context, number, given)


# --- what an order hears -----------------------------------------------------------------------


def concerns(context: ServiceContext, order: WorkOrder, lot_number: str) -> str:
    """Say what a held lot is to an order: "issued" (in it, or in what went in), "kept", or "no"."""
    db, tenant_id = context.db, context.tenant_id
    if order.status != "released":
        return "no"
    inside = trace.backward(db, tenant_id, [order.lot_id]).lots
    if lot_number in {each.lot_number for each in inside}:
        return "issued"
    kept = {each["lot_number"] for each in picks(context, order.number)}
    return "kept" if lot_number in kept else "no"


def from_supplier(
    context: ServiceContext, order: WorkOrder, supplier: str, item_numbers: Sequence[str]
) -> list[str]:
    """List the lots on an order that came from a supplier and are of some items."""
    found = []
    for each in issued(context, order.number):
        used = lots.by_number(context.db, context.tenant_id, str(each["lot_number"]))
        if used.supplier_id is None:
            continue
        source = suppliers.find(context.db, context.tenant_id, used.supplier_id)
        if source.number == supplier and (not item_numbers or used.item_number in item_numbers):
            found.append(used.number)
    return found


# --- its end -----------------------------------------------------------------------------------


def require_nothing_made(context: ServiceContext, number: str) -> None:
    """Refuse to end an order early of which goods were made."""
    order = work_orders.by_number(context.db, context.tenant_id, number)
    total = work_orders.made_of(context.db, context.tenant_id, number)
    if total:
        unit = lots.find(context.db, context.tenant_id, order.lot_id).unit
        raise GoodsWereMade(number, total, unit)


def cancel(context: ServiceContext, number: str, reason: str) -> None:
    """Cancel an order on which nothing is: neither material nor goods nor labels."""
    order = work_orders.by_number(context.db, context.tenant_id, number)
    if order.status != "released":
        return
    found = [f"{each['lot_number']} {each['quantity']}" for each in issued(context, number)]
    if work_orders.made_of(context.db, context.tenant_id, number):
        found.append(lots.find(context.db, context.tenant_id, order.lot_id).number)
    found += labels.open_of(context.db, context.tenant_id, order.work_order_id)
    if found:
        raise StillOnTheLine(number, found)
    give_up_kept(context, number)
    key = {"key_tenant_id": context.tenant_id, "key_work_order_id": order.work_order_id}
    context.db.execute(_CANCEL, {**key, "changed_at": context.now})
    context.record({"event": "work_order.cancelled", "work_order": number, "reason": reason})


def require_ended(context: ServiceContext, number: str) -> WorkOrder:
    """Refuse to go on with an order that has not ended, or was gone on with already."""
    old = work_orders.by_number(context.db, context.tenant_id, number)
    if old.status == "released":
        raise NotEnded(number, old.status)
    key = {"tenant_id": context.tenant_id, "reopens_id": old.work_order_id}
    after = context.db.execute(_NEXT, key).scalar_one_or_none()
    if after is not None:
        raise NotEnded(number, after)
    return old


def reopen(context: ServiceContext, new: WorkOrder, old_number: str, reason: str) -> None:
    """Say that an order is the next cycle of one that has ended; the old one stays as it is."""
    old = require_ended(context, old_number)
    row = {
        "tenant_id": context.tenant_id,
        "work_order_id": new.work_order_id,
        "reopens_id": old.work_order_id,
        "cycle": _cycle(context, old) + 1,
        "reason": reason,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_CYCLE, row)
    event = {"event": "work_order.reopened", "work_order": new.number, "cycle": row["cycle"]}
    context.record({**event, "reopens": old_number, "reason": reason})
