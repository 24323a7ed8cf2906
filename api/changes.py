"""Changes on screen: their objects and decisions, versions of master data, findings about data."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, abort
from sqlalchemy import Connection

from api import access, paging, present, readers, wire
from api.blueprints import Blueprint
from api.context import account, engine, json_answer
from engine.identities import accounts
from engine.identities.names import names_of
from processes.ledger.changes import (
    affected,
    assessments,
    data_quality,
    implementation,
    orders,
    temporary,
)
from processes.ledger.changes.affected import Affected, Version
from processes.ledger.changes.data_quality import Finding
from processes.ledger.changes.implementation import Effectivity
from processes.ledger.changes.orders import Change
from processes.ledger.refusals import NotInLedger

PROCESS = "change_control"
"""Its readers are the readers of this register."""

blueprint = Blueprint("changes", __name__, url_prefix="/api/changes", description="Change control")


@blueprint.route("")
@access.signed_in
@blueprint.arguments(wire.Paging, location="query")
@blueprint.response(200, wire.Anything)
def list_changes(arguments: dict[str, Any]) -> Response:
    """List the changes, the newest first: all of them to whom reads the cases of change control,
    to anybody else those that they requested themselves."""
    person = account()
    with engine().database.reading() as db:
        every = readers.reads_register(readers.reader(db), PROCESS)
        found, after = paging.page(
            arguments["cursor"],
            lambda before, limit: orders.recent(
                db,
                person.tenant_id,
                before=before,
                limit=limit,
                requested_by=None if every else person.username,
            ),
            "change_id",
        )
        people = names_of(db, engine().tenant, [each.requested_by for each in found])
    items = [_change(each) for each in found]
    return json_answer({"items": items, "next": after, "people": people})


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
        readers.require_part(db, PROCESS, found.process_instance_id)
        objects = affected.of_change(db, tenant, found.change_id)
        decided = orders.decisions(db, tenant, found.change_id)
        more = _carried_out(db, found)
        said_by = [found.requested_by, *(each.actor for each in decided)]
        people = names_of(db, tenant, said_by)
    shown = {
        **_change(found),
        **more,
        "people": people,
        "objects": [_object(each) for each in objects],
        "decisions": [
            {
                "step": each.step,
                "decision": each.decision,
                "role": each.role,
                "reason": each.reason,
                "signed": each.signature_meaning,
                "signed_names": _meaning(each.signature_meaning),
                "by": each.actor,
            }
            for each in decided
        ],
    }
    return json_answer(shown)


def _meaning(code: str | None) -> Mapping[str, str] | None:
    """Give a signature's meaning in the customer's words; the code where it has been taken out."""
    if code is None:
        return None
    known = engine().dispatcher.documents(engine().tenant)["signature_meanings"].get(code)
    return present.names({} if known is None else known["names"], code)


def _named(market: Mapping[str, Any] | None, code: str) -> Mapping[str, str]:
    """Give a market in words; the code where the customer has taken it out."""
    return present.names({} if market is None else market["names"], code)


def _outcome_names(market: Mapping[str, Any] | None, code: str) -> Mapping[str, str]:
    """Give what was decided for a market in words; the code where it has none any more."""
    offered = () if market is None else market["outcomes"]
    known = {each["value"]: each["label"] for each in offered}
    return present.names(known.get(code, {}), code)


def _carried_out(db: Connection, found: Change) -> dict[str, Any]:
    """Give what was seen of the change, where the markets stand, from when, and what is to do."""
    tenant = engine().tenant
    effective = implementation.effectivity_of(db, tenant, found)
    rules = engine().dispatcher.documents(tenant)["change_rules"]
    markets = {each["code"]: each for each in rules["markets"]}
    return {
        "impacts": [
            {
                "role": each.role,
                "answer": each.answer,
                "reason": each.reason,
                "topics": list(each.topics),
                "action": each.action,
            }
            for each in assessments.impacts(db, tenant, found)
        ],
        "markets": [
            {
                "market": each.market,
                "names": _named(markets.get(each.market), each.market),
                "outcome": each.outcome,
                "outcome_names": _outcome_names(markets.get(each.market), each.outcome),
                "approval_needed": each.approval_needed,
                "submission": each.submission_number,
                "answer": each.answer,
                "reference": each.reference,
            }
            for each in assessments.markets(db, tenant, found)
        ],
        "effectivity": None if effective is None else _effectivity(effective),
        "tasks": [
            {
                "number": each.number,
                "kind": each.kind,
                "description": each.description,
                "owner_role": each.owner_role,
                "due_on": each.due_on.isoformat(),
                "state": each.state,
                "evidence_wanted": each.evidence_wanted,
                "evidence": each.evidence,
                "result": each.result,
            }
            for each in implementation.tasks_of(db, tenant, found)
        ],
        "temporary": [
            {
                "renewal": each.renewal,
                "item_number": each.item_number,
                "lots": list(each.lots),
                "quantity": each.quantity,
                "valid_until": present.time(each.valid_until),
                "ended_at": present.time(each.ended_at),
            }
            for each in temporary.of_change(db, tenant, found)
        ],
    }


def _effectivity(found: Effectivity) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "effective_from": found.effective_from.isoformat(),
        "from_number": found.from_number,
        "stock": found.stock,
        "wip": found.wip,
        "open_orders": found.open_orders,
        "shipped": found.shipped,
        "interchangeable": found.interchangeable,
        "owner_role": found.owner_role,
    }


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
@blueprint.arguments(wire.Paging, location="query")
@blueprint.response(200, wire.Anything)
def findings(arguments: dict[str, Any]) -> Response:
    """List the open findings about master data that the roles of who asks own."""
    person = account()
    with engine().database.reading() as db:
        found, after = paging.page(
            arguments["cursor"],
            lambda past, limit: data_quality.worklist(
                db, person.tenant_id, person.roles, limit, after=past
            ),
            "finding_id",
            start=paging.FIRST,
        )
        owners = _owners(db, {each.owner_role for each in found})
    items = [_finding(each) for each in found]
    return json_answer({"items": items, "next": after, "owners": owners})


def _owners(db: Connection, roles: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Give who holds each of these roles, to be given a finding."""
    people = [each for each in accounts.all_accounts(db, engine().tenant) if each.active]
    return {
        role: [
            {"username": each.username, "name": present.names(each.names, each.username)}
            for each in people
            if role in each.roles
        ]
        for role in sorted(roles)
    }


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
