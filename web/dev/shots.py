"""Photograph the screens at three widths, two languages, two themes; run axe on each. Needs fake_server.py running.

    python web/dev/shots.py FOLDER [name ...]
"""

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

OUT = Path(sys.argv[1])
ONLY = set(sys.argv[2:])
BASE = "http://127.0.0.1:8123"
INST = "0193f7a2-1111-7000-8000-00000000000"
AXE = (Path(__file__).parent.parent / "node_modules/axe-core/axe.min.js").read_text()
SIZES = {"phone": (360, 640), "tablet": (768, 1024), "desktop": (1440, 900)}
SCREENS = {"worklist": "/", "work": f"/work/{INST}1.1", "claim": f"/work/{INST}0.3", "start": "/start", "records": "/records", "instance": f"/records/{INST}1", "history": f"/records/{INST}1#history",
           "stock": "/stock", "lot": "/stock/lots/0", "settings": "/settings", "verification": "/verification", "sent": "/sent", "sign": f"/work/{INST}1.1#sign"}
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def prepare(page: Page, name: str) -> None:
    if name == "history":
        page.locator(".instance-tools .segments label").nth(1).click()
        page.wait_for_selector(".history")
    if name == "sign":
        page.locator(".work-footer button[type=submit]").click()
        page.wait_for_selector("dialog[open]")
    if name == "verification":
        page.locator("main button[data-kind=primary]").click()
        page.wait_for_selector(".notice")
    if name == "instance":
        page.wait_for_selector(".djs-overlay", timeout=15000)


def check(page: Page, label: str) -> None:
    page.evaluate(AXE)
    found = page.evaluate("async () => (await axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']})).violations.map(v => v.id + ' ×' + v.nodes.length + ' ' + v.nodes[0].target + ' ' + v.nodes[0].failureSummary.slice(0, 200))")
    small = page.evaluate("""() => [...document.querySelectorAll('a,button,input,select,textarea,summary,[role=button]')].filter(e => !e.closest('label') && !e.closest('dl,td,.djs-container,p:not(.row),.bjs-powered-by,.segments,.notice p')).filter(e => e.checkVisibility() && !e.classList.contains('skip') && !e.classList.contains('visually-hidden')).map(e => [e, e.getBoundingClientRect()]).filter(([e, r]) => r.width && (r.height < 44 || r.width < 44)).map(([e, r]) => e.tagName + '.' + e.className + ' ' + Math.round(r.width) + 'x' + Math.round(r.height))""")
    wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    if found or small or wide > 0:
        print(label, "axe:", found, "small:", small[:5], "overflow:", wide)


with sync_playwright() as p:
    browser = p.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
    OUT.mkdir(parents=True, exist_ok=True)
    for size, (w, h) in SIZES.items():
        for language, theme in (("zh-CN", "light"), ("en-GB", "dark")) if size != "phone" else (("zh-CN", "light"), ("en-GB", "dark"), ("en-GB", "light")):
            context = browser.new_context(viewport={"width": w, "height": h}, locale=language, color_scheme=theme, service_workers="block", has_touch=size != "desktop")
            page = context.new_page()
            page.on("console", lambda m: print("console", m.type, m.text[:300]) if m.type in ("error", "warning") and "401" not in m.text and "Service Worker" not in m.text else None)
            page.on("pageerror", lambda e: print("pageerror", str(e)[:400]))
            page.goto(BASE)
            tag = f"{size}-{language[:2]}-{theme}"
            page.wait_for_selector(".demo-account")
            if not ONLY or "signin" in ONLY:
                check(page, f"signin {tag}")
                page.screenshot(path=str(OUT / f"signin-{tag}.png"))
            page.locator(".demo-account").nth(1).click()
            page.locator("button[type=submit]").click()
            page.wait_for_selector(".worklist")
            for name, path in SCREENS.items():
                if ONLY and name not in ONLY:
                    continue
                page.goto(BASE + path)
                page.wait_for_selector("h1")
                page.wait_for_timeout(700)
                try:
                    prepare(page, name)
                except Exception as error:  # noqa: BLE001
                    print(name, tag, "could not be prepared", str(error)[:200])
                page.wait_for_timeout(300)
                check(page, f"{name} {tag}")
                page.screenshot(path=str(OUT / f"{name}-{tag}.png"), full_page=name in ("history", "instance"))
            page.evaluate("fetch('/api/session', {method: 'DELETE'})")
            context.close()
    browser.close()
