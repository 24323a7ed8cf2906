"""Devices over HTTP: enrol one, renew a lease, register what one signs with, and what is known of
each."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from flask import Response, abort, request
from marshmallow import ValidationError, fields, validate

from api import access, present, wire
from api.blueprints import Blueprint
from api.commands import as_they_are, route, signed
from api.context import account, engine, json_answer
from engine.commands.base import Command
from engine.commands.devices import (
    KINDS,
    EnrolDevice,
    RegisterCredential,
    RenewLease,
    RevokeCredential,
    RevokeDevice,
)
from engine.devices import registry
from engine.devices.keys import ALGORITHMS
from engine.store.base import AnyRow

blueprint = Blueprint("devices", __name__, url_prefix="/api/devices", description="Devices")
commands = Blueprint(
    "device_commands", __name__, url_prefix="/api/commands", description="Devices and signing"
)

_KEY = validate.Length(min=1, max=400)
_NAME = validate.Length(min=1, max=200)


def _is_id(text: str) -> None:
    try:
        UUID(text)
    except ValueError as wrong:
        raise ValidationError(str(wrong)) from wrong


class Enrol(wire.CommandBody):
    device_id = fields.UUID(required=True)
    name = fields.String(required=True, validate=_NAME)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    algorithm = fields.String(required=True, validate=validate.OneOf(ALGORITHMS))
    public_key = fields.String(required=True, validate=_KEY)
    replaces = fields.UUID(load_default=None, allow_none=True)
    previous_signature = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(max=200)
    )


class Renew(wire.CommandBody):
    device_id = fields.UUID(required=True)
    device_signature = fields.String(required=True, validate=validate.Length(max=200))


class OfDevice(wire.CommandBody):
    device_id = fields.UUID(required=True)


class Register(wire.CommandBody):
    device = fields.String(load_default=None, allow_none=True, validate=_is_id)
    method = fields.String(required=True, validate=validate.OneOf(["passkey", "key"]))
    credential_id = fields.String(required=True, validate=_KEY)
    algorithm = fields.String(required=True, validate=validate.OneOf(ALGORITHMS))
    public_key = fields.String(required=True, validate=_KEY)
    transports = fields.List(fields.String(), load_default=list, validate=validate.Length(max=10))
    backed_up = fields.Boolean(load_default=None, allow_none=True)
    label = fields.String(required=True, validate=_NAME)
    signature = fields.Nested(wire.Signature, required=True)


class OfCredential(wire.CommandBody):
    credential_id = fields.String(required=True, validate=_KEY)


def _registered(arguments: dict[str, Any]) -> dict[str, Any]:
    """Make the command's fields of the body. A passkey belongs to the address it was made at, which
    the browser says itself (Origin): no script can set that header."""
    given = signed(arguments)
    origin = request.headers.get("Origin") or request.host_url.rstrip("/")
    del given["transports"]  # of use to the device alone, which keeps them
    passkey = given["method"] == "passkey"
    return {
        **given,
        "device": None,
        "registered_on": None if given["device"] is None else UUID(given["device"]),
        "origin": origin if passkey else None,
        "site": urlsplit(origin).hostname if passkey else None,
    }


_COMMANDS: dict[str, tuple[type[Command], type[wire.CommandBody], str, Any]] = {
    "enrol-device": (EnrolDevice, Enrol, "Make a device known by its public key", as_they_are),
    "renew-lease": (
        RenewLease,
        Renew,
        "Work on a device without a network for another while",
        as_they_are,
    ),
    "revoke-device": (RevokeDevice, OfDevice, "Take nothing more from a device", as_they_are),
    "register-credential": (
        RegisterCredential,
        Register,
        "Register what one signs with, signed with one's password",
        _registered,
    ),
    "revoke-credential": (
        RevokeCredential,
        OfCredential,
        "Sign no more with a credential",
        as_they_are,
    ),
}
for _name, (_type, _body, _summary, _prepare) in _COMMANDS.items():
    route(commands, _name, _type, _body, _summary, _prepare)


@blueprint.route("")
@access.roles("ADM", "QA", "AUD")
@blueprint.response(200, wire.Anything)
def listing() -> Response:
    """List all devices: who enrolled them, when they were heard of, and what they still hold."""
    with engine().database.reading() as db:
        rows = registry.all_devices(db, engine().tenant)
    return json_answer({"devices": [_shown(row) for row in rows]})


@blueprint.route("/<uuid:device_id>")
@access.signed_in
@blueprint.response(200, wire.Anything)
def one(device_id: UUID) -> Response:
    """Tell a device how it stands: enrolled or revoked, and how far its history is known."""
    tenant, now = engine().tenant, engine().dispatcher.clock()
    with engine().database.reading() as db:
        row = registry.one_device(db, tenant, device_id)
        if row is None:
            abort(404)
        leases = registry.leases_of(db, tenant, device_id, now)
        own = registry.credentials_of(db, tenant, account().account_id)
    ends = {lease.account_id: lease.ends_at for lease in leases}
    until = ends.get(account().account_id)
    return json_answer(
        {
            **_shown(row),
            "next_seq": row.received_seq + 1,
            "lease_until": None if until is None else present.time(until),
            "people": len(ends),
            "credentials": [_credential(each) for each in own],
        }
    )


def _shown(row: AnyRow) -> dict[str, Any]:
    told = {} if row.told is None else orjson.loads(row.told)
    return {
        "device_id": str(row.device_id),
        "name": row.name,
        "kind": row.kind,
        "epoch": row.epoch,
        "state": "enrolled" if row.revoked_at is None else "revoked",
        "enrolled_at": present.time(row.enrolled_at),
        "heard_at": None if row.heard_at is None else present.time(row.heard_at),
        "received": row.received_seq,
        "missing": row.known_seq - row.received_seq,
        "waiting": told.get("waiting"),
        "oldest": told.get("oldest"),
        "app": told.get("app"),
    }


def _credential(row: AnyRow) -> dict[str, Any]:
    return {
        "credential": row.credential_id,
        "method": row.method,
        "label": row.label,
        "device": None if row.device_id is None else str(row.device_id),
        "registered_at": present.time(row.registered_at),
        "revoked_at": None if row.revoked_at is None else present.time(row.revoked_at),
    }
