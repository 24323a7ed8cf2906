"""Purchase orders on screen: where an order stands, its versions, and a version as PDF."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import Response, abort
from sqlalchemy import Connection

from api import access, language, present, wire
from api.blueprints import Blueprint
from api.context import engine, json_answer
from engine.reading.instances import history_of
from processes.documents import pdf
from processes.documents.report import Language, Signature
from processes.ledger import suppliers, units
from processes.ledger.purchasing import order_document, orders
from processes.ledger.purchasing.orders import Line, Order
from processes.ledger.quantities import amount_of
from processes.ledger.refusals import NotInLedger
from processes.ledger.units import Unit

blueprint = Blueprint(
    "purchasing", __name__, url_prefix="/api/purchase-orders", description="Purchase orders"
)
_SIGNED = ("AUTH", "APPR", "CONC")


@blueprint.route("/<number>")
@access.signed_in
@blueprint.response(200, wire.Anything)
def one(number: str) -> Response:
    """Give an order: its lines with what came of them, and its versions."""
    tenant = engine().tenant
    with engine().database.reading() as db:
        order = _found(db, number)
        source = suppliers.find(db, tenant, order.supplier_id)
        lines = orders.lines_of(db, tenant, order)
        measured = _units(db, lines)
        shown = {
            "number": order.number,
            "status": order.status,
            "version": order.version,
            "supplier": {"number": source.number, "names": dict(source.names)},
            "currency": order.currency,
            "emergency": order.emergency,
            "process_instance_id": str(order.process_instance_id),
            "lines": [_line(each, measured[each.line]) for each in lines],
            "versions": [_version(db, order, x) for x in range(1, order.version + 1)],
        }
    return json_answer(shown)


@blueprint.route("/<number>/versions/<version>.pdf")
@access.signed_in
@blueprint.doc(responses={200: {"description": "OK", "content": {"application/pdf": {}}}})
def version_pdf(number: str, version: str) -> Response:
    """Give a version as it was frozen, as PDF, with the signatures that led to it."""
    tenant = engine().tenant
    with engine().database.reading() as db:
        order = _found(db, number)
        if version not in map(str, range(1, order.version + 1)):
            abort(HTTPStatus.NOT_FOUND)
        frozen = orders.content_of(db, tenant, order, int(version))
        lines = orders.lines_of_version(db, tenant, order, int(version))
        report = order_document.document(
            order,
            int(version),
            frozen,
            source=suppliers.by_number(db, tenant, frozen["content"]["supplier"]),
            lines=lines,
            units=_units(db, lines),
            signatures=_signatures(db, order, frozen["frozen_at"]),
            language=cast("Language", language.asked_for()),
            printed_at=frozen["frozen_at"],
        )
    answer = Response(pdf.render(report), mimetype="application/pdf")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Disposition"] = f'inline; filename="{number}-v{version}.pdf"'
    return answer


def _found(db: Connection, number: str) -> Order:
    try:
        return orders.by_number(db, engine().tenant, number)
    except NotInLedger:
        abort(HTTPStatus.NOT_FOUND)


def _units(db: Connection, lines: list[Line]) -> dict[int, Unit]:
    return {each.line: units.find(db, engine().tenant, each.unit_code) for each in lines}


def _line(line: Line, unit: Unit) -> dict[str, Any]:
    amounts = ("ordered", "received", "accepted", "rejected", "undecided", "outstanding")
    return {
        "line": line.line,
        "status": line.status,
        "revision": line.item_revision,
        "unit": line.unit_code,
        "unit_price": format(line.unit_price, "f"),
        "promised_date": line.promised_date.isoformat(),
        **{name: format(amount_of(getattr(line, name), unit), "f") for name in amounts},
    }


def _version(db: Connection, order: Order, version: int) -> dict[str, Any]:
    frozen = orders.content_of(db, engine().tenant, order, version)
    return {
        "version": version,
        "total": format(frozen["total"], "f"),
        "reason": frozen["reason"],
        "hash": frozen["hash"],
        "unchanged": frozen["unchanged"],
        "frozen_by": frozen["actor"],
        "frozen_at": present.time(frozen["frozen_at"]),
    }


def _signatures(db: Connection, order: Order, until: datetime) -> list[Signature]:
    """Give who signed for need, waiver and order up to the moment that the version was frozen."""
    entries, _ = history_of(db, engine().tenant, order.process_instance_id)
    return [
        _signature(entry.document, event)
        for entry in entries
        if datetime.fromisoformat(entry.document["at"]) <= until
        for event in entry.document["events"]
        if event["event"] == "signature.made" and event["meaning"] in _SIGNED
    ]


def _signature(document: Mapping[str, Any], event: Mapping[str, Any]) -> Signature:
    author, spoken = document["actor"], event["language"]
    zone = ZoneInfo(document["zone"])
    return Signature(
        printed_name=author["name"].get(spoken) or author["username"],
        username=author["username"],
        role=author.get("role") or "",
        meaning=event["meaning_names"][spoken],
        statement=event["statement"],
        signed_at=datetime.fromisoformat(document["at"]).astimezone(zone),
        zone=document["zone"],
        record_hash=event["record_hash"],
        comment=document.get("why"),
    )
