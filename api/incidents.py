"""GET /api/incidents: what failed and needs someone, with what to do about it."""

from typing import Any

from flask import Response

from api import access, paging, present, wire
from api.blueprints import Blueprint
from api.context import engine, json_answer
from engine.reading.incidents import choices, open_incidents, what_to_do

blueprint = Blueprint("incidents", __name__, url_prefix="/api", description="Incidents")


@blueprint.route("/incidents")
@access.roles("ADM", "QA", "AUD")
@blueprint.arguments(wire.Paging, location="query")
@blueprint.response(200, wire.Incidents)
def incidents(arguments: dict[str, Any]) -> Response:
    """List the open incidents, the newest first; deciding takes a role of its own."""
    before = paging.place(arguments["cursor"])
    with engine().database.reading() as db:
        rows, after = open_incidents(db, engine().tenant, before=before)
    items = [
        {
            "incident_id": str(row.incident_id),
            "raised_at": present.time(row.raised_at),
            "process_instance_id": None
            if row.process_instance_id is None
            else str(row.process_instance_id),
            "title": row.title,
            "command": row.command_name,
            "error": row.error,
            "delivery": row.delivery,
            "name": row.name,
            "attempts": row.attempts,
            "retry_at": present.time(row.retry_at),
            "what_to_do": what_to_do(row),
            "choices": list(choices(row)),
        }
        for row in rows
    ]
    return json_answer({"items": items, "next": None if after is None else str(after)})
