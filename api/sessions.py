"""Sign in, sign out, who am I; flask-login keeps the session in a signed cookie.

The cookie names the account and its session epoch: raising the epoch (a new password, a closed
account) ends every session at once. Idle time and length come from the customer's policy.
"""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Flask, Response, current_app, g, session
from flask.views import MethodView
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from api import access, errors, settings, wire
from api.blueprints import Blueprint
from api.context import engine, json_answer
from api.cookie_sessions import CookieSessions
from api.rate_limit import RateLimit
from api.remembered import RememberedAccounts
from engine.actors import engine_actor
from engine.commands.configuration import LONGEST_IDLE_MINUTES
from engine.commands.identities import SignIn
from engine.identifiers import new_id
from engine.identities import accounts
from engine.identities.accounts import Account
from engine.outcomes import Accepted, Reason

blueprint = Blueprint("sessions", __name__, url_prefix="/api", description="Sign in and out")

SEEN_EVERY_SECONDS = 60
SIGN_INS_A_MINUTE = 60  # where a security policy written before says nothing about it
KEPT = "countersign-sign-ins"
ANEW = "countersign_account_anew"
TOO_MANY = {
    "en": "Too many attempts to sign in from this network. Wait a minute, then try again.",
    "zh": "来自此网络的登录尝试过于频繁，请一分钟后再试。",
}


class SessionUser(UserMixin):  # type: ignore[misc]  # flask-login has no types
    """A signed-in person, as flask-login wants them; `remembered` when the account was read for an
    earlier request."""

    def __init__(self, account: Account, *, remembered: bool = False) -> None:
        self.account = account
        self.remembered = remembered

    def get_id(self) -> str:
        return f"{self.account.account_id}:{self.account.session_epoch}"


def set_up(app: Flask) -> None:
    """Let flask-login load people from their accounts."""
    login = LoginManager()
    login.init_app(app)
    login.session_protection = None  # a handheld's address changes as it roams
    app.session_interface = CookieSessions()
    remembered = RememberedAccounts()

    @login.user_loader
    def load(identity: str) -> SessionUser | None:
        if _expired():
            return None
        written, _, epoch = identity.partition(":")
        account_id = UUID(written)
        if access.is_proved_by_door() and not g.get(ANEW):
            known = remembered.get(account_id)
            if known is not None and known.active and str(known.session_epoch) == epoch:
                return SessionUser(known, remembered=True)
        with engine().database.reading(snapshot=False) as db:
            found = accounts.find_by_id(db, engine().tenant, account_id)
        if found is None or not found.active or str(found.session_epoch) != epoch:
            remembered.forget(account_id)
            return None
        remembered.keep(found)
        return SessionUser(found)


def look_again() -> bool:
    """Read the account of the session anew; tell whether somebody is still signed in."""
    g.setdefault(ANEW, True)
    g.pop("_login_user", None)  # as flask-login keeps it: it is loaded when it is next asked for
    return bool(current_user.is_authenticated)


def _expired() -> bool:
    """Tell whether the session has been idle or open for too long; remember that it is in use."""
    now = int(engine().dispatcher.clock().timestamp())
    policy = session.get("policy") or (30, 8)
    begun, seen = session.get("begun", 0), session.get("seen", 0)
    if now - seen > policy[0] * 60 or now - begun > policy[1] * 3600:
        return True
    if now - seen > SEEN_EVERY_SECONDS:
        session["seen"] = now
    return False


def _too_many() -> bool:
    """Tell whether this address has asked to sign in too often within the minute."""
    policy = engine().dispatcher.documents(engine().tenant)["security_policy"]
    limit: RateLimit = current_app.extensions.setdefault(KEPT, RateLimit())
    return not limit.allows(
        settings.client_address(),
        engine().dispatcher.clock(),
        a_minute=policy.get("sign_ins_a_minute", SIGN_INS_A_MINUTE),
    )


def _person(account: Account) -> dict[str, Any]:
    return {
        "id": str(account.account_id),
        "username": account.username,
        "name": account.names,
        "roles": sorted(account.roles),
        "zone": account.zone,
    }


@blueprint.route("/session")
class SessionResource(MethodView):
    access = ("public",)

    @blueprint.response(200, wire.Session)
    def get(self) -> Response:
        """Say who is signed in."""
        if not current_user.is_authenticated:
            more: dict[str, Any] = {"csrf": access.csrf_token()}
            if engine().demo_accounts:
                more["demo_accounts"] = engine().demo_accounts
            return errors.problem(HTTPStatus.UNAUTHORIZED, "unauthorized", **more)
        return json_answer(
            {
                "user": _person(current_user.account),
                "tenant": engine().tenant,
                "csrf": access.csrf_token(),
            }
        )

    @blueprint.arguments(wire.SignIn)
    @blueprint.response(200, wire.Session)
    def post(self, body: dict[str, str]) -> Response:
        """Sign in with user name and password."""
        tenant = engine().tenant
        if _too_many():
            answer = errors.problem(HTTPStatus.TOO_MANY_REQUESTS, "too_many_sign_ins", TOO_MANY)
            answer.headers["Retry-After"] = "60"
            return answer
        command = SignIn(command_id=new_id(), username=body["username"], password=body["password"])
        outcome = engine().dispatcher.dispatch(command, engine_actor(tenant, "sign-in"))
        if not isinstance(outcome, Accepted):
            if outcome.reason is Reason.SIGNATURE_REFUSED:
                return errors.problem(HTTPStatus.UNAUTHORIZED, "sign_in_refused", outcome.message)
            return errors.refusal(outcome)
        with engine().database.reading(snapshot=False) as db:
            account = accounts.find_by_id(db, tenant, UUID(outcome.result["account_id"]))
        assert account is not None  # it was signed in a moment ago
        session.clear()
        policy = engine().dispatcher.documents(tenant)["security_policy"]
        now = int(engine().dispatcher.clock().timestamp())
        session.update(
            begun=now,
            seen=now,
            # A policy written before the limit was set may say more.
            policy=(
                min(policy["session_idle_minutes"], LONGEST_IDLE_MINUTES),
                policy["session_hours"],
            ),
        )
        login_user(SessionUser(account))
        return json_answer(
            {"user": _person(account), "tenant": tenant, "csrf": access.csrf_token()}
        )

    @blueprint.response(204)
    def delete(self) -> Response:
        """Sign out."""
        logout_user()
        session.clear()
        return Response(status=204)
