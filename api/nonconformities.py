"""Nonconformities on screen: the open ones by age, and one with all that was decided about it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, abort
from marshmallow import fields, validate
from sqlalchemy import Connection

from api import access, paging, present, readers, wire
from api.blueprints import Blueprint
from api.context import engine, json_answer
from engine.configuration.documents import read_documents
from engine.identities.names import names_of
from processes.ledger.columns import AnyRow
from processes.ledger.genealogy import overview
from processes.ledger.genealogy.overview import LotFacts
from processes.ledger.nonconformity import dispositions, listing, nonconformities, scope
from processes.ledger.nonconformity.dispositions import Split
from processes.ledger.nonconformity.nonconformities import Nonconformity
from processes.ledger.nonconformity.scope import ScopeLot
from processes.ledger.refusals import NotInLedger

blueprint = Blueprint(
    "nonconformities", __name__, url_prefix="/api/nonconformities", description="Nonconformities"
)
PROCESS = "nonconformance"
"""The process whose readers read the register (`case_readers`, and who has a part in it)."""


class Which(wire.Paging):
    """The open ones, the oldest first, or all, the newest first."""

    which = fields.String(load_default="open", validate=validate.OneOf(["open", "all"]))


@blueprint.route("")
@access.signed_in
@blueprint.arguments(Which, location="query")
@blueprint.response(200, wire.Anything)
def every(arguments: dict[str, Any]) -> Response:
    """List nonconformities, to whom they are open; with the ages from which management is told."""
    tenant, of_all = engine().tenant, arguments["which"] == "all"
    with engine().database.reading() as db:
        readers.require_part(db, PROCESS)
        rows, after = paging.page(
            arguments["cursor"],
            lambda past, limit: (
                listing.latest(db, tenant, before=past, limit=limit)
                if of_all
                else listing.open_ones(db, tenant, after=past, limit=limit)
            ),
            "nonconformity_id",
            start=paging.LAST if of_all else paging.FIRST,
        )
        listed, managers = _ageing(read_documents(db, tenant))
    return json_answer(
        {
            "items": [_listed(row) for row in rows],
            "next": after,
            "ageing": {
                "listed_after_days": listed,
                "managers_after_days": managers,
            },
            "now": present.time(engine().dispatcher.clock()),
        }
    )


def _ageing(documents: Mapping[str, Any]) -> list[int]:
    """Give the days of the two clocks of ageing: on the weekly list, before the manager."""
    rules = documents["clock_rules"]["rules"]
    codes = documents["nonconformity_rules"]["ageing"]["hold"]
    return [int(rules[code]["limit"]["amount"]) for code in codes]


def _listed(row: AnyRow) -> dict[str, Any]:
    item = None
    if row.item_number is not None:
        names = present.names({"en": row.name_en, "zh": row.name_zh}, row.item_number)
        item = {"number": row.item_number, "names": names}
    return {
        "number": row.nonconformity_number,
        "cycle": row.cycle,
        "stage": row.stage,
        "description": row.description,
        "severity": row.severity,
        "risk_score": row.risk_score,
        "class": row.nonconformity_class,
        "item": item,
        "aware_at": present.time(row.aware_at),
        "outcome": row.outcome,
        "closed_at": present.time(row.closed_at),
    }


@blueprint.route("/<number>")
@access.signed_in
@blueprint.response(200, wire.Anything)
def one(number: str) -> Response:
    """Give a nonconformity: scope, dispositions, votes, concessions, cycles, linked cases."""
    tenant = engine().tenant
    with engine().database.reading() as db:
        try:
            found = nonconformities.by_number(db, tenant, number)
        except NotInLedger:
            abort(HTTPStatus.NOT_FOUND)
        cycles = listing.cycles_of(db, tenant, found)
        readers.require_part(db, PROCESS, *(each.process_instance_id for each in cycles))
        shown = {**_record(found), **_decided(db, found)}
        said_by = {found.reported_by}
        for part in ("votes", "cycles", "concessions"):
            for row in shown[part]:
                said_by |= {row[who] for who in ("by", "closed_by", "and_by") if who in row}
        shown["people"] = names_of(db, tenant, said_by)
    return json_answer(shown)


def _record(found: Nonconformity) -> dict[str, Any]:
    return {
        "number": found.number,
        "cycle": found.cycle,
        "source_kind": found.source_kind,
        "source_number": found.source_number,
        "stage": found.stage,
        "description": found.description,
        "requirement": found.requirement,
        "severity": found.severity,
        "class": found.nonconformity_class,
        "cause_code": found.cause_code,
        "aware_at": present.time(found.aware_at),
        "by": found.reported_by,
        "outcome": found.outcome,
        "now": present.time(engine().dispatcher.clock()),
    }


def _decided(db: Connection, found: Nonconformity) -> dict[str, Any]:
    tenant = engine().tenant
    reached = scope.of_cycle(db, tenant, found)
    splits = dispositions.of_cycle(db, tenant, found)
    touched = {each.lot_id for each in reached} | {each.lot_id for each in splits}
    known = overview.facts(db, tenant, list(touched))
    released = listing.released_holds(db, tenant, [x.hold_id for x in reached if x.hold_id])
    return {
        "lots": [_lot(each, known[each.lot_id], released) for each in reached],
        "splits": [_split(each, known[each.lot_id]) for each in splits],
        "votes": [
            {
                "round": row.round,
                "role": row.role,
                "agrees": row.agrees,
                "reason": row.reason,
                "by": row.voter,
                "at": present.time(row.voted_at),
            }
            for row in listing.votes_of(db, tenant, found)
        ],
        "concessions": [
            {
                "number": row.concession_number,
                "split": row.split,
                "requirement": row.requirement,
                "justification": row.justification,
                "valid_until": None if row.valid_until is None else row.valid_until.isoformat(),
                "by": row.regulatory_by,
                "and_by": row.quality_by,
                "at": present.time(row.granted_at),
            }
            for row in listing.concessions_of(db, tenant, found)
        ],
        "cycles": [_cycle(row) for row in listing.cycles_of(db, tenant, found)],
        "linked": [
            {"kind": each.kind, "number": each.number, "status": each.status}
            for each in listing.linked(db, tenant, found)
        ],
    }


def _lot(each: ScopeLot, of: LotFacts, released: set[UUID]) -> dict[str, Any]:
    return {
        "lot_id": str(each.lot_id),
        "lot_number": of.lot_number,
        "item_names": present.names(of.item_names, of.item_number),
        "finding": each.finding,
        "quantity": present.stored(each.quantity, of.decimals),
        "unit": of.unit_code,
        "via": each.via,
        "evidence": each.evidence,
        "on_hold": each.hold_id is not None and each.hold_id not in released,
    }


def _split(each: Split, of: LotFacts) -> dict[str, Any]:
    return {
        "split": each.split,
        "round": each.round,
        "lot_id": str(each.lot_id),
        "lot_number": of.lot_number,
        "quantity": present.stored(each.quantity, of.decimals),
        "done": present.stored(each.done_quantity, of.decimals),
        "unit": of.unit_code,
        "disposition": each.disposition,
        "reason": each.reason,
        "instruction": each.instruction,
        "status": each.status,
    }


def _cycle(row: AnyRow) -> dict[str, Any]:
    instance = row.process_instance_id
    return {
        "cycle": row.cycle,
        "process_instance_id": None if instance is None else str(instance),
        "reason": row.reason,
        "by": row.opened_by,
        "at": present.time(row.opened_at),
        "outcome": row.outcome,
        "closing_reason": row.closing_reason,
        "closed_by": row.closed_by,
        "closed_at": present.time(row.closed_at),
    }
