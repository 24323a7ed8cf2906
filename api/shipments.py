"""Shipments over HTTP: the same command, hence the same gates, as from anywhere else."""

from typing import Any

from flask import Response
from marshmallow import fields, validate

from api import access, wire
from api.blueprints import Blueprint
from api.commands import answer
from processes.ledger.distribution.commands import PostShipment, ShippedGoods

blueprint = Blueprint(
    "shipments", __name__, url_prefix="/api/ledger/shipments", description="Shipments"
)

_TEXT = validate.Length(min=1, max=200)


class ShippedLine(wire.Strict):
    lot_number = fields.String(required=True, validate=_TEXT)
    location = fields.String(required=True, validate=_TEXT)
    quantity = fields.Decimal(required=True, as_string=True, allow_nan=False)
    serial_number = fields.String(load_default=None, validate=_TEXT)
    specification = fields.String(load_default=None, validate=_TEXT)
    model = fields.String(load_default=None, validate=_TEXT)


class Shipment(wire.CommandBody):
    consignee = fields.String(required=True, validate=_TEXT)
    order_number = fields.String(required=True, validate=_TEXT)
    site = fields.String(required=True, validate=_TEXT)
    market = fields.String(load_default=None, validate=_TEXT)
    carrier = fields.String(load_default=None, validate=_TEXT)
    seal = fields.String(load_default=None, validate=_TEXT)
    logger = fields.String(load_default=None, validate=_TEXT)
    lines = fields.List(
        fields.Nested(ShippedLine), load_default=list, validate=validate.Length(max=1000)
    )
    containers = fields.List(
        fields.String(validate=_TEXT), load_default=list, validate=validate.Length(max=1000)
    )


@blueprint.route("", methods=["POST"])
@access.signed_in
@blueprint.arguments(Shipment)
@blueprint.response(200, wire.Accepted)
@blueprint.alt_response(422, schema=wire.Problem)
def post(arguments: dict[str, Any]) -> Response:
    """Let goods leave for a consignee; refused with the reason where a gate is closed."""
    lines = tuple(ShippedGoods(**each) for each in arguments.pop("lines"))
    codes = tuple(arguments.pop("containers"))
    return answer(PostShipment(**arguments, lines=lines, containers=codes))
