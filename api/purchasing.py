"""Purchase orders on screen: where an order stands, its versions, and a version as PDF."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import Response, abort
from sqlalchemy import Connection

from api import access, language, paging, present, readers, wire
from api.blueprints import Blueprint
from api.context import engine, json_answer
from engine.identities.names import names_of
from engine.reading.instances import history_of
from processes.documents import pdf
from processes.documents.report import Language, Report, Signature
from processes.ledger import items, suppliers, units
from processes.ledger.columns import AnyRow
from processes.ledger.purchasing import (
    listing,
    order_document,
    order_mails,
    orders,
    requisitions,
)
from processes.ledger.purchasing.orders import Line, Order
from processes.ledger.quantities import amount_of
from processes.ledger.refusals import NotInLedger
from processes.ledger.units import Unit

blueprint = Blueprint(
    "purchasing", __name__, url_prefix="/api/purchase-orders", description="Purchase orders"
)
_SIGNED = ("AUTH", "APPR", "CONC")


@blueprint.route("")
@access.signed_in
@blueprint.arguments(wire.Paging, location="query")
@blueprint.response(200, wire.Anything)
def every(arguments: dict[str, Any]) -> Response:
    """List purchase orders, the newest first, to whom buying is open."""
    with engine().database.reading() as db:
        readers.require_part(db, "procurement")
        rows, after = paging.page(
            arguments["cursor"],
            lambda before, limit: listing.latest(db, engine().tenant, before=before, limit=limit),
            "purchase_order_id",
        )
    return json_answer({"items": [_listed(row) for row in rows], "next": after})


def _listed(row: AnyRow) -> dict[str, Any]:
    return {
        "number": row.order_number,
        "status": row.status,
        "version": row.version,
        "supplier": {
            "number": row.supplier_number,
            "names": {"en": row.name_en, "zh": row.name_zh},
        },
        "site": row.site,
        "currency": row.currency,
        "emergency": row.emergency,
        "total": None if row.total is None else format(row.total, "f"),
        "created_at": present.time(row.created_at),
    }


@blueprint.route("/<number>")
@access.signed_in
@blueprint.response(200, wire.Anything)
def one(number: str) -> Response:
    """Give an order: its lines with what came of them, and its versions."""
    tenant = engine().tenant
    with engine().database.reading() as db:
        order = _found(db, number)
        readers.require_part(db, "procurement", order.process_instance_id)
        source = suppliers.find(db, tenant, order.supplier_id)
        lines = orders.lines_of(db, tenant, order)
        measured = _units(db, tenant, lines)
        numbers = {
            each: requisitions.find(db, tenant, each).number
            for each in {line.requisition_id for line in lines}
        }
        shown = {
            "number": order.number,
            "status": order.status,
            "version": order.version,
            "supplier": {"number": source.number, "names": dict(source.names)},
            "currency": order.currency,
            "emergency": order.emergency,
            "process_instance_id": str(order.process_instance_id),
            "lines": [
                _line(each, measured[each.line])
                | {"item": _item(db, each), "requisition": numbers[each.requisition_id]}
                for each in lines
            ],
            "versions": [_version(db, order, x) for x in range(1, order.version + 1)],
            **_followed(db, order, measured),
        }
        shown["people"] = names_of(db, tenant, _people(shown))
    return json_answer(shown)


def _item(db: Connection, line: Line) -> dict[str, Any]:
    """Give a line's item; for free text what was written instead of one."""
    if line.item_id is None:
        called = line.description or ""
        return {"number": None, "names": {"en": called, "zh": called}}
    found = items.find(db, engine().tenant, line.item_id)
    return {"number": found.number, "names": present.names(found.names, found.number)}


def _people(shown: Mapping[str, Any]) -> set[str]:
    """Give the user names that stand in what is shown, whose names the screen says instead."""
    parts = (
        *("versions", "mails", "receipts", "performances"),
        *("confirmations", "invoices", "waivers"),
    )
    return {row["by"] for part in parts for row in shown[part]}


def _followed(db: Connection, order: Order, measured: Mapping[int, Unit]) -> dict[str, Any]:
    """Give what came of an order: answers, goods, decisions, invoices; and its waivers."""
    tenant = engine().tenant
    decided: dict[Any, list[AnyRow]] = {}
    for row in listing.decisions_of(db, tenant, order):
        decided.setdefault(row.receipt_line_id, []).append(row)
    return {
        "confirmations": [
            {
                "reference": row.reference,
                "version": row.version,
                "confirmed": row.differences["confirmed"],
                "differences": row.differences["listed"],
                "by": row.actor,
                "at": present.time(row.recorded_at),
            }
            for row in listing.confirmations_of(db, tenant, order)
        ],
        "receipts": [
            _receipt(row, measured[row.line], decided.get(row.receipt_line_id, []))
            for row in listing.receipts_of(db, tenant, order)
        ],
        "invoices": [
            {
                "number": row.invoice_number,
                "date": row.invoice_date.isoformat(),
                "amount": format(row.amount, "f"),
                "receipt": row.receipt_number,
                "outcome": row.outcome,
                "differences": row.differences,
                "reason": row.reason,
                "by": row.actor,
                "at": present.time(row.recorded_at),
            }
            for row in listing.invoices_of(db, tenant, order)
        ],
        "mails": [
            {
                "version": row.version,
                "channel": row.channel,
                "address": row.address,
                "status": row.status,
                "answer": row.answer,
                "by": row.actor,
                "at": present.time(row.created_at),
            }
            for row in order_mails.of_order(db, tenant, order)
        ],
        "performances": [
            {
                "line": row.line,
                "quantity": format(amount_of(row.quantity, measured[row.line]), "f"),
                "unit": measured[row.line].code,
                "evidence": row.evidence,
                "by": row.actor,
                "at": present.time(row.recorded_at),
            }
            for row in listing.performances_of(db, tenant, order)
        ],
        "waivers": [
            {
                "number": row.waiver_number,
                "reason": row.reason,
                "controls": row.controls,
                "valid_to": row.valid_to.isoformat(),
                "by": row.actor,
                "at": present.time(row.granted_at),
            }
            for row in listing.waivers_of(db, tenant, order)
        ],
    }


def _receipt(row: AnyRow, unit: Unit, decided: list[AnyRow]) -> dict[str, Any]:
    return {
        "number": row.receipt_number,
        "delivery_note": row.delivery_note,
        "line": row.line,
        "lot_id": str(row.lot_id),
        "lot_number": row.lot_number,
        "quantity": format(amount_of(row.quantity, unit), "f"),
        "unit": unit.code,
        "by": row.actor,
        "at": present.time(row.received_at),
        "decisions": [
            {
                "decision": each.decision,
                "accepted": format(amount_of(each.accepted, unit), "f"),
                "rejected": format(amount_of(each.rejected, unit), "f"),
                "withdrawn": format(amount_of(each.withdrawn, unit), "f"),
                "at": present.time(each.recorded_at),
            }
            for each in decided
        ],
    }


@blueprint.route("/<number>/versions/<version>.pdf")
@access.signed_in
@blueprint.doc(responses={200: {"description": "OK", "content": {"application/pdf": {}}}})
def version_pdf(number: str, version: str) -> Response:
    """Give a version as it was frozen, as PDF, with the signatures that led to it."""
    with engine().database.reading() as db:
        order = _found(db, number)
        if version not in map(str, range(1, order.version + 1)):
            abort(HTTPStatus.NOT_FOUND)
        readers.require_case(db, order.process_instance_id)
        spoken = cast("Language", language.asked_for())
        report = report_of(db, engine().tenant, order, int(version), spoken)
    answer = Response(pdf.render(report), mimetype="application/pdf")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Disposition"] = f'inline; filename="{number}-v{version}.pdf"'
    return answer


def report_of(db: Connection, tenant: str, order: Order, version: int, spoken: Language) -> Report:
    """Give a version as it was frozen as a report, with the signatures that led to it."""
    frozen = orders.content_of(db, tenant, order, version)
    lines = orders.lines_of_version(db, tenant, order, version)
    return order_document.document(
        order,
        version,
        frozen,
        source=suppliers.by_number(db, tenant, frozen["content"]["supplier"]),
        lines=lines,
        units=_units(db, tenant, lines),
        signatures=_signatures(db, tenant, order, frozen["frozen_at"]),
        language=spoken,
        printed_at=frozen["frozen_at"],
    )


def _found(db: Connection, number: str) -> Order:
    try:
        return orders.by_number(db, engine().tenant, number)
    except NotInLedger:
        abort(HTTPStatus.NOT_FOUND)


def _units(db: Connection, tenant: str, lines: list[Line]) -> dict[int, Unit]:
    return {each.line: units.find(db, tenant, each.unit_code) for each in lines}


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
        "by": frozen["actor"],
        "frozen_at": present.time(frozen["frozen_at"]),
    }


def _signatures(db: Connection, tenant: str, order: Order, until: datetime) -> list[Signature]:
    """Give who signed for need, waiver and order up to the moment that the version was frozen."""
    entries, _ = history_of(db, tenant, order.process_instance_id)
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
