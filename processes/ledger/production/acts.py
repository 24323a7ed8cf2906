"""What a generated data set is booked with: the services of the ledger by name, act after act.

An act names what it expects to be refused (`refused`): it is tried, undone, and its rule is noted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from engine.outcomes import Rejection
from engine.services import ServiceContext
from processes.ledger import (
    inspection_lots,
    inspection_planning,
    inspection_results,
    items,
    locations,
    lots,
    movements,
    own_lots,
    receipts,
    site_days,
    status_changes,
    suppliers,
)
from processes.ledger.balances import Place
from processes.ledger.distribution import containers, shipments
from processes.ledger.distribution.shipments import NewLine, NewShipment
from processes.ledger.genealogy import edges, lot_changes
from processes.ledger.genealogy.edges import Edge
from processes.ledger.genealogy.lot_changes import Part
from processes.ledger.inspection_planning import Mode
from processes.ledger.inspection_results import Reading
from processes.ledger.lot_numbers import read_expiry
from processes.ledger.lots import Lot, NewLot
from processes.ledger.movements import Document, Movement
from processes.ledger.own_lots import OwnLot
from processes.ledger.production import boms, work_orders
from processes.ledger.production.boms import NewBom, NewBomLine
from processes.ledger.production.work_orders import Issue, NewWorkOrder
from processes.ledger.receipts import Delivery
from processes.ledger.refusals import LedgerRefusal

Act = Mapping[str, Any]
ROLES = frozenset({"QA", "WH", "WHL", "PRD", "REL", "RA"})
SIGNED = ("REL", "REJ", "DISP", "APPR", "VERF", "REVW")
_REVISION = "A"
_GENERATED = Document("generated", "1")


class ActNotRefused(LedgerRefusal):
    """A gate stood open that the data set was to be refused at."""


def carry_out(context: ServiceContext, acts: Sequence[Act]) -> list[Any]:
    """Carry acts out in the name of those whose work they are; give what each of them made."""
    actor = replace(context.actor, roles=context.actor.roles | ROLES)
    allowed = replace(context, actor=actor, signatures=SIGNED)
    return [_one(allowed, act) for act in acts]


def _one(context: ServiceContext, act: Act) -> Any:
    arguments = {key: value for key, value in act.items() if key not in ("act", "refused")}
    doing = _ACTS[act["act"]]
    if not act.get("refused"):
        return doing(context, **arguments)
    point = context.db.begin_nested()
    try:
        doing(context, **arguments)
    except Rejection as refusal:
        return type(refusal).__name__
    else:
        message = act["act"]
        raise ActNotRefused(f"{message} was not refused.", f"{message} 未被拒绝。")
    finally:
        point.rollback()


def _bill(context: ServiceContext, item: str, lines: Sequence[tuple[str, int]]) -> None:
    boms.register(
        context,
        NewBom(
            item_number=item,
            item_revision=_REVISION,
            version=1,
            effective_from=date(2000, 1, 1),
            change_reason="generated",
            approved_by=("generated",),
            lines=tuple(
                NewBomLine(component=component, quantity=Decimal(quantity))
                for component, quantity in lines
            ),
        ),
    )


def _receive(
    context: ServiceContext,
    item: str,
    supplier: str,
    supplier_lot: str,
    quantity: int,
    expiry: str | None = None,
) -> str:
    new = NewLot(
        item_id=items.by_number(context.db, context.tenant_id, item).item_id,
        item_revision=_REVISION,
        supplier_id=suppliers.by_number(context.db, context.tenant_id, supplier).supplier_id,
        supplier_lot_raw=supplier_lot,
        expiry=None if expiry is None else read_expiry(expiry),
    )
    made = lots.receive(context, new, join_same_lot=False)
    _move(context, made, "RCV", quantity, None, ("G-Q", "QUARANTINE"))
    _accept(context, made, quantity)
    return made.number


def _inspect(
    context: ServiceContext,
    item: str,
    supplier: str,
    supplier_lot: str,
    quantity: int,
    instrument: str,
    days_ago: int,
) -> str:
    """Receive a lot, measure it with a gauge and accept it; give its number.

    Plans were put in force today, so only the readings are dated back.
    """
    # An inspection is always a process's.
    here = replace(context, process_instance_id=context.new_id(), activity_id="generated")
    then = replace(here, now=context.now - timedelta(days=days_ago))
    delivery = Delivery(
        item=item,
        supplier=supplier,
        delivery_note=supplier_lot,
        supplier_lot=supplier_lot,
        quantity=Decimal(quantity),
        location="G-Q",
    )
    line = receipts.post(here, delivery)
    inspection = inspection_lots.open_for(here, line)
    plan = inspection_lots.plan_of(context.db, context.tenant_id, inspection)
    mode = Mode(mode="normal", severity="normal")
    drawn = inspection_planning.plan_samples(
        here, inspection, plan, mode, supplier_lot, switched={}
    )
    inspection_lots.fix_sampling(
        here, inspection, drawn, mode=mode.mode, severity=mode.severity, seed=supplier_lot
    )
    for each, sampling in zip(plan.characteristics, drawn, strict=True):
        readings = [
            Reading(sample_number=number, value=each.nominal)
            for number in range(1, sampling.plan.sample_size + 1)
        ]
        inspection_results.record_readings(
            then, inspection, each, sampling, readings, instrument_number=instrument
        )
    inspection_lots.decide(here, inspection, decision="ACCEPT", verdict="ACCEPT", reason=None)
    _accept(here, line.lot, quantity)
    return line.lot.number


def _make(
    context: ServiceContext,
    item: str,
    quantity: int,
    used: Sequence[tuple[str, int]],
    expiry: str | None = None,
    serials: Sequence[str] = (),
) -> str:
    today = site_days.today(context, "GEN")
    order = work_orders.release(
        context,
        NewWorkOrder(
            item_number=item,
            quantity=Decimal(quantity),
            site="GEN",
            planned_start=today,
            planned_end=today,
            expiry=None if expiry is None else date.fromisoformat(expiry),
        ),
    )
    for lot_number, amount in used:
        given = Issue(lot_number=lot_number, location="G-A", quantity=amount)
        work_orders.issue(context, order.number, given)
    work_orders.output(context, order.number, quantity=quantity, location="G-Q", serials=serials)
    work_orders.close(context, order.number)
    made = lots.find(context.db, context.tenant_id, order.lot_id)
    _accept(context, made, quantity)
    return made.number


def _issue_to_new(context: ServiceContext, item: str, lot: str, quantity: int) -> None:
    today = site_days.today(context, "GEN")
    order = work_orders.release(
        context,
        NewWorkOrder(
            item_number=item,
            quantity=Decimal(quantity),
            site="GEN",
            planned_start=today,
            planned_end=today,
        ),
    )
    given = Issue(lot_number=lot, location="G-A", quantity=quantity)
    work_orders.issue(context, order.number, given)


def _ship(
    context: ServiceContext,
    consignee: str,
    order: str,
    lot: str,
    quantity: int,
    serials: Sequence[str] = (),
) -> str:
    lines: tuple[NewLine, ...] = tuple(
        NewLine(lot_number=lot, location="G-A", quantity=1, serial_number=serial)
        for serial in serials
    ) or (NewLine(lot_number=lot, location="G-A", quantity=quantity),)
    new = NewShipment(consignee=consignee, order_number=order, site="GEN", lines=lines)
    return shipments.post(context, new).number


def _take_back(context: ServiceContext, shipment: str, quantity: int) -> None:
    (line,) = shipments.lines_of(context.db, context.tenant_id, shipment)
    shipments.take_back(
        context,
        line.shipment_line_id,
        quantity,
        location="G-R",
        reason="generated",
        document=_GENERATED,
    )


def _split(context: ServiceContext, lot: str, quantity: int) -> str:
    part = Part(
        lot_id=_lot(context, lot).lot_id,
        place=_place(context, "G-A", "RELEASED"),
        quantity=quantity,
    )
    return lot_changes.split(context, part, reason="generated", document=_GENERATED).number


def _load(context: ServiceContext, item: str, number: str, used_for: Sequence[str]) -> str:
    """Add a load of the steriliser and the lots that were in it."""
    found = items.by_number(context.db, context.tenant_id, item)
    made = own_lots.create(
        context,
        OwnLot(item_id=found.item_id, item_revision=_REVISION, origin="produced", number=number),
    )
    for lot_number in used_for:
        edge = Edge(
            kind="sterilise",
            from_lot_id=made.lot_id,
            to_lot_id=_lot(context, lot_number).lot_id,
            quantity=1,
            unit_code=made.unit.code,
            document=_GENERATED,
        )
        edges.add(context, edge)
    return made.number


def _serial(context: ServiceContext, lot: str, serial: str) -> None:
    lots.register_serials(context, _lot(context, lot), [serial])


def _pack(context: ServiceContext, sscc: str, content: Sequence[tuple[str, int]]) -> None:
    packed = [containers.Content(lot_number=lot, quantity=amount) for lot, amount in content]
    containers.pack(context, sscc, packed, location="G-A")


_ACTS: Mapping[str, Callable[..., Any]] = {
    "bill": _bill,
    "receive": _receive,
    "inspect": _inspect,
    "make": _make,
    "issue": _issue_to_new,
    "ship": _ship,
    "take_back": _take_back,
    "split": _split,
    "load": _load,
    "serial": _serial,
    "pack": _pack,
}


def _accept(context: ServiceContext, made: Lot, quantity: int) -> None:
    """Release what lies in quarantine and put it away."""
    status_changes.change(
        context,
        made,
        _place(context, "G-Q", "QUARANTINE"),
        "RELEASED",
        quantity,
        reason="generated",
        document=_GENERATED,
    )
    _move(context, made, "PUT", quantity, ("G-Q", "RELEASED"), ("G-A", "RELEASED"))


def _move(
    context: ServiceContext,
    made: Lot,
    kind: str,
    quantity: int,
    source: tuple[str, str] | None,
    target: tuple[str, str],
) -> None:
    from_place = None if source is None else _place(context, *source)
    movement = Movement(
        movement_type=kind,
        lot_id=made.lot_id,
        quantity=quantity,
        document=_GENERATED,
        source=from_place,
        target=_place(context, *target),
    )
    if made.has_serials and from_place is not None:
        units = status_changes.serials_at(context, made, from_place)
        movements.post_serials(context, movement, units)
    else:
        movements.post(context, movement)


def _place(context: ServiceContext, code: str, status: str) -> Place:
    return Place(locations.by_code(context.db, context.tenant_id, code).location_id, status)


def _lot(context: ServiceContext, number: str) -> Lot:
    return lots.by_number(context.db, context.tenant_id, number)
