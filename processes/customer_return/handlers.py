"""What the service tasks of a customer return do: book it apart, and carry out what was decided."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import locations, lots, movements, site_days, status, words
from processes.ledger.balances import Place
from processes.ledger.distribution import consignees, shipments
from processes.ledger.locations import Location
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement
from processes.ledger.nonconformity import nonconformities
from processes.ledger.quantities import amount_of, scaled
from processes.ledger.refusals import LedgerRefusal
from processes.values import amount, context_of, rows

SERVICES = ServiceRegistry()
KIND = "customer_return"
APART = "RETURN_QUARANTINE"
_NEVER = frozenset({"recall", "complaint"})
"""What was sent back for these reasons does not become stock by a look at it."""


class NotBackToStock(LedgerRefusal):
    """It cannot be used again as it is: it is rejected, or waits for what keeps it."""


@SERVICES.service("customer_return.receive")
def receive(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Book what came back into return quarantine, over the shipments that it left in."""
    asked = context_of(inputs["asked"])
    lot = lots.by_number(context.db, context.tenant_id, str(asked["lot_number"]))
    quantity = scaled(amount(asked["quantity"]), lot.unit)
    sender = consignees.by_number(context.db, context.tenant_id, str(asked["consignee"]))
    numbers = shipments.take_back_of(
        context,
        lot,
        sender.number,
        quantity,
        _units(context, lot, asked, quantity),
        location=str(asked["location"]),
        reason=_reason(asked),
        document=Document(KIND, str(context.process_instance_id)),
    )
    why = words.said("return_reason", str(asked["reason"]))
    return {
        "item": lot.item_number,
        "reason_en": why.en,
        "reason_zh": why.zh,
        "quantity": f"{amount_of(quantity, lot.unit):f}",
        "unit": lot.unit.code,
        "consignee": sender.number,
        "shipments": ", ".join(numbers),
        "location": str(asked["location"]),
        "expiry": None if lot.expiry is None else lot.expiry.isoformat(),
    }


def _units(
    context: ServiceContext, lot: Lot, asked: Mapping[str, Any], quantity: int
) -> list[UUID]:
    """Give the units that were scanned, where the lot has serials: one for each piece."""
    if not lot.has_serials:
        return []
    serials = dict.fromkeys(str(each["serial_number"]) for each in rows(asked.get("units")))
    if len(serials) * 10**lot.unit.decimals != quantity:
        raise movements.SerialRequired(lot.number)
    return [lots.unit_of(context.db, context.tenant_id, lot, each) for each in serials]


def _reason(asked: Mapping[str, Any]) -> str:
    number = asked.get("return_number")
    said = " · ".join(words.said("return_reason", str(asked["reason"])))
    return said if number is None else f"{said} ({number})"


@SERVICES.service("customer_return.carry_out")
def carry_out(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Book what was decided: released into stock, or rejected, where it is brought."""
    asked, decided = context_of(inputs["asked"]), context_of(inputs["decided"])
    db, tenant_id = context.db, context.tenant_id
    lot = lots.by_number(db, tenant_id, str(asked["lot_number"]))
    quantity = scaled(amount(asked["quantity"]), lot.unit)
    units = _units(context, lot, asked, quantity)
    source = locations.by_code(db, tenant_id, str(decided["lies_at"]))
    target = locations.by_code(db, tenant_id, str(decided["location"]))
    back = decided["decision"] == "restock"
    if back:
        _require_fit(context, lot, units, target, str(asked["reason"]))
    becomes = "RELEASED" if back else "REJECTED"
    movement = Movement(
        movement_type="STAT",
        lot_id=lot.lot_id,
        quantity=quantity,
        document=Document(KIND, str(context.process_instance_id)),
        source=Place(source.location_id, APART),
        target=Place(target.location_id, becomes),
        reason=str(decided["reason"]),
        signature_meaning=status.require_transition(context, APART, becomes),
    )
    if lot.has_serials:
        movements.post_serials(context, movement, units)
    else:
        movements.post(context, movement)
    return {"status": becomes, "location": target.code}


def _require_fit(
    context: ServiceContext, lot: Lot, units: list[UUID], target: Location, reason: str
) -> None:
    """Refuse as stock what is expired, held, recalled, complained of or not conforming."""
    if reason in _NEVER:
        raise NotBackToStock(
            "What comes back for a recall or a complaint does not go back to stock. Reject it.",
            "因召回或投诉退回的货物不得重新入库，请拒收。",
            found=reason,
        )
    if lot.expiry is not None and lot.expiry < site_days.today_at(context, target.location_id):
        raise NotBackToStock(
            f"Lot {lot.number} expired on {lot.expiry}. Reject it.",
            f"批次 {lot.number} 已于 {lot.expiry} 过期，请拒收。",
            found=str(lot.expiry),
        )
    nonconformities.require_none_open(context.db, context.tenant_id, lot.lot_id, lot.number)
    for unit in units or (None,):
        holds = status.open_holds(context.db, context.tenant_id, lot.lot_id, unit)
        if holds:
            raise NotBackToStock(
                f"Lot {lot.number} is held: {holds[0].reason}. Have the hold released first by "
                f"{holds[0].owner_role}, or reject it.",
                f"批次 {lot.number} 处于冻结状态：{holds[0].reason}。"
                f"请先由 {holds[0].owner_role} 解除冻结，或拒收。",
                found=holds[0].reason,
            )
