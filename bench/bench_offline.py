"""How the client feels on a handheld whose server is gone: the bounds of issue 4, processor 4 times
slower.

An enrolled device with a shift's work on it. The cable between it and the server is cut for good
(tests/browser/network.py), so that nothing can be answered by chance; then the app is opened again
and again, a form is opened by its address, keys are typed, labels are scanned as a wedge types
them. The slower processor is that of the page; the service worker runs at the machine's own speed.
"""

import json
import shutil
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page

from api import installation
from api.context import EngineAccess
from bench.measuring import Figure, Figures
from engine.commands.process_instances import StartProcessInstance
from engine.dispatcher import Dispatcher
from engine.identifiers import new_id
from engine.identities import accounts
from engine.outcomes import Accepted
from engine.store.database import Database
from engine.store.migration import migrate
from processes import migrations
from tests.browser import product
from tests.browser.network import Cable
from tests.browser.seat import Seat, until

RUNS = 7
SLOWER = 4
WORK = 40
"""What a storekeeper has on the list at the beginning of a shift."""
LIST, FORM = ".work-row", "main form input[data-scan-field=barcode]"
LABEL, PLACE = "]d201008411321129391728013110HX-77", "Q-01"
TYPED = "DN 2026-11-23 / 4711 Huaxin"


def measure() -> Figures:
    """Measure the four figures in one device without a server."""
    folder = Path(tempfile.mkdtemp(prefix="countersign-offline-"))
    database = Database(f"sqlite:///{folder / 'bench.sqlite3'}")
    migrate(database, migrations.FOLDERS)
    try:
        dispatcher = installation.dispatcher(database)
        installation.prepare(dispatcher, product.TENANT, demo=True)
        access = EngineAccess(
            dispatcher=dispatcher,
            tenant=product.TENANT,
            demo_accounts=installation.demo_accounts(),
        )
        _give_work(database, dispatcher)
        with product.served(access, product.copy_of_client(folder)) as address:
            port = urlsplit(address).port
            assert port is not None
            with Cable(port) as cable, product.chromium() as browser:
                context = browser.new_context(
                    viewport=product.SIZES["phone"], locale=product.LOCALES["en"]
                )
                return _measure(Seat(context, f"http://localhost:{cable.port}", "ann"), cable)
    finally:
        database.dispose()
        shutil.rmtree(folder)


def _give_work(database: Database, dispatcher: Dispatcher) -> None:
    """Start put-aways for the storekeeper, each with a step that is scanned."""
    with database.reading() as db:
        ann = accounts.find_by_username(db, product.TENANT, "ann")
    assert ann is not None
    for _ in range(WORK):
        command = StartProcessInstance(command_id=new_id(), process_id="put_away")
        assert isinstance(dispatcher.dispatch(command, ann.actor()), Accepted)


def _measure(ann: Seat, cable: Cable) -> Figures:
    ann.sign_in()
    page = ann.page
    _enrol(ann)
    # Receiving has the most to type and to fill of what a storekeeper does.
    ann.go("/start")
    page.get_by_role("button", name="Start Receiving", exact=True).click()
    page.locator("main form").wait_for()
    receiving = str(urlsplit(page.url).path)
    page.locator("a.state[href='/sent']").wait_for(state="detached")
    offered = [
        each["work_item_id"]
        for each in ann.ask("/api/worklist")["items"]
        if each["activity_names"]["en"] == "Scan what and where"
    ]
    put_aways = [f"/work/{each}" for each in offered[: RUNS + 1]]
    assert len(put_aways) > RUNS
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    # Each scan needs a form that nobody has begun.
    for path in (*put_aways, receiving, "/"):
        ann.go(path)
        page.locator(LIST if path == "/" else FORM).first.wait_for()
    until(lambda: _is_kept(page), "the worklist and the forms to be kept on the device")
    page.add_init_script(_WATCH)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    cable.cut()
    at, fresh = ann.address, iter(put_aways)
    return {
        "offline_open_s": _again(lambda: _time_to(page, f"{at}/", LIST) / 1000, "s"),
        "offline_form_s": _again(lambda: _time_to(page, f"{at}{receiving}", FORM) / 1000, "s"),
        "key_to_paint_ms": _again(lambda: _slowest_key(page, f"{at}{receiving}"), "ms"),
        "scan_to_next_ms": _again(lambda: _scan_to_next(page, f"{at}{next(fresh)}"), "ms"),
    }


def _enrol(ann: Seat) -> None:
    ann.go("/device")
    ann.page.get_by_label("Name of the device").fill("H-1")
    ann.page.get_by_role("button", name="Enrol", exact=True).click()
    ann.page.locator("#device-ready").wait_for()


def _is_kept(page: Page) -> bool | None:
    """Look whether the list and the work items lie in the device's copies."""
    words: list[str] = page.evaluate(_KEPT)
    return True if words.count("work-item") > RUNS + 1 and "worklist" in words else None


def _again(action: Callable[[], float], unit: str) -> Figure:
    action()  # the first time parts are compiled that every later one has
    values = [action() for _ in range(RUNS)]
    return {
        "value": statistics.median(values),
        "low": min(values),
        "high": max(values),
        "unit": unit,
    }


def _time_to(page: Page, url: str, selector: str) -> float:
    """Open an address; give the milliseconds until something of it has been painted."""
    page.goto(url)
    page.locator(selector).first.wait_for()
    at: float = page.evaluate("(selector) => globalThis.paintedAt(selector)", selector)
    return at


def _slowest_key(page: Page, url: str) -> float:
    """Type into a form; give the longest time from a key to the frame that shows it."""
    page.goto(url)
    field = page.get_by_label("Delivery note number")
    field.fill("")
    field.click()
    for key in TYPED:
        page.keyboard.press(key)
        page.wait_for_timeout(60)
    assert field.input_value() == TYPED
    keys: list[float] = page.evaluate("() => globalThis.keys")
    assert len(keys) >= len(TYPED)
    return max(keys)


def _scan_to_next(page: Page, url: str) -> float:
    """Scan a label; give the time from its last key to the frame with the next field focused."""
    page.goto(url)
    page.locator(f"{FORM}:focus").wait_for()
    page.keyboard.type(LABEL)
    page.keyboard.press("Enter")
    page.locator("main input[id$='-location']:focus").wait_for()
    lot = page.locator("main input[id$='-lot_number']")
    assert lot.input_value() == "HX-77"
    spent: float = page.evaluate("() => globalThis.focusedAt - globalThis.enteredAt")
    return spent


_KEPT = """async () => {
  const db = await new Promise((done) => {
    const opening = indexedDB.open("countersign-mirror");
    opening.onsuccess = () => done(opening.result);
  });
  const keys = await new Promise((done) => {
    const asking = db.transaction("copies").objectStore("copies").getAllKeys();
    asking.onsuccess = () => done(asking.result);
  });
  db.close();
  return keys.map(([, key]) => JSON.parse(key)[0]);
}"""

_WATCH = f"""(() => {{
  const painted = new Map();
  // A task after the frame's callbacks: the frame has been handed over to be shown.
  const afterFrame = (act) => requestAnimationFrame(() => {{
    const {{ port1, port2 }} = new MessageChannel();
    port1.onmessage = () => act(performance.now());
    port2.postMessage(null);
  }});
  const look = () => {{
    for (const selector of {json.dumps([LIST, FORM])})
      if (!painted.has(selector) && document.querySelector(selector) !== null) {{
        painted.set(selector, null);
        afterFrame((at) => painted.set(selector, at));
      }}
    requestAnimationFrame(look);
  }};
  look();
  globalThis.paintedAt = async (selector) => {{
    while (typeof painted.get(selector) !== "number")
      await new Promise((again) => setTimeout(again, 5));
    return painted.get(selector);
  }};
  globalThis.keys = [];
  addEventListener("keydown", (event) => {{
    if (event.key === "Enter") globalThis.enteredAt = event.timeStamp;
    else afterFrame((at) => globalThis.keys.push(at - event.timeStamp));
  }}, {{ capture: true }});
  addEventListener("focusin", () => afterFrame((at) => {{ globalThis.focusedAt = at; }}),
    {{ capture: true }});
}})()"""
