"""What routes need of the engine behind them, and the one way in which they answer JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from flask import Response, current_app
from flask_login import current_user

from engine.actors import Actor
from engine.definitions.catalogue import Catalogue
from engine.dispatcher import Dispatcher
from engine.identities.accounts import Account
from engine.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineAccess:
    """The engine that this server serves, for one tenant."""

    dispatcher: Dispatcher
    tenant: str
    demo_accounts: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def database(self) -> Database:
        return self.dispatcher.database

    @property
    def catalogue(self) -> Catalogue:
        return self.dispatcher.resources.catalogue


def engine() -> EngineAccess:
    """Give the engine behind this application."""
    access: EngineAccess = current_app.extensions["countersign"]
    return access


def account() -> Account:
    """Give the account of the person who is signed in."""
    found: Account = current_user.account
    return found


def actor() -> Actor:
    """Give the person who is signed in as the author of commands."""
    return account().actor(remembered=current_user.remembered)


def json_answer(document: Any, status: int = 200) -> Response:
    """Answer JSON that no cache keeps: what a shared device read belongs to who read it."""
    answer = Response(orjson.dumps(document), status, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def immutable(data: bytes, media_type: str) -> Response:
    """Answer bytes whose address is their hash: they never change."""
    answer = Response(data, mimetype=media_type)
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer
