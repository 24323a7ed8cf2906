"""Changes on screen: their objects and decisions, versions of master data, findings about data."""

from typing import Any

from flask import Response, abort

from api import access, wire
from api.blueprints import Blueprint
from api.context import account, engine, json_answer
from processes.ledger.changes import affected, data_quality, orders
from processes.ledger.changes.affected import Affected, Version
from processes.ledger.changes.data_quality import Finding
from processes.ledger.changes.orders import Change
from processes.ledger.refusals import NotInLedger

blueprint = Blueprint("changes", __name__, url_prefix="/api/changes", description="Change control")

LIMIT = 200


@blueprint.route("")
@access.signed_in
@blueprint.response(200, wire.Anything)
def list_changes() -> Response:
    """List the changes, the newest first."""
    with engine().database.reading() as db:
        found = orders.recent(db, engine().tenant, LIMIT)
    return json_answer({"items": [_change(each) for each in found], "next": None})


@blueprint.route("/<string:number>")
@access.signed_in
@blueprint.response(200, wire.Anything)
def one_change(number: str) -> Response:
    """Give a change with its objects, old and new of each field, and what was decided."""
    tenant = engine().tenant
    with engine().database.reading() as db:
        try:
            found = orders.by_number(db, tenant, number)
        except NotInLedger:
            abort(404)
        objects = affected.of_change(db, tenant, found.change_id)
        decided = orders.decisions(db, tenant, found.change_id)
    shown = {
        **_change(found),
        "objects": [_object(each) for each in objects],
        "decisions": [
            {
                "step": each.step,
                "decision": each.decision,
                "role": each.role,
                "reason": each.reason,
                "signed": each.signature_meaning,
                "by": each.actor,
            }
            for each in decided
        ],
    }
    return json_answer(shown)


@blueprint.route("/versions/<string:kind>/<path:key>")
@access.signed_in
@blueprint.response(200, wire.Anything)
def versions(kind: str, key: str) -> Response:
    """Give what changes brought into force of an object, the oldest first."""
    with engine().database.reading() as db:
        found = affected.versions(db, engine().tenant, kind, key)
    return json_answer({"items": [_version(each) for each in found], "next": None})


@blueprint.route("/findings")
@access.signed_in
@blueprint.response(200, wire.Anything)
def findings() -> Response:
    """List the open findings about master data that the roles of who asks own."""
    person = account()
    with engine().database.reading() as db:
        found = data_quality.worklist(db, person.tenant_id, person.roles, LIMIT)
    return json_answer({"items": [_finding(each) for each in found], "next": None})


def _change(found: Change) -> dict[str, Any]:
    begins = found.effective_from
    return {
        "number": found.number,
        "cycle": found.cycle,
        "kind": found.kind,
        "title": found.title,
        "reason": found.reason,
        "class": found.change_class,
        "status": found.status,
        "round": found.round,
        "requested_by": found.requested_by,
        "effective_from": None if begins is None else begins.isoformat(),
        "process_instance_id": str(found.process_instance_id),
    }


def _object(each: Affected) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "key": each.key,
        "state": each.state,
        "version": each.version,
        "fields": [{"field": p.field, "old": p.old, "new": p.new} for p in each.fields],
    }


def _version(each: Version) -> dict[str, Any]:
    return {
        "version": each.version,
        "change": each.change_number,
        "reason": each.reason,
        "approved_by": list(each.approved_by),
        "effective_from": each.effective_from.isoformat(),
        "fields": [{"field": p.field, "old": p.old, "new": p.new} for p in each.fields],
    }


def _finding(each: Finding) -> dict[str, Any]:
    return {
        "finding_id": str(each.finding_id),
        "rule": each.rule,
        "names": each.detail["names"],
        "kind": each.object_kind,
        "key": each.object_key,
        "detail": {name: value for name, value in each.detail.items() if name != "names"},
        "severity": each.severity,
        "owner_role": each.owner_role,
        "state": each.state,
        "assigned_to": each.assigned_to,
        "due_on": None if each.due_on is None else each.due_on.isoformat(),
        "revision": each.revision,
    }
