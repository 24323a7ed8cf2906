"""/api/attachments/<sha256>: photographs and certificates, by the hash of their content.

Small ones come whole (PUT). Large ones come in parts of at most a megabyte, each by its own hash:
the client asks what is missing, sends that, and has the parts put together. A connection that
breaks off costs the part that was on its way.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Response, abort, request
from flask.views import MethodView
from marshmallow import Schema, fields, validate

from api import errors, readers, wire
from api.blueprints import Blueprint
from api.context import actor, engine, immutable, json_answer
from api.definitions import read_hash
from engine.commands.attachments import LARGEST_PART, StoreAttachment, StoreAttachmentPart
from engine.commands.base import Command
from engine.identifiers import new_id
from engine.outcomes import Accepted
from engine.store import contents, parts

blueprint = Blueprint("attachments", __name__, url_prefix="/api", description="Attached files")

ABSOLUTE_LIMIT = 64 * 1024 * 1024
"""What is read into memory at all; the customer's own limit is in the security policy."""


_HASH = validate.Regexp(r"^[0-9a-f]{64}\Z")


class InParts(Schema):
    """The parts that a file is made of, in their order, by their hashes."""

    parts = fields.List(
        fields.String(validate=_HASH), required=True, validate=validate.Length(min=1, max=1024)
    )


class Joined(InParts):
    """How the parts become a file."""

    mime = fields.String(required=True, validate=validate.Length(max=100))


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
        request.max_content_length = _largest()
        return _answered(
            StoreAttachment(
                command_id=new_id(),
                sha256=digest,
                media_type=request.mimetype,
                data=request.get_data(cache=False),
            )
        )

    @blueprint.arguments(Joined)
    @blueprint.response(200, wire.Anything)
    def post(self, asked: dict[str, Any], digest: str) -> Response:
        """Put the parts of a file together; 409 when one has not arrived."""
        with engine().database.reading() as db:
            there = parts.read(db, engine().tenant, read_hash(digest))
        data = _joined(there, [bytes.fromhex(part) for part in asked["parts"]])
        return _answered(
            StoreAttachment(command_id=new_id(), sha256=digest, media_type=asked["mime"], data=data)
        )


@blueprint.route("/attachments/<string:digest>/missing")
class MissingPartsResource(MethodView):
    access = ("*",)

    @blueprint.arguments(InParts)
    @blueprint.response(200, wire.Anything)
    def post(self, asked: dict[str, Any], digest: str) -> Response:
        """Say which parts of a file have not arrived; none of a file that was sent already."""
        whole = read_hash(digest)
        with engine().database.reading() as db:
            stored = contents.is_stored(db, engine().tenant, whole)
            if stored and readers.may_read_file(db, whole):
                return json_answer({"stored": True, "missing": []})
            there = {each.hex() for each in parts.there(db, engine().tenant, whole)}
        missing = [part for part in asked["parts"] if part not in there]
        return json_answer({"stored": False, "missing": list(dict.fromkeys(missing))})


@blueprint.route("/attachments/<string:digest>/parts/<string:part>")
class PartResource(MethodView):
    access = ("*",)

    @blueprint.response(200, wire.Anything)
    def put(self, digest: str, part: str) -> Response:
        """Keep a part of a file; sending it again changes nothing."""
        read_hash(digest)
        read_hash(part)
        request.max_content_length = LARGEST_PART
        data = request.get_data(cache=False)
        return _answered(
            StoreAttachmentPart(command_id=new_id(), sha256=digest, part=part, data=data)
        )


def _joined(there: Mapping[bytes, bytes], order: Sequence[bytes]) -> bytes:
    """Put parts together; their size is known before they are, and one may come many times."""
    if any(part not in there for part in order):
        abort(HTTPStatus.CONFLICT)
    if sum(len(there[part]) for part in order) > _largest():
        abort(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return b"".join(there[part] for part in order)


def _largest() -> int:
    policy = engine().dispatcher.documents(engine().tenant)["security_policy"]
    return min(int(policy["attachment_bytes"]), ABSOLUTE_LIMIT)


def _answered(command: Command) -> Response:
    outcome = engine().dispatcher.dispatch(command, actor())
    if isinstance(outcome, Accepted):
        return json_answer(outcome.result)
    return errors.refusal(outcome)
