"""What the service tasks of the stock count do: list bins, compare with the book, book or leave."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import locations
from processes.ledger.counting import counts, frontier, orders
from processes.ledger.counting.counts import Compared, Found
from processes.ledger.counting.orders import RULES, Scope
from processes.ledger.numbers import next_number
from processes.values import amount, context_of, rows, text

SERVICES = ServiceRegistry()
_NARROWS = {"item": "item_number", "class": "criticality"}


@SERVICES.service("stock_count.list")
def list_bins(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the count its number and its bins, in the order of the route."""
    request = context_of(inputs.get("request"))
    asked = request or context_of(inputs.get("asked"))
    scope = _requested(request) if request else _asked(asked)
    number = next_number(context, "CNT")
    bins = [
        {"location": each.place.code, "items": list(each.item_numbers)}
        for each in orders.bins(context, scope)
    ]
    said = {name: value for name, value in asdict(scope).items() if value}
    event = {"event": "stock_count.ordered", "count": number, "reason": asked["reason"]}
    context.record({**event, "scope": said, "bins": [each["location"] for each in bins]})
    due = context.configuration(RULES)["due"]
    return {"number": number, "reason": str(asked["reason"]), "bins": bins, "due": due}


def _requested(request: Mapping[str, Any]) -> Scope:
    return Scope(codes=tuple(str(request["bins"]).split()))


def _asked(asked: Mapping[str, Any]) -> Scope:
    by = _NARROWS.get(str(asked["scope"]))
    return Scope(
        site=text(asked.get("site")),
        zone=text(asked.get("zone")),
        begins_with=text(asked.get("begins_with")),
        item_number=text(asked.get("item_number")) if by == "item_number" else None,
        criticality=text(asked.get("criticality")) if by == "criticality" else None,
        due_only=bool(asked.get("due_only")),
    )


@SERVICES.service("stock_count.compare")
def compare(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Compare what was counted with the book at the counted moment; say who decides what differs.

    The first time, what differs above the tolerance is counted again at once; later rounds replace
    the bins that were counted again.
    """
    order, before = context_of(inputs["order"]), context_of(inputs.get("before"))
    number, round_ = str(order["number"]), int(before.get("round", 0)) + 1
    bins = rows(before["again"] if before else order["bins"])
    found = [
        counts.compare(context, number, round_, _found(each, count))
        for each, count in zip(bins, rows(inputs["counts"]), strict=True)
    ]
    again = [] if before else _above_tolerance(context, found)
    counted = {each.place.code for each in found}
    kept = [each for each in rows(before.get("differences")) if each["location"] not in counted]
    now = [counts.shown(each) for one in found for each in one.differences]
    checked = [each for each in rows(before.get("checked")) if each["location"] not in counted]
    finance, quality = counts.agreed_by(context, (d for one in found for d in one.differences))
    differences = [*kept, *now]
    differing = {each["location"] for each in differences}
    if not differences:
        counts.end(context, number, "right", str(order["reason"]))
    return {
        "round": round_,
        "at_once": bool(again),
        "again": [each for each in rows(order["bins"]) if each["location"] in (again or differing)],
        "differences": differences,
        "surplus": any(each["kind"] in counts.ASIDE for each in differences),
        "finance": finance or bool(kept and before["finance"]),
        "quality": quality or bool(kept and before["quality"]),
        "checked": [*checked, *(_checked(context, each) for each in found)],
        "outcome": None if differences else "right",
    }


def _found(each: Mapping[str, Any], count: Mapping[str, Any]) -> Found:
    return Found(
        location=str(each["location"]),
        counted_at=_instant(count["counted_at"]),
        loose=[
            (str(row["lot_number"]), amount(row["quantity"])) for row in rows(count.get("lots"))
        ],
        units=[
            (str(row["serial_number"]), text(row.get("lot_number")))
            for row in rows(count.get("units"))
        ],
        containers=[str(row["sscc"]) for row in rows(count.get("containers"))],
        item_numbers=[str(number) for number in each["items"]],
    )


def _instant(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _above_tolerance(context: ServiceContext, found: list[Compared]) -> set[str]:
    return {
        one.place.code
        for one in found
        if any(counts.counts_again(context, each) for each in one.differences)
    }


def _checked(context: ServiceContext, one: Compared) -> dict[str, str]:
    times = {"counted_at": one.counted_at.isoformat(), "compared_at": context.now.isoformat()}
    return {"location": one.place.code, **times}


@SERVICES.service("stock_count.close")
def close(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Book the difference, or leave it; counted again where the book was overtaken meanwhile."""
    order, compared = context_of(inputs["order"]), context_of(inputs["compared"])
    said = [context_of(inputs.get(name)) for name in ("decided", "agreed", "judged")]
    number = str(order["number"])
    reason = "; ".join(str(each["reason"]) for each in said if each)
    if any(each.get("decision") == "leave" for each in said):
        counts.end(context, number, "left", reason)
        return {**compared, "outcome": "left"}
    late = _late(context, compared)
    if late:
        again = [each for each in rows(order["bins"]) if each["location"] in late]
        context.record({"event": "stock_count.overtaken", "count": number, "bins": sorted(late)})
        return {**compared, "again": again, "outcome": "late"}
    aside = text(context_of(inputs.get("aside")).get("location"))
    made = counts.adjust(context, number, rows(compared["differences"]), reason=reason, aside=aside)
    counts.end(context, number, "adjusted" if made else "left", reason)
    return {**compared, "outcome": "adjusted" if made else "left", "movements": len(made)}


def _late(context: ServiceContext, compared: Mapping[str, Any]) -> set[str]:
    """Name the bins where something was moved before the count that came to the book after it."""
    return {
        str(each["location"])
        for each in rows(compared["checked"])
        if frontier.is_late(
            context,
            locations.by_code(context.db, context.tenant_id, str(each["location"])).location_id,
            _instant(each["counted_at"]),
            _instant(each["compared_at"]),
        )
    }
