"""What a person takes along on a device, in one consistent cut, dated and signed.

The open work of their roles with all that its forms need, those forms, the stretches that a device
may run ahead of the server, what they may start, the sentences of signatures, what they may not do,
what lies in stock, and what was revoked. A device that knows how old it is refuses work when it is
too old (`device_policy`, `pack_hours`).

`GET /api/pack` gives the whole. A device asks with `POST /api/pack`: the cut is a signed list of
parts by name and hash, and of the parts only those come that the device does not have. The list is
the cursor: what is not on it is gone, what is on it is exactly this, whatever the device had before
and whatever backup either side came from. A count of changes would skip what was written late.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from flask import Response, abort
from marshmallow import fields, validate
from sqlalchemy import Connection, select

from api import access, ledger, present, wire
from api.blueprints import Blueprint
from api.context import account, engine, json_answer
from api.delegations import held, working_roles
from api.worklist import detail
from engine.canonical import domain_hash
from engine.commands.devices import POLICY
from engine.commands.fitness import STATIONS
from engine.commands.instance import performers
from engine.definitions.offline_class import OFFLINE_POLICY
from engine.devices import registry
from engine.devices.server_key import Signed
from engine.outcomes import Rejection
from engine.reading.ahead import Ahead, ahead_of_the_server
from engine.reading.worklist import Position, WorkItemView, worklist_of
from engine.store.base import AnyRow
from engine.store.device_tables import credential, device
from engine.store.tables import account as account_table

blueprint = Blueprint("pack", __name__, url_prefix="/api", description="What devices take along")

MOST = 200
"""Work items of a pack: a shift's work, as much as a handheld holds at ease."""

PACK_DOMAIN = "countersign-pack-v1"
CUT_DOMAIN = "countersign-pack-cut-v1"
_MOST_PARTS = 5_000

_BY_NAME = {
    "forms": "form",
    "stretches": "stretch",
    "states": "state",
    "performed": "performed",
}
"""What of a pack is many parts, each with a name of its own, and how they begin."""
_ALONE = (
    "processes",
    "meanings",
    "credentials",
    "revoked",
    "untrained",
    "stations",
    "units",
    "stock",
)


class ForDevice(wire.Strict):
    device = fields.UUID(required=True)


class SinceThen(ForDevice):
    have = fields.Dict(
        keys=fields.String(validate=validate.Length(max=200)),
        values=fields.String(validate=validate.Length(max=64)),
        load_default=dict,
        validate=validate.Length(max=_MOST_PARTS),
    )


@blueprint.route("/pack")
@access.signed_in
@blueprint.arguments(ForDevice, location="query")
@blueprint.response(200, wire.Anything)
def pack(arguments: dict[str, Any]) -> Response:
    """Give all that one takes along on this device, signed."""
    with engine().database.reading() as db:
        known, algorithm = _device(db, arguments["device"])
        document = _head(known) | _content(db)
    signed = _signed(PACK_DOMAIN, orjson.dumps(document), algorithm)
    return json_answer({"pack": signed.body, "key": signed.key, "signature": signed.signature})


@blueprint.route("/pack", methods=["POST"])
@access.signed_in
@blueprint.arguments(SinceThen)
@blueprint.response(200, wire.Anything)
def cut(arguments: dict[str, Any]) -> Response:
    """Give the signed list of what one takes along, and the parts that the device has not yet."""
    with engine().database.reading() as db:
        known, algorithm = _device(db, arguments["device"])
        content = _content(db)
        head = _head(known)
    parts = {name: orjson.dumps(part) for name, part in _parts(content)}
    listed = {name: hashlib.sha256(text).hexdigest() for name, text in sorted(parts.items())}
    cursor = domain_hash(CUT_DOMAIN, orjson.dumps(listed)).hex()
    body = {**head, "more": content["more"], "cursor": cursor, "parts": listed}
    signed = _signed(CUT_DOMAIN, orjson.dumps(body), algorithm)
    have: Mapping[str, str] = arguments["have"]
    return json_answer(
        {
            "cut": signed.body,
            "key": signed.key,
            "signature": signed.signature,
            "parts": {
                name: text.decode()
                for name, text in parts.items()
                if have.get(name) != listed[name]
            },
        }
    )


def _device(db: Connection, device_id: UUID) -> tuple[AnyRow, str]:
    """Give an enrolled device and the algorithm of its key; 404 for every other."""
    tenant = engine().tenant
    known = registry.one_device(db, tenant, device_id)
    if known is None or known.revoked_at is not None:
        abort(404)
    return known, registry.keys_of(db, tenant, known.device_id)[known.epoch].algorithm


def _signed(domain: str, text: bytes, algorithm: str) -> Signed:
    return engine().dispatcher.resources.server_key.sign_text(domain, text, algorithm)


def _head(known: AnyRow) -> dict[str, Any]:
    """Say whose pack this is, on which device, of when, and until when it may be worked with."""
    person, now = account(), engine().dispatcher.clock()
    hours = float(engine().dispatcher.documents(engine().tenant)[POLICY]["pack_hours"])
    return {
        "v": "1",
        "tenant": person.tenant_id,
        "device": str(known.device_id),
        "person": person.username,
        "made_at": present.time(now),
        "valid_until": present.time(now + timedelta(hours=hours)),
        "acks_through": {"epoch": known.epoch, "seq": known.received_seq},
    }


def _content(db: Connection) -> dict[str, Any]:
    """Write what is in the pack, all of it as of one moment."""
    person = account()
    documents = engine().dispatcher.documents(engine().tenant)
    items, more = _work(db)
    deployed = engine().catalogue.active(db, person.tenant_id)
    startable = [each for each in deployed if each.definition.started_as(person.roles) is not None]
    acts_for = held(db)
    ahead = ahead_of_the_server(
        db,
        engine().catalogue,
        person.tenant_id,
        instances={item.work_item_id.process_instance_id: item.deployed for item in items},
        startable=startable,
        policy=documents.get(OFFLINE_POLICY, {}),
        at=engine().dispatcher.clock(),
    )
    forms = {item.activity.form_hash for item in items} | ahead.forms
    forms |= {
        each.definition.start_form.form_hash for each in startable if each.definition.start_form
    }
    return {
        "work_items": [_timeless(detail(db, item, acts_for)) for item in items],
        "more": more,
        "forms": _forms(db, {each for each in forms if each is not None}),
        "stretches": ahead.machines,
        "states": ahead.states,
        "performed": dict(_performed(db, items, ahead)),
        "untrained": _untrained(db, ahead),
        "stations": documents.get(STATIONS, {}).get("stations", {}),
        "processes": [
            {
                "process_id": each.definition.process_id,
                "names": present.names(each.definition.names, each.definition.process_id),
                "version": each.version,
                "definition_hash": each.definition.hash,
                "start_form": each.definition.start_form and each.definition.start_form.form_hash,
            }
            for each in startable
        ],
        "meanings": documents["signature_meanings"],
        "credentials": [
            each.credential_id
            for each in registry.credentials_of(db, person.tenant_id, person.account_id)
            if each.revoked_at is None
        ],
        "revoked": _revoked(db),
        "units": ledger.units_known(db),
        "stock": ledger.lots_like(db, "", None),
    }


def _parts(content: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Part a pack: what is the same as before keeps its hash, and is not sent again."""
    for item in content["work_items"]:
        yield f"work_item/{item['work_item_id']}", item
    for kind, begins in _BY_NAME.items():
        for name, part in content[kind].items():
            yield f"{begins}/{name}", part
    for name in _ALONE:
        yield name, content[name]


def _timeless(item: dict[str, Any]) -> dict[str, Any]:
    """Leave out the moment at which an item was read: it would never be the same as before."""
    return {name: value for name, value in item.items() if name != "context"}


def _work(db: Connection) -> tuple[list[WorkItemView], bool]:
    """Give the open work of the person, most urgent first, and whether there is more of it."""
    person, roles = account(), working_roles(db)
    found: list[WorkItemView] = []
    after: Position | None = None
    while len(found) < MOST:
        page, after = worklist_of(
            db,
            engine().catalogue,
            person.tenant_id,
            roles=roles,
            account_id=person.account_id,
            after=after,
        )
        found.extend(page)
        if after is None:
            break
    return found[:MOST], after is not None or len(found) > MOST


def _performed(
    db: Connection, items: Iterable[WorkItemView], ahead: Ahead
) -> Iterator[tuple[str, list[str]]]:
    """Name the steps of each instance that keep this person from others: they, or whom they stand
    in for, did them."""
    own = {account().account_id} | {each.from_account_id for each in held(db).values()}
    for instance, deployed in {
        i.work_item_id.process_instance_id: i.deployed for i in items
    }.items():
        nodes = ahead.machines.get(deployed.definition.hash, {}).get("nodes", {}).values()
        apart = {name for node in nodes for name in node.get("apart", ())}
        if apart and str(instance) in ahead.states:
            done = performers(db, engine().tenant, instance, sorted(apart))
            yield str(instance), sorted(name for name, by in done.items() if by & own)


def _untrained(db: Connection, ahead: Ahead) -> list[str]:
    """Name the trainings that a step on the way asks for and that the person does not have."""
    resources, at = engine().dispatcher.resources, engine().dispatcher.clock()
    documents = engine().dispatcher.documents(engine().tenant)
    nodes = (node for machine in ahead.machines.values() for node in machine["nodes"].values())
    missing = []
    for training in sorted({name for node in nodes for name in node.get("training", ())}):
        try:
            resources.trainings.require(
                db,
                documents,
                tenant_id=engine().tenant,
                username=account().username,
                training=training,
                at=at,
            )
        except Rejection:
            missing.append(training)
    return missing


def _forms(db: Connection, hashes: Iterable[str]) -> dict[str, Any]:
    catalogue = engine().catalogue
    return {each: catalogue.form(db, engine().tenant, each).to_client() for each in sorted(hashes)}


def _revoked(db: Connection) -> dict[str, list[str]]:
    """Name what counts no more, so that a device refuses it at once."""
    tenant = engine().tenant
    asked = {
        "devices": select(device.c.device_id).where(device.c.revoked_at.is_not(None)),
        "credentials": select(credential.c.credential_id).where(
            credential.c.revoked_at.is_not(None)
        ),
        "people": select(account_table.c.username).where(account_table.c.active.is_(False)),
    }
    return {
        what: sorted(
            str(each) for each in db.execute(which.where(_tenant_of(which) == tenant)).scalars()
        )
        for what, which in asked.items()
    }


def _tenant_of(which: Any) -> Any:
    return which.get_final_froms()[0].c.tenant_id
