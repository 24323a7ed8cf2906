"""Draw a diagram as people will see it: `python tools/picture_of.py FILE.bpmn OUT.png [zh]`.

Uses the viewer of the client in the system's Chromium, so that the picture is looked at before the
diagram is committed. With `zh` the Chinese names are drawn.
"""

import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

VIEWER = Path(__file__).parent.parent / "web/node_modules/bpmn-js/dist"
PAGE = """<!doctype html>
<style>html,body{margin:0;background:#fff}#canvas{width:100vw;height:100vh}</style>
<div id="canvas"></div>"""


def main() -> None:
    """Draw it."""
    source, target, *language = sys.argv[1:]
    xml = Path(source).read_text(encoding="utf-8")
    if language == ["zh"]:
        xml = re.sub(r' name="[^"]*"([^>]*?) cs:nameZh="([^"]*)"', r' name="\2"\1', xml)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        page = browser.new_page(viewport={"width": 2400, "height": 1350})
        page.set_content(PAGE)
        page.add_style_tag(path=VIEWER / "assets" / "diagram-js.css")
        page.add_script_tag(path=VIEWER / "bpmn-navigated-viewer.production.min.js")
        page.evaluate(
            """async (xml) => {
                const viewer = new BpmnJS({ container: "#canvas" });
                await viewer.importXML(xml);
                viewer.get("canvas").zoom("fit-viewport");
            }""",
            xml,
        )
        page.screenshot(path=target)
        browser.close()


if __name__ == "__main__":
    main()
