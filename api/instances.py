"""Process instances: the list, one with its marks on the diagram, its history."""

from typing import Any
from uuid import UUID

from flask import Response, abort

from api import access, paging, present, readers, wire
from api.blueprints import Blueprint
from api.context import account, engine, json_answer
from engine.authorisation import may
from engine.commands.process_instances import CANCEL_MEANING, CancelProcessInstance
from engine.reading.instances import STATUSES, history_of, instance_of, instances_of
from engine.reading.worklist import work_items_of

blueprint = Blueprint("instances", __name__, url_prefix="/api", description="Process instances")


@blueprint.route("/instances")
@access.signed_in
@blueprint.arguments(wire.Paging, location="query")
@blueprint.response(200, wire.Instances)
def instances(arguments: dict[str, Any]) -> Response:
    """List process instances, the newest first."""
    wanted = (arguments["status"],) if arguments["status"] in STATUSES else STATUSES
    before = paging.place(arguments["cursor"])
    with engine().database.reading() as db:
        rows, after = instances_of(
            db, engine().tenant, readers.reader(db), statuses=wanted, before=before
        )
        shown = [
            present.instance(
                row, engine().catalogue.deployed(db, engine().tenant, row.definition_hash)
            )
            for row in rows
        ]
    return json_answer({"items": shown, "next": None if after is None else str(after)})


@blueprint.route("/instances/<uuid:process_instance_id>")
@access.signed_in
@blueprint.response(200, wire.InstanceDetail)
def instance(process_instance_id: UUID) -> Response:
    """Give one instance with its marks on the diagram and its open work."""
    tenant, catalogue = engine().tenant, engine().catalogue
    with engine().database.reading() as db:
        view = instance_of(db, tenant, process_instance_id)
        if view is None:
            abort(404)
        if not readers.may_read(db, process_instance_id):
            return readers.refused()
        deployed = catalogue.deployed(db, tenant, view.row.definition_hash)
        items = work_items_of(db, catalogue, tenant, process_instance_id, account().account_id)
    return json_answer(
        {
            **present.instance(view.row, deployed),
            "started_by": view.started_by,
            "cancel": _cancel_meaning(view.row.status, deployed.definition.process_id),
            "activities": view.marks,
            "work_items": [present.work_item(item) for item in items],
            "incidents": [
                {
                    "id": str(row.incident_id),
                    "at": present.time(row.raised_at),
                    "activity_id": None,
                    "message": row.error,
                }
                for row in view.incidents
            ],
            "variables": view.variables,
        }
    )


def _cancel_meaning(status: str, process_id: str) -> dict[str, Any] | None:
    """Say what cancelling is signed with; None where this person may not cancel."""
    documents = engine().dispatcher.documents(engine().tenant)
    name = CancelProcessInstance.__name__
    allowed = may(documents["permissions"], name, account().actor(), process_id=process_id)
    if status != "running" or not allowed:
        return None
    meaning = documents["signature_meanings"][CANCEL_MEANING]
    return {"code": CANCEL_MEANING, "names": meaning["names"], "statement": meaning["statement"]}


@blueprint.route("/instances/<uuid:process_instance_id>/history")
@access.signed_in
@blueprint.response(200, wire.History)
def history(process_instance_id: UUID) -> Response:
    """Give every entry of the instance's chain, with signatures and what they were made for."""
    with engine().database.reading() as db:
        entries, whole = history_of(db, engine().tenant, process_instance_id)
        if not entries:
            abort(404)
        if not readers.may_read(db, process_instance_id):
            return readers.refused()
    shown = [present.history_entry(entry) for entry in entries]
    return json_answer({"entries": shown, "verified": whole})
