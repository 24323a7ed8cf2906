"""Takes pictures of the sample forms at three widths, in both languages, light and dark; checks them with axe.

    python web/dev/forms/shots.py [name …]     after `vite build --config dev/forms/vite.config.ts` and make_samples.py
Pictures go to test-results/forms/.
"""

import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PICTURES = ROOT / "test-results" / "forms"
AXE = (ROOT / "web/node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync"]
WIDTHS = ((360, 640), (768, 1024), (1440, 900))
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SMALL = """() => [...document.querySelectorAll('.form button, .form input:not([type=file]):not([type=radio]):not([type=checkbox]), .form select, .form textarea, .form a, .form-segment, .form-check, .form-file-button')]
  .filter(e => e.offsetParent).map(e => [e.tagName, e.className, e.getBoundingClientRect()]).filter(([, , r]) => Math.round(r.height) < 44 || Math.round(r.width) < 44)
  .map(([t, c, r]) => `${t}.${c} ${Math.round(r.width)}x${Math.round(r.height)}`)"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def serve() -> str:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=HERE / "dist"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def check(page: Page, name: str) -> int:
    """Violations of axe and targets under 44 px, printed."""
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    for one in found:
        print("  axe", name, one["id"], one["impact"], [node["html"][:140] for node in one["nodes"]][:3])
    small = page.evaluate(SMALL)
    if small:
        print("  small", name, small[:6])
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if wide > 0:
        print("  too wide", name, wide)
    return len(found) + len(small)


def main() -> int:
    names = sys.argv[1:] or ["inspection", "measure_samples", "receive_lot", "every_field"]
    PICTURES.mkdir(parents=True, exist_ok=True)
    address = serve()
    bad = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        for name in names:
            for width, height in WIDTHS:
                for language, theme in (("zh", "light"), ("en", "dark")):
                    context = browser.new_context(viewport={"width": width, "height": height}, bypass_csp=False)
                    page = context.new_page()
                    page.on("console", lambda m: m.type in {"error", "warning"} and print("  console", m.text[:300]))
                    page.on("pageerror", lambda e: print("  page error", str(e)[:600]))
                    page.goto(f"{address}/index.html?form={name}&language={language}&theme={theme}")
                    page.wait_for_selector("form .form-field")
                    page.wait_for_timeout(400)
                    label = f"{name}-{width}-{language}-{theme}"
                    bad += check(page, label)
                    page.screenshot(path=PICTURES / f"{label}.png", full_page=True)
                    page.click("button[form=form]")
                    page.wait_for_selector(".form-summary")
                    bad += check(page, label + "-errors")
                    page.screenshot(path=PICTURES / f"{label}-errors.png", full_page=True)
                    context.close()
        browser.close()
    print("problems:", bad)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
