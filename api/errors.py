"""One table: every refusal and error becomes a status and a problem document (RFC 9457)."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Response, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, UnprocessableEntity

from api import language
from engine.outcomes import ConcurrentChange, FieldProblem, Reason, Rejected

logger = logging.getLogger(__name__)

_READ_AWAY, _AT_ONCE = 16 * 1024 * 1024, 256 * 1024
"""Bytes of a body too large that are read and thrown away, and how many at once."""

STATUS: Mapping[Reason, HTTPStatus] = {
    Reason.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Reason.NOT_ALLOWED: HTTPStatus.FORBIDDEN,
    Reason.NOT_YOURS: HTTPStatus.FORBIDDEN,
    Reason.ALREADY_COMPLETED: HTTPStatus.CONFLICT,
    Reason.STALE: HTTPStatus.CONFLICT,
    Reason.INVALID_DATA: HTTPStatus.UNPROCESSABLE_ENTITY,
    Reason.INVALID_STATE: HTTPStatus.CONFLICT,
    Reason.SIGNATURE_REQUIRED: HTTPStatus.UNPROCESSABLE_ENTITY,
    Reason.SIGNATURE_REFUSED: HTTPStatus.FORBIDDEN,
    Reason.SIGNING_LOCKED: HTTPStatus.LOCKED,
    Reason.RECORD_DIFFERS: HTTPStatus.CONFLICT,
    Reason.SEGREGATION_OF_DUTIES: HTTPStatus.FORBIDDEN,
    Reason.NOT_QUALIFIED: HTTPStatus.FORBIDDEN,
    Reason.ID_REUSED: HTTPStatus.CONFLICT,
    Reason.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Reason.DEFINITION_REFUSED: HTTPStatus.UNPROCESSABLE_ENTITY,
    Reason.INCIDENT: HTTPStatus.INTERNAL_SERVER_ERROR,
}

TITLES: Mapping[HTTPStatus, Mapping[str, str]] = {
    HTTPStatus.BAD_REQUEST: {"en": "The request is not right", "zh": "请求有误"},
    HTTPStatus.UNAUTHORIZED: {"en": "Sign in first", "zh": "请先登录"},
    HTTPStatus.FORBIDDEN: {"en": "Not allowed", "zh": "不允许"},
    HTTPStatus.NOT_FOUND: {"en": "Not found", "zh": "未找到"},
    HTTPStatus.METHOD_NOT_ALLOWED: {"en": "Not possible here", "zh": "此处不支持该操作"},
    HTTPStatus.CONFLICT: {"en": "It changed meanwhile", "zh": "状态已变化"},
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: {"en": "Too large", "zh": "内容过大"},
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: {"en": "Send JSON", "zh": "请发送 JSON"},
    HTTPStatus.UNPROCESSABLE_ENTITY: {"en": "Please check your entries", "zh": "请检查填写内容"},
    HTTPStatus.LOCKED: {"en": "Locked", "zh": "已锁定"},
    HTTPStatus.TOO_MANY_REQUESTS: {"en": "Too many attempts", "zh": "尝试次数过多"},
    HTTPStatus.INTERNAL_SERVER_ERROR: {"en": "Something went wrong", "zh": "发生错误"},
    HTTPStatus.SERVICE_UNAVAILABLE: {"en": "Try again in a moment", "zh": "请稍后重试"},
}

DETAILS: Mapping[HTTPStatus, Mapping[str, str]] = {
    HTTPStatus.BAD_REQUEST: {
        "en": "The server could not read this request. Reload the page and try again.",
        "zh": "服务器无法读取该请求，请刷新页面后重试。",
    },
    HTTPStatus.UNAUTHORIZED: {
        "en": "Your session has ended or not begun. Sign in; your entries are kept.",
        "zh": "会话已结束或尚未开始，请登录；您填写的内容已保留。",
    },
    HTTPStatus.FORBIDDEN: {
        "en": "Your roles do not include this. Ask your administrator.",
        "zh": "您的角色无权执行此操作，请联系管理员。",
    },
    HTTPStatus.NOT_FOUND: {
        "en": "There is nothing here. Go back to your worklist.",
        "zh": "此处没有内容，请返回工作列表。",
    },
    HTTPStatus.METHOD_NOT_ALLOWED: {
        "en": "This address does not take such a request.",
        "zh": "该地址不接受此类请求。",
    },
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: {
        "en": "What was sent is larger than allowed. Send less, or a smaller photo.",
        "zh": "发送的内容超过限制，请减少内容或使用较小的照片。",
    },
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: {
        "en": "This address takes JSON only.",
        "zh": "该地址只接受 JSON。",
    },
    HTTPStatus.SERVICE_UNAVAILABLE: {
        "en": "The database cannot be reached. Nothing was lost; it will be tried again.",
        "zh": "暂时无法连接数据库，数据未丢失，系统将自动重试。",
    },
    HTTPStatus.INTERNAL_SERVER_ERROR: {
        "en": "Nothing was changed. Try again; if it happens again, tell your administrator.",
        "zh": "未作任何更改。请重试；若再次发生，请联系管理员。",
    },
}


def problem(
    status: HTTPStatus,
    reason: str,
    detail: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """Write a problem document in the language of the request."""
    title = TITLES.get(status, TITLES[HTTPStatus.BAD_REQUEST])
    document = {
        "type": f"urn:countersign:problem:{reason}",
        "title": language.said(title),
        "status": status.value,
        "detail": language.said(detail or DETAILS.get(status) or title),
        "reason": reason,
        **{name: value for name, value in more.items() if value},
    }
    return Response(orjson.dumps(document), status, mimetype="application/problem+json")


def refusal(rejected: Rejected) -> Response:
    """Write a refused command."""
    return problem(
        STATUS[rejected.reason],
        rejected.reason.value,
        rejected.message,
        command_id=str(rejected.command_id),
        expected=rejected.expected,
        found=rejected.found,
        errors=[_field(error) for error in rejected.errors],
        incident=None if rejected.incident_id is None else str(rejected.incident_id),
    )


def _field(error: FieldProblem) -> dict[str, str]:
    return {
        "path": error.path,
        "code": error.code,
        "message": language.said(error.message),
    }


def _read_away() -> None:
    """Read what is still on its way, within bounds: who is answered while still sending sees a
    broken connection in place of the answer (RFC 9110, 15.5.14 leaves it to the server)."""
    left, body = _READ_AWAY, request.environ["wsgi.input"]
    try:
        while left > 0 and (chunk := body.read(_AT_ONCE)):
            left -= len(chunk)
    except (OSError, ValueError):  # the sender went away
        logger.info("a sender went away while its request was turned away")


def register_errors(app: Flask) -> None:
    """Answer everything that goes wrong with a problem document."""

    @app.errorhandler(UnprocessableEntity)
    def invalid(error: UnprocessableEntity) -> Response:
        """A body that does not fit its wire schema: name each field."""
        messages = getattr(error, "data", {}).get("messages", {})
        errors = [
            {"path": f"/{place}/{name}", "code": "wire", "message": _first(text)}
            for place, fields in messages.items()
            if isinstance(fields, dict)
            for name, text in fields.items()
        ]
        detail = {
            "en": "The request does not have the expected shape.",
            "zh": "请求的格式不正确。",
        }
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", detail, errors=errors)

    @app.errorhandler(HTTPException)
    def known(error: HTTPException) -> Response:
        status = HTTPStatus(error.code or 500)
        if status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            _read_away()
        return problem(status, status.phrase.lower().replace(" ", "_"))

    @app.errorhandler(OperationalError)
    def unreachable(error: OperationalError) -> Response:
        logger.warning("the database cannot be reached: %s", error.orig)
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable")

    @app.errorhandler(ConcurrentChange)
    def overtaken(error: ConcurrentChange) -> Response:
        """Others were faster each time: nothing happened, and the same command may come again."""
        logger.warning("a command was overtaken by others each time", exc_info=error)
        detail = {
            "en": "Others are changing the same thing at this moment. "
            "Nothing was changed; try again in a moment.",
            "zh": "其他人正在同时更改同一内容。未作任何更改，请稍后重试。",
        }
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", detail)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        logger.error("request failed", exc_info=error)
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected")


def _first(text: Any) -> str:
    if isinstance(text, list) and text:
        return str(text[0])
    return str(text)
