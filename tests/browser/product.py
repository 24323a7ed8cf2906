"""The real product for browsers: a server over the demo data, the built client, a Chromium.

Tests, the photographer (tools/take_screenshots.py) and the benchmark of the client use the same.
"""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from waitress.server import create_server

from api import installation
from api.app import create_app
from api.context import EngineAccess
from engine.background.schedule import Schedule
from engine.background.work import BackgroundWork
from engine.store.database import Database

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
TENANT = "main"
SIZES = {
    "phone": {"width": 360, "height": 640},
    "tablet": {"width": 768, "height": 1024},
    "desktop": {"width": 1440, "height": 900},
}
LOCALES = {"en": "en-US", "zh": "zh-CN"}
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium_path() -> str:
    """Find the system's Chromium; `make test` installs it where it may."""
    path = next((found for name in _CHROMIUM if (found := shutil.which(name))), None)
    assert path is not None, "Chromium is not installed: run `make test`, or install it"
    return path


@contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    """Open the system's Chromium, with further arguments if need be."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=[*ARGUMENTS, *more]
        )
        yield browser
        browser.close()


def copy_of_client(folder: Path) -> Path:
    """Copy the built client into a folder: a build that runs meanwhile does not change it."""
    built = WEB / "dist"
    assert (built / "index.html").is_file(), "the client is not built: run `make test`"
    copy = folder / "dist"
    shutil.copytree(built, copy)
    return copy


@contextmanager
def serving(database: Database, client: Path) -> Iterator[str]:
    """Serve the product with demo data over a migrated database; give the address."""
    dispatcher = installation.dispatcher(database)
    installation.prepare(dispatcher, TENANT, demo=True)
    access = EngineAccess(
        dispatcher=dispatcher, tenant=TENANT, demo_accounts=installation.demo_accounts()
    )
    with served(access, client) as address:
        yield address


@contextmanager
def served(access: EngineAccess, client: Path) -> Iterator[str]:
    """Serve an installation whatever is in it, its background work included; give the address."""
    app = create_app(access, secret_key="test", web=client)  # noqa: S106
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    schedule = Schedule(BackgroundWork(access.dispatcher))
    schedule.start()
    try:
        yield f"http://localhost:{server.effective_port}"
    finally:
        schedule.stop()
        server.close()
        thread.join(timeout=10)
