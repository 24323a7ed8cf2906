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
    "bench.bench_trace",
    "bench.bench_client",
    "bench.bench_lighthouse",
)
BOUNDS = {
    "step_vs_naive": 0.1,
    "step_after_500_loops": 1.2,
    "task_commits": 1,
    "task_statements": 10,
    "task_vs_naive_sqlite": 3,
    "task_vs_naive_postgresql": 3,
    "kb_per_instance": 8,
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
    "offline_start_ms": 1000,
    "offline_form_ms": 1500,
}
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
        bound = BOUNDS.get(name)
        met = "" if bound is None else ("yes" if figure["value"] <= bound else "NO")
        table.add_row(
            name,
            f"{figure['value']:.3g}",
            f"{figure['low']:.3g} – {figure['high']:.3g}",
            figure["unit"],
            "" if bound is None else f"≤ {bound}",
            met,
        )
    console.print(table)
    RESULT.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
