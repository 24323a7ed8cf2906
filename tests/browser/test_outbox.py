"""The device's outbox in a real browser: three tabs at once, and a browser that is killed.

The pages are the product's, and so is the part of the client that keeps commands; only the key is
put in by hand, so that nothing but the store is looked at here (test_device.py enrols).
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from base64 import urlsafe_b64decode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from playwright.sync_api import Browser

from engine.canonical import canonical_bytes, domain_hash
from tests.browser import product
from tests.browser.seat import Seat

pytestmark = pytest.mark.browser

GENESIS = "9" * 64
TABS = 3
APPENDS = 60

_ENROL = """async ([engine, genesis]) => {
  await (await import(engine)).readKept();
  const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
  const row = {
    device: "0193f7a2-0d00-7000-8000-00000000000d", name: "Handheld", kind: "handheld", epoch: 1,
    algorithm: "Ed25519", key: pair.privateKey, public_key: "", box: null, server_keys: [],
    token: null, kinds: ["process_instance.start"], policy: {}, meaning: null,
    leases: { ann: { id: crypto.randomUUID(), since: "2026-01-01", until: "2100-01-01" } },
    enrolled_at: "", state: "enrolled", heard_at: null,
  };
  const db = await new Promise((done, failed) => {
    const opening = indexedDB.open("countersign-outbox");
    opening.onsuccess = () => done(opening.result);
    opening.onerror = () => failed(opening.error);
  });
  const transaction = db.transaction(["device", "head"], "readwrite");
  transaction.objectStore("device").put(row, "device");
  transaction.objectStore("head").put({ epoch: 1, seq: 0, hash: genesis }, "head");
  await new Promise((done) => { transaction.oncomplete = done; });
  db.close();
  return [...spki];
}"""
"""Make this browser an enrolled device; gives the public key."""

_APPEND = """async ([engine, tab, count]) => {
  const { keep } = await import(engine);
  const person = { id: "u-ann", username: "ann" };
  for (let n = 0; n < count; n++) {
    const instance = crypto.randomUUID();
    const kept = await keep({
      name: "start-process-instance", fields: {}, about: { en: "Start", zh: "发起" },
      subject: {
        kind: "process_instance.start", tenant: "main", instance,
        target: { process_instance: instance, process: "receiving" },
        definition: { process: "receiving", version: "1", hash: "a".repeat(64), form: null },
        data: { note: `${tab}/${n}` }, before: {}, why: null,
      },
    }, person, null);
    window.saved?.(kept.command_id);
  }
}"""
"""Keep commands, as a screen does that starts a process; tells of each that is called saved."""

_READ = """async () => {
  const db = await new Promise((done) => {
    const opening = indexedDB.open("countersign-outbox");
    opening.onsuccess = () => done(opening.result);
  });
  const all = (store) => new Promise((done) => {
    const asking = db.transaction(store).objectStore(store).getAll();
    asking.onsuccess = () => done(asking.result);
  });
  const [entries, [head]] = await Promise.all([all("entries"), all("head")]);
  return { entries, head };
}"""


def engine_of(client: Path) -> str:
    """Give the address of the part of the client that keeps commands."""
    parts = json.loads((client / ".vite" / "manifest.json").read_text(encoding="utf-8"))
    return f"/{parts['src/pending/engine.ts']['file']}"


def verify_chain(read: dict[str, Any], key: bytes) -> list[dict[str, Any]]:
    """Verify each envelope as the server does; give the records."""
    public = load_der_public_key(key)
    assert isinstance(public, Ed25519PublicKey)
    records, prev = [], GENESIS
    for place, entry in enumerate(read["entries"], start=1):
        envelope = json.loads(entry["envelope"])
        content = entry["envelope"].encode()
        assert canonical_bytes(envelope) == content
        assert (envelope["chain"]["seq"], envelope["chain"]["prev"]) == (str(place), prev)
        digest = domain_hash("countersign-envelope-v1", content)
        public.verify(_unpadded(entry["signature"]), b"countersign-command-v1\0" + digest)
        prev = digest.hex()
        records.append(envelope["record"])
    assert read["head"] == {"epoch": 1, "seq": len(records), "hash": prev}
    return records


def _unpadded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_three_tabs_keep_everything_in_one_chain(device: Callable[..., Seat], client: Path) -> None:
    engine = engine_of(client)
    seat = device("ann", "phone")
    seat.page.goto(seat.address)
    key = bytes(seat.page.evaluate(_ENROL, [engine, GENESIS]))
    tabs = [seat.page, *(seat.context.new_page() for _ in range(TABS - 1))]
    for number, tab in enumerate(tabs):
        tab.goto(seat.address)
        # Not waited for here: all tabs write at the same time.
        tab.evaluate(
            f"(given) => {{ window.done = ({_APPEND})(given).then(() => true); }}",
            [engine, number, APPENDS],
        )
    for tab in tabs:
        assert tab.evaluate("() => window.done")
    records = verify_chain(tabs[0].evaluate(_READ), key)
    notes = [record["data"]["note"] for record in records]
    assert len(notes) == TABS * APPENDS
    assert len(set(notes)) == TABS * APPENDS
    for number in range(TABS):  # and each tab's own in the order in which it made them
        own = [note for note in notes if note.startswith(f"{number}/")]
        assert own == [f"{number}/{n}" for n in range(APPENDS)]


_WRITER = """
import sys
from playwright.sync_api import sync_playwright
path, profile, address, engine, genesis, enrol, append, *arguments = sys.argv[1:]
with sync_playwright() as playwright:
    context = playwright.chromium.launch_persistent_context(
        profile, executable_path=path, args=arguments
    )
    page = context.new_page()
    page.expose_function("saved", lambda saved: print(saved, flush=True))
    page.goto(address)
    print(*page.evaluate(enrol, [engine, genesis]), flush=True)
    page.evaluate(append, [engine, 0, 100_000])
"""
"""Writes in a browser of its own and tells each line by line; never ends by itself."""


def told_until_killed(address: str, engine: str, profile: Path, count: int) -> list[str]:
    """Let a browser write, and kill it with all its processes and its driver when it has told so
    many: a driver in this process would wait for the browser that is gone."""
    given = [address, engine, GENESIS, _ENROL, _APPEND]
    writer = subprocess.Popen(
        [
            sys.executable,
            "-c",
            _WRITER,
            product.chromium_path(),
            str(profile),
            *given,
            *product.ARGUMENTS,
        ],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert writer.stdout is not None
    told = []
    with writer:
        try:
            for line in writer.stdout:
                told.append(line.strip())
                if len(told) > count:
                    break
        finally:
            _kill(writer.pid, profile)
        # What was on its way through the pipe was called saved too.
        told += [line.strip() for line in writer.stdout if line.endswith("\n")]
    return told


def _kill(session: int, profile: Path) -> None:
    """Kill a session of processes, and what has left it but works on the same profile."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # gone meanwhile
            pid, command = int(process.name), (process / "cmdline").read_bytes()
            if os.getsid(pid) == session or str(profile).encode() in command:
                os.kill(pid, signal.SIGKILL)


def test_a_killed_browser_has_kept_what_it_called_saved(
    chromium: Browser, address: str, client: Path, tmp_path: Path
) -> None:
    """The browser dies in the middle of writing; what a page was told is saved is there after it.

    Every process of the browser is killed, as by a handheld that hangs; that the disk loses power
    is a matter of the strict transactions and cannot be tried here.
    """
    engine, profile = engine_of(client), tmp_path / "profile"
    key, *told = told_until_killed(address, engine, profile, 40)
    with chromium.browser_type.launch_persistent_context(
        str(profile), executable_path=product.chromium_path(), args=list(product.ARGUMENTS)
    ) as context:
        page = context.new_page()
        page.goto(address)
        records = verify_chain(page.evaluate(_READ), bytes(map(int, key.split())))
    shutil.rmtree(profile, ignore_errors=True)
    assert len(told) >= 40
    assert set(told) <= {record["id"] for record in records}
