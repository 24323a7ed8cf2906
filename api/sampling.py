"""Sampling on screen: what a plan accepts, as a curve, and the list of the samples to draw."""

from http import HTTPStatus
from typing import Any, cast

from flask import Response, abort
from marshmallow import EXCLUDE, Schema, fields, validate
from sqlalchemy import Connection

from api import access, errors, language, readers, wire
from api.blueprints import Blueprint
from api.context import engine, json_answer
from processes.documents import pdf
from processes.documents.report import Language
from processes.incoming_inspection import sample_page
from processes.ledger import inspection_lots, operating_characteristic, samples
from processes.ledger.attribute_sampling import NoSamplingPlan, SamplingPlan, sampling_plan
from processes.ledger.inspection_lots import InspectionLot
from processes.ledger.refusals import NotInLedger

blueprint = Blueprint("sampling", __name__, url_prefix="/api/sampling", description="Sampling")

SEVERITIES = ("normal", "tightened")
LARGEST = 2_000
"""Units of a sample that a curve is worked out for: the tables go up to 500."""


class Plan(Schema):
    """A plan as numbers (n, Ac), or by lot size and limit from the customer's table."""

    class Meta:
        unknown = EXCLUDE

    n = fields.Integer(load_default=None, validate=validate.Range(min=0, max=LARGEST))
    ac = fields.Integer(load_default=None, validate=validate.Range(min=0, max=LARGEST))
    lot_size = fields.Integer(load_default=None, validate=validate.Range(min=1, max=10_000_000))
    aql = fields.String(load_default=None, validate=validate.Length(max=10))
    level = fields.String(load_default="II", validate=validate.Length(max=10))
    finite = fields.Boolean(load_default=False)


_IMPOSSIBLE = {
    "en": "Give n and ac, or lot_size and aql. The sample is not larger than the lot.",
    "zh": "请给出 n 和 ac，或 lot_size 和 aql；样本量不得大于批量。",
}


@blueprint.route("/oc")
@access.signed_in
@blueprint.arguments(Plan, location="query")
@blueprint.response(200, wire.Anything)
def operating_characteristics(arguments: dict[str, Any]) -> Response:
    """Give the probability of acceptance over the share of nonconforming units.

    One curve for n and ac; one for each severity where lot size and AQL are given. `finite` counts
    in the lot itself (hypergeometric, at most 10,000 units), otherwise in the process that it comes
    from (binomial).
    """
    try:
        plans = _plans(arguments)
    except NoSamplingPlan as refused:
        return errors.problem(HTTPStatus.UNPROCESSABLE_ENTITY, "no_sampling_plan", refused.message)
    lot_size = arguments["lot_size"] if arguments["finite"] else None
    impossible = lot_size is not None and (
        lot_size > 10_000 or any(plan.sample_size > lot_size for _, plan in plans)
    )
    if not plans or impossible:
        return errors.problem(HTTPStatus.UNPROCESSABLE_ENTITY, "no_sampling_plan", _IMPOSSIBLE)
    curves = [_curve(name, plan, lot_size) for name, plan in plans]
    return json_answer({"curves": curves, "lot_size": lot_size})


@blueprint.route("/lists/<number>")
@access.signed_in
@blueprint.response(200, wire.Anything)
def sample_list(number: str) -> Response:
    """Give the sample list of an inspection as data: code, box, unit and what each is for."""
    with engine().database.reading() as db:
        inspection = _inspection(db, number)
        readers.require_case(db, inspection.process_instance_id)
        found = samples.of_inspection(db, engine().tenant, inspection.inspection_lot_id)
        seed = inspection_lots.seed_of(db, engine().tenant, inspection.inspection_lot_id)
    return json_answer(
        {
            "inspection": inspection.number,
            "seed": seed,
            "samples": [
                {
                    "code": each.code,
                    "box": each.box,
                    "unit": each.unit,
                    "characteristics": list(each.characteristics),
                }
                for each in found
            ],
        }
    )


@blueprint.route("/lists/<number>.pdf")
@access.signed_in
@blueprint.doc(responses={200: {"description": "OK", "content": {"application/pdf": {}}}})
def sample_list_pdf(number: str) -> Response:
    """Give the sample list with a label for each sample, to be printed."""
    with engine().database.reading() as db:
        inspection = _inspection(db, number)
        readers.require_case(db, inspection.process_instance_id)
        spoken = cast("Language", language.asked_for())
        now = engine().dispatcher.clock()
        report = sample_page.page(db, engine().tenant, inspection, spoken, now)
    answer = Response(pdf.render(report), mimetype="application/pdf")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Disposition"] = f'inline; filename="{inspection.number}.pdf"'
    return answer


def _inspection(db: Connection, number: str) -> InspectionLot:
    try:
        return inspection_lots.by_number(db, engine().tenant, number)
    except NotInLedger:
        abort(HTTPStatus.NOT_FOUND)


def _plans(arguments: dict[str, Any]) -> list[tuple[str, SamplingPlan]]:
    n, ac = arguments["n"], arguments["ac"]
    if n is not None and ac is not None:
        plan = SamplingPlan(sample_size=n, acceptance_number=ac, rejection_number=ac + 1)
        return [("plan", plan)]
    if arguments["lot_size"] is None or arguments["aql"] is None:
        return []
    table = engine().dispatcher.documents(engine().tenant)["sampling_tables"]
    return [
        (
            severity,
            sampling_plan(
                table,
                lot_size=arguments["lot_size"],
                aql=arguments["aql"],
                level=arguments["level"],
                severity=severity,
            ),
        )
        for severity in SEVERITIES
    ]


def _curve(name: str, plan: SamplingPlan, lot_size: int | None) -> dict[str, Any]:
    found = operating_characteristic.curve(plan.sample_size, plan.acceptance_number, lot_size)
    quality = found.limiting_quality
    return {
        "name": name,
        "code_letter": plan.code_letter,
        "n": plan.sample_size,
        "ac": plan.acceptance_number,
        "re": plan.rejection_number,
        "limiting_quality": None if quality is None else str(quality),
        "points": [{"p": str(share), "pa": str(chance)} for share, chance in found.points],
    }
