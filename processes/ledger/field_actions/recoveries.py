"""What came back, was destroyed on site or corrected; and what became of what came back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select

from engine.services import ServiceContext
from processes.ledger import balances, lots, movements, status_changes
from processes.ledger.balances import Place
from processes.ledger.columns import AnyRow, rows_of
from processes.ledger.distribution import shipments
from processes.ledger.distribution.tables import shipment_return
from processes.ledger.field_actions import scope
from processes.ledger.field_actions.actions import FieldAction
from processes.ledger.field_actions.scope import DOCUMENT_KIND
from processes.ledger.field_actions.tables import recovered_disposition, recovery
from processes.ledger.genealogy import units
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement, SerialRequired
from processes.ledger.quantities import amount_of, scaled
from processes.ledger.refusals import LedgerRefusal, NotInLedger
from processes.values import amount, text

_OF_ACTION = rows_of(recovery, "field_action_id", "recovered_at", "recovery_id")
_DISPOSED = rows_of(recovered_disposition, "field_action_id", "disposed_at", "disposition_id")
_CAME_BACK = select(func.coalesce(func.sum(shipment_return.c.quantity), 0)).where(
    shipment_return.c.tenant_id == bindparam("tenant_id"),
    shipment_return.c.shipment_line_id == bindparam("shipment_line_id"),
)
_INSERT = insert(recovery)
_INSERT_DISPOSITION = insert(recovered_disposition)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """Goods of a consignee that came back, or were destroyed or corrected where they were."""

    consignee: str
    lot: str
    kind: str
    quantity: Any
    reference: str
    location: str | None = None
    serial_number: str | None = None


class LocationMissing(LedgerRefusal):
    """What came back lies somewhere."""

    def __init__(self) -> None:
        super().__init__(
            "Say where the returned goods lie: a location of the returns zone.",
            "请填写退回产品所在的退货区库位。",
            expected="a location",
        )


class MoreThanRecovered(LedgerRefusal):
    """Only what came back is disposed of."""

    def __init__(self, lot_number: str, there: object) -> None:
        super().__init__(
            f"Of lot {lot_number} {there} came back and is not disposed of yet. Enter that much "
            "or less.",
            f"批次 {lot_number} 已退回但尚未处置的数量为 {there}，请填写不超过该数量的值。",
            expected=str(there),
        )


def book(context: ServiceContext, action: FieldAction, given: Recovered) -> None:
    """Book goods that came back into the returns zone, or keep the proof of what was done on site.

    In a mock recall the record is kept and no stock moves: nothing came back.
    """
    lot = lots.by_number(context.db, context.tenant_id, given.lot)
    source = scope.consignee_of(context.db, context.tenant_id, action, given.consignee)
    quantity = scaled(amount(given.quantity), lot.unit)
    if lot.has_serials:
        _require_unit(context, action, source, lot, quantity, given.serial_number)
    if given.kind == "returned" and not action.is_mock:
        _receive(context, action, lot, quantity, given)
    row = {
        "tenant_id": context.tenant_id,
        "recovery_id": context.new_id(),
        "field_action_id": action.field_action_id,
        "consignee_id": source.consignee_id,
        "lot_id": lot.lot_id,
        "kind": given.kind,
        "serial_number": given.serial_number,
        "quantity": quantity,
        "reference": given.reference,
        "actor": context.actor.username,
        "recovered_at": context.now,
    }
    context.db.execute(_INSERT, row)
    context.record(
        {
            "event": f"field_action.{given.kind}",
            "field_action": action.number,
            "consignee": given.consignee,
            "lot": given.lot,
            "serial": given.serial_number,
            "quantity": amount_of(quantity, lot.unit),
            "reference": given.reference,
        }
    )


def check(context: ServiceContext, action: FieldAction, given: Recovered) -> None:
    """Refuse what the scope does not hold, before somebody else counts it again; books nothing."""
    lot = lots.by_number(context.db, context.tenant_id, given.lot)
    source = scope.consignee_of(context.db, context.tenant_id, action, given.consignee)
    quantity = scaled(amount(given.quantity), lot.unit)
    if lot.has_serials:
        _require_unit(context, action, source, lot, quantity, given.serial_number)
    if given.kind == "returned" and not action.is_mock and given.location is None:
        raise LocationMissing


def _require_unit(
    context: ServiceContext,
    action: FieldAction,
    source: AnyRow,
    lot: Lot,
    quantity: int,
    serial_number: str | None,
) -> None:
    """Book devices with serial numbers one by one, each once, by whom it was shipped to."""
    if serial_number is None or quantity != 10**lot.unit.decimals:
        raise SerialRequired(lot.number)
    direct = _direct_account(context, action, source.consignee_number)
    mine = scope.lines_of(context.db, context.tenant_id, action, direct.consignee_id)
    done = {
        (row.lot_id, row.serial_number)
        for row in of_action(context.db, context.tenant_id, action)
        if row.serial_number is not None
    }
    has = {line.serial_number for line in mine if line.lot_id == lot.lot_id}
    if serial_number not in has or (lot.lot_id, serial_number) in done:
        raise NotInLedger("unit to be recovered", "待收回的序列号", serial_number)


def _receive(
    context: ServiceContext, action: FieldAction, lot: Lot, quantity: int, given: Recovered
) -> None:
    if given.location is None:
        raise LocationMissing
    seller = _direct_account(context, action, given.consignee)
    left = quantity
    for line in scope.lines_of(context.db, context.tenant_id, action, seller.consignee_id):
        if line.lot_id != lot.lot_id or line.shipment_line_id is None or left == 0:
            continue
        if given.serial_number not in (None, line.serial_number):
            continue
        back = _came_back(context, line.shipment_line_id)
        some = min(left, line.quantity - back)
        if some > 0:
            shipments.take_back(
                context,
                line.shipment_line_id,
                some,
                location=given.location,
                reason=f"{action.number}: {given.reference}",
                document=Document(DOCUMENT_KIND, action.number),
            )
            left -= some
    if left:
        raise MoreThanRecovered(lot.number, amount_of(quantity - left, lot.unit))


def _direct_account(context: ServiceContext, action: FieldAction, number: str) -> AnyRow:
    """Give whom we shipped to: the consignee itself, or who sold to it."""
    known = {
        row.consignee_id: row for row in scope.consignees_of(context.db, context.tenant_id, action)
    }
    found = scope.consignee_of(context.db, context.tenant_id, action, number)
    while found.parent_id is not None:
        found = known[found.parent_id]
    return found


def _came_back(context: ServiceContext, shipment_line_id: Any) -> int:
    key = {"tenant_id": context.tenant_id, "shipment_line_id": shipment_line_id}
    return int(context.db.execute(_CAME_BACK, key).scalar_one())


def of_action(db: Connection, tenant_id: str, action: FieldAction) -> list[AnyRow]:
    """List what was recovered, oldest first."""
    return list(db.execute(_OF_ACTION, _key(tenant_id, action)))


def dispositions_of(db: Connection, tenant_id: str, action: FieldAction) -> list[AnyRow]:
    """List what became of what came back, oldest first."""
    return list(db.execute(_DISPOSED, _key(tenant_id, action)))


def awaiting(db: Connection, tenant_id: str, action: FieldAction) -> list[dict[str, Any]]:
    """List, by lot, how much came back and is not disposed of."""
    came: dict[Any, int] = {}
    for row in of_action(db, tenant_id, action):
        if row.kind == "returned":
            came[row.lot_id] = came.get(row.lot_id, 0) + row.quantity
    for row in dispositions_of(db, tenant_id, action):
        came[row.lot_id] = came.get(row.lot_id, 0) - row.quantity
    found = []
    for lot_id, quantity in came.items():
        if quantity > 0:
            lot = lots.find(db, tenant_id, lot_id)
            found.append(
                {
                    "lot": lot.number,
                    "item": lot.item_number,
                    "quantity": amount_of(quantity, lot.unit),
                    "unit": lot.unit.code,
                }
            )
    return sorted(found, key=lambda each: str(each["lot"]))


def dispose(
    context: ServiceContext,
    action: FieldAction,
    rows: Sequence[Mapping[str, Any]],
    witness: Mapping[str, Any],
) -> None:
    """Carry out what QA decided on what came back; what is destroyed leaves the stock."""
    left = {
        each["lot"]: each["quantity"] for each in awaiting(context.db, context.tenant_id, action)
    }
    for row in rows:
        lot = lots.by_number(context.db, context.tenant_id, str(row["lot"]))
        wanted = amount(row["quantity"])
        if wanted > left.get(lot.number, 0):
            raise MoreThanRecovered(lot.number, left.get(lot.number, 0))
        left[lot.number] -= wanted
        quantity = scaled(wanted, lot.unit)
        serial = text(row.get("serial_number"))
        if lot.has_serials:
            _require_returned(context, action, lot, quantity, serial)
        if row["disposition"] == "destroy" and not action.is_mock:
            _destroy(context, action, lot, quantity, str(row["reference"]), serial)
        kept = {
            "tenant_id": context.tenant_id,
            "disposition_id": context.new_id(),
            "field_action_id": action.field_action_id,
            "lot_id": lot.lot_id,
            "quantity": quantity,
            "disposition": row["disposition"],
            "reference": row["reference"],
            "witness": dict(witness),
            "actor": context.actor.username,
            "disposed_at": context.now,
            "serial_number": serial,
        }
        context.db.execute(_INSERT_DISPOSITION, kept)
        context.record(
            {
                "event": "field_action.disposed",
                "field_action": action.number,
                "lot": lot.number,
                "serial": serial,
                "quantity": wanted,
                "disposition": row["disposition"],
                "reference": row["reference"],
                "witness": dict(witness),
            }
        )


def mark_recalled(context: ServiceContext, action: FieldAction) -> int:
    """Give what came back the status RECALLED, signed by QA with the disposition (INV-17)."""
    changed = 0
    if action.is_mock:
        return changed
    for each in awaiting(context.db, context.tenant_id, action):
        lot = lots.by_number(context.db, context.tenant_id, str(each["lot"]))
        for balance in balances.of_lot(context.db, context.tenant_id, lot.lot_id):
            if balance.status == "RETURN_QUARANTINE":
                place = Place(balance.location_id, balance.status)
                status_changes.change(
                    context,
                    lot,
                    place,
                    "RECALLED",
                    balance.quantity,
                    reason=action.number,
                    document=Document(DOCUMENT_KIND, action.number),
                )
                changed += 1
    return changed


def _require_returned(
    context: ServiceContext, action: FieldAction, lot: Lot, quantity: int, serial: str | None
) -> None:
    """Dispose of units one by one: each that came back, once."""
    if serial is None or quantity != 10**lot.unit.decimals:
        raise SerialRequired(lot.number)
    came = {
        row.serial_number
        for row in of_action(context.db, context.tenant_id, action)
        if row.lot_id == lot.lot_id and row.kind == "returned"
    }
    gone = {
        row.serial_number
        for row in dispositions_of(context.db, context.tenant_id, action)
        if row.lot_id == lot.lot_id
    }
    if serial not in came - gone:
        raise NotInLedger("returned unit", "已退回且未处置的序列号", serial)


def _destroy(
    context: ServiceContext,
    action: FieldAction,
    lot: Lot,
    quantity: int,
    reference: str,
    serial: str | None,
) -> None:
    """Take it from wherever recalled stock of the lot lies, place by place; a unit from its own."""
    unit_id = None
    if serial is not None:
        unit_id = lots.unit_of(context.db, context.tenant_id, lot, serial)
        [lying] = units.lying(context.db, context.tenant_id, [unit_id])
        places = [(lying.location_id, lying.status, lying.quantity)]
    else:
        places = [
            (each.location_id, each.status, each.quantity)
            for each in balances.of_lot(context.db, context.tenant_id, lot.lot_id)
        ]
    for location_id, status, there in places:
        if status != "RECALLED" or quantity == 0:
            continue
        some = min(quantity, there)
        movement = Movement(
            movement_type="DESTROY",
            lot_id=lot.lot_id,
            quantity=some,
            document=Document(DOCUMENT_KIND, action.number),
            source=Place(location_id, "RECALLED"),
            outcome="DESTROYED",
            reason=reference,
            serial_unit_id=unit_id,
        )
        movements.post(context, movement)
        quantity -= some
    if quantity:
        raise MoreThanRecovered(lot.number, 0)


def _key(tenant_id: str, action: FieldAction) -> dict[str, object]:
    return {"tenant_id": tenant_id, "field_action_id": action.field_action_id}
