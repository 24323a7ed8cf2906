"""The built client as it is served: compressed, kept for ever where the name carries the content's
hash and asked for again where it does not; and a manifest by which it can be installed."""

import gzip
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brotli
import pytest

from engine.store.database import Database
from tests.api.conftest import Server

DIST = Path(__file__).parents[2] / "web" / "dist"
TEXT = {".css", ".js", ".json", ".svg", ".wasm", ".webmanifest"}
SMALLEST = 256
"""Bytes below which compressing wins nothing (tools/build_web.py)."""
A_YEAR = 31_536_000
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}

Get = Callable[..., Any]


@pytest.fixture
def get(sqlite: Database) -> Get:
    """Ask the server of the built client for a file."""
    assert (DIST / "index.html").is_file(), "the client is not built: run `make test`"
    client = Server(sqlite, DIST).app.test_client()

    def ask(path: str, accepted: str = "") -> Any:
        answer = client.get(path, headers={"Accept-Encoding": accepted})
        answer.get_data()
        answer.close()
        return answer

    return ask


def files() -> list[Path]:
    """Every file of the client but the page and the compressed ones beside them."""
    return [
        path
        for path in sorted(DIST.rglob("*"))
        if path.is_file() and path.suffix not in {".br", ".gz", ".html"} and path.name[0] != "."
    ]


def test_what_is_text_comes_compressed(get: Get) -> None:
    compressed = [
        path for path in files() if path.suffix in TEXT and path.stat().st_size >= SMALLEST
    ]
    assert len(compressed) > 20
    for path in compressed:
        address = f"/{path.relative_to(DIST).as_posix()}"
        whole = path.read_bytes()
        by_brotli, by_gzip = get(address, "gzip, br"), get(address, "gzip")
        plain = get(address, "identity")
        assert by_brotli.headers["Content-Encoding"] == "br", address
        assert by_gzip.headers["Content-Encoding"] == "gzip", address
        assert "Content-Encoding" not in plain.headers, address
        assert brotli.decompress(by_brotli.data) == whole
        assert gzip.decompress(by_gzip.data) == whole
        assert plain.data == whole
        assert len(by_brotli.data) < len(whole)
        for answer in (by_brotli, by_gzip, plain):
            assert "Accept-Encoding" in answer.headers["Vary"], address


def test_what_is_named_by_its_content_is_kept_for_ever(get: Get) -> None:
    for path in files():
        address = f"/{path.relative_to(DIST).as_posix()}"
        answer = get(address, "br")
        assert answer.status_code == 200, address
        kept = {part.strip() for part in answer.headers["Cache-Control"].split(",")}
        if path.parent.name == "assets":
            (age,) = [part for part in kept if part.startswith("max-age=")]
            assert kept == {age, "public", "immutable"}, address
            assert int(age.removeprefix("max-age=")) >= A_YEAR, address
        else:
            assert kept == {"no-cache"}, address
        assert answer.content_type.split(";")[0] == TYPES.get(path.suffix, answer.content_type)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"], address
        assert answer.headers["X-Content-Type-Options"] == "nosniff", address
    page = get("/")
    assert page.headers["Cache-Control"] == "no-cache"  # it names the version in force


def test_it_can_be_installed(get: Get) -> None:
    page = get("/").get_data(as_text=True)
    assert 'rel="manifest"' in page
    answer = get("/manifest.webmanifest")
    manifest = json.loads(answer.data)
    assert "Countersign" in manifest["name"]
    assert "会签" in manifest["name"]
    assert len(manifest["short_name"]) <= 12  # what fits under an icon
    told = {key: manifest[key] for key in ("id", "start_url", "scope", "display", "lang")}
    assert told == {
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "lang": "en",
    }
    assert get(manifest["start_url"]).status_code == 200
    assert f'content="{manifest["theme_color"]}"' in page


def test_each_icon_has_the_size_that_it_says(get: Get) -> None:
    icons = json.loads(get("/manifest.webmanifest").data)["icons"]
    for icon in icons:
        answer = get(icon["src"])
        assert answer.status_code == 200, icon
        assert answer.content_type.split(";")[0] == icon["type"]
        if icon["type"] == "image/png":
            assert answer.data[:8] == b"\x89PNG\r\n\x1a\n"
            width, height = struct.unpack(">II", answer.data[16:24])
            assert icon["sizes"] == f"{width}x{height}"
        else:
            assert icon["sizes"] == "any"
            assert b"<svg" in answer.data
    sizes = {icon["sizes"] for icon in icons if "purpose" not in icon}
    assert {"192x192", "512x512"} <= sizes  # what browsers ask for before they offer to install
    assert [icon["sizes"] for icon in icons if icon.get("purpose") == "maskable"] == ["512x512"]
