"""How the client feels to a worker with a cheap phone on a poor network: the budgets of
design/frontend.md 7, over the real server with demo data.

Lighthouse (its mobile profile: slow 4G, processor 4 times slower, simulated) opens the worklist and
a form by its address, signed in and with nothing kept on the device. Then Playwright, with the
processor 6 times slower, measures what Lighthouse does not: from the list to the form, the worst
answer to a touch, and the starts of the installed client with and without a network.
"""

import json
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from bench.measuring import Figure, Figures
from engine.store.database import Database
from engine.store.migration import migrate
from processes import migrations
from tests.browser import inspection, product
from tests.browser.seat import Seat
from tools import build_web

FOLDER = Path(__file__).parent / "lighthouse"
LIGHTHOUSE = FOLDER / "node_modules" / "lighthouse" / "cli" / "index.js"
RUNS = 5
DELIVERIES = 4
SLOWER = 6
LIST, FORM = ".work-row", "main form input"


def measure() -> Figures:
    """Measure the worklist and a form, as Lighthouse sees them and as a person feels them."""
    _install()
    folder = Path(tempfile.mkdtemp(prefix="countersign-lighthouse-"))
    database = Database(f"sqlite:///{folder / 'bench.sqlite3'}")
    migrate(database, migrations.FOLDERS)
    try:
        with product.serving(database, product.copy_of_client(folder)) as address:
            return _measure(address, folder)
    finally:
        database.dispose()
        shutil.rmtree(folder)


def _install() -> None:
    """Install Lighthouse as locked, unless it is there: it comes with no other command."""
    build_web.install_packages(FOLDER, "Lighthouse")


def _measure(address: str, folder: Path) -> Figures:
    with product.chromium() as browser:
        ann = Seat(browser.new_context(), address, "ann").sign_in()
        for _ in range(DELIVERIES):
            inspection.receive(ann)
    with _phone(folder / "profile") as context:
        ben = Seat(context, address, "ben").sign_in()
        item = ben.offered("Check the documents")
        # A page of ours at work while Lighthouse clears what it keeps held Lighthouse up for 45 s.
        ben.page.goto("about:blank")
        port = (folder / "profile" / "DevToolsActivePort").read_text().splitlines()[0]
        pages = {"worklist": "/", "form": f"/work/{item}"}
        figures: Figures = {}
        for name, path in pages.items():
            reports = [_lighthouse(f"{address}{path}", port, folder) for _ in range(RUNS)]
            figures |= {
                f"{name}_lcp_s": _of(reports, "largest-contentful-paint", "s", 1000),
                f"{name}_tbt_ms": _of(reports, "total-blocking-time", "ms"),
                f"{name}_cls": _of(reports, "cumulative-layout-shift", ""),
                f"{name}_accessibility_missing": _missing(reports),
            }
        return figures | _felt(ben, item)


@contextmanager
def _phone(profile: Path) -> Iterator[BrowserContext]:
    """Open a browser with a profile of its own, where Lighthouse finds who is signed in."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(profile),
            executable_path=product.chromium_path(),
            args=[*product.ARGUMENTS, "--remote-debugging-port=0"],
            viewport=product.SIZES["phone"],
            locale=product.LOCALES["en"],
        )
        yield context
        context.close()


def _lighthouse(url: str, port: str, folder: Path) -> dict[str, Any]:
    """Run Lighthouse once; give its report."""
    report = folder / "report.json"
    done = subprocess.run(  # noqa: S603  # our own Node runs our own locked script
        [
            build_web.node(),
            LIGHTHOUSE,
            url,
            f"--port={port}",
            "--quiet",
            "--output=json",
            f"--output-path={report}",
            "--only-categories=performance,accessibility",
        ],
        check=False,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=180,
    )
    if done.returncode != 0:
        raise RuntimeError(f"Lighthouse could not measure {url}: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    shown = found["finalDisplayedUrl"]
    assert shown == url, f"Lighthouse saw {shown}"
    return found


def _of(reports: list[dict[str, Any]], audit: str, unit: str, per: float = 1) -> Figure:
    return _spread([each["audits"][audit]["numericValue"] / per for each in reports], unit)


def _missing(reports: list[dict[str, Any]]) -> Figure:
    """Give how many points of 100 the accessibility score lacks."""
    scores = [each["categories"]["accessibility"]["score"] for each in reports]
    return _spread([round(100 * (1 - score)) for score in scores], "points")


def _spread(values: list[float], unit: str) -> Figure:
    return {
        "value": statistics.median(values),
        "low": min(values),
        "high": max(values),
        "unit": unit,
    }


def _felt(ben: Seat, item: str) -> Figures:
    """Measure in the installed client with a slow processor."""
    page = ben.page
    form = f"/work/{item}"
    ben.go("/")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    ben.go(form)  # what an open work item needs is on the device from now on
    page.locator(FORM).first.wait_for()
    page.add_init_script(_WATCH)
    slow = page.context.new_cdp_session(page)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    figures = {
        "warm_start_ms": _again(lambda: _time_to(page, f"{ben.address}/", LIST)),
        "list_to_form_ms": _again(lambda: _list_to_form(ben, item)),
    }
    figures["worst_interaction_ms"] = _worst_interaction(ben, item)
    page.context.set_offline(offline=True)
    figures |= {
        "offline_start_ms": _again(lambda: _time_to(page, f"{ben.address}/", LIST)),
        "offline_form_ms": _again(lambda: _time_to(page, f"{ben.address}{form}", FORM)),
    }
    page.context.set_offline(offline=False)
    return figures


def _again(action: Callable[[], float]) -> Figure:
    return _spread([action() for _ in range(RUNS)], "ms")


def _time_to(page: Page, url: str, selector: str) -> float:
    """Open an address; give the milliseconds until something is on the screen."""
    page.goto(url)
    return _seen_at(page, selector)


def _seen_at(page: Page, selector: str) -> float:
    page.locator(selector).first.wait_for()
    at: float = page.evaluate("(selector) => globalThis.seenAt(selector)", selector)
    return at


def _list_to_form(ben: Seat, item: str) -> float:
    ben.go("/")
    ben.page.locator(f"main a[href='/work/{item}']").click()
    return _seen_at(ben.page, FORM) - float(ben.page.evaluate("globalThis.touchedAt"))


def _worst_interaction(ben: Seat, item: str) -> Figure:
    """Fill in a form as people do; give the longest time from a touch or a key to its answer."""

    def once() -> float:
        _list_to_form(ben, item)
        inspection.tick_all(ben, "Conforms")
        inspection.tick_all(ben, "Yes")
        ben.ask_to_sign()
        ben.page.get_by_label(ben.word("sign.username")).press_sequentially("ben")
        worst: float = ben.page.evaluate("globalThis.worstInteraction()")
        return worst

    return _again(once)


_WATCH = f"""(() => {{
  const seen = new Map();
  const look = () => {{
    for (const selector of {json.dumps([LIST, FORM])})
      if (!seen.has(selector) && document.querySelector(selector) !== null)
        seen.set(selector, performance.now());
    requestAnimationFrame(look);
  }};
  look();
  globalThis.seenAt = (selector) => seen.get(selector) ?? performance.now();
  addEventListener("click", (event) => {{
    globalThis.touchedAt = event.timeStamp;
    seen.delete({json.dumps(FORM)});
  }}, {{ capture: true }});
  let worst = 0;
  new PerformanceObserver((list) => {{
    for (const entry of list.getEntries())
      if (entry.interactionId > 0) worst = Math.max(worst, entry.duration);
  }}).observe({{ type: "event", durationThreshold: 16, buffered: true }});
  globalThis.worstInteraction = () => worst;
}})()"""
