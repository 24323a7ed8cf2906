"""`make bench`: measure everything in one run, print a table, write bench/latest.json."""

import importlib
import json
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.measuring import Figures

PARTS = (
    "bench.bench_engine",
    "bench.bench_task",
    "bench.bench_sync",
    "bench.bench_trace",
    "bench.bench_client",
    "bench.bench_lighthouse",
    "bench.bench_offline",
)
BOUNDS = {
    "step_vs_naive": 0.1,
    "step_after_500_loops": 1.2,
    "task_commits": 1,
    "task_statements": 10,
    "task_vs_naive_sqlite": 3,
    "task_vs_naive_postgresql": 3,
    "kb_per_instance": 8,
    "sync_vs_online": 1.5,
    "sync_vs_online_postgresql": 1.5,
    "trace_vs_handwritten_sqlite": 3,
    "trace_vs_handwritten_postgresql": 3,
    "freeze_scope_s": 5,
    "freeze_scope_postgresql_s": 5,
    "posting_vs_naive": 0.5,
    "posting_vs_naive_postgresql": 0.5,
    "story_growth": 1.2,
    "story_growth_postgresql": 1.2,
    "client_first_load_kb": 110,
    "client_form_kb": 55,
    "client_largest_route_kb": 80,
    "worklist_lcp_s": 2.5,
    "worklist_tbt_ms": 200,
    "worklist_cls": 0.1,
    "worklist_accessibility_missing": 0,
    "form_lcp_s": 2.5,
    "form_tbt_ms": 200,
    "form_cls": 0.1,
    "form_accessibility_missing": 0,
    "warm_start_ms": 800,
    "list_to_form_ms": 800,
    "worst_interaction_ms": 200,
    "offline_open_s": 1.0,
    "offline_form_s": 1.5,
    "key_to_paint_ms": 100,
    "scan_to_next_ms": 150,
    "offline_start_ms": 1000,
    "offline_form_ms": 1500,
}
LEAST = {"sync_per_s": 300, "sync_postgresql_per_s": 300}
"""Figures of which more is better."""
RESULT = Path(__file__).parent / "latest.json"


def main() -> None:
    """Measure the parts named on the command line, or all of them."""
    console = Console()
    wanted = [part for part in PARTS if not sys.argv[1:] or part.split("_")[-1] in sys.argv[1:]]
    figures: Figures = {}
    for part in wanted:
        begun = time.monotonic()
        figures |= importlib.import_module(part).measure()
        console.print(f"· {part}: {time.monotonic() - begun:.0f} s")
    table = Table("figure", "median", "quartiles", "unit", "bound", "met", box=None)
    for name, figure in figures.items():
        bound, met = _judged(name, figure["value"])
        table.add_row(
            name,
            f"{figure['value']:.3g}",
            f"{figure['low']:.3g} – {figure['high']:.3g}",
            figure["unit"],
            bound,
            met,
        )
    console.print(table)
    RESULT.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _judged(name: str, value: float) -> tuple[str, str]:
    """Give the bound of a figure, and whether it is met."""
    if name in LEAST:
        return f"≥ {LEAST[name]}", "yes" if value >= LEAST[name] else "NO"
    if name in BOUNDS:
        return f"≤ {BOUNDS[name]}", "yes" if value <= BOUNDS[name] else "NO"
    return "", ""


if __name__ == "__main__":
    main()
