"""Genealogy on screen: what a lot went into, what went into it, what a recall of it reaches."""

from typing import Any
from uuid import UUID

from flask import Response, abort
from sqlalchemy import Connection

from api import access, present, wire
from api.blueprints import Blueprint
from api.context import engine, json_answer
from processes.ledger import items, lots
from processes.ledger.genealogy import mass_balance, scope, trace
from processes.ledger.genealogy.mass_balance import MassBalance
from processes.ledger.genealogy.trace import TracedLot
from processes.ledger.lots import Lot
from processes.ledger.quantities import amount_of
from processes.ledger.refusals import NotInLedger
from processes.ledger.units import Unit

blueprint = Blueprint(
    "trace", __name__, url_prefix="/api/ledger/lots", description="Trace and mass balance"
)

_COUNTS = (
    *("received", "produced", "from_lots", "counted_up", "on_hand", "retained", "issued"),
    *("to_lots", "shipped", "scrapped", "destroyed", "returned_to_supplier", "sampled"),
    *("counted_down", "unexplained"),
)


@blueprint.route("/<uuid:lot_id>/forward")
@access.signed_in
@blueprint.response(200, wire.Anything)
def forward(lot_id: UUID) -> Response:
    """List everything that a lot went into, nearest first."""
    with engine().database.reading() as db:
        lot = _lot(db, lot_id)
        found = trace.forward(db, engine().tenant, [lot_id])
    return json_answer(_traced(lot, found.lots))


@blueprint.route("/<uuid:lot_id>/backward")
@access.signed_in
@blueprint.response(200, wire.Anything)
def backward(lot_id: UUID) -> Response:
    """List everything that went into a lot, nearest first."""
    with engine().database.reading() as db:
        lot = _lot(db, lot_id)
        found = trace.backward(db, engine().tenant, [lot_id])
    return json_answer(_traced(lot, found.lots))


@blueprint.route("/<uuid:lot_id>/scope")
@access.signed_in
@blueprint.response(200, wire.Anything)
def recall_scope(lot_id: UUID) -> Response:
    """Give what a recall of a lot reaches: lots, stock by place, lines by consignee."""
    tenant = engine().tenant
    with engine().database.reading() as db:
        lot = _lot(db, lot_id)
        found = scope.recall_scope(db, tenant, [lot_id])
        units = _units(db, found.lots)
    return json_answer(
        {
            **_traced(lot, found.lots),
            "stock": [
                {
                    "lot_id": str(row.lot_id),
                    "lot_number": row.lot_number,
                    "location_id": str(row.location_id),
                    "location": row.location_code,
                    "status": row.status,
                    **_amount(row.quantity, units[row.lot_id]),
                }
                for row in found.stock
            ],
            "shipped": [
                {
                    "consignee_id": str(row.consignee_id),
                    "consignee": row.consignee_number,
                    "shipment": row.shipment_number,
                    "lot_id": str(row.lot_id),
                    "lot_number": row.lot_number,
                    "at": present.time(row.shipped_at),
                    **_amount(row.quantity, units[row.lot_id]),
                }
                for row in found.shipped
            ],
        }
    )


@blueprint.route("/<uuid:lot_id>/mass-balance")
@access.signed_in
@blueprint.response(200, wire.Anything)
def balance(lot_id: UUID) -> Response:
    """Give what came into a lot and what became of it; unexplained is nothing when it is right."""
    with engine().database.reading() as db:
        try:
            found = mass_balance.of_lot(db, engine().tenant, lot_id)
        except NotInLedger:
            abort(404)
    return json_answer(_balance(found))


def _lot(db: Connection, lot_id: UUID) -> Lot:
    try:
        return lots.find(db, engine().tenant, lot_id)
    except NotInLedger:
        abort(404)


def _units(db: Connection, found: tuple[TracedLot, ...]) -> dict[UUID, Unit]:
    """Give the unit of each lot; many lots are of few items."""
    tenant = engine().tenant
    of_items = {
        item_id: items.stock_unit(db, tenant, items.find(db, tenant, item_id))
        for item_id in {each.item_id for each in found}
    }
    return {each.lot_id: of_items[each.item_id] for each in found}


def _traced(lot: Lot, found: tuple[TracedLot, ...]) -> dict[str, Any]:
    return {
        "lot_id": str(lot.lot_id),
        "lot_number": lot.number,
        "lots": [
            {
                "lot_id": str(each.lot_id),
                "lot_number": each.lot_number,
                "item_id": str(each.item_id),
                "item_number": each.item_number,
                "depth": each.depth,
                "via": None if each.via is None else str(each.via),
            }
            for each in found
        ],
    }


def _amount(quantity: int, unit: Unit) -> dict[str, str]:
    return {"quantity": format(amount_of(quantity, unit), "f"), "unit": unit.code}


def _balance(found: MassBalance) -> dict[str, Any]:
    counts = {name: format(amount_of(getattr(found, name), found.unit), "f") for name in _COUNTS}
    return {
        "lot_id": str(found.lot_id),
        "lot_number": found.lot_number,
        "unit": found.unit.code,
        **counts,
    }
