"""What the service tasks of picking do: reserve, book what was picked, put back, compare counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from engine.outcomes import Rejection
from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import balances, items, locations, lots, movements, site_days
from processes.ledger.balances import Place
from processes.ledger.distribution import consignees, registrations, reservations
from processes.ledger.distribution.reservations import OutOfTurn, Reserved, Wanted
from processes.ledger.items import Item
from processes.ledger.locations import Location
from processes.ledger.movements import Document, Movement
from processes.ledger.quantities import amount_of, case_number, scaled
from processes.ledger.refusals import LedgerRefusal
from processes.values import amount, context_of, identifier, rows, text

SERVICES = ServiceRegistry()
RULES = "warehouse_rules"
SALES = "sales_order"


class NotSoldThere(LedgerRefusal):
    """What is not registered in a market is not picked for it."""

    def __init__(self, item_number: str, market: str) -> None:
        super().__init__(
            f"{item_number} has no registration in force in {market}. Ask regulatory affairs.",
            f"物料 {item_number} 在 {market} 没有有效注册，请咨询法规事务部。",
            found=market,
        )


@dataclass(frozen=True, slots=True)
class _Order:
    """What is picked for whom; `market` is None for production."""

    document: Document
    target: Location
    market: str | None
    decision: str | None  # of the lead on a lot out of turn
    why: str | None


@SERVICES.service("picking.reserve")
def reserve(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Reserve what expires first for each line; or say what stands against it, and keep nothing."""
    entered = context_of(inputs["entered"])
    order = _order(context, entered, context_of(inputs.get("override")))
    _give_back(context, order.document)  # of an earlier attempt
    taken: list[tuple[Item, Reserved]] = []
    against: list[Rejection] = []
    out_of_turn: list[Rejection] = []
    for line in rows(entered["lines"]):
        try:
            taken.extend(_line(context, order, line))
        except OutOfTurn as refusal:
            out_of_turn.append(refusal)
        except Rejection as refusal:
            against.append(refusal)
    reasons = against or out_of_turn
    if reasons:
        _give_back(context, order.document)
    elif order.decision == "allow":
        event = {"event": "exception.flagged", "code": "EX-06", "record": order.document.id}
        context.record({**event, "reason": order.why})
    outcome = "refused" if against else "out_of_turn" if out_of_turn else "reserved"
    picks = [] if reasons else sorted((_pick(context, *each) for each in taken), key=_by_route)
    return {
        "outcome": outcome,
        "purpose": order.document.kind,
        "number": order.document.id,
        "consignee": text(entered.get("consignee")),
        "target": order.target.code,
        "picks": picks,
        "reason_en": " ".join(each.message["en"] for each in reasons),
        "reason_zh": "".join(each.message["zh"] for each in reasons),
        "due": context.configuration(RULES)["due"],
    }


def _order(
    context: ServiceContext, entered: Mapping[str, Any], override: Mapping[str, Any]
) -> _Order:
    target = locations.by_code(context.db, context.tenant_id, str(entered["target"]))
    market = None
    if entered["purpose"] == SALES:
        number = str(entered["consignee"])
        market = consignees.by_number(context.db, context.tenant_id, number).market
    return _Order(
        document=Document(str(entered["purpose"]), str(entered["number"])),
        target=target,
        market=market,
        decision=text(override.get("decision")),
        why=text(override.get("reason")),
    )


def _give_back(context: ServiceContext, document: Document) -> None:
    for row in reservations.open_of(context.db, context.tenant_id, document):
        reservations.end(context, row.reservation_id, "cancelled")


def _line(
    context: ServiceContext, order: _Order, line: Mapping[str, Any]
) -> list[tuple[Item, Reserved]]:
    item = items.by_number(context.db, context.tenant_id, str(line["item_number"]))
    today = site_days.today(context, order.target.site)
    least = 0
    if order.market is not None:
        found = registrations.on(context.db, context.tenant_id, item.item_id, order.market, today)
        if found is None:
            raise NotSoldThere(item.number, order.market)
        rule = context.configuration("shipping_rules")["remaining_life_days"]
        days = rule["by_market"].get(order.market, rule["default"])
        least = max(days, item.min_remaining_life_days or 0)
    unit = items.stock_unit(context.db, context.tenant_id, item)
    wanted = Wanted(
        item_number=item.number,
        site=order.target.site,
        quantity=scaled(amount(line["quantity"]), unit),
        usable_until=today + timedelta(days=least),
        lot_number=None if order.decision == "fefo" else text(line.get("lot_number")),
        override_reason=order.why if order.decision == "allow" else None,
    )
    return [(item, each) for each in reservations.reserve(context, wanted, order.document)]


def _pick(context: ServiceContext, item: Item, kept: Reserved) -> dict[str, Any]:
    lot = lots.find(context.db, context.tenant_id, kept.lot_id)
    return {
        "reservation": str(kept.reservation_id),
        "item": lot.item_number,
        "lot_number": lot.number,
        "location": kept.location_code,
        "quantity": case_number(kept.quantity, lot.unit),
        "unit": lot.unit.code,
        "expiry": None if lot.expiry is None else lot.expiry.isoformat(),
        "has_serials": lot.has_serials,
        "second": item.criticality == "A" or item.sterile,
    }


def _by_route(pick: Mapping[str, Any]) -> tuple[str, str]:
    """The codes of bins are given out along the way through the store."""
    return str(pick["location"]), str(pick["lot_number"])


@SERVICES.service("picking.book")
def book(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Move what was picked; what was not is free again, and its bin is to be counted."""
    reserved = context_of(inputs["reserved"])
    document = Document(str(reserved["purpose"]), str(reserved["number"]))
    target = str(context_of(inputs["brought"])["location"])
    moved: list[dict[str, Any]] = []
    shorts: list[dict[str, Any]] = []
    for pick, answer in zip(rows(reserved["picks"]), rows(inputs["answers"]), strict=True):
        done = amount(answer["quantity"])
        reservation = identifier(pick["reservation"])
        reservations.end(context, reservation, "used" if done else "cancelled")
        serials = [str(each["serial"]) for each in rows(answer.get("serials"))]
        if done:
            line = {**pick, "quantity": answer["quantity"], "serials": serials}
            _move(context, document, line, "PCK", str(pick["location"]), target)
            moved.append(line)
        if done < amount(pick["quantity"]):
            event = {"event": "pick.short", "lot": pick["lot_number"], "at": pick["location"]}
            wanted = {"wanted": str(pick["quantity"]), "picked": str(done)}
            context.record({**event, **wanted, "reason": answer["short"]})
            shorts.append({name: pick[name] for name in ("location", "item", "lot_number", "unit")})
    return {
        "moved": moved,
        "shorts": shorts,
        "second": any(each["second"] for each in moved),
    }


@SERVICES.service("picking.put_back")
def put_back(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Bring back to the bins what the second person found wrong."""
    reserved, verified = context_of(inputs["reserved"]), context_of(inputs["verified"])
    document = Document(str(reserved["purpose"]), str(reserved["number"]))
    lines = rows(context_of(inputs["booked"])["moved"])
    for line in lines:
        _move(context, document, line, "XFR", str(reserved["target"]), str(line["location"]))
    event = {"event": "pick.put_back", "order": reserved["number"], "lines": len(lines)}
    context.record({**event, "reason": verified["reason"]})
    return {"lines": len(lines)}


@SERVICES.service("picking.keep_counts")
def keep_counts(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what was counted in bins with a short pick beside what the book has there."""
    found = []
    shorts = rows(context_of(inputs["booked"])["shorts"])
    for short, count in zip(shorts, rows(inputs["counts"]), strict=True):
        lot = lots.by_number(context.db, context.tenant_id, str(short["lot_number"]))
        place = locations.by_code(context.db, context.tenant_id, str(short["location"]))
        there = sum(
            each.quantity
            for each in balances.of_lot(context.db, context.tenant_id, lot.lot_id)
            if each.location_id == place.location_id
        )
        counted, booked = amount(count["quantity"]), amount_of(there, lot.unit)
        compared = {"lot": lot.number, "at": place.code, "counted": str(counted)}
        found.append({**compared, "book": str(booked), "difference": str(counted - booked)})
        context.record({"event": "bin.counted", **found[-1]})
    return {"counts": found, "differs": any(each["difference"] != "0" for each in found)}


def _move(
    context: ServiceContext,
    document: Document,
    line: Mapping[str, Any],
    movement_type: str,
    source: str,
    target: str,
) -> None:
    db, tenant_id = context.db, context.tenant_id
    lot = lots.by_number(db, tenant_id, str(line["lot_number"]))
    movement = Movement(
        movement_type=movement_type,
        lot_id=lot.lot_id,
        quantity=scaled(amount(line["quantity"]), lot.unit),
        document=document,
        source=Place(locations.by_code(db, tenant_id, source).location_id, "RELEASED"),
        target=Place(locations.by_code(db, tenant_id, target).location_id, "RELEASED"),
    )
    if not lot.has_serials:
        movements.post(context, movement)
        return
    units: list[UUID] = [lots.unit_of(db, tenant_id, lot, each) for each in line["serials"]]
    movements.post_serials(context, movement, units)
