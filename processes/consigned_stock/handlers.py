"""What the service task of consigned stock does: send goods back to their owner, or buy them."""

from collections.abc import Mapping
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import balances, locations, lots, movements, ownership
from processes.ledger.balances import Place
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement
from processes.ledger.quantities import scaled
from processes.ledger.refusals import LedgerRefusal
from processes.values import amount, context_of, rows

SERVICES = ServiceRegistry()
KIND = "consigned_stock"


class NothingOfTheirs(LedgerRefusal):
    """Only what lies there and is another's is sent back or bought."""

    def __init__(self, number: str, code: str) -> None:
        super().__init__(
            f"Nothing of lot {number} at {code} belongs to somebody else. Check lot and place.",
            f"批次 {number} 在 {code} 没有他方所有的库存，请核对批号与货位。",
            found=number,
        )


@SERVICES.service("consigned_stock.book")
def book(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Book the return to the owner (RTV), or that the goods become ours (OWN)."""
    asked = context_of(inputs["asked"])
    lot = lots.by_number(context.db, context.tenant_id, str(asked["lot_number"]))
    owner = ownership.owner_of(context, lot)
    source = _theirs(context, lot, str(asked["location"]))
    buys = asked["action"] == "buy"
    quantity = scaled(amount(asked["quantity"]), lot.unit)
    movement = Movement(
        movement_type="OWN" if buys else "RTV",
        lot_id=lot.lot_id,
        quantity=quantity,
        document=Document(KIND, str(context.process_instance_id)),
        source=source,
        target=source if buys else None,
        outcome=None if buys else "RETURNED",
        reason=str(asked["reason"]),
        signature_meaning=next(iter(context.signatures), None),
        consigned=10**lot.unit.decimals if lot.has_serials else quantity,
    )
    serials = [str(each["serial_number"]) for each in rows(asked.get("units"))]
    if not lot.has_serials:
        movements.post(context, movement)
    elif len(serials) * 10**lot.unit.decimals != quantity:
        raise movements.SerialRequired(lot.number)
    else:
        units = [lots.unit_of(context.db, context.tenant_id, lot, each) for each in serials]
        movements.post_serials(context, movement, units)
    return {"owner": owner.number, "action": asked["action"]}


def _theirs(context: ServiceContext, lot: Lot, code: str) -> Place:
    """Give the position at a place that has most of what is the owner's."""
    place = locations.by_code(context.db, context.tenant_id, code)
    there = [
        each
        for each in balances.of_lot(context.db, context.tenant_id, lot.lot_id)
        if each.location_id == place.location_id and each.consigned
    ]
    if not there:
        raise NothingOfTheirs(lot.number, code)
    most = max(there, key=lambda each: each.consigned)
    return Place(place.location_id, most.status)
