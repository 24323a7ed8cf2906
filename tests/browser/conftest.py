"""A real server over the demo data, and real browsers of the system."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from waitress.server import create_server

from api import installation
from api.app import create_app
from api.context import EngineAccess
from engine.background.schedule import Schedule
from engine.background.work import BackgroundWork
from engine.store.database import Database

ROOT = Path(__file__).parents[2]
TENANT = "main"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SIZES = {
    "phone": {"width": 360, "height": 640},
    "tablet": {"width": 768, "height": 1024},
    "desktop": {"width": 1440, "height": 900},
}

SAID = {
    "en": {
        "sign": "Sign and complete",
        "username": "user name",
        "password": "password",
        "signed": "Signed, completed",
        "complete": "Complete the step",
        "completed": "Completed and recorded",
        "closed": "This work item is closed",
    },
}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; `make test` installs it where it may."""
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    assert path is not None, "Chromium is not installed: run `make test`, or install it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built client as it is now: a build that runs meanwhile does not change it."""
    built = ROOT / "web" / "dist"
    assert (built / "index.html").is_file(), "the client is not built: run `make test`"
    copy = tmp_path_factory.mktemp("client") / "dist"
    shutil.copytree(built, copy)
    return copy


@pytest.fixture
def address(sqlite: Database, client: Path) -> Iterator[str]:
    """The address of a server with demo data on an embedded database of the test's own."""
    dispatcher = installation.dispatcher(sqlite)
    installation.prepare(dispatcher, TENANT, demo=True)
    access = EngineAccess(
        dispatcher=dispatcher, tenant=TENANT, demo_accounts=installation.demo_accounts()
    )
    app = create_app(access, secret_key="test", web=client)  # noqa: S106
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    schedule = Schedule(BackgroundWork(dispatcher))
    schedule.start()
    yield f"http://localhost:{server.effective_port}"
    schedule.stop()
    server.close()
    thread.join(timeout=10)


class Seat:
    """A person at a device: their page, and what went wrong on it."""

    def __init__(self, page: Page, address: str, username: str, language: str) -> None:
        self.page = page
        self.address = address
        self.account = next(
            each for each in installation.demo_accounts() if each["username"] == username
        )
        self.language = language
        self.trouble: list[str] = []
        self.foreign: list[str] = []
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on("console", self._heard)
        page.on("request", self._asked)

    def _heard(self, message: Any) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            self.trouble.append(message.text)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.foreign.append(request.url)

    def sign_in(self) -> "Seat":
        self.page.goto(f"{self.address}/")
        self.page.locator("input[name=username], input[autocomplete=username]").first.fill(
            self.account["username"]
        )
        self.page.locator("input[type=password]").fill(self.account["password"])
        self.page.keyboard.press("Enter")
        # The sign-in page has a heading of its own: going on before it has left would cut the
        # request short that signs in.
        self.page.locator("main.sign-in").wait_for(state="detached")
        self.page.locator("main h1").wait_for()
        return self

    def go(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")
        self.page.locator("main h1").wait_for()

    def open(self, activity: str) -> None:
        """Open work from the worklist by the name of its step, waiting for it to arrive."""
        # The device shows the list that it kept until the server has answered: what was done a
        # moment ago may still stand there, and opens as closed.
        for _ in range(10):
            self.go("/")
            self.page.wait_for_timeout(2_000)
            self.page.locator("main a[href^='/work/']", has_text=activity).first.click()
            self.page.locator("main form").wait_for()
            self.page.wait_for_timeout(1_000)
            if self.page.get_by_text(SAID[self.language]["closed"]).count() == 0:
                return

    def sign(self) -> None:
        """Press the main action, and sign in the dialog that shows what is signed."""
        said = SAID[self.language]
        self.page.keyboard.press("Tab")  # leave the field, as people do
        self.page.get_by_role("button", name=said["sign"]).click()
        dialog = self.page.locator("dialog[open]")
        dialog.get_by_label(said["username"]).fill(self.account["username"])
        dialog.get_by_label(said["password"]).fill(self.account["password"])
        dialog.locator("button[type=submit]").click()
        self.page.locator("[role=status]", has_text=said["signed"]).first.wait_for()

    def complete(self) -> None:
        """Press the main action of a step that is not signed."""
        said = SAID[self.language]
        self.page.keyboard.press("Tab")
        self.page.get_by_role("button", name=said["complete"]).click()
        self.page.locator("[role=status]", has_text=said["completed"]).first.wait_for()


@pytest.fixture
def seat(chromium: Browser, address: str) -> Iterator[Callable[..., Seat]]:
    """Put a person at a device: seat("ann", "phone")."""
    contexts = []

    def take(username: str, size: str = "phone", language: str = "en", **more: Any) -> Seat:
        context = chromium.new_context(
            viewport=SIZES[size],
            locale={"en": "en-US", "zh": "zh-CN"}[language],
            **more,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        return Seat(page, address, username, language).sign_in()

    yield take
    for context in contexts:
        context.close()
