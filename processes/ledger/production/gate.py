"""The gate before an order is released: bill, routing, process, equipment, people, registration.

Everything that speaks against an order is looked for before any of it is booked, so that the
planner sees all of it at once (ISO 13485, 7.5.1, 7.5.6). What an item is made on and by whom stands
in the customer's document `routings`; for an item without an entry nothing of it is asked.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.outcomes import Rejection
from engine.services import ServiceContext
from processes.ledger import items, trainings
from processes.ledger.changes import orders, temporary
from processes.ledger.changes.temporary import NotWithinTemporary
from processes.ledger.distribution import registrations
from processes.ledger.items import Item
from processes.ledger.production import boms, equipment
from processes.ledger.production.work_orders import NewWorkOrder
from processes.ledger.refusals import LedgerRefusal

ROUTINGS = "routings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An order to be released: by whom it is worked on, and for which market."""

    new: NewWorkOrder
    operators: Sequence[str] = ()
    market: str | None = None


class RoutingNotInForce(LedgerRefusal):
    """What is made is made by the routing in force, with a validated process."""

    def __init__(self, item_number: str, on: date, found: str) -> None:
        super().__init__(
            f"The routing of {item_number} does not hold on {on} ({found}): it is not in force, "
            "or the validation of its process has run out. Ask engineering.",
            f"物料 {item_number} 的工艺路线在 {on} 不适用（{found}）：尚未生效或工艺确认已过期，"
            "请联系工程部。",
            expected=str(on),
            found=found,
        )


class EquipmentNotQualified(LedgerRefusal):
    """Equipment is qualified until the order is done."""

    def __init__(self, number: str, until: date | None, needed: date) -> None:
        super().__init__(
            f"Equipment {number} is qualified until {until or 'no day'}, needed until {needed}. "
            "Have it qualified, or plan another.",
            f"设备 {number} 的确认有效期至 {until or '（无记录）'}，本工单需要至 {needed}。"
            "请先完成设备确认，或改用其他设备。",
            expected=str(needed),
            found=str(until),
        )


class OperatorNotTrained(LedgerRefusal):
    """Whoever works on an order is trained for its operations (ISO 13485, 6.2)."""

    def __init__(self, person: str, subject: str, until: date | None) -> None:
        super().__init__(
            f"{person} is trained in {subject} until {until or 'no day'}. Plan somebody else, or "
            "have the training renewed.",
            f"{person} 的培训“{subject}”有效期至 {until or '（无记录）'}，请更换操作人员或先续训。",
            expected=subject,
            found=str(until),
        )


class NotRegisteredToMake(LedgerRefusal):
    """What is made for a market is registered there."""

    def __init__(self, item_number: str, market: str, on: date) -> None:
        super().__init__(
            f"{item_number} has no registration in {market} that holds on {on}. Ask regulatory "
            "affairs, or make it for another market.",
            f"物料 {item_number} 在 {market} 没有于 {on} 有效的注册证或备案，请联系法规部，"
            "或改为其他市场生产。",
            expected=market,
            found=item_number,
        )


class PlannedBackwards(LedgerRefusal):
    """An order ends after it began."""

    def __init__(self, first: date, last: date) -> None:
        super().__init__(
            f"The order is planned from {first} to {last}. Correct the days.",
            f"工单计划自 {first} 至 {last}，请更正日期。",
            expected=f">= {first}",
            found=str(last),
        )


class OperatorsMissing(LedgerRefusal):
    """Where a routing asks for trainings, somebody is named who has them."""

    def __init__(self, item_number: str) -> None:
        super().__init__(
            f"The routing of {item_number} asks for trained operators. Name who will work on it.",
            f"物料 {item_number} 的工艺路线要求培训合格的操作人员，请填写操作人员。",
            expected="operators",
        )


def against(context: ServiceContext, asked: Asked) -> list[Rejection]:
    """List everything that speaks against the release of an order; nothing: it may be released."""
    try:
        item = items.by_number(context.db, context.tenant_id, asked.new.item_number)
    except Rejection as unknown:
        return [unknown]
    routing: Mapping[str, Any] = context.configuration(ROUTINGS)["items"].get(item.number, {})
    found: list[Rejection] = []
    for question in (
        lambda: _item_and_bill(context, item, asked.new),
        lambda: _registered(context, item, asked),
        lambda: _under_change(context, asked.new),
        lambda: _routing(item, routing, asked.new),
    ):
        found.extend(_asked(question))
    found.extend(_equipment(context, routing, asked.new))
    found.extend(_people(context, item, routing, asked))
    return found


def _asked(question: Callable[[], None]) -> Iterator[Rejection]:
    try:
        question()
    except Rejection as refusal:
        yield refusal


def _item_and_bill(context: ServiceContext, item: Item, new: NewWorkOrder) -> None:
    if new.planned_end < new.planned_start:
        raise PlannedBackwards(new.planned_start, new.planned_end)
    db, tenant_id = context.db, context.tenant_id
    items.require_released(item)
    serials = () if new.first_serial is None else (new.first_serial,)
    if new.lot_number is None:
        revision = items.effective_revision(db, tenant_id, item, new.planned_start, serials=serials)
    else:
        revision = items.revision_to_make(
            db, tenant_id, item, new.planned_start, lot_number=new.lot_number, serials=serials
        )
    boms.effective(db, tenant_id, item.item_id, item.number, revision, new.planned_start)


def _registered(context: ServiceContext, item: Item, asked: Asked) -> None:
    if asked.market is None:
        return
    day = asked.new.planned_start
    held = registrations.on(context.db, context.tenant_id, item.item_id, asked.market, day)
    if held is None:
        raise NotRegisteredToMake(item.number, asked.market, day)


def _under_change(context: ServiceContext, new: NewWorkOrder) -> None:
    """Ask whether the temporary change that the order names counts now."""
    if new.change is None:
        return
    change = orders.by_number(context.db, context.tenant_id, new.change)
    if temporary.in_force(context.db, context.tenant_id, change, context.now) is None:
        raise NotWithinTemporary(change, new.lot_number or new.item_number, ())


def _routing(item: Item, routing: Mapping[str, Any], new: NewWorkOrder) -> None:
    begins, ends = routing.get("effective_from"), routing.get("validated_until")
    if begins is not None and date.fromisoformat(begins) > new.planned_start:
        raise RoutingNotInForce(item.number, new.planned_start, f">= {begins}")
    if ends is not None and date.fromisoformat(ends) < new.planned_end:
        raise RoutingNotInForce(item.number, new.planned_end, f"<= {ends}")


def _equipment(
    context: ServiceContext, routing: Mapping[str, Any], new: NewWorkOrder
) -> Iterator[Rejection]:
    numbers = {number for each in _operations(routing) for number in each.get("equipment", ())}
    for number in sorted(numbers):
        until = equipment.qualified_until(context.db, context.tenant_id, number)
        if until is None or until < new.planned_end:
            yield EquipmentNotQualified(number, until, new.planned_end)


def _people(
    context: ServiceContext, item: Item, routing: Mapping[str, Any], asked: Asked
) -> Iterator[Rejection]:
    subjects = {each["training"] for each in _operations(routing) if each.get("training")}
    if subjects and not asked.operators:
        yield OperatorsMissing(item.number)
    for person in asked.operators:
        for subject in sorted(subjects):
            until = trainings.valid_until(context.db, context.tenant_id, person, subject)
            if until is None or until < asked.new.planned_start:
                yield OperatorNotTrained(person, subject, until)


def _operations(routing: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = routing.get("operations", ())
    return found
