"""The auditor's room: verify the whole record."""

from flask import Response

from api import access, wire
from api.blueprints import Blueprint
from api.context import engine, json_answer
from engine.verification import verify

blueprint = Blueprint("audit", __name__, url_prefix="/api", description="Proof of the record")


@blueprint.route("/verification")
@access.roles("AUD", "QA", "ADM")
@blueprint.response(200, wire.Anything)
def verification() -> Response:
    """Check every chain and signature, rebuild every projection, and name what differs."""
    with engine().database.reading() as db:
        report = verify(db, engine().tenant)
    problems = [
        {"stream": d.stream, "seq": d.seq, "code": d.code, "message": dict(d.message)}
        for d in report.differences
    ]
    return json_answer({"checked": dict(report.checked), "problems": problems})
