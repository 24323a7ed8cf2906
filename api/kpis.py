"""Key figures on screen: each with what it means, its period, its target, and what it rests on."""

from typing import Any

from flask import Response

from api import access, present, wire
from api.blueprints import Blueprint
from api.context import engine, json_answer
from processes.ledger.kpis import figures
from processes.ledger.kpis.figures import Figure

blueprint = Blueprint("kpis", __name__, url_prefix="/api/kpis", description="Key figures")


@blueprint.route("")
@access.signed_in
@blueprint.response(200, wire.Anything)
def every() -> Response:
    """Give the figures that the document `kpi_targets` names, read now."""
    tenant, now = engine().tenant, engine().dispatcher.clock()
    documents = engine().dispatcher.documents(tenant)
    with engine().database.reading() as db:
        found = figures.every(db, tenant, documents, now)
    return json_answer({"items": [_figure(each) for each in found], "now": present.time(now)})


def _figure(each: Figure) -> dict[str, Any]:
    return {
        "code": each.reading.code,
        "names": present.names(each.reading.names, each.reading.code),
        "definition": present.names(each.reading.definition, ""),
        "unit": each.reading.unit,
        "better": each.reading.better,
        "value": None if each.measured.value is None else format(each.measured.value, "f"),
        "beside": None if each.measured.beside is None else format(each.measured.beside, "f"),
        "counted": each.measured.counted,
        "target": None if each.target is None else format(each.target, "f"),
        "met": each.met,
        "since": present.time(each.since),
        "until": present.time(each.until),
    }
