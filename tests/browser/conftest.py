"""A real server over the demo data, and real browsers of the system."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from engine.store.database import Database
from tests.browser import product
from tests.browser.network import Cable
from tests.browser.seat import Seat


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium."""
    with product.chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built client as it is now."""
    return product.copy_of_client(tmp_path_factory.mktemp("client"))


@pytest.fixture
def address(sqlite: Database, client: Path) -> Iterator[str]:
    """The address of a server with demo data on an embedded database of the test's own."""
    with product.serving(sqlite, client) as address:
        yield address


@pytest.fixture
def device(chromium: Browser, address: str) -> Iterator[Callable[..., Seat]]:
    """Give a person a device at which nobody is signed in: device("ann", "phone")."""
    contexts = []

    def take(username: str, size: str = "phone", language: str = "en", **more: Any) -> Seat:
        context = chromium.new_context(
            viewport=product.SIZES[size], locale=product.LOCALES[language], **more
        )
        contexts.append(context)
        return Seat(context, address, username, language)

    yield take
    for context in contexts:
        context.close()


@pytest.fixture
def seat(device: Callable[..., Seat]) -> Callable[..., Seat]:
    """Put a person at a device and sign them in: seat("ann", "phone")."""
    return lambda *who, **more: device(*who, **more).sign_in()


@pytest.fixture
def cable(address: str) -> Iterator[Cable]:
    """The only way from a browser to the server."""
    port = urlsplit(address).port
    assert port is not None
    with Cable(port) as cable:
        yield cable


@pytest.fixture
def behind_cable(device: Callable[..., Seat], cable: Cable) -> Callable[..., Seat]:
    """Sign a person in at a device whose network is the cable: behind_cable("ann", "phone")."""

    def sit(*who: str, **more: str) -> Seat:
        seat = device(*who, **more)
        seat.address = f"http://localhost:{cable.port}"
        return seat.sign_in()

    return sit
