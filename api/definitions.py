"""Deployed processes: what can be started, their diagrams, their forms."""

from typing import Any

import orjson
from flask import Response, abort, request

from api import access, present, wire
from api.blueprints import Blueprint
from api.context import account, engine, immutable, json_answer
from engine.definitions.catalogue import definition_source
from engine.definitions.model import ANYONE
from forms.model import COMPILER

blueprint = Blueprint("definitions", __name__, url_prefix="/api", description="Definitions")

HASH_DIGITS = 64


def read_hash(text: str) -> bytes:
    """Read the hash in an address; one that is none names nothing (404)."""
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        abort(404)
    if len(text) != HASH_DIGITS:
        abort(404)
    return digest


@blueprint.route("/processes")
@access.signed_in
@blueprint.response(200, wire.Processes)
def processes() -> Response:
    """List the processes in force, and which of them one may start."""
    person = account()
    with engine().database.reading() as db:
        deployed = engine().catalogue.active(db, person.tenant_id)
    items = [
        {
            "process_id": d.definition.process_id,
            "names": present.names(d.definition.names, d.definition.process_id),
            "description": present.names(d.definition.documentation, ""),
            "version": d.version,
            "definition_hash": d.definition.hash,
            "may_start": d.definition.started_as(person.roles) is not None,
            "anyone_starts": ANYONE in d.definition.starters,
            "start_form": d.definition.start_form and d.definition.start_form.form_hash,
        }
        for d in deployed
    ]
    return json_answer({"items": items})


@blueprint.route("/definitions/<string:definition_hash>/diagram")
@access.signed_in
@blueprint.doc(responses={200: {"description": "OK", "content": {"application/xml": {}}}})
def diagram(definition_hash: str) -> Response:
    """Give the diagram as it was deployed."""
    with engine().database.reading(snapshot=False) as db:
        source = definition_source(db, engine().tenant, read_hash(definition_hash), "process.bpmn")
    if source is None:
        abort(404)
    return immutable(source, "application/xml")


@blueprint.route("/forms/<string:form_hash>")
@access.signed_in
@blueprint.response(200, wire.Anything)
@blueprint.arguments(wire.CompiledBy, location="query")
def form(arguments: dict[str, Any], form_hash: str) -> Response:
    """Give a form with its expressions parsed.

    It is known by the hash of its file and the compiler's version together: an address that names
    both never changes; any other is asked again each time.
    """
    read_hash(form_hash)
    with engine().database.reading(snapshot=False) as db:
        try:
            found = engine().catalogue.form(db, engine().tenant, form_hash)
        except LookupError:
            abort(404)
    data = orjson.dumps(found.to_client())
    if arguments["compiler"] == COMPILER:
        return immutable(data, "application/json")
    answer = Response(data, mimetype="application/json")
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(f"{form_hash}-{COMPILER}")
    answer.make_conditional(request)
    return answer
