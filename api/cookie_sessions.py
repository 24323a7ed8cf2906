"""Sessions in a signed cookie, as Flask keeps them, each cookie verified once and not per request.

A person's cookie is the same for a minute or longer (`api.sessions`), and a signature that was
right stays right: what it says is remembered with the time at which it was signed, so that its age
counts at each request as before.
"""

from typing import Any

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature

from api.context import engine

AT_MOST = 4096

Verified = tuple[dict[str, Any], float]


class CookieSessions(SecureCookieSessionInterface):
    """Flask's sessions with a memory of the cookies that were verified."""

    def __init__(self) -> None:
        self._verified: dict[str, Verified] = {}

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        written = request.cookies.get(self.get_cookie_name(app))
        if not written:
            return self.session_class()
        known = self._verified.get(written)
        if known is None:
            known = self._verify(app, written)
            if known is None:
                return self.session_class()
            if len(self._verified) >= AT_MOST:
                self._verified.clear()
            self._verified[written] = known
        said, signed_at = known
        if (
            engine().dispatcher.clock().timestamp() - signed_at
            > app.permanent_session_lifetime.total_seconds()
        ):
            return self.session_class()
        return self.session_class(said)  # a copy: what a request changes is its own

    def _verify(self, app: Flask, written: str) -> Verified | None:
        serializer = self.get_signing_serializer(app)
        assert serializer is not None  # create_app takes no application without a secret
        try:
            said, signed_at = serializer.loads(written, return_timestamp=True)
        except BadSignature:
            return None
        return said, signed_at.timestamp()
