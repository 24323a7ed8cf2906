"""PUT /api/attachments/<sha256>: photographs and certificates, by the hash of their content."""

from flask import Response, request
from flask.views import MethodView

from api import errors, wire
from api.blueprints import Blueprint
from api.context import actor, engine, json_answer
from api.definitions import attachment as read_attachment
from engine.commands.attachments import StoreAttachment
from engine.identifiers import new_id
from engine.outcomes import Accepted

blueprint = Blueprint("attachments", __name__, url_prefix="/api", description="Attached files")

ABSOLUTE_LIMIT = 64 * 1024 * 1024
"""What is read into memory at all; the customer's own limit is in the security policy."""


@blueprint.route("/attachments/<string:digest>")
class AttachmentResource(MethodView):
    access = ("*",)

    @blueprint.doc(
        responses={200: {"description": "OK", "content": {"application/octet-stream": {}}}}
    )
    def get(self, digest: str) -> Response:
        """Give an attached file."""
        return read_attachment(digest)

    @blueprint.response(200, wire.Anything)
    def put(self, digest: str) -> Response:
        """Store an attached file under its hash; sending it again changes nothing."""
        limit = int(
            engine().dispatcher.documents(engine().tenant)["security_policy"]["attachment_bytes"]
        )
        request.max_content_length = min(limit, ABSOLUTE_LIMIT)
        command = StoreAttachment(
            command_id=new_id(),
            sha256=digest,
            media_type=request.mimetype,
            data=request.get_data(cache=False),
        )
        outcome = engine().dispatcher.dispatch(command, actor())
        if isinstance(outcome, Accepted):
            return json_answer(outcome.result)
        return errors.refusal(outcome)
