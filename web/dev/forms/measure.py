"""How long a person waits: first rendering of the 25-field inspection, and a key press to the next frame, at 4x throttle.

    python web/dev/forms/measure.py [rate]     after the build and make_samples.py, see shots.py
"""

import statistics
import sys

import shots
from playwright.sync_api import Page, sync_playwright

KEYS = """async ([id, n]) => {
  const input = document.getElementById(id); input.focus();
  const set = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(input), 'value').set;
  const times = [];
  for (let i = 0; i < n; i++) {
    await new Promise(r => setTimeout(r, 60));
    const from = performance.now();
    set.call(input, '1' + i); input.dispatchEvent(new InputEvent('input', {bubbles: true, data: '1'}));
    await new Promise(r => requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = r; c.port2.postMessage(0); }));
    times.push(performance.now() - from);
  }
  return times;
}"""


def throttled(page: Page, rate: int) -> None:
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})


def line(name: str, times: list[float]) -> None:
    ordered = sorted(times)
    print(f"{name}: median {statistics.median(times):.0f} ms, p95 {ordered[int(len(ordered) * 0.95) - 1]:.0f}, worst {ordered[-1]:.0f}")


def main() -> None:
    rate = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    address = shots.serve()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=shots.ARGUMENTS)
        for width, height in ((360, 640), (1440, 900)):
            first = []
            for _ in range(5):
                page = browser.new_page(viewport={"width": width, "height": height})
                throttled(page, rate)
                page.goto(f"{address}/index.html?form=inspection&language=zh", wait_until="commit")
                page.wait_for_selector("[id='form-inspection_type'], [id='form-disposition']")
                first.append(page.evaluate("performance.now()"))
                page.close()
            line(f"{width} px, navigation to form, x{rate}", first)
            page = browser.new_page(viewport={"width": width, "height": height})
            throttled(page, rate)
            page.goto(f"{address}/index.html?form=inspection&language=zh")
            page.wait_for_selector(".form-field")
            page.wait_for_timeout(1500)
            field = "form-quantity"
            line(f"{width} px, key in a number, x{rate}", page.evaluate(KEYS, [field, 40]))
            if width > 600:
                line(f"{width} px, key in a reading, x{rate}", page.evaluate(KEYS, ["form-readings-4-actual", 40]))
                line(f"{width} px, key in the comment, x{rate}", page.evaluate(KEYS.replace("'1' + i", "'abc' + i"), ["form-comments", 40]))
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
