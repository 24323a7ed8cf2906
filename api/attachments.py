"""PUT /api/attachments/<sha256>: photographs and certificates, by the hash of their content."""

from http import HTTPStatus

from flask import Response, abort, request
from flask.views import MethodView

from api import errors, readers, wire
from api.blueprints import Blueprint
from api.context import actor, engine, immutable, json_answer
from api.definitions import read_hash
from engine.commands.attachments import StoreAttachment
from engine.identifiers import new_id
from engine.outcomes import Accepted
from engine.store import contents

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
        """Give an attached file to who reads a case that names it, and to who sent it."""
        content_hash = read_hash(digest)
        with engine().database.reading() as db:
            found = contents.read(db, engine().tenant, content_hash)
            if found is None:
                abort(HTTPStatus.NOT_FOUND)
            if not readers.may_read_file(db, content_hash):
                return readers.refused()
        answer = immutable(found[1], found[0])
        answer.vary.add("Cookie")  # what a shared device keeps is not shown to who comes next
        answer.headers["Content-Security-Policy"] = "sandbox"  # its own scripts, if any, never run
        return answer

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
