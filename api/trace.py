"""Genealogy on screen: what a lot went into, what went into it, what a recall of it reaches."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, abort
from marshmallow import EXCLUDE, Schema, fields, validate
from sqlalchemy import Connection

from api import access, errors, present, wire
from api.blueprints import Blueprint
from api.context import engine, json_answer
from forms.barcodes import ScanRefused, read_scan
from processes.ledger import balances, items, lots, packages
from processes.ledger.changes import substitutes
from processes.ledger.changes.substitutes import StoodIn
from processes.ledger.distribution import containers
from processes.ledger.genealogy import mass_balance, overview, scope, trace
from processes.ledger.genealogy.mass_balance import MassBalance
from processes.ledger.genealogy.overview import LotFacts
from processes.ledger.genealogy.trace import TracedLot
from processes.ledger.lots import Lot
from processes.ledger.quantities import amount_of
from processes.ledger.refusals import NotInLedger
from processes.ledger.units import Unit

blueprint = Blueprint(
    "trace", __name__, url_prefix="/api/ledger/lots", description="Trace and mass balance"
)

_COUNTS = (
    *("received", "produced", "from_lots", "counted_up", "on_hand", "retained"),
    *("at_supplier", "issued"),
    *("to_lots", "shipped", "scrapped", "destroyed", "returned_to_supplier", "sampled"),
    *("counted_down", "unexplained"),
)

SHOWN = 500
"""Lots that a screen is given of a trace, the nearest first; `total` says how many there are."""
_FOUND = 20
_ASKED = _FOUND + 1  # one more than is shown tells that there are more
_SIFTED = 500  # lots of a number, of which those of the item on the label are kept
_GS, _SEEN_GS = "\x1d", "\u241d"


class Direction(Schema):
    """Which way a trace goes."""

    class Meta:
        unknown = EXCLUDE

    direction = fields.String(
        load_default="forward", validate=validate.OneOf(["forward", "backward"])
    )


class Label(Schema):
    """What was typed, or what a scanner read off a label."""

    class Meta:
        unknown = EXCLUDE

    text = fields.String(required=True, validate=validate.Length(min=1, max=500))


@blueprint.route("/by-label")
@access.signed_in
@blueprint.arguments(Label, location="query")
@blueprint.response(200, wire.Anything)
def by_label(arguments: dict[str, str]) -> Response:
    """Find lots by number, supplier's lot, serial number, item, or by all that a barcode holds.

    `more` says that further lots are like that: what was typed or scanned names too many.
    """
    text = arguments["text"].replace(_SEEN_GS, _GS).strip()
    try:
        elements: Mapping[str, Any] = read_scan(text, now=engine().dispatcher.clock()).elements
    except ScanRefused as refused:
        if _GS in text or text.startswith(("]", "(")):
            return errors.problem(HTTPStatus.UNPROCESSABLE_ENTITY, "not_a_barcode", refused.message)
        elements = {}
    with engine().database.reading() as db:
        found = _labelled(db, elements) if elements else _typed(db, text)
        known = overview.facts(db, engine().tenant, found)
    shown = [_lot_facts(known[lot_id]) for lot_id in found[:_FOUND]]
    return json_answer({"items": shown, "next": None, "more": len(found) > _FOUND})


def _labelled(db: Connection, elements: Mapping[str, Any]) -> list[UUID]:
    """Give the lots that carry what a barcode says; without a lot on it, those of its item."""
    tenant = engine().tenant
    gtin, lot_number, serial = (elements.get(each) for each in ("gtin", "lot", "serial"))
    level = packages.by_identifier(db, tenant, str(gtin)) if gtin else None
    if lot_number is not None:
        found = lots.search(db, tenant, str(lot_number), limit=_SIFTED)
    elif serial is not None:
        found = [lots.find(db, tenant, each) for each in _by_serial(db, str(serial))]
    elif level is not None:
        found = lots.search(db, tenant, items.find(db, tenant, level.item_id).number, limit=_ASKED)
    else:
        found = []
    if level is None:
        return [each.lot_id for each in found]
    same = set(items.same_item(db, tenant, level.item_id))
    return [each.lot_id for each in found if each.item_id in same]


def _typed(db: Connection, text: str) -> list[UUID]:
    found = [each.lot_id for each in lots.search(db, engine().tenant, text, limit=_ASKED)]
    return list(dict.fromkeys([*found, *_by_serial(db, text)]))


def _by_serial(db: Connection, serial: str) -> list[UUID]:
    return overview.lots_of_serial(db, engine().tenant, serial, limit=_ASKED)


def _lot_facts(found: LotFacts) -> dict[str, Any]:
    supplier = found.supplier_names
    return {
        "lot_id": str(found.lot_id),
        "lot_number": found.lot_number,
        "origin": found.origin,
        "item_number": found.item_number,
        "item_names": present.names(found.item_names, found.item_number),
        "supplier": None if supplier is None else present.names(supplier, ""),
        "supplier_lot": found.supplier_lot,
        "unit": found.unit_code,
    }


@blueprint.route("/<uuid:lot_id>/trace")
@access.signed_in
@blueprint.arguments(Direction, location="query")
@blueprint.response(200, wire.Anything)
def traced(arguments: dict[str, str], lot_id: UUID) -> Response:
    """Give a trace as a screen shows it: each lot, how much came, where it lies, who has it."""
    tenant = engine().tenant
    onward = arguments["direction"] == "forward"
    with engine().database.reading() as db:
        _lot(db, lot_id)
        walk = trace.forward if onward else trace.backward
        found = walk(db, tenant, [lot_id]).lots
        shown = found[:SHOWN]
        ids = [each.lot_id for each in shown]
        known = overview.facts(db, tenant, ids)
        answer = {
            "direction": arguments["direction"],
            "lot": _lot_facts(known[lot_id]),
            "total": len(found),
            "lots": _steps(db, shown, known, onward=onward),
            "consignees": [_sent(each) for each in overview.sent(db, tenant, lot_id)]
            if onward
            else [],
        }
    return json_answer(answer)


def _steps(
    db: Connection, shown: Sequence[TracedLot], known: Mapping[UUID, LotFacts], *, onward: bool
) -> list[dict[str, Any]]:
    """Give each lot with the amount that links it to the one it was reached by."""
    tenant, ids = engine().tenant, [each.lot_id for each in shown]
    amounts, holds = overview.links(db, tenant, ids), overview.held(db, tenant, ids)
    instead = substitutes.stood_in(db, tenant, ids)
    there = present.stock(balances.of_lots(db, tenant, ids), known)
    boxes: dict[UUID, list[str]] = {}
    for box in containers.of_lots(db, tenant, ids):
        boxes.setdefault(box.lot_id, []).append(box.sscc)
    steps = []
    for each in shown:
        via = each.via
        pair = None if via is None else (via, each.lot_id) if onward else (each.lot_id, via)
        amount = None if pair is None else amounts.get(pair)
        origin = None if pair is None else known[pair[0]]
        steps.append(
            {
                **_lot_facts(known[each.lot_id]),
                "depth": each.depth,
                "via": None if via is None else str(via),
                "amount": None
                if amount is None or origin is None
                else present.stored(amount, origin.decimals),
                "amount_unit": None if origin is None else origin.unit_code,
                "instead_of": None if pair is None else _stood_in(instead.get(pair)),
                "on_hold": each.lot_id in holds,
                "stock": there[each.lot_id],
                "containers": boxes.get(each.lot_id, []),
            }
        )
    return steps


def _stood_in(found: StoodIn | None) -> dict[str, str | None] | None:
    """Say what a lot went in for that the bill has, and under which deviation."""
    if found is None:
        return None
    return {"item_number": found.item_number, "change": found.change_number}


def _sent(each: overview.Sent) -> dict[str, Any]:
    return {
        "consignee": each.consignee_number,
        "name": each.name,
        "country": each.country,
        "lot_id": str(each.lot_id),
        "lot_number": each.lot_number,
        "quantity": present.stored(each.quantity, each.decimals),
        "unit": each.unit_code,
        "shipments": each.shipments,
        "last_shipped_at": present.time(each.last_shipped_at),
    }


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
        boxes = scope.containers_in(db, tenant, found)
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
            "containers": [present.container(each, units[each.lot_id]) for each in boxes],
            "shipped": [
                {
                    "consignee_id": str(row.consignee_id),
                    "consignee": row.consignee_number,
                    "shipment": row.shipment_number,
                    "lot_id": str(row.lot_id),
                    "lot_number": row.lot_number,
                    "container": row.sscc,
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


@blueprint.route("/of-item/<path:number>/mass-balance")
@access.signed_in
@blueprint.response(200, wire.Anything)
@blueprint.alt_response(404, schema=wire.Problem)
def balance_of_item(number: str) -> Response:
    """Give the balance of all lots of an item, under every number that it has or had."""
    with engine().database.reading() as db:
        try:
            item = items.by_number(db, engine().tenant, number)
        except NotInLedger:
            abort(404)
        found = mass_balance.of_item(db, engine().tenant, item.item_id)
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
