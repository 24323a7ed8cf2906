"""The camera as a scanner: labels read from pictures and from a camera, by the built client.

The barcodes are drawn by another program than reads them (zxing-cpp's writer, web/test/scanning);
Chromium takes a film of one for its camera. Served as the product serves it, so the reader's
WebAssembly meets the policy that pages have.
"""

import base64
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import product
from tests.browser.seat import Seat
from tools import build_web

pytestmark = pytest.mark.browser

GS = "\x1d"
ELEMENTS = "(01)00841132112939(17)280131(10)HX-77(21)SN-1"
LABELS: dict[str, tuple[dict[str, str], str]] = {
    "GS1 DataMatrix": (
        {"format": "DataMatrix", "options": "gs1,forceSquare", "text": ELEMENTS},
        f"]d201008411321129391728013110HX-77{GS}21SN-1",
    ),
    "GS1-128": (
        {"format": "Code128", "options": "gs1", "text": ELEMENTS},
        f"]C101008411321129391728013110HX-77{GS}21SN-1",
    ),
    "QR with a Digital Link": (
        {"format": "QRCode", "text": "https://id.gs1.org/01/00841132112939/10/HX-77/21/SN-1"},
        "]Q1https://id.gs1.org/01/00841132112939/10/HX-77/21/SN-1",
    ),
}
WIDTH, HEIGHT = 640, 480


def drawn(*labels: dict[str, str]) -> list[dict[str, Any]]:
    """Draw labels; each with its picture as PNG and as grey bytes."""
    done = subprocess.run(
        [build_web.node(), product.WEB / "test" / "scanning" / "draw_barcodes.ts"],
        input=json.dumps(labels),
        capture_output=True,
        check=True,
        text=True,
    )
    pictures: list[dict[str, Any]] = json.loads(done.stdout)
    return pictures


def film_of(picture: dict[str, Any], path: Path) -> Path:
    """Write a film for Chromium's camera: the label on white, in the middle, two seconds."""
    grey, wide, high = base64.b64decode(picture["grey"]), picture["width"], picture["height"]
    left, top = (WIDTH - wide) // 2, (HEIGHT - high) // 2
    frame = bytearray(b"\xeb" * (WIDTH * HEIGHT))
    for row in range(high):
        start = (top + row) * WIDTH + left
        frame[start : start + wide] = grey[row * wide : (row + 1) * wide]
    colours = b"\x80" * (WIDTH * HEIGHT // 2)
    head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(head + (b"FRAME\n" + bytes(frame) + colours) * 20)
    return path


def open_put_away(ann: Seat) -> None:
    ann.go("/start")
    ann.page.get_by_role("button", name="Start Put away", exact=True).click()
    ann.page.locator("main form").wait_for()
    ann.page.get_by_role("button", name="Scan with the camera").click()


def scanned(ann: Seat) -> dict[str, Any]:
    """Give the scan as the form keeps it in its draft."""
    label: dict[str, Any] = ann.page.evaluate(
        """async () => {
          const db = await new Promise((done) => {
            const opening = indexedDB.open("countersign-mirror");
            opening.onsuccess = () => done(opening.result);
          });
          for (;;) {
            const drafts = await new Promise((done) => {
              const asking = db.transaction("drafts").objectStore("drafts").getAll();
              asking.onsuccess = () => done(asking.result);
            });
            const label = drafts.map((draft) => draft.data?.label).find(Boolean);
            if (label) return label;
            await new Promise((again) => setTimeout(again, 50));
          }
        }"""
    )
    return label


@pytest.mark.parametrize("name", LABELS)
def test_a_label_is_read_from_a_picture(seat: Callable[..., Seat], name: str) -> None:
    drawing, raw = LABELS[name]
    (picture,) = drawn(drawing)
    ann = seat("ann", "phone")
    open_put_away(ann)
    png = {"name": "l.png", "mimeType": "image/png", "buffer": base64.b64decode(picture["png"])}
    chooser = ann.page.locator(".form-camera input[type=file]")
    expect(chooser).to_be_enabled()
    chooser.set_input_files([png])
    expect(ann.page.get_by_label("Lot", exact=False).first).to_have_value("HX-77")
    kept = scanned(ann)
    assert (kept["raw"], kept["symbology"], kept["parser"]) == (raw, raw[:3], "gs1/1")
    assert kept["elements"]["serial"] == "SN-1"
    assert ann.foreign == []
    assert ann.obstacles() == []


def test_the_camera_reads_as_a_scanner_does_and_goes_on_to_the_next_field(
    chromium: Browser, address: str, tmp_path: Path
) -> None:
    drawing, raw = LABELS["GS1 DataMatrix"]
    (picture,) = drawn({**drawing, "scale": 6})  # type: ignore[dict-item]
    film = film_of(picture, tmp_path / "label.y4m")
    with_camera = chromium.browser_type.launch(
        executable_path=product.chromium_path(),
        args=[
            *product.ARGUMENTS,
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ],
    )
    context = with_camera.new_context(viewport=product.SIZES["phone"], locale=product.LOCALES["en"])
    ann = Seat(context, address, "ann").sign_in()
    open_put_away(ann)
    expect(ann.page.get_by_label("Lot", exact=False).first).to_have_value("HX-77")
    expect(ann.page.locator("main input[id$='-location']")).to_be_focused()
    assert scanned(ann)["raw"] == raw
    assert ann.trouble == []
    assert ann.foreign == []
    with_camera.close()


def test_only_the_reader_of_pictures_may_compile_web_assembly(
    seat: Callable[..., Seat], client: Path
) -> None:
    ann = seat("ann", "phone")
    (worker,) = (client / "assets").glob("camera_worker-*.js")

    def policy(path: str) -> str:
        answer = ann.context.request.get(f"{ann.address}{path}")
        return str(answer.headers["content-security-policy"])

    assert "wasm" in policy(f"/assets/{worker.name}")
    others = [path for path in (client / "assets").glob("*.js") if path != worker]
    assert "wasm" not in "".join(policy(f"/assets/{path.name}") for path in others[:5])
    assert "wasm" not in policy("/")
