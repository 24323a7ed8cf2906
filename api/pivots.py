"""A trace that begins with something else than a lot: an order, a gauge, a person, a customer."""

from http import HTTPStatus
from typing import Any

from flask import Response, abort

from api import access, wire
from api.blueprints import Blueprint
from api.context import engine, json_answer
from api.trace import SHOWN, Direction
from processes.ledger.genealogy import pivots, trace
from processes.ledger.genealogy.trace import TracedLot
from processes.ledger.refusals import NotInLedger

blueprint = Blueprint(
    "pivots", __name__, url_prefix="/api/ledger/pivots", description="Traces by pivot"
)


@blueprint.route("/<pivot>/<path:value>")
@access.signed_in
@blueprint.arguments(Direction, location="query")
@blueprint.response(200, wire.Anything)
@blueprint.alt_response(404, schema=wire.Problem)
def traced(arguments: dict[str, str], pivot: str, value: str) -> Response:
    """Give the lots that a pivot stands for, and what they went into or what went into them."""
    walk = trace.forward if arguments["direction"] == "forward" else trace.backward
    with engine().database.reading() as db:
        try:
            starts = pivots.lots_of(db, engine().tenant, pivot, value)
        except NotInLedger:
            abort(HTTPStatus.NOT_FOUND)
        found = walk(db, engine().tenant, starts).lots
    return json_answer(
        {
            "pivot": pivot,
            "value": value,
            "direction": arguments["direction"],
            "starts": len(starts),
            "total": len(found),
            "lots": [_lot(each) for each in found[:SHOWN]],
        }
    )


def _lot(each: TracedLot) -> dict[str, Any]:
    return {
        "lot_id": str(each.lot_id),
        "lot_number": each.lot_number,
        "item_number": each.item_number,
        "depth": each.depth,
        "via": None if each.via is None else str(each.via),
    }
