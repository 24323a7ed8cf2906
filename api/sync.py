"""POST /api/sync: a device hands in what was done on it, and is answered each with a receipt.

The device proves itself by its signed mark: no session is used, so that what one person did is
handed in while another works on the device. Whatever is wrong with an envelope is said of that
envelope; an HTTP error only means that the same request may be sent again.
"""

from http import HTTPStatus
from typing import Any

import orjson
from flask import Response, current_app, request
from marshmallow import ValidationError, fields, validate

from api import access, settings, wire
from api.blueprints import Blueprint
from api.context import engine, json_answer
from api.errors import problem
from api.rate_limit import RateLimit
from engine.commands.devices import POLICY
from engine.devices.sync import BATCH, Batch, Item, synchronise

blueprint = Blueprint("sync", __name__, url_prefix="/api", description="What devices hand in")

KEPT = "countersign.sync"
BODY_LIMIT = 4 * 1024 * 1024
ASKED = 500


class Proof(wire.Strict):
    username = fields.String(required=True, validate=validate.Length(max=200))
    password = fields.String(required=True, load_only=True, validate=validate.Length(max=1000))


class HandedIn(wire.Strict):
    envelope = fields.String(required=True)
    signature = fields.String(required=True, validate=validate.Length(max=200))
    attended = fields.Boolean(load_default=False)
    proof = fields.Nested(Proof, load_default=None, allow_none=True)


class Mark(wire.Strict):
    body = fields.String(required=True, validate=validate.Length(max=4096))
    signature = fields.String(required=True, validate=validate.Length(max=200))


class Sync(wire.Strict):
    mark = fields.Nested(Mark, required=True)
    items = fields.List(
        fields.Nested(HandedIn), load_default=list, validate=validate.Length(max=BATCH)
    )
    ask = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=ASKED))


@blueprint.route("/sync", methods=["POST"])
@access.by_link
def sync() -> Response:
    """Take in a device's envelopes, and answer each; the device's signed mark is the proof."""
    limit: RateLimit = current_app.extensions.setdefault(KEPT, RateLimit())
    now = engine().dispatcher.clock()
    policy = engine().dispatcher.documents(engine().tenant)[POLICY]
    if not limit.allows(settings.client_address(), now, a_minute=int(policy["rounds_a_minute"])):
        return problem(HTTPStatus.TOO_MANY_REQUESTS, "too_many_requests")
    request.max_content_length = BODY_LIMIT
    try:
        body = Sync().load(orjson.loads(request.get_data(cache=False)))
    except orjson.JSONDecodeError:
        return problem(HTTPStatus.BAD_REQUEST, "malformed")
    except ValidationError as wrong:
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_data", errors=wrong.messages)
    return json_answer(synchronise(engine().dispatcher, engine().tenant, _batch(body)))


def _batch(body: dict[str, Any]) -> Batch:
    return Batch(
        mark=body["mark"]["body"],
        mark_signature=body["mark"]["signature"],
        items=[_item(one) for one in body["items"]],
        ask=body["ask"],
    )


def _item(body: dict[str, Any]) -> Item:
    proof = body["proof"] or {"username": None, "password": None}
    return Item(
        envelope=body["envelope"],
        signature=body["signature"],
        attended=body["attended"],
        username=proof["username"],
        password=proof["password"],
    )
