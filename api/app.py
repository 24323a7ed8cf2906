"""create_app: the composition root of the server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from flask import Flask
from flask.json.provider import JSONProvider
from flask_smorest import Api

from api import (
    access,
    attachments,
    audit,
    changes,
    clocks,
    commands,
    definitions,
    delegations,
    devices,
    errors,
    field_actions,
    incidents,
    instances,
    kpis,
    ledger,
    making,
    nonconformities,
    pack,
    pivots,
    purchasing,
    pwa,
    registers,
    respond,
    sampling,
    sessions,
    shipments,
    sync,
    trace,
    worklist,
)
from api import docs as docs_page
from api.context import EngineAccess

REQUEST_LIMIT = 1024 * 1024
"""Bytes of a request body, attachments apart; a form's record is far below."""


class _Json(JSONProvider):
    """orjson both ways: strict UTF-8, no NaN, no infinity."""

    def dumps(self, obj: Any, **_kwargs: Any) -> str:
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_kwargs: Any) -> Any:
        return orjson.loads(s)


class _App(Flask):
    """Flask whose functions are all plain ones: it would look at each of them at each request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(
    engine: EngineAccess, *, secret_key: str, web: Path, secure_cookies: bool = False
) -> Flask:
    """Give the WSGI application over an engine; `web` is the folder of the built client."""
    app = _App("countersign", static_folder=None)
    app.json = _Json(app)
    app.config.update(
        SECRET_KEY=secret_key,
        MAX_CONTENT_LENGTH=REQUEST_LIMIT,
        SESSION_COOKIE_NAME="countersign",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure_cookies,
        API_TITLE="Countersign",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
    )
    app.extensions["countersign"] = engine
    sessions.set_up(app)
    access.guard(app)
    api = Api(app)
    for part in (
        sessions,
        worklist,
        instances,
        incidents,
        definitions,
        commands,
        attachments,
        ledger,
        trace,
        pivots,
        shipments,
        making,
        purchasing,
        clocks,
        delegations,
        registers,
        sampling,
        changes,
        nonconformities,
        audit,
        field_actions,
        kpis,
        devices,
        sync,
        pack,
        docs_page,
    ):
        api.register_blueprint(part.blueprint)
    api.register_blueprint(devices.commands)
    errors.register_errors(app)  # after flask-smorest, which brings a handler of its own
    app.register_blueprint(respond.blueprint)
    pwa.set_up(app, web)
    return app
