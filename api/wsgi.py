"""The application as a WSGI server's worker loads it: settings from the environment, background
work included."""

import atexit

from flask import Flask

from api import installation, mailing
from api.app import create_app
from api.context import EngineAccess
from api.settings import from_environment
from api.tls import offer_root
from engine.background.schedule import Schedule
from engine.background.work import BackgroundWork
from engine.store.database import Database


def application() -> Flask:
    """Give the application with its background work running."""
    settings = from_environment()
    dispatcher = installation.dispatcher(
        Database(settings.database), server_key=settings.server_key
    )
    schedule = Schedule(BackgroundWork(dispatcher))
    schedule.start()
    atexit.register(schedule.stop)
    mails = mailing.started(dispatcher, settings.tenant)
    if mails is not None:
        atexit.register(mails.stop)
    accounts = installation.demo_accounts() if settings.demo else []
    app = create_app(
        EngineAccess(dispatcher=dispatcher, tenant=settings.tenant, demo_accounts=accounts),
        secret_key=settings.secret_key,
        web=settings.web,
        secure_cookies=settings.secure_cookies,
    )
    root = settings.folder / "tls" / "authority.crt"
    if root.exists():
        offer_root(app, root)
    return app
