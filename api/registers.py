"""Which registers are open to who is signed in, so that a screen offers no door that stays shut."""

from flask import Response

from api import access, readers, wire
from api.blueprints import Blueprint
from api.context import engine, json_answer

blueprint = Blueprint("registers", __name__, url_prefix="/api/registers", description="Registers")

KEPT_BY = {
    "field-actions": "recall",
    "nonconformities": "nonconformance",
    "purchase-orders": "procurement",
}
"""The registers that have readers of their own, each with the process whose readers they are."""


@blueprint.route("")
@access.signed_in
@blueprint.response(200, wire.Anything)
def closed() -> Response:
    """Name the registers that would answer 403; every other one is open."""
    with engine().database.reading() as db:
        who = readers.reader(db)
    shut = [
        name for name, process_id in KEPT_BY.items() if not readers.reads_register(who, process_id)
    ]
    return json_answer({"closed": shut})
