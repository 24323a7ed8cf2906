"""The ledger on screen: items, lots with their balances and movements, locations, and scans."""

from collections.abc import Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from flask import Response, abort
from sqlalchemy import Connection

from api import access, errors, language, paging, present, wire
from api.blueprints import Blueprint
from api.context import account, engine, json_answer
from engine.identities.names import names_of
from forms.barcodes import ScanRefused, read_scan
from processes.documents import pdf
from processes.documents.report import Language
from processes.ledger import (
    balances,
    items,
    locations,
    lot_labels,
    lots,
    movements,
    packages,
    site_days,
    status,
    suppliers,
    units,
)
from processes.ledger.distribution import containers
from processes.ledger.items import Item
from processes.ledger.lots import Lot
from processes.ledger.quantities import amount_of
from processes.ledger.refusals import NotInLedger
from processes.ledger.suppliers import Supplier

blueprint = Blueprint("ledger", __name__, url_prefix="/api", description="Items, lots, stock")


def _text(amount: Decimal) -> str:
    return format(amount, "f")


@blueprint.route("/scan")
@access.signed_in
@blueprint.arguments(wire.Scan, location="query")
@blueprint.response(200, wire.Anything)
def scan(arguments: dict[str, str]) -> Response:
    """Read a barcode's data, and find the item that carries it."""
    try:
        found = read_scan(arguments["text"], now=engine().dispatcher.clock())
    except ScanRefused as refused:
        return errors.problem(HTTPStatus.UNPROCESSABLE_ENTITY, "not_a_barcode", refused.message)
    shown: dict[str, Any] = found.to_json()
    gtin = found.elements.get("gtin")
    with engine().database.reading() as db:
        shown["item"] = _carrier(db, str(gtin)) if gtin else None
    return json_answer(shown)


def _carrier(db: Connection, gtin: str) -> dict[str, Any] | None:
    level = packages.by_identifier(db, engine().tenant, gtin)
    if level is None:
        return None
    item = items.find(db, engine().tenant, level.item_id)
    return {
        **_item(item),
        "package_level": level.name,
        "contained_quantity": level.base_quantity,
    }


@blueprint.route("/ledger/units")
@access.signed_in
@blueprint.response(200, wire.Anything)
def unit_names() -> Response:
    """Give what every unit of measure is called: by its code, in both languages."""
    with engine().database.reading() as db:
        return json_answer(units_known(db))


def units_known(db: Connection) -> dict[str, Any]:
    """Give every unit of measure by its code, with what it is called."""
    known = units.every(db, engine().tenant)
    return {"units": {u.code: present.names(u.names, u.code) for u in known}}


def _item(item: Item) -> dict[str, Any]:
    return {
        "item_id": str(item.item_id),
        "number": item.number,
        "names": present.names(item.names, item.number),
        "unit": item.unit_code,
        "manufacturer": item.manufacturer,
    }


@blueprint.route("/ledger/items")
@access.signed_in
@blueprint.arguments(wire.Query, location="query")
@blueprint.response(200, wire.Anything)
def find_items(arguments: dict[str, Any]) -> Response:
    """Find items by number, name or the identifier on a package."""
    query = arguments["query"].strip()
    tenant = engine().tenant
    with engine().database.reading() as db:
        level = packages.by_identifier(db, tenant, query) if query else None
        if level is not None:
            found, more = [items.find(db, tenant, level.item_id)], None
        else:
            found, more = paging.page(
                arguments["cursor"],
                lambda after, limit: items.search(db, tenant, query, limit, after=after),
                "item_id",
                start=paging.FIRST,
            )
        shown = [{**_item(item), "packages": _packages(db, item)} for item in found]
    return json_answer({"items": shown, "next": more})


def _packages(db: Connection, item: Item) -> list[dict[str, Any]]:
    levels = packages.of_item(db, engine().tenant, item.item_id)
    return [
        {"gtin": identifier, "level": level.name, "quantity": level.base_quantity}
        for level in levels
        for identifier in packages.identifiers_of(db, engine().tenant, level.package_level_id)
    ]


@blueprint.route("/ledger/lots")
@access.signed_in
@blueprint.arguments(wire.Query, location="query")
@blueprint.response(200, wire.Anything)
def find_lots(arguments: dict[str, Any]) -> Response:
    """Find lots by their own or their supplier's number, or by item."""
    with engine().database.reading() as db:
        return json_answer(lots_like(db, arguments["query"].strip(), arguments["cursor"]))


def lots_like(db: Connection, query: str, cursor: str | None) -> dict[str, Any]:
    """Give a page of lots with what lies of them, the newest first."""
    tenant = engine().tenant
    found, more = paging.page(
        cursor,
        lambda before, limit: lots.search(db, tenant, query, limit, before=before),
        "lot_id",
    )
    sources = {s.supplier_id: s for s in suppliers.every(db, tenant)}
    return {"items": [_lot(db, each, sources) for each in found], "next": more}


def _lot(db: Connection, lot: Lot, sources: Mapping[UUID, Supplier]) -> dict[str, Any]:
    """Give a lot with the status that counts: the most restrictive of place, holds and expiry."""
    tenant = engine().tenant
    held = status.open_holds(db, tenant, lot.lot_id)
    there = balances.of_lot(db, tenant, lot.lot_id)
    counting = [_counts(lot, held, each) for each in there]
    supplier = None if lot.supplier_id is None else sources.get(lot.supplier_id)
    return {
        "lot_id": str(lot.lot_id),
        "number": lot.number,
        "item": {
            "item_id": str(lot.item_id),
            "number": lot.item_number,
            "names": present.names(lot.item_names, lot.item_number),
            "unit": lot.unit.code,
        },
        "status": _worst(counting),
        "expiry": _expiry(lot),
        "supplier": None
        if supplier is None
        else {
            "supplier_id": str(supplier.supplier_id),
            "name": present.names(supplier.names, supplier.number),
        },
        "supplier_lot": lot.supplier_lot_raw,
        "quantity": _text(amount_of(sum(each.quantity for each in there), lot.unit)),
        "unit": lot.unit.code,
        "holds": [
            {"kind": h.kind, "reason": h.reason, "owner_role": h.owner_role, "by": h.placed_by}
            for h in held
        ],
    }


def _counts(lot: Lot, held: list[status.Hold], balance: balances.Balance) -> str:
    """Give the status that counts at a place: its own, a hold's, or that it has expired."""
    now, documents = engine().dispatcher.clock(), engine().dispatcher.documents(engine().tenant)
    today = site_days.day_of(documents.__getitem__, now, balance.site)
    return status.effective(balance.status, held, lot.expiry, today)


def _worst(counting: list[str]) -> str:
    return max(counting, key=status.RESTRICTIVENESS.index) if counting else "NONE"


def _expiry(lot: Lot) -> str | None:
    if lot.expiry is None:
        return None
    text = lot.expiry.isoformat()
    return text[:7] if lot.expiry_precision == "month" else text


@blueprint.route("/ledger/lots/<uuid:lot_id>")
@access.signed_in
@blueprint.response(200, wire.Anything)
def lot(lot_id: UUID) -> Response:
    """Give a lot with where it lies, and every movement of it."""
    tenant = engine().tenant
    with engine().database.reading() as db:
        try:
            found = lots.find(db, tenant, lot_id)
        except NotInLedger:
            abort(404)
        places = {place.location_id: place for place in locations.every(db, tenant)}
        sources = {s.supplier_id: s for s in suppliers.every(db, tenant)}
        there = balances.of_lot(db, tenant, lot_id)
        held = status.open_holds(db, tenant, lot_id)
        rows = movements.of_lot(db, tenant, lot_id)
        people = names_of(db, tenant, [row.actor for row in rows])
        shown = {
            **_lot(db, found, sources),
            "balances": [
                {
                    "location": {
                        "location_id": str(each.location_id),
                        "code": each.location_code,
                        "names": each.location_names,
                    },
                    "status": each.status,
                    "counts": _counts(found, held, each),
                    "quantity": _text(amount_of(each.quantity, found.unit)),
                    "unit": found.unit.code,
                }
                for each in there
            ],
            "containers": [
                present.container(each, found.unit)
                for each in containers.of_lots(db, tenant, [lot_id])
            ],
            "movements": [_movement(row, found, places, people) for row in rows],
            "label_prints": [
                {"after": each.after, "first": each.first, "last": each.last}
                for each in lot_labels.prints(db, tenant, found)
            ],
        }
    return json_answer(shown)


@blueprint.route("/ledger/lots/<uuid:lot_id>/labels.pdf")
@access.signed_in
@blueprint.arguments(wire.PrintedLabels, location="query")
@blueprint.doc(responses={200: {"description": "OK", "content": {"application/pdf": {}}}})
def labels_pdf(arguments: dict[str, str], lot_id: UUID) -> Response:
    """Give the labels of a lot to be printed, one for each of its serial numbers."""
    tenant, after = engine().tenant, arguments["after"]
    spoken = cast("Language", language.asked_for())
    with engine().database.reading() as db:
        try:
            found = lots.find(db, tenant, lot_id)
        except NotInLedger:
            abort(404)
        now = engine().dispatcher.clock()
        report = lot_labels.page(db, tenant, found, spoken, now, after=after)
    answer = Response(pdf.render(report), mimetype="application/pdf")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Disposition"] = f'inline; filename="{found.number}-labels.pdf"'
    return answer


def _movement(
    row: Any,
    lot: Lot,
    places: Mapping[UUID, locations.Location],
    people: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:
    return {
        "movement_id": str(row.movement_id),
        "at": present.time(row.recorded_at),
        "kind": row.movement_type,
        "from": _place(row.from_location_id, places),
        "to": _place(row.to_location_id, places),
        "from_status": row.from_status,
        "to_status": row.to_status,
        "quantity": _text(amount_of(row.quantity, lot.unit)),
        "unit": lot.unit.code,
        "actor": {
            "id": row.actor,
            "name": present.names(people.get(row.actor, {}), row.actor),
        },
        "process_instance_id": None
        if row.process_instance_id is None
        else str(row.process_instance_id),
        "why": row.reason,
    }


def _place(
    location_id: UUID | None, places: Mapping[UUID, locations.Location]
) -> dict[str, Any] | None:
    if location_id is None:
        return None
    place = places[location_id]
    return {"location_id": str(location_id), "code": place.code, "names": dict(place.names)}


@blueprint.route("/ledger/locations")
@access.signed_in
@blueprint.response(200, wire.Anything)
def find_locations() -> Response:
    """List the locations."""
    with engine().database.reading() as db:
        found = locations.every(db, account().tenant_id)
    shown = [
        {
            "location_id": str(each.location_id),
            "code": each.code,
            "names": dict(each.names),
            "zone": each.zone,
        }
        for each in found
    ]
    return json_answer({"items": shown, "next": None})
