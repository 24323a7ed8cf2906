"""Who may use a route: every route says so, and one that does not say is closed."""

import hmac
import secrets
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Flask, Response, current_app, request, session
from flask_login import current_user

from api.errors import problem

View = TypeVar("View", bound=Callable[..., Any])

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORM = "application/x-www-form-urlencoded"
LIBRARY_ROUTES = {"api-docs.openapi_json": ("*",)}
"""Routes that flask-smorest makes, which cannot say themselves whose they are."""


def public(view: View) -> View:
    """Open the route to everyone: signing in, the client's files."""
    view.access = ("public",)  # type: ignore[attr-defined]
    return view


def by_link(view: View) -> View:
    """Open the route to whoever holds the one-time link that its address is.

    The token in the address is the proof, and no session is used: there is nothing that another
    site could make a browser send, so no CSRF token is asked for.
    """
    view.access = ("public",)  # type: ignore[attr-defined]
    view.by_link = True  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Open the route to everyone who is signed in."""
    view.access = ("*",)  # type: ignore[attr-defined]
    return view


def proved_by_door(view: View) -> View:
    """Open the route to everyone who is signed in, for one command: whether the account still
    stands is found out by the door, in the command's transaction, so it is not read before."""
    view.access = ("*",)  # type: ignore[attr-defined]
    view.proved_by_door = True  # type: ignore[attr-defined]
    return view


def roles(*codes: str) -> Callable[[View], View]:
    """Open the route to people with one of these roles."""

    def mark(view: View) -> View:
        view.access = codes  # type: ignore[attr-defined]
        return view

    return mark


def csrf_token() -> str:
    """Give the session's token that every changing request must carry in X-CSRF-Token."""
    token: str | None = session.get("csrf")
    if token is None:
        token = session["csrf"] = secrets.token_urlsafe(24)
    return token


def unauthorized() -> Response:
    """Ask to sign in, with the token where there is one.

    None is made here: of two first requests at once each would make its own, the later one's cookie
    would stand, and the sign-in with the other's token be refused. `/api/session` alone gives one.
    """
    known = {"csrf": session["csrf"]} if "csrf" in session else {}
    return problem(HTTPStatus.UNAUTHORIZED, "unauthorized", **known)


def is_proved_by_door() -> bool:
    """Tell whether the route of this request is one command, whose author the door looks at."""
    if request.endpoint is None:
        return False
    return getattr(current_app.view_functions[request.endpoint], "proved_by_door", False)


def access_of(app: Flask, endpoint: str) -> tuple[str, ...]:
    """Tell to whom a route is open: nobody, unless it says so."""
    view = app.view_functions[endpoint]
    owner = getattr(view, "view_class", view)
    found: tuple[str, ...] = getattr(owner, "access", LIBRARY_ROUTES.get(endpoint, ()))
    return found


def guard(app: Flask) -> None:
    """Ask, before every request, who it is and whether the route is theirs."""

    @app.before_request
    def check() -> Response | None:
        if request.endpoint is None:
            return None  # no such route: 404 tells nothing
        access = access_of(current_app, request.endpoint)
        by_link = getattr(current_app.view_functions[request.endpoint], "by_link", False)
        if request.method not in SAFE and not by_link and not _carries_token():
            detail = {
                "en": "The page is out of date. Reload it; your entries are kept.",
                "zh": "页面已过期，请刷新；您填写的内容已保留。",
            }
            return problem(HTTPStatus.FORBIDDEN, "csrf", detail)
        if "public" in access:
            return None
        if not current_user.is_authenticated:
            return unauthorized()
        if "*" in access or not current_user.account.roles.isdisjoint(access):
            return None
        return problem(HTTPStatus.FORBIDDEN, "not_allowed")


def _carries_token() -> bool:
    expected = session.get("csrf")
    given = request.headers.get("X-CSRF-Token", "")
    if not given and request.mimetype == FORM:
        given = request.form.get("csrf", "")  # a page without script carries it in its form
    return expected is not None and hmac.compare_digest(expected, given)
