"""The product as it is really served: `countersign serve` in a process of its own, spoken to over
HTTP, stopped by the signal that a machine sends; with waitress, and with granian where chosen."""

import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest

from engine.identifiers import new_id
from processes import demo
from tests.command_line import ROOT, command, countersign, environment

ANN = next(each for each in demo.accounts() if each["username"] == "ann")
PATIENCE = 120
"""Seconds for the server to come up, to answer, and to end, on a machine with much else to do."""
NOTICE = {
    "notice": "S-1001/ASN-1",
    "supplier": "S-1001",
    "delivery_note": "DN-1",
    "lines": [{"item_number": "00841132112939", "supplier_lot": "HX-1", "quantity": "10"}],
}


class Caller:
    """Someone who speaks HTTP with a server: cookies and CSRF token are kept."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.csrf = ""

    def ask(self, method: str, path: str, body: Any = None) -> tuple[HTTPResponse, bytes]:
        headers = {"X-CSRF-Token": self.csrf, "Accept-Language": "en"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={v}" for name, v in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: each.value for name, each in SimpleCookie(line).items()}
        return answer, content

    def got(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        answer, content = self.ask(method, path, body)
        assert answer.status == status, content
        return json.loads(content)

    def sign_in(self, account: Mapping[str, Any]) -> None:
        self.csrf = self.got("GET", "/api/session", status=401)["csrf"]
        body = {"username": account["username"], "password": account["password"]}
        self.csrf = self.got("POST", "/api/session", body)["csrf"]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


def until(what: Callable[[], Any], server: "subprocess.Popen[str]") -> Any:
    """Ask until there is an answer; fail when the server ended, or after PATIENCE."""
    last = time.monotonic() + PATIENCE
    while time.monotonic() < last:
        assert server.poll() is None, f"the server ended: {server.returncode}"
        try:
            found = what()
        except OSError:  # it does not listen yet
            found = None
        if found:
            return found
        time.sleep(0.1)
    pytest.fail(f"nothing came in {PATIENCE} seconds")


@contextmanager
def serving(home: Path, server: str) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """Serve the product over the data in `home`; give port and process once it answers."""
    port = free_port()
    with (
        (home / "said.txt").open("w", encoding="utf-8") as said,
        subprocess.Popen(
            command("serve", "--demo", "--port", str(port), "--server", server),
            stdout=said,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
            env=environment(home),
        ) as process,
    ):
        try:
            until(lambda: Caller(port).ask("GET", "/api/session"), process)
            yield port, process
        finally:
            if process.poll() is None:
                process.kill()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo's database, as `countersign init --demo` leaves it."""
    folder = tmp_path_factory.mktemp("served")
    made = countersign(folder, "init", "--demo")
    assert made.returncode == 0, made.stdout + made.stderr
    return folder


@pytest.mark.parametrize("server", ["waitress", "granian"])
def test_the_product_is_served(home: Path, server: str) -> None:
    with serving(home, server) as (port, process):
        ann = Caller(port)
        shown = ann.got("GET", "/api/session", status=401)
        assert ANN["username"] in [each["username"] for each in shown["demo_accounts"]]
        ann.got("GET", "/api/worklist", status=401)
        ann.sign_in(ANN)
        assert ann.got("GET", "/api/session")["user"]["username"] == "ann"
        page, content = ann.ask("GET", "/work")
        assert page.status == 200
        assert b"Countersign" in content
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        too_much = {"username": "x" * 2_000_000, "password": "x"}
        refused = ann.got("POST", "/api/session", too_much, status=413)
        assert refused["status"] == 413
        _the_background_works(ann, server, process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    said = (home / "said.txt").read_text(encoding="utf-8")
    assert "Traceback" not in said, said
    assert ("granian" in said) == (server == "granian"), said
    verified = countersign(home, "verify")
    assert "The record is whole." in verified.stdout, verified.stdout


def _the_background_works(ann: Caller, notice: str, process: "subprocess.Popen[str]") -> None:
    """What another system announces is begun by the outbox of the same server."""
    payload = {**NOTICE, "notice": f"S-1001/{notice}"}
    body = {"command_id": str(new_id()), "name": "shipping.announced", "payload": payload}
    taken = ann.got("POST", "/api/commands/hand-in-message", body)
    assert taken["result"]["new"] is True

    def received() -> bool:
        items = ann.got("GET", "/api/worklist")["items"]
        return any(each["activity_id"] == "Receive" for each in items if notice in each["title"])

    assert until(received, process)
