"""Field actions on screen: where each stands, its accounts, reports as data and PDF, letters."""

import io
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

import qrcode
import qrcode.image.svg
from flask import Response, abort, render_template_string
from markupsafe import Markup
from sqlalchemy import Connection

from api import access, errors, field_action_board, paging, present, readers, settings, wire
from api.blueprints import Blueprint
from api.context import actor, engine, json_answer
from engine.configuration.documents import read_documents
from engine.identifiers import new_id
from engine.outcomes import Rejected
from engine.reading.instances import history_of
from processes.documents import pdf
from processes.documents.report import Signature
from processes.ledger.clocks import clocks
from processes.ledger.columns import AnyRow
from processes.ledger.field_actions import (
    actions,
    closure,
    links,
    notices,
    reconciliation,
    reports,
    scope,
)
from processes.ledger.field_actions.actions import FieldAction
from processes.ledger.field_actions.commands import IssueResponseLink
from processes.ledger.refusals import NotInLedger

blueprint = Blueprint(
    "field_actions", __name__, url_prefix="/api/field-actions", description="Field actions"
)
LETTER = """<!doctype html>
<html lang="{{ notice.language }}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ notice.notice_number }}</title><link rel="stylesheet" href="/respond.css"></head>
<body><main><h1>{{ notice.subject }}</h1><pre>{{ notice.body }}</pre>
{% if link %}<p>{{ words.link.format(link=link) }}</p>{{ picture }}
{% elif not mock %}<form method="post"><input type="hidden" name="csrf" value="{{ csrf }}">
<button>{{ words.make_link }}</button></form>{% endif %}
</main></body></html>"""
MAKE_LINK = {"en": "Add a one-time link and QR code", "zh": "添加一次性链接和二维码"}
SIGNED_FOR_REPORTS = ("DISP", "APPR", "CLOS")


@blueprint.route("/")
@access.signed_in
@blueprint.arguments(wire.Paging, location="query")
@blueprint.response(200, wire.Anything)
def every(arguments: dict[str, Any]) -> Response:
    """List field actions, the newest first, to whom recalls are open."""
    with engine().database.reading() as db:
        readers.require_part(db, "recall")
        found, after = paging.page(
            arguments["cursor"],
            lambda before, limit: actions.latest(db, engine().tenant, before=before, limit=limit),
            "field_action_id",
        )
    return json_answer({"items": [_action(each) for each in found], "next": after})


@blueprint.route("/<number>")
@access.signed_in
@blueprint.response(200, wire.Anything)
def one(number: str) -> Response:
    """Give a field action: scope, notices, accounts, reports, clocks, what closure waits for."""
    tenant = engine().tenant
    with engine().database.reading() as db:
        action = _found(db, number)
        readers.require_part(db, "recall", action.process_instance_id)
        documents = read_documents(db, tenant)
        rules, described = (
            documents["field_action_rules"],
            documents["field_action_reports"]["kinds"],
        )
        accounts = reconciliation.of_action(db, tenant, action)
        shown = {
            **_action(action),
            "description": action.description,
            "extensions": [
                {
                    "extension": row.extension,
                    "reason": row.reason,
                    "lots": row.lots,
                    "holds": row.holds,
                    "traced_at": present.time(row.traced_at),
                }
                for row in scope.extensions_of(db, tenant, action)
            ],
            "notices": [
                {
                    "notice_id": str(row.notice_id),
                    "number": row.notice_number,
                    "consignee": row.consignee_number,
                    "name": row.name,
                    "language": row.language,
                    "issued_at": present.time(row.issued_at),
                }
                for row in notices.of_action(db, tenant, action)
            ],
            "reconciliation": {
                "percent": format(accounts.percent, "f"),
                "complete": accounts.complete,
                "accounts": [reconciliation.shown(each) for each in accounts.accounts],
            },
            "consignees": field_action_board.consignees(db, action, accounts),
            "lots": field_action_board.lots_in_reach(db, action),
            "rounds": field_action_board.rounds(db, action),
            "reports": [
                _report(row) | {"names": described[row.kind]["names"]}
                for row in reports.of_action(db, tenant, action)
            ],
            "clocks": [
                {
                    "rule": each.rule_code,
                    "names": present.names(each.rule["names"], each.rule_code),
                    "authority": each.authority,
                    "state": each.state,
                    "overdue": each.overdue,
                    "due_on": None if each.due_on is None else each.due_on.isoformat(),
                    "due_at": present.time(each.due_at),
                }
                for each in clocks.of_subject(db, tenant, scope.DOCUMENT_KIND, action.number)
            ],
            "now": present.time(engine().dispatcher.clock()),
            "closure": {
                name: format(value, "f") if hasattr(value, "as_tuple") else value
                for name, value in closure.facts(db, tenant, action, rules).items()
            },
        }
    return json_answer(shown)


def _action(action: FieldAction) -> dict[str, Any]:
    return {
        "number": action.number,
        "mode": action.mode,
        "cycle": action.cycle,
        "reopens": action.reopens,
        "status": action.status,
        "title": action.title,
        "action_type": action.action_type,
        "classes": dict(action.classes),
        "assigned": dict(action.assigned),
        "aware_at": present.time(action.aware_at),
        "decided_at": present.time(action.decided_at),
        "closed_at": present.time(action.closed_at),
        "process_instance_id": str(action.process_instance_id),
    }


def _report(row: AnyRow) -> dict[str, Any]:
    return {
        "number": row.report_number,
        "market": row.market,
        "kind": row.kind,
        "missing": row.missing,
        "prepared_at": present.time(row.prepared_at),
        "submitted_at": present.time(row.submitted_at),
    }


@blueprint.route("/reports/<number>")
@access.signed_in
@blueprint.response(200, wire.Anything)
def report_data(number: str) -> Response:
    """Give a report as data, for download."""
    with engine().database.reading() as db:
        row = _report_found(db, number)
        action = actions.find(db, engine().tenant, row.field_action_id)
        readers.require_case(db, action.process_instance_id)
        answer = json_answer({**_report(row), "content": row.content})
    answer.headers["Content-Disposition"] = f'attachment; filename="{number}.json"'
    return answer


@blueprint.route("/reports/<number>.pdf")
@access.signed_in
@blueprint.doc(responses={200: {"description": "OK", "content": {"application/pdf": {}}}})
def report_pdf(number: str) -> Response:
    """Give a report as PDF, with the signatures of its field action; an exercise is marked."""
    tenant = engine().tenant
    with engine().database.reading() as db:
        row = _report_found(db, number)
        action = actions.find(db, tenant, row.field_action_id)
        readers.require_case(db, action.process_instance_id)
        described = read_documents(db, tenant)["field_action_reports"]
        signed = _signatures(db, action)
    now = engine().dispatcher.clock().replace(microsecond=0)
    rendered = pdf.render(reports.document(row, action, described, signed, printed_at=now))
    answer = Response(rendered, mimetype="application/pdf")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Disposition"] = f'inline; filename="{number}.pdf"'
    return answer


def _signatures(db: Connection, action: FieldAction) -> list[Signature]:
    entries, _ = history_of(db, engine().tenant, action.process_instance_id)
    found = []
    for entry in entries:
        document = entry.document
        for event in document["events"]:
            wanted = event["event"] == "signature.made" and event["meaning"] in SIGNED_FOR_REPORTS
            if wanted:
                found.append(_signature(document, event))
    return found


def _signature(document: Mapping[str, Any], event: Mapping[str, Any]) -> Signature:
    names, language = document["actor"]["name"], event["language"]
    return Signature(
        printed_name=names.get(language) or names["en"],
        username=document["actor"]["username"],
        role=document["actor"]["role"] or "",
        meaning=event["meaning_names"][language],
        statement=event["statement"],
        signed_at=present.local(document["at"], document["zone"]),
        zone=document["zone"],
        record_hash=event["record_hash"],
        comment=document.get("why"),
    )


@blueprint.route("/notices/<uuid:notice_id>/letter", methods=["GET"])
@access.signed_in
@blueprint.doc(responses={200: {"description": "OK", "content": {"text/html": {}}}})
def letter(notice_id: UUID) -> Response:
    """Show a notice as a letter to print or hand over."""
    return _letter(notice_id, None)


@blueprint.route("/notices/<uuid:notice_id>/letter", methods=["POST"])
@access.roles("CS", "RCC", "RA", "QA", "SAL")
@blueprint.doc(responses={200: {"description": "OK", "content": {"text/html": {}}}})
def letter_with_link(notice_id: UUID) -> Response:
    """Draw a one-time link for the letter, and show it this once."""
    token = links.new_token()
    command = IssueResponseLink(
        command_id=new_id(), notice_id=notice_id, token_hash=links.hash_of(token)
    )
    outcome = engine().dispatcher.dispatch(command, actor())
    if isinstance(outcome, Rejected):
        return errors.refusal(outcome)
    return _letter(notice_id, token)


def _letter(notice_id: UUID, token: str | None) -> Response:
    tenant = engine().tenant
    with engine().database.reading() as db:
        try:
            row = notices.find(db, tenant, notice_id)
        except NotInLedger:
            abort(HTTPStatus.NOT_FOUND)
        action = actions.find(db, tenant, row.field_action_id)
        readers.require_case(db, action.process_instance_id)
        texts = read_documents(db, tenant)["field_action_texts"]["letter"][row.language]
    link = None if token is None else settings.public_address(f"/respond/{token}")
    shown = render_template_string(
        LETTER,
        notice=row,
        mock=action.is_mock,
        words={**texts, "make_link": MAKE_LINK.get(row.language, MAKE_LINK["en"])},
        link=link,
        picture=Markup() if link is None else _picture(link),
        csrf=access.csrf_token(),
    )
    answer = Response(shown, mimetype="text/html")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _picture(link: str) -> Markup:
    """Draw the QR code as SVG within the page: nothing is loaded, nothing is kept."""
    drawn = io.BytesIO()
    qrcode.make(link, image_factory=qrcode.image.svg.SvgPathImage, box_size=20).save(drawn)
    svg = drawn.getvalue().decode()
    return Markup(svg[svg.index("<svg") :])  # noqa: S704  # drawn here, of our own address


def _found(db: Connection, number: str) -> FieldAction:
    try:
        return actions.by_number(db, engine().tenant, number)
    except NotInLedger:
        abort(HTTPStatus.NOT_FOUND)


def _report_found(db: Connection, number: str) -> AnyRow:
    try:
        return reports.by_number(db, engine().tenant, number)
    except NotInLedger:
        abort(HTTPStatus.NOT_FOUND)
