"""What a worker downloads first, and what a form adds, in KB gzip, against the budget.

    python tools/check_web_budget.py

Reads the import graph of the build (web/dist/.vite/manifest.json). The first load is the page, the
entry with all it imports statically, its styles, and the larger of the two catalogues; the form is
what opening a work item adds: the screen, the form renderers, and what they import; the largest
route is what the heaviest other part adds when it is first needed (the diagram). Prints the three
and fails above the budget (design/frontend.md 7).
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

DIST = Path(__file__).resolve().parent.parent / "web" / "dist"
BUDGET = {
    "client_first_load_kb": 110.0,
    "client_form_kb": 55.0,
    "client_largest_route_kb": 80.0,
}
CATALOGUES = ("src/i18n/en.json", "src/i18n/zh.json")
FORM = "form"
"""The name of the part that opening a work item adds (web/vite.config.ts)."""

Manifest = dict[str, dict[str, Any]]


def main() -> int:
    """Print both sizes; return 1 when one is over its budget."""
    try:
        sizes = measure(DIST)
    except FileNotFoundError:
        sys.stdout.write("There is no build: run `python tools/build_web.py build` first.\n")
        return 1
    over = False
    for name, size in sizes.items():
        verdict = "fine" if size <= BUDGET[name] else "over the budget"
        over = over or size > BUDGET[name]
        sys.stdout.write(f"{name} {size:.1f} (budget {BUDGET[name]:.0f}): {verdict}\n")
    return int(over)


def measure(dist: Path) -> dict[str, float]:
    """Measure a build; KB of 1,024 bytes, gzip level 9, each file compressed by itself."""
    manifest: Manifest = json.loads((dist / ".vite" / "manifest.json").read_text())
    entry = next(name for name, chunk in manifest.items() if chunk.get("isEntry"))
    first = files_of(manifest, entry) | {"preferences.js"}
    catalogues = [files_of(manifest, name) - first for name in CATALOGUES]
    first |= max(catalogues, key=lambda names: weight(dist, names))
    part = next(name for name, chunk in manifest.items() if chunk.get("name") == FORM)
    form = files_of(manifest, part) - first
    routes = [
        files_of(manifest, name) - first - form
        for name, chunk in manifest.items()
        if chunk.get("isDynamicEntry")
    ]
    return {
        "client_first_load_kb": weight(dist, first),
        "client_form_kb": weight(dist, form),
        "client_largest_route_kb": max(weight(dist, route) for route in routes),
    }


def files_of(manifest: Manifest, name: str) -> set[str]:
    """Give the files of a chunk and of all that it imports statically, styles included."""
    found: set[str] = set()
    waiting, seen = [name], {name}
    while waiting:
        chunk = manifest[waiting.pop()]
        found |= {chunk["file"], *chunk.get("css", ())}
        waiting.extend(set(chunk.get("imports", ())) - seen)
        seen.update(chunk.get("imports", ()))
    return found


def weight(dist: Path, names: AbstractSet[str]) -> float:
    """Give the weight of files as they travel."""
    return sum(len(gzip.compress((dist / name).read_bytes(), 9)) for name in names) / 1024


if __name__ == "__main__":
    sys.exit(main())
