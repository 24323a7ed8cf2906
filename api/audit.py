"""The auditor's room: verify the whole record."""

from flask import Response

from api import access, wire
from api.blueprints import Blueprint
from api.context import engine, json_answer
from engine.verification import verify
from processes import registry

blueprint = Blueprint("audit", __name__, url_prefix="/api", description="Proof of the record")


@blueprint.route("/verification")
@access.roles("AUD", "QA", "ADM")
@blueprint.response(200, wire.Anything)
def verification() -> Response:
    """Check chains and signatures, rebuild projections, add the ledger up; name what differs."""
    with engine().database.reading() as db:
        report = verify(db, engine().tenant, registry.checks())
    problems = [
        {"stream": d.stream, "seq": d.seq, "code": d.code, "message": dict(d.message)}
        for d in report.differences
    ]
    return json_answer({"checked": dict(report.checked), "problems": problems})
