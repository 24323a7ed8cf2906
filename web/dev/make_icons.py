"""Make the PNG icons of the client from its mark. Run by hand when the mark changes: python web/dev/make_icons.py"""

import pathlib
from playwright.sync_api import sync_playwright

MARK = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><title>Countersign</title><rect x="{o}" y="{o}" width="{w}" height="{w}" rx="{r}" fill="#b5371f"/><g transform="translate({t} {t}) scale({s})"><rect x="6.5" y="6.5" width="51" height="51" rx="5.5" fill="none" stroke="#fbeee9" stroke-width="1.6"/><path d="M14 33.5 24.5 44.5 41 17.5" fill="none" stroke="#fbeee9" stroke-opacity=".62" stroke-width="5" stroke-linecap="round" stroke-linejoin="round"/><path d="M25 36 34 45.5 51 20" fill="none" stroke="#fffaf7" stroke-width="6.5" stroke-linecap="round" stroke-linejoin="round"/></g></svg>
"""
out = pathlib.Path(__file__).parent.parent / "public/icons"
plain = MARK.format(o=2, w=60, r=9, t=0, s=1)
(out / "mark.svg").write_text(plain)
mask = MARK.format(o=0, w=64, r=0, t=6.4, s=0.8)
with sync_playwright() as p:
    b = p.chromium.launch(
        executable_path="/usr/bin/chromium",
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    )
    for name, svg, size in (
        ("mark-192", plain, 192),
        ("mark-512", plain, 512),
        ("mark-maskable-512", mask, 512),
    ):
        page = b.new_page(viewport={"width": size, "height": size})
        page.set_content(
            f"<style>*{{margin:0}}svg{{display:block;width:{size}px;height:{size}px}}</style>{svg}"
        )
        page.screenshot(path=str(out / f"{name}.png"), omit_background=True)
    b.close()
