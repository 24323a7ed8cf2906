"""What the service tasks of expiring stock do: say where it lies, book it as expired."""

from collections.abc import Mapping
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import balances, locations, lots, movements, status, status_changes, words
from processes.ledger.balances import Balance, Place
from processes.ledger.expiries import RULES
from processes.ledger.locations import Location
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement
from processes.ledger.quantities import amount_of
from processes.values import context_of

SERVICES = ServiceRegistry()
KIND = "expiring_stock"
USABLE = ("RELEASED", "RELEASED_CONDITIONAL")
"""What lies in another status is in quality's hands already, and held like the rest."""


@SERVICES.service("expiring_stock.look")
def look(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say where a lot lies, how much and as what."""
    lot = lots.by_number(context.db, context.tenant_id, str(inputs["lot_number"]))
    places = [
        {
            "location": each.location_code,
            "quantity": f"{amount_of(each.quantity, lot.unit):f}",
            "unit": lot.unit.code,
            "status": " ".join(words.said("status", each.status)),
        }
        for each in balances.of_lot(context.db, context.tenant_id, lot.lot_id)
    ]
    return {"places": places, "due": context.configuration(RULES)["due"]}


@SERVICES.service("expiring_stock.set_apart")
def set_apart(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Book what could be used as expired, where it was brought; name what lies in containers."""
    lot = lots.by_number(context.db, context.tenant_id, str(inputs["lot_number"]))
    target = locations.by_code(
        context.db, context.tenant_id, str(context_of(inputs["apart"])["location"])
    )
    moved, packed = 0, []
    for each in balances.of_lot(context.db, context.tenant_id, lot.lot_id):
        if each.packed:
            packed.append(each.location_code)
        elif each.status in USABLE:
            _move(context, lot, each, target)
            moved += 1
    return {"movements": moved, "packed": packed}


def _move(context: ServiceContext, lot: Lot, there: Balance, target: Location) -> None:
    status.require_transition(context, there.status, "EXPIRED")
    source = Place(there.location_id, there.status)
    movement = Movement(
        movement_type="STAT",
        lot_id=lot.lot_id,
        quantity=there.quantity,
        document=Document(KIND, str(context.process_instance_id)),
        source=source,
        target=Place(target.location_id, "EXPIRED"),
        reason=f"Expired on {lot.expiry} · 有效期至 {lot.expiry}",
    )
    if not lot.has_serials:
        movements.post(context, movement)
        return
    movements.post_serials(context, movement, status_changes.serials_at(context, lot, source))
