"""A large photo over a network that breaks, and a browser that is opened again: it goes on from
where it was, and the server has it whole."""

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser import product
from tests.browser.network import Cable
from tests.browser.seat import Seat, until

pytestmark = pytest.mark.browser

PART = 512 * 1024
PHOTO = b"\xff\xd8\xff" + random.Random(4).randbytes(8 * PART)  # noqa: S311  # no secret
"""Nine parts. No browser can decode it, so it travels as it is."""
UPLOAD = 1024 * 1024
"""Bytes a second."""


@pytest.fixture
def cable(address: str) -> Iterator[Cable]:
    """The only way from a browser to the server."""
    port = urlsplit(address).port
    assert port is not None
    with Cable(port) as cable:
        yield cable


def opened(chromium: Browser, profile: Path) -> BrowserContext:
    """Open a browser whose profile outlives it, on a slow network."""
    return chromium.browser_type.launch_persistent_context(
        str(profile),
        executable_path=product.chromium_path(),
        args=list(product.ARGUMENTS),
        viewport=product.SIZES["phone"],
        locale=product.LOCALES["en"],
    )


def slowed(ann: Seat) -> None:
    session = ann.context.new_cdp_session(ann.page)
    session.send("Network.enable")
    conditions = {"offline": False, "latency": 20, "downloadThroughput": -1}
    session.send("Network.emulateNetworkConditions", {**conditions, "uploadThroughput": UPLOAD})


def test_a_photo_goes_on_where_the_network_broke_off(
    chromium: Browser, cable: Cable, tmp_path: Path
) -> None:
    with opened(chromium, tmp_path / "profile") as context:
        ann = Seat(context, f"http://localhost:{cable.port}", "ann").sign_in()
        ann.go("/start")
        ann.page.get_by_role("button", name="Start Receiving", exact=True).click()
        ann.page.locator("main form").wait_for()
        step = urlsplit(ann.page.url).path
        whole = ann.page.get_by_role("radiogroup", name="Are all packages whole and dry?")
        whole.get_by_label("No", exact=True).check(force=True)
        slowed(ann)
        before = cable.carried
        photo = {"name": "box.jpg", "mimeType": "image/jpeg", "buffer": PHOTO}
        ann.page.get_by_label("Photos of the damage: Take a photo").set_input_files([photo])
        line = ann.page.locator(".form-file")
        expect(line).to_contain_text("On this device, will be sent")
        # A part goes when the server has answered for the one before it: three are kept now.
        until(lambda: cable.carried - before > 4 * PART or None, "some parts to have gone")
        cable.cut()
        expect(ann.page.locator(".work-kept")).to_contain_text("Draft kept")
        assert "Sent" not in line.inner_text()
    cable.mend()
    with opened(chromium, tmp_path / "profile") as context:
        ann = Seat(context, f"http://localhost:{cable.port}", "ann").sign_in()
        before = cable.carried
        ann.go(step)
        expect(ann.page.locator(".form-file")).to_contain_text("Sent")
        assert cable.carried - before < len(PHOTO) - 2 * PART
        digest = hashlib.sha256(PHOTO).hexdigest()
        stored = ann.context.request.get(f"{ann.address}/api/attachments/{digest}")
        assert stored.body() == PHOTO
