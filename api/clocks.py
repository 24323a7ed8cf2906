"""The clocks that the law counts, on screen: what runs for me, what belongs to a record."""

from typing import Any
from uuid import UUID

from flask import Response, abort
from marshmallow import EXCLUDE, Schema, fields, validate

from api import access, present, wire
from api.blueprints import Blueprint
from api.context import account, engine, json_answer
from processes.ledger.clocks import clocks
from processes.ledger.clocks.clocks import Clock, ClockEvent
from processes.ledger.refusals import NotInLedger

blueprint = Blueprint("clocks", __name__, url_prefix="/api", description="Statutory clocks")

OVERSEERS = frozenset({"QA", "RA", "MR", "AUD"})
"""Roles that see everybody's clocks when they ask for them."""


class Which(Schema):
    """Mine, everybody's, or those of one record."""

    class Meta:
        unknown = EXCLUDE

    whose = fields.String(load_default="mine", validate=validate.OneOf(["mine", "all"]))
    subject_kind = fields.String(load_default=None, validate=validate.Length(max=100))
    subject_number = fields.String(load_default=None, validate=validate.Length(max=100))


@blueprint.route("/clocks")
@access.signed_in
@blueprint.arguments(Which, location="query")
@blueprint.response(200, wire.Anything)
def list_clocks(arguments: dict[str, Any]) -> Response:
    """List the clocks that run, the soonest first; or all of a record, stopped ones included."""
    tenant = engine().tenant
    documents = engine().dispatcher.documents(tenant)
    roles: frozenset[str] | None = account().actor().roles
    if arguments["whose"] == "all" and OVERSEERS & (roles or frozenset()):
        roles = None
    with engine().database.reading() as db:
        if arguments["subject_number"] is not None:
            found = clocks.of_subject(
                db, tenant, arguments["subject_kind"] or "", arguments["subject_number"]
            )
        else:
            found = clocks.open_for(db, tenant, roles)
    shown = [_clock(each) | _moved(documents.__getitem__, each) for each in found]
    return json_answer({"items": shown, "now": present.time(engine().dispatcher.clock())})


@blueprint.route("/clocks/<uuid:clock_id>")
@access.signed_in
@blueprint.response(200, wire.Anything)
def one_clock(clock_id: UUID) -> Response:
    """Give a clock with everything that happened to it."""
    tenant = engine().tenant
    with engine().database.reading() as db:
        try:
            found = clocks.find(db, tenant, clock_id)
        except NotInLedger:
            abort(404)
        events = clocks.events_of(db, tenant, clock_id)
    return json_answer({**_clock(found), "events": [_event(each) for each in events]})


def _clock(found: Clock) -> dict[str, Any]:
    instance = found.process_instance_id
    return {
        "clock_id": str(found.clock_id),
        "rule": found.rule_code,
        "names": present.names(found.rule["names"], found.rule_code),
        "source": found.rule["source"],
        "authority": found.authority,
        "calendar": found.calendar_code,
        "nature": found.nature,
        "subject_kind": found.subject_kind,
        "subject_number": found.subject_number,
        "process_instance_id": None if instance is None else str(instance),
        "owner_role": found.owner_role,
        "started_at": present.time(found.started_at),
        "start_evidence": found.start_evidence,
        "state": found.state,
        "overdue": found.overdue,
        "due_on": None if found.due_on is None else found.due_on.isoformat(),
        "due_at": present.time(found.due_at),
        "provisional": found.provisional,
        "stopped_at": present.time(found.stopped_at),
        "stop_evidence": found.stop_evidence,
    }


def _moved(configuration: Any, found: Clock) -> dict[str, Any]:
    """Say where the calendars in force would put the due date, if that is another day."""
    due = None if found.stopped_at is not None else clocks.recomputed(configuration, found)
    return {"due_on_by_calendar": None if due is None else due.on.isoformat()}


def _event(event: ClockEvent) -> dict[str, Any]:
    return {
        "kind": event.kind,
        "at": present.time(event.at),
        "due_on": None if event.due is None else event.due.on.isoformat(),
        "evidence": event.evidence,
        "reason": event.reason,
        "actor": event.actor,
        "recorded_at": present.time(event.recorded_at),
    }
