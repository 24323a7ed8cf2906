"""Draw a diagram as people will see it: `python tools/picture_of.py FILE.bpmn OUT.png [zh] [x,y]`.

Uses the viewer of the client in the system's Chromium, so that the picture is looked at before the
diagram is committed. With `zh` the Chinese names are drawn. With a point of the diagram the part
that begins there is drawn at its own size.
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
    source, target, *rest = sys.argv[1:]
    begin = next((each.split(",") for each in rest if "," in each), None)
    xml = Path(source).read_text(encoding="utf-8")
    if "zh" in rest:
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
            """async ([xml, begin]) => {
                const viewer = new BpmnJS({ container: "#canvas" });
                await viewer.importXML(xml);
                const canvas = viewer.get("canvas");
                if (begin === null) canvas.zoom("fit-viewport");
                else canvas.viewbox({ x: +begin[0], y: +begin[1], width: 2400, height: 1350 });
            }""",
            [xml, begin],
        )
        page.screenshot(path=target)
        browser.close()


if __name__ == "__main__":
    main()
